! h5sim: simulation results as HDF5 files, from Fortran.
!
! Two modules in Fortran 2018: arrays of any rank are taken by SELECT RANK, which gfortran has from version 10 on. h5sim is what a
! program uses. h5sim_c, below it, is the C interface function by function, for what the first does not offer. Compile this file
! with your own compiler and flags; link with -lh5sim.
!
! Generated from fortran/h5sim.fypp: change that, not this.

!> The C interface, as it is: see h5sim.h for what each function does.
!>
!> Texts are to end with c_null_char. Arguments that may be NULL in C are type(c_ptr); for options and slices an empty text
!> does. Outputs are intent(inout), because a failure leaves them as they were.
module h5sim_c
  use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_funptr, c_int32_t, c_int64_t, c_ptr
  implicit none
  public

  !> The version of this header: 0 of 0.1.2. That of the library is h5sim_version().
  integer(c_int32_t), parameter :: H5SIM_VERSION_MAJOR = 0
  !> The version of this header: 1 of 0.1.2.
  integer(c_int32_t), parameter :: H5SIM_VERSION_MINOR = 1
  !> The version of this header: 2 of 0.1.2.
  integer(c_int32_t), parameter :: H5SIM_VERSION_PATCH = 0
  !> The largest rank (number of axes) of an array.
  integer(c_int32_t), parameter :: H5SIM_MAX_RANK = 32
  !> Element type: double, real(real64), Float64; h5py's "f8".
  integer(c_int32_t), parameter :: H5SIM_F64 = 1
  !> Element type: float, real(real32), Float32; "f4".
  integer(c_int32_t), parameter :: H5SIM_F32 = 2
  !> Element type: int64_t, integer(int64), Int64; "i8".
  integer(c_int32_t), parameter :: H5SIM_I64 = 3
  !> Element type: int32_t, integer(int32), Int32; "i4".
  integer(c_int32_t), parameter :: H5SIM_I32 = 4
  !> Element type: int16_t, integer(int16), Int16; "i2".
  integer(c_int32_t), parameter :: H5SIM_I16 = 5
  !> Element type: int8_t, integer(int8), Int8; "i1".
  integer(c_int32_t), parameter :: H5SIM_I8 = 6
  !> Element type: uint64_t, UInt64; "u8".
  integer(c_int32_t), parameter :: H5SIM_U64 = 7
  !> Element type: uint32_t, UInt32; "u4".
  integer(c_int32_t), parameter :: H5SIM_U32 = 8
  !> Element type: uint16_t, UInt16; "u2".
  integer(c_int32_t), parameter :: H5SIM_U16 = 9
  !> Element type: uint8_t, UInt8; "u1".
  integer(c_int32_t), parameter :: H5SIM_U8 = 10
  !> Element type: one byte, 0 is false, anything else true (C bool); kept as h5py keeps it, an enum FALSE/TRUE.
  integer(c_int32_t), parameter :: H5SIM_BOOL = 11
  !> Element type: double complex, complex(real64), ComplexF64; kept as h5py's compound {r, i}.
  integer(c_int32_t), parameter :: H5SIM_C128 = 12
  !> Element type: float complex, complex(real32), ComplexF32; kept as h5py's compound {r, i}.
  integer(c_int32_t), parameter :: H5SIM_C64 = 13
  !> Element type: text, of fixed or variable length. Read it with h5sim_read_text or h5sim_read_texts.
  integer(c_int32_t), parameter :: H5SIM_TEXT = 14
  !> Element type: any other, which this library does not read.
  integer(c_int32_t), parameter :: H5SIM_OTHER = 15
  !> Object kind: nothing is there.
  integer(c_int32_t), parameter :: H5SIM_NONE = 0
  !> Object kind: a group.
  integer(c_int32_t), parameter :: H5SIM_GROUP = 1
  !> Object kind: a dataset.
  integer(c_int32_t), parameter :: H5SIM_DATASET = 2
  !> Object kind: a named datatype, as some other writers store; this library only lists it.
  integer(c_int32_t), parameter :: H5SIM_DATATYPE = 3
  !> JSON type: null.
  integer(c_int32_t), parameter :: H5SIM_JSON_NULL = 0
  !> JSON type: true or false.
  integer(c_int32_t), parameter :: H5SIM_JSON_BOOL = 1
  !> JSON type: a number written without point and exponent.
  integer(c_int32_t), parameter :: H5SIM_JSON_INTEGER = 2
  !> JSON type: any other number.
  integer(c_int32_t), parameter :: H5SIM_JSON_FLOAT = 3
  !> JSON type: a string.
  integer(c_int32_t), parameter :: H5SIM_JSON_TEXT = 4
  !> JSON type: an array.
  integer(c_int32_t), parameter :: H5SIM_JSON_ARRAY = 5
  !> JSON type: an object.
  integer(c_int32_t), parameter :: H5SIM_JSON_OBJECT = 6
  !> Run: nothing is there yet; the caller is to produce it.
  integer(c_int32_t), parameter :: H5SIM_RUN_ABSENT = 0
  !> Run: it was begun and is not marked as finished.
  integer(c_int32_t), parameter :: H5SIM_RUN_UNFINISHED = 1
  !> Run: it is marked as finished.
  integer(c_int32_t), parameter :: H5SIM_RUN_FINISHED = 2
  !> Success.
  integer(c_int32_t), parameter :: H5SIM_OK = 0
  !> An argument makes no sense: NULL, an unknown option or mode, text that is not UTF-8.
  integer(c_int32_t), parameter :: H5SIM_ERR_ARGUMENT = -1
  !> Not the handle of an open file or live document.
  integer(c_int32_t), parameter :: H5SIM_ERR_HANDLE = -2
  !> The file, object, attribute or JSON member is not there.
  integer(c_int32_t), parameter :: H5SIM_ERR_NOT_FOUND = -3
  !> Something is there already and was not to be overwritten.
  integer(c_int32_t), parameter :: H5SIM_ERR_EXISTS = -4
  !> Ranks, extents, indices or counts do not fit.
  integer(c_int32_t), parameter :: H5SIM_ERR_SHAPE = -5
  !> Element types cannot be converted, or the object is of another kind.
  integer(c_int32_t), parameter :: H5SIM_ERR_TYPE = -6
  !> The text is not JSON or YAML, or cannot be represented.
  integer(c_int32_t), parameter :: H5SIM_ERR_JSON = -7
  !> The operating system refused to read or write.
  integer(c_int32_t), parameter :: H5SIM_ERR_IO = -8
  !> The file is not HDF5, or it is damaged.
  integer(c_int32_t), parameter :: H5SIM_ERR_FORMAT = -9
  !> Another writer holds the file.
  integer(c_int32_t), parameter :: H5SIM_ERR_LOCKED = -10
  !> The file was opened for reading only, or may not be written.
  integer(c_int32_t), parameter :: H5SIM_ERR_READ_ONLY = -11
  !> Valid, but this build cannot do it.
  integer(c_int32_t), parameter :: H5SIM_ERR_UNSUPPORTED = -12
  !> A defect of this library: please report it.
  integer(c_int32_t), parameter :: H5SIM_ERR_INTERNAL = -13

  interface

    !> Give the version of this library, such as "0.1.0".
    function h5sim_version() bind(c, name="h5sim_version") result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function h5sim_version

    !> Give the version of the HDF5 that is built into this library, such as "2.2.0".
    function h5sim_hdf5_version() bind(c, name="h5sim_hdf5_version") result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function h5sim_hdf5_version

    !> Tell whether this build has a feature.
    function h5sim_has_feature(name) bind(c, name="h5sim_has_feature") result(has)
      import :: c_char, c_int32_t
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int32_t) :: has
    end function h5sim_has_feature

    !> Give the sentence of this thread's latest failure: which file and object, what was expected, what was found.
    function h5sim_last_error() bind(c, name="h5sim_last_error") result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function h5sim_last_error

    !> Give the name of a status, such as "H5SIM_ERR_SHAPE"; "H5SIM_OK" for 0, "unknown status" for any other value.
    function h5sim_status_name(status) bind(c, name="h5sim_status_name") result(text)
      import :: c_int32_t, c_ptr
      integer(c_int32_t), value :: status
      type(c_ptr) :: text
    end function h5sim_status_name

    !> Free a text that this library handed out.
    subroutine h5sim_free(text) bind(c, name="h5sim_free")
      import :: c_ptr
      type(c_ptr), value :: text
    end subroutine h5sim_free

    !> Close all open files, as h5sim_close() does with each, and free all JSON documents.
    function h5sim_finalize() bind(c, name="h5sim_finalize") result(status)
      import :: c_int32_t
      integer(c_int32_t) :: status
    end function h5sim_finalize

    !> Open or create a file.
    function h5sim_open(path, mode, options, file) bind(c, name="h5sim_open") result(status)
      import :: c_char, c_int32_t, c_int64_t
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: mode(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int64_t), intent(inout) :: file
      integer(c_int32_t) :: status
    end function h5sim_open

    !> Open or create one file from many ranks of MPI, which they write together by parallel HDF5.
    function h5sim_open_mpi(path, mode, options, fortran_communicator, file) bind(c, name="h5sim_open_mpi") result(status)
      import :: c_char, c_int32_t, c_int64_t
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: mode(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t), value :: fortran_communicator
      integer(c_int64_t), intent(inout) :: file
      integer(c_int32_t) :: status
    end function h5sim_open_mpi

    !> Make all that was written so far durable, as one step.
    function h5sim_commit(file) bind(c, name="h5sim_commit") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      integer(c_int32_t) :: status
    end function h5sim_commit

    !> Give the path by which a file was opened, as h5py's file.filename.
    function h5sim_file_path(file, path) bind(c, name="h5sim_file_path") result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      type(c_ptr), intent(inout) :: path
      integer(c_int32_t) :: status
    end function h5sim_file_path

    !> Give the mode of a handle, as h5py's file.mode.
    function h5sim_file_mode(file, mode) bind(c, name="h5sim_file_mode") result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      type(c_ptr), intent(inout) :: mode
      integer(c_int32_t) :: status
    end function h5sim_file_mode

    !> Close a handle; the last one of a file commits and closes the file.
    function h5sim_close(file) bind(c, name="h5sim_close") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      integer(c_int32_t) :: status
    end function h5sim_close

    !> Close a handle without a commit; the last one of a file leaves it at its latest commit.
    function h5sim_discard(file) bind(c, name="h5sim_discard") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      integer(c_int32_t) :: status
    end function h5sim_discard

    !> Tell whether a handle is that of a file that this process has open.
    function h5sim_is_open(file) bind(c, name="h5sim_is_open") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      integer(c_int32_t) :: status
    end function h5sim_is_open

    !> Create a group, and the groups on the way to it.
    function h5sim_create_group(file, path) bind(c, name="h5sim_create_group") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t) :: status
    end function h5sim_create_group

    !> Tell what is at a path.
    function h5sim_exists(file, path, kind) bind(c, name="h5sim_exists") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), intent(inout) :: kind
      integer(c_int32_t) :: status
    end function h5sim_exists

    !> List the names in a group, as h5py's keys() does.
    function h5sim_keys(file, group, json_array) bind(c, name="h5sim_keys") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: group(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_keys

    !> Describe every object below a group.
    function h5sim_tree(file, group, json) bind(c, name="h5sim_tree") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: group(*)
      type(c_ptr), intent(inout) :: json
      integer(c_int32_t) :: status
    end function h5sim_tree

    !> Delete a dataset, or a group with all that is in it, or a link.
    function h5sim_delete(file, path) bind(c, name="h5sim_delete") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t) :: status
    end function h5sim_delete

    !> Move an object or a link to another path of its file, as h5py's move() does.
    function h5sim_move(file, from, to) bind(c, name="h5sim_move") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: from(*)
      character(kind=c_char), intent(in) :: to(*)
      integer(c_int32_t) :: status
    end function h5sim_move

    !> Copy a group with all that is in it, or a dataset, within a file or to another one, as h5py's copy() does.
    function h5sim_copy(file, from, target, to, options) bind(c, name="h5sim_copy") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: from(*)
      integer(c_int64_t), value :: target
      character(kind=c_char), intent(in) :: to(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_copy

    !> Make a link: another name of an object, or a path at which there is one.
    function h5sim_link(file, path, target, options) bind(c, name="h5sim_link") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: target(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_link

    !> Write an array to a new dataset, or over an existing one.
    function h5sim_write(file, path, dtype, rank, shape, strides, data, options) bind(c, name="h5sim_write") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_write

    !> Write a contiguous array of double to a new dataset.
    function h5sim_write_f64(file, path, rank, shape, data) bind(c, name="h5sim_write_f64") result(status)
      import :: c_char, c_double, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      real(c_double), intent(in) :: data(*)
      integer(c_int32_t) :: status
    end function h5sim_write_f64

    !> Create a dataset without data, to be filled by h5sim_write_slice() or h5sim_write_hyperslab().
    function h5sim_create(file, path, dtype, rank, shape, options) bind(c, name="h5sim_create") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_create

    !> Write into a part of an existing dataset.
    function h5sim_write_slice(file, path, slice, dtype, count, data) bind(c, name="h5sim_write_slice") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: slice(*)
      integer(c_int32_t), value :: dtype
      integer(c_int64_t), value :: count
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_write_slice

    !> Write an array with strides into a part of an existing dataset: a field inside its ghost cells, or a column-major array.
    function h5sim_write_from(file, path, slice, dtype, rank, shape, strides, data) &
      & bind(c, name="h5sim_write_from") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: slice(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_write_from

    !> Give the element type and the shape of a dataset.
    function h5sim_info(file, path, dtype, rank, shape) bind(c, name="h5sim_info") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), intent(inout) :: dtype
      integer(c_int32_t), intent(inout) :: rank
      integer(c_int64_t), intent(inout) :: shape(*)
      integer(c_int32_t) :: status
    end function h5sim_info

    !> Give the shape that a slice of a dataset has.
    function h5sim_slice_shape(file, path, slice, rank, shape) bind(c, name="h5sim_slice_shape") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: slice(*)
      integer(c_int32_t), intent(inout) :: rank
      integer(c_int64_t), intent(inout) :: shape(*)
      integer(c_int32_t) :: status
    end function h5sim_slice_shape

    !> Read a dataset, or a part of it.
    function h5sim_read(file, path, slice, dtype, capacity, data) bind(c, name="h5sim_read") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: slice(*)
      integer(c_int32_t), value :: dtype
      integer(c_int64_t), value :: capacity
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_read

    !> Read a dataset, or a part of it, as double.
    function h5sim_read_f64(file, path, slice, capacity, data) bind(c, name="h5sim_read_f64") result(status)
      import :: c_char, c_double, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: slice(*)
      integer(c_int64_t), value :: capacity
      real(c_double), intent(inout) :: data(*)
      integer(c_int32_t) :: status
    end function h5sim_read_f64

    !> Read a dataset, or a part of it, into an array with strides: a field inside its ghost cells, or a column-major array.
    function h5sim_read_into(file, path, slice, dtype, rank, shape, strides, data) bind(c, name="h5sim_read_into") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: slice(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_read_into

    !> Read a hyperslab of a dataset, in the terms of H5Sselect_hyperslab.
    function h5sim_read_hyperslab(file, path, dtype, rank, start, stride, count, block, capacity, data) &
      & bind(c, name="h5sim_read_hyperslab") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: start(*)
      type(c_ptr), value :: stride
      integer(c_int64_t), intent(in) :: count(*)
      type(c_ptr), value :: block
      integer(c_int64_t), value :: capacity
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_read_hyperslab

    !> Write a hyperslab of an existing dataset, in the terms of H5Sselect_hyperslab.
    function h5sim_write_hyperslab(file, path, dtype, rank, start, stride, count, block, available, data) &
      & bind(c, name="h5sim_write_hyperslab") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: start(*)
      type(c_ptr), value :: stride
      integer(c_int64_t), intent(in) :: count(*)
      type(c_ptr), value :: block
      integer(c_int64_t), value :: available
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_write_hyperslab

    !> Give a dataset other extents, as h5py's resize() does.
    function h5sim_resize(file, path, rank, shape) bind(c, name="h5sim_resize") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      integer(c_int32_t) :: status
    end function h5sim_resize

    !> Tell how a dataset is stored.
    function h5sim_layout(file, path, json) bind(c, name="h5sim_layout") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(inout) :: json
      integer(c_int32_t) :: status
    end function h5sim_layout

    !> Append a record to a dataset that grows along its first axis: one step of a time series.
    function h5sim_append(file, path, dtype, rank, shape, data, options) bind(c, name="h5sim_append") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: data
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_append

    !> Append a record of double to a dataset that grows along its first axis.
    function h5sim_append_f64(file, path, rank, shape, data) bind(c, name="h5sim_append_f64") result(status)
      import :: c_char, c_double, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      real(c_double), intent(in) :: data(*)
      integer(c_int32_t) :: status
    end function h5sim_append_f64

    !> Append a record with strides: the inside of a field with ghost cells, or a column-major array.
    function h5sim_append_from(file, path, dtype, rank, shape, strides, data, options) &
      & bind(c, name="h5sim_append_from") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_append_from

    !> Write a block of a larger array: the part that this process has of it.
    function h5sim_write_block(file, path, dtype, rank, global_shape, start, shape, strides, data, options) &
      & bind(c, name="h5sim_write_block") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: global_shape(*)
      integer(c_int64_t), intent(in) :: start(*)
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_write_block

    !> Append a record of which this process has a block: one step of a time series.
    function h5sim_append_block(file, path, dtype, rank, global_shape, start, shape, strides, data, options) &
      & bind(c, name="h5sim_append_block") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: global_shape(*)
      integer(c_int64_t), intent(in) :: start(*)
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_append_block

    !> Read a block of a dataset into memory with strides: this process's part of an array that any number of them wrote.
    function h5sim_read_block(file, path, dtype, rank, start, shape, strides, data) &
      & bind(c, name="h5sim_read_block") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: start(*)
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: strides
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_read_block

    !> Open or create one file that many ranks write and read together, each its own blocks of the arrays.
    function h5sim_open_ranks(path, mode, options, rank, ranks, allgather, context, file) &
      & bind(c, name="h5sim_open_ranks") result(status)
      import :: c_char, c_funptr, c_int32_t, c_int64_t, c_ptr
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: mode(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t), value :: rank
      integer(c_int32_t), value :: ranks
      type(c_funptr), value :: allgather
      type(c_ptr), value :: context
      integer(c_int64_t), intent(inout) :: file
      integer(c_int32_t) :: status
    end function h5sim_open_ranks

    !> Name the axes of a dataset, so that xarray, netCDF and h5py show them.
    function h5sim_set_dims(file, path, json_array) bind(c, name="h5sim_set_dims") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: json_array(*)
      integer(c_int32_t) :: status
    end function h5sim_set_dims

    !> Get the names of a dataset's axes, whichever program gave them.
    function h5sim_dims(file, path, json_array) bind(c, name="h5sim_dims") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_dims

    !> Cut a series to its first records.
    function h5sim_truncate(file, path, records) bind(c, name="h5sim_truncate") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int64_t), value :: records
      integer(c_int32_t) :: status
    end function h5sim_truncate

    !> Go back along an axis: cut every series of it to the records up to a value, for a job that starts again from a checkpoint.
    function h5sim_rewind(file, axis, value) bind(c, name="h5sim_rewind") result(status)
      import :: c_char, c_double, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: axis(*)
      real(c_double), value :: value
      integer(c_int32_t) :: status
    end function h5sim_rewind

    !> Add to a file what ParaView and VTK need to open it: the group VTKHDF, with links to datasets that are there.
    function h5sim_vtkhdf(file, options) bind(c, name="h5sim_vtkhdf") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_vtkhdf

    !> Write a text to a new scalar dataset, as h5py's create_dataset(path, data=np.bytes_(text)) does.
    function h5sim_write_text(file, path, text) bind(c, name="h5sim_write_text") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: text(*)
      integer(c_int32_t) :: status
    end function h5sim_write_text

    !> Write a text to a scalar dataset with options, such as over one that is there.
    function h5sim_write_text_with(file, path, text, options) bind(c, name="h5sim_write_text_with") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: text(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_write_text_with

    !> Append a text to a series of texts, such as the lines of a log.
    function h5sim_append_text(file, path, text) bind(c, name="h5sim_append_text") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: text(*)
      integer(c_int32_t) :: status
    end function h5sim_append_text

    !> Read a text dataset that holds one text, of fixed or variable length, by whatever program it was written.
    function h5sim_read_text(file, path, text) bind(c, name="h5sim_read_text") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(inout) :: text
      integer(c_int32_t) :: status
    end function h5sim_read_text

    !> Write an array of texts, such as species names, to a new dataset.
    function h5sim_write_texts(file, path, rank, shape, texts) bind(c, name="h5sim_write_texts") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), intent(in) :: texts(*)
      integer(c_int32_t) :: status
    end function h5sim_write_texts

    !> Write an array of texts with options, such as over one that is there.
    function h5sim_write_texts_with(file, path, rank, shape, texts, options) bind(c, name="h5sim_write_texts_with") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), intent(in) :: texts(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_write_texts_with

    !> Read a text dataset of any shape.
    function h5sim_read_texts(file, path, json_array) bind(c, name="h5sim_read_texts") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_read_texts

    !> Write metadata as JSON text to a new scalar dataset, as h5py's create_dataset(path, data=np.bytes_(json)) does.
    function h5sim_write_json(file, path, json) bind(c, name="h5sim_write_json") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: json(*)
      integer(c_int32_t) :: status
    end function h5sim_write_json

    !> Write metadata as JSON text with options, such as over what is there.
    function h5sim_write_json_with(file, path, json, options) bind(c, name="h5sim_write_json_with") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      character(kind=c_char), intent(in) :: json(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_write_json_with

    !> Read metadata that is kept as JSON text.
    function h5sim_read_json(file, path, json) bind(c, name="h5sim_read_json") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(inout) :: json
      integer(c_int32_t) :: status
    end function h5sim_read_json

    !> Set an attribute of a group or dataset, replacing one of that name.
    function h5sim_set_attr(file, object, name, dtype, rank, shape, data) bind(c, name="h5sim_set_attr") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int32_t), value :: dtype
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_set_attr

    !> Read an attribute.
    function h5sim_get_attr(file, object, name, dtype, capacity, data) bind(c, name="h5sim_get_attr") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int32_t), value :: dtype
      integer(c_int64_t), value :: capacity
      type(c_ptr), value :: data
      integer(c_int32_t) :: status
    end function h5sim_get_attr

    !> Set an attribute to a text, as h5py's attrs[name] = text does, replacing one of that name.
    function h5sim_set_attr_text(file, object, name, text) bind(c, name="h5sim_set_attr_text") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      character(kind=c_char), intent(in) :: text(*)
      integer(c_int32_t) :: status
    end function h5sim_set_attr_text

    !> Read an attribute that is one text, of fixed or variable length.
    function h5sim_get_attr_text(file, object, name, text) bind(c, name="h5sim_get_attr_text") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      type(c_ptr), intent(inout) :: text
      integer(c_int32_t) :: status
    end function h5sim_get_attr_text

    !> Set an attribute to an array of texts, as h5py's attrs[name] = ["x", "y"] does, replacing one of that name.
    function h5sim_set_attr_texts(file, object, name, rank, shape, texts, options) &
      & bind(c, name="h5sim_set_attr_texts") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int32_t), value :: rank
      integer(c_int64_t), intent(in) :: shape(*)
      type(c_ptr), intent(in) :: texts(*)
      character(kind=c_char), intent(in) :: options(*)
      integer(c_int32_t) :: status
    end function h5sim_set_attr_texts

    !> Read an attribute of texts, of fixed or variable length and of any shape.
    function h5sim_get_attr_texts(file, object, name, json_array) bind(c, name="h5sim_get_attr_texts") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_get_attr_texts

    !> Give the element type and the shape of an attribute.
    function h5sim_attr_info(file, object, name, dtype, rank, shape) bind(c, name="h5sim_attr_info") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int32_t), intent(inout) :: dtype
      integer(c_int32_t), intent(inout) :: rank
      integer(c_int64_t), intent(inout) :: shape(*)
      integer(c_int32_t) :: status
    end function h5sim_attr_info

    !> List the names of an object's attributes.
    function h5sim_attr_keys(file, object, json_array) bind(c, name="h5sim_attr_keys") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_attr_keys

    !> Delete an attribute.
    function h5sim_delete_attr(file, object, name) bind(c, name="h5sim_delete_attr") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      character(kind=c_char), intent(in) :: object(*)
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int32_t) :: status
    end function h5sim_delete_attr

    !> Make an empty JSON object, {}.
    function h5sim_json_new(document) bind(c, name="h5sim_json_new") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), intent(inout) :: document
      integer(c_int32_t) :: status
    end function h5sim_json_new

    !> Read a JSON text as Python's json.loads does.
    function h5sim_json_parse(json, document) bind(c, name="h5sim_json_parse") result(status)
      import :: c_char, c_int32_t, c_int64_t
      character(kind=c_char), intent(in) :: json(*)
      integer(c_int64_t), intent(inout) :: document
      integer(c_int32_t) :: status
    end function h5sim_json_parse

    !> Read a YAML text, such as an input file, as PyYAML's safe_load does.
    function h5sim_json_parse_yaml(yaml, document) bind(c, name="h5sim_json_parse_yaml") result(status)
      import :: c_char, c_int32_t, c_int64_t
      character(kind=c_char), intent(in) :: yaml(*)
      integer(c_int64_t), intent(inout) :: document
      integer(c_int32_t) :: status
    end function h5sim_json_parse_yaml

    !> Set a member to a number with a fraction.
    function h5sim_json_set_f64(document, pointer, value) bind(c, name="h5sim_json_set_f64") result(status)
      import :: c_char, c_double, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      real(c_double), value :: value
      integer(c_int32_t) :: status
    end function h5sim_json_set_f64

    !> Set a member to an integer.
    function h5sim_json_set_i64(document, pointer, value) bind(c, name="h5sim_json_set_i64") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int64_t), value :: value
      integer(c_int32_t) :: status
    end function h5sim_json_set_i64

    !> Set a member to true or false.
    function h5sim_json_set_bool(document, pointer, value) bind(c, name="h5sim_json_set_bool") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int32_t), value :: value
      integer(c_int32_t) :: status
    end function h5sim_json_set_bool

    !> Set a member to a string.
    function h5sim_json_set_text(document, pointer, value) bind(c, name="h5sim_json_set_text") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      character(kind=c_char), intent(in) :: value(*)
      integer(c_int32_t) :: status
    end function h5sim_json_set_text

    !> Set a member to null.
    function h5sim_json_set_null(document, pointer) bind(c, name="h5sim_json_set_null") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int32_t) :: status
    end function h5sim_json_set_null

    !> Set a member to any JSON value, given as text.
    function h5sim_json_set_json(document, pointer, value) bind(c, name="h5sim_json_set_json") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      character(kind=c_char), intent(in) :: value(*)
      integer(c_int32_t) :: status
    end function h5sim_json_set_json

    !> Remove a member or an element.
    function h5sim_json_remove(document, pointer) bind(c, name="h5sim_json_remove") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int32_t) :: status
    end function h5sim_json_remove

    !> Get a number as double.
    function h5sim_json_get_f64(document, pointer, value) bind(c, name="h5sim_json_get_f64") result(status)
      import :: c_char, c_double, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      real(c_double), intent(inout) :: value
      integer(c_int32_t) :: status
    end function h5sim_json_get_f64

    !> Get an integer.
    function h5sim_json_get_i64(document, pointer, value) bind(c, name="h5sim_json_get_i64") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int64_t), intent(inout) :: value
      integer(c_int32_t) :: status
    end function h5sim_json_get_i64

    !> Get true or false.
    function h5sim_json_get_bool(document, pointer, value) bind(c, name="h5sim_json_get_bool") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int32_t), intent(inout) :: value
      integer(c_int32_t) :: status
    end function h5sim_json_get_bool

    !> Get a string.
    function h5sim_json_get_text(document, pointer, value) bind(c, name="h5sim_json_get_text") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      type(c_ptr), intent(inout) :: value
      integer(c_int32_t) :: status
    end function h5sim_json_get_text

    !> Get any member as JSON text.
    function h5sim_json_get_json(document, pointer, value) bind(c, name="h5sim_json_get_json") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      type(c_ptr), intent(inout) :: value
      integer(c_int32_t) :: status
    end function h5sim_json_get_json

    !> Tell the type of a member.
    function h5sim_json_type(document, pointer, type_) bind(c, name="h5sim_json_type") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int32_t), intent(inout) :: type_
      integer(c_int32_t) :: status
    end function h5sim_json_type

    !> Tell how many elements an array has, or members an object.
    function h5sim_json_length(document, pointer, length) bind(c, name="h5sim_json_length") result(status)
      import :: c_char, c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      integer(c_int64_t), intent(inout) :: length
      integer(c_int32_t) :: status
    end function h5sim_json_length

    !> List the names of an object's members, in their order.
    function h5sim_json_keys(document, pointer, json_array) bind(c, name="h5sim_json_keys") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: pointer(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_json_keys

    !> Print a document as JSON text, as Python's json.dumps does: keys in their order, ", " and ": " between.
    function h5sim_json_dump(document, json) bind(c, name="h5sim_json_dump") result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      type(c_ptr), intent(inout) :: json
      integer(c_int32_t) :: status
    end function h5sim_json_dump

    !> Print a document as YAML text, as PyYAML's yaml.dump does: keys sorted, block style.
    function h5sim_json_dump_yaml(document, yaml) bind(c, name="h5sim_json_dump_yaml") result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      type(c_ptr), intent(inout) :: yaml
      integer(c_int32_t) :: status
    end function h5sim_json_dump_yaml

    !> Give the canonical form of a document: what Python's json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str)
    !> prints.
    function h5sim_json_canonical(document, text) bind(c, name="h5sim_json_canonical") result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      type(c_ptr), intent(inout) :: text
      integer(c_int32_t) :: status
    end function h5sim_json_canonical

    !> Give the first digits of the SHA-1 of the canonical form of a document (see h5sim_json_canonical).
    function h5sim_json_hash(document, digits, hex) bind(c, name="h5sim_json_hash") result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      integer(c_int32_t), value :: digits
      type(c_ptr), intent(inout) :: hex
      integer(c_int32_t) :: status
    end function h5sim_json_hash

    !> Give a file name made from the hash of a document: prefix, digits, suffix, such as "data_eba300792d.h5py".
    function h5sim_json_hash_name(document, prefix, digits, suffix, name) bind(c, name="h5sim_json_hash_name") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      integer(c_int64_t), value :: document
      character(kind=c_char), intent(in) :: prefix(*)
      integer(c_int32_t), value :: digits
      character(kind=c_char), intent(in) :: suffix(*)
      type(c_ptr), intent(inout) :: name
      integer(c_int32_t) :: status
    end function h5sim_json_hash_name

    !> Free a document. Its handle goes stale.
    function h5sim_json_free(document) bind(c, name="h5sim_json_free") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), value :: document
      integer(c_int32_t) :: status
    end function h5sim_json_free

    !> Give the canonical form of a JSON text: what Python's json.dumps(json.loads(text), ensure_ascii=True, sort_keys=True)
    !> prints.
    function h5sim_canonical_json(json, text) bind(c, name="h5sim_canonical_json") result(status)
      import :: c_char, c_int32_t, c_ptr
      character(kind=c_char), intent(in) :: json(*)
      type(c_ptr), intent(inout) :: text
      integer(c_int32_t) :: status
    end function h5sim_canonical_json

    !> Give the first digits of the SHA-1 of the canonical form of a JSON text (see h5sim_canonical_json).
    function h5sim_hash(json, digits, hex) bind(c, name="h5sim_hash") result(status)
      import :: c_char, c_int32_t, c_ptr
      character(kind=c_char), intent(in) :: json(*)
      integer(c_int32_t), value :: digits
      type(c_ptr), intent(inout) :: hex
      integer(c_int32_t) :: status
    end function h5sim_hash

    !> Give a file name made from the hash of metadata: prefix, digits, suffix, such as "data_eba300792d.h5py".
    function h5sim_hash_name(prefix, json, digits, suffix, name) bind(c, name="h5sim_hash_name") result(status)
      import :: c_char, c_int32_t, c_ptr
      character(kind=c_char), intent(in) :: prefix(*)
      character(kind=c_char), intent(in) :: json(*)
      integer(c_int32_t), value :: digits
      character(kind=c_char), intent(in) :: suffix(*)
      type(c_ptr), intent(inout) :: name
      integer(c_int32_t) :: status
    end function h5sim_hash_name

    !> Find the file of the run with these parameters, and claim the run unless it is finished.
    function h5sim_produce(directory, prefix, json, digits, suffix, options, path, state) &
      & bind(c, name="h5sim_produce") result(status)
      import :: c_char, c_int32_t, c_ptr
      character(kind=c_char), intent(in) :: directory(*)
      character(kind=c_char), intent(in) :: prefix(*)
      character(kind=c_char), intent(in) :: json(*)
      integer(c_int32_t), value :: digits
      character(kind=c_char), intent(in) :: suffix(*)
      character(kind=c_char), intent(in) :: options(*)
      type(c_ptr), intent(inout) :: path
      integer(c_int32_t), intent(inout) :: state
      integer(c_int32_t) :: status
    end function h5sim_produce

    !> Find the file of the run with these parameters, a document, and claim the run unless it is finished: see h5sim_produce().
    function h5sim_json_produce(directory, prefix, document, digits, suffix, options, path, state) &
      & bind(c, name="h5sim_json_produce") result(status)
      import :: c_char, c_int32_t, c_int64_t, c_ptr
      character(kind=c_char), intent(in) :: directory(*)
      character(kind=c_char), intent(in) :: prefix(*)
      integer(c_int64_t), value :: document
      integer(c_int32_t), value :: digits
      character(kind=c_char), intent(in) :: suffix(*)
      character(kind=c_char), intent(in) :: options(*)
      type(c_ptr), intent(inout) :: path
      integer(c_int32_t), intent(inout) :: state
      integer(c_int32_t) :: status
    end function h5sim_json_produce

    !> Tell whether this process has claimed a run by h5sim_produce(), and is to produce it.
    function h5sim_is_claimed(path, claimed) bind(c, name="h5sim_is_claimed") result(status)
      import :: c_char, c_int32_t
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t), intent(inout) :: claimed
      integer(c_int32_t) :: status
    end function h5sim_is_claimed

    !> Give back a run that was claimed by h5sim_produce() and is not finished, so that another process can go on with it.
    function h5sim_release(path) bind(c, name="h5sim_release") result(status)
      import :: c_char, c_int32_t
      character(kind=c_char), intent(in) :: path(*)
      integer(c_int32_t) :: status
    end function h5sim_release

    !> Mark the run in a file as finished, and commit: all that was written and the mark become durable as one step.
    function h5sim_finish(file) bind(c, name="h5sim_finish") result(status)
      import :: c_int32_t, c_int64_t
      integer(c_int64_t), value :: file
      integer(c_int32_t) :: status
    end function h5sim_finish

    !> Find the runs in a directory whose metadata match a query.
    function h5sim_find(directory, query, options, json_array) bind(c, name="h5sim_find") result(status)
      import :: c_char, c_int32_t, c_ptr
      character(kind=c_char), intent(in) :: directory(*)
      character(kind=c_char), intent(in) :: query(*)
      character(kind=c_char), intent(in) :: options(*)
      type(c_ptr), intent(inout) :: json_array
      integer(c_int32_t) :: status
    end function h5sim_find

  end interface

end module h5sim_c

!> What a Fortran program uses: files, arrays, metadata.
!>
!>     use h5sim
!>     type(h5sim_file) :: f
!>     real(real64), allocatable :: back(:, :)
!>
!>     call f%open("my_data.hdf5", "w")
!>     call f%write("timeseries/0", a)                  ! any of the types and ranks below, sections too
!>     call f%close()
!>
!>     call f%open("my_data.hdf5", "r")
!>     call f%read_allocate("timeseries/0", back)       ! allocates back to fit
!>     call f%read("timeseries/0", a)                   ! into an array of the right shape
!>     call f%read("timeseries/0", a(:, 1), slice="0")  ! a part, as in NumPy, in the file's (C) order of axes
!>     call f%read("timeseries/0", a(:, 1:1), start=[1, 1], count=[n, 1])   ! the same, in Fortran's order, from 1
!>     call f%close()
!>
!>     call f%append("energy", e)                       ! in the time loop: one record, along a last axis that grows
!>     call f%append_records("energy", many)            ! as many as the last axis of many has elements
!>
!>     call f%write_block("u", u(1:nx, 1:ny), global=[gx, gy], start=[ox + 1, oy + 1])   ! this rank's part of a whole
!>     call f%append_block("u", u(1:nx, 1:ny), global=[gx, gy], start=[ox + 1, oy + 1])  ! array, of a record of a
!>     call f%read_block("u", u(1:nx, 1:ny), start=[ox + 1, oy + 1])                     ! series, and of a dataset
!>
!>     call f%append("time", t, dims=["time"], attrs='{"units": "s"}')                              ! axes with names
!>     call f%append("u", u, dims=[character(4) :: "x", "y", "time"])                               ! for u(nx, ny)
!>     call f%vtkhdf(point_data=["u"], time="time", spacing=[dx, dy])                               ! for ParaView
!>     call f%rewind("time", t)                         ! a job that starts again: all series back to time t
!>
!> Types      real(real64), real(real32), integer(int64), integer(int32), integer(int16), integer(int8), complex(real64),
!>            complex(real32), logical, of ranks 0 to 7; character scalars and lists; type(h5sim_json) documents.
!> Options    by keywords, call f%write("u", u, compression="gzip", compression_opts=4, chunks=[64, 64]), or as JSON text, which
!>            h5sim_options(compression="gzip") makes: options=text. A keyword goes before the same option in the text.
!> Order      of axes: a(3,4) is (4,3) in h5py and h5dump, and no data moves. Texts given to the library (slices, "chunks" in
!>            options) are in the file's order; arrays (start, count, stride, shape, names of axes) are in Fortran's.
!> Failures   every procedure takes stat= and errmsg=, as allocate does: stat is 0 or one of H5SIM_ERR_*, errmsg gets the
!>            sentence. Without stat= a failure stops the program, with the sentence on the error unit.
!> Texts      trailing blanks are dropped from what goes in.
!> Styles     call f%write("x", a) and call h5sim_write(f, "x", a) are the same; so with every procedure.
!> Reading    read_allocate has a name of its own, because Fortran does not tell an allocatable dummy argument
!>            from any other in a generic. An array that has the shape already is kept with its bounds and read into, as an
!>            assignment does it; any other is allocated anew, and is not allocated after a failure to read.
module h5sim
  use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_f_pointer, c_funptr, c_int32_t, c_int64_t, c_int8_t, &
    & c_intptr_t, c_loc, c_null_char, c_null_ptr, c_ptr, c_size_t
  use, intrinsic :: iso_fortran_env, only: error_unit, int16, int32, int64, int8, output_unit, real32, real64
  use h5sim_c, only: &
    & c_version => h5sim_version, &
    & c_hdf5_version => h5sim_hdf5_version, &
    & c_has_feature => h5sim_has_feature, &
    & c_last_error => h5sim_last_error, &
    & c_status_name => h5sim_status_name, &
    & c_free => h5sim_free, &
    & c_finalize => h5sim_finalize, &
    & c_open => h5sim_open, &
    & c_open_mpi => h5sim_open_mpi, &
    & c_commit => h5sim_commit, &
    & c_file_path => h5sim_file_path, &
    & c_file_mode => h5sim_file_mode, &
    & c_close => h5sim_close, &
    & c_discard => h5sim_discard, &
    & c_is_open => h5sim_is_open, &
    & c_create_group => h5sim_create_group, &
    & c_exists => h5sim_exists, &
    & c_keys => h5sim_keys, &
    & c_tree => h5sim_tree, &
    & c_delete => h5sim_delete, &
    & c_move => h5sim_move, &
    & c_copy => h5sim_copy, &
    & c_link => h5sim_link, &
    & c_write => h5sim_write, &
    & c_write_f64 => h5sim_write_f64, &
    & c_create => h5sim_create, &
    & c_write_slice => h5sim_write_slice, &
    & c_write_from => h5sim_write_from, &
    & c_info => h5sim_info, &
    & c_slice_shape => h5sim_slice_shape, &
    & c_read => h5sim_read, &
    & c_read_f64 => h5sim_read_f64, &
    & c_read_into => h5sim_read_into, &
    & c_read_hyperslab => h5sim_read_hyperslab, &
    & c_write_hyperslab => h5sim_write_hyperslab, &
    & c_resize => h5sim_resize, &
    & c_layout => h5sim_layout, &
    & c_append => h5sim_append, &
    & c_append_f64 => h5sim_append_f64, &
    & c_append_from => h5sim_append_from, &
    & c_write_block => h5sim_write_block, &
    & c_append_block => h5sim_append_block, &
    & c_read_block => h5sim_read_block, &
    & c_open_ranks => h5sim_open_ranks, &
    & c_set_dims => h5sim_set_dims, &
    & c_dims => h5sim_dims, &
    & c_truncate => h5sim_truncate, &
    & c_rewind => h5sim_rewind, &
    & c_vtkhdf => h5sim_vtkhdf, &
    & c_write_text => h5sim_write_text, &
    & c_write_text_with => h5sim_write_text_with, &
    & c_append_text => h5sim_append_text, &
    & c_read_text => h5sim_read_text, &
    & c_write_texts => h5sim_write_texts, &
    & c_write_texts_with => h5sim_write_texts_with, &
    & c_read_texts => h5sim_read_texts, &
    & c_write_json => h5sim_write_json, &
    & c_write_json_with => h5sim_write_json_with, &
    & c_read_json => h5sim_read_json, &
    & c_set_attr => h5sim_set_attr, &
    & c_get_attr => h5sim_get_attr, &
    & c_set_attr_text => h5sim_set_attr_text, &
    & c_get_attr_text => h5sim_get_attr_text, &
    & c_set_attr_texts => h5sim_set_attr_texts, &
    & c_get_attr_texts => h5sim_get_attr_texts, &
    & c_attr_info => h5sim_attr_info, &
    & c_attr_keys => h5sim_attr_keys, &
    & c_delete_attr => h5sim_delete_attr, &
    & c_json_new => h5sim_json_new, &
    & c_json_parse => h5sim_json_parse, &
    & c_json_parse_yaml => h5sim_json_parse_yaml, &
    & c_json_set_f64 => h5sim_json_set_f64, &
    & c_json_set_i64 => h5sim_json_set_i64, &
    & c_json_set_bool => h5sim_json_set_bool, &
    & c_json_set_text => h5sim_json_set_text, &
    & c_json_set_null => h5sim_json_set_null, &
    & c_json_set_json => h5sim_json_set_json, &
    & c_json_remove => h5sim_json_remove, &
    & c_json_get_f64 => h5sim_json_get_f64, &
    & c_json_get_i64 => h5sim_json_get_i64, &
    & c_json_get_bool => h5sim_json_get_bool, &
    & c_json_get_text => h5sim_json_get_text, &
    & c_json_get_json => h5sim_json_get_json, &
    & c_json_type => h5sim_json_type, &
    & c_json_length => h5sim_json_length, &
    & c_json_keys => h5sim_json_keys, &
    & c_json_dump => h5sim_json_dump, &
    & c_json_dump_yaml => h5sim_json_dump_yaml, &
    & c_json_canonical => h5sim_json_canonical, &
    & c_json_hash => h5sim_json_hash, &
    & c_json_hash_name => h5sim_json_hash_name, &
    & c_json_free => h5sim_json_free, &
    & c_canonical_json => h5sim_canonical_json, &
    & c_hash => h5sim_hash, &
    & c_hash_name => h5sim_hash_name, &
    & c_produce => h5sim_produce, &
    & c_json_produce => h5sim_json_produce, &
    & c_is_claimed => h5sim_is_claimed, &
    & c_release => h5sim_release, &
    & c_finish => h5sim_finish, &
    & c_find => h5sim_find, &
    & H5SIM_VERSION_MAJOR, &
    & H5SIM_VERSION_MINOR, &
    & H5SIM_VERSION_PATCH, &
    & H5SIM_MAX_RANK, &
    & H5SIM_F64, &
    & H5SIM_F32, &
    & H5SIM_I64, &
    & H5SIM_I32, &
    & H5SIM_I16, &
    & H5SIM_I8, &
    & H5SIM_U64, &
    & H5SIM_U32, &
    & H5SIM_U16, &
    & H5SIM_U8, &
    & H5SIM_BOOL, &
    & H5SIM_C128, &
    & H5SIM_C64, &
    & H5SIM_TEXT, &
    & H5SIM_OTHER, &
    & H5SIM_NONE, &
    & H5SIM_GROUP, &
    & H5SIM_DATASET, &
    & H5SIM_DATATYPE, &
    & H5SIM_JSON_NULL, &
    & H5SIM_JSON_BOOL, &
    & H5SIM_JSON_INTEGER, &
    & H5SIM_JSON_FLOAT, &
    & H5SIM_JSON_TEXT, &
    & H5SIM_JSON_ARRAY, &
    & H5SIM_JSON_OBJECT, &
    & H5SIM_RUN_ABSENT, &
    & H5SIM_RUN_UNFINISHED, &
    & H5SIM_RUN_FINISHED, &
    & H5SIM_OK, &
    & H5SIM_ERR_ARGUMENT, &
    & H5SIM_ERR_HANDLE, &
    & H5SIM_ERR_NOT_FOUND, &
    & H5SIM_ERR_EXISTS, &
    & H5SIM_ERR_SHAPE, &
    & H5SIM_ERR_TYPE, &
    & H5SIM_ERR_JSON, &
    & H5SIM_ERR_IO, &
    & H5SIM_ERR_FORMAT, &
    & H5SIM_ERR_LOCKED, &
    & H5SIM_ERR_READ_ONLY, &
    & H5SIM_ERR_UNSUPPORTED, &
    & H5SIM_ERR_INTERNAL
  implicit none
  private

  public :: H5SIM_VERSION_MAJOR
  public :: H5SIM_VERSION_MINOR
  public :: H5SIM_VERSION_PATCH
  public :: H5SIM_MAX_RANK
  public :: H5SIM_F64
  public :: H5SIM_F32
  public :: H5SIM_I64
  public :: H5SIM_I32
  public :: H5SIM_I16
  public :: H5SIM_I8
  public :: H5SIM_U64
  public :: H5SIM_U32
  public :: H5SIM_U16
  public :: H5SIM_U8
  public :: H5SIM_BOOL
  public :: H5SIM_C128
  public :: H5SIM_C64
  public :: H5SIM_TEXT
  public :: H5SIM_OTHER
  public :: H5SIM_NONE
  public :: H5SIM_GROUP
  public :: H5SIM_DATASET
  public :: H5SIM_DATATYPE
  public :: H5SIM_JSON_NULL
  public :: H5SIM_JSON_BOOL
  public :: H5SIM_JSON_INTEGER
  public :: H5SIM_JSON_FLOAT
  public :: H5SIM_JSON_TEXT
  public :: H5SIM_JSON_ARRAY
  public :: H5SIM_JSON_OBJECT
  public :: H5SIM_RUN_ABSENT
  public :: H5SIM_RUN_UNFINISHED
  public :: H5SIM_RUN_FINISHED
  public :: H5SIM_OK
  public :: H5SIM_ERR_ARGUMENT
  public :: H5SIM_ERR_HANDLE
  public :: H5SIM_ERR_NOT_FOUND
  public :: H5SIM_ERR_EXISTS
  public :: H5SIM_ERR_SHAPE
  public :: H5SIM_ERR_TYPE
  public :: H5SIM_ERR_JSON
  public :: H5SIM_ERR_IO
  public :: H5SIM_ERR_FORMAT
  public :: H5SIM_ERR_LOCKED
  public :: H5SIM_ERR_READ_ONLY
  public :: H5SIM_ERR_UNSUPPORTED
  public :: H5SIM_ERR_INTERNAL
  public :: h5sim_file, h5sim_json
  public :: h5sim_version
  public :: h5sim_hdf5_version
  public :: h5sim_has_feature
  public :: h5sim_last_error
  public :: h5sim_status_name
  public :: h5sim_finalize
  public :: h5sim_canonical_json, h5sim_hash, h5sim_hash_name, h5sim_options
  public :: h5sim_produce, h5sim_is_claimed, h5sim_release, h5sim_find
  public :: h5sim_open
  public :: h5sim_open_ranks
  public :: h5sim_open_mpi
  public :: h5sim_is_open
  public :: h5sim_filename
  public :: h5sim_mode
  public :: h5sim_close
  public :: h5sim_discard
  public :: h5sim_commit
  public :: h5sim_finish
  public :: h5sim_create_group
  public :: h5sim_delete
  public :: h5sim_move
  public :: h5sim_copy
  public :: h5sim_link
  public :: h5sim_exists
  public :: h5sim_object_kind
  public :: h5sim_keys
  public :: h5sim_tree
  public :: h5sim_create
  public :: h5sim_shape
  public :: h5sim_info
  public :: h5sim_resize
  public :: h5sim_layout
  public :: h5sim_write_text
  public :: h5sim_read_text
  public :: h5sim_write_texts
  public :: h5sim_read_texts
  public :: h5sim_read_json
  public :: h5sim_attr_info
  public :: h5sim_attr_keys
  public :: h5sim_delete_attr
  public :: h5sim_set_dims
  public :: h5sim_dims
  public :: h5sim_vtkhdf
  public :: h5sim_write
  public :: h5sim_read
  public :: h5sim_read_allocate
  public :: h5sim_append
  public :: h5sim_append_records
  public :: h5sim_write_block
  public :: h5sim_append_block
  public :: h5sim_read_block
  public :: h5sim_write_json
  public :: h5sim_set_attr
  public :: h5sim_get_attr
  public :: h5sim_truncate
  public :: h5sim_rewind
  public :: h5sim_json_new
  public :: h5sim_json_parse
  public :: h5sim_json_parse_yaml
  public :: h5sim_json_parse_yaml_file
  public :: h5sim_json_set_null
  public :: h5sim_json_set_json
  public :: h5sim_json_get_text
  public :: h5sim_json_get_json
  public :: h5sim_json_has
  public :: h5sim_json_type
  public :: h5sim_json_length
  public :: h5sim_json_keys
  public :: h5sim_json_remove
  public :: h5sim_json_dump
  public :: h5sim_json_dump_yaml
  public :: h5sim_json_free
  public :: h5sim_json_set
  public :: h5sim_json_get

  !> A JSON document in memory; an unset one becomes {} at the first set. Copies share the document; free() ends it.
  type :: h5sim_json
    !> The handle of the C interface; 0 is none.
    integer(c_int64_t) :: handle = 0
  contains
    procedure :: new => json_new
    procedure :: parse => json_parse
    procedure :: parse_yaml => json_parse_yaml
    procedure :: parse_yaml_file => json_parse_yaml_file
    procedure :: set_null => json_set_null
    procedure :: set_json => json_set_json
    procedure :: get_text => json_get_text
    procedure :: get_json => json_get_json
    procedure :: has => json_has
    procedure :: type => json_type
    procedure :: length => json_length
    procedure :: keys => json_keys
    procedure :: remove => json_remove
    procedure :: dump => json_dump
    procedure :: dump_yaml => json_dump_yaml
    procedure :: free => json_free
    procedure, private :: json_set_f64_0
    procedure, private :: json_set_f64_1
    procedure, private :: json_set_f32_0
    procedure, private :: json_set_f32_1
    procedure, private :: json_set_i64_0
    procedure, private :: json_set_i64_1
    procedure, private :: json_set_i32_0
    procedure, private :: json_set_i32_1
    procedure, private :: json_set_bool_0
    procedure, private :: json_set_bool_1
    procedure, private :: json_set_text_0
    !> Set the member at a JSON pointer to a number, a logical, a list of these, or a text.
    generic :: set => &
      & json_set_f64_0, &
      & json_set_f64_1, &
      & json_set_f32_0, &
      & json_set_f32_1, &
      & json_set_i64_0, &
      & json_set_i64_1, &
      & json_set_i32_0, &
      & json_set_i32_1, &
      & json_set_bool_0, &
      & json_set_bool_1, &
      & json_set_text_0
    procedure, private :: json_get_f64_0
    procedure, private :: json_get_f64_1
    procedure, private :: json_get_f32_0
    procedure, private :: json_get_f32_1
    procedure, private :: json_get_i64_0
    procedure, private :: json_get_i64_1
    procedure, private :: json_get_i32_0
    procedure, private :: json_get_i32_1
    procedure, private :: json_get_bool_0
    procedure, private :: json_get_bool_1
    procedure, private :: json_get_text_0
    !> Get the member at a JSON pointer as a number, a logical, a list of these, or a text.
    generic :: get => &
      & json_get_f64_0, &
      & json_get_f64_1, &
      & json_get_f32_0, &
      & json_get_f32_1, &
      & json_get_i64_0, &
      & json_get_i64_1, &
      & json_get_i32_0, &
      & json_get_i32_1, &
      & json_get_bool_0, &
      & json_get_bool_1, &
      & json_get_text_0
  end type h5sim_json

  !> An open file. Copies share the file; close() ends it.
  type :: h5sim_file
    !> The handle of the C interface; 0 is none.
    integer(c_int64_t) :: handle = 0
    !> The path it was opened by, for the sentences of failures.
    character(:), allocatable, private :: path
  contains
    procedure :: open => file_open
    procedure :: open_ranks => file_open_ranks
    procedure :: open_mpi => file_open_mpi
    procedure :: is_open => file_is_open
    procedure :: filename => file_filename
    procedure :: mode => file_mode
    procedure :: close => file_close
    procedure :: discard => file_discard
    procedure :: commit => file_commit
    procedure :: finish => file_finish
    procedure :: create_group => file_create_group
    procedure :: delete => file_delete
    procedure :: move => file_move
    procedure :: copy => file_copy
    procedure :: link => file_link
    procedure :: exists => file_exists
    procedure :: object_kind => file_object_kind
    procedure :: keys => file_keys
    procedure :: tree => file_tree
    procedure :: create => file_create
    procedure :: shape => file_shape
    procedure :: info => file_info
    procedure :: resize => file_resize
    procedure :: layout => file_layout
    procedure :: write_text => file_write_text
    procedure :: read_text => file_read_text
    procedure :: write_texts => file_write_texts
    procedure :: read_texts => file_read_texts
    procedure :: read_json => file_read_json
    procedure :: attr_info => file_attr_info
    procedure :: attr_keys => file_attr_keys
    procedure :: delete_attr => file_delete_attr
    procedure :: set_dims => file_set_dims
    procedure :: dims => file_dims
    procedure :: vtkhdf => file_vtkhdf
    procedure, private :: write_f64
    procedure, private :: write_f32
    procedure, private :: write_i64
    procedure, private :: write_i32
    procedure, private :: write_i16
    procedure, private :: write_i8
    procedure, private :: write_c128
    procedure, private :: write_c64
    procedure, private :: write_bool
    procedure, private :: write_text_value
    procedure, private :: write_texts_value
    procedure, private :: write_document_value
    !> Write an array, a text, a list of texts or a document to a new dataset, or over one.
    generic :: write => &
      & write_f64, &
      & write_f32, &
      & write_i64, &
      & write_i32, &
      & write_i16, &
      & write_i8, &
      & write_c128, &
      & write_c64, &
      & write_bool, &
      & write_text_value, &
      & write_texts_value, &
      & write_document_value
    procedure, private :: read_f64
    procedure, private :: read_f32
    procedure, private :: read_i64
    procedure, private :: read_i32
    procedure, private :: read_i16
    procedure, private :: read_i8
    procedure, private :: read_c128
    procedure, private :: read_c64
    procedure, private :: read_bool
    procedure, private :: read_text_value
    procedure, private :: read_document_value
    !> Read a dataset, or a part of it, into an array of its shape, a text or a document.
    generic :: read => &
      & read_f64, &
      & read_f32, &
      & read_i64, &
      & read_i32, &
      & read_i16, &
      & read_i8, &
      & read_c128, &
      & read_c64, &
      & read_bool, &
      & read_text_value, &
      & read_document_value
    procedure, private :: read_allocate_f64
    procedure, private :: read_allocate_f32
    procedure, private :: read_allocate_i64
    procedure, private :: read_allocate_i32
    procedure, private :: read_allocate_i16
    procedure, private :: read_allocate_i8
    procedure, private :: read_allocate_c128
    procedure, private :: read_allocate_c64
    procedure, private :: read_allocate_bool
    !> Read a dataset, or a part of it, into an allocatable array, which is allocated to fit unless it fits already.
    generic :: read_allocate => &
      & read_allocate_f64, &
      & read_allocate_f32, &
      & read_allocate_i64, &
      & read_allocate_i32, &
      & read_allocate_i16, &
      & read_allocate_i8, &
      & read_allocate_c128, &
      & read_allocate_c64, &
      & read_allocate_bool
    procedure, private :: append_f64
    procedure, private :: append_f32
    procedure, private :: append_i64
    procedure, private :: append_i32
    procedure, private :: append_i16
    procedure, private :: append_i8
    procedure, private :: append_c128
    procedure, private :: append_c64
    procedure, private :: append_bool
    procedure, private :: append_text_value
    !> Append a record along a last axis that grows, or a text to a log.
    generic :: append => &
      & append_f64, &
      & append_f32, &
      & append_i64, &
      & append_i32, &
      & append_i16, &
      & append_i8, &
      & append_c128, &
      & append_c64, &
      & append_bool, &
      & append_text_value
    procedure, private :: append_records_f64
    procedure, private :: append_records_f32
    procedure, private :: append_records_i64
    procedure, private :: append_records_i32
    procedure, private :: append_records_i16
    procedure, private :: append_records_i8
    procedure, private :: append_records_c128
    procedure, private :: append_records_c64
    procedure, private :: append_records_bool
    !> Append as many records as the last axis of the array has elements.
    generic :: append_records => &
      & append_records_f64, &
      & append_records_f32, &
      & append_records_i64, &
      & append_records_i32, &
      & append_records_i16, &
      & append_records_i8, &
      & append_records_c128, &
      & append_records_c64, &
      & append_records_bool
    procedure, private :: write_block_f64
    procedure, private :: write_block_f32
    procedure, private :: write_block_i64
    procedure, private :: write_block_i32
    procedure, private :: write_block_i16
    procedure, private :: write_block_i8
    procedure, private :: write_block_c128
    procedure, private :: write_block_c64
    procedure, private :: write_block_bool
    !> Write the block of a larger array, of shape global, that begins at start and is this process's.
    generic :: write_block => &
      & write_block_f64, &
      & write_block_f32, &
      & write_block_i64, &
      & write_block_i32, &
      & write_block_i16, &
      & write_block_i8, &
      & write_block_c128, &
      & write_block_c64, &
      & write_block_bool
    procedure, private :: append_block_f64
    procedure, private :: append_block_f32
    procedure, private :: append_block_i64
    procedure, private :: append_block_i32
    procedure, private :: append_block_i16
    procedure, private :: append_block_i8
    procedure, private :: append_block_c128
    procedure, private :: append_block_c64
    procedure, private :: append_block_bool
    !> Append a record, of shape global, of which this process has the block that begins at start.
    generic :: append_block => &
      & append_block_f64, &
      & append_block_f32, &
      & append_block_i64, &
      & append_block_i32, &
      & append_block_i16, &
      & append_block_i8, &
      & append_block_c128, &
      & append_block_c64, &
      & append_block_bool
    procedure, private :: read_block_f64
    procedure, private :: read_block_f32
    procedure, private :: read_block_i64
    procedure, private :: read_block_i32
    procedure, private :: read_block_i16
    procedure, private :: read_block_i8
    procedure, private :: read_block_c128
    procedure, private :: read_block_c64
    procedure, private :: read_block_bool
    !> Read the block of a dataset that begins at start and has the shape of the array.
    generic :: read_block => &
      & read_block_f64, &
      & read_block_f32, &
      & read_block_i64, &
      & read_block_i32, &
      & read_block_i16, &
      & read_block_i8, &
      & read_block_c128, &
      & read_block_c64, &
      & read_block_bool
    procedure, private :: write_json_text
    procedure, private :: write_json_document
    !> Write metadata, given as JSON text or as a document, to a scalar dataset.
    generic :: write_json => &
      & write_json_text, &
      & write_json_document
    procedure, private :: set_attr_f64
    procedure, private :: set_attr_f32
    procedure, private :: set_attr_i64
    procedure, private :: set_attr_i32
    procedure, private :: set_attr_i16
    procedure, private :: set_attr_i8
    procedure, private :: set_attr_c128
    procedure, private :: set_attr_c64
    procedure, private :: set_attr_bool
    procedure, private :: set_attr_text
    procedure, private :: set_attr_texts
    !> Set an attribute to an array, a text or a list of texts, replacing one of that name.
    generic :: set_attr => &
      & set_attr_f64, &
      & set_attr_f32, &
      & set_attr_i64, &
      & set_attr_i32, &
      & set_attr_i16, &
      & set_attr_i8, &
      & set_attr_c128, &
      & set_attr_c64, &
      & set_attr_bool, &
      & set_attr_text, &
      & set_attr_texts
    procedure, private :: get_attr_f64
    procedure, private :: get_attr_f32
    procedure, private :: get_attr_i64
    procedure, private :: get_attr_i32
    procedure, private :: get_attr_i16
    procedure, private :: get_attr_i8
    procedure, private :: get_attr_c128
    procedure, private :: get_attr_c64
    procedure, private :: get_attr_bool
    procedure, private :: get_attr_text
    procedure, private :: get_attr_texts
    !> Read an attribute into an array of its shape, a text or a list of texts.
    generic :: get_attr => &
      & get_attr_f64, &
      & get_attr_f32, &
      & get_attr_i64, &
      & get_attr_i32, &
      & get_attr_i16, &
      & get_attr_i8, &
      & get_attr_c128, &
      & get_attr_c64, &
      & get_attr_bool, &
      & get_attr_text, &
      & get_attr_texts
    procedure, private :: truncate_i32
    procedure, private :: truncate_i64
    !> Cut a series to its first records.
    generic :: truncate => &
      & truncate_i32, &
      & truncate_i64
    procedure, private :: rewind_f64
    procedure, private :: rewind_f32
    !> Cut every series along an axis to the records whose coordinate is up to a value, in one commit.
    generic :: rewind => &
      & rewind_f64, &
      & rewind_f32
  end type h5sim_file

  ! The same procedures by their plain names. All are generics, because some compilers take a module's procedure and a
  ! function of the library for the same thing when their names are the same.
  interface h5sim_version
    module procedure library_version
  end interface h5sim_version
  interface h5sim_hdf5_version
    module procedure library_hdf5_version
  end interface h5sim_hdf5_version
  interface h5sim_has_feature
    module procedure library_has_feature
  end interface h5sim_has_feature
  interface h5sim_last_error
    module procedure library_last_error
  end interface h5sim_last_error
  interface h5sim_status_name
    module procedure library_status_name
  end interface h5sim_status_name
  interface h5sim_finalize
    module procedure library_finalize
  end interface h5sim_finalize
  interface h5sim_open
    module procedure file_open
  end interface h5sim_open
  interface h5sim_open_ranks
    module procedure file_open_ranks
  end interface h5sim_open_ranks
  interface h5sim_open_mpi
    module procedure file_open_mpi
  end interface h5sim_open_mpi
  interface h5sim_is_open
    module procedure file_is_open
  end interface h5sim_is_open
  interface h5sim_filename
    module procedure file_filename
  end interface h5sim_filename
  interface h5sim_mode
    module procedure file_mode
  end interface h5sim_mode
  interface h5sim_close
    module procedure file_close
  end interface h5sim_close
  interface h5sim_discard
    module procedure file_discard
  end interface h5sim_discard
  interface h5sim_commit
    module procedure file_commit
  end interface h5sim_commit
  interface h5sim_finish
    module procedure file_finish
  end interface h5sim_finish
  interface h5sim_create_group
    module procedure file_create_group
  end interface h5sim_create_group
  interface h5sim_delete
    module procedure file_delete
  end interface h5sim_delete
  interface h5sim_move
    module procedure file_move
  end interface h5sim_move
  interface h5sim_copy
    module procedure file_copy
  end interface h5sim_copy
  interface h5sim_link
    module procedure file_link
  end interface h5sim_link
  interface h5sim_exists
    module procedure file_exists
  end interface h5sim_exists
  interface h5sim_object_kind
    module procedure file_object_kind
  end interface h5sim_object_kind
  interface h5sim_keys
    module procedure file_keys
  end interface h5sim_keys
  interface h5sim_tree
    module procedure file_tree
  end interface h5sim_tree
  interface h5sim_create
    module procedure file_create
  end interface h5sim_create
  interface h5sim_shape
    module procedure file_shape
  end interface h5sim_shape
  interface h5sim_info
    module procedure file_info
  end interface h5sim_info
  interface h5sim_resize
    module procedure file_resize
  end interface h5sim_resize
  interface h5sim_layout
    module procedure file_layout
  end interface h5sim_layout
  interface h5sim_write_text
    module procedure file_write_text
  end interface h5sim_write_text
  interface h5sim_read_text
    module procedure file_read_text
  end interface h5sim_read_text
  interface h5sim_write_texts
    module procedure file_write_texts
  end interface h5sim_write_texts
  interface h5sim_read_texts
    module procedure file_read_texts
  end interface h5sim_read_texts
  interface h5sim_read_json
    module procedure file_read_json
  end interface h5sim_read_json
  interface h5sim_attr_info
    module procedure file_attr_info
  end interface h5sim_attr_info
  interface h5sim_attr_keys
    module procedure file_attr_keys
  end interface h5sim_attr_keys
  interface h5sim_delete_attr
    module procedure file_delete_attr
  end interface h5sim_delete_attr
  interface h5sim_set_dims
    module procedure file_set_dims
  end interface h5sim_set_dims
  interface h5sim_dims
    module procedure file_dims
  end interface h5sim_dims
  interface h5sim_vtkhdf
    module procedure file_vtkhdf
  end interface h5sim_vtkhdf
  interface h5sim_json_new
    module procedure json_new
  end interface h5sim_json_new
  interface h5sim_json_parse
    module procedure json_parse
  end interface h5sim_json_parse
  interface h5sim_json_parse_yaml
    module procedure json_parse_yaml
  end interface h5sim_json_parse_yaml
  interface h5sim_json_parse_yaml_file
    module procedure json_parse_yaml_file
  end interface h5sim_json_parse_yaml_file
  interface h5sim_json_set_null
    module procedure json_set_null
  end interface h5sim_json_set_null
  interface h5sim_json_set_json
    module procedure json_set_json
  end interface h5sim_json_set_json
  interface h5sim_json_get_text
    module procedure json_get_text
  end interface h5sim_json_get_text
  interface h5sim_json_get_json
    module procedure json_get_json
  end interface h5sim_json_get_json
  interface h5sim_json_has
    module procedure json_has
  end interface h5sim_json_has
  interface h5sim_json_type
    module procedure json_type
  end interface h5sim_json_type
  interface h5sim_json_length
    module procedure json_length
  end interface h5sim_json_length
  interface h5sim_json_keys
    module procedure json_keys
  end interface h5sim_json_keys
  interface h5sim_json_remove
    module procedure json_remove
  end interface h5sim_json_remove
  interface h5sim_json_dump
    module procedure json_dump
  end interface h5sim_json_dump
  interface h5sim_json_dump_yaml
    module procedure json_dump_yaml
  end interface h5sim_json_dump_yaml
  interface h5sim_json_free
    module procedure json_free
  end interface h5sim_json_free
  interface h5sim_write
    module procedure &
      & write_f64, &
      & write_f32, &
      & write_i64, &
      & write_i32, &
      & write_i16, &
      & write_i8, &
      & write_c128, &
      & write_c64, &
      & write_bool, &
      & write_text_value, &
      & write_texts_value, &
      & write_document_value
  end interface h5sim_write
  interface h5sim_read
    module procedure &
      & read_f64, &
      & read_f32, &
      & read_i64, &
      & read_i32, &
      & read_i16, &
      & read_i8, &
      & read_c128, &
      & read_c64, &
      & read_bool, &
      & read_text_value, &
      & read_document_value
  end interface h5sim_read
  interface h5sim_read_allocate
    module procedure &
      & read_allocate_f64, &
      & read_allocate_f32, &
      & read_allocate_i64, &
      & read_allocate_i32, &
      & read_allocate_i16, &
      & read_allocate_i8, &
      & read_allocate_c128, &
      & read_allocate_c64, &
      & read_allocate_bool
  end interface h5sim_read_allocate
  interface h5sim_append
    module procedure &
      & append_f64, &
      & append_f32, &
      & append_i64, &
      & append_i32, &
      & append_i16, &
      & append_i8, &
      & append_c128, &
      & append_c64, &
      & append_bool, &
      & append_text_value
  end interface h5sim_append
  interface h5sim_append_records
    module procedure &
      & append_records_f64, &
      & append_records_f32, &
      & append_records_i64, &
      & append_records_i32, &
      & append_records_i16, &
      & append_records_i8, &
      & append_records_c128, &
      & append_records_c64, &
      & append_records_bool
  end interface h5sim_append_records
  interface h5sim_write_block
    module procedure &
      & write_block_f64, &
      & write_block_f32, &
      & write_block_i64, &
      & write_block_i32, &
      & write_block_i16, &
      & write_block_i8, &
      & write_block_c128, &
      & write_block_c64, &
      & write_block_bool
  end interface h5sim_write_block
  interface h5sim_append_block
    module procedure &
      & append_block_f64, &
      & append_block_f32, &
      & append_block_i64, &
      & append_block_i32, &
      & append_block_i16, &
      & append_block_i8, &
      & append_block_c128, &
      & append_block_c64, &
      & append_block_bool
  end interface h5sim_append_block
  interface h5sim_read_block
    module procedure &
      & read_block_f64, &
      & read_block_f32, &
      & read_block_i64, &
      & read_block_i32, &
      & read_block_i16, &
      & read_block_i8, &
      & read_block_c128, &
      & read_block_c64, &
      & read_block_bool
  end interface h5sim_read_block
  interface h5sim_write_json
    module procedure &
      & write_json_text, &
      & write_json_document
  end interface h5sim_write_json
  interface h5sim_set_attr
    module procedure &
      & set_attr_f64, &
      & set_attr_f32, &
      & set_attr_i64, &
      & set_attr_i32, &
      & set_attr_i16, &
      & set_attr_i8, &
      & set_attr_c128, &
      & set_attr_c64, &
      & set_attr_bool, &
      & set_attr_text, &
      & set_attr_texts
  end interface h5sim_set_attr
  interface h5sim_get_attr
    module procedure &
      & get_attr_f64, &
      & get_attr_f32, &
      & get_attr_i64, &
      & get_attr_i32, &
      & get_attr_i16, &
      & get_attr_i8, &
      & get_attr_c128, &
      & get_attr_c64, &
      & get_attr_bool, &
      & get_attr_text, &
      & get_attr_texts
  end interface h5sim_get_attr
  interface h5sim_truncate
    module procedure &
      & truncate_i32, &
      & truncate_i64
  end interface h5sim_truncate
  interface h5sim_rewind
    module procedure &
      & rewind_f64, &
      & rewind_f32
  end interface h5sim_rewind
  interface h5sim_json_set
    module procedure &
      & json_set_f64_0, &
      & json_set_f64_1, &
      & json_set_f32_0, &
      & json_set_f32_1, &
      & json_set_i64_0, &
      & json_set_i64_1, &
      & json_set_i32_0, &
      & json_set_i32_1, &
      & json_set_bool_0, &
      & json_set_bool_1, &
      & json_set_text_0
  end interface h5sim_json_set
  interface h5sim_json_get
    module procedure &
      & json_get_f64_0, &
      & json_get_f64_1, &
      & json_get_f32_0, &
      & json_get_f32_1, &
      & json_get_i64_0, &
      & json_get_i64_1, &
      & json_get_i32_0, &
      & json_get_i32_1, &
      & json_get_bool_0, &
      & json_get_bool_1, &
      & json_get_text_0
  end interface h5sim_json_get

  !> Give options as the text that options= takes, by keywords.
  interface h5sim_options
    module procedure options_by_keywords
  end interface h5sim_options

  !> Give the canonical form of metadata: what json.dumps(json.loads(text), ensure_ascii=True, sort_keys=True) prints.
  interface h5sim_canonical_json
    module procedure canonical_json_of_text, canonical_json_of_document
  end interface h5sim_canonical_json

  !> Give the first digits (1 to 40, default 10) of the SHA-1 of the canonical form of metadata.
  interface h5sim_hash
    module procedure hash_of_text, hash_of_document
  end interface h5sim_hash

  !> Give a file name made from the hash of metadata: prefix, digits, suffix.
  interface h5sim_hash_name
    module procedure hash_name_of_text, hash_name_of_document
  end interface h5sim_hash_name

  !> Find the file of the run with these parameters, and claim the run unless it is finished: path, and state as one of
  !> H5SIM_RUN_ABSENT, H5SIM_RUN_UNFINISHED and H5SIM_RUN_FINISHED.
  interface h5sim_produce
    module procedure produce_of_text, produce_of_document
  end interface h5sim_produce

  !> Tell whether this process has claimed a run, and is to produce it.
  interface h5sim_is_claimed
    module procedure is_claimed_here
  end interface h5sim_is_claimed

  !> Give back a run that was claimed and is not finished.
  interface h5sim_release
    module procedure release_claim
  end interface h5sim_release

  !> Find the runs in a directory whose metadata match a query: a document with an array of path, status and meta.
  interface h5sim_find
    module procedure find_runs
  end interface h5sim_find

  interface
    function c_strlen(text) bind(c, name="strlen") result(length)
      import :: c_ptr, c_size_t
      type(c_ptr), value :: text
      integer(c_size_t) :: length
    end function c_strlen
  end interface

  !> The most axes that an array of this module has.
  integer, parameter :: MOST_AXES = 7
  !> The rank of an array that has more axes.
  integer(c_int32_t), parameter :: UNKNOWN_RANK = -1
  !> Bytes of a logical; the library keeps it as one.
  integer, parameter :: LOGICAL_BYTES = storage_size(.true.) / 8

  !> Where the elements of an array are, of whatever type and rank. All axes are in the file's (C) order.
  type :: memory
    !> The element type in the library's terms, and how many bytes an element takes.
    integer(c_int32_t) :: dtype
    integer :: bytes
    !> UNKNOWN_RANK where the module takes no array of so many axes.
    integer(c_int32_t) :: rank
    integer(c_int64_t) :: extents(MOST_AXES)
    logical :: has_elements
    !> Whether they do not lie side by side.
    logical :: is_apart
    !> The bytes of the axes that are measured.
    integer(c_int64_t) :: step
    !> The distance in bytes between neighbours along each axis.
    integer(c_int64_t) :: steps(MOST_AXES)
    type(c_ptr) :: first
  end type memory

  !> What is to be read, and what came of it: the status, and the sentence that this module has for it.
  type :: request
    character(:, kind=c_char), allocatable :: slice
    !> A part in Fortran's terms, with a value for each axis; what is not given is not allocated.
    integer(c_int64_t), allocatable :: start(:), count(:), stride(:)
    !> The rank of an array that is yet to be allocated.
    integer :: rank = 0
    !> The extents, in Fortran's order, where they may have more axes of one element than the array.
    integer(c_int64_t), allocatable :: selected(:)
    !> A positive one is that of an allocation.
    integer(c_int32_t) :: status = H5SIM_OK
    character(:), allocatable :: sentence
  end type request

  !> What an array without elements has for its first.
  integer(c_int64_t), target, save :: nowhere = 0

contains

  ! ------------------------------------------------------------------------------------------------ the library itself

  !> Give the version of the library, such as "0.1.0".
  function library_version() result(text)
    character(:), allocatable :: text

    text = copied(c_version())
  end function library_version

  !> Give the version of the HDF5 that is built into the library.
  function library_hdf5_version() result(text)
    character(:), allocatable :: text

    text = copied(c_hdf5_version())
  end function library_hdf5_version

  !> Tell whether this build has a feature: "journal", "mpi", "gzip".
  function library_has_feature(name) result(has)
    character(*), intent(in) :: name
    logical :: has

    has = c_has_feature(c_text(name)) == 1
  end function library_has_feature

  !> Give the sentence of the latest failure inside the library. errmsg= also gives those that this module notices itself.
  function library_last_error() result(text)
    character(:), allocatable :: text

    text = copied(c_last_error())
  end function library_last_error

  !> Give the name of a status, such as "H5SIM_ERR_SHAPE".
  function library_status_name(status) result(text)
    integer, intent(in) :: status
    character(:), allocatable :: text

    text = copied(c_status_name(int(status, c_int32_t)))
  end function library_status_name

  !> Close all open files and free all documents.
  subroutine library_finalize(stat, errmsg)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_finalize(), stat, errmsg)
  end subroutine library_finalize

  !> Give options as the text that options= takes, in which they can be kept: options=h5sim_options(compression="gzip",
  !> chunks=[64, 64]). They mean what h5sim_open, h5sim_write and h5sim_append say in h5sim.h; chunks, maxshape and
  !> dims are in Fortran's order here, a negative extent in maxshape is unlimited, and attrs is a JSON object.
  function options_by_keywords(overwrite, dtype, chunks, maxshape, compression, compression_opts, shuffle, fletcher32, &
    & fillvalue, quantize, threads, libver, durability, autocommit, locking, wait, dims, attrs, track_order, fixed, memory, &
    & waiting_limit, at_waiting_limit) result(options)
    logical, intent(in), optional :: overwrite, shuffle, fletcher32, track_order, fixed
    character(*), intent(in), optional :: dtype, compression, libver, durability, locking, memory, waiting_limit, at_waiting_limit
    integer, intent(in), optional :: chunks(:), maxshape(:), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue, autocommit, wait
    character(*), intent(in), optional :: dims(:), attrs
    character(:), allocatable :: options, of_dataset
    logical :: refused

    call gather_options(of_dataset, refused, "{}", &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs, &
      & fixed)
    call gather_open_options(options, of_dataset, libver, durability, autocommit, locking, wait, memory, waiting_limit,&
        & at_waiting_limit, track_order)
  end function options_by_keywords

  !> Give the options of a dataset or of texts as one text, from options= and from keywords, which go before; where neither is given
  !> it is not allocated. What is refused is told of.
  subroutine gather_options(text, refused, options, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs, &
    & fixed, stat, errmsg)
    character(:), allocatable, intent(out) :: text
    logical, intent(out) :: refused
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32, fixed
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(h5sim_json) :: document
    integer :: failure

    refused = .false.
    if (present(options)) text = options
    if (.not. (present(overwrite) .or. present(dtype) .or. present(chunks) .or. present(maxshape) .or. present(compression) .or.&
        & present(compression_opts) .or. &
      & present(shuffle) .or. present(fletcher32) .or. present(fillvalue) .or. present(quantize) .or. present(threads) .or.&
          & present(dims) .or. present(attrs) .or. present(fixed))) return
    if (.not. are_begun(document, options)) return
    if (present(attrs)) then
      call document%set_json("/attrs", attrs, failure)
      refused = failure /= 0
      if (refused) call conclude(int(failure, c_int32_t), stat, errmsg, "attrs is not a JSON object: " // trim(attrs))
    end if
    if (present(overwrite)) call document%set("/overwrite", overwrite)
    if (present(shuffle)) call document%set("/shuffle", shuffle)
    if (present(fletcher32)) call document%set("/fletcher32", fletcher32)
    if (present(dtype)) call document%set("/dtype", dtype)
    if (present(compression)) call document%set("/compression", compression)
    if (present(compression_opts)) call document%set("/compression_opts", compression_opts)
    if (present(quantize)) call document%set("/quantize", quantize)
    if (present(threads)) call document%set("/threads", threads)
    if (present(fillvalue)) call document%set("/fillvalue", fillvalue)
    if (present(fixed)) call document%set("/fixed", fixed)
    if (present(chunks)) call set_extents_backwards(document, "/chunks", chunks)
    if (present(maxshape)) call set_extents_backwards(document, "/maxshape", maxshape)
    if (present(dims)) call set_texts_backwards(document, "/dims", dims)
    text = json_dump(document)
    call json_free(document)
  end subroutine gather_options

  !> The same for the options of a file that is opened.
  subroutine gather_open_options(text, options, libver, durability, autocommit, locking, wait, memory, waiting_limit,&
      & at_waiting_limit, track_order, threads)
    character(:), allocatable, intent(out) :: text
    character(*), intent(in), optional :: options
    character(*), intent(in), optional :: libver, durability, locking, memory, waiting_limit, at_waiting_limit
    real(real64), intent(in), optional :: autocommit, wait
    logical, intent(in), optional :: track_order
    integer, intent(in), optional :: threads
    type(h5sim_json) :: document

    if (present(options)) text = options
    if (.not. are_begun(document, options)) return
    if (present(libver)) call document%set("/libver", libver)
    if (present(durability)) call document%set("/durability", durability)
    if (present(autocommit)) call document%set("/autocommit", autocommit)
    if (present(locking)) call document%set("/locking", locking)
    if (present(wait)) call document%set("/wait", wait)
    if (present(memory)) call document%set("/memory", memory)
    if (present(waiting_limit)) call document%set("/waiting_limit", waiting_limit)
    if (present(at_waiting_limit)) call document%set("/at_waiting_limit", at_waiting_limit)
    if (present(track_order)) call document%set("/track_order", track_order)
    if (present(threads)) call document%set("/threads", threads)
    text = json_dump(document)
    call json_free(document)
  end subroutine gather_open_options

  !> Begin a document of options with those that are given as a text. Where that is none, the library is to say so.
  function are_begun(document, options)
    type(h5sim_json), intent(inout) :: document
    character(*), intent(in), optional :: options
    logical :: are_begun
    integer :: failure, kind

    are_begun = .true.
    call json_new(document)
    if (.not. present(options)) return
    if (options == "") return
    call json_parse(document, options, failure)
    kind = H5SIM_JSON_NULL
    if (failure == 0) kind = json_type(document, "")
    are_begun = kind == H5SIM_JSON_OBJECT
    if (.not. are_begun) call json_free(document)
  end function are_begun

  !> Set a member of a document to a list of texts, without their trailing blanks.
  subroutine set_texts(document, pointer, texts)
    type(h5sim_json), intent(inout) :: document
    character(*), intent(in) :: pointer, texts(:)
    integer :: i

    call document%set_json(pointer, "[]")
    do i = 1, size(texts)
      call document%set(pointer // "/-", trim(texts(i)))
    end do
  end subroutine set_texts

  !> The same in the opposite order.
  subroutine set_texts_backwards(document, pointer, texts)
    type(h5sim_json), intent(inout) :: document
    character(*), intent(in) :: pointer, texts(..)

    ! gfortran keeps the bounds of what the caller gave.
    select rank (texts)
    rank (1)
      call set_texts(document, pointer, texts(ubound(texts, 1):lbound(texts, 1):-1))
    end select
  end subroutine set_texts_backwards

  !> Set a member of a document to extents in the opposite order, with null for negative ones; a number is the extent of one axis.
  subroutine set_extents_backwards(document, pointer, extents)
    type(h5sim_json), intent(inout) :: document
    character(*), intent(in) :: pointer
    integer, intent(in) :: extents(..)
    integer(c_int64_t), allocatable :: list(:)
    character(:), allocatable :: json
    integer :: axis

    call take_list(list, extents)
    json = "["
    do axis = size(list), 1, -1
      if (list(axis) < 0) call add(json, "null")
      if (list(axis) >= 0) call add_number(json, list(axis))
      if (axis > 1) call add(json, ", ")
    end do
    call add(json, "]")
    call document%set_json(pointer, json)
  end subroutine set_extents_backwards

  ! -------------------------------------------------------------------------------------------------- files and groups

  !> Refuse to open a file with a variable that holds an open one.
  function is_in_use(self, path, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: is_in_use

    is_in_use = file_is_open(self)
    if (is_in_use) call conclude(H5SIM_ERR_ARGUMENT, stat, errmsg, &
      & "cannot open " // quoted(path) // " with a variable that holds the open file '" // self%path // "': close that first")
  end function is_in_use

  !> Open one file from many ranks, of which this is one (see h5sim_open_ranks in h5sim.h): allgather is c_funloc of the function
  !> by which they talk. h5sim_mpi.f90 has h5sim_open_comm, which does so for a communicator of MPI.
  subroutine file_open_ranks(self, path, mode, rank, ranks, allgather, context, options, stat, errmsg)
    class(h5sim_file), intent(inout) :: self
    character(*), intent(in) :: path, mode
    integer, intent(in) :: rank, ranks
    type(c_funptr), intent(in) :: allgather
    type(c_ptr), intent(in) :: context
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    integer(c_int64_t) :: handle

    if (is_in_use(self, path, stat, errmsg)) return
    status = c_open_ranks(c_text(path), c_text(mode), c_text(options), int(rank, c_int32_t), int(ranks, c_int32_t), allgather, &
      & context, handle)
    call conclude_open(self, path, handle, status, stat, errmsg)
  end subroutine file_open_ranks

  !> Open one file from many ranks, in a build with MPI (see h5sim_open_mpi in h5sim.h); communicator is the integer that mpif.h and
  !> the module mpi have, and comm%MPI_VAL of mpi_f08.
  subroutine file_open_mpi(self, path, mode, communicator, options, stat, errmsg)
    class(h5sim_file), intent(inout) :: self
    character(*), intent(in) :: path, mode
    integer, intent(in) :: communicator
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    integer(c_int64_t) :: handle

    if (is_in_use(self, path, stat, errmsg)) return
    status = c_open_mpi(c_text(path), c_text(mode), c_text(options), int(communicator, c_int32_t), handle)
    call conclude_open(self, path, handle, status, stat, errmsg)
  end subroutine file_open_mpi

  !> Open or create a file; mode is "r" (default), "r+", "w", "w-", "x" or "a", options a JSON object (see h5sim.h). They can be
  !> keywords, too: call f%open("run.h5", "w", libver="latest").
  subroutine file_open(self, path, mode, options, stat, errmsg, libver, durability, autocommit, locking, wait, memory,&
      & waiting_limit, at_waiting_limit, track_order, threads)
    class(h5sim_file), intent(inout) :: self
    character(*), intent(in) :: path
    character(*), intent(in), optional :: mode, options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: libver, durability, locking, memory, waiting_limit, at_waiting_limit
    real(real64), intent(in), optional :: autocommit, wait
    logical, intent(in), optional :: track_order
    integer, intent(in), optional :: threads
    character(:), allocatable :: text
    integer(c_int32_t) :: status
    integer(c_int64_t) :: handle

    if (is_in_use(self, path, stat, errmsg)) return
    call gather_open_options(text, options, libver, durability, autocommit, locking, wait, memory, waiting_limit,&
        & at_waiting_limit, track_order, threads)
    if (present(mode)) then
      status = c_open(c_text(path), c_text(mode), c_text(text), handle)
    else
      status = c_open(c_text(path), c_text("r"), c_text(text), handle)
    end if
    call conclude_open(self, path, handle, status, stat, errmsg)
  end subroutine file_open

  !> End the opening of a file.
  subroutine conclude_open(self, path, handle, status, stat, errmsg)
    class(h5sim_file), intent(inout) :: self
    character(*), intent(in) :: path
    integer(c_int64_t), intent(in) :: handle
    integer(c_int32_t), intent(in) :: status
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    if (status == H5SIM_OK) then
      self%handle = handle
      self%path = trim(path)
    end if
    call conclude(status, stat, errmsg)
  end subroutine conclude_open

  !> Tell whether the file is open.
  function file_is_open(self) result(is_open)
    class(h5sim_file), intent(in) :: self
    logical :: is_open

    is_open = c_is_open(self%handle) == 1
  end function file_is_open

  !> Commit and close the file.
  subroutine file_close(self, stat, errmsg)
    class(h5sim_file), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = c_close(self%handle)
    self%handle = 0
    call conclude(status, stat, errmsg)
  end subroutine file_close

  !> Give the path by which the file was opened.
  function file_filename(self, stat, errmsg) result(path)
    class(h5sim_file), intent(in) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: path
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_file_path(self%handle, text)
    path = taken(status, text)
    call conclude(status, stat, errmsg)
  end function file_filename

  !> Give the mode of the file: "r" where it is only read, "r+" where it is also written.
  function file_mode(self, stat, errmsg) result(mode)
    class(h5sim_file), intent(in) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: mode
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_file_mode(self%handle, text)
    mode = taken(status, text)
    call conclude(status, stat, errmsg)
  end function file_mode

  !> Close the file at its latest commit: what was written since is dropped.
  subroutine file_discard(self, stat, errmsg)
    class(h5sim_file), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = c_discard(self%handle)
    self%handle = 0
    call conclude(status, stat, errmsg)
  end subroutine file_discard

  !> Make all that was written so far durable, as one step.
  subroutine file_commit(self, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_commit(self%handle), stat, errmsg)
  end subroutine file_commit

  !> Mark the run in the file as finished, and commit.
  subroutine file_finish(self, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_finish(self%handle), stat, errmsg)
  end subroutine file_finish

  !> Create a group, and the groups on the way to it.
  subroutine file_create_group(self, path, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_create_group(self%handle, c_text(path)), stat, errmsg)
  end subroutine file_create_group

  !> Delete a dataset, or a group with all that is in it, or a link.
  subroutine file_delete(self, path, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_delete(self%handle, c_text(path)), stat, errmsg)
  end subroutine file_delete

  !> Move an object or a link to another path of the file.
  subroutine file_move(self, from, to, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: from, to
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_move(self%handle, c_text(from), c_text(to)), stat, errmsg)
  end subroutine file_move

  !> Copy an object, with all that is in it, to a path of the file or of another one that is open for writing.
  subroutine file_copy(self, from, to, target, shallow, expand_soft, without_attrs, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: from, to
    class(h5sim_file), intent(in), optional :: target
    logical, intent(in), optional :: shallow, expand_soft, without_attrs
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(h5sim_json) :: options
    integer(c_int64_t) :: handle

    handle = self%handle
    if (present(target)) handle = target%handle
    call json_new(options)
    if (present(shallow)) call options%set("/shallow", shallow)
    if (present(expand_soft)) call options%set("/expand_soft", expand_soft)
    if (present(without_attrs)) call options%set("/without_attrs", without_attrs)
    call conclude(c_copy(self%handle, c_text(from), handle, c_text(to), c_text(json_dump(options))), stat, errmsg)
    call json_free(options)
  end subroutine file_copy

  !> Make a link to a path: "soft" (default), "hard", or to one in another file.
  subroutine file_link(self, path, target, type, file, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, target
    character(*), intent(in), optional :: type, file
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(h5sim_json) :: options

    call json_new(options)
    if (present(type)) call options%set("/type", trim(type))
    if (present(file)) call options%set("/file", trim(file))
    call conclude(c_link(self%handle, c_text(path), c_text(target), c_text(json_dump(options))), stat, errmsg)
    call json_free(options)
  end subroutine file_link

  !> Tell whether anything is at a path.
  function file_exists(self, path, stat, errmsg) result(there)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: there

    there = file_object_kind(self, path, stat, errmsg) /= H5SIM_NONE
  end function file_exists

  !> Tell what is at a path: H5SIM_NONE, H5SIM_GROUP, H5SIM_DATASET or H5SIM_DATATYPE.
  function file_object_kind(self, path, stat, errmsg) result(kind)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer :: kind
    integer(c_int32_t) :: found

    found = H5SIM_NONE
    call conclude(c_exists(self%handle, c_text(path), found), stat, errmsg)
    kind = int(found)
  end function file_object_kind

  !> List the names in a group (default: the root) in alphabetical order.
  function file_keys(self, group, stat, errmsg) result(names)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in), optional :: group
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: names(:)
    type(c_ptr) :: json
    integer(c_int32_t) :: status

    status = c_keys(self%handle, c_text(group), json)
    call unpack_texts(status, json, names, stat, errmsg)
  end function file_keys

  !> Describe every object below a group (default: the root) as JSON text; shapes are in the file's (C) order.
  function file_tree(self, group, stat, errmsg) result(json)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in), optional :: group
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_tree(self%handle, c_text(group), text)
    json = taken(status, text)
    call conclude(status, stat, errmsg)
  end function file_tree

  ! ------------------------------------------------------------------------------------------------- shapes of datasets

  !> Create a dataset without data; shape is in Fortran's order, absent for a scalar. Options as for write.
  subroutine file_create(self, path, dtype, shape, options, stat, errmsg, &
      & overwrite, chunks, maxshape, compression, compression_opts, shuffle, &
      & fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(in) :: dtype
    integer, intent(in), optional :: shape(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    character(:), allocatable :: text
    logical :: refused
    integer(c_int64_t), allocatable :: extents(:)

    call gather_options(text, refused, options, &
      & overwrite=overwrite, chunks=chunks, maxshape=maxshape, compression=compression, compression_opts=compression_opts,&
          & shuffle=shuffle, &
      & fletcher32=fletcher32, fillvalue=fillvalue, quantize=quantize, threads=threads, dims=dims, attrs=attrs, &
      & stat=stat, errmsg=errmsg)
    if (refused) return
    allocate(extents(0))
    if (present(shape)) call set_reversed(extents, int(shape, c_int64_t))
    call conclude(c_create(self%handle, c_text(path), int(dtype, c_int32_t), size(extents, kind=c_int32_t), extents, &
      & c_text(text)), stat, errmsg)
  end subroutine file_create

  !> Give the shape of a dataset, or of a slice of it, in Fortran's order: a(3,4) gives [3, 4].
  function file_shape(self, path, slice, stat, errmsg) result(extents)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    character(*), intent(in), optional :: slice
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer, allocatable :: extents(:)
    integer(c_int64_t), allocatable :: found(:)
    integer(c_int32_t) :: status

    allocate(extents(0))
    call find_shape(self, path, slice, found, status)
    if (status /= H5SIM_OK) then
      call conclude(status, stat, errmsg)
    else if (any(found > huge(0))) then
      call conclude(H5SIM_ERR_UNSUPPORTED, stat, errmsg, about(self, path, "its shape is ", found, &
        & ", which default integers cannot hold: use info"))
    else
      extents = int(found)
      call conclude(H5SIM_OK, stat, errmsg)
    end if
  end function file_shape

  !> Give the element type, the rank and the shape (in Fortran's order) of a dataset.
  subroutine file_info(self, path, dtype, rank, shape, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(inout), optional :: dtype, rank
    integer(int64), allocatable, intent(inout), optional :: shape(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status, found_dtype, found_rank
    integer(c_int64_t) :: found(H5SIM_MAX_RANK)

    status = c_info(self%handle, c_text(path), found_dtype, found_rank, found)
    if (status == H5SIM_OK) then
      if (present(dtype)) dtype = int(found_dtype)
      if (present(rank)) rank = int(found_rank)
      if (present(shape)) call set_reversed(shape, found(:found_rank))
    end if
    call conclude(status, stat, errmsg)
  end subroutine file_info

  !> Give a dataset another shape, in Fortran's order, within the largest that it may have.
  subroutine file_resize(self, path, shape, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(in) :: shape(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_resize(self%handle, c_text(path), size(shape, kind=c_int32_t), reversed(int(shape, c_int64_t))), stat, errmsg)
  end subroutine file_resize

  !> Tell how a dataset is stored, as JSON text: chunks, filters, bytes; extents are in the file's (C) order.
  function file_layout(self, path, stat, errmsg) result(json)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_layout(self%handle, c_text(path), text)
    json = taken(status, text)
    call conclude(status, stat, errmsg)
  end function file_layout

  ! ------------------------------------------------------------------------------------------------------ names of axes

  !> Name the axes of a dataset, in Fortran's order, so that xarray, netCDF and h5py show them; without names the axes have
  !> none any more. For a new dataset options=h5sim_options(dims=...) does the same.
  subroutine file_set_dims(self, path, names, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    character(*), intent(in), optional :: names(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(h5sim_json) :: list

    if (present(names)) then
      call set_texts_backwards(list, "", names)
      call conclude(c_set_dims(self%handle, c_text(path), c_text(json_dump(list))), stat, errmsg)
      call json_free(list)
    else
      call conclude(c_set_dims(self%handle, c_text(path), c_text("null")), stat, errmsg)
    end if
  end subroutine file_set_dims

  !> Give the names of a dataset's axes in Fortran's order, whichever program gave them; blank where an axis has none.
  function file_dims(self, path, stat, errmsg) result(names)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: names(:)
    type(c_ptr) :: json
    integer(c_int32_t) :: status
    integer :: axes

    status = c_dims(self%handle, c_text(path), json)
    call unpack_texts(status, json, names, stat, errmsg, backwards=.true.)
    if (len(names) == 0) then
      ! gfortran compares elements without characters wrongly.
      axes = size(names)
      deallocate(names)
      allocate(character(1) :: names(axes))
      names = " "
    end if
  end function file_dims

  !> Add what ParaView needs to open the file; the arguments are the options of h5sim_vtkhdf in h5sim.h.
  !>
  !> Arrays are u(nx, ny, nz) or u(nx, ny), vectors u(3, nx, ny, nz), as they are in Fortran; origin and spacing are in the
  !> order x, y, z. counts is the path of a series with the number of points in each step, or count a number for all steps.
  subroutine file_vtkhdf(self, type, point_data, cell_data, time, origin, spacing, x, y, z, points, counts, count, &
    & connectivity, offsets, types, overwrite, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in), optional :: type, point_data(:), cell_data(:), time, x, y, z, points, counts, connectivity, &
      & offsets, types
    real(real64), intent(in), optional :: origin(:), spacing(:)
    integer, intent(in), optional :: count
    logical, intent(in), optional :: overwrite
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(h5sim_json) :: options

    call json_new(options)
    if (present(type)) call options%set("/type", trim(type))
    if (present(time)) call options%set("/time", trim(time))
    if (present(x)) call options%set("/x", trim(x))
    if (present(y)) call options%set("/y", trim(y))
    if (present(z)) call options%set("/z", trim(z))
    if (present(points)) call options%set("/points", trim(points))
    if (present(counts)) call options%set("/counts", trim(counts))
    if (present(connectivity)) call options%set("/connectivity", trim(connectivity))
    if (present(offsets)) call options%set("/offsets", trim(offsets))
    if (present(types)) call options%set("/types", trim(types))
    if (present(point_data)) call set_texts(options, "/point_data", point_data)
    if (present(cell_data)) call set_texts(options, "/cell_data", cell_data)
    if (present(origin)) call options%set("/origin", origin)
    if (present(spacing)) call options%set("/spacing", spacing)
    if (present(overwrite)) call options%set("/overwrite", overwrite)
    if (present(count)) call options%set("/counts", count)
    call conclude(c_vtkhdf(self%handle, c_text(json_dump(options))), stat, errmsg)
    call json_free(options)
  end subroutine file_vtkhdf

  !> Cut a series to its first records.
  subroutine truncate_i32(self, path, records, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(in) :: records
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_truncate(self%handle, c_text(path), int(records, c_int64_t)), stat, errmsg)
  end subroutine truncate_i32

  !> Cut a series to its first records.
  subroutine truncate_i64(self, path, records, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(in) :: records
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_truncate(self%handle, c_text(path), int(records, c_int64_t)), stat, errmsg)
  end subroutine truncate_i64

  !> Cut every series along an axis to the records whose coordinate is up to a value, in one commit.
  subroutine rewind_f64(self, axis, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: axis
    real(real64), intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_rewind(self%handle, c_text(axis), real(value, c_double)), stat, errmsg)
  end subroutine rewind_f64

  !> Cut every series along an axis to the records whose coordinate is up to a value, in one commit.
  subroutine rewind_f32(self, axis, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: axis
    real(real32), intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_rewind(self%handle, c_text(axis), real(value, c_double)), stat, errmsg)
  end subroutine rewind_f32

  ! ----------------------------------------------------------------------------------------------------- text and JSON

  !> Write a text to a scalar dataset; overwrite=.true. writes over one that is there.
  subroutine file_write_text(self, path, text, options, stat, errmsg, overwrite)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, text
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite
    character(:), allocatable :: settings
    logical :: refused

    if (has_nul(text, "the text for ", path, stat, errmsg)) return
    call gather_options(settings, refused, options, overwrite=overwrite)
    call conclude(c_write_text_with(self%handle, c_text(path), c_text(text), c_text(settings)), stat, errmsg)
  end subroutine file_write_text

  !> Append a text to a series of texts, such as the lines of a log, which the first one creates.
  subroutine append_text_value(self, path, text, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, text
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    if (has_nul(text, "the text for ", path, stat, errmsg)) return
    call conclude(c_append_text(self%handle, c_text(path), c_text(text)), stat, errmsg)
  end subroutine append_text_value

  !> Read a dataset that holds one text.
  function file_read_text(self, path, stat, errmsg) result(text)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: text
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_read_text(self%handle, c_text(path), found)
    text = taken(status, found)
    call conclude(status, stat, errmsg)
  end function file_read_text

  !> Write a list of texts, such as species names, to a dataset of rank 1; fixed=.true. gives them a fixed length.
  subroutine file_write_texts(self, path, texts, options, stat, errmsg, overwrite, fixed)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, texts(:)
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite, fixed
    character(kind=c_char), allocatable, target :: room(:, :)
    type(c_ptr) :: pointers(size(texts))
    character(:), allocatable :: settings
    logical :: refused

    if (any_has_nul(texts, "a text for ", path, stat, errmsg)) return
    call gather_options(settings, refused, options, overwrite=overwrite, fixed=fixed)
    call lay_out_texts(texts, room, pointers)
    call conclude(c_write_texts_with(self%handle, c_text(path), 1_c_int32_t, [size(texts, kind=c_int64_t)], pointers, &
      & c_text(settings)), stat, errmsg)
  end subroutine file_write_texts

  !> Tell whether one of some texts holds a NUL character, which is then told of.
  function any_has_nul(texts, what, name, stat, errmsg) result(has)
    character(*), intent(in) :: texts(:), what, name
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: has
    integer :: i

    has = .false.
    do i = 1, size(texts)
      has = has_nul(texts(i), what, name, stat, errmsg)
      if (has) return
    end do
  end function any_has_nul

  !> Lay texts out as C takes them, without their trailing blanks.
  subroutine lay_out_texts(texts, room, pointers)
    character(*), intent(in) :: texts(:)
    character(kind=c_char), allocatable, target, intent(out) :: room(:, :)
    type(c_ptr), intent(out) :: pointers(:)
    integer :: i, j

    allocate(room(len(texts) + 1, size(texts)))
    room = c_null_char
    do i = 1, size(texts)
      do j = 1, len_trim(texts(i))
        room(j, i) = texts(i)(j:j)
      end do
      pointers(i) = c_loc(room(1, i))
    end do
  end subroutine lay_out_texts

  !> Read a list of texts; the length of the result is that of the longest.
  function file_read_texts(self, path, stat, errmsg) result(texts)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: texts(:)
    type(c_ptr) :: json
    integer(c_int32_t) :: status

    status = c_read_texts(self%handle, c_text(path), json)
    call unpack_texts(status, json, texts, stat, errmsg)
  end function file_read_texts

  !> Write metadata, given as JSON text, to a scalar dataset.
  subroutine write_json_text(self, path, json, options, stat, errmsg, overwrite)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, json
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite
    character(:), allocatable :: settings
    logical :: refused

    call gather_options(settings, refused, options, overwrite=overwrite)
    call conclude(c_write_json_with(self%handle, c_text(path), c_text(json), c_text(settings)), stat, errmsg)
  end subroutine write_json_text

  !> Write metadata, given as a document, to a scalar dataset.
  subroutine write_json_document(self, path, json, options, stat, errmsg, overwrite)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(h5sim_json), intent(in) :: json
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_json_dump(json%handle, text)
    if (status == H5SIM_OK) call write_json_text(self, path, taken(status, text), options, stat, errmsg, overwrite)
    if (status /= H5SIM_OK) call conclude(status, stat, errmsg)
  end subroutine write_json_document

  !> Read metadata that is kept as JSON text. To get a document: call f%read("meta", document).
  function file_read_json(self, path, stat, errmsg) result(json)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_read_json(self%handle, c_text(path), text)
    json = taken(status, text)
    call conclude(status, stat, errmsg)
  end function file_read_json

  !> Write a text by the name that all values have.
  subroutine write_text_value(self, path, text, options, stat, errmsg, overwrite)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, text
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite

    call file_write_text(self, path, text, options, stat, errmsg, overwrite)
  end subroutine write_text_value

  !> Write a list of texts by the name that all values have.
  subroutine write_texts_value(self, path, texts, options, stat, errmsg, overwrite, fixed)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, texts(:)
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite, fixed

    call file_write_texts(self, path, texts, options, stat, errmsg, overwrite, fixed)
  end subroutine write_texts_value

  !> Write a document by the name that all values have.
  subroutine write_document_value(self, path, document, options, stat, errmsg, overwrite)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(h5sim_json), intent(in) :: document
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: overwrite

    call write_json_document(self, path, document, options, stat, errmsg, overwrite)
  end subroutine write_document_value

  !> Read a text by the name that all values have.
  subroutine read_text_value(self, path, text, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    character(:), allocatable, intent(inout) :: text
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_read_text(self%handle, c_text(path), found)
    if (status == H5SIM_OK) text = taken(status, found)
    call conclude(status, stat, errmsg)
  end subroutine read_text_value

  !> Read metadata into a document; one that it held before is freed.
  subroutine read_document_value(self, path, document, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(h5sim_json), intent(inout) :: document
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_read_json(self%handle, c_text(path), text)
    if (status == H5SIM_OK) call json_parse(document, taken(status, text), stat, errmsg)
    if (status /= H5SIM_OK) call conclude(status, stat, errmsg)
  end subroutine read_document_value

  ! --------------------------------------------------------------------------------------------------------- attributes

  !> Set an attribute to a text.
  subroutine set_attr_text(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name, value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    if (has_nul(value, "the text for the attribute ", name, stat, errmsg)) return
    call conclude(c_set_attr_text(self%handle, c_text(object), c_text(name), c_text(value)), stat, errmsg)
  end subroutine set_attr_text

  !> Read an attribute that is one text.
  subroutine get_attr_text(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    character(:), allocatable, intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_get_attr_text(self%handle, c_text(object), c_text(name), text)
    if (status == H5SIM_OK) value = taken(status, text)
    call conclude(status, stat, errmsg)
  end subroutine get_attr_text

  !> Set an attribute to a list of texts; fixed=.true. gives them a fixed length, which some readers need.
  subroutine set_attr_texts(self, object, name, value, options, stat, errmsg, fixed)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name, value(:)
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: fixed
    character(kind=c_char), allocatable, target :: room(:, :)
    type(c_ptr) :: pointers(size(value))
    character(:), allocatable :: settings
    logical :: refused

    if (any_has_nul(value, "a text for the attribute ", name, stat, errmsg)) return
    call gather_options(settings, refused, options, fixed=fixed)
    call lay_out_texts(value, room, pointers)
    call conclude(c_set_attr_texts(self%handle, c_text(object), c_text(name), 1_c_int32_t, [size(value, kind=c_int64_t)], &
      & pointers, c_text(settings)), stat, errmsg)
  end subroutine set_attr_texts

  !> Read an attribute that is a list of texts, whose length becomes that of the longest.
  subroutine get_attr_texts(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    character(:), allocatable, intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: json
    integer(c_int32_t) :: status

    status = c_get_attr_texts(self%handle, c_text(object), c_text(name), json)
    if (status == H5SIM_OK) call unpack_texts(status, json, value, stat, errmsg)
    if (status /= H5SIM_OK) call conclude(status, stat, errmsg)
  end subroutine get_attr_texts

  !> Give the element type, the rank and the shape (in Fortran's order) of an attribute.
  subroutine file_attr_info(self, object, name, dtype, rank, shape, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer, intent(inout), optional :: dtype, rank
    integer(int64), allocatable, intent(inout), optional :: shape(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status, found_dtype, found_rank
    integer(c_int64_t) :: found(H5SIM_MAX_RANK)

    status = c_attr_info(self%handle, c_text(object), c_text(name), found_dtype, found_rank, found)
    if (status == H5SIM_OK) then
      if (present(dtype)) dtype = int(found_dtype)
      if (present(rank)) rank = int(found_rank)
      if (present(shape)) call set_reversed(shape, found(:found_rank))
    end if
    call conclude(status, stat, errmsg)
  end subroutine file_attr_info

  !> List the names of an object's attributes.
  function file_attr_keys(self, object, stat, errmsg) result(names)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: names(:)
    type(c_ptr) :: json
    integer(c_int32_t) :: status

    status = c_attr_keys(self%handle, c_text(object), json)
    call unpack_texts(status, json, names, stat, errmsg)
  end function file_attr_keys

  !> Delete an attribute.
  subroutine file_delete_attr(self, object, name, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_delete_attr(self%handle, c_text(object), c_text(name)), stat, errmsg)
  end subroutine file_delete_attr

  subroutine set_attr_f64(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    real(real64), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f64(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_f64

  subroutine get_attr_f64(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    real(real64), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f64(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_f64

  subroutine set_attr_f32(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    real(real32), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f32(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_f32

  subroutine get_attr_f32(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    real(real32), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f32(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_f32

  subroutine set_attr_i64(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int64), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i64(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_i64

  subroutine get_attr_i64(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int64), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i64(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_i64

  subroutine set_attr_i32(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int32), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i32(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_i32

  subroutine get_attr_i32(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int32), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i32(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_i32

  subroutine set_attr_i16(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int16), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i16(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_i16

  subroutine get_attr_i16(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int16), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i16(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_i16

  subroutine set_attr_i8(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int8), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i8(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_i8

  subroutine get_attr_i8(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(int8), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i8(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_i8

  subroutine set_attr_c128(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    complex(real64), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c128(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_c128

  subroutine get_attr_c128(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    complex(real64), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c128(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_c128

  subroutine set_attr_c64(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    complex(real32), intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c64(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_c64

  subroutine get_attr_c64(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    complex(real32), intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c64(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_c64

  subroutine set_attr_bool(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    logical, intent(in), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_bool(value, at)
    call set_attribute(self, object, name, at, stat, errmsg)
  end subroutine set_attr_bool

  subroutine get_attr_bool(self, object, name, value, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    logical, intent(inout), target :: value(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_bool(value, at)
    call get_attribute(self, object, name, at, stat, errmsg)
  end subroutine get_attr_bool

  !> Set an attribute to an array of any type and rank.
  subroutine set_attribute(self, object, name, at, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    type(memory), intent(in) :: at
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int8_t), allocatable, target :: room(:)
    type(c_ptr) :: first
    logical :: fits

    if (is_unknown(self, name, at, stat, errmsg)) return
    call lay_side_by_side(at, room, first, fits)
    if (fits) then
      call conclude(c_set_attr(self%handle, c_text(object), c_text(name), at%dtype, at%rank, at%extents(:at%rank), first), &
        & stat, errmsg)
    else
      call conclude(H5SIM_ERR_UNSUPPORTED, stat, errmsg, no_memory(name, at%extents(at%rank:1:-1)))
    end if
  end subroutine set_attribute

  !> Read an attribute into an array of any type and rank.
  subroutine get_attribute(self, object, name, at, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    type(memory), intent(in) :: at
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int8_t), allocatable, target :: room(:)
    character(:), allocatable :: sentence
    integer(c_int32_t) :: status

    if (is_unknown(self, name, at, stat, errmsg)) return
    allocate (character(0) :: sentence)
    call check_attribute(self, object, name, at%extents(at%rank:1:-1), status, sentence)
    if (status == H5SIM_OK) then
      ! It is small: HDF5 keeps no more than 64 KiB in one.
      allocate(room(bytes_side_by_side(at)))
      status = c_get_attr(self%handle, c_text(object), c_text(name), at%dtype, elements(at), c_loc(room))
      if (status == H5SIM_OK) call spread_out(room, at)
    end if
    call conclude(status, stat, errmsg, sentence)
  end subroutine get_attribute

  ! ------------------------------------------------------------------------------------------------------------- arrays
  !
  ! One procedure for each type, which takes all ranks, and all of them over the same bodies.

  subroutine write_f64(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f64(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_f64

  subroutine read_f64(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f64(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_f64

  subroutine append_f64(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f64(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_f64

  subroutine append_records_f64(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f64(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_f64

  subroutine write_block_f64(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f64(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_f64

  subroutine append_block_f64(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f64(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_f64

  subroutine read_block_f64(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f64(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_f64

  subroutine read_allocate_f64(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real64), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_f64(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_F64, 8, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_f64(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_f64

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_f64(array)
    real(real64), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_f64

  !> Say where the elements of an array are.
  subroutine locate_f64(array, at)
    real(real64), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_F64, 8, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_f64(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_f64(array, i))
      i(axis) = 0
    end do
  end subroutine locate_f64

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_f64(array, i) result(place)
    real(real64), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_f64

  subroutine write_f32(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f32(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_f32

  subroutine read_f32(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f32(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_f32

  subroutine append_f32(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f32(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_f32

  subroutine append_records_f32(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f32(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_f32

  subroutine write_block_f32(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f32(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_f32

  subroutine append_block_f32(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_f32(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_f32

  subroutine read_block_f32(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_f32(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_f32

  subroutine read_allocate_f32(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    real(real32), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_f32(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_F32, 4, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_f32(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_f32

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_f32(array)
    real(real32), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_f32

  !> Say where the elements of an array are.
  subroutine locate_f32(array, at)
    real(real32), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_F32, 4, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_f32(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_f32(array, i))
      i(axis) = 0
    end do
  end subroutine locate_f32

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_f32(array, i) result(place)
    real(real32), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_f32

  subroutine write_i64(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i64(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_i64

  subroutine read_i64(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i64(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_i64

  subroutine append_i64(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i64(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_i64

  subroutine append_records_i64(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i64(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_i64

  subroutine write_block_i64(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i64(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_i64

  subroutine append_block_i64(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i64(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_i64

  subroutine read_block_i64(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i64(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_i64

  subroutine read_allocate_i64(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int64), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_i64(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_I64, 8, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_i64(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_i64

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_i64(array)
    integer(int64), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_i64

  !> Say where the elements of an array are.
  subroutine locate_i64(array, at)
    integer(int64), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_I64, 8, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_i64(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_i64(array, i))
      i(axis) = 0
    end do
  end subroutine locate_i64

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_i64(array, i) result(place)
    integer(int64), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_i64

  subroutine write_i32(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i32(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_i32

  subroutine read_i32(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i32(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_i32

  subroutine append_i32(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i32(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_i32

  subroutine append_records_i32(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i32(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_i32

  subroutine write_block_i32(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i32(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_i32

  subroutine append_block_i32(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i32(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_i32

  subroutine read_block_i32(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i32(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_i32

  subroutine read_allocate_i32(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int32), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_i32(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_I32, 4, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_i32(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_i32

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_i32(array)
    integer(int32), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_i32

  !> Say where the elements of an array are.
  subroutine locate_i32(array, at)
    integer(int32), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_I32, 4, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_i32(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_i32(array, i))
      i(axis) = 0
    end do
  end subroutine locate_i32

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_i32(array, i) result(place)
    integer(int32), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_i32

  subroutine write_i16(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i16(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_i16

  subroutine read_i16(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i16(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_i16

  subroutine append_i16(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i16(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_i16

  subroutine append_records_i16(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i16(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_i16

  subroutine write_block_i16(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i16(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_i16

  subroutine append_block_i16(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i16(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_i16

  subroutine read_block_i16(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i16(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_i16

  subroutine read_allocate_i16(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int16), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_i16(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_I16, 2, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_i16(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_i16

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_i16(array)
    integer(int16), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_i16

  !> Say where the elements of an array are.
  subroutine locate_i16(array, at)
    integer(int16), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_I16, 2, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_i16(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_i16(array, i))
      i(axis) = 0
    end do
  end subroutine locate_i16

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_i16(array, i) result(place)
    integer(int16), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_i16

  subroutine write_i8(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i8(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_i8

  subroutine read_i8(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i8(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_i8

  subroutine append_i8(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i8(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_i8

  subroutine append_records_i8(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i8(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_i8

  subroutine write_block_i8(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i8(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_i8

  subroutine append_block_i8(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_i8(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_i8

  subroutine read_block_i8(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_i8(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_i8

  subroutine read_allocate_i8(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(int8), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_i8(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_I8, 1, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_i8(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_i8

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_i8(array)
    integer(int8), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_i8

  !> Say where the elements of an array are.
  subroutine locate_i8(array, at)
    integer(int8), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_I8, 1, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_i8(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_i8(array, i))
      i(axis) = 0
    end do
  end subroutine locate_i8

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_i8(array, i) result(place)
    integer(int8), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_i8

  subroutine write_c128(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c128(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_c128

  subroutine read_c128(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c128(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_c128

  subroutine append_c128(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c128(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_c128

  subroutine append_records_c128(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c128(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_c128

  subroutine write_block_c128(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c128(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_c128

  subroutine append_block_c128(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c128(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_c128

  subroutine read_block_c128(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c128(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_c128

  subroutine read_allocate_c128(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real64), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_c128(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_C128, 16, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_c128(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_c128

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_c128(array)
    complex(real64), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_c128

  !> Say where the elements of an array are.
  subroutine locate_c128(array, at)
    complex(real64), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_C128, 16, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_c128(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_c128(array, i))
      i(axis) = 0
    end do
  end subroutine locate_c128

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_c128(array, i) result(place)
    complex(real64), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_c128

  subroutine write_c64(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c64(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_c64

  subroutine read_c64(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c64(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_c64

  subroutine append_c64(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c64(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_c64

  subroutine append_records_c64(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c64(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_c64

  subroutine write_block_c64(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c64(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_c64

  subroutine append_block_c64(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_c64(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_c64

  subroutine read_block_c64(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_c64(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_c64

  subroutine read_allocate_c64(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    complex(real32), intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_c64(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_C64, 8, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_c64(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_c64

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_c64(array)
    complex(real32), intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_c64

  !> Say where the elements of an array are.
  subroutine locate_c64(array, at)
    complex(real32), intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_C64, 8, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_c64(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_c64(array, i))
      i(axis) = 0
    end do
  end subroutine locate_c64

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_c64(array, i) result(place)
    complex(real32), intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_c64

  subroutine write_bool(self, path, array, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(in), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_bool(array, at)
    call write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_bool

  subroutine read_bool(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(inout), target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_bool(array, at)
    call read_array(self, path, at, slice, start, count, stride, stat, errmsg)
  end subroutine read_bool

  subroutine append_bool(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_bool(array, at)
    call append_array(self, path, at, .false., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_bool

  subroutine append_records_bool(self, path, array, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(in), target :: array(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_bool(array, at)
    call append_array(self, path, at, .true., options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_records_bool

  subroutine write_block_bool(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_bool(array, at)
    call put_block(self, path, at, .false., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine write_block_bool

  subroutine append_block_bool(self, path, array, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(in), target :: array(..)
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    type(memory) :: at

    call locate_bool(array, at)
    call put_block(self, path, at, .true., global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
  end subroutine append_block_bool

  subroutine read_block_bool(self, path, array, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(inout), target :: array(..)
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(memory) :: at

    call locate_bool(array, at)
    call take_block(self, path, at, start, stat, errmsg)
  end subroutine read_block_bool

  subroutine read_allocate_bool(self, path, array, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    logical, intent(inout), allocatable, target :: array(..)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: n(MOST_AXES)
    type(request) :: part
    integer :: failure
    logical :: fits

    call request_all(self, path, rank(array), n, slice, start, count, stride, part)
    if (part%status == H5SIM_OK) then
      fits = allocated(array)
      if (fits) fits = has_extents(array, n)
      failure = 0
      if (.not. fits) then
        call deallocate_bool(array)
        select rank (array)
        rank (0)
          allocate(array, stat=failure)
        rank (1)
          allocate(array(n(1)), stat=failure)
        rank (2)
          allocate(array(n(1), n(2)), stat=failure)
        rank (3)
          allocate(array(n(1), n(2), n(3)), stat=failure)
        rank (4)
          allocate(array(n(1), n(2), n(3), n(4)), stat=failure)
        rank (5)
          allocate(array(n(1), n(2), n(3), n(4), n(5)), stat=failure)
        rank (6)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6)), stat=failure)
        rank (7)
          allocate(array(n(1), n(2), n(3), n(4), n(5), n(6), n(7)), stat=failure)
        end select
      end if
      if (failure == 0) call read_whole(self, path, H5SIM_BOOL, LOGICAL_BYTES, array, part)
      if (failure /= 0) part%status = int(failure, c_int32_t)
      if (part%status /= H5SIM_OK .and. .not. fits) call deallocate_bool(array)
    end if
    call conclude_read(self, path, n(:part%rank), part, stat, errmsg)
  end subroutine read_allocate_bool

  !> Deallocate an array that may be allocated, by which it comes in here.
  subroutine deallocate_bool(array)
    logical, intent(out), allocatable :: array(..)

    if (allocated(array)) return
  end subroutine deallocate_bool

  !> Say where the elements of an array are.
  subroutine locate_bool(array, at)
    logical, intent(in), target :: array(..)
    type(memory), intent(out) :: at
    integer(c_int64_t) :: i(MOST_AXES)
    integer :: axis

    call measure(array, H5SIM_BOOL, LOGICAL_BYTES, at)
    if (.not. at%is_apart) return
    i = 0
    at%first = place_of_bool(array, i)
    do axis = 1, at%rank
      if (at%extents(at%rank + 1 - axis) == 1) cycle
      i(axis) = 1
      at%steps(at%rank + 1 - axis) = distance(at%first, place_of_bool(array, i))
      i(axis) = 0
    end do
  end subroutine locate_bool

  !> Give the place of the element that is so far along each axis from the first one.
  function place_of_bool(array, i) result(place)
    logical, intent(in), target :: array(..)
    integer(c_int64_t), intent(in) :: i(MOST_AXES)
    type(c_ptr) :: place

    place = c_null_ptr
    ! gfortran keeps the bounds of what the caller gave, which are 0 for an expression, where the standard says 1.
    select rank (array)
    rank (1)
      place = c_loc(array(lbound(array, 1) + i(1)))
    rank (2)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2)))
    rank (3)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3)))
    rank (4)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4)))
    rank (5)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5)))
    rank (6)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6)))
    rank (7)
      place = c_loc(array(lbound(array, 1) + i(1), lbound(array, 2) + i(2), lbound(array, 3) + i(3), lbound(array, 4) + i(4),&
          & lbound(array, 5) + i(5), lbound(array, 6) + i(6), lbound(array, 7) + i(7)))
    end select
  end function place_of_bool

  !> Append one record, or as many as the last axis has elements.
  subroutine append_array(self, path, at, many, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    logical, intent(in) :: many
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    character(len(path) + 1, kind=c_char) :: c_path
    character(:), allocatable :: gathered
    character(:, kind=c_char), allocatable :: text
    integer(c_int8_t), allocatable, target :: room(:)
    integer(c_int64_t), target :: strides(MOST_AXES)
    type(c_ptr) :: first
    logical :: fits, plain, refused

    call gather_options(gathered, refused, options, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs, &
      & stat=stat, errmsg=errmsg)
    if (refused) return
    if (is_unknown(self, path, at, stat, errmsg)) return
    if (many .and. at%rank == 0) then
      call conclude(H5SIM_ERR_ARGUMENT, stat, errmsg, about(self, path, &
        & "append_records takes arrays, whose last axis is that of the records; append takes a scalar"))
      return
    end if
    plain = .not. many
    if (plain .and. allocated(gathered)) plain = gathered == ""
    c_path = path
    c_path(len_trim(path) + 1:len_trim(path) + 1) = c_null_char
    if (plain .and. is_side_by_side(at)) then
      ! What nearly all appends are: nothing is divided, and nothing allocated.
      call conclude(c_append(self%handle, c_path, at%dtype, at%rank, at%extents, at%first, c_null_char), stat, errmsg)
      return
    end if
    call options_of_append(self, path, at, many, gathered, text, stat, errmsg)
    if (.not. allocated(text)) return
    if (.not. many .and. takes_strides(at)) then
      strides(:at%rank) = at%steps(:at%rank) / at%bytes
      call conclude(c_append_from(self%handle, c_path, at%dtype, at%rank, at%extents, c_loc(strides), at%first, text), stat, errmsg)
      return
    end if
    call lay_side_by_side(at, room, first, fits)
    if (.not. fits) then
      call conclude(H5SIM_ERR_UNSUPPORTED, stat, errmsg, no_memory(path, at%extents(at%rank:1:-1)))
    else if (many) then
      ! The first axis is that of the records.
      call conclude(c_append(self%handle, c_path, at%dtype, at%rank - 1, at%extents(2:), first, text), stat, errmsg)
    else
      call conclude(c_append(self%handle, c_path, at%dtype, at%rank, at%extents, first, text), stat, errmsg)
    end if
  end subroutine append_array

  !> Give the options of an append, with the number of records where there are many; nothing after a failure.
  subroutine options_of_append(self, path, at, many, options, text, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    logical, intent(in) :: many
    character(*), intent(in), optional :: options
    character(:, kind=c_char), allocatable, intent(out) :: text
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(h5sim_json) :: settings
    type(c_ptr) :: dumped
    integer(c_int32_t) :: status, kind

    text = c_text(options)
    if (len(text) == 1) text = c_text("{}")
    status = c_json_parse(text, settings%handle)
    if (status == H5SIM_OK) then
      if (c_json_type(settings%handle, c_text("/records"), kind) == H5SIM_OK) then
        deallocate(text)
        call json_free(settings)
        call conclude(H5SIM_ERR_ARGUMENT, stat, errmsg, about(self, path, &
          & "the number of records is that of the last axis's elements in append_records, and 1 in append"))
        return
      end if
    end if
    if (status == H5SIM_OK .and. many) then
      status = c_json_set_i64(settings%handle, c_text("/records"), at%extents(1))
      if (status == H5SIM_OK) status = c_json_dump(settings%handle, dumped)
      if (status == H5SIM_OK) text = c_text(taken(status, dumped))
    end if
    if (status /= H5SIM_OK) deallocate(text)
    call conclude(status, stat, errmsg)
    if (settings%handle /= 0) call json_free(settings)
  end subroutine options_of_append

  !> Write a block of an array of any type and rank, or append it as this process's part of a record.
  subroutine put_block(self, path, at, is_record, global, start, options, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    logical, intent(in) :: is_record
    class(*), intent(in) :: global(..), start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    integer(c_int64_t) :: whole(MOST_AXES), from(MOST_AXES)
    integer(c_int64_t), target :: strides(MOST_AXES)
    integer(c_int8_t), allocatable, target :: room(:)
    character(:), allocatable :: sentence, text
    integer(c_int32_t) :: status
    type(c_ptr) :: first, steps
    logical :: fits, refused

    call gather_options(text, refused, options, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs, &
      & stat=stat, errmsg=errmsg)
    if (refused) return
    if (is_unknown(self, path, at, stat, errmsg)) return
    status = H5SIM_OK
    allocate (character(0) :: sentence)
    call take_extents(self, path, at, "global", global, 0, whole, status, sentence)
    call take_extents(self, path, at, "start", start, 1, from, status, sentence)
    if (status == H5SIM_OK .and. elements(at) > 0) then
      if (any(from(:at%rank) > whole(:at%rank) - at%extents(:at%rank))) then
        status = H5SIM_ERR_SHAPE
        sentence = about_block(self, path, at, from, " leaves the whole array, whose shape is ", whole(at%rank:1:-1))
      end if
    end if
    if (status == H5SIM_OK) then
      if (takes_strides(at)) then
        strides(:at%rank) = at%steps(:at%rank) / at%bytes
        steps = c_loc(strides)
        first = at%first
      else
        steps = c_null_ptr
        call lay_side_by_side(at, room, first, fits)
        if (.not. fits) then
          status = H5SIM_ERR_UNSUPPORTED
          sentence = no_memory(path, at%extents(at%rank:1:-1))
        end if
      end if
    end if
    if (status == H5SIM_OK) then
      if (is_record) then
        status = c_append_block(self%handle, c_text(path), at%dtype, at%rank, whole, from, at%extents, steps, first, &
          & c_text(text))
      else
        status = c_write_block(self%handle, c_text(path), at%dtype, at%rank, whole, from, at%extents, steps, first, &
          & c_text(text))
      end if
    end if
    call conclude(status, stat, errmsg, sentence)
  end subroutine put_block

  !> Read a block of a dataset into an array of any type and rank.
  subroutine take_block(self, path, at, start, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    class(*), intent(in) :: start(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: from(MOST_AXES)
    integer(c_int64_t), target :: strides(MOST_AXES)
    integer(c_int8_t), allocatable, target :: room(:)
    character(:), allocatable :: sentence
    integer(c_int64_t), allocatable :: found(:)
    integer(c_int32_t) :: status, known

    if (is_unknown(self, path, at, stat, errmsg)) return
    status = H5SIM_OK
    allocate (character(0) :: sentence)
    call take_extents(self, path, at, "start", start, 1, from, status, sentence)
    if (status == H5SIM_OK .and. takes_strides(at)) then
      strides(:at%rank) = at%steps(:at%rank) / at%bytes
      status = c_read_block(self%handle, c_text(path), at%dtype, at%rank, from, at%extents, c_loc(strides), at%first)
    else if (status == H5SIM_OK) then
      allocate(room(bytes_side_by_side(at)), stat=status)
      if (status /= 0) then
        status = H5SIM_ERR_UNSUPPORTED
        sentence = no_memory(path, at%extents(at%rank:1:-1))
      else
        status = c_read_block(self%handle, c_text(path), at%dtype, at%rank, from, at%extents, c_null_ptr, c_loc(room))
        if (status == H5SIM_OK) call spread_out(room, at)
      end if
    end if
    if (status == H5SIM_ERR_SHAPE .and. sentence == "") then
      ! The library's sentence speaks of the file's order; say it in Fortran's.
      call find_shape(self, path, "", found, known)
      if (known == H5SIM_OK) sentence = about_block(self, path, at, from, " is not inside the dataset, whose shape is ", found)
    end if
    call conclude(status, stat, errmsg, sentence)
  end subroutine take_block

  !> Take one integer for each axis of a block, of whatever kind, and none below the least; less that, in the file's order. After a
  !> failure nothing is done.
  subroutine take_extents(self, path, at, name, given, least, taken_from, status, sentence)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, name
    type(memory), intent(in) :: at
    class(*), intent(in) :: given(..)
    integer, intent(in) :: least
    integer(c_int64_t), intent(out) :: taken_from(MOST_AXES)
    integer(c_int32_t), intent(inout) :: status
    character(:), allocatable, intent(inout) :: sentence
    integer(c_int64_t), allocatable :: values(:)

    taken_from = 0
    if (status /= H5SIM_OK) return
    allocate(values(merge(size(given), 0, rank(given) == 1)))
    select rank (given)
    rank (1)
      select type (given)
      type is (integer(int32))
        values(:) = int(given, c_int64_t)
      type is (integer(int64))
        values(:) = given
      class default
        status = H5SIM_ERR_ARGUMENT
        sentence = about(self, path, name // " is not of integers of 4 or 8 bytes")
        return
      end select
    end select
    if (size(values) /= at%rank) then
      status = H5SIM_ERR_SHAPE
      sentence = about(self, path, "the array has the shape ", at%extents(at%rank:1:-1), ", but " // name // " is ", values)
    else if (any(values < least)) then
      status = H5SIM_ERR_SHAPE
      sentence = below_least(self, path, name, values, least)
    else
      taken_from(:at%rank) = reversed(values - least)
    end if
  end subroutine take_extents

  !> Write an array of any type and rank: to a new dataset, or to a part of an existing one.
  subroutine write_array(self, path, at, options, slice, start, count, stride, stat, errmsg, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: options
    logical, intent(in), optional :: overwrite, shuffle, fletcher32
    character(*), intent(in), optional :: dtype, compression, dims(..), attrs
    integer, intent(in), optional :: chunks(..), maxshape(..), compression_opts, quantize, threads
    real(real64), intent(in), optional :: fillvalue
    character(:), allocatable :: text
    type(request) :: part
    logical :: refused

    call gather_options(text, refused, options, &
      & overwrite, dtype, chunks, maxshape, compression, compression_opts, &
      & shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs, &
      & stat=stat, errmsg=errmsg)
    if (refused) return
    if (is_unknown(self, path, at, stat, errmsg)) return
    call note_part(part, start, count, stride)
    if (present(slice) .or. is_in_fortrans_terms(part)) then
      call request_part(self, path, at%extents(at%rank:1:-1), slice, part)
      if (part%status == H5SIM_OK .and. allocated(text)) then
        part%status = H5SIM_ERR_ARGUMENT
        part%sentence = about(self, path, "options have no meaning where a part of a dataset is written")
      end if
      if (part%status == H5SIM_OK) call write_part(self, path, at, part)
      call conclude(part%status, stat, errmsg, part%sentence)
    else
      call write_whole(self, path, at, c_text(text), stat, errmsg)
    end if
  end subroutine write_array

  !> Write a new dataset, or over an existing one.
  subroutine write_whole(self, path, at, options, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    character(*, kind=c_char), intent(in) :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(len(path) + 1, kind=c_char) :: c_path
    integer(c_int64_t), target :: strides(MOST_AXES)
    integer(c_int8_t), allocatable, target :: room(:)
    type(c_ptr) :: first
    logical :: fits

    c_path = path
    c_path(len_trim(path) + 1:len_trim(path) + 1) = c_null_char
    if (takes_strides(at)) then
      strides(:at%rank) = at%steps(:at%rank) / at%bytes
      call conclude(c_write(self%handle, c_path, at%dtype, at%rank, at%extents, c_loc(strides), at%first, options), stat, errmsg)
      return
    end if
    call lay_side_by_side(at, room, first, fits)
    if (fits) then
      call conclude(c_write(self%handle, c_path, at%dtype, at%rank, at%extents, c_null_ptr, first, options), stat, errmsg)
    else
      call conclude(H5SIM_ERR_UNSUPPORTED, stat, errmsg, no_memory(path, at%extents(at%rank:1:-1)))
    end if
  end subroutine write_whole

  !> Write into a part of an existing dataset.
  subroutine write_part(self, path, at, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    type(request), intent(inout) :: part
    integer(c_int8_t), allocatable, target :: room(:)
    integer(c_int64_t), target :: strides(H5SIM_MAX_RANK)
    integer(c_int64_t) :: extents(H5SIM_MAX_RANK), steps(H5SIM_MAX_RANK)
    integer(c_int32_t) :: rank
    type(c_ptr) :: first
    logical :: fits

    if (takes_strides(at) .and. .not. is_side_by_side(at)) then
      call lay_over_part(at, part, rank, extents, steps)
      strides(:rank) = steps(:rank) / at%bytes
      part%status = c_write_from(self%handle, c_text(path), part%slice, at%dtype, rank, extents, c_loc(strides), at%first)
      return
    end if
    call lay_side_by_side(at, room, first, fits)
    if (fits) then
      part%status = c_write_slice(self%handle, c_text(path), part%slice, at%dtype, elements(at), first)
    else
      part%status = H5SIM_ERR_UNSUPPORTED
      part%sentence = no_memory(path, at%extents(at%rank:1:-1))
    end if
  end subroutine write_part

  !> Read a dataset, or a part of it, into an array of any type and rank.
  subroutine read_array(self, path, at, slice, start, count, stride, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(request) :: part

    if (is_unknown(self, path, at, stat, errmsg)) return
    call note_part(part, start, count, stride)
    if (is_in_fortrans_terms(part)) then
      call request_part(self, path, at%extents(at%rank:1:-1), slice, part)
    else if (present(slice)) then
      part%slice = c_text(slice)
    end if
    if (part%status == H5SIM_OK) call read_part(self, path, at, part)
    call conclude_read(self, path, at%extents(at%rank:1:-1), part, stat, errmsg)
  end subroutine read_array

  !> Note what the caller says of a part in Fortran's terms.
  subroutine note_part(part, start, count, stride)
    type(request), intent(inout) :: part
    integer, intent(in), optional :: start(..), count(..), stride(..)

    call take_list(part%start, start)
    call take_list(part%count, count)
    call take_list(part%stride, stride)
  end subroutine note_part

  !> Take a list that is given; a number is a list of one, and an array of more axes says nothing of any axis.
  subroutine take_list(list, given)
    integer(c_int64_t), allocatable, intent(inout) :: list(:)
    integer, intent(in), optional :: given(..)

    if (.not. present(given)) return
    allocate(list(merge(size(given), 0, rank(given) < 2)))
    select rank (given)
    rank (0)
      list(1) = int(given, c_int64_t)
    rank (1)
      list(:) = int(given, c_int64_t)
    end select
  end subroutine take_list

  !> Tell whether a part is asked for in Fortran's terms.
  pure function is_in_fortrans_terms(part) result(is)
    type(request), intent(in) :: part
    logical :: is

    is = allocated(part%start) .or. allocated(part%count) .or. allocated(part%stride)
  end function is_in_fortrans_terms

  !> Choose a part.
  subroutine request_part(self, path, extents, slice, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(c_int64_t), intent(in) :: extents(:)
    character(*), intent(in), optional :: slice
    type(request), intent(inout) :: part
    character(:), allocatable :: text

    call choose_part(self, path, extents, slice, part, text)
    part%slice = c_text(text)
  end subroutine request_part

  !> Tell whether an array has these extents.
  pure function has_extents(array, extents) result(has)
    type(*), intent(in) :: array(..)
    integer(c_int64_t), intent(in) :: extents(MOST_AXES)
    logical :: has
    integer :: axis

    has = .true.
    do axis = 1, rank(array)
      if (size(array, axis, kind=c_int64_t) /= extents(axis)) has = .false.
    end do
  end function has_extents

  !> Read what is requested into the whole of an array of any type and rank, whose elements lie side by side.
  subroutine read_whole(self, path, dtype, bytes, array, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(c_int32_t), intent(in) :: dtype
    integer, intent(in) :: bytes
    type(*), intent(inout), target :: array(..)
    type(request), intent(inout) :: part
    type(memory) :: at

    call measure(array, dtype, bytes, at)
    call read_part(self, path, at, part)
  end subroutine read_whole

  !> Read what is requested, whose extents are those of the array but for axes of one element.
  subroutine read_part(self, path, at, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    type(request), intent(inout) :: part
    integer(c_int64_t) :: extents(H5SIM_MAX_RANK), steps(H5SIM_MAX_RANK)
    integer(c_int32_t) :: rank

    call lay_over_part(at, part, rank, extents, steps)
    if (allocated(part%slice)) then
      call read_slice(self, path, part%slice, at, extents(:rank), steps(:rank), part)
    else
      call read_slice(self, path, c_null_char, at, extents(:rank), steps(:rank), part)
    end if
  end subroutine read_part

  !> Give the extents of a part and the steps (in bytes) of an array along them, in the file's order: those of the array but for
  !> axes of one element.
  pure subroutine lay_over_part(at, part, rank, extents, steps)
    type(memory), intent(in) :: at
    type(request), intent(in) :: part
    integer(c_int32_t), intent(out) :: rank
    integer(c_int64_t), intent(out) :: extents(H5SIM_MAX_RANK), steps(H5SIM_MAX_RANK)

    rank = at%rank
    extents(:rank) = at%extents(:rank)
    steps(:rank) = at%steps(:rank)
    if (allocated(part%selected)) then
      rank = size(part%selected, kind=c_int32_t)
      extents(:rank) = reversed(part%selected)
      steps(:rank) = reversed(spread_steps(at%steps(at%rank:1:-1), at%extents(at%rank:1:-1), part%selected))
    end if
  end subroutine lay_over_part

  !> Read a slice into an array whose extents and steps (in bytes) are these, in the file's order.
  subroutine read_slice(self, path, slice, at, extents, steps, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    character(*, kind=c_char), intent(in) :: slice
    type(memory), intent(in) :: at
    integer(c_int64_t), intent(in) :: extents(:), steps(:)
    type(request), intent(inout) :: part
    character(len(path) + 1, kind=c_char) :: c_path
    integer(c_int64_t), target :: strides(H5SIM_MAX_RANK)
    integer(c_int8_t), allocatable, target :: room(:)
    integer(c_int32_t) :: rank

    rank = size(extents, kind=c_int32_t)
    c_path = path
    c_path(len_trim(path) + 1:len_trim(path) + 1) = c_null_char
    if (takes_strides(at)) then
      strides(:rank) = steps / at%bytes
      part%status = c_read_into(self%handle, c_path, slice, at%dtype, rank, extents, c_loc(strides), at%first)
    else
      allocate(room(bytes_side_by_side(at)), stat=part%status)
      if (part%status /= H5SIM_OK) return
      part%status = c_read_into(self%handle, c_path, slice, at%dtype, rank, extents, c_null_ptr, c_loc(room))
      if (part%status == H5SIM_OK) call spread_out(room, at)
    end if
  end subroutine read_slice

  !> End a read into an array of these extents, in Fortran's order, and the request.
  subroutine conclude_read(self, path, extents, part, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(c_int64_t), intent(in) :: extents(:)
    type(request), intent(inout) :: part
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: slice, sentence
    integer(c_int64_t), allocatable :: found(:)
    integer(c_int32_t) :: status

    if (part%status > 0) then
      part%status = H5SIM_ERR_UNSUPPORTED
      part%sentence = no_memory(path, extents)
    else if (part%status == H5SIM_ERR_SHAPE .and. .not. allocated(part%sentence)) then
      ! The library's sentence speaks of the file's order; say it in Fortran's.
      slice = ""
      if (allocated(part%slice)) slice = part%slice(:len(part%slice) - 1)
      call find_shape(self, path, slice, found, status)
      if (status == H5SIM_OK) part%sentence = misfit(self, path, slice, found, extents)
    end if
    status = part%status
    allocate (character(0) :: sentence)
    if (allocated(part%sentence)) sentence = part%sentence
    call conclude(status, stat, errmsg, sentence)
  end subroutine conclude_read

  !> Turn what the caller said of a part into the text of a slice, and give its extents, in Fortran's order. An array of
  !> lower rank fits when the axes that it lacks are those with a count of 1.
  subroutine choose_part(self, path, extents, slice, part, text)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(c_int64_t), intent(in) :: extents(:)
    character(*), intent(in), optional :: slice
    type(request), intent(inout) :: part
    character(:), allocatable, intent(out) :: text
    integer(c_int64_t), allocatable :: found(:)
    integer(c_int64_t) :: first, last, step
    integer :: axis

    text = ""
    if (present(slice) .eqv. allocated(part%start)) then
      part%status = H5SIM_ERR_ARGUMENT
      part%sentence = about(self, path, "a part is given either by slice, or by start with count and stride")
      return
    end if
    if (present(slice)) then
      text = slice
      call find_shape(self, path, slice, part%selected, part%status)
      if (part%status /= H5SIM_OK) return
      if (size(part%selected) == size(extents)) then
        if (all(part%selected == extents)) return
      end if
      part%status = H5SIM_ERR_SHAPE
      part%sentence = misfit(self, path, text, part%selected, extents)
      return
    end if

    call find_shape(self, path, "", found, part%status)
    if (part%status /= H5SIM_OK) return
    call check_hyperslab(self, path, found, part)
    if (part%status /= H5SIM_OK) return
    allocate(part%selected(size(found)), source=1_c_int64_t)
    if (allocated(part%count)) then
      part%selected(:) = part%count
    else if (size(extents) == size(found)) then
      part%selected(:) = extents
    end if
    if (.not. same_but_for_ones(part%selected, extents)) then
      part%status = H5SIM_ERR_SHAPE
      part%sentence = about(self, path, "count is ", part%selected, ", but the array is ", extents)
      return
    end if
    do axis = size(found), 1, -1
      step = 1
      if (allocated(part%stride)) step = part%stride(axis)
      first = part%start(axis)
      last = first + (part%selected(axis) - 1) * step
      if (part%selected(axis) == 0) last = first - 1
      if (part%selected(axis) > 0 .and. last > found(axis)) then
        part%status = H5SIM_ERR_SHAPE
        part%sentence = about(self, path, "axis ")
        call add_number(part%sentence, int(axis, c_int64_t))
        call add(part%sentence, " has ")
        call add_number(part%sentence, found(axis))
        call add(part%sentence, " elements, but start, count and stride ask for the one at ")
        call add_number(part%sentence, last)
        return
      end if
      call add_number(text, first - 1)
      call add(text, ":")
      call add_number(text, last)
      call add(text, ":")
      call add_number(text, step)
      if (axis > 1) call add(text, ", ")
    end do
  end subroutine choose_part

  !> Check that start, count and stride have one value for each axis, in their range.
  subroutine check_hyperslab(self, path, found, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer(c_int64_t), intent(in) :: found(:)
    type(request), intent(inout) :: part

    call check("start", part%start, 1)
    if (allocated(part%count)) call check("count", part%count, 0)
    if (allocated(part%stride)) call check("stride", part%stride, 1)

  contains

    subroutine check(name, values, least)
      character(*), intent(in) :: name
      integer(c_int64_t), intent(in) :: values(:)
      integer, intent(in) :: least

      if (part%status /= H5SIM_OK) return
      if (size(values) /= size(found)) then
        part%status = H5SIM_ERR_SHAPE
        part%sentence = about(self, path, "its shape is ", found, ", but " // name // " is ", values)
      else if (any(values < least)) then
        part%status = H5SIM_ERR_SHAPE
        part%sentence = below_least(self, path, name, values, least)
      end if
    end subroutine check
  end subroutine check_hyperslab

  !> Find the extents that an array must have to take a dataset or a part of it, all axes of it or as many as the array has,
  !> and request that part.
  subroutine request_all(self, path, rank, extents, slice, start, count, stride, part)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    integer, intent(in) :: rank
    integer(c_int64_t), intent(out) :: extents(MOST_AXES)
    character(*), intent(in), optional :: slice
    integer, intent(in), optional :: start(..), count(..), stride(..)
    type(request), intent(inout) :: part
    integer(c_int64_t), allocatable :: found(:)
    integer(c_int64_t) :: step
    integer :: axis, kept

    extents = 0
    part%rank = min(rank, MOST_AXES)
    if (rank > MOST_AXES) then
      part%status = H5SIM_ERR_UNSUPPORTED
      part%sentence = about(self, path, "the array has more than the 7 axes that this module takes")
      return
    end if
    call note_part(part, start, count, stride)
    if (present(slice)) part%slice = c_text(slice)
    call find_shape(self, path, slice, found, part%status)
    if (part%status /= H5SIM_OK) return
    if (allocated(part%start) .and. .not. present(slice)) then
      call check_hyperslab(self, path, found, part)
      if (part%status /= H5SIM_OK) return
      kept = size(found)
      do axis = kept, 1, -1
        step = 1
        if (allocated(part%stride)) step = part%stride(axis)
        found(axis) = max(0_c_int64_t, (found(axis) - part%start(axis)) / step + 1)
        if (allocated(part%count)) found(axis) = part%count(axis)
        ! Axes of one element are dropped, from the last on, until the array has as many.
        if (found(axis) /= 1 .or. kept <= rank) cycle
        found(axis:kept - 1) = found(axis + 1:kept)
        kept = kept - 1
      end do
      found = found(:kept)
    end if
    if (size(found) /= rank) then
      part%status = H5SIM_ERR_SHAPE
      part%sentence = about(self, path, "the array is of rank " // number(int(rank, c_int64_t)) // &
        & ", but what is to be read has the shape ", found)
      return
    end if
    extents(:rank) = found
    if (is_in_fortrans_terms(part)) call request_part(self, path, found, slice, part)
  end subroutine request_all

  !> Give the shape of a dataset or of a slice of it, in Fortran's order.
  subroutine find_shape(self, path, slice, found, status)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    character(*), intent(in), optional :: slice
    integer(c_int64_t), allocatable, intent(out) :: found(:)
    integer(c_int32_t), intent(out) :: status
    integer(c_int64_t) :: extents(H5SIM_MAX_RANK)
    integer(c_int32_t) :: rank

    rank = 0
    status = c_slice_shape(self%handle, c_text(path), c_text(slice), rank, extents)
    call set_reversed(found, extents(:rank))
  end subroutine find_shape

  !> Check that an attribute has the shape of the array it is to be read into.
  subroutine check_attribute(self, object, name, extents, status, sentence)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(c_int64_t), intent(in) :: extents(:)
    integer(c_int32_t), intent(out) :: status
    character(:), allocatable, intent(inout) :: sentence
    integer(c_int64_t), allocatable :: found(:)

    call file_attr_status(self, object, name, found, status)
    if (status /= H5SIM_OK) return
    if (size(found) == size(extents)) then
      if (all(found == extents)) return
    end if
    status = H5SIM_ERR_SHAPE
    sentence = in_file(self, "the attribute ")
    call add(sentence, quoted(name))
    call add(sentence, " of ")
    call add(sentence, quoted(object))
    call add_misfit(sentence, found, extents)
  end subroutine check_attribute

  subroutine file_attr_status(self, object, name, found, status)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: object, name
    integer(c_int64_t), allocatable, intent(out) :: found(:)
    integer(c_int32_t), intent(out) :: status
    integer(c_int64_t) :: extents(H5SIM_MAX_RANK)
    integer(c_int32_t) :: dtype, rank

    rank = 0
    status = c_attr_info(self%handle, c_text(object), c_text(name), dtype, rank, extents)
    call set_reversed(found, extents(:rank))
  end subroutine file_attr_status

  ! --------------------------------------------------------------------------------- where the elements of an array are

  !> Say where the elements of an array of any type are, if they lie side by side; else only how many there are along each axis.
  subroutine measure(array, dtype, bytes, at)
    type(*), intent(in), target :: array(..)
    integer(c_int32_t), intent(in) :: dtype
    integer, intent(in) :: bytes
    type(memory), intent(out) :: at
    integer :: axis

    call begin_memory(at, dtype, bytes, rank(array))
    do axis = 1, at%rank
      call measure_axis(at, axis, size(array, axis, kind=c_int64_t))
    end do
    if (.not. at%has_elements) return
    at%is_apart = .not. is_contiguous(array)
    if (.not. at%is_apart) at%first = c_loc(array)
  end subroutine measure

  !> Begin to say where an array is, whose axes are yet to be measured, from the first on.
  subroutine begin_memory(at, dtype, bytes, rank)
    type(memory), intent(out) :: at
    integer(c_int32_t), intent(in) :: dtype
    integer, intent(in) :: bytes, rank

    at%dtype = dtype
    at%bytes = bytes
    at%rank = int(rank, c_int32_t)
    at%has_elements = rank <= MOST_AXES
    at%is_apart = .false.
    at%step = bytes
    if (rank > MOST_AXES) at%rank = UNKNOWN_RANK
    ! The library wants a place all the same where there are no elements.
    at%first = c_loc(nowhere)
  end subroutine begin_memory

  !> Note the extent of an axis, with its step if the elements lie side by side.
  pure subroutine measure_axis(at, axis, extent)
    type(memory), intent(inout) :: at
    integer, intent(in) :: axis
    integer(c_int64_t), intent(in) :: extent

    at%extents(at%rank + 1 - axis) = extent
    at%steps(at%rank + 1 - axis) = at%step
    at%step = at%step * extent
    if (extent < 1) at%has_elements = .false.
  end subroutine measure_axis

  !> Refuse an array whose elements the module does not know the places of.
  function is_unknown(self, path, at, stat, errmsg)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path
    type(memory), intent(in) :: at
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: is_unknown

    is_unknown = at%rank == UNKNOWN_RANK
    if (is_unknown) call conclude(H5SIM_ERR_UNSUPPORTED, stat, errmsg, about(self, path, &
      & "the array has more than the 7 axes that this module takes"))
  end function is_unknown

  !> Give how many bytes one place is behind another.
  pure function distance(from, to) result(bytes)
    type(c_ptr), intent(in) :: from, to
    integer(c_int64_t) :: bytes

    bytes = int(transfer(to, 0_c_intptr_t) - transfer(from, 0_c_intptr_t), c_int64_t)
  end function distance

  !> Give how many elements an array has.
  pure function elements(at) result(number_of)
    type(memory), intent(in) :: at
    integer(c_int64_t) :: number_of

    number_of = product(at%extents(:at%rank))
  end function elements

  !> Give how many bytes the library's elements take side by side; at least one, because C_LOC wants something.
  pure function bytes_side_by_side(at) result(bytes)
    type(memory), intent(in) :: at
    integer(c_int64_t) :: bytes

    bytes = max(1_c_int64_t, elements(at) * kept_bytes(at))
  end function bytes_side_by_side

  !> Give how many bytes an element has in the library's terms.
  pure function kept_bytes(at) result(bytes)
    type(memory), intent(in) :: at
    integer(c_int64_t) :: bytes

    bytes = at%bytes
    if (at%dtype == H5SIM_BOOL) bytes = 1
  end function kept_bytes

  !> Tell whether the library can reach the elements by strides. It cannot reach logicals, which it keeps in one byte, and
  !> sections of a component of derived types, where elements are not apart by whole elements.
  pure function takes_strides(at) result(takes)
    type(memory), intent(in) :: at
    logical :: takes
    integer :: axis

    takes = at%dtype /= H5SIM_BOOL
    do axis = 1, at%rank
      if (mod(at%steps(axis), int(at%bytes, c_int64_t)) /= 0) takes = .false.
    end do
  end function takes_strides

  !> Tell whether the elements lie side by side as the library wants them.
  pure function is_side_by_side(at) result(is)
    type(memory), intent(in) :: at
    logical :: is
    integer(c_int64_t) :: step
    integer :: axis

    is = at%dtype /= H5SIM_BOOL
    step = at%bytes
    do axis = at%rank, 1, -1
      if (at%extents(axis) > 1 .and. at%steps(axis) /= step) is = .false.
      step = step * at%extents(axis)
    end do
  end function is_side_by_side

  !> Give a place where the elements lie side by side: their own, or room that they are copied to.
  subroutine lay_side_by_side(at, room, first, fits)
    type(memory), intent(in) :: at
    integer(c_int8_t), allocatable, target, intent(inout) :: room(:)
    type(c_ptr), intent(out) :: first
    logical, intent(out) :: fits
    integer :: refused

    first = at%first
    fits = .true.
    if (is_side_by_side(at)) return
    allocate(room(bytes_side_by_side(at)), stat=refused)
    fits = refused == 0
    if (.not. fits) return
    call move_elements(room, at, .true.)
    first = c_loc(room)
  end subroutine lay_side_by_side

  !> Copy elements that lie side by side to where they belong.
  subroutine spread_out(room, at)
    integer(c_int8_t), target, intent(inout) :: room(:)
    type(memory), intent(in) :: at

    call move_elements(room, at, .false.)
  end subroutine spread_out

  !> Copy all elements of an array to the room, in the file's order, or from it.
  subroutine move_elements(room, at, to_room)
    integer(c_int8_t), target, intent(inout) :: room(:)
    type(memory), intent(in) :: at
    logical, intent(in) :: to_room
    integer(c_int64_t) :: index(MOST_AXES), of_room, of_array, bytes, i, left
    integer :: axis

    bytes = kept_bytes(at)
    index = 0
    of_array = distance(c_null_ptr, at%first)
    of_room = distance(c_null_ptr, c_loc(room))
    left = elements(at)
    do i = 1, left
      call move_element(place(of_array), place(of_room), at, to_room)
      of_room = of_room + bytes
      ! The next index, the last axis fastest.
      do axis = at%rank, 1, -1
        index(axis) = index(axis) + 1
        of_array = of_array + at%steps(axis)
        if (index(axis) < at%extents(axis)) exit
        of_array = of_array - at%steps(axis) * at%extents(axis)
        index(axis) = 0
      end do
    end do
  end subroutine move_elements

  !> Copy one element to the room or from it: a logical as a byte, any other as words as long as its size allows.
  subroutine move_element(of_array, of_room, at, to_room)
    type(c_ptr), intent(in) :: of_array, of_room
    type(memory), intent(in) :: at
    logical, intent(in) :: to_room
    logical, pointer :: flag
    integer(int64), pointer :: long(:), long_room(:)
    integer(int32), pointer :: word, word_room
    integer(int8), pointer :: bytes(:), bytes_room(:)

    if (at%dtype == H5SIM_BOOL) then
      call c_f_pointer(of_array, flag)
      call c_f_pointer(of_room, bytes_room, [1])
      if (to_room) bytes_room(1) = merge(1_int8, 0_int8, flag)
      if (.not. to_room) flag = bytes_room(1) /= 0
    else if (mod(at%bytes, 8) == 0) then
      call c_f_pointer(of_array, long, [at%bytes / 8])
      call c_f_pointer(of_room, long_room, [at%bytes / 8])
      if (to_room) long_room = long
      if (.not. to_room) long = long_room
    else if (at%bytes == 4) then
      call c_f_pointer(of_array, word)
      call c_f_pointer(of_room, word_room)
      if (to_room) word_room = word
      if (.not. to_room) word = word_room
    else
      call c_f_pointer(of_array, bytes, [at%bytes])
      call c_f_pointer(of_room, bytes_room, [at%bytes])
      if (to_room) bytes_room = bytes
      if (.not. to_room) bytes = bytes_room
    end if
  end subroutine move_element

  !> Turn an address into a pointer.
  pure function place(address) result(pointer_to)
    integer(c_int64_t), intent(in) :: address
    type(c_ptr) :: pointer_to

    pointer_to = transfer(int(address, c_intptr_t), c_null_ptr)
  end function place

  !> Give the steps of an array along the axes of a selection that has more axes of one element.
  pure function spread_steps(steps, extents, selected) result(spread)
    integer(c_int64_t), intent(in) :: steps(:), extents(:), selected(:)
    integer(c_int64_t) :: spread(size(selected))
    integer :: axis, of_array

    spread = 1
    of_array = 0
    do axis = 1, size(selected)
      if (selected(axis) == 1) cycle
      of_array = next_but_ones(extents, of_array)
      if (of_array > size(extents)) return
      spread(axis) = steps(of_array)
    end do
  end function spread_steps

  !> Tell whether two shapes are the same but for axes of one element.
  pure function same_but_for_ones(one, other) result(same)
    integer(c_int64_t), intent(in) :: one(:), other(:)
    logical :: same
    integer :: axis, of_other

    same = .false.
    of_other = 0
    do axis = 1, size(one)
      if (one(axis) == 1) cycle
      of_other = next_but_ones(other, of_other)
      if (of_other > size(other)) return
      if (other(of_other) /= one(axis)) return
    end do
    same = next_but_ones(other, of_other) > size(other)
  end function same_but_for_ones

  !> Give the next axis behind one that has not one element.
  pure function next_but_ones(extents, axis) result(next)
    integer(c_int64_t), intent(in) :: extents(:)
    integer, intent(in) :: axis
    integer :: next

    do next = axis + 1, size(extents)
      if (extents(next) /= 1) return
    end do
  end function next_but_ones

  ! ---------------------------------------------------------------------------------------------------- JSON documents

  !> Make an empty object, {}.
  subroutine json_new(self, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: document
    integer(c_int32_t) :: status

    status = c_json_new(document)
    if (status == H5SIM_OK) call replace(self, document)
    call conclude(status, stat, errmsg)
  end subroutine json_new

  !> Read a JSON text.
  subroutine json_parse(self, json, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: json
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: document
    integer(c_int32_t) :: status

    status = c_json_parse(c_text(json), document)
    if (status == H5SIM_OK) call replace(self, document)
    call conclude(status, stat, errmsg)
  end subroutine json_parse

  !> Read a YAML text; lines are apart by new_line("a").
  subroutine json_parse_yaml(self, yaml, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: yaml
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: document
    integer(c_int32_t) :: status

    status = c_json_parse_yaml(c_text(yaml), document)
    if (status == H5SIM_OK) call replace(self, document)
    call conclude(status, stat, errmsg)
  end subroutine json_parse_yaml

  !> Read a file of YAML (or JSON, which is YAML too), such as an input deck.
  subroutine json_parse_yaml_file(self, path, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: text
    character(200) :: reason
    integer :: unit, length, failure

    open(newunit=unit, file=trim(path), access="stream", form="unformatted", action="read", status="old", iostat=failure, &
      & iomsg=reason)
    if (failure == 0) then
      inquire(unit=unit, size=length)
      allocate(character(max(length, 0)) :: text)
      read(unit, iostat=failure, iomsg=reason) text
      close(unit)
    end if
    if (failure == 0) then
      call json_parse_yaml(self, text, stat, errmsg)
    else
      call conclude(H5SIM_ERR_IO, stat, errmsg, "cannot read " // quoted(path) // ": " // trim(reason))
    end if
  end subroutine json_parse_yaml_file

  !> Give a variable another document, and free the one it held.
  subroutine replace(self, document)
    class(h5sim_json), intent(inout) :: self
    integer(c_int64_t), intent(in) :: document
    integer(c_int32_t) :: ignored

    if (self%handle /= 0) ignored = c_json_free(self%handle)
    self%handle = document
  end subroutine replace

  !> Free the document.
  subroutine json_free(self, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = c_json_free(self%handle)
    self%handle = 0
    call conclude(status, stat, errmsg)
  end subroutine json_free

  !> Set a member to null. A pointer is "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place after
  !> the last; missing objects on the way are made.
  subroutine json_set_null(self, pointer, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_null(self%handle, c_text(pointer))
    call conclude(status, stat, errmsg)
  end subroutine json_set_null

  !> Set a member to any value, given as JSON text.
  subroutine json_set_json(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer, value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_json(self%handle, c_text(pointer), c_text(value))
    call conclude(status, stat, errmsg)
  end subroutine json_set_json

  !> Set a member to a text.
  subroutine json_set_text_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer, value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    if (has_nul(value, "the text for ", pointer, stat, errmsg)) return
    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_text(self%handle, c_text(pointer), c_text(value))
    call conclude(status, stat, errmsg)
  end subroutine json_set_text_0

  !> Get a text.
  subroutine json_get_text_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    character(:), allocatable, intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_json_get_text(self%handle, c_text(pointer), text)
    if (status == H5SIM_OK) value = taken(status, text)
    call conclude(status, stat, errmsg)
  end subroutine json_get_text_0

  subroutine json_set_f64_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    real(real64), intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_f64(self%handle, c_text(pointer), real(value, c_double))
    call conclude(status, stat, errmsg)
  end subroutine json_set_f64_0

  subroutine json_set_f64_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    real(real64), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    integer :: i

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_json(self%handle, c_text(pointer), c_text("[]"))
    do i = 1, size(value)
      if (status /= H5SIM_OK) exit
      status = c_json_set_f64(self%handle, c_text(trim(pointer) // "/-"), real(value(i), c_double))
    end do
    call conclude(status, stat, errmsg)
  end subroutine json_set_f64_1

  subroutine json_get_f64_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    real(real64), intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    real(c_double) :: found
    integer(c_int32_t) :: status

    status = c_json_get_f64(self%handle, c_text(pointer), found)
    if (status == H5SIM_OK) value = real(found, real64)
    call conclude(status, stat, errmsg)
  end subroutine json_get_f64_0

  subroutine json_get_f64_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    real(real64), intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    real(real64) :: found(size(value))
    integer :: i, local_stat

    do i = 1, size(value)
      call json_get_f64_0(self, element(pointer, i), found(i), local_stat, errmsg)
      if (local_stat /= 0) then
        ! Once more, so that a failure without stat= stops the program.
        call json_get_f64_0(self, element(pointer, i), found(i), stat, errmsg)
        return
      end if
    end do
    call check_length(self, pointer, size(value), stat, errmsg, local_stat)
    if (local_stat == 0) value = found
  end subroutine json_get_f64_1

  subroutine json_set_f32_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    real(real32), intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_f64(self%handle, c_text(pointer), real(value, c_double))
    call conclude(status, stat, errmsg)
  end subroutine json_set_f32_0

  subroutine json_set_f32_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    real(real32), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call json_set_f64_1(self, pointer, real(value, c_double), stat, errmsg)
  end subroutine json_set_f32_1

  subroutine json_get_f32_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    real(real32), intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    real(c_double) :: found
    integer(c_int32_t) :: status

    status = c_json_get_f64(self%handle, c_text(pointer), found)
    if (status == H5SIM_OK) value = real(found, real32)
    call conclude(status, stat, errmsg)
  end subroutine json_get_f32_0

  subroutine json_get_f32_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    real(real32), intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    real(real32) :: found(size(value))
    integer :: i, local_stat

    do i = 1, size(value)
      call json_get_f32_0(self, element(pointer, i), found(i), local_stat, errmsg)
      if (local_stat /= 0) then
        ! Once more, so that a failure without stat= stops the program.
        call json_get_f32_0(self, element(pointer, i), found(i), stat, errmsg)
        return
      end if
    end do
    call check_length(self, pointer, size(value), stat, errmsg, local_stat)
    if (local_stat == 0) value = found
  end subroutine json_get_f32_1

  subroutine json_set_i64_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    integer(int64), intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_i64(self%handle, c_text(pointer), int(value, c_int64_t))
    call conclude(status, stat, errmsg)
  end subroutine json_set_i64_0

  subroutine json_set_i64_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    integer(int64), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    integer :: i

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_json(self%handle, c_text(pointer), c_text("[]"))
    do i = 1, size(value)
      if (status /= H5SIM_OK) exit
      status = c_json_set_i64(self%handle, c_text(trim(pointer) // "/-"), int(value(i), c_int64_t))
    end do
    call conclude(status, stat, errmsg)
  end subroutine json_set_i64_1

  subroutine json_get_i64_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer(int64), intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: found
    integer(c_int32_t) :: status

    status = c_json_get_i64(self%handle, c_text(pointer), found)
    if (status == H5SIM_OK) value = int(found, int64)
    call conclude(status, stat, errmsg)
  end subroutine json_get_i64_0

  subroutine json_get_i64_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer(int64), intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(int64) :: found(size(value))
    integer :: i, local_stat

    do i = 1, size(value)
      call json_get_i64_0(self, element(pointer, i), found(i), local_stat, errmsg)
      if (local_stat /= 0) then
        ! Once more, so that a failure without stat= stops the program.
        call json_get_i64_0(self, element(pointer, i), found(i), stat, errmsg)
        return
      end if
    end do
    call check_length(self, pointer, size(value), stat, errmsg, local_stat)
    if (local_stat == 0) value = found
  end subroutine json_get_i64_1

  subroutine json_set_i32_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    integer(int32), intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_i64(self%handle, c_text(pointer), int(value, c_int64_t))
    call conclude(status, stat, errmsg)
  end subroutine json_set_i32_0

  subroutine json_set_i32_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    integer(int32), intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call json_set_i64_1(self, pointer, int(value, c_int64_t), stat, errmsg)
  end subroutine json_set_i32_1

  subroutine json_get_i32_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer(int32), intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int64_t) :: found
    integer(c_int32_t) :: status

    status = c_json_get_i64(self%handle, c_text(pointer), found)
    if (status == H5SIM_OK) then
      if (found < -int(huge(value), int64) - 1 .or. found > huge(value)) then
        call conclude(H5SIM_ERR_TYPE, stat, errmsg, quoted(pointer) // " is " // number(found) // &
          & ", which a 32-bit integer cannot hold")
        return
      end if
    end if
    if (status == H5SIM_OK) value = int(found, int32)
    call conclude(status, stat, errmsg)
  end subroutine json_get_i32_0

  subroutine json_get_i32_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer(int32), intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(int32) :: found(size(value))
    integer :: i, local_stat

    do i = 1, size(value)
      call json_get_i32_0(self, element(pointer, i), found(i), local_stat, errmsg)
      if (local_stat /= 0) then
        ! Once more, so that a failure without stat= stops the program.
        call json_get_i32_0(self, element(pointer, i), found(i), stat, errmsg)
        return
      end if
    end do
    call check_length(self, pointer, size(value), stat, errmsg, local_stat)
    if (local_stat == 0) value = found
  end subroutine json_get_i32_1

  subroutine json_set_bool_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    logical, intent(in) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_bool(self%handle, c_text(pointer), merge(1_c_int32_t, 0_c_int32_t, value))
    call conclude(status, stat, errmsg)
  end subroutine json_set_bool_0

  subroutine json_set_bool_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(inout) :: self
    character(*), intent(in) :: pointer
    logical, intent(in) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    integer :: i

    status = made(self)
    if (status == H5SIM_OK) status = c_json_set_json(self%handle, c_text(pointer), c_text("[]"))
    do i = 1, size(value)
      if (status /= H5SIM_OK) exit
      status = c_json_set_bool(self%handle, c_text(trim(pointer) // "/-"), merge(1_c_int32_t, 0_c_int32_t, value(i)))
    end do
    call conclude(status, stat, errmsg)
  end subroutine json_set_bool_1

  subroutine json_get_bool_0(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    logical, intent(inout) :: value
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: found
    integer(c_int32_t) :: status

    status = c_json_get_bool(self%handle, c_text(pointer), found)
    if (status == H5SIM_OK) value = found /= 0
    call conclude(status, stat, errmsg)
  end subroutine json_get_bool_0

  subroutine json_get_bool_1(self, pointer, value, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    logical, intent(inout) :: value(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: found(size(value))
    integer :: i, local_stat

    do i = 1, size(value)
      call json_get_bool_0(self, element(pointer, i), found(i), local_stat, errmsg)
      if (local_stat /= 0) then
        ! Once more, so that a failure without stat= stops the program.
        call json_get_bool_0(self, element(pointer, i), found(i), stat, errmsg)
        return
      end if
    end do
    call check_length(self, pointer, size(value), stat, errmsg, local_stat)
    if (local_stat == 0) value = found
  end subroutine json_get_bool_1

  !> Give the pointer to an element, the first of which is 1 in Fortran and 0 in JSON.
  pure function element(pointer, i) result(text)
    character(*), intent(in) :: pointer
    integer, intent(in) :: i
    character(:), allocatable :: text

    text = trim(pointer) // "/" // number(int(i - 1, c_int64_t))
  end function element

  !> Check that a list is no longer than the array that it was read into.
  subroutine check_length(self, pointer, length, stat, errmsg, local_stat)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer, intent(in) :: length
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer, intent(out) :: local_stat
    integer(c_int32_t) :: status, kind

    kind = H5SIM_JSON_NULL
    status = c_json_type(self%handle, c_text(pointer), kind)
    if (status == H5SIM_OK .and. kind /= H5SIM_JSON_ARRAY) then
      status = H5SIM_ERR_TYPE
      call conclude(status, stat, errmsg, quoted(pointer) // " is not a list")
    else if (status /= H5SIM_OK) then
      call conclude(status, stat, errmsg)
    else if (c_json_type(self%handle, c_text(element(pointer, length + 1)), kind) == H5SIM_OK) then
      status = H5SIM_ERR_SHAPE
      call conclude(status, stat, errmsg, "the list " // quoted(pointer) // " has more than the " // &
        & number(int(length, c_int64_t)) // " elements that the array has")
    else
      call conclude(H5SIM_OK, stat, errmsg)
    end if
    local_stat = int(status)
  end subroutine check_length

  !> Tell how many elements a list has, or members an object; "" is the whole document.
  function json_length(self, pointer, stat, errmsg) result(length)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in), optional :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer :: length
    integer(c_int64_t) :: found

    found = 0
    call conclude(c_json_length(self%handle, c_text(pointer), found), stat, errmsg)
    length = int(found)
  end function json_length

  !> List the names of an object's members, in their order; "" is the whole document.
  function json_keys(self, pointer, stat, errmsg) result(names)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in), optional :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: names(:)
    type(c_ptr) :: json
    integer(c_int32_t) :: status

    status = c_json_keys(self%handle, c_text(pointer), json)
    call unpack_texts(status, json, names, stat, errmsg)
  end function json_keys

  !> Get a text, as a function.
  function json_get_text(self, pointer, stat, errmsg) result(text)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: text

    text = ""
    call json_get_text_0(self, pointer, text, stat, errmsg)
  end function json_get_text

  !> Get any member as JSON text.
  function json_get_json(self, pointer, stat, errmsg) result(json)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_json_get_json(self%handle, c_text(pointer), text)
    json = taken(status, text)
    call conclude(status, stat, errmsg)
  end function json_get_json

  !> Tell whether a member is there.
  function json_has(self, pointer, stat, errmsg) result(has)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: has
    integer(c_int32_t) :: status, kind

    status = c_json_type(self%handle, c_text(pointer), kind)
    has = status == H5SIM_OK
    if (status == H5SIM_ERR_NOT_FOUND) status = H5SIM_OK
    call conclude(status, stat, errmsg)
  end function json_has

  !> Tell the type of a member, H5SIM_JSON_NULL … H5SIM_JSON_OBJECT.
  function json_type(self, pointer, stat, errmsg) result(kind)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer :: kind
    integer(c_int32_t) :: found

    found = H5SIM_JSON_NULL
    call conclude(c_json_type(self%handle, c_text(pointer), found), stat, errmsg)
    kind = int(found)
  end function json_type

  !> Remove a member or an element.
  subroutine json_remove(self, pointer, stat, errmsg)
    class(h5sim_json), intent(in) :: self
    character(*), intent(in) :: pointer
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_json_remove(self%handle, c_text(pointer)), stat, errmsg)
  end subroutine json_remove

  !> Print the document as JSON text, as Python's json.dumps does.
  function json_dump(self, stat, errmsg) result(json)
    class(h5sim_json), intent(in) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_json_dump(self%handle, text)
    json = taken(status, text)
    call conclude(status, stat, errmsg)
  end function json_dump

  !> Print the document as YAML text, as PyYAML's yaml.dump does.
  function json_dump_yaml(self, stat, errmsg) result(yaml)
    class(h5sim_json), intent(in) :: self
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: yaml
    type(c_ptr) :: text
    integer(c_int32_t) :: status

    status = c_json_dump_yaml(self%handle, text)
    yaml = taken(status, text)
    call conclude(status, stat, errmsg)
  end function json_dump_yaml

  !> See to it that a variable holds a document.
  function made(self) result(status)
    class(h5sim_json), intent(inout) :: self
    integer(c_int32_t) :: status

    status = H5SIM_OK
    if (self%handle == 0) status = c_json_new(self%handle)
  end function made

  ! ---------------------------------------------------------------------------------------------- names from metadata

  function canonical_json_of_text(json, stat, errmsg) result(text)
    character(*), intent(in) :: json
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: text
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_canonical_json(c_text(json), found)
    text = taken(status, found)
    call conclude(status, stat, errmsg)
  end function canonical_json_of_text

  function hash_of_text(json, digits, stat, errmsg) result(hex)
    character(*), intent(in) :: json
    integer, intent(in), optional :: digits
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: hex
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_hash(c_text(json), digits_wanted(digits), found)
    hex = taken(status, found)
    call conclude(status, stat, errmsg)
  end function hash_of_text

  function hash_name_of_text(prefix, json, digits, suffix, stat, errmsg) result(name)
    character(*), intent(in) :: prefix, json
    integer, intent(in), optional :: digits
    character(*), intent(in), optional :: suffix
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: name
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_hash_name(c_text(prefix), c_text(json), digits_wanted(digits), c_text(suffix), found)
    name = taken(status, found)
    call conclude(status, stat, errmsg)
  end function hash_name_of_text

  function canonical_json_of_document(json, stat, errmsg) result(text)
    type(h5sim_json), intent(in) :: json
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: text
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_json_canonical(json%handle, found)
    text = taken(status, found)
    call conclude(status, stat, errmsg)
  end function canonical_json_of_document

  function hash_of_document(json, digits, stat, errmsg) result(hex)
    type(h5sim_json), intent(in) :: json
    integer, intent(in), optional :: digits
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: hex
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_json_hash(json%handle, digits_wanted(digits), found)
    hex = taken(status, found)
    call conclude(status, stat, errmsg)
  end function hash_of_document

  function hash_name_of_document(prefix, json, digits, suffix, stat, errmsg) result(name)
    character(*), intent(in) :: prefix
    type(h5sim_json), intent(in) :: json
    integer, intent(in), optional :: digits
    character(*), intent(in), optional :: suffix
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: name
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_json_hash_name(json%handle, c_text(prefix), digits_wanted(digits), c_text(suffix), found)
    name = taken(status, found)
    call conclude(status, stat, errmsg)
  end function hash_name_of_document

  pure function digits_wanted(digits) result(wanted)
    integer, intent(in), optional :: digits
    integer(c_int32_t) :: wanted

    wanted = 10
    if (present(digits)) wanted = int(digits, c_int32_t)
  end function digits_wanted

  ! ------------------------------------------------------------------------------------------------ runs in a directory

  subroutine produce_of_text(directory, prefix, json, path, state, digits, suffix, options, stat, errmsg)
    character(*), intent(in) :: directory, prefix, json
    character(:), allocatable, intent(inout) :: path
    integer, intent(inout) :: state
    integer, intent(in), optional :: digits
    character(*), intent(in), optional :: suffix, options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: found
    integer(c_int32_t) :: status, reached

    status = c_produce(c_text(directory), c_text(prefix), c_text(json), digits_wanted(digits), c_text(suffix), &
      & c_text(options), found, reached)
    if (status == H5SIM_OK) then
      path = taken(status, found)
      state = int(reached)
    end if
    call conclude(status, stat, errmsg)
  end subroutine produce_of_text

  subroutine produce_of_document(directory, prefix, json, path, state, digits, suffix, options, stat, errmsg)
    character(*), intent(in) :: directory, prefix
    type(h5sim_json), intent(in) :: json
    character(:), allocatable, intent(inout) :: path
    integer, intent(inout) :: state
    integer, intent(in), optional :: digits
    character(*), intent(in), optional :: suffix, options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: found
    integer(c_int32_t) :: status, reached

    status = c_json_produce(c_text(directory), c_text(prefix), json%handle, digits_wanted(digits), c_text(suffix), &
      & c_text(options), found, reached)
    if (status == H5SIM_OK) then
      path = taken(status, found)
      state = int(reached)
    end if
    call conclude(status, stat, errmsg)
  end subroutine produce_of_document

  function is_claimed_here(path, stat, errmsg) result(claimed)
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: claimed
    integer(c_int32_t) :: answer

    answer = 0
    call conclude(c_is_claimed(c_text(path), answer), stat, errmsg)
    claimed = answer == 1
  end function is_claimed_here

  subroutine release_claim(path, stat, errmsg)
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg

    call conclude(c_release(c_text(path)), stat, errmsg)
  end subroutine release_claim

  subroutine find_runs(directory, query, runs, options, stat, errmsg)
    character(*), intent(in) :: directory, query
    type(h5sim_json), intent(inout) :: runs
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: found
    integer(c_int32_t) :: status

    status = c_find(c_text(directory), c_text(query), c_text(options), found)
    if (status == H5SIM_OK) then
      call json_parse(runs, taken(status, found), stat, errmsg)
    else
      call conclude(status, stat, errmsg)
    end if
  end subroutine find_runs

  ! ---------------------------------------------------------------------------------------------- failures and texts

  !> End a call: hand its status and its sentence to the caller, or stop the program where the caller does not ask for it.
  !> The sentence is the library's, unless this module has one of its own, which is not "".
  subroutine conclude(status, stat, errmsg, sentence)
    integer(c_int32_t), intent(in) :: status
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(*), intent(in), optional :: sentence
    character(:), allocatable :: message

    if (present(stat)) stat = int(status)
    if (status == H5SIM_OK) return
    message = ""
    if (present(sentence)) message = sentence
    if (message == "") message = copied(c_last_error())
    if (present(errmsg)) errmsg = message
    if (present(stat)) return
    flush(output_unit)
    write(error_unit, "(a)") "h5sim: " // message
    flush(error_unit)
    error stop 1
  end subroutine conclude

  !> Give a text to C: without trailing blanks, with the NUL that ends it; nothing is "".
  pure function c_text(text) result(for_c)
    character(*), intent(in), optional :: text
    character(:, kind=c_char), allocatable :: for_c

    if (present(text)) then
      for_c = trim(text) // c_null_char
    else
      for_c = c_null_char
    end if
  end function c_text

  !> Refuse a text with a NUL inside, which would end there without a word. What it is for, and its name, are for the sentence.
  function has_nul(text, what, name, stat, errmsg)
    character(*), intent(in) :: text, what, name
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical :: has_nul

    has_nul = index(text, c_null_char) > 0
    if (has_nul) call conclude(H5SIM_ERR_ARGUMENT, stat, errmsg, what // quoted(name) // " has a NUL character inside")
  end function has_nul

  !> Copy a text of C.
  function copied(text) result(copy)
    type(c_ptr), intent(in) :: text
    character(:), allocatable :: copy
    character(kind=c_char), pointer :: characters(:)
    integer :: i

    call c_f_pointer(text, characters, [c_strlen(text)])
    allocate(character(size(characters)) :: copy)
    do i = 1, size(characters)
      copy(i:i) = characters(i)
    end do
  end function copied

  !> Copy a text that the library hands out, and free it; after a failure there is none, and "" is given.
  function taken(status, text) result(copy)
    integer(c_int32_t), intent(in) :: status
    type(c_ptr), intent(in) :: text
    character(:), allocatable :: copy

    if (status == H5SIM_OK) then
      copy = copied(text)
      call c_free(text)
    else
      copy = ""
    end if
  end function taken

  !> Turn a JSON array of texts that the library hands out into a Fortran array, in the opposite order if so wanted; null is blank.
  subroutine unpack_texts(status, json, texts, stat, errmsg, backwards)
    integer(c_int32_t), intent(in) :: status
    type(c_ptr), intent(in) :: json
    character(:), allocatable, intent(out) :: texts(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    logical, intent(in), optional :: backwards
    type(h5sim_json) :: list
    character(:), allocatable :: text
    integer :: i, found, longest, failure

    allocate(character(0) :: texts(0))
    if (status /= H5SIM_OK) then
      call conclude(status, stat, errmsg)
      return
    end if
    call json_parse(list, taken(status, json), stat, errmsg)
    if (list%handle == 0) return
    longest = 0
    found = 0
    do while (json_has(list, element("", found + 1)))
      call member_text(list, found + 1, text, failure)
      if (failure /= 0) exit
      found = found + 1
      longest = max(longest, len(text))
    end do
    if (json_has(list, element("", found + 1))) then
      call conclude(H5SIM_ERR_SHAPE, stat, errmsg, "only a list of texts of rank 1 can be read, but found " // json_dump(list))
    else
      deallocate(texts)
      allocate(character(longest) :: texts(found))
      do i = 1, found
        call member_text(list, i, text, failure)
        if (.not. present(backwards)) texts(i) = text
        if (present(backwards)) texts(found + 1 - i) = text
      end do
      call conclude(H5SIM_OK, stat, errmsg)
    end if
    call json_free(list)
  end subroutine unpack_texts

  !> Get a member of a list that is a text, or null, which gives none.
  subroutine member_text(list, i, text, failure)
    type(h5sim_json), intent(in) :: list
    integer, intent(in) :: i
    character(:), allocatable, intent(inout) :: text
    integer, intent(out) :: failure

    text = ""
    failure = 0
    if (json_type(list, element("", i)) /= H5SIM_JSON_NULL) call json_get_text_0(list, element("", i), text, failure)
  end subroutine member_text

  !> Give a list the values of another in the opposite order.
  pure subroutine set_reversed(list, values)
    integer(c_int64_t), allocatable, intent(inout) :: list(:)
    integer(c_int64_t), intent(in) :: values(:)

    if (allocated(list)) deallocate(list)
    allocate(list(size(values)))
    list(:) = values(size(values):1:-1)
  end subroutine set_reversed

  pure function reversed(values) result(backwards)
    integer(c_int64_t), intent(in) :: values(:)
    integer(c_int64_t) :: backwards(size(values))

    backwards = values(size(values):1:-1)
  end function reversed

  !> Put a piece behind a text. It is done in one place, because compilers make much of every // in place.
  pure subroutine add(text, piece)
    character(:), allocatable, intent(inout) :: text
    character(*), intent(in) :: piece

    text = text // piece
  end subroutine add

  pure subroutine add_number(text, value)
    character(:), allocatable, intent(inout) :: text
    integer(c_int64_t), intent(in) :: value
    character(20) :: digits

    write(digits, "(i0)") value
    call add(text, trim(digits))
  end subroutine add_number

  !> Put a shape behind a text, as "(3, 4)".
  pure subroutine add_shape(text, extents)
    character(:), allocatable, intent(inout) :: text
    integer(c_int64_t), intent(in) :: extents(:)
    integer :: axis

    call add(text, "(")
    do axis = 1, size(extents)
      if (axis > 1) call add(text, ", ")
      call add_number(text, extents(axis))
    end do
    call add(text, ")")
  end subroutine add_shape

  pure function number(value) result(text)
    integer(c_int64_t), intent(in) :: value
    character(:), allocatable :: text

    allocate (character(0) :: text)
    call add_number(text, value)
  end function number

  !> Begin a sentence as the library does: "my.h5: 'x'".
  function in_file(self, what) result(text)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: what
    character(:), allocatable :: text

    allocate (character(0) :: text)
    if (allocated(self%path)) then
      call add(text, self%path)
      call add(text, ": ")
    end if
    call add(text, what)
  end function in_file

  !> Say something of what is at a path, with up to two shapes.
  function about(self, path, first, shape, then, other) result(sentence)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, first
    integer(c_int64_t), intent(in), optional :: shape(:), other(:)
    character(*), intent(in), optional :: then
    character(:), allocatable :: sentence

    sentence = in_file(self, quoted(path))
    call add(sentence, ": ")
    call add(sentence, first)
    if (present(shape)) call add_shape(sentence, shape)
    if (present(then)) call add(sentence, then)
    if (present(other)) call add_shape(sentence, other)
  end function about

  !> Say what is wrong with a block that begins behind these elements, given in the file's order as its memory is.
  function about_block(self, path, at, from, wrong, shape) result(sentence)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, wrong
    type(memory), intent(in) :: at
    integer(c_int64_t), intent(in) :: from(MOST_AXES), shape(:)
    character(:), allocatable :: sentence

    sentence = about(self, path, "the block from ", reversed(from(:at%rank) + 1), " on with the shape ", at%extents(at%rank:1:-1))
    call add(sentence, wrong)
    call add_shape(sentence, shape)
    call add(sentence, ", in Fortran's order")
  end function about_block

  !> Say that a value of a list is below the least that it may be.
  function below_least(self, path, name, values, least) result(sentence)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, name
    integer(c_int64_t), intent(in) :: values(:)
    integer, intent(in) :: least
    character(:), allocatable :: sentence

    sentence = about(self, path, name // " is ", values, ", but must be at least ")
    call add_number(sentence, int(least, c_int64_t))
  end function below_least

  pure function quoted(name) result(text)
    character(*), intent(in) :: name
    character(:), allocatable :: text

    text = "'" // trim(name) // "'"
  end function quoted

  !> Say that there is no memory for an array.
  function no_memory(name, extents) result(sentence)
    character(*), intent(in) :: name
    integer(c_int64_t), intent(in) :: extents(:)
    character(:), allocatable :: sentence

    sentence = "there is no memory for "
    call add(sentence, quoted(name))
    call add(sentence, ", whose shape is ")
    call add_shape(sentence, extents)
  end function no_memory

  !> Say that an array does not fit.
  function misfit(self, path, slice, found, extents) result(sentence)
    class(h5sim_file), intent(in) :: self
    character(*), intent(in) :: path, slice
    integer(c_int64_t), intent(in) :: found(:), extents(:)
    character(:), allocatable :: sentence

    sentence = in_file(self, "")
    if (slice /= "") then
      call add(sentence, "the slice ")
      call add(sentence, quoted(slice))
      call add(sentence, " of ")
    end if
    call add(sentence, quoted(path))
    call add_misfit(sentence, found, extents)
  end function misfit

  !> End the sentence that something does not fit an array.
  pure subroutine add_misfit(sentence, found, extents)
    character(:), allocatable, intent(inout) :: sentence
    integer(c_int64_t), intent(in) :: found(:), extents(:)

    call add(sentence, " has the shape ")
    call add_shape(sentence, found)
    call add(sentence, " in Fortran's order, but the array is ")
    call add_shape(sentence, extents)
  end subroutine add_misfit

end module h5sim
