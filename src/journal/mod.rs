//! Commits that survive a kill at any instant, and with [`Durability::Power`] a power cut.
//!
//! A file opened for writing through this module has a journal beside it, `FILE-journal`, as
//! long as it is open. Between two commits the file holds the last one, bit for bit: new bytes
//! go behind its end, and bytes that replace others wait in memory or in the journal. A commit
//! writes what waits into the journal, checks included, and then into the file. Whatever
//! happens in between, the next opening finds a whole journal and finishes the commit, or an
//! unfinished one and forgets it.
//!
//! # Use
//!
//! Everything is called with HDF5's lock held or free; it is taken here as well.
//!
//! ```text
//! create(path, exclusive, fcpl, fapl, &options)   H5Fcreate behind the driver: modes w and w-
//! open(path, Access::Write, fapl, &options)       H5Fopen: recovers, locks; mode r+
//! open(path, Access::Read, fapl, &options)        changes nothing; a journal that waits is read as well
//! raw_file(file)                                  its bytes, past HDF5 and without its lock
//! commit(file)                                    h5sim_commit, and the automatic one
//! commits_at_close(file)                          true: close and open the file to commit
//! close(file, Ending::Commit | Ending::Discard)   instead of H5Fclose
//! take_failure()                                  why an HDF5 call failed, if the driver knows
//! recover(path), check(path)                      the command line
//! ```
//!
//! With [`Durability::None`] there is no journal: bytes go straight into the file, and a commit
//! is `H5Fflush`. A file that is closed by `H5Fclose`, or by HDF5's own exit handler, is
//! committed then, unless `commit` was called with `explicit` before: then its last commit
//! stands.
//!
//! Locks are taken in one order: HDF5's, then the session's. In a child process what the parent
//! has open is out of reach ([`process`]).

pub mod hooks;

mod adopting;
mod apply;
mod belonging;
mod blocks;
mod checksum;
mod claiming;
pub(crate) use checksum::checksum;
mod class;
mod commit;
pub mod decision;
mod driver;
mod format;
mod growth;
mod lending;
mod locking;
mod lone;
mod overlay;
mod owner;
mod pages;
mod presence;
pub mod process;
pub(crate) mod process_lock;
mod ranges;
mod raw;
mod reading;
mod recovery;
mod report;
mod seclusion;
mod session;
mod spill;
mod sys;
mod trusted;
mod watch;
mod words;

use crate::error::{Error, Result, Status};
use crate::format::superblock;
use hdf5_sys::h5e::{
    H5E_auto2_t, H5Eget_auto2, H5Eget_current_stack, H5Eset_auto2, H5Eset_current_stack,
    H5E_DEFAULT,
};
use hdf5_sys::h5f::{
    H5F_close_degree_t, H5F_info2_t, H5F_mem_t, H5F_sect_info_t, H5Fclose, H5Fcreate, H5Fflush,
    H5Fget_create_plist, H5Fget_free_sections, H5Fget_info, H5Fget_obj_count, H5Fget_obj_ids,
    H5Fopen, H5F_ACC_EXCL, H5F_ACC_RDONLY, H5F_ACC_RDWR, H5F_ACC_TRUNC, H5F_OBJ_ATTR,
    H5F_OBJ_DATASET, H5F_OBJ_DATATYPE, H5F_OBJ_FILE, H5F_OBJ_GROUP, H5F_OBJ_LOCAL,
    H5F_SCOPE_GLOBAL,
};
use hdf5_sys::h5i::{hid_t, H5Idec_ref};
use hdf5_sys::h5p::{
    H5Pclose, H5Pcopy, H5Pcreate, H5Pget_file_locking, H5Pget_file_space_strategy,
    H5Pset_fclose_degree, H5P_CLS_FILE_ACCESS, H5P_DEFAULT,
};
use hdf5_sys::LOCK;
use std::ffi::{c_void, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

pub use blocks::set_limit as set_memory;
pub use lending::Borrowed;
pub use locking::Locking;
pub(crate) use lone::{
    close_bytes, commit_bytes, create as create_bytes, hand_over, open_to_read, open_to_write,
    prepare_bytes, register as register_lone, take_linked, take_opened,
    unregister as unregister_lone,
};
pub use owner::this_computer;
use raw::Shared;
pub use raw::{raw_file, RawFile};
pub use recovery::Recovery;
pub use report::{check, Finding, Report};
pub use session::FREE_WORTH;
pub use superblock::SIGNATURE;
pub use sys::{ticks, Identity};
pub use words::journal_path;

/// What a commit survives.
///
/// ```
/// assert_eq!(h5sim::Durability::default(), h5sim::Durability::Kill);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Durability {
    /// Nothing: bytes go straight into the file. For scratch files.
    None,
    /// The end of the process at any instant.
    #[default]
    Kill,
    /// The end of the computer as well. Each commit waits for the disk three times.
    Power,
}

/// What happens when commits have waited for readers until the journal is as large as it may become.
///
/// ```
/// assert_eq!(h5sim::AtLimit::default(), h5sim::AtLimit::Apply);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum AtLimit {
    /// They are applied beside the readers, who may see a mixture of two commits.
    #[default]
    Apply,
    /// The next commit fails, [`crate::error::Status::Locked`], and can be tried again.
    Refuse,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What its commits survive.
    pub durability: Durability,
    /// How many bytes of replaced data are held in memory; the others wait in the journal.
    pub overlay_limit: usize,
    /// How long commits may wait in the journal for other programs that read the file: up to so many
    /// bytes of journal.
    pub waiting_limit: u64,
    /// What happens past that.
    pub at_limit: AtLimit,
    /// How long a close waits for readers before it applies what waits for them, and an opening for
    /// other programs that hold the file.
    pub patience: Duration,
    /// How the file is locked; [`create`] and [`open`] take it from the file access property list.
    pub locking: Locking,
    /// Whether a file is opened for reading for a moment only: neither this process nor another one is told of it, so
    /// that it keeps nobody from the file.
    pub glance: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            overlay_limit: 64 << 20,
            waiting_limit: 256 << 20,
            at_limit: AtLimit::Apply,
            patience: Duration::ZERO,
            locking: Locking::default(),
            glance: false,
        }
    }
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

/// Whether this process has the file with this device and inode open for writing.
pub(crate) fn is_written_here(device: u64, inode: u64) -> bool {
    locking::is_open_here(sys::Identity { device, inode })
}

/// Whether a file is its last commit right now, without what a dead writer's journal holds.
pub(crate) fn holds_last_commit(path: &Path) -> bool {
    let readability = || -> std::io::Result<report::Readability> {
        let file = sys::DiskFile::open(path, sys::OpenAs::Read)?;
        report::readability(&file, &journal_path(&std::fs::canonicalize(path)?))
    };
    matches!(
        readability(),
        Ok(report::Readability::Plain | report::Readability::Beside)
    )
}

/// How a file is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With everything that was written.
    Commit,
    /// With the last commit; a file that was never committed is left empty.
    Discard,
}

/// How long an opening for reading waits for a writer in the middle of a commit.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an opening for reading waits for any program that has locked the file.
const BRIEFLY: Duration = Duration::from_millis(100);
/// How long an opening that waits for another program sleeps before it looks again.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// How long an opening for writing waits for programs that only look into the file; a busy machine may keep them from
/// going on.
const GLANCE: Duration = Duration::from_secs(2);

/// A property list that is closed when it is no longer needed.
struct PropertyList(hid_t);

impl Drop for PropertyList {
    fn drop(&mut self) {
        // SAFETY: the list is ours, and the callers hold HDF5's lock.
        unsafe { H5Pclose(self.0) };
    }
}

/// Keeps HDF5 from printing its errors as long as it lives.
pub(crate) struct Quiet {
    function: H5E_auto2_t,
    data: *mut c_void,
}

impl Quiet {
    pub(crate) fn new() -> Self {
        let mut quiet = Self {
            function: None,
            data: std::ptr::null_mut(),
        };
        // SAFETY: HDF5's lock is held; both places are valid.
        unsafe {
            H5Eget_auto2(H5E_DEFAULT, &mut quiet.function, &mut quiet.data);
            H5Eset_auto2(H5E_DEFAULT, None, std::ptr::null_mut());
        }
        quiet
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: HDF5's lock is held; these are the values that HDF5 gave.
        unsafe { H5Eset_auto2(H5E_DEFAULT, self.function, self.data) };
    }
}

/// A copy of a file access property list, or a new one for `H5P_DEFAULT`.
fn copy_of(access_list: hid_t) -> Result<PropertyList> {
    let copy = if access_list == H5P_DEFAULT {
        // SAFETY: HDF5's lock is held.
        unsafe { H5Pcreate(*H5P_CLS_FILE_ACCESS) }
    } else {
        // SAFETY: HDF5's lock is held, and HDF5 checks the identifier.
        unsafe { H5Pcopy(access_list) }
    };
    if copy < 0 {
        return Err(Error::internal(
            "HDF5 made no copy of the file access property list",
        ));
    }
    Ok(PropertyList(copy))
}

/// How a file access property list wants files to be locked.
fn locking_of(access_list: hid_t) -> Result<Locking> {
    if access_list == H5P_DEFAULT {
        return Ok(Locking::default().unless_overruled());
    }
    let (mut uses, mut ignores) = (0, 0);
    // SAFETY: HDF5's lock is held, both places are valid, and HDF5 checks the identifier.
    if unsafe { H5Pget_file_locking(access_list, &mut uses, &mut ignores) } < 0 {
        return Err(Error::internal(
            "HDF5 does not give the list's choice of file locks",
        ));
    }
    let locking = match (uses, ignores) {
        (0, _) => Locking::Off,
        (_, 0) => Locking::Strict,
        _ => Locking::BestEffort,
    };
    Ok(locking.unless_overruled())
}

/// Chooses the driver, and that a file may be opened behind a link as well: HDF5 asks for weak closing there, and all openings of
/// a file have to agree.
fn use_driver(list: &PropertyList, options: &Options) -> Result<()> {
    driver::set(list.0, options)?;
    // SAFETY: HDF5's lock is held, and the list is live.
    if unsafe { H5Pset_fclose_degree(list.0, H5F_close_degree_t::H5F_CLOSE_WEAK) } < 0 {
        return Err(Error::internal(
            "HDF5 did not take the file access property list",
        ));
    }
    Ok(())
}

/// Closes what a failed call has left open in a file, which HDF5 would not close before.
fn close_objects(file: hid_t) {
    const AT_ONCE: usize = 16;
    let kinds = H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_DATATYPE | H5F_OBJ_ATTR | H5F_OBJ_LOCAL;
    loop {
        let mut objects = [-1; AT_ONCE];
        // SAFETY: HDF5 checks the identifier; there is room for so many.
        let found = unsafe { H5Fget_obj_ids(file, kinds, AT_ONCE, objects.as_mut_ptr()) };
        let found = usize::try_from(found).unwrap_or(0).min(AT_ONCE);
        // SAFETY: HDF5 gave these identifiers.
        let closed = objects[..found]
            .iter()
            .filter(|&&object| unsafe { H5Idec_ref(object) } >= 0);
        if closed.count() == 0 {
            return;
        }
    }
}

fn c_name(path: &Path) -> Result<CString> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| Error::argument("the path of a file cannot contain a NUL byte"))
}

/// Turns what HDF5 returned into a result; the driver's own reason is the better one.
fn opened(file: hid_t, doing: &str, path: &Path) -> Result<hid_t> {
    if file >= 0 {
        take_failure();
        return Ok(file);
    }
    Err(take_failure()
        .unwrap_or_else(|| Error::format(format!("HDF5 could not {doing} '{}'", path.display()))))
}

/// Creates a file, or empties the one that is there unless `exclusive`.
///
/// A file that another program writes is left untouched: [`crate::error::Status::Locked`].
pub fn create(
    path: &Path,
    exclusive: bool,
    creation_list: hid_t,
    access_list: hid_t,
    options: &Options,
) -> Result<hid_t> {
    create_or(
        path,
        exclusive,
        creation_list,
        access_list,
        options,
        &|error| error,
    )
}

/// The same; what HDF5 itself could not do is told by `reason`, which is called with HDF5's lock held.
pub(crate) fn create_or(
    path: &Path,
    exclusive: bool,
    creation_list: hid_t,
    access_list: hid_t,
    options: &Options,
    reason: &dyn Fn(Error) -> Error,
) -> Result<hid_t> {
    waiting(path, options.patience, || {
        let _lock = LOCK.lock();
        create_at_once(path, exclusive, creation_list, access_list, options).map_err(reason)
    })
}

/// HDF5 crashes where it has no memory for the cache of metadata that it makes with a file (seen with 2.2.0: H5AC_create
/// looks into the cache that it could not make): it is tried before.
fn require_memory() -> Result<()> {
    const CACHE: usize = 1 << 20;
    let mut tried: Vec<u8> = Vec::new();
    tried
        .try_reserve_exact(CACHE)
        .map_err(|_| Error::io("no memory for an open file"))?;
    // Memory that nobody looks at is not taken at all.
    std::hint::black_box(&mut tried);
    Ok(())
}

/// Tries again for so long as another program holds the file. HDF5 is free meanwhile, unless the caller has its lock.
fn waiting<T>(path: &Path, patience: Duration, attempt: impl Fn() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if error.status == Status::Locked && begun.elapsed() < patience => {
                std::thread::sleep(BETWEEN_TRIES.min(patience));
            }
            // A search through the directory must never stop a run.
            Err(error)
                if error.status == Status::Locked
                    && begun.elapsed() < GLANCE
                    && reading::is_glanced_at(path) =>
            {
                std::thread::sleep(Duration::from_millis(1));
            }
            done => return done,
        }
    }
}

fn create_at_once(
    path: &Path,
    exclusive: bool,
    creation_list: hid_t,
    access_list: hid_t,
    options: &Options,
) -> Result<hid_t> {
    let _quiet = Quiet::new();
    take_failure();
    let name = c_name(path)?;
    let flags = if exclusive {
        H5F_ACC_EXCL
    } else {
        H5F_ACC_TRUNC
    };
    let options = &Options {
        locking: locking_of(access_list)?,
        ..*options
    };
    require_memory()?;
    let list = copy_of(access_list)?;
    use_driver(&list, options)?;
    let file = driver::creating(|| {
        // SAFETY: the name is NUL-terminated, and HDF5 checks the identifiers.
        unsafe { H5Fcreate(name.as_ptr(), flags, creation_list, list.0) }
    });
    if file < 0 && !exclusive {
        if let Some(identity) = identity_of(path) {
            if locking::is_open_here(identity) {
                take_failure();
                return Err(Error::locked(format!(
                    "'{}' is open in this program; close it before it is created anew",
                    path.display()
                )));
            }
        }
    }
    opened(file, "create", path)
}

fn identity_of(path: &Path) -> Option<sys::Identity> {
    Some(
        sys::DiskFile::open(path, sys::OpenAs::Read)
            .ok()?
            .facts()
            .ok()?
            .identity,
    )
}

/// Opens an existing file.
///
/// For writing it is recovered first, whatever its durability, and locked against other
/// writers. For reading nothing is changed: a journal that waits to be replayed is read
/// together with the file.
pub fn open(path: &Path, access: Access, access_list: hid_t, options: &Options) -> Result<hid_t> {
    open_or(path, access, access_list, options, &|error| error)
}

/// The same; what HDF5 itself could not do is told by `reason`, which is called with HDF5's lock held.
pub(crate) fn open_or(
    path: &Path,
    access: Access,
    access_list: hid_t,
    options: &Options,
    reason: &dyn Fn(Error) -> Error,
) -> Result<hid_t> {
    trying(path, access, options.patience, || {
        let _lock = LOCK.lock();
        let _quiet = Quiet::new();
        take_failure();
        let options = &Options {
            locking: locking_of(access_list)?,
            ..*options
        };
        open_through_driver(path, access, access_list, options).map_err(reason)
    })
}

/// Tries to open a file for so long as what is in the way is soon over.
fn trying<T>(
    path: &Path,
    access: Access,
    patience: Duration,
    attempt: impl Fn() -> Result<T>,
) -> Result<T> {
    waiting(path, patience, || trying_briefly(path, access, &attempt))
}

fn trying_briefly<T>(path: &Path, access: Access, attempt: impl Fn() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        let opened = attempt();
        let Err(error) = &opened else {
            return opened;
        };
        // A writer of ours that opens the file, or takes a commit into it, is soon done.
        let is_brief = access == Access::Read
            && match error.status {
                Status::Locked if begun.elapsed() < BRIEFLY => true,
                _ => begun.elapsed() < PATIENCE && reading::is_being_committed(path),
            };
        if !is_brief {
            return opened;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn open_through_driver(
    path: &Path,
    access: Access,
    access_list: hid_t,
    options: &Options,
) -> Result<hid_t> {
    let flags = match access {
        Access::Write => H5F_ACC_RDWR,
        Access::Read => H5F_ACC_RDONLY,
    };
    let name = c_name(path)?;
    require_memory()?;
    let list = copy_of(access_list)?;
    use_driver(&list, options)?;
    // SAFETY: the name is NUL-terminated, and HDF5 checks the identifiers.
    let file = unsafe { H5Fopen(name.as_ptr(), flags, list.0) };
    if file < 0 {
        // Closing the list would clear HDF5's reason for the failure.
        // SAFETY: HDF5's lock is held; the second call takes what the first gave.
        unsafe {
            let reason = H5Eget_current_stack();
            drop(list);
            H5Eset_current_stack(reason);
        }
    }
    opened(file, "open", path)
}

/// Flushes what HDF5 holds of a file, unless nothing of it can be committed anyway.
fn flush(file: hid_t, shared: &Shared) -> Result<()> {
    if shared.read()?.poison.is_some() {
        return Ok(());
    }
    // SAFETY: HDF5 checks the identifier.
    if unsafe { H5Fflush(file, H5F_SCOPE_GLOBAL) } >= 0 {
        return Ok(());
    }
    match take_failure() {
        // Data that HDF5 still holds: it writes them again at the next flush.
        Some(error) if error.status == Status::Io => Err(error),
        other => {
            // HDF5 may have dropped something: a later commit would lack it.
            let error =
                other.unwrap_or_else(|| Error::io("HDF5 could not write what it holds in memory"));
            shared.write()?.poison(&error);
            Err(error)
        }
    }
}

/// Notes what HDF5 has free when all of it is flushed, if something was given back to it: the commit that is about to be made refers to
/// nothing there.
fn note_free_space(file: hid_t, shared: &Shared) -> Result<()> {
    /// Of a file with more pieces that are free none is noted.
    const MOST: usize = 1 << 16;
    if !shared.read()?.looks_for_free_space() {
        return Ok(());
    }
    // SAFETY: HDF5 checks the identifier, and counts only.
    let count =
        unsafe { H5Fget_free_sections(file, H5F_mem_t::H5FD_MEM_DEFAULT, 0, std::ptr::null_mut()) };
    let count = usize::try_from(count).unwrap_or(0);
    let mut found = vec![H5F_sect_info_t { addr: 0, size: 0 }; count.min(MOST)];
    let mut given = 0;
    if count > 0 && count <= MOST {
        // SAFETY: there is room for so many.
        given = unsafe {
            H5Fget_free_sections(file, H5F_mem_t::H5FD_MEM_DEFAULT, count, found.as_mut_ptr())
        };
    }
    // What it does not tell is not known to be free.
    take_failure();
    found.truncate(usize::try_from(given).unwrap_or(0));
    let sections = found.iter().map(|section| (section.addr, section.size));
    shared.write()?.take_free_space(sections);
    Ok(())
}

/// Makes everything written so far one permanent step.
///
/// `explicit` says that the program itself decides where its steps end: from then on an exit
/// without a close keeps the last commit and nothing after it. With [`Durability::None`] this
/// is `H5Fflush`.
///
/// A failure leaves the last commit. After a full disk's failure to write the journal the
/// call may be repeated; after any other the file must be closed and opened again, and every
/// further commit says so. A file of which [`commits_at_close`] cannot be committed while it
/// is open: [`crate::error::Status::Unsupported`].
pub fn commit(file: hid_t, explicit: bool) -> Result<()> {
    flush_and(file, explicit, |session| session.commit()).map(|_| ())
}

/// Makes everything written so far one step that counts when it is decided, as a part of a step of many files: see
/// [`decision`]. [`RawFile::finish_step`] or [`RawFile::withdraw_step`] follows; until then nothing may be written.
///
/// Says whether other programs keep it from being taken into the file at once.
pub fn prepare(file: hid_t, step: decision::Step) -> Result<bool> {
    flush_and(file, true, |session| session.prepare(step)).map(|ready| ready.unwrap_or(true))
}

/// Flushes a file that is open for writing, and calls `then` with its session while HDF5 is free again.
fn flush_and<T>(
    file: hid_t,
    explicit: bool,
    then: impl FnOnce(&mut session::Session) -> Result<T>,
) -> Result<Option<T>> {
    let lock = LOCK.lock();
    let quiet = Quiet::new();
    take_failure();
    let shared = driver::shared(file)?;
    {
        let mut session = shared.write()?;
        if session.role != session::Role::Writer {
            return Ok(None);
        }
        session.explicit |= explicit;
    }
    if keeps_free_space(file, &shared)? {
        return Err(Error::unsupported(
            "this file keeps track of its free space, and is only whole when it is closed",
        ));
    }
    let flushed = flush(file, &shared).and_then(|()| note_free_space(file, &shared));
    // HDF5 is free again before anything waits for the disk, but the file is not.
    let mut session = shared.write()?;
    drop(quiet);
    drop(lock);
    flushed?;
    then(&mut session).map(Some)
}

/// Whether space may be allocated past HDF5 in a file.
pub fn can_append(file: hid_t) -> Result<bool> {
    let _lock = LOCK.lock();
    let _quiet = Quiet::new();
    let shared = driver::shared(file)?;
    {
        let session = shared.read()?;
        if session.role != session::Role::Writer || session.base != 0 {
            return Ok(false);
        }
    }
    let mut info = H5F_info2_t::default();
    // SAFETY: HDF5 checks the identifier; the place is valid.
    if unsafe { H5Fget_info(file, &mut info) } < 0 {
        return Err(Error::internal("HDF5 does not describe the file"));
    }
    // Those that can be made to say another end.
    Ok(info.super_.version <= 3 && !keeps_free_space(file, &shared)?)
}

/// Whether a file is only whole when it is closed: it keeps its free space from one opening
/// to the next. Such a file is committed by closing and opening it.
pub fn commits_at_close(file: hid_t) -> Result<bool> {
    let _lock = LOCK.lock();
    let _quiet = Quiet::new();
    let shared = driver::shared(file)?;
    let is_behind_journal = shared.read()?.is_behind_journal();
    Ok(is_behind_journal && keeps_free_space(file, &shared)?)
}

/// Whether HDF5 keeps the file's free space from one opening to the next; it is asked once.
fn keeps_free_space(file: hid_t, shared: &Shared) -> Result<bool> {
    {
        let session = shared.read()?;
        if let Some(known) = session.keeps_free_space {
            return Ok(known);
        }
        if session.role != session::Role::Writer {
            return Ok(false);
        }
    }
    // SAFETY: HDF5 checks the identifier.
    let list = unsafe { H5Fget_create_plist(file) };
    if list < 0 {
        return Err(Error::internal(
            "HDF5 does not give the file's creation property list",
        ));
    }
    let list = PropertyList(list);
    let mut strategy = hdf5_sys::h5f::H5F_fspace_strategy_t::H5F_FSPACE_STRATEGY_FSM_AGGR;
    let (mut persist, mut threshold) = (0, 0);
    // SAFETY: all places are valid.
    let status =
        unsafe { H5Pget_file_space_strategy(list.0, &mut strategy, &mut persist, &mut threshold) };
    if status < 0 {
        return Err(Error::internal(
            "HDF5 does not give the file's strategy for free space",
        ));
    }
    shared.write()?.keeps_free_space = Some(persist != 0);
    Ok(persist != 0)
}

/// Closes a file, in place of `H5Fclose`.
///
/// The file is closed even when this fails. With [`Ending::Commit`] a failure says that what
/// was written since the last commit is not in the file. Objects of the file that are still
/// open are closed with it. If the file was opened
/// more than once in this process, only the last close ends it; the others commit or do
/// nothing.
pub fn close(file: hid_t, ending: Ending) -> Result<()> {
    let _lock = LOCK.lock();
    let _quiet = Quiet::new();
    take_failure();
    let shared = match driver::shared(file) {
        // Of the parent process, or no file: it is not for this process to close.
        Err(error) if error.status == crate::error::Status::Handle => return Err(error),
        shared => shared,
    };
    // SAFETY: HDF5 checks the identifier.
    let last = unsafe { H5Fget_obj_count(file, H5F_OBJ_FILE) } <= 1;
    let done = match &shared {
        Ok(shared) => end(file, shared, ending, last),
        Err(error) => Err(error.clone()),
    };
    if last {
        close_objects(file);
    }
    // SAFETY: HDF5 checks the identifier.
    let status = unsafe { H5Fclose(file) };
    let failure = take_failure();
    let shared = shared?;
    let told = done.and_then(|is_whole| {
        // HDF5 remembers objects whose making failed halfway, and tells of them when it closes their
        // file; it closes it all the same. Nothing is lost by that if all is in the file already,
        // and the driver has nothing to tell.
        match status < 0 && (failure.is_some() || !is_whole) {
            true => Err(failure.unwrap_or_else(|| Error::io("HDF5 could not close the file"))),
            false => Ok(()),
        }
    });
    let ended = match last {
        true => shared.abandon(),
        false => Ok(()),
    };
    told.and(ended)
}

/// Does what comes before a file is closed for HDF5, the `last` time in this process: says whether what HDF5 holds of it may be
/// forgotten.
fn end(file: hid_t, shared: &Shared, ending: Ending, last: bool) -> Result<bool> {
    let (is_writer, is_behind_journal) = {
        let session = shared.read()?;
        (
            session.role == session::Role::Writer,
            session.is_behind_journal(),
        )
    };
    if !is_behind_journal {
        return Ok(!is_writer);
    }
    let keeps = match ending {
        Ending::Commit => keeps_free_space(file, shared),
        Ending::Discard => Ok(false),
    };
    if matches!(keeps, Ok(true)) {
        // HDF5 completes the file while it closes it, and the driver commits after that.
        let flushed = flush(file, shared);
        let mut session = shared.write()?;
        match &flushed {
            Ok(()) => session.explicit = false,
            Err(error) => session.poison(error),
        }
        return flushed.map(|()| !is_writer);
    }
    let done = keeps.and_then(|_| match ending {
        Ending::Commit => flush_and(file, false, |session| {
            session.ends |= last;
            session.commit()
        })
        .map(drop),
        Ending::Discard => Ok(()),
    });
    if last {
        // What HDF5 writes from here on is not needed: the file is whole.
        shared.write()?.discard();
    }
    done.map(|()| last || !is_writer)
}

/// Takes the reason why the latest HDF5 call failed, if it was the reading or writing of a file.
pub fn take_failure() -> Option<Error> {
    driver::take_failure()
}

/// Brings a file to its last commit, as opening it for writing does.
pub fn recover(path: &Path) -> Result<Recovery> {
    let _lock = LOCK.lock();
    let locking = Locking::default().unless_overruled();
    waiting(path, Duration::ZERO, || {
        session::Session::recover(path, locking)
    })
}

/// Removes a file and its journal. A file that is open anywhere stays.
pub fn remove(path: &Path) -> Result<()> {
    let locking = Locking::default().unless_overruled();
    waiting(path, Duration::ZERO, || {
        session::Session::remove(path, locking)
    })
}
