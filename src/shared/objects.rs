//! Groups, texts and attributes, which all ranks give or take.

#![forbid(unsafe_code)]

use super::agreement::Call;
use super::Shared;
use crate::array::Room;
use crate::error::{Error, Result, Status};
use crate::json;
use crate::store::{attribute, path, Dtype, Entry, Kind};

/// The error for what a shared file has not.
fn absent<T>(what: &str) -> Result<T> {
    Err(Error::unsupported(format!(
        "{what} is not there for a file that ranks share by h5sim_open_mpi; open it by h5sim_open or h5sim_open_ranks"
    )))
}

impl Shared {
    /// Creates a group and those on the way to it.
    pub fn create_group(&self, path: &str) -> Result<()> {
        let call = Call::changing("h5sim_create_group", path, &());
        self.run(&call, Ok(()), |state| state.hdf5.create_group(path))
    }

    /// What is at a path, links followed.
    pub fn kind(&self, path: &str) -> Result<Kind> {
        let call = Call::looking("h5sim_exists", path, &());
        self.run(&call, Ok(()), |state| state.hdf5.kind(path))
    }

    /// The names in a group in alphabetical order.
    pub fn keys(&self, group: &str) -> Result<Vec<String>> {
        let call = Call::looking("h5sim_keys", group, &());
        self.run(&call, Ok(()), |state| state.hdf5.keys(group))
    }

    /// Describes every object below a group, each group before its members, in alphabetical order.
    pub fn tree(&self, group: &str) -> Result<Vec<Entry>> {
        let call = Call::looking("h5sim_tree", group, &());
        self.run(&call, Ok(()), |state| state.hdf5.tree(group))
    }

    /// Deletes a dataset, a group with all in it, or a link.
    pub fn delete(&self, path: &str) -> Result<()> {
        let call = Call::changing("h5sim_delete", path, &());
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            // A second name may lead to a dataset that is open: all are closed.
            if state.hdf5.deletable(&normal)?.is_some() {
                state.forget("");
            }
            state.hdf5.delete(&normal)
        })
    }

    /// Sets an attribute to an array, replacing one of that name.
    pub fn set_attribute(
        &self,
        object: &str,
        name: &str,
        dtype: Dtype,
        shape: &[u64],
        data: &[u8],
    ) -> Result<()> {
        let call = Call::changing("h5sim_set_attr", object, &(name, dtype, shape)).with(data);
        self.run(&call, Ok(()), |state| {
            state.hdf5.set_attribute(object, name, dtype, shape, data)
        })
    }

    /// Sets an attribute to a text, replacing one of that name.
    pub fn set_attribute_text(&self, object: &str, name: &str, text: &str) -> Result<()> {
        let call = Call::changing("h5sim_set_attr_text", object, &name).with(text.as_bytes());
        self.run(&call, Ok(()), |state| {
            state.hdf5.set_attribute_text(object, name, text)
        })
    }

    /// Reads an attribute as `dtype` into the memory that `room` gives for its shape.
    pub fn get_attribute(
        &self,
        object: &str,
        name: &str,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        let call = Call::looking("h5sim_get_attr", object, &(name, dtype));
        self.run(&call, Ok(()), |state| {
            let id = state.hdf5.open_object(object)?;
            let got = attribute::get_array(&id, object, name, dtype, room);
            match got {
                // Of the room, which is this rank's own.
                Err(error) if error.status == Status::Shape => {
                    state.untransferred.get_or_insert(error);
                    Ok(())
                }
                got => got,
            }
        })
    }

    /// Reads an attribute that is one text.
    pub fn get_attribute_text(&self, object: &str, name: &str) -> Result<String> {
        let call = Call::looking("h5sim_get_attr_text", object, &name);
        self.run(&call, Ok(()), |state| {
            attribute::get_text(&state.hdf5.open_object(object)?, object, name)
        })
    }

    /// Element type and shape of an attribute.
    pub fn attribute_info(&self, object: &str, name: &str) -> Result<(Dtype, Vec<u64>)> {
        let call = Call::looking("h5sim_attr_info", object, &name);
        self.run(&call, Ok(()), |state| {
            attribute::info(&state.hdf5.open_object(object)?, object, name)
        })
    }

    /// The names of an object's attributes in alphabetical order.
    pub fn attribute_keys(&self, object: &str) -> Result<Vec<String>> {
        let call = Call::looking("h5sim_attr_keys", object, &());
        self.run(&call, Ok(()), |state| state.hdf5.attribute_keys(object))
    }

    /// Deletes an attribute.
    pub fn delete_attribute(&self, object: &str, name: &str) -> Result<()> {
        let call = Call::changing("h5sim_delete_attr", object, &name);
        self.run(&call, Ok(()), |state| {
            state.hdf5.delete_attribute(object, name)
        })
    }

    /// Writes a text to a new scalar dataset.
    pub fn write_text(&self, path: &str, text: &str) -> Result<()> {
        let call = Call::changing("h5sim_write_text", path, &()).with(text.as_bytes());
        self.run(&call, Ok(()), |state| {
            state.hdf5.write_texts(path, &[], &[text], true)
        })
    }

    /// Writes a JSON text to a new scalar dataset.
    pub fn write_json(&self, path: &str, text: &str) -> Result<()> {
        let call = Call::changing("h5sim_write_json", path, &()).with(text.as_bytes());
        let local = json::parse(text)
            .map(drop)
            .map_err(|error| error.within(format_args!("'{path}': the text is not JSON")));
        self.run(&call, local, |state| {
            state.hdf5.write_texts(path, &[], &[text], true)
        })
    }

    /// Writes texts of this shape to a new dataset, with the length of the longest.
    pub fn write_texts(&self, path: &str, shape: &[u64], texts: &[&str]) -> Result<()> {
        let all = texts.join("\0");
        let call = Call::changing("h5sim_write_texts", path, &shape).with(all.as_bytes());
        self.run(&call, Ok(()), |state| {
            state.hdf5.write_texts(path, shape, texts, true)
        })
    }

    /// Reads a dataset that holds one text.
    pub fn read_text(&self, path: &str) -> Result<String> {
        let call = Call::looking("h5sim_read_text", path, &());
        self.run(&call, Ok(()), |state| state.hdf5.read_text(path))
    }

    /// Reads a text that is JSON.
    pub fn read_json(&self, path: &str) -> Result<String> {
        let text = self.read_text(path)?;
        let refused = |error: Error| {
            let error = error.within(format_args!("dataset '{path}' is not JSON"));
            error.within(self.name())
        };
        json::parse(&text).map_err(refused)?;
        Ok(text)
    }

    /// Reads a dataset of texts: the texts in C order, and its shape.
    pub fn read_texts(&self, path: &str) -> Result<(Vec<String>, Vec<u64>)> {
        let call = Call::looking("h5sim_read_texts", path, &());
        self.run(&call, Ok(()), |state| state.hdf5.read_texts(path))
    }

    /// Fails on all ranks: there is no such thing for a shared file.
    pub fn refuse<T>(&self, function: &str) -> Result<T> {
        let call = Call::looking(function, "", &());
        self.run(&call, absent(function), |_| absent(function))
    }
}
