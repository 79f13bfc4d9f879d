//! Virtual datasets: those of which the elements are in other files.

#![forbid(unsafe_code)]

use super::owner::State;
use super::OpenFile;
use crate::error::{Error, Result, Status};
use crate::store::h5::{self, Virtual};
use crate::store::{path, Description, Dtype, Kind, Length, StoredElement};
use std::sync::Arc;

/// What is at a path, for those who write blocks.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Something that is stored in the file itself.
    Own(Kind),
    /// A virtual dataset.
    Virtual(Virtual),
}

/// The attribute by which axes are known, which a copy gets anew.
const NAMES_OF_AXES: &str = "DIMENSION_LIST";

impl OpenFile {
    /// What is at a path; of a virtual dataset its parts. No other file is opened.
    pub fn find_virtual(&self, path: &str) -> Result<Found> {
        self.look(|state| {
            let normal = path::normal(path);
            state.flush_for(&normal)?;
            let place = path::or_root(&normal);
            match h5::object_info(state.hdf5.id(), place)? {
                None => Ok(Found::Nothing),
                Some(info) if info.kind != Kind::Dataset => Ok(Found::Own(info.kind)),
                Some(_) => Ok(match h5::open_virtual(state.hdf5.id(), place)? {
                    Some(made) => Found::Virtual(made),
                    None => Found::Own(Kind::Dataset),
                }),
            }
        })
    }

    /// Makes a virtual dataset, or puts it in the place of what is there, whose attributes and names of axes it gets if they
    /// are to be kept.
    pub fn put_virtual(
        &self,
        path: &str,
        made: &Virtual,
        keeps: bool,
        description: Option<&Arc<Description>>,
    ) -> Result<()> {
        self.change(|state| {
            let path = &*path::of_new(path)?;
            state
                .put_virtual(path, made, keeps, description)
                .map_err(|error| error.within(format_args!("dataset '{path}'")))
        })
    }

    /// Gives a dataset that is there its attributes and the names of its axes.
    pub fn describe_virtual(
        &self,
        path: &str,
        made: &Virtual,
        description: Option<&Arc<Description>>,
    ) -> Result<()> {
        self.change(|state| {
            let path = &*path::of_new(path)?;
            let lengths = Length::of(&made.extent.shape, &made.extent.maxshape);
            let labelling = state.plan_description(path, description, &lengths)?;
            if description.is_some_and(|description| description.dims.is_some()) {
                state.unlabel(path)?;
            }
            state.describe(path, description, &labelling)
        })
    }

    /// Puts the dataset at a path in the place of the virtual one at another, with the attributes and the names of the axes of that.
    pub fn take_over(&self, spare: &str, path: &str) -> Result<()> {
        self.change(|state| {
            let (spare, path) = (&*path::normal(spare), &*path::normal(path));
            let lengths = state.lengths_at(spare)?;
            if let Some(id) = state.find_dataset(spare)? {
                state.close_dataset(id)?;
            }
            state.move_virtual(path, spare, true, &lengths)
        })
    }

    /// How the elements of a dataset are stored.
    pub fn stored_element(&self, path: &str) -> Result<StoredElement> {
        self.look(|state| state.hdf5.stored_element(path))
    }
}

impl State {
    fn put_virtual(
        &mut self,
        path: &str,
        made: &Virtual,
        keeps: bool,
        description: Option<&Arc<Description>>,
    ) -> Result<()> {
        let lengths = Length::of(&made.extent.shape, &made.extent.maxshape);
        self.flush_for(path)?;
        let is_there = h5::object_info(self.hdf5.id(), path)?.is_some();
        let labelling = self.plan_description(path, description, &lengths)?;
        if !is_there {
            return self.creating(path, |state| {
                state.admit(path, || lengths.clone())?;
                state.hdf5.create_virtual(path, made)?;
                state.gathered.forget(path);
                state.describe(path, description, &labelling)
            });
        }
        if !keeps && self.displace(path, &lengths)? {
            return self.put_virtual(path, made, keeps, description);
        }
        let spare = self.hdf5.unused_path(path)?;
        self.creating(&spare, |state| state.hdf5.create_virtual(&spare, made))?;
        let replaced = self
            .move_virtual(path, &spare, keeps, &lengths)
            .and_then(|()| self.describe(path, description, &labelling));
        if replaced.is_err() {
            let _ = self.hdf5.delete(&spare);
        }
        replaced
    }

    fn move_virtual(
        &mut self,
        path: &str,
        spare: &str,
        keeps: bool,
        lengths: &[Length],
    ) -> Result<()> {
        self.gathered.flush_tree(self.hdf5.id(), path)?;
        let mut names = None;
        if keeps {
            let waits = self.labels.waiting_names(path).is_some();
            if !waits {
                let all = self.hdf5.dimensions(path, lengths.len())?;
                names = all.into_iter().map(|name| name.map(Into::into)).collect();
                if names.is_some() {
                    self.unlabel(path)?;
                }
            }
            self.hdf5
                .copy_attributes(path, spare, |name| name != NAMES_OF_AXES)?;
        } else {
            self.loosen(path, Some(lengths))?;
        }
        self.close_concerned(path, false, false)?;
        self.hdf5.take_place(spare, path)?;
        // Names and attributes that come now are of the new object.
        self.gathered.forget(path);
        self.gathered.forget(spare);
        self.datasets.forget_found();
        self.datasets.forget_ways();
        if let Some(names) = names {
            let labelling = self.plan_label(path, &names, lengths)?;
            self.label(path, &labelling)?;
        }
        Ok(())
    }
}

/// A type that is stored, from its name and byte order.
pub fn element_of(dtype: Dtype, order: Option<h5::Order>) -> Result<h5::ElementType> {
    if dtype.size() == 0 {
        return Err(Error {
            status: Status::Type,
            message: format!("blocks have numbers, not {dtype}"),
        });
    }
    h5::ElementType::stored(dtype, order)
}
