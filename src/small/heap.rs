//! Texts of variable length, as they are in a file: collections of a global heap.
//!
//! Format: HDF5 File Format Specification 3.0, III.E.

#![forbid(unsafe_code)]

use super::image::Image;

/// The smallest collection that HDF5 reads.
const SMALLEST: usize = 4096;

/// Bytes before the objects, and before the content of each.
const PREFIX: usize = 16;
const OBJECT_PREFIX: usize = 16;

/// Where a text is.
#[derive(Clone, Copy, Debug)]
pub struct TextPlace {
    /// Where in the image its collection is.
    pub collection: u64,
    /// Its number in it.
    pub index: u32,
}

/// Collections that are put into one image.
#[derive(Debug, Default)]
pub struct TextHeap {
    /// The latest collection, which may have room.
    open: Option<Collection>,
}

#[derive(Debug)]
struct Collection {
    place: usize,
    end: usize,
    /// Where the next object goes, and its number.
    next: usize,
    index: u16,
}

impl TextHeap {
    /// Adds a text; gives where it is.
    pub fn put(&mut self, image: &mut Image, text: &[u8]) -> TextPlace {
        let needed = OBJECT_PREFIX + text.len().next_multiple_of(8);
        let mut collection = match self.open.take() {
            Some(open) if needed <= open.end - open.next && open.index < u16::MAX => open,
            _ => Collection::begin(image, needed),
        };
        let place = collection.put(image, text, needed);
        self.open = Some(collection);
        place
    }
}

impl Collection {
    fn begin(image: &mut Image, needed: usize) -> Self {
        let size = (PREFIX + needed).max(SMALLEST);
        let place = image.next() as usize;
        image.push(b"GCOL\x01\0\0\0");
        image.push_number(size as u64);
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
        // It is referred to once.
        image.set_number(self.next, u64::from(index) | 1 << 16);
        image.set_number(self.next + 8, text.len() as u64);
        image.set(self.next + OBJECT_PREFIX, text);
        self.next += needed;
        self.index += 1;
        // What is free has the number 0, unless it is too small for that.
        if self.next + OBJECT_PREFIX <= self.end {
            image.set_number(self.next, 0);
            image.set_number(self.next + 8, (self.end - self.next) as u64);
        }
        TextPlace {
            collection: self.place as u64,
            index: u32::from(index),
        }
    }
}
