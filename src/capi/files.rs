//! Opening, committing and closing files.

use super::constants::h5sim_file;
use super::convert;
use super::guard::guard;
use super::handle::Table;
use crate::error::{Error, Result};
use crate::series::SeriesSet;
use crate::small::Gathered;
use crate::store::h5::Id;
use crate::store::{File, Outcome, Reader};
use std::cell::Cell;
use std::ffi::c_char;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// An open file, and what was written to it but is still in memory.
struct Open {
    file: File,
    series: SeriesSet,
    small: Gathered,
}

/// Brings what was written into the file, where any call can see it.
fn settle(file: &File, series: &mut SeriesSet, small: &mut Gathered) -> Result<()> {
    small.flush_all(file.id())?;
    if file.commits_by_reopening() {
        series.finish(file)
    } else {
        series.settle(file)
    }
}

/// Brings what was written into its final form, all that can be even if something cannot.
fn finish(file: &File, series: &mut SeriesSet, small: &mut Gathered) -> Result<()> {
    let settled = small.flush_all(file.id());
    let finished = series.finish(file);
    settled.and(finished)
}

impl Open {
    /// Runs one call that may look at anything in the file: all that was written is there.
    fn serve<T>(&mut self, body: impl FnOnce(&mut File) -> Result<T>) -> Result<T> {
        self.serve_unless(|_, _| Ok(None), body)
    }

    /// Runs one call: by `quickly` if that gives a result, which looks at nothing that was written
    /// before, or else by `body`.
    fn serve_unless<T>(
        &mut self,
        quickly: impl FnOnce(&mut File, &mut Gathered) -> Result<Option<T>>,
        body: impl FnOnce(&mut File) -> Result<T>,
    ) -> Result<T> {
        let Self {
            file,
            series,
            small,
        } = self;
        file.serve(|file| {
            if let Some(done) = quickly(file, small)? {
                if file.commit_is_due() {
                    settle(file, series, small)?;
                }
                return Ok(done);
            }
            settle(file, series, small)?;
            // The call may make and remove anything.
            small.forget_all();
            let done = body(file);
            series.note_changes(file);
            done
        })
    }

    /// Commits all that was written.
    fn commit(&mut self) -> Result<()> {
        let Self {
            file,
            series,
            small,
        } = self;
        file.serve(|file| {
            settle(file, series, small)?;
            let done = file.commit();
            series.note_changes(file);
            done
        })
    }

    /// Runs one append; a commit that is due at its end finds all of the records in the file.
    fn append(&mut self, body: impl FnOnce(&mut File, &mut SeriesSet) -> Result<()>) -> Result<()> {
        let Self {
            file,
            series,
            small,
        } = self;
        file.serve(|file| {
            // A series may go where a gathered group is.
            small.flush_all(file.id())?;
            small.forget_all();
            body(file, series)?;
            match file.commit_is_due() {
                false => Ok(()),
                true => settle(file, series, small),
            }
        })
    }

    /// Brings what was appended into its final form and closes the file, which is closed even if that fails.
    fn close(self) -> Result<()> {
        let Self {
            mut file,
            mut series,
            mut small,
        } = self;
        let finished = file.serve(|file| finish(file, &mut series, &mut small));
        drop(series);
        let closed = file.close();
        finished.and(closed)
    }

    fn close_at_exit(self) {
        let Self {
            mut file,
            mut series,
            mut small,
        } = self;
        if file.is_ours() {
            // Nobody is left to be told of a failure.
            let _ = file.serve(|file| finish(file, &mut series, &mut small));
            drop(series);
        } else {
            std::mem::forget(series);
        }
        file.close_at_exit();
    }
}

/// An open file; None once it was closed while another call waited for it.
struct Entry {
    open: Mutex<Option<Open>>,
    /// What reads without HDF5 and without waiting for other calls, of a file that is only read.
    reader: Option<Arc<Reader>>,
}

static FILES: Table<Entry> = Table::new(1, "an open file");

fn lock(entry: &Entry) -> MutexGuard<'_, Option<Open>> {
    entry.open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `body` with the file of a handle, alone.
fn with_file<T>(handle: h5sim_file, body: impl FnOnce(&mut File) -> Result<T>) -> Result<T> {
    with_open(handle, |open| open.serve(body))
}

fn with_open<T>(handle: h5sim_file, body: impl FnOnce(&mut Open) -> Result<T>) -> Result<T> {
    let latest = LATEST.try_with(Cell::take).ok().flatten();
    let entry = match latest {
        Some((latest, entry)) if latest == handle => entry,
        _ => FILES.get(handle)?,
    };
    let done = match lock(&entry).as_mut() {
        Some(open) => body(open),
        None => Err(Error::handle(format!(
            "{handle} is not the handle of an open file: it is closed"
        ))),
    };
    // What reads directly has the file open itself: it must not outlive the file's handle.
    if entry.reader.is_none() {
        let _ = LATEST.try_with(|latest| latest.set(Some((handle, entry))));
    }
    done
}

thread_local! {
    /// The file of this thread's latest call, so that a loop of small calls need not look for it. A
    /// handle never names another file, and the entry of one that was closed is empty.
    static LATEST: Cell<Option<(h5sim_file, Arc<Entry>)>> = const { Cell::new(None) };
}

/// Runs one append: `quickly` if that can do it alone, or else `body` with the file.
pub(super) fn with_series(
    handle: h5sim_file,
    quickly: impl FnOnce(&mut SeriesSet) -> bool,
    body: impl FnOnce(&mut File, &mut SeriesSet) -> Result<()>,
) -> Result<()> {
    with_open(handle, |open| {
        let Open { file, series, .. } = open;
        if (series.may_go_on() || !file.commit_is_due()) && quickly(series) {
            return Ok(());
        }
        open.append(body)
    })
}

/// Reads without HDF5, and at once, whatever other threads do with the file; says whether that was possible.
///
/// # Safety
/// `path` is NULL or a text.
pub(super) unsafe fn read_directly<Arguments>(
    handle: h5sim_file,
    path: *const c_char,
    arguments: impl Fn() -> Result<Arguments>,
    read: impl FnOnce(&Reader, &str, Arguments) -> Result<Outcome>,
) -> Result<bool> {
    let entry = FILES.get(handle)?;
    let Some(reader) = &entry.reader else {
        return Ok(false);
    };
    // SAFETY: the caller vouches for the text.
    let (Ok(path), Ok(arguments)) = (unsafe { convert::text(path, "path") }, arguments()) else {
        // The usual way has the words for it.
        return Ok(false);
    };
    match read(reader, path, arguments) {
        Ok(outcome) => Ok(outcome == Outcome::Done),
        Err(error) => Err(reader.named(path, error)),
    }
}

/// Runs one call on an object of a file: `body` gets the file, the object's path and the other arguments.
///
/// What is wrong with the other arguments is told with the names of file and object.
///
/// # Safety
/// `path` is NULL or a text.
pub(super) unsafe fn with_object<Arguments, T>(
    handle: h5sim_file,
    path: *const c_char,
    path_name: &str,
    arguments: impl FnOnce() -> Result<Arguments>,
    body: impl FnOnce(&mut File, &str, Arguments) -> Result<T>,
) -> Result<T> {
    with_file(handle, |file| {
        // SAFETY: the caller vouches for the text.
        let path = unsafe { convert::text(path, path_name) }?;
        let arguments = arguments().map_err(|error| error.within(format_args!("'{path}'")))?;
        body(file, path, arguments)
    })
}

/// Runs one call on an object that may be, or come to be, in memory: `gather` does all there, or else `body`
/// does it in the file.
///
/// # Safety
/// `path` is NULL or a text.
pub(super) unsafe fn with_gathered<Arguments, T>(
    handle: h5sim_file,
    path: *const c_char,
    path_name: &str,
    arguments: impl FnOnce() -> Result<Arguments>,
    gather: impl FnOnce(&mut Gathered, &mut File, &str, &mut Arguments) -> Result<Option<T>>,
    body: impl FnOnce(&mut File, &str, Arguments) -> Result<T>,
) -> Result<T> {
    with_open(handle, |open| {
        let known = Cell::new(None);
        open.serve_unless(
            |file, small| {
                // SAFETY: the caller vouches for the text.
                let path = unsafe { convert::text(path, path_name) }?;
                let mut arguments =
                    arguments().map_err(|error| error.within(format_args!("'{path}'")))?;
                let done = gather(small, file, path, &mut arguments)?;
                known.set(Some((path, arguments)));
                Ok(done)
            },
            |file| match known.take() {
                Some((path, arguments)) => body(file, path, arguments),
                None => Err(Error::internal("the arguments were not read")),
            },
        )
    })
}

/// What to tell [`with_gathered`] of a call that may go into memory, which needs a file that may be written.
pub(super) fn gathered(
    file: &mut File,
    gather: impl FnOnce(&Id) -> Result<bool>,
) -> Result<Option<()>> {
    if file.require_writable().is_err() {
        // The usual way has the words for it.
        return Ok(None);
    }
    gather(file.id()).map(|done| done.then_some(()))
}

/// Closes every open file; gives the first failure.
pub(super) fn close_all() -> Option<Error> {
    let mut first = None;
    for entry in FILES.drain() {
        if let Some(file) = lock(&entry).take() {
            if let Err(error) = file.close() {
                first.get_or_insert(error);
            }
        }
    }
    first
}

/// Brings what was written into all open files: one of them was opened again, and shows what it has.
fn settle_all() {
    for entry in FILES.entries() {
        if let Some(open) = lock(&entry).as_mut() {
            // A failure is told of by the next call on that file.
            let _ = open.serve(|_| Ok(()));
        }
    }
}

/// How long the exit waits for the calls of other threads to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is left to do when the process exits by exit() or by returning from main.
extern "C" fn at_exit() {
    guard(|| {
        let deadline = Instant::now() + PATIENCE;
        // From here on other threads find no open file, so that they cannot keep us waiting.
        for entry in FILES.drain() {
            if let Some(file) = lock_by(&entry, deadline).and_then(|mut file| file.take()) {
                file.close_at_exit();
            }
        }
        Ok(())
    });
}

/// Waits for the call that another thread is inside of, but not for ever: in a forked process
/// that thread does not exist, and its file is left alone.
fn lock_by(entry: &Entry, deadline: Instant) -> Option<MutexGuard<'_, Option<Open>>> {
    loop {
        match entry.open.try_lock() {
            Ok(file) => return Some(file),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// Open or create a file.
///
/// path     where it is.
/// mode     as in h5py: "r" to read an existing file; "r+" to read and write an existing file; "w" to create a file, emptying
///          one that exists; "w-" or "x" to create a file that must not exist; "a" to read and write, creating it if need be.
/// options  NULL or a JSON object with any of:
///          "libver": "earliest" (default: every reader from HDF5 1.8 on opens the file) or "latest";
///          "durability": "kill" (default), "power" or "none", see h5sim_commit();
///          "autocommit": seconds (default 30, 0 is never): commit at the end of a call when so long has passed, until
///          the program commits itself;
///          "locking": true, false or "best-effort" (default), overruled by the variable HDF5_USE_FILE_LOCKING;
///          "threads": how many threads compress and read, 0 (default) for as many as the process may use processors.
/// file     output: the handle, to be closed with h5sim_close().
///
/// Status: H5SIM_ERR_NOT_FOUND (no such file, or its folder is missing); H5SIM_ERR_EXISTS (mode "w-"); H5SIM_ERR_FORMAT (not HDF5,
/// truncated, or left unfinished by another writer); H5SIM_ERR_LOCKED (another process, or this one, has it open in a way
/// that does not fit); H5SIM_ERR_READ_ONLY (may not be written); H5SIM_ERR_IO; H5SIM_ERR_ARGUMENT (mode or options).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_open(
    path: *const c_char,
    mode: *const c_char,
    options: *const c_char,
    file: *mut h5sim_file,
) -> i32 {
    guard(|| {
        // SAFETY: the caller vouches for the arguments.
        let (path, mode, options, output) = unsafe {
            (
                convert::text(path, "path")?,
                convert::text(mode, "mode")?,
                convert::optional_text(options, "options")?,
                convert::output(file, "file")?,
            )
        };
        static AT_EXIT: Once = Once::new();
        AT_EXIT.call_once(|| {
            // SAFETY: the handler is a function of this library, which outlives it: libc runs it before unloading.
            unsafe { libc::atexit(at_exit) };
        });
        let file = File::open(path, mode, options)?;
        if !file.is_open_once() {
            settle_all();
        }
        let reader = file.reader().cloned();
        let open = Mutex::new(Some(Open {
            file,
            series: SeriesSet::default(),
            small: Gathered::default(),
        }));
        output.set(FILES.insert(Entry { open, reader }));
        Ok(())
    })
}

/// Make all that was written so far durable, as one step.
///
/// After a kill at any later instant the next h5sim_open() finds exactly the state of the latest commit: all of its steps, bit for bit, and
/// nothing of the step that was under way ("durability": "kill"). With "power" the same holds for a power cut, at the price
/// of waiting for the disk. With "none" a commit only hands the data to the operating system, and a kill can damage the file.
/// Other programs that open the file read-only see the latest commit too. On a file opened "r" it does nothing.
///
/// file     an open file.
///
/// Status: H5SIM_ERR_IO: the disk is full or failing, nothing of this step is committed, the latest commit stands; where the disk was full,
/// the commit can be tried again.
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_commit(file: h5sim_file) -> i32 {
    guard(|| with_open(file, Open::commit))
}

/// Commit and close a file.
///
/// file     an open file. Its handle goes stale, also when closing fails.
///
/// Files still open when the process exits are closed too: all that was written is kept, unless the program has called
/// h5sim_commit() on the file, which then is left at its latest commit.
///
/// Status: H5SIM_ERR_IO: what was written since the latest commit could not be stored and is lost; call h5sim_commit() first to be able to try again.
/// Threads: any; a call on the same file that waits meanwhile gets H5SIM_ERR_HANDLE. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_close(file: h5sim_file) -> i32 {
    guard(|| {
        let entry = FILES.remove(file)?;
        let file = lock(&entry).take();
        file.map_or(Ok(()), Open::close)
    })
}
