//! The datasets of one file that are kept open: found by path, known by what they are.

#![forbid(unsafe_code)]

use super::dataset::OpenDataset;
use super::elsewhere::Leading;
use super::headers::Headers;
use super::own_links::OwnLinks;
use super::ways::KnownLinks;
use crate::error::Result;
use crate::store::h5::{self, LinkType, ObjectKey};
use crate::store::{path, Hdf5File, Kind};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The most datasets that are kept open.
const MOST: usize = 16_384;

/// The open datasets of one file.
#[derive(Debug, Default)]
pub struct DatasetTable {
    entries: Vec<Option<OpenDataset>>,
    free: Vec<u32>,
    by_path: HashMap<Box<str>, u32>,
    by_key: HashMap<ObjectKey, u32>,
    /// Paths on which something other than the only hard link of a group leads on: they may lead
    /// elsewhere after any change of links.
    indirect: Vec<Box<str>>,
    /// Groups to which only hard links lead, one each.
    plain_groups: HashSet<Box<str>>,
    /// What was found at paths that lead through plain groups: it stays there until links change.
    kinds: HashMap<Box<str>, Kind>,
    /// Where paths lead into other files.
    leading: HashMap<Box<str>, Arc<Leading>>,
    /// Paths of which it is known that no external link is on the way.
    staying: HashSet<Box<str>>,
    /// Where hard links of plain groups lead, as far as that was asked for.
    pub(super) links: KnownLinks,
    /// The headers that were looked at.
    pub(super) headers: Headers,
    /// The object of which an attribute was read last, open, by its path: its others are often read next.
    object: Option<(Box<str>, h5::Id)>,
    /// The dataset of the latest call, and its path.
    latest: Option<u32>,
    latest_path: String,
    hand: usize,
    /// What was seen of the links of a file that is only read.
    pub(super) own_links: OwnLinks,
}

/// What is known of what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What it is.
    Known(Kind),
    /// Only hard links lead to its group: what a hard link there leads to stays what it is until links change.
    Plain,
    /// HDF5 has to be asked each time.
    Unsure,
}

/// What is known of the link at a path of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastLink {
    /// It is a hard one.
    Hard,
    /// The way there leads over a soft one.
    Soft,
    /// HDF5 has to be asked.
    Unknown,
}

impl DatasetTable {
    /// The dataset at a normal path, if it is open.
    pub fn find(&mut self, path: &str) -> Option<u32> {
        if self.latest.is_some() && self.latest_path == path {
            return self.latest;
        }
        let place = *self.by_path.get(path)?;
        self.latest = Some(place);
        self.latest_path.clear();
        self.latest_path.push_str(path);
        Some(place)
    }

    /// Runs `body` with the object at a path, whose attributes are read; it stays open if it is in the file itself: another
    /// one is not kept from other programs.
    pub fn with_object<T>(
        &mut self,
        file: &Hdf5File,
        path: &str,
        body: impl FnOnce(&h5::Id) -> Result<T>,
    ) -> Result<T> {
        if let Some((latest, object)) = &self.object {
            if **latest == *path {
                return body(object);
            }
        }
        let object = file.open_object(path)?;
        let done = body(&object);
        if h5::info_of(&object)?.key.file == file.number()? {
            self.object = Some((path.into(), object));
        }
        done
    }

    /// Forgets what was found at paths.
    pub fn forget_found(&mut self) {
        self.kinds.clear();
        self.leading.clear();
        self.staying.clear();
        self.links.forget();
        self.headers.forget();
        self.object = None;
    }

    /// What is known of what is at a normal path.
    pub fn standing(&mut self, file: &Hdf5File, path: &str) -> Result<Standing> {
        if let Some(kind) = self.kinds.get(path) {
            return Ok(Standing::Known(*kind));
        }
        let (group, _) = path::split(path);
        Ok(
            match !path.is_empty() && self.is_plain_group(file, group)? {
                true => Standing::Plain,
                false => Standing::Unsure,
            },
        )
    }

    /// Notes what a hard link at a normal path leads to, whose group is a plain one.
    pub fn note_kind(&mut self, path: &str, kind: Kind) {
        if self.kinds.len() >= MOST {
            self.kinds.clear();
        }
        self.kinds.insert(path.into(), kind);
    }

    /// Whether no path is known to lead into another file.
    pub(super) fn leads_nowhere_else(&self) -> bool {
        self.leading.is_empty()
    }

    /// Where a normal path leads into another file, as far as that is known.
    pub(super) fn leading(&mut self, path: &str) -> Option<Arc<Leading>> {
        if self.leading.is_empty() {
            return None;
        }
        if let Some(known) = self.leading.get(path) {
            return Some(Arc::clone(known));
        }
        let mut ends = path.rmatch_indices('/').map(|(end, _)| end);
        let found = ends.find_map(|end| {
            let group = self.leading.get(&path[..end])?;
            Some(Arc::new(group.below(&path[end + 1..])))
        })?;
        self.note_leading(path, &found);
        Some(found)
    }

    /// Notes that a normal path leads into another file.
    pub(super) fn note_leading(&mut self, path: &str, leading: &Arc<Leading>) {
        if self.leading.len() >= MOST {
            self.leading.clear();
        }
        self.leading.insert(path.into(), Arc::clone(leading));
    }

    /// Whether it is known that only hard links are on a normal path.
    pub(super) fn stays(&self, path: &str) -> bool {
        self.staying.contains(path)
    }

    /// Notes that only hard links are on a normal path.
    pub(super) fn note_staying(&mut self, path: &str) {
        if self.staying.len() >= MOST {
            self.staying.clear();
        }
        self.staying.insert(path.into());
    }

    /// The dataset that an object is, if it is open.
    pub fn find_key(&self, key: ObjectKey) -> Option<u32> {
        self.by_key.get(&key).copied()
    }

    /// The open dataset at a place.
    pub fn get(&self, place: u32) -> Option<&OpenDataset> {
        self.entries.get(place as usize)?.as_ref()
    }

    /// The open dataset at a place, to be changed; it was used.
    pub fn get_mut(&mut self, place: u32) -> Option<&mut OpenDataset> {
        let open = self.entries.get_mut(place as usize)?.as_mut()?;
        open.used = true;
        Some(open)
    }

    /// All places that are taken.
    pub fn places(&self) -> Vec<u32> {
        let taken = self.entries.iter().enumerate();
        let taken = taken.filter(|(_, entry)| entry.is_some());
        taken.map(|(place, _)| place as u32).collect()
    }

    /// Whether one more open dataset is too many.
    pub fn is_full(&self) -> bool {
        self.by_key.len() >= MOST
    }

    /// A dataset that was not used for a while.
    pub fn oldest(&mut self) -> Option<u32> {
        for _ in 0..2 * self.entries.len() {
            self.hand = (self.hand + 1) % self.entries.len();
            if let Some(open) = &mut self.entries[self.hand] {
                if !open.used {
                    return Some(self.hand as u32);
                }
                open.used = false;
            }
        }
        None
    }

    /// Takes an open dataset in; gives its place.
    pub fn insert(&mut self, open: OpenDataset) -> u32 {
        let key = open.key;
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = Some(open);
                place
            }
            None => {
                self.entries.push(Some(open));
                (self.entries.len() - 1) as u32
            }
        };
        self.by_key.insert(key, place);
        place
    }

    /// Notes that a normal path leads to the dataset at a place.
    pub fn note_path(
        &mut self,
        file: &Hdf5File,
        path: &str,
        place: u32,
        last: LastLink,
    ) -> Result<()> {
        if !self.is_plain(file, path, last)? {
            self.indirect.push(path.into());
        }
        if let Some(open) = self.get_mut(place) {
            open.paths.push(path.into());
            self.by_path.insert(path.into(), place);
        }
        Ok(())
    }

    /// Whether a normal path goes through hard links only, and through groups that have no other name.
    fn is_plain(&mut self, file: &Hdf5File, path: &str, last: LastLink) -> Result<bool> {
        let (group, _) = path::split(path);
        Ok(match last {
            LastLink::Soft => false,
            LastLink::Hard => self.is_plain_group(file, group)?,
            LastLink::Unknown => self.is_plain_group(file, group)? && is_hard(file.id()?, path)?,
        })
    }

    /// Whether that only hard links lead to a group, one to each on the way, is known.
    pub fn has_plain_group(&self, group: &str) -> bool {
        group.is_empty() || self.plain_groups.contains(group)
    }

    /// Notes that only hard links lead to a group, one to each on the way.
    pub fn note_plain_group(&mut self, group: &str) {
        if !self.plain_groups.contains(group) {
            self.plain_groups.insert(group.into());
        }
    }

    /// Whether only hard links lead to a group, one to each on the way.
    pub fn is_plain_group(&mut self, file: &Hdf5File, group: &str) -> Result<bool> {
        if self.has_plain_group(group) {
            return Ok(true);
        }
        if !file.is_writable() && self.own_links.is_plain(file.raw()?, group)? {
            return Ok(true);
        }
        let file = file.id()?;
        let ends = group.match_indices('/').map(|(end, _)| end);
        for end in ends.chain([group.len()]) {
            let group = &group[..end];
            if self.plain_groups.contains(group) {
                continue;
            }
            // HDF5 would open the file into which another link leads; where it cannot look for one something else is on the way.
            let hard = is_hard(file, group);
            if hard == Ok(false) {
                return Ok(false);
            }
            let links = h5::object_info(file, group)?.map(|info| info.links);
            if links != Some(1) || !hard? {
                return Ok(false);
            }
            self.plain_groups.insert(group.into());
        }
        Ok(true)
    }

    /// Takes the dataset at a place out of the table.
    pub fn remove(&mut self, place: u32) -> Option<OpenDataset> {
        let open = self.entries.get_mut(place as usize)?.take()?;
        self.free.push(place);
        self.by_key.remove(&open.key);
        for path in &open.paths {
            self.by_path.remove(path);
        }
        self.latest = None;
        Some(open)
    }

    /// Puts another dataset in the place of an open one, whose paths lead to it now.
    pub fn replace(&mut self, place: u32, mut open: OpenDataset) {
        if let Some(Some(entry)) = self.entries.get_mut(place as usize) {
            self.by_key.remove(&entry.key);
            self.by_key.insert(open.key, place);
            open.paths = std::mem::take(&mut entry.paths);
            *entry = open;
        }
    }

    /// The datasets that a change of the link at a normal path concerns: those at it, below it,
    /// and those whose paths may go through it unseen.
    pub fn concerned_by(&self, path: &str, is_group: bool) -> Vec<u32> {
        let mut places: Vec<u32> = self.by_path.get(path).copied().into_iter().collect();
        places.extend(
            self.indirect
                .iter()
                .filter_map(|path| self.by_path.get(path)),
        );
        if is_group {
            let below = |other: &str| {
                other
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with('/'))
            };
            let paths = self.by_path.iter();
            places.extend(
                paths
                    .filter(|(other, _)| below(other))
                    .map(|(_, place)| *place),
            );
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Forgets what is known of the ways to objects: links have changed.
    pub fn forget_ways(&mut self) {
        self.plain_groups.clear();
        self.forget_found();
        let by_path = &self.by_path;
        self.indirect.retain(|path| by_path.contains_key(path));
        self.latest = None;
    }
}

fn is_hard(file: &h5::Id, path: &str) -> Result<bool> {
    Ok(h5::link_type(file, path)? == Some(LinkType::Hard))
}
