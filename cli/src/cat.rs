//! `h5sim cat`

use crate::arguments::Cat;
use crate::output::{csv_field, harmless, open, Done, Failure, Printer};
use h5sim::error::Error;
use h5sim::file::OpenFile;
use h5sim::json::{self, Value};
use h5sim::listing;
use h5sim::store::strided::{count, Capacity};
use h5sim::store::{Dtype, Elements};

/// A large dataset is read and printed in pieces of about so many bytes.
const PIECE: u64 = 8 << 20;

pub fn run(arguments: &Cat) -> Done {
    let file = open(&arguments.file)?;
    let slice = arguments.slice.as_deref().unwrap_or("");
    let (dtype, extents) = file.info(&arguments.path)?;
    let mut printer = Printer::new();
    let path = &arguments.path;
    if dtype == Dtype::Other {
        return Err(Failure::Told(Error::type_(format!(
            "'{path}' has elements of a type that is not shown; `h5dump` shows it"
        ))));
    }
    if dtype == Dtype::Text {
        if !slice.is_empty() {
            return Err(Failure::Told(Error::argument(format!(
                "'{path}' holds texts, which are shown whole: leave the slice out"
            ))));
        }
        let (texts, shape) = file.read_texts(path)?;
        print(&mut printer, arguments, &Elements::Texts(texts), &shape, 0)?;
        printer.end()?;
        return Ok(0);
    }
    let shape = file.slice_shape(path, slice)?;
    let row = count(&shape[shape.len().min(1)..])?.max(1) * dtype.size() as u64;
    let rows_at_once = (PIECE / row).max(1);
    // JSON is one value, and the rows of a slice are not slices of the dataset.
    if shape.is_empty() || !slice.is_empty() || arguments.json || extents[0] <= rows_at_once {
        let elements = read(&file, path, slice, dtype, &shape)?;
        print(&mut printer, arguments, &elements, &shape, 0)?;
    } else {
        for first in (0..extents[0]).step_by(rows_at_once as usize) {
            let end = extents[0].min(first + rows_at_once);
            let mut piece = shape.clone();
            piece[0] = end - first;
            let slice = format!("{first}:{end}");
            let elements = read(&file, path, &slice, dtype, &piece)?;
            print(&mut printer, arguments, &elements, &piece, first)?;
        }
    }
    printer.end()?;
    Ok(0)
}

/// Reads a slice of this shape.
pub fn read(
    file: &OpenFile,
    path: &str,
    slice: &str,
    dtype: Dtype,
    shape: &[u64],
) -> Result<Elements, Error> {
    let bytes = count(shape)?
        .checked_mul(dtype.size() as u64)
        .and_then(|bytes| usize::try_from(bytes).ok());
    let no_memory = || Error::io(format!("'{path}' has more elements than memory can hold"));
    let bytes = bytes.ok_or_else(no_memory)?;
    let mut data = Vec::new();
    data.try_reserve_exact(bytes).map_err(|_| no_memory())?;
    data.resize(bytes, 0);
    file.read(
        path,
        slice,
        dtype,
        &mut Capacity::new(&mut data[..], dtype.size()),
    )?;
    Ok(Elements::Numbers(dtype, data))
}

/// One element as text.
fn shown(elements: &Elements, at: usize, csv: bool) -> String {
    match elements {
        Elements::Texts(texts) if csv => csv_field(&texts[at]),
        Elements::Texts(texts) => harmless(&texts[at]),
        Elements::Numbers(dtype, bytes) => {
            let size = dtype.size();
            match json::to_value(&listing::element(
                *dtype,
                &bytes[at * size..(at + 1) * size],
            )) {
                Ok(Value::Array(parts)) => {
                    let parts: Vec<String> = parts.iter().map(json::dumps).collect();
                    let sign = if parts[1].starts_with('-') { "" } else { "+" };
                    format!("{}{sign}{}j", parts[0], parts[1])
                }
                // The least number that reads back as the same in the type that it has.
                Ok(Value::Float(float)) if *dtype == Dtype::F32 => short(float as f32),
                Ok(value) => json::dumps(&value),
                Err(error) => error.message,
            }
        }
    }
}

fn short(float: f32) -> String {
    match float.is_finite() {
        true => format!("{float:?}"),
        false => json::dumps(&Value::Float(float.into())),
    }
}

fn print(
    printer: &mut Printer,
    arguments: &Cat,
    elements: &Elements,
    shape: &[u64],
    first_row: u64,
) -> Result<(), Failure> {
    if arguments.json {
        printer.line(&json::dumps_of(&listing::array(elements, shape))?)?;
        return Ok(());
    }
    let all = count(shape)? as usize;
    let indexed = arguments.csv && shape.len() > 2;
    let columns = match shape.len() {
        0 | 1 => 1,
        _ if indexed => 1,
        rank => shape[rank - 1].max(1) as usize,
    };
    let separator = if arguments.csv { "," } else { " " };
    let mut line = String::new();
    for begin in (0..all).step_by(columns) {
        line.clear();
        if indexed {
            for index in indices(begin as u64, shape, first_row) {
                line += &format!("{index},");
            }
        } else if shape.len() > 2 && begin > 0 && is_plane(begin, shape) {
            // Planes are told apart by an empty line.
            printer.line("")?;
        }
        for at in begin..begin + columns {
            if at > begin {
                line += separator;
            }
            line += &shown(elements, at, arguments.csv);
        }
        printer.line(&line)?;
    }
    Ok(())
}

/// Whether an element is the first of a plane of the last two axes.
fn is_plane(at: usize, shape: &[u64]) -> bool {
    let plane: u64 = shape[shape.len() - 2..].iter().product();
    at as u64 % plane.max(1) == 0
}

/// The indices of an element of an array in C order.
fn indices(mut at: u64, shape: &[u64], first_row: u64) -> Vec<u64> {
    let mut indices = vec![0; shape.len()];
    for (index, extent) in indices.iter_mut().zip(shape).rev() {
        *index = at % extent;
        at /= extent;
    }
    if let Some(row) = indices.first_mut() {
        *row += first_row;
    }
    indices
}
