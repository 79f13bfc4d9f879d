//! HDF5's error stack, turned into one sentence.

use super::collect::Collector;
use crate::error::{Error, Result, Status};
use crate::journal;
use hdf5_sys::h5e::{H5E_direction_t, H5E_error2_t, H5Eclear2, H5Ewalk2, H5E_DEFAULT, H5E_NOSPACE};
use std::ffi::{c_uint, c_void, CStr};

/// One entry of HDF5's error stack.
struct Reason {
    description: String,
    /// Whether it says that there was no memory.
    is_memory: bool,
}

/// The descriptions on HDF5's error stack, the innermost first. The stack is emptied.
fn reasons() -> Vec<Reason> {
    unsafe extern "C" fn collect(_: c_uint, error: *const H5E_error2_t, list: *mut c_void) -> i32 {
        // SAFETY: HDF5 passes a valid entry, and `list` is the walk below.
        let (text, minor, walk) = unsafe {
            if (*error).desc.is_null() {
                return 0;
            }
            let walk = &mut *list.cast::<Collector<Vec<Reason>>>();
            (CStr::from_ptr((*error).desc), (*error).min_num, walk)
        };
        walk.go(|list| {
            list.push(Reason {
                description: text.to_string_lossy().into_owned(),
                is_memory: minor == *H5E_NOSPACE,
            });
        })
    }
    // Not `lock`, which may say something to HDF5: that would empty the stack.
    let _lock = hdf5_sys::LOCK.lock();
    let mut list: Collector<Vec<Reason>> = Collector::new(Vec::new());
    // SAFETY: the callback gets the list for as long as the walk lasts.
    unsafe {
        H5Ewalk2(
            H5E_DEFAULT,
            H5E_direction_t::H5E_WALK_UPWARD,
            Some(collect),
            std::ptr::from_mut(&mut list).cast(),
        );
        H5Eclear2(H5E_DEFAULT);
    }
    list.end()
}

/// After a call that fails where nothing is: whether that may be the reason, and not the disk, the memory or a defect.
///
/// What is there but damaged passes for nothing; who has to know looks again.
pub fn nothing_there(what: &str) -> Result<()> {
    let error = told(what, reasons());
    match error.status {
        Status::Io | Status::Internal => Err(error),
        _ => Ok(()),
    }
}

/// What a caller asked for that HDF5 cannot hold, by HDF5's words and in ours.
const LIMITS: [(&str, &str); 2] = [
    (
        "size of dataset's storage overflowed",
        "its elements would take more bytes than can be counted; give it chunks",
    ),
    (
        "object header message is too large",
        "with its name, type and shape it would take 65,536 bytes or more, HDF5 takes fewer: write a dataset",
    ),
];

/// The error of a call that failed, with HDF5's innermost reason.
///
/// What the operating system refused is `Io`, or `Locked` where it was a lock; what is larger than
/// HDF5 can hold is `Shape`; what is wrong in the file is `Format`.
pub fn failure(what: &str) -> Error {
    told(what, reasons())
}

fn told(what: &str, reasons: Vec<Reason>) -> Error {
    if let Some(error) = journal::take_failure() {
        // The file driver is ours: its own words are better than what HDF5 made of them.
        return error.within(format_args!("{what} failed"));
    }
    let innermost = reasons
        .first()
        .map_or("", |reason| reason.description.as_str());
    if let Some((_, reason)) = LIMITS.iter().find(|limit| innermost.contains(limit.0)) {
        return Error::shape(format!("{what} failed: {reason}"));
    }
    let errno = errno(innermost);
    let status = match errno {
        Some(_) if innermost.contains("unable to lock file") => Status::Locked,
        Some(_) => Status::Io,
        None if reasons.first().is_some_and(|reason| reason.is_memory) => Status::Io,
        None if innermost.contains("conversion") => Status::Type,
        // Where something is wrong in the file, it says what.
        None if reasons.is_empty() => Status::Internal,
        None => Status::Format,
    };
    // The operating system's words, where it was the operating system; the rest is HDF5's bookkeeping.
    let reason = match errno {
        Some(errno) => os_words(errno),
        None => innermost.trim().to_owned(),
    };
    Error {
        status,
        message: if reason.is_empty() {
            format!("{what} failed")
        } else {
            format!("{what} failed: {reason}")
        },
    }
}

/// The errno that HDF5 quotes in a description.
fn errno(reason: &str) -> Option<i32> {
    let digits = reason.split("errno = ").nth(1)?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok().filter(|&errno| errno != 0)
}

/// What the operating system calls an error, without Rust's number behind it.
pub fn os_words(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errno_is_found_in_hdf5s_words() {
        let text =
            "file write failed: time = Sun, filename = 'a', errno = 28, error message = 'No space'";
        assert_eq!(errno(text), Some(28));
        assert_eq!(errno("wrong B-tree signature"), None);
        assert_eq!(os_words(28), "No space left on device");
    }
}
