//! The bytes of an open file, for those who know where they are: without HDF5 and its lock.

use super::driver;
use super::process;
use super::ranges::Ranges;
use super::session::{Role, Session, WriteKind};
use super::superblock::Superblock;
use super::sys::Identity;
use super::trusted::{superblock, Expected};
use super::words::opened_before_fork;
use crate::error::{Error, Result};
use crate::format::Source;
use hdf5_sys::h5i::hid_t;
use hdf5_sys::LOCK;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::collections::HashSet;
use std::ffi::c_void;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A session behind its lock, and what is true of it for ever.
#[derive(Debug)]
pub struct Shared {
    /// The process that opened the file.
    pub generation: u64,
    /// Device and inode.
    pub identity: Identity,
    /// The number of a session that HDF5 must not share with others of the file; otherwise 0.
    pub glance: u64,
    /// The file's name, for messages.
    pub path: PathBuf,
    /// The same without symbolic links, whatever folder the program changes to.
    pub place: PathBuf,
    /// Whether the session ends when HDF5 closes the file: not while HDF5 is opening a file whose bytes are open.
    pub is_adopted: AtomicBool,
    /// Whether nothing was made in the file yet, not even its root. It changes under HDF5's lock.
    pub is_blank: AtomicBool,
    /// Whether HDF5 must not open the file now: what it would read of it is stored in part.
    pub is_held: AtomicBool,
    /// Whether HDF5 has kept the file open when it was closed.
    pub is_abandoned: AtomicBool,
    /// The end of the allocated addresses, for HDF5 in a child, where the session is out of reach.
    pub end_for_children: AtomicU64,
    /// What the superblock says, once HDF5 has read or written it.
    pub superblock: OnceLock<Superblock>,
    /// Whether there is a heap of attributes that objects share, where that was asked.
    pub shares_attributes: OnceLock<bool>,
    /// What HDF5 has read of structures that lead to others.
    pub expected: Mutex<Expected>,
    session: RwLock<Session>,
    seen: Mutex<Seen>,
}

/// The metadata that HDF5 has read or written since the file was opened: it may hold them in its
/// caches, and what is in none of them can be changed past it.
#[derive(Debug, Default)]
struct Seen {
    all: Ranges,
    /// The ranges in the order in which they were first seen, but for those that were dropped.
    order: Vec<(u64, u64)>,
    dropped: usize,
    /// Where structures begin that were found to be sound.
    sound: HashSet<u64>,
}

/// The most ranges that are kept in the order in which they came, and the most of all.
const SEEN: usize = 1 << 14;

impl Seen {
    fn add(&mut self, start: u64, end: u64) {
        let known: u64 = self
            .all
            .within(start, end)
            .map(|(from, to)| to - from)
            .sum();
        if known == end - start {
            return;
        }
        self.all.add(start, end);
        self.order.push((start, end));
        if self.order.len() > SEEN {
            self.dropped += self.order.len();
            self.order.clear();
            self.all.fill_gaps(SEEN);
        }
    }
}

impl Shared {
    /// Puts a session behind a lock.
    pub fn new(session: Session) -> Self {
        Self {
            generation: process::generation(),
            identity: session.identity,
            glance: session.glance,
            path: session.file.path().to_path_buf(),
            place: session.place.clone(),
            is_adopted: AtomicBool::new(true),
            is_blank: AtomicBool::new(false),
            is_held: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
            end_for_children: AtomicU64::new(session.allocated_end),
            superblock: OnceLock::new(),
            shares_attributes: OnceLock::new(),
            expected: Mutex::default(),
            session: RwLock::new(session),
            seen: Mutex::default(),
        }
    }

    /// Ends the session of a file that HDF5 has kept open: after an error it may believe that objects are open in it that nobody can
    /// close. It never takes the file for one that is opened later.
    pub fn abandon(&self) -> Result<()> {
        let mut session = self.write()?;
        if session.closed {
            return Ok(());
        }
        self.is_abandoned.store(true, Ordering::Relaxed);
        session.discard();
        session.close()
    }

    /// Whether the file was opened by this process, and not by the one that it was forked from.
    pub fn is_ours(&self) -> bool {
        self.generation == process::generation()
    }

    /// Notes that HDF5 reads or writes metadata.
    pub fn note_seen(&self, address: u64, length: u64) {
        self.seen
            .lock()
            .add(address, address.saturating_add(length));
    }

    fn require_ours(&self) -> Result<()> {
        // In a child the lock itself may be held by a thread that does not exist there.
        if self.is_ours() {
            return Ok(());
        }
        Err(opened_before_fork(&self.path))
    }

    /// The session, to look at.
    pub fn read(&self) -> Result<RwLockReadGuard<'_, Session>> {
        self.require_ours()?;
        Ok(self.session.read())
    }

    /// The session, to change.
    pub fn write(&self) -> Result<RwLockWriteGuard<'_, Session>> {
        let mut session = self.write_some()?;
        session.blocks.clear();
        Ok(session)
    }

    /// The session, to change what can be said: who takes it says what of its blocks is no longer true.
    pub(super) fn write_some(&self) -> Result<RwLockWriteGuard<'_, Session>> {
        self.require_ours()?;
        Ok(self.session.write())
    }
}

/// The bytes of an open file, at the addresses that `H5Dget_offset` and `H5Dchunk_iter` give.
///
/// Several threads may use it at the same time. It has a lock of its own, which is taken after
/// HDF5's where both are; nothing here needs HDF5's, save where it is said. After the file was
/// closed, and in a child process, everything fails with
/// [`crate::error::Status::Handle`].
#[derive(Clone, Debug)]
pub struct RawFile(pub(super) Arc<Shared>);

/// What HDF5 is given in place of data by [`RawFile::noting_places`].
static PLACEHOLDER: u64 = 0;

/// Whether HDF5 writes from the placeholder.
pub fn is_placeholder(data: *const c_void) -> bool {
    data == std::ptr::from_ref(&PLACEHOLDER).cast()
}

/// The bytes of an open file. Takes HDF5's lock for a moment.
pub fn raw_file(file: hid_t) -> Result<RawFile> {
    let _lock = LOCK.lock();
    let _quiet = super::Quiet::new();
    driver::shared(file).map(RawFile)
}

impl RawFile {
    fn open(&self) -> Result<RwLockReadGuard<'_, Session>> {
        let session = self.0.read()?;
        if session.closed {
            return Err(closed(&session));
        }
        Ok(session)
    }

    pub(super) fn open_to_change(&self) -> Result<RwLockWriteGuard<'_, Session>> {
        let mut session = self.open_to_change_some()?;
        session.blocks.clear();
        Ok(session)
    }

    /// As [`open_to_change`](Self::open_to_change), by who says what of the session's blocks is no longer true.
    fn open_to_change_some(&self) -> Result<RwLockWriteGuard<'_, Session>> {
        let session = self.0.write_some()?;
        if session.closed {
            return Err(closed(&session));
        }
        Ok(session)
    }

    /// Reads what was written at an address, committed or not.
    ///
    /// What was allocated and never written reads as zeros. Bytes past the [`end`](Self::end) are
    /// [`crate::error::Status::Format`]; what the operating system does not give is
    /// [`crate::error::Status::Io`]. `target` is only written to.
    pub fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.reads()?.read(address, target)
    }

    /// As [`read`](Self::read), of bytes near which others are likely to be read soon: those may come from memory.
    pub fn read_near(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.reads()?.read_near(address, target)
    }

    /// Begins some reads one after the other; nobody changes the file until they end.
    pub fn reads(&self) -> Result<Reads<'_>> {
        Ok(Reads {
            session: self.open()?,
        })
    }

    /// Writes raw data at an address that HDF5 has allocated, and holds in no cache of its own.
    ///
    /// Bytes of the last commit are left alone until the next one. A failure leaves them as they
    /// were, and what was written before; it can be tried again, unless the file is past that
    /// because of an earlier failure that the sentence names.
    pub fn write(&self, address: u64, data: &[u8]) -> Result<()> {
        if address.checked_add(data.len() as u64).is_none() {
            return Err(Error::internal("no file has such addresses"));
        }
        let mut session = self.open_to_change_some()?;
        let written = session.write(address, data, WriteKind::Data);
        match &written {
            Ok(()) => session.blocks.change(address, data),
            Err(_) => session.blocks.forget(address, data.len()),
        }
        written
    }

    /// Whether a [`write`](Self::write) that failed may have changed some of these bytes: what was written there since the last commit is written over in its
    /// place, of which a disk may take a part.
    pub fn may_be_half_written(&self, address: u64, length: u64) -> bool {
        self.0
            .read()
            .is_ok_and(|session| session.is_overwritten_in_place(address, length))
    }

    /// Keeps raw data in memory that [`write`](Self::write) could not write: the next commit does, or tells.
    pub fn write_later(&self, address: u64, data: &[u8]) -> Result<()> {
        if address.checked_add(data.len() as u64).is_none() {
            return Err(Error::internal("no file has such addresses"));
        }
        self.open_to_change()?.write_later(address, data)
    }

    /// Writes a part of a change that must not be left halfway: what cannot be written is kept in memory, as what HDF5 itself writes is, and the next commit
    /// writes it, or tells.
    pub fn write_surely(&self, address: u64, data: &[u8]) -> Result<()> {
        self.write(address, data)
            .or_else(|_| self.write_later(address, data))
    }

    /// Writes a few bytes that are likely to be written again soon, as [`write_surely`](Self::write_surely): the file has them with the next commit.
    pub fn write_often(&self, address: u64, data: &[u8]) -> Result<()> {
        let mut session = self.open_to_change_some()?;
        let written = session.write_often(address, data);
        match &written {
            Ok(()) => session.blocks.change(address, data),
            Err(_) => session.blocks.forget(address, data.len()),
        }
        written
    }

    /// The end of the file as HDF5 sees it, space that is allocated and not yet written included.
    pub fn end(&self) -> u64 {
        self.0.read().map_or(0, |session| session.end())
    }

    /// Says that a range was allocated just now and nothing was written there.
    ///
    /// It reads as zeros until it is written, whatever lay there before, and writing it costs no
    /// more than writing behind the end of the file.
    pub fn note_unwritten(&self, address: u64, length: u64) -> Result<()> {
        self.open_to_change()?.note_unwritten(address, length)
    }

    /// Has the next commit note what HDF5 has free by then: something large was deleted. What is written there afterwards replaces nothing.
    pub fn look_for_free_space(&self) {
        if let Ok(mut session) = self.open_to_change() {
            session.look_for_free_space();
        }
    }

    /// How many bytes of a range belong to the last commit, so that others in their place would have to go through the journal.
    pub fn committed(&self, address: u64, length: u64) -> u64 {
        self.0
            .read()
            .map_or(0, |session| session.committed(address, length))
    }

    /// Whether a byte belongs to the last commit.
    pub fn is_committed(&self, address: u64) -> bool {
        self.committed(address, 1) > 0
    }

    /// Says that nothing in the file refers to some ranges, first byte and length, when the step under way is committed: they read as zeros from here on,
    /// and what is written there after the commit replaces nothing.
    ///
    /// Only as many are noted as [`has_room_to_note`](Self::has_room_to_note) says, and none that is smaller than [`FREE_WORTH`](super::FREE_WORTH).
    pub fn note_free(&self, ranges: impl Iterator<Item = (u64, u64)>) -> Result<()> {
        let mut session = self.open_to_change()?;
        for range in ranges {
            if !session.has_room_to_note() {
                break;
            }
            session.note_free(std::iter::once(range));
        }
        Ok(())
    }

    /// Whether a commit can note some more ranges of which nothing is needed.
    pub fn has_room_to_note(&self) -> bool {
        self.0
            .read()
            .is_ok_and(|session| session.has_room_to_note())
    }

    /// Whether a range is the last one that is allocated.
    pub fn is_last(&self, address: u64, length: u64) -> bool {
        self.0
            .read()
            .is_ok_and(|session| session.is_last(address, length))
    }

    /// Gives back the last range that is allocated, if this is it; nothing refers to it when the step under way is committed.
    pub fn give_back_end(&self, address: u64, length: u64) -> Result<()> {
        // HDF5 allocates there, too.
        let _lock = LOCK.lock();
        self.open_to_change()?.give_back_end(address, length);
        Ok(())
    }

    /// Makes sure that HDF5 itself can write so many more bytes behind the end of the file; what is
    /// not used is given back by the next commit.
    ///
    /// A disk without so much room is [`crate::error::Status::Io`].
    pub fn reserve(&self, bytes: u64) -> Result<()> {
        self.open_to_change()?.reserve(bytes)
    }

    /// Lets HDF5 allocate space for raw data without writing it: gives the address and length of
    /// each write that was left out.
    ///
    /// `call` gets a pointer that it hands to HDF5 as the data, to `H5Dwrite_chunk` say, with the size
    /// of the real ones. HDF5 must have no reason to look at them: no filter, conversion or
    /// cache is on the way. Other writes, the metadata's, are done as ever. HDF5's lock is
    /// held during the call.
    pub fn noting_places<T>(&self, call: impl FnOnce(*const c_void) -> T) -> (T, Vec<(u64, u64)>) {
        let _lock = LOCK.lock();
        if let Ok(mut session) = self.0.write() {
            session.places = Some(Vec::new());
        }
        // Should the call panic, the places are dropped with the next ones.
        let done = call(std::ptr::from_ref(&PLACEHOLDER).cast());
        let places = self
            .0
            .write()
            .ok()
            .and_then(|mut session| session.places.take());
        (done, places.unwrap_or_default())
    }

    /// Whether the file is open for writing.
    pub fn is_writable(&self) -> bool {
        self.0
            .read()
            .is_ok_and(|session| session.role == Role::Writer)
    }

    /// Says which metadata HDF5 has seen since an earlier call that returned `since`, 0 for since the
    /// file was opened; gives the number for the next call.
    ///
    /// Ranges may be told of more than once, and larger than they were. HDF5 must not be at work.
    pub fn seen_since(&self, since: usize, mut tell: impl FnMut(u64, u64)) -> usize {
        let seen = self.0.seen.lock();
        match since.checked_sub(seen.dropped).filter(|_| since > 0) {
            Some(first) => {
                let new = seen.order.get(first..).unwrap_or_default();
                new.iter().for_each(|&(from, to)| tell(from, to));
            }
            None => seen
                .all
                .within(0, u64::MAX)
                .for_each(|(from, to)| tell(from, to)),
        }
        seen.dropped + seen.order.len()
    }

    /// Whether HDF5 has seen nothing of a range.
    pub fn is_unseen(&self, address: u64, length: u64) -> bool {
        let end = address.saturating_add(length);
        let seen = self.0.seen.lock();
        let is_unseen = seen.all.within(address, end).next().is_none();
        is_unseen
    }

    /// The superblock's place, from which the addresses in the file count.
    pub fn base(&self) -> Result<u64> {
        let session = self.open()?;
        if session.new_file {
            // Nobody has written its superblock yet, which is where the session has begun.
            return Ok(session.base);
        }
        Ok(superblock(&self.0, &session).map_or(0, |superblock| superblock.address))
    }

    /// Whether the structure at an address is known to be sound since the file was opened.
    pub fn is_sound(&self, address: u64) -> bool {
        self.0.seen.lock().sound.contains(&address)
    }

    /// Notes that the structure at an address is sound, which it stays until the file is closed: HDF5
    /// changes it for the better only.
    pub fn note_sound(&self, address: u64) {
        let mut seen = self.0.seen.lock();
        if seen.sound.len() >= SEEN {
            seen.sound.clear();
        }
        seen.sound.insert(address);
    }

    /// Device and inode.
    pub fn identity(&self) -> Identity {
        self.0.identity
    }

    /// Whether what is written waits for a commit.
    pub fn is_behind_journal(&self) -> bool {
        self.0
            .read()
            .is_ok_and(|session| session.is_behind_journal())
    }

    /// Of a file that is only read: begins a call, which [`end_call`](Self::end_call) ends, and says whether another
    /// program has changed the file since it was opened.
    ///
    /// If so, what HDF5 knows of the file is of an older commit: close and open it again. Of a file that this process
    /// writes nothing happens, and no is the answer.
    pub fn refresh(&self) -> Result<bool> {
        let mut session = self.open_to_change_some()?;
        let changed = session.refresh();
        session.is_in_call = changed == Ok(false);
        if changed != Ok(false) || !session.is_still() {
            session.blocks.clear();
        }
        changed
    }

    /// Of a file that is only read: ends a call, lets other programs change the file until the next one, and says
    /// whether all that was read since [`refresh`](Self::refresh) is of one commit.
    ///
    /// If not, a writer has changed the file meanwhile: what was read is to be read again.
    pub fn end_call(&self) -> Result<bool> {
        let mut session = self.open_to_change_some()?;
        let undisturbed = session.end_call();
        if undisturbed != Ok(true) || !session.is_still() {
            session.blocks.clear();
        }
        session.is_in_call = false;
        undisturbed
    }

    /// Of a file that is only read: lets other programs change it until the next [`refresh`](Self::refresh), whatever
    /// was read. What is never released keeps the commits of its writer waiting.
    pub fn release(&self) {
        if let Ok(mut session) = self.open_to_change_some() {
            session.release();
            session.is_in_call = false;
        }
    }

    /// Takes a commit into the file that waited for other programs' reading, if they have gone.
    ///
    /// Costs nothing unless one waits. To be called now and then, because an idle program does not try.
    pub fn apply_waiting_commit(&self) -> Result<()> {
        let may_apply = {
            let session = self.open()?;
            session.deferred && !session.together
        };
        match may_apply {
            true => self.open_to_change()?.apply_deferred(),
            false => Ok(()),
        }
    }

    /// Makes the file one of many: from here on it is committed by [`super::prepare`] and what follows only, and what nobody has
    /// decided is not kept by a close or an exit.
    pub fn join_run(&self) -> Result<()> {
        self.open_to_change()?.together = true;
        Ok(())
    }

    /// Whether the file is one of many.
    pub fn is_one_of_many(&self) -> bool {
        self.0.read().is_ok_and(|session| session.together)
    }

    /// Goes on after the step that was prepared is decided: it is the last commit, and is taken into the file or waits.
    pub fn finish_step(&self, apply: bool) -> Result<()> {
        self.open_to_change()?.finish(apply)
    }

    /// Takes the step back that was prepared.
    pub fn withdraw_step(&self) -> Result<()> {
        self.open_to_change()?.withdraw()
    }

    /// Leaves the step that was prepared to the next opening; nothing more is committed from here.
    pub fn leave_step(&self) -> Result<()> {
        self.open_to_change()?.leave_undecided();
        Ok(())
    }

    /// Notes that the file is closed after the step under way, however that ends.
    pub fn note_last_step(&self) {
        if let Ok(mut session) = self.0.write_some() {
            session.is_last_step = true;
        }
    }

    /// Lets the close take a commit into the file that waits, whoever reads it.
    pub fn do_not_wait(&self) {
        if let Ok(mut session) = self.open_to_change() {
            session.patience = Duration::ZERO;
        }
    }

    /// A descriptor of the file's own, if the file is only read and nothing lies over it.
    pub fn descriptor(&self) -> Option<std::fs::File> {
        let session = self.open().ok()?;
        if session.role != Role::Reader || !session.overlay.is_empty() {
            return None;
        }
        session.file.duplicate().ok()
    }
}

/// Reads one after the other, as those of many pieces for one call.
///
/// The session is locked meanwhile: nothing else is to be asked of the file before this goes.
pub struct Reads<'a> {
    session: RwLockReadGuard<'a, Session>,
}

impl Reads<'_> {
    /// As [`RawFile::read`].
    pub fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.require(address, target.len())?;
        self.session.read(address, target)
    }

    /// As [`RawFile::read_near`].
    pub fn read_near(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.require(address, target.len())?;
        self.session.read_near(address, target)
    }

    /// Fails if the file does not have so many bytes at an address.
    fn require(&self, address: u64, length: usize) -> Result<()> {
        let end = address.checked_add(length as u64);
        if end.is_some_and(|end| end <= self.session.end()) {
            return Ok(());
        }
        Err(Error::format(format!(
            "{length} bytes at byte {address} of '{}' are referred to, but the file ends before: it is damaged",
            self.session.file.path().display()
        )))
    }
}

impl Source for RawFile {
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.read_near(address, target)
    }

    fn end(&self) -> u64 {
        self.end()
    }
}

fn closed(session: &Session) -> Error {
    Error::handle(format!("'{}' is closed", session.file.path().display()))
}
