//! Links of a group in a heap that are added to past HDF5, one after the other: their messages behind the others in the blocks of the heap,
//! and their names into the nodes of the tree.
//!
//! Only of heaps to which HDF5 has added nothing: in others it has noted what is free.
//!
//! Formats: as in [`dense`](super::dense).

#![forbid(unsafe_code)]

use super::dense::{HeapCounts, Kind, LARGEST_BLOCK, LINKS, NODE, WIDTH};
use crate::error::{Error, Result};
use crate::format::btree2::Shape;
use crate::format::dense::{read_heap, read_tree, Dense, FoundHeap, FoundNode};
use crate::format::links::FoundLink;
use crate::format::{lookup3, number32, UNDEFINED};
use crate::journal::RawFile;
use crate::store::Hdf5File;

/// Rows of a heap's table whose blocks have objects.
const ROWS: u32 = 9;

/// Longer messages are left to HDF5: little of a block is left free before one.
const LONGEST: usize = 268;

/// The kind of heap and tree.
const KIND: &Kind = &LINKS;

/// What a heap and a tree have, and where.
#[derive(Debug)]
pub struct HeapLinks {
    heap: u64,
    tree: u64,
    /// Where the table of blocks is, and how many rows it has; None if there is one block.
    table: Option<(u64, u32)>,
    /// Where the blocks are.
    blocks: Vec<u64>,
    /// The latest block, with the checksum as zeros.
    last: Vec<u8>,
    /// Blocks that have no place yet; of the latest one the bytes are not here.
    new: Vec<Vec<u8>>,
    /// The latest block that has a place, if it is full and not in the file yet.
    full: Option<Vec<u8>>,
    /// Bytes of the latest block that have objects, and bytes of all objects.
    filled: usize,
    used: u64,
    count: u64,
    root: Node,
    depth: usize,
}

/// A node of the tree.
#[derive(Debug)]
struct Node {
    /// Where it is, if it has a place already.
    place: Option<u64>,
    records: Vec<Record>,
    /// One before each record and one behind them, or none.
    below: Vec<Node>,
    is_changed: bool,
}

/// The record of a link: in the order of its hash and its name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    hash: u32,
    name: Box<str>,
    bytes: Vec<u8>,
}

impl Node {
    fn of(found: FoundNode, heap: &FoundHeap) -> Option<Self> {
        let record = |bytes: Vec<u8>| {
            let link = FoundLink::of(heap.object(Dense::Links, &bytes)?)?;
            Some(Record {
                hash: number32(&bytes, 0)?,
                name: link.name,
                bytes,
            })
        };
        let records: Option<Vec<Record>> = found.records.into_iter().map(record).collect();
        let below: Option<Vec<Node>> = found
            .below
            .into_iter()
            .map(|node| Self::of(node, heap))
            .collect();
        Some(Self {
            place: Some(found.place),
            records: records?,
            below: below?,
            is_changed: false,
        })
    }

    /// Adds a record; gives what has to be behind this node then: a record, and another node.
    fn insert(&mut self, record: Record, shape: &Shape, depth: usize) -> Option<(Record, Node)> {
        self.is_changed = true;
        let at = self.records.partition_point(|other| *other < record);
        match depth.checked_sub(1) {
            None => self.records.insert(at, record),
            Some(below) => {
                let (record, node) = self.below[at].insert(record, shape, below)?;
                self.records.insert(at, record);
                self.below.insert(at + 1, node);
            }
        }
        if self.records.len() as u64 <= shape.levels[depth].most {
            return None;
        }
        let middle = self.records.len() / 2;
        let right = Node {
            place: None,
            records: self.records.split_off(middle + 1),
            below: match depth {
                0 => Vec::new(),
                _ => self.below.split_off(middle + 1),
            },
            is_changed: true,
        };
        Some((self.records.pop()?, right))
    }

    /// Records in it and below it.
    fn all(&self) -> u64 {
        self.records.len() as u64 + self.below.iter().map(Node::all).sum::<u64>()
    }

    /// Calls `visit` with all nodes.
    fn each(&mut self, visit: &mut impl FnMut(&mut Node)) {
        visit(self);
        for node in &mut self.below {
            node.each(visit);
        }
    }

    /// Writes it and those below it that have changed; all of them have places.
    fn store(&mut self, raw: &RawFile, shape: &Shape, depth: usize) -> Result<()> {
        if !self.is_changed {
            return Ok(());
        }
        for node in &mut self.below {
            node.store(raw, shape, depth - 1)?;
        }
        let mut bytes = if depth == 0 { b"BTLF" } else { b"BTIN" }.to_vec();
        bytes.extend([0, KIND.tree]);
        bytes.extend(self.records.iter().flat_map(|record| &record.bytes));
        for node in &self.below {
            let place = node.place.unwrap_or(UNDEFINED);
            bytes.extend(place.to_le_bytes());
            bytes.extend(&(node.records.len() as u64).to_le_bytes()[..shape.count]);
            bytes.extend(&node.all().to_le_bytes()[..shape.levels[depth - 1].sum]);
        }
        bytes.extend(lookup3::checksum(&bytes).to_le_bytes());
        bytes.resize(NODE, 0);
        raw.write_surely(self.place.unwrap_or(UNDEFINED), &bytes)?;
        self.is_changed = false;
        Ok(())
    }
}

/// Bytes of a block of a number, and where in the heap it begins.
fn block(number: usize) -> (u64, u64) {
    let (row, column) = (number as u64 / WIDTH, number as u64 % WIDTH);
    let (size, first) = KIND.block(row as u32);
    (size, first + column * size)
}

/// Where in a block the checksum is.
fn sum_at() -> usize {
    KIND.overhead() as usize - 4
}

impl HeapLinks {
    /// The heap and the tree whose headers are at these addresses, of at most so many links; None if HDF5 has to add to them.
    pub fn read(raw: &RawFile, (heap, tree): (u64, u64), most: usize) -> Result<Option<Self>> {
        let mut pieces = Vec::new();
        let Some(Some(found_tree)) = read_tree(raw, tree, Dense::Links, most, &mut pieces)? else {
            return Ok(None);
        };
        let Some(found) = read_heap(raw, heap, Dense::Links, &mut pieces)? else {
            return Ok(None);
        };
        Ok(Self::of((heap, tree), found_tree, found))
    }

    fn of((heap, tree): (u64, u64), found_tree: FoundNode, found: FoundHeap) -> Option<Self> {
        let (mut used, mut end, mut count) = (0, 0, 0);
        let is_whole = found_tree.each(&mut |record| {
            let place = found.place(Dense::Links, record);
            let (at, length) = place.unwrap_or_default();
            used += length;
            end = end.max(at + length);
            count += 1;
            place.is_some()
        });
        // All blocks up to the latest one are there, without what is between them.
        let mut numbers = found.blocks.keys().enumerate();
        let are_next = |(number, at): (usize, &u64)| block(number).1 == *at;
        let is_usual = is_whole && found.manager == UNDEFINED && numbers.all(are_next);
        let (&at, (_, last)) = found.blocks.last_key_value().filter(|_| is_usual)?;
        let filled = usize::try_from(end.checked_sub(at)?).ok()?;
        let mut depth = 0;
        let mut node = &found_tree;
        while let Some(below) = node.below.first() {
            node = below;
            depth += 1;
        }
        (filled <= last.len() && found.rows <= ROWS.next_power_of_two()).then_some(())?;
        Some(Self {
            heap,
            tree,
            table: (found.rows > 0).then_some((found.root, found.rows)),
            blocks: found.blocks.values().map(|block| block.0).collect(),
            last: last.clone(),
            new: Vec::new(),
            full: None,
            filled: filled.max(KIND.overhead() as usize),
            used,
            count,
            root: Node::of(found_tree, &found)?,
            depth,
        })
    }

    /// Whether links by these names, whose messages have so many bytes, have room.
    pub fn has_room<'a>(&self, mut names: impl Iterator<Item = (&'a str, usize)>) -> bool {
        let mut bytes = self.used;
        let are_short = names.all(|(_, length)| {
            bytes += length as u64;
            length <= LONGEST
        });
        // Less than a quarter is left free at the ends of blocks.
        are_short && bytes <= KIND.room(ROWS) / 4 * 3
    }

    /// Adds links by names that are not in it, with the contents of their messages, and brings all into the file; adds where new pieces are. After an error it is of no use any more,
    /// and what the file had is as it was.
    pub fn insert(
        &mut self,
        file: &Hdf5File,
        more: &[(&str, Vec<u8>)],
        pieces: &mut Vec<(u64, u64)>,
    ) -> Result<()> {
        for (name, message) in more {
            if self.filled + message.len() > self.last.len() {
                self.begin_block()?;
            }
            let (_, at) = block(self.blocks.len() + self.new.len() - 1);
            let hash = lookup3::checksum(name.as_bytes());
            let bytes = KIND.record(hash, at + self.filled as u64, message.len());
            self.last[self.filled..self.filled + message.len()].copy_from_slice(message);
            self.filled += message.len();
            self.used += message.len() as u64;
            self.count += 1;
            let record = Record {
                hash,
                name: (*name).into(),
                bytes: bytes.to_vec(),
            };
            self.insert_record(record)?;
        }
        self.store(file, pieces)
    }

    fn insert_record(&mut self, record: Record) -> Result<()> {
        let shape = KIND.shape(self.depth).ok_or_else(too_deep)?;
        if let Some((record, right)) = self.root.insert(record, &shape, self.depth) {
            let root = Node {
                place: None,
                records: vec![record],
                below: Vec::new(),
                is_changed: true,
            };
            let left = std::mem::replace(&mut self.root, root);
            self.root.below = vec![left, right];
            self.depth += 1;
        }
        Ok(())
    }

    /// Begins the next block.
    fn begin_block(&mut self) -> Result<()> {
        let number = self.blocks.len() + self.new.len();
        let (size, at) = block(number);
        if size > LARGEST_BLOCK {
            return Err(Error::internal("a heap of names has not enough room"));
        }
        let mut bytes = b"FHDB\0".to_vec();
        bytes.extend(self.heap.to_le_bytes());
        bytes.extend(&at.to_le_bytes()[..KIND.offset()]);
        bytes.resize(size as usize, 0);
        // The latest one may be among those that are not in the file.
        let before = std::mem::replace(&mut self.last, bytes);
        self.keep(before);
        self.new.push(Vec::new());
        self.filled = KIND.overhead() as usize;
        Ok(())
    }

    /// Notes the bytes of the block that was the latest one.
    fn keep(&mut self, bytes: Vec<u8>) {
        match self.new.last_mut() {
            Some(new) => *new = bytes,
            None => self.full = Some(bytes),
        }
    }

    /// Writes all that has changed.
    fn store(&mut self, file: &Hdf5File, pieces: &mut Vec<(u64, u64)>) -> Result<()> {
        let raw = file.raw()?;
        let shape = KIND.shape(self.depth).ok_or_else(too_deep)?;
        // Places for what is new, one behind the other.
        let blocks = self.blocks.len() + self.new.len();
        let rows = (blocks as u32).div_ceil(WIDTH as u32).next_power_of_two();
        let new_table = match self.table {
            Some((_, has)) if rows <= has => None,
            None if blocks == 1 => None,
            _ => Some(rows.min(KIND.most_rows())),
        };
        let mut lengths: Vec<usize> = Vec::new();
        lengths.extend((self.blocks.len()..blocks).map(|number| block(number).0 as usize));
        lengths.extend(new_table.map(table_length));
        self.root.each(&mut |node| {
            if node.place.is_none() {
                lengths.push(NODE);
            }
        });
        let total: usize = lengths.iter().sum();
        let mut start = 0;
        if total > 0 {
            let zeros = vec![0; total];
            file.append(total, |address| {
                start = address;
                &zeros
            })?;
            pieces.push((start, total as u64));
        }
        let mut places = lengths.into_iter().scan(start, |next, length| {
            let place = *next;
            *next += length as u64;
            Some(place)
        });
        let mut next = || places.next().unwrap_or(UNDEFINED);
        let first_new = self.blocks.len();
        self.blocks.extend((first_new..blocks).map(|_| next()));
        if let Some(rows) = new_table {
            let old = self.table.replace((next(), rows));
            if let Some((place, rows)) = old {
                file.give_back(place, table_length(rows) as u64);
            }
        }
        self.root.each(&mut |node| {
            if node.place.is_none() {
                node.place = Some(next());
            }
        });

        if let (Some(full), Some(number)) = (self.full.take(), first_new.checked_sub(1)) {
            write_block(raw, self.blocks[number], &full)?;
        }
        let mut new = std::mem::take(&mut self.new);
        new.pop();
        for (number, bytes) in new.iter().enumerate() {
            write_block(raw, self.blocks[first_new + number], bytes)?;
        }
        if let Some(place) = self.blocks.last() {
            write_block(raw, *place, &self.last)?;
        }
        if let Some((place, rows)) = self.table.filter(|_| blocks > first_new) {
            let mut bytes = b"FHIB\0".to_vec();
            bytes.extend(self.heap.to_le_bytes());
            bytes.extend(&[0; 8][..KIND.offset()]);
            bytes.extend(self.blocks.iter().flat_map(|block| block.to_le_bytes()));
            bytes.resize(table_length(rows) - 4, 0xFF);
            raw.write_surely(place, &with_sum(bytes))?;
        }
        self.root.store(raw, &shape, self.depth)?;
        self.store_headers(raw)
    }

    fn store_headers(&self, raw: &RawFile) -> Result<()> {
        let (size, at) = block(self.blocks.len() - 1);
        let sizes = (0..self.blocks.len()).map(|number| block(number).0);
        let counts = HeapCounts {
            rows: self.table.map_or(0, |(_, rows)| rows),
            used: self.used,
            allocated: sizes.sum(),
            end: at + size,
            objects: self.count,
        };
        let mut heap = KIND.heap_fields(&counts);
        let root = self.table.map_or(self.blocks[0], |(place, _)| place);
        heap.extend(root.to_le_bytes());
        heap.extend((counts.rows as u16).to_le_bytes());
        raw.write_surely(self.heap, &with_sum(heap))?;
        let mut tree = KIND.tree_fields(self.depth);
        tree.extend(self.root.place.unwrap_or(UNDEFINED).to_le_bytes());
        tree.extend((self.root.records.len() as u16).to_le_bytes());
        tree.extend(self.count.to_le_bytes());
        raw.write_surely(self.tree, &with_sum(tree))
    }
}

/// Bytes of a table of blocks.
fn table_length(rows: u32) -> usize {
    4 + 1 + 8 + KIND.offset() + 8 * WIDTH as usize * rows as usize + 4
}

fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend(lookup3::checksum(&bytes).to_le_bytes());
    bytes
}

/// Writes a block whose checksum is zeros.
fn write_block(raw: &RawFile, place: u64, bytes: &[u8]) -> Result<()> {
    let mut bytes = bytes.to_vec();
    let sum = lookup3::checksum(&bytes);
    bytes[sum_at()..sum_at() + 4].copy_from_slice(&sum.to_le_bytes());
    raw.write_surely(place, &bytes)
}

fn too_deep() -> Error {
    Error::internal("a tree of names has not enough room")
}
