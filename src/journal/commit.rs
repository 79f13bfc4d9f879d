//! Makes what was written since the last commit permanent, as one step.

#![forbid(unsafe_code)]

use super::apply::{Apply, Piece, PieceSource};
use super::belonging::{self, Changing, Unchanged, Windows, FEWEST_ANCHORS};
use super::checksum::checksum;
use super::decision::Step;
use super::format::{
    Header, Index, IndexedExtent, Modified, COMMIT_HEADERS, HEADER_SIZE, INLINE_START,
    MOST_UNWRITTEN, RECORDS, RECORD_ROOM, ZEROS,
};
use super::hooks::{self, Mutant};
use super::overlay::Content;
use super::owner;
use super::ranges::Ranges;
use super::recovery;
use super::session::{Session, WriteKind};
use super::superblock::{self, Superblock};
use super::sys;
use super::words::{io_error, zeroed};
use super::{AtLimit, Durability};
use crate::error::{Error, Result};
use std::io;

/// The journal is written in pieces of this size when it is large.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// A commit of at most so many bytes locks readers out before it writes the journal, which then says at once that it is being taken in.
const TAKEN_IN_AT_ONCE: usize = 64 << 10;
/// And of at most so many ranges.
const RANGES_AT_ONCE: usize = 1 << 10;

/// What a commit has left to do when its journal is whole.
#[derive(Debug)]
enum Ready {
    /// Nothing is new.
    Nothing,
    /// Only what was unwritten was written: a record is all that is missing.
    Ranges,
    /// The journal is whole.
    Written(Written),
    /// A new file is whole but for what is held back, up to this end: its signature is the commit.
    Signature(u64),
}

/// A commit in the journal.
#[derive(Debug)]
struct Written {
    extents: Vec<IndexedExtent>,
    end: u64,
    /// Where the header of an older commit is that waits in the journal too.
    older: Option<usize>,
    /// Whether readers are locked out; None if that was not tried.
    is_alone: Option<bool>,
}

/// A commit that waits to be decided.
#[derive(Debug)]
pub struct Prepared(Ready);

impl Session {
    /// Commits. HDF5 must have flushed everything before.
    ///
    /// When this fails before the journal is complete, the last commit stands and the call may
    /// be repeated. When it fails later, the journal holds the step for the next opening.
    pub fn commit(&mut self) -> Result<()> {
        if self.together {
            return Err(Error::internal(
                "a file that is one of many is committed by itself",
            ));
        }
        self.require_whole()?;
        if !self.is_behind_journal() {
            return self.complete();
        }
        match self.make_ready(None)? {
            Ready::Nothing => self.apply_deferred(),
            Ready::Ranges => self.commit_ranges(self.durability == Durability::Power),
            Ready::Written(written) => {
                self.void_older(&written)?;
                self.complete_commit(&written, true)
            }
            Ready::Signature(end) => self.commit_by_signature(end),
        }
    }

    /// Makes a commit that counts when its step of many files is decided; HDF5 must have flushed everything before. Nothing may
    /// be written before [`finish`](Self::finish) or [`withdraw`](Self::withdraw).
    ///
    /// Says whether it can be taken into the file when it is decided: no other program reads it. When it fails, the last
    /// commit stands.
    pub fn prepare(&mut self, step: Step) -> Result<bool> {
        self.require_whole()?;
        if !self.is_behind_journal() {
            self.complete()?;
            self.prepared = Some(Prepared(Ready::Nothing));
            return Ok(true);
        }
        let ready = self.make_ready(Some(step))?;
        let is_new = self.new_file;
        let has_to_be_applied = self.deferred || matches!(ready, Ready::Written(_));
        self.prepared = Some(Prepared(ready));
        if hooks::mutant(Mutant::ApplyBeforeDecision) {
            self.finish(true)?;
            self.prepared = Some(Prepared(Ready::Nothing));
        }
        if !has_to_be_applied || is_new {
            return Ok(true);
        }
        let is_full = self.at_limit == AtLimit::Apply && self.is_at_limit();
        Ok(self.lock_out_readers()? || is_full)
    }

    /// Goes on after the decision: the prepared commit is the last one, and is taken into the file or waits.
    pub fn finish(&mut self, apply: bool) -> Result<()> {
        let Some(Prepared(ready)) = self.prepared.take() else {
            return Ok(());
        };
        if !self.is_behind_journal() {
            return Ok(());
        }
        let done = match ready {
            Ready::Nothing if apply => self.apply_deferred(),
            Ready::Nothing | Ready::Ranges | Ready::Signature(_) => Ok(()),
            Ready::Written(written) => self
                .void_older(&written)
                .and_then(|()| self.complete_commit(&written, apply)),
        };
        self.let_readers_in();
        done
    }

    /// Takes a prepared commit back: the step was not decided, and will not be.
    pub fn withdraw(&mut self) -> Result<()> {
        let Some(Prepared(ready)) = self.prepared.take() else {
            return Ok(());
        };
        if !self.is_behind_journal() {
            return Ok(());
        }
        self.let_readers_in();
        let Ready::Written(written) = ready else {
            return Ok(());
        };
        let path = self.file.path().to_path_buf();
        let voided = self.void_journal(false).and_then(|()| {
            // Nor may a power cut bring it back when a later step is decided.
            match self.durability {
                Durability::Power => self.journal.open_file()?.sync(),
                _ => Ok(()),
            }
        });
        self.header = written.older.unwrap_or(self.header);
        self.changed_windows.clear();
        voided.map_err(|error| {
            let error = io_error("write the journal of", &path, &error);
            self.poison(&error);
            error
        })
    }

    /// Leaves a prepared commit to the next opening: nobody here knows whether it is decided.
    pub fn leave_undecided(&mut self) {
        if self.prepared.is_some() {
            self.let_readers_in();
            self.poison(&Error::io(
                "it is not known whether the latest commit of all ranks was decided: close the file and open it again",
            ));
        }
    }

    fn require_whole(&self) -> Result<()> {
        if self.prepared.is_some() {
            return Err(Error::internal("a commit is under way already"));
        }
        if let Some(reason) = &self.poison {
            return Err(Error::io(format!(
                "nothing more can be committed to '{}' until it is closed and opened again, because of an earlier failure: {}",
                self.file.path().display(),
                reason.message
            )));
        }
        Ok(())
    }

    /// Does all of a commit but for what follows when the journal is whole.
    fn make_ready(&mut self, step: Option<Step>) -> Result<Ready> {
        let end = self.allocated_end;
        self.overlay.truncate(end);
        self.unwritten.remove(end, u64::MAX);
        self.stale.remove(end, u64::MAX);
        // Before anything else: this may be what a full disk has kept out of the file.
        self.write_late()?;
        self.bound_unwritten()?;
        let nothing_waits = !self.deferred
            && self.overlay.is_empty()
            && self.stale.is_empty()
            && end == self.committed_end;
        let same_bytes = nothing_waits
            || (self.deferred
                && !self.overlay.is_changed()
                && self.unwritten == self.recorded
                && end == self.committed_end);
        if same_bytes && self.unwritten == self.recorded {
            self.release_reserve();
            return Ok(Ready::Nothing);
        }
        self.require_journal()?;
        self.require_own_journal()?;
        self.require_room_to_wait()?;
        let path = self.file.path().to_path_buf();
        let facts = self
            .file
            .facts()
            .map_err(|error| io_error("look at", &path, &error))?;
        if facts.size != self.physical_end && !hooks::mutant(Mutant::SkipSizeCheck) {
            let error = Error::io(format!(
                "'{}' has {} bytes where {} were written: another program has changed it while it was open here, and it may be damaged",
                path.display(),
                facts.size,
                self.physical_end
            ));
            self.poison(&error);
            return Err(error);
        }
        if !nothing_waits {
            self.check_superblock(end)?;
        }
        let has_holes = facts.allocated < end.min(facts.size) || self.reserved;
        self.make_room(end, has_holes)?;
        let power = self.durability == Durability::Power;
        if power && !hooks::mutant(Mutant::SkipSyncOfFileBeforeJournal) {
            self.file.sync().map_err(|error| {
                let error = io_error("sync", &path, &error);
                self.poison(&error);
                error
            })?;
        }
        let by_signature = step.is_none() && self.is_made_by_signature();
        // A file that is closed with its first commit has had no need of a journal.
        if !(by_signature && self.ends && self.base == 0) {
            self.emerge()?;
        }
        if by_signature {
            return Ok(Ready::Signature(end));
        }
        let first_direct = if self.new_file {
            self.boundary()
        } else {
            self.committed_end
        };
        let changing = Changing {
            overlay: &self.overlay,
            unwritten: &self.unwritten,
        };
        let mut windows = Windows::new(end);
        belonging::refresh_anchors(
            &mut self.anchors,
            &changing,
            &mut Unchanged {
                file: &self.file,
                blocks: &self.blocks,
                windows: &mut windows,
            },
            first_direct,
            end,
            self.base,
        )
        .map_err(|error| io_error("read", &path, &error))?;
        self.make_record_room()
            .map_err(|error| io_error("write the journal of", &path, &error))?;
        // A step of many files needs a header, which can wait to be decided.
        if nothing_waits && step.is_none() {
            return Ok(Ready::Ranges);
        }
        let older = self.deferred.then_some(self.header);
        let is_alone = match step.is_none() && self.is_taken_in_at_once() {
            true => Some(self.lock_out_readers()?),
            false => None,
        };
        let extents = if hooks::mutant(Mutant::ApplyInPlaceWithoutJournal) {
            Vec::new()
        } else {
            self.make_permanent(end, power, step, is_alone == Some(true), &mut windows)?
        };
        Ok(Ready::Written(Written {
            extents,
            end,
            older,
            is_alone,
        }))
    }

    /// Whether a commit is so small that readers need not be let in until its journal is whole.
    fn is_taken_in_at_once(&self) -> bool {
        self.durability != Durability::Power
            && !self.new_file
            && !self.deferred
            && self.overlay.memory() <= TAKEN_IN_AT_ONCE
            && self.overlay.count() <= RANGES_AT_ONCE
    }

    /// Whether the first commit of a new file needs no journal: without its signature the file is none, so that there is nothing to go
    /// back to, and all that is held back is in the sector of the signature, which reaches the disk with it or before.
    fn is_made_by_signature(&self) -> bool {
        let boundary = self.boundary();
        let is_held_back = |(address, content): (u64, &Content)| {
            matches!(content, Content::Memory(_)) && address + content.length() <= boundary
        };
        self.new_file
            && self.unwritten.is_empty()
            && self.stale.is_empty()
            && self.overlay.extents().all(is_held_back)
            && !hooks::mutant(Mutant::ReleaseHeldBackBytes)
    }

    /// Commits a new file by writing what was held back, its signature last.
    ///
    /// When this fails, and the signature is not there, nothing is committed, and the call may be repeated.
    fn commit_by_signature(&mut self, end: u64) -> Result<()> {
        let path = self.file.path().to_path_buf();
        let is_told = self.journal.exists();
        let begun = match is_told {
            true => self.journal.begin_applying(),
            false => Ok(()),
        };
        let applied = begun.and_then(|()| self.apply(end));
        if let Err(error) = &applied {
            let error = io_error("write", &path, error);
            let mut found = [0; superblock::SIGNATURE.len()];
            let is_read = self.file.read_at(&mut found, self.base).is_ok();
            if !is_read {
                self.poison(&error);
            }
            if !is_read || found != superblock::SIGNATURE {
                return Err(error);
            }
            // All of it is there, whatever was said of the last write, or of cutting the file.
        }
        self.committed_end = end;
        self.sequence += 1;
        self.release_reserve();
        let is_all = self.durability != Durability::Power;
        let told = self.count_taken_in(is_all);
        let done = told.and_then(|()| match self.durability {
            Durability::Power => self.sync_new_file(),
            _ => Ok(()),
        });
        if let Err(error) = done {
            let error = Error::io(format!(
                "the step is safe in '{}' unless the computer stops, but what belongs to it could not be written ({error}); close the file and open it again",
                path.display()
            ));
            self.poison(&error);
            return Err(error);
        }
        self.note_taken_in(end, is_all);
        if applied.is_err() {
            let facts = self.file.facts();
            let size = facts
                .map_err(|error| io_error("look at", &path, &error))?
                .size;
            (self.physical_end, self.touched_end) = (size, size);
        }
        Ok(())
    }

    /// Waits until a new file, and its name, are on the disk.
    fn sync_new_file(&mut self) -> io::Result<()> {
        if !hooks::mutant(Mutant::SkipSyncOfAppliedFile) {
            self.file.sync()?;
        }
        self.sync_names()
    }

    /// Takes the older of two commits in the journal away.
    fn void_older(&mut self, written: &Written) -> Result<()> {
        let Some(older) = written.older else {
            return Ok(());
        };
        // From here on the older one could only do harm.
        let journal = self.journal.open_file();
        let voided = journal.and_then(|journal| journal.write_at(&[0; 8], COMMIT_HEADERS[older]));
        voided.map_err(|error| self.leave_in_journal(&error))
    }

    /// Goes on from a commit that is whole in the journal.
    fn complete_commit(&mut self, written: &Written, may_apply: bool) -> Result<()> {
        let end = written.end;
        // The commit is made: what is left can be done from the journal at any time.
        let old_end = std::mem::replace(&mut self.committed_end, end);
        self.recorded.clone_from(&self.unwritten);
        self.sequence += 1;
        self.release_reserve();
        let may_wait = self.at_limit == AtLimit::Refuse || !self.is_at_limit();
        let waits_for_readers = !self.new_file
            && may_wait
            && !hooks::mutant(Mutant::ApplyBesideReaders)
            && !match written.is_alone {
                Some(is_alone) => is_alone,
                None => may_apply && self.lock_out_readers()?,
            };
        if waits_for_readers {
            self.overlay.leave_to_journal(&written.extents);
            self.deferred = true;
            self.note_direct_ranges();
            self.grow_for_next_commit(old_end, end);
            return Ok(());
        }
        self.take_into_file(self.durability == Durability::Power)
    }

    /// Fails if another writer has taken the journal away, as one on another computer can where locks hold on one
    /// computer only.
    fn require_own_journal(&mut self) -> Result<()> {
        let Ok(journal) = self.journal.open_file() else {
            return Ok(());
        };
        if journal.facts().is_ok_and(|facts| facts.links > 0) {
            return Ok(());
        }
        let error = Error::io(format!(
            "the journal of '{}' was taken away while the file was open here: another program{}, has opened the file for writing, \
             and it may be damaged; nothing more is committed from here",
            self.file.path().display(),
            owner::writer_of(self.journal.path())
        ));
        self.poison(&error);
        Err(error)
    }

    /// Whether the journal has become as large as it may while commits wait for readers.
    fn is_at_limit(&self) -> bool {
        self.journal.length() > self.waiting_limit
    }

    /// Fails if commits have waited for readers too long, and the readers are still there.
    fn require_room_to_wait(&mut self) -> Result<()> {
        let is_full = self.deferred && self.at_limit == AtLimit::Refuse && self.is_at_limit();
        if !is_full {
            return Ok(());
        }
        if self.lock_out_readers()? {
            self.let_readers_in();
            return Ok(());
        }
        let path = self.file.path();
        Err(Error::locked(format!(
            "the commits to '{}' that wait for its readers have filled the {} bytes that \"waiting_limit\" allows; \
             this step is not committed, and can be when they have gone: {}",
            path.display(),
            self.waiting_limit,
            owner::readers(self.identity)
        )))
    }

    /// Writes the journal; an error leaves the commit before it. `is_alone` says that readers are locked out: the journal tells them that the
    /// commit is being taken in.
    fn make_permanent(
        &mut self,
        end: u64,
        power: bool,
        step: Option<Step>,
        is_alone: bool,
        windows: &mut Windows,
    ) -> Result<Vec<IndexedExtent>> {
        let path = self.file.path().to_path_buf();
        let (old_header, was_deferred) = (self.header, self.deferred);
        self.header = if was_deferred { 1 - old_header } else { 0 };
        if is_alone {
            self.journal.announce();
        }
        let written = self.write_journal(end, step, windows).and_then(|extents| {
            if power {
                self.sync_journal()?;
            }
            Ok(extents)
        });
        match written {
            Ok(extents) => Ok(extents),
            Err(error) => {
                let error = io_error("write the journal of", &path, &error);
                // Half a commit is never believed. A whole one that nobody is told of must not be
                // found either, because what is written from here on may spoil it.
                let is_void = self.void_journal(false).is_ok();
                if !is_void && (step.is_some() || self.journal_may_be_whole()) {
                    self.poison(&error);
                }
                if is_alone {
                    // Should they not be told, readers wait for the next commit, or the close.
                    let _ = self.journal.take_back();
                    self.let_readers_in();
                }
                self.changed_windows.clear();
                self.header = old_header;
                Err(error)
            }
        }
    }

    /// Ends an opening whose last commit is only in the journal.
    fn leave_in_journal(&mut self, error: &io::Error) -> Error {
        self.half_applied = true;
        let error = Error::io(format!(
            "the step is safe in '{}', but could not be taken into the file ({error}); close the file and open it again, keeping both files together",
            self.journal.path().display()
        ));
        self.poison(&error);
        error
    }

    /// Takes a commit into the file that waits for readers, if they have gone.
    pub fn apply_deferred(&mut self) -> Result<()> {
        // What a step has begun to change is not the commit's any more.
        let is_ready = self.deferred
            && self.prepared.is_none()
            && self.poison.is_none()
            && !self.overlay.is_changed()
            && self.unwritten == self.recorded;
        if is_ready && self.lock_out_readers()? {
            // Nor is what it has written behind the end, which stays.
            let touched_end = self.touched_end;
            if !hooks::mutant(Mutant::CutUnderStep) {
                self.touched_end = touched_end.min(self.committed_end);
            }
            let done = self.take_into_file(self.durability == Durability::Power);
            self.touched_end = touched_end;
            return done;
        }
        Ok(())
    }

    /// Takes the last commit into the file, which nobody else reads.
    fn take_into_file(&mut self, power: bool) -> Result<()> {
        let end = self.committed_end;
        let begun = match self.journal.exists() {
            true => self.journal.begin_applying(),
            false => Ok(()),
        };
        // The commit itself is needed no more when its bytes are in the file, unless it takes more.
        let is_all = !power && self.recorded.is_empty() && !self.has_record;
        let applied = begun
            .and_then(|()| self.apply(end))
            .and_then(|()| self.count_taken_in(is_all));
        self.let_readers_in();
        let applied = applied.and_then(|()| {
            if power && !hooks::mutant(Mutant::SkipSyncOfAppliedFile) {
                self.file.sync()?;
            }
            Ok(())
        });
        // The record says from here on what is not written. Until it does, the commit itself does.
        let done = applied.and_then(|()| self.record_unwritten(end, self.sequence - 1, power));
        if let Err(error) = done {
            return Err(self.leave_in_journal(&error));
        }
        self.note_taken_in(end, is_all);
        Ok(())
    }

    /// Tells readers that the last commit is in the file, and, if that `is_all` there is to do for it, says that there is nothing to replay.
    ///
    /// Of a file that is closed with it, of which nothing is left to do, the journal goes instead: readers find that, and a file that has changed.
    fn count_taken_in(&mut self, is_all: bool) -> io::Result<()> {
        if !self.journal.exists() {
            return Ok(());
        }
        let is_over = is_all && self.ends && !self.together;
        if is_over && self.journal.remove().is_ok() {
            return Ok(());
        }
        if !is_all || hooks::mutant(Mutant::SkipVoidingOfJournal) {
            return self.journal.count_applied(self.sequence);
        }
        // The note of a new file lies behind both headers.
        let header = match self.new_file {
            true => 0,
            false => COMMIT_HEADERS[self.header],
        };
        self.journal.finish_applying(self.sequence, header)
    }

    /// Notes that the last commit is in the file; `is_void` says that there is nothing to replay any more.
    fn note_taken_in(&mut self, end: u64, is_void: bool) {
        if !is_void {
            // If this fails, replaying the commit is merely idle work.
            let _ = self.void_journal(self.new_file);
        }
        self.overlay.clear();
        self.stale = Ranges::default();
        self.journal.reset();
        self.deferred = false;
        self.direct.clone_from(&self.recorded);
        self.applied_recorded.clone_from(&self.recorded);
        self.header = 0;
        let old_end = std::mem::replace(&mut self.applied_end, end);
        if self.touched_end > end {
            self.touched_end = end;
            self.physical_end = end;
        }
        self.new_file = false;
        self.grow_for_next_commit(old_end, end);
    }

    /// Makes sure that HDF5 has written a superblock that agrees with the end of the file; where
    /// space was allocated past HDF5, the superblock is made to agree.
    pub(super) fn check_superblock(&mut self, end: u64) -> Result<()> {
        let base = self.base;
        let is_untouched =
            self.is_behind_journal() && !self.overlay.touches(base, superblock::LARGEST as u64);
        let found = match self.superblock.filter(|_| is_untouched) {
            Some(known) => Some(known),
            None => {
                let mut bytes = [0; superblock::LARGEST];
                self.read(base, &mut bytes)?;
                Superblock::parse(&bytes, base)
            }
        };
        self.superblock = found;
        match found {
            Some(superblock) if superblock.end == end => {
                self.extended = false;
                Ok(())
            }
            Some(superblock) if self.extended && self.say_end(&superblock, end)? => {
                self.superblock = Some(Superblock { end, ..superblock });
                self.extended = false;
                Ok(())
            }
            _ if hooks::mutant(Mutant::CommitInsideFlush) => Ok(()),
            found => Err(Error::internal(format!(
                "'{}' cannot be committed: its data end at byte {end}, but its superblock says {:?}",
                self.file.path().display(),
                found.map(|superblock| superblock.end)
            ))),
        }
    }

    /// Has the superblock say where the data end, as HDF5 would write it, had it allocated the space itself; false if that cannot be said.
    fn say_end(&mut self, superblock: &Superblock, end: u64) -> Result<bool> {
        let mut bytes = [0; superblock::LARGEST];
        self.read(superblock.address, &mut bytes)?;
        let Some((place, bytes)) = superblock.with_end(&bytes, end) else {
            return Ok(false);
        };
        self.blocks.change(place, &bytes);
        self.write_plainly(place, &bytes, WriteKind::Metadata)?;
        Ok(true)
    }

    /// Commits a step that has only written what was unwritten: a new record is all it takes.
    fn commit_ranges(&mut self, power: bool) -> Result<()> {
        let before = std::mem::replace(&mut self.recorded, self.unwritten.clone());
        if let Err(error) = self.record_unwritten(self.committed_end, self.sequence, power) {
            self.recorded = before;
            return Err(io_error("write the journal of", self.file.path(), &error));
        }
        self.direct.clone_from(&self.recorded);
        self.applied_recorded.clone_from(&self.recorded);
        self.release_reserve();
        self.sequence += 1;
        // The step is committed: should they not be told, readers see the one before.
        let _ = self.journal.count_record(self.sequence);
        Ok(())
    }

    /// Takes the disk space for records before anything is committed, so that none fails for want of it.
    fn make_record_room(&mut self) -> io::Result<()> {
        if self.unwritten.is_empty() || self.has_record_room {
            return Ok(());
        }
        let zeros = zeroed(2 * RECORD_ROOM as usize)?;
        self.journal.file()?.write_at(&zeros, RECORDS[0])?;
        self.has_record_room = true;
        Ok(())
    }

    /// Writes the record of what is unwritten beside the one that counts until this one is whole.
    fn record_unwritten(&mut self, end: u64, sequence: u64, power: bool) -> io::Result<()> {
        if self.recorded.is_empty() && !self.has_record {
            return Ok(());
        }
        if hooks::mutant(Mutant::SkipUnwrittenRecord) {
            return Ok(());
        }
        let index = Index {
            anchors: self.anchors.clone(),
            // What the commit has changed must be there as it left it.
            modified: self
                .changed_windows
                .iter()
                .filter(|window| {
                    let end = window.address + window.length;
                    !self.recorded.touches(window.address, end)
                })
                .copied()
                .collect(),
            extents: Vec::new(),
            unwritten: self.recorded.iter().collect(),
        }
        .encode();
        let place = RECORDS[(sequence % 2) as usize];
        let header = Header {
            new_file: false,
            by_identity: self.anchors.len() < FEWEST_ANCHORS,
            sequence,
            identity: self.identity,
            old_end: end,
            new_end: end,
            signature: self.base,
            index_offset: place + HEADER_SIZE as u64,
            index_length: index.len() as u64,
            step: None,
        };
        let mut bytes = header.encode(&index);
        bytes.extend_from_slice(&index);
        let journal = self.journal.file()?;
        journal.write_at(&bytes, place)?;
        // An empty record outlives all commits without any.
        self.has_record = !self.recorded.is_empty();
        if power && !hooks::mutant(Mutant::SkipSyncOfUnwrittenRecord) {
            self.sync_journal()?;
        }
        Ok(())
    }

    /// Makes zeros of what is more than a record holds, the smallest ranges first.
    fn bound_unwritten(&mut self) -> Result<()> {
        let excess = self.unwritten.count().saturating_sub(MOST_UNWRITTEN);
        if excess == 0 {
            return Ok(());
        }
        let mut ranges: Vec<(u64, u64)> = self.unwritten.iter().collect();
        ranges.sort_by_key(|(start, end)| end - start);
        for (start, end) in ranges.into_iter().take(excess + MOST_UNWRITTEN / 4) {
            let mut position = start;
            for (from, to) in self
                .waiting_parts(start, end)
                .into_iter()
                .chain([(end, end)])
            {
                let until = from.min(self.touched_end);
                if until > position {
                    self.file
                        .zero(position, until - position)
                        .map_err(|error| io_error("write", self.file.path(), &error))?;
                }
                self.overlay.zero(from, to);
                position = to;
            }
            self.unwritten.remove(start, end);
            self.stale.remove(start, end);
        }
        Ok(())
    }

    /// Gives the file its new size, and its holes the disk space that the step will need.
    fn make_room(&mut self, end: u64, has_holes: bool) -> Result<()> {
        let path = self.file.path().to_path_buf();
        if self.physical_end < end {
            self.set_size(end)?;
        }
        if has_holes {
            for (address, content) in self.overlay.extents() {
                self.file
                    .reserve(address, content.length())
                    .map_err(|error| io_error("reserve space for", &path, &error))?;
            }
        }
        Ok(())
    }

    /// Writes the journal; with its last byte the commit is made.
    fn write_journal(
        &mut self,
        end: u64,
        step: Option<Step>,
        windows: &mut Windows,
    ) -> io::Result<Vec<IndexedExtent>> {
        let known = match self.deferred {
            false => &self.changed_windows[..],
            true => &[],
        };
        let modified = belonging::modified_windows(
            &self.overlay,
            (&self.file, windows),
            &self.journal,
            self.committed_end,
            known,
        )?;
        let index_length = Index::size(
            self.anchors.len(),
            modified.len(),
            self.overlay.count(),
            self.unwritten.count(),
        );
        let total = index_length + self.overlay.memory();
        let inline = INLINE_START + total as u64 <= RECORDS[0] && !self.deferred;
        let index_offset = if inline {
            INLINE_START
        } else {
            self.journal.free_offset()
        };

        let mut index = Index {
            anchors: self.anchors.clone(),
            modified,
            extents: Vec::new(),
            unwritten: self.unwritten.iter().collect(),
        };
        let mut source = index_offset + index_length as u64;
        self.journal.file()?;
        for (address, content) in self.overlay.extents() {
            let length = content.length();
            let mut extent = IndexedExtent {
                address,
                length,
                source,
                checksum: 0,
            };
            match content {
                Content::Memory(bytes) => {
                    extent.checksum = checksum(bytes);
                    source += length;
                }
                Content::Spilled {
                    offset,
                    checksum: known,
                    ..
                } => {
                    extent.source = *offset;
                    extent.checksum = match known {
                        Some(known) => *known,
                        None => {
                            let mut bytes = zeroed(length as usize)?;
                            self.journal.open_file()?.read_at(&mut bytes, *offset)?;
                            checksum(&bytes)
                        }
                    };
                }
                Content::Zeros(_) => extent.source = ZEROS,
            }
            index.extents.push(extent);
        }
        // The record of this commit finds these windows as it leaves them.
        self.changed_windows.clear();
        self.changed_windows
            .extend(index.modified.iter().map(|window| Modified {
                old: window.new,
                ..*window
            }));
        let header = Header {
            new_file: false,
            by_identity: self.anchors.len() < FEWEST_ANCHORS,
            sequence: self.sequence,
            identity: self.identity,
            old_end: self.committed_end,
            new_end: end,
            signature: self.base,
            index_offset,
            index_length: index_length as u64,
            step,
        };
        let encoded = index.encode();
        let extents = index.extents;
        let index = encoded;
        let mut header = header.encode(&index);
        // One write does it all, unless the note of a new file has to outlive a torn one.
        let at_once = inline && !self.new_file;
        let mut buffer = Vec::new();
        buffer
            .try_reserve(INLINE_START as usize + total.min(WRITTEN_AT_ONCE))
            .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let mut offset = index_offset;
        if at_once {
            buffer.append(&mut header);
            self.journal.fill_preamble(&mut buffer);
            offset = 0;
        }
        let journal = self.journal.open_file()?;
        buffer.extend_from_slice(&index);
        for (_, content) in self.overlay.extents() {
            if let Content::Memory(bytes) = content {
                if buffer.len() + bytes.len() > WRITTEN_AT_ONCE + INLINE_START as usize {
                    journal.write_at(&buffer, offset)?;
                    offset += buffer.len() as u64;
                    buffer.clear();
                }
                buffer.extend_from_slice(bytes);
            }
        }
        if !buffer.is_empty() {
            journal.write_at(&buffer, offset)?;
        }
        if !at_once {
            journal.write_at(&header[..HEADER_SIZE], COMMIT_HEADERS[self.header])?;
        }
        let journal_end = if inline {
            0
        } else {
            index_offset + total as u64
        };
        self.journal.freeze(journal_end);
        Ok(extents)
    }

    /// Whether the next recovery could find a commit in the journal.
    fn journal_may_be_whole(&self) -> bool {
        match self.journal.open_file() {
            Ok(file) => match recovery::load(file) {
                Ok(found) => found.is_some_and(|(header, _)| header.sequence >= self.sequence),
                Err(_) => true,
            },
            Err(_) => false,
        }
    }

    /// Waits until the journal, and its name, are on the disk.
    fn sync_journal(&mut self) -> io::Result<()> {
        let synced = self.sync_journal_and_name();
        if let Err(error) = &synced {
            // The operating system may have dropped bytes that are not written again.
            let error = io_error("sync the journal of", self.file.path(), error);
            self.poison(&error);
        }
        synced
    }

    fn sync_journal_and_name(&mut self) -> io::Result<()> {
        if !hooks::mutant(Mutant::SkipSyncOfJournal) {
            self.journal.open_file()?.sync()?;
        }
        self.sync_names()
    }

    /// Waits, once, until the names of the journal and of the file beside it are on the disk.
    fn sync_names(&mut self) -> io::Result<()> {
        if !self.journal.directory_synced && !hooks::mutant(Mutant::SkipSyncOfDirectory) {
            sys::sync_directory_of(self.journal.path())?;
            self.journal.directory_synced = true;
        }
        Ok(())
    }

    /// Takes the commit into the file.
    fn apply(&self, end: u64) -> io::Result<()> {
        let mut pieces: Vec<Piece> = self
            .overlay
            .extents()
            .map(|(address, content)| Piece {
                address,
                source: match content {
                    Content::Memory(bytes) => PieceSource::Bytes(bytes),
                    Content::Spilled { offset, length, .. } => PieceSource::Journal {
                        offset: *offset,
                        length: *length,
                    },
                    Content::Zeros(length) => PieceSource::Zeros(*length),
                },
            })
            .collect();
        // Old bytes of what is allocated and not written go with the commit that allocates it.
        pieces.extend(self.stale.iter().map(|(start, end)| Piece {
            address: start,
            source: PieceSource::Zeros(end - start),
        }));
        pieces.sort_unstable_by_key(|piece| piece.address);
        Apply {
            file: &self.file,
            journal: self.journal.open_file().ok(),
            signature: self.base,
            seal: !self.new_file,
            pieces: &pieces,
            size: self.touched_end,
            end,
        }
        .run()
    }
}
