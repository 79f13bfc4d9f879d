#!/usr/bin/env bash
# Makes a static library that shows nothing but the functions of the header, so that a program can link it beside an HDF5,
# zlib or Zstandard of its own: all objects become one, in which every other symbol is local.
#   tools/static_library.sh FROM TO
set -euo pipefail
from=$(realpath "$1") to=$(realpath -m "$2")
header=$(realpath "$(dirname "$0")/../include/h5sim.h")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A name that begins a line's argument list, and is not part of a comment.
sed -nE '/^ \*/d; s/.*\b(h5sim_[a-z0-9_]+)\(.*/\1/p' "$header" | sort -u >"$work/functions"
wanted=()
while read -r function; do wanted+=(-u "$function"); done <"$work/functions"

# Only the objects which these functions need come along.
${LD:-ld} -r --force-group-allocation "${wanted[@]}" -o "$work/h5sim.o" "$from"
# The bitcode that compilers leave for link-time optimisation does not outlive being put together.
${OBJCOPY:-objcopy} --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd --keep-global-symbols="$work/functions" "$work/h5sim.o"
rm -f "$to"
${AR:-ar} rcs "$to" "$work/h5sim.o"
