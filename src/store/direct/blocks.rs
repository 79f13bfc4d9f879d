//! The bytes of a file that is only read, with a bounded cache of what was read before.

#![forbid(unsafe_code)]

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::codec::Scratch;
use crate::error::{Error, Result};

/// Bytes of a block of the file, read as a whole and kept.
pub const BLOCK: u64 = 64 << 10;

/// The most bytes that the cache of one file keeps.
const CAPACITY: usize = 64 << 20;

/// The most bytes of memory to decode in that one file keeps between two reads.
const SCRATCH: usize = 32 << 20;

/// Marks the key of a decoded chunk; addresses stay far below it.
const CHUNK_KEY: u64 = 1 << 63;

/// A file, read at any place by any thread.
pub struct Blocks {
    file: File,
    /// Its bytes when it was opened.
    length: u64,
    cache: RwLock<Cache>,
    /// Memory that no thread decodes in now. To get it from the system again costs several percent of a read.
    idle: Mutex<Vec<Scratch>>,
}

#[derive(Default)]
struct Cache {
    entries: HashMap<u64, Entry>,
    /// The keys in the order in which they will be looked at when room is needed.
    order: VecDeque<u64>,
    bytes: usize,
}

struct Entry {
    bytes: Arc<Vec<u8>>,
    /// Whether it was used since it was last looked at: then it stays for another round.
    used: AtomicBool,
}

impl Blocks {
    /// Reads from `file`, whose bytes do not change as long as this lives.
    pub fn new(file: File) -> Self {
        Self {
            length: file.metadata().map_or(0, |facts| facts.len()),
            file,
            cache: RwLock::default(),
            idle: Mutex::default(),
        }
    }

    /// Runs `work` with memory to decode in.
    pub fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let done = work(&mut scratch);
        let mut idle = idle();
        let kept: usize = idle.iter().map(Scratch::memory).sum();
        if kept + scratch.memory() <= SCRATCH {
            idle.push(scratch);
        }
        done
    }

    /// The bytes of the file when it was opened.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Fails unless `bytes` bytes from `address` on lie in the file.
    pub fn check(&self, address: u64, bytes: u64) -> Result<()> {
        match address.checked_add(bytes) {
            Some(end) if end <= self.length => Ok(()),
            _ => Err(Error::format(format!(
                "{bytes} bytes at {address} were expected, but the file has only {} bytes: it is damaged",
                self.length
            ))),
        }
    }

    /// Fills `target` with the bytes from `address` on.
    pub fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.file
            .read_exact_at(target, address)
            .map_err(|reason| match reason.kind() {
                ErrorKind::UnexpectedEof => Error::format(format!(
                    "{} bytes at {address} were expected, but the file ends before: it is damaged",
                    target.len()
                )),
                _ => refused(reason),
            })
    }

    /// Fills `target` with the bytes from `address` on, by way of the cache.
    pub fn read_cached(&self, mut address: u64, mut target: &mut [u8]) -> Result<()> {
        while !target.is_empty() {
            let start = address - address % BLOCK;
            let block = self.block(start)?;
            let offset = (address - start) as usize;
            let length = target.len().min(block.len().saturating_sub(offset));
            if length == 0 {
                // The file ends before: let the plain read say so.
                return self.read(address, target);
            }
            let (now, later) = target.split_at_mut(length);
            now.copy_from_slice(&block[offset..offset + length]);
            target = later;
            address += length as u64;
        }
        Ok(())
    }

    /// The block that starts at `start`, a multiple of [`BLOCK`]; shorter at the end of the file.
    pub fn block(&self, start: u64) -> Result<Arc<Vec<u8>>> {
        if let Some(bytes) = self.cached(start) {
            return Ok(bytes);
        }
        let mut bytes = vec![0; BLOCK as usize];
        let mut length = 0;
        while length < bytes.len() {
            match self
                .file
                .read_at(&mut bytes[length..], start + length as u64)
            {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(reason) if reason.kind() == ErrorKind::Interrupted => {}
                Err(reason) => return Err(refused(reason)),
            }
        }
        bytes.truncate(length);
        let bytes = Arc::new(bytes);
        self.keep(start, &bytes);
        Ok(bytes)
    }

    /// The decoded chunk that is stored at `address`, if it is still in the cache.
    pub fn chunk(&self, address: u64) -> Option<Arc<Vec<u8>>> {
        self.cached(address | CHUNK_KEY)
    }

    /// Keeps the decoded chunk that is stored at `address`.
    pub fn keep_chunk(&self, address: u64, bytes: &Arc<Vec<u8>>) {
        self.keep(address | CHUNK_KEY, bytes);
    }

    fn cached(&self, key: u64) -> Option<Arc<Vec<u8>>> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        let entry = cache.entries.get(&key)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(Arc::clone(&entry.bytes))
    }

    fn keep(&self, key: u64, bytes: &Arc<Vec<u8>>) {
        // A quarter at most for one entry, so that a few large ones do not drive out all else.
        if bytes.len() > CAPACITY / 4 {
            return;
        }
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        let entry = Entry {
            bytes: Arc::clone(bytes),
            used: AtomicBool::new(false),
        };
        match cache.entries.insert(key, entry) {
            // Another thread read the same meanwhile.
            Some(before) => cache.bytes -= before.bytes.len(),
            None => cache.order.push_back(key),
        }
        cache.bytes += bytes.len();
        cache.shrink();
    }
}

impl Cache {
    /// Lets go of entries that were not used for a while until the rest fits.
    fn shrink(&mut self) {
        while self.bytes > CAPACITY {
            let Some(key) = self.order.pop_front() else {
                return;
            };
            let used = self
                .entries
                .get(&key)
                .is_some_and(|entry| entry.used.swap(false, Ordering::Relaxed));
            if used {
                self.order.push_back(key);
            } else if let Some(entry) = self.entries.remove(&key) {
                self.bytes -= entry.bytes.len();
            }
        }
    }
}

fn refused(reason: std::io::Error) -> Error {
    Error::io(format!("the file cannot be read: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;
    use std::io::Write;

    fn file(name: &str, bytes: &[u8]) -> File {
        let path = std::env::temp_dir().join(format!("h5sim-blocks-{}-{name}", std::process::id()));
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let file = File::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file
    }

    #[test]
    fn cached_reads_equal_plain_ones_and_end_with_the_file() {
        let bytes: Vec<u8> = (0..200_000u32).map(|i| (i * 7 / 3) as u8).collect();
        let blocks = Blocks::new(file("reads", &bytes));
        for (address, length) in [
            (0, 10),
            (65_530, 20),
            (1, 199_999),
            (131_072, 0),
            (199_999, 1),
        ] {
            let mut target = vec![0; length];
            blocks.read_cached(address as u64, &mut target).unwrap();
            assert_eq!(target, bytes[address..address + length]);
            blocks.check(address as u64, length as u64).unwrap();
        }
        for address in [199_990, 200_000, 1 << 40] {
            let mut target = [0; 11];
            let error = blocks.read_cached(address, &mut target).unwrap_err();
            assert_eq!(error.status, Status::Format);
            assert_eq!(
                blocks.check(address, 11).unwrap_err().status,
                Status::Format
            );
        }
        assert_eq!(
            blocks.check(u64::MAX, 2).unwrap_err().status,
            Status::Format
        );
    }

    #[test]
    fn the_cache_stays_bounded_and_keeps_what_is_used() {
        let blocks = Blocks::new(file("bound", b""));
        let chunk = Arc::new(vec![0; 1 << 20]);
        for address in 0..1000 {
            blocks.keep_chunk(address, &chunk);
            assert!(blocks.chunk(0).is_some(), "{address}");
        }
        let cache = blocks.cache.read().unwrap();
        assert_eq!(cache.bytes, CAPACITY);
        assert_eq!(cache.entries.len(), 64);
        assert_eq!(cache.order.len(), 64);
        drop(cache);
        assert!(blocks.chunk(500).is_none());
        blocks.keep_chunk(5000, &Arc::new(vec![0; CAPACITY / 4 + 1]));
        assert!(blocks.chunk(5000).is_none());
    }
}
