//! Names of objects: moving one, giving one another, and copies under new names.

#![forbid(unsafe_code)]

use super::dimensions::Label;
use super::owner::State;
use super::vtkhdf::Vtk;
use super::{registry, OpenFile};
use crate::error::{Error, Result};
use crate::journal::process::PerProcess;
use crate::small::{CopySource, Named};
use crate::store::h5::{self, LinkType, ObjectInfo};
use crate::store::{join, path, CopyOptions, Kind, Length, Link, Names, VTKHDF};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Held by a copy from one file to another, which is the only call that waits for two files: so no two wait for each other.
static BETWEEN_FILES: PerProcess<Mutex<()>> = PerProcess::new();

/// What is copied, as its file has it.
#[derive(Debug)]
struct Copied {
    /// Its normal path.
    path: String,
    kind: Kind,
    /// The bytes that it takes in the file, about.
    bytes: u64,
    /// The datasets in it that have scales, that will have some, or that are some.
    labelled: Vec<CopiedLabels>,
}

/// A dataset that is copied, and what its axes are called.
#[derive(Debug)]
struct CopiedLabels {
    /// Its path below the object that is copied; empty where it is that itself.
    below: String,
    /// The address of its header.
    address: u64,
    /// The scales that its axes refer to, and what they are called there.
    scales: Vec<Option<(u64, Option<String>)>>,
    is_scale: bool,
    /// The names that its axes wait for.
    waiting: Option<Label>,
}

impl OpenFile {
    /// Gives the object or the link at a path another path.
    pub fn move_to(&self, from: &str, to: &str) -> Result<()> {
        self.change(|state| state.move_to(from, to))
    }

    /// Gives an object another name, or names a place where one may be.
    pub fn link(&self, path: &str, target: &str, how: &Link) -> Result<()> {
        self.change(|state| state.link(path, target, how))
    }

    /// Copies an object, with all that is in it, to a path of a file, which may be this one.
    pub fn copy_to(
        &self,
        from: &str,
        target: &OpenFile,
        to: &str,
        options: &CopyOptions,
    ) -> Result<()> {
        if Arc::ptr_eq(&self.owner, &target.owner) {
            self.check_open()?;
            return target.change(|state| {
                if state.copy_past(None, from, to, options)? {
                    return Ok(());
                }
                let copied = state.look_at_copied(from)?;
                state.take_copy(None, &copied, to, options)
            });
        }
        let between = BETWEEN_FILES.lock();
        let mut is_made = false;
        let done = self.look(|source| {
            if std::mem::take(&mut is_made) {
                // A writer elsewhere has changed the source in the middle.
                if let Err(error) = target.delete(to) {
                    return Ok(Err(error));
                }
            }
            let past = target.change(|state| state.copy_past(Some(source), from, to, options));
            let made = match past {
                Ok(false) => {
                    let copied = source.look_at_copied(from)?;
                    target.change(|state| state.take_copy(Some(source), &copied, to, options))
                }
                past => past.map(|_| ()),
            };
            is_made = made.is_ok();
            Ok(made)
        });
        drop(between);
        done?
    }
}

impl State {
    /// Fails if the group that something at a normal path is in, or would be made in, is another file's: that one's own
    /// handles change it.
    fn require_own_group(&self, path: &str) -> Result<()> {
        let mut group = path;
        while !group.is_empty() {
            group = path::split(group).0;
            if let Some(info) = h5::object_info(self.hdf5.id()?, path::or_root(group))? {
                return match self.is_here(info.key) {
                    true => Ok(()),
                    false => Err(Error::unsupported(format!(
                        "'{path}' lies behind a link to another file: open that file to change what is in it"
                    ))),
                };
            }
        }
        Ok(())
    }

    /// Prepares for something new at a path, whose normal form it gives.
    fn prepare_name(&mut self, path: &str) -> Result<String> {
        let normal = path::of_new(path)?;
        self.flush_for(&normal)?;
        self.require_own_group(&normal)?;
        Ok(normal)
    }

    /// Makes way for an object of these lengths at a normal path: fails if something is there but a dimension without
    /// coordinate, in whose place a dataset may come.
    fn make_way(&mut self, path: &str, lengths: Option<&[Length]>) -> Result<()> {
        let Some(link) = self.hdf5.link(path)? else {
            if let Some(lengths) = lengths {
                self.admit(path, || lengths.to_vec())?;
            }
            return Ok(());
        };
        if let Some(lengths) = lengths {
            if self.displace(path, lengths)? {
                return Ok(());
            }
        }
        let what = match link {
            LinkType::Hard => self.hdf5.kind(path)?.to_string(),
            _ => "a link".to_owned(),
        };
        Err(Error::exists(format!(
            "'{path}' exists already, it is {what}"
        )))
    }

    /// The lengths of the axes of a dataset; None of anything else.
    fn lengths_of_dataset(&mut self, path: &str, kind: Kind) -> Result<Option<Vec<Length>>> {
        match kind {
            Kind::Dataset => self.lengths_at(path).map(Some),
            _ => Ok(None),
        }
    }

    /// Forgets what was known of ways that have changed.
    fn forget_changed(&mut self, path: &str) {
        self.gathered.forget(path);
        self.datasets.forget_ways();
        self.look_again();
        let (top, _) = path.split_once('/').unwrap_or((path, ""));
        if top == VTKHDF {
            self.vtk = Vtk::default();
        }
    }

    fn move_to(&mut self, from: &str, to: &str) -> Result<()> {
        let from = path::normalise(from);
        if from.is_empty() {
            return Err(Error::argument("the root group cannot be moved"));
        }
        let to = path::of_new(to)?;
        // The axes that wait for their names find the same coordinates before the move and after it.
        self.store_labels(false)?;
        if self.move_past(&from, &to)? {
            return Ok(());
        }
        self.gathered.flush_tree(&self.hdf5, &from)?;
        let Some(link) = self.hdf5.link(&from)? else {
            return Err(self.hdf5.not_found(&from));
        };
        self.require_own_group(&from)?;
        if from == to {
            return Ok(());
        }
        let object = match link {
            LinkType::Hard => h5::object_info(self.hdf5.id()?, &from)?,
            _ => None,
        };
        self.prepare_name(&to)?;
        if self.leads_through(&from, object, &to)? {
            return Err(Error::argument(format!(
                "'{from}' cannot be moved to '{to}', which lies in itself"
            )));
        }
        let kind = object.map_or(Kind::None, |info| info.kind);
        let lengths = self.lengths_of_dataset(&from, kind)?;
        self.make_way(&to, lengths.as_deref())?;
        self.close_concerned(&from, kind == Kind::Group, false)?;
        self.creating(&to, |state| state.hdf5.move_link(&from, &to))?;
        self.forget_changed(&from);
        self.forget_changed(&to);
        self.rename_labels(&from, &to);
        if kind == Kind::Dataset {
            self.hdf5.rename_scale(path::split(&from).1, &to)?;
        }
        if self.hdf5.retarget_vtk(&from, &to)? {
            self.gathered.forget(VTKHDF);
            self.vtk = Vtk::default();
        }
        Ok(())
    }

    /// Moves what HDF5 need not be asked for; false if it has to do it, or to say what is wrong.
    fn move_past(&mut self, from: &str, to: &str) -> Result<bool> {
        // What the group for ParaView says of paths HDF5 changes.
        let is_told_of = self.gathered.lacks(&self.hdf5, VTKHDF) != Ok(true);
        if from == to || self.labels.are_used() || is_told_of {
            return Ok(false);
        }
        match self.gathered.named(&self.hdf5, from)? {
            None => return Ok(false),
            Some(Named::Waiting) => {}
            Some(Named::Link) => self.close_concerned(from, true, false)?,
            Some(Named::Object { kind, .. }) => {
                self.gathered.flush_tree(&self.hdf5, from)?;
                self.close_concerned(from, kind == Kind::Group, false)?;
            }
        }
        if !self.gathered.rename(&self.hdf5, from, to)? {
            return Ok(false);
        }
        self.note_links_changed();
        Ok(true)
    }

    /// Deletes what HDF5 need not be asked for at a normal path; false if it has to do it, or to say what is wrong.
    pub(super) fn delete_past(&mut self, normal: &str) -> Result<bool> {
        if self.labels.are_used() {
            return Ok(false);
        }
        self.gathered.flush_tree(&self.hdf5, normal)?;
        let (is_group, is_gone) = match self.gathered.named(&self.hdf5, normal)? {
            None | Some(Named::Waiting) => return Ok(false),
            Some(Named::Link) => (true, false),
            Some(Named::Object { kind, is_shared }) => (kind == Kind::Group, !is_shared),
        };
        self.close_concerned(normal, is_group, is_gone)?;
        if !self.gathered.unlink(&self.hdf5, normal)? {
            return Ok(false);
        }
        if is_gone {
            self.labels.forget_below(normal);
            self.vtk = Vtk::default();
        }
        self.note_links_changed();
        Ok(true)
    }

    /// Makes a link that HDF5 need not be asked for; false if it has to do it, or to say what is wrong.
    fn link_past(&mut self, path: &str, target: &str, how: &Link) -> Result<bool> {
        let (top, _) = path.split_once('/').unwrap_or((path, ""));
        if self.labels.are_used() || top == VTKHDF {
            return Ok(false);
        }
        let is_done = match how {
            Link::External(_) => false,
            Link::Soft => {
                let target = format!("/{target}");
                self.gathered.link_softly(&self.hdf5, &target, path)?
            }
            Link::Hard => {
                self.gathered.flush_tree(&self.hdf5, target)?;
                let Some(Named::Object { kind, is_shared }) =
                    self.gathered.named(&self.hdf5, target)?
                else {
                    return Ok(false);
                };
                if !is_shared {
                    if kind == Kind::Dataset {
                        self.outgrow_all(target)?;
                    }
                    // What leads to it, and to all below it, is no longer the only way.
                    self.close_concerned(target, kind == Kind::Group, false)?;
                }
                self.gathered.link_again(&self.hdf5, target, path)?
            }
        };
        if is_done {
            self.note_links_changed();
        }
        Ok(is_done)
    }

    /// Forgets what was known of ways that may be others now.
    fn note_links_changed(&mut self) {
        self.datasets.forget_ways();
        self.look_again();
    }

    /// Whether the way to one normal path leads through the object at another.
    fn leads_through(&self, from: &str, object: Option<ObjectInfo>, to: &str) -> Result<bool> {
        let is_below = |rest: &str| rest.starts_with('/');
        if to.strip_prefix(from).is_some_and(is_below) {
            return Ok(true);
        }
        let Some(object) = object.filter(|object| object.kind == Kind::Group) else {
            return Ok(false);
        };
        for (end, _) in to.match_indices('/') {
            match h5::object_info(self.hdf5.id()?, &to[..end])? {
                Some(info) if info.key == object.key => return Ok(true),
                Some(_) => {}
                None => break,
            }
        }
        Ok(false)
    }

    fn link(&mut self, path: &str, target: &str, how: &Link) -> Result<()> {
        let path = path::of_new(path)?;
        let target = &path::normalise(target);
        if self.link_past(&path, target, how)? {
            return Ok(());
        }
        let path = &self.prepare_name(&path)?;
        self.make_way(path, None)?;
        match how {
            Link::Hard => {
                self.gathered.flush_tree(&self.hdf5, target)?;
                let info = h5::object_info(self.hdf5.id()?, path::or_root(target))?;
                let Some(info) = info else {
                    return Err(self.hdf5.not_found(target));
                };
                if !self.is_here(info.key) {
                    return Err(Error::unsupported(format!(
                        "'{target}' lies in another file, in which a hard link cannot lead: make an external one"
                    )));
                }
                if info.kind == Kind::Dataset {
                    self.outgrow_all(target)?;
                }
                // What leads to it, and to all below it, is no longer the only way.
                self.close_concerned(target, info.kind == Kind::Group, false)?;
                self.creating(path, |state| {
                    state.hdf5.link_hard(path::or_root(target), path)
                })?;
                self.forget_changed(target);
            }
            Link::Soft => self.creating(path, |state| {
                state.hdf5.link_soft(&format!("/{target}"), path)
            })?,
            Link::External(file) => self.creating(path, |state| {
                state.hdf5.link_external(file, &format!("/{target}"), path)
            })?,
        }
        self.forget_changed(path);
        Ok(())
    }

    /// Copies an object of another file, or of this one, that HDF5 need not be asked for; false if it has to do it, or to say what is wrong.
    fn copy_past(
        &mut self,
        mut source: Option<&mut State>,
        from: &str,
        to: &str,
        options: &CopyOptions,
    ) -> Result<bool> {
        let (from, to) = (path::normalise(from), path::normalise(to));
        let (top, _) = to.split_once('/').unwrap_or((&to, ""));
        let holder = match &mut source {
            Some(source) => &mut **source,
            None => &mut *self,
        };
        if *options != CopyOptions::default()
            || from.is_empty()
            || to.is_empty()
            || top == VTKHDF
            || !holder.is_usual
            || holder.labels.are_used()
        {
            return Ok(false);
        }
        if holder.hdf5.is_writable() {
            holder.flush()?;
        }
        let form = holder.gathered.form(&holder.hdf5)?;
        let real = holder.real_path(&from)?;
        let Some(header) = holder.header_address(real.as_deref().unwrap_or(&from))? else {
            return Ok(false);
        };
        let raw = holder.raw.clone();
        let copied = CopySource {
            raw: &raw,
            form,
            header,
            is_writable: holder.hdf5.is_writable(),
        };
        if !self.is_usual
            || self.labels.are_used()
            || !self.gathered.copy(&self.hdf5, &copied, &to)?
        {
            return Ok(false);
        }
        self.note_links_changed();
        Ok(true)
    }

    /// Brings what is to be copied into the file, and looks at it.
    fn look_at_copied(&mut self, from: &str) -> Result<Copied> {
        let from = path::normalise(from);
        if self.hdf5.is_writable() {
            self.store_labels(false)?;
            self.flush()?;
        }
        let object = self.hdf5.open_object(&from)?;
        let info = h5::info_of(&object)?;
        if !self.is_here(info.key) {
            let other = h5::file_of(&object)
                .and_then(|file| h5::raw_file(&file))?
                .identity();
            registry::flush_other((other.device, other.inode));
        }
        drop(object);
        let bytes = self.hdf5.bytes_below(&from)?;
        let mut labelled = Vec::new();
        for dataset in self.hdf5.labelled_below(&from)? {
            let (group, _) = path::split(&dataset.path);
            let mut scales = Vec::with_capacity(dataset.scales.len());
            for scale in dataset.scales {
                scales.push(match scale {
                    Some(scale) => Some((scale, self.hdf5.name_of_scale(group, scale)?)),
                    None => None,
                });
            }
            labelled.push(CopiedLabels {
                below: below(&dataset.path, &from),
                address: dataset.address,
                scales,
                is_scale: dataset.is_scale,
                waiting: None,
            });
        }
        for (path, label) in self.labels_below(&from) {
            labelled.push(CopiedLabels {
                below: below(&path, &from),
                address: 0,
                scales: Vec::new(),
                is_scale: false,
                waiting: Some(label),
            });
        }
        Ok(Copied {
            path: from,
            kind: info.kind,
            bytes,
            labelled,
        })
    }

    /// Copies an object of another file, or of this one, to a path.
    fn take_copy(
        &mut self,
        source: Option<&mut State>,
        copied: &Copied,
        to: &str,
        options: &CopyOptions,
    ) -> Result<()> {
        let to = &self.prepare_name(to)?;
        let mut source = source;
        let lengths = match &mut source {
            Some(source) => source.lengths_of_dataset(&copied.path, copied.kind)?,
            None => self.lengths_of_dataset(&copied.path, copied.kind)?,
        };
        self.make_way(to, lengths.as_deref())?;
        // HDF5 must not fail in the middle of it for want of room.
        self.raw.reserve(copied.bytes)?;
        self.creating(to, |state| {
            let from = source.as_ref().map(|source| &source.hdf5);
            let from_id = from.unwrap_or(&state.hdf5).id()?;
            state.hdf5.copy_object(from_id, &copied.path, to, options)?;
            state.forget_changed(to);
            match options.without_attrs {
                true => Ok(()),
                false => state.label_copy(copied, to, source.is_some()),
            }
        })
    }

    /// Makes the axes of what was copied to a normal path refer to scales of their own file: to those that were copied
    /// with them, or else to those that they had, or in another file to those of the same names.
    fn label_copy(&mut self, copied: &Copied, to: &str, is_from_elsewhere: bool) -> Result<()> {
        let mut here = HashMap::new();
        for dataset in copied.labelled.iter().filter(|dataset| dataset.is_scale) {
            let path = join_below(to, &dataset.below);
            // A copy may leave out what is further down.
            if self.hdf5.link(&path)?.is_some() {
                let address = self.hdf5.disown_scale(&path)?;
                here.insert(dataset.address, address);
            }
        }
        for dataset in &copied.labelled {
            let path = join_below(to, &dataset.below);
            if self.hdf5.link(&path)?.is_none() {
                continue;
            }
            if let Some(label) = &dataset.waiting {
                self.wait_for_label(&path, label);
                continue;
            }
            if dataset.scales.is_empty() {
                continue;
            }
            let meant = |scale: &Option<(u64, Option<String>)>| match scale {
                Some((scale, _)) => match here.get(scale) {
                    Some(copy) => Some(Some(*copy)),
                    None if is_from_elsewhere => None,
                    None => Some(Some(*scale)),
                },
                None => Some(None),
            };
            let scales: Option<Vec<Option<u64>>> = dataset.scales.iter().map(meant).collect();
            match scales {
                Some(scales) => self.refer_to(&path, &scales)?,
                None => self.label_by_names(&path, dataset)?,
            }
        }
        Ok(())
    }

    /// Gives the axes of a dataset that was copied from another file the scales of the names that they had there.
    ///
    /// Where one of them has another length the axes stay without names, as they are without any in the file.
    fn label_by_names(&mut self, path: &str, dataset: &CopiedLabels) -> Result<()> {
        self.hdf5.remove_scales(path)?;
        let names = dataset.scales.iter().map(|scale| {
            let (_, name) = scale.as_ref()?;
            let name = name.as_deref()?;
            (!name.contains('/')).then(|| Box::from(name))
        });
        let Some(names) = names.collect::<Option<Names>>() else {
            return Ok(());
        };
        let lengths = self.lengths_at(path)?;
        if let Ok(labelling) = self.plan_label(path, &names, &lengths) {
            self.label(path, &labelling)?;
        }
        Ok(())
    }
}

/// The rest of a normal path behind the one that it begins with.
fn below(path: &str, top: &str) -> String {
    let rest = path.strip_prefix(top).unwrap_or(path);
    rest.trim_start_matches('/').to_owned()
}

fn join_below(top: &str, below: &str) -> String {
    match below.is_empty() {
        true => top.to_owned(),
        false => join(top, below),
    }
}
