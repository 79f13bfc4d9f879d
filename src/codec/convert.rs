//! Conversion between the numeric types of memory and of files, as HDF5 converts.
//!
//! Only what is certain to give HDF5's own bits is done here: copies, byte swaps, integers
//! to integers (clipped at the ends of the range), integers and floats to floats, and floats to integers
//! once HDF5 has said what it makes of the few of which C leaves it open. For anything
//! else there is no [`Conversion`], and HDF5 has to do it.

#![forbid(unsafe_code)]

use super::truncate::{truncate, Open};

/// What a number's bits mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Two's complement.
    Signed,
    /// Without sign.
    Unsigned,
    /// IEEE 754.
    Float,
    /// Bits that are copied and never converted, such as h5py's bool.
    Opaque,
}

/// A numeric element type, in memory or in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberType {
    /// What the bits mean.
    pub class: Class,
    /// Bytes of one number: 1, 2, 4 or 8; 4 or 8 for floats.
    pub size: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Numbers in an element: 2 for complex ones.
    pub parts: usize,
}

impl NumberType {
    /// A number of this machine's byte order.
    pub const fn native(class: Class, size: usize) -> Self {
        Self {
            class,
            size,
            big_endian: cfg!(target_endian = "big"),
            parts: 1,
        }
    }

    /// A complex number of such parts.
    #[must_use]
    pub const fn complex(self) -> Self {
        Self { parts: 2, ..self }
    }

    /// Bytes of an element.
    pub const fn element_size(&self) -> usize {
        self.size * self.parts
    }

    /// Whether the bytes are in this machine's order.
    const fn is_native(&self) -> bool {
        self.size == 1 || self.big_endian == cfg!(target_endian = "big")
    }

    fn is_valid(&self) -> bool {
        let size = match self.class {
            Class::Float => matches!(self.size, 4 | 8),
            _ => matches!(self.size, 1 | 2 | 4 | 8),
        };
        size && matches!(self.parts, 1 | 2)
    }
}

/// How elements of one type become elements of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    from: NumberType,
    to: NumberType,
    way: ConversionWay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConversionWay {
    Copy,
    Swap,
    Numbers,
    /// Floats to integers.
    Truncate(Open),
}

impl Conversion {
    /// The conversion between two types, if it is certain to equal HDF5's.
    pub fn new(from: NumberType, to: NumberType) -> Option<Self> {
        if !from.is_valid() || !to.is_valid() || from.parts != to.parts {
            return None;
        }
        let way = if from.class == to.class && from.size == to.size {
            if from.is_native() == to.is_native() {
                ConversionWay::Copy
            } else {
                ConversionWay::Swap
            }
        } else {
            // What is not in this machine's order takes another path in HDF5, with ways of its own.
            if !from.is_native() || !to.is_native() {
                return None;
            }
            match (from.class, to.class) {
                (Class::Signed | Class::Unsigned, Class::Signed | Class::Unsigned) => {
                    ConversionWay::Numbers
                }
                (Class::Signed | Class::Unsigned | Class::Float, Class::Float) => {
                    ConversionWay::Numbers
                }
                _ => return None,
            }
        };
        Some(Self { from, to, way })
    }

    /// Whether floats become integers, both of this machine's order, for which [`truncating`](Self::truncating) is.
    pub fn truncates(from: NumberType, to: NumberType) -> bool {
        from.is_valid()
            && to.is_valid()
            && from.is_native()
            && to.is_native()
            && (from.parts, to.parts) == (1, 1)
            && from.class == Class::Float
            && matches!(to.class, Class::Signed | Class::Unsigned)
    }

    /// The conversion of floats to integers, both of this machine's order: fractions are cut off, and what does not fit is clipped. `hdf5` gives what
    /// HDF5 makes of some floats; None of it or of other types is none.
    pub fn truncating(
        from: NumberType,
        to: NumberType,
        hdf5: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
    ) -> Option<Self> {
        Self::truncates(from, to).then_some(())?;
        let open = Open::ask(from, to, hdf5)?;
        let way = ConversionWay::Truncate(open);
        Some(Self { from, to, way })
    }

    /// So many bytes that stay as they are.
    pub const fn of_bytes(count: usize) -> Self {
        let bytes = NumberType {
            parts: count,
            ..NumberType::native(Class::Opaque, 1)
        };
        Self {
            from: bytes,
            to: bytes,
            way: ConversionWay::Copy,
        }
    }

    /// Bytes of an element before it.
    pub fn from_size(&self) -> usize {
        self.from.element_size()
    }

    /// Bytes of an element after it.
    pub fn to_size(&self) -> usize {
        self.to.element_size()
    }

    /// Whether the bytes stay as they are.
    pub fn is_copy(&self) -> bool {
        self.way == ConversionWay::Copy
    }

    /// Whether the bytes stay as they are whatever they are: those of a bool are 0 or 1.
    pub fn is_plain_copy(&self) -> bool {
        self.is_copy() && self.from.class != Class::Opaque
    }

    /// Converts the elements of `source` into `target`, which takes as many.
    ///
    /// # Panics
    ///
    /// When the two do not hold the same number of elements.
    pub fn apply(&self, source: &[u8], target: &mut [u8]) {
        if self.is_copy() {
            // Divisions take as long as copying a short row.
            return target.copy_from_slice(source);
        }
        assert!(
            source.len() % self.from_size() == 0
                && source.len() / self.from_size() * self.to_size() == target.len()
        );
        match self.way {
            ConversionWay::Copy => target.copy_from_slice(source),
            ConversionWay::Swap => swap(self.from.size, source, target),
            ConversionWay::Numbers => self.numbers(source, target),
            ConversionWay::Truncate(open) => {
                truncate((self.from, self.to), &open, source, target);
            }
        }
    }

    fn numbers(&self, source: &[u8], target: &mut [u8]) {
        match (self.from.class, self.from.size) {
            (Class::Float, 4) => each(source, target, |bytes| {
                f64::from(f32::from_ne_bytes(bytes)).to_ne_bytes()
            }),
            (Class::Float, _) => to_f32(source, target),
            (Class::Signed, 1) => self.integers::<i8, 1>(source, target),
            (Class::Signed, 2) => self.integers::<i16, 2>(source, target),
            (Class::Signed, 4) => self.integers::<i32, 4>(source, target),
            (Class::Signed, _) => self.integers::<i64, 8>(source, target),
            (_, 1) => self.integers::<u8, 1>(source, target),
            (_, 2) => self.integers::<u16, 2>(source, target),
            (_, 4) => self.integers::<u32, 4>(source, target),
            _ => self.integers::<u64, 8>(source, target),
        }
    }

    /// Converts integers; what does not fit into other ones is clipped.
    fn integers<From: Integer<SIZE>, const SIZE: usize>(&self, source: &[u8], target: &mut [u8]) {
        match (self.to.class, self.to.size) {
            (Class::Float, 4) => each(source, target, |bytes| {
                From::of(bytes).as_f32().to_ne_bytes()
            }),
            (Class::Float, _) => each(source, target, |bytes| {
                From::of(bytes).as_f64().to_ne_bytes()
            }),
            (Class::Signed, 1) => clip::<From, i8, SIZE, 1>(source, target),
            (Class::Signed, 2) => clip::<From, i16, SIZE, 2>(source, target),
            (Class::Signed, 4) => clip::<From, i32, SIZE, 4>(source, target),
            (Class::Signed, _) => clip::<From, i64, SIZE, 8>(source, target),
            (_, 1) => clip::<From, u8, SIZE, 1>(source, target),
            (_, 2) => clip::<From, u16, SIZE, 2>(source, target),
            (_, 4) => clip::<From, u32, SIZE, 4>(source, target),
            _ => clip::<From, u64, SIZE, 8>(source, target),
        }
    }
}

/// An integer of `SIZE` bytes. What is done with it stays as narrow as it is, so that as many as possible fit into a wide
/// instruction.
pub(super) trait Integer<const SIZE: usize>: Copy + Ord {
    const LEAST: Self;
    const MOST: Self;

    fn of(bytes: [u8; SIZE]) -> Self;
    fn bytes(self) -> [u8; SIZE];
    fn as_f32(self) -> f32;
    fn as_f64(self) -> f64;
    /// Its value, which every integer fits into.
    fn wide(self) -> i128;
    /// Its bits, with its sign before them.
    fn bits(self) -> u64;
    /// The lowest bits of a value.
    fn narrow(value: i128) -> Self;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Integer<{ size_of::<$type>() }> for $type {
            const LEAST: Self = <$type>::MIN;
            const MOST: Self = <$type>::MAX;

            #[inline]
            fn of(bytes: [u8; size_of::<$type>()]) -> Self {
                Self::from_ne_bytes(bytes)
            }

            #[inline]
            fn bytes(self) -> [u8; size_of::<$type>()] {
                self.to_ne_bytes()
            }

            #[inline]
            fn as_f32(self) -> f32 {
                self as f32
            }

            #[inline]
            fn as_f64(self) -> f64 {
                self as f64
            }

            #[inline]
            fn wide(self) -> i128 {
                i128::from(self)
            }

            #[inline]
            fn bits(self) -> u64 {
                self as u64
            }

            #[inline]
            fn narrow(value: i128) -> Self {
                value as Self
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// So many elements are converted before it is looked whether one of them is odd.
const LOOKED_AT: usize = 512;

/// Makes each element of the target of the one of the source, where `plain` does for nearly all, in few instructions, and `exact` for all. `odd`
/// gives bits for those for which `plain` does not do, which is never asked of elements among which there is one.
pub(super) fn mostly<const FROM: usize, const TO: usize>(
    source: &[u8],
    target: &mut [u8],
    odd: impl Fn([u8; FROM]) -> u64,
    plain: impl Fn([u8; FROM]) -> [u8; TO],
    exact: impl Fn([u8; FROM]) -> [u8; TO],
) {
    let blocks = source.chunks(LOOKED_AT * FROM);
    for (source, target) in blocks.zip(target.chunks_mut(LOOKED_AT * TO)) {
        if any(source, &odd) {
            each(source, target, &exact);
        } else {
            each(source, target, &plain);
        }
    }
}

/// Whether `odd` gives bits for some element: a function of its own for the reason of [`each`].
#[inline(never)]
fn any<const FROM: usize>(source: &[u8], odd: impl Fn([u8; FROM]) -> u64) -> bool {
    let bits = source.chunks_exact(FROM).fold(0, |bits, bytes| {
        bits | bytes.first_chunk().map_or(0, |bytes| odd(*bytes))
    });
    bits != 0
}

/// Makes integers of others, at the ends of the range those that are nearest.
fn clip<From, To, const FROM: usize, const TO: usize>(source: &[u8], target: &mut [u8])
where
    From: Integer<FROM>,
    To: Integer<TO>,
{
    // The ends of the narrower range, as integers of the source: constants, which the loop is compiled for.
    let low = From::narrow(To::LEAST.wide().max(From::LEAST.wide()));
    let high = From::narrow(To::MOST.wide().min(From::MOST.wide()));
    let exact = |bytes| To::narrow(From::of(bytes).clamp(low, high).wide()).bytes();
    if FROM < 8 {
        return each(source, target, exact);
    }
    // Of those that are as wide as this no instruction that many machines have compares two at once. Each range is a power of two long.
    let beyond = !(high.bits().wrapping_sub(low.bits()));
    mostly(
        source,
        target,
        |bytes| From::of(bytes).bits().wrapping_sub(low.bits()) & beyond,
        |bytes| To::narrow(From::of(bytes).wide()).bytes(),
        exact,
    );
}

/// Makes singles of doubles: HDF5 makes an infinity of all beyond the largest single, also where rounding would not.
fn to_f32(source: &[u8], target: &mut [u8]) {
    let most = f64::from(f32::MAX);
    mostly(
        source,
        target,
        |bytes| u64::from(f64::from_ne_bytes(bytes).abs() > most),
        |bytes| (f64::from_ne_bytes(bytes) as f32).to_ne_bytes(),
        |bytes| {
            let value = f64::from_ne_bytes(bytes);
            let single = match value.abs() > most {
                true => f32::INFINITY.copysign(value as f32),
                false => value as f32,
            };
            single.to_ne_bytes()
        },
    );
}

/// Makes each element of the target of the one of the source: in one loop, which the compiler makes wide instructions of as long as it is a
/// function of its own, where the sizes are numbers that it knows.
#[inline(never)]
fn each<const FROM: usize, const TO: usize>(
    source: &[u8],
    target: &mut [u8],
    convert: impl Fn([u8; FROM]) -> [u8; TO],
) {
    for (to, from) in target.chunks_exact_mut(TO).zip(source.chunks_exact(FROM)) {
        if let Some(bytes) = from.first_chunk::<FROM>() {
            to.copy_from_slice(&convert(*bytes));
        }
    }
}

/// Copies numbers of `size` bytes with their bytes in reverse.
fn swap(size: usize, source: &[u8], target: &mut [u8]) {
    match size {
        2 => each(source, target, |bytes| {
            u16::from_ne_bytes(bytes).swap_bytes().to_ne_bytes()
        }),
        4 => each(source, target, |bytes| {
            u32::from_ne_bytes(bytes).swap_bytes().to_ne_bytes()
        }),
        8 => each(source, target, |bytes| {
            u64::from_ne_bytes(bytes).swap_bytes().to_ne_bytes()
        }),
        _ => target.copy_from_slice(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(from: NumberType, to: NumberType, source: &[u8]) -> Vec<u8> {
        let conversion = Conversion::new(from, to).unwrap();
        let mut target = vec![0; source.len() / conversion.from_size() * conversion.to_size()];
        conversion.apply(source, &mut target);
        target
    }

    #[test]
    fn integers_are_clipped() {
        let i32s: Vec<u8> = [-40_000, -129, -1, 0, 127, 128, 70_000]
            .iter()
            .flat_map(|value: &i32| value.to_ne_bytes())
            .collect();
        let i8s = convert(
            NumberType::native(Class::Signed, 4),
            NumberType::native(Class::Signed, 1),
            &i32s,
        );
        assert_eq!(
            i8s,
            [-128i8, -128, -1, 0, 127, 127, 127].map(|value| value as u8)
        );
        let u8s = convert(
            NumberType::native(Class::Signed, 4),
            NumberType::native(Class::Unsigned, 1),
            &i32s,
        );
        assert_eq!(u8s, [0, 0, 0, 0, 127, 128, 255]);
        let large = u64::MAX.to_ne_bytes();
        let i64s = convert(
            NumberType::native(Class::Unsigned, 8),
            NumberType::native(Class::Signed, 8),
            &large,
        );
        assert_eq!(i64s, i64::MAX.to_ne_bytes());
        let u16s = convert(
            NumberType::native(Class::Unsigned, 8),
            NumberType::native(Class::Unsigned, 2),
            &large,
        );
        assert_eq!(u16s, u16::MAX.to_ne_bytes());
    }

    #[test]
    fn byte_orders() {
        let big = NumberType {
            big_endian: true,
            ..NumberType::native(Class::Signed, 2)
        };
        let little = NumberType {
            big_endian: false,
            ..big
        };
        assert_eq!(convert(big, little, &[1, 2, 3, 4]), [2, 1, 4, 3]);
        let wide = NumberType { size: 4, ..little };
        assert!(Conversion::new(big, wide).is_none());
        let complex = NumberType {
            class: Class::Float,
            size: 4,
            ..big
        }
        .complex();
        let native = NumberType {
            big_endian: false,
            ..complex
        };
        assert_eq!(
            convert(complex, native, &[1, 2, 3, 4, 5, 6, 7, 8]),
            [4, 3, 2, 1, 8, 7, 6, 5]
        );
    }

    #[test]
    fn floats_round_as_hdf5_does() {
        let f64s: Vec<u8> = [
            0.1,
            -0.0,
            f64::from(f32::MAX) * (1.0 + 1e-9),
            f64::NEG_INFINITY,
            1e-320,
        ]
        .iter()
        .flat_map(|value: &f64| value.to_ne_bytes())
        .collect();
        let f32s = convert(
            NumberType::native(Class::Float, 8),
            NumberType::native(Class::Float, 4),
            &f64s,
        );
        let expected: Vec<u8> = [0.1f32, -0.0, f32::INFINITY, f32::NEG_INFINITY, 0.0]
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        assert_eq!(f32s, expected);
    }

    #[test]
    fn more_than_one_batch() {
        let source: Vec<u8> = (0..1000i16)
            .flat_map(|value| (value - 500).to_ne_bytes())
            .collect();
        let target = convert(
            NumberType::native(Class::Signed, 2),
            NumberType::native(Class::Float, 8),
            &source,
        );
        let expected: Vec<u8> = (0..1000)
            .flat_map(|value| (f64::from(value) - 500.0).to_ne_bytes())
            .collect();
        assert_eq!(target, expected);
    }

    #[test]
    fn what_is_not_certain_is_left_to_hdf5() {
        let float = NumberType::native(Class::Float, 8);
        let signed = NumberType::native(Class::Signed, 4);
        assert!(Conversion::new(float, signed).is_none());
        assert!(Conversion::new(float, float.complex()).is_none());
        assert!(Conversion::new(
            NumberType {
                big_endian: !float.big_endian,
                ..float
            },
            NumberType::native(Class::Float, 4)
        )
        .is_none());
        assert!(Conversion::new(NumberType { size: 2, ..float }, float).is_none());
        assert!(Conversion::new(NumberType::native(Class::Opaque, 1), signed).is_none());
        assert!(Conversion::new(
            NumberType::native(Class::Opaque, 1),
            NumberType::native(Class::Opaque, 1)
        )
        .unwrap()
        .is_copy());
    }
}
