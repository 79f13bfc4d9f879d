//! Which bytes of a piece were written, up to a cache line.

#![forbid(unsafe_code)]

use std::ops::Range;

/// The bytes that one bit tells of.
const LINE: usize = 64;

/// Lines of a piece of so many bytes.
pub const LARGEST: usize = 64 << 10;
const WORDS: usize = LARGEST / LINE / 64;

/// Written lines with at most so many others between them are written together.
const GAP: usize = 8;

/// The lines of a piece that were written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touched([u64; WORDS]);

impl Touched {
    /// Notes that the bytes of a range were written, which lie in the piece.
    pub fn add(&mut self, range: Range<usize>) {
        let (first, last) = (range.start / LINE, range.end.saturating_sub(1) / LINE);
        let mut line = first;
        while line <= last {
            let bits = (64 - line % 64).min(last + 1 - line);
            self.0[line / 64] |= (u64::MAX >> (64 - bits)) << (line % 64);
            line += bits;
        }
    }

    /// The ranges of a piece of so many bytes that have all that was written, in their order.
    pub fn ranges(&self, length: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut line = 0;
        std::iter::from_fn(move || {
            let start = self.next(line)?;
            let mut end = start + 1;
            while let Some(next) = self.next(end).filter(|next| next - end <= GAP) {
                end = next + 1;
            }
            line = end;
            Some(start * LINE..(end * LINE).min(length))
        })
    }

    /// The first line from this one on that was written.
    fn next(&self, line: usize) -> Option<usize> {
        let mut word = line / 64;
        let mut bits = self.0.get(word)? & (u64::MAX << (line % 64));
        while bits == 0 {
            word += 1;
            bits = *self.0.get(word)?;
        }
        Some(64 * word + bits.trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_what_was_written_and_little_else() {
        let mut touched = Touched::default();
        let ranges = |touched: &Touched| touched.ranges(LARGEST - 8).collect::<Vec<_>>();
        let only = |touched: &Touched| {
            let all = ranges(touched);
            assert_eq!(all.len(), 1);
            all[0].clone()
        };
        assert!(ranges(&touched).is_empty());
        touched.add(8..16);
        touched.add(100..108);
        assert_eq!(only(&touched), 0..128);
        // Eight lines between them, and nine.
        touched.add(10 * LINE..10 * LINE + 1);
        touched.add(20 * LINE..21 * LINE);
        assert_eq!(ranges(&touched), [0..11 * LINE, 20 * LINE..21 * LINE]);
        touched.add(60 * LINE + 5..200 * LINE + 1);
        touched.add(LARGEST - 70..LARGEST - 8);
        let last = LARGEST - 2 * LINE..LARGEST - 8;
        assert_eq!(ranges(&touched)[2..], [60 * LINE..201 * LINE, last]);
        touched.add(0..LARGEST);
        assert_eq!(only(&touched), 0..LARGEST - 8);
    }
}
