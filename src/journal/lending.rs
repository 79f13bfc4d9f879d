//! Bytes of a file that another process of this computer writes, for the one that has the file open.
//!
//! They lie behind the end of the last commit, where nothing refers to them before the next one. Should the process that has
//! the file open die, the other one may still be writing: as long as it lives, nobody else can open the file for writing.

#![forbid(unsafe_code)]

use super::hooks::{self, Mutant};
use super::locking::Locking;
use super::presence;
use super::raw::RawFile;
use super::session::Session;
use super::sys::{DiskFile, Identity, OpenAs};
use super::words::io_error;
use crate::error::{Error, Result};
use std::path::Path;

/// A file that another process of this computer has open for writing.
#[derive(Debug)]
pub struct Borrowed(DiskFile);

impl Borrowed {
    /// Opens it; None where it is another file than the one with this identity, or where nobody could be kept from opening it when its
    /// writer has died and this process writes on.
    pub fn open(path: &Path, identity: Identity, locking: Locking) -> Option<Self> {
        let file = DiskFile::open(path, OpenAs::Write).ok()?;
        let is_it = file.facts().is_ok_and(|facts| facts.identity == identity);
        (is_it && presence::announce_borrower(&file, locking)).then_some(Self(file))
    }

    /// Writes bytes that were lent.
    pub fn write(&self, address: u64, data: &[u8]) -> Result<()> {
        let written = self.0.write_at(data, address);
        written.map_err(|error| io_error("write", self.0.path(), &error))
    }
}

impl RawFile {
    /// Lets another process write bytes that were allocated just now: from here on they count as written. Says whether it may; not where a commit
    /// has had something, or may have, or where the file cannot be made so long.
    pub fn lend(&self, address: u64, length: u64) -> Result<bool> {
        self.open_to_change()?.lend(address, length)
    }
}

impl Session {
    fn lend(&mut self, address: u64, length: u64) -> Result<bool> {
        self.require_writer()?;
        self.is_lent = true;
        let end = address
            .checked_add(length)
            .ok_or_else(|| Error::internal("no file has such addresses"))?;
        let is_committed = address < self.boundary() && !hooks::mutant(Mutant::LendCommittedBytes);
        if self.poison.is_some() || self.discard || self.late || is_committed {
            return Ok(false);
        }
        self.require_journal()?;
        // The other process must not make it longer: a file whose size has changed is another writer's.
        self.grow_for(end);
        if self.physical_end < end && (!self.file.may_have_size(end) || self.set_size(end).is_err())
        {
            return Ok(false);
        }
        self.logical_end = self.logical_end.max(end);
        self.note_touched(end);
        self.unwritten.remove(address, end);
        self.stale.remove(address, end);
        Ok(true)
    }
}
