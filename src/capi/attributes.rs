//! Attributes of groups, datasets and the root.

use super::constants::h5sim_file;
use super::convert;
use super::files::on_object;
use super::options;
use crate::json;
use crate::listing;
use std::ffi::{c_char, c_void};

/// Set an attribute of a group or dataset, replacing one of that name.
///
/// file     a file open for writing.
/// object   the path of the group or dataset; "" or "/" is the root.
/// name     the attribute's name; any text but "".
/// dtype    element type of data, and of the attribute.
/// rank     number of axes; 0 for a single value.
/// shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// data     the elements in C order. Attributes are for small data: HDF5 refuses more than 64 KiB.
///
/// Status: H5SIM_ERR_NOT_FOUND (no such object); H5SIM_ERR_SHAPE (rank, extents, more than 64 KiB); H5SIM_ERR_READ_ONLY.
/// On failure an attribute of that name is as before. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_set_attr(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    dtype: i32,
    rank: i32,
    shape: *const i64,
    data: *const c_void,
) -> i32 {
    // SAFETY: by the header, `object` and `name` are each NULL or a text that ends with NUL; `shape` is NULL or has `rank`
    // values; `data` is NULL or holds the elements of an array of that shape.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || {
                let dtype = convert::dtype(dtype)?;
                let shape = convert::shape(rank, shape)?;
                let count = crate::store::strided::count(&shape)? as i64;
                Ok((
                    dtype,
                    convert::text(name, "name")?,
                    shape,
                    convert::data(data, count, dtype, "shape")?,
                ))
            },
            |file, object, (dtype, name, shape, data)| {
                file.set_attribute(object, name, dtype, &shape, data)
            },
        )
    }
}

/// Read an attribute.
///
/// file      an open file.
/// object    the path of the group or dataset; "" or "/" is the root.
/// name      the attribute's name.
/// dtype     element type wanted in memory.
/// capacity  number of elements that data has room for; at least those of the attribute (see h5sim_attr_info).
/// data      output: the elements in C order.
///
/// Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_SHAPE (capacity); H5SIM_ERR_TYPE (text, H5SIM_OTHER, or types that do not convert).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_get_attr(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    dtype: i32,
    capacity: i64,
    data: *mut c_void,
) -> i32 {
    // SAFETY: by the header, `object` and `name` are each NULL or a text that ends with NUL; `data` is NULL or room for
    // `capacity` elements, or for as many as are read, which nobody else uses during the call.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || {
                let dtype = convert::dtype(dtype)?;
                Ok((
                    dtype,
                    convert::text(name, "name")?,
                    convert::room(data, capacity, dtype)?,
                ))
            },
            |file, object, (dtype, name, mut room)| {
                file.get_attribute(object, name, dtype, &mut room)
            },
        )
    }
}

/// Set an attribute to a text, as h5py's attrs[name] = text does, replacing one of that name.
///
/// file     a file open for writing.
/// object   the path of the group or dataset; "" or "/" is the root.
/// name     the attribute's name; any text but "".
/// text     the text; h5py reads it as a str.
///
/// Status: as h5sim_set_attr(). Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_set_attr_text(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    text: *const c_char,
) -> i32 {
    // SAFETY: by the header, `object`, `name` and `text` are each NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || Ok((convert::text(name, "name")?, convert::text(text, "text")?)),
            |file, object, (name, text)| file.set_attribute_text(object, name, text),
        )
    }
}

/// Read an attribute that is one text, of fixed or variable length.
///
/// file     an open file.
/// object   the path of the group or dataset; "" or "/" is the root.
/// name     the attribute's name.
/// text     output: the text without its padding; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_TYPE (no text); H5SIM_ERR_SHAPE (several texts); H5SIM_ERR_FORMAT (not UTF-8).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_get_attr_text(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    text: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `object` and `name` are each NULL or a text that ends with NUL; `text` is NULL or a place that can
    // be written.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || Ok((convert::text(name, "name")?, convert::output(text, "text")?)),
            |file, object, (name, output)| output.hand_out(&file.get_attribute_text(object, name)?),
        )
    }
}

/// Set an attribute to an array of texts, as h5py's attrs[name] = ["x", "y"] does, replacing one of that name.
///
/// file     a file open for writing.
/// object   the path of the group or dataset; "" or "/" is the root.
/// name     the attribute's name; any text but "".
/// rank     number of axes; 0 for a single text.
/// shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
/// texts    as many pointers to texts as the shape has elements, in C order; NULL only when there are none.
/// options  NULL, or a JSON object:
///            "fixed"  true: all have the fixed length of the longest, ASCII where all of them are, which some readers need; h5py reads them as
///                     bytes. Without it, or false: each has its own length, and h5py reads them as str.
///
/// Status: as h5sim_set_attr(); H5SIM_ERR_ARGUMENT (options). On failure an attribute of that name is as before.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_set_attr_texts(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    rank: i32,
    shape: *const i64,
    texts: *const *const c_char,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `object`, `name` and `options` are each NULL or a text that ends with NUL; `shape` is NULL or has
    // `rank` values; `texts` is NULL or has as many pointers as the shape has elements, each NULL or such a text.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || {
                let name = convert::text(name, "name")?;
                let shape = convert::shape(rank, shape)?;
                let texts = convert::texts(texts, crate::store::strided::count(&shape)?)?;
                let options = convert::optional_text(options, "options")?;
                Ok((name, shape, texts, options::attribute_texts(options)?))
            },
            |file, object, (name, shape, texts, is_fixed)| {
                file.set_attribute_texts(object, name, &shape, &texts, is_fixed)
            },
        )
    }
}

/// Read an attribute of texts, of fixed or variable length and of any shape.
///
/// file        an open file.
/// object      the path of the group or dataset; "" or "/" is the root.
/// name        the attribute's name.
/// json_array  output: a JSON array of strings, nested as the shape is (C order), such as ["x", "y"]; a single text gives an array of one.
///             Free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_TYPE (no text); H5SIM_ERR_FORMAT (not UTF-8).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_get_attr_texts(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `object` and `name` are each NULL or a text that ends with NUL; `json_array` is NULL or a place
    // that can be written.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || {
                let name = convert::text(name, "name")?;
                Ok((name, convert::output(json_array, "json_array")?))
            },
            |file, object, (name, output)| {
                let (texts, shape) = file.get_attribute_texts(object, name)?;
                output.hand_out(&listing::texts_as_json(texts, shape)?)
            },
        )
    }
}

/// Give the element type and the shape of an attribute.
///
/// file     an open file.
/// object   the path of the group or dataset; "" or "/" is the root.
/// name     the attribute's name.
/// dtype    output: one of H5SIM_F64 … H5SIM_OTHER.
/// rank     output: number of axes.
/// shape    output: the extents in C order (Fortran's and Julia's reversed), room for H5SIM_MAX_RANK, of which rank are written.
///
/// Status: H5SIM_ERR_NOT_FOUND (object or attribute).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_attr_info(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
    dtype: *mut i32,
    rank: *mut i32,
    shape: *mut i64,
) -> i32 {
    // SAFETY: by the header, `object` and `name` are each NULL or a text that ends with NUL; `shape` is NULL or has room for
    // H5SIM_MAX_RANK extents; `dtype` and `rank` are each NULL or a place that can be written.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || {
                Ok((
                    convert::text(name, "name")?,
                    convert::description(dtype, rank, shape)?,
                ))
            },
            |file, object, (name, output)| {
                file.attribute_info(object, name)
                    .map(|found| output.set(found))
            },
        )
    }
}

/// List the names of an object's attributes.
///
/// file        an open file.
/// object      the path of the group or dataset; "" or "/" is the root.
/// json_array  output: a JSON array of names in alphabetical order; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND (no such object).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_attr_keys(
    file: h5sim_file,
    object: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `object` is NULL or a text that ends with NUL; `json_array` is NULL or a place that can be
    // written.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || convert::output(json_array, "json_array"),
            |file, object, output| output.hand_out(&json::dumps_of(&file.attribute_keys(object)?)?),
        )
    }
}

/// Delete an attribute.
///
/// file     a file open for writing.
/// object   the path of the group or dataset; "" or "/" is the root.
/// name     the attribute's name.
///
/// Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_READ_ONLY.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_delete_attr(
    file: h5sim_file,
    object: *const c_char,
    name: *const c_char,
) -> i32 {
    // SAFETY: by the header, `object` and `name` are each NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            object,
            "object",
            || convert::text(name, "name"),
            |file, object, name| file.delete_attribute(object, name),
        )
    }
}
