//! One run from many ranks: each writes a file of its own, and a master shows them as one.
//!
//! What is not a block is in the master, which rank 0 has open: the others ask it, by the one operation that they are given
//! (`communicator`). Blocks are datasets of the ranks' own files, the parts, and virtual datasets in the master (`layout`). A
//! commit is one step of all these files (`committing`). docs/ranks.md has the protocol and why it holds.

#![forbid(unsafe_code)]

mod answers;
mod blocks;
mod calls;
mod committing;
mod communicator;
mod groups;
mod joining;
mod layout;
mod lending;
mod opening;
mod reading;
mod repeating;
mod structure;
mod writing;

pub use calls::File;
pub use communicator::Allgather;
pub use joining::{join, Joined};
pub use lending::LENT_FROM;
pub use opening::{is_launched, Asked};

use crate::error::{Error, Result};
use crate::file::{self, OpenFile};
use crate::journal;
use crate::journal::decision::{Record, Watched};
use crate::store::{path, Kind, Mode, Open};
use answers::{packed, unpacked, Answer};
use communicator::{Call, Communicator, Payload, PAYLOAD};
use groups::Groups;
use layout::{part_name, part_number, Layout, Piece};
use repeating::Latest;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file of many ranks, as one of them has it open.
#[derive(Debug)]
pub struct Ranks {
    name: Box<str>,
    is_writable: bool,
    /// The process that opened it: one that was forked later must leave it alone.
    generation: u64,
    is_closed: AtomicBool,
    state: Mutex<State>,
}

/// What is open, and what this rank knows.
#[derive(Debug)]
struct State {
    communicator: Communicator,
    /// Which ranks share a part; none that only read.
    groups: Groups,
    /// Of rank 0, and of all ranks that only read.
    master: Option<OpenFile>,
    /// The part that this rank writes; None if another one of its group does, or if it only reads.
    part: Option<OpenFile>,
    /// That part, if this rank may write into it what it is lent.
    borrowed: Option<journal::Borrowed>,
    /// Which ranks may.
    borrowers: Vec<bool>,
    /// Blocks of so many bytes and more are lent.
    lent_from: usize,
    /// Parts that nobody writes, open for reading.
    others: BTreeMap<usize, OpenFile>,
    /// Whether it was tried to open all of these.
    has_all_open: bool,
    /// How those are opened.
    options: Open,
    /// Where the parts are.
    folder: PathBuf,
    /// What says which steps are decided: rank 0's.
    record: Option<Record>,
    /// What keeps commits away during a call: of those who only read.
    watched: Option<Watched>,
    run: u128,
    /// The number of the next step.
    next: u64,
    /// What is known of datasets in blocks, the same on all ranks.
    layouts: BTreeMap<String, Layout>,
    /// Of rank 0: the records of series in blocks that have changed in number since the master was told.
    changed: BTreeMap<String, u64>,
    /// The latest record in blocks, where the next one probably goes too.
    latest: Option<Latest>,
    /// Why nothing more is done.
    broken: Option<Error>,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    Own(Kind),
    Blocks(Layout),
}

impl Answer for Found {
    fn pack(&self, bytes: &mut Vec<u8>) {
        match self {
            Found::Own(kind) => (false, *kind).pack(bytes),
            Found::Blocks(layout) => {
                true.pack(bytes);
                layout.pack(bytes);
            }
        }
    }

    fn unpack(reader: &mut answers::Reader<'_>) -> Option<Self> {
        match bool::unpack(reader)? {
            false => Kind::unpack(reader).map(Found::Own),
            true => Layout::unpack(reader).map(Found::Blocks),
        }
    }
}

/// What is at a normal path of the master; how many records a series has is not known from it.
fn look(master: &OpenFile, path: &str) -> Result<Found> {
    Ok(match master.find_virtual(path)? {
        file::Found::Nothing => Found::Own(Kind::None),
        file::Found::Own(kind) => Found::Own(kind),
        file::Found::Virtual(found) => match Layout::of_virtual(&found) {
            Ok(layout) => Found::Blocks(layout),
            // Another program's, which HDF5 reads.
            Err(_) => Found::Own(Kind::Dataset),
        },
    })
}

impl Ranks {
    /// The path that the file was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    fn check_process(&self) -> Result<()> {
        if self.generation == journal::process::generation() {
            return Ok(());
        }
        Err(Error::handle(format!(
            "{}: the file was opened before fork: a child process has to open files of its own",
            self.name
        )))
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>> {
        self.check_process()?;
        communicator::check_not_talking().map_err(|error| error.within(&self.name))?;
        let state = match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => {
                let mut state = PoisonError::into_inner(poisoned);
                state.broken.get_or_insert_with(|| {
                    Error::internal("an earlier call met a defect of this library in its middle: the file can only be closed")
                });
                state
            }
        };
        if self.is_closed() {
            return Err(Error::handle(format!("{}: the file is closed", self.name)));
        }
        Ok(state)
    }

    /// How often this rank has said something.
    pub fn said(&self) -> u64 {
        self.lock().map_or(0, |state| state.communicator.said())
    }

    /// Tells the other ranks of a call that failed before anything was said; gives what all ranks say then.
    ///
    /// None where there is nobody to be told: those that only read call independently.
    pub fn tell(&self, said: u64, error: &Error) -> Option<Error> {
        if !self.is_writable {
            return None;
        }
        let mut state = self.lock().ok()?;
        if state.communicator.said() != said || state.communicator.check().is_err() {
            return None;
        }
        let call = Call::new("a call with other arguments", "", &());
        let told = state.agree(&call, Err(error.clone()), [0; PAYLOAD]);
        told.err().map(|told| self.named(told))
    }

    fn named(&self, error: Error) -> Error {
        match error.message.starts_with(&*self.name) {
            true => error,
            false => error.within(&self.name),
        }
    }

    /// Runs a call of all ranks.
    fn together<T>(&self, body: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = self.lock()?;
        body(&mut state).map_err(|error| self.named(error))
    }

    /// Runs a call of one rank that only reads.
    fn alone<T>(&self, mut body: impl FnMut(&mut State) -> Result<T>) -> Result<T> {
        let mut state = self.lock()?;
        let watched = state.watched.take();
        let done = match &watched {
            Some(watched) => watched.at_one_commit(|| body(&mut state)),
            None => body(&mut state),
        };
        state.watched = watched;
        done.map_err(|error| self.named(error))
    }

    /// Runs a call that changes the master, on rank 0.
    fn change_master<T: Answer>(
        &self,
        call: &Call,
        body: impl FnOnce(&OpenFile) -> Result<T>,
    ) -> Result<T> {
        self.together(|state| {
            state.compare(call, self.check_writable())?;
            state.on_master(body)
        })
    }

    /// Runs a call that looks at the master: on rank 0, or where only is read on each by itself.
    fn ask_master<T: Answer>(
        &self,
        call: &Call,
        body: impl Fn(&OpenFile) -> Result<T>,
    ) -> Result<T> {
        if !self.is_writable {
            return self.alone(|state| {
                state.open_all()?;
                body(state.master()?)
            });
        }
        self.together(|state| {
            state.compare(call, Ok(()))?;
            state.on_master(body)
        })
    }

    /// Whether it was opened for writing.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    fn check_writable(&self) -> Result<()> {
        match self.is_writable {
            true => Ok(()),
            false => Err(Error::read_only(
                "the file is open for reading only: open it with mode r+ or a to write",
            )),
        }
    }
}

impl State {
    fn rank(&self) -> usize {
        self.communicator.rank
    }

    fn ranks(&self) -> usize {
        self.communicator.ranks
    }

    fn master(&self) -> Result<&OpenFile> {
        let master = self.master.as_ref();
        master.ok_or_else(|| Error::internal("the master is asked for where it is not open"))
    }

    fn own_part(&self) -> Result<&OpenFile> {
        let part = self.part.as_ref();
        part.ok_or_else(|| Error::internal("the part is asked for where it is not open"))
    }

    /// Whether a part is the one that this rank writes.
    fn is_own(&self, part: usize) -> bool {
        self.groups.writer_of(part) == Some(self.rank())
    }

    /// Agrees on a call before it is made; a rank on which nothing works any more says so.
    fn agree(&mut self, call: &Call, local: Result<()>, payload: Payload) -> Result<Vec<Payload>> {
        let local = match &self.broken {
            Some(error) => Err(error.clone()),
            None => local,
        };
        self.communicator.agree(call, local, payload)
    }

    /// Agrees on a call that certainly concludes, unless ranks are not to compare calls: the others hear in the place of the conclusion
    /// then what this rank has wrong.
    fn compare(&mut self, call: &Call, local: Result<()>) -> Result<()> {
        let says_nothing = !self.communicator.compares && self.broken.is_none() && local.is_ok();
        match says_nothing {
            true => Ok(()),
            false => self.agree(call, local, [0; PAYLOAD]).map(drop),
        }
    }

    /// Runs `body` on rank 0 with the master, and gives all ranks what it gives.
    fn on_master<T: Answer>(&mut self, body: impl FnOnce(&OpenFile) -> Result<T>) -> Result<T> {
        let done = match self.rank() {
            0 => self.master().and_then(body).map(Some),
            _ => Ok(None),
        };
        self.share(done)
    }

    /// Gives all ranks what rank 0 has, or the failure of the first rank that has failed.
    fn share<T: Answer>(&mut self, mine: Result<Option<T>>) -> Result<T> {
        /// So many bytes go with the word that it went well.
        const SHORT: usize = PAYLOAD - 8;
        let mut payload = [0; PAYLOAD];
        let (bytes, local) = match &mine {
            Ok(Some(answer)) => (packed(answer), Ok(())),
            Ok(None) => (Vec::new(), Ok(())),
            Err(error) => (Vec::new(), Err(error.clone())),
        };
        payload[..8].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        if bytes.len() <= SHORT {
            payload[8..8 + bytes.len()].copy_from_slice(&bytes);
        }
        let payloads = self.communicator.conclude(local, payload)?;
        let told = payloads[0];
        let length = u64::from_le_bytes(told[..8].try_into().unwrap_or_default()) as usize;
        let all = match length <= SHORT {
            true => told[8..8 + length].to_vec(),
            false => self.communicator.broadcast(0, &bytes)?,
        };
        match mine {
            Ok(Some(answer)) => Ok(answer),
            _ => unpacked(&all),
        }
    }

    /// What is at a path. All ranks have to ask, or those who only read one by itself.
    fn find(&mut self, path: &str, is_together: bool) -> Result<Found> {
        let normal = path::normal(path);
        if let Some(layout) = self.layouts.get(&*normal).filter(|_| is_together) {
            return Ok(Found::Blocks(layout.clone()));
        }
        let entry = match is_together {
            true => self.on_master(|master| look(master, &normal))?,
            false => look(self.master()?, &normal)?,
        };
        let Found::Blocks(mut layout) = entry else {
            return Ok(entry);
        };
        self.count_records(&mut layout, is_together)?;
        if is_together {
            self.know(normal.into(), &layout);
        }
        Ok(Found::Blocks(layout))
    }

    /// Finds out how many records a series has, from those of its pieces that grow.
    fn count_records(&mut self, layout: &mut Layout, is_together: bool) -> Result<()> {
        let growing = |piece: &&Piece| layout.is_series && piece.count.is_none();
        let pieces: Vec<Piece> = layout.pieces.iter().filter(growing).cloned().collect();
        let mut counts = Vec::new();
        let mut failed = Ok(());
        for piece in &pieces {
            let is_mine = match is_together {
                true => self.groups.writer_of(piece.part).unwrap_or(0) == self.rank(),
                false => true,
            };
            if is_mine {
                match self
                    .source(piece.part)
                    .and_then(|part| part.info(&piece.dataset))
                {
                    Ok((_, shape)) => {
                        counts.push(piece.first + shape.first().copied().unwrap_or(0));
                    }
                    Err(error) => failed = Err(error),
                }
            }
        }
        let (mut least, mut most) = (
            counts.iter().min().copied().unwrap_or(u64::MAX),
            counts.iter().max().copied().unwrap_or(0),
        );
        if is_together {
            let mut payload = [0; PAYLOAD];
            payload[..8].copy_from_slice(&least.to_le_bytes());
            payload[8..16].copy_from_slice(&most.to_le_bytes());
            for told in self.communicator.conclude(failed, payload)? {
                let number =
                    |at: usize| u64::from_le_bytes(told[at..at + 8].try_into().unwrap_or_default());
                least = least.min(number(0));
                most = most.max(number(8));
            }
        } else {
            failed?;
        }
        if pieces.is_empty() {
            return Ok(());
        }
        if least != most {
            return Err(Error::format(format!(
                "the parts of the run hold different numbers of its records, {least} and {most}: they are not of one run, or one is damaged",
            )));
        }
        layout.records = layout.records.max(most);
        Ok(())
    }

    /// The file of a part: the one that this rank writes, or one that nobody writes, which is opened for reading.
    fn source(&mut self, part: usize) -> Result<&OpenFile> {
        if self.is_own(part) {
            return self.own_part();
        }
        if !self.others.contains_key(&part) {
            let path = self.folder.join(part_name(part));
            let name = path.to_str().ok_or_else(|| {
                Error::argument(format!("the path '{}' is not UTF-8", path.display()))
            })?;
            let opened = OpenFile::open(name, Mode::Read, &self.options);
            self.others.insert(part, opened?);
        }
        let other = self.others.get(&part);
        other.ok_or_else(|| Error::internal("a part that was opened is not open"))
    }

    /// Opens all parts that nobody writes in this opening: HDF5, which looks for the extents of the master's datasets in them, could not
    /// share them later if it had opened them by itself. One that cannot be opened is told of by whoever reads it.
    fn open_all(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.has_all_open, true) {
            return Ok(());
        }
        let written = self.groups.parts();
        for part in opening::parts_in(&self.folder)? {
            let name = part.file_name().and_then(|name| name.to_str());
            if let Some(number) = name
                .and_then(part_number)
                .filter(|&number| number >= written)
            {
                let _ = self.source(number);
            }
        }
        Ok(())
    }

    /// Keeps in mind what was found at a path: by this name only, if links lead to it by others.
    fn know(&mut self, path: String, layout: &Layout) {
        let first = layout.pieces.first();
        let is_other = |_: &String, known: &mut Layout| {
            let theirs = known.pieces.first();
            theirs.map(|piece| (piece.part, &piece.dataset))
                != first.map(|piece| (piece.part, &piece.dataset))
        };
        self.latest = None;
        self.layouts.retain(is_other);
        self.layouts.insert(path, layout.clone());
    }

    /// Keeps in mind what a series has become, also for the dimension that names its records.
    fn know_records(&mut self, path: &str, layout: Layout) {
        self.latest = None;
        let normal = path::normal(path);
        if self.rank() == 0 && layout.is_series {
            self.changed.insert(normal.clone().into(), layout.records);
        }
        match self.layouts.get_mut(&*normal) {
            Some(known) => *known = layout,
            None => {
                self.layouts.insert(normal.into(), layout);
            }
        }
    }

    /// Tells the master, on rank 0, how many records series in blocks have.
    fn fit_dimensions(&mut self) -> Result<()> {
        match &self.master {
            Some(master) if self.rank() == 0 => master.fit_dimensions(&self.changed)?,
            _ => {}
        }
        self.changed.clear();
        Ok(())
    }

    /// Forgets what is known of all paths, of which several may lead to what has changed.
    fn forget(&mut self) {
        self.latest = None;
        self.layouts.clear();
    }
}
