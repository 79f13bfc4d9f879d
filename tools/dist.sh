#!/usr/bin/env bash
# Makes target/dist/h5sim-VERSION.tar.gz of the latest commit, with all crates in it, and its checksum beside it. The same
# commit gives the same bytes. Called by `make dist`.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
dist=$PWD/target/dist name=h5sim-$version
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "dist: what is not committed is left out" >&2
rm -rf "$dist"
mkdir -p "$dist"
git archive --prefix="$name/" HEAD | tar -x -C "$dist"
cd "$dist/$name"
mkdir .cargo
# The crates of the library, its command and its tests.
cargo vendor --locked --versioned-dirs vendor >.cargo/config.toml 2>"$dist/vendor.log" || { cat "$dist/vendor.log" >&2; exit 1; }
printf '\n[net]\noffline = true\n' >>.cargo/config.toml
date=$(git -C "$OLDPWD" log -1 --format=%ct)
cd ..
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$date" --mode=go=rX,u+rw,a-s -c "$name" | gzip -n -9 >"$name.tar.gz"
sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
rm -rf "$name"
ls -l "$name.tar.gz" | awk -v name="target/dist/$name.tar.gz" '{ printf "%s: %.1f MB\n", name, $5 / 1e6 }'
