#!/usr/bin/env bash
# Tries the release as packagers do, which takes a while because HDF5 is compiled for it: the tarball is built, checked and
# installed without network, made into Debian packages that lintian accepts, rendered by rattler-build, and used by fpm.
# With TWICE=1 it is built in two folders, whose libraries must have the same bytes. Called by `make packages`.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD work=$PWD/target/packages python=$PWD/target/venv/bin/python
export PATH=$root/target/venv/bin:$PATH
unset CARGO_TARGET_DIR
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
rm -rf "$work"
mkdir -p "$work/cargo"

heading() { printf '\n==> %s\n' "$*"; }

tools/dist.sh
(cd target/dist && sha256sum --check --quiet "h5sim-$version.tar.gz.sha256")

# build FOLDER: from the tarball, where there is no network and no crate but those in it.
build() {
    mkdir -p "$1"
    tar -x -C "$1" -f "$root/target/dist/h5sim-$version.tar.gz"
    (cd "$1/h5sim-$version" && CARGO_HOME=$work/cargo unshare -n bash -c 'make && make check') >"$1/log" 2>&1 || {
        tail -n 40 "$1/log"
        return 1
    }
}

heading "without network: make, make check, make install"
build "$work/one"
(cd "$work/one/h5sim-$version" && PATH=/usr/bin:/bin make -s install PREFIX="$work/prefix")
strings -n 6 "$work/prefix/lib/libh5sim.so" | grep -F "$root" && { echo "FAILED: the library names this folder"; exit 1; }

if [ "${TWICE:-}" = 1 ]; then
    heading "a second build in another folder"
    build "$work/the-other-of-two"
    for file in libh5sim.so h5sim; do
        for folder in one the-other-of-two; do
            strip --strip-debug -o "$work/$folder/$file" "$work/$folder/h5sim-$version/target/release/$file"
        done
        cmp "$work/one/$file" "$work/the-other-of-two/$file"
    done
fi

heading "fpm"
mkdir -p "$work/consumer/app"
cp tests/install/main.f90 "$work/consumer/app"
printf 'name = "consumer"\n[dependencies]\nh5sim.path = "%s"\n' "../prefix/share/h5sim/fortran" >"$work/consumer/fpm.toml"
(cd "$work/consumer" && LD_LIBRARY_PATH=$work/prefix/lib fpm run --link-flag "-L$work/prefix/lib" -- "$work/fpm.h5")

heading "conda"
"$python" tools/render_conda.py

heading "Spack and Yggdrasil, parsed only"
"$python" -m py_compile packaging/spack/package.py
if command -v julia >/dev/null; then
    julia -e 'Meta.parse("begin\n" * read("packaging/yggdrasil/build_tarballs.jl", String) * "\nend").head === :block || exit(1)'
fi

heading "Debian"
if command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null; then
    cp "target/dist/h5sim-$version.tar.gz" "$work/one/h5sim_$version.orig.tar.gz"
    cp -r packaging/debian "$work/one/h5sim-$version/debian"
    # Debian 12's Rust and CMake are too old: those in PATH are taken, and what is built already is not built again.
    (cd "$work/one/h5sim-$version" && CARGO_HOME=$work/cargo dpkg-buildpackage --no-sign --build=binary --no-check-builddeps --no-pre-clean) \
        >"$work/debian.log" 2>&1 || { tail -n 40 "$work/debian.log"; exit 1; }
    ls "$work"/one/*.deb
    lintian --fail-on error --suppress-tags bad-distribution-in-changes-file "$work"/one/*.deb
else
    echo "SKIPPED: dpkg-buildpackage and debhelper"
fi
echo "all packages are right"
