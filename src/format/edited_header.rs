//! Object headers that are changed, or of which a field is. Formats: IV.A.1.a and IV.A.1.b (the headers of versions 1 and 2), IV.A.2.q
//! (continuation).

#![forbid(unsafe_code)]

use super::attribute;
use super::object_header::{
    places_of, Shape, ATTRIBUTE, ATTRIBUTE_INFO, CONTINUATION, DATASPACE, FILLER, FILL_VALUES,
    LAYOUT, LINK_COUNT, PIECE_SIGNATURE, SHARED, UNSHARED,
};
use super::{bytes, lookup3, number16, number32, number64, Source, Widths, UNDEFINED};
use crate::error::Result;
use std::cell::OnceCell;
use std::ops::Range;

/// Where a header of version 1 counts the links to its object.
pub const OLD_LINK_COUNT: Range<usize> = 4..8;

/// Bytes of the content of the message that leads to another piece.
const WAY: usize = 16;

/// Messages that stay where they are: whoever has the dataset open knows the places of their fields.
const STAYING: [u16; 4] = [CONTINUATION, DATASPACE, LAYOUT, FILL_VALUES[1]];

/// The most bytes of a header before its messages.
const LONGEST_PREFIX: u64 = 34;

/// The most pieces of a header that is changed.
const PIECES: usize = 64;

/// The largest content of a message, whose size has 16 bits.
const LARGEST: usize = 0xFFF8;

/// A header with all its pieces.
#[derive(Debug)]
pub struct EditedHeader {
    shape: Shape,
    pieces: Vec<Piece>,
    /// Where the way to a piece without a place stands: the number of the piece, and where in it.
    way: Option<(usize, usize)>,
}

/// Messages that lie one after the other.
#[derive(Debug)]
struct Piece {
    /// Its number among the pieces.
    number: usize,
    /// Where it is; None if it has no place yet.
    place: Option<u64>,
    /// With the checksum, if it has one.
    bytes: Vec<u8>,
    /// Where its first message begins.
    first: usize,
    /// Its messages, if they are known.
    found: OnceCell<Vec<Slot>>,
    is_changed: bool,
}

/// A message in a header.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    piece: usize,
    at: usize,
    /// Its type.
    pub kind: u16,
    /// Its flags.
    pub flags: u8,
    size: usize,
}

/// A message for a header.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// Its type.
    pub kind: u16,
    /// Its flags.
    pub flags: u8,
    /// Its content.
    pub content: &'a [u8],
}

/// The messages of the piece with a number, which begin at a byte; None if they are not whole.
fn slots_of(shape: &Shape, piece: usize, bytes: &[u8], first: usize) -> Option<Vec<Slot>> {
    let end = bytes.len().checked_sub(shape.checksum())?;
    let mut found = Vec::new();
    let mut at = first;
    // What is too short for a message is a gap.
    while at + shape.prefix <= end {
        let (kind, size, flags) = shape.message(&bytes[at..])?;
        found.push(Slot {
            piece,
            at,
            kind,
            flags,
            size,
        });
        at += shape.prefix + size;
    }
    let is_whole = at == end || (shape.is_new && at < end);
    is_whole.then_some(found)
}

impl Piece {
    /// Its messages; none while they are not whole.
    fn slots(&self, shape: &Shape) -> &[Slot] {
        self.found.get_or_init(|| {
            slots_of(shape, self.number, &self.bytes, self.first).unwrap_or_default()
        })
    }

    /// Puts a message where there is room for it.
    fn put(&mut self, shape: &Shape, at: usize, message: &NewMessage<'_>) {
        let NewMessage {
            kind,
            flags,
            content,
        } = *message;
        let size = (content.len() as u16).to_le_bytes();
        let prefix = match shape.is_new {
            true => &[kind as u8, size[0], size[1], flags][..],
            false => &[
                kind as u8,
                (kind >> 8) as u8,
                size[0],
                size[1],
                flags,
                0,
                0,
                0,
            ],
        };
        let end = at + prefix.len() + content.len();
        self.bytes[at..end - content.len()].copy_from_slice(prefix);
        self.bytes[end - content.len()..end].copy_from_slice(content);
        self.is_changed = true;
    }

    /// Puts a message in the place of one that is as long or longer, or of several, and nothing behind it.
    fn fill(&mut self, shape: &Shape, slot: Slot, message: &NewMessage<'_>) {
        let prefix = shape.prefix;
        self.slots(shape);
        self.put(shape, slot.at, message);
        let mut size = message.content.len();
        let mut rest = None;
        match (slot.size - size).checked_sub(prefix) {
            Some(length) => {
                let at = slot.at + prefix + size;
                self.put(shape, at, &nothing(&vec![0; length]));
                rest = Some(Slot {
                    at,
                    kind: FILLER,
                    flags: 0,
                    size: length,
                    ..slot
                });
            }
            None => size = slot.size,
        }
        let first = Slot {
            kind: message.kind,
            flags: message.flags,
            size,
            ..slot
        };
        if let Some(found) = self.found.get_mut() {
            let end = slot.at + prefix + slot.size;
            let from = found.partition_point(|other| other.at < slot.at);
            let to = found.partition_point(|other| other.at < end);
            found.splice(from..to, [first].into_iter().chain(rest));
        }
    }

    /// Makes the gap behind the messages a part of what fills the piece up, if there is both, which HDF5 refuses; gives from where on how many
    /// bytes were moved.
    fn absorb_gap(&mut self, shape: &Shape) -> Option<(usize, usize)> {
        let slots = self.slots(shape);
        let end_of = |slot: &Slot| slot.at + shape.prefix + slot.size;
        let used = slots.last().map(end_of)?;
        let end = self.bytes.len().checked_sub(shape.checksum())?;
        let gap = end.checked_sub(used).filter(|gap| *gap > 0)?;
        let filler = slots.iter().find(|slot| slot.kind == FILLER)?;
        let from = end_of(filler);
        let (at, size) = (filler.at, filler.size + gap);
        self.bytes.copy_within(from..used, from + gap);
        self.put(shape, at, &nothing(&vec![0; size]));
        self.found.take();
        Some((from, gap))
    }

    /// Gives what has changed its checksum, if it has one.
    fn seal(&mut self, shape: &Shape) {
        let end = self.bytes.len().checked_sub(shape.checksum());
        if let (true, true, Some(end)) = (self.is_changed, shape.is_new, end) {
            let sum = lookup3::checksum(&self.bytes[..end]);
            self.bytes[end..].copy_from_slice(&sum.to_le_bytes());
        }
    }
}

impl EditedHeader {
    /// Reads the header at an address, of at most so many bytes; None if it is not as it has to be, or notes the order of attributes or
    /// when they are too many.
    pub fn read<S: Source + ?Sized>(source: &S, address: u64, most: u64) -> Result<Option<Self>> {
        let header = Self::unchanged(source, address, most)?;
        Ok(header.filter(|header| !header.notes_more()))
    }

    /// Whether it notes the order of attributes, or when they are too many: such a header is not changed.
    pub fn notes_more(&self) -> bool {
        self.is_new() && self.pieces[0].bytes[5] & 0x14 != 0
    }

    /// The same of a header that is only looked at, whatever it notes of attributes.
    pub fn unchanged<S: Source + ?Sized>(
        source: &S,
        address: u64,
        most: u64,
    ) -> Result<Option<Self>> {
        let length = source.end().saturating_sub(address).min(LONGEST_PREFIX);
        let Some(prefix) = bytes(source, address, length)? else {
            return Ok(None);
        };
        let Some(shape) = Shape::of(&prefix, Widths::USUAL) else {
            return Ok(None);
        };
        let first = shape.first.saturating_add(shape.length);
        let mut left = most;
        let mut wanted = vec![(
            address,
            first.saturating_add(shape.checksum() as u64),
            shape.first as usize,
        )];
        let mut this = Self {
            shape,
            pieces: Vec::new(),
            way: None,
        };
        let mut count = 0;
        while let Some((place, length, first)) = wanted.pop() {
            let (Some(rest), true) = (left.checked_sub(length), this.pieces.len() < PIECES) else {
                return Ok(None);
            };
            left = rest;
            let Some(bytes) = bytes(source, place, length)? else {
                return Ok(None);
            };
            let is_begun = this.pieces.is_empty() || this.shape.begins_piece(&bytes);
            let is_right = !this.shape.is_new || lookup3::is_right(&bytes);
            let number = this.pieces.len();
            let slots = slots_of(&this.shape, number, &bytes, first);
            let Some(slots) = slots.filter(|_| is_begun && is_right) else {
                return Ok(None);
            };
            count += slots.len();
            for slot in slots.iter().filter(|slot| slot.kind == CONTINUATION) {
                let content = slot.at + this.shape.prefix;
                match (number64(&bytes, content), number64(&bytes, content + 8)) {
                    (Some(place), Some(length)) if slot.size == WAY => {
                        wanted.push((place, length, this.shape.signature() as usize));
                    }
                    _ => return Ok(None),
                }
            }
            this.pieces.push(Piece {
                number,
                place: Some(place),
                bytes,
                first,
                found: slots.into(),
                is_changed: false,
            });
        }
        let is_whole =
            this.shape.is_new || number16(&this.pieces[0].bytes, 2).map(usize::from) == Some(count);
        Ok(is_whole.then_some(this))
    }

    /// Whether it is of version 2.
    pub fn is_new(&self) -> bool {
        self.shape.is_new
    }

    /// Its messages.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let pieces = self.pieces.iter();
        pieces.flat_map(|piece| piece.slots(&self.shape).iter().copied())
    }

    /// What a message holds.
    pub fn content(&self, slot: Slot) -> &[u8] {
        let start = slot.at + self.shape.prefix;
        &self.pieces[slot.piece].bytes[start..start + slot.size]
    }

    /// The types of its messages.
    pub fn kinds(&self) -> impl Iterator<Item = u16> + '_ {
        self.slots().map(|slot| slot.kind)
    }

    /// All messages of a type.
    pub fn all(&self, kind: u16) -> Vec<Slot> {
        self.slots().filter(|slot| slot.kind == kind).collect()
    }

    /// The only message of a type, if its content is in the header.
    pub fn only(&self, kind: u16) -> Option<Slot> {
        let mut slots = self.slots().filter(|slot| slot.kind == kind);
        match (slots.next(), slots.next()) {
            (Some(slot), None) if slot.flags & SHARED == 0 => Some(slot),
            _ => None,
        }
    }

    /// Where in the file the content of a message is.
    pub fn place_of(&self, slot: Slot) -> Option<u64> {
        let piece = self.pieces[slot.piece].place?;
        Some(piece + (slot.at + self.shape.prefix) as u64)
    }

    /// Where its pieces are that have a place, and how many bytes each has.
    pub fn places(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let place = |piece: &Piece| Some((piece.place?, piece.bytes.len() as u64));
        self.pieces.iter().filter_map(place)
    }

    /// The attributes that have a name, of which there ought to be one at most.
    pub fn attributes(&self, name: &str) -> Vec<Slot> {
        let attributes = self.slots().filter(|slot| slot.kind == ATTRIBUTE);
        let has_name = |slot: &Slot| {
            let parts = attribute::parts(self.content(*slot));
            parts.is_none_or(|parts| parts.name == name.as_bytes())
        };
        attributes.filter(has_name).collect()
    }

    /// Whether there may be attributes that are not in the header.
    pub fn has_attributes_elsewhere(&self) -> bool {
        let said = self.all(ATTRIBUTE_INFO);
        said.into_iter()
            .any(|slot| places_of(self.content(slot)).is_none_or(|(heap, _)| heap != UNDEFINED))
    }

    /// Gives a message another content; false if that is longer or shorter.
    pub fn replace(&mut self, slot: Slot, content: &[u8]) -> bool {
        let fits = content.len() == slot.size;
        if fits {
            let message = NewMessage {
                kind: slot.kind,
                flags: slot.flags,
                content,
            };
            self.pieces[slot.piece].fill(&self.shape, slot, &message);
        }
        fits
    }

    /// Takes a message away; its place is free.
    pub fn remove(&mut self, slot: Slot) {
        let zeros = vec![0; slot.size];
        self.pieces[slot.piece].fill(&self.shape, slot, &nothing(&zeros));
    }

    /// Bytes of a message before its content.
    pub fn prefix(&self) -> usize {
        self.shape.prefix
    }

    /// Adds a message where there is room; false if there is none.
    pub fn add(&mut self, message: &NewMessage<'_>) -> bool {
        let length = message.content.len();
        let fits = |slot: &Slot| {
            slot.kind == FILLER && (slot.size == length || slot.size >= length + self.shape.prefix)
        };
        let Some(slot) = self.slots().filter(fits).min_by_key(|slot| slot.size) else {
            return false;
        };
        self.fill(slot, message);
        true
    }

    /// Puts a message in the place of a longer one, and nothing behind it.
    fn fill(&mut self, slot: Slot, message: &NewMessage<'_>) {
        self.pieces[slot.piece].fill(&self.shape, slot, message);
        self.count();
    }

    /// Counts the messages, where that is said.
    fn count(&mut self) {
        if !self.shape.is_new {
            let pieces = self.pieces.iter();
            let count: usize = pieces.map(|piece| piece.slots(&self.shape).len()).sum();
            let count = u16::try_from(count).unwrap_or(u16::MAX);
            let first = &mut self.pieces[0];
            first.bytes[2..4].copy_from_slice(&count.to_le_bytes());
            first.is_changed = true;
        }
    }

    /// The messages one after the other that are to give way for one that leads to another piece: nothing if there is, else the
    /// shortest.
    fn giving_way(&self) -> Option<Vec<Slot>> {
        let prefix = self.shape.prefix;
        let slots: Vec<Slot> = self.slots().collect();
        let mut best: Option<(bool, usize, &[Slot])> = None;
        for first in 0..slots.len() {
            let mut end = slots[first].at;
            let mut has_content = false;
            for (last, slot) in slots.iter().enumerate().skip(first) {
                let is_next = slot.piece == slots[first].piece && slot.at == end;
                if !is_next || STAYING.contains(&slot.kind) {
                    break;
                }
                end += prefix + slot.size;
                has_content |= slot.kind != FILLER;
                let size = end - slots[first].at - prefix;
                if size == WAY || size >= WAY + prefix {
                    let other = (has_content, size, &slots[first..=last]);
                    if best.is_none_or(|best| (other.0, other.1) < (best.0, best.1)) {
                        best = Some(other);
                    }
                    break;
                }
            }
        }
        best.map(|(_, _, slots)| slots.to_vec())
    }

    /// Begins a piece with room for messages of so many bytes together, their prefixes included; false if no message can give way for the way there.
    pub fn make_room(&mut self, length: usize) -> bool {
        let prefix = self.shape.prefix;
        let Some(moving) = self.giving_way() else {
            return false;
        };
        let is_full = !self.shape.is_new && self.slots().count() > usize::from(u16::MAX - 8);
        if is_full || self.way.is_some() || length > LARGEST || self.pieces.len() >= PIECES {
            return false;
        }
        let first = self.shape.signature() as usize;
        let mut bytes = PIECE_SIGNATURE[..first].to_vec();
        for slot in moving.iter().filter(|slot| slot.kind != FILLER) {
            let whole = slot.at..slot.at + prefix + slot.size;
            bytes.extend_from_slice(&self.pieces[slot.piece].bytes[whole]);
        }
        let at = bytes.len();
        bytes.resize(at + length + self.shape.checksum(), 0);
        let mut piece = Piece {
            number: self.pieces.len(),
            place: None,
            first,
            found: OnceCell::new(),
            is_changed: true,
            bytes,
        };
        piece.put(&self.shape, at, &nothing(&vec![0; length - prefix]));
        let mut content = [0; WAY];
        content[8..].copy_from_slice(&(piece.bytes.len() as u64).to_le_bytes());
        let way = NewMessage {
            kind: CONTINUATION,
            flags: 0,
            content: &content,
        };
        let together = moving.iter().map(|slot| slot.size + prefix).sum::<usize>();
        let slot = Slot {
            size: together - prefix,
            ..moving[0]
        };
        self.pieces.push(piece);
        self.fill(slot, &way);
        self.way = Some((slot.piece, slot.at + prefix));
        true
    }

    /// Ends the changes: gives the bytes of the piece that has no place yet, if there is one. No slot is valid any more.
    pub fn unplaced(&mut self) -> Option<&[u8]> {
        self.settle();
        self.way?;
        let last = self.pieces.last_mut()?;
        last.seal(&self.shape);
        Some(&last.bytes)
    }

    /// Ends the changes of a header that became no longer. No slot is valid any more.
    pub fn settle(&mut self) {
        for (number, piece) in self.pieces.iter_mut().enumerate() {
            let moved = piece.absorb_gap(&self.shape);
            if let (Some((from, by)), Some((way, at))) = (moved, &mut self.way) {
                if *way == number && *at >= from {
                    *at += by;
                }
            }
        }
    }

    /// How many hard links lead to the object.
    pub fn link_count(&self) -> Option<u32> {
        match self.is_new() {
            false => number32(&self.pieces[0].bytes, OLD_LINK_COUNT.start),
            true => match self.all(LINK_COUNT)[..] {
                [] => Some(1),
                [slot] => number32(self.content(slot), 1),
                _ => None,
            },
        }
    }

    /// Says how many hard links lead to the object, one at least; false, and nothing has changed, if that has no room in the header.
    pub fn set_link_count(&mut self, count: u32) -> bool {
        if !self.is_new() {
            let first = &mut self.pieces[0];
            first.bytes[OLD_LINK_COUNT].copy_from_slice(&count.to_le_bytes());
            first.is_changed = true;
            return true;
        }
        let mut content = [0; 5];
        content[1..].copy_from_slice(&count.to_le_bytes());
        match self.all(LINK_COUNT)[..] {
            [slot] if count == 1 => {
                self.remove(slot);
                true
            }
            [slot] => self.replace(slot, &content),
            _ if count == 1 => true,
            _ => self.add(&NewMessage {
                kind: LINK_COUNT,
                flags: UNSHARED,
                content: &content,
            }),
        }
    }

    /// Says where the piece without a place is, which is written there.
    pub fn place(&mut self, address: u64) {
        if let Some((piece, at)) = self.way.take() {
            self.pieces[piece].bytes[at..at + 8].copy_from_slice(&address.to_le_bytes());
            self.pieces[piece].is_changed = true;
            if let Some(last) = self.pieces.last_mut() {
                last.place = Some(address);
                last.is_changed = false;
            }
        }
    }

    /// The pieces that have changed, the first one last: it counts the messages.
    pub fn changed(&mut self) -> impl Iterator<Item = (u64, &[u8])> {
        for piece in &mut self.pieces {
            piece.seal(&self.shape);
        }
        let pieces = self.pieces.iter().rev();
        let changed = pieces.filter(|piece| piece.is_changed);
        changed.filter_map(|piece| Some((piece.place?, &*piece.bytes)))
    }
}

/// What fills a header up.
fn nothing(zeros: &[u8]) -> NewMessage<'_> {
    NewMessage {
        kind: FILLER,
        flags: 0,
        content: zeros,
    }
}

#[cfg(test)]
mod tests {
    use super::super::object_header;
    use super::*;

    /// Adds an attribute where there is room.
    fn add(header: &mut EditedHeader, content: &[u8]) -> bool {
        header.add(&NewMessage {
            kind: ATTRIBUTE,
            flags: 0,
            content,
        })
    }

    /// A header at 8 with these messages, in a file that it ends.
    fn header(messages: &[(u16, usize)]) -> Vec<u8> {
        let mut bytes = vec![0; 8];
        let length: usize = messages.iter().map(|(_, size)| size + 8).sum();
        bytes.extend([1, 0, messages.len() as u8, 0, 1, 0, 0, 0]);
        bytes.extend((length as u64).to_le_bytes());
        for &(kind, size) in messages {
            bytes.extend(kind.to_le_bytes());
            bytes.extend((size as u16).to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend(vec![kind as u8; size]);
        }
        bytes
    }

    /// The same of version 2, with a gap.
    fn new_header(messages: &[(u16, usize)]) -> Vec<u8> {
        let mut bytes = b"OHDR\x02\x01".to_vec();
        let length: usize = messages.iter().map(|(_, size)| size + 4).sum();
        bytes.extend((length as u16 + 3).to_le_bytes());
        for &(kind, size) in messages {
            bytes.extend([kind as u8, size as u8, (size >> 8) as u8, 0]);
            bytes.extend(vec![kind as u8; size]);
        }
        bytes.extend([0; 3]);
        bytes.extend(lookup3::checksum(&bytes).to_le_bytes());
        [&[0; 8][..], &bytes].concat()
    }

    /// A header of version 2 that says when the object was changed.
    fn with_times(header: &[u8]) -> Vec<u8> {
        let mut bytes = header[8..14].to_vec();
        bytes[5] |= 0x20;
        bytes.extend([7; 16]);
        bytes.extend(&header[14..header.len() - 4]);
        bytes.extend(lookup3::checksum(&bytes).to_le_bytes());
        [&[0; 8][..], &bytes].concat()
    }

    /// The message of an attribute of one byte.
    fn attribute(name: &str, value: u8) -> Vec<u8> {
        let mut content = vec![1, 0, name.len() as u8 + 1, 0, 8, 0, 8, 0];
        content.extend(name.as_bytes());
        content.resize((8 + name.len() + 1).next_multiple_of(8), 0);
        content.extend([0x10, 0, 0, 0, 1, 0, 0, 0]);
        content.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        content.extend([value, 0, 0, 0, 0, 0, 0, 0]);
        content
    }

    /// Writes what has changed.
    fn store(file: &mut Vec<u8>, mut header: EditedHeader) {
        if let Some(bytes) = header.unplaced().map(<[u8]>::to_vec) {
            let place = file.len() as u64;
            file.extend(bytes);
            header.place(place);
        }
        for (place, bytes) in header.changed() {
            file[place as usize..place as usize + bytes.len()].copy_from_slice(bytes);
        }
    }

    fn kinds(file: &[u8]) -> Vec<(u16, Vec<u8>)> {
        // HDF5 refuses a gap where there is filler.
        let mut header = EditedHeader::read(file, 8, 1 << 16).unwrap().unwrap();
        let shape = Shape::of(&file[8..], Widths::USUAL).unwrap();
        for piece in &mut header.pieces {
            assert_eq!(piece.absorb_gap(&shape), None);
        }
        let found = object_header::found(file, 8, Widths::USUAL, 1 << 16)
            .unwrap()
            .unwrap();
        assert!(found.is_whole(), "{found:?}");
        let messages = found.messages.into_iter();
        messages
            .map(|message| (message.kind, message.content))
            .collect()
    }

    #[test]
    fn attributes_come_into_the_room_there_is_and_into_new_pieces() {
        come_into(header(&[(0x11, 16), (0x03, 40)]));
        come_into(new_header(&[(0x11, 16), (0x03, 40)]));
        come_into(with_times(&new_header(&[(0x11, 16), (0x03, 40)])));
    }

    fn come_into(mut file: Vec<u8>) {
        for value in 1..=5 {
            let mut header = EditedHeader::read(&file[..], 8, 1 << 16).unwrap().unwrap();
            let content = attribute(&format!("a{value}"), value);
            if !add(&mut header, &content) {
                assert!(header.make_room(2 * (content.len() + 8)));
                assert!(add(&mut header, &content));
            }
            store(&mut file, header);
            let found = kinds(&file);
            let others = found.iter().filter(|(kind, _)| [0x11, 0x03].contains(kind));
            let mut others: Vec<usize> = others.map(|(_, content)| content.len()).collect();
            others.sort_unstable();
            assert_eq!(others, [16, 40]);
            for value in 1..=value {
                let content = attribute(&format!("a{value}"), value);
                assert!(found.contains(&(ATTRIBUTE, content)), "{value}: {found:?}");
            }
        }
        let mut header = EditedHeader::read(&file[..], 8, 1 << 16).unwrap().unwrap();
        let [slot] = header.attributes("a2")[..] else {
            panic!("{header:?}")
        };
        assert!(!header.replace(slot, &attribute("longer than it was", 7)));
        assert!(header.replace(slot, &attribute("a2", 9)));
        let [slot] = header.attributes("a3")[..] else {
            panic!("{header:?}")
        };
        header.remove(slot);
        assert!(header.attributes("a3").is_empty());
        assert!(add(&mut header, &attribute("a6", 6)));
        assert!(header.unplaced().is_none());
        store(&mut file, header);
        let found = kinds(&file);
        for (name, value) in [("a1", 1), ("a2", 9), ("a4", 4), ("a5", 5), ("a6", 6)] {
            assert!(
                found.contains(&(ATTRIBUTE, attribute(name, value))),
                "{name}"
            );
        }
    }

    #[test]
    fn several_short_messages_give_way_together() {
        for (mut file, prefix) in [
            (header(&[(0x03, 8), (0x11, 8), (0x04, 8), (0x01, 40)]), 8),
            (
                new_header(&[(0x03, 7), (0x11, 9), (0x04, 3), (0x01, 40)]),
                4,
            ),
        ] {
            let before = kinds(&file);
            let mut header = EditedHeader::read(&file[..], 8, 1 << 16).unwrap().unwrap();
            assert_eq!(header.prefix(), prefix);
            assert!(header.make_room(64));
            assert!(add(&mut header, &attribute("a", 1)));
            store(&mut file, header);
            let after = kinds(&file);
            assert!(
                before.iter().all(|message| after.contains(message)),
                "{after:?}"
            );
            assert!(after.contains(&(ATTRIBUTE, attribute("a", 1))));
        }
    }

    #[test]
    fn what_has_another_checksum_is_left_alone() {
        let mut file = new_header(&[(0x11, 16), (0x03, 40)]);
        let read = |file: &[u8]| EditedHeader::read(file, 8, 1 << 16).unwrap();
        let mut header = read(&file).unwrap();
        assert!(header.is_new() && header.make_room(64));
        store(&mut file, header);
        assert!(read(&file).is_some());
        for at in 8..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 4;
            assert!(read(&damaged).is_none(), "{at}");
            assert!(read(&file[..at]).is_none(), "{at}");
        }
        // One that notes the order of attributes.
        file[13] |= 4;
        let end = file.len() - 4;
        assert!(read(&file[..end]).is_none());
    }

    #[test]
    fn what_is_not_whole_is_left_alone() {
        let whole = header(&[(0x11, 16), (0x03, 40)]);
        let read = |file: &[u8]| EditedHeader::read(file, 8, 1 << 16).unwrap().is_some();
        assert!(read(&whole));
        for at in [8, 10, 16, 26] {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            assert!(!read(&damaged), "{at}");
        }
        assert!(!read(&whole[..whole.len() - 1]));
        // A way back to itself.
        let mut circle = header(&[(0x10, 16)]);
        let piece = circle.len() as u64 - 24;
        circle[32..40].copy_from_slice(&piece.to_le_bytes());
        circle[40..48].copy_from_slice(&24u64.to_le_bytes());
        assert!(!read(&circle));
        // No message can give way.
        let mut header = EditedHeader::read(&header(&[(0x11, 8)])[..], 8, 1 << 16)
            .unwrap()
            .unwrap();
        assert!(!header.make_room(64));
    }
}
