//! Which bytes of a piece were written: some of the memory that holds a chunk, or a part of a dataset in one piece.

#![forbid(unsafe_code)]

use crate::codec::walk::Walk;
use std::ops::Range;

/// The bytes that one bit tells of, a cache line, where the piece has no more of them than there are bits.
const LINE: usize = 64;
const WORDS: usize = 16;
const BITS: usize = 64 * WORDS;

/// What was written is written together with at most so many bytes between: more cost more than another range does.
const GAP: usize = 1 << 10;

/// The lines of a piece that were written.
#[derive(Debug, PartialEq, Eq)]
pub struct Touched {
    lines: [u64; WORDS],
    /// The bytes of a line.
    line: usize,
}

impl Touched {
    /// Nothing of a piece of so many bytes.
    pub fn of(length: usize) -> Self {
        Self {
            lines: [0; WORDS],
            line: length.div_ceil(BITS).next_power_of_two().max(LINE),
        }
    }

    /// Notes that the bytes of a range were written, which lie in the piece.
    pub fn add(&mut self, range: Range<usize>) {
        let (first, last) = (
            range.start / self.line,
            range.end.saturating_sub(1) / self.line,
        );
        let mut line = first;
        while line <= last {
            let bits = (64 - line % 64).min(last + 1 - line);
            self.lines[line / 64] |= (u64::MAX >> (64 - bits)) << (line % 64);
            line += bits;
        }
    }

    /// Notes that elements of so many bytes were written: the first at a place, each so far behind the one before it.
    pub fn add_each(&mut self, place: usize, step: isize, count: usize, size: usize) {
        let last = place.wrapping_add_signed(step.wrapping_mul(count as isize - 1));
        if step.unsigned_abs() <= size + GAP {
            return self.add(place.min(last)..place.max(last) + size);
        }
        let mut place = place;
        for _ in 0..count {
            self.add(place..place + size);
            place = place.wrapping_add_signed(step);
        }
    }

    /// Notes that the elements of a walk, of so many bytes, were written.
    pub fn add_walk(&mut self, walk: &Walk, size: usize) {
        if walk.target_block(size, GAP).runs >= walk.runs() {
            let (start, end) = walk.target_range(size);
            return self.add(start..end);
        }
        let added: Result<(), std::convert::Infallible> = walk.each_line(|line| {
            self.add_each(line.target, line.target_step, line.count, size);
            Ok(())
        });
        match added {
            Ok(()) => {}
        }
    }

    /// The ranges of a piece of so many bytes that have all that was written, in their order.
    pub fn ranges(&self, length: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut line = 0;
        let gap = GAP / self.line;
        std::iter::from_fn(move || {
            let start = self.next(line, true);
            line = start;
            if start * self.line >= length {
                return None;
            }
            let mut end = start;
            while line < BITS && line - end <= gap {
                end = self.next(line, false);
                line = self.next(end, true);
            }
            Some(start * self.line..(end * self.line).min(length))
        })
    }

    /// The first line from this one on that was written, or was not; the number of lines if there is none.
    fn next(&self, line: usize, was_written: bool) -> usize {
        let mut word = line / 64;
        let mut before = u64::MAX << (line % 64);
        while let Some(&lines) = self.lines.get(word) {
            let bits = before & if was_written { lines } else { !lines };
            if bits != 0 {
                return 64 * word + bits.trailing_zeros() as usize;
            }
            before = u64::MAX;
            word += 1;
        }
        BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: usize = BITS * LINE;

    #[test]
    fn ranges_have_what_was_written_and_little_else() {
        let mut touched = Touched::of(LENGTH - 8);
        let ranges = |touched: &Touched| touched.ranges(LENGTH - 8).collect::<Vec<_>>();
        let only = |touched: &Touched| {
            let all = ranges(touched);
            assert_eq!(all.len(), 1);
            all[0].clone()
        };
        assert!(ranges(&touched).is_empty());
        touched.add(8..16);
        touched.add(100..108);
        assert_eq!(only(&touched), 0..128);
        // As many lines between them as are written with them, and one more.
        let gap = GAP / LINE;
        touched.add((gap + 2) * LINE..(gap + 2) * LINE + 1);
        touched.add((2 * gap + 4) * LINE..(2 * gap + 5) * LINE);
        let far = (2 * gap + 4) * LINE..(2 * gap + 5) * LINE;
        assert_eq!(ranges(&touched), [0..(gap + 3) * LINE, far]);
        touched.add(60 * LINE + 5..200 * LINE + 1);
        touched.add(LENGTH - 70..LENGTH - 8);
        let last = LENGTH - 2 * LINE..LENGTH - 8;
        assert_eq!(ranges(&touched)[2..], [60 * LINE..201 * LINE, last]);
        // A piece that was cut.
        let cut: Vec<_> = touched.ranges(61 * LINE).collect();
        assert_eq!((cut.len(), &cut[2]), (3, &(60 * LINE..61 * LINE)));
        assert_eq!(touched.ranges(60 * LINE).count(), 2);
        touched.add(0..LENGTH);
        assert_eq!(only(&touched), 0..LENGTH - 8);
    }

    #[test]
    fn lines_of_a_large_piece_are_longer() {
        let length = (3 << 20) + 8;
        let mut touched = Touched::of(length);
        assert_eq!(touched.line, 4 << 10);
        touched.add(length - 1..length);
        touched.add(5..6);
        let ranges: Vec<_> = touched.ranges(length).collect();
        assert_eq!(ranges, [0..4 << 10, 3 << 20..length]);
    }

    #[test]
    fn walks_are_noted_by_their_lines() {
        // Rows of two elements, and columns, of 16 rows of 4 KiB.
        for (count, step) in [(2, 8), (3, 1024), (3, 2000), (2, -8)] {
            let mut walk = Walk::new(0, 8);
            walk.push(16, 16, 4096);
            walk.push(count, 8, step);
            walk.close(8, 8);
            let mut touched = Touched::of(16 * 4096);
            touched.add_walk(&walk, 8);
            let mut expected = Touched::of(16 * 4096);
            let place = |row: usize, column: usize| {
                (8 + 4096 * row).wrapping_add_signed(step * column as isize)
            };
            for row in 0..16 {
                for column in 0..count {
                    let place = place(row, column);
                    expected.add(place..place + 8);
                }
            }
            let ranges: Vec<_> = touched.ranges(16 * 4096).collect();
            assert_eq!(
                ranges,
                expected.ranges(16 * 4096).collect::<Vec<_>>(),
                "{step}"
            );
            assert!(ranges.len() >= 15, "{step}");
        }
    }
}
