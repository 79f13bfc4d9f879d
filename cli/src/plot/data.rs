//! What is drawn: a part of a dataset, with the names, units and coordinates of its axes.

use crate::cat;
use crate::output::harmless;
use h5sim::error::Error;
use h5sim::file::OpenFile;
use h5sim::slice::{self, Axis, Selection};
use h5sim::store::strided::count;
use h5sim::store::{Dtype, Elements, Kind};

/// What netCDF writes into the name of a dimension that has no coordinate.
const BARE: &str = "This is a netCDF dimension but not a netCDF variable";

/// A part of a dataset.
pub struct Subject {
    file: OpenFile,
    path: String,
    dtype: Dtype,
    selection: Selection,
    /// What the values are called, and their unit.
    pub name: String,
    pub units: String,
    /// The axes that the part has.
    pub axes: Vec<Described>,
    /// What is said of the axes that it has not: "time = 3 s".
    pub fixed: Vec<String>,
}

/// An axis of the part.
pub struct Described {
    pub name: String,
    pub units: String,
    /// Where its elements are.
    pub values: Vec<f64>,
    /// Whether these come from a coordinate, and are not just numbers.
    pub has_coordinate: bool,
}

impl Subject {
    pub fn open(file: OpenFile, path: &str, text: &str) -> Result<Self, Error> {
        let (dtype, shape) = file.info(path)?;
        let kind = match dtype {
            Dtype::Text => Some("texts: `h5sim cat` shows them"),
            Dtype::C64 | Dtype::C128 => {
                Some("complex numbers: write the real part, or the magnitude")
            }
            Dtype::Other => Some("elements of a type that cannot be drawn"),
            _ => None,
        };
        if let Some(kind) = kind {
            return Err(Error::type_(format!("'{path}' has {kind}")));
        }
        let selection = slice::parse(text, &shape).map_err(|error| error.within(path))?;
        let name = path.rsplit('/').find(|part| !part.is_empty());
        let name =
            attribute(&file, path, "long_name").unwrap_or_else(|| name.unwrap_or(path).into());
        let units = attribute(&file, path, "units").unwrap_or_default();
        let mut subject = Self {
            name: harmless(&name),
            units: harmless(&units),
            axes: Vec::new(),
            fixed: Vec::new(),
            path: path.to_owned(),
            file,
            dtype,
            selection,
        };
        if subject.selection.shape().contains(&0) {
            return Err(Error::shape(format!(
                "'{path}' has no elements to draw: its shape is {}, that of the slice {}",
                shown(&shape),
                shown(&subject.selection.shape())
            )));
        }
        subject.describe(&shape)?;
        Ok(subject)
    }

    fn describe(&mut self, shape: &[u64]) -> Result<(), Error> {
        let names = self.file.dims(&self.path)?;
        for (number, axis) in self.selection.axes.clone().into_iter().enumerate() {
            let name = names.get(number).cloned().flatten();
            let coordinate = match &name {
                Some(name) => self.coordinate(name, shape[number])?,
                None => None,
            };
            let places = (0..axis.count).map(|step| axis.start + step * axis.step);
            let values = match &coordinate {
                Some((_, all)) => places.map(|place| all[place as usize]).collect(),
                None => places.map(|place| place as f64).collect(),
            };
            let units = coordinate
                .as_ref()
                .and_then(|(path, _)| attribute(&self.file, path, "units"));
            let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
            let described = Described {
                name: harmless(
                    &name
                        .as_deref()
                        .map_or_else(|| format!("axis {number}"), last),
                ),
                units: harmless(&units.unwrap_or_default()),
                values,
                has_coordinate: coordinate.is_some(),
            };
            match axis.keep {
                true => self.axes.push(described),
                false => self.fixed.push(described.at(0)),
            }
        }
        Ok(())
    }

    /// The coordinate that a name of an axis of so many elements means, with its values, if it has numbers.
    fn coordinate(&self, name: &str, length: u64) -> Result<Option<(String, Vec<f64>)>, Error> {
        let mut candidates = Vec::new();
        if name.starts_with('/') {
            candidates.push(name.to_owned());
        } else {
            let mut group = self.path.trim_start_matches('/');
            while let Some((above, _)) = group.rsplit_once('/') {
                candidates.push(format!("{above}/{name}"));
                group = above;
            }
            candidates.push(name.to_owned());
        }
        for path in candidates {
            if self.file.kind(&path)? != Kind::Dataset {
                continue;
            }
            let (dtype, shape) = self.file.info(&path)?;
            let is_bare =
                attribute(&self.file, &path, "NAME").is_some_and(|name| name.starts_with(BARE));
            let is_number = !matches!(
                dtype,
                Dtype::Text | Dtype::Other | Dtype::C64 | Dtype::C128 | Dtype::Bool
            );
            // Readers of a run that goes on may see one more of one than of the other.
            if is_bare || !is_number || shape.len() != 1 || shape[0] < length {
                return Ok(None);
            }
            let values = numbers(&self.file, &path, "", dtype, &shape)?;
            return Ok(Some((path, values)));
        }
        Ok(None)
    }

    /// All values, in C order.
    pub fn all(&self) -> Result<Vec<f64>, Error> {
        let axes = self.selection.axes.clone();
        self.read(&axes, &self.selection.shape())
    }

    /// Those of an element of the first axis.
    pub fn record(&self, record: usize) -> Result<Vec<f64>, Error> {
        let mut axes = self.selection.axes.clone();
        let first = axes.iter_mut().find(|axis| axis.keep);
        let first = first.ok_or_else(|| Error::internal("a record of a scalar"))?;
        *first = Axis {
            start: first.start + record as i64 * first.step,
            step: 1,
            count: 1,
            keep: false,
        };
        self.read(&axes, &self.selection.shape()[1..])
    }

    fn read(&self, axes: &[Axis], shape: &[u64]) -> Result<Vec<f64>, Error> {
        let axes: Vec<String> = axes.iter().map(written).collect();
        numbers(&self.file, &self.path, &axes.join(", "), self.dtype, shape)
    }
}

impl Described {
    /// What is said of one of its elements.
    pub fn at(&self, element: usize) -> String {
        let value = super::ticks::short(self.values[element]);
        match self.units.as_str() {
            "" => format!("{} = {value}", self.name),
            units => format!("{} = {value} {units}", self.name),
        }
    }
}

/// An axis of a selection as text.
fn written(axis: &Axis) -> String {
    if !axis.keep {
        return axis.start.to_string();
    }
    let stop = axis.start + axis.step * axis.count;
    match stop < 0 {
        true => format!("{}::{}", axis.start, axis.step),
        false => format!("{}:{stop}:{}", axis.start, axis.step),
    }
}

/// A text attribute, if it is there.
fn attribute(file: &OpenFile, path: &str, name: &str) -> Option<String> {
    let text = file.get_attribute_text(path, name).ok()?;
    (!text.trim().is_empty()).then_some(text)
}

/// Reads numbers as floats.
fn numbers(
    file: &OpenFile,
    path: &str,
    slice: &str,
    dtype: Dtype,
    shape: &[u64],
) -> Result<Vec<f64>, Error> {
    let as_type = if dtype == Dtype::Bool {
        Dtype::Bool
    } else {
        Dtype::F64
    };
    let Elements::Numbers(_, bytes) = cat::read(file, path, slice, as_type, shape)? else {
        return Err(Error::internal("texts instead of numbers"));
    };
    let mut values = Vec::new();
    let no_memory = |_| Error::io(format!("'{path}' has more elements than memory can hold"));
    values
        .try_reserve_exact(count(shape)? as usize)
        .map_err(no_memory)?;
    match as_type {
        Dtype::Bool => values.extend(bytes.iter().map(|&byte| f64::from(byte))),
        _ => values.extend(bytes.chunks_exact(8).map(|eight| {
            let mut number = [0; 8];
            number.copy_from_slice(eight);
            f64::from_ne_bytes(number)
        })),
    }
    Ok(values)
}

fn shown(shape: &[u64]) -> String {
    h5sim::store::strided::show_shape(shape)
}
