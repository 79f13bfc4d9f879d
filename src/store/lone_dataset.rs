//! Datasets in chunks of which HDF5 has seen nothing: their extents and the places of their chunks are changed in the bytes of the file.
//!
//! HDF5 takes some ten microseconds to open a dataset, and some KiB of memory as long as it is open; a flush goes through all that are. As
//! soon as it has read a dataset's header, for whatever reason, it may keep it, and the dataset is HDF5's to change:
//! see [`LoneDataset::is_unseen`]. All that is changed here is in the bytes at once, so that HDF5 finds it whenever it looks.

#![forbid(unsafe_code)]

use super::file::Hdf5File;
use super::h5::{self, ChunkPlace};
use crate::error::{Error, Result};
use crate::format::chunk_tree::{Change, ChunkTree, TreeChunk};
use crate::format::chunked::{ChunkedDataset, ChunkedPlaces, SETTLED};
use crate::format::object_header::PREFIX;
use crate::format::UNDEFINED;
use crate::journal::RawFile;

/// A dataset in chunks, of the oldest format.
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
    places: ChunkedPlaces,
    tree: ChunkTree,
}

impl LoneDataset {
    /// The dataset whose header is at an address.
    pub fn new(header: u64, dataset: ChunkedDataset, has_role: bool) -> Self {
        let item = dataset.number.element_size();
        Self {
            has_role,
            header,
            tree: ChunkTree::new(dataset.root, &dataset.chunk, item),
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

    /// Whether nothing was written to it.
    pub fn is_empty(&self) -> bool {
        self.tree.root == UNDEFINED
    }

    /// Changes the extents, to more only.
    pub fn set_extent(&mut self, file: &Hdf5File, shape: &[u64]) -> Result<()> {
        let bytes: Vec<u8> = shape
            .iter()
            .flat_map(|extent| extent.to_le_bytes())
            .collect();
        file.raw()?.write(self.places.shape, &bytes)?;
        self.shape.copy_from_slice(shape);
        Ok(())
    }

    /// Cuts the first extent, and drops the chunks that lie beyond it; false, and nothing has changed, if something about their index is not as it has
    /// to be.
    ///
    /// What the disk does not take is kept in memory until the next commit: this undoes what a full disk has refused.
    pub fn cut(&mut self, file: &Hdf5File, records: u64) -> Result<bool> {
        let raw = file.raw()?;
        let (mut kept, mut given) = (Vec::new(), Vec::new());
        if !self.is_empty() {
            let is_sound = self
                .tree
                .each(raw, |first, chunk| match first[0] < records {
                    true => kept.push((first.to_vec(), chunk)),
                    false => given.push((chunk.address, u64::from(chunk.stored))),
                })?;
            let nodes = self.tree.nodes(raw)?;
            let Some((nodes, length)) = nodes.filter(|_| is_sound) else {
                return Ok(false);
            };
            if !given.is_empty() {
                self.rebuild(file, &kept)?;
                given.extend(nodes.into_iter().map(|node| (node, length as u64)));
            }
        }
        raw.write_surely(self.places.shape, &records.to_le_bytes())?;
        self.shape[0] = records;
        for (address, length) in given {
            file.give_back(address, length);
        }
        Ok(true)
    }

    /// Makes another tree, of these chunks only.
    fn rebuild(&mut self, file: &Hdf5File, chunks: &[(Vec<u64>, TreeChunk)]) -> Result<()> {
        let raw = file.raw()?;
        let mut allocate = |length: usize| file.allocate(length as u64);
        let mut tree = self.tree.clone();
        tree.root = UNDEFINED;
        for (first, chunk) in chunks {
            if tree.root == UNDEFINED {
                let root = tree.begin(first, *chunk, &mut allocate)?;
                raw.write_surely(root.place, &root.bytes)?;
                tree.root = root.place;
                continue;
            }
            let changes = tree.put(raw, first, *chunk, &mut allocate)?;
            let changes =
                changes.ok_or_else(|| Error::internal("a new index of chunks is damaged"))?;
            for change in changes {
                raw.write_surely(change.place, &change.bytes)?;
            }
        }
        raw.write_surely(self.places.root, &tree.root.to_le_bytes())?;
        self.tree = tree;
        Ok(())
    }

    /// Calls `visit` with the first element and the place of each chunk within the extents, in C order; false if something about their index is not
    /// as it has to be: HDF5 has the word on it then.
    pub fn each_chunk(
        &self,
        raw: &RawFile,
        mut visit: impl FnMut(&[u64], ChunkPlace),
    ) -> Result<bool> {
        if self.is_empty() {
            return Ok(true);
        }
        self.tree.each(raw, |first, chunk| {
            let TreeChunk {
                address,
                stored,
                mask,
            } = chunk;
            let is_within = first
                .iter()
                .zip(&self.shape)
                .all(|(first, extent)| first < extent);
            if is_within {
                let stored = u64::from(stored);
                visit(
                    first,
                    ChunkPlace {
                        address,
                        stored,
                        mask,
                    },
                );
            }
        })
    }

    /// Allocates `stored` bytes for the chunk whose first element is `first`, which went past the filters of `mask`, and gives their address.
    /// Nothing is written there. What was there `before` is given up.
    pub fn reserve_chunk(
        &mut self,
        file: &Hdf5File,
        first: &[u64],
        mask: u32,
        stored: usize,
        before: Option<ChunkPlace>,
    ) -> Result<u64> {
        let Ok(size) = u32::try_from(stored) else {
            return Err(Error::internal("a chunk of 4 GiB or more"));
        };
        // The old room is not taken for it: if this fails, the chunk stays where it is.
        let address = file.allocate(stored as u64)?;
        let chunk = TreeChunk {
            address,
            stored: size,
            mask,
        };
        self.put_chunk(file, first, chunk)?;
        if let Some(before) = before {
            match before.stored == stored as u64 {
                // It would have done in its place.
                true => file.give_back_later(before.address, before.stored)?,
                false => file.give_back(before.address, before.stored),
            }
        }
        Ok(address)
    }

    /// Says where the chunk is whose first element is `first`.
    pub fn put_chunk(&mut self, file: &Hdf5File, first: &[u64], chunk: TreeChunk) -> Result<()> {
        let raw = file.raw()?;
        let mut allocate = |length: usize| file.allocate(length as u64);
        if self.is_empty() {
            let root = self.tree.begin(first, chunk, &mut allocate)?;
            raw.write(root.place, &root.bytes)?;
            raw.write_surely(self.places.root, &root.place.to_le_bytes())?;
            self.tree.root = root.place;
            return Ok(());
        }
        match self.tree.put(raw, first, chunk, &mut allocate)? {
            Some(changes) => write_all(raw, &changes),
            None => Err(Error::format(
                "the index of its chunks is not as it has to be: the file is damaged",
            )),
        }
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
        let mut old = Vec::new();
        if !self.is_empty() {
            let mut note = |_: &[u64], chunk: TreeChunk| {
                old.push((chunk.address, u64::from(chunk.stored)));
            };
            let is_sound = self.tree.each(raw, &mut note)?;
            let nodes = self.tree.nodes(raw)?.filter(|_| is_sound);
            let Some((nodes, length)) = nodes else {
                return Err(Error::format(
                    "the index of its chunks is not as it has to be: the file is damaged",
                ));
            };
            old.extend(nodes.into_iter().map(|node| (node, length as u64)));
        }
        let mut layout = UNDEFINED.to_le_bytes().to_vec();
        for extent in chunk {
            layout.extend((*extent as u32).to_le_bytes());
        }
        raw.write(self.places.root, &layout)?;
        if !grows {
            raw.write_surely(self.places.fill_time, &[SETTLED])?;
        }
        self.tree = ChunkTree::new(UNDEFINED, chunk, item);
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
