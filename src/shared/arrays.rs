//! Arrays: blocks of which each rank has its own, and whole ones that all ranks give or take.

#![forbid(unsafe_code)]

use super::agreement::{Call, Totals};
use super::gathering::{Part, Repeated};
use super::transfer::{check_types, steps, Step};
use super::{Shared, State, Undo};
use crate::array::{Bytes, Room};
use crate::error::{Error, Result};
use crate::file::{axes_of_block, check_hyperslab, checked_record, require_extents, Records};
use crate::slice::{self, Axis, PerAxis, Selection};
use crate::store::h5::{self, Allocation, Hyperslab, StorageLayout};
use crate::store::strided::{self, show_shape, Strided, StridedMut};
use crate::store::{path, DescribedAttribute, Dtype, StorageOptions, Write};
use std::borrow::Cow;

/// What ranks write of an array together.
struct Written<'a> {
    /// The type of the elements in memory.
    dtype: Dtype,
    /// The extents of the whole.
    global: &'a [u64],
    /// Whether all ranks have all of it.
    is_alike: bool,
    /// The elements of this rank, and by which transfers they get there.
    array: &'a Strided<'a>,
    steps: Vec<Step>,
    /// What all ranks do.
    totals: Totals,
}

/// Fails for options that a shared file has not.
fn check_options(options: &Write) -> Result<()> {
    if options.quantize.is_some() {
        return Err(Error::unsupported(
            "option 'quantize' is given, which a file that ranks share by h5sim_open_mpi does not have",
        ));
    }
    if options
        .description
        .as_ref()
        .is_some_and(|description| description.dims.is_some())
    {
        return Err(Error::unsupported(
            "option 'dims' is given: axes of a file that ranks share by h5sim_open_mpi have no names",
        ));
    }
    Ok(())
}

fn within(path: &str) -> impl Fn(Error) -> Error + '_ {
    move |error| error.within(format_args!("dataset '{path}'"))
}

impl Shared {
    /// What only the first rank counts.
    fn of_first(&self, count: u64) -> u64 {
        let is_first = |state: &State| state.ranks.communicator.rank == 0;
        let state = self.lock();
        let is_first = state.is_ok_and(|state| state.as_ref().is_some_and(is_first));
        if is_first {
            count
        } else {
            0
        }
    }

    /// Whether calls are compared before they are made.
    fn compares(&self) -> bool {
        let state = self.lock();
        state.is_ok_and(|state| state.as_ref().is_some_and(|state| state.ranks.compares))
    }

    /// As [`State::gathers`].
    fn gathers(&self, path: &str, part: &Part, records: u64) -> Option<bool> {
        let state = self.lock().ok()?;
        state.as_ref()?.gathers(path, part, records)
    }

    /// As [`State::has_room`].
    fn has_room(&self, path: &str, records: u64) -> bool {
        let state = self.lock();
        state.is_ok_and(|state| {
            state
                .as_ref()
                .is_some_and(|state| state.has_room(path, records))
        })
    }

    /// Writes an array that all ranks give to a new dataset, or over an existing one.
    pub fn write(
        &self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        let shape = array.shape();
        let mut call = Call::changing("h5sim_write", path, &(dtype, &shape, options));
        if let Some(packed) = array.as_packed() {
            call = call.with(packed);
        }
        let axes = Selection::everything(&shape).axes;
        let checked = check_options(options)
            .and_then(|()| {
                Ok((
                    path::of_new(path)?,
                    StorageOptions::new(options, dtype, &shape)?,
                ))
            })
            .map_err(within(path));
        let local = checked.as_ref().map(drop).map_err(Clone::clone);
        let steps = steps(&axes, array.as_packed().is_some());
        let mine = Totals {
            transfers: steps.len() as u64,
            elements: self.of_first(strided::count(&shape).unwrap_or(0)),
            item: dtype.size() as u64,
            ..Totals::NONE
        };
        self.run_with(&call, local, Some(mine), |state, totals| {
            let (normal, storage) = checked?;
            let written = Written {
                dtype,
                global: &shape,
                is_alike: true,
                array,
                steps,
                totals,
            };
            // Making it fails where something is.
            let there = options.overwrite && state.finds_dataset(&normal)?;
            state.put(&normal, there, &written, (options, storage))
        })
    }

    /// Writes this rank's block of an array, to a new dataset or into the one that is there.
    pub fn write_block(
        &self,
        path: &str,
        dtype: Dtype,
        global: &[u64],
        start: &[u64],
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        let call = Call::changing("h5sim_write_block", path, &(dtype, global, options));
        let checked = check_options(options)
            .and_then(|()| {
                Ok((
                    axes_of_block(global, start, &array.shape())?,
                    path::of_new(path)?,
                    StorageOptions::new(options, dtype, global)?,
                ))
            })
            .map_err(within(path));
        let local = checked.as_ref().map(drop).map_err(Clone::clone);
        let steps = match &checked {
            Ok((axes, ..)) => steps(axes, array.as_packed().is_some()),
            Err(_) => Vec::new(),
        };
        let mine = Totals {
            transfers: steps.len() as u64,
            elements: strided::count(&array.shape()).unwrap_or(0),
            item: dtype.size() as u64,
            ..Totals::NONE
        };
        self.run_with(&call, local, Some(mine), |state, totals| {
            let (_, normal, storage) = checked?;
            let written = Written {
                dtype,
                global,
                is_alike: false,
                array,
                steps,
                totals,
            };
            let there = state.finds_dataset(&normal)?;
            if there && !options.overwrite {
                let dataset = state.opened(&normal)?;
                require_extents(&dataset.extent.shape, global)
                    .and_then(|()| check_types(dataset, dtype, true))
                    .map_err(within(&normal))?;
                return state.transfer(&normal, &written, None);
            }
            state.put(&normal, there, &written, (options, storage))
        })
    }

    /// Creates a dataset without data.
    pub fn create(&self, path: &str, dtype: Dtype, shape: &[u64], options: &Write) -> Result<()> {
        let call = Call::changing("h5sim_create", path, &(dtype, shape, options));
        let checked = check_options(options)
            .and_then(|()| {
                Ok((
                    path::of_new(path)?,
                    StorageOptions::new(options, dtype, shape)?,
                ))
            })
            .map_err(within(path));
        let local = checked.as_ref().map(drop).map_err(Clone::clone);
        self.run(&call, local, |state| {
            let (normal, storage) = checked?;
            let there = state.finds_dataset(&normal)?;
            if there && !options.overwrite {
                return Err(Error::exists(format!(
                    "'{normal}' exists; \"overwrite\": true replaces it"
                )));
            }
            let empty = Strided::packed(&[], &[0], dtype.size())?;
            let nothing = Written {
                dtype,
                global: shape,
                is_alike: false,
                array: &empty,
                steps: Vec::new(),
                totals: Totals::NONE,
            };
            if there {
                return state.replace(&normal, &nothing, (options, storage));
            }
            state.make(&normal, &nothing, (options, storage))
        })
    }

    /// Appends records that all ranks give to a series, which is created if nothing is there.
    pub fn append<'a>(
        &self,
        path: &str,
        records: &Records<'_>,
        data: impl FnOnce(u64) -> Result<Bytes<'a>>,
    ) -> Result<()> {
        let Records { dtype, options, .. } = *records;
        let mut call = Call::changing("h5sim_append", path, &(dtype, records.record, options));
        let checked = checked_record(records.record)
            .map_err(within(path))
            .and_then(|record| {
                let shape = [&[options.records], &record[..]].concat();
                let data = data(strided::count(&shape)?)?.all();
                Ok((record, shape, data))
            });
        let local = checked.as_ref().map(drop).map_err(Clone::clone);
        if let Ok((_, _, data)) = &checked {
            call = call.with(data);
        }
        let of = checked.as_ref().map_or(PerAxis::new(), |(_, shape, _)| {
            Selection::everything(shape).axes
        });
        let mine = Totals {
            elements: self.of_first(of.iter().map(|axis| axis.count as u64).product()),
            item: dtype.size() as u64,
            ..Totals::NONE
        };
        let mine = self.compares().then_some(mine);
        call.lengthens = !self.has_room(&path::normal(path), options.records);
        self.agreed(&call, local, mine, |state, _| {
            let (record, shape, data) = checked?;
            let is_first = state.ranks.communicator.rank == 0;
            let part = Part {
                dtype,
                is_alike: true,
                start: vec![0; record.len()],
                // The others have nothing to write.
                shape: match is_first {
                    true => record.clone(),
                    false => vec![0; record.len().max(1)],
                },
                record: record.clone(),
            };
            let key = path::normal(path);
            if state.gathers(&key, &part, options.records) == Some(true) {
                return state.gather(&key, options.records, if is_first { data } else { &[] });
            }
            state.write_series(&key)?;
            state.waiting.shift_remove(&*key);
            let array = Strided::packed(data, &shape, dtype.size())?;
            let largest = strided::count(&record)?.saturating_mul(dtype.size() as u64);
            let waiting = state.serve(|state| {
                state.append(path, records, &record, |state, normal, before| {
                    let mut axes = of;
                    axes[0].start = before as i64;
                    let steps = super::transfer::steps(&axes, true);
                    state.write_alike(normal, &steps, (dtype, &array), false)
                })?;
                state.prepare_to_gather(&key, part, largest)
            })?;
            state
                .waiting
                .extend(waiting.map(|waiting| (key.into(), waiting)));
            Ok(())
        })
    }

    /// Appends one record that lies in memory with strides, and that all ranks give.
    pub fn append_from(
        &self,
        path: &str,
        records: &Records<'_>,
        array: &Strided<'_>,
    ) -> Result<()> {
        let rows = array.shape().first().map_or(1, |&rows| rows as usize);
        let gathered = array.gather(0, rows);
        self.append(path, records, |all| {
            let elements = strided::count(&array.shape())?;
            match all {
                0 => Ok(Bytes::from(&[][..])),
                all if all != elements => Err(Error::argument(
                    "\"records\" is more than 1, but with strides a call appends one record",
                )),
                _ => match &gathered {
                    Ok(packed) => Ok(Bytes::from(&packed[..])),
                    Err(error) => Err(error.clone()),
                },
            }
        })
    }

    /// Appends one record of which each rank has a block; elements of no block are fill.
    pub fn append_block(
        &self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        array: &Strided<'_>,
    ) -> Result<()> {
        let Records { dtype, options, .. } = *records;
        if let Some((repeated, packed)) = self.repeated(path, records, start, array) {
            let Repeated { call, mine, all } = repeated;
            return self.agreed(&call, Ok(()), Some(mine), |state, totals| {
                if !totals.moves && totals.elements >= all {
                    return state.gather(path, options.records, packed);
                }
                let block = checked_block(records, start, array)?;
                let part = part_of(records, &block.0, start, array);
                state.append_part(&call, (path, path), records, block, (part, array), totals)
            });
        }
        let mut call = Call::changing(
            "h5sim_append_block",
            path,
            &(dtype, records.record, options),
        );
        let checked = checked_block(records, start, array).map_err(within(path));
        let is_packed = array.as_packed().is_some();
        let elements = strided::count(&array.shape()).unwrap_or(0);
        let key = path::normal(path);
        let record = checked.as_ref().map_or(&[][..], |(record, _)| record);
        let part = part_of(records, record, start, array);
        let gathers = self.gathers(&key, &part, options.records);
        call.lengthens = !self.has_room(&key, options.records);
        let packed = match (gathers, array.as_packed()) {
            (Some(true), None) => {
                let rows = array.shape().first().map_or(1, |&rows| rows as usize);
                array.gather(0, rows).map(Cow::Owned)
            }
            (_, packed) => Ok(Cow::Borrowed(packed.unwrap_or_default())),
        };
        let local = checked.as_ref().map(drop).map_err(Clone::clone);
        let local = local.and(packed.as_ref().map(drop).map_err(Clone::clone));
        let mine = Totals {
            transfers: checked
                .as_ref()
                .map_or(0, |(_, axes)| steps(axes, is_packed).len() as u64),
            elements,
            item: dtype.size() as u64,
            largest: elements.saturating_mul(dtype.size() as u64),
            moves: gathers.is_none(),
            ..Totals::NONE
        };
        self.agreed(&call, local, Some(mine), |state, totals| {
            let block = checked?;
            let is_whole = totals.elements >= strided::count(&block.0)?;
            if gathers == Some(true) && !totals.moves && is_whole {
                return state.gather(&key, options.records, &packed?);
            }
            state.append_part(&call, (path, &key), records, block, (part, array), totals)
        })
    }

    /// What is known of a block of a record from the one before it, if it is of the same series, in the same place, and with the same options: the call,
    /// without its words being put together again. Beside it the block's elements, which have to be packed.
    fn repeated<'a>(
        &self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        array: &Strided<'a>,
    ) -> Option<(Repeated, &'a [u8])> {
        let packed = array.as_packed()?;
        let state = self.lock().ok()?;
        let state = state.as_ref()?;
        let mut repeated = state.repeated(path, records, start, &array.shape())?;
        repeated.call.lengthens = !state.has_room(path, records.options.records);
        Some((repeated, packed))
    }

    /// Cuts a series to its first records.
    pub fn truncate(&self, path: &str, records: u64) -> Result<()> {
        let call = Call::changing("h5sim_truncate", path, &records);
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let dataset = state.opened(&normal)?;
            let mut shape = dataset.extent.shape.clone();
            match shape.first_mut() {
                Some(length) if *length >= records => *length = records,
                _ => {
                    return Err(within(&normal)(Error::shape(format!(
                        "it has shape {}, which cannot be cut to {records} records",
                        show_shape(&dataset.extent.shape)
                    ))))
                }
            }
            state.cut(&normal, shape).map_err(within(&normal))
        })
    }

    /// Element type and shape of a dataset.
    pub fn info(&self, path: &str) -> Result<(Dtype, Vec<u64>)> {
        self.run(&Call::looking("h5sim_info", path, &()), Ok(()), |state| {
            let dataset = state.opened(&path::normalise(path))?;
            Ok((dataset.element.dtype, dataset.extent.shape.clone()))
        })
    }

    /// The shape that a slice of a dataset has.
    pub fn slice_shape(&self, path: &str, slice: &str) -> Result<Vec<u64>> {
        let call = Call::looking("h5sim_slice_shape", path, &slice);
        self.run(&call, Ok(()), |state| {
            let dataset = state.opened(&path::normalise(path))?;
            let selection = slice::parse(slice, &dataset.extent.shape).map_err(within(path))?;
            Ok(selection.shape().into_vec())
        })
    }

    /// Reads a slice of a dataset, the same on all ranks, into the memory that `room` gives for its shape.
    pub fn read(&self, path: &str, slice: &str, dtype: Dtype, room: &mut impl Room) -> Result<()> {
        let call = Call::looking("h5sim_read", path, &(slice, dtype));
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let axes = state.selected(&normal, slice, dtype, false)?;
            let kept = axes.iter().filter(|axis| axis.keep);
            let shape: Vec<u64> = kept.map(|axis| axis.count as u64).collect();
            let steps = steps(&axes, true);
            let place = room.of_shape(&shape).map_err(within(path));
            match place {
                Ok(place) => {
                    let mut array = StridedMut::new(place, layout(&shape, dtype)?);
                    let transfers = steps.len() as u64;
                    state.read_steps(&normal, &steps, (dtype, Some(&mut array)), transfers)
                }
                Err(error) => {
                    state.read_steps(&normal, &[], (dtype, None), steps.len() as u64)?;
                    state.untransferred.get_or_insert(error);
                    Ok(())
                }
            }
        })
    }

    /// Reads a slice of a dataset, the same on all ranks, into an array with strides.
    pub fn read_into(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        let call = Call::looking("h5sim_read_into", path, &(slice, dtype, array.shape()));
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let axes = state.selected(&normal, slice, dtype, false)?;
            require_shape(&axes, &array.shape()).map_err(within(path))?;
            // Ranks may have their arrays in memory in different ways.
            let transfers = state.most(steps(&axes, array.as_packed().is_some()).len())?;
            let steps = steps(&axes, array.as_packed().is_some());
            state.read_steps(&normal, &steps, (dtype, Some(array)), transfers)
        })
    }

    /// Reads this rank's block of a dataset, which begins at `start`.
    pub fn read_block(
        &self,
        path: &str,
        start: &[u64],
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        let call = Call::looking("h5sim_read_block", path, &(dtype, start.len()));
        let shape = array.shape();
        let local = match start.len() == shape.len() {
            true => Ok(()),
            false => Err(within(path)(Error::shape(format!(
                "start {} and shape {} have not as many axes",
                show_shape(start),
                show_shape(&shape)
            )))),
        };
        let is_packed = array.as_packed().is_some();
        let elements = strided::count(&shape).unwrap_or(0);
        let mine = Totals {
            transfers: steps(&Selection::everything(&shape).axes, is_packed).len() as u64,
            largest: elements.saturating_mul(dtype.size() as u64),
            ..Totals::NONE
        };
        self.run_with(&call, local, Some(mine), |state, totals| {
            let normal = path::normalise(path);
            let dataset = state.opened(&normal)?;
            check_types(dataset, dtype, false).map_err(within(path))?;
            let extents = dataset.extent.shape.clone();
            let (steps, array) = match axes_of_block(&extents, start, &shape) {
                Ok(axes) => (steps(&axes, is_packed), Some(array)),
                Err(error) => {
                    state.note(within(path)(error));
                    (Vec::new(), None)
                }
            };
            let is_apart = state.reads_apart(&normal, &steps, totals.largest)?;
            h5::apart(is_apart, || {
                state.read_steps(&normal, &steps, (dtype, array), totals.transfers)
            })
        })
    }

    /// Reads a hyperslab of a dataset, the same on all ranks.
    pub fn read_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        let call = Call::looking("h5sim_read_hyperslab", path, &(hyperslab, dtype));
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let dataset = state.opened(&normal)?;
            check_types(dataset, dtype, false).map_err(within(path))?;
            let shape = check_hyperslab(hyperslab, &dataset.extent.shape).map_err(within(path))?;
            match room.of_shape(&shape) {
                Ok(place) => state.read_slab(&normal, hyperslab, dtype, Some(place)),
                Err(error) => {
                    state.read_slab(&normal, hyperslab, dtype, None)?;
                    state.untransferred.get_or_insert(within(path)(error));
                    Ok(())
                }
            }
        })
    }

    /// Writes into a slice of an existing dataset what all ranks give.
    pub fn write_slice(&self, path: &str, slice: &str, dtype: Dtype, data: &[u8]) -> Result<()> {
        let arguments = (slice, dtype, data.len());
        let call = Call::changing("h5sim_write_slice", path, &arguments).with(data);
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let axes = state.selected(&normal, slice, dtype, true)?;
            let shape: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
            let (selected, given) = (strided::count(&shape)?, (data.len() / dtype.size()) as u64);
            if selected != given {
                return Err(within(path)(Error::shape(format!(
                    "{given} elements are given, expected {selected}, shape {}",
                    show_shape(&kept(&axes))
                ))));
            }
            let array = Strided::packed(data, &shape, dtype.size())?;
            state.write_first(&normal, &axes, dtype, &array)
        })
    }

    /// Writes an array with strides, which all ranks give, into a slice of an existing dataset.
    pub fn write_from(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        let arguments = (slice, dtype, array.shape());
        let call = Call::changing("h5sim_write_from", path, &arguments);
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let axes = state.selected(&normal, slice, dtype, true)?;
            require_shape(&axes, &array.shape()).map_err(within(path))?;
            state.write_first(&normal, &axes, dtype, array)
        })
    }

    /// Writes a hyperslab of an existing dataset, which all ranks give.
    pub fn write_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        let call = Call::changing("h5sim_write_hyperslab", path, &(hyperslab, dtype)).with(data);
        self.run(&call, Ok(()), |state| {
            let normal = path::normalise(path);
            let dataset = state.opened(&normal)?;
            check_types(dataset, dtype, true).map_err(within(path))?;
            let shape = check_hyperslab(hyperslab, &dataset.extent.shape).map_err(within(path))?;
            let (selected, given) = (strided::count(&shape)?, (data.len() / dtype.size()) as u64);
            if selected != given {
                return Err(within(path)(Error::shape(format!(
                    "{given} elements are given, expected {selected}, shape {}",
                    show_shape(&shape)
                ))));
            }
            state.write_slab(&normal, hyperslab, dtype, data)
        })
    }
}

/// A rank's block of a record of these extents.
fn part_of(records: &Records<'_>, record: &[u64], start: &[u64], array: &Strided<'_>) -> Part {
    Part {
        dtype: records.dtype,
        record: record.to_vec(),
        is_alike: false,
        start: start.to_vec(),
        shape: array.shape(),
    }
}

/// The extents of a record, and the axes of a rank's block of it.
fn checked_block(
    records: &Records<'_>,
    start: &[u64],
    array: &Strided<'_>,
) -> Result<(Vec<u64>, PerAxis<Axis>)> {
    let record = checked_record(records.record)?;
    let axes = axes_of_block(&record, start, &array.shape())?;
    match records.options.records {
        0 | 1 => Ok((record, axes)),
        many => Err(Error::argument(format!(
            "\"records\" is {many}, but with strides or a block a call appends one record"
        ))),
    }
}

fn kept(axes: &[Axis]) -> Vec<u64> {
    let kept = axes.iter().filter(|axis| axis.keep);
    kept.map(|axis| axis.count as u64).collect()
}

fn layout(shape: &[u64], dtype: Dtype) -> Result<strided::Layout> {
    strided::Layout::new(shape, None, dtype.size())
}

fn require_shape(axes: &[Axis], array: &[u64]) -> Result<()> {
    let found = kept(axes);
    if found != array {
        return Err(Error::shape(format!(
            "the slice has shape {}, the array {}",
            show_shape(&found),
            show_shape(array)
        )));
    }
    Ok(())
}

impl State {
    /// What a slice selects of the dataset at a normal path, whose elements are to be turned into those of a type or out of it.
    fn selected(
        &mut self,
        normal: &str,
        slice: &str,
        dtype: Dtype,
        is_write: bool,
    ) -> Result<PerAxis<Axis>> {
        let dataset = self.opened(normal)?;
        let selection = slice::parse(slice, &dataset.extent.shape);
        check_types(dataset, dtype, is_write)
            .and(selection)
            .map(|selection| selection.axes)
            .map_err(within(normal))
    }

    /// The most of these numbers on any rank.
    pub(super) fn most(&self, mine: usize) -> Result<u64> {
        let told = self
            .ranks
            .communicator
            .agree([!(mine as u64), 0, 0, 0, 0, 0, 0, 0])?;
        Ok(!told[0])
    }

    /// Writes a selection of a dataset that is there, which the first rank has as all others have it.
    fn write_first(
        &mut self,
        normal: &str,
        axes: &[Axis],
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        let all = steps(axes, array.as_packed().is_some());
        let is_contiguous = self.is_contiguous(normal)?;
        self.write_alike(normal, &all, (dtype, array), is_contiguous)
    }

    /// Makes a series shorter, to these extents.
    ///
    /// Where that cuts chunks with filters, HDF5 reads them, fills them up and writes them on each rank for itself, so that one reads what another
    /// one is writing. So whole chunks go, and the records that are to stay of the last ones are written again.
    pub(super) fn cut(&mut self, normal: &str, shape: Vec<u64>) -> Result<()> {
        let dataset = self.opened(normal)?;
        let kept = match dataset.layout()? {
            StorageLayout::Chunked { chunk, filters, .. }
                if !filters.is_empty() && dataset.element.dtype.size() > 0 =>
            {
                let rows = chunk.first().copied().unwrap_or(1).max(1);
                shape[0] - shape[0] % rows
            }
            _ => shape[0],
        };
        if kept == shape[0] || shape[0] == dataset.extent.shape[0] {
            return dataset.set_extent(&shape);
        }
        let dtype = dataset.element.dtype;
        let mut part = shape.clone();
        part[0] -= kept;
        let mut axes = Selection::everything(&part).axes;
        axes[0].start = kept as i64;
        let steps = steps(&axes, true);
        let mut bytes: Vec<u8> = Vec::new();
        if self.ranks.communicator.rank == 0 {
            match strided::count(&part).and_then(|count| h5::zeroed(count, dtype.size())) {
                Ok(room) => bytes = room,
                Err(error) => {
                    self.untransferred.get_or_insert(error);
                }
            }
        }
        let own = match bytes.is_empty() {
            true => &[][..],
            false => &steps[..],
        };
        let mut array = match own.is_empty() {
            true => None,
            false => Some(StridedMut::new(&mut bytes[..], layout(&part, dtype)?)),
        };
        self.read_steps(normal, own, (dtype, array.as_mut()), steps.len() as u64)?;
        // What could not be read must not go.
        if self.most(usize::from(self.untransferred.is_some()))? > 0 {
            return Ok(());
        }
        let mut whole = shape.clone();
        whole[0] = kept;
        self.opened(normal)?.set_extent(&whole)?;
        self.opened(normal)?.set_extent(&shape)?;
        let empty = vec![0; part.len()];
        let extents = if own.is_empty() { &empty } else { &part };
        let array = Strided::packed(&bytes, extents, dtype.size())?;
        self.write_steps(normal, own, (dtype, &array), steps.len() as u64)
    }

    /// Writes what ranks have of an array into a dataset that is there, of which may be known whether it is contiguous.
    fn transfer(
        &mut self,
        normal: &str,
        written: &Written<'_>,
        is_contiguous: Option<bool>,
    ) -> Result<()> {
        let elements = (written.dtype, written.array);
        if written.is_alike {
            let is_contiguous = match is_contiguous {
                Some(known) => known,
                None => self.is_contiguous(normal)?,
            };
            return self.write_alike(normal, &written.steps, elements, is_contiguous);
        }
        self.write_steps(normal, &written.steps, elements, written.totals.transfers)
    }

    /// Writes what ranks have of an array to a new dataset, or in the place of the one that is there.
    fn put(
        &mut self,
        normal: &str,
        there: bool,
        written: &Written<'_>,
        (options, storage): (&Write, StorageOptions),
    ) -> Result<()> {
        if !there {
            return self.make(normal, written, (options, storage));
        }
        let element = storage.element()?;
        let dataset = self.opened(normal)?;
        if dataset.extent.shape != written.global || !dataset.element.equals(&element)? {
            return self.replace(normal, written, (options, storage));
        }
        self.transfer(normal, written, None)?;
        self.describe(normal, options)
    }

    /// Makes a dataset and writes what ranks have of it.
    fn make(
        &mut self,
        normal: &str,
        written: &Written<'_>,
        (options, mut storage): (&Write, StorageOptions),
    ) -> Result<()> {
        let all = strided::count(written.global)?;
        storage.creation.allocation = allocation(&storage, written.totals.elements >= all);
        let dataset = self.hdf5.create_dataset(normal, &storage)?;
        self.undo = Some(Undo::Remove(normal.to_owned()));
        self.keep(normal, dataset);
        self.transfer(normal, written, Some(storage.creation.chunks.is_none()))?;
        if written.is_alike {
            // There may be very many small ones.
            self.datasets.pop();
        }
        self.describe(normal, options)
    }

    /// Makes a dataset in the place of the one that is there, which stays until the new one is written.
    fn replace(
        &mut self,
        normal: &str,
        written: &Written<'_>,
        new: (&Write, StorageOptions),
    ) -> Result<()> {
        let spare = self.hdf5.unused_path(normal)?;
        self.make(&spare, written, new)?;
        // What did not get there must not replace what is there.
        if self.most(usize::from(self.untransferred.is_some()))? > 0 {
            return Ok(());
        }
        self.forget(normal);
        self.forget(&spare);
        self.hdf5.take_place(&spare, normal)?;
        self.undo = None;
        Ok(())
    }

    /// Gives a dataset the attributes that the options name.
    fn describe(&mut self, normal: &str, options: &Write) -> Result<()> {
        let Some(description) = &options.description else {
            return Ok(());
        };
        description.check()?;
        for attribute in &description.attributes {
            let DescribedAttribute {
                name,
                dtype,
                shape,
                data,
            } = attribute;
            match dtype {
                Dtype::Text => {
                    let text = String::from_utf8_lossy(data);
                    self.hdf5.set_attribute_text(normal, name, &text)?;
                }
                _ => self.hdf5.set_attribute(normal, name, *dtype, shape, data)?,
            }
        }
        Ok(())
    }

    /// Appends this rank's block of a record to the series at a path, beside which is its normal form, and lets those that are like it wait from now on.
    fn append_part(
        &mut self,
        call: &Call,
        (path, key): (&str, &str),
        records: &Records<'_>,
        (record, block): (Vec<u64>, PerAxis<Axis>),
        (part, array): (Part, &Strided<'_>),
        totals: Totals,
    ) -> Result<()> {
        let is_whole = totals.elements >= strided::count(&record)?;
        self.write_series(key)?;
        self.waiting.shift_remove(key);
        let waiting = self.serve(|state| {
            state.append(path, records, &record, |state, normal, before| {
                let at = |count, keep| Axis {
                    start: before as i64,
                    step: 1,
                    count,
                    keep,
                };
                if !is_whole {
                    let mut whole = vec![at(1, false)];
                    whole.extend(Selection::everything(&record).axes);
                    state.fill(normal, &whole)?;
                }
                let mut axes = vec![at(1, false)];
                axes.extend(block.iter().copied());
                let steps = steps(&axes, array.as_packed().is_some());
                let elements = (records.dtype, array);
                state.write_steps(normal, &steps, elements, totals.transfers)
            })?;
            match is_whole && records.options.records > 0 {
                true => state.prepare_to_gather(key, part, totals.largest),
                false => Ok(None),
            }
        })?;
        self.waiting.extend(waiting.map(|mut waiting| {
            waiting.repeat(call, records);
            (key.into(), waiting)
        }));
        Ok(())
    }

    /// Makes room for more records in the series at a path, which is created if nothing is there, and lets `write` write them.
    fn append(
        &mut self,
        path: &str,
        records: &Records<'_>,
        record: &[u64],
        write: impl FnOnce(&mut Self, &str, u64) -> Result<()>,
    ) -> Result<()> {
        let normal = &*path::of_new(path)?;
        let named = within(normal);
        let options = &records.options.dataset;
        let count = records.options.records;
        if !self.finds_dataset(normal)? {
            check_options(options).map_err(&named)?;
            let storage = StorageOptions::of_series(options, records.dtype, record, 0);
            let mut storage = storage.map_err(&named)?;
            storage.creation.allocation = allocation(&storage, true);
            let dataset = self.hdf5.create_dataset(normal, &storage)?;
            self.undo = Some(Undo::Remove(normal.to_owned()));
            self.keep(normal, dataset);
            self.describe(normal, options)?;
        }
        let dataset = self.opened(normal)?;
        check_types(dataset, records.dtype, true).map_err(&named)?;
        let extent = dataset.extent.clone();
        if extent.maxshape.first() != Some(&u64::MAX) {
            return Err(named(Error::shape(format!(
                "it has shape {} and cannot grow along its first axis",
                show_shape(&extent.shape)
            ))));
        }
        if &extent.shape[1..] != record {
            return Err(named(Error::shape(format!(
                "its records have shape {}, this one has {}",
                show_shape(&extent.shape[1..]),
                show_shape(record)
            ))));
        }
        if count == 0 {
            return Ok(());
        }
        let before = extent.shape[0];
        let after = before
            .checked_add(count)
            .filter(|&after| i64::try_from(after).is_ok());
        let mut shape = extent.shape;
        shape[0] = after.ok_or_else(|| {
            named(Error::shape(
                "the dataset would have more records than can be counted",
            ))
        })?;
        if self.undo.is_none() {
            self.undo = Some(Undo::Shorten(normal.to_owned(), before));
        }
        self.opened(normal)?.set_extent(&shape).map_err(&named)?;
        write(self, normal, before).map_err(&named)
    }
}

/// How a new dataset gets its place, of which all elements will be written or not.
fn allocation(storage: &StorageOptions, is_covered: bool) -> Allocation {
    let creation = &storage.creation;
    match creation.compression.is_some() || creation.shuffle || creation.fletcher32 {
        true => Allocation::ByChunk,
        false if is_covered => Allocation::Bare,
        false => Allocation::Filled,
    }
}
