//! The names and sentences that all parts of the journal share.

#![forbid(unsafe_code)]

use crate::error::Error;
use std::io;
use std::path::{Path, PathBuf};

/// Where the journal of a file lies: beside it, under its name and `-journal`.
pub fn journal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    PathBuf::from(name)
}

/// An I/O error as a sentence about a file.
pub fn io_error(doing: &str, path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::OutOfMemory {
        return Error::io(format!("no memory to {doing} '{}'", path.display()));
    }
    Error::io(format!("cannot {doing} '{}': {error}", path.display()))
}

/// That a file was opened by the process from which this one was forked.
pub fn opened_before_fork(path: &Path) -> Error {
    Error::handle(format!(
        "'{}' was opened before fork: only the parent process may use it; open it again here",
        path.display()
    ))
}

/// Room for `length` bytes, or the error that there is no memory for them.
pub fn zeroed(length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    bytes.resize(length, 0);
    Ok(bytes)
}

/// A copy of bytes, or the error that there is no memory for it.
pub fn copied(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(data.len())
        .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    bytes.extend_from_slice(data);
    Ok(bytes)
}
