//! Looks at a file without changing it.

#![forbid(unsafe_code)]

use super::presence;
use super::recovery::{self, Contents, Hot};
use super::superblock::Superblock;
use super::sys::{DiskFile, OpenAs};
use super::words::{io_error, journal_path};
use crate::error::{Error, Result};
use std::io;
use std::path::Path;

/// What [`check`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The file is its last commit, and nothing lies beside it.
    Clean,
    /// Another program has it open for writing.
    Open,
    /// The journal holds the last commit, which the next opening takes into the file.
    CommitInJournal,
    /// The file holds its last commit, and traces of a step that was not committed.
    Unfinished,
    /// Nothing was committed yet.
    NothingCommitted,
    /// The superblock carries the mark of another program that writes the file, or died writing.
    MarkedOpen,
    /// The file was left in the middle of a commit, and its journal is missing.
    JournalMissing,
    /// The superblock says that the file is longer than it is.
    Truncated,
    /// There is no superblock.
    NotHdf5,
}

/// A finding and the sentence that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The finding.
    pub finding: Finding,
    /// What it means, and what to do.
    pub sentence: String,
}

/// Says in which state a file is, without changing it.
pub fn check(path: &Path) -> Result<Report> {
    let file = DiskFile::open(path, OpenAs::Read).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::not_found(format!("there is no file '{}'", path.display()))
        }
        _ => io_error("open", path, &error),
    })?;
    let failed = |error: io::Error| io_error("read", path, &error);
    let real = std::fs::canonicalize(path).map_err(failed)?;
    let journal = journal_path(&real);
    let name = path.display();
    let report = |finding, sentence: String| Ok(Report { finding, sentence });
    if is_held(&journal) || presence::is_written(&file) {
        return report(
            Finding::Open,
            format!("'{name}' is open for writing in another program"),
        );
    }
    let contents = recovery::examine(&file, &journal).map_err(failed)?;
    let size = file.facts().map_err(failed)?.size;
    match &contents {
        Contents::Hot(hot) => {
            let bytes: u64 = hot.index.extents.iter().map(|extent| extent.length).sum();
            return report(
                Finding::CommitInJournal,
                format!("'{name}' was left in the middle of a commit; its journal holds the rest ({bytes} bytes), and the next opening for writing or `h5sim recover` takes it into the file"),
            );
        }
        Contents::NewFile if is_locked_out(&file) => {
            return report(
                Finding::Open,
                format!("'{name}' is open for writing in another program"),
            );
        }
        Contents::NewFile => {
            return report(
                Finding::NothingCommitted,
                format!("nothing was committed to '{name}'; the next opening for writing or `h5sim recover` empties it"),
            );
        }
        _ => {}
    }
    let found =
        Superblock::locate(size, |buffer, offset| file.read_at(buffer, offset)).map_err(failed)?;
    let Some(superblock) = found else {
        if size == 0 {
            return report(Finding::NothingCommitted, format!("'{name}' is empty"));
        }
        if recovery::is_sealed(&file, size).map_err(failed)? {
            return report(
                Finding::JournalMissing,
                format!("'{name}' was left in the middle of a commit, and '{}', which completes it, is missing or is not its journal; put both files together again", journal.display()),
            );
        }
        return report(Finding::NotHdf5, format!("'{name}' is not an HDF5 file"));
    };
    if superblock.end > size {
        return report(
            Finding::Truncated,
            format!(
                "'{name}' should have {} bytes and has {size}: a part of it is lost",
                superblock.end
            ),
        );
    }
    if superblock.marked_open {
        return report(Finding::MarkedOpen, words_of_mark(path));
    }
    match contents {
        Contents::Missing if superblock.end == size => {
            report(Finding::Clean, format!("'{name}' is whole, and nothing waits to be recovered"))
        }
        Contents::Foreign => report(
            Finding::Unfinished,
            format!("'{name}' holds its last commit; the journal beside it belongs to another file, or to an earlier state of this one, and will be set aside"),
        ),
        _ => report(
            Finding::Unfinished,
            format!("'{name}' holds its last commit; its writer ended without closing it, and the next opening for writing or `h5sim recover` removes what is left of the step that was under way"),
        ),
    }
}

/// What is told of a file that says that it is being written.
pub fn words_of_mark(path: &Path) -> String {
    let name = path.display();
    format!("'{name}' is marked as open for writing: another program has it open, or died with it open; if none has it open, clear the mark with `h5clear -s '{name}'`, and check the content")
}

/// Whether a living writer holds the journal.
pub fn is_held(journal: &Path) -> bool {
    DiskFile::open(journal, OpenAs::Read).is_ok_and(|file| is_locked_out(&file))
}

/// Whether somebody has locked a file for himself.
fn is_locked_out(file: &DiskFile) -> bool {
    file.lock(libc::LOCK_SH)
        .is_err_and(|error| error.raw_os_error() == Some(libc::EWOULDBLOCK))
}

/// How a file can be read right now.
#[derive(Debug)]
pub enum Readability {
    /// By itself.
    Plain,
    /// By itself, beside a writer that lives; what no commit has written may have any bytes.
    Beside,
    /// Together with the journal that its dead writer left.
    ThroughJournal(Box<Hot>),
    /// Not yet: its writer is in the middle of a commit.
    Wait,
    /// Not at all: nothing was committed.
    Nothing,
}

/// Says how a file that this process does not write can be read.
pub fn readability(file: &DiskFile, journal: &Path) -> io::Result<Readability> {
    if is_held(journal) {
        let size = file.facts()?.size;
        let whole = Superblock::locate(size, |buffer, at| file.read_at(buffer, at))?.is_some();
        return Ok(match !whole && recovery::is_sealed(file, size)? {
            true => Readability::Wait,
            // A commit, or nothing that is HDF5 yet.
            false => Readability::Beside,
        });
    }
    Ok(by(recovery::examine(file, journal)?))
}

/// The same of a file beside which there is no journal.
pub fn readability_alone(file: &DiskFile) -> io::Result<Readability> {
    Ok(by(recovery::without_commit(file, Contents::Missing)?))
}

fn by(contents: Contents) -> Readability {
    match contents {
        Contents::Hot(hot) | Contents::Unwritten(hot) => Readability::ThroughJournal(Box::new(hot)),
        Contents::NewFile => Readability::Nothing,
        _ => Readability::Plain,
    }
}
