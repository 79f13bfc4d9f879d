//! Floats to integers: fractions are cut off, and what does not fit is clipped, as HDF5 does it.

use super::convert::{mostly, Class, Integer, NumberType};

/// What HDF5 makes of the floats of which C leaves open what integers they become, in the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Of what is no number.
    nan: [u8; 8],
    /// Of the float that the largest integer becomes, where that is larger by one.
    bound: [u8; 8],
}

impl Open {
    /// Asks HDF5, which `hdf5` has convert some floats.
    pub fn ask(
        from: NumberType,
        to: NumberType,
        hdf5: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
    ) -> Option<Self> {
        let bits = 8 * to.size as i32 - i32::from(to.class == Class::Signed);
        let bound = 2f64.powi(bits);
        let asked = match from.size {
            4 => [f32::NAN.to_ne_bytes(), (bound as f32).to_ne_bytes()].concat(),
            _ => [f64::NAN.to_ne_bytes(), bound.to_ne_bytes()].concat(),
        };
        let made = hdf5(&asked)?;
        let (nan, bound) = made.split_at_checked(to.size)?;
        let wide = |bytes: &[u8]| {
            let mut wide = [0; 8];
            wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
            Some(wide)
        };
        Some(Self {
            nan: wide(nan)?,
            bound: wide(bound)?,
        })
    }
}

/// A float of `SIZE` bytes that becomes an integer.
trait Truncated<To, const SIZE: usize>: Copy + PartialOrd {
    /// The floats that the smallest and the largest integer become.
    const LEAST: Self;
    const MOST: Self;
    /// Whether the largest one is that float, and not smaller by one.
    const IS_EXACT: bool;

    fn of(bytes: [u8; SIZE]) -> Self;
    /// Without its fraction, and clipped; 0 of what is no number.
    fn clipped(self) -> To;
    /// Without its fraction, in one instruction, of which as many as fit into a wide one are done at once.
    ///
    /// # Safety
    /// It is a number, and fits.
    unsafe fn fitting(self) -> To;
}

macro_rules! truncated {
    ($float:ty: $($integer:ty),*) => {$(
        impl Truncated<$integer, { size_of::<$float>() }> for $float {
            const LEAST: Self = <$integer>::MIN as $float;
            const MOST: Self = <$integer>::MAX as $float;
            const IS_EXACT: bool = <$integer>::MAX as $float as i128 == <$integer>::MAX as i128;

            #[inline]
            fn of(bytes: [u8; size_of::<$float>()]) -> Self {
                Self::from_ne_bytes(bytes)
            }

            #[inline]
            fn clipped(self) -> $integer {
                self as $integer
            }

            #[inline]
            unsafe fn fitting(self) -> $integer {
                // SAFETY: the caller's promise is the same.
                unsafe { self.to_int_unchecked() }
            }
        }
    )*};
}

truncated!(f32: i8, i16, i32, i64, u8, u16, u32, u64);
truncated!(f64: i8, i16, i32, i64, u8, u16, u32, u64);

/// Makes integers of floats: elements of `source` into `target`, which takes as many.
pub fn truncate(
    (from, to): (NumberType, NumberType),
    open: &Open,
    source: &[u8],
    target: &mut [u8],
) {
    let is_signed = to.class == Class::Signed;
    match (from.size, is_signed, to.size) {
        (4, true, 1) => each::<f32, i8, 4, 1>(open, source, target),
        (4, true, 2) => each::<f32, i16, 4, 2>(open, source, target),
        (4, true, 4) => each::<f32, i32, 4, 4>(open, source, target),
        (4, true, _) => each::<f32, i64, 4, 8>(open, source, target),
        (4, false, 1) => each::<f32, u8, 4, 1>(open, source, target),
        (4, false, 2) => each::<f32, u16, 4, 2>(open, source, target),
        (4, false, 4) => each::<f32, u32, 4, 4>(open, source, target),
        (4, false, _) => each::<f32, u64, 4, 8>(open, source, target),
        (_, true, 1) => each::<f64, i8, 8, 1>(open, source, target),
        (_, true, 2) => each::<f64, i16, 8, 2>(open, source, target),
        (_, true, 4) => each::<f64, i32, 8, 4>(open, source, target),
        (_, true, _) => each::<f64, i64, 8, 8>(open, source, target),
        (_, false, 1) => each::<f64, u8, 8, 1>(open, source, target),
        (_, false, 2) => each::<f64, u16, 8, 2>(open, source, target),
        (_, false, 4) => each::<f64, u32, 8, 4>(open, source, target),
        (_, false, _) => each::<f64, u64, 8, 8>(open, source, target),
    }
}

fn each<From, To, const FROM: usize, const TO: usize>(open: &Open, source: &[u8], target: &mut [u8])
where
    From: Truncated<To, FROM>,
    To: Integer<TO>,
{
    let fits = |value: From| {
        let is_below = match From::IS_EXACT {
            true => value <= From::MOST,
            false => value < From::MOST,
        };
        is_below & (value >= From::LEAST)
    };
    mostly(
        source,
        target,
        |bytes| u64::from(!fits(From::of(bytes))),
        // SAFETY: it is asked of elements only of which none is odd: each fits, which what is no number does not.
        |bytes| unsafe { From::of(bytes).fitting() }.bytes(),
        |bytes| {
            let value = From::of(bytes);
            let is_bound = !From::IS_EXACT && value == From::MOST;
            // Only what is no number has no order.
            let is_number = value <= From::MOST || value > From::MOST;
            let known = match (is_number, is_bound) {
                (false, _) => open.nan.first_chunk(),
                (_, true) => open.bound.first_chunk(),
                _ => None,
            };
            known.copied().unwrap_or_else(|| value.clipped().bytes())
        },
    );
}
