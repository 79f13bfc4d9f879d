//! Zstandard as HDF5's registered filter 32015 stores it: one frame per chunk.
//!
//! Readers need the filter's plugin, which HDF5 does not bring along; that is why it is an opt-in.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};

/// The levels that the filter takes.
pub const LEVELS: std::ops::RangeInclusive<i32> = 1..=22;

/// The level when none is given, which is the filter's own.
pub const DEFAULT_LEVEL: i32 = 3;

/// More than a frame can expand: 4 bytes make at most one block of 128 KiB.
pub const MAXIMUM_RATIO: usize = 128 * 1024 / 4 + 1;

/// A compressor of one level, with the memory it works in.
pub struct Encoder {
    level: i32,
    compressor: zstd::bulk::Compressor<'static>,
}

/// A decompressor, with the memory it works in.
pub struct Decoder(zstd::bulk::Decompressor<'static>);

impl Encoder {
    /// Makes a compressor for one of [`LEVELS`].
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
            .map_err(|_| Error::io(format!("no memory for a chunk of {} bytes", source.len())))?;
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
