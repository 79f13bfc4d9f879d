#!/usr/bin/env bash
# Installs what the build and the tests need: a venv under target/ (CMake, NumPy,
# h5py, PyYAML, ...) and, on Debian as root, the packages that are missing.
#   tools/setup.sh build   what the library needs
#   tools/setup.sh test    and what the tests need besides
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-build}
venv=target/venv

python_packages=(cmake)
[ "$what" = build ] || python_packages+=(numpy h5py hdf5plugin PyYAML fypp matplotlib)
if [ ! -x $venv/bin/python ]; then
    python3 -m venv $venv
fi
for package in "${python_packages[@]}"; do
    $venv/bin/python -c "import importlib.metadata as m; m.version('$package')" 2>/dev/null || missing+=("$package")
done
if [ -n "${missing:-}" ]; then
    $venv/bin/pip install --quiet --disable-pip-version-check "${missing[@]}"
fi
