//! New files that nobody else can look into yet: they need no journal.
//!
//! Nothing was committed in such a file, so that there is nothing to go back to, and its exclusive lock keeps everybody out. That it is
//! new, and whose it is, stands at its own beginning, where the signature will be: should its writer be killed, the next opening
//! empties it. With its first commit it gets a journal, unless it is closed then.

#![forbid(unsafe_code)]

use super::format::{Header, NEW_FILE_HEADER, OWNER_SIZE};
use super::owner;
use super::presence;
use super::session::Session;
use super::superblock::SIGNATURE;
use super::sys::DiskFile;
use super::words::io_error;
use super::{sys, Durability};
use crate::error::Result;
use std::io;

/// What such a file begins with, in place of the signature; the writer's identity follows.
const MARK: [u8; SIGNATURE.len()] = *b"h5simNEW";

/// Whether a file begins with the mark, or with the beginning of it, which was being written; or with the beginning of the signature, which
/// was being written over it. Of a file with a superblock it says nothing.
pub fn is_marked(file: &DiskFile) -> io::Result<bool> {
    let mut found = [0; MARK.len()];
    file.read_at(&mut found, 0)?;
    let same = |one: &[u8], other: &[u8]| one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let signed = same(&found, &SIGNATURE);
    if signed > 0 {
        return Ok(signed < MARK.len() && found[signed..] == MARK[signed..]);
    }
    let length = file.facts()?.size.min(MARK.len() as u64);
    Ok(length > 0 && same(&found, &MARK) as u64 >= length)
}

/// What a file says of its writer whose first commit is still to come; None if it says nothing.
pub fn owner_in(file: &DiskFile) -> Option<[u8; OWNER_SIZE]> {
    let mut found = [0; MARK.len() + OWNER_SIZE];
    file.read_at(&mut found, 0).ok()?;
    let (mark, owner) = found.split_first_chunk::<{ MARK.len() }>()?;
    owner.first_chunk().copied().filter(|_| *mark == MARK)
}

impl Session {
    /// Makes an empty file one that nobody else can look into; false if it needs a journal.
    pub(super) fn seclude(&mut self) -> Result<bool> {
        // With power cuts sectors of a file arrive in any order; and a lock has to be one.
        let is_possible = self.durability == Durability::Kill
            && self.physical_end == 0
            && !self.journal.exists()
            && self.locking.is_on()
            && presence::is_local(&self.file)
            && sys::can_make_files_beside(self.file.path())
            && self.file.lock(libc::LOCK_EX).is_ok();
        if !is_possible {
            return Ok(false);
        }
        let mut mark = MARK.to_vec();
        mark.extend(owner::myself().unwrap_or_default());
        mark.resize(MARK.len() + OWNER_SIZE, 0);
        if let Err(error) = self.file.write_at(&mark, 0) {
            let _ = self.file.set_size(0);
            return Err(io_error("write", self.file.path(), &error));
        }
        self.note_touched(mark.len() as u64);
        // In the file that is made there, none of it is left.
        mark.fill(0);
        self.overlay
            .write(0, &mark, true, &mut self.journal)
            .map_err(|error| io_error("write", self.file.path(), &error))?;
        self.is_secluded = true;
        Ok(true)
    }

    /// Lets others look into a file that nobody could look into, with a journal that says that it is new.
    pub(super) fn emerge(&mut self) -> Result<()> {
        if !self.is_secluded {
            return Ok(());
        }
        let path = self.file.path().to_path_buf();
        self.note_new_file().map_err(|error| {
            let _ = self.journal.remove();
            io_error("make the journal of", &path, &error)
        })?;
        // The journal says it now, and without a signature the file is one that is about to be changed.
        self.file
            .write_at(&[0; MARK.len() + OWNER_SIZE], 0)
            .map_err(|error| io_error("write", &path, &error))?;
        self.is_secluded = false;
        // It may stay exclusive where it cannot be lowered: nobody is harmed by that.
        self.let_readers_in();
        Ok(())
    }

    /// Notes in the journal that nothing is committed yet.
    pub(super) fn note_new_file(&mut self) -> io::Result<()> {
        let header = Header {
            new_file: true,
            by_identity: true,
            sequence: 0,
            identity: self.identity,
            old_end: 0,
            new_end: 0,
            signature: 0,
            index_offset: 0,
            index_length: 0,
            step: None,
        };
        self.journal
            .file()?
            .write_at(&header.encode(&[]), NEW_FILE_HEADER)
    }
}
