//! Conversions of numbers past HDF5, for which it is asked at most once.

#![forbid(unsafe_code)]

use super::chunks::memory_number;
use super::ElementType;
use crate::codec::convert::{Class, Conversion, NumberType};
use crate::store::dtype::Dtype;
use std::sync::OnceLock;

/// The conversion between two types of numbers; None if HDF5 has to convert them.
pub fn conversion(from: NumberType, to: NumberType) -> Option<Conversion> {
    /// Of floats to integers, by the sizes of both and whether these have a sign.
    static TRUNCATING: [[OnceLock<Option<Conversion>>; 8]; 2] =
        [const { [const { OnceLock::new() }; 8] }; 2];
    if !Conversion::truncates(from, to) {
        return Conversion::new(from, to);
    }
    let of_size = &TRUNCATING[usize::from(from.size == 8)];
    let place = 2 * to.size.ilog2() as usize + usize::from(to.class == Class::Signed);
    *of_size[place].get_or_init(|| {
        let dtype = |number| {
            let mut all = Dtype::ALL.into_iter();
            all.find(|&dtype| memory_number(dtype) == Some(number))
        };
        let given = dtype(from)?;
        let stored = ElementType::stored(dtype(to)?, None).ok()?;
        Conversion::truncating(from, to, |floats| stored.convert_from(given, floats).ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that looks like one by chance.
    fn next(seed: &mut u64) -> u64 {
        *seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        *seed ^ *seed >> 29
    }

    /// Numbers of a type: of every magnitude, at the ends of the ranges of all integers, and what is none.
    fn numbers(number: NumberType, seed: &mut u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut float = |value: f64| match number.size {
            4 => bytes.extend((value as f32).to_ne_bytes()),
            _ => bytes.extend(value.to_ne_bytes()),
        };
        if number.class == Class::Float {
            for bits in [0, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128] {
                let end = 2f64.powi(bits);
                let (less, more) = (end * (1.0 - 2f64.powi(-24)), end * (1.0 + 2f64.powi(-23)));
                let (nearest, next) = (end.next_down(), end.next_up());
                for value in [
                    end,
                    less,
                    more,
                    nearest,
                    next,
                    end - 1.0,
                    end - 0.5,
                    end + 0.5,
                ] {
                    float(value);
                    float(-value);
                }
            }
            for value in [0.0, f64::INFINITY, f64::NAN, f64::MIN_POSITIVE, 5e-324] {
                float(value);
                float(-value);
            }
            for _ in 0..3000 {
                let exponent = (next(seed) % 80) as i32 - 10;
                float((next(seed) as i64 as f64) * 2f64.powi(exponent - 63));
            }
        }
        // Any bits: of floats also what is no number in many ways.
        for _ in 0..3000 {
            let shift = next(seed) % 64;
            let any = (next(seed) as i64) >> shift;
            bytes.extend_from_slice(&any.to_ne_bytes());
        }
        bytes
    }

    #[test]
    fn all_conversions_give_the_bits_that_hdf5_gives() {
        let mut seed = 88172645463325252;
        println!("seed {seed}");
        let types: Vec<(Dtype, NumberType)> = Dtype::ALL
            .into_iter()
            .filter_map(|dtype| Some((dtype, memory_number(dtype)?)))
            .filter(|(_, number)| number.class != Class::Opaque && number.parts == 1)
            .collect();
        let mut compared = 0;
        for &(given, from) in &types {
            for &(wanted, to) in &types {
                let conversion = conversion(from, to).unwrap();
                let source = numbers(from, &mut seed);
                let mut target = vec![0; source.len() / from.element_size() * to.element_size()];
                conversion.apply(&source, &mut target);
                let stored = ElementType::stored(wanted, None).unwrap();
                let expected = stored.convert_from(given, &source).unwrap();
                let elements = source.chunks(from.element_size());
                let pairs = target
                    .chunks(to.element_size())
                    .zip(expected.chunks(to.element_size()));
                for (element, (found, expected)) in elements.zip(pairs) {
                    assert_eq!(found, expected, "{given} {wanted} {element:?}");
                    compared += 1;
                }
                // Whatever is beside it.
                for element in source.chunks(from.element_size()).take(200) {
                    let mut one = vec![0; to.element_size()];
                    conversion.apply(element, &mut one);
                    assert_eq!(
                        one,
                        stored.convert_from(given, element).unwrap(),
                        "{given} {wanted} {element:?}"
                    );
                }
            }
        }
        assert!(compared > 400_000, "{compared}");
    }
}
