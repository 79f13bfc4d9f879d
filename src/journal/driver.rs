//! The file driver: HDF5's callbacks, each one a step into [`Session`].

use super::class::{
    DriverClass, DriverFile, MemoryType, CLASS_VERSION, FEATURE_AGGREGATE_METADATA,
    FEATURE_AGGREGATE_SMALL_DATA, FEATURE_DEFAULT_DRIVER_COMPATIBLE, MEMORY_TYPES,
};
use super::hooks::{self, Mutant};
use super::lone;
use super::process::PerProcess;
use super::raw::{is_placeholder, Shared};
use super::session::{Role, Session, WriteKind};
use super::trusted::{self, require_harmless};
use super::{AtLimit, Durability, Locking, Options};
use crate::error::{Error, Result};
use crate::format::global_heap;
use hdf5_sys::h5::{haddr_t, herr_t};
use hdf5_sys::h5f::{
    H5Fget_access_plist, H5Fget_vfd_handle, H5F_ACC_CREAT, H5F_ACC_EXCL, H5F_ACC_RDWR,
    H5F_ACC_TRUNC,
};
use hdf5_sys::h5fd::{H5FD_class_t, H5FDregister};
use hdf5_sys::h5i::{hid_t, H5I_type_t, H5Iget_type};
use hdf5_sys::h5p::{H5Pclose, H5Pget_driver, H5Pget_driver_info, H5Pset_driver, H5P_DEFAULT};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void, CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

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
    at_limit: AtLimit,
    waiting_limit: u64,
    patience: Duration,
    locking: Locking,
    glance: bool,
}

/// What HDF5 holds of an open file: its own part first.
#[repr(C)]
struct DrivenFile {
    public: DriverFile,
    shared: Arc<Shared>,
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

thread_local! {
    /// Whether this thread has HDF5 create a file: it then tries the plain opening first.
    ///
    /// The property list is not the place for this, because files behind external links are opened
    /// with a copy of it.
    static CREATING: Cell<bool> = const { Cell::new(false) };
    /// The session that HDF5 is about to open a file with, whose bytes are open already.
    static ADOPTED: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// Runs a call by which HDF5 opens a file whose bytes are open already. They stay open if it fails.
pub fn adopting<T>(shared: &Arc<Shared>, body: impl FnOnce() -> Result<T>) -> Result<T> {
    ADOPTED.set(Some(Arc::clone(shared)));
    shared.is_adopted.store(false, Ordering::Relaxed);
    let done = body();
    ADOPTED.set(None);
    shared.is_adopted.store(done.is_ok(), Ordering::Relaxed);
    done
}

/// The latest failure of a callback, which HDF5 cannot carry to the caller. Guarded by HDF5's lock:
/// a value of the thread would be gone when the process's exit handlers run.
static FAILURE: PerProcess<Mutex<Option<Error>>> = PerProcess::new();

/// Runs a call that creates a file.
pub fn creating<T>(body: impl FnOnce() -> T) -> T {
    CREATING.set(true);
    let done = body();
    CREATING.set(false);
    done
}

/// Takes the latest failure of the driver, if there was one since the last time. The caller holds
/// HDF5's lock since the call that failed.
pub fn take_failure() -> Option<Error> {
    FAILURE.lock().take()
}

fn note(error: Error) {
    *FAILURE.lock() = Some(error);
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
    if let Some(driver) = REGISTERED.get() {
        return Ok(*driver);
    }
    // SAFETY: HDF5 copies the class, whose layout is that of its own header.
    let driver = unsafe { H5FDregister(std::ptr::from_ref(&CLASS).cast::<H5FD_class_t>()) };
    if driver < 0 {
        return Err(Error::internal("HDF5 refused the file driver"));
    }
    Ok(*REGISTERED.get_or_init(|| driver))
}

/// Makes a file access property list use the driver. The caller holds HDF5's lock.
pub fn set(access_list: hid_t, options: &Options) -> Result<()> {
    let settings = Settings {
        durability: options.durability,
        overlay_limit: options.overlay_limit,
        at_limit: options.at_limit,
        waiting_limit: options.waiting_limit,
        patience: options.patience,
        locking: options.locking,
        glance: options.glance,
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

/// The addresses of the files that this driver has open in this process.
static OPEN: PerProcess<Mutex<BTreeSet<usize>>> = PerProcess::new();

/// The session of an open file. The caller holds HDF5's lock.
pub fn shared(file: hid_t) -> Result<Arc<Shared>> {
    let mut handle = std::ptr::null_mut();
    // SAFETY: HDF5 checks the identifier; the place is valid.
    if unsafe { H5Fget_vfd_handle(file, H5P_DEFAULT, &mut handle) } < 0 {
        // SAFETY: HDF5 checks the identifier.
        return Err(match unsafe { H5Iget_type(file) } {
            H5I_type_t::H5I_FILE => why_without_handle(file)?,
            _ => Error::handle("this is not an open file"),
        });
    }
    let is_ours = OPEN.lock().contains(&(handle as usize));
    if !is_ours {
        return Err(Error::handle(
            "the file was opened before fork: only the parent process may use it; open it again here",
        ));
    }
    // SAFETY: `open` below made what is at this address in this process, and HDF5, whose lock is
    // held, has not closed it yet.
    let file = unsafe { &*handle.cast::<DrivenFile>() };
    if let Ok(mut session) = file.shared.write() {
        update_base(&file.public, &mut session);
    }
    Ok(Arc::clone(&file.shared))
}

/// Why HDF5 gives nothing of an open file's driver. The caller holds HDF5's lock.
fn why_without_handle(file: hid_t) -> Result<Error> {
    let failure = || Error::internal("HDF5 does not tell of the file's driver");
    // SAFETY: HDF5 checks the identifiers; the list is given back.
    let driver = unsafe {
        let list = H5Fget_access_plist(file);
        if list < 0 {
            return Err(failure());
        }
        let driver = H5Pget_driver(list);
        H5Pclose(list);
        driver
    };
    Ok(match driver < 0 || driver == identifier()? {
        true => failure(),
        false => Error::unsupported("the file is open with a foreign driver"),
    })
}

/// HDF5 tells the user block's size in its own part, after the open callback.
fn update_base(public: &DriverFile, session: &mut Session) {
    if session.new_file {
        session.base = public.base_address;
    }
}

/// What bytes are that HDF5 reads or writes. A global heap is metadata that it reads and writes as raw data.
fn kind_of(memory: MemoryType, bytes: &[u8]) -> WriteKind {
    match memory == RAW_DATA && !global_heap::is_collection(bytes) {
        true => WriteKind::Data,
        false => WriteKind::Metadata,
    }
}

/// Notes that HDF5 reads or writes metadata, and may keep it.
///
/// # Safety
///
/// `file` comes from [`open`] and is not closed yet.
unsafe fn note_seen(file: *const DriverFile, kind: WriteKind, address: haddr_t, size: usize) {
    // SAFETY: `open` made it as the first field of an `OpenFile`; nothing but the locks changes it.
    let shared = unsafe { &(*file.cast::<DrivenFile>()).shared };
    if kind == WriteKind::Metadata && shared.is_ours() {
        shared.note_seen(address, size as u64);
    }
}

/// The end that `end` gives; in a child of the process that opened the file, the end that HDF5 set.
///
/// # Safety
///
/// `file` comes from [`open`] and is not closed yet.
unsafe fn end_of(
    file: *const DriverFile,
    end: impl FnOnce(&Session) -> haddr_t,
) -> Result<haddr_t> {
    // SAFETY: `open` made it as the first field of an `OpenFile`.
    let shared = unsafe { &(*file.cast::<DrivenFile>()).shared };
    if !shared.is_ours() {
        // With another end HDF5 would search its free space for ever.
        return Ok(shared.end_for_children.load(Ordering::Relaxed));
    }
    Ok(end(&*shared.read()?))
}

/// Runs `body` with the session to change; in a child of the process that opened it nothing
/// happens, and HDF5 may believe that it did.
///
/// # Safety
///
/// `file` comes from [`open`] and is not closed yet.
unsafe fn changing(
    file: *mut DriverFile,
    body: impl FnOnce(&mut Session) -> Result<()>,
) -> Result<herr_t> {
    // SAFETY: `open` made it as the first field of an `OpenFile`; HDF5 changes its own part
    // before and after callbacks, but not during one.
    let file = unsafe { &*file.cast::<DrivenFile>() };
    if !file.shared.is_ours() {
        return Ok(SUCCEED);
    }
    let mut session = file.shared.write()?;
    update_base(&file.public, &mut session);
    body(&mut session).map(|()| SUCCEED)
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
        if let Some(shared) = ADOPTED.take() {
            return Ok(driven(shared));
        }
        // SAFETY: the list is the one that chose this driver.
        let settings = unsafe { H5Pget_driver_info(access_list) }.cast::<Settings>();
        // SAFETY: the driver's data in the list are `Settings`, or absent.
        let options = match unsafe { settings.as_ref() } {
            None => Options {
                locking: Locking::default().unless_overruled(),
                ..Options::default()
            },
            Some(settings) => Options {
                durability: settings.durability,
                overlay_limit: settings.overlay_limit,
                at_limit: settings.at_limit,
                waiting_limit: settings.waiting_limit,
                patience: settings.patience,
                locking: settings.locking,
                glance: settings.glance,
            },
        };
        let session = if flags & (H5F_ACC_CREAT | H5F_ACC_TRUNC) != 0 {
            Session::create(path, flags & H5F_ACC_EXCL != 0, &options)?
        } else if CREATING.get() {
            // HDF5 tries this first, to see whether the file is open in this process already.
            match Session::duplicate(path, &options)? {
                Some(duplicate) => duplicate,
                None => return Ok(std::ptr::null_mut()),
            }
        } else if flags & H5F_ACC_RDWR != 0 {
            Session::open_for_writing(path, &options)?
        } else {
            let mut session = Session::open_for_reading(path, &options)?;
            if session.role == Role::Reader {
                if let Err(error) = session.check_mark() {
                    // The first failure is the one to tell of.
                    let _ = session.close();
                    return Err(error);
                }
            }
            session
        };
        if session.role == Role::Duplicate && !CREATING.get() {
            // HDF5 compares it with the files that it has open, of which it is to be one.
            lone::open_behind_link(session.identity)?;
        }
        Ok(driven(Arc::new(Shared::new(session))))
    })
}

/// What HDF5 gets for a session.
fn driven(shared: Arc<Shared>) -> *mut DriverFile {
    let file = Box::into_raw(Box::new(DrivenFile {
        public: DriverFile::zeroed(),
        shared,
    }));
    OPEN.lock().insert(file as usize);
    file.cast()
}

unsafe extern "C" fn close(file: *mut DriverFile) -> herr_t {
    guarded(FAIL, || {
        OPEN.lock().remove(&(file as usize));
        // SAFETY: an open file of this driver.
        let shared = unsafe { &(*file.cast::<DrivenFile>()).shared };
        let done = match shared.is_adopted.load(Ordering::Relaxed) {
            // SAFETY: an open file of this driver.
            true => unsafe { changing(file, Session::close) },
            false => Ok(SUCCEED),
        };
        // SAFETY: `open` made it by `Box::into_raw`, and HDF5 forgets it now.
        let file = unsafe { Box::from_raw(file.cast::<DrivenFile>()) };
        if !file.shared.is_ours() {
            // Memory of the parent's: its lock may be held for ever.
            std::mem::forget(file);
        }
        done
    })
}

unsafe extern "C" fn compare(one: *const DriverFile, other: *const DriverFile) -> c_int {
    // SAFETY: HDF5 compares open files of this driver only.
    let (one, other) = unsafe {
        (
            &(*one.cast::<DrivenFile>()).shared,
            &(*other.cast::<DrivenFile>()).shared,
        )
    };
    // A file that the parent opened is not the same, whatever it is called, nor is one that is only looked into.
    let key = |file: &Shared| {
        let is_abandoned = file.is_abandoned.load(Ordering::Relaxed);
        (file.generation, file.identity, file.glance, is_abandoned)
    };
    key(one).cmp(&key(other)) as c_int
}

unsafe extern "C" fn query(_: *const DriverFile, flags: *mut c_ulong) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: HDF5 passes a valid place for the answer.
        unsafe {
            *flags = FEATURE_AGGREGATE_METADATA
                // Neither HDF5's buffer of metadata nor its sieve buffer: each holds, and writes, what lies between the bytes that are its own, while raw
                // data and metadata are written past HDF5.
                | FEATURE_AGGREGATE_SMALL_DATA
                | FEATURE_DEFAULT_DRIVER_COMPATIBLE;
        }
        Ok(SUCCEED)
    })
}

unsafe extern "C" fn get_end_of_allocation(file: *const DriverFile, _: MemoryType) -> haddr_t {
    // SAFETY: an open file of this driver.
    guarded(UNDEFINED_ADDRESS, || unsafe {
        end_of(file, |session| session.allocated_end)
    })
}

unsafe extern "C" fn set_end_of_allocation(
    file: *mut DriverFile,
    _: MemoryType,
    end: haddr_t,
) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: an open file of this driver.
        unsafe {
            let shared = &(*file.cast::<DrivenFile>()).shared;
            shared.end_for_children.store(end, Ordering::Relaxed);
            changing(file, |session| {
                session.allocated_end = end;
                Ok(())
            })
        }
    })
}

unsafe extern "C" fn get_end_of_file(file: *const DriverFile, _: MemoryType) -> haddr_t {
    // SAFETY: an open file of this driver.
    guarded(UNDEFINED_ADDRESS, || unsafe {
        end_of(file, |session| session.logical_end)
    })
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
    memory: MemoryType,
    _: hid_t,
    address: haddr_t,
    size: usize,
    buffer: *mut c_void,
) -> herr_t {
    guarded(FAIL, || {
        if address == UNDEFINED_ADDRESS || address.checked_add(size as u64).is_none() {
            return Err(Error::format(
                "an address is referred to that no file has: the file is damaged",
            ));
        }
        if size == 0 {
            return Ok(SUCCEED);
        }
        // SAFETY: HDF5 passes a buffer of `size` bytes; they may be uninitialised, and are
        // only written to.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), size) };
        // SAFETY: an open file of this driver.
        let shared = unsafe { &(*file.cast::<DrivenFile>()).shared };
        let session = shared.read()?;
        session.read(address, buffer)?;
        // SAFETY: an open file of this driver.
        unsafe { note_seen(file, kind_of(memory, buffer), address, size) };
        require_harmless(shared, &session, address, buffer).map(|()| SUCCEED)
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
        if is_placeholder(buffer) {
            // SAFETY: an open file of this driver.
            return unsafe { changing(file, |session| note_place(session, address, size)) };
        }
        // SAFETY: HDF5 passes a buffer of `size` bytes.
        let data = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), size) };
        let kind = kind_of(memory, data);
        // SAFETY: an open file of this driver.
        unsafe { note_seen(file, kind, address, size) };
        if kind == WriteKind::Metadata {
            // SAFETY: an open file of this driver.
            let shared = unsafe { &(*file.cast::<DrivenFile>()).shared };
            if shared.is_ours() {
                trusted::note_written(shared, address, data);
            }
        }
        // SAFETY: an open file of this driver.
        unsafe { changing(file, |session| session.write(address, data, kind)) }
    })
}

/// Notes where HDF5 would have written bytes that it was not given.
fn note_place(session: &mut Session, address: haddr_t, size: usize) -> Result<()> {
    let Some(places) = &mut session.places else {
        return Err(Error::internal("HDF5 writes a placeholder"));
    };
    places.push((address, size as u64));
    Ok(())
}

/// Writes nothing: HDF5 flushes a part of the file for `H5Dflush` too, and only a commit knows
/// that everything is there.
unsafe extern "C" fn flush(file: *mut DriverFile, _: hid_t, closing: bool) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: an open file of this driver.
        unsafe {
            changing(file, |session| {
                session.flushed_to_close |= closing;
                if hooks::mutant(Mutant::CommitInsideFlush) {
                    session.commit()?;
                }
                Ok(())
            })
        }
    })
}

unsafe extern "C" fn truncate(file: *mut DriverFile, _: hid_t, _: bool) -> herr_t {
    guarded(FAIL, || {
        // SAFETY: an open file of this driver.
        unsafe {
            changing(file, |session| {
                session.truncate();
                Ok(())
            })
        }
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
