# Untried: parsed only. Builds the artifact H5Sim_jll, which the Julia package finds when it is installed.
using BinaryBuilder

name = "H5Sim"
version = v"0.1.0"

sources = [
    ArchiveSource("https://example.org/h5sim/h5sim-$(version).tar.gz",
                  "0000000000000000000000000000000000000000000000000000000000000000"),
]

script = raw"""
cd ${WORKSPACE}/srcdir/h5sim-*
make library
make install PREFIX=${prefix} FC=none
install_license LICENSE-MIT LICENSE-APACHE packaging/THIRD-PARTY-NOTICES
"""

platforms = filter(p -> Sys.islinux(p) && nbits(p) == 64, supported_platforms())

products = [
    LibraryProduct("libh5sim", :libh5sim),
    ExecutableProduct("h5sim", :h5sim),
]

dependencies = [
    HostBuildDependency("CMake_jll"),
]

build_tarballs(ARGS, name, version, sources, script, platforms, products, dependencies;
               compilers = [:c, :rust], preferred_gcc_version = v"10", julia_compat = "1.6")
