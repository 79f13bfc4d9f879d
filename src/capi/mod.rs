//! The C boundary: one file per section of the header.
//!
//! A function here converts its arguments, calls the core, and writes its outputs; nothing else.

#![allow(non_camel_case_types)]
// What a caller must vouch for is the same everywhere, and stands in the header's
// introduction and at each argument: pointers are NULL or point to what is described.
#![allow(clippy::missing_safety_doc)]
// The C interface has the arguments it has.
#![allow(clippy::too_many_arguments)]

mod arrays;
mod attributes;
mod blocks;
mod catalog;
mod constants;
mod convert;
mod describing;
mod dimensions;
mod documents;
mod files;
mod groups;
mod guard;
mod handle;
mod library;
mod names;
mod options;
mod ranks;
mod series;
mod storage;
mod texts;

pub use arrays::*;
pub use attributes::*;
pub use blocks::*;
pub use catalog::*;
pub use constants::*;
pub use dimensions::*;
pub use documents::*;
pub use files::*;
pub use groups::*;
pub use library::*;
pub use names::*;
pub use ranks::*;
pub use series::*;
pub use texts::*;
