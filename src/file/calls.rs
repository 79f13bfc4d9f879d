//! The calls of the interface on an open file.

#![forbid(unsafe_code)]

use super::appending::Records;
use super::dimensions::Labelling;
use super::elsewhere::Reached;
use super::owner::State;
use super::segments::{axes_of, put_axes_of, Memory};
use super::selection::{check_hyperslab, even_parts};
use super::table::Standing;
use super::vtkhdf::Vtk;
use super::writing::{Part, Source};
use super::OpenFile;
use crate::array::{Bytes, Room};
use crate::codec::convert::NumberType;
use crate::error::{Error, Result, Status};
use crate::slice::{self, per_axis, Axis, PerAxis};
use crate::small::attribute::NewAttribute;
use crate::small::{self, FoundAttribute, Presence};
use crate::store::h5::{self, Hyperslab};
use crate::store::strided::{self, show_shape, Layout, Strided, StridedMut};
use crate::store::{
    attribute, path, Dtype, Entry, Kind, Length, Names, StorageOptions, StoredAs, Vtkhdf, Write,
};

/// Arrays that are not in C order are packed in pieces of about so many bytes on their way to the file.
const GATHER_BYTES: usize = 4 << 20;

/// And on their way from it in pieces of so many, unless they have no more than that in all.
const SCATTER_BYTES: usize = 1 << 20;
const ALL_OR_NOTHING: usize = 1 << 20;

/// Records with strides of up to so many bytes are packed first: they are then appended as any others, and
/// a copy that stays in the nearest caches costs little.
const SMALL_RECORD: usize = 64 << 10;

impl OpenFile {
    /// Writes an array to a new dataset, or over an existing one.
    pub fn write(
        &self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        self.change(|state| {
            // What is overwritten again and again is open already, and does not wait.
            let is_open = options.overwrite && state.datasets.find(&path::normal(path)).is_some();
            if !is_open && options.overwrite && state.gather_again(path, dtype, array, options)? {
                return Ok(());
            }
            if !is_open && state.gather(path, dtype, array, options)? {
                return Ok(());
            }
            let shape = array.shape();
            let axes = slice::Selection::everything(&shape).axes;
            let part = Part {
                axes: &axes,
                dtype,
                array,
            };
            state.put(path, &shape, &part, options)
        })
    }

    /// Creates a dataset without data.
    pub fn create(&self, path: &str, dtype: Dtype, shape: &[u64], options: &Write) -> Result<()> {
        self.change(|state| {
            // What is too much is told of below.
            let count = strided::count(shape).unwrap_or(u64::MAX);
            let bytes = count.saturating_mul(dtype.size() as u64);
            if !options.overwrite && options.is_plain() && bytes <= small::LARGEST {
                // One that is small waits as if zeros had been written to it, which it reads as.
                let zeros = vec![0; bytes as usize];
                let array = Strided::packed(&zeros, shape, dtype.size())?;
                if state.gather(path, dtype, &array, options)? {
                    return Ok(());
                }
            }
            let path = &path::of_new(path)?;
            let named = |error: Error| error.within(format_args!("dataset '{path}'"));
            let description = options.description.as_ref();
            let options = StorageOptions::new(options, dtype, shape).map_err(named)?;
            state.flush_for(path)?;
            let lengths = Length::of(&options.extent.shape, &options.extent.maxshape);
            let labelling = state
                .plan_description(path, description, &lengths)
                .map_err(named)?;
            if options.overwrite && state.existing(path)?.is_some() {
                state.replace(path, &options, |_, _| Ok(()))?;
                let described = state.describe(path, description, &labelling);
                return described.map_err(named);
            }
            state.create_filled(path, &options, |state, _| {
                state.describe(path, description, &labelling)
            })
        })
    }

    /// Element type and shape of a dataset.
    pub fn info(&self, path: &str) -> Result<(Dtype, Vec<u64>)> {
        self.look_along(path, |state, path| {
            if let Some((dtype, shape)) = state.gathered.info(path) {
                return Ok(Reached::Here((dtype, shape.to_vec())));
            }
            state.reach_dataset(path, |state, id| {
                let open = state.opened(id)?;
                Ok((open.dtype, open.shape.clone()))
            })
        })
    }

    /// The shape that a slice of a dataset has.
    pub fn slice_shape(&self, path: &str, slice: &str) -> Result<Vec<u64>> {
        self.look_along(path, |state, path| {
            state.reach_dataset(path, |state, id| {
                Ok(slice::parse(slice, &state.opened(id)?.shape)?
                    .shape()
                    .into_vec())
            })
        })
    }

    /// Reads a slice of a dataset into the memory that `room` gives for its shape.
    pub fn read(&self, path: &str, slice: &str, dtype: Dtype, room: &mut impl Room) -> Result<()> {
        self.look_along(path, |state, path| {
            if state.read_gathered(path, slice, dtype, room)? {
                return Ok(Reached::Here(()));
            }
            state.reach_dataset(path, |state, id| {
                let selection = slice::parse(slice, &state.opened(id)?.shape)?;
                let data = room.of_shape(&selection.shape())?;
                state.read_axes(id, &selection.axes, dtype, data)
            })
        })
    }

    /// Reads a slice of a dataset into an array with strides.
    pub fn read_into(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        self.look_along(path, |state, path| {
            state.reach_dataset(path, |state, id| {
                let selection = slice::parse(slice, &state.opened(id)?.shape)?;
                require_shape(&selection.shape(), &array.shape())?;
                state.read_strided(id, &selection.axes, dtype, array)
            })
        })
    }

    /// Reads a hyperslab of a dataset into `room`, which may be larger than needed.
    pub fn read_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        self.look_along(path, |state, path| {
            state.reach_dataset(path, |state, id| {
                let extents = &state.opened(id)?.shape;
                let mut axes = PerAxis::new();
                if put_axes_of(hyperslab, extents, &mut axes) {
                    let shape = per_axis(axes.len(), |axis| axes[axis].count as u64);
                    let data = room.of_shape(&shape)?;
                    return state.read_axes(id, &axes, dtype, data);
                }
                let extents = PerAxis::from_slice(extents);
                let shape = check_hyperslab(hyperslab, &extents)?;
                let data = room.of_shape(&shape)?;
                if data.is_empty() {
                    return state.read_axes(id, &empty(&extents), dtype, data);
                }
                if state.read_blocks(id, hyperslab, dtype, data)? {
                    return Ok(());
                }
                for even in even_parts(hyperslab) {
                    let axes = even_axes(&even.part, &extents)?;
                    let counts: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
                    let mut packed: Vec<u8> = h5::zeroed(counts.iter().product(), dtype.size())?;
                    state.read_axes(id, &axes, dtype, &mut packed)?;
                    let rows = counts.first().map_or(1, |&rows| rows as usize);
                    StridedMut::within(&mut *data, &shape, &even.indices, &counts, dtype.size())?
                        .scatter(0, rows, &packed);
                }
                Ok(())
            })
        })
    }

    /// Writes into a slice of an existing dataset; `data` has as many elements as the slice.
    pub fn write_slice(&self, path: &str, slice: &str, dtype: Dtype, data: &[u8]) -> Result<()> {
        self.change(|state| {
            state.overwriting(|state| {
                state.with_dataset(path, |state, id| {
                    let selection = slice::parse(slice, &state.opened(id)?.shape)?;
                    require_count(data, selection.len()?, dtype, || selection.shape())?;
                    let source = Source::packed(data, &selection.axes, dtype);
                    state.write_axes(id, &selection.axes, &source)
                })
            })
        })
    }

    /// Writes an array with strides into a slice of an existing dataset, which has the array's shape.
    pub fn write_from(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        self.change(|state| {
            state.overwriting(|state| {
                state.with_dataset(path, |state, id| {
                    let selection = slice::parse(slice, &state.opened(id)?.shape)?;
                    require_shape(&selection.shape(), &array.shape())?;
                    let part = Part {
                        axes: &selection.axes,
                        dtype,
                        array,
                    };
                    state.write_part(id, &part)
                })
            })
        })
    }

    /// Writes a hyperslab of an existing dataset; `data` has as many elements as it selects.
    pub fn write_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        self.change(|state| {
            state.overwriting(|state| {
                state.with_dataset(path, |state, id| {
                    let extents = &state.opened(id)?.shape;
                    let mut axes = PerAxis::new();
                    if put_axes_of(hyperslab, extents, &mut axes) {
                        let shape = per_axis(axes.len(), |axis| axes[axis].count as u64);
                        require_count(data, strided::count(&shape)?, dtype, || shape)?;
                        return state.write_axes(id, &axes, &Source::packed(data, &axes, dtype));
                    }
                    let extents = PerAxis::from_slice(extents);
                    let shape = check_hyperslab(hyperslab, &extents)?;
                    require_count(data, strided::count(&shape)?, dtype, || shape.clone())?;
                    if data.is_empty() {
                        let axes = empty(&extents);
                        return state.write_axes(id, &axes, &Source::packed(data, &axes, dtype));
                    }
                    for even in even_parts(hyperslab) {
                        let axes = even_axes(&even.part, &extents)?;
                        let (origin, strides) =
                            Layout::within(&shape, &even.indices, dtype.size())?;
                        let source = Source {
                            bytes: data.into(),
                            memory: Memory {
                                origin,
                                strides: strides.into(),
                                item: dtype.size(),
                            },
                            dtype,
                        };
                        state.write_axes(id, &axes, &source)?;
                    }
                    Ok(())
                })
            })
        })
    }

    /// Appends records to a series, which is created if nothing is at the path; `data` gives the elements of so many.
    pub fn append<'a>(
        &self,
        path: &str,
        records: &Records<'_>,
        data: impl FnOnce(u64) -> Result<Bytes<'a>>,
    ) -> Result<()> {
        self.change_often(true, |state| state.append(path, records, data))
    }

    /// Appends one record that lies in memory with strides.
    pub fn append_from(
        &self,
        path: &str,
        records: &Records<'_>,
        array: &Strided<'_>,
    ) -> Result<()> {
        let elements = strided::count(&array.shape())?;
        if let Some(packed) = array.as_packed() {
            return self.append(path, records, one_record(packed.into(), elements));
        }
        let rows = array.shape().first().map_or(1, |&rows| rows as usize);
        if elements <= (SMALL_RECORD / records.dtype.size()) as u64 {
            return self.append(
                path,
                records,
                one_record(array.gather(0, rows)?[..].into(), elements),
            );
        }
        let axes = slice::Selection::everything(&array.shape()).axes;
        self.append_part(path, records, &axes, array)
    }

    /// Appends one record of which a part lies in memory; the others of its elements are fill.
    pub(super) fn append_part(
        &self,
        path: &str,
        records: &Records<'_>,
        axes: &[Axis],
        array: &Strided<'_>,
    ) -> Result<()> {
        let part = Part {
            axes,
            dtype: records.dtype,
            array,
        };
        self.change_often(true, |state| state.append_part(path, records, &part))
    }

    /// Creates a group and those on the way to it.
    pub fn create_group(&self, path: &str) -> Result<()> {
        self.change(|state| {
            if state.gathered.create_group(&state.hdf5, path)? {
                return Ok(());
            }
            let path = &path::of_new(path)?;
            state.flush_for(path)?;
            state.creating(path, |state| {
                state.hdf5.create_group(path)?;
                state.gathered.forget(path);
                Ok(())
            })
        })
    }

    /// What is at a path, links followed.
    pub fn kind(&self, path: &str) -> Result<Kind> {
        self.look_along(path, |state, path| {
            let normal = path::normal(path);
            if state.datasets.find(&normal).is_some() {
                return Ok(Reached::Here(Kind::Dataset));
            }
            if let Some(kind) = state.gathered.kind_of(path) {
                return Ok(Reached::Here(kind));
            }
            state.flush_for(path)?;
            state.note_group_of(&normal)?;
            let kind = match state.datasets.standing(&state.hdf5, &normal)? {
                Standing::Known(kind) => kind,
                Standing::Unsure => match state.way(&normal) {
                    Some(way) => return Ok(Reached::Elsewhere(way)),
                    None => state.hdf5.kind(path)?,
                },
                Standing::Plain => state.kind_in_plain_group(&normal)?,
            };
            Ok(Reached::Here(kind))
        })
    }

    /// The names in a group in alphabetical order.
    pub fn keys(&self, group: &str) -> Result<Vec<String>> {
        self.look_along(group, |state, group| {
            state.gathered.flush_group(&state.hdf5, group)?;
            let normal = path::normal(group);
            if let Some(names) = state.names_in_group(&normal)? {
                return Ok(Reached::Here(names));
            }
            match state.way_of_object(&normal)? {
                Some(way) => Ok(Reached::Elsewhere(way)),
                None => state.hdf5.keys(group).map(Reached::Here),
            }
        })
    }

    /// Describes every object below a group, each group before its members, in alphabetical order.
    pub fn tree(&self, group: &str) -> Result<Vec<Entry>> {
        self.look(|state| {
            state.flush()?;
            state.hdf5.tree(group)
        })
    }

    /// How a dataset is stored.
    pub fn stored_as(&self, path: &str) -> Result<StoredAs> {
        self.look(|state| {
            state.flush_for(path)?;
            // What is in memory only takes no bytes in the file.
            if let Some(id) = state.datasets.find(&path::normal(path)) {
                state.flush_dataset(id)?;
            }
            state.hdf5.stored_as(path)
        })
    }

    /// Calls `visit` with the first element of each chunk of a dataset in chunks that is in the file, in C order, until it fails.
    ///
    /// Where the index of the chunks is damaged, it is called with those that could be there.
    pub fn each_stored_chunk(
        &self,
        path: &str,
        visit: impl FnMut(&[u64]) -> Result<()>,
    ) -> Result<()> {
        let firsts = self.look(|state| {
            state.flush_for(path)?;
            state.hdf5.stored_chunks(path)
        })?;
        firsts.iter().map(Vec::as_slice).try_for_each(visit)
    }

    /// Deletes a dataset, a group with all in it, or a link.
    pub fn delete(&self, path: &str) -> Result<()> {
        self.change(|state| {
            let normal = path::normalise(path);
            if state.delete_gathered(&normal)? || state.delete_past(&normal)? {
                return Ok(());
            }
            state.gathered.flush_tree(&state.hdf5, &normal)?;
            let mut held = Vec::new();
            if let Some(info) = state.hdf5.deletable(&normal)? {
                let is_group = info.kind == Kind::Group;
                let is_gone = info.links <= 1;
                if is_gone {
                    state.loosen(&normal, None)?;
                    state.vtk = Vtk::default();
                    // What is wrong with it the deletion says.
                    held = state.hold_room(&normal, &info).unwrap_or_default();
                }
                state.close_concerned(&normal, is_group, is_gone)?;
            } else {
                // What was opened by way of the link is not there by that name any more.
                state.close_concerned(&normal, true, false)?;
            }
            state.datasets.forget_found();
            state.hdf5.delete(&normal)?;
            state.keep_until_commit(held);
            state.gathered.forget(&normal);
            state.reusable = h5::free_space(state.hdf5.id()?);
            Ok(())
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
        self.change(|state| state.set_attribute(object, name, dtype, shape, data))
    }

    /// Sets an attribute to a text, replacing one of that name.
    pub fn set_attribute_text(&self, object: &str, name: &str, text: &str) -> Result<()> {
        self.change(|state| state.set_attribute(object, name, Dtype::Text, &[], text.as_bytes()))
    }

    /// Sets an attribute to texts of this shape, replacing one of that name.
    pub fn set_attribute_texts(
        &self,
        object: &str,
        name: &str,
        shape: &[u64],
        texts: &[&str],
        is_fixed: bool,
    ) -> Result<()> {
        self.change(|state| {
            state.flush_for(object)?;
            let hdf5 = &state.hdf5;
            hdf5.set_attribute_texts(object, name, shape, texts, is_fixed)
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
        self.look_along(object, |state, object| {
            let read = state.with_attribute(object, name, |attribute| {
                let Some(elements) = attribute.read(dtype)? else {
                    return Ok(None);
                };
                let place = room.of_shape(&attribute.shape).map_err(|error| {
                    error.within(format_args!("attribute '{name}' of '{object}'"))
                })?;
                place.copy_from_slice(&elements);
                Ok(Some(()))
            })?;
            if read.is_some() {
                return Ok(Reached::Here(()));
            }
            state.reach_object(object, |id| {
                attribute::get_array(id, object, name, dtype, room)
            })
        })
    }

    /// Reads an attribute that is one text.
    pub fn get_attribute_text(&self, object: &str, name: &str) -> Result<String> {
        self.look_along(object, |state, object| {
            let text = |attribute: &NewAttribute| Ok(attribute.text().map(str::to_owned));
            if let Some(text) = state.with_attribute(object, name, text)? {
                return Ok(Reached::Here(text));
            }
            state.reach_object(object, |id| attribute::get_text(id, object, name))
        })
    }

    /// Reads an attribute of texts: the texts in C order, and its shape.
    pub fn get_attribute_texts(&self, object: &str, name: &str) -> Result<(Vec<String>, Vec<u64>)> {
        self.look_along(object, |state, object| {
            state.flush_for(object)?;
            let normal = path::normal(object);
            if let Some(found) = state.attribute_texts_by_header(&normal, name)? {
                return Ok(Reached::Here(found));
            }
            state.reach_object(object, |id| attribute::get_texts(id, object, name))
        })
    }

    /// Element type and shape of an attribute.
    pub fn attribute_info(&self, object: &str, name: &str) -> Result<(Dtype, Vec<u64>)> {
        self.look_along(object, |state, object| {
            let info =
                |attribute: &NewAttribute| Ok(Some((attribute.dtype, attribute.shape.to_vec())));
            if let Some(info) = state.with_attribute(object, name, info)? {
                return Ok(Reached::Here(info));
            }
            state.reach_object(object, |id| attribute::info(id, object, name))
        })
    }

    /// The names of an object's attributes in alphabetical order.
    pub fn attribute_keys(&self, object: &str) -> Result<Vec<String>> {
        self.look_along(object, |state, object| {
            if let Some((names, true)) = state.gathered.attribute_names(object) {
                let names = names.into_iter().map(str::to_owned).collect();
                return Ok(Reached::Here(names));
            }
            state.flush_for(object)?;
            let normal = path::normal(object);
            if let Some(names) = state.attribute_names_by_header(&normal)? {
                return Ok(Reached::Here(names));
            }
            match state.way_of_object(&normal)? {
                Some(way) => Ok(Reached::Elsewhere(way)),
                None => state.hdf5.attribute_keys(object).map(Reached::Here),
            }
        })
    }

    /// Deletes an attribute.
    pub fn delete_attribute(&self, object: &str, name: &str) -> Result<()> {
        self.change(|state| {
            let file = &state.hdf5;
            if state.gathered.delete_attribute(file, object, name)? {
                return Ok(());
            }
            state.flush_for(object)?;
            state.hdf5.delete_attribute(object, name)
        })
    }

    /// Names the axes of a dataset, or takes their names.
    pub fn set_dims(&self, path: &str, names: Option<&Names>) -> Result<()> {
        self.change(|state| {
            let normal = &*path::normal(path);
            let named = |error: Error| error.within(format_args!("dataset '{normal}'"));
            let lengths = state.lengths_at(normal)?;
            let labelling = match names {
                Some(names) => state.plan_label(normal, names, &lengths).map_err(named)?,
                None => Labelling::Nothing,
            };
            state.outgrow_all(normal).map_err(named)?;
            state.unlabel(normal).map_err(named)?;
            state.label(normal, &labelling).map_err(named)
        })
    }

    /// Adds the group for ParaView to the file.
    pub fn vtkhdf(&self, wanted: &Vtkhdf) -> Result<()> {
        self.change(|state| state.add_vtkhdf(wanted))
    }

    /// Gives a dataset other extents, within the largest that it may have.
    pub fn resize(&self, path: &str, shape: &[u64]) -> Result<()> {
        self.change(|state| state.resize(path, shape))
    }

    /// Drops the records of a series from a number on.
    pub fn truncate(&self, path: &str, records: u64) -> Result<()> {
        self.change(|state| state.truncate(path, records))
    }

    /// Drops the records of all series along an axis whose coordinate is greater than a value, in one commit.
    pub fn rewind(&self, axis: &str, value: f64) -> Result<()> {
        self.change(|state| state.rewind(axis, value))
    }

    /// The virtual datasets that going back along an axis cuts, and to how many records. All that it cuts was looked at.
    pub fn rewound(&self, axis: &str, value: f64) -> Result<Vec<(String, u64)>> {
        self.change(|state| Ok(state.plan_rewind(axis, value)?.elsewhere))
    }

    /// Cuts what of going back along an axis is in this file, without a commit.
    pub fn cut_rewound(&self, axis: &str, value: f64) -> Result<()> {
        self.change(|state| {
            let plan = state.plan_rewind(axis, value)?;
            state.cut_all(&plan)
        })
    }

    /// The names of the axes of a dataset; None for an axis without one.
    pub fn dims(&self, path: &str) -> Result<Vec<Option<String>>> {
        self.look(|state| state.dimensions(&path::normal(path)))
    }
}

impl State {
    /// What is at a normal path in a group to which only hard links lead.
    fn kind_in_plain_group(&mut self, normal: &str) -> Result<Kind> {
        let kind = self.look_in_plain_group(normal)?;
        // In a file that is written here something may come to be there.
        if kind != Kind::None || !self.hdf5.is_writable() {
            self.datasets.note_kind(normal, kind);
        }
        Ok(kind)
    }

    fn look_in_plain_group(&mut self, normal: &str) -> Result<Kind> {
        let link = self.own_link(normal)?;
        if link == Some(None) {
            return Ok(Kind::None);
        }
        let mut address = link.flatten().and_then(|target| target.header());
        if address.is_none() {
            // HDF5 makes a long story of an object that is not there.
            if !self.datasets.links.has(normal) {
                match self.gathered.lacks(&self.hdf5, normal) {
                    Ok(true) => return Ok(Kind::None),
                    // What could not be stored HDF5 must not look at.
                    Err(error) if error.status == Status::Io => return Err(error),
                    // What is wrong with the group it says below.
                    Ok(false) | Err(_) => {}
                }
            }
            address = self.header_address(normal)?;
        }
        let kind = match address {
            Some(_) => self.kind_by_header(normal, address)?,
            None => None,
        };
        match kind {
            Some(kind) => Ok(kind),
            None => self.hdf5.kind(normal),
        }
    }

    /// Runs `body` with an attribute that waits in memory, or that is known by its object's header alone; None if it gives
    /// none, or if HDF5 has to be asked for the attribute, which sees then what waits for the object.
    fn with_attribute<T>(
        &mut self,
        object: &str,
        name: &str,
        mut body: impl FnMut(&NewAttribute) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let normal = path::normal(object);
        match self.gathered.attribute(object, name) {
            FoundAttribute::Here(attribute) => {
                if let Some(done) = body(attribute)? {
                    return Ok(Some(done));
                }
            }
            // Others may go on waiting.
            FoundAttribute::InFile => {
                if let Some(attribute) = self.attribute_by_header(&normal, name)? {
                    return body(&attribute);
                }
            }
            FoundAttribute::Missing | FoundAttribute::Elsewhere => {}
        }
        self.flush_for(object)?;
        match self.attribute_by_header(&normal, name)? {
            Some(attribute) => body(&attribute),
            None => Ok(None),
        }
    }

    /// Takes a new dataset into memory, as it is described; false if HDF5 has to make it.
    pub(super) fn gather(
        &mut self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<bool> {
        if self.reusable > 0 {
            let count = strided::count(&array.shape()).unwrap_or(u64::MAX);
            if self.reuse(count.saturating_mul(dtype.size() as u64)) {
                return Ok(false);
            }
        }
        let normal = path::normal(path);
        self.admit(&normal, || Length::of(&array.shape(), &array.shape()))?;
        let (attributes, labelling) = match &options.description {
            None => (None, Labelling::Nothing),
            Some(_) if !options.is_plain() => return Ok(false),
            Some(description) => self
                .begin_described(&normal, description, &array.shape())
                .map_err(|error| error.within(format_args!("dataset '{normal}'")))?,
        };
        let file = &self.hdf5;
        let is_taken = self
            .gathered
            .write(file, path, dtype, array, options, attributes)?;
        if is_taken {
            self.label(&normal, &labelling)?;
        }
        Ok(is_taken)
    }

    /// Whether so many bytes of a new dataset go where deletions gave room back: what is gathered is put behind all else, past HDF5.
    /// Where HDF5 has room among what is there, the file is not to grow.
    pub(super) fn reuse(&mut self, bytes: u64) -> bool {
        match self.reusable.checked_sub(bytes) {
            Some(left) if self.reusable > 0 => {
                self.reusable = left;
                true
            }
            _ => false,
        }
    }

    /// Writes an array over a dataset that waits in memory; false if HDF5 has to do it.
    fn gather_again(
        &mut self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<bool> {
        // Axes that wait for names have lengths.
        if self.labels.are_used() {
            return Ok(false);
        }
        self.gathered
            .overwrite(&self.hdf5, path, dtype, array, options)
    }

    /// Deletes what waits in memory at a path; false if HDF5 has to do it.
    fn delete_gathered(&mut self, normal: &str) -> Result<bool> {
        if self.labels.are_used() || !self.gathered.delete(&self.hdf5, normal)? {
            return Ok(false);
        }
        self.look_again();
        self.vtk = Vtk::default();
        self.datasets.forget_found();
        Ok(true)
    }

    /// Writes a part of an array of this shape to a new dataset, or over an existing one if the options say so.
    pub(super) fn put(
        &mut self,
        path: &str,
        shape: &[u64],
        part: &Part<'_>,
        options: &Write,
    ) -> Result<()> {
        let path = &path::of_new(path)?;
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let description = options.description.as_ref();
        let options = StorageOptions::new(options, part.dtype, shape).map_err(named)?;
        self.flush_for(path)?;
        let existing = match options.overwrite {
            true => self.existing(path)?,
            false => None,
        };
        let lengths = Length::of(&options.extent.shape, &options.extent.maxshape);
        let planned = self.plan_description(path, description, &lengths);
        let labelling = planned.map_err(named)?;
        let Some(id) = existing else {
            self.create_filled(path, &options, |state, id| {
                state.write_part(id, part)?;
                state.describe(path, description, &labelling)
            })?;
            if let Some(id) = self.datasets.find(path) {
                self.leave_to_bytes(id);
            }
            return Ok(());
        };
        if !self.is_like(id, &options)? {
            self.replace(path, &options, |state, id| state.write_part(id, part))?;
        } else {
            self.write_over(id, part, options.threads).map_err(named)?;
            if description.is_some_and(|description| description.dims.is_some()) {
                self.unlabel(path).map_err(named)?;
            }
        }
        let described = self.describe(path, description, &labelling);
        described.map_err(named)
    }

    /// Writes a part of a dataset that is there, with so many threads if that was asked for.
    pub(super) fn write_over(
        &mut self,
        id: u32,
        part: &Part<'_>,
        threads: Option<usize>,
    ) -> Result<()> {
        self.with_threads(id, threads, |state| {
            state.overwriting(|state| state.write_part(id, part))
        })
    }

    /// The open dataset with this number.
    pub(super) fn opened(&self, id: u32) -> Result<&super::dataset::OpenDataset> {
        let open = self.datasets.get(id);
        open.ok_or_else(|| Error::internal("a dataset is not open that was just opened"))
    }

    /// Creates a dataset and fills it; when that fails, it goes again.
    fn create_filled(
        &mut self,
        path: &str,
        options: &StorageOptions,
        fill: impl FnOnce(&mut Self, u32) -> Result<()>,
    ) -> Result<()> {
        self.creating(path, |state| {
            let id = state.create_dataset(path, options)?;
            fill(state, id).map_err(|error| {
                state.forget_dataset(id);
                error.within(format_args!("dataset '{path}'"))
            })
        })
    }

    /// Runs `make`, which makes something at a normal path; when that fails, what it has made goes again, groups on
    /// the way included.
    pub(super) fn creating<T>(
        &mut self,
        path: &str,
        make: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let topmost = self.topmost_new(path)?;
        let made = make(self);
        if let (Err(_), Some(topmost)) = (&made, topmost) {
            self.take_away(topmost);
        }
        made
    }

    /// Takes away what a call that failed has made at a normal path, if anything; the first failure is the one to tell of.
    pub(super) fn take_away(&mut self, normal: &str) {
        if let Some(id) = self.datasets.find(normal) {
            // What the disk has refused of it stays nowhere.
            self.forget_dataset(id);
        }
        // HDF5 may have made groups on the way.
        self.gathered.forget(normal);
        let _ = match self.gathered.presence(&self.hdf5, normal) {
            // The failure came early.
            Ok(Presence::Nothing) | Err(_) => Ok(()),
            Ok(Presence::Waiting) => self.gathered.delete(&self.hdf5, normal).map(drop),
            Ok(_) => match self.gathered.unlink(&self.hdf5, normal) {
                // HDF5 must not look into groups whose links the disk has refused.
                Ok(false) => self
                    .gathered
                    .flush_for(&self.hdf5, normal)
                    .and_then(|()| self.hdf5.delete(normal)),
                gone => gone.map(drop),
            },
        };
        self.datasets.forget_found();
        self.gathered.forget(normal);
    }

    /// The topmost object that making one at a normal path will make: a group on the way to it, or that itself; None
    /// if something is there.
    fn topmost_new<'a>(&mut self, path: &'a str) -> Result<Option<&'a str>> {
        let mut topmost = path;
        loop {
            let (parent, _) = path::split(topmost);
            // What HDF5 is asked for it looks at, and it is not to look at a group for nothing.
            let is_there = parent.is_empty()
                || match self.gathered.presence(&self.hdf5, parent)? {
                    Presence::Nothing => false,
                    Presence::Waiting | Presence::Stored => true,
                    Presence::Unsure => h5::object_info(self.hdf5.id()?, parent)?.is_some(),
                };
            if is_there {
                let is_free = match self.gathered.presence(&self.hdf5, topmost)? {
                    Presence::Nothing => true,
                    Presence::Waiting | Presence::Stored => false,
                    Presence::Unsure => self.hdf5.link(topmost)?.is_none(),
                };
                return Ok(is_free.then_some(topmost));
            }
            topmost = parent;
        }
    }

    /// The dataset at a normal path that may be overwritten; None where nothing is.
    pub(super) fn existing(&mut self, path: &str) -> Result<Option<u32>> {
        if let Some(id) = self.datasets.find(path) {
            return Ok(Some(id));
        }
        if self.gathered.presence(&self.hdf5, path)? == Presence::Nothing {
            return Ok(None);
        }
        if let Some(id) = self.find_by_header(path)? {
            return Ok(Some(id));
        }
        match h5::object_info(self.hdf5.id()?, path)? {
            Some(info) if info.kind != Kind::Dataset => Err(Error::exists(format!(
                "'{path}' is {}, which a dataset does not overwrite",
                info.kind
            ))),
            None => Ok(None),
            Some(_) => self.find_dataset(path),
        }
    }

    /// Whether a dataset has the shape and the type that the options describe: it is rewritten in place then, and how it
    /// is stored stays as it is.
    fn is_like(&mut self, id: u32, options: &StorageOptions) -> Result<bool> {
        let open = self.opened(id)?;
        if open.shape != options.extent.shape {
            return Ok(false);
        }
        // The byte order is a matter of how it is stored.
        let native = |number: Option<NumberType>| {
            number.map(|number| NumberType {
                big_endian: false,
                ..number
            })
        };
        let (ours, theirs) = (
            native(open.number),
            native(h5::memory_number(options.stored().0)),
        );
        if ours.is_some() && ours == theirs {
            return Ok(true);
        }
        let element = options.element()?;
        let (ours, theirs) = (ours, native(element.number()?));
        if ours.is_some() && ours == theirs {
            return Ok(true);
        }
        self.require_hdf5(id)?.element.equals(&element)
    }

    /// Runs `body` with so many threads for the dataset, if that was asked for.
    fn with_threads<T>(
        &mut self,
        id: u32,
        threads: Option<usize>,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.datasets.get(id).and_then(|open| open.threads);
        if let Some(open) = self.datasets.get_mut(id).filter(|_| threads.is_some()) {
            open.threads = threads;
        }
        let done = body(self);
        if let Some(open) = self.datasets.get_mut(id) {
            open.threads = before;
        }
        done
    }

    /// Puts a new dataset in the place of an old one, which stays until the new one is filled.
    pub(super) fn replace(
        &mut self,
        path: &str,
        options: &StorageOptions,
        fill: impl FnOnce(&mut Self, u32) -> Result<()>,
    ) -> Result<()> {
        let lengths = Length::of(&options.extent.shape, &options.extent.maxshape);
        self.replace_by(path, &lengths, |state, spare| {
            state.create_filled(spare, options, fill)
        })
    }

    /// Puts the dataset of these lengths that `make` makes at another path in the place of an old one, which stays until
    /// then.
    pub(super) fn replace_by(
        &mut self,
        path: &str,
        lengths: &[Length],
        make: impl FnOnce(&mut Self, &str) -> Result<()>,
    ) -> Result<()> {
        let spare = self.hdf5.unused_path(path)?;
        make(self, &spare)?;
        // What is wrong with the old one is told of where it goes.
        let held = match h5::object_info(self.hdf5.id()?, path) {
            Ok(Some(info)) if info.links <= 1 => self.hold_room(path, &info).unwrap_or_default(),
            _ => Vec::new(),
        };
        let replaced = self
            .find_dataset(&spare)
            .and_then(|id| id.map_or(Ok(()), |id| self.close_dataset(id)))
            .and_then(|()| self.loosen(path, Some(lengths)))
            .and_then(|()| self.close_concerned(path, false, false))
            .and_then(|()| self.gathered.flush_tree(&self.hdf5, path))
            .and_then(|()| self.hdf5.take_place(&spare, path));
        self.gathered.forget(path);
        self.gathered.forget(&spare);
        match &replaced {
            Ok(()) => self.keep_until_commit(held),
            Err(_) => self.take_away(&spare),
        }
        self.datasets.forget_ways();
        replaced.map_err(|error| error.within(format_args!("dataset '{path}'")))
    }

    /// Writes an array into a part of a dataset.
    pub(super) fn write_part(&mut self, id: u32, part: &Part<'_>) -> Result<()> {
        let Part { axes, dtype, array } = *part;
        if let Some(packed) = array.as_packed() {
            return self.write_axes(id, axes, &Source::packed(packed, axes, dtype));
        }
        if array.has_rows() {
            let source = Source {
                bytes: array.bytes(),
                memory: memory_of(array.layout(), axes),
                dtype,
            };
            return self.write_axes(id, axes, &source);
        }
        // Not in C order, and therefore not a scalar: it is packed piece by piece, along the first axis that it has.
        let first = axes.iter().position(|axis| axis.keep).unwrap_or(0);
        let rows = axes[first].count as usize;
        let all: u64 = axes.iter().map(|axis| axis.count as u64).product();
        let row_bytes = (all as usize / rows.max(1)) * dtype.size();
        let together = self.rows_together(id, first);
        let at_once = (GATHER_BYTES / row_bytes.max(1)).clamp(1, rows.max(1));
        let at_once = at_once.div_ceil(together) * together;
        for start in (0..rows).step_by(at_once) {
            let end = (start + at_once).min(rows);
            let axes = part_along(axes, first, start, end);
            let packed = array.gather(start, end)?;
            self.write_axes(id, &axes, &Source::packed(&packed, &axes, dtype))?;
        }
        Ok(())
    }

    /// Reads the selection `axes` into an array with strides, whose axes are those that are kept.
    pub(super) fn read_strided(
        &mut self,
        id: u32,
        axes: &[Axis],
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        if let Some(data) = array.as_packed() {
            return self.read_axes(id, axes, dtype, data);
        }
        let bytes = strided::count(&array.shape())? as usize * dtype.size();
        let Some(first) = axes.iter().position(|axis| axis.keep) else {
            return Err(Error::internal("an array without axes has gaps"));
        };
        if let Some((layout, bytes)) = array.in_order() {
            let memory = memory_of(layout, axes);
            if self.read_in_place(id, axes, dtype, (memory, bytes))? {
                return Ok(());
            }
        }
        // Piece by piece along the array's first axis, so that what is read is still at hand when it is put in its place.
        let rows = axes[first].count as usize;
        let at_once = self.rows_at_once(id, first, rows, bytes);
        let mut packed: Vec<u8> = h5::zeroed((bytes / rows * at_once) as u64, 1)?;
        for start in (0..rows).step_by(at_once) {
            let end = (start + at_once).min(rows);
            let axes = part_along(axes, first, start, end);
            let piece = &mut packed[..bytes / rows * (end - start)];
            self.read_axes(id, &axes, dtype, piece)?;
            array.scatter(start, end, piece);
        }
        Ok(())
    }

    /// How many indices of an axis are read together into an array with strides, of so many with so many bytes.
    fn rows_at_once(&self, id: u32, axis: usize, rows: usize, bytes: usize) -> usize {
        // A small read either succeeds or leaves the array as it was.
        if bytes <= ALL_OR_NOTHING {
            return rows.max(1);
        }
        let together = self.rows_together(id, axis);
        let at_once = (SCATTER_BYTES / (bytes / rows).max(1)).clamp(1, rows);
        (at_once.div_ceil(together) * together).min(rows)
    }

    /// How many indices of an axis are in a chunk.
    fn rows_together(&self, id: u32, axis: usize) -> usize {
        match self.datasets.get(id).map(|open| &open.storage) {
            Some(super::dataset::Storage::Chunked(chunked)) => chunked.chunk[axis] as usize,
            _ => 1,
        }
    }
}

/// The part of a selection from one index along an axis to another.
fn part_along(axes: &[Axis], along: usize, start: usize, end: usize) -> PerAxis<Axis> {
    let mut axes = PerAxis::from(axes);
    axes[along].start += axes[along].step * start as i64;
    axes[along].count = (end - start) as i64;
    axes
}

/// Where the elements of an array are, for a selection of which the axes that are kept are the array's own.
fn memory_of(layout: &Layout, axes: &[Axis]) -> Memory {
    let mut own = layout.strides().iter();
    let stride = |axis: &Axis| match axis.keep {
        true => own.next().copied().unwrap_or(0),
        false => 0,
    };
    Memory {
        origin: layout.origin(),
        strides: axes.iter().map(stride).collect(),
        item: layout.item(),
    }
}

/// A selection of nothing.
fn empty(shape: &[u64]) -> PerAxis<Axis> {
    let nothing = |_| Axis {
        start: 0,
        step: 1,
        count: 0,
        keep: true,
    };
    shape.iter().map(nothing).collect()
}

fn even_axes(part: &Hyperslab, shape: &[u64]) -> Result<PerAxis<Axis>> {
    axes_of(part, shape).ok_or_else(|| Error::internal("a part of a hyperslab is not even"))
}

/// The elements of a single record, for an append that asks for those of all its records.
pub(super) fn one_record<'a>(
    bytes: Bytes<'a>,
    elements: u64,
) -> impl FnOnce(u64) -> Result<Bytes<'a>> {
    move |all| match all {
        0 => Ok(Bytes::from(&[][..])),
        all if all == elements => Ok(bytes),
        _ => Err(Error::argument(
            "\"records\" is more than 1, but with strides a call appends one record",
        )),
    }
}

/// Checks that there are as many elements of data as are selected.
fn require_count(
    data: &[u8],
    selected: u64,
    dtype: Dtype,
    shape: impl FnOnce() -> PerAxis<u64>,
) -> Result<()> {
    let given = (data.len() / dtype.size()) as u64;
    if given != selected {
        return Err(Error::shape(format!(
            "{given} elements are given, expected {selected}, shape {}",
            show_shape(&shape())
        )));
    }
    Ok(())
}

fn require_shape(found: &[u64], expected: &[u64]) -> Result<()> {
    if found != expected {
        return Err(Error::shape(format!(
            "the slice has shape {}, the array {}",
            show_shape(found),
            show_shape(expected)
        )));
    }
    Ok(())
}
