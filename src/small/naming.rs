//! Links of groups that HDF5 has not looked into: taken away, moved and added past it, and followed.

#![forbid(unsafe_code)]

use super::going::{has_role, set_link_count, unseen_header, Going};
use super::group::Member;
use super::{is_at_or_below, usual, Gathered, Way, NAME_COST};
use crate::error::{Error, Result};
use crate::format::links::Target;
use crate::format::object_header::LAYOUT;
use crate::format::UNDEFINED;
use crate::store::h5;
use crate::store::path::{self, Sought};
use crate::store::{join, Hdf5File, Kind};

/// What is at a path whose link can be changed past HDF5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// What waits in memory.
    Waiting,
    /// An object that is in the file.
    Object {
        /// What it is.
        kind: Kind,
        /// Whether it has another name.
        is_shared: bool,
    },
    /// A link that is no hard one.
    Link,
}

/// Where a link is to be added.
pub(super) enum Place {
    /// To a group that waits: the number of the one in the file that waits for it, and the path from there.
    Waiting(usize, String),
    /// To the links of a group in the file, by its number.
    File(usize),
}

impl Gathered {
    /// What is at a normal path, if a link can be taken away there past HDF5; None if HDF5 has to do it, or if there is nothing. What else than a dataset
    /// is taken for a group.
    pub fn named(&mut self, file: &Hdf5File, path: &str) -> Result<Option<Named>> {
        let Some(path) = usual(path).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        if let Way::Waiting(number, rest) = self.way(file, &path)? {
            let waits = self.known[number].new.get(&path[rest..]).is_some();
            return Ok(waits.then_some(Named::Waiting));
        }
        let (group, name) = path::split(&path);
        let Some(number) = self.group_with_links(file, group)? else {
            return Ok(None);
        };
        let Some(links) = self.known[number].links()? else {
            return Ok(None);
        };
        let target = match links.can_give(name)? {
            true => links.get(name)?.flatten(),
            false => None,
        };
        Ok(match target {
            None => None,
            Some(Target::Soft(_) | Target::Other) => Some(Named::Link),
            Some(Target::Hard(header)) => {
                let header = unseen_header(file.raw()?, header)?;
                let header = header.filter(|header| !has_role(header));
                header.and_then(|header| {
                    let mut kinds = header.kinds();
                    Some(Named::Object {
                        kind: match kinds.any(|kind| kind == LAYOUT) {
                            true => Kind::Dataset,
                            false => Kind::Group,
                        },
                        is_shared: header.link_count()? > 1,
                    })
                })
            }
        })
    }

    /// Takes the link at a normal path away, and what goes with it; false if HDF5 has to do it. Nothing may wait at or below the path.
    pub fn unlink(&mut self, file: &Hdf5File, path: &str) -> Result<bool> {
        let (group, name) = path::split(path);
        let Some(number) = self.group_with_links(file, group)? else {
            return Ok(false);
        };
        // HDF5 must not look at it halfway, behind a link of another file.
        let _lock = h5::lock();
        let Some(Some((raw, form))) = &self.past else {
            return Ok(false);
        };
        let Some(links) = self.known[number].links()? else {
            return Ok(false);
        };
        if !links.can_give(name)? {
            return Ok(false);
        }
        let going = match links.get(name)?.flatten() {
            None => return Ok(false),
            Some(Target::Hard(header)) => Going::of(raw, *form, header)?,
            Some(Target::Soft(_) | Target::Other) => Some(Going::default()),
        };
        let Some(going) = going else {
            return Ok(false);
        };
        let removed = links.remove(name).and_then(|()| links.store(file));
        self.note_changed(path);
        self.note_stored(file, removed)
            .and_then(|()| going.go(file))
            .map_err(|error| error.within(format_args!("'{path}'")))?;
        Ok(true)
    }

    /// Gives what is [`named`](Self::named) at a normal path another one, where nothing may be yet; false if HDF5 has to do it. Nothing may wait below what is
    /// in the file.
    pub fn rename(&mut self, file: &Hdf5File, from: &str, to: &str) -> Result<bool> {
        let is_below = |rest: &str| rest.starts_with('/');
        if to.strip_prefix(from).is_some_and(is_below) {
            return Ok(false);
        }
        if let Way::Waiting(..) = self.way(file, from)? {
            return self.rename_waiting(file, from, to);
        }
        let (group, name) = path::split(from);
        let Some(Some(target)) = self.link_at(file, from)? else {
            return Ok(false);
        };
        if target == Target::Other {
            return Ok(false);
        }
        let Some(place) = self.place_of_link(file, to, &target)? else {
            return Ok(false);
        };
        let Some(number) = self.group_with_links(file, group)? else {
            return Ok(false);
        };
        let _lock = h5::lock();
        let Some(links) = self.known[number].links()? else {
            return Ok(false);
        };
        if !links.can_give(name)? || links.get(name)?.flatten().is_none() {
            return Ok(false);
        }
        let mut removed = links.remove(name);
        if !matches!(place, Place::File(other) if other == number) {
            removed = removed.and_then(|()| links.store(file));
        }
        let moved = self
            .note_stored(file, removed)
            .and_then(|()| self.put_link(file, place, to, &target));
        self.note_changed(from);
        moved.map_err(|error| error.within(format_args!("'{from}'")))?;
        Ok(true)
    }

    /// The same of what waits.
    fn rename_waiting(&mut self, file: &Hdf5File, from: &str, to: &str) -> Result<bool> {
        let Some((to, way)) = self.place(file, to)? else {
            return Ok(false);
        };
        // Making room may have brought it into the file.
        let Way::Waiting(number, rest) = self.way(file, from)? else {
            return Ok(false);
        };
        let Some((name, member)) = self.known[number].new.remove_at(&from[rest..]) else {
            return Ok(false);
        };
        let freed = name.len() + NAME_COST + member.memory();
        self.memory = self.memory.saturating_sub(freed);
        self.insert(&to, way, member);
        Ok(true)
    }

    /// Gives the object that is [`named`](Self::named) at a normal path another one, where nothing may be yet; false if HDF5 has to do it. Nothing may wait at
    /// or below the object.
    pub fn link_again(&mut self, file: &Hdf5File, target: &str, path: &str) -> Result<bool> {
        let Some(Some(Target::Hard(header))) = self.link_at(file, target)? else {
            return Ok(false);
        };
        let known = Target::Hard(header);
        let Some(place) = self.place_of_link(file, path, &known)? else {
            return Ok(false);
        };
        let _lock = h5::lock();
        let Some(object) = unseen_header(file.raw()?, header)? else {
            return Ok(false);
        };
        let Some(links) = object.link_count().and_then(|links| links.checked_add(1)) else {
            return Ok(false);
        };
        set_link_count(file, object, links)
            .and_then(|()| self.put_link(file, place, path, &known))
            .map_err(|error| error.within(format_args!("'{path}'")))?;
        // What leads to it, and to all below it, is no longer the only way.
        self.note_changed(target);
        Ok(true)
    }

    /// Puts a link to a path at a normal one, where nothing may be yet; false if HDF5 has to do it.
    pub fn link_softly(&mut self, file: &Hdf5File, target: &str, path: &str) -> Result<bool> {
        let is_usual = target.is_ascii() && !target.contains('\0') && target.len() < 0x1000;
        let target = Target::Soft(target.into());
        if !is_usual {
            return Ok(false);
        }
        let Some(place) = self.place_of_link(file, path, &target)? else {
            return Ok(false);
        };
        let _lock = h5::lock();
        self.put_link(file, place, path, &target)
            .map_err(|error| error.within(format_args!("'{path}'")))?;
        Ok(true)
    }

    /// The path of hard links by which what is at a normal one is found too; None if no soft link leads there, or if that is not known without HDF5.
    pub fn real_path(&mut self, file: &Hdf5File, path: &str) -> Result<Option<String>> {
        path::real(path, |group, name| {
            let path = join(group, name);
            if let Some(Some(target)) = self.link_at(file, &path)? {
                return Ok(Some(target));
            }
            // Where what waits will be is not known yet, but that only hard links lead there.
            let waits = matches!(self.way(file, &path)?, Way::Waiting(..));
            Ok(waits.then_some(Target::Hard(UNDEFINED)))
        })
    }

    /// The number of the group at a normal path, if its links can be changed past HDF5.
    fn group_with_links(&mut self, file: &Hdf5File, group: &str) -> Result<Option<usize>> {
        if file.is_blank() || !self.can_go_past(file)? {
            return Ok(None);
        }
        let Way::Known(number) = self.way(file, group)? else {
            return Ok(None);
        };
        let known = &mut self.known[number];
        if let Some(Some((raw, form))) = &self.past {
            known.read_links(file, group, (raw, *form))?;
        }
        Ok(known.links()?.is_some().then_some(number))
    }

    /// Where a link comes that is to be at a normal path; None if HDF5 has to put it there. Groups on the way are made.
    pub(super) fn place_of_link(
        &mut self,
        file: &Hdf5File,
        path: &str,
        target: &Target,
    ) -> Result<Option<Place>> {
        if file.is_blank() {
            // Links are in a group.
            self.flush_all(file)?;
        }
        let Some((place, way)) = self.place(file, path)? else {
            return Ok(None);
        };
        if place != path || file.is_blank() {
            return Ok(None);
        }
        let (group, name) = path::split(path);
        let waits = match way {
            Way::Waiting(..) => true,
            Way::Free(_, rest) => path[rest..].contains('/'),
            _ => return Ok(None),
        };
        if let (true, Way::Free(number, rest) | Way::Waiting(number, rest), Target::Hard(_)) =
            (waits, &way, target)
        {
            return Ok(Some(Place::Waiting(*number, path[*rest..].to_owned())));
        }
        if waits {
            if matches!(way, Way::Free(..)) {
                self.insert(group, way, Member::Group(super::group::Group::default()));
            }
            self.flush_for(file, group)?;
        }
        let Some(number) = self.group_with_links(file, group)? else {
            return Ok(None);
        };
        let Some(links) = self.known[number].links()? else {
            return Ok(None);
        };
        let is_free = links.get(name)? == Some(None);
        Ok((is_free && links.can_take(name, target)?).then_some(Place::File(number)))
    }

    /// Adds a link at a place that was found for it.
    pub(super) fn put_link(
        &mut self,
        file: &Hdf5File,
        place: Place,
        path: &str,
        target: &Target,
    ) -> Result<()> {
        match (place, target) {
            (Place::Waiting(number, rest), Target::Hard(header)) => {
                let start = path.len() - rest.len();
                self.insert(path, Way::Free(number, start), Member::Link(*header));
                Ok(())
            }
            (Place::File(number), _) => {
                let (_, name) = path::split(path);
                let Some(links) = self.known[number].links()? else {
                    return Err(Error::internal("HDF5 looked at a group meanwhile"));
                };
                let inserted = links.insert(file, name, target);
                let inserted = inserted.and_then(|()| links.store(file));
                self.note_stored(file, inserted)
            }
            (Place::Waiting(..), _) => Err(Error::internal("a link that cannot wait")),
        }
    }

    /// Forgets what was known of what is at a normal path and below it, for which nothing waits.
    fn note_changed(&mut self, path: &str) {
        self.changes += 1;
        let Some(number) = self.known.get_index_of(&Sought(path)) else {
            return;
        };
        if self.known[number].kind == Kind::Group {
            self.known
                .retain(|other, known| known.waits() || !is_at_or_below(other, path));
            self.count_waiting();
            return;
        }
        // The last one takes its number.
        let last = self.known.len() - 1;
        self.known.swap_remove_index(number);
        self.waiting.retain(|other| *other != number);
        for other in &mut self.waiting {
            if *other == last {
                *other = number;
            }
        }
    }
}
