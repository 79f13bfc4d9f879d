#!/usr/bin/env bash
# One file of many ranks beside HDF5's own parallel calls, for the MPIs that `make mpi` was run for. Called by `make bench-mpi`.
#   tools/bench_mpi.sh [MIB SMALL RECORDS REPETITIONS]
set -euo pipefail
cd "$(dirname "$0")/.."
sizes=("${1:-256}" "${2:-1000}" "${3:-10000}" "${4:-3}")
mkdir -p target/bench
export OMPI_MCA_mpi_yield_when_idle=1
for mpi in mpich openmpi; do
    folder=$PWD/target/mpi/$mpi
    [ -e "$folder/release/libh5sim_mpi.so" ] || continue
    # Both with the same HDF5; h5sim's own is hidden in it.
    zlib=$(find "$folder/release/build" -name libz.a | head -n 1)
    "mpicc.$mpi" -O2 -Wall -Iinclude -I"$folder/hdf5/include" -o "target/bench/parallel-$mpi" benches/parallel.c \
        -L"$folder/release" -lh5sim_mpi "-Wl,-rpath,$folder/release" "$folder/hdf5/lib/libhdf5.a" "$zlib" -lm -ldl
    options=()
    [ $mpi = mpich ] || options=(--allow-run-as-root --oversubscribe --quiet)
    for ranks in 1 2 4; do
        echo "== $mpi"
        "mpiexec.$mpi" ${options[@]+"${options[@]}"} -n $ranks "target/bench/parallel-$mpi" "${BENCH_FOLDER:-target/bench}" "${sizes[@]}"
    done
done
