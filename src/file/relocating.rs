//! What is overwritten as a whole, commit after commit, moves to another place in the file.
//!
//! Bytes that replace some of the last commit are written twice: into the journal, and into the file. A dataset in one piece of which every element becomes
//! new, or a whole chunk, need not replace any: it is written elsewhere, its header or its index says where, and the old place is free when that is
//! committed, for the next time. Only that word goes through the journal. Meanwhile the file is longer by as much as is overwritten at once; what has moved to
//! its end goes back into the room that is free before it when the file is closed.
//!
//! HDF5 forgets what is free in a file when it closes it. So this is for files that this opening has made only, from the first commit on: one that is opened
//! again and again must not grow each time, as it would if something else came to lie behind what has moved.
//!
//! Chunks move in [`store_chunk`](super::storing::store_chunk).

#![forbid(unsafe_code)]

use super::dataset::{Lookup, Storage, HELD};
use super::moving::{self, Keeps};
use super::owner::State;
use super::writing::Source;
use crate::codec::convert::Conversion;
use crate::codec::walk::Walk;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::edited_header::{EditedHeader, Slot};
use crate::format::object_header::{LARGEST_HEADER, LAYOUT};
use crate::format::{number64, UNDEFINED};
use crate::slice::Axis;
use crate::store::h5::{self, ChunkPlace, ObjectKey};
use crate::store::Moved;

/// Where the layout of a dataset in one piece (version 3) has its address, with its length behind it.
const ADDRESS: usize = 2;

/// So much is copied at a time.
const PIECE: usize = 1 << 20;

impl State {
    /// Writes all elements of a dataset in one piece, of which the last commit has others at `address`, to another place in the file. False if that is not
    /// to be: nothing is changed then.
    pub(super) fn write_elsewhere(
        &mut self,
        id: u32,
        address: u64,
        axes: &[Axis],
        walk: &Walk,
        conversion: &Conversion,
        source: &Source<'_>,
    ) -> Result<bool> {
        let Some(moved) = self.worth_moving(id, address, axes) else {
            return Ok(false);
        };
        if self.header_of(moved, address)?.is_none() {
            return Ok(false);
        }
        let place = self.hdf5.allocate(moved.length)?;
        let written = moving::to_file(
            &self.raw,
            place,
            walk,
            conversion,
            source.bytes,
            Keeps::Nothing,
        );
        if written.and_then(|()| self.point(moved, address, place)) != Ok(true) {
            // On a full disk there may be room for it in its place yet.
            self.hdf5.give_back(place, moved.length);
            self.hdf5.cut_room()?;
            return Ok(false);
        }
        self.hdf5.note_moved(address, place, moved);
        self.hdf5.give_back_later(address, moved.length)?;
        if let Some(open) = self.datasets.get_mut(id) {
            open.storage = Storage::Contiguous(Some(place));
        }
        Ok(true)
    }

    /// What moves, if a write of these elements is one that moves a dataset: all of one that HDF5 does not have open, and that does not wait in memory.
    fn worth_moving(&self, id: u32, address: u64, axes: &[Axis]) -> Option<Moved> {
        let open = self.datasets.get(id)?;
        let whole = axes.iter().map(|axis| axis.count as u64);
        let is_whole = whole.eq(open.shape.iter().copied());
        let length = open.bytes();
        let is_worth = self.is_usual
            && is_whole
            && !open.is_opened_by_hdf5()
            && self.is_here(open.key)
            && length > HELD as u64
            && self.hdf5.is_better_moved(address, length);
        is_worth.then(|| Moved {
            header: open.key.address(),
            chunk: None,
            length,
        })
    }

    /// Gives a dataset in one piece its place, of which HDF5 has seen nothing; None if HDF5 has to.
    pub(super) fn allocate_past(&mut self, id: u32, length: u64) -> Result<Option<u64>> {
        let open = self.datasets.get(id);
        let Some(open) = open.filter(|open| self.is_usual && !open.is_opened_by_hdf5()) else {
            return Ok(None);
        };
        let unwritten = Moved {
            header: open.key.address(),
            chunk: None,
            length,
        };
        let _lock = h5::lock();
        let Some(header) = self.header_of(unwritten, UNDEFINED)? else {
            return Ok(None);
        };
        let place = self.hdf5.allocate(length)?;
        self.say(header, (place, length))?;
        Ok(Some(place))
    }

    /// The header of a dataset in one piece, with the message that says where its elements are, if that is `address`, and HDF5 has seen nothing of it.
    fn header_of(&self, moved: Moved, address: u64) -> Result<Option<(EditedHeader, Slot)>> {
        let raw = Ahead::of(&self.raw);
        let Some(header) = EditedHeader::read(&raw, moved.header, LARGEST_HEADER)? else {
            return Ok(None);
        };
        let is_seen = |(place, length)| !self.is_as_in_file(place, length);
        if header.places().any(is_seen) {
            return Ok(None);
        }
        let Some(layout) = header.only(LAYOUT) else {
            return Ok(None);
        };
        let content = header.content(layout);
        let is_there = content.get(..2) == Some(&[3, 1])
            && number64(content, ADDRESS) == Some(address)
            && number64(content, ADDRESS + 8) == Some(moved.length);
        Ok(is_there.then_some((header, layout)))
    }

    /// Makes the header of a dataset say that its elements are at another place; false if HDF5 has seen it.
    fn point(&mut self, moved: Moved, address: u64, place: u64) -> Result<bool> {
        // Nobody looks at it meanwhile.
        let _lock = h5::lock();
        let Some(header) = self.header_of(moved, address)? else {
            return Ok(false);
        };
        self.say(header, (place, moved.length))?;
        Ok(true)
    }

    /// Has the header of a dataset in one piece say that its elements are at a place, and how many bytes they have.
    pub(super) fn say(
        &mut self,
        (mut header, layout): (EditedHeader, Slot),
        (place, length): (u64, u64),
    ) -> Result<()> {
        let mut content = header.content(layout).to_vec();
        content[ADDRESS..ADDRESS + 8].copy_from_slice(&place.to_le_bytes());
        content[ADDRESS + 8..ADDRESS + 16].copy_from_slice(&length.to_le_bytes());
        header.replace(layout, &content);
        self.datasets.headers.forget();
        let mut changed = header.changed();
        changed.try_for_each(|(place, bytes)| self.raw.write_surely(place, bytes))
    }

    /// Before the file is closed: makes it as short as it can be without much work. What has moved to its end goes back into the room that is free
    /// before. Everything else is in the file.
    pub(super) fn shorten(&mut self) -> Result<()> {
        let mut is_committed = false;
        loop {
            self.hdf5.cut_room()?;
            let Some((address, moved)) = self.hdf5.last_moved() else {
                return Ok(());
            };
            if !self.raw.is_last(address, moved.length) || !self.hdf5.may_move() {
                return Ok(());
            }
            if !is_committed {
                // Until then the free room is the last commit's.
                self.hdf5.commit(false)?;
                self.hdf5.note_commit();
                is_committed = true;
            }
            let Some(place) = self.hdf5.allocate_before(moved.length, address) else {
                return Ok(());
            };
            self.hdf5.forget_moved(address);
            if !self.move_back(moved, address, place)? {
                self.hdf5.give_back(place, moved.length);
                return Ok(());
            }
            self.raw.give_back_end(address, moved.length)?;
        }
    }

    fn move_back(&mut self, moved: Moved, address: u64, place: u64) -> Result<bool> {
        // A reader may have it still.
        let is_free = self.raw.committed(place, moved.length) == 0;
        let is_there = is_free
            && match moved.chunk {
                Some(number) => self.moved_chunk(moved, number, address)?.is_some(),
                None => self.header_of(moved, address)?.is_some(),
            };
        if !is_there {
            return Ok(false);
        }
        let mut piece: Vec<u8> = h5::zeroed(moved.length.min(PIECE as u64), 1)?;
        let mut done = 0;
        while done < moved.length {
            let length = piece.len().min((moved.length - done) as usize);
            self.raw.read(address + done, &mut piece[..length])?;
            self.raw.write(place + done, &piece[..length])?;
            done += length as u64;
        }
        let Some(number) = moved.chunk else {
            return self.point(moved, address, place);
        };
        let Some((id, before)) = self.moved_chunk(moved, number, address)? else {
            return Ok(false);
        };
        let chunk = ChunkPlace {
            address: place,
            ..before
        };
        match self.datasets.get_mut(id) {
            Some(open) => open.move_chunk(&self.hdf5, number, chunk),
            None => Ok(false),
        }
    }

    /// The dataset of which a chunk has moved, and where the chunk is, if it is still at `address`.
    fn moved_chunk(
        &mut self,
        moved: Moved,
        number: u64,
        address: u64,
    ) -> Result<Option<(u32, ChunkPlace)>> {
        let key = ObjectKey::at(ObjectKey::OWN, moved.header);
        let Some(id) = self.datasets.find_key(key) else {
            return Ok(None);
        };
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(None);
        };
        let Storage::Chunked(chunked) = &open.storage else {
            return Ok(None);
        };
        Ok(match chunked.place(number) {
            Lookup::At(place) if place.address == address && place.stored == moved.length => {
                Some((id, place))
            }
            _ => None,
        })
    }
}
