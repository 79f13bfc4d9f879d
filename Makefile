# make            the library: target/release/libh5sim.so and libh5sim.a, header in include/
# make demo       compiles and runs the examples
# make test       everything that is checked, with a summary line at the end
# make bench      h5sim beside HDF5's own C calls, h5py and the bare operating system
#                 (ROWS="contiguous hash" for some only, REPETITIONS=7)
# make fuzz       coverage-guided fuzzing of the texts the library reads (SECONDS_EACH=60)
# make torture    the long version of the crash tests
# make soak       random programs against a model of the whole interface, for hours (SECONDS=3600, H5SIM_SEED=1)
# make header     writes include/h5sim.h anew from the Rust sources
# make install    PREFIX=/usr/local DESTDIR= LIBDIR=lib
# make clean      removes what was built, but not the tools in target/venv
#
# Every target first sees to its tools: tools/setup.sh.

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
SECONDS ?= 3600
ROWS ?=
REPETITIONS ?=

.PHONY: library demo test bench fuzz torture soak header install clean setup-build setup-test

library: setup-build
	cargo build --release
	ln -sf libh5sim.so target/release/libh5sim.so.0

setup-build:
	@tools/setup.sh build

setup-test:
	@tools/setup.sh test

demo: library
	@tools/demo.sh

test: setup-test
	@tools/test.sh

bench: setup-test library
	@ROWS="$(ROWS)" REPETITIONS="$(REPETITIONS)" target/venv/bin/python benches/run.py

fuzz: setup-build
	@tools/fuzz.sh $(SECONDS_EACH)

torture: setup-test
	H5SIM_TORTURE=1 cargo test --release --test torture

soak: setup-test
	cargo build --release
	H5SIM_SOAK=$(SECONDS) cargo test --release --test model -- --nocapture

header: setup-build
	H5SIM_UPDATE_HEADER=1 cargo test --release --test header

install: library
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBDIR="$(LIBDIR)" tools/install.sh

clean:
	cargo clean --release
	rm -rf target/demo target/bench target/install
