//! Memory to encode and decode in, kept for the next who needs some, whichever file it is for.
//!
//! The system clears and maps memory that is new to a process page by page, which takes as long as decoding a chunk does.

#![forbid(unsafe_code)]

use super::filters::{self, Coder};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// The most bytes that are kept.
const MOST: usize = 16 << 20;

static POOL: Pool = Pool::new();

/// The memory that one thread encodes and decodes in.
#[derive(Default)]
pub struct Scratch {
    /// For each filter of the table, once it is needed.
    pub(super) coders: [Option<Box<dyn Coder>>; filters::COUNT],
    pub(super) current: Vec<u8>,
    pub(super) next: Vec<u8>,
    /// For whoever runs the pipeline: the bytes of a chunk as they are in the file.
    pub stored: Vec<u8>,
    /// For whoever runs the pipeline: the bytes of a chunk.
    pub chunk: Vec<u8>,
}

impl Scratch {
    /// How many bytes it has for chunks.
    fn memory(&self) -> usize {
        let buffers = [&self.current, &self.next, &self.stored, &self.chunk];
        buffers.iter().map(|buffer| buffer.capacity()).sum()
    }
}

/// What no thread uses now.
struct Pool {
    idle: Mutex<Vec<Scratch>>,
}

impl Pool {
    const fn new() -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
        }
    }

    /// What is idle, unless another thread looks just now, which in a forked child it may do for ever.
    fn idle(&self) -> Option<MutexGuard<'_, Vec<Scratch>>> {
        match self.idle.try_lock() {
            Ok(idle) => Some(idle),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn with<T>(&self, body: impl FnOnce(&mut Scratch) -> T) -> T {
        let found = self.idle().and_then(|mut idle| idle.pop());
        let mut scratch = found.unwrap_or_default();
        let done = body(&mut scratch);
        if let Some(mut idle) = self.idle() {
            let kept: usize = idle.iter().map(Scratch::memory).sum();
            if kept + scratch.memory() <= MOST {
                idle.push(scratch);
            }
        }
        done
    }
}

/// Runs `body` with memory to encode and decode in.
pub fn with<T>(body: impl FnOnce(&mut Scratch) -> T) -> T {
    POOL.with(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_to_decode_in_serves_again_unless_it_is_much() {
        let pool = Pool::new();
        let room = |bytes: usize| {
            pool.with(|scratch| {
                let before = scratch.stored.capacity();
                scratch.stored.reserve_exact(bytes);
                before
            })
        };
        assert_eq!((room(1000), room(0)), (0, 1000));
        // Two at a time are two.
        let inner = pool.with(|_| pool.with(|inner| inner.memory()));
        assert_eq!(inner, 0);
        assert_eq!(pool.idle().map(|idle| idle.len()), Some(2));
        room(MOST + 1);
        assert_eq!(pool.idle().map(|idle| idle.len()), Some(1));
    }
}
