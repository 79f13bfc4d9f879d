//! Looks at what HDF5 reads of a file's structure before HDF5 does, where its C would trust bytes that lead it astray.

#![forbid(unsafe_code)]

use super::raw::Shared;
use super::session::Session;
use super::superblock::Superblock;
use crate::error::{Error, Result};
use crate::format::trusted;

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
    if trusted::is_harmless(found, superblock.widths, superblock.is_extended) {
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
