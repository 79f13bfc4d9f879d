//! The symbol table of a group that is in the file, to be changed past HDF5.
//!
//! HDF5 inserts a link in some ten microseconds, and opens the object for it. A group that it has not
//! looked into since the file was opened needs none of that: nothing of the group's table is in its
//! caches, which the driver knows since it hears of all that HDF5 reads and writes. As soon as HDF5 has
//! read any of it the table is HDF5's. What neither it nor the group's header say changes: the
//! addresses of the tree's root and of the heap stay as they are.
//!
//! Of a large table those nodes and names are read that are on the way to a name, and beside it.

#![forbid(unsafe_code)]

use super::image::{Address, Image};
use super::names::NameHeap;
use crate::error::{Error, Result};
use crate::format::links::Target;
use crate::format::local_heap;
use crate::format::object_header;
use crate::format::symbol_table::{
    self, Child, Link, Node, Sizes, LEAF_SIGNATURE, LINK, NODE_SIGNATURE, PATH, SOFT,
};
use crate::format::{bytes, Widths, UNDEFINED};
use crate::journal::RawFile;
use crate::store::Hdf5File;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a link costs in memory besides its name, about.
const LINK_COST: usize = 96;

/// What a node of the tree costs, about.
const NODE_COST: usize = 700;

/// A symbol table of which HDF5 has seen nothing.
#[derive(Debug)]
pub struct SymbolTable {
    raw: RawFile,
    sizes: Sizes,
    /// Where the root of the tree is, and the heap.
    tree: u64,
    heap: u64,
    names: NameHeap,
    /// The nodes that are in memory, by where they are, and the leaves.
    nodes: HashMap<u64, Node>,
    leaves: HashMap<u64, Vec<Link>>,
    /// Which of them are not in the file as they are here.
    dirty: BTreeSet<u64>,
    /// Where all of them are: starts and ends.
    ranges: BTreeMap<u64, u64>,
    /// The way to the name that was looked for last: it is until links change.
    latest: Option<(Box<str>, Way)>,
    /// The leaves and nodes that nothing refers to when this is stored.
    given_up: Vec<(u64, u64)>,
    /// What HDF5 has seen was looked at up to here.
    seen: usize,
    /// Whether something was not as expected: HDF5 has to be asked.
    is_lost: bool,
    is_dirty: bool,
    memory: usize,
}

/// The way down to a leaf.
#[derive(Clone, Debug)]
struct Way {
    /// The nodes, the root first, and the number of the child in each.
    nodes: Vec<(u64, usize)>,
    /// The leaf; None if there is none at all.
    leaf: Option<u64>,
}

impl SymbolTable {
    /// The table of the group whose header is at an address; None if HDF5 may have any of it, or
    /// it is too large, or not understood.
    pub fn read(raw: &RawFile, header: u64, sizes: Sizes) -> Result<Option<Self>> {
        let messages = object_header::all(raw, header, Widths::USUAL)?.unwrap_or_default();
        let Some((tree, heap)) = symbol_table::places(&messages, 8) else {
            return Ok(None);
        };
        let Some(names) = NameHeap::read(raw, heap)? else {
            return Ok(None);
        };
        let mut this = Self {
            raw: raw.clone(),
            sizes,
            tree,
            heap,
            names,
            nodes: HashMap::new(),
            leaves: HashMap::new(),
            dirty: BTreeSet::new(),
            ranges: BTreeMap::new(),
            latest: None,
            given_up: Vec::new(),
            seen: 0,
            is_lost: false,
            is_dirty: false,
            memory: 0,
        };
        this.load_node(tree, None)?;
        Ok(this.is_unseen().then_some(this))
    }

    /// Whether HDF5 has still seen nothing of it, and it is as it has to be.
    pub fn is_unseen(&mut self) -> bool {
        let mut is_unseen = !self.is_lost;
        let ranges = &self.ranges;
        let (place, size) = self.names.data();
        let own = [
            (place, place.saturating_add(size)),
            (
                self.heap,
                self.heap.saturating_add(local_heap::PREFIX as u64),
            ),
        ];
        self.seen = self.raw.seen_since(self.seen, |from, to| {
            let before = ranges.range(..to).next_back();
            is_unseen &= before.is_none_or(|(_, &end)| end <= from)
                && own.iter().all(|&(start, end)| end <= from || to <= start);
        });
        is_unseen
    }

    /// Whether something of it is not in the file.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Bytes of memory, about.
    pub fn memory(&self) -> usize {
        self.memory + self.names.memory()
    }

    /// Where a name leads, or that it is not in it; None if HDF5 has to be asked.
    pub fn get(&mut self, name: &str) -> Result<Option<Option<Target>>> {
        let Some(way) = self.way(name)? else {
            return Ok(None);
        };
        let Some((leaf, at)) = self.find(&way, name) else {
            return Ok(Some(None));
        };
        self.target(leaf, at).map(Some).map(Some)
    }

    /// Where the link of a number in a leaf leads.
    fn target(&mut self, leaf: u64, number: usize) -> Result<Target> {
        let link = &self.leaves[&leaf][number];
        let Some(path) = link.path() else {
            return Ok(Target::Hard(link.header));
        };
        let path = self.names.text(path)?;
        Ok(path.map_or(Target::Other, |path| Target::Soft((*path).into())))
    }

    /// Reads what adding a link of a name takes, or removing it; false if HDF5 has to do it.
    pub fn prepare(&mut self, name: &str) -> Result<bool> {
        let Some(way) = self.way(name)? else {
            return Ok(false);
        };
        for (place, _) in way.nodes {
            let node = &self.nodes[&place];
            let level = node.level;
            // Neighbours tell of each other, and have the same key between them.
            for beside in [node.left, node.right] {
                if beside != UNDEFINED && !self.load_node(beside, Some(level))? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Has a node in memory, which is on a level if that is known; false if it is not as it has to be.
    fn load_node(&mut self, place: u64, level: Option<u8>) -> Result<bool> {
        if !self.nodes.contains_key(&place) {
            let length = self.sizes.node() as u64;
            let found = match self.raw.is_unseen(place, length) {
                true => bytes(&self.raw, place, length)?,
                false => None,
            };
            let Some(node) = found.and_then(|found| Node::of(&found, self.sizes)) else {
                self.is_lost = true;
                return Ok(false);
            };
            self.keep_node(place, node);
        }
        let is_there = level.is_none_or(|level| self.nodes[&place].level == level);
        self.is_lost |= !is_there;
        Ok(is_there)
    }

    fn keep_node(&mut self, place: u64, node: Node) {
        self.memory += NODE_COST;
        self.ranges.insert(place, place + self.sizes.node() as u64);
        self.nodes.insert(place, node);
    }

    /// Has a leaf in memory; false if it is not as it has to be.
    fn load_leaf(&mut self, place: u64) -> Result<bool> {
        if self.leaves.contains_key(&place) {
            return Ok(true);
        }
        let length = self.sizes.leaf() as u64;
        let found = match self.raw.is_unseen(place, length) {
            true => bytes(&self.raw, place, length)?,
            false => None,
        };
        let names = |offset: u64| Ok(self.names.text(offset)?.map(|name| (*name).into()));
        let links = match &found {
            Some(found) => symbol_table::links(found, self.sizes, names)?,
            None => None,
        };
        let is_sorted = |links: &Vec<Link>| {
            let mut pairs = links.windows(2);
            pairs.all(|two| two[0].name.as_bytes() < two[1].name.as_bytes())
        };
        let links = links.filter(|links| !links.is_empty() && is_sorted(links));
        let Some(links) = links else {
            self.is_lost = true;
            return Ok(false);
        };
        self.keep_leaf(place, links);
        Ok(true)
    }

    fn keep_leaf(&mut self, place: u64, links: Vec<Link>) {
        let costs = links.iter().map(|link| LINK_COST + link.name.len());
        self.memory += costs.sum::<usize>();
        self.ranges.insert(place, place + self.sizes.leaf() as u64);
        self.leaves.insert(place, links);
    }

    /// The way to the leaf in which a name is, or comes; None if something on it is not as it has to be.
    fn way(&mut self, name: &str) -> Result<Option<Way>> {
        if let Some((_, way)) = self.latest.as_ref().filter(|(latest, _)| **latest == *name) {
            return Ok(Some(way.clone()));
        }
        let way = self.search(name)?;
        self.latest = way.clone().map(|way| (name.into(), way));
        Ok(way)
    }

    fn search(&mut self, name: &str) -> Result<Option<Way>> {
        let mut way = Way {
            nodes: Vec::new(),
            leaf: None,
        };
        let mut place = self.tree;
        let mut level = None;
        loop {
            if !self.load_node(place, level)? {
                return Ok(None);
            }
            let Some(child) = self.child_for(place, name)? else {
                self.is_lost = true;
                return Ok(None);
            };
            let node = &self.nodes[&place];
            way.nodes.push((place, child));
            let Some(child) = node.children.get(child) else {
                return Ok(Some(way));
            };
            place = child.place;
            // Each level is one below, so that this ends.
            match node.level.checked_sub(1) {
                Some(below) => level = Some(below),
                None => break,
            }
        }
        if !self.load_leaf(place)? {
            return Ok(None);
        }
        way.leaf = Some(place);
        Ok(Some(way))
    }

    /// The number of the first child of a node whose greatest name is not before this one, or of the last child; None if a name cannot be read.
    fn child_for(&mut self, place: u64, name: &str) -> Result<Option<usize>> {
        let children = &self.nodes[&place].children;
        let (mut low, mut high) = (0, children.len().saturating_sub(1));
        while low < high {
            let middle = (low + high) / 2;
            match self.names.compare(children[middle].greatest, name)? {
                Some(Ordering::Less) => low = middle + 1,
                Some(_) => high = middle,
                None => return Ok(None),
            }
        }
        Ok(Some(low))
    }

    /// The leaf at the end of a way and the number of a name's link there, if there is one.
    fn find(&self, way: &Way, name: &str) -> Option<(u64, usize)> {
        let leaf = way.leaf?;
        let links = self.leaves.get(&leaf)?;
        let found = links.binary_search_by(|link| link.name.as_bytes().cmp(name.as_bytes()));
        Some((leaf, found.ok()?))
    }

    /// The way to a name for which all is [prepared](Self::prepare), and whose links are changed.
    fn known_way(&mut self, name: &str) -> Result<Way> {
        let way = self.way(name)?;
        self.latest = None;
        way.ok_or_else(|| Error::internal("the links of a group are not as they were"))
    }

    /// Takes the link of a name out of it, for which it is [prepared](Self::prepare), and which is there.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        let way = self.known_way(name)?;
        let Some((place, at)) = self.find(&way, name) else {
            return Ok(());
        };
        let target = self.target(place, at)?;
        self.is_dirty = true;
        let Some(links) = self.leaves.get_mut(&place) else {
            return Ok(());
        };
        let link = links.remove(at);
        let last = links.last().map(|last| last.offset);
        let was_last = at == links.len();
        self.memory = self.memory.saturating_sub(LINK_COST + name.len());
        if let (Some(path), Target::Soft(text)) = (link.path(), &target) {
            self.names.remove(path, text);
        }
        self.names.remove(link.offset, name);
        match last {
            None => {
                self.leaves.remove(&place);
                self.give_up(place, self.sizes.leaf());
                self.remove_child(&way.nodes);
            }
            Some(last) => {
                self.dirty.insert(place);
                if was_last {
                    self.set_greatest(&way.nodes, last);
                }
            }
        }
        Ok(())
    }

    /// Takes note that nothing will refer to a leaf or node.
    fn give_up(&mut self, place: u64, length: usize) {
        self.dirty.remove(&place);
        self.ranges.remove(&place);
        self.given_up.push((place, length as u64));
    }

    /// A node that is in memory and is to be written.
    fn change(&mut self, place: u64) -> Option<&mut Node> {
        self.dirty.insert(place);
        self.nodes.get_mut(&place)
    }

    /// Takes the child to which a way leads out of its node, and nodes that become empty with it.
    fn remove_child(&mut self, way: &[(u64, usize)]) {
        let Some((&(place, child), above)) = way.split_last() else {
            return;
        };
        let Some(node) = self.change(place) else {
            return;
        };
        node.children.remove(child);
        match node.children.last() {
            // The greatest one was it.
            Some(last) if child == node.children.len() => {
                let (greatest, right) = (last.greatest, node.right);
                if let Some(right) = self.change_beside(right) {
                    right.first = greatest;
                }
                self.set_greatest(above, greatest);
            }
            Some(_) => {}
            None if above.is_empty() => {
                // Nothing is left: the root, which stays where it is, is one above leaves.
                node.level = 0;
                node.first = 0;
            }
            None => {
                let (left, right, first) = (node.left, node.right, node.first);
                if let Some(left) = self.change_beside(left) {
                    left.right = right;
                }
                if let Some(right) = self.change_beside(right) {
                    (right.left, right.first) = (left, first);
                }
                self.nodes.remove(&place);
                self.memory = self.memory.saturating_sub(NODE_COST);
                self.give_up(place, self.sizes.node());
                self.remove_child(above);
            }
        }
    }

    /// A neighbour that is to be written, if there is one.
    fn change_beside(&mut self, place: u64) -> Option<&mut Node> {
        (place != UNDEFINED).then(|| self.change(place)).flatten()
    }

    /// Takes note of where the greatest name is of what a way leads to.
    fn set_greatest(&mut self, way: &[(u64, usize)], greatest: u64) {
        for &(place, child) in way.iter().rev() {
            let Some(node) = self.change(place) else {
                return;
            };
            node.children[child].greatest = greatest;
            let right = node.right;
            if child + 1 < node.children.len() {
                return;
            }
            // The node to the right has the same key first.
            if let Some(right) = self.change_beside(right) {
                right.first = greatest;
            }
        }
    }

    /// Adds a link by a name that is not in it, and for which it is [prepared](Self::prepare); a path is a short one. After an error nothing has changed.
    pub fn insert(&mut self, file: &Hdf5File, name: Box<str>, target: &Target) -> Result<()> {
        let way = self.known_way(&name)?;
        let mut new = self.allocate(file, &way)?;
        self.is_dirty = true;
        self.memory += LINK_COST + name.len();
        let offset = self.names.put(&name);
        let mut rest = [0; 24];
        let header = match target {
            Target::Hard(header) => *header,
            Target::Soft(path) => {
                let path = self.names.put(path) as u32;
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
        let Some((place, links)) = way
            .leaf
            .and_then(|leaf| Some((leaf, self.leaves.get_mut(&leaf)?)))
        else {
            let place = new.pop().unwrap_or(UNDEFINED);
            self.keep_new_leaf(place, vec![link]);
            if let Some(root) = self.change(self.tree) {
                let greatest = offset;
                root.children.push(Child { place, greatest });
            }
            return Ok(());
        };
        let at = links.partition_point(|other| other.name.as_bytes() < link.name.as_bytes());
        let is_last = at == links.len();
        links.insert(at, link);
        // What comes in order fills its leaves.
        let split = match is_last {
            true => self.sizes.links,
            false => links.len() / 2,
        };
        let rest = (links.len() > self.sizes.links).then(|| links.split_off(split));
        let greatest = links.last().map_or(0, |last| last.offset);
        self.dirty.insert(place);
        if is_last {
            self.set_greatest(&way.nodes, offset);
        }
        let Some(rest) = rest else {
            return Ok(());
        };
        let child = Child {
            place: new.pop().unwrap_or(UNDEFINED),
            greatest: rest.last().map_or(0, |last| last.offset),
        };
        self.keep_new_leaf(child.place, rest);
        self.set_child(&way.nodes, greatest);
        self.add_child(&way.nodes, child, is_last, &mut new);
        Ok(())
    }

    fn keep_new_leaf(&mut self, place: u64, links: Vec<Link>) {
        let costs = links.iter().map(|link| LINK_COST + link.name.len());
        // They are counted already.
        self.memory = self.memory.saturating_sub(costs.sum());
        self.keep_leaf(place, links);
        self.dirty.insert(place);
    }

    /// Says where the greatest name is of the very child to which a way leads; those above keep theirs.
    fn set_child(&mut self, way: &[(u64, usize)], greatest: u64) {
        if let Some(&(place, child)) = way.last() {
            if let Some(node) = self.change(place) {
                node.children[child].greatest = greatest;
            }
        }
    }

    /// Room for the leaf and the nodes that one more link at the end of a way makes.
    fn allocate(&self, file: &Hdf5File, way: &Way) -> Result<Vec<u64>> {
        let mut lengths = Vec::new();
        let leaf = way.leaf.and_then(|leaf| self.leaves.get(&leaf));
        if leaf.is_none_or(|links| links.len() == self.sizes.links) {
            lengths.push(self.sizes.leaf());
            let is_full = |&&(place, _): &&(u64, usize)| {
                let node = self.nodes.get(&place);
                node.is_some_and(|node| node.children.len() == self.sizes.children)
            };
            let full = way.nodes.iter().rev().take_while(is_full).count();
            // What a root has that is full moves.
            let more = usize::from(full == way.nodes.len());
            lengths.extend(std::iter::repeat_n(self.sizes.node(), full + more));
        }
        let mut places = Vec::new();
        for &length in lengths.iter().rev() {
            match file.allocate_unseen(length as u64) {
                Ok(place) => places.push(place),
                Err(error) => {
                    for (place, length) in places.into_iter().zip(lengths.iter().rev()) {
                        file.give_back(place, *length as u64);
                    }
                    return Err(error);
                }
            }
        }
        Ok(places)
    }

    /// Adds a child behind the one to which a way leads.
    fn add_child(&mut self, way: &[(u64, usize)], child: Child, at_end: bool, new: &mut Vec<u64>) {
        let most = self.sizes.children;
        let Some((&(place, before), above)) = way.split_last() else {
            return;
        };
        let Some(node) = self.change(place) else {
            return;
        };
        node.children.insert(before + 1, child);
        if node.children.len() <= most {
            return;
        }
        let is_end = at_end && before + 2 == node.children.len();
        let kept = match is_end {
            true => most,
            false => node.children.len() / 2,
        };
        let moved = node.children.split_off(kept);
        let key = |children: &[Child]| children.last().map_or(0, |last| last.greatest);
        let (between, greatest) = (key(&node.children), key(&moved));
        let right = new.pop().unwrap_or(UNDEFINED);
        let mut right_node = Node {
            level: node.level,
            left: place,
            right: node.right,
            first: between,
            children: moved,
        };
        if above.is_empty() {
            // The root stays where it is, and what it had moves.
            let left = new.pop().unwrap_or(UNDEFINED);
            right_node.left = left;
            let left_node = Node {
                right,
                children: std::mem::take(&mut node.children),
                ..*node
            };
            node.level += 1;
            node.children = vec![
                Child {
                    place: left,
                    greatest: between,
                },
                Child {
                    place: right,
                    greatest,
                },
            ];
            self.keep_new_node(left, left_node);
            self.keep_new_node(right, right_node);
            return;
        }
        let behind = std::mem::replace(&mut node.right, right);
        self.keep_new_node(right, right_node);
        if let Some(behind) = self.change_beside(behind) {
            behind.left = right;
        }
        self.set_child(above, between);
        let child = Child {
            place: right,
            greatest,
        };
        self.add_child(above, child, at_end, new);
    }

    fn keep_new_node(&mut self, place: u64, node: Node) {
        self.keep_node(place, node);
        self.dirty.insert(place);
    }

    /// Brings all changes into the file, which the file's next commit makes permanent; what a disk does not take is kept in memory until then.
    ///
    /// On another failure what is not in it stays to be stored; nobody may look at the table before it is.
    pub fn store(&mut self, file: &Hdf5File) -> Result<()> {
        self.names.store(file)?;
        let mut image = Image::default();
        while let Some(&place) = self.dirty.first() {
            image.clear();
            match (self.leaves.get(&place), self.nodes.get(&place)) {
                (Some(links), _) => self.put_leaf(&mut image, links),
                (None, Some(node)) => self.put_node(&mut image, node),
                (None, None) => return Err(Error::internal("a node of a group is gone")),
            }
            self.raw.write_often(place, image.at(0))?;
            self.dirty.remove(&place);
        }
        self.is_dirty = false;
        for (place, length) in std::mem::take(&mut self.given_up) {
            file.give_back(place, length);
        }
        Ok(())
    }

    fn put_leaf(&self, image: &mut Image, links: &[Link]) {
        image.push(LEAF_SIGNATURE);
        image.push(&(links.len() as u16).to_le_bytes());
        for link in links {
            image.push_number(link.offset);
            image.push_number(link.header);
            image.push(&link.rest);
        }
        image.push_zeros((self.sizes.links - links.len()) * LINK);
    }

    fn put_node(&self, image: &mut Image, node: &Node) {
        image.push(NODE_SIGNATURE);
        image.push(&[node.level]);
        image.push(&(node.children.len() as u16).to_le_bytes());
        image.push_address(Address::File(node.left));
        image.push_address(Address::File(node.right));
        image.push_number(node.first);
        for child in &node.children {
            image.push_number(child.place);
            image.push_number(child.greatest);
        }
        image.push_zeros((self.sizes.children - node.children.len()) * 16);
    }
}
