//! Fixed arrays: the index of the chunks of a dataset that has a largest size. Format: VII.C.

#![forbid(unsafe_code)]

use super::chunk_entry::{is_set, Block, ChunkArray, Entry, CHECKSUM};
use super::chunk_tree::{Change, TreeChunk};
use super::{Source, UNDEFINED};
use crate::error::Result;

/// Bytes of the header, and where it says where its slots are.
const HEADER: usize = 28;
const SLOTS: usize = 16;

/// Bytes before what is in the block of slots.
const PREFIX: usize = 14;

/// A fixed array.
#[derive(Clone, Debug)]
pub struct FixedArray {
    /// Where its header is.
    header: u64,
    entry: Entry,
    /// How many slots it has.
    slots: u64,
    page_bits: u8,
}

impl FixedArray {
    /// The array with its header at an address, of so many slots; `None` if it is not one that makes sense.
    pub fn new(header: u64, entry: Entry, slots: u64, page_bits: u8) -> Option<Self> {
        let bytes = slots.checked_mul(entry.length() as u64)?;
        (bytes < 1 << 40 && (1..=24).contains(&page_bits)).then_some(Self {
            header,
            entry,
            slots,
            page_bits,
        })
    }

    /// Slots of a page.
    fn page(&self) -> usize {
        1 << self.page_bits
    }

    /// How many pages it has; 0 if the slots are in the block itself.
    fn pages(&self) -> usize {
        match self.slots > self.page() as u64 {
            true => self.slots.div_ceil(self.page() as u64) as usize,
            false => 0,
        }
    }

    /// Bytes of the block before its pages.
    fn block_length(&self) -> usize {
        let inside = match self.pages() {
            0 => self.slots as usize * self.entry.length(),
            pages => pages.div_ceil(8),
        };
        PREFIX + inside + CHECKSUM
    }

    /// Slots of a page of a number.
    fn slots_of(&self, page: usize) -> usize {
        let before = (page * self.page()) as u64;
        (self.slots - before).min(self.page() as u64) as usize
    }

    /// Where a page is in the block, and how many bytes it has.
    fn page_at(&self, page: usize) -> (u64, usize) {
        let whole = self.page() * self.entry.length() + CHECKSUM;
        let length = self.slots_of(page) * self.entry.length() + CHECKSUM;
        ((self.block_length() + page * whole) as u64, length)
    }

    /// The signature, the version, and whether there are filters.
    fn start(&self, signature: &[u8; 4]) -> Vec<u8> {
        [&signature[..], &[0, self.entry.class()]].concat()
    }

    fn block_bytes(&self) -> Vec<u8> {
        let mut block = self.start(b"FADB");
        block.extend(self.header.to_le_bytes());
        block
    }

    /// Calls `visit` with the number and the place of each chunk before a number; false if something about it is not as it has to be.
    pub fn each<S: Source + ?Sized>(
        &self,
        source: &S,
        end: u64,
        visit: &mut dyn FnMut(u64, TreeChunk),
    ) -> Result<bool> {
        let Some(header) = Block::read(source, self.header, HEADER, &self.header_bytes())? else {
            return Ok(false);
        };
        let at = header.number(SLOTS);
        if at == UNDEFINED {
            return Ok(true);
        }
        let Some(block) = Block::read(source, at, self.block_length(), &self.block_bytes())? else {
            return Ok(false);
        };
        let end = end.min(self.slots);
        if self.pages() == 0 {
            return Ok(self.visit(&block.bytes[PREFIX..], 0, end, visit));
        }
        for page in 0..self.pages() {
            let first = (page * self.page()) as u64;
            if first >= end {
                break;
            }
            if !is_set(&block.bytes[PREFIX..], page) {
                continue;
            }
            let (place, length) = self.page_at(page);
            let Some(page) = Block::read(source, at.saturating_add(place), length, &[])? else {
                return Ok(false);
            };
            if !self.visit(&page.bytes, first, end, visit) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Visits the chunks of slots, which a checksum follows, from a number on, before another.
    fn visit(
        &self,
        slots: &[u8],
        first: u64,
        end: u64,
        visit: &mut dyn FnMut(u64, TreeChunk),
    ) -> bool {
        let whole = slots.len() - CHECKSUM;
        self.entry.each(&slots[..whole], first..end, visit)
    }
}

impl ChunkArray for FixedArray {
    const HEADER: usize = HEADER;
    const FIRST: usize = SLOTS;

    fn header(&self) -> u64 {
        self.header
    }

    fn set_header(&mut self, address: u64) {
        self.header = address;
    }

    fn header_bytes(&self) -> Vec<u8> {
        let mut header = self.start(b"FAHD");
        header.extend([self.entry.length() as u8, self.page_bits]);
        header.extend(self.slots.to_le_bytes());
        header
    }

    fn put_by<S: Source + ?Sized>(
        &self,
        source: &S,
        mut header: Block,
        number: u64,
        chunk: TreeChunk,
        allocate: &mut dyn FnMut(usize) -> Result<u64>,
    ) -> Result<Option<Vec<Change>>> {
        let entry = self.entry.of(chunk).filter(|_| number < self.slots);
        let Some(entry) = entry else {
            return Ok(None);
        };
        let pages = self.pages();
        let at = header.number(SLOTS);
        let (at, mut block) = match at {
            UNDEFINED => {
                let length = match pages.checked_sub(1) {
                    Some(last) => {
                        let (place, length) = self.page_at(last);
                        place as usize + length
                    }
                    None => self.block_length(),
                };
                let at = allocate(length)?;
                let mut bytes = self.block_bytes();
                match pages {
                    0 => bytes.extend(self.entry.nothing(self.slots as usize)),
                    pages => bytes.resize(PREFIX + pages.div_ceil(8), 0),
                }
                header.set_number(SLOTS, at);
                (at, Block::new(at, bytes))
            }
            at => match Block::read(source, at, self.block_length(), &self.block_bytes())? {
                Some(block) => (at, block),
                None => return Ok(None),
            },
        };
        let mut changes = Vec::new();
        if pages == 0 {
            block.set(PREFIX + number as usize * self.entry.length(), &entry);
        } else {
            let page = (number >> self.page_bits) as usize;
            let (place, length) = self.page_at(page);
            let place = at.saturating_add(place);
            let mut slots = match is_set(&block.bytes[PREFIX..], page) {
                true => match Block::read(source, place, length, &[])? {
                    Some(slots) => slots,
                    None => return Ok(None),
                },
                false => Block::new(place, self.entry.nothing(self.slots_of(page))),
            };
            let within = number as usize % self.page();
            slots.set(within * self.entry.length(), &entry);
            slots.finish(&mut changes);
            let bit = PREFIX + page / 8;
            block.set(bit, &[block.bytes[bit] | 0x80 >> (page % 8)]);
        }
        block.finish(&mut changes);
        header.finish(&mut changes);
        Ok(Some(changes))
    }
}
