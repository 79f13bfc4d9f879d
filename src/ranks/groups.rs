//! Which ranks share a part: consecutive ones, the first of which writes it for all of them.

#![forbid(unsafe_code)]

/// The ranks of a run in groups, each of which has one part.
///
/// It follows from numbers that all ranks know, so that none has to be told. Where there are not more ranks than parts, each rank has one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    ranks: usize,
    parts: usize,
}

impl Groups {
    /// So many ranks in at most so many groups, whose sizes differ by one at most.
    pub fn new(ranks: usize, most: usize) -> Self {
        Self {
            ranks,
            parts: ranks.min(most.max(1)),
        }
    }

    /// Of those that only read: nobody writes a part.
    pub fn none() -> Self {
        Self { ranks: 0, parts: 0 }
    }

    /// How many parts are written: those with the numbers below it.
    pub fn parts(self) -> usize {
        self.parts
    }

    /// The part in which the blocks of a rank are.
    pub fn part_of(self, rank: usize) -> usize {
        rank * self.parts / self.ranks.max(1)
    }

    /// The rank that writes a part; None if nobody does in this opening.
    pub fn writer_of(self, part: usize) -> Option<usize> {
        (part < self.parts).then(|| (part * self.ranks).div_ceil(self.parts))
    }

    /// Whether a rank writes the part of its group.
    pub fn leads(self, rank: usize) -> bool {
        self.writer_of(self.part_of(rank)) == Some(rank)
    }

    /// Which one a rank is of its group, from 0 on.
    pub fn place_of(self, rank: usize) -> usize {
        rank - self.writer_of(self.part_of(rank)).unwrap_or(rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rank_has_its_own_part_where_there_are_enough() {
        for ranks in 1..=64 {
            let groups = Groups::new(ranks, 64);
            assert_eq!(groups.parts(), ranks);
            for rank in 0..ranks {
                assert_eq!((groups.part_of(rank), groups.place_of(rank)), (rank, 0));
                assert!(groups.leads(rank));
            }
            assert_eq!(groups.writer_of(ranks), None);
        }
        assert_eq!(Groups::none().writer_of(0), None);
    }

    #[test]
    fn consecutive_ranks_share_a_part_that_the_first_of_them_writes() {
        for (ranks, most) in [
            (65, 64),
            (70, 64),
            (1000, 64),
            (7, 2),
            (4, 3),
            (3, 1),
            (5, 1),
        ] {
            let groups = Groups::new(ranks, most);
            assert_eq!(groups.parts(), most);
            let mut sizes = vec![0; most];
            for rank in 0..ranks {
                let part = groups.part_of(rank);
                assert!(rank == 0 || (0..=1).contains(&(part - groups.part_of(rank - 1))));
                assert_eq!(groups.place_of(rank), sizes[part], "{rank} of {ranks}");
                assert_eq!(groups.leads(rank), sizes[part] == 0);
                sizes[part] += 1;
                assert_eq!(groups.writer_of(part), Some(rank + 1 - sizes[part]));
            }
            let (least, greatest) = (sizes.iter().min(), sizes.iter().max());
            assert!(greatest.unwrap() - least.unwrap() <= 1, "{sizes:?}");
        }
    }
}
