#!/usr/bin/env bash
# Builds bin/conserje and shows progress: compiling the libraries alone takes over a minute on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null | head -1)" ] || commit="$commit-dirty"
start=$SECONDS
echo "==> building bin/conserje (a first build downloads and compiles the libraries: two to three minutes)"
mkdir -p bin
CGO_ENABLED=0 go build -v -trimpath -ldflags "-X main.commit=$commit" -o bin/conserje ./cmd/conserje 2>&1 |
  awk -v tty="$([ -t 1 ] && echo 1 || echo 0)" '
    /^go: downloading/ { d++; if (tty) printf "\r    downloaded %d modules   ", d; else if (d % 20 == 0) print "    downloaded " d " modules"; next }
    /^[^ \t#:]+$/ { n++; if (tty) printf "\r    compiled %d packages   ", n; else if (n % 50 == 0) print "    compiled " n " packages"; next }
    { print } END { if (tty && (n || d)) print "" }'
echo "==> built in $((SECONDS - start)) s"
