//! How a new dataset is to be stored: what was chosen, checked against its type and its shape.

#![forbid(unsafe_code)]

use super::h5::{memory_number, Creation, ElementType, Extent, Order};
use super::options::{Chunks, Compression, Fill, Write};
use super::strided::show_shape;
use super::{Dtype, MAX_RANK};
use crate::codec::filters::FilterKind;
use crate::codec::{chunk_shape, deflate, quantize};
use crate::error::{Error, Result};
use crate::json::float_repr;

/// HDF5's chunks are smaller than 4 GiB.
const LARGEST_CHUNK: u64 = (1 << 32) - 1;

/// The options of a new dataset, checked against its shape.
pub struct StorageOptions {
    /// Replace what is there.
    pub overwrite: bool,
    /// Extents now and at most.
    pub extent: Extent,
    /// Chunks and filters.
    pub creation: Creation,
    /// The significant digits that values are rounded to.
    pub quantize: Option<u32>,
    /// How many threads may compress; None is what the file was opened with.
    pub threads: Option<usize>,
    dtype: Dtype,
    order: Option<Order>,
}

impl StorageOptions {
    /// Checks the options for an array of this type and shape.
    pub fn new(options: &Write, dtype: Dtype, shape: &[u64]) -> Result<Self> {
        Self::of(options, dtype, shape, None)
    }

    /// Checks the options for a new series of records of this shape, when its file has `others` already.
    pub fn of_series(options: &Write, dtype: Dtype, record: &[u64], others: usize) -> Result<Self> {
        let shape = [&[0], record].concat();
        check_rank(&shape)?;
        let mut unbounded = shape.clone();
        unbounded[0] = u64::MAX;
        let mut all = Self::of(options, dtype, &shape, Some(unbounded))?;
        if !matches!(options.chunks, Some(Chunks::Of(_))) {
            let size = all.dtype.size() as u64;
            all.creation.chunks = Some(chunk_shape::for_series(record, size, others as u64));
        }
        if all.extent.maxshape[0] != u64::MAX {
            return Err(Error::shape(
                "option 'maxshape' must begin with null: a series grows without bound",
            ));
        }
        Ok(all)
    }

    /// Whether elements are stored as they are given, but for their type.
    pub fn is_plain(&self) -> bool {
        let Creation {
            shuffle,
            compression,
            fletcher32,
            ..
        } = &self.creation;
        !shuffle && !fletcher32 && compression.is_none() && self.quantize.is_none()
    }

    /// Whether a chunk of a series is of one record.
    pub fn has_chunks_of_one(&self) -> bool {
        let chunk = self.creation.chunks.as_deref().unwrap_or_default();
        chunk.first() == Some(&1)
    }

    /// Lets a series begin with chunks for the records that it gets first: it gets larger ones when it has outgrown them. Chunks
    /// that were asked for stay as they are.
    pub fn begin_small(&mut self, options: &Write, record: &[u64], others: usize, records: u64) {
        let is_asked_for = matches!(options.chunks, Some(Chunks::Of(_)));
        let size = self.dtype.size() as u64;
        let now = chunk_shape::records_for_now(record, size, others as u64, records);
        match &mut self.creation.chunks {
            Some(chunk) if !is_asked_for && now < chunk[0] => {
                chunk[0] = now;
                self.creation.allocation = super::h5::Allocation::Growing;
            }
            _ => {}
        }
    }

    fn of(
        options: &Write,
        dtype: Dtype,
        shape: &[u64],
        default_maxshape: Option<Vec<u64>>,
    ) -> Result<Self> {
        let stored = options.dtype.unwrap_or(dtype);
        super::dtype::check_conversion(dtype, dtype.name(), stored, stored.name())?;
        let maxshape = maxshape(options, shape)?.or(default_maxshape);
        let quantize = quantize(options, stored)?;
        let mut creation = Creation {
            // Rounded values are there to be compressed.
            shuffle: options.shuffle.unwrap_or(quantize.is_some()),
            track_order: false,
            compression: None,
            fletcher32: options.fletcher32.unwrap_or(false),
            fill: fill_value(options, stored)?,
            chunks: None,
            allocation: super::h5::Allocation::default(),
        };
        creation.compression = match options.compression {
            Some(Compression { by, level }) => Some((by, checked(by, level)?)),
            None => quantize
                .map(|_| checked(&deflate::KIND, None).map(|level| (&deflate::KIND, level)))
                .transpose()?,
        };
        let needs_chunks = creation.shuffle
            || creation.compression.is_some()
            || creation.fletcher32
            || maxshape.is_some();
        creation.chunks = chunks(options, stored, shape, maxshape.as_deref(), needs_chunks)?;
        check_bytes(shape, stored)?;
        Ok(Self {
            overwrite: options.overwrite,
            extent: Extent {
                shape: shape.to_vec(),
                maxshape: maxshape.unwrap_or_else(|| shape.to_vec()),
            },
            creation,
            quantize,
            threads: options.threads.map(check_threads).transpose()?,
            dtype: stored,
            order: options.order,
        })
    }

    /// The type of the stored elements, and their byte order if one was given.
    pub fn stored(&self) -> (Dtype, Option<Order>) {
        (self.dtype, self.order)
    }

    /// The type of the stored elements.
    pub fn element(&self) -> Result<ElementType> {
        ElementType::stored(self.dtype, self.order)
    }
}

/// Checks that a file can hold so many elements: its offsets are signed, and it holds more than they.
fn check_bytes(shape: &[u64], stored: Dtype) -> Result<()> {
    const MOST: u64 = i64::MAX as u64 - (1 << 32);
    let count = super::strided::count(shape)?;
    let bytes = count.checked_mul(stored.size() as u64);
    if bytes.is_none_or(|bytes| bytes > MOST) {
        return Err(Error::shape(format!(
            "an array of shape {} of {stored} has more bytes than can be counted in a file",
            show_shape(shape)
        )));
    }
    Ok(())
}

/// Checks how many threads are to work.
pub fn check_threads(threads: usize) -> Result<usize> {
    match threads {
        0..=1024 => Ok(threads),
        more => Err(Error::argument(format!(
            "option 'threads' is {more}, expected an integer from 0 to 1024"
        ))),
    }
}

/// `"maxshape"`: the largest extents, [`u64::MAX`] for an axis without bound.
fn maxshape(options: &Write, shape: &[u64]) -> Result<Option<Vec<u64>>> {
    let Some(bounds) = &options.maxshape else {
        return Ok(None);
    };
    let bound = |bound: &Option<u64>| bound.unwrap_or(u64::MAX);
    let bounds: Vec<u64> = bounds.iter().map(bound).collect();
    if shape.is_empty() || bounds.len() != shape.len() {
        return Err(Error::shape(format!(
            "option 'maxshape' has {} axes, the data have shape {}",
            bounds.len(),
            show_shape(shape)
        )));
    }
    if let Some(axis) = (0..shape.len()).find(|&axis| bounds[axis] < shape[axis]) {
        return Err(Error::shape(format!(
            "option 'maxshape' is {} along axis {axis}, the data have {}",
            bounds[axis], shape[axis]
        )));
    }
    Ok(Some(bounds))
}

/// A level of compression, checked.
fn checked(by: &FilterKind, level: Option<i64>) -> Result<u32> {
    let Some(levels) = by.levels else {
        return Err(Error::internal("a filter without levels compresses"));
    };
    let Some(given) = level else {
        return Ok(levels.usual);
    };
    let level = u32::try_from(given).ok();
    let level = level.filter(|level| (levels.least..=levels.most).contains(level));
    level.ok_or_else(|| {
        Error::argument(format!(
            "option 'compression_opts' is {given}, expected a level from {} to {}",
            levels.least, levels.most
        ))
    })
}

/// `"quantize"`: the significant digits that floats keep.
fn quantize(options: &Write, stored: Dtype) -> Result<Option<u32>> {
    let Some(digits) = options.quantize else {
        return Ok(None);
    };
    let digits = u32::try_from(digits).unwrap_or(u32::MAX);
    quantize::Quantize::new(Some(digits), memory_number(stored))?;
    Ok(Some(digits))
}

fn check_rank(shape: &[u64]) -> Result<()> {
    if shape.len() > MAX_RANK {
        return Err(Error::shape(format!(
            "the records have {} axes, and the dataset one more: the most is {MAX_RANK}",
            shape.len() - 1
        )));
    }
    Ok(())
}

/// `"chunks"`: the extents of a chunk, if the dataset has chunks.
fn chunks(
    options: &Write,
    stored: Dtype,
    shape: &[u64],
    maxshape: Option<&[u64]>,
    needed: bool,
) -> Result<Option<Vec<u64>>> {
    match &options.chunks {
        None if !needed => return Ok(None),
        Some(Chunks::Never) if !needed => return Ok(None),
        Some(Chunks::Never) => {
            return Err(Error::argument(
                "option 'chunks' is false, but compression, shuffle, fletcher32 and maxshape need chunks",
            ))
        }
        _ if shape.is_empty() => {
            return Err(Error::shape(
                "a scalar has no chunks, and so no compression, shuffle, fletcher32 or maxshape",
            ))
        }
        Some(Chunks::Of(chunk)) => {
            check_chunk(chunk, stored, shape, maxshape)?;
            return Ok(Some(chunk.clone()));
        }
        None | Some(Chunks::Chosen) => {}
    }
    let unlimited: Vec<bool> = maxshape.map_or(vec![false; shape.len()], |bounds| {
        bounds.iter().map(|&bound| bound == u64::MAX).collect()
    });
    let size = stored.size() as u64;
    Ok(Some(chunk_shape::for_compression(shape, &unlimited, size)))
}

fn check_chunk(
    chunk: &[u64],
    stored: Dtype,
    shape: &[u64],
    maxshape: Option<&[u64]>,
) -> Result<()> {
    debug_assert!(shape.len() <= MAX_RANK);
    let complain = |why: String| {
        Err(Error::shape(format!(
            "option 'chunks' is {}, {why}",
            show_shape(chunk)
        )))
    };
    if chunk.len() != shape.len() {
        return complain(format!("the data have shape {}", show_shape(shape)));
    }
    if chunk.contains(&0) {
        return complain("expected extents of at least 1".to_owned());
    }
    // HDF5 takes no chunk that sticks out of a dataset that cannot grow.
    let bounds = maxshape.unwrap_or(shape);
    if (0..chunk.len()).any(|axis| chunk[axis] > bounds[axis]) {
        return complain(format!(
            "larger than the data can be, {}",
            show_shape(bounds)
        ));
    }
    let bytes = chunk
        .iter()
        .try_fold(stored.size() as u64, |bytes, &extent| {
            bytes.checked_mul(extent)
        });
    if bytes.is_none_or(|bytes| bytes > LARGEST_CHUNK) {
        return complain("a chunk must be smaller than 4 GiB".to_owned());
    }
    Ok(())
}

/// `"fillvalue"`: one element of the stored type, as bytes in memory.
fn fill_value(options: &Write, stored: Dtype) -> Result<Option<Vec<u8>>> {
    let Some(fill) = options.fillvalue else {
        return Ok(None);
    };
    let refuse = |expected: &str| {
        Err(Error::argument(format!(
            "option 'fillvalue' is {fill}, expected {expected}"
        )))
    };
    let float = match fill {
        Fill::Integer(integer) => Some(integer as f64),
        Fill::Float(float) => Some(float),
        Fill::Complex(..) | Fill::Bool(_) => None,
    };
    let (size, least, most): (usize, i128, i128) = match stored {
        Dtype::F64 | Dtype::F32 => {
            let Some(float) = float else {
                return refuse("a number");
            };
            return Ok(Some(float_bytes(stored, float)));
        }
        Dtype::C128 | Dtype::C64 => {
            let part = match stored {
                Dtype::C128 => Dtype::F64,
                _ => Dtype::F32,
            };
            let (real, imaginary) = match (fill, float) {
                (Fill::Complex(real, imaginary), _) => (real, imaginary),
                (_, Some(real)) => (real, 0.0),
                _ => return refuse("a number or [real, imaginary]"),
            };
            let parts = [float_bytes(part, real), float_bytes(part, imaginary)];
            return Ok(Some(parts.concat()));
        }
        Dtype::Bool => match fill {
            Fill::Bool(value) => return Ok(Some(vec![u8::from(value)])),
            _ => return refuse("true or false"),
        },
        Dtype::I64 => (8, i64::MIN.into(), i64::MAX.into()),
        Dtype::I32 => (4, i32::MIN.into(), i32::MAX.into()),
        Dtype::I16 => (2, i16::MIN.into(), i16::MAX.into()),
        Dtype::I8 => (1, i8::MIN.into(), i8::MAX.into()),
        Dtype::U64 => (8, 0, u64::MAX.into()),
        Dtype::U32 => (4, 0, u32::MAX.into()),
        Dtype::U16 => (2, 0, u16::MAX.into()),
        Dtype::U8 => (1, 0, u8::MAX.into()),
        Dtype::Text | Dtype::Other => {
            return Err(Error::type_(format!("{stored} has no fill value")))
        }
    };
    let integer = match fill {
        Fill::Integer(integer) => Some(integer),
        // 1.0 is as good as 1 here: nothing is lost.
        Fill::Float(float) if float.fract() == 0.0 => Some(float as i128),
        _ => None,
    };
    let integer = integer.filter(|integer| (least..=most).contains(integer));
    let Some(integer) = integer else {
        return refuse(&format!("an integer that fits {stored}"));
    };
    // The lower bytes are those of the narrower integer.
    let mut bytes = integer.to_le_bytes()[..size].to_vec();
    if cfg!(target_endian = "big") {
        bytes.reverse();
    }
    Ok(Some(bytes))
}

fn float_bytes(dtype: Dtype, float: f64) -> Vec<u8> {
    match dtype {
        Dtype::F32 => (float as f32).to_ne_bytes().to_vec(),
        _ => float.to_ne_bytes().to_vec(),
    }
}

impl std::fmt::Display for Fill {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Fill::Integer(integer) => write!(formatter, "{integer}"),
            Fill::Float(float) => formatter.write_str(&float_repr(float)),
            Fill::Complex(real, imaginary) => {
                write!(
                    formatter,
                    "[{}, {}]",
                    float_repr(real),
                    float_repr(imaginary)
                )
            }
            Fill::Bool(value) => write!(formatter, "{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(value: impl Into<Fill>, stored: Dtype) -> std::result::Result<Vec<u8>, String> {
        let options = Write::new().fillvalue(value);
        match fill_value(&options, stored) {
            Ok(bytes) => Ok(bytes.unwrap_or_default()),
            Err(error) => Err(error.message),
        }
    }

    #[test]
    fn fill_values_are_elements_of_the_stored_type() {
        assert_eq!(fill(-2i8, Dtype::I32), Ok((-2i32).to_ne_bytes().to_vec()));
        assert_eq!(fill(u64::MAX, Dtype::U64), Ok(vec![255; 8]));
        assert_eq!(fill(7.0, Dtype::U16), Ok(7u16.to_ne_bytes().to_vec()));
        assert_eq!(fill(3u8, Dtype::F32), Ok(3f32.to_ne_bytes().to_vec()));
        assert_eq!(
            fill((1.0, -0.5), Dtype::C64),
            Ok([1f32.to_ne_bytes(), (-0.5f32).to_ne_bytes()].concat())
        );
        assert_eq!(
            fill(2.0, Dtype::C128),
            Ok([2f64.to_ne_bytes(), 0f64.to_ne_bytes()].concat())
        );
        assert_eq!(fill(true, Dtype::Bool), Ok(vec![1]));
        for (wrong, stored, expected) in [
            (
                Fill::from(300),
                Dtype::U8,
                "300, expected an integer that fits u1",
            ),
            (
                Fill::from(1.5),
                Dtype::I64,
                "1.5, expected an integer that fits i8",
            ),
            (Fill::from(true), Dtype::F64, "true, expected a number"),
            (Fill::from(1), Dtype::Bool, "1, expected true or false"),
            (
                Fill::from((1.0, 2.0)),
                Dtype::F32,
                "[1.0, 2.0], expected a number",
            ),
            (
                Fill::from(false),
                Dtype::C64,
                "false, expected a number or [real, imaginary]",
            ),
        ] {
            let message = fill(wrong, stored).unwrap_err();
            assert_eq!(message, format!("option 'fillvalue' is {expected}"));
        }
    }

    #[test]
    fn levels_and_threads_have_bounds() {
        let message = |options: Write| {
            let made = StorageOptions::new(&options, Dtype::F64, &[10]);
            made.err().unwrap().message
        };
        assert_eq!(
            message(Write::new().gzip(10)),
            "option 'compression_opts' is 10, expected a level from 0 to 9"
        );
        assert_eq!(
            message(Write::new().zstd(0)),
            "option 'compression_opts' is 0, expected a level from 1 to 22"
        );
        assert_eq!(
            message(Write::new().threads(1025)),
            "option 'threads' is 1025, expected an integer from 0 to 1024"
        );
    }
}
