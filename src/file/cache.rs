//! Decoded chunks of one file's datasets: one room for reads, partial writes and appends.

#![forbid(unsafe_code)]

use super::buffers;
use super::memory::{self, Account};
use super::touched::Touched;
use crate::codec::walk::Walk;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::{Range, RangeInclusive};
use std::sync::atomic::{AtomicBool, Ordering};

/// What names a chunk: its dataset's place in the table, and its number among the dataset's chunks.
pub type ChunkKey = (u32, u64);

/// So many bytes of full chunks of series stay in memory though nobody has read them; the memory of older ones serves the next.
const SETTLED: usize = 4 << 20;

/// The part of what may be kept in memory that chunks take which were written whole, are in the file as they are, and were not read
/// yet.
const PLAIN_PART: usize = 16;

/// So many chunks that were written since the last commit are known.
const MOST_STORED: usize = 1 << 16;

/// Chunks that nobody has used since they were written or read as wholes, the oldest first.
#[derive(Debug, Default)]
struct Kept {
    /// Which they are, and how many bytes they have.
    by_turn: BTreeMap<u64, (ChunkKey, usize)>,
    bytes: usize,
}

/// What it takes to read a chunk again that was just written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rereading {
    /// It is in the file as it is, or a series whose latest records alone are likely to be wanted: few are kept.
    Cheap,
    /// It has to be decoded: as many are kept as there is plenty of room for.
    Dear,
}

/// A chunk in memory.
#[derive(Debug)]
pub struct CachedChunk {
    /// Which chunk it is.
    pub key: ChunkKey,
    /// Its elements as they are in the file, unfiltered; those beyond the end were never written.
    pub bytes: Vec<u8>,
    /// The bytes that the file does not have yet, from the first to the last.
    pub dirty: Option<Range<usize>>,
    /// Which of these were written; None if all of them may be.
    touched: Option<Box<Touched>>,
    /// How many bytes of a chunk that is new were not written yet, about; 0 of any other.
    pub remaining: usize,
    /// Whether it was used since the hand of the clock passed.
    used: AtomicBool,
    /// Of one that was kept when it was written or read: among which, and its turn among those.
    kept: Option<(Rereading, u64)>,
    /// The bytes of memory that are counted for it.
    counted: usize,
}

impl CachedChunk {
    /// The ranges that have all that the file does not have.
    pub fn changed(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let touched = self.touched.iter();
        let dirty = self.dirty.iter().filter(|_| self.touched.is_none());
        let length = self.bytes.len();
        let dirty = dirty.map(move |dirty| dirty.start.min(length)..dirty.end.min(length));
        touched
            .flat_map(move |touched| touched.ranges(length))
            .chain(dirty)
    }

    /// Notes that so many bytes were added at the end of a chunk that is dirty already.
    pub fn extend_dirty(&mut self, added: usize) {
        self.remaining = self.remaining.saturating_sub(added);
        // From the first to the last: it may have more bytes now than were told apart.
        self.touched = None;
        if let Some(dirty) = &mut self.dirty {
            dirty.end = self.bytes.len();
        }
        *self.used.get_mut() = true;
    }
}

/// The chunks of one file that are in memory.
#[derive(Debug, Default)]
pub struct ChunkCache {
    slots: Vec<Option<CachedChunk>>,
    free: Vec<usize>,
    places: BTreeMap<ChunkKey, usize>,
    /// The chunks of which the file does not have all.
    dirty: BTreeSet<ChunkKey>,
    /// Of these the new ones of which the last bytes were written: nothing more is expected to come soon.
    filled: BTreeSet<ChunkKey>,
    /// The chunks that were kept when they were written or read.
    cheap: Kept,
    dear: Kept,
    turn: u64,
    /// Chunks that were written to the file as wholes since the last commit, in memory or not.
    stored: HashSet<ChunkKey>,
    /// How many bytes were written past memory into parts of chunks since then.
    through: HashMap<ChunkKey, usize>,
    hand: usize,
    account: Account,
}

impl ChunkCache {
    /// The bytes of memory that chunks take.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.account.bytes()
    }

    /// The place of a chunk, if it is in memory.
    pub fn find(&self, key: ChunkKey) -> Option<usize> {
        self.places.get(&key).copied()
    }

    /// The chunk at a place that [`find`](Self::find) or [`insert`](Self::insert) gave, if it is still this one.
    pub fn at(&mut self, place: usize, key: ChunkKey) -> Option<&mut CachedChunk> {
        let slot = self.slots.get_mut(place)?.as_mut()?;
        (slot.key == key).then_some(slot)
    }

    /// The bytes of a chunk, if it is in memory.
    pub fn peek(&self, key: ChunkKey) -> Option<&[u8]> {
        let slot = self.slots.get(self.find(key)?)?.as_ref()?;
        slot.used.store(true, Ordering::Relaxed);
        Some(&slot.bytes)
    }

    /// How many bytes of a chunk were never written, about.
    pub fn remaining(&self, key: ChunkKey) -> usize {
        let slot = self
            .find(key)
            .and_then(|place| self.slots.get(place)?.as_ref());
        slot.map_or(0, |slot| slot.remaining)
    }

    /// Notes how many bytes of a new chunk can still be written.
    pub fn set_remaining(&mut self, key: ChunkKey, bytes: usize) {
        if let Some(slot) = self.get(key) {
            slot.remaining = bytes;
        }
    }

    /// The chunk, if it is in memory; it was used.
    pub fn get(&mut self, key: ChunkKey) -> Option<&mut CachedChunk> {
        let place = self.find(key)?;
        let slot = self.slots.get_mut(place)?.as_mut()?;
        *slot.used.get_mut() = true;
        Some(slot)
    }

    /// Takes a chunk into memory, in the place of what was there; gives where it is.
    pub fn insert(&mut self, key: ChunkKey, bytes: Vec<u8>, dirty: Option<Range<usize>>) -> usize {
        self.remove(key);
        if dirty.is_some() {
            self.dirty.insert(key);
        }
        let counted = bytes.capacity();
        let slot = CachedChunk {
            key,
            bytes,
            dirty,
            touched: None,
            remaining: 0,
            used: AtomicBool::new(true),
            kept: None,
            counted,
        };
        self.account.change(0, counted);
        let place = match self.free.pop() {
            Some(place) => {
                self.slots[place] = Some(slot);
                place
            }
            None => {
                self.slots.push(Some(slot));
                self.slots.len() - 1
            }
        };
        self.places.insert(key, place);
        place
    }

    /// Counts the memory of a chunk anew after its bytes have grown or shrunk.
    pub fn recount(&mut self, place: usize) {
        if let Some(Some(slot)) = self.slots.get_mut(place) {
            let now = slot.bytes.capacity();
            self.account.change(slot.counted, now);
            slot.counted = now;
        }
    }

    /// Notes that bytes of a chunk were changed: so many, all of them within a range. Says whether those were the last ones of a new chunk.
    pub fn mark(&mut self, place: usize, changed: Range<usize>, written: usize) -> bool {
        if let Some(Some(slot)) = self.slots.get_mut(place) {
            slot.touched = None;
        }
        self.change(place, changed, written)
    }

    fn change(&mut self, place: usize, changed: Range<usize>, written: usize) -> bool {
        let Some(Some(slot)) = self.slots.get_mut(place) else {
            return false;
        };
        let is_new = slot.remaining > 0;
        *slot.used.get_mut() = true;
        if slot.remaining > 0 {
            slot.remaining = slot.remaining.saturating_sub(written);
            if slot.remaining == 0 {
                self.filled.insert(slot.key);
            }
        }
        slot.dirty = Some(match slot.dirty.take() {
            None => {
                self.dirty.insert(slot.key);
                changed
            }
            Some(before) => before.start.min(changed.start)..before.end.max(changed.end),
        });
        is_new && slot.remaining == 0
    }

    /// As [`mark`](Self::mark), of the elements of a walk, of so many bytes each; those that were written are told from those between them.
    pub fn mark_walk(&mut self, place: usize, walk: &Walk, size: usize, written: usize) -> bool {
        let (start, end) = walk.target_range(size);
        if let Some(touched) = self.telling_apart(place) {
            touched.add_walk(walk, size);
        }
        self.change(place, start..end, written)
    }

    /// Notes that elements of so many bytes were written to a part of a dataset in one piece: the first at a place, each so far behind the one before it.
    pub fn touch(&mut self, slot: usize, place: usize, step: isize, count: usize, size: usize) {
        let last = place.wrapping_add_signed(step.wrapping_mul(count as isize - 1));
        if let Some(touched) = self.telling_apart(slot) {
            touched.add_each(place, step, count, size);
        }
        self.change(slot, place.min(last)..place.max(last) + size, 0);
    }

    /// What tells which bytes of a chunk were written, if that is to be told; the file has no part of one that is new.
    fn telling_apart(&mut self, place: usize) -> Option<&mut Touched> {
        let slot = self.slots.get_mut(place)?.as_mut()?;
        if slot.dirty.is_none() && slot.remaining == 0 {
            slot.touched = Some(Box::new(Touched::of(slot.bytes.len())));
        }
        slot.touched.as_deref_mut()
    }

    /// Notes that a chunk was written to the file as a whole.
    pub fn note_stored(&mut self, key: ChunkKey) {
        if self.stored.len() < MOST_STORED {
            self.stored.insert(key);
        }
    }

    /// Notes that there is another last commit.
    pub fn note_commit(&mut self) {
        self.stored.clear();
        self.through.clear();
    }

    /// Takes note that so many bytes of a part of a chunk are written past memory; false if the chunk had better come there, since as many bytes as it has
    /// were written so since the last commit.
    pub fn passes_through(&mut self, key: ChunkKey, bytes: usize, whole: usize) -> bool {
        if self.through.len() >= MOST_STORED {
            self.through.clear();
        }
        let written = self.through.entry(key).or_default();
        *written += bytes;
        *written <= whole
    }

    /// Whether it was since the last commit.
    pub fn is_stored(&self, key: ChunkKey) -> bool {
        self.stored.contains(&key)
    }

    /// Whether a chunk that is written as a whole waits in memory: it was written since the last commit already, so that this may happen some more times
    /// before the next one.
    pub fn is_repeated(&self, key: ChunkKey, bytes: usize) -> bool {
        let slot = self
            .find(key)
            .and_then(|place| self.slots.get(place)?.as_ref());
        match slot {
            Some(slot) => slot.dirty.is_some() || self.is_stored(key),
            None => self.is_stored(key) && memory::is_plentiful(bytes),
        }
    }

    /// Keeps a chunk that was just written or read whole, for those who read it again soon, while little is kept; it takes the place of
    /// older ones that nobody has used since, never that of chunks that were.
    pub fn keep_whole(&mut self, key: ChunkKey, bytes: Vec<u8>, again: Rereading) {
        match again {
            Rereading::Dear => {
                self.keep_while(key, bytes, again, |_, more| memory::is_plentiful(more))
            }
            Rereading::Cheap => self.keep_while(key, bytes, again, |kept, more| {
                kept.saturating_add(more) <= memory::limit() / PLAIN_PART
                    && memory::is_plentiful(more)
            }),
        }
    }

    fn keep_while(
        &mut self,
        key: ChunkKey,
        bytes: Vec<u8>,
        again: Rereading,
        has_room: impl Fn(usize, usize) -> bool,
    ) {
        self.remove(key);
        while !has_room(self.kept(again).bytes, bytes.capacity()) {
            if !self.drop_kept(again) {
                buffers::give_back(bytes);
                return;
            }
        }
        self.insert(key, bytes, None);
        self.note_kept(key, again);
    }

    fn kept(&mut self, again: Rereading) -> &mut Kept {
        match again {
            Rereading::Cheap => &mut self.cheap,
            Rereading::Dear => &mut self.dear,
        }
    }

    /// Notes that a chunk, which is not dirty, was just written: nobody has used it since.
    fn note_kept(&mut self, key: ChunkKey, again: Rereading) {
        self.turn += 1;
        let turn = self.turn;
        let Some(slot) = self.get(key) else {
            return;
        };
        *slot.used.get_mut() = false;
        let bytes = slot.bytes.len();
        if let Some((among, before)) = slot.kept.replace((again, turn)) {
            self.kept(among).forget(before);
        }
        let kept = self.kept(again);
        kept.by_turn.insert(turn, (key, bytes));
        kept.bytes += bytes;
    }

    /// Drops the oldest chunk that was kept when it was written and that nobody has used since; false if there is none.
    fn drop_kept(&mut self, again: Rereading) -> bool {
        while let Some((&turn, &(key, _))) = self.kept(again).by_turn.first_key_value() {
            self.kept(again).forget(turn);
            let place = self.find(key);
            let Some(slot) = place.and_then(|place| self.slots.get_mut(place)?.as_mut()) else {
                continue;
            };
            slot.kept = None;
            if slot.dirty.is_none() && !*slot.used.get_mut() {
                self.remove(key);
                return true;
            }
        }
        false
    }

    /// Notes that a chunk of a series is full: unless somebody reads it, it goes when some others have become so.
    ///
    /// One that is not stored yet, since it waits for others to be compressed, is left alone.
    pub fn settle(&mut self, key: ChunkKey) {
        if self.get(key).is_none_or(|slot| slot.dirty.is_some()) {
            return;
        }
        self.note_kept(key, Rereading::Cheap);
        while self.cheap.bytes > SETTLED && self.drop_kept(Rereading::Cheap) {}
    }

    /// Notes that the file may have no part of a chunk.
    pub fn mark_all(&mut self, key: ChunkKey) {
        if let Some(slot) = self.get(key) {
            slot.dirty = Some(0..slot.bytes.len());
            slot.touched = None;
            self.dirty.insert(key);
        }
    }

    /// Notes that the file has all of a chunk.
    pub fn clean(&mut self, key: ChunkKey) {
        self.dirty.remove(&key);
        self.filled.remove(&key);
        if let Some(slot) = self.get(key) {
            slot.dirty = None;
            slot.touched = None;
        }
    }

    /// Drops the bytes of a chunk from `length` on.
    pub fn cut(&mut self, key: ChunkKey, length: usize) {
        self.filled.remove(&key);
        let Some(slot) = self.get(key) else {
            return;
        };
        slot.bytes.truncate(length);
        slot.remaining = slot.remaining.max(1);
        match slot.dirty.clone() {
            Some(dirty) if dirty.start < length => {
                slot.dirty = Some(dirty.start..dirty.end.min(length));
            }
            Some(_) => self.clean(key),
            None => {}
        }
    }

    /// Drops a chunk, with what the file does not have of it.
    pub fn remove(&mut self, key: ChunkKey) {
        if let Some(place) = self.places.remove(&key) {
            self.dirty.remove(&key);
            self.filled.remove(&key);
            if let Some(slot) = self.slots[place].take() {
                if let Some((among, turn)) = slot.kept {
                    self.kept(among).forget(turn);
                }
                self.account.change(slot.counted, 0);
                buffers::give_back(slot.bytes);
            }
            self.free.push(place);
        }
    }

    /// The dataset's chunks in memory, in their order in the file.
    pub fn of_dataset(&self, dataset: u32) -> Vec<ChunkKey> {
        let all = self.places.range((dataset, 0)..=(dataset, u64::MAX));
        all.map(|(&key, _)| key).collect()
    }

    /// Whether any of the dataset's chunks are in memory.
    pub fn has_any(&self, dataset: u32) -> bool {
        let mut all = self.places.range((dataset, 0)..=(dataset, u64::MAX));
        all.next().is_some()
    }

    /// Whether the file does not have all of any of them.
    pub fn is_dirty(&self, dataset: u32) -> bool {
        let mut all = self.dirty.range((dataset, 0)..=(dataset, u64::MAX));
        all.next().is_some()
    }

    /// The dataset's chunks with these numbers that are in memory.
    pub fn in_range(&self, dataset: u32, numbers: RangeInclusive<u64>) -> Vec<ChunkKey> {
        let ends = (dataset, *numbers.start())..=(dataset, *numbers.end());
        self.places.range(ends).map(|(&key, _)| key).collect()
    }

    /// Those of them that are dirty.
    pub fn dirty_in(&self, dataset: u32, numbers: RangeInclusive<u64>) -> Vec<ChunkKey> {
        let ends = (dataset, *numbers.start())..=(dataset, *numbers.end());
        self.dirty.range(ends).copied().collect()
    }

    /// The dataset's dirty chunks, in their order in the file.
    pub fn dirty_of(&self, dataset: u32) -> Vec<ChunkKey> {
        let all = self.dirty.range((dataset, 0)..=(dataset, u64::MAX));
        all.copied().collect()
    }

    /// The dataset's new chunks of which all was written, which are not in the file yet, in their order there.
    pub fn filled_of(&self, dataset: u32) -> impl Iterator<Item = ChunkKey> + '_ {
        let all = self.filled.range((dataset, 0)..=(dataset, u64::MAX));
        all.copied()
    }

    /// Whether so many of those of a dataset are not in the file yet.
    pub fn are_filled(&self, dataset: u32, count: usize) -> bool {
        self.filled.len() >= count && self.filled_of(dataset).take(count).count() == count
    }

    /// The datasets that have dirty chunks.
    pub fn dirty_datasets(&self) -> Vec<u32> {
        let mut datasets: Vec<u32> = self.dirty.iter().map(|key| key.0).collect();
        datasets.dedup();
        datasets
    }

    /// Drops a clean chunk that was not used for a while; false if there is none.
    pub fn drop_clean(&mut self) -> bool {
        // Twice around: the first time takes the marks away.
        for _ in 0..2 * self.slots.len() {
            self.hand = (self.hand + 1) % self.slots.len();
            let Some(slot) = &mut self.slots[self.hand] else {
                continue;
            };
            if slot.dirty.is_some() {
                continue;
            }
            if std::mem::take(slot.used.get_mut()) {
                continue;
            }
            let key = slot.key;
            self.remove(key);
            return true;
        }
        false
    }

    /// The dirty chunks that were not used for the longest time, of about so many bytes, in their order in the file.
    pub fn oldest_dirty(&mut self, bytes: usize) -> Vec<ChunkKey> {
        let mut chosen = BTreeSet::new();
        let mut total = 0;
        for round in 0..2 {
            for _ in 0..self.slots.len() {
                if total >= bytes {
                    break;
                }
                self.hand = (self.hand + 1) % self.slots.len();
                let Some(slot) = &mut self.slots[self.hand] else {
                    continue;
                };
                if slot.dirty.is_none() || chosen.contains(&slot.key) {
                    continue;
                }
                if std::mem::take(slot.used.get_mut()) && round == 0 {
                    continue;
                }
                total += slot.bytes.len();
                chosen.insert(slot.key);
            }
        }
        chosen.into_iter().collect()
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Kept {
    fn forget(&mut self, turn: u64) {
        if let Some((_, bytes)) = self.by_turn.remove(&turn) {
            self.bytes -= bytes;
        }
    }
}

impl Drop for ChunkCache {
    fn drop(&mut self) {
        // The account is given back first: what is spare counts as such.
        self.account = Account::default();
        for slot in self.slots.drain(..).flatten() {
            buffers::give_back(slot.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_chunks_go_by_age_and_dirty_ones_stay() {
        let mut cache = ChunkCache::default();
        for number in 0..4 {
            let dirty = (number == 1).then_some(0..10);
            cache.insert((7, number), vec![number as u8; 100], dirty);
        }
        assert_eq!(cache.bytes(), 400);
        assert_eq!(cache.dirty_of(7), [(7, 1)]);
        while cache.drop_clean() {}
        assert_eq!(cache.of_dataset(7), [(7, 1)]);
        assert_eq!(cache.bytes(), 100);
        assert_eq!(cache.oldest_dirty(1), [(7, 1)]);
        let place = cache.find((7, 1)).unwrap();
        cache.mark(place, 50..60, 10);
        assert_eq!(cache.at(place, (7, 1)).unwrap().dirty, Some(0..60));
        assert_eq!(cache.dirty_datasets(), [7]);
        cache.clean((7, 1));
        assert!(cache.dirty_datasets().is_empty());
        while cache.drop_clean() {}
        assert_eq!(cache.bytes(), 0);
        assert!(cache.peek((7, 1)).is_none());
    }

    #[test]
    fn full_chunks_of_series_make_room_for_the_next_unless_they_were_read() {
        let mut cache = ChunkCache::default();
        let bytes = SETTLED / 4;
        for number in 0..8 {
            let dirty = (number == 2).then_some(0..1);
            cache.insert((7, number), vec![0; bytes], dirty);
            cache.settle((7, number));
            if number == 1 {
                assert!(cache.peek((7, 1)).is_some());
            }
        }
        // One was read, one is not stored, and of the others the latest are there.
        let left: Vec<u64> = cache.of_dataset(7).iter().map(|key| key.1).collect();
        assert_eq!(left, [1, 2, 4, 5, 6, 7]);
        assert_eq!(cache.bytes(), 6 * bytes);
    }

    #[test]
    fn of_chunks_that_are_cheap_to_read_again_few_are_kept_and_none_that_is_dear_goes_for_them() {
        let mut cache = ChunkCache::default();
        cache.keep_while((7, 0), vec![0; 100], Rereading::Dear, |_, _| true);
        for round in 0..3 {
            for number in 1..=5 {
                let few = |kept: usize, more: usize| kept + more <= 300;
                cache.keep_while((7, number), vec![0; 100], Rereading::Cheap, few);
                if (round, number) == (2, 4) {
                    assert!(cache.peek((7, 4)).is_some());
                }
            }
        }
        // The same ones written again are not counted twice, and one that was read stays.
        let left: Vec<u64> = cache.of_dataset(7).iter().map(|key| key.1).collect();
        assert_eq!(left, [0, 3, 4, 5]);
        assert_eq!((cache.cheap.bytes, cache.dear.bytes), (300, 100));
        cache.settle((7, 0));
        assert_eq!((cache.cheap.bytes, cache.dear.bytes), (400, 0));
        cache.clear();
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn chunks_kept_when_written_take_the_place_of_their_like_only() {
        let mut cache = ChunkCache::default();
        let keep = |cache: &mut ChunkCache, number, most: usize| {
            let before = cache.account.bytes();
            let dropped = std::cell::Cell::new(0);
            cache.keep_while((7, number), vec![0; 100], Rereading::Dear, |_, bytes| {
                let fits = before - dropped.get() + bytes <= most;
                dropped.set(dropped.get() + 100);
                fits
            });
        };
        // Read by somebody, and never dropped for what is written.
        cache.insert((7, 0), vec![0; 100], None);
        for number in 1..=3 {
            keep(&mut cache, number, 400);
        }
        assert!(cache.peek((7, 1)).is_some());
        keep(&mut cache, 4, 400);
        assert_eq!(cache.of_dataset(7), [(7, 0), (7, 1), (7, 3), (7, 4)]);
        // The same one again is one.
        for _ in 0..3 {
            keep(&mut cache, 4, 1000);
        }
        assert_eq!((cache.dear.by_turn.len(), cache.bytes()), (2, 400));
        // Without room for any, nothing that was read goes.
        keep(&mut cache, 5, 50);
        assert_eq!(cache.of_dataset(7), [(7, 0), (7, 1)]);
        assert_eq!((cache.dear.by_turn.len(), cache.dear.bytes), (0, 0));
    }
}
