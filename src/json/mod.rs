//! JSON as Python's `json` module reads and writes it.

#![forbid(unsafe_code)]

pub mod value;

pub use value::{Integer, Object, Value};
