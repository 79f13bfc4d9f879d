//! Datasets and records whose elements another process writes into the file.

#![forbid(unsafe_code)]

use super::appending::{checked, Records};
use super::dataset::{Holding, Lookup, Storage};
use super::owner::State;
use super::OpenFile;
use crate::error::{Error, Result};
use crate::journal::Identity;
use crate::store::{path, Dtype};

/// Where the bytes of a packed array lie in a file: in pieces of one length, of which the last of each run may have less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Bytes of a run.
    pub run: u64,
    /// Bytes of a piece.
    pub piece: u64,
    /// Where each piece is.
    pub addresses: Vec<u64>,
}

impl Places {
    /// The parts of bytes, which begin at an offset in the array, with where each goes.
    pub fn of<'a>(&self, offset: u64, bytes: &'a [u8]) -> Result<Vec<(u64, &'a [u8])>> {
        let (mut offset, mut rest) = (offset, bytes);
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (number, within_run) = (offset / self.run, offset % self.run);
            let within = within_run % self.piece;
            let at = number * self.run.div_ceil(self.piece) + within_run / self.piece;
            let most = (self.piece - within).min(self.run - within_run);
            let (now, later) = rest.split_at((rest.len() as u64).min(most) as usize);
            let address = self.addresses.get(at as usize).ok_or_else(|| {
                Error::internal("an array has more pieces than it was given places")
            })?;
            parts.push((address + within, now));
            offset += now.len() as u64;
            rest = later;
        }
        Ok(parts)
    }
}

/// The bytes of a run and of a piece of a record in such chunks, if each chunk is a piece of it.
fn pieces_of(chunk: &[u64], record: &[u64], item: usize) -> Option<(u64, u64)> {
    let split = (0..record.len())
        .rev()
        .find(|&axis| chunk[axis] != record[axis]);
    let inner = |from: usize| record[from..].iter().product::<u64>() * item as u64;
    let Some(split) = split else {
        return Some((inner(0), inner(0)));
    };
    let is_contiguous =
        chunk[..split].iter().all(|&extent| extent == 1) && chunk[split] < record[split];
    is_contiguous.then(|| (inner(split), chunk[split] * inner(split + 1)))
}

impl OpenFile {
    /// Device and inode.
    pub fn identity(&self) -> Result<Identity> {
        self.serve(false, |state| Ok(state.raw.identity()))
    }

    /// Gives all of a dataset that is new its place, for another process to write: where that is in the file. None where its elements
    /// are not there one after the other as they are in memory, or have to be written by this process.
    pub fn lend(&self, path: &str, dtype: Dtype) -> Result<Option<Places>> {
        self.change(|state| {
            state.with_dataset(path, |state, id| {
                let open = state.opened(id)?;
                if !open.is_stored_as(dtype) || !matches!(open.storage, Storage::Contiguous(None)) {
                    return Ok(None);
                }
                let bytes = open.bytes();
                let address = state.allocate(id)?;
                if let Some(open) = state.datasets.get_mut(id) {
                    open.holding = Holding::Never;
                }
                Ok(state.raw.lend(address, bytes)?.then(|| Places {
                    run: bytes,
                    piece: bytes,
                    addresses: vec![address],
                }))
            })
        })
    }

    /// Makes a series longer by one record, for another process to write: where that is in the file. The series is created if nothing
    /// is there. None, and nothing has changed, where the record is not there in pieces of what it is in memory, or has to be written by this process.
    pub fn lend_record(&self, path: &str, records: &Records<'_>) -> Result<Option<Places>> {
        let normal = path::normal(path);
        self.change(|state| {
            state
                .lend_record(&normal, records)
                .map_err(|error| error.within(format_args!("dataset '{normal}'")))
        })
    }
}

impl State {
    fn lend_record(&mut self, normal: &str, records: &Records<'_>) -> Result<Option<Places>> {
        let record = checked(records.record)?;
        if let Some(id) = self.find_dataset(normal)? {
            return self.lend_record_of((id, normal), records, &record);
        }
        self.creating(normal, |state| {
            let id = state.begin_series(normal, records, &record, 1)?;
            let lent = state.lend_record_of((id, normal), records, &record);
            if !matches!(lent, Ok(Some(_))) {
                state.remove_series(id, normal);
            }
            lent
        })
    }

    fn lend_record_of(
        &mut self,
        (id, normal): (u32, &str),
        records: &Records<'_>,
        record: &[u64],
    ) -> Result<Option<Places>> {
        self.require_series(id, record, records.dtype)?;
        self.outgrow_for(id, normal, 1)?;
        let elements = record.iter().product();
        self.prepare_series(id, records, elements)?;
        if self.cut_short.contains(&id) {
            // What an append that failed has left behind the records.
            self.flush_dataset(id)?;
        }
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        let Storage::Chunked(chunked) = &open.storage else {
            return Ok(None);
        };
        let is_plain = open.is_stored_as(records.dtype)
            && open.quantize.is_none()
            && chunked.is_unfiltered()
            && chunked.chunk[0] == 1
            && elements > 0;
        let pieces = pieces_of(&chunked.chunk[1..], record, open.item);
        let Some((run, piece)) = pieces.filter(|_| is_plain) else {
            return Ok(None);
        };
        let before = open.shape[0];
        let mut addresses = Vec::new();
        let lent = self.lend_chunks(id, before, &mut addresses);
        match lent {
            Ok(true) => Ok(Some(Places {
                run,
                piece,
                addresses,
            })),
            not_all => {
                // What lay there before is nobody's to see.
                for address in addresses {
                    let _ = self.raw.note_unwritten(address, piece);
                }
                self.take_back_records(id, before);
                not_all.map(|_| None)
            }
        }
    }

    /// Gives all chunks of a new record their places, and lends them; says whether it could be done.
    fn lend_chunks(&mut self, id: u32, before: u64, addresses: &mut Vec<u64>) -> Result<bool> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a series that is not open grows"));
        };
        open.shape[0] = before + 1;
        open.store_extent(&self.hdf5)?;
        open.list_places(&self.hdf5)?;
        let chunked = open.chunked()?;
        let (bytes, per_row) = (chunked.bytes, chunked.per_row);
        let numbers = before * per_row..(before + 1) * per_row;
        let is_there = |number: &u64| matches!(chunked.place(*number), Lookup::At(place) if place.mask == 0 && place.stored == bytes as u64);
        let missing: Vec<u64> = numbers.clone().filter(|number| !is_there(number)).collect();
        open.reserve_chunks(&self.hdf5, &missing, 0, bytes)?;
        for number in numbers {
            let Lookup::At(place) = open.chunked()?.place(number) else {
                return Err(Error::internal("a chunk was given no place"));
            };
            self.cache.remove((id, number));
            if !self.raw.lend(place.address, bytes as u64)? {
                return Ok(false);
            }
            addresses.push(place.address);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_that_are_pieces_of_a_record() {
        assert_eq!(pieces_of(&[4, 5], &[4, 5], 8), Some((160, 160)));
        assert_eq!(pieces_of(&[3, 5], &[4, 5], 8), Some((160, 120)));
        assert_eq!(pieces_of(&[1, 2], &[4, 5], 8), Some((40, 16)));
        assert_eq!(pieces_of(&[1, 2, 5], &[4, 3, 5], 2), Some((30, 20)));
        assert_eq!(pieces_of(&[2, 2], &[4, 5], 8), None);
        assert_eq!(pieces_of(&[4, 6], &[4, 5], 8), None);
        assert_eq!(pieces_of(&[7], &[4], 8), None);
    }

    #[test]
    fn bytes_go_where_their_pieces_are() {
        // Two runs of 5 bytes in pieces of 2.
        let places = Places {
            run: 5,
            piece: 2,
            addresses: vec![100, 200, 300, 400, 500, 600],
        };
        let bytes: Vec<u8> = (0..10).collect();
        let whole = places.of(0, &bytes).unwrap();
        let expected: [(u64, &[u8]); 6] = [
            (100, &[0, 1]),
            (200, &[2, 3]),
            (300, &[4]),
            (400, &[5, 6]),
            (500, &[7, 8]),
            (600, &[9]),
        ];
        assert_eq!(whole, expected);
        let inner: [(u64, &[u8]); 3] = [(201, &[3]), (300, &[4]), (400, &[5])];
        assert_eq!(places.of(3, &bytes[3..6]).unwrap(), inner);
        assert!(places.of(9, &bytes[8..]).is_err());
    }
}
