//! B-trees of version 2: how many records a node has says the one above it, and HDF5's C believes that whatever room there is.
//!
//! Format: III.A.2.

#![forbid(unsafe_code)]

use super::{lookup3, number_of, Widths};
use std::sync::Arc;

/// Signature, version and type before the records of a node.
pub const PREFIX: usize = 6;

/// The checksum behind them.
const CHECKSUM: u64 = 4;

/// What all nodes of a tree have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    kind: u8,
    /// Bytes of a record.
    record: usize,
    address: usize,
    /// Bytes of the number of records in a node.
    pub count: usize,
    /// What nodes of each depth can hold, those without nodes below them first.
    pub levels: Vec<Level>,
}

/// What the nodes of one depth can hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// Records of one node.
    pub most: u64,
    /// Records of one node and of those below it.
    pub all: u64,
    /// Bytes of the number of all records in and below it; none where nothing is below.
    pub sum: usize,
}

/// A node that is still to be read, as what leads to it tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    shape: Arc<Shape>,
    depth: usize,
    records: u64,
    /// Those below it included.
    all: u64,
}

/// A node and its address.
pub type Place = (u64, Node);

/// The root that the header of a tree tells of, in a file of `end` bytes; `None` if HDF5 must not believe it, or has none to read.
///
/// Whether these are the bytes of a header has been looked at.
pub fn root(header: &[u8], widths: Widths, end: u64) -> Option<Place> {
    let field = |at: usize, width: usize| number_of(header, at, width);
    let (node, record, depth) = (field(6, 4)?, field(10, 2)?, field(12, 2)?);
    let records = field(16 + widths.address, 2)?;
    let all = field(18 + widths.address, widths.length)?;
    let shape = Shape::new(*header.get(5)?, node, record, depth, widths)?;
    let place = Node {
        depth: shape.levels.len() - 1,
        shape: Arc::new(shape),
        records,
        all,
    };
    // Nodes that several lead to would be walked again and again; of records there are no more than the file holds.
    let is_held = all.checked_mul(record).is_some_and(|bytes| bytes <= end);
    (is_held && place.is_sized()).then_some((field(16, widths.address)?, place))
}

impl Shape {
    /// `None` if there is no room for a record, or for the nodes below.
    pub fn new(kind: u8, node: u64, record: u64, depth: u64, widths: Widths) -> Option<Self> {
        let address = widths.address;
        if !is_record(kind, record, widths) {
            return None;
        }
        let room = node.checked_sub(PREFIX as u64 + CHECKSUM)?;
        let in_leaf = room / record;
        if in_leaf == 0 {
            return None;
        }
        let count = bytes_of(in_leaf);
        let mut levels = vec![Level {
            most: in_leaf,
            all: in_leaf,
            sum: 0,
        }];
        let mut below = in_leaf;
        // Deeper trees than some tens of levels have more records than can be counted.
        for _ in 0..depth {
            let pointer = (address + count + levels.last()?.sum) as u64;
            let most = room.checked_sub(pointer)? / (record + pointer);
            if most == 0 {
                return None;
            }
            below = (most + 1).checked_mul(below)?.checked_add(most)?;
            levels.push(Level {
                most,
                all: below,
                sum: bytes_of(below),
            });
        }
        Some(Self {
            kind,
            record: usize::try_from(record).ok()?,
            address,
            count,
            levels,
        })
    }
}

impl Node {
    /// Whether there are others below it; one without is read as it was said to be by what leads to it.
    pub fn leads_on(&self) -> bool {
        self.depth > 0
    }

    /// How many records it has itself.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many records there are with those below it.
    pub fn all(&self) -> u64 {
        self.all
    }

    /// Its own records, of which these are the bytes; `None` if they are not.
    pub fn own<'a>(&self, bytes: &'a [u8]) -> Option<impl Iterator<Item = &'a [u8]>> {
        let shape = &self.shape;
        let records = usize::try_from(self.records).ok()?;
        let (signature, pointers) = match self.depth.checked_sub(1) {
            None => (b"BTLF", 0),
            Some(below) => {
                let sum = shape.levels[below].sum;
                (b"BTIN", (records + 1) * (shape.address + shape.count + sum))
            }
        };
        let end = PREFIX + records * shape.record;
        let whole = bytes.get(..end + pointers + CHECKSUM as usize)?;
        let is_node = whole.starts_with(signature)
            && whole[4..PREFIX] == [0, shape.kind]
            && lookup3::is_right(whole);
        is_node.then(|| whole[PREFIX..end].chunks_exact(shape.record))
    }

    /// Whether it can have as many records as are said to be in it, and below it.
    fn is_sized(&self) -> bool {
        let is_all = match self.depth {
            0 => self.all == self.records,
            _ => self.all >= self.records,
        };
        is_all && self.records <= self.shape.levels[self.depth].most
    }

    /// The nodes below it, of which its bytes tell; `None` if HDF5 must not believe them.
    pub fn below(&self, bytes: &[u8]) -> Option<Vec<Place>> {
        let shape = &self.shape;
        let depth = self.depth.checked_sub(1)?;
        let is_node = bytes.starts_with(b"BTIN") && bytes.get(5) == Some(&shape.kind);
        let records = usize::try_from(self.records).ok()?;
        let sum = shape.levels[depth].sum;
        let step = shape.address + shape.count + sum;
        let first = PREFIX + records * shape.record;
        let mut left = self.all.checked_sub(self.records)?;
        let mut found = Vec::new();
        for child in 0..=records {
            let at = first + child * step;
            let records = number_of(bytes, at + shape.address, shape.count)?;
            let all = match depth {
                0 => records,
                _ => number_of(bytes, at + shape.address + shape.count, sum)?,
            };
            let node = Self {
                shape: Arc::clone(shape),
                depth,
                records,
                all,
            };
            if !node.is_sized() {
                return None;
            }
            left = left.checked_sub(all)?;
            found.push((number_of(bytes, at, shape.address)?, node));
        }
        (is_node && left == 0).then_some(found)
    }
}

/// Whether HDF5 decodes records of a tree of this kind from so many bytes.
fn is_record(kind: u8, record: u64, widths: Widths) -> bool {
    let (address, length) = (widths.address as u64, widths.length as u64);
    // Where a message is that objects share: in a heap, or in an object header.
    let shared = 12.max(4 + address);
    match kind {
        // Huge objects of a heap: each with its number or without, and filtered or not.
        1 => record == address + 2 * length,
        2 => record == address + 3 * length + 4,
        3 => record == address + length,
        4 => record == address + 2 * length + 4,
        // Links by name and by order.
        5 => record == 11,
        6 => record == 15,
        7 => record == 5 + shared,
        // Attributes by name and by order.
        8 => record == 17,
        9 => record == 13,
        // Chunks, with as many coordinates as the dataset has axes.
        10 => record >= address + 8 && (record - address) % 8 == 0,
        11 => record > address + 4 + 8,
        // Others are HDF5's own tests'.
        _ => false,
    }
}

/// How many bytes a number up to this one has in a file.
fn bytes_of(most: u64) -> usize {
    (most.max(1).ilog2() / 8 + 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: Widths = Widths::USUAL;
    const END: u64 = 1 << 20;

    /// The header of a tree of links by name, with its root at 4096.
    fn header(node: u32, record: u16, depth: u16, records: u16, all: u64) -> Vec<u8> {
        let mut header = b"BTHD\0\x05".to_vec();
        header.extend(node.to_le_bytes());
        header.extend(record.to_le_bytes());
        header.extend(depth.to_le_bytes());
        header.extend([100, 40]);
        header.extend(4096u64.to_le_bytes());
        header.extend(records.to_le_bytes());
        header.extend(all.to_le_bytes());
        header.extend([0; 4]);
        header
    }

    fn root_of(header: &[u8]) -> Option<Place> {
        root(header, WIDTHS, END)
    }

    /// A node with these children, of which each has as many bytes for the sum of its records.
    fn node(records: usize, children: &[(u64, u8, u64)], sum: usize) -> Vec<u8> {
        let mut node = b"BTIN\0\x05".to_vec();
        node.resize(PREFIX + 11 * records, 7);
        for (address, records, all) in children {
            node.extend(address.to_le_bytes());
            node.push(*records);
            node.extend(&all.to_le_bytes()[..sum]);
        }
        node.resize(512, 0);
        node
    }

    #[test]
    fn roots_with_more_records_than_a_node_has_room_for_are_refused() {
        // HDF5's own nodes for links: 45 in a leaf; below a root, pointers of 8 + 1 bytes, and then of 8 + 1 + 2.
        for (depth, most) in [(0, 45), (1, 24), (2, 22)] {
            let (address, node) = root_of(&header(512, 11, depth, most, most.into())).unwrap();
            assert_eq!((address, node.leads_on()), (4096, depth > 0), "{depth}");
            let more = header(512, 11, depth, most + 1, u64::from(most) + 1);
            assert_eq!(root_of(&more), None, "{depth}");
        }
        for damaged in [
            header(512, 11, 0x7FFF, 1, 1),
            header(512, 0, 0, 1, 1),
            header(512, 10, 0, 1, 1),
            header(12, 11, 0, 0, 0),
            header(21, 11, 1, 0, 0),
            // More or fewer in all than in the root, and more than the file holds.
            header(512, 11, 0, 3, 4),
            header(512, 11, 1, 3, 2),
            header(512, 11, 1, 3, END / 11 + 1),
            header(512, 11, 1, 3, u64::MAX),
        ] {
            assert_eq!(root_of(&damaged), None, "{damaged:?}");
        }
        let whole = header(512, 11, 1, 3, END / 11);
        assert!(root_of(&whole).is_some());
        for cut in 0..whole.len() - 4 {
            assert_eq!(root_of(&whole[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn nodes_tell_of_as_many_records_as_are_below_them() {
        let (_, root) = root_of(&header(512, 11, 2, 1, 100)).unwrap();
        let children = [(5000, 2, 60), (6000, 1, 39)];
        let whole = node(1, &children, 2);
        let below = root.below(&whole).unwrap();
        assert_eq!(
            below.iter().map(|place| place.0).collect::<Vec<_>>(),
            [5000, 6000]
        );
        // Those below have leaves below them, whose records are all that are there.
        let (leaf, middle) = (
            &below[0].1,
            node(2, &[(1, 30, 0), (2, 27, 0), (3, 1, 0)], 0),
        );
        let leaves = leaf.below(&middle).unwrap();
        assert!(leaf.leads_on() && leaves.iter().all(|(_, leaf)| !leaf.leads_on()));
        assert_eq!(leaves[0].1.below(&middle), None);
        for children in [
            [(5000, 2, 61), (6000, 1, 39)],
            [(5000, 2, 59), (6000, 1, 39)],
            [(5000, 25, 60), (6000, 1, 39)],
            [(5000, 2, 99), (6000, 1, 0)],
        ] {
            assert_eq!(root.below(&node(1, &children, 2)), None, "{children:?}");
        }
        assert_eq!(
            leaf.below(&node(2, &[(1, 46, 0), (2, 11, 0), (3, 1, 0)], 0)),
            None
        );
        for cut in 0..PREFIX + 11 + 2 * 11 {
            assert_eq!(root.below(&whole[..cut]), None, "{cut}");
        }
        for (at, value) in [(3, b'X'), (5, 6)] {
            let mut other = whole.clone();
            other[at] = value;
            assert_eq!(root.below(&other), None);
        }
    }

    #[test]
    fn records_have_the_bytes_that_hdf5_decodes() {
        let small = Widths {
            address: 4,
            length: 4,
        };
        for (kind, usual, other) in [
            (1, 24, 12),
            (2, 36, 20),
            (3, 16, 8),
            (4, 28, 16),
            (5, 11, 11),
            (6, 15, 15),
            (7, 17, 17),
            (8, 17, 17),
            (9, 13, 13),
        ] {
            for record in 0..64 {
                assert_eq!(is_record(kind, record, WIDTHS), record == usual, "{kind}");
                assert_eq!(is_record(kind, record, small), record == other, "{kind}");
            }
        }
        assert!(
            is_record(10, 24, WIDTHS) && !is_record(10, 8, WIDTHS) && !is_record(10, 23, WIDTHS)
        );
        assert!(is_record(11, 8 + 2 + 4 + 16, WIDTHS) && !is_record(11, 20, WIDTHS));
        assert!(!is_record(0, 0, WIDTHS));
    }
}
