//! What was found in a directory's files the last time, so that unchanged ones need not be opened.
//!
//! The cache is one file in the directory, replaced as a whole by renaming: no reader sees half
//! of it, none has to lock it, and a network file system serves as well as any. It can be
//! deleted at any time. An entry counts only if size, times and inode of its file are those of
//! now; and as git does it, only if the file had been left alone for a while when it was read:
//! what changes within one tick of the clock cannot be seen by its times.
//!
//! ```text
//! "h5simcat" | version u32 | entries u32 | read at i64 | XXH3 of all that follows u64 |
//! path of the metadata text | entries, sorted by path
//! entry: path text | size u64 | modified i64 | changed i64 | inode u64 |
//!        journal u8, then as the four before | kind u8 | text | of a run: length u32, tape
//! text: length u32 | UTF-8
//! ```
//! All numbers are little-endian; times are nanoseconds since 1970.

#![forbid(unsafe_code)]

use super::metadata::{FileContent, Stamp};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use xxhash_rust::xxh3::xxh3_64;

/// The name of the cache in its directory.
pub const NAME: &str = ".h5sim-catalog";

const MAGIC: &[u8; 8] = b"h5simcat";
const VERSION: u32 = 1;
const PREFIX: usize = 32;

/// A file that changed so little before it was read is read again: the coarsest clock of a file system ticks
/// every two seconds.
const TICK: i64 = 2_000_000_000;

/// Caches that were being written when their writer was killed are removed when they are so old.
const STALE_SECONDS: i64 = 3600;

/// What was found in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// The file's path from the directory on.
    pub path: String,
    /// Its state when it was read.
    pub stamp: Stamp,
    /// The state of the journal beside it, if there was one.
    pub journal: Option<Stamp>,
    /// What it held.
    pub content: FileContent,
}

/// An entry as it lies in the cache.
#[derive(Clone, Copy, Debug)]
pub struct Cached<'a> {
    /// The file's path from the directory on.
    pub path: &'a str,
    /// Its state when it was read.
    pub stamp: Stamp,
    /// The state of the journal beside it, if there was one.
    pub journal: Option<Stamp>,
    /// What it held.
    pub content: CachedContent<'a>,
}

/// What a file held, as it lies in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedContent<'a> {
    /// A run.
    Run(CachedRun<'a>),
    /// HDF5 without readable metadata, and why.
    Foreign(&'a str),
    /// No HDF5.
    NotHdf5,
}

/// A run as it lies in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedRun<'a> {
    /// The JSON text of its metadata.
    pub text: &'a str,
    /// The same as a tape, in which keys are looked up.
    pub tape: &'a [u8],
    /// Whether it is marked as finished.
    pub finished: bool,
}

/// The bytes of a cache, or of none.
#[derive(Debug, Default)]
pub struct Cache {
    bytes: Vec<u8>,
}

/// The entries of a cache, sorted by path.
#[derive(Debug, Default)]
pub struct Entries<'a> {
    all: Vec<Cached<'a>>,
    /// When they were read.
    read_at: i64,
}

impl Cache {
    /// Reads the cache of a directory; of one that has none, or none that can be read, an empty one.
    pub fn of(directory: &Path) -> Self {
        Self {
            bytes: std::fs::read(directory.join(NAME)).unwrap_or_default(),
        }
    }

    /// The entries for metadata at this path; none if anything is wrong with the cache.
    pub fn entries(&self, meta: &str) -> Entries<'_> {
        self.parse(meta).unwrap_or_default()
    }

    fn parse(&self, meta: &str) -> Option<Entries<'_>> {
        let mut prefix = CacheFields {
            rest: self.bytes.get(..PREFIX)?,
        };
        if prefix.take(8)? != MAGIC || prefix.short()? != VERSION {
            return None;
        }
        let count = prefix.short()? as usize;
        let (read_at, sum) = (prefix.number()? as i64, prefix.number()?);
        let content = &self.bytes[PREFIX..];
        if xxh3_64(content) != sum {
            return None;
        }
        let mut fields = CacheFields { rest: content };
        if fields.text()? != meta {
            return None;
        }
        let mut all = Vec::with_capacity(count.min(content.len() / 45));
        for _ in 0..count {
            all.push(fields.entry()?);
        }
        let is_sorted = all.windows(2).all(|pair| pair[0].path < pair[1].path);
        (is_sorted && fields.rest.is_empty()).then_some(Entries { all, read_at })
    }
}

impl<'a> Entries<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// What is known of a file that is in this state now.
    ///
    /// Where nothing came or went it is the entry at `place` among all.
    pub fn find(
        &self,
        place: usize,
        path: &str,
        stamp: &Stamp,
        journal: Option<&Stamp>,
    ) -> Option<Cached<'a>> {
        let entry = match self.all.get(place) {
            Some(entry) if entry.path == path => *entry,
            _ => {
                let at = self.all.binary_search_by(|entry| entry.path.cmp(path));
                self.all[at.ok()?]
            }
        };
        let is_same = entry.stamp == *stamp && entry.journal.as_ref() == journal;
        (is_same && self.was_at_rest(stamp) && journal.is_none_or(|one| self.was_at_rest(one)))
            .then_some(entry)
    }

    /// Whether a file in this state had been left alone when it was read.
    fn was_at_rest(&self, stamp: &Stamp) -> bool {
        let settled = |time: i64| time.saturating_add(TICK) < self.read_at;
        settled(stamp.modified) && settled(stamp.changed)
    }
}

/// What is left of the cache to be read.
struct CacheFields<'a> {
    rest: &'a [u8],
}

impl<'a> CacheFields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn short(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.short()? as usize;
        self.take(length)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn stamp(&mut self) -> Option<Stamp> {
        Some(Stamp {
            size: self.number()?,
            modified: self.number()? as i64,
            changed: self.number()? as i64,
            inode: self.number()?,
        })
    }

    fn entry(&mut self) -> Option<Cached<'a>> {
        let (path, stamp) = (self.text()?, self.stamp()?);
        let journal = match self.byte()? {
            0 => None,
            _ => Some(self.stamp()?),
        };
        let (kind, text) = (self.byte()?, self.text()?);
        let content = match kind {
            0 => CachedContent::NotHdf5,
            1 => CachedContent::Foreign(text),
            2 | 3 => CachedContent::Run(CachedRun {
                text,
                tape: self.bytes()?,
                finished: kind == 3,
            }),
            _ => return None,
        };
        Some(Cached {
            path,
            stamp,
            journal,
            content,
        })
    }
}

/// What becomes the next cache of a directory.
#[derive(Debug)]
pub struct CacheWriter {
    directory: PathBuf,
    temporary: PathBuf,
    file: File,
    /// The file system's time before anything was read.
    now: i64,
}

impl CacheWriter {
    /// Begins one, before the directory's files are looked at; None where no file can be made.
    pub fn begin(directory: &Path) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{NAME}.{}.{number}", std::process::id());
        let temporary = directory.join(name);
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).open(&temporary).ok()?;
        let now = file.metadata().ok()?;
        Some(Self {
            directory: directory.to_owned(),
            temporary,
            now: Stamp::of(&now).modified,
            file,
        })
    }

    /// Puts the entries, sorted by path, in the place of the cache; what cannot be written is done without.
    pub fn finish<'a>(mut self, meta: &str, entries: impl Iterator<Item = Cached<'a>>) {
        let mut content = Vec::new();
        put_text(&mut content, meta);
        let mut count = 0u32;
        for entry in entries {
            put_entry(&mut content, &entry);
            count += 1;
        }
        let mut bytes = Vec::with_capacity(PREFIX + content.len());
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(self.now.to_le_bytes());
        bytes.extend(xxh3_64(&content).to_le_bytes());
        bytes.append(&mut content);
        if self.file.write_all(&bytes).is_ok() {
            // What fails here leaves the cache that was.
            let _ = std::fs::rename(&self.temporary, self.directory.join(NAME));
        }
    }
}

impl Drop for CacheWriter {
    fn drop(&mut self) {
        // After a renaming there is none of that name.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    // No file name and no metadata come near 4 GiB: they are read with bounds.
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_bytes(bytes, text.as_bytes());
}

fn put_stamp(bytes: &mut Vec<u8>, stamp: &Stamp) {
    bytes.extend(stamp.size.to_le_bytes());
    bytes.extend(stamp.modified.to_le_bytes());
    bytes.extend(stamp.changed.to_le_bytes());
    bytes.extend(stamp.inode.to_le_bytes());
}

fn put_entry(bytes: &mut Vec<u8>, entry: &Cached<'_>) {
    put_text(bytes, entry.path);
    put_stamp(bytes, &entry.stamp);
    bytes.push(u8::from(entry.journal.is_some()));
    if let Some(journal) = &entry.journal {
        put_stamp(bytes, journal);
    }
    let (kind, text, tape) = match entry.content {
        CachedContent::NotHdf5 => (0, "", None),
        CachedContent::Foreign(reason) => (1, reason, None),
        CachedContent::Run(run) => (2 + u8::from(run.finished), run.text, Some(run.tape)),
    };
    bytes.push(kind);
    put_text(bytes, text);
    if let Some(tape) = tape {
        put_bytes(bytes, tape);
    }
}

impl CacheEntry {
    /// The entry as it will lie in the cache.
    pub fn as_cached(&self) -> Cached<'_> {
        Cached {
            path: &self.path,
            stamp: self.stamp,
            journal: self.journal,
            content: match &self.content {
                FileContent::Run {
                    text,
                    tape,
                    finished,
                } => CachedContent::Run(CachedRun {
                    text,
                    tape,
                    finished: *finished,
                }),
                FileContent::Foreign(reason) => CachedContent::Foreign(reason),
                FileContent::NotHdf5 => CachedContent::NotHdf5,
            },
        }
    }
}

/// Whether a name in a directory is a cache, or one that was being written.
pub fn is_ours(name: &str) -> bool {
    name.starts_with(NAME)
}

/// Removes what a writer left that was killed, if it is old enough that nobody can be writing it.
pub fn remove_stale(directory: &Path, names: &[String]) {
    let Ok(now) = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) else {
        return;
    };
    for name in names.iter().filter(|name| is_ours(name) && *name != NAME) {
        let path = directory.join(name);
        let is_stale = |facts: &std::fs::Metadata| {
            facts.mtime().saturating_add(STALE_SECONDS) < now.as_secs() as i64
        };
        if std::fs::symlink_metadata(&path).is_ok_and(|facts| is_stale(&facts)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<CacheEntry> {
        let stamp = |number| Stamp {
            size: number,
            modified: 3,
            changed: 4,
            inode: 5,
        };
        let contents = [
            FileContent::NotHdf5,
            FileContent::Foreign("why".to_owned()),
            FileContent::Run {
                text: "{\"a\": 1}".to_owned(),
                tape: vec![1, 2, 3],
                finished: true,
            },
            FileContent::Run {
                text: String::new(),
                tape: Vec::new(),
                finished: false,
            },
        ];
        let entry = |(number, content)| CacheEntry {
            path: format!("{number}"),
            stamp: stamp(number),
            journal: (number == 2).then(|| stamp(9)),
            content,
        };
        (0..).zip(contents).map(entry).collect()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let folder = std::env::temp_dir().join(format!("h5sim-cache-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(Cache::of(&folder).entries("meta").len(), 0);
        let all = entries();
        let writer = CacheWriter::begin(&folder).unwrap();
        writer.finish("meta", all.iter().map(CacheEntry::as_cached));
        let names: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(names.len(), 1);
        let cache = Cache::of(&folder);
        let found = cache.entries("meta");
        assert_eq!(found.len(), 4);
        for entry in &all {
            let cached = found.find(1, &entry.path, &entry.stamp, entry.journal.as_ref());
            assert_eq!(cached.unwrap().content, entry.as_cached().content);
            let mut other = entry.stamp;
            other.changed += 1;
            assert!(found
                .find(0, &entry.path, &other, entry.journal.as_ref())
                .is_none());
        }
        assert!(found.find(9, "4", &all[0].stamp, None).is_none());
        assert!(found.find(2, "2", &all[2].stamp, None).is_none());
        assert_eq!(cache.entries("other").len(), 0);
        // One bit of it changed, or a byte missing: there is no cache.
        for bit in 0..8 * cache.bytes.len() {
            let mut bytes = cache.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let damaged = Cache { bytes };
            let is_time = (16 * 8..24 * 8).contains(&bit);
            assert!(is_time || damaged.entries("meta").len() == 0, "bit {bit}");
        }
        for cut in 0..cache.bytes.len() {
            let bytes = cache.bytes[..cut].to_vec();
            assert_eq!(Cache { bytes }.entries("meta").len(), 0);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_changed_just_before_it_was_read_is_read_again() {
        let stamp = |time| Stamp {
            size: 1,
            modified: time,
            changed: time,
            inode: 1,
        };
        let entries = Entries {
            all: Vec::new(),
            read_at: 10 * TICK,
        };
        assert!(entries.was_at_rest(&stamp(8 * TICK)));
        assert!(!entries.was_at_rest(&stamp(9 * TICK)));
        assert!(!entries.was_at_rest(&stamp(11 * TICK)));
        let mut touched = stamp(8 * TICK);
        touched.changed = 10 * TICK;
        assert!(!entries.was_at_rest(&touched));
    }
}
