//! Text and JSON datasets.

use super::constants::h5sim_file;
use super::convert;
use super::files::on_dataset;
use super::options;
use crate::listing;
use crate::store::TextOptions;
use std::ffi::c_char;

/// Write a text to a new scalar dataset, as h5py's create_dataset(path, data=np.bytes_(text)) does.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// text     the text.
///
/// Status: H5SIM_ERR_EXISTS (see h5sim_write_text_with() for writing over it); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_text(
    file: h5sim_file,
    path: *const c_char,
    text: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `text` are each NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::text(text, "text"),
            |file, path, text| file.write_text(path, text, &TextOptions::new()),
        )
    }
}

/// Write a text to a scalar dataset with options, such as over one that is there.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// text     the text.
/// options  NULL, or a JSON object:
///            "overwrite"  true: a dataset that is there is rewritten in place if it has the same shape and type, a fixed length included.
///                         Otherwise it is replaced, and its attributes go with it.
///            "fixed"      true, as it is without it: texts have the fixed length of the longest, ASCII where all of them are. false: each
///                         has its own, as h5py's str.
///
/// Status: H5SIM_ERR_EXISTS (without "overwrite"; or a group is there); H5SIM_ERR_ARGUMENT (options); and as h5sim_write_text().
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_text_with(
    file: h5sim_file,
    path: *const c_char,
    text: *const c_char,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path`, `text` and `options` are each NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let options = options::texts(convert::optional_text(options, "options")?)?;
                Ok((convert::text(text, "text")?, options))
            },
            |file, path, (text, options)| file.write_text(path, text, &options),
        )
    }
}

/// Append a text to a series of texts, such as the lines of a log.
///
/// The first call creates the series: a dataset of one axis that grows, of texts of any length. Texts wait in memory, 256 KiB at most, until
/// another call looks or a commit; h5sim_read_texts() reads them all. A kill leaves those of the latest commit, as of all that was written.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// text     the text.
///
/// Status: H5SIM_ERR_TYPE (something else is there, or texts of a fixed length); H5SIM_ERR_SHAPE (it cannot grow, or has several axes);
/// H5SIM_ERR_UNSUPPORTED (it lies in another file); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_append_text(
    file: h5sim_file,
    path: *const c_char,
    text: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `text` are each NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::text(text, "text"),
            |file, path, text| file.append_text(path, text),
        )
    }
}

/// Read a text dataset that holds one text, of fixed or variable length, by whatever program it was written.
///
/// file     an open file.
/// path     the dataset's path.
/// text     output: the text without its padding; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no text); H5SIM_ERR_SHAPE (several texts: see h5sim_read_texts); H5SIM_ERR_FORMAT (not UTF-8, or a
/// NUL inside).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_text(
    file: h5sim_file,
    path: *const c_char,
    text: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `text` is NULL or a place that can be written.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::output(text, "text"),
            |file, path, output| output.hand_out(&file.read_text(path)?),
        )
    }
}

/// Write an array of texts, such as species names, to a new dataset.
///
/// They are stored with the fixed length of the longest; h5py reads them as an array of bytes.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// rank     number of axes, 0 to H5SIM_MAX_RANK.
/// shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// texts    as many pointers to texts as the shape has elements, in C order; NULL only when there are none.
///
/// Status: as h5sim_write_text(); H5SIM_ERR_SHAPE (rank, extents).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_texts(
    file: h5sim_file,
    path: *const c_char,
    rank: i32,
    shape: *const i64,
    texts: *const *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `shape` is NULL or has `rank` values; `texts` is NULL
    // or has as many pointers as the shape has elements, each NULL or such a text.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let shape = convert::shape(rank, shape)?;
                let texts = convert::texts(texts, crate::store::strided::count(&shape)?)?;
                Ok((shape, texts))
            },
            |file, path, (shape, texts)| {
                file.write_texts(path, &shape, &texts, &TextOptions::new())
            },
        )
    }
}

/// Write an array of texts with options, such as over one that is there.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// rank     number of axes, 0 to H5SIM_MAX_RANK.
/// shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// texts    as many pointers to texts as the shape has elements, in C order; NULL only when there are none.
/// options  as of h5sim_write_text_with().
///
/// Status: as h5sim_write_text_with(); H5SIM_ERR_SHAPE (rank, extents).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_texts_with(
    file: h5sim_file,
    path: *const c_char,
    rank: i32,
    shape: *const i64,
    texts: *const *const c_char,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `options` are each NULL or a text that ends with NUL; `shape` is NULL or has `rank`
    // values; `texts` is NULL or has as many pointers as the shape has elements, each NULL or such a text.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let shape = convert::shape(rank, shape)?;
                let texts = convert::texts(texts, crate::store::strided::count(&shape)?)?;
                let options = options::texts(convert::optional_text(options, "options")?)?;
                Ok((shape, texts, options))
            },
            |file, path, (shape, texts, options)| file.write_texts(path, &shape, &texts, &options),
        )
    }
}

/// Read a text dataset of any shape.
///
/// file        an open file.
/// path        the dataset's path.
/// json_array  output: a JSON array of strings, nested as the shape is (C order), such as ["H2", "O2"]; a scalar gives an array of one.
///             Free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no text); H5SIM_ERR_FORMAT (not UTF-8).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_texts(
    file: h5sim_file,
    path: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `json_array` is NULL or a place that can be written.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::output(json_array, "json_array"),
            |file, path, output| {
                let (texts, shape) = file.read_texts(path)?;
                output.hand_out(&listing::texts_as_json(texts, shape)?)
            },
        )
    }
}

/// Write metadata as JSON text to a new scalar dataset, as h5py's create_dataset(path, data=np.bytes_(json)) does.
///
/// The text is kept as given. In Python: json.loads(file[path][()].decode()).
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// json     a JSON text.
///
/// Status: H5SIM_ERR_JSON (not JSON; nothing is written); and as h5sim_write_text().
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_json(
    file: h5sim_file,
    path: *const c_char,
    json: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `json` are each NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::text(json, "json"),
            |file, path, json| file.write_json(path, json, &TextOptions::new()),
        )
    }
}

/// Write metadata as JSON text with options, such as over what is there.
///
/// file     a file open for writing.
/// path     the dataset's path; missing groups on the way are created.
/// json     a JSON text.
/// options  as of h5sim_write_text_with().
///
/// Status: H5SIM_ERR_JSON (not JSON; nothing is written); and as h5sim_write_text_with().
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_write_json_with(
    file: h5sim_file,
    path: *const c_char,
    json: *const c_char,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path`, `json` and `options` are each NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || {
                let options = options::texts(convert::optional_text(options, "options")?)?;
                Ok((convert::text(json, "json")?, options))
            },
            |file, path, (json, options)| file.write_json(path, json, &options),
        )
    }
}

/// Read metadata that is kept as JSON text.
///
/// file     an open file.
/// path     the dataset's path.
/// json     output: the text as it is in the file, which is JSON; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON (the text is not JSON); and as h5sim_read_text().
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_read_json(
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
            |file, path, output| output.hand_out(&file.read_json(path)?),
        )
    }
}
