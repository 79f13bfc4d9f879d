//! Simulation results as HDF5: as easy as h5py, fast, and safe against kills.
//!
//! ```
//! # fn main() -> h5sim::Result<()> {
//! # let path = std::env::temp_dir().join(format!("h5sim-{}-crate.h5", std::process::id()));
//! use h5sim::{File, Mode, Write};
//! use ndarray::{Array2, Ix2};
//!
//! let mut u = Array2::<f64>::zeros((64, 64));
//! let file = File::open(&path, Mode::Create)?;
//! for step in 0..100 {
//!     u[[step % 64, 0]] += 1.0;
//!     file.append("energy", &u.sum())?;
//!     if step % 50 == 0 {
//!         file.write_with(&format!("fields/{step}"), &u, &Write::new().gzip(4).shuffle())?;
//!         // From here on a kill leaves exactly this.
//!         file.commit()?;
//!     }
//! }
//! assert_eq!(file.read::<f64, Ix2>("fields/50")?[[3, 0]], 1.0);
//! file.close()?;
//! # std::fs::remove_file(&path).unwrap();
//! # Ok(())
//! # }
//! ```
//!
//! The same library is C's, Fortran's, Julia's and C++'s, and files are the same from all. A Rust program gets none of the C
//! interface with it unless it asks for the feature `capi`: no exported symbol, no panic hook, no handler at exit. So what a
//! Rust program leaves open when it calls `std::process::exit` is left at its last commit; a [`File`] that is dropped is
//! closed as [`File`] says.
//!
//! HDF5 itself is `hdf5-metno-sys`, linked statically. A program that uses `hdf5-metno` too shares that one HDF5 with this
//! crate, since cargo links a native library once (`links` in its manifest). Both take the same lock around HDF5's calls. What that means:
//!
//! - Errors: what the program has said of HDF5's printing (`H5Eset_auto2`, `hdf5_metno::silence_errors`) stays as it is. Calls of this
//!   crate print nothing.
//! - Exit: HDF5 closes nothing at exit (`H5dont_atexit`), from the first call of this crate on, if HDF5 was not in use before. Files that
//!   are opened by `hdf5-metno` have to be closed by it, as they are when they are dropped.
//! - Plugins: the folder that was compiled into HDF5 is not looked into, unless `HDF5_PLUGIN_PATH` is set.
//! - Files: each side closes its own only. One file should not be open through both at once.

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(missing_docs, rustdoc::all)]

// What imports run through: capi -> api -> {catalog, ranks} -> file -> {small, store} -> {codec, format} -> journal -> {slice, json, hash} -> error.

mod api;
mod array;
#[cfg(feature = "capi")]
#[doc(hidden)]
pub mod capi;
#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod codec;
#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod file;
#[doc(hidden)]
pub mod format;
#[doc(hidden)]
pub mod hash;
#[doc(hidden)]
pub mod journal;
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod listing;
#[doc(hidden)]
pub mod ranks;
#[cfg(feature = "mpi")]
#[doc(hidden)]
pub mod shared;
#[doc(hidden)]
pub mod slice;
#[doc(hidden)]
pub mod small;
#[doc(hidden)]
pub mod store;

pub use api::*;
pub use catalog::{Find, Findings, Match, Other, Produce, Run, RunState};
pub use error::{Error, Result, Status};
pub use journal::{AtLimit, Durability};
/// Complex numbers, as elements of arrays.
pub use num_complex::Complex;
pub use ranks::Allgather;
pub use store::{
    AttributeEntry, AttributeValue, CopyOptions, Counts, Dtype, Elements, Entry, Fill, Item, Kind,
    Libver, Link, LockingOption, Mode, Open, Order, StoredAs, TextOptions, VtkKind, Vtkhdf, Write,
};
