//! Attributes of groups, datasets and the root.

#![forbid(unsafe_code)]

use super::dtype::{check_conversion, normal};
use super::h5::{self, Attribute, ElementType, Id};
use super::strided::show_shape;
use super::{path, text};
use super::{Dtype, Hdf5File};
use crate::array::Room;
use crate::error::{Error, Result};
use std::ffi::CString;

/// What HDF5's object headers take, with room for the description.
const LARGEST: usize = 64 << 10;

impl Hdf5File {
    /// Sets an attribute to an array, replacing one of that name.
    pub fn set_attribute(
        &self,
        object: &str,
        name: &str,
        dtype: Dtype,
        shape: &[u64],
        data: &[u8],
    ) -> Result<()> {
        if data.len() >= LARGEST {
            return Err(Error::shape(format!(
                "attribute '{name}' of shape {} has {} bytes, HDF5 takes fewer than {LARGEST}: write a dataset",
                show_shape(shape),
                data.len()
            )));
        }
        let data = normal(dtype, data);
        self.set(
            object,
            name,
            shape,
            || ElementType::stored(dtype, None),
            |attribute| attribute.write(dtype, &data),
        )
    }

    /// Sets an attribute to a text, replacing one of that name.
    pub fn set_attribute_text(&self, object: &str, name: &str, text: &str) -> Result<()> {
        let text =
            CString::new(text).map_err(|_| Error::argument("the text holds a NUL character"))?;
        self.set(object, name, &[], ElementType::variable_text, |attribute| {
            attribute.write_variable_texts(std::slice::from_ref(&text))
        })
    }

    /// Sets an attribute to texts of this shape, of variable length or with the fixed one of the longest, replacing one of that name.
    pub fn set_attribute_texts(
        &self,
        object: &str,
        name: &str,
        shape: &[u64],
        texts: &[&str],
        is_fixed: bool,
    ) -> Result<()> {
        let terminated = text::terminated(texts)?;
        self.set(
            object,
            name,
            shape,
            || text::element_of(texts, is_fixed),
            |attribute| match (texts.is_empty(), is_fixed) {
                (true, _) => Ok(()),
                (_, true) => attribute.write_stored(&text::pad(texts, attribute.element.size())?),
                (_, false) => attribute.write_variable_texts(&terminated),
            },
        )
    }

    /// Sets an attribute of the object at a path.
    fn set(
        &self,
        object: &str,
        name: &str,
        shape: &[u64],
        element: impl Fn() -> Result<ElementType>,
        fill: impl Fn(&Attribute) -> Result<()>,
    ) -> Result<()> {
        if name.is_empty() {
            return Err(Error::argument(
                "name is empty, expected that of an attribute",
            ));
        }
        let id = self.open_object(object)?;
        put(&id, name, shape, element, fill).map_err(|error| describe(error, object, name))
    }

    /// The names of an object's attributes in alphabetical order.
    pub fn attribute_keys(&self, object: &str) -> Result<Vec<String>> {
        h5::attribute_names(&self.open_object(object)?)
    }

    /// Deletes an attribute.
    pub fn delete_attribute(&self, object: &str, name: &str) -> Result<()> {
        let id = self.open_object(object)?;
        if name.is_empty() || !h5::attribute_exists(&id, name)? {
            return Err(missing(&id, object, name)?);
        }
        h5::delete_attribute(&id, name).map_err(|error| describe(error, object, name))
    }
}

/// Opens an attribute of an open object and runs `body` with it, and with its name in the errors.
fn with_attribute<T>(
    id: &Id,
    object: &str,
    name: &str,
    body: impl FnOnce(&Attribute) -> Result<T>,
) -> Result<T> {
    let opened = match h5::open_attribute(id, name) {
        Err(_) if name.is_empty() || !h5::attribute_exists(id, name)? => {
            return Err(missing(id, object, name)?);
        }
        opened => opened,
    };
    opened
        .and_then(|attribute| body(&attribute))
        .map_err(|error| describe(error, object, name))
}

/// Reads an attribute of an open object, which is at a path, as `dtype` into the memory that `room` gives for its shape.
pub(crate) fn get_array(
    id: &Id,
    object: &str,
    name: &str,
    dtype: Dtype,
    room: &mut impl Room,
) -> Result<()> {
    with_attribute(id, object, name, |attribute| {
        let element = &attribute.element;
        if element.dtype != dtype {
            check_conversion(element.dtype, &element.describe(), dtype, dtype.name())?;
        }
        let place = room.of_shape(&attribute.shape)?;
        if !place.is_empty() {
            place.copy_from_slice(&attribute.read(dtype)?);
        }
        Ok(())
    })
}

/// Reads an attribute of an open object that is one text.
pub(crate) fn get_text(id: &Id, object: &str, name: &str) -> Result<String> {
    with_attribute(id, object, name, |attribute| {
        text::require_text(&attribute.element)?;
        let texts = text::decode_all(&attribute.element, &attribute.read_texts()?)?;
        text::single(texts, &attribute.shape, "")
    })
}

/// Reads an attribute of texts of an open object: the texts in C order, and its shape.
pub(crate) fn get_texts(id: &Id, object: &str, name: &str) -> Result<(Vec<String>, Vec<u64>)> {
    with_attribute(id, object, name, |attribute| {
        text::require_text(&attribute.element)?;
        let texts = match attribute.shape.contains(&0) {
            true => Vec::new(),
            false => text::decode_all(&attribute.element, &attribute.read_texts()?)?,
        };
        Ok((texts, attribute.shape.clone()))
    })
}

/// Element type and shape of an attribute of an open object.
pub(crate) fn info(id: &Id, object: &str, name: &str) -> Result<(Dtype, Vec<u64>)> {
    with_attribute(id, object, name, |attribute| {
        Ok((attribute.element.dtype, attribute.shape.clone()))
    })
}

/// Makes an attribute of an open object and fills it; one of that name stays until the new one is complete.
fn put(
    id: &Id,
    name: &str,
    shape: &[u64],
    element: impl Fn() -> Result<ElementType>,
    fill: impl Fn(&Attribute) -> Result<()>,
) -> Result<()> {
    // HDF5 looks for one of that name in any case: it need not be asked for that as well.
    let refused = match h5::create_attribute(id, name, element()?, shape) {
        Ok(attribute) => {
            return fill(&attribute).inspect_err(|_| {
                // The first failure is the one to tell of.
                let _ = h5::delete_attribute(id, name);
            });
        }
        Err(refused) => refused,
    };
    if !h5::attribute_exists(id, name)? {
        return Err(refused);
    }
    {
        let old = h5::open_attribute(id, name)?;
        if old.shape == shape && old.element.equals(&element()?)? {
            return fill(&old);
        }
    }
    let new = unused_name(id, name)?;
    let made = h5::create_attribute(id, &new, element()?, shape)
        .and_then(|attribute| fill(&attribute))
        .and_then(|()| take_place(id, &new, name));
    if made.is_err() && h5::attribute_exists(id, &new)? {
        let _ = h5::delete_attribute(id, &new);
    }
    made
}

/// Puts an attribute in the place of another one of the object, which goes. After a failure both are there.
fn take_place(id: &Id, from: &str, to: &str) -> Result<()> {
    let spare = unused_name(id, to)?;
    h5::rename_attribute(id, to, &spare)?;
    let taken = h5::rename_attribute(id, from, to);
    let gone = match &taken {
        Ok(()) => h5::delete_attribute(id, &spare),
        Err(_) => Ok(()),
    };
    if gone.is_err() {
        let _ = h5::rename_attribute(id, to, from);
    }
    if taken.is_err() || gone.is_err() {
        let _ = h5::rename_attribute(id, &spare, to);
    }
    taken.and(gone)
}

/// Sets an attribute of an open object to an array, replacing one of that name.
pub(crate) fn set_array(
    id: &Id,
    name: &str,
    dtype: Dtype,
    shape: &[u64],
    data: &[u8],
) -> Result<()> {
    put(
        id,
        name,
        shape,
        || ElementType::stored(dtype, None),
        |attribute| attribute.write(dtype, data),
    )
}

/// Sets an attribute of an open object to a text, replacing one of that name.
pub(crate) fn set_text(id: &Id, name: &str, text: &str) -> Result<()> {
    let text = CString::new(text).map_err(|_| Error::argument("the text holds a NUL character"))?;
    put(id, name, &[], ElementType::variable_text, |attribute| {
        attribute.write_variable_texts(std::slice::from_ref(&text))
    })
}

/// Says whose attribute an error is about.
fn describe(error: Error, object: &str, name: &str) -> Error {
    let object = path::normalise(object);
    error.within(format_args!(
        "attribute '{name}' of '{}'",
        path::or_root(&object)
    ))
}

/// The error for an attribute that is not there.
fn missing(id: &Id, object: &str, name: &str) -> Result<Error> {
    let object = path::normalise(object);
    let names = h5::attribute_names(id)?;
    let has = if names.is_empty() {
        "no attributes".to_owned()
    } else {
        names.join(", ")
    };
    Ok(Error::not_found(format!(
        "'{}' has no attribute '{name}', it has {has}",
        path::or_root(&object)
    )))
}

/// A name for an attribute that will take the place of another.
fn unused_name(id: &Id, name: &str) -> Result<String> {
    let mut number = 0;
    loop {
        let candidate = format!("{name} (new {number})");
        if !h5::attribute_exists(id, &candidate)? {
            return Ok(candidate);
        }
        number += 1;
    }
}
