//! Datasets in chunks of which HDF5 has seen nothing: their extents and the places of their chunks are changed in the bytes of the file.
//!
//! HDF5 takes some ten microseconds to open a dataset, and some KiB of memory as long as it is open; a flush goes through all that are. As
//! soon as it has read a dataset's header, for whatever reason, it may keep it, and the dataset is HDF5's to change:
//! see [`LoneDataset::is_unseen`]. All that is changed here is in the bytes at once, so that HDF5 finds it whenever it looks.

#![forbid(unsafe_code)]

use super::file::Hdf5File;
use super::h5::{self, ChunkPlace};
use crate::error::{Error, Result};
use crate::format::ahead::Ahead;
use crate::format::chunk_index::ChunkLayout;
use crate::format::chunk_tree::{Change, ChunkTree, TreeChunk};
use crate::format::chunked::{extents_at, ChunkPlaces, ChunkedDataset, ChunkedPlaces, SETTLED};
use crate::format::edited_header::EditedHeader;
use crate::format::object_header::{DATASPACE, LARGEST_HEADER, LAYOUT, PREFIX};
use crate::format::{Widths, UNDEFINED};
use crate::journal::RawFile;

/// A dataset in chunks.
#[derive(Debug)]
pub struct LoneDataset {
    /// Where its header is.
    header: u64,
    /// The extents that its header says.
    pub shape: Vec<u64>,
    /// The largest that they can become.
    pub maxshape: Vec<u64>,
    /// Whether its header said that it is a scale or refers to some.
    pub has_role: bool,
    /// Where its fields are; None if they have a checksum, and are looked for when they change.
    places: Option<ChunkedPlaces>,
    index: ChunkPlaces,
}

/// A chunk that gets another place in the file.
#[derive(Debug)]
pub struct NewPlace {
    /// Its first element.
    pub first: Vec<u64>,
    /// The filters that it went past.
    pub mask: u32,
    /// Its bytes in the file.
    pub stored: usize,
    /// Where it was before.
    pub before: Option<ChunkPlace>,
}

impl LoneDataset {
    /// The dataset whose header is at an address.
    pub fn new(header: u64, dataset: ChunkedDataset, has_role: bool) -> Self {
        Self {
            has_role,
            header,
            index: dataset.index,
            places: dataset.places,
            shape: dataset.shape,
            maxshape: dataset.maxshape,
        }
    }

    /// Whether HDF5 has still seen nothing of it, or cannot change it. HDF5's lock is held from this question on for as long as nobody else may
    /// change that.
    pub fn is_unseen(&self, file: &Hdf5File) -> Result<bool> {
        Ok(!file.is_writable() || file.raw()?.is_unseen(self.header, PREFIX as u64))
    }

    /// Whether the places of its chunks can be changed here: not those in every kind of index.
    pub fn is_changeable(&self) -> bool {
        match &self.index {
            ChunkPlaces::Tree(_) => true,
            ChunkPlaces::New(index) => index.is_changeable(),
        }
    }

    /// Whether it can get other chunks, or lose some.
    pub fn can_be_remade(&self) -> bool {
        self.places.is_some()
    }

    /// Whether nothing was written to it.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Its tree, and where its fields are; an error of ours of one that [cannot be remade](Self::can_be_remade).
    fn tree(&self) -> Result<(&ChunkTree, ChunkedPlaces)> {
        match (&self.index, self.places) {
            (ChunkPlaces::Tree(tree), Some(places)) => Ok((tree, places)),
            _ => Err(Error::internal("chunks of the newer format are remade")),
        }
    }

    /// Changes what a message of the header says from a place on, which `said` gives by what it says; the first piece that is written can fail.
    fn edit(
        &self,
        raw: &RawFile,
        kind: u16,
        said: impl FnOnce(&[u8]) -> Option<(usize, Vec<u8>)>,
        is_sure: bool,
    ) -> Result<()> {
        let damaged = || Error::format("its header is not as it has to be: the file is damaged");
        let header = EditedHeader::read(raw, self.header, LARGEST_HEADER)?;
        let mut header = header.ok_or_else(damaged)?;
        let slot = header.only(kind).ok_or_else(damaged)?;
        let mut content = header.content(slot).to_vec();
        let (at, bytes) = said(&content).ok_or_else(damaged)?;
        let field = content.get_mut(at..at + bytes.len());
        field.ok_or_else(damaged)?.copy_from_slice(&bytes);
        header.replace(slot, &content);
        for (place, bytes) in header.changed() {
            match is_sure {
                true => raw.write_surely(place, bytes)?,
                false => raw.write(place, bytes)?,
            }
        }
        Ok(())
    }

    /// Makes the header say where the index is.
    fn store_place(&self, raw: &RawFile, index: &ChunkPlaces) -> Result<()> {
        let said = match index {
            ChunkPlaces::Tree(tree) => tree.root.to_le_bytes().to_vec(),
            ChunkPlaces::New(index) => index.in_layout(),
        };
        if let Some(places) = self.places {
            return raw.write_surely(places.root, &said);
        }
        let at_its_place = |layout: &[u8]| {
            let layout = ChunkLayout::of(layout, Widths::USUAL)?;
            // What is said of a single chunk comes before its address.
            Some(((layout.place + 8).checked_sub(said.len())?, said))
        };
        self.edit(raw, LAYOUT, at_its_place, true)
    }

    /// Changes the extents, to more only.
    pub fn set_extent(&mut self, file: &Hdf5File, shape: &[u64]) -> Result<()> {
        let bytes: Vec<u8> = shape
            .iter()
            .flat_map(|extent| extent.to_le_bytes())
            .collect();
        match self.places {
            Some(places) => file.raw()?.write(places.shape, &bytes)?,
            None => {
                let extents = |space: &[u8]| Some((extents_at(space), bytes));
                self.edit(file.raw()?, DATASPACE, extents, false)?;
            }
        }
        self.shape.copy_from_slice(shape);
        Ok(())
    }

    /// Cuts the first extent, and drops the chunks that lie beyond it; false, and nothing has changed, if something about their index is not as it has
    /// to be.
    ///
    /// What the disk does not take is kept in memory until the next commit: this undoes what a full disk has refused.
    pub fn cut(&mut self, file: &Hdf5File, records: u64) -> Result<bool> {
        let raw = file.raw()?;
        let (tree, places) = self.tree()?;
        let (mut kept, mut given) = (Vec::new(), Vec::new());
        if !self.is_empty() {
            let is_sound = tree.each(raw, |first, chunk| match first[0] < records {
                true => kept.push((first.to_vec(), chunk)),
                false => given.push((chunk.address, u64::from(chunk.stored))),
            })?;
            let nodes = tree.nodes(raw)?;
            let Some((nodes, length)) = nodes.filter(|_| is_sound) else {
                return Ok(false);
            };
            if !given.is_empty() {
                self.rebuild(file, &kept)?;
                given.extend(nodes.into_iter().map(|node| (node, length as u64)));
            }
        }
        raw.write_surely(places.shape, &records.to_le_bytes())?;
        self.shape[0] = records;
        for (address, length) in given {
            file.give_back(address, length);
        }
        Ok(true)
    }

    /// Makes another tree, of these chunks only.
    fn rebuild(&mut self, file: &Hdf5File, chunks: &[(Vec<u64>, TreeChunk)]) -> Result<()> {
        let raw = file.raw()?;
        let mut tree = self.tree()?.0.clone();
        tree.root = UNDEFINED;
        build_chunk_tree(file, &mut tree, chunks)?;
        let index = ChunkPlaces::Tree(tree);
        self.store_place(raw, &index)?;
        self.index = index;
        Ok(())
    }

    /// Calls `visit` with the first element and the place of each chunk within the extents, in C order; false if something about their index is not
    /// as it has to be, or it is for more chunks than `most`: HDF5 has the word on it then.
    pub fn each_chunk(
        &self,
        raw: &RawFile,
        most: u64,
        mut visit: impl FnMut(&[u64], ChunkPlace),
    ) -> Result<bool> {
        let mut visit = |first: &[u64], chunk| self.show(first, chunk, &mut visit);
        self.index
            .each(&Ahead::of(raw), &self.shape, most, &mut visit)
    }

    /// As [`each_chunk`](Self::each_chunk), with those only that one finds on the way to the chunk whose first element is `wanted`, that one among them if it is there.
    /// False, too, where all would have to be shown.
    pub fn chunks_near(
        &self,
        raw: &RawFile,
        wanted: &[u64],
        mut visit: impl FnMut(&[u64], ChunkPlace),
    ) -> Result<bool> {
        let mut visit = |first: &[u64], chunk| self.show(first, chunk, &mut visit);
        match &self.index {
            ChunkPlaces::Tree(tree) if !self.is_empty() => tree.near(raw, wanted, &mut visit),
            _ => Ok(false),
        }
    }

    /// Calls `visit` with a chunk if it lies within the extents.
    fn show(&self, first: &[u64], chunk: TreeChunk, visit: &mut impl FnMut(&[u64], ChunkPlace)) {
        let mut extents = first.iter().zip(&self.shape);
        if extents.all(|(first, extent)| first < extent) {
            let place = ChunkPlace {
                address: chunk.address,
                stored: u64::from(chunk.stored),
                mask: chunk.mask,
            };
            visit(first, place);
        }
    }

    /// Allocates room for chunks, and gives their addresses. Nothing is written there. What was there before is given up. If this fails, all chunks
    /// stay where they are, but for those of the newer format that have a place already, where they read as zeros.
    pub fn reserve_chunks(&mut self, file: &Hdf5File, chunks: &[NewPlace]) -> Result<Vec<u64>> {
        let mut placed = Vec::with_capacity(chunks.len());
        let reserved = chunks.iter().try_for_each(|new| {
            let Ok(stored) = u32::try_from(new.stored) else {
                return Err(Error::internal("a chunk of 4 GiB or more"));
            };
            // The old room is not taken for it.
            let chunk = TreeChunk {
                address: file.allocate(new.stored as u64)?,
                stored,
                mask: new.mask,
            };
            placed.push((new.first.clone(), chunk));
            Ok(())
        });
        let mut said = 0;
        let reserved = reserved.and_then(|()| self.put_chunks(file, &placed, &mut said));
        if let Err(error) = reserved {
            for (number, (_, chunk)) in placed.iter().enumerate() {
                let stored = u64::from(chunk.stored);
                match number < said {
                    true => file.raw()?.note_unwritten(chunk.address, stored)?,
                    false => file.give_back(chunk.address, stored),
                }
            }
            return Err(error);
        }
        for new in chunks {
            match new.before {
                // It would have done in its place.
                Some(before) if before.stored == new.stored as u64 => {
                    file.give_back_later(before.address, before.stored)?;
                }
                Some(before) => file.give_back(before.address, before.stored),
                None => {}
            }
        }
        Ok(placed.into_iter().map(|(_, chunk)| chunk.address).collect())
    }

    /// Says where the chunk is whose first element is `first`.
    pub fn put_chunk(&mut self, file: &Hdf5File, first: &[u64], chunk: TreeChunk) -> Result<()> {
        self.put_chunks(file, &[(first.to_vec(), chunk)], &mut 0)
    }

    /// Says where the chunks are with these first elements; `said` is of how many, should it fail.
    fn put_chunks(
        &mut self,
        file: &Hdf5File,
        chunks: &[(Vec<u64>, TreeChunk)],
        said: &mut usize,
    ) -> Result<()> {
        let ChunkPlaces::Tree(before) = &self.index else {
            return chunks.iter().try_for_each(|(first, chunk)| {
                self.put_new(file, first, *chunk)?;
                *said += 1;
                Ok(())
            });
        };
        let raw = file.raw()?;
        let mut allocate = |length: usize| file.allocate(length as u64);
        let mut tree = before.clone();
        let changes = tree.put(raw, chunks, &mut allocate)?;
        write_all(raw, &changes.ok_or_else(damaged)?)?;
        let is_new = tree.root != before.root;
        let index = ChunkPlaces::Tree(tree);
        if is_new {
            self.store_place(raw, &index)?;
        }
        self.index = index;
        Ok(())
    }

    /// The same of a chunk in an index of the newer format.
    fn put_new(&mut self, file: &Hdf5File, first: &[u64], chunk: TreeChunk) -> Result<()> {
        let ChunkPlaces::New(before) = &self.index else {
            return Err(Error::internal("a tree is no index of the newer format"));
        };
        let raw = file.raw()?;
        let mut allocate = |length: usize| file.allocate(length as u64);
        let mut index = before.clone();
        let changes = index.put(raw, first, chunk, &mut allocate)?;
        write_all(raw, &changes.ok_or_else(damaged)?)?;
        let is_moved = index.in_layout() != before.in_layout();
        let index = ChunkPlaces::New(index);
        if is_moved {
            self.store_place(raw, &index)?;
        }
        self.index = index;
        Ok(())
    }

    /// Gives an otherwise unchanged dataset chunks of so many records, none of which is there yet; `grows` as in
    /// [`ChunkedDataset`]. The places of the old ones, and of their index, are given up.
    pub fn rechunk(
        &mut self,
        file: &Hdf5File,
        chunk: &[u64],
        item: usize,
        grows: bool,
    ) -> Result<()> {
        let raw = file.raw()?;
        let (tree, places) = self.tree()?;
        let mut old = Vec::new();
        if !self.is_empty() {
            let mut note = |_: &[u64], chunk: TreeChunk| {
                old.push((chunk.address, u64::from(chunk.stored)));
            };
            let is_sound = tree.each(raw, &mut note)?;
            let nodes = tree.nodes(raw)?.filter(|_| is_sound);
            let Some((nodes, length)) = nodes else {
                return Err(damaged());
            };
            old.extend(nodes.into_iter().map(|node| (node, length as u64)));
        }
        let mut layout = UNDEFINED.to_le_bytes().to_vec();
        for extent in chunk {
            layout.extend((*extent as u32).to_le_bytes());
        }
        raw.write(places.root, &layout)?;
        if !grows {
            raw.write_surely(places.fill_time, &[SETTLED])?;
        }
        self.index = ChunkPlaces::Tree(ChunkTree::new(UNDEFINED, chunk, item));
        for (address, length) in old {
            file.give_back(address, length);
        }
        Ok(())
    }

    /// Has HDF5 open it.
    pub fn open(&self, file: &Hdf5File) -> Result<h5::Dataset> {
        h5::open_dataset_at(file.id()?, self.header)
    }
}

fn damaged() -> Error {
    Error::format("the index of its chunks is not as it has to be: the file is damaged")
}

/// Makes a tree without a root one of these chunks.
pub fn build_chunk_tree(
    file: &Hdf5File,
    tree: &mut ChunkTree,
    chunks: &[(Vec<u64>, TreeChunk)],
) -> Result<()> {
    let raw = file.raw()?;
    let mut allocate = |length: usize| file.allocate(length as u64);
    let changes = tree.put(raw, chunks, &mut allocate)?;
    let changes = changes.ok_or_else(|| Error::internal("a new index of chunks is damaged"))?;
    for change in changes {
        raw.write_surely(change.place, &change.bytes)?;
    }
    Ok(())
}

/// Writes changes that are one: what the disk does not take is kept in memory once the first is written, and the next commit writes it, or tells.
fn write_all(raw: &RawFile, changes: &[Change]) -> Result<()> {
    let mut changes = changes.iter();
    if let Some(first) = changes.next() {
        raw.write(first.place, &first.bytes)?;
    }
    for change in changes {
        raw.write_surely(change.place, &change.bytes)?;
    }
    Ok(())
}
