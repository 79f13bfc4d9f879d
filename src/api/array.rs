//! What can be written as an array.

use super::element::Element;
use crate::array::{Bytes, BytesMut};
use crate::error::Result;
use crate::store::strided::{Layout, Strided, StridedMut};
use ndarray::{ArrayBase, ArrayView, ArrayViewD, ArrayViewMutD, Data, Dimension};

/// An array to be written: arrays and views of `ndarray` in any layout, slices, vectors, and single numbers.
///
/// Nothing is copied on the way: what is not in C order, has gaps or runs backwards is taken from where it lies.
///
/// ```
/// use h5sim::Array;
/// assert_eq!(7.5.elements().shape(), []);
/// assert_eq!(vec![1i32, 2, 3].elements().shape(), [3]);
/// assert_eq!(ndarray::arr2(&[[1.0, 2.0]]).t().elements().len(), 2);
/// ```
pub trait Array {
    /// The type of its elements.
    type Element: Element;

    /// The elements where they lie.
    fn elements(&self) -> ArrayViewD<'_, Self::Element>;
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> Array for ArrayBase<S, D> {
    type Element = T;

    fn elements(&self) -> ArrayViewD<'_, T> {
        self.view().into_dyn()
    }
}

impl<T: Element> Array for [T] {
    type Element = T;

    fn elements(&self) -> ArrayViewD<'_, T> {
        ArrayView::from(self).into_dyn()
    }
}

impl<T: Element> Array for Vec<T> {
    type Element = T;

    fn elements(&self) -> ArrayViewD<'_, T> {
        self.as_slice().elements()
    }
}

impl<T: Element, const N: usize> Array for [T; N] {
    type Element = T;

    fn elements(&self) -> ArrayViewD<'_, T> {
        self.as_slice().elements()
    }
}

impl<A: Array + ?Sized> Array for &A {
    type Element = A::Element;

    fn elements(&self) -> ArrayViewD<'_, A::Element> {
        (**self).elements()
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {
        $(impl Array for $type {
            type Element = Self;

            fn elements(&self) -> ArrayViewD<'_, Self> {
                ndarray::aview0(self).into_dyn()
            }
        })*
    };
}

numbers! {
    f64 f32 i64 i32 i16 i8 u64 u32 u16 u8 bool num_complex::Complex<f64> num_complex::Complex<f32>
}

/// The extents of a view, as the core has them.
pub(super) fn shape_of(shape: &[usize]) -> Vec<u64> {
    shape.iter().map(|&extent| extent as u64).collect()
}

/// Where the elements of a view with these extents and strides are.
fn layout<T>(shape: &[usize], strides: &[isize]) -> Result<Layout> {
    let strides: Vec<i64> = strides.iter().map(|&stride| stride as i64).collect();
    Layout::new(&shape_of(shape), Some(&strides), size_of::<T>())
}

/// The memory of a view that is written to a file.
pub(super) fn strided<'v, T: Element>(view: &'v ArrayViewD<'_, T>) -> Result<Strided<'v>> {
    let layout = layout::<T>(view.shape(), view.strides())?;
    if layout.span() == 0 {
        return Ok(Strided::new(&[][..], layout));
    }
    let first = view.as_ptr().cast::<u8>();
    // SAFETY: the view's elements can be read, and nobody changes them while it is there; from the lowest to the highest
    // they are one allocation's, and what lies between them is not looked at.
    let bytes = unsafe { Bytes::new(first.sub(layout.origin()), layout.span()) };
    Ok(Strided::new(bytes, layout))
}

/// The memory of a view that is read into; not of truth values, whose bytes are not any.
pub(super) fn strided_mut<'v, T: Element<Raw = T>>(
    view: &'v mut ArrayViewMutD<'_, T>,
) -> Result<StridedMut<'v>> {
    let layout = layout::<T>(view.shape(), view.strides())?;
    if layout.span() == 0 {
        return Ok(StridedMut::new(&mut [][..], layout));
    }
    let first = view.as_mut_ptr().cast::<u8>();
    // SAFETY: the view's elements are its own, and any bytes are some; what lies between them is not touched.
    let bytes = unsafe { BytesMut::new(first.sub(layout.origin()), layout.span()) };
    Ok(StridedMut::new(bytes, layout))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{s, Array3};

    #[test]
    fn views_are_taken_from_where_they_lie() {
        let whole = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (100 * i + 10 * j + k) as i32);
        for view in [
            whole.view().into_dyn(),
            whole.slice(s![1..3, ..;2, ..;-1]).into_dyn(),
            whole.slice(s![..;-2, 3, 2..]).into_dyn(),
            whole.t().into_dyn(),
            whole.slice(s![2..2, .., ..]).into_dyn(),
            whole.slice(s![1, 2, 3]).into_dyn(),
            whole
                .slice(s![0, 0, ..])
                .broadcast((3, 6))
                .unwrap()
                .into_dyn(),
        ] {
            let strided = strided(&view).unwrap();
            let rows = view.shape().first().map_or(1, |&rows| rows);
            let packed = strided.gather(0, rows).unwrap();
            let expected: Vec<u8> = view.iter().flat_map(|value| value.to_ne_bytes()).collect();
            assert_eq!(packed, expected, "{:?}", view.shape());
        }
    }
}
