#!/usr/bin/env bash
# Installs what was built. Called by `make install PREFIX=/usr/local DESTDIR= LIBDIR=lib`; needs no Rust.
# DESTDIR goes before every path, for those who make packages; it is in no installed file. The installation can be moved.
# Where there is a Fortran compiler (FC, gfortran) the module is installed compiled too; FC=none leaves that out.
# MPI=mpich, openmpi, or MPICC=..., installs the library for parallel HDF5 beside it, which `make mpi` has built.
# What is installed is listed in PREFIX/share/h5sim/installed-files, for `make uninstall`.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local} libdir=${LIBDIR:-lib} fortran=${FC:-gfortran}
# What make says when nobody has said anything.
[ "$fortran" = f77 ] && fortran=gfortran
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
to=${DESTDIR:-}$prefix
built=${CARGO_TARGET_DIR:-target}/release
umask 022

for file in libh5sim.so libh5sim.a h5sim; do
    [ -e "$built/$file" ] || { echo "install: $built/$file is not there: run make first" >&2; exit 1; }
done
if ! mkdir -p "$to" 2>/dev/null || ! [ -w "$to" ]; then
    echo "install: $to may not be written by $(id -un): try sudo make install, or another PREFIX" >&2
    exit 1
fi

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
IFS=. read -r major minor _ <<<"$version"
soversion=$(readelf -d "$built/libh5sim.so" | sed -n 's/.*\[libh5sim\.so\.\([0-9]*\)\]/\1/p')
# What Rust's standard library, and HDF5, need of the system. The unwinder comes with every compiler, as a shared library or,
# with -static, as another one.
native_libraries="-lpthread -ldl -lm -lrt"
up=$(realpath -m --relative-to="/p/$libdir/pkgconfig" /p)
up_from_cmake=$(realpath -m --relative-to="/p/$libdir/cmake/h5sim" /p)
installed=()

put() { # MODE FROM TO (within the prefix)
    install -D -m "$1" "$2" "$to/$3"
    installed+=("$3")
}

link() { # TARGET TO
    ln -sf "$1" "$to/$2"
    installed+=("$2")
}

fill_in() { # TEMPLATE TO
    install -d "$(dirname "$to/$2")"
    sed -e "s|@VERSION@|$version|g" -e "s|@MAJOR@|$major|g" -e "s|@MINOR@|$minor|g" -e "s|@SOVERSION@|$soversion|g" \
        -e "s|@LIBDIR@|$libdir|g" -e "s|@UP@|$up|g" -e "s|@UP_FROM_CMAKE@|$up_from_cmake|g" \
        -e "s|@NATIVE_LIBRARIES@|$native_libraries|g" "$1" >"$to/$2"
    chmod 644 "$to/$2"
    installed+=("$2")
}

put 755 "$built/libh5sim.so" "$libdir/libh5sim.so.$version"
strip --strip-debug "$to/$libdir/libh5sim.so.$version"
link "libh5sim.so.$version" "$libdir/libh5sim.so.$soversion"
link "libh5sim.so.$soversion" "$libdir/libh5sim.so"
tools/static_library.sh "$built/libh5sim.a" "$to/$libdir/libh5sim.a"
chmod 644 "$to/$libdir/libh5sim.a"
installed+=("$libdir/libh5sim.a")

put 755 "$built/h5sim" bin/h5sim
strip --strip-debug "$to/bin/h5sim"
put 644 include/h5sim.h include/h5sim.h
put 644 include/h5sim.hpp include/h5sim.hpp
put 644 include/h5sim_mpi.h include/h5sim_mpi.h
put 644 include/h5sim.f90 share/h5sim/fortran/h5sim.f90
# Not beside the other, which fpm compiles with all that is there.
put 644 include/h5sim_mpi.f90 share/h5sim/mpi/h5sim_mpi.f90
put 644 packaging/fpm/fpm.toml share/h5sim/fortran/fpm.toml
for file in Project.toml src/H5Sim.jl; do
    put 644 "julia/H5Sim/$file" "share/h5sim/julia/H5Sim/$file"
done
for file in LICENSE-MIT LICENSE-APACHE packaging/THIRD-PARTY-NOTICES; do
    put 644 $file "share/doc/h5sim/$(basename $file)"
done
fill_in packaging/h5sim.pc.in "$libdir/pkgconfig/h5sim.pc"
for file in h5sim-config.cmake h5sim-config-version.cmake; do
    fill_in packaging/$file.in "$libdir/cmake/h5sim/$file"
done

if [ -n "${MPI:-}${MPICC:-}" ]; then
    parallel=$(tools/mpi.sh folder)/release
    [ -e "$parallel/libh5sim_mpi.so" ] || { echo "install: $parallel/libh5sim_mpi.so is not there: run make mpi first" >&2; exit 1; }
    put 755 "$parallel/libh5sim_mpi.so" "$libdir/libh5sim_mpi.so.$version"
    strip --strip-debug "$to/$libdir/libh5sim_mpi.so.$version"
    link "libh5sim_mpi.so.$version" "$libdir/libh5sim_mpi.so.$soversion"
    link "libh5sim_mpi.so.$soversion" "$libdir/libh5sim_mpi.so"
    tools/static_library.sh "$parallel/libh5sim_mpi.a" "$to/$libdir/libh5sim_mpi.a"
    chmod 644 "$to/$libdir/libh5sim_mpi.a"
    installed+=("$libdir/libh5sim_mpi.a")
    fill_in packaging/h5sim-mpi.pc.in "$libdir/pkgconfig/h5sim-mpi.pc"
fi

python=target/venv/bin/python
[ -x $python ] || python=python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$python tools/manual.py "$version" "$work/man"
# Those of the command, and the completions, come from the command itself.
mkdir -p "$work/man/man1"
"$built/h5sim" man "$work/man/man1"
for page in "$work"/man/man*/*; do
    put 644 "$page" "share/man/$(basename "$(dirname "$page")")/$(basename "$page")"
done

for shell in bash:bash-completion/completions/h5sim fish:fish/vendor_completions.d/h5sim.fish; do
    "$built/h5sim" completions "${shell%%:*}" >"$work/completions"
    put 644 "$work/completions" "share/${shell#*:}"
done

if command -v "$fortran" >/dev/null 2>&1; then
    mkdir "$work/fortran"
    cp include/h5sim.f90 "$work/fortran"
    (cd "$work/fortran" && "$fortran" -O2 -fPIC -c h5sim.f90 && "${AR:-ar}" rcsD libh5sim_fortran.a h5sim.o)
    put 644 "$work/fortran/libh5sim_fortran.a" "$libdir/libh5sim_fortran.a"
    for module in h5sim h5sim_c; do
        put 644 "$work/fortran/$module.mod" "$libdir/h5sim/modules/$module.mod"
    done
    fill_in packaging/h5sim-fortran.pc.in "$libdir/pkgconfig/h5sim-fortran.pc"
else
    echo "install: the Fortran module is installed as source only: there is no $fortran"
fi

printf '%s\n' "${installed[@]}" share/h5sim/installed-files | sort >"$work/installed-files"
install -D -m 644 "$work/installed-files" "$to/share/h5sim/installed-files"
echo "installed h5sim $version in $to"
