//! Small objects gathered in memory, and written together past HDF5.
//!
//! HDF5 spends some ten microseconds on each new dataset or attribute, most of them on copying its
//! own description of it and on looking through what is there. Here a new object costs a copy of its
//! data; its header, after HDF5's pattern (`header`), is put together with its attributes
//! (`attribute`) when all of them are known, and so are the symbol tables of new groups (`group`).
//! HDF5 is only asked to link the topmost new objects into the groups that it has (`known`). The file
//! is the same to all readers as if HDF5 had made all of it, in the oldest format, which is the default, or in the newer one
//! (`format::Form`), in which links and attributes that are many are in heaps (`dense`).
//! Attributes of objects that HDF5 has wait as well: of many changes of one the last is written.
//!
//! [`Gathered`] is what a file's owner has to do with. It tells from memory what it has, and writes what
//! a call of HDF5 could see. What it accepted is in one place, in memory or in the file: a failure to
//! write leaves what was not written in memory, for another try.

#![forbid(unsafe_code)]

pub mod attribute;
mod chunked;
mod copying;
mod dense;
mod going;
mod group;
mod header;
pub mod heap;
mod heap_links;
mod image;
mod known;
mod links;
mod names;
mod naming;
mod past;
mod replacing;
mod stored;
mod table;

use crate::error::{Error, Result};
use crate::format::global_heap::SMALLEST;
use crate::format::links::Target;
use crate::format::Form;
use crate::journal::RawFile;
use crate::store::h5::{self, Order};
use crate::store::path::{self, Sought};
use crate::store::strided::{count, Strided};
use crate::store::{normal, Dtype, Hdf5File, Kind, StorageOptions, Write};
pub use attribute::Attributes;
use attribute::NewAttribute;
use chunked::NewChunked;
pub use copying::CopySource;
use group::{put_group, Data, Group, Member, NewDataset, PlacedGroup};
use header::Context;
use heap::TextHeap;
use image::{Address, Image};
use indexmap::IndexMap;
use known::{KnownObject, Links};
pub use naming::Named;
use std::borrow::Cow;
use std::sync::Arc;
use stored::Stored;
pub use stored::LARGEST;

/// So many bytes of data are gathered before they are written.
const TOGETHER: usize = 512 << 10;

/// Data of so many bytes are written at once: copying them costs more than one more write.
const AT_ONCE: usize = 16 << 10;

/// Of texts of variable length that take more bytes together HDF5's part is a small one.
const LARGEST_TEXTS: usize = 64 << 20;

/// The most bytes of memory for what waits, where the owner gives no other limit.
const MEMORY: usize = 256 << 20;

/// The most groups on the way to an object that is gathered.
const DEPTH: usize = 64;

/// The most objects of HDF5's that are known at a time.
const KNOWN: usize = 1 << 15;

/// The longest name of an object in the newer form, whose link has some bytes more.
const LONGEST_NEW_NAME: usize = dense::LARGEST_OBJECT - 16;

/// What a name costs in memory besides its own bytes, about.
const NAME_COST: usize = 32;

/// What one file's calls wrote and HDF5 has not got yet.
///
/// Each call that gives a bool gives false where HDF5 has to do the work, or to say what is wrong
/// with it; nothing has changed then. Before HDF5 does it the caller brings into the file what HDF5
/// may see ([`flush_for`](Self::flush_for)), and after it made or removed something says so
/// ([`forget`](Self::forget)).
#[derive(Debug)]
pub struct Gathered {
    /// Objects of HDF5's by their paths, with what waits for them.
    known: IndexMap<Box<str>, KnownObject>,
    /// The numbers of those for which something waits, and perhaps others.
    waiting: Vec<usize>,
    /// Data of new datasets that are not in the file yet.
    image: Image,
    /// The texts of variable length that are there.
    texts: TextHeap,
    /// Where in the file the blocks of data are that were written before.
    blocks: Vec<u64>,
    /// Bytes of memory for all that waits, about.
    memory: usize,
    /// How many of them there may be.
    limit: usize,
    /// The form of the file's objects and its bytes, if it is one in which objects can be made
    /// past HDF5; looked at once.
    past: Option<Option<(RawFile, Form)>>,
    /// Whether links could not be stored that are in the table of their group: HDF5 is not to look into any before they are.
    has_unstored: bool,
    /// The datasets that were given scales since they were last taken, after the addresses of the scales.
    labelled: Vec<(u64, h5::ScaleOwner)>,
    /// How often headers of objects were changed past HDF5.
    changes: u64,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            known: IndexMap::new(),
            waiting: Vec::new(),
            image: Image::default(),
            texts: TextHeap::default(),
            blocks: Vec::new(),
            memory: 0,
            limit: MEMORY,
            past: None,
            has_unstored: false,
            labelled: Vec::new(),
            changes: 0,
        }
    }
}

/// What a path leads to.
enum Way {
    /// An object that HDF5 has, by its number.
    Known(usize),
    /// Into what waits for a group, by its number; the rest of the path begins at a byte.
    Waiting(usize, usize),
    /// Nothing is there, nor at the name that begins at a byte, in the group of this number.
    Free(usize, usize),
    /// An object that has several names, for which nothing waits.
    Shared,
    /// Something else, or somewhere else.
    Unsure,
}

/// A dataset that waits, or whose header does.
#[derive(Debug)]
pub struct WaitingArray<'a> {
    /// The type of its elements in the file.
    pub dtype: Dtype,
    /// Their byte order, if it was chosen.
    pub order: Option<Order>,
    /// Its extents, in C order.
    pub shape: &'a [u64],
    /// Bytes of an element.
    pub item: usize,
    /// Bytes of all elements.
    pub length: usize,
    /// Whether these are texts of variable length, and in a heap.
    pub is_in_heap: bool,
    /// Its elements.
    pub elements: ElementSource<'a>,
}

/// Where the elements of a dataset are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementSource<'a> {
    /// In memory, as they will be in the file.
    Memory(&'a [u8]),
    /// In the file, at an address.
    File(u64),
}

/// What is known of an attribute.
#[derive(Debug)]
pub enum FoundAttribute<'a> {
    /// It waits.
    Here(&'a NewAttribute),
    /// The object waits, and has none of that name.
    Missing,
    /// The object is in the file, to which no other path leads, and none of that name waits for it.
    InFile,
    /// HDF5 has it, if it is anywhere.
    Elsewhere,
}

/// What is known of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing is there.
    Nothing,
    /// Something waits there.
    Waiting,
    /// HDF5 has something there.
    Stored,
    /// HDF5 has to be asked.
    Unsure,
}

impl Gathered {
    /// Takes a new dataset into memory; false if HDF5 has to make it.
    ///
    /// `array` and `options` are those of `h5sim_write`; `attributes` are what the dataset begins with.
    pub fn write(
        &mut self,
        file: &Hdf5File,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
        attributes: Option<Arc<Attributes>>,
    ) -> Result<bool> {
        if !stored::is_small(dtype, array, options) {
            return Ok(false);
        }
        self.add(file, path, attributes, |form| {
            Stored::of(form, dtype, array, options)
        })
    }

    /// Takes a new dataset of texts of one length into memory; false if HDF5 has to make it.
    pub fn write_texts(
        &mut self,
        file: &Hdf5File,
        path: &str,
        shape: &[u64],
        texts: &[&str],
    ) -> Result<bool> {
        self.add(file, path, None, |form| {
            Stored::of_texts(form, shape, texts)
        })
    }

    /// Takes a new dataset of texts of variable length into memory; false if HDF5 has to make it.
    pub fn write_variable_texts(
        &mut self,
        file: &Hdf5File,
        path: &str,
        shape: &[u64],
        texts: &[&str],
    ) -> Result<bool> {
        let bytes: usize = texts.iter().map(|text| heap::size_of(text)).sum();
        let is_count = count(shape).is_ok_and(|count| count == texts.len() as u64);
        // What has a NUL is refused, and of what has no elements HDF5 has no data.
        if bytes > LARGEST_TEXTS || !is_count || texts.iter().any(|text| text.contains('\0')) {
            return Ok(false);
        }
        let (Some((path, way)), Some(form)) = (self.place(file, path)?, self.form(file)?) else {
            return Ok(false);
        };
        let Some(mut dataset) = NewDataset::of_variable_texts(form, shape) else {
            return Ok(false);
        };
        dataset.data = self.put_variable_texts(file, texts, bytes)?;
        self.insert(&path, way, Member::Dataset(dataset));
        Ok(true)
    }

    /// Puts texts, which take so many bytes in a heap, and the elements that refer to them where they may stay; gives where the elements are.
    fn put_variable_texts(
        &mut self,
        file: &Hdf5File,
        texts: &[&str],
        bytes: usize,
    ) -> Result<Data> {
        if texts.is_empty() {
            return Ok(Data::None);
        }
        if bytes >= AT_ONCE {
            let mut image = Image::default();
            image.reserve(2 * bytes)?;
            let elements = TextHeap::of(bytes).put_all(&mut image, texts);
            let (mut address, length) = (0, image.len());
            file.append(length, |place| {
                address = place;
                image.at(place)
            })?;
            return Ok(Data::File(address + elements));
        }
        if self.image.len() + 2 * bytes > TOGETHER {
            self.write_image(file)?;
        }
        self.image.reserve(2 * bytes + 2 * SMALLEST)?;
        let place = self.texts.put_all(&mut self.image, texts);
        Ok(Data::Block(self.blocks.len() as u32, place as u32))
    }

    /// Takes a new dataset into memory, if nothing is at the path and the array may wait.
    fn add<'a>(
        &mut self,
        file: &Hdf5File,
        path: &str,
        attributes: Option<Arc<Attributes>>,
        array: impl FnOnce(Form) -> Result<Option<Stored<'a>>>,
    ) -> Result<bool> {
        let Some((path, way)) = self.place(file, path)? else {
            return Ok(false);
        };
        let Some(form) = self.form(file)? else {
            return Ok(false);
        };
        let Some(array) = array(form)? else {
            return Ok(false);
        };
        let place = self.put_data(file, &array.data)?;
        let dataset = NewDataset::new(array, place, attributes);
        self.insert(&path, way, Member::Dataset(dataset));
        Ok(true)
    }

    /// Makes a new dataset in the file, of which nothing is written; false if HDF5 has to make it. After a failure it may wait.
    pub fn create_unwritten(
        &mut self,
        file: &Hdf5File,
        path: &str,
        options: &StorageOptions,
    ) -> Result<bool> {
        let is_in_chunks = options.creation.chunks.is_some();
        let place = match is_in_chunks {
            true => self.place_past(file, path)?,
            false => self.place_unseen(file, path)?,
        };
        let (Some((path, way)), Some(form)) = (place, self.form(file)?) else {
            return Ok(false);
        };
        let member = match is_in_chunks {
            true => NewChunked::new(options).map(Member::Chunked),
            false => NewDataset::unwritten(form, options).map(Member::Dataset),
        };
        let (Some(member), Way::Free(number, rest) | Way::Waiting(number, rest)) = (member, &way)
        else {
            return Ok(false);
        };
        let (number, name) = (*number, path[*rest..].split('/').next().unwrap_or_default());
        // The data of others that wait are not written for it.
        let is_alone = matches!(way, Way::Free(..)) && !file.is_blank();
        self.insert(&path, way, member);
        let others = is_alone.then(|| (std::mem::take(&mut self.image), self.blocks.len()));
        let made = self.store(file, &[(number, WaitingPart::Member(name))]);
        if let Some((image, blocks)) = others {
            self.image = image;
            self.blocks.truncate(blocks);
        }
        made.map(|()| true)
    }

    /// Whether a new object at a path is linked past HDF5, so that HDF5 sees nothing of it.
    pub fn links_past(&mut self, file: &Hdf5File, path: &str) -> Result<bool> {
        Ok(self.place_past(file, path)?.is_some())
    }

    /// The normal form of a path at which an object may be gathered, and where that is, if the object is linked past HDF5.
    fn place_past(&mut self, file: &Hdf5File, path: &str) -> Result<Option<(String, Way)>> {
        match self.has_tables(file)? && file.has_usual_trees()? {
            true => self.place_unseen(file, path),
            false => Ok(None),
        }
    }

    /// The same of an object that may have its header in either form.
    fn place_unseen(&mut self, file: &Hdf5File, path: &str) -> Result<Option<(String, Way)>> {
        let Some((path, way)) = self.place(file, path)? else {
            return Ok(None);
        };
        let is_past = match way {
            Way::Free(number, rest) if !file.is_blank() => {
                // Of a new group HDF5 sees no more than the header.
                path[rest..].contains('/') || self.known[number].links()?.is_some()
            }
            _ => true,
        };
        Ok(is_past.then_some((path, way)))
    }

    /// Takes a new group into memory; false if HDF5 has to make it.
    pub fn create_group(&mut self, file: &Hdf5File, path: &str) -> Result<bool> {
        let Some((path, way)) = self.place(file, path)? else {
            return Ok(false);
        };
        self.insert(&path, way, Member::Group(Group::default()));
        Ok(true)
    }

    /// Takes an attribute into memory, in place of one of that name; false if HDF5 has to set it.
    ///
    /// `data` holds the elements, or the bytes of one text of [`Dtype::Text`].
    pub fn set_attribute(
        &mut self,
        file: &Hdf5File,
        object: &str,
        name: &str,
        dtype: Dtype,
        shape: &[u64],
        data: &[u8],
    ) -> Result<bool> {
        if !attribute::is_possible(name, dtype, shape.len(), data.len()) {
            return Ok(false);
        }
        let Some(object) = usual(object) else {
            return Ok(false);
        };
        let way = self.way(file, &object)?;
        let Some((attributes, count)) = self.attributes_at(&object, &way) else {
            return Ok(false);
        };
        let is_new = attributes.get(name).is_none();
        if is_new && count + attributes.len() >= known::ATTRIBUTES {
            if let Way::Known(number) = way {
                // HDF5 may have fewer meanwhile; the next one is for it in any case.
                self.flush_for(file, &object)?;
                self.known[number].look_again(file, &object)?;
            }
            return Ok(false);
        }
        let (more, fewer) = attributes.set(name, dtype, shape, &normal(dtype, data))?;
        self.memory = (self.memory + more).saturating_sub(fewer);
        if let Way::Known(number) | Way::Waiting(number, _) = way {
            self.note_waiting(number);
        }
        if is_new {
            self.make_room(file)?;
        }
        Ok(true)
    }

    /// Makes the axes of a dataset refer to the scales whose headers are at these addresses; false if HDF5 has to do it.
    pub fn set_scales(&mut self, file: &Hdf5File, path: &str, scales: &[u64]) -> Result<bool> {
        let Some(path) = usual(path) else {
            return Ok(false);
        };
        let way = self.way(file, &path)?;
        let Some((attributes, count)) = self.attributes_at(&path, &way) else {
            return Ok(false);
        };
        if count + attributes.len() >= known::ATTRIBUTES {
            return Ok(false);
        }
        let (more, fewer) = attributes.set_scales(scales)?;
        self.memory = (self.memory + more).saturating_sub(fewer);
        if let Way::Known(number) | Way::Waiting(number, _) = way {
            self.note_waiting(number);
        }
        Ok(true)
    }

    /// The datasets in the file that were given scales since the latest call, each after the address of its scale.
    pub fn take_labelled(&mut self) -> Vec<(u64, h5::ScaleOwner)> {
        std::mem::take(&mut self.labelled)
    }

    /// Whether something is at a path, as far as is known without bringing anything into the file.
    pub fn presence(&mut self, file: &Hdf5File, path: &str) -> Result<Presence> {
        let Some(path) = usual(path) else {
            return Ok(Presence::Unsure);
        };
        Ok(match self.way(file, &path)? {
            Way::Known(_) | Way::Shared => Presence::Stored,
            Way::Free(..) => Presence::Nothing,
            Way::Unsure => Presence::Unsure,
            Way::Waiting(number, rest) => match self.known[number].new.get(&path[rest..]) {
                Some(_) => Presence::Waiting,
                None => Presence::Nothing,
            },
        })
    }

    /// Whether it is certain that nothing is at a path, as far as can be told of its group: what its names are is asked once for
    /// many questions.
    pub fn lacks(&mut self, file: &Hdf5File, path: &str) -> Result<bool> {
        let Some(path) = usual(path).filter(|path| !path.is_empty()) else {
            return Ok(false);
        };
        let (group, name) = path::split(&path);
        let Way::Known(number) = self.way(file, group)? else {
            return Ok(false);
        };
        self.can_go_past(file)?;
        let known = &mut self.known[number];
        if known.kind != Kind::Group || known.new.get(name).is_some() {
            return Ok(false);
        }
        if file.is_blank() {
            return Ok(true);
        }
        if let Some(Some((raw, form))) = &self.past {
            known.read_links(file, group, (raw, *form))?;
        }
        match known.link(name)? {
            Some(link) => Ok(link.is_none()),
            None => Ok(!known.has(file, group, name)?),
        }
    }

    /// Where the header is of what a hard link at a path leads to, or that there is none; None if that is not known without HDF5. It
    /// is of a group that HDF5 has not looked into, to which only hard links lead, one to each group on the way.
    pub fn header_of(&mut self, file: &Hdf5File, path: &str) -> Result<Option<Option<u64>>> {
        let link = self.link_at(file, path)?;
        Ok(link.map(|target| target.and_then(|target| target.header())))
    }

    /// Where the link at a path leads, as [`header_of`](Self::header_of).
    pub fn link_at(&mut self, file: &Hdf5File, path: &str) -> Result<Option<Option<Target>>> {
        let (group, name) = path::split(path);
        if name.is_empty() || file.is_blank() || !self.can_go_past(file)? {
            return Ok(None);
        }
        if self.known.len() > KNOWN {
            self.make_room(file)?;
        }
        let Way::Known(number) = self.way(file, group)? else {
            return Ok(None);
        };
        let known = &mut self.known[number];
        if let Some(Some((raw, form))) = &self.past {
            known.read_links(file, group, (raw, *form))?;
        }
        known.link(name)
    }

    /// Deletes an attribute of an object that waits; false if HDF5 has to do it.
    pub fn delete_attribute(&mut self, file: &Hdf5File, object: &str, name: &str) -> Result<bool> {
        let Some(object) = usual(object) else {
            return Ok(false);
        };
        let way = self.way(file, &object)?;
        let Way::Waiting(number, rest) = way else {
            // HDF5 may have an older one of that name.
            return Ok(false);
        };
        let member = self.known[number].new.get_mut(&object[rest..]);
        let attributes = member.and_then(Member::attributes_mut);
        match attributes.and_then(|attributes| attributes.remove(name)) {
            Some(freed) => {
                self.memory = self.memory.saturating_sub(freed);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// What waits at a path; None if nothing does: HDF5 may have something there.
    pub fn kind_of(&self, path: &str) -> Option<Kind> {
        match self.member(path)? {
            Member::Dataset(_) | Member::Chunked(_) => Some(Kind::Dataset),
            Member::Group(_) => Some(Kind::Group),
            Member::Link(_) => None,
        }
    }

    /// Type and extents of the dataset that waits at a path, if one does.
    pub fn info(&self, path: &str) -> Option<(Dtype, &[u64])> {
        match self.member(path)? {
            Member::Dataset(dataset) => Some((dataset.header.stored().dtype().0, &dataset.shape)),
            Member::Chunked(_) | Member::Group(_) | Member::Link(_) => None,
        }
    }

    /// The dataset that waits at a path, if one does.
    pub fn array(&self, path: &str) -> Option<WaitingArray<'_>> {
        let Member::Dataset(dataset) = self.member(path)? else {
            return None;
        };
        let (dtype, order) = dataset.header.stored().dtype();
        let elements = match dataset.data.address(&self.blocks) {
            // It waits because it could not be made.
            None if dataset.length > 0 => return None,
            None => ElementSource::Memory(&[]),
            Some(Address::File(address)) => ElementSource::File(address),
            Some(Address::Here(offset)) => {
                let offset = usize::try_from(offset).ok()?;
                ElementSource::Memory(self.image.bytes(offset, dataset.length)?)
            }
        };
        Some(WaitingArray {
            dtype,
            order,
            shape: &dataset.shape,
            item: dataset.item as usize,
            length: dataset.length,
            is_in_heap: dataset.is_in_heap(),
            elements,
        })
    }

    /// The names in the new group that waits at a path in alphabetical order, if one does.
    pub fn keys(&self, path: &str) -> Option<Vec<&str>> {
        match self.member(path)? {
            Member::Dataset(_) | Member::Chunked(_) | Member::Link(_) => None,
            Member::Group(group) => Some(group.members().map(|(name, _)| name).collect()),
        }
    }

    /// What is known of an attribute.
    pub fn attribute(&self, object: &str, name: &str) -> FoundAttribute<'_> {
        let Some(object) = usual(object) else {
            return FoundAttribute::Elsewhere;
        };
        if let Some(known) = self.known.get(&Sought(&object)) {
            return match known.attributes.get(name) {
                Some(attribute) => FoundAttribute::Here(attribute),
                None => FoundAttribute::InFile,
            };
        }
        match self.member(&object) {
            None => FoundAttribute::Elsewhere,
            Some(member) => match member.attributes() {
                Some(attributes) => match attributes.get(name) {
                    Some(attribute) => FoundAttribute::Here(attribute),
                    None => FoundAttribute::Missing,
                },
                None => FoundAttribute::Missing,
            },
        }
    }

    /// The names of the attributes that wait for an object, in alphabetical order, and whether they are
    /// all that it has; None where none waits, and the object does not either.
    pub fn attribute_names(&self, object: &str) -> Option<(Vec<&str>, bool)> {
        let object = usual(object)?;
        let (attributes, are_all) = match self.known.get(&Sought(&object)) {
            Some(known) => (Some(&known.attributes), false),
            None => (self.member(&object)?.attributes(), true),
        };
        let mut names: Vec<&str> = attributes.map_or(Vec::new(), |all| all.names().collect());
        if names.is_empty() && !are_all {
            return None;
        }
        names.sort_unstable();
        Some((names, are_all))
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes of memory that are kept, about.
    pub fn memory(&self) -> usize {
        let known: usize = self.known.values().map(KnownObject::memory).sum();
        self.waiting_memory() + known + 8 * self.blocks.len()
    }

    /// Bytes of memory for what waits, about; unlike [`memory`](Self::memory) it costs nothing to ask.
    pub fn waiting_memory(&self) -> usize {
        self.memory + self.image.len() + self.labelled.len() * size_of::<(u64, h5::ScaleOwner)>()
    }

    /// Sets how many bytes may wait, about, before they are written.
    pub fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// Brings into the file what HDF5 may see at a path, or on the way to it: to be called before it looks
    /// there for an object.
    ///
    /// What is below the path may still wait: see [`flush_group`](Self::flush_group) and
    /// [`flush_tree`](Self::flush_tree).
    pub fn flush_for(&mut self, file: &Hdf5File, path: &str) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        self.store_tables(file)?;
        let Some(path) = usual(path) else {
            return self.flush_all(file);
        };
        match self.way(file, &path)? {
            Way::Known(number) => self.store(file, &[(number, WaitingPart::Attributes)]),
            Way::Waiting(number, rest) => {
                let name = path[rest..].split('/').next().unwrap_or_default();
                self.store(file, &[(number, WaitingPart::Member(name))])
            }
            Way::Free(..) | Way::Shared => Ok(()),
            Way::Unsure => match self.real_path(file, &path)? {
                // What its links lead to is on no other way than that.
                Some(real) => self.flush_for(file, &real),
                None => self.flush_all(file),
            },
        }
    }

    /// Brings a group into the file, and what waits to be put into it: to be called before HDF5 lists it.
    pub fn flush_group(&mut self, file: &Hdf5File, path: &str) -> Result<()> {
        self.flush_for(file, path)?;
        match usual(path).and_then(|path| self.known.get_index_of(&Sought(&path))) {
            Some(number) if !self.is_empty() => self.store(file, &[(number, WaitingPart::All)]),
            _ => Ok(()),
        }
    }

    /// Brings an object into the file and all that waits for it or below it: to be called before HDF5
    /// walks down from there, deletes it or replaces it.
    pub fn flush_tree(&mut self, file: &Hdf5File, path: &str) -> Result<()> {
        self.flush_for(file, path)?;
        let Some(path) = usual(path) else {
            return Ok(());
        };
        let parts: Vec<(usize, WaitingPart<'_>)> = self
            .waiting
            .iter()
            .copied()
            .filter(|&number| {
                let known = self.known.get_index(number);
                known.is_some_and(|(other, _)| is_at_or_below(other, &path))
            })
            .map(|number| (number, WaitingPart::All))
            .collect();
        self.store(file, &parts)
    }

    /// Brings everything into the file, where any call can see it.
    pub fn flush_all(&mut self, file: &Hdf5File) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let waiting = self.waiting.clone();
        let parts: Vec<_> = waiting
            .iter()
            .map(|&number| (number, WaitingPart::All))
            .collect();
        self.store(file, &parts)?;
        if self.known.len() > KNOWN {
            self.known.clear();
        }
        Ok(())
    }

    /// Forgets what was known of what HDF5 has at a path, below it and on the way to it: it has made,
    /// replaced or removed something there.
    ///
    /// Nothing may wait there: see [`flush_tree`](Self::flush_tree).
    pub fn forget(&mut self, path: &str) {
        let path = path::normalise(path);
        for (end, _) in path.match_indices('/').chain([(0, "")]) {
            if let Some(known) = self.known.get_mut(&Sought(&path[..end])) {
                known.forget_names();
            }
        }
        self.known
            .retain(|other, known| known.waits() || !is_at_or_below(other, &path));
        self.count_waiting();
    }

    /// Forgets all that was known of what HDF5 has, except where something waits: its names are asked
    /// for again.
    pub fn forget_all(&mut self) {
        self.known.retain(|_, known| known.waits());
        for known in self.known.values_mut() {
            known.forget_names();
        }
        self.count_waiting();
    }

    /// Finds again for which objects something waits.
    fn count_waiting(&mut self) {
        self.waiting.clear();
        for (number, known) in self.known.values_mut().enumerate() {
            known.is_noted = known.waits();
            if known.is_noted {
                self.waiting.push(number);
            }
        }
    }

    fn note_waiting(&mut self, number: usize) {
        let known = &mut self.known[number];
        if !known.is_noted {
            known.is_noted = true;
            self.waiting.push(number);
        }
    }

    /// What waits at a path; not what only its name does of.
    fn member(&self, path: &str) -> Option<&Member> {
        if self.is_empty() {
            return None;
        }
        let path = usual(path)?;
        // It is in the nearest group that HDF5 has.
        let mut end = path.len();
        loop {
            let (parent, name) = match path::last_slash(&path[..end]) {
                Some(slash) => (slash, slash + 1),
                None => (0, 0),
            };
            if let Some(known) = self.known.get(&Sought(&path[..parent])) {
                let member = known.new.get(&path[name..]);
                return member.filter(|member| !matches!(member, Member::Link(_)));
            }
            if parent == 0 {
                return None;
            }
            end = parent;
        }
    }

    /// The attributes that wait for the object that a path leads to, and how many it has besides.
    fn attributes_at(&mut self, path: &str, way: &Way) -> Option<(&mut Attributes, usize)> {
        match *way {
            Way::Known(number) => {
                let known = &mut self.known[number];
                Some((&mut known.attributes, known.count))
            }
            Way::Waiting(number, rest) => {
                let member = self.known[number].new.get_mut(&path[rest..])?;
                Some((member.attributes_mut()?, 0))
            }
            Way::Free(..) | Way::Shared | Way::Unsure => None,
        }
    }

    /// Where a normal path leads to.
    fn way(&mut self, file: &Hdf5File, path: &str) -> Result<Way> {
        if let Some(number) = self.known.get_index_of(&Sought(path)) {
            return Ok(Way::Known(number));
        }
        if path::slashes(path) > DEPTH {
            return Ok(Way::Unsure);
        }
        self.store_tables(file)?;
        // From the nearest that is known down.
        let mut end = path.len();
        let mut group = loop {
            end = path::last_slash(&path[..end]).unwrap_or(0);
            if let Some(number) = self.known.get_index_of(&Sought(&path[..end])) {
                break number;
            }
            if end == 0 {
                let root = match file.is_blank() {
                    true => Some(KnownObject::blank_root()),
                    false => KnownObject::look_at_root(file)?,
                };
                match self.add_known("", root) {
                    Some(number) => break number,
                    None => return Ok(Way::Unsure),
                }
            }
        };
        if path.is_empty() {
            return Ok(Way::Known(group));
        }
        self.can_go_past(file)?;
        loop {
            let start = if end == 0 { 0 } else { end + 1 };
            let next = path::first_slash(&path[start..]);
            let next = next.map_or(path.len(), |slash| start + slash);
            let known = &mut self.known[group];
            if known.kind != Kind::Group {
                return Ok(Way::Unsure);
            }
            let name = &path[start..next];
            if known.new.get(name).is_some() {
                if !known.new.leads_to_link(&path[start..]) {
                    return Ok(Way::Waiting(group, start));
                }
                // What has another name is in the file.
                self.store(file, &[(group, WaitingPart::Member(name))])?;
                let known = &self.known[group];
                return match known.new.get(name) {
                    None => self.way(file, path),
                    Some(_) => Ok(Way::Unsure),
                };
            }
            if file.is_blank() {
                return Ok(Way::Free(group, start));
            }
            let past = self.past.as_ref().and_then(Option::as_ref);
            if let Some((raw, form)) = past {
                known.read_links(file, &path[..end], (raw, *form))?;
            }
            let header = match known.link(name)? {
                Some(None) => return Ok(Way::Free(group, start)),
                Some(Some(target)) => target.header(),
                None if !known.has(file, &path[..end], name)? => {
                    return Ok(Way::Free(group, start));
                }
                None => h5::hard_link_address(file.id()?, &path[..next])?,
            };
            let Some(header) = header else {
                return Ok(Way::Unsure);
            };
            let looked = KnownObject::look_at(file, past.map(|(raw, _)| raw), header)?;
            match self.add_known(&path[..next], looked) {
                Some(number) => group = number,
                None if next == path.len() => return Ok(Way::Shared),
                None => return Ok(Way::Unsure),
            }
            if next == path.len() {
                return Ok(Way::Known(group));
            }
            end = next;
        }
    }

    /// Keeps what HDF5 said of an object; gives its number.
    fn add_known(&mut self, path: &str, known: Option<KnownObject>) -> Option<usize> {
        known.map(|known| self.known.insert_full(path.into(), known).0)
    }

    /// Whether nothing is at a path, and what comes there may wait.
    pub fn admits(&mut self, file: &Hdf5File, path: &str) -> Result<bool> {
        Ok(self.place(file, path)?.is_some())
    }

    /// The normal form of a path at which an object may be gathered, and where that is.
    fn place(&mut self, file: &Hdf5File, path: &str) -> Result<Option<(String, Way)>> {
        if !path.is_ascii() || path.contains('\0') || !self.can_go_past(file)? {
            return Ok(None);
        }
        let Ok(path) = path::of_new(path) else {
            return Ok(None);
        };
        // In a heap longer ones would be in a place of their own.
        let is_long = |name: &str| name.len() > LONGEST_NEW_NAME;
        if self.form(file)? == Some(Form::New) && path.split('/').any(is_long) {
            return Ok(None);
        }
        self.make_room(file)?;
        let way = self.way(file, &path)?;
        if let (Way::Free(number, rest), Some(Some((raw, form)))) = (&way, &self.past) {
            // What is known of its links is needed to add another one.
            if !file.is_blank() {
                let group = path[..*rest].trim_end_matches('/');
                self.known[*number].read_links(file, group, (raw, *form))?;
            }
        }
        let is_free = match way {
            Way::Free(..) => path::slashes(&path) <= DEPTH,
            Way::Waiting(number, rest) => self.known[number].new.admits(&path[rest..]),
            Way::Known(_) | Way::Shared | Way::Unsure => false,
        };
        Ok(is_free.then_some((path, way)))
    }

    /// Writes everything if it is too much.
    fn make_room(&mut self, file: &Hdf5File) -> Result<()> {
        if self.memory > self.limit || self.known.len() > KNOWN {
            self.flush_all(file)?;
            if self.known.len() > KNOWN {
                self.known.clear();
                self.waiting.clear();
            }
        }
        Ok(())
    }

    /// Whether objects can be made past HDF5 in this file.
    pub fn can_go_past(&mut self, file: &Hdf5File) -> Result<bool> {
        Ok(self.form(file)?.is_some())
    }

    /// Whether objects can be made past HDF5 in this file, with links in symbol tables.
    pub fn has_tables(&mut self, file: &Hdf5File) -> Result<bool> {
        Ok(matches!(self.form(file)?, Some(Form::Old(_))))
    }

    /// In which form objects are made past HDF5 in this file, if they can be.
    pub fn form(&mut self, file: &Hdf5File) -> Result<Option<Form>> {
        if let Some(known) = &self.past {
            return Ok(known.as_ref().map(|(_, form)| *form));
        }
        let form = file.form()?;
        let past = match form {
            Some(form) => Some((file.raw()?.clone(), form)),
            None => None,
        };
        self.past = Some(past);
        Ok(form)
    }

    /// Puts the data of a new dataset where they may stay.
    fn put_data(&mut self, file: &Hdf5File, data: &[u8]) -> Result<Data> {
        if data.is_empty() {
            return Ok(Data::None);
        }
        if data.len() >= AT_ONCE {
            let mut address = 0;
            file.append(data.len(), |place| {
                address = place;
                data
            })?;
            return Ok(Data::File(address));
        }
        if let Some(place) = self.image.reuse(data) {
            return Ok(Data::Block(self.blocks.len() as u32, place as u32));
        }
        if self.image.len() + data.len() > TOGETHER {
            self.write_image(file)?;
        }
        self.image.reserve(data.len() + 8)?;
        let place = self.image.next();
        self.image.push(data);
        Ok(Data::Block(self.blocks.len() as u32, place as u32))
    }

    /// Adds a member at a path that [`place`](Self::place) has found free.
    fn insert(&mut self, path: &str, way: Way, member: Member) {
        let (Way::Free(number, rest) | Way::Waiting(number, rest)) = way else {
            return;
        };
        let rest = &path[rest..];
        let groups = path::slashes(rest);
        self.memory += rest.len() + member.memory() + groups * NAME_COST + NAME_COST;
        self.known[number].new.insert(rest, member);
        self.note_waiting(number);
    }

    /// Brings parts of what waits into the file.
    fn store(&mut self, file: &Hdf5File, parts: &[(usize, WaitingPart<'_>)]) -> Result<()> {
        let made = match file.is_blank() {
            true => self.make_root(file, parts),
            false => self.make(file, parts),
        };
        // HDF5 must not come through a group of which links are not stored, nor open a file without a root.
        let may_look = !self.has_unstored && !file.is_blank();
        let mut outcome = made;
        for &(number, part) in parts {
            if may_look && matches!(part, WaitingPart::All | WaitingPart::Attributes) {
                outcome = outcome.and(self.store_attributes(file, number));
            }
        }
        let known = &mut self.known;
        self.waiting.retain(|&number| {
            let known = &mut known[number];
            known.is_noted = known.waits();
            known.is_noted
        });
        if self.waiting.is_empty() {
            self.memory = 0;
            if self.image.len() == 0 {
                self.blocks.clear();
            }
        }
        outcome
    }

    /// Sets the attributes of an object that HDF5 has.
    fn store_attributes(&mut self, file: &Hdf5File, number: usize) -> Result<()> {
        if self.store_attributes_past(file, number)? {
            return Ok(());
        }
        let Some((path, known)) = self.known.get_index_mut(number) else {
            return Ok(());
        };
        if known.attributes.is_empty() {
            return Ok(());
        }
        let count = known.attributes.len();
        let before = known.attributes.memory();
        let scales: Vec<u64> = known.attributes.scales().collect();
        let labelled = &mut self.labelled;
        let stored = known
            .open(file, path)
            .and_then(|object| {
                known.attributes.store(&object)?;
                if !scales.is_empty() {
                    let address = h5::address_of(&object)?;
                    let owner = |axis| h5::ScaleOwner::new(address, axis);
                    let scales = scales.into_iter().enumerate();
                    labelled.extend(scales.map(|(axis, scale)| (scale, owner(axis))));
                }
                Ok(())
            })
            .map_err(|error| error.within(format_args!("'{}'", path::or_root(path))));
        known.count += count - known.attributes.len();
        let freed = before - known.attributes.memory();
        self.memory = self.memory.saturating_sub(freed);
        stored
    }

    /// Sets the attributes of an object of which HDF5 has seen nothing; false if HDF5 has to do it.
    fn store_attributes_past(&mut self, file: &Hdf5File, number: usize) -> Result<bool> {
        if !self.can_go_past(file)? {
            return Ok(false);
        }
        let Some((path, known)) = self.known.get_index_mut(number) else {
            return Ok(false);
        };
        let Some(address) = known.address.filter(|_| !known.attributes.is_empty()) else {
            return Ok(false);
        };
        let stored = past::store(file, address, &known.attributes)
            .map_err(|error| error.within(format_args!("'{}'", path::or_root(path))))?;
        if let Some(new) = stored {
            let attributes = std::mem::take(&mut known.attributes);
            known.count += new;
            self.memory = self.memory.saturating_sub(attributes.memory());
            self.changes += 1;
        }
        Ok(stored.is_some())
    }

    /// How often headers of objects were changed past HDF5.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Makes the members that wait in the file, and links them or has HDF5 link them.
    fn make(&mut self, file: &Hdf5File, parts: &[(usize, WaitingPart<'_>)]) -> Result<()> {
        self.store_tables(file)?;
        let mut groups: Vec<Joining> = Vec::new();
        for &(number, part) in parts {
            let known = &mut self.known[number];
            let new = &known.new;
            let names: Vec<Box<str>> = match part {
                WaitingPart::Attributes => Vec::new(),
                WaitingPart::Member(name) => {
                    new.get(name).map(|_| name.into()).into_iter().collect()
                }
                WaitingPart::All => new.members().map(|(name, _)| name.into()).collect(),
            };
            let is_past = match known.links()? {
                Some(links) => links.can_grow(&names)?,
                None => false,
            };
            if !names.is_empty() {
                groups.push(Joining {
                    number,
                    names,
                    is_past,
                });
            }
        }
        let (false, Some(form)) = (groups.is_empty(), self.form(file)?) else {
            return Ok(());
        };
        let mark = self.image.mark();
        let mut context = Context::new(form);
        let placed = self.put_groups(&groups, &mut context);
        let written = placed.and_then(|places| Ok((places, self.write_image(file)?)));
        let (places, address) = written.inspect_err(|_| self.image.drop_since(mark))?;
        let all = groups.into_iter().zip(places);
        let (past, others): (Vec<_>, Vec<_>) = all.partition(|(group, _)| group.is_past);
        // HDF5 may look into any group on its way to another one.
        for (group, places) in past {
            self.insert_links(file, group, &places, address)?;
        }
        for (group, places) in others {
            if let Some(place) = places.first() {
                self.link(file, group, address + place)?;
            }
        }
        self.note_labelled(context, address);
        Ok(())
    }

    /// Makes the root of a file in which nothing is yet, with all that waits.
    fn make_root(&mut self, file: &Hdf5File, parts: &[(usize, WaitingPart<'_>)]) -> Result<()> {
        self.can_go_past(file)?;
        let (Some(Some((raw, form))), Some(number)) =
            (self.past.clone(), self.known.get_index_of(&Sought("")))
        else {
            file.id()?;
            return self.make(file, parts);
        };
        let mark = self.image.mark();
        let mut context = Context::new(form);
        let placed = self.put_root(number, &mut context);
        let made = placed.and_then(|place| {
            file.make_root(|| {
                let address = self.write_image(file)?;
                let table = place.table.map(|table| table.map(|place| address + place));
                Ok((address, (address + place.header, table)))
            })
            .map(|made| (place, made))
        });
        let (place, made) = made.inspect_err(|_| self.image.drop_since(mark))?;
        let Some(address) = made else {
            self.image.drop_since(mark);
            return self.make(file, parts);
        };
        self.known[number].become_stored(address + place.header, &raw, form)?;
        self.memory = 0;
        self.note_labelled(context, address);
        Ok(())
    }

    /// Puts the root with all that waits into the image.
    fn put_root(&mut self, number: usize, context: &mut Context) -> Result<PlacedGroup> {
        let known = &self.known[number];
        let new = &known.new;
        let each = |(name, member): (&str, &Member)| name.len() + 256 + member.room();
        self.image
            .reserve(new.members().map(each).sum::<usize>() + 1024)?;
        let mut members = Vec::new();
        for (name, member) in new.members() {
            let header = member.put(&mut self.image, &self.blocks, 1, context)?;
            members.push((name, header));
        }
        put_group(
            &mut self.image,
            &members,
            1,
            Some(&known.attributes),
            context,
        )
    }

    /// Notes which of the datasets that were written at an address were given scales.
    fn note_labelled(&mut self, context: Context, address: u64) {
        let labelled = context.labelled.into_iter();
        self.labelled.extend(labelled.map(|(scale, mut owner)| {
            owner.dataset += address;
            (scale, owner)
        }));
    }

    /// Puts the members of these groups into the image; gives where the headers are, of several members
    /// of one group that HDF5 will link that of a group that has them.
    fn put_groups(&mut self, groups: &[Joining], context: &mut Context) -> Result<Vec<Vec<u64>>> {
        let mut room = 0;
        for group in groups {
            let new = &self.known[group.number].new;
            for name in &group.names {
                room += name.len() + 256 + new.get(name).map_or(0, Member::room);
            }
        }
        self.image.reserve(room)?;
        let mut all = Vec::with_capacity(groups.len());
        for group in groups {
            let new = &self.known[group.number].new;
            // HDF5 counts the links that it makes.
            let links = u32::from(group.is_past);
            let mut places = Vec::with_capacity(group.names.len());
            for name in &group.names {
                let Some(member) = new.get(name) else {
                    continue;
                };
                let put = member.put(&mut self.image, &self.blocks, links, context)?;
                let Address::Here(place) = put else {
                    return Err(Error::internal("a name waits outside of what waits"));
                };
                places.push(place);
            }
            if !group.is_past && places.len() > 1 {
                let names = group.names.iter().map(|name| &**name);
                let members: Vec<_> = names.zip(places.into_iter().map(Address::Here)).collect();
                places = vec![put_group(&mut self.image, &members, 0, None, context)?.header];
            }
            all.push(places);
        }
        Ok(all)
    }

    /// Adds links to members that are in the file to the table of their group, past HDF5.
    fn insert_links(
        &mut self,
        file: &Hdf5File,
        group: Joining,
        places: &[u64],
        address: u64,
    ) -> Result<()> {
        let Some((path, known)) = self.known.get_index_mut(group.number) else {
            return Ok(());
        };
        // HDF5 must not look into it halfway, behind a link of another file.
        let _lock = h5::lock();
        let (new, Some(links)) = known.new_and_links()? else {
            return Err(Error::internal("HDF5 looked at a group meanwhile"));
        };
        let table = match links {
            Links::Table(table) => table,
            Links::New(links) => {
                let headers = places.iter().map(|place| address + place);
                let targets = headers.map(Target::Hard);
                let names = group.names.iter().map(|name| &**name);
                let more: Vec<(&str, Target)> = names.zip(targets).collect();
                links
                    .insert(file, &more)
                    .map_err(|error| error.within(format_args!("'{path}'")))?;
                for name in &group.names {
                    if let Some((name, member)) = new.remove(name) {
                        let freed = name.len() + NAME_COST + member.memory();
                        self.memory = self.memory.saturating_sub(freed);
                    }
                }
                return Ok(());
            }
        };
        let mut names = group.names.into_iter().zip(places);
        let inserted = names.try_for_each(|(name, place)| {
            let target = Target::Hard(address + place);
            table.insert(file, name.clone(), &target)?;
            if let Some((name, member)) = new.remove(&name) {
                let freed = name.len() + NAME_COST + member.memory();
                self.memory = self.memory.saturating_sub(freed);
            }
            Ok(())
        });
        let stored = inserted
            .and_then(|()| table.store(file))
            .map_err(|error| error.within(format_args!("'{path}'")));
        self.note_stored(file, stored)
    }

    /// Takes note of whether the links of a group are in the file as they are to be.
    fn note_stored(&mut self, file: &Hdf5File, stored: Result<()>) -> Result<()> {
        if stored.is_err() {
            self.has_unstored = true;
            self.count_waiting();
            file.raw()?.hold(true);
        }
        stored
    }

    /// Stores the links that an earlier failure has left in the tables of their groups: to be called before HDF5 looks along any
    /// path, on which those groups may be.
    fn store_tables(&mut self, file: &Hdf5File) -> Result<()> {
        if !self.has_unstored {
            return Ok(());
        }
        let _lock = h5::lock();
        for (path, known) in &mut self.known {
            if let Some(table) = known.links()?.and_then(Links::unstored) {
                table
                    .store(file)
                    .map_err(|error| error.within(format_args!("'{path}'")))?;
            }
        }
        self.has_unstored = false;
        file.raw()?.hold(false);
        Ok(())
    }

    /// Has HDF5 link members of a group that are in the file: the one whose header is at an address, or
    /// several that are in a group whose header is there.
    fn link(&mut self, file: &Hdf5File, group: Joining, address: u64) -> Result<()> {
        let Some((path, known)) = self.known.get_index_mut(group.number) else {
            return Ok(());
        };
        let names = group.names;
        let within = |error: Error, name: &str| match path.is_empty() {
            true => error.within(format_args!("'{name}'")),
            false => error.within(format_args!("'{path}/{name}'")),
        };
        // HDF5 opens no object for a link to what has a name already, but reads its header only.
        let groups = match names.len() {
            1 => None,
            _ => Some((
                h5::open_address(file.id()?, address)?,
                known.open(file, path)?,
            )),
        };
        for name in names {
            let linked = match &groups {
                Some((from, to)) => h5::link_again(from, to, &name),
                None if path.is_empty() => h5::link_address(file.id()?, address, &name),
                None => h5::link_address(file.id()?, address, &format!("{path}/{name}")),
            };
            linked.map_err(|error| within(error, &name))?;
            if let Some((name, member)) = known.new.remove(&name) {
                let freed = name.len() + NAME_COST + member.memory();
                self.memory = self.memory.saturating_sub(freed);
                known.add_name(name);
            }
        }
        Ok(())
    }

    /// Writes what is not in the file yet; gives its address.
    fn write_image(&mut self, file: &Hdf5File) -> Result<u64> {
        let mut address = 0;
        let image = &mut self.image;
        file.append(image.len(), |place| {
            address = place;
            image.at(place)
        })?;
        self.blocks.push(address);
        for (start, length) in self.image.holes() {
            file.give_back(address + start, length);
        }
        self.image.clear();
        self.texts = TextHeap::default();
        Ok(address)
    }
}

/// Members that are to join a group.
#[derive(Debug)]
struct Joining {
    /// The number of the group.
    number: usize,
    /// Their names.
    names: Vec<Box<str>>,
    /// Whether they are linked past HDF5.
    is_past: bool,
}

/// What of all that waits for an object.
#[derive(Clone, Copy, Debug)]
enum WaitingPart<'a> {
    /// All of it.
    All,
    /// Its attributes.
    Attributes,
    /// The member of that name.
    Member(&'a str),
}

/// Whether a normal path is another one, or leads to something below it.
fn is_at_or_below(path: &str, top: &str) -> bool {
    match path.strip_prefix(top) {
        Some(rest) => top.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// The normal form of a path; None if HDF5 takes it for another one.
fn usual(path: &str) -> Option<Cow<'_, str>> {
    match path.bytes().any(|byte| byte == 0) {
        true => None,
        false => Some(path::normal(path)),
    }
}
