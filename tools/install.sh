#!/usr/bin/env bash
# Installs what was built. Called by `make install PREFIX=/usr/local DESTDIR= LIBDIR=lib`.
# DESTDIR goes before every path, for those who make packages; it is in no installed file. The installation can be moved.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local} libdir=${LIBDIR:-lib}
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
to=${DESTDIR:-}$prefix
built=${CARGO_TARGET_DIR:-target}/release

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
IFS=. read -r major minor _ <<<"$version"
soversion=$(readelf -d "$built/libh5sim.so" | sed -n 's/.*\[libh5sim\.so\.\([0-9]*\)\]/\1/p')
# What Rust's standard library, and HDF5, need of the system.
native_libraries="-lpthread -ldl -lm -lrt -lgcc_s"
up=$(realpath -m --relative-to="/p/$libdir/pkgconfig" /p)
up_from_cmake=$(realpath -m --relative-to="/p/$libdir/cmake/h5sim" /p)

fill_in() { # TEMPLATE TO
    install -d "$(dirname "$2")"
    sed -e "s|@VERSION@|$version|g" -e "s|@MAJOR@|$major|g" -e "s|@MINOR@|$minor|g" -e "s|@SOVERSION@|$soversion|g" \
        -e "s|@LIBDIR@|$libdir|g" -e "s|@UP@|$up|g" -e "s|@UP_FROM_CMAKE@|$up_from_cmake|g" \
        -e "s|@NATIVE_LIBRARIES@|$native_libraries|g" "$1" >"$2"
    chmod 644 "$2"
}

install -d "$to/$libdir"
install -m 755 "$built/libh5sim.so" "$to/$libdir/libh5sim.so.$version"
strip --strip-debug "$to/$libdir/libh5sim.so.$version"
ln -sf "libh5sim.so.$version" "$to/$libdir/libh5sim.so.$soversion"
ln -sf "libh5sim.so.$soversion" "$to/$libdir/libh5sim.so"
tools/static_library.sh "$built/libh5sim.a" "$to/$libdir/libh5sim.a"

install -D -m 755 "$built/h5sim" "$to/bin/h5sim"
strip --strip-debug "$to/bin/h5sim"
install -D -m 644 include/h5sim.h "$to/include/h5sim.h"
install -D -m 644 include/h5sim.hpp "$to/include/h5sim.hpp"
install -D -m 644 include/h5sim.f90 "$to/share/h5sim/fortran/h5sim.f90"
for file in Project.toml src/H5Sim.jl; do
    install -D -m 644 "julia/H5Sim/$file" "$to/share/h5sim/julia/H5Sim/$file"
done
fill_in packaging/h5sim.pc.in "$to/$libdir/pkgconfig/h5sim.pc"
for file in h5sim-config.cmake h5sim-config-version.cmake; do
    fill_in packaging/$file.in "$to/$libdir/cmake/h5sim/$file"
done
python=target/venv/bin/python
[ -x $python ] || python=python3
install -d "$to/share/man/man3"
$python tools/manual.py include/h5sim.h "$version" >"$to/share/man/man3/h5sim.3"
echo "installed h5sim $version in $to"
