//! Which elements a call means: slices and hyperslabs against a dataset's shape.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use crate::slice::{Axis, PerAxis};
use crate::store::h5::Hyperslab;
use crate::store::strided::{show_shape, Layout, StridedMut};
use smallvec::smallvec;

/// The hyperslab of a selection, in the dataset's order; None is everything.
pub fn part_of(axes: &[Axis], shape: &[u64]) -> Option<Hyperslab> {
    let whole = |(axis, &extent): (&Axis, &u64)| {
        axis.start == 0 && axis.step == 1 && axis.count as u64 == extent
    };
    if axes.iter().zip(shape).all(whole) {
        return None;
    }
    let ascending = || axes.iter().map(|axis| axis.ascending());
    Some(Hyperslab {
        start: ascending().map(|axis| axis.start as u64).collect(),
        stride: ascending().map(|axis| axis.step as u64).collect(),
        count: ascending().map(|axis| axis.count as u64).collect(),
        block: smallvec![1; shape.len()],
    })
}

/// The layout of packed memory in the selection's order, walked in the dataset's order.
pub fn backwards(axes: &[Axis], item: usize) -> Result<Layout> {
    let counts: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
    let reversed: Vec<bool> = axes.iter().map(|axis| axis.step < 0).collect();
    Layout::reversed(&counts, &reversed, item)
}

/// Copies elements in the dataset's order into the selection's.
pub fn reorder(axes: &[Axis], item: usize, packed: &[u8], target: &mut [u8]) -> Result<()> {
    if axes.iter().any(Axis::is_reversed) {
        let rows = axes.first().map_or(1, |axis| axis.count as usize);
        StridedMut::new(target, backwards(axes, item)?).scatter(0, rows, packed);
    } else {
        target.copy_from_slice(packed);
    }
    Ok(())
}

/// Checks a hyperslab against a dataset's shape, and gives the shape of what it selects.
pub fn check_hyperslab(hyperslab: &Hyperslab, shape: &[u64]) -> Result<PerAxis<u64>> {
    let Hyperslab {
        start,
        stride,
        count,
        block,
    } = hyperslab;
    if start.len() != shape.len() {
        return Err(Error::shape(format!(
            "the hyperslab has rank {}, the dataset has shape {}",
            start.len(),
            show_shape(shape)
        )));
    }
    let mut selected = PerAxis::new();
    for axis in 0..shape.len() {
        let (start, stride) = (start[axis], stride[axis]);
        let (count, block) = (count[axis], block[axis]);
        if stride == 0 {
            return Err(Error::shape(format!(
                "along axis {axis} stride is 0, expected 1 or more"
            )));
        }
        selected.push(count.saturating_mul(block));
        if count == 0 || block == 0 {
            continue;
        }
        if count > 1 && stride < block {
            return Err(Error::shape(format!(
                "along axis {axis} stride is {stride} and block {block}: blocks must not overlap"
            )));
        }
        let end = (count - 1)
            .checked_mul(stride)
            .and_then(|reach| reach.checked_add(block))
            .and_then(|reach| reach.checked_add(start));
        if end.is_none_or(|end| end > shape[axis]) {
            return Err(Error::shape(format!(
                "along axis {axis} the hyperslab (start {start}, stride {stride}, count {count}, block {block}) leaves the extent {}",
                shape[axis]
            )));
        }
    }
    Ok(selected)
}

/// One evenly spaced part of a hyperslab, and where its elements are among all that are selected.
pub struct EvenPart {
    /// The part, of which every axis is evenly spaced.
    pub part: Hyperslab,
    /// For each axis, which of the selected indices it has: the first, and how far apart they are.
    pub indices: Vec<(u64, u64)>,
}

/// Cuts a hyperslab with blocks that have gaps between them into evenly spaced parts: along such an axis the first
/// elements of all blocks, the second ones, and so on, or block after block, whichever are fewer.
pub fn even_parts(hyperslab: &Hyperslab) -> Vec<EvenPart> {
    let rank = hyperslab.start.len();
    let mut parts = vec![EvenPart {
        part: hyperslab.clone(),
        indices: vec![(0, 1); rank],
    }];
    for axis in 0..rank {
        let (count, block) = (hyperslab.count[axis], hyperslab.block[axis]);
        let (start, stride) = (hyperslab.start[axis], hyperslab.stride[axis]);
        if count <= 1 || block <= 1 || stride == block {
            continue;
        }
        parts = parts
            .iter()
            .flat_map(|whole| {
                (0..count.min(block)).map(move |number| {
                    let mut part = whole.part.clone();
                    let mut indices = whole.indices.clone();
                    if block <= count {
                        part.start[axis] = start + number;
                        part.block[axis] = 1;
                        indices[axis] = (number, block);
                    } else {
                        part.start[axis] = start + number * stride;
                        part.count[axis] = 1;
                        indices[axis] = (number * block, 1);
                    }
                    EvenPart { part, indices }
                })
            })
            .collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uneven_hyperslabs_are_cut_into_even_parts() {
        let slab = Hyperslab {
            start: smallvec![1, 0],
            stride: smallvec![5, 10],
            count: smallvec![2, 1],
            block: smallvec![3, 4],
        };
        let parts = even_parts(&slab);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].part.start[..], [6, 0]);
        assert_eq!(parts[1].part.count[..], [1, 1]);
        assert_eq!(parts[1].part.block[..], [3, 4]);
        assert_eq!(parts[1].indices, [(3, 1), (0, 1)]);
    }

    #[test]
    fn a_stride_of_zero_is_refused() {
        let slab = Hyperslab {
            start: smallvec![0],
            stride: smallvec![0],
            count: smallvec![1],
            block: smallvec![1],
        };
        let error = check_hyperslab(&slab, &[4]).unwrap_err();
        assert_eq!(error.status, crate::error::Status::Shape);
    }
}
