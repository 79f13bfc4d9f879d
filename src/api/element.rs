//! The types that elements have in memory.

use crate::error::{Error, Result};
use crate::store::Dtype;
use num_complex::Complex;

/// A type of elements: the integers of 8 to 64 bits, `f32`, `f64`, `bool`, and complex numbers of either.
///
/// ```
/// use h5sim::{Dtype, Element};
/// assert_eq!(f64::DTYPE, Dtype::F64);
/// assert_eq!(<h5sim::Complex<f32>>::DTYPE.name(), "c8");
/// ```
pub trait Element: sealed::Sealed + Copy + Send + Sync + 'static {
    /// What it is in the file, unless the options say otherwise.
    const DTYPE: Dtype;
}

pub(super) mod sealed {
    /// How a type lies in memory.
    pub trait Sealed: Sized {
        /// What is read before it is known to be a value of the type: any bytes are one.
        type Raw: Copy + Default;
        /// The values of what was read.
        fn from_raw(raw: Vec<Self::Raw>) -> Vec<Self>;
    }
}

macro_rules! elements {
    ($($type:ty => $dtype:ident,)*) => {
        $(impl sealed::Sealed for $type {
            type Raw = Self;
            fn from_raw(raw: Vec<Self>) -> Vec<Self> {
                raw
            }
        }
        impl Element for $type {
            const DTYPE: Dtype = Dtype::$dtype;
        })*
    };
}

elements! {
    f64 => F64,
    f32 => F32,
    i64 => I64,
    i32 => I32,
    i16 => I16,
    i8 => I8,
    u64 => U64,
    u32 => U32,
    u16 => U16,
    u8 => U8,
    Complex<f64> => C128,
    Complex<f32> => C64,
}

impl sealed::Sealed for bool {
    type Raw = u8;
    fn from_raw(raw: Vec<u8>) -> Vec<bool> {
        raw.into_iter().map(|byte| byte != 0).collect()
    }
}

impl Element for bool {
    const DTYPE: Dtype = Dtype::Bool;
}

/// So many zeros; an error where there is no memory for them.
pub(super) fn zeros<Raw: Copy + Default>(count: u64) -> Result<Vec<Raw>> {
    let no_memory = || Error::io(format!("no memory for {count} elements"));
    let count = usize::try_from(count).map_err(|_| no_memory())?;
    let mut all = Vec::new();
    all.try_reserve_exact(count).map_err(|_| no_memory())?;
    all.resize(count, Raw::default());
    Ok(all)
}

/// The memory of elements.
pub(super) fn bytes_of<T: Element>(elements: &[T]) -> &[u8] {
    // SAFETY: the types of elements have no bytes between their parts.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), size_of_val(elements)) }
}

/// The memory of elements that are to be read.
pub(super) fn bytes_of_raw<T: Element>(elements: &mut [T::Raw]) -> &mut [u8] {
    let length = size_of_val(elements);
    // SAFETY: as above; and any bytes are values of the raw types, which are numbers.
    unsafe { std::slice::from_raw_parts_mut(elements.as_mut_ptr().cast(), length) }
}
