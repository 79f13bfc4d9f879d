//! The caller's memory, of which only the elements may be touched.
//!
//! An array with strides has other people's bytes between its elements: ghost cells that another thread is filling, the
//! other half of a matrix that was split. A slice over all of it would promise that nobody changes them. So it is
//! described by a raw view of ndarray's, which promises nothing of what it covers, and slices are made of runs of
//! elements only. This is the one place that makes them, and all below the interface has memory as it is here.

use crate::error::Result;
use ndarray::{Axis, Ix1, RawArrayView, RawArrayViewMut};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;

/// Memory that is read: the bytes from an array's lowest element to its highest.
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    memory: RawArrayView<u8, Ix1>,
    elements: PhantomData<&'a [u8]>,
}

impl fmt::Debug for Bytes<'_> {
    /// Where it is: what is in it is not looked at.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} bytes at {:p}",
            self.memory.len(),
            self.memory.as_ptr()
        )
    }
}

// SAFETY: it is a slice with holes, and what is in the holes is never looked at.
unsafe impl Send for Bytes<'_> {}
// SAFETY: as above.
unsafe impl Sync for Bytes<'_> {}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        // SAFETY: a slice can be read for as long as it is borrowed.
        unsafe { Self::new(bytes.as_ptr(), bytes.len()) }
    }
}

impl<'a> Bytes<'a> {
    /// `length` bytes from `start` on.
    ///
    /// # Safety
    /// They are one allocation's, and those of them that are asked for by [`at`](Self::at) can be read during `'a` and are
    /// changed by nobody.
    pub unsafe fn new(start: *const u8, length: usize) -> Self {
        let start = match length {
            // An array without elements may be NULL, and a view may not.
            0 => NonNull::<u8>::dangling().as_ptr().cast_const(),
            _ => start,
        };
        Self {
            // SAFETY: it is one allocation's, and not NULL, since there is something.
            memory: unsafe { RawArrayView::from_shape_ptr(length, start) },
            elements: PhantomData,
        }
    }

    /// The bytes of elements.
    ///
    /// # Panics
    /// Where they are not inside.
    #[inline]
    pub fn at(self, range: Range<usize>) -> &'a [u8] {
        assert!(range.start <= range.end && range.end <= self.memory.len());
        // SAFETY: inside; that they are elements, which can be read, is what `new` asks for.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr().add(range.start), range.len()) }
    }

    /// All of the bytes, where there is nothing between the elements.
    pub fn all(self) -> &'a [u8] {
        self.at(0..self.memory.len())
    }
}

/// Memory that is written: the bytes from an array's lowest element to its highest, or room for elements.
pub struct BytesMut<'a> {
    memory: RawArrayViewMut<u8, Ix1>,
    elements: PhantomData<&'a mut [u8]>,
}

impl fmt::Debug for BytesMut<'_> {
    /// As that of [`Bytes`].
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} bytes at {:p}",
            self.memory.len(),
            self.memory.as_ptr()
        )
    }
}

// SAFETY: it is a slice with holes, and what is in the holes is never touched.
unsafe impl Send for BytesMut<'_> {}

impl<'a> From<&'a mut [u8]> for BytesMut<'a> {
    fn from(bytes: &'a mut [u8]) -> Self {
        // SAFETY: a slice can be written for as long as it is borrowed.
        unsafe { Self::new(bytes.as_mut_ptr(), bytes.len()) }
    }
}

impl<'a> BytesMut<'a> {
    /// `length` bytes from `start` on.
    ///
    /// # Safety
    /// Those of them that are asked for are one allocation's, can be written during `'a`, and are used by nobody else.
    pub unsafe fn new(start: *mut u8, length: usize) -> Self {
        let start = match length {
            // As above.
            0 => NonNull::dangling().as_ptr(),
            _ => start,
        };
        Self {
            // SAFETY: it is not NULL, since there is something; nothing is touched before it is asked for.
            memory: unsafe { RawArrayViewMut::from_shape_ptr(length, start) },
            elements: PhantomData,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.memory.len()
    }

    /// The same bytes for a shorter time.
    pub fn reborrow(&mut self) -> BytesMut<'_> {
        BytesMut {
            memory: self.memory,
            elements: PhantomData,
        }
    }

    /// Bands of `size` bytes one after the other, of which the last may be shorter.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn bands(self, size: usize) -> impl Iterator<Item = BytesMut<'a>> {
        let length = self.len();
        let mut rest = self.memory;
        (0..length).step_by(size).map(move |first| {
            let (band, after) = rest.split_at(Axis(0), size.min(length - first));
            rest = after;
            BytesMut {
                memory: band,
                elements: PhantomData,
            }
        })
    }

    /// The bytes of elements.
    ///
    /// # Panics
    /// Where they are not inside.
    #[inline]
    pub fn at(&mut self, range: Range<usize>) -> &mut [u8] {
        assert!(range.start <= range.end && range.end <= self.memory.len());
        let start = self.memory.as_mut_ptr();
        // SAFETY: inside; that they are elements, which are ours, is what `new` asks for.
        unsafe { std::slice::from_raw_parts_mut(start.add(range.start), range.len()) }
    }
}

/// Memory for what is read, once its shape is known.
pub trait Room {
    /// The bytes for the elements of an array of this shape; a read that begins anew asks once more.
    ///
    /// # Errors
    /// Where the shape does not fit, or there is no memory.
    fn of_shape(&mut self, shape: &[u64]) -> Result<&mut [u8]>;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The `length` bytes from number `first` on of memory that begins at `start`, for tests that may hold no unsafe code.
    pub(crate) fn part_of<'a>(start: usize, first: usize, length: usize) -> BytesMut<'a> {
        // SAFETY: tests ask for memory that they have, and for elements that they touch in no other way.
        unsafe { BytesMut::new((start as *mut u8).add(first), length) }
    }

    /// Sets byte number `place` of memory that begins at `start`.
    pub(crate) fn set(start: usize, place: usize, value: u8) {
        // SAFETY: as above.
        unsafe { (start as *mut u8).add(place).write(value) }
    }

    #[test]
    fn runs_are_inside() {
        let bytes = Bytes::from(&[1u8, 2, 3, 4][..]);
        assert_eq!(bytes.at(1..3), [2, 3]);
        assert!(bytes.at(4..4).is_empty());
        assert_eq!(bytes.all(), [1, 2, 3, 4]);
        assert!(std::panic::catch_unwind(|| bytes.at(3..5)).is_err());
        let mut memory = [0u8; 4];
        let mut bytes = BytesMut::from(&mut memory[..]);
        bytes.at(1..3).fill(7);
        assert_eq!(bytes.at(0..3), [0, 7, 7]);
    }

    #[test]
    fn bands_are_next_to_each_other_and_all_there_is() {
        let mut memory = [0u8; 10];
        let mut bytes = BytesMut::from(&mut memory[..]);
        let mut lengths = Vec::new();
        for (number, mut band) in bytes.reborrow().bands(4).enumerate() {
            lengths.push(band.len());
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                band.at(0..band.len() + 1);
            }))
            .is_err());
            band.at(0..band.len()).fill(number as u8);
        }
        assert_eq!(lengths, [4, 4, 2]);
        assert_eq!(bytes.at(0..10), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
        assert_eq!(BytesMut::from(&mut [][..]).bands(4).count(), 0);
    }

    #[test]
    fn what_lies_between_elements_may_change_meanwhile() {
        // Two columns of a matrix, of which another thread writes the second.
        let mut matrix = vec![1u8; 2000];
        let start = matrix.as_mut_ptr() as usize;
        std::thread::scope(|scope| {
            // SAFETY: the matrix outlives the threads, and the even bytes are read only.
            let column = unsafe { Bytes::new(start as *const u8, 1999) };
            scope.spawn(move || {
                for row in 0..1000 {
                    // SAFETY: nobody else touches the odd bytes.
                    unsafe { (start as *mut u8).add(2 * row + 1).write(2) };
                }
            });
            let sum: u32 = (0..1000)
                .map(|row| u32::from(column.at(2 * row..2 * row + 1)[0]))
                .sum();
            assert_eq!(sum, 1000);
        });
    }
}
