# make            the library: target/release/libh5sim.so and libh5sim.a, header in include/
# make mpi        the library for parallel HDF5, in target/mpi: MPI=mpich or openmpi, or MPICC=/path/of/mpicc; with HDF5_DIR= for
#                 a parallel HDF5 (1.14 or newer) that is installed, otherwise HDF5 is built for it, once, in some minutes
# make demo       compiles and runs the examples
# make test       everything that is checked, with a summary line at the end
# make test-mpi   the long version of the tests with MPI: MPICH and Open MPI, 1 to 7 ranks
# make check      what a packager checks: the examples run; needs no network and nothing but the compilers
# make setup      installs what the build, the demo and the tests need, the system's packages too (Debian, as root)
# make bench      h5sim beside HDF5's own C calls, h5py and the bare operating system
#                 (ROWS="contiguous hash" for some only, REPETITIONS=7, CHECK=1)
# make bench-drawn  work that is drawn at random beside HDF5's own C calls (SEEDS="0 200": the first, and how many; WHAT=objects)
# make bench-mpi  one file of many ranks beside HDF5's own parallel calls and PnetCDF, with MPICH and Open MPI
#                 (ROWS="write read" for some only, BENCH_FOLDER=/dev/shm/bench in memory)
# make fuzz       make mutants, and coverage-guided fuzzing of the texts and bytes the library reads (SECONDS_EACH=60)
# make mutants    files of many kinds, damaged at random and read beside h5py (MUTANTS=10000, H5SIM_SEED=1)
# make torture    the long version of the crash tests, and of those with other programs that read meanwhile
# make soak       random programs against a model, and calls that fail, for hours each (SECONDS=3600, H5SIM_SEED=1)
# make race       threads on shared and own handles under ThreadSanitizer (CALLS=2000 of each thread)
# make header     writes include/h5sim.h anew from the Rust sources, and from it what is generated of the
#                 Fortran module and of the Julia package
# make docs       the site of documentation: target/docs/index.html
# make docs-look  and shows each of its pages in a browser, as wide as a desktop and a phone: target/docs-pictures
# make notices    writes packaging/THIRD-PARTY-NOTICES anew, after a change of the dependencies
# make install    PREFIX=/usr/local DESTDIR= LIBDIR=lib FC=gfortran; needs no Rust once it is built; with MPI= or MPICC= that library too
# make uninstall  PREFIX=/usr/local DESTDIR=
# make dist       target/dist/h5sim-VERSION.tar.gz with all crates in it, and its checksum
# make packages   tries that tarball and the recipes in packaging/ (TWICE=1 for two builds with the same bytes)
# make clean      removes what was built, but not the tools in target/venv
#
# Every target first sees to its tools: tools/setup.sh. The system's packages are installed by make demo, make mpi, make test,
# make docs-look and make setup only, and only where this is Debian and the user is root.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
# The venv's CMake comes first: HDF5's build needs a newer one than many systems have.
export PATH := $(CURDIR)/target/venv/bin:$(PATH):$(HOME)/.cargo/bin
# Where tests, tools and benchmarks look for what cargo built.
export CARGO_TARGET_DIR := $(CURDIR)/target

PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= lib
SECONDS_EACH ?= 60
MUTANTS ?= 10000
SECONDS ?= 3600
CALLS ?= 2000
ROWS ?=
REPETITIONS ?=
CHECK ?=

.PHONY: library mpi help demo test test-mpi check setup bench bench-mpi bench-drawn fuzz mutants torture race soak header docs docs-look notices install uninstall dist packages clean setup-build setup-header setup-docs setup-browser setup-test setup-test-mpi setup-bench-mpi

# A release, which has no history, names no folder of the machine it is built on.
ifeq ($(wildcard .git),)
export RUSTFLAGS := $(RUSTFLAGS) --remap-path-prefix=$(CURDIR)=.
export CFLAGS := $(CFLAGS) -ffile-prefix-map=$(CURDIR)=.
export CMAKE_TOOLCHAIN_FILE := $(CURDIR)/packaging/release.cmake
endif

demo docs-look mpi test test-mpi bench-mpi setup: export H5SIM_MAY_INSTALL = 1

library: setup-build
	cargo build --release --locked --package h5sim --package h5sim-cli
	ln -sf libh5sim.so target/release/libh5sim.so.0

mpi: export MPI := $(MPI)
mpi: export MPICC := $(MPICC)
mpi: export HDF5_DIR := $(HDF5_DIR)
mpi:
	@tools/setup.sh mpi
	@tools/mpi.sh

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

setup:
	@tools/setup.sh test

check: library
	@tools/check.sh

setup-build:
	@tools/setup.sh build

setup-header:
	@tools/setup.sh header

setup-docs:
	@tools/setup.sh docs

setup-browser:
	@tools/setup.sh browser

setup-test-mpi:
	@tools/setup.sh test-mpi

setup-bench-mpi:
	@tools/setup.sh bench-mpi

setup-test:
	@tools/setup.sh test

demo: library
	@tools/demo.sh

test: setup-test
	@tools/test.sh

bench-mpi: setup-bench-mpi
	@for mpi in mpich openmpi; do MPI=$$mpi tools/setup.sh mpi && MPI=$$mpi tools/mpi.sh || exit 1; done
	@tools/bench_mpi.sh

bench: setup-test library
	@ROWS="$(ROWS)" REPETITIONS="$(REPETITIONS)" CHECK="$(CHECK)" target/venv/bin/python benches/run.py

bench-drawn: setup-test library
	@WHAT="$(WHAT)" SEEDS="$(SEEDS)" REPETITIONS="$(REPETITIONS)" target/venv/bin/python benches/drawn/drawn.py

fuzz: mutants
	@tools/fuzz.sh $(SECONDS_EACH)

mutants: setup-test library
	@mkdir -p target/mutants
	H5SIM_LIB=$(CURDIR)/target/release/libh5sim.so target/venv/bin/python tests/python/damaged_files.py $(or $(H5SIM_SEED),1) $(MUTANTS) target/mutants

torture: setup-test
	H5SIM_TORTURE=1 cargo test --release --features mutants --test torture
	cargo build --release
	H5SIM_READERS=1000 cargo test --release --test readers -- --nocapture --test-threads=1

race: setup-build
	@tools/race.sh $(CALLS)

test-mpi: setup-test-mpi
	$(MAKE) mpi MPI=mpich
	$(MAKE) mpi MPI=openmpi
	cargo build --release --workspace
	ln -sf libh5sim.so target/release/libh5sim.so.0
	H5SIM_MPI=long H5SIM_CASES=300 cargo test --release --test mpi --test shared -- --nocapture --test-threads=1

soak: setup-test
	cargo build --release
	H5SIM_SOAK=$(SECONDS) cargo test --release --test model --test failing -- --nocapture

header: setup-header
	H5SIM_UPDATE_HEADER=1 cargo test --release --test header current
	target/venv/bin/python tools/bindings.py

docs: setup-docs
	@tools/docs.sh target/docs

docs-look: setup-browser
	@tools/docs.sh target/docs --look target/docs-pictures

notices: setup-build
	target/venv/bin/python tools/notices.py >target/notices && mv target/notices packaging/THIRD-PARTY-NOTICES

install: export MPI := $(MPI)
install: export MPICC := $(MPICC)
install:
	@[ -z "$(MPI)$(MPICC)" ] || [ -e "$$(tools/mpi.sh folder)/release/libh5sim_mpi.so" ] || $(MAKE) mpi
	@[ -e target/release/libh5sim.so ] && [ -e target/release/libh5sim.a ] && [ -e target/release/h5sim ] || $(MAKE) library
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBDIR="$(LIBDIR)" FC="$(FC)" tools/install.sh

uninstall:
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" tools/uninstall.sh

dist: setup-build
	@tools/dist.sh

packages: setup-test
	@tools/test_packages.sh

clean:
	cargo clean --release
	rm -rf target/dist target/packages target/check target/demo target/docs target/docs-pictures target/bench target/install
