//! libdeflate's compressor and decompressor, of which there may be no memory for one: the crate over it panics then.

use crate::error::{Error, Result};
use libdeflate_sys::{
    libdeflate_alloc_compressor, libdeflate_alloc_decompressor, libdeflate_compressor,
    libdeflate_decompressor, libdeflate_deflate_compress, libdeflate_deflate_compress_bound,
    libdeflate_free_compressor, libdeflate_free_decompressor, libdeflate_result,
    libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE, libdeflate_result_LIBDEFLATE_SUCCESS,
    libdeflate_zlib_decompress,
};
use std::ptr::NonNull;

/// A compressor of one level, with the memory it works in.
#[derive(Debug)]
pub struct Compressor(NonNull<libdeflate_compressor>);

/// A decompressor, with the memory it works in.
#[derive(Debug)]
pub struct Decompressor(NonNull<libdeflate_decompressor>);

// SAFETY: both are plain memory of their own, which no thread is tied to.
unsafe impl Send for Compressor {}
// SAFETY: as above.
unsafe impl Send for Decompressor {}

/// Why a stream could not be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no stream, or not a whole one.
    BadData,
    /// It holds more than there is room for.
    InsufficientSpace,
}

impl Compressor {
    /// Makes a compressor for one of libdeflate's levels, 0 to 12.
    pub fn new(level: i32) -> Result<Self> {
        // SAFETY: a plain call.
        let made = unsafe { libdeflate_alloc_compressor(level) };
        NonNull::new(made).map(Self).ok_or_else(no_memory)
    }

    /// The most bytes that so many can become.
    pub fn bound(&mut self, length: usize) -> usize {
        // SAFETY: a live compressor.
        unsafe { libdeflate_deflate_compress_bound(self.0.as_ptr(), length) }
    }

    /// Compresses `source` into `target` and returns the number of bytes made; None if they are too few.
    pub fn deflate(&mut self, source: &[u8], target: &mut [u8]) -> Option<usize> {
        // SAFETY: a live compressor, and slices with the lengths that are stated.
        let length = unsafe {
            libdeflate_deflate_compress(
                self.0.as_ptr(),
                source.as_ptr().cast(),
                source.len(),
                target.as_mut_ptr().cast(),
                target.len(),
            )
        };
        (length > 0).then_some(length)
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: a live compressor, which nobody else has.
        unsafe { libdeflate_free_compressor(self.0.as_ptr()) };
    }
}

impl Decompressor {
    /// Makes a decompressor.
    pub fn new() -> Result<Self> {
        // SAFETY: a plain call.
        let made = unsafe { libdeflate_alloc_decompressor() };
        NonNull::new(made).map(Self).ok_or_else(no_memory)
    }

    /// Decompresses the zlib stream `source` into `target` and returns the number of bytes made.
    pub fn inflate(
        &mut self,
        source: &[u8],
        target: &mut [u8],
    ) -> std::result::Result<usize, Refusal> {
        let mut length = 0;
        // SAFETY: a live decompressor, slices with the lengths that are stated, and a place for the number.
        let result: libdeflate_result = unsafe {
            libdeflate_zlib_decompress(
                self.0.as_ptr(),
                source.as_ptr().cast(),
                source.len(),
                target.as_mut_ptr().cast(),
                target.len(),
                &mut length,
            )
        };
        #[allow(non_upper_case_globals)] // The names are C's.
        match result {
            libdeflate_result_LIBDEFLATE_SUCCESS => Ok(length),
            libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => Err(Refusal::InsufficientSpace),
            _ => Err(Refusal::BadData),
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: a live decompressor, which nobody else has.
        unsafe { libdeflate_free_decompressor(self.0.as_ptr()) };
    }
}

/// The checksum at a zlib stream's end.
pub fn adler32(data: &[u8]) -> u32 {
    // SAFETY: a slice with the length that is stated.
    unsafe { libdeflate_sys::libdeflate_adler32(1, data.as_ptr().cast(), data.len()) }
}

fn no_memory() -> Error {
    Error::io("no memory for libdeflate to work in")
}
