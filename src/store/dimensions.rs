//! Names of axes in a file: dimension scales, as netCDF and h5py have them.
//!
//! A dataset's axes refer to scales. A scale is a coordinate, a dataset of one axis with values, or a bare dimension:
//! a dataset of that length that was never written and whose `NAME` says so, in netCDF's words.

#![forbid(unsafe_code)]

use super::h5::{self, Creation, Dataset, ElementType, Extent, LinkType, Order, ScaleOwner};
use super::{path, Dtype, Hdf5File, Kind};
use crate::error::{Error, Result};
use std::collections::HashSet;

/// How netCDF begins the name of a dimension without coordinate; its length follows.
const BARE: &str = "This is a netCDF dimension but not a netCDF variable.";

/// Bytes that netCDF gives that name.
const BARE_SIZE: usize = 64;

/// The elements of a chunk of a bare dimension that grows; nothing is ever stored in one.
const BARE_CHUNK: u64 = 1024;

/// The most entries of a `REFERENCE_LIST` that fit into an object header of the oldest format.
pub const MOST_OWNERS: usize = 4085;

/// The length of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Now.
    pub now: u64,
    /// Whether it may become longer without bound.
    pub grows: bool,
}

impl Length {
    /// The lengths of all axes of these extents.
    pub fn of(shape: &[u64], maxshape: &[u64]) -> Vec<Self> {
        let axes = shape.iter().zip(maxshape);
        axes.map(|(&now, &most)| Self {
            now,
            grows: most == u64::MAX,
        })
        .collect()
    }
}

/// A dataset of one axis that names axes of others.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Where it is.
    pub path: String,
    /// The address of its header.
    pub address: u64,
    /// Its length, as HDF5 knows it.
    pub length: Length,
    /// Whether it says that it is a scale.
    pub is_marked: bool,
    /// Whether it is a dimension without coordinate.
    pub is_bare: bool,
}

/// A dataset that has scales or is one.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// Where it is.
    pub path: String,
    /// The address of its header.
    pub address: u64,
    /// The addresses of the scales of its axes.
    pub scales: Vec<Option<u64>>,
    /// Whether it is a scale itself.
    pub is_scale: bool,
}

impl Hdf5File {
    /// The dataset at a normal path, as a scale; None if nothing is there.
    ///
    /// # Errors
    /// `Type` or `Shape`, with the reason, where something else is there.
    pub fn scale_at(&self, path: &str) -> Result<Option<Scale>> {
        let link = match h5::link_type(self.id()?, path)? {
            None => return Ok(None),
            Some(link) => link,
        };
        let info = h5::object_info(self.id()?, path)?;
        let kind = info.map_or(Kind::None, |info| info.kind);
        if link != LinkType::Hard || kind != Kind::Dataset {
            let what = match link {
                LinkType::Hard => kind.to_string(),
                _ => "a link".to_owned(),
            };
            return Err(Error::type_(format!(
                "'{path}' is {what}, expected a dataset of one axis, the coordinate"
            )));
        }
        let dataset = h5::open_dataset(self.id()?, path)?;
        let Extent { shape, maxshape } = &dataset.extent;
        let ([now], [most]) = (&shape[..], &maxshape[..]) else {
            return Err(Error::shape(format!(
                "'{path}' has shape {}, a coordinate has one axis",
                super::strided::show_shape(shape)
            )));
        };
        if h5::attribute_exists(dataset.id(), h5::DIMENSION_LIST)? {
            return Err(Error::type_(format!(
                "'{path}' has an axis of another name, so that it is no coordinate"
            )));
        }
        let is_marked = h5::is_scale(dataset.id())?;
        Ok(Some(Scale {
            path: path.to_owned(),
            address: h5::address_of(dataset.id())?,
            length: Length {
                now: *now,
                grows: *most == u64::MAX,
            },
            is_marked,
            is_bare: is_marked && is_bare(&dataset)?,
        }))
    }

    /// Makes a dataset say that it is a scale.
    pub fn mark_scale(&self, path: &str) -> Result<()> {
        let (_, name) = path::split(path);
        let object = h5::open_object(self.id()?, path)?;
        h5::mark_scale(&object, name, name.len() + 1)
    }

    /// After a scale was moved to a normal path: what it says that it is called follows, if it was its name.
    pub fn rename_scale(&self, before: &str, path: &str) -> Result<()> {
        let object = h5::open_object(self.id()?, path)?;
        let (_, name) = path::split(path);
        match h5::is_scale(&object)? && h5::scale_name(&object)?.as_deref() == Some(before) {
            true => h5::mark_scale(&object, name, name.len() + 1),
            false => Ok(()),
        }
    }

    /// Takes from a scale the list of datasets that it belongs to; gives the address of its header.
    pub fn disown_scale(&self, path: &str) -> Result<u64> {
        let object = h5::open_object(self.id()?, path)?;
        h5::write_reference_list(&object, &[])?;
        h5::address_of(&object)
    }

    /// Creates a dimension without coordinate.
    pub fn create_bare(&self, path: &str, length: Length) -> Result<Scale> {
        let (extent, creation) = match length.grows {
            false => (
                Extent {
                    shape: vec![length.now],
                    maxshape: vec![length.now],
                },
                Creation::default(),
            ),
            true => (
                Extent {
                    shape: vec![length.now],
                    maxshape: vec![u64::MAX],
                },
                Creation {
                    chunks: Some(vec![BARE_CHUNK]),
                    ..Creation::default()
                },
            ),
        };
        let element = ElementType::stored(Dtype::F32, Some(Order::Big))?;
        let mut address = 0;
        self.create_filled(path, element, &extent, &creation, |dataset| {
            address = h5::address_of(dataset.id())?;
            let name = format!("{BARE}{:10}", length.now);
            h5::mark_scale(dataset.id(), &name, BARE_SIZE)
        })?;
        Ok(Scale {
            path: path.to_owned(),
            address,
            length,
            is_marked: true,
            is_bare: true,
        })
    }

    /// Gives a dimension without coordinate another length.
    pub fn set_bare_length(&self, path: &str, length: u64) -> Result<()> {
        let mut dataset = h5::open_dataset(self.id()?, path)?;
        if dataset.extent.shape[..] == [length] {
            return Ok(());
        }
        dataset.set_extent(&[length])?;
        let name = format!("{BARE}{length:10}");
        h5::mark_scale(dataset.id(), &name, BARE_SIZE)
    }

    /// The address of the header of the dataset at a path, and those of the scales of its axes, if it has such.
    pub fn scales_of(&self, path: &str) -> Result<(u64, Option<Vec<Option<u64>>>)> {
        let object = self.open_object(path)?;
        let scales = h5::read_dimension_list(&object)?;
        Ok((h5::address_of(&object)?, scales))
    }

    /// Takes the scales from the axes of a dataset.
    pub fn remove_scales(&self, path: &str) -> Result<()> {
        let object = self.open_object(path)?;
        match h5::attribute_exists(&object, h5::DIMENSION_LIST)? {
            true => h5::delete_attribute(&object, h5::DIMENSION_LIST),
            false => Ok(()),
        }
    }

    /// Makes the axes of a dataset refer to the scales whose headers are at these addresses; gives its own address.
    pub fn set_scales(&self, path: &str, scales: &[Option<u64>]) -> Result<u64> {
        let object = self.open_object(path)?;
        h5::write_dimension_list(&object, scales)?;
        h5::address_of(&object)
    }

    /// The names of the axes of a dataset of this rank at a normal path; a scale elsewhere is named by its whole path.
    pub fn dimensions(&self, normal: &str, rank: usize) -> Result<Vec<Option<String>>> {
        let (group, own) = path::split(normal);
        let object = self.open_object(normal)?;
        let Some(scales) = h5::read_dimension_list(&object)? else {
            let mut names = vec![None; rank];
            if h5::is_scale(&object)? {
                if let Some(first) = names.first_mut() {
                    *first = Some(own.to_owned());
                }
            }
            return Ok(names);
        };
        let mut names = Vec::with_capacity(rank);
        for scale in scales.into_iter().chain(std::iter::repeat(None)).take(rank) {
            names.push(match scale {
                Some(scale) => self.name_of_scale(group, scale)?,
                None => None,
            });
        }
        Ok(names)
    }

    /// The name of a scale for datasets of a group; its path where it is in none of the groups above.
    pub fn name_of_scale(&self, group: &str, address: u64) -> Result<Option<String>> {
        // What it says of itself is where it is, nearly always, and found at once.
        let scale = match h5::open_address(self.id()?, address) {
            Ok(scale) => scale,
            Err(_) => return Ok(None),
        };
        let said = h5::scale_name(&scale)?;
        let said = said.filter(|name| !name.is_empty() && !name.contains('/'));
        if let Some(name) = said {
            for group in groups_above(group) {
                let candidate = join(group, &name);
                if h5::link_type(self.id()?, &candidate)?.is_some()
                    && h5::hard_link_address(self.id()?, &candidate)? == Some(address)
                {
                    return Ok(Some(name));
                }
            }
        }
        let Some(found) = h5::path_of_address(self.id()?, address)? else {
            return Ok(None);
        };
        let found = path::normalise(&found);
        let (its_group, name) = path::split(&found);
        Ok(Some(
            match groups_above(group).any(|above| above == its_group) {
                true => name.to_owned(),
                false => format!("/{found}"),
            },
        ))
    }

    /// The datasets at a normal path or below it that have scales or are scales.
    pub fn labelled_below(&self, top: &str) -> Result<Vec<Labelled>> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting = vec![top.to_owned()];
        while let Some(path) = waiting.pop() {
            let Some(standing) = h5::standing(self.id()?, path::or_root(&path))? else {
                continue;
            };
            if standing.kind == Kind::Group {
                let group = h5::open_group(self.id()?, path::or_root(&path))?;
                // A group that lies in itself is looked into once.
                if standing.links > 1 && !seen.insert(h5::address_of(&group)?) {
                    continue;
                }
                for (name, link) in h5::links(&group)? {
                    if link == LinkType::Hard {
                        waiting.push(join(&path, &name));
                    }
                }
            } else if standing.kind == Kind::Dataset && standing.attributes > 0 {
                let object = h5::open_object(self.id()?, &path)?;
                let scales = h5::read_dimension_list(&object)?;
                let is_scale = h5::is_scale(&object)?;
                if scales.is_some() || is_scale {
                    found.push(Labelled {
                        address: h5::address_of(&object)?,
                        path,
                        scales: scales.unwrap_or_default(),
                        is_scale,
                    });
                }
            }
        }
        Ok(found)
    }

    /// Changes the list of datasets that a scale belongs to; the scale may be gone.
    ///
    /// Beyond what fits into an old object header entries are left out: readers do not need them.
    pub fn change_owners(
        &self,
        scale: u64,
        removed: &HashSet<ScaleOwner>,
        added: &[ScaleOwner],
    ) -> Result<()> {
        let object = h5::open_address(self.id()?, scale)?;
        let Some(mut owners) = h5::read_reference_list(&object)? else {
            // A list of a kind of its own is another program's.
            return Ok(());
        };
        if !removed.is_empty() {
            owners.retain(|owner| !removed.contains(owner));
        }
        owners.extend_from_slice(added);
        let written = h5::write_reference_list(&object, &owners);
        if written.is_err() && owners.len() > MOST_OWNERS {
            owners.truncate(MOST_OWNERS);
            return h5::write_reference_list(&object, &owners);
        }
        written
    }
}

/// Whether a scale is a dimension without coordinate.
fn is_bare(dataset: &Dataset) -> Result<bool> {
    Ok(h5::scale_name(dataset.id())?.is_some_and(|name| name.starts_with(BARE)))
}

/// A group and those above it, by their normal paths, the root last.
pub fn groups_above(group: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(group);
    std::iter::from_fn(move || {
        let this = next?;
        next = (!this.is_empty()).then(|| path::split(this).0);
        Some(this)
    })
}

/// The normal path of a name in a group.
pub fn join(group: &str, name: &str) -> String {
    match group.is_empty() {
        true => name.to_owned(),
        false => format!("{group}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_named_from_the_inside_out() {
        let above: Vec<&str> = groups_above("a/b/c").collect();
        assert_eq!(above, ["a/b/c", "a/b", "a", ""]);
        assert_eq!(groups_above("").collect::<Vec<_>>(), [""]);
        assert_eq!(join("", "x"), "x");
        assert_eq!(join("a/b", "x"), "a/b/x");
    }
}
