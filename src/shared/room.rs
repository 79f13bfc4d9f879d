//! How much longer a file may become, as a rank knows it before a call.

#![forbid(unsafe_code)]

use crate::store::h5;
use std::ffi::CString;
use std::time::{Duration, Instant};

/// So long what the file system has told is taken for true, if that was much: other programs do not fill the rest in this time.
const FRESH: Duration = Duration::from_millis(10);
const MUCH: u64 = 1 << 30;

/// What limits the file on this rank.
#[derive(Debug)]
pub struct Room {
    /// The file, as the system takes it; None if it cannot.
    path: Option<CString>,
    /// Whether this rank asks the file system, for all.
    asks: bool,
    /// What the file system has told, without what was written since, and when.
    told: Option<(u64, Instant)>,
}

impl Room {
    /// Of the file at this path; one of its ranks asks the file system.
    pub fn new(path: &str, asks: bool) -> Self {
        Self {
            path: CString::new(path).ok(),
            asks,
            told: None,
        }
    }

    /// How many bytes longer this rank may make the file, as far as it knows.
    pub fn bytes(&mut self) -> u64 {
        let Some(path) = &self.path else {
            return u64::MAX;
        };
        let limit = h5::limit_of_file(path);
        if !self.asks {
            return limit;
        }
        let is_fresh = |told: &(u64, Instant)| told.0 >= MUCH && told.1.elapsed() < FRESH;
        let told = self.told.filter(is_fresh);
        let (left, _) = *self
            .told
            .insert(told.unwrap_or_else(|| (h5::space_for_file(path), Instant::now())));
        limit.min(left)
    }

    /// Notes that so many bytes of it will be written.
    pub fn take(&mut self, bytes: u64) {
        if let Some((left, _)) = &mut self.told {
            *left = left.saturating_sub(bytes);
        }
    }
}
