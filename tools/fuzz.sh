#!/usr/bin/env bash
# Fuzzes slice texts, JSON, documents, YAML, the bytes of HDF5 files and of journals, and chunks as they are stored, guided by coverage,
# for a bounded time each:
#   tools/fuzz.sh [SECONDS] [TARGET...]
# What is learnt is kept in target/fuzz/corpus. Called by `make fuzz`.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
[ $# -gt 0 ] || set -- slice json document yaml format journal codec
host=$(rustc -vV | sed -n 's/^host: //p')
# What `cargo fuzz` passes, with the stable compiler: counters on every edge, comparisons
# traced, conditions not folded into one (without that the planted bug is found half the time).
# There is no unsafe code in what is tested, so no address sanitizer.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
-Ccodegen-units=1 --cfg fuzzing"
export CARGO_TARGET_DIR=$PWD/target/fuzz
# With --target the flags are not for build scripts.
cargo build --quiet --release --locked --target "$host" --manifest-path fuzz/Cargo.toml
mkdir -p target/fuzz/failures

# fuzz TARGET CORPUS SECONDS [OPTION...]: the seeds come first, so that the search begins where
# the grammar is; what is printed goes to a log.
fuzz() {
    local target=$1 corpus=$2 seconds=$3
    shift 3
    mkdir -p "$corpus"
    "target/fuzz/$host/release/$target" "$corpus" "fuzz/seeds/$target" -max_total_time="$seconds" \
        -dict="fuzz/dictionaries/$target.dict" -timeout=10 -rss_limit_mb=2048 -max_len=1024 \
        -print_final_stats=1 -artifact_prefix="target/fuzz/failures/$target-" "$@" \
        >"target/fuzz/$target.log" 2>&1
}

# A search that finds nothing proves something only if it can find what is there.
rm -rf target/fuzz/planted target/fuzz/failures/planted-*
if fuzz planted target/fuzz/planted 120 -max_len=16 || ! grep -q "the planted bug" target/fuzz/planted.log; then
    tail -n 40 target/fuzz/planted.log
    echo "FAILED: the search did not find the bug that is planted to try it"
    exit 1
fi
echo "== the planted bug was found: $(cat target/fuzz/failures/planted-crash-*)"
rm -rf target/fuzz/failures/planted-*

for target in "$@"; do
    echo "== $target, $seconds seconds"
    if ! fuzz "$target" "target/fuzz/corpus/$target" "$seconds"; then
        tail -n 40 "target/fuzz/$target.log"
        echo "FAILED: $target: the input is in target/fuzz/failures; to repeat it:"
        echo "  target/fuzz/$host/release/$target target/fuzz/failures/$target-..."
        exit 1
    fi
    grep -E '^stat::(number_of_executed|average_exec|peak_rss)' "target/fuzz/$target.log"
done
echo "no failure"
