//! Appends: writes to the last chunks of a dataset that also grow its extents in memory.

#![forbid(unsafe_code)]

use super::buffers;
use super::dataset::{OpenDataset, Series, Storage};
use super::owner::State;
use super::writing::{Part, Source};
use crate::array::Bytes;
use crate::codec::convert::Conversion;
use crate::error::{Error, Result};
use crate::slice::{self, Axis};
use crate::store::h5;
use crate::store::strided::show_shape;
use crate::store::{check_conversion, path, Append, Dtype, Length, StorageOptions};

/// The records of one append.
pub struct Records<'a> {
    /// The type of their elements in memory.
    pub dtype: Dtype,
    /// The extents of a record.
    pub record: &'a [i64],
    /// The options of the call.
    pub options: &'a Append,
}

/// The elements of the records of one append.
#[derive(Clone, Copy)]
enum Elements<'a> {
    /// Those of any number of records, in C order without gaps.
    Packed(Bytes<'a>),
    /// Those of a part of one record, which the axes of the part are; the others are fill.
    Part(&'a Part<'a>),
}

impl State {
    /// Appends records to the series at `path`, which is created if nothing is there.
    ///
    /// `data` gives the elements of so many.
    pub(super) fn append<'a>(
        &mut self,
        path: &str,
        records: &Records<'_>,
        data: impl FnOnce(u64) -> Result<Bytes<'a>>,
    ) -> Result<()> {
        let normal = path::normal(path);
        let count = records.options.records;
        let mut data = Some(data);
        let mut elements = |count: u64| match data.take() {
            Some(data) => data(count),
            None => Err(Error::internal("the records were asked for twice")),
        };
        if let Some(id) = self.datasets.find(&normal) {
            if self.append_in_memory(id, records, count, &mut elements)? {
                return Ok(());
            }
        }
        let elements = |count| elements(count).map(Elements::Packed);
        self.append_anywhere(&normal, records, count, elements)
            .map_err(|error| error.within(format_args!("dataset '{normal}'")))
    }

    /// Appends one record, of which a part is given, to the series at `path`, which is created if nothing is there.
    pub(super) fn append_part(
        &mut self,
        path: &str,
        records: &Records<'_>,
        part: &Part<'_>,
    ) -> Result<()> {
        let normal = path::normal(path);
        let count = records.options.records;
        let one = |_| match count {
            0 | 1 => Ok(Elements::Part(part)),
            _ => Err(Error::argument(format!(
                "\"records\" is {count}, but with strides or a block a call appends one record"
            ))),
        };
        self.append_anywhere(&normal, records, count, one)
            .map_err(|error| error.within(format_args!("dataset '{normal}'")))
    }

    /// Appends records if that takes no more than a copy into the last chunk; says whether it did.
    ///
    /// This is what nearly all appends come to, and HDF5 has no part in it.
    fn append_in_memory<'a>(
        &mut self,
        id: u32,
        records: &Records<'_>,
        count: u64,
        data: &mut impl FnMut(u64) -> Result<Bytes<'a>>,
    ) -> Result<bool> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(false);
        };
        let (Some(series), Storage::Chunked(chunked)) = (&mut open.series, &open.storage) else {
            return Ok(false);
        };
        let Some(bytes) = series.copied else {
            return Ok(false);
        };
        if series.dtype != records.dtype || !slice::alike(&series.record, records.record) {
            return Ok(false);
        }
        let (number, place) = series.last;
        let start = number.checked_mul(chunked.chunk[0]);
        let within = start.and_then(|start| open.shape[0].checked_sub(start));
        let Some(within) = within.filter(|&within| within > 0) else {
            return Ok(false);
        };
        // The last record of a chunk may set off more.
        let after = within.checked_add(count);
        if count == 0 || after.is_none_or(|after| after >= chunked.chunk[0]) {
            return Ok(false);
        }
        let Some(slot) = self.cache.at(place, (id, number)) else {
            return Ok(false);
        };
        let start = within as usize * bytes;
        let Some(elements) = count.checked_mul(series.elements) else {
            return Ok(false);
        };
        if slot.bytes.len() != start || slot.dirty.is_none() {
            return Ok(false);
        }
        let data = data(elements)?.all();
        let added = count as usize * bytes;
        let before = slot.bytes.capacity();
        if before - start < added && slot.bytes.try_reserve(added).is_err() {
            return Err(Error::no_memory(chunked.bytes));
        }
        put_records(&mut slot.bytes, series.conversion.as_ref(), data, added);
        let grew = slot.bytes.capacity() != before;
        slot.extend_dirty(added);
        if grew {
            self.cache.recount(place);
        }
        open.shape[0] += count;
        Ok(true)
    }

    fn append_anywhere<'a>(
        &mut self,
        normal: &str,
        records: &Records<'_>,
        count: u64,
        data: impl FnOnce(u64) -> Result<Elements<'a>>,
    ) -> Result<()> {
        let record = checked(records.record)?;
        let elements = record
            .iter()
            .try_fold(1u64, |elements, &extent| elements.checked_mul(extent))
            .and_then(|elements| Some((elements, elements.checked_mul(count)?)));
        let Some((elements, all)) = elements else {
            return Err(Error::shape(
                "the records have more elements than can be counted",
            ));
        };
        let data = data(all)?;
        let normal = &*path::of_new(normal)?;
        if let Some(id) = self.find_dataset(normal)? {
            let is_first = self
                .datasets
                .get(id)
                .is_some_and(|open| open.series.is_none());
            let is_bare = is_first && self.takes_place(normal, &record)?;
            if !is_bare {
                return self.append_to((id, normal), records, (&record, elements), count, data);
            }
        }
        // A series that could not begin is not there.
        self.creating(normal, |state| {
            let id = state.begin_series(normal, records, &record, count)?;
            let appended = state.append_to((id, normal), records, (&record, elements), count, data);
            if appended.is_err() {
                state.remove_series(id, normal);
            }
            appended
        })
    }

    /// Appends records of these extents, with so many elements each, to the open dataset of a series, to which the path leads.
    fn append_to(
        &mut self,
        (id, normal): (u32, &str),
        records: &Records<'_>,
        (record, elements): (&[u64], u64),
        count: u64,
        data: Elements<'_>,
    ) -> Result<()> {
        self.require_series(id, record, records.dtype)?;
        self.outgrow_for(id, normal, count)?;
        self.prepare_series(id, records, elements)?;
        if count == 0 {
            return Ok(());
        }
        let has_gaps = matches!(data, Elements::Part(_));
        if has_gaps && self.cut_short.contains(&id) {
            // What an append that failed has left behind the records must not be seen between the elements of this one.
            self.flush_dataset(id)?;
        }
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let before = open.shape[0];
        let after = before
            .checked_add(count)
            .filter(|&after| i64::try_from(after).is_ok())
            .ok_or_else(|| {
                Error::shape("the dataset would have more records than can be counted")
            })?;
        open.shape[0] = after;
        let mut axes = vec![Axis {
            start: before as i64,
            step: 1,
            count: count as i64,
            keep: true,
        }];
        axes.extend(record.iter().map(|&extent| Axis {
            start: 0,
            step: 1,
            count: extent as i64,
            keep: true,
        }));
        let is_empty = |part: &Part<'_>| part.axes.iter().any(|axis| axis.count == 0);
        let written = match data {
            // A record without elements counts all the same.
            _ if elements == 0 => open.store_extent(&self.hdf5),
            Elements::Part(part) if is_empty(part) => self.append_fill(id, before),
            Elements::Part(part) => {
                axes[0].keep = false;
                axes.splice(1.., part.axes.iter().copied());
                let axes = &axes;
                self.write_part(id, &Part { axes, ..*part })
            }
            Elements::Packed(data) => self.append_packed(id, &axes, records.dtype, data),
        };
        if written.is_err() {
            self.take_back_records(id, before);
        }
        written
    }

    /// Makes a dataset in chunks have so many records, as it had before an append that failed, or as one that is cut is to have.
    pub(super) fn take_back_records(&mut self, id: u32, before: u64) {
        let Some(open) = self.datasets.get_mut(id) else {
            return;
        };
        open.shape[0] = before;
        open.series = None;
        if !open.is_extent_stored() {
            self.cut_short.insert(id);
        }
        let Storage::Chunked(chunked) = &open.storage else {
            return;
        };
        // The unfinished chunks keep the records that they had; later ones go.
        let row = before.div_ceil(chunked.chunk[0]);
        let first = row.saturating_mul(chunked.per_row);
        // Along the first axis lies the largest stride, whatever the chunk's shape.
        let kept =
            (before % chunked.chunk[0]) as usize * (chunked.bytes / chunked.chunk[0] as usize);
        for key in self.cache.of_dataset(id) {
            if key.1 >= first {
                self.cache.remove(key);
            } else if kept > 0 && key.1 >= first.saturating_sub(chunked.per_row) {
                self.cache.cut(key, kept);
            }
        }
    }

    /// Makes the record from `before` on one of fill values: nothing of it is written.
    fn append_fill(&mut self, id: u32, before: u64) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        open.store_extent(&self.hdf5)?;
        let Storage::Chunked(chunked) = &open.storage else {
            return Ok(());
        };
        // A chunk that ended with the latest record goes on now.
        let key = (id, before / chunked.chunk[0] * chunked.per_row);
        if let Some(place) = self.cache.find(key) {
            if let Some(slot) = self.cache.at(place, key) {
                super::storing::complete(&mut slot.bytes, chunked.bytes, &open.fill)?;
            }
            self.cache.recount(place);
        }
        Ok(())
    }

    /// Writes records in C order that the extents have room for already.
    fn append_packed(
        &mut self,
        id: u32,
        axes: &[Axis],
        dtype: Dtype,
        data: Bytes<'_>,
    ) -> Result<()> {
        let data = data.all();
        let source = Source::packed(data, axes, dtype);
        let Some(open) = self.datasets.get(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let series = open.series.as_ref();
        let Some(series) = series.filter(|series| series.copied.is_some()) else {
            return self.write_axes(id, axes, &source);
        };
        let Storage::Chunked(chunked) = &open.storage else {
            return self.write_axes(id, axes, &source);
        };
        let record_bytes = series.elements as usize * dtype.size();
        // Whole chunks go straight to the file, the rest into the last chunk.
        let per_chunk = chunked.chunk[0];
        let (mut start, end) = (axes[0].start as u64, (axes[0].start + axes[0].count) as u64);
        let mut rest = data;
        while start < end {
            let within = start % per_chunk;
            let whole = (end - start) / per_chunk * per_chunk;
            let now = match within {
                0 if whole > 0 => whole,
                _ => (per_chunk - within).min(end - start),
            };
            let (data, later) = rest.split_at(now as usize * record_bytes);
            if within == 0 && whole > 0 {
                let mut axes = axes.to_vec();
                axes[0].start = start as i64;
                axes[0].count = now as i64;
                self.write_axes(id, &axes, &Source::packed(data, &axes, dtype))?;
            } else {
                self.append_to_chunk(id, start, data)?;
            }
            rest = later;
            start += now;
        }
        Ok(())
    }

    /// Adds records to the last chunk, by no more than a copy or a conversion.
    fn append_to_chunk(&mut self, id: u32, start: u64, data: &[u8]) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let Storage::Chunked(chunked) = &open.storage else {
            return Err(Error::internal("a series without chunks"));
        };
        let number = start / chunked.chunk[0];
        let within = (start % chunked.chunk[0]) as usize;
        let record = chunked.bytes / chunked.chunk[0] as usize;
        let (whole, key) = (chunked.bytes, (id, number));
        let place = match self.cache.find(key) {
            Some(place) => place,
            None if within == 0 => {
                let mut buffer = buffers::take(whole);
                buffer.clear();
                self.cache.insert(key, buffer, None)
            }
            None => self.load_chunk(key)?,
        };
        let offset = within * record;
        let series = self.datasets.get(id).and_then(|open| open.series.as_ref());
        let conversion = series.and_then(|series| series.conversion);
        let Some(slot) = self.cache.at(place, key) else {
            return Err(Error::internal(
                "a chunk left the cache while it was loaded",
            ));
        };
        // What lies behind the records was never written.
        slot.bytes.truncate(offset);
        if slot.bytes.len() < offset {
            return Err(Error::internal("a chunk lacks records that were written"));
        }
        let added = conversion.map_or(data.len(), |conversion| {
            data.len() / conversion.from_size() * conversion.to_size()
        });
        slot.bytes
            .try_reserve(added)
            .map_err(|_| Error::no_memory(whole))?;
        put_records(&mut slot.bytes, conversion.as_ref(), data, added);
        slot.remaining = whole - offset;
        let end = offset + added;
        self.cache.mark(place, offset..end, added);
        self.cache.recount(place);
        if let Some(series) = self
            .datasets
            .get_mut(id)
            .and_then(|open| open.series.as_mut())
        {
            series.last = (number, place);
        }
        if end == whole {
            self.flush_when_enough(id)?;
            self.cache.settle(key);
        }
        self.make_room()
    }

    /// Gives a series larger chunks if it outgrows its own with so many more records.
    pub(super) fn outgrow_for(&mut self, id: u32, normal: &str, count: u64) -> Result<()> {
        let has = self.datasets.get(id).map_or(0, |open| open.shape[0]);
        self.outgrow(id, normal, has.saturating_add(count))
            .map(drop)
    }

    /// Creates the dataset of a new series, which gets so many records first.
    pub(super) fn begin_series(
        &mut self,
        normal: &str,
        records: &Records<'_>,
        record: &[u64],
        count: u64,
    ) -> Result<u32> {
        let description = records.options.dataset.description.as_ref();
        let others = self.series_created;
        let stored = &records.options.dataset;
        let mut options = StorageOptions::of_series(stored, records.dtype, record, others)?;
        // Datasets refer to the coordinates of their axes by addresses.
        let is_labelled = description.is_some_and(|description| description.dims.is_some());
        if !is_labelled && self.may_grow(normal)? {
            options.begin_small(stored, record, others, count);
        }
        let lengths = Length::of(&options.extent.shape, &options.extent.maxshape);
        let labelling = self.plan_description(normal, description, &lengths)?;
        let id = self.create_dataset(normal, &options)?;
        if let Err(error) = self.describe(normal, description, &labelling) {
            self.remove_series(id, normal);
            return Err(error);
        }
        self.series_created += 1;
        Ok(id)
    }

    /// Takes note of a series that was there before; true if it was a dimension without coordinate, which is gone now.
    fn takes_place(&mut self, normal: &str, record: &[u64]) -> Result<bool> {
        let id = self.datasets.find(normal);
        let open = id.and_then(|id| self.datasets.get(id));
        if open.is_some_and(OpenDataset::has_no_role) && !self.labels.are_used() {
            return Ok(false);
        }
        let lengths = Length::of(&[&[0], record].concat(), &[&[u64::MAX], record].concat());
        if self.displace(normal, &lengths)? {
            return Ok(true);
        }
        self.note_series(normal)?;
        Ok(false)
    }

    /// Removes a series that could not begin. The first failure is the one to tell of.
    pub(super) fn remove_series(&mut self, id: u32, normal: &str) {
        self.forget_dataset(id);
        let normal = path::normalise(normal);
        let _ = self.loosen(&normal, None);
        self.take_away(&normal);
    }

    pub(super) fn require_series(&mut self, id: u32, record: &[u64], dtype: Dtype) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        if open.maxshape().first() != Some(&u64::MAX) {
            return Err(Error::shape(format!(
                "its shape {} cannot grow along the first axis without bound: create it by h5sim_append, or with maxshape [null, …]",
                show_shape(&open.shape)
            )));
        }
        if !slice::alike(&open.shape[1..], record) {
            return Err(Error::shape(format!(
                "the record has shape {}, those of the dataset have {}",
                show_shape(record),
                show_shape(&open.shape[1..])
            )));
        }
        if open.dtype != dtype {
            check_conversion(dtype, dtype.name(), open.dtype, &open.describe())?;
        }
        Ok(())
    }

    /// Notes what the next append of such records need not find out again.
    pub(super) fn prepare_series(
        &mut self,
        id: u32,
        records: &Records<'_>,
        elements: u64,
    ) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let known = open.series.as_ref();
        if known.is_some_and(|known| {
            known.dtype == records.dtype && slice::alike(&known.record, records.record)
        }) {
            return Ok(());
        }
        let numbers = h5::memory_number(records.dtype).zip(open.number);
        let conversion = numbers.and_then(|(given, stored)| h5::conversion(given, stored));
        let copied = match &open.storage {
            Storage::Chunked(chunked)
                if conversion.is_some()
                    && records.dtype != Dtype::Bool
                    && open.quantize.is_none()
                    && elements > 0
                    && chunked.is_plain(&open.shape) =>
            {
                Some(elements as usize * open.item)
            }
            _ => None,
        };
        open.series = Some(Series {
            dtype: records.dtype,
            record: records.record.to_vec(),
            elements,
            copied,
            conversion: conversion.filter(|conversion| !conversion.is_plain_copy()),
            last: (0, usize::MAX),
        });
        Ok(())
    }
}

/// Adds records to a chunk's bytes, which have room for the `added` bytes that they are in the file.
fn put_records(bytes: &mut Vec<u8>, conversion: Option<&Conversion>, data: &[u8], added: usize) {
    let Some(conversion) = conversion else {
        return bytes.extend_from_slice(data);
    };
    let start = bytes.len();
    bytes.resize(start + added, 0);
    conversion.apply(data, &mut bytes[start..]);
}

/// The extents of a record, checked.
pub fn checked(record: &[i64]) -> Result<Vec<u64>> {
    let extent = |(axis, &extent): (usize, &i64)| {
        u64::try_from(extent).map_err(|_| {
            Error::shape(format!(
                "shape is {extent} along axis {axis}, expected 0 or more"
            ))
        })
    };
    record.iter().enumerate().map(extent).collect()
}
