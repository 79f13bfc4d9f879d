//! The calls on text datasets.

#![forbid(unsafe_code)]

use super::owner::State;
use super::OpenFile;
use crate::error::{Error, Result, Status};
use crate::json;
use crate::small::ElementSource;
use crate::store::h5::{self, TextEnd};
use crate::store::{path, text, Dtype, Length, TextOptions};
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
            if is_fixed && state.gather_texts(path, shape, texts, options.overwrite)? {
                return Ok(());
            }
            state.flush_for(path)?;
            let bytes = match is_fixed {
                true => texts.iter().map(|text| text.len()).max().unwrap_or(0) * texts.len(),
                false => texts.iter().map(|text| text.len() + HEAP_ENTRY).sum(),
            };
            // HDF5 must not fail in the middle of it for want of room.
            state.raw.reserve(bytes as u64)?;
            let normal = &path::of_new(path)?;
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
        self.look(|state| {
            if let Some((texts, shape)) = state.read_waiting_texts(path)? {
                return text::only(path, texts, &shape);
            }
            state.flush_for(path)?;
            if let Some(text) = state.text_by_header(&path::normal(path))? {
                return Ok(text);
            }
            state.hdf5.read_text(path)
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
        self.look(|state| {
            if let Some(found) = state.read_waiting_texts(path)? {
                return Ok(found);
            }
            state.flush_for(path)?;
            state.hdf5.read_texts(path)
        })
    }
}

impl State {
    /// Takes texts of one length into memory, as a new dataset or over one that waits; false if HDF5 has to write them.
    fn gather_texts(
        &mut self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        overwrite: bool,
    ) -> Result<bool> {
        if overwrite
            && !self.labels.are_used()
            && self
                .gathered
                .overwrite_texts(&self.hdf5, path, shape, texts)?
        {
            return Ok(true);
        }
        let (length, _) = text::fixed_type(texts);
        if self.reuse(texts.len().saturating_mul(length) as u64) {
            return Ok(false);
        }
        self.admit(&path::normal(path), || Length::of(shape, shape))?;
        self.gathered.write_texts(&self.hdf5, path, shape, texts)
    }

    /// The texts of a dataset that waits in memory, and its extents; None where there is none.
    fn read_waiting_texts(&self, path: &str) -> Result<Option<(Vec<String>, Vec<u64>)>> {
        let Some(array) = self.gathered.array(path) else {
            return Ok(None);
        };
        if array.dtype != Dtype::Text {
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
