//! How datasets are stored: their extents, and what takes which place in the file.

use super::constants::h5sim_file;
use super::convert;
use super::files::on_dataset;
use std::ffi::c_char;

/// Give a dataset other extents, as h5py's resize() does.
///
/// What it becomes longer by reads as its fill value, also where there were elements before it became shorter. A dimension without
/// coordinate that names its first axis becomes as long.
///
/// file     a file open for writing.
/// path     the dataset's path: one with room to grow, made with the option "maxshape" or by h5sim_append().
/// rank     number of axes, that of the dataset.
/// shape    the new extents [rank], in C order, none larger than "maxshape" says; Fortran and Julia pass theirs reversed.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a group is there); H5SIM_ERR_SHAPE (rank, extents, or it cannot grow so far);
/// H5SIM_ERR_UNSUPPORTED (it lies in another file); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. On failure the extents are as before.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_resize(
    file: h5sim_file,
    path: *const c_char,
    rank: i32,
    shape: *const i64,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `shape` is NULL or has `rank` values.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::shape(rank, shape),
            |file, path, shape| file.resize(path, &shape),
        )
    }
}

/// Tell how a dataset is stored.
///
/// file     an open file.
/// path     the dataset's path.
/// json     output: a JSON object, which names what the options of h5sim_create() name as they do; free it with h5sim_free().
///            "layout"            "contiguous", "chunked", "compact", "virtual" or "external".
///            "dtype"             the type of the elements, such as "f8"; "shape" their extents, in C order.
///            "maxshape"          the largest extents, null for unlimited.
///            "chunks"            the extents of a chunk; null without chunks.
///            "compression"       "gzip", "zstd", "lzf" or "szip", and "compression_opts" its level; null without.
///            "shuffle"           true or false; "fletcher32" as well.
///            "fillvalue"         the element that was never written; null where there is no such number.
///            "filters"           all filters in the order in which they are applied, such as ["shuffle", "gzip 4"].
///            "stored"            the bytes that the elements take in the file; "bytes" those that they have.
///          Chunks that still wait in memory are stored by the call, so that they count.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a group is there); H5SIM_ERR_FORMAT; H5SIM_ERR_IO.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_layout(
    file: h5sim_file,
    path: *const c_char,
    json: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `json` is NULL or a place that can be written.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::output(json, "json"),
            |file, path, output| output.hand_out(&crate::listing::layout(&file.stored_as(path)?)?),
        )
    }
}
