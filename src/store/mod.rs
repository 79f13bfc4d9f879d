//! Everything that speaks HDF5: files, groups, datasets, texts and attributes.
//!
//! Objects are addressed by path. What stays open of them from call to call is the business of [`crate::file`].

pub(crate) mod attribute;
mod describing;
mod dimensions;
mod dtype;
mod file;
mod group;
pub(crate) mod h5;
mod layout;
mod lone;
mod lone_dataset;
mod opening;
mod options;
pub(crate) mod path;
mod room;
mod storage;
pub mod strided;
pub(crate) mod text;
mod tree;
mod vtkhdf;

pub(crate) use crate::format::object_header as header;
pub(crate) use attribute::{set_array, set_text};
pub(crate) use describing::check_names;
pub use describing::{AttributeValue, DescribedAttribute, Description, Names};
pub(crate) use dimensions::{groups_above, join, Labelled, Length, Scale};
pub(crate) use dtype::{check_conversion, normal};
pub use dtype::{Dtype, Kind};
pub use file::{Hdf5File, StoredElement};
pub use h5::{version as hdf5_version, Hyperslab, Libver, LockingOption, Order};
pub use layout::StoredAs;
pub(crate) use lone_dataset::{build_chunk_tree, LoneDataset, NewPlace};
pub use opening::Mode;
pub(crate) use opening::{explain, look_at};
#[cfg(feature = "mpi")]
pub(crate) use opening::{made_elsewhere, Found};
pub(crate) use options::Chunks;
pub use options::{
    Append, CopyOptions, Fill, Link, Open, Parallel, TextOptions, Write, MOST_PARTS,
};
// What only options in JSON can say.
#[cfg(feature = "capi")]
pub(crate) use opening::DURABILITIES;
#[cfg(feature = "capi")]
pub(crate) use options::{Compression, ONE_RECORD};
pub(crate) use room::{Moved, Room};
pub(crate) use storage::{check_threads, StorageOptions};
pub use tree::{AttributeEntry, Elements, Entry, Item};
pub(crate) use vtkhdf::{check_vtk_type, Stored, VTKHDF};
pub use vtkhdf::{Counts, VtkKind, Vtkhdf};

pub use crate::format::MAX_RANK;

/// Whether this build has a feature, by the names of the C interface.
pub fn has_feature(name: &str) -> bool {
    matches!(name, "quantize" | "append" | "journal")
        || crate::codec::filters::compressor(name).is_some()
        || (name == "mpi" && cfg!(feature = "mpi"))
}
