//! Virtual datasets: those of which the elements are in other files.

#![forbid(unsafe_code)]

use super::owner::State;
use super::OpenFile;
use crate::error::{Error, Result, Status};
use crate::store::h5::{self, LinkType, Virtual};
use crate::store::{join, path, Description, Dtype, Item, Kind, Length, StoredElement};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is at a path, for those who write blocks.
#[derive(Debug)]
pub enum Found {
    /// Nothing, or a dimension without coordinate, in whose place a dataset may come.
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
            match h5::object_info(state.hdf5.id()?, place)? {
                None => Ok(Found::Nothing),
                Some(info) if info.kind != Kind::Dataset => Ok(Found::Own(info.kind)),
                Some(_) => Ok(match h5::open_virtual(state.hdf5.id()?, place)? {
                    Some(made) => Found::Virtual(made),
                    None if state.is_bare_at(place) => Found::Nothing,
                    None => Found::Own(Kind::Dataset),
                }),
            }
        })
    }

    /// The paths of the virtual datasets at a path and, if it is a group, below it. What a link leads to elsewhere is not there.
    pub fn virtual_below(&self, path: &str) -> Result<Vec<String>> {
        let normal = path::normal(path);
        let is_own = self.look(|state| {
            state.flush_for(&normal)?;
            let is_root = normal.is_empty();
            Ok(is_root || matches!(state.hdf5.link(&normal), Ok(Some(LinkType::Hard))))
        })?;
        if !is_own {
            return Ok(Vec::new());
        }
        match self.find_virtual(&normal)? {
            Found::Virtual(_) => return Ok(vec![normal.into_owned()]),
            Found::Own(Kind::Group) => {}
            _ => return Ok(Vec::new()),
        }
        let mut below = Vec::new();
        for entry in self.tree(&normal)? {
            let whole = join(&normal, &entry.path);
            if matches!(entry.item, Item::Dataset { .. })
                && matches!(self.find_virtual(&whole)?, Found::Virtual(_))
            {
                below.push(whole);
            }
        }
        Ok(below)
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
            let mut path = path::of_new(path)?;
            if keeps {
                path = state.behind_links(&path)?;
            }
            let path = &*path;
            state
                .put_virtual(path, made, keeps, description)
                .map_err(|error| error.within(format_args!("dataset '{path}'")))
        })
    }

    /// Gives a dataset that is there attributes and names of axes; a virtual one has these extents.
    pub fn describe_dataset(
        &self,
        path: &str,
        made: Option<&Virtual>,
        description: Option<&Arc<Description>>,
    ) -> Result<()> {
        self.change(|state| {
            let path = &*path::of_new(path)?;
            let lengths = match made {
                Some(made) => Length::of(&made.extent.shape, &made.extent.maxshape),
                None => state.lengths_at(path)?,
            };
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

    /// Makes dimensions without coordinate as long as virtual series that have so many records now.
    pub fn fit_dimensions(&self, known: &BTreeMap<String, u64>) -> Result<()> {
        self.change(|state| state.fit_dimensions(known))
    }

    /// The significant digits that the values of a dataset are rounded to before they are stored.
    pub fn quantized_digits(&self, path: &str) -> Result<Option<u32>> {
        self.look(|state| {
            state.flush_for(path)?;
            state.hdf5.quantized_digits(path)
        })
    }

    /// How the elements of a dataset are stored.
    pub fn stored_element(&self, path: &str) -> Result<StoredElement> {
        self.look(|state| state.hdf5.stored_element(path))
    }
}

impl State {
    /// The path that soft links lead to, if one is at a normal path: what is put there takes the place of the dataset, not of the link.
    fn behind_links(&mut self, path: &str) -> Result<String> {
        /// HDF5 follows no more.
        const MOST: usize = 16;
        self.flush_for(path)?;
        let mut path = path.to_owned();
        for _ in 0..MOST {
            if self.hdf5.link(&path)? != Some(LinkType::Soft) {
                break;
            }
            let target = h5::link_target(self.hdf5.id()?, &path, LinkType::Soft)?;
            path = match target.strip_prefix('/') {
                Some(absolute) => path::normalise(absolute),
                None => path::normalise(&join(path::split(&path).0, &target)),
            };
        }
        Ok(path)
    }

    fn is_bare_at(&self, path: &str) -> bool {
        matches!(self.hdf5.scale_at(path), Ok(Some(scale)) if scale.is_bare)
    }

    fn put_virtual(
        &mut self,
        path: &str,
        made: &Virtual,
        keeps: bool,
        description: Option<&Arc<Description>>,
    ) -> Result<()> {
        let lengths = Length::of(&made.extent.shape, &made.extent.maxshape);
        self.flush_for(path)?;
        let is_there = h5::object_info(self.hdf5.id()?, path)?.is_some();
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
            self.take_away(&spare);
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
        self.gathered.flush_tree(&self.hdf5, path)?;
        let mut scales = None;
        if keeps {
            let waits = self.labels.waiting_names(path).is_some();
            if !waits {
                scales = self.hdf5.scales_of(path)?.1;
                if scales.is_some() {
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
        if let Some(scales) = scales {
            self.refer_to(path, &scales)?;
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
