//! Collections of a global heap, in which texts of variable length lie.
//!
//! Format: HDF5 File Format Specification 3.0, III.E, with lengths of 8 bytes.

#![forbid(unsafe_code)]

use super::{bytes, number16, number64, Source};
use crate::error::Result;
use std::collections::BTreeMap;

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

/// Whether there is no object in the collection that has these bytes.
pub fn has_nothing(collection: &[u8]) -> bool {
    number16(collection, PREFIX).is_none_or(|index| index == 0)
}

/// A collection, with all its objects.
#[derive(Debug)]
pub struct Collection {
    bytes: Vec<u8>,
    /// Where the content of each object begins, and how many bytes it has, by its number.
    objects: Vec<Option<(u32, u32)>>,
}

impl Collection {
    /// The collection at an address, which has at most so many bytes; None if it is not understood.
    pub fn read<S: Source + ?Sized>(source: &S, address: u64, most: u64) -> Result<Option<Self>> {
        // Most have no more bytes than that.
        let Some(start) = bytes(source, address, SMALLEST as u64)? else {
            return Ok(None);
        };
        let size = number64(&start, 8)
            .filter(|size| (SMALLEST as u64..=most.min(u64::from(u32::MAX))).contains(size));
        let (true, Some(size)) = (is_collection(&start) && start[4] == VERSION, size) else {
            return Ok(None);
        };
        let found = match size == SMALLEST as u64 {
            true => Some(start),
            false => bytes(source, address, size)?,
        };
        Ok(found.and_then(Self::of))
    }

    /// The collection that has these bytes; None if an object leads out of it.
    fn of(bytes: Vec<u8>) -> Option<Self> {
        let mut objects = Vec::new();
        let mut at = PREFIX;
        // What is free is the last, and may be too little to be told of.
        while at + OBJECT_PREFIX <= bytes.len() {
            let index = usize::from(number16(&bytes, at)?);
            let length = usize::try_from(number64(&bytes, at + 8)?).ok()?;
            if index == 0 {
                break;
            }
            let start = at + OBJECT_PREFIX;
            bytes.get(start..start.checked_add(length)?)?;
            if objects.len() <= index {
                objects.resize(index + 1, None);
            }
            objects[index].get_or_insert((start as u32, length as u32));
            at += object_size(length);
        }
        Some(Self { bytes, objects })
    }

    /// Its bytes with other contents of some of its objects, by their numbers, or without those; None if there is one that it does not have, or that
    /// others refer to as well, or if there is no room.
    pub fn with(&self, contents: &BTreeMap<u32, Option<&[u8]>>) -> Option<Vec<u8>> {
        let mut new = Vec::with_capacity(self.bytes.len());
        new.extend(&self.bytes[..PREFIX]);
        let mut at = PREFIX;
        let mut changed = 0;
        while at + OBJECT_PREFIX <= self.bytes.len() {
            let index = number16(&self.bytes, at)?;
            let length = number64(&self.bytes, at + 8)? as usize;
            if index == 0 {
                break;
            }
            let end = at + OBJECT_PREFIX + length;
            match contents.get(&u32::from(index)) {
                Some(content) => {
                    let references = number16(&self.bytes, at + 2)?;
                    (references <= 1).then_some(())?;
                    changed += 1;
                    if let Some(content) = content {
                        new.extend(&self.bytes[at..at + 8]);
                        new.extend((content.len() as u64).to_le_bytes());
                        new.extend(*content);
                    }
                }
                None => new.extend(&self.bytes[at..end]),
            }
            new.resize(new.len().next_multiple_of(8), 0);
            at += object_size(length);
        }
        let free = self.bytes.len().checked_sub(new.len())?;
        new.extend(free_prefix(free).into_iter().flatten());
        new.resize(self.bytes.len(), 0);
        (changed == contents.len()).then_some(new)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The content of the object of a number.
    pub fn object(&self, number: u32) -> Option<&[u8]> {
        let (start, length) = (*self.objects.get(number as usize)?)?;
        self.bytes.get(start as usize..(start + length) as usize)
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
        let find = |file: &[u8], number| {
            let found = Collection::read(file, 24, 1 << 20).unwrap();
            found.and_then(|found| Some((found.object(number)?.to_vec(), found.length())))
        };
        for (index, content) in [(1, &b"one"[..]), (3, b"the third"), (2, b"")] {
            let found = find(&file, index).unwrap();
            assert_eq!(found, (content.to_vec(), SMALLEST as u64));
        }
        assert_eq!(find(&file, 0), None);
        assert_eq!(find(&file, 4), None);
        // Longer and shorter ones take the room of others, as far as there is any.
        let heap = Collection::read(&file[..], 24, 1 << 20).unwrap().unwrap();
        let large = vec![7; SMALLEST - PREFIX - 3 * OBJECT_PREFIX - 16];
        for (one, third) in [
            (&b"a longer one"[..], &b""[..]),
            (b"", b"x"),
            (&large, b"1"),
        ] {
            let new = heap
                .with(&BTreeMap::from([(1, Some(one)), (3, Some(third))]))
                .unwrap();
            let new = Collection::read(&new[..], 0, 1 << 20).unwrap().unwrap();
            let found = [1, 2, 3].map(|number| new.object(number).unwrap());
            assert_eq!(found, [one, b"", third]);
        }
        assert_eq!(
            heap.with(&BTreeMap::from([(1, Some(&[7; SMALLEST][..]))])),
            None
        );
        assert_eq!(heap.with(&BTreeMap::from([(4, None)])), None);
        let new = heap.with(&BTreeMap::from([(1, None), (2, None)])).unwrap();
        let new = Collection::read(&new[..], 0, 1 << 20).unwrap().unwrap();
        assert_eq!(
            (new.object(1), new.object(3)),
            (None, Some(&b"the third"[..]))
        );
        assert!(!has_nothing(&new.bytes));
        let none = new.with(&BTreeMap::from([(3, None)])).unwrap();
        assert!(has_nothing(&none));
        assert!(Collection::read(&file[..], 24, 100).unwrap().is_none());
        assert!(Collection::read(&file[..], 23, 1 << 20).unwrap().is_none());
        assert_eq!(find(&file[..file.len() - 1], 1), None);
        // Lengths that lead out of the collection.
        for length in [5000u64, u64::MAX - 8] {
            let mut other = file.clone();
            other[24 + PREFIX + 8..24 + PREFIX + 16].copy_from_slice(&length.to_le_bytes());
            assert_eq!(find(&other, 3), None);
        }
    }
}
