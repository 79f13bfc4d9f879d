//! Buffers of chunks that nobody needs any more, for those to come, whichever file they are of.
//!
//! Memory that is new to a process is cleared and mapped by the system page by page, which takes as long as reading the chunk.

#![forbid(unsafe_code)]

use super::memory::{self, Account};
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;

/// Smaller ones cost nothing to get.
const LEAST: usize = 4 << 10;

/// The part of what may be kept in memory that buffers without a chunk may take.
const PART: usize = 16;

static SPARE: Mutex<Spare> = Mutex::new(Spare {
    by_capacity: BTreeMap::new(),
    account: Account::new(),
});

/// The buffers, by their capacity.
struct Spare {
    by_capacity: BTreeMap<usize, Vec<Vec<u8>>>,
    account: Account,
}

impl Spare {
    fn remove(&mut self, capacity: usize) -> Option<Vec<u8>> {
        let buffers = self.by_capacity.get_mut(&capacity)?;
        let buffer = buffers.pop();
        if buffers.is_empty() {
            self.by_capacity.remove(&capacity);
        }
        if buffer.is_some() {
            self.account.change(capacity, 0);
        }
        buffer
    }

    /// Gives the system back what is too much.
    fn trim(&mut self) {
        while self.account.bytes() > memory::limit() / PART {
            let Some((&largest, _)) = self.by_capacity.last_key_value() else {
                return;
            };
            self.remove(largest);
        }
    }
}

/// The buffers, unless another thread has them just now, which in a forked child it may have for ever.
fn spare() -> Option<MutexGuard<'static, Spare>> {
    SPARE.try_lock()
}

/// A buffer with room for so many bytes if there is one, or a new one without room. What is in it is of no meaning.
pub fn take(bytes: usize) -> Vec<u8> {
    let found = spare().and_then(|mut spare| {
        let fitting = bytes..=bytes.saturating_mul(2);
        let (&capacity, _) = spare.by_capacity.range(fitting).next()?;
        spare.remove(capacity)
    });
    found.unwrap_or_default()
}

/// Takes a buffer back.
pub fn give_back(buffer: Vec<u8>) {
    let capacity = buffer.capacity();
    if capacity < LEAST || capacity > memory::limit() / PART {
        return;
    }
    if let Some(mut spare) = spare() {
        spare.account.change(0, capacity);
        spare.by_capacity.entry(capacity).or_default().push(buffer);
        spare.trim();
    }
}

/// Keeps no more than may be kept now.
pub fn trim() {
    if let Some(mut spare) = spare() {
        spare.trim();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_for_a_chunk_that_fits_it() {
        // A size that no other test has.
        let bytes = (1 << 20) + 12_345;
        let buffer = Vec::with_capacity(bytes);
        let (place, capacity) = (buffer.as_ptr(), buffer.capacity());
        give_back(buffer);
        let mut others = vec![take(bytes / 4), take(4 * bytes)];
        assert!(others.iter().all(|other| other.as_ptr() != place));
        let again = take(bytes);
        assert_eq!((again.as_ptr(), again.capacity()), (place, capacity));
        others.push(take(bytes));
        assert!(others.iter().all(|other| other.as_ptr() != place));
        give_back(Vec::with_capacity(memory::limit() / PART + 1));
        assert!(take(memory::limit() / PART + 1).capacity() == 0);
    }
}
