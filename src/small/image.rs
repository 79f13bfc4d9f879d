//! Bytes that are to lie somewhere in a file, and that refer to each other by their addresses.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use crate::format::lookup3::checksum;
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes for a place in a file that is not known yet.
#[derive(Debug, Default)]
pub struct Image {
    bytes: Vec<u8>,
    /// Where in the bytes are addresses of other places in them.
    references: Vec<usize>,
    /// The address that the references were last made for.
    address: u64,
    /// Where checksums of 4 bytes are, and of which bytes; of those that are in these they count as zeros.
    sums: Vec<(usize, Range<usize>)>,
    /// Bytes that nobody has any more, by where they begin: how many there are, a multiple of 8 or up to the end.
    holes: BTreeMap<usize, usize>,
}

/// An address in the file, or a place in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// In the file.
    File(u64),
    /// In the image, so many bytes from its beginning.
    Here(u64),
}

/// Everything in an image up to now.
#[derive(Clone, Copy, Debug)]
pub struct ImageMark {
    bytes: usize,
    references: usize,
    sums: usize,
}

impl Image {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next place, which is at a multiple of 8.
    pub fn next(&mut self) -> u64 {
        let next = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(next, 0);
        next as u64
    }

    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Gives up bytes that nothing refers to.
    pub fn free(&mut self, at: usize, length: usize) {
        let (mut start, mut end) = (at, (at + length).next_multiple_of(8).min(self.bytes.len()));
        if let Some((&before, &length)) = self.holes.range(..start).next_back() {
            if before + length == start {
                self.holes.remove(&before);
                start = before;
            }
        }
        if let Some(length) = self.holes.remove(&end) {
            end += length;
        }
        match end == self.bytes.len() {
            true => self.bytes.truncate(start),
            false => {
                self.holes.insert(start, end - start);
            }
        }
    }

    /// The bytes that were given up, and that nothing was put into: where they begin, and how many there are.
    pub fn holes(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let holes = self.holes.iter();
        holes.map(|(&start, &length)| (start as u64, length as u64))
    }

    /// Puts bytes where others were given up; gives the place, or None if there is no room among those.
    pub fn reuse(&mut self, bytes: &[u8]) -> Option<u64> {
        let needed = bytes.len().next_multiple_of(8);
        let mut fitting = self.holes.iter().filter(|(_, length)| **length >= needed);
        let (&at, &length) = fitting.next()?;
        self.holes.remove(&at);
        if length > needed {
            self.holes.insert(at + needed, length - needed);
        }
        self.set(at, bytes);
        Some(at as u64)
    }

    /// Adds so many zeros.
    pub fn push_zeros(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len() + count, 0);
    }

    /// Adds a number of 8 bytes.
    pub fn push_number(&mut self, number: u64) {
        self.push(&number.to_le_bytes());
    }

    /// Adds an address.
    pub fn push_address(&mut self, address: Address) {
        let at = self.bytes.len();
        self.push_number(0);
        self.set_address(at, address);
    }

    /// Overwrites bytes, `at` bytes from the beginning.
    pub fn set(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// The bytes in a range.
    pub fn bytes(&self, at: usize, length: usize) -> Option<&[u8]> {
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// Makes room for so many bytes more; an error where there is no memory for them.
    pub fn reserve(&mut self, more: usize) -> Result<()> {
        self.bytes
            .try_reserve(more)
            .map_err(|_| Error::io(format!("no memory for {more} bytes more")))
    }

    /// Overwrites the number of 8 bytes that begins `at` bytes from the beginning.
    pub fn set_number(&mut self, at: usize, number: u64) {
        self.bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }

    /// Overwrites the address that begins `at` bytes from the beginning, which was none so far.
    pub fn set_address(&mut self, at: usize, address: Address) {
        match address {
            Address::File(address) => self.set_number(at, address),
            Address::Here(offset) => {
                self.references.push(at);
                self.set_number(at, offset + self.address);
            }
        }
    }

    /// Makes the 4 bytes that begin `at` bytes from the beginning the checksum of a range, in which addresses may change.
    pub fn set_sum(&mut self, at: usize, range: Range<usize>) {
        self.sums.push((at, range));
    }

    /// Adds the checksum of all bytes from a place on.
    pub fn push_sum(&mut self, start: usize) {
        let at = self.bytes.len();
        self.push_zeros(4);
        self.set_sum(at, start..at);
    }

    /// The bytes as they are to lie at this address.
    pub fn at(&mut self, address: u64) -> &[u8] {
        let shift = address.wrapping_sub(self.address);
        self.address = address;
        for &at in &self.references {
            let field = &mut self.bytes[at..at + 8];
            let mut number = [0; 8];
            number.copy_from_slice(field);
            let moved = u64::from_le_bytes(number).wrapping_add(shift);
            field.copy_from_slice(&moved.to_le_bytes());
        }
        for (at, range) in &self.sums {
            self.bytes[*at..at + 4].fill(0);
            let sum = checksum(&self.bytes[range.clone()]);
            self.bytes[*at..at + 4].copy_from_slice(&sum.to_le_bytes());
        }
        &self.bytes
    }

    /// Everything up to now.
    pub fn mark(&self) -> ImageMark {
        ImageMark {
            bytes: self.bytes.len(),
            references: self.references.len(),
            sums: self.sums.len(),
        }
    }

    /// Drops what was added since.
    pub fn drop_since(&mut self, mark: ImageMark) {
        self.bytes.truncate(mark.bytes);
        self.references.truncate(mark.references);
        self.sums.truncate(mark.sums);
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.references.clear();
        self.sums.clear();
        self.holes.clear();
        self.address = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_up_is_used_again() {
        let mut image = Image::default();
        let mut places = Vec::new();
        for length in [8, 5, 16, 24] {
            places.push(image.next() as usize);
            image.push(&vec![1; length]);
        }
        assert_eq!(places, [0, 8, 16, 32]);
        assert_eq!(image.reuse(&[2; 4]), None);
        image.free(8, 5);
        image.free(16, 16);
        assert_eq!(image.reuse(&[2; 25]), None);
        assert_eq!(image.reuse(&[3; 7]), Some(8));
        assert_eq!(image.reuse(&[4; 16]), Some(16));
        assert_eq!(image.bytes(8, 7), Some(&[3; 7][..]));
        assert_eq!(image.bytes(16, 16), Some(&[4; 16][..]));
        // At the end nothing is left of them, and of what was given up before them.
        image.free(16, 16);
        image.free(32, 24);
        assert_eq!(image.len(), 16);
        image.free(8, 7);
        image.free(0, 8);
        assert_eq!(image.len(), 0);
        assert_eq!(image.reuse(&[5; 8]), None);
    }

    #[test]
    fn references_follow_the_image() {
        let mut image = Image::default();
        image.push(b"abc");
        assert_eq!(image.next(), 8);
        image.push_address(Address::Here(0));
        image.push_address(Address::File(77));
        let mark = image.mark();
        image.push_address(Address::Here(8));
        image.drop_since(mark);
        for address in [1000, 5000, 16] {
            let mut expected = b"abc\0\0\0\0\0".to_vec();
            expected.extend(u64::to_le_bytes(address));
            expected.extend(u64::to_le_bytes(77));
            assert_eq!(image.at(address), expected);
        }
        image.push_address(Address::Here(8));
        assert_eq!(image.at(2000)[24..], u64::to_le_bytes(2008));
        image.clear();
        assert_eq!(image.len(), 0);
    }

    #[test]
    fn checksums_are_those_of_the_addresses_that_are_written() {
        let mut image = Image::default();
        image.push_address(Address::Here(0));
        image.push_sum(0);
        let mark = image.mark();
        image.push_sum(0);
        image.drop_since(mark);
        // One that lies in what it is of.
        let start = image.next() as usize;
        image.push_zeros(4);
        image.push_address(Address::Here(0));
        image.set_sum(start, start..start + 12);
        for address in [64u64, 1000] {
            let bytes = image.at(address).to_vec();
            assert_eq!(bytes.len(), 28);
            assert_eq!(bytes[8..12], checksum(&address.to_le_bytes()).to_le_bytes());
            let within = [&[0; 4][..], &address.to_le_bytes()].concat();
            assert_eq!(bytes[16..20], checksum(&within).to_le_bytes());
        }
    }
}
