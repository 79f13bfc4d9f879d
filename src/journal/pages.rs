//! Memory past the allocator, in pages that are as large as the system has them.
//!
//! The system clears and maps memory that is new to a process. By pages of 4 KiB that takes several times as long as reading a file into it,
//! by pages of 2 MiB a part of that.

use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

/// Bytes of a large page. Memory of that size or more begins at the border of one.
pub const LARGE: usize = 2 << 20;

/// Memory from the system, which takes it back when this goes.
#[derive(Debug)]
struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: memory that belongs to no thread; who may touch which bytes is for `Piece` to say.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(length: usize) -> Option<Self> {
        let is_large = length >= LARGE;
        // What lies before the first border is given back, and the rest behind the end.
        let more = if is_large { LARGE } else { 0 };
        // SAFETY: a new mapping of our own.
        let place = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                length.checked_add(more)?,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANON,
                -1,
                0,
            )
        };
        if place == libc::MAP_FAILED {
            return None;
        }
        let place = place.cast::<u8>();
        let before = match more {
            0 => 0,
            _ => place.align_offset(LARGE).min(more),
        };
        // SAFETY: all within the mapping; the parts that are given back nobody refers to.
        unsafe {
            let start = place.add(before);
            if before > 0 {
                libc::munmap(place.cast(), before);
            }
            if before < more {
                libc::munmap(start.add(length).cast(), more - before);
            }
            #[cfg(target_os = "linux")]
            if is_large {
                // Small pages do as well where there are no others.
                libc::madvise(start.cast(), length, libc::MADV_HUGEPAGE);
            }
            Some(Self {
                start: NonNull::new(start)?,
                length,
            })
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: a mapping of our own, to which no piece refers any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

/// A piece of such memory, zeros at first. It goes back to the system when the last piece of it does.
#[derive(Debug)]
pub struct Piece {
    start: NonNull<u8>,
    length: usize,
    _mapping: Option<Arc<Mapping>>,
}

// SAFETY: its bytes are no other piece's, and are reached through it as through a `Box`.
unsafe impl Send for Piece {}
// SAFETY: as above.
unsafe impl Sync for Piece {}

impl Piece {
    /// New memory, cut into so many pieces of so many bytes; none if there is not so much.
    pub fn several(count: usize, bytes: usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        let length = count.checked_mul(bytes).filter(|&length| length > 0);
        let mapping = length
            .filter(|_| pieces.try_reserve_exact(count).is_ok())
            .and_then(Mapping::new);
        if let Some(mapping) = mapping.map(Arc::new) {
            pieces.extend((0..count).map(|index| Self {
                // SAFETY: within the mapping.
                start: unsafe { mapping.start.add(index * bytes) },
                length: bytes,
                _mapping: Some(Arc::clone(&mapping)),
            }));
        }
        pieces
    }
}

impl Default for Piece {
    /// No memory.
    fn default() -> Self {
        Self {
            start: NonNull::dangling(),
            length: 0,
            _mapping: None,
        }
    }
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: none, or bytes that are there as long as the mapping, which the system has made zeros, and to which only this piece refers.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Piece {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_zeros_of_their_own() {
        for (count, bytes) in [(3, 4096), (2 * LARGE / 32768 + 1, 32768)] {
            let mut pieces = Piece::several(count, bytes);
            assert_eq!(pieces.len(), count);
            if count * bytes >= LARGE {
                assert_eq!(pieces[0].as_ptr().align_offset(LARGE), 0);
            }
            for (index, piece) in pieces.iter_mut().enumerate() {
                assert!(piece.len() == bytes && piece.iter().all(|&byte| byte == 0));
                piece.fill(index as u8 + 1);
            }
            // The others stay when one goes.
            drop(pieces.swap_remove(0));
            for piece in &pieces {
                assert!(piece[0] > 0 && piece.iter().all(|byte| *byte == piece[0]));
            }
        }
        assert!(Piece::several(0, 4096).is_empty() && Piece::several(usize::MAX, 2).is_empty());
    }
}
