//! The symbol table of a group that is in the file, to be changed past HDF5.
//!
//! HDF5 inserts a link in some ten microseconds, and opens the object for it. A group that it has not
//! looked into since the file was opened needs none of that: nothing of the group's table is in its
//! caches, which the driver knows since it hears of all that HDF5 reads and writes. As soon as HDF5 has
//! read any of it the table is HDF5's. What neither it nor the group's header say changes: the
//! addresses of the tree's root and of the heap stay as they are.

#![forbid(unsafe_code)]

use super::image::{Address, Image};
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::links::Target;
use crate::format::local_heap::{self, LocalHeap, StoredHeap, FREE_PREFIX, NOTHING_FREE};
use crate::format::object_header;
use crate::format::symbol_table::{
    self, GroupTable, Leaf, Link, Sizes, LEAF_SIGNATURE, LINK, NODE_SIGNATURE, PATH, SOFT,
};
use crate::format::{Widths, UNDEFINED};
use crate::journal::RawFile;
use crate::store::{Hdf5File, Room};
use std::collections::BTreeMap;

/// The largest heap of names that is kept in memory.
const LARGEST_HEAP: u64 = 4 << 20;

/// What a link costs in memory besides its name, about.
const LINK_COST: usize = 96;

/// So many gaps among the names are in the heap's list of free blocks: all of them are gone through for each name.
const LISTED: usize = 8;

/// Names that are written are written together with others so many bytes before.
const NEAR: usize = 256;

/// A symbol table of which HDF5 has seen nothing.
#[derive(Debug)]
pub struct SymbolTable {
    raw: RawFile,
    sizes: Sizes,
    /// Where the root of the tree is, and the heap.
    tree: u64,
    heap: u64,
    /// The names as they are in the heap.
    names: Vec<u8>,
    /// Where the heap's data are, how long they are, and how many bytes of the names are in them.
    names_place: u64,
    names_size: u64,
    names_stored: usize,
    /// The gaps among the names, and those that the heap's own list has, the names behind all of them last.
    gaps: Room,
    listed: Vec<(usize, usize)>,
    /// Where names were put into gaps that are not in the file: starts and ends.
    filled: Vec<(usize, usize)>,
    leaves: Vec<BuiltNode<Vec<Link>>>,
    /// From the nodes above the leaves to the root; a node is the number of its children.
    levels: Vec<Vec<BuiltNode<usize>>>,
    /// Where all of it is: starts and ends.
    ranges: BTreeMap<u64, u64>,
    /// The leaves and nodes that nothing refers to when this is stored.
    given_up: Vec<(u64, u64)>,
    /// What of that HDF5 has seen was looked at up to here.
    seen: usize,
    is_dirty: bool,
    memory: usize,
}

/// A leaf or node.
#[derive(Debug)]
struct BuiltNode<T> {
    /// Where it is, if it has a place already.
    place: Option<u64>,
    content: T,
    is_dirty: bool,
}

impl<T> BuiltNode<T> {
    fn new(content: T) -> Self {
        Self {
            place: None,
            content,
            is_dirty: true,
        }
    }

    fn stored(place: u64, content: T) -> Self {
        Self {
            place: Some(place),
            content,
            is_dirty: false,
        }
    }
}

impl SymbolTable {
    /// Reads the table of the group whose header is at an address; None if HDF5 may have any of it, or
    /// it is too large, or not understood. It has at most about so many links.
    pub fn read(raw: &RawFile, header: u64, sizes: Sizes, most: usize) -> Result<Option<Self>> {
        let Some((tree, heap)) = places(raw, header)? else {
            return Ok(None);
        };
        // What HDF5 has in memory may not be in the file yet.
        if !raw.is_unseen(heap, local_heap::PREFIX as u64)
            || !raw.is_unseen(tree, sizes.node() as u64)
        {
            return Ok(None);
        }
        let Some(local) = LocalHeap::read(raw, heap, LARGEST_HEAP)? else {
            return Ok(None);
        };
        let leaves = most.div_ceil(sizes.links) * 2 + 1;
        let Some(table) = GroupTable::read(raw, tree, &local, sizes, leaves)? else {
            return Ok(None);
        };
        Ok(Self::of(raw, (tree, heap), sizes, local, table))
    }

    /// Where a name leads in the group whose header is at an address, of which HDF5 has seen nothing, by as few nodes as a search takes, or that no link
    /// has the name; None if something is not as it has to be.
    pub fn find(raw: &RawFile, header: u64, name: &str) -> Result<Option<Option<Target>>> {
        let Some((tree, heap)) = places(raw, header)? else {
            return Ok(None);
        };
        let near = Ahead::of_nodes(raw);
        match StoredHeap::at(&near, heap)? {
            Some(names) => symbol_table::find(&Ahead::of_nodes(raw), tree, &names, name),
            None => Ok(None),
        }
    }

    fn of(
        raw: &RawFile,
        (tree, heap): (u64, u64),
        sizes: Sizes,
        local: LocalHeap,
        table: GroupTable,
    ) -> Option<Self> {
        let mut ranges = BTreeMap::new();
        let mut add = |start: u64, length: usize| ranges.insert(start, start + length as u64);
        let size = local.data.len();
        add(heap, local_heap::PREFIX);
        add(local.place, size);
        for leaf in &table.leaves {
            add(leaf.place, sizes.leaf());
        }
        for node in table.levels.iter().flatten() {
            add(node.place, sizes.node());
        }
        let mut memory = size;
        for link in table.leaves.iter().flat_map(|leaf| &leaf.links) {
            memory += LINK_COST + link.name.len();
        }
        let (gaps, listed) = known_gaps(&local, &table);
        let mut names = local.data;
        names.truncate(local.used);
        let mut this = Self {
            gaps,
            listed,
            filled: Vec::new(),
            given_up: Vec::new(),
            raw: raw.clone(),
            sizes,
            tree,
            heap,
            names_stored: names.len(),
            names,
            names_place: local.place,
            names_size: size as u64,
            leaves: table
                .leaves
                .into_iter()
                .map(|Leaf { place, links }| BuiltNode::stored(place, links))
                .collect(),
            levels: table
                .levels
                .into_iter()
                .map(|level| {
                    let stored = level.into_iter();
                    stored
                        .map(|node| BuiltNode::stored(node.place, node.count))
                        .collect()
                })
                .collect(),
            ranges,
            seen: 0,
            is_dirty: false,
            memory,
        };
        this.is_unseen().then_some(this)
    }

    /// Whether HDF5 has still seen nothing of it.
    pub fn is_unseen(&mut self) -> bool {
        let mut is_unseen = true;
        let ranges = &self.ranges;
        self.seen = self.raw.seen_since(self.seen, |from, to| {
            let before = ranges.range(..to).next_back();
            is_unseen &= before.is_none_or(|(_, &end)| end <= from);
        });
        is_unseen
    }

    /// Whether something of it is not in the file.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// The link of a name.
    pub fn get(&self, name: &str) -> Option<&Link> {
        let links = &self.leaves.get(self.leaf_for(name))?.content;
        let found = links.binary_search_by(|link| link.name.as_bytes().cmp(name.as_bytes()));
        links.get(found.ok()?)
    }

    /// Bytes of memory, about.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// The number of the first leaf whose greatest name is not before this one.
    fn leaf_for(&self, name: &str) -> usize {
        self.leaves.partition_point(|leaf| {
            let last = leaf.content.last();
            last.is_some_and(|last| last.name.as_bytes() < name.as_bytes())
        })
    }

    /// Where a name leads; None if it is not in it.
    pub fn target(&self, name: &str) -> Option<Target> {
        self.get(name).map(|link| link.target(&self.names))
    }

    /// Puts a text among the names, into a gap if one has room; gives where.
    fn put_text(&mut self, text: &str) -> u64 {
        let length = text_length(text.len());
        if let Some(at) = self.gaps.take(length) {
            let start = at as usize;
            let end = start + length as usize;
            self.names[start..end].fill(0);
            self.names[start..start + text.len()].copy_from_slice(text.as_bytes());
            self.filled.push((start, end));
            return at;
        }
        let offset = self.names.len().next_multiple_of(8);
        self.names.resize(offset, 0);
        self.names.extend_from_slice(text.as_bytes());
        self.names.resize(offset + length as usize, 0);
        offset as u64
    }

    /// Takes the link of a name out of it; false if there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        let number = self.leaf_for(name);
        let Some(leaf) = self.leaves.get_mut(number) else {
            return false;
        };
        let links = &mut leaf.content;
        let found = links.binary_search_by(|link| link.name.as_bytes().cmp(name.as_bytes()));
        let Ok(at) = found else {
            return false;
        };
        let is_last = at + 1 == links.len();
        let link = links.remove(at);
        leaf.is_dirty = true;
        let is_empty = leaf.content.is_empty();
        self.is_dirty = true;
        self.memory = self.memory.saturating_sub(LINK_COST + name.len());
        if let Some(Target::Soft(path)) = link.path().map(|_| link.target(&self.names)) {
            let path_at = link.path().unwrap_or_default();
            self.gaps.give(path_at, text_length(path.len()));
        }
        self.gaps.give(link.offset, text_length(name.len()));
        if is_empty {
            let leaf = self.leaves.remove(number);
            self.give_up(leaf.place, self.sizes.leaf());
            self.child_removed(0, number);
        }
        if !self.leaves.is_empty() && (is_empty || is_last) {
            self.touch(number.saturating_sub(usize::from(is_empty)));
        }
        true
    }

    /// Takes note that nothing will refer to a leaf or node.
    fn give_up(&mut self, place: Option<u64>, length: usize) {
        if let Some(place) = place {
            self.ranges.remove(&place);
            self.given_up.push((place, length as u64));
        }
    }

    /// Takes note in a level of nodes that the child of this number is gone.
    fn child_removed(&mut self, level: usize, child: usize) {
        let (number, _) = self.parent(level, child);
        let node = &mut self.levels[level][number];
        node.content -= 1;
        node.is_dirty = true;
        if node.content > 0 {
            return;
        }
        if level + 1 == self.levels.len() {
            // Nothing is left: the root, which stays where it is, is one above leaves.
            let mut root = BuiltNode::stored(self.tree, 0);
            root.is_dirty = true;
            self.levels = vec![vec![root]];
            return;
        }
        let node = self.levels[level].remove(number);
        self.give_up(node.place, self.sizes.node());
        // Neighbours tell of each other.
        let first = number.saturating_sub(1);
        for node in self.levels[level].iter_mut().skip(first).take(2) {
            node.is_dirty = true;
        }
        self.child_removed(level + 1, number);
    }

    /// Adds a link by a name that is not in it; a path is a short one.
    pub fn insert(&mut self, name: Box<str>, target: &Target) {
        self.is_dirty = true;
        self.memory += LINK_COST + 2 * name.len();
        let offset = self.put_text(&name);
        let mut rest = [0; 24];
        let header = match target {
            Target::Hard(header) => *header,
            Target::Soft(path) => {
                let path = self.put_text(path) as u32;
                rest[..4].copy_from_slice(&SOFT);
                rest[PATH..PATH + 4].copy_from_slice(&path.to_le_bytes());
                UNDEFINED
            }
            Target::Other => UNDEFINED,
        };
        let link = Link {
            offset,
            header,
            rest,
            name,
        };
        if self.leaves.is_empty() {
            self.leaves.push(BuiltNode::new(vec![link]));
            if let Some(root) = self.levels.first_mut().and_then(|level| level.first_mut()) {
                root.content = 1;
                root.is_dirty = true;
            }
            return;
        }
        let number = self.leaf_for(&link.name).min(self.leaves.len() - 1);
        let leaf = &mut self.leaves[number];
        let at = leaf
            .content
            .partition_point(|other| other.name.as_bytes() < link.name.as_bytes());
        let is_last = at == leaf.content.len();
        leaf.content.insert(at, link);
        leaf.is_dirty = true;
        let is_full = leaf.content.len() > self.sizes.links;
        // What comes in order fills its leaves.
        let split = match is_last {
            true => self.sizes.links,
            false => leaf.content.len() / 2,
        };
        let rest = is_full.then(|| leaf.content.split_off(split));
        if is_last || is_full {
            self.touch(number);
        }
        if let Some(rest) = rest {
            self.leaves.insert(number + 1, BuiltNode::new(rest));
            self.child_added(0, number + 1, is_last);
        }
    }

    /// The node of a level that has a child of this number, and the number of its first one.
    fn parent(&self, level: usize, child: usize) -> (usize, usize) {
        let mut first = 0;
        for (number, node) in self.levels[level].iter().enumerate() {
            if child < first + node.content {
                return (number, first);
            }
            first += node.content;
        }
        (self.levels[level].len() - 1, first)
    }

    /// Notes that the greatest name of a leaf has changed, which the nodes above have as a key.
    fn touch(&mut self, leaf: usize) {
        let mut child = leaf;
        for level in 0..self.levels.len() {
            let (number, _) = self.parent(level, child);
            self.levels[level][number].is_dirty = true;
            // The node to the right has the same key first.
            if let Some(next) = self.levels[level].get_mut(number + 1) {
                next.is_dirty = true;
            }
            child = number;
        }
    }

    /// Makes room in a level of nodes for a child that was added with this number.
    fn child_added(&mut self, level: usize, child: usize, at_end: bool) {
        let (number, first) = self.parent(level, child - 1);
        let node = &mut self.levels[level][number];
        node.content += 1;
        node.is_dirty = true;
        if node.content <= self.sizes.children {
            return;
        }
        let is_end = at_end && child + 1 == first + node.content;
        let kept = match is_end {
            true => self.sizes.children,
            false => node.content / 2,
        };
        let moved = node.content - kept;
        node.content = kept;
        let right = BuiltNode::new(moved);
        if level + 1 == self.levels.len() {
            // The root stays where it is, and what it had moves.
            self.levels[level][number].place = None;
            self.levels[level].insert(number + 1, right);
            let mut root = BuiltNode::stored(self.tree, 2);
            root.is_dirty = true;
            self.levels.push(vec![root]);
            return;
        }
        self.levels[level].insert(number + 1, right);
        // Neighbours tell of each other.
        if let Some(next) = self.levels[level].get_mut(number + 2) {
            next.is_dirty = true;
        }
        self.child_added(level + 1, number + 1, at_end);
    }

    /// Brings all that was added into the file, which the file's next commit makes permanent; what a disk does not take is kept in memory until then.
    ///
    /// On another failure what is not in it stays to be stored; nobody may look at the table before it is.
    pub fn store(&mut self, file: &Hdf5File) -> Result<()> {
        self.append(file)?;
        self.store_names()?;
        let mut image = Image::default();
        for number in 0..self.leaves.len() {
            if self.leaves[number].is_dirty {
                image.clear();
                self.put_leaf(&mut image, number);
                let place = self.leaves[number].place.unwrap_or(UNDEFINED);
                self.raw.write_often(place, image.at(0))?;
                self.leaves[number].is_dirty = false;
            }
        }
        for level in 0..self.levels.len() {
            for number in 0..self.levels[level].len() {
                if self.levels[level][number].is_dirty {
                    image.clear();
                    self.put_node(&mut image, level, number);
                    let place = self.levels[level][number].place.unwrap_or(UNDEFINED);
                    self.raw.write_often(place, image.at(0))?;
                    self.levels[level][number].is_dirty = false;
                }
            }
        }
        self.is_dirty = false;
        for (place, length) in std::mem::take(&mut self.given_up) {
            file.give_back(place, length);
        }
        Ok(())
    }

    /// Brings the names into the file that it does not have, and what is free among them.
    fn store_names(&mut self) -> Result<()> {
        let free = self.free_list();
        let is_stored = self.names_stored == self.names.len() && self.filled.is_empty();
        if is_stored && free == self.listed {
            return Ok(());
        }
        let is_grown = self.names_stored < self.names.len();
        for (number, &(start, length)) in free.iter().enumerate() {
            let next = free
                .get(number + 1)
                .map_or(NOTHING_FREE, |next| next.0 as u64);
            let block = [next.to_le_bytes(), (length as u64).to_le_bytes()].concat();
            match self.names.get_mut(start..start + FREE_PREFIX) {
                Some(gap) => {
                    gap.copy_from_slice(&block);
                    self.filled.push((start, start + FREE_PREFIX));
                }
                // Behind the names; where they have become more it is written with them.
                None if is_grown => {}
                None => self
                    .raw
                    .write_surely(self.names_place + start as u64, &block)?,
            }
        }
        let mut stored = self.names_stored;
        if is_grown {
            // What lies shortly before is written with it.
            self.filled.sort_unstable();
            while let Some(&(start, end)) = self.filled.last() {
                if end + NEAR < stored {
                    break;
                }
                stored = stored.min(start);
                self.filled.pop();
            }
            let length = self.names.len() - stored;
            let mut tail = Vec::with_capacity(length + FREE_PREFIX);
            tail.extend_from_slice(&self.names[stored..]);
            tail.extend_from_slice(&free_block(self.names.len() as u64, self.names_size));
            let place = self.names_place + stored as u64;
            self.raw.write_often(place, &tail)?;
        }
        for &(start, end) in &self.filled {
            let place = self.names_place + start as u64;
            self.raw.write_often(place, &self.names[start..end])?;
        }
        let first = free.first().map_or(NOTHING_FREE, |first| first.0 as u64);
        let mut prefix = local_heap::SIGNATURE.to_vec();
        for number in [self.names_size, first, self.names_place] {
            prefix.extend_from_slice(&number.to_le_bytes());
        }
        self.raw.write_often(self.heap, &prefix)?;
        self.filled.clear();
        self.names_stored = self.names.len();
        self.listed = free;
        Ok(())
    }

    /// What is free in the heap, as its list is to say it: gaps, and what is behind the names.
    fn free_list(&self) -> Vec<(usize, usize)> {
        let gaps = self.gaps.pieces().filter(|gap| gap.1 >= FREE_PREFIX as u64);
        let gaps = gaps.map(|(start, length)| (start as usize, length as usize));
        let mut free: Vec<(usize, usize)> = gaps.take(LISTED).collect();
        let rest = (self.names_size as usize).saturating_sub(self.names.len());
        if rest >= FREE_PREFIX {
            free.push((self.names.len(), rest));
        }
        free
    }

    /// Gives places behind everything else to all that have none, and writes them there.
    fn append(&mut self, file: &Hdf5File) -> Result<()> {
        let is_grown = self.names.len() as u64 > self.names_size;
        let size = if is_grown {
            (2 * self.names.len()).next_multiple_of(8)
        } else {
            0
        };
        let (leaf, node) = (self.sizes.leaf(), self.sizes.node());
        let new_leaves = self
            .leaves
            .iter()
            .filter(|part| part.place.is_none())
            .count();
        let nodes = self.levels.iter().flatten();
        let new_nodes = nodes.filter(|part| part.place.is_none()).count();
        let length = size + new_leaves * leaf + new_nodes * node;
        if length == 0 {
            return Ok(());
        }
        // Their places first, since they refer to each other.
        let mut room = Vec::new();
        room.try_reserve_exact(length)
            .map_err(|_| crate::error::Error::io(format!("no memory for {length} bytes")))?;
        room.resize(length, 0u8);
        let mut address = 0;
        if is_grown {
            room[..self.names.len()].copy_from_slice(&self.names);
            let free = free_block(self.names.len() as u64, size as u64);
            room[self.names.len()..self.names.len() + free.len()].copy_from_slice(&free);
        }
        file.append_surely(length, |place| {
            address = place;
            &room
        })?;
        let mut next = address + size as u64;
        if is_grown {
            self.ranges.remove(&self.names_place);
            self.given_up.push((self.names_place, self.names_size));
            self.ranges.insert(address, next);
            self.names_place = address;
            self.names_size = size as u64;
            // The heap's own bytes tell where they are.
            self.names_stored = self.names_stored.min(self.names.len() - 1);
            self.listed.clear();
        }
        for part in self.leaves.iter_mut().filter(|part| part.place.is_none()) {
            part.place = Some(next);
            self.ranges.insert(next, next + leaf as u64);
            next += leaf as u64;
        }
        let nodes = self.levels.iter_mut().flatten();
        for part in nodes.filter(|part| part.place.is_none()) {
            part.place = Some(next);
            self.ranges.insert(next, next + node as u64);
            next += node as u64;
        }
        Ok(())
    }

    fn put_leaf(&self, image: &mut Image, number: usize) {
        let links = &self.leaves[number].content;
        image.push(LEAF_SIGNATURE);
        image.push(&(links.len() as u16).to_le_bytes());
        for link in links {
            image.push_number(link.offset);
            image.push_number(link.header);
            image.push(&link.rest);
        }
        image.push_zeros((self.sizes.links - links.len()) * LINK);
    }

    fn put_node(&self, image: &mut Image, level: usize, number: usize) {
        let nodes = &self.levels[level];
        let count = nodes[number].content;
        let first: usize = nodes[..number].iter().map(|node| node.content).sum();
        image.push(NODE_SIGNATURE);
        image.push(&[level as u8]);
        image.push(&(count as u16).to_le_bytes());
        let neighbour = |number: Option<usize>| {
            let node = number.and_then(|number| nodes.get(number));
            node.and_then(|node| node.place).unwrap_or(UNDEFINED)
        };
        image.push_address(Address::File(neighbour(number.checked_sub(1))));
        image.push_address(Address::File(neighbour(Some(number + 1))));
        let key = |child: usize| self.greatest(level, child);
        image.push_number(first.checked_sub(1).map_or(0, key));
        for child in first..first + count {
            let place = match level {
                0 => self.leaves[child].place,
                _ => self.levels[level - 1][child].place,
            };
            image.push_number(place.unwrap_or(UNDEFINED));
            image.push_number(key(child));
        }
        image.push_zeros((self.sizes.children - count) * 16);
    }

    /// Where in the heap the greatest name below a child of a level of nodes is.
    fn greatest(&self, level: usize, child: usize) -> u64 {
        let mut last = child;
        for below in (0..level).rev() {
            let nodes = &self.levels[below];
            last = nodes[..=last]
                .iter()
                .map(|node| node.content)
                .sum::<usize>()
                .saturating_sub(1);
        }
        let links = self.leaves.get(last).and_then(|leaf| leaf.content.last());
        links.map_or(0, |link| link.offset)
    }
}

/// Bytes of a text in a heap.
fn text_length(length: usize) -> u64 {
    (length as u64 + 1).next_multiple_of(8)
}

/// The gaps among the names of a table, by the heap's list of what is free, and that list as it is in the file; none if it is not as it has to be.
fn known_gaps(heap: &LocalHeap, table: &GroupTable) -> (Room, Vec<(usize, usize)>) {
    let mut free = heap.free.clone();
    free.sort_unstable();
    let links = || table.leaves.iter().flat_map(|leaf| &leaf.links);
    let is_in_gap = |at: u64| {
        let at = at as usize;
        let before = free.partition_point(|gap| gap.0 <= at).checked_sub(1);
        before.is_some_and(|gap| at < free[gap].0 + free[gap].1)
    };
    let are_apart = free.windows(2).all(|two| two[0].0 + two[0].1 <= two[1].0);
    let is_taken =
        || links().any(|link| is_in_gap(link.offset) || link.path().is_some_and(is_in_gap));
    let mut gaps = Room::default();
    if !are_apart || free.first().is_some_and(|gap| gap.0 == 0) || is_taken() {
        return (gaps, Vec::new());
    }
    for &(start, length) in &free {
        if start % 8 == 0 && start + length <= heap.used {
            gaps.give(start as u64, length as u64);
        }
    }
    let mut listed = heap.free.clone();
    if heap.used < heap.data.len() {
        listed.push((heap.used, heap.data.len() - heap.used));
    }
    (gaps, listed)
}

/// What the free block at the end of a heap begins with; nothing where it is too small for that.
fn free_block(used: u64, size: u64) -> Vec<u8> {
    if used + FREE_PREFIX as u64 > size {
        return vec![0; size.saturating_sub(used) as usize];
    }
    [NOTHING_FREE.to_le_bytes(), (size - used).to_le_bytes()].concat()
}

/// Where the tree and the heap are of the group whose header is at an address.
fn places(raw: &RawFile, header: u64) -> Result<Option<(u64, u64)>> {
    let messages = object_header::all(raw, header, Widths::USUAL)?.unwrap_or_default();
    Ok(symbol_table::places(&messages, 8))
}
