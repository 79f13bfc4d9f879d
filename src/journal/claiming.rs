//! The one writer of a file: how an opening becomes it, and what keeps others out.
//!
//! Where locks of the kind that `presence` takes hold, one of them tells of a writer until its first change; from then on its journal does, also those that do not lock.
//! A file that is opened for writing and only read has no journal.

#![forbid(unsafe_code)]

use super::adopting::{self, Claim};
use super::locking::{self, Locking};
use super::recovery::Found;
use super::session::{irregular, locked, Session};
use super::sys::{self, DiskFile};
use super::words::{io_error, journal_path};
use super::{owner, presence, report};
use crate::error::{Error, Result};
use std::io;
use std::path::Path;

/// Whether a writer that lives has a file.
pub fn has_writer(file: &DiskFile, journal: &Path) -> bool {
    presence::is_written(file)
        || report::is_held(journal)
        || owner::is_written_elsewhere(file, journal)
}

impl Session {
    /// Takes the exclusive lock, and makes sure that the name still means this file; gives what is in it, and whether there may be a
    /// journal.
    pub(super) fn lock_for_writing(
        file: DiskFile,
        path: &Path,
        locking: Locking,
    ) -> Result<(DiskFile, Found, bool)> {
        match Self::claim(file, path, locking)? {
            (file, found, Claim::Alone(may_have_journal)) => Ok((file, found, may_have_journal)),
            (file, ..) => Err(locked(&file, path)),
        }
    }

    /// Takes the exclusive lock, or, where only programs that read the file have it open, the shared one; gives what is in the file.
    pub(super) fn claim(
        mut file: DiskFile,
        path: &Path,
        locking: Locking,
    ) -> Result<(DiskFile, Found, Claim)> {
        let facts = file
            .facts()
            .map_err(|error| io_error("look at", path, &error))?;
        if !facts.regular {
            return Err(irregular(path));
        }
        let real = std::fs::canonicalize(path).map_err(|error| io_error("find", path, &error))?;
        let journal = journal_path(&real);
        let failed = |error: io::Error| io_error("lock", path, &error);
        if locking::is_open_here(facts.identity) || locking::is_read_here(facts.identity) {
            return Err(locked(&file, path));
        }
        // Its writer may be dead, and a process that writes for it not.
        if presence::is_borrowed(&file, locking) {
            return Err(locked(&file, path));
        }
        let beside_readers = match locking::exclusive(&file, locking).map_err(failed)? {
            true => None,
            false => match adopting::beside_readers(&file, &journal, locking)? {
                Some(claim) => Some(claim),
                None => return Err(locked(&file, path)),
            },
        };
        let now = sys::facts_at(&real).map_err(|error| io_error("open", path, &error))?;
        if now.identity != facts.identity {
            return Err(locked(&file, path));
        }
        let found = Found::of(&file, now)?;
        let claim = match beside_readers {
            Some(claim) => claim,
            None => {
                let is_beside = sys::facts_at(&journal).is_ok();
                let is_written = match is_beside {
                    true => has_writer(&file, &journal),
                    // The exclusive lock says of all that lock that none is there.
                    false => {
                        (!locking.is_on() && presence::is_written(&file))
                            || (found.may_be_new() && owner::is_new_elsewhere(&file))
                    }
                };
                if is_written {
                    return Err(locked(&file, path));
                }
                // Where files are not locked one may be made at any time.
                Claim::Alone(is_beside || !locking.is_on())
            }
        };
        // The journal lies beside the file itself, whatever link led to it.
        file.set_path(real);
        Ok((file, found, claim))
    }

    /// Tells other programs that this one writes the file, if nothing does yet.
    pub(super) fn keep_writers_out(&mut self) -> Result<()> {
        if self.journal.exists() {
            return Ok(());
        }
        // A journal that could not be made is told of now, and not by the first change.
        if sys::can_make_files_beside(self.file.path()) {
            match presence::announce_writer(&self.file, self.locking) {
                Some(true) => {
                    self.is_told_by_lock = true;
                    return Ok(());
                }
                Some(false) => return Err(locked(&self.file, self.file.path())),
                None => {}
            }
        }
        self.make_journal()
    }

    /// Makes the journal, if there is none yet that a change of the file needs.
    pub(super) fn require_journal(&mut self) -> Result<()> {
        match self.is_told_by_lock && !self.journal.exists() {
            true => self.make_journal(),
            false => Ok(()),
        }
    }

    fn make_journal(&mut self) -> Result<()> {
        let path = self.file.path();
        let made = self.journal.make();
        made.map(drop).map_err(|error| match error.kind() {
            // What lay there was judged when the file was opened: it is another writer's.
            io::ErrorKind::AlreadyExists => locked(&self.file, path),
            _ if sys::can_make_files_beside(path) => io_error("make the journal of", path, &error),
            _ => Error::io(format!(
                "cannot make files beside '{}', so that a commit could not be made safe; \
                 make the directory writable, or open the file with \"durability\": \"none\"",
                path.display()
            )),
        })
    }

    /// Takes back what was told; a copy of the descriptor in a child would keep it.
    pub(super) fn let_writers_in(&mut self) {
        if std::mem::take(&mut self.is_told_by_lock) {
            presence::withdraw_writer(&self.file);
        }
    }
}
