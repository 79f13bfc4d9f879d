//! What HDF5's C follows without looking: bytes of single structures by which it would loop for ever or crash.
//!
//! The file driver shows them here whenever HDF5 reads them, before HDF5 does.
//!
//! Formats: III.E (global heaps), III.A.2 (B-trees of version 2), III.G (fractal heaps), VII.D (extensible arrays).

#![forbid(unsafe_code)]

use super::{fractal_heap, number16, number_of, Widths};

/// What a global heap begins with.
const GLOBAL_HEAP: &[u8; 4] = b"GCOL";

/// Whether bytes begin a structure that has to be looked at.
pub fn is_trusted(bytes: &[u8]) -> bool {
    let signature = bytes.first_chunk::<4>();
    matches!(
        signature,
        Some(GLOBAL_HEAP | b"BTHD" | b"BTIN" | b"BTLF" | b"EAHD" | b"FRHP" | b"FSHD" | b"FSSE")
    )
}

/// Whether HDF5 can be shown these bytes of a file.
pub fn is_harmless(bytes: &[u8], widths: Widths) -> bool {
    heap_ends(bytes, widths.length) && array_is_sized(bytes) && heap_is_sized(bytes, widths)
}

/// The size that a global heap says it has, if these are its first bytes.
fn heap_size(bytes: &[u8], length: usize) -> Option<u64> {
    bytes
        .starts_with(GLOBAL_HEAP)
        .then(|| number_of(bytes, 8, length))
        .flatten()
}

/// Whether HDF5 comes to the end of a global heap, of which `bytes` are the first: a free block without a size is
/// its own next one.
fn heap_ends(bytes: &[u8], length: usize) -> bool {
    let Some(size) = heap_size(bytes, length) else {
        return true;
    };
    let end = usize::try_from(size).unwrap_or(usize::MAX).min(bytes.len());
    // That of the heap and that of each object have the same length.
    let prefix = (8 + length).next_multiple_of(8);
    let mut at = prefix;
    while at.checked_add(prefix).is_some_and(|next| next <= end) {
        let (Some(index), Some(size)) = (number16(bytes, at), number_of(bytes, at + 8, length))
        else {
            return true;
        };
        // Used ones have their prefix and are padded.
        let taken = match index {
            0 => Some(size),
            _ => size
                .checked_next_multiple_of(8)
                .and_then(|size| size.checked_add(prefix as u64)),
        };
        let Some(next) = taken
            .and_then(|taken| usize::try_from(taken).ok())
            .and_then(|taken| at.checked_add(taken))
        else {
            // HDF5 sees that it is larger than the heap.
            return true;
        };
        if next == at {
            return false;
        }
        at = next;
    }
    true
}

/// Whether a node of a tree of attributes says that one lies in the heap of shared messages, which HDF5 believes in a file without
/// such a heap, too. Of a node that others lie below it is known how many `records` it has.
pub fn refers_to_shared_attributes(node: &[u8], records: Option<u64>) -> bool {
    /// Set in a record's flags.
    const SHARED: u8 = 2;
    const PREFIX: usize = 6;
    let most = match node.first_chunk() {
        // Behind the records are a checksum of 4 bytes, which the flags at byte 8 lie past, and zeros.
        Some(b"BTLF") => usize::MAX,
        Some(b"BTIN") => records
            .and_then(|records| records.try_into().ok())
            .unwrap_or(0),
        _ => return false,
    };
    let record = match node.get(4..PREFIX) {
        Some([0, 8]) => 17,
        Some([0, 9]) => 13,
        _ => return false,
    };
    let mut records = node[PREFIX..].chunks_exact(record).take(most);
    records.any(|record| record[8] & SHARED != 0)
}

/// Whether the header of an extensible array has block sizes that HDF5 can divide by; true of anything else.
fn array_is_sized(header: &[u8]) -> bool {
    let Some([b'E', b'A', b'H', b'D', _, _, element, bits, _, elements, pointers, _]) =
        header.get(..12)
    else {
        return true;
    };
    *element > 0
        && (1..=64).contains(bits)
        && elements.is_power_of_two()
        && *pointers >= 2
        && pointers.is_power_of_two()
}

/// Whether the header of a fractal heap has a table of blocks that HDF5 can divide by and look up; true of anything
/// else.
fn heap_is_sized(header: &[u8], widths: Widths) -> bool {
    fractal_heap::Header::parse(header, widths).is_none_or(|heap| heap.table().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_with_an_empty_free_block_does_not_end() {
        let mut heap = b"GCOL\x01\0\0\0".to_vec();
        heap.extend(4096u64.to_le_bytes());
        heap.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        heap.extend(5u64.to_le_bytes());
        heap.extend([7; 8]);
        heap.extend([0; 8]);
        heap.extend((4096u64 - 40).to_le_bytes());
        heap.resize(4096, 0);
        assert_eq!(heap_size(&heap, 8), Some(4096));
        assert!(heap_ends(&heap, 8));
        // Whatever is cut off, and whatever size is said.
        for cut in 0..60 {
            assert!(heap_ends(&heap[..cut], 8));
        }
        for size in [u64::MAX, 1 << 40, 5, 8] {
            let mut other = heap.clone();
            other[24..32].copy_from_slice(&size.to_le_bytes());
            let _ = heap_ends(&other, 8);
        }
        heap[48..56].copy_from_slice(&0u64.to_le_bytes());
        assert!(!heap_ends(&heap, 8));
        assert!(heap_ends(b"HEAP\0\0\0\0", 8));
    }

    #[test]
    fn only_shared_attributes_are_refused() {
        let mut leaf = b"BTLF\0\x08".to_vec();
        leaf.extend([0; 17 * 3]);
        leaf.extend([0xFF; 4]);
        leaf.resize(512, 0);
        let refers = |node: &[u8]| refers_to_shared_attributes(node, None);
        assert!(!refers(&leaf));
        leaf[6 + 17 + 8] = 2;
        assert!(refers(&leaf));
        // Behind the records of other nodes are the places of more.
        leaf[2..4].copy_from_slice(b"IN");
        for (records, expected) in [(None, false), (Some(1), false), (Some(2), true)] {
            assert_eq!(refers_to_shared_attributes(&leaf, records), expected);
        }
        leaf[2..6].copy_from_slice(b"LF\0\x05");
        assert!(!refers(&leaf));
    }

    #[test]
    fn headers_without_sizes_are_refused() {
        let array = b"EAHD\0\0\x08\x20\x04\x10\x04\x0A".to_vec();
        assert!(array_is_sized(&array) && array_is_sized(b"EAHD") && array_is_sized(b"FAHD"));
        for (at, value) in [
            (6, 0),
            (7, 0),
            (7, 65),
            (9, 0),
            (9, 3),
            (10, 0),
            (10, 1),
            (10, 6),
        ] {
            let mut other = array.clone();
            other[at] = value;
            assert!(!array_is_sized(&other), "{at}");
        }
        let mut heap = b"FRHP".to_vec();
        heap.resize(110, 0);
        heap.extend(4u16.to_le_bytes());
        heap.extend(512u64.to_le_bytes());
        heap.extend(65536u64.to_le_bytes());
        heap.extend(32u16.to_le_bytes());
        heap.extend(1u16.to_le_bytes());
        heap.extend([0; 8]);
        heap.extend(2u16.to_le_bytes());
        assert!(heap_is_sized(&heap, Widths::USUAL) && heap_is_sized(b"FRHP", Widths::USUAL));
        for (at, value) in [
            (110, 0),
            (110, 3),
            (113, 0),
            (122, 0),
            (128, 5),
            (128, 65),
            (140, 33),
        ] {
            let mut other = heap.clone();
            other[at] = value;
            assert!(!heap_is_sized(&other, Widths::USUAL), "{at}");
        }
    }
}
