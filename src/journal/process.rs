//! Notices that the process was forked, and keeps the child away from what is its parent's.
//!
//! A page that the kernel wipes in a child tells old from new at the price of one load; it sees
//! `fork`, `_Fork` and a raw `clone` alike. The child's copies of our descriptors are closed
//! at once, because they would keep the parent's file locks alive after it has died. Nothing is
//! unlocked there, and no file is touched.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// What lies in the page: all zeros in a process that was forked just now.
struct Page {
    generation: AtomicU64,
    noticing: AtomicU32,
}

/// The page; null before the first call and where the kernel cannot wipe it.
static PAGE: AtomicPtr<Page> = AtomicPtr::new(std::ptr::null_mut());
/// The latest generation. A child inherits its value.
static LATEST: AtomicU64 = AtomicU64::new(1);
/// The process of the latest generation, where there is no page.
static PROCESS: AtomicI32 = AtomicI32::new(0);
/// Whether HDF5 was in no other thread's hands at the latest fork.
static HDF5_IS_USABLE: AtomicBool = AtomicBool::new(true);

/// Tells this process from those that it was forked from: a number that grows with each fork.
#[inline]
pub fn generation() -> u64 {
    // With what `start` wrote into the page before it made it known.
    let page = PAGE.load(Ordering::Acquire);
    if !page.is_null() {
        // SAFETY: a page that `start` mapped and nobody unmaps; only atomics lie in it.
        let generation = unsafe { (*page).generation.load(Ordering::Relaxed) };
        if generation != 0 {
            return generation;
        }
    }
    look_again()
}

/// Whether HDF5 can be used in this process: not in a child if another thread of its parent was
/// inside HDF5 at the fork, since nobody finishes that call here.
pub fn hdf5_is_usable() -> bool {
    generation();
    HDF5_IS_USABLE.load(Ordering::Relaxed)
}

#[cold]
fn look_again() -> u64 {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(start);
    let page = PAGE.load(Ordering::Acquire);
    if page.is_null() {
        // SAFETY: a plain call.
        let process = unsafe { libc::getpid() };
        let known = PROCESS.load(Ordering::Acquire);
        if known != process
            && PROCESS
                .compare_exchange(known, process, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
        {
            LATEST.fetch_add(1, Ordering::AcqRel);
            leave_the_parent_alone();
        }
        return LATEST.load(Ordering::Acquire);
    }
    // SAFETY: as above.
    let page = unsafe { &*page };
    let first = page
        .noticing
        .compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire)
        .is_ok();
    if first {
        let generation = LATEST.fetch_add(1, Ordering::AcqRel) + 1;
        leave_the_parent_alone();
        page.generation.store(generation, Ordering::Release);
    }
    loop {
        match page.generation.load(Ordering::Acquire) {
            0 => std::hint::spin_loop(),
            generation => return generation,
        }
    }
}

/// Maps the page, and asks to be told of forks that the C library makes.
fn start() {
    // SAFETY: a plain call.
    PROCESS.store(unsafe { libc::getpid() }, Ordering::Release);
    let page = wiped_page();
    if !page.is_null() {
        // SAFETY: a page of zeros that nobody else knows yet; zeros are valid atomics.
        unsafe {
            (*page).noticing.store(1, Ordering::Relaxed);
            (*page)
                .generation
                .store(LATEST.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        PAGE.store(page, Ordering::Release);
    }
    // SAFETY: the handler lives as long as the library, which is not unloaded; it takes no lock
    // and allocates nothing. Without it the child notices at its first call of ours.
    unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}

unsafe extern "C" fn in_child() {
    generation();
}

/// A page of zeros that is one in every child, too; null if the kernel has none.
fn wiped_page() -> *mut Page {
    #[cfg(target_os = "linux")]
    {
        const SIZE: usize = 4096;
        // SAFETY: a new mapping of our own.
        unsafe {
            let page = libc::mmap(
                std::ptr::null_mut(),
                SIZE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            if page == libc::MAP_FAILED {
                return std::ptr::null_mut();
            }
            if libc::madvise(page, SIZE, libc::MADV_WIPEONFORK) != 0 {
                libc::munmap(page, SIZE);
                return std::ptr::null_mut();
            }
            page.cast()
        }
    }
    #[cfg(not(target_os = "linux"))]
    std::ptr::null_mut()
}

/// What a child does first: takes no lock, allocates nothing, touches no file.
fn leave_the_parent_alone() {
    if hdf5_sys::LOCK.try_lock().is_none() {
        HDF5_IS_USABLE.store(false, Ordering::Relaxed);
    }
    let mut block = &DESCRIPTORS;
    loop {
        for slot in &block.slots {
            let descriptor = slot.swap(FREE, Ordering::AcqRel);
            if descriptor >= 0 {
                // SAFETY: a descriptor that the parent opened for a `Descriptor`, which never
                // uses its number in this generation.
                unsafe { libc::close(descriptor) };
            }
        }
        // SAFETY: null, or a block that was leaked for good.
        match unsafe { block.next.load(Ordering::Acquire).as_ref() } {
            Some(next) => block = next,
            None => return,
        }
    }
}

const FREE: i32 = -1;
const SLOTS: usize = 64;

/// Some of the open descriptors. Blocks are never given back, so that no lock is needed.
struct Block {
    slots: [AtomicI32; SLOTS],
    next: AtomicPtr<Block>,
}

impl Block {
    const fn new() -> Self {
        Self {
            slots: [const { AtomicI32::new(FREE) }; SLOTS],
            next: AtomicPtr::new(std::ptr::null_mut()),
        }
    }
}

static DESCRIPTORS: Block = Block::new();

/// Notes a descriptor, for children to close.
fn list(descriptor: i32) -> &'static AtomicI32 {
    let mut block = &DESCRIPTORS;
    loop {
        for slot in &block.slots {
            let taken =
                slot.compare_exchange(FREE, descriptor, Ordering::AcqRel, Ordering::Relaxed);
            if taken.is_ok() {
                return slot;
            }
        }
        // SAFETY: null, or a block that was leaked for good.
        if let Some(next) = unsafe { block.next.load(Ordering::Acquire).as_ref() } {
            block = next;
            continue;
        }
        let new = Box::into_raw(Box::new(Block::new()));
        let linked = block.next.compare_exchange(
            std::ptr::null_mut(),
            new,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        if linked.is_err() {
            // SAFETY: made just now, and nobody else has seen it.
            drop(unsafe { Box::from_raw(new) });
        }
    }
}

/// A descriptor of this process, which is nobody's in a child.
#[derive(Debug)]
pub struct Descriptor {
    number: i32,
    generation: u64,
    slot: &'static AtomicI32,
}

impl Descriptor {
    /// Takes over what `open` returned in this generation.
    pub fn new(number: i32, generation: u64) -> Self {
        Self {
            number,
            generation,
            slot: list(number),
        }
    }

    /// The number for a system call; in a child, and after [`Descriptor::close`], there is none.
    pub fn get(&self) -> std::io::Result<i32> {
        if self.number < 0 || self.generation != generation() {
            return Err(std::io::Error::from_raw_os_error(libc::EBADF));
        }
        Ok(self.number)
    }

    /// Whether this process opened it.
    pub fn is_ours(&self) -> bool {
        self.generation == generation()
    }

    /// Closes it, if it is this process's.
    pub fn close(&mut self) {
        let number = std::mem::replace(&mut self.number, -1);
        if number >= 0 && self.generation == generation() {
            self.slot.store(FREE, Ordering::Release);
            // SAFETY: nobody else has the number, and it is not used again.
            unsafe { libc::close(number) };
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        self.close();
    }
}

/// A value that a child does not inherit: it starts with a new one.
///
/// Those of its parents stay in memory untouched: their locks may be held by threads that a child does not have.
pub struct PerProcess<T: 'static> {
    place: AtomicPtr<(u64, T)>,
}

impl<T: Default> PerProcess<T> {
    /// A value that is made at its first use.
    #[allow(clippy::new_without_default)] // Only for statics, which `Default` is of no use to.
    pub const fn new() -> Self {
        Self {
            place: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// The value of this process.
    pub fn get(&self) -> &'static T {
        let generation = generation();
        let mut known = self.place.load(Ordering::Acquire);
        loop {
            // SAFETY: null, or a box that was leaked for good.
            if let Some((made_by, value)) = unsafe { known.as_ref() } {
                if *made_by == generation {
                    return value;
                }
            }
            let new = Box::into_raw(Box::new((generation, T::default())));
            match self
                .place
                .compare_exchange(known, new, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => known = new,
                Err(other) => {
                    // SAFETY: made just now, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(new) });
                    known = other;
                }
            }
        }
    }
}

impl<T: Default> PerProcess<Mutex<T>> {
    /// The value of this process, behind its lock.
    pub fn lock(&self) -> MutexGuard<'static, T> {
        // What is kept here is whole whenever the lock is free, whoever panicked.
        self.get().lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    /// Runs `body` in a child made by `fork`, and gives its exit status.
    fn in_a_child(fork: impl FnOnce() -> libc::pid_t, body: impl FnOnce() -> i32) -> i32 {
        match fork() {
            0 => {
                let status = body();
                // SAFETY: ends the child without the handlers of the test program.
                unsafe { libc::_exit(status) }
            }
            child => {
                let mut status = 0;
                // SAFETY: the child is ours, and the place is valid.
                assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
                assert!(libc::WIFEXITED(status), "the child died: {status}");
                libc::WEXITSTATUS(status)
            }
        }
    }

    #[test]
    fn every_kind_of_fork_is_noticed_and_closes_the_copies() {
        static SHARED: PerProcess<Mutex<Vec<i32>>> = PerProcess::new();
        SHARED.lock().push(7);
        let before = generation();
        let file = std::fs::File::open("/dev/null").unwrap();
        // SAFETY: a copy of a descriptor.
        let number = unsafe { libc::dup(file.as_raw_fd()) };
        let descriptor = Descriptor::new(number, before);
        assert_eq!(descriptor.get().unwrap(), number);
        // SAFETY: the children only look around and end.
        let plain = || unsafe { libc::fork() };
        // SAFETY: as above; the raw call runs no handler.
        let raw =
            || unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) as libc::pid_t };
        let look = || {
            let mut wrong = 0;
            wrong |= i32::from(generation() == before);
            wrong |= i32::from(descriptor.get().is_ok()) << 1;
            // SAFETY: asks only.
            wrong |= i32::from(unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0) << 2;
            wrong |= i32::from(!SHARED.lock().is_empty()) << 3;
            wrong
        };
        assert_eq!(in_a_child(plain, look), 0);
        assert_eq!(in_a_child(raw, look), 0);
        assert_eq!(generation(), before);
        assert_eq!(descriptor.get().unwrap(), number);
        assert_eq!(*SHARED.lock(), [7]);
    }

    #[test]
    fn hdf5_is_unusable_where_another_thread_was_inside() {
        // SAFETY: the child only looks around and ends.
        let plain = || unsafe { libc::fork() };
        // Other tests may hold the lock: with it held here, no other thread does.
        let guard = hdf5_sys::LOCK.lock();
        assert_eq!(in_a_child(plain, || i32::from(hdf5_is_usable())), 1);
        drop(guard);
        let (held, is_held) = std::sync::mpsc::channel();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || {
            let _guard = hdf5_sys::LOCK.lock();
            held.send(()).unwrap();
            let _ = is_done.recv();
        });
        is_held.recv().unwrap();
        assert_eq!(in_a_child(plain, || i32::from(hdf5_is_usable())), 0);
        drop(done);
        other.join().unwrap();
        assert!(hdf5_is_usable());
    }
}
