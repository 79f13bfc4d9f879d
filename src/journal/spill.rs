//! The journal file while a step is under way: room for bytes that memory does not hold.

#![forbid(unsafe_code)]

use super::format::{Applied, APPLIED, INLINE_START, OWNER, SPILL_START};
use super::hooks::{self, Mutant};
use super::owner;
use super::sys::{self, DiskFile, OpenAs};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The journal of a file: made when it is first needed, kept until the file is closed.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    permissions: u32,
    file: Option<DiskFile>,
    spill_end: u64,
    /// Bytes before this belong to a commit that waits for readers.
    frozen_end: u64,
    /// The commit that is in the file, as readers are told.
    applied: Applied,
    /// Whether the directory is known to name the journal even after a power cut.
    pub directory_synced: bool,
}

impl Journal {
    /// A journal that is not made yet.
    pub fn new(path: PathBuf, permissions: u32) -> Self {
        Self {
            path,
            permissions,
            file: None,
            spill_end: SPILL_START,
            frozen_end: 0,
            applied: Applied::default(),
            directory_synced: false,
        }
    }

    /// A journal that is there, for reading.
    pub fn existing(file: DiskFile) -> Self {
        Self {
            path: file.path().to_path_buf(),
            permissions: 0,
            file: Some(file),
            spill_end: SPILL_START,
            frozen_end: 0,
            applied: Applied::default(),
            directory_synced: false,
        }
    }

    /// Goes on with a journal that is there, open for writing and locked; bytes in it that a commit needs stay.
    pub fn adopt(&mut self, file: DiskFile, waits: bool) -> io::Result<()> {
        let mut bytes = [0; OWNER as usize];
        file.read_at(&mut bytes, 0)?;
        self.applied = Applied::decode(&bytes);
        // A commit that was to be taken in is not: the file is as it is.
        self.applied.number += self.applied.number % 2;
        let mut bytes = self.applied.encode().to_vec();
        bytes.extend(owner::myself().unwrap_or_default());
        file.write_at(&bytes, APPLIED)?;
        if waits {
            self.freeze(file.facts()?.size);
        }
        self.file = Some(file);
        Ok(())
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it has been made.
    pub fn exists(&self) -> bool {
        self.file.is_some()
    }

    /// The open file, made if need be.
    pub fn file(&mut self) -> io::Result<&DiskFile> {
        match self.make() {
            // Whatever lies there was judged when the file was opened.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                sys::unlink(&self.path)?;
            }
            Err(error) => return Err(error),
            Ok(_) => return self.open_file(),
        }
        self.make()
    }

    /// The same, but a journal that is there is another writer's.
    pub fn make(&mut self) -> io::Result<&DiskFile> {
        if self.file.is_none() {
            let made = DiskFile::open_with(&self.path, OpenAs::CreateNew, self.permissions)?;
            // Tells readers that the writer lives. Where locks do not work, nobody can tell.
            let _ = made.lock_and_wait();
            // From the time on, so that no other opening has these numbers.
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            self.applied = Applied {
                number: now.map_or(0, |now| now.as_nanos() as u64) & !1,
                commits: 0,
            };
            let mut bytes = self.applied.encode().to_vec();
            bytes.extend(owner::myself().unwrap_or_default());
            if let Err(error) = made.write_at(&bytes, APPLIED) {
                // One that names nobody would keep others waiting.
                let _ = sys::unlink(&self.path);
                return Err(error);
            }
            self.file = Some(made);
        }
        self.open_file()
    }

    /// The open file, which must have been made.
    pub fn open_file(&self) -> io::Result<&DiskFile> {
        self.file
            .as_ref()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Tells readers that a commit is being taken into the file.
    pub fn begin_applying(&mut self) -> io::Result<()> {
        if self.applied.is_under_way() {
            return Ok(());
        }
        self.applied.number += 1;
        self.tell_applied()
    }

    /// Has the journal say, when its first bytes are written next, that a commit is being taken into the file.
    pub fn announce(&mut self) {
        self.applied.number |= 1;
    }

    /// Tells readers that no commit is being taken into the file after all.
    pub fn take_back(&mut self) -> io::Result<()> {
        self.applied.number &= !1;
        self.tell_applied()
    }

    /// Tells readers that the file holds another commit, and so many of this opening.
    pub fn count_applied(&mut self, commits: u64) -> io::Result<()> {
        self.applied = self.applied.next(commits);
        self.tell_applied()
    }

    /// As [`count_applied`](Self::count_applied), and says that there is nothing to replay: zeros from the commit's header on.
    pub fn finish_applying(&mut self, commits: u64, header: u64) -> io::Result<()> {
        self.applied = self.applied.next(commits);
        let mut bytes = vec![0; APPLIED.saturating_sub(header) as usize];
        bytes.extend_from_slice(&self.applied.encode());
        self.open_file()?.write_at(&bytes, header)
    }

    /// Tells readers that so many commits of this opening are in the file, of which the last has changed no bytes of it.
    pub fn count_record(&mut self, commits: u64) -> io::Result<()> {
        self.applied.commits = commits;
        self.tell_applied()
    }

    fn tell_applied(&self) -> io::Result<()> {
        self.open_file()?.write_at(&self.applied.encode(), APPLIED)
    }

    /// Puts the bytes that belong between the headers and [`INLINE_START`] behind the headers.
    pub fn fill_preamble(&self, buffer: &mut Vec<u8>) {
        buffer.resize(APPLIED as usize, 0);
        buffer.extend_from_slice(&self.applied.encode());
        if let Some(owner) = owner::myself() {
            buffer.extend_from_slice(&owner);
        }
        buffer.resize(INLINE_START as usize, 0);
    }

    /// Adds bytes and returns where they are.
    pub fn append(&mut self, data: &[u8]) -> io::Result<u64> {
        let offset = self.spill_end;
        self.file()?.write_at(data, offset)?;
        self.spill_end = offset + data.len() as u64;
        Ok(offset)
    }

    /// Lets go of it without removing it.
    pub fn close(&mut self) {
        self.file = None;
    }

    /// The first unused byte, on a page boundary.
    pub fn free_offset(&self) -> u64 {
        self.spill_end.next_multiple_of(4096)
    }

    /// Forgets what was added: the commit has taken it into the file.
    pub fn reset(&mut self) {
        self.spill_end = SPILL_START;
        self.frozen_end = 0;
    }

    /// Leaves everything before `end`, and what was added, as it is until [`Journal::reset`].
    pub fn freeze(&mut self, end: u64) {
        self.spill_end = self.spill_end.max(end);
        self.frozen_end = self.spill_end;
    }

    /// Whether a byte must be left as it is.
    pub fn is_frozen(&self, offset: u64) -> bool {
        offset < self.frozen_end && !hooks::mutant(Mutant::RewriteFrozenBytes)
    }

    /// How long it has become.
    pub fn length(&self) -> u64 {
        self.spill_end
    }

    /// Closes and removes the journal.
    pub fn remove(&mut self) -> io::Result<bool> {
        match &self.file {
            // A child's copy of its parent's journal is not the child's.
            Some(file) if file.is_ours() => {}
            _ => return Ok(false),
        }
        sys::unlink_existing(&self.path)?;
        self.file = None;
        Ok(true)
    }
}
