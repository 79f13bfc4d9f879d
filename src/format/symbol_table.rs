//! Symbol tables, in which old groups have their links: a tree of version 1 over leaves. Formats: III.A.1,
//! III.B and III.C.

#![forbid(unsafe_code)]

use super::links::Target;
use super::local_heap::{self, LocalHeap, Names};
use super::object_header::{content, FoundMessage, SYMBOL_TABLE};
use super::{bytes, number16, number32, number64, number_of, Source, Widths};
use crate::error::Result;
use std::cmp::Ordering;

/// Bytes before the links of a leaf.
pub const LEAF_PREFIX: usize = 8;

/// Bytes of a link.
pub const LINK: usize = 40;

/// Where in what a link repeats of its object a soft one says where its path is, and what such a one begins with.
pub const PATH: usize = 8;
pub const SOFT: [u8; 4] = [2, 0, 0, 0];

/// Bytes before the keys and children of a node of the tree.
pub const NODE_PREFIX: usize = 24;

/// The first bytes of a leaf, with its version.
pub const LEAF_SIGNATURE: &[u8; 6] = b"SNOD\x01\0";

/// The first bytes of a node, with its type.
pub const NODE_SIGNATURE: &[u8; 5] = b"TREE\0";

/// The deepest tree that makes sense.
const DEPTH: u8 = 16;

/// The sizes that a file's superblock gives to its symbol tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The most children of a node of the tree.
    pub children: usize,
    /// The most links in a leaf.
    pub links: usize,
}

impl Sizes {
    /// Bytes of a node of the tree.
    pub fn node(&self) -> usize {
        NODE_PREFIX + 16 * self.children + 8
    }

    /// Bytes of a leaf.
    pub fn leaf(&self) -> usize {
        LEAF_PREFIX + LINK * self.links
    }
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The name.
    pub name: Box<str>,
    /// Where in the heap it is.
    pub offset: u64,
    /// Where the object's header is.
    pub header: u64,
    /// What is repeated here about the object.
    pub rest: [u8; 24],
}

impl Link {
    /// Where in the heap the path is that it holds instead of an address, if it does.
    pub fn path(&self) -> Option<u64> {
        let is_soft = self.rest[..4] == SOFT;
        let offset = number32(&self.rest, PATH).map(u64::from);
        offset.filter(|_| is_soft)
    }
}

/// A leaf.
#[derive(Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Where it is.
    pub place: u64,
    /// The links, in the order of the names' bytes.
    pub links: Vec<Link>,
}

/// What a node of the tree says.
#[derive(Debug, PartialEq, Eq)]
pub struct Node {
    /// How many levels of nodes are below it.
    pub level: u8,
    /// Where its neighbours are on its level, [`UNDEFINED`](super::UNDEFINED) for none.
    pub left: u64,
    /// The one behind it.
    pub right: u64,
    /// Where in the heap the greatest name before all of its own is.
    pub first: u64,
    /// The nodes or leaves below it.
    pub children: Vec<Child>,
}

/// A node or leaf below a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// Where it is.
    pub place: u64,
    /// Where in the heap its greatest name is.
    pub greatest: u64,
}

impl Node {
    /// The node with these bytes; `None` if it is none.
    pub fn of(bytes: &[u8], sizes: Sizes) -> Option<Self> {
        let (level, count) = node_head(bytes, sizes)?;
        let child = |child: usize| {
            let at = NODE_PREFIX + 16 * child;
            Some(Child {
                place: number64(bytes, at + 8)?,
                greatest: number64(bytes, at + 16)?,
            })
        };
        Some(Self {
            level,
            left: number64(bytes, 8)?,
            right: number64(bytes, 16)?,
            first: number64(bytes, NODE_PREFIX)?,
            children: (0..count).map(child).collect::<Option<_>>()?,
        })
    }
}

/// All of a symbol table.
#[derive(Debug, PartialEq, Eq)]
pub struct GroupTable {
    /// Where the nodes of the tree are.
    pub nodes: Vec<u64>,
    /// The leaves, from left to right.
    pub leaves: Vec<Leaf>,
}

impl GroupTable {
    /// Reads a table of at most so many leaves by the address of its tree; `None` if something about it
    /// is not as it has to be.
    pub fn read<S: Source + ?Sized>(
        source: &S,
        tree: u64,
        heap: &LocalHeap,
        sizes: Sizes,
        most: usize,
    ) -> Result<Option<Self>> {
        // A tree of a damaged file may lead back into itself: no more is read than the file can hold.
        let mut left = (source.end() / sizes.leaf() as u64).min(2 * most as u64);
        let mut nodes = Vec::new();
        let mut below = vec![tree];
        let mut level = None;
        loop {
            let mut children = Vec::new();
            for &place in &below {
                if left == 0 {
                    return Ok(None);
                }
                left -= 1;
                let Some(node) = bytes(source, place, sizes.node() as u64)? else {
                    return Ok(None);
                };
                let Some(node) = Node::of(&node, sizes) else {
                    return Ok(None);
                };
                if *level.get_or_insert(node.level) != node.level {
                    return Ok(None);
                }
                children.extend(node.children.iter().map(|child| child.place));
                nodes.push(place);
            }
            below = children;
            match level {
                Some(0) | None => break,
                Some(above) => level = Some(above - 1),
            }
        }
        let mut leaves: Vec<Leaf> = Vec::new();
        for &place in &below {
            if left == 0 {
                return Ok(None);
            }
            left -= 1;
            let Some(leaf) = bytes(source, place, sizes.leaf() as u64)? else {
                return Ok(None);
            };
            let name = |offset: u64| Ok(heap.name(offset).map(Into::into));
            let Some(links) = links(&leaf, sizes, name)? else {
                return Ok(None);
            };
            leaves.push(Leaf { place, links });
        }
        let names = || leaves.iter().flat_map(|leaf| &leaf.links);
        let is_sorted = names()
            .zip(names().skip(1))
            .all(|(one, next)| one.name.as_bytes() < next.name.as_bytes());
        let is_whole = is_sorted && leaves.iter().all(|leaf| !leaf.links.is_empty());
        Ok(is_whole.then_some(Self { nodes, leaves }))
    }
}

/// Where a name leads in a table of the usual widths, by as few nodes as a search takes, or that no link has the name; `None` if something on the way is
/// not as it has to be.
pub fn find<S: Source + ?Sized>(
    source: &S,
    tree: u64,
    heap: &impl Names,
    name: &str,
) -> Result<Option<Option<Target>>> {
    // How the name that the number at a place of these bytes leads to compares with this one.
    let compare = |content: &[u8], at: usize| match number64(content, at) {
        Some(offset) => {
            let own = heap.name(offset)?;
            Ok(own.map(|own| own.as_bytes().cmp(name.as_bytes())))
        }
        None => Ok(None),
    };
    let mut node = tree;
    let mut level: Option<u8> = None;
    // Each level is one below, so that this ends.
    while level != Some(0) {
        let Some(prefix) = bytes(source, node, NODE_PREFIX as u64)? else {
            return Ok(None);
        };
        let is_next = level.is_none_or(|above| above.checked_sub(1) == Some(prefix[5]));
        let count = usize::from(number16(&prefix, 6).unwrap_or(0));
        if !prefix.starts_with(NODE_SIGNATURE) || !is_next {
            return Ok(None);
        }
        level = Some(prefix[5]);
        let place = node.saturating_add(NODE_PREFIX as u64);
        let Some(content) = bytes(source, place, 16 * count as u64 + 8)? else {
            return Ok(None);
        };
        // A child holds the names after the key before it, up to the key behind it.
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            match compare(&content, 16 * middle + 16)? {
                Some(Ordering::Less) => low = middle + 1,
                Some(_) => high = middle,
                None => return Ok(None),
            }
        }
        if low == count {
            return Ok(Some(None));
        }
        match number64(&content, 16 * low + 8) {
            Some(child) => node = child,
            None => return Ok(None),
        }
    }
    let Some(prefix) = bytes(source, node, LEAF_PREFIX as u64)? else {
        return Ok(None);
    };
    let count = usize::from(number16(&prefix, 6).unwrap_or(0));
    if !prefix.starts_with(LEAF_SIGNATURE) {
        return Ok(None);
    }
    let place = node.saturating_add(LEAF_PREFIX as u64);
    let Some(links) = bytes(source, place, (LINK * count) as u64)? else {
        return Ok(None);
    };
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        match compare(&links, LINK * middle)? {
            Some(Ordering::Less) => low = middle + 1,
            Some(Ordering::Greater) => high = middle,
            Some(Ordering::Equal) => {
                let link = &links[LINK * middle..];
                return target_of(link, heap).map(|target| target.map(Some));
            }
            None => return Ok(None),
        }
    }
    Ok(Some(None))
}

/// Names in the order of their bytes, and where they lead.
pub type NamedLinks = Vec<(Box<str>, Target)>;

/// The names in a table of the usual widths in the order of their bytes, and where they lead, at most so many; `None` if there are more, or something is not
/// as it has to be. Adds where the nodes and leaves are.
pub fn all<S: Source + ?Sized>(
    source: &S,
    tree: u64,
    heap: &LocalHeap,
    most: usize,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<NamedLinks>> {
    // A tree of a damaged file may lead back into itself.
    let mut left = most;
    let mut below = vec![tree];
    let mut level: Option<u8> = None;
    while level != Some(0) {
        let wanted = match level {
            Some(level) => level.checked_sub(1),
            None => None,
        };
        let mut found = None;
        let mut children = Vec::new();
        for &place in &below {
            let Some(prefix) = bytes(source, place, NODE_PREFIX as u64)? else {
                return Ok(None);
            };
            let count = usize::from(number16(&prefix, 6).unwrap_or(0));
            let is_next = wanted.or(found).is_none_or(|level| level == prefix[5]);
            let length = 16 * count as u64 + 8;
            if !prefix.starts_with(NODE_SIGNATURE) || !is_next || count > left {
                return Ok(None);
            }
            left -= count;
            found = Some(prefix[5]);
            let at = place.saturating_add(NODE_PREFIX as u64);
            let Some(content) = bytes(source, at, length)? else {
                return Ok(None);
            };
            pieces.push((place, NODE_PREFIX as u64 + length));
            children.extend((0..count).filter_map(|child| number64(&content, 16 * child + 8)));
        }
        below = children;
        level = found.or(Some(0));
    }
    let mut all = NamedLinks::new();
    for place in below {
        let Some(prefix) = bytes(source, place, LEAF_PREFIX as u64)? else {
            return Ok(None);
        };
        let count = usize::from(number16(&prefix, 6).unwrap_or(0));
        let length = (LINK * count) as u64;
        if !prefix.starts_with(LEAF_SIGNATURE) || all.len() + count > most {
            return Ok(None);
        }
        let at = place.saturating_add(LEAF_PREFIX as u64);
        let Some(links) = bytes(source, at, length)? else {
            return Ok(None);
        };
        pieces.push((place, LEAF_PREFIX as u64 + length));
        for number in 0..count {
            let link = &links[LINK * number..];
            let name = number64(link, 0).and_then(|offset| heap.name(offset));
            let (Some(name), Some(target)) = (name, target_of(link, heap)?) else {
                return Ok(None);
            };
            if all.last().is_some_and(|(last, _)| **last >= *name) {
                return Ok(None);
            }
            all.push((name.into(), target));
        }
    }
    Ok(Some(all))
}

/// Where the link that bytes begin with leads.
fn target_of(link: &[u8], heap: &impl Names) -> Result<Option<Target>> {
    let (Some(header), Some(path)) = (number64(link, 8), number32(link, 16 + PATH)) else {
        return Ok(None);
    };
    if !link[16..].starts_with(&SOFT) {
        return Ok(Some(Target::Hard(header)));
    }
    let path = heap.name(u64::from(path))?;
    Ok(Some(
        path.map_or(Target::Other, |path| Target::Soft(path.into())),
    ))
}

/// Where the tree and the heap are, by the messages of the group's header.
pub fn places(header: &[FoundMessage], address: usize) -> Option<(u64, u64)> {
    let table = content(header, SYMBOL_TABLE)?;
    Some((
        number_of(table, 0, address)?,
        number_of(table, address, address)?,
    ))
}

/// Whether a program that trusts the bytes can walk through a table: the tree ends, and each name lies in
/// the heap. What such a program finds out for itself is no matter here.
pub fn is_walkable<S: Source + ?Sized>(
    source: &S,
    tree: u64,
    heap: u64,
    sizes: Sizes,
    widths: Widths,
) -> Result<bool> {
    let Some(names) = read_names(source, heap, widths)? else {
        return Ok(false);
    };
    let ends = |offset: u64| {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|start| names.get(start..));
        rest.is_some_and(|rest| rest.contains(&0))
    };
    let (address, length) = (widths.address, widths.length);
    let link = length + address + 24;
    let leaf_length = LEAF_PREFIX + link * sizes.links;
    let first = 8 + 2 * address + length;
    let step = address + length;
    let node_length = first + step * sizes.children;
    // Nodes with their level, where it is known.
    let mut nodes = vec![(tree, None)];
    let mut left = source.end() / leaf_length.min(node_length).max(1) as u64 + 1;
    while let Some((place, expected)) = nodes.pop() {
        let Some(rest) = left.checked_sub(1) else {
            return Ok(false);
        };
        left = rest;
        if expected == Some(-1) {
            let Some(leaf) = bytes(source, place, leaf_length as u64)? else {
                continue;
            };
            let count = usize::from(number16(&leaf, 6).unwrap_or(0));
            if leaf.get(..6) != Some(LEAF_SIGNATURE) || count > sizes.links {
                continue;
            }
            let mut offsets =
                (0..count).map(|number| number_of(&leaf, LEAF_PREFIX + link * number, length));
            if !offsets.all(|offset| offset.is_some_and(ends)) {
                return Ok(false);
            }
            continue;
        }
        let Some(node) = bytes(source, place, node_length as u64)? else {
            continue;
        };
        let (Some(&level), Some(count)) = (node.get(5), number16(&node, 6)) else {
            continue;
        };
        if node.get(..5) != Some(NODE_SIGNATURE) || usize::from(count) > sizes.children {
            continue;
        }
        let level = i16::from(level);
        if level >= i16::from(DEPTH) || expected.is_some_and(|expected| expected != level) {
            return Ok(false);
        }
        let children =
            (0..usize::from(count)).map(|child| number_of(&node, first + step * child, address));
        nodes.extend(children.flatten().map(|child| (child, Some(level - 1))));
    }
    Ok(true)
}

/// The data of a heap of names; `None` if there is none, or its free blocks are not in order.
fn read_names<S: Source + ?Sized>(
    source: &S,
    heap: u64,
    widths: Widths,
) -> Result<Option<Vec<u8>>> {
    let length = 8 + 2 * widths.length + widths.address;
    let Some(prefix) = bytes(source, heap, length as u64)? else {
        return Ok(None);
    };
    let number = |at: usize, width: usize| number_of(&prefix, at, width);
    let (Some(size), Some(free), Some(place)) = (
        number(8, widths.length),
        number(8 + widths.length, widths.length),
        number(8 + 2 * widths.length, widths.address),
    ) else {
        return Ok(None);
    };
    if size == 0 {
        return Ok(Some(Vec::new()));
    }
    let Some(data) = bytes(source, place, size)? else {
        return Ok(None);
    };
    Ok(local_heap::free_blocks(&data, free, widths.length).map(|_| data))
}

/// The level of a node and how many children it has.
fn node_head(node: &[u8], sizes: Sizes) -> Option<(u8, usize)> {
    let level = *node.get(5)?;
    let count = usize::from(number16(node, 6)?);
    let fits = node.get(..5)? == NODE_SIGNATURE && level < DEPTH && count <= sizes.children;
    // Only a group without links has a node without children.
    (fits && (count > 0 || level == 0)).then_some((level, count))
}

/// The links of a leaf, by the names at offsets of the heap; `None` if it is none, or has a name that is none.
pub fn links(
    leaf: &[u8],
    sizes: Sizes,
    mut name: impl FnMut(u64) -> Result<Option<Box<str>>>,
) -> Result<Option<Vec<Link>>> {
    let count = usize::from(number16(leaf, 6).unwrap_or(0));
    let content = leaf.get(LEAF_PREFIX..LEAF_PREFIX + LINK * count);
    let is_leaf = leaf.starts_with(LEAF_SIGNATURE) && count <= sizes.links;
    let Some(content) = content.filter(|_| is_leaf) else {
        return Ok(None);
    };
    let mut links = Vec::with_capacity(count + 1);
    for bytes in content.chunks_exact(LINK) {
        let (Some(offset), Some(header)) = (number64(bytes, 0), number64(bytes, 8)) else {
            return Ok(None);
        };
        let Some(name) = name(offset)? else {
            return Ok(None);
        };
        let mut rest = [0; LINK - 16];
        rest.copy_from_slice(&bytes[16..]);
        links.push(Link {
            name,
            offset,
            header,
            rest,
        });
    }
    Ok(Some(links))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::object_header;

    /// A file of one group of two links, whose first bytes are the addresses of its parts by 4.
    const GROUP: &[u8] = include_bytes!("../../fuzz/seeds/format/group");
    const SIZES: Sizes = Sizes {
        children: 4,
        links: 2,
    };

    fn walkable(file: &[u8]) -> bool {
        is_walkable(file, 96, 400, SIZES, Widths::USUAL).unwrap()
    }

    #[test]
    fn a_table_is_read_with_its_names() {
        let header = object_header::all(GROUP, 32, Widths::USUAL)
            .unwrap()
            .unwrap();
        assert_eq!(places(&header, 8), Some((96, 400)));
        let heap = LocalHeap::read(GROUP, 400, 1000).unwrap().unwrap();
        assert_eq!((heap.place, heap.used), (448, 24));
        let table = GroupTable::read(GROUP, 96, &heap, SIZES, 10)
            .unwrap()
            .unwrap();
        let names: Vec<&str> = table.leaves[0]
            .links
            .iter()
            .map(|link| &*link.name)
            .collect();
        assert_eq!(names, ["a", "b"]);
        for (link, name) in table.leaves[0].links.iter().zip(names) {
            let target = Some(Some(Target::Hard(link.header)));
            assert_eq!(find(GROUP, 96, &heap, name), Ok(target));
        }
        let mut pieces = Vec::new();
        let links = table.leaves[0].links.iter();
        let expected = links.map(|link| (link.name.clone(), Target::Hard(link.header)));
        let listed = all(GROUP, 96, &heap, 2, &mut pieces);
        assert_eq!(listed, Ok(Some(expected.collect())));
        assert_eq!(pieces.len(), 2);
        assert_eq!(all(GROUP, 96, &heap, 1, &mut pieces), Ok(None));
        for name in ["", "A", "aa", "c"] {
            assert_eq!(find(GROUP, 96, &heap, name), Ok(Some(None)), "{name}");
        }
        assert!(walkable(GROUP));
        for cut in 0..344 {
            assert_eq!(
                GroupTable::read(&GROUP[..cut], 96, &heap, SIZES, 10),
                Ok(None)
            );
        }
    }

    #[test]
    fn what_leads_astray_is_no_table() {
        // Its own child; a name outside the heap; a free block that is its own next one.
        for (at, value) in [(128, 96u64), (264, 1 << 40), (264, 48), (472, 24)] {
            let mut file = GROUP.to_vec();
            file[at..at + 8].copy_from_slice(&value.to_le_bytes());
            if at == 128 {
                // A node above the leaves.
                file[101] = 1;
            }
            assert!(!walkable(&file), "{at}");
        }
    }
}
