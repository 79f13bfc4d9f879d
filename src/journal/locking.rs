//! Who may write a file: among processes by `flock`, within this process by a registry.
//!
//! A writer takes the exclusive lock to open a file and then keeps a shared one, so that
//! readers of the last commit, h5py's too, can open it, and no other writer can.

#![forbid(unsafe_code)]

use super::process::PerProcess;
use super::sys::{DiskFile, Identity};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Mutex;

/// How file locks are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Locking {
    /// No locks at all.
    Off,
    /// Locks where the file system has them.
    #[default]
    BestEffort,
    /// A file system without locks is an error.
    Strict,
}

impl Locking {
    /// Whether locks are taken.
    pub fn is_on(self) -> bool {
        self != Locking::Off
    }

    /// What the variable `HDF5_USE_FILE_LOCKING` asks for, and this only if it says nothing.
    pub fn unless_overruled(self) -> Self {
        match std::env::var("HDF5_USE_FILE_LOCKING").as_deref() {
            Ok("FALSE" | "0") => Locking::Off,
            Ok("TRUE" | "1") => Locking::Strict,
            Ok("BEST_EFFORT") => Locking::BestEffort,
            _ => self,
        }
    }
}

/// Takes or changes a lock; `false` says that another opening holds one that forbids it.
fn take(file: &DiskFile, operation: libc::c_int, locking: Locking) -> io::Result<bool> {
    if locking == Locking::Off {
        return Ok(true);
    }
    match file.lock(operation) {
        Ok(()) => Ok(true),
        Err(error) => match error.raw_os_error() {
            Some(libc::EWOULDBLOCK) => Ok(false),
            Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOLCK | libc::EINVAL)
                if locking == Locking::BestEffort =>
            {
                Ok(true)
            }
            _ => Err(error),
        },
    }
}

/// The lock under which a file is recovered, truncated or opened for writing.
pub fn exclusive(file: &DiskFile, locking: Locking) -> io::Result<bool> {
    take(file, libc::LOCK_EX, locking)
}

/// The lock of a session, for writing or for reading.
pub fn shared(file: &DiskFile, locking: Locking) -> io::Result<bool> {
    take(file, libc::LOCK_SH, locking)
}

/// Lets go of a lock.
pub fn release_lock(file: &DiskFile, locking: Locking) {
    if locking != Locking::Off {
        let _ = file.lock(libc::LOCK_UN);
    }
}

/// The files that this process has open for writing.
static OPEN: PerProcess<Mutex<BTreeSet<Identity>>> = PerProcess::new();

/// The files that this process has open for reading through a session of their own, and how often.
static READ: PerProcess<Mutex<BTreeMap<Identity, usize>>> = PerProcess::new();

/// Notes that this process reads the file.
pub fn register_reader(identity: Identity) {
    *READ.lock().entry(identity).or_insert(0) += 1;
}

/// Notes that one of its readings has ended.
pub fn release_reader(identity: Identity) {
    let mut read = READ.lock();
    if let Some(count) = read.get_mut(&identity) {
        *count -= 1;
        if *count == 0 {
            read.remove(&identity);
        }
    }
}

/// Whether this process reads the file without writing it.
pub fn is_read_here(identity: Identity) -> bool {
    READ.lock().contains_key(&identity)
}

/// Notes that this process writes the file.
pub fn register(identity: Identity) {
    OPEN.lock().insert(identity);
}

/// Notes that it no longer does.
pub fn release(identity: Identity) {
    OPEN.lock().remove(&identity);
}

/// Whether this process has any file open for writing.
pub fn is_any_open_here() -> bool {
    !OPEN.lock().is_empty()
}

/// Whether this process has the file open for writing.
pub fn is_open_here(identity: Identity) -> bool {
    OPEN.lock().contains(&identity)
}
