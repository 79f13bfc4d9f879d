//! JSON as Python's `json` module reads and writes it.

#![forbid(unsafe_code)]

mod canonical;
mod deserialize;
mod document;
pub mod events;
pub mod number;
mod object;
mod parse;
mod serialize;
mod tree;
pub mod value;
pub mod yaml;

pub use canonical::{canonical, canonical_text, dumps, float_repr, text_room};
pub use deserialize::{from_value, Misfit, Why};
pub use document::{get, remove, set};
pub use object::Object;
pub use parse::{check, parse};
pub use serialize::{canonical_of, dumps_of, dumps_of_within, to_value};
pub use value::{Integer, Name, NameKind, Value, ValueKind, MAX_DEPTH};
