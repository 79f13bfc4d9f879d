//! Metadata straight from the bytes of a file in HDF5's oldest and usual format.
//!
//! Everything that is not exactly as expected, damage included, gives None, and HDF5 has the word.
//! No loop is longer, and no allocation larger, than the file.

#![forbid(unsafe_code)]

use super::FINISHED;
use crate::error::{Error, Result};
use crate::format::local_heap::LocalHeap;
use crate::format::object_header::{self, FoundMessage, ATTRIBUTE, FILLER, MODIFIED, SYMBOL_TABLE};
use crate::format::superblock::Superblock;
use crate::format::{attribute, symbol_table, text, Source, Widths};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// How much of a file is read at once: of a small one all that is needed.
const FIRST_READ: usize = 8 << 10;

/// A group's names of more bytes are left to HDF5.
const LARGEST_HEAP: u64 = 1 << 20;

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
    let (_, root) = Superblock::plain(&bytes).ok()??;
    let root = root.messages;
    let finished = is_marked(&root)?;
    let mut group = root;
    let mut names = crate::store::path::names(path).peekable();
    while let Some(name) = names.next() {
        let object = messages(&bytes, member(&bytes, &group, name)?)?;
        if names.peek().is_none() {
            let text = text::scalar(&bytes, &object)?;
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
}

impl Source for FileBytes<'_> {
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        let start = usize::try_from(address).unwrap_or(usize::MAX);
        let end = start.saturating_add(target.len());
        if let Some(bytes) = self.first.get(start..end) {
            target.copy_from_slice(bytes);
            return Ok(());
        }
        let read = self.file.read_exact_at(target, address);
        read.map_err(|error| Error::io(error.to_string()))
    }

    fn end(&self) -> u64 {
        self.size
    }
}

/// All messages of the header at an address.
fn messages(bytes: &FileBytes, address: u64) -> Option<Vec<FoundMessage>> {
    object_header::all(bytes, address, Widths::USUAL).ok()?
}

/// Whether a group carries the mark of finished runs.
fn is_marked(messages: &[FoundMessage]) -> Option<bool> {
    let mut marked = false;
    for message in messages {
        match message.kind {
            ATTRIBUTE if !message.is_elsewhere() => {
                marked |= mark(&message.content)?;
            }
            SYMBOL_TABLE | FILLER => {}
            kind if MODIFIED.contains(&kind) => {}
            _ => return None,
        }
    }
    Some(marked)
}

/// Whether an attribute is the mark of finished runs.
fn mark(message: &[u8]) -> Option<bool> {
    let parts = attribute::parts(message)?;
    if parts.name != FINISHED.as_bytes() {
        return Some(false);
    }
    // One byte, whatever it is called.
    if parts.datatype.get(4..8)? != [1, 0, 0, 0] {
        return None;
    }
    parts.data.first().map(|&byte| byte != 0)
}

/// The address of the header of a group's member.
fn member(bytes: &FileBytes, group: &[FoundMessage], name: &str) -> Option<u64> {
    let (tree, heap) = symbol_table::places(group, Widths::USUAL.address)?;
    let names = LocalHeap::read(bytes, heap, LARGEST_HEAP).ok()??;
    let target = symbol_table::find(bytes, tree, &names, name)
        .ok()?
        .flatten();
    target?.header()
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
