//! Arrays: whole, in slices, in hyperslabs.

use super::constants::{h5sim_file, H5SIM_F64};
use super::convert;
use super::files::on_dataset;
use super::options;
use crate::error::Result;
use crate::slice::PerAxis;
use crate::store::Hyperslab;
use std::ffi::{c_char, c_void};

/// Write an array to a new dataset, or over an existing one.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// dtype    element type of data (H5SIM_F64 … H5SIM_C64), and of the dataset unless the options say otherwise.
/// rank     number of axes, 0 to H5SIM_MAX_RANK.
/// shape    the extents [rank]. C: double a[3][4] is {3, 4}. Fortran a(4,3), Julia size (4,3): {3, 4}. NULL for rank 0.
/// strides  distance in elements between neighbours along each axis [rank], or NULL for a contiguous array. May be negative.
///          The inside of double a[102][102] with one layer of ghost cells: data &a[1][1], shape {100, 100}, strides {102, 1}.
///          A column-major 3 x 4 matrix as a (3, 4) dataset: shape {3, 4}, strides {1, 3}.
/// data     element (0, …, 0); NULL only when there are no elements.
/// options  NULL or a JSON object with any of:
///          "overwrite": true: a dataset that is there is rewritten in place if it has the same shape and type: its attributes, chunks,
///          filters and largest extents stay, whatever the other options say. Otherwise it is replaced, and its attributes go with it;
///          "dtype": how it is stored, such as "f4", "i8", "u2", "bool", "c16", with "<" or ">" before it for the byte order;
///          "chunks": true, false or extents; "maxshape": extents, null for unlimited; "compression": "gzip", a level 0 to 9 of it, or
///          "zstd", for which readers need a plugin; "compression_opts": the level, default 4, of zstd 3; "shuffle": true; "fletcher32": true;
///          "fillvalue": a number, NaN and Infinity as Python writes them, true or false, or [real, imaginary].
///          They mean what h5py's keywords mean. And:
///          "quantize": n: floats keep n significant decimal digits (float32 1 to 7, float64 1 to 15): they are rounded to within half a unit of
///          the n-th digit, in binary, so that they compress; it turns "compression" and "shuffle" on. Later writes to the dataset are rounded too.
///          "threads": how many threads compress, 0 for as many as there are processors; by default what h5sim_open() was told.
///          "dims": the names of its axes in C order, such as ["z", "y", "x"], see h5sim_set_dims();
///          "attrs": attributes, such as {"units": "m/s", "long_name": "velocity"}: texts, numbers, true or false, arrays of numbers.
///
/// Status: H5SIM_ERR_EXISTS (something is there and "overwrite" is not set, or it is a group); H5SIM_ERR_SHAPE (rank, extents, chunks);
/// H5SIM_ERR_TYPE (a dataset is on the way, or the types do not convert); H5SIM_ERR_ARGUMENT (options); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO (disk full).
/// On failure the file is as before: what was to be made is not there, nor are groups on the way to it, and what was to be overwritten is as it
/// was, within the limits that h5sim_write_slice() names. Small arrays (up to 64 KiB, contiguous in the file) are gathered in memory until another call on the file needs
/// them, and compressed chunks until there are several: a disk that is full may then be told of by a later call, at the latest by the next commit.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    strides: *const i64,
    data: *const c_void,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `shape` and `strides` are each
    // NULL or have `rank` values; `data` is NULL or element (0, …, 0) of the array that they describe.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::array(dtype, rank, shape, strides, data)?,
                    options::write(convert::optional_text(options, "options")?)?,
                ))
            },
            |file, path, ((dtype, array), options)| file.write(path, dtype, &array, &options),
        )
    }
}

/// Write a contiguous array of double to a new dataset.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// rank     number of axes, 0 to H5SIM_MAX_RANK.
/// shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// data     the elements in C order.
///
/// Status: as h5sim_write(), of which this is the short form. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_f64(
    file: h5sim_file,
    path: *const c_char,
    rank: i32,
    shape: *const i64,
    data: *const f64,
) -> i32 {
    let (no_strides, no_options) = (std::ptr::null(), std::ptr::null());
    // SAFETY: by the header, the arguments are those of the call, of which this is the short form.
    unsafe {
        h5sim_write(
            file,
            path,
            H5SIM_F64,
            rank,
            shape,
            no_strides,
            data.cast(),
            no_options,
        )
    }
}

/// Create a dataset without data, to be filled by h5sim_write_slice() or h5sim_write_hyperslab().
///
/// Until then it reads as the fill value, 0 unless the options say otherwise.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// dtype    element type of the dataset.
/// rank     number of axes, 0 to H5SIM_MAX_RANK.
/// shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// options  as for h5sim_write(); with "overwrite" an existing dataset is replaced.
///
/// Status: as h5sim_write(). Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_create(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `shape` is NULL or has `rank`
    // values.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let dtype = convert::dtype(dtype)?;
                Ok((
                    dtype,
                    convert::shape(rank, shape)?,
                    options::write(convert::optional_text(options, "options")?)?,
                ))
            },
            |file, path, (dtype, shape, options)| file.create(path, dtype, &shape, &options),
        )
    }
}

/// Write into a part of an existing dataset.
///
/// file     a file open for writing.
/// path     the dataset's path.
/// slice    which part, as in NumPy: "0", "-1", "2:5", "::2", "..., 0", "[:2, ..., :2]". In the dataset's (C) order of axes:
///          Fortran's and Julia's first axis is the last here. NULL or "" is everything.
/// dtype    element type of data.
/// count    number of elements in data; it must be the number of elements of the slice.
/// data     the elements in C order.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (index out of bounds, too many indices, count); H5SIM_ERR_ARGUMENT (not a slice, step 0);
/// H5SIM_ERR_TYPE; H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO.
/// On failure the dataset is as it was. What a full disk refuses after it has taken a part is kept in memory, and the next commit writes it or
/// tells. Only where that does not fit into the option "memory" of h5sim_open(), and where the disk itself fails, some elements of the part may
/// have their new values, and the others their old ones: the call can be repeated.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_slice(
    file: h5sim_file,
    path: *const c_char,
    slice: *const c_char,
    dtype: i32,
    count: i64,
    data: *const c_void,
) -> i32 {
    // SAFETY: by the header, `path` and `slice` are each NULL or a text that ends with NUL; `data` is NULL or holds `count`
    // elements.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let dtype = convert::dtype(dtype)?;
                Ok((
                    dtype,
                    convert::optional_text(slice, "slice")?,
                    convert::data(data, count, dtype, "count")?,
                ))
            },
            |file, path, (dtype, slice, data)| file.write_slice(path, slice, dtype, data),
        )
    }
}

/// Write an array with strides into a part of an existing dataset: a field inside its ghost cells, or a column-major array.
///
/// file     a file open for writing.
/// path     the dataset's path.
/// slice    which part, as for h5sim_write_slice(); NULL or "" is everything.
/// dtype    element type of the array in memory.
/// rank     number of axes of the array; that of the slice.
/// shape    the array's extents [rank] in C order (Fortran's and Julia's reversed); they must be the slice's.
/// strides  distance in elements between neighbours along each axis [rank], or NULL for a contiguous array; may be negative; see h5sim_write().
/// data     element (0, …, 0). What lies between the elements, such as ghost cells, is not written.
///
/// The twin of h5sim_read_into(). An array whose rows (along the last axis) are contiguous is written from where it is; any other is packed piece by piece.
///
/// Status: as h5sim_write_slice(); H5SIM_ERR_SHAPE also when the slice's shape is not the array's.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_from(
    file: h5sim_file,
    path: *const c_char,
    slice: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    strides: *const i64,
    data: *const c_void,
) -> i32 {
    // SAFETY: by the header, `path` and `slice` are each NULL or a text that ends with NUL; `shape` and `strides` are each NULL
    // or have `rank` values; `data` is NULL or element (0, …, 0) of the array that they describe.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::optional_text(slice, "slice")?,
                    convert::array(dtype, rank, shape, strides, data)?,
                ))
            },
            |file, path, (slice, (dtype, array))| file.write_from(path, slice, dtype, &array),
        )
    }
}

/// Give the element type and the shape of a dataset.
///
/// file     an open file.
/// path     the dataset's path.
/// dtype    output: one of H5SIM_F64 … H5SIM_OTHER. A number of another size than these is given as the next larger one, and a float of other
///          bits as one that holds all of its values.
/// rank     output: number of axes.
/// shape    output: the extents in C order (Fortran's and Julia's reversed), room for H5SIM_MAX_RANK, of which rank are written.
///          A dataset with a null dataspace (h5py's Empty) is of rank 1 and extent 0.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a group is there).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_info(
    file: h5sim_file,
    path: *const c_char,
    dtype: *mut i32,
    rank: *mut i32,
    shape: *mut i64,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `shape` is NULL or has room for H5SIM_MAX_RANK
    // extents; `dtype` and `rank` are each NULL or a place that can be written.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::description(dtype, rank, shape),
            |file, path, output| file.info(path).map(|found| output.set(found)),
        )
    }
}

/// Give the shape that a slice of a dataset has.
///
/// file     an open file.
/// path     the dataset's path.
/// slice    as for h5sim_read().
/// rank     output: number of axes; an integer index drops its axis.
/// shape    output: the extents in C order, room for H5SIM_MAX_RANK, of which rank are written.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE; H5SIM_ERR_SHAPE; H5SIM_ERR_ARGUMENT (not a slice, step 0).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_slice_shape(
    file: h5sim_file,
    path: *const c_char,
    slice: *const c_char,
    rank: *mut i32,
    shape: *mut i64,
) -> i32 {
    // SAFETY: by the header, `path` and `slice` are each NULL or a text that ends with NUL; `shape` is NULL or has room for
    // H5SIM_MAX_RANK extents; `rank` is NULL or a place that can be written.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::optional_text(slice, "slice")?,
                    convert::extents(rank, shape)?,
                ))
            },
            |file, path, (slice, output)| {
                file.slice_shape(path, slice)
                    .map(|shape| output.set(&shape))
            },
        )
    }
}

/// Read a dataset, or a part of it.
///
/// file      an open file.
/// path      the dataset's path.
/// slice     which part, as in NumPy: "0", "-1", "2:5", "::-1", "..., 0", "[:2, ..., :2]". In the dataset's (C) order of axes:
///           Fortran's and Julia's first axis is the last here. NULL or "" is everything.
/// dtype     element type wanted in memory.
/// capacity  number of elements that data has room for; at least those of the slice (see h5sim_slice_shape).
/// data      output: the elements in C order.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (index out of bounds, too many indices, capacity); H5SIM_ERR_ARGUMENT (not a slice, step 0);
/// H5SIM_ERR_TYPE (text, H5SIM_OTHER, or types that do not convert); H5SIM_ERR_FORMAT (damaged); H5SIM_ERR_IO. On failure data is as it was,
/// save that a damaged chunk (H5SIM_ERR_FORMAT) or a failing disk (H5SIM_ERR_IO) met by a read of more than 1 MiB, or by one of a dataset that is not
/// compressed, can leave some of the elements in it.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read(
    file: h5sim_file,
    path: *const c_char,
    slice: *const c_char,
    dtype: i32,
    capacity: i64,
    data: *mut c_void,
) -> i32 {
    // SAFETY: by the header, `path` and `slice` are each NULL or a text that ends with NUL; `data` is NULL or room for
    // `capacity` elements, or for as many as are read, which nobody else uses during the call.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let dtype = convert::dtype(dtype)?;
                Ok((
                    dtype,
                    convert::optional_text(slice, "slice")?,
                    convert::room(data, capacity, dtype)?,
                ))
            },
            |file, path, (dtype, slice, mut room)| file.read(path, slice, dtype, &mut room),
        )
    }
}

/// Read a dataset, or a part of it, as double.
///
/// file      an open file.
/// path      the dataset's path.
/// slice     as for h5sim_read(); NULL or "" is everything.
/// capacity  number of elements that data has room for.
/// data      output: the elements in C order.
///
/// Status: as h5sim_read(), of which this is the short form. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_f64(
    file: h5sim_file,
    path: *const c_char,
    slice: *const c_char,
    capacity: i64,
    data: *mut f64,
) -> i32 {
    // SAFETY: by the header, the arguments are those of the call, of which this is the short form.
    unsafe { h5sim_read(file, path, slice, H5SIM_F64, capacity, data.cast()) }
}

/// Read a dataset, or a part of it, into an array with strides: a field inside its ghost cells, or a column-major array.
///
/// file     an open file.
/// path     the dataset's path.
/// slice    as for h5sim_read(); NULL or "" is everything.
/// dtype    element type of the array in memory.
/// rank     number of axes of the array; that of the slice.
/// shape    the array's extents [rank] in C order (Fortran's and Julia's reversed); they must be the slice's.
/// strides  distance in elements between neighbours along each axis [rank], or NULL for a contiguous array; see h5sim_write().
/// data     output: element (0, …, 0). What lies between the elements, such as ghost cells, is not touched.
///
/// Status: as h5sim_read(); H5SIM_ERR_SHAPE also when the slice's shape is not the array's.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_into(
    file: h5sim_file,
    path: *const c_char,
    slice: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    strides: *const i64,
    data: *mut c_void,
) -> i32 {
    // SAFETY: by the header, `path` and `slice` are each NULL or a text that ends with NUL; `shape` and `strides` are each NULL
    // or have `rank` values; `data` is NULL or element (0, …, 0) of the array that they describe, which nobody else uses during
    // the call.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::optional_text(slice, "slice")?,
                    convert::array_mut(dtype, rank, shape, strides, data)?,
                ))
            },
            |file, path, (slice, (dtype, mut array))| {
                file.read_into(path, slice, dtype, &mut array)
            },
        )
    }
}

/// Read a hyperslab of a dataset, in the terms of H5Sselect_hyperslab.
///
/// Along each axis, count blocks of block elements, whose beginnings are stride apart, the first at start.
///
/// file      an open file.
/// path      the dataset's path.
/// dtype     element type wanted in memory.
/// rank      number of axes of the dataset.
/// start     first element along each axis [rank], from 0. In C order, as all four; Fortran and Julia reverse theirs.
/// stride    distance between beginnings of blocks [rank], at least block; NULL is 1 everywhere.
/// count     number of blocks [rank].
/// block     elements in a block [rank]; NULL is 1 everywhere.
/// capacity  number of elements that data has room for; at least those selected.
/// data      output: the elements in C order.
///
/// Status: as h5sim_read(); H5SIM_ERR_SHAPE when the rank is not the dataset's, a value is negative, or the hyperslab leaves the dataset.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_hyperslab(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    start: *const i64,
    stride: *const i64,
    count: *const i64,
    block: *const i64,
    capacity: i64,
    data: *mut c_void,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `start`, `stride`, `count` and `block` are each NULL
    // or have `rank` values; `data` is NULL or room for `capacity` elements, or for as many as are read, which nobody else uses
    // during the call.
    unsafe {
        let place = &mut Hyperslab::default();
        on_dataset(
            file,
            path,
            || {
                let dtype = convert::dtype(dtype)?;
                Ok((
                    dtype,
                    hyperslab(place, rank, start, stride, count, block)?,
                    convert::room(data, capacity, dtype)?,
                ))
            },
            |file, path, (dtype, hyperslab, mut room)| {
                file.read_hyperslab(path, hyperslab, dtype, &mut room)
            },
        )
    }
}

/// Write a hyperslab of an existing dataset, in the terms of H5Sselect_hyperslab.
///
/// file       a file open for writing.
/// path       the dataset's path.
/// dtype      element type of data.
/// rank       number of axes of the dataset.
/// start      first element along each axis [rank], from 0. In C order, as all four; Fortran and Julia reverse theirs.
/// stride     distance between beginnings of blocks [rank], at least block; NULL is 1 everywhere.
/// count      number of blocks [rank].
/// block      elements in a block [rank]; NULL is 1 everywhere.
/// available  number of elements in data; it must be the number of elements selected.
/// data       the elements in C order.
///
/// Status: as h5sim_write_slice(); H5SIM_ERR_SHAPE when the rank is not the dataset's, a value is negative, or the hyperslab leaves the dataset.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_hyperslab(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    start: *const i64,
    stride: *const i64,
    count: *const i64,
    block: *const i64,
    available: i64,
    data: *const c_void,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `start`, `stride`, `count` and `block` are each NULL
    // or have `rank` values; `data` is NULL or holds `available` elements.
    unsafe {
        let place = &mut Hyperslab::default();
        on_dataset(
            file,
            path,
            || {
                let dtype = convert::dtype(dtype)?;
                Ok((
                    dtype,
                    hyperslab(place, rank, start, stride, count, block)?,
                    convert::data(data, available, dtype, "available")?,
                ))
            },
            |file, path, (dtype, hyperslab, data)| {
                file.write_hyperslab(path, hyperslab, dtype, data)
            },
        )
    }
}

/// Puts the caller's hyperslab into a place for it, with ones where nothing was given: it is so large that to hand it on takes longer than to make it.
///
/// # Safety
/// The four are NULL or have `rank` values.
unsafe fn hyperslab(
    place: &mut Hyperslab,
    rank: i32,
    start: *const i64,
    stride: *const i64,
    count: *const i64,
    block: *const i64,
) -> Result<&Hyperslab> {
    // SAFETY: the caller vouches for each being NULL or `rank` values.
    let (start, stride, count, block) = unsafe {
        (
            convert::axes(rank, start, "start")?,
            convert::optional_axes(rank, stride, "stride")?,
            convert::axes(rank, count, "count")?,
            convert::optional_axes(rank, block, "block")?,
        )
    };
    let put = |values: Option<&[i64]>, place: &mut PerAxis<u64>, name| match values {
        Some(values) => convert::put_unsigned(values, place, name),
        None => {
            place.resize(start.len(), 1);
            Ok(())
        }
    };
    put(Some(start), &mut place.start, "start")?;
    put(stride, &mut place.stride, "stride")?;
    put(Some(count), &mut place.count, "count")?;
    put(block, &mut place.block, "block")?;
    Ok(place)
}
