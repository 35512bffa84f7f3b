#!/usr/bin/env bash
# Everything that must be green: vet, lint, all tests with -race, the coverage
# gates. Each check counts as one test. The last line is "N passed, N failed".
#
# Coverage is counted over every package from every test binary (-coverpkg=./...)
# and merged; nothing is excluded but generated files.
set -uo pipefail
cd "$(dirname "$0")/.."
rm -rf bin/test
mkdir -p bin/test
passed=0
failed=0

check() { # name, command...
  local name=$1 start=$SECONDS
  shift
  echo "==> $name"
  if "$@"; then
    passed=$((passed + 1))
    echo "    $name: ok ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    echo "--- FAIL $name ($((SECONDS - start)) s)"
  fi
}

formatted() {
  local files
  files=$(gofmt -l $(git ls-files '*.go'))
  [ -z "$files" ] || { echo "not gofmt'ed: $files"; return 1; }
}

run_tests() {
  go test -json -race -shuffle=on -timeout 18m -covermode=atomic -coverpkg=./... \
    -coverprofile=bin/test/coverage.out ./... 2>&1 | go run ./scripts/testsum -counts bin/test/counts
}

check "gofmt" formatted
check "go vet" go vet ./...
check "golangci-lint" make lint
echo "==> tests (-race, shuffled)"
if run_tests; then true; fi # its counts tell
if read -r p f <bin/test/counts; then
  passed=$((passed + p))
  failed=$((failed + f))
else
  failed=$((failed + 1))
  echo "--- FAIL the tests gave no counts"
fi
check "coverage" go run ./scripts/covergate bin/test/coverage.out
echo "    all of it took $SECONDS s"
echo "$passed passed, $failed failed" | tee bin/test/summary
[ "$failed" -eq 0 ]
