//! Writes into datasets: past HDF5 where nothing is unusual.

#![forbid(unsafe_code)]

use super::buffers;
use super::cache::{ChunkCache, ChunkKey, Rereading};
use super::dataset::{Lookup, Storage, HELD};
use super::memory;
use super::moving;
use super::owner::State;
use super::segments::{self, each_of, Array, AxisSegments, ChunkedArray, Memory, Segment};
use super::selection;
use super::storing::store_chunk;
use crate::array::Bytes;
use crate::codec::convert::Conversion;
use crate::codec::quantize::Quantize;
use crate::codec::walk::Walk;
use crate::codec::{scratch, workers, Scratch};
use crate::error::{Error, Result, Status};
use crate::slice::{Axis, PerAxis};
use crate::store::h5;
use crate::store::strided::Strided;
use crate::store::{check_conversion, normal, Dtype};
use smallvec::SmallVec;

/// Writes of fewer bytes are not worth another thread.
const PARALLEL: usize = 512 << 10;

/// So many chunks that are in memory are looked at before any is written.
const AT_ONCE: usize = 16;

/// Whole chunks that are compressed wait in memory for others, so that several threads have work, up to so many bytes.
const TOGETHER: usize = 8 << 20;

/// So do chunks without filters of fewer bytes, since some get their places together and are written together.
const SMALL: usize = 32 << 10;
const SMALL_TOGETHER: usize = 1 << 20;

/// So many bytes of a chunk side by side are worth a call of the system: to have the chunk in memory takes reading all of it.
const LONG: usize = 4 << 10;

/// Whether a call overwrites elements, so that all of them are to become new, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwriting {
    /// It does not: what it has done can be undone.
    Nothing,
    /// It does, and all are old.
    Whole,
    /// It does, and some are new.
    Begun,
}

/// Elements in memory that are to be written: their bytes, and where in them the selection's elements are.
#[derive(Clone)]
pub struct Source<'a> {
    /// The memory from the lowest element on.
    pub bytes: Bytes<'a>,
    /// Where the elements are in them.
    pub memory: Memory,
    /// Their type.
    pub dtype: Dtype,
}

/// An array that is to be written, and where in a dataset.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The selection of the dataset; the axes that are kept are the array's own.
    pub axes: &'a [Axis],
    /// The type of the array's elements.
    pub dtype: Dtype,
    /// The array.
    pub array: &'a Strided<'a>,
}

impl<'a> Source<'a> {
    /// Elements one after the other, in the order of the selection.
    pub fn packed(bytes: &'a [u8], axes: &[Axis], dtype: Dtype) -> Self {
        Self {
            bytes: bytes.into(),
            memory: Memory::packed(axes, dtype.size()),
            dtype,
        }
    }

    /// Whether the elements are one after the other already.
    fn is_packed(&self, axes: &[Axis]) -> bool {
        let packed = Memory::packed(axes, self.memory.item);
        self.memory.origin == 0 && self.memory.strides == packed.strides
    }

    /// The elements one after the other.
    fn pack(&self, axes: &[Axis]) -> Result<Vec<u8>> {
        let item = self.memory.item;
        let counts: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
        let mut packed: Vec<u8> = h5::zeroed(counts.iter().product(), item)?;
        let forwards: PerAxis<Axis> = axes
            .iter()
            .map(|axis| Axis {
                start: 0,
                step: 1,
                ..*axis
            })
            .collect();
        let parts = segments::whole(&forwards);
        let array = Array {
            extents: &counts,
            origin: &PerAxis::from_elem(0, counts.len()),
            item,
        };
        let walk = segments::from_memory(&forwards, &parts, array, &self.memory);
        moving::copy(self.bytes, &walk, item, &mut packed);
        Ok(packed)
    }
}

impl State {
    /// Writes the selection `axes` of a dataset.
    pub(super) fn write_axes(&mut self, id: u32, axes: &[Axis], source: &Source<'_>) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let dtype = source.dtype;
        if open.dtype != dtype {
            check_conversion(dtype, dtype.name(), open.dtype, &open.describe())?;
        }
        if axes.iter().any(|axis| axis.count == 0) {
            return Ok(());
        }
        if dtype == Dtype::Bool {
            // In memory anything but 0 is true; the file's type knows 0 and 1 only.
            let own;
            let packed = match source.is_packed(axes) {
                true => source.bytes.all(),
                false => {
                    own = source.pack(axes)?;
                    &own
                }
            };
            let packed = normal(dtype, packed);
            self.write_numbers(id, axes, &Source::packed(&packed, axes, dtype))?;
        } else {
            self.write_numbers(id, axes, source)?;
        }
        if self.overwriting == Overwriting::Whole {
            self.overwriting = Overwriting::Begun;
        }
        Ok(())
    }

    /// Runs a call that overwrites elements of a dataset: of those that it has begun with, half are not to be new.
    ///
    /// What the disk refuses after the first piece stays in memory, where it fits there.
    pub(super) fn overwriting<T>(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.overwriting = Overwriting::Whole;
        let done = body(self);
        self.overwriting = Overwriting::Nothing;
        done
    }

    fn write_numbers(&mut self, id: u32, axes: &[Axis], source: &Source<'_>) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let dtype = source.dtype;
        let numbers = h5::memory_number(dtype).zip(open.number);
        let (Some((given, stored)), false) = (numbers, matches!(open.storage, Storage::Hdf5))
        else {
            return self.write_by_hdf5(id, axes, source);
        };
        if let Some(conversion) = h5::conversion(given, stored) {
            return self.write_stored(id, axes, &conversion, source);
        }
        // HDF5 has ways of its own to convert these.
        let Some(conversion) = Conversion::new(stored, stored) else {
            return self.write_by_hdf5(id, axes, source);
        };
        let converted = self
            .require_hdf5(id)?
            .element
            .convert_from(dtype, &source.pack(axes)?)?;
        let converted = Source {
            bytes: converted[..].into(),
            memory: Memory::packed(axes, conversion.from_size()),
            dtype,
        };
        self.write_stored(id, axes, &conversion, &converted)
    }

    /// Writes a selection by HDF5, which wants it in the dataset's order.
    fn write_by_hdf5(&mut self, id: u32, axes: &[Axis], source: &Source<'_>) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        open.store_extent(&self.hdf5)?;
        let part = selection::part_of(axes, &open.shape);
        let mut packed = source.pack(axes)?;
        if axes.iter().any(Axis::is_reversed) {
            let layout = selection::backwards(axes, source.memory.item)?;
            let counts = axes.first().map_or(1, |axis| axis.count as usize);
            packed = crate::store::strided::Strided::new(&packed[..], layout).gather(0, counts)?;
        }
        // What waits in memory is older, and HDF5 must not fail in the middle of it for want of room.
        self.give_up_held(id)?;
        self.raw.reserve(packed.len() as u64)?;
        let hdf5 = self.require_hdf5(id)?;
        hdf5.write(source.dtype, part.as_ref(), &packed)
    }

    fn write_stored(
        &mut self,
        id: u32,
        axes: &[Axis],
        conversion: &Conversion,
        source: &Source<'_>,
    ) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let address = match &open.storage {
            Storage::Contiguous(Some(address)) => *address,
            Storage::Contiguous(None) => self.allocate(id)?,
            _ => return self.write_chunks(id, axes, conversion, source),
        };
        let Some(open) = self.datasets.get(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let array = ChunkedArray::in_one_piece(&open.shape, conversion.to_size());
        let mut walk = Walk::default();
        array.walk_from_memory(axes, &source.memory, &mut walk);
        if self.write_to_parts(id, &walk, conversion, source)? {
            return Ok(());
        }
        let moves = self.overwriting == Overwriting::Whole
            && self.write_elsewhere(id, address, axes, &walk, conversion, source)?;
        if moves {
            return Ok(());
        }
        let keeps = match self.overwriting {
            Overwriting::Nothing => moving::Keeps::Nothing,
            Overwriting::Whole => moving::Keeps::OnceBegun,
            Overwriting::Begun => moving::Keeps::All,
        };
        moving::to_file(&self.raw, address, &walk, conversion, source.bytes, keeps)
    }

    /// Allocates a dataset in one piece; elements that were never written read as the fill value, whatever lay there before.
    pub(super) fn allocate(&mut self, id: u32) -> Result<u64> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is allocated"));
        };
        let bytes = open.bytes();
        let is_filled = open.fill.iter().any(|&byte| byte != 0);
        if is_filled {
            // HDF5 fills it, and must not fail in the middle of that.
            self.raw.reserve(bytes)?;
        }
        let address = match self.allocate_past(id, bytes)? {
            Some(address) => address,
            None => {
                let raw = self.raw.clone();
                self.require_hdf5(id)?.allocate(&raw)?
            }
        };
        if let Some(open) = self.datasets.get_mut(id) {
            open.storage = Storage::Contiguous(Some(address));
        }
        if !is_filled {
            self.raw.note_unwritten(address, bytes)?;
        }
        Ok(address)
    }

    /// Writes into chunks that are in memory as wholes, which is no more than a copy; None if it is more.
    fn write_in_memory(
        &mut self,
        id: u32,
        axes: &[Axis],
        conversion: &Conversion,
        source: &Source<'_>,
    ) -> Option<()> {
        let open = self.datasets.get(id)?;
        let Storage::Chunked(chunked) = &open.storage else {
            return None;
        };
        let write = ChunkWrite {
            axes,
            shape: &open.shape,
            chunk: &chunked.chunk,
            chunk_bytes: chunked.bytes,
            conversion,
            source,
        };
        if open.quantize.is_some() {
            return None;
        }
        let cache = &mut self.cache;
        let look = |cache: &mut ChunkCache, number: u64, bytes: usize| {
            let key = (id, number);
            // A large one that becomes another as a whole goes straight to the file, the first time in a step.
            let waits = chunked.bytes <= HELD || bytes < chunked.bytes || cache.is_repeated(key, 0);
            let place = cache.find(key).filter(|_| waits);
            let slot = place.and_then(|place| cache.at(place, key));
            let is_whole = slot.is_some_and(|slot| slot.bytes.len() == chunked.bytes);
            place.filter(|_| is_whole).map(|place| (place, key))
        };
        let item = conversion.to_size();
        let mut is_filled = false;
        let mut write_one = |cache: &mut ChunkCache, (place, key), walk: &Walk, bytes| {
            if let Some(slot) = cache.at(place, key) {
                moving::from_memory(source.bytes, walk, conversion, &mut slot.bytes);
                is_filled |= cache.mark_walk(place, walk, item, bytes);
            }
        };
        let array = chunked.array(&open.shape, item);
        let mut walk = Walk::default();
        if let Some(number) = array.walk_from_memory(axes, &source.memory, &mut walk) {
            let counts = axes.iter().map(|axis| axis.count as usize);
            let bytes = counts.product::<usize>() * item;
            let found = look(cache, number, bytes)?;
            write_one(cache, found, &walk, bytes);
        } else if write.chunks() > AT_ONCE {
            return None;
        } else {
            let mut places: SmallVec<[(usize, ChunkKey); 2]> = SmallVec::new();
            let looked = write.each(|parts| {
                let coordinates = parts.iter().map(|part| part.chunk);
                let number = chunked.number(&open.shape, coordinates);
                let found = look(cache, number, write.bytes(parts));
                found.map(|found| places.push(found)).ok_or(NotInMemory)
            });
            if looked.is_err() {
                return None;
            }
            let mut next = places.into_iter();
            let written: std::result::Result<(), NotInMemory> = write.each(|parts| {
                let found = next.next().ok_or(NotInMemory)?;
                write_one(cache, found, &write.walk(parts), write.bytes(parts));
                Ok(())
            });
            debug_assert!(written.is_ok());
        }
        if is_filled {
            // It is in memory. What cannot be stored now stays there, and the commit tells.
            if let Err(error) = self.flush_when_enough(id) {
                self.note_failure(&error);
            }
        }
        Some(())
    }

    fn write_chunks(
        &mut self,
        id: u32,
        axes: &[Axis],
        conversion: &Conversion,
        source: &Source<'_>,
    ) -> Result<()> {
        if self.write_in_memory(id, axes, conversion, source).is_some() {
            return Ok(());
        }
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let shape = open.shape.clone();
        open.find_places(&self.hdf5, axes)?;
        let most = open.maxshape().to_vec();
        let chunked = &*open.chunked()?;
        let chunk = chunked.chunk.clone();
        let chunk_bytes = chunked.bytes;
        let compresses = chunked.pipeline.compresses();
        let is_small = chunked.is_unfiltered() && chunk_bytes < SMALL;
        // All of a chunk that lies inside the dataset, now and when it will have grown.
        let is_whole = |parts: &[Segment]| {
            (0..parts.len()).all(|axis| {
                let first = parts[axis].chunk * chunk[axis];
                parts[axis].count as u64 == chunk[axis].min(most[axis] - first)
            })
        };
        let write = ChunkWrite {
            axes,
            shape: &shape,
            chunk: &chunk,
            chunk_bytes,
            conversion,
            source,
        };
        // What was written since the last commit, and is again, may be so some more times before the next: it waits for that.
        let is_repeated = |parts: &[Segment]| {
            let number = chunked.number(&shape, parts.iter().map(|part| part.chunk));
            self.cache.is_repeated((id, number), chunk_bytes)
        };
        let (mut whole, mut repeated, mut partial) = (Vec::new(), Vec::new(), Vec::new());
        write.each(|parts| -> Result<()> {
            let kind = match is_whole(parts) {
                true if is_repeated(parts) => &mut repeated,
                true => &mut whole,
                false => &mut partial,
            };
            kind.push(parts.to_vec());
            Ok(())
        })?;
        let through = self.split_through(id, &write, &mut partial)?;
        // What can fail comes first: room for more, and all that is needed of the chunks of which a part stays.
        self.make_room()?;
        self.load_partial(id, &write, &partial)?;
        // A few chunks wait for more, so that several threads have work.
        let threads = workers::threads(self.threads_for(id));
        let few = whole.len() < 2 * threads && whole.len() * chunk_bytes <= TOGETHER / 2;
        let wait = compresses && few && threads > 1;
        if is_small {
            self.write_small_chunks(id, &write, &whole)?;
        } else {
            let direct = if wait { &[][..] } else { &whole[..] };
            let stored = self.write_whole_chunks(id, &write, direct)?;
            for parts in &whole[stored..] {
                self.write_in_cache(id, &write, parts, true)?;
            }
        }
        for parts in &repeated {
            self.write_in_cache(id, &write, parts, true)?;
        }
        let keeps = match self.overwriting {
            Overwriting::Nothing => moving::Keeps::Nothing,
            Overwriting::Whole if whole.is_empty() && repeated.is_empty() => {
                moving::Keeps::OnceBegun
            }
            Overwriting::Whole | Overwriting::Begun => moving::Keeps::All,
        };
        self.write_through(&write, &through, keeps)?;
        for parts in &partial {
            self.write_in_cache(id, &write, parts, false)?;
        }
        // All of it is in memory. What cannot be stored now stays there, and the commit tells.
        let flushed = self.flush_when_enough(id).and_then(|()| self.make_room());
        if let Err(error) = flushed {
            self.note_failure(&error);
        }
        Ok(())
    }

    /// Sees to it that chunks of which a part stays are in memory, if not too many: that cannot fail midway then.
    fn load_partial(
        &mut self,
        id: u32,
        write: &ChunkWrite<'_>,
        partial: &[Vec<Segment>],
    ) -> Result<()> {
        let bytes = partial.len().saturating_mul(write.chunk_bytes);
        if partial.len() < 2 || bytes > memory::limit() / 2 {
            return Ok(());
        }
        for parts in partial {
            let Some(open) = self.datasets.get_mut(id) else {
                return Err(Error::internal("a dataset that is not open is written"));
            };
            let chunked = &*open.chunked()?;
            let number = chunked.number(write.shape, parts.iter().map(|part| part.chunk));
            let fill = open.fill.clone();
            let key = (id, number);
            let place = self.load_chunk(key)?;
            if let Some(slot) = self.cache.at(place, key) {
                super::storing::complete(&mut slot.bytes, write.chunk_bytes, &fill)?;
                self.cache.recount(place);
            }
        }
        Ok(())
    }

    /// Takes those parts of chunks out of a list that are better written to the file as they are: the file has the chunk without filters, memory does not, and
    /// what is new of it lies together. Gives where their chunks are, and what is to be moved there.
    fn split_through(
        &mut self,
        id: u32,
        write: &ChunkWrite<'_>,
        partial: &mut Vec<Vec<Segment>>,
    ) -> Result<Vec<(u64, Walk)>> {
        let mut through = Vec::new();
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let is_lone = open.is_lone();
        let rounds = open.quantize.is_some();
        let chunked = &*open.chunked()?;
        if rounds || !chunked.is_unfiltered() {
            return Ok(through);
        }
        let (item, whole) = (write.conversion.to_size(), write.chunk_bytes);
        let (cache, file) = (&mut self.cache, &self.hdf5);
        partial.retain(|parts| {
            let number = chunked.number(write.shape, parts.iter().map(|part| part.chunk));
            let key = (id, number);
            let place = match chunked.place(number) {
                Lookup::At(place) if place.stored == whole as u64 => place,
                _ => return true,
            };
            let walk = write.walk(parts);
            // What moves when most of it becomes new has to be in memory for that.
            let passes = cache.find(key).is_none()
                && walk.target_block(item, 0).bytes() >= LONG
                && !(is_lone && file.is_better_moved(place.address, place.stored))
                && cache.passes_through(key, write.bytes(parts), whole);
            if passes {
                through.push((place.address, walk));
            }
            !passes
        });
        if !through.is_empty() {
            // No chunk waits that would have the file learn of records that are written so.
            open.store_extent(&self.hdf5)?;
        }
        Ok(through)
    }

    /// Writes parts of chunks without filters into the file. `keeps` says what stays in memory of what a disk refuses.
    fn write_through(
        &self,
        write: &ChunkWrite<'_>,
        through: &[(u64, Walk)],
        mut keeps: moving::Keeps,
    ) -> Result<()> {
        for (address, walk) in through {
            let bytes = write.source.bytes;
            moving::to_file(&self.raw, *address, walk, write.conversion, bytes, keeps)?;
            if keeps == moving::Keeps::OnceBegun {
                keeps = moving::Keeps::All;
            }
        }
        Ok(())
    }

    /// Writes whole chunks without filters into memory, and stores some together.
    ///
    /// Where the disk refuses them, the others are kept in memory if they fit there, unless what was done can be undone.
    fn write_small_chunks(
        &mut self,
        id: u32,
        write: &ChunkWrite<'_>,
        all: &[Vec<Segment>],
    ) -> Result<()> {
        let together = SMALL_TOGETHER / write.chunk_bytes;
        let mut left = all.len().saturating_mul(write.chunk_bytes);
        let mut is_refused = false;
        for group in all.chunks(together) {
            for parts in group {
                self.write_in_cache(id, write, parts, true)?;
            }
            left = left.saturating_sub(group.len() * write.chunk_bytes);
            if is_refused || group.len() < together {
                continue;
            }
            let stored = self.flush_when_enough(id).and_then(|()| self.make_room());
            if let Err(error) = stored {
                let keeps = error.status == Status::Io && self.overwriting != Overwriting::Nothing;
                if !keeps || !memory::has_room(left) {
                    return Err(error);
                }
                self.note_failure(&error);
                is_refused = true;
            }
        }
        Ok(())
    }

    /// Encodes whole chunks straight from the caller's memory and stores them; gives how many it stored.
    ///
    /// Where the disk or the memory refuses one, the others are left to be kept in memory if they fit there: half of
    /// an array is not to be new.
    fn write_whole_chunks(
        &mut self,
        id: u32,
        write: &ChunkWrite<'_>,
        all: &[Vec<Segment>],
    ) -> Result<usize> {
        if all.is_empty() {
            return Ok(0);
        }
        let threads = self.threads_for(id);
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let pipeline = open.chunked()?.pipeline.clone();
        let numbers: Vec<u64> = {
            let chunked = &*open.chunked()?;
            let number = |parts: &Vec<Segment>| {
                chunked.number(write.shape, parts.iter().map(|part| part.chunk))
            };
            all.iter().map(number).collect()
        };
        let (fill, quantize) = (open.fill.clone(), open.quantize.clone());
        let (compresses, is_plain) = (pipeline.compresses(), pipeline.is_empty());
        let worth = compresses && all.len() * write.chunk_bytes >= PARALLEL;
        let threads = if worth { workers::threads(threads) } else { 1 };
        // To read those again takes longer than to get new memory for the next.
        let again = match (compresses, is_plain) {
            (true, _) => Some(Rereading::Dear),
            (_, true) => Some(Rereading::Cheap),
            _ => None,
        };
        let (file, cache) = (&self.hdf5, &mut self.cache);
        let (mut failed, mut stored_count) = (None, 0);
        let written = workers::in_order(
            threads,
            all.len(),
            |scratch: &mut Scratch, index, (stored, chunk): &mut (Vec<u8>, Vec<u8>)| {
                write.collect(&all[index], quantize.as_deref(), &fill, chunk)?;
                match is_plain {
                    true => Ok(()),
                    false => pipeline.encode(scratch, chunk, stored),
                }
            },
            |index, (stored, chunk)| {
                let number = numbers[index];
                let before = open.chunked()?.place(number);
                let bytes = if is_plain { &*chunk } else { &*stored };
                if let Err(error) = store_chunk(open, file, number, 0, bytes) {
                    failed = Some((number, before));
                    return Err(error);
                }
                open.chunked()?.unfinished.remove(&number);
                // What was in memory is older.
                cache.remove((id, number));
                cache.note_stored((id, number));
                if let Some(again) = again {
                    cache.keep_whole((id, number), std::mem::take(chunk), again);
                }
                stored_count += 1;
                Ok(())
            },
        );
        let Err(error) = written else {
            return Ok(all.len());
        };
        let rest = (all.len() - stored_count).saturating_mul(write.chunk_bytes);
        let half = stored_count > 0 || self.overwriting == Overwriting::Begun;
        let keeps = half && self.overwriting != Overwriting::Nothing;
        if error.status == Status::Io && keeps && memory::has_room(rest) {
            self.note_failure(&error);
            return Ok(stored_count);
        }
        if let Some((number, before)) = failed {
            // The first failure is the one to tell of.
            let _ = self.restore_chunk((id, number), before);
        }
        Err(error)
    }

    /// After a chunk could not be stored: what was there before it is kept in memory, since its place may be gone.
    fn restore_chunk(&mut self, key: ChunkKey, before: Lookup) -> Result<()> {
        if self.cache.find(key).is_some() {
            self.cache.mark_all(key);
            return Ok(());
        }
        let Some(open) = self.datasets.get_mut(key.0) else {
            return Ok(());
        };
        let fill = open.fill.clone();
        let chunked = &*open.chunked()?;
        if chunked.place(key.1) == before {
            return Ok(());
        }
        let mut bytes = Vec::new();
        match before {
            Lookup::At(place) => {
                let mut stored: Vec<u8> = h5::zeroed(place.stored, 1)?;
                self.raw.read(place.address, &mut stored)?;
                let pipeline = &chunked.pipeline;
                scratch::with(|scratch| {
                    pipeline.decode(scratch, place.mask, &stored, chunked.bytes, &mut bytes)
                })?;
            }
            Lookup::Missing | Lookup::AskHdf5 => {
                super::storing::complete(&mut bytes, chunked.bytes, &fill)?;
            }
        }
        let all = 0..bytes.len();
        self.cache.insert(key, bytes, Some(all));
        Ok(())
    }

    /// Changes a chunk in the cache: a part of it, or the whole.
    fn write_in_cache(
        &mut self,
        id: u32,
        write: &ChunkWrite<'_>,
        parts: &[Segment],
        is_whole: bool,
    ) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is written"));
        };
        let number = {
            let chunked = &*open.chunked()?;
            chunked.number(write.shape, parts.iter().map(|part| part.chunk))
        };
        let (fill, quantize) = (open.fill.clone(), open.quantize.clone());
        let key = (id, number);
        let place = match is_whole && self.cache.find(key).is_none() {
            false => self.load_chunk(key)?,
            true => {
                // What the file has of it need not be looked at.
                let mut bytes = buffers::take(write.chunk_bytes);
                bytes.clear();
                super::storing::complete(&mut bytes, write.chunk_bytes, &fill)?;
                let place = self.cache.insert(key, bytes, None);
                if !self.cache.is_stored(key) {
                    self.cache.set_remaining(key, 1);
                }
                place
            }
        };
        let Some(slot) = self.cache.at(place, key) else {
            return Err(Error::internal(
                "a chunk left the cache while it was loaded",
            ));
        };
        super::storing::complete(&mut slot.bytes, write.chunk_bytes, &fill)?;
        let walk = write.walk(parts);
        let item = write.conversion.to_size();
        write.put(&walk, quantize.as_deref(), &mut slot.bytes)?;
        self.cache.mark_walk(place, &walk, item, write.bytes(parts));
        if is_whole {
            // Its place in the file may have been given up for another one.
            self.cache.mark_all(key);
        }
        self.cache.recount(place);
        Ok(())
    }

    /// Encodes and stores the chunks of a dataset that wait for others when enough of them are complete.
    pub(super) fn flush_when_enough(&mut self, id: u32) -> Result<()> {
        let threads = workers::threads(self.threads_for(id));
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(());
        };
        let chunked = &*open.chunked()?;
        if chunked.grows {
            // A few small chunks, which soon become a larger one.
            return Ok(());
        }
        let compresses = chunked.pipeline.compresses();
        let enough = match compresses {
            true => (2 * threads).min((TOGETHER / chunked.bytes).max(1)),
            false if chunked.bytes <= SMALL => SMALL_TOGETHER / chunked.bytes,
            false => 1,
        };
        if !self.cache.are_filled(id, enough) {
            return Ok(());
        }
        let complete: Vec<_> = self.cache.filled_of(id).collect();
        self.flush_chunks(&complete)?;
        complete.iter().for_each(|&key| self.cache.note_stored(key));
        if !compresses {
            // The memory of some serves those that are filled next, which costs less than to get new memory for all.
            complete.iter().for_each(|&key| self.cache.settle(key));
        }
        Ok(())
    }
}

/// A chunk is not in memory, or not as a whole.
struct NotInMemory;

/// One write: which elements, and from where.
struct ChunkWrite<'a> {
    axes: &'a [Axis],
    shape: &'a [u64],
    chunk: &'a [u64],
    chunk_bytes: usize,
    conversion: &'a Conversion,
    source: &'a Source<'a>,
}

impl ChunkWrite<'_> {
    /// The selection, cut at the borders of chunks.
    fn segments(&self) -> PerAxis<AxisSegments> {
        let axes = self.axes.iter().zip(self.chunk);
        axes.map(|(axis, &extent)| segments::segments(axis, extent))
            .collect()
    }

    /// How many chunks it touches, or more where it goes past some.
    fn chunks(&self) -> usize {
        let axes = self.axes.iter().zip(self.chunk);
        let counts = axes.map(|(axis, extent)| {
            let axis = axis.ascending();
            let last = axis.start + axis.step * (axis.count - 1);
            (last as u64 / extent - axis.start as u64 / extent + 1) as usize
        });
        counts.fold(1, usize::saturating_mul)
    }

    /// Calls `visit` with the parts that lie in each chunk, in C order.
    fn each<E>(
        &self,
        mut visit: impl FnMut(&[Segment]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        match segments::in_one_chunk(self.axes, self.chunk) {
            Some(parts) => visit(&parts),
            None => each_of(&self.segments(), visit),
        }
    }

    /// Bytes of the elements that are written to the chunk that holds these parts.
    fn bytes(&self, parts: &[Segment]) -> usize {
        parts.iter().map(|part| part.count).product::<usize>() * self.conversion.to_size()
    }

    /// The walk from the caller's memory to the chunk that holds these parts.
    fn walk(&self, parts: &[Segment]) -> Walk {
        let origin = segments::origin(parts, self.chunk);
        let array = Array {
            extents: self.chunk,
            origin: &origin,
            item: self.conversion.to_size(),
        };
        segments::from_memory(self.axes, parts, array, &self.source.memory)
    }

    /// Puts the caller's elements into a chunk, rounded if need be.
    fn put(&self, walk: &Walk, quantize: Option<&Quantize>, chunk: &mut [u8]) -> Result<()> {
        let Some(quantize) = quantize else {
            moving::from_memory(self.source.bytes, walk, self.conversion, chunk);
            return Ok(());
        };
        // What was there, and the fill value, is not rounded again.
        let item = self.conversion.to_size();
        let mut rounded: Vec<u8> = h5::zeroed(chunk.len() as u64, 1)?;
        moving::from_memory(self.source.bytes, walk, self.conversion, &mut rounded);
        let (start, end) = walk.target_range(item);
        quantize.apply(&mut rounded[start..end]);
        moving::copy(&rounded[..], &walk.in_target(), item, chunk);
        Ok(())
    }

    /// Puts all of a chunk together in a buffer, which is got if there is none.
    fn collect(
        &self,
        parts: &[Segment],
        quantize: Option<&Quantize>,
        fill: &[u8],
        chunk: &mut Vec<u8>,
    ) -> Result<()> {
        if chunk.capacity() == 0 {
            *chunk = buffers::take(self.chunk_bytes);
        }
        let is_full = self.bytes(parts) == self.chunk_bytes;
        chunk.truncate(self.chunk_bytes);
        if !is_full || chunk.len() != self.chunk_bytes {
            chunk.clear();
            super::storing::complete(chunk, self.chunk_bytes, fill)?;
        }
        let walk = self.walk(parts);
        moving::from_memory(self.source.bytes, &walk, self.conversion, chunk);
        if let Some(quantize) = quantize {
            match is_full {
                true => quantize.apply(chunk),
                false => self.put(&walk, Some(quantize), chunk)?,
            }
        }
        Ok(())
    }
}
