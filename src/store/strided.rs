//! Arrays in memory: extents, strides, and copies between strided and packed elements.
//!
//! A strided array is known by the memory from its lowest to its highest element, the place of
//! element (0, …, 0) in it, and the distance between neighbours along each axis; so that a
//! field inside its ghost cells or a column-major array needs no unsafe code here, and what lies between
//! the elements is not touched.

#![forbid(unsafe_code)]

use crate::array::{Bytes, BytesMut, Room};
use crate::error::{Error, Result};

/// The number of elements of a shape, checked: it must be below 2^63.
pub fn count(shape: &[u64]) -> Result<u64> {
    if shape.contains(&0) {
        return Ok(0);
    }
    shape
        .iter()
        .try_fold(1u64, |product, &extent| product.checked_mul(extent))
        .filter(|&product| product <= i64::MAX as u64)
        .ok_or_else(|| {
            Error::shape(format!(
                "an array of shape {} has more elements than can be counted",
                show_shape(shape)
            ))
        })
}

/// A shape as Python prints it: `(5, 4, 3)`, `(7,)`, `()`.
pub fn show_shape(shape: &[u64]) -> String {
    let extents: Vec<String> = shape.iter().map(u64::to_string).collect();
    match extents.len() {
        1 => format!("({},)", extents[0]),
        _ => format!("({})", extents.join(", ")),
    }
}

/// Room for so many elements, of which a read may need fewer.
#[derive(Debug)]
pub struct Capacity<'a> {
    bytes: BytesMut<'a>,
    item: usize,
}

impl<'a> Capacity<'a> {
    /// Room for elements of `item` bytes.
    pub fn new(bytes: impl Into<BytesMut<'a>>, item: usize) -> Self {
        Self {
            bytes: bytes.into(),
            item,
        }
    }
}

impl Room for Capacity<'_> {
    fn of_shape(&mut self, shape: &[u64]) -> Result<&mut [u8]> {
        let (elements, capacity) = (count(shape)?, (self.bytes.len() / self.item) as u64);
        if elements > capacity {
            return Err(Error::shape(format!(
                "capacity is {capacity} elements, expected room for {elements}, shape {}",
                show_shape(shape)
            )));
        }
        Ok(self.bytes.at(0..elements as usize * self.item))
    }
}

/// Where the elements of an array are, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    shape: Vec<usize>,
    strides: Vec<isize>,
    item: usize,
    origin: usize,
    span: usize,
}

impl Layout {
    /// The layout of elements of `item` bytes; strides are in elements, None is C order without gaps.
    pub fn new(shape: &[u64], strides: Option<&[i64]>, item: usize) -> Result<Self> {
        let too_large = || {
            Error::shape(format!(
                "an array of shape {}{} and elements of {item} bytes is larger than memory can be",
                show_shape(shape),
                strides.map_or(String::new(), |strides| format!(", strides {strides:?}"))
            ))
        };
        let to_bytes = |elements: i128| -> Result<isize> {
            isize::try_from(elements * item as i128).map_err(|_| too_large())
        };
        let elements = count(shape)?;
        if elements == 0 {
            return Ok(Self {
                shape: shape.iter().map(|&extent| extent as usize).collect(),
                strides: vec![0; shape.len()],
                item,
                origin: 0,
                span: 0,
            });
        }
        let bytes = to_bytes(i128::from(elements))?;
        let Some(steps) = strides else {
            return Ok(Self::packed(shape, item, bytes as usize));
        };
        let (mut below, mut above) = (0i128, 0i128);
        let mut byte_strides = Vec::with_capacity(shape.len());
        for (&extent, &step) in shape.iter().zip(steps) {
            // An axis of one element is never stepped along.
            let step = if extent == 1 { 0 } else { step };
            let reach = i128::from(extent - 1) * i128::from(step);
            below -= reach.min(0);
            above += reach.max(0);
            byte_strides.push(to_bytes(i128::from(step))?);
        }
        let span = to_bytes(below + above + 1)? as usize;
        Ok(Self {
            shape: shape.iter().map(|&extent| extent as usize).collect(),
            strides: byte_strides,
            item,
            origin: to_bytes(below)? as usize,
            span,
        })
    }

    /// The layout of so many bytes in C order without gaps, which fit into memory.
    fn packed(shape: &[u64], item: usize, bytes: usize) -> Self {
        let mut strides = vec![0; shape.len()];
        let mut step = item;
        for (stride, &extent) in strides.iter_mut().zip(shape).rev() {
            if extent != 1 {
                *stride = step as isize;
                step *= extent as usize;
            }
        }
        Self {
            shape: shape.iter().map(|&extent| extent as usize).collect(),
            strides,
            item,
            origin: 0,
            span: bytes,
        }
    }

    /// The layout of a packed array some of whose axes run backwards.
    pub fn reversed(shape: &[u64], reversed: &[bool], item: usize) -> Result<Self> {
        let strides: Vec<i64> = packed_strides(shape)
            .into_iter()
            .zip(reversed)
            .map(|(stride, &backwards)| if backwards { -stride } else { stride })
            .collect();
        Self::new(shape, Some(&strides), item)
    }

    /// A part of a packed array of that shape: along each axis every so many'th index, from a first one on.
    ///
    /// Gives the place of the part's first element, and the strides, in bytes.
    pub fn within(
        shape: &[u64],
        indices: &[(u64, u64)],
        item: usize,
    ) -> Result<(usize, Vec<isize>)> {
        // The whole array was found to fit into memory.
        Self::new(shape, None, item)?;
        let whole = packed_strides(shape);
        let mut origin = 0;
        let mut strides = Vec::with_capacity(shape.len());
        for (&(first, step), stride) in indices.iter().zip(whole) {
            let stride = stride as usize * item;
            origin += first as usize * stride;
            strides.push((step as usize * stride) as isize);
        }
        Ok((origin, strides))
    }

    /// As [`within`](Self::within), with the layout of the part, which has so many elements along each axis.
    fn of_part(
        shape: &[u64],
        indices: &[(u64, u64)],
        counts: &[u64],
        item: usize,
    ) -> Result<(usize, Self)> {
        let (origin, strides) = Self::within(shape, indices, item)?;
        let reach =
            |(&count, &stride): (&u64, &isize)| count.saturating_sub(1) as usize * stride as usize;
        let span = match counts.contains(&0) {
            true => 0,
            false => item + counts.iter().zip(&strides).map(reach).sum::<usize>(),
        };
        let layout = Self {
            shape: counts.iter().map(|&count| count as usize).collect(),
            strides,
            item,
            origin: 0,
            span,
        };
        Ok((origin, layout))
    }

    /// The distance in bytes between neighbours along each axis; 0 along an axis of one element.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// Bytes of an element.
    pub fn item(&self) -> usize {
        self.item
    }

    /// Bytes from the lowest element to element (0, …, 0).
    pub fn origin(&self) -> usize {
        self.origin
    }

    /// Bytes from the lowest element to the end of the highest; 0 when there is none.
    pub fn span(&self) -> usize {
        self.span
    }

    /// The extents.
    fn shape(&self) -> Vec<u64> {
        self.shape.iter().map(|&extent| extent as u64).collect()
    }

    /// Whether the elements follow each other in C order without gaps.
    fn is_packed(&self) -> bool {
        let mut expected = self.item as isize;
        for (&extent, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if extent > 1 && stride != expected {
                return false;
            }
            expected *= extent as isize;
        }
        true
    }

    /// Calls `visit` with the start of each row (a run along the last axis) of the part
    /// `from..to` of the first axis; an array of rank 0 or 1 is one row, whatever the part.
    fn rows(&self, from: usize, to: usize, mut visit: impl FnMut(usize)) {
        let outer = self.shape.len().saturating_sub(1);
        let mut ranges: Vec<(usize, usize)> = self.shape[..outer]
            .iter()
            .map(|&extent| (0, extent))
            .collect();
        let mut place = self.origin as isize;
        if let Some(first) = ranges.first_mut() {
            *first = (from, to);
            place += from as isize * self.strides[0];
        }
        let mut index: Vec<usize> = ranges.iter().map(|range| range.0).collect();
        let rows: usize = ranges.iter().map(|range| range.1 - range.0).product();
        for _ in 0..rows {
            visit(place as usize);
            // Count up like an odometer, the last of the outer axes fastest.
            for axis in (0..outer).rev() {
                let (low, high) = ranges[axis];
                index[axis] += 1;
                place += self.strides[axis];
                if index[axis] < high {
                    break;
                }
                place -= (high - low) as isize * self.strides[axis];
                index[axis] = low;
            }
        }
    }

    /// The axis, other than the last, along which neighbours are so much closer than along the last one that
    /// it is better to go along both at once.
    fn fastest(&self) -> Option<usize> {
        let last = self.shape.len().checked_sub(1)?;
        let step = |axis: usize| self.strides[axis].unsigned_abs();
        let others = (0..last).filter(|&axis| self.shape[axis] > 1);
        let closest = others.min_by_key(|&axis| step(axis))?;
        let is_worth = self.shape[last] > 1 && step(closest) * 4 <= step(last);
        is_worth.then_some(closest)
    }

    /// Calls `visit` with each plane of the part `range` of the first axis, along the last axis and the one along which
    /// neighbours are closest, and where it begins in the array and in the packed part.
    ///
    /// A plane is gone through in tiles, which are turned in memory of their own: lines of the cache that are far apart by powers of
    /// two, as rows and columns often are, push each other out, and so each is read, or written, only once and as a whole.
    fn planes(
        &self,
        fast: usize,
        range: std::ops::Range<usize>,
        mut visit: impl FnMut(&Plane, isize, usize),
    ) {
        let rank = self.shape.len();
        let last = rank - 1;
        let mut extents = self.shape.clone();
        let mut start = self.origin as isize;
        extents[0] = range.len();
        start += range.start as isize * self.strides[0];
        let mut targets = vec![self.item; rank];
        for axis in (0..last).rev() {
            targets[axis] = targets[axis + 1] * extents[axis + 1];
        }
        let others: Vec<usize> = (0..last).filter(|&axis| axis != fast).collect();
        let count: usize = others.iter().map(|&axis| extents[axis]).product();
        let plane = Plane {
            rows: (extents[fast], self.strides[fast], targets[fast]),
            columns: (extents[last], self.strides[last]),
        };
        let mut index = vec![0; others.len()];
        let (mut source, mut target) = (start, 0usize);
        for _ in 0..count {
            visit(&plane, source, target);
            for (place, &axis) in others.iter().enumerate().rev() {
                index[place] += 1;
                source += self.strides[axis];
                target += targets[axis];
                if index[place] < extents[axis] {
                    break;
                }
                source -= extents[axis] as isize * self.strides[axis];
                target -= extents[axis] * targets[axis];
                index[place] = 0;
            }
        }
    }

    /// Extent and stride of a row.
    fn row(&self) -> (usize, isize) {
        match (self.shape.last(), self.strides.last()) {
            (Some(&extent), Some(&stride)) => (extent, stride),
            _ => (1, self.item as isize),
        }
    }
}

/// The strides, in elements, of a packed C-order array.
fn packed_strides(shape: &[u64]) -> Vec<i64> {
    let mut strides = vec![1i64; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis] as i64);
    }
    strides
}

/// Rows and columns of a tile.
const SIDE: usize = 32;

/// A plane of an array that is packed the other way round: rows along the axis on which neighbours are closest in the
/// source, columns along the one on which they are in the target.
struct Plane {
    /// How many, and how far apart in the source and in the target.
    rows: (usize, isize, usize),
    /// How many, and how far apart in the source; in the target they follow each other.
    columns: (usize, isize),
}

impl Plane {
    /// Calls `visit` with each tile: where its first element is in the array and in the packed part, and its rows and columns.
    fn tiles(
        &self,
        source: isize,
        target: usize,
        item: usize,
        mut visit: impl FnMut(isize, usize, (usize, usize)),
    ) {
        let (rows, row_source, row_target) = self.rows;
        let (columns, column_source) = self.columns;
        for row in (0..rows).step_by(SIDE) {
            let count = SIDE.min(rows - row);
            for column in (0..columns).step_by(SIDE) {
                let from = source + row as isize * row_source + column as isize * column_source;
                let place = target + row * row_target + column * item;
                visit(from, place, (count, SIDE.min(columns - column)));
            }
        }
    }

    /// Packs a plane of elements of `N` bytes that begins at `source`.
    fn gather<const N: usize>(
        &self,
        bytes: Bytes<'_>,
        source: isize,
        packed: &mut [u8],
        target: usize,
    ) {
        let mut tile = [[0; N]; SIDE * SIDE];
        self.tiles(source, target, N, |from, place, (rows, columns)| {
            for column in 0..columns {
                let mut from = (from + column as isize * self.columns.1) as usize;
                let own = tile[column..].iter_mut().step_by(SIDE).take(rows);
                if self.rows.1 == N as isize {
                    let run = bytes.at(from..from + rows * N).chunks_exact(N);
                    own.zip(run)
                        .for_each(|(own, element)| own.copy_from_slice(element));
                    continue;
                }
                for own in own {
                    own.copy_from_slice(bytes.at(from..from + N));
                    from = from.wrapping_add_signed(self.rows.1);
                }
            }
            for row in 0..rows {
                let place = place + row * self.rows.2;
                let own = &tile[row * SIDE..row * SIDE + columns];
                packed[place..place + columns * N].copy_from_slice(own.as_flattened());
            }
        });
    }

    /// The reverse of [`gather`](Self::gather).
    fn scatter<const N: usize>(
        &self,
        packed: &[u8],
        target: usize,
        bytes: &mut BytesMut<'_>,
        source: isize,
    ) {
        let mut tile = [[0; N]; SIDE * SIDE];
        self.tiles(source, target, N, |to, place, (rows, columns)| {
            for row in 0..rows {
                let place = place + row * self.rows.2;
                let own = &mut tile[row * SIDE..row * SIDE + columns];
                own.as_flattened_mut()
                    .copy_from_slice(&packed[place..place + columns * N]);
            }
            for column in 0..columns {
                let mut to = (to + column as isize * self.columns.1) as usize;
                let own = tile[column..].iter().step_by(SIDE).take(rows);
                if self.rows.1 == N as isize {
                    let run = bytes.at(to..to + rows * N).chunks_exact_mut(N);
                    run.zip(own)
                        .for_each(|(element, own)| element.copy_from_slice(own));
                    continue;
                }
                for own in own {
                    bytes.at(to..to + N).copy_from_slice(own);
                    to = to.wrapping_add_signed(self.rows.1);
                }
            }
        });
    }
}

/// Copies `extent` elements of `N` bytes that are `stride` bytes apart, from `start` on, to `packed`.
fn gather_row<const N: usize>(bytes: Bytes<'_>, start: usize, stride: isize, packed: &mut [u8]) {
    let mut place = start as isize;
    for element in packed.chunks_exact_mut(N) {
        let from = place as usize;
        element.copy_from_slice(bytes.at(from..from + N));
        place += stride;
    }
}

/// The reverse of [`gather_row`].
fn scatter_row<const N: usize>(
    packed: &[u8],
    bytes: &mut BytesMut<'_>,
    start: usize,
    stride: isize,
) {
    let mut place = start as isize;
    for element in packed.chunks_exact(N) {
        let to = place as usize;
        bytes.at(to..to + N).copy_from_slice(element);
        place += stride;
    }
}

/// An array in memory, to be read.
#[derive(Clone, Debug)]
pub struct Strided<'a> {
    bytes: Bytes<'a>,
    layout: Layout,
}

impl<'a> Strided<'a> {
    /// An array whose elements lie in `bytes`, which has `layout.span()` bytes.
    pub fn new(bytes: impl Into<Bytes<'a>>, layout: Layout) -> Self {
        Self {
            bytes: bytes.into(),
            layout,
        }
    }

    /// A packed array.
    pub fn packed(bytes: &'a [u8], shape: &[u64], item: usize) -> Result<Self> {
        Ok(Self::new(bytes, Layout::new(shape, None, item)?))
    }

    /// A part of a packed array of that shape, see [`Layout::within`].
    pub fn within(
        bytes: &'a [u8],
        shape: &[u64],
        indices: &[(u64, u64)],
        counts: &[u64],
        item: usize,
    ) -> Result<Self> {
        let (origin, layout) = Layout::of_part(shape, indices, counts, item)?;
        let origin = origin.min(bytes.len() - layout.span);
        Ok(Self::new(&bytes[origin..origin + layout.span], layout))
    }

    /// The extents.
    pub fn shape(&self) -> Vec<u64> {
        self.layout.shape()
    }

    /// The elements as they are, where they are packed.
    pub fn as_packed(&self) -> Option<&'a [u8]> {
        (self.layout.span == 0 || self.layout.is_packed()).then(|| self.bytes.all())
    }

    /// Where the elements are in the bytes.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The bytes from the lowest element to the highest.
    pub fn bytes(&self) -> Bytes<'a> {
        self.bytes
    }

    /// Whether the elements of a row (along the last axis) follow each other.
    pub fn has_rows(&self) -> bool {
        let (extent, stride) = self.layout.row();
        extent > 1 && stride == self.layout.item as isize
    }

    /// The part `from..to` along the first axis (all of a scalar), packed.
    pub fn gather(&self, from: usize, to: usize) -> Result<Vec<u8>> {
        let layout = &self.layout;
        let mut packed = Vec::new();
        if layout.span == 0 {
            return Ok(packed);
        }
        let mut bytes = layout.item * layout.shape.iter().product::<usize>();
        if let Some(&rows) = layout.shape.first() {
            bytes = bytes / rows * (to - from);
        }
        packed
            .try_reserve_exact(bytes)
            .map_err(|_| Error::io(format!("no memory for {bytes} bytes of an array")))?;
        if let Some(axis) = layout.fastest() {
            packed.resize(bytes, 0);
            layout.planes(axis, from..to, |plane, source, target| match layout.item {
                1 => plane.gather::<1>(self.bytes, source, &mut packed, target),
                2 => plane.gather::<2>(self.bytes, source, &mut packed, target),
                4 => plane.gather::<4>(self.bytes, source, &mut packed, target),
                8 => plane.gather::<8>(self.bytes, source, &mut packed, target),
                _ => plane.gather::<16>(self.bytes, source, &mut packed, target),
            });
            return Ok(packed);
        }
        let (extent, stride) = layout.row();
        let (extent, skip) = if layout.shape.len() == 1 {
            (to - from, from as isize * stride)
        } else {
            (extent, 0)
        };
        let row_len = extent * layout.item;
        layout.rows(from, to, |start| {
            let start = (start as isize + skip) as usize;
            let end = packed.len();
            if stride == layout.item as isize || extent == 1 {
                packed.extend_from_slice(self.bytes.at(start..start + row_len));
                return;
            }
            packed.resize(end + row_len, 0);
            let row = &mut packed[end..];
            match layout.item {
                1 => gather_row::<1>(self.bytes, start, stride, row),
                2 => gather_row::<2>(self.bytes, start, stride, row),
                4 => gather_row::<4>(self.bytes, start, stride, row),
                8 => gather_row::<8>(self.bytes, start, stride, row),
                _ => gather_row::<16>(self.bytes, start, stride, row),
            }
        });
        Ok(packed)
    }
}

/// An array in memory, to be filled.
#[derive(Debug)]
pub struct StridedMut<'a> {
    bytes: BytesMut<'a>,
    layout: Layout,
}

impl<'a> StridedMut<'a> {
    /// An array whose elements lie in `bytes`, which has `layout.span()` bytes.
    pub fn new(bytes: impl Into<BytesMut<'a>>, layout: Layout) -> Self {
        Self {
            bytes: bytes.into(),
            layout,
        }
    }

    /// A part of a packed array of that shape, see [`Layout::within`].
    pub fn within(
        bytes: &'a mut [u8],
        shape: &[u64],
        indices: &[(u64, u64)],
        counts: &[u64],
        item: usize,
    ) -> Result<Self> {
        let (origin, layout) = Layout::of_part(shape, indices, counts, item)?;
        let span = layout.span;
        let origin = origin.min(bytes.len() - span);
        Ok(Self::new(&mut bytes[origin..origin + span], layout))
    }

    /// The extents.
    pub fn shape(&self) -> Vec<u64> {
        self.layout.shape()
    }

    /// The elements as they are, where they are packed.
    pub fn as_packed(&mut self) -> Option<&mut [u8]> {
        let span = self.layout.span;
        (span == 0 || self.layout.is_packed()).then(|| self.bytes.at(0..span))
    }

    /// Where the elements are, and the bytes from the lowest to the highest, if they ascend in C order and rows have no gaps.
    ///
    /// There may be gaps between the rows, which are somebody else's: the bytes are no slice.
    pub fn in_order(&mut self) -> Option<(&Layout, BytesMut<'_>)> {
        let layout = &self.layout;
        let (extent, stride) = layout.row();
        let mut reach = layout.item as isize;
        let mut axes = layout.shape.iter().zip(&layout.strides).rev();
        let ascends = axes.all(|(&extent, &stride)| {
            let is_above = extent == 1 || stride >= reach;
            reach = reach.max(stride.saturating_mul(extent as isize));
            is_above
        });
        let has_rows = extent > 1 && stride == layout.item as isize;
        (has_rows && ascends).then(|| (layout, self.bytes.reborrow()))
    }

    /// Fills the part `from..to` along the first axis (all of a scalar) from packed elements; what lies between the array's
    /// elements is not touched.
    pub fn scatter(&mut self, from: usize, to: usize, packed: &[u8]) {
        let layout = &self.layout;
        if layout.span == 0 {
            return;
        }
        let bytes = &mut self.bytes;
        if let Some(axis) = layout.fastest() {
            layout.planes(axis, from..to, |plane, source, target| match layout.item {
                1 => plane.scatter::<1>(packed, target, bytes, source),
                2 => plane.scatter::<2>(packed, target, bytes, source),
                4 => plane.scatter::<4>(packed, target, bytes, source),
                8 => plane.scatter::<8>(packed, target, bytes, source),
                _ => plane.scatter::<16>(packed, target, bytes, source),
            });
            return;
        }
        let (extent, stride) = layout.row();
        let (extent, skip) = match layout.shape.len() {
            1 => (to - from, from as isize * stride),
            _ => (extent, 0),
        };
        let row_len = extent * layout.item;
        let mut packed_rows = packed.chunks_exact(row_len);
        layout.rows(from, to, |start| {
            let Some(row) = packed_rows.next() else {
                return;
            };
            let start = (start as isize + skip) as usize;
            if stride == layout.item as isize || extent == 1 {
                bytes.at(start..start + row_len).copy_from_slice(row);
                return;
            }
            match layout.item {
                1 => scatter_row::<1>(row, bytes, start, stride),
                2 => scatter_row::<2>(row, bytes, start, stride),
                4 => scatter_row::<4>(row, bytes, start, stride),
                8 => scatter_row::<8>(row, bytes, start, stride),
                _ => scatter_row::<16>(row, bytes, start, stride),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn what_is_packed_is_as_its_strides_say() {
        for shape in [
            &[][..],
            &[5],
            &[1],
            &[0, 3],
            &[2, 3, 4],
            &[3, 1, 2, 1],
            &[1, 7],
        ] {
            let strides = packed_strides(shape);
            let expected = Layout::new(shape, Some(&strides), 8).unwrap();
            assert_eq!(Layout::new(shape, None, 8), Ok(expected), "{shape:?}");
        }
    }

    fn gather(bytes: &[u8], shape: &[u64], strides: &[i64], item: usize) -> Vec<u8> {
        let layout = Layout::new(shape, Some(strides), item).unwrap();
        assert_eq!(layout.span(), bytes.len());
        let array = Strided::new(bytes, layout);
        array
            .gather(0, shape.first().map_or(1, |&extent| extent as usize))
            .unwrap()
    }

    #[test]
    fn the_inside_of_ghost_cells() {
        // 4 x 5 with one ghost layer around 2 x 3: the span is elements 6 to 13.
        let field: Vec<u8> = (0..20).collect();
        assert_eq!(
            gather(&field[6..14], &[2, 3], &[5, 1], 1),
            [6, 7, 8, 11, 12, 13]
        );
        let mut restored = [99u8; 8];
        let layout = Layout::new(&[2, 3], Some(&[5, 1]), 1).unwrap();
        StridedMut::new(&mut restored[..], layout).scatter(0, 2, &[6, 7, 8, 11, 12, 13]);
        assert_eq!(restored, [6, 7, 8, 99, 99, 11, 12, 13]);
    }

    #[test]
    fn what_lies_between_rows_is_no_slice_of_ours() {
        // The inside of ghost cells, which another thread fills meanwhile: a slice over all of it would say that nobody does.
        let (rows, columns) = (50usize, 40usize);
        let mut field = vec![0u8; rows * columns];
        let start = field.as_mut_ptr() as usize;
        let layout = Layout::new(&[48, 38], Some(&[40, 1]), 1).unwrap();
        let (first, span) = (columns + 1, layout.span());
        std::thread::scope(|scope| {
            let inside = crate::array::tests::part_of(start, first, span);
            let mut array = StridedMut::new(inside, layout);
            scope.spawn(move || {
                for row in 0..rows {
                    crate::array::tests::set(start, row * columns, 7);
                    crate::array::tests::set(start, row * columns + columns - 1, 7);
                }
            });
            let (layout, mut bytes): (&Layout, BytesMut<'_>) = array.in_order().unwrap();
            let row = layout.strides()[0] as usize;
            for mut band in bytes.reborrow().bands(row) {
                band.at(0..38).fill(1);
            }
        });
        let sum: usize = field.iter().map(|&byte| usize::from(byte)).sum();
        assert_eq!(sum, 48 * 38 + 7 * 2 * 50);
    }

    #[test]
    fn column_major_and_backwards() {
        assert_eq!(
            gather(&[1, 2, 3, 4, 5, 6], &[2, 3], &[1, 2], 1),
            [1, 3, 5, 2, 4, 6]
        );
        assert_eq!(
            gather(&[1, 2, 3, 4, 5, 6], &[2, 3], &[3, -1], 1),
            [3, 2, 1, 6, 5, 4]
        );
        assert_eq!(gather(&[1, 2, 3, 4], &[2], &[-1], 2), [3, 4, 1, 2]);
        let mut out = [0u8; 6];
        let layout = Layout::reversed(&[2, 3], &[true, true], 1).unwrap();
        StridedMut::new(&mut out[..], layout).scatter(0, 2, &[1, 2, 3, 4, 5, 6]);
        assert_eq!(out, [6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn transposed_in_tiles_as_element_by_element() {
        let shape = [3u64, 37, 5, 41];
        let strides = [37 * 5, 1, 37, 37 * 5 * 3];
        let bytes: Vec<u8> = (0..3 * 37 * 5 * 41 * 4u32)
            .map(|at| (at / 7) as u8)
            .collect();
        let layout = Layout::new(&shape, Some(&strides), 4).unwrap();
        assert_eq!(layout.fastest(), Some(1));
        let packed = Strided::new(&bytes[..], layout).gather(1, 3).unwrap();
        let mut expected = Vec::new();
        for a in 1..3 {
            for b in 0..37 {
                for c in 0..5 {
                    for d in 0..41 {
                        let at = a * strides[0] + b * strides[1] + c * strides[2] + d * strides[3];
                        expected.extend_from_slice(&bytes[at as usize * 4..at as usize * 4 + 4]);
                    }
                }
            }
        }
        assert!(packed == expected);
        // And back: what was not in the part is not touched.
        let layout = Layout::new(&shape, Some(&strides), 4).unwrap();
        let mut restored = vec![0xEE; bytes.len()];
        StridedMut::new(&mut restored[..], layout).scatter(1, 3, &packed);
        for (place, (found, written)) in restored.chunks(4).zip(bytes.chunks(4)).enumerate() {
            match place % (37 * 5 * 3) < 37 * 5 {
                true => assert_eq!(found, [0xEE; 4]),
                false => assert_eq!(found, written),
            }
        }
    }

    #[test]
    fn parts_of_the_first_axis() {
        let bytes: Vec<u8> = (0..12).collect();
        let layout = Layout::new(&[4, 3], Some(&[3, 1]), 1).unwrap();
        assert_eq!(
            Strided::new(&bytes[..], layout).gather(1, 3).unwrap(),
            [3, 4, 5, 6, 7, 8]
        );
        let layout = Layout::new(&[4], Some(&[3]), 1).unwrap();
        assert_eq!(
            Strided::new(&bytes[..10], layout).gather(1, 4).unwrap(),
            [3, 6, 9]
        );
    }

    #[test]
    fn packed_is_known_when_seen() {
        let packed = |shape: &[u64], strides: Option<&[i64]>| {
            Layout::new(shape, strides, 8).unwrap().is_packed()
        };
        assert!(packed(&[3, 4], None));
        assert!(packed(&[3, 4], Some(&[4, 1])));
        assert!(packed(&[1, 4], Some(&[77, 1])));
        assert!(packed(&[], None));
        assert!(!packed(&[3, 4], Some(&[5, 1])));
        assert!(!packed(&[3, 4], Some(&[1, 3])));
    }

    #[test]
    fn sizes_that_no_memory_has_are_errors() {
        for (shape, strides) in [
            (vec![u64::MAX / 2, 3], None),
            (vec![1 << 40, 1 << 40], None),
            (vec![1 << 61], None),
            (vec![2, 2], Some(vec![i64::MAX, 1])),
            (vec![2, 2], Some(vec![i64::MIN, i64::MIN])),
        ] {
            let error = Layout::new(&shape, strides.as_deref(), 8).unwrap_err();
            assert_eq!(error.status, Status::Shape, "{shape:?}");
        }
        assert_eq!(Layout::new(&[0, u64::MAX], None, 8).unwrap().span(), 0);
        assert_eq!(count(&[3, 0, u64::MAX]).unwrap(), 0);
    }

    #[test]
    fn shapes_are_shown_as_python_shows_them() {
        assert_eq!(show_shape(&[]), "()");
        assert_eq!(show_shape(&[7]), "(7,)");
        assert_eq!(show_shape(&[5, 4, 3]), "(5, 4, 3)");
    }
}
