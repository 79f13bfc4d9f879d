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

static SPARE: Mutex<Spare> = Mutex::new(Spare::new());

/// The buffers, by their capacity.
struct Spare {
    by_capacity: BTreeMap<usize, Alike>,
    turn: u64,
    account: Account,
}

/// Buffers of one capacity.
#[derive(Default)]
struct Alike {
    buffers: Vec<Vec<u8>>,
    /// When the last one came or went.
    turn: u64,
}

impl Spare {
    const fn new() -> Self {
        Self {
            by_capacity: BTreeMap::new(),
            turn: 0,
            account: Account::new(),
        }
    }

    fn add(&mut self, buffer: Vec<u8>) {
        let capacity = buffer.capacity();
        self.account.change(0, capacity);
        self.turn += 1;
        let alike = self.by_capacity.entry(capacity).or_default();
        alike.buffers.push(buffer);
        alike.turn = self.turn;
    }

    fn take(&mut self, capacity: usize) -> Option<Vec<u8>> {
        self.turn += 1;
        self.by_capacity.get_mut(&capacity)?.turn = self.turn;
        self.remove(capacity)
    }

    fn remove(&mut self, capacity: usize) -> Option<Vec<u8>> {
        let alike = self.by_capacity.get_mut(&capacity)?;
        let buffer = alike.buffers.pop();
        if alike.buffers.is_empty() {
            self.by_capacity.remove(&capacity);
        }
        if buffer.is_some() {
            self.account.change(capacity, 0);
        }
        buffer
    }

    /// Gives the system back what is too much: first what nobody has asked for the longest, as of a dataset with other chunks that is written no more.
    fn trim(&mut self) {
        while self.account.bytes() > most() {
            let all = self.by_capacity.iter();
            let Some((&capacity, _)) = all.min_by_key(|(_, alike)| alike.turn) else {
                return;
            };
            self.remove(capacity);
        }
    }
}

/// The buffers, unless another thread has them just now, which in a forked child it may have for ever.
fn spare() -> Option<MutexGuard<'static, Spare>> {
    SPARE.try_lock()
}

/// The most bytes that are kept.
pub fn most() -> usize {
    memory::limit() / PART
}

/// A buffer with room for so many bytes if there is one, or a new one without room. What is in it is of no meaning.
pub fn take(bytes: usize) -> Vec<u8> {
    let found = spare().and_then(|mut spare| {
        let fitting = bytes..=bytes.saturating_mul(2);
        let (&capacity, _) = spare.by_capacity.range(fitting).next()?;
        spare.take(capacity)
    });
    found.unwrap_or_default()
}

/// Whether there are so many buffers with room for so many bytes each.
pub fn has(count: u64, bytes: usize) -> bool {
    let fitting = bytes..=bytes.saturating_mul(2);
    spare().is_some_and(|spare| {
        let alike = spare.by_capacity.range(fitting);
        let found: usize = alike.map(|(_, alike)| alike.buffers.len()).sum();
        found as u64 >= count
    })
}

/// Takes a buffer back.
pub fn give_back(buffer: Vec<u8>) {
    let capacity = buffer.capacity();
    if capacity < LEAST || capacity > most() {
        return;
    }
    if let Some(mut spare) = spare() {
        spare.add(buffer);
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
    fn what_is_too_much_goes_where_nobody_asks_any_more() {
        let mut spare = Spare::new();
        let bytes = memory::limit() / PART / 4;
        for _ in 0..4 {
            spare.add(Vec::with_capacity(bytes));
        }
        // Larger ones, which are in use now, stay at the expense of the others.
        for _ in 0..2 {
            spare.add(Vec::with_capacity(2 * bytes));
            spare.trim();
        }
        let count = |spare: &Spare, capacity: usize| {
            let alike = spare.by_capacity.get(&capacity);
            alike.map_or(0, |alike| alike.buffers.len())
        };
        assert_eq!((count(&spare, bytes), count(&spare, 2 * bytes)), (0, 2));
        assert!(spare.take(2 * bytes).is_some());
        spare.add(Vec::with_capacity(bytes));
        spare.add(Vec::with_capacity(bytes));
        spare.trim();
        assert_eq!((count(&spare, bytes), count(&spare, 2 * bytes)), (2, 1));
        assert_eq!(spare.account.bytes(), 4 * bytes);
    }

    #[test]
    fn a_buffer_comes_back_for_a_chunk_that_fits_it() {
        // A size that no other test has.
        let bytes = (1 << 20) + 12_345;
        let buffer = Vec::with_capacity(bytes);
        let (place, capacity) = (buffer.as_ptr(), buffer.capacity());
        give_back(buffer);
        assert!(has(1, bytes) && !has(1_000, bytes));
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
