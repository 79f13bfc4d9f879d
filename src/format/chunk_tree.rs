//! The tree of version 1 in which the oldest format has the places of a dataset's chunks: listed, and changed.
//!
//! A change gives the bytes that are to be written, nodes that are new first: whoever reads the tree in between finds what was there
//! before. The address of the root never changes. Format: III.A.1, node type 1.

#![forbid(unsafe_code)]

use super::chunk_index::{tree1_is_sound, Gaps};
use super::{bytes, number32, number64, Source, Widths, UNDEFINED};
use crate::error::Result;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The most children of a node, in files whose superblock does not say another number.
const CHILDREN: usize = 64;

/// Bytes before the first key of a node.
const HEAD: usize = 24;

/// Where a node says its level, how many children it has, and where its neighbours are.
const LEVEL: usize = 5;
const COUNT: usize = 6;
const LEFT: usize = 8;
const RIGHT: usize = 16;

/// The deepest tree that makes sense.
const DEPTH: usize = 16;

/// A chunk as a tree has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeChunk {
    /// Its first byte.
    pub address: u64,
    /// Its bytes in the file.
    pub stored: u32,
    /// The filters that it went past.
    pub mask: u32,
}

/// Bytes that are to be written at an address.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub place: u64,
    /// What.
    pub bytes: Vec<u8>,
}

/// A tree of chunks.
#[derive(Clone, Debug)]
pub struct ChunkTree {
    /// Where its root is.
    pub root: u64,
    /// The extents of a chunk, and the bytes of an element behind them.
    unit: Vec<u64>,
}

/// A node as it is in the file.
struct Node {
    place: u64,
    bytes: Vec<u8>,
    /// Bytes of a key.
    key: usize,
}

impl Node {
    fn empty(place: u64, level: u8, key: usize) -> Self {
        let mut bytes = b"TREE\x01".to_vec();
        bytes.push(level);
        bytes.extend([0; 2]);
        bytes.extend([0xFF; 16]);
        bytes.resize(node_length(key), 0);
        Self { place, bytes, key }
    }

    fn level(&self) -> u8 {
        self.bytes[LEVEL]
    }

    fn count(&self) -> usize {
        usize::from(u16::from_le_bytes([
            self.bytes[COUNT],
            self.bytes[COUNT + 1],
        ]))
    }

    fn set_count(&mut self, count: usize) {
        self.bytes[COUNT..COUNT + 2].copy_from_slice(&(count as u16).to_le_bytes());
    }

    /// Where a key begins, behind which its child is.
    fn at(&self, number: usize) -> usize {
        HEAD + (self.key + 8) * number
    }

    fn key(&self, number: usize) -> &[u8] {
        &self.bytes[self.at(number)..][..self.key]
    }

    fn set_key(&mut self, number: usize, key: &[u8]) {
        let at = self.at(number);
        self.bytes[at..at + key.len()].copy_from_slice(key);
    }

    fn child(&self, number: usize) -> u64 {
        number64(&self.bytes, self.at(number) + self.key).unwrap_or(UNDEFINED)
    }

    fn set_number(&mut self, at: usize, number: u64) {
        self.bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }

    /// How many of its children begin at these coordinates or before.
    fn find(&self, first: &[u64]) -> usize {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = (low + high) / 2;
            match order(self.key(middle), first) {
                Ordering::Greater => high = middle,
                _ => low = middle + 1,
            }
        }
        low
    }

    /// Puts a child before the one of a number; the node may have one more than it has room for then.
    fn insert(&mut self, number: usize, key: &[u8], child: u64) {
        let (at, count) = (self.at(number), self.count());
        let end = self.at(count) + self.key;
        let step = self.key + 8;
        self.bytes.resize(self.bytes.len().max(end + step), 0);
        self.bytes.copy_within(at..end, at + step);
        self.set_key(number, key);
        self.set_number(at + self.key, child);
        self.set_count(count + 1);
    }

    /// Moves its children from a number on to a new node at a place, its neighbour.
    fn split(&mut self, number: usize, place: u64) -> Self {
        let count = self.count();
        let mut right = Self::empty(place, self.level(), self.key);
        let moved = self.at(number)..self.at(count) + self.key;
        right.bytes[HEAD..HEAD + moved.len()].copy_from_slice(&self.bytes[moved]);
        right.set_count(count - number);
        right.set_number(LEFT, self.place);
        let neighbour = number64(&self.bytes, RIGHT).unwrap_or(UNDEFINED);
        right.set_number(RIGHT, neighbour);
        self.set_number(RIGHT, place);
        self.set_count(number);
        // What lies behind the last key means nothing.
        self.bytes.truncate(node_length(self.key));
        right
    }

    /// All of it, as a new node is written.
    fn whole(&self) -> Change {
        Change {
            place: self.place,
            bytes: self.bytes.clone(),
        }
    }

    /// What of it can differ from what is in the file.
    fn changed(&self) -> Change {
        let end = self.at(self.count()) + self.key;
        Change {
            place: self.place + LEVEL as u64,
            bytes: self.bytes[LEVEL..end].to_vec(),
        }
    }
}

/// Nodes in memory while chunks are put into a tree, so that each is read once and written once, by where they are.
struct Nodes<'a, S: ?Sized> {
    source: &'a S,
    held: BTreeMap<u64, Held>,
}

struct Held {
    bytes: Vec<u8>,
    is_new: bool,
    is_changed: bool,
}

impl<S: Source + ?Sized> Nodes<'_, S> {
    /// The node at a place; None if there is none.
    fn node(&mut self, tree: &ChunkTree, place: u64) -> Result<Option<Node>> {
        let key = tree.key_length();
        if let Some(held) = self.held.get(&place) {
            let bytes = held.bytes.clone();
            return Ok(Some(Node { place, bytes, key }));
        }
        let node = tree.read(self.source, place)?;
        if let Some(node) = &node {
            let held = Held {
                bytes: node.bytes.clone(),
                is_new: false,
                is_changed: false,
            };
            self.held.insert(place, held);
        }
        Ok(node)
    }

    /// Takes a change over; false if it is none of a node.
    fn take(&mut self, tree: &ChunkTree, change: Change) -> Result<bool> {
        let Change { place, bytes } = change;
        if bytes.len() == node_length(tree.key_length()) {
            let new = Held {
                bytes,
                is_new: true,
                is_changed: true,
            };
            self.held.insert(place, new);
            return Ok(true);
        }
        let within = |(&start, held): (&u64, &Held)| {
            place + bytes.len() as u64 <= start + held.bytes.len() as u64
        };
        let before = self.held.range(..=place).next_back();
        let start = match before {
            Some((&start, held)) if within((&start, held)) => start,
            // Of another node only its neighbour changes.
            _ => place - LEFT as u64,
        };
        if self.node(tree, start)?.is_none() {
            return Ok(false);
        }
        if let Some(held) = self.held.get_mut(&start) {
            let at = (place - start) as usize;
            held.bytes[at..at + bytes.len()].copy_from_slice(&bytes);
            held.is_changed = true;
        }
        Ok(true)
    }

    /// What is to be written, nodes that are new first, then from the leaves up.
    fn changes(self, tree: &ChunkTree) -> Vec<Change> {
        let key = tree.key_length();
        let changed = self.held.into_iter().filter(|(_, held)| held.is_changed);
        let mut all: Vec<(bool, Node)> = changed
            .map(|(place, held)| {
                let bytes = held.bytes;
                (held.is_new, Node { place, bytes, key })
            })
            .collect();
        all.sort_by_key(|(is_new, node)| (!is_new, node.level()));
        let change = |(is_new, node): (bool, Node)| match is_new {
            true => node.whole(),
            false => node.changed(),
        };
        all.into_iter().map(change).collect()
    }
}

/// A leaf, and the nodes on the way to it from the root, each with the number of the child that the way goes through.
type Way = (Node, Vec<(Node, usize)>);

/// Bytes of a node.
fn node_length(key: usize) -> usize {
    HEAD + (key + 8) * CHILDREN + key
}

/// How the coordinates in a key compare to others.
fn order(key: &[u8], first: &[u64]) -> Ordering {
    let coordinates = (1..key.len() / 8).map(|axis| number64(key, 8 * axis).unwrap_or(UNDEFINED));
    coordinates.cmp(first.iter().copied())
}

impl ChunkTree {
    /// The tree at an address, of a dataset whose chunks have these extents, of elements of so many bytes.
    pub fn new(root: u64, chunk: &[u64], item: usize) -> Self {
        let unit = chunk.iter().copied().chain([item as u64]).collect();
        Self { root, unit }
    }

    /// Bytes of a key.
    fn key_length(&self) -> usize {
        8 + 8 * self.unit.len()
    }

    /// Calls `visit` with the first element and the place of each chunk, in the order of the coordinates; false if something about the
    /// tree is not as it has to be, which the chunks shown before then may be, too.
    pub fn each<S: Source + ?Sized>(
        &self,
        source: &S,
        mut visit: impl FnMut(&[u64], TreeChunk),
    ) -> Result<bool> {
        let mut first = vec![0; self.unit.len() - 1];
        let mut are_chunks = true;
        let mut each = |key: &[u8], address: u64| match self.chunk_of(key, address, &mut first) {
            Some(chunk) => {
                are_chunks &= self.is_chunk(source, &first, chunk);
                visit(&first, chunk);
            }
            None => are_chunks = false,
        };
        let key = self.key_length();
        let is_sound = tree1_is_sound(
            source,
            (self.root, key),
            Widths::USUAL,
            Gaps::Refused,
            &mut each,
        )?;
        Ok(is_sound && are_chunks)
    }

    /// Calls `visit` as [`each`](Self::each) does with the chunks of the leaf in which the one with this first element is, or would be; false if something
    /// on the way there is not as it has to be.
    pub fn near<S: Source + ?Sized>(
        &self,
        source: &S,
        wanted: &[u64],
        mut visit: impl FnMut(&[u64], TreeChunk),
    ) -> Result<bool> {
        let mut nodes = Nodes {
            source,
            held: BTreeMap::new(),
        };
        let coordinates: Vec<u64> = wanted.iter().copied().chain([0]).collect();
        let Some((leaf, above)) = self.way(&mut nodes, &coordinates)? else {
            return Ok(false);
        };
        // All that a search needs: keys in order, and each node's within those that lead to it.
        let mut inner = above.iter().skip(1).map(|(node, _)| node).chain([&leaf]);
        let are_sound = above.iter().all(|(node, child)| {
            let below = inner.next();
            below.is_some_and(|below| {
                let last = below.count().saturating_sub(1);
                !self.is_before(below.key(0), node.key(*child))
                    && self.is_before(below.key(last), node.key(child + 1))
                    && self.is_in_order(node)
            })
        });
        if !are_sound || !self.is_in_order(&leaf) {
            return Ok(false);
        }
        let mut first = vec![0; wanted.len()];
        for number in 0..leaf.count() {
            let chunk = self.chunk_of(leaf.key(number), leaf.child(number), &mut first);
            let Some(chunk) = chunk.filter(|&chunk| self.is_chunk(source, &first, chunk)) else {
                return Ok(false);
            };
            visit(&first, chunk);
        }
        Ok(true)
    }

    fn is_in_order(&self, node: &Node) -> bool {
        (0..node.count()).all(|number| self.is_before(node.key(number), node.key(number + 1)))
    }

    /// Whether a key comes before another one.
    fn is_before(&self, key: &[u8], other: &[u8]) -> bool {
        self.coordinates_of(key).lt(self.coordinates_of(other))
    }

    /// The coordinates in a key, that of a byte within an element last.
    fn coordinates_of<'a>(&self, key: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
        (1..=self.unit.len()).map(|axis| number64(key, 8 * axis).unwrap_or(UNDEFINED))
    }

    /// The chunk that a key and its child say, and its first element.
    fn chunk_of(&self, key: &[u8], address: u64, first: &mut [u64]) -> Option<TreeChunk> {
        for (coordinate, said) in first.iter_mut().zip(self.coordinates_of(key)) {
            *coordinate = said;
        }
        Some(TreeChunk {
            address,
            stored: number32(key, 0)?,
            mask: number32(key, 4)?,
        })
    }

    /// Whether a chunk is one of a dataset's, and lies in the file.
    fn is_chunk<S: Source + ?Sized>(&self, source: &S, first: &[u64], chunk: TreeChunk) -> bool {
        let mut units = first.iter().zip(&self.unit);
        let end = chunk.address.checked_add(u64::from(chunk.stored));
        units.all(|(first, unit)| first % unit == 0) && end.is_some_and(|end| end <= source.end())
    }

    /// Where the nodes are, and how many bytes each has; `None` if the tree is not as it has to be.
    pub fn nodes<S: Source + ?Sized>(&self, source: &S) -> Result<Option<(Vec<u64>, usize)>> {
        let mut places = vec![self.root];
        let mut next = 0;
        while next < places.len() {
            let Some(node) = self.read(source, places[next])? else {
                return Ok(None);
            };
            next += 1;
            if node.level() > 0 {
                places.extend((0..node.count()).map(|child| node.child(child)));
            }
            if places.len() as u64 > source.end() / HEAD as u64 {
                return Ok(None);
            }
        }
        Ok(Some((places, node_length(self.key_length()))))
    }

    /// Says where the chunks with these first elements are: what is to be written for that, in this order. `allocate` gives room for so many bytes. A
    /// tree without a node gets one, which is the root from when it is written on.
    ///
    /// `None` if the tree is not as it has to be.
    pub fn put<S: Source + ?Sized>(
        &mut self,
        source: &S,
        chunks: &[(Vec<u64>, TreeChunk)],
        allocate: &mut impl FnMut(usize) -> Result<u64>,
    ) -> Result<Option<Vec<Change>>> {
        let mut nodes = Nodes {
            source,
            held: BTreeMap::new(),
        };
        for (first, chunk) in chunks {
            let changes = match self.root {
                UNDEFINED => Some(vec![self.begin(first, *chunk, allocate)?]),
                _ => self.put_one(&mut nodes, first, *chunk, allocate)?,
            };
            let Some(changes) = changes else {
                return Ok(None);
            };
            for change in changes {
                if !nodes.take(self, change)? {
                    return Ok(None);
                }
            }
        }
        Ok(Some(nodes.changes(self)))
    }

    /// The first node of a tree without one, for the chunk that comes into it first.
    fn begin(
        &mut self,
        first: &[u64],
        chunk: TreeChunk,
        allocate: &mut impl FnMut(usize) -> Result<u64>,
    ) -> Result<Change> {
        let key = self.key_length();
        let place = allocate(node_length(key))?;
        let mut root = Node::empty(place, 0, key);
        root.set_key(0, &self.end_key(first));
        root.insert(0, &self.key_of(first, chunk), chunk.address);
        self.root = place;
        Ok(root.whole())
    }

    fn put_one<S: Source + ?Sized>(
        &self,
        nodes: &mut Nodes<'_, S>,
        first: &[u64],
        chunk: TreeChunk,
        allocate: &mut impl FnMut(usize) -> Result<u64>,
    ) -> Result<Option<Vec<Change>>> {
        let coordinates: Vec<u64> = first.iter().copied().chain([0]).collect();
        let Some((mut node, above)) = self.way(nodes, &coordinates)? else {
            return Ok(None);
        };
        let key = self.key_of(first, chunk);
        let number = node.find(&coordinates);
        let is_there = number > 0 && order(node.key(number - 1), &coordinates) == Ordering::Equal;
        // What changes in the nodes above: the first key, the last one, and a neighbour that is new.
        let (mut first_key, mut last_key) = (None, None);
        if is_there {
            let at = node.at(number - 1) + node.key;
            node.set_key(number - 1, &key);
            node.set_number(at, chunk.address);
            if number == 1 {
                first_key = Some(key);
            }
        } else {
            let was_empty = node.count() == 0;
            node.insert(number, &key, chunk.address);
            let count = node.count();
            if was_empty || order(node.key(count), &coordinates) != Ordering::Greater {
                // Where chunks were removed the nodes do not reach to their neighbours.
                let mut ends = above.iter().rev();
                let next = ends.find(|(parent, child)| child + 1 < parent.count());
                let end = match next {
                    Some((parent, child)) => parent.key(child + 1).to_vec(),
                    None => self.end_key(first),
                };
                node.set_key(count, &end);
                last_key = Some(end);
            }
            if number == 0 {
                first_key = Some(key);
            }
        }
        let mut changes = Vec::new();
        let mut neighbour =
            self.divide(&mut node, number, above.is_empty(), &mut changes, allocate)?;
        changes.push(node.changed());
        for (mut parent, child) in above.into_iter().rev() {
            if first_key.is_none() && last_key.is_none() && neighbour.is_none() {
                break;
            }
            let count = parent.count();
            if let Some(key) = &first_key {
                parent.set_key(child, key);
            }
            first_key = first_key.filter(|_| child == 0);
            last_key = last_key.filter(|_| child + 1 == count);
            if let Some(key) = &last_key {
                parent.set_key(count, key);
            }
            if let Some((key, place)) = neighbour.take() {
                parent.insert(child + 1, &key, place);
                let is_root = parent.place == self.root;
                neighbour = self.divide(&mut parent, child + 1, is_root, &mut changes, allocate)?;
            }
            changes.push(parent.changed());
        }
        Ok(Some(changes))
    }

    /// Divides a node that has more children than it may, to which the one of a number was added: gives the first key and the place of its
    /// new neighbour. A root has the two below it then.
    fn divide(
        &self,
        node: &mut Node,
        added: usize,
        is_root: bool,
        changes: &mut Vec<Change>,
        allocate: &mut impl FnMut(usize) -> Result<u64>,
    ) -> Result<Option<(Vec<u8>, u64)>> {
        let count = node.count();
        if count <= CHILDREN {
            return Ok(None);
        }
        // What comes in order fills its nodes.
        let kept = match added + 1 == count {
            true => CHILDREN,
            false => count / 2,
        };
        let key = node.key;
        let old_neighbour = number64(&node.bytes, RIGHT).unwrap_or(UNDEFINED);
        let mut right = node.split(kept, allocate(node_length(key))?);
        if !is_root {
            changes.push(right.whole());
            if old_neighbour != UNDEFINED {
                changes.push(Change {
                    place: old_neighbour + LEFT as u64,
                    bytes: right.place.to_le_bytes().to_vec(),
                });
            }
            let place = right.place;
            let mut rest = right.bytes;
            rest.truncate(HEAD + key);
            return Ok(Some((rest.split_off(HEAD), place)));
        }
        let root = node.place;
        node.place = allocate(node_length(key))?;
        node.set_number(RIGHT, right.place);
        right.set_number(LEFT, node.place);
        changes.extend([right.whole(), node.whole()]);
        let mut top = Node::empty(root, node.level() + 1, key);
        top.set_key(0, right.key(right.count()));
        top.insert(0, right.key(0), right.place);
        top.insert(0, node.key(0), node.place);
        *node = top;
        Ok(None)
    }

    /// The way to the leaf in which a chunk with these coordinates is, or has to be.
    fn way<S: Source + ?Sized>(
        &self,
        nodes: &mut Nodes<'_, S>,
        coordinates: &[u64],
    ) -> Result<Option<Way>> {
        let mut above: Vec<(Node, usize)> = Vec::new();
        let mut place = self.root;
        loop {
            let Some(node) = nodes.node(self, place)? else {
                return Ok(None);
            };
            let expected = above.last().map(|(above, _)| above.level().checked_sub(1));
            let is_next = expected.is_none_or(|level| level == Some(node.level()));
            // HDF5 leaves a root without anything where all chunks were removed.
            let is_empty = node.count() == 0 && (node.level() > 0 || !above.is_empty());
            if !is_next || is_empty || above.len() > DEPTH {
                return Ok(None);
            }
            if node.level() == 0 {
                return Ok(Some((node, above)));
            }
            let child = node.find(coordinates).saturating_sub(1);
            place = node.child(child);
            above.push((node, child));
        }
    }

    fn read<S: Source + ?Sized>(&self, source: &S, place: u64) -> Result<Option<Node>> {
        let key = self.key_length();
        let Some(bytes) = bytes(source, place, node_length(key) as u64)? else {
            return Ok(None);
        };
        let node = Node { place, bytes, key };
        let is_node = node.bytes.starts_with(b"TREE\x01");
        let count = node.count();
        Ok((is_node && count <= CHILDREN).then_some(node))
    }

    fn key_of(&self, first: &[u64], chunk: TreeChunk) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.key_length());
        key.extend(chunk.stored.to_le_bytes());
        key.extend(chunk.mask.to_le_bytes());
        for coordinate in first.iter().chain([&0]) {
            key.extend(coordinate.to_le_bytes());
        }
        key
    }

    /// The key behind the last chunk, as HDF5 makes it: of a chunk of no bytes, one further along all axes.
    fn end_key(&self, first: &[u64]) -> Vec<u8> {
        let mut key = vec![0; 8];
        for (coordinate, unit) in first.iter().chain([&0]).zip(&self.unit) {
            key.extend(coordinate.saturating_add(*unit).to_le_bytes());
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// A chunk of no meaning.
    const CHUNK: TreeChunk = TreeChunk {
        address: 0,
        stored: 32,
        mask: 0,
    };

    /// A file that grows, and the changes that are made to it.
    struct File(Vec<u8>);

    impl File {
        fn put(&mut self, tree: &mut ChunkTree, first: &[u64], chunk: TreeChunk) {
            self.put_all(tree, &[(first.to_vec(), chunk)]);
        }

        fn put_all(&mut self, tree: &mut ChunkTree, chunks: &[(Vec<u64>, TreeChunk)]) {
            let mut end = self.0.len() as u64;
            let mut allocate = |length: usize| {
                end += length as u64;
                Ok(end - length as u64)
            };
            let changes = tree.put(&self.0[..], chunks, &mut allocate);
            let changes = changes.unwrap().unwrap();
            self.0.resize(end as usize, 0);
            for Change { place, bytes } in changes {
                let place = place as usize;
                self.0[place..place + bytes.len()].copy_from_slice(&bytes);
            }
        }

        fn chunks(&self, tree: &ChunkTree) -> Vec<(Vec<u64>, TreeChunk)> {
            let mut found = Vec::new();
            let is_sound = tree.each(&self.0[..], |first, chunk| {
                found.push((first.to_vec(), chunk))
            });
            assert_eq!(is_sound, Ok(true));
            found
        }
    }

    /// A number that looks like one by chance.
    fn next(seed: &mut u64) -> u64 {
        *seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        *seed >> 33
    }

    #[test]
    fn chunks_are_found_in_whatever_order_they_came() {
        for (seed, count) in [(1, 10u64), (2, 65), (3, 1000), (4, 9000)] {
            for in_order in [true, false] {
                let mut random = seed;
                let mut file = File(vec![0; 64]);
                let mut tree = ChunkTree::new(UNDEFINED, &[4, 3], 8);
                let mut expected = BTreeMap::new();
                let mut together = Vec::new();
                for number in 0..count {
                    let row = match in_order {
                        true => number,
                        false => next(&mut random) % count,
                    };
                    let first = vec![4 * row, 3 * (row % 7)];
                    let chunk = TreeChunk {
                        address: number % 64,
                        stored: (number % 5) as u32,
                        mask: (number % 3) as u32,
                    };
                    together.push((first.clone(), chunk));
                    expected.insert(first, chunk);
                    // One by one, and some hundreds at once.
                    if together.len() as u64 > next(&mut random) % (1 + number / 16) {
                        file.put_all(&mut tree, &together);
                        together.clear();
                    }
                }
                file.put_all(&mut tree, &together);
                let expected: Vec<_> = expected.into_iter().collect();
                assert_eq!(file.chunks(&tree), expected, "{count}, {in_order}");
                let (nodes, length) = tree.nodes(&file.0[..]).unwrap().unwrap();
                assert_eq!(nodes.len() * length, file.0.len() - 64);
                // Neighbours lead from the first to the last of each level, and back.
                for &place in &nodes {
                    let node = tree.read(&file.0[..], place).unwrap().unwrap();
                    let right = number64(&node.bytes, RIGHT).unwrap();
                    if right != UNDEFINED {
                        let right = tree.read(&file.0[..], right).unwrap().unwrap();
                        assert_eq!(number64(&right.bytes, LEFT), Some(place));
                        // What else is in the key behind the last chunk means nothing.
                        assert_eq!(right.key(0)[8..], node.key(node.count())[8..]);
                        assert_eq!(right.level(), node.level());
                    }
                }
            }
        }
    }

    #[test]
    fn a_tree_of_which_all_chunks_were_removed_begins_anew() {
        let mut file = File(vec![0; 64]);
        let mut tree = ChunkTree::new(UNDEFINED, &[4], 8);
        file.put(&mut tree, &[80], CHUNK);
        let count = tree.root as usize + COUNT;
        file.0[count..count + 2].fill(0);
        assert_eq!(file.chunks(&tree), []);
        for first in [8, 4, 96] {
            file.put(&mut tree, &[first], CHUNK);
        }
        let firsts = [[4], [8], [96]].map(|first| (first.to_vec(), CHUNK));
        assert_eq!(file.chunks(&tree), firsts);
    }

    #[test]
    fn chunks_come_back_between_nodes_that_do_not_touch() {
        let mut file = File(vec![0; 64]);
        let mut tree = ChunkTree::new(UNDEFINED, &[4, 3], 8);
        let mut expected = Vec::new();
        for number in 0..6000 {
            let first = vec![4 * (number / 10), 3 * (number % 10)];
            file.put(&mut tree, &first, CHUNK);
            expected.push((first, CHUNK));
        }
        let (nodes, _) = tree.nodes(&file.0[..]).unwrap().unwrap();
        let mut missing = Vec::new();
        for &place in &nodes {
            let mut node = tree.read(&file.0[..], place).unwrap().unwrap();
            let count = node.count();
            if node.level() > 0 || count < 10 {
                continue;
            }
            // As removing the last chunks of a node leaves it.
            for number in [count - 2, count - 1] {
                let key = node.key(number);
                let coordinate = |at: usize| number64(key, at).unwrap();
                missing.push(vec![coordinate(8), coordinate(16)]);
            }
            node.set_count(count - 2);
            let Change { place, bytes } = node.changed();
            file.0[place as usize..place as usize + bytes.len()].copy_from_slice(&bytes);
        }
        assert_eq!(file.chunks(&tree).len(), 6000 - missing.len());
        // The last one of each first.
        for first in missing.iter().rev() {
            file.put(&mut tree, first, CHUNK);
            file.chunks(&tree);
        }
        assert_eq!(file.chunks(&tree), expected);
    }

    #[test]
    fn a_damaged_tree_is_left_alone() {
        let mut file = File(vec![0; 64]);
        let mut tree = ChunkTree::new(UNDEFINED, &[4], 8);
        for number in 0..200 {
            file.put(&mut tree, &[4 * number], CHUNK);
        }
        let root = tree.root as usize;
        for (at, value) in [(root, 0), (root + 5, 3), (root + 6, 0), (root + 6, 200)] {
            let mut damaged = file.0.clone();
            damaged[at] = value;
            let put = tree.put(&damaged[..], &[(vec![4000], CHUNK)], &mut |_| Ok(0));
            assert_eq!(put, Ok(None));
            // A tree without anything can be listed.
            let is_empty = value == 0 && at > root;
            assert_eq!(tree.each(&damaged[..], |_, _| ()), Ok(is_empty));
        }
        // A chunk past the end of the file, and one that begins within another.
        for (first, address) in [(4000, 1 << 40), (4001, 0)] {
            let mut file = File(file.0.clone());
            let chunk = TreeChunk { address, ..CHUNK };
            file.put(&mut tree.clone(), &[first], chunk);
            assert_eq!(tree.each(&file.0[..], |_, _| ()), Ok(false));
        }
    }
}
