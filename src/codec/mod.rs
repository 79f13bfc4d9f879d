//! Chunk filters run by our own threads, and what decides the shape of a chunk.
//!
//! HDF5 runs its filters under its one lock, chunk after chunk. Here the same
//! bytes are made and undone by as many threads as are wanted, and reach the file as
//! whole chunks. Nothing in this module knows HDF5's functions, only its formats:
//!
//! - [`filters`] is the table of the filters, each of which has a file of its own;
//! - [`pipeline`] encodes and decodes one chunk by an ordered list of filters;
//! - [`scratch`] has the memory for that;
//! - [`workers`] does that for many chunks at once, in bounded memory;
//! - [`quantize`] rounds away digits that nobody needs, before compression;
//! - [`chunk_shape`] chooses the shape of a chunk when the user did not;
//! - [`convert`] turns numbers of one type into another's (`truncate` floats into integers), and [`walk`] finds them in arrays.

#![deny(unsafe_code)]

pub mod chunk_shape;
pub mod convert;
pub mod deflate;
pub mod filters;
pub mod fletcher32;
#[allow(unsafe_code)]
mod helpers;
#[allow(unsafe_code)]
mod libdeflate;
pub mod pipeline;
pub mod quantize;
pub mod scratch;
pub mod shuffle;
#[allow(unsafe_code)]
mod signals;
#[allow(unsafe_code)]
mod truncate;
pub mod walk;
pub mod workers;
pub mod zstandard;

pub use pipeline::{Filter, Pipeline};
pub use scratch::Scratch;
