# Untried: parsed only. The checksum is that of target/dist/h5sim-VERSION.tar.gz.sha256.
from spack.package import *


class H5sim(MakefilePackage):
    """Simulation results as HDF5 files, from C, C++, Fortran and Julia."""

    homepage = "https://example.org/h5sim"
    url = "https://example.org/h5sim/h5sim-0.1.0.tar.gz"

    license("MIT OR Apache-2.0")

    version("0.1.0", sha256="0000000000000000000000000000000000000000000000000000000000000000")

    variant("fortran", default=True, description="Install the Fortran module compiled too")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("fortran", type="build", when="+fortran")
    depends_on("rust@1.85:", type="build")
    depends_on("cmake@3.26:", type="build")
    depends_on("python@3:", type="build")

    build_targets = ["library"]

    @property
    def install_targets(self):
        compiler = spack_fc if self.spec.satisfies("+fortran") else "none"
        return ["install", f"PREFIX={self.prefix}", f"FC={compiler}"]

    def check(self):
        make("check")
