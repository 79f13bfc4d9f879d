//! Local heaps, which hold the names of old groups. Format: III.D.

#![forbid(unsafe_code)]

use super::{bytes, number64, number_of, Source};
use crate::error::Result;

/// The first bytes, and the version after them.
pub const SIGNATURE: &[u8; 8] = b"HEAP\0\0\0\0";

/// The end of the list of free blocks.
pub const NOTHING_FREE: u64 = 1;

/// Bytes of a free block's own: where the next one is, and how long it is.
pub const FREE_PREFIX: usize = 16;

/// Bytes before the data's address and with it.
pub const PREFIX: usize = 32;

/// A local heap.
#[derive(Debug, PartialEq, Eq)]
pub struct LocalHeap {
    /// Where its data are.
    pub place: u64,
    /// Its data.
    pub data: Vec<u8>,
    /// From here on nothing is used, to the end.
    pub used: usize,
}

impl LocalHeap {
    /// Reads the heap at an address, of at most so many bytes.
    pub fn read<S: Source + ?Sized>(source: &S, address: u64, most: u64) -> Result<Option<Self>> {
        let Some(prefix) = bytes(source, address, PREFIX as u64)? else {
            return Ok(None);
        };
        let (Some(size), Some(free), Some(place)) = (
            number64(&prefix, 8),
            number64(&prefix, 16),
            number64(&prefix, 24),
        ) else {
            return Ok(None);
        };
        if prefix.get(..8) != Some(SIGNATURE) || size > most {
            return Ok(None);
        }
        let Some(data) = bytes(source, place, size)? else {
            return Ok(None);
        };
        let used = tail(&data, free, 8);
        Ok(used.map(|used| Self { place, data, used }))
    }

    /// The name that begins at an offset; `None` if it has no end in the heap, or is not UTF-8.
    pub fn name(&self, offset: u64) -> Option<&str> {
        let rest = self.data.get(usize::try_from(offset).ok()?..self.used)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        std::str::from_utf8(&rest[..end]).ok()
    }
}

/// Where the free block at the end of a heap's data begins, their end if there is none; `None` if the
/// list of free blocks is none.
///
/// `width` is how many bytes a length has.
pub fn tail(data: &[u8], first: u64, width: usize) -> Option<usize> {
    let mut at = first;
    let mut before = None;
    // They are in no order, so that each may come once only.
    let most = data.len() / (2 * width).max(1);
    for _ in 0..=most {
        if at == NOTHING_FREE {
            return Some(before.unwrap_or(data.len()));
        }
        let start = usize::try_from(at).ok()?;
        let size = usize::try_from(number_of(data, start.checked_add(width)?, width)?).ok()?;
        let end = start.checked_add(size)?;
        if size < 2 * width || end > data.len() {
            return None;
        }
        if end == data.len() {
            before = Some(start);
        }
        at = number_of(data, start, width)?;
    }
    None
}
