//! Filters that HDF5 does not bring, for its own reads and writes, so that a file of this library needs no plugin here.

use super::{check, lock, zeroed};
use crate::codec::filters::{self, Decoded, FilterKind};
use crate::error::Result;
use hdf5_sys::h5::{H5allocate_memory, H5free_memory};
use hdf5_sys::h5z::{H5Z_class2_t, H5Zregister, H5Z_FLAG_REVERSE};
use std::cell::Cell;
use std::ffi::{c_uint, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

type Callback = unsafe extern "C" fn(
    c_uint,
    usize,
    *const c_uint,
    usize,
    *mut usize,
    *mut *mut c_void,
) -> usize;

/// One for each place in the table of the filters: HDF5 does not say which one it calls.
const CALLBACKS: [Callback; filters::COUNT] = [run::<0>, run::<1>, run::<2>, run::<3>];

/// Makes HDF5 know all filters that it does not bring.
pub fn register_all() -> Result<()> {
    filters::ALL.iter().copied().try_for_each(register)
}

/// Makes HDF5 know a filter, if it does not yet.
pub fn register(kind: &'static FilterKind) -> Result<()> {
    static DONE: [AtomicBool; filters::COUNT] = [const { AtomicBool::new(false) }; filters::COUNT];
    let (Some(_), Some((place, _))) = (kind.registered, filters::find(kind.id)) else {
        return Ok(());
    };
    let _lock = lock();
    // Under the lock nobody else does it meanwhile.
    if DONE[place].load(Ordering::Relaxed) {
        return Ok(());
    }
    let what = "registering a filter";
    // SAFETY: a complete class, which HDF5 copies, and a name for ever.
    unsafe {
        let class = H5Z_class2_t {
            version: 1,
            id: kind.id,
            encoder_present: 1,
            decoder_present: 1,
            name: kind.stored_name.as_ptr(),
            can_apply: None,
            set_local: None,
            filter: Some(CALLBACKS[place]),
        };
        check(H5Zregister(std::ptr::from_ref(&class).cast()), what)?;
    }
    DONE[place].store(true, Ordering::Relaxed);
    Ok(())
}

/// Makes HDF5 compress and decompress by this library's deflate, which takes less time for the same; as all filters of files that ranks share
/// are run by HDF5.
#[cfg(feature = "mpi")]
pub fn replace_deflate() {
    use crate::codec::deflate;
    let _lock = lock();
    let Some((place, kind)) = filters::find(deflate::KIND.id) else {
        return;
    };
    // SAFETY: a complete class, which HDF5 copies, and a name for ever.
    unsafe {
        let class = H5Z_class2_t {
            version: 1,
            id: kind.id,
            encoder_present: 1,
            decoder_present: 1,
            name: kind.stored_name.as_ptr(),
            can_apply: None,
            set_local: None,
            filter: Some(CALLBACKS[place]),
        };
        super::parallel::replace_filter(std::ptr::from_ref(&class).cast());
    }
}

/// Encodes or decodes the bytes of one chunk; gives their number, 0 on failure.
///
/// # Safety
/// HDF5 passes a buffer of its own, of `buffer_size` bytes, of which `bytes` are in use.
unsafe extern "C" fn run<const PLACE: usize>(
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
        let values = match count {
            0 => &[][..],
            _ => std::slice::from_raw_parts(values, count),
        };
        let kind = filters::ALL[PLACE];
        let output = std::panic::catch_unwind(|| {
            let parameter = (kind.parameter)(values)?;
            match flags & H5Z_FLAG_REVERSE {
                0 => encoded(kind, parameter, input),
                _ => decoded(kind, parameter, input),
            }
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

fn encoded(kind: &FilterKind, parameter: u32, input: &[u8]) -> Option<Vec<u8>> {
    let mut output = Vec::new();
    let is_changed = (kind.coder)().encode(parameter, input, &mut output).ok()?;
    Some(if is_changed { output } else { input.to_vec() })
}

/// The content of a chunk.
fn decoded(kind: &FilterKind, parameter: u32, input: &[u8]) -> Option<Vec<u8>> {
    match kind.registered {
        Some(registered) => decoded_to(kind, parameter, input, (registered.content_size)(input)?),
        None => decoded_by_trying(kind, parameter, input),
    }
}

/// The content of a chunk that does not say its size: it is that of the one before, or up to twice as much as was tried.
fn decoded_by_trying(kind: &FilterKind, parameter: u32, input: &[u8]) -> Option<Vec<u8>> {
    thread_local! {
        static LATEST: Cell<usize> = const { Cell::new(1 << 20) };
    }
    let most = input.len().checked_mul(kind.ratio)?.min(u32::MAX as usize);
    let mut room = LATEST.get().clamp(1, most.max(1));
    loop {
        if let Some(output) = decoded_to(kind, parameter, input, room as u64) {
            LATEST.set(output.len());
            return Some(output);
        }
        if room >= most {
            return None;
        }
        room = room.saturating_mul(2).min(most);
    }
}

/// The content of a chunk that has no more than so many bytes.
fn decoded_to(kind: &FilterKind, parameter: u32, input: &[u8], most: u64) -> Option<Vec<u8>> {
    // Before memory is taken for it in another way: there may be none.
    let mut output: Vec<u8> = zeroed(most, 1).ok()?;
    let most = output.len();
    match (kind.coder)()
        .decode(parameter, input, &mut output, most)
        .ok()?
    {
        Decoded::Made(length) => output.truncate(length),
        Decoded::There(length) => output = input[..length].to_vec(),
    }
    Some(output)
}
