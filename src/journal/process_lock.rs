//! A lock of a process on a file, which ends with the process and is not inherited by a forked one.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// Takes the lock without waiting; `false` says that another process has it.
///
/// It is the process's: another opening of the same file in this process does not see it, and ends it
/// when it is closed. On a network file system it holds among the machines as well.
pub fn take(file: &File) -> io::Result<bool> {
    // SAFETY: a plain structure, for which zeros mean the whole file.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = libc::F_WRLCK as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    // SAFETY: an open descriptor, and a range that the call only reads.
    let status = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &range) };
    if status == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EAGAIN | libc::EACCES) => Ok(false),
        _ => Err(error),
    }
}
