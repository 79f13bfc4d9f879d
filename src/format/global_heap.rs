//! Collections of a global heap, in which texts of variable length lie.
//!
//! Format: HDF5 File Format Specification 3.0, III.E, with lengths of 8 bytes.

#![forbid(unsafe_code)]

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
}
