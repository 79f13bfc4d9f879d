//! Arrays: creating datasets, writing and reading them whole or in parts.

#![forbid(unsafe_code)]

use super::chunked::ChunkWriter;
use super::direct::{Outcome, Reader};
use super::dtype::{check_conversion, normal};
use super::h5::{self, Creation, Dataset, ElementType, Extent, Hyperslab};
use super::path;
use super::storage::StorageOptions;
use super::strided::{count, show_shape, Layout, Strided, StridedMut};
use super::{Dtype, File, Kind};
use crate::error::{Error, Result};
use crate::slice::{self, Selection};

/// Arrays with strides are packed in blocks of about so many bytes on their way to the file.
const GATHER_BYTES: usize = 4 << 20;

/// Reads up to so many bytes go through memory of our own, whatever the layout.
const SMALL_READ: usize = 64 << 10;

impl File {
    /// Writes an array to a new dataset, or over an existing one.
    pub fn write(
        &mut self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &str,
    ) -> Result<()> {
        self.require_writable()?;
        let path = path::of_new(path)?;
        let shape = array.shape();
        let options = StorageOptions::parse(options, dtype, &shape)
            .map_err(|error| error.within(format_args!("dataset '{path}'")))?;
        let threads = options.threads.unwrap_or(self.threads());
        if options.overwrite {
            self.begin_change()?;
            if let Some(dataset) = self.existing(&path)? {
                if options.is_plain && dataset.extent.shape == shape {
                    let stored = options.element()?;
                    if dataset.element.equals(&stored) {
                        return write_array(&dataset, dtype, array, threads)
                            .map_err(|error| error.within(format_args!("dataset '{path}'")));
                    }
                }
                drop(dataset);
                return self.replace(&path, &options, |dataset| {
                    write_array(dataset, dtype, array, threads)
                });
            }
        }
        self.create_new(&path, &options, |dataset| {
            write_array(dataset, dtype, array, threads)
        })
    }

    /// Creates a dataset without data.
    pub fn create(&mut self, path: &str, dtype: Dtype, shape: &[u64], options: &str) -> Result<()> {
        self.require_writable()?;
        let path = path::of_new(path)?;
        let options = StorageOptions::parse(options, dtype, shape)
            .map_err(|error| error.within(format_args!("dataset '{path}'")))?;
        if options.overwrite && self.existing(&path)?.is_some() {
            self.begin_change()?;
            return self.replace(&path, &options, |_| Ok(()));
        }
        self.create_new(&path, &options, |_| Ok(()))
    }

    /// The dataset at a normal path that may be overwritten; None where nothing is.
    fn existing(&self, path: &str) -> Result<Option<Dataset>> {
        match h5::object_info(&self.id, path)? {
            None => Ok(None),
            Some(info) if info.kind == Kind::Dataset => h5::open_dataset(&self.id, path).map(Some),
            Some(info) => Err(Error::exists(format!(
                "'{path}' is {}, which a dataset does not overwrite",
                info.kind
            ))),
        }
    }

    /// Creates a dataset where nothing may be yet; when filling it fails, it goes again.
    pub(crate) fn create_new(
        &self,
        path: &str,
        options: &StorageOptions,
        fill: impl FnOnce(&Dataset) -> Result<()>,
    ) -> Result<()> {
        let StorageOptions {
            extent, creation, ..
        } = options;
        self.create_filled(path, options.element()?, extent, creation, |dataset| {
            note_and_fill(dataset, options, fill)
        })
    }

    /// Creates a dataset of this type where nothing may be yet; when filling it fails, it goes again.
    pub(super) fn create_filled(
        &self,
        path: &str,
        element: ElementType,
        extent: &Extent,
        creation: &Creation,
        fill: impl FnOnce(&Dataset) -> Result<()>,
    ) -> Result<()> {
        let dataset = h5::create_dataset(&self.id, Some(path), element, extent, creation)
            .map_err(|error| self.why_not_created(path, error))?;
        if let Err(error) = fill(&dataset).and_then(|()| dataset.close()) {
            // The first failure is the one to tell of.
            let _ = h5::unlink(&self.id, path);
            return Err(error.within(format_args!("dataset '{path}'")));
        }
        Ok(())
    }

    /// Puts a new dataset in the place of an old one, which stays until the new one is filled.
    fn replace(
        &mut self,
        path: &str,
        options: &StorageOptions,
        fill: impl FnOnce(&Dataset) -> Result<()>,
    ) -> Result<()> {
        let make = || -> Result<()> {
            let dataset = h5::create_dataset(
                &self.id,
                None,
                options.element()?,
                &options.extent,
                &options.creation,
            )?;
            note_and_fill(&dataset, options, fill)?;
            h5::unlink(&self.id, path)?;
            h5::link_object(dataset.id(), &self.id, path)?;
            dataset.close()
        };
        make().map_err(|error| error.within(format_args!("dataset '{path}'")))
    }

    /// Opens a dataset.
    pub(super) fn open_dataset(&self, path: &str) -> Result<Dataset> {
        let normal = path::normalise(path);
        h5::open_dataset(&self.id, path::or_root(&normal)).map_err(|error| {
            match h5::object_info(&self.id, path::or_root(&normal)) {
                Ok(Some(info)) if info.kind == Kind::Dataset => {
                    error.within(format_args!("dataset '{normal}'"))
                }
                Ok(Some(info)) => Error::type_(format!(
                    "'{}' is {}, expected a dataset",
                    path::or_root(&normal),
                    info.kind
                )),
                Ok(None) => self.not_found(&normal),
                Err(error) => error,
            }
        })
    }

    /// Runs `body` with an open dataset, and with the dataset's name in its errors.
    pub(super) fn with_dataset<T>(
        &self,
        path: &str,
        body: impl FnOnce(&Dataset) -> Result<T>,
    ) -> Result<T> {
        let dataset = self.open_dataset(path)?;
        body(&dataset)
            .map_err(|error| error.within(format_args!("dataset '{}'", path::normalise(path))))
    }

    /// Element type and shape of a dataset.
    pub fn info(&mut self, path: &str) -> Result<(Dtype, Vec<u64>)> {
        let dataset = self.open_dataset(path)?;
        Ok((dataset.element.dtype, dataset.extent.shape))
    }

    /// The shape that a slice of a dataset has.
    pub fn slice_shape(&mut self, path: &str, slice: &str) -> Result<Vec<u64>> {
        self.with_dataset(path, |dataset| {
            Ok(slice::parse(slice, &dataset.extent.shape)?.shape())
        })
    }

    /// Reads a slice of a dataset into `room`, which may be larger than needed.
    pub fn read(&mut self, path: &str, slice: &str, dtype: Dtype, room: &mut [u8]) -> Result<()> {
        if self.read_unopened(path, |reader| reader.read(path, slice, dtype, room))? {
            return Ok(());
        }
        self.with_dataset(path, |dataset| {
            let selection = slice::parse(slice, &dataset.extent.shape)?;
            let data = fitting(room, selection.len()?, dtype, || selection.shape())?;
            if self.read_directly(path, dataset, data.len(), |reader| {
                reader.read(path, slice, dtype, data)
            })? {
                return Ok(());
            }
            if !selection.is_reversed() {
                return read_part(dataset, dtype, part_of(&selection, dataset).as_ref(), data);
            }
            let layout = backwards(&selection, dtype)?;
            read_and_scatter(
                dataset,
                dtype,
                &selection,
                &mut StridedMut::new(data, layout),
            )
        })
    }

    /// Reads a slice of a dataset into an array with strides.
    pub fn read_into(
        &mut self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        if self.read_unopened(path, |reader| reader.read_into(path, slice, dtype, array))? {
            return Ok(());
        }
        self.with_dataset(path, |dataset| {
            let selection = slice::parse(slice, &dataset.extent.shape)?;
            let (found, expected) = (selection.shape(), array.shape());
            if found != expected {
                return Err(Error::shape(format!(
                    "the slice has shape {}, the array {}",
                    show_shape(&found),
                    show_shape(&expected)
                )));
            }
            let bytes = selection.len()? as usize * dtype.size();
            if self.read_directly(path, dataset, bytes, |reader| {
                reader.read_into(path, slice, dtype, array)
            })? {
                return Ok(());
            }
            match array.as_packed() {
                Some(data) if !selection.is_reversed() => {
                    read_part(dataset, dtype, part_of(&selection, dataset).as_ref(), data)
                }
                _ if !selection.is_reversed() => {
                    read_and_scatter(dataset, dtype, &selection, array)
                }
                _ => {
                    // First in the slice's order, then into the array.
                    let length = selection.len()?;
                    let mut packed: Vec<u8> = h5::zeroed(length, dtype.size())?;
                    let layout = backwards(&selection, dtype)?;
                    let mut ordered = StridedMut::new(&mut packed, layout);
                    read_and_scatter(dataset, dtype, &selection, &mut ordered)?;
                    array.scatter(&packed);
                    Ok(())
                }
            }
        })
    }

    /// Reads a hyperslab of a dataset into `room`, which may be larger than needed.
    pub fn read_hyperslab(
        &mut self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        room: &mut [u8],
    ) -> Result<()> {
        if self.read_unopened(path, |reader| {
            reader.read_hyperslab(path, hyperslab, dtype, room)
        })? {
            return Ok(());
        }
        self.with_dataset(path, |dataset| {
            let shape = check_hyperslab(hyperslab, &dataset.extent.shape)?;
            let data = fitting(room, count(&shape)?, dtype, || shape.clone())?;
            if self.read_directly(path, dataset, data.len(), |reader| {
                reader.read_hyperslab(path, hyperslab, dtype, data)
            })? {
                return Ok(());
            }
            read_part(dataset, dtype, part_or_all(hyperslab), data)
        })
    }

    /// Reads a dataset that HDF5 need not open; says whether it was one.
    fn read_unopened(
        &self,
        path: &str,
        read: impl FnOnce(&Reader) -> Result<Outcome>,
    ) -> Result<bool> {
        match self.reader() {
            Some(reader) if reader.find_plain(path, &self.id)? => read(reader)
                .map(|outcome| outcome == Outcome::Done)
                .map_err(|error| error.within(format_args!("dataset '{}'", path::normalise(path)))),
            _ => Ok(false),
        }
    }

    /// Reads without HDF5 if this file and this dataset allow it; says whether it did.
    fn read_directly(
        &self,
        path: &str,
        dataset: &Dataset,
        bytes: usize,
        read: impl FnOnce(&Reader) -> Result<Outcome>,
    ) -> Result<bool> {
        match self.reader() {
            Some(reader) if reader.meet(path, &self.id, dataset, bytes)? => {
                Ok(read(reader)? == Outcome::Done)
            }
            _ => Ok(false),
        }
    }

    /// Writes into a slice of an existing dataset; `data` has as many elements as the slice.
    pub fn write_slice(
        &mut self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        self.begin_change()?;
        let threads = self.threads();
        self.with_dataset(path, |dataset| {
            let selection = slice::parse(slice, &dataset.extent.shape)?;
            require_count(data, selection.len()?, dtype, || selection.shape())?;
            let part = part_of(&selection, dataset);
            if !selection.is_reversed() {
                return write_part(dataset, dtype, part.as_ref(), data, threads);
            }
            // In the dataset's order it is the same slice forwards.
            let ordered = Strided::new(data, backwards(&selection, dtype)?);
            let axes = selection.axes.first().map_or(1, |axis| axis.count as usize);
            let data = ordered.gather(0, axes);
            write_part(dataset, dtype, part.as_ref(), &data, threads)
        })
    }

    /// Writes a hyperslab of an existing dataset; `data` has as many elements as it selects.
    pub fn write_hyperslab(
        &mut self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        self.begin_change()?;
        let threads = self.threads();
        self.with_dataset(path, |dataset| {
            let shape = check_hyperslab(hyperslab, &dataset.extent.shape)?;
            require_count(data, count(&shape)?, dtype, || shape.clone())?;
            write_part(dataset, dtype, part_or_all(hyperslab), data, threads)
        })
    }
}

/// Fills a new dataset, which says how many digits its values keep.
fn note_and_fill(
    dataset: &Dataset,
    options: &StorageOptions,
    fill: impl FnOnce(&Dataset) -> Result<()>,
) -> Result<()> {
    if let Some(digits) = options.quantize {
        dataset.note_quantized_digits(digits)?;
    }
    fill(dataset)
}

/// The part of `room` that `elements` elements need.
pub(super) fn fitting(
    room: &mut [u8],
    elements: u64,
    dtype: Dtype,
    shape: impl FnOnce() -> Vec<u64>,
) -> Result<&mut [u8]> {
    let capacity = (room.len() / dtype.size()) as u64;
    if elements > capacity {
        return Err(Error::shape(format!(
            "capacity is {capacity} elements, expected room for {elements}, shape {}",
            show_shape(&shape())
        )));
    }
    Ok(&mut room[..elements as usize * dtype.size()])
}

/// Checks that there are as many elements of data as are selected.
fn require_count(
    data: &[u8],
    selected: u64,
    dtype: Dtype,
    shape: impl FnOnce() -> Vec<u64>,
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

/// The hyperslab of a selection, in the dataset's order; None is everything.
fn part_of(selection: &Selection, dataset: &Dataset) -> Option<Hyperslab> {
    let shape = &dataset.extent.shape;
    let whole = |(axis, &extent): (&slice::Axis, &u64)| {
        axis.start == 0 && axis.step == 1 && axis.count as u64 == extent
    };
    if selection.axes.iter().zip(shape).all(whole) {
        return None;
    }
    let axes = || selection.axes.iter().map(|axis| axis.ascending());
    Some(Hyperslab {
        start: axes().map(|axis| axis.start as u64).collect(),
        stride: axes().map(|axis| axis.step as u64).collect(),
        count: axes().map(|axis| axis.count as u64).collect(),
        block: vec![1; shape.len()],
    })
}

/// A hyperslab of rank 0 is all of a scalar.
fn part_or_all(hyperslab: &Hyperslab) -> Option<&Hyperslab> {
    (!hyperslab.start.is_empty()).then_some(hyperslab)
}

/// The layout of packed memory in the slice's order, walked in the dataset's order.
fn backwards(selection: &Selection, dtype: Dtype) -> Result<Layout> {
    let counts: Vec<u64> = selection
        .axes
        .iter()
        .map(|axis| axis.count as u64)
        .collect();
    let reversed: Vec<bool> = selection.axes.iter().map(|axis| axis.step < 0).collect();
    Layout::reversed(&counts, &reversed, dtype.size())
}

/// Checks a hyperslab against a dataset's shape, and gives the shape of what it selects.
fn check_hyperslab(hyperslab: &Hyperslab, shape: &[u64]) -> Result<Vec<u64>> {
    let Hyperslab {
        start,
        stride,
        count,
        block,
    } = hyperslab;
    if start.len() != shape.len() {
        return Err(Error::shape(format!(
            "the hyperslab has rank {}, the dataset has shape {}",
            start.len(),
            show_shape(shape)
        )));
    }
    let mut selected = Vec::with_capacity(shape.len());
    for axis in 0..shape.len() {
        let (start, stride) = (start[axis], stride[axis]);
        let (count, block) = (count[axis], block[axis]);
        selected.push(count.saturating_mul(block));
        if count == 0 || block == 0 {
            continue;
        }
        if count > 1 && stride < block.max(1) {
            return Err(Error::shape(format!(
                "along axis {axis} stride is {stride} and block {block}: blocks must not overlap"
            )));
        }
        let end = (count - 1)
            .checked_mul(stride)
            .and_then(|reach| reach.checked_add(block))
            .and_then(|reach| reach.checked_add(start));
        if end.is_none_or(|end| end > shape[axis]) {
            return Err(Error::shape(format!(
                "along axis {axis} the hyperslab (start {start}, stride {stride}, count {count}, block {block}) leaves the extent {}",
                shape[axis]
            )));
        }
    }
    Ok(selected)
}

/// Writes all of an array into a dataset of its shape.
fn write_array(dataset: &Dataset, dtype: Dtype, array: &Strided<'_>, threads: usize) -> Result<()> {
    let shape = array.shape();
    if let Some(packed) = array.as_packed() {
        return write_part(dataset, dtype, None, packed, threads);
    }
    check_writable(dataset, dtype)?;
    let writer = ChunkWriter::new(dataset, dtype, threads)?;
    // Not packed, therefore not a scalar: go through it in blocks of rows, of whole chunks if
    // they are compressed.
    let rows = shape[0] as usize;
    let row_bytes = shape[1..].iter().product::<u64>() as usize * dtype.size();
    let together = writer.as_ref().map_or(1, ChunkWriter::rows);
    let bytes = match writer {
        Some(_) => 4 * GATHER_BYTES,
        None => GATHER_BYTES,
    };
    let at_once = (bytes / row_bytes).clamp(1, rows).div_ceil(together) * together;
    for first in (0..rows).step_by(at_once) {
        let end = (first + at_once).min(rows);
        let mut part = Hyperslab {
            start: vec![0; shape.len()],
            stride: vec![1; shape.len()],
            count: shape.clone(),
            block: vec![1; shape.len()],
        };
        part.start[0] = first as u64;
        part.count[0] = (end - first) as u64;
        let block = array.gather(first, end);
        write_by(dataset, dtype, writer.as_ref(), Some(&part), &block)?;
    }
    Ok(())
}

/// Checks that elements in memory can go into a dataset.
fn check_writable(dataset: &Dataset, dtype: Dtype) -> Result<()> {
    let element = &dataset.element;
    if element.dtype == dtype {
        return Ok(());
    }
    check_conversion(dtype, dtype.name(), element.dtype, &element.describe())
}

/// Writes elements into a part of a dataset, or all of it.
fn write_part(
    dataset: &Dataset,
    dtype: Dtype,
    part: Option<&Hyperslab>,
    data: &[u8],
    threads: usize,
) -> Result<()> {
    check_writable(dataset, dtype)?;
    let writer = ChunkWriter::new(dataset, dtype, threads)?;
    write_by(dataset, dtype, writer.as_ref(), part, data)
}

/// Writes elements of a type that fits, by our own filters where there is a `writer`.
fn write_by(
    dataset: &Dataset,
    dtype: Dtype,
    writer: Option<&ChunkWriter<'_>>,
    part: Option<&Hyperslab>,
    data: &[u8],
) -> Result<()> {
    if data.is_empty() {
        return Ok(());
    }
    let data = &*normal(dtype, data);
    let Some(writer) = writer else {
        return dataset.write(dtype, part, data);
    };
    if writer.write(part, data)? {
        return Ok(());
    }
    match writer.rounded(data)? {
        Some(rounded) => dataset.write(dtype, part, &rounded),
        None => dataset.write(dtype, part, data),
    }
}

/// Reads a part of a dataset, or all of it, so that on failure `data` is as it was.
fn read_part(
    dataset: &Dataset,
    dtype: Dtype,
    part: Option<&Hyperslab>,
    data: &mut [u8],
) -> Result<()> {
    let element = &dataset.element;
    if element.dtype != dtype {
        check_conversion(element.dtype, &element.describe(), dtype, dtype.name())?;
    }
    if data.is_empty() {
        return Ok(());
    }
    // A read of chunks, each of which can be damaged, may fail half-way, and a small one costs
    // nothing to read twice over; one of a single run of bytes goes where it belongs.
    if data.len() > SMALL_READ && !dataset.storage()?.is_chunked {
        return dataset.read(dtype, part, data);
    }
    let mut own: Vec<u8> = h5::zeroed(data.len() as u64, 1)?;
    dataset.read(dtype, part, &mut own)?;
    data.copy_from_slice(&own);
    Ok(())
}

/// Reads a selection in the dataset's order and scatters it over an array of the same counts.
fn read_and_scatter(
    dataset: &Dataset,
    dtype: Dtype,
    selection: &Selection,
    array: &mut StridedMut<'_>,
) -> Result<()> {
    let mut packed: Vec<u8> = h5::zeroed(selection.len()?, dtype.size())?;
    let part = part_of(selection, dataset);
    read_part(dataset, dtype, part.as_ref(), &mut packed)?;
    array.scatter(&packed);
    Ok(())
}
