//! Collections of a global heap, in which texts of variable length lie.
//!
//! Format: HDF5 File Format Specification 3.0, III.E, with lengths of 8 bytes.

#![forbid(unsafe_code)]

use super::{bytes, number16, number64, Source};
use crate::error::Result;

/// What a collection begins with.
const SIGNATURE: &[u8] = b"GCOL";
const VERSION: u8 = 1;

/// The smallest collection that HDF5 reads.
pub const SMALLEST: usize = 4096;
/// Bytes before the objects of a collection.
pub const PREFIX: usize = 16;
/// Bytes before the content of an object.
pub const OBJECT_PREFIX: usize = 16;

/// Whether these bytes begin a collection.
pub fn is_collection(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The bytes that an object takes, whose content has so many.
pub const fn object_size(length: usize) -> usize {
    OBJECT_PREFIX + length.next_multiple_of(8)
}

/// The beginning of a collection of so many bytes.
pub fn prefix(size: usize) -> [u8; PREFIX] {
    let mut bytes = [0; PREFIX];
    bytes[..4].copy_from_slice(SIGNATURE);
    bytes[4] = VERSION;
    bytes[8..].copy_from_slice(&(size as u64).to_le_bytes());
    bytes
}

/// The beginning of an object that is referred to once.
pub fn object_prefix(index: u16, length: usize) -> [u8; OBJECT_PREFIX] {
    const REFERENCES: u16 = 1;
    let mut bytes = [0; OBJECT_PREFIX];
    bytes[..2].copy_from_slice(&index.to_le_bytes());
    bytes[2..4].copy_from_slice(&REFERENCES.to_le_bytes());
    bytes[8..].copy_from_slice(&(length as u64).to_le_bytes());
    bytes
}

/// The beginning of what is free in a collection, so many bytes with it; None where that is too little to be told of.
pub fn free_prefix(size: usize) -> Option<[u8; OBJECT_PREFIX]> {
    let mut bytes = [0; OBJECT_PREFIX];
    bytes[8..].copy_from_slice(&(size as u64).to_le_bytes());
    (size >= OBJECT_PREFIX).then_some(bytes)
}

/// An object of a collection.
#[derive(Debug, PartialEq, Eq)]
pub struct HeapObject {
    /// Its content.
    pub content: Vec<u8>,
    /// The bytes of the collection that it is in.
    pub collection: u64,
}

/// The object of this number in the collection at an address, which has at most so many bytes; None if there is none, or the
/// collection is not understood.
pub fn object<S: Source + ?Sized>(
    source: &S,
    address: u64,
    number: u32,
    most: u64,
) -> Result<Option<HeapObject>> {
    let Some(start) = bytes(source, address, PREFIX as u64)? else {
        return Ok(None);
    };
    let size = number64(&start, 8).filter(|&size| size <= most && size >= SMALLEST as u64);
    let (true, Some(size)) = (is_collection(&start) && start[4] == VERSION, size) else {
        return Ok(None);
    };
    let Some(collection) = bytes(source, address, size)? else {
        return Ok(None);
    };
    let found = object_in(&collection, number);
    Ok(found.map(|content| HeapObject {
        content: content.to_vec(),
        collection: size,
    }))
}

/// The content of the object of this number in a collection.
fn object_in(collection: &[u8], number: u32) -> Option<&[u8]> {
    let mut at = PREFIX;
    loop {
        let index = number16(collection, at)?;
        let length = usize::try_from(number64(collection, at + 8)?).ok()?;
        // What is free is the last.
        if index == 0 {
            return None;
        }
        let start = at + OBJECT_PREFIX;
        let content = collection.get(start..start.checked_add(length)?)?;
        if u32::from(index) == number {
            return Some(content);
        }
        at += object_size(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_specification() {
        assert_eq!(prefix(4096), *b"GCOL\x01\0\0\0\0\x10\0\0\0\0\0\0");
        assert!(is_collection(&prefix(4096)) && !is_collection(b"GCO"));
        assert_eq!(
            object_prefix(0x102, 5),
            *b"\x02\x01\x01\0\0\0\0\0\x05\0\0\0\0\0\0\0"
        );
        assert_eq!(
            free_prefix(16),
            Some(*b"\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0")
        );
        assert_eq!(free_prefix(8), None);
        assert_eq!([0, 1, 8, 9].map(object_size), [16, 24, 24, 32]);
    }

    #[test]
    fn objects_are_found_by_their_numbers() {
        let mut file = vec![7; 24];
        file.extend(prefix(SMALLEST));
        for (index, content) in [(1, &b"one"[..]), (3, b"the third"), (2, b"")] {
            file.extend(object_prefix(index, content.len()));
            file.extend(content);
            file.resize(file.len().next_multiple_of(8), 0);
        }
        let left = 24 + SMALLEST - file.len();
        file.extend(free_prefix(left).unwrap());
        file.resize(24 + SMALLEST, 0);
        let find = |file: &[u8], number| object(file, 24, number, 1 << 20).unwrap();
        for (index, content) in [(1, &b"one"[..]), (3, b"the third"), (2, b"")] {
            let found = find(&file, index).unwrap();
            assert_eq!(
                (&*found.content, found.collection),
                (content, SMALLEST as u64)
            );
        }
        assert_eq!(find(&file, 0), None);
        assert_eq!(find(&file, 4), None);
        assert_eq!(object(&file[..], 24, 1, 100).unwrap(), None);
        assert_eq!(object(&file[..], 23, 1, 1 << 20).unwrap(), None);
        assert_eq!(find(&file[..file.len() - 1], 1), None);
        // Lengths that lead out of the collection.
        for length in [5000u64, u64::MAX - 8] {
            let mut other = file.clone();
            other[24 + PREFIX + 8..24 + PREFIX + 16].copy_from_slice(&length.to_le_bytes());
            assert_eq!(find(&other, 3), None);
        }
    }
}
