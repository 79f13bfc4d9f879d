//! Room in a file that nothing refers to any more, and that HDF5 does not know of: chunks and nodes that were placed past it, and have moved.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;

/// The most pieces that are kept.
const MOST: usize = 4096;

/// Pieces of a file, none of which touches another.
#[derive(Debug, Default)]
pub struct Room {
    /// Where they begin, and how long they are.
    pieces: BTreeMap<u64, u64>,
}

impl Room {
    /// Takes note that a range is nobody's any more.
    pub fn give(&mut self, address: u64, length: u64) {
        let (mut start, mut end) = (address, address.saturating_add(length));
        if let Some((&before, &length)) = self.pieces.range(..=start).next_back() {
            // Rounded up, as places are: what lies between the two is nobody's either.
            if (before + length).next_multiple_of(ALIGNMENT) >= start {
                start = before;
                end = end.max(before + length);
                self.pieces.remove(&before);
            }
        }
        if let Some((&next, &length)) = self.pieces.range(start..).next() {
            if next <= end.next_multiple_of(ALIGNMENT) {
                end = end.max(next + length);
                self.pieces.remove(&next);
            }
        }
        if end > start && self.pieces.len() < MOST {
            self.pieces.insert(start, end - start);
        }
    }

    /// Takes room for so many bytes out of it, if there is.
    pub fn take(&mut self, length: u64) -> Option<u64> {
        let fits = |&(_, &room): &(&u64, &u64)| room >= length;
        let (&start, &room) = self.pieces.iter().find(fits)?;
        self.pieces.remove(&start);
        let next = start.saturating_add(length).next_multiple_of(ALIGNMENT);
        if let Some(rest) = (start + room).checked_sub(next).filter(|&rest| rest > 0) {
            self.pieces.insert(next, rest);
        }
        Some(start)
    }
}

/// Numbers in what lies in a piece are aligned.
const ALIGNMENT: u64 = 8;

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
        assert_eq!(room.take(5), Some(64));
        assert_eq!(room.take(22), Some(72));
        assert_eq!(room.take(8), Some(128));
        assert_eq!(room.take(1), None);
        // Neighbours are one.
        room.give(72, 22);
        room.give(112, 16);
        room.give(64, 5);
        room.give(96, 16);
        assert_eq!(room.take(64), Some(64));
        assert_eq!(room.take(1), None);
    }
}
