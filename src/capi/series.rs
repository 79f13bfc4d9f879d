//! Appending records to datasets that grow.

use super::constants::{h5sim_file, H5SIM_F64};
use super::convert;
use super::files::on_dataset;
use super::options;
use crate::error::{Error, Result};
use crate::file::Records;
use crate::ranks::File;
use crate::store::Dtype;
use std::ffi::{c_char, c_void};

/// Append a record to a dataset that grows along its first axis: one step of a time series.
///
/// The first call creates the dataset if there is none: chunked, its first axis unlimited, its other axes the record's. Later calls, also
/// of later runs, add one record each; a dataset that h5py or another program made with maxshape (None, ...) is continued too.
/// Records are gathered in memory and written as whole chunks; every call on the file sees them. They are in the file after
/// h5sim_commit() and h5sim_close(). The option "memory" of h5sim_open() bounds what is kept in memory.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// dtype    element type of data.
/// rank     number of axes of a record, 0 to H5SIM_MAX_RANK - 1; 0 is one number per record.
/// shape    the extents of a record [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
///          The dataset has one axis more, the first: records of shape {8} make a dataset of shape (records, 8), which
///          is (8, records) in Fortran and Julia.
/// data     the record's elements in C order; with "records": n those of n records, one after the other.
/// options  NULL or a JSON object with any of:
///          "records": how many records data holds, default 1, 0 for none;
///          and, of use when the dataset is created and ignored afterwards, "dtype", "chunks" (the whole extents, records first; by default
///          see below), "maxshape" (beginning with null), "compression",
///          "compression_opts", "shuffle", "fletcher32", "fillvalue", "quantize", "threads", "dims" (the first is that of the records, such as
///          ["time", "y", "x"]), "attrs", as for h5sim_write().
///
/// Chunks grow with the records, unless they were asked for: a series begins with about 4 KiB, and gets those of 32 KiB and then of 256 KiB (less in
/// a file of very many series) as soon as it fills one. Its dataset is another one then, of the same name, attributes and records; an object
/// reference that another program made leads to the old one. A series that has a second name, that is a coordinate or has one ("dims",
/// h5sim_set_dims()), or that is in a group with "track_order", has the last size from then on, and stays what it is.
///
/// The cost of a small record is a copy in memory. With compression, the unfinished last chunk is kept uncompressed in the file
/// until it is full or the file is closed, so that commits need no new room for it.
///
/// Status: H5SIM_ERR_SHAPE (the record's shape is not the dataset's, or the dataset cannot grow); H5SIM_ERR_TYPE (the types do not convert, or
/// something else is at path); H5SIM_ERR_ARGUMENT (options); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO (disk full, or no memory: the record was not taken). Where
/// there is memory a full disk is told of by the next commit or close, and nothing that was accepted is lost as long as the file is open. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_append(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    data: *const c_void,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `shape` is NULL or has `rank`
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::dtype(dtype)?,
                    convert::axes(rank, shape, "shape")?,
                    convert::optional_text(options, "options")?,
                ))
            },
            |file, path, (dtype, record, options)| {
                with_records(file, path, (dtype, record), options, |records| {
                    // Only the options say how many there are.
                    file.append(path, records, |count| {
                        let count = i64::try_from(count).unwrap_or(i64::MAX);
                        convert::data(data, count, dtype, "data").map(Into::into)
                    })
                })
            },
        )
    }
}

/// Append a record of double to a dataset that grows along its first axis.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// rank     number of axes of a record, 0 to H5SIM_MAX_RANK - 1.
/// shape    the extents of a record [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// data     the record's elements in C order.
///
/// Status: as h5sim_append(), of which this is the short form. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_append_f64(
    file: h5sim_file,
    path: *const c_char,
    rank: i32,
    shape: *const i64,
    data: *const f64,
) -> i32 {
    let no_options = std::ptr::null();
    // SAFETY: by the header, the arguments are those of the call, of which this is the short form.
    unsafe { h5sim_append(file, path, H5SIM_F64, rank, shape, data.cast(), no_options) }
}

/// Append a record with strides: the inside of a field with ghost cells, or a column-major array.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// dtype    element type of data.
/// rank     number of axes of the record, 0 to H5SIM_MAX_RANK - 1.
/// shape    the extents of the record [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// strides  distance in elements between neighbours along each axis [rank], which may be negative; see h5sim_write(). NULL for a contiguous record:
///          the call is h5sim_append() then.
/// data     element (0, …, 0) of the record. What lies between its elements, such as ghost cells, is not written.
/// options  as for h5sim_append(); with strides, "records" can be no more than 1.
///
/// Status: as h5sim_append(); H5SIM_ERR_ARGUMENT also for several records with strides. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_append_from(
    file: h5sim_file,
    path: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    strides: *const i64,
    data: *const c_void,
    options: *const c_char,
) -> i32 {
    if strides.is_null() {
        // SAFETY: by the header, the arguments are those of the call that this one then is.
        return unsafe { h5sim_append(file, path, dtype, rank, shape, data, options) };
    }
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `shape` is NULL or has, and
    // `strides` has, `rank` values; `data` is NULL or element (0, …, 0) of the array that they describe.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                Ok((
                    convert::array(dtype, rank, shape, strides, data)?,
                    convert::axes(rank, shape, "shape")?,
                    convert::optional_text(options, "options")?,
                ))
            },
            |file, path, ((dtype, array), record, options)| {
                with_records(file, path, (dtype, record), options, |records| {
                    file.append_from(path, records, &array)
                })
            },
        )
    }
}

/// Appends records of this type and shape, to a series that is stored as the options say.
pub(super) fn with_records(
    file: &File,
    path: &str,
    (dtype, record): (Dtype, &[i64]),
    options: &str,
    append: impl FnOnce(&Records<'_>) -> Result<()>,
) -> Result<()> {
    let named = |error: Error| {
        let error = error.within(format_args!("dataset '{path}'"));
        error.within(file.name())
    };
    options::with_append(options, |options| {
        Ok(append(&Records {
            dtype,
            record,
            options,
        }))
    })
    .map_err(named)?
}
