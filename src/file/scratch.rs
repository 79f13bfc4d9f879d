//! Memory to decode in, kept between two reads: to get it from the system again costs several percent of one.

#![forbid(unsafe_code)]

use crate::codec::Scratch;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most bytes that one file keeps.
const MOST: usize = 16 << 20;

/// Memory that no thread decodes in now.
#[derive(Default)]
pub struct ScratchPool {
    idle: Mutex<Vec<Scratch>>,
}

impl ScratchPool {
    fn idle(&self) -> MutexGuard<'_, Vec<Scratch>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `body` with memory to decode in.
    pub fn with<T>(&self, body: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut scratch = self.idle().pop().unwrap_or_default();
        let done = body(&mut scratch);
        let mut idle = self.idle();
        let kept: usize = idle.iter().map(Scratch::memory).sum();
        if kept + scratch.memory() <= MOST {
            idle.push(scratch);
        }
        done
    }
}
