#!/usr/bin/env bash
# One file of many ranks beside HDF5's own parallel calls and PnetCDF, for the MPIs that `make mpi` was run for. Called by `make bench-mpi`.
#   tools/bench_mpi.sh [MIB SMALL RECORDS REPETITIONS]
# BENCH_FOLDER is where the files are; /dev/shm/… leaves the disk out. ROWS="write read" measures these only, of write, read, small, append, gzip and disagreeing.
set -euo pipefail
cd "$(dirname "$0")/.."
sizes=("${1:-256}" "${2:-1000}" "${3:-10000}" "${4:-5}")
skipped=0
mkdir -p target/bench ${BENCH_FOLDER:+"$BENCH_FOLDER"}
export OMPI_MCA_mpi_yield_when_idle=1
for mpi in mpich openmpi; do
    folder=$PWD/target/mpi/$mpi
    [ -e "$folder/release/libh5sim_mpi.so" ] || continue
    # All with the same HDF5; h5sim's own is hidden in it.
    zlib=$(find "$folder/release/build" -name libz.a | head -n 1)
    compile() {
        "mpicc.$mpi" -O2 -Wall -Iinclude -I"$folder/hdf5/include" -o "target/bench/parallel-$mpi" benches/parallel.c \
            -L"$folder/release" -lh5sim_mpi "-Wl,-rpath,$folder/release" "$@" "$folder/hdf5/lib/libhdf5.a" "$zlib" -lm -ldl
    }
    # A PnetCDF of another MPI would bring its MPI along. Debian's is of one.
    has_pnetcdf() {
        compile -DHAS_PNETCDF -lpnetcdf 2>/dev/null || return
        [ "$(ldd "target/bench/parallel-$mpi" | grep -c -e 'libmpi\.so' -e 'libmpich\.so')" = 1 ]
    }
    has_pnetcdf || {
        compile
        echo "SKIPPED: PnetCDF, which is not there for $mpi (Debian: libpnetcdf-dev, of Open MPI)"
        skipped=$((skipped + 1))
    }
    options=()
    environment=()
    if [ $mpi = openmpi ]; then
        options=(--allow-run-as-root --oversubscribe --quiet)
    else
        # Ranks of MPICH that wait keep the processors from those that they wait for.
        cc -std=c11 -O1 -shared -fPIC -o target/bench/patient.so tests/mpi/patient.c -ldl
    fi
    for ranks in 1 2 4; do
        echo "== $mpi"
        [ $mpi = openmpi ] || [ $ranks -le "$(nproc)" ] || environment=(env "LD_PRELOAD=$PWD/target/bench/patient.so")
        "mpiexec.$mpi" ${options[@]+"${options[@]}"} -n $ranks ${environment[@]+"${environment[@]}"} \
            "target/bench/parallel-$mpi" "${BENCH_FOLDER:-target/bench}" "${sizes[@]}" ${ROWS:-}
    done
done
echo "$skipped skipped"
