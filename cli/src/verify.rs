//! `h5sim check --data`: reads everything, and says what cannot be read.

use crate::cat;
use crate::output::{bytes, harmless, open, Failure, Printer, Role};
use h5sim::error::{Error, Status};
use h5sim::file::OpenFile;
use h5sim::store::strided::count;
use h5sim::store::{AttributeEntry, Dtype, Entry, Item};
use std::path::Path;

/// So many places of a dataset are named; of more only their number.
const NAMED: usize = 8;

/// What lies in one piece is read in pieces of about so many bytes.
const PIECE: u64 = 8 << 20;

/// Reads all of a file; says whether everything in it can be read.
pub fn everything(path: &Path) -> Result<bool, Failure> {
    let mut reading = Reading {
        file: open(path)?,
        printer: Printer::new(),
        whole: 0,
        read: 0,
        damaged: 0,
    };
    for Entry { path, item } in reading.file.tree("")? {
        reading.object(&path, &item)?;
    }
    let summary = reading.summary(path);
    reading.printer.line(&summary)?;
    let is_whole = reading.damaged == 0;
    reading.printer.end()?;
    Ok(is_whole)
}

struct Reading {
    file: OpenFile,
    printer: Printer,
    /// Datasets that can be read as a whole, and their bytes.
    whole: u64,
    read: u64,
    /// Objects with something that cannot be read.
    damaged: u64,
}

/// A part of a dataset that cannot be read.
struct Lost {
    slice: String,
    elements: u64,
    reason: String,
}

impl Reading {
    fn tell(&mut self, path: &str, text: &str) -> Result<(), Failure> {
        let mark = self.printer.paint(Role::Wrong, "damaged");
        let line = format!("{}: {mark}: {}", harmless(path), harmless(text));
        Ok(self.printer.line(&line)?)
    }

    fn summary(&self, path: &Path) -> String {
        let name = harmless(&path.display().to_string());
        let whole = format!(
            "{} dataset{} of {} can be read as a whole",
            self.whole,
            if self.whole == 1 { "" } else { "s" },
            bytes(self.read)
        );
        match self.damaged {
            0 => format!("'{name}': everything was read: {whole}"),
            1 => format!("'{name}': 1 object is damaged; {whole}"),
            many => format!("'{name}': {many} objects are damaged; {whole}"),
        }
    }

    fn object(&mut self, path: &str, item: &Item) -> Result<(), Failure> {
        let attributes = match item {
            Item::Group { attributes }
            | Item::Datatype { attributes }
            | Item::Dataset { attributes, .. } => attributes,
            Item::Link { .. } => return Ok(()),
            Item::Damaged { error } => {
                self.damaged += 1;
                return self.tell(path, error);
            }
        };
        let mut is_whole = true;
        for (name, value) in attributes {
            if let AttributeEntry::Damaged { error } = value {
                is_whole = false;
                self.tell(path, &format!("attribute '{name}': {error}"))?;
            }
        }
        if let Item::Dataset { .. } = item {
            is_whole &= self.dataset(path)?;
        }
        self.damaged += u64::from(!is_whole);
        Ok(())
    }

    /// Reads a dataset; says whether all of it can be read.
    fn dataset(&mut self, path: &str) -> Result<bool, Failure> {
        let (lost, all) = match self.losses(path) {
            Ok(found) => found,
            Err(error) => {
                self.tell(path, &error.message)?;
                return Ok(false);
            }
        };
        if lost.is_empty() {
            self.whole += 1;
            self.read += all.1;
            return Ok(true);
        }
        for part in lost.iter().take(NAMED) {
            self.tell(&format!("{path}[{}]", part.slice), &part.reason)?;
        }
        if lost.len() > NAMED {
            self.tell(path, &format!("and {} places more", lost.len() - NAMED))?;
        }
        let gone: u64 = lost.iter().map(|part| part.elements).sum();
        let line = format!(
            "{}: {} of {} elements can be read",
            harmless(path),
            all.0.saturating_sub(gone),
            all.0
        );
        self.printer.line(&line)?;
        Ok(false)
    }

    /// The parts of a dataset that cannot be read, with the number of its elements and their bytes.
    fn losses(&self, path: &str) -> Result<(Vec<Lost>, (u64, u64)), Error> {
        let (dtype, shape) = self.file.info(path)?;
        let all = count(&shape)?;
        if dtype == Dtype::Text {
            let (texts, _) = self.file.read_texts(path)?;
            let length = texts.iter().map(|text| text.len() as u64).sum();
            return Ok((Vec::new(), (all, length)));
        }
        let stored = self.file.stored_as(path)?;
        let mut lost = Vec::new();
        // Elements that have no counterpart in this library are not looked into, only that they are there.
        if dtype == Dtype::Other || all == 0 {
            return Ok((lost, (all, stored.stored)));
        }
        let mut read = |first: &[u64], extents: &[u64]| -> Result<(), Error> {
            let slice = slice(first, extents);
            match cat::read(&self.file, path, &slice, dtype, extents) {
                Ok(_) => Ok(()),
                // Of an element without memory, or a disk that fails, nothing is known.
                Err(error) if error.status != Status::Format => Err(error),
                Err(error) => {
                    lost.push(Lost {
                        slice,
                        elements: count(extents)?,
                        reason: error.message,
                    });
                    Ok(())
                }
            }
        };
        if let Some(chunk) = &stored.chunks {
            // What was never written costs nothing to look at.
            self.file.each_stored_chunk(path, |first| {
                let axes = first.iter().zip(chunk).zip(&shape);
                let extents: Vec<u64> = axes
                    .map(|((first, chunk), extent)| (*chunk).min(extent - first))
                    .collect();
                read(first, &extents)
            })?;
        } else if shape.is_empty() {
            read(&[], &[])?;
        } else {
            let row = count(&shape[1..])?
                .max(1)
                .saturating_mul(dtype.size() as u64);
            let at_once = (PIECE / row).max(1);
            let mut first = vec![0; shape.len()];
            let mut extents = shape.clone();
            while first[0] < shape[0] {
                extents[0] = at_once.min(shape[0] - first[0]);
                read(&first, &extents)?;
                first[0] += extents[0];
            }
        }
        Ok((lost, (all, stored.bytes)))
    }
}

/// The slice that selects a part.
fn slice(first: &[u64], extents: &[u64]) -> String {
    let axes = first.iter().zip(extents);
    let axes: Vec<String> = axes
        .map(|(first, extent)| format!("{first}:{}", first + extent))
        .collect();
    axes.join(", ")
}
