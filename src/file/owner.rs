//! The one owner of an open file in a process: HDF5's file, and everything that waits in memory.

#![forbid(unsafe_code)]

use super::cache::ChunkCache;
use super::dataset::{self, OpenDataset, Storage};
use super::describing::Latest;
use super::dimensions::Labels;
use super::elsewhere::{Others, Reached};
use super::logs::Logs;
use super::registry;
use super::table::{DatasetTable, LastLink};
use super::vtkhdf::Vtk;
use super::writing::Overwriting;
use crate::codec::quantize;
use crate::error::{Error, Result, Status};
use crate::format::ahead::Ahead;
use crate::format::chunked::{ChunkPlaces, ChunkedDataset};
use crate::format::contiguous::ContiguousDataset;
use crate::format::edited_header::EditedHeader;
use crate::journal::{self, Ending, RawFile, SIGNATURE};
use crate::small::{Gathered, Presence};
use crate::store::h5::ObjectKey;
use crate::store::{self, h5, header, path, Length, Open, StorageOptions};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A file that is open in this process, shared by all handles to it.
#[derive(Debug)]
pub struct Owner {
    state: Mutex<Option<State>>,
}

impl Owner {
    /// An owner that is about to open its file.
    pub fn new() -> Self {
        Self {
            state: Mutex::new(None),
        }
    }

    /// Waits for other calls on the file and takes it; None once it is closed.
    pub fn lock(&self) -> MutexGuard<'_, Option<State>> {
        match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => marked(poisoned),
        }
    }

    /// Takes the file if no call is on it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, Option<State>>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(marked(poisoned)),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// Takes note that a call ended in a panic: what it has left behind must not be committed.
fn marked<'a>(
    poisoned: PoisonError<MutexGuard<'a, Option<State>>>,
) -> MutexGuard<'a, Option<State>> {
    let mut guard = poisoned.into_inner();
    if let Some(state) = guard.as_mut() {
        state.is_broken = true;
    }
    guard
}

/// When a file is committed.
#[derive(Debug)]
struct Commits {
    /// How long a program that does not commit goes without.
    every: Option<Duration>,
    /// When the file was opened or last committed.
    latest: Duration,
    /// Something was written since.
    pending: bool,
    /// The program commits itself: its last commit is what an exit leaves.
    explicit: bool,
    /// How many there were, from 1 on.
    number: u64,
    /// The calls since the latest look at the clock.
    unlooked: u32,
}

/// So many appends in a row take one look at the clock.
const UNLOOKED: u32 = 8;

/// What is open, and what waits in memory.
pub struct State {
    /// HDF5's file.
    pub(super) hdf5: store::Hdf5File,
    /// Its bytes, past HDF5.
    pub(super) raw: RawFile,
    /// The datasets that are kept open.
    pub(super) datasets: DatasetTable,
    /// Chunks in memory.
    pub(super) cache: ChunkCache,
    /// New objects and attributes that HDF5 does not know of yet.
    pub(super) gathered: Gathered,
    /// How many threads may work on a call, 0 for as many as there are processors.
    pub(super) threads: usize,
    /// The datasets of which HDF5 knows larger extents: an append has failed.
    pub(super) cut_short: BTreeSet<u32>,
    /// The datasets of which the file knows smaller extents, whatever of their chunks is in memory.
    pub(super) grown: BTreeSet<u32>,
    /// Whether the call under way overwrites elements.
    pub(super) overwriting: Overwriting,
    /// How many series were created here.
    pub(super) series_created: usize,
    /// Bytes that were given back to HDF5 by deletions, and that it may use again.
    pub(super) reusable: u64,
    /// What was deleted and is still open, so that HDF5 does not use its room before the next commit.
    pub(super) deleted: Vec<h5::Id>,
    /// The group in which a series began last, and whether series in it may get larger chunks.
    pub(super) latest_group: Option<(Box<str>, bool)>,
    /// The latest description of a dataset.
    pub(super) latest_description: Option<Latest>,
    /// Texts that wait to be appended.
    pub(super) logs: Logs,
    /// What axes are called, as far as the file does not say it yet.
    pub(super) labels: Labels,
    /// What the file has for ParaView.
    pub(super) vtk: Vtk,
    /// Other files into which links lead.
    pub(super) others: Others,
    /// Whether the file was made by this opening, so that all in it is known to be from here.
    pub(super) is_new: bool,
    /// How many handles share it.
    pub(super) handles: usize,
    /// Addresses count from the file's beginning, and have 8 bytes, as lengths have.
    pub(super) is_usual: bool,
    commits: Commits,
    /// A call ended in the middle.
    is_broken: bool,
    /// The disk or the memory refused something since all that waits was stored.
    was_refused: bool,
}

/// What is known of a dataset without HDF5.
enum Sought {
    /// It is open.
    Found(u32),
    /// Nothing is there.
    Missing,
    /// HDF5 has to be asked.
    AskHdf5,
}

impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("State")
            .field("hdf5", &self.hdf5)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Takes an open file.
    pub fn new(hdf5: store::Hdf5File, options: &Open) -> Result<Self> {
        let raw = hdf5.raw()?.clone();
        // Without HDF5 no others are opened.
        let is_usual = !hdf5.is_opened() || is_usual(&raw);
        // Of a file that is only read: writers may go on until the first call.
        raw.release();
        Ok(Self {
            is_usual,
            raw,
            hdf5,
            datasets: DatasetTable::default(),
            cache: ChunkCache::default(),
            gathered: Gathered::default(),
            threads: options.threads,
            cut_short: BTreeSet::new(),
            grown: BTreeSet::new(),
            overwriting: Overwriting::Nothing,
            series_created: 0,
            reusable: 0,
            deleted: Vec::new(),
            latest_group: None,
            latest_description: None,
            logs: Logs::default(),
            labels: Labels::default(),
            vtk: Vtk::default(),
            others: Others::default(),
            is_new: false,
            handles: 1,
            commits: Commits {
                every: options.commits_every(),
                latest: journal::ticks(),
                pending: false,
                explicit: false,
                number: 1,
                unlooked: 0,
            },
            is_broken: false,
            was_refused: false,
        })
    }

    /// Whether an object lies in this file, and not behind an external link.
    pub(super) fn is_here(&self, object: ObjectKey) -> bool {
        object.file == ObjectKey::OWN || self.hdf5.number() == Ok(object.file)
    }

    /// An object's key as the table of open datasets has it: this file's own do not say which file that is, so that HDF5 need
    /// not have it open.
    pub(super) fn own_key(&self, key: ObjectKey) -> Result<ObjectKey> {
        Ok(match key.file == self.hdf5.number()? {
            true => ObjectKey::at(ObjectKey::OWN, key.address()),
            false => key,
        })
    }

    /// Fails if a call ended in the middle, so that nothing here can be relied on.
    pub(super) fn check(&self) -> Result<()> {
        match self.is_broken {
            false => Ok(()),
            true => Err(Error::internal(
                "an earlier call met a defect of this library in its middle: the file can only be closed, at its last commit",
            )),
        }
    }

    /// Lets nothing more be done with the file but closing it, at its last commit.
    pub(super) fn give_up(&mut self) {
        self.is_broken = true;
    }

    /// Notes that something is being written; gives the number of the commit that it will be part of.
    pub(super) fn note_change(&mut self) -> u64 {
        self.commits.pending = true;
        self.commits.number
    }

    /// Whether something was written since the file was opened.
    fn was_written(&self) -> bool {
        self.commits.pending || self.commits.number > 1
    }

    /// Whether something was written that no commit has, when the number of the commit was this.
    pub(super) fn is_pending(&self, number: u64) -> bool {
        number == self.commits.number
    }

    /// Commits for a program that does not commit itself, when it is time; `often` says that this call is one of
    /// many short ones, of which some may go without a look at the clock.
    pub(super) fn commit_if_due(&mut self, often: bool) {
        if !self.hdf5.is_writable() {
            return;
        }
        if often {
            self.commits.unlooked += 1;
            if self.commits.unlooked < UNLOOKED {
                return;
            }
        }
        self.commits.unlooked = 0;
        // What fails here is told by the next commit or by the close.
        let _ = self.raw.apply_waiting_commit();
        let commits = &self.commits;
        let due = |every| {
            commits.pending
                && !commits.explicit
                && journal::ticks().saturating_sub(commits.latest) >= every
        };
        if commits.every.is_some_and(due) {
            // The call has done its work and says so; a disk that is full now is told of by the
            // next commit or by the close.
            self.commits.latest = journal::ticks();
            if let Err(error) = self.commit_now(false) {
                self.note_failure(&error);
            }
        }
    }

    /// Makes all that was written so far durable, as one step.
    pub(super) fn commit(&mut self, explicit: bool) -> Result<()> {
        self.commits.explicit |= explicit;
        self.commit_now(explicit)
    }

    /// As [`commit`](Self::commit), by this library.
    pub(super) fn commit_now(&mut self, explicit: bool) -> Result<()> {
        // What cannot be named is told of, and keeps nothing from being committed.
        let named = self.store_labels(false);
        if named
            .as_ref()
            .is_err_and(|error| error.status == Status::Io)
        {
            return named;
        }
        if self.hdf5.commits_by_reopening() {
            self.finish()?;
            self.forget_datasets();
            self.hdf5.reopen()?;
            self.take_hdf5()?;
        } else {
            self.flush()?;
            self.hdf5.commit(explicit)?;
        }
        self.note_committed();
        named
    }

    /// Makes the file one that is committed together with others.
    pub(super) fn join_run(&mut self) -> Result<()> {
        self.commits.every = None;
        self.commits.explicit = true;
        self.raw.join_run()
    }

    /// Notes that all that was written is committed.
    pub(super) fn note_committed(&mut self) {
        self.hdf5.note_commit();
        self.cache.note_commit();
        if self.is_new {
            self.hdf5.allow_moves();
        }
        self.commits.latest = journal::ticks();
        self.commits.pending = false;
        self.commits.number += 1;
    }

    /// Brings everything that waits in memory into the file; what cannot be stored stays in memory.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.flush_logs()?;
        self.flush_gathered()?;
        let mut outcome = Ok(());
        let mut changed: BTreeSet<u32> = self.cache.dirty_datasets().into_iter().collect();
        changed.extend(self.cut_short.iter().chain(&self.grown));
        for id in changed {
            let flushed = self.flush_dataset(id);
            outcome = outcome.and(flushed);
        }
        outcome.and(self.free_deleted())
    }

    /// Whether something waits in memory.
    pub(super) fn waits(&self) -> bool {
        !self.logs.is_empty()
            || !self.gathered.is_empty()
            || !self.cut_short.is_empty()
            || !self.grown.is_empty()
            || !self.cache.dirty_datasets().is_empty()
    }

    /// Brings all new objects and attributes into the file, where any call can see them.
    pub(super) fn flush_gathered(&mut self) -> Result<()> {
        self.gathered.flush_all(&self.hdf5)
    }

    /// Brings into the file what HDF5 may see at a path, or on the way to it.
    pub(super) fn flush_for(&mut self, path: &str) -> Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        if self.was_refused {
            // Part of a group may be stored: HDF5 must not look into it before the rest is.
            self.flush_gathered()?;
            self.was_refused = false;
        }
        self.gathered.flush_for(&self.hdf5, path)
    }

    /// Takes note of a call's failure: what waits may be stored in part.
    pub(super) fn note_failure(&mut self, error: &Error) {
        self.was_refused |= error.status == Status::Io;
    }

    /// Brings everything into its final form.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.flush()?;
        for id in self.datasets.places() {
            self.finish_dataset(id)?;
        }
        Ok(())
    }

    /// Forgets all open datasets, with what they have in memory.
    pub(super) fn forget_datasets(&mut self) {
        self.cache.clear();
        self.cut_short.clear();
        self.grown.clear();
        self.datasets = DatasetTable::default();
        self.deleted.clear();
    }

    /// Takes HDF5's file as it was opened just now.
    pub(super) fn take_hdf5(&mut self) -> Result<()> {
        self.raw = self.hdf5.raw()?.clone();
        self.is_usual = is_usual(&self.raw);
        self.gathered = Gathered::default();
        Ok(())
    }

    /// Opens a file that was open for reading for writing as well.
    pub(super) fn become_writable(&mut self, options: &Open) -> Result<()> {
        self.forget_datasets();
        let reopened = self.hdf5.become_writable(options);
        self.take_hdf5()?;
        self.raw.release();
        reopened?;
        self.labels = Labels::default();
        self.vtk = Vtk::default();
        self.latest_description = None;
        self.commits.every = options.commits_every();
        self.commits.latest = journal::ticks();
        Ok(())
    }

    /// Closes the file, with everything that was written; it is closed even if that fails.
    pub(super) fn close(mut self) -> Result<()> {
        if self.is_broken {
            self.forget_datasets();
            return self.hdf5.close(Ending::Discard);
        }
        let mut named = Ok(());
        let finished = match self.hdf5.is_writable() && self.was_written() {
            true => {
                self.raw.note_last_step();
                named = self.store_labels(true);
                let finished = match &named {
                    Err(error) if error.status == Status::Io => named.clone(),
                    _ => self.finish(),
                };
                if finished.is_ok() {
                    // A file that stays longer than it could be is whole all the same.
                    let _ = self.shorten();
                }
                finished
            }
            false => Ok(()),
        };
        self.forget_datasets();
        match finished {
            Ok(()) => self.hdf5.close(Ending::Commit).and(named),
            Err(error) => {
                // Half of a step is no step.
                let _ = self.hdf5.close(Ending::Discard);
                Err(error)
            }
        }
    }

    /// Closes the file at its latest commit. Without a journal there is none to go back to: half of what was written would be
    /// left, and so all of it is kept.
    pub(super) fn close_uncommitted(mut self) -> Result<()> {
        if self.is_broken || !self.hdf5.is_writable() || !self.raw.is_behind_journal() {
            return self.close();
        }
        self.forget_datasets();
        if self.is_new && self.commits.number == 1 {
            // Never committed, it would be no HDF5 file.
            self.gathered = Gathered::default();
            self.hdf5.empty()?;
            return self.hdf5.close(Ending::Commit);
        }
        self.hdf5.close(Ending::Discard)
    }

    /// Closes the file because the process exits; nobody is left to be told of a failure.
    ///
    /// All that was written is kept, unless the program commits itself: then its last commit is.
    pub(super) fn close_at_exit(mut self) {
        self.raw.do_not_wait();
        // Without a journal there is no last commit to go back to: half of what was written would be left.
        let goes_back = self.commits.explicit && self.raw.is_behind_journal();
        if goes_back || self.is_broken {
            self.forget_datasets();
            let _ = self.hdf5.close(Ending::Discard);
        } else {
            let _ = self.close();
        }
    }

    /// The words for a dataset in errors.
    pub(super) fn name_of(&self, id: u32) -> String {
        let path = self.datasets.get(id).and_then(|open| open.paths.first());
        format!("dataset '{}'", path.map_or("", |path| path))
    }

    /// How many threads may compress a dataset's chunks.
    pub(super) fn threads_for(&self, id: u32) -> usize {
        let own = self.datasets.get(id).and_then(|open| open.threads);
        own.unwrap_or(self.threads)
    }

    /// HDF5's dataset, opened if it is not yet.
    pub(super) fn require_hdf5(&mut self, id: u32) -> Result<&h5::Dataset> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal(
                "HDF5 is needed for a dataset that is not open",
            ));
        };
        if !open.is_opened_by_hdf5() {
            let path = open.paths.first().map_or("", |path| path);
            let hdf5 = h5::open_dataset(self.hdf5.id()?, path)?;
            open.set_hdf5(hdf5);
        }
        open.hdf5()
    }

    /// Closes a dataset in one piece for HDF5, which takes some KiB for each that is open: what is needed of it is known.
    pub(super) fn leave_to_bytes(&mut self, id: u32) {
        if let Some(open) = self.datasets.get_mut(id) {
            if open.number.is_some() && matches!(open.storage, Storage::Contiguous(Some(_))) {
                open.close_hdf5();
            }
        }
    }

    /// A dataset whose header HDF5 has not looked at, known by it: HDF5 takes several times as long to open a dataset as
    /// to find its link. None if something about it is unusual, or if there is none.
    pub(super) fn find_by_header(&mut self, normal: &str) -> Result<Option<u32>> {
        if !self.is_usual || normal.is_empty() {
            return Ok(None);
        }
        let Some((address, last)) = self.header_place(normal)? else {
            return Ok(None);
        };
        let key = ObjectKey::at(ObjectKey::OWN, address);
        if let Some(id) = self.datasets.find_key(key) {
            self.datasets.note_path(&self.hdf5, normal, id, last)?;
            return Ok(Some(id));
        }
        match self.read_dataset(key)? {
            Some(open) => self.keep_open(normal, open, last).map(Some),
            None => Ok(None),
        }
    }

    /// What a header says that the file has as it is, of a dataset of standard numbers in one piece or in chunks.
    fn read_dataset(&mut self, key: ObjectKey) -> Result<Option<OpenDataset>> {
        let address = key.address();
        // Nothing is read in vain where HDF5 has it.
        if !self.is_as_in_file(address, header::PREFIX as u64) {
            return Ok(None);
        }
        let raw = Ahead::of(&self.raw);
        let Some(header) = EditedHeader::unchanged(&raw, address, header::LARGEST_HEADER)? else {
            return Ok(None);
        };
        let mut pieces = header.places();
        if !pieces.all(|(place, length)| self.is_as_in_file(place, length)) {
            return Ok(None);
        }
        // Nothing of what is read here changes later: a dataset in one piece keeps its type, its extents and its place.
        let fits = |found: &ContiguousDataset| {
            let count: u64 = found.shape.iter().product();
            let bytes = count.checked_mul(found.number.element_size() as u64);
            let address = found.address.unwrap_or(0);
            let end = bytes.and_then(|bytes| address.checked_add(bytes));
            end.is_some_and(|end| end <= self.raw.end() || found.address.is_none())
        };
        if let Some(found) = ContiguousDataset::of(&header).filter(fits) {
            return Ok(OpenDataset::plain(key, found));
        }
        let may_change = self.hdf5.is_writable();
        if may_change && (header.notes_more() || !self.gathered.can_go_past(&self.hdf5)?) {
            return Ok(None);
        }
        if !header.attributes(quantize::ATTRIBUTE).is_empty() {
            return Ok(None);
        }
        // What attributes there are that are not in the header is not looked at.
        let are_elsewhere = header.has_attributes_elsewhere();
        if may_change && are_elsewhere {
            return Ok(None);
        }
        let mut roles = h5::ROLES.iter().map(|role| header.attributes(role));
        let has_role = are_elsewhere || roles.any(|found| !found.is_empty());
        let Some(dataset) = ChunkedDataset::of(&header) else {
            return Ok(None);
        };
        let is_tree = matches!(dataset.index, ChunkPlaces::Tree(_));
        if may_change && is_tree && !self.hdf5.has_usual_trees()? {
            return Ok(None);
        }
        Ok(OpenDataset::lone(key, dataset, has_role))
    }

    /// The dataset at a normal path, opened if it is not yet; None where nothing is.
    pub(super) fn find_dataset(&mut self, normal: &str) -> Result<Option<u32>> {
        match self.find_past_hdf5(normal)? {
            Sought::Found(id) => Ok(Some(id)),
            Sought::Missing => Ok(None),
            Sought::AskHdf5 => self.find_with_hdf5(normal),
        }
    }

    /// The same as far as HDF5 need not be asked.
    fn find_past_hdf5(&mut self, normal: &str) -> Result<Sought> {
        if let Some(id) = self.datasets.find(normal) {
            return Ok(Sought::Found(id));
        }
        self.flush_for(normal)?;
        // That nothing is there, HDF5 need not say.
        if self.hdf5.is_writable()
            && self.gathered.presence(&self.hdf5, normal)? == Presence::Nothing
        {
            return Ok(Sought::Missing);
        }
        let found = self.find_by_header(normal)?;
        Ok(found.map_or(Sought::AskHdf5, Sought::Found))
    }

    fn find_with_hdf5(&mut self, normal: &str) -> Result<Option<u32>> {
        let Some((opened, mut info)) = self.find_by_hdf5(normal)? else {
            return Ok(None);
        };
        info.key = self.own_key(info.key)?;
        if let Some(id) = self.datasets.find_key(info.key) {
            let last = LastLink::Unknown;
            self.datasets.note_path(&self.hdf5, normal, id, last)?;
            return Ok(Some(id));
        }
        let is_here = self.is_here(info.key);
        let open = OpenDataset::learn(opened, info, is_here, false)?;
        if !is_here {
            // It is another file's, which may change without us: it is opened for each call.
            let other = h5::file_of(open.hdf5()?.id())
                .and_then(|file| h5::raw_file(&file))?
                .identity();
            registry::flush_other((other.device, other.inode));
            return Ok(Some(self.datasets.insert(open)));
        }
        self.keep_open(normal, open, LastLink::Unknown).map(Some)
    }

    /// The dataset that HDF5 finds at a normal path.
    fn find_by_hdf5(&self, normal: &str) -> Result<Option<(h5::Dataset, h5::ObjectInfo)>> {
        let find = || dataset::open(self.hdf5.id()?, path::or_root(normal));
        let found = find()?;
        match journal::take_linked().filter(|_| found.is_none()) {
            // It may wait in another file of this process.
            Some(other) if registry::flush_other((other.device, other.inode)) => find(),
            _ => Ok(found),
        }
    }

    /// Takes a dataset into the table.
    fn keep_open(&mut self, normal: &str, open: OpenDataset, last: LastLink) -> Result<u32> {
        while self.datasets.is_full() {
            match self.datasets.oldest() {
                Some(id) => self.close_dataset(id)?,
                None => break,
            }
        }
        let id = self.datasets.insert(open);
        self.datasets.note_path(&self.hdf5, normal, id, last)?;
        Ok(id)
    }

    /// Closes a dataset, of which the file then has everything.
    pub(super) fn close_dataset(&mut self, id: u32) -> Result<()> {
        self.finish_dataset(id)?;
        self.forget_dataset(id);
        Ok(())
    }

    /// Closes a dataset and drops what it has in memory.
    pub(super) fn forget_dataset(&mut self, id: u32) {
        for key in self.cache.of_dataset(id) {
            self.cache.remove(key);
        }
        self.cut_short.remove(&id);
        self.grown.remove(&id);
        self.datasets.remove(id);
    }

    /// The dataset at a path, opened if it is not yet.
    pub(super) fn open_dataset(&mut self, normal: &str) -> Result<u32> {
        let found = self.find_dataset(normal);
        self.require_dataset(normal, found)
    }

    fn require_dataset(&self, normal: &str, found: Result<Option<u32>>) -> Result<u32> {
        match found {
            Ok(Some(id)) => Ok(id),
            Ok(None) => Err(self.hdf5.not_found(normal)),
            Err(error) if error.status == Status::Type => Err(error),
            Err(error) => Err(error.within(format_args!("dataset '{normal}'"))),
        }
    }

    /// Runs `body` with the dataset at a path, and with the dataset's name in its errors.
    pub(super) fn with_dataset<T>(
        &mut self,
        path: &str,
        body: impl FnOnce(&mut Self, u32) -> Result<T>,
    ) -> Result<T> {
        let normal = path::normal(path);
        let id = self.open_dataset(&normal)?;
        self.with_opened(&normal, id, body)
    }

    /// The same for a call that only looks at it, which goes on in another file if it lies there.
    pub(super) fn reach_dataset<T>(
        &mut self,
        path: &str,
        body: impl FnOnce(&mut Self, u32) -> Result<T>,
    ) -> Result<Reached<T>> {
        let normal = path::normal(path);
        let found = match self.find_past_hdf5(&normal) {
            Ok(Sought::Found(id)) => Ok(Some(id)),
            Ok(Sought::Missing) => Ok(None),
            Ok(Sought::AskHdf5) => match self.way(&normal) {
                Some(way) => return Ok(Reached::Elsewhere(way)),
                None => self.find_with_hdf5(&normal),
            },
            Err(error) => Err(error),
        };
        let id = self.require_dataset(&normal, found)?;
        self.with_opened(&normal, id, body).map(Reached::Here)
    }

    /// As [`with_dataset`](Self::with_dataset), with the dataset that was found at a normal path.
    pub(super) fn with_opened<T>(
        &mut self,
        normal: &str,
        id: u32,
        body: impl FnOnce(&mut Self, u32) -> Result<T>,
    ) -> Result<T> {
        let done = body(self, id).map_err(|error| error.within(format_args!("dataset '{normal}'")));
        let is_kept = self
            .datasets
            .get(id)
            .is_some_and(|open| !open.paths.is_empty());
        if !is_kept {
            self.forget_dataset(id);
        }
        done
    }

    /// Creates a dataset at a normal path where nothing may be yet; it is open then.
    pub(super) fn create_dataset(&mut self, normal: &str, options: &StorageOptions) -> Result<u32> {
        let lengths = || Length::of(&options.extent.shape, &options.extent.maxshape);
        self.admit(normal, lengths)?;
        let elements: u64 = options.extent.shape.iter().product();
        let bytes = elements.saturating_mul(options.stored().0.size() as u64);
        let is_past = !self.reuse(bytes)
            && self
                .gathered
                .create_unwritten(&self.hdf5, normal, options)?;
        if is_past {
            return self.open_created(normal, options);
        }
        let created = match self.hdf5.create_dataset(normal, options) {
            Err(error)
                if error.status == Status::Exists && self.displace(normal, &lengths())? =>
            {
                self.hdf5.create_dataset(normal, options)
            }
            created => created,
        };
        let created = created?;
        self.gathered.forget(normal);
        let mut info = h5::info_of(created.id())?;
        info.key = self.own_key(info.key)?;
        let is_here = self.is_here(info.key);
        let is_plain = options.creation.chunks.is_none() && options.creation.fill.is_none();
        let mut open = match is_here && is_plain {
            true => OpenDataset::created_plain(created, info)?,
            false => OpenDataset::learn(created, info, is_here, true)?,
        };
        open.threads = options.threads;
        if is_here && matches!(open.storage, Storage::Chunked(_)) {
            // Should it be closed and opened again, what HDF5 has of it need not be in the file yet.
            self.raw.note_sound(open.key.address());
        }
        self.keep_open(normal, open, LastLink::Hard)
    }

    /// Opens a dataset that was created past HDF5 just now.
    fn open_created(&mut self, normal: &str, options: &StorageOptions) -> Result<u32> {
        let Some(id) = self.find_dataset(normal)? else {
            return Err(Error::internal("a dataset that was created is not there"));
        };
        if let Some(open) = self.datasets.get_mut(id) {
            open.threads = options.threads;
            self.raw.note_sound(open.key.address());
        }
        Ok(id)
    }

    /// Runs `body` with the object at a path, whose attributes are read, unless that lies in another file.
    pub(super) fn reach_object<T>(
        &mut self,
        path: &str,
        body: impl FnOnce(&h5::Id) -> Result<T>,
    ) -> Result<Reached<T>> {
        match self.way(&path::normal(path)) {
            Some(way) => Ok(Reached::Elsewhere(way)),
            None => self
                .datasets
                .with_object(&self.hdf5, path, body)
                .map(Reached::Here),
        }
    }

    /// Closes what a change of the link at a normal path concerns, so that HDF5 alone has it.
    ///
    /// `is_gone` says that the object goes with this link: what it has in memory is dropped.
    pub(super) fn close_concerned(
        &mut self,
        normal: &str,
        is_group: bool,
        is_gone: bool,
    ) -> Result<()> {
        let own = self.datasets.find(normal);
        for id in self.datasets.concerned_by(normal, is_group) {
            if is_gone && own == Some(id) {
                self.forget_dataset(id);
            } else {
                self.close_dataset(id)?;
            }
        }
        self.datasets.forget_ways();
        Ok(())
    }

    /// Gives memory back, for another file that needs it.
    pub(super) fn relieve(&mut self) {
        self.others.close();
        // What cannot be stored now stays.
        let _ = self.make_room();
    }
}

/// Whether a file's superblock is at its beginning and gives addresses and lengths 8 bytes.
fn is_usual(raw: &RawFile) -> bool {
    let mut start = [0; 16];
    if raw.read(0, &mut start).is_err() || start[..8] != SIGNATURE {
        return false;
    }
    match start[8] {
        0 | 1 => start[13..15] == [8, 8],
        2 | 3 => start[9..11] == [8, 8],
        _ => false,
    }
}
