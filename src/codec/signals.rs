//! Keeps signals from threads that are about to be started.

use std::mem::MaybeUninit;

/// All signals are blocked in this thread, and so in those that it starts, until this is dropped.
pub struct Blocked {
    before: Option<libc::sigset_t>,
}

impl Blocked {
    /// Blocks them.
    pub fn new() -> Self {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: both places are valid; the first is filled before it is read, the second by a call that succeeds.
        let before = unsafe {
            libc::sigfillset(all.as_mut_ptr());
            let status = libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr());
            (status == 0).then(|| before.assume_init())
        };
        Self { before }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // SAFETY: the set that this thread had; nothing is asked back.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_blocked(signal: libc::c_int) -> bool {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: a valid place, filled by the call.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), set.as_mut_ptr());
            libc::sigismember(set.as_ptr(), signal) == 1
        }
    }

    #[test]
    fn a_thread_started_meanwhile_gets_no_signals_and_this_one_gets_them_again() {
        assert!(!is_blocked(libc::SIGUSR1));
        let thread = {
            let _blocked = Blocked::new();
            std::thread::spawn(|| is_blocked(libc::SIGUSR1))
        };
        assert!(thread.join().unwrap());
        assert!(!is_blocked(libc::SIGUSR1));
    }
}
