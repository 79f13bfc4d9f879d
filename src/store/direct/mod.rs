//! Reads of numeric data without HDF5, for files that are only read.
//!
//! HDF5 says once where a dataset's bytes are; from then on they are read, decoded and
//! converted here, by several threads at once and without HDF5's lock. What is unusual about a dataset
//! makes it one that HDF5 must read: then there is no [`Dataset`] of it.

#![forbid(unsafe_code)]

mod blocks;
pub(super) mod gather;
mod reader;

use std::sync::Arc;

pub use blocks::Blocks;
pub(super) use reader::axes_of;
pub use reader::Reader;

use crate::codec::convert::{Conversion, Number};
use crate::codec::walk::Walk;
use crate::codec::{pipeline, workers, Pipeline, Scratch};
use crate::error::{Error, Result};
use crate::slice::Axis;

/// Reads below this many bytes are not worth another thread.
const PARALLEL: usize = 1 << 20;

/// A dataset that can be read directly.
pub struct Dataset {
    /// The extents of the axes, slow to fast.
    pub shape: Vec<u64>,
    /// The elements in the file.
    pub number: Number,
    /// Where the bytes are.
    pub storage: Storage,
    /// An element that was never written, as in the file; none if its value is undefined.
    pub fill: Option<Vec<u8>>,
}

/// Where the bytes of a dataset are.
pub enum Storage {
    /// Nothing was ever written.
    Nowhere,
    /// In one piece.
    Contiguous {
        /// The place of the first byte in the file.
        address: u64,
    },
    /// In chunks.
    Chunked {
        /// The extents of a chunk.
        chunk: Vec<u64>,
        /// What its bytes went through.
        pipeline: Pipeline,
        /// Those that were written, by ascending number.
        chunks: Vec<Chunk>,
    },
}

/// One chunk in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its place among all chunks of the dataset, counted in C order.
    pub number: u64,
    /// The place of its first byte in the file.
    pub address: u64,
    /// The bytes it takes there.
    pub stored: u64,
    /// The filters it went past.
    pub mask: u32,
}

/// What a direct read came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target holds the elements.
    Done,
    /// HDF5 has to read it; the target may hold some of the elements.
    NotDirect,
}

/// Part of an axis of the selection that lies in one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The chunk's coordinate along the axis.
    pub(super) chunk: u64,
    /// The first index of the selection in it.
    pub(super) first: usize,
    /// How many indices are in it.
    pub(super) count: usize,
}

/// What a read needs everywhere.
struct Read<'a> {
    blocks: &'a Blocks,
    dataset: &'a Dataset,
    axes: &'a [Axis],
    conversion: &'a Conversion,
    /// The converted fill value.
    fill: Option<Vec<u8>>,
}

impl Dataset {
    /// The number of chunks along each axis.
    pub fn grid(shape: &[u64], chunk: &[u64]) -> Vec<u64> {
        shape
            .iter()
            .zip(chunk)
            .map(|(&extent, &chunk)| extent.div_ceil(chunk.max(1)))
            .collect()
    }

    /// Fails if a chunk that a read of the selection `axes` as `to` needs is damaged.
    pub fn verify(&self, blocks: &Blocks, axes: &[Axis], to: Number, threads: usize) -> Result<()> {
        let (
            Storage::Chunked {
                chunk,
                pipeline,
                chunks,
            },
            Some(conversion),
        ) = (&self.storage, Conversion::new(self.number, to))
        else {
            return Ok(());
        };
        let read = Read {
            blocks,
            dataset: self,
            axes,
            conversion: &conversion,
            fill: None,
        };
        let chunked = Chunked {
            read: &read,
            chunk,
            pipeline,
            chunks,
        };
        chunked.verify(workers::threads(threads))
    }

    /// Whether its bytes go through filters.
    fn is_filtered(&self) -> bool {
        matches!(&self.storage, Storage::Chunked { pipeline, .. } if !pipeline.is_empty())
    }

    /// Fails unless all that was written lies in the file.
    fn check(&self, blocks: &Blocks) -> Result<()> {
        let (first, bytes) = match &self.storage {
            Storage::Nowhere => (0, 0),
            Storage::Contiguous { address } => {
                let bytes = self
                    .shape
                    .iter()
                    .try_fold(self.number.element_size() as u64, |bytes, &extent| {
                        bytes.checked_mul(extent)
                    });
                (*address, bytes.unwrap_or(u64::MAX))
            }
            Storage::Chunked { chunks, .. } => {
                let end = |chunk: &&Chunk| chunk.address.saturating_add(chunk.stored);
                let last = chunks.iter().max_by_key(end);
                last.map_or((0, 0), |chunk| (chunk.address, chunk.stored))
            }
        };
        blocks.check(first, bytes)
    }

    /// Reads the selection `axes` as elements of type `to` into `target`, in C order.
    ///
    /// `threads` counts the calling thread; 0 means as many as there are processors.
    pub fn read(
        &self,
        blocks: &Blocks,
        axes: &[Axis],
        to: Number,
        target: &mut [u8],
        threads: usize,
    ) -> Result<Outcome> {
        let Some(conversion) = Conversion::new(self.number, to) else {
            return Ok(Outcome::NotDirect);
        };
        let expected = axes
            .iter()
            .try_fold(conversion.to_size() as i64, |bytes, axis| {
                bytes.checked_mul(axis.count)
            });
        if axes.len() != self.shape.len() || expected != i64::try_from(target.len()).ok() {
            return Err(Error::internal(
                "a direct read got the wrong number of elements",
            ));
        }
        if target.is_empty() {
            return Ok(Outcome::Done);
        }
        let threads = if target.len() < PARALLEL {
            1
        } else {
            workers::threads(threads)
        };
        let fill = self.fill.as_ref().map(|element| {
            let mut converted = vec![0; conversion.to_size()];
            conversion.apply(element, &mut converted);
            converted
        });
        let read = Read {
            blocks,
            dataset: self,
            axes,
            conversion: &conversion,
            fill,
        };
        match &self.storage {
            Storage::Nowhere => read.nothing(target),
            Storage::Contiguous { address } => read.contiguous(*address, target, threads),
            Storage::Chunked {
                chunk,
                pipeline,
                chunks,
            } => Chunked {
                read: &read,
                chunk,
                pipeline,
                chunks,
            }
            .read(target, threads),
        }
    }
}

impl Read<'_> {
    /// The axis along which the target can be cut: those before it have one index only.
    fn cut_axis(&self) -> Option<usize> {
        self.axes.iter().position(|axis| axis.count > 1)
    }

    /// Bytes of the target for one index of an axis.
    fn row_bytes(&self, axis: usize) -> usize {
        self.axes[axis + 1..]
            .iter()
            .map(|axis| axis.count as usize)
            .product::<usize>()
            * self.conversion.to_size()
    }

    fn nothing(&self, target: &mut [u8]) -> Result<Outcome> {
        let Some(element) = &self.fill else {
            return Ok(Outcome::NotDirect);
        };
        let mut walk = Walk::new(0, 0);
        walk.push(target.len() / element.len(), 0, element.len() as isize);
        gather::fill(element, &walk, target);
        Ok(Outcome::Done)
    }

    /// The walk over `parts` of the selection, from an array of the extents `array` that begins at `origin`.
    ///
    /// The target is as large as the parts, save for `cut`: along the other axes it holds the whole selection.
    fn walk(&self, array: &[u64], origin: &[u64], parts: &[Segment], base: usize) -> Walk {
        let rank = self.axes.len();
        let (from, to) = (self.conversion.from_size(), self.conversion.to_size());
        let mut strides = vec![(0, 0); rank];
        let (mut source, mut target) = (from as isize, to as isize);
        let (mut start, mut place) = (0isize, 0isize);
        for axis in (0..rank).rev() {
            let Axis {
                start: first,
                step,
                count,
                ..
            } = self.axes[axis];
            let part = parts[axis];
            strides[axis] = (source * step as isize, target);
            let coordinate = first + step * part.first as i64 - origin[axis] as i64;
            start += coordinate as isize * source;
            place += part.first as isize * target;
            source *= array[axis] as isize;
            target *= count as isize;
        }
        let mut walk = Walk::new(start as usize, place as usize - base);
        for (part, (source, target)) in parts.iter().zip(strides) {
            walk.push(part.count, source, target);
        }
        walk.close(from, to);
        walk
    }

    fn contiguous(&self, address: u64, target: &mut [u8], threads: usize) -> Result<Outcome> {
        let shape = &self.dataset.shape;
        let origin = vec![0; shape.len()];
        let whole: Vec<Segment> = self
            .axes
            .iter()
            .map(|axis| Segment {
                chunk: 0,
                first: 0,
                count: axis.count as usize,
            })
            .collect();
        let cut = self.cut_axis().filter(|_| threads > 1);
        let Some(cut) = cut else {
            let walk = self.walk(shape, &origin, &whole, 0);
            gather::from_file(self.blocks, address, &walk, self.conversion, target)?;
            return Ok(Outcome::Done);
        };
        let row = self.row_bytes(cut);
        // Bands of at least half a MiB, and a few for each thread, so that none waits long for the last.
        let rows = (target.len() / row)
            .div_ceil(4 * threads)
            .max((512 << 10) / row)
            .max(1);
        let bands: Vec<(usize, &mut [u8])> = target.chunks_mut(rows * row).enumerate().collect();
        workers::each(threads, bands, |(index, band)| {
            let mut parts = whole.clone();
            parts[cut] = Segment {
                chunk: 0,
                first: index * rows,
                count: band.len() / row,
            };
            let walk = self.walk(shape, &origin, &parts, index * rows * row);
            gather::from_file(self.blocks, address, &walk, self.conversion, band)
        })?;
        Ok(Outcome::Done)
    }
}

/// A chunk on its way from the thread that decoded it.
#[derive(Default)]
struct Product {
    chunk: Option<Chunk>,
    cached: Option<Arc<Vec<u8>>>,
    bytes: Vec<u8>,
}

/// A read from chunks.
struct Chunked<'a> {
    read: &'a Read<'a>,
    chunk: &'a [u64],
    pipeline: &'a Pipeline,
    chunks: &'a [Chunk],
}

impl Chunked<'_> {
    fn verify(&self, threads: usize) -> Result<()> {
        let mut needed = Vec::new();
        each_of(&self.segments(), |parts| {
            let chunk = self.find(parts);
            needed.extend(chunk.filter(|chunk| self.read.blocks.chunk(chunk.address).is_none()));
            Ok(())
        })?;
        let chunk_bytes = self.chunk_bytes()?;
        workers::each(threads, needed, |chunk| {
            self.read.blocks.with_scratch(|scratch| {
                let stored = self.stored(scratch, chunk)?;
                self.pipeline
                    .verify(scratch, chunk.mask, &stored, chunk_bytes)?;
                scratch.stored = stored;
                Ok(())
            })
        })
    }

    /// The selection along each axis, cut at the borders of chunks.
    fn segments(&self) -> Vec<Vec<Segment>> {
        let cut = |(axis, &extent): (&Axis, &u64)| segments(axis, extent);
        self.read.axes.iter().zip(self.chunk).map(cut).collect()
    }

    fn read(&self, target: &mut [u8], threads: usize) -> Result<Outcome> {
        let axes = self.read.axes;
        let segments = self.segments();
        if self.read.fill.is_none() && self.some_are_missing(&segments) {
            return Ok(Outcome::NotDirect);
        }
        let touched: usize = segments.iter().map(Vec::len).product();
        let bytes = touched.saturating_mul(self.chunk_bytes()?);
        let threads = if bytes < PARALLEL {
            1
        } else {
            threads.min(touched)
        };
        let cut = self.read.cut_axis().unwrap_or(0);
        if threads == 1 || axes.is_empty() {
            self.read.blocks.with_scratch(|scratch| {
                each_of(&segments, |parts| self.part(scratch, parts, 0, target))
            })?;
        } else if segments[cut].len() >= 2 * threads
            || segments[cut].len() == touched
            || self.pipeline.is_empty()
        {
            self.bands(&segments, cut, target, threads)?;
        } else {
            self.one_by_one(&segments, target, threads)?;
        }
        Ok(Outcome::Done)
    }

    /// Reads band after band of the target, each of one row of chunks, on several threads.
    fn bands(
        &self,
        segments: &[Vec<Segment>],
        cut: usize,
        target: &mut [u8],
        threads: usize,
    ) -> Result<()> {
        let row = self.read.row_bytes(cut);
        let mut bands = Vec::with_capacity(segments[cut].len());
        let mut rest = target;
        for segment in &segments[cut] {
            let (band, later) = rest.split_at_mut(segment.count * row);
            bands.push((*segment, band));
            rest = later;
        }
        workers::each(threads, bands, |(segment, band)| {
            let mut own = segments.to_vec();
            own[cut] = vec![segment];
            self.read.blocks.with_scratch(|scratch| {
                each_of(&own, |parts| {
                    self.part(scratch, parts, segment.first * row, band)
                })
            })
        })
    }

    /// Decodes chunks on several threads and puts them into the target on this one.
    fn one_by_one(
        &self,
        segments: &[Vec<Segment>],
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
            |_, index, product: &mut Product| {
                product.chunk = self.find(&all[index]);
                product.cached = None;
                let Some(chunk) = product.chunk else {
                    return Ok(());
                };
                product.cached = self.read.blocks.chunk(chunk.address);
                if product.cached.is_none() {
                    let blocks = self.read.blocks;
                    blocks.with_scratch(|scratch| {
                        self.decode(scratch, chunk, false, &mut product.bytes)
                    })?;
                }
                Ok(())
            },
            |index, product| {
                let parts = &all[index];
                let walk = self.walk(parts, 0);
                let Some(chunk) = product.chunk else {
                    self.fill(&walk, target);
                    return Ok(());
                };
                match &product.cached {
                    Some(bytes) => gather::from_memory(bytes, &walk, self.read.conversion, target),
                    None => {
                        gather::from_memory(&product.bytes, &walk, self.read.conversion, target);
                        self.keep(chunk, parts, &mut product.bytes);
                    }
                }
                Ok(())
            },
        )
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
        match self.find(parts) {
            None => self.fill(&walk, target),
            Some(chunk) if self.pipeline.is_empty() => {
                if chunk.stored != self.chunk_bytes()? as u64 {
                    return Err(Error::format(format!(
                        "a chunk of {} bytes was expected, but {} bytes are stored: the file is damaged",
                        self.chunk_bytes()?,
                        chunk.stored
                    )));
                }
                gather::from_file(
                    self.read.blocks,
                    chunk.address,
                    &walk,
                    self.read.conversion,
                    target,
                )?;
            }
            Some(chunk) => {
                if let Some(bytes) = self.read.blocks.chunk(chunk.address) {
                    gather::from_memory(&bytes, &walk, self.read.conversion, target);
                    return Ok(());
                }
                let mut bytes = std::mem::take(&mut scratch.chunk);
                let size = self.read.conversion.from_size();
                let is_shuffled = self.is_whole(parts)
                    && self.pipeline.ends_in_shuffle(chunk.mask, size)
                    && gather::is_in_rows(&walk, self.read.conversion);
                self.decode(scratch, chunk, is_shuffled, &mut bytes)?;
                if is_shuffled {
                    // Put in order where they belong: one copy less.
                    gather::from_shuffled(&bytes, &walk, size, target);
                } else {
                    gather::from_memory(&bytes, &walk, self.read.conversion, target);
                    self.keep(chunk, parts, &mut bytes);
                }
                scratch.chunk = bytes;
            }
        }
        Ok(())
    }

    fn walk(&self, parts: &[Segment], base: usize) -> Walk {
        let origin: Vec<u64> = parts
            .iter()
            .zip(self.chunk)
            .map(|(part, extent)| part.chunk * extent)
            .collect();
        self.read.walk(self.chunk, &origin, parts, base)
    }

    fn fill(&self, walk: &Walk, target: &mut [u8]) {
        if let Some(element) = &self.read.fill {
            gather::fill(element, walk, target);
        }
    }

    /// Reads a chunk as it is in the file, into memory that the caller gives back to `scratch`.
    fn stored(&self, scratch: &mut Scratch, chunk: Chunk) -> Result<Vec<u8>> {
        // Before memory is taken for it.
        self.read.blocks.check(chunk.address, chunk.stored)?;
        let mut stored = std::mem::take(&mut scratch.stored);
        pipeline::resize(&mut stored, chunk.stored as usize)?;
        self.read.blocks.read(chunk.address, &mut stored)?;
        Ok(stored)
    }

    /// Reads a chunk from the file and decodes it into `bytes`, but for a shuffle if that `stays`.
    fn decode(
        &self,
        scratch: &mut Scratch,
        chunk: Chunk,
        stays: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        let stored = self.stored(scratch, chunk)?;
        let length = self.chunk_bytes()?;
        let (pipeline, mask) = (self.pipeline, chunk.mask);
        if stays {
            pipeline.decode_shuffled(scratch, mask, &stored, length, bytes)?;
        } else {
            pipeline.decode(scratch, mask, &stored, length, bytes)?;
        }
        scratch.stored = stored;
        Ok(())
    }

    /// Whether all of a chunk is wanted.
    fn is_whole(&self, parts: &[Segment]) -> bool {
        let mut axes = parts.iter().zip(self.chunk);
        axes.all(|(part, &extent)| part.count as u64 == extent)
    }

    /// Keeps a chunk's bytes in the cache, and leaves an empty buffer in their place, if only part
    /// of it was wanted: one that is read as a whole is not likely to be wanted soon again.
    fn keep(&self, chunk: Chunk, parts: &[Segment], bytes: &mut Vec<u8>) {
        if !self.is_whole(parts) {
            let bytes = Arc::new(std::mem::take(bytes));
            self.read.blocks.keep_chunk(chunk.address, &bytes);
        }
    }

    fn chunk_bytes(&self) -> Result<usize> {
        self.chunk
            .iter()
            .try_fold(self.read.conversion.from_size(), |bytes, &extent| {
                bytes.checked_mul(usize::try_from(extent).ok()?)
            })
            .ok_or_else(|| {
                Error::format("a chunk has more bytes than can be counted: the file is damaged")
            })
    }

    /// The chunk that holds these parts, if it was written.
    fn find(&self, parts: &[Segment]) -> Option<Chunk> {
        let shape = &self.read.dataset.shape;
        let number = parts
            .iter()
            .zip(shape.iter().zip(self.chunk))
            .fold(0u64, |number, (part, (extent, chunk))| {
                number * extent.div_ceil(*chunk) + part.chunk
            });
        // Where all chunks were written, a chunk's number is its place in the list.
        if let Some(chunk) = self.chunks.get(number as usize) {
            if chunk.number == number {
                return Some(*chunk);
            }
        }
        let place = self
            .chunks
            .binary_search_by_key(&number, |chunk| chunk.number);
        place.ok().map(|place| self.chunks[place])
    }

    fn some_are_missing(&self, segments: &[Vec<Segment>]) -> bool {
        let found = each_of(segments, |parts| match self.find(parts) {
            Some(_) => Ok(()),
            None => Err(Error::internal("missing")),
        });
        found.is_err()
    }
}

/// Cuts an axis of a selection at the borders of chunks of that extent.
pub(super) fn segments(axis: &Axis, extent: u64) -> Vec<Segment> {
    let extent = extent.max(1) as i64;
    let mut list = Vec::new();
    let mut first = 0;
    while first < axis.count {
        let coordinate = axis.start + axis.step * first;
        let chunk = coordinate / extent;
        // How many more steps stay in the chunk.
        let more = if axis.step > 0 {
            ((chunk + 1) * extent - 1 - coordinate) / axis.step
        } else {
            (coordinate - chunk * extent) / -axis.step
        };
        let count = (more + 1).min(axis.count - first);
        list.push(Segment {
            chunk: chunk as u64,
            first: first as usize,
            count: count as usize,
        });
        first += count;
    }
    list
}

/// Calls `visit` with every combination of the axes' segments, in C order.
pub(super) fn each_of(
    segments: &[Vec<Segment>],
    mut visit: impl FnMut(&[Segment]) -> Result<()>,
) -> Result<()> {
    if segments.iter().any(Vec::is_empty) {
        return Ok(());
    }
    let mut places = vec![0; segments.len()];
    let mut parts: Vec<Segment> = segments.iter().map(|list| list[0]).collect();
    loop {
        visit(&parts)?;
        let mut axis = segments.len();
        loop {
            if axis == 0 {
                return Ok(());
            }
            axis -= 1;
            places[axis] += 1;
            if places[axis] < segments[axis].len() {
                parts[axis] = segments[axis][places[axis]];
                break;
            }
            places[axis] = 0;
            parts[axis] = segments[axis][0];
        }
    }
}

#[cfg(test)]
mod tests;
