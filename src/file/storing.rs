//! From memory to the file: chunks are encoded by several threads and stored in their order in the file.
//!
//! HDF5, or the bytes of a dataset of which it has seen nothing, have the places and the index; the bytes are written past it, so
//! that what a disk refuses is refused here and HDF5 never sees a failing write.

#![forbid(unsafe_code)]

use super::buffers;
use super::cache::ChunkKey;
use super::dataset::{Lookup, OpenDataset, Storage};
use super::owner::State;
use crate::codec::{workers, Scratch};
use crate::error::{Error, Result};
use crate::journal::RawFile;
use crate::store::h5::ChunkPlace;
use crate::store::{Hdf5File, Moved};

/// Chunks are encoded by several threads from this many bytes on.
const PARALLEL: usize = 256 << 10;

/// So much is encoded and stored together.
const TOGETHER: usize = 8 << 20;

/// Smaller chunks are compressed at each commit, though they are still to grow: compressed they may well have as many bytes as they have unfiltered, and HDF5, which
/// writes which filters a chunk has gone through only where its length changes, makes such a chunk unreadable when it writes it after a kill.
const LEAST_RAW: usize = 512;

/// New chunks of fewer bytes than [`WORTH_A_RANGE`] are put together before they are written, so many bytes at a time.
const WRITTEN: usize = 128 << 10;

/// A new chunk of which so little is there is not written as a whole, if it has so many bytes: each range that was never written costs
/// the commits something.
const SPARSE: usize = 4;
const WORTH_A_RANGE: usize = 32 << 10;

/// Stores the bytes of a chunk as they are to be in the file.
///
/// Where as many bytes with the same mask are there already, they are overwritten.
pub(super) fn store_chunk(
    open: &mut OpenDataset,
    file: &Hdf5File,
    number: u64,
    mask: u32,
    stored: &[u8],
) -> Result<()> {
    let raw = file.raw()?;
    let in_place = match open.chunked()?.place(number) {
        Lookup::At(place) if place.mask == mask && place.stored == stored.len() as u64 => {
            Some(place)
        }
        _ => None,
    };
    let moves = |place: &ChunkPlace| file.is_better_moved(place.address, place.stored);
    if let Some(place) = in_place.filter(|place| !open.is_lone() || !moves(place)) {
        return raw.write(place.address, stored);
    }
    let place = open.reserve_chunk(file, number, mask, stored.len())?;
    raw.write(place.address, stored).inspect_err(|_| {
        // What lay there before is nobody's to see.
        let _ = raw.note_unwritten(place.address, place.stored);
    })?;
    if let Some(before) = in_place {
        note_moved(open, file, number, (before, place));
    }
    Ok(())
}

/// Takes note that a chunk was written elsewhere though it would have done in its place.
fn note_moved(
    open: &OpenDataset,
    file: &Hdf5File,
    number: u64,
    (from, to): (ChunkPlace, ChunkPlace),
) {
    if from.address == to.address {
        // HDF5 has it after all, and leaves it where it is.
        return;
    }
    let moved = Moved {
        header: open.key.address(),
        chunk: Some(number),
        length: to.stored,
    };
    file.note_moved(from.address, to.address, moved);
}

impl State {
    /// Brings the dirty chunks of a dataset into the file; what cannot be stored stays dirty.
    pub(super) fn flush_dataset(&mut self, id: u32) -> Result<()> {
        let dirty = self.cache.dirty_of(id);
        self.flush_chunks(&dirty)?;
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(());
        };
        open.store_extent(&self.hdf5)?;
        if open.cut_past(&self.hdf5)? {
            self.fill_border(id)?;
        } else if !open.is_extent_stored() {
            // HDF5 fills and stores the chunks at the border anew, and must not fail in the middle of that.
            if let Storage::Chunked(chunked) = &open.storage {
                let border = chunked.per_row.saturating_mul(chunked.bytes as u64);
                self.raw.reserve(border.saturating_add(border / 8))?;
            }
            // An open dataset of HDF5's keeps where it found a chunk, and with which filters it was stored then.
            if open.is_opened_by_hdf5() {
                open.close_hdf5();
            }
            self.require_hdf5(id)?;
            if let Some(open) = self.datasets.get_mut(id) {
                open.cut_extent()?;
            }
        }
        self.cut_short.remove(&id);
        self.grown.remove(&id);
        Ok(())
    }

    /// Makes what lies beyond the extents along the first axis fill, in the chunks at that border: who makes the dataset longer finds it there.
    fn fill_border(&mut self, id: u32) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(());
        };
        let (records, fill) = (open.shape[0], open.fill.clone());
        let chunked = &*open.chunked()?;
        let (whole, per_row) = (chunked.bytes, chunked.per_row);
        let kept = (records % chunked.chunk[0]) as usize * (whole / chunked.chunk[0] as usize);
        if kept == 0 {
            return Ok(());
        }
        let first = records / chunked.chunk[0] * per_row;
        for number in first..first + per_row {
            let key = (id, number);
            let Some(open) = self.datasets.get_mut(id) else {
                return Ok(());
            };
            if open.chunked()?.place(number) == Lookup::Missing && self.cache.find(key).is_none() {
                continue;
            }
            let place = self.load_chunk(key)?;
            if let Some(slot) = self.cache.at(place, key) {
                slot.bytes.truncate(kept);
                complete(&mut slot.bytes, whole, &fill)?;
            }
            self.cache.recount(place);
            self.cache.mark_all(key);
        }
        let dirty = self.cache.dirty_of(id);
        self.flush_chunks(&dirty)
    }

    /// Brings dirty chunks, all of one dataset and in order, into the file.
    pub(super) fn flush_chunks(&mut self, dirty: &[ChunkKey]) -> Result<()> {
        let Some(&(id, _)) = dirty.first() else {
            return Ok(());
        };
        let name = self.name_of(id);
        self.flush_chunks_of(id, dirty)
            .map_err(|error| error.within(name))
    }

    fn flush_chunks_of(&mut self, id: u32, dirty: &[ChunkKey]) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a chunk's dataset is not open"));
        };
        if let Some(address) = open.in_parts() {
            return self.store_parts(dirty, address);
        }
        open.store_extent(&self.hdf5)?;
        let Storage::Chunked(chunked) = &open.storage else {
            return Err(Error::internal("a dataset without chunks has dirty ones"));
        };
        // A chunk that is still to grow is stored as it is, and what comes later is written behind:
        // compressed anew at each commit it would take new room each time.
        let (cache, compresses) = (&self.cache, chunked.pipeline.compresses());
        let grows = |key: &ChunkKey| cache.remaining(*key) > 0;
        let may_be_raw = compresses && chunked.bytes >= LEAST_RAW;
        let raw_form = |key: &ChunkKey| chunked.is_unfiltered() || (may_be_raw && grows(key));
        let (as_they_are, encoded): (Vec<ChunkKey>, Vec<ChunkKey>) =
            dirty.iter().partition(|key| raw_form(key));
        self.store_as_they_are(id, &as_they_are)?;
        self.store_encoded(id, &encoded)
    }

    /// Stores chunks without filters: what is new in their places, or all of those that need one.
    fn store_as_they_are(&mut self, id: u32, keys: &[ChunkKey]) -> Result<()> {
        let (mut staying, mut moving) = (Vec::new(), Vec::new());
        for &key in keys {
            match self.place_as_it_is(key)? {
                Some(address) => staying.push((key, address)),
                None => moving.push(key),
            }
        }
        self.store_in_place(&staying)?;
        let Some(open) = self.datasets.get_mut(id).filter(|_| !moving.is_empty()) else {
            return Ok(());
        };
        let together = (TOGETHER / open.chunked()?.bytes).max(1);
        let mut groups = moving.chunks(together);
        groups.try_for_each(|keys| self.store_elsewhere(id, keys))
    }

    /// Where a chunk is in the file as it is in memory, or None if it has to get a place, or is better written elsewhere: see
    /// [`relocating`](super::relocating).
    fn place_as_it_is(&mut self, key: ChunkKey) -> Result<Option<u64>> {
        let (id, number) = key;
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a chunk's dataset is not open"));
        };
        if open.chunked()?.place(number) == Lookup::AskHdf5 {
            open.list_places(&self.hdf5)?;
        }
        let chunked = open.chunked()?;
        if !chunked.is_unfiltered() {
            chunked.unfinished.insert(number);
        }
        let (mask, whole) = (chunked.all_filters(), chunked.bytes as u64);
        let place = match chunked.place(number) {
            Lookup::At(place) if place.mask == mask && place.stored == whole => place,
            _ => return Ok(None),
        };
        // In its place what is new would be written twice.
        let slot = self.cache.get(key);
        let changed: usize = slot.map_or(0, |slot| slot.changed().map(|range| range.len()).sum());
        let is_mostly_new = 2 * changed as u64 >= whole;
        let moves =
            is_mostly_new && open.is_lone() && self.hdf5.is_better_moved(place.address, whole);
        Ok((!moves).then_some(place.address))
    }

    /// Stores what is new of chunks without filters at their addresses.
    fn store_in_place(&mut self, chunks: &[(ChunkKey, u64)]) -> Result<()> {
        let mut together = Together::new(&self.raw);
        for &(key, address) in chunks {
            let Some(slot) = self.cache.get(key) else {
                continue;
            };
            for range in slot.changed() {
                together.write(address + range.start as u64, &slot.bytes[range])?;
            }
        }
        together.finish()?;
        chunks.iter().for_each(|&(key, _)| self.cache.clean(key));
        Ok(())
    }

    /// Stores chunks without filters in new places, which lie side by side where there is room.
    fn store_elsewhere(&mut self, id: u32, keys: &[ChunkKey]) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a chunk's dataset is not open"));
        };
        let fill = open.fill.clone();
        let chunked = open.chunked()?;
        let (mask, whole) = (chunked.all_filters(), chunked.bytes);
        let is_sparse = |length: usize| {
            whole >= WORTH_A_RANGE && length < whole / SPARSE && fill.iter().all(|&byte| byte == 0)
        };
        for &key in keys {
            let Some(place) = self.cache.find(key) else {
                continue;
            };
            if let Some(slot) = self.cache.at(place, key) {
                // It moves: should that fail halfway, no part of it is in the file.
                if !is_sparse(slot.bytes.len()) {
                    complete(&mut slot.bytes, whole, &fill)?;
                }
            }
            self.cache.mark(place, 0..whole, 0);
            self.cache.recount(place);
        }
        let numbers: Vec<u64> = keys.iter().map(|key| key.1).collect();
        let before: Vec<Lookup> = numbers
            .iter()
            .map(|&number| chunked.place(number))
            .collect();
        let places = open.reserve_chunks(&self.hdf5, &numbers, mask, whole)?;
        let mut together = Together::new(&self.raw);
        let mut chunks = keys.iter().zip(&places);
        let written = chunks.try_for_each(|(&key, place)| {
            let bytes = self.cache.peek(key).unwrap_or_default();
            if bytes.len() < whole {
                // Room for the chunk, of which only the beginning is written.
                self.raw.note_unwritten(place.address, whole as u64)?;
            }
            together.write(place.address, bytes)
        });
        if let Err(error) = written.and_then(|()| together.finish()) {
            for place in places {
                // What lay there before is nobody's to see.
                let _ = self.raw.note_unwritten(place.address, place.stored);
            }
            return Err(error);
        }
        for ((&key, &place), before) in keys.iter().zip(&places).zip(before) {
            self.cache.clean(key);
            match before {
                Lookup::At(before) if before.stored == place.stored => {
                    note_moved(open, &self.hdf5, key.1, (before, place));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Encodes chunks by several threads and stores them in order.
    fn store_encoded(&mut self, id: u32, keys: &[ChunkKey]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let threads = self.threads_for(id);
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a chunk's dataset is not open"));
        };
        let fill = open.fill.clone();
        let whole = open.chunked()?.bytes;
        for &key in keys {
            if let Some(slot) = self.cache.get(key) {
                complete(&mut slot.bytes, whole, &fill)?;
            }
            // It moves: should that fail halfway, no part of it is in the file.
            self.cache.mark_all(key);
        }
        let pipeline = open.chunked()?.pipeline.clone();
        let worth = pipeline.compresses() && keys.len() * whole >= PARALLEL;
        let threads = if worth { workers::threads(threads) } else { 1 };
        let (cache, file) = (&self.cache, &self.hdf5);
        let mut stored_keys = Vec::new();
        let stored = workers::in_order(
            threads,
            keys.len(),
            |scratch: &mut Scratch, index, stored: &mut Vec<u8>| match cache.peek(keys[index]) {
                Some(bytes) => pipeline.encode(scratch, bytes, stored),
                None => Err(Error::internal("a dirty chunk is not in memory")),
            },
            |index, stored| {
                let number = keys[index].1;
                store_chunk(open, file, number, 0, stored)?;
                open.chunked()?.unfinished.remove(&number);
                stored_keys.push(keys[index]);
                Ok(())
            },
        );
        for key in stored_keys {
            self.cache.clean(key);
        }
        stored
    }

    /// Compresses the chunks that were stored as they are after all: nothing more is coming.
    pub(super) fn finish_dataset(&mut self, id: u32) -> Result<()> {
        self.flush_dataset(id)?;
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(());
        };
        let (unfinished, bytes) = match &open.storage {
            Storage::Chunked(chunked) => (chunked.unfinished.clone(), chunked.bytes),
            _ => return Ok(()),
        };
        let unfinished: Vec<ChunkKey> = unfinished.iter().map(|&number| (id, number)).collect();
        for keys in unfinished.chunks((TOGETHER / bytes).max(1)) {
            for key in keys {
                self.load_chunk(*key)?;
            }
            self.store_encoded(id, keys)?;
            self.make_room()?;
        }
        Ok(())
    }

    /// Makes room in memory by letting chunks go, first those that the file has.
    pub(super) fn make_room(&mut self) -> Result<()> {
        while super::memory::is_exceeded() {
            if self.cache.drop_clean() {
                continue;
            }
            let oldest = self.cache.oldest_dirty(TOGETHER);
            if oldest.is_empty() {
                self.others.close();
                return Ok(());
            }
            for chunks in oldest.chunk_by(|one, other| one.0 == other.0) {
                self.flush_chunks(chunks)?;
            }
        }
        Ok(())
    }
}

/// Writes bytes that follow each other in the file together.
struct Together<'a> {
    raw: &'a RawFile,
    address: u64,
    bytes: Vec<u8>,
}

impl<'a> Together<'a> {
    fn new(raw: &'a RawFile) -> Self {
        Self {
            raw,
            address: 0,
            bytes: Vec::new(),
        }
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<()> {
        let follows = address == self.address + self.bytes.len() as u64;
        if !follows || self.bytes.len() + bytes.len() > WRITTEN {
            self.finish()?;
        }
        if self.bytes.is_empty() && bytes.len() >= WORTH_A_RANGE {
            return self.raw.write(address, bytes);
        }
        if self.bytes.capacity() == 0 {
            self.bytes = buffers::take(WRITTEN);
            self.bytes.clear();
        }
        if self.bytes.is_empty() {
            self.address = address;
        }
        self.bytes
            .try_reserve(bytes.len())
            .map_err(|_| Error::no_memory(bytes.len()))?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        self.raw.write(self.address, &self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

impl Drop for Together<'_> {
    fn drop(&mut self) {
        buffers::give_back(std::mem::take(&mut self.bytes));
    }
}

/// Makes the bytes of a chunk complete: what was never written is filled.
pub(super) fn complete(bytes: &mut Vec<u8>, whole: usize, fill: &[u8]) -> Result<()> {
    let start = bytes.len();
    if start >= whole {
        return Ok(());
    }
    bytes
        .try_reserve_exact(whole - start)
        .map_err(|_| Error::no_memory(whole))?;
    bytes.resize(whole, 0);
    if fill.iter().any(|&byte| byte != 0) {
        for element in bytes[start..].chunks_exact_mut(fill.len()) {
            element.copy_from_slice(fill);
        }
    }
    Ok(())
}
