#!/usr/bin/env bash
# Builds the library for parallel HDF5, with the MPI of a compiler:
#   tools/mpi.sh [library|hdf5|folder]     all of it, HDF5 alone, or where they are
# MPI=mpich|openmpi names one of Debian's, MPICC=... any compiler. HDF5_DIR=... takes a parallel HDF5 that is installed (1.14 or newer, with its
# static library); without it HDF5 is built from the sources in the bundled crate, once, in some minutes.
# What is made is in target/mpi/NAME: hdf5/, and release/libh5sim_mpi.so and .a. Called by `make mpi`.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-library}
say() { echo "mpi: $*" >&2; }

if [ -z "${MPICC:-}" ]; then
    for compiler in ${MPI:+"mpicc.$MPI"} mpicc; do
        command -v "$compiler" >/dev/null 2>&1 && MPICC=$compiler && break
    done
fi
command -v "${MPICC:-}" >/dev/null 2>&1 || {
    say "there is no MPI compiler: install the package 'mpich' or 'libopenmpi-dev' (Debian), or say which: make mpi MPICC=/path/of/mpicc"
    exit 1
}
export MPICC
# The library that the compiler's header is of, not what the compiler is called.
flavour() {
    local folder
    folder=$(mktemp -d)
    printf '#include <mpi.h>\n#if defined(OPEN_MPI)\nis openmpi\n#elif defined(I_MPI_VERSION)\nis intelmpi\n#elif defined(MPICH_VERSION)\nis mpich\n#else\nis mpi\n#endif\n' >"$folder/which.c"
    "$MPICC" -E "$folder/which.c" 2>/dev/null | sed -n 's/^is //p'
    rm -r "$folder"
}
name=${MPI:-$(flavour)}
[ -n "$name" ] || {
    say "$MPICC does not compile a program with mpi.h"
    exit 1
}
[ "$name" = "$(flavour)" ] || {
    say "MPI=$name is asked for, and $MPICC is of $(flavour): install it, or say its compiler: make mpi MPICC=/path/of/mpicc"
    exit 1
}
[ -z "${HDF5_DIR:-}" ] || name=$name-system
folder=$PWD/target/mpi/$name
[ "$what" != folder ] || {
    echo "$folder"
    exit 0
}
mkdir -p "$folder"

# The folder of a crate's sources.
sources_of() {
    cargo metadata --format-version 1 --locked --offline 2>/dev/null |
        python3 -c 'import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == sys.argv[1]:
        print(os.path.dirname(package["manifest_path"]))' "$1"
}

build_hdf5() {
    local sources zlib made=$folder/hdf5
    sources=$(sources_of hdf5-metno-src)
    zlib=$(sources_of libz-sys)
    # Said by what it was made of, so that another compiler or other sources make it anew.
    local of="$sources $("$MPICC" -show 2>/dev/null || command -v "$MPICC")"
    [ -e "$made/made-of" ] && [ "$(cat "$made/made-of")" = "$of" ] && return
    say "building HDF5 with $MPICC, which takes some minutes (target/mpi/$name/hdf5.log)"
    rm -rf "$made" "$folder/hdf5-build"
    local options=(
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$MPICC" "-DCMAKE_INSTALL_PREFIX=$made" -DCMAKE_INSTALL_LIBDIR=lib
        # What goes into a shared library that names none of HDF5's functions to others.
        -DBUILD_SHARED_LIBS=OFF -DBUILD_STATIC_LIBS=ON -DCMAKE_POSITION_INDEPENDENT_CODE=ON
        "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections ${CFLAGS:-}"
        -DHDF5_ENABLE_PARALLEL=ON -DHDF5_NO_PACKAGES=ON
        -DHDF5_ENABLE_ZLIB_SUPPORT=ON "-DH5_ZLIB_HEADER=$zlib/src/zlib/zlib.h" -DZLIB_STATIC_LIBRARY=z
    )
    local off
    for off in BUILD_TESTING HDF5_BUILD_TOOLS HDF5_BUILD_EXAMPLES HDF5_BUILD_JAVA HDF5_BUILD_FORTRAN HDF5_BUILD_CPP_LIB HDF5_BUILD_UTILS \
        HDF5_ENABLE_NONSTANDARD_FEATURES HDF5_ENABLE_DEPRECATED_SYMBOLS HDF5_ENABLE_THREADSAFE HDF5_ALLOW_UNSUPPORTED HDF5_BUILD_HL_LIB \
        HDF5_ENABLE_NONSTANDARD_FEATURE_FLOAT16 HDF5_ENABLE_SZIP_SUPPORT; do
        options+=("-D$off=OFF")
    done
    {
        cmake -S "$sources/ext/hdf5" -B "$folder/hdf5-build" "${options[@]}" &&
            cmake --build "$folder/hdf5-build" --parallel "$(nproc)" --target install
    } >"$folder/hdf5.log" 2>&1 || {
        say "HDF5 was not built; the end of target/mpi/$name/hdf5.log:"
        tail -n 15 "$folder/hdf5.log" >&2
        exit 1
    }
    rm -rf "$folder/hdf5-build"
    echo "$of" >"$made/made-of"
}

if [ -z "${HDF5_DIR:-}" ]; then
    build_hdf5
elif ! grep -q 'define H5_HAVE_PARALLEL 1' "$HDF5_DIR"/include/H5pubconf*.h 2>/dev/null || [ ! -e "$HDF5_DIR/lib/libhdf5.a" ]; then
    say "HDF5_DIR=$HDF5_DIR is no parallel HDF5 with a static library: lib/libhdf5.a, and H5_HAVE_PARALLEL in include/H5pubconf.h"
    exit 1
fi
[ "$what" = library ] || exit 0

hdf5=${HDF5_DIR:-$folder/hdf5}
# What the bundled crate's build would have told, so that it builds nothing.
host=$(rustc -vV | sed -n 's/^host: //p')
for setting in "root=\"$hdf5\"" "include=\"$hdf5/include\"" 'library="hdf5"' 'zlib="z"'; do
    settings+=(--config "target.$host.hdf5src.$setting")
done
# An MPI compiler that does not say where its library is, such as Cray's, has to link.
"$MPICC" -show >/dev/null 2>&1 || export "CARGO_TARGET_$(tr a-z- A-Z_ <<<"$host")_LINKER=$MPICC"
unset HDF5_DIR
CARGO_TARGET_DIR=$folder cargo build --release --locked --package h5sim --features capi,mpi "${settings[@]}"
for kind in so a; do
    ln -sf libh5sim.$kind "$folder/release/libh5sim_mpi.$kind"
done
ln -sf libh5sim.so "$folder/release/libh5sim_mpi.so.0"
