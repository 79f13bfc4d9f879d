//! Groups and listing.

use super::constants::h5sim_file;
use super::convert;
use super::files::{on_object, with_file};
use super::options;
use crate::json;
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
            |file, group, output| output.hand_out(&json::dumps_of(&file.keys(group)?)?),
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
            |file, group, output| output.hand_out(&crate::listing::tree(&file.tree(group)?)?),
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

/// Move an object or a link to another path of its file, as h5py's move() does.
///
/// No data moves, and the object stays what it is: names of axes that lead to it, other hard links and the group for ParaView lead to
/// it as before, and a coordinate that gets another name gives that to the axes. Soft links of the program's own do not follow.
///
/// file     a file open for writing.
/// from     the path of a group, a dataset or a link; not the root.
/// to       its new path, where nothing may be yet; missing groups on the way are created. The same path changes nothing.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_EXISTS (something is at the new path); H5SIM_ERR_ARGUMENT (the root; a group into itself);
/// H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_UNSUPPORTED (one of the paths lies in another file); H5SIM_ERR_READ_ONLY.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_move(
    file: h5sim_file,
    from: *const c_char,
    to: *const c_char,
) -> i32 {
    // SAFETY: by the header, `from` and `to` are each NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            from,
            "from",
            || convert::text(to, "to"),
            |file, from, to| file.move_to(from, to),
        )
    }
}

/// Copy a group with all that is in it, or a dataset, within a file or to another one, as h5py's copy() does.
///
/// The copy has all data as they are stored, compressed as they were, and all attributes. Its axes have the names that they had: they
/// refer to the coordinates that were copied with it; or else to those that they had; or else, in another file, to those of the same names
/// there, and have no names where one of these has another length. Links in a group are copied as links.
///
/// file     an open file.
/// from     the path of a group or dataset; "" or "/" is the root, with which a whole file is copied into a group. A link is followed.
/// target   a file open for writing: the same handle, another one of the same file, or one of another file.
/// to       the path of the copy, where nothing may be yet; missing groups on the way are created.
/// options  NULL, or a JSON object with h5py's keywords:
///            "shallow"        true: of a group its members, and not what is in those.
///            "expand_soft"    true: what soft links lead to instead of them.
///            "without_attrs"  true: no attributes, and so no names of axes.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_EXISTS (something is at the path of the copy); H5SIM_ERR_ARGUMENT (options; the root as the
/// copy's path); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_UNSUPPORTED (the copy's path lies in a third file);
/// H5SIM_ERR_READ_ONLY; H5SIM_ERR_FORMAT (what is copied is damaged); H5SIM_ERR_IO (a full disk). On failure nothing of the copy is there.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_copy(
    file: h5sim_file,
    from: *const c_char,
    target: h5sim_file,
    to: *const c_char,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `from`, `to` and `options` are each NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            from,
            "from",
            || {
                let options = convert::optional_text(options, "options")?;
                Ok((convert::text(to, "to")?, options::copy(options)?))
            },
            |file, from, (to, options)| {
                with_file(target, |target| file.copy_to(from, target, to, &options))
            },
        )
    }
}

/// Make a link: another name of an object, or a path at which there is one.
///
/// file     a file open for writing.
/// path     the path of the link, where nothing may be yet; missing groups on the way are created.
/// target   the path that it leads to; of an external link, in the other file. It is a path from the root as all are here, also in a link
///          that lies in a group. Only for a hard link something has to be there.
/// options  NULL, or a JSON object:
///            "type"  "soft" (the default without "file"): a path, followed when it is used. "hard": another name of the object,
///                    which lasts until its last name goes. "external" (the default with "file"): a path in another file.
///            "file"  the name of the other file, relative to the folder of this one, for an external link. If that file is open in this
///                    program, what was written to it is found there too; open for reading only, it can be looked at there, and not changed.
///
/// Status: H5SIM_ERR_EXISTS (something is at the path); H5SIM_ERR_NOT_FOUND (the target of a hard link); H5SIM_ERR_ARGUMENT (options; the root
/// as the path); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_UNSUPPORTED (the path, or the target of a hard link, lies in another file);
/// H5SIM_ERR_READ_ONLY.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_link(
    file: h5sim_file,
    path: *const c_char,
    target: *const c_char,
    options: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path`, `target` and `options` are each NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            path,
            "path",
            || {
                let options = convert::optional_text(options, "options")?;
                Ok((convert::text(target, "target")?, options::link(options)?))
            },
            |file, path, (target, how)| file.link(path, target, &how),
        )
    }
}
