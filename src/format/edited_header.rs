//! Object headers of version 1 that are changed, or of which a field is. Formats: IV.A.1.a (the header), IV.A.2.q (continuation).

#![forbid(unsafe_code)]

use super::attribute;
use super::object_header::{
    ATTRIBUTE, CONTINUATION, DATASPACE, FILLER, FILL_VALUES, LAYOUT, MESSAGE_PREFIX, PREFIX, SHARED,
};
use super::{bytes, number16, number64, Source};
use crate::error::Result;

/// Bytes of the message that leads to another piece.
const WAY: usize = MESSAGE_PREFIX + 16;

/// Messages that stay where they are: whoever has the dataset open knows the places of their fields.
const STAYING: [u16; 4] = [CONTINUATION, DATASPACE, LAYOUT, FILL_VALUES[1]];

/// The most pieces of a header that is changed.
const PIECES: usize = 64;

/// The largest content of a message, whose size has 16 bits.
const LARGEST: usize = 0xFFF8;

/// A header with all its pieces.
#[derive(Debug)]
pub struct EditedHeader {
    pieces: Vec<Piece>,
    /// Where the way to a piece without a place stands: the number of the piece, and where in it.
    way: Option<(usize, usize)>,
}

/// Messages that lie one after the other.
#[derive(Debug)]
struct Piece {
    /// Where it is; None if it has no place yet.
    place: Option<u64>,
    bytes: Vec<u8>,
    /// Where its first message begins.
    first: usize,
    is_changed: bool,
}

/// A message in a header.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    piece: usize,
    at: usize,
    kind: u16,
    /// Its flags.
    pub flags: u8,
    size: usize,
}

impl Piece {
    /// Its messages; None if they are not whole.
    fn slots(&self, piece: usize) -> Option<Vec<Slot>> {
        let mut found = Vec::new();
        let mut at = self.first;
        while at < self.bytes.len() {
            let size = usize::from(number16(&self.bytes, at + 2)?);
            found.push(Slot {
                piece,
                at,
                kind: number16(&self.bytes, at)?,
                flags: *self.bytes.get(at + 4)?,
                size,
            });
            at += MESSAGE_PREFIX + size;
        }
        (at == self.bytes.len()).then_some(found)
    }

    /// Puts a message where there is room for it.
    fn put(&mut self, at: usize, kind: u16, content: &[u8]) {
        let message = &mut self.bytes[at..at + MESSAGE_PREFIX + content.len()];
        message[..2].copy_from_slice(&kind.to_le_bytes());
        message[2..4].copy_from_slice(&(content.len() as u16).to_le_bytes());
        message[4..8].fill(0);
        message[MESSAGE_PREFIX..].copy_from_slice(content);
        self.is_changed = true;
    }
}

impl EditedHeader {
    /// Reads the header at an address, of at most so many bytes; None if it has another version, or is not as it has to be.
    pub fn read<S: Source + ?Sized>(source: &S, address: u64, most: u64) -> Result<Option<Self>> {
        let Some(prefix) = bytes(source, address, PREFIX as u64)? else {
            return Ok(None);
        };
        let Some(length) = super::object_header::length(&prefix) else {
            return Ok(None);
        };
        let mut left = most;
        let mut wanted = vec![(address, length as u64, PREFIX)];
        let mut this = Self {
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
            let piece = Piece {
                place: Some(place),
                bytes,
                first,
                is_changed: false,
            };
            let Some(slots) = piece.slots(this.pieces.len()) else {
                return Ok(None);
            };
            count += slots.len();
            for slot in slots.iter().filter(|slot| slot.kind == CONTINUATION) {
                let content = slot.at + MESSAGE_PREFIX;
                match (
                    number64(&piece.bytes, content),
                    number64(&piece.bytes, content + 8),
                ) {
                    (Some(place), Some(length)) if slot.size == 16 => {
                        wanted.push((place, length, 0));
                    }
                    _ => return Ok(None),
                }
            }
            this.pieces.push(piece);
        }
        let is_whole = number16(&this.pieces[0].bytes, 2).map(usize::from) == Some(count);
        Ok(is_whole.then_some(this))
    }

    fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let pieces = self.pieces.iter().enumerate();
        pieces.flat_map(|(number, piece)| piece.slots(number).unwrap_or_default())
    }

    /// What a message holds.
    pub fn content(&self, slot: Slot) -> &[u8] {
        let start = slot.at + MESSAGE_PREFIX;
        &self.pieces[slot.piece].bytes[start..start + slot.size]
    }

    /// The types of its messages.
    pub fn kinds(&self) -> impl Iterator<Item = u16> + '_ {
        self.slots().map(|slot| slot.kind)
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
        Some(piece + (slot.at + MESSAGE_PREFIX) as u64)
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

    /// Puts another attribute in the place of one; false if its message is longer or shorter.
    pub fn replace(&mut self, slot: Slot, content: &[u8]) -> bool {
        let fits = content.len() == slot.size;
        if fits {
            self.pieces[slot.piece].put(slot.at, ATTRIBUTE, content);
        }
        fits
    }

    /// Takes a message away; its place is free.
    pub fn remove(&mut self, slot: Slot) {
        let zeros = vec![0; slot.size];
        self.pieces[slot.piece].put(slot.at, FILLER, &zeros);
    }

    /// Adds an attribute where there is room; false if there is none.
    pub fn add(&mut self, content: &[u8]) -> bool {
        let fits = |slot: &Slot| {
            slot.kind == FILLER
                && (slot.size == content.len() || slot.size >= content.len() + MESSAGE_PREFIX)
        };
        let Some(slot) = self.slots().filter(fits).min_by_key(|slot| slot.size) else {
            return false;
        };
        self.fill(slot, ATTRIBUTE, content);
        true
    }

    /// Puts a message in the place of a longer one, and nothing behind it.
    fn fill(&mut self, slot: Slot, kind: u16, content: &[u8]) {
        let piece = &mut self.pieces[slot.piece];
        piece.put(slot.at, kind, content);
        if let Some(rest) = (slot.size - content.len()).checked_sub(MESSAGE_PREFIX) {
            let at = slot.at + MESSAGE_PREFIX + content.len();
            piece.put(at, FILLER, &vec![0; rest]);
            self.count(1);
        }
    }

    fn count(&mut self, more: u16) {
        let first = &mut self.pieces[0];
        let count = number16(&first.bytes, 2).unwrap_or(0).saturating_add(more);
        first.bytes[2..4].copy_from_slice(&count.to_le_bytes());
        first.is_changed = true;
    }

    /// Begins a piece with room for messages of so many bytes together, their prefixes included; false if no message can give way for the way there.
    pub fn make_room(&mut self, length: usize) -> bool {
        let total = |slot: &Slot| slot.size + MESSAGE_PREFIX;
        let gives_way = |slot: &Slot| {
            !STAYING.contains(&slot.kind)
                && (total(slot) == WAY || total(slot) >= WAY + MESSAGE_PREFIX)
        };
        let order = |slot: &Slot| (slot.kind != FILLER, slot.size);
        let Some(slot) = self.slots().filter(gives_way).min_by_key(order) else {
            return false;
        };
        let is_full = number16(&self.pieces[0].bytes, 2).is_none_or(|count| count > u16::MAX - 8);
        if is_full || self.way.is_some() || length > LARGEST || self.pieces.len() >= PIECES {
            return false;
        }
        let mut bytes = Vec::new();
        if slot.kind != FILLER {
            let start = slot.at..slot.at + total(&slot);
            bytes.extend_from_slice(&self.pieces[slot.piece].bytes[start]);
            // The one that leads there is one more.
            self.count(1);
        }
        let mut piece = Piece {
            place: None,
            first: 0,
            is_changed: true,
            bytes,
        };
        let at = piece.bytes.len();
        piece.bytes.resize(at + length, 0);
        piece.put(at, FILLER, &vec![0; length - MESSAGE_PREFIX]);
        self.count(1);
        let mut way = [0; 16];
        way[8..].copy_from_slice(&(piece.bytes.len() as u64).to_le_bytes());
        self.fill(slot, CONTINUATION, &way);
        self.way = Some((slot.piece, slot.at + MESSAGE_PREFIX));
        self.pieces.push(piece);
        true
    }

    /// The bytes of the piece that has no place yet, if there is one.
    pub fn unplaced(&self) -> Option<&[u8]> {
        self.way?;
        self.pieces.last().map(|piece| &*piece.bytes)
    }

    /// Says where the piece without a place is, which is written there.
    pub fn place(&mut self, address: u64) {
        if let Some((piece, at)) = self.way.take() {
            self.pieces[piece].bytes[at..at + 8].copy_from_slice(&address.to_le_bytes());
            if let Some(last) = self.pieces.last_mut() {
                last.place = Some(address);
                last.is_changed = false;
            }
        }
    }

    /// The pieces that have changed, the first one last: it counts the messages.
    pub fn changed(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let pieces = self.pieces.iter().rev();
        let changed = pieces.filter(|piece| piece.is_changed);
        changed.filter_map(|piece| Some((piece.place?, &*piece.bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::object_header;
    use super::super::Widths;
    use super::*;

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
        let found = object_header::found(file, 8, Widths::USUAL, 1 << 16)
            .unwrap()
            .unwrap();
        assert!(found.is_old, "{found:?}");
        let messages = found.messages.into_iter();
        messages
            .map(|message| (message.kind, message.content))
            .collect()
    }

    #[test]
    fn attributes_come_into_the_room_there_is_and_into_new_pieces() {
        let mut file = header(&[(0x11, 16), (0x03, 40)]);
        for value in 1..=5 {
            let mut header = EditedHeader::read(&file[..], 8, 1 << 16).unwrap().unwrap();
            let content = attribute(&format!("a{value}"), value);
            if !header.add(&content) {
                assert!(header.make_room(2 * (content.len() + 8)));
                assert!(header.add(&content));
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
        assert!(header.add(&attribute("a6", 6)));
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
