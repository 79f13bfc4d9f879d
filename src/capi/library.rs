//! The library itself: versions, errors, memory.

use super::convert;
use super::files;
use super::guard::{guard, last_error};
use crate::error::{Error, Status};
use std::ffi::{c_char, c_void, CStr};

/// The version as a C text, made from the one in Cargo.toml.
const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("the version holds a NUL"),
    };

/// Give the version of this library, such as "0.1.0".
///
/// Cannot fail. The text belongs to the library and lives as long as it is loaded: do not free it.
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Give the version of the HDF5 that is built into this library, such as "2.2.0".
///
/// Cannot fail. The text belongs to the library: do not free it. Threads: any. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_hdf5_version() -> *const c_char {
    crate::store::hdf5_version().as_ptr()
}

/// Tell whether this build has a feature.
///
/// name     "journal" (commits that survive kills), "mpi" (parallel files), "gzip"; any other gives 0.
///
/// Returns 1 if it has, 0 if not, also for NULL. Cannot fail. Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_has_feature(name: *const c_char) -> i32 {
    // SAFETY: by the header, `name` is NULL or a text that ends with NUL.
    let name = unsafe { convert::optional_text(name, "name") };
    i32::from(name.is_ok_and(crate::store::has_feature))
}

/// Give the sentence of this thread's latest failure: which file and object, what was expected, what was found.
///
/// "" before any failure; a success does not clear it. Cannot fail.
/// The text belongs to the library and lives until the next failure in this thread: copy what you want to keep, do not free it.
/// Threads: each has its own. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_last_error() -> *const c_char {
    last_error()
}

/// Give the name of a status, such as "H5SIM_ERR_SHAPE"; "H5SIM_OK" for 0, "unknown status" for any other value.
///
/// Cannot fail. The text belongs to the library: do not free it. Threads: any. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_status_name(status: i32) -> *const c_char {
    if status == 0 {
        return c"H5SIM_OK".as_ptr();
    }
    Status::ALL
        .iter()
        .find(|candidate| candidate.code() == status)
        .map_or(c"unknown status", |candidate| candidate.c_name())
        .as_ptr()
}

/// Free a text that this library handed out.
///
/// text     what an output of type char ** gave; NULL is fine. Each text is freed once.
///
/// Cannot fail. Threads: any, not only the one that received the text. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_free(text: *mut c_char) {
    // SAFETY: the text is of malloc (convert::hand_out) or NULL.
    unsafe { libc::free(text.cast::<c_void>()) }
}

/// Close all open files, as h5sim_close() does with each, and free all JSON documents.
///
/// All handles go stale. The library can be used again afterwards. A program that ends without it loses nothing:
/// the same happens when the process exits (see h5sim_close).
///
/// A file that many ranks write (h5sim_open_ranks) is left at its latest commit, since closing it takes all ranks: h5sim_close() it first.
///
/// Status: what the first file that could not be closed gave; the others are closed all the same. H5SIM_ERR_IO where a file of many ranks
/// was left at its latest commit.
/// Threads: any, once the others have ended their calls. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_finalize() -> i32 {
    guard(|| {
        super::documents::free_all();
        files::close_all().map_or(Ok(()), |error: Error| Err(error))
    })
}
