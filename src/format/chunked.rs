//! Datasets in chunks, as their headers describe them.
//!
//! Formats: IV.A.2.b (dataspace), IV.A.2.f (fill value), IV.A.2.i (layouts of versions 3 to 5), IV.A.2.l (filters).

#![forbid(unsafe_code)]

use super::chunk_index::{ChunkLayout, IndexKind};
use super::chunk_tree::{ChunkTree, TreeChunk};
use super::edited_header::{EditedHeader, Slot};
use super::filling::{Filling, INCREMENTAL};
use super::new_index::NewIndex;
use super::object_header::{
    standard, ATTRIBUTE, ATTRIBUTE_INFO, CONTINUATION, DATASPACE, DATATYPE, FILLER, FILL_VALUES,
    FILTERS, LAYOUT, LINK_COUNT, MODIFIED,
};
use super::{number16, number32, number64, Source, Widths, MAX_RANK, UNDEFINED};
use crate::codec::convert::NumberType;
use crate::codec::Filter;
use crate::error::Result;

/// HDF5's chunks are smaller.
const LARGEST_CHUNK: u64 = 1 << 32;

/// The fill time that says that a series has begun with small chunks, and the usual one. Both mean the same to who reads it.
const GROWING: u8 = 0;
pub const SETTLED: u8 = 2;

/// The index of a dataset's chunks.
#[derive(Clone, Debug)]
pub enum ChunkPlaces {
    /// A tree of version 1.
    Tree(ChunkTree),
    /// One of the newer format.
    New(NewIndex),
}

impl ChunkPlaces {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Tree(tree) => tree.root == UNDEFINED,
            Self::New(index) => index.is_empty(),
        }
    }

    /// Calls `visit` with the first element and the place of each chunk, those within these extents among them; false if something about the index is
    /// not as it has to be, or it is for more chunks than `most`.
    pub fn each<S: Source + ?Sized>(
        &self,
        source: &S,
        shape: &[u64],
        most: u64,
        visit: impl FnMut(&[u64], TreeChunk),
    ) -> Result<bool> {
        match self {
            _ if self.is_empty() => Ok(true),
            Self::Tree(tree) => tree.each(source, visit),
            Self::New(index) => index.each(source, shape, most, visit),
        }
    }
}

/// A dataset in chunks, of standard numbers.
#[derive(Clone, Debug)]
pub struct ChunkedDataset {
    /// The extents.
    pub shape: Vec<u64>,
    /// The largest that they can become, [`u64::MAX`] without bound.
    pub maxshape: Vec<u64>,
    /// The elements; None if they are no numbers.
    pub number: Option<NumberType>,
    /// The extents of a chunk.
    pub chunk: Vec<u64>,
    /// An element that was never written, as in the file; None if it is zero or anything.
    pub fill: Option<Vec<u8>>,
    /// What chunks go through.
    pub filters: Vec<Filter>,
    /// Whether it is a series that has begun with small chunks.
    pub grows: bool,
    /// Where its chunks are.
    pub index: ChunkPlaces,
    /// Where in the file its fields are, if they change without a checksum.
    pub places: Option<ChunkedPlaces>,
}

/// Where in the file the fields of a dataset's header are that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkedPlaces {
    /// The extents, 8 bytes each.
    pub shape: u64,
    /// The address of the tree of the chunks, 8 bytes, and behind it the extents of a chunk, 4 bytes each.
    pub root: u64,
    /// When chunks are filled, a byte.
    pub fill_time: u64,
}

impl ChunkedDataset {
    /// The dataset of numbers that a header describes, if nothing about it can be mistaken.
    pub fn of(header: &EditedHeader) -> Option<Self> {
        let number = standard(header.content(header.only(DATATYPE)?))?;
        let found = Self::of_elements(header, number.element_size())?;
        Some(Self {
            number: Some(number),
            ..found
        })
    }

    /// The same of elements of so many bytes, whatever they are.
    pub fn of_elements(header: &EditedHeader, item: usize) -> Option<Self> {
        let is_usual = |kind: u16| {
            let usual = [
                FILLER,
                DATASPACE,
                DATATYPE,
                FILL_VALUES[1],
                LAYOUT,
                FILTERS,
                ATTRIBUTE,
                CONTINUATION,
            ];
            let own = match header.is_new() {
                true => matches!(kind, ATTRIBUTE_INFO | LINK_COUNT),
                // The older form says the same once more.
                false => kind == FILL_VALUES[0],
            };
            own || usual.contains(&kind) || MODIFIED.contains(&kind)
        };
        header.kinds().all(is_usual).then_some(())?;
        let slot = |kind: u16| Some((header.only(kind)?, header.content(header.only(kind)?)));
        let place = |slot: Slot, at: usize| Some(header.place_of(slot)? + at as u64);

        let (space, dataspace) = slot(DATASPACE)?;
        let (shape, maxshape) = extents(dataspace)?;
        let (layout_slot, layout) = slot(LAYOUT)?;
        let layout = ChunkLayout::of(layout, Widths::USUAL)?;
        let (&unit, chunk) = layout.unit.split_last()?;
        let is_whole = chunk.len() == shape.len() && unit == item as u64 && layout.version >= 3;
        // Another flag says that chunks at the border have no filters.
        (is_whole && layout.flags & 1 == 0).then_some(())?;
        let chunk = chunk.to_vec();
        let (fill_slot, filling) = slot(FILL_VALUES[1])?;
        let has_time = filling.first() != Some(&3);
        let filling = Filling::of(filling, item)?;
        let filters = match header.kinds().any(|kind| kind == FILTERS) {
            true => filters(slot(FILTERS)?.1)?,
            false => Vec::new(),
        };
        let is_bounded = |((extent, most), chunk): ((&u64, &u64), &u64)| {
            extent <= most && *chunk > 0 && (chunk <= most || extent == most)
        };
        let axes = shape.iter().zip(&maxshape).zip(&chunk);
        axes.into_iter().all(is_bounded).then_some(())?;
        let bytes = chunk.iter().try_fold(item as u64, |bytes, &extent| {
            bytes
                .checked_mul(extent)
                .filter(|&bytes| bytes < LARGEST_CHUNK)
        })?;
        let index = match layout.index {
            IndexKind::Tree1 { root } => ChunkPlaces::Tree(ChunkTree::new(root, &chunk, item)),
            _ => {
                let bytes = u32::try_from(bytes).ok()?;
                let is_filtered = !filters.is_empty();
                ChunkPlaces::New(NewIndex::new(&layout, bytes, is_filtered, &maxshape)?)
            }
        };
        let is_bare = !header.is_new() && has_time && matches!(index, ChunkPlaces::Tree(_));
        Some(Self {
            number: None,
            fill: filling.value,
            filters,
            grows: filling.allocated == INCREMENTAL && filling.time == GROWING,
            index,
            places: match is_bare {
                true => Some(ChunkedPlaces {
                    shape: place(space, 8)?,
                    root: place(layout_slot, layout.place)?,
                    fill_time: place(fill_slot, 2)?,
                }),
                false => None,
            },
            shape,
            maxshape,
            chunk,
        })
    }
}

/// The extents and the largest extents in a dataspace message, of one axis or more.
fn extents(message: &[u8]) -> Option<(Vec<u64>, Vec<u64>)> {
    let (rank, flags, at) = match *message.get(..4)? {
        [1, rank, flags @ (0 | 1), _] => (rank, flags, 8),
        [2, rank, flags @ (0 | 1), 1] => (rank, flags, 4),
        _ => return None,
    };
    let rank = usize::from(rank);
    (1..=MAX_RANK).contains(&rank).then_some(())?;
    let numbers = |start: usize| {
        let fields = (0..rank).map(move |axis| number64(message, start + 8 * axis));
        fields.collect::<Option<Vec<u64>>>()
    };
    let shape = numbers(at)?;
    let maxshape = match flags {
        0 => shape.clone(),
        _ => numbers(at + 8 * rank)?,
    };
    Some((shape, maxshape))
}

/// Where the extents are in a dataspace message.
pub fn extents_at(message: &[u8]) -> usize {
    match message.first() {
        Some(2) => 4,
        _ => 8,
    }
}

/// The filters in a message.
fn filters(message: &[u8]) -> Option<Vec<Filter>> {
    let (version, count) = match *message.get(..2)? {
        [version @ (1 | 2), count] => (version, count),
        _ => return None,
    };
    let is_old = version == 1;
    let mut at = if is_old { 8 } else { 2 };
    let mut found = Vec::new();
    for _ in 0..count {
        let id = number16(message, at)?;
        // Of HDF5's own filters a newer message has no names.
        let has_name = is_old || id >= 256;
        let name = match has_name {
            true => usize::from(number16(message, at + 2)?),
            false => 0,
        };
        at += if has_name { 4 } else { 2 };
        let values = usize::from(number16(message, at + 2)?);
        at += 4 + if is_old {
            name.next_multiple_of(8)
        } else {
            name
        };
        let client_data = (0..values).map(|value| number32(message, at + 4 * value));
        found.push(Filter {
            id: i32::from(id),
            client_data: client_data.collect::<Option<Vec<u32>>>()?,
        });
        at += 4 * if is_old {
            values.next_multiple_of(2)
        } else {
            values
        };
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::filters;
    use crate::format::Form;
    use crate::store::h5::{self, Creation, ElementType, Extent};
    use crate::store::Dtype;

    fn root(dataset: &ChunkedDataset) -> u64 {
        match &dataset.index {
            ChunkPlaces::Tree(tree) => tree.root,
            ChunkPlaces::New(index) => index.address(),
        }
    }

    fn found(header: &[u8]) -> Option<ChunkedDataset> {
        let header = EditedHeader::read(header, 0, 1 << 16).ok().flatten()?;
        ChunkedDataset::of(&header)
    }

    #[test]
    fn headers_of_hdf5_are_understood() {
        let creation = Creation {
            chunks: Some(vec![2, 3]),
            shuffle: true,
            compression: filters::compressor("gzip").map(|kind| (kind, 4)),
            fletcher32: true,
            fill: Some(2.5f64.to_ne_bytes().to_vec()),
            ..Creation::default()
        };
        let extent = Extent {
            shape: vec![5, 7],
            maxshape: vec![u64::MAX, 9],
        };
        let element = ElementType::stored(Dtype::F64, None).unwrap();
        let number = element.number().unwrap().unwrap();
        let header = h5::dataset_header(Form::OLDEST, element, &extent, &creation).unwrap();
        let dataset = found(&header).unwrap();
        assert_eq!(dataset.shape, [5, 7]);
        assert_eq!(dataset.maxshape, [u64::MAX, 9]);
        assert_eq!(dataset.number, Some(number));
        assert_eq!(dataset.chunk, [2, 3]);
        assert_eq!(dataset.fill, Some(2.5f64.to_le_bytes().to_vec()));
        let ids: Vec<i32> = dataset.filters.iter().map(|filter| filter.id).collect();
        assert_eq!(ids, [2, 1, 3]);
        assert_eq!(dataset.filters[1].client_data, [4]);
        assert!(!dataset.grows);
        assert_eq!(root(&dataset), UNDEFINED);
        let places = dataset.places.unwrap();
        let at = |place: u64| number64(&header, place as usize);
        assert_eq!(at(places.shape), Some(5));
        assert_eq!(at(places.root), Some(UNDEFINED));
        assert_eq!(header[places.fill_time as usize], SETTLED);

        for (place, value) in [
            // Extents beyond the largest, and a chunk of nothing.
            (places.shape + 8, 10),
            (places.root + 8, 0),
            // Elements of another size, chunks of another kind, a layout of another version.
            (places.root + 16, 4),
            (places.root - 2, 1),
            (places.root - 3, 4),
        ] {
            let mut damaged = header.clone();
            damaged[place as usize] = value;
            assert!(found(&damaged).is_none(), "{place}");
        }
        for cut in 0..header.len() {
            assert!(found(&header[..cut]).is_none());
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_hdf5() {
        let extent = Extent {
            shape: vec![4],
            maxshape: vec![4],
        };
        let header = |element: ElementType, chunks: Option<Vec<u64>>| {
            let creation = Creation {
                chunks,
                ..Creation::default()
            };
            h5::dataset_header(Form::OLDEST, element, &extent, &creation).unwrap()
        };
        for dtype in [Dtype::I16, Dtype::Bool, Dtype::C64] {
            let element = || ElementType::stored(dtype, None).unwrap();
            assert!(found(&header(element(), Some(vec![2]))).is_some());
            assert!(found(&header(element(), None)).is_none());
        }
        let text = ElementType::fixed_text(4, true).unwrap();
        assert!(found(&header(text, Some(vec![2]))).is_none());
    }
}
