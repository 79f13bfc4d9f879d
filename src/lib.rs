//! The core of h5sim: simulation results as HDF5 files.
//!
//! C, Fortran and Julia programs use the C interface in [`capi`], which becomes
//! `include/h5sim.h`. Imports run one way:
//! `capi -> catalog -> file -> {small, store} -> {codec, format} -> journal -> {slice, json, hash} -> error`.

#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

pub mod capi;
pub mod catalog;
pub mod codec;
pub mod error;
pub mod file;
pub mod format;
pub mod hash;
pub mod journal;
pub mod json;
pub mod listing;
pub mod slice;
pub mod small;
pub mod store;
