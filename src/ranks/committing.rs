//! One step of all files of a run: prepared everywhere, then decided, then taken in.

#![forbid(unsafe_code)]

use super::communicator::{Call, PAYLOAD};
use super::{Ranks, State};
use crate::error::{Error, Result};
use crate::file::OpenFile;
use crate::journal::decision::{Member, Step};
use std::sync::atomic::Ordering;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Outcome {
    /// It is decided, and is taken into the files.
    Apply = 1,
    /// It is decided, and waits in the journals for programs that read.
    Wait = 2,
    /// It is not decided, and will not be.
    Withdraw = 3,
    /// Nobody knows before the next opening.
    Unknown = 4,
}

impl Outcome {
    fn of(code: u8) -> Self {
        let all = [Self::Apply, Self::Wait, Self::Withdraw];
        let found = all.into_iter().find(|outcome| *outcome as u8 == code);
        found.unwrap_or(Self::Unknown)
    }
}

impl Ranks {
    /// Makes all that was written by all ranks so far durable, as one step.
    pub fn commit(&self) -> Result<()> {
        if !self.is_writable {
            return self.alone(|_| Ok(()));
        }
        self.together(|state| {
            state.agree(&Call::new("h5sim_commit", "", &()), Ok(()), [0; PAYLOAD])?;
            state.commit(false)
        })
    }

    /// Commits and closes.
    pub fn close(&self) -> Result<()> {
        let mut state = self.lock()?;
        let mut committed = Ok(());
        if self.is_writable {
            let call = Call::new("h5sim_close", "", &());
            let local = state.broken.clone().map_or(Ok(()), Err);
            let (is_everybodys, agreed) = state.communicator.agree_to_end(&call, local);
            if !is_everybodys {
                // The others do something else, and would not come along.
                return agreed.map_err(|error| self.named(error));
            }
            committed = agreed.and_then(|()| state.commit(true));
        }
        self.is_closed.store(true, Ordering::Relaxed);
        let told = match self.is_writable && state.communicator.check().is_ok() {
            true => state.close_together(),
            false => state.close_files(),
        };
        committed.and(told).map_err(|error| self.named(error))
    }

    /// Closes at the last commit of all ranks, without a word to the others. Says whether something was written since.
    pub fn leave(&self) -> Result<()> {
        let mut state = self.lock()?;
        self.is_closed.store(true, Ordering::Relaxed);
        let closed = state.close_files();
        match self.is_writable {
            true => Err(Error::io(format!(
                "{}: it is left at the last commit of all ranks: what was written since is kept by h5sim_close only, on all ranks",
                self.name
            ))),
            false => closed,
        }
    }
}

impl Ranks {
    /// Closes at the last commit of all ranks if it is still open; a forked child leaves the files of its parent alone.
    pub fn leave_silently(&self) {
        if self.check_process().is_ok() && !self.is_closed() {
            let _ = self.leave();
        }
    }
}

impl State {
    fn files(&self) -> impl Iterator<Item = (&OpenFile, Member)> {
        let master = self.master.iter().map(|file| (file, Member::Master));
        master.chain(self.part.iter().map(|file| (file, Member::Part)))
    }

    /// Runs `each` on the files of this rank, all of them whatever fails; gives the first failure.
    fn on_files(&self, mut each: impl FnMut(&OpenFile) -> Result<()>) -> Result<()> {
        let mut first = Ok(());
        for (file, _) in self.files() {
            let done = each(file);
            first = first.and(done);
        }
        first
    }

    /// Makes one step of all files; `is_last` brings everything into its final form.
    pub(super) fn commit(&mut self, is_last: bool) -> Result<()> {
        let number = self.next;
        // Whatever becomes of it, no other step has its number.
        self.next += 1;
        let mut can_apply = true;
        let mut prepared = self.fit_dimensions();
        for (file, member) in self.files() {
            if prepared.is_err() {
                break;
            }
            let step = Step {
                run: self.run,
                number,
                member,
            };
            match file.prepare_step(step, is_last) {
                Ok(ready) => can_apply &= ready,
                Err(error) => {
                    prepared = Err(error);
                    break;
                }
            }
        }
        let mut payload = [0; PAYLOAD];
        payload[0] = u8::from(can_apply);
        let told = self.communicator.conclude(prepared, payload);
        if let Err(error) = self.communicator.check() {
            return self.leave_undecided(error);
        }
        let outcome = match (&told, self.rank()) {
            (Err(_), _) => Outcome::Withdraw,
            (Ok(told), 0) => self.decide(number, told.iter().all(|told| told[0] == 1)),
            (Ok(_), _) => Outcome::Unknown,
        };
        let failed = told.err();
        let outcome = match failed {
            // All ranks know of it, and nobody decides.
            Some(_) => outcome,
            None => {
                payload[0] = outcome as u8;
                match self.communicator.conclude(Ok(()), payload) {
                    Ok(told) => Outcome::of(told[0][0]),
                    Err(error) => return self.leave_undecided(error),
                }
            }
        };
        let done = match outcome {
            Outcome::Apply => self.on_files(|file| file.finish_step(true)),
            Outcome::Wait => self.on_files(|file| file.finish_step(false)),
            Outcome::Withdraw => self.on_files(OpenFile::withdraw_step),
            Outcome::Unknown => {
                return self.leave_undecided(Error::io(
                    "rank 0 could not make the record of the commit safe on the disk",
                ))
            }
        };
        if let Err(error) = &done {
            self.broken.get_or_insert_with(|| error.clone());
        }
        let told = self.communicator.conclude(done, [0; PAYLOAD]).map(drop);
        if let Some(record) = &self.record {
            record.let_readers_in();
        }
        match (failed, outcome) {
            (Some(error), _) => Err(error),
            (None, Outcome::Withdraw) => told.and(Err(Error::io(
                "rank 0 could not write the record of the commit: nothing of this step is committed, and the commit can be tried again",
            ))),
            (None, _) => told,
        }
    }

    /// Rank 0's decision: from the moment when it is on the disk, the step is committed.
    fn decide(&mut self, number: u64, can_apply: bool) -> Outcome {
        let Some(record) = &mut self.record else {
            return Outcome::Unknown;
        };
        let applies = can_apply && record.lock_out_readers();
        let decided = match applies {
            true => Outcome::Apply,
            false => Outcome::Wait,
        };
        if record.decide(number).is_ok() {
            return decided;
        }
        match record.look_again() {
            // What the disk will have of it nobody knows.
            _ if record.is_synced() => Outcome::Unknown,
            Ok(found) if found.number == number => decided,
            Ok(_) => Outcome::Withdraw,
            Err(_) => Outcome::Unknown,
        }
    }

    /// Leaves a step to the next opening: it is not known here whether it is decided.
    fn leave_undecided(&mut self, error: Error) -> Result<()> {
        let _ = self.on_files(OpenFile::leave_step);
        if let Some(record) = &self.record {
            record.let_readers_in();
        }
        self.broken.get_or_insert_with(|| error.clone());
        Err(error)
    }

    /// Closes the files of all ranks. A commit that waits for readers is taken in by that, so that those who read the whole run are kept
    /// out until all files are closed.
    fn close_together(&mut self) -> Result<()> {
        let record = self.record.take();
        if let Some(record) = &record {
            record.wait_for_readers();
        }
        let told = self.communicator.conclude(Ok(()), [0; PAYLOAD]);
        let closed = self.close_files();
        told?;
        // With the record the lock goes.
        self.communicator.conclude(closed, [0; PAYLOAD]).map(drop)
    }

    fn close_files(&mut self) -> Result<()> {
        for file in self.others.values() {
            // Nothing was written.
            let _ = file.close();
        }
        self.others.clear();
        let closed = match self.part {
            Some(_) => self.on_files(OpenFile::close_at_last_commit),
            None => self.on_files(OpenFile::close),
        };
        self.master = None;
        self.part = None;
        self.borrowed = None;
        self.record = None;
        closed
    }
}
