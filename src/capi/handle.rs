//! Handles: integers that name an entry of a table, and that go stale when it is closed.
//!
//! A handle is `kind (2 bits) | generation (29 bits) | process (8 bits) | slot (24 bits)`. A slot's generation
//! changes with each use, so that an old handle never names a new entry; the kind keeps a
//! document from being taken for a file, the process a parent's file from being taken for a child's;
//! and small made-up numbers name nothing.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const GENERATIONS: i64 = 1 << 29;
const SLOT_BITS: u32 = 32;
/// The bits of the slot that number it; those above say which process it is in.
const INDEX_BITS: u32 = 24;
const PROCESSES: i64 = 1 << (SLOT_BITS - INDEX_BITS);
const KIND_SHIFT: u32 = 61;

fn index_of(handle: i64) -> usize {
    (handle & ((1 << INDEX_BITS) - 1)) as usize
}

fn process_of(handle: i64) -> i64 {
    (handle >> INDEX_BITS) & (PROCESSES - 1)
}

fn generation_of(handle: i64) -> i64 {
    (handle >> SLOT_BITS) & (GENERATIONS - 1)
}

struct HandleSlot<T> {
    generation: i64,
    entry: Option<Arc<T>>,
}

/// The slots, and which of them are free: the one that was freed last is used first.
struct Slots<T> {
    all: Vec<HandleSlot<T>>,
    free: Vec<usize>,
}

/// All live entries of one kind.
pub(super) struct Table<T> {
    kind: i64,
    noun: &'static str,
    /// Which of a line of forked processes it belongs to.
    process: i64,
    slots: Mutex<Slots<T>>,
}

impl<T> Table<T> {
    /// An empty table. `kind` is 1 to 3, `noun` is what the error calls an entry.
    pub(super) const fn new(kind: i64, noun: &'static str) -> Self {
        Self::of_process(kind, noun, 0)
    }

    /// An empty table of one of several processes, which have the same numbers for different entries.
    pub(super) const fn of_process(kind: i64, noun: &'static str, process: u64) -> Self {
        Self {
            kind,
            noun,
            process: process as i64 & (PROCESSES - 1),
            slots: Mutex::new(Slots {
                all: Vec::new(),
                free: Vec::new(),
            }),
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots<T>> {
        // No code that can panic runs while the table is locked.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a handle is of another process than this table.
    pub(super) fn is_foreign(&self, handle: i64) -> bool {
        handle >> KIND_SHIFT == self.kind && process_of(handle) != self.process
    }

    /// Adds an entry and gives its handle.
    pub(super) fn insert(&self, entry: T) -> i64 {
        let mut slots = self.slots();
        let index = slots.free.pop().unwrap_or_else(|| {
            slots.all.push(HandleSlot {
                generation: 0,
                entry: None,
            });
            slots.all.len() - 1
        });
        let slot = &mut slots.all[index];
        slot.generation = slot.generation % (GENERATIONS - 1) + 1;
        slot.entry = Some(Arc::new(entry));
        (self.kind << KIND_SHIFT)
            | (slot.generation << SLOT_BITS)
            | (self.process << INDEX_BITS)
            | index as i64
    }

    /// The slot that a handle names, when the entry is live.
    fn live<'a>(
        &self,
        slots: &'a mut [HandleSlot<T>],
        handle: i64,
    ) -> Result<&'a mut HandleSlot<T>> {
        slots
            .get_mut(index_of(handle))
            .filter(|slot| {
                handle >> KIND_SHIFT == self.kind
                    && process_of(handle) == self.process
                    && slot.generation == generation_of(handle)
                    && slot.entry.is_some()
            })
            .ok_or_else(|| {
                Error::handle(format!(
                    "{handle} is not the handle of {}: it was never given out, or it is closed",
                    self.noun
                ))
            })
    }

    /// The entry of a handle.
    pub(super) fn get(&self, handle: i64) -> Result<Arc<T>> {
        let mut slots = self.slots();
        let slot = self.live(&mut slots.all, handle)?;
        slot.entry
            .clone()
            .ok_or_else(|| Error::internal("a live slot is empty"))
    }

    /// Takes the entry out, so that its handle goes stale.
    pub(super) fn remove(&self, handle: i64) -> Result<Arc<T>> {
        let mut slots = self.slots();
        let slot = self.live(&mut slots.all, handle)?;
        let entry = slot
            .entry
            .take()
            .ok_or_else(|| Error::internal("a live slot is empty"))?;
        slots.free.push(index_of(handle));
        Ok(entry)
    }

    /// Takes all entries out.
    pub(super) fn drain(&self) -> Vec<Arc<T>> {
        let mut slots = self.slots();
        let Slots { all, free } = &mut *slots;
        let mut entries = Vec::new();
        for (index, slot) in all.iter_mut().enumerate() {
            if let Some(entry) = slot.entry.take() {
                entries.push(entry);
                free.push(index);
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn stale_made_up_and_foreign_handles_are_refused() {
        let files: Table<&str> = Table::new(1, "an open file");
        let documents: Table<&str> = Table::new(2, "a JSON document");
        let first = files.insert("a");
        let document = documents.insert("d");
        assert!(first > 0 && document > 0 && first != document);
        assert_eq!(*files.get(first).unwrap(), "a");
        assert_eq!(*files.remove(first).unwrap(), "a");
        let second = files.insert("b");
        assert_ne!(first, second);
        for wrong in [
            first,
            document,
            0,
            1,
            -1,
            42,
            i64::MAX,
            i64::MIN,
            second + 1,
        ] {
            let error = files.get(wrong).unwrap_err();
            assert_eq!(error.status, Status::Handle, "{wrong}");
            assert!(error.message.contains("an open file"));
            assert_eq!(files.remove(wrong).unwrap_err().status, Status::Handle);
        }
        assert_eq!(*files.get(second).unwrap(), "b");
    }

    #[test]
    fn generations_wrap_without_becoming_zero() {
        let table: Table<u8> = Table::new(3, "x");
        let first = table.insert(0);
        table.remove(first).unwrap();
        table.slots().all[0].generation = GENERATIONS - 1;
        let handle = table.insert(7);
        assert_eq!(table.slots().all[0].generation, 1);
        assert_eq!(*table.get(handle).unwrap(), 7);
    }

    #[test]
    fn freed_slots_are_used_again_and_no_slot_twice() {
        let table: Table<usize> = Table::new(1, "x");
        let handles: Vec<i64> = (0..100).map(|entry| table.insert(entry)).collect();
        for &handle in handles.iter().step_by(3) {
            table.remove(handle).unwrap();
        }
        let again: Vec<i64> = (100..140).map(|entry| table.insert(entry)).collect();
        // 34 were free, so that 6 of the 40 are new.
        assert_eq!(table.slots().all.len(), 106);
        for (entry, &handle) in (100..).zip(&again) {
            assert_eq!(*table.get(handle).unwrap(), entry);
        }
        for (entry, &handle) in handles.iter().enumerate() {
            assert_eq!(table.get(handle).is_ok(), entry % 3 != 0);
        }
        assert_eq!(table.drain().len(), 106);
        let last = table.insert(0);
        assert_eq!(table.slots().all.len(), 106);
        assert!(table.get(last).is_ok() && table.get(again[0]).is_err());
    }
}
