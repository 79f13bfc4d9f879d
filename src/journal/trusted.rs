//! Looks at what HDF5 reads of a file's structure before HDF5 does, where its C would trust bytes that lead it astray.

#![forbid(unsafe_code)]

use super::raw::Shared;
use super::session::Session;
use super::superblock::Superblock;
use crate::error::{Error, Result};
use crate::format::fractal_heap::{self, BlockTable};
use crate::format::free_space::{self, Manager};
use crate::format::{trusted, Widths};
use std::collections::HashMap;

/// What was seen of free space managers, whose lists of sections have to agree with it.
#[derive(Debug, Default)]
pub struct FreeSpace {
    /// The table of each fractal heap, by the address of its manager. It stays as it is.
    tables: HashMap<u64, BlockTable>,
    /// The headers whose lists HDF5 has not read, by their addresses: later it knows more of them than the file.
    managers: HashMap<u64, Manager>,
}

impl FreeSpace {
    /// Notes a header; of a list, whether HDF5 can be shown it.
    fn admits(&mut self, address: u64, found: &[u8], widths: Widths) -> bool {
        if let Some(heap) = fractal_heap::Header::parse(found, widths) {
            self.tables
                .extend(heap.table().map(|table| (heap.manager, table)));
        } else if let Some(manager) = free_space::manager(found, widths) {
            self.managers.insert(address, manager);
        } else if let Some(header) = free_space::header_of(found, widths) {
            let manager = self.managers.remove(&header);
            let table = self.tables.get(&header);
            return manager
                .is_none_or(|manager| free_space::is_sound(found, &manager, table, widths));
        }
        true
    }
}

/// Fails if HDF5 must not see what it has read of a file.
///
/// It reads global heaps as if they were raw data, a whole one at a time or the first 4096 bytes of it; trees of attributes are read
/// node by node.
pub fn require_harmless(
    shared: &Shared,
    session: &Session,
    address: u64,
    found: &[u8],
) -> Result<()> {
    if !trusted::is_trusted(found) {
        return Ok(());
    }
    let Some(superblock) = superblock(shared, session) else {
        return Ok(());
    };
    let widths = superblock.widths;
    // Addresses in a file count from its superblock.
    let place = address.wrapping_sub(superblock.address);
    if trusted::is_harmless(found, widths, superblock.is_extended)
        && shared.free_space.lock().admits(place, found, widths)
    {
        return Ok(());
    }
    Err(Error::format(format!(
        "the structure at byte {address} of '{}' leads nowhere: the file is damaged",
        shared.path.display()
    )))
}

/// The superblock; None as long as nothing of a new file was written.
fn superblock<'a>(shared: &'a Shared, session: &Session) -> Option<&'a Superblock> {
    if shared.superblock.get().is_none() {
        let read = |buffer: &mut [u8], address: u64| {
            let read = session.read(address, buffer);
            read.map_err(|error| std::io::Error::other(error.message))
        };
        let found = Superblock::locate(session.end(), read).ok().flatten();
        let _ = shared.superblock.set(found?);
    }
    shared.superblock.get()
}
