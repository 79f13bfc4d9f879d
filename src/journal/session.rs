//! One open file: what was committed, what waits, and what its reads and writes see.

#![forbid(unsafe_code)]

use super::adopting::Claim;
use super::blocks::{self, Blocks};
use super::commit::Prepared;
use super::format::{Anchor, Modified, COMMIT_HEADERS, MOST_UNWRITTEN, NEW_FILE_HEADER};
use super::hooks::{self, Mutant};
use super::locking::{self, Locking};
use super::overlay::Overlay;
use super::owner;
use super::presence;
use super::ranges::Ranges;
use super::recovery::{self, Found, Recovery};
use super::report;
use super::spill::Journal;
use super::superblock::Superblock;
use super::sys::{self, DiskFile, Facts, Identity, OpenAs};
use super::watch::Watch;
use super::words::{io_error, journal_path};
use super::{AtLimit, Durability, Options};
use crate::error::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Up to here a new file's bytes are held back until its first commit, from its user block's end on.
const HELD_BACK: u64 = 512;

/// What an opening is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Writing.
    Writer,
    /// Reading beside a journal that waits to be replayed, or without one.
    Reader,
    /// A second look at a file that this process writes already: HDF5 only compares and closes it.
    Duplicate,
}

/// What HDF5 writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    /// The elements of datasets.
    Data,
    /// Everything else.
    Metadata,
}

/// An open file.
#[derive(Debug)]
pub struct Session {
    pub(super) file: DiskFile,
    /// Its path without symbolic links, whatever folder the program changes to.
    pub(super) place: PathBuf,
    pub(super) identity: Identity,
    pub(super) role: Role,
    pub(super) durability: Durability,
    pub(super) journal: Journal,
    pub(super) overlay: Overlay,
    /// What small reads have in memory; whoever changes the session clears it or says what has changed.
    pub(super) blocks: Blocks,
    /// Whether another process may write into the file meanwhile.
    pub(super) is_lent: bool,
    /// The end of the addresses that HDF5 has allocated.
    pub(super) allocated_end: u64,
    /// The end of the file as HDF5 sees it.
    pub(super) logical_end: u64,
    /// The end of the file as the last commit left it; 0 if there was none.
    pub(super) committed_end: u64,
    /// The end of the file as the last commit that is in it left it: an older one while commits wait for
    /// readers.
    pub(super) applied_end: u64,
    /// Whether the last commit waits in the journal.
    pub(super) deferred: bool,
    /// Which of the two headers the last commit has.
    pub(super) header: usize,
    /// How the file is locked.
    pub(super) locking: Locking,
    /// Whether a lock says that it is being written.
    pub(super) is_told_by_lock: bool,
    /// Up to how many bytes of journal commits wait.
    pub(super) waiting_limit: u64,
    /// What happens past that.
    pub(super) at_limit: AtLimit,
    /// How long a close waits for readers.
    pub(super) patience: Duration,
    /// The size that the file has on disk unless somebody else changed it.
    pub(super) physical_end: u64,
    /// Nothing was written there from here on: zeros, for what is to come.
    pub(super) touched_end: u64,
    /// How much the file grows ahead of what is written.
    pub(super) headroom: u64,
    /// Whether nothing was ever committed.
    pub(super) new_file: bool,
    /// Where HDF5's own data begin.
    pub(super) base: u64,
    pub(super) sequence: u64,
    pub(super) anchors: Vec<Anchor>,
    /// What is allocated and was never written: it reads as zeros. Nothing of it waits in the overlay.
    pub(super) unwritten: Ranges,
    /// The part of it where the file on disk may have other bytes than zeros.
    pub(super) stale: Ranges,
    /// The same as the last commit has recorded it.
    pub(super) recorded: Ranges,
    /// The same as the commit that is in the file has recorded it.
    pub(super) applied_recorded: Ranges,
    /// What is written here replaces nothing of either commit.
    pub(super) direct: Ranges,
    /// Windows that the last commit has changed, as it has left them, for its record and for the next one.
    pub(super) changed_windows: Vec<Modified>,
    /// Whether the journal may hold a record of ranges.
    pub(super) has_record: bool,
    /// Whether the journal has disk space for records.
    pub(super) has_record_room: bool,
    /// Whether bytes wait in the overlay only because they could not be written into the file.
    pub(super) late: bool,
    /// Whether the overlay has bytes past the last commit that are written often.
    writes_often: bool,
    /// Whether space past the end is reserved.
    pub(super) reserved: bool,
    /// While not none: where HDF5 would have written its placeholder.
    pub(super) places: Option<Vec<(u64, u64)>>,
    /// Of a reader: what tells whether the file holds another commit now.
    pub(super) watch: Option<Watch>,
    /// Of a reader: whether it is in a call, which has looked whether the file holds the same commit and will look again.
    pub(super) is_in_call: bool,
    /// Whether bytes of the file or of the journal were read since that call began.
    pub(super) has_read: AtomicBool,
    /// Of a reader: whether it keeps writers from changing the file.
    pub(super) holds_lock: bool,
    /// Of a reader that looks into the file for a moment only: a number that no other one has; otherwise 0.
    pub(super) glance: u64,
    /// Whether HDF5 has closed the file.
    pub(super) closed: bool,
    /// Why nothing more can be committed.
    pub(super) poison: Option<Error>,
    /// Whether the journal holds a commit that did not get into the file.
    pub(super) half_applied: bool,
    /// A commit that is written and not yet decided, since it is part of a step of many files.
    pub(super) prepared: Option<Prepared>,
    /// Whether the file is one of many, so that it is never committed by itself.
    pub(super) together: bool,
    /// Whether closing must not commit.
    pub(super) discard: bool,
    /// Whether it is a new file into which nobody else can look, and which has no journal.
    pub(super) is_secluded: bool,
    /// Whether the file is closed after the commit that is made next.
    pub(super) ends: bool,
    /// Whether the file is closed after the step under way, for which it need not grow ahead.
    pub(super) is_last_step: bool,
    /// Whether the program has committed by itself.
    pub(super) explicit: bool,
    /// Whether HDF5 has flushed everything in order to close.
    pub(super) flushed_to_close: bool,
    /// Whether HDF5 keeps track of the file's free space from one opening to the next, once it was asked.
    pub(super) keeps_free_space: Option<bool>,
    /// Whether space was allocated that HDF5's superblock does not know of yet.
    pub(super) extended: bool,
    /// What the superblock said when it was last looked at; it says so still unless something waits there.
    pub(super) superblock: Option<Superblock>,
    /// Whether the next commit is to note what is free.
    looks_for_free: bool,
}

/// Free ranges of fewer bytes are not noted: what is written there waits for the commit, which costs little.
pub const FREE_WORTH: u64 = 32 << 10;

/// Addresses of what is allocated past HDF5 are multiples of this, so that numbers there are aligned.
const ALIGNMENT: u64 = 8;

/// How many files were opened for a moment only.
static GLANCES: AtomicU64 = AtomicU64::new(0);

impl Session {
    pub(super) fn start(file: DiskFile, role: Role, options: &Options) -> Result<Self> {
        let facts = file
            .facts()
            .map_err(|error| io_error("look at", file.path(), &error))?;
        Self::start_with(file, &facts, role, options)
    }

    /// The same with what was just asked of the file.
    pub(super) fn start_with(
        file: DiskFile,
        facts: &Facts,
        role: Role,
        options: &Options,
    ) -> Result<Self> {
        if !facts.regular {
            return Err(irregular(file.path()));
        }
        let journal = Journal::new(journal_path(file.path()), facts.permissions & 0o666);
        Ok(Self {
            place: file.path().to_path_buf(),
            identity: facts.identity,
            role,
            durability: options.durability,
            journal,
            overlay: Overlay::new(options.overlay_limit),
            blocks: Blocks::default(),
            is_lent: false,
            allocated_end: 0,
            logical_end: facts.size,
            committed_end: facts.size,
            applied_end: facts.size,
            deferred: false,
            header: 0,
            locking: options.locking,
            is_told_by_lock: false,
            waiting_limit: options.waiting_limit,
            at_limit: options.at_limit,
            patience: options.patience,
            physical_end: facts.size,
            touched_end: facts.size,
            headroom: super::growth::LEAST,
            new_file: false,
            base: 0,
            sequence: 0,
            anchors: Vec::new(),
            unwritten: Ranges::default(),
            stale: Ranges::default(),
            recorded: Ranges::default(),
            applied_recorded: Ranges::default(),
            direct: Ranges::default(),
            changed_windows: Vec::new(),
            has_record: false,
            has_record_room: false,
            late: false,
            writes_often: false,
            reserved: false,
            places: None,
            watch: None,
            is_in_call: false,
            has_read: AtomicBool::new(false),
            holds_lock: false,
            glance: match options.glance {
                true => 1 + GLANCES.fetch_add(1, Ordering::Relaxed),
                false => 0,
            },
            closed: false,
            poison: None,
            half_applied: false,
            prepared: None,
            together: false,
            discard: false,
            is_secluded: false,
            ends: false,
            is_last_step: false,
            explicit: false,
            flushed_to_close: false,
            keeps_free_space: None,
            extended: false,
            superblock: None,
            looks_for_free: false,
            file,
        })
    }

    /// Opens a file of this process once more, for HDF5 to notice; `None` if it is not open here.
    pub fn duplicate(path: &Path, options: &Options) -> Result<Option<Self>> {
        if !locking::is_any_open_here() {
            return Ok(None);
        }
        let is_here = sys::facts_at(path).is_ok_and(|facts| locking::is_open_here(facts.identity));
        if !is_here {
            return Ok(None);
        }
        let Ok(file) = DiskFile::open(path, OpenAs::Read) else {
            return Ok(None);
        };
        let session = Self::start(file, Role::Duplicate, options)?;
        Ok(locking::is_open_here(session.identity).then_some(session))
    }

    /// Opens an existing file for writing: recovers it first, and locks out other writers.
    pub fn open_for_writing(path: &Path, options: &Options) -> Result<Self> {
        if let Some(duplicate) = Self::duplicate(path, options)? {
            return Ok(duplicate);
        }
        let file = open_file(path, OpenAs::Write)?;
        let (file, mut found, claim) = Self::claim(file, path, options.locking)?;
        if let Claim::Alone(may_have_journal) = claim {
            recovery::recover(&file, &mut found, may_have_journal)?;
        } else if options.durability == Durability::None {
            return Err(locked(&file, path));
        }
        let mut session = Self::start_with(file, &found.facts, Role::Writer, options)?;
        let mut left = None;
        match claim {
            Claim::Alone(_) => {}
            // Programs that read it are no obstacle, but another one that opens it now would be.
            Claim::BesideReaders => session.keep_writers_out()?,
            Claim::BesideReadersWith(journal) => left = Some(journal),
        }
        if let Err(error) = session.begin(path, &found) {
            session.abandon();
            return Err(error);
        }
        if let Some(left) = left {
            session.adopt(*left)?;
        }
        session.finish_open(options.locking)
    }

    /// Takes what is in a file that was opened for writing.
    fn begin(&mut self, path: &Path, found: &Found) -> Result<()> {
        if self.physical_end == 0 {
            return self.begin_new_file();
        }
        let superblock = found.superblock_of(&self.file)?;
        if superblock.marked_open {
            return Err(Error::locked(report::words_of_mark(path)));
        }
        self.superblock = Some(superblock);
        self.committed_end = superblock.end.min(self.physical_end);
        self.applied_end = self.committed_end;
        self.base = superblock.address;
        Ok(())
    }

    /// Makes a file, or empties the one that is there.
    pub fn create(path: &Path, exclusive: bool, options: &Options) -> Result<Self> {
        let access = if exclusive {
            OpenAs::CreateNew
        } else {
            OpenAs::Create
        };
        let file = open_file(path, access)?;
        if hooks::mutant(Mutant::TruncateBeforeLock) {
            file.set_size(0)
                .map_err(|error| io_error("empty", path, &error))?;
        }
        let (file, found, may_have_journal) = Self::lock_for_writing(file, path, options.locking)?;
        if presence::is_announced(&file, options.locking) {
            // It would be cut under a reader.
            return Err(locked(&file, path));
        }
        let mut session = Self::start_with(file, &found.facts, Role::Writer, options)?;
        if may_have_journal {
            // It is gone before the old content is.
            sys::unlink(session.journal.path())
                .map_err(|error| io_error("make the journal of", path, &error))?;
        }
        if let Err(error) = session.begin_new_file() {
            // The file still has what it had.
            session.abandon();
            return Err(error);
        }
        session.finish_open(options.locking)
    }

    /// Brings a file that is not open anywhere to its last commit.
    pub fn recover(path: &Path, locking: Locking) -> Result<Recovery> {
        let (file, mut found, may_have_journal) =
            Self::lock_for_writing(open_file(path, OpenAs::Write)?, path, locking)?;
        let done = recovery::recover(&file, &mut found, may_have_journal)?;
        if found.facts.size > 0 {
            found.superblock_of(&file)?;
        }
        Ok(done)
    }

    /// Removes a file that is not open anywhere, and its journal first.
    pub fn remove(path: &Path, locking: Locking) -> Result<()> {
        let (file, ..) = Self::lock_for_writing(open_file(path, OpenAs::Write)?, path, locking)?;
        if presence::is_announced(&file, locking) {
            return Err(locked(&file, path));
        }
        sys::unlink(&journal_path(file.path()))
            .and_then(|()| sys::unlink(path))
            .map_err(|error| io_error("remove", path, &error))
    }

    /// Leaves a note that nothing is committed yet, and only then empties the file.
    fn begin_new_file(&mut self) -> Result<()> {
        self.new_file = self.is_behind_journal();
        let path = self.file.path().to_path_buf();
        let failed = |error: io::Error| io_error("make the journal of", &path, &error);
        self.logical_end = 0;
        self.committed_end = 0;
        self.applied_end = 0;
        if self.new_file && !self.seclude()? {
            self.note_new_file().map_err(failed)?;
        }
        if self.physical_end > 0 && !self.is_secluded {
            self.file
                .set_size(0)
                .map_err(|error| io_error("empty", &path, &error))?;
            self.physical_end = 0;
            self.touched_end = 0;
        }
        Ok(())
    }

    fn finish_open(mut self, locking: Locking) -> Result<Self> {
        if !self.is_behind_journal() || self.is_secluded {
            // Nobody else sees anything whole in this file: the exclusive lock stays.
            locking::register(self.identity);
            return Ok(self);
        }
        let path = &self.file.path().to_path_buf();
        // As long as this opening is alone, that is done without a race.
        self.keep_writers_out()?;
        if !locking::shared(&self.file, locking).map_err(|error| io_error("lock", path, &error))? {
            let refused = locked(&self.file, path);
            self.abandon();
            return Err(refused);
        }
        locking::register(self.identity);
        Ok(self)
    }

    /// Cleans up after an opening that failed: no journal stays, which would say that nothing is in the file.
    fn abandon(&mut self) {
        // The file itself is another writer's now. What a journal held before stays.
        if !self.deferred && !self.has_record {
            let _ = self.journal.remove();
        }
    }

    /// Whether what is written waits for a commit.
    pub fn is_behind_journal(&self) -> bool {
        self.role == Role::Writer && self.durability != Durability::None
    }

    /// From here on bytes go straight into the file.
    pub(super) fn boundary(&self) -> u64 {
        if self.durability == Durability::None {
            0
        } else if self.new_file && !hooks::mutant(Mutant::ReleaseHeldBackBytes) {
            self.base + HELD_BACK
        } else {
            self.committed_end.max(self.applied_end)
        }
    }

    /// The parts of `[start, end)` whose bytes belong to the last commit, so that new ones have to wait.
    pub(super) fn waiting_parts(&self, start: u64, end: u64) -> Vec<(u64, u64)> {
        let end = end.min(self.boundary());
        if start >= end {
            return Vec::new();
        }
        self.direct.gaps(start, end)
    }

    /// Whether some of a range was written since the last commit, and is written over in its place.
    pub fn is_overwritten_in_place(&self, address: u64, length: u64) -> bool {
        let written = self.unwritten.gaps(address, address.saturating_add(length));
        written.into_iter().any(|(from, to)| {
            let waiting = self.waiting_parts(from, to).into_iter();
            waiting.map(|(from, to)| to - from).sum::<u64>() < to - from
        })
    }

    /// The end of what can be read.
    pub fn end(&self) -> u64 {
        if self.role == Role::Writer {
            self.logical_end.max(self.allocated_end)
        } else {
            // What lies behind the end that the superblock gives is not the file's.
            self.logical_end.min(self.allocated_end)
        }
    }

    /// Reads bytes as they were written, committed or not.
    pub fn read(&self, address: u64, buffer: &mut [u8]) -> Result<()> {
        self.has_read.store(true, Ordering::Relaxed);
        let length = buffer.len() as u64;
        let done = if self.overlay.is_empty() {
            self.file.read_at(buffer, address)
        } else if self.overlay.covers(address, length) {
            return self
                .overlay
                .read(address, buffer, &self.journal)
                .map_err(|error| io_error("read", self.file.path(), &error));
        } else {
            self.file.read_at(buffer, address)
        };
        done.and_then(|()| {
            for (from, to) in self.unwritten.within(address, address + length) {
                buffer[(from - address) as usize..(to - address) as usize].fill(0);
            }
            if self.overlay.is_empty() {
                return Ok(());
            }
            self.overlay.read(address, buffer, &self.journal)
        })
        .map_err(|error| io_error("read", self.file.path(), &error))
    }

    /// As [`read`](Self::read), of bytes near which others are likely to be read soon.
    pub fn read_near(&self, address: u64, buffer: &mut [u8]) -> Result<()> {
        let is_worth = buffer.len() <= blocks::SMALL && self.is_still();
        let read = |address: u64, block: &mut [u8]| self.read(address, block);
        match is_worth && self.blocks.read(address, buffer, self.end(), read)? {
            true => Ok(()),
            false => self.read(address, buffer),
        }
    }

    /// Whether what is read now is there until this session, or another commit, changes it.
    pub(super) fn is_still(&self) -> bool {
        match self.role {
            Role::Writer => !self.is_lent && !self.together,
            Role::Reader => self.is_in_call && self.watch.as_ref().is_some_and(Watch::is_still),
            Role::Duplicate => false,
        }
    }

    pub(super) fn require_writer(&self) -> Result<()> {
        if self.role == Role::Writer {
            return Ok(());
        }
        Err(Error::read_only(format!(
            "'{}' is open for reading only",
            self.file.path().display()
        )))
    }

    /// Writes bytes: into the file where nothing is committed, and else into the overlay.
    ///
    /// Metadata is always taken, because HDF5's caches do not survive a write that fails: what does
    /// not get into the file stays in memory, and the next commit tells of it if it still cannot
    /// be written. Data that cannot be written are an error at once, after which the bytes of the
    /// last commit are as they were and the write can be repeated.
    pub fn write(&mut self, address: u64, data: &[u8], kind: WriteKind) -> Result<()> {
        self.require_writer()?;
        let end = address.saturating_add(data.len() as u64);
        self.logical_end = self.logical_end.max(end);
        if self.discard || (self.poison.is_some() && kind == WriteKind::Metadata) {
            // What HDF5 still writes is kept for it to read back, and then forgotten.
            self.keep(address, data);
            return Ok(());
        }
        if let Some(reason) = &self.poison {
            return Err(Error::io(format!(
                "nothing more can be written until the file is closed and opened again, because of an earlier failure: {}",
                reason.message
            )));
        }
        let done = self
            .require_journal()
            .and_then(|()| self.write_plainly(address, data, kind));
        if let Err(error) = done {
            // A part of them may be in the file, past everything that is committed.
            if let Ok(facts) = self.file.facts() {
                self.physical_end = facts.size;
                self.touched_end = facts.size;
            }
            if hooks::mutant(Mutant::ForgetFailures) {
                return Ok(());
            }
            if kind == WriteKind::Data {
                for (from, to) in self.unwritten.within(address, end) {
                    self.stale.add(from, to);
                }
                return Err(error);
            }
            self.late = true;
            self.keep(address, data);
        }
        self.unwritten.remove(address, end);
        self.stale.remove(address, end);
        Ok(())
    }

    /// Keeps data in memory that could not be written, until the next commit writes them or tells.
    pub fn write_later(&mut self, address: u64, data: &[u8]) -> Result<()> {
        self.write_often(address, data)?;
        self.late = true;
        Ok(())
    }

    /// Keeps data in memory that are better written once, by the next commit.
    pub fn write_often(&mut self, address: u64, data: &[u8]) -> Result<()> {
        self.require_writer()?;
        if let Some(reason) = &self.poison {
            return Err(reason.clone());
        }
        let end = address.saturating_add(data.len() as u64);
        self.overlay
            .write(address, data, true, &mut self.journal)
            .map_err(|error| io_error("keep what was written to", self.file.path(), &error))?;
        self.writes_often = true;
        self.logical_end = self.logical_end.max(end);
        self.unwritten.remove(address, end);
        self.stale.remove(address, end);
        Ok(())
    }

    /// Allocates so many bytes behind all others, past HDF5, and gives their address; HDF5 asks
    /// the driver for the end of the addresses whenever it allocates itself.
    ///
    /// Bytes at a multiple of [`ALIGNMENT`].
    pub fn allocate(&mut self, length: u64) -> u64 {
        let address = self.allocated_end.next_multiple_of(ALIGNMENT);
        self.allocated_end = address + length;
        self.extended = true;
        address
    }

    /// Writes into the overlay where bytes of the last commit are, and else straight into the file.
    pub(super) fn write_plainly(
        &mut self,
        address: u64,
        data: &[u8],
        kind: WriteKind,
    ) -> Result<()> {
        let end = address + data.len() as u64;
        let part = |from: u64, to: u64| &data[(from - address) as usize..(to - address) as usize];
        let waiting = self.waiting_parts(address, end);
        let mut position = address;
        for (from, to) in waiting.iter().copied().chain([(end, end)]) {
            if from > position {
                self.grow_for(from);
                self.file
                    .write_at(part(position, from), position)
                    .map_err(|error| io_error("write", self.file.path(), &error))?;
                self.note_touched(from);
                if !self.overlay.is_empty() {
                    // Bytes that could not be written there before.
                    self.overlay.remove(position, from);
                }
            }
            position = to;
        }
        let must = kind == WriteKind::Metadata;
        for (from, to) in waiting {
            self.overlay
                .write(from, part(from, to), must, &mut self.journal)
                .map_err(|error| io_error("write the journal of", self.file.path(), &error))?;
        }
        Ok(())
    }

    /// Keeps bytes in the overlay, wherever they belong.
    fn keep(&mut self, address: u64, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        if let Err(error) = self.overlay.write(address, data, true, &mut self.journal) {
            // HDF5 cannot be told, and what it believes to be written is lost.
            let error = io_error("keep what was written to", self.file.path(), &error);
            self.poison(&error);
        }
    }

    /// Writes what waits only because it could not be written into the file before, or was not yet.
    pub(super) fn write_late(&mut self) -> Result<()> {
        while self.late || self.writes_often {
            let boundary = self.boundary();
            let end = self.end();
            self.overlay.remove(end.max(boundary), u64::MAX);
            let Some((address, mut bytes)) = self.overlay.last_past(boundary) else {
                (self.late, self.writes_often) = (false, false);
                break;
            };
            let path = self.file.path();
            self.overlay
                .read(address, &mut bytes, &self.journal)
                .and_then(|()| self.file.write_at(&bytes, address))
                .map_err(|error| io_error("write", path, &error))?;
            let end = address + bytes.len() as u64;
            self.note_touched(end);
            self.overlay.remove(address, end);
        }
        Ok(())
    }

    /// Notes that a range was allocated and nothing is written there: it reads as zeros.
    pub fn note_unwritten(&mut self, address: u64, length: u64) -> Result<()> {
        self.require_writer()?;
        let Some(end) = address.checked_add(length) else {
            return Err(Error::internal("no file has such addresses"));
        };
        self.overlay.remove(address, end);
        if !self.is_behind_journal() {
            let to = end.min(self.physical_end);
            let path = self.file.path();
            return self
                .file
                .zero(address, to.saturating_sub(address))
                .map_err(|error| io_error("write", path, &error));
        }
        self.stale.add(address, end.min(self.touched_end));
        self.unwritten.add(address, end);
        Ok(())
    }

    /// Has the next commit note what HDF5 has free by then.
    pub fn look_for_free_space(&mut self) {
        self.looks_for_free = true;
    }

    /// Whether the next commit is to note what is free.
    pub fn looks_for_free_space(&self) -> bool {
        self.looks_for_free && self.is_behind_journal() && self.base == 0
    }

    /// Takes what HDF5 has free, when it was looked for.
    pub fn take_free_space(&mut self, ranges: impl Iterator<Item = (u64, u64)>) {
        self.looks_for_free = false;
        self.note_free(ranges);
    }

    /// Notes ranges, first byte and length, that nothing in the file refers to when the step under way is committed.
    ///
    /// The commit records them as what was never written: what the next step writes there replaces nothing. What lies there does not
    /// matter, so that nothing is made zeros before a recovery does.
    pub fn note_free(&mut self, ranges: impl Iterator<Item = (u64, u64)>) {
        for (start, length) in ranges.filter(|(_, length)| *length >= FREE_WORTH) {
            let more = match hooks::mutant(Mutant::NoteMoreThanFree) {
                true => 256,
                false => 0,
            };
            let end = start.saturating_add(length + more).min(self.allocated_end);
            if start < end {
                self.overlay.remove(start, end);
                self.unwritten.add(start, end);
            }
        }
    }

    /// How many bytes of a range belong to the last commit, so that others there would have to wait.
    pub fn committed(&self, address: u64, length: u64) -> u64 {
        if !self.is_behind_journal() {
            return 0;
        }
        let parts = self.waiting_parts(address, address.saturating_add(length));
        parts.iter().map(|(from, to)| to - from).sum()
    }

    /// Whether there is room in a commit's record for some more ranges of which nothing is needed.
    pub fn has_room_to_note(&self) -> bool {
        self.unwritten.count() < MOST_UNWRITTEN / 2
    }

    /// Whether a range ends where the allocated addresses end, up to alignment.
    pub fn is_last(&self, address: u64, length: u64) -> bool {
        let end = (address + length).next_multiple_of(ALIGNMENT);
        end == self.allocated_end.next_multiple_of(ALIGNMENT)
    }

    /// Gives back such a range; nothing happens if it is not one.
    pub fn give_back_end(&mut self, address: u64, length: u64) {
        if self.is_last(address, length) {
            self.allocated_end = address;
            self.extended = true;
            self.truncate();
        }
    }

    /// Makes sure that so many more bytes can be written behind the end.
    pub fn reserve(&mut self, bytes: u64) -> Result<()> {
        self.require_writer()?;
        if bytes == 0 {
            return Ok(());
        }
        self.require_journal()?;
        let start = self.touched_end.max(self.allocated_end);
        let path = self.file.path();
        let failed = |error: io::Error| io_error("reserve space for", path, &error);
        self.reserved = true;
        if self.file.reserve(start, bytes).map_err(failed)? {
            return Ok(());
        }
        // Nothing is committed there, so that zeros do no harm.
        let written = self.file.zero_by_writing(start, bytes);
        self.physical_end = self.file.facts().map_err(failed)?.size;
        self.touched_end = self.physical_end;
        written.map_err(failed)
    }

    /// Notes why nothing more can be committed.
    pub(super) fn poison(&mut self, error: &Error) {
        if self.poison.is_none() && !hooks::mutant(Mutant::ForgetFailures) {
            self.poison = Some(error.clone());
        }
    }

    /// Makes the file end, as HDF5 sees it, where its allocated addresses end.
    pub fn truncate(&mut self) {
        if self.role != Role::Writer {
            return;
        }
        let end = self.allocated_end;
        self.logical_end = end;
        self.unwritten.remove(end, u64::MAX);
        self.stale.remove(end, u64::MAX);
        if self.discard || self.poison.is_some() {
            return;
        }
        if end < self.boundary() {
            self.overlay.truncate(end);
            if !self.new_file {
                // Should it grow again before the commit, the bytes there read as zeros.
                self.stale.add(end, self.boundary());
                self.unwritten.add(end, self.boundary());
            }
        }
        if !self.is_behind_journal() {
            // What cannot be done now is done when the file is committed or closed.
            let _ = self.set_size(end);
            return;
        }
        let keep = end.max(self.boundary());
        if self.touched_end > keep && self.set_size(keep).is_err() {
            // Nobody needs these bytes, and nobody is to see them again.
            self.stale.add(keep, self.touched_end);
            self.unwritten.add(keep, self.touched_end);
        }
    }

    /// From here on nothing that is written is meant to stay.
    pub fn discard(&mut self) {
        self.discard = true;
        self.overlay.keep_in_memory();
    }

    /// Ends the session: commits if nobody has decided otherwise, and tidies up.
    pub fn close(&mut self) -> Result<()> {
        self.closed = true;
        self.ends = true;
        let mut done = Ok(());
        if self.role == Role::Writer {
            if !self.is_behind_journal() {
                done = self.complete();
            } else if !self.discard && self.flushed_to_close && !self.explicit && !self.together {
                done = self.commit();
            }
            done = done.and(self.tidy());
            self.let_writers_in();
            locking::release(self.identity);
        }
        if self.role == Role::Reader {
            self.release();
            if self.glance == 0 {
                presence::withdraw(&self.file, self.locking);
                locking::release_reader(self.identity);
            }
        }
        // Whoever still has a reference to the session holds no lock by that.
        self.file.close();
        self.journal.close();
        self.overlay.clear();
        self.blocks.clear();
        done
    }

    /// Without a journal: writes what could not be written before.
    pub(super) fn complete(&mut self) -> Result<()> {
        if self.extended {
            self.check_superblock(self.allocated_end)?;
        }
        self.write_late()?;
        self.set_size(self.allocated_end)?;
        self.release_reserve();
        self.file.note_change();
        Ok(())
    }

    /// Leaves exactly the last commit, and no journal.
    fn tidy(&mut self) -> Result<()> {
        if self.half_applied || self.prepared.is_some() || !self.is_behind_journal() {
            // The next opening takes the commit from the journal, if it counts.
            return Ok(());
        }
        if self.deferred {
            return self.apply_at_last();
        }
        let path = self.file.path().to_path_buf();
        if self.physical_end > self.committed_end || self.reserved {
            let size = self
                .file
                .facts()
                .map_err(|error| io_error("look at", &path, &error))?
                .size;
            // A file that somebody else has changed meanwhile is left as it is.
            if size == self.physical_end {
                self.file
                    .set_size(self.committed_end)
                    .map_err(|error| io_error("shorten", &path, &error))?;
            }
        }
        self.write_recorded_zeros()?;
        if self.sequence > 0 {
            self.file.note_change();
        }
        let removed = self
            .journal
            .remove()
            .map_err(|error| io_error("remove the journal of", &path, &error))?;
        if removed
            && self.durability == Durability::Power
            && !hooks::mutant(Mutant::SkipSyncOfDirectoryAtClose)
        {
            sys::sync_directory_of(self.journal.path())
                .map_err(|error| io_error("sync the directory of", &path, &error))?;
        }
        Ok(())
    }

    /// Takes the last commit into the file, when readers have gone or have been waited for.
    fn apply_at_last(&mut self) -> Result<()> {
        let begun = Instant::now();
        while !self.lock_out_readers()? && begun.elapsed() < self.patience {
            std::thread::sleep(Duration::from_millis(1));
        }
        // A reader that is still there is to notice.
        let _ = self.journal.begin_applying();
        // As after a kill: what was begun since is forgotten with it.
        let facts = self.file.facts();
        let facts = facts.map_err(|error| io_error("look at", self.file.path(), &error))?;
        recovery::recover(&self.file, &mut Found::of(&self.file, facts)?, true).map(drop)
    }

    /// Tries to get the file for itself; with another program in it, nothing changes.
    ///
    /// Locks that fail are no locks of others: then the file is not this program's alone either.
    pub(super) fn lock_out_readers(&mut self) -> Result<bool> {
        match locking::exclusive(&self.file, self.locking) {
            Ok(true) => Ok(true),
            Err(_) => Ok(false),
            // A lock that could not be raised may be lost altogether.
            Ok(false) => match locking::shared(&self.file, self.locking) {
                Ok(false) => Err(self.lost_lock()),
                Ok(true) | Err(_) => Ok(false),
            },
        }
    }

    /// Lets readers in again.
    pub(super) fn let_readers_in(&mut self) {
        // A lock that fails is still the exclusive one, and is let go of after the next commit.
        if matches!(locking::shared(&self.file, self.locking), Ok(false)) {
            self.lost_lock();
        }
    }

    /// Notes that the file is another program's to write.
    fn lost_lock(&mut self) -> Error {
        let error = Error::locked(format!(
            "another program has taken '{}' for writing while it was open here",
            self.file.path().display()
        ));
        self.poison(&error);
        error
    }

    /// Makes what no commit has written zeros, which the journal says until here.
    fn write_recorded_zeros(&mut self) -> Result<()> {
        // Nothing was written there since the commit, which has left zeros.
        let are_zeros = self.unwritten == self.recorded && self.stale.is_empty();
        if are_zeros || hooks::mutant(Mutant::SkipZerosAtClose) {
            return Ok(());
        }
        let path = self.file.path();
        for (start, end) in self.recorded.iter() {
            self.file
                .zero(start, end - start)
                .map_err(|error| io_error("write", path, &error))?;
        }
        if !self.recorded.is_empty() && self.durability == Durability::Power {
            self.file
                .sync()
                .map_err(|error| io_error("sync", path, &error))?;
        }
        Ok(())
    }

    /// Says in the journal that there is nothing to replay, nor, if `with_note`, a new file.
    pub(super) fn void_journal(&mut self, with_note: bool) -> io::Result<()> {
        if hooks::mutant(Mutant::SkipVoidingOfJournal) || !self.journal.exists() {
            return Ok(());
        }
        let zeros = [0; NEW_FILE_HEADER as usize + 8];
        let (length, place) = if with_note {
            (zeros.len(), 0)
        } else {
            (8, COMMIT_HEADERS[self.header])
        };
        self.journal.open_file()?.write_at(&zeros[..length], place)
    }
}

/// That another program, or another opening of this one, keeps a file from being opened.
pub(super) fn locked(file: &DiskFile, path: &Path) -> Error {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let identity = file.facts().map_or(
        Identity {
            device: 0,
            inode: 0,
        },
        |facts| facts.identity,
    );
    owner::locked(file, path, &journal_path(&real), identity)
}

pub(super) fn irregular(path: &Path) -> Error {
    Error::io(format!("'{}' is not a regular file", path.display()))
}

/// Opens a file, with errors that say what is wrong.
pub(super) fn open_file(path: &Path, access: OpenAs) -> Result<DiskFile> {
    DiskFile::open(path, access).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::not_found(format!("there is no file '{}'", path.display()))
        }
        io::ErrorKind::AlreadyExists => {
            Error::exists(format!("'{}' exists already", path.display()))
        }
        io::ErrorKind::PermissionDenied if access != OpenAs::Read => {
            Error::read_only(format!("'{}' may not be written: {error}", path.display()))
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            Error::read_only(format!("'{}' may not be written: {error}", path.display()))
        }
        _ => io_error("open", path, &error),
    })
}
