//! Zstandard for HDF5's own reads and writes, so that a file of this library needs no plugin here.

use super::{check, lock};
use crate::codec::pipeline::ZSTANDARD;
use crate::codec::zstandard::{Decoder, Encoder, DEFAULT_LEVEL};
use crate::error::Result;
use hdf5_sys::h5::{H5allocate_memory, H5free_memory};
use hdf5_sys::h5z::{H5Z_class2_t, H5Zregister, H5Z_FLAG_REVERSE};
use std::ffi::{c_int, c_uint, c_void};
use std::sync::OnceLock;

/// Makes HDF5 know the filter, if it does not yet.
pub fn register_zstandard() -> Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    let _lock = lock();
    if DONE.get().is_some() {
        return Ok(());
    }
    // SAFETY: a complete class, which HDF5 copies.
    unsafe {
        let class = H5Z_class2_t {
            version: 1,
            id: ZSTANDARD,
            encoder_present: 1,
            decoder_present: 1,
            name: c"Zstandard".as_ptr(),
            can_apply: None,
            set_local: None,
            filter: Some(filter),
        };
        let status = H5Zregister(std::ptr::from_ref(&class).cast());
        check(status, "registering Zstandard")?;
    }
    // Under the lock nobody else has done it meanwhile.
    let _ = DONE.set(());
    Ok(())
}

/// Encodes or decodes the bytes of one chunk; gives their number, 0 on failure.
///
/// # Safety
/// HDF5 passes a buffer of its own, of `buffer_size` bytes, of which `bytes` are in use.
unsafe extern "C" fn filter(
    flags: c_uint,
    count: usize,
    values: *const c_uint,
    bytes: usize,
    buffer_size: *mut usize,
    buffer: *mut *mut c_void,
) -> usize {
    // SAFETY: HDF5 vouches for its arguments; the new buffer has the length that is said.
    unsafe {
        let input = std::slice::from_raw_parts((*buffer).cast::<u8>(), bytes);
        let level = match count {
            0 => DEFAULT_LEVEL,
            _ => c_int::try_from(*values).unwrap_or(DEFAULT_LEVEL),
        };
        let output = std::panic::catch_unwind(|| match flags & H5Z_FLAG_REVERSE {
            0 => encoded(input, level),
            _ => decoded(input),
        });
        let Ok(Some(output)) = output else {
            return 0;
        };
        let memory = H5allocate_memory(output.len(), 0);
        if memory.is_null() {
            return 0;
        }
        std::ptr::copy_nonoverlapping(output.as_ptr(), memory.cast(), output.len());
        H5free_memory(*buffer);
        *buffer = memory;
        *buffer_size = output.len();
        output.len()
    }
}

fn encoded(input: &[u8], level: i32) -> Option<Vec<u8>> {
    let mut output = Vec::new();
    Encoder::new(level)
        .ok()?
        .compress(input, &mut output)
        .ok()?;
    Some(output)
}

/// The content of a frame, which says its size: this library's and the plugin's frames do.
fn decoded(input: &[u8]) -> Option<Vec<u8>> {
    let size = crate::codec::zstandard::content_size(input)?;
    let mut output: Vec<u8> = super::zeroed(size, 1).ok()?;
    let length = Decoder::new().ok()?.decompress(input, &mut output).ok()?;
    output.truncate(length);
    Some(output)
}
