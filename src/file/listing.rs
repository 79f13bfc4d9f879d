//! The names in groups, listed past HDF5.

#![forbid(unsafe_code)]

use super::owner::State;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::local_heap::LocalHeap;
use crate::format::object_header::is_plain_group;
use crate::format::{links, symbol_table, Widths};

/// The most names of a group that are listed, and bytes of them.
const MOST: usize = 1 << 18;
const LARGEST_HEAP: u64 = 16 << 20;

impl State {
    /// The names in the group at a normal path in alphabetical order, if the file has its links as they are; None if HDF5 has to list them.
    ///
    /// What waits for the group is to be brought into the file before.
    pub(super) fn names_in_group(&mut self, normal: &str) -> Result<Option<Vec<String>>> {
        if self.hdf5.is_blank() {
            return Ok(None);
        }
        let raw = self.raw.clone();
        let near = Ahead::of(&raw);
        let Some(header) = self.header_at(normal, None)? else {
            return Ok(None);
        };
        let mut pieces = Vec::new();
        let found = if !is_plain_group(header) {
            Ok(None)
        } else if header.is_new {
            links::read(&near, header, MOST).map(|found| {
                found.map(|found| {
                    pieces = found.pieces;
                    let links = found.links.into_iter();
                    let mut names: Vec<String> = links.map(|link| link.name.into()).collect();
                    names.sort_unstable();
                    names
                })
            })
        } else {
            match symbol_table::places(&header.messages, Widths::USUAL.address) {
                Some((tree, heap)) => {
                    LocalHeap::read(&near, heap, LARGEST_HEAP).and_then(|names| {
                        let Some(names) = names else {
                            return Ok(None);
                        };
                        pieces.push((names.place, names.data.len() as u64));
                        let all = symbol_table::all(&near, tree, &names, MOST, &mut pieces)?;
                        let names = |all: symbol_table::NamedLinks| {
                            all.into_iter().map(|(name, _)| name.into()).collect()
                        };
                        Ok(all.map(names))
                    })
                }
                None => Ok(None),
            }
        };
        // What cannot be read HDF5 finds out as well, and says so.
        let is_here = |&(place, length): &(u64, u64)| self.is_as_in_file(place, length);
        Ok(found.ok().flatten().filter(|_| pieces.iter().all(is_here)))
    }
}
