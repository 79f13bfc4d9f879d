//! Attributes of an object of which HDF5 has seen nothing, put into its header.

#![forbid(unsafe_code)]

use super::attribute::{Attributes, Types};
use super::header::IN_HEADER;
use super::heap::{self, TextHeap, TextPlace};
use super::image::{Address, Image};
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::dense::{read_heap, read_tree, Dense};
use crate::format::edited_header::{EditedHeader, NewMessage};
use crate::format::object_header::{
    places_of, ATTRIBUTE, ATTRIBUTE_INFO, LARGEST_HEADER, MESSAGE_PREFIX, PREFIX, UNSHARED,
};
use crate::format::text::{Overwritten, TextDataset, REFERENCE};
use crate::format::{attribute, number16, number32, number64, UNDEFINED};
use crate::journal::RawFile;
use crate::store::{h5, Dtype, Hdf5File};
use std::collections::BTreeSet;

/// What is in a heap of attributes.
const DENSE: Dense = Dense::Attributes;

/// The attributes of an object of more are HDF5's to change.
const MOST_IN_HEAP: usize = 1 << 10;

/// At least so many bytes of room for more are left in a new piece of a header.
const ROOM: usize = 128;

/// Sets attributes of the object whose header is at an address; gives how many of them it did not have, or None if HDF5 has to do it. After an error nothing has
/// changed, and it can be tried again.
pub fn store(file: &Hdf5File, address: u64, attributes: &Attributes) -> Result<Option<usize>> {
    // HDF5 must not look at it halfway, behind a link of another file.
    let _lock = h5::lock();
    let raw = file.raw()?;
    if !raw.is_unseen(address, PREFIX as u64) {
        return Ok(None);
    }
    let Some(mut header) = EditedHeader::read(&Ahead::of(raw), address, LARGEST_HEADER)? else {
        return Ok(None);
    };
    if !header
        .places()
        .all(|(place, length)| raw.is_unseen(place, length))
    {
        return Ok(None);
    }
    if header.is_new() && header.has_attributes_elsewhere() {
        return Ok(store_in_heap(file, &header, attributes)?.then_some(0));
    }
    let mut old = Vec::new();
    let mut over = TextsOver::default();
    for (number, (name, attribute)) in attributes.iter().enumerate() {
        match (&header.attributes(name)[..], attribute.dtype) {
            (_, Dtype::Other) => return Ok(None),
            ([], _) => old.push(None),
            (&[slot], _) if slot.flags == 0 => {
                if !over.takes(number, header.content(slot), attribute.text()) {
                    return Ok(None);
                }
                old.push(Some(slot));
            }
            _ => return Ok(None),
        }
    }
    let Some(over) = over.placed(raw)? else {
        return Ok(None);
    };
    let more = old.iter().filter(|old| old.is_none()).count();
    let info = match header.is_new() {
        true => match attribute_info(&header, more) {
            Some(info) => info,
            None => return Ok(None),
        },
        false => None,
    };
    let contents = contents(file, attributes, header.is_new(), &over)?;
    let messages = contents.iter().map(|content| NewMessage {
        kind: ATTRIBUTE,
        flags: 0,
        content,
    });
    let mut left = Vec::new();
    if let Some(info) = info.filter(|info| !header.add(info)) {
        left.push(info);
    }
    for (message, old) in messages.zip(old) {
        let is_done = match old {
            Some(slot) if header.replace(slot, message.content) => true,
            Some(slot) => {
                header.remove(slot);
                header.add(&message)
            }
            None => header.add(&message),
        };
        if !is_done {
            left.push(message);
        }
    }
    if !left.is_empty() {
        let prefix = header.prefix();
        let lengths = left.iter().map(|message| message.content.len() + prefix);
        let length: usize = lengths.sum();
        // As much again as half of what there is, so that attributes that come one by one are in few pieces; but a longer header is HDF5's.
        let all: u64 = header.places().map(|(_, length)| length).sum();
        let most = LARGEST_HEADER.saturating_sub(all + (length + prefix) as u64);
        let more = most.min(all / 2) as usize / 8 * 8;
        if !header.make_room(length + prefix + more.max(length).max(ROOM)) {
            return Ok(None);
        }
        if !left.iter().all(|message| header.add(message)) {
            return Ok(None);
        }
    }
    place_new_piece(file, &mut header)?;
    for (place, bytes) in header.changed() {
        raw.write(place, bytes)?;
    }
    heap::store(file, &over.written.heaps, true)?;
    Ok(Some(more))
}

/// The same of an object whose attributes are in a heap: each of these has to be there, and to have as many bytes as before.
fn store_in_heap(file: &Hdf5File, header: &EditedHeader, attributes: &Attributes) -> Result<bool> {
    let raw = file.raw()?;
    let source = Ahead::of(raw);
    let info = header.only(ATTRIBUTE_INFO);
    let Some((heap, tree)) = info.and_then(|info| places_of(header.content(info))) else {
        return Ok(false);
    };
    let mut pieces = Vec::new();
    let tree = read_tree(&source, tree, DENSE, MOST_IN_HEAP, &mut pieces)?;
    let (Some(Some(tree)), Some(mut heap)) = (tree, read_heap(&source, heap, DENSE, &mut pieces)?)
    else {
        return Ok(false);
    };
    let mut unseen = pieces.iter();
    if !unseen.all(|&(place, length)| raw.is_unseen(place, length)) {
        return Ok(false);
    }
    let mut over = TextsOver::default();
    let mut records = Vec::with_capacity(attributes.len());
    for (number, (name, attribute)) in attributes.iter().enumerate() {
        let mut found = Vec::new();
        let is_whole = tree.each(&mut |record| {
            let content = heap.object(DENSE, record);
            let parts = content.and_then(attribute::parts);
            if parts
                .as_ref()
                .is_some_and(|parts| parts.name == name.as_bytes())
            {
                found.push(record.to_vec());
            }
            parts.is_some()
        });
        let (true, [record], false) = (is_whole, &found[..], attribute.dtype == Dtype::Other)
        else {
            return Ok(false);
        };
        let content = heap.object(DENSE, record).unwrap_or_default();
        if !over.takes(number, content, attribute.text()) {
            return Ok(false);
        }
        records.extend(found);
    }
    let Some(over) = over.placed(raw)? else {
        return Ok(false);
    };
    let mut changed = BTreeSet::new();
    for (record, content) in records.iter().zip(contents(file, attributes, true, &over)?) {
        match heap.replace(DENSE, record, &content) {
            Some(block) => changed.insert(block),
            None => return Ok(false),
        };
    }
    for (place, bytes) in changed.into_iter().filter_map(|block| heap.block(block)) {
        raw.write(place, &bytes)?;
    }
    heap::store(file, &over.written.heaps, true)?;
    Ok(true)
}

/// Writes the new piece of a header that was made longer, if it was, behind everything else; gives where it is, and how long.
pub fn place_new_piece(file: &Hdf5File, header: &mut EditedHeader) -> Result<Option<(u64, u64)>> {
    let Some(piece) = header.unplaced().map(<[u8]>::to_vec) else {
        return Ok(None);
    };
    let mut place = 0;
    file.append(piece.len(), |address| {
        place = address;
        &piece
    })?;
    header.place(place);
    Ok(Some((place, piece.len() as u64)))
}

/// The message that a header of version 2 with this many more attributes lacks, if it does; None if they would be too many for a header, or
/// are elsewhere.
fn attribute_info(header: &EditedHeader, more: usize) -> Option<Option<NewMessage<'static>>> {
    const NOWHERE: [u8; 18] = {
        let mut content = [0xFF; 18];
        (content[0], content[1]) = (0, 0);
        content
    };
    let own = header.kinds().filter(|kind| *kind == ATTRIBUTE).count();
    if own + more > IN_HEADER {
        return None;
    }
    if !header.kinds().any(|kind| kind == ATTRIBUTE_INFO) {
        let info = NewMessage {
            kind: ATTRIBUTE_INFO,
            flags: UNSHARED,
            content: &NOWHERE,
        };
        return Some(Some(info));
    }
    let info = header.only(ATTRIBUTE_INFO)?;
    let (heap, _) = places_of(header.content(info))?;
    (heap == UNDEFINED).then_some(None)
}

/// Whether the value of an attribute is in its message.
fn is_plain(message: &[u8]) -> bool {
    let parts = attribute::parts(message);
    let class = parts.and_then(|parts| parts.datatype.first().map(|first| first & 0xF));
    // Neither references nor lists, nor what may be made of them.
    class.is_some_and(|class| matches!(class, 0 | 1 | 3 | 8))
}

/// The element of the one text of variable length that is the value of an attribute.
fn old_text(message: &[u8]) -> Option<[u8; REFERENCE]> {
    let parts = attribute::parts(message)?;
    let extents = attribute::extents(parts.dataspace)?;
    let text = TextDataset::of_attribute(extents, parts.datatype, parts.data)?;
    let is_one = text.shape.is_empty() && text.is_of_variable_length();
    parts.data.first_chunk().copied().filter(|_| is_one)
}

/// Texts that take the place of others in their heaps, as far as there is room.
#[derive(Default)]
struct TextsOver<'a> {
    /// The numbers of their attributes.
    numbers: Vec<usize>,
    /// The elements of the old ones, and then of those that stay there.
    elements: Vec<u8>,
    texts: Vec<&'a str>,
}

struct TextsPlaced<'a> {
    over: TextsOver<'a>,
    written: Overwritten,
}

impl<'a> TextsOver<'a> {
    /// Takes note of the attribute that takes the place of the one with a message; false if HDF5 has to do it.
    fn takes(&mut self, number: usize, message: &[u8], text: Option<&'a str>) -> bool {
        if is_plain(message) {
            return true;
        }
        // What is in a heap and is no text any more HDF5 takes away.
        match (old_text(message), text) {
            (Some(element), Some(text)) => {
                self.add(number, &element, text);
                true
            }
            _ => false,
        }
    }

    fn add(&mut self, number: usize, element: &[u8; REFERENCE], text: &'a str) {
        self.numbers.push(number);
        self.elements.extend(element);
        self.texts.push(text);
    }

    /// Finds out where they have room; None if HDF5 has to.
    fn placed(self, raw: &RawFile) -> Result<Option<TextsPlaced<'a>>> {
        let Some(written) = Overwritten::of(raw, &self.elements, &self.texts)? else {
            return Ok(None);
        };
        let mut heaps = written.heaps.iter();
        let are_unseen = heaps.all(|(address, heap, _)| raw.is_unseen(*address, heap.length()));
        Ok(are_unseen.then_some(TextsPlaced {
            over: self,
            written,
        }))
    }
}

impl TextsPlaced<'_> {
    /// A heap for the others, with room for longer ones the next time.
    fn heap(&self) -> TextHeap {
        let moved = self.written.moved.iter();
        let bytes = moved.map(|&text| heap::size_of(self.over.texts[text]));
        match bytes.sum::<usize>() {
            0 => TextHeap::default(),
            bytes => TextHeap::of(2 * bytes),
        }
    }

    /// Where the text of the attribute of a number stays.
    fn place(&self, number: usize) -> Option<TextPlace> {
        let text = self
            .over
            .numbers
            .iter()
            .position(|&other| other == number)?;
        let element = self.written.elements.chunks_exact(REFERENCE).nth(text)?;
        let is_there = !self.written.moved.contains(&text);
        is_there.then_some(TextPlace {
            collection: Address::File(number64(element, 4)?),
            index: number32(element, 12)?,
        })
    }
}

/// The contents of the messages of attributes, in the newer form or the older one; their texts are in the file already, but for those that take the
/// place of others.
fn contents(
    file: &Hdf5File,
    attributes: &Attributes,
    is_new: bool,
    over: &TextsPlaced<'_>,
) -> Result<Vec<Vec<u8>>> {
    let (mut texts, mut heap) = (Image::default(), over.heap());
    let places = attributes.put_texts(&mut heap, &mut texts, |number| over.place(number));
    let mut address = 0;
    if texts.len() > 0 {
        file.append(texts.len(), |place| {
            address = place;
            texts.at(place)
        })?;
    }
    let mut contents = Vec::with_capacity(attributes.len());
    if is_new {
        let mut places = places.iter();
        for content in attributes.new_contents(&mut Types::default())? {
            let mut image = Image::default();
            content.put(&mut image, &mut places);
            contents.push(image.at(address).to_vec());
        }
        return Ok(contents);
    }
    let mut image = Image::default();
    attributes.put_messages(&mut image, &mut Types::default(), &places)?;
    let mut rest = image.at(address);
    while let Some(size) = number16(rest, 2) {
        let end = MESSAGE_PREFIX + usize::from(size);
        contents.push(rest[MESSAGE_PREFIX..end].to_vec());
        rest = &rest[end..];
    }
    Ok(contents)
}
