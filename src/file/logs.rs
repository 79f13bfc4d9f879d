//! Series of texts: what is appended to one waits for a while, and is written together.
//!
//! HDF5 writes texts of variable length itself, which takes some ten microseconds a call, however many they are. Any call but
//! another append finds the texts in the file: they are brought there before it.

#![forbid(unsafe_code)]

use super::owner::State;
use super::texts::HEAP_ENTRY;
use crate::error::{Error, Result};
use crate::store::h5::ObjectKey;
use crate::store::strided::show_shape;
use crate::store::{path, Dtype, Length};
use std::collections::BTreeMap;
use std::ffi::CString;

/// The most bytes that wait, of all series of a file together.
const MOST: usize = 256 << 10;

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
        self.hdf5.append_texts(path, &log.texts)
    }
}
