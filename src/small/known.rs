//! Objects that HDF5 has, and what waits for them.

#![forbid(unsafe_code)]

use super::attribute::Attributes;
use super::group::Group;
use super::links::NewLinks;
use super::table::SymbolTable;
use crate::error::{Error, Result};
use crate::format::links::Target;
use crate::format::object_header::{self, LARGEST_HEADER};
use crate::format::{Form, Widths};
use crate::journal::RawFile;
use crate::store::h5::{self, Id, Standing};
use crate::store::{path, Hdf5File, Kind};
use std::collections::HashSet;

/// After so many questions for single names of a group all of its names are asked for.
const QUESTIONS: u32 = 6;

/// The most names of a group that are kept.
const NAMES: usize = 1 << 16;

/// The same of a group in the newer form, of which all links are read to find one.
const NEW_NAMES: usize = 1 << 12;

/// What a name costs in memory besides its own bytes, about.
const NAME_COST: usize = 48;

/// The most attributes that an object may have, those that wait included: a header counts its messages in 16 bits.
pub const ATTRIBUTES: usize = 30_000;

/// An object that HDF5 has, to which one way leads only: hard links, of which each object on it has one.
#[derive(Debug)]
pub struct KnownObject {
    /// What it is.
    pub kind: Kind,
    /// What is to be added to it, if it is a group.
    pub new: Group,
    /// What is to be set of its attributes.
    pub attributes: Attributes,
    /// How many attributes it had.
    pub count: usize,
    /// Where its header is, if that is known.
    pub address: Option<u64>,
    /// Its links, if it is a group and HDF5 has not looked into it.
    links: Option<Links>,
    is_tried: bool,
    /// The names that HDF5 has in it, if it is a group of which they were asked for.
    names: Option<HashSet<Box<str>>>,
    questions: u32,
    /// Whether it is among those for which something waits.
    pub is_noted: bool,
}

/// The links of a group that HDF5 has not looked into.
#[derive(Debug)]
pub enum Links {
    /// In a symbol table.
    Table(Box<SymbolTable>),
    /// In the newer form.
    New(Box<NewLinks>),
}

impl Links {
    /// Those of the group whose header is at an address in a file of this form; None if HDF5 has to be asked.
    fn read(raw: &RawFile, address: u64, form: Form) -> Result<Option<Self>> {
        Ok(match form {
            Form::Old(sizes) => {
                let table = SymbolTable::read(raw, address, sizes)?;
                table.map(|table| Self::Table(table.into()))
            }
            Form::New => {
                let links = NewLinks::read(raw, address, NEW_NAMES)?;
                links.map(|links| Self::New(links.into()))
            }
        })
    }

    /// Where a name leads, or that there is no such name; None if HDF5 has to be asked.
    pub fn get(&mut self, name: &str) -> Result<Option<Option<Target>>> {
        match self {
            Self::Table(table) => table.get(name),
            Self::New(links) => links.get(name),
        }
    }

    /// Whether a link by a name can be added past HDF5.
    pub fn can_take(&mut self, name: &str, target: &Target) -> Result<bool> {
        match (self, target) {
            (_, Target::Other) => Ok(false),
            (Self::Table(table), _) => table.prepare(name),
            (Self::New(links), _) => links.can_take(name, target),
        }
    }

    /// Whether the link of a name can be taken away past HDF5.
    pub fn can_give(&mut self, name: &str) -> Result<bool> {
        match self {
            Self::Table(table) => table.prepare(name),
            Self::New(links) => Ok(!links.is_in_heap()),
        }
    }

    /// Adds a link by a name that is not in it, and that it [`can_take`](Self::can_take); it is to be [stored](Self::store).
    pub fn insert(&mut self, file: &Hdf5File, name: &str, target: &Target) -> Result<()> {
        match self {
            Self::Table(table) => table.insert(file, name.into(), target),
            Self::New(links) => links.insert(file, &[(name, target.clone())]),
        }
    }

    /// Takes the link of a name away, if it [`can_give`](Self::can_give) it; it is to be [stored](Self::store).
    pub fn remove(&mut self, name: &str) -> Result<()> {
        match self {
            Self::Table(table) => table.remove(name),
            Self::New(links) => links.remove(name),
        }
    }

    /// Brings all changes into the file: see [`SymbolTable::store`].
    pub fn store(&mut self, file: &Hdf5File) -> Result<()> {
        match self {
            Self::Table(table) => table.store(file),
            Self::New(_) => Ok(()),
        }
    }

    /// Whether links by these names can be added past HDF5.
    pub fn can_grow(&mut self, names: &[Box<str>]) -> Result<bool> {
        match self {
            Self::Table(table) => {
                for name in names {
                    if !table.prepare(name)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::New(links) => links.can_grow(names),
        }
    }

    fn is_unseen(&mut self) -> bool {
        match self {
            Self::Table(table) => table.is_unseen(),
            Self::New(links) => links.is_unseen(),
        }
    }

    /// The table, if it is one of which something is not in the file.
    pub fn unstored(&mut self) -> Option<&mut SymbolTable> {
        match self {
            Self::Table(table) if table.is_dirty() => Some(table),
            _ => None,
        }
    }

    /// Whether something of it is not in the file.
    pub fn is_dirty(&self) -> bool {
        matches!(self, Self::Table(table) if table.is_dirty())
    }

    fn memory(&self) -> usize {
        match self {
            Self::Table(table) => table.memory(),
            Self::New(links) => links.memory(),
        }
    }
}

impl KnownObject {
    /// What is known of the root of a file.
    pub fn look_at_root(file: &Hdf5File) -> Result<Option<Self>> {
        match file.own_root()? {
            Some(header) => Self::look_at(file, Some(file.raw()?), header),
            None => Self::look(file, ""),
        }
    }

    /// What HDF5 says of the object at a path, if nothing else leads there; its group must be known to
    /// be such a one.
    pub fn look(file: &Hdf5File, path: &str) -> Result<Option<Self>> {
        let standing = h5::standing(file.id()?, path::or_root(path))?;
        Ok(standing.and_then(|standing| Self::of(standing, None)))
    }

    /// As [`look`](Self::look), at the object whose header is at an address.
    pub fn look_at(file: &Hdf5File, raw: Option<&RawFile>, address: u64) -> Result<Option<Self>> {
        let standing = match raw.and_then(|raw| Self::by_header(raw, address)) {
            Some(standing) => standing,
            None => h5::standing_of(&h5::open_address(file.id()?, address)?)?,
        };
        Ok(Self::of(standing, Some(address)))
    }

    /// What the header at an address says that HDF5 has seen nothing of; None if it has, or if HDF5 has to say it.
    pub fn by_header(raw: &RawFile, address: u64) -> Option<Standing> {
        if !raw.is_unseen(address, object_header::PREFIX as u64) {
            return None;
        }
        // What cannot be read HDF5 finds out as well, and says so.
        let header = object_header::found(raw, address, Widths::USUAL, LARGEST_HEADER);
        let header = header.ok().flatten().filter(|header| header.is_whole())?;
        let mut pieces = header.pieces.clone();
        let attributes = object_header::count_attributes(raw, &header, &mut pieces);
        let mut pieces = pieces.into_iter();
        if !pieces.all(|(place, length)| raw.is_unseen(place, length)) {
            return None;
        }
        Some(Standing {
            kind: match header.is_group()? {
                true => Kind::Group,
                false => Kind::Dataset,
            },
            links: header.links,
            attributes: attributes.ok().flatten()?,
        })
    }

    /// The root of a file in which nothing is yet.
    pub fn blank_root() -> Self {
        Self::new(Kind::Group, 0, None)
    }

    /// Notes that all that waited for a root is in the file, and its header at an address.
    pub fn become_stored(&mut self, address: u64, raw: &RawFile, form: Form) -> Result<()> {
        *self = Self::new(
            Kind::Group,
            self.count + self.attributes.len(),
            Some(address),
        );
        self.is_tried = true;
        self.links = Links::read(raw, address, form)?;
        Ok(())
    }

    fn of(standing: Standing, address: Option<u64>) -> Option<Self> {
        let count = usize::try_from(standing.attributes).unwrap_or(usize::MAX);
        (standing.links <= 1).then(|| Self::new(standing.kind, count, address))
    }

    fn new(kind: Kind, count: usize, address: Option<u64>) -> Self {
        Self {
            kind,
            new: Group::default(),
            attributes: Attributes::default(),
            count,
            address,
            links: None,
            is_tried: false,
            names: None,
            questions: 0,
            is_noted: false,
        }
    }

    /// Opens it.
    pub fn open(&self, file: &Hdf5File, path: &str) -> Result<Id> {
        match self.address {
            // The way along the path would show HDF5 the groups on it.
            Some(address) => h5::open_address(file.id()?, address),
            None => h5::open_object(file.id()?, path::or_root(path)),
        }
    }

    /// Its links, if HDF5 has not looked into this group.
    pub fn links(&mut self) -> Result<Option<&mut Links>> {
        if let Some(links) = &mut self.links {
            if !links.is_unseen() {
                if links.is_dirty() {
                    return Err(Error::internal(
                        "links that could not be stored were looked at before they were",
                    ));
                }
                self.links = None;
            }
        }
        Ok(self.links.as_mut())
    }

    /// What is to be added, and the links to which it can be added past HDF5.
    pub fn new_and_links(&mut self) -> Result<(&mut Group, Option<&mut Links>)> {
        self.links()?;
        Ok((&mut self.new, self.links.as_mut()))
    }

    /// Reads its links, once, if HDF5 has not looked into this group, which is at `path`.
    pub fn read_links(
        &mut self,
        file: &Hdf5File,
        path: &str,
        (raw, form): (&RawFile, Form),
    ) -> Result<()> {
        // HDF5 looks into the root at each call.
        let is_seen = path.is_empty() && file.is_opened();
        if self.is_tried || self.kind != Kind::Group || is_seen {
            return Ok(());
        }
        self.is_tried = true;
        if self.address.is_none() {
            self.address = h5::hard_link_address(file.id()?, path)?;
        }
        if let Some(address) = self.address {
            self.links = Links::read(raw, address, form)?;
        }
        Ok(())
    }

    /// Where a name in this group leads by its links, or that it has none of the name; None if HDF5 has to be asked.
    pub fn link(&mut self, name: &str) -> Result<Option<Option<Target>>> {
        match self.links()? {
            Some(links) => links.get(name),
            None => Ok(None),
        }
    }

    /// Counts the attributes that HDF5 has.
    pub fn look_again(&mut self, file: &Hdf5File, path: &str) -> Result<()> {
        let standing = h5::standing_of(&self.open(file, path)?)?;
        self.count = usize::try_from(standing.attributes).unwrap_or(usize::MAX);
        Ok(())
    }

    /// Whether something waits for it.
    pub fn waits(&self) -> bool {
        !self.new.is_empty()
            || !self.attributes.is_empty()
            || self.links.as_ref().is_some_and(Links::is_dirty)
    }

    /// Whether HDF5 has something of that name in this group, which is at `path`.
    pub fn has(&mut self, file: &Hdf5File, path: &str, name: &str) -> Result<bool> {
        if let Some(names) = &self.names {
            return Ok(names.contains(name));
        }
        self.questions = self.questions.saturating_add(1);
        let group = h5::open_group(file.id()?, path::or_root(path))?;
        if self.questions == QUESTIONS {
            if let Some(names) = h5::names(&group, NAMES)? {
                let has = |names: &HashSet<Box<str>>| names.contains(name);
                let names = self.names.insert(names.into_iter().collect());
                return Ok(has(names));
            }
        }
        Ok(h5::link_type(&group, name)?.is_some())
    }

    /// Notes that HDF5 has a name now.
    pub fn add_name(&mut self, name: Box<str>) {
        if let Some(names) = &mut self.names {
            names.insert(name);
            if names.len() > NAMES {
                self.forget_names();
            }
        }
    }

    /// Forgets what names HDF5 has: they change.
    pub fn forget_names(&mut self) {
        self.names = None;
        self.questions = 0;
    }

    /// Bytes of memory for what is known, what waits aside.
    pub fn memory(&self) -> usize {
        let names = self.names.as_ref().map_or(0, |names| {
            names.iter().map(|name| NAME_COST + name.len()).sum()
        });
        let links = self.links.as_ref().map_or(0, Links::memory);
        size_of::<Self>() + names + links
    }
}
