# How HDF5 is configured for a release (CMake's toolchain file of the Makefile): without what differs from machine to machine and
# from day to day, so that the same sources make the same library, which names no folder of the machine that built it.

# Filter plugins are looked for in HDF5_PLUGIN_PATH only; this is what HDF5's own packages have besides.
set (H5_DEFAULT_PLUGINDIR "/usr/local/hdf5/lib/plugin")

set (CMAKE_PROJECT_INCLUDE "${CMAKE_CURRENT_LIST_DIR}/without_settings.cmake")
