//! Threads that help for the time of one call, as far as they come in time.
//!
//! On a machine whose processors all have work, as those of a simulation with a rank on each have, a new thread may have to wait for some
//! milliseconds before it runs: longer than most calls take. A thread that has not begun to help when the work is done is not waited for; it
//! finds the door closed, and ends.

use super::signals;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What the threads are called, in debuggers and where a panic is to be kept quiet.
pub const THREAD_NAME: &str = "h5sim";

/// Runs `work` on this thread while up to `count` others run `help`, which has to end by itself when nothing is left to do.
///
/// No `help` runs any more when this returns.
pub fn beside<T>(count: usize, help: &(dyn Fn() + Sync), work: impl FnOnce() -> T) -> T {
    if count == 0 {
        return work();
    }
    let door = Arc::new(Door {
        state: Mutex::new(State {
            help: Some(Help::new(help)),
            inside: 0,
        }),
        left: Condvar::new(),
    });
    // It is closed even if the work panics: what `help` refers to is there until then.
    let closing = Closing(&door);
    // Where those of earlier calls have not come yet, others come no sooner.
    for _ in late::count()..count {
        let door = Arc::clone(&door);
        if !start(move || door.help()) {
            // A thread that cannot be had is no failure: the calling thread does all that is left.
            break;
        }
    }
    let done = work();
    drop(closing);
    done
}

/// Starts a thread that is late until it comes; false if the system gives none.
fn start(run: impl FnOnce() + Send + 'static) -> bool {
    // The host's signals are for its own threads, whose handlers may count on that.
    let _blocked = signals::Blocked::new();
    late::add();
    let started = std::thread::Builder::new()
        .name(THREAD_NAME.to_string())
        .spawn(move || {
            late::remove();
            run();
        });
    if started.is_err() {
        late::remove();
    }
    started.is_ok()
}

/// What others do for a call, for as long as the door is open.
struct Help(*const (dyn Fn() + Sync));

// SAFETY: it is called through a reference by several threads, as `Sync` allows.
unsafe impl Send for Help {}

impl Help {
    fn new(help: &(dyn Fn() + Sync)) -> Self {
        // SAFETY: only how long it lives changes; it is not called after the door is closed, for which its owner waits.
        let help: &'static (dyn Fn() + Sync) = unsafe { std::mem::transmute(help) };
        Self(help)
    }
}

/// Where helpers come in.
struct Door {
    state: Mutex<State>,
    /// A helper has left.
    left: Condvar,
}

struct State {
    /// None once it is closed.
    help: Option<Help>,
    /// How many help just now.
    inside: usize,
}

impl Door {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Helps if it is not too late.
    fn help(&self) {
        let help = {
            let mut state = self.state();
            let Some(help) = &state.help else {
                return;
            };
            let help = help.0;
            state.inside += 1;
            help
        };
        let _leaving = Leaving(self);
        // SAFETY: who has opened the door waits until all have left it.
        unsafe { (*help)() };
    }
}

/// A helper leaves when this goes, even by a panic.
struct Leaving<'a>(&'a Door);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.state().inside -= 1;
        self.0.left.notify_one();
    }
}

/// The door is closed when this goes, and nobody is inside any more.
struct Closing<'a>(&'a Door);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.help = None;
        while state.inside > 0 {
            state = self
                .0
                .left
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The threads of this process that were started and have not come yet.
mod late {
    use std::sync::atomic::{AtomicU64, Ordering};

    /// How many, in the lower half, and in the upper one of which process: a child has none of its parent's.
    static LATE: AtomicU64 = AtomicU64::new(0);
    const HALF: u32 = 32;

    fn of(process: u32, all: u64) -> u64 {
        match all >> HALF == u64::from(process) {
            true => all & u64::from(u32::MAX),
            false => 0,
        }
    }

    pub fn count() -> usize {
        of(std::process::id(), LATE.load(Ordering::Relaxed)) as usize
    }

    pub fn add() {
        change(|count| count + 1);
    }

    pub fn remove() {
        change(|count| count.saturating_sub(1));
    }

    fn change(new: impl Fn(u64) -> u64) {
        let process = std::process::id();
        let change = |all| Some(u64::from(process) << HALF | new(of(process, all)));
        let _ = LATE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{catch_unwind, AssertUnwindSafe};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    #[test]
    fn who_helps_is_waited_for_and_who_is_late_finds_the_door_closed() {
        let (inside, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let help = || {
            inside.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            done.fetch_add(1, Ordering::SeqCst);
        };
        for turn in 0..20 {
            beside(3, &help, || {
                // Some of them come in time, and at times none.
                std::thread::sleep(Duration::from_micros(100 * turn));
            });
            // What they refer to may go now.
            let came = inside.load(Ordering::SeqCst);
            assert_eq!(came, done.load(Ordering::SeqCst));
        }
        assert!(done.load(Ordering::SeqCst) > 0);
    }

    #[test]
    fn nobody_helps_after_a_panic() {
        let runs = AtomicBool::new(false);
        let help = || {
            runs.store(true, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            runs.store(false, Ordering::SeqCst);
        };
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            beside(1, &help, || {
                std::thread::sleep(Duration::from_millis(5));
                std::panic::resume_unwind(Box::new("on purpose"));
            })
        }));
        assert!(panicked.is_err() && !runs.load(Ordering::SeqCst));
    }
}
