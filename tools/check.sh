#!/usr/bin/env bash
# What a packager checks of a build: the examples in C, and in C++ and Fortran where their compilers are, run and leave files
# that the command finds whole. Called by `make check`; needs neither the network nor Python.
set -euo pipefail
cd "$(dirname "$0")/.."
library=$PWD/target/release check=$PWD/target/check
rm -rf "$check"
mkdir -p "$check"
cp examples_c/heat.yaml "$check"
link=(-L"$library" -lh5sim -Wl,-rpath,"$library" -lm)

compile() { # SOURCE
    local name=${1%.*} program
    program=$check/${name//\//_}
    case $1 in
        *.c) ${CC:-cc} -std=c11 -O2 -Iinclude -o "$program" "$1" "${link[@]}" ;;
        *.cpp) ${CXX:-g++} -std=c++17 -O2 -Iinclude -o "$program" "$1" "${link[@]}" ;;
        *.f90) gfortran -O1 -J "$check" -o "$program" include/h5sim.f90 "$1" "${link[@]}" ;;
    esac
    echo "$program"
}

passed=0
# Only 07_heat is run in C++ and Fortran too: it goes on where C stopped, and its file must be what C alone makes.
sources=(examples_c/0[1-5]*.c examples_c/07_heat.c)
command -v "${CXX:-g++}" >/dev/null && sources+=(examples_cpp/07_heat.cpp)
command -v gfortran >/dev/null && sources+=(examples_fortran/07_heat.f90)
for source in "${sources[@]}"; do
    program=$(compile "$source")
    echo "== $source"
    case $source in
        *heat*) (cd "$check" && "$program" heat.yaml $((1500 + passed * 300))) ;;
        *) (cd "$check" && "$program") ;;
    esac
    passed=$((passed + 1))
done
"$library/h5sim" check "$check"/*.h*5
echo "$passed examples passed"
