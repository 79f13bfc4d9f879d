//! What the newer indexes of chunks say of one: where it is, and, if chunks have filters, its bytes there and the filters that it went past.
//!
//! Formats: VII.C.4 (fixed arrays), VII.D.6 (extensible arrays), III.A.2 (records of types 10 and 11).

#![forbid(unsafe_code)]

use super::chunk_tree::{Change, TreeChunk};
use super::{bytes, lookup3, number32, number64, number_of, Source, UNDEFINED};
use crate::error::Result;
use std::ops::Range;

/// How chunks are described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Bytes of a chunk that went through no filter.
    chunk: u32,
    /// Bytes of the number of its bytes in the file; None if chunks have no filters.
    size: Option<usize>,
}

impl Entry {
    /// Those of chunks of so many bytes, with filters or without, by a layout of a version.
    pub fn new(chunk: u32, is_filtered: bool, version: u8) -> Self {
        let size = match version {
            4 => (1 + (chunk.max(1).ilog2() as usize + 8) / 8).min(8),
            _ => 8,
        };
        Self {
            chunk,
            size: is_filtered.then_some(size),
        }
    }

    /// Bytes of a chunk that went through no filter.
    pub fn whole(&self) -> u32 {
        self.chunk
    }

    /// Whether chunks have filters, as indexes have it.
    pub fn class(&self) -> u8 {
        u8::from(self.size.is_some())
    }

    /// Bytes of a description.
    pub fn length(&self) -> usize {
        8 + self.size.map_or(0, |size| size + 4)
    }

    /// The chunk that is described, without an address if it was never written; `None` if it is too large to be one.
    pub fn chunk(&self, entry: &[u8]) -> Option<TreeChunk> {
        let (stored, mask) = match self.size {
            Some(size) => (
                u32::try_from(number_of(entry, 8, size)?).ok()?,
                number32(entry, 8 + size)?,
            ),
            None => (self.chunk, 0),
        };
        Some(TreeChunk {
            address: number64(entry, 0)?,
            stored,
            mask,
        })
    }

    /// The description of a chunk; `None` if there is none of such a chunk.
    pub fn of(&self, chunk: TreeChunk) -> Option<Vec<u8>> {
        let mut entry = chunk.address.to_le_bytes().to_vec();
        match self.size {
            Some(size) => {
                let stored = u64::from(chunk.stored).to_le_bytes();
                let fits = stored[size.min(8)..].iter().all(|&byte| byte == 0);
                fits.then_some(())?;
                entry.extend(&stored[..size]);
                entry.extend(chunk.mask.to_le_bytes());
            }
            None => (chunk.stored == self.chunk).then_some(())?,
        }
        Some(entry)
    }

    /// Calls `visit` with the number and the place of each chunk whose description is among these, which are of as many numbers at most; false if one makes no
    /// sense.
    pub fn each(
        &self,
        slots: &[u8],
        numbers: Range<u64>,
        visit: &mut dyn FnMut(u64, TreeChunk),
    ) -> bool {
        for (number, slot) in numbers.zip(slots.chunks_exact(self.length())) {
            match self.chunk(slot) {
                None => return false,
                Some(chunk) if chunk.address == UNDEFINED => {}
                Some(chunk) => visit(number, chunk),
            }
        }
        true
    }

    /// The descriptions of so many chunks that were never written.
    pub fn nothing(&self, count: usize) -> Vec<u8> {
        let mut nothing = UNDEFINED.to_le_bytes().to_vec();
        nothing.resize(self.length(), 0);
        nothing.repeat(count)
    }
}

/// An index that is an array: the description of each chunk is in the slot of its number.
pub trait ChunkArray {
    /// Bytes of the header, and where it says where the first block is.
    const HEADER: usize;
    const FIRST: usize;

    /// Where the header is; [`UNDEFINED`] of an array that is not there yet.
    fn header(&self) -> u64;

    /// Notes where it is.
    fn set_header(&mut self, address: u64);

    /// What it begins with.
    fn header_bytes(&self) -> Vec<u8>;

    /// As [`put`](Self::put), by the header.
    fn put_by<S: Source + ?Sized>(
        &self,
        source: &S,
        header: Block,
        number: u64,
        chunk: TreeChunk,
        allocate: &mut dyn FnMut(usize) -> Result<u64>,
    ) -> Result<Option<Vec<Change>>>;

    /// Says where the chunk of a number is, in an array that is made if there is none yet: what is to be written for that, in this order. `None` if
    /// something about the array is not as it has to be.
    fn put<S: Source + ?Sized>(
        &mut self,
        source: &S,
        number: u64,
        chunk: TreeChunk,
        allocate: &mut dyn FnMut(usize) -> Result<u64>,
    ) -> Result<Option<Vec<Change>>> {
        let mut start = self.header_bytes();
        let header = match self.header() {
            UNDEFINED => {
                let at = allocate(Self::HEADER)?;
                self.set_header(at);
                start.resize(Self::FIRST, 0);
                start.extend(UNDEFINED.to_le_bytes());
                Some(Block::new(at, start))
            }
            at => Block::read(source, at, Self::HEADER, &start)?,
        };
        match header {
            Some(header) => self.put_by(source, header, number, chunk, allocate),
            None => Ok(None),
        }
    }
}

/// A block of an index, which ends with its checksum.
#[derive(Debug)]
pub struct Block {
    /// Where it is.
    pub place: u64,
    /// All of it.
    pub bytes: Vec<u8>,
    /// What of it is to be written.
    changed: Option<(usize, usize)>,
}

/// Bytes of a checksum.
pub const CHECKSUM: usize = 4;

impl Block {
    /// The block at an address, of so many bytes, that begins as it has to; `None` if it does not, or has another checksum.
    pub fn read<S: Source + ?Sized>(
        source: &S,
        place: u64,
        length: usize,
        start: &[u8],
    ) -> Result<Option<Self>> {
        let found = bytes(source, place, length as u64)?;
        let found = found.filter(|found| found.starts_with(start) && lookup3::is_right(found));
        Ok(found.map(|bytes| Self {
            place,
            bytes,
            changed: None,
        }))
    }

    /// A new block at an address, of these bytes and a checksum.
    pub fn new(place: u64, mut bytes: Vec<u8>) -> Self {
        bytes.extend([0; CHECKSUM]);
        let changed = Some((0, bytes.len()));
        Self {
            place,
            bytes,
            changed,
        }
    }

    /// A number of 8 bytes.
    pub fn number(&self, at: usize) -> u64 {
        number64(&self.bytes, at).unwrap_or(UNDEFINED)
    }

    /// Changes some of it.
    pub fn set(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        if self.bytes[at..end] != *bytes {
            self.bytes[at..end].copy_from_slice(bytes);
            let (first, last) = self.changed.unwrap_or((at, end));
            self.changed = Some((first.min(at), last.max(end)));
        }
    }

    /// Changes a number of 8 bytes.
    pub fn set_number(&mut self, at: usize, number: u64) {
        self.set(at, &number.to_le_bytes());
    }

    /// Adds to a number of 8 bytes.
    pub fn add(&mut self, at: usize, more: u64) {
        self.set_number(at, self.number(at).wrapping_add(more));
    }

    /// Says what is to be written of it, the checksum included.
    pub fn finish(mut self, changes: &mut Vec<Change>) {
        let Some((first, last)) = self.changed else {
            return;
        };
        let end = self.bytes.len() - CHECKSUM;
        let sum = lookup3::checksum(&self.bytes[..end]).to_le_bytes();
        self.bytes[end..].copy_from_slice(&sum);
        // A large block is not written again as a whole.
        let (last, is_apart) = match end.saturating_sub(last) {
            0..=256 => (self.bytes.len(), false),
            _ => (last, true),
        };
        changes.push(Change {
            place: self.place + first as u64,
            bytes: self.bytes[first..last].to_vec(),
        });
        if is_apart {
            changes.push(Change {
                place: self.place + end as u64,
                bytes: sum.to_vec(),
            });
        }
    }
}

/// Whether a page of a block was written, by a bit for each.
pub fn is_set(bits: &[u8], number: usize) -> bool {
    let byte = bits.get(number / 8);
    byte.is_some_and(|byte| byte & (0x80 >> (number % 8)) != 0)
}
