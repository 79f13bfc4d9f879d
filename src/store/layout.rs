//! How a dataset is stored.

#![forbid(unsafe_code)]

use super::h5::{self, Dataset};
use super::strided::count;
use super::{Elements, Hdf5File};
use crate::codec::filters;
use crate::error::Result;

/// How a dataset is stored.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-stored.h5", std::process::id()));
/// # use h5sim::{File, Mode};
/// # let file = File::open(&path, Mode::Create)?;
/// file.write("u", &[1.0, 2.0])?;
/// let stored = file.stored_as("u")?;
/// assert_eq!((stored.chunks, stored.bytes), (None, 16));
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAs {
    /// How its bytes are laid out: `contiguous`, `chunked`, `compact`, `virtual` or `external`.
    pub layout: &'static str,
    /// The type of its elements in a few words, such as `f8`.
    pub dtype: String,
    /// Its extents, in C order.
    pub shape: Vec<u64>,
    /// The largest extents that it may be given; None is without bound.
    pub maxshape: Vec<Option<u64>>,
    /// The element that was never written; None of texts and types of another kind, or where none is defined.
    pub fillvalue: Option<Elements>,
    /// The extents of a chunk; None for what is in one piece, or otherwise stored.
    pub chunks: Option<Vec<u64>>,
    /// The filters in the order in which they are applied, in h5py's words: `shuffle`, `gzip 4`.
    pub filters: Vec<String>,
    /// The bytes that its elements take in the file.
    pub stored: u64,
    /// The bytes that its elements have.
    pub bytes: u64,
}

impl Hdf5File {
    /// How a dataset is stored.
    ///
    /// # Errors
    /// `NotFound`; `Type` where no dataset is; `Format`.
    pub fn stored_as(&self, path: &str) -> Result<StoredAs> {
        self.with_dataset(path, stored_as)
    }

    /// The first element of each chunk of a dataset in chunks that is in the file, in C order. Where the index of the
    /// chunks is damaged, those that could be there.
    ///
    /// # Errors
    /// As [`stored_as`](Self::stored_as); `Format` where the index is damaged and more chunks could be there than can be
    /// asked for one by one.
    pub fn stored_chunks(&self, path: &str) -> Result<Vec<Vec<u64>>> {
        self.with_dataset(path, stored_chunks)
    }
}

fn stored_chunks(dataset: &Dataset) -> Result<Vec<Vec<u64>>> {
    let h5::StorageLayout::Chunked { chunk, .. } = dataset.layout()? else {
        return Ok(Vec::new());
    };
    let mut firsts = Vec::new();
    let note = |first: &[u64], _| firsts.push(first.to_vec());
    match dataset.each_chunk(&chunk, dataset.slots(&chunk), note)? {
        true => Ok(firsts),
        false => dataset.firsts(&chunk),
    }
}

/// Names of filters that are not run here.
const FOREIGN: [(i32, &str); 5] = [
    (4, "szip"),
    (5, "nbit"),
    (6, "scaleoffset"),
    (32000, "lzf"),
    (32001, "blosc"),
];

fn stored_as(dataset: &Dataset) -> Result<StoredAs> {
    let layout = dataset.layout()?;
    let stored = dataset.stored_size(&layout)?;
    let (chunks, filters) = match layout {
        h5::StorageLayout::Chunked { chunk, filters, .. } => (Some(chunk), filters),
        h5::StorageLayout::Contiguous | h5::StorageLayout::Other => (None, Vec::new()),
    };
    let name = |filter: &crate::codec::Filter| {
        if let Some((_, kind)) = filters::find(filter.id) {
            let level = filter.client_data.first().copied().unwrap_or(0);
            return match kind.levels {
                Some(_) => format!("{} {level}", kind.name),
                None => kind.name.to_owned(),
            };
        }
        let foreign = FOREIGN.iter().find(|foreign| foreign.0 == filter.id);
        foreign.map_or_else(
            || format!("filter {}", filter.id),
            |foreign| foreign.1.to_owned(),
        )
    };
    let elements = count(&dataset.extent.shape)?;
    let most = |&most: &u64| (most != u64::MAX).then_some(most);
    let dtype = dataset.element.dtype;
    Ok(StoredAs {
        layout: dataset.layout_name()?,
        dtype: dataset.element.describe(),
        shape: dataset.extent.shape.clone(),
        maxshape: dataset.extent.maxshape.iter().map(most).collect(),
        fillvalue: dataset
            .fill_in_memory()?
            .map(|element| Elements::Numbers(dtype, element)),
        chunks,
        filters: filters.iter().map(name).collect(),
        stored,
        bytes: elements.saturating_mul(dataset.element.size() as u64),
    })
}
