//! Open files: one owner for each in a process, shared by all handles to it.
//!
//! [`OpenFile`] is a handle: a view of the owner with a mode of its own. The owner has HDF5's file and everything
//! that waits in memory: datasets that are kept open (`table`), decoded chunks (`cache`), and new groups with
//! their small datasets. A call takes the owner, does its work, and leaves; reads and writes of plain data never
//! take HDF5's lock. What one handle writes the others see at once; what one commits is a commit of all.

mod ahead;
mod appending;
mod blocks;
mod buffers;
mod cache;
mod calls;
mod cut;
mod dataset;
mod describing;
mod dimensions;
mod elsewhere;
mod freeing;
mod growing;
mod headers;
mod lending;
mod linking;
mod listing;
mod logs;
mod memory;
mod moving;
mod own_links;
mod owner;
mod parts;
mod reading;
mod refresh;
mod registry;
mod relocating;
mod segments;
mod selection;
mod storing;
mod table;
mod texts;
mod together;
mod touched;
mod virtual_datasets;
mod vtkhdf;
mod ways;
mod writing;

pub use crate::journal::process::PerProcess;
pub(crate) use appending::checked as checked_record;
pub use appending::Records;
#[cfg(feature = "mpi")]
pub(crate) use blocks::{axes_of_block, require_extents};
pub use lending::Places;
pub(crate) use segments::axes_of as axes_of_hyperslab;
#[cfg(feature = "mpi")]
pub(crate) use selection::reorder;
pub(crate) use selection::{check_hyperslab, even_parts};
pub use virtual_datasets::{element_of, Found};

use crate::error::{Error, Result};
use crate::journal;
use crate::store::{check_threads, Mode, Open};
use owner::{Owner, State};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Fails in a process that must not use HDF5.
fn require_usable_hdf5(path: &str) -> Result<()> {
    match journal::process::hdf5_is_usable() {
        true => Ok(()),
        false => Err(Error::unsupported(format!(
            "{path}: this process was forked while another thread of its parent was inside a call of this library: it cannot open files"
        ))),
    }
}

/// A handle to an open file.
#[derive(Debug)]
pub struct OpenFile {
    owner: Arc<Owner>,
    name: Box<str>,
    is_writable: bool,
    /// The process that opened it: one that was forked later must leave it alone.
    generation: u64,
    is_closed: AtomicBool,
    /// The number of the commit that what was written through this handle is part of; 0 if nothing was.
    written_for: AtomicU64,
}

impl OpenFile {
    /// Opens or creates a file.
    pub fn open(path: &str, mode: Mode, options: &Open) -> Result<Self> {
        require_usable_hdf5(path)?;
        let generation = journal::process::generation();
        check_threads(options.threads)?;
        if let Some(bytes) = options.memory {
            memory::set_limit(bytes);
        }
        journal::set_memory(memory::limit());
        let (owner, waits_for) = registry::open(path, mode, options)?;
        Ok(Self {
            owner,
            name: path.into(),
            is_writable: mode != Mode::Read,
            generation,
            is_closed: AtomicBool::new(false),
            written_for: AtomicU64::new(waits_for),
        })
    }

    /// Opens a file for reading, for a moment: no other handle shares it, and none has to wait for it.
    pub fn glance(path: &str, options: &Open) -> Result<Self> {
        require_usable_hdf5(path)?;
        Ok(Self::view(registry::glance(path, options)?, path))
    }

    /// A file that is open here, to be looked at: it is not kept open by that.
    fn view(owner: Arc<Owner>, path: &str) -> Self {
        Self {
            owner,
            name: path.into(),
            is_writable: false,
            generation: journal::process::generation(),
            is_closed: AtomicBool::new(false),
            written_for: AtomicU64::new(0),
        }
    }

    /// The path that the file was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was opened for writing.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// Fails if the handle was closed, or belongs to the process from which this one was forked.
    pub fn check_open(&self) -> Result<()> {
        self.check_process()?;
        match self.is_closed() {
            true => Err(self.closed()),
            false => Ok(()),
        }
    }

    /// Whether the handle was closed.
    pub fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Fails in a process that was forked after the file was opened.
    fn check_process(&self) -> Result<()> {
        if self.generation == journal::process::generation() {
            return Ok(());
        }
        Err(Error::handle(format!(
            "{}: the file was opened before fork: a child process has to open files of its own",
            self.name
        )))
    }

    /// Runs one call on the file, alone, and with the file's name in its errors.
    fn serve<T>(&self, often: bool, body: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        self.check_process()?;
        let mut state = self.owner.lock();
        let state = match state.as_mut() {
            Some(state) if !self.is_closed.load(Ordering::Relaxed) => state,
            _ => return Err(self.closed()),
        };
        let done = state.check().and_then(|()| {
            if !often && !state.logs.is_empty() {
                state.flush_logs()?;
            }
            body(state)
        });
        let done = done.map_err(|error| {
            state.note_failure(&error);
            error.within(&self.name)
        })?;
        state.commit_if_due(often);
        Ok(done)
    }

    fn closed(&self) -> Error {
        Error::handle(format!("{}: the file is closed", self.name))
    }

    /// Runs one call that looks at the file; it may be run more than once, until it has met one commit.
    fn look<T>(&self, mut body: impl FnMut(&mut State) -> Result<T>) -> Result<T> {
        let mut done = self.serve(false, |state| state.at_one_commit(&mut body));
        if let Some(other) = journal::take_linked() {
            // What waits in another file of this process is to be found there, too.
            if registry::flush_other((other.device, other.inode)) {
                done = self.serve(false, |state| state.at_one_commit(&mut body));
            }
        }
        self.see_to_memory();
        done
    }

    /// Runs one call that changes the file.
    fn change<T>(&self, body: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let done = self.change_often(false, body);
        self.see_to_memory();
        done
    }

    fn change_often<T>(
        &self,
        often: bool,
        body: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<T> {
        self.serve(often, |state| {
            if !self.is_writable {
                return Err(Error::read_only(
                    "the file is open for reading only: open it with mode r+ or a to write",
                ));
            }
            let part_of = state.note_change();
            let done = body(state)?;
            self.written_for.store(part_of, Ordering::Relaxed);
            Ok(done)
        })
    }

    /// Asks other files for memory if this one alone cannot keep to the bound.
    fn see_to_memory(&self) {
        if memory::is_exceeded() {
            registry::relieve_others(&self.owner);
        }
    }

    /// Makes all that was written to the file so far, through any handle, durable as one step.
    pub fn commit(&self) -> Result<()> {
        self.serve(false, |state| match self.is_writable {
            true => state.commit(true),
            false => Ok(()),
        })
    }

    /// Closes the handle; the last one of a file closes the file.
    ///
    /// What was written through this handle is committed, and with it everything else: closing a handle through
    /// which nothing was written since the latest commit commits nothing as long as another one stays.
    pub fn close(&self) -> Result<()> {
        self.check_process()?;
        let mut guard = self.owner.lock();
        if self.is_closed.swap(true, Ordering::Relaxed) {
            return Err(self.closed());
        }
        let Some(state) = guard.as_mut() else {
            return Ok(());
        };
        state.handles -= 1;
        if state.handles > 0 {
            let written = state.is_pending(self.written_for.load(Ordering::Relaxed));
            let closed = match written {
                true => state.check().and_then(|()| state.commit(false)),
                false => Ok(()),
            };
            return closed.map_err(|error| error.within(&self.name));
        }
        let closed = match guard.take() {
            Some(state) => state.close(),
            None => Ok(()),
        };
        registry::remove(&self.owner);
        closed.map_err(|error| error.within(&self.name))
    }
}

impl OpenFile {
    /// Closes the handle without a commit; the last one of a file leaves it at its latest commit, if it has a journal.
    pub fn discard(&self) -> Result<()> {
        self.check_process()?;
        let mut guard = self.owner.lock();
        if self.is_closed.swap(true, Ordering::Relaxed) {
            return Err(self.closed());
        }
        let Some(state) = guard.as_mut() else {
            return Ok(());
        };
        state.handles -= 1;
        if state.handles > 0 {
            return Ok(());
        }
        let closed = match guard.take() {
            Some(state) => state.close_uncommitted(),
            None => Ok(()),
        };
        registry::remove(&self.owner);
        closed.map_err(|error| error.within(&self.name))
    }

    /// Closes the handle as the exit of a program does: the last one of a file keeps all that was written, unless the
    /// program commits itself, whose last commit then stands.
    ///
    /// A forked child leaves the file of its parent alone.
    pub fn leave(&self) {
        if self.check_process().is_err() {
            return;
        }
        let mut guard = self.owner.lock();
        if self.is_closed.swap(true, Ordering::Relaxed) {
            return;
        }
        let Some(state) = guard.as_mut() else {
            return;
        };
        state.handles -= 1;
        if state.handles == 0 {
            if let Some(state) = guard.take() {
                state.close_at_exit();
            }
            registry::remove(&self.owner);
        }
    }
}

/// How long the exit waits for the calls of other threads to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Closes all files because the process exits; nobody is left to be told of a failure.
///
/// A forked child leaves the files of its parent alone.
pub fn close_all_at_exit() {
    let deadline = Instant::now() + PATIENCE;
    // From here on other threads find no open file, so that they cannot keep us waiting.
    for owner in registry::drain() {
        loop {
            if let Some(mut state) = owner.try_lock() {
                if let Some(state) = state.take() {
                    state.close_at_exit();
                }
                break;
            }
            if Instant::now() >= deadline {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
