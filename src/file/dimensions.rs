//! Names of axes: which scales they become, and when.
//!
//! A dataset that is labelled refers to the addresses of its scales. Where all of them are there that is
//! written at once. Otherwise the label waits for the next commit, so that a coordinate may still be
//! written; what is missing then becomes a dimension without coordinate, in whose place a coordinate can
//! come later. The lists in the scales of the datasets that they belong to, which no reader needs, are
//! written together: a scale's list only when it has at least doubled, and when the file is closed.

#![forbid(unsafe_code)]

use super::owner::State;
use crate::error::{Error, Result, Status};
use crate::small::Presence;
use crate::store::h5::{self, ScaleOwner};
use crate::store::strided::show_shape;
use crate::store::{check_names, groups_above, join, path, Labelled, Length, Names, Scale};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What one file's axes are called, as far as the file does not say it yet.
#[derive(Debug, Default)]
pub struct Labels {
    /// Datasets whose axes are to be named, by their normal paths.
    waiting: BTreeMap<Box<str>, Label>,
    /// The dimensions for which there is no coordinate yet, and their lengths; and their names alone.
    planned: BTreeMap<Box<str>, Length>,
    planned_names: HashSet<Box<str>>,
    /// Scales that were looked at.
    scales: HashMap<Box<str>, Scale>,
    /// How the lists of the datasets of a scale are to change, by the addresses of the scales: in their order, so that the
    /// same calls make the same file.
    owners: BTreeMap<u64, Owners>,
    /// Dimensions without coordinate that grow, and the datasets whose first axes they are.
    growing: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// Whether anything here was ever used.
    is_used: bool,
}

/// The names of a dataset's axes, and the lengths that they had when they were given.
#[derive(Clone, Debug)]
pub struct Label {
    names: Names,
    lengths: Arc<[Length]>,
}

/// What becomes of the names of a dataset's axes.
#[derive(Clone, Debug)]
pub enum Labelling {
    /// Nothing.
    Nothing,
    /// The axes refer to the scales whose headers are at these addresses.
    Now(Arc<[u64]>),
    /// They wait for the next commit.
    Later(Label),
}

/// The datasets of a scale that its list lacks, or should not have any more.
#[derive(Debug, Default)]
struct Owners {
    removed: HashSet<ScaleOwner>,
    added: Vec<ScaleOwner>,
    /// How many the list has got from here.
    stored: usize,
}

impl Labels {
    /// Notes that datasets get scales on their way into the file.
    pub fn use_now(&mut self) {
        self.is_used = true;
    }

    /// Whether axes have names here, or may get some.
    pub fn are_used(&self) -> bool {
        self.is_used
    }

    /// Whether one of the scales whose headers are at these addresses may still grow.
    pub fn may_grow(&self, scales: &[u64]) -> bool {
        let mut known = self.scales.values();
        known.any(|scale| scale.length.grows && scales.contains(&scale.address))
    }

    fn note_owner(&mut self, scale: u64, owner: ScaleOwner) {
        self.is_used = true;
        self.owners.entry(scale).or_default().added.push(owner);
    }

    fn forget_owner(&mut self, scale: u64, owner: ScaleOwner) {
        self.is_used = true;
        let owners = self.owners.entry(scale).or_default();
        owners.added.retain(|other| *other != owner);
        owners.removed.insert(owner);
    }

    /// Forgets what waits for datasets at a normal path or below it.
    pub(super) fn forget_below(&mut self, top: &str) {
        let is_there = |other: &str| is_at_or_below(other, top);
        self.waiting.retain(|other, _| !is_there(other));
        for datasets in self.growing.values_mut() {
            datasets.retain(|other| !is_there(other));
        }
        self.growing
            .retain(|dimension, datasets| !is_there(dimension) && !datasets.is_empty());
    }

    /// Notes that what was at a normal path, or below it, is at another or below that.
    fn rename(&mut self, from: &str, to: &str) {
        let renamed = |path: &str| match path.strip_prefix(from) {
            Some(rest) if is_at_or_below(path, from) => format!("{to}{rest}").into(),
            _ => Box::from(path),
        };
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        self.waiting = waiting
            .map(|(path, label)| (renamed(&path), label))
            .collect();
        let growing = std::mem::take(&mut self.growing).into_iter();
        self.growing = growing
            .map(|(dimension, datasets)| {
                let datasets = datasets.iter().map(|path| renamed(path)).collect();
                (renamed(&dimension), datasets)
            })
            .collect();
    }

    /// The names that the axes of the dataset at a normal path will have, if they wait.
    pub fn waiting_names(&self, path: &str) -> Option<&Names> {
        self.waiting.get(path).map(|label| &label.names)
    }
}

/// Whether a normal path is another one, or leads to something below it.
fn is_at_or_below(path: &str, top: &str) -> bool {
    match path.strip_prefix(top) {
        Some(rest) => top.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

impl State {
    /// What becomes of names for the axes of the dataset at a normal path, which have these lengths; nothing has changed
    /// yet but that coordinates say that they are scales.
    pub(super) fn plan_label(
        &mut self,
        path: &str,
        names: &Names,
        lengths: &[Length],
    ) -> Result<Labelling> {
        check_names(names)?;
        if names.len() != lengths.len() {
            return Err(Error::shape(format!(
                "option 'dims' names {} axes, the data have shape {}",
                names.len(),
                show_shape(&now(lengths))
            )));
        }
        if names.is_empty() {
            return Ok(Labelling::Nothing);
        }
        let label = || Label {
            names: names.clone(),
            lengths: lengths.into(),
        };
        let (group, own) = path::split(path);
        if names.iter().any(|name| **name == *own) {
            if names.len() == 1 {
                return Ok(Labelling::Later(label()));
            }
            return Err(Error::shape(format!(
                "option 'dims' names an axis '{own}' as the dataset itself, which has {} axes: a coordinate has one",
                names.len()
            )));
        }
        let mut scales = Vec::with_capacity(names.len());
        let mut missing = Vec::new();
        for (axis, (name, length)) in names.iter().zip(lengths).enumerate() {
            match self.find_scale(group, name)? {
                Some(scale) => {
                    let has = self.length_of(&scale)?;
                    check_fits(
                        &format!("axis {axis} of '{path}'"),
                        *length,
                        &scale.path,
                        has,
                    )?;
                    scales.push(scale);
                }
                None => missing.push((axis, name, *length)),
            }
        }
        for &(axis, name, length) in &missing {
            let what = format!("axis {axis} of '{path}'");
            if let Some((planned, has)) = self.planned(group, name) {
                check_fits(&what, length, &planned, has)?;
            }
            // Two axes of one name are one dimension.
            for &(_, other, has) in missing.iter().filter(|other| other.0 < axis) {
                if other == name {
                    check_fits(&what, length, name, has)?;
                }
            }
        }
        if !missing.is_empty() {
            for (_, name, length) in missing {
                if self.planned(group, name).is_none() {
                    let dimension = join(group, name);
                    self.labels.planned.insert(dimension.into(), length);
                    self.labels.planned_names.insert(name.clone());
                }
            }
            return Ok(Labelling::Later(label()));
        }
        for scale in &scales {
            self.mark_scale(scale)?;
        }
        Ok(Labelling::Now(
            scales.iter().map(|scale| scale.address).collect(),
        ))
    }

    /// Forgets what was looked at: what is where has changed.
    pub(super) fn look_again(&mut self) {
        self.labels.scales.clear();
        if let Some(latest) = &mut self.latest_description {
            latest.look_again();
        }
    }

    /// The dimension for which there is no coordinate yet that a name in a group means.
    fn planned(&self, group: &str, name: &str) -> Option<(String, Length)> {
        if self.labels.planned.is_empty() {
            return None;
        }
        groups_above(group).find_map(|group| {
            let dimension = join(group, name);
            let length = *self.labels.planned.get(&*dimension)?;
            Some((dimension, length))
        })
    }

    /// The scale that a name in a group means: the nearest dataset of that name in the group or those above it.
    fn find_scale(&mut self, group: &str, name: &str) -> Result<Option<Scale>> {
        for group in groups_above(group) {
            let path = join(group, name);
            if self.gathered.presence(&self.hdf5, &path)? == Presence::Nothing {
                continue;
            }
            if let Some(scale) = self.labels.scales.get(&*path) {
                return Ok(Some(scale.clone()));
            }
            self.flush_for(&path)?;
            if let Some(scale) = self.hdf5.scale_at(&path)? {
                let is_another = scale.length.grows && self.outgrow_all(&path)?;
                let again = match is_another {
                    true => self.hdf5.scale_at(&path)?,
                    false => None,
                };
                let scale = again.unwrap_or(scale);
                self.labels.scales.insert(path.into(), scale.clone());
                return Ok(Some(scale));
            }
        }
        Ok(None)
    }

    /// The length of a scale, with the records that are still in memory.
    fn length_of(&mut self, scale: &Scale) -> Result<Length> {
        let mut length = scale.length;
        if length.grows {
            if let Some(id) = self.find_dataset(&scale.path)? {
                let shape = self.datasets.get(id).map(|open| &open.shape);
                length.now = shape.and_then(|shape| shape.first()).map_or(0, |now| *now);
            }
        }
        Ok(length)
    }

    fn mark_scale(&mut self, scale: &Scale) -> Result<()> {
        if scale.is_marked {
            return Ok(());
        }
        self.hdf5.mark_scale(&scale.path)?;
        if let Some(known) = self.labels.scales.get_mut(&*scale.path) {
            known.is_marked = true;
        }
        Ok(())
    }

    /// Gives the axes of the dataset at a normal path, which is there, their names.
    pub(super) fn label(&mut self, path: &str, labelling: &Labelling) -> Result<()> {
        match labelling {
            Labelling::Nothing => {}
            Labelling::Later(label) => {
                self.labels.is_used = true;
                self.labels.waiting.insert(path.into(), label.clone());
            }
            Labelling::Now(scales) => {
                self.labels.is_used = true;
                if !self.gathered.set_scales(&self.hdf5, path, scales)? {
                    self.flush_for(path)?;
                    let scales: Vec<Option<u64>> = scales.iter().copied().map(Some).collect();
                    self.refer_to(path, &scales)?;
                }
            }
        }
        Ok(())
    }

    /// Notes that a dataset at a normal path, whose axes may wait for their names, has other extents now.
    pub(super) fn refit_label(&mut self, path: &str, shape: &[u64]) {
        if let Some(label) = self.labels.waiting.get_mut(path) {
            let lengths = label.lengths.iter().zip(shape);
            label.lengths = lengths
                .map(|(length, &now)| Length { now, ..*length })
                .collect();
        }
    }

    /// Notes that what was at a normal path, or below it, is at another or below that.
    pub(super) fn rename_labels(&mut self, from: &str, to: &str) {
        self.labels.rename(from, to);
    }

    /// The datasets at a normal path or below it whose axes wait for their names.
    pub(super) fn labels_below(&self, top: &str) -> Vec<(Box<str>, Label)> {
        let waiting = self.labels.waiting.iter();
        waiting
            .filter(|(path, _)| is_at_or_below(path, top))
            .map(|(path, label)| (path.clone(), label.clone()))
            .collect()
    }

    /// Lets the axes of the dataset at a normal path wait for names.
    pub(super) fn wait_for_label(&mut self, path: &str, label: &Label) {
        self.labels.is_used = true;
        self.labels.waiting.insert(path.into(), label.clone());
    }

    /// Makes the axes of the dataset at a normal path refer to the scales whose headers are at these addresses.
    pub(super) fn refer_to(&mut self, path: &str, scales: &[Option<u64>]) -> Result<()> {
        let dataset = self.hdf5.set_scales(path, scales)?;
        for (axis, scale) in scales.iter().enumerate() {
            if let Some(scale) = scale {
                self.labels
                    .note_owner(*scale, ScaleOwner::new(dataset, axis));
            }
        }
        Ok(())
    }

    /// Takes their names from the axes of the dataset at a normal path.
    pub(super) fn unlabel(&mut self, path: &str) -> Result<()> {
        self.labels.waiting.remove(path);
        for datasets in self.labels.growing.values_mut() {
            datasets.remove(path);
        }
        self.flush_for(path)?;
        let (dataset, scales) = self.hdf5.scales_of(path)?;
        let Some(scales) = scales else {
            return Ok(());
        };
        self.collect_owners();
        self.forget_owner_of(dataset, &scales);
        self.hdf5.remove_scales(path)
    }

    fn forget_owner_of(&mut self, dataset: u64, scales: &[Option<u64>]) {
        for (axis, scale) in scales.iter().enumerate() {
            if let Some(scale) = scale {
                self.labels
                    .forget_owner(*scale, ScaleOwner::new(dataset, axis));
            }
        }
    }

    /// Fails if a new dataset at a normal path would be the coordinate of axes that have other lengths.
    pub(super) fn admit(
        &mut self,
        path: &str,
        lengths: impl FnOnce() -> Vec<Length>,
    ) -> Result<()> {
        let (group, own) = path::split(path);
        if let Some(latest) = &mut self.latest_description {
            if latest.names(own) {
                latest.look_again();
            }
        }
        if !self.labels.planned_names.contains(own) {
            return Ok(());
        }
        let lengths = lengths();
        let below = join(group, "");
        for (dimension, wanted) in self.labels.planned.range(Box::from(&*below)..) {
            if !dimension.starts_with(&*below) {
                break;
            }
            if path::split(dimension).1 == own {
                check_coordinate(
                    path,
                    &lengths,
                    &format!("the dimension '{dimension}'"),
                    *wanted,
                )?;
            }
        }
        Ok(())
    }

    /// Removes a dimension without coordinate at a normal path, in whose place a dataset of these lengths is to come;
    /// false if there is none.
    pub(super) fn displace(&mut self, path: &str, lengths: &[Length]) -> Result<bool> {
        let Ok(Some(scale)) = self.hdf5.scale_at(path) else {
            return Ok(false);
        };
        if !scale.is_bare {
            return Ok(false);
        }
        let has = self.length_of(&scale)?;
        check_coordinate(path, lengths, "axes of that name", has)?;
        self.loosen(path, Some(lengths))?;
        self.close_concerned(path, false, true)?;
        self.hdf5.delete(path)?;
        self.gathered.forget(path);
        Ok(true)
    }

    /// To be called before the object at a normal path goes, with all below it: what refers to it from elsewhere will not
    /// any more, and axes that it names wait for another of that name.
    ///
    /// `replacement` are the lengths of the dataset that takes its place.
    pub(super) fn loosen(&mut self, top: &str, replacement: Option<&[Length]>) -> Result<()> {
        self.look_again();
        if self.is_new && !self.labels.is_used {
            return Ok(());
        }
        let leaving = self.hdf5.labelled_below(top)?;
        self.collect_owners();
        for dataset in &leaving {
            self.forget_owner_of(dataset.address, &dataset.scales);
        }
        let scales: HashMap<u64, &str> = leaving
            .iter()
            .filter(|dataset| dataset.is_scale)
            .map(|scale| (scale.address, path::split(&scale.path).1))
            .collect();
        if !scales.is_empty() {
            self.relabel(top, &scales, replacement)?;
        }
        self.labels.forget_below(top);
        Ok(())
    }

    /// Lets the axes that refer to scales, by their addresses, wait for others of their names.
    fn relabel(
        &mut self,
        top: &str,
        scales: &HashMap<u64, &str>,
        replacement: Option<&[Length]>,
    ) -> Result<()> {
        self.flush_gathered()?;
        self.collect_owners();
        let (group, _) = path::split(top);
        let meant = |dataset: &Labelled| {
            let refers =
                |scale: &Option<u64>| scale.is_some_and(|scale| scales.contains_key(&scale));
            dataset.scales.iter().any(refers) && !is_at_or_below(&dataset.path, top)
        };
        let mut all = self.hdf5.labelled_below(group)?;
        all.retain(meant);
        let mut labels = Vec::with_capacity(all.len());
        for dataset in &all {
            let lengths = self.lengths_at(&dataset.path)?;
            let (its_group, _) = path::split(&dataset.path);
            let mut names = Vec::with_capacity(lengths.len());
            for (axis, scale) in dataset.scales.iter().enumerate() {
                let known = scale.and_then(|scale| scales.get(&scale));
                if let (Some(_), Some(new), Some(length)) = (known, replacement, lengths.get(axis))
                {
                    check_coordinate(
                        top,
                        new,
                        &format!("axis {axis} of '{}'", dataset.path),
                        *length,
                    )?;
                }
                names.push(match (known, scale) {
                    (Some(name), _) => Some((*name).to_owned()),
                    (None, Some(scale)) => self.hdf5.name_of_scale(its_group, *scale)?,
                    (None, None) => None,
                });
            }
            labels.push((names, lengths));
        }
        for (dataset, (names, lengths)) in all.iter().zip(labels) {
            self.hdf5.remove_scales(&dataset.path)?;
            self.forget_owner_of(dataset.address, &dataset.scales);
            let names: Option<Names> = names
                .into_iter()
                .map(|name| name.filter(|name| !name.contains('/')).map(Box::from))
                .collect();
            // Another program's, half of which is out of reach, has no names any more.
            if let Some(names) = names.filter(|names| names.len() == lengths.len()) {
                let label = Label {
                    names,
                    lengths: lengths.into(),
                };
                self.labels.is_used = true;
                self.labels
                    .waiting
                    .insert(dataset.path.as_str().into(), label);
            }
        }
        for scale in scales.keys() {
            self.labels.owners.remove(scale);
        }
        Ok(())
    }

    /// The lengths of the axes of the dataset at a normal path.
    pub(super) fn lengths_at(&mut self, path: &str) -> Result<Vec<Length>> {
        if let Some((_, shape)) = self.gathered.info(path) {
            return Ok(Length::of(shape, shape));
        }
        self.with_dataset(path, |state, id| {
            // What is only read is not asked for its largest extents.
            let open = state.datasets.get(id);
            let open = open.ok_or_else(|| Error::internal("a dataset is not open"))?;
            Ok(Length::of(&open.shape, open.maxshape()))
        })
    }

    /// Names the axes that wait for it, as a part of the next commit.
    ///
    /// A coordinate that does not fit after all is told of, and its axes stay without names: what was
    /// written must not wait for that. `is_final` says that nothing more comes.
    pub(super) fn store_labels(&mut self, is_final: bool) -> Result<()> {
        self.update_vtk()?;
        if !self.labels.is_used {
            return Ok(());
        }
        let mut outcome = Ok(());
        self.labels.planned.clear();
        self.labels.planned_names.clear();
        self.look_again();
        let mut waiting: Vec<(Box<str>, Label)> = std::mem::take(&mut self.labels.waiting)
            .into_iter()
            .collect();
        // Dimensions of outer groups first, which those inside them share.
        waiting.sort_by_key(|(path, _)| path.matches('/').count());
        for (path, label) in waiting {
            match self.name_axes(&path, &label, is_final) {
                Ok(true) => {}
                Ok(false) => {
                    self.labels.waiting.insert(path, label);
                }
                Err(error) => {
                    if error.status == Status::Io {
                        self.labels.waiting.insert(path.clone(), label);
                    }
                    let error = error.within(format_args!("dataset '{path}'"));
                    outcome = outcome.and(Err(error));
                }
            }
        }
        self.grow_dimensions()?;
        self.flush_gathered()?;
        self.collect_owners();
        self.store_owners(is_final)?;
        outcome
    }

    /// Names the axes of a dataset; false if a coordinate is still to grow.
    fn name_axes(&mut self, path: &str, label: &Label, is_final: bool) -> Result<bool> {
        if self.gathered.presence(&self.hdf5, path)? == Presence::Nothing {
            return Ok(true);
        }
        let (group, own) = path::split(path);
        if *label.names == [own.into()] {
            self.flush_for(path)?;
            if let Some(scale) = self.hdf5.scale_at(path)? {
                self.mark_scale(&scale)?;
            }
            return Ok(true);
        }
        let mut lengths = label.lengths.to_vec();
        if lengths.iter().any(|length| length.grows) {
            lengths = self.lengths_at(path)?;
        }
        let mut scales = Vec::with_capacity(lengths.len());
        for (axis, (name, length)) in label.names.iter().zip(&lengths).enumerate() {
            let scale = match self.find_scale(group, name)? {
                Some(scale) => scale,
                None => {
                    let dimension = join(group, name);
                    self.flush_for(&dimension)?;
                    let scale = self.hdf5.create_bare(&dimension, *length)?;
                    self.gathered.forget(&dimension);
                    self.labels.scales.insert(dimension.into(), scale.clone());
                    scale
                }
            };
            let has = self.length_of(&scale)?;
            if !length.grows && has.grows && has.now < length.now && !is_final {
                return Ok(false);
            }
            check_fits(&format!("axis {axis}"), *length, &scale.path, has)?;
            self.mark_scale(&scale)?;
            if axis == 0 && scale.is_bare && length.grows {
                self.note_growing(&scale.path, path);
            }
            scales.push(scale.address);
        }
        self.label(path, &Labelling::Now(scales.into()))?;
        Ok(true)
    }

    fn note_growing(&mut self, dimension: &str, dataset: &str) {
        self.labels.is_used = true;
        let datasets = self.labels.growing.entry(dimension.into()).or_default();
        datasets.insert(dataset.into());
    }

    /// Takes note of a series that was there before: a dimension without coordinate grows with it.
    pub(super) fn note_series(&mut self, path: &str) -> Result<()> {
        if self.is_new && !self.labels.is_used {
            return Ok(());
        }
        let (group, _) = path::split(path);
        let (_, scales) = self.hdf5.scales_of(path)?;
        let Some(Some(first)) = scales.and_then(|scales| scales.first().copied()) else {
            return Ok(());
        };
        if let Some(name) = self.hdf5.name_of_scale(group, first)? {
            if let Ok(Some(scale)) = self.find_scale(group, &name) {
                if scale.is_bare && scale.length.grows && scale.address == first {
                    self.note_growing(&scale.path, path);
                }
            }
        }
        Ok(())
    }

    /// Makes a dimension without coordinate as long as the longest of its series, one of which became shorter.
    pub(super) fn refit_dimension(&mut self, path: &str) -> Result<()> {
        self.fit_dimension(path, &BTreeMap::new())
    }

    /// Makes the dimension without coordinate of a series as long as the longest of its series, of some of which the records are in other files:
    /// so many as is known.
    fn fit_dimension(&mut self, path: &str, known: &BTreeMap<String, u64>) -> Result<()> {
        let (group, _) = path::split(path);
        let (_, scales) = self.hdf5.scales_of(path)?;
        let Some(Some(first)) = scales.and_then(|scales| scales.first().copied()) else {
            return Ok(());
        };
        let Some(name) = self.hdf5.name_of_scale(group, first)? else {
            return Ok(());
        };
        let Some(scale) = self.find_scale(group, &name)? else {
            return Ok(());
        };
        if !scale.is_bare || !scale.length.grows || scale.address != first {
            return Ok(());
        }
        match known.get(path) {
            Some(&records) if records > scale.length.now => {
                return self.lengthen(&scale.path, records);
            }
            Some(&records) if records == scale.length.now => return Ok(()),
            _ => {}
        }
        let (above, _) = path::split(&scale.path);
        let mut longest = 0;
        for dataset in self.hdf5.labelled_below(above)? {
            if dataset.scales.first() == Some(&Some(first)) {
                let length = match known.get(&dataset.path) {
                    Some(&records) => records,
                    None => {
                        let lengths = self.lengths_at(&dataset.path)?;
                        lengths.first().map_or(0, |length| length.now)
                    }
                };
                longest = longest.max(length);
            }
        }
        self.lengthen(&scale.path, longest)
    }

    /// Fits the dimensions of series in other files, which have these records now; what is none any more is left out.
    pub(super) fn fit_dimensions(&mut self, known: &BTreeMap<String, u64>) -> Result<()> {
        if known.is_empty() {
            return Ok(());
        }
        self.store_labels(false)?;
        for path in known.keys() {
            self.flush_for(path)?;
            // Nor is it one that a link leads to, and that has gone.
            if h5::object_info(self.hdf5.id()?, path)?.is_some() {
                self.fit_dimension(path, known)?;
            }
        }
        Ok(())
    }

    /// Makes dimensions without coordinate as long as the longest of their series.
    fn grow_dimensions(&mut self) -> Result<()> {
        let growing = std::mem::take(&mut self.labels.growing);
        let mut outcome = Ok(());
        for (dimension, datasets) in &growing {
            let lengths = datasets.iter().filter_map(|path| {
                let id = self.datasets.find(path)?;
                self.datasets.get(id)?.shape.first().copied()
            });
            if let Some(length) = lengths.max() {
                let known = self
                    .labels
                    .scales
                    .get(dimension)
                    .map(|scale| scale.length.now);
                if known != Some(length) {
                    let grown = self.lengthen(dimension, length);
                    outcome = outcome.and(grown);
                }
            }
        }
        self.labels.growing = growing;
        outcome
    }

    fn lengthen(&mut self, dimension: &str, length: u64) -> Result<()> {
        if let Some(id) = self.datasets.find(dimension) {
            // Somebody has read it.
            self.close_dataset(id)?;
        }
        self.hdf5.set_bare_length(dimension, length)?;
        if let Some(scale) = self.labels.scales.get_mut(dimension) {
            scale.length.now = length;
        }
        Ok(())
    }

    /// Takes note of the datasets that got their scales on their way into the file.
    fn collect_owners(&mut self) {
        for (scale, owner) in self.gathered.take_labelled() {
            self.labels.note_owner(scale, owner);
        }
    }

    /// Brings the lists of the datasets of scales into the file.
    fn store_owners(&mut self, is_final: bool) -> Result<()> {
        let mut outcome = Ok(());
        for (scale, owners) in &mut self.labels.owners {
            let added = owners.added.len();
            let is_due = added > 0 && (is_final || added >= owners.stored);
            if !is_due && owners.removed.is_empty() {
                continue;
            }
            let stored = self
                .hdf5
                .change_owners(*scale, &owners.removed, &owners.added);
            owners.stored += added;
            owners.added.clear();
            owners.removed.clear();
            outcome = outcome.and(stored);
        }
        outcome
    }

    /// The names of the axes of the dataset at a normal path.
    pub(super) fn dimensions(&mut self, path: &str) -> Result<Vec<Option<String>>> {
        let rank = self.lengths_at(path)?.len();
        if let Some(names) = self.labels.waiting_names(path) {
            return Ok(names.iter().map(|name| Some(name.to_string())).collect());
        }
        self.flush_for(path)?;
        self.hdf5.dimensions(path, rank)
    }
}

fn now(lengths: &[Length]) -> Vec<u64> {
    lengths.iter().map(|length| length.now).collect()
}

/// Fails if a scale of some length is not one for an axis: what grows goes with what grows.
fn check_fits(axis: &str, length: Length, scale: &str, has: Length) -> Result<()> {
    if length.grows && has.grows || (!length.grows && length.now == has.now) {
        return Ok(());
    }
    if length.grows {
        return Err(Error::shape(format!(
            "{axis} grows, the coordinate '{scale}' has {} elements and cannot: append it as well",
            has.now
        )));
    }
    Err(Error::shape(format!(
        "{axis} has length {}, the coordinate '{scale}' has {}",
        length.now, has.now
    )))
}

/// Fails if a new dataset of these lengths at a path is no coordinate for what needs this length.
fn check_coordinate(path: &str, lengths: &[Length], needs: &str, wanted: Length) -> Result<()> {
    let [length] = lengths else {
        return Err(Error::shape(format!(
            "'{path}' is the dimension of {needs} and its coordinate has one axis, the data have shape {}",
            show_shape(&now(lengths))
        )));
    };
    // A coordinate that grows may still become as long as it has to be.
    if length.grows || (!wanted.grows && length.now == wanted.now) {
        return Ok(());
    }
    let wanted = match wanted.grows {
        true => "a length that grows".to_owned(),
        false => format!("length {}", wanted.now),
    };
    Err(Error::shape(format!(
        "'{path}' is the coordinate of {needs}, which has {wanted}, and not {}",
        length.now
    )))
}
