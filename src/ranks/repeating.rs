//! Records in blocks that go where the latest one went: what a simulation appends each step.
//!
//! All ranks have told the same with the call then, so that all that follows from it is the same too, and need not be looked for again: no
//! blocks are compared, no layout is copied, no options are checked.

#![forbid(unsafe_code)]

use super::blocks::{payload_of, PieceRecords, Put, INLINE_AXES};
use super::communicator::{Call, Payload, PAYLOAD};
use super::layout::Block;
use super::State;
use crate::error::{Error, Result};
use crate::file::Records;
use crate::store::strided::Strided;
use crate::store::{path, Append, Dtype};

/// Whether a record was appended as the latest was.
pub(super) enum Repeated {
    Done,
    /// All ranks have agreed on the call, with other blocks.
    Told(Vec<Payload>),
    /// Nothing was said.
    Other,
}

/// The latest record in blocks, as long as nothing else has changed what is known of datasets. The same on all ranks, but for this rank's piece.
#[derive(Debug)]
pub(super) struct Latest {
    call: Call,
    path: String,
    dtype: Dtype,
    record: Vec<i64>,
    options: Append,
    told: Vec<Payload>,
    /// This rank's dataset, and how a record is appended to it; None if its block is empty.
    own: Option<(String, PieceRecords)>,
}

impl State {
    /// Appends a block as the latest was appended, if all ranks append what they did then. Otherwise gives what they have told with the call,
    /// if they were asked.
    pub(super) fn append_as_latest(
        &mut self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        array: &Strided<'_>,
    ) -> Result<Repeated> {
        let shape = array.shape();
        let rank = self.rank();
        let Some(latest) = self.latest.take_if(|latest| {
            latest.path == path
                && latest.dtype == records.dtype
                && latest.record == records.record
                && latest.options == *records.options
                && start.len() == shape.len()
                && start.len() <= INLINE_AXES
                && payload_of(start, &shape) == latest.told[rank]
        }) else {
            return Ok(Repeated::Other);
        };
        let told = self.agree(&latest.call, Ok(()), latest.told[rank])?;
        if told != latest.told {
            return Ok(Repeated::Told(told));
        }
        let written = match (&latest.own, &self.part) {
            (Some((dataset, own)), Some(part)) => part.append_from(dataset, &own.records(), array),
            _ => Ok(()),
        };
        let concluded = self.communicator.conclude(written, [0; PAYLOAD]);
        let normal = path::normal(path);
        let Some(layout) = self.layouts.get_mut(&*normal) else {
            return Err(Error::internal("a series that goes on is not known"));
        };
        if let Err(error) = concluded {
            let (layout, before) = (layout.clone(), layout.records);
            return Err(self.take_back(&Put::Records(&layout, before), error));
        }
        layout.records += 1;
        let count = layout.records;
        if rank == 0 {
            match self.changed.get_mut(&*normal) {
                Some(changed) => *changed = count,
                None => drop(self.changed.insert(normal.into(), count)),
            }
        }
        self.latest = Some(latest);
        Ok(Repeated::Done)
    }

    /// Keeps in mind a record that was appended to blocks, of which all ranks have told so much.
    pub(super) fn note_latest(
        &mut self,
        path: &str,
        call: Call,
        records: &Records<'_>,
        told: Vec<Payload>,
        blocks: &[Block],
    ) {
        // Blocks that others write, or that were told of later, take the longer way.
        let is_simple = self.groups.parts() == self.ranks()
            && blocks.iter().all(|block| block.start.len() <= INLINE_AXES);
        let layout = self.layouts.get(&*path::normal(path));
        let Some(layout) = layout.filter(|_| is_simple) else {
            return;
        };
        let Some(pieces) = layout.growing(blocks, self.groups) else {
            return;
        };
        let own = pieces[self.rank()].map(|at| {
            let piece = &layout.pieces[at];
            let options = &records.options.dataset;
            let own = PieceRecords::new(layout, piece, options, records.dtype, 1);
            (piece.dataset.clone(), own)
        });
        self.latest = Some(Latest {
            call,
            path: path.to_owned(),
            dtype: records.dtype,
            record: records.record.to_vec(),
            options: records.options.clone(),
            told,
            own,
        });
    }
}
