#!/usr/bin/env bash
# Sees to it that the tools are there which the build and the tests need.
#   tools/setup.sh build   what the library, its examples in C and `make demo` need
#   tools/setup.sh header  and what `make header` needs to write the bindings
#   tools/setup.sh docs    what the site of documentation is made with, and nothing else
#   tools/setup.sh browser and a browser, which shows it
#   tools/setup.sh mpi     and an MPI: MPI=mpich or openmpi, or none where MPICC says a compiler
#   tools/setup.sh test    and what the tests and benchmarks need besides
#   tools/setup.sh test-mpi    and MPICH and Open MPI, without which most tests run, and say so
#   tools/setup.sh bench-mpi   and PnetCDF, which is skipped where it cannot be had
# Python packages go into target/venv. Whatever else is missing is installed where this is Debian (or made from it), the user
# is root, and has asked for it (H5SIM_MAY_INSTALL=1, which make demo, make docs-look, make mpi, make test and make setup say); otherwise one line says
# how to get it.
# Nothing is asked of the network when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-build}
needs_both_mpis=no
wants_pnetcdf=no
if [ "$what" = test-mpi ] || [ "$what" = bench-mpi ]; then
    [ "$what" = test-mpi ] || wants_pnetcdf=yes
    what=test
    needs_both_mpis=yes
fi
venv=target/venv
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
# rustup puts cargo there, and not every shell has it in its PATH.
PATH=$PATH:$HOME/.cargo/bin
lists_are_fresh=no
unavailable=0

say() { echo "setup: $*" >&2; }

# missing TOOL HOW: names a tool that the work cannot do without.
missing() {
    say "$1 is missing and could not be installed: $2"
    unavailable=1
}

have() { command -v "$1" >/dev/null 2>&1; }

can_apt() { [ "${H5SIM_MAY_INSTALL:-}" = 1 ] && [ "$(id -u)" = 0 ] && have apt-get; }

quiet_apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >/dev/null; }

# install PACKAGE...: by apt; fails, saying nothing, where that cannot be.
apt_install() {
    can_apt || return 1
    if [ $lists_are_fresh = no ]; then
        quiet_apt update 2>/dev/null || true
        lists_are_fresh=yes
    fi
    say "installing $*"
    quiet_apt install -y --no-install-recommends "$@" 2>/dev/null
}

# need COMMAND PACKAGE: the command is there afterwards, or it is named.
need() {
    have "$1" && return
    apt_install "$2" || true
    have "$1" || missing "$1" "install the package '$2' (Debian: sudo apt-get install $2)"
}

compiles_c() { have cc && echo '#include <stdio.h>' | cc -E -x c - >/dev/null 2>&1; }

c_compiler() {
    compiles_c && return
    apt_install gcc libc6-dev || true
    compiles_c || missing "a C compiler" "install the packages 'gcc' and 'libc6-dev' (Debian: sudo apt-get install gcc libc6-dev)"
}

# The crates, from the release's own folder, from what cargo has at hand, or from the network.
crates() {
    cargo fetch --quiet --locked --offline 2>/dev/null && return
    local said
    said=$(cargo fetch --quiet --locked 2>&1) && return
    case $said in
        *"cannot update the lock file"* | *"needs to be updated"*) say "Cargo.lock does not fit Cargo.toml: $said" ;;
        *) say "the crates could not be downloaded; a release tarball (make dist) has them inside. cargo says: $said" ;;
    esac
    unavailable=1
}

set_up_rust() {
    if ! have cargo; then
        missing "Rust (cargo)" "install version $rust_wanted or newer from https://rustup.rs"
        return
    fi
    local found
    found=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p') || true
    if [ -z "$found" ]; then
        missing "Rust's compiler" "cargo is there, but rustc does not run: install version $rust_wanted or newer from https://rustup.rs"
        return
    elif [ "$(printf '%s\n' "$rust_wanted" "$found" | sort -V | head -n 1)" != "$rust_wanted" ]; then
        say "Rust $found is too old ($(command -v rustc)): version $rust_wanted or newer is needed, from https://rustup.rs"
        unavailable=1
        return
    fi
    crates
    [ "$what" = test ] || return 0
    have cargo-fmt && have cargo-clippy ||
        missing "rustfmt or clippy" "rustup component add rustfmt clippy"
}

# HDF5 2.2's build asks for CMake 3.26, which is newer than Debian 12's.
cmake_is_new_enough() {
    have cmake || return 1
    local version
    version=$(cmake --version | sed -n 's/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    set -- $version
    [ "${1:-0}" -gt 3 ] || { [ "${1:-0}" = 3 ] && [ "${2:-0}" -ge 26 ]; }
}

set_up_python() {
    need python3 python3
    have python3 || return 0
    # For the library alone nothing of Python's is wanted where CMake is new enough.
    case $what in build | mpi) ! cmake_is_new_enough || return 0 ;; esac
    if ! $venv/bin/python -c 'import pip' 2>/dev/null; then
        python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv || true
        python3 -m venv $venv 2>/dev/null || {
            missing "Python's venv" "install the package 'python3-venv' (Debian: sudo apt-get install python3-venv)"
            return
        }
    fi
    local wanted=() absent=()
    case $what in
        docs | browser) ;;
        *) cmake_is_new_enough || wanted+=(cmake) ;;
    esac
    case $what in docs | browser | test) wanted+=(Sphinx furo sphinx-design myst-parser sphinx-fortran-domain) ;; esac
    [ "$what" = header ] && wanted+=(fypp)
    # PyYAML 6.0.4 merges by the identity of Python's strings: which of two '<<' wins depends on the length of a key.
    [ "$what" = test ] && wanted+=(numpy h5py hdf5plugin netCDF4 PyYAML==6.0.3 xarray h5netcdf vtk fypp matplotlib signac py-rattler-build fpm)
    for package in ${wanted[@]+"${wanted[@]}"}; do
        $venv/bin/python -c "import importlib.metadata as m, sys
name, _, version = sys.argv[1].partition('==')
sys.exit(m.version(name) != (version or m.version(name)))" "$package" 2>/dev/null || absent+=("$package")
    done
    [ ${#absent[@]} = 0 ] && return
    say "installing ${absent[*]} into $venv"
    $venv/bin/python -m pip install --quiet --disable-pip-version-check "${absent[@]}" ||
        missing "${absent[*]}" "the Python package index could not be reached; $venv/bin/python -m pip install ${absent[*]}"
}

# The MPI that is asked for; any will do where none is named.
set_up_mpi() {
    [ -z "${MPICC:-}" ] || return 0
    case ${MPI:-} in
        mpich) have mpicc.mpich && [ -e /usr/include/*/mpich/mpi.h ] || apt_install mpich libmpich-dev || true ;;
        openmpi) have mpicc.openmpi || apt_install libopenmpi-dev openmpi-bin || true ;;
        *) have mpicc || apt_install mpich libmpich-dev || true ;;
    esac
    have "mpicc${MPI:+.$MPI}" || have mpicc ||
        missing "an MPI compiler" "install the package 'mpich' or 'libopenmpi-dev' (Debian), or say which: make mpi MPICC=/path/of/mpicc"
}

# VTK as ParaView 5.12 has it, beside the newest one.
set_up_old_vtk() {
    local old=target/venv-vtk93
    $old/bin/python -c 'import vtkmodules.vtkIOHDF, numpy' 2>/dev/null && return
    say "installing vtk 9.3.1 into $old"
    { python3 -m venv $old && $old/bin/python -m pip install --quiet --disable-pip-version-check vtk==9.3.1 numpy; } ||
        missing "vtk 9.3.1" "the Python package index could not be reached; $old/bin/python -m pip install vtk==9.3.1 numpy"
}

# Julia is in no Debian after 11, whose version 1.5.3 can be installed beside Debian 12's
# packages. The tests run without it, and say so.
set_up_julia() {
    if ! have julia; then
        if can_apt && apt_has julia; then
            apt_install julia || true
        elif can_apt; then
            of_debian_11 julia || true
        fi
    fi
    # Julia 1.5's own exceptions crash it beside a libunwind newer than the one it was made with.
    if have julia && ! julia_catches && can_apt; then
        of_debian_11 libunwind || true
        julia_catches || say "this Julia crashes at its own exceptions"
    fi
    have julia || say "Julia is missing and could not be installed: get 1.5 or newer from https://julialang.org (its tests are skipped)"
}

apt_has() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

julia_catches() { { julia -e 'try; [1][2]; catch; end'; } >/dev/null 2>&1; }

# of_debian_11 julia|libunwind
of_debian_11() {
    local codename mirror folder=target/debian-11 keys=/usr/share/keyrings/debian-archive-keyring.gpg
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # The mirror which this machine uses already; elsewhere none may be reached.
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        awk -v codename="$codename" '$2 == codename && $3 == "main" { print $1; exit }') || true
    mirror=${mirror:-$(sed -nE 's/^(URIs: *|deb +(\[[^]]*\] +)?)([^ ]+).*/\3/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        grep -E '/debian/?$' | head -n 1)} || true
    [ -n "$mirror" ] || return 1
    mkdir -p $folder/lists/partial
    # This machine's own release comes along, so that what both have comes from there.
    for release in $codename bullseye; do
        echo "deb [signed-by=$keys] $mirror $release main"
    done >$folder/sources.list
    local only=(-o "Dir::Etc::sourcelist=$PWD/$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::Lists=$PWD/$folder/lists" -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
        # apt reads the sources as its own unprivileged user, who may not enter this folder.
        -o APT::Sandbox::User=root)
    say "installing $1 (from Debian 11)"
    quiet_apt "${only[@]}" update 2>/dev/null || true
    if [ "$1" = julia ]; then
        # Nothing that is installed may go or change for it.
        quiet_apt "${only[@]}" install -y --no-install-recommends --no-remove --no-upgrade julia 2>/dev/null
    else
        # For Julia alone, which looks first in a folder of its own.
        (cd $folder && quiet_apt "${only[@]}" download libunwind8/bullseye && dpkg -x libunwind8_*.deb unwind &&
            cp -P unwind/usr/lib/*/libunwind.so.8* "$(dirname "$(ldconfig -p | awk '/libjulia.so.1 / { print $NF; exit }')")/julia/")
    fi
    rm -rf $folder/lists
}

# Both can be installed side by side; the ends of their commands' names tell them apart.
set_up_both_mpis() {
    have mpicc.mpich && have mpiexec.mpich || apt_install mpich libmpich-dev || true
    have mpicc.openmpi && have mpiexec.openmpi || apt_install openmpi-bin libopenmpi-dev || true
    [ $needs_both_mpis = yes ] || return 0
    have mpicc.mpich || missing "MPICH" "install the packages 'mpich' and 'libmpich-dev' (Debian: sudo apt-get install mpich libmpich-dev)"
    have mpicc.openmpi ||
        missing "Open MPI" "install the packages 'openmpi-bin' and 'libopenmpi-dev' (Debian: sudo apt-get install openmpi-bin libopenmpi-dev)"
}

if ! mkdir -p target 2>/dev/null || ! [ -w target ]; then
    say "$PWD/target may not be written by $(id -un): work in a copy of the sources that is your own"
    exit 1
fi
if [ "$what" = docs ] || [ "$what" = browser ]; then
    set_up_python
    # Google's Chrome will do as well.
    [ "$what" = docs ] || have chromium-browser || have google-chrome || need chromium chromium
    exit $unavailable
fi
set_up_rust
c_compiler
need make make
set_up_python
[ "$what" != mpi ] || set_up_mpi
if [ "$what" = test ]; then
    set_up_old_vtk
    need g++ g++
    # The tests run without these two, and say so.
    have clang++ || apt_install clang || true
    [ -e /usr/include/eigen3 ] || apt_install libeigen3-dev || true
    need gfortran gfortran
    need pkg-config pkg-config
    need valgrind valgrind
    need h5dump hdf5-tools
    need ncdump netcdf-bin
    need nm binutils
    need mount mount
    if have pkg-config && ! pkg-config --exists hdf5; then
        apt_install libhdf5-dev || true
        pkg-config --exists hdf5 ||
            missing "a second HDF5" "install the package 'libhdf5-dev' (Debian: sudo apt-get install libhdf5-dev)"
    fi
    set_up_julia
    set_up_both_mpis
    [ $wants_pnetcdf = no ] || [ -e /usr/include/pnetcdf.h ] || apt_install libpnetcdf-dev || true
fi
exit $unavailable
