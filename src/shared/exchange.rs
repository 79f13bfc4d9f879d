//! Records of which each rank has a small block, brought together before they are written: each rank gets some whole records, which lie in one
//! piece in the file, for its piece of every record. What MPI makes of many small pieces between each other differs from one to another.

#![forbid(unsafe_code)]

use super::gathering::Part;
use crate::error::Result;
use crate::store::h5::{self, Communicator};
use crate::store::strided::StridedMut;
use std::ops::Range;

/// Larger pieces are written where they are.
const SMALL: u64 = 32 << 10;

/// More ranks than these have less than a record each to bring together, and would all have to know of all.
const MOST_RANKS: usize = 64;

/// What ranks exchange of a series, and the memory for it.
#[derive(Debug)]
pub struct Exchange {
    /// Where the block of each rank begins in a record, and its extents.
    blocks: Vec<(Vec<u64>, Vec<u64>)>,
    /// What comes from the other ranks, and what it is together.
    incoming: Vec<u8>,
    records: Vec<u8>,
}

/// How many elements an array of these extents has.
fn count(extents: &[u64]) -> usize {
    extents.iter().product::<u64>() as usize
}

/// Which of so many records one of so many ranks gets.
fn share(records: u64, rank: usize, ranks: usize) -> Range<u64> {
    let until = |rank: usize| records * rank as u64 / ranks as u64;
    until(rank)..until(rank + 1)
}

impl Exchange {
    /// Whether ranks exchange such records, as they all find. `largest` is the bytes of a record on the rank that has most.
    pub fn is_worth_it(part: &Part, largest: u64, ranks: usize) -> bool {
        !part.is_alike
            && !part.record.is_empty()
            && largest <= SMALL
            && (2..=MOST_RANKS).contains(&ranks)
    }

    /// Tells all ranks of each one's block; `most` records come at once at most. Fails on this rank where there is no memory.
    pub fn new(ranks: &Communicator, part: &Part, most: u64) -> Result<Result<Self>> {
        let axes = part.record.len();
        let told = ranks.gather(&[&part.start[..], &part.shape].concat())?;
        let blocks: Vec<_> = told
            .chunks_exact(2 * axes)
            .map(|block| (block[..axes].to_vec(), block[axes..].to_vec()))
            .collect();
        let size = part.dtype.size();
        let all: usize = blocks.iter().map(|(_, shape)| count(shape)).sum();
        let rows = most.div_ceil(ranks.ranks as u64);
        let memory = |elements: usize| h5::zeroed(rows * elements as u64, size);
        Ok(memory(all).and_then(|incoming| {
            Ok(Self {
                incoming,
                records: memory(count(&part.record))?,
                blocks,
            })
        }))
    }

    /// Gives each rank its share of so many records, of which `packed` are this rank's blocks: which ones those are, and their elements.
    pub fn run(
        &mut self,
        ranks: &Communicator,
        part: &Part,
        records: u64,
        packed: &[u8],
    ) -> Result<(Range<u64>, &[u8])> {
        let size = part.dtype.size();
        let own = share(records, ranks.rank, ranks.ranks);
        let rows = (own.end - own.start) as usize;
        let of_others = |rank| {
            let share = share(records, rank, ranks.ranks);
            (share.end - share.start) as usize * count(&part.shape) * size
        };
        let for_each: Vec<usize> = (0..ranks.ranks).map(of_others).collect();
        let of_block = |(_, shape): &(_, Vec<u64>)| rows * count(shape) * size;
        let from_each: Vec<usize> = self.blocks.iter().map(of_block).collect();
        ranks.exchange((packed, &for_each), (&mut self.incoming, &from_each))?;
        let whole = &mut self.records[..rows * count(&part.record) * size];
        let shape = [&[rows as u64], &part.record[..]].concat();
        let mut place = 0;
        for ((start, extents), bytes) in std::iter::zip(&self.blocks, from_each) {
            if bytes > 0 {
                let starts = std::iter::once(0).chain(start.iter().copied());
                let indices: Vec<(u64, u64)> = starts.map(|start| (start, 1)).collect();
                let counts = [&[rows as u64], &extents[..]].concat();
                let mut block = StridedMut::within(whole, &shape, &indices, &counts, size)?;
                block.scatter(0, rows, &self.incoming[place..place + bytes]);
            }
            place += bytes;
        }
        Ok((own, whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_goes_to_one_rank() {
        for (records, ranks) in [(0, 2), (1, 3), (64, 2), (64, 3), (5, 64)] {
            let mut next = 0;
            for rank in 0..ranks {
                let share = share(records, rank, ranks);
                assert_eq!(share.start, next);
                assert!(share.end - share.start <= records.div_ceil(ranks as u64));
                next = share.end;
            }
            assert_eq!(next, records);
        }
    }
}
