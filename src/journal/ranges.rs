//! Sets of addresses, kept as disjoint ranges.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;

/// Disjoint ranges that do not touch each other: start and end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Start and end of each, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + '_ {
        self.0.iter().map(|(start, end)| (*start, *end))
    }

    /// The parts of the ranges that lie in `[start, end)`, ascending.
    pub fn within(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let first = self
            .0
            .range(..start)
            .next_back()
            .filter(|(_, known)| **known > start)
            .map_or(start, |(known, _)| *known);
        self.0
            .range(first..end.max(first))
            .map(move |(from, to)| ((*from).max(start), (*to).min(end)))
            .filter(|(from, to)| from < to)
    }

    /// The parts of `[start, end)` that lie in none of them, ascending.
    pub fn gaps(&self, start: u64, end: u64) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut position = start;
        for (from, to) in self.within(start, end) {
            if from > position {
                gaps.push((position, from));
            }
            position = to;
        }
        if position < end {
            gaps.push((position, end));
        }
        gaps
    }

    /// Whether any of `[start, end)` lies in one of them.
    pub fn touches(&self, start: u64, end: u64) -> bool {
        self.within(start, end).next().is_some()
    }

    /// What lies in both.
    pub fn common(&self, other: &Ranges) -> Ranges {
        let mut common = Ranges::default();
        for (start, end) in self.iter() {
            for (from, to) in other.within(start, end) {
                common.add(from, to);
            }
        }
        common
    }

    /// Adds `[start, end)`.
    pub fn add(&mut self, mut start: u64, mut end: u64) {
        if start >= end {
            return;
        }
        if let Some((from, to)) = self.0.range(..=start).next_back().map(|(a, b)| (*a, *b)) {
            if to >= start {
                start = from;
                end = end.max(to);
            }
        }
        while let Some((from, to)) = self.0.range(start..=end).next().map(|(a, b)| (*a, *b)) {
            self.0.remove(&from);
            end = end.max(to);
        }
        self.0.insert(start, end);
    }

    /// Makes one range of all if there are more than `most`.
    pub fn fill_gaps(&mut self, most: usize) {
        if self.0.len() <= most {
            return;
        }
        let last = self.0.values().next_back().copied();
        if let (Some((&start, _)), Some(end)) = (self.0.first_key_value(), last) {
            self.add(start, end);
        }
    }

    /// Takes `[start, end)` away.
    pub fn remove(&mut self, start: u64, end: u64) {
        if start >= end || self.0.is_empty() {
            return;
        }
        if let Some((from, to)) = self.0.range(..start).next_back().map(|(a, b)| (*a, *b)) {
            if to > start {
                self.0.insert(from, start);
                if to > end {
                    self.0.insert(end, to);
                }
            }
        }
        while let Some((from, to)) = self.0.range(start..end).next().map(|(a, b)| (*a, *b)) {
            self.0.remove(&from);
            if to > end {
                self.0.insert(end, to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_where_there_are_many() {
        let mut ranges = Ranges::default();
        for number in 0..5 {
            ranges.add(10 * number, 10 * number + 1);
        }
        let before = ranges.clone();
        ranges.fill_gaps(5);
        assert_eq!(ranges, before);
        ranges.fill_gaps(4);
        assert_eq!(ranges.within(0, 100).collect::<Vec<_>>(), [(0, 41)]);
    }

    #[test]
    fn equals_a_plain_array_of_flags() {
        const SIZE: usize = 60;
        let mut flags = [false; SIZE];
        let mut ranges = Ranges::default();
        let mut state = 20_261_124u64;
        println!("seed {state}");
        let mut below = |limit: u64| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) % limit
        };
        for _ in 0..20_000 {
            let start = below(SIZE as u64) as usize;
            let end = start + below((SIZE - start + 1) as u64) as usize;
            if below(2) == 0 {
                ranges.add(start as u64, end as u64);
                flags[start..end].fill(true);
            } else {
                ranges.remove(start as u64, end as u64);
                flags[start..end].fill(false);
            }
            let mut expected = Vec::new();
            for (at, flag) in flags.iter().enumerate() {
                if *flag {
                    match expected.last_mut() {
                        Some((_, to)) if *to == at as u64 => *to += 1,
                        _ => expected.push((at as u64, at as u64 + 1)),
                    }
                }
            }
            let found: Vec<_> = ranges.within(0, SIZE as u64).collect();
            assert_eq!(found, expected);
            let (from, to) = (start as u64, end as u64);
            let inside: u64 = ranges.within(from, to).map(|(a, b)| b - a).sum();
            let outside: u64 = ranges.gaps(from, to).iter().map(|(a, b)| b - a).sum();
            assert_eq!(inside + outside, to - from);
            assert_eq!(ranges.touches(from, to), inside > 0);
            let mut part = Ranges::default();
            part.add(from, to);
            assert_eq!(
                ranges.common(&part).iter().collect::<Vec<_>>(),
                ranges.within(from, to).collect::<Vec<_>>()
            );
            assert_eq!(
                inside,
                flags[start..end].iter().filter(|flag| **flag).count() as u64
            );
        }
    }
}
