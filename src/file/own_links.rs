//! Where paths lead in a file that is only read, by its own bytes: HDF5 need not have it open for that.

#![forbid(unsafe_code)]

use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::links::{self, Target};
use crate::format::local_heap::LocalHeap;
use crate::format::object_header::{self, FoundHeader, LARGEST_HEADER};
use crate::format::{superblock, symbol_table, Source, Widths};
use crate::journal::RawFile;
use crate::store::path::{self, Sought};
use indexmap::IndexMap;

/// A group's names of more bytes are left to HDF5.
const LARGEST: u64 = 4 << 20;

/// A group of more links in its header is left to HDF5.
const MOST_LINKS: usize = 1 << 12;

/// The most bytes of names that are kept, of all groups together, about.
const MOST: usize = 16 << 20;

/// What a link costs in memory besides its name, about.
const LINK_COST: usize = 40;

/// What a group costs in memory besides its names, about.
const GROUP_COST: usize = 128;

/// The groups of a file that were looked into.
#[derive(Debug, Default)]
pub struct OwnLinks {
    /// By their normal paths; None of one that is left to HDF5.
    groups: IndexMap<Box<str>, Option<Group>>,
    memory: usize,
}

/// A group to which one way leads, by hard links of such groups.
#[derive(Debug)]
enum Group {
    /// With a symbol table.
    Table {
        /// The root of the tree.
        tree: u64,
        /// The names.
        names: LocalHeap,
    },
    /// In the newer form: where the names lead to.
    Links(IndexMap<Box<str>, Target>),
    /// In the newer form: where the heap is, and the tree of its names.
    Dense(u64, u64),
}

impl OwnLinks {
    /// Where the header of the object at a normal path is, if hard links lead there through groups that have no other name; None
    /// where HDF5 has to be asked, of what is not there too.
    pub fn header(&mut self, raw: &RawFile, path: &str) -> Result<Option<u64>> {
        let (group, name) = path::split(path);
        match self.groups.get(&Sought(group)) {
            Some(Some(group)) if !name.is_empty() => {
                let target = group.find(&Ahead::of_nodes(raw), name)?;
                Ok(target.and_then(|target| target.header()))
            }
            _ => self.header_in(&Ahead::of(raw), path),
        }
    }

    /// The path of hard links by which what is at a normal one is found too; None if no soft link leads there, or if HDF5 has to be asked.
    pub fn real_path(&mut self, raw: &RawFile, path: &str) -> Result<Option<String>> {
        let raw = Ahead::of(raw);
        path::real(path, |group, name| match self.group(&raw, group)? {
            Some(group) => group.find(&raw, name),
            None => Ok(None),
        })
    }

    fn header_in(&mut self, raw: &Ahead<'_, RawFile>, path: &str) -> Result<Option<u64>> {
        if path.is_empty() {
            let root = superblock::Superblock::plain(raw)?;
            return Ok(root.and_then(|(superblock, _)| superblock.root));
        }
        let (group, name) = path::split(path);
        match self.group(raw, group)? {
            Some(group) => {
                let target = group.find(raw, name)?;
                Ok(target.and_then(|target| target.header()))
            }
            None => Ok(None),
        }
    }

    /// Whether hard links lead to a group at a normal path, one to each on the way.
    pub fn is_plain(&mut self, raw: &RawFile, path: &str) -> Result<bool> {
        Ok(self.group(&Ahead::of(raw), path)?.is_some())
    }

    fn group(&mut self, raw: &Ahead<'_, RawFile>, path: &str) -> Result<Option<&Group>> {
        if !self.groups.contains_key(&Sought(path)) {
            let group = match self.header_in(raw, path)? {
                Some(header) => Group::read(raw, header, path.is_empty())?,
                None => None,
            };
            if self.memory > MOST {
                self.groups.clear();
                self.memory = 0;
            }
            self.memory += GROUP_COST + path.len();
            self.memory += group.as_ref().map_or(0, Group::memory);
            self.groups.insert(path.into(), group);
        }
        Ok(self.groups.get(&Sought(path)).and_then(Option::as_ref))
    }
}

impl Group {
    fn read(raw: &Ahead<'_, RawFile>, header: u64, is_root: bool) -> Result<Option<Self>> {
        let found = object_header::found(raw, header, Widths::USUAL, LARGEST_HEADER)?;
        let is_plain = |found: &FoundHeader| {
            (is_root || found.links == 1) && object_header::is_plain_group(found)
        };
        let Some(found) = found.filter(is_plain) else {
            return Ok(None);
        };
        if let Some(Some((heap, tree))) = links::places(&found) {
            return Ok(Some(Self::Dense(heap, tree)));
        }
        if found.is_new {
            let all = links::read(raw, &found, MOST_LINKS)?;
            return Ok(all.map(|all| {
                let links = all.links.into_iter();
                Self::Links(links.map(|link| (link.name, link.target)).collect())
            }));
        }
        let Some((tree, heap)) = symbol_table::places(&found.messages, Widths::USUAL.address)
        else {
            return Ok(None);
        };
        let names = LocalHeap::read(raw, heap, LARGEST)?;
        Ok(names.map(|names| Self::Table { tree, names }))
    }

    fn find<S: Source + ?Sized>(&self, source: &S, name: &str) -> Result<Option<Target>> {
        match self {
            Self::Table { tree, names } => {
                Ok(symbol_table::find(source, *tree, names, name)?.flatten())
            }
            Self::Links(links) => Ok(links.get(&Sought(name)).cloned()),
            Self::Dense(heap, tree) => {
                let found = links::find(source, (*heap, *tree), name, &mut Vec::new())?;
                Ok(found.flatten())
            }
        }
    }

    /// Bytes of memory for its names, about.
    fn memory(&self) -> usize {
        match self {
            Self::Table { names, .. } => names.data.len(),
            Self::Dense(..) => 0,
            Self::Links(links) => links.keys().map(|name| name.len() + LINK_COST).sum(),
        }
    }
}
