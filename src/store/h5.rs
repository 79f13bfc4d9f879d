//! The raw HDF5 calls of the store, made safe: identifiers that close themselves, failures as errors.
//!
//! This file and its folder are the only place of the store with `unsafe`. HDF5 is built without
//! thread safety, so that every function here takes the library's one lock; a thread that has
//! it may take it again, and `File` takes it once around each of its calls.

mod attributes;
mod chunks;
mod collect;
mod conversion;
mod datasets;
#[cfg(test)]
mod examples;
mod failure;
mod files;
mod filters;
mod headers;
mod objects;
#[cfg(feature = "mpi")]
mod parallel;
mod registering;
mod scales;
mod soundness;
mod spaces;
mod types;
mod virtual_layout;

pub use attributes::*;
pub use chunks::*;
pub use conversion::conversion;
pub use datasets::*;
#[cfg(test)]
pub use examples::*;
pub use failure::{failure, nothing_there, os_words};
pub use files::*;
pub use headers::*;
pub use objects::*;
#[cfg(feature = "mpi")]
use parallel::transfer;
#[cfg(feature = "mpi")]
pub use parallel::*;
#[cfg(feature = "mpi")]
pub use registering::replace_deflate;
pub use registering::{register, register_all};
pub use scales::*;
pub use spaces::*;
pub use types::*;
pub use virtual_layout::*;

use crate::error::{Error, Result};
use crate::journal::Quiet;
use hdf5_sys::h5::{H5dont_atexit, H5get_libversion, H5open};
use hdf5_sys::h5e::{H5Eset_auto2, H5E_DEFAULT};
use hdf5_sys::h5i::{hid_t, H5Idec_ref};
use parking_lot::ReentrantMutexGuard;
use std::ffi::CString;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, OnceLock};

/// Whether nobody else calls this HDF5: the shared library has one of its own, a Rust program has one for all its crates.
const IS_ALONE: bool = cfg!(feature = "capi");

/// HDF5's lock, as long as it lives.
pub struct Lock {
    /// What the host has said of HDF5's printing comes back before the lock is given back.
    quiet: Option<Quiet>,
    _guard: ReentrantMutexGuard<'static, ()>,
}

/// How many of the locks are there, of the one thread that can have any.
static DEPTH: AtomicU32 = AtomicU32::new(0);

impl Drop for Lock {
    fn drop(&mut self) {
        self.quiet = None;
        DEPTH.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Takes the library's lock, waiting for other threads; HDF5 is initialised and silent.
pub fn lock() -> Lock {
    static ONCE: Once = Once::new();
    let guard = hdf5_sys::LOCK.lock();
    ONCE.call_once(|| {
        #[cfg(feature = "mpi")]
        parallel::before_hdf5();
        // SAFETY: plain calls, under the lock. What is open at exit is closed by our own handler,
        // which knows what was committed: HDF5's must not flush after it.
        unsafe {
            H5dont_atexit();
            H5open();
            if IS_ALONE {
                H5Eset_auto2(H5E_DEFAULT, None, std::ptr::null_mut());
            }
        }
        #[cfg(feature = "mpi")]
        parallel::after_hdf5();
        filters::forget_built_in_plugin_folder();
    });
    let is_outermost = DEPTH.fetch_add(1, Ordering::Relaxed) == 0;
    Lock {
        quiet: (is_outermost && !IS_ALONE).then(Quiet::new),
        _guard: guard,
    }
}

/// The list of properties by which this thread's transfers are made.
#[cfg(not(feature = "mpi"))]
const fn transfer() -> hid_t {
    hdf5_sys::h5p::H5P_DEFAULT
}

/// An identifier of HDF5's (of a file, group, dataset, datatype, …), given back when dropped.
#[derive(Debug)]
pub struct Id(hid_t);

impl Id {
    /// Takes what a call returned: an identifier, or a negative value that says that `what` failed.
    fn new(id: hid_t, what: &str) -> Result<Self> {
        check_locked(what)?;
        if id < 0 {
            return Err(failure(what));
        }
        Ok(Self(id))
    }

    /// The identifier of nothing, which every call refuses.
    pub fn closed() -> Self {
        Self(-1)
    }

    /// Whether it is that of nothing.
    pub fn is_closed(&self) -> bool {
        self.0 < 0
    }

    /// The identifier itself, which is not ours any more.
    pub fn into_raw(self) -> hid_t {
        let id = self.0;
        std::mem::forget(self);
        id
    }

    /// The identifier itself, for calls outside the store; it stays ours.
    pub fn raw(&self) -> hid_t {
        self.0
    }
}

impl Drop for Id {
    fn drop(&mut self) {
        if self.0 < 0 {
            return;
        }
        let _lock = lock();
        // SAFETY: the identifier is live: this is its only owner.
        unsafe { H5Idec_ref(self.0) };
    }
}

/// Fails after a call that was made without the lock: a defect that a single thread would never meet.
fn check_locked(what: &str) -> Result<()> {
    match hdf5_sys::LOCK.is_owned_by_current_thread() {
        true => Ok(()),
        false => Err(Error::internal(format!(
            "{what}: HDF5 was called without its lock"
        ))),
    }
}

/// Turns a call's negative status into an error that says that `what` failed.
fn check(status: i32, what: &str) -> Result<()> {
    check_locked(what)?;
    if status < 0 {
        return Err(failure(what));
    }
    Ok(())
}

/// What a call says of a yes or no, or an error that says that `what` failed.
fn truth(answer: i32, what: &str) -> Result<bool> {
    check(answer, what)?;
    Ok(answer > 0)
}

/// A name for HDF5, which ends names at a NUL.
fn c_text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::argument(format!("'{text:?}' holds a NUL character")))
}

/// HDF5's version, such as `2.2.0`.
pub fn version() -> &'static std::ffi::CStr {
    static VERSION: OnceLock<CString> = OnceLock::new();
    VERSION.get_or_init(|| {
        let _lock = lock();
        let (mut major, mut minor, mut release) = (0, 0, 0);
        // SAFETY: three places for three numbers.
        unsafe { H5get_libversion(&mut major, &mut minor, &mut release) };
        CString::new(format!("{major}.{minor}.{release}")).unwrap_or_default()
    })
}

/// Zeroed memory for `count` elements of `size` bytes; an error where there is not so much.
///
/// A count can come from a damaged or hostile file, so that it must not end the program.
pub fn zeroed<T: Copy + Default>(count: u64, size: usize) -> Result<Vec<T>> {
    let no_room = || Error::io(format!("no memory for {count} elements of {size} bytes"));
    let items = usize::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(size))
        .map(|bytes| bytes / std::mem::size_of::<T>())
        .ok_or_else(no_room)?;
    let mut memory = Vec::new();
    memory.try_reserve_exact(items).map_err(|_| no_room())?;
    memory.resize(items, T::default());
    Ok(memory)
}

/// A copy of bytes whose number a file decides; an error where there is not so much memory.
pub fn copy_of(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())
        .map_err(|_| Error::io(format!("no memory for {} bytes", bytes.len())))?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
