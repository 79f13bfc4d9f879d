//! How a dataset is stored.

#![forbid(unsafe_code)]

use super::h5::{self, Dataset};
use super::strided::count;
use super::File;
use crate::error::Result;

/// How a dataset is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAs {
    /// The extents of a chunk; None for what is in one piece, or otherwise stored.
    pub chunks: Option<Vec<u64>>,
    /// The filters in the order in which they are applied, in h5py's words: `shuffle`, `gzip 4`.
    pub filters: Vec<String>,
    /// The bytes that its elements take in the file.
    pub stored: u64,
    /// The bytes that its elements have.
    pub bytes: u64,
}

impl File {
    /// How a dataset is stored.
    ///
    /// # Errors
    /// `NotFound`; `Type` where no dataset is; `Format`.
    pub fn stored_as(&self, path: &str) -> Result<StoredAs> {
        self.with_dataset(path, stored_as)
    }
}

fn stored_as(dataset: &Dataset) -> Result<StoredAs> {
    let (chunks, filters) = match dataset.layout()? {
        h5::Layout::Chunked { chunk, filters } => (Some(chunk), filters),
        h5::Layout::Contiguous | h5::Layout::Other => (None, Vec::new()),
    };
    let name = |filter: &crate::codec::Filter| {
        let first = filter.client_data.first().copied().unwrap_or(0);
        match filter.id {
            1 => format!("gzip {first}"),
            2 => "shuffle".to_owned(),
            3 => "fletcher32".to_owned(),
            4 => "szip".to_owned(),
            5 => "nbit".to_owned(),
            6 => "scaleoffset".to_owned(),
            32000 => "lzf".to_owned(),
            32001 => "blosc".to_owned(),
            32015 => format!("zstd {first}"),
            other => format!("filter {other}"),
        }
    };
    let elements = count(&dataset.extent.shape)?;
    Ok(StoredAs {
        chunks,
        filters: filters.iter().map(name).collect(),
        stored: dataset.stored_size(),
        bytes: elements.saturating_mul(dataset.element.size() as u64),
    })
}
