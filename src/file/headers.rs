//! Objects that are known by their headers alone: HDF5 takes several times as long to open one as to find its link.
//!
//! This is for what HDF5 has not looked at since the file was opened, or may not change: of that the file has everything.
//! What is unusual, or damaged, is left to HDF5.

#![forbid(unsafe_code)]

use super::owner::State;
use super::table::LastLink;
use crate::error::{Result, Status};
use crate::format::ahead::Ahead;
use crate::format::attribute::{self, AttributeParts};
use crate::format::chunked::ChunkedDataset;
use crate::format::edited_header::EditedHeader;
use crate::format::global_heap::Collection;
use crate::format::links::Target;
use crate::format::object_header::{self, FoundHeader, FoundMessage, ATTRIBUTE, LARGEST_HEADER};
use crate::format::text::{Padding, TextDataset};
use crate::format::{number32, number64, Widths};
use crate::journal::RawFile;
use crate::small::attribute::{encoded, NewAttribute};
use crate::small::Presence;
use crate::store::h5::TextEnd;
use crate::store::{self, h5, header, path, Dtype, Kind};
use std::collections::HashMap;

/// The most attributes in a heap that are read to find one.
const MOST_IN_HEAP: usize = 1 << 12;

/// Heaps with texts of more bytes are left to HDF5.
const LARGEST_HEAP: u64 = 1 << 20;

/// Texts in so many chunks, or of more bytes without what is in heaps, are left to HDF5.
const MOST_CHUNKS: u64 = 1 << 20;
const LARGEST_TEXTS: u64 = 1 << 30;

/// The most headers that are kept, and bytes of them.
const MOST_HEADERS: usize = 1 << 12;
const MOST_BYTES: usize = 1 << 20;

/// What a header costs in memory besides its messages, and what each message does, about.
const HEADER_COST: usize = 256;
const MESSAGE_COST: usize = 64;

/// So many attributes are looked through for a name; more are found by it.
const FEW: usize = 16;

/// The headers of the objects that were looked at: they are often looked at again, or their attributes are read one after the other.
#[derive(Debug, Default)]
pub struct Headers {
    /// By the normal paths that lead to them.
    known: HashMap<Box<str>, KnownHeader>,
    memory: usize,
    /// How often headers had been changed past HDF5 when these were read.
    changes: u64,
}

#[derive(Debug)]
struct KnownHeader {
    header: FoundHeader,
    /// The numbers of the messages of attributes, by their names, if these are many.
    attributes: HashMap<Box<[u8]>, usize>,
    /// Whether the attributes are known that are not in the header itself.
    has_all: bool,
}

impl Headers {
    /// The header at a normal path, if it was read and none was changed since.
    fn get(&mut self, path: &str, changes: u64) -> Option<&KnownHeader> {
        if self.changes != changes {
            self.forget();
            self.changes = changes;
        }
        self.known.get(path)
    }

    /// Takes the header at a normal path out.
    fn take(&mut self, path: &str) -> Option<KnownHeader> {
        let known = self.known.remove(path)?;
        let memory = HEADER_COST + path.len() + known.memory();
        self.memory = self.memory.saturating_sub(memory);
        Some(known)
    }

    /// Keeps one that was read after the latest question for it.
    fn keep(&mut self, path: &str, known: KnownHeader) {
        let memory = HEADER_COST + path.len() + known.memory();
        if self.known.len() >= MOST_HEADERS || self.memory + memory > MOST_BYTES {
            self.forget();
        }
        self.memory += memory;
        self.known.insert(path.into(), known);
    }

    /// Forgets all of them: what they say may be no longer so.
    pub fn forget(&mut self) {
        self.known.clear();
        self.memory = 0;
    }
}

impl KnownHeader {
    fn of(header: FoundHeader) -> Self {
        Self {
            header,
            attributes: HashMap::new(),
            has_all: false,
        }
    }

    /// Makes the attributes known that are in a heap; false if HDF5 has to read them.
    fn read_attributes(&mut self, raw: &RawFile) -> Result<bool> {
        if !object_header::add_attributes(raw, &mut self.header, MOST_IN_HEAP)? {
            return Ok(false);
        }
        self.has_all = true;
        if self.header.messages.len() > FEW {
            for (number, name) in attribute_names(&self.header.messages) {
                if let Some(name) = name {
                    self.attributes.entry(name.into()).or_insert(number);
                }
            }
        }
        Ok(true)
    }

    /// The message of an attribute.
    fn attribute(&self, wanted: &str) -> Option<&FoundMessage> {
        let messages = &self.header.messages;
        let number = match messages.len() > FEW {
            true => *self.attributes.get(wanted.as_bytes())?,
            false => {
                let mut names = attribute_names(messages);
                names.find(|(_, name)| *name == Some(wanted.as_bytes()))?.0
            }
        };
        messages.get(number)
    }

    fn memory(&self) -> usize {
        let messages = self.header.messages.iter();
        let messages: usize = messages
            .map(|message| MESSAGE_COST + message.content.len())
            .sum();
        let names = self.attributes.keys();
        messages + names.map(|name| MESSAGE_COST + name.len()).sum::<usize>()
    }
}

/// The attributes among messages: the numbers of the messages and the names, None of those that are elsewhere or not understood.
fn attribute_names(messages: &[FoundMessage]) -> impl Iterator<Item = (usize, Option<&[u8]>)> {
    let all = messages.iter().enumerate();
    let attributes = all.filter(|(_, message)| message.kind == ATTRIBUTE);
    attributes.map(|(number, message)| {
        let parts = match message.is_elsewhere() {
            true => None,
            false => attribute::parts(&message.content),
        };
        (number, parts.map(|parts| parts.name))
    })
}

impl State {
    /// Notes that only hard links lead to the group of a normal path, if that is known without HDF5.
    pub(super) fn note_group_of(&mut self, normal: &str) -> Result<()> {
        let (group, _) = path::split(normal);
        let is_asked = self.hdf5.is_writable() && !self.datasets.has_plain_group(group);
        if !is_asked {
            return Ok(());
        }
        match self.gathered.presence(&self.hdf5, group) {
            Ok(Presence::Stored) => self.datasets.note_plain_group(group),
            // What could not be stored HDF5 must not look at.
            Err(error) if error.status == Status::Io => return Err(error),
            // What is wrong with a group HDF5 says below.
            Ok(_) | Err(_) => {}
        }
        Ok(())
    }

    /// Where the header of the object at a normal path is, and over which links the way leads there, if HDF5 need not be asked for more than hard links.
    pub(super) fn header_place(&mut self, normal: &str) -> Result<Option<(u64, LastLink)>> {
        if let Some(header) = self.own_header(normal)? {
            return Ok(Some((header, LastLink::Hard)));
        }
        let real = self.real_path(normal)?;
        let (real, last) = match &real {
            Some(real) => (&**real, LastLink::Soft),
            None => (normal, LastLink::Hard),
        };
        Ok(self.header_address(real)?.map(|header| (header, last)))
    }

    /// Where the header of the object at a normal path is, if only hard links lead there.
    pub(super) fn header_address(&mut self, normal: &str) -> Result<Option<u64>> {
        if let Some(header) = self.own_header(normal)? {
            return Ok(Some(header));
        }
        if normal.is_empty() {
            return match self.hdf5.own_root()? {
                Some(root) => Ok(Some(root)),
                None => h5::address_of(self.hdf5.id()?).map(Some),
            };
        }
        let (group, _) = path::split(normal);
        let is_writable = self.hdf5.is_writable();
        if is_writable {
            match self.gathered.header_of(&self.hdf5, normal) {
                Ok(Some(header)) => {
                    self.datasets.note_plain_group(group);
                    return Ok(header);
                }
                // What could not be stored HDF5 must not look at.
                Err(error) if error.status == Status::Io => return Err(error),
                // What is wrong with a group HDF5 says below.
                Ok(None) | Err(_) => {}
            }
        }
        match self.datasets.is_plain_group(&self.hdf5, group)? {
            // Before HDF5 lists a group all that it has in memory would have to go to the file.
            true if is_writable => h5::hard_link_address(self.hdf5.id()?, normal),
            true => self.datasets.links.header(self.hdf5.id()?, normal),
            false => Ok(None),
        }
    }

    /// The path of hard links by which what is at a normal one is found too; None if no soft link leads there, or if HDF5 has to be asked.
    pub(super) fn real_path(&mut self, normal: &str) -> Result<Option<String>> {
        if self.hdf5.is_writable() {
            return match self.gathered.real_path(&self.hdf5, normal) {
                // What could not be stored HDF5 must not look at.
                Err(error) if error.status == Status::Io => Err(error),
                // What is wrong with a group HDF5 says.
                Err(_) => Ok(None),
                real => real,
            };
        }
        match self.hdf5.is_opened() {
            true => Ok(None),
            false => self.datasets.own_links.real_path(&self.raw, normal),
        }
    }

    /// Where the link at a normal path leads, or that there is none, in a file that is only read and that HDF5 does not have open; None if HDF5 has to be
    /// asked. Where it is open it lists the links of a group once, which is less for many questions.
    pub(super) fn own_link(&mut self, normal: &str) -> Result<Option<Option<Target>>> {
        // Of a file that is written here HDF5 may have more than its bytes.
        match self.hdf5.is_writable() || self.hdf5.is_opened() {
            true => Ok(None),
            false => self.datasets.own_links.link(&self.raw, normal),
        }
    }

    /// Where the header is to which a hard link leads at a normal path, as [`own_link`](Self::own_link).
    fn own_header(&mut self, normal: &str) -> Result<Option<u64>> {
        let link = self.own_link(normal)?.flatten();
        Ok(link.and_then(|target| target.header()))
    }

    /// Whether the file has these bytes as they are: HDF5 has not seen any of them, or cannot change them. It may have what it
    /// has seen in another form in its memory.
    pub(super) fn is_as_in_file(&self, address: u64, length: u64) -> bool {
        !self.hdf5.is_writable() || self.raw.is_unseen(address, length)
    }

    /// The header of the object at a normal path, if it is one that the file has as it is; it is at `address`, if that
    /// is known.
    ///
    /// What waits in memory for the object is to be brought into the file before.
    pub(super) fn header_at(
        &mut self,
        normal: &str,
        address: Option<u64>,
    ) -> Result<Option<&FoundHeader>> {
        Ok(self
            .known_header(normal, address)?
            .map(|known| &known.header))
    }

    /// The same with what is known of its attributes.
    fn known_header(&mut self, normal: &str, address: Option<u64>) -> Result<Option<&KnownHeader>> {
        let changes = self.gathered.changes();
        if self.datasets.headers.get(normal, changes).is_none() {
            let Some(header) = self.read_header(normal, address)? else {
                return Ok(None);
            };
            self.datasets.headers.keep(normal, KnownHeader::of(header));
        }
        let known = self.datasets.headers.known.get(normal);
        Ok(known.filter(|known| self.has_as_is(&known.header)))
    }

    /// Whether the file has all pieces of a header as they are.
    fn has_as_is(&self, header: &FoundHeader) -> bool {
        let mut pieces = header.pieces.iter();
        pieces.all(|&(address, length)| self.is_as_in_file(address, length))
    }

    /// The header of the object at a normal path with all attributes, whether they are in the header or in a heap that the header says; as
    /// [`header_at`](Self::header_at).
    fn header_with_attributes(&mut self, normal: &str) -> Result<Option<&KnownHeader>> {
        match self.known_header(normal, None)? {
            None => return Ok(None),
            Some(known) if known.has_all => {}
            Some(_) => {
                let headers = &mut self.datasets.headers;
                let Some(mut known) = headers.take(normal) else {
                    return Ok(None);
                };
                // What cannot be read HDF5 finds out as well, and says so.
                let is_read = known.read_attributes(&self.raw) == Ok(true);
                if !is_read || !self.has_as_is(&known.header) {
                    return Ok(None);
                }
                self.datasets.headers.keep(normal, known);
            }
        }
        Ok(self.datasets.headers.known.get(normal))
    }

    /// The message of an attribute of the object at a normal path; as [`header_at`](Self::header_at).
    fn attribute_message(&mut self, normal: &str, name: &str) -> Result<Option<&FoundMessage>> {
        let known = self.header_with_attributes(normal)?;
        Ok(known.and_then(|known| known.attribute(name)))
    }

    /// The names of the attributes of the object at a normal path in alphabetical order, if nothing about them is unusual; as
    /// [`header_at`](Self::header_at).
    pub(super) fn attribute_names_by_header(
        &mut self,
        normal: &str,
    ) -> Result<Option<Vec<String>>> {
        let Some(known) = self.header_with_attributes(normal)? else {
            return Ok(None);
        };
        let names = attribute_names(&known.header.messages);
        let names = names.map(|(_, name)| String::from_utf8(name?.to_vec()).ok());
        let names: Option<Vec<String>> = names.collect();
        Ok(names.and_then(|mut names| {
            names.sort_unstable();
            // Each message has a name of its own.
            let mut pairs = names.windows(2);
            pairs.all(|two| two[0] != two[1]).then_some(names)
        }))
    }

    fn read_header(&mut self, normal: &str, address: Option<u64>) -> Result<Option<FoundHeader>> {
        if !self.is_usual {
            return Ok(None);
        }
        let address = match address {
            Some(address) => address,
            None => match self.header_place(normal)? {
                Some((address, _)) => address,
                None => return Ok(None),
            },
        };
        // Nothing is read in vain where HDF5 has it.
        if !self.is_as_in_file(address, object_header::PREFIX as u64) {
            return Ok(None);
        }
        // What cannot be read HDF5 finds out as well, and says so.
        let found = object_header::found(&self.raw, address, Widths::USUAL, LARGEST_HEADER);
        Ok(found.ok().flatten().filter(FoundHeader::is_whole))
    }

    /// What is at a normal path, if its header alone says it; it is at `address`, if that is known.
    pub(super) fn kind_by_header(
        &mut self,
        normal: &str,
        address: Option<u64>,
    ) -> Result<Option<Kind>> {
        let Some(header) = self.header_at(normal, address)? else {
            return Ok(None);
        };
        Ok(header.is_group().map(|is_group| match is_group {
            true => Kind::Group,
            false => Kind::Dataset,
        }))
    }

    /// An attribute of the object at a normal path, if its header has it and it is nothing unusual.
    pub(super) fn attribute_by_header(
        &mut self,
        normal: &str,
        name: &str,
    ) -> Result<Option<NewAttribute>> {
        let message = self.attribute_message(normal, name)?;
        let Some(parts) = message.and_then(|message| attribute::parts(&message.content)) else {
            return Ok(None);
        };
        match simple_attribute(&parts)? {
            Some((Dtype::Text, reference)) => self.text_in_heap(&reference),
            Some((dtype, data)) => Ok(Some(NewAttribute {
                dtype,
                shape: attribute::extents(parts.dataspace)
                    .unwrap_or_default()
                    .into(),
                data,
            })),
            None => Ok(None),
        }
    }

    /// The text of variable length to which an element of an attribute refers.
    fn text_in_heap(&self, reference: &[u8]) -> Result<Option<NewAttribute>> {
        let (Some(length), Some(address), Some(index)) = (
            number32(reference, 0),
            number64(reference, 4),
            number32(reference, 12),
        ) else {
            return Ok(None);
        };
        let found = Collection::read(&self.raw, address, LARGEST_HEAP);
        let Some(found) = found.ok().flatten() else {
            return Ok(None);
        };
        let Some(text) = found.object(index) else {
            return Ok(None);
        };
        let is_text = text.len() == length as usize && !text.contains(&0);
        let is_known = is_text && self.is_as_in_file(address, found.length());
        Ok(is_known.then(|| NewAttribute {
            dtype: Dtype::Text,
            shape: Box::default(),
            data: text.into(),
        }))
    }

    /// The dataset of texts at a normal path, if the file has its header as it is.
    pub(super) fn text_dataset(&mut self, normal: &str) -> Result<Option<TextDataset>> {
        let header = self.header_at(normal, None)?;
        Ok(header.and_then(|header| TextDataset::of(&header.messages)))
    }

    /// The texts of the dataset at a normal path in C order, and its extents, if it is one of texts and the file has all of it as it is.
    pub(super) fn texts_by_header(
        &mut self,
        normal: &str,
    ) -> Result<Option<(Vec<String>, Vec<u64>)>> {
        let Some(found) = self.text_dataset(normal)? else {
            return Ok(None);
        };
        let address = match found.is_in_chunks() {
            true => self.header_address(normal)?,
            false => None,
        };
        let raw = Ahead::of(&self.raw);
        let elements = match address {
            Some(address) => self.elements_in_chunks(address, found.item())?,
            None => found.elements(&raw)?,
        };
        let Some(elements) = elements else {
            return Ok(None);
        };
        self.texts_of(found, &elements)
    }

    /// The texts of an attribute of the object at a normal path, as [`texts_by_header`](Self::texts_by_header).
    pub(super) fn attribute_texts_by_header(
        &mut self,
        normal: &str,
        name: &str,
    ) -> Result<Option<(Vec<String>, Vec<u64>)>> {
        let message = self.attribute_message(normal, name)?;
        let parts = message.and_then(|message| attribute::parts(&message.content));
        let found = parts.and_then(|parts| {
            let shape = attribute::extents(parts.dataspace)?;
            TextDataset::of_attribute(shape, parts.datatype, parts.data)
        });
        match found {
            Some(found) => match found.elements(&self.raw)? {
                Some(elements) => self.texts_of(found, &elements),
                None => Ok(None),
            },
            None => Ok(None),
        }
    }

    /// The texts of which these are the elements, and their extents; None if HDF5 has to read them.
    fn texts_of(
        &self,
        found: TextDataset,
        elements: &[u8],
    ) -> Result<Option<(Vec<String>, Vec<u64>)>> {
        let end = match found.padding() {
            Padding::FirstNul => TextEnd::FirstNul,
            Padding::Nuls => TextEnd::Nuls,
        };
        let mut texts = Vec::new();
        let read = found.each(
            &Ahead::of(&self.raw),
            elements,
            |address, length| self.is_as_in_file(address, length),
            |text| {
                texts.push(store::text::decode(text, end)?);
                Ok(())
            },
        );
        // What is wrong HDF5 finds out as well, and says so.
        let is_sound = read.is_ok_and(|is_sound| is_sound);
        Ok(is_sound.then_some((texts, found.shape)))
    }

    /// The elements of a dataset of one axis in chunks without filters whose header is at an address; None if HDF5 has to read them.
    fn elements_in_chunks(&self, address: u64, item: usize) -> Result<Option<Vec<u8>>> {
        let raw = Ahead::of(&self.raw);
        let header = EditedHeader::unchanged(&raw, address, LARGEST_HEADER)?;
        let dataset = header.and_then(|header| ChunkedDataset::of_elements(&header, item));
        let dataset = dataset.filter(|dataset| {
            dataset.shape.len() == 1 && dataset.filters.is_empty() && dataset.fill.is_none()
        });
        let Some(dataset) = dataset else {
            return Ok(None);
        };
        let (extent, chunk) = (dataset.shape[0], dataset.chunk[0]);
        if extent.div_ceil(chunk) > MOST_CHUNKS
            || extent.saturating_mul(item as u64) > LARGEST_TEXTS
        {
            return Ok(None);
        }
        let mut elements: Vec<u8> = h5::zeroed(extent, item)?;
        let mut read = Ok(());
        let is_sound = dataset
            .index
            .each(&raw, &dataset.shape, MOST_CHUNKS, |first, place| {
                let (start, end) = (first[0], first[0].saturating_add(chunk).min(extent));
                if start < end && read.is_ok() {
                    let target = &mut elements[start as usize * item..end as usize * item];
                    read = self.raw.read_near(place.address, target);
                }
            })?;
        Ok((is_sound && read.is_ok()).then_some(elements))
    }
}

/// The type of the elements of an attribute, and their bytes; None if HDF5 has to read it.
fn simple_attribute(parts: &AttributeParts<'_>) -> Result<Option<(Dtype, Box<[u8]>)>> {
    let Some(shape) = attribute::extents(parts.dataspace) else {
        return Ok(None);
    };
    let Some((dtype, size)) = simple_type(parts.datatype)? else {
        return Ok(None);
    };
    let fits = dtype != Dtype::Text || shape.is_empty();
    let bytes = shape
        .iter()
        .try_fold(size as u64, |bytes, &extent| bytes.checked_mul(extent));
    let data = bytes
        .and_then(|bytes| usize::try_from(bytes).ok())
        .and_then(|bytes| parts.data.get(..bytes));
    Ok(data.filter(|_| fits).map(|data| (dtype, data.into())))
}

/// What a datatype is of those that are in memory as they are in the file, and texts of variable length; and the bytes of an
/// element.
fn simple_type(datatype: &[u8]) -> Result<Option<(Dtype, usize)>> {
    if let Some(number) = header::standard(datatype) {
        let is_it = |dtype: &Dtype| h5::memory_number(*dtype) == Some(number);
        let found = Dtype::ALL.into_iter().find(is_it);
        return Ok(found.map(|dtype| (dtype, dtype.size())));
    }
    let is_text = *datatype == *encoded(Dtype::Text)?;
    Ok(is_text.then_some((Dtype::Text, 16)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::appending::Records;
    use crate::file::OpenFile;
    use crate::store::strided::{Capacity, Strided};
    use crate::store::{Append, Libver, Link, Mode, Open, TextOptions, Write};

    /// Runs `body` on the state of a file that is open in a mode.
    fn on<T>(file: &OpenFile, body: impl FnOnce(&mut State) -> Result<T>) -> T {
        let mut body = Some(body);
        file.look(|state| body.take().unwrap()(state)).unwrap()
    }

    #[test]
    fn objects_that_hdf5_has_not_looked_at_are_known_by_their_headers() {
        let name = format!("h5sim-headers-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        let (number, bytes) = (7i32.to_ne_bytes(), [0; 64]);
        for path in ["g/group", "g/numbers"] {
            if path == "g/group" {
                file.create_group(path).unwrap();
            } else {
                let array = Strided::packed(&bytes, &[8], 8).unwrap();
                file.write(path, Dtype::F64, &array, &Write::new()).unwrap();
            }
            file.set_attribute(path, "n", Dtype::I32, &[], &number)
                .unwrap();
            file.set_attribute_text(path, "unit", "m/s").unwrap();
        }
        file.write_text("g/text", "{}", &TextOptions::default())
            .unwrap();
        file.close().unwrap();

        let known = |state: &mut State| {
            let kinds = ["g/group", "g/numbers", "g/text", "g/none"];
            let kinds = kinds.map(|path| state.kind_by_header(path, None).unwrap());
            let attribute = |state: &mut State, path| {
                let number = state.attribute_by_header(path, "n")?;
                let text = state.attribute_by_header(path, "unit")?;
                assert_eq!(state.attribute_by_header(path, "none")?, None);
                Ok((
                    number.map(|number| number.data.to_vec()),
                    text.and_then(|text| text.text().map(str::to_owned)),
                ))
            };
            let group = attribute(state, "g/group")?;
            let numbers = attribute(state, "g/numbers")?;
            Ok((
                kinds,
                group,
                numbers,
                state
                    .texts_by_header("g/text")?
                    .map(|(mut texts, _)| texts.remove(0)),
            ))
        };
        let attributes = (Some(number.to_vec()), Some("m/s".to_owned()));
        for mode in [Mode::Read, Mode::ReadWrite] {
            let file = OpenFile::open(&name, mode, &Open::new()).unwrap();
            let (kinds, group, numbers, text) = on(&file, known);
            let (dataset, group_kind) = (Some(Kind::Dataset), Some(Kind::Group));
            assert_eq!(kinds, [group_kind, dataset, dataset, None], "{mode:?}");
            assert_eq!((&group, &numbers), (&attributes, &attributes), "{mode:?}");
            assert_eq!(text.as_deref(), Some("{}"), "{mode:?}");
            if mode == Mode::ReadWrite {
                let past_hdf5 = |state: &mut State| {
                    let file = state.hdf5.id()?;
                    let known = state.gathered.header_of(&state.hdf5, "g/text")?;
                    let none = state.gathered.header_of(&state.hdf5, "g/none")?;
                    Ok((known, none, h5::hard_link_address(file, "g/text")?))
                };
                let (known, none, asked) = on(&file, past_hdf5);
                assert!(
                    asked.is_some() && known == Some(asked),
                    "{known:?}, {asked:?}"
                );
                assert_eq!(none, Some(None));
                on(&file, |state| {
                    h5::object_info(state.hdf5.id()?, "g/group").map(drop)
                });
                // HDF5 has the header now, and perhaps those beside it, and changes it in its memory.
                file.set_attribute("g/group", "n", Dtype::I32, &[], &8i32.to_ne_bytes())
                    .unwrap();
                on(&file, State::flush);
                assert_eq!(
                    on(&file, |state| state.kind_by_header("g/group", None)),
                    None
                );
                let attribute = |state: &mut State| state.attribute_by_header("g/group", "n");
                assert_eq!(on(&file, attribute), None);
                let mut found = [0; 4];
                let mut room = Capacity::new(&mut found[..], 4);
                file.get_attribute("g/group", "n", Dtype::I32, &mut room)
                    .unwrap();
                assert_eq!(i32::from_ne_bytes(found), 8);
            }
            file.close().unwrap();
        }
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn attributes_in_a_heap_are_changed_without_hdf5() {
        let name = format!("h5sim-heap-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let latest = Open::new().libver(Libver::Latest);
        let file = OpenFile::open(&name, Mode::Create, &latest).unwrap();
        let array = Strided::packed(&[0; 64], &[8], 8).unwrap();
        file.write("d", Dtype::F64, &array, &Write::new()).unwrap();
        for number in 0..20i32 {
            let attribute = format!("a{number}");
            file.set_attribute("d", &attribute, Dtype::I32, &[], &number.to_ne_bytes())
                .unwrap();
        }
        file.set_attribute_text("d", "unit", "m").unwrap();
        file.close().unwrap();
        for turn in 1..4i32 {
            let file = OpenFile::open(&name, Mode::ReadWrite, &Open::new()).unwrap();
            file.set_attribute("d", "a7", Dtype::I32, &[], &turn.to_ne_bytes())
                .unwrap();
            file.set_attribute_text("d", "unit", &"m/s".repeat(turn as usize))
                .unwrap();
            file.commit().unwrap();
            on(&file, |state| {
                assert!(!state.hdf5.is_opened(), "{turn}");
                let found = state.attribute_by_header("d", "a7")?;
                assert_eq!(*found.unwrap().data, turn.to_ne_bytes());
                let found = state.attribute_by_header("d", "unit")?;
                assert_eq!(found.unwrap().data.len(), 3 * turn as usize);
                Ok(())
            });
            file.close().unwrap();
        }
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn a_file_that_is_opened_again_takes_attributes_and_small_arrays_without_hdf5() {
        let name = format!("h5sim-opened-again-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let numbers: Vec<u8> = (0..8).map(f64::from).flat_map(f64::to_ne_bytes).collect();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        let array = Strided::packed(&numbers, &[8], 8).unwrap();
        for path in ["field", "g/field"] {
            file.write(path, Dtype::F64, &array, &Write::new()).unwrap();
        }
        file.set_attribute("g/field", "kept", Dtype::I32, &[], &7i32.to_ne_bytes())
            .unwrap();
        file.close().unwrap();

        let count = |file: &OpenFile, path: &str| {
            let mut found = [0; 8];
            let mut room = Capacity::new(&mut found[..], 8);
            file.get_attribute(path, "count", Dtype::I64, &mut room)
                .unwrap();
            i64::from_ne_bytes(found)
        };
        const PATHS: [&str; 3] = ["", "g", "g/field"];
        for round in 0..30i64 {
            let file = OpenFile::open(&name, Mode::ReadWrite, &Open::new()).unwrap();
            for path in PATHS {
                let bytes = round.to_ne_bytes();
                file.set_attribute(path, "count", Dtype::I64, &[], &bytes)
                    .unwrap();
                // Of another length each time, and new each time.
                let shape = [1 + round as u64 % 3];
                let row = vec![round as u8; 8 * shape[0] as usize];
                file.set_attribute(path, "row", Dtype::I64, &shape, &row)
                    .unwrap();
                let text = format!("of round {round}");
                file.set_attribute_text(path, &format!("text {round}"), &text)
                    .unwrap();
            }
            // What was looked at before a change is not what is there after it.
            if round % 3 == 0 {
                file.commit().unwrap();
                for path in PATHS {
                    assert_eq!(count(&file, path), round);
                }
                let bytes = (round + 100).to_ne_bytes();
                file.set_attribute("g", "count", Dtype::I64, &[], &bytes)
                    .unwrap();
                file.commit().unwrap();
                assert_eq!(count(&file, "g"), round + 100);
            }
            let array = Strided::packed(&numbers, &[8], 8).unwrap();
            file.write(&format!("g/new {round}"), Dtype::F64, &array, &Write::new())
                .unwrap();
            on(&file, |state| {
                state.flush()?;
                assert!(!state.hdf5.is_opened(), "round {round}");
                Ok(())
            });
            file.close().unwrap();
        }
        let file = OpenFile::open(&name, Mode::Read, &Open::new()).unwrap();
        for is_opened in [false, true] {
            if is_opened {
                // From here on HDF5 says it.
                on(&file, |state| state.hdf5.id().map(drop));
            }
            for path in PATHS {
                assert_eq!(count(&file, path), 29);
                for round in 0..30 {
                    let text = file.get_attribute_text(path, &format!("text {round}"));
                    assert_eq!(text, Ok(format!("of round {round}")), "{path}");
                }
                let names = file.attribute_keys(path).unwrap();
                assert_eq!(
                    names.len(),
                    32 + usize::from(path == "g/field"),
                    "{names:?}"
                );
            }
            for round in 0..30 {
                let mut found = [0; 64];
                let mut room = Capacity::new(&mut found[..], 8);
                file.read(&format!("g/new {round}"), "", Dtype::F64, &mut room)
                    .unwrap();
                assert_eq!(found[..], numbers[..]);
            }
        }
        file.close().unwrap();
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn objects_with_many_attributes_are_known_and_named_anew_without_hdf5() {
        let name = format!("h5sim-many-attributes-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let numbers: Vec<u8> = (0..8)
            .flat_map(|number| f64::from(number).to_ne_bytes())
            .collect();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        for number in 0..8 {
            let path = format!("g/field {number}");
            let array = Strided::packed(&numbers, &[8], 8).unwrap();
            file.write(&path, Dtype::F64, &array, &Write::new())
                .unwrap();
            for attribute in 0..20 {
                let title = format!("title {attribute}");
                file.set_attribute_text(&path, &title, &format!("{path}, {attribute}"))
                    .unwrap();
            }
        }
        file.close().unwrap();
        let is_whole = |file: &OpenFile, path: &str| {
            let mut found = [0; 64];
            let mut room = Capacity::new(&mut found[..], 8);
            file.read(path, "", Dtype::F64, &mut room).unwrap();
            assert_eq!(found[..], numbers[..], "{path}");
        };
        let is_opened = |file: &OpenFile| on(file, |state| Ok(state.hdf5.is_opened()));

        let file = OpenFile::open(&name, Mode::ReadWrite, &Open::new()).unwrap();
        for number in 0..8 {
            is_whole(&file, &format!("g/field {number}"));
        }
        // One that comes after the other begins no piece of the header each time.
        for attribute in 20..320 {
            file.set_attribute_text("g/field 0", &format!("title {attribute}"), "more")
                .unwrap();
            on(&file, State::flush);
        }
        let pieces = |state: &mut State| {
            let header = state.header_at("g/field 0", None)?;
            Ok(header.map(|header| header.pieces.len()))
        };
        let found = on(&file, pieces);
        assert!(found.is_some_and(|pieces| pieces < 16), "{found:?}");
        file.move_to("g/field 1", "g/moved").unwrap();
        file.move_to("g/moved", "h/moved").unwrap();
        is_whole(&file, "h/moved");
        file.link("latest", "h/moved", &Link::Soft).unwrap();
        file.link("g/again", "g/field 2", &Link::Hard).unwrap();
        is_whole(&file, "latest");
        is_whole(&file, "g/again");
        file.delete("g/field 2").unwrap();
        file.delete("g/field 3").unwrap();
        file.commit().unwrap();
        assert!(!is_opened(&file));
        file.close().unwrap();

        let file = OpenFile::open(&name, Mode::Read, &Open::new()).unwrap();
        let expected = [
            "again", "field 0", "field 4", "field 5", "field 6", "field 7",
        ];
        for _ in 0..3 {
            for path in expected {
                let path = format!("g/{path}");
                is_whole(&file, &path);
                assert_eq!(file.kind(&path), Ok(Kind::Dataset));
                let title = file.get_attribute_text(&path, "title 19").unwrap();
                assert!(
                    title.starts_with("g/field") && title.ends_with(", 19"),
                    "{title}"
                );
            }
            for absent in ["g/moved", "g/field 1", "g/field 2", "none"] {
                assert_eq!(file.kind(absent), Ok(Kind::None), "{absent}");
            }
            assert_eq!(file.keys("g").unwrap(), expected);
        }
        is_whole(&file, "latest");
        assert!(!is_opened(&file));
        file.close().unwrap();
        std::fs::remove_file(&*name).unwrap();
    }

    /// The numbers of a record of a series, which no other record has.
    fn record(number: u64, elements: u64) -> Vec<u8> {
        let values = (0..elements).map(|element| (number * 1000 + element) as f64);
        values.flat_map(f64::to_ne_bytes).collect()
    }

    fn append(file: &OpenFile, path: &str, shape: &[u64], number: u64, options: &Append) {
        let record = record(number, shape.iter().product());
        let extents: Vec<i64> = shape.iter().map(|&extent| extent as i64).collect();
        let records = Records {
            dtype: Dtype::F64,
            record: &extents,
            options,
        };
        let array = Strided::packed(&record, shape, 8).unwrap();
        file.append_from(path, &records, &array).unwrap();
    }

    /// Checks that a series has so many records, by its chunks and by HDF5.
    fn check_series(file: &OpenFile, path: &str, elements: u64, count: u64) {
        let expected: Vec<u8> = (0..count)
            .flat_map(|number| record(number, elements))
            .collect();
        let mut found = vec![0; expected.len()];
        for by_hdf5 in [false, true] {
            if by_hdf5 {
                on(file, |state| {
                    let id = state.open_dataset(path)?;
                    state.flush_dataset(id)?;
                    state.require_hdf5(id)?.read(Dtype::F64, None, &mut found)
                });
            } else {
                let mut room = Capacity::new(&mut found[..], 8);
                file.read(path, "", Dtype::F64, &mut room).unwrap();
            }
            assert!(found == expected, "{path}, {count} records");
        }
    }

    #[test]
    fn series_are_made_and_go_on_without_hdf5() {
        let name = format!("h5sim-lone-series-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let kinds: [(&str, &[u64], Append); 6] = [
            ("scalars", &[], Append::new()),
            ("g/rows", &[7], Append::new()),
            ("g/in/fields", &[30, 40], Append::new()),
            (
                "gzip",
                &[100],
                Append::new().stored(Write::new().gzip(2).shuffle()),
            ),
            (
                "sums",
                &[5, 3],
                Append::new().stored(Write::new().fletcher32()),
            ),
            (
                "tiles",
                &[6, 9],
                Append::new().stored(Write::new().chunks([2, 4, 5])),
            ),
        ];
        let without_hdf5 = |file: &OpenFile, what: &str| {
            on(file, |state| {
                state.flush()?;
                assert!(!state.hdf5.is_opened(), "{what}");
                Ok(())
            });
        };
        let mut count = 0;
        for round in 0..6 {
            let mode = if round == 0 {
                Mode::Create
            } else {
                Mode::ReadWrite
            };
            let file = OpenFile::open(&name, mode, &Open::new()).unwrap();
            for step in 0..[3, 1, 200, 40, 2, 1500][round] {
                for (path, shape, options) in &kinds {
                    append(&file, path, shape, count, options);
                    if step == 1 {
                        let bytes = count.to_ne_bytes();
                        file.set_attribute(path, "count", Dtype::U64, &[], &bytes)
                            .unwrap();
                    }
                }
                count += 1;
                if step % 7 == 2 {
                    file.commit().unwrap();
                }
            }
            without_hdf5(&file, "after appends");
            file.close().unwrap();
            let file = OpenFile::open(&name, Mode::Read, &Open::new()).unwrap();
            for (path, shape, _) in &kinds {
                check_series(&file, path, shape.iter().product(), count);
            }
            file.close().unwrap();
        }
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn files_of_the_newer_form_are_made_and_go_on_without_hdf5() {
        let name = format!("h5sim-newer-form-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let latest = Open::new().libver(Libver::Latest);
        let record = |number: usize| (number as f64).to_ne_bytes();
        let write = |file: &OpenFile, path: &str, number: usize| {
            let bytes = record(number);
            let array = Strided::packed(&bytes[..], &[1], 8).unwrap();
            file.write(path, Dtype::F64, &array, &Write::new()).unwrap();
            file.set_attribute(path, "number", Dtype::F64, &[], &bytes)
                .unwrap();
        };
        let without_hdf5 = |file: &OpenFile, what: &str| {
            on(file, |state| {
                state.flush()?;
                assert!(!state.hdf5.is_opened(), "{what}");
                Ok(())
            });
        };
        let file = OpenFile::open(&name, Mode::Create, &latest).unwrap();
        // In the header, into a heap, and on in it: more than a block, and than a table of one row.
        for number in 0..300 {
            write(&file, &format!("g/{number}"), number);
            write(&file, &format!("few/{}/x", number), number);
            if number % 3 == 0 {
                file.commit().unwrap();
            }
        }
        without_hdf5(&file, "new");
        file.close().unwrap();
        for (round, options) in [latest, Open::new()].into_iter().enumerate() {
            let file = OpenFile::open(&name, Mode::ReadWrite, &options).unwrap();
            for number in 0..20 {
                write(&file, &format!("g/{number} of {round}"), number);
                let bytes = record(number + 1);
                file.set_attribute(&format!("g/{number}"), "number", Dtype::F64, &[], &bytes)
                    .unwrap();
                file.set_attribute("few", &format!("a{round}"), Dtype::F64, &[], &bytes)
                    .unwrap();
                file.commit().unwrap();
            }
            without_hdf5(&file, "opened again");
            file.close().unwrap();
        }
        let file = OpenFile::open(&name, Mode::Read, &Open::new()).unwrap();
        let check = |path: &str, number: usize, attribute: usize| {
            let mut found = [0; 8];
            let mut room = Capacity::new(&mut found[..], 8);
            file.read(path, "", Dtype::F64, &mut room).unwrap();
            assert_eq!(found, record(number), "{path}");
            let mut room = Capacity::new(&mut found[..], 8);
            file.get_attribute(path, "number", Dtype::F64, &mut room)
                .unwrap();
            assert_eq!(found, record(attribute), "{path}");
        };
        for number in 0..300 {
            check(
                &format!("g/{number}"),
                number,
                number + usize::from(number < 20),
            );
            check(&format!("few/{number}/x"), number, number);
        }
        for number in 0..20 {
            check(&format!("g/{number} of 1"), number, number);
        }
        assert!(!on(&file, |state| Ok(state.hdf5.is_opened())));
        // HDF5 finds the same.
        let names = on(&file, |state| state.hdf5.keys("g"));
        assert_eq!(names.len(), 340);
        file.close().unwrap();
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn hdf5_has_a_series_from_when_it_looks_at_it() {
        let name = format!("h5sim-seen-series-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        let kinds = [
            ("plain", Append::new()),
            ("gzip", Append::new().stored(Write::new().gzip(1))),
        ];
        let is_opened = |file: &OpenFile, path: &str| {
            on(file, |state| {
                let id = state.open_dataset(path)?;
                Ok(state.opened(id)?.is_opened_by_hdf5())
            })
        };
        for number in 0..2000 {
            for (path, options) in &kinds {
                append(&file, path, &[4], number, options);
            }
            if number == 700 {
                // HDF5 has the file, and has seen none of them.
                on(&file, |state| state.hdf5.id().map(drop));
            }
            if number == 1100 {
                on(&file, |state| {
                    state.flush()?;
                    // What it looks at without this library's knowing.
                    h5::object_info(state.hdf5.id()?, "gzip").map(drop)
                });
            }
            if number % 300 == 299 {
                file.commit().unwrap();
            }
        }
        file.commit().unwrap();
        assert!(!is_opened(&file, "plain"));
        assert!(is_opened(&file, "gzip"));
        for (path, _) in &kinds {
            check_series(&file, path, 4, 2000);
        }
        for (path, options) in &kinds {
            append(&file, path, &[4], 2000, options);
        }
        file.close().unwrap();
        let file = OpenFile::open(&name, Mode::Read, &Open::new()).unwrap();
        for (path, _) in &kinds {
            check_series(&file, path, 4, 2001);
        }
        file.close().unwrap();
        std::fs::remove_file(&*name).unwrap();
    }
}
