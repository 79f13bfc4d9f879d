//! Room that deletions give back. The last commit may refer to what is in it: what is written there before the next one has to go
//! through the journal. So HDF5 gets room that is worth the trouble back when that commit is made.
//!
//! HDF5 forgets what is free when it closes a file, and what would have been used again is then lost. So this is for files that this
//! opening has made only: one that is opened again and again must not grow each time.

#![forbid(unsafe_code)]

use super::owner::State;
use crate::error::Result;
use crate::format::ahead::Ahead;
use crate::format::contiguous::ContiguousDataset;
use crate::format::edited_header::EditedHeader;
use crate::journal::FREE_WORTH;
use crate::store::h5::{self, ObjectInfo};
use crate::store::{header, path, Kind};

/// So many objects of a group that is deleted are looked at.
const MOST: usize = 1024;

impl State {
    /// Opens what takes much room at a path that is to be deleted, and below it: HDF5 keeps the room of a deleted object while that is
    /// open.
    pub(super) fn hold_room(&self, normal: &str, info: &ObjectInfo) -> Result<Vec<h5::Id>> {
        let mut held = Vec::new();
        let file = self.hdf5.id()?;
        // Not what lies in another file, behind an external link.
        let is_ours = self.is_new && self.is_usual && self.is_here(info.key);
        if is_ours && self.raw.is_committed(info.key.address()) {
            let place = path::or_root(normal);
            if let Some(address) = h5::hard_link_address(file, place)? {
                self.hold_room_at(file, address, &mut MOST.clone(), &mut held)?;
            }
        }
        Ok(held)
    }

    fn hold_room_at(
        &self,
        file: &h5::Id,
        address: u64,
        left: &mut usize,
        held: &mut Vec<h5::Id>,
    ) -> Result<()> {
        if *left == 0 || !self.raw.is_committed(address) {
            return Ok(());
        }
        *left -= 1;
        // What HDF5 has not written of a header is not what is asked here: where the elements are, and how many.
        let header =
            EditedHeader::unchanged(&Ahead::of(&self.raw), address, header::LARGEST_HEADER)?;
        if let Some(dataset) = header.as_ref().and_then(ContiguousDataset::of) {
            let count: u64 = dataset.shape.iter().product();
            if count.saturating_mul(dataset.number.element_size() as u64) < FREE_WORTH {
                return Ok(());
            }
        }
        let object = h5::open_address(file, address)?;
        let info = h5::info_of(&object)?;
        match info.kind {
            Kind::Group => {
                for (_, member) in h5::hard_links(&object, MOST)?.unwrap_or_default() {
                    self.hold_room_at(file, member, left, held)?;
                }
            }
            _ if h5::room_of(&object) >= FREE_WORTH => held.push(object),
            _ => {}
        }
        Ok(())
    }

    /// Takes what was opened before it was deleted.
    pub(super) fn keep_until_commit(&mut self, held: Vec<h5::Id>) {
        self.deleted.extend(held);
    }

    /// Lets HDF5 have the room of what was deleted: from the next commit on.
    pub(super) fn free_deleted(&mut self) -> Result<()> {
        if self.deleted.is_empty() {
            return Ok(());
        }
        self.deleted.clear();
        self.raw.look_for_free_space();
        self.reusable = h5::free_space(self.hdf5.id()?);
        Ok(())
    }
}
