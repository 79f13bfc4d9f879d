//! Groups, listing, and finding out what is where.

#![forbid(unsafe_code)]

use super::h5::{self, Id, LinkType};
use super::path;
use super::{join, CopyOptions, Hdf5File, Kind};
use crate::error::{Error, Result};
use std::collections::HashSet;

impl Hdf5File {
    /// Creates a group and those on the way to it.
    pub fn create_group(&self, path: &str) -> Result<()> {
        self.new_group(&path::of_new(path)?)
    }

    /// What is at a path, links followed.
    pub fn kind(&self, path: &str) -> Result<Kind> {
        let path = path::normalise(path);
        if let Some(info) = h5::object_info(self.id()?, path::or_root(&path))? {
            return Ok(info.kind);
        }
        // Nothing was found: nothing is there, or what is there is damaged.
        match self.first_gap(&path)? {
            Gap::Damaged(at) => Err(Error::format(format!("'{at}' is there but cannot be read"))),
            _ => Ok(Kind::None),
        }
    }

    /// The names in a group in alphabetical order.
    pub fn keys(&self, group: &str) -> Result<Vec<String>> {
        let group = self.open_group(group)?;
        Ok(h5::links(&group)?.into_iter().map(|link| link.0).collect())
    }

    /// What goes when the link at a normal path is deleted: None if it leads nowhere, or is no hard link.
    pub(crate) fn deletable(&self, path: &str) -> Result<Option<h5::ObjectInfo>> {
        if path.is_empty() {
            return Err(Error::argument("the root group cannot be deleted"));
        }
        match self.link(path)? {
            None => Err(self.not_found(path)),
            Some(LinkType::Hard) => h5::object_info(self.id()?, path),
            Some(_) => Ok(None),
        }
    }

    /// Deletes the link at a normal path, and a dataset or a group with all in it if it was the last one.
    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        h5::unlink(self.id()?, path).map_err(|error| error.within(format_args!("'{path}'")))
    }

    /// Gives the object or the link at a normal path another path, where nothing may be yet; groups on the way are made.
    pub(crate) fn move_link(&self, from: &str, to: &str) -> Result<()> {
        self.new_link(to, |file| h5::move_link(file, from, to))
    }

    /// Gives an object another normal path, where nothing may be yet.
    pub(crate) fn link_hard(&self, target: &str, path: &str) -> Result<()> {
        self.new_link(path, |file| h5::link_hard(file, target, path))
    }

    /// Puts a link to a path at a normal one, where nothing may be yet.
    pub(crate) fn link_soft(&self, target: &str, path: &str) -> Result<()> {
        self.new_link(path, |file| h5::link_softly(file, target, path))
    }

    /// Puts a link to a path of another file at a normal one, where nothing may be yet.
    pub(crate) fn link_external(&self, other: &str, target: &str, path: &str) -> Result<()> {
        self.new_link(path, |file| h5::link_externally(file, other, target, path))
    }

    /// Copies an object of this file or another to a normal path, where nothing may be yet.
    pub(crate) fn copy_object(
        &self,
        source: &Id,
        from: &str,
        to: &str,
        options: &CopyOptions,
    ) -> Result<()> {
        let flags = h5::CopyFlags {
            shallow: options.shallow,
            expand_soft: options.expand_soft,
            without_attrs: options.without_attrs,
        };
        self.new_link(to, |file| {
            h5::copy_object((source, path::or_root(from)), (file, to), flags)
        })
    }

    /// Makes a link by `make`, and before that groups on the way as the file has them.
    fn new_link(&self, path: &str, make: impl FnOnce(&Id) -> Result<()>) -> Result<()> {
        if self.tracks_order() {
            h5::create_tracked_groups(self.id()?, path)?;
        }
        make(self.id()?).map_err(|error| self.why_not_created(path, error))
    }

    /// The bytes that an object takes in the file with all that is in it, about: what HDF5 goes through to copy it, each
    /// part of which is sound.
    pub(crate) fn bytes_below(&self, top: &str) -> Result<u64> {
        /// What a header and the place in its group take, about.
        const HEADER: u64 = 1024;
        let mut bytes = 0u64;
        let mut seen = HashSet::new();
        let mut waiting = vec![top.to_owned()];
        while let Some(path) = waiting.pop() {
            let Some(standing) = h5::standing(self.id()?, path::or_root(&path))? else {
                continue;
            };
            bytes = bytes.saturating_add(HEADER);
            match standing.kind {
                Kind::Group => {
                    let group = h5::open_group(self.id()?, path::or_root(&path))?;
                    // A group that lies in itself is looked into once.
                    if standing.links > 1 && !seen.insert(h5::address_of(&group)?) {
                        continue;
                    }
                    let links = h5::links(&group).map_err(|error| {
                        error.within(format_args!("'{}'", path::or_root(&path)))
                    })?;
                    for (name, link) in links {
                        if link == LinkType::Hard {
                            waiting.push(join(&path, &name));
                        }
                    }
                }
                Kind::Dataset => {
                    let stored = self.with_dataset(&path, |dataset| {
                        let layout = dataset.layout()?;
                        dataset.require_listable(&layout)?;
                        dataset.stored_size(&layout)
                    })?;
                    bytes = bytes.saturating_add(stored);
                }
                _ => {}
            }
        }
        Ok(bytes)
    }

    /// Deletes all that is in the file.
    pub(crate) fn empty(&self) -> Result<()> {
        if self.is_blank() {
            return Ok(());
        }
        for name in self.keys("")? {
            self.delete(&name)?;
        }
        let root = self.open_group("")?;
        for name in h5::attribute_names(&root)? {
            h5::delete_attribute(&root, &name)?;
        }
        Ok(())
    }

    /// Opens a group.
    pub(super) fn open_group(&self, path: &str) -> Result<Id> {
        let path = path::normalise(path);
        match h5::object_info(self.id()?, path::or_root(&path))? {
            Some(info) if info.kind == Kind::Group => {
                h5::open_group(self.id()?, path::or_root(&path))
                    .map_err(|error| error.within(format_args!("'{path}'")))
            }
            Some(info) => Err(Error::type_(format!(
                "'{path}' is {}, expected a group",
                info.kind
            ))),
            None => Err(self.not_found(&path)),
        }
    }

    /// Opens a group, dataset or named datatype.
    pub(crate) fn open_object(&self, path: &str) -> Result<Id> {
        let path = path::normalise(path);
        let id = self.id()?;
        h5::open_object(id, path::or_root(&path)).map_err(|error| {
            match h5::object_info(id, path::or_root(&path)) {
                Ok(None) => self.not_found(&path),
                _ => error.within(format_args!("'{path}'")),
            }
        })
    }

    /// The link at a normal path that is not the root; None where there is none.
    pub(crate) fn link(&self, path: &str) -> Result<Option<LinkType>> {
        let (parent, name) = path::split(path);
        match h5::object_info(self.id()?, path::or_root(parent))? {
            Some(info) if info.kind == Kind::Group => {
                let group = h5::open_group(self.id()?, path::or_root(parent))?;
                h5::link_type(&group, name)
            }
            _ => Ok(None),
        }
    }

    /// Where the way to a path, at which HDF5 finds nothing, breaks off.
    fn first_gap(&self, path: &str) -> Result<Gap> {
        let mut reached = String::new();
        for name in path::names(path) {
            let group = match h5::object_info(self.id()?, path::or_root(&reached))? {
                Some(info) if info.kind == Kind::Group => {
                    h5::open_group(self.id()?, path::or_root(&reached))?
                }
                Some(info) => return Ok(Gap::NoGroup(reached, info.kind)),
                None => return Ok(Gap::Damaged(reached)),
            };
            let Some(link) = h5::link_type(&group, name)? else {
                return Ok(Gap::Missing {
                    group: reached,
                    name: name.to_owned(),
                });
            };
            if !reached.is_empty() {
                reached.push('/');
            }
            reached.push_str(name);
            if link != LinkType::Hard && h5::object_info(self.id()?, &reached)?.is_none() {
                let target = h5::link_target(&group, name, link)?;
                return Ok(Gap::Dangling(reached, target));
            }
        }
        Ok(Gap::Damaged(reached))
    }

    /// The error for a path at which HDF5 finds nothing.
    pub(crate) fn not_found(&self, path: &str) -> Error {
        match self.first_gap(path) {
            Ok(Gap::Missing { group, name }) => Error::not_found(format!(
                "there is no '{path}': {}",
                self.who_is_there(&group, &name)
            )),
            Ok(Gap::NoGroup(at, kind)) => Error::not_found(format!(
                "there is no '{path}': '{at}' is {kind}, not a group"
            )),
            Ok(Gap::Dangling(at, target)) => Error::not_found(format!(
                "there is no '{path}': '{at}' is a link to '{target}', where nothing is"
            )),
            Ok(Gap::Damaged(at)) => Error::format(format!(
                "'{at}' is there but cannot be read: the file is damaged"
            )),
            Err(error) => error,
        }
    }

    /// Says which group lacks a name, and what it has instead.
    fn who_is_there(&self, group: &str, name: &str) -> String {
        const SHOWN: usize = 8;
        let place = if group.is_empty() {
            "the root".to_owned()
        } else {
            format!("'{group}'")
        };
        let links = self
            .open_group(group)
            .and_then(|group| h5::links(&group))
            .unwrap_or_default();
        if links.is_empty() {
            return format!("{place} is empty");
        }
        let names: Vec<&str> = links
            .iter()
            .take(SHOWN)
            .map(|link| link.0.as_str())
            .collect();
        let more = match links.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{place} has no '{name}', it has {}{more}", names.join(", "))
    }

    /// Says why an object could not be made at a normal path.
    pub(super) fn why_not_created(&self, path: &str, error: Error) -> Error {
        match self.id().and_then(|id| h5::object_info(id, path)) {
            Ok(Some(info)) => {
                return Error::exists(format!("'{path}' exists already, it is {}", info.kind))
            }
            Ok(None) => {}
            Err(error) => return error,
        }
        match self.first_gap(path) {
            Ok(Gap::NoGroup(at, kind)) => Error::type_(format!(
                "'{path}' cannot be made: '{at}' is {kind}, not a group"
            )),
            Ok(Gap::Dangling(at, target)) => Error::exists(format!(
                "'{path}' cannot be made: '{at}' is a link to '{target}', where nothing is"
            )),
            _ => error.within(format_args!("'{path}'")),
        }
    }
}

/// Where the way to an object breaks off.
enum Gap {
    /// A group has no link of that name.
    Missing { group: String, name: String },
    /// Something on the way is no group.
    NoGroup(String, Kind),
    /// A link leads nowhere.
    Dangling(String, String),
    /// A link is there, but not the object it should lead to.
    Damaged(String),
}
