//! The shuffle filter for any element size, on any processor.

#![forbid(unsafe_code)]

/// The elements whose bytes are moved together, so that they stay in the nearest cache.
const TILE: usize = 512;

/// Shuffles the elements from number `first` on, and copies the bytes after the last whole element.
pub fn shuffle_from(size: usize, first: usize, source: &[u8], target: &mut [u8]) {
    let elements = source.len() / size;
    for start in (first..elements).step_by(TILE) {
        let end = elements.min(start + TILE);
        let tile = &source[start * size..end * size];
        for byte in 0..size {
            let plane = &mut target[byte * elements + start..byte * elements + end];
            for (to, element) in plane.iter_mut().zip(tile.chunks_exact(size)) {
                *to = element[byte];
            }
        }
    }
    target[elements * size..].copy_from_slice(&source[elements * size..]);
}

/// Undoes [`shuffle_from`] for the elements from number `first` on that `target` has room for, whose
/// bytes lie `plane` apart.
pub fn unshuffle_from(size: usize, first: usize, plane: usize, source: &[u8], target: &mut [u8]) {
    let elements = target.len() / size;
    for start in (first..elements).step_by(TILE) {
        let end = elements.min(start + TILE);
        let tile = &mut target[start * size..end * size];
        for byte in 0..size {
            let plane = &source[byte * plane + start..byte * plane + end];
            for (from, element) in plane.iter().zip(tile.chunks_exact_mut(size)) {
                element[byte] = *from;
            }
        }
    }
}
