//! Files that are only read here and may be written elsewhere: each call sees one commit, whole.

#![forbid(unsafe_code)]

use super::owner::State;
use crate::error::{Error, Result, Status};
use std::time::Duration;

/// So many times a call begins anew that a writer has disturbed which keeps no locks, or would not wait any longer.
const MOST_TRIES: usize = 100;
/// So many times it looks whether a file that is not HDF5 becomes it again.
const FEW_TRIES: usize = 10;
/// And so long it waits before it looks again.
const BETWEEN_TRIES: Duration = Duration::from_millis(1);

impl State {
    /// Runs a call on the newest commit of the file, with writers in other processes kept from changing it.
    ///
    /// They go on when it has ended. A file that is written here is this process's own.
    pub(super) fn at_one_commit<T>(
        &mut self,
        body: &mut impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.hdf5.is_writable() {
            return body(self);
        }
        for turn in 1..=MOST_TRIES {
            if let Err(error) = self.move_on() {
                self.raw.release();
                // A writer that did not wait may have been taking a commit in just then.
                if error.status == Status::Format && turn < FEW_TRIES {
                    std::thread::sleep(BETWEEN_TRIES);
                    continue;
                }
                return Err(error);
            }
            let done = body(self);
            if self.raw.end_call()? {
                return done;
            }
        }
        Err(Error::locked(
            "another program changes the file faster than it can be read, and keeps no locks; try again later",
        ))
    }

    /// Opens the file anew if it holds another commit than the one that was looked at.
    fn move_on(&mut self) -> Result<()> {
        let is_current = self.hdf5.is_open() && !self.raw.refresh()?;
        if is_current {
            return Ok(());
        }
        self.forget_datasets();
        let before = self.raw.clone();
        self.hdf5.reopen_for_reading()?;
        self.take_hdf5()?;
        if self.raw.identity() != before.identity() {
            self.hdf5.close_for_now();
            self.raw = before;
            return Err(Error::not_found(
                "the file was changed by another program, and its name leads to another file now: open it again",
            ));
        }
        Ok(())
    }
}
