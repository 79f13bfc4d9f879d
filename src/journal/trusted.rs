//! Looks at what HDF5 reads of a file's structure before HDF5 does, where its C would trust bytes that lead it astray.

#![forbid(unsafe_code)]

use super::raw::Shared;
use super::session::Session;
use super::superblock::Superblock;
use crate::error::{Error, Result};
use crate::format::btree2::{self, Node};
use crate::format::fractal_heap::{self, BlockTable};
use crate::format::free_space::{self, Manager};
use crate::format::{shared_messages, trusted, Source, Widths};
use std::collections::{HashMap, HashSet};

/// What HDF5 has read of structures whose parts, elsewhere in the file, have to agree with them.
///
/// Each is forgotten when HDF5 was shown the part: later it knows more of it than the file, and what it writes is sound. What it must
/// not see it must not see again.
#[derive(Debug, Default)]
pub struct Expected {
    /// The table of each fractal heap, by the address of its manager. It stays as it is.
    tables: HashMap<u64, BlockTable>,
    /// The headers of free space managers, by their addresses.
    managers: HashMap<u64, Manager>,
    /// The nodes of trees of version 2 that others lie below, by their addresses.
    nodes: HashMap<u64, Node>,
    /// The headers of free space managers that HDF5 has written itself.
    own: HashSet<u64>,
}

impl Expected {
    /// Whether HDF5 can be shown bytes that it reads at an address in a file of `end` bytes, as far as what led there tells; and notes
    /// where they lead to.
    fn admits(&mut self, address: u64, found: &[u8], widths: Widths, end: u64) -> bool {
        match found.first_chunk::<4>() {
            Some(b"FRHP") => {
                let heap = fractal_heap::Header::parse(found, widths);
                let table = heap.and_then(|heap| Some((heap.manager, heap.table()?)));
                self.tables.extend(table);
            }
            Some(b"FSHD") => {
                if !free_space::is_held(found, widths, end) {
                    return false;
                }
                // HDF5's own list may have parts of blocks that only its memory has, and not the heap's header in the file.
                if !self.own.contains(&address) {
                    let manager = free_space::manager(found, widths);
                    self.managers
                        .extend(manager.map(|manager| (address, manager)));
                }
            }
            Some(b"FSSE") => {
                let header = free_space::header_of(found, widths);
                let manager = header.and_then(|header| self.managers.get(&header));
                let table = header.and_then(|header| self.tables.get(&header));
                if manager
                    .is_some_and(|manager| !free_space::is_sound(found, manager, table, widths))
                {
                    return false;
                }
                header.and_then(|header| self.managers.remove(&header));
            }
            Some(b"BTHD") => match btree2::root(found, widths, end) {
                Some(root) => self.expect([root]),
                None => return false,
            },
            Some(b"BTIN") => match self.nodes.get(&address).map(|node| node.below(found)) {
                Some(Some(below)) => {
                    self.nodes.remove(&address);
                    self.expect(below);
                }
                Some(None) => return false,
                None => {}
            },
            _ => {}
        }
        true
    }

    /// Takes note that HDF5 writes a structure: what led there may be older.
    fn forget(&mut self, address: u64, written: &[u8]) {
        self.nodes.remove(&address);
        self.managers.remove(&address);
        if written.starts_with(b"FSHD") {
            self.own.insert(address);
        }
    }

    /// How many records a node has that others lie below.
    fn records_at(&self, address: u64) -> Option<u64> {
        self.nodes.get(&address).map(Node::records)
    }

    fn expect(&mut self, nodes: impl IntoIterator<Item = btree2::Place>) {
        self.nodes
            .extend(nodes.into_iter().filter(|(_, node)| node.leads_on()));
    }
}

/// Takes note that HDF5 writes metadata, a structure at a time: they are sound, whatever the file said before.
pub fn note_written(shared: &Shared, address: u64, written: &[u8]) {
    if let Some(superblock) = shared.superblock.get() {
        let place = address.wrapping_sub(superblock.address);
        shared.expected.lock().forget(place, written);
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
    let records = shared.expected.lock().records_at(place);
    if trusted::is_harmless(found, widths)
        && (!trusted::refers_to_shared_attributes(found, records)
            || holds_shared_attributes(shared, session, superblock)?)
        // HDF5's buffer writes several structures of a file that is made here at once, and none of them is another's.
        && (session.new_file
            || shared
                .expected
                .lock()
                .admits(place, found, widths, session.end()))
    {
        return Ok(());
    }
    Err(Error::format(format!(
        "the structure at byte {address} of '{}' leads nowhere: the file is damaged",
        shared.path.display()
    )))
}

/// A file as its session has it, whose addresses count from its superblock.
struct FromSuperblock<'a> {
    session: &'a Session,
    base: u64,
}

impl Source for FromSuperblock<'_> {
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.session.read(address.saturating_add(self.base), target)
    }

    fn end(&self) -> u64 {
        self.session.end().saturating_sub(self.base)
    }
}

/// Whether there is a heap of attributes that objects share.
fn holds_shared_attributes(
    shared: &Shared,
    session: &Session,
    superblock: &Superblock,
) -> Result<bool> {
    if let Some(&known) = shared.shares_attributes.get() {
        return Ok(known);
    }
    let source = FromSuperblock {
        session,
        base: superblock.address,
    };
    let found = match superblock.extension {
        Some(extension) => {
            shared_messages::holds_attributes(&source, extension, superblock.widths)?
        }
        None => false,
    };
    Ok(*shared.shares_attributes.get_or_init(|| found))
}

/// The superblock; None as long as nothing of a new file was written.
pub fn superblock<'a>(shared: &'a Shared, session: &Session) -> Option<&'a Superblock> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a file's manager at 99, and a list that is none of its one section.
    fn structures() -> [Vec<u8>; 2] {
        let mut header = b"FSHD\0\x01".to_vec();
        for number in [5000u64, 1, 1, 0] {
            header.extend(number.to_le_bytes());
        }
        for number in [4u16, 80, 120, 32] {
            header.extend(number.to_le_bytes());
        }
        for number in [65536u64, 200, 45, 45] {
            header.extend(number.to_le_bytes());
        }
        let mut list = b"FSSE\0".to_vec();
        list.extend(99u64.to_le_bytes());
        list.resize(45, 0xFF);
        [header, list]
    }

    #[test]
    fn what_hdf5_has_written_is_its_own() {
        let [header, list] = structures();
        let admits = |expected: &mut Expected, address, found: &[u8]| {
            expected.admits(address, found, Widths::USUAL, 4096)
        };
        let mut expected = Expected::default();
        assert!(admits(&mut expected, 99, &header));
        assert!(!admits(&mut expected, 200, &list));
        expected.forget(99, &header);
        assert!(admits(&mut expected, 99, &header) && admits(&mut expected, 200, &list));
        // Something else that is written there takes the expectation away as well.
        let mut expected = Expected::default();
        assert!(admits(&mut expected, 99, &header));
        expected.forget(98, &header);
        assert!(!admits(&mut expected, 200, &list));
        expected.forget(99, b"OHDR");
        assert!(admits(&mut expected, 200, &list));
    }
}
