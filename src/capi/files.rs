//! Opening, committing and closing files.

use super::constants::h5sim_file;
use super::convert;
use super::guard::guard;
use super::handle::Table;
use super::options;
use crate::error::{Error, Result};
use crate::file::{self, PerProcess};
use crate::journal;
use crate::ranks::File;
#[cfg(feature = "mpi")]
use crate::shared::Shared;
use crate::store::{Mode, Open, Parallel};
use std::cell::Cell;
use std::ffi::c_char;
use std::sync::Arc;

/// The handles of open files; a forked process has its own.
struct Handles(Table<File>);

impl Default for Handles {
    fn default() -> Self {
        let process = journal::process::generation();
        Self(Table::of_process(1, "an open file", process))
    }
}

static FILES: PerProcess<Handles> = PerProcess::new();

/// The handle of this thread's latest call, in which process it was, and its file.
type Latest = (h5sim_file, u64, Arc<File>);

thread_local! {
    /// So that a loop of small calls need not look for its file. A handle never names another file, and one that
    /// was closed says so.
    static LATEST: Cell<Option<Latest>> = const { Cell::new(None) };
}

/// Runs `body` with the file of a handle.
pub(super) fn with_file<T>(handle: h5sim_file, body: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let generation = journal::process::generation();
    let latest = LATEST.try_with(Cell::take).ok().flatten();
    let file = match latest {
        Some((latest, when, file)) if latest == handle && when == generation => file,
        _ => find(handle)?,
    };
    let done = file.telling(body);
    if !file.is_closed() {
        let _ = LATEST.try_with(|latest| latest.set(Some((handle, generation, file))));
    }
    done
}

fn find(handle: h5sim_file) -> Result<Arc<File>> {
    let found = FILES.get().0.get(handle);
    found.map_err(|error| inherited(handle).unwrap_or(error))
}

/// The error for a handle of the process from which this one was forked.
fn inherited(handle: h5sim_file) -> Option<Error> {
    FILES.get().0.is_foreign(handle).then(|| {
        Error::handle(format!(
            "{handle} is the handle of a file that was opened before fork: a child process has to open files of its own"
        ))
    })
}

/// The body of a function that is a call on a group or any object of a file: `body` gets the file, the object's path and what
/// became of the other arguments. Gives the status.
///
/// What is wrong with the other arguments is told with the names of file and object.
///
/// # Safety
/// `path` is NULL or a text that ends with NUL.
pub(super) unsafe fn on_object<Arguments>(
    handle: h5sim_file,
    path: *const c_char,
    path_name: &str,
    arguments: impl FnOnce() -> Result<Arguments>,
    body: impl FnOnce(&File, &str, Arguments) -> Result<()>,
) -> i32 {
    let call = |file: &File| {
        let named = |error: Error| error.within(file.name());
        // SAFETY: the caller's promise is the same.
        let path = unsafe { convert::text(path, path_name) }.map_err(named)?;
        let arguments =
            arguments().map_err(|error| named(error.within(format_args!("'{path}'"))))?;
        body(file, path, arguments)
    };
    guard(|| with_file(handle, call))
}

/// As [`on_object`], of a dataset, or of what is to become one.
///
/// # Safety
/// `path` is NULL or a text that ends with NUL.
pub(super) unsafe fn on_dataset<Arguments>(
    handle: h5sim_file,
    path: *const c_char,
    arguments: impl FnOnce() -> Result<Arguments>,
    body: impl FnOnce(&File, &str, Arguments) -> Result<()>,
) -> i32 {
    let body = |file: &File, path: &str, ()| {
        let named = |error: Error| {
            let error = error.within(format_args!("dataset '{path}'"));
            error.within(file.name())
        };
        body(file, path, arguments().map_err(named)?)
    };
    // SAFETY: the caller's promise is the same.
    unsafe { on_object(handle, path, "path", || Ok(()), body) }
}

/// Gives an open file its handle.
pub(super) fn insert(file: impl Into<File>) -> h5sim_file {
    FILES.get().0.insert(file.into())
}

/// Closes every open file; gives the first failure.
pub(super) fn close_all() -> Option<Error> {
    let mut first = None;
    for file in FILES.get().0.drain() {
        // One rank by itself must not wait for the others.
        if let Err(error) = file.close_without_others() {
            first.get_or_insert(error);
        }
    }
    first
}

/// What is left to do when the process exits by exit() or by returning from main.
///
/// It is run by the loader after all handlers that a program or its libraries have registered, which may still write.
extern "C" fn at_exit() {
    guard(|| {
        file::close_all_at_exit();
        Ok(())
    });
}

#[used]
#[link_section = ".fini_array"]
static AT_EXIT: extern "C" fn() = at_exit;

/// Open or create a file.
///
/// A file can be opened several times in one process: all handles to it share it, whatever paths led there, and see each other's writes at
/// once; a commit by any of them is a commit of all. A handle opened "r" refuses to write. The options of the first opening stand.
///
/// A process that is forked cannot use the handles of its parent (H5SIM_ERR_HANDLE) and does nothing to its files; it can open files of
/// its own, unless another thread of the parent was inside a call of this library at the fork (H5SIM_ERR_UNSUPPORTED).
///
/// Other processes: a handle "r" of a file that is written elsewhere moves on by itself. Each call sees exactly one commit, whole, the newest
/// that the writer could take into the file; two calls may see two, the later one never an older commit than the earlier one as
/// long as the writer lives. Between calls it keeps no writer from anything but emptying the file. One process writes a file: a
/// second one on the same computer is refused, also where file locks are off; one on another computer is refused where the file
/// system's locks hold among computers, and elsewhere is found at the next commit of either. Programs that read the file and lock
/// it, as HDF5 does unless told otherwise, keep nobody from opening it "r+" or "a", and see one whole commit for as long as they hold it: see
/// h5sim_commit(). Mode "w" beside any reader is H5SIM_ERR_LOCKED, since it would cut the file under it.
///
/// path     where it is.
/// mode     as in h5py: "r" to read an existing file; "r+" to read and write an existing file; "w" to create a file, emptying
///          one that exists; "w-" or "x" to create a file that must not exist; "a" to read and write, creating it if need be.
/// options  NULL or a JSON object with any of:
///          "libver": "earliest" (default: every reader from HDF5 1.8 on opens the file) or "latest" (the newest format that
///          HDF5 1.14 reads too, and so VTK and ParaView);
///          "durability": "kill" (default), "power" or "none", see h5sim_commit();
///          "autocommit": seconds (default 30, 0 is never): commit at the end of a call when so long has passed, until
///          the program commits itself;
///          "track_order": true: a new file and all groups and datasets in it note the order in which links and attributes came, without which
///          netCDF reads a file but adds nothing to it; small datasets are then made one by one;
///          "memory": the most memory that this process keeps for all its files together, bytes or a text such as "64 MiB" (default
///          256 MiB): decoded chunks, records and small datasets that wait; the latest opening that names it decides;
///          "locking": true, false or "best-effort" (default: where the file system has locks), overruled by the variable
///          HDF5_USE_FILE_LOCKING; without locks readers may meet a mixture of two commits, and this process as a reader too, unless
///          the call notices it and begins anew (H5SIM_ERR_LOCKED after 100 times);
///          "wait": the most seconds (default 0) that the opening waits for other programs whose having the file does not fit, and that
///          a close waits for readers; one that only looks into the file, as a search does, is waited for two seconds in any case;
///          "waiting_limit": how large the journal may become while commits wait in it for readers, bytes or a text (default 256 MiB), and
///          "at_waiting_limit": what happens then: "apply" (default) takes the commit into the file all the same, and its readers may meet a
///          mixture of two commits, "error" refuses the next commit with H5SIM_ERR_LOCKED;
///          "threads": how many threads compress and read, 0 (default) for as many as the process may use processors.
/// file     output: the handle, to be closed with h5sim_close().
///
/// Status: H5SIM_ERR_NOT_FOUND (no such file, or its folder is missing); H5SIM_ERR_EXISTS (mode "w-"); H5SIM_ERR_FORMAT (not HDF5,
/// truncated, or left in the middle of a commit without its journal); H5SIM_ERR_LOCKED (another process has it open in a way that does not fit: the sentence
/// names the process and says what can be done; or mode "w" and this one has it open; or it is marked as open for writing, as programs without a journal leave it when they
/// die); H5SIM_ERR_READ_ONLY (may not be written); H5SIM_ERR_IO; H5SIM_ERR_ARGUMENT (mode or options, or a
/// "durability" other than that of the first opening); H5SIM_ERR_UNSUPPORTED (see above).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_open(
    path: *const c_char,
    mode: *const c_char,
    options: *const c_char,
    file: *mut h5sim_file,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `path`, `mode` and `options` are each NULL or a text that ends with NUL; `file` is NULL or a
        // place that can be written.
        let (path, mode, options, output) = unsafe {
            (
                convert::text(path, "path")?,
                convert::text(mode, "mode")?,
                convert::optional_text(options, "options")?,
                convert::output(file, "file")?,
            )
        };
        let file = File::open(path, Mode::parse(mode)?, &options::open(options)?)?;
        output.set(insert(file));
        Ok(())
    })
}

/// Open or create one file from many ranks of MPI, which they write together by parallel HDF5.
///
/// It is in the library that `make mpi` builds (libh5sim_mpi), on an HDF5 for one MPI. Another build, such as the ordinary library, gives
/// H5SIM_ERR_UNSUPPORTED; h5sim_has_feature("mpi") tells. h5sim_open_ranks() needs no such build.
///
/// The communicator is duplicated. Every call on the file is made by all its ranks, in the same order, with equal arguments but for what a block is:
/// where it begins, its extents, strides and data (h5sim_write_block, h5sim_append_block, h5sim_read_block); a rank without elements
/// calls with an extent of 0. What is not a block is written once, from rank 0, and read by all. If ranks call different things, if one has
/// something wrong, or if one fails, all get the same error, which names the rank: calls are compared before they are made (but
/// for data of more than 64 KiB), and how they went is told after them.
///
/// Data go to the file in the call, compressed ones by HDF5's collective filters; but records of series, which every rank gathers in memory, at most
/// 256 KiB of each series and 64 MiB of all. They are written when that is full, and by the next call that is no append; a full disk is told of then,
/// on all ranks, and what was accepted waits on. What such a file does not have: a journal, and so no return to
/// the last commit after a kill; small objects that wait in memory; a cache of chunks; automatic commits; other handles to it in the same
/// program; names of axes, h5sim_vtkhdf, h5sim_rewind, h5sim_finish, h5sim_move, h5sim_copy, h5sim_link, h5sim_resize, h5sim_layout
/// and "quantize" (H5SIM_ERR_UNSUPPORTED on all ranks). h5sim_commit hands all to the disks of all ranks (H5Fflush, MPI_File_sync): after it a crash of the
/// program loses nothing of the operating system's, but the file is marked as being written until it is closed, and HDF5 and
/// h5sim_open() refuse to open it then (h5clear -s takes the mark away, and whether the file is whole is then unknown); a rank that dies leaves such a file. After h5sim_close
/// it is an ordinary file, for HDF5 1.10 or newer. A file that is open at MPI_Finalize is closed by it; h5sim_finalize and the exit leave it alone. A file of
/// an older format that is opened for writing has no place for the mark.
///
/// path                  where the file is, on a file system that all ranks see; the same text on all ranks.
/// mode                  as for h5sim_open(); a run that was killed is brought to its last commit first. No other program may have it open.
/// options               NULL or a JSON object with any of:
///                       "libver": "earliest" (default: HDF5 1.10's) or "latest";
///                       "track_order": as for h5sim_open();
///                       "alignment": bytes, or a text such as "1 MiB": objects of at least so many begin at multiples of it, such as a
///                       stripe of the file system (default: multiples of 1 MiB for those of 16 MiB or more);
///                       "hints": an object of texts or numbers that MPI is told of the file, such as {"striping_factor": 16, "cb_nodes": 8};
///                       "agree": false leaves out the comparison of calls, for programs that are known to be right: a mistake can then hang.
/// fortran_communicator  the ranks that open the file, as Fortran's integer: MPI_Comm_c2f(comm) in C, comm%MPI_VAL with mpi_f08, comm with mpi.
/// file                  output: the handle, to be closed with h5sim_close() by every rank. Without MPI it is set to 0.
///
/// Status: as h5sim_open(), on all ranks what the first one met; H5SIM_ERR_UNSUPPORTED (this build has no MPI); H5SIM_ERR_ARGUMENT (also: MPI is not
/// initialised, or that is no communicator). Threads: as MPI was initialised; calls on all such files of a program in an order that is the same
/// on all ranks. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_open_mpi(
    path: *const c_char,
    mode: *const c_char,
    options: *const c_char,
    fortran_communicator: i32,
    file: *mut h5sim_file,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `path`, `mode` and `options` are each NULL or a text that ends with NUL; `file` is NULL or a
        // place that can be written.
        let (path, how, output) = unsafe {
            (
                convert::text(path, "path"),
                convert::text(mode, "mode").and_then(|mode| {
                    let (open, parallel) =
                        options::open_mpi(convert::optional_text(options, "options")?)?;
                    Ok((Mode::parse(mode)?, open, parallel))
                }),
                convert::output(file, "file"),
            )
        };
        open_mpi(path, how, output, fortran_communicator)
    })
}

#[cfg(feature = "mpi")]
fn open_mpi(
    path: Result<&str>,
    how: Result<(Mode, Open, Parallel)>,
    output: Result<convert::Output<h5sim_file>>,
    communicator: i32,
) -> Result<()> {
    let missing = output.as_ref().map(drop).map_err(Clone::clone);
    let file = Shared::open(missing.and(path), how, communicator)?;
    output?.set(insert(file));
    Ok(())
}

#[cfg(not(feature = "mpi"))]
fn open_mpi(
    path: Result<&str>,
    how: Result<(Mode, Open, Parallel)>,
    output: Result<convert::Output<h5sim_file>>,
    _: i32,
) -> Result<()> {
    let path = path?;
    how?;
    output?.set(0);
    Err(Error::unsupported(format!(
        "{path}: this build of h5sim has no MPI, so that h5sim_open_mpi cannot open it: `make mpi` builds a library with it (libh5sim_mpi), and h5sim_open_ranks opens a file from many ranks with any build (include h5sim_mpi.h)"
    )))
}

/// Make all that was written so far durable, as one step.
///
/// After a kill at any later instant the next h5sim_open() finds exactly the state of the latest commit: all of its steps, bit for bit, and
/// nothing of the step that was under way ("durability": "kill"). The step is all that was written to the file, through any handle. With "power" the same holds for a power cut, at the price
/// of waiting for the disk. With "none" a commit only hands the data to the operating system, and a kill can damage the file.
/// On a file opened "r" it does nothing.
///
/// Other programs that open the file read-only and lock it see one commit. One that has it open at a commit keeps the commit waiting: it is
/// durable, in the journal, and is taken into the file when the readers have gone, which is tried at every commit and call on
/// the file (every eighth of h5sim_append), not by an idle program; readers that overlap can keep it waiting. Until then other programs see an
/// older commit: not older than the newest when the oldest of the readers opened it. A program that opens the file in the very
/// moment in which a commit is taken into it is refused, and can try again.
///
/// file     an open file.
///
/// Status: H5SIM_ERR_LOCKED: commits have waited for readers up to "waiting_limit", and "at_waiting_limit" is "error"; nothing of this step is
/// committed, and the commit can be tried again. H5SIM_ERR_IO: the disk is full or failing, nothing of this step is committed, the latest commit stands; where the disk was full,
/// the commit can be tried again, and has everything that was accepted. After a disk that failed to sync it cannot: the file has to be closed.
/// Also H5SIM_ERR_IO: another program, on another computer or without locks, has written the file meanwhile, and it may be damaged.
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_commit(file: h5sim_file) -> i32 {
    guard(|| with_file(file, File::commit))
}

/// Fails for a file that was closed, which this thread may remember.
fn check_open(file: &File) -> Result<()> {
    match file.is_closed() {
        true => Err(Error::handle(format!(
            "{}: the file is closed",
            file.name()
        ))),
        false => Ok(()),
    }
}

/// Give the path by which a file was opened, as h5py's file.filename.
///
/// file     an open file.
/// path     output: the path as it was given to h5sim_open(); free it with h5sim_free().
///
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_file_path(file: h5sim_file, path: *mut *mut c_char) -> i32 {
    guard(|| {
        with_file(file, |file| {
            check_open(file)?;
            // SAFETY: by the header, `path` is NULL or a place that can be written.
            unsafe { convert::output(path, "path")? }.hand_out(file.name())
        })
    })
}

/// Give the mode of a handle, as h5py's file.mode.
///
/// file     an open file.
/// mode     output: "r" of a handle that only reads, "r+" of one that also writes, however it was opened; free it with h5sim_free().
///
/// Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_file_mode(file: h5sim_file, mode: *mut *mut c_char) -> i32 {
    guard(|| {
        with_file(file, |file| {
            check_open(file)?;
            let found = if file.is_writable() { "r+" } else { "r" };
            // SAFETY: by the header, `mode` is NULL or a place that can be written.
            unsafe { convert::output(mode, "mode")? }.hand_out(found)
        })
    })
}

/// Close a handle; the last one of a file commits and closes the file.
///
/// file     an open file. Its handle goes stale, also when closing fails; but one of many ranks stays open where some of them call another function.
///
/// While other handles to the file stay open, closing one through which something was written since the latest commit
/// commits (all that was written, as h5sim_commit() does), and closing another commits nothing.
///
/// A commit that waits for readers is waited for as long as "wait" says, and then taken into the file in any case: no closed file leaves a journal.
/// An exit does not wait.
///
/// Files still open when the process exits are closed too: all that was written is kept, unless the program has called
/// h5sim_commit() on the file, which then is left at its latest commit.
///
/// Status: H5SIM_ERR_IO: what was written since the latest commit could not be stored and is lost; call h5sim_commit() first to be able to try again.
/// Threads: any; a call on the same file that waits meanwhile gets H5SIM_ERR_HANDLE. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_close(file: h5sim_file) -> i32 {
    guard(|| {
        let found = find(file)?;
        if found.is_of_many_ranks() {
            // Where the others do something else it stays open.
            let closed = found.close();
            if found.is_closed() {
                let _ = FILES.get().0.remove(file);
            }
            return closed;
        }
        let removed = FILES.get().0.remove(file);
        removed
            .map_err(|error| inherited(file).unwrap_or(error))?
            .close()
    })
}

/// Close a handle without a commit; the last one of a file leaves it at its latest commit.
///
/// For a program that has met a failure and does not want half a step in its file. A file that was made by this opening and never committed
/// is left empty.
///
/// file     an open file. Its handle goes stale, also when closing fails.
///
/// While other handles to the file stay open, what was written stays too, and they may commit it. A file without a journal ("durability":
/// "none") has no commit to go back to: it keeps what was written, as with h5sim_close().
///
/// Status: H5SIM_ERR_IO. Threads: any; a call on the same file that waits meanwhile gets H5SIM_ERR_HANDLE. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_discard(file: h5sim_file) -> i32 {
    guard(|| {
        let removed = FILES.get().0.remove(file);
        removed
            .map_err(|error| inherited(file).unwrap_or(error))?
            .discard()
    })
}

/// Tell whether a handle is that of a file that this process has open.
///
/// file     any value.
///
/// Returns 1 if it is, 0 if it was closed, is none, or was inherited by fork. Cannot fail; nothing is asked of the file or of other ranks.
/// Threads: any. Ranks: any. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_is_open(file: h5sim_file) -> i32 {
    i32::from(FILES.get().0.get(file).is_ok())
}
