//! The shuffle filter with SSE2 and AVX2, for elements of 2, 4, 8 and 16 bytes.
//!
//! A block of 16 elements of `S` bytes fills `S` registers. Number its bytes by
//! (element, byte of the element): 4 bits and `log2 S` bits. Interleaving the bytes of
//! register `i` with those of register `i + S / 2`, for all `i`, rotates these bits to the left by
//! one. After 4 rounds the number reads (byte, element), which is the shuffled
//! order; `log2 S` rounds lead from there back. With AVX2 each half of a register
//! works on a block of its own, so that a plane gains 32 bytes at a time.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

/// Shuffles the first `count` elements, a multiple of 32.
pub fn shuffle(size: usize, count: usize, source: &[u8], target: &mut [u8]) {
    shuffle_by(
        is_x86_feature_detected!("avx2"),
        size,
        count,
        source,
        target,
    );
}

/// Undoes [`shuffle`] for the first `count` elements, a multiple of 32, whose bytes lie `plane` apart.
pub fn unshuffle(size: usize, count: usize, plane: usize, source: &[u8], target: &mut [u8]) {
    unshuffle_by(
        is_x86_feature_detected!("avx2"),
        size,
        count,
        plane,
        source,
        target,
    );
}

/// Shuffles with AVX2 if `wide`, which the processor must then have, else with SSE2.
pub(super) fn shuffle_by(wide: bool, size: usize, count: usize, source: &[u8], target: &mut [u8]) {
    let planes = source.len() / size;
    check(wide, size, count, planes, target, source);
    // SAFETY: `check` has made sure of the lengths and of the instruction set.
    unsafe {
        match (wide, size) {
            (false, 2) => shuffle_sse2::<2>(count, planes, source, target),
            (false, 4) => shuffle_sse2::<4>(count, planes, source, target),
            (false, 8) => shuffle_sse2::<8>(count, planes, source, target),
            (false, _) => shuffle_sse2::<16>(count, planes, source, target),
            (true, 2) => shuffle_avx2::<2>(count, planes, source, target),
            (true, 4) => shuffle_avx2::<4>(count, planes, source, target),
            (true, 8) => shuffle_avx2::<8>(count, planes, source, target),
            (true, _) => shuffle_avx2::<16>(count, planes, source, target),
        }
    }
}

/// Undoes [`shuffle_by`].
pub(super) fn unshuffle_by(
    wide: bool,
    size: usize,
    count: usize,
    planes: usize,
    source: &[u8],
    target: &mut [u8],
) {
    check(wide, size, count, planes, source, target);
    // SAFETY: `check` has made sure of the lengths and of the instruction set.
    unsafe {
        match (wide, size) {
            (false, 2) => unshuffle_sse2::<2>(count, planes, source, target),
            (false, 4) => unshuffle_sse2::<4>(count, planes, source, target),
            (false, 8) => unshuffle_sse2::<8>(count, planes, source, target),
            (false, _) => unshuffle_sse2::<16>(count, planes, source, target),
            (true, 2) => unshuffle_avx2::<2>(count, planes, source, target),
            (true, 4) => unshuffle_avx2::<4>(count, planes, source, target),
            (true, 8) => unshuffle_avx2::<8>(count, planes, source, target),
            (true, _) => unshuffle_avx2::<16>(count, planes, source, target),
        }
    }
}

/// Checks all that the unsafe code relies on: elements have room in the planes and in a row.
fn check(wide: bool, size: usize, count: usize, plane: usize, planes: &[u8], row: &[u8]) {
    assert!(matches!(size, 2 | 4 | 8 | 16));
    assert!(count % 32 == 0 && count <= plane);
    let last = (size - 1).checked_mul(plane);
    assert!(last.is_some_and(|last| last + count <= planes.len()));
    assert!(count <= row.len() / size);
    assert!(!wide || is_x86_feature_detected!("avx2"));
}

/// # Safety
///
/// `count` is a multiple of 16 and at most `plane`; one slice holds `count * S` bytes, the other so many
/// from each of `S` places that are `plane` apart.
unsafe fn shuffle_sse2<const S: usize>(
    count: usize,
    plane: usize,
    source: &[u8],
    target: &mut [u8],
) {
    for block in (0..count).step_by(16) {
        // SAFETY: elements `block..block + 16` lie within `count`, in the source as
        // `16 * S` bytes in a row, in the target as 16 bytes in each plane. SSE2 is part of x86-64.
        unsafe {
            let mut registers = [_mm_setzero_si128(); S];
            let from = source.as_ptr().add(block * S);
            for (index, register) in registers.iter_mut().enumerate() {
                *register = _mm_loadu_si128(from.add(16 * index).cast());
            }
            for _ in 0..4 {
                registers = rotate_sse2(registers);
            }
            let to = target.as_mut_ptr().add(block);
            for (index, register) in registers.iter().enumerate() {
                _mm_storeu_si128(to.add(plane * index).cast(), *register);
            }
        }
    }
}

/// # Safety
///
/// As [`shuffle_sse2`].
unsafe fn unshuffle_sse2<const S: usize>(
    count: usize,
    plane: usize,
    source: &[u8],
    target: &mut [u8],
) {
    for block in (0..count).step_by(16) {
        // SAFETY: as in `shuffle_sse2`, with the roles of the slices exchanged.
        unsafe {
            let mut registers = [_mm_setzero_si128(); S];
            let from = source.as_ptr().add(block);
            for (index, register) in registers.iter_mut().enumerate() {
                *register = _mm_loadu_si128(from.add(plane * index).cast());
            }
            for _ in 0..S.trailing_zeros() {
                registers = rotate_sse2(registers);
            }
            let to = target.as_mut_ptr().add(block * S);
            for (index, register) in registers.iter().enumerate() {
                _mm_storeu_si128(to.add(16 * index).cast(), *register);
            }
        }
    }
}

/// Interleaves the first half of the registers with the second: one round.
#[inline(always)]
fn rotate_sse2<const S: usize>(registers: [__m128i; S]) -> [__m128i; S] {
    let mut rotated = registers;
    for index in 0..S / 2 {
        // SAFETY: SSE2 is part of x86-64, and these work on registers only.
        unsafe {
            rotated[2 * index] = _mm_unpacklo_epi8(registers[index], registers[index + S / 2]);
            rotated[2 * index + 1] = _mm_unpackhi_epi8(registers[index], registers[index + S / 2]);
        }
    }
    rotated
}

/// # Safety
///
/// The processor has AVX2; `count` is a multiple of 32; the rest as for [`shuffle_sse2`].
#[target_feature(enable = "avx2")]
unsafe fn shuffle_avx2<const S: usize>(
    count: usize,
    plane: usize,
    source: &[u8],
    target: &mut [u8],
) {
    for block in (0..count).step_by(32) {
        // SAFETY: elements `block..block + 32` lie within `count`, in the source as
        // `32 * S` bytes in a row, in the target as 32 bytes in each plane.
        unsafe {
            let mut registers = [_mm256_setzero_si256(); S];
            let from = source.as_ptr().add(block * S);
            for (index, register) in registers.iter_mut().enumerate() {
                let low = from.add(16 * index);
                *register = _mm256_loadu2_m128i(low.add(16 * S).cast(), low.cast());
            }
            for _ in 0..4 {
                registers = rotate_avx2(registers);
            }
            let to = target.as_mut_ptr().add(block);
            for (index, register) in registers.iter().enumerate() {
                _mm256_storeu_si256(to.add(plane * index).cast(), *register);
            }
        }
    }
}

/// # Safety
///
/// As [`shuffle_avx2`].
#[target_feature(enable = "avx2")]
unsafe fn unshuffle_avx2<const S: usize>(
    count: usize,
    plane: usize,
    source: &[u8],
    target: &mut [u8],
) {
    for block in (0..count).step_by(32) {
        // SAFETY: as in `shuffle_avx2`, with the roles of the slices exchanged.
        unsafe {
            let mut registers = [_mm256_setzero_si256(); S];
            let from = source.as_ptr().add(block);
            for (index, register) in registers.iter_mut().enumerate() {
                *register = _mm256_loadu_si256(from.add(plane * index).cast());
            }
            for _ in 0..S.trailing_zeros() {
                registers = rotate_avx2(registers);
            }
            let to = target.as_mut_ptr().add(block * S);
            for (index, register) in registers.iter().enumerate() {
                let low = to.add(16 * index);
                _mm256_storeu2_m128i(low.add(16 * S).cast(), low.cast(), *register);
            }
        }
    }
}

/// Interleaves the first half of the registers with the second, in each 128-bit half by itself.
#[target_feature(enable = "avx2")]
#[inline]
fn rotate_avx2<const S: usize>(registers: [__m256i; S]) -> [__m256i; S] {
    let mut rotated = registers;
    for index in 0..S / 2 {
        rotated[2 * index] = _mm256_unpacklo_epi8(registers[index], registers[index + S / 2]);
        rotated[2 * index + 1] = _mm256_unpackhi_epi8(registers[index], registers[index + S / 2]);
    }
    rotated
}
