//! What a reader of ours looks at between its calls: whether the file holds another commit now.
//!
//! A writer counts in its journal each commit that it has taken into the file: an even number that no two
//! commits share, whoever wrote them, and an odd one while it takes one in. Beside that the size of the file
//! and the time of its last change tell of writers that have come and gone.

#![forbid(unsafe_code)]

use super::format::{Applied, COMMIT_HEADERS, OWNER};
use super::hooks::{self, Mutant};
use super::presence;
use super::recovery;
use super::report;
use super::sys::{self, DiskFile, Facts, Identity, OpenAs};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A change within so long after another may leave the file the same time of its last change.
const TICK: Duration = Duration::from_millis(50);
/// A call as short as this cannot have met a writer that opened the file, wrote it and closed it meanwhile.
const SHORT: Duration = Duration::from_micros(200);
/// A look as recent as this serves the next call, which looks again at its end.
const RECENT: Duration = Duration::from_micros(20);
/// A look as recent as this serves the next call as a whole, if that reads nothing of the file: a commit takes longer, from the first byte of the file
/// that it changes, by which the look would have noticed it, until its writer can tell anybody of it.
const JUST_NOW: Duration = Duration::from_micros(2);

/// How a file compares with what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It holds the same commit.
    None,
    /// It holds another one, or is to be read in another way.
    Another,
    /// A writer is about to take a commit in, or has failed in it.
    UnderWay,
}

/// What lay beside the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    /// No journal.
    Nothing,
    /// The journal of a writer that lives, and its number of the commit in the file.
    Live(Identity, Applied),
    /// The journal of one that has died, and whether a commit in it counts.
    Left(Identity, Applied),
}

/// What is known of the file since it was opened.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    journal: Option<DiskFile>,
    beside: Beside,
    size: u64,
    changed: (i64, i64),
    /// Whether the file has another time before a byte of it is another.
    shows_changes: bool,
    /// Any later change would show in the time of the last change.
    is_settled: bool,
    /// When the latest look was, or some moment before it in the same call.
    looked: Instant,
    /// When the latest call began that did not lock the file.
    began: Instant,
}

/// The journal as it is now.
struct JournalSeen {
    identity: Identity,
    applied: Applied,
    has_commit: bool,
}

impl Watch {
    /// Looks at a file that its reader has just locked, and at the journal of that path.
    pub fn new(file: &DiskFile, facts: &Facts, journal: &Path) -> io::Result<Self> {
        let shows_changes = presence::is_local(file);
        let mut watch = Self {
            path: journal.to_path_buf(),
            journal: None,
            beside: Beside::Nothing,
            size: facts.size,
            changed: facts.changed,
            is_settled: is_long_ago(facts.changed, shows_changes),
            shows_changes,
            looked: Instant::now(),
            began: Instant::now(),
        };
        if let Some(journal) = watch.look()? {
            watch.beside = match report::is_held(&watch.path) {
                true => Beside::Live(journal.identity, journal.applied),
                false => Beside::Left(journal.identity, journal.applied),
            };
        }
        Ok(watch)
    }

    /// Whether no journal lay beside the file.
    pub fn saw_no_journal(&self) -> bool {
        matches!(self.beside, Beside::Nothing)
    }

    /// The journal of a writer that lives.
    pub fn live_journal(&self) -> Option<(&DiskFile, Applied)> {
        match self.beside {
            Beside::Live(_, applied) => self.journal.as_ref().map(|file| (file, applied)),
            _ => None,
        }
    }

    /// Looks at the journal, if there is one.
    fn look(&mut self) -> io::Result<Option<JournalSeen>> {
        if let Some(file) = &self.journal {
            let facts = file.facts();
            // It was removed, and there may be another one.
            if !facts.is_ok_and(|facts| facts.links > 0) {
                self.journal = None;
            }
        }
        if self.journal.is_none() {
            match DiskFile::open(&self.path, OpenAs::Read) {
                Ok(file) => self.journal = Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let Some(file) = &self.journal else {
            return Ok(None);
        };
        let mut bytes = [0; OWNER as usize];
        file.read_at(&mut bytes, 0)?;
        let is_used = |place: &u64| {
            let start = *place as usize;
            bytes[start..start + 8] != [0; 8]
        };
        Ok(Some(JournalSeen {
            identity: file.facts()?.identity,
            applied: Applied::decode(&bytes),
            has_commit: COMMIT_HEADERS.iter().any(is_used),
        }))
    }

    /// Whether nobody writes the file, and whoever begins to will be noticed by the time of its last change.
    pub fn is_still(&self) -> bool {
        self.shows_changes && self.is_settled && !matches!(self.beside, Beside::Live(..))
    }

    /// Whether a file that nobody has locked surely holds the commit that was seen of it, so that a call may begin.
    ///
    /// Its end has to ask [`was_undisturbed`](Self::was_undisturbed): a file system of this computer gives a file
    /// another time before it changes a byte of it, and the time that was seen is older than any of now.
    pub fn is_quiet(&mut self, file: &DiskFile) -> bool {
        if !self.is_still() {
            return false;
        }
        self.began = Instant::now();
        if self.began.duration_since(self.looked) < RECENT {
            return true;
        }
        let is_same = file.facts().is_ok_and(|facts| self.is_same(&facts));
        if is_same {
            self.looked = self.began;
        }
        is_same
    }

    /// Whether a call that was found [quiet](Self::is_quiet) began with a look, or right after one, which is enough if it has read nothing of the file since.
    pub fn was_seen_enough(&self) -> bool {
        self.is_still() && self.began.duration_since(self.looked) < JUST_NOW
    }

    /// Compares a file that its reader has locked with what was seen of it.
    pub fn compare(&mut self, file: &DiskFile) -> io::Result<Change> {
        let facts = file.facts()?;
        let is_same = self.is_same(&facts);
        self.looked = Instant::now();
        let is_live = matches!(self.beside, Beside::Live(..));
        let is_quiet = is_same && self.is_settled && !is_live;
        if is_quiet || hooks::mutant(Mutant::IgnoreOtherCommits) {
            return Ok(Change::None);
        }
        let now = self.look()?;
        let change = match (self.beside, &now) {
            (Beside::Nothing, None) if is_same => Change::None,
            (Beside::Live(identity, applied), Some(now)) if identity == now.identity => {
                // Only of a writer that lives is it known that a commit in the journal is not yet in the file.
                let unclear = now.has_commit || now.applied.is_under_way();
                if unclear && !report::is_held(&self.path) {
                    Change::Another
                } else if now.applied.is_under_way() {
                    Change::UnderWay
                } else if now.applied == applied {
                    Change::None
                } else {
                    Change::Another
                }
            }
            (Beside::Left(identity, applied), Some(now))
                if is_same
                    && identity == now.identity
                    && applied == now.applied
                    && !report::is_held(&self.path) =>
            {
                Change::None
            }
            (_, Some(now)) if now.applied.is_under_way() && report::is_held(&self.path) => {
                Change::UnderWay
            }
            _ => Change::Another,
        };
        if change == Change::None {
            self.size = facts.size;
            self.changed = facts.changed;
            self.is_settled = is_long_ago(facts.changed, self.shows_changes);
        }
        Ok(change)
    }

    /// Whether what a call has read is of one commit, the one that was there when it began.
    ///
    /// `is_locked` says that writers that lock were kept out meanwhile: then only those could
    /// change the file that had waited long enough.
    pub fn was_undisturbed(&mut self, file: &DiskFile, is_locked: bool) -> io::Result<bool> {
        if let Beside::Live(identity, applied) = self.beside {
            // One that is in the journal only, or its record, leaves the file as it was.
            let now = self.look()?;
            return Ok(now.is_some_and(|now| {
                now.identity == identity && now.applied.number == applied.number
            }));
        }
        if is_locked && self.looked.elapsed() < SHORT {
            return Ok(true);
        }
        let is_same = self.is_same(&file.facts()?);
        // The look was after that: one reading of the clock serves both.
        self.looked = self.looked.max(self.began);
        // The next call is not to take this look for its own.
        self.is_settled &= is_same;
        Ok(is_same)
    }

    fn is_same(&self, facts: &Facts) -> bool {
        facts.size == self.size && facts.changed == self.changed
    }
}

/// Whether a change now would get another time.
fn is_long_ago(changed: (i64, i64), shows_changes: bool) -> bool {
    if shows_changes {
        return sys::time_of_files().is_ok_and(|now| changed < now);
    }
    let before = SystemTime::now().checked_sub(TICK);
    let before = before.and_then(|before| before.duration_since(UNIX_EPOCH).ok());
    before
        .is_some_and(|before| changed < (before.as_secs() as i64, i64::from(before.subsec_nanos())))
}

/// What no commit has written, as the commit in the file has recorded it: of a writer that lives, by a reader that
/// has locked the file.
pub fn unwritten_beside(journal: &DiskFile, applied: Applied) -> io::Result<Vec<(u64, u64)>> {
    if hooks::mutant(Mutant::ShowUnwritten) {
        return Ok(Vec::new());
    }
    let commit = recovery::load_index(journal)?;
    // One that still waits is not in the file.
    let commit = commit.filter(|(header, _)| header.sequence < applied.commits);
    let record = recovery::load_record(journal)?;
    let newest = match (commit, record) {
        (Some(commit), Some(record)) if commit.0.sequence > record.0.sequence => Some(commit),
        (commit, record) => record.or(commit),
    };
    Ok(newest.map_or_else(Vec::new, |(_, index)| index.unwritten))
}
