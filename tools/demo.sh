#!/usr/bin/env bash
# Compiles and runs the examples, each as a user would: the system's compiler, the
# header and the shared library. Called by `make demo`, which has built the library.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
demo=$root/target/demo
library=$root/target/release
rm -rf "$demo"
mkdir -p "$demo"

heading() { printf '\n==> %s\n' "$*"; }

# Each program starts in $demo, where it leaves its files.
run() { (cd "$demo" && "$@"); }

c_examples() {
    for source in examples_c/0*.c; do
        name=$(basename "$source" .c)
        heading "$source"
        cc -std=c11 -Wall -Wextra -Werror -pedantic -O2 -Iinclude -o "$demo/$name" "$source" \
            -L"$library" -lh5sim -Wl,-rpath,"$library" -lm
        run "./$name"
    done
}

c_examples
