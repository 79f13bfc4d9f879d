//! Filters that a dataset needs and this library lacks.

use super::{check, lock, truth, Id};
use crate::error::{Error, Result};
use hdf5_sys::h5d::H5Dget_create_plist;
use hdf5_sys::h5p::{H5Pget_filter2, H5Pget_nfilters};
use hdf5_sys::h5pl::{H5PLremove, H5PLsize};
use hdf5_sys::h5z::H5Zfilter_avail;
use std::ffi::CStr;

/// Forgets the folder of filter plugins that was compiled into HDF5: a path of the machine
/// that built it, where anybody's code may lie by now. HDF5_PLUGIN_PATH names folders to look in.
pub(super) fn forget_built_in_plugin_folder() {
    if std::env::var_os("HDF5_PLUGIN_PATH").is_some() {
        return;
    }
    let mut folders = 0;
    // SAFETY: plain calls with a place for one number; the caller has the lock.
    unsafe {
        H5PLsize(&mut folders);
        for _ in 0..folders {
            H5PLremove(0);
        }
    }
}

/// The error for a dataset whose filters this library does not have, if it is one.
pub(super) fn missing_filter(dataset: &Id) -> Option<Error> {
    let names = missing_filters(dataset).unwrap_or_default();
    (!names.is_empty()).then(|| {
        Error::unsupported(format!(
            "its elements went through the filter {}, which this library does not have: a plugin for it may be named by \
             the variable HDF5_PLUGIN_PATH",
            names.join(", ")
        ))
    })
}

fn missing_filters(dataset: &Id) -> Result<Vec<String>> {
    let _lock = lock();
    let what = "reading the dataset's filters";
    let mut missing = Vec::new();
    // SAFETY: a live dataset, a list that is owned, a buffer whose length is given.
    unsafe {
        let list = Id::new(H5Dget_create_plist(dataset.raw()), what)?;
        let count = H5Pget_nfilters(list.raw());
        check(count, what)?;
        for index in 0..count.unsigned_abs() {
            let mut name = [0_u8; 64];
            let filter = H5Pget_filter2(
                list.raw(),
                index,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                name.len() - 1,
                name.as_mut_ptr().cast(),
                std::ptr::null_mut(),
            );
            check(filter, what)?;
            if !truth(H5Zfilter_avail(filter), what)? {
                let name = CStr::from_bytes_until_nul(&name).unwrap_or_default();
                missing.push(format!("'{}' ({filter})", name.to_string_lossy()));
            }
        }
    }
    Ok(missing)
}
