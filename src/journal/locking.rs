//! Who may write a file: among processes by `flock`, within this process by a registry.
//!
//! A writer takes the exclusive lock to open a file and then keeps a shared one, so that
//! readers of the last commit, h5py's too, can open it, and no other writer can.

#![forbid(unsafe_code)]

use super::sys::{File, Identity};
use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What `HDF5_USE_FILE_LOCKING` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// No locks at all.
    Off,
    /// Locks where the file system has them.
    BestEffort,
    /// A file system without locks is an error.
    Strict,
}

fn policy() -> Policy {
    match std::env::var("HDF5_USE_FILE_LOCKING").as_deref() {
        Ok("FALSE" | "0") => Policy::Off,
        Ok("TRUE" | "1") => Policy::Strict,
        _ => Policy::BestEffort,
    }
}

/// Takes or changes a lock; `false` says that another opening holds one that forbids it.
fn take(file: &File, operation: libc::c_int) -> io::Result<bool> {
    let policy = policy();
    if policy == Policy::Off {
        return Ok(true);
    }
    match file.lock(operation) {
        Ok(()) => Ok(true),
        Err(error) => match error.raw_os_error() {
            Some(libc::EWOULDBLOCK) => Ok(false),
            Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOLCK | libc::EINVAL)
                if policy == Policy::BestEffort =>
            {
                Ok(true)
            }
            _ => Err(error),
        },
    }
}

/// The lock under which a file is recovered, truncated or opened for writing.
pub fn exclusive(file: &File) -> io::Result<bool> {
    take(file, libc::LOCK_EX)
}

/// The lock of a session, for writing or for reading.
pub fn shared(file: &File) -> io::Result<bool> {
    take(file, libc::LOCK_SH)
}

/// The files that this process has open for writing.
static OPEN: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

fn open_files() -> MutexGuard<'static, BTreeSet<Identity>> {
    // The set is whole whenever the lock is free, whoever panicked.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that this process writes the file.
pub fn register(identity: Identity) {
    open_files().insert(identity);
}

/// Notes that it no longer does.
pub fn release(identity: Identity) {
    open_files().remove(&identity);
}

/// Whether this process has the file open for writing.
pub fn is_open_here(identity: Identity) -> bool {
    open_files().contains(&identity)
}
