//! Files that are committed together with others, as one step of all.

#![forbid(unsafe_code)]

use super::owner::State;
use super::{registry, OpenFile};
use crate::error::{Error, Result, Status};
use crate::journal::decision::Step;
use crate::journal::Ending;
use std::sync::atomic::Ordering;

impl OpenFile {
    /// Makes the file one of many: it is committed with them only, and an exit leaves it at their last commit.
    ///
    /// # Errors
    /// Where it is open in this process already, or is only whole when it is closed.
    pub fn join_run(&self) -> Result<()> {
        self.serve(false, |state| {
            if state.handles > 1 {
                return Err(Error::locked(
                    "it is open in this program already: close it there first",
                ));
            }
            if state.hdf5.commits_by_reopening() {
                return Err(Error::unsupported(
                    "this file keeps track of its free space, and is only whole when it is closed: it cannot be written by many ranks",
                ));
            }
            state.join_run()
        })
    }

    /// Makes all that was written a part of a step of many files, which counts when that is decided. Nothing may be written before
    /// [`finish_step`](Self::finish_step) or [`withdraw_step`](Self::withdraw_step).
    ///
    /// `is_last` brings everything into its final form. Says whether the step can be taken into the file at once.
    pub fn prepare_step(&self, step: Step, is_last: bool) -> Result<bool> {
        self.serve(false, |state| state.prepare(step, is_last))
    }

    /// Goes on after the step is decided.
    pub fn finish_step(&self, apply: bool) -> Result<()> {
        self.serve(false, |state| {
            state.raw.finish_step(apply)?;
            state.note_committed();
            Ok(())
        })
    }

    /// Takes the step back, which will not be decided.
    pub fn withdraw_step(&self) -> Result<()> {
        self.serve(false, |state| state.raw.withdraw_step())
    }

    /// Leaves the step to the next opening, which will know whether it is decided.
    pub fn leave_step(&self) -> Result<()> {
        self.serve(false, |state| state.raw.leave_step())
    }

    /// Closes the file at its last commit: the step that was under way is forgotten.
    pub fn close_at_last_commit(&self) -> Result<()> {
        self.check_process()?;
        let mut guard = self.owner.lock();
        if self.is_closed.swap(true, Ordering::Relaxed) {
            return Err(self.closed());
        }
        let Some(mut state) = guard.take() else {
            return Ok(());
        };
        state.handles = 0;
        let closed = state.discard();
        registry::remove(&self.owner);
        closed.map_err(|error| error.within(&self.name))
    }
}

impl State {
    fn prepare(&mut self, step: Step, is_last: bool) -> Result<bool> {
        // What cannot be named is told of, and keeps nothing from being committed.
        if let Err(error) = self.store_labels(is_last) {
            if error.status == Status::Io {
                return Err(error);
            }
        }
        match is_last {
            true => self.finish()?,
            false => self.flush()?,
        }
        self.hdf5.prepare(step)
    }

    /// Closes the file at its last commit.
    fn discard(mut self) -> Result<()> {
        self.forget_datasets();
        self.hdf5.close(Ending::Discard)
    }
}
