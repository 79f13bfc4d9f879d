//! Reads: from the cache, from the file past HDF5, and by HDF5 where something is unusual.

#![forbid(unsafe_code)]

use super::ahead::Course;
use super::buffers;
use super::cache::{ChunkCache, ChunkKey, Rereading};
use super::dataset::{Chunked, Lookup, OpenDataset, Storage};
use super::memory;
use super::moving;
use super::owner::State;
use super::segments::{self, each_of, Array, AxisSegments, ChunkedArray, Memory, Segment};
use super::storing::complete;
use crate::array::{BytesMut, Room};
use crate::codec::convert::Conversion;
use crate::codec::walk::Walk;
use crate::codec::{pipeline, scratch, workers, Scratch};
use crate::error::{Error, Result};
use crate::journal::RawFile;
use crate::slice::{self, Axis, PerAxis, Selection};
use crate::small::ElementSource;
use crate::store::h5::{self, ChunkPlace, Hyperslab};
use crate::store::{check_conversion, path, Dtype};
use smallvec::{smallvec, SmallVec};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Reads below this many bytes are not worth another thread: of what has to be decoded, and of what is copied as it is, which a few cores
/// do no faster than one, and which ends before a thread on a busy machine has begun.
const PARALLEL: usize = 1 << 20;
const PARALLEL_COPY: usize = 24 << 20;

/// So many bytes of chunks that will be wanted next are decoded by one call, so that the threads of few calls have to be started.
const AHEAD: usize = 4 << 20;

/// Reads up to so many bytes of chunks that are decoded go through memory of our own, so that on
/// failure the caller's is as it was.
const COPIED: usize = 1 << 20;

/// Chunks without filters of up to so many bytes are read as a whole where parts of them are wanted, larger ones from the second time on.
const KEPT_WHOLE: usize = 16 << 20;

/// To read a piece of at most so many bytes takes as long as to bring so many bytes of its chunk into memory to stay there. A chunk without filters is
/// brought there when pieces have cost this part of that: who reads few does not pay for it, and who reads many has lost little.
const SMALL_PIECE: usize = 256;
const PIECE_COST: usize = 4 << 10;
const SPENT_PART: usize = 4;

impl State {
    /// Reads the selection `axes` of a dataset as elements of `dtype` into `target`, in the selection's order.
    ///
    /// All of the axes lie in the dataset, and the target is as large as the selection.
    pub(super) fn read_axes(
        &mut self,
        id: u32,
        axes: &[Axis],
        dtype: Dtype,
        target: &mut [u8],
    ) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        if open.dtype != dtype {
            check_conversion(open.dtype, &open.describe(), dtype, dtype.name())?;
        }
        if target.is_empty() {
            return Ok(());
        }
        let (Some(stored), Some(wanted)) = (open.number, h5::memory_number(dtype)) else {
            return self.read_by_hdf5(id, axes, dtype, target);
        };
        if matches!(open.storage, Storage::Hdf5) {
            return self.read_by_hdf5(id, axes, dtype, target);
        }
        if let Some(conversion) = h5::conversion(stored, wanted) {
            return self.read_stored(id, (axes, None), &conversion, target);
        }
        // HDF5 has ways of its own to convert these.
        let Some(conversion) = Conversion::new(stored, stored) else {
            return self.read_by_hdf5(id, axes, dtype, target);
        };
        let elements = target.len() / dtype.size();
        let mut packed: Vec<u8> = h5::zeroed(elements as u64, conversion.to_size())?;
        self.read_stored(id, (axes, None), &conversion, &mut packed)?;
        let hdf5 = self.require_hdf5(id)?;
        target.copy_from_slice(&hdf5.element.convert_to(dtype, &packed)?);
        Ok(())
    }

    /// Reads a slice of a small dataset that HDF5 does not know of yet into the room there is for its shape; false if
    /// there is none at the path, or if the read is not a plain one.
    pub(super) fn read_gathered(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<bool> {
        let Some(array) = self.gathered.array(path) else {
            return Ok(false);
        };
        let selection = slice::parse(slice, array.shape).ok();
        let numbers = h5::memory_number(array.dtype).zip(h5::memory_number(dtype));
        let conversion = numbers.and_then(|(stored, wanted)| h5::conversion(stored, wanted));
        let (Some(conversion), Some(selection), None) = (conversion, selection, array.order) else {
            return Ok(false);
        };
        let shape = selection.shape();
        let named = |error: Error| error.within(format_args!("dataset '{}'", path::normal(path)));
        let target = room.of_shape(&shape).map_err(named)?;
        let axes = selection.axes;
        let origin: PerAxis<u64> = smallvec![0; axes.len()];
        let whole = Array {
            extents: array.shape,
            origin: &origin,
            item: conversion.from_size(),
        };
        let memory = Memory::packed(&axes, conversion.to_size());
        let parts = segments::whole(&axes);
        let walk = segments::to_memory(&axes, &parts, whole, &memory, 0);
        match array.elements {
            ElementSource::Memory(bytes) => moving::from_memory(bytes, &walk, &conversion, target),
            ElementSource::File(address) => {
                moving::from_file(&self.raw, address, &walk, &conversion, target)?;
            }
        }
        Ok(true)
    }

    /// Reads the selection `axes` of a dataset into memory with ascending strides; false if it has to be read otherwise.
    pub(super) fn read_in_place(
        &mut self,
        id: u32,
        axes: &[Axis],
        dtype: Dtype,
        (memory, target): (Memory, BytesMut<'_>),
    ) -> Result<bool> {
        if self.is_read_from_parts(id) {
            return Ok(false);
        }
        let threads = self.threads_to_read(target.len(), 0);
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        let numbers = open.number.zip(h5::memory_number(dtype));
        let conversion = numbers.and_then(|(stored, wanted)| h5::conversion(stored, wanted));
        let Some(conversion) = conversion else {
            return Ok(false);
        };
        if open.dtype != dtype {
            check_conversion(open.dtype, &open.describe(), dtype, dtype.name())?;
        }
        match self.contiguous(id, (axes, None), memory, &conversion) {
            Some(contiguous) => contiguous.read(target, threads).map(|()| true),
            None => Ok(false),
        }
    }

    /// Reads a hyperslab of which blocks have gaps between them; false if it has to be read in evenly spaced parts.
    pub(super) fn read_blocks(
        &mut self,
        id: u32,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        target: &mut [u8],
    ) -> Result<bool> {
        let open = self.opened(id)?;
        let numbers = open.number.zip(h5::memory_number(dtype));
        let conversion = numbers.and_then(|(stored, wanted)| h5::conversion(stored, wanted));
        let selected = segments::axes_of_blocks(hyperslab, &open.shape);
        let (Some(conversion), Some((axes, shape))) = (conversion, selected) else {
            return Ok(false);
        };
        if !matches!(open.storage, Storage::Contiguous(_)) {
            return Ok(false);
        }
        if open.dtype != dtype {
            check_conversion(open.dtype, &open.describe(), dtype, dtype.name())?;
        }
        self.read_stored(id, (&axes, Some(&shape)), &conversion, target)?;
        Ok(true)
    }

    /// How many threads are worth their while to read so many bytes, of which some have to be decoded.
    fn threads_to_read(&self, bytes: usize, decoded: usize) -> usize {
        match decoded > 0 && bytes >= PARALLEL || bytes >= PARALLEL_COPY {
            false => 1,
            true => workers::threads(self.threads),
        }
    }

    /// Reads a selection of what is stored past HDF5; of a dataset in one piece it may be one of an array of this shape in its place.
    fn read_stored(
        &mut self,
        id: u32,
        (axes, shape): (&[Axis], Option<&[u64]>),
        conversion: &Conversion,
        target: &mut [u8],
    ) -> Result<()> {
        if self.read_in_memory(id, axes, conversion, target).is_some() {
            return Ok(());
        }
        let Some(open) = self.datasets.get(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        if let Storage::Contiguous(Some(address)) = open.storage {
            let extents = shape.unwrap_or(&open.shape);
            let array = ChunkedArray::in_one_piece(extents, conversion.from_size());
            let mut walk = Walk::default();
            array.walk_to_memory(axes, conversion.to_size(), &mut walk);
            if self.is_read_from_parts(id) && self.read_from_parts(id, &walk, conversion, target)? {
                return Ok(());
            }
            let threads = self.threads_to_read(target.len(), 0);
            if threads == 1 {
                return moving::from_file(&self.raw, address, &walk, conversion, target);
            }
            let memory = Memory::packed(axes, conversion.to_size());
            let contiguous = self.contiguous(id, (axes, shape), memory, conversion);
            let contiguous = contiguous.ok_or_else(|| Error::internal("a dataset has moved"))?;
            return contiguous.read(target.into(), threads);
        }
        match &open.storage {
            Storage::Contiguous(None) => {
                let element = converted(&open.fill, conversion);
                let mut walk = Walk::new(0, 0);
                walk.push(target.len() / element.len(), 0, element.len() as isize);
                moving::fill(&element, &walk, target);
                Ok(())
            }
            Storage::Chunked(_) => self.read_chunks(id, axes, conversion, target),
            Storage::Contiguous(Some(_)) | Storage::Hdf5 => {
                Err(Error::internal("only HDF5 can read this dataset"))
            }
        }
    }

    /// Reads out of a chunk that is in memory as a whole, which is no more than a copy; None if it is more.
    fn read_in_memory(
        &self,
        id: u32,
        axes: &[Axis],
        conversion: &Conversion,
        target: &mut [u8],
    ) -> Option<()> {
        let open = self.datasets.get(id)?;
        let Storage::Chunked(chunked) = &open.storage else {
            return None;
        };
        let array = chunked.array(&open.shape, conversion.from_size());
        let mut walk = Walk::default();
        let number = array.walk_to_memory(axes, conversion.to_size(), &mut walk)?;
        let bytes = self.cache.peek((id, number))?;
        // One that is still to grow ends with what was written.
        if walk.source_range(conversion.from_size()).1 > bytes.len() {
            return None;
        }
        moving::from_memory(bytes, &walk, conversion, target);
        Some(())
    }

    /// A read from a dataset in one piece that has its place in the file.
    fn contiguous<'a>(
        &'a self,
        id: u32,
        (axes, shape): (&'a [Axis], Option<&'a [u64]>),
        memory: Memory,
        conversion: &'a Conversion,
    ) -> Option<Contiguous<'a>> {
        let open = self.datasets.get(id)?;
        match open.storage {
            Storage::Contiguous(Some(address)) => Some(Contiguous {
                raw: &self.raw,
                address,
                shape: shape.unwrap_or(&open.shape),
                axes,
                memory,
                conversion,
            }),
            _ => None,
        }
    }

    /// All numbers of a dataset, as numbers of 8 bytes that `from` makes of their bytes.
    pub(super) fn all_numbers<T>(
        &mut self,
        path: &str,
        dtype: Dtype,
        from: impl Fn([u8; 8]) -> T,
    ) -> Result<Vec<T>> {
        self.with_dataset(path, |state, id| {
            let axes = Selection::everything(&state.opened(id)?.shape).axes;
            let count = axes.iter().map(|axis| axis.count as u64).product();
            let mut bytes: Vec<u8> = h5::zeroed(count, 8)?;
            state.read_axes(id, &axes, dtype, &mut bytes)?;
            let numbers = bytes
                .chunks_exact(8)
                .filter_map(|number| number.first_chunk());
            Ok(numbers.map(|number| from(*number)).collect())
        })
    }

    /// Reads a selection by HDF5, in the dataset's order and then in its own.
    fn read_by_hdf5(
        &mut self,
        id: u32,
        axes: &[Axis],
        dtype: Dtype,
        target: &mut [u8],
    ) -> Result<()> {
        self.require_hdf5(id)?;
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        if open.is_virtual {
            // HDF5 reads others on its own.
            self.flush()?;
        }
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        let part = super::selection::part_of(axes, &open.shape);
        let mut packed: Vec<u8> = h5::zeroed(target.len() as u64, 1)?;
        if !open.is_fit_for_hdf5 {
            open.hdf5()?.require_whole_chunks()?;
            open.is_fit_for_hdf5 = true;
        }
        open.hdf5()?.read(dtype, part.as_ref(), &mut packed)?;
        super::selection::reorder(axes, dtype.size(), &packed, target)
    }

    fn read_chunks(
        &mut self,
        id: u32,
        axes: &[Axis],
        conversion: &Conversion,
        target: &mut [u8],
    ) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        open.find_places(&self.hdf5, axes)?;
        let mut course = open.course;
        let kept = Mutex::new(Kept::default());
        let Some(open) = self.datasets.get(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        let Storage::Chunked(chunked) = &open.storage else {
            return Err(Error::internal(
                "a dataset without chunks is read by chunks",
            ));
        };
        let room = memory::limit() / 2;
        let read = ChunkRead {
            id,
            open,
            chunked,
            raw: &self.raw,
            cache: &self.cache,
            axes,
            memory: Memory::packed(axes, conversion.to_size()),
            conversion,
            fill: Element::new(),
            room,
            keeping: Keeping::Parts,
            kept: &kept,
        };
        if read.at_once(target)? {
            return self.take_kept(id, kept);
        }
        let read = ChunkRead {
            fill: converted(&open.fill, conversion),
            ..read
        };
        let segments = read.segments();
        let missing = read.missing(&segments);
        let ahead = read.ahead(&missing, &mut course, self.threads);
        let all = chunked.all_bytes(&open.shape);
        // Where chunks are taken in no order of a dataset that fits into memory, as in training, each comes again, and so does what was read once already. What
        // takes long to decode is kept from the first time on, lest it is wanted again in parts, if the spare memory has room for all of it: that costs little.
        // So is what does not, if memory for all of it is there: what is new to the process takes longer than reading it once more.
        let has_jumped = missing.chunks == 1 && course.has_jumped();
        let keeping = if has_jumped && all <= room {
            Keeping::Wholes
        } else if open.brought >= chunked.slots(&open.shape) && all <= room / 2
            || !chunked.is_unfiltered() && all <= buffers::most()
            || chunked.is_unfiltered() && buffers::has(chunked.slots(&open.shape), chunked.bytes)
        {
            Keeping::WholesAtFirst
        } else {
            Keeping::Parts
        };
        let read = ChunkRead { keeping, ..read };
        let whole = missing.bytes + ahead.len() * chunked.bytes;
        let decoded = match chunked.is_unfiltered() {
            true => 0,
            false => whole,
        };
        let threads = self.threads_to_read(target.len() + whole, decoded);
        let done = if chunked.is_unfiltered() || missing.bytes == 0 || target.len() > COPIED {
            read.read(&segments, target, threads, &ahead)
        } else {
            h5::zeroed(target.len() as u64, 1).and_then(|mut own: Vec<u8>| {
                read.read(&segments, &mut own, threads, &ahead)?;
                target.copy_from_slice(&own);
                Ok(())
            })
        };
        if let Some(open) = self.datasets.get_mut(id) {
            open.course = course;
            open.brought += missing.chunks as u64;
        }
        self.take_kept(id, kept)?;
        done?;
        self.make_room()
    }

    /// Takes what a read has left for the next ones.
    fn take_kept(&mut self, id: u32, kept: Mutex<Kept>) -> Result<()> {
        let kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open is read"));
        };
        let picked = &mut open.chunked()?.picked;
        for number in kept.pieces {
            *picked.entry(number).or_default() += 1;
        }
        for (number, bytes, again) in kept.chunks {
            // Should it leave memory again, it counts anew.
            picked.remove(&number);
            match again {
                None => drop(self.cache.insert((id, number), bytes, None)),
                Some(again) => self.cache.keep_whole((id, number), bytes, again),
            }
        }
        Ok(())
    }

    /// Sees to it that a chunk is in the cache, decoded; a chunk that was never written is full of fill values.
    ///
    /// Gives its place in the cache.
    pub(super) fn load_chunk(&mut self, key: ChunkKey) -> Result<usize> {
        if let Some(place) = self.cache.find(key) {
            return Ok(place);
        }
        let (id, number) = key;
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a chunk's dataset is not open"));
        };
        if open.chunked()?.place(number) == Lookup::AskHdf5 {
            open.list_places(&self.hdf5)?;
        }
        let Storage::Chunked(chunked) = &open.storage else {
            return Err(Error::internal("a dataset without chunks has one"));
        };
        let loader = Loader {
            open,
            chunked,
            raw: &self.raw,
        };
        let mut bytes = buffers::take(chunked.bytes);
        let found = scratch::with(|scratch| loader.load(scratch, number, false, &mut bytes));
        let is_new = !found?;
        if is_new {
            bytes.clear();
            complete(&mut bytes, chunked.bytes, &open.fill)?;
        }
        let reachable = chunked.reachable(&open.shape, open.maxshape(), number);
        let place = self.cache.insert(key, bytes, None);
        if is_new {
            self.cache.set_remaining(key, reachable);
        }
        Ok(place)
    }
}

/// The bytes of an element, which need no memory of their own.
type Element = SmallVec<[u8; 16]>;

/// An element as it is to be in memory.
fn converted(element: &[u8], conversion: &Conversion) -> Element {
    let mut converted: Element = smallvec![0; conversion.to_size()];
    conversion.apply(element, &mut converted);
    converted
}

/// The axis along which the target can be cut: those before it have one index only.
fn cut_axis(axes: &[Axis]) -> Option<usize> {
    axes.iter().position(|axis| axis.count > 1)
}

/// Bytes of the target for one index of an axis.
fn row_bytes(axes: &[Axis], axis: usize, item: usize) -> usize {
    let counts = axes[axis + 1..].iter().map(|axis| axis.count as usize);
    counts.product::<usize>() * item
}

/// A read from a dataset in one piece.
struct Contiguous<'a> {
    raw: &'a RawFile,
    address: u64,
    shape: &'a [u64],
    axes: &'a [Axis],
    /// Where the elements go in the target, in ascending order.
    memory: Memory,
    conversion: &'a Conversion,
}

impl Contiguous<'_> {
    /// The walk over parts of the selection, to memory that begins at byte `base`.
    fn walk_over(&self, parts: &[Segment], base: usize) -> Walk {
        let array = Array {
            extents: self.shape,
            origin: &PerAxis::from_elem(0, self.shape.len()),
            item: self.conversion.from_size(),
        };
        segments::to_memory(self.axes, parts, array, &self.memory, base)
    }

    /// The walk over all of it.
    fn walk(&self) -> Walk {
        let whole = segments::whole(self.axes);
        self.walk_over(&whole, 0)
    }

    fn read(&self, target: BytesMut<'_>, threads: usize) -> Result<()> {
        let cut = cut_axis(self.axes).filter(|_| threads > 1);
        let Some(cut) = cut else {
            let walk = self.walk();
            return moving::from_file(self.raw, self.address, &walk, self.conversion, target);
        };
        let memory = &self.memory;
        let whole = segments::whole(self.axes);
        let row = memory.strides[cut] as usize;
        let all = self.axes[cut].count as usize;
        // Bands of at least half a MiB, and a few for each thread, so that none waits long for the last.
        let rows = all.div_ceil(4 * threads).max((512 << 10) / row).max(1);
        let bands: Vec<(usize, BytesMut<'_>)> = target.bands(rows * row).enumerate().collect();
        workers::each(threads, bands, |(index, band)| {
            let mut parts = whole.clone();
            parts[cut] = Segment {
                chunk: 0,
                first: index * rows,
                count: rows.min(all - index * rows),
            };
            let walk = self.walk_over(&parts, index * rows * row);
            moving::from_file(self.raw, self.address, &walk, self.conversion, band)
        })
    }
}

/// What brings a chunk from the file into memory.
struct Loader<'a> {
    open: &'a OpenDataset,
    chunked: &'a Chunked,
    raw: &'a RawFile,
}

impl Loader<'_> {
    /// Reads and decodes a chunk into `bytes`, but for a shuffle if that `stays`; says whether there is one.
    fn load(
        &self,
        scratch: &mut Scratch,
        number: u64,
        stays: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<bool> {
        let (mask, stored) = match self.chunked.place(number) {
            Lookup::Missing => return Ok(false),
            Lookup::At(place) if self.is_as_stored(place) => {
                // Straight to where it stays.
                require_inside(self.raw, place)?;
                pipeline::resize(bytes, self.chunked.bytes)?;
                self.raw.read(place.address, bytes)?;
                return Ok(true);
            }
            Lookup::At(place) => (place.mask, self.stored(scratch, place)?),
            Lookup::AskHdf5 => {
                let first = self.chunked.first(&self.open.shape, number);
                match self.open.hdf5()?.read_chunk(&first)? {
                    None => return Ok(false),
                    Some(found) => found,
                }
            }
        };
        let length = self.chunked.bytes;
        let pipeline = &self.chunked.pipeline;
        if stays {
            pipeline.decode_shuffled(scratch, mask, &stored, length, bytes)?;
        } else {
            pipeline.decode(scratch, mask, &stored, length, bytes)?;
        }
        scratch.stored = stored;
        Ok(true)
    }

    /// Whether a chunk is in the file as it is in memory, all of it.
    fn is_as_stored(&self, place: ChunkPlace) -> bool {
        self.chunked.is_unfiltered() && place.stored == self.chunked.bytes as u64
    }

    /// Reads a chunk as it is in the file, into memory that the caller gives back to `scratch`.
    fn stored(&self, scratch: &mut Scratch, place: ChunkPlace) -> Result<Vec<u8>> {
        // Before memory is taken for it.
        require_inside(self.raw, place)?;
        let mut stored = std::mem::take(&mut scratch.stored);
        pipeline::resize(&mut stored, place.stored as usize)?;
        self.raw.read(place.address, &mut stored)?;
        Ok(stored)
    }
}

/// Fails if a chunk does not lie in the file as a whole, whatever part of it is wanted.
fn require_inside(raw: &RawFile, place: ChunkPlace) -> Result<()> {
    let end = raw.end();
    if place.address.saturating_add(place.stored) <= end {
        return Ok(());
    }
    Err(Error::format(format!(
        "a chunk of {} bytes at {} was expected, but the file has only {end} bytes: it is damaged",
        place.stored, place.address
    )))
}

/// The chunks that a read has to bring into memory as wholes.
#[derive(Default)]
struct Missing {
    chunks: usize,
    bytes: usize,
    /// The number of the last of them.
    last: u64,
}

/// Which chunks a read keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    /// Those of which a part is wanted.
    Parts,
    /// Those that are wanted as a whole too, as the first to go unless somebody uses them again.
    WholesAtFirst,
    /// All of them.
    Wholes,
}

/// What a read leaves for the next ones.
#[derive(Default)]
struct Kept {
    /// Chunks that are worth keeping; of those that were wanted as a whole, what it takes to read them again.
    chunks: Vec<(u64, Vec<u8>, Option<Rereading>)>,
    /// The chunks without filters of which pieces were read from the file.
    pieces: Vec<u64>,
}

/// A chunk on its way from the thread that decoded it.
#[derive(Default)]
struct Product {
    is_there: bool,
    is_cached: bool,
    bytes: Vec<u8>,
}

impl Drop for Product {
    fn drop(&mut self) {
        buffers::give_back(std::mem::take(&mut self.bytes));
    }
}

/// A read from chunks.
struct ChunkRead<'a> {
    id: u32,
    open: &'a OpenDataset,
    chunked: &'a Chunked,
    raw: &'a RawFile,
    cache: &'a ChunkCache,
    axes: &'a [Axis],
    memory: Memory,
    conversion: &'a Conversion,
    /// The converted fill value.
    fill: Element,
    /// So many bytes may be kept.
    room: usize,
    /// Which chunks are kept.
    keeping: Keeping,
    /// What stays when it is done.
    kept: &'a Mutex<Kept>,
}

impl ChunkRead<'_> {
    /// The selection, cut at the borders of chunks.
    fn segments(&self) -> PerAxis<AxisSegments> {
        let axes = self.axes.iter().zip(&self.chunked.chunk);
        axes.map(|(axis, &extent)| segments::segments(axis, extent))
            .collect()
    }

    /// What of it has to be read as whole chunks.
    fn missing(&self, segments: &[AxisSegments]) -> Missing {
        let mut missing = Missing::default();
        let touched: usize = segments.iter().map(|list| list.len()).product();
        let bytes = touched.saturating_mul(self.chunked.bytes);
        if self.chunked.is_unfiltered() && bytes < PARALLEL {
            // Nothing is done about them.
            return missing;
        }
        let counted: Result<()> = each_of(segments, |parts| {
            let number = self.number(parts);
            let is_there = self.chunked.place(number) != Lookup::Missing;
            let is_read = is_there && self.cache.find((self.id, number)).is_none();
            if !is_read {
                return Ok(());
            }
            let pieces = self.chunked.is_unfiltered() && self.is_in_pieces(&self.walk(parts, 0));
            if !self.chunked.is_unfiltered() || (pieces && self.is_read_whole(number)) {
                missing.chunks += 1;
                missing.bytes = missing.bytes.saturating_add(self.chunked.bytes);
                missing.last = number;
            }
            Ok(())
        });
        debug_assert!(counted.is_ok());
        missing
    }

    /// The chunks that are decoded together with the one that is missing, since they will be wanted next.
    fn ahead(&self, missing: &Missing, course: &mut Course, threads: usize) -> Vec<u64> {
        if missing.chunks != 1 || self.chunked.is_unfiltered() {
            return Vec::new();
        }
        // Enough for each thread to do, and for all of them to be worth starting.
        let threads = workers::threads(threads);
        let together = threads.max(AHEAD / self.chunked.bytes);
        let has_place = |number: &u64| {
            matches!(self.chunked.place(*number), Lookup::At(_))
                && self.cache.find((self.id, *number)).is_none()
        };
        let mut next: Vec<u64> = course
            .next(missing.last, together - 1)
            .take_while(has_place)
            .collect();
        // None of the threads is to wait for the last chunk.
        if next.len() >= threads {
            next.truncate((next.len() + 1) / threads * threads - 1);
        }
        let bytes = next.len().saturating_mul(self.chunked.bytes);
        if threads == 1 || bytes < PARALLEL / 4 || !memory::is_plentiful(bytes) {
            return Vec::new();
        }
        if let Some(&last) = next.last() {
            course.reach(last);
        }
        next
    }

    fn read(
        &self,
        segments: &[AxisSegments],
        target: &mut [u8],
        threads: usize,
        ahead: &[u64],
    ) -> Result<()> {
        let touched: usize = segments.iter().map(|list| list.len()).product();
        if !ahead.is_empty() {
            return self.with_next(segments, target, threads, ahead);
        }
        let threads = threads.min(touched);
        let cut = cut_axis(self.axes).unwrap_or(0);
        if threads <= 1 {
            self.alone(segments, target)
        } else if segments[cut].len() >= 2 * threads
            || segments[cut].len() == touched
            || self.chunked.is_unfiltered()
        {
            self.bands(segments, cut, target, threads)
        } else {
            self.one_by_one(segments, target, threads)
        }
    }

    /// Reads on this thread.
    fn alone(&self, segments: &[AxisSegments], target: &mut [u8]) -> Result<()> {
        scratch::with(|scratch| each_of(segments, |parts| self.part(scratch, parts, 0, target)))
    }

    /// Reads on one thread while others decode the chunks that will be wanted next.
    fn with_next(
        &self,
        segments: &[AxisSegments],
        target: &mut [u8],
        threads: usize,
        ahead: &[u64],
    ) -> Result<()> {
        enum Work<'a> {
            Wanted(&'a mut [u8]),
            Next(u64),
        }
        let next = ahead.iter().map(|&number| Work::Next(number));
        let all = std::iter::once(Work::Wanted(target)).chain(next).collect();
        workers::each(threads, all, |work| {
            let number = match work {
                Work::Wanted(target) => return self.alone(segments, target),
                Work::Next(number) => number,
            };
            let mut bytes = buffers::take(self.chunked.bytes);
            let mut load =
                |scratch: &mut Scratch| self.loader().load(scratch, number, false, &mut bytes);
            // What is wrong with a chunk is said when it is wanted.
            if let Ok(true) = scratch::with(&mut load) {
                self.keep(number, &mut bytes, None);
            }
            buffers::give_back(bytes);
            Ok(())
        })
    }

    /// Reads band after band of the target, each of one row of chunks, on several threads.
    fn bands(
        &self,
        segments: &[AxisSegments],
        cut: usize,
        target: &mut [u8],
        threads: usize,
    ) -> Result<()> {
        let row = row_bytes(self.axes, cut, self.memory.item);
        let mut bands = Vec::with_capacity(segments[cut].len());
        let mut rest = target;
        for segment in &segments[cut] {
            let (band, later) = rest.split_at_mut(segment.count * row);
            bands.push((*segment, band));
            rest = later;
        }
        workers::each(threads, bands, |(segment, band)| {
            let mut own: PerAxis<AxisSegments> = segments.into();
            own[cut] = smallvec![segment];
            let base = segment.first * row;
            scratch::with(|scratch| each_of(&own, |parts| self.part(scratch, parts, base, band)))
        })
    }

    /// Decodes chunks on several threads and puts them into the target on this one.
    fn one_by_one(
        &self,
        segments: &[AxisSegments],
        target: &mut [u8],
        threads: usize,
    ) -> Result<()> {
        let mut all = Vec::new();
        each_of(segments, |parts| {
            all.push(parts.to_vec());
            Ok(())
        })?;
        workers::in_order(
            threads,
            all.len(),
            |scratch: &mut Scratch, index, product: &mut Product| {
                let number = self.number(&all[index]);
                product.is_cached = self.cache.find((self.id, number)).is_some();
                if !product.is_cached {
                    if product.bytes.capacity() == 0 {
                        product.bytes = buffers::take(self.chunked.bytes);
                    }
                    product.is_there =
                        self.loader()
                            .load(scratch, number, false, &mut product.bytes)?;
                }
                Ok(())
            },
            |index, product| {
                let parts = &all[index];
                let walk = self.walk(parts, 0);
                let number = self.number(parts);
                match self.cache.peek((self.id, number)) {
                    Some(bytes) => moving::from_memory(bytes, &walk, self.conversion, target),
                    None if product.is_there => {
                        moving::from_memory(&product.bytes[..], &walk, self.conversion, target);
                        self.keep_part(number, parts, &mut product.bytes);
                    }
                    None => moving::fill(&self.fill, &walk, target),
                }
                Ok(())
            },
        )
    }

    fn loader(&self) -> Loader<'_> {
        Loader {
            open: self.open,
            chunked: self.chunked,
            raw: self.raw,
        }
    }

    /// Reads a selection that lies in one chunk which has not to be brought into memory; false if it does not, or may have to be then.
    fn at_once(&self, target: &mut [u8]) -> Result<bool> {
        if self.chunked.bytes > KEPT_WHOLE {
            return Ok(false);
        }
        let shape = &self.open.shape;
        let array = self.chunked.array(shape, self.conversion.from_size());
        let mut walk = Walk::default();
        match array.walk_to_memory(self.axes, self.memory.item, &mut walk) {
            Some(number) => self.directly(&walk, number, target),
            None => Ok(false),
        }
    }

    /// Reads a part of a chunk that is in memory, or that is read piece by piece; false if it has to be brought into memory, or is
    /// not there.
    fn directly(&self, walk: &Walk, number: u64, target: &mut [u8]) -> Result<bool> {
        if let Some(bytes) = self.cache.peek((self.id, number)) {
            moving::from_memory(bytes, walk, self.conversion, target);
            return Ok(true);
        }
        let Lookup::At(place) = self.chunked.place(number) else {
            return Ok(false);
        };
        if !self.chunked.is_unfiltered() {
            return Ok(false);
        }
        if place.stored != self.chunked.bytes as u64 {
            return Err(Error::format(format!(
                "a chunk of {} bytes was expected, but {} bytes are stored: the file is damaged",
                self.chunked.bytes, place.stored
            )));
        }
        // Several pieces of it cost as much as all of it, which then serves the next reads; so do some, one after the other.
        let is_in_pieces = self.is_in_pieces(walk);
        let is_piece = is_in_pieces || self.is_small_piece(walk);
        if is_in_pieces && self.is_read_whole(number) || is_piece && self.is_often_picked(number) {
            return Ok(false);
        }
        require_inside(self.raw, place)?;
        moving::from_file(self.raw, place.address, walk, self.conversion, target)?;
        if is_piece {
            self.kept().pieces.push(number);
        }
        Ok(true)
    }

    /// Reads the part of the selection that lies in one chunk into a target that begins at byte `base`.
    fn part(
        &self,
        scratch: &mut Scratch,
        parts: &[Segment],
        base: usize,
        target: &mut [u8],
    ) -> Result<()> {
        let walk = self.walk(parts, base);
        let number = self.number(parts);
        if self.directly(&walk, number, target)? {
            return Ok(());
        }
        if self.chunked.place(number) == Lookup::Missing {
            moving::fill(&self.fill, &walk, target);
            return Ok(());
        }
        let is_whole = self.is_whole(parts) && self.keeping == Keeping::Parts;
        // What may stay in memory takes no more than it needs.
        let mut bytes = match is_whole {
            true => std::mem::take(&mut scratch.chunk),
            false => buffers::take(self.chunked.bytes),
        };
        let size = self.conversion.from_size();
        let mask = match self.chunked.place(number) {
            Lookup::At(place) => place.mask,
            _ => u32::MAX,
        };
        let is_shuffled = is_whole
            && self.chunked.pipeline.ends_in_shuffle(mask, size)
            && moving::is_in_rows(&walk, self.conversion);
        if !self
            .loader()
            .load(scratch, number, is_shuffled, &mut bytes)?
        {
            moving::fill(&self.fill, &walk, target);
        } else if is_shuffled {
            // Put in order where they belong: one copy less.
            moving::from_shuffled(&bytes, &walk, size, target);
        } else {
            moving::from_memory(&bytes[..], &walk, self.conversion, target);
            self.keep_part(number, parts, &mut bytes);
        }
        match is_whole {
            true => scratch.chunk = bytes,
            false => buffers::give_back(bytes),
        }
        Ok(())
    }

    fn walk(&self, parts: &[Segment], base: usize) -> Walk {
        let origin = segments::origin(parts, &self.chunked.chunk);
        let array = Array {
            extents: &self.chunked.chunk,
            origin: &origin,
            item: self.conversion.from_size(),
        };
        segments::to_memory(self.axes, parts, array, &self.memory, base)
    }

    fn number(&self, parts: &[Segment]) -> u64 {
        let coordinates = parts.iter().map(|part| part.chunk);
        self.chunked.number(&self.open.shape, coordinates)
    }

    /// Whether a read of parts of a chunk takes more than one piece of it.
    fn is_in_pieces(&self, walk: &Walk) -> bool {
        let size = self.conversion.from_size();
        walk.runs() > 1
            || walk
                .first()
                .is_some_and(|run| run.count > 1 && run.source_step.unsigned_abs() != size)
    }

    /// Whether it takes one piece, so small that it is the call that takes long.
    fn is_small_piece(&self, walk: &Walk) -> bool {
        let first = walk.first();
        first.is_some_and(|run| run.count * self.conversion.from_size() <= SMALL_PIECE)
    }

    /// Whether a chunk without filters of which pieces are wanted is read as a whole, and may stay in memory.
    fn is_read_whole(&self, number: u64) -> bool {
        let bytes = self.chunked.bytes;
        bytes <= self.room && (bytes <= KEPT_WHOLE || self.chunked.picked.contains_key(&number))
    }

    /// Whether so many pieces of a chunk without filters were read that it comes into memory, where all of the dataset fits.
    fn is_often_picked(&self, number: u64) -> bool {
        let times = self.chunked.picked.get(&number).copied().unwrap_or(0);
        times > 0
            && times.saturating_mul(SPENT_PART * PIECE_COST) >= self.chunked.bytes
            && self.chunked.all_bytes(&self.open.shape) <= self.room
    }

    /// Whether all of a chunk is wanted.
    fn is_whole(&self, parts: &[Segment]) -> bool {
        let mut axes = parts.iter().zip(&self.chunked.chunk);
        axes.all(|(part, &extent)| part.count as u64 == extent)
    }

    /// Keeps a chunk's bytes for the cache, and leaves an empty buffer in their place, if it is one of those that are kept.
    fn keep_part(&self, number: u64, parts: &[Segment], bytes: &mut Vec<u8>) {
        match (self.is_whole(parts), self.keeping) {
            (true, Keeping::Parts) => {}
            (true, Keeping::WholesAtFirst) => self.keep(number, bytes, Some(Rereading::Dear)),
            _ => self.keep(number, bytes, None),
        }
    }

    /// Keeps a chunk's bytes for the cache, and leaves an empty buffer in their place.
    fn keep(&self, number: u64, bytes: &mut Vec<u8>, again: Option<Rereading>) {
        let mut kept = self.kept();
        if (kept.chunks.len() + 1).saturating_mul(self.chunked.bytes) <= self.room {
            kept.chunks.push((number, std::mem::take(bytes), again));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::OpenFile;
    use crate::store::strided::Capacity;
    use crate::store::{Mode, Open, Write};

    /// The chunks of a dataset in memory after the first columns of its first rows were read, one after the other.
    fn in_memory(name: &str, threads: usize, rows: u64) -> Vec<u64> {
        let file = OpenFile::open(name, Mode::Read, &Open::new().threads(threads)).unwrap();
        let mut room = vec![0; 8 * 1024];
        for row in 0..rows {
            let slice = format!("{row}, :1024");
            let mut room = Capacity::new(&mut room[..], 8);
            file.read("a", &slice, Dtype::F64, &mut room).unwrap();
        }
        let mut numbers = Vec::new();
        file.look(|state| {
            let id = state.datasets.find("a").unwrap();
            numbers = state.cache.of_dataset(id).iter().map(|key| key.1).collect();
            Ok(())
        })
        .unwrap();
        file.close().unwrap();
        numbers
    }

    #[test]
    fn chunks_that_will_be_wanted_next_are_decoded_together_with_the_one_that_is() {
        let name = format!("h5sim-ahead-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        let shape = [6, 1 << 16];
        let options = Write::new().chunks([1, 1 << 16]).gzip(1);
        file.create("a", Dtype::F64, &shape, &options).unwrap();
        let row = vec![7; 8 << 16];
        for at in ["0", "1", "2", "3", "5"] {
            file.write_slice("a", at, Dtype::F64, &row).unwrap();
        }
        file.close().unwrap();
        assert_eq!(in_memory(&name, 2, 1), [0, 1]);
        // Where a chunk was never written, nothing is decoded that might never be wanted.
        assert_eq!(in_memory(&name, 2, 3), [0, 1, 2, 3]);
        assert_eq!(in_memory(&name, 1, 2), [0, 1]);
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn what_a_read_leaves_in_memory() {
        let name = format!("h5sim-kept-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        // Chunks of a size that no other test has.
        const COLUMNS: usize = 10 << 10;
        let (shape, bytes) = ([64, COLUMNS as u64], 32 * COLUMNS / 2 * 8);
        let numbers: Vec<u8> = (0..64 * COLUMNS * 8)
            .map(|at: usize| (at / 64) as u8)
            .collect();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        for (path, options) in [("plain", Write::new()), ("gzip", Write::new().gzip(1))] {
            let options = options.chunks([32, COLUMNS as u64 / 2]);
            file.create(path, Dtype::F64, &shape, &options).unwrap();
            file.write_slice(path, "...", Dtype::F64, &numbers).unwrap();
        }
        file.close().unwrap();
        for threads in 1..3 {
            while buffers::take(bytes).capacity() > 0 {}
            let open = || OpenFile::open(&name, Mode::Read, &Open::new().threads(threads)).unwrap();
            let file = open();
            let kept = |file: &OpenFile, path: &str| {
                let mut chunks = 0;
                file.look(|state| {
                    let id = state.datasets.find(path).unwrap();
                    chunks = state.cache.of_dataset(id).len();
                    Ok(())
                })
                .unwrap();
                chunks
            };
            let read = |file: &OpenFile, path: &str, slice: &str| {
                let mut room = vec![0; numbers.len()];
                let mut target = Capacity::new(&mut room[..], 8);
                file.read(path, slice, Dtype::F64, &mut target).unwrap();
                room
            };
            // Compressed ones are wanted again for less than others.
            assert!(
                read(&file, "gzip", "...") == numbers && read(&file, "plain", "...") == numbers
            );
            assert_eq!((kept(&file, "gzip"), kept(&file, "plain")), (4, 0));
            let row = 8 * COLUMNS;
            assert!(read(&file, "gzip", "20:30")[..row] == numbers[20 * row..21 * row]);
            // Pieces of others bring them, when there are many.
            let times = bytes / (SPENT_PART * PIECE_COST);
            for time in 0..2 * times {
                let at = (20 * COLUMNS + 7 * time) * 8;
                let found = read(&file, "plain", &format!("20, {}", 7 * time));
                assert!(found[..8] == numbers[at..at + 8]);
                assert_eq!(kept(&file, "plain"), usize::from(time >= times));
            }
            file.close().unwrap();
            // Nor do those cost anything for which there is memory that nobody uses.
            let file = open();
            let is_there = buffers::has(4, bytes);
            assert!(read(&file, "plain", "...") == numbers);
            assert!(kept(&file, "plain") == 4 || !is_there);
            file.close().unwrap();
        }
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn of_very_many_chunks_few_are_looked_up() {
        let name = format!("h5sim-lookup-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let (rows, columns) = (64, 640);
        let mut state = 88_172_645_463_325_252u64;
        let mut below = |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % limit as u64) as usize
        };
        let mut expected = vec![0f64; rows * columns];
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        let options = Write::new().chunks([1, 10]);
        let shape = [rows as u64, columns as u64];
        file.create("a", Dtype::F64, &shape, &options).unwrap();
        for _ in 0..1500 {
            // Half of the chunks are there.
            let (row, column) = (below(rows), below(columns / 10) * 10);
            let value = 1.0 + below(1000) as f64;
            expected[row * columns + column] = value;
            let slice = format!("{row}, {column}");
            let bytes = value.to_le_bytes();
            file.write_slice("a", &slice, Dtype::F64, &bytes).unwrap();
        }
        file.close().unwrap();
        for (mode, steps) in [
            (Mode::Read, 300),
            (Mode::ReadWrite, 10),
            (Mode::ReadWrite, 300),
        ] {
            let file = OpenFile::open(&name, mode, &Open::new()).unwrap();
            for step in 0..steps {
                let (row, column) = (below(rows), below(columns - 9));
                if step % 3 == 2 && mode == Mode::ReadWrite {
                    let bytes = (step as f64).to_le_bytes();
                    expected[row * columns + column] = step as f64;
                    let slice = format!("{row}, {column}");
                    file.write_slice("a", &slice, Dtype::F64, &bytes).unwrap();
                }
                let mut found = [0; 80];
                let slice = format!("{row}, {column}:{}", column + 10);
                let mut target = Capacity::new(&mut found[..], 8);
                file.read("a", &slice, Dtype::F64, &mut target).unwrap();
                let wanted = &expected[row * columns + column..][..10];
                let wanted: Vec<u8> = wanted
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                assert!(found[..] == wanted, "{slice}");
                file.look(|state| {
                    let id = state.datasets.find("a").unwrap();
                    let known = state.datasets.get_mut(id).unwrap().chunked()?.known();
                    assert!(step > 1 || known < 300, "{known} are known");
                    // Who reads on has them listed.
                    assert!(step < 50 || known > 1000, "{known} are known");
                    Ok(())
                })
                .unwrap();
            }
            file.close().unwrap();
        }
        std::fs::remove_file(&*name).unwrap();
    }

    #[test]
    fn a_large_chunk_comes_into_memory_when_pieces_of_it_are_wanted_again() {
        let name = format!("h5sim-large-{}.h5", std::process::id());
        let name = std::env::temp_dir().join(name);
        let name = name.to_string_lossy();
        let file = OpenFile::open(&name, Mode::Create, &Open::new()).unwrap();
        let shape = [2 * KEPT_WHOLE as u64 / 64, 8];
        let options = Write::new().chunks(shape);
        file.create("a", Dtype::F64, &shape, &options).unwrap();
        file.write_slice("a", ":, 3", Dtype::F64, &vec![7; shape[0] as usize * 8])
            .unwrap();
        file.close().unwrap();
        let file = OpenFile::open(&name, Mode::Read, &Open::new()).unwrap();
        for times in 0..3 {
            let mut column = vec![0; shape[0] as usize * 8];
            let mut room = Capacity::new(&mut column[..], 8);
            file.read("a", ":, 3", Dtype::F64, &mut room).unwrap();
            assert!(column.iter().all(|&byte| byte == 7));
            file.look(|state| {
                let id = state.datasets.find("a").unwrap();
                assert_eq!(state.cache.of_dataset(id).is_empty(), times == 0);
                Ok(())
            })
            .unwrap();
        }
        file.close().unwrap();
        std::fs::remove_file(&*name).unwrap();
    }
}
