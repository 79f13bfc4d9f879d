//! Copies of objects of the oldest format that HDF5 need not look at: their headers as they are, with other addresses in them.
//!
//! Of what is unusual, has a second name, or refers to others HDF5 makes the copy.

#![forbid(unsafe_code)]

use super::attribute::encoded;
use super::going::{has_role, is_plain_header, StoredTable};
use super::group::put_table;
use super::heap::TextHeap;
use super::image::{Address, Image};
use super::{Gathered, AT_ONCE};
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::chunk_tree::{ChunkTree, TreeChunk};
use crate::format::chunked::{ChunkPlaces, ChunkedDataset};
use crate::format::edited_header::EditedHeader;
use crate::format::global_heap::Collection;
use crate::format::links::Target;
use crate::format::object_header::{
    standard, ATTRIBUTE, CONTINUATION, DATATYPE, FILLER, LARGEST_HEADER, LAYOUT, SYMBOL_TABLE,
};
use crate::format::symbol_table::Sizes;
use crate::format::{attribute, number32, number64, Form, UNDEFINED};
use crate::journal::RawFile;
use crate::store::{build_chunk_tree, h5, Dtype, Hdf5File};

/// The most objects that are copied at once.
const MOST: usize = 1 << 12;

/// The most links of a group that is copied, about, and bytes of their names.
const MOST_LINKS: usize = 1 << 12;
const LARGEST_HEAP: u64 = 1 << 20;

/// Heaps with texts of more bytes are left to HDF5.
const LARGEST_TEXTS: u64 = 1 << 20;

/// So much is copied at a time.
const PIECE: usize = 1 << 20;

/// Where what is copied lies.
pub struct CopySource<'a> {
    /// The bytes of its file.
    pub raw: &'a RawFile,
    /// The form of its file's objects.
    pub form: Option<Form>,
    /// Where its header is.
    pub header: u64,
    /// Whether HDF5 may have another form of bytes that it has seen in its memory.
    pub is_writable: bool,
}

/// An object that is to be copied.
struct Planned {
    messages: Vec<Message>,
    content: Content,
}

struct Message {
    kind: u16,
    flags: u8,
    content: Vec<u8>,
    text: Option<Text>,
}

/// What is in a group that is to be copied, by the names.
type Members = Vec<(Box<str>, Planned)>;

/// What an object has besides its header.
enum Content {
    Nothing,
    Members(Members),
    Piece {
        address: u64,
        length: u64,
    },
    Chunks {
        chunks: Vec<(Vec<u64>, TreeChunk)>,
        tree: ChunkTree,
    },
}

impl Gathered {
    /// Copies an object to a normal path, at which nothing may be yet; false if HDF5 has to do it. Nothing of the object may wait.
    pub fn copy(&mut self, file: &Hdf5File, source: &CopySource<'_>, to: &str) -> Result<bool> {
        let forms = (self.form(file)?, source.form);
        let (Some(Form::Old(own_sizes)), Some(Form::Old(sizes))) = forms else {
            return Ok(false);
        };
        // What is wrong with it HDF5 says.
        let planned = plan(source, sizes, source.header, &mut MOST.clone());
        let Some(planned) = planned.ok().flatten() else {
            return Ok(false);
        };
        let Some(place) = self.place_of_link(file, to, &Target::Hard(UNDEFINED))? else {
            return Ok(false);
        };
        let _lock = h5::lock();
        let mut copying = Copying {
            source: source.raw,
            target: file,
            sizes: own_sizes,
            image: Image::default(),
            texts: TextHeap::default(),
            allocated: Vec::new(),
        };
        let mut address = 0;
        let put = copying.put(planned).and_then(|header| {
            file.append(copying.image.len(), |place| {
                address = place + header;
                copying.image.at(place)
            })
        });
        if let Err(error) = put {
            for (place, length) in copying.allocated {
                file.give_back(place, length);
            }
            return Err(error);
        }
        self.put_link(file, place, to, &Target::Hard(address))?;
        Ok(true)
    }
}

/// What is to be done to copy the object whose header is at an address; None if HDF5 has to do it.
fn plan(
    source: &CopySource<'_>,
    sizes: Sizes,
    address: u64,
    left: &mut usize,
) -> Result<Option<Planned>> {
    let is_known =
        |place: u64, length: u64| !source.is_writable || source.raw.is_unseen(place, length);
    let raw = Ahead::of(source.raw);
    let header = match *left {
        0 => None,
        _ => EditedHeader::read(&raw, address, LARGEST_HEADER)?,
    };
    let is_usual = |header: &EditedHeader| {
        !header.is_new()
            && header.link_count() == Some(1)
            && is_plain_header(header)
            && !has_role(header)
            && header
                .places()
                .all(|(place, length)| is_known(place, length))
    };
    let Some(header) = header.filter(is_usual) else {
        return Ok(None);
    };
    *left -= 1;
    let mut messages = Vec::new();
    for slot in header.slots() {
        let content = header.content(slot).to_vec();
        if matches!(slot.kind, FILLER | CONTINUATION) {
            continue;
        }
        let text = match slot.kind {
            ATTRIBUTE => match text_of(source, &content)? {
                Some(text) => text,
                None => return Ok(None),
            },
            DATATYPE if !is_plain_type(&content) => return Ok(None),
            _ => None,
        };
        messages.push(Message {
            kind: slot.kind,
            flags: slot.flags,
            content,
            text,
        });
    }
    let Some(content) = content_of(source, sizes, &header, left)? else {
        return Ok(None);
    };
    Ok(Some(Planned { messages, content }))
}

/// Whether elements of a type mean the same wherever they are.
fn is_plain_type(datatype: &[u8]) -> bool {
    let class = datatype.first().map(|first| first & 0xF);
    matches!(class, Some(0 | 1 | 3 | 8)) || standard(datatype).is_some()
}

/// A text to which the content of a message refers, and where in it that is said.
type Text = (usize, Vec<u8>);

/// The text to which an attribute refers, if it does; None if HDF5 has to copy it.
fn text_of(source: &CopySource<'_>, content: &[u8]) -> Result<Option<Option<Text>>> {
    let Some(parts) = attribute::parts(content) else {
        return Ok(None);
    };
    if is_plain_type(parts.datatype) {
        return Ok(Some(None));
    }
    let is_text = *parts.datatype == *encoded(Dtype::Text)?;
    let is_one = attribute::extents(parts.dataspace).is_some_and(|extents| extents.is_empty());
    let at = content.len() - parts.data.len();
    let (Some(length), Some(address), Some(index)) = (
        number32(content, at),
        number64(content, at + 4),
        number32(content, at + 12),
    ) else {
        return Ok(None);
    };
    if !is_text || !is_one || !content[at..].starts_with(parts.data) {
        return Ok(None);
    }
    let found = Collection::read(source.raw, address, LARGEST_TEXTS)?;
    let is_known = |collection: &Collection| {
        !source.is_writable || source.raw.is_unseen(address, collection.length())
    };
    let found = found.filter(is_known);
    let text = found.as_ref().and_then(|found| found.object(index));
    let text = text.filter(|text| text.len() == length as usize);
    Ok(text.map(|text| Some((at, text.to_vec()))))
}

/// What an object has besides its header; None if HDF5 has to copy it.
fn content_of(
    source: &CopySource<'_>,
    sizes: Sizes,
    header: &EditedHeader,
    left: &mut usize,
) -> Result<Option<Content>> {
    let Some(layout) = header.only(LAYOUT) else {
        let members = members_of(source, sizes, header, left)?;
        return Ok(members.map(Content::Members));
    };
    let layout = header.content(layout);
    match *layout {
        [3, 0, ..] => Ok(Some(Content::Nothing)),
        [3, 1, ..] => {
            let (address, length) = (number64(layout, 2), number64(layout, 10));
            let (Some(address), Some(length)) = (address, length) else {
                return Ok(None);
            };
            if address == UNDEFINED || length == 0 {
                return Ok(Some(Content::Nothing));
            }
            let end = address.checked_add(length);
            let is_there = end.is_some_and(|end| end <= source.raw.end());
            Ok(is_there.then_some(Content::Piece { address, length }))
        }
        [3, 2, ..] => {
            let Some(dataset) = ChunkedDataset::of(header) else {
                return Ok(None);
            };
            let ChunkPlaces::Tree(tree) = dataset.index else {
                return Ok(None);
            };
            if tree.root == UNDEFINED {
                return Ok(Some(Content::Nothing));
            }
            let mut chunks = Vec::new();
            let is_sound = tree.each(source.raw, |first, chunk| {
                chunks.push((first.to_vec(), chunk));
            })?;
            Ok(is_sound.then_some(Content::Chunks { chunks, tree }))
        }
        _ => Ok(None),
    }
}

fn members_of(
    source: &CopySource<'_>,
    sizes: Sizes,
    header: &EditedHeader,
    left: &mut usize,
) -> Result<Option<Members>> {
    let found = StoredTable::of(source.raw, header, sizes, MOST_LINKS, LARGEST_HEAP)?;
    let Some(StoredTable { heap, names, table }) = found else {
        return Ok(None);
    };
    let mut places = vec![heap, names.place];
    places.extend(table.nodes);
    places.extend(table.leaves.iter().map(|leaf| leaf.place));
    let is_known = |&place: &u64| !source.is_writable || source.raw.is_unseen(place, 1);
    if !places.iter().all(is_known) {
        return Ok(None);
    }
    let mut members = Vec::new();
    for link in table.leaves.into_iter().flat_map(|leaf| leaf.links) {
        if link.path().is_some() {
            return Ok(None);
        }
        let Some(planned) = plan(source, sizes, link.header, left)? else {
            return Ok(None);
        };
        members.push((link.name, planned));
    }
    Ok(Some(members))
}

/// A copy under way.
struct Copying<'a> {
    source: &'a RawFile,
    target: &'a Hdf5File,
    sizes: Sizes,
    image: Image,
    texts: TextHeap,
    /// What was allocated in the target.
    allocated: Vec<(u64, u64)>,
}

impl Copying<'_> {
    /// Puts an object with all in it into the image and the file; gives where in the image its header is.
    fn put(&mut self, planned: Planned) -> Result<u64> {
        let places: [Option<Address>; 2] = match planned.content {
            Content::Nothing => [None; 2],
            Content::Members(members) => {
                let mut placed = Vec::with_capacity(members.len());
                for (name, member) in members {
                    placed.push((name, Address::Here(self.put(member)?)));
                }
                let members: Vec<(&str, Address)> = placed
                    .iter()
                    .map(|(name, address)| (&**name, *address))
                    .collect();
                let table = put_table(&mut self.image, &members, self.sizes);
                table.map(|place| Some(Address::Here(place)))
            }
            Content::Piece { address, length } => [Some(self.put_piece(address, length)?), None],
            Content::Chunks { chunks, tree } => {
                [Some(Address::File(self.put_chunks(chunks, tree)?)), None]
            }
        };
        self.put_header(planned.messages, places)
    }

    /// Adds a header of version 1 with one link, in which these places are.
    fn put_header(&mut self, messages: Vec<Message>, places: [Option<Address>; 2]) -> Result<u64> {
        let mut collections = Vec::with_capacity(messages.len());
        for message in &messages {
            let text = message.text.as_ref();
            let put = text.map(|(at, text)| (*at, self.texts.put(&mut self.image, text)));
            collections.push(put);
        }
        let length: usize = messages
            .iter()
            .map(|message| 8 + message.content.len())
            .sum();
        self.image.reserve(length + 24)?;
        let header = self.image.next();
        self.image.push(&[1, 0]);
        self.image.push(&(messages.len() as u16).to_le_bytes());
        self.image.push(&1u32.to_le_bytes());
        self.image.push(&(length as u32).to_le_bytes());
        self.image.push_zeros(4);
        for (message, text) in messages.iter().zip(collections) {
            self.image.push(&message.kind.to_le_bytes());
            self.image
                .push(&(message.content.len() as u16).to_le_bytes());
            self.image.push(&[message.flags, 0, 0, 0]);
            let start = self.image.len();
            self.image.push(&message.content);
            if let Some((at, place)) = text {
                let at = start + at;
                self.image.set_address(at + 4, place.collection);
                self.image.set(at + 12, &place.index.to_le_bytes());
            }
            let first = match message.kind {
                SYMBOL_TABLE => 0,
                // Behind the version, the class, and of chunks the number of axes.
                LAYOUT if message.content.get(1) == Some(&1) => 2,
                LAYOUT => 3,
                _ => continue,
            };
            for (number, place) in places.into_iter().enumerate() {
                if let Some(place) = place {
                    self.image.set_address(start + first + 8 * number, place);
                }
            }
        }
        Ok(header)
    }

    fn put_piece(&mut self, address: u64, length: u64) -> Result<Address> {
        if length < AT_ONCE as u64 {
            let mut bytes = vec![0; length as usize];
            self.source.read(address, &mut bytes)?;
            let place = self.image.next();
            self.image.reserve(bytes.len())?;
            self.image.push(&bytes);
            return Ok(Address::Here(place));
        }
        self.copy_range(address, length).map(Address::File)
    }

    fn put_chunks(
        &mut self,
        mut chunks: Vec<(Vec<u64>, TreeChunk)>,
        mut tree: ChunkTree,
    ) -> Result<u64> {
        for (_, chunk) in &mut chunks {
            chunk.address = self.copy_range(chunk.address, u64::from(chunk.stored))?;
        }
        tree.root = UNDEFINED;
        build_chunk_tree(self.target, &mut tree, &chunks)?;
        Ok(tree.root)
    }

    /// Copies bytes to a place of their own in the target's file; gives that.
    fn copy_range(&mut self, address: u64, length: u64) -> Result<u64> {
        let place = self.target.allocate(length)?;
        self.allocated.push((place, length));
        let mut piece: Vec<u8> = h5::zeroed(length.min(PIECE as u64), 1)?;
        let mut done = 0;
        while done < length {
            let part = piece.len().min((length - done) as usize);
            self.source.read(address + done, &mut piece[..part])?;
            self.target.raw()?.write(place + done, &piece[..part])?;
            done += part as u64;
        }
        Ok(place)
    }
}
