//! Files that HDF5 does not have open: it opens them when it is needed, and a new one is begun without it.
//!
//! Format: HDF5 File Format Specification 3.0, II.A (superblocks of versions 0 and 3).

#![forbid(unsafe_code)]

use super::file::Hdf5File;
use super::h5::{self, Id, Libver};
use super::options::Open;
use super::room::Moved;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::new_objects::{self, NEW_ROOT, NEW_SUPERBLOCK, ROOT_PLACES, SUPERBLOCK};
use crate::format::superblock::Superblock;
use crate::format::symbol_table::Sizes;
use crate::format::{lookup3, Form, UNDEFINED};
use crate::journal::{self, Access, RawFile, FREE_WORTH, SIGNATURE};
use std::path::Path;
use std::sync::LazyLock;

/// So many pieces of room are looked at for one that HDF5 has seen nothing of.
const MOST_LOOKED_AT: usize = 16;

/// Where a superblock of version 0 says the sizes of symbol tables.
const TABLE_SIZES: u64 = 16;

/// A file in which nothing is.
struct EmptyFile {
    bytes: Vec<u8>,
    /// Bytes of its superblock.
    superblock: usize,
}

impl EmptyFile {
    /// The one that is made by an opening with these options.
    fn of(options: &Open) -> &'static Self {
        static OLD: LazyLock<EmptyFile> = LazyLock::new(|| EmptyFile {
            bytes: new_objects::empty_file(),
            superblock: SUPERBLOCK,
        });
        static NEW: LazyLock<EmptyFile> = LazyLock::new(|| EmptyFile {
            bytes: new_objects::new_file(),
            superblock: NEW_SUPERBLOCK,
        });
        match options.libver {
            Libver::Earliest => &OLD,
            Libver::Latest => &NEW,
        }
    }

    /// Its superblock, with the root's header at an address, and the tree and the heap of it if it has them.
    fn with_root(&self, header: u64, table: Option<[u64; 2]>) -> Vec<u8> {
        let mut superblock = self.bytes[..self.superblock].to_vec();
        match table {
            Some([tree, heap]) => {
                for (at, address) in ROOT_PLACES.into_iter().zip([header, tree, heap]) {
                    superblock[at..at + 8].copy_from_slice(&address.to_le_bytes());
                }
            }
            None => {
                superblock[NEW_ROOT..NEW_ROOT + 8].copy_from_slice(&header.to_le_bytes());
                let sum = lookup3::checksum(&superblock[..NEW_ROOT + 8]);
                superblock[NEW_ROOT + 8..].copy_from_slice(&sum.to_le_bytes());
            }
        }
        superblock
    }
}

/// Whether objects may be made past HDF5 in a file that is opened so.
fn is_usual(options: &Open) -> bool {
    !options.track_order
}

/// Opens a file that is there for writing, which HDF5 does not open yet; None if it has to.
pub(super) fn open(path: &Path, options: &Open) -> Result<Option<RawFile>> {
    match is_usual(options) {
        true => h5::open_to_write(path, options),
        false => Ok(None),
    }
}

/// Creates a file that HDF5 does not open yet; None if it has to.
pub(super) fn create(path: &str, exclusive: bool, options: &Open) -> Result<Option<RawFile>> {
    let room = EmptyFile::of(options).bytes.len() as u64;
    match is_usual(options) {
        true => h5::create_bytes(path.as_ref(), exclusive, options, room).map(Some),
        false => Ok(None),
    }
}

/// Makes a file an HDF5 file, if it is not one yet.
fn settle(raw: &RawFile, options: &Open) -> Result<()> {
    let _lock = h5::lock();
    if raw.is_blank() {
        raw.write(0, &EmptyFile::of(options).bytes)?;
        raw.note_root();
    }
    Ok(())
}

impl Hdf5File {
    /// HDF5's identifier of the file, which HDF5 opens if it has not yet.
    pub(crate) fn id(&self) -> Result<&Id> {
        if let Some(id) = self.opened() {
            return Ok(id);
        }
        // Nobody else opens it meanwhile.
        let _lock = h5::lock();
        if let Some(id) = self.opened() {
            return Ok(id);
        }
        let raw = self.raw()?;
        settle(raw, &self.options)?;
        let id = h5::hand_over(&self.place, raw, self.access(), &self.options)?;
        journal::unregister_lone(raw);
        Ok(self.id.get_or_init(|| id))
    }

    /// HDF5's identifier of the file, if HDF5 has it open.
    pub(super) fn opened(&self) -> Option<&Id> {
        if self.id.get().is_none() {
            let opened = self.raw.as_ref().and_then(h5::take_opened);
            if let Some(id) = opened {
                let _ = self.id.set(id);
            }
        }
        self.id.get()
    }

    /// Whether HDF5 has it open.
    pub(crate) fn is_opened(&self) -> bool {
        self.opened().is_some()
    }

    /// Takes note that it is open without HDF5.
    pub(super) fn register(&self) -> Result<()> {
        let (raw, place, options) = (
            self.raw()?.clone(),
            self.place.clone(),
            self.options.clone(),
        );
        let open = move || {
            settle(&raw, &options)?;
            h5::hand_over(&place, &raw, Access::Write, &options).map(Id::into_raw)
        };
        journal::register_lone(self.raw()?, Box::new(open));
        Ok(())
    }

    /// Where the header of its root is, if HDF5 does not have it open.
    pub(crate) fn own_root(&self) -> Result<Option<u64>> {
        if self.is_opened() || self.is_blank() {
            return Ok(None);
        }
        let found = Superblock::plain(&Ahead::of(self.raw()?))?;
        Ok(found.and_then(|(superblock, _)| superblock.root))
    }

    /// Whether nothing was made in it yet, not even its root.
    pub(crate) fn is_blank(&self) -> bool {
        self.raw.as_ref().is_some_and(RawFile::is_blank)
    }

    /// Makes it an HDF5 file, if it is not one yet.
    pub(super) fn settle(&self) -> Result<()> {
        settle(self.raw()?, &self.options)
    }

    /// Makes a blank file an HDF5 file: `write` writes its root behind everything else, or, if nothing is there yet, where a root without
    /// anything would lie; it gives where its header is, its tree and its heap. None if the file is not blank any more.
    pub(crate) fn make_root<T>(
        &self,
        write: impl FnOnce() -> Result<(T, (u64, Option<[u64; 2]>))>,
    ) -> Result<Option<T>> {
        // HDF5 may want to open it behind a link of another file.
        let _lock = h5::lock();
        if !self.is_blank() {
            return Ok(None);
        }
        let raw = self.raw()?;
        let empty = EmptyFile::of(&self.options);
        let end = raw.allocated_end()?;
        if end == empty.bytes.len() as u64 {
            raw.set_allocated_end(empty.superblock as u64)?;
        }
        let (made, (header, table)) = write().inspect_err(|_| {
            let _ = raw.set_allocated_end(end);
        })?;
        let superblock = empty.with_root(header, table);
        raw.write(0, &superblock)?;
        raw.note_root();
        Ok(Some(made))
    }

    /// The form of the file's objects, if they can be made past HDF5 in it.
    pub(crate) fn form(&self) -> Result<Option<Form>> {
        if self.is_blank() {
            // As HDF5 says in an empty file.
            return Ok(Some(match self.options.libver {
                Libver::Earliest => Form::OLDEST,
                Libver::Latest => Form::New,
            }));
        }
        if !self.is_opened() {
            // As HDF5 does it, which makes nothing older than the superblock.
            return Ok(Some(
                match self.options.libver == Libver::Earliest && self.has_oldest()? {
                    true => Form::Old(own_sizes(self.raw()?)?),
                    false => Form::New,
                },
            ));
        }
        let id = self.id()?;
        match h5::can_append(id)? && !h5::tracks_order(id, "/")? {
            true => h5::form(id),
            false => Ok(None),
        }
    }

    /// Allocates so many bytes past HDF5, where something was given back or behind everything else. Nothing is written there yet. The file must be one in
    /// which objects can be made past HDF5.
    pub(crate) fn allocate(&self, length: u64) -> Result<u64> {
        let again = self.room.borrow_mut().take(length);
        again.map_or_else(|| self.raw()?.allocate(length), Ok)
    }

    /// The same as [`append`](Self::append), but that what the disk does not take is kept in memory until the next commit, which writes it, or tells.
    pub(crate) fn append_surely<'a>(
        &self,
        length: usize,
        place: impl FnOnce(u64) -> &'a [u8],
    ) -> Result<()> {
        let raw = self.raw()?;
        let address = self.allocate_unseen(length as u64)?;
        raw.write_surely(address, place(address))
    }

    /// Allocates `length` bytes past HDF5, of which it has seen nothing.
    pub(crate) fn allocate_unseen(&self, length: u64) -> Result<u64> {
        let raw = self.raw()?;
        match self.take_unseen(raw, length) {
            Some(address) => Ok(address),
            None => raw.allocate(length),
        }
    }

    /// Gives back what was allocated past HDF5, and nothing refers to any more when the step under way is committed. It may be taken again at once: where the
    /// last commit refers to it, what is written there goes through the journal.
    pub(crate) fn give_back(&self, address: u64, length: u64) {
        self.room.borrow_mut().give(address, length);
    }

    /// The same of what has moved lest something go through the journal: it is taken again after the next commit only, if the last one refers to it.
    pub(crate) fn give_back_later(&self, address: u64, length: u64) -> Result<()> {
        match self.raw()?.committed(address, length) {
            0 => self.give_back(address, length),
            _ => self.room.borrow_mut().give_later(address, length),
        }
        Ok(())
    }

    /// The same of what goes because it was deleted, which is taken again after the next commit if that spares the journal something.
    pub(crate) fn give_up(&self, address: u64, length: u64) -> Result<()> {
        self.forget_moved(address);
        match self.may_move() && length >= FREE_WORTH {
            true => self.give_back_later(address, length),
            false => {
                self.give_back(address, length);
                Ok(())
            }
        }
    }

    /// Before a commit: has it note what was given back, so that what is written there afterwards replaces nothing.
    pub(super) fn note_room(&self) -> Result<()> {
        let room = self.room.borrow();
        let mut unneeded = room.unneeded(FREE_WORTH).peekable();
        match unneeded.peek() {
            Some(_) => self.raw()?.note_free(unneeded),
            None => Ok(()),
        }
    }

    /// Takes note that there is another last commit.
    pub(crate) fn note_commit(&self) {
        self.room.borrow_mut().note_commit();
    }

    /// Lets what is overwritten as a whole be moved from here on: see [`is_better_moved`](Self::is_better_moved).
    pub(crate) fn allow_moves(&self) {
        self.allows_moves.set(true);
    }

    /// Whether what lies in a range, and is to be written anew as a whole, is better written elsewhere: see [`Moved`]. The file must be one in which
    /// objects can be made past HDF5.
    ///
    /// Nothing moves in a file that is committed together with others, or only when it is closed.
    pub(crate) fn is_better_moved(&self, address: u64, length: u64) -> bool {
        self.may_move()
            && length >= FREE_WORTH
            && self.raw.as_ref().is_some_and(|raw| {
                raw.committed(address, length) == length && raw.has_room_to_note()
            })
    }

    /// Whether anything moves in this file.
    pub(crate) fn may_move(&self) -> bool {
        let is_one_of_many = || self.raw.as_ref().is_none_or(RawFile::is_one_of_many);
        self.allows_moves.get() && !self.commits_by_reopening() && !is_one_of_many()
    }

    /// Takes note that something has moved from one place to another.
    pub(crate) fn note_moved(&self, from: u64, to: u64, moved: Moved) {
        self.room.borrow_mut().note_moved(from, to, moved);
    }

    /// What has moved, and lies behind all others that have.
    pub(crate) fn last_moved(&self) -> Option<(u64, Moved)> {
        self.room.borrow().last_moved()
    }

    /// Forgets that something has moved.
    pub(crate) fn forget_moved(&self, address: u64) {
        self.room.borrow_mut().forget_moved(address);
    }

    /// Takes room for so many bytes before an address out of what was given back.
    pub(crate) fn allocate_before(&self, length: u64, end: u64) -> Option<u64> {
        self.room.borrow_mut().take_before(length, end)
    }

    /// Makes the file end before what was given back at its end.
    pub(crate) fn cut_room(&self) -> Result<()> {
        let raw = self.raw()?;
        // HDF5 allocates there, too.
        let _lock = h5::lock();
        loop {
            let last = self.room.borrow_mut().take_last(raw.allocated_end()?);
            let Some((address, length)) = last else {
                return Ok(());
            };
            raw.give_back_end(address, length)?;
        }
    }

    /// Whether the nodes of the trees of chunks have the usual size in this file, in which objects can be made past HDF5.
    pub(crate) fn has_usual_trees(&self) -> Result<bool> {
        if self.is_blank() {
            return Ok(true);
        }
        if let Some(usual) = self.usual_trees.get() {
            return Ok(*usual);
        }
        let mut start = [0; SUPERBLOCK_START];
        self.raw()?.read_near(SIGNATURE.len() as u64, &mut start)?;
        // Version 1 says another one itself, later ones in their extension.
        let usual = match start[0] {
            0 => true,
            2 | 3 => start[SUPERBLOCK_EXTENSION..] == UNDEFINED.to_le_bytes(),
            _ => false,
        };
        Ok(*self.usual_trees.get_or_init(|| usual))
    }

    /// Whether its superblock is of the oldest version.
    fn has_oldest(&self) -> Result<bool> {
        let mut version = [0];
        self.raw()?
            .read_near(SIGNATURE.len() as u64, &mut version)?;
        Ok(version == [0])
    }

    /// Writes `length` bytes where something was given back that HDF5 has seen nothing of, or behind everything else, past HDF5: those that `place` gives for
    /// their address.
    pub(crate) fn append<'a>(
        &self,
        length: usize,
        place: impl FnOnce(u64) -> &'a [u8],
    ) -> Result<()> {
        let raw = self.raw()?;
        let Some(address) = self.take_unseen(raw, length as u64) else {
            return raw.append(length, place);
        };
        let written = raw.write(address, place(address));
        if written.is_err() {
            self.give_back(address, length as u64);
        }
        written
    }

    /// Room for so many bytes that was given back, and that HDF5 has seen nothing of: what it keeps in memory of a place would be taken for what is there.
    fn take_unseen(&self, raw: &RawFile, length: u64) -> Option<u64> {
        let mut looked_at = 0;
        let is_good = |address| {
            looked_at += 1;
            looked_at <= MOST_LOOKED_AT && raw.is_unseen(address, length)
        };
        self.room.borrow_mut().take_where(length, is_good)
    }
}

/// Bytes of a superblock of version 2 or 3 behind its signature, up to where it says where its extension is, and where that is said.
const SUPERBLOCK_START: usize = 20;
const SUPERBLOCK_EXTENSION: usize = 12;

/// The sizes of symbol tables that the superblock of version 0 says.
fn own_sizes(raw: &RawFile) -> Result<Sizes> {
    let mut found = [0; 4];
    raw.read_near(TABLE_SIZES, &mut found)?;
    let number = |at: usize| usize::from(u16::from_le_bytes([found[at], found[at + 1]]));
    Ok(Sizes {
        children: 2 * number(2),
        links: 2 * number(0),
    })
}
