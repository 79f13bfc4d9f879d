//! Groups and listing.

use super::constants::h5sim_file;
use super::convert;
use super::files::on_object;
use crate::json;
use crate::listing;
use std::ffi::c_char;

/// Create a group, and the groups on the way to it.
///
/// file     a file open for writing.
/// path     the group's path.
///
/// Status: H5SIM_ERR_EXISTS (something is there already); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_READ_ONLY.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_create_group(file: h5sim_file, path: *const c_char) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            path,
            "path",
            || Ok(()),
            |file, path, ()| file.create_group(path),
        )
    }
}

/// Tell what is at a path.
///
/// file     an open file.
/// path     the path; links are followed.
/// kind     output: H5SIM_NONE (nothing, or a link that leads nowhere), H5SIM_GROUP, H5SIM_DATASET or H5SIM_DATATYPE.
///
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_exists(
    file: h5sim_file,
    path: *const c_char,
    kind: *mut i32,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `kind` is NULL or a place that can be written.
    unsafe {
        on_object(
            file,
            path,
            "path",
            || convert::output(kind, "kind"),
            |file, path, kind| file.kind(path).map(|found| kind.set(found as i32)),
        )
    }
}

/// List the names in a group, as h5py's keys() does.
///
/// file        an open file.
/// group       the group's path; "" or "/" is the root.
/// json_array  output: a JSON array of names in alphabetical order, such as ["a", "b"]; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a dataset is there).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_keys(
    file: h5sim_file,
    group: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `group` is NULL or a text that ends with NUL; `json_array` is NULL or a place that can be written.
    unsafe {
        on_object(
            file,
            group,
            "group",
            || convert::output(json_array, "json_array"),
            |file, group, output| output.hand_out(&json::dumps(&listing::names(file.keys(group)?))),
        )
    }
}

/// Describe every object below a group.
///
/// file     an open file.
/// group    the group's path; "" or "/" is the root.
/// json     output: a JSON object with one member per object, its path relative to the group as the name, in alphabetical order
///          within each group: {"timeseries": {"kind": "group", "attributes": {}}, "timeseries/0": {"kind": "dataset",
///          "dtype": "f8", "shape": [1000, 2], "attributes": {"unit": "m"}}}. Shapes are in C order. A soft or external link
///          is {"kind": "link", "target": "…"} and is not followed; an object with several names is described at each, and
///          its content once. An object that cannot be read is {"kind": "damaged", "error": "…"}, and the others are described.
///          Free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a dataset is there).
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_tree(
    file: h5sim_file,
    group: *const c_char,
    json: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `group` is NULL or a text that ends with NUL; `json` is NULL or a place that can be written.
    unsafe {
        on_object(
            file,
            group,
            "group",
            || convert::output(json, "json"),
            |file, group, output| output.hand_out(&file.tree_text(group)?),
        )
    }
}

/// Delete a dataset, or a group with all that is in it, or a link.
///
/// file     a file open for writing.
/// path     the object's path; not the root. Where several hard links name an object, only this name goes.
///
/// The space in the file is used again by later writes; the file does not shrink below what it holds after it.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (the root); H5SIM_ERR_READ_ONLY.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_delete(file: h5sim_file, path: *const c_char) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            path,
            "path",
            || Ok(()),
            |file, path, ()| file.delete(path),
        )
    }
}
