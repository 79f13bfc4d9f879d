//! Rounding to a number of significant decimal digits, so that noise compresses.
//!
//! This is granular bit rounding: each value becomes the nearest multiple of a power of
//! two that is as large as the wanted digits allow, which leaves zeros in its last bits. A reader
//! needs no plugin and no decoding, for the result is an ordinary number.
//!
//! **The bound.** With `digits = n`, a value `x` whose first significant decimal digit
//! stands for `10^e` (so `10^e <= |x| < 10^(e+1)`) becomes a `q` with
//! `|q - x| <= 0.5 * 10^(e-n+1)`: half a unit of the last digit kept. NaN (with its
//! payload), infinities, zeros of both signs and subnormal numbers stay as they are, to the bit,
//! and so does a value that rounding would carry beyond the largest finite number.

#![forbid(unsafe_code)]

use super::convert::{Class, NumberType};
use crate::error::{Error, Result};

/// The digits that an `f32` can be rounded to; all of them are significant at 7.
pub const F32_DIGITS: std::ops::RangeInclusive<u32> = 1..=7;
/// The digits that an `f64` can be rounded to; all of them are significant at 15.
pub const F64_DIGITS: std::ops::RangeInclusive<u32> = 1..=15;

/// The attribute that tells readers of netCDF how many digits a dataset keeps.
pub const ATTRIBUTE: &str = "_QuantizeGranularBitRoundNumberOfSignificantDigits";

/// How values of one power of two are rounded: those below `step` by `low` bits, the others by `high`.
#[derive(Clone, Copy)]
struct Rule {
    /// The bits of the first value that reaches the next power of ten.
    step: u64,
    low: u8,
    high: u8,
}

/// Rounds `f64` values to a number of digits.
pub struct QuantizeF64 {
    rules: Vec<Rule>,
}

/// Rounds `f32` values to a number of digits.
pub struct QuantizeF32 {
    rules: Vec<Rule>,
}

impl QuantizeF64 {
    /// Prepares for 1 to 15 digits.
    pub fn new(digits: u32) -> Result<Self> {
        check(digits, F64_DIGITS, "float64")?;
        let rules = (0..2047)
            .map(|exponent| rule(exponent, 1023, 52, digits, |ten| ten.to_bits()))
            .collect();
        Ok(Self { rules })
    }

    /// Rounds one value.
    pub fn value(&self, value: f64) -> f64 {
        let bits = value.to_bits();
        let magnitude = bits & !(1 << 63);
        let exponent = (magnitude >> 52) as usize;
        match self.rules.get(exponent) {
            Some(rule) => {
                let rounded = rule.round(magnitude);
                if rounded < 0x7ff0_0000_0000_0000 {
                    f64::from_bits(rounded | (bits & (1 << 63)))
                } else {
                    value
                }
            }
            None => value,
        }
    }
}

impl QuantizeF32 {
    /// Prepares for 1 to 7 digits.
    pub fn new(digits: u32) -> Result<Self> {
        check(digits, F32_DIGITS, "float32")?;
        let rules = (0..255)
            .map(|exponent| {
                rule(exponent, 127, 23, digits, |ten| {
                    // The first f32 that is not below the power of ten.
                    let near = ten as f32;
                    let first = if f64::from(near) < ten {
                        f32::from_bits(near.to_bits() + 1)
                    } else {
                        near
                    };
                    u64::from(first.to_bits())
                })
            })
            .collect();
        Ok(Self { rules })
    }

    /// Rounds one value.
    pub fn value(&self, value: f32) -> f32 {
        let bits = value.to_bits();
        let magnitude = bits & !(1 << 31);
        let exponent = (magnitude >> 23) as usize;
        match self.rules.get(exponent) {
            Some(rule) => {
                let rounded = rule.round(u64::from(magnitude)) as u32;
                if rounded < 0x7f80_0000 {
                    f32::from_bits(rounded | (bits & (1 << 31)))
                } else {
                    value
                }
            }
            None => value,
        }
    }
}

/// Rounds the elements of a dataset, as they are in the file.
pub enum Quantize {
    /// Of `float64`; with the byte order reversed or not.
    F64(QuantizeF64, bool),
    /// Of `float32`; with the byte order reversed or not.
    F32(QuantizeF32, bool),
}

impl Quantize {
    /// Prepares to round elements of type `number`; nothing where no digits are given.
    pub fn new(digits: Option<u32>, number: Option<NumberType>) -> Result<Option<Self>> {
        let Some(digits) = digits else {
            return Ok(None);
        };
        let swapped = number.is_some_and(|number| number.big_endian != cfg!(target_endian = "big"));
        match number {
            Some(NumberType {
                class: Class::Float,
                size: 8,
                ..
            }) => Ok(Some(Self::F64(QuantizeF64::new(digits)?, swapped))),
            Some(NumberType {
                class: Class::Float,
                size: 4,
                ..
            }) => Ok(Some(Self::F32(QuantizeF32::new(digits)?, swapped))),
            _ => Err(Error::argument(
                "\"quantize\" keeps digits of float32 and float64 values only",
            )),
        }
    }

    /// Rounds all of `elements`.
    pub fn apply(&self, elements: &mut [u8]) {
        match self {
            Self::F64(quantize, swapped) => each(elements, |bytes: [u8; 8]| {
                let bits = ordered(u64::from_ne_bytes(bytes), *swapped, u64::swap_bytes);
                let rounded = quantize.value(f64::from_bits(bits)).to_bits();
                ordered(rounded, *swapped, u64::swap_bytes).to_ne_bytes()
            }),
            Self::F32(quantize, swapped) => each(elements, |bytes: [u8; 4]| {
                let bits = ordered(u32::from_ne_bytes(bytes), *swapped, u32::swap_bytes);
                let rounded = quantize.value(f32::from_bits(bits)).to_bits();
                ordered(rounded, *swapped, u32::swap_bytes).to_ne_bytes()
            }),
        }
    }
}

fn each<const SIZE: usize>(elements: &mut [u8], round: impl Fn([u8; SIZE]) -> [u8; SIZE]) {
    for element in elements.chunks_exact_mut(SIZE) {
        if let Some(bytes) = element.first_chunk_mut::<SIZE>() {
            *bytes = round(*bytes);
        }
    }
}

fn ordered<T>(value: T, swapped: bool, swap: fn(T) -> T) -> T {
    if swapped {
        swap(value)
    } else {
        value
    }
}

impl Rule {
    /// Rounds a magnitude to the nearest multiple of its last bit kept, ties to even.
    #[inline]
    fn round(&self, magnitude: u64) -> u64 {
        let dropped = if magnitude < self.step {
            self.low
        } else {
            self.high
        };
        if dropped == 0 {
            return magnitude;
        }
        let half = 1u64 << (dropped - 1);
        let odd = (magnitude >> dropped) & 1;
        // A carry into the exponent is right: the next power of two follows.
        (magnitude + (half - 1) + odd) & !(2 * half - 1)
    }
}

/// The rule for the values whose exponent field is `exponent`.
///
/// At most one power of ten lies within a factor of two. `first_bits` gives the bits of the
/// first value of the type that is not below a power of ten, given as the nearest `f64`.
fn rule(
    exponent: i32,
    bias: i32,
    mantissa: i32,
    digits: u32,
    first_bits: impl Fn(f64) -> u64,
) -> Rule {
    if exponent == 0 {
        // Zeros and subnormal numbers.
        return Rule {
            step: 0,
            low: 0,
            high: 0,
        };
    }
    let power = exponent - bias;
    let start = (exponent as u64) << mantissa;
    // The decimal exponent of the first of these values, exact because it is checked against the power itself.
    let mut decimal = (f64::from(power) * std::f64::consts::LOG10_2).floor() as i32;
    if first_bits(ten_from_above(decimal + 1)) <= start {
        decimal += 1;
    }
    Rule {
        step: first_bits(ten_from_above(decimal + 1)),
        low: dropped_bits(decimal, power, mantissa, digits),
        high: dropped_bits(decimal + 1, power, mantissa, digits),
    }
}

/// The mantissa bits to drop for a value of `2^power` whose first digit stands for `10^decimal`.
fn dropped_bits(decimal: i32, power: i32, mantissa: i32, digits: u32) -> u8 {
    let unit = decimal - digits as i32 + 1;
    // The largest power of two that is no larger than a unit of the last digit kept. No
    // 10^unit in reach comes so close to a power of two that this product could err.
    let multiple = (f64::from(unit) * std::f64::consts::LOG2_10).floor() as i32;
    (multiple - power + mantissa).clamp(0, mantissa) as u8
}

/// The first `f64` that is not below `10^exponent`, or one above it.
///
/// Powers up to 22 are exact. Others may be rounded down, and the next number is then taken: that
/// only makes the single value at the power of ten keep a digit more.
fn ten_from_above(exponent: i32) -> f64 {
    let nearest: f64 = format!("1e{exponent}").parse().unwrap_or(f64::INFINITY);
    if (0..=22).contains(&exponent) || nearest.is_infinite() {
        nearest
    } else {
        f64::from_bits(nearest.to_bits() + 1)
    }
}

fn check(digits: u32, range: std::ops::RangeInclusive<u32>, name: &str) -> Result<()> {
    if range.contains(&digits) {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "\"quantize\" keeps {} to {} significant digits of {name} values, not {digits}",
            range.start(),
            range.end()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator of random bits (xorshift64*), seeded by H5SIM_SEED or a fixed number.
    fn random() -> impl FnMut() -> u64 {
        let seed = std::env::var("H5SIM_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        let mut state: u64 = seed.unwrap_or(0x1234_5678_9abc_def1);
        println!("H5SIM_SEED={state}");
        move || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }
    }

    /// The decimal exponent of a number's exact value, from its exact decimal expansion.
    fn decimal_exponent(value: f64) -> i32 {
        // 1074 digits after the point write any f64 exactly.
        let text = format!("{:.1074}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap();
        let whole = whole.trim_start_matches('0');
        if whole.is_empty() {
            let zeros = fraction.len() - fraction.trim_start_matches('0').len();
            -(zeros as i32) - 1
        } else {
            whole.len() as i32 - 1
        }
    }

    /// Whether `|a - b| <= 0.5 * 10^exponent`, in exact decimal arithmetic.
    fn within_half_unit(a: f64, b: f64, exponent: i32) -> bool {
        // Both are multiples of 2^-1074 and near each other, so the difference is exact unless
        // it is rounded, which the comparison with a margin of one part in 2^50 absorbs.
        let difference = (a - b).abs();
        let unit: f64 = format!("5e{}", exponent - 1).parse().unwrap();
        difference <= unit * (1.0 + 1e-15)
    }

    #[test]
    fn known_values() {
        let three = QuantizeF64::new(3).unwrap();
        // Units of 0.01; the largest power of two below it is 1/128.
        assert_eq!(three.value(std::f64::consts::PI), 402.0 / 128.0);
        assert_eq!(three.value(-std::f64::consts::PI), -402.0 / 128.0);
        assert_eq!(three.value(1.0), 1.0);
        // Units of 10000; 8192 is the largest power of two below it.
        assert_eq!(three.value(1234567.0), 151.0 * 8192.0);
        let two = QuantizeF32::new(2).unwrap();
        // Units of 0.1 and 1: 1/16 and 1.
        assert_eq!(two.value(9.87), 158.0 / 16.0);
        assert_eq!(two.value(98.7), 99.0);
    }

    #[test]
    fn special_values_keep_their_bits() {
        for digits in F64_DIGITS {
            let quantize = QuantizeF64::new(digits).unwrap();
            for bits in [
                0u64,
                1 << 63,
                1,
                0x000f_ffff_ffff_ffff,
                0x7ff0_0000_0000_0000,
                0xfff0_0000_0000_0000,
                0x7ff8_dead_beef_0001,
                0xfff0_0000_0000_0001,
                0x7fef_ffff_ffff_ffff,
            ] {
                assert_eq!(quantize.value(f64::from_bits(bits)).to_bits(), bits);
            }
        }
        for digits in F32_DIGITS {
            let quantize = QuantizeF32::new(digits).unwrap();
            for bits in [
                0u32,
                1 << 31,
                1,
                0x007f_ffff,
                0x7f80_0000,
                0xff80_0000,
                0x7fc0_1234,
                0x7f7f_ffff,
            ] {
                assert_eq!(quantize.value(f32::from_bits(bits)).to_bits(), bits);
            }
        }
    }

    #[test]
    fn the_bound_holds_for_random_values_of_every_magnitude() {
        let mut random = random();
        for digits in F64_DIGITS {
            let quantize = QuantizeF64::new(digits).unwrap();
            for round in 0..1500 {
                let value = match round % 3 {
                    0 => f64::from_bits(random()),
                    1 => (random() as i64) as f64 / 2f64.powi(40),
                    // At and next to powers of ten.
                    _ => {
                        let ten: f64 = format!("1e{}", (random() % 600) as i64 - 300)
                            .parse()
                            .unwrap();
                        f64::from_bits(ten.to_bits() + random() % 3 - 1)
                    }
                };
                if !value.is_normal() {
                    continue;
                }
                let rounded = quantize.value(value);
                let unit = decimal_exponent(value) - digits as i32 + 1;
                assert!(
                    within_half_unit(rounded, value, unit),
                    "{value:e} -> {rounded:e}, {digits} digits"
                );
            }
        }
        for digits in F32_DIGITS {
            let quantize = QuantizeF32::new(digits).unwrap();
            for _ in 0..1500 {
                let value = f32::from_bits(random() as u32);
                if !value.is_normal() {
                    continue;
                }
                let rounded = quantize.value(value);
                let unit = decimal_exponent(f64::from(value)) - digits as i32 + 1;
                assert!(
                    within_half_unit(f64::from(rounded), f64::from(value), unit),
                    "{value:e} -> {rounded:e}, {digits} digits"
                );
            }
        }
    }

    #[test]
    fn bits_are_really_dropped() {
        let mut random = random();
        let quantize = QuantizeF64::new(4).unwrap();
        for _ in 0..1000 {
            let value = 1.0 + (random() >> 11) as f64 / 2f64.powi(53);
            // 10^-3 is above 2^-10: 10 bits of the mantissa stay, 42 are zero.
            assert_eq!(quantize.value(value).to_bits() & ((1 << 42) - 1), 0);
        }
    }

    #[test]
    fn other_numbers_of_digits_are_refused() {
        for digits in [0, 16, 400] {
            assert!(QuantizeF64::new(digits).is_err());
        }
        for digits in [0, 8] {
            assert!(QuantizeF32::new(digits).is_err());
        }
    }
}
