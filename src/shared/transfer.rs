//! Elements on their way between memory and a dataset, in transfers that all ranks make together.

#![forbid(unsafe_code)]

use super::State;
use crate::error::{Error, Result};
use crate::file::reorder;
use crate::slice::{Axis, PerAxis};
use crate::store::h5::{self, memory_number, Dataset, Hyperslab, StorageLayout};
use crate::store::strided::{Strided, StridedMut};
use crate::store::{check_conversion, normal, Dtype};
use std::borrow::Cow;
use std::ops::Range;

/// The most elements of one transfer: MPI and what lies below it count bytes by 31 bits in places.
const MOST: u64 = 64 << 20;

/// The most elements that are put together in memory for one.
const MOST_GATHERED: u64 = 32 << 20;

/// One transfer of this rank.
#[derive(Clone, Debug)]
pub struct Step {
    axes: PerAxis<Axis>,
    /// Where its elements are in packed memory: from which one, and how many.
    elements: Range<usize>,
    /// Which indices these are of the array's first axis, where the array is not packed.
    rows: Option<Range<usize>>,
}

fn count(axes: &[Axis]) -> u64 {
    axes.iter().map(|axis| axis.count as u64).product()
}

/// Whether a selection of an array of these extents goes on without gaps, in any direction along each axis.
fn is_in_one_piece(axes: &[Axis], extents: &[u64]) -> bool {
    let mut axes = std::iter::zip(axes, extents).skip_while(|(axis, _)| axis.count == 1);
    let is_dense = axes.next().is_none_or(|(axis, _)| axis.step.abs() == 1);
    is_dense && axes.all(|(axis, &extent)| axis.count as u64 == extent)
}

/// The part of a selection from one index along an axis on.
fn part(axes: &[Axis], along: usize, start: i64, count: i64) -> PerAxis<Axis> {
    let mut axes = PerAxis::from(axes);
    axes[along].start += axes[along].step * start;
    axes[along].count = count;
    axes
}

/// Cuts a selection into parts of no more than `most` elements, which follow each other in C order.
fn cut(axes: &[Axis], most: u64) -> Vec<PerAxis<Axis>> {
    let all = count(axes);
    if all == 0 {
        return Vec::new();
    }
    let Some(along) = axes
        .iter()
        .position(|axis| axis.count > 1)
        .filter(|_| all > most)
    else {
        return vec![axes.into()];
    };
    let rows = axes[along].count;
    let row = all / rows as u64;
    let at_once = (most / row).max(1) as i64;
    let mut parts = Vec::new();
    let mut start = 0;
    while start < rows {
        let now = at_once.min(rows - start);
        let band = part(axes, along, start, now);
        match row > most {
            true => parts.extend(cut(&band, most)),
            false => parts.push(band),
        }
        start += now;
    }
    parts
}

/// The transfers by which a selection gets to or from an array, which is packed or not.
pub fn steps(axes: &[Axis], is_packed: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut place = 0;
    let mut add = |axes: PerAxis<Axis>, rows: Option<Range<usize>>| {
        let elements = count(&axes) as usize;
        steps.push(Step {
            axes,
            elements: place..place + elements,
            rows,
        });
        place += elements;
    };
    let first = axes.iter().position(|axis| axis.keep);
    let Some(first) = first.filter(|_| !is_packed && count(axes) > 0) else {
        cut(axes, MOST).into_iter().for_each(|axes| add(axes, None));
        return steps;
    };
    let rows = axes[first].count;
    let at_once = (MOST_GATHERED / (count(axes) / rows as u64)).max(1) as i64;
    let mut start = 0;
    while start < rows {
        let now = at_once.min(rows - start);
        add(
            part(axes, first, start, now),
            Some(start as usize..(start + now) as usize),
        );
        start += now;
    }
    steps
}

/// The elements of a selection as HDF5 wants them.
fn slab(axes: &[Axis]) -> Hyperslab {
    let ascending = || axes.iter().map(|axis| axis.ascending());
    Hyperslab {
        start: ascending().map(|axis| axis.start as u64).collect(),
        stride: ascending().map(|axis| axis.step as u64).collect(),
        count: ascending().map(|axis| axis.count as u64).collect(),
        block: PerAxis::from_elem(1, axes.len()),
    }
}

/// Whether elements in memory are as they are in the file.
fn is_as_stored(dataset: &Dataset, dtype: Dtype) -> Result<bool> {
    Ok(dtype != Dtype::Bool
        && memory_number(dtype).is_some()
        && memory_number(dtype) == dataset.element.number()?)
}

/// Fails if elements cannot be turned into those of the dataset, or the other way round.
pub fn check_types(dataset: &Dataset, dtype: Dtype, is_write: bool) -> Result<()> {
    let element = &dataset.element;
    let (there, words) = (element.dtype, element.describe());
    match is_write {
        true => check_conversion(dtype, dtype.name(), there, &words),
        false => check_conversion(there, &words, dtype, dtype.name()),
    }
}

/// The elements of one transfer as they are to be in the file.
fn outgoing<'a>(
    dataset: &Dataset,
    step: &Step,
    dtype: Dtype,
    array: &Strided<'a>,
) -> Result<Cow<'a, [u8]>> {
    let size = dtype.size();
    let mut bytes = match (&step.rows, array.as_packed()) {
        (None, Some(packed)) => {
            Cow::Borrowed(&packed[step.elements.start * size..step.elements.end * size])
        }
        (Some(rows), _) => Cow::Owned(array.gather(rows.start, rows.end)?),
        (None, None) => {
            return Err(Error::internal(
                "an array that is not packed is taken for it",
            ))
        }
    };
    if step.axes.iter().any(Axis::is_reversed) {
        let mut ordered: Vec<u8> = h5::zeroed(bytes.len() as u64, 1)?;
        reorder(&step.axes, size, &bytes, &mut ordered)?;
        bytes = Cow::Owned(ordered);
    }
    if is_as_stored(dataset, dtype)? {
        return Ok(bytes);
    }
    Ok(Cow::Owned(
        dataset
            .element
            .convert_from(dtype, &normal(dtype, &bytes))?,
    ))
}

impl State {
    /// Notes that elements did not get to where they belong.
    pub(super) fn note(&mut self, error: Error) {
        self.untransferred.get_or_insert(error);
    }

    /// Writes these parts of an array to the dataset at a normal path, in as many transfers as all ranks make.
    pub(super) fn write_steps(
        &mut self,
        path: &str,
        steps: &[Step],
        (dtype, array): (Dtype, &Strided<'_>),
        transfers: u64,
    ) -> Result<()> {
        for number in 0..transfers {
            let dataset = self.opened(path)?;
            let step = steps.get(number as usize);
            let bytes = step
                .map(|step| outgoing(dataset, step, dtype, array))
                .transpose();
            let written = match (&bytes, step) {
                (Ok(Some(bytes)), Some(step)) => dataset.write_part(Some(&slab(&step.axes)), bytes),
                _ => dataset.write_part(None, &[]),
            };
            if let Err(error) = bytes.and(written) {
                self.note(error);
            }
        }
        Ok(())
    }

    /// Whether the dataset at a normal path is contiguous.
    pub(super) fn is_contiguous(&mut self, path: &str) -> Result<bool> {
        let layout = self.opened(path)?.layout()?;
        Ok(matches!(layout, StorageLayout::Contiguous))
    }

    /// Writes these parts of an array that all ranks have to the dataset at a normal path: the first rank by itself where that can be.
    pub(super) fn write_alike(
        &mut self,
        path: &str,
        steps: &[Step],
        (dtype, array): (Dtype, &Strided<'_>),
        is_contiguous: bool,
    ) -> Result<()> {
        let is_first = self.ranks.communicator.rank == 0;
        if !(is_contiguous && self.can_write_alone) {
            // Ranks may have their arrays in memory in different ways.
            let transfers = self.most(steps.len())?;
            let mine = if is_first { steps } else { &[] };
            return self.write_steps(path, mine, (dtype, array), transfers);
        }
        for step in steps.iter().filter(|_| is_first) {
            let dataset = self.opened(path)?;
            let slab = slab(&step.axes);
            let is_all = slab.count[..] == dataset.extent.shape;
            let part = Some(&slab).filter(|_| !is_all);
            let written = outgoing(dataset, step, dtype, array)
                .and_then(|bytes| dataset.write_part_alone(part, &bytes));
            if let Err(error) = written {
                self.note(error);
            }
        }
        Ok(())
    }

    /// Fills a selection of the dataset at a normal path, from the first rank.
    pub(super) fn fill(&mut self, path: &str, axes: &[Axis]) -> Result<()> {
        /// So many elements at once.
        const BAND: u64 = 1 << 20;
        let is_first = self.ranks.communicator.rank == 0;
        let dataset = self.opened(path)?;
        let size = dataset.element.size();
        let fill = dataset.fill_value()?;
        for axes in cut(axes, BAND) {
            let dataset = self.opened(path)?;
            let made = h5::zeroed(count(&axes), size).map(|mut bytes: Vec<u8>| {
                if let Some(fill) = &fill {
                    bytes
                        .chunks_exact_mut(size)
                        .for_each(|place| place.copy_from_slice(fill));
                }
                bytes
            });
            let written = match &made {
                Ok(bytes) if is_first => dataset.write_part(Some(&slab(&axes)), bytes),
                _ => dataset.write_part(None, &[]),
            };
            if let Err(error) = made.and(written) {
                self.note(error);
            }
        }
        Ok(())
    }

    /// Whether each rank reads these parts of the dataset at a normal path by itself: where they are large, and on all ranks in one piece each, so that
    /// nothing is gained by some reading for others. `largest` is the bytes of the rank that has most.
    ///
    /// A program that has given MPI hints wants it done by those.
    pub(super) fn reads_apart(&mut self, path: &str, steps: &[Step], largest: u64) -> Result<bool> {
        /// What is smaller costs less than asking the others.
        const LARGE: u64 = 1 << 20;
        if self.has_hints || largest < LARGE || !self.is_contiguous(path)? {
            return Ok(false);
        }
        let extents = &self.opened(path)?.extent.shape;
        let is_apart = steps
            .iter()
            .all(|step| is_in_one_piece(&step.axes, extents));
        Ok(self.most(usize::from(!is_apart))? == 0)
    }

    /// Reads these parts of the dataset at a normal path into an array, in as many transfers as all ranks make. Without an
    /// array this rank takes part with nothing.
    pub(super) fn read_steps(
        &mut self,
        path: &str,
        steps: &[Step],
        (dtype, array): (Dtype, Option<&mut StridedMut<'_>>),
        transfers: u64,
    ) -> Result<()> {
        let mut array = array;
        for number in 0..transfers {
            let dataset = self.opened(path)?;
            let step = steps.get(number as usize);
            let read = match (step, &mut array) {
                (Some(step), Some(array)) => incoming(dataset, step, dtype, array),
                _ => dataset.read_part(None, &mut []),
            };
            if let Err(error) = read {
                self.note(error);
            }
        }
        Ok(())
    }

    /// Reads a hyperslab with blocks of the dataset at a normal path.
    pub(super) fn read_slab(
        &mut self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: Option<&mut [u8]>,
    ) -> Result<()> {
        let dataset = self.opened(path)?;
        let size = dataset.element.size();
        let read = match data {
            Some(data) if !data.is_empty() => {
                let count = (data.len() / dtype.size()) as u64;
                let stored = h5::zeroed(count, size);
                match stored {
                    Ok(mut stored) => dataset
                        .read_part(Some(hyperslab), &mut stored)
                        .and_then(|()| dataset.element.convert_to(dtype, &stored))
                        .map(|converted| data.copy_from_slice(&converted)),
                    Err(error) => dataset.read_part(None, &mut []).and(Err(error)),
                }
            }
            _ => dataset.read_part(None, &mut []),
        };
        if let Err(error) = read {
            self.note(error);
        }
        Ok(())
    }

    /// Writes a hyperslab with blocks to the dataset at a normal path, from the first rank.
    pub(super) fn write_slab(
        &mut self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        let is_first = self.ranks.communicator.rank == 0;
        let dataset = self.opened(path)?;
        let converted = match is_first && !data.is_empty() {
            true => dataset
                .element
                .convert_from(dtype, &normal(dtype, data))
                .map(Some),
            false => Ok(None),
        };
        let written = match &converted {
            Ok(Some(bytes)) => dataset.write_part(Some(hyperslab), bytes),
            _ => dataset.write_part(None, &[]),
        };
        if let Err(error) = converted.and(written) {
            self.note(error);
        }
        Ok(())
    }
}

/// Reads the elements of one transfer into their place.
fn incoming(
    dataset: &Dataset,
    step: &Step,
    dtype: Dtype,
    array: &mut StridedMut<'_>,
) -> Result<()> {
    let slab = slab(&step.axes);
    let size = dtype.size();
    let is_direct = is_as_stored(dataset, dtype)? && !step.axes.iter().any(Axis::is_reversed);
    if let (None, Some(packed), true) = (&step.rows, array.as_packed(), is_direct) {
        let place = &mut packed[step.elements.start * size..step.elements.end * size];
        return dataset.read_part(Some(&slab), place);
    }
    let room = h5::zeroed(step.elements.len() as u64, dataset.element.size());
    let mut stored: Vec<u8> = match room {
        Ok(room) => room,
        // The others wait for this rank.
        Err(error) => return dataset.read_part(None, &mut []).and(Err(error)),
    };
    dataset.read_part(Some(&slab), &mut stored)?;
    if !is_as_stored(dataset, dtype)? {
        stored = dataset.element.convert_to(dtype, &stored)?;
    }
    if step.axes.iter().any(Axis::is_reversed) {
        let mut ordered: Vec<u8> = h5::zeroed(stored.len() as u64, 1)?;
        reorder(&step.axes, size, &stored, &mut ordered)?;
        stored = ordered;
    }
    match (&step.rows, array.as_packed()) {
        (None, Some(packed)) => {
            packed[step.elements.start * size..step.elements.end * size].copy_from_slice(&stored);
        }
        (Some(rows), _) => array.scatter(rows.start, rows.end, &stored),
        (None, None) => {
            return Err(Error::internal(
                "an array that is not packed is taken for it",
            ))
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slice::Selection;

    #[test]
    fn a_selection_is_in_one_piece_or_not() {
        let extents = [4, 5, 6];
        for (slice, is_whole) in [
            ("", true),
            ("1:3", true),
            ("::-1", true),
            ("2, 1:3", true),
            ("2, 3, 4", true),
            ("2, 3, 4:6", true),
            ("1:3, ::-1", true),
            ("::2", false),
            ("1:3, 1:3", false),
            ("2, 1:3, :5", false),
            (":, 3", false),
        ] {
            let axes = crate::slice::parse(slice, &extents).unwrap().axes;
            assert_eq!(is_in_one_piece(&axes, &extents), is_whole, "{slice}");
        }
    }

    #[test]
    fn transfers_are_small_enough_and_follow_each_other() {
        let axes = Selection::everything(&[3, 5, 1 << 26]).axes;
        let steps = steps(&axes, true);
        assert_eq!(steps.len(), 15);
        for (number, step) in steps.iter().enumerate() {
            assert_eq!(step.elements.start, number << 26);
            assert_eq!(
                (step.axes[0].start, step.axes[1].start),
                ((number / 5) as i64, (number % 5) as i64)
            );
        }
        assert_eq!(
            super::steps(&Selection::everything(&[0, 4]).axes, true).len(),
            0
        );
        assert_eq!(super::steps(&[], false).len(), 1);
        let rows = super::steps(&Selection::everything(&[7, 1 << 24]).axes, false);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[3].rows, Some(6..7));
    }
}
