//! Room in a file that nothing refers to any more, and that HDF5 does not know of: of chunks, nodes and datasets in one piece that were placed past it, and
//! have moved; and what has moved.

#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};

/// The most pieces that are kept.
const MOST: usize = 4096;

/// Pieces of a file, none of which touches another.
#[derive(Debug, Default)]
pub struct Room {
    /// Where they begin, and how long they are.
    pieces: BTreeMap<u64, u64>,
    /// The same the other way round.
    lengths: BTreeSet<(u64, u64)>,
    /// What is nobody's from the next commit on.
    later: Vec<(u64, u64)>,
    /// What has moved because it was overwritten, by where it is now.
    moved: BTreeMap<u64, Moved>,
}

/// Something that was overwritten, and lies elsewhere now than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where the header of the dataset is.
    pub header: u64,
    /// The number of the chunk; None of a dataset in one piece.
    pub chunk: Option<u64>,
    /// How many bytes it has.
    pub length: u64,
}

impl Room {
    /// Takes note that a range will be nobody's when there is another last commit, and is not to be taken before.
    pub fn give_later(&mut self, address: u64, length: u64) {
        self.later.push((address, length));
    }

    /// Takes note that there is another last commit.
    pub fn note_commit(&mut self) {
        for (address, length) in std::mem::take(&mut self.later) {
            self.give(address, length);
        }
    }

    /// What nothing refers to when the step under way is committed, of pieces of so many bytes and more.
    pub fn unneeded(&self, least: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let pieces = self.lengths.range((least, 0)..);
        let pieces = pieces.map(|&(length, start)| (start, length));
        pieces.chain(self.later.iter().copied())
    }

    /// Takes note that something has moved from one place to another.
    pub fn note_moved(&mut self, from: u64, to: u64, moved: Moved) {
        self.moved.remove(&from);
        self.moved.insert(to, moved);
    }

    /// What has moved, and lies behind all others that have.
    pub fn last_moved(&self) -> Option<(u64, Moved)> {
        let (&address, &moved) = self.moved.last_key_value()?;
        Some((address, moved))
    }

    /// Forgets that something has moved.
    pub fn forget_moved(&mut self, address: u64) {
        self.moved.remove(&address);
    }

    /// Takes note that a range is nobody's any more.
    pub fn give(&mut self, address: u64, length: u64) {
        let (mut start, mut end) = (address, address.saturating_add(length));
        if let Some((&before, &length)) = self.pieces.range(..=start).next_back() {
            // Rounded up, as places are: what lies between the two is nobody's either.
            if end_of(before, length) >= start {
                start = before;
                end = end.max(before + length);
                self.remove(before);
            }
        }
        if let Some((&next, &length)) = self.pieces.range(start..).next() {
            if next <= end.next_multiple_of(ALIGNMENT) {
                end = end.max(next + length);
                self.remove(next);
            }
        }
        if self.pieces.len() < MOST {
            self.insert(start, end - start);
        }
    }

    /// The pieces, from the first to the last.
    pub fn pieces(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.pieces.iter().map(|(&start, &length)| (start, length))
    }

    /// Takes room for so many bytes out of it, if there is: of the smallest piece that has it.
    pub fn take(&mut self, length: u64) -> Option<u64> {
        self.take_where(length, |_| true)
    }

    /// The same before an address.
    pub fn take_before(&mut self, length: u64, end: u64) -> Option<u64> {
        self.take_where(length, |start| start + length <= end)
    }

    /// The same where a place for it is as it is to be.
    pub fn take_where(&mut self, length: u64, mut is_good: impl FnMut(u64) -> bool) -> Option<u64> {
        let mut pieces = self.lengths.range((length, 0)..);
        let &(_, start) = pieces.find(|(_, start)| is_good(*start))?;
        self.take_of(start, length)
    }

    /// Takes the piece that ends at an address, or would if its length were rounded up; where it begins, and how long it is.
    pub fn take_last(&mut self, end: u64) -> Option<(u64, u64)> {
        let (&start, &length) = self.pieces.range(..end).next_back()?;
        (end_of(start, length) >= end).then(|| {
            self.remove(start);
            (start, length)
        })
    }

    fn take_of(&mut self, start: u64, length: u64) -> Option<u64> {
        let room = self.remove(start)?;
        let next = end_of(start, length);
        if let Some(rest) = (start + room).checked_sub(next) {
            self.insert(next, rest);
        }
        Some(start)
    }

    fn insert(&mut self, start: u64, length: u64) {
        if length > 0 {
            self.pieces.insert(start, length);
            self.lengths.insert((length, start));
        }
    }

    fn remove(&mut self, start: u64) -> Option<u64> {
        let length = self.pieces.remove(&start)?;
        self.lengths.remove(&(length, start));
        Some(length)
    }
}

/// Numbers in what lies in a piece are aligned.
const ALIGNMENT: u64 = 8;

/// Where the next piece may begin.
fn end_of(start: u64, length: u64) -> u64 {
    start.saturating_add(length).next_multiple_of(ALIGNMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_taken_again() {
        let mut room = Room::default();
        assert_eq!(room.take(1), None);
        room.give(64, 30);
        room.give(128, 8);
        assert_eq!(room.take(31), None);
        assert_eq!(room.take(5), Some(128));
        assert_eq!(room.take(5), Some(64));
        assert_eq!(room.take(22), Some(72));
        assert_eq!(room.take(1), None);
        // Neighbours are one.
        room.give(72, 22);
        room.give(112, 16);
        room.give(64, 5);
        room.give(96, 16);
        assert_eq!(room.take(64), Some(64));
        assert_eq!(room.take(1), None);
    }

    #[test]
    fn what_the_last_commit_refers_to_is_taken_after_the_next() {
        let mut room = Room::default();
        room.give_later(64, 32);
        room.give(128, 8);
        room.give(256, 16);
        assert_eq!(room.take(32), None);
        let unneeded: Vec<_> = room.unneeded(9).collect();
        assert_eq!(unneeded, [(256, 16), (64, 32)]);
        assert_eq!(room.take(16), Some(256));
        assert_eq!(room.take(8), Some(128));
        room.note_commit();
        assert_eq!(room.take(32), Some(64));
        room.note_commit();
        assert_eq!(room.take(1), None);
    }

    #[test]
    fn the_smallest_piece_that_has_room_is_taken() {
        let mut room = Room::default();
        for (address, length) in [(0, 100), (200, 40), (400, 50), (600, 40)] {
            room.give(address, length);
        }
        assert_eq!(room.take(40), Some(200));
        assert_eq!(room.take(40), Some(600));
        assert_eq!(room.take(41), Some(400));
        assert_eq!(room.take(96), Some(0));
        assert_eq!(room.take(3), Some(96));
    }

    #[test]
    fn room_in_front_is_taken_and_room_at_the_end_goes() {
        let mut room = Room::default();
        for (address, length) in [(64, 30), (128, 64), (256, 62)] {
            room.give(address, length);
        }
        assert_eq!(room.take_before(40, 160), None);
        assert_eq!(room.take_before(24, 160), Some(64));
        assert_eq!(room.take_before(64, 192), Some(128));
        // Its length is 2 short of where the next one would begin.
        assert_eq!(room.take_last(328), None);
        assert_eq!(room.take_last(320), Some((256, 62)));
        assert_eq!(room.take_last(318), None);
        assert_eq!(room.take(6), Some(88));
    }
}
