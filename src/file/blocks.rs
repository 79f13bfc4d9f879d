//! Blocks: what one process holds of an array that several share, or one writes in pieces.

#![forbid(unsafe_code)]

use super::appending::Records;
use super::owner::State;
use super::writing::Part;
use super::OpenFile;
use crate::error::{Error, Result};
use crate::slice::{Axis, PerAxis, Selection};
use crate::store::strided::{show_shape, Strided, StridedMut};
use crate::store::{path, Dtype, Write};

impl OpenFile {
    /// Writes a block of an array of these extents, which begins at `start`: to a new dataset, or into the one that is there.
    pub fn write_block(
        &self,
        path: &str,
        dtype: Dtype,
        global: &[u64],
        start: &[u64],
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        self.change(|state| {
            let axes = axes_of_block(global, start, &array.shape())
                .map_err(|error| error.within(format_args!("dataset '{path}'")))?;
            let part = Part {
                axes: &axes,
                dtype,
                array,
            };
            state.write_block(path, global, &part, options)
        })
    }

    /// Appends one record, of the extents that `records` says, whose elements are this block, which begins at `start`, and fill.
    pub fn append_block(
        &self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        array: &Strided<'_>,
    ) -> Result<()> {
        let named = |error: Error| {
            let error = error.within(format_args!("dataset '{path}'"));
            error.within(self.name())
        };
        let global = super::appending::checked(records.record).map_err(named)?;
        let axes = axes_of_block(&global, start, &array.shape()).map_err(named)?;
        match is_whole(&axes, &global) {
            true => self.append_from(path, records, array),
            false => self.append_part(path, records, &axes, array),
        }
    }

    /// Reads the block of a dataset that begins at `start` into an array with strides, whose extents are the block's.
    pub fn read_block(
        &self,
        path: &str,
        start: &[u64],
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        self.look(|state| {
            state.with_dataset(path, |state, id| {
                let axes = axes_of_block(&state.opened(id)?.shape, start, &array.shape())?;
                state.read_strided(id, &axes, dtype, array)
            })
        })
    }
}

impl State {
    fn write_block(
        &mut self,
        path: &str,
        global: &[u64],
        part: &Part<'_>,
        options: &Write,
    ) -> Result<()> {
        let normal = &*path::normal(path);
        if self.datasets.find(normal).is_none() && is_whole(part.axes, global) {
            // A small array that is written at once waits with others.
            if self.gathered.admits(&self.hdf5, path)?
                && self.gather(path, part.dtype, part.array, options)?
            {
                return Ok(());
            }
        }
        if !options.overwrite {
            let there = self.find_dataset(normal)?;
            if let Some(id) = there.filter(|&id| !self.is_bare(normal, id)) {
                return self.with_opened(normal, id, |state, id| {
                    require_extents(&state.opened(id)?.shape, global)?;
                    state.write_over(id, part, options.threads)
                });
            }
        }
        self.put(path, global, part, options)
    }

    /// Whether an open dataset is a dimension without coordinate, in whose place a dataset can come.
    fn is_bare(&self, path: &str, id: u32) -> bool {
        let is_like_one = self.datasets.get(id).is_some_and(|open| {
            let is_big_endian = open.number.is_some_and(|number| number.big_endian);
            open.dtype == Dtype::F32 && is_big_endian && open.shape.len() == 1
        });
        is_like_one && matches!(self.hdf5.scale_at(path), Ok(Some(scale)) if scale.is_bare)
    }
}

/// The selection of an array of these extents that a block is. A block without elements may be anywhere.
pub fn axes_of_block(global: &[u64], start: &[u64], shape: &[u64]) -> Result<PerAxis<Axis>> {
    let block = || format!("start {}, shape {}", show_shape(start), show_shape(shape));
    if start.len() != global.len() || shape.len() != global.len() {
        return Err(Error::shape(format!(
            "the block ({}) is of rank {}, the whole array has shape {}",
            block(),
            shape.len(),
            show_shape(global)
        )));
    }
    let mut axes = Selection::everything(shape).axes;
    if shape.contains(&0) {
        return Ok(axes);
    }
    for (axis, selected) in axes.iter_mut().enumerate() {
        let end = start[axis].checked_add(shape[axis]);
        if end.is_none_or(|end| end > global[axis]) {
            return Err(Error::shape(format!(
                "the block ({}) leaves the whole array, whose shape is {}, along axis {axis}",
                block(),
                show_shape(global)
            )));
        }
        selected.start = start[axis] as i64;
    }
    Ok(axes)
}

/// Whether a block is all of an array of these extents.
fn is_whole(axes: &[Axis], global: &[u64]) -> bool {
    let mut both = axes.iter().zip(global);
    both.all(|(axis, &extent)| axis.count as u64 == extent)
}

/// Fails if a dataset of these extents is not the whole array of a block.
pub fn require_extents(shape: &[u64], global: &[u64]) -> Result<()> {
    if shape != global {
        return Err(Error::shape(format!(
            "it has shape {}, the block is of an array of shape {}",
            show_shape(shape),
            show_shape(global)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn blocks_are_inside_or_refused() {
        let axes = axes_of_block(&[4, 6], &[1, 2], &[3, 4]).unwrap();
        assert_eq!((axes[1].start, axes[1].count), (2, 4));
        assert!(!is_whole(&axes, &[4, 6]));
        assert!(is_whole(&axes_of_block(&[], &[], &[]).unwrap(), &[]));
        // Where a rank has nothing its start is often beyond the end.
        assert!(axes_of_block(&[5], &[6], &[0]).is_ok());
        for (start, shape) in [
            (vec![2, 2], vec![3, 4]),
            (vec![0, u64::MAX], vec![1, 2]),
            (vec![1], vec![2]),
            (vec![1, 2], vec![2]),
        ] {
            let refused = axes_of_block(&[4, 6], &start, &shape).unwrap_err();
            assert_eq!(refused.status, Status::Shape, "{start:?} {shape:?}");
            assert!(refused.message.contains("(4, 6)"), "{}", refused.message);
        }
    }
}
