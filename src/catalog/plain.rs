//! Metadata straight from the bytes of a file in HDF5's oldest and usual format.
//!
//! Everything that is not exactly as expected, damage included, gives None, and HDF5 has the word.
//! No loop is longer, and no allocation larger, than the constants here.
//!
//! Formats: HDF5 File Format Specification 3.0, II.A (superblock), III.A.1 (B-trees), III.B (group
//! nodes), III.D (local heaps), IV.A (object headers).

#![forbid(unsafe_code)]

use super::FINISHED;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// How much of a file is read at once: of a small one all that is needed.
const FIRST_READ: usize = 8 << 10;

/// Metadata of more bytes are left to HDF5.
const LARGEST_TEXT: u64 = 64 << 20;

/// A header, or a group's names, of more bytes are left to HDF5.
const LARGEST_BLOCK: usize = 1 << 20;

/// A header in more pieces is left to HDF5.
const MOST_BLOCKS: usize = 64;

const DATASPACE: u16 = 0x01;
const DATATYPE: u16 = 0x03;
const FILL_VALUES: [u16; 2] = [0x04, 0x05];
const LAYOUT: u16 = 0x08;
const ATTRIBUTE: u16 = 0x0C;
const CONTINUATION: u16 = 0x10;
const SYMBOL_TABLE: u16 = 0x11;
const MODIFIED: [u16; 2] = [0x0E, 0x12];
const NOTHING: u16 = 0x00;

/// What such a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlainFile {
    /// The text of the metadata.
    pub text: String,
    /// Whether the run is marked as finished.
    pub finished: bool,
}

/// Reads the text dataset at `path` of a file of `size` bytes, and the mark of its root.
pub(super) fn read(file: &File, size: u64, path: &str) -> Option<PlainFile> {
    let bytes = FileBytes::of(file, size)?;
    let superblock = bytes.at(0, 96)?;
    let is_plain = superblock.starts_with(crate::journal::SIGNATURE.as_slice())
        && superblock[8] == 0
        && superblock[13..15] == [8, 8]
        // The base address, the end of the file and the driver's description.
        && number(&superblock, 24)? == 0
        && number(&superblock, 40)? <= size
        && number(&superblock, 48)? == u64::MAX;
    if !is_plain {
        return None;
    }
    let root = messages(&bytes, number(&superblock, 64)?)?;
    let finished = is_marked(&root)?;
    let mut group = root;
    let mut names = crate::store::path::names(path).peekable();
    while let Some(name) = names.next() {
        let object = messages(&bytes, member(&bytes, &group, name)?)?;
        if names.peek().is_none() {
            let text = text(&bytes, &object)?;
            return Some(PlainFile { text, finished });
        }
        group = object;
    }
    None
}

/// The bytes of a file, the first of them in memory.
struct FileBytes<'a> {
    file: &'a File,
    size: u64,
    first: Vec<u8>,
}

impl<'a> FileBytes<'a> {
    fn of(file: &'a File, size: u64) -> Option<Self> {
        let mut first = vec![0; FIRST_READ.min(usize::try_from(size).ok()?)];
        file.read_exact_at(&mut first, 0).ok()?;
        Some(Self { file, size, first })
    }

    /// So many bytes at an address, which the file must have.
    fn at(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        let end = address.checked_add(length as u64)?;
        if end > self.size || length > LARGEST_TEXT as usize {
            return None;
        }
        if end <= self.first.len() as u64 {
            return Some(self.first[address as usize..end as usize].to_vec());
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).ok()?;
        bytes.resize(length, 0);
        self.file.read_exact_at(&mut bytes, address).ok()?;
        Some(bytes)
    }

    /// As many bytes as there are, up to so many.
    fn up_to(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        let there = self.size.checked_sub(address)?;
        self.at(address, length.min(usize::try_from(there).ok()?))
    }
}

/// A number of 8 bytes.
fn number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// A number of 2 bytes.
fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let field: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(field).into())
}

/// A message of an object header.
struct HeaderMessage {
    kind: u16,
    flags: u8,
    content: Vec<u8>,
}

/// All messages of the header at an address.
fn messages(bytes: &FileBytes, address: u64) -> Option<Vec<HeaderMessage>> {
    let prefix = bytes.at(address, 16)?;
    if prefix[0] != 1 {
        return None;
    }
    let length = u32::from_le_bytes(prefix[8..12].try_into().ok()?) as usize;
    let mut blocks = vec![(address.checked_add(16)?, length)];
    let mut messages = Vec::new();
    let mut next = 0;
    while let Some(&(address, length)) = blocks.get(next) {
        next += 1;
        if length > LARGEST_BLOCK || blocks.len() > MOST_BLOCKS {
            return None;
        }
        let block = bytes.at(address, length)?;
        let mut at = 0;
        while at + 8 <= block.len() {
            let (kind, size) = (short(&block, at)? as u16, short(&block, at + 2)?);
            let content = block.get(at + 8..at + 8 + size)?;
            if kind == CONTINUATION {
                let length = usize::try_from(number(content, 8)?).ok()?;
                blocks.push((number(content, 0)?, length));
            } else {
                messages.push(HeaderMessage {
                    kind,
                    flags: block[at + 4],
                    content: content.to_vec(),
                });
            }
            at += 8 + size;
        }
    }
    (messages.len() == short(&prefix, 2)?.checked_sub(next - 1)?).then_some(messages)
}

/// The content of the only message of a kind.
fn only(messages: &[HeaderMessage], kind: u16) -> Option<&[u8]> {
    let mut matching = messages.iter().filter(|message| message.kind == kind);
    match (matching.next(), matching.next()) {
        // The second bit says that the message lies elsewhere.
        (Some(message), None) if message.flags & 2 == 0 => Some(&message.content),
        _ => None,
    }
}

/// Whether a group carries the mark of finished runs.
fn is_marked(messages: &[HeaderMessage]) -> Option<bool> {
    let mut marked = false;
    for message in messages {
        match message.kind {
            ATTRIBUTE if message.flags & 2 == 0 => {
                marked |= mark(&message.content)?;
            }
            SYMBOL_TABLE | NOTHING => {}
            kind if MODIFIED.contains(&kind) => {}
            _ => return None,
        }
    }
    Some(marked)
}

/// Whether an attribute is the mark of finished runs.
fn mark(attribute: &[u8]) -> Option<bool> {
    let (version, name_length) = (*attribute.first()?, short(attribute, 2)?);
    let lengths = [name_length, short(attribute, 4)?, short(attribute, 6)?];
    let (begin, padded) = match version {
        1 => (8, lengths.map(|length| length.next_multiple_of(8))),
        3 => (9, lengths),
        _ => return None,
    };
    let name = attribute.get(begin..begin + name_length)?;
    if name.strip_suffix(&[0]) != Some(FINISHED.as_bytes()) {
        return Some(false);
    }
    let datatype = begin + padded[0];
    let data = datatype + padded[1] + padded[2];
    // One byte, whatever it is called.
    if attribute.get(datatype + 4..datatype + 8)? != [1, 0, 0, 0] {
        return None;
    }
    attribute.get(data).map(|&byte| byte != 0)
}

/// The address of the header of a group's member.
fn member(bytes: &FileBytes, group: &[HeaderMessage], name: &str) -> Option<u64> {
    let table = only(group, SYMBOL_TABLE)?;
    let (mut node, heap) = (number(table, 0)?, number(table, 8)?);
    let names = names_of(bytes, heap)?;
    let name = name.as_bytes();
    let name_at = |offset: u64| -> Option<&[u8]> {
        let rest = names.get(usize::try_from(offset).ok()?..)?;
        Some(&rest[..rest.iter().position(|&byte| byte == 0)?])
    };
    let mut level = None;
    loop {
        let prefix = bytes.at(node, 24)?;
        if prefix[..4] != *b"TREE" || prefix[4] != 0 {
            return None;
        }
        // Each level is one below, so that this ends.
        if level.is_some_and(|above: u8| above.checked_sub(1) != Some(prefix[5])) {
            return None;
        }
        level = Some(prefix[5]);
        let entries = short(&prefix, 6)?;
        let content = bytes.at(node.checked_add(24)?, 8 + 16 * entries)?;
        // A child holds the names after the key before it, up to the key behind it.
        let (mut low, mut high) = (0, entries);
        while low < high {
            let middle = (low + high) / 2;
            match name_at(number(&content, 16 * middle + 16)?)? < name {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        if low == entries {
            return None;
        }
        node = number(&content, 16 * low + 8)?;
        if level == Some(0) {
            break;
        }
    }
    let prefix = bytes.at(node, 8)?;
    if prefix[..5] != *b"SNOD\x01" {
        return None;
    }
    let symbols = bytes.at(node.checked_add(8)?, 40 * short(&prefix, 6)?)?;
    let mut entries = symbols.chunks_exact(40);
    let entry = entries.find(|entry| number(entry, 0).and_then(name_at) == Some(name))?;
    // Type 2 is a soft link.
    let is_link = entry[16..20] == [2, 0, 0, 0];
    (!is_link).then_some(number(entry, 8)?)
}

/// The names of a group's members.
fn names_of(bytes: &FileBytes, heap: u64) -> Option<Vec<u8>> {
    let prefix = bytes.at(heap, 32)?;
    if prefix[..5] != *b"HEAP\0" {
        return None;
    }
    let length = usize::try_from(number(&prefix, 8)?).ok()?;
    if length > LARGEST_BLOCK {
        return None;
    }
    bytes.up_to(number(&prefix, 24)?, length)
}

/// The text of a dataset that holds one, of fixed length.
fn text(bytes: &FileBytes, dataset: &[HeaderMessage]) -> Option<String> {
    let is_usual = |kind| {
        matches!(kind, DATASPACE | DATATYPE | LAYOUT | ATTRIBUTE | NOTHING)
            || FILL_VALUES.contains(&kind)
            || MODIFIED.contains(&kind)
    };
    if !dataset.iter().all(|message| is_usual(message.kind)) {
        return None;
    }
    let is_scalar = match only(dataset, DATASPACE)?.get(..4)? {
        [1, rank, _, _] => *rank == 0,
        [2, rank, _, kind] => *rank == 0 && *kind == 0,
        _ => false,
    };
    let datatype = only(dataset, DATATYPE)?.get(..8)?;
    let size = u32::from_le_bytes(datatype[4..8].try_into().ok()?);
    if !is_scalar || datatype[0] != 0x13 || u64::from(size) > LARGEST_TEXT {
        return None;
    }
    let layout = only(dataset, LAYOUT)?;
    let mut data = match *layout.get(..2)? {
        [3, 0] if short(layout, 2)? == size as usize => layout.get(4..4 + size as usize)?.to_vec(),
        [3, 1] if number(layout, 10)? == u64::from(size) => {
            bytes.at(number(layout, 2)?, size as usize)?
        }
        _ => return None,
    };
    let length = match datatype[1] & 15 {
        0 => data.iter().position(|&byte| byte == 0),
        1 => Some(
            data.iter()
                .rposition(|&byte| byte != 0)
                .map_or(0, |last| last + 1),
        ),
        _ => return None,
    };
    data.truncate(length.unwrap_or(data.len()));
    String::from_utf8(data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Mode, Open};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A file of ours with metadata, in a temporary place.
    fn example(finished: bool) -> (std::path::PathBuf, Vec<u8>) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("h5sim-plain-{process}-{count}.h5"));
        let options = Open::new();
        let name = path.to_string_lossy();
        let file = crate::file::OpenFile::open(&name, Mode::Create, &options).unwrap();
        let plain = crate::store::TextOptions::new();
        file.write_text("meta", "{\"a\": 1}", &plain).unwrap();
        file.write_text("inner/group/meta", "{\"b\": 2}", &plain)
            .unwrap();
        for number in 0..40 {
            file.write_text(&format!("others/{number}"), "x", &plain)
                .unwrap();
        }
        if finished {
            super::super::mark_finished(&file).unwrap();
        }
        file.close().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    }

    fn read_bytes(path: &std::path::Path, bytes: &[u8], dataset: &str) -> Option<PlainFile> {
        std::fs::write(path, bytes).unwrap();
        read(&File::open(path).unwrap(), bytes.len() as u64, dataset)
    }

    #[test]
    fn metadata_are_found_wherever_they_are() {
        for finished in [false, true] {
            let (path, bytes) = example(finished);
            let plain = |text: &str| {
                Some(PlainFile {
                    text: text.to_owned(),
                    finished,
                })
            };
            assert_eq!(read_bytes(&path, &bytes, "meta"), plain("{\"a\": 1}"));
            assert_eq!(
                read_bytes(&path, &bytes, "/inner/group/meta"),
                plain("{\"b\": 2}")
            );
            assert_eq!(read_bytes(&path, &bytes, "others/27"), plain("x"));
            for missing in ["other", "meta/x", "inner", "", "others/", "zzz", "!"] {
                assert_eq!(read_bytes(&path, &bytes, missing), None, "{missing}");
            }
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn damage_is_never_more_than_nothing_found() {
        let (path, bytes) = example(true);
        let mut place = 7u64;
        for _ in 0..3000 {
            let mut damaged = bytes.clone();
            for _ in 0..4 {
                place = place
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(97);
                let at = (place >> 33) as usize % damaged.len();
                damaged[at] = (place >> 24) as u8;
            }
            damaged.truncate(damaged.len() - (place >> 40) as usize % 64);
            // Whatever it gives, it ends and does not panic.
            read_bytes(&path, &damaged, "meta");
            read_bytes(&path, &damaged, "inner/group/meta");
        }
        for cut in (0..bytes.len()).step_by(7) {
            read_bytes(&path, &bytes[..cut], "meta");
        }
        std::fs::remove_file(path).unwrap();
    }
}
