//! The calls on text datasets.

#![forbid(unsafe_code)]

use super::elsewhere::Reached;
use super::owner::State;
use super::OpenFile;
use crate::error::{Error, Result, Status};
use crate::format::ahead::Ahead;
use crate::format::edited_header::EditedHeader;
use crate::format::filling::Filling;
use crate::format::new_objects::text_message;
use crate::format::object_header::{
    ATTRIBUTE, ATTRIBUTE_INFO, DATATYPE, FILL_VALUES, LARGEST_HEADER, LAYOUT,
};
use crate::format::text::{Overwritten, TextDataset, REFERENCE};
use crate::json;
use crate::small::attribute::encoded;
use crate::small::{heap, ElementSource};
use crate::store::h5::{self, TextEnd};
use crate::store::{path, strided, text, Dtype, Length, TextOptions};
use std::borrow::Cow;

impl OpenFile {
    /// Writes a text to a new scalar dataset, or over an existing one.
    pub fn write_text(&self, path: &str, text: &str, options: &TextOptions) -> Result<()> {
        self.write_texts(path, &[], &[text], options)
    }

    /// Writes a text, which has to be JSON, to a new scalar dataset, or over an existing one.
    pub fn write_json(&self, path: &str, text: &str, options: &TextOptions) -> Result<()> {
        let refused = |error: Error| {
            let error = error.within(format_args!("'{path}': the text is not JSON"));
            error.within(self.name())
        };
        json::check(text).map_err(refused)?;
        self.write_text(path, text, options)
    }

    /// Writes texts of this shape to a new dataset, or over an existing one.
    pub fn write_texts(
        &self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        options: &TextOptions,
    ) -> Result<()> {
        let is_fixed = options.is_fixed.unwrap_or(true);
        self.change(|state| {
            if state.gather_texts(path, shape, texts, options.overwrite, is_fixed)? {
                return Ok(());
            }
            state.flush_for(path)?;
            let normal = &path::of_new(path)?;
            if options.overwrite && state.overwrite_texts(normal, shape, texts, is_fixed)? {
                return Ok(());
            }
            let bytes = match is_fixed {
                true => texts.iter().map(|text| text.len()).max().unwrap_or(0) * texts.len(),
                false => texts.iter().map(|text| text.len() + HEAP_ENTRY).sum(),
            };
            // HDF5 must not fail in the middle of it for want of room.
            state.raw.reserve(bytes as u64)?;
            let lengths = || Length::of(shape, shape);
            if options.overwrite && state.existing(normal)?.is_some() {
                let named = |error: Error| error.within(format_args!("dataset '{normal}'"));
                let is_alike = state.hdf5.rewrite_texts(normal, shape, texts, is_fixed);
                if is_alike.map_err(named)? {
                    return Ok(());
                }
                return state.replace_by(normal, &lengths(), |state, spare| {
                    state.creating(spare, |state| {
                        state.hdf5.write_texts(spare, shape, texts, is_fixed)
                    })
                });
            }
            state.admit(normal, lengths)?;
            state.creating(normal, |state| {
                match state.hdf5.write_texts(normal, shape, texts, is_fixed) {
                    Err(error)
                        if error.status == Status::Exists
                            && state.displace(normal, &lengths())? =>
                    {
                        state.hdf5.write_texts(normal, shape, texts, is_fixed)
                    }
                    written => written,
                }?;
                state.gathered.forget(normal);
                Ok(())
            })
        })
    }

    /// Appends a text to a series of texts, which is created if nothing is at the path.
    pub fn append_text(&self, path: &str, text: &str) -> Result<()> {
        self.change_often(true, |state| state.append_text(path, text))
    }

    /// Reads a dataset that holds one text.
    pub fn read_text(&self, path: &str) -> Result<String> {
        self.look_along(path, |state, path| {
            if let Some((texts, shape)) = state.read_waiting_texts(path)? {
                return text::only(path, texts, &shape).map(Reached::Here);
            }
            state.flush_for(path)?;
            let normal = path::normal(path);
            if let Some((texts, shape)) = state.texts_by_header(&normal)? {
                return text::only(path, texts, &shape).map(Reached::Here);
            }
            match state.way(&normal) {
                Some(way) => Ok(Reached::Elsewhere(way)),
                None => state.hdf5.read_text(path).map(Reached::Here),
            }
        })
    }

    /// Reads a dataset that is one text, and that JSON.
    pub fn read_json(&self, path: &str) -> Result<String> {
        let text = self.read_text(path)?;
        let refused = |error: Error| {
            let error = error.within(format_args!("dataset '{path}' is not JSON"));
            error.within(self.name())
        };
        json::check(&text).map_err(refused)?;
        Ok(text)
    }

    /// Reads a dataset of texts: the texts in C order, and its shape.
    pub fn read_texts(&self, path: &str) -> Result<(Vec<String>, Vec<u64>)> {
        self.look_along(path, |state, path| {
            if let Some(found) = state.read_waiting_texts(path)? {
                return Ok(Reached::Here(found));
            }
            state.flush_for(path)?;
            let normal = path::normal(path);
            if let Some(found) = state.texts_by_header(&normal)? {
                return Ok(Reached::Here(found));
            }
            match state.way(&normal) {
                Some(way) => Ok(Reached::Elsewhere(way)),
                None => state.hdf5.read_texts(path).map(Reached::Here),
            }
        })
    }
}

impl State {
    /// Takes texts into memory, as a new dataset or, if they have one length, over one that waits; false if HDF5 has to write them.
    fn gather_texts(
        &mut self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        overwrite: bool,
        is_fixed: bool,
    ) -> Result<bool> {
        if overwrite
            && is_fixed
            && !self.labels.are_used()
            && self
                .gathered
                .overwrite_texts(&self.hdf5, path, shape, texts)?
        {
            return Ok(true);
        }
        let bytes = match is_fixed {
            true => texts.len().saturating_mul(text::fixed_type(texts).0),
            false => texts.iter().map(|text| text.len() + HEAP_ENTRY).sum(),
        };
        if self.reuse(bytes as u64) {
            return Ok(false);
        }
        self.admit(&path::normal(path), || Length::of(shape, shape))?;
        match is_fixed {
            true => self.gathered.write_texts(&self.hdf5, path, shape, texts),
            false => self
                .gathered
                .write_variable_texts(&self.hdf5, path, shape, texts),
        }
    }

    /// Writes texts over those of a dataset of the same type and extents of which HDF5 has seen nothing; false if HDF5 has to do it.
    fn overwrite_texts(
        &mut self,
        normal: &str,
        shape: &[u64],
        texts: &[&str],
        is_fixed: bool,
    ) -> Result<bool> {
        let is_one_each = strided::count(shape).is_ok_and(|count| count == texts.len() as u64);
        if !is_one_each || !self.gathered.can_go_past(&self.hdf5)? {
            return Ok(false);
        }
        let (length, is_ascii) = text::fixed_type(texts);
        let datatype = match (is_fixed, u32::try_from(length)) {
            (false, _) => encoded(Dtype::Text)?.to_vec(),
            (true, Ok(length)) => text_message(length, is_ascii),
            (true, Err(_)) => return Ok(false),
        };
        let found = self.text_dataset(normal)?;
        let found = found.filter(|found| found.shape == shape && !texts.is_empty());
        if let Some(found) = found.as_ref().filter(|_| is_fixed) {
            if !found.datatype.starts_with(&datatype) {
                let data = text::pad(texts, length)?;
                return self.put_texts_in_place_of(normal, found, &datatype, &data);
            }
        }
        let found = found.filter(|found| found.datatype.starts_with(&datatype));
        let Some((place, before)) = (match &found {
            Some(found) => found.place().zip(found.elements(&self.raw)?),
            None => None,
        }) else {
            return Ok(false);
        };
        if is_fixed {
            let data = text::pad(texts, length)?;
            return self.raw.write(place, &data).map(|()| true);
        }
        if texts.iter().any(|text| text.contains('\0')) {
            return Ok(false);
        }
        let Some(mut new) = Overwritten::of(&self.raw, &before, texts)? else {
            return Ok(false);
        };
        let mut heaps = new.heaps.iter();
        if !heaps.all(|(address, heap, _)| self.is_as_in_file(*address, heap.length())) {
            return Ok(false);
        }
        if !new.moved.is_empty() {
            let moved: Vec<&[u8]> = new
                .moved
                .iter()
                .map(|&text| texts[text].as_bytes())
                .collect();
            let bytes: usize = new
                .moved
                .iter()
                .map(|&text| heap::size_of(texts[text]))
                .sum();
            // With room for longer ones the next time.
            let elements = heap::write(&self.hdf5, &moved, 2 * bytes)?;
            for (&text, element) in new.moved.iter().zip(elements.chunks_exact(REFERENCE)) {
                new.elements[REFERENCE * text..][..REFERENCE].copy_from_slice(element);
            }
        }
        let mut is_begun = false;
        if let Some(changed) = heap::difference(&before, &new.elements) {
            let at = place + changed.start as u64;
            self.raw.write(at, &new.elements[changed])?;
            is_begun = true;
        }
        heap::store(&self.hdf5, &new.heaps, is_begun)?;
        Ok(true)
    }

    /// Writes texts of a fixed length elsewhere, and has the header of a dataset of texts of another length say what they are and where. False
    /// if HDF5 has to do it: it has seen the header, or something is kept that goes with the old texts, attributes or another name.
    fn put_texts_in_place_of(
        &mut self,
        normal: &str,
        old: &TextDataset,
        datatype: &[u8],
        data: &[u8],
    ) -> Result<bool> {
        let Some(before) = old.place().filter(|_| !old.is_of_variable_length()) else {
            return Ok(false);
        };
        let has_one_name = self.header_at(normal, None)?.map(|header| header.links) == Some(1);
        let Some(address) = self.header_address(normal)?.filter(|_| has_one_name) else {
            return Ok(false);
        };
        // Nobody looks at it meanwhile.
        let _lock = h5::lock();
        let Some(mut header) = EditedHeader::read(&Ahead::of(&self.raw), address, LARGEST_HEADER)?
        else {
            return Ok(false);
        };
        let is_seen = |(place, length)| !self.is_as_in_file(place, length);
        let has_attributes = header
            .kinds()
            .any(|kind| matches!(kind, ATTRIBUTE | ATTRIBUTE_INFO));
        let slots = [DATATYPE, LAYOUT, FILL_VALUES[1]].map(|kind| header.only(kind));
        let ([Some(kind), Some(layout), Some(fill)], false, false) =
            (slots, header.places().any(is_seen), has_attributes)
        else {
            return Ok(false);
        };
        // No text has such a length: there is no fill value of the old one.
        let is_filled = Filling::of(header.content(fill), usize::MAX).is_none();
        if is_filled || header.content(kind).len() != datatype.len() {
            return Ok(false);
        }
        let length = data.len() as u64;
        let place = self.hdf5.allocate(length)?;
        self.raw.write(place, data).inspect_err(|_| {
            self.hdf5.give_back(place, length);
        })?;
        header.replace(kind, datatype);
        self.say((header, layout), (place, length))?;
        let bytes = old.shape.iter().product::<u64>() * old.item() as u64;
        self.hdf5.give_back_later(before, bytes)?;
        Ok(true)
    }

    /// The texts of a dataset that waits in memory, and its extents; None where there is none.
    fn read_waiting_texts(&self, path: &str) -> Result<Option<(Vec<String>, Vec<u64>)>> {
        let Some(array) = self.gathered.array(path) else {
            return Ok(None);
        };
        if array.dtype != Dtype::Text || array.is_in_heap {
            return Ok(None);
        }
        let bytes = match array.elements {
            ElementSource::Memory(bytes) => Cow::Borrowed(bytes),
            ElementSource::File(address) => {
                let mut bytes = h5::zeroed(array.length as u64, 1)?;
                self.raw.read(address, &mut bytes)?;
                Cow::Owned(bytes)
            }
        };
        let named =
            |error: Error| error.within(format_args!("dataset '{}'", path::normalise(path)));
        let texts = bytes.chunks_exact(array.item.max(1));
        let texts = texts
            .map(|bytes| text::decode(bytes, TextEnd::Nuls))
            .collect::<Result<Vec<String>>>()
            .map_err(named)?;
        Ok(Some((texts, array.shape.to_vec())))
    }
}

/// What a text of variable length takes in the file besides its own bytes, about: its entry in a heap, and its element.
pub(super) const HEAP_ENTRY: usize = 48;
