//! Local heaps, which hold the names of old groups. Format: III.D.

#![forbid(unsafe_code)]

use super::{bytes, number64, number_of, Source};
use crate::error::Result;
use std::borrow::Cow;

/// The first bytes, and the version after them.
pub const SIGNATURE: &[u8; 8] = b"HEAP\0\0\0\0";

/// The end of the list of free blocks.
pub const NOTHING_FREE: u64 = 1;

/// Bytes of a free block's own: where the next one is, and how long it is.
pub const FREE_PREFIX: usize = 16;

/// Bytes before the data's address and with it.
pub const PREFIX: usize = 32;

/// So many bytes are read to find the end of a name, and twice as many each time that it is not in them.
const SHORT_NAME: u64 = 64;

/// Names by where they begin.
pub trait Names {
    /// The name that begins at an offset; `None` if it has no end in the heap, or is not UTF-8.
    fn name(&self, offset: u64) -> Result<Option<Cow<'_, str>>>;
}

/// A local heap of which single names are read: to find one among many.
#[derive(Debug)]
pub struct StoredHeap<'a, S: Source + ?Sized> {
    source: &'a S,
    place: u64,
    size: u64,
    free: u64,
}

impl<'a, S: Source + ?Sized> StoredHeap<'a, S> {
    /// The heap at an address.
    pub fn at(source: &'a S, address: u64) -> Result<Option<Self>> {
        let found = read_prefix(source, address)?;
        Ok(found.map(|prefix| Self {
            source,
            place: prefix.place,
            size: prefix.size,
            free: prefix.free,
        }))
    }

    /// The heap whose data are at a place, and so long; nothing is known of what is free in them.
    pub fn of(source: &'a S, (place, size): (u64, u64)) -> Self {
        Self {
            source,
            place,
            size,
            free: NOTHING_FREE,
        }
    }

    /// Where its data are, and how long.
    pub fn data(&self) -> (u64, u64) {
        (self.place, self.size)
    }

    /// The free blocks in the order of their list: where they begin, and how long they are; `None` if the list is none.
    pub fn free_blocks(&self) -> Result<Option<Vec<(u64, u64)>>> {
        let prefix = FREE_PREFIX as u64;
        let mut at = self.free;
        let mut found = Vec::new();
        // They are in no order, so that each may come once only.
        for _ in 0..=self.size / prefix {
            if at == NOTHING_FREE {
                return Ok(Some(found));
            }
            let is_within = |end: Option<u64>| end.is_some_and(|end| end <= self.size);
            let Some(place) = self.place.checked_add(at) else {
                return Ok(None);
            };
            if !is_within(at.checked_add(prefix)) {
                return Ok(None);
            }
            let Some(block) = bytes(self.source, place, prefix)? else {
                return Ok(None);
            };
            let (Some(next), Some(size)) = (number64(&block, 0), number64(&block, 8)) else {
                return Ok(None);
            };
            if size < prefix || !is_within(at.checked_add(size)) {
                return Ok(None);
            }
            found.push((at, size));
            at = next;
        }
        Ok(None)
    }
}

impl<S: Source + ?Sized> Names for StoredHeap<'_, S> {
    fn name(&self, offset: u64) -> Result<Option<Cow<'_, str>>> {
        let (Some(left), Some(place)) = (
            self.size.checked_sub(offset),
            self.place.checked_add(offset),
        ) else {
            return Ok(None);
        };
        let mut length = SHORT_NAME.min(left);
        loop {
            let Some(mut found) = bytes(self.source, place, length)? else {
                return Ok(None);
            };
            if let Some(end) = found.iter().position(|&byte| byte == 0) {
                found.truncate(end);
                return Ok(String::from_utf8(found).ok().map(Cow::Owned));
            }
            if length == left {
                return Ok(None);
            }
            length = (2 * length).min(left);
        }
    }
}

/// A local heap.
#[derive(Debug, PartialEq, Eq)]
pub struct LocalHeap {
    /// Where its data are.
    pub place: u64,
    /// Its data.
    pub data: Vec<u8>,
    /// From here on nothing is used, to the end.
    pub used: usize,
}

impl LocalHeap {
    /// Reads the heap at an address, of at most so many bytes.
    pub fn read<S: Source + ?Sized>(source: &S, address: u64, most: u64) -> Result<Option<Self>> {
        let prefix = read_prefix(source, address)?;
        let Some(HeapPrefix { size, free, place }) = prefix.filter(|prefix| prefix.size <= most)
        else {
            return Ok(None);
        };
        let Some(data) = bytes(source, place, size)? else {
            return Ok(None);
        };
        Ok(free_blocks(&data, free, 8).map(|free| {
            let is_last = |&&(start, length): &&(usize, usize)| start + length == data.len();
            let used = free.iter().find(is_last).map_or(data.len(), |last| last.0);
            Self { place, data, used }
        }))
    }

    /// The name that begins at an offset; `None` if it has no end in the heap, or is not UTF-8.
    pub fn name(&self, offset: u64) -> Option<&str> {
        text_at(&self.data[..self.used], offset)
    }
}

impl Names for LocalHeap {
    fn name(&self, offset: u64) -> Result<Option<Cow<'_, str>>> {
        Ok(self.name(offset).map(Cow::Borrowed))
    }
}

/// What a heap begins with: how many bytes of data it has, where the first free block is in them, and where they are.
struct HeapPrefix {
    size: u64,
    free: u64,
    place: u64,
}

fn read_prefix<S: Source + ?Sized>(source: &S, address: u64) -> Result<Option<HeapPrefix>> {
    let Some(prefix) = bytes(source, address, PREFIX as u64)? else {
        return Ok(None);
    };
    let (Some(size), Some(free), Some(place)) = (
        number64(&prefix, 8),
        number64(&prefix, 16),
        number64(&prefix, 24),
    ) else {
        return Ok(None);
    };
    let is_heap = prefix.get(..8) == Some(SIGNATURE);
    Ok(is_heap.then_some(HeapPrefix { size, free, place }))
}

/// The text that begins at an offset of a heap's data; `None` if it has no end there, or is not UTF-8.
pub fn text_at(data: &[u8], offset: u64) -> Option<&str> {
    let rest = data.get(usize::try_from(offset).ok()?..)?;
    let end = rest.iter().position(|&byte| byte == 0)?;
    std::str::from_utf8(&rest[..end]).ok()
}

/// The free blocks of a heap's data, in the order of their list: where they begin, and how long they are; `None` if the list is none.
///
/// `width` is how many bytes a length has.
pub fn free_blocks(data: &[u8], first: u64, width: usize) -> Option<Vec<(usize, usize)>> {
    let mut at = first;
    let mut found = Vec::new();
    // They are in no order, so that each may come once only.
    let most = data.len() / (2 * width).max(1);
    for _ in 0..=most {
        if at == NOTHING_FREE {
            return Some(found);
        }
        let start = usize::try_from(at).ok()?;
        let size = usize::try_from(number_of(data, start.checked_add(width)?, width)?).ok()?;
        let end = start.checked_add(size)?;
        if size < 2 * width || end > data.len() {
            return None;
        }
        found.push((start, size));
        at = number_of(data, start, width)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_names_are_those_of_the_whole_heap() {
        let names: [&str; 4] = ["", "a", "a name", &"long".repeat(60)];
        let mut data = Vec::new();
        let mut places = Vec::new();
        for name in names {
            places.push(data.len() as u64);
            data.extend(name.as_bytes());
            data.resize((data.len() + 1).next_multiple_of(8), 0);
        }
        let broken = data.len() as u64;
        data.extend(b"\xFFno text\0no end here...");
        data.truncate(data.len().next_multiple_of(8) - 8);
        let mut file = SIGNATURE.to_vec();
        for number in [data.len() as u64, NOTHING_FREE, PREFIX as u64] {
            file.extend(number.to_le_bytes());
        }
        file.extend(&data);
        let whole = LocalHeap::read(&file[..], 0, 1 << 20).unwrap().unwrap();
        let stored = StoredHeap::at(&file[..], 0).unwrap().unwrap();
        for (place, name) in places.into_iter().zip(names) {
            assert_eq!(Names::name(&whole, place), Ok(Some(name.into())));
            assert_eq!(stored.name(place), Ok(Some(name.into())));
        }
        let end = data.len() as u64;
        assert_eq!(stored.free_blocks(), Ok(Some(Vec::new())));
        for place in [broken, broken + 16, end, end + 1, u64::MAX] {
            assert_eq!(Names::name(&whole, place), Ok(None), "{place}");
            assert_eq!(stored.name(place), Ok(None), "{place}");
        }
    }
}
