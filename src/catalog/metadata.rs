//! What one file holds: its metadata and whether its run is finished.

#![forbid(unsafe_code)]

use super::{plain, tape, FINISHED};
use crate::error::{Error, Result, Status};
use crate::file::OpenFile;
use crate::journal;
use crate::store::strided::Capacity;
use crate::store::{Dtype, Open};
use std::fs::{self, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// A run's metadata.
    Run {
        /// The JSON text as it is in the file.
        text: String,
        /// The same as a tape.
        tape: Vec<u8>,
        /// Whether the run is marked as finished.
        finished: bool,
    },
    /// HDF5 without metadata, or HDF5 that cannot be read: why.
    Foreign(String),
    /// No HDF5.
    NotHdf5,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When the content changed, in nanoseconds since 1970.
    pub modified: i64,
    /// When anything about it changed, which no program can set.
    pub changed: i64,
    /// The inode: a file put in its place by renaming has another.
    pub inode: u64,
}

impl Stamp {
    /// The state that the operating system tells of.
    pub fn of(facts: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000) + rest;
        Self {
            size: facts.size(),
            modified: nanoseconds(facts.mtime(), facts.mtime_nsec()),
            changed: nanoseconds(facts.ctime(), facts.ctime_nsec()),
            inode: facts.ino(),
        }
    }

    /// The state of a journal beside a file, if there is one.
    pub fn of_journal(path: &Path) -> Option<Self> {
        let is_link = fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink());
        let journal = match is_link {
            // The journal lies beside the file itself.
            true => journal::journal_path(&fs::canonicalize(path).ok()?),
            false => journal::journal_path(path),
        };
        let facts = fs::metadata(journal).ok()?;
        Some(Self::of(&facts))
    }
}

/// Reads what a file holds; `meta` is the path of its metadata.
///
/// Without HDF5 where the file is as usual; HDF5 takes over otherwise. Of a file that is being
/// written its last commit is read, in the process that writes it too.
///
/// # Errors
/// `NotFound` when the file is gone; `Io`; `Locked` when it is being written and cannot be read now.
pub fn read(path: &Path, meta: &str) -> Result<FileContent> {
    let failed = |error: std::io::Error| {
        let text = format!("cannot read '{}': {error}", path.display());
        match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(text),
            _ => Error::io(text),
        }
    };
    // To open a pipe would wait for its other end.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Ok(FileContent::NotHdf5);
    }
    let file = fs::File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    let state = |facts: &Metadata| (Stamp::of(facts), Stamp::of_journal(path));
    let before = state(&facts);
    let is_written_here = journal::is_written_here(facts.dev(), facts.ino());
    // A dead writer's journal may hold a commit that the file has not.
    let holds_last_commit =
        before.1.is_none() || is_written_here || journal::holds_last_commit(path);
    if holds_last_commit {
        if let Some(found) = plain::read(&file, facts.size(), meta) {
            // A commit may have begun meanwhile: then what was read may be of two.
            if before == state(&file.metadata().map_err(failed)?) {
                return Ok(checked(found.text, found.finished, meta));
            }
        }
    }
    if is_written_here {
        return Err(Error::locked(format!(
            "'{}' is being written by this process",
            path.display()
        )));
    }
    if before.1.is_none() && !is_hdf5(&file, facts.size()).map_err(failed)? {
        return Ok(FileContent::NotHdf5);
    }
    by_hdf5(path, meta)
}

/// A run, if the text is JSON.
fn checked(text: String, finished: bool, meta: &str) -> FileContent {
    match crate::json::parse(&text) {
        Ok(document) => FileContent::Run {
            tape: tape::encode(&document),
            text,
            finished,
        },
        Err(error) => FileContent::Foreign(format!("'{meta}' is not JSON: {}", error.message)),
    }
}

/// Whether a file has HDF5's signature at one of the places where it may be.
fn is_hdf5(file: &fs::File, size: u64) -> std::io::Result<bool> {
    let mut place = 0;
    let mut found = [0; 8];
    while place + found.len() as u64 <= size {
        file.read_exact_at(&mut found, place)?;
        if found == *journal::SIGNATURE.as_slice() {
            return Ok(true);
        }
        place = if place == 0 { 512 } else { place * 2 };
    }
    Ok(false)
}

fn by_hdf5(path: &Path, meta: &str) -> Result<FileContent> {
    let Some(name) = path.to_str() else {
        return Ok(FileContent::Foreign("its name is not UTF-8".to_owned()));
    };
    let file = match OpenFile::glance(name, &Open::new()) {
        Ok(file) => file,
        Err(error) if matches!(error.status, Status::Format | Status::Unsupported) => {
            return Ok(FileContent::Foreign(error.message))
        }
        Err(error) => return Err(error),
    };
    let text = file.read_text(meta);
    let finished = match &text {
        Ok(_) => is_marked(&file)?,
        Err(_) => false,
    };
    // Nothing was written, so that closing has nothing to fail at that would matter.
    let _ = file.close();
    match text {
        Ok(text) => Ok(checked(text, finished, meta)),
        Err(error) if error.status == Status::Io => Err(error),
        Err(error) => Ok(FileContent::Foreign(error.message)),
    }
}

/// Whether a file is marked as that of a finished run.
fn is_marked(file: &OpenFile) -> Result<bool> {
    let mut mark = [0; 1];
    let mut room = Capacity::new(&mut mark[..], 1);
    match file.get_attribute("/", FINISHED, Dtype::I8, &mut room) {
        Ok(()) => Ok(mark[0] != 0),
        Err(error) if error.status == Status::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
