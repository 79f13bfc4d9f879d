//! Files that many ranks of MPI write together: communicators, and the properties by which HDF5 calls MPI.

use super::datasets::raw_spaces;
use super::{check, failure, lock, Dataset, Hyperslab, Id};
use crate::error::{Error, Result, Status};
use crate::journal::Access;
use crate::store::options::{Open, Parallel};
use hdf5_sys::h5d::{H5Dread, H5Dwrite};
use hdf5_sys::h5f::{
    H5F_libver_t, H5F_scope_t, H5Fclose, H5Fcreate, H5Fflush, H5Fopen, H5F_ACC_EXCL,
    H5F_ACC_RDONLY, H5F_ACC_RDWR, H5F_ACC_TRUNC,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{
    H5Pcreate, H5Pset_alignment, H5Pset_libver_bounds, H5Pset_meta_block_size,
    H5P_CLS_DATASET_XFER, H5P_DEFAULT,
};
use hdf5_sys::h5s::{H5Sselect_none, H5S_ALL};
use std::cell::Cell;
use std::ffi::{c_char, c_void, CStr, CString};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

extern "C" {
    fn h5sim_mpi_state() -> i32;
    fn h5sim_mpi_before_hdf5() -> i32;
    fn h5sim_mpi_after_hdf5(closing: extern "C" fn()) -> i32;
    fn h5sim_mpi_duplicate(theirs: i32, copy: *mut i32, rank: *mut i32, ranks: *mut i32) -> i32;
    fn h5sim_mpi_free(communicator: i32) -> i32;
    fn h5sim_mpi_agree(communicator: i32, numbers: *mut u64) -> i32;
    fn h5sim_mpi_tell(communicator: i32, from: i32, bytes: *mut c_void, count: i32) -> i32;
    fn h5sim_mpi_access(
        list: i64,
        communicator: i32,
        count: i32,
        hints: *const *const c_char,
    ) -> i32;
    fn h5sim_mpi_collective(list: i64) -> i32;
    fn h5sim_mpi_together(communicator: i32, is_together: i32, is_scarce: i32, is_closing: i32);
    fn h5sim_mpi_gather(
        communicator: i32,
        mine: *const c_void,
        all: *mut c_void,
        count: i32,
    ) -> i32;
    fn h5sim_mpi_exchange(
        communicator: i32,
        out: *const c_void,
        out_counts: *const i32,
        out_places: *const i32,
        into: *mut c_void,
        in_counts: *const i32,
        in_places: *const i32,
    ) -> i32;
    fn h5sim_mpi_apart(is_apart: i32);
    fn h5sim_mpi_outcome() -> i32;
    fn h5sim_mpi_can_write_alone(file: i64) -> i32;
    fn h5sim_mpi_limit(path: *const c_char) -> u64;
    fn h5sim_mpi_space(path: *const c_char) -> u64;
    fn h5sim_replace_filter(filter: *const c_void) -> i32;
    fn h5sim_mpi_words(error: i32, words: *mut c_char, room: i32);
}

/// HDF5 aggregates its metadata in blocks of so many bytes.
const METADATA_BLOCK: u64 = 64 << 10;

/// What is smaller than so many alignments is not aligned, where nothing is said.
const WORTH_ALIGNING: u64 = 16;
const ALIGNMENT: u64 = 1 << 20;

/// Turns a status of MPI's into an error that says that `what` failed.
fn check_mpi(status: i32, what: &str) -> Result<()> {
    if status == 0 {
        return Ok(());
    }
    let mut words: [c_char; 512] = [0; 512];
    // SAFETY: room for as many characters as is said, of which the last stays NUL.
    let words = unsafe {
        h5sim_mpi_words(status, words.as_mut_ptr(), words.len() as i32);
        CStr::from_ptr(words.as_ptr())
            .to_string_lossy()
            .into_owned()
    };
    Err(Error::io(match &*words {
        "" => format!("{what} failed"),
        words => format!("{what} failed: {words}"),
    }))
}

/// What is to be done when MPI ends.
static CLOSING: OnceLock<fn()> = OnceLock::new();
static WAITS_FOR_THE_END: AtomicBool = AtomicBool::new(false);

extern "C" fn at_the_end() {
    if let Some(closing) = CLOSING.get() {
        // Nobody could be told of it.
        let _ = std::panic::catch_unwind(closing);
    }
}

/// To be called before HDF5 begins.
pub(super) fn before_hdf5() {
    // SAFETY: a plain call, which MPI answers at any time.
    unsafe { h5sim_mpi_before_hdf5() };
}

/// To be called when HDF5 has begun. What MPI does at its end has to come in this order.
pub(super) fn after_hdf5() {
    // SAFETY: a plain call; the function lives as long as the library.
    unsafe {
        if h5sim_mpi_state() == 1 && h5sim_mpi_after_hdf5(at_the_end) == 0 {
            WAITS_FOR_THE_END.store(true, Ordering::Relaxed);
        }
    }
}

/// Sees to it that `closing` is called when MPI ends.
pub fn at_finalize(closing: fn()) {
    let _lock = lock();
    let _ = CLOSING.set(closing);
    if !WAITS_FOR_THE_END.load(Ordering::Relaxed) {
        after_hdf5();
    }
}

/// Makes HDF5 run a filter in the place of one that it brings, where this HDF5 lets that be done.
///
/// # Safety
/// It is a complete `H5Z_class2_t`, whose texts and functions live as long as the library.
pub(super) unsafe fn replace_filter(class: *const c_void) {
    // SAFETY: the caller's promise; under the lock.
    unsafe { h5sim_replace_filter(class) };
}

/// The ranks of a file, of which this process is one.
#[derive(Debug)]
pub struct Communicator {
    handle: i32,
    /// The number of this one.
    pub rank: usize,
    /// How many there are.
    pub ranks: usize,
}

impl Communicator {
    /// The ranks of a communicator, which is known by Fortran's integer for it. All of them have to call this.
    pub fn duplicate(fortran: i32) -> Result<Self> {
        // SAFETY: a plain call, which MPI answers at any time.
        match unsafe { h5sim_mpi_state() } {
            0 => {
                return Err(Error::argument(
                    "MPI is not initialised: call MPI_Init first",
                ))
            }
            1 => {}
            _ => return Err(Error::argument("MPI is finalised")),
        }
        let (mut handle, mut rank, mut ranks) = (0, 0, 0);
        // SAFETY: three places for three numbers.
        let status = unsafe { h5sim_mpi_duplicate(fortran, &mut handle, &mut rank, &mut ranks) };
        check_mpi(status, "duplicating the communicator").map_err(|error| {
            // MPICH's words go on with addresses, which are others on each rank.
            let words = error.message.split(", error stack").next();
            Error::argument(format!(
                "fortran_communicator is {fortran}, expected that of a group of ranks, such as MPI_Comm_c2f(MPI_COMM_WORLD): {}",
                words.unwrap_or_default()
            ))
        })?;
        Ok(Self {
            handle,
            rank: rank as usize,
            ranks: ranks as usize,
        })
    }

    /// Gives on all ranks the least of each of the first six numbers on any, and the sums of the other two.
    pub fn agree(&self, mut numbers: [u64; 8]) -> Result<[u64; 8]> {
        // SAFETY: a live communicator, room for the numbers.
        let status = unsafe { h5sim_mpi_agree(self.handle, numbers.as_mut_ptr()) };
        check_mpi(status, "reaching the other ranks")?;
        Ok(numbers)
    }

    /// Gives all ranks the bytes that one has.
    pub fn tell(&self, from: usize, bytes: &mut [u8]) -> Result<()> {
        let (place, count) = (bytes.as_mut_ptr().cast(), bytes.len() as i32);
        // SAFETY: a live communicator, as many bytes as is said, which is few.
        let status = unsafe { h5sim_mpi_tell(self.handle, from as i32, place, count) };
        check_mpi(status, "reaching the other ranks")
    }

    /// Gives all ranks a few numbers of each, as many of all, in the order of the ranks.
    pub fn gather(&self, mine: &[u64]) -> Result<Vec<u64>> {
        let mut all = vec![0; mine.len() * self.ranks];
        let (from, to) = (mine.as_ptr().cast(), all.as_mut_ptr().cast());
        // SAFETY: a live communicator; room for as many bytes of each rank as each gives.
        let status = unsafe { h5sim_mpi_gather(self.handle, from, to, size_of_val(mine) as i32) };
        check_mpi(status, "reaching the other ranks")?;
        Ok(all)
    }

    /// Gives each rank its bytes of every other one: so many of them for each rank, and so many from each, in the order of the ranks. It is less than can be
    /// counted by 31 bits.
    pub fn exchange(
        &self,
        (out, for_each): (&[u8], &[usize]),
        (into, from_each): (&mut [u8], &[usize]),
    ) -> Result<()> {
        let counts = |all: &[usize]| all.iter().map(|&count| count as i32).collect::<Vec<_>>();
        let places = |all: &[usize]| {
            let next = |place: &mut i32, &count: &usize| {
                let here = *place;
                *place += count as i32;
                Some(here)
            };
            all.iter().scan(0, next).collect::<Vec<_>>()
        };
        for (counts, bytes) in [(for_each, out.len()), (from_each, into.len())] {
            let all: usize = counts.iter().sum();
            assert!(counts.len() == self.ranks, "a number for each rank");
            assert!(all <= bytes && i32::try_from(bytes).is_ok(), "room for all");
        }
        let (out_counts, out_places) = (counts(for_each), places(for_each));
        let (in_counts, in_places) = (counts(from_each), places(from_each));
        // The address of no bytes at all may be what MPI means something else by: Open MPI's MPI_IN_PLACE is 1, as that of an empty Vec.
        let out = if out.is_empty() { &[0][..] } else { out };
        // SAFETY: a live communicator, a number and a place for each rank, and memory for all, as was just checked.
        let status = unsafe {
            h5sim_mpi_exchange(
                self.handle,
                out.as_ptr().cast(),
                out_counts.as_ptr(),
                out_places.as_ptr(),
                into.as_mut_ptr().cast(),
                in_counts.as_ptr(),
                in_places.as_ptr(),
            )
        };
        check_mpi(status, "reaching the other ranks")
    }
}

impl Drop for Communicator {
    fn drop(&mut self) {
        // SAFETY: a live communicator that is ours alone; after its end MPI has none.
        unsafe {
            if h5sim_mpi_state() == 1 {
                h5sim_mpi_free(self.handle);
            }
        }
    }
}

/// How many bytes longer this process may make a file, as it is limited.
pub fn limit_of_file(path: &CStr) -> u64 {
    // SAFETY: a terminated text.
    unsafe { h5sim_mpi_limit(path.as_ptr()) }
}

/// How many bytes the file system has left where a file is.
pub fn space_for_file(path: &CStr) -> u64 {
    // SAFETY: a terminated text.
    unsafe { h5sim_mpi_space(path.as_ptr()) }
}

/// A file access property list for these ranks.
fn shared_access(options: &Open, parallel: &Parallel, ranks: &Communicator) -> Result<Id> {
    let what = "preparing to open";
    let list = super::files::file_access(options)?;
    let mut texts = Vec::new();
    for (key, value) in &parallel.hints {
        texts.push(super::c_text(key)?);
        texts.push(super::c_text(value)?);
    }
    let hints: Vec<*const c_char> = texts.iter().map(|text: &CString| text.as_ptr()).collect();
    let (alignment, least) = match parallel.alignment {
        Some(alignment) => (alignment.max(1), alignment.max(1)),
        None => (ALIGNMENT, WORTH_ALIGNING * ALIGNMENT),
    };
    // SAFETY: a live list and communicator; the hints are terminated texts that live to the end of this.
    unsafe {
        // A file of an older format cannot say that it is being written, and would be taken for whole after a rank has died.
        let low = match options.libver {
            super::Libver::Earliest => H5F_libver_t::H5F_LIBVER_V110,
            super::Libver::Latest => H5F_libver_t::H5F_LIBVER_V114,
        };
        check(
            H5Pset_libver_bounds(list.raw(), low, H5F_libver_t::H5F_LIBVER_V200),
            "choosing the format",
        )?;
        let count = (hints.len() / 2) as i32;
        let status = h5sim_mpi_access(list.raw(), ranks.handle, count, hints.as_ptr());
        if status < 0 {
            return Err(failure(what));
        }
        check_mpi(status, "giving MPI the hints")
            .map_err(|error| Error::argument(format!("option 'hints': {}", error.message)))?;
        check(H5Pset_alignment(list.raw(), least, alignment), what)?;
        check(H5Pset_meta_block_size(list.raw(), METADATA_BLOCK), what)?;
    }
    Ok(list)
}

/// Runs `body`, in which a transfer that fails on one of these ranks fails on all.
fn failing_together<T>(ranks: &Communicator, how: How, body: impl FnOnce() -> T) -> T {
    /// Ends it, also when `body` panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            // SAFETY: a plain call.
            unsafe { h5sim_mpi_together(0, 0, 0, 0) };
        }
    }
    let _end = End;
    let (is_scarce, is_closing) = (i32::from(how.is_scarce), i32::from(how.is_closing));
    // SAFETY: a live communicator, which is not used any more after the end.
    unsafe { h5sim_mpi_together(ranks.handle, 1, is_scarce, is_closing) };
    body()
}

/// Runs `body`, in which each rank reads its elements by itself if `is_apart`. All ranks still come together for it.
pub fn apart<T>(is_apart: bool, body: impl FnOnce() -> T) -> T {
    /// Ends it, also when `body` panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            // SAFETY: a plain call.
            unsafe { h5sim_mpi_apart(0) };
        }
    }
    let _end = End;
    // SAFETY: a plain call.
    unsafe { h5sim_mpi_apart(i32::from(is_apart)) };
    body()
}

/// How a call of all ranks is to make its transfers.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Whether there may be too little space: each rank writes for itself then, and can fail for itself.
    pub is_scarce: bool,
    /// Whether the file is closed next, and what is written need not be on the disks before.
    pub is_closing: bool,
}

/// What became of the transfers of this thread's latest call.
#[derive(Clone, Copy, Debug)]
pub struct Transferred {
    /// Whether metadata did not get to the file, which HDF5 takes for written.
    pub lost_metadata: bool,
    /// Whether one failed here because it did on another rank.
    pub failed_elsewhere: bool,
}

/// What became of the transfers of this thread's latest call.
pub fn transferred() -> Transferred {
    // SAFETY: a plain call.
    let outcome = unsafe { h5sim_mpi_outcome() };
    Transferred {
        lost_metadata: outcome & 1 != 0,
        failed_elsewhere: outcome & 2 != 0,
    }
}

/// Creates a file that these ranks share, all of which have to call this; one that exists is emptied, or refused when `exclusive`, with
/// the status for what exists.
pub fn create_shared(
    path: &Path,
    exclusive: bool,
    options: &Open,
    parallel: &Parallel,
    ranks: &Communicator,
) -> Result<Id> {
    let _lock = lock();
    let list = shared_access(options, parallel, ranks)?;
    let tracked;
    let creation = match options.track_order {
        true => {
            tracked = super::tracked_list(super::Tracked::File)?;
            tracked.raw()
        }
        false => H5P_DEFAULT,
    };
    let name = super::c_text(&path.to_string_lossy())?;
    let flags = if exclusive {
        H5F_ACC_EXCL
    } else {
        H5F_ACC_TRUNC
    };
    // SAFETY: a terminated path and live lists.
    let create = || unsafe { H5Fcreate(name.as_ptr(), flags, creation, list.raw()) };
    let id = failing_together(ranks, How::default(), create);
    Id::new(id, "creating the file").map_err(|mut error| {
        // MPI says it in its own words.
        if exclusive && error.message.to_lowercase().contains("exists") {
            error.status = Status::Exists;
        }
        error
    })
}

/// Opens a file that these ranks share, all of which have to call this.
pub fn open_shared(
    path: &Path,
    access: Access,
    options: &Open,
    parallel: &Parallel,
    ranks: &Communicator,
) -> Result<Id> {
    let _lock = lock();
    let list = shared_access(options, parallel, ranks)?;
    let name = super::c_text(&path.to_string_lossy())?;
    let flags = match access {
        Access::Read => H5F_ACC_RDONLY,
        Access::Write => H5F_ACC_RDWR,
    };
    // SAFETY: a terminated path and a live list.
    let open = || unsafe { H5Fopen(name.as_ptr(), flags, list.raw()) };
    let id = failing_together(ranks, How::default(), open);
    Id::new(id, "opening the file")
}

/// What MPI cannot write or read is the disk's matter, of which HDF5 does not say so.
fn of_the_disk(mut error: Error) -> Error {
    let is_transfer = ["file write failed", "file read failed", "MPI_"];
    if error.status == Status::Format
        && is_transfer
            .iter()
            .any(|words| error.message.contains(words))
    {
        error.status = Status::Io;
    }
    error
}

/// Whether a rank may write to a file by itself.
pub fn can_write_alone(file: &Id) -> bool {
    let _lock = lock();
    // SAFETY: a live file of ranks.
    unsafe { h5sim_mpi_can_write_alone(file.raw()) != 0 }
}

/// Hands everything written so far to the disks of all ranks.
pub fn flush_shared(file: &Id) -> Result<()> {
    let _lock = lock();
    // SAFETY: a live file.
    let status = unsafe { H5Fflush(file.raw(), H5F_scope_t::H5F_SCOPE_GLOBAL) };
    check(status, "flushing the file").map_err(of_the_disk)
}

/// Closes a file that ranks share.
pub fn close_shared(file: Id) -> Result<()> {
    let _lock = lock();
    let raw = file.raw();
    // HDF5 takes the identifier back, whether it succeeds or not.
    std::mem::forget(file);
    // SAFETY: a live file.
    check(unsafe { H5Fclose(raw) }, "closing the file").map_err(of_the_disk)
}

thread_local! {
    /// How this thread's transfers are made, and whether it writes where all ranks have the same elements.
    static TRANSFER: Cell<(hid_t, bool)> = const { Cell::new((H5P_DEFAULT, true)) };
}

/// The list of properties by which this thread's transfers are made.
pub(super) fn transfer() -> hid_t {
    TRANSFER.get().0
}

/// Whether this thread is in a call that all ranks make.
pub(super) fn are_together() -> bool {
    TRANSFER.get().0 != H5P_DEFAULT
}

/// The list of properties of transfers that all ranks make together.
fn collective() -> Result<hid_t> {
    static LIST: OnceLock<Id> = OnceLock::new();
    let _lock = lock();
    if LIST.get().is_none() {
        let what = "preparing a transfer";
        // SAFETY: a live list.
        let list = unsafe {
            let list = Id::new(H5Pcreate(*H5P_CLS_DATASET_XFER), what)?;
            check(h5sim_mpi_collective(list.raw()), what)?;
            list
        };
        // Under the lock nobody else has filled it meanwhile.
        let _ = LIST.set(list);
    }
    Ok(LIST.get().map_or(H5P_DEFAULT, Id::raw))
}

/// Runs `body`, whose transfers all ranks make together; elements that all of them have are written by the first rank.
pub fn together<T>(ranks: &Communicator, how: How, body: impl FnOnce() -> T) -> Result<T> {
    /// Gives back what was before, also when `body` panics.
    struct Before((hid_t, bool));
    impl Drop for Before {
        fn drop(&mut self) {
            TRANSFER.set(self.0);
        }
    }
    let list = collective()?;
    let _before = Before(TRANSFER.replace((list, ranks.rank == 0)));
    Ok(failing_together(ranks, how, body))
}

impl Dataset {
    /// Selects what a transfer of this rank covers: a part, or nothing.
    fn spaces_of(&self, part: Option<&Hyperslab>) -> Result<(u64, Id, hid_t)> {
        if let Some(part) = part.filter(|part| !part.count.contains(&0)) {
            if part.start.is_empty() {
                return Ok((1, super::new_space(&[], None)?, H5S_ALL));
            }
            if let (count, Some((memory, file))) = self.selected(Some(part))? {
                return Ok((count, memory, file));
            }
        }
        let memory = super::new_space(&[1], None)?;
        let file = self.unselect()?;
        // SAFETY: a live dataspace.
        check(unsafe { H5Sselect_none(memory.raw()) }, "selecting nothing")?;
        Ok((0, memory, file))
    }

    /// Whether another rank writes elements that all ranks have; this one takes part without any.
    pub(super) fn is_written_elsewhere(&self) -> bool {
        !TRANSFER.get().1
    }

    /// Writes a part of elements as they are in the file, or nothing, together with the other ranks.
    ///
    /// A part must lie inside the dataset.
    pub fn write_part(&self, part: Option<&Hyperslab>, data: &[u8]) -> Result<()> {
        let _lock = lock();
        let (count, memory, file) = self.spaces_of(part)?;
        self.hand_over(transfer(), count, (memory.raw(), file), data)
    }

    /// Writes elements as they are in the file without the other ranks: a part, or all. The dataset is contiguous, so that HDF5 need not know
    /// more of it.
    ///
    /// A part must lie inside the dataset.
    pub fn write_part_alone(&self, part: Option<&Hyperslab>, data: &[u8]) -> Result<()> {
        let _lock = lock();
        let (count, spaces) = self.selected(part)?;
        let (memory, file) = raw_spaces(&spaces);
        self.hand_over(H5P_DEFAULT, count, (memory, file), data)
    }

    /// Writes so many elements as they are in the file.
    fn hand_over(
        &self,
        list: hid_t,
        count: u64,
        (memory, file): (hid_t, hid_t),
        data: &[u8],
    ) -> Result<()> {
        assert!(
            data.len() as u64 >= count * self.element.size() as u64,
            "data for the selection"
        );
        // SAFETY: live identifiers; the length was just checked.
        let status = unsafe {
            H5Dwrite(
                self.id().raw(),
                self.element.raw(),
                memory,
                file,
                list,
                data.as_ptr().cast(),
            )
        };
        check(status, "writing the dataset").map_err(of_the_disk)
    }

    /// Reads a part as its elements are in the file, or nothing, together with the other ranks.
    ///
    /// A part must lie inside the dataset.
    pub fn read_part(&self, part: Option<&Hyperslab>, data: &mut [u8]) -> Result<()> {
        let _lock = lock();
        let (count, memory, file) = self.spaces_of(part)?;
        assert!(
            data.len() as u64 >= count * self.element.size() as u64,
            "room for the selection"
        );
        // SAFETY: live identifiers; the room was just checked.
        let status = unsafe {
            H5Dread(
                self.id().raw(),
                self.element.raw(),
                memory.raw(),
                file,
                transfer(),
                data.as_mut_ptr().cast(),
            )
        };
        check(status, "reading the dataset").map_err(of_the_disk)
    }
}
