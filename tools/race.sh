#!/usr/bin/env bash
# Looks for races of threads with ThreadSanitizer:
#   tools/race.sh [CALLS]        so many calls of each thread, in each of three runs with new seeds
# Everything in Rust is built for it, the standard library too, which needs its sources (rustup's rust-src) and what the
# stable compiler gives to those who ask by RUSTC_BOOTSTRAP only. HDF5's C is not: what it does is ordered by its one lock, which is
# ours and seen, and so is every call of the C library. Called by `make race`.
set -euo pipefail
cd "$(dirname "$0")/.."
calls=${1:-2000}
host=$(rustc -vV | sed -n 's/^host: //p')
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
    rustup component add rust-src || {
        echo "race: the sources of Rust's standard library are missing: rustup component add rust-src"
        exit 1
    }
fi
export RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=thread CARGO_TARGET_DIR=$PWD/target/race
export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1"

# A search that finds nothing proves something only if it can find what is there.
mkdir -p target/race
rustc -O $RUSTFLAGS -Cunsafe-allow-abi-mismatch=sanitizer -o target/race/planted tests/race/planted.rs
if target/race/planted >target/race/planted.log 2>&1 || ! grep -q 'WARNING: ThreadSanitizer: data race' target/race/planted.log; then
    cat target/race/planted.log
    echo "FAILED: the race that is planted to try it was not found"
    exit 1
fi
# race TEST...: those tests of cargo's, built for it.
race() {
    cargo test -Zbuild-std --release --locked --target "$host" "$@" -- --nocapture
}

# Ghost cells and other halves of arrays, which other threads change meanwhile, are not to be touched.
race --test rust while
for run in 1 2 3; do
    echo "run $run"
    H5SIM_CALLS=$calls race --test threads
done
