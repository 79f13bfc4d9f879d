//! Datasets in one piece that are in memory in parts, as others are in chunks: what is written and read here and there, columns, blocks, single elements,
//! takes few calls of the system.
//!
//! A part comes into memory when it was touched so often that reading it costs less than more writes would. The file gets what was written
//! to it at the next commit, or when memory is short.

#![forbid(unsafe_code)]

use super::buffers;
use super::cache::ChunkKey;
use super::dataset::{Holding, OpenDataset, Storage, HELD};
use super::memory;
use super::moving;
use super::owner::State;
use super::writing::Source;
use crate::codec::convert::Conversion;
use crate::codec::pipeline;
use crate::codec::walk::{EvenRun, Walk};
use crate::error::{Error, Result};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Bytes of a part. A smaller dataset is one.
const PART: usize = HELD;

/// Runs of elements of fewer bytes than this are short.
const SHORT: usize = 4 << 10;

/// A part is read after it was touched by so many short runs.
const WORTH: usize = 4;

/// The parts whose touches are counted at a time: writes all over many more do not come back to any of them often.
const COUNTED: usize = 1024;

/// The share of what may be kept in memory that the parts may take that one call touches.
const SHARE: usize = 8;

/// How often parts that are not in memory were touched, by their numbers.
#[derive(Debug, Default)]
pub struct Touches(HashMap<u64, usize>);

impl Touches {
    /// Counts touches of parts; says whether all of them are worth to be read now.
    fn add(&mut self, parts: impl Iterator<Item = (u64, usize)>) -> bool {
        if self.0.len() >= COUNTED {
            self.0.clear();
        }
        let mut are_worth = true;
        for (number, times) in parts {
            let count = self.0.entry(number).or_default();
            *count += times;
            are_worth &= *count >= WORTH;
        }
        are_worth
    }

    fn forget(&mut self, number: u64) {
        self.0.remove(&number);
    }
}

/// The parts that a walk touches in the order in which it does, and how many runs do.
type Parts = SmallVec<[(u64, usize); 4]>;

/// How many of so many elements, the first at a place, each so far behind the one before it, lie in the part of the first.
fn within(place: usize, step: isize, count: usize) -> usize {
    let offset = place % PART;
    let room = match step {
        0 => count,
        1.. => (PART - offset).div_ceil(step.unsigned_abs()),
        _ => offset / step.unsigned_abs() + 1,
    };
    room.min(count)
}

/// Which array of a walk lies in parts.
#[derive(Clone, Copy)]
enum Side {
    Source,
    Target,
}

impl Side {
    fn of(self, run: &EvenRun) -> (usize, isize) {
        match self {
            Side::Source => (run.source, run.source_step),
            Side::Target => (run.target, run.target_step),
        }
    }

    /// Calls `visit` with the number of each part and what of a walk lies in it, whose places count from the part there.
    fn each(self, walk: &Walk, mut visit: impl FnMut(u64, EvenRun) -> Result<()>) -> Result<()> {
        walk.each_line(|mut rest| {
            while rest.count > 0 {
                let (place, step) = self.of(&rest);
                let count = within(place, step, rest.count);
                let mut run = EvenRun { count, ..rest };
                match self {
                    Side::Source => run.source = place % PART,
                    Side::Target => run.target = place % PART,
                }
                visit((place / PART) as u64, run)?;
                let advance = |place: usize, step: isize| {
                    place.wrapping_add_signed(step.wrapping_mul(count as isize))
                };
                rest.count -= count;
                rest.source = advance(rest.source, rest.source_step);
                rest.target = advance(rest.target, rest.target_step);
            }
            Ok(())
        })
    }

    fn parts(self, walk: &Walk, size: usize) -> Result<Parts> {
        let mut parts = Parts::new();
        self.each(walk, |number, run| {
            let (_, step) = self.of(&run);
            let touches = match step == size as isize {
                true => 1,
                false => run.count,
            };
            match parts.last_mut() {
                Some((last, times)) if *last == number => *times += touches,
                _ => parts.push((number, touches)),
            }
            Ok(())
        })?;
        Ok(parts)
    }

    /// Whether the runs of a walk are short.
    fn is_scattered(self, walk: &Walk, size: usize) -> bool {
        walk.first().is_some_and(|run| {
            let (_, step) = self.of(&run);
            let elements = match step.unsigned_abs() == size {
                true => run.count,
                false => 1,
            };
            elements * size < SHORT
        })
    }
}

/// The parts in which a range of bytes lies.
fn numbers((start, end): (usize, usize)) -> RangeInclusive<u64> {
    (start / PART) as u64..=(end.saturating_sub(1).max(start) / PART) as u64
}

/// Whether so many parts may be in memory for one call.
fn may_be_here(parts: usize) -> bool {
    parts.saturating_mul(PART) <= memory::limit() / SHARE
}

impl OpenDataset {
    /// Where a dataset in one piece is, if parts of it may be in memory.
    pub fn in_parts(&self) -> Option<u64> {
        match self.storage {
            Storage::Contiguous(Some(address)) if self.holding != Holding::Never => Some(address),
            _ => None,
        }
    }
}

impl State {
    /// Writes the elements of a walk to parts that are in memory, or come there for it; false if they are to be written to the file, in
    /// which case it has all that was written there before.
    pub(super) fn write_to_parts(
        &mut self,
        id: u32,
        walk: &Walk,
        conversion: &Conversion,
        source: &Source<'_>,
    ) -> Result<bool> {
        let size = conversion.to_size();
        let range = walk.target_range(size);
        let Some(parts) = self.parts_for(id, walk, size, range)? else {
            self.give_up_parts(id, numbers(range))?;
            return Ok(false);
        };
        if numbers(range) == (0..=0) {
            // Nothing has to be told apart.
            let place = self.load_part(id, 0)?;
            let slot = self.cache.at(place, (id, 0)).ok_or_else(lost)?;
            moving::from_memory(source.bytes, walk, conversion, &mut slot.bytes);
            self.cache.touch(
                place,
                range.0,
                size as isize,
                (range.1 - range.0) / size,
                size,
            );
            self.make_room_or_note();
            return Ok(true);
        }
        for (number, _) in parts {
            self.load_part(id, number)?;
        }
        let cache = &mut self.cache;
        let mut latest = None;
        Side::Target.each(walk, |number, run| {
            let key = (id, number);
            let place = match latest.filter(|(other, _)| *other == number) {
                Some((_, place)) => place,
                None => cache.find(key).ok_or_else(lost)?,
            };
            latest = Some((number, place));
            let slot = cache.at(place, key).ok_or_else(lost)?;
            moving::move_line(source.bytes, run, conversion, &mut slot.bytes);
            cache.touch(place, run.target, run.target_step, run.count, size);
            Ok(())
        })?;
        self.make_room_or_note();
        Ok(true)
    }

    /// What cannot be stored now stays in memory, and the commit tells.
    fn make_room_or_note(&mut self) {
        if let Err(error) = self.make_room() {
            self.note_failure(&error);
        }
    }

    /// The parts that a walk writes, if what it writes is better kept in memory.
    fn parts_for(
        &mut self,
        id: u32,
        walk: &Walk,
        size: usize,
        range: (usize, usize),
    ) -> Result<Option<Parts>> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Ok(None);
        };
        let is_one = open.bytes() <= PART as u64;
        let is_scattered = is_one || Side::Target.is_scattered(walk, size);
        match open.holding {
            Holding::Never => return Ok(None),
            Holding::NotYet => {
                if is_scattered {
                    open.holding = Holding::Allowed;
                }
                return Ok(None);
            }
            Holding::Allowed if is_one => return Ok(Some(Parts::new())),
            Holding::Allowed => {}
        }
        if !is_scattered {
            // Larger ones are worth a call of the system; those that lie in memory stay there.
            let all = numbers(range);
            let are_few = all.end() - all.start() < WORTH as u64;
            let are_here = all
                .clone()
                .all(|number| self.cache.find((id, number)).is_some());
            return Ok((are_few && are_here).then(|| all.map(|number| (number, 1)).collect()));
        }
        let parts = Side::Target.parts(walk, size)?;
        if !may_be_here(parts.len()) {
            return Ok(None);
        }
        let cache = &self.cache;
        let is_missing = |&(number, _): &(u64, usize)| cache.find((id, number)).is_none();
        let missing = parts.iter().copied().filter(is_missing);
        Ok(open.touches.add(missing).then_some(parts))
    }

    /// Sees to it that a part is in memory; gives its place there.
    fn load_part(&mut self, id: u32, number: u64) -> Result<usize> {
        let key = (id, number);
        if let Some(place) = self.cache.find(key) {
            return Ok(place);
        }
        let no_parts = || Error::internal("a dataset has no parts");
        let open = self.datasets.get_mut(id).ok_or_else(no_parts)?;
        let address = open.in_parts().ok_or_else(no_parts)?;
        open.touches.forget(number);
        let start = number * PART as u64;
        let length = open.bytes().saturating_sub(start).min(PART as u64) as usize;
        let mut bytes = buffers::take(length);
        pipeline::resize(&mut bytes, length)?;
        self.raw.read(address + start, &mut bytes)?;
        Ok(self.cache.insert(key, bytes, None))
    }

    /// Whether a dataset in one piece may have to be read from memory: the file does not have all of it, or all of it is in memory.
    pub(super) fn is_read_from_parts(&self, id: u32) -> bool {
        let is_one = self
            .datasets
            .get(id)
            .is_some_and(|open| open.bytes() <= PART as u64);
        match is_one {
            true => self.cache.has_any(id),
            false => self.cache.is_dirty(id),
        }
    }

    /// Reads the elements of a walk from parts that are in memory; false if the file has all of them.
    pub(super) fn read_from_parts(
        &mut self,
        id: u32,
        walk: &Walk,
        conversion: &Conversion,
        target: &mut [u8],
    ) -> Result<bool> {
        let size = conversion.from_size();
        let range = numbers(walk.source_range(size));
        if range == (0..=0) {
            // Nothing has to be told apart.
            let part = self.cache.peek((id, 0));
            let moved = part.map(|part| moving::from_memory(part, walk, conversion, target));
            return Ok(moved.is_some());
        }
        let dirty = self.cache.dirty_in(id, range.clone());
        if dirty.is_empty() {
            return Ok(false);
        }
        let is_scattered = Side::Source.is_scattered(walk, size);
        let parts = match is_scattered {
            true => Side::Source.parts(walk, size)?,
            false => range.map(|number| (number, 1)).collect(),
        };
        let is_here = |&(number, _): &(u64, usize)| self.cache.find((id, number)).is_some();
        if !is_scattered || !parts.iter().all(is_here) {
            match self.flush_chunks(&dirty) {
                Ok(()) => return Ok(false),
                // What a disk does not take is still read from memory.
                Err(_) if may_be_here(parts.len()) => {}
                Err(error) => return Err(error),
            }
        }
        for (number, _) in parts {
            self.load_part(id, number)?;
        }
        let cache = &self.cache;
        Side::Source.each(walk, |number, run| {
            let part = cache.peek((id, number)).ok_or_else(lost)?;
            moving::move_line(part, run, conversion, target);
            Ok(())
        })?;
        self.make_room_or_note();
        Ok(true)
    }

    /// Stores what was written to parts of a dataset that begins at an address.
    pub(super) fn store_parts(&mut self, dirty: &[ChunkKey], address: u64) -> Result<()> {
        for &key in dirty {
            let Some(slot) = self.cache.get(key) else {
                continue;
            };
            let start = address + key.1 * PART as u64;
            for range in slot.changed() {
                let place = start + range.start as u64;
                self.raw.write(place, &slot.bytes[range])?;
            }
            self.cache.clean(key);
        }
        Ok(())
    }

    /// Brings parts of a dataset in one piece that are in memory into the file, and keeps none of them: they are written there.
    fn give_up_parts(&mut self, id: u32, numbers: RangeInclusive<u64>) -> Result<()> {
        if !self.cache.has_any(id) {
            return Ok(());
        }
        let dirty = self.cache.dirty_in(id, numbers.clone());
        self.flush_chunks(&dirty)?;
        for key in self.cache.in_range(id, numbers) {
            self.cache.remove(key);
        }
        Ok(())
    }

    /// The same of all parts: somebody else is to write there.
    pub(super) fn give_up_held(&mut self, id: u32) -> Result<()> {
        let open = self.datasets.get(id);
        match open.is_some_and(|open| open.in_parts().is_some()) {
            true => self.give_up_parts(id, 0..=u64::MAX),
            false => Ok(()),
        }
    }
}

fn lost() -> Error {
    Error::internal("a part of a dataset left the cache while it was used")
}
