//! How long the file on disk is: longer than what is in it, while it is written.
//!
//! HDF5 notes the end of a file before it locks it, and later refuses one whose data end behind that. So the file
//! grows well before the commit that needs it, by zeros that take no space, and is cut when it is closed.

#![forbid(unsafe_code)]

use super::hooks::{self, Mutant};
use super::session::Session;
use super::words::io_error;
use crate::error::Result;

/// The file grows by at least so much.
pub const LEAST: u64 = 64 << 10;
/// And ahead of what is written by at most so much.
const MOST: u64 = 64 << 20;

impl Session {
    /// Gives the file on disk a size.
    pub(super) fn set_size(&mut self, size: u64) -> Result<()> {
        if self.physical_end == size {
            return Ok(());
        }
        self.file
            .set_size(size)
            .map_err(|error| io_error("change the size of", self.file.path(), &error))?;
        self.physical_end = size;
        self.touched_end = self.touched_end.min(size);
        self.reserved = false;
        Ok(())
    }

    /// Notes that bytes up to here were written.
    pub(super) fn note_touched(&mut self, end: u64) {
        self.touched_end = self.touched_end.max(end);
        self.physical_end = self.physical_end.max(end);
    }

    /// Makes the file longer than a write needs that would make it longer.
    pub(super) fn grow_for(&mut self, end: u64) {
        // Nobody has opened a file that nobody can look into; and one that is closed with this step is cut at once.
        let is_open_longer = !self.is_secluded && !self.is_last_step;
        if end > self.physical_end && self.is_behind_journal() && is_open_longer {
            let written = end.saturating_sub(self.committed_end).min(MOST);
            self.grow_to(end.saturating_add(self.headroom.max(written)));
        }
    }

    /// Makes the file so long that the next commit, if it is like the last one, finds it long enough.
    pub(super) fn grow_for_next_commit(&mut self, old_end: u64, end: u64) {
        self.headroom = (2 * end.saturating_sub(old_end)).clamp(LEAST, MOST);
        if self.physical_end < end + self.headroom / 2 && !self.ends {
            self.grow_to(end + self.headroom);
        }
    }

    /// Makes the file longer if that is possible; it need not be.
    fn grow_to(&mut self, size: u64) {
        if size > self.physical_end
            && !hooks::mutant(Mutant::SkipGrowth)
            && self.file.may_have_size(size)
            && self.file.set_size(size).is_ok()
        {
            self.physical_end = size;
        }
    }

    /// Gives back space that was reserved past the end and not used.
    pub(super) fn release_reserve(&mut self) {
        if std::mem::take(&mut self.reserved) {
            // That it stays reserved does no harm until the file is closed.
            let (size, keep) = (self.physical_end, self.touched_end.max(self.committed_end));
            if self.file.set_size(keep).is_ok() {
                self.physical_end = keep;
                self.grow_to(size);
            }
        }
    }
}
