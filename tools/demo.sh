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

have() { command -v "$1" >/dev/null 2>&1; }

skips=0
skipped() {
    printf '\n==> SKIPPED: %s\n' "$*"
    skips=$((skips + 1))
}

# compile_c NAME, compile_fortran NAME: from the examples to $demo/c/NAME, $demo/fortran/NAME.
compile_c() {
    mkdir -p "$demo/c"
    cc -std=c11 -Wall -Wextra -Werror -pedantic -O2 -Iinclude -o "$demo/c/$1" "examples_c/$1.c" \
        -L"$library" -lh5sim -Wl,-rpath,"$library" -lm
}

compile_fortran() {
    mkdir -p "$demo/fortran"
    if [ ! -e "$demo/fortran/h5sim.o" ]; then
        gfortran -O1 -J "$demo/fortran" -o "$demo/fortran/h5sim.o" -c include/h5sim.f90
    fi
    gfortran -std=f2008 -O2 -I "$demo/fortran" -o "$demo/fortran/$1" "examples_fortran/$1.f90" "$demo/fortran/h5sim.o" \
        -L"$library" -lh5sim -Wl,-rpath,"$library"
}

# The names of the examples in a folder, save those that are run in a way of their own.
names() { (cd "$1" && ls 0*) | grep -v -e heat -e killed | sed 's/\..*//'; }

c_examples() {
    for name in $(names examples_c); do
        heading "examples_c/$name.c"
        compile_c "$name"
        run "./c/$name"
    done
}

# A job that is killed in the middle of a step, and started again.
killed() {
    compile_c 06_killed
    heading "examples_c/06_killed.c, killed in the middle of step 3"
    if run ./c/06_killed 3; then
        echo "it was not killed" >&2
        exit 1
    fi
    heading "h5sim check killed.hdf5"
    run "$library/h5sim" check killed.hdf5 || true
    heading "examples_c/06_killed.c goes on"
    run ./c/06_killed
}

cpp_examples() {
    have g++ || { skipped "the examples in C++: there is no g++"; return; }
    mkdir -p "$demo/cpp"
    for name in $(names examples_cpp); do
        heading "examples_cpp/$name.cpp"
        g++ -std=c++17 -Wall -Wextra -Werror -pedantic -O2 -Iinclude -o "$demo/cpp/$name" "examples_cpp/$name.cpp" \
            -L"$library" -lh5sim -Wl,-rpath,"$library"
        run "./cpp/$name"
    done
}

fortran_examples() {
    have gfortran || { skipped "the examples in Fortran: there is no gfortran"; return; }
    for name in $(names examples_fortran); do
        heading "examples_fortran/$name.f90"
        compile_fortran "$name"
        run "./fortran/$name"
    done
}

julia_examples() {
    have julia || { skipped "the examples in Julia: there is no julia"; return; }
    export JULIA_LOAD_PATH=$root/julia/H5Sim:@stdlib
    for name in $(names examples_julia); do
        heading "examples_julia/$name.jl"
        run julia --startup-file=no "$root/examples_julia/$name.jl"
    done
}

# A simulation that is stopped in its middle and goes on, in another language where there is one; and its picture.
simulation() {
    local second=./c/07_heat
    compile_c 07_heat
    cp examples_c/heat.yaml "$demo"
    heading "examples_c/07_heat.c, a simulation, as a job whose time is over at step 2000"
    run ./c/07_heat heat.yaml 2000
    if have gfortran; then
        compile_fortran 07_heat
        second=./fortran/07_heat
    fi
    heading "$second goes on: the same parameters find the same file"
    run "$second" heat.yaml
    heading "and once more: a finished run is not written again"
    run "$second" heat.yaml
    heading "h5sim plot: the last step, all of them, and a film"
    local file
    file=$(cd "$demo" && ls heat_*.h5)
    run "$library/h5sim" plot "$file" temperature '[-1]' -o heat.png
    run "$library/h5sim" plot "$file" temperature -o heat_steps.png
    run "$library/h5sim" plot "$file" temperature -o heat.gif
    run "$library/h5sim" plot "$file" middle -o heat_middle.png
    echo "see target/demo/heat.png, heat_steps.png, heat.gif and heat_middle.png"
}

# The same simulation on many ranks, begun by two and ended by three, in Fortran where there is one for MPI.
many_ranks() {
    local end which=none second=./c/09_heat_mpi extra=() link=(-L"$library" -lh5sim -Wl,-rpath,"$library")
    for end in .openmpi .mpich ""; do
        if have "mpicc$end" && have "mpiexec$end"; then
            which=$end
            break
        fi
    done
    [ "$which" != none ] || { skipped "the simulation on many ranks: there is no MPI (mpicc, mpiexec)"; return; }
    if "mpiexec$end" --version 2>/dev/null | grep -q -e 'Open MPI' -e OpenRTE; then
        extra=(--oversubscribe)
        # In a container the user is often root, to whom Open MPI says no.
        [ "$(id -u)" != 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
        export OMPI_MCA_mpi_yield_when_idle=1
    fi
    mkdir -p "$demo/ranks"
    "mpicc$end" -std=c11 -Wall -Wextra -Werror -pedantic -O2 -Iinclude -o "$demo/c/09_heat_mpi" examples_c/09_heat_mpi.c "${link[@]}" -lm
    heading "examples_c/09_heat_mpi.c on 2 ranks (mpiexec$end), until step 1000"
    (cd "$demo/ranks" && "mpiexec$end" "${extra[@]}" -n 2 ../c/09_heat_mpi ../heat.yaml 1000)
    if have gfortran && have "mpifort$end" && "mpifort$end" --version | grep -q GNU; then
        "mpifort$end" -O2 -I "$demo/fortran" -J "$demo/fortran" -o "$demo/fortran/09_heat_mpi" include/h5sim_mpi.f90 \
            examples_fortran/09_heat_mpi.f90 "$demo/fortran/h5sim.o" "${link[@]}"
        second=./fortran/09_heat_mpi
    fi
    heading "$second goes on with 3 ranks"
    (cd "$demo/ranks" && "mpiexec$end" "${extra[@]}" -n 3 "../$second" ../heat.yaml)
    heading "h5sim ls: one file, whichever ranks wrote it"
    (cd "$demo/ranks" && "$library/h5sim" ls heat_*.h5)
}

c_examples
killed
cpp_examples
fortran_examples
julia_examples
simulation
many_ranks
[ $skips = 0 ] || printf '\n%s skipped\n' "$skips"
