//! Extensible arrays: the index of the chunks of a dataset that grows along one axis.
//!
//! The first slots are in the index block, the next in blocks that it leads to, and those behind in blocks that secondary blocks lead to. The blocks
//! of a row have as many slots, and each row has twice as many as the one before. Format: VII.D.

#![forbid(unsafe_code)]

use super::chunk_entry::{is_set, Block, ChunkArray, Entry, CHECKSUM};
use super::chunk_tree::{Change, TreeChunk};
use super::{Source, UNDEFINED};
use crate::error::Result;

/// Bytes of the header, and where it says what there is of the array.
const HEADER: usize = 72;
const SECONDARY: usize = 12;
const SECONDARY_BYTES: usize = 20;
const BLOCKS: usize = 28;
const BLOCK_BYTES: usize = 36;
const USED: usize = 44;
const SLOTS: usize = 52;
const INDEX: usize = 60;

/// Bytes before what is in the index block, and in others before the number of their first slot.
const PREFIX: usize = 14;

/// An extensible array.
#[derive(Clone, Debug)]
pub struct ExtensibleArray {
    /// Where its header is.
    header: u64,
    entry: Entry,
    /// Bits of the number of a slot.
    bits: u8,
    /// Slots of the index block.
    inside: u8,
    /// The least blocks that a secondary block leads to.
    least_blocks: u8,
    /// The least slots of a block.
    least_slots: u8,
    page_bits: u8,
}

/// Blocks of the same size that lie one after the other in the array.
#[derive(Clone, Copy, Debug)]
struct Row {
    number: usize,
    /// How many blocks, and how many slots each has.
    blocks: usize,
    slots: usize,
    /// The number of the first slot, from those of the index block on.
    first: u64,
    /// How many blocks there are before them.
    before: usize,
}

/// Where a slot is that is not in the index block.
struct Spot {
    row: Row,
    /// The block within the row, and the slot within the block.
    block: usize,
    slot: usize,
}

impl ExtensibleArray {
    /// The array with its header at an address, as a layout says it; `None` if it is not one that makes sense.
    pub fn new(header: u64, entry: Entry, numbers: [u8; 5]) -> Option<Self> {
        let [bits, inside, least_blocks, least_slots, page_bits] = numbers;
        let this = Self {
            header,
            entry,
            bits,
            inside,
            least_blocks,
            least_slots,
            page_bits,
        };
        let is_usual = (1..=32).contains(&bits)
            && inside > 0
            && least_blocks.is_power_of_two()
            && least_blocks > 1
            && least_slots.is_power_of_two()
            && (1..=24).contains(&page_bits)
            && usize::from(bits) > least_slots.ilog2() as usize
            && this.rows() > this.rows_inside();
        // The blocks of the index block have no pages.
        let last = is_usual.then(|| this.row(this.rows_inside() - 1))?;
        (last.slots <= this.page()).then_some(this)
    }

    fn page(&self) -> usize {
        1 << self.page_bits
    }

    /// How many rows there are.
    fn rows(&self) -> usize {
        1 + usize::from(self.bits) - self.least_slots.ilog2() as usize
    }

    /// How many of them the index block leads to.
    fn rows_inside(&self) -> usize {
        2 * self.least_blocks.ilog2() as usize
    }

    /// How many blocks these have.
    fn blocks_inside(&self) -> usize {
        2 * (usize::from(self.least_blocks) - 1)
    }

    fn row(&self, number: usize) -> Row {
        let blocks = |row: usize| 1 << (row / 2);
        let slots = |row: usize| usize::from(self.least_slots) << row.div_ceil(2);
        let earlier = 0..number;
        Row {
            number,
            blocks: blocks(number),
            slots: slots(number),
            first: earlier
                .clone()
                .map(|row| (blocks(row) * slots(row)) as u64)
                .sum(),
            before: earlier.map(blocks).sum(),
        }
    }

    /// Where a slot is, from those of the index block on; `None` if there is none of that number.
    fn spot(&self, number: u64) -> Option<Spot> {
        let row = (number / u64::from(self.least_slots) + 1).ilog2() as usize;
        let row = (row < self.rows()).then(|| self.row(row))?;
        let within = (number - row.first) as usize;
        Some(Spot {
            block: within / row.slots,
            slot: within % row.slots,
            row,
        })
    }

    /// How many pages a block of a row has; 0 if its slots are in it.
    fn pages(&self, row: &Row) -> usize {
        match row.slots > self.page() {
            true => row.slots >> self.page_bits,
            false => 0,
        }
    }

    /// Bytes of the number of a slot, which secondary and other blocks begin with.
    fn offset(&self) -> usize {
        usize::from(self.bits).div_ceil(8)
    }

    fn index_length(&self) -> usize {
        let inside = usize::from(self.inside) * self.entry.length();
        let ways = self.blocks_inside() + self.rows() - self.rows_inside();
        PREFIX + inside + 8 * ways + CHECKSUM
    }

    /// Where in the index block it says where a block is, or a secondary one.
    fn way(&self, number: usize) -> usize {
        PREFIX + usize::from(self.inside) * self.entry.length() + 8 * number
    }

    /// Bytes of the bits in a secondary block that say which pages were written.
    fn page_bytes(&self, row: &Row) -> usize {
        row.blocks * self.pages(row).div_ceil(8)
    }

    fn secondary_length(&self, row: &Row) -> usize {
        PREFIX + self.offset() + self.page_bytes(row) + 8 * row.blocks + CHECKSUM
    }

    /// Bytes of a block before its pages.
    fn block_length(&self, row: &Row) -> usize {
        let inside = match self.pages(row) {
            0 => row.slots * self.entry.length(),
            _ => 0,
        };
        PREFIX + self.offset() + inside + CHECKSUM
    }

    fn page_length(&self) -> usize {
        self.page() * self.entry.length() + CHECKSUM
    }

    /// The signature, the version, whether there are filters, and where the header is.
    fn start(&self, signature: &[u8; 4]) -> Vec<u8> {
        let mut start = [&signature[..], &[0, self.entry.class()]].concat();
        start.extend(self.header.to_le_bytes());
        start
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
        let end = end.min(header.number(USED));
        let at = header.number(INDEX);
        if at == UNDEFINED || end == 0 {
            return Ok(true);
        }
        let start = self.start(b"EAIB");
        let Some(index) = Block::read(source, at, self.index_length(), &start)? else {
            return Ok(false);
        };
        let mut walk = Walk {
            array: self,
            source,
            end,
            visit,
        };
        let inside = usize::from(self.inside);
        if !walk.slots(&index.bytes[PREFIX..self.way(0)], 0) {
            return Ok(false);
        }
        for number in 0..self.rows() {
            let row = self.row(number);
            if row.first + inside as u64 >= end {
                break;
            }
            let is_sound = match number.checked_sub(self.rows_inside()) {
                None => {
                    let ways = &index.bytes[self.way(row.before)..];
                    walk.blocks(&row, ways, None)?
                }
                Some(secondary) => {
                    let at = index.number(self.way(self.blocks_inside() + secondary));
                    walk.secondary(&row, at)?
                }
            };
            if !is_sound {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl ChunkArray for ExtensibleArray {
    const HEADER: usize = HEADER;
    const FIRST: usize = INDEX;

    fn header(&self) -> u64 {
        self.header
    }

    fn set_header(&mut self, address: u64) {
        self.header = address;
    }

    fn header_bytes(&self) -> Vec<u8> {
        let mut header = self.start(b"EAHD");
        header.truncate(PREFIX - 8);
        header.extend([
            self.entry.length() as u8,
            self.bits,
            self.inside,
            self.least_slots,
            self.least_blocks,
            self.page_bits,
        ]);
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
        let Some(entry) = self.entry.of(chunk) else {
            return Ok(None);
        };
        let inside = u64::from(self.inside);
        let start = self.start(b"EAIB");
        let mut index = match header.number(INDEX) {
            UNDEFINED => {
                let at = allocate(self.index_length())?;
                let mut bytes = start;
                bytes.extend(self.entry.nothing(usize::from(self.inside)));
                bytes.resize(self.index_length() - CHECKSUM, 0xFF);
                header.set_number(INDEX, at);
                header.add(SLOTS, inside);
                Block::new(at, bytes)
            }
            at => match Block::read(source, at, self.index_length(), &start)? {
                Some(index) => index,
                None => return Ok(None),
            },
        };
        let mut changes = Vec::new();
        match number.checked_sub(inside) {
            None => index.set(PREFIX + number as usize * self.entry.length(), &entry),
            Some(behind) => {
                let Some(spot) = self.spot(behind) else {
                    return Ok(None);
                };
                let mut put = Put {
                    array: self,
                    source,
                    header: &mut header,
                    changes: &mut changes,
                    allocate,
                };
                let is_put = match spot.row.number.checked_sub(self.rows_inside()) {
                    None => {
                        let way = self.way(spot.row.before + spot.block);
                        put.block(&spot, &mut index, way, None, &entry)?
                    }
                    Some(secondary) => {
                        let way = self.way(self.blocks_inside() + secondary);
                        put.secondary(&spot, &mut index, way, &entry)?
                    }
                };
                if !is_put {
                    return Ok(None);
                }
            }
        }
        if header.number(USED) <= number {
            header.set_number(USED, number + 1);
        }
        index.finish(&mut changes);
        header.finish(&mut changes);
        Ok(Some(changes))
    }
}

/// A walk through the chunks of an array.
struct Walk<'a, S: ?Sized> {
    array: &'a ExtensibleArray,
    source: &'a S,
    /// The number before which it ends.
    end: u64,
    visit: &'a mut dyn FnMut(u64, TreeChunk),
}

impl<S: Source + ?Sized> Walk<'_, S> {
    /// Visits the chunks of slots from a number on; false if there is one that makes no sense.
    fn slots(&mut self, slots: &[u8], first: u64) -> bool {
        let numbers = first..self.end;
        self.array.entry.each(slots, numbers, self.visit)
    }

    /// Visits the chunks of a secondary block.
    fn secondary(&mut self, row: &Row, at: u64) -> Result<bool> {
        if at == UNDEFINED {
            return Ok(true);
        }
        let array = self.array;
        let start = array.start(b"EASB");
        let length = array.secondary_length(row);
        let Some(secondary) = Block::read(self.source, at, length, &start)? else {
            return Ok(false);
        };
        let pages = &secondary.bytes[PREFIX + array.offset()..];
        let (pages, ways) = pages.split_at(array.page_bytes(row));
        self.blocks(row, ways, Some(pages))
    }

    /// Visits the chunks of a row of blocks, which are where `ways` leads; `pages` has the bits that say which of their pages were written.
    fn blocks(&mut self, row: &Row, ways: &[u8], pages: Option<&[u8]>) -> Result<bool> {
        let array = self.array;
        let start = array.start(b"EADB");
        let length = array.block_length(row);
        let count = array.pages(row);
        for (number, way) in ways.chunks_exact(8).take(row.blocks).enumerate() {
            let first = u64::from(array.inside) + row.first + (number * row.slots) as u64;
            let at = super::number64(way, 0).unwrap_or(UNDEFINED);
            if first >= self.end {
                break;
            }
            if at == UNDEFINED {
                continue;
            }
            let Some(block) = Block::read(self.source, at, length, &start)? else {
                return Ok(false);
            };
            if count == 0 {
                let slots = &block.bytes[PREFIX + array.offset()..length - CHECKSUM];
                if !self.slots(slots, first) {
                    return Ok(false);
                }
                continue;
            }
            for page in 0..count {
                let first = first + ((page << array.page_bits) as u64);
                let is_there = is_set(pages.unwrap_or_default(), number * count + page);
                if first >= self.end || !is_there {
                    continue;
                }
                let at = at.saturating_add((length + page * array.page_length()) as u64);
                let slots = Block::read(self.source, at, array.page_length(), &[])?;
                let is_sound = slots.is_some_and(|slots| {
                    let end = slots.bytes.len() - CHECKSUM;
                    self.slots(&slots.bytes[..end], first)
                });
                if !is_sound {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// A chunk that gets its place in an array.
struct Put<'a, S: ?Sized> {
    array: &'a ExtensibleArray,
    source: &'a S,
    header: &'a mut Block,
    changes: &'a mut Vec<Change>,
    allocate: &'a mut dyn FnMut(usize) -> Result<u64>,
}

impl<S: Source + ?Sized> Put<'_, S> {
    /// Puts it behind a secondary block, where the index block says it at `way`; false if something is not as it has to be.
    fn secondary(
        &mut self,
        spot: &Spot,
        index: &mut Block,
        way: usize,
        entry: &[u8],
    ) -> Result<bool> {
        let (array, row) = (self.array, &spot.row);
        let (start, length) = (array.start(b"EASB"), array.secondary_length(row));
        let (pages, ways) = (
            PREFIX + array.offset(),
            PREFIX + array.offset() + array.page_bytes(row),
        );
        let mut secondary = match index.number(way) {
            UNDEFINED => {
                let at = (self.allocate)(length)?;
                let mut bytes = start;
                bytes.extend(&row.first.to_le_bytes()[..array.offset()]);
                bytes.resize(ways, 0);
                bytes.resize(length - CHECKSUM, 0xFF);
                index.set_number(way, at);
                self.header.add(SECONDARY, 1);
                self.header.add(SECONDARY_BYTES, length as u64);
                Block::new(at, bytes)
            }
            at => match Block::read(self.source, at, length, &start)? {
                Some(secondary) => secondary,
                None => return Ok(false),
            },
        };
        let way = ways + 8 * spot.block;
        if !self.block(spot, &mut secondary, way, Some(pages), entry)? {
            return Ok(false);
        }
        secondary.finish(self.changes);
        Ok(true)
    }

    /// Puts it into a block, where `above` says it at `way`, and, if it has pages, from `pages` on which of them were written.
    fn block(
        &mut self,
        spot: &Spot,
        above: &mut Block,
        way: usize,
        pages: Option<usize>,
        entry: &[u8],
    ) -> Result<bool> {
        let (array, row) = (self.array, &spot.row);
        let (start, length) = (array.start(b"EADB"), array.block_length(row));
        let count = array.pages(row);
        let mut block = match above.number(way) {
            UNDEFINED => {
                let whole = length + count * array.page_length();
                let at = (self.allocate)(whole)?;
                // As HDF5 counts: from a number that has the blocks of earlier rows in it where the index block leads to it.
                let before = match pages {
                    None => row.before + spot.block,
                    Some(_) => spot.block,
                };
                let first = row.first + (before * row.slots) as u64;
                let mut bytes = start;
                bytes.extend(&first.to_le_bytes()[..array.offset()]);
                if count == 0 {
                    bytes.extend(array.entry.nothing(row.slots));
                }
                above.set_number(way, at);
                self.header.add(BLOCKS, 1);
                self.header.add(BLOCK_BYTES, whole as u64);
                self.header.add(SLOTS, row.slots as u64);
                Block::new(at, bytes)
            }
            at => match Block::read(self.source, at, length, &start)? {
                Some(block) => block,
                None => return Ok(false),
            },
        };
        match pages.filter(|_| count > 0) {
            None => {
                let at = PREFIX + array.offset() + spot.slot * array.entry.length();
                block.set(at, entry);
            }
            Some(bits) => {
                let page = spot.slot >> array.page_bits;
                let length = array.page_length();
                let at = block
                    .place
                    .saturating_add((block.bytes.len() + page * length) as u64);
                let number = spot.block * count + page;
                let bit = bits + number / 8;
                let mut slots = match is_set(&above.bytes[bits..], number) {
                    true => match Block::read(self.source, at, length, &[])? {
                        Some(slots) => slots,
                        None => return Ok(false),
                    },
                    false => Block::new(at, array.entry.nothing(array.page())),
                };
                let slot = spot.slot % array.page();
                slots.set(slot * array.entry.length(), entry);
                slots.finish(self.changes);
                above.set(bit, &[above.bytes[bit] | 0x80 >> (number % 8)]);
            }
        }
        block.finish(self.changes);
        Ok(true)
    }
}
