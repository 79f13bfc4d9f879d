//! Opening a file for writing while other programs read it: nothing may be changed under them, and what a dead writer
//! has left in its journal still counts.

#![forbid(unsafe_code)]

use super::belonging::{self, Seal};
use super::format::Modified;
use super::hooks::{self, Mutant};
use super::locking::{self, Locking};
use super::overlay::Content;
use super::ranges::Ranges;
use super::recovery::{self, Contents, Hot};
use super::session::Session;
use super::sys::{self, DiskFile, OpenAs};
use super::words::io_error;
use super::{claiming, format};
use crate::error::Result;
use std::io;
use std::path::Path;
use std::time::Duration;

/// What an opening for writing finds beside the file.
#[derive(Debug)]
pub enum Claim {
    /// No other program has it open; whether there may be a journal beside it.
    Alone(bool),
    /// Other programs read it, and nothing counts but the file.
    BesideReaders,
    /// Other programs read it, and a dead writer's journal counts as well, which is ours now.
    BesideReadersWith(Box<Left>),
}

/// A journal that was left, open for writing and locked, and what it holds.
#[derive(Debug)]
pub struct Left {
    journal: DiskFile,
    hot: Hot,
    /// Whether it holds a commit that is not in the file, and not just a record of ranges.
    waits: bool,
}

/// How often a journal is tried that somebody looks at just now, and how long it is waited in between.
const TRIES: usize = 500;
const BETWEEN_TRIES: Duration = Duration::from_micros(200);

/// Takes the shared lock on a file that others read, and the journal beside it, if it counts; `None` if another program
/// writes the file, or if nothing can be done before its readers have gone.
pub fn beside_readers(file: &DiskFile, path: &Path, locking: Locking) -> Result<Option<Claim>> {
    let failed = |error: io::Error| io_error("lock", file.path(), &error);
    if !locking::shared(file, locking).map_err(failed)? {
        return Ok(None);
    }
    if claiming::has_writer(file, path) {
        return Ok(None);
    }
    let journal = match DiskFile::open(path, OpenAs::Write) {
        Ok(journal) => journal,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(Claim::BesideReaders))
        }
        Err(error) => return Err(io_error("open", path, &error)),
    };
    let failed = |error: io::Error| io_error("look at", path, &error);
    if !take_over(&journal, path).map_err(failed)? {
        return Ok(None);
    }
    let left = |hot, waits| {
        Ok(Some(Claim::BesideReadersWith(Box::new(Left {
            journal,
            hot,
            waits,
        }))))
    };
    match recovery::examine(file, path).map_err(failed)? {
        Contents::Hot(hot) => {
            let seal = belonging::seal_at(file, hot.header.signature).map_err(failed)?;
            match seal {
                Seal::Open => left(hot, true),
                // What the readers see is not whole.
                _ => Ok(None),
            }
        }
        Contents::Unwritten(hot) => left(hot, false),
        Contents::Nothing => {
            sys::unlink(path).map_err(failed)?;
            Ok(Some(Claim::BesideReaders))
        }
        Contents::Foreign => {
            recovery::set_aside(path).map_err(failed)?;
            Ok(Some(Claim::BesideReaders))
        }
        Contents::Missing | Contents::NewFile => Ok(None),
    }
}

/// Locks a journal as its writer does; `false` if another one has it, or has replaced it.
fn take_over(journal: &DiskFile, path: &Path) -> io::Result<bool> {
    for attempt in 0..TRIES {
        if journal.lock(libc::LOCK_EX).is_ok() {
            let now = DiskFile::open(path, OpenAs::Read)?.facts()?;
            return Ok(now.identity == journal.facts()?.identity);
        }
        // Readers look whether it is locked, for a moment.
        if attempt + 1 < TRIES {
            std::thread::sleep(BETWEEN_TRIES);
        }
    }
    Ok(false)
}

impl Session {
    /// Goes on from the file and from what a dead writer has left in its journal.
    pub(super) fn adopt(&mut self, left: Left) -> Result<()> {
        let Left {
            journal,
            hot,
            waits,
        } = left;
        let path = self.file.path().to_path_buf();
        let failed = |error: io::Error| io_error("go on from the journal of", &path, &error);
        let Hot { header, index, .. } = hot;
        let record = recovery::load_record(&journal).map_err(failed)?;
        let ranges = |ranges: &[(u64, u64)]| {
            let mut all = Ranges::default();
            for (start, end) in ranges {
                all.add(*start, *end);
            }
            all
        };
        self.header = recovery::place_of(&journal, &header).map_err(failed)?;
        recovery::void_others(&journal, waits.then_some(self.header)).map_err(failed)?;
        self.journal.adopt(journal, waits).map_err(failed)?;
        self.sequence = header.sequence + 1;
        self.anchors.clone_from(&index.anchors);
        self.changed_windows = index
            .modified
            .iter()
            .map(|window| Modified {
                old: window.new,
                ..*window
            })
            .collect();
        if !hooks::mutant(Mutant::ForgetLeftRecord) {
            self.recorded = ranges(&index.unwritten);
        }
        self.unwritten.clone_from(&self.recorded);
        // The step that was not committed may have written there.
        self.stale.clone_from(&self.recorded);
        self.has_record = record.is_some();
        self.has_record_room = record.is_some();
        if !waits || hooks::mutant(Mutant::ForgetLeftCommit) {
            self.applied_recorded.clone_from(&self.recorded);
            self.direct.clone_from(&self.recorded);
            return Ok(());
        }
        self.applied_recorded =
            record.map_or_else(Ranges::default, |(_, index)| ranges(&index.unwritten));
        for extent in &index.extents {
            let content = match extent.source {
                format::ZEROS => Content::Zeros(extent.length),
                offset => Content::Spilled {
                    offset,
                    length: extent.length,
                    checksum: Some(extent.checksum),
                },
            };
            self.overlay.insert(extent.address, content);
        }
        self.overlay.leave_to_journal(&[]);
        self.deferred = true;
        self.committed_end = header.new_end;
        self.logical_end = header.new_end;
        self.note_direct_ranges();
        Ok(())
    }

    /// Says where a step can write in place while commits wait: what readers see of the commit in the file must stay as
    /// well.
    pub(super) fn note_direct_ranges(&mut self) {
        let mut unused = self.applied_recorded.clone();
        unused.add(self.applied_end, u64::MAX);
        self.direct = self.recorded.common(&unused);
    }
}
