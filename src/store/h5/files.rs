//! Files.

use super::{c_text, check, lock, Id};
use crate::error::Result;
use hdf5_sys::h5f::{
    H5F_libver_t, H5F_scope_t, H5Fclose, H5Fcreate, H5Fflush, H5Fget_access_plist,
    H5Fget_vfd_handle, H5Fopen, H5F_ACC_EXCL, H5F_ACC_RDONLY, H5F_ACC_RDWR, H5F_ACC_TRUNC,
};
use hdf5_sys::h5fd::H5FD_SEC2;
use hdf5_sys::h5p::{
    H5Pcreate, H5Pget_driver, H5Pset_file_locking, H5Pset_libver_bounds, H5P_CLS_FILE_ACCESS,
    H5P_DEFAULT,
};
use std::ffi::c_int;
use std::os::fd::BorrowedFd;

/// The oldest format that new objects may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libver {
    /// What every reader from HDF5 1.8 on opens.
    Earliest,
    /// What this HDF5 likes best.
    Latest,
}

/// How file locks are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// Always.
    On,
    /// Never.
    Off,
    /// Where the file system has them.
    BestEffort,
}

/// A file access property list.
pub fn file_access(libver: Libver, locking: Locking) -> Result<Id> {
    let _lock = lock();
    let low = match libver {
        Libver::Earliest => H5F_libver_t::H5F_LIBVER_EARLIEST,
        Libver::Latest => H5F_libver_t::H5F_LIBVER_V200,
    };
    let (use_locks, ignore_disabled) = match locking {
        Locking::On => (1, 0),
        Locking::Off => (0, 0),
        Locking::BestEffort => (1, 1),
    };
    // SAFETY: the list is live, the values are HDF5's own.
    unsafe {
        let list = Id::new(H5Pcreate(*H5P_CLS_FILE_ACCESS), "preparing to open")?;
        check(
            H5Pset_libver_bounds(list.raw(), low, H5F_libver_t::H5F_LIBVER_V200),
            "choosing the format",
        )?;
        check(
            H5Pset_file_locking(list.raw(), use_locks, ignore_disabled),
            "choosing file locks",
        )?;
        Ok(list)
    }
}

/// Creates a file; one that exists is emptied, or refused when `exclusive`.
pub fn create_file(path: &str, exclusive: bool, access: &Id) -> Result<Id> {
    let _lock = lock();
    let path = c_text(path)?;
    let flags = if exclusive {
        H5F_ACC_EXCL
    } else {
        H5F_ACC_TRUNC
    };
    // SAFETY: a terminated path and live property lists.
    Id::new(
        unsafe { H5Fcreate(path.as_ptr(), flags, H5P_DEFAULT, access.raw()) },
        "creating the file",
    )
}

/// Opens a file.
pub fn open_file(path: &str, writable: bool, access: &Id) -> Result<Id> {
    let _lock = lock();
    let path = c_text(path)?;
    let flags = if writable {
        H5F_ACC_RDWR
    } else {
        H5F_ACC_RDONLY
    };
    // SAFETY: a terminated path and a live property list.
    Id::new(
        unsafe { H5Fopen(path.as_ptr(), flags, access.raw()) },
        "opening the file",
    )
}

/// A descriptor of our own of an open file, if it is a plain one of the operating system's.
pub fn descriptor(file: &Id) -> Option<std::fs::File> {
    let _lock = lock();
    let mut handle = std::ptr::null_mut();
    // SAFETY: a live file; the driver that is checked for hands out a pointer to its descriptor,
    // which stays open during the call.
    unsafe {
        let access = Id::new(H5Fget_access_plist(file.raw()), "").ok()?;
        if H5Pget_driver(access.raw()) != *H5FD_SEC2 {
            return None;
        }
        if H5Fget_vfd_handle(file.raw(), H5P_DEFAULT, &mut handle) < 0 || handle.is_null() {
            super::failure("");
            return None;
        }
        let descriptor = BorrowedFd::borrow_raw(*handle.cast::<c_int>());
        descriptor
            .try_clone_to_owned()
            .ok()
            .map(std::fs::File::from)
    }
}

/// Hands everything of a file to the operating system.
pub fn flush_file(file: &Id) -> Result<()> {
    let _lock = lock();
    // SAFETY: a live file.
    check(
        unsafe { H5Fflush(file.raw(), H5F_scope_t::H5F_SCOPE_LOCAL) },
        "writing the file",
    )
}

/// Closes a file.
pub fn close_file(file: Id) -> Result<()> {
    let _lock = lock();
    // SAFETY: a live file, given back by H5Fclose whether it succeeds or not.
    let status = unsafe { H5Fclose(file.raw()) };
    std::mem::forget(file);
    check(status, "closing the file")
}
