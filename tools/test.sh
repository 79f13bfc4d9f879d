#!/usr/bin/env bash
# Runs every check, goes on after a failure so that all are seen, and closes with one
# line, `N passed, N failed, N skipped`. The exit status is 0 only if nothing failed.
# Called by `make test`, which has set up the tools.
set -uo pipefail
cd "$(dirname "$0")/.."
log=target/test.log
: >$log
failed_steps=0

# step COMMAND...: runs it, shows and keeps what it prints.
step() {
    echo "== $*"
    "$@" 2>&1 | tee -a $log
    local status=${PIPESTATUS[0]}
    [ "$status" = 0 ] || {
        echo "FAILED: $* (exit status $status)"
        failed_steps=$((failed_steps + 1))
    }
    return "$status"
}

step cargo fmt --check
step cargo clippy --release --all-targets -- -D warnings
# The shared library is what the clients of the tests link.
step cargo build --release && step cargo test --release --no-fail-fast
# The crash tests come last: their library has the deliberate defects compiled in, and must not be
# what the other tests, or an installation, find in target/release.
step cargo test --release --features mutants --test torture
step cargo build --release

# Each test program ends with `test result: ok. 3 passed; 0 failed; ...`; the crash tests
# print a table of tests, cases and failures; a test that cannot run here says
# `SKIPPED: why` on a line of its own.
read -r passed failed < <(awk -F '[ |]+' '
    /^test result:/ { passed += $4; failed += $6 }
    /^\| .* \| [0-9]+ \| [0-9]+ \|$/ { if ($(NF - 1) == 0) passed++; else failed++ }
    END { print passed + 0, failed + 0 }' $log)
skipped=$(grep -c '^SKIPPED: ' $log)
# A step that failed without a failing test (formatting, a crashed program) counts too.
if [ $failed_steps -gt 0 ] && [ "$failed" = 0 ]; then failed=$failed_steps; fi
echo
grep '^SKIPPED: ' $log
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $failed_steps = 0 ] && [ "$passed" -gt 0 ]
