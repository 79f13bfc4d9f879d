//! Which elements of which chunk: selections cut at the borders of chunks, and the walks over them.

#![forbid(unsafe_code)]

use crate::codec::walk::Walk;
use crate::slice::{per_axis, Axis, PerAxis};
use crate::store::h5::Hyperslab;
use smallvec::smallvec;

/// Part of an axis of the selection that lies in one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The chunk's coordinate along the axis.
    pub chunk: u64,
    /// The first index of the selection in it.
    pub first: usize,
    /// How many indices are in it.
    pub count: usize,
}

/// The parts of an axis that lie in one chunk each; few of one call need no memory of their own.
pub type AxisSegments = smallvec::SmallVec<[Segment; 2]>;

/// The whole of a selection, as of an array that is one chunk.
pub fn whole(axes: &[Axis]) -> PerAxis<Segment> {
    per_axis(axes.len(), |axis| Segment {
        chunk: 0,
        first: 0,
        count: axes[axis].count as usize,
    })
}

/// The coordinates of the first element of the chunk that holds these parts.
pub fn origin(parts: &[Segment], chunk: &[u64]) -> PerAxis<u64> {
    per_axis(parts.len(), |axis| parts[axis].chunk * chunk[axis])
}

/// Cuts an axis of a selection at the borders of chunks of that extent.
pub fn segments(axis: &Axis, extent: u64) -> AxisSegments {
    let extent = extent.clamp(1, i64::MAX as u64) as i64;
    let mut list = AxisSegments::new();
    let mut first = 0;
    while first < axis.count {
        let coordinate = axis.start + axis.step * first;
        let chunk = coordinate / extent;
        // How many more steps stay in the chunk.
        let more = if axis.step > 0 {
            ((chunk + 1).saturating_mul(extent) - 1 - coordinate) / axis.step
        } else {
            (coordinate - chunk * extent) / -axis.step
        };
        let count = (more + 1).min(axis.count - first);
        list.push(Segment {
            chunk: chunk as u64,
            first: first as usize,
            count: count as usize,
        });
        first += count;
    }
    list
}

/// The parts of a selection that is not empty, if all of it lies in one chunk.
pub fn in_one_chunk(axes: &[Axis], chunk: &[u64]) -> Option<PerAxis<Segment>> {
    let mut parts = PerAxis::new();
    for (axis, &extent) in axes.iter().zip(chunk) {
        let last = axis.start + axis.step * (axis.count - 1);
        let (low, high) = (axis.start.min(last) as u64, axis.start.max(last) as u64);
        let coordinate = low / extent;
        if high - coordinate * extent >= extent {
            return None;
        }
        parts.push(Segment {
            chunk: coordinate,
            first: 0,
            count: axis.count as usize,
        });
    }
    Some(parts)
}

/// Calls `visit` with every combination of the axes' segments, in C order.
pub fn each_of<E>(
    segments: &[AxisSegments],
    mut visit: impl FnMut(&[Segment]) -> Result<(), E>,
) -> Result<(), E> {
    if segments.iter().any(|list| list.is_empty()) {
        return Ok(());
    }
    let mut places: PerAxis<usize> = smallvec![0; segments.len()];
    let mut parts = per_axis(segments.len(), |axis| segments[axis][0]);
    loop {
        visit(&parts)?;
        let mut axis = segments.len();
        loop {
            if axis == 0 {
                return Ok(());
            }
            axis -= 1;
            places[axis] += 1;
            if places[axis] < segments[axis].len() {
                parts[axis] = segments[axis][places[axis]];
                break;
            }
            places[axis] = 0;
            parts[axis] = segments[axis][0];
        }
    }
}

/// The axes of a hyperslab that selects something, lies inside `shape` and is evenly spaced; none otherwise.
pub fn axes_of(hyperslab: &Hyperslab, shape: &[u64]) -> Option<PerAxis<Axis>> {
    let mut axes = PerAxis::new();
    put_axes_of(hyperslab, shape, &mut axes).then_some(axes)
}

/// As [`axes_of`], into an empty place for them, since to hand them on takes longer than to make them; says whether there are some.
pub fn put_axes_of(hyperslab: &Hyperslab, shape: &[u64], axes: &mut PerAxis<Axis>) -> bool {
    let Hyperslab {
        start,
        stride,
        count,
        block,
    } = hyperslab;
    if start.len() != shape.len() {
        return false;
    }
    axes.reserve(shape.len());
    for axis in 0..shape.len() {
        let even = match (count[axis], stride[axis], block[axis]) {
            (0, ..) | (_, 0, _) | (.., 0) => None,
            (count, stride, 1) => Some((stride, count)),
            (1, _, block) => Some((1, block)),
            (count, stride, block) if stride == block => {
                count.checked_mul(block).map(|count| (1, count))
            }
            _ => None,
        };
        let Some((step, count)) = even else {
            return false;
        };
        let reach = (count - 1).checked_mul(step);
        let last = reach.and_then(|reach| start[axis].checked_add(reach));
        let most = shape[axis].min(i64::MAX as u64);
        // So all of the three are smaller than that, but for a step over nothing.
        if last.is_none_or(|last| last >= most) || count > most {
            return false;
        }
        axes.push(Axis {
            start: start[axis] as i64,
            step: if count > 1 { step as i64 } else { 1 },
            count: count as i64,
            keep: true,
        });
    }
    true
}

/// The axes of a hyperslab that lies inside `shape`, and the extents of an array that has two axes where blocks have gaps between them: one
/// of the blocks, and one of the elements of a block, which is as if it were no axis of the array.
pub fn axes_of_blocks(
    hyperslab: &Hyperslab,
    shape: &[u64],
) -> Option<(PerAxis<Axis>, PerAxis<u64>)> {
    let (mut axes, mut extents) = (PerAxis::new(), PerAxis::new());
    for axis in 0..shape.len() {
        let (count, block) = (hyperslab.count[axis], hyperslab.block[axis]);
        let stride = hyperslab.stride[axis];
        let is_even = count <= 1 || block <= 1 || stride == block;
        let along = |start, stride, count, block| Hyperslab {
            start: smallvec![start],
            stride: smallvec![stride],
            count: smallvec![count],
            block: smallvec![block],
        };
        let first = match is_even {
            true => along(hyperslab.start[axis], stride, count, block),
            false => along(hyperslab.start[axis], stride, count, 1),
        };
        axes.extend(axes_of(&first, &shape[axis..=axis])?);
        extents.push(shape[axis]);
        if !is_even {
            axes.extend(axes_of(&along(0, 1, block, 1), &[block])?);
            extents.push(1);
        }
    }
    Some((axes, extents))
}

/// Elements in memory that a selection goes to or comes from: where the first is, and how far apart
/// neighbours are along each axis of the selection, in bytes.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The place of the first element.
    pub origin: usize,
    /// The distance between neighbours along each axis of the selection.
    pub strides: PerAxis<isize>,
    /// Bytes of an element.
    pub item: usize,
}

impl Memory {
    /// Elements one after the other, in the order of the selection.
    pub fn packed(axes: &[Axis], item: usize) -> Self {
        let mut strides = smallvec![0; axes.len()];
        let mut stride = item as isize;
        for (axis, place) in axes.iter().zip(&mut strides).rev() {
            *place = stride;
            stride = stride.saturating_mul(axis.count as isize);
        }
        Self {
            origin: 0,
            strides,
            item,
        }
    }
}

/// An array in the file: a dataset in one piece, or one of its chunks.
#[derive(Clone, Copy, Debug)]
pub struct Array<'a> {
    /// Its extents.
    pub extents: &'a [u64],
    /// The dataset's coordinates of its first element.
    pub origin: &'a [u64],
    /// Bytes of an element.
    pub item: usize,
}

/// One axis of a walk: how many elements, and how far apart in the array and in memory.
type Step = (usize, isize, isize);

/// Where the parts of a selection begin, in the array and in memory, and the steps along its axes.
fn steps(
    axes: &[Axis],
    parts: &[Segment],
    array: Array,
    memory: &Memory,
) -> (isize, isize, PerAxis<Step>) {
    let mut list: PerAxis<Step> = smallvec![(0, 0, 0); axes.len()];
    let mut stride = array.item as isize;
    let (mut place, mut start) = (0isize, memory.origin as isize);
    for axis in (0..axes.len()).rev() {
        let Axis {
            start: first, step, ..
        } = axes[axis];
        let part = parts[axis];
        let coordinate = first + step * part.first as i64 - array.origin[axis] as i64;
        place += coordinate as isize * stride;
        start += part.first as isize * memory.strides[axis];
        list[axis] = (part.count, stride * step as isize, memory.strides[axis]);
        stride = stride.wrapping_mul(array.extents[axis] as isize);
    }
    (place, start, list)
}

/// The walk from an array to memory, which begins `base` bytes after the first element of all.
pub fn to_memory(
    axes: &[Axis],
    parts: &[Segment],
    array: Array,
    memory: &Memory,
    base: usize,
) -> Walk {
    let (place, start, list) = steps(axes, parts, array, memory);
    let mut walk = Walk::new(place as usize, start as usize - base);
    for (count, in_array, in_memory) in list {
        walk.push(count, in_array, in_memory);
    }
    walk.close(array.item, memory.item);
    walk
}

/// The walk from memory to an array, in the array's order.
pub fn from_memory(axes: &[Axis], parts: &[Segment], array: Array, memory: &Memory) -> Walk {
    let (mut place, mut start, mut list) = steps(axes, parts, array, memory);
    for step in &mut list {
        forwards(step, &mut place, &mut start);
    }
    let mut walk = Walk::new(start as usize, place as usize);
    for (count, in_array, in_memory) in list {
        walk.push(count, in_memory, in_array);
    }
    walk.close(memory.item, array.item);
    walk
}

/// Has an axis of a walk run forwards in the array: backwards there is the same the other way round in memory.
fn forwards((count, in_array, in_memory): &mut Step, place: &mut isize, start: &mut isize) {
    if *in_array < 0 && *count > 0 {
        let reach = *count as isize - 1;
        *place += reach * *in_array;
        *start += reach * *in_memory;
        *in_array = -*in_array;
        *in_memory = -*in_memory;
    }
}

/// A dataset in chunks, of elements of `item` bytes.
#[derive(Clone, Copy, Debug)]
pub struct ChunkedArray<'a> {
    /// Its extents.
    pub shape: &'a [u64],
    /// Those of a chunk.
    pub chunk: &'a [u64],
    /// Bytes of an element.
    pub item: usize,
}

impl<'a> ChunkedArray<'a> {
    /// An array that is one chunk.
    pub fn in_one_piece(shape: &'a [u64], item: usize) -> Self {
        Self {
            shape,
            chunk: shape,
            item,
        }
    }

    /// The number of the chunk in which all of a selection that is not empty lies, and by `walk` the way from there to memory that the elements fill one after
    /// the other; None if it lies in several chunks.
    pub fn walk_to_memory(self, axes: &[Axis], wanted: usize, walk: &mut Walk) -> Option<u64> {
        let (mut place, mut own) = (0, wanted as isize);
        walk.restart();
        let number = self.steps(axes, |axis, first, stride| {
            place += first;
            walk.push_slower(axes[axis].count as usize, stride, own);
            own = own.saturating_mul(axes[axis].count as isize);
        })?;
        walk.close_slowest((place as usize, 0), (self.item, wanted));
        Some(number)
    }

    /// The same with the way from memory to the chunk.
    pub fn walk_from_memory(self, axes: &[Axis], memory: &Memory, walk: &mut Walk) -> Option<u64> {
        let (mut place, mut start) = (0, memory.origin as isize);
        walk.restart();
        let number = self.steps(axes, |axis, first, stride| {
            let mut step = (axes[axis].count as usize, stride, memory.strides[axis]);
            place += first;
            forwards(&mut step, &mut place, &mut start);
            walk.push_slower(step.0, step.2, step.1);
        })?;
        walk.close_slowest((start as usize, place as usize), (memory.item, self.item));
        Some(number)
    }

    /// Calls `visit` with each axis, the fastest first: how far in the chunk the first element lies, and neighbours of the selection from each other, in bytes.
    /// Gives the number of the chunk; None if there are several.
    fn steps(self, axes: &[Axis], mut visit: impl FnMut(usize, isize, isize)) -> Option<u64> {
        let (mut number, mut before) = (0, 1);
        let mut stride = self.item as isize;
        for axis in (0..axes.len()).rev() {
            let Axis {
                start, step, count, ..
            } = axes[axis];
            let last = start + step * (count - 1);
            let (low, high) = (start.min(last) as u64, start.max(last) as u64);
            let (extent, shape) = (self.chunk[axis], self.shape[axis]);
            let mut first = 0;
            // Divisions cost more than all else here.
            if shape > extent {
                let chunk = low / extent;
                first = chunk * extent;
                if high - first >= extent {
                    return None;
                }
                number += chunk * before;
                if axis > 0 {
                    before *= shape.div_ceil(extent);
                }
            }
            visit(
                axis,
                (start - first as i64) as isize * stride,
                stride * step as isize,
            );
            stride = stride.wrapping_mul(extent as isize);
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(start: i64, step: i64, count: i64) -> Axis {
        Axis {
            start,
            step,
            count,
            keep: true,
        }
    }

    #[test]
    fn axes_are_cut_at_the_borders_of_chunks() {
        let cut = |axis, extent| -> Vec<(u64, usize, usize)> {
            segments(&axis, extent)
                .iter()
                .map(|part| (part.chunk, part.first, part.count))
                .collect()
        };
        assert_eq!(cut(axis(2, 3, 4), 5), [(0, 0, 1), (1, 1, 2), (2, 3, 1)]);
        assert_eq!(cut(axis(9, -4, 3), 4), [(2, 0, 1), (1, 1, 1), (0, 2, 1)]);
        assert_eq!(cut(axis(0, 1, 0), 4), []);
    }

    #[test]
    fn selections_inside_one_chunk() {
        let array = ChunkedArray {
            shape: &[9, 35],
            chunk: &[4, 10],
            item: 8,
        };
        let second = |start, step, count| Axis {
            keep: false,
            ..axis(start, step, count)
        };
        let inside = [axis(4, 3, 2), second(29, -9, 2)];
        let mut walk = Walk::default();
        assert_eq!(array.walk_to_memory(&inside, 4, &mut walk), Some(4 + 2));
        let parts = in_one_chunk(&inside, array.chunk).unwrap();
        let along = inside.iter().zip(array.chunk).zip(&parts);
        for ((axis, &extent), part) in along {
            assert_eq!(*part, segments(axis, extent)[0]);
        }
        let chunk = Array {
            extents: array.chunk,
            origin: &origin(&parts, array.chunk),
            item: 8,
        };
        let memory = Memory::packed(&inside, 4);
        assert_eq!(walk, to_memory(&inside, &parts, chunk, &memory, 0));
        let number = array.walk_from_memory(&inside, &memory, &mut walk);
        assert_eq!(number, Some(4 + 2));
        assert_eq!(walk, from_memory(&inside, &parts, chunk, &memory));
        for outside in [
            [axis(4, 3, 2), second(29, -10, 2)],
            [axis(3, 1, 2), second(0, 1, 1)],
        ] {
            assert_eq!(in_one_chunk(&outside, array.chunk), None);
            assert_eq!(array.walk_to_memory(&outside, 4, &mut walk), None);
            assert_eq!(array.walk_from_memory(&outside, &memory, &mut walk), None);
        }
    }

    #[test]
    fn even_hyperslabs_are_axes() {
        let slab = |start, stride, count, block| Hyperslab {
            start: smallvec![start],
            stride: smallvec![stride],
            count: smallvec![count],
            block: smallvec![block],
        };
        let even = |start, step, count| Some(smallvec![axis(start, step, count)]);
        assert_eq!(axes_of(&slab(1, 3, 3, 1), &[8]), even(1, 3, 3));
        assert_eq!(axes_of(&slab(1, 3, 3, 1), &[7]), None);
        assert_eq!(axes_of(&slab(2, 4, 1, 4), &[6]), even(2, 1, 4));
        assert_eq!(axes_of(&slab(0, 2, 3, 2), &[6]), even(0, 1, 6));
        assert_eq!(axes_of(&slab(0, 3, 2, 2), &[6]), None);
        assert_eq!(axes_of(&slab(9, 3, 0, 2), &[6]), None);
        assert_eq!(axes_of(&slab(0, 0, 1, 1), &[6]), None);
    }

    #[test]
    fn blocks_with_gaps_are_axes_of_their_own() {
        let slab = Hyperslab {
            start: smallvec![1, 2],
            stride: smallvec![3, 10],
            count: smallvec![2, 2],
            block: smallvec![1, 3],
        };
        let (axes, extents) = axes_of_blocks(&slab, &[5, 20]).unwrap();
        assert_eq!(axes[..], [axis(1, 3, 2), axis(2, 10, 2), axis(0, 1, 3)]);
        assert_eq!(extents[..], [5, 20, 1]);
        let array = Array {
            extents: &extents,
            origin: &[0; 3],
            item: 1,
        };
        let walk = to_memory(&axes, &whole(&axes), array, &Memory::packed(&axes, 1), 0);
        let mut places = Vec::new();
        let visited: Result<(), ()> = walk.each(|run| {
            places.push((run.source, run.target, run.count));
            Ok(())
        });
        visited.unwrap();
        assert_eq!(places, [(22, 0, 3), (32, 3, 3), (82, 6, 3), (92, 9, 3)]);
    }

    #[test]
    fn a_walk_to_an_array_runs_forwards_in_it() {
        let axes = [axis(3, -1, 4)];
        let parts = whole(&axes);
        let array = Array {
            extents: &[6],
            origin: &[0],
            item: 1,
        };
        let memory = Memory::packed(&axes, 1);
        let run = from_memory(&axes, &parts, array, &memory).first().unwrap();
        assert_eq!((run.source, run.source_step), (3, -1));
        assert_eq!((run.target, run.target_step, run.count), (0, 1, 4));
        let run = to_memory(&axes, &parts, array, &memory, 0).first().unwrap();
        assert_eq!((run.source, run.source_step), (3, -1));
        assert_eq!((run.target, run.target_step, run.count), (0, 1, 4));
    }
}
