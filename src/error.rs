//! Status codes, and the one error type of the whole library.

#![forbid(unsafe_code)]

use std::ffi::CStr;
use std::fmt::{self, Write};

/// What kind of failure it was, so that a caller can act on it.
///
/// The values are those of the `H5SIM_ERR_*` constants of the C interface.
///
/// ```
/// use h5sim::Status;
/// let is_missing = |error: h5sim::Error| error.kind() == Status::NotFound;
/// assert!(is_missing(h5sim::File::open("/nothing/there.h5", h5sim::Mode::Read).unwrap_err()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// An argument makes no sense: NULL, an unknown option, invalid UTF-8.
    Argument = -1,
    /// A handle that is not that of an open file or a live document.
    Handle = -2,
    /// The file, object, attribute or JSON member is not there.
    NotFound = -3,
    /// Something is there already and was not to be overwritten.
    Exists = -4,
    /// Ranks, extents or counts do not fit each other.
    Shape = -5,
    /// The element types cannot be converted, or the object is of another kind.
    Type = -6,
    /// The text is not JSON or YAML, or cannot be represented.
    Json = -7,
    /// The operating system refused to read or write.
    Io = -8,
    /// The file is not HDF5, or it is damaged.
    Format = -9,
    /// Another process or handle holds the file.
    Locked = -10,
    /// The file was opened for reading only, or may not be written.
    ReadOnly = -11,
    /// Valid, but this build cannot do it.
    Unsupported = -12,
    /// A defect of this library: please report it.
    Internal = -13,
}

impl Status {
    /// Every failure, in the order of the values.
    ///
    /// ```
    /// assert!(h5sim::Status::ALL.contains(&h5sim::Status::Io));
    /// ```
    pub const ALL: [Status; 13] = [
        Status::Argument,
        Status::Handle,
        Status::NotFound,
        Status::Exists,
        Status::Shape,
        Status::Type,
        Status::Json,
        Status::Io,
        Status::Format,
        Status::Locked,
        Status::ReadOnly,
        Status::Unsupported,
        Status::Internal,
    ];

    /// The value that crosses the C boundary.
    ///
    /// ```
    /// assert_eq!(h5sim::Status::Argument.code(), -1);
    /// ```
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The name of the C constant.
    ///
    /// ```
    /// assert_eq!(h5sim::Status::NotFound.c_name(), c"H5SIM_ERR_NOT_FOUND");
    /// ```
    pub const fn c_name(self) -> &'static CStr {
        match self {
            Status::Argument => c"H5SIM_ERR_ARGUMENT",
            Status::Handle => c"H5SIM_ERR_HANDLE",
            Status::NotFound => c"H5SIM_ERR_NOT_FOUND",
            Status::Exists => c"H5SIM_ERR_EXISTS",
            Status::Shape => c"H5SIM_ERR_SHAPE",
            Status::Type => c"H5SIM_ERR_TYPE",
            Status::Json => c"H5SIM_ERR_JSON",
            Status::Io => c"H5SIM_ERR_IO",
            Status::Format => c"H5SIM_ERR_FORMAT",
            Status::Locked => c"H5SIM_ERR_LOCKED",
            Status::ReadOnly => c"H5SIM_ERR_READ_ONLY",
            Status::Unsupported => c"H5SIM_ERR_UNSUPPORTED",
            Status::Internal => c"H5SIM_ERR_INTERNAL",
        }
    }
}

/// A failure: its kind, and one sentence for the person who reads it.
///
/// ```
/// let error = h5sim::File::open("/nothing/there.h5", h5sim::Mode::Read).unwrap_err();
/// let shown: Box<dyn std::error::Error> = Box::new(error.clone());
/// assert_eq!(shown.to_string(), error.message);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind, for the caller to act on.
    pub status: Status,
    /// One sentence that names the file, the object, what was expected and what was found.
    pub message: String,
}

/// The result of everything that can fail.
///
/// ```
/// fn steps(text: &str) -> h5sim::Result<u32> {
///     h5sim::from_json(text)
/// }
/// assert_eq!(steps("3"), Ok(3));
/// ```
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $status:ident;)*) => {
        impl Error {
            $($(#[$doc])* #[doc(hidden)] pub fn $name(message: impl Into<String>) -> Self {
                Self { status: Status::$status, message: message.into() }
            })*
        }
    };
}

constructors! {
    /// An argument makes no sense.
    argument => Argument;
    /// A handle that is not live.
    handle => Handle;
    /// Something named is not there.
    not_found => NotFound;
    /// Something is there already.
    exists => Exists;
    /// Ranks, extents or counts do not fit.
    shape => Shape;
    /// Types do not fit.
    type_ => Type;
    /// A text is not JSON or YAML.
    json => Json;
    /// Reading or writing failed.
    io => Io;
    /// Not HDF5, or damaged.
    format => Format;
    /// Held by another writer.
    locked => Locked;
    /// Opened or kept for reading only.
    read_only => ReadOnly;
    /// Not in this build.
    unsupported => Unsupported;
    /// A defect of this library.
    internal => Internal;
}

impl Error {
    /// What kind of failure it was.
    ///
    /// ```
    /// let error = h5sim::from_json::<u8>("{").unwrap_err();
    /// assert_eq!(error.kind(), h5sim::Status::Json);
    /// ```
    pub fn kind(&self) -> Status {
        self.status
    }

    /// Puts where it happened before the sentence: `context: message`.
    ///
    /// ```
    /// let error = h5sim::from_json::<u8>("{").unwrap_err().within("parameters.json");
    /// assert!(error.to_string().starts_with("parameters.json: "));
    /// ```
    #[must_use]
    pub fn within(mut self, context: impl fmt::Display) -> Self {
        let message = match self.message.is_empty() {
            true => "no memory for a chunk",
            false => &self.message,
        };
        self.message = format!("{context}: {message}");
        self
    }

    /// There is no memory for a chunk of so many bytes. A thread that works for others may have none for the sentence either, and the allocator
    /// ends the process where it is asked for it in vain: then the words are left to [`within`](Self::within), by the thread that has called.
    pub(crate) fn no_memory(bytes: usize) -> Self {
        let mut message = String::new();
        if message.try_reserve_exact(LONGEST_REFUSAL).is_ok() {
            let _ = write!(message, "no memory for a chunk of {bytes} bytes");
        }
        Self {
            status: Status::Io,
            message,
        }
    }
}

/// Bytes of that sentence, with the largest number.
const LONGEST_REFUSAL: usize = 64;

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_negative_distinct_and_in_order() {
        let codes: Vec<i32> = Status::ALL.iter().map(|status| status.code()).collect();
        assert_eq!(codes, (1..=13).map(|n| -n).collect::<Vec<_>>());
    }

    #[test]
    fn within_puts_the_place_first() {
        let error = Error::shape("rank 2, expected 3").within("dataset 'a'");
        assert_eq!(error.status, Status::Shape);
        assert_eq!(error.to_string(), "dataset 'a': rank 2, expected 3");
        let error = Error::no_memory(usize::MAX);
        assert_eq!(error.message.capacity(), LONGEST_REFUSAL);
        let without_words = Error::io(String::new()).within("dataset 'a'");
        assert_eq!(without_words.message, "dataset 'a': no memory for a chunk");
    }
}
