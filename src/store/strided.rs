//! Arrays in memory: extents, strides, and copies between strided and packed elements.
//!
//! A strided array is kept as the bytes from its lowest to its highest element, the place of
//! element (0, …, 0) in them, and the distance between neighbours along each axis; so that a
//! field inside its ghost cells or a column-major array needs no unsafe code here.

#![forbid(unsafe_code)]

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
        to_bytes(i128::from(elements))?;
        let steps: Vec<i64> = match strides {
            Some(strides) => strides.to_vec(),
            None => packed_strides(shape),
        };
        let (mut below, mut above) = (0i128, 0i128);
        let mut byte_strides = Vec::with_capacity(shape.len());
        for (&extent, &step) in shape.iter().zip(&steps) {
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

    /// The layout of a packed array some of whose axes run backwards.
    pub fn reversed(shape: &[u64], reversed: &[bool], item: usize) -> Result<Self> {
        let strides: Vec<i64> = packed_strides(shape)
            .into_iter()
            .zip(reversed)
            .map(|(stride, &backwards)| if backwards { -stride } else { stride })
            .collect();
        Self::new(shape, Some(&strides), item)
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

/// Copies `extent` elements of `N` bytes that are `stride` bytes apart, from `start` on, to `packed`.
fn gather_row<const N: usize>(bytes: &[u8], start: usize, stride: isize, packed: &mut [u8]) {
    let mut place = start as isize;
    for element in packed.chunks_exact_mut(N) {
        let from = place as usize;
        element.copy_from_slice(&bytes[from..from + N]);
        place += stride;
    }
}

/// The reverse of [`gather_row`].
fn scatter_row<const N: usize>(packed: &[u8], bytes: &mut [u8], start: usize, stride: isize) {
    let mut place = start as isize;
    for element in packed.chunks_exact(N) {
        let to = place as usize;
        bytes[to..to + N].copy_from_slice(element);
        place += stride;
    }
}

/// An array in memory, to be read.
#[derive(Clone, Debug)]
pub struct Strided<'a> {
    bytes: &'a [u8],
    layout: Layout,
}

impl<'a> Strided<'a> {
    /// An array whose elements lie in `bytes`, which has `layout.span()` bytes.
    pub fn new(bytes: &'a [u8], layout: Layout) -> Self {
        Self { bytes, layout }
    }

    /// A packed array.
    pub fn packed(bytes: &'a [u8], shape: &[u64], item: usize) -> Result<Self> {
        Ok(Self::new(bytes, Layout::new(shape, None, item)?))
    }

    /// The extents.
    pub fn shape(&self) -> Vec<u64> {
        self.layout.shape()
    }

    /// The elements as they are, where they are packed.
    pub fn as_packed(&self) -> Option<&'a [u8]> {
        (self.layout.span == 0 || self.layout.is_packed()).then_some(self.bytes)
    }

    /// The part `from..to` along the first axis (all of a scalar), packed.
    pub fn gather(&self, from: usize, to: usize) -> Vec<u8> {
        let layout = &self.layout;
        if layout.span == 0 {
            return Vec::new();
        }
        let (extent, stride) = layout.row();
        let (extent, skip) = if layout.shape.len() == 1 {
            (to - from, from as isize * stride)
        } else {
            (extent, 0)
        };
        let row_len = extent * layout.item;
        let mut packed = Vec::new();
        layout.rows(from, to, |start| {
            let start = (start as isize + skip) as usize;
            let end = packed.len();
            if stride == layout.item as isize || extent == 1 {
                packed.extend_from_slice(&self.bytes[start..start + row_len]);
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
        packed
    }
}

/// An array in memory, to be filled.
#[derive(Debug)]
pub struct StridedMut<'a> {
    bytes: &'a mut [u8],
    layout: Layout,
}

impl<'a> StridedMut<'a> {
    /// An array whose elements lie in `bytes`, which has `layout.span()` bytes.
    pub fn new(bytes: &'a mut [u8], layout: Layout) -> Self {
        Self { bytes, layout }
    }

    /// The extents.
    pub fn shape(&self) -> Vec<u64> {
        self.layout.shape()
    }

    /// The elements as they are, where they are packed.
    pub fn as_packed(&mut self) -> Option<&mut [u8]> {
        (self.layout.span == 0 || self.layout.is_packed()).then_some(&mut *self.bytes)
    }

    /// Fills the array from packed elements; what lies between its elements is not touched.
    pub fn scatter(&mut self, packed: &[u8]) {
        let layout = &self.layout;
        if layout.span == 0 {
            return;
        }
        let (extent, stride) = layout.row();
        let row_len = extent * layout.item;
        let mut packed_rows = packed.chunks_exact(row_len);
        let bytes = &mut *self.bytes;
        layout.rows(0, layout.shape.first().copied().unwrap_or(1), |start| {
            let Some(row) = packed_rows.next() else {
                return;
            };
            if stride == layout.item as isize || extent == 1 {
                bytes[start..start + row_len].copy_from_slice(row);
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

    fn gather(bytes: &[u8], shape: &[u64], strides: &[i64], item: usize) -> Vec<u8> {
        let layout = Layout::new(shape, Some(strides), item).unwrap();
        assert_eq!(layout.span(), bytes.len());
        let array = Strided::new(bytes, layout);
        array.gather(0, shape.first().map_or(1, |&extent| extent as usize))
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
        StridedMut::new(&mut restored, layout).scatter(&[6, 7, 8, 11, 12, 13]);
        assert_eq!(restored, [6, 7, 8, 99, 99, 11, 12, 13]);
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
        StridedMut::new(&mut out, layout).scatter(&[1, 2, 3, 4, 5, 6]);
        assert_eq!(out, [6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn parts_of_the_first_axis() {
        let bytes: Vec<u8> = (0..12).collect();
        let layout = Layout::new(&[4, 3], Some(&[3, 1]), 1).unwrap();
        assert_eq!(
            Strided::new(&bytes, layout).gather(1, 3),
            [3, 4, 5, 6, 7, 8]
        );
        let layout = Layout::new(&[4], Some(&[3]), 1).unwrap();
        assert_eq!(Strided::new(&bytes[..10], layout).gather(1, 4), [3, 6, 9]);
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
