//! The tests that a query puts a value to.

#![forbid(unsafe_code)]

use crate::json::number::compare as compare_numbers;
use crate::json::{Name, Value, ValueKind};
use regex::Regex;
use std::cmp::Ordering;

/// What a value must pass.
#[derive(Clone, Debug)]
pub enum Test {
    /// It equals this.
    Equal(Value),
    /// It is there and does not equal this.
    Differs(Value),
    /// It is of the same kind and greater.
    Greater(Value),
    /// It is of the same kind and not less.
    AtLeast(Value),
    /// It is of the same kind and less.
    Less(Value),
    /// It is of the same kind and not greater.
    AtMost(Value),
    /// It equals one of these.
    In(Vec<Value>),
    /// It is there and equals none of these.
    NotIn(Vec<Value>),
    /// It is a text in which this is found.
    Matches(Regex),
    /// It is there, or is not.
    Exists(bool),
    /// It is of this type.
    Type(Type),
    /// It is a number not far from this one.
    Near(Near),
}

/// A number and how far others may be from it.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    /// The number.
    pub value: f64,
    /// The distance in parts of the larger of two numbers.
    pub relative: f64,
    /// The distance itself.
    pub absolute: f64,
}

/// A type of JSON, where an integer and a float are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A value of this kind.
    Kind(ValueKind),
    /// An integer or a float.
    Number,
}

impl Type {
    /// The type that signac, MongoDB or JSON calls so.
    pub fn named(name: &str) -> Option<Self> {
        Some(Type::Kind(match name {
            "int" | "long" | "integer" => ValueKind::Integer,
            "float" | "double" => ValueKind::Float,
            "bool" | "boolean" => ValueKind::Bool,
            "str" | "string" => ValueKind::Text,
            "list" | "array" => ValueKind::Array,
            "dict" | "object" => ValueKind::Object,
            "null" => ValueKind::Null,
            "number" => return Some(Type::Number),
            _ => return None,
        }))
    }

    fn is_of(self, value: &Value) -> bool {
        match self {
            Type::Kind(kind) => value.kind() == kind,
            Type::Number => matches!(value.kind(), ValueKind::Integer | ValueKind::Float),
        }
    }
}

impl Test {
    /// Whether a value passes, or the lack of one.
    pub fn passes(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return matches!(self, Test::Exists(false));
        };
        let order = |other: &Value| compare(value, other);
        match self {
            Test::Equal(other) => equal(value, other),
            Test::Differs(other) => !equal(value, other),
            Test::Greater(other) => order(other) == Some(Ordering::Greater),
            Test::AtLeast(other) => order(other).is_some_and(Ordering::is_ge),
            Test::Less(other) => order(other) == Some(Ordering::Less),
            Test::AtMost(other) => order(other).is_some_and(Ordering::is_le),
            Test::In(others) => others.iter().any(|other| equal(value, other)),
            Test::NotIn(others) => !others.iter().any(|other| equal(value, other)),
            Test::Matches(regex) => match value {
                Value::Text(text) => regex.is_match(text),
                _ => false,
            },
            Test::Exists(exists) => *exists,
            Test::Type(kind) => kind.is_of(value),
            Test::Near(number) => number.is_near(value),
        }
    }
}

impl Near {
    /// Whether a value is near, as Python's `math.isclose` says.
    fn is_near(self, value: &Value) -> bool {
        let Ok(value) = value.as_f64() else {
            return false;
        };
        if value == self.value {
            return true;
        }
        let distance = (value - self.value).abs();
        let relative = self.relative * value.abs().max(self.value.abs());
        value.is_finite() && self.value.is_finite() && distance <= relative.max(self.absolute)
    }
}

/// Whether two values are equal, numbers by their value, objects whatever their order.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_in = |(name, value): (&Name, &Value)| {
                other.get(name).is_some_and(|other| equal(value, other))
            };
            one.len() == other.len() && one.iter().all(is_in)
        }
        (Value::Integer(_) | Value::Float(_), Value::Integer(_) | Value::Float(_)) => {
            compare_numbers(one, other) == Some(Ordering::Equal)
        }
        _ => one == other,
    }
}

/// Compares two values of a kind; None where they have no order.
pub fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Array(one), Value::Array(other)) => {
            let differing = one
                .iter()
                .zip(other)
                .find(|(one, other)| !equal(one, other));
            match differing {
                Some((one, other)) => compare(one, other),
                None => Some(one.len().cmp(&other.len())),
            }
        }
        _ => compare_numbers(one, other),
    }
}

/// A total order for sorting: by kind first, what is missing last.
pub fn sorting_order(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value.map(Value::kind) {
        Some(ValueKind::Null) => 0,
        Some(ValueKind::Bool) => 1,
        Some(ValueKind::Integer | ValueKind::Float) => 2,
        Some(ValueKind::Text) => 3,
        Some(ValueKind::Array) => 4,
        Some(ValueKind::Object) => 5,
        None => 6,
    };
    let is_nan = |value: Option<&Value>| matches!(value, Some(Value::Float(f)) if f.is_nan());
    rank(one).cmp(&rank(other)).then_with(|| {
        // NaN comes after the numbers.
        let order = is_nan(one).cmp(&is_nan(other));
        order.then_with(|| match (one, other) {
            (Some(one), Some(other)) => compare(one, other).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        })
    })
}
