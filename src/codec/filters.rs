//! The table of the filters that this library runs. Each is described in its own file, and named here once.

#![forbid(unsafe_code)]

use super::{deflate, fletcher32, shuffle, zstandard};
use crate::error::Result;
use std::ffi::CStr;

/// How many there are.
pub const COUNT: usize = 4;

/// All of them, in the order in which they are applied to a new dataset: that of h5py.
pub static ALL: [&FilterKind; COUNT] = [
    &shuffle::KIND,
    &deflate::KIND,
    &zstandard::KIND,
    &fletcher32::KIND,
];

/// A filter: its names and numbers, and what runs it.
pub struct FilterKind {
    /// HDF5's number of the filter.
    pub id: i32,
    /// Its name in options and listings.
    pub name: &'static str,
    /// The name that datasets in files have of it: HDF5's own, or that of the plugin.
    pub stored_name: &'static CStr,
    /// The levels of a compressor, which a dataset can choose one of; the others have none.
    pub levels: Option<Levels>,
    /// Whether HDF5 notes that a chunk may go without.
    pub is_optional: bool,
    /// The one number that its coder needs of those in a dataset's header; None where they make no sense.
    pub parameter: fn(&[u32]) -> Option<u32>,
    /// Makes what encodes and decodes.
    pub coder: fn() -> Box<dyn Coder>,
    /// The most that so many bytes can become when they are encoded, by whatever program; None where that cannot be counted.
    pub grown: fn(usize) -> Option<usize>,
    /// How many times larger decoding can make a chunk at most.
    pub ratio: usize,
    /// For a filter that HDF5 does not bring: what it is told of it.
    pub registered: Option<Registered>,
}

/// What HDF5 is told of a filter that it does not bring.
#[derive(Clone, Copy)]
pub struct Registered {
    /// The bytes that an encoded chunk says it holds.
    pub content_size: fn(&[u8]) -> Option<u64>,
}

/// The levels of a compressor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// The lowest.
    pub least: u32,
    /// The highest.
    pub most: u32,
    /// The one that is taken where none is given.
    pub usual: u32,
}

/// Two are the same if their numbers are.
impl PartialEq for FilterKind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for FilterKind {}

impl std::fmt::Debug for FilterKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// What became of a chunk that was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// It is so many bytes at the beginning of what was to be decoded.
    There(usize),
    /// It is so many bytes at the beginning of the memory for it.
    Made(usize),
}

/// Encodes and decodes chunks by one filter. Each thread has its own, with the memory it works in.
pub trait Coder: Send {
    /// Encodes a chunk into `stored`, whose former content is lost; false if the bytes stay as they are.
    ///
    /// # Errors
    /// Where there is no memory.
    fn encode(&mut self, parameter: u32, chunk: &[u8], stored: &mut Vec<u8>) -> Result<bool>;

    /// Decodes `stored` into `chunk`, whose former content is lost, which takes no more than `most` bytes.
    ///
    /// # Errors
    /// Where the bytes are damaged, hold more, or where there is no memory.
    fn decode(
        &mut self,
        parameter: u32,
        stored: &[u8],
        chunk: &mut Vec<u8>,
        most: usize,
    ) -> Result<Decoded>;
}

/// The most that anybody's compressor makes of so many bytes: an eighth more, and its frame.
pub fn grown_by_a_compressor(length: usize) -> Option<usize> {
    length.checked_add(length / 8 + 1024)
}

/// The filter of this number of HDF5's, and its place in the table.
pub fn find(id: i32) -> Option<(usize, &'static FilterKind)> {
    let mut all = ALL.iter().copied().enumerate();
    all.find(|(_, kind)| kind.id == id)
}

/// The compressor of this name.
pub fn compressor(name: &str) -> Option<&'static FilterKind> {
    let mut all = ALL.iter().copied();
    all.find(|kind| kind.levels.is_some() && kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_have_a_name_or_a_number_in_common_and_each_undoes_what_it_does() {
        let chunk: Vec<u8> = (0..4000u32).flat_map(|n| (n / 3).to_le_bytes()).collect();
        for (place, kind) in ALL.iter().enumerate() {
            assert_eq!(find(kind.id), Some((place, *kind)));
            let same = ALL.iter().filter(|other| other.name == kind.name);
            assert_eq!(same.count(), 1, "{kind:?}");
            assert_eq!(compressor(kind.name).is_some(), kind.levels.is_some());
            // The parameter of an element of 4 bytes, and a level that every compressor has.
            let parameter = (kind.parameter)(&[4]).unwrap();
            let (mut coder, mut stored, mut back) = ((kind.coder)(), Vec::new(), Vec::new());
            assert!(coder.encode(parameter, &chunk, &mut stored).unwrap());
            assert!(stored.len() <= (kind.grown)(chunk.len()).unwrap());
            assert!(chunk.len() <= stored.len() * kind.ratio);
            if let Some(registered) = kind.registered {
                assert_eq!((registered.content_size)(&stored), Some(chunk.len() as u64));
            }
            match coder.decode(parameter, &stored, &mut back, chunk.len()) {
                Ok(Decoded::Made(length)) => assert!(back[..length] == chunk, "{kind:?}"),
                Ok(Decoded::There(length)) => assert!(stored[..length] == chunk, "{kind:?}"),
                Err(error) => panic!("{kind:?}: {error}"),
            }
        }
    }

    #[test]
    fn files_name_zstandard_as_the_plugin_does() {
        // HDF5's plugin, hdf5plugin and this library make the same bytes.
        assert_eq!(zstandard::KIND.stored_name, c"Zstandard");
    }

    #[test]
    fn levels_are_in_order() {
        for levels in ALL.iter().filter_map(|kind| kind.levels) {
            assert!((levels.least..=levels.most).contains(&levels.usual));
        }
    }
}
