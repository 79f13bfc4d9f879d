//! HDF5's deflate filter ("gzip"): one zlib stream per chunk.
//!
//! The compressor is libdeflate's. Before it, bytes that no deflate can shrink are
//! found by counting and set down as stored blocks: after a shuffle, the noise in the last digits of
//! a field fills whole planes at the start of a chunk, and the search for matches
//! there is most of what a compressor spends its time on. Any zlib reads the result,
//! and reads it faster, for a stored block is only copied.

#![forbid(unsafe_code)]

use super::filters::{grown_by_a_compressor, Coder, Decoded, FilterKind, Levels};
use super::libdeflate::{self, Compressor, Decompressor, Refusal};
use super::pipeline::resize;
use crate::error::{Error, Result};

/// More than a deflate stream can expand: a match of 258 bytes takes at least 2 bits.
pub const MAXIMUM_RATIO: usize = 1032;

/// What a zlib stream holds besides its blocks: two bytes before, the checksum after.
const FRAME_BYTES: usize = 2 + 4;

/// The most bytes that one stored block holds, and what it adds to them.
const STORED_BLOCK: usize = 65535;
const STORED_HEADER: usize = 5;

/// For each level of zlib's scale, libdeflate's that was measured to do the same in less time.
const LEVELS: [i32; 10] = [0, 1, 3, 4, 5, 6, 6, 7, 8, 10];

/// Deflate, which every reader has. Its parameter is the level, h5py's usual one is 4.
pub static KIND: FilterKind = FilterKind {
    id: 1,
    name: "gzip",
    stored_name: c"deflate",
    levels: Some(Levels {
        least: 0,
        most: 9,
        usual: 4,
    }),
    is_optional: true,
    parameter: |values| values.first().copied().filter(|&level| level <= 9),
    coder: || Box::<Gzip>::default(),
    grown: grown_by_a_compressor,
    ratio: MAXIMUM_RATIO,
    registered: None,
};

/// Compresses and decompresses; what for is made when it is needed.
#[derive(Default)]
struct Gzip {
    deflater: Option<Deflater>,
    inflater: Option<Decompressor>,
}

impl Coder for Gzip {
    fn encode(&mut self, level: u32, chunk: &[u8], stored: &mut Vec<u8>) -> Result<bool> {
        let deflater = match &mut self.deflater {
            Some(deflater) if deflater.level() == level => deflater,
            other => other.insert(Deflater::new(level)?),
        };
        deflater.compress(chunk, stored)?;
        Ok(true)
    }

    fn decode(
        &mut self,
        _: u32,
        stored: &[u8],
        chunk: &mut Vec<u8>,
        most: usize,
    ) -> Result<Decoded> {
        resize(chunk, most)?;
        let inflater = match &mut self.inflater {
            Some(inflater) => inflater,
            none => none.insert(Decompressor::new()?),
        };
        decompress(inflater, stored, chunk).map(Decoded::Made)
    }
}

/// A compressor of one level, with the memory it works in.
pub struct Deflater {
    level: u32,
    compressor: Compressor,
    repeats: Vec<u32>,
}

impl Deflater {
    /// Makes a compressor for a level of zlib's scale, 0 to 9.
    ///
    /// Each level takes less time than zlib's of that number, and makes streams of about
    /// the same size: smaller for shuffled double precision fields, and nowhere found to be larger by
    /// more than a half percent.
    pub fn new(level: u32) -> Result<Self> {
        Ok(Self {
            level,
            compressor: Compressor::new(LEVELS[level.min(9) as usize])?,
            repeats: Vec::new(),
        })
    }

    /// The level of zlib's scale it was made for.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// Compresses `source` into `target`, whose former content is lost.
    pub fn compress(&mut self, source: &[u8], target: &mut Vec<u8>) -> Result<()> {
        let stored = if self.level == 0 {
            source.len()
        } else {
            self.repeats
                .try_reserve_exact((1usize << REPEAT_BITS).saturating_sub(self.repeats.len()))
                .map_err(|_| Error::no_memory(source.len()))?;
            noise_length(source, &mut self.repeats)
        };
        target.clear();
        let compressed = self.compressor.bound(source.len() - stored);
        target
            .try_reserve(stored_size(stored) + compressed)
            .map_err(|_| Error::no_memory(source.len()))?;
        // 32 KiB windows, compressed by no dictionary; the pair is a multiple of 31.
        target.extend_from_slice(&[0x78, 0x9c]);
        let rest = &source[stored..];
        let has_rest = !rest.is_empty();
        store(&source[..stored], !has_rest, target);
        if has_rest {
            let start = target.len();
            target.resize(start + compressed, 0);
            let length = self
                .compressor
                .deflate(rest, &mut target[start..])
                .ok_or_else(|| Error::internal("deflate could not compress a chunk"))?;
            target.truncate(start + length);
        }
        target.extend_from_slice(&libdeflate::adler32(source).to_be_bytes());
        Ok(())
    }
}

/// The size of a stream that only stores `length` bytes.
pub fn stored_size(length: usize) -> usize {
    length + FRAME_BYTES + STORED_HEADER * length.div_ceil(STORED_BLOCK).max(1)
}

/// Appends `data` as stored blocks; when `last`, the stream ends with them.
fn store(data: &[u8], last: bool, target: &mut Vec<u8>) {
    if data.is_empty() && last {
        target.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    }
    let mut blocks = data.chunks(STORED_BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        target.push(u8::from(last && blocks.peek().is_none()));
        target.extend_from_slice(&length.to_le_bytes());
        target.extend_from_slice(&(!length).to_le_bytes());
        target.extend_from_slice(block);
    }
}

/// The bytes that are judged at a time.
const PIECE: usize = 8192;
/// How far back a match of deflate reaches.
const WINDOW: usize = 32768;
/// The sequences kept by the search for repeats, as a power of two.
const REPEAT_BITS: u32 = 14;

/// The length of the start of `data` that deflate cannot shrink.
///
/// A piece is noise when its bytes are spread so evenly that a Huffman code would
/// gain less than a half percent, and next to no sequence of four bytes in it occurred before.
fn noise_length(data: &[u8], repeats: &mut Vec<u32>) -> usize {
    let mut length = 0;
    while data.len() - length >= PIECE && is_even(&data[length..length + PIECE]) {
        if length == 0 {
            repeats.clear();
            repeats.resize(1 << REPEAT_BITS, u32::MAX);
        }
        if has_repeats(data, length, repeats) {
            break;
        }
        length += PIECE;
    }
    length
}

/// Whether all byte values are about equally frequent.
///
/// The sum of the squared counts, over its least value, is 2 to the bits that a code could
/// save per byte. Chance makes it 1.031 in a piece of pure noise, give or take 0.003.
fn is_even(piece: &[u8]) -> bool {
    // Four tables: the same byte twice in a row must not wait for its own count.
    let mut counts = [[0u32; 256]; 4];
    for four in piece.chunks_exact(4) {
        for (table, byte) in counts.iter_mut().zip(four) {
            table[usize::from(*byte)] += 1;
        }
    }
    let squares: u64 = (0..256)
        .map(|value| u64::from(counts.iter().map(|table| table[value]).sum::<u32>()).pow(2))
        .sum();
    let least = (PIECE * PIECE / 256) as u64;
    squares * 100 <= least * 106
}

/// Whether sequences of four bytes from `start` on repeat earlier ones, within a match's reach.
fn has_repeats(data: &[u8], start: usize, repeats: &mut [u32]) -> bool {
    let mut found = 0;
    for position in start..(start + PIECE).min(data.len().saturating_sub(3)) {
        let sequence = sequence_at(data, position);
        // A quarter of all sequences, the same ones wherever they occur.
        let hash = sequence.wrapping_mul(0x9e37_79b1);
        if hash & 0x300 != 0 {
            continue;
        }
        let slot = &mut repeats[(hash >> (32 - REPEAT_BITS)) as usize];
        let earlier = *slot as usize;
        if earlier < position
            && position - earlier <= WINDOW
            && sequence_at(data, earlier) == sequence
        {
            found += 1;
        }
        // Positions past 4 GiB only lose their memory of repeats.
        *slot = position as u32;
    }
    // Noise has 0.02 of them by chance.
    found > PIECE / 4 / 128
}

fn sequence_at(data: &[u8], position: usize) -> u32 {
    data[position..]
        .first_chunk::<4>()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Decompresses the stream `source` into `target` and returns the number of bytes made.
///
/// A stream that holds more than `target` can take is damaged.
pub fn decompress(
    decompressor: &mut Decompressor,
    source: &[u8],
    target: &mut [u8],
) -> Result<usize> {
    decompressor.inflate(source, target).map_err(|reason| {
        Error::format(match reason {
            Refusal::BadData => "a chunk's deflate stream is damaged".to_string(),
            Refusal::InsufficientSpace => format!(
                "a chunk's deflate stream holds more than the {} bytes of a chunk: it is damaged",
                target.len()
            ),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 24) as u8
            })
            .collect()
    }

    fn round_trip(level: u32, data: &[u8]) -> usize {
        let mut stored = Vec::new();
        Deflater::new(level)
            .unwrap()
            .compress(data, &mut stored)
            .unwrap();
        let mut back = vec![0; data.len()];
        let length = decompress(&mut Decompressor::new().unwrap(), &stored, &mut back).unwrap();
        assert_eq!((length, &back[..]), (data.len(), data));
        stored.len()
    }

    #[test]
    fn every_level_and_mixture_of_noise_and_order_comes_back() {
        let noise = noise(300_000);
        for level in 0..=9 {
            for (random, zeros) in [
                (0, 0),
                (0, 1),
                (1, 0),
                (8191, 0),
                (8192, 0),
                (8192, 1),
                (65535, 0),
                (65536, 70_000),
                (131_070, 0),
                (300_000, 3),
                (0, 200_000),
            ] {
                let mut data = noise[..random].to_vec();
                data.resize(random + zeros, 7);
                let length = round_trip(level, &data);
                assert!(
                    length <= stored_size(data.len()) + 16,
                    "level {level}: {random} + {zeros}"
                );
                if level > 0 {
                    assert!(
                        length < random + random / 4096 + zeros / 50 + 40,
                        "level {level}: {random} + {zeros}"
                    );
                } else {
                    assert_eq!(length, stored_size(data.len()));
                }
            }
        }
    }

    #[test]
    fn noise_is_found_and_order_is_not_taken_for_it() {
        let mut repeats = Vec::new();
        let random = noise(1 << 17);
        assert_eq!(noise_length(&random, &mut repeats), 1 << 17);
        assert_eq!(noise_length(&random[..PIECE - 1], &mut repeats), 0);
        // Noise that repeats within a match's reach, at once or later.
        for period in [1000, 8192, 20_000, 32_000] {
            let repeated: Vec<u8> = random[..period]
                .iter()
                .copied()
                .cycle()
                .take(1 << 17)
                .collect();
            assert!(
                noise_length(&repeated, &mut repeats) <= period,
                "period {period}"
            );
        }
        let counter: Vec<u8> = (0..1 << 17).map(|i| i as u8).collect();
        assert_eq!(noise_length(&counter, &mut repeats), 0);
        let ramp: Vec<u8> = (0..1 << 17)
            .map(|i| (i / 32 + usize::from(random[i] % 4)) as u8)
            .collect();
        assert_eq!(noise_length(&ramp, &mut repeats), 0);
        let seven_bits: Vec<u8> = random.iter().map(|byte| byte & 0x7f).collect();
        assert_eq!(noise_length(&seven_bits, &mut repeats), 0);
    }

    #[test]
    fn damaged_streams_are_errors() {
        let data = noise(10_000);
        let mut stored = Vec::new();
        Deflater::new(4)
            .unwrap()
            .compress(&data, &mut stored)
            .unwrap();
        let mut inflater = Decompressor::new().unwrap();
        let mut short = vec![0; data.len() - 1];
        assert!(decompress(&mut inflater, &stored, &mut short)
            .unwrap_err()
            .message
            .contains("more than the 9999 bytes"));
        let mut back = vec![0; data.len()];
        for cut in [0, 1, 2, 6, 100, stored.len() - 1] {
            assert!(
                decompress(&mut inflater, &stored[..cut], &mut back).is_err(),
                "cut at {cut}"
            );
        }
        for position in [0, 2, 3, 500, stored.len() - 1] {
            let mut damaged = stored.clone();
            damaged[position] ^= 0x12;
            assert!(
                decompress(&mut inflater, &damaged, &mut back).is_err(),
                "flip at {position}"
            );
        }
    }
}
