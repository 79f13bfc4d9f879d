//! How much memory this process keeps for all its open files together.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes where no file says otherwise: 64 processes of a node can afford it.
pub const DEFAULT: usize = 256 << 20;

static LIMIT: AtomicUsize = AtomicUsize::new(DEFAULT);
static USED: AtomicUsize = AtomicUsize::new(0);

/// The most bytes that may be kept.
pub fn limit() -> usize {
    LIMIT.load(Ordering::Relaxed)
}

/// Sets the most bytes that may be kept, from now on and for all files.
pub fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
    super::buffers::trim();
}

/// Whether more is kept than may be.
pub fn is_exceeded() -> bool {
    USED.load(Ordering::Relaxed) > limit()
}

/// Whether so many bytes more may be kept.
pub fn has_room(bytes: usize) -> bool {
    USED.load(Ordering::Relaxed).saturating_add(bytes) <= limit()
}

/// Whether so many bytes more are little beside what may be kept, so that nothing is lost by keeping what may not be wanted.
pub fn is_plentiful(bytes: usize) -> bool {
    USED.load(Ordering::Relaxed).saturating_add(bytes) <= limit() / 4
}

/// Bytes that one owner keeps; they count as long as this lives.
#[derive(Debug, Default)]
pub struct Account {
    bytes: usize,
}

impl Account {
    /// One that keeps nothing yet.
    pub const fn new() -> Self {
        Self { bytes: 0 }
    }

    /// The bytes kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts bytes that were `before` and are `now`.
    pub fn change(&mut self, before: usize, now: usize) {
        if now >= before {
            self.bytes += now - before;
            USED.fetch_add(now - before, Ordering::Relaxed);
        } else {
            let less = (before - now).min(self.bytes);
            self.bytes -= less;
            USED.fetch_sub(less, Ordering::Relaxed);
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        USED.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_counts_what_is_kept_and_gives_it_back() {
        let mut account = Account::default();
        account.change(0, 1000);
        account.change(1000, 300);
        assert_eq!(account.bytes(), 300);
        // More than was counted is never given back.
        account.change(500, 0);
        assert_eq!(account.bytes(), 0);
    }
}
