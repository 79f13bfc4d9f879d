//! Blocks: a process's part of an array that several share.

use super::constants::h5sim_file;
use super::convert;
use super::files::on_dataset;
use super::options;
use super::series::with_records;
use std::ffi::{c_char, c_void};

/// Write a block of a larger array: the part that this process has of it.
///
/// If nothing is at path, a dataset of shape global_shape is created, whose other elements are fill until they are written. A dataset that is
/// there has to be of that shape; the block is written into it and its type, layout and attributes stay, so that several blocks of one array are
/// written one after the other. On a file of one process, of h5sim_open(), a code with blocks does the same as on one of many ranks.
///
/// file          a file open for writing.
/// path          the dataset's path; missing groups on the way are created.
/// dtype         element type of data, and of a new dataset unless the options say otherwise.
/// rank          number of axes of the whole array, and of the block, 0 to H5SIM_MAX_RANK.
/// global_shape  the extents of the whole array [rank], in C order as all four; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// start         where the block begins in the whole array [rank], from 0. NULL for rank 0.
///               Fortran's u(5:8, 1:4) of u(8, 4) is start {0, 4}, shape {4, 4}, global_shape {4, 8}.
/// shape         the extents of the block [rank]; a block with an extent of 0 writes nothing, wherever it begins. NULL for rank 0.
/// strides       distance in elements between neighbours of the block in memory along each axis [rank], or NULL for a contiguous
///               one; may be negative; see h5sim_write(). With them a block is written from inside its ghost cells.
/// data          element (0, …, 0) of the block; NULL only when it has no elements.
/// options       as for h5sim_write(), and of use when the dataset is created; one that is there stays as it is. With "overwrite": true one of
///               another shape or type is replaced as by h5sim_write(), and the blocks written before go with it.
///
/// Status: H5SIM_ERR_SHAPE (the block leaves the whole array, a negative value, or the dataset has another shape); H5SIM_ERR_TYPE (the types do not
/// convert, or something else is at path or on the way); otherwise as h5sim_write().
/// On failure the file is as before, within the limits that h5sim_write_slice() names: a dataset that could not get its first block is not there.
/// Threads: any. Ranks: own block. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_block(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    global_shape: *const i64,
    start: *const i64,
    shape: *const i64,
    strides: *const i64,
    data: *const c_void,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `global_shape`, `start`, `shape`
    // and `strides` are each NULL or have `rank` values; `data` is NULL or element (0, …, 0) of the block that they describe.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::named_shape(rank, global_shape, "global_shape")?,
                    convert::unsigned(convert::axes(rank, start, "start")?, "start")?,
                    convert::array(dtype, rank, shape, strides, data)?,
                    options::write(convert::optional_text(options, "options")?)?,
                ))
            },
            |file, path, (global, start, (dtype, array), options)| {
                file.write_block(path, dtype, &global, &start, &array, &options)
            },
        )
    }
}

/// Append a record of which this process has a block: one step of a time series.
///
/// One record of shape global_shape is added to the series, as h5sim_append() does, which is created if there is none. Elements of no block are
/// fill: on a file of one process all but the block. The other elements of the same record can be written by h5sim_write_from().
///
/// file          a file open for writing.
/// path          the dataset's path; missing groups on the way are created.
/// dtype         element type of data, and of a new dataset unless the options say otherwise.
/// rank          number of axes of the whole record, and of the block, 0 to H5SIM_MAX_RANK - 1; the dataset has one more, the first.
/// global_shape  the extents of the whole record [rank], in C order as all four; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// start         where the block begins in the whole record [rank], from 0. NULL for rank 0.
/// shape         the extents of the block [rank]; one with an extent of 0 has nothing of the record, wherever it begins. NULL for rank 0.
/// strides       distance in elements between neighbours of the block in memory along each axis [rank], or NULL for a contiguous
///               one; may be negative; see h5sim_write().
/// data          element (0, …, 0) of the block; NULL only when it has no elements.
/// options       as for h5sim_append(); "records" can be no more than 1.
///
/// Status: H5SIM_ERR_SHAPE (the block leaves the whole record, a negative value, or the records have another shape); otherwise as h5sim_append().
/// On failure the series is as long as before. Threads: any. Ranks: own block. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_append_block(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    global_shape: *const i64,
    start: *const i64,
    shape: *const i64,
    strides: *const i64,
    data: *const c_void,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `global_shape`, `start`, `shape`
    // and `strides` are each NULL or have `rank` values; `data` is NULL or element (0, …, 0) of the block that they describe.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                convert::named_shape(rank, global_shape, "global_shape")?;
                Ok((
                    convert::axes(rank, global_shape, "global_shape")?,
                    convert::unsigned(convert::axes(rank, start, "start")?, "start")?,
                    convert::array(dtype, rank, shape, strides, data)?,
                    convert::optional_text(options, "options")?,
                ))
            },
            |file, path, (global, start, (dtype, array), options)| {
                with_records(file, path, (dtype, global), options, |records| {
                    file.append_block(path, records, &start, &array)
                })
            },
        )
    }
}

/// Read a block of a dataset into memory with strides: this process's part of an array that any number of them wrote.
///
/// file     an open file.
/// path     the dataset's path.
/// dtype    element type of the block in memory, to which the file's type converts.
/// rank     number of axes of the dataset, and of the block. Of a series, the first is that of the records: one record is start {step, …}, shape {1, …}.
/// start    where the block begins in the dataset [rank], from 0, in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// shape    the extents of the block [rank]; one with an extent of 0 reads nothing, wherever it begins. NULL for rank 0.
/// strides  distance in elements between neighbours of the block in memory along each axis [rank], or NULL for a contiguous
///          one; see h5sim_write().
/// data     output: element (0, …, 0) of the block. What lies between its elements, such as ghost cells, is not touched.
///
/// Status: H5SIM_ERR_SHAPE (the block leaves the dataset, is of another rank, or a value is negative); otherwise as h5sim_read_into().
/// Threads: any. Ranks: own block. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_block(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    start: *const i64,
    shape: *const i64,
    strides: *const i64,
    data: *mut c_void,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `start`, `shape` and `strides` are each NULL or have
    // `rank` values; `data` is NULL or element (0, …, 0) of the block that they describe, which nobody else uses during the call.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::unsigned(convert::axes(rank, start, "start")?, "start")?,
                    convert::array_mut(dtype, rank, shape, strides, data)?,
                ))
            },
            |file, path, (start, (dtype, mut array))| {
                file.read_block(path, &start, dtype, &mut array)
            },
        )
    }
}
