//! Datasets that get other extents: a run that goes back to a checkpoint writes the steps since then again.

#![forbid(unsafe_code)]

use super::dataset::{OpenDataset, Storage};
use super::owner::State;
use crate::error::{Error, Result};
use crate::store::h5;
use crate::store::strided::show_shape;
use crate::store::{path, Dtype};

/// A series, and how many records it is to keep.
#[derive(Debug)]
struct Cut {
    path: String,
    records: u64,
}

/// What going back along an axis cuts.
#[derive(Debug, Default)]
pub(super) struct Rewind {
    /// Series of this file, the coordinate last.
    cuts: Vec<Cut>,
    /// Virtual datasets, whose elements are in other files, and how many records they are to keep.
    pub(super) elsewhere: Vec<(String, u64)>,
}

impl State {
    /// Drops the records of a series from a number on, as a part of the next commit.
    pub(super) fn truncate(&mut self, path: &str, records: u64) -> Result<()> {
        let normal = path::normal(path);
        let named = |error: Error| error.within(format_args!("dataset '{normal}'"));
        let has = self.records_of(&normal)?;
        if records > has {
            return Err(named(Error::shape(format!(
                "it has {has} records and cannot be cut to {records}"
            ))));
        }
        let cut = Cut {
            path: normal.to_string(),
            records,
        };
        self.cut(&cut).map_err(named)
    }

    /// Drops the records of all series along an axis whose coordinate is greater than a value, in one commit.
    pub(super) fn rewind(&mut self, axis: &str, value: f64) -> Result<()> {
        let plan = self.plan_rewind(axis, value)?;
        if let Some((path, _)) = plan.elsewhere.first() {
            return Err(Error::shape(format!(
                "dataset '{path}' cannot be cut: its elements are in other files"
            )));
        }
        self.cut_all(&plan)?;
        self.commit_now(true)
    }

    /// The cuts of this file that go back to a value.
    pub(super) fn cut_all(&mut self, plan: &Rewind) -> Result<()> {
        // The coordinate goes last: until it has gone the same call does the rest.
        plan.cuts.iter().try_for_each(|cut| {
            self.cut(cut)
                .map_err(|error| error.within(format_args!("dataset '{}'", cut.path)))
        })
    }

    /// What has to be cut so that all series along an axis end with a value of its coordinate.
    pub(super) fn plan_rewind(&mut self, axis: &str, value: f64) -> Result<Rewind> {
        if value.is_nan() {
            return Err(Error::argument("value is NaN, expected a number"));
        }
        let axis = path::normal(axis);
        // All names of axes have to be in the file.
        self.store_labels(false)?;
        self.flush()?;
        let Some(scale) = self.hdf5.scale_at(&axis)? else {
            return Err(self.hdf5.not_found(&axis));
        };
        if scale.is_bare {
            return Err(Error::type_(format!(
                "'{axis}' is a dimension without coordinate: there is no value of a record to go by"
            )));
        }
        if h5::open_virtual(self.hdf5.id()?, &axis)?.is_some() {
            return Err(Error::shape(format!(
                "the coordinate '{axis}' cannot be cut: its elements are in other files"
            )));
        }
        let values = self.all_numbers(&axis, Dtype::F64, f64::from_ne_bytes)?;
        // The first record that is not before the value or at it, and all after it, are not of this past.
        let later = values.iter().position(|at| at.is_nan() || *at > value);
        let Some(records) = later else {
            return Ok(Rewind::default());
        };
        let records = records as u64;
        let mut cuts = Vec::new();
        let (group, _) = path::split(&axis);
        for dataset in self.hdf5.labelled_below(group)? {
            let mut axes = dataset.scales.iter();
            match axes.position(|other| *other == Some(scale.address)) {
                None => continue,
                Some(0) => {}
                Some(other) => {
                    return Err(Error::shape(format!(
                        "dataset '{}' has '{axis}' as axis {other}, and only the first axis of a dataset is cut",
                        dataset.path
                    )));
                }
            }
            cuts.push(dataset.path);
        }
        cuts.push(axis.to_string());
        let named = cuts.into_iter().map(|path| (path, records));
        let mut plan = Rewind::default();
        for (path, records) in self.vtk_cuts(&axis, records)?.into_iter().chain(named) {
            let is_known = |cut: &Cut| cut.path == path;
            let is_elsewhere = |(other, _): &(String, u64)| *other == path;
            if plan.cuts.iter().any(is_known) || plan.elsewhere.iter().any(is_elsewhere) {
                continue;
            }
            if h5::open_virtual(self.hdf5.id()?, &path)?.is_some() {
                plan.elsewhere.push((path, records));
            } else if self.records_of(&path)? > records {
                plan.cuts.push(Cut { path, records });
            }
        }
        Ok(plan)
    }

    /// Gives a dataset other extents, within the largest that it may have.
    pub(super) fn resize(&mut self, path: &str, shape: &[u64]) -> Result<()> {
        let normal = path::normal(path);
        let has = self.with_dataset(&normal, |state, id| {
            let key = state.opened(id)?.key;
            if !state.is_here(key) {
                return Err(Error::unsupported(
                    "it lies in another file: open that one to resize it",
                ));
            }
            let is_in_chunks = match state.opened(id)?.storage {
                Storage::Contiguous(_) => false,
                Storage::Chunked(_) => true,
                Storage::Hdf5 => state.require_hdf5(id)?.layout_name()? == "chunked",
            };
            let open = state.opened(id)?;
            if *shape != *open.shape {
                require_within(shape, &open.shape, is_in_chunks.then(|| open.maxshape()))?;
            }
            Ok(open.shape.clone())
        })?;
        if has == shape {
            return Ok(());
        }
        let resized = self.set_extents(&normal, shape);
        resized.map_err(|error| error.within(format_args!("dataset '{normal}'")))
    }

    /// Gives the dataset at a normal path other extents.
    fn set_extents(&mut self, path: &str, shape: &[u64]) -> Result<()> {
        let id = self.open_dataset(path)?;
        let open = self.opened(id)?;
        let grows = open.shape.iter().zip(shape).all(|(has, to)| has <= to);
        if grows && matches!(open.storage, Storage::Chunked(_)) {
            return self.grow(id, path, shape);
        }
        let is_cut = shape.get(1..) == open.shape.get(1..) && shape.first() < open.shape.first();
        let is_past = is_cut && open.can_be_remade();
        if let (true, Some(&records)) = (is_past, shape.first()) {
            self.cut_past(id, records)?;
            return self.refit(id, path, shape, true);
        }
        // HDF5 fills what is left of the last chunks, and knows then which chunks there are.
        self.close_dataset(id)?;
        h5::open_dataset(self.hdf5.id()?, path)?.resize(shape)?;
        self.refit_label(path, shape);
        self.refit_dimension(path)
    }

    /// Drops the records from a number on of an open dataset in chunks of which HDF5 has seen nothing. After an error it is as it was.
    fn cut_past(&mut self, id: u32, records: u64) -> Result<()> {
        // What waits may find no room, and neither may the chunks at the border, which are stored anew.
        self.flush_dataset(id)?;
        let open = self.opened(id)?;
        let before = open.shape[0];
        if let Storage::Chunked(chunked) = &open.storage {
            if records % chunked.chunk[0] > 0 {
                let border = chunked.per_row.saturating_mul(chunked.bytes as u64);
                self.raw.reserve(border.saturating_add(border / 8))?;
            }
        }
        self.take_back_records(id, records);
        let cut = self.flush_dataset(id);
        if cut.is_err() {
            match self.datasets.get_mut(id) {
                Some(open) if !open.is_extent_stored() => open.shape[0] = before,
                // What is dirty now is of the chunks at the border.
                _ => return cut,
            }
        }
        // What is in memory of the chunks at the border may end with the last record.
        for key in self.cache.of_dataset(id) {
            self.cache.remove(key);
        }
        cut
    }

    /// Gives the open dataset at a normal path, which is in chunks, larger extents: what is new reads as fill.
    fn grow(&mut self, id: u32, path: &str, shape: &[u64]) -> Result<()> {
        let Some(open) = self.datasets.get_mut(id) else {
            return Err(Error::internal("a dataset that is not open grows"));
        };
        let before = open.shape.clone();
        let is_renumbered = open.chunked()?.are_renumbered(&before, shape);
        let was_appended = open.series.is_some();
        let longer = open.shape.first() != shape.first();
        let has_no_role = open.has_no_role();
        if is_renumbered || was_appended || self.cut_short.contains(&id) {
            // The last chunk of a series ends with its last record in memory.
            self.flush_dataset(id)?;
            for key in self.cache.of_dataset(id) {
                self.cache.remove(key);
            }
        }
        let waits = has_no_role && !self.labels.are_used() && !is_renumbered;
        if let Some(open) = self.datasets.get_mut(id) {
            open.grow(&self.hdf5, shape, waits)?;
        }
        if waits {
            self.grown.insert(id);
        }
        self.refit(id, path, shape, longer)
    }

    /// Notes that an open dataset at a normal path has other extents, which may be what a dimension has; `has_others` says whether it has another number of
    /// records.
    fn refit(&mut self, id: u32, path: &str, shape: &[u64], has_others: bool) -> Result<()> {
        let has_no_role = self.datasets.get(id).is_some_and(OpenDataset::has_no_role);
        if has_no_role && !self.labels.are_used() {
            return Ok(());
        }
        self.refit_label(path, shape);
        match has_others {
            true => self.refit_dimension(path),
            false => Ok(()),
        }
    }

    /// How many records the series at a normal path has; an error if it can have no fewer.
    fn records_of(&mut self, path: &str) -> Result<u64> {
        self.with_dataset(path, |state, id| {
            let open = state.opened(id)?;
            let has = open.shape.first().copied();
            let is_in_chunks = match open.storage {
                Storage::Chunked(_) => true,
                Storage::Contiguous(_) => false,
                Storage::Hdf5 => matches!(
                    state.require_hdf5(id)?.layout()?,
                    h5::StorageLayout::Chunked { .. }
                ),
            };
            match has.filter(|_| is_in_chunks) {
                Some(has) => Ok(has),
                None => Err(Error::shape(
                    "it cannot be cut: it is in one piece and has no records, make it by h5sim_append",
                )),
            }
        })
    }

    /// Drops the records of a series, which has more.
    fn cut(&mut self, cut: &Cut) -> Result<()> {
        let Cut { path, records } = cut;
        let id = self.open_dataset(path)?;
        let mut shape = self.opened(id)?.shape.clone();
        if shape.first() == Some(records) {
            return Ok(());
        }
        if let Some(first) = shape.first_mut() {
            *first = *records;
        }
        self.set_extents(path, &shape)
    }
}

/// Fails if extents are none that a dataset of these may be given; without the largest it is in one piece.
fn require_within(shape: &[u64], now: &[u64], most: Option<&[u64]>) -> Result<()> {
    if shape.len() != now.len() {
        return Err(Error::shape(format!(
            "it has shape {}, which cannot become {}: the number of axes stays",
            show_shape(now),
            show_shape(shape)
        )));
    }
    let fits = |most: &[u64]| shape.iter().zip(most).all(|(wanted, most)| wanted <= most);
    if most.is_some_and(fits) {
        return Ok(());
    }
    Err(Error::shape(format!(
        "its shape {} cannot become {}: {}",
        show_shape(now),
        show_shape(shape),
        match most {
            None => "it is in one piece, create it with option 'maxshape'".to_owned(),
            Some(most) => format!("its largest is {}", show_most(most)),
        }
    )))
}

fn show_most(most: &[u64]) -> String {
    let extent = |&most: &u64| match most {
        u64::MAX => "null".to_owned(),
        most => most.to_string(),
    };
    let extents: Vec<String> = most.iter().map(extent).collect();
    format!("[{}]", extents.join(", "))
}
