//! How a new dataset is to be stored: the options that carry h5py's keyword names.

#![forbid(unsafe_code)]

use super::h5::{memory_number, Creation, ElementType, Extent, Order};
use super::options::{extent, wrong_type, Options};
use super::strided::show_shape;
use super::{Dtype, MAX_RANK};
use crate::codec::{chunk_shape, quantize};
use crate::error::{Error, Result};
use crate::json::{Integer, Value};

/// The keys of the options, in the order in which they are explained; the first is not an append's.
const KEYS: [&str; 11] = [
    "overwrite",
    "dtype",
    "chunks",
    "maxshape",
    "compression",
    "compression_opts",
    "shuffle",
    "fletcher32",
    "fillvalue",
    "quantize",
    "threads",
];

/// Those of an append: a series is continued and never overwritten.
pub const SERIES_KEYS: [&str; 11] = {
    let mut keys = KEYS;
    keys[0] = "records";
    keys
};

/// HDF5's chunks are smaller than 4 GiB.
const LARGEST_CHUNK: u64 = (1 << 32) - 1;

/// The level of gzip where none is given: h5py's.
const GZIP_LEVEL: u32 = 4;

/// The level of Zstandard where none is given: the filter's own.
const ZSTD_LEVEL: u32 = 3;

/// The options of a new dataset, read and checked against its shape.
pub struct StorageOptions {
    /// Replace what is there.
    pub overwrite: bool,
    /// Nothing is said of chunks and filters, so that a dataset of the same shape and type will do.
    pub is_plain: bool,
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
    /// Reads the options for an array of this type and shape.
    pub fn parse(text: &str, dtype: Dtype, shape: &[u64]) -> Result<Self> {
        Self::of(&Options::parse(text, &KEYS)?, dtype, shape, None)
    }

    /// Reads the options of an append for a new series of records of this shape, when its file has `others` already.
    pub fn parse_series(text: &str, dtype: Dtype, record: &[u64], others: usize) -> Result<Self> {
        let options = Options::parse(text, &SERIES_KEYS)?;
        let shape = [&[0], record].concat();
        check_rank(&shape)?;
        let mut unbounded = shape.clone();
        unbounded[0] = u64::MAX;
        let mut all = Self::of(&options, dtype, &shape, Some(unbounded))?;
        let is_given = matches!(options.get("chunks"), Some(Value::Array(_)));
        if !is_given {
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

    fn of(
        options: &Options,
        dtype: Dtype,
        shape: &[u64],
        default_maxshape: Option<Vec<u64>>,
    ) -> Result<Self> {
        let (stored, order) = stored_type(options, dtype)?;
        let maxshape = maxshape(options, shape)?.or(default_maxshape);
        let quantize = quantize(options, stored)?;
        let mut creation = Creation {
            // Rounded values are there to be compressed.
            shuffle: options.boolean("shuffle")?.unwrap_or(quantize.is_some()),
            gzip: None,
            zstd: None,
            fletcher32: options.boolean("fletcher32")?.unwrap_or(false),
            fill: fill_value(options, stored)?,
            chunks: None,
        };
        match compression(options)? {
            Some(Compression::Gzip(level)) => creation.gzip = Some(level),
            Some(Compression::Zstd(level)) => creation.zstd = Some(level),
            None => creation.gzip = quantize.map(|_| GZIP_LEVEL),
        }
        let needs_chunks = creation.shuffle
            || creation.gzip.is_some()
            || creation.zstd.is_some()
            || creation.fletcher32
            || maxshape.is_some();
        creation.chunks = chunks(options, stored, shape, maxshape.as_deref(), needs_chunks)?;
        check_bytes(shape, stored)?;
        Ok(Self {
            overwrite: options.boolean("overwrite")?.unwrap_or(false),
            is_plain: !KEYS[2..].iter().any(|key| options.has(key)),
            extent: Extent {
                shape: shape.to_vec(),
                maxshape: maxshape.unwrap_or_else(|| shape.to_vec()),
            },
            creation,
            quantize,
            threads: options
                .has("threads")
                .then(|| options.threads())
                .transpose()?,
            dtype: stored,
            order,
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

/// `"dtype"`: the stored type, which is the type in memory where none is given.
fn stored_type(options: &Options, dtype: Dtype) -> Result<(Dtype, Option<Order>)> {
    let Some(value) = options.get("dtype") else {
        return Ok((dtype, None));
    };
    let expected = "a type such as \"f4\", \"i8\", \"u2\", \"bool\", \"c16\"";
    let Value::Text(text) = value else {
        return Err(wrong_type("dtype", expected, value));
    };
    let (order, name) = match (text.strip_prefix('<'), text.strip_prefix('>')) {
        (Some(name), _) => (Some(Order::Little), name),
        (_, Some(name)) => (Some(Order::Big), name),
        _ => (None, text.strip_prefix('=').unwrap_or(text)),
    };
    let stored = Dtype::from_name(name).ok_or_else(|| wrong_type("dtype", expected, value))?;
    super::dtype::check_conversion(dtype, dtype.name(), stored, stored.name())?;
    Ok((stored, order))
}

/// `"maxshape"`: null for an axis without bound; null alone is no maxshape.
fn maxshape(options: &Options, shape: &[u64]) -> Result<Option<Vec<u64>>> {
    let Some(value) = options.get("maxshape") else {
        return Ok(None);
    };
    let bound = |value: &Value| match value {
        Value::Null => Some(u64::MAX),
        other => extent(other),
    };
    let bounds: Option<Vec<u64>> = match value {
        Value::Array(values) => values.iter().map(bound).collect(),
        _ => None,
    };
    let bounds = bounds
        .ok_or_else(|| wrong_type("maxshape", "an array of extents, null for unlimited", value))?;
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

/// What chunks are compressed by, and its level.
enum Compression {
    Gzip(u32),
    Zstd(u32),
}

/// `"compression"` and `"compression_opts"`.
fn compression(options: &Options) -> Result<Option<Compression>> {
    let level = |key: &str, value: &Value, least: i64, most: i64| match value {
        Value::Integer(Integer::Small(level)) if (least..=most).contains(level) => {
            Ok(*level as u32)
        }
        other => Err(wrong_type(
            key,
            &format!("a level from {least} to {most}"),
            other,
        )),
    };
    let given = options.get("compression_opts");
    let given_or = |default: u32, least: i64, most: i64| match given {
        None => Ok(default),
        Some(value) => level("compression_opts", value, least, most),
    };
    match options.get("compression") {
        None if given.is_some() => Err(Error::argument(
            "option 'compression_opts' is given without 'compression'",
        )),
        None => Ok(None),
        Some(Value::Text(name)) if name == "gzip" => {
            Ok(Some(Compression::Gzip(given_or(GZIP_LEVEL, 0, 9)?)))
        }
        Some(Value::Text(name)) if name == "zstd" => {
            Ok(Some(Compression::Zstd(given_or(ZSTD_LEVEL, 1, 22)?)))
        }
        Some(Value::Text(name)) if name == "lzf" || name == "szip" => Err(Error::unsupported(
            format!("option 'compression' is \"{name}\", which many readers lack: use \"gzip\""),
        )),
        Some(value @ Value::Integer(_)) if given.is_none() => {
            Ok(Some(Compression::Gzip(level("compression", value, 0, 9)?)))
        }
        Some(value) => Err(wrong_type(
            "compression",
            "\"gzip\", a level from 0 to 9, or \"zstd\"",
            value,
        )),
    }
}

/// `"quantize"`: the significant digits that floats keep.
fn quantize(options: &Options, stored: Dtype) -> Result<Option<u32>> {
    let Some(digits) = options.count("quantize", 1)? else {
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

/// `"chunks"`: true, false, or the extents of a chunk.
fn chunks(
    options: &Options,
    stored: Dtype,
    shape: &[u64],
    maxshape: Option<&[u64]>,
    needed: bool,
) -> Result<Option<Vec<u64>>> {
    let value = options.get("chunks");
    let wanted = match value {
        None => needed,
        Some(Value::Bool(wanted)) => *wanted,
        Some(_) => true,
    };
    if !wanted {
        if needed {
            return Err(Error::argument(
                "option 'chunks' is false, but compression, shuffle, fletcher32 and maxshape need chunks",
            ));
        }
        return Ok(None);
    }
    if shape.is_empty() {
        return Err(Error::shape(
            "a scalar has no chunks, and so no compression, shuffle, fletcher32 or maxshape",
        ));
    }
    let Some(Value::Array(values)) = value else {
        return match value {
            None | Some(Value::Bool(_)) => {
                let unlimited: Vec<bool> = maxshape.map_or(vec![false; shape.len()], |bounds| {
                    bounds.iter().map(|&bound| bound == u64::MAX).collect()
                });
                let size = stored.size() as u64;
                Ok(Some(chunk_shape::for_compression(shape, &unlimited, size)))
            }
            Some(other) => Err(wrong_type(
                "chunks",
                "true, false or an array of extents",
                other,
            )),
        };
    };
    let chunk: Option<Vec<u64>> = values.iter().map(extent).collect();
    let chunk = chunk.ok_or_else(|| {
        wrong_type(
            "chunks",
            "true, false or an array of extents",
            &Value::Array(values.clone()),
        )
    })?;
    check_chunk(&chunk, stored, shape, maxshape)?;
    Ok(Some(chunk))
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
fn fill_value(options: &Options, stored: Dtype) -> Result<Option<Vec<u8>>> {
    let Some(value) = options.get("fillvalue") else {
        return Ok(None);
    };
    let integer = |low: i128, high: i128| -> Result<i128> {
        let expected = || {
            wrong_type(
                "fillvalue",
                &format!("an integer that fits {stored}"),
                value,
            )
        };
        let number: i128 = match value {
            Value::Integer(integer) => integer.to_string().parse().map_err(|_| expected())?,
            // 1.0 is as good as 1 here: nothing is lost.
            Value::Float(float) if float.fract() == 0.0 => *float as i128,
            _ => return Err(expected()),
        };
        if number < low || number > high {
            return Err(expected());
        }
        Ok(number)
    };
    let float = |value: &Value| {
        value
            .as_f64()
            .map_err(|_| wrong_type("fillvalue", "a number", value))
    };
    let parts = || -> Result<(f64, f64)> {
        match value {
            Value::Array(parts) if parts.len() == 2 => Ok((float(&parts[0])?, float(&parts[1])?)),
            Value::Array(_) => Err(wrong_type(
                "fillvalue",
                "a number or [real, imaginary]",
                value,
            )),
            real => Ok((float(real)?, 0.0)),
        }
    };
    let bytes = match stored {
        Dtype::F64 => float(value)?.to_ne_bytes().to_vec(),
        Dtype::F32 => (float(value)? as f32).to_ne_bytes().to_vec(),
        Dtype::I64 => (integer(i64::MIN.into(), i64::MAX.into())? as i64)
            .to_ne_bytes()
            .to_vec(),
        Dtype::I32 => (integer(i32::MIN.into(), i32::MAX.into())? as i32)
            .to_ne_bytes()
            .to_vec(),
        Dtype::I16 => (integer(i16::MIN.into(), i16::MAX.into())? as i16)
            .to_ne_bytes()
            .to_vec(),
        Dtype::I8 => (integer(i8::MIN.into(), i8::MAX.into())? as i8)
            .to_ne_bytes()
            .to_vec(),
        Dtype::U64 => (integer(0, u64::MAX.into())? as u64).to_ne_bytes().to_vec(),
        Dtype::U32 => (integer(0, u32::MAX.into())? as u32).to_ne_bytes().to_vec(),
        Dtype::U16 => (integer(0, u16::MAX.into())? as u16).to_ne_bytes().to_vec(),
        Dtype::U8 => (integer(0, u8::MAX.into())? as u8).to_ne_bytes().to_vec(),
        Dtype::Bool => match value {
            Value::Bool(value) => vec![u8::from(*value)],
            other => return Err(wrong_type("fillvalue", "true or false", other)),
        },
        Dtype::C128 => {
            let (real, imaginary) = parts()?;
            [real.to_ne_bytes(), imaginary.to_ne_bytes()].concat()
        }
        Dtype::C64 => {
            let (real, imaginary) = parts()?;
            [
                (real as f32).to_ne_bytes(),
                (imaginary as f32).to_ne_bytes(),
            ]
            .concat()
        }
        Dtype::Text | Dtype::Other => {
            return Err(Error::type_(format!("{stored} has no fill value")))
        }
    };
    Ok(Some(bytes))
}
