//! Where paths lead in a file that is only read, by its own bytes: HDF5 need not have it open for that.

#![forbid(unsafe_code)]

use super::headers::LARGEST_HEADER;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::local_heap::LocalHeap;
use crate::format::object_header::{self, FoundHeader};
use crate::format::{superblock, symbol_table, Widths};
use crate::journal::RawFile;
use crate::store::path::{self, Sought};
use indexmap::IndexMap;

/// A group's names of more bytes are left to HDF5.
const LARGEST: u64 = 4 << 20;

/// The most bytes of names that are kept, of all groups together, about.
const MOST: usize = 16 << 20;

/// What a group costs in memory besides its names, about.
const GROUP_COST: usize = 128;

/// The groups of a file that were looked into.
#[derive(Debug, Default)]
pub struct OwnLinks {
    /// By their normal paths; None of one that is left to HDF5.
    groups: IndexMap<Box<str>, Option<Group>>,
    memory: usize,
}

/// A group in the usual format, to which one way leads, by hard links of such groups.
#[derive(Debug)]
struct Group {
    tree: u64,
    names: LocalHeap,
}

impl OwnLinks {
    /// Where the header of the object at a normal path is, if hard links lead there through groups that have no other name; None
    /// where HDF5 has to be asked, of what is not there too.
    pub fn header(&mut self, raw: &RawFile, path: &str) -> Result<Option<u64>> {
        let (group, name) = path::split(path);
        match self.groups.get(&Sought(group)) {
            Some(Some(group)) if !name.is_empty() => {
                symbol_table::find(&Ahead::of_nodes(raw), group.tree, &group.names, name)
            }
            _ => self.header_in(&Ahead::of(raw), path),
        }
    }

    fn header_in(&mut self, raw: &Ahead<'_, RawFile>, path: &str) -> Result<Option<u64>> {
        if path.is_empty() {
            let root = superblock::Superblock::plain(raw)?;
            return Ok(root.and_then(|(superblock, _)| superblock.root));
        }
        let (group, name) = path::split(path);
        match self.group(raw, group)? {
            Some(group) => symbol_table::find(raw, group.tree, &group.names, name),
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
            self.memory += group.as_ref().map_or(0, |group| group.names.data.len());
            self.groups.insert(path.into(), group);
        }
        Ok(self.groups.get(&Sought(path)).and_then(Option::as_ref))
    }
}

impl Group {
    fn read(raw: &Ahead<'_, RawFile>, header: u64, is_root: bool) -> Result<Option<Self>> {
        let found = object_header::found(raw, header, Widths::USUAL, LARGEST_HEADER)?;
        let is_plain = |found: &FoundHeader| {
            found.is_old
                && (is_root || found.links == 1)
                && object_header::is_plain_group(&found.messages)
        };
        let places = found
            .filter(is_plain)
            .and_then(|found| symbol_table::places(&found.messages, Widths::USUAL.address));
        let Some((tree, heap)) = places else {
            return Ok(None);
        };
        let names = LocalHeap::read(raw, heap, LARGEST)?;
        Ok(names.map(|names| Self { tree, names }))
    }
}
