//! One file that many ranks of MPI write together, on parallel HDF5.
//!
//! Every call is made by all ranks and goes to HDF5 in the same order on all of them: nothing waits in memory but records of series
//! (`gathering`), there is no journal, and nothing is decided by one rank alone. What could go wrong on one rank is found before HDF5 is called, and told to
//! all (`agreement`); a rank that has nothing to transfer takes part with nothing.

#![forbid(unsafe_code)]

mod agreement;
mod arrays;
mod exchange;
mod gathering;
mod objects;
mod room;
mod transfer;

use crate::error::{Error, Result, Status};
use crate::file::OpenFile;
use crate::journal;
use crate::store::h5::{self, Communicator, Dataset, How};
use crate::store::{look_at, made_elsewhere, path, Found, Hdf5File, Kind, Mode, Open, Parallel};
use agreement::{Call, Outcome, Ranks, Totals};
use gathering::Waiting;
use indexmap::IndexMap;
use room::Room;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many datasets stay open, the oldest closed first: on all ranks the same ones.
const MOST_OPEN: usize = 1024;

/// A file that ranks share, as one of them has it open.
#[derive(Debug)]
pub struct Shared {
    name: Box<str>,
    is_writable: bool,
    /// The process that opened it: one that was forked later must leave it alone.
    generation: u64,
    is_closed: AtomicBool,
    /// How often something was said to the other ranks.
    said: AtomicU64,
    state: Slot,
}

/// What is open; None after it was closed, be it because MPI has ended.
type Slot = Arc<Mutex<Option<State>>>;

/// The files that are open, in the order of their opening, which is the same on all ranks that share them.
static OPEN: Mutex<Vec<Slot>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct State {
    ranks: Ranks,
    hdf5: Hdf5File,
    datasets: IndexMap<Box<str>, Dataset>,
    /// Records of series that are still to be written, by normal path.
    waiting: IndexMap<Box<str>, Waiting>,
    is_writable: bool,
    /// What limits the file on this rank.
    room: Room,
    /// Whether a rank may write by itself.
    can_write_alone: bool,
    /// Whether the program has told MPI how to transfer.
    has_hints: bool,
    /// How this call's transfers are made.
    how: How,
    /// Why nothing more is done.
    broken: Option<Error>,
    /// What did not get to the file, or out of it, in this call.
    untransferred: Option<Error>,
    /// What goes again if this call fails.
    undo: Option<Undo>,
}

/// What a call has made.
#[derive(Debug)]
enum Undo {
    /// Something at a path where nothing was.
    Remove(String),
    /// Records at the end of a series, which had so many before.
    Shorten(String, u64),
}

fn locked(slot: &Slot) -> MutexGuard<'_, Option<State>> {
    slot.lock().unwrap_or_else(|poisoned| {
        let mut state = PoisonError::into_inner(poisoned);
        if let Some(state) = &mut *state {
            state.broken.get_or_insert_with(|| {
                Error::internal("an earlier call met a defect of this library in its middle: the file is not written any more")
            });
        }
        state
    })
}

impl Shared {
    /// Opens a file together with the ranks of a communicator, all of which have to call this. What is wrong with this rank's
    /// arguments is told to all.
    pub fn open(
        path: Result<&str>,
        how: Result<(Mode, Open, Parallel)>,
        communicator: i32,
    ) -> Result<Self> {
        let communicator = Arc::new(Communicator::duplicate(communicator)?);
        h5::at_finalize(close_all);
        let mut ranks = Ranks {
            communicator: communicator.clone(),
            compares: true,
        };
        let asked = path.and_then(|path| how.map(|how| (path, how)));
        let call = match &asked {
            Ok((path, how)) => Call::changing("h5sim_open_mpi", path, how),
            Err(_) => Call::changing("h5sim_open_mpi", "", &()),
        };
        let local = asked.as_ref().map(drop).map_err(Clone::clone);
        ranks.agree(&call, &local, None)?;
        let (path, (mode, options, parallel)) = asked?;
        ranks.compares = options.agrees;
        // What the file system, other programs and a journal have to say is asked once, in the words of a file of one process.
        let looked = match communicator.rank {
            0 => look(path, mode, &options),
            _ => Ok(Found::There),
        };
        let mine = Some(Totals {
            elements: *looked.as_ref().unwrap_or(&Found::There) as u64,
            ..Totals::NONE
        });
        let local = looked.map(drop);
        let told = ranks.agree(&call, &local, mine)?;
        let found = told.map_or(Found::There, |told| Found::from_number(told.elements));
        let opened = Hdf5File::open_shared(path, mode, found, (&options, &parallel), &communicator);
        let outcome = match &opened {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Failed(error.clone()),
        };
        let is_anothers = h5::transferred().failed_elsewhere;
        if let Err((error, is_torn)) = ranks.conclude(outcome, is_anothers) {
            // Closing it would wait for those that have not opened it.
            if is_torn {
                std::mem::forget(opened);
            }
            return Err(error);
        }
        let hdf5 = opened?;
        let state = State {
            can_write_alone: h5::can_write_alone(hdf5.id()?),
            has_hints: !parallel.hints.is_empty(),
            room: Room::new(path, communicator.rank == 0),
            ranks,
            hdf5,
            datasets: IndexMap::new(),
            waiting: IndexMap::new(),
            is_writable: mode != Mode::Read,
            how: How::default(),
            broken: None,
            untransferred: None,
            undo: None,
        };
        let slot = Arc::new(Mutex::new(Some(state)));
        OPEN.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(slot.clone());
        Ok(Self {
            name: path.into(),
            is_writable: mode != Mode::Read,
            generation: journal::process::generation(),
            is_closed: AtomicBool::new(false),
            said: AtomicU64::new(0),
            state: slot,
        })
    }

    /// Whether it was opened for writing.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// The path that the file was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> Result<MutexGuard<'_, Option<State>>> {
        if self.generation != journal::process::generation() {
            return Err(Error::handle(format!(
                "{}: the file was opened before fork: a child process has to open files of its own",
                self.name
            )));
        }
        if self.is_closed() {
            return Err(Error::handle(format!("{}: the file is closed", self.name)));
        }
        let state = locked(&self.state);
        match *state {
            Some(_) => Ok(state),
            None => Err(Error::handle(format!(
                "{}: the file was closed when MPI ended, by MPI_Finalize",
                self.name
            ))),
        }
    }

    fn named(&self, error: Error) -> Error {
        match error.message.starts_with(&*self.name) {
            true => error,
            false => error.within(&self.name),
        }
    }

    /// How often this rank has said something to the others.
    pub fn said(&self) -> u64 {
        self.said.load(Ordering::Relaxed)
    }

    /// Tells the other ranks of a call that failed before anything was said since `said`; gives what all ranks say then.
    pub fn tell(&self, said: u64, error: Error) -> Error {
        if self.said() != said {
            return error;
        }
        let Ok(state) = self.lock() else {
            return error;
        };
        let Some(state) = &*state else {
            return error;
        };
        let call = Call::looking("a call with other arguments", "", &());
        // It is named once.
        let name = format!("{}: ", self.name);
        let local = Error {
            message: error.message.replacen(&name, "", 1),
            ..error.clone()
        };
        // The others may want to know what all do.
        let told = state.ranks.agree(&call, &Err(local), Some(Totals::NONE));
        told.err().map_or(error, |told| self.named(told))
    }

    /// Runs a call of all ranks.
    fn run<T>(
        &self,
        call: &Call,
        local: Result<()>,
        body: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<T> {
        self.run_with(call, local, None, |state, _| body(state))
    }

    /// The same of a call in which ranks do different things, of which the sums are known then.
    fn run_with<T>(
        &self,
        call: &Call,
        local: Result<()>,
        mine: Option<Totals>,
        body: impl FnOnce(&mut State, Totals) -> Result<T>,
    ) -> Result<T> {
        self.agreed(call, local, mine, |state, totals| {
            state.write_waiting()?;
            if call.changes {
                // What waits next has to look at the series anew.
                state.waiting.clear();
            }
            state.serve(|state| body(state, totals))
        })
    }

    /// Runs `body` once all ranks have agreed on a call.
    fn agreed<T>(
        &self,
        call: &Call,
        local: Result<()>,
        mine: Option<Totals>,
        body: impl FnOnce(&mut State, Totals) -> Result<T>,
    ) -> Result<T> {
        let mut guard = self.lock()?;
        let Some(state) = &mut *guard else {
            return Err(Error::internal("a file that is open is not open"));
        };
        let mut local = match &state.broken {
            Some(error) => Err(error.clone()),
            None => local,
        };
        if call.changes && !self.is_writable && local.is_ok() {
            local = Err(Error::read_only(
                "the file is open for reading only: open it with mode r+ or a to write",
            ));
        }
        self.said.fetch_add(1, Ordering::Relaxed);
        let mut mine = mine;
        let waits = || state.waiting.values().any(Waiting::is_some);
        let may_write = call.lengthens || (!call.changes && waits());
        if self.is_writable && may_write && (mine.is_some() || state.ranks.compares) {
            let room = state.room.bytes();
            mine = Some(Totals {
                room,
                ..mine.unwrap_or(Totals::NONE)
            });
        }
        let done = state.ranks.agree(call, &local, mine).and_then(|told| {
            let totals = told.unwrap_or(Totals::NONE);
            state.how.is_scarce = state.is_scarce(&totals);
            body(state, totals)
        });
        done.map_err(|error| self.named(error))
    }

    /// Hands all that was written to the disks of all ranks.
    pub fn commit(&self) -> Result<()> {
        let mut call = Call::looking("h5sim_commit", "", &());
        call.changes = false;
        self.run(&call, Ok(()), |state| match self.is_writable {
            true => state.hdf5.flush_shared(),
            false => Ok(()),
        })
    }

    /// Closes the file, with all that was written.
    pub fn close(&self) -> Result<()> {
        let mut guard = self.lock().or_else(|error| match self.is_closed() {
            true => Err(error),
            // MPI has closed it.
            false => Ok(locked(&self.state)),
        })?;
        let Some(state) = &mut *guard else {
            self.is_closed.store(true, Ordering::Relaxed);
            return Ok(());
        };
        let call = Call::looking("h5sim_close", "", &());
        let local = match &state.broken {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        };
        let agreed = state.ranks.agree(&call, &local, None);
        if let Err(error) = agreed {
            if state.broken.is_some() {
                self.is_closed.store(true, Ordering::Relaxed);
            }
            return Err(self.named(error));
        }
        self.is_closed.store(true, Ordering::Relaxed);
        let Some(state) = guard.take() else {
            return Ok(());
        };
        let closed = state.close();
        drop(guard);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|slot| !Arc::ptr_eq(slot, &self.state));
        closed.map_err(|error| self.named(error))
    }
}

/// What rank 0 finds out before a file is opened by all. Afterwards nothing is at the name where nothing was.
fn look(path: &str, mode: Mode, options: &Open) -> Result<Found> {
    let found = match look_at(path, mode)? {
        Some(_) => Found::There,
        None if std::fs::symlink_metadata(path).is_ok() => Found::LinkToNothing,
        None => Found::Nothing,
    };
    // Only what was made here may be removed.
    let how = match found {
        Found::Nothing => Mode::CreateNew,
        Found::There | Found::LinkToNothing => mode,
    };
    // An unfinished commit of an earlier run is taken in, and other programs that have it open are met.
    OpenFile::open(path, how, options)
        .and_then(|file| file.close())
        .map_err(|error| match error.status {
            Status::Exists if mode != Mode::CreateNew => made_elsewhere(path, mode),
            _ => error,
        })?;
    if found != Found::There {
        // HDF5 makes it, by the name that a link leads to. It would cut what is there, and of a file that was cut ext4 writes out all at its close.
        std::fs::canonicalize(path)
            .and_then(std::fs::remove_file)
            .map_err(|error| Error::io(format!("{path}: cannot make it anew: {error}")))?;
    }
    Ok(found)
}

/// Closes all files because MPI ends; all ranks come here, and have the same ones.
fn close_all() {
    let slots = std::mem::take(&mut *OPEN.lock().unwrap_or_else(PoisonError::into_inner));
    for slot in slots {
        let Some(state) = locked(&slot).take() else {
            continue;
        };
        if state.broken.is_some() {
            // The others might not come along.
            std::mem::forget(state);
            continue;
        }
        // Nobody could be told of a failure; a file that is not whole stays marked.
        let _ = state.close();
    }
}

impl State {
    /// Whether what a call writes, and what waits, may be more than there is space for.
    fn is_scarce(&mut self, totals: &Totals) -> bool {
        /// Metadata, and what other programs write meanwhile.
        const SPARE: u64 = 64 << 20;
        let bytes = totals.elements.saturating_mul(totals.item);
        let wanted = bytes.saturating_add(self.waiting_bytes());
        self.room.take(wanted);
        totals.room < wanted.saturating_add(SPARE)
    }

    /// Closes the file once all ranks have agreed to. Where something does not get to the file it stays marked as unfinished.
    fn close(mut self) -> Result<()> {
        let written = self.write_waiting();
        let mut flushed = Ok(());
        if self.is_writable && self.broken.is_none() {
            self.how.is_closing = true;
            flushed = self.serve(|state| state.hdf5.flush_shared());
        }
        if self.broken.is_some() || flushed.is_err() {
            // HDF5 would mark as whole what it takes for written.
            let error = written.and(flushed).err();
            let error = error.or(self.broken.clone());
            std::mem::forget(self);
            return error.map_or(Ok(()), Err);
        }
        let Self {
            ranks,
            hdf5,
            datasets,
            how,
            ..
        } = self;
        let closed = h5::together(&ranks.communicator, how, || {
            drop(datasets);
            hdf5.close_shared()
        });
        let outcome = match closed.and_then(|closed| closed) {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(error),
        };
        let is_anothers = h5::transferred().failed_elsewhere;
        let concluded = ranks.conclude(outcome, is_anothers);
        written.and(concluded.map_err(|(error, _)| error))
    }

    /// Makes a call that all ranks have agreed on.
    fn serve<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let communicator = self.ranks.communicator.clone();
        self.untransferred = None;
        self.undo = None;
        let how = self.how;
        let done = h5::together(&communicator, how, || body(self))?;
        let transferred = h5::transferred();
        let outcome = match (&done, self.untransferred.take()) {
            (Err(error), _) => Outcome::Failed(error.clone()),
            (Ok(_), Some(error)) => Outcome::Untransferred(error),
            (Ok(_), None) => Outcome::Done,
        };
        let concluded = self.ranks.conclude(outcome, transferred.failed_elsewhere);
        let Err((error, is_torn)) = concluded else {
            return done;
        };
        if transferred.lost_metadata {
            self.broken = Some(Error::io(format!(
                "what HDF5 knows of the file could not be written, and it takes it for written: nothing more is written, and the file stays marked as unfinished ({})",
                error.message
            )));
        } else if is_torn {
            self.broken = Some(Error::io(format!(
                "an earlier call failed on some ranks only, which know different things of the file now: nothing more is written ({})",
                error.message
            )));
        } else if let Some(undo) = self.undo.take() {
            // The first failure is the one to tell of.
            let undone = h5::together(&communicator, how, || self.take_back(undo));
            let outcome = match undone.and_then(|undone| undone) {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error),
            };
            let transferred = h5::transferred();
            let concluded = self.ranks.conclude(outcome, transferred.failed_elsewhere);
            if let Err((error, is_torn)) = concluded {
                if is_torn || transferred.lost_metadata {
                    self.broken = Some(error);
                }
            }
        }
        Err(error)
    }

    fn take_back(&mut self, undo: Undo) -> Result<()> {
        match undo {
            Undo::Remove(path) => {
                self.forget(&path);
                self.hdf5.delete(&path)
            }
            Undo::Shorten(path, records) => {
                let mut shape = self.opened(&path)?.extent.shape.clone();
                shape[0] = records;
                self.cut(&path, shape)
            }
        }
    }

    /// Closes the datasets at a normal path and below it.
    fn forget(&mut self, top: &str) {
        let is_below = |name: &str| {
            name.strip_prefix(top)
                .is_some_and(|rest| top.is_empty() || rest.is_empty() || rest.starts_with('/'))
        };
        self.datasets.retain(|name, _| !is_below(name));
    }

    /// The dataset at a normal path.
    fn opened(&mut self, path: &str) -> Result<&mut Dataset> {
        if !self.datasets.contains_key(path) {
            let dataset = self.hdf5.open_dataset(path)?;
            self.keep(path, dataset);
        }
        let dataset = self.datasets.get_mut(path);
        dataset.ok_or_else(|| Error::internal("a dataset is not open that was just opened"))
    }

    /// Keeps a dataset open for the next call.
    fn keep(&mut self, path: &str, dataset: Dataset) {
        if self.datasets.len() >= MOST_OPEN {
            self.datasets.shift_remove_index(0);
        }
        self.datasets.insert(path.into(), dataset);
    }

    /// Whether a dataset is at a normal path; fails for anything else.
    fn finds_dataset(&mut self, path: &str) -> Result<bool> {
        if self.datasets.contains_key(path) {
            return Ok(true);
        }
        match h5::object_info(self.hdf5.id()?, path::or_root(path))? {
            None => Ok(false),
            Some(info) if info.kind == Kind::Dataset => Ok(true),
            Some(info) => Err(Error::exists(format!(
                "'{path}' is {}, which a dataset does not overwrite",
                info.kind
            ))),
        }
    }
}
