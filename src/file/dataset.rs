//! An open dataset: what has to be known of it to read and write its bytes without HDF5.

#![forbid(unsafe_code)]

use super::ahead::Course;
use super::parts::Touches;
use super::segments::{self, AxisSegments, ChunkedArray};
use crate::codec::convert::{Conversion, NumberType};
use crate::codec::quantize::Quantize;
use crate::codec::Pipeline;
use crate::error::{Error, Result};
use crate::format::chunk_tree::TreeChunk;
use crate::format::chunked::ChunkedDataset;
use crate::format::contiguous::ContiguousDataset;
use crate::journal::RawFile;
use crate::slice::{self, Axis, PerAxis};
use crate::store::h5::{self, ChunkPlace, Dataset, ObjectInfo, ObjectKey, StorageLayout};
use crate::store::{Dtype, Hdf5File, LoneDataset, NewPlace};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The places of so many chunks are listed together; of datasets with more slots for chunks they are
/// asked for one by one, since most of those slots must be empty.
const LISTED: u64 = 1 << 20;

/// Of datasets with fewer slots all places are listed at once; of others those of so few chunks are looked up by themselves, as long as one was looked up for
/// so many slots: a lookup takes as long as to list some hundred.
const FEW_SLOTS: u64 = 1 << 10;
const FEW: usize = 64;
const SLOTS_A_LOOKUP: u64 = 256;

/// A dataset in one piece waits in memory in parts of so many bytes when it is written again and again, as chunks of at most so many do.
pub const HELD: usize = 64 << 10;

/// An open dataset.
pub struct OpenDataset {
    /// What it is, whatever path led to it.
    pub key: ObjectKey,
    /// Who has it in the file.
    holder: Holder,
    /// The type of its elements among those of this library.
    pub dtype: Dtype,
    /// The numbers that its elements consist of, if nothing about them is unusual.
    pub number: Option<NumberType>,
    /// Bytes of an element in the file.
    pub item: usize,
    /// The extents as the caller sees them: with the records that are still in memory.
    pub shape: Vec<u64>,
    /// Where its bytes are.
    pub storage: Storage,
    /// An element that was never written, as in the file.
    pub fill: Vec<u8>,
    /// The significant digits that values are rounded to.
    pub quantize: Option<Arc<Quantize>>,
    /// How many threads may compress, if its creation said so.
    pub threads: Option<usize>,
    /// The normal paths that are known to lead to it.
    pub paths: Vec<Box<str>>,
    /// What the latest append was made of, so that the next one need not be checked as a whole.
    pub series: Option<Series>,
    /// Whether its chunks were found to be fit for HDF5's own filters.
    pub is_fit_for_hdf5: bool,
    /// Whether its elements are those of other datasets.
    pub is_virtual: bool,
    /// Of one in one piece: whether writes to it may wait in memory.
    pub holding: Holding,
    /// Of one in one piece: how often parts of it were written that are not in memory.
    pub touches: Touches,
    /// How its chunks are gone through.
    pub course: Course,
    /// How many of its chunks reads have brought into memory as wholes.
    pub brought: u64,
    /// Whether it was used since the table's hand passed.
    pub used: bool,
}

/// Who has a dataset in the file.
enum Holder {
    /// HDF5, which has it open.
    Hdf5(Dataset),
    /// The bytes of the file, of a dataset in chunks of which HDF5 has seen nothing.
    Lone(Box<LoneDataset>),
    /// Nobody has to: nothing of a plain dataset in one piece changes but its elements.
    Nobody,
}

/// Whether what is written to a dataset in one piece may wait in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Not the next write: it may be the only one.
    NotYet,
    /// It was written before, and may be again.
    Allowed,
    /// Somebody else writes it, too.
    Never,
}

/// Where the bytes of a dataset are.
#[derive(Debug)]
pub enum Storage {
    /// In one piece, at this address once it is allocated.
    Contiguous(Option<u64>),
    /// In chunks.
    Chunked(Chunked),
    /// HDF5 has to read and write it.
    Hdf5,
}

/// The records of the latest append.
#[derive(Debug)]
pub struct Series {
    /// Their type in memory.
    pub dtype: Dtype,
    /// Their extents.
    pub record: Vec<i64>,
    /// Elements of a record.
    pub elements: u64,
    /// Bytes of a record in the file, if appending it to the last chunk is a copy.
    pub copied: Option<usize>,
    /// The conversion on the way there, if it is no plain one.
    pub conversion: Option<Conversion>,
    /// The number of the last chunk, and where it is in the cache.
    pub last: (u64, usize),
}

/// A dataset in chunks.
#[derive(Debug)]
pub struct Chunked {
    /// The extents of a chunk.
    pub chunk: Vec<u64>,
    /// Bytes of a chunk.
    pub bytes: usize,
    /// What its bytes go through.
    pub pipeline: Pipeline,
    /// How many filters these are.
    pub filters: usize,
    /// Chunks along the axes behind the first.
    pub per_row: u64,
    /// Whether it is a series that gets larger chunks when it has outgrown these.
    pub grows: bool,
    /// The chunks that are stored without their filters, because they are still to grow.
    pub unfinished: BTreeSet<u64>,
    /// How often pieces were read of chunks that are not in memory: those that are read again come there as wholes.
    pub picked: BTreeMap<u64, usize>,
    places: Places,
}

/// Where chunks are in the file.
#[derive(Debug, Default)]
struct Places {
    known: HashMap<u64, ChunkPlace>,
    listing: ChunkListing,
    /// What was looked up while not all are listed.
    lookups: Box<Lookups>,
}

/// Chunks that were looked up by themselves.
#[derive(Debug, Default)]
struct Lookups {
    count: u64,
    /// Those that are not there.
    absent: HashSet<u64>,
}

/// Whether the places of chunks were listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ChunkListing {
    /// Not yet.
    #[default]
    Wanted,
    /// All of them are known, and the others were never written.
    Complete,
    /// They cannot be: HDF5 has to be asked for each.
    Refused,
}

/// What is known of a chunk's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It was never written.
    Missing,
    /// It is there.
    At(ChunkPlace),
    /// It may be there: HDF5 has to be asked for its bytes.
    AskHdf5,
}

impl std::fmt::Debug for OpenDataset {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OpenDataset")
            .field("paths", &self.paths)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

impl OpenDataset {
    /// Learns what has to be known of a dataset.
    ///
    /// `is_new` says that it was created just now; `is_here`, that it lies in the file itself and not behind an external link.
    pub fn learn(hdf5: Dataset, info: ObjectInfo, is_here: bool, is_new: bool) -> Result<Self> {
        let number = hdf5.element.number()?;
        let item = hdf5.element.size();
        let shape = hdf5.extent.shape.clone();
        let mut open = Self {
            key: info.key,
            dtype: hdf5.element.dtype,
            number,
            item,
            shape,
            storage: Storage::Hdf5,
            fill: Vec::new(),
            quantize: None,
            threads: None,
            paths: Vec::new(),
            series: None,
            is_fit_for_hdf5: false,
            is_virtual: false,
            holding: Holding::NotYet,
            touches: Touches::default(),
            course: Course::default(),
            brought: 0,
            used: true,
            holder: Holder::Nobody,
        };
        if number.is_some() && is_here {
            open.storage = open.find_storage(&hdf5, is_new)?;
        }
        open.holder = Holder::Hdf5(hdf5);
        Ok(open)
    }

    /// A plain dataset in one piece, known by its header alone.
    pub fn plain(key: ObjectKey, plain: ContiguousDataset) -> Option<Self> {
        let storage = Storage::Contiguous(plain.address);
        let mut open = Self::known(key, plain.number, plain.shape, storage)?;
        if plain.address.is_none() {
            open.fill = vec![0; open.item];
        }
        Some(open)
    }

    /// A dataset in chunks, known by its header alone. None if HDF5 has to read and write it.
    ///
    /// `has_role` says that it is a scale or refers to some.
    pub fn lone(key: ObjectKey, dataset: ChunkedDataset, has_role: bool) -> Option<Self> {
        let number = dataset.number?;
        let item = number.element_size();
        let chunk = dataset.chunk.clone();
        let bytes: u64 = chunk.iter().product::<u64>() * item as u64;
        let chunked = Chunked {
            bytes: usize::try_from(bytes).ok()?,
            pipeline: Pipeline::new(&dataset.filters)?,
            filters: dataset.filters.len(),
            per_row: chunks_per_row(&dataset.shape, &chunk)?,
            grows: dataset.grows,
            chunk,
            unfinished: BTreeSet::new(),
            picked: BTreeMap::new(),
            places: Places::default(),
        };
        let storage = Storage::Chunked(chunked);
        let fill = dataset.fill.clone().unwrap_or_else(|| vec![0; item]);
        let mut open = Self::known(key, number, dataset.shape.clone(), storage)?;
        open.fill = fill;
        open.holder = Holder::Lone(Box::new(LoneDataset::new(key.address(), dataset, has_role)));
        Some(open)
    }

    /// A dataset of standard numbers that HDF5 does not have open.
    fn known(
        key: ObjectKey,
        number: NumberType,
        shape: Vec<u64>,
        storage: Storage,
    ) -> Option<Self> {
        let dtype = Dtype::ALL.into_iter().find(|&dtype| {
            h5::memory_number(dtype).is_some_and(|native| {
                NumberType {
                    big_endian: number.big_endian,
                    ..native
                } == number
            })
        })?;
        Some(Self {
            key,
            holder: Holder::Nobody,
            dtype,
            item: number.element_size(),
            number: Some(number),
            shape,
            storage,
            fill: Vec::new(),
            quantize: None,
            threads: None,
            paths: Vec::new(),
            series: None,
            is_fit_for_hdf5: false,
            is_virtual: false,
            holding: Holding::NotYet,
            touches: Touches::default(),
            course: Course::default(),
            brought: 0,
            used: true,
        })
    }

    /// HDF5's own, which has to be open: see [`State::require_hdf5`](super::owner::State::require_hdf5).
    pub fn hdf5(&self) -> Result<&Dataset> {
        match &self.holder {
            Holder::Hdf5(hdf5) => Ok(hdf5),
            _ => Err(Error::internal(
                "HDF5 has not opened a dataset that it is needed for",
            )),
        }
    }

    /// Whether its header said, when it was opened, that it is no scale and refers to none.
    pub fn has_no_role(&self) -> bool {
        matches!(&self.holder, Holder::Lone(lone) if !lone.has_role)
    }

    /// Whether HDF5 has it open.
    pub fn is_opened_by_hdf5(&self) -> bool {
        matches!(self.holder, Holder::Hdf5(_))
    }

    /// Whether it is one in chunks that HDF5 does not have open.
    pub fn is_lone(&self) -> bool {
        matches!(self.holder, Holder::Lone(_))
    }

    /// Whether it is one that can lose chunks in the bytes of the file, as long as HDF5 has seen nothing of it.
    pub fn can_be_remade(&self) -> bool {
        matches!(&self.holder, Holder::Lone(lone) if lone.can_be_remade())
    }

    /// Takes what HDF5 has opened.
    pub fn set_hdf5(&mut self, hdf5: Dataset) {
        self.holder = Holder::Hdf5(hdf5);
    }

    /// What its elements are, in a few words.
    pub fn describe(&self) -> String {
        match &self.holder {
            Holder::Hdf5(hdf5) => hdf5.element.describe(),
            _ => self.dtype.name().to_owned(),
        }
    }

    /// The largest extents that it may be given.
    pub fn maxshape(&self) -> &[u64] {
        match &self.holder {
            Holder::Hdf5(hdf5) => &hdf5.extent.maxshape,
            Holder::Lone(lone) => &lone.maxshape,
            Holder::Nobody => &self.shape,
        }
    }

    /// The extents that the file has; those that the caller sees, of a dataset of which they do not change.
    fn stored_shape(&self) -> &[u64] {
        match &self.holder {
            Holder::Hdf5(hdf5) => &hdf5.extent.shape,
            Holder::Lone(lone) => &lone.shape,
            Holder::Nobody => &self.shape,
        }
    }

    /// The dataset in the bytes of the file, as long as HDF5 has seen nothing of it, and it can be changed there; else HDF5 opens it. The caller holds HDF5's lock,
    /// so that this stays true.
    pub fn settle(&mut self, file: &Hdf5File) -> Result<Option<&mut LoneDataset>> {
        self.settle_if(file, LoneDataset::is_changeable)
    }

    /// The same of one that has to be as `is_fit` says.
    fn settle_if(
        &mut self,
        file: &Hdf5File,
        is_fit: impl FnOnce(&LoneDataset) -> bool,
    ) -> Result<Option<&mut LoneDataset>> {
        if let Holder::Lone(lone) = &self.holder {
            if !lone.is_unseen(file)? || !is_fit(lone) {
                self.holder = Holder::Hdf5(lone.open(file)?);
            }
        }
        Ok(match &mut self.holder {
            Holder::Lone(lone) => Some(lone),
            _ => None,
        })
    }

    /// Takes a dataset that was created just now in one piece, and reads as zeros: as [`learn`](Self::learn), which has to ask HDF5.
    pub fn created_plain(hdf5: Dataset, info: ObjectInfo) -> Result<Self> {
        let mut open = Self::learn(hdf5, info, false, true)?;
        if open.number.is_some() {
            open.storage = Storage::Contiguous(None);
            open.fill = vec![0; open.item];
        }
        Ok(open)
    }

    fn find_storage(&mut self, hdf5: &Dataset, is_new: bool) -> Result<Storage> {
        // What lies in one piece is known by its address alone.
        if !is_new {
            if let Some(address) = hdf5.address() {
                self.fill = vec![0; self.item];
                return Ok(Storage::Contiguous(Some(address)));
            }
        }
        let layout = hdf5.layout()?;
        self.fill = hdf5.fill_value()?.unwrap_or_else(|| vec![0; self.item]);
        let StorageLayout::Chunked {
            chunk,
            filters,
            grows,
        } = layout
        else {
            return Ok(match layout {
                StorageLayout::Contiguous if is_new || !hdf5.was_written()? => {
                    Storage::Contiguous(None)
                }
                StorageLayout::Contiguous => {
                    return Err(Error::internal("HDF5 does not say where the dataset is"))
                }
                _ => {
                    self.is_virtual = hdf5.layout_name()? == "virtual";
                    Storage::Hdf5
                }
            });
        };
        let bytes = chunk
            .iter()
            .try_fold(self.item, |bytes, &extent| {
                bytes.checked_mul(usize::try_from(extent).ok()?)
            })
            .filter(|&bytes| bytes > 0);
        let (Some(pipeline), Some(bytes)) = (Pipeline::new(&filters), bytes) else {
            return Ok(Storage::Hdf5);
        };
        let per_row = chunks_per_row(&self.shape, &chunk);
        if self.shape.is_empty() || per_row.is_none() {
            return Ok(Storage::Hdf5);
        }
        self.quantize = Quantize::new(hdf5.quantized_digits()?, self.number)?.map(Arc::new);
        Ok(Storage::Chunked(Chunked {
            bytes,
            filters: filters.len(),
            per_row: per_row.unwrap_or(1),
            grows,
            chunk,
            pipeline,
            unfinished: BTreeSet::new(),
            picked: BTreeMap::new(),
            places: Places {
                listing: match is_new {
                    true => ChunkListing::Complete,
                    false => ChunkListing::Wanted,
                },
                ..Places::default()
            },
        }))
    }

    /// Bytes of all its elements in the file, uncompressed.
    pub fn bytes(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.item as u64
    }

    /// Its chunks; an error of ours if it has none.
    pub fn chunked(&mut self) -> Result<&mut Chunked> {
        match &mut self.storage {
            Storage::Chunked(chunked) => Ok(chunked),
            _ => Err(Error::internal(
                "a dataset without chunks was asked for them",
            )),
        }
    }

    /// Sees to it that the place of every chunk is known, unless they are too many.
    pub fn list_places(&mut self, file: &Hdf5File) -> Result<()> {
        if let (Holder::Lone(lone), Storage::Chunked(chunked)) = (&self.holder, &mut self.storage) {
            if chunked.list_lone_places(lone, file.raw()?)? {
                return Ok(());
            }
            // Something about the index is unusual, or wrong: HDF5 says it.
            self.holder = Holder::Hdf5(lone.open(file)?);
        }
        match (&self.holder, &mut self.storage) {
            (Holder::Hdf5(hdf5), Storage::Chunked(chunked)) => chunked.list_places(hdf5),
            _ => Err(Error::internal(
                "a dataset without chunks was asked for their places",
            )),
        }
    }

    /// Sees to it that the places of the chunks are known in which these elements lie: of few among very many only these are looked up.
    pub fn find_places(&mut self, file: &Hdf5File, axes: &[Axis]) -> Result<()> {
        if let (Holder::Lone(lone), Storage::Chunked(chunked)) = (&self.holder, &mut self.storage) {
            if chunked.find_lone_places(lone, file.raw()?, axes)? {
                return Ok(());
            }
        }
        self.list_places(file)
    }

    /// Allocates `stored` bytes for a chunk that went past the filters of `mask`; nothing is written there yet.
    pub fn reserve_chunk(
        &mut self,
        file: &Hdf5File,
        number: u64,
        mask: u32,
        stored: usize,
    ) -> Result<ChunkPlace> {
        let places = self.reserve_chunks(file, &[number], mask, stored)?;
        let place = places.first().copied();
        place.ok_or_else(|| Error::internal("a chunk was given no place"))
    }

    /// As [`reserve_chunk`](Self::reserve_chunk), of several. If this fails, those that have a place nevertheless read as zeros.
    pub fn reserve_chunks(
        &mut self,
        file: &Hdf5File,
        numbers: &[u64],
        mask: u32,
        stored: usize,
    ) -> Result<Vec<ChunkPlace>> {
        self.store_extent(file)?;
        let shape = self.shape.clone();
        let place = |address| ChunkPlace {
            address,
            stored: stored as u64,
            mask,
        };
        let _lock = h5::lock();
        let chunked = &*self.chunked()?;
        let new = numbers.iter().map(|&number| NewPlace {
            first: chunked.first(&shape, number),
            mask,
            stored,
            before: match chunked.place(number) {
                Lookup::At(place) => Some(place),
                _ => None,
            },
        });
        let new: Vec<NewPlace> = new.collect();
        let mut places = Vec::with_capacity(numbers.len());
        match self.settle(file)? {
            Some(lone) => {
                places.extend(lone.reserve_chunks(file, &new)?.into_iter().map(place));
                for (&number, place) in numbers.iter().zip(&places) {
                    self.chunked()?.note_place(number, *place);
                }
            }
            None => {
                let raw = file.raw()?;
                for (new, &number) in new.iter().zip(numbers) {
                    match self.reserve_by_hdf5(raw, new, number) {
                        Ok(address) => {
                            places.push(place(address));
                            self.chunked()?.note_place(number, place(address));
                        }
                        Err(error) => {
                            for place in places {
                                raw.note_unwritten(place.address, place.stored)?;
                            }
                            return Err(error);
                        }
                    }
                }
            }
        }
        Ok(places)
    }

    /// Has HDF5 give a chunk another place; gives its address.
    fn reserve_by_hdf5(&mut self, raw: &RawFile, new: &NewPlace, number: u64) -> Result<u64> {
        let before = self.chunked()?.place(number);
        let hdf5 = self.hdf5()?;
        // HDF5 stores a mask only with a new size: where the size is the same, another one comes between.
        let keeps_mask = match before {
            Lookup::Missing => false,
            Lookup::At(place) => place.mask != new.mask && place.stored == new.stored as u64,
            Lookup::AskHdf5 => hdf5.chunk_size(&new.first)? == new.stored as u64,
        };
        if keeps_mask && new.stored > 1 {
            hdf5.reserve_chunk(raw, &new.first, new.mask, 1)?;
        }
        hdf5.reserve_chunk(raw, &new.first, new.mask, new.stored)
    }

    /// Says that a chunk is at another address, where it was copied; false if HDF5 has seen the dataset.
    pub fn move_chunk(&mut self, file: &Hdf5File, number: u64, place: ChunkPlace) -> Result<bool> {
        let shape = self.shape.clone();
        let first = self.chunked()?.first(&shape, number);
        let _lock = h5::lock();
        let (Some(lone), Ok(stored)) = (self.settle(file)?, u32::try_from(place.stored)) else {
            return Ok(false);
        };
        let chunk = TreeChunk {
            address: place.address,
            stored,
            mask: place.mask,
        };
        lone.put_chunk(file, &first, chunk)?;
        self.chunked()?.note_place(number, place);
        Ok(true)
    }

    /// Makes the file know the extents, before something is stored beyond those that it knows.
    ///
    /// Where it knows larger ones, which an append that failed has left, it keeps them until [`cut_extent`](Self::cut_extent).
    pub fn store_extent(&mut self, file: &Hdf5File) -> Result<()> {
        if self.is_extent_stored() {
            return Ok(());
        }
        let pairs = self.stored_shape().iter().zip(&self.shape);
        let larger: Vec<u64> = pairs.map(|(&known, &wanted)| known.max(wanted)).collect();
        if *self.stored_shape() == larger {
            return Ok(());
        }
        let _lock = h5::lock();
        if let Some(lone) = self.settle(file)? {
            return lone.set_extent(file, &larger);
        }
        match &mut self.holder {
            Holder::Hdf5(hdf5) => hdf5.set_extent(&larger),
            _ => Ok(()),
        }
    }

    /// Gives a series that HDF5 has seen nothing of other chunks, none of which is stored; `grows` as in [`Chunked`]. False if HDF5 has it.
    pub fn rechunk(&mut self, file: &Hdf5File, records: u64, grows: bool) -> Result<bool> {
        let _lock = h5::lock();
        let mut chunk = self.chunked()?.chunk.clone();
        let bytes = self.chunked()?.bytes / chunk[0] as usize * records as usize;
        chunk[0] = records;
        let item = self.item;
        let Some(lone) = self.settle_if(file, LoneDataset::can_be_remade)? else {
            return Ok(false);
        };
        lone.rechunk(file, &chunk, item, grows)?;
        let chunked = self.chunked()?;
        chunked.chunk = chunk;
        chunked.bytes = bytes;
        chunked.grows = grows;
        chunked.unfinished.clear();
        chunked.picked.clear();
        chunked.places = Places {
            listing: ChunkListing::Complete,
            ..Places::default()
        };
        self.series = None;
        Ok(true)
    }

    /// Gives a dataset in chunks larger extents, of which the file learns at once, or when the dataset is stored if it `waits`. It may not wait, and none of
    /// its chunks may be in memory, where they get [other numbers](Chunked::are_renumbered).
    pub fn grow(&mut self, file: &Hdf5File, shape: &[u64], waits: bool) -> Result<()> {
        let before = std::mem::replace(&mut self.shape, shape.to_vec());
        let grown = chunks_per_row(shape, &self.chunked()?.chunk)
            .ok_or_else(|| Error::shape("the dataset would have more chunks than can be counted"))
            .and_then(|per_row| match waits {
                true => Ok(per_row),
                false => self.store_extent(file).map(|()| per_row),
            });
        let per_row = match grown {
            Ok(per_row) => per_row,
            Err(error) => {
                self.shape = before;
                return Err(error);
            }
        };
        // What the latest append found may be otherwise now.
        self.series = None;
        let chunked = self.chunked()?;
        if chunked.are_renumbered(&before, shape) {
            chunked.renumber(&before, shape);
        }
        chunked.per_row = per_row;
        Ok(())
    }

    /// Whether elements of a type are in the file as they are in memory.
    pub fn is_stored_as(&self, dtype: Dtype) -> bool {
        // In memory anything but 0 is true.
        dtype != Dtype::Bool && self.number.is_some() && self.number == h5::memory_number(dtype)
    }

    /// Closes the dataset for HDF5, which opens it again when it is needed.
    pub fn close_hdf5(&mut self) {
        self.holder = Holder::Nobody;
    }

    /// Makes the file forget what lies beyond the extents along the first axis, of a dataset in chunks that HDF5 has seen nothing of, and that has larger ones
    /// in the file; false if there is nothing to do, or HDF5 has to do it. What is beyond them in the chunks at the border is left to the caller.
    pub fn cut_past(&mut self, file: &Hdf5File) -> Result<bool> {
        if self.is_extent_stored() {
            return Ok(false);
        }
        let shape = self.shape.clone();
        let _lock = h5::lock();
        let Some(lone) = self.settle_if(file, LoneDataset::can_be_remade)? else {
            return Ok(false);
        };
        if lone.shape[1..] != shape[1..] || !lone.cut(file, shape[0])? {
            return Ok(false);
        }
        let chunked = self.chunked()?;
        let end = shape[0].div_ceil(chunked.chunk[0]) * chunked.per_row;
        chunked.places.known.retain(|&number, _| number < end);
        chunked.unfinished.retain(|&number| number < end);
        Ok(true)
    }

    /// Makes HDF5 forget what lies beyond the extents. Nothing of the dataset may be dirty: HDF5 fills what is
    /// beyond them of the chunks at the border, for which it reads them.
    pub fn cut_extent(&mut self) -> Result<()> {
        let Holder::Hdf5(hdf5) = &mut self.holder else {
            return Ok(());
        };
        if hdf5.extent.shape == self.shape {
            return Ok(());
        }
        if let Storage::Chunked(chunked) = &mut self.storage {
            // It drops chunks, and may store others in another place.
            chunked.places = Places::default();
            let end = self.shape[0].div_ceil(chunked.chunk[0]) * chunked.per_row;
            chunked.unfinished.retain(|&number| number < end);
        }
        hdf5.set_extent(&self.shape)
    }

    /// Whether the file has the extents that the caller sees.
    pub fn is_extent_stored(&self) -> bool {
        *self.stored_shape() == self.shape
    }
}

/// How many chunks there are along the axes behind the first; None if that cannot be counted.
fn chunks_per_row(shape: &[u64], chunk: &[u64]) -> Option<u64> {
    let mut counts = shape.iter().zip(chunk).skip(1);
    counts.try_fold(1u64, |count, (&extent, &chunk)| {
        count.checked_mul(extent.div_ceil(chunk))
    })
}

impl Chunked {
    /// The chunks of a dataset of these extents, with so many bytes an element.
    pub fn array<'a>(&'a self, shape: &'a [u64], item: usize) -> ChunkedArray<'a> {
        ChunkedArray {
            shape,
            chunk: &self.chunk,
            item,
        }
    }

    /// The number of the chunk with these coordinates, counted in C order.
    pub fn number(&self, shape: &[u64], coordinates: impl Iterator<Item = u64>) -> u64 {
        let axes = coordinates.zip(shape.iter().zip(&self.chunk));
        axes.enumerate().fold(
            0,
            |number, (axis, (coordinate, (extent, chunk)))| match axis {
                0 => coordinate,
                _ => number * extent.div_ceil(*chunk) + coordinate,
            },
        )
    }

    /// Whether chunks have other numbers within other extents: along an axis are others, and one before it has several.
    pub fn are_renumbered(&self, before: &[u64], after: &[u64]) -> bool {
        let count = |shape: &[u64], axis: usize| shape[axis].div_ceil(self.chunk[axis]);
        let several =
            (0..after.len()).find(|&axis| count(before, axis).max(count(after, axis)) > 1);
        let behind = several.map_or(after.len(), |axis| axis + 1);
        (behind..after.len()).any(|axis| count(before, axis) != count(after, axis))
    }

    /// Gives the chunks that are known the numbers that they have within other extents.
    fn renumber(&mut self, before: &[u64], after: &[u64]) {
        let number = |number: u64| {
            let first = self.first(before, number);
            let coordinates = first.iter().zip(&self.chunk);
            self.number(after, coordinates.map(|(first, extent)| first / extent))
        };
        let known = self.places.known.iter();
        let known = known.map(|(&chunk, &place)| (number(chunk), place));
        let known = known.collect();
        let unfinished = self.unfinished.iter().map(|&chunk| number(chunk)).collect();
        self.places.known = known;
        self.places.lookups.absent.clear();
        self.unfinished = unfinished;
        self.picked.clear();
    }

    /// The first element of a chunk.
    pub fn first(&self, shape: &[u64], number: u64) -> Vec<u64> {
        h5::first_of_chunk(shape, &self.chunk, number)
    }

    /// Whether a chunk is nothing but whole records, one after the other.
    pub fn is_plain(&self, shape: &[u64]) -> bool {
        slice::alike(&self.chunk[1..], &shape[1..])
    }

    /// Bytes of a chunk that elements of the dataset can ever fill: those beyond its largest extents cannot.
    pub fn reachable(&self, shape: &[u64], maxshape: &[u64], number: u64) -> usize {
        let first = self.first(shape, number);
        let elements: u64 = (0..first.len())
            .map(|axis| {
                let inside = maxshape[axis].saturating_sub(first[axis]);
                inside.min(self.chunk[axis])
            })
            .product();
        let all: u64 = self.chunk.iter().product();
        elements as usize * (self.bytes / all.max(1) as usize)
    }

    /// Whether chunks are stored as they are.
    pub fn is_unfiltered(&self) -> bool {
        self.pipeline.is_empty()
    }

    /// The mask of a chunk that went past every filter.
    pub fn all_filters(&self) -> u32 {
        ((1u64 << self.filters) - 1) as u32
    }

    /// Where a chunk is, as far as that is known.
    pub fn place(&self, number: u64) -> Lookup {
        match self.places.known.get(&number) {
            Some(place) => Lookup::At(*place),
            None if self.places.listing == ChunkListing::Complete => Lookup::Missing,
            None if self.places.lookups.absent.contains(&number) => Lookup::Missing,
            None => Lookup::AskHdf5,
        }
    }

    /// Of how many chunks it is known where they are.
    #[cfg(test)]
    pub fn known(&self) -> usize {
        self.places.known.len()
    }

    /// Notes where a chunk is now.
    pub fn note_place(&mut self, number: u64, place: ChunkPlace) {
        let is_complete = self.places.listing == ChunkListing::Complete;
        if !is_complete && self.places.known.len() as u64 >= LISTED {
            self.places.known.clear();
        }
        self.places.lookups.absent.remove(&number);
        self.places.known.insert(number, place);
    }

    /// As [`OpenDataset::list_places`], of a dataset that HDF5 does not have; false if HDF5 has to do it.
    fn list_lone_places(&mut self, lone: &LoneDataset, raw: &RawFile) -> Result<bool> {
        if self.places.listing == ChunkListing::Complete {
            return Ok(true);
        }
        if self.slots(&lone.shape) > LISTED {
            return Ok(false);
        }
        self.note_places(&lone.shape, |note| lone.each_chunk(raw, LISTED, note))
    }

    /// As [`OpenDataset::find_places`], of a dataset that HDF5 does not have; false if all have to be listed.
    fn find_lone_places(
        &mut self,
        lone: &LoneDataset,
        raw: &RawFile,
        axes: &[Axis],
    ) -> Result<bool> {
        let slots = self.slots(&lone.shape);
        if self.places.listing != ChunkListing::Wanted || !(FEW_SLOTS..=LISTED).contains(&slots) {
            return Ok(false);
        }
        let segments = axes.iter().zip(&self.chunk);
        let segments: PerAxis<AxisSegments> = segments
            .map(|(axis, &extent)| segments::segments(axis, extent))
            .collect();
        let touched: usize = segments.iter().map(|list| list.len()).product();
        if touched > FEW {
            return Ok(false);
        }
        let mut numbers = Vec::with_capacity(touched);
        segments::each_of(&segments, |parts| -> Result<()> {
            numbers.push(self.number(&lone.shape, parts.iter().map(|part| part.chunk)));
            Ok(())
        })?;
        for number in numbers {
            if self.place(number) != Lookup::AskHdf5 {
                continue;
            }
            self.places.lookups.count += 1;
            let is_worth = self.places.lookups.count <= slots / SLOTS_A_LOOKUP;
            if !is_worth || !self.look_up(lone, raw, number)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Looks the place of a chunk up, and finds those of its neighbours; false if that cannot be done.
    fn look_up(&mut self, lone: &LoneDataset, raw: &RawFile, number: u64) -> Result<bool> {
        let wanted = self.first(&lone.shape, number);
        let mut found = Vec::new();
        let is_sound = lone.chunks_near(raw, &wanted, |first, place| {
            let coordinates = first.iter().zip(&self.chunk);
            let coordinates = coordinates.map(|(first, extent)| first / extent);
            found.push((self.number(&lone.shape, coordinates), place));
        })?;
        if is_sound {
            self.places.known.extend(found);
            if !self.places.known.contains_key(&number) {
                self.places.lookups.absent.insert(number);
            }
        }
        Ok(is_sound)
    }

    /// As [`OpenDataset::list_places`], of a dataset that HDF5 has open.
    fn list_places(&mut self, hdf5: &Dataset) -> Result<()> {
        if self.places.listing != ChunkListing::Wanted {
            return Ok(());
        }
        let shape = &hdf5.extent.shape;
        if self.slots(shape) > LISTED {
            // HDF5 is asked, if its index is for so many.
            hdf5.is_listable(&self.chunk, LISTED)?;
            self.places.listing = ChunkListing::Refused;
            return Ok(());
        }
        let chunk = self.chunk.clone();
        if !self.note_places(shape, |note| hdf5.each_chunk(&chunk, LISTED, note))? {
            self.places.listing = ChunkListing::Refused;
        }
        Ok(())
    }

    /// How many chunks have room in these extents.
    pub fn slots(&self, shape: &[u64]) -> u64 {
        let rows = shape[0].div_ceil(self.chunk[0]);
        rows.saturating_mul(self.per_row)
    }

    /// How many bytes of memory all chunks take that have room in these extents.
    pub fn all_bytes(&self, shape: &[u64]) -> usize {
        let bytes = self.slots(shape).saturating_mul(self.bytes as u64);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// Notes the places of the chunks within these extents that `each` shows, by their first elements, if those are all; says whether they are.
    fn note_places(
        &mut self,
        shape: &[u64],
        each: impl FnOnce(&mut dyn FnMut(&[u64], ChunkPlace)) -> Result<bool>,
    ) -> Result<bool> {
        let mut known = HashMap::new();
        let is_complete = each(&mut |first, place| {
            let coordinates = first.iter().zip(&self.chunk);
            let coordinates = coordinates.map(|(first, extent)| first / extent);
            known.insert(self.number(shape, coordinates), place);
        })?;
        if is_complete {
            self.places = Places {
                known,
                listing: ChunkListing::Complete,
                ..Places::default()
            };
        }
        Ok(is_complete)
    }
}

/// What is at a path that leads to a dataset, or why there is none.
pub fn open(file: &h5::Id, path: &str) -> Result<Option<(Dataset, ObjectInfo)>> {
    let Some(info) = h5::object_info(file, path)? else {
        return Ok(None);
    };
    if info.kind != crate::store::Kind::Dataset {
        return Err(Error::type_(format!(
            "'{path}' is {}, expected a dataset",
            info.kind
        )));
    }
    Ok(Some((h5::open_dataset(file, path)?, info)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_numbered_in_c_order() {
        let shape = [10, 7, 5];
        let chunked = Chunked {
            chunk: vec![4, 3, 2],
            bytes: 4 * 3 * 2 * 8,
            pipeline: Pipeline::default(),
            filters: 0,
            per_row: chunks_per_row(&shape, &[4, 3, 2]).unwrap(),
            grows: false,
            unfinished: BTreeSet::new(),
            picked: BTreeMap::new(),
            places: Places::default(),
        };
        assert_eq!(chunked.per_row, 9);
        let mut expected = 0;
        for row in 0..3 {
            for column in 0..3 {
                for layer in 0..3 {
                    let number = chunked.number(&shape, [row, column, layer].into_iter());
                    assert_eq!(number, expected);
                    let first = [row * 4, column * 3, layer * 2];
                    assert_eq!(chunked.first(&shape, number), first);
                    expected += 1;
                }
            }
        }
        assert_eq!(chunked.place(0), Lookup::AskHdf5);
        assert!(!chunked.is_plain(&shape));
    }
}
