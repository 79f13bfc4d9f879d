"""The checksum of HDF5's newer structures, by the HDF5 that h5py has."""

import ctypes

import h5py  # noqa: F401, which loads it

with open("/proc/self/maps") as maps:
    HDF5 = ctypes.CDLL(next(line.split()[-1] for line in maps if "/libhdf5-" in line or "/libhdf5.so" in line))
HDF5.H5_checksum_lookup3.restype = ctypes.c_uint32
HDF5.H5_checksum_lookup3.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32]


def checksum(data):
    return HDF5.H5_checksum_lookup3(bytes(data), len(data), 0)
