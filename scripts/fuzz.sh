#!/usr/bin/env bash
# Runs each fuzz test for a short time, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-10s}
found=0
while IFS=: read -r file line; do
  name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/' <<<"$line")
  found=$((found + 1))
  echo "==> $name in $(dirname "$file") for $time"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "./$(dirname "$file")"
done < <(git grep -E '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go')
echo "$found fuzz tests, nothing found"
