//! All calls to the operating system: every change of a file or directory goes through here.

use super::hooks::{self, Fault, TracedCall};
use super::process::{self, Descriptor};
use super::words::zeroed;
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// No call moves more than this at once; Linux itself stops a little below 2 GiB.
const MOST_AT_ONCE: usize = 1 << 30;
/// How much is held in memory while a file is copied piece by piece.
const COPY_BUFFER: usize = 1 << 20;
/// How many zeros are written at once where the file system has no holes.
const ZEROS_AT_ONCE: u64 = 1 << 18;

/// A count of bytes that lie in memory.
fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// An open file and the name it was opened by.
#[derive(Debug)]
pub struct DiskFile {
    descriptor: Descriptor,
    path: PathBuf,
    is_on_local: OnceLock<bool>,
}

/// What `fstat` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Device and inode: the file's identity.
    pub identity: Identity,
    /// Size in bytes.
    pub size: u64,
    /// Bytes that the file system has set aside for it.
    pub allocated: u64,
    /// How many names it has.
    pub links: u64,
    /// Whether it is a regular file.
    pub regular: bool,
    /// The permission bits.
    pub permissions: u32,
    /// When its bytes were last changed: seconds and nanoseconds.
    pub changed: (i64, i64),
}

impl Facts {
    // Some of them have other types on other systems.
    #[allow(clippy::unnecessary_cast)]
    fn of(status: &libc::stat) -> Self {
        Self {
            identity: Identity {
                device: status.st_dev as u64,
                inode: status.st_ino as u64,
            },
            size: u64::try_from(status.st_size).unwrap_or(0),
            allocated: u64::try_from(status.st_blocks)
                .unwrap_or(0)
                .saturating_mul(512),
            links: status.st_nlink as u64,
            regular: status.st_mode & libc::S_IFMT == libc::S_IFREG,
            permissions: status.st_mode as u32 & 0o777,
            changed: (status.st_mtime, status.st_mtime_nsec),
        }
    }
}

/// What is known of the file at a path, through symbolic links.
pub fn facts_at(path: &Path) -> io::Result<Facts> {
    let name = c_path(path)?;
    // SAFETY: all zeros is a valid `stat`, and the call only fills it in.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the name is NUL-terminated, and both live through the call.
    checked(unsafe { libc::stat(name.as_ptr(), &mut status) })?;
    Ok(Facts::of(&status))
}

/// Device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The device's number.
    pub device: u64,
    /// The inode's number.
    pub inode: u64,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenAs {
    /// An existing file, for reading.
    Read,
    /// An existing file, for reading and writing.
    Write,
    /// Made if it is not there.
    Create,
    /// Made, and it must not be there.
    CreateNew,
}

fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

/// Turns the -1 of a call into the error that `errno` names.
fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// `fstat`, by the system's own call: newer C libraries make it `fstatat` with an empty path, which takes a fifth longer.
///
/// # Safety
/// The place lives through the call.
#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
unsafe fn status_of(number: libc::c_int, status: &mut libc::stat) -> libc::c_int {
    // SAFETY: on these processors the system fills in the very struct that the C library has.
    let result = unsafe { libc::syscall(libc::SYS_fstat, number, std::ptr::from_mut(status)) };
    result as libc::c_int
}

#[cfg(not(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
unsafe fn status_of(number: libc::c_int, status: &mut libc::stat) -> libc::c_int {
    // SAFETY: the caller vouches for the place.
    unsafe { libc::fstat(number, status) }
}

/// Repeats a call that a signal interrupted.
fn uninterrupted(mut call: impl FnMut() -> libc::c_int) -> io::Result<libc::c_int> {
    loop {
        match checked(call()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn offset_of(offset: u64) -> io::Result<libc::off_t> {
    libc::off_t::try_from(offset).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))
}

/// Asks the hooks about a call that happens as a whole or not at all.
fn admit_whole() -> io::Result<()> {
    match hooks::admit() {
        None => Ok(()),
        Some(Fault::Kill { .. }) => hooks::kill(),
        Some(Fault::Error { number, .. }) => Err(io::Error::from_raw_os_error(number)),
    }
}

/// The clock by which file systems of this computer say when a file was changed.
#[cfg(target_os = "linux")]
const CLOCK_OF_FILES: libc::clockid_t = libc::CLOCK_REALTIME_COARSE;
#[cfg(not(target_os = "linux"))]
const CLOCK_OF_FILES: libc::clockid_t = libc::CLOCK_REALTIME;

/// A clock that only goes forward, and costs little to look at because it moves by ticks of some milliseconds.
#[cfg(target_os = "linux")]
const CLOCK_OF_TICKS: libc::clockid_t = libc::CLOCK_MONOTONIC_COARSE;
#[cfg(not(target_os = "linux"))]
const CLOCK_OF_TICKS: libc::clockid_t = libc::CLOCK_MONOTONIC;

/// The time since some moment before the process began, to the tick.
pub fn ticks() -> Duration {
    // SAFETY: all zeros is a valid `timespec`, and the call only fills it in.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: the struct lives through the call, which does not fail for a clock that there is.
    unsafe { libc::clock_gettime(CLOCK_OF_TICKS, &mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// What a file that is changed from now on gets as the time of its last change, or a later time.
pub fn time_of_files() -> io::Result<(i64, i64)> {
    // SAFETY: all zeros is a valid `timespec`, and the call only fills it in.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: the struct lives through the call.
    checked(unsafe { libc::clock_gettime(CLOCK_OF_FILES, &mut time) })?;
    Ok((time.tv_sec, time.tv_nsec))
}

impl DiskFile {
    /// Opens a file; descriptors are not passed on to programs that the process starts.
    pub fn open(path: &Path, access: OpenAs) -> io::Result<Self> {
        Self::open_with(path, access, 0o666)
    }

    /// Opens a file; a new one gets these permissions, less those that the umask takes away.
    pub fn open_with(path: &Path, access: OpenAs, permissions: u32) -> io::Result<Self> {
        let name = c_path(path)?;
        let generation = process::generation();
        let creates = matches!(access, OpenAs::Create | OpenAs::CreateNew);
        if creates {
            admit_whole()?;
        }
        // Without waiting: a FIFO would block until somebody opens its other end.
        let flags = libc::O_CLOEXEC
            | libc::O_NONBLOCK
            | libc::O_NOCTTY
            | match access {
                OpenAs::Read => libc::O_RDONLY,
                OpenAs::Write => libc::O_RDWR,
                OpenAs::Create => libc::O_RDWR | libc::O_CREAT,
                OpenAs::CreateNew => libc::O_RDWR | libc::O_CREAT | libc::O_EXCL,
            };
        // SAFETY: the name is NUL-terminated and lives through the call.
        let number = uninterrupted(|| unsafe { libc::open(name.as_ptr(), flags, permissions) })?;
        if creates {
            hooks::happened(|| TracedCall::Create(path.to_path_buf()));
        }
        Ok(Self {
            descriptor: Descriptor::new(number, generation),
            path: path.to_path_buf(),
            is_on_local: OnceLock::new(),
        })
    }

    /// The name the file was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes later messages and traces use this name.
    pub fn set_path(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Whether this process opened it, and not the one that it was forked from.
    pub fn is_ours(&self) -> bool {
        self.descriptor.is_ours()
    }

    /// Closes the descriptor; every later call fails.
    pub fn close(&mut self) {
        self.descriptor.close();
    }

    /// Another descriptor of the same file, for reading.
    pub fn duplicate(&self) -> io::Result<std::fs::File> {
        let number = self.descriptor.get()?;
        // SAFETY: the descriptor is open during the call, which does not close it.
        let borrowed = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
        borrowed.try_clone_to_owned().map(std::fs::File::from)
    }

    /// Size, identity and kind.
    pub fn facts(&self) -> io::Result<Facts> {
        // SAFETY: all zeros is a valid `stat`, and the call only fills it in.
        let mut status: libc::stat = unsafe { std::mem::zeroed() };
        let number = self.descriptor.get()?;
        // SAFETY: the descriptor is open and the struct lives through the call.
        checked(unsafe { status_of(number, &mut status) })?;
        Ok(Facts::of(&status))
    }

    /// What `ask` says of the file system on which the file lies, which does not change while the file is open.
    pub fn is_on_local(&self, ask: impl FnOnce() -> bool) -> bool {
        *self.is_on_local.get_or_init(ask)
    }

    /// Fills `buffer` from `offset`; what lies past the end of the file reads as zeros.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if let Some(Fault::Error { number, .. }) = hooks::admit_read() {
            return Err(io::Error::from_raw_os_error(number));
        }
        let number = self.descriptor.get()?;
        let mut done = 0;
        while done < buffer.len() {
            let rest = &mut buffer[done..];
            let count = rest.len().min(MOST_AT_ONCE);
            let position = offset_of(offset.saturating_add(done as u64))?;
            // SAFETY: the buffer is valid for `count` bytes and the descriptor is open.
            let read = unsafe { libc::pread(number, rest.as_mut_ptr().cast(), count, position) };
            match usize::try_from(read) {
                Ok(0) => {
                    rest.fill(0);
                    break;
                }
                Ok(read) => done += read,
                Err(_) => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes all of `data` at `offset`.
    pub fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        match hooks::admit() {
            None => {
                self.write_plain(data, offset)?;
                hooks::wrote(&self.path, offset, data);
                Ok(())
            }
            Some(Fault::Kill { first }) => {
                // A failure does not matter to a process that is about to die.
                let _ = self.write_plain(&data[..first.min(data.len())], offset);
                hooks::kill()
            }
            Some(Fault::Error { number, first }) => {
                let first = &data[..first.min(data.len())];
                self.write_plain(first, offset)?;
                hooks::wrote(&self.path, offset, first);
                Err(io::Error::from_raw_os_error(number))
            }
        }
    }

    fn write_plain(&self, data: &[u8], offset: u64) -> io::Result<()> {
        let number = self.descriptor.get()?;
        let mut done = 0;
        while done < data.len() {
            let rest = &data[done..];
            let count = rest.len().min(MOST_AT_ONCE);
            let position = offset_of(offset.saturating_add(done as u64))?;
            // SAFETY: the buffer is valid for `count` bytes and the descriptor is open.
            let written = unsafe { libc::pwrite(number, rest.as_ptr().cast(), count, position) };
            match usize::try_from(written) {
                Ok(0) => return Err(io::Error::from_raw_os_error(libc::ENOSPC)),
                Ok(written) => done += written,
                Err(_) => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Copies bytes from another file, inside the kernel where it can.
    pub fn copy_at(
        &self,
        from: &DiskFile,
        source: u64,
        offset: u64,
        length: u64,
    ) -> io::Result<()> {
        let fault = hooks::admit();
        let admitted = match fault {
            None => length,
            Some(Fault::Kill { first } | Fault::Error { first, .. }) => length.min(first as u64),
        };
        let copied = self.copy_plain(from, source, offset, admitted);
        match fault {
            Some(Fault::Kill { .. }) => hooks::kill(),
            _ => copied?,
        }
        if hooks::tracing() {
            let mut data = zeroed(index(admitted))?;
            from.read_at(&mut data, source)?;
            hooks::wrote(&self.path, offset, &data);
        }
        match fault {
            Some(Fault::Error { number, .. }) => Err(io::Error::from_raw_os_error(number)),
            _ => Ok(()),
        }
    }

    fn copy_plain(&self, from: &DiskFile, source: u64, offset: u64, length: u64) -> io::Result<()> {
        let done = self.copy_in_kernel(from, source, offset, length)?;
        let mut done = done;
        let mut buffer = Vec::new();
        while done < length {
            let count = usize::try_from(length - done)
                .unwrap_or(COPY_BUFFER)
                .min(COPY_BUFFER);
            buffer.resize(count, 0);
            from.read_at(&mut buffer, source + done)?;
            self.write_plain(&buffer, offset + done)?;
            done += count as u64;
        }
        Ok(())
    }

    /// Copies as much as the kernel can copy by itself and returns how much that was.
    #[cfg(target_os = "linux")]
    fn copy_in_kernel(
        &self,
        from: &DiskFile,
        source: u64,
        offset: u64,
        length: u64,
    ) -> io::Result<u64> {
        let (source_number, number) = (from.descriptor.get()?, self.descriptor.get()?);
        let mut done = 0;
        while done < length {
            let mut input = offset_of(source + done)?;
            let mut output = offset_of(offset + done)?;
            let count = usize::try_from(length - done)
                .unwrap_or(MOST_AT_ONCE)
                .min(MOST_AT_ONCE);
            // SAFETY: both descriptors are open and both offsets live through the call.
            let copied = unsafe {
                libc::copy_file_range(source_number, &mut input, number, &mut output, count, 0)
            };
            match u64::try_from(copied) {
                // The source ends here: the caller's reads give the zeros.
                Ok(0) => break,
                Ok(copied) => done += copied,
                Err(_) => {
                    let error = io::Error::last_os_error();
                    match error.raw_os_error() {
                        Some(libc::EINTR) => {}
                        Some(libc::ENOSPC | libc::EIO | libc::EDQUOT | libc::EFBIG) => {
                            return Err(error);
                        }
                        // Not between these two file systems: read and write instead.
                        _ => break,
                    }
                }
            }
        }
        Ok(done)
    }

    #[cfg(not(target_os = "linux"))]
    fn copy_in_kernel(&self, _: &DiskFile, _: u64, _: u64, _: u64) -> io::Result<u64> {
        Ok(0)
    }

    /// Gives the file a size.
    pub fn set_size(&self, size: u64) -> io::Result<()> {
        admit_whole()?;
        let length = offset_of(size)?;
        let number = self.descriptor.get()?;
        // SAFETY: the descriptor is open.
        uninterrupted(|| unsafe { libc::ftruncate(number, length) })?;
        hooks::happened(|| TracedCall::Truncate {
            path: self.path.clone(),
            size,
        });
        Ok(())
    }

    /// Whether this process may make a file so long.
    pub fn may_have_size(&self, size: u64) -> bool {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the place is valid.
        let known = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) } == 0;
        known && (limit.rlim_cur == libc::RLIM_INFINITY || size <= limit.rlim_cur)
    }

    /// Waits until the file's data and size are on the disk.
    pub fn sync(&self) -> io::Result<()> {
        admit_whole()?;
        let number = self.descriptor.get()?;
        // SAFETY: the descriptor is open.
        #[cfg(target_os = "linux")]
        uninterrupted(|| unsafe { libc::fdatasync(number) })?;
        // SAFETY: the descriptor is open.
        #[cfg(not(target_os = "linux"))]
        uninterrupted(|| unsafe { libc::fsync(number) })?;
        hooks::happened(|| TracedCall::Sync(self.path.clone()));
        Ok(())
    }

    /// Makes sure that a range has disk space, without changing size or content.
    ///
    /// Says whether the file system can do that; where it cannot, the later write tells.
    pub fn reserve(&self, offset: u64, length: u64) -> io::Result<bool> {
        admit_whole()?;
        #[cfg(target_os = "linux")]
        {
            let (offset, length) = (offset_of(offset)?, offset_of(length)?);
            let number = self.descriptor.get()?;
            // SAFETY: the descriptor is open.
            let reserved = uninterrupted(|| unsafe {
                libc::fallocate(number, libc::FALLOC_FL_KEEP_SIZE, offset, length)
            });
            match reserved {
                Err(error)
                    if matches!(
                        error.raw_os_error(),
                        Some(libc::ENOSPC | libc::EDQUOT | libc::EIO)
                    ) =>
                {
                    return Err(error);
                }
                Err(_) => return Ok(false),
                Ok(_) => {}
            }
        }
        #[cfg(not(target_os = "linux"))]
        return Ok(false);
        hooks::happened(|| TracedCall::Allocate(self.path.clone()));
        Ok(true)
    }

    /// Makes a range that lies in the file read as zeros: a hole where the file system has them.
    pub fn zero(&self, offset: u64, length: u64) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        if self.punch(offset, length)? {
            return Ok(());
        }
        self.zero_by_writing(offset, length)
    }

    /// Writes zeros.
    pub fn zero_by_writing(&self, offset: u64, length: u64) -> io::Result<()> {
        let zeros = zeroed(index(length.min(ZEROS_AT_ONCE)))?;
        let mut done = 0;
        while done < length {
            let count = (length - done).min(ZEROS_AT_ONCE);
            self.write_at(&zeros[..index(count)], offset + done)?;
            done += count;
        }
        Ok(())
    }

    /// Makes a hole; says whether the file system can do that.
    fn punch(&self, offset: u64, length: u64) -> io::Result<bool> {
        #[cfg(target_os = "linux")]
        {
            let fault = hooks::admit();
            match fault {
                None => {}
                // A hole is made as a whole or not at all.
                Some(Fault::Kill { .. }) => hooks::kill(),
                Some(Fault::Error { number, .. }) => {
                    return Err(io::Error::from_raw_os_error(number))
                }
            }
            let number = self.descriptor.get()?;
            let (start, count) = (offset_of(offset)?, offset_of(length)?);
            // SAFETY: the descriptor is open.
            let punched = uninterrupted(|| unsafe {
                libc::fallocate(
                    number,
                    libc::FALLOC_FL_KEEP_SIZE | libc::FALLOC_FL_PUNCH_HOLE,
                    start,
                    count,
                )
            });
            match punched {
                Ok(_) => {}
                Err(error)
                    if matches!(
                        error.raw_os_error(),
                        Some(libc::ENOSPC | libc::EDQUOT | libc::EIO | libc::EBADF)
                    ) =>
                {
                    return Err(error);
                }
                Err(_) => return Ok(false),
            }
            hooks::happened(|| TracedCall::Zero {
                path: self.path.clone(),
                offset,
                length,
            });
            Ok(true)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (offset, length);
            Ok(false)
        }
    }

    /// Makes the time of the last change this very moment, finer than the system's own clock for it ticks.
    ///
    /// Readers go by that time; nothing is lost where it cannot be set.
    pub fn note_change(&self) {
        let Ok(number) = self.descriptor.get() else {
            return;
        };
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let time = |nanoseconds| libc::timespec {
            tv_sec: now.as_secs() as libc::time_t,
            tv_nsec: nanoseconds,
        };
        let times = [
            time(libc::UTIME_OMIT),
            time(libc::c_long::from(now.subsec_nanos() as i32)),
        ];
        // SAFETY: the descriptor is open, and the times live through the call.
        unsafe { libc::futimens(number, times.as_ptr()) };
    }

    /// The descriptor's number, which stays open as long as this does.
    pub(super) fn number(&self) -> io::Result<libc::c_int> {
        self.descriptor.get()
    }

    /// Takes the exclusive lock, waiting for those who only look at the file for a moment.
    pub fn lock_and_wait(&self) -> io::Result<()> {
        let number = self.descriptor.get()?;
        // SAFETY: the descriptor is open.
        uninterrupted(|| unsafe { libc::flock(number, libc::LOCK_EX) }).map(drop)
    }

    /// Takes, changes or drops the advisory lock, without waiting.
    pub fn lock(&self, operation: libc::c_int) -> io::Result<()> {
        let number = self.descriptor.get()?;
        // SAFETY: the descriptor is open.
        uninterrupted(|| unsafe { libc::flock(number, operation | libc::LOCK_NB) }).map(drop)
    }
}

/// Removes a name; that it is not there is no error.
pub fn unlink(path: &Path) -> io::Result<()> {
    if path
        .symlink_metadata()
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    {
        return Ok(());
    }
    unlink_existing(path)
}

/// The same of a name that should be there.
pub fn unlink_existing(path: &Path) -> io::Result<()> {
    admit_whole()?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => {
            hooks::happened(|| TracedCall::Unlink(path.to_path_buf()));
            Ok(())
        }
    }
}

/// Gives a file another name.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    admit_whole()?;
    std::fs::rename(from, to)?;
    hooks::happened(|| TracedCall::Rename {
        from: from.to_path_buf(),
        to: to.to_path_buf(),
    });
    Ok(())
}

/// Waits until the names in the directory of `path` are on the disk.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    admit_whole()?;
    match std::fs::File::open(directory)?.sync_all() {
        // Some file systems cannot sync a directory, and then there is nothing more to do.
        Err(error) if error.raw_os_error() != Some(libc::EINVAL) => return Err(error),
        _ => {}
    }
    hooks::happened(|| TracedCall::SyncDirectory(directory.to_path_buf()));
    Ok(())
}

/// Whether a journal could be made beside this file.
pub fn can_make_files_beside(path: &Path) -> bool {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let Ok(name) = c_path(directory.unwrap_or(Path::new("."))) else {
        return false;
    };
    // SAFETY: the name is NUL-terminated and lives through the call.
    unsafe { libc::access(name.as_ptr(), libc::W_OK | libc::X_OK) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::hooks::Plan;

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("h5sim-sys-{name}-{}", std::process::id()))
    }

    #[test]
    fn reads_past_the_end_are_zeros_and_copies_are_exact() {
        let (one, two) = (scratch("one"), scratch("two"));
        let from = DiskFile::open(&one, OpenAs::Create).unwrap();
        let to = DiskFile::open(&two, OpenAs::Create).unwrap();
        let data: Vec<u8> = (0..3_000_000u32).map(|value| (value * 7) as u8).collect();
        from.write_at(&data, 5).unwrap();
        // The last 10 bytes lie past the end of the source.
        to.copy_at(&from, 100, 3, 3_000_005 - 100 + 10).unwrap();
        let mut back = vec![1; 3_000_005 - 100 + 10];
        to.read_at(&mut back, 3).unwrap();
        assert!(back[..3_000_005 - 100] == data[95..]);
        assert_eq!(back[3_000_005 - 100..], [0; 10]);
        assert!(to.facts().unwrap().regular);
        unlink(&one).unwrap();
        unlink(&two).unwrap();
        unlink(&two).unwrap();
        assert!(!one.exists() && !two.exists());
    }

    #[test]
    fn the_hooks_count_trace_tear_and_fail() {
        let path = scratch("hooks");
        let plan = Plan {
            fault: Fault::Error {
                number: libc::ENOSPC,
                first: 2,
            },
            at: 2,
            onwards: false,
            reads: false,
        };
        hooks::arm(true, Some(plan));
        let file = DiskFile::open(&path, OpenAs::Create).unwrap();
        file.write_at(b"abcd", 0).unwrap();
        let error = file.write_at(b"wxyz", 4).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
        file.set_size(5).unwrap();
        hooks::mark(7);
        unlink(&path).unwrap();
        let (calls, events) = hooks::disarm();
        assert_eq!(calls, 5);
        assert_eq!(
            events,
            [
                TracedCall::Create(path.clone()),
                TracedCall::Write {
                    path: path.clone(),
                    offset: 0,
                    data: b"abcd".to_vec()
                },
                TracedCall::Write {
                    path: path.clone(),
                    offset: 4,
                    data: b"wx".to_vec()
                },
                TracedCall::Truncate {
                    path: path.clone(),
                    size: 5
                },
                TracedCall::Mark(7),
                TracedCall::Unlink(path),
            ]
        );
    }
}
