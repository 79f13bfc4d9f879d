//! Files that are open without HDF5, which gets them when it is needed.
//!
//! HDF5 takes longer to open and close a small file than everything else that is done with it, and some hundred KiB of memory
//! for each that is open. What such a file holds is made, found and committed past it.

#![forbid(unsafe_code)]

use super::decision::Step;
use super::process::PerProcess;
use super::raw::{RawFile, Shared};
use super::session::{Role, Session, WriteKind};
use super::sys::Identity;
use super::{driver, open_through_driver, trying, waiting, Access, Options, Quiet};
use crate::error::{Error, Result};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::LOCK;
use parking_lot::RwLockWriteGuard;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// How HDF5 opens a file whose bytes are open.
pub(crate) type Opener = Box<dyn Fn() -> Result<hid_t> + Send>;

/// A file that is open for writing without HDF5.
struct LoneFile {
    opener: Opener,
    /// HDF5's identifier, if HDF5 has opened it meanwhile behind a link of another file.
    opened: Option<hid_t>,
}

/// The files of this process that are open for writing without HDF5.
static LONE: PerProcess<Mutex<BTreeMap<Identity, LoneFile>>> = PerProcess::new();

/// Says how HDF5 opens a file that is open for writing without it.
///
/// A link in another file may lead there, and HDF5 would find what is on the disk, and not what was written.
pub(crate) fn register(raw: &RawFile, opener: Opener) {
    let opened = None;
    LONE.lock()
        .insert(raw.identity(), LoneFile { opener, opened });
}

/// Takes HDF5's identifier of a file that HDF5 has opened behind a link of another file.
pub(crate) fn take_opened(raw: &RawFile) -> Option<hid_t> {
    let mut lone = LONE.lock();
    let opened = lone.get_mut(&raw.identity())?.opened.take()?;
    lone.remove(&raw.identity());
    Some(opened)
}

/// Forgets a file that HDF5 has open now, or that is closed.
pub(crate) fn unregister(raw: &RawFile) {
    LONE.lock().remove(&raw.identity());
}

/// Has HDF5 open a file that is open for writing without it, if it is one: a link of another file leads there. The caller holds HDF5's
/// lock.
pub(super) fn open_behind_link(identity: Identity) -> Result<()> {
    *LINKED.lock() = Some(identity);
    IS_LINKED.store(true, Ordering::Relaxed);
    let Some(mut lone) = LONE.lock().remove(&identity) else {
        return Ok(());
    };
    let done = match lone.opened {
        Some(_) => Ok(()),
        None => (lone.opener)().map(|file| lone.opened = Some(file)),
    };
    LONE.lock().insert(identity, lone);
    done
}

/// The latest file of this process, open for writing, to which HDF5 has come behind a link of another one, since it was last taken.
static LINKED: PerProcess<Mutex<Option<Identity>>> = PerProcess::new();
/// Whether there is one: most calls find none.
static IS_LINKED: AtomicBool = AtomicBool::new(false);

/// Takes the device and inode of the latest file that is open for writing here, and to which HDF5 has come behind a link.
pub(crate) fn take_linked() -> Option<Identity> {
    if !IS_LINKED.load(Ordering::Relaxed) {
        return None;
    }
    IS_LINKED.store(false, Ordering::Relaxed);
    LINKED.lock().take()
}

/// Opens a file's bytes for reading; `then` says where they end, as soon as they are open, and what else there is to say.
///
/// If it fails, nothing is open. None if HDF5 has the file open for writing already, in this process.
pub(crate) fn open_to_read<T>(
    path: &Path,
    options: &Options,
    then: impl Fn(&RawFile) -> Result<(u64, T)>,
) -> Result<Option<(RawFile, T)>> {
    trying(path, Access::Read, options.patience, || {
        let _lock = LOCK.lock();
        driver::take_failure();
        let mut session = Session::open_for_reading(path, options)?;
        if session.role == Role::Duplicate {
            return Ok(None);
        }
        session.allocated_end = session.logical_end;
        let raw = RawFile(Arc::new(Shared::new(session)));
        match then(&raw) {
            Ok((end, more)) => {
                raw.0.write()?.allocated_end = end;
                Ok(Some((raw, more)))
            }
            Err(error) => {
                // The first failure is the one to tell of.
                let _ = close_bytes(&raw);
                Err(error)
            }
        }
    })
}

/// Opens the bytes of a file that is there for writing, unless `then` says that HDF5 is to open it as well: where the file ends, and whether
/// nothing about it is unusual.
///
/// If it fails, nothing is open. None if HDF5 has the file open already, in this process.
pub(crate) fn open_to_write(
    path: &Path,
    options: &Options,
    then: impl Fn(&RawFile) -> Result<Option<u64>>,
) -> Result<Option<RawFile>> {
    trying(path, Access::Write, options.patience, || {
        let _lock = LOCK.lock();
        driver::take_failure();
        let mut session = Session::open_for_writing(path, options)?;
        if session.role == Role::Duplicate {
            return Ok(None);
        }
        session.allocated_end = session.logical_end;
        let raw = RawFile(Arc::new(Shared::new(session)));
        match then(&raw) {
            Ok(Some(end)) => {
                // What was read of the file is in it all the same.
                let mut session = raw.0.write_some()?;
                session.allocated_end = end;
                // The oldest format has no room for that.
                session.keeps_free_space = Some(false);
                drop(session);
                Ok(Some(raw))
            }
            Ok(None) => {
                close_bytes(&raw)?;
                Ok(None)
            }
            Err(error) => {
                // The first failure is the one to tell of.
                let _ = close_bytes(&raw);
                Err(error)
            }
        }
    })
}

/// Makes a file, or empties the one that is there unless `exclusive`; the first `room` bytes are allocated. It is blank: not an
/// HDF5 file before something makes it one.
pub(crate) fn create(
    path: &Path,
    exclusive: bool,
    options: &Options,
    room: u64,
) -> Result<RawFile> {
    waiting(path, options.patience, || {
        let _lock = LOCK.lock();
        driver::take_failure();
        let mut session = Session::create(path, exclusive, options)?;
        session.allocated_end = room;
        session.keeps_free_space = Some(false);
        let shared = Shared::new(session);
        shared.is_blank.store(true, Ordering::Relaxed);
        Ok(RawFile(Arc::new(shared)))
    })
}

/// Has HDF5 open a file whose bytes are open already; if it cannot, they stay so.
///
/// What HDF5 itself could not do is told by `reason`. The caller holds HDF5's lock.
pub(crate) fn hand_over(
    path: &Path,
    raw: &RawFile,
    access: Access,
    access_list: hid_t,
    options: &Options,
    reason: &dyn Fn(Error) -> Error,
) -> Result<hid_t> {
    let _quiet = Quiet::new();
    driver::take_failure();
    if raw.0.is_held.load(Ordering::Relaxed) {
        return Err(Error::io(
            "what was written before could not be stored in the file: make room on the disk, and commit",
        ));
    }
    // HDF5 sets it by the superblock, which has to say the same.
    let end = {
        let mut session = raw.0.write()?;
        let end = session.allocated_end;
        match session.role {
            Role::Writer => session.check_superblock(end)?,
            _ => session.check_mark()?,
        }
        end
    };
    let opened = driver::adopting(&raw.0, || {
        open_through_driver(path, access, access_list, options).map_err(reason)
    });
    if opened.is_err() {
        raw.0.write()?.allocated_end = end;
    }
    opened
}

/// Makes everything written so far to a file that HDF5 does not have open one permanent step; `explicit` as for
/// [`commit`](super::commit).
///
/// `ends` says that the file is closed after it.
pub(crate) fn commit_bytes(raw: &RawFile, explicit: bool, ends: bool) -> Result<()> {
    raw.to_commit(explicit)?.map_or(Ok(()), |mut session| {
        session.ends |= ends;
        session.commit()
    })
}

/// The same as a part of a step of many files: see [`prepare`](super::prepare).
pub(crate) fn prepare_bytes(raw: &RawFile, step: Step) -> Result<bool> {
    raw.to_commit(true)?
        .map_or(Ok(true), |mut session| session.prepare(step))
}

/// Closes a file that HDF5 does not have open, at its last commit, even if this fails.
pub(crate) fn close_bytes(raw: &RawFile) -> Result<()> {
    let _lock = LOCK.lock();
    let mut session = raw.0.write()?;
    if session.role == Role::Writer {
        session.discard();
    }
    session.close()
}

impl RawFile {
    fn to_commit(&self, explicit: bool) -> Result<Option<RwLockWriteGuard<'_, Session>>> {
        // What its blocks have stays what is read there.
        let mut session = self.0.write_some()?;
        session.explicit |= explicit;
        Ok((session.role == Role::Writer).then_some(session))
    }

    /// Allocates space behind everything else and writes it, past HDF5: what lies there is to be linked by addresses
    /// that HDF5 does not know of yet.
    ///
    /// `place` gets the address, and gives the `length` bytes that go there. The file must be one of which
    /// [`can_append`](super::can_append): a commit sets the end in its superblock right.
    pub fn append<'a>(&self, length: usize, place: impl FnOnce(u64) -> &'a [u8]) -> Result<()> {
        let _lock = LOCK.lock();
        let mut session = self.0.write()?;
        let end = session.allocated_end;
        let address = session.allocate(length as u64);
        let written = session.write(address, place(address), WriteKind::Data);
        if written.is_err() {
            // Nothing refers to the space yet.
            session.allocated_end = end;
        }
        written
    }

    /// Allocates so many bytes behind everything else, and gives their address: as [`append`](Self::append), which writes there too.
    pub fn allocate(&self, length: u64) -> Result<u64> {
        let _lock = LOCK.lock();
        let mut session = self.0.write()?;
        let address = session.allocate(length);
        // What is not written is there all the same, for HDF5 when it opens the file.
        session.logical_end = session.logical_end.max(session.allocated_end);
        Ok(address)
    }

    /// Its path without symbolic links, whatever folder the program changes to.
    pub(crate) fn place(&self) -> &Path {
        &self.0.place
    }

    /// Whether nothing was made in the file yet, not even its root.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.is_blank.load(Ordering::Relaxed)
    }

    /// Notes that the file is an HDF5 file now. The caller holds HDF5's lock.
    pub(crate) fn note_root(&self) {
        self.0.is_blank.store(false, Ordering::Relaxed);
    }

    /// Says whether HDF5 must not open the file, of which something is stored in part. The caller holds HDF5's lock.
    pub(crate) fn hold(&self, is_held: bool) {
        self.0.is_held.store(is_held, Ordering::Relaxed);
    }

    /// Where the next bytes are allocated, by HDF5 too if it has the file open.
    pub(crate) fn allocated_end(&self) -> Result<u64> {
        Ok(self.0.read()?.allocated_end)
    }

    /// Of a file that HDF5 does not have open: sets that.
    pub(crate) fn set_allocated_end(&self, end: u64) -> Result<()> {
        self.0.write()?.allocated_end = end;
        Ok(())
    }
}
