//! Object headers and their messages.
//!
//! Formats: IV.A.1.a and IV.A.1.b (the headers of versions 1 and 2), IV.A.2.b (dataspace), IV.A.2.d
//! (datatype), IV.A.2.h (external files), IV.A.2.i (layout), IV.A.2.l (filters).

#![forbid(unsafe_code)]

use super::dense::{self, Dense};
use super::{
    bytes, lookup3, number16, number32, number64, number_of, Source, Widths, MAX_RANK, UNDEFINED,
};
use crate::codec::convert::{Class, NumberType};
use crate::error::Result;
use std::borrow::Cow;
use std::ops::Range;

/// Headers of more bytes are left to HDF5, which keeps them.
pub const LARGEST_HEADER: u64 = 64 << 10;

/// Nothing.
pub const FILLER: u16 = 0x00;
/// Dimensions.
pub const DATASPACE: u16 = 0x01;
/// Where a group's links are, in the newer form.
pub const LINK_INFO: u16 = 0x02;
/// The type of the elements.
pub const DATATYPE: u16 = 0x03;
/// What elements are that were not written, in the older form and the newer one.
pub const FILL_VALUES: [u16; 2] = [0x04, 0x05];
/// A link.
pub const LINK: u16 = 0x06;
/// Other files that hold the data.
pub const EXTERNAL_FILES: u16 = 0x07;
/// Where the data are.
pub const LAYOUT: u16 = 0x08;
/// When a group's links are too many for its header.
pub const GROUP_INFO: u16 = 0x0A;
/// What chunks go through.
pub const FILTERS: u16 = 0x0B;
/// A small array with a name.
pub const ATTRIBUTE: u16 = 0x0C;
/// When the object was changed, in the older form and the newer one.
pub const MODIFIED: [u16; 2] = [0x0E, 0x12];
/// More messages elsewhere.
pub const CONTINUATION: u16 = 0x10;
/// Where attributes are that are not in the header.
pub const ATTRIBUTE_INFO: u16 = 0x15;
/// How many hard links lead to the object, if not one, in headers of version 2.
pub const LINK_COUNT: u16 = 0x16;
/// Where a group's links are.
pub const SYMBOL_TABLE: u16 = 0x11;

/// Bytes before the first message.
pub const PREFIX: usize = 16;

/// Bytes before the content of each message.
pub const MESSAGE_PREFIX: usize = 8;

/// The same in a header of version 2 that notes no order.
pub const NEW_MESSAGE_PREFIX: usize = 4;

/// What a header of version 2 begins with, and further pieces of it.
pub const SIGNATURE: &[u8; 4] = b"OHDR";
pub const PIECE_SIGNATURE: &[u8; 4] = b"OCHK";

/// Bytes of the checksum at the end of each piece of version 2.
pub const CHECKSUM: usize = 4;

/// Set in the flags of a message that lies elsewhere.
pub const SHARED: u8 = 2;

/// Set in the flags of a message that is not to be shared among objects.
pub const UNSHARED: u8 = 4;

/// A message in a header.
struct Message {
    kind: u16,
    flags: u8,
    content: Range<usize>,
}

/// The bytes of the first piece of a header, by its first 16; None if it has another version than 1 or 2.
pub fn length(header: &[u8]) -> Option<usize> {
    let shape = Shape::of(header, Widths::USUAL)?;
    let length = usize::try_from(shape.first.checked_add(shape.length)?).ok()?;
    length.checked_add(shape.checksum())
}

/// All messages of a header; None if they are not all in it, or it is not whole.
fn messages(header: &[u8]) -> Option<Vec<Message>> {
    let shape = Shape::of(header, Widths::USUAL)?;
    let end = header.len().checked_sub(shape.checksum())?;
    if length(header) != Some(header.len()) || (shape.is_new && !lookup3::is_right(header)) {
        return None;
    }
    let mut found = Vec::new();
    let mut at = shape.first as usize;
    // What is too short for a message is a gap.
    while at + shape.prefix <= end {
        let (kind, size, flags) = shape.message(&header[at..end])?;
        let start = at + shape.prefix;
        let content = start..start + size;
        if kind == CONTINUATION || content.end > end {
            return None;
        }
        at = content.end;
        found.push(Message {
            kind,
            flags,
            content,
        });
    }
    let is_whole =
        shape.is_new || (at == end && number16(header, 2) == u16::try_from(found.len()).ok());
    is_whole.then_some(found)
}

/// Where in messages that lie one after the other as in a header of version 2 the content of the only one of a type is.
pub fn new_message(messages: &[u8], wanted: u16) -> Option<Range<usize>> {
    only(&all_new(messages)?, wanted)
}

fn all_new(messages: &[u8]) -> Option<Vec<Message>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < messages.len() {
        let size = usize::from(number16(messages, at + 1)?);
        let content = at + NEW_MESSAGE_PREFIX..at + NEW_MESSAGE_PREFIX + size;
        found.push(Message {
            kind: u16::from(messages[at]),
            flags: *messages.get(at + 3)?,
            content: content.clone(),
        });
        at = content.end;
    }
    (at == messages.len()).then_some(found)
}

/// A message of a header that may be in several pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundMessage {
    /// Its type.
    pub kind: u16,
    /// Its flags.
    pub flags: u8,
    /// Its content.
    pub content: Vec<u8>,
}

/// The largest piece of a header that is read: larger ones HDF5 does not keep either.
const LARGEST_PIECE: u64 = 32 << 20;

/// A header with all its pieces.
#[derive(Debug)]
pub struct FoundHeader {
    /// Its messages, but for those that say where more of them are.
    pub messages: Vec<FoundMessage>,
    /// Where its pieces are, and how many bytes each has.
    pub pieces: Vec<(u64, u64)>,
    /// Whether it is of version 1, and has as many messages as it says.
    pub is_old: bool,
    /// Whether it is of version 2, and has the checksums that it says.
    pub is_new: bool,
    /// How many hard links lead to the object.
    pub links: u32,
}

impl FoundHeader {
    /// Whether there is a message of a type.
    pub fn has(&self, kind: u16) -> bool {
        self.messages.iter().any(|message| message.kind == kind)
    }

    /// Whether nothing in it is damaged, as far as it says that itself.
    pub fn is_whole(&self) -> bool {
        self.is_old || self.is_new
    }

    /// Whether it is that of a group, or that of a dataset; None of anything else, and of what is unusual.
    pub fn is_group(&self) -> Option<bool> {
        match (
            self.has(SYMBOL_TABLE) != self.has(LINK_INFO),
            self.has(DATASPACE),
            self.has(DATATYPE),
        ) {
            (true, false, false) => Some(true),
            (false, true, true) => Some(false),
            _ => None,
        }
    }

    /// How many attributes it has; None if they may be elsewhere.
    pub fn attributes(&self) -> Option<usize> {
        let messages = self.messages.iter();
        let own = messages.filter(|message| message.kind == ATTRIBUTE);
        let is_own = match self.has(ATTRIBUTE_INFO) {
            false => true,
            true => content(&self.messages, ATTRIBUTE_INFO)
                .and_then(places_of)
                .is_some_and(|(heap, _)| heap == UNDEFINED),
        };
        is_own.then(|| own.count())
    }
}

/// Where the heap is with links or attributes, and the tree of their names, by the message that says it in the newer form, [`UNDEFINED`]
/// if they are in the header; None if it is not understood, or their order is noted.
pub fn places_of(info: &[u8]) -> Option<(u64, u64)> {
    // Links have a larger number of their order than attributes; without one there is none.
    match *info.get(..2)? {
        [0, 0] => Some((number64(info, 2)?, number64(info, 10)?)),
        _ => None,
    }
}

/// How many attributes the object of a header has, those in a heap included; None if that is not said as it has to be. Adds where the pieces are that say it.
pub fn count_attributes<S: Source + ?Sized>(
    source: &S,
    header: &FoundHeader,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<u64>> {
    if let Some(own) = header.attributes() {
        return Ok(Some(own as u64));
    }
    match content(&header.messages, ATTRIBUTE_INFO).and_then(places_of) {
        Some((_, tree)) if header.is_new => dense::count(source, tree, Dense::Attributes, pieces),
        _ => Ok(None),
    }
}

/// Adds the attributes of a header of version 2 that are in a heap to those that are in it, at most so many; false if they are more, or not
/// as they have to be.
pub fn add_attributes<S: Source + ?Sized>(
    source: &S,
    header: &mut FoundHeader,
    most: usize,
) -> Result<bool> {
    if !header.is_new || !header.has(ATTRIBUTE_INFO) {
        return Ok(true);
    }
    let found = match content(&header.messages, ATTRIBUTE_INFO).and_then(places_of) {
        None => None,
        Some((UNDEFINED, _)) => return Ok(true),
        Some(places) => dense::read(source, places, Dense::Attributes, most)?,
    };
    let Some(mut found) = found else {
        return Ok(false);
    };
    let messages = found.contents.into_iter().map(|content| FoundMessage {
        kind: ATTRIBUTE,
        flags: 0,
        content,
    });
    header.messages.extend(messages);
    header.pieces.append(&mut found.pieces);
    Ok(true)
}

/// So much of a header is read at once: most of HDF5's are shorter.
const FIRST_READ: u64 = 512;

/// All messages of the header at an address, of version 1 or 2, whatever pieces it is in; `None` if it
/// is not understood.
pub fn all<S: Source + ?Sized>(
    source: &S,
    address: u64,
    widths: Widths,
) -> Result<Option<Vec<FoundMessage>>> {
    let found = found(source, address, widths, source.end())?;
    Ok(found.map(|header| header.messages))
}

/// The header at an address, of version 1 or 2, that has at most so many bytes; `None` if it is not understood.
pub fn found<S: Source + ?Sized>(
    source: &S,
    address: u64,
    widths: Widths,
    most: u64,
) -> Result<Option<FoundHeader>> {
    // Of version 2 the messages begin after at most 34 bytes.
    let length = source.end().saturating_sub(address).min(FIRST_READ);
    let Some(start) = bytes(source, address, length)? else {
        return Ok(None);
    };
    let Some(shape) = Shape::of(&start, widths) else {
        return Ok(None);
    };
    // Pieces that lead to each other would never end: together they are no longer than the file.
    let mut left = most.min(source.end());
    let mut pieces = vec![(address.saturating_add(shape.first), shape.length)];
    let mut found = Vec::new();
    let mut places = Vec::new();
    let mut is_new = shape.is_new;
    while let Some((place, length)) = pieces.pop() {
        let Some(rest) = left.checked_sub(length.max(1)) else {
            return Ok(None);
        };
        left = rest;
        if length > LARGEST_PIECE {
            return Ok(None);
        }
        let read = match places.is_empty() {
            true => start.get(shape.first as usize..(shape.first + length) as usize),
            false => None,
        };
        let piece = match read {
            Some(read) => Cow::Borrowed(read),
            None => match bytes(source, place, length)? {
                Some(piece) => Cow::Owned(piece),
                None => return Ok(None),
            },
        };
        if shape.messages(&piece, &mut found, &mut pieces).is_none() {
            return Ok(None);
        }
        // With what is around the messages.
        let before = match places.is_empty() {
            true => shape.first,
            false => shape.signature(),
        };
        let whole = (place - before, before + length + shape.checksum() as u64);
        is_new = is_new && is_piece(source, (address, &start), whole)?;
        places.push(whole);
    }
    let count = found.len() + places.len() - 1;
    let links = match shape.is_new {
        false => number32(&start, 4).unwrap_or(0),
        // A version, and the number.
        true => content(&found, LINK_COUNT).map_or(1, |count| number32(count, 1).unwrap_or(0)),
    };
    Ok(Some(FoundHeader {
        is_old: !shape.is_new && number16(&start, 2).map(usize::from) == Some(count),
        is_new,
        links,
        messages: found,
        pieces: places,
    }))
}

/// Whether a piece of a header of version 2 has the checksum that it says, of which the header's first bytes are known.
fn is_piece<S: Source + ?Sized>(
    source: &S,
    (address, start): (u64, &[u8]),
    (place, length): (u64, u64),
) -> Result<bool> {
    if place == address {
        if let Some(piece) = start.get(..length as usize) {
            return Ok(lookup3::is_right(piece));
        }
    }
    let piece = bytes(source, place, length)?;
    let is_begun = |piece: &[u8]| place == address || piece.starts_with(PIECE_SIGNATURE);
    Ok(piece.is_some_and(|piece| is_begun(&piece) && lookup3::is_right(&piece)))
}

/// The content of the only message of a type, if it is in the header.
pub fn content(messages: &[FoundMessage], wanted: u16) -> Option<&[u8]> {
    let mut matching = messages.iter().filter(|message| message.kind == wanted);
    match (matching.next(), matching.next()) {
        (Some(message), None) if !message.is_elsewhere() => Some(&message.content),
        _ => None,
    }
}

/// Whether a header is that of a group, with links that note no order, and nothing else but attributes.
pub fn is_plain_group(header: &FoundHeader) -> bool {
    let messages = &header.messages;
    let is_usual = |message: &FoundMessage| {
        let own = match header.is_new {
            true => matches!(
                message.kind,
                LINK_INFO | GROUP_INFO | LINK | ATTRIBUTE_INFO | LINK_COUNT
            ),
            false => message.kind == SYMBOL_TABLE,
        };
        own || matches!(message.kind, ATTRIBUTE | FILLER) || MODIFIED.contains(&message.kind)
    };
    let has_links = match header.is_new {
        true => content(messages, LINK_INFO).is_some_and(|info| places_of(info).is_some()),
        false => content(messages, SYMBOL_TABLE).is_some(),
    };
    has_links && header.is_whole() && messages.iter().all(is_usual)
}

impl FoundMessage {
    /// Whether its content only says where it is.
    pub fn is_elsewhere(&self) -> bool {
        self.flags & SHARED != 0
    }
}

/// How the messages of a header are laid out.
#[derive(Debug)]
pub struct Shape {
    widths: Widths,
    /// Whether it is of version 2.
    pub is_new: bool,
    /// Where the first piece's messages begin in the header.
    pub first: u64,
    /// How long they are.
    pub length: u64,
    /// Bytes before each message's content.
    pub prefix: usize,
}

impl Shape {
    /// Bytes of the checksum behind a piece.
    pub fn checksum(&self) -> usize {
        if self.is_new {
            CHECKSUM
        } else {
            0
        }
    }

    /// Bytes of the signature before a piece that is not the first.
    pub fn signature(&self) -> u64 {
        if self.is_new {
            4
        } else {
            0
        }
    }

    /// Whether bytes begin as a piece that is not the first.
    pub fn begins_piece(&self, bytes: &[u8]) -> bool {
        !self.is_new || bytes.starts_with(PIECE_SIGNATURE)
    }

    /// The type of the message that bytes begin with, the bytes of its content, and its flags.
    pub fn message(&self, bytes: &[u8]) -> Option<(u16, usize, u8)> {
        let (kind, size, flags) = match self.is_new {
            true => (
                u16::from(*bytes.first()?),
                number16(bytes, 1)?,
                *bytes.get(3)?,
            ),
            false => (number16(bytes, 0)?, number16(bytes, 2)?, *bytes.get(4)?),
        };
        Some((kind, usize::from(size), flags))
    }

    /// That of the header that begins with these bytes; None if it has another version than 1 or 2.
    pub fn of(start: &[u8], widths: Widths) -> Option<Self> {
        if start.get(..5) == Some(b"OHDR\x02") {
            let flags = *start.get(5)?;
            let times = if flags & 0x20 != 0 { 16 } else { 0 };
            let phases = if flags & 0x10 != 0 { 4 } else { 0 };
            let at = 6 + times + phases;
            let width = 1usize << (flags & 3);
            let field = start.get(at..at + width)?;
            let length = field
                .iter()
                .rev()
                .fold(0u64, |number, &byte| number << 8 | u64::from(byte));
            return Some(Self {
                widths,
                is_new: true,
                first: (at + width) as u64,
                length,
                prefix: if flags & 4 != 0 { 6 } else { 4 },
            });
        }
        (*start.first()? == 1).then_some(())?;
        Some(Self {
            widths,
            is_new: false,
            first: PREFIX as u64,
            length: u64::from(number32(start, 8)?),
            prefix: MESSAGE_PREFIX,
        })
    }

    /// Adds the messages of a piece, and the pieces that they lead to.
    fn messages(
        &self,
        piece: &[u8],
        found: &mut Vec<FoundMessage>,
        pieces: &mut Vec<(u64, u64)>,
    ) -> Option<()> {
        let mut at = 0;
        // What is too short for a message is a gap.
        while at + self.prefix <= piece.len() {
            let (kind, size, flags) = self.message(&piece[at..])?;
            let start = at + self.prefix;
            let content = piece.get(start..start + size)?;
            at = start + content.len();
            if kind == CONTINUATION {
                let Widths { address, length } = self.widths;
                let (place, length) = (
                    number_of(content, 0, address)?,
                    number_of(content, address, length)?,
                );
                // Those of version 2 have a signature and a checksum around them.
                pieces.push(match self.is_new {
                    true => (place.checked_add(4)?, length.checked_sub(8)?),
                    false => (place, length),
                });
            } else {
                found.push(FoundMessage {
                    kind,
                    flags,
                    content: content.to_vec(),
                });
            }
        }
        Some(())
    }
}

/// Where the content of the only message of a type is.
fn only(messages: &[Message], wanted: u16) -> Option<Range<usize>> {
    let mut matching = messages.iter().filter(|message| message.kind == wanted);
    match (matching.next(), matching.next()) {
        (Some(message), None) if message.flags & SHARED == 0 => Some(message.content.clone()),
        _ => None,
    }
}

/// Where the last message of a header that is all in one piece begins, if it is there to fill up the
/// header; None if the header is not understood.
pub fn filler(header: &[u8]) -> Option<Option<usize>> {
    let messages = messages(header)?;
    let last = messages.last().filter(|last| last.kind == FILLER);
    Some(last.map(|last| last.content.start - MESSAGE_PREFIX))
}

/// Where the content of the only message of a type is in a header that is all in one piece.
pub fn message(header: &[u8], wanted: u16) -> Option<Range<usize>> {
    only(&messages(header)?, wanted)
}

/// Where a contiguous dataset's header has what differs from dataset to dataset.
#[derive(Debug)]
pub struct HeaderFields {
    /// The number of extents.
    pub rank: usize,
    /// The extents, and the largest extents after them where they are given.
    pub extents: Vec<usize>,
    /// The address of the data, followed by the number of bytes.
    pub data: usize,
}

impl HeaderFields {
    /// Finds them; None if the header is not that of a contiguous dataset.
    pub fn of(header: &[u8]) -> Option<Self> {
        Self::among(&messages(header)?, header)
    }

    /// The same in messages that lie one after the other as in a header of version 2.
    pub fn of_new(messages: &[u8]) -> Option<Self> {
        Self::among(&all_new(messages)?, messages)
    }

    fn among(messages: &[Message], header: &[u8]) -> Option<Self> {
        let dataspace = only(messages, DATASPACE)?;
        let (rank, extents) = extent_places(header.get(dataspace.clone())?)?;
        let layout = only(messages, LAYOUT)?;
        let data = contiguous_place(header.get(layout.clone())?)?;
        Some(Self {
            rank,
            extents: extents.map(|extent| dataspace.start + extent).collect(),
            data: layout.start + data,
        })
    }
}

/// How many extents a dataspace message has, and where in it they are, the largest extents after them where they are given.
pub fn extent_places(dataspace: &[u8]) -> Option<(usize, impl Iterator<Item = usize>)> {
    let (rank, flags, first) = match *dataspace.get(..4)? {
        [1, rank, flags @ (0 | 1), _] => (rank, flags, 8),
        [2, 0, flags @ (0 | 1), 0] => (0, flags, 4),
        [2, rank, flags @ (0 | 1), 1] => (rank, flags, 4),
        _ => return None,
    };
    let rank = usize::from(rank);
    let count = rank * (1 + usize::from(flags));
    let is_whole = rank <= MAX_RANK && dataspace.len() == first + 8 * count;
    is_whole.then(|| (rank, (0..count).map(move |extent| first + 8 * extent)))
}

/// Where in a layout message the address of the data is, followed by the number of bytes; None if they are not in one piece.
pub fn contiguous_place(layout: &[u8]) -> Option<usize> {
    (layout.len() >= 18 && layout[..2] == [3, 1]).then_some(2)
}

/// The numbers that a datatype message describes, if it is one of HDF5's standard types to the last bit, or h5py's bool or complex.
pub fn standard(message: &[u8]) -> Option<NumberType> {
    let number = match *message.first()? {
        COMPOUND => simple(message.get(8 + MEMBER..)?)?.complex(),
        ENUM => simple(message.get(8..)?)
            .filter(|base| base.size == 1)
            .map(|base| NumberType {
                class: Class::Opaque,
                ..base
            })?,
        _ => simple(message)?,
    };
    let expected = number_message(&number);
    (message.get(..expected.len())? == expected).then_some(number)
}

/// What a datatype message says of a number, if it is one at all.
fn simple(message: &[u8]) -> Option<NumberType> {
    let (class, is_float) = match *message.get(..2)? {
        [0x10, flags] if flags & 8 != 0 => (Class::Signed, false),
        [0x10, _] => (Class::Unsigned, false),
        [0x11, _] => (Class::Float, true),
        _ => return None,
    };
    let size = usize::from(*message.get(4)?);
    let valid = if is_float { &[4, 8][..] } else { &[1, 2, 4, 8] };
    if !valid.contains(&size) {
        return None;
    }
    Some(NumberType {
        class,
        size,
        big_endian: message[1] & 1 != 0,
        parts: 1,
    })
}

/// The first bytes of the messages of compound types and of enumerations, in their first version.
const COMPOUND: u8 = 0x16;
const ENUM: u8 = 0x18;

/// Bytes of a compound type's member before its type: a short name, the place, and extents that it does not have.
const MEMBER: usize = 8 + 4 + 28;

/// The datatype message of a number, a complex one or a truth value, without what fills it up to a multiple of 8 bytes.
pub fn number_message(number: &NumberType) -> Vec<u8> {
    let of_two = |kind: u8| vec![kind, 2, 0, 0, number.element_size() as u8, 0, 0, 0];
    if number.parts == 2 {
        let part = NumberType {
            parts: 1,
            ..*number
        };
        let mut message = of_two(COMPOUND);
        for (name, place) in [(b'r', 0), (b'i', number.size as u8)] {
            let mut member = [0; MEMBER];
            (member[0], member[8]) = (name, place);
            message.extend(member);
            message.extend(number_message(&part));
        }
        return message;
    }
    if number.class == Class::Opaque {
        let base = NumberType {
            class: Class::Signed,
            ..*number
        };
        let mut message = of_two(ENUM);
        message.extend(number_message(&base));
        message.extend(b"FALSE\0\0\0TRUE\0\0\0\0\x00\x01");
        return message;
    }
    let order = u8::from(number.big_endian);
    let size = number.size as u8;
    let bits = 8 * size;
    if number.class != Class::Float {
        let sign = if number.class == Class::Signed { 8 } else { 0 };
        return vec![0x10, sign | order, 0, 0, size, 0, 0, 0, 0, 0, bits, 0];
    }
    // The leading 1 of the mantissa is implied; the sign is the highest bit.
    let (exponent, mantissa, bias) = match size {
        4 => (8, 23, 127u32),
        _ => (11, 52, 1023),
    };
    let mut message = vec![
        0x11,
        0x20 | order,
        bits - 1,
        0,
        size,
        0,
        0,
        0,
        0,
        0,
        bits,
        0,
    ];
    message.extend([mantissa, exponent, 0, mantissa]);
    message.extend(bias.to_le_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Form;
    use crate::store::h5::{self, Creation, ElementType, Extent, Order};
    use crate::store::Dtype;

    #[test]
    fn standard_numbers_are_encoded_as_hdf5_does() {
        let mut found = 0;
        for dtype in Dtype::ALL {
            for order in [Order::Little, Order::Big] {
                let Ok(element) = ElementType::stored(dtype, Some(order)) else {
                    continue;
                };
                let expected = element.number().unwrap();
                let header = h5::dataset_header(
                    Form::OLDEST,
                    element,
                    &Extent::fixed(&[1, 1]),
                    &Creation::default(),
                )
                .unwrap();
                assert_eq!(length(&header), Some(header.len()));
                let datatype = &header[message(&header, DATATYPE).unwrap()];
                assert_eq!(standard(datatype), expected, "{dtype}");
                let encoding = number_message(&expected.unwrap());
                assert_eq!(datatype[..encoding.len()], encoding, "{dtype}");
                // One bit of it changed is another type, or none.
                for bit in 0..8 * encoding.len() {
                    let mut other = datatype.to_vec();
                    other[bit / 8] ^= 1 << (bit % 8);
                    assert_ne!(standard(&other), expected, "{dtype}, bit {bit}");
                }
                found += 1;
            }
        }
        assert_eq!(found, 26);
    }
}
