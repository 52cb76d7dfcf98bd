#!/bin/sh
# The tests that need no lab, in two halves side by side; the exit code is that of the half that failed.
set -u
cd "$(dirname "$0")/.."

half() {
  node --test --test-isolation=none "$@"
}

half "src/{backends,testing}/**/*.test.ts" &
services=$!
half "src/*.test.ts" "src/[!bt]*/**/*.test.ts" "src/trust/**/*.test.ts" "config/{.,alerts,crd,dashboard}/*.test.ts"
result=$?
wait "$services" || result=$?
exit "$result"
