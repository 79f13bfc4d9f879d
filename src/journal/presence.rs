//! Tells that a file is open where no `flock` does: for reading, since between two calls a reader of ours holds none, so that
//! writers can go on, but the file must not be emptied under it; for writing, before there is a journal, since the lock that a writer shares with readers does
//! not tell it from them; and for writing on behalf of another process.
//!
//! It is a lock far behind the end of any file, of the kind that belongs to an opening of the file. `flock` and HDF5 do
//! not see it. Only local file systems keep the two kinds apart, so that it is taken on these only.

use super::locking::Locking;
use super::sys::DiskFile;
use std::mem::zeroed;

/// The byte that readers lock. No file is that long.
#[cfg(target_os = "linux")]
const READERS: libc::off_t = 1 << 62;
/// The byte that those lock who write for the process that has the file open.
#[cfg(target_os = "linux")]
const BORROWERS: libc::off_t = READERS + 1;
/// The byte that the writer locks for itself.
#[cfg(target_os = "linux")]
const WRITER: libc::off_t = READERS + 2;

/// Says that the file is open for reading, until it is closed.
pub fn announce(file: &DiskFile, locking: Locking) {
    #[cfg(target_os = "linux")]
    if locking.is_on() && is_local(file) {
        // Where it cannot be had the file can be emptied under its reader.
        let _ = lock(file, READERS, libc::F_OFD_SETLK, libc::F_RDLCK);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, locking);
}

/// Takes back what was announced; a copy of the descriptor in a child would keep it.
pub fn withdraw(file: &DiskFile, locking: Locking) {
    #[cfg(target_os = "linux")]
    if locking.is_on() && is_local(file) {
        let _ = lock(file, READERS, libc::F_OFD_SETLK, libc::F_UNLCK);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, locking);
}

/// Whether another opening has announced itself.
pub fn is_announced(file: &DiskFile, locking: Locking) -> bool {
    #[cfg(target_os = "linux")]
    {
        is_locked(file, READERS, locking)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, locking);
        false
    }
}

/// Says that this opening writes the file; false if another one has said so, None where it cannot be said.
pub fn announce_writer(file: &DiskFile, locking: Locking) -> Option<bool> {
    #[cfg(target_os = "linux")]
    {
        let can_be_told = locking.is_on() && is_local(file);
        can_be_told.then_some(())?;
        match lock(file, WRITER, libc::F_OFD_SETLK, libc::F_WRLCK) {
            Some(_) => Some(true),
            None => is_written(file).then_some(false),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, locking);
        None
    }
}

/// Takes that back; a copy of the descriptor in a child would keep it.
pub fn withdraw_writer(file: &DiskFile) {
    #[cfg(target_os = "linux")]
    let _ = lock(file, WRITER, libc::F_OFD_SETLK, libc::F_UNLCK);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

/// Whether another opening says that it writes the file; those are told as well that do not lock.
pub fn is_written(file: &DiskFile) -> bool {
    #[cfg(target_os = "linux")]
    {
        is_locked(file, WRITER, Locking::BestEffort)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        false
    }
}

/// Says, until the file is closed, that this opening writes for the process that has the file open; whether that can be said.
pub fn announce_borrower(file: &DiskFile, locking: Locking) -> bool {
    #[cfg(target_os = "linux")]
    {
        locking.is_on()
            && is_local(file)
            && lock(file, BORROWERS, libc::F_OFD_SETLK, libc::F_RDLCK).is_some()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, locking);
        false
    }
}

/// Whether another opening writes for the process that has the file open, or had.
pub fn is_borrowed(file: &DiskFile, locking: Locking) -> bool {
    #[cfg(target_os = "linux")]
    {
        is_locked(file, BORROWERS, locking)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, locking);
        false
    }
}

#[cfg(target_os = "linux")]
fn is_locked(file: &DiskFile, place: libc::off_t, locking: Locking) -> bool {
    locking.is_on()
        && is_local(file)
        && lock(file, place, libc::F_OFD_GETLK, libc::F_WRLCK)
            .is_some_and(|found| found.l_type != libc::F_UNLCK as libc::c_short)
}

#[cfg(target_os = "linux")]
fn lock(
    file: &DiskFile,
    place: libc::off_t,
    operation: libc::c_int,
    kind: libc::c_int,
) -> Option<libc::flock> {
    let number = file.number().ok()?;
    // SAFETY: a plain structure, of which zeros are valid.
    let mut range: libc::flock = unsafe { zeroed() };
    range.l_type = kind as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    range.l_start = place;
    range.l_len = 1;
    // SAFETY: an open descriptor, and a structure that lives through the call.
    let status = unsafe { libc::fcntl(number, operation, &mut range) };
    (status == 0).then_some(range)
}

/// Whether the file lies on a file system of this computer that keeps the kinds of locks apart, and gives a file the time
/// of a change before it makes it.
#[cfg(target_os = "linux")]
pub fn is_local(file: &DiskFile) -> bool {
    file.is_on_local(|| is_on_local_file_system(file))
}

#[cfg(target_os = "linux")]
fn is_on_local_file_system(file: &DiskFile) -> bool {
    let Ok(number) = file.number() else {
        return false;
    };
    // SAFETY: a plain structure, of which zeros are valid.
    let mut facts: libc::statfs = unsafe { zeroed() };
    // SAFETY: an open descriptor, and a structure that lives through the call.
    if unsafe { libc::fstatfs(number, &mut facts) } != 0 {
        return false;
    }
    // ext2 to ext4, XFS, btrfs, tmpfs, overlay, F2FS, ZFS, bcachefs.
    const LOCAL: [i64; 8] = [
        0xEF53,
        0x5846_5342,
        0x9123_683E,
        0x0102_1994,
        0x794C_7630,
        0xF2F5_2010,
        0x2FC1_2FC1,
        0xCA45_1A4E,
    ];
    LOCAL.contains(&(facts.f_type as i64))
}

/// Nothing is known of other systems' file systems.
#[cfg(not(target_os = "linux"))]
pub fn is_local(_: &DiskFile) -> bool {
    false
}
