//! What opening a file takes: modes, and plain words for plain mistakes.

#![forbid(unsafe_code)]

use super::h5;
use crate::error::{Error, Result, Status};
use crate::journal::Durability;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

/// How a file is opened, in h5py's letters.
///
/// ```
/// use h5sim::Mode;
/// assert_eq!(Mode::parse("r+"), Ok(Mode::ReadWrite));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `r`
    Read,
    /// `r+`
    ReadWrite,
    /// `w`
    Create,
    /// `w-` or `x`
    CreateNew,
    /// `a`
    Append,
}

impl Mode {
    /// Reads a mode.
    ///
    /// ```
    /// assert!(h5sim::Mode::parse("rw").is_err());
    /// ```
    pub fn parse(mode: &str) -> Result<Self> {
        Ok(match mode {
            "r" => Mode::Read,
            "r+" => Mode::ReadWrite,
            "w" => Mode::Create,
            "w-" | "x" => Mode::CreateNew,
            "a" => Mode::Append,
            other => {
                return Err(Error::argument(format!(
                    "mode is '{other}', expected r, r+, w, w-, x or a"
                )))
            }
        })
    }
}

/// The durabilities by their names in the options.
pub const DURABILITIES: [(&str, Durability); 3] = [
    ("none", Durability::None),
    ("kill", Durability::Kill),
    ("power", Durability::Power),
];

/// What the options call a durability.
pub fn durability_name(durability: Durability) -> &'static str {
    let named = DURABILITIES.iter().find(|named| named.1 == durability);
    named.map_or("", |named| named.0)
}

/// What is at the name of a file that many ranks open.
#[cfg(feature = "mpi")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    There,
    /// Nothing, so that the file can be made by whoever makes it first.
    Nothing,
    /// A link to where nothing is, by which a system makes no file that must be new.
    LinkToNothing,
}

#[cfg(feature = "mpi")]
impl Found {
    /// What has this number, as ranks tell it.
    pub fn from_number(number: u64) -> Self {
        let all = [Found::There, Found::Nothing, Found::LinkToNothing];
        let found = all.into_iter().find(|&found| found as u64 == number);
        found.unwrap_or(Found::There)
    }
}

/// The error where another program has made the file between a look at its name and its making.
#[cfg(feature = "mpi")]
pub fn made_elsewhere(path: &str, mode: Mode) -> Error {
    match mode {
        Mode::CreateNew => exists_already(path),
        _ => Error::locked(format!("{path}: another program makes the file just now")),
    }
}

fn exists_already(path: &str) -> Error {
    Error::exists(format!(
        "{path}: the file exists, and mode w- does not overwrite"
    ))
}

/// What the file system says before HDF5 is asked, so that the plain mistakes get plain words.
/// Gives the device and the inode of the file; None if there is no file.
pub fn look_at(path: &str, mode: Mode) -> Result<Option<(u64, u64)>> {
    if path.is_empty() {
        return Err(Error::argument("path is empty, expected that of a file"));
    }
    let refuse = |status, message: String| Err(Error { status, message });
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            refuse(Status::Io, format!("{path}: is a folder, expected a file"))
        }
        Ok(_) if mode == Mode::CreateNew => Err(exists_already(path)),
        Ok(metadata) => Ok(Some((metadata.dev(), metadata.ino()))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if matches!(mode, Mode::Read | Mode::ReadWrite) {
                return refuse(Status::NotFound, format!("{path}: no such file"));
            }
            let folder = std::path::Path::new(path).parent();
            let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) else {
                return Ok(None);
            };
            match std::fs::metadata(folder) {
                Ok(metadata) if metadata.is_dir() => Ok(None),
                Err(error) if error.kind() != ErrorKind::NotFound => refuse_to_look(path, &error),
                _ => refuse(
                    Status::NotFound,
                    format!("{path}: there is no folder '{}'", folder.display()),
                ),
            }
        }
        Err(error) => refuse_to_look(path, &error),
    }
}

/// The error where the system does not say what is there.
fn refuse_to_look<T>(path: &str, error: &std::io::Error) -> Result<T> {
    let reason = h5::os_words(error.raw_os_error().unwrap_or(0));
    Err(Error::io(format!("{path}: {reason}")))
}

/// Says in the words of the interface why a file could not be opened.
pub fn explain(path: &str, mode: Mode, exists: bool, error: Error) -> Error {
    if error.message.contains(path) {
        // The journal's own words, which say it all.
        return error;
    }
    let message = error.message.to_lowercase();
    let writing = mode != Mode::Read;
    let denied = |error: &std::io::Error| {
        matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
        )
    };
    if error.status == Status::Locked || message.contains("already open") {
        return Error::locked(format!(
            "{path}: it is open elsewhere in a way that does not fit mode {}: close it there first",
            mode_name(mode)
        ));
    }
    if exists {
        let opened = std::fs::OpenOptions::new()
            .read(true)
            .write(writing)
            .open(path);
        match opened {
            Err(reason) if denied(&reason) && writing => {
                return Error::read_only(format!("{path}: the file may not be written"))
            }
            Err(reason) => {
                let words = h5::os_words(reason.raw_os_error().unwrap_or(0));
                return Error::io(format!("{path}: {words}"));
            }
            Ok(_) if error.status == Status::Format => {
                return Error::format(format!(
                    "{path}: not an HDF5 file, or a damaged one ({})",
                    error.message
                ))
            }
            Ok(_) => {}
        }
    } else if message.contains("permission denied") || message.contains("read-only file system") {
        return Error::read_only(format!("{path}: files may not be written there"));
    }
    error.within(path)
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Read => "r",
        Mode::ReadWrite => "r+",
        Mode::Create => "w",
        Mode::CreateNew => "w-",
        Mode::Append => "a",
    }
}
