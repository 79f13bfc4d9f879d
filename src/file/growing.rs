//! A series that has outgrown its chunks gets larger ones.
//!
//! HDF5 cannot change the chunks of a dataset. So another dataset, which is stored as the first one but for its chunks, takes its
//! attributes, its records and its name. It has another address in the file, which nothing may refer to: a series
//! that has a second name, or is an axis of other datasets or refers to such, keeps its chunks, and gets those of a long
//! series before it becomes so by a call of this library.

#![forbid(unsafe_code)]

use super::dataset::{OpenDataset, Storage};
use super::owner::State;
use super::{buffers, storing};
use crate::codec::chunk_shape::records_for_now;
use crate::error::{Error, Result};
use crate::store::h5;
use crate::store::{groups_above, path, Kind};

/// The chunks that a series should have.
struct Wanted {
    /// The records of a chunk.
    records: u64,
    /// Whether it may outgrow these too.
    grows: bool,
}

impl State {
    /// Whether a new series at a normal path may get larger chunks later: not where the order of what is in a group is noted,
    /// which another dataset of that name would change.
    pub(super) fn may_grow(&mut self, normal: &str) -> Result<bool> {
        // What HDF5 has seen nothing of keeps its address.
        if self.gathered.links_past(&self.hdf5, normal)? {
            return Ok(true);
        }
        if self.hdf5.tracks_order() || self.is_new {
            return Ok(!self.hdf5.tracks_order());
        }
        let (group, _) = path::split(normal);
        if let Some((latest, may_grow)) = &self.latest_group {
            if **latest == *group {
                return Ok(*may_grow);
            }
        }
        let mut there = "";
        for group in groups_above(group).filter(|group| !group.is_empty()) {
            if self.hdf5.kind(group)? == Kind::Group {
                there = group;
                break;
            }
        }
        let may_grow = !h5::tracks_order(self.hdf5.id()?, path::or_root(there))?;
        self.latest_group = Some((group.into(), may_grow));
        Ok(may_grow)
    }

    /// Gives a series larger chunks if with so many records it has outgrown its own; says whether it did. `normal` is a path that
    /// leads to it.
    pub(super) fn outgrow(&mut self, id: u32, normal: &str, records: u64) -> Result<bool> {
        let Some(wanted) = self.wanted_chunks(id, records) else {
            return Ok(false);
        };
        if self.rechunk(id, &wanted)? {
            return Ok(true);
        }
        if let Some(name) = self.only_name(id, normal)? {
            self.remake(id, &name, &wanted)?;
            return Ok(true);
        }
        if let Some(open) = self.datasets.get_mut(id) {
            if let Storage::Chunked(chunked) = &mut open.storage {
                chunked.grows = false;
            }
        }
        Ok(false)
    }

    /// Gives a series at a normal path that still grows the chunks of a long one, since something will refer to its address; says
    /// whether it did.
    pub(super) fn outgrow_all(&mut self, normal: &str) -> Result<bool> {
        match self.find_dataset(normal)? {
            Some(id) if self.hdf5.is_writable() => self.outgrow(id, normal, u64::MAX),
            _ => Ok(false),
        }
    }

    /// The chunks that a series of so many records should have, if it has smaller ones and can get those.
    fn wanted_chunks(&self, id: u32, records: u64) -> Option<Wanted> {
        let open = self.datasets.get(id)?;
        let Storage::Chunked(chunked) = &open.storage else {
            return None;
        };
        if !chunked.grows || !chunked.is_plain(&open.shape) || !self.is_here(open.key) {
            return None;
        }
        let others = self.series_created.saturating_sub(1) as u64;
        let for_now =
            |records| records_for_now(&open.shape[1..], open.item as u64, others, records);
        let wanted = for_now(records);
        // All records that it has go into one chunk, which is in memory.
        let fits = wanted > chunked.chunk[0] && open.shape[0] <= wanted;
        fits.then(|| Wanted {
            records: wanted,
            grows: wanted < for_now(u64::MAX),
        })
    }

    /// Changes the chunks of a series in its header, if HDF5 has seen nothing of it; says whether it did.
    fn rechunk(&mut self, id: u32, wanted: &Wanted) -> Result<bool> {
        let is_lone = {
            let _lock = h5::lock();
            let open = self.datasets.get_mut(id);
            open.map_or(Ok(false), |open| Ok(open.settle(&self.hdf5)?.is_some()))?
        };
        if !is_lone {
            return Ok(false);
        }
        let records = self.all_records(id)?;
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        if !open.rechunk(&self.hdf5, wanted.records, wanted.grows)? {
            return Ok(false);
        }
        let whole = open.chunked()?.bytes;
        self.take_records(id, records, whole);
        Ok(true)
    }

    /// Puts the records of a series into the cache, as its first chunk, of so many bytes: they are nowhere else now.
    fn take_records(&mut self, id: u32, records: Vec<u8>, whole: usize) {
        for key in self.cache.of_dataset(id) {
            self.cache.remove(key);
        }
        self.cut_short.remove(&id);
        if !records.is_empty() {
            let (key, length) = ((id, 0), records.len());
            let place = self.cache.insert(key, records, None);
            self.cache.set_remaining(key, whole);
            self.cache.mark(place, 0..length, length);
        }
    }

    /// The path of the only hard link to a dataset, to which this normal path leads; None if it may be referred to otherwise, or
    /// if the link is in a group that notes the order of what is in it.
    fn only_name(&mut self, id: u32, normal: &str) -> Result<Option<String>> {
        self.flush_for(normal)?;
        self.require_hdf5(id)?;
        let Some(open) = self.datasets.get(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let (file, object) = (self.hdf5.id()?, open.hdf5()?.id());
        let attributes = h5::attribute_names(object)?;
        let has_role = attributes
            .iter()
            .any(|name| h5::ROLES.contains(&name.as_str()));
        if has_role || h5::info_of(object)?.links != 1 {
            return Ok(None);
        }
        // A soft link may have led to it.
        let paths = [normal]
            .into_iter()
            .chain(open.paths.iter().map(|path| &**path));
        for name in paths {
            if h5::hard_link_address(file, name)? == Some(open.key.address()) {
                let (group, _) = path::split(name);
                let is_ordered = h5::tracks_order(file, path::or_root(group))?;
                return Ok((!is_ordered).then(|| name.to_owned()));
            }
        }
        Ok(None)
    }

    /// Puts a dataset with other chunks in the place of a series.
    fn remake(&mut self, id: u32, normal: &str, wanted: &Wanted) -> Result<()> {
        let records = self.all_records(id)?;
        let Some(old) = self.datasets.get(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let (shape, threads) = (old.shape.clone(), old.threads);
        let old = old.hdf5()?;
        let made = old.remade(self.hdf5.id()?, wanted.records, wanted.grows)?;
        for name in h5::attribute_names(old.id())? {
            h5::copy_attribute(old.id(), made.id(), &name)?;
        }
        let mut info = h5::info_of(made.id())?;
        info.key = self.own_key(info.key)?;
        let mut new = OpenDataset::learn(made, info, true, true)?;
        let Storage::Chunked(chunked) = &new.storage else {
            return Err(Error::internal("a series with larger chunks has none"));
        };
        let whole = chunked.bytes;
        new.shape = shape;
        new.threads = threads;

        let file = self.hdf5.id()?;
        self.hdf5.delete(normal)?;
        if let Err(error) = h5::link_object(new.hdf5()?.id(), file, normal) {
            if h5::link_object(old.id(), file, normal).is_err() {
                self.give_up();
            }
            return Err(error);
        }
        // Nothing from here on fails: the records are in memory only.
        self.raw.note_sound(new.key.address());
        self.take_records(id, records, whole);
        self.datasets.replace(id, new);
        self.datasets.forget_found();
        self.gathered.forget(normal);
        self.look_again();
        Ok(())
    }

    /// The bytes of all records of a series whose chunks are whole records, as they are in the file.
    fn all_records(&mut self, id: u32) -> Result<Vec<u8>> {
        let Some(open) = self.datasets.get(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let Storage::Chunked(chunked) = &open.storage else {
            return Err(Error::internal("a series without chunks grows"));
        };
        let (count, per_chunk, whole) = (open.shape[0], chunked.chunk[0], chunked.bytes);
        let record = whole / per_chunk as usize;
        let fill = open.fill.clone();
        let bytes = count as usize * record;
        let mut records = buffers::take(bytes);
        records.clear();
        records
            .try_reserve(bytes)
            .map_err(|_| Error::no_memory(bytes))?;
        for number in 0..count.div_ceil(per_chunk) {
            let key = (id, number);
            self.load_chunk(key)?;
            let chunk = self.cache.peek(key).unwrap_or_default();
            let end = records.len() + whole.min(bytes - records.len());
            records.extend_from_slice(&chunk[..chunk.len().min(end - records.len())]);
            // What lies behind the records that were written is fill.
            storing::complete(&mut records, end, &fill)?;
        }
        Ok(records)
    }
}
