//! Which rank has written which block of a dataset, and where it lies.

#![forbid(unsafe_code)]

use super::groups::Groups;
use crate::error::{Error, Result};
use crate::file::element_of;
use crate::slice::Axis;
use crate::store::h5::{Extent, Order, Source, Virtual};
use crate::store::strided::show_shape;
use crate::store::Dtype;
use std::collections::BTreeMap;

/// A block of an array: where it begins, and its extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its first element.
    pub start: Vec<u64>,
    /// Its extents.
    pub shape: Vec<u64>,
}

impl Block {
    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// How many elements it has.
    pub fn volume(&self) -> u128 {
        self.shape
            .iter()
            .map(|&extent| u128::from(extent))
            .product()
    }

    /// Whether they have anything in common: what many pairs are asked, most of which have not.
    fn overlaps(&self, other: &Block) -> bool {
        let mut axes = self
            .start
            .iter()
            .zip(&self.shape)
            .zip(&other.start)
            .zip(&other.shape);
        axes.all(|(((&one, &one_extent), &two), &two_extent)| {
            one.max(two) < (one + one_extent).min(two + two_extent)
        })
    }

    /// What both have in common; None if they have nothing.
    pub fn common(&self, other: &Block) -> Option<Block> {
        if !self.overlaps(other) {
            return None;
        }
        let mut common = self.clone();
        for axis in 0..self.start.len() {
            let start = self.start[axis].max(other.start[axis]);
            let end =
                (self.start[axis] + self.shape[axis]).min(other.start[axis] + other.shape[axis]);
            common.start[axis] = start;
            common.shape[axis] = end - start;
        }
        Some(common)
    }

    /// What is left of it without another block: blocks that do not overlap.
    pub fn without(&self, other: &Block) -> Vec<Block> {
        let Some(common) = self.common(other) else {
            return vec![self.clone()];
        };
        let mut left = Vec::new();
        let mut rest = self.clone();
        for axis in 0..rest.start.len() {
            let (first, end) = (rest.start[axis], rest.start[axis] + rest.shape[axis]);
            let after = common.start[axis] + common.shape[axis];
            for (from, to) in [(first, common.start[axis]), (after, end)] {
                if from < to {
                    let mut part = rest.clone();
                    part.start[axis] = from;
                    part.shape[axis] = to - from;
                    left.push(part);
                }
            }
            rest.start[axis] = common.start[axis];
            rest.shape[axis] = common.shape[axis];
        }
        left
    }

    /// Whether all of another block, which is not empty, is in it.
    pub fn contains(&self, other: &Block) -> bool {
        self.common(other).is_some_and(|common| common == *other)
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (start, shape) = (show_shape(&self.start), show_shape(&self.shape));
        write!(formatter, "start {start}, shape {shape}")
    }
}

/// Fails if the blocks of two ranks have an element in common.
pub fn check_disjoint(blocks: &[Block]) -> Result<()> {
    let filled: Vec<usize> = (0..blocks.len())
        .filter(|&rank| !blocks[rank].is_empty())
        .collect();
    for (place, &one) in filled.iter().enumerate() {
        for &other in &filled[place + 1..] {
            if blocks[one].common(&blocks[other]).is_some() {
                return Err(Error::shape(format!(
                    "the blocks of rank {one} ({}) and rank {other} ({}) overlap: nothing was written",
                    blocks[one], blocks[other]
                )));
            }
        }
    }
    Ok(())
}

/// A block as it lies in the file of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The number of the part.
    pub part: usize,
    /// The dataset in it, which is all of this block.
    pub dataset: String,
    /// Where it belongs; of a series in each record.
    pub block: Block,
    /// Of a series: the first of the records that it is of.
    pub first: u64,
    /// Of a series: how many records; None for all that come.
    pub count: Option<u64>,
}

/// A dataset that ranks have written in blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The type that it is stored as.
    pub dtype: Dtype,
    /// The byte order that was asked for.
    pub order: Option<Order>,
    /// One element in memory's form that those read as which nobody has written; None is zero.
    pub fill: Option<Vec<u8>>,
    /// The extents of the whole array; of a series those of a record.
    pub global: Vec<u64>,
    /// Whether it is a series.
    pub is_series: bool,
    /// Of a series: how many records it has.
    pub records: u64,
    /// Its blocks.
    pub pieces: Vec<Piece>,
}

/// The name of the file of a part.
pub fn part_name(part: usize) -> String {
    format!("{part:04}.h5")
}

/// The number of the part in the name of a file.
pub fn part_number(name: &str) -> Option<usize> {
    let digits = name.strip_suffix(".h5")?;
    let is_number = digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

impl Layout {
    /// The extents of the dataset.
    pub fn shape(&self) -> Vec<u64> {
        match self.is_series {
            true => [&[self.records], &*self.global].concat(),
            false => self.global.clone(),
        }
    }

    /// Where a piece lies in the dataset.
    pub fn place_of(&self, piece: &Piece) -> Block {
        if !self.is_series {
            return piece.block.clone();
        }
        let count = piece
            .count
            .unwrap_or(self.records.saturating_sub(piece.first));
        Block {
            start: [&[piece.first], &*piece.block.start].concat(),
            shape: [&[count], &*piece.block.shape].concat(),
        }
    }

    /// The virtual dataset that shows it, in a file beside which the parts' folder has this name.
    pub fn as_virtual(&self, folder: &str) -> Result<Virtual> {
        let source = |piece: &Piece| {
            let Block { start, mut shape } = self.place_of(piece);
            let grows = self.is_series && piece.count.is_none();
            if grows {
                shape[0] = 1;
            }
            Source {
                file: format!("{folder}/{}", part_name(piece.part)),
                dataset: piece.dataset.clone(),
                start,
                shape,
                grows,
            }
        };
        let mut shape = self.shape();
        let mut maxshape = shape.clone();
        if self.is_series {
            maxshape[0] = u64::MAX;
            // HDF5 wants room for the parts that do not grow; the others say how many records there are.
            shape[0] = shape[0].max(1);
        }
        Ok(Virtual {
            element: element_of(self.dtype, self.order)?,
            fill: self.fill.clone(),
            extent: Extent { shape, maxshape },
            sources: self.pieces.iter().map(source).collect(),
        })
    }

    /// The layout that a virtual dataset shows. How many records a series has is not known from it.
    pub fn of_virtual(found: &Virtual) -> Result<Self> {
        let foreign = || {
            Error::unsupported("it is a virtual dataset that was not written in blocks by h5sim")
        };
        let is_series = found.extent.maxshape.first() == Some(&u64::MAX);
        let skipped = usize::from(is_series);
        let mut pieces = Vec::new();
        for source in &found.sources {
            let (_, name) = source.file.rsplit_once('/').ok_or_else(foreign)?;
            pieces.push(Piece {
                part: part_number(name).ok_or_else(foreign)?,
                dataset: source.dataset.clone(),
                block: Block {
                    start: source.start[skipped..].to_vec(),
                    shape: source.shape[skipped..].to_vec(),
                },
                first: match is_series {
                    true => source.start[0],
                    false => 0,
                },
                count: (is_series && !source.grows).then(|| source.shape[0]),
            });
        }
        let fixed = pieces
            .iter()
            .filter_map(|piece| Some(piece.first + piece.count?));
        Ok(Self {
            dtype: found.element.dtype,
            order: found
                .element
                .number()?
                .map(|number| match number.big_endian {
                    true => Order::Big,
                    false => Order::Little,
                }),
            fill: found.fill.clone(),
            global: found.extent.shape[skipped..].to_vec(),
            is_series,
            records: fixed.max().unwrap_or(0),
            pieces,
        })
    }

    /// Where ranks' blocks of a whole array go, one of each: into the piece that is there already, or into a new one. Pieces that
    /// new ones cover go. None if a piece of another group's part is overwritten in a part.
    pub fn plan(&self, blocks: &[Block], groups: Groups) -> Option<Plan> {
        let mut into = vec![None; blocks.len()];
        let mut gone = Vec::new();
        for (number, piece) in self.pieces.iter().enumerate() {
            let touching = |rank: &usize| {
                !blocks[*rank].is_empty() && piece.block.common(&blocks[*rank]).is_some()
            };
            let ranks: Vec<usize> = (0..blocks.len()).filter(touching).collect();
            if ranks.is_empty() {
                continue;
            }
            if let [rank] = *ranks {
                if piece.part == groups.part_of(rank) && piece.block.contains(&blocks[rank]) {
                    into[rank] = Some(number);
                    continue;
                }
            }
            let shared = |rank: &usize| piece.block.common(&blocks[*rank]);
            let covered: u128 = ranks
                .iter()
                .filter_map(shared)
                .map(|block| block.volume())
                .sum();
            if covered < piece.block.volume() {
                return None;
            }
            gone.push(number);
        }
        Some(Plan { into, gone })
    }

    /// The pieces that grow, to which these blocks of a record are appended: of each rank the piece that has its block, of one without elements none.
    /// None if the latest blocks were others, or in other parts.
    pub fn growing(&self, blocks: &[Block], groups: Groups) -> Option<Vec<Option<usize>>> {
        let growing = || (0..self.pieces.len()).filter(|&at| self.pieces[at].count.is_none());
        let filled = blocks.iter().filter(|block| !block.is_empty()).count();
        if growing().count() != filled {
            return None;
        }
        // Those of a rank are found by where they begin, since blocks do not overlap.
        let by_start: BTreeMap<_, usize> = growing()
            .map(|at| ((self.pieces[at].part, &*self.pieces[at].block.start), at))
            .collect();
        let of_rank = |(rank, block): (usize, &Block)| {
            if block.is_empty() {
                return Some(None);
            }
            let at = by_start.get(&(groups.part_of(rank), &*block.start))?;
            (self.pieces[*at].block == *block).then_some(Some(*at))
        };
        blocks.iter().enumerate().map(of_rank).collect()
    }
}

/// Where blocks of a whole array go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For each rank the piece that its block is a part of; None for a block that is new, or empty.
    pub into: Vec<Option<usize>>,
    /// The pieces that are covered by new blocks.
    pub gone: Vec<usize>,
}

/// What a selection along an axis has of the elements from `from` to `to`: which of its indices, and the part of the axis that
/// they are, counted from `from`.
pub fn within(axis: &Axis, from: u64, to: u64) -> Option<(u64, Axis)> {
    let (from, to) = (i128::from(from), i128::from(to));
    let (start, step, count) = (
        i128::from(axis.start),
        i128::from(axis.step),
        i128::from(axis.count),
    );
    let (first, last) = if step > 0 {
        let up = |position: i128| (position - start + step - 1).div_euclid(step);
        (up(from), up(to))
    } else {
        let down = |position: i128| (start - position).div_euclid(-step) + 1;
        (down(to), down(from))
    };
    let (first, last) = (first.max(0), last.min(count));
    (first < last).then(|| {
        let part = Axis {
            start: (start + step * first - from) as i64,
            step: axis.step,
            count: (last - first) as i64,
            keep: true,
        };
        (first as u64, part)
    })
}

/// A selection as the text of a slice.
pub fn slice_of(axes: &[Axis]) -> String {
    let text = |axis: &Axis| {
        let end = axis.start + axis.step * axis.count;
        match (axis.step, end) {
            (1, end) => format!("{}:{end}", axis.start),
            // A negative end would count from the other side.
            (step, end) if end < 0 => format!("{}::{step}", axis.start),
            (step, end) => format!("{}:{end}:{step}", axis.start),
        }
    };
    axes.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slice;

    fn block(start: &[u64], shape: &[u64]) -> Block {
        Block {
            start: start.to_vec(),
            shape: shape.to_vec(),
        }
    }

    fn layout(pieces: &[(usize, Block)]) -> Layout {
        Layout {
            dtype: Dtype::F64,
            order: None,
            fill: None,
            global: vec![6, 4],
            is_series: false,
            records: 0,
            pieces: pieces
                .iter()
                .map(|(part, block)| Piece {
                    part: *part,
                    dataset: format!("{part}/u"),
                    block: block.clone(),
                    first: 0,
                    count: None,
                })
                .collect(),
        }
    }

    #[test]
    fn blocks_that_overlap_are_named() {
        let all = [
            block(&[0, 0], &[3, 4]),
            block(&[9, 9], &[0, 1]),
            block(&[2, 3], &[2, 1]),
        ];
        let message = check_disjoint(&all).unwrap_err().message;
        assert!(
            message.contains("rank 0") && message.contains("rank 2"),
            "{message}"
        );
        assert!(check_disjoint(&all[..2]).is_ok());
    }

    #[test]
    fn what_is_left_of_a_block_are_all_other_elements_once() {
        let whole = block(&[1, 2], &[4, 5]);
        let other = block(&[2, 0], &[2, 4]);
        let left = whole.without(&other);
        let volume: u128 = left.iter().map(Block::volume).sum();
        assert_eq!(volume, 20 - 4);
        assert!(left.iter().all(|part| part.common(&other).is_none()));
        check_disjoint(&left).unwrap();
        assert_eq!(whole.without(&block(&[9, 9], &[1, 1])), vec![whole.clone()]);
        assert!(whole.without(&whole).is_empty());
    }

    #[test]
    fn blocks_go_into_pieces_replace_them_or_are_refused() {
        let old = layout(&[(0, block(&[0, 0], &[3, 4])), (1, block(&[3, 0], &[3, 4]))]);
        // The same layout, and a part of it.
        let same = old
            .plan(
                &[block(&[0, 0], &[3, 4]), block(&[4, 1], &[1, 2])],
                Groups::new(2, 64),
            )
            .unwrap();
        assert_eq!(
            same,
            Plan {
                into: vec![Some(0), Some(1)],
                gone: vec![]
            }
        );
        // Other ranks that write all.
        let other = [
            block(&[0, 0], &[2, 4]),
            block(&[2, 0], &[2, 4]),
            block(&[4, 0], &[2, 4]),
        ];
        let anew = old.plan(&other, Groups::new(3, 64)).unwrap();
        assert_eq!(
            anew,
            Plan {
                into: vec![None, None, None],
                gone: vec![0, 1]
            }
        );
        // Some that do not.
        assert!(old.plan(&other[..2], Groups::new(2, 64)).is_none());
        assert!(old
            .plan(
                &[block(&[0, 0], &[0, 0]), block(&[0, 0], &[1, 1])],
                Groups::new(2, 64),
            )
            .is_none());
        // One where nothing was.
        let half = layout(&[(0, block(&[0, 0], &[3, 4]))]);
        let added = half
            .plan(
                &[block(&[0, 0], &[0, 4]), block(&[3, 0], &[3, 4])],
                Groups::new(2, 64),
            )
            .unwrap();
        assert_eq!(
            added,
            Plan {
                into: vec![None, None],
                gone: vec![]
            }
        );
    }

    #[test]
    fn a_record_goes_on_where_all_blocks_of_the_latest_are_in_the_same_parts() {
        let rows = [block(&[0, 0], &[2, 4]), block(&[2, 0], &[3, 4])];
        let mut series = layout(&[(0, rows[1].clone()), (0, rows[0].clone())]);
        series.is_series = true;
        let nothing = block(&[9, 9], &[0, 0]);
        let found = series.growing(&rows, Groups::new(2, 1));
        assert_eq!(found, Some(vec![Some(1), Some(0)]));
        let all = [rows[0].clone(), nothing.clone(), rows[1].clone()];
        let found = series.growing(&all, Groups::new(3, 1));
        assert_eq!(found, Some(vec![Some(1), None, Some(0)]));
        // Other parts, one block fewer, another extent, and a piece that has ended.
        assert_eq!(series.growing(&rows, Groups::new(2, 2)), None);
        assert_eq!(
            series.growing(&[rows[0].clone(), nothing], Groups::new(2, 1)),
            None
        );
        let other = [rows[0].clone(), block(&[2, 0], &[2, 4])];
        assert_eq!(series.growing(&other, Groups::new(2, 1)), None);
        series.pieces[0].count = Some(3);
        assert_eq!(series.growing(&rows, Groups::new(2, 1)), None);
    }

    #[test]
    fn parts_of_selections_are_those_of_an_array() {
        // Each cut of an axis against counting by hand.
        for text in ["1:9:3", "9:0:-2", "::-1", ":", "4", "7:2:-3", "2:2"] {
            let axis = slice::parse(text, &[10]).unwrap().axes[0];
            for from in 0..10u64 {
                for to in from..=10 {
                    let indices: Vec<(u64, i64)> = (0..axis.count)
                        .map(|index| (index as u64, axis.start + axis.step * index))
                        .filter(|(_, at)| (from as i64..to as i64).contains(at))
                        .collect();
                    let found = within(&axis, from, to);
                    let found: Vec<(u64, i64)> = found.map_or(Vec::new(), |(first, part)| {
                        let slice = slice::parse(&slice_of(&[part]), &[to - from]).unwrap().axes[0];
                        assert_eq!(
                            (slice.start, slice.count),
                            (part.start, part.count),
                            "{text}"
                        );
                        (0..part.count)
                            .map(|index| {
                                (
                                    first + index as u64,
                                    from as i64 + part.start + part.step * index,
                                )
                            })
                            .collect()
                    });
                    assert_eq!(found, indices, "{text} {from} {to}");
                }
            }
        }
    }
}
