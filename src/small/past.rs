//! Attributes of an object of which HDF5 has seen nothing, put into its header.

#![forbid(unsafe_code)]

use super::attribute::{Attributes, Types};
use super::heap::TextHeap;
use super::image::Image;
use crate::error::Result;
use crate::format::attribute;
use crate::format::edited_header::{EditedHeader, Slot};
use crate::format::number16;
use crate::format::object_header::{MESSAGE_PREFIX, PREFIX};
use crate::store::{h5, Dtype, Hdf5File};

/// Headers of more bytes are HDF5's to change.
const LARGEST_HEADER: u64 = 64 << 10;

/// At least so much room for more is left in a new piece of a header.
const ROOM: usize = 128;

/// Sets attributes of the object whose header is at an address; false if HDF5 has to do it. After an error nothing has changed, and it can be
/// tried again.
pub fn store(file: &Hdf5File, address: u64, attributes: &Attributes) -> Result<bool> {
    // HDF5 must not look at it halfway, behind a link of another file.
    let _lock = h5::lock();
    let raw = file.raw()?;
    if !raw.is_unseen(address, PREFIX as u64) {
        return Ok(false);
    }
    let Some(mut header) = EditedHeader::read(raw, address, LARGEST_HEADER)? else {
        return Ok(false);
    };
    // What is in a heap HDF5 takes away.
    let mut old = Vec::new();
    for (name, attribute) in attributes.iter() {
        let is_in_heap = matches!(attribute.dtype, Dtype::Text | Dtype::Other);
        match header.attributes(name)[..] {
            [] if attribute.dtype != Dtype::Other => old.push(None),
            [slot] if !is_in_heap && is_plain(&header, slot) => old.push(Some(slot)),
            _ => return Ok(false),
        }
    }
    let messages = messages(file, attributes)?;
    let mut left = Vec::new();
    for (content, old) in messages.iter().zip(old) {
        let is_done = match old {
            Some(slot) if header.replace(slot, content) => true,
            Some(slot) => {
                header.remove(slot);
                header.add(content)
            }
            None => header.add(content),
        };
        if !is_done {
            left.push(content);
        }
    }
    if !left.is_empty() {
        let length: usize = left
            .iter()
            .map(|content| content.len() + MESSAGE_PREFIX)
            .sum();
        if !header.make_room(length + MESSAGE_PREFIX + length.max(ROOM)) {
            return Ok(false);
        }
        if !left.into_iter().all(|content| header.add(content)) {
            return Ok(false);
        }
    }
    if let Some(piece) = header.unplaced().map(<[u8]>::to_vec) {
        let mut place = 0;
        file.append(piece.len(), |address| {
            place = address;
            &piece
        })?;
        header.place(place);
    }
    for (place, bytes) in header.changed() {
        raw.write(place, bytes)?;
    }
    Ok(true)
}

/// Whether the value of an attribute is in its message.
fn is_plain(header: &EditedHeader, slot: Slot) -> bool {
    let parts = attribute::parts(header.content(slot));
    let class = parts.and_then(|parts| parts.datatype.first().map(|first| first & 0xF));
    // Neither references nor lists, nor what may be made of them.
    slot.flags == 0 && class.is_some_and(|class| matches!(class, 0 | 1 | 3 | 8))
}

/// The contents of the messages of attributes; their texts are in the file already.
fn messages(file: &Hdf5File, attributes: &Attributes) -> Result<Vec<Vec<u8>>> {
    let (mut texts, mut heap) = (Image::default(), TextHeap::default());
    let places = attributes.put_texts(&mut heap, &mut texts);
    let mut address = 0;
    if texts.len() > 0 {
        file.append(texts.len(), |place| {
            address = place;
            texts.at(place)
        })?;
    }
    let mut image = Image::default();
    attributes.put_messages(&mut image, &mut Types::default(), &places)?;
    let mut rest = image.at(address);
    let mut contents = Vec::with_capacity(attributes.len());
    while let Some(size) = number16(rest, 2) {
        let end = MESSAGE_PREFIX + usize::from(size);
        contents.push(rest[MESSAGE_PREFIX..end].to_vec());
        rest = &rest[end..];
    }
    Ok(contents)
}
