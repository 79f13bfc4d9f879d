//! New groups in memory, and their symbol tables as they are in a file.
//!
//! Formats: HDF5 File Format Specification 3.0, III.A.1 (version 1 of the tree), III.B (symbol table
//! nodes), III.C (entries), III.D (local heap).

#![forbid(unsafe_code)]

use super::attribute::Attributes;
use super::chunked::NewChunked;
use super::header::{
    put_group_header, put_new_group, Context, DatasetHeader, DescribedDataset, StoredType,
};
use super::image::{Address, Image};
use super::stored::Stored;
use crate::error::Result;
use crate::format::local_heap::{self, NOTHING_FREE};
use crate::format::symbol_table::{
    Sizes, LEAF_PREFIX, LEAF_SIGNATURE, LINK, NODE_PREFIX, NODE_SIGNATURE,
};
use crate::format::text::REFERENCE;
use crate::format::{Form, UNDEFINED};
use crate::store::h5::{Creation, Extent};
use crate::store::{path, Dtype, StorageOptions};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The name before all others, at the beginning of each heap.
const EMPTY_NAME: u64 = 0;

/// A new group, or what is added to one that HDF5 has.
#[derive(Debug, Default)]
pub struct Group {
    /// In the order of the names' bytes, in which symbol tables have them too.
    members: BTreeMap<Box<str>, Member>,
    /// What a new group's header gets.
    attributes: Option<Arc<Attributes>>,
}

/// What a new group holds.
#[derive(Debug)]
pub enum Member {
    /// A dataset in one piece.
    Dataset(NewDataset),
    /// A dataset in chunks.
    Chunked(NewChunked),
    /// A group.
    Group(Group),
    /// Another name of an object whose header is in the file, where it counts already. Only groups that wait have it.
    Link(u64),
}

impl Member {
    /// Its attributes.
    pub fn attributes(&self) -> Option<&Attributes> {
        match self {
            Member::Dataset(dataset) => dataset.attributes.as_deref(),
            Member::Chunked(dataset) => dataset.attributes.as_deref(),
            Member::Group(group) => group.attributes.as_deref(),
            Member::Link(_) => None,
        }
    }

    /// Its attributes, to be changed; None of what has its own in the file.
    pub fn attributes_mut(&mut self) -> Option<&mut Attributes> {
        let attributes = match self {
            Member::Dataset(dataset) => &mut dataset.attributes,
            Member::Chunked(dataset) => &mut dataset.attributes,
            Member::Group(group) => &mut group.attributes,
            Member::Link(_) => return None,
        };
        Some(Arc::make_mut(attributes.get_or_insert_default()))
    }

    /// Bytes of memory for it and all in it, about.
    pub fn memory(&self) -> usize {
        let own = MEMBER_COST + self.attributes().map_or(0, Attributes::memory);
        match self {
            Member::Dataset(_) | Member::Chunked(_) | Member::Link(_) => own,
            Member::Group(group) => own + group.memory(),
        }
    }

    /// Bytes that it and all in it take in a file at most, data aside.
    pub fn room(&self) -> usize {
        let attributes = 2 * self.attributes().map_or(0, Attributes::memory) + HEAP_COST;
        match self {
            Member::Dataset(dataset) => dataset.header.len() + attributes,
            Member::Chunked(dataset) => dataset.header_length() + attributes,
            Member::Group(group) => {
                let each = |(name, member): (&str, &Member)| name.len() + LINK_ROOM + member.room();
                GROUP_ROOM + attributes + group.members().map(each).sum::<usize>()
            }
            Member::Link(_) => 0,
        }
    }

    /// Adds it with all in it, linked so often; gives where its header is.
    pub fn put(
        &self,
        image: &mut Image,
        blocks: &[u64],
        links: u32,
        context: &mut Context,
    ) -> Result<Address> {
        let header = match self {
            Member::Dataset(dataset) => dataset.put(image, blocks, links, context)?,
            Member::Chunked(dataset) => dataset.put(image, links, context)?,
            Member::Group(group) => group.put(image, blocks, links, context)?,
            Member::Link(header) => return Ok(Address::File(*header)),
        };
        Ok(Address::Here(header))
    }
}

/// What a member costs in memory besides its name, about.
const MEMBER_COST: usize = 160;

/// What names may need in a file besides their bytes: a link in a leaf half full, and its part of the tree.
const LINK_ROOM: usize = 120;

/// What a group takes in a file without its links, and what a heap of texts may take more than them.
const GROUP_ROOM: usize = 1600;
const HEAP_COST: usize = 64;

/// A new dataset.
#[derive(Debug)]
pub struct NewDataset {
    /// What its header is like.
    pub header: Arc<DatasetHeader>,
    /// Its extents.
    pub shape: Box<[u64]>,
    /// Where its data are.
    pub data: Data,
    /// Bytes of data.
    pub length: usize,
    /// Bytes of an element.
    pub item: u32,
    /// Its attributes, which datasets that were described alike share.
    attributes: Option<Arc<Attributes>>,
}

/// Where the data of a new dataset are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nowhere: there are none, or they are not written yet.
    None,
    /// In a block of data of many datasets, by its number and where in it.
    Block(u32, u32),
    /// In the file.
    File(u64),
}

impl Data {
    /// The address: the blocks up to the last one given are in the file.
    pub fn address(self, blocks: &[u64]) -> Option<Address> {
        match self {
            Data::None => None,
            Data::File(address) => Some(Address::File(address)),
            Data::Block(block, offset) => Some(match blocks.get(block as usize) {
                Some(address) => Address::File(address + u64::from(offset)),
                None => Address::Here(u64::from(offset)),
            }),
        }
    }
}

impl NewDataset {
    /// A dataset of an array whose data are there, with these attributes.
    pub fn new(array: Stored<'_>, data: Data, attributes: Option<Arc<Attributes>>) -> Self {
        Self {
            header: array.header,
            shape: array.shape,
            data,
            length: array.data.len(),
            item: array.item,
            attributes,
        }
    }

    /// A dataset of texts of variable length, without its data; None if HDF5 has to make it.
    pub fn of_variable_texts(form: Form, shape: &[u64]) -> Option<Self> {
        let count: u64 = shape.iter().product();
        Some(Self {
            header: DatasetHeader::of(form, StoredType::VariableTexts, shape.len())?,
            shape: shape.into(),
            data: Data::None,
            length: count as usize * REFERENCE,
            item: REFERENCE as u32,
            attributes: None,
        })
    }

    /// Whether what its elements are is in a heap.
    pub fn is_in_heap(&self) -> bool {
        self.header.stored() == StoredType::VariableTexts
    }

    /// A dataset of which nothing is written, that is stored so; None if HDF5 has to make it.
    pub fn unwritten(form: Form, options: &StorageOptions) -> Option<Self> {
        let (dtype, order) = options.stored();
        let Extent { shape, maxshape } = &options.extent;
        let is_possible = options.creation == Creation::default()
            && options.quantize.is_none()
            && shape == maxshape
            && dtype != Dtype::Text;
        let length = shape.iter().try_fold(dtype.size(), |length, &extent| {
            length.checked_mul(usize::try_from(extent).ok()?)
        });
        Some(Self {
            length: length.filter(|&length| is_possible && length > 0)?,
            header: DatasetHeader::of(form, StoredType::Numbers(dtype, order), shape.len())?,
            shape: shape[..].into(),
            data: Data::None,
            item: dtype.size() as u32,
            attributes: None,
        })
    }

    /// Whether it has any attributes.
    pub fn has_attributes(&self) -> bool {
        self.attributes.as_ref().is_some_and(|all| !all.is_empty())
    }

    fn put(
        &self,
        image: &mut Image,
        blocks: &[u64],
        links: u32,
        context: &mut Context,
    ) -> Result<u64> {
        let described = DescribedDataset {
            shape: &self.shape,
            data: self.data.address(blocks),
            length: self.length,
            item: self.item,
            attributes: self.attributes.as_deref(),
        };
        self.header.put(image, &described, links, context)
    }
}

/// The first name of a path, and the rest if there is one.
fn first(path: &str) -> (&str, Option<&str>) {
    match path::first_slash(path) {
        Some(slash) => (&path[..slash], Some(&path[slash + 1..])),
        None => (path, None),
    }
}

impl Group {
    /// Whether nothing is at a path yet, nor a dataset on the way to it.
    pub fn admits(&self, path: &str) -> bool {
        let (name, rest) = first(path);
        match (self.members.get(name), rest) {
            (None, _) => true,
            (Some(Member::Group(group)), Some(rest)) => group.admits(rest),
            _ => false,
        }
    }

    /// Puts something at a path that it [`admits`](Self::admits), with the groups on the way.
    pub fn insert(&mut self, path: &str, member: Member) {
        let (name, rest) = first(path);
        let Some(rest) = rest else {
            self.members.insert(name.into(), member);
            return;
        };
        if let Some(Member::Group(group)) = self.members.get_mut(name) {
            group.insert(rest, member);
            return;
        }
        let mut group = Group::default();
        group.insert(rest, member);
        self.members.insert(name.into(), Member::Group(group));
    }

    /// What is at a path in it.
    pub fn get(&self, path: &str) -> Option<&Member> {
        let (name, rest) = first(path);
        match (self.members.get(name)?, rest) {
            (member, None) => Some(member),
            (Member::Group(group), Some(rest)) => group.get(rest),
            (Member::Dataset(_) | Member::Chunked(_) | Member::Link(_), Some(_)) => None,
        }
    }

    /// Whether a path leads to another name of an object in the file, or on from there.
    pub fn leads_to_link(&self, path: &str) -> bool {
        let (name, rest) = first(path);
        match (self.members.get(name), rest) {
            (Some(Member::Link(_)), _) => true,
            (Some(Member::Group(group)), Some(rest)) => group.leads_to_link(rest),
            _ => false,
        }
    }

    /// What is at a path in it, to be changed.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Member> {
        let (name, rest) = first(path);
        match (self.members.get_mut(name)?, rest) {
            (member, None) => Some(member),
            (Member::Group(group), Some(rest)) => group.get_mut(rest),
            (Member::Dataset(_) | Member::Chunked(_) | Member::Link(_), Some(_)) => None,
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.members.iter().map(|(name, member)| (&**name, member))
    }

    /// Takes what is at a path out of it; the groups on the way stay.
    pub fn remove_at(&mut self, path: &str) -> Option<(Box<str>, Member)> {
        match first(path) {
            (name, None) => self.remove(name),
            (name, Some(rest)) => match self.members.get_mut(name)? {
                Member::Group(group) => group.remove_at(rest),
                Member::Dataset(_) | Member::Chunked(_) | Member::Link(_) => None,
            },
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<(Box<str>, Member)> {
        self.members.remove_entry(name)
    }

    /// Bytes of memory for all in it, about.
    pub fn memory(&self) -> usize {
        let each = |(name, member): (&str, &Member)| name.len() + member.memory();
        self.members().map(each).sum()
    }

    /// Adds the group with all in it, which is linked so often; gives where its header is.
    pub fn put(
        &self,
        image: &mut Image,
        blocks: &[u64],
        links: u32,
        context: &mut Context,
    ) -> Result<u64> {
        let mut members: Vec<(&str, Address)> = Vec::with_capacity(self.members.len());
        for (name, member) in &self.members {
            let header = member.put(image, blocks, 1, context)?;
            members.push((name, header));
        }
        let attributes = self.attributes.as_deref();
        put_group(image, &members, links, attributes, context).map(|place| place.header)
    }
}

/// Where the parts of a group are.
#[derive(Clone, Copy, Debug)]
pub struct PlacedGroup {
    /// Its header.
    pub header: u64,
    /// The root of the tree of its links, and the heap of their names, if it has a symbol table.
    pub table: Option<[u64; 2]>,
}

/// Adds a group of these members, in the order of their names.
pub fn put_group(
    image: &mut Image,
    members: &[(&str, Address)],
    links: u32,
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<PlacedGroup> {
    match context.form {
        Form::Old(sizes) => {
            let [tree, heap] = put_table(image, members, sizes);
            let header = put_group_header(image, links, tree, heap, attributes, context)?;
            let table = Some([tree, heap]);
            Ok(PlacedGroup { header, table })
        }
        Form::New => {
            let header = put_new_group(image, members, links, attributes, context)?;
            Ok(PlacedGroup {
                header,
                table: None,
            })
        }
    }
}

/// Adds a symbol table; gives where its tree is, and its heap.
pub fn put_table(image: &mut Image, members: &[(&str, Address)], sizes: Sizes) -> [u64; 2] {
    let (heap, names) = put_heap(image, members.iter().map(|member| member.0));
    let leaves = put_leaves(image, members, &names, sizes.links);
    [put_tree(image, leaves, sizes.children), heap]
}

/// Adds a local heap of names; gives where it is, and where in it each name is.
fn put_heap<'a>(image: &mut Image, names: impl Iterator<Item = &'a str>) -> (u64, Vec<u64>) {
    let heap = image.next();
    image.push(local_heap::SIGNATURE);
    let size_at = image.len();
    image.push_number(0);
    image.push_number(NOTHING_FREE);
    let start = image.len() + 8;
    image.push_address(Address::Here(start as u64));
    image.push_zeros(8);
    let places = names
        .map(|name| {
            let place = image.next() - start as u64;
            image.push(name.as_bytes());
            image.push(&[0]);
            place
        })
        .collect();
    let end = image.next();
    image.set_number(size_at, end - start as u64);
    (heap, places)
}

/// A node of a symbol table: where it is, and where in the heap its greatest name is.
#[derive(Clone, Copy)]
struct NewNode {
    place: u64,
    last: u64,
}

/// The fewest parts of at most so many of the items, as equal as can be.
fn parts(items: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let count = items.div_ceil(most);
    (0..count).map(move |part| part * items / count..(part + 1) * items / count)
}

/// Adds the leaves of a symbol table.
fn put_leaves(
    image: &mut Image,
    members: &[(&str, Address)],
    names: &[u64],
    most: usize,
) -> Vec<NewNode> {
    let put = |part: Range<usize>| {
        let place = image.next();
        image.push(LEAF_SIGNATURE);
        image.push(&(part.len() as u16).to_le_bytes());
        for member in part.clone() {
            image.push_number(names[member]);
            image.push_address(members[member].1);
            // Nothing about the object is repeated here.
            image.push_zeros(LINK - 16);
        }
        image.push_zeros((most - part.len()) * LINK);
        debug_assert_eq!(
            image.len() as u64 - place,
            (LEAF_PREFIX + most * LINK) as u64
        );
        NewNode {
            place,
            last: names[part.end - 1],
        }
    };
    parts(members.len(), most).map(put).collect()
}

/// Adds the tree above the leaves; gives where its root is.
fn put_tree(image: &mut Image, leaves: Vec<NewNode>, most: usize) -> u64 {
    let size = (NODE_PREFIX + most * 16 + 8) as u64;
    let mut below = leaves;
    let mut level = 0u8;
    loop {
        let first = image.next();
        let mut here = Vec::new();
        let mut whole: Vec<Range<usize>> = parts(below.len(), most).collect();
        if whole.is_empty() {
            // A group without links has one node too.
            whole.push(0..0);
        }
        for (number, part) in whole.iter().enumerate() {
            let place = first + number as u64 * size;
            image.push(NODE_SIGNATURE);
            image.push(&[level]);
            image.push(&(part.len() as u16).to_le_bytes());
            let neighbour = |is_there, place| match is_there {
                true => Address::Here(place),
                false => Address::File(UNDEFINED),
            };
            image.push_address(neighbour(number > 0, place.wrapping_sub(size)));
            image.push_address(neighbour(number + 1 < whole.len(), place + size));
            let last_before = part.start.checked_sub(1).map(|node| below[node].last);
            image.push_number(last_before.unwrap_or(EMPTY_NAME));
            for node in &below[part.clone()] {
                image.push_address(Address::Here(node.place));
                image.push_number(node.last);
            }
            image.push_zeros((most - part.len()) * 16);
            debug_assert_eq!(image.len() as u64 - place, size);
            here.push(NewNode {
                place,
                last: below[part.clone()]
                    .last()
                    .map_or(EMPTY_NAME, |node| node.last),
            });
        }
        if let [root] = here.as_slice() {
            return root.place;
        }
        below = here;
        level += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_few_and_equal() {
        let of = |items, most| {
            parts(items, most)
                .map(|part| part.len())
                .collect::<Vec<_>>()
        };
        assert_eq!(of(0, 8), [0usize; 0]);
        assert_eq!(of(8, 8), [8]);
        assert_eq!(of(9, 8), [4, 5]);
        assert_eq!(of(17, 8), [5, 6, 6]);
        let mut end = 0;
        for part in parts(1000, 7) {
            assert_eq!(part.start, end);
            end = part.end;
        }
        assert_eq!(end, 1000);
    }

    #[test]
    fn a_group_admits_what_is_free() {
        let mut group = Group::default();
        assert!(group.admits("a/b"));
        let stored = || Stored::of_texts(Form::New, &[], &["x"]).unwrap().unwrap();
        let dataset = || Member::Dataset(NewDataset::new(stored(), Data::None, None));
        group.insert("a/b", dataset());
        group.insert("a/c/d", dataset());
        group.insert("e", Member::Group(Group::default()));
        for free in ["a/bb", "a/c/e", "e/x", "b", "e/f/g"] {
            assert!(group.admits(free), "{free}");
        }
        for taken in ["a", "a/b", "a/b/c", "a/c", "a/c/d", "e"] {
            assert!(!group.admits(taken), "{taken}");
        }
    }
}
