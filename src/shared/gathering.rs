//! Records of series that wait in memory until there are enough of them for one transfer.
//!
//! As many wait on each rank, and what decides when they are written is what all ranks know: how many there are, and how many bytes the rank
//! has of each that has most. Memory for them is taken when a series begins to wait, and agreed on then, so that a record that
//! was accepted has its place on all ranks, and needs no second word to the others.

#![forbid(unsafe_code)]

use super::agreement::{Call, Totals};
use super::exchange::Exchange;
use super::State;
use crate::error::Result;
use crate::file::Records;
use crate::slice::Selection;
use crate::store::h5::StorageLayout;
use crate::store::strided::Strided;
use crate::store::{Append, Dtype};

/// So many bytes of a series wait on a rank at most.
const MOST: u64 = 256 << 10;

/// So many bytes of all series.
const MOST_OF_ALL: u64 = 64 << 20;

/// A block of each record of a series, as a rank appends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The type of its elements in memory.
    pub dtype: Dtype,
    /// The extents of a record.
    pub record: Vec<u64>,
    /// Whether all ranks give all of it, and the first one has it.
    pub is_alike: bool,
    /// Where this rank's block begins.
    pub start: Vec<u64>,
    /// Its extents.
    pub shape: Vec<u64>,
}

/// The elements of an array of these extents.
fn product(extents: &[u64]) -> u64 {
    extents
        .iter()
        .fold(1, |all: u64, &extent| all.saturating_mul(extent))
}

impl Part {
    /// The elements of this rank in a record.
    fn elements(&self) -> u64 {
        product(&self.shape)
    }

    /// Their bytes.
    fn bytes(&self) -> u64 {
        self.elements().saturating_mul(self.dtype.size() as u64)
    }
}

/// A record of which each rank has a block, as it comes again and again.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The call by which it comes.
    pub call: Call,
    /// What this rank tells of it.
    pub mine: Totals,
    /// The elements of a record of all ranks.
    pub all: u64,
}

/// The records of a series that wait.
#[derive(Debug)]
pub struct Waiting {
    part: Part,
    /// The call that appended the latest block, and its options.
    latest: Option<(Call, Append)>,
    /// How they come together before they are written, where they do.
    exchange: Option<Exchange>,
    bytes: Vec<u8>,
    /// How many there are.
    records: u64,
    /// How many the series has in the file.
    before: u64,
    /// So many may wait, as memory goes.
    most: u64,
    /// The records of a chunk.
    chunk: u64,
    /// The bytes that are kept free for it on the rank that needs most.
    room: u64,
}

impl Waiting {
    /// Whether there is room for so many more.
    fn has_room(&self, records: u64) -> bool {
        self.records + records <= self.until()
    }

    /// Notes the call that is to come again.
    pub fn repeat(&mut self, call: &Call, records: &Records<'_>) {
        self.latest = Some((call.clone(), records.options.clone()));
    }

    /// Whether there are any.
    pub fn is_some(&self) -> bool {
        self.records > 0
    }

    /// How many may wait before they are written: to the end of a chunk, where there is memory for that.
    fn until(&self) -> u64 {
        let end = self.before.saturating_add(self.most);
        match end - end % self.chunk {
            aligned if aligned > self.before => aligned - self.before,
            _ => self.most,
        }
    }
}

impl State {
    /// Whether a series at a normal path takes such records by gathering them; None where this rank's block is another one than before, so
    /// that all have to know.
    pub(super) fn gathers(&self, path: &str, part: &Part, records: u64) -> Option<bool> {
        let Some(waiting) = self.waiting.get(path) else {
            return Some(false);
        };
        let before = &waiting.part;
        let is_same_call = (before.dtype, before.is_alike) == (part.dtype, part.is_alike)
            && before.record == part.record
            && records > 0
            && records <= waiting.most;
        match is_same_call {
            false => Some(false),
            true if before == part => Some(true),
            true => None,
        }
    }

    /// What was told with the block before of a series at a normal path, if this one is like it.
    pub(super) fn repeated(
        &self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        shape: &[u64],
    ) -> Option<Repeated> {
        let waiting = self.waiting.get(path)?;
        let (call, options) = waiting.latest.as_ref()?;
        let part = &waiting.part;
        let is_same = part.dtype == records.dtype
            && part.record.len() == records.record.len()
            && std::iter::zip(&part.record, records.record)
                .all(|(&one, &other)| one as i64 == other)
            && part.start == start
            && part.shape == shape
            && options == records.options;
        is_same.then(|| Repeated {
            call: call.clone(),
            mine: Totals {
                transfers: u64::from(part.elements() > 0),
                elements: part.elements(),
                item: part.dtype.size() as u64,
                largest: part.bytes(),
                ..Totals::NONE
            },
            all: product(&part.record),
        })
    }

    /// Whether records of a series that gathers them can be taken without writing any.
    pub(super) fn has_room(&self, path: &str, records: u64) -> bool {
        let waiting = self.waiting.get(path);
        waiting.is_some_and(|waiting| waiting.has_room(records))
    }

    /// Takes records of a series that gathers them; those that wait are written first where there is no room.
    pub(super) fn gather(&mut self, path: &str, records: u64, packed: &[u8]) -> Result<()> {
        if !self.has_room(path, records) {
            self.write_series(path)?;
        }
        if let Some(waiting) = self.waiting.get_mut(path) {
            waiting.bytes.extend_from_slice(packed);
            waiting.records += records;
        }
        Ok(())
    }

    /// What a series that has got a record needs to gather more of them: None where they are large, or memory is short on any rank. `largest` is the
    /// bytes of a record on the rank that has most of it.
    pub(super) fn prepare_to_gather(
        &mut self,
        path: &str,
        part: Part,
        largest: u64,
    ) -> Result<Option<Waiting>> {
        let kept: u64 = self.waiting.values().map(|waiting| waiting.room).sum();
        let most = MOST / largest.max(1);
        let communicator = self.ranks.communicator.clone();
        let is_exchanged = Exchange::is_worth_it(&part, largest, communicator.ranks);
        let room = most * largest * if is_exchanged { 3 } else { 1 };
        if most < 2 || kept + room > MOST_OF_ALL {
            return Ok(None);
        }
        let dataset = self.opened(path)?;
        let chunk = match dataset.layout()? {
            StorageLayout::Chunked { chunk, .. } => chunk.first().copied().unwrap_or(1),
            StorageLayout::Contiguous | StorageLayout::Other => 1,
        };
        let before = dataset.extent.shape.first().copied().unwrap_or(0);
        let mut bytes = Vec::new();
        let is_short = bytes
            .try_reserve_exact((most * part.bytes()) as usize)
            .is_err();
        let exchange = match is_exchanged {
            true => Exchange::new(&communicator, &part, most)?.map(Some),
            false => Ok(None),
        };
        if self.most(usize::from(is_short || exchange.is_err()))? > 0 {
            return Ok(None);
        }
        Ok(Some(Waiting {
            part,
            latest: None,
            exchange: exchange?,
            bytes,
            records: 0,
            before,
            most,
            chunk: chunk.max(1),
            room,
        }))
    }

    /// The bytes of all ranks that wait, as far as all know them.
    pub(super) fn waiting_bytes(&self) -> u64 {
        let bytes = |waiting: &Waiting| {
            let record = waiting.part.record.iter().product::<u64>();
            waiting.records * record * waiting.part.dtype.size() as u64
        };
        self.waiting.values().map(bytes).sum()
    }

    /// Writes the records that wait, of all series; where that fails they go on waiting.
    pub(super) fn write_waiting(&mut self) -> Result<()> {
        let waiting = self.waiting.iter();
        let waiting = waiting.filter(|(_, waiting)| waiting.is_some());
        let paths: Vec<String> = waiting.map(|(path, _)| path.to_string()).collect();
        paths.iter().try_for_each(|path| self.write_series(path))
    }

    /// Writes the records of a series that wait.
    pub(super) fn write_series(&mut self, path: &str) -> Result<()> {
        let Some(waiting) = self
            .waiting
            .get_mut(path)
            .filter(|waiting| waiting.records > 0)
        else {
            return Ok(());
        };
        let (part, before, records) = (waiting.part.clone(), waiting.before, waiting.records);
        let mut bytes = std::mem::take(&mut waiting.bytes);
        let mut exchange = waiting.exchange.take();
        let written = self.serve(|state| {
            let mut extents = state.opened(path)?.extent.shape.clone();
            extents[0] = before + records;
            state.undo = Some(super::Undo::Shorten(path.to_owned(), before));
            state.opened(path)?.set_extent(&extents)?;
            let (rows, starts, extents, packed) = match &mut exchange {
                None => (0..records, part.start, &part.shape, &*bytes),
                Some(exchange) => {
                    let communicator = state.ranks.communicator.clone();
                    let got = exchange.run(&communicator, &part, records, &bytes);
                    let (rows, packed) = got.unwrap_or_else(|error| {
                        // The others write what they have got.
                        state.note(error);
                        (0..0, &[])
                    });
                    (rows, vec![0; part.record.len()], &part.record, packed)
                }
            };
            let shape = [&[rows.end - rows.start], &**extents].concat();
            let array = Strided::packed(packed, &shape, part.dtype.size())?;
            let mut axes = Selection::everything(&shape).axes;
            let starts = std::iter::once(before + rows.start).chain(starts);
            for (axis, start) in axes.iter_mut().zip(starts) {
                axis.start = start as i64;
            }
            let steps = super::transfer::steps(&axes, true);
            state.write_steps(path, &steps, (part.dtype, &array), 1)
        });
        let is_written = written.is_ok();
        if is_written {
            bytes.clear();
        }
        if let Some(waiting) = self.waiting.get_mut(path) {
            waiting.bytes = bytes;
            waiting.exchange = exchange;
            if is_written {
                waiting.before += records;
                waiting.records = 0;
            }
        }
        written.map_err(|error| error.within(format_args!("dataset '{path}'")))
    }
}
