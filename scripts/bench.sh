#!/usr/bin/env bash
# The micro-benchmarks of the hot path, then the load run. Numbers of a machine
# that does something else meanwhile are no numbers: close what you can.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "==> $(go version), $(nproc) CPUs, $(uname -sr)"
go test -run '^$' -bench . -benchmem ./...
bin/conserje bench "$@"
