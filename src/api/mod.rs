//! The Rust interface: typed arrays of `ndarray`, and `serde` for metadata, over an open file of the core.

mod array;
mod attributes;
mod axes;
mod element;
mod file;
mod metadata;
mod runs;

pub use array::Array;
pub use element::Element;
pub use file::File;
pub use metadata::{canonical_json, from_json, from_yaml, hash, hash_name, to_json, to_yaml};
pub use runs::{find, is_claimed, produce, release};
