//! HDF5's shuffle filter: the first bytes of all elements, then all second bytes, and so on.
//!
//! The bytes of a number that vary little from element to element come to lie side
//! by side, where a compressor sees them. Bytes after the last whole element stay at the end.

pub mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::filters::{Coder, Decoded, FilterKind};
use super::pipeline::resize;
use crate::error::Result;

/// The shuffle, which every reader has. Its parameter is the size of an element.
pub static KIND: FilterKind = FilterKind {
    id: 2,
    name: "shuffle",
    stored_name: c"shuffle",
    levels: None,
    is_optional: true,
    parameter: |values| values.first().copied().filter(|&size| size > 0),
    coder: || Box::new(Shuffler),
    grown: Some,
    ratio: 1,
    registered: None,
};

/// Takes elements apart, and puts them together.
struct Shuffler;

impl Coder for Shuffler {
    fn encode(&mut self, size: u32, chunk: &[u8], stored: &mut Vec<u8>) -> Result<bool> {
        if size == 1 {
            return Ok(false);
        }
        resize(stored, chunk.len())?;
        shuffle(size as usize, chunk, stored);
        Ok(true)
    }

    fn decode(
        &mut self,
        size: u32,
        stored: &[u8],
        chunk: &mut Vec<u8>,
        _: usize,
    ) -> Result<Decoded> {
        if size == 1 {
            return Ok(Decoded::There(stored.len()));
        }
        resize(chunk, stored.len())?;
        unshuffle(size as usize, stored, chunk);
        Ok(Decoded::Made(stored.len()))
    }
}

/// Shuffles `source` into `target`, which has the same length, for elements of `size` bytes.
///
/// # Panics
///
/// When the lengths differ or `size` is zero.
pub fn shuffle(size: usize, source: &[u8], target: &mut [u8]) {
    assert!(size > 0 && source.len() == target.len());
    let done = whole_blocks(size, source.len() / size, |count| {
        fast_shuffle(size, count, source, target)
    });
    portable::shuffle_from(size, done, source, target);
}

/// Undoes [`shuffle`].
///
/// # Panics
///
/// When the lengths differ or `size` is zero.
pub fn unshuffle(size: usize, source: &[u8], target: &mut [u8]) {
    assert!(size > 0 && source.len() == target.len());
    let (elements, rest) = target.split_at_mut(source.len() / size * size);
    unshuffle_part(size, source, 0, elements);
    rest.copy_from_slice(&source[elements.len()..]);
}

/// Undoes [`shuffle`] for the elements from number `first` on that fill `target`.
///
/// # Panics
///
/// When `size` is zero, or `source` has fewer elements.
pub fn unshuffle_part(size: usize, source: &[u8], first: usize, target: &mut [u8]) {
    let plane = source.len() / size;
    let count = target.len() / size;
    assert!(target.len() % size == 0 && first <= plane && count <= plane - first);
    let source = &source[first..];
    let done = whole_blocks(size, count, |count| {
        fast_unshuffle(size, count, plane, source, target)
    });
    portable::unshuffle_from(size, done, plane, source, target);
}

/// Runs `work` on the elements that fill whole SIMD blocks and returns how many it did.
fn whole_blocks(size: usize, elements: usize, work: impl FnOnce(usize) -> bool) -> usize {
    // Both instruction sets divide this.
    const BLOCK: usize = 32;
    let count = elements - elements % BLOCK;
    if matches!(size, 2 | 4 | 8 | 16) && count > 0 && work(count) {
        count
    } else {
        0
    }
}

#[cfg(target_arch = "x86_64")]
fn fast_shuffle(size: usize, count: usize, source: &[u8], target: &mut [u8]) -> bool {
    x86::shuffle(size, count, source, target);
    true
}

#[cfg(target_arch = "x86_64")]
fn fast_unshuffle(
    size: usize,
    count: usize,
    plane: usize,
    source: &[u8],
    target: &mut [u8],
) -> bool {
    x86::unshuffle(size, count, plane, source, target);
    true
}

#[cfg(not(target_arch = "x86_64"))]
fn fast_shuffle(_: usize, _: usize, _: &[u8], _: &mut [u8]) -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn fast_unshuffle(_: usize, _: usize, _: usize, _: &[u8], _: &mut [u8]) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 167 + i / 251) as u8).collect()
    }

    #[test]
    fn a_small_case_by_hand() {
        let mut shuffled = [0; 8];
        shuffle(3, &[1, 2, 3, 4, 5, 6, 7, 8], &mut shuffled);
        assert_eq!(shuffled, [1, 4, 2, 5, 3, 6, 7, 8]);
        let mut back = [0; 8];
        unshuffle(3, &shuffled, &mut back);
        assert_eq!(back, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn equals_the_definition_for_all_sizes_and_lengths() {
        for size in 1..=24 {
            for length in (0..200).chain([size * 32, size * 64 + 5, size * 100 + 1, size * 1000]) {
                let source = bytes(length);
                let elements = length / size;
                let mut expected = source.clone();
                for element in 0..elements {
                    for byte in 0..size {
                        expected[byte * elements + element] = source[element * size + byte];
                    }
                }
                let mut shuffled = vec![0; length];
                shuffle(size, &source, &mut shuffled);
                assert_eq!(shuffled, expected, "size {size}, {length} bytes");
                let mut back = vec![0; length];
                unshuffle(size, &shuffled, &mut back);
                assert_eq!(back, source, "size {size}, {length} bytes");
            }
        }
    }

    #[test]
    fn parts_are_those_of_the_whole() {
        for size in [1, 2, 3, 4, 8, 16] {
            let source = bytes(size * 300 + 1);
            let mut shuffled = vec![0; source.len()];
            shuffle(size, &source, &mut shuffled);
            for (first, count) in [(0, 300), (0, 31), (1, 299), (77, 64), (150, 0), (300, 0)] {
                let mut part = vec![0; size * count];
                unshuffle_part(size, &shuffled, first, &mut part);
                assert_eq!(
                    part,
                    source[size * first..size * (first + count)],
                    "size {size}, {count} from {first}"
                );
            }
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn every_instruction_set_gives_the_same() {
        for size in [2, 4, 8, 16] {
            let source = bytes(size * 96 + 1);
            let mut expected = vec![0; source.len()];
            portable::shuffle_from(size, 0, &source, &mut expected);
            for wide in [false, true] {
                if wide && !is_x86_feature_detected!("avx2") {
                    continue;
                }
                let mut shuffled = expected.clone();
                shuffled[..size * 96].fill(0);
                x86::shuffle_by(wide, size, 96, &source, &mut shuffled);
                assert_eq!(shuffled, expected, "size {size}, AVX2 {wide}");
                let mut back = source.clone();
                back[..size * 96].fill(0);
                x86::unshuffle_by(wide, size, 96, 96, &expected, &mut back);
                assert_eq!(back, source, "size {size}, AVX2 {wide}");
            }
        }
    }
}
