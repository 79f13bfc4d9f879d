//! Links of a group, or attributes of an object, that are too many for its header: in a fractal heap, with a tree of their names.
//!
//! Each block of the heap is filled before the next one is begun, and nothing says what is free at the end of a block: HDF5 puts
//! what it adds into blocks of its own.
//!
//! Formats: HDF5 File Format Specification 3.0, III.G (the heap), III.A.2 (the tree, records of types 5 and 8).

#![forbid(unsafe_code)]

use super::image::{Address, Image};
use crate::error::{Error, Result};
use crate::format::btree2::{self, Shape};
use crate::format::lookup3;
use crate::format::{Widths, UNDEFINED};
use smallvec::SmallVec;

/// Blocks of a row of a heap.
pub(super) const WIDTH: u64 = 4;

/// Bytes of the largest block with objects.
pub(super) const LARGEST_BLOCK: u64 = 64 << 10;

/// The most bytes of an object that is in a block.
pub const LARGEST_OBJECT: usize = 4 << 10;

/// Bytes of a heap's header, and of a tree's.
const HEAP_HEADER: usize = 146;
const TREE_HEADER: usize = 38;

/// Bytes of a node of a tree.
pub(super) const NODE: usize = 512;

/// How HDF5 has a heap and its tree.
#[derive(Debug)]
pub struct Kind {
    /// Bytes of the smallest block.
    first: u64,
    /// Bits of a place in the heap.
    bits: u32,
    /// The type of the tree, and the bytes of its records.
    pub(super) tree: u8,
    record: u64,
    /// Whether a record begins with where its object is, followed by the flags of its message and its number, which it does not have.
    is_attribute: bool,
}

/// A group's links.
pub const LINKS: Kind = Kind {
    first: 512,
    bits: 32,
    tree: 5,
    record: 11,
    is_attribute: false,
};

/// An object's attributes.
pub const ATTRIBUTES: Kind = Kind {
    first: 1024,
    bits: 40,
    tree: 8,
    record: 17,
    is_attribute: true,
};

/// The number of an attribute of which the order is not noted.
const NO_NUMBER: u32 = 0xFFFF;

impl Kind {
    /// Bytes of a place in the heap.
    pub(super) fn offset(&self) -> usize {
        self.bits.div_ceil(8) as usize
    }

    /// Bytes of a block before its objects.
    pub(super) fn overhead(&self) -> u64 {
        (4 + 1 + 8 + self.offset() + 4) as u64
    }

    /// Bytes of a block of a row, and where in a table the row begins.
    pub(super) fn block(&self, row: u32) -> (u64, u64) {
        match row {
            0 => (self.first, 0),
            _ => {
                let size = self.first << (row - 1);
                (size, WIDTH * size)
            }
        }
    }

    /// How many rows a table has that takes so many bytes of the heap.
    fn rows(&self, size: u64) -> u32 {
        size.ilog2() - (self.first * WIDTH).ilog2() + 1
    }

    /// How many rows the largest table has.
    pub(super) fn most_rows(&self) -> u32 {
        self.bits - (self.first * WIDTH).ilog2() + 1
    }

    /// Bytes for objects in all blocks of a table of so many rows, those that are not there included.
    pub(super) fn room(&self, rows: u32) -> u64 {
        let of_row = |row| match self.block(row).0 {
            size if size <= LARGEST_BLOCK => size - self.overhead(),
            size => self.room(self.rows(size)),
        };
        (0..rows).map(|row| WIDTH * of_row(row)).sum()
    }
}

/// What a heap's header counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeapCounts {
    /// Rows of the table that is the root, 0 if a block is.
    pub rows: u32,
    /// Bytes of objects, and of blocks.
    pub used: u64,
    pub allocated: u64,
    /// Where in the heap the next block will be.
    pub end: u64,
    pub objects: u64,
}

impl Kind {
    /// The header of a heap up to where it says where the root is, followed by the rows of that and a checksum.
    pub(super) fn heap_fields(&self, counts: &HeapCounts) -> Vec<u8> {
        let HeapCounts {
            rows,
            used,
            allocated,
            end,
            objects,
        } = *counts;
        let (size, room, next) = match rows {
            0 => (self.first, self.first - self.overhead(), 0),
            _ => (self.block(rows).1, self.room(rows), end),
        };
        let mut fields = b"FRHP\0".to_vec();
        for number in [self.offset() as u16 + 3, 0] {
            fields.extend(number.to_le_bytes());
        }
        // Blocks have checksums.
        fields.push(2);
        fields.extend((LARGEST_OBJECT as u32).to_le_bytes());
        let free = room.saturating_sub(used);
        let counts = [
            [0, UNDEFINED, free, UNDEFINED],
            [size, allocated, next, objects],
            [0; 4],
        ];
        let numbers = counts.as_flattened().iter();
        fields.extend(numbers.flat_map(|number: &u64| number.to_le_bytes()));
        fields.extend((WIDTH as u16).to_le_bytes());
        fields.extend(self.first.to_le_bytes());
        fields.extend(LARGEST_BLOCK.to_le_bytes());
        for number in [self.bits as u16, 1] {
            fields.extend(number.to_le_bytes());
        }
        debug_assert_eq!(fields.len() + 8 + 2 + 4, HEAP_HEADER);
        fields
    }

    /// The header of a tree up to where it says where the root is, followed by the records of that and of all, and a checksum.
    pub(super) fn tree_fields(&self, depth: usize) -> Vec<u8> {
        let mut fields = b"BTHD\0".to_vec();
        fields.push(self.tree);
        fields.extend((NODE as u32).to_le_bytes());
        fields.extend((self.record as u16).to_le_bytes());
        fields.extend((depth as u16).to_le_bytes());
        // When HDF5 splits a node, and when it merges two.
        fields.extend([100, 40]);
        fields
    }

    /// The record of an object of so many bytes, by the hash of its name and its place in the heap.
    pub(super) fn record(&self, hash: u32, offset: u64, length: usize) -> SmallVec<[u8; 24]> {
        let hash = hash.to_le_bytes();
        let mut record = SmallVec::new();
        if !self.is_attribute {
            record.extend(hash);
        }
        record.push(0);
        record.extend_from_slice(&offset.to_le_bytes()[..self.offset()]);
        record.extend((length as u16).to_le_bytes());
        if self.is_attribute {
            record.push(0);
            record.extend(NO_NUMBER.to_le_bytes());
            record.extend(hash);
        }
        record
    }

    /// What the nodes of a tree of some depth can hold.
    pub(super) fn shape(&self, depth: usize) -> Option<Shape> {
        Shape::new(
            self.tree,
            NODE as u64,
            self.record,
            depth as u64,
            Widths::USUAL,
        )
    }
}

/// What has a name and goes into a heap.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Bytes of its message, at most [`LARGEST_OBJECT`].
    pub length: usize,
}

/// Where the parts are.
#[derive(Clone, Copy, Debug)]
pub struct PlacedHeap {
    /// The header of the heap.
    pub heap: u64,
    /// The header of the tree of names.
    pub tree: u64,
}

/// Where in a heap an object is.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    number: usize,
    offset: u64,
}

/// Puts messages into a heap, and their names into a tree; `put` adds the one with a number to the image.
pub fn put_heap(
    image: &mut Image,
    kind: &Kind,
    entries: &[Entry<'_>],
    put: impl FnMut(&mut Image, usize),
) -> Result<PlacedHeap> {
    let heap = image.next();
    image.push_zeros(HEAP_HEADER);
    let mut filling = Filling {
        kind,
        entries,
        heap,
        places: Vec::with_capacity(entries.len()),
        allocated: 0,
        end: 0,
        put,
    };
    let used: u64 = entries.iter().map(|entry| entry.length as u64).sum();
    let (root, rows) = match used <= kind.first - kind.overhead() {
        true => (filling.put_block(image, 0, kind.first), 0),
        false => filling.put_table(image, 0, None),
    };
    let Filling {
        mut places,
        allocated,
        end,
        ..
    } = filling;
    if places.len() < entries.len() {
        return Err(Error::internal("a heap of names has not enough room"));
    }
    let fields = kind.heap_fields(&HeapCounts {
        rows,
        used,
        allocated,
        end,
        objects: entries.len() as u64,
    });
    let start = heap as usize;
    image.set(start, &fields);
    image.set_address(start + fields.len(), Address::Here(root));
    image.set(start + fields.len() + 8, &(rows as u16).to_le_bytes());
    image.set_sum(start + HEAP_HEADER - 4, start..start + HEAP_HEADER - 4);

    places.sort_unstable_by(|one, other| {
        let name = |place: &Place| entries[place.number].name;
        (one.hash, name(one)).cmp(&(other.hash, name(other)))
    });
    let tree = Tree {
        kind,
        entries,
        places: &places,
    };
    let tree = tree.put(image)?;
    Ok(PlacedHeap { heap, tree })
}

/// Blocks that are filled one after the other.
struct Filling<'a, Put> {
    kind: &'a Kind,
    entries: &'a [Entry<'a>],
    /// Where the header of the heap is.
    heap: u64,
    /// Where those are that have a place.
    places: Vec<Place>,
    /// Bytes of all blocks.
    allocated: u64,
    /// Where in the heap the latest block ends.
    end: u64,
    put: Put,
}

impl<Put: FnMut(&mut Image, usize)> Filling<'_, Put> {
    /// The bytes of the next message.
    fn next(&self) -> Option<u64> {
        let entry = self.entries.get(self.places.len())?;
        Some(entry.length as u64)
    }

    /// Adds a block with objects, at a place of the heap; gives where it is.
    fn put_block(&mut self, image: &mut Image, at: u64, size: u64) -> u64 {
        let block = image.next();
        let start = block as usize;
        self.put_prefix(image, b"FHDB", at);
        let sum = image.len();
        image.push_zeros(4);
        let end = start + size as usize;
        while let Some(length) = self.next() {
            if image.len() + length as usize > end {
                break;
            }
            let number = self.places.len();
            let entry = &self.entries[number];
            self.places.push(Place {
                hash: lookup3::checksum(entry.name.as_bytes()),
                number,
                offset: at + (image.len() - start) as u64,
            });
            (self.put)(image, number);
        }
        image.push_zeros(end - image.len());
        image.set_sum(sum, start..end);
        self.allocated += size;
        self.end = at + size;
        block
    }

    /// Adds a table of blocks at a place of the heap, of so many rows or of as many as are needed; gives where it is, and how many rows it
    /// has.
    fn put_table(&mut self, image: &mut Image, at: u64, rows: Option<u32>) -> (u64, u32) {
        let kind = self.kind;
        let mut blocks = Vec::new();
        for row in 0..rows.unwrap_or(kind.most_rows()) {
            let (size, first) = kind.block(row);
            for column in 0..WIDTH {
                let at = at + first + column * size;
                let block = match self.next() {
                    None => None,
                    Some(_) if size > LARGEST_BLOCK => {
                        Some(self.put_table(image, at, Some(kind.rows(size))).0)
                    }
                    Some(length) => {
                        (length <= size - kind.overhead()).then(|| self.put_block(image, at, size))
                    }
                };
                blocks.push(block);
            }
            if self.next().is_none() {
                break;
            }
        }
        // HDF5 doubles them.
        let needed = (blocks.len() as u32 / WIDTH as u32).next_power_of_two();
        let rows = rows.unwrap_or(needed.min(kind.most_rows()));
        blocks.resize(rows as usize * WIDTH as usize, None);
        let table = image.next();
        self.put_prefix(image, b"FHIB", at);
        for block in blocks {
            image.push_address(match block {
                Some(block) => Address::Here(block),
                None => Address::File(UNDEFINED),
            });
        }
        image.push_sum(table as usize);
        (table, rows)
    }

    fn put_prefix(&self, image: &mut Image, signature: &[u8; 4], at: u64) {
        image.push(signature);
        image.push(&[0]);
        image.push_address(Address::Here(self.heap));
        image.push(&at.to_le_bytes()[..self.kind.offset()]);
    }
}

/// Records in the order of a tree.
struct Tree<'a> {
    kind: &'a Kind,
    entries: &'a [Entry<'a>],
    places: &'a [Place],
}

impl Tree<'_> {
    /// Adds the tree; gives where its header is.
    fn put(&self, image: &mut Image) -> Result<u64> {
        let count = self.places.len() as u64;
        let of_depth = |depth: usize| {
            let shape = self.kind.shape(depth);
            shape.filter(|shape| shape.levels[depth].all >= count)
        };
        let found = (0..8).find_map(|depth| Some((depth, of_depth(depth)?)));
        let (depth, shape) =
            found.ok_or_else(|| Error::internal("a tree of names has not enough room"))?;
        let root = self.put_node(image, &shape, depth, self.places);
        let tree = image.next();
        image.push(&self.kind.tree_fields(depth));
        image.push_address(Address::Here(root.place));
        image.push(&(root.own as u16).to_le_bytes());
        image.push_number(count);
        image.push_sum(tree as usize);
        debug_assert_eq!(image.len() - tree as usize, TREE_HEADER);
        Ok(tree)
    }

    fn put_node(&self, image: &mut Image, shape: &Shape, depth: usize, all: &[Place]) -> Node {
        let mut own: Vec<&Place> = Vec::new();
        let mut below = Vec::new();
        if depth == 0 {
            own.extend(all);
        } else {
            // As few nodes as can hold them, and between two of them one record, as equal as can be.
            let most = shape.levels[depth - 1].all as usize;
            let nodes = (all.len() + 1).div_ceil(most + 1);
            let in_nodes = all.len() - (nodes - 1);
            for node in 0..nodes {
                let (from, to) = (node * in_nodes / nodes, (node + 1) * in_nodes / nodes);
                below.push(self.put_node(image, shape, depth - 1, &all[from + node..to + node]));
                own.extend(all.get(to + node).filter(|_| node + 1 < nodes));
            }
        }
        let place = image.next();
        let start = place as usize;
        image.push(if depth == 0 { b"BTLF" } else { b"BTIN" });
        image.push(&[0, self.kind.tree]);
        debug_assert_eq!(image.len() - start, btree2::PREFIX);
        for place in &own {
            let length = self.entries[place.number].length;
            image.push(&self.kind.record(place.hash, place.offset, length));
        }
        for node in &below {
            image.push_address(Address::Here(node.place));
            image.push(&(node.own as u64).to_le_bytes()[..shape.count]);
            image.push(&(node.all as u64).to_le_bytes()[..shape.levels[depth - 1].sum]);
        }
        image.push_sum(start);
        image.push_zeros(start + NODE - image.len());
        Node {
            place,
            own: own.len(),
            all: all.len(),
        }
    }
}

/// A node of a tree: where it is, how many records it has, and how many there are with those below it.
struct Node {
    place: u64,
    own: usize,
    all: usize,
}
