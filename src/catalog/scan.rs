//! Looking through a directory: what is in each file, from the cache where nothing changed.

#![forbid(unsafe_code)]

use super::cache::{self, Cache, CacheEntry, Cached, CachedContent, Entries};
use super::metadata::{self, Stamp};
use crate::codec::workers;
use crate::error::{Error, Result, Status};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a directory is looked through.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    /// The path of the metadata in each file.
    pub meta: String,
    /// Whether directories in it are looked through too.
    pub recursive: bool,
    /// Whether the cache is used and written.
    pub cache: bool,
    /// How many threads look, 0 for as many as the process may use processors.
    pub threads: usize,
    /// Where one can see how far it is.
    pub progress: Option<Arc<Progress>>,
}

/// How far a search is.
#[derive(Debug, Default)]
pub struct Progress {
    /// How many files are to be opened.
    pub all: AtomicUsize,
    /// How many of them have been.
    pub done: AtomicUsize,
}

/// A thread takes so many files at a time.
const PORTION: usize = 32;

/// What is in one file.
#[derive(Clone, Copy)]
pub struct FoundFile<'a> {
    /// Its path from the directory on.
    pub path: &'a str,
    /// Its state.
    pub stamp: Stamp,
    /// What it holds.
    pub content: CachedContent<'a>,
}

/// A file to be looked at.
struct Candidate {
    path: String,
    /// Whether there may be a journal beside it.
    has_journal: bool,
}

/// What is known of one file.
enum KnownFile<'a> {
    /// It is still to be read.
    Unread,
    /// As the cache has it.
    Still(Cached<'a>),
    /// It was read.
    Read(CacheEntry),
    /// It cannot be read now, and why.
    Unreadable(Stamp, String),
    /// It is no file, or no longer there.
    Nothing,
}

/// Looks through a directory and gives `visit` what is in each file, on several threads; what it
/// makes of each comes back in the order of the paths.
///
/// # Errors
/// `NotFound`, `Io` when the directory itself cannot be read. What is wrong with a file
/// is told of as its content.
pub fn scan<Made: Send>(
    directory: &Path,
    options: &ScanOptions,
    visit: impl Fn(FoundFile<'_>) -> Option<Made> + Sync,
) -> Result<Vec<Made>> {
    let candidates = candidates(directory, options.recursive)?;
    let cache = match options.cache {
        true => Cache::of(directory),
        false => Cache::default(),
    };
    let entries = cache.entries(&options.meta);
    let threads = workers::threads(options.threads);
    let mut known = in_parallel(threads, &candidates, |place, candidate| {
        look_up(directory, candidate, place, &entries)
    })?;
    let is_unread = |at: &usize| matches!(known[*at], KnownFile::Unread);
    let unread: Vec<usize> = (0..known.len()).filter(is_unread).collect();
    let has_gone =
        known.len() < entries.len() || known.iter().any(|one| matches!(one, KnownFile::Nothing));
    // The next cache is begun before anything is read: its time must not be later.
    let writer = match options.cache && (has_gone || !unread.is_empty()) {
        true => cache::CacheWriter::begin(directory),
        false => None,
    };
    if let Some(progress) = &options.progress {
        progress.all.store(unread.len(), Ordering::Relaxed);
    }
    let read = in_parallel(threads, &unread, |_, &at| {
        let known = read(directory, &candidates[at], &options.meta);
        if let Some(progress) = &options.progress {
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
        known
    })?;
    let is_new = has_gone || read.iter().any(|one| matches!(one, KnownFile::Read(_)));
    for (at, read) in unread.iter().zip(read) {
        known[*at] = read;
    }
    if let Some(writer) = writer.filter(|_| is_new) {
        writer.finish(&options.meta, known.iter().filter_map(KnownFile::cached));
    }
    let found = found(&candidates, &known);
    let made = in_parallel(threads, &found, |_, found| visit(*found))?;
    Ok(made.into_iter().flatten().collect())
}

/// The files that are there, with what they hold.
fn found<'a>(candidates: &'a [Candidate], known: &'a [KnownFile<'a>]) -> Vec<FoundFile<'a>> {
    let found = |(candidate, known): (&'a Candidate, &'a KnownFile<'a>)| {
        let (stamp, content) = match known {
            KnownFile::Unread | KnownFile::Nothing => return None,
            KnownFile::Still(entry) => (entry.stamp, entry.content),
            KnownFile::Read(entry) => (entry.stamp, entry.as_cached().content),
            KnownFile::Unreadable(stamp, reason) => (*stamp, CachedContent::Foreign(reason)),
        };
        Some(FoundFile {
            path: &candidate.path,
            stamp,
            content,
        })
    };
    candidates.iter().zip(known).filter_map(found).collect()
}

impl KnownFile<'_> {
    /// What goes into the next cache.
    fn cached(&self) -> Option<Cached<'_>> {
        match self {
            KnownFile::Still(entry) => Some(*entry),
            KnownFile::Read(entry) => Some(entry.as_cached()),
            KnownFile::Unread | KnownFile::Unreadable(..) | KnownFile::Nothing => None,
        }
    }
}

/// The state of a file and of its journal; None if there is no file.
fn stamps(path: &Path, candidate: &Candidate) -> Option<(Stamp, Option<Stamp>)> {
    let facts = std::fs::metadata(path)
        .ok()
        .filter(|facts| facts.is_file())?;
    let journal = match candidate.has_journal {
        true => Stamp::of_journal(path),
        false => None,
    };
    Some((Stamp::of(&facts), journal))
}

/// What is known without opening the file.
fn look_up<'a>(
    directory: &Path,
    candidate: &Candidate,
    place: usize,
    entries: &Entries<'a>,
) -> KnownFile<'a> {
    let Some((stamp, journal)) = stamps(&directory.join(&candidate.path), candidate) else {
        return KnownFile::Nothing;
    };
    match entries.find(place, &candidate.path, &stamp, journal.as_ref()) {
        Some(entry) => KnownFile::Still(entry),
        None => KnownFile::Unread,
    }
}

/// Reads a file.
fn read<'a>(directory: &Path, candidate: &Candidate, meta: &str) -> KnownFile<'a> {
    let path = directory.join(&candidate.path);
    let Some((stamp, journal)) = stamps(&path, candidate) else {
        return KnownFile::Nothing;
    };
    match metadata::read(&path, meta) {
        Ok(content) => KnownFile::Read(CacheEntry {
            path: candidate.path.clone(),
            stamp,
            journal,
            content,
        }),
        Err(error) if error.status == Status::NotFound => KnownFile::Nothing,
        Err(error) => KnownFile::Unreadable(stamp, error.message),
    }
}

/// The files of a directory that may be runs, sorted by path.
fn candidates(directory: &Path, recursive: bool) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    let mut waiting = vec![String::new()];
    while let Some(inner) = waiting.pop() {
        let listing = match list(&directory.join(&inner)) {
            Ok(listing) => listing,
            // A directory inside may be another user's, or gone by now.
            Err(_) if !inner.is_empty() => continue,
            Err(error) => {
                let text = format!(
                    "the directory '{}' cannot be read: {error}",
                    directory.display()
                );
                return Err(match error.kind() {
                    std::io::ErrorKind::NotFound => Error::not_found(text),
                    _ => Error::io(text),
                });
            }
        };
        if inner.is_empty() {
            cache::remove_stale(directory, &listing.ours);
        }
        let below = |name: &str| match inner.is_empty() {
            true => name.to_owned(),
            false => format!("{inner}/{name}"),
        };
        for (name, is_link) in &listing.files {
            found.push(Candidate {
                path: below(name),
                // A link's journal lies beside the file that it leads to.
                has_journal: *is_link || listing.journals.binary_search(name).is_ok(),
            });
        }
        if recursive {
            waiting.extend(listing.directories.iter().map(|name| below(name)));
        }
    }
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The names in one directory.
#[derive(Default)]
struct DirectoryListing {
    /// Files, and whether each is a link.
    files: Vec<(String, bool)>,
    directories: Vec<String>,
    /// The files that have a journal beside them, sorted.
    journals: Vec<String>,
    /// Caches.
    ours: Vec<String>,
}

fn list(directory: &Path) -> std::io::Result<DirectoryListing> {
    let mut listing = DirectoryListing::default();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        // A name that is not UTF-8 cannot be told of; what is hidden is nobody's run.
        let Some(name) = std::str::from_utf8(name.as_bytes()).ok() else {
            continue;
        };
        if name.starts_with('.') {
            if cache::is_ours(name) {
                listing.ours.push(name.to_owned());
            }
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            listing.directories.push(name.to_owned());
        } else if let Some(file) = file_of_journal(name) {
            listing.journals.push(file.to_owned());
        } else if kind.is_file() || kind.is_symlink() {
            listing.files.push((name.to_owned(), kind.is_symlink()));
        }
    }
    listing.journals.sort_unstable();
    Ok(listing)
}

/// The file beside which a journal of this name lies, or one that was set aside.
fn file_of_journal(name: &str) -> Option<&str> {
    let journal = name.strip_suffix(".refused").unwrap_or(name);
    journal.strip_suffix("-journal")
}

/// Runs `work` on every item and its number, on so many threads; the results come in the order of the items.
fn in_parallel<Item: Sync, Made: Send>(
    threads: usize,
    items: &[Item],
    work: impl Fn(usize, &Item) -> Made + Sync,
) -> Result<Vec<Made>> {
    let portions: Vec<&[Item]> = items.chunks(PORTION).collect();
    let places: Vec<Mutex<Vec<Made>>> = portions.iter().map(|_| Mutex::default()).collect();
    let numbered = (0..portions.len()).collect();
    workers::each(threads, numbered, |portion: usize| {
        let items = portions[portion].iter().enumerate();
        let made = items.map(|(at, item)| work(portion * PORTION + at, item));
        let made = made.collect();
        *places[portion]
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = made;
        Ok(())
    })?;
    let made = |place: Mutex<Vec<Made>>| place.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(places.into_iter().flat_map(made).collect())
}
