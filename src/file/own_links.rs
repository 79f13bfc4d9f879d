//! Where paths lead in a file that is only read, by its own bytes: HDF5 need not have it open for that.

#![forbid(unsafe_code)]

use super::ways::worth_listing;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::links::{self, Target};
use crate::format::local_heap::LocalHeap;
use crate::format::object_header::{self, FoundHeader, LARGEST_HEADER};
use crate::format::{superblock, symbol_table, Source, Widths};
use crate::journal::RawFile;
use crate::store::path::{self, Sought};
use indexmap::IndexMap;
use std::collections::HashMap;

/// A group's names of more bytes are left to HDF5.
const LARGEST: u64 = 4 << 20;

/// A group of more links in its header is left to HDF5.
const MOST_LINKS: usize = 1 << 12;

/// The most bytes of names that are kept, of all groups together, about.
const MOST: usize = 16 << 20;

/// After so many questions for names of a group all of them are read, if they are few.
const QUESTIONS: usize = 4;

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
    Table(Table),
    /// In the newer form: where the names lead to.
    Links(IndexMap<Box<str>, Target>),
    /// In the newer form: where the heap is, and the tree of its names.
    Dense(u64, u64),
}

/// A group with a symbol table.
#[derive(Debug)]
struct Table {
    /// The root of the tree.
    tree: u64,
    names: LocalHeap,
    /// For how many names it was searched.
    questions: usize,
    /// Where the names lead, once many were asked for.
    links: Option<HashMap<Box<str>, Target>>,
}

impl OwnLinks {
    /// Where the link at a normal path leads, or that there is none, if hard links lead there through groups that have no other name; None
    /// where HDF5 has to be asked.
    pub fn link(&mut self, raw: &RawFile, path: &str) -> Result<Option<Option<Target>>> {
        let (group, name) = path::split(path);
        let found = match self.groups.get_mut(&Sought(group)) {
            Some(Some(group)) if !name.is_empty() => group.find(&Ahead::of_nodes(raw), name)?,
            _ => return self.link_in(&Ahead::of(raw), path),
        };
        self.memory += found.memory;
        Ok(found.link)
    }

    /// The path of hard links by which what is at a normal one is found too; None if no soft link leads there, or if HDF5 has to be asked.
    pub fn real_path(&mut self, raw: &RawFile, path: &str) -> Result<Option<String>> {
        let raw = Ahead::of(raw);
        path::real(path, |group, name| {
            let link = self.link_of(&raw, group, name)?;
            Ok(link.flatten())
        })
    }

    fn link_in(&mut self, raw: &Ahead<'_, RawFile>, path: &str) -> Result<Option<Option<Target>>> {
        if path.is_empty() {
            let root = superblock::Superblock::plain(raw)?;
            let root = root.and_then(|(superblock, _)| superblock.root);
            return Ok(root.map(|root| Some(Target::Hard(root))));
        }
        let (group, name) = path::split(path);
        self.link_of(raw, group, name)
    }

    /// Where a name in the group at a normal path leads.
    fn link_of(
        &mut self,
        raw: &Ahead<'_, RawFile>,
        group: &str,
        name: &str,
    ) -> Result<Option<Option<Target>>> {
        let Some(group) = self.group(raw, group)? else {
            return Ok(None);
        };
        let found = group.find(raw, name)?;
        self.memory += found.memory;
        Ok(found.link)
    }

    /// Whether hard links lead to a group at a normal path, one to each on the way.
    pub fn is_plain(&mut self, raw: &RawFile, path: &str) -> Result<bool> {
        Ok(self.group(&Ahead::of(raw), path)?.is_some())
    }

    fn group(&mut self, raw: &Ahead<'_, RawFile>, path: &str) -> Result<Option<&mut Group>> {
        if !self.groups.contains_key(&Sought(path)) {
            let link = self.link_in(raw, path)?.flatten();
            let group = match link.and_then(|target| target.header()) {
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
        Ok(self.groups.get_mut(&Sought(path)).and_then(Option::as_mut))
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
        Ok(names.map(|names| {
            Self::Table(Table {
                tree,
                names,
                questions: 0,
                links: None,
            })
        }))
    }

    /// Where a name leads, or that there is none; None where HDF5 has to be asked.
    fn find<S: Source + ?Sized>(&mut self, source: &S, name: &str) -> Result<Found> {
        let link = match self {
            Self::Table(table) => return table.find(source, name),
            Self::Links(links) => Some(links.get(&Sought(name)).cloned()),
            Self::Dense(heap, tree) => links::find(source, (*heap, *tree), name, &mut Vec::new())?,
        };
        Ok(Found { link, memory: 0 })
    }

    /// Bytes of memory for its names, about.
    fn memory(&self) -> usize {
        match self {
            Self::Table(table) => table.names.data.len(),
            Self::Dense(..) => 0,
            Self::Links(links) => links.keys().map(|name| name.len() + LINK_COST).sum(),
        }
    }
}

/// What was found of a name.
struct Found {
    link: Option<Option<Target>>,
    /// Bytes of memory that the search has taken for later ones.
    memory: usize,
}

impl Table {
    fn find<S: Source + ?Sized>(&mut self, source: &S, name: &str) -> Result<Found> {
        let mut memory = 0;
        self.questions += 1;
        let worth = worth_listing(self.questions, QUESTIONS);
        if let Some(most) = worth.filter(|_| self.links.is_none()) {
            let all = symbol_table::all(source, self.tree, &self.names, most, &mut Vec::new())?;
            if let Some(all) = all {
                memory = all.iter().map(|(name, _)| name.len() + LINK_COST).sum();
                self.links = Some(all.into_iter().collect());
            }
        }
        let link = match &self.links {
            Some(links) => Some(links.get(name).cloned()),
            None => symbol_table::find(source, self.tree, &self.names, name)?,
        };
        Ok(Found { link, memory })
    }
}
