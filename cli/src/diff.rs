//! `h5sim diff`

use crate::arguments::Diff;
use crate::cat;
use crate::ls::extents;
use crate::output::{harmless, open, Done, Failure, Printer, Role};
use h5sim::catalog::difference::{differences, shown};
use h5sim::file::OpenFile;
use h5sim::json::{self, Value};
use h5sim::listing;
use h5sim::store::strided::count;
use h5sim::store::{AttributeEntry, Dtype, Elements, Entry, Item, Kind};
use std::collections::BTreeMap;

/// The exit status when there are differences.
const DIFFERENT: u8 = 1;

/// Elements are compared in pieces of about so many bytes.
const PIECE: u64 = 8 << 20;

pub fn run(arguments: &Diff) -> Done {
    let mut comparison = Comparison {
        first: open(&arguments.first)?,
        second: open(&arguments.second)?,
        arguments,
        printer: Printer::new(),
        found: 0,
    };
    comparison.compare()?;
    let found = comparison.found;
    comparison.printer.end()?;
    Ok(if found == 0 { 0 } else { DIFFERENT })
}

struct Comparison<'a> {
    first: OpenFile,
    second: OpenFile,
    arguments: &'a Diff,
    printer: Printer,
    found: u64,
}

impl Comparison<'_> {
    /// Tells of a difference.
    fn tell(&mut self, text: &str) -> Result<(), Failure> {
        self.found += 1;
        if !self.arguments.quiet {
            self.printer.line(&harmless(text))?;
        }
        Ok(())
    }

    fn compare(&mut self) -> Result<(), Failure> {
        let path = self.arguments.path.trim_matches('/').to_owned();
        let kinds = (self.first.kind(&path)?, self.second.kind(&path)?);
        if kinds == (Kind::Dataset, Kind::Dataset) {
            return self.compare_elements(&path);
        }
        let mut trees = [BTreeMap::new(), BTreeMap::new()];
        for (tree, file) in trees.iter_mut().zip([&self.first, &mut self.second]) {
            for Entry { path: below, item } in file.tree(&path)? {
                let whole = match path.is_empty() {
                    true => below,
                    false => format!("{path}/{below}"),
                };
                tree.insert(whole, item);
            }
        }
        let [first, second] = trees;
        for (path, item) in &first {
            match second.get(path) {
                Some(other) => self.compare_items(path, item, other)?,
                None => self.tell(&format!("{path}: only in the first"))?,
            }
        }
        for path in second.keys().filter(|path| !first.contains_key(*path)) {
            self.tell(&format!("{path}: only in the second"))?;
        }
        Ok(())
    }

    fn compare_items(&mut self, path: &str, one: &Item, other: &Item) -> Result<(), Failure> {
        match (one, other) {
            (Item::Damaged { error }, _) | (_, Item::Damaged { error }) => {
                let text = self.printer.paint(Role::Wrong, "damaged");
                self.tell(&format!("{path}: {text}: {error}"))
            }
            (Item::Group { attributes: one }, Item::Group { attributes: other })
            | (Item::Datatype { attributes: one }, Item::Datatype { attributes: other }) => {
                self.compare_attributes(path, one, other)
            }
            (Item::Link { target: one }, Item::Link { target: other }) => match one == other {
                true => Ok(()),
                false => self.tell(&format!("{path}: a link to {one} and to {other}")),
            },
            (
                Item::Dataset {
                    attributes: one, ..
                },
                Item::Dataset {
                    attributes: other, ..
                },
            ) => {
                self.compare_attributes(path, one, other)?;
                self.compare_elements(path)
            }
            _ => self.tell(&format!("{path}: of different kinds")),
        }
    }

    fn compare_attributes(
        &mut self,
        path: &str,
        one: &[(String, AttributeEntry)],
        other: &[(String, AttributeEntry)],
    ) -> Result<(), Failure> {
        for (name, value) in one {
            match other.iter().find(|(other, _)| other == name) {
                None => self.tell(&format!("{path}@{name}: only in the first"))?,
                Some((_, counterpart)) if self.same_attribute(value, counterpart) => {}
                Some((_, counterpart)) => {
                    let text = format!(
                        "{path}@{name}: {} and {}",
                        attribute(value),
                        attribute(counterpart)
                    );
                    self.tell(&text)?;
                }
            }
        }
        for (name, _) in other {
            if !one.iter().any(|(one, _)| one == name) {
                self.tell(&format!("{path}@{name}: only in the second"))?;
            }
        }
        Ok(())
    }

    fn same_attribute(&self, one: &AttributeEntry, other: &AttributeEntry) -> bool {
        let (
            AttributeEntry::Quoted {
                shape: one_shape,
                elements: one,
            },
            AttributeEntry::Quoted {
                shape: other_shape,
                elements: other,
            },
        ) = (one, other)
        else {
            return one == other;
        };
        one_shape == other_shape && self.first_difference(one, other).is_none()
    }

    fn compare_elements(&mut self, path: &str) -> Result<(), Failure> {
        let (one, shape) = self.first.info(path)?;
        let (other, other_shape) = self.second.info(path)?;
        if shape != other_shape {
            let text = format!(
                "{path}: shape {} and {}",
                extents(&shape),
                extents(&other_shape)
            );
            return self.tell(&text);
        }
        if (one == Dtype::Text) != (other == Dtype::Text)
            || one == Dtype::Other
            || other == Dtype::Other
        {
            return match one == other {
                true => Ok(()),
                false => self.tell(&format!("{path}: elements {one} and {other}")),
            };
        }
        if one == Dtype::Text {
            return self.compare_texts(path);
        }
        if one != other {
            self.tell(&format!("{path}: elements {one} and {other}"))?;
        }
        let row = count(&shape[shape.len().min(1)..])?.max(1) * 16;
        let rows = shape.first().copied().unwrap_or(1);
        let at_once = (PIECE / row).max(1);
        let mut begin = 0;
        let mut differing = 0u64;
        let mut example = None;
        while begin < rows {
            let end = rows.min(begin + at_once);
            let (slice, piece) = match shape.is_empty() {
                true => (String::new(), Vec::new()),
                false => {
                    let mut piece = shape.clone();
                    piece[0] = end - begin;
                    (format!("{begin}:{end}"), piece)
                }
            };
            let first = cat::read(&self.first, path, &slice, one, &piece)?;
            let second = cat::read(&self.second, path, &slice, other, &piece)?;
            let (found, place) = self.count_differences(&first, &second);
            differing += found;
            if example.is_none() {
                example = place.map(|(at, one, other)| {
                    let row_elements = count(&shape[shape.len().min(1)..]).unwrap_or(1).max(1);
                    (at as u64 + begin * row_elements, one, other)
                });
            }
            begin = end;
        }
        if let Some((at, one, other)) = example {
            let text = format!(
                "{path}: {differing} of {} elements differ, first {} and {} at [{}]",
                count(&shape)?,
                json::dumps(&one),
                json::dumps(&other),
                place(at, &shape)
            );
            self.tell(&text)?;
        }
        Ok(())
    }

    fn compare_texts(&mut self, path: &str) -> Result<(), Failure> {
        let (one, shape) = self.first.read_texts(path)?;
        let (other, _) = self.second.read_texts(path)?;
        if one == other {
            return Ok(());
        }
        let is_metadata = path == self.arguments.meta.trim_matches('/');
        if let ([one], [other], true) = (&one[..], &other[..], is_metadata) {
            if let (Ok(one), Ok(other)) = (json::parse(one), json::parse(other)) {
                return self.compare_metadata(path, &one, &other);
            }
        }
        let differing: Vec<usize> = (0..one.len()).filter(|&at| one[at] != other[at]).collect();
        if let Some(&first) = differing.first() {
            let text = format!(
                "{path}: {} of {} texts differ, first {:?} and {:?} at [{}]",
                differing.len(),
                one.len(),
                one[first],
                other[first],
                place(first as u64, &shape)
            );
            self.tell(&text)?;
        }
        Ok(())
    }

    fn compare_metadata(&mut self, path: &str, one: &Value, other: &Value) -> Result<(), Failure> {
        let found = differences(one, other, |one, other| self.same_value(one, other));
        for difference in found {
            let text = match (&difference.first, &difference.second) {
                (Some(value), None) => {
                    format!(
                        "{path}: {} = {} only in the first",
                        difference.key,
                        shown(Some(value))
                    )
                }
                (None, value) => {
                    format!(
                        "{path}: {} = {} only in the second",
                        difference.key,
                        shown(value.as_ref())
                    )
                }
                (one, other) => format!(
                    "{path}: {} is {} and {}",
                    difference.key,
                    shown(one.as_ref()),
                    shown(other.as_ref())
                ),
            };
            self.tell(&text)?;
        }
        Ok(())
    }

    fn first_difference(&self, one: &Elements, other: &Elements) -> Option<usize> {
        self.count_differences(one, other).1.map(|found| found.0)
    }

    /// How many elements differ, and the first that do.
    fn count_differences(
        &self,
        one: &Elements,
        other: &Elements,
    ) -> (u64, Option<(usize, Value, Value)>) {
        if one == other {
            return (0, None);
        }
        let (values, others) = (flat(one), flat(other));
        if values.len() != others.len() {
            return (1, Some((0, Value::Null, Value::Null)));
        }
        let mut differing = 0;
        let mut first = None;
        for (at, (one, other)) in values.into_iter().zip(others).enumerate() {
            if !self.same_value(&one, &other) {
                differing += 1;
                first.get_or_insert((at, one, other));
            }
        }
        (differing, first)
    }

    /// Whether two values are equal within the tolerance.
    fn same_value(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| self.same_value(one, other))
            }
            (Value::Float(_) | Value::Integer(_), Value::Float(_) | Value::Integer(_)) => {
                json::number::compare(one, other).is_some_and(std::cmp::Ordering::is_eq)
                    || self.near(one, other)
            }
            _ => one == other,
        }
    }

    fn near(&self, one: &Value, other: &Value) -> bool {
        let (Ok(one), Ok(other)) = (one.as_f64(), other.as_f64()) else {
            return false;
        };
        if one.is_nan() && other.is_nan() {
            return true;
        }
        let Diff { rtol, atol, .. } = self.arguments;
        (one - other).abs() <= atol + rtol * other.abs()
    }
}

/// The elements one after another.
fn flat(elements: &Elements) -> Vec<Value> {
    let length = match elements {
        Elements::Texts(texts) => texts.len(),
        Elements::Numbers(dtype, bytes) => bytes.len() / dtype.size().max(1),
    };
    match json::to_value(&listing::array(elements, &[length as u64])) {
        Ok(Value::Array(values)) => values,
        other => other.into_iter().collect(),
    }
}

fn attribute(described: &AttributeEntry) -> String {
    match described {
        AttributeEntry::Quoted { shape, elements } => shown(
            json::to_value(&listing::array(elements, shape))
                .ok()
                .as_ref(),
        ),
        AttributeEntry::Unquoted { dtype, shape } => format!("{} {dtype}", extents(shape)),
        AttributeEntry::Damaged { error } => format!("damaged ({error})"),
    }
}

/// The indices of an element.
fn place(mut at: u64, shape: &[u64]) -> String {
    let mut indices = Vec::new();
    for extent in shape.iter().rev() {
        indices.push((at % extent).to_string());
        at /= extent;
    }
    indices.reverse();
    indices.join(", ")
}
