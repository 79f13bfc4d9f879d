//! Texts of variable length, put into collections of a global heap.

#![forbid(unsafe_code)]

use super::image::{Address, Image};
use crate::error::Result;
use crate::format::global_heap::{
    self, free_prefix, object_prefix, object_size, prefix, OBJECT_PREFIX, PREFIX, SMALLEST,
};
use crate::format::text::REFERENCE;
use crate::store::Hdf5File;
use std::ops::Range;

/// Where a text is.
#[derive(Clone, Copy, Debug)]
pub struct TextPlace {
    /// Where its collection is.
    pub collection: Address,
    /// Its number in it.
    pub index: u32,
}

/// Collections that are put into one image.
#[derive(Debug, Default)]
pub struct TextHeap {
    /// The latest collection, which may have room.
    open: Option<Collection>,
    /// The least bytes of a collection, if they are more than HDF5's.
    least: usize,
}

#[derive(Debug)]
struct Collection {
    place: usize,
    end: usize,
    /// Where the next object goes, and its number.
    next: usize,
    index: u16,
}

/// Collections of many texts have no more bytes than that: who reads one of them reads its collection.
const LARGEST: usize = 64 << 10;

/// The bytes that a text takes in a heap.
pub fn size_of(text: &str) -> usize {
    object_size(text.len())
}

/// Writes texts into a new heap behind everything else, with room for so many bytes; gives the elements that refer to them.
pub fn write(file: &Hdf5File, texts: &[&[u8]], room: usize) -> Result<Vec<u8>> {
    let (mut image, mut heap) = (Image::default(), TextHeap::of(room));
    image.reserve(room)?;
    let places = texts.iter().map(|text| heap.put(&mut image, text));
    let places: Vec<TextPlace> = places.collect();
    let (mut address, length) = (0, image.len());
    file.append(length, |place| {
        address = place;
        image.at(place)
    })?;
    let mut elements = Vec::with_capacity(REFERENCE * texts.len());
    for (text, place) in texts.iter().zip(places) {
        elements.extend((text.len() as u32).to_le_bytes());
        let collection = match place.collection {
            Address::Here(offset) => address + offset,
            Address::File(address) => address,
        };
        elements.extend(collection.to_le_bytes());
        elements.extend(place.index.to_le_bytes());
    }
    Ok(elements)
}

/// Brings collections in which texts were written over or taken away into the file; those that have none any more are given back.
///
/// `is_begun` says that what refers to them is written already: then all of it is to be, and what a disk does not take is kept in memory until the next commit.
pub fn store(
    file: &Hdf5File,
    heaps: &[(u64, global_heap::Collection, Vec<u8>)],
    mut is_begun: bool,
) -> Result<()> {
    let raw = file.raw()?;
    let is_left = |now: &[u8]| !global_heap::has_nothing(now);
    for (address, before, now) in heaps.iter().filter(|(_, _, now)| is_left(now)) {
        let Some(changed) = difference(before.bytes(), now) else {
            continue;
        };
        let place = address + changed.start as u64;
        match is_begun {
            true => raw.write_surely(place, &now[changed])?,
            false => raw.write(place, &now[changed])?,
        }
        is_begun = true;
    }
    for (address, before, _) in heaps.iter().filter(|(_, _, now)| !is_left(now)) {
        file.give_back(*address, before.length());
    }
    Ok(())
}

/// Where two pieces of the same length differ; None if they do not.
pub fn difference(before: &[u8], now: &[u8]) -> Option<Range<usize>> {
    // Most of a collection is as it was: whole pieces of it are compared at once.
    const PIECE: usize = 64;
    let differs = |(one, other): (&[u8], &[u8])| one != other;
    let is_other = |(one, other): (&u8, &u8)| one != other;
    let pieces = || before.chunks(PIECE).zip(now.chunks(PIECE));
    let first = PIECE * pieces().position(differs)?;
    let last = PIECE * pieces().rposition(differs)?;
    let piece = |start: usize| before[start..].iter().zip(&now[start..]).take(PIECE);
    let start = first + piece(first).position(is_other)?;
    let end = last + piece(last).rposition(is_other)? + 1;
    Some(start..end)
}

impl TextHeap {
    /// A heap for objects that take so many bytes together.
    pub fn of(bytes: usize) -> Self {
        Self {
            open: None,
            least: (PREFIX + bytes).min(LARGEST),
        }
    }

    /// Adds texts, and elements that refer to them; gives where these are.
    pub fn put_all(&mut self, image: &mut Image, texts: &[&str]) -> u64 {
        let places: Vec<TextPlace> = texts
            .iter()
            .map(|text| self.put(image, text.as_bytes()))
            .collect();
        let start = image.next();
        for (text, place) in texts.iter().zip(places) {
            put_reference(image, text.len() as u32, place);
        }
        start
    }

    /// Adds a text; gives where it is.
    pub fn put(&mut self, image: &mut Image, text: &[u8]) -> TextPlace {
        let needed = object_size(text.len());
        let mut collection = match self.open.take() {
            Some(open) if needed <= open.end - open.next && open.index < u16::MAX => open,
            _ => Collection::begin(image, needed, self.least),
        };
        let place = collection.put(image, text, needed);
        self.open = Some(collection);
        place
    }
}

/// Adds an element that refers to what is in a heap, of so many elements.
pub fn put_reference(image: &mut Image, length: u32, place: TextPlace) {
    image.push(&length.to_le_bytes());
    image.push_address(place.collection);
    image.push(&place.index.to_le_bytes());
}

impl Collection {
    fn begin(image: &mut Image, needed: usize, least: usize) -> Self {
        let size = (PREFIX + needed).max(SMALLEST).max(least);
        let place = image.next() as usize;
        image.push(&prefix(size));
        image.push_zeros(size - PREFIX);
        Self {
            place,
            end: place + size,
            next: place + PREFIX,
            index: 1,
        }
    }

    fn put(&mut self, image: &mut Image, text: &[u8], needed: usize) -> TextPlace {
        let index = self.index;
        image.set(self.next, &object_prefix(index, text.len()));
        image.set(self.next + OBJECT_PREFIX, text);
        self.next += needed;
        self.index += 1;
        if let Some(free) = free_prefix(self.end - self.next) {
            image.set(self.next, &free);
        }
        TextPlace {
            collection: Address::Here(self.place as u64),
            index: u32::from(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_differ_from_the_first_to_the_last_byte_that_does() {
        for length in [1, 63, 64, 65, 200] {
            let before = vec![7; length];
            assert_eq!(difference(&before, &before), None);
            for (first, last) in
                (0..length).flat_map(|one| (one..length).map(move |two| (one, two)))
            {
                let mut now = before.clone();
                (now[first], now[last]) = (8, 9);
                assert_eq!(difference(&before, &now), Some(first..last + 1));
            }
        }
    }
}
