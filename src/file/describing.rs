//! What datasets say of themselves when they are written: the names of their axes, and attributes.

#![forbid(unsafe_code)]

use super::dimensions::Labelling;
use super::owner::State;
use crate::error::{Error, Result};
use crate::slice;
use crate::small::Attributes;
use crate::store::{path, DescribedAttribute, Description, Dtype, Length};
use std::sync::Arc;

/// The latest description of a dataset: programs write many that are described alike.
#[derive(Debug)]
pub struct Latest {
    description: Arc<Description>,
    /// Its attributes.
    attributes: Arc<Attributes>,
    /// What it came to for datasets of one group and shape.
    resolved: Option<Resolved>,
}

#[derive(Debug)]
struct Resolved {
    group: Box<str>,
    shape: Box<[u64]>,
    attributes: Arc<Attributes>,
    labelling: Labelling,
}

impl Latest {
    /// Forgets what it came to: what the names of axes lead to has changed.
    pub fn look_again(&mut self) {
        self.resolved = None;
    }

    /// Whether it gives an axis this name.
    pub fn names(&self, name: &str) -> bool {
        let dims = self.description.dims.iter();
        dims.flat_map(|names| names.iter())
            .any(|other| **other == *name)
    }
}

impl State {
    /// The latest description, which is made this one.
    fn latest(&mut self, description: &Arc<Description>) -> Result<&mut Latest> {
        let is_it = |latest: &Latest| Arc::ptr_eq(&latest.description, description);
        if !self.latest_description.as_ref().is_some_and(is_it) {
            description.check()?;
            let mut attributes = Attributes::default();
            for attribute in &description.attributes {
                let DescribedAttribute {
                    name,
                    dtype,
                    shape,
                    data,
                } = attribute;
                attributes.set(name, *dtype, shape, data)?;
            }
            self.latest_description = Some(Latest {
                description: description.clone(),
                attributes: Arc::new(attributes),
                resolved: None,
            });
        }
        self.latest_description
            .as_mut()
            .ok_or_else(|| Error::internal("a description is lost"))
    }

    /// The attributes that a new small dataset of fixed extents begins with, and what becomes of the names of its axes.
    pub(super) fn begin_described(
        &mut self,
        path: &str,
        description: &Arc<Description>,
        shape: &[u64],
    ) -> Result<(Option<Arc<Attributes>>, Labelling)> {
        let (group, own) = path::split(path);
        let latest = self.latest(description)?;
        let attributes = latest.attributes.clone();
        let Some(names) = &description.dims else {
            return Ok((Some(attributes), Labelling::Nothing));
        };
        let is_own = names.iter().any(|name| **name == *own);
        if let Some(resolved) = latest.resolved.as_ref().filter(|_| !is_own) {
            if *resolved.group == *group && slice::alike(&resolved.shape, shape) {
                let attributes = resolved.attributes.clone();
                return Ok((Some(attributes), resolved.labelling.clone()));
            }
        }
        let labelling = self.plan_label(path, names, &Length::of(shape, shape))?;
        let mut holds = !is_own;
        let (attributes, labelling) = match labelling {
            Labelling::Now(scales) => {
                self.labels.use_now();
                holds &= !self.labels.may_grow(&scales);
                let mut all = Attributes::clone(&attributes);
                all.set_scales(&scales)?;
                (Arc::new(all), Labelling::Nothing)
            }
            other => (attributes, other),
        };
        if let Some(latest) = self.latest_description.as_mut().filter(|_| holds) {
            latest.resolved = Some(Resolved {
                group: group.into(),
                shape: shape.into(),
                attributes: attributes.clone(),
                labelling: labelling.clone(),
            });
        }
        Ok((Some(attributes), labelling))
    }

    /// What becomes of the names that a description gives to axes of these lengths.
    pub(super) fn plan_description(
        &mut self,
        path: &str,
        description: Option<&Arc<Description>>,
        lengths: &[Length],
    ) -> Result<Labelling> {
        let Some(description) = description else {
            return Ok(Labelling::Nothing);
        };
        description.check()?;
        match &description.dims {
            Some(names) => self.plan_label(path, names, lengths),
            None => Ok(Labelling::Nothing),
        }
    }

    /// Gives a dataset that is there its attributes and the names of its axes.
    pub(super) fn describe(
        &mut self,
        path: &str,
        description: Option<&Arc<Description>>,
        labelling: &Labelling,
    ) -> Result<()> {
        let Some(description) = description else {
            return Ok(());
        };
        for attribute in &description.attributes {
            let DescribedAttribute {
                name,
                dtype,
                shape,
                data,
            } = attribute;
            self.set_attribute(path, name, *dtype, shape, data)?;
        }
        self.label(path, labelling)
    }

    /// Sets an attribute to an array or to a text's bytes, replacing one of that name.
    pub(super) fn set_attribute(
        &mut self,
        object: &str,
        name: &str,
        dtype: Dtype,
        shape: &[u64],
        data: &[u8],
    ) -> Result<()> {
        let file = &self.hdf5;
        if self
            .gathered
            .set_attribute(file, object, name, dtype, shape, data)?
        {
            return Ok(());
        }
        self.flush_for(object)?;
        match dtype {
            Dtype::Text => {
                let text = String::from_utf8_lossy(data);
                self.hdf5.set_attribute_text(object, name, &text)
            }
            _ => self.hdf5.set_attribute(object, name, dtype, shape, data),
        }
    }
}
