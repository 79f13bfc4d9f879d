//! The datasets of one file that is only read, as far as they can be read directly.

#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Blocks, Chunk, Dataset, Outcome, Storage};
use crate::codec::convert::Number;
use crate::codec::Pipeline;
use crate::error::{Error, Result};
use crate::journal::SIGNATURE;
use crate::slice::{self, Axis};
use crate::store::h5::{self, Hyperslab, Layout};
use crate::store::strided::{self, StridedMut};
use crate::store::{header, path, Dtype};

/// The most chunks whose places are kept; datasets beyond that are HDF5's to read.
const CHUNKS: usize = 4 << 20;

/// The most paths that are remembered.
const PATHS: usize = 100_000;

/// Reads of compressed data up to so many bytes are copied when all went well.
const COPIED: usize = 1 << 20;

/// A read of so many bytes is worth finding out at once where they are.
const LARGE: usize = 256 << 10;

/// Reads datasets of a file without HDF5, once it was told where they are.
pub struct Reader {
    path: String,
    blocks: Blocks,
    threads: usize,
    /// Addresses count from the file's beginning, and have 8 bytes, as lengths have.
    is_usual: bool,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    paths: HashMap<Box<str>, Entry>,
    chunks: usize,
    /// Groups to which hard links lead all the way.
    groups: HashSet<Box<str>>,
}

#[derive(Clone)]
enum Entry {
    /// It was read once, by HDF5: most datasets are not read twice.
    Met,
    /// It can be read directly.
    Direct(Arc<Dataset>),
    /// Only HDF5 can read it, or it lies in another file.
    Foreign,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Reads from `file`, which has that path and does not change, on up to `threads` threads (0: all).
    pub fn new(path: &str, file: File, threads: usize) -> Self {
        let blocks = Blocks::new(file);
        Self {
            path: path.to_owned(),
            is_usual: is_usual(&blocks),
            blocks,
            threads,
            known: RwLock::default(),
        }
    }

    /// Reads a slice of the dataset at `path` into `room`, if it is known and all is in order.
    ///
    /// Where the call itself is at fault, it is not direct either: HDF5's way has the words for that.
    pub fn read(&self, path: &str, text: &str, dtype: Dtype, room: &mut [u8]) -> Result<Outcome> {
        let Some((dataset, number)) = self.find(path, dtype) else {
            return Ok(Outcome::NotDirect);
        };
        let Ok(selection) = slice::parse(text, &dataset.shape) else {
            return Ok(Outcome::NotDirect);
        };
        self.read_axes(&dataset, &selection.axes, number, room)
    }

    /// Reads a slice of the dataset at `path` into an array of the slice's shape, if it is known and all is in order.
    pub fn read_into(
        &self,
        path: &str,
        text: &str,
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<Outcome> {
        let Some((dataset, number)) = self.find(path, dtype) else {
            return Ok(Outcome::NotDirect);
        };
        let shape = array.shape();
        let selection = match slice::parse(text, &dataset.shape) {
            Ok(selection) if selection.shape() == shape => selection,
            _ => return Ok(Outcome::NotDirect),
        };
        if let Some(data) = array.as_packed() {
            return self.read_axes(&dataset, &selection.axes, number, data);
        }
        let mut packed: Vec<u8> = h5::zeroed(strided::count(&shape)?, dtype.size())?;
        let outcome = self.read_axes(&dataset, &selection.axes, number, &mut packed)?;
        if outcome == Outcome::Done {
            array.scatter(&packed);
        }
        Ok(outcome)
    }

    /// Reads a hyperslab of the dataset at `path` into `room`, if it is known and all is in order.
    pub fn read_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        room: &mut [u8],
    ) -> Result<Outcome> {
        let Some((dataset, number)) = self.find(path, dtype) else {
            return Ok(Outcome::NotDirect);
        };
        let Some(axes) = axes_of(hyperslab, &dataset.shape) else {
            return Ok(Outcome::NotDirect);
        };
        self.read_axes(&dataset, &axes, number, room)
    }

    fn read_axes(
        &self,
        dataset: &Dataset,
        axes: &[Axis],
        number: Number,
        room: &mut [u8],
    ) -> Result<Outcome> {
        let bytes = axes
            .iter()
            .try_fold(number.element_size(), |bytes, axis| {
                bytes.checked_mul(axis.count as usize)
            })
            .filter(|&bytes| bytes <= room.len());
        let Some(bytes) = bytes else {
            return Ok(Outcome::NotDirect);
        };
        let room = &mut room[..bytes];
        if !dataset.is_filtered() {
            // Its bytes were seen to be in the file.
            return dataset.read(&self.blocks, axes, number, room, self.threads);
        }
        // Any chunk may prove to be damaged, and the caller's memory must then be as it was. To
        // decode twice takes less time than to get so much memory from the system.
        if bytes > COPIED {
            dataset.verify(&self.blocks, axes, number, self.threads)?;
            return dataset.read(&self.blocks, axes, number, room, self.threads);
        }
        let mut own: Vec<u8> = h5::zeroed(bytes as u64, 1)?;
        let outcome = dataset.read(&self.blocks, axes, number, &mut own, self.threads)?;
        if outcome == Outcome::Done {
            room.copy_from_slice(&own);
        }
        Ok(outcome)
    }

    /// Puts the names of the file and of the dataset at `path` before an error's sentence.
    pub fn named(&self, path: &str, error: Error) -> Error {
        error
            .within(format_args!("dataset '{}'", path::normalise(path)))
            .within(&self.path)
    }

    fn find(&self, path: &str, dtype: Dtype) -> Option<(Arc<Dataset>, Number)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match known.paths.get(path)? {
            Entry::Direct(dataset) => Some((Arc::clone(dataset), h5::memory_number(dtype)?)),
            Entry::Met | Entry::Foreign => None,
        }
    }

    /// Takes note of a dataset that HDF5 has not opened, if its header is all that has to be known of it;
    /// says whether it can be read directly from now on.
    ///
    /// HDF5 takes several times as long to open a dataset as to find its link.
    pub fn find_plain(&self, path: &str, file: &h5::Id) -> Result<bool> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if !self.is_usual || known.paths.contains_key(path) {
            return Ok(false);
        }
        let normal = path::normalise(path);
        let (group, _) = path::split(&normal);
        if !group.is_empty() && !known.groups.contains(group) {
            for (end, _) in normal.match_indices('/') {
                if h5::hard_link_address(file, &normal[..end])?.is_none() {
                    return Ok(false);
                }
            }
            if known.groups.len() >= PATHS {
                known.groups.clear();
            }
            known.groups.insert(group.into());
        }
        let address = match normal.is_empty() {
            true => None,
            false => h5::hard_link_address(file, &normal)?,
        };
        let Some(plain) = address.and_then(|address| self.plain(address)) else {
            return Ok(false);
        };
        let dataset = Dataset {
            shape: plain.shape,
            number: plain.number,
            storage: Storage::Contiguous {
                address: plain.address,
            },
            fill: None,
        };
        if dataset.check(&self.blocks).is_err() {
            return Ok(false);
        }
        known.remember(path, Entry::Direct(Arc::new(dataset)));
        Ok(true)
    }

    /// The dataset whose header is at an address, if it is a plain one.
    fn plain(&self, address: u64) -> Option<header::Plain> {
        // HDF5's headers of plain datasets have 272 bytes.
        const USUAL: u64 = 512;
        let most = self.blocks.length().checked_sub(address)?.min(USUAL);
        let mut bytes = vec![0; most as usize];
        self.blocks.read(address, &mut bytes).ok()?;
        let length = header::length(&bytes)?;
        header::plain(bytes.get(..length)?)
    }

    /// Takes note of a dataset that is about to be read by HDF5; says whether it can be read directly from now on.
    ///
    /// A dataset in chunks that is read for the first time, and little of it, is only remembered.
    pub fn meet(
        &self,
        path: &str,
        file: &h5::Id,
        dataset: &h5::Dataset,
        bytes: usize,
    ) -> Result<bool> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut entry = known.paths.get(path).cloned();
        if entry.is_none() && !h5::is_in(dataset.id(), file) {
            known.remember(path, Entry::Foreign);
            entry = Some(Entry::Foreign);
        }
        // What lies in one piece is found out in less time than HDF5 takes to read it.
        let address = match entry {
            None | Some(Entry::Met) => dataset.address(),
            _ => None,
        };
        match entry {
            Some(Entry::Direct(_)) => return Ok(true),
            Some(Entry::Foreign) => return Ok(false),
            None if bytes < LARGE && address.is_none() => {
                known.remember(path, Entry::Met);
                return Ok(false);
            }
            None | Some(Entry::Met) => {}
        }
        let entry = match learn(dataset, address, CHUNKS - known.chunks.min(CHUNKS))? {
            Some(direct) => {
                if let Storage::Chunked { chunks, .. } = &direct.storage {
                    known.chunks += chunks.len();
                }
                Entry::Direct(Arc::new(direct))
            }
            None => Entry::Foreign,
        };
        let entry = match entry {
            // HDF5 has the words for a file that ends too soon.
            Entry::Direct(direct) if direct.check(&self.blocks).is_err() => Entry::Foreign,
            entry => entry,
        };
        let is_direct = matches!(entry, Entry::Direct(_));
        known.remember(path, entry);
        Ok(is_direct)
    }
}

impl Known {
    fn remember(&mut self, path: &str, entry: Entry) {
        if self.paths.len() >= PATHS {
            *self = Self::default();
        }
        self.paths.insert(path.into(), entry);
    }
}

/// Whether a file's superblock is at its beginning and gives addresses and lengths 8 bytes.
fn is_usual(blocks: &Blocks) -> bool {
    let mut start = [0; 16];
    if blocks.read(0, &mut start).is_err() || start[..8] != SIGNATURE {
        return false;
    }
    match start[8] {
        0 | 1 => start[13..15] == [8, 8],
        2 | 3 => start[9..11] == [8, 8],
        _ => false,
    }
}

/// Finds out where the bytes of a dataset are, of one in one piece by its address; none if only HDF5 can read it.
fn learn(
    dataset: &h5::Dataset,
    address: Option<u64>,
    most_chunks: usize,
) -> Result<Option<Dataset>> {
    let shape = dataset.extent.shape.clone();
    let Some(number) = dataset.element.number() else {
        return Ok(None);
    };
    if let Some(address) = address {
        return Ok(Some(Dataset {
            shape,
            number,
            storage: Storage::Contiguous { address },
            fill: None,
        }));
    }
    let storage = match dataset.layout()? {
        Layout::Other => return Ok(None),
        Layout::Contiguous => Storage::Nowhere,
        Layout::Chunked { chunk, filters } => {
            let Some(pipeline) = Pipeline::new(&filters) else {
                return Ok(None);
            };
            if dataset.places_are_wrong() || dataset.chunk_count()? > most_chunks as u64 {
                return Ok(None);
            }
            let Some(chunks) = chunks(dataset, &shape, &chunk)? else {
                return Ok(None);
            };
            Storage::Chunked {
                chunk,
                pipeline,
                chunks,
            }
        }
    };
    Ok(Some(Dataset {
        shape,
        number,
        storage,
        fill: dataset.fill_value()?,
    }))
}

/// The chunks that were written, by ascending number; none if there are more than can be numbered.
fn chunks(dataset: &h5::Dataset, shape: &[u64], chunk: &[u64]) -> Result<Option<Vec<Chunk>>> {
    let grid = Dataset::grid(shape, chunk);
    let all = grid
        .iter()
        .try_fold(1u64, |product, &count| product.checked_mul(count));
    if all.is_none() {
        return Ok(None);
    }
    let mut chunks = Vec::new();
    dataset.each_chunk(|first, place| {
        let inside = first
            .iter()
            .zip(shape)
            .all(|(&first, &extent)| first < extent);
        if inside {
            let number = first
                .iter()
                .zip(chunk.iter().zip(&grid))
                .fold(0, |number, (&first, (&chunk, &count))| {
                    number * count + first / chunk
                });
            chunks.push(Chunk {
                number,
                address: place.address,
                stored: place.stored,
                mask: place.mask,
            });
        }
    })?;
    chunks.sort_unstable_by_key(|chunk| chunk.number);
    Ok(Some(chunks))
}

/// The axes of a hyperslab that lies inside `shape` and is evenly spaced; none otherwise.
pub fn axes_of(hyperslab: &Hyperslab, shape: &[u64]) -> Option<Vec<Axis>> {
    let Hyperslab {
        start,
        stride,
        count,
        block,
    } = hyperslab;
    if start.len() != shape.len() {
        return None;
    }
    (0..shape.len())
        .map(|axis| {
            let (step, count) = match (count[axis], block[axis]) {
                (count, 1) => (stride[axis], count),
                (1, block) => (1, block),
                _ => return None,
            };
            let reach = count.checked_sub(1)?.checked_mul(step)?;
            let last = start[axis].checked_add(reach)?;
            (step > 0 && last < shape[axis]).then_some(())?;
            Some(Axis {
                start: i64::try_from(start[axis]).ok()?,
                step: i64::try_from(step).ok()?,
                count: i64::try_from(count).ok()?,
                keep: true,
            })
        })
        .collect()
}
