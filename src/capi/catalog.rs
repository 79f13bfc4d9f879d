//! Directories of runs: producing each once, and finding them.

use super::constants::{h5sim_file, h5sim_json};
use super::convert::{self, Output};
use super::documents::with_document;
use super::files::with_file;
use super::guard::guard;
use super::options;
use crate::catalog::{self, Query, Run};
use crate::error::Result;
use crate::listing;
use crate::{hash, json};
use std::ffi::c_char;
use std::path::Path;

/// Find the file of the run with these parameters, and claim the run unless it is finished.
///
/// The file is directory/prefix + hash + suffix, as h5sim_hash_name() names it. When many processes ask for the same run at once, one
/// of them gets H5SIM_RUN_ABSENT, or H5SIM_RUN_UNFINISHED with a claim (see h5sim_is_claimed()), and is to produce it or to go on with it:
///
///   h5sim_produce("runs", "heat_", parameters, 0, ".h5", NULL, &path, &state);
///   h5sim_is_claimed(path, &mine);
///   if (state != H5SIM_RUN_FINISHED && mine) {
///       h5sim_open(path, state == H5SIM_RUN_ABSENT ? "w" : "r+", NULL, &file);
///       ... h5sim_write_json(file, "meta", parameters) when new, h5sim_append() ...
///       h5sim_finish(file);
///       h5sim_close(file);
///   }
///
/// The others get H5SIM_RUN_UNFINISHED without a claim, or wait. A claim ends with h5sim_finish(), h5sim_release() or with the process,
/// however it ends: the run of a producer that was killed goes to the next one who asks. The claim is a lock on the hidden file
/// .NAME.claim beside the run's file, and holds among machines where the file system's locks do.
///
/// directory  an existing directory; "" is the present one.
/// prefix     what the name begins with, such as "heat_"; NULL is "".
/// json       the parameters, a JSON text: those that the file holds as its metadata.
/// digits     how many hex digits, 1 to 40; 0 means 10.
/// suffix     what the name ends with, such as ".h5"; NULL is "".
/// options    NULL or a JSON object with any of:
///            "wait": seconds to wait (default 0) for another process that produces this run to finish or to end;
///            "meta": the path of the metadata in the file (default "meta").
/// path       output: the path of the file; free it with h5sim_free().
/// state      output: H5SIM_RUN_ABSENT, H5SIM_RUN_UNFINISHED or H5SIM_RUN_FINISHED.
///
/// Status: H5SIM_ERR_EXISTS (the file holds other metadata, a hash collision or an edited file: the sentence shows the difference);
/// H5SIM_ERR_NOT_FOUND (no such directory); H5SIM_ERR_JSON; H5SIM_ERR_FORMAT (the file is not HDF5); H5SIM_ERR_READ_ONLY
/// (absent, and the directory cannot be written); H5SIM_ERR_ARGUMENT.
/// Threads: any; among those of a process one gets the claim. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_produce(
    directory: *const c_char,
    prefix: *const c_char,
    json: *const c_char,
    digits: i32,
    suffix: *const c_char,
    options: *const c_char,
    path: *mut *mut c_char,
    state: *mut i32,
) -> i32 {
    guard(|| {
        // SAFETY: each text is NULL or ends with NUL and outlives the call; each output is NULL or can be written.
        let (directory, prefix, json, suffix, options, path, state) = unsafe {
            (
                convert::text(directory, "directory")?,
                convert::optional_text(prefix, "prefix")?,
                convert::text(json, "json")?,
                convert::optional_text(suffix, "suffix")?,
                convert::optional_text(options, "options")?,
                convert::output(path, "path")?,
                convert::output(state, "state")?,
            )
        };
        let options = options::produce(options)?;
        let directory = present_if_empty(directory);
        let run = catalog::produce(directory, prefix, json, digits, suffix, &options)?;
        hand_out_run(&run, path, state)
    })
}

/// Gives the caller a run.
fn hand_out_run(run: &Run, path: Output<*mut c_char>, state: Output<i32>) -> Result<()> {
    path.hand_out(&run.path.to_string_lossy())
        .inspect_err(|_| {
            // The caller will not know that it has a claim.
            catalog::release(&run.path);
        })?;
    state.set(run.state as i32);
    Ok(())
}

/// Find the file of the run with these parameters, a document, and claim the run unless it is finished: see h5sim_produce().
///
/// directory  an existing directory; "" is the present one.
/// prefix     what the name begins with, such as "heat_"; NULL is "".
/// document   the parameters, named by h5sim_json_hash_name(); what h5sim_json_dump() prints of them is what the file holds as its metadata.
/// digits     how many hex digits, 1 to 40; 0 means 10.
/// suffix     what the name ends with, such as ".h5"; NULL is "".
/// options    as of h5sim_produce().
/// path       output: the path of the file; free it with h5sim_free().
/// state      output: H5SIM_RUN_ABSENT, H5SIM_RUN_UNFINISHED or H5SIM_RUN_FINISHED.
///
/// Status: as h5sim_produce(); H5SIM_ERR_JSON (keys that Python cannot sort). Threads: any; among those of a process one gets the claim.
/// Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_produce(
    directory: *const c_char,
    prefix: *const c_char,
    document: h5sim_json,
    digits: i32,
    suffix: *const c_char,
    options: *const c_char,
    path: *mut *mut c_char,
    state: *mut i32,
) -> i32 {
    guard(|| {
        // SAFETY: each text is NULL or ends with NUL and outlives the call; each output is NULL or can be written.
        let (directory, prefix, suffix, options, path, state) = unsafe {
            (
                convert::text(directory, "directory")?,
                convert::optional_text(prefix, "prefix")?,
                convert::optional_text(suffix, "suffix")?,
                convert::optional_text(options, "options")?,
                convert::output(path, "path")?,
                convert::output(state, "state")?,
            )
        };
        let options = options::produce(options)?;
        let (name, json) = with_document(document, |root| {
            let name = hash::hash_name_of(prefix, root, digits, suffix)?;
            Ok((name, json::dumps(root)))
        })?;
        let run = catalog::produce_named(present_if_empty(directory), &name, &json, &options)?;
        hand_out_run(&run, path, state)
    })
}

/// Tell whether this process has claimed a run by h5sim_produce(), and is to produce it.
///
/// path     the run's path, as h5sim_produce() gives it.
/// claimed  output: 1 or 0.
///
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_is_claimed(path: *const c_char, claimed: *mut i32) -> i32 {
    guard(|| {
        // SAFETY: the text is NULL or ends with NUL; the output is NULL or can be written.
        let (path, claimed) = unsafe {
            (
                convert::text(path, "path")?,
                convert::output(claimed, "claimed")?,
            )
        };
        claimed.set(i32::from(catalog::is_claimed_here(Path::new(path))));
        Ok(())
    })
}

/// Give back a run that was claimed by h5sim_produce() and is not finished, so that another process can go on with it.
///
/// path     the run's path. Close its file first. That the run is not claimed here is no error.
///
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_release(path: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: the text is NULL or ends with NUL.
        let path = unsafe { convert::text(path, "path")? };
        catalog::release(Path::new(path));
        Ok(())
    })
}

/// Mark the run in a file as finished, and commit: all that was written and the mark become durable as one step.
///
/// The mark is the attribute h5sim_finished of the root. The claim that h5sim_produce() gave ends.
///
/// file     a file open for writing; it stays open.
///
/// Status: as h5sim_commit(); the run is then not marked. H5SIM_ERR_READ_ONLY.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_finish(file: h5sim_file) -> i32 {
    guard(|| with_file(file, catalog::finish))
}

/// Find the runs in a directory whose metadata match a query.
///
/// A query is a JSON object: an example, {"model": {"k0": 1.2}}, the same with dotted keys, {"model.k0": 1.2}, or operators in the place
/// of values, {"model.k0": {"$gt": 1, "$lte": 2}}: $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $regex, $exists, $type (int, float,
/// number, bool, str, list, dict, null), $near ([value, relative, absolute tolerance]), $not; and $and, $or, $not between queries. They
/// mean what they mean in signac, but for true and false, which are no numbers. Or it is an expression,
/// model.k0 < 2 and run.status == "finished". Under run, unless the metadata have a member of that name, are run.status
/// ("finished" or "unfinished"), run.path, run.size (bytes) and run.modified (seconds since 1970).
///
/// What was read is kept in the file .h5sim-catalog in the directory, if it can be written. It can be deleted at any time, and is used for
/// files only that have not changed since. Files that are open elsewhere are found with their last commit.
///
/// directory   where to look; directories in it are looked through too, hidden files and directories are not.
/// query       a JSON object or an expression; NULL, "" or {} finds all runs.
/// options     NULL or a JSON object with any of:
///             "sort": a key or an array of keys, "-" before one for descending; default: by path;
///             "limit": how many runs at most;
///             "project": a key or an array of keys: only these of the metadata (and of run) are given;
///             "others": true to have the files listed too that hold no metadata;
///             "recursive": false to look into the directory itself only;
///             "cache": false to read everything anew and to write no cache;
///             "meta": the path of the metadata in the files (default "meta");
///             "threads": how many threads look, 0 (default) for as many as the process may use processors.
/// json_array  output: [{"path": "heat_0a1b2c3d4e.h5", "status": "finished", "meta": {...}}, ...]; paths are relative to the directory. A file
///             without metadata is {"path": ..., "error": "why"}. Free it with h5sim_free().
///
/// Status: H5SIM_ERR_ARGUMENT (a query or option that makes no sense, with what was expected); H5SIM_ERR_NOT_FOUND (no such directory).
/// Threads: any; HDF5 is needed for unusual files only. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_find(
    directory: *const c_char,
    query: *const c_char,
    options: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: each text is NULL or ends with NUL and outlives the call; the output is NULL or can be written.
        let (directory, query, options, output) = unsafe {
            (
                convert::text(directory, "directory")?,
                convert::optional_text(query, "query")?,
                convert::optional_text(options, "options")?,
                convert::output(json_array, "json_array")?,
            )
        };
        let (query, options) = (Query::parse(query)?, options::find(options)?);
        let findings = catalog::find(present_if_empty(directory), &query, &options)?;
        output.hand_out(&json::dumps(&listing::findings(findings)))
    })
}

/// The directory of that name; the empty name is the present one.
fn present_if_empty(directory: &str) -> &Path {
    match directory {
        "" => Path::new("."),
        name => Path::new(name),
    }
}
