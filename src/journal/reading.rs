//! Sessions that only read: what they see of a file that another process writes, and when they see more of it.

#![forbid(unsafe_code)]

use super::claiming;
use super::format::Applied;
use super::locking::{self, Locking};
use super::presence;
use super::recovery;
use super::report::{self, Readability};
use super::session::{locked, open_file, Role, Session};
use super::spill::Journal;
use super::sys::{DiskFile, OpenAs};
use super::watch::{self, Change, Watch};
use super::words::{io_error, journal_path};
use super::Options;
use crate::error::{Error, Result};
use crate::format::superblock::Superblock;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a reader waits for another program that has locked the file. For a writer of ours, which is in the
/// middle of something that ends, it waits as long as that takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often an opening tries to get the lock that a writer has for the moment in which it takes a commit in.
const BRIEF_TRIES: usize = 20;
/// How long it sleeps before it looks again.
const BETWEEN_TRIES: Duration = Duration::from_micros(50);

impl Session {
    /// Opens an existing file for reading.
    pub fn open_for_reading(path: &Path, options: &Options) -> Result<Self> {
        if let Some(duplicate) = Self::duplicate(path, options)? {
            return match options.glance {
                false => Ok(duplicate),
                true => Err(Error::locked(format!(
                    "'{}' is being written by this process",
                    path.display()
                ))),
            };
        }
        let file = open_file(path, OpenAs::Read)?;
        let mut tries = 0;
        while !locking::shared(&file, options.locking)
            .map_err(|error| io_error("lock", path, &error))?
        {
            // HDF5 itself opens files behind links, and does not try again.
            tries += 1;
            if tries > BRIEF_TRIES {
                return Err(locked(&file, path));
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        let real = std::fs::canonicalize(path).map_err(|error| io_error("find", path, &error))?;
        let facts = file
            .facts()
            .map_err(|error| io_error("look at", path, &error))?;
        let mut session = Self::start_with(file, &facts, Role::Reader, options)?;
        session.journal = Journal::new(journal_path(&real), 0);
        session.place = real;
        session.holds_lock = true;
        let failed = |error: io::Error| io_error("read", path, &error);
        let watch = Watch::new(&session.file, &facts, session.journal.path()).map_err(failed)?;
        let is_under_way = |(_, applied): (&DiskFile, Applied)| applied.is_under_way();
        let readability = if watch.live_journal().is_some_and(is_under_way) {
            Readability::Wait
        } else if watch.saw_no_journal() {
            // Nothing can be taken into the file as long as it is locked here.
            report::readability_alone(&session.file).map_err(failed)?
        } else {
            report::readability(&session.file, session.journal.path()).map_err(failed)?
        };
        match readability {
            Readability::Plain => {}
            Readability::Beside => {
                if let Some((journal, applied)) = watch.live_journal() {
                    let unwritten = watch::unwritten_beside(journal, applied).map_err(failed)?;
                    for (start, end) in unwritten {
                        session.overlay.zero(start, end);
                    }
                }
            }
            Readability::Nothing => {
                return Err(Error::format(format!(
                    "nothing was committed to '{}'",
                    path.display()
                )))
            }
            Readability::Wait => {
                return Err(Error::locked(format!(
                    "'{}' is being committed by another program; try again later",
                    path.display()
                )))
            }
            Readability::ThroughJournal(hot) => {
                session.logical_end = hot.header.new_end;
                recovery::overlay(&hot, &mut session.overlay);
                session.journal = Journal::existing(hot.journal);
            }
        }
        session.watch = Some(watch);
        if !options.glance {
            presence::announce(&session.file, options.locking);
            locking::register_reader(session.identity);
        }
        Ok(session)
    }

    /// Of a reader: fails if the file says that a program without a journal writes it, or has died writing it. Files in the oldest format have
    /// no place for that, and HDF5 itself looks only where its own drivers read.
    pub fn check_mark(&self) -> Result<()> {
        let read = |buffer: &mut [u8], at: u64| self.read(at, buffer).map_err(io::Error::other);
        let found = Superblock::locate(self.logical_end, read)
            .map_err(|error| io_error("read", self.file.path(), &error))?;
        match found {
            Some(superblock) if superblock.marked_open => {
                Err(Error::locked(report::words_of_mark(self.file.path())))
            }
            _ => Ok(()),
        }
    }

    /// Of a reader: begins a call, and says whether a writer has changed the file since it was opened.
    ///
    /// Writers are kept from changing it meanwhile, unless nobody has written it for a while: then one that comes
    /// just now is noticed at the call's end.
    pub fn refresh(&mut self) -> Result<bool> {
        *self.has_read.get_mut() = false;
        let Some(watch) = &mut self.watch else {
            return Ok(false);
        };
        if !self.holds_lock && watch.is_quiet(&self.file) {
            return Ok(false);
        }
        let begun = Instant::now();
        loop {
            let is_locked_out = !self.take_shared_lock()?;
            if !is_locked_out {
                match self.compare()? {
                    Change::None => return Ok(false),
                    Change::Another => return Ok(true),
                    Change::UnderWay => self.release(),
                }
            }
            // A writer of ours that locks others out comes to an end; another program, or one that has failed, may never.
            let is_over = begun.elapsed() > self.patience.max(PATIENCE);
            if is_over && !(is_locked_out && report::is_held(self.journal.path())) {
                return Err(locked(&self.file, self.file.path()));
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
    }

    fn take_shared_lock(&mut self) -> Result<bool> {
        if !self.holds_lock {
            self.holds_lock = locking::shared(&self.file, self.locking)
                .map_err(|error| io_error("lock", self.file.path(), &error))?;
        }
        Ok(self.holds_lock)
    }

    fn compare(&mut self) -> Result<Change> {
        let Some(watch) = &mut self.watch else {
            return Ok(Change::None);
        };
        watch
            .compare(&self.file)
            .map_err(|error| io_error("look at", self.file.path(), &error))
    }

    /// Of a reader: ends a call; says whether all that was read since [`Session::refresh`] is of one commit.
    pub fn end_call(&mut self) -> Result<bool> {
        let is_locked = self.holds_lock && self.locking.is_on();
        let has_read = *self.has_read.get_mut();
        let Some(watch) = &mut self.watch else {
            return Ok(true);
        };
        if !self.holds_lock && !has_read && watch.was_seen_enough() {
            return Ok(true);
        }
        let undisturbed = watch
            .was_undisturbed(&self.file, is_locked)
            .map_err(|error| io_error("look at", self.file.path(), &error));
        self.release();
        undisturbed
    }

    /// Of a reader: lets writers change the file until the next [`Session::refresh`].
    pub fn release(&mut self) {
        if self.role == Role::Reader && std::mem::take(&mut self.holds_lock) {
            locking::release_lock(&self.file, self.locking);
        }
    }
}

/// Whether a writer in another program has taken the file's signature away for a moment.
pub fn is_being_committed(path: &Path) -> bool {
    let (Ok(file), Ok(real)) = (
        DiskFile::open(path, OpenAs::Read),
        std::fs::canonicalize(path),
    ) else {
        return false;
    };
    matches!(
        report::readability(&file, &journal_path(&real)),
        Ok(Readability::Wait)
    )
}

/// Whether nobody has a file but programs that lock it for reading and do not say that they keep it: those that look into
/// it for a moment, and those of others.
pub fn is_glanced_at(path: &Path) -> bool {
    let locking = Locking::default();
    let (Ok(file), Ok(real)) = (
        DiskFile::open(path, OpenAs::Read),
        std::fs::canonicalize(path),
    ) else {
        return false;
    };
    let Ok(facts) = file.facts() else {
        return false;
    };
    let journal = journal_path(&real);
    let is_open_here =
        locking::is_open_here(facts.identity) || locking::is_read_here(facts.identity);
    !is_open_here
        && locking::shared(&file, locking).unwrap_or(false)
        && !presence::is_announced(&file, locking)
        && !claiming::has_writer(&file, &journal)
}
