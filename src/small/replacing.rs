//! Datasets that wait in memory, written anew or deleted before the file has them.

#![forbid(unsafe_code)]

use super::group::{Member, NewDataset};
use super::image::Address;
use super::stored::{is_small, Stored};
use super::{usual, Gathered, Way, AT_ONCE, NAME_COST};
use crate::error::Result;
use crate::format::Form;
use crate::store::strided::Strided;
use crate::store::{Dtype, Hdf5File, Write};

/// A dataset that waits, and can be taken back.
struct Waiting {
    /// The number of the group in the file that waits for it.
    group: usize,
    /// Where in the path its name there begins.
    rest: usize,
    /// Where in the image its data are, and how many bytes; None if it has none.
    data: Option<(usize, usize)>,
}

impl Gathered {
    /// Writes an array over the dataset that waits at a path; false if there is none, or if HDF5 has to do it.
    ///
    /// The dataset keeps its attributes if its type and extents stay as they are. `options` are those of `h5sim_write`.
    pub fn overwrite(
        &mut self,
        file: &Hdf5File,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<bool> {
        if !is_small(dtype, array, options) || options.description.is_some() {
            return Ok(false);
        }
        self.write_anew(file, path, |form| Stored::of(form, dtype, array, options))
    }

    /// Writes texts of one length over the dataset that waits at a path, as [`overwrite`](Self::overwrite) does.
    pub fn overwrite_texts(
        &mut self,
        file: &Hdf5File,
        path: &str,
        shape: &[u64],
        texts: &[&str],
    ) -> Result<bool> {
        self.write_anew(file, path, |form| Stored::of_texts(form, shape, texts))
    }

    fn write_anew<'a>(
        &mut self,
        file: &Hdf5File,
        path: &str,
        array: impl FnOnce(Form) -> Result<Option<Stored<'a>>>,
    ) -> Result<bool> {
        let Some(path) = usual(path).filter(|_| !self.is_empty()) else {
            return Ok(false);
        };
        let Some(old) = self.waiting(file, &path)? else {
            return Ok(false);
        };
        let Some(form) = self.form(file)? else {
            return Ok(false);
        };
        let Some(array) = array(form)? else {
            return Ok(false);
        };
        // What goes straight to the file would take new room there each time.
        if array.data.len() >= AT_ONCE {
            return Ok(false);
        }
        let Some(Member::Dataset(dataset)) = self.known[old.group].new.get(&path[old.rest..])
        else {
            return Ok(false);
        };
        if array.is_like(&dataset.header, &dataset.shape, dataset.item) {
            if let Some((at, _)) = old.data {
                self.image.set(at, &array.data);
            }
            return Ok(true);
        }
        if dataset.has_attributes() {
            return Ok(false);
        }
        let blocks = self.blocks.len();
        let place = self.put_data(file, &array.data)?;
        let new = NewDataset::new(array, place, None);
        if let Some(member) = self.known[old.group].new.get_mut(&path[old.rest..]) {
            *member = Member::Dataset(new);
        }
        // If there was no room, all that was in the image is in the file now.
        match (old.data, self.blocks.get(blocks)) {
            (None, _) => {}
            (Some((at, length)), None) => self.image.free(at, length),
            (Some((at, length)), Some(address)) => {
                file.give_back(address + at as u64, length as u64);
            }
        }
        Ok(true)
    }

    /// Deletes what waits at a path, a group with all in it; false if nothing does, or if HDF5 has to do it.
    pub fn delete(&mut self, file: &Hdf5File, path: &str) -> Result<bool> {
        let Some(path) = usual(path).filter(|_| !self.is_empty()) else {
            return Ok(false);
        };
        let Way::Waiting(group, rest) = self.way(file, &path)? else {
            return Ok(false);
        };
        let mut data = Vec::new();
        let member = self.known[group].new.get(&path[rest..]);
        if !member.is_some_and(|member| is_in_memory(member, &self.blocks, &mut data)) {
            return Ok(false);
        }
        if let Some((name, member)) = self.known[group].new.remove_at(&path[rest..]) {
            let freed = name.len() + NAME_COST + member.memory();
            self.memory = self.memory.saturating_sub(freed);
        }
        for (at, length) in data {
            self.image.free(at, length);
        }
        Ok(true)
    }

    /// The dataset that waits at a path; None if none waits there, if its data are in the file already, or if its axes refer to
    /// scales, which then know of it.
    fn waiting(&mut self, file: &Hdf5File, path: &str) -> Result<Option<Waiting>> {
        let Way::Waiting(group, rest) = self.way(file, path)? else {
            return Ok(None);
        };
        let member = self.known[group].new.get(&path[rest..]);
        // What is in a heap keeps its place.
        let is_plain = |member: &&Member| match member {
            Member::Dataset(dataset) => !dataset.is_in_heap(),
            _ => false,
        };
        let member = member.filter(is_plain);
        let mut data = Vec::new();
        let is_here = member.is_some_and(|member| is_in_memory(member, &self.blocks, &mut data));
        let data = data.pop();
        Ok(is_here.then_some(Waiting { group, rest, data }))
    }
}

/// Whether all that waits at or below a member is in memory, and no axis refers to a scale, which then knows of it; adds where in the
/// image the data are, and how long.
fn is_in_memory(member: &Member, blocks: &[u64], data: &mut Vec<(usize, usize)>) -> bool {
    let attributes = member.attributes();
    if attributes.is_some_and(|attributes| attributes.scales().next().is_some()) {
        return false;
    }
    match member {
        Member::Group(group) => group
            .members()
            .all(|(_, member)| is_in_memory(member, blocks, data)),
        Member::Chunked(_) => true,
        Member::Link(_) => false,
        Member::Dataset(dataset) => match dataset.data.address(blocks) {
            None => true,
            // Elements that refer to a heap have places for addresses, and stay.
            Some(Address::Here(_)) if dataset.is_in_heap() => true,
            Some(Address::Here(offset)) => {
                data.push((offset as usize, dataset.length));
                true
            }
            Some(Address::File(_)) => false,
        },
    }
}
