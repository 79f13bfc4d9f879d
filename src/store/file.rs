//! Files: opening, committing, closing.

#![forbid(unsafe_code)]

use super::direct::Reader;
use super::h5::{self, Id, Libver, Locking};
use super::options::Options;
use crate::error::{Error, Result, Status};
use std::io::ErrorKind;
use std::sync::Arc;

/// How a file is opened, in h5py's letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
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
    fn parse(mode: &str) -> Result<Self> {
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

/// The options of `h5sim_open`.
struct OpenOptions {
    libver: Libver,
    locking: Locking,
    threads: usize,
}

impl OpenOptions {
    fn parse(text: &str) -> Result<Self> {
        let options = Options::parse(
            text,
            &["libver", "durability", "autocommit", "locking", "threads"],
        )?;
        let libver = options.choice(
            "libver",
            &[("earliest", Libver::Earliest), ("latest", Libver::Latest)],
        )?;
        let locking = match options.get("locking") {
            Some(crate::json::Value::Bool(true)) => Locking::On,
            Some(crate::json::Value::Bool(false)) => Locking::Off,
            _ => {
                let choice = options.choice("locking", &[("best-effort", Locking::BestEffort)])?;
                choice.unwrap_or(Locking::BestEffort)
            }
        };
        options.choice("durability", &[("none", ()), ("kill", ()), ("power", ())])?;
        if options
            .number("autocommit")?
            .is_some_and(|seconds| seconds.is_nan() || seconds < 0.0)
        {
            return Err(Error::argument(
                "option 'autocommit' is not a number of seconds, expected 0 or more",
            ));
        }
        Ok(Self {
            libver: libver.unwrap_or(Libver::Earliest),
            locking,
            threads: options.threads()?,
        })
    }
}

/// An open file.
#[derive(Debug)]
pub struct File {
    pub(super) id: Id,
    path: String,
    writable: bool,
    /// The process that opened it: one that is forked later shares the file, but must not write it.
    process: u32,
    pub(super) threads: usize,
    reader: Option<Arc<Reader>>,
}

impl File {
    /// Opens or creates a file; `mode` and `options` are those of `h5sim_open`.
    pub fn open(path: &str, mode: &str, options: &str) -> Result<Self> {
        let mode = Mode::parse(mode)?;
        let options = OpenOptions::parse(options)?;
        let _lock = h5::lock();
        let access = h5::file_access(options.libver, options.locking)?;
        let exists = look_at(path, mode)?;
        let opened = match (mode, exists) {
            (Mode::Read, _) => h5::open_file(path, false, &access),
            (Mode::ReadWrite, _) | (Mode::Append, true) => h5::open_file(path, true, &access),
            (Mode::Create | Mode::Append, _) => h5::create_file(path, false, &access),
            (Mode::CreateNew, _) => h5::create_file(path, true, &access),
        };
        let id = opened.map_err(|error| explain(path, mode, exists, error))?;
        // What is only read does not change: it can be read without HDF5.
        let descriptor = (mode == Mode::Read).then(|| h5::descriptor(&id)).flatten();
        let reader = descriptor.map(|file| Arc::new(Reader::new(path, file, options.threads)));
        Ok(Self {
            id,
            path: path.to_owned(),
            writable: mode != Mode::Read,
            process: std::process::id(),
            threads: options.threads,
            reader,
        })
    }

    /// What reads datasets without HDF5, of a file that is only read.
    pub fn reader(&self) -> Option<&Arc<Reader>> {
        self.reader.as_ref()
    }

    /// Runs one call of the interface on this file: alone, and with the file's name in its errors.
    pub fn serve<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let _lock = h5::lock();
        body(self).map_err(|error| error.within(&self.path))
    }

    /// Fails unless the file may be written.
    pub(super) fn require_writable(&self) -> Result<()> {
        if self.writable {
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
        h5::flush_file(&self.id)
    }

    /// Commits and closes the file.
    pub fn close(self) -> Result<()> {
        let _lock = h5::lock();
        let Self { id, path, .. } = self;
        h5::close_file(id).map_err(|error| error.within(path))
    }

    /// Closes the file because the process exits; nobody is left to be told of a failure.
    pub fn close_at_exit(self) {
        if self.process == std::process::id() {
            let _ = self.close();
        } else {
            // It is the parent's, who still writes it.
            std::mem::forget(self);
        }
    }
}

/// What the file system says before HDF5 is asked, so that the plain mistakes get plain words.
/// Gives whether the file exists.
fn look_at(path: &str, mode: Mode) -> Result<bool> {
    if path.is_empty() {
        return Err(Error::argument("path is empty, expected that of a file"));
    }
    let refuse = |status, message: String| Err(Error { status, message });
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            refuse(Status::Io, format!("{path}: is a folder, expected a file"))
        }
        Ok(_) if mode == Mode::CreateNew => refuse(
            Status::Exists,
            format!("{path}: the file exists, and mode w- does not overwrite"),
        ),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if matches!(mode, Mode::Read | Mode::ReadWrite) {
                return refuse(Status::NotFound, format!("{path}: no such file"));
            }
            let folder = std::path::Path::new(path).parent();
            match folder {
                Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => refuse(
                    Status::NotFound,
                    format!("{path}: there is no folder '{}'", folder.display()),
                ),
                _ => Ok(false),
            }
        }
        Err(error) => refuse(
            Status::Io,
            format!(
                "{path}: {}",
                h5::os_words(error.raw_os_error().unwrap_or(0))
            ),
        ),
    }
}

/// Says in the words of the interface why a file could not be opened.
fn explain(path: &str, mode: Mode, exists: bool, error: Error) -> Error {
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
