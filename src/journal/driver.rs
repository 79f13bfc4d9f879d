//! The file driver: HDF5's callbacks, each one a step into [`Session`].

use super::class::{
    DriverClass, DriverFile, MemoryType, CLASS_VERSION, FEATURE_ACCUMULATE_METADATA,
    FEATURE_AGGREGATE_METADATA, FEATURE_AGGREGATE_SMALL_DATA, FEATURE_DATA_SIEVE,
    FEATURE_DEFAULT_DRIVER_COMPATIBLE, MEMORY_TYPES,
};
use super::hooks::{self, Mutant};
use super::session::{Kind, Session};
use super::{Durability, Locking, Options};
use crate::error::{Error, Result};
use hdf5_sys::h5::{haddr_t, herr_t};
use hdf5_sys::h5f::{H5F_ACC_CREAT, H5F_ACC_EXCL, H5F_ACC_RDWR, H5F_ACC_TRUNC};
use hdf5_sys::h5fd::{H5FD_class_t, H5FDregister};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5Pget_driver_info, H5Pset_driver};
use std::collections::BTreeSet;
use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void, CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The driver's number, free for use outside the HDF Group.
const DRIVER_VALUE: c_int = 511;
const DRIVER_NAME: &CStr = c"h5sim";
/// `H5F_CLOSE_WEAK`: a driver without a degree makes every close fail.
const CLOSE_WEAK: c_int = 1;
/// Addresses are file offsets, which the operating system keeps signed.
const MAXIMUM_ADDRESS: haddr_t = i64::MAX as haddr_t;
/// `H5FD_MEM_DRAW`.
const RAW_DATA: MemoryType = 3;
/// No address.
const UNDEFINED_ADDRESS: haddr_t = haddr_t::MAX;
const SUCCEED: herr_t = 0;
const FAIL: herr_t = -1;

/// One free list for metadata (1) and one for raw data (3), as HDF5's own driver has it: a file's
/// free space that is kept from one opening to the next has to be managed in one way.
const FREE_LISTS: [MemoryType; MEMORY_TYPES] = [1, 1, 1, 3, 3, 1, 1];

/// What a file access property list carries to the open callback. HDF5 copies it byte by byte.
#[repr(C)]
#[derive(Clone, Copy)]
struct Settings {
    durability: Durability,
    overlay_limit: usize,
    locking: Locking,
}

/// What HDF5 holds of an open file: its own part first.
#[repr(C)]
pub struct OpenFile {
    public: DriverFile,
    session: Session,
}

impl OpenFile {
    /// The session behind HDF5's pointer, with the user block's size brought up to date.
    fn session(&mut self) -> &mut Session {
        if self.session.new_file {
            self.session.base = self.public.base_address;
        }
        &mut self.session
    }

    /// The session, for a commit.
    pub fn session_for_commit(&mut self) -> &mut Session {
        self.session()
    }
}

static CLASS: DriverClass = DriverClass {
    version: CLASS_VERSION,
    value: DRIVER_VALUE,
    name: DRIVER_NAME.as_ptr(),
    maximum_address: MAXIMUM_ADDRESS,
    close_degree: CLOSE_WEAK,
    terminate: None,
    superblock_size: None,
    superblock_encode: None,
    superblock_decode: None,
    access_list_size: size_of::<Settings>(),
    access_list_get: None,
    access_list_copy: None,
    access_list_free: None,
    transfer_list_size: 0,
    transfer_list_copy: None,
    transfer_list_free: None,
    open: Some(open),
    close: Some(close),
    compare: Some(compare),
    query: Some(query),
    get_type_map: None,
    allocate: None,
    free: None,
    get_end_of_allocation: Some(get_end_of_allocation),
    set_end_of_allocation: Some(set_end_of_allocation),
    get_end_of_file: Some(get_end_of_file),
    get_handle: Some(get_handle),
    read: Some(read),
    write: Some(write),
    read_vector: None,
    write_vector: None,
    read_selection: None,
    write_selection: None,
    flush: Some(flush),
    truncate: Some(truncate),
    // With a lock method HDF5 would mark the superblock of every open file, and stock
    // programs would refuse a file whose writer was killed.
    lock: None,
    unlock: None,
    delete: Some(delete),
    control: None,
    free_list_map: FREE_LISTS,
};

/// Whether HDF5 is creating a file: it then tries the plain opening first.
///
/// The property list is not the place for this, because files behind external links are opened
/// with a copy of it.
static CREATING: AtomicBool = AtomicBool::new(false);

/// Runs a call that creates a file. The caller holds HDF5's lock.
pub fn creating<T>(body: impl FnOnce() -> T) -> T {
    CREATING.store(true, Ordering::Relaxed);
    let done = body();
    CREATING.store(false, Ordering::Relaxed);
    done
}

/// The latest failure of a callback, which HDF5 cannot carry to the caller.
static FAILURE: Mutex<Option<Error>> = Mutex::new(None);

/// Takes the latest failure of the driver, if there was one since the last time.
pub fn take_failure() -> Option<Error> {
    FAILURE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

fn note(error: Error) {
    *FAILURE.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
}

/// Runs the body of a callback: no panic crosses into C, and a failure is kept for the caller.
fn guarded<T>(failed: T, body: impl FnOnce() -> Result<T>) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => {
            note(error);
            failed
        }
        Err(_) => {
            note(Error::internal(
                "the file driver panicked; please report it",
            ));
            failed
        }
    }
}

/// The registered driver. The caller holds HDF5's lock.
pub fn identifier() -> Result<hid_t> {
    static REGISTERED: OnceLock<hid_t> = OnceLock::new();
    let register = || {
        // SAFETY: HDF5 copies the class, whose layout is that of its own header.
        unsafe { H5FDregister(std::ptr::from_ref(&CLASS).cast::<H5FD_class_t>()) }
    };
    let driver = *REGISTERED.get_or_init(register);
    if driver < 0 {
        return Err(Error::internal("HDF5 refused the file driver"));
    }
    Ok(driver)
}

/// Makes a file access property list use the driver. The caller holds HDF5's lock.
pub fn set(access_list: hid_t, options: &Options) -> Result<()> {
    let settings = Settings {
        durability: options.durability,
        overlay_limit: options.overlay_limit,
        locking: options.locking,
    };
    // SAFETY: HDF5 copies `access_list_size` bytes of the settings, which are plain values.
    let status = unsafe {
        H5Pset_driver(
            access_list,
            identifier()?,
            std::ptr::from_ref(&settings).cast(),
        )
    };
    if status < 0 {
        return Err(Error::internal("HDF5 did not take the file driver"));
    }
    Ok(())
}

/// The addresses of the files that this driver has open.
static OPEN: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

fn open_files() -> MutexGuard<'static, BTreeSet<usize>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The open file behind what `H5Fget_vfd_handle` returned; none if another driver has it.
///
/// # Safety
///
/// HDF5's lock is held and the file is open as long as the reference lives.
pub unsafe fn open_file<'a>(handle: *mut c_void) -> Option<&'a mut OpenFile> {
    let is_ours = open_files().contains(&(handle as usize));
    // SAFETY: `open` below made what is at this address, and it is not closed yet.
    is_ours.then(|| unsafe { &mut *handle.cast::<OpenFile>() })
}

/// # Safety
///
/// `file` comes from [`open`] and is not closed yet; HDF5 calls no two callbacks at once.
unsafe fn session<'a>(file: *mut DriverFile) -> &'a mut Session {
    // SAFETY: `open` made it as the first field of an `OpenFile`.
    unsafe { (*file.cast::<OpenFile>()).session() }
}

unsafe extern "C" fn open(
    name: *const c_char,
    flags: c_uint,
    access_list: hid_t,
    _: haddr_t,
) -> *mut DriverFile {
    guarded(std::ptr::null_mut(), || {
        // SAFETY: HDF5 passes the NUL-terminated name it was given.
        let name = unsafe { CStr::from_ptr(name) };
        let path = Path::new(OsStr::from_bytes(name.to_bytes()));
        // SAFETY: the list is the one that chose this driver.
        let settings = unsafe { H5Pget_driver_info(access_list) }.cast::<Settings>();
        // SAFETY: the driver's data in the list are `Settings`, or absent.
        let settings = unsafe { settings.as_ref() }.copied().unwrap_or(Settings {
            durability: Durability::Kill,
            overlay_limit: Options::default().overlay_limit,
            locking: Locking::default(),
        });
        let options = Options {
            durability: settings.durability,
            overlay_limit: settings.overlay_limit,
            locking: settings.locking,
        };
        let session = if flags & (H5F_ACC_CREAT | H5F_ACC_TRUNC) != 0 {
            Session::create(path, flags & H5F_ACC_EXCL != 0, &options)?
        } else if CREATING.load(Ordering::Relaxed) {
            // HDF5 tries this first, to see whether the file is open in this process already.
            match Session::duplicate(path, &options)? {
                Some(duplicate) => duplicate,
                None => return Ok(std::ptr::null_mut()),
            }
        } else if flags & H5F_ACC_RDWR != 0 {
            Session::open_for_writing(path, &options)?
        } else {
            Session::open_for_reading(path, &options)?
        };
        let file = Box::new(OpenFile {
            public: DriverFile::zeroed(),
            session,
        });
        let file = Box::into_raw(file);
        open_files().insert(file as usize);
        Ok(file.cast::<DriverFile>())
    })
}

unsafe extern "C" fn close(file: *mut DriverFile) -> herr_t {
    guarded(FAIL, || {
        open_files().remove(&(file as usize));
        // SAFETY: `open` made it by `Box::into_raw`, and HDF5 forgets it now.
        let mut file = unsafe { Box::from_raw(file.cast::<OpenFile>()) };
        file.session();
        file.session.close().map(|()| SUCCEED)
    })
}

unsafe extern "C" fn compare(one: *const DriverFile, other: *const DriverFile) -> c_int {
    // SAFETY: HDF5 compares open files of this driver only.
    let (one, other) = unsafe {
        (
            &(*one.cast::<OpenFile>()).session,
            &(*other.cast::<OpenFile>()).session,
        )
    };
    one.identity.cmp(&other.identity) as c_int
}

unsafe extern "C" fn query(_: *const DriverFile, flags: *mut c_ulong) -> herr_t {
    // SAFETY: HDF5 passes a valid place for the answer.
    unsafe {
        *flags = FEATURE_AGGREGATE_METADATA
            | FEATURE_ACCUMULATE_METADATA
            | FEATURE_DATA_SIEVE
            | FEATURE_AGGREGATE_SMALL_DATA
            | FEATURE_DEFAULT_DRIVER_COMPATIBLE;
    }
    SUCCEED
}

unsafe extern "C" fn get_end_of_allocation(file: *const DriverFile, _: MemoryType) -> haddr_t {
    // SAFETY: an open file of this driver.
    unsafe { (*file.cast::<OpenFile>()).session.allocated_end }
}

unsafe extern "C" fn set_end_of_allocation(
    file: *mut DriverFile,
    _: MemoryType,
    end: haddr_t,
) -> herr_t {
    // SAFETY: an open file of this driver.
    unsafe { session(file) }.allocated_end = end;
    SUCCEED
}

unsafe extern "C" fn get_end_of_file(file: *const DriverFile, _: MemoryType) -> haddr_t {
    // SAFETY: an open file of this driver.
    unsafe { (*file.cast::<OpenFile>()).session.logical_end }
}

unsafe extern "C" fn get_handle(
    file: *mut DriverFile,
    _: hid_t,
    handle: *mut *mut c_void,
) -> herr_t {
    if handle.is_null() {
        return FAIL;
    }
    // SAFETY: a valid place for the answer, as just checked.
    unsafe { *handle = file.cast() };
    SUCCEED
}

unsafe extern "C" fn read(
    file: *mut DriverFile,
    _: MemoryType,
    _: hid_t,
    address: haddr_t,
    size: usize,
    buffer: *mut c_void,
) -> herr_t {
    guarded(FAIL, || {
        if address == UNDEFINED_ADDRESS || address.checked_add(size as u64).is_none() {
            return Err(Error::internal("HDF5 reads at an address that no file has"));
        }
        if size == 0 {
            return Ok(SUCCEED);
        }
        // SAFETY: HDF5 passes a buffer of `size` bytes; they may be uninitialised, and are
        // only written to.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), size) };
        // SAFETY: an open file of this driver.
        unsafe { session(file) }
            .read(address, buffer)
            .map(|()| SUCCEED)
    })
}

unsafe extern "C" fn write(
    file: *mut DriverFile,
    memory: MemoryType,
    _: hid_t,
    address: haddr_t,
    size: usize,
    buffer: *const c_void,
) -> herr_t {
    guarded(FAIL, || {
        if address == UNDEFINED_ADDRESS || address.checked_add(size as u64).is_none() {
            return Err(Error::internal(
                "HDF5 writes at an address that no file has",
            ));
        }
        if size == 0 {
            return Ok(SUCCEED);
        }
        // SAFETY: HDF5 passes a buffer of `size` bytes.
        let data = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), size) };
        // SAFETY: an open file of this driver.
        let session = unsafe { session(file) };
        let kind = if memory == RAW_DATA {
            Kind::Data
        } else {
            Kind::Metadata
        };
        match session.write(address, data, kind) {
            // A session that is thrown away must still be able to end.
            Err(_) if session.discard => Ok(SUCCEED),
            result => result.map(|()| SUCCEED),
        }
    })
}

/// Writes nothing: HDF5 flushes a part of the file for `H5Dflush` too, and only a commit knows
/// that everything is there.
unsafe extern "C" fn flush(file: *mut DriverFile, _: hid_t, closing: bool) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: an open file of this driver.
        let session = unsafe { session(file) };
        session.flushed_to_close |= closing;
        if hooks::mutant(Mutant::CommitInsideFlush) {
            session.commit()?;
        }
        Ok(SUCCEED)
    })
}

unsafe extern "C" fn truncate(file: *mut DriverFile, _: hid_t, _: bool) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: an open file of this driver.
        unsafe { session(file) }.truncate().map(|()| SUCCEED)
    })
}

unsafe extern "C" fn delete(name: *const c_char, _: hid_t) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: HDF5 passes the NUL-terminated name it was given.
        let name = unsafe { CStr::from_ptr(name) };
        let path = Path::new(OsStr::from_bytes(name.to_bytes()));
        super::remove(path).map(|()| SUCCEED)
    })
}
