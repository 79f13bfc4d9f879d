//! The names of a symbol table in their heap, of which those are read that are asked for, and to which others are added past HDF5.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use crate::format::ahead::Ahead;
use crate::format::local_heap::{self, text_at, Names, StoredHeap, FREE_PREFIX, NOTHING_FREE};
use crate::journal::RawFile;
use crate::store::{Hdf5File, Room};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The largest heap of names that others are added to.
const LARGEST_HEAP: u64 = 4 << 20;

/// Names are read in blocks of so many bytes.
const BLOCK: usize = 1024;

/// So many gaps among the names are in the heap's list of free blocks: all of them are gone through for each name.
const LISTED: usize = 8;

/// A heap of which HDF5 has seen nothing.
#[derive(Debug)]
pub struct NameHeap {
    raw: RawFile,
    /// Where the heap is, and where its data are and how long.
    heap: u64,
    place: u64,
    size: u64,
    /// Names up to here are in the file.
    stored: u64,
    /// Those behind them, up to where nothing is used.
    tail: Vec<u8>,
    /// The gaps among the names, and those that the heap's own list has, what is behind the names last.
    gaps: Room,
    listed: Vec<(u64, u64)>,
    /// What was put into gaps and is not in the file, by where it begins.
    filled: BTreeMap<u64, Vec<u8>>,
    /// Gaps among the names that are not in the file.
    later: Vec<(u64, u64)>,
    /// Where the data are that the file's bytes still refer to, if they have moved.
    left: Option<(u64, u64)>,
    /// The blocks of names in the file that were read; empty ones were not.
    blocks: Vec<Vec<u8>>,
    memory: usize,
}

impl NameHeap {
    /// The heap at an address; None if HDF5 may have any of it, or it is too large, or not understood.
    pub fn read(raw: &RawFile, heap: u64) -> Result<Option<Self>> {
        // What HDF5 has in memory may not be in the file yet.
        if !raw.is_unseen(heap, local_heap::PREFIX as u64) {
            return Ok(None);
        }
        let near = Ahead::of_nodes(raw);
        let Some(found) = StoredHeap::at(&near, heap)? else {
            return Ok(None);
        };
        let (place, size) = found.data();
        if size > LARGEST_HEAP || !raw.is_unseen(place, size) {
            return Ok(None);
        }
        let Some(free) = found.free_blocks()? else {
            return Ok(None);
        };
        let is_last = |&&(start, length): &&(u64, u64)| start + length == size;
        let used = free.iter().find(is_last).map_or(size, |last| last.0);
        let mut sorted = free.clone();
        sorted.sort_unstable();
        let are_apart = sorted.windows(2).all(|two| two[0].0 + two[0].1 <= two[1].0);
        // The empty name of the first key is there.
        let is_sound = are_apart && sorted.first().is_none_or(|first| first.0 > 0);
        let mut gaps = Room::default();
        for &(start, length) in sorted.iter().filter(|_| is_sound) {
            if start % 8 == 0 && start + length <= used {
                gaps.give(start, length);
            }
        }
        Ok(Some(Self {
            raw: raw.clone(),
            heap,
            place,
            size,
            stored: used,
            tail: Vec::new(),
            gaps,
            listed: if is_sound { free } else { Vec::new() },
            filled: BTreeMap::new(),
            later: Vec::new(),
            left: None,
            blocks: Vec::new(),
            memory: 0,
        }))
    }

    /// Where its data are, and how long.
    pub fn data(&self) -> (u64, u64) {
        (self.place, self.size)
    }

    /// Bytes of memory, about.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// How the name that begins at an offset compares with this one; None if there is none.
    pub fn compare(&mut self, offset: u64, name: &str) -> Result<Option<Ordering>> {
        let own = self.text(offset)?;
        Ok(own.map(|own| own.as_bytes().cmp(name.as_bytes())))
    }

    /// The text that begins at an offset; None if there is none.
    pub fn text(&mut self, offset: u64) -> Result<Option<Cow<'_, str>>> {
        if let Some(at) = offset.checked_sub(self.stored) {
            return Ok(text_at(&self.tail, at).map(Cow::Borrowed));
        }
        if self.filled.contains_key(&offset) {
            let text = self.filled.get(&offset);
            return Ok(text.and_then(|text| text_at(text, 0)).map(Cow::Borrowed));
        }
        let number = (offset / BLOCK as u64) as usize;
        self.read_block(number)?;
        let at = offset % BLOCK as u64;
        let rest = self.blocks[number].get(at as usize..);
        if rest.is_some_and(|rest| rest.contains(&0)) {
            return Ok(text_at(&self.blocks[number], at).map(Cow::Borrowed));
        }
        // It goes on behind the block.
        let stored = StoredHeap::of(&self.raw, (self.place, self.stored));
        Ok(stored
            .name(offset)?
            .map(|name| Cow::Owned(name.into_owned())))
    }

    /// Has a block in memory.
    fn read_block(&mut self, number: usize) -> Result<()> {
        if self.blocks.len() <= number {
            self.blocks.resize(number + 1, Vec::new());
        }
        if self.blocks[number].is_empty() {
            let start = number as u64 * BLOCK as u64;
            let length = (self.stored - start).min(BLOCK as u64);
            let mut block = vec![0; length as usize];
            self.raw.read_near(self.place + start, &mut block)?;
            self.memory += block.len();
            self.blocks[number] = block;
        }
        Ok(())
    }

    /// Takes note of what was written from a place on.
    fn note_written(&mut self, start: u64, bytes: &[u8]) {
        let end = start + bytes.len() as u64;
        let first = (start / BLOCK as u64) as usize;
        let behind = end.div_ceil(BLOCK as u64) as usize;
        let blocks = self.blocks.iter_mut().enumerate();
        for (number, block) in blocks.take(behind).skip(first) {
            let from = number as u64 * BLOCK as u64;
            let (start_in, end_in) = (start.max(from), end.min(from + BLOCK as u64));
            let (at, to) = ((start_in - from) as usize, (end_in - from) as usize);
            self.memory = self.memory.saturating_sub(block.len());
            if block.is_empty() || at > block.len() {
                block.clear();
                continue;
            }
            block.resize(block.len().max(to), 0);
            let new = &bytes[(start_in - start) as usize..(end_in - start) as usize];
            block[at..to].copy_from_slice(new);
            self.memory += block.len();
        }
    }

    /// Puts a text among the names, into a gap if one has room; gives where.
    pub fn put(&mut self, text: &str) -> u64 {
        let length = room_of(text);
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(length as usize, 0);
        if let Some(at) = self.gaps.take(length) {
            self.filled.insert(at, bytes);
            return at;
        }
        let used = self.used().next_multiple_of(8);
        self.tail.resize((used - self.stored) as usize, 0);
        self.tail.extend(bytes);
        used
    }

    /// Gives up the room of a text.
    pub fn remove(&mut self, offset: u64, text: &str) {
        self.filled.remove(&offset);
        match offset < self.stored {
            true => self.gaps.give(offset, room_of(text)),
            false => self.later.push((offset, room_of(text))),
        }
    }

    /// From here on nothing is used.
    fn used(&self) -> u64 {
        self.stored + self.tail.len() as u64
    }

    /// Brings the names into the file that it does not have, and what is free among them.
    ///
    /// What a disk does not take is kept in memory until the next commit. On another failure what is not in it stays to be stored.
    pub fn store(&mut self, file: &Hdf5File) -> Result<()> {
        if self.used() > self.size {
            self.enlarge(file)?;
        }
        let free = self.free_list();
        if self.tail.is_empty() && self.filled.is_empty() && free == self.listed {
            return Ok(());
        }
        let mut pieces = self.filled.clone();
        let mut last = self.tail.clone();
        for (number, &(start, length)) in free.iter().enumerate() {
            let next = free.get(number + 1).map_or(NOTHING_FREE, |next| next.0);
            let block = [next.to_le_bytes(), length.to_le_bytes()].concat();
            match start < self.used() {
                true => drop(pieces.insert(start, block)),
                false => last.extend(block),
            }
        }
        let mut start = self.stored;
        // What lies right before the new ones is written with them.
        while let Some(before) = pieces.last_entry() {
            if before.key() + before.get().len() as u64 != start {
                break;
            }
            let (at, mut bytes) = before.remove_entry();
            bytes.append(&mut last);
            (start, last) = (at, bytes);
        }
        if !last.is_empty() {
            pieces.insert(start, last);
        }
        for (&at, bytes) in &pieces {
            self.raw.write_often(self.place + at, bytes)?;
            self.note_written(at, bytes);
        }
        let first = free.first().map_or(NOTHING_FREE, |first| first.0);
        let mut prefix = local_heap::SIGNATURE.to_vec();
        for number in [self.size, first, self.place] {
            prefix.extend_from_slice(&number.to_le_bytes());
        }
        self.raw.write_often(self.heap, &prefix)?;
        self.filled.clear();
        self.stored = self.used();
        self.tail.clear();
        self.listed = free;
        for (start, length) in std::mem::take(&mut self.later) {
            self.gaps.give(start, length);
        }
        if let Some((place, size)) = self.left.take() {
            file.give_back(place, size);
        }
        Ok(())
    }

    /// Writes the names that are in the file to where there is twice the room for all. The heap's own bytes, which tell where they are, are yet to be written.
    fn enlarge(&mut self, file: &Hdf5File) -> Result<()> {
        let size = (2 * self.used()).next_multiple_of(8);
        let mut data = Vec::new();
        data.try_reserve_exact(size as usize)
            .map_err(|_| Error::io(format!("no memory for {size} bytes")))?;
        data.resize(size as usize, 0u8);
        self.raw
            .read(self.place, &mut data[..self.stored as usize])?;
        let mut place = 0;
        file.append_surely(data.len(), |address| {
            place = address;
            &data
        })?;
        let from = (self.place, self.size);
        (self.place, self.size) = (place, size);
        match self.left {
            // Nothing refers to what a store that failed has made.
            Some(_) => file.give_back(from.0, from.1),
            None => self.left = Some(from),
        }
        self.listed.clear();
        Ok(())
    }

    /// What is free in the heap, as its list is to say it: gaps, and what is behind the names.
    fn free_list(&self) -> Vec<(u64, u64)> {
        let gaps = self.gaps.pieces();
        let gaps = gaps.filter(|gap| gap.1 >= FREE_PREFIX as u64);
        let mut free: Vec<(u64, u64)> = gaps.take(LISTED).collect();
        let rest = self.size.saturating_sub(self.used());
        if rest >= FREE_PREFIX as u64 {
            free.push((self.used(), rest));
        }
        free
    }
}

/// Bytes of a text in a heap.
fn room_of(text: &str) -> u64 {
    (text.len() as u64 + 1).next_multiple_of(8)
}
