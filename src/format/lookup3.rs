//! The checksum of metadata, which is the hash of names as well: Bob Jenkins' lookup3, as HDF5 has it.

#![forbid(unsafe_code)]

use super::number32;

/// The checksum of bytes, which lie at the end of so many structures, and the hash of a name's.
pub fn checksum(bytes: &[u8]) -> u32 {
    let start = 0xDEAD_BEEF_u32.wrapping_add(bytes.len() as u32);
    let mut state = [start; 3];
    let mut rest = bytes;
    while rest.len() > 12 {
        let (block, behind) = rest.split_at(12);
        add(&mut state, block);
        mix(&mut state);
        rest = behind;
    }
    if !rest.is_empty() {
        let mut last = [0; 12];
        last[..rest.len()].copy_from_slice(rest);
        add(&mut state, &last);
        finish(&mut state);
    }
    state[2]
}

/// Whether the last 4 bytes are the checksum of those before them.
pub fn is_right(bytes: &[u8]) -> bool {
    let at = bytes.len().checked_sub(4);
    at.is_some_and(|at| number32(bytes, at) == Some(checksum(&bytes[..at])))
}

fn add(state: &mut [u32; 3], block: &[u8]) {
    for (number, word) in state.iter_mut().zip(block.chunks_exact(4)) {
        *number = number.wrapping_add(number32(word, 0).unwrap_or(0));
    }
}

fn mix([a, b, c]: &mut [u32; 3]) {
    let step = |a: &mut u32, b: &mut u32, c: &mut u32, bits| {
        *a = a.wrapping_sub(*c) ^ c.rotate_left(bits);
        *c = c.wrapping_add(*b);
    };
    step(a, b, c, 4);
    step(b, c, a, 6);
    step(c, a, b, 8);
    step(a, b, c, 16);
    step(b, c, a, 19);
    step(c, a, b, 4);
}

fn finish([a, b, c]: &mut [u32; 3]) {
    let step = |a: &mut u32, b: &u32, bits| *a = (*a ^ b).wrapping_sub(b.rotate_left(bits));
    step(c, b, 14);
    step(a, c, 11);
    step(b, a, 25);
    step(c, b, 16);
    step(a, c, 4);
    step(b, a, 14);
    step(c, b, 24);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_lookup3() {
        // By its author's program.
        let text = b"Four score and seven years ago";
        assert_eq!(checksum(text), 0x1777_0551);
        assert_eq!(checksum(b""), 0xDEAD_BEEF);
    }

    #[test]
    fn what_has_another_byte_has_another_checksum() {
        for length in 0..40 {
            let mut bytes: Vec<u8> = (0..length).collect();
            bytes.extend(checksum(&bytes).to_le_bytes());
            assert!(is_right(&bytes));
            for at in 0..bytes.len() {
                let mut other = bytes.clone();
                other[at] ^= 1;
                assert!(!is_right(&other), "{length}, {at}");
            }
        }
        assert!(!is_right(&[1, 2, 3]));
    }
}
