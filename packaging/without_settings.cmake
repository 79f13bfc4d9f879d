# HDF5 prints how it was configured, with folders and the date, when a program was compiled with another version's header. HDF5 has
# a source without that, which is taken in its place.
# It is read for each project, and a function must not be put over itself.
include_guard (GLOBAL)

function (configure_file from to)
  if (from MATCHES "H5build_settings\\.cmake\\.c\\.in$")
    string (REPLACE ".cmake.c.in" ".off.c.in" from "${from}")
  endif ()
  _configure_file ("${from}" "${to}" ${ARGN})
endfunction ()
