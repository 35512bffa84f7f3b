# Conserje. `make` alone prints this help.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
PKG ?= ./...
FUZZTIME ?= 10s
STORE ?= postgres
RUN ?= .

.PHONY: help run build deps test test-live test-fast lint fuzz bench chaos generate check-generated image clean

help: ## Print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

run: build ## Build and start everything on this machine; prints one URL
	@bin/conserje demo $(ARGS)

build: ## Build bin/conserje, one static binary
	@scripts/build.sh

deps: ## Install through apt what the tests lack (gcc for -race, Chromium, an emoji font, PostgreSQL, PgBouncer, Redis)
	@scripts/deps.sh

test: deps ## Run everything: vet, lint, all tests with -race, the coverage gates (about 15 minutes cold on two cores)
	@scripts/test.sh

test-live: ## Try a QloApps of yours: QLOAPPS_URL= QLOAPPS_KEY= (and QLOAPPS_HOTEL_ID=1 _ZONE=UTC _CURRENCY=); books far ahead and cancels
	@test -n "$${QLOAPPS_URL:-}" -a -n "$${QLOAPPS_KEY:-}" || { echo 'which one? make test-live QLOAPPS_URL=https://pms.example.com QLOAPPS_KEY=...' >&2; exit 2; }
	@go test -count=1 -v -timeout 15m -run '^TestLive$$' ./integrations/qloapps/contract

test-fast: ## Run the tests of PKG=./folder/... without -race, as one does all day
	@go test -shuffle=on $(PKG)

lint: ## Run golangci-lint (building it the first time takes 2 to 3 minutes)
	@go run $(GOLANGCI) run $(PKG)

fuzz: ## Run each fuzz test for FUZZTIME=10s
	@scripts/fuzz.sh $(FUZZTIME)

bench: ## Run the ladder, the load with its oracle and the micro-benchmarks (5 minutes; see docs/benchmarks.md)
	@mkdir -p bin && go run ./bench -dir bin -text bin/bench.txt -json bin/bench.json $(ARGS)

chaos: ## Break everything at random instants, the long forms (RUN=TestName, CHAOS_SEED=, CHAOS_TIMES=; see docs/faults.md)
	@CHAOS=long go test -count=1 -v -p 1 -parallel 1 -timeout 120m -run '$(RUN)' ./chaos/...

bench-guests: ## A million guests on a private PostgreSQL: activation, memory, recovery (10 minutes; STORE=sqlite for the embedded one)
	@go test ./bench/guests -v -timeout 60m -args -store $(STORE) -guests 1000000 -active 100000 -pending 10000 -rate 500

generate: ## Write .env.example and the README's configuration table from the settings' struct
	@go run ./scripts/genconfig -root .

check-generated: ## Fail when a generated file is not current
	@go run ./scripts/genconfig -root . -check

image: ## Build the container image conserje:dev with docker, podman or buildah, whichever is here
	@scripts/image.sh

clean: ## Remove what was built (the data folder stays)
	@rm -rf bin dist coverage* *.out
