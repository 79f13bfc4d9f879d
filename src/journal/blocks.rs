//! Blocks of a file in memory: many small reads that lie close together take one system call.
//!
//! A block is what the session reads there: it is dropped when anything in it may be another. Nothing that another process may write
//! meanwhile is in one.

#![forbid(unsafe_code)]

use super::pages::{self, Piece};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a block.
pub const BLOCK: usize = 32 << 10;

/// Reads of more bytes cost more than their system call.
pub const SMALL: usize = BLOCK / 2;

/// After so many reads in a block it is read as a whole, unless they follow each other: then at once. It costs as much as
/// some ten of them that are short; one that is longer counts as one more for each so many bytes.
const READS: u8 = 6;
const ONE_MORE: usize = 2 << 10;

/// A block of which the file has no more bytes costs no more than a part of it, and is read as a whole at once.
const SHORT: u64 = 8 << 10;

/// The blocks whose reads are counted at a time. Reads all over many more do not come back to any of them often.
const COUNTED: usize = 1024;

/// The part of what may be kept in memory that the blocks of all files may take.
const PART: usize = 16;

/// Memory for the first blocks of a process is taken for so many of them, for others by large pages.
const FEW: usize = 8;

static LIMIT: AtomicUsize = AtomicUsize::new(0);
/// Bytes of all blocks, those that no file has included.
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Memory of blocks that no file has: what is new to a process takes as long as reading a block.
static SPARE: Mutex<Vec<Piece>> = Mutex::new(Vec::new());

/// Sets how many bytes this process may keep in all; blocks are a small part of that.
pub fn set_limit(bytes: usize) {
    let limit = bytes / PART;
    LIMIT.store(limit, Ordering::Relaxed);
    // In a forked child it may be locked for ever.
    let Some(mut spare) = SPARE.try_lock() else {
        return;
    };
    while BYTES.load(Ordering::Relaxed) > limit && spare.pop().is_some() {
        BYTES.fetch_sub(BLOCK, Ordering::Relaxed);
    }
}

/// Memory for one block more; None if there may be none.
fn take_memory() -> Option<Piece> {
    let mut spare = SPARE.try_lock()?;
    if spare.is_empty() {
        let taken = BYTES.load(Ordering::Relaxed);
        let count = match taken < FEW * BLOCK {
            true => FEW,
            false => pages::LARGE / BLOCK,
        };
        let left = LIMIT.load(Ordering::Relaxed).saturating_sub(taken) / BLOCK;
        let new = Piece::several(count.min(left), BLOCK);
        BYTES.fetch_add(new.len() * BLOCK, Ordering::Relaxed);
        // The first of them goes first: of a page that nobody has touched there is no memory yet.
        spare.extend(new.into_iter().rev());
    }
    spare.pop()
}

/// What is known by the number of a block.
type ByNumber<T> = HashMap<u64, T, BuildHasherDefault<Spread>>;

/// A hash of numbers that nobody has chosen for it: one multiplication, since a lookup is much of what a small read takes.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// The blocks of one file.
#[derive(Debug, Default)]
pub struct Blocks(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    slots: Vec<Slot>,
    /// Where the block with a number is among the slots.
    places: ByNumber<usize>,
    /// The numbers of blocks that are not here, and how often they were read in.
    reads: ByNumber<u8>,
    /// Where the last read began and ended.
    last: (u64, u64),
    hand: usize,
}

#[derive(Debug)]
struct Slot {
    /// None when what it has is of no meaning.
    number: Option<u64>,
    /// Memory for a block, and how many bytes the file has of it.
    bytes: Piece,
    length: usize,
    used: bool,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let is_too_much = BYTES.load(Ordering::Relaxed) > LIMIT.load(Ordering::Relaxed);
        match SPARE.try_lock().filter(|_| !is_too_much) {
            Some(mut spare) => spare.push(std::mem::take(&mut self.bytes)),
            None => {
                BYTES.fetch_sub(BLOCK, Ordering::Relaxed);
            }
        }
    }
}

/// The numbers of the blocks in which bytes lie.
fn numbers(address: u64, length: usize) -> std::ops::RangeInclusive<u64> {
    let last = address.saturating_add(length.max(1) as u64 - 1);
    address / BLOCK as u64..=last / BLOCK as u64
}

impl Blocks {
    /// Reads bytes through blocks, which `read` fills; false if they are better read by themselves.
    ///
    /// `end` is where the file ends.
    pub fn read<E>(
        &self,
        address: u64,
        target: &mut [u8],
        end: u64,
        read: impl Fn(u64, &mut [u8]) -> Result<(), E>,
    ) -> Result<bool, E> {
        // Another thread is at them: a system call is no longer than waiting.
        let Some(mut held) = self.0.try_lock() else {
            return Ok(false);
        };
        let last = std::mem::replace(&mut held.last, (address, address + target.len() as u64));
        let follows = last.1 == address || last.0 == held.last.1;
        for number in numbers(address, target.len()) {
            let start = number * BLOCK as u64;
            let (from, to) = (address.max(start), held.last.1.min(start + BLOCK as u64));
            let part = &mut target[(from - address) as usize..(to - address) as usize];
            if held.copy(number, (from - start) as usize, part, follows) {
                continue;
            }
            let length = (BLOCK as u64).min(end.saturating_sub(start));
            if !follows && length > SHORT && !held.is_worth(number, part.len()) {
                return Ok(false);
            }
            // What is read in order is not wanted again soon: one block is enough for it.
            let neighbour = match last.0 < address {
                true => number.wrapping_sub(1),
                false => number + 1,
            };
            let Some(mut slot) = held.take_slot(follows.then_some(neighbour)) else {
                return Ok(false);
            };
            slot.length = length as usize;
            // A slot that could not be filled is dropped.
            read(start, &mut slot.bytes[..slot.length])?;
            slot.number = Some(number);
            slot.used = false;
            held.put_slot(number, slot);
            if !held.copy(number, (from - start) as usize, part, follows) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives bytes that lie in a block that is here; false if they do not.
    pub fn known(&self, address: u64, target: &mut [u8]) -> bool {
        let number = address / BLOCK as u64;
        let is_one = numbers(address, target.len()) == (number..=number);
        let from = (address % BLOCK as u64) as usize;
        self.0
            .try_lock()
            .filter(|_| is_one)
            .is_some_and(|mut held| held.copy(number, from, target, false))
    }

    /// Takes note that other bytes are in the file from an address on.
    pub fn change(&mut self, address: u64, data: &[u8]) {
        let held = self.0.get_mut();
        if held.places.is_empty() {
            return;
        }
        let changed = numbers(address, data.len());
        if changed.end() - changed.start() >= held.places.len() as u64 {
            return self.clear();
        }
        for number in changed {
            let Some(&place) = held.places.get(&number) else {
                continue;
            };
            let start = number * BLOCK as u64;
            let end = address + data.len() as u64;
            let (from, to) = (address.max(start), end.min(start + BLOCK as u64));
            let new = &data[(from - address) as usize..(to - address) as usize];
            let slot = &mut held.slots[place];
            match slot.bytes[..slot.length].get_mut((from - start) as usize..(to - start) as usize)
            {
                Some(old) => old.copy_from_slice(new),
                // The file has grown.
                None => {
                    slot.number = None;
                    held.places.remove(&number);
                }
            }
        }
    }

    /// Forgets what lies in a range.
    pub fn forget(&mut self, address: u64, length: usize) {
        let held = self.0.get_mut();
        if held.places.is_empty() {
            return;
        }
        let gone = numbers(address, length);
        if gone.end() - gone.start() >= held.places.len() as u64 {
            return self.clear();
        }
        for number in gone {
            if let Some(place) = held.places.remove(&number) {
                held.slots[place].number = None;
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        let held = self.0.get_mut();
        if held.places.is_empty() {
            return;
        }
        held.places.clear();
        for slot in &mut held.slots {
            slot.number = None;
        }
    }
}

impl Held {
    /// Copies bytes of a block from a place in it on, if it is here and has them; `follows` says that this is one of many reads in order.
    fn copy(&mut self, number: u64, first: usize, target: &mut [u8], follows: bool) -> bool {
        let slot = self
            .places
            .get(&number)
            .map(|&place| &mut self.slots[place]);
        let Some(slot) = slot else {
            return false;
        };
        let here = &slot.bytes[..slot.length];
        let Some(bytes) = here.get(first..first + target.len()) else {
            return false;
        };
        target.copy_from_slice(bytes);
        slot.used |= !follows;
        true
    }

    /// Counts a read of so many bytes in a block that is not here; says whether there were so many that it is to be.
    fn is_worth(&mut self, number: u64, bytes: usize) -> bool {
        if self.reads.len() >= COUNTED {
            self.reads.clear();
        }
        let counted = self.reads.entry(number).or_default();
        *counted += 1 + (bytes / ONE_MORE).min(usize::from(READS)) as u8;
        let is_worth = *counted >= READS;
        if is_worth {
            self.reads.remove(&number);
        }
        is_worth
    }

    /// A slot for a block, best that of the block with this number; None if there may be none.
    fn take_slot(&mut self, best: Option<u64>) -> Option<Slot> {
        let best = best.and_then(|number| self.places.get(&number).copied());
        let best = best.filter(|&place| !self.slots[place].used);
        let free = || self.slots.iter().position(|slot| slot.number.is_none());
        let place = match best {
            Some(place) => Some(place),
            None if self.places.len() < self.slots.len() => free(),
            None => match take_memory() {
                Some(bytes) => {
                    return Some(Slot {
                        number: None,
                        bytes,
                        length: 0,
                        used: false,
                    })
                }
                None => self.oldest(),
            },
        };
        let slot = self.slots.swap_remove(place?);
        if let Some(number) = slot.number {
            self.places.remove(&number);
        }
        if let Some(moved) = self.slots.get(place?).and_then(|slot| slot.number) {
            self.places.insert(moved, place?);
        }
        Some(slot)
    }

    /// The place of a block that was not used for a while.
    fn oldest(&mut self) -> Option<usize> {
        for _ in 0..2 * self.slots.len() {
            self.hand = (self.hand + 1) % self.slots.len();
            if !std::mem::take(&mut self.slots[self.hand].used) {
                return Some(self.hand);
            }
        }
        None
    }

    fn put_slot(&mut self, number: u64, slot: Slot) {
        if let Some(place) = self.places.insert(number, self.slots.len()) {
            // It was too short: the file has grown.
            self.slots[place].number = None;
        }
        self.slots.push(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Reads some bytes, and gives how often the file was: of a file whose bytes are their place in it, and `added`.
    fn reads(blocks: &Blocks, (address, length): (u64, usize), (end, added): (u64, u8)) -> u32 {
        set_limit(256 << 20);
        let count = Cell::new(0);
        let read = |address: u64, target: &mut [u8]| -> Result<(), ()> {
            count.set(count.get() + 1);
            for (place, byte) in (address..).zip(target) {
                *byte = (place as u8).wrapping_add(added);
            }
            Ok(())
        };
        let mut target = vec![0; length];
        if !blocks.read(address, &mut target, end, read).unwrap() {
            read(address, &mut target).unwrap();
        }
        let expected = (address..).map(|place| (place as u8).wrapping_add(added));
        assert!(target.iter().copied().eq(expected.take(length)));
        count.get()
    }

    const END: u64 = 10 * BLOCK as u64 + 7;

    #[test]
    fn reads_that_lie_close_together_are_one() {
        let mut blocks = Blocks::default();
        let places = (0..40).map(|turn| 1 + turn * 17 % 40 * 100);
        let counts: Vec<u32> = places
            .map(|place| reads(&blocks, (place, 50), (END, 0)))
            .collect();
        let whole = usize::from(READS);
        assert_eq!(
            (counts[..whole].iter().sum(), counts[whole..].iter().sum()),
            (u32::from(READS), 0)
        );
        // Across the border to one that is not there, and at the end, where it is short.
        assert!(reads(&blocks, (BLOCK as u64 - 10, 20), (END, 0)) > 0);
        assert_eq!(reads(&blocks, (END - 7, 3), (END, 0)), 1);
        assert_eq!(reads(&blocks, (END - 5, 5), (END, 0)), 0);
        // A file that has grown meanwhile: the block that is too short goes.
        assert_eq!(reads(&blocks, (END - 5, 8), (END + 9, 0)), 1);
        assert_eq!(reads(&blocks, (END - 5, 8), (END + 9, 0)), 0);
        let held = blocks.0.lock();
        let is_held = |slot: &&Slot| slot.number.is_some();
        assert_eq!(held.slots.iter().filter(is_held).count(), held.places.len());
        drop(held);
        // What has changed is known.
        let place = END - 6;
        blocks.change(place, &[(place + 3) as u8, (place + 4) as u8]);
        let mut target = [0; 4];
        let known = blocks.read(place - 1, &mut target, END, |_, _| Err(()));
        let expected = [place - 1, place + 3, place + 4, place + 2].map(|byte| byte as u8);
        assert_eq!((known, target), (Ok(true), expected));
        blocks.change(place, &[place as u8, (place + 1) as u8]);
        // A block that the change makes longer goes.
        blocks.change(END + 8, &[(END + 8) as u8, (END + 9) as u8]);
        assert_eq!(reads(&blocks, (END - 5, 6), (END + 10, 0)), 1);
        // What was forgotten is read anew, and nothing else.
        blocks.forget(500, 1);
        assert!(reads(&blocks, (490, 20), (END, 1)) > 0);
        assert_eq!(reads(&blocks, (END - 3, 2), (END, 0)), 0);
        blocks.clear();
        assert!(reads(&blocks, (END - 3, 2), (END, 1)) > 0);
    }

    #[test]
    fn what_is_read_in_order_takes_one_block_and_few_reads() {
        for backwards in [false, true] {
            let blocks = Blocks::default();
            let piece = 4096;
            let many = 10 * BLOCK as u64 / piece;
            let mut count = 0;
            for turn in 0..many {
                let turn = if backwards { many - 1 - turn } else { turn };
                count += reads(&blocks, (turn * piece, piece as usize), (END, 0));
            }
            assert!((10..=12).contains(&count), "{count}");
            assert_eq!(blocks.0.lock().slots.len(), 1, "backwards: {backwards}");
        }
    }

    #[test]
    fn blocks_that_may_not_be_more_take_the_place_of_others() {
        set_limit(256 << 20);
        let blocks = Blocks::default();
        let mut held = blocks.0.lock();
        for number in 0..3 {
            let mut slot = held.take_slot(None).unwrap();
            slot.bytes.fill(number as u8);
            slot.length = BLOCK;
            slot.number = Some(number);
            held.put_slot(number, slot);
        }
        // As if there were no more room: the place of one that was not used.
        let mut target = [0; 2];
        assert!(held.copy(0, 5, &mut target, false) && held.copy(2, 5, &mut target, false));
        let place = held.oldest().unwrap();
        assert_eq!(held.slots[place].number, Some(1));
        let slot = held.take_slot(Some(1)).unwrap();
        assert_eq!(
            (slot.number, held.slots.len(), held.places.len()),
            (Some(1), 2, 2)
        );
        drop(slot);
        for number in [0, 2] {
            assert!(held.copy(number, BLOCK - 2, &mut target, false));
            assert_eq!(target, [number as u8; 2]);
        }
        assert!(!held.copy(1, 0, &mut target, false));
    }
}
