//! Texts of variable length, put into collections of a global heap.

#![forbid(unsafe_code)]

use super::image::Image;
use crate::format::global_heap::{
    free_prefix, object_prefix, object_size, prefix, OBJECT_PREFIX, PREFIX, SMALLEST,
};

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
        let needed = object_size(text.len());
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
            collection: self.place as u64,
            index: u32::from(index),
        }
    }
}
