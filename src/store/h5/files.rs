//! Files.

use super::{check, lock, Id, Tracked};
use crate::error::{Error, Result, Status};
use crate::format::ahead::Ahead;
use crate::format::object_header::is_plain_group;
use crate::format::superblock::Superblock;
use crate::journal::{self, Access, Ending, RawFile};
use crate::store::options::Open;
use hdf5_sys::h5f::{H5F_libver_t, H5Fget_freespace};
use hdf5_sys::h5p::{
    H5Pcreate, H5Pset_cache, H5Pset_file_locking, H5Pset_libver_bounds, H5P_CLS_FILE_ACCESS,
    H5P_DEFAULT,
};
use std::path::Path;

/// The oldest format that new objects may have.
///
/// ```
/// let options = h5sim::Open::new().libver(h5sim::Libver::Earliest);
/// assert_eq!(options, h5sim::Open::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libver {
    /// What every reader from HDF5 1.8 on opens.
    Earliest,
    /// The newest that HDF5 1.14 reads too, which VTK has: of HDF5 2.0's own it would miss compressed arrays.
    Latest,
}

impl Libver {
    /// The oldest version of HDF5 whose objects are made.
    pub(super) fn low(self) -> H5F_libver_t {
        match self {
            Libver::Earliest => H5F_libver_t::H5F_LIBVER_EARLIEST,
            Libver::Latest => H5F_libver_t::H5F_LIBVER_V114,
        }
    }
}

/// How file locks are used.
///
/// ```
/// let options = h5sim::Open::new().locking(h5sim::LockingOption::BestEffort);
/// assert_eq!(options, h5sim::Open::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockingOption {
    /// Always.
    On,
    /// Never.
    Off,
    /// Where the file system has them.
    BestEffort,
}

/// A file access property list.
pub(super) fn file_access(options: &Open) -> Result<Id> {
    let low = options.libver.low();
    let (use_locks, ignore_disabled) = match options.locking {
        LockingOption::On => (1, 0),
        LockingOption::Off => (0, 0),
        LockingOption::BestEffort => (1, 1),
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
        // Chunks are cached by this library. The table of HDF5's cache is 64 KiB for each open dataset,
        // and HDF5 crashes where there is no memory for it (seen with 2.2.0, H5D__chunk_init).
        check(H5Pset_cache(list.raw(), 0, 0, 0, 0.0), "choosing caches")?;
        Ok(list)
    }
}

fn journal_options(options: &Open) -> journal::Options {
    let locking = match options.locking {
        LockingOption::On => journal::Locking::Strict,
        LockingOption::Off => journal::Locking::Off,
        LockingOption::BestEffort => journal::Locking::BestEffort,
    };
    journal::Options {
        locking: locking.unless_overruled(),
        durability: options.durability.unwrap_or_default(),
        patience: options.wait,
        glance: options.glance,
        waiting_limit: options.waiting_limit,
        at_limit: options.at_waiting_limit,
        ..journal::Options::default()
    }
}

/// Creates a file; one that exists is emptied, or refused when `exclusive`.
pub fn create_file(path: &Path, exclusive: bool, options: &Open) -> Result<Id> {
    let list = locked_file_access(options)?;
    let settings = journal_options(options);
    let reason = &with_reason;
    let tracked;
    let creation = match options.track_order {
        true => {
            tracked = super::tracked_list(Tracked::File)?;
            tracked.raw()
        }
        false => H5P_DEFAULT,
    };
    journal::create_or(path, exclusive, creation, list.raw(), &settings, reason).map(Id)
}

/// Opens a file; for writing it is brought to its last commit first.
pub fn open_file(path: &Path, access: Access, options: &Open) -> Result<Id> {
    let list = locked_file_access(options)?;
    let settings = journal_options(options);
    journal::open_or(path, access, list.raw(), &settings, &with_reason).map(Id)
}

/// Opens the bytes of a file for reading, and has HDF5 open the file as well if something about it is unusual.
pub fn open_to_read(path: &Path, options: &Open) -> Result<(RawFile, Option<Id>)> {
    let opened = journal::open_to_read(path, &journal_options(options), |raw| {
        Ok(match Superblock::plain(&Ahead::of(raw))? {
            Some((superblock, root)) if is_plain_group(&root) => (superblock.end, None),
            _ => (
                raw.end(),
                Some(hand_over(path, raw, Access::Read, options)?),
            ),
        })
    })?;
    match opened {
        Some(opened) => Ok(opened),
        // HDF5 has it open already, behind a link of another file.
        None => {
            let id = open_file(path, Access::Read, options)?;
            Ok((raw_file(&id)?, Some(id)))
        }
    }
}

/// Opens the bytes of a file for writing; None if HDF5 has to open it, or has it open.
pub fn open_to_write(path: &Path, options: &Open) -> Result<Option<RawFile>> {
    journal::open_to_write(path, &journal_options(options), |raw| {
        let found = Superblock::plain(&Ahead::of(raw))?;
        let plain = found.filter(|(_, root)| is_plain_group(root));
        Ok(plain.map(|(superblock, _)| superblock.end))
    })
}

/// Has HDF5 open a file whose bytes are open.
pub fn hand_over(path: &Path, raw: &RawFile, access: Access, options: &Open) -> Result<Id> {
    let _lock = lock();
    let list = file_access(options)?;
    let settings = journal_options(options);
    journal::hand_over(path, raw, access, list.raw(), &settings, &with_reason).map(Id)
}

/// What HDF5 has opened behind a link of another file, of a file whose bytes are open without it.
pub fn take_opened(raw: &RawFile) -> Option<Id> {
    journal::take_opened(raw).map(Id)
}

/// Creates a file that HDF5 does not open, and in which the first `room` bytes are allocated; one that exists is emptied,
/// or refused when `exclusive`.
pub fn create_bytes(path: &Path, exclusive: bool, options: &Open, room: u64) -> Result<RawFile> {
    journal::create_bytes(path, exclusive, &journal_options(options), room)
}

/// The same as [`file_access`]. HDF5 is free again then: an opening may have to wait for another program.
fn locked_file_access(options: &Open) -> Result<Id> {
    let _lock = lock();
    file_access(options)
}

/// Adds what HDF5 says of a file that it could not open, if it says something.
fn with_reason(error: Error) -> Error {
    if error.status != Status::Format {
        return error;
    }
    let reason = super::failure("opening the file");
    if reason.status == Status::Format && reason.message.ends_with("failed") {
        return error;
    }
    reason
}

/// The bytes of an open file, past HDF5 and without its lock.
pub fn raw_file(file: &Id) -> Result<RawFile> {
    journal::raw_file(file.raw())
}

/// Whether space may be allocated past HDF5 in a file.
pub fn can_append(file: &Id) -> Result<bool> {
    let _lock = lock();
    journal::can_append(file.raw())
}

/// How many bytes in a file HDF5 has been given back, and uses again.
pub fn free_space(file: &Id) -> u64 {
    let _lock = lock();
    // SAFETY: a live file.
    let bytes = unsafe { H5Fget_freespace(file.raw()) };
    // What it does not tell it need not use.
    u64::try_from(bytes).unwrap_or(0)
}

/// Makes everything written so far one permanent step.
pub fn commit_file(file: &Id, explicit: bool) -> Result<()> {
    journal::commit(file.raw(), explicit)
}

/// Makes everything written so far a part of a step of many files, which counts when that is decided.
pub fn prepare_file(file: &Id, step: journal::decision::Step) -> Result<bool> {
    journal::prepare(file.raw(), step)
}

/// Whether a file is only whole when it is closed, so that it is committed by that.
pub fn commits_at_close(file: &Id) -> Result<bool> {
    let _lock = lock();
    journal::commits_at_close(file.raw())
}

/// Closes a file, with all that was written or at its last commit.
pub fn close_file(file: Id, ending: Ending) -> Result<()> {
    let _lock = lock();
    let raw = file.raw();
    // The journal gives the identifier back, whether it succeeds or not.
    std::mem::forget(file);
    journal::close(raw, ending)
}
