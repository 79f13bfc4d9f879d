//! Messages that are too many for an object header: links of a group, or attributes, in a fractal heap with a tree of their names.
//!
//! Formats: III.G (the heap), III.A.2 (the tree, records of types 5 and 8).

#![forbid(unsafe_code)]

use super::btree2;
use super::fractal_heap::{BlockTable, Header};
use super::{bytes, lookup3, number32, number64, number_of, Source, Widths, UNDEFINED};
use crate::error::Result;
use std::collections::BTreeMap;
use std::ops::Range;

/// Which messages they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dense {
    /// Links.
    Links,
    /// Attributes.
    Attributes,
}

/// Messages and where all of it is that they were found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FoundDense {
    /// The contents of the messages, in the order of the tree.
    pub contents: Vec<Vec<u8>>,
    /// Where the pieces are, and how many bytes each has.
    pub pieces: Vec<(u64, u64)>,
}

/// The bytes of a heap's header without filters, and of a tree's.
const HEAP_HEADER: u64 = 146;
const TREE_HEADER: u64 = 38;

/// Where the checksum of a block with objects is, without the bytes of its place in the heap.
const CHECKSUM_AT: usize = 13;

/// Where the headers of a heap and of a tree are, and how many bytes they have.
pub fn headers((heap, tree): (u64, u64)) -> [(u64, u64); 2] {
    [(heap, HEAP_HEADER), (tree, TREE_HEADER)]
}

/// A heap of more bytes is left to HDF5.
const LARGEST_HEAP: u64 = 4 << 20;

/// A tree with larger nodes is left to HDF5, which has smaller ones.
const LARGEST_NODE: u64 = 64 << 10;

impl Dense {
    /// The type of the tree, and in a record: where it says what it refers to, and the bytes of that.
    fn record(self) -> (u8, usize, usize) {
        match self {
            Dense::Links => (5, 4, 7),
            Dense::Attributes => (8, 0, 8),
        }
    }
}

/// A heap with its blocks.
#[derive(Debug)]
pub struct FoundHeap {
    /// Where the manager of its free space is.
    pub manager: u64,
    /// The root: a block, or a table of blocks of so many rows.
    pub root: u64,
    /// Its rows, 0 of a block.
    pub rows: u32,
    /// Where blocks with objects are and their bytes, the checksums as zeros, by where in the heap they begin.
    pub blocks: BTreeMap<u64, (u64, Vec<u8>)>,
    /// Bytes of a place in the heap.
    offset: usize,
}

/// A node of a tree.
#[derive(Debug)]
pub struct FoundNode {
    /// Where it is.
    pub place: u64,
    /// Its records, in their order.
    pub records: Vec<Vec<u8>>,
    /// The nodes below it: one before each record and one behind them, or none.
    pub below: Vec<FoundNode>,
}

/// All messages of a heap and a tree, at most so many; `None` if there are more, or if something is not as it has to be, or unusual.
pub fn read<S: Source + ?Sized>(
    source: &S,
    (heap, tree): (u64, u64),
    kind: Dense,
    most: usize,
) -> Result<Option<FoundDense>> {
    let mut found = FoundDense::default();
    let Some(root) = read_tree(source, tree, kind, most, &mut found.pieces)? else {
        return Ok(None);
    };
    let Some(heap) = read_heap(source, heap, kind, &mut found.pieces)? else {
        return Ok(None);
    };
    let is_whole = root.is_none_or(|root| {
        root.each(&mut |record| {
            let content = heap.object(kind, record);
            found.contents.extend(content.map(<[u8]>::to_vec));
            content.is_some()
        })
    });
    Ok(is_whole.then_some(found))
}

/// How many messages there are, by the header of the tree; `None` if that is not as it has to be. Adds where its pieces are.
pub fn count<S: Source + ?Sized>(
    source: &S,
    tree: u64,
    kind: Dense,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<u64>> {
    let header = tree_header(source, tree, kind, pieces)?;
    Ok(header.and_then(|(header, _)| match number64(&header, 16)? {
        UNDEFINED => Some(0),
        _ => btree2::root(&header, Widths::USUAL, source.end()).map(|(_, root)| root.all()),
    }))
}

/// The messages of the links whose names have the same hash as this one, by as few nodes and blocks as that takes; `None` if something is not as it has to
/// be, or unusual. Adds where the pieces are that were read.
pub fn find_links<S: Source + ?Sized>(
    source: &S,
    (heap, tree): (u64, u64),
    name: &str,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<Vec<Vec<u8>>>> {
    let kind = Dense::Links;
    let Some((header, size)) = tree_header(source, tree, kind, pieces)? else {
        return Ok(None);
    };
    let mut records = Vec::new();
    if number64(&header, 16) != Some(UNDEFINED) {
        let hash = lookup3::checksum(name.as_bytes());
        let root = btree2::root(&header, Widths::USUAL, source.end());
        let are_found = match root {
            Some(root) => find_records(source, root, size, hash, pieces, &mut records)?,
            None => false,
        };
        if !are_found {
            return Ok(None);
        }
    }
    let mut contents = Vec::new();
    for record in records {
        let Some(found) = read_blocks(source, heap, kind, Some(&record), pieces)? else {
            return Ok(None);
        };
        let Some(content) = found.object(kind, &record) else {
            return Ok(None);
        };
        contents.push(content.to_vec());
    }
    Ok(Some(contents))
}

/// Adds the records with a hash at and below a node; false if something is not as it has to be.
fn find_records<S: Source + ?Sized>(
    source: &S,
    (place, node): btree2::Place,
    size: u64,
    hash: u32,
    pieces: &mut Vec<(u64, u64)>,
    found: &mut Vec<Vec<u8>>,
) -> Result<bool> {
    let Some(bytes) = bytes(source, place, size)? else {
        return Ok(false);
    };
    pieces.push((place, size));
    let Some(records) = node.own(&bytes) else {
        return Ok(false);
    };
    let records: Vec<&[u8]> = records.collect();
    let hash_of = |record: &[u8]| number32(record, 0).unwrap_or(0);
    let first = records.partition_point(|record| hash_of(record) < hash);
    let equal = records[first..].iter().copied();
    let equal: Vec<Vec<u8>> = equal
        .take_while(|record| hash_of(record) == hash)
        .map(<[u8]>::to_vec)
        .collect();
    if node.leads_on() {
        let Some(below) = node.below(&bytes) else {
            return Ok(false);
        };
        // Before each of them, and behind the last, there may be more.
        for node in below.into_iter().skip(first).take(equal.len() + 1) {
            if !find_records(source, node, size, hash, pieces, found)? {
                return Ok(false);
            }
        }
    }
    found.extend(equal);
    Ok(true)
}

/// A heap; `None` if something is not as it has to be, or unusual. Adds where its pieces are.
pub fn read_heap<S: Source + ?Sized>(
    source: &S,
    heap: u64,
    kind: Dense,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<FoundHeap>> {
    read_blocks(source, heap, kind, None, pieces)
}

/// The same with all blocks, or with the one that has the object to which a record refers.
fn read_blocks<S: Source + ?Sized>(
    source: &S,
    heap: u64,
    kind: Dense,
    only: Option<&[u8]>,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<FoundHeap>> {
    let Some(header) = checked(source, heap, HEAP_HEADER, pieces)? else {
        return Ok(None);
    };
    let parsed = Header::parse(&header, Widths::USUAL);
    let table = parsed.and_then(|header| Some((header, header.table()?)));
    let (_, _, length) = kind.record();
    // No filters, and blocks with checksums.
    let is_usual = header[5..7] == (length as u16).to_le_bytes() && header[7..10] == [0, 0, 2];
    let Some((parsed, table)) = table.filter(|_| is_usual) else {
        return Ok(None);
    };
    let mut found = FoundHeap {
        manager: parsed.manager,
        root: parsed.root,
        rows: parsed.rows,
        blocks: BTreeMap::new(),
        offset: table.offset,
    };
    let only = match only {
        Some(record) => match found.place(kind, record) {
            Some((place, _)) => Some(place),
            None => return Ok(None),
        },
        None => None,
    };
    let mut blocks = Blocks {
        source,
        heap,
        table,
        only,
        found: BTreeMap::new(),
        left: LARGEST_HEAP,
        pieces,
    };
    let is_read = match parsed.rows {
        0 => blocks.read(parsed.root, 0, table.first)?,
        rows => blocks.read_table(parsed.root, 0, u64::from(rows), 0)?,
    };
    found.blocks = blocks.found;
    Ok(is_read.then_some(found))
}

impl FoundHeap {
    /// Where in the heap the object is to which a record refers, and its bytes; None if it is none in a block.
    pub fn place(&self, kind: Dense, record: &[u8]) -> Option<(u64, u64)> {
        let (_, at, length) = kind.record();
        let id = record.get(at..at + length)?;
        // Of the first version, and in a block; messages of attributes may lie elsewhere.
        let is_here = id[0] == 0 && (kind == Dense::Links || record.get(8) == Some(&0));
        let rest = 1 + self.offset;
        is_here.then_some(())?;
        Some((
            number_of(id, 1, self.offset)?,
            number_of(id, rest, length.checked_sub(rest)?)?,
        ))
    }

    /// The object to which a record refers.
    pub fn object(&self, kind: Dense, record: &[u8]) -> Option<&[u8]> {
        let (start, range) = self.range(kind, record)?;
        self.blocks.get(&start)?.1.get(range)
    }

    /// In which block the object is to which a record refers, by where in the heap that begins, and its bytes there.
    fn range(&self, kind: Dense, record: &[u8]) -> Option<(u64, Range<usize>)> {
        let (place, length) = self.place(kind, record)?;
        let (&start, _) = self.blocks.range(..=place).next_back()?;
        let from = usize::try_from(place - start).ok()?;
        Some((
            start,
            from..from.checked_add(usize::try_from(length).ok()?)?,
        ))
    }

    /// Gives the object to which a record refers other bytes; gives the block with it, by where in the heap that begins. None if they are more or fewer.
    pub fn replace(&mut self, kind: Dense, record: &[u8], content: &[u8]) -> Option<u64> {
        let (start, range) = self.range(kind, record)?;
        let object = self.blocks.get_mut(&start)?.1.get_mut(range)?;
        (object.len() == content.len()).then(|| object.copy_from_slice(content))?;
        Some(start)
    }

    /// Where the block is that begins at a place in the heap, and its bytes with their checksum.
    pub fn block(&self, start: u64) -> Option<(u64, Vec<u8>)> {
        let (place, bytes) = self.blocks.get(&start)?;
        let mut bytes = bytes.clone();
        let sum = lookup3::checksum(&bytes);
        let at = CHECKSUM_AT + self.offset;
        bytes
            .get_mut(at..at + 4)?
            .copy_from_slice(&sum.to_le_bytes());
        Some((*place, bytes))
    }
}

impl FoundNode {
    /// Calls `visit` with each record in the order of the tree, until it says no; whether it did not.
    pub fn each(&self, visit: &mut impl FnMut(&[u8]) -> bool) -> bool {
        let mut below = self.below.iter();
        let mut goes_on = below.next().is_none_or(|node| node.each(visit));
        for record in &self.records {
            goes_on = goes_on && visit(record) && below.next().is_none_or(|node| node.each(visit));
        }
        goes_on
    }
}

/// Bytes that end with their checksum; `None` if they do not.
fn checked<S: Source + ?Sized>(
    source: &S,
    place: u64,
    length: u64,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<Vec<u8>>> {
    let found = bytes(source, place, length)?.filter(|found| lookup3::is_right(found));
    if found.is_some() {
        pieces.push((place, length));
    }
    Ok(found)
}

/// The root of a tree of at most so many records, with all below it, or that there is nothing in it; `None` if it is not as it has to be. Adds
/// where its pieces are.
pub fn read_tree<S: Source + ?Sized>(
    source: &S,
    tree: u64,
    kind: Dense,
    most: usize,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<Option<FoundNode>>> {
    let Some((header, size)) = tree_header(source, tree, kind, pieces)? else {
        return Ok(None);
    };
    if number64(&header, 16) == Some(UNDEFINED) {
        return Ok(Some(None));
    }
    match btree2::root(&header, Widths::USUAL, source.end()) {
        Some(root) if root.1.all() <= most as u64 => {
            Ok(read_node(source, root, size, pieces)?.map(Some))
        }
        _ => Ok(None),
    }
}

/// The header of a tree, and how many bytes its nodes have.
fn tree_header<S: Source + ?Sized>(
    source: &S,
    tree: u64,
    kind: Dense,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<(Vec<u8>, u64)>> {
    let Some(header) = checked(source, tree, TREE_HEADER, pieces)? else {
        return Ok(None);
    };
    let (wanted, ..) = kind.record();
    let size = number_of(&header, 6, 4).unwrap_or(0);
    let is_it = header.starts_with(b"BTHD\0") && header[5] == wanted && size <= LARGEST_NODE;
    Ok(is_it.then_some((header, size)))
}

fn read_node<S: Source + ?Sized>(
    source: &S,
    (place, node): btree2::Place,
    size: u64,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<FoundNode>> {
    let Some(bytes) = bytes(source, place, size)? else {
        return Ok(None);
    };
    pieces.push((place, size));
    let Some(records) = node.own(&bytes) else {
        return Ok(None);
    };
    let mut found = FoundNode {
        place,
        records: records.map(<[u8]>::to_vec).collect(),
        below: Vec::new(),
    };
    if node.leads_on() {
        let Some(below) = node.below(&bytes) else {
            return Ok(None);
        };
        for node in below {
            // Each is one level lower, so that this ends.
            let Some(node) = read_node(source, node, size, pieces)? else {
                return Ok(None);
            };
            found.below.push(node);
        }
    }
    Ok(Some(found))
}

/// The blocks of a heap with objects, by where in it they begin.
struct Blocks<'a, S: ?Sized> {
    source: &'a S,
    heap: u64,
    table: BlockTable,
    /// The place in the heap of which the block is wanted; None if all are.
    only: Option<u64>,
    found: BTreeMap<u64, (u64, Vec<u8>)>,
    /// So many bytes more are read.
    left: u64,
    pieces: &'a mut Vec<(u64, u64)>,
}

impl<S: Source + ?Sized> Blocks<'_, S> {
    /// Reads a block of so many bytes at a place in the heap; false if it is not as it has to be.
    fn read(&mut self, address: u64, at: u64, size: u64) -> Result<bool> {
        let Some(left) = self.left.checked_sub(size) else {
            return Ok(false);
        };
        self.left = left;
        let Some(mut block) = bytes(self.source, address, size)? else {
            return Ok(false);
        };
        let sum_at = CHECKSUM_AT + self.table.offset;
        if !self.begins(&block, b"FHDB", at) || block.len() < sum_at + 4 {
            return Ok(false);
        }
        let sum = number_of(&block, sum_at, 4);
        block[sum_at..sum_at + 4].fill(0);
        if sum != Some(u64::from(lookup3::checksum(&block))) {
            return Ok(false);
        }
        self.pieces.push((address, size));
        self.found.insert(at, (address, block));
        Ok(true)
    }

    /// Reads a table of blocks of so many rows at a place in the heap, which lies in so many others; false if it is not as it has to be.
    fn read_table(&mut self, address: u64, at: u64, rows: u64, depth: u32) -> Result<bool> {
        /// In each a table has fewer rows.
        const DEPTH: u32 = 8;
        let BlockTable {
            width,
            first,
            offset,
            ..
        } = self.table;
        let count = rows.saturating_mul(width);
        let length = 13 + offset as u64 + 8 * count.min(LARGEST_HEAP) + 4;
        let Some(left) = self.left.checked_sub(length) else {
            return Ok(false);
        };
        self.left = left;
        let Some(table) = checked(self.source, address, length, self.pieces)? else {
            return Ok(false);
        };
        if !self.begins(&table, b"FHIB", at) || depth > DEPTH {
            return Ok(false);
        }
        for entry in 0..count {
            let (row, column) = (entry / width, entry % width);
            let Some(block) = number64(&table, 13 + offset + 8 * entry as usize) else {
                return Ok(false);
            };
            if block == UNDEFINED {
                continue;
            }
            let shift = row.saturating_sub(1) as u32;
            let Some(size) = first
                .checked_shl(shift)
                .filter(|size| size >> shift == first)
            else {
                return Ok(false);
            };
            let start = if row == 0 {
                0
            } else {
                width.saturating_mul(size)
            };
            let at = at
                .saturating_add(start)
                .saturating_add(column.saturating_mul(size));
            let has = |place: u64| place.checked_sub(at).is_some_and(|place| place < size);
            if self.only.is_some_and(|place| !has(place)) {
                continue;
            }
            let is_read = match row < self.table.direct_rows {
                true => self.read(block, at, size)?,
                false => {
                    let own = size.ilog2().checked_sub((first * width).ilog2());
                    let Some(own) = own else {
                        return Ok(false);
                    };
                    self.read_table(block, at, u64::from(own) + 1, depth + 1)?
                }
            };
            if !is_read {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether bytes begin as a block at a place of this heap does.
    fn begins(&self, block: &[u8], signature: &[u8; 4], at: u64) -> bool {
        block.starts_with(signature)
            && block.get(4) == Some(&0)
            && number64(block, 5) == Some(self.heap)
            && number_of(block, 13, self.table.offset) == Some(at)
    }
}
