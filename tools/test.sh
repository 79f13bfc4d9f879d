#!/usr/bin/env bash
# Runs every check, goes on after a failure so that all are seen, and closes with one
# line, `N passed, N failed, N skipped`. The exit status is 0 only if nothing failed.
# Called by `make test`, which has set up the tools.
set -uo pipefail
cd "$(dirname "$0")/.."
log=target/test.log
: >$log
failed_steps=0
# A failure is to be of the change that it is found in: `cargo test` alone and `make soak` draw new seeds.
export H5SIM_SEED=${H5SIM_SEED:-20261122}

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
# What is for MPI, which this needs not to be checked.
step env MPICC=none cargo clippy --release --package h5sim --lib --features capi,mpi -- -D warnings
# The documentation of the Rust interface, in which no link leads nowhere.
step env RUSTDOCFLAGS='-D warnings' cargo doc --release --no-deps --package h5sim
# The crash tests have the deliberate defects compiled in. What they are linked with must not be what the other tests,
# or an installation, find in target/release, so that is built after them.
step cargo test --release --features mutants --test torture --no-run
torture=$(sed -n 's/^ *Executable tests\/torture.*(\(.*\))$/\1/p' $log | tail -1)
step cargo build --release --workspace
# The libraries for parallel HDF5, where that is built.
for mpi in mpich openmpi; do
    [ ! -e target/mpi/$mpi/hdf5/made-of ] || step env MPI=$mpi tools/mpi.sh
done
# They run beside all others, which leave a processor idle most of the time.
"${torture:-false}" >target/torture.log 2>&1 &
crash_tests=$!
# The examples of the documentation come first: the projects that the tests build put other builds of the packages into
# the same folder, which rustdoc would find.
step cargo test --release --doc
step cargo test --release --no-fail-fast --lib --bins --examples --tests
wait $crash_tests
crash_status=$?
crash_tests() {
    cat target/torture.log
    return $crash_status
}
step crash_tests

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
