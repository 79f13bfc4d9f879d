//! Zstandard as HDF5's registered filter 32015 stores it: one frame per chunk.
//!
//! Readers need the filter's plugin, which HDF5 does not bring along; that is why it is an opt-in.

#![forbid(unsafe_code)]

use super::filters::{grown_by_a_compressor, Coder, Decoded, FilterKind, Levels, Registered};
use super::pipeline::resize;
use crate::error::{Error, Result};

/// More than a frame can expand: 4 bytes make at most one block of 128 KiB.
pub const MAXIMUM_RATIO: usize = 128 * 1024 / 4 + 1;

/// The levels that the filter takes, and its own.
const LEVELS: Levels = Levels {
    least: 1,
    most: 22,
    usual: 3,
};

/// Zstandard. Its parameter is the level.
pub static KIND: FilterKind = FilterKind {
    id: 32015,
    name: "zstd",
    stored_name: c"Zstandard",
    levels: Some(LEVELS),
    is_optional: false,
    parameter: |values| match values.first() {
        None | Some(0) => Some(LEVELS.usual),
        Some(&level) => i32::try_from(level)
            .is_ok()
            .then_some(level.min(LEVELS.most)),
    },
    coder: || Box::<Zstandard>::default(),
    grown: grown_by_a_compressor,
    ratio: MAXIMUM_RATIO,
    registered: Some(Registered { content_size }),
};

/// Compresses and decompresses; what for is made when it is needed.
#[derive(Default)]
struct Zstandard {
    encoder: Option<Encoder>,
    decoder: Option<Decoder>,
}

impl Coder for Zstandard {
    fn encode(&mut self, level: u32, chunk: &[u8], stored: &mut Vec<u8>) -> Result<bool> {
        let level = level as i32;
        let encoder = match &mut self.encoder {
            Some(encoder) if encoder.level() == level => encoder,
            other => other.insert(Encoder::new(level)?),
        };
        encoder.compress(chunk, stored)?;
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
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => none.insert(Decoder::new()?),
        };
        decoder.decompress(stored, chunk).map(Decoded::Made)
    }
}

/// A compressor of one level, with the memory it works in.
pub struct Encoder {
    level: i32,
    compressor: zstd::bulk::Compressor<'static>,
}

/// A decompressor, with the memory it works in.
pub struct Decoder(zstd::bulk::Decompressor<'static>);

impl Encoder {
    /// Makes a compressor for a level of 1 to 22.
    pub fn new(level: i32) -> Result<Self> {
        let compressor = zstd::bulk::Compressor::new(level).map_err(no_memory)?;
        Ok(Self { level, compressor })
    }

    /// The level it was made for.
    pub fn level(&self) -> i32 {
        self.level
    }

    /// Compresses `source` into `target`, whose former content is lost.
    pub fn compress(&mut self, source: &[u8], target: &mut Vec<u8>) -> Result<()> {
        target.clear();
        target
            .try_reserve(zstd::zstd_safe::compress_bound(source.len()))
            .map_err(|_| Error::no_memory(source.len()))?;
        match self.compressor.compress_to_buffer(source, target) {
            Ok(_) => Ok(()),
            Err(reason) => Err(Error::internal(format!(
                "Zstandard could not compress a chunk: {reason}"
            ))),
        }
    }
}

impl Decoder {
    /// Makes a decompressor.
    pub fn new() -> Result<Self> {
        zstd::bulk::Decompressor::new().map(Self).map_err(no_memory)
    }

    /// Decompresses the frame `source` into `target` and returns the number of bytes made.
    ///
    /// A frame that holds more than `target` can take is damaged.
    pub fn decompress(&mut self, source: &[u8], target: &mut [u8]) -> Result<usize> {
        self.0
            .decompress_to_buffer(source, target)
            .map_err(|reason| {
                Error::format(format!("a chunk's Zstandard frame is damaged: {reason}"))
            })
    }
}

fn no_memory(reason: std::io::Error) -> Error {
    Error::internal(format!("Zstandard could not start: {reason}"))
}

/// The bytes that a frame says it holds, if it does and they are no more than its length allows.
pub fn content_size(frame: &[u8]) -> Option<u64> {
    let size = zstd::zstd_safe::get_frame_content_size(frame).ok()??;
    let most = (frame.len() as u64).saturating_mul(MAXIMUM_RATIO as u64);
    (size <= most).then_some(size)
}
