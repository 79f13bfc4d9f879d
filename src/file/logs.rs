//! Series of texts: what is appended to one waits for a while, and is written together.
//!
//! HDF5 takes some ten microseconds a call to write texts of variable length, however many they are; where it has seen nothing of a series, its
//! elements and its chunks are written past it. Any call but another append finds the texts in the file: they are brought there before it.

#![forbid(unsafe_code)]

use super::owner::State;
use super::texts::HEAP_ENTRY;
use crate::error::{Error, Result};
use crate::format::chunked::{ChunkPlaces, ChunkedDataset};
use crate::format::edited_header::EditedHeader;
use crate::format::global_heap::object_size;
use crate::format::object_header::LARGEST_HEADER;
use crate::format::text::REFERENCE;
use crate::small::attribute::encoded;
use crate::small::heap;
use crate::store::h5::{self, ObjectKey};
use crate::store::strided::show_shape;
use crate::store::{path, Dtype, Length, LoneDataset, NewPlace};
use std::collections::BTreeMap;
use std::ffi::CString;

/// The most bytes that wait, of all series of a file together.
const MOST: usize = 256 << 10;

/// The chunks of series of more are HDF5's to look through.
const MOST_CHUNKS: u64 = 1 << 10;

/// The texts that wait.
#[derive(Debug, Default)]
pub struct Logs {
    /// By the normal paths of the series, which are there.
    waiting: BTreeMap<Box<str>, Log>,
    bytes: usize,
}

/// The texts that wait for a series.
#[derive(Debug)]
struct Log {
    key: ObjectKey,
    texts: Vec<CString>,
}

impl Logs {
    /// Whether nothing waits, and nothing is known.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl State {
    /// Appends a text to the series at a path, which is created if nothing is there.
    pub(super) fn append_text(&mut self, path: &str, text: &str) -> Result<()> {
        let normal = path::normal(path);
        let named = |error: Error| error.within(format_args!("dataset '{normal}'"));
        let text = CString::new(text)
            .map_err(|_| named(Error::argument("the text holds a NUL character")))?;
        if self.logs.bytes > MOST {
            self.flush_logs()?;
        }
        if !self.logs.waiting.contains_key(&*normal) {
            let key = self.begin_log(&normal)?;
            let texts = Vec::new();
            let log = Log { key, texts };
            self.logs.waiting.insert((*normal).into(), log);
        }
        if let Some(log) = self.logs.waiting.get_mut(&*normal) {
            self.logs.bytes += text.as_bytes().len() + HEAP_ENTRY;
            log.texts.push(text);
        }
        Ok(())
    }

    /// The series of texts at a normal path, made if nothing is there.
    fn begin_log(&mut self, normal: &str) -> Result<ObjectKey> {
        let named = |error: Error| error.within(format_args!("dataset '{normal}'"));
        self.flush_for(normal)?;
        if let Some((address, _)) = self.lone_log(normal)? {
            return Ok(ObjectKey::at(ObjectKey::OWN, address));
        }
        let Some(id) = self.find_dataset(normal)? else {
            let normal = &*path::of_new(normal)?;
            let lengths = || Length::of(&[0], &[u64::MAX]);
            self.admit(normal, lengths)?;
            return self.creating(normal, |state| {
                let key = state.hdf5.create_log(normal)?;
                state.gathered.forget(normal);
                state.own_key(key)
            });
        };
        self.require_hdf5(id)?;
        let open = self.opened(id)?;
        let key = open.key;
        if !self.is_here(key) {
            return Err(named(Error::unsupported(
                "it lies in another file: open that one to append texts to it",
            )));
        }
        let open = self.opened(id)?;
        if open.dtype != Dtype::Text || !open.hdf5()?.element.is_variable_text() {
            return Err(named(Error::type_(format!(
                "the elements are {}, expected text of variable length",
                open.describe()
            ))));
        }
        if open.shape.len() != 1 || open.maxshape() != [u64::MAX] {
            return Err(named(Error::shape(format!(
                "its shape {} is not that of one axis that grows without bound: create it by h5sim_append_text",
                show_shape(&open.shape)
            ))));
        }
        // It is opened anew, with its new extent, when it is needed again.
        self.close_dataset(id)?;
        Ok(key)
    }

    /// Brings the texts that wait into the file; what cannot be stored waits on.
    pub(super) fn flush_logs(&mut self) -> Result<()> {
        while let Some((path, log)) = self.logs.waiting.pop_first() {
            let stored = self.store_log(&path, &log);
            if stored.is_err() {
                self.logs.waiting.insert(path, log);
                return stored;
            }
        }
        self.logs.bytes = 0;
        Ok(())
    }

    fn store_log(&mut self, path: &str, log: &Log) -> Result<()> {
        if log.texts.is_empty() {
            return Ok(());
        }
        if let Some(id) = self.datasets.find_key(log.key) {
            self.close_dataset(id)?;
        }
        let bytes: usize = log
            .texts
            .iter()
            .map(|text| text.as_bytes().len() + HEAP_ENTRY)
            .sum();
        // HDF5 must not fail in the middle of it for want of room.
        self.raw.reserve(bytes as u64)?;
        if self.store_log_past(path, &log.texts)? {
            return Ok(());
        }
        self.hdf5.append_texts(path, &log.texts)
    }

    /// Where the header of the series of texts at a normal path is, and the series, if HDF5 has seen nothing of it.
    fn lone_log(&mut self, normal: &str) -> Result<Option<(u64, ChunkedDataset)>> {
        if !self.gathered.can_go_past(&self.hdf5)? {
            return Ok(None);
        }
        let Some(found) = self.text_dataset(normal)? else {
            return Ok(None);
        };
        let is_text = found.is_in_chunks() && found.datatype.starts_with(encoded(Dtype::Text)?);
        let Some(address) = self.header_address(normal)?.filter(|_| is_text) else {
            return Ok(None);
        };
        let Some(header) = EditedHeader::read(&self.raw, address, LARGEST_HEADER)? else {
            return Ok(None);
        };
        let dataset = ChunkedDataset::of_elements(&header, REFERENCE).filter(|dataset| {
            dataset.maxshape == [u64::MAX]
                && dataset.filters.is_empty()
                && dataset.fill.is_none()
                && dataset.shape[0] / dataset.chunk[0] <= MOST_CHUNKS
        });
        let is_tree = |dataset: &ChunkedDataset| matches!(dataset.index, ChunkPlaces::Tree(_));
        if dataset.as_ref().is_some_and(is_tree) && !self.hdf5.has_usual_trees()? {
            return Ok(None);
        }
        Ok(dataset.map(|dataset| (address, dataset)))
    }

    /// Stores texts that were appended past HDF5; false if it has to do it.
    fn store_log_past(&mut self, normal: &str, texts: &[CString]) -> Result<bool> {
        let Some((address, dataset)) = self.lone_log(normal)? else {
            return Ok(false);
        };
        let chunk = dataset.chunk[0];
        let mut log = LoneDataset::new(address, dataset, true);
        let _lock = h5::lock();
        if !log.is_unseen(&self.hdf5)? || !log.is_changeable() {
            return Ok(false);
        }
        let before = log.shape[0];
        let mut last = None;
        let is_sound = log.each_chunk(&self.raw, MOST_CHUNKS + 1, |first, place| {
            if first[0] / chunk == before / chunk {
                last = Some(place.address);
            }
        })?;
        if !is_sound {
            return Ok(false);
        }
        let contents: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let room = contents.iter().map(|text| object_size(text.len())).sum();
        let elements = heap::write(&self.hdf5, &contents, room)?;
        let mut rest = &*elements;
        let mut next = before;
        while !rest.is_empty() {
            let within = (next % chunk) as usize * REFERENCE;
            let whole = chunk as usize * REFERENCE;
            let (now, behind) = rest.split_at(rest.len().min(whole - within));
            match last.take() {
                Some(place) => self.raw.write(place + within as u64, now)?,
                None => {
                    let mut new = h5::zeroed(chunk, REFERENCE)?;
                    new[within..within + now.len()].copy_from_slice(now);
                    let places = [NewPlace {
                        first: vec![next - next % chunk],
                        mask: 0,
                        stored: whole,
                        before: None,
                    }];
                    let place = log.reserve_chunks(&self.hdf5, &places)?[0];
                    self.raw.write(place, &new)?;
                }
            }
            next += (now.len() / REFERENCE) as u64;
            rest = behind;
        }
        log.set_extent(&self.hdf5, &[next])?;
        self.datasets.headers.forget();
        Ok(true)
    }
}
