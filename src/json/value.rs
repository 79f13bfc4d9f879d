//! A JSON document in memory, with Python's idea of what a number is.

#![forbid(unsafe_code)]

use indexmap::IndexMap;

/// Members in the order in which they were first given; a later duplicate
/// replaces the value and keeps the place, as in a Python dict.
pub type Object = IndexMap<String, Value>;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number written without point and exponent: exact, of any size.
    Integer(Integer),
    /// Any other number, and Python's `NaN`, `Infinity` and `-Infinity`.
    Float(f64),
    /// A string of Unicode scalar values.
    Text(String),
    /// `[…]`
    Array(Vec<Value>),
    /// `{…}`
    Object(Object),
}

/// An integer of any size, kept as its shortest decimal form: an optional `-`,
/// then digits without leading zeros; zero is `0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integer {
    /// What fits 64 bits, so that the usual case allocates nothing.
    Small(i64),
    /// The decimal digits of what does not.
    Big(String),
}
