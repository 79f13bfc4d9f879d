//! The bytes of HDF5 files: what they mean, checked against all that a damaged file may say.
//!
//! Nothing here calls HDF5 or opens a file: bytes come from a [`Source`]. A parser gives what it found,
//! or `None` where the bytes are not what this library understands to the last one; it reads no more
//! than the file holds, allocates no more than the file justifies, and ends.
//!
//! Formats: HDF5 File Format Specification 3.0.

#![forbid(unsafe_code)]

pub mod ahead;
pub mod attribute;
pub mod btree2;
pub mod chunk_entry;
pub mod chunk_index;
pub mod chunk_tree;
pub mod chunked;
pub mod contiguous;
pub mod dense;
pub mod edited_header;
pub mod extensible_array;
pub mod filling;
pub mod fixed_array;
pub mod fractal_heap;
pub mod free_space;
pub mod global_heap;
pub mod links;
pub mod local_heap;
pub mod lookup3;
pub mod new_index;
pub mod new_objects;
pub mod object_header;
pub mod shared_messages;
pub mod superblock;
pub mod symbol_table;
pub mod text;
pub mod trusted;

use crate::error::{Error, Result};
use symbol_table::Sizes;

/// The largest rank of an array: HDF5's own limit.
pub const MAX_RANK: usize = 32;

/// No address.
pub const UNDEFINED: u64 = u64::MAX;

/// In which form a file has the groups and datasets that are made in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With headers of version 1, and links in symbol tables of these sizes.
    Old(Sizes),
    /// With headers of version 2, in which links and attributes are if they are few; of more they say in which heap.
    New,
}

impl Form {
    /// That of HDF5's oldest format, with tables of the usual sizes.
    pub const OLDEST: Self = Self::Old(new_objects::SIZES);
}

/// Where the bytes of a file come from.
pub trait Source {
    /// Reads bytes; an error where the file has none.
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()>;

    /// The end of the file.
    fn end(&self) -> u64;
}

/// A file in memory.
impl Source for [u8] {
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        let bytes = usize::try_from(address).ok().and_then(|start| {
            let end = start.checked_add(target.len())?;
            self.get(start..end)
        });
        match bytes {
            Some(bytes) => {
                target.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(Error::format(format!(
                "{} bytes at byte {address} are referred to, but the file ends before: it is damaged",
                target.len()
            ))),
        }
    }

    fn end(&self) -> u64 {
        self.len() as u64
    }
}

/// How many bytes a file gives to addresses and lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// An address.
    pub address: usize,
    /// A length, or a place in a heap.
    pub length: usize,
}

impl Widths {
    /// Those of almost all files.
    pub const USUAL: Self = Self {
        address: 8,
        length: 8,
    };
}

/// Bytes of a file; `None` if it has not so many there.
///
/// The room is taken when the file is known to hold as much.
pub fn bytes<S: Source + ?Sized>(source: &S, address: u64, length: u64) -> Result<Option<Vec<u8>>> {
    let fits = address
        .checked_add(length)
        .is_some_and(|end| end <= source.end());
    let (true, Ok(length)) = (fits, usize::try_from(length)) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|_| Error::io(format!("no memory for {length} bytes")))?;
    bytes.resize(length, 0);
    source.read(address, &mut bytes)?;
    Ok(Some(bytes))
}

/// A number of so many bytes, at most 8.
pub fn number_of(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    let add = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
    (width <= 8).then(|| field.iter().rev().fold(0, add))
}

/// A number of 2 bytes.
pub fn number16(bytes: &[u8], at: usize) -> Option<u16> {
    let end = at.checked_add(2)?;
    Some(u16::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// A number of 4 bytes.
pub fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    let end = at.checked_add(4)?;
    Some(u32::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// A number of 8 bytes.
pub fn number64(bytes: &[u8], at: usize) -> Option<u64> {
    let end = at.checked_add(8)?;
    Some(u64::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}
