#!/usr/bin/env bash
# Fuzzes slice texts, JSON and YAML, guided by coverage, for a bounded time each:
#   tools/fuzz.sh [SECONDS] [TARGET...]
# What is learnt is kept in target/fuzz/corpus. Called by `make fuzz`.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
[ $# -gt 0 ] || set -- slice json yaml
host=$(rustc -vV | sed -n 's/^host: //p')
# What `cargo fuzz` passes, with the stable compiler: counters on every edge, comparisons
# traced. There is no unsafe code in what is tested, so no address sanitizer.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing"
export CARGO_TARGET_DIR=$PWD/target/fuzz
# With --target the flags are not for build scripts.
cargo build --quiet --release --target "$host" --manifest-path fuzz/Cargo.toml
for target in "$@"; do
    corpus=target/fuzz/corpus/$target
    mkdir -p "$corpus" target/fuzz/failures
    echo "== $target, $seconds seconds"
    log=target/fuzz/$target.log
    # The seeds first, so that the search begins where the grammar is.
    "target/fuzz/$host/release/$target" "$corpus" "fuzz/seeds/$target" -max_total_time="$seconds" \
        -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="target/fuzz/failures/$target-" >"$log" 2>&1 || {
        tail -n 40 "$log"
        echo "FAILED: $target: the input is in target/fuzz/failures"
        exit 1
    }
    grep -E '^stat::(number_of_executed|average_exec|peak_rss)' "$log"
done
echo "no failure"
