//! The Fletcher-32 checksum as HDF5 computes and stores it.

#![forbid(unsafe_code)]

use super::filters::{Coder, Decoded, FilterKind};
use super::pipeline::copy;
use crate::error::{Error, Result};

/// Fletcher-32, which every reader has.
pub static KIND: FilterKind = FilterKind {
    id: 3,
    name: "fletcher32",
    stored_name: c"fletcher32",
    levels: None,
    is_optional: false,
    parameter: |_| Some(0),
    coder: || Box::new(Checksummer),
    grown: |length| length.checked_add(CHECKSUM_BYTES),
    ratio: 1,
    registered: None,
};

/// Adds the checksum, and takes it away.
struct Checksummer;

impl Coder for Checksummer {
    fn encode(&mut self, _: u32, chunk: &[u8], stored: &mut Vec<u8>) -> Result<bool> {
        copy(chunk, stored)?;
        append(stored);
        Ok(true)
    }

    fn decode(&mut self, _: u32, stored: &[u8], _: &mut Vec<u8>, _: usize) -> Result<Decoded> {
        Ok(Decoded::There(verify(stored)?.len()))
    }
}

/// The bytes that the checksum adds to a chunk.
pub const CHECKSUM_BYTES: usize = 4;

/// The words that are summed before a reduction: few enough that no sum overflows.
///
/// With sums below 2^32 at the start, `second` gains at most
/// `n * 2^32 + n^2 / 2 * 2^16` in `n` words, which stays below 2^63 for this `n`.
const BLOCK_WORDS: usize = 4096;

/// Computes the checksum of `data`, read as 16-bit words whose high byte comes first.
///
/// An odd last byte counts as the high byte of a last word.
pub fn checksum(data: &[u8]) -> u32 {
    let mut first: u64 = 0;
    let mut second: u64 = 0;
    let words = data.chunks_exact(2);
    let odd = words.remainder();
    for block in data[..data.len() - odd.len()].chunks(2 * BLOCK_WORDS) {
        // Eight words a round: their weighted sums do not wait for each other.
        let rounds = block.chunks_exact(16);
        let rest = rounds.remainder();
        for round in rounds {
            let mut plain: u32 = 0;
            let mut weighted: u32 = 0;
            for (index, pair) in round.chunks_exact(2).enumerate() {
                let word = u32::from(u16::from_be_bytes([pair[0], pair[1]]));
                plain += word;
                weighted += (8 - index as u32) * word;
            }
            second += 8 * first + u64::from(weighted);
            first += u64::from(plain);
        }
        for pair in rest.chunks_exact(2) {
            first += u64::from(u16::from_be_bytes([pair[0], pair[1]]));
            second += first;
        }
        first = reduce(first);
        second = reduce(second);
    }
    if let [last] = odd {
        first = reduce(first + (u64::from(*last) << 8));
        second = reduce(second + first);
    }
    ((second as u32) << 16) | first as u32
}

/// Reduces a sum modulo 65535, where only a sum of nothing but zeros gives 0.
///
/// HDF5 folds the high bits onto the low ones, so that a multiple of 65535 becomes
/// 65535 and not 0; the stored bits depend on it.
fn reduce(sum: u64) -> u64 {
    if sum == 0 {
        0
    } else {
        (sum - 1) % 65535 + 1
    }
}

/// Appends its checksum to `data`.
pub fn append(data: &mut Vec<u8>) {
    let sum = checksum(data);
    data.extend_from_slice(&sum.to_le_bytes());
}

/// Checks the checksum at the end of `stored` and returns the data before it.
///
/// HDF5 before 1.6.3 wrote the bytes of each half swapped on little-endian machines;
/// such a checksum is valid too, as it is to HDF5.
pub fn verify(stored: &[u8]) -> Result<&[u8]> {
    let Some((data, sum)) = stored.split_last_chunk::<CHECKSUM_BYTES>() else {
        return Err(Error::format(format!(
            "a chunk of {} bytes is too short for its Fletcher-32 checksum",
            stored.len()
        )));
    };
    let computed = checksum(data);
    let swapped = ((computed & 0x00ff_00ff) << 8) | ((computed >> 8) & 0x00ff_00ff);
    let found = u32::from_le_bytes(*sum);
    if found == computed || found == swapped {
        Ok(data)
    } else {
        Err(Error::format(format!(
            "a chunk's Fletcher-32 checksum is {computed:#010x}, but {found:#010x} is stored: the chunk is damaged"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The loop of HDF5's `H5_checksum_fletcher32`, word for word.
    fn as_in_hdf5(data: &[u8]) -> u32 {
        let (mut sum1, mut sum2) = (0u32, 0u32);
        let pairs = data.chunks_exact(2);
        let odd = pairs.remainder().first().copied();
        let words: Vec<u32> = pairs
            .map(|p| (u32::from(p[0]) << 8) | u32::from(p[1]))
            .collect();
        for block in words.chunks(360) {
            for word in block {
                sum1 += word;
                sum2 += sum1;
            }
            sum1 = (sum1 & 0xffff) + (sum1 >> 16);
            sum2 = (sum2 & 0xffff) + (sum2 >> 16);
        }
        if let Some(byte) = odd {
            sum1 += u32::from(byte) << 8;
            sum2 += sum1;
            sum1 = (sum1 & 0xffff) + (sum1 >> 16);
            sum2 = (sum2 & 0xffff) + (sum2 >> 16);
        }
        sum1 = (sum1 & 0xffff) + (sum1 >> 16);
        sum2 = (sum2 & 0xffff) + (sum2 >> 16);
        (sum2 << 16) | sum1
    }

    #[test]
    fn equals_hdf5_on_every_length_and_on_extremes() {
        let mut state = 0x2545_f491_4f6c_dd1du64;
        let noise: Vec<u8> = (0..40_000)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect();
        for length in (0..2000).chain([8191, 8192, 8193, 8194, 16383, 39_999, 40_000]) {
            for data in [
                noise[..length].to_vec(),
                vec![0xff; length],
                vec![0; length],
            ] {
                assert_eq!(checksum(&data), as_in_hdf5(&data), "{length} bytes");
            }
        }
        assert_eq!(checksum(&[0xff, 0xff]), 0xffff_ffff);
        assert_eq!(checksum(&[]), 0);
    }

    #[test]
    fn verifies_both_byte_orders_and_finds_damage() {
        let mut chunk = b"some chunk of data".to_vec();
        append(&mut chunk);
        assert_eq!(verify(&chunk).unwrap(), b"some chunk of data");
        let end = chunk.len();
        chunk.swap(end - 4, end - 3);
        chunk.swap(end - 2, end - 1);
        assert_eq!(verify(&chunk).unwrap(), b"some chunk of data");
        chunk[3] ^= 1;
        assert_eq!(
            verify(&chunk).unwrap_err().status,
            crate::error::Status::Format
        );
        assert_eq!(
            verify(&chunk[..3]).unwrap_err().status,
            crate::error::Status::Format
        );
    }
}
