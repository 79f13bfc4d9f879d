//! Files that HDF5 does not have open: it opens them when it is needed, and a new one is begun without it.
//!
//! Format: HDF5 File Format Specification 3.0, II.A (superblock of version 0).

#![forbid(unsafe_code)]

use super::file::Hdf5File;
use super::h5::{self, Id, Libver};
use super::options::Open;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::new_objects::{self, ROOT_PLACES, SIZES, SUPERBLOCK};
use crate::format::superblock::Superblock;
use crate::format::symbol_table::Sizes;
use crate::journal::{self, Access, Durability, RawFile, SIGNATURE};
use std::path::Path;
use std::sync::LazyLock;

/// Where a superblock of version 0 says the sizes of symbol tables.
const TABLE_SIZES: u64 = 16;

/// A file in which nothing is.
static EMPTY: LazyLock<Vec<u8>> = LazyLock::new(new_objects::empty_file);

/// Whether objects may be made past HDF5 in a file that is opened so.
fn is_usual(options: &Open) -> bool {
    options.libver == Libver::Earliest
        && !options.track_order
        // Without a journal HDF5 alone makes objects.
        && options.durability.unwrap_or_default() != Durability::None
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
    match is_usual(options) {
        true => h5::create_bytes(path.as_ref(), exclusive, options, EMPTY.len() as u64).map(Some),
        false => Ok(None),
    }
}

/// Makes a file an HDF5 file, if it is not one yet.
fn settle(raw: &RawFile) -> Result<()> {
    let _lock = h5::lock();
    if raw.is_blank() {
        raw.write(0, &EMPTY)?;
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
        settle(raw)?;
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
            settle(&raw)?;
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
        settle(self.raw()?)
    }

    /// Makes a blank file an HDF5 file: `write` writes its root behind everything else, or, if nothing is there yet, where a root without
    /// anything would lie; it gives where its header is, its tree and its heap. None if the file is not blank any more.
    pub(crate) fn make_root<T>(
        &self,
        write: impl FnOnce() -> Result<(T, [u64; 3])>,
    ) -> Result<Option<T>> {
        // HDF5 may want to open it behind a link of another file.
        let _lock = h5::lock();
        if !self.is_blank() {
            return Ok(None);
        }
        let raw = self.raw()?;
        let end = raw.allocated_end()?;
        if end == EMPTY.len() as u64 {
            raw.set_allocated_end(SUPERBLOCK as u64)?;
        }
        let (made, places) = write().inspect_err(|_| {
            let _ = raw.set_allocated_end(end);
        })?;
        let mut superblock = EMPTY[..SUPERBLOCK].to_vec();
        for (at, address) in ROOT_PLACES.into_iter().zip(places) {
            superblock[at..at + 8].copy_from_slice(&address.to_le_bytes());
        }
        raw.write(0, &superblock)?;
        raw.note_root();
        Ok(Some(made))
    }

    /// The sizes of the file's symbol tables, if objects can be made past HDF5 in it.
    pub(crate) fn symbol_table_sizes(&self) -> Result<Option<Sizes>> {
        if self.is_blank() {
            return Ok(Some(SIZES));
        }
        if !self.is_opened() {
            return Ok(Some(own_sizes(self.raw()?)?));
        }
        let id = self.id()?;
        match h5::can_append(id)? && !h5::tracks_order(id, "/")? {
            true => h5::symbol_table_sizes(id),
            false => Ok(None),
        }
    }

    /// Allocates so many bytes past HDF5, where something was given back or behind everything else. Nothing is written there yet. The file must be one in
    /// which objects can be made past HDF5.
    pub(crate) fn allocate(&self, length: u64) -> Result<u64> {
        let again = self.room.borrow_mut().take(length);
        again.map_or_else(|| self.raw()?.allocate(length), Ok)
    }

    /// Allocates `length` bytes and writes there those that `place` gives for their address; what the disk does not take is kept in memory until the next
    /// commit, which writes it, or tells.
    pub(crate) fn append_surely<'a>(
        &self,
        length: usize,
        place: impl FnOnce(u64) -> &'a [u8],
    ) -> Result<()> {
        let raw = self.raw()?;
        let address = raw.allocate(length as u64)?;
        raw.write_surely(address, place(address))
    }

    /// Gives back what was allocated past HDF5, and nothing refers to any more.
    pub(crate) fn give_back(&self, address: u64, length: u64) {
        self.room.borrow_mut().give(address, length);
    }

    /// Whether the nodes of the trees of chunks have the usual size in this file, in which objects can be made past HDF5.
    pub(crate) fn has_usual_trees(&self) -> Result<bool> {
        if self.is_blank() {
            return Ok(true);
        }
        if let Some(usual) = self.usual_trees.get() {
            return Ok(*usual);
        }
        let mut version = [0];
        self.raw()?
            .read_near(SIGNATURE.len() as u64, &mut version)?;
        // From the next version on the superblock can say another one.
        Ok(*self.usual_trees.get_or_init(|| version == [0]))
    }

    /// Writes `length` bytes behind everything else, past HDF5: those that `place` gives for their address.
    pub(crate) fn append<'a>(
        &self,
        length: usize,
        place: impl FnOnce(u64) -> &'a [u8],
    ) -> Result<()> {
        self.raw()?.append(length, place)
    }
}

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
