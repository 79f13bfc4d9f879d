//! Files: opening, committing, closing.

#![forbid(unsafe_code)]

use super::direct::Reader;
use super::h5::{self, Id};
use super::opening::{explain, look_at, Mode, OpenOptions};
use crate::error::{Error, Result};
use crate::journal::{Access, Ending};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An open file.
#[derive(Debug)]
pub struct File {
    pub(super) id: Id,
    path: String,
    writable: bool,
    /// The process that opened it: one that is forked later shares the file, but must not write it.
    process: u32,
    threads: usize,
    reader: Option<Arc<Reader>>,
    commits: Commits,
    changes: u64,
}

/// When a file is committed, and how.
#[derive(Debug)]
struct Commits {
    /// How long a program that does not commit goes without.
    every: Option<Duration>,
    /// When the file was opened or last committed.
    latest: Instant,
    /// Something was written since.
    pending: bool,
    /// The program commits itself: its last commit is what an exit leaves.
    explicit: bool,
    /// The file is only whole when it is closed, and is committed by closing and opening it
    /// again, at this place with these settings.
    by_reopening: Option<(PathBuf, OpenOptions)>,
}

impl File {
    /// Opens or creates a file; `mode` and `options` are those of `h5sim_open`.
    pub fn open(path: &str, mode: &str, options: &str) -> Result<Self> {
        let mode = Mode::parse(mode)?;
        let options = OpenOptions::parse(options)?;
        let _lock = h5::lock();
        h5::register_zstandard()?;
        let exists = look_at(path, mode)?;
        let opened = match (mode, exists) {
            (Mode::Read, _) => h5::open_file(path.as_ref(), Access::Read, &options),
            (Mode::ReadWrite, _) | (Mode::Append, true) => {
                h5::open_file(path.as_ref(), Access::Write, &options)
            }
            (Mode::Create | Mode::Append, _) => h5::create_file(path.as_ref(), false, &options),
            (Mode::CreateNew, _) => h5::create_file(path.as_ref(), true, &options),
        };
        let id = opened.map_err(|error| explain(path, mode, exists, error))?;
        // What is only read does not change: it can be read without HDF5.
        let descriptor = (mode == Mode::Read).then(|| h5::descriptor(&id)).flatten();
        let threads = options.threads;
        let reader = descriptor.map(|file| Arc::new(Reader::new(path, file, threads)));
        let by_reopening = if mode != Mode::Read && h5::commits_at_close(&id)? {
            // The program may change its folder meanwhile.
            let place = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
            Some((place, options.clone()))
        } else {
            None
        };
        Ok(Self {
            id,
            path: path.to_owned(),
            writable: mode != Mode::Read,
            process: std::process::id(),
            threads,
            reader,
            changes: 0,
            commits: Commits {
                every: options.autocommit,
                latest: Instant::now(),
                pending: false,
                explicit: false,
                by_reopening,
            },
        })
    }

    /// What reads datasets without HDF5, of a file that is only read.
    pub fn reader(&self) -> Option<&Arc<Reader>> {
        self.reader.as_ref()
    }

    /// Whether this process opened it: one that was forked since must leave it alone.
    pub(crate) fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }

    /// The file's identifier.
    pub(crate) fn id(&self) -> &Id {
        &self.id
    }

    /// Whether the file is open in this process by this handle only.
    pub(crate) fn is_open_once(&self) -> bool {
        h5::is_open_once(&self.id)
    }

    /// How many threads may work on a call, 0 for as many as there are processors.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Overwrites bytes of raw data that HDF5 holds in no cache.
    pub(crate) fn overwrite(&self, address: u64, data: &[u8]) -> Result<()> {
        h5::overwrite(&self.id, address, data)
    }

    /// Runs one call of the interface on this file: alone, and with the file's name in its errors.
    ///
    /// A program that does not commit itself is committed for at the end of a call.
    pub fn serve<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let _lock = h5::lock();
        let done = body(self).map_err(|error| error.within(&self.path))?;
        if self.commit_is_due() {
            // The call has done its work and says so; a disk that is full now is told of by the
            // next commit or by the close.
            self.commits.latest = Instant::now();
            let _ = self.commit_now(false);
        }
        Ok(done)
    }

    /// Whether the end of this call commits for a program that does not commit itself.
    pub(crate) fn commit_is_due(&self) -> bool {
        let commits = &self.commits;
        let due = |every| commits.pending && !commits.explicit && commits.latest.elapsed() >= every;
        commits.every.is_some_and(due)
    }

    /// Whether a commit closes the file and opens it again, so that nothing in it may be open.
    pub(crate) fn commits_by_reopening(&self) -> bool {
        self.commits.by_reopening.is_some()
    }

    /// Fails unless the file may be written; the call replaces data or objects.
    pub(super) fn begin_change(&mut self) -> Result<()> {
        self.changes += 1;
        self.require_writable()
    }

    /// Counts the calls that may have replaced data or objects.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Fails unless the file may be written; from here on there is something to commit.
    pub(crate) fn require_writable(&mut self) -> Result<()> {
        if self.writable {
            self.commits.pending = true;
            return Ok(());
        }
        Err(Error::read_only(
            "the file is open for reading only: open it with mode r+ or a to write",
        ))
    }

    /// Makes all that was written so far durable, as one step.
    pub fn commit(&mut self) -> Result<()> {
        if !self.writable {
            return Ok(());
        }
        self.commits.explicit = true;
        self.commit_now(true)
    }

    fn commit_now(&mut self, explicit: bool) -> Result<()> {
        match &self.commits.by_reopening {
            None => h5::commit_file(&self.id, explicit)?,
            Some((place, options)) => {
                let old = std::mem::replace(&mut self.id, Id::closed());
                h5::close_file(old, Ending::Commit)?;
                self.id = h5::open_file(place, Access::Write, options)?;
            }
        }
        self.commits.latest = Instant::now();
        self.commits.pending = false;
        Ok(())
    }

    /// Commits and closes the file.
    pub fn close(self) -> Result<()> {
        self.end(Ending::Commit)
    }

    fn end(self, ending: Ending) -> Result<()> {
        let _lock = h5::lock();
        let Self { id, path, .. } = self;
        h5::close_file(id, ending).map_err(|error| error.within(path))
    }

    /// Closes the file because the process exits; nobody is left to be told of a failure.
    ///
    /// All that was written is kept, unless the program commits itself: then its last commit is.
    pub fn close_at_exit(self) {
        if !self.is_ours() {
            // It is the parent's, who still writes it.
            std::mem::forget(self);
            return;
        }
        let ending = if self.commits.explicit {
            Ending::Discard
        } else {
            Ending::Commit
        };
        let _ = self.end(ending);
    }
}
