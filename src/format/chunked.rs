//! Datasets in chunks, as headers of the oldest format describe them.
//!
//! Formats: IV.A.2.b (dataspace), IV.A.2.f (fill value), IV.A.2.i (layout of version 3), IV.A.2.l (filters).

#![forbid(unsafe_code)]

use super::edited_header::{EditedHeader, Slot};
use super::filling::{Filling, INCREMENTAL};
use super::object_header::{
    standard, ATTRIBUTE, CONTINUATION, DATASPACE, DATATYPE, FILLER, FILL_VALUES, FILTERS, LAYOUT,
    MODIFIED,
};
use super::{number16, number32, number64, MAX_RANK};
use crate::codec::convert::NumberType;
use crate::codec::Filter;

/// HDF5's chunks are smaller.
const LARGEST_CHUNK: u64 = 1 << 32;

/// The fill time that says that a series has begun with small chunks, and the usual one. Both mean the same to who reads it.
const GROWING: u8 = 0;
pub const SETTLED: u8 = 2;

/// A dataset in chunks, of standard numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkedDataset {
    /// The extents.
    pub shape: Vec<u64>,
    /// The largest that they can become, [`u64::MAX`] without bound.
    pub maxshape: Vec<u64>,
    /// The elements.
    pub number: NumberType,
    /// The extents of a chunk.
    pub chunk: Vec<u64>,
    /// An element that was never written, as in the file; None if it is zero or anything.
    pub fill: Option<Vec<u8>>,
    /// What chunks go through.
    pub filters: Vec<Filter>,
    /// Whether it is a series that has begun with small chunks.
    pub grows: bool,
    /// Where the tree of the chunks is; [`UNDEFINED`](super::UNDEFINED) if nothing was written.
    pub root: u64,
    /// Where in the file its fields are.
    pub places: ChunkedPlaces,
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
    /// The dataset that a header describes, if nothing about it can be mistaken.
    pub fn of(header: &EditedHeader) -> Option<Self> {
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
            // The older form says the same once more.
            usual.contains(&kind) || MODIFIED.contains(&kind) || kind == FILL_VALUES[0]
        };
        // Its fields change without a checksum.
        (!header.is_new() && header.kinds().all(is_usual)).then_some(())?;
        let slot = |kind: u16| Some((header.only(kind)?, header.content(header.only(kind)?)));
        let place = |slot: Slot, at: usize| Some(header.place_of(slot)? + at as u64);

        let (space, dataspace) = slot(DATASPACE)?;
        let (shape, maxshape) = extents(dataspace)?;
        let (_, datatype) = slot(DATATYPE)?;
        let number = standard(datatype)?;
        let item = number.element_size();
        let (layout_slot, layout) = slot(LAYOUT)?;
        let (root, chunk) = chunks(layout, shape.len(), item)?;
        let (fill_slot, filling) = slot(FILL_VALUES[1])?;
        // Where a newer one has its time, is another field.
        (*filling.first()? < 3).then_some(())?;
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
        });
        bytes?;
        Some(Self {
            number,
            fill: filling.value,
            filters,
            grows: filling.allocated == INCREMENTAL && filling.time == GROWING,
            root,
            places: ChunkedPlaces {
                shape: place(space, 8)?,
                root: place(layout_slot, 3)?,
                fill_time: place(fill_slot, 2)?,
            },
            shape,
            maxshape,
            chunk,
        })
    }
}

/// The extents and the largest extents in a dataspace message of version 1, of one axis or more.
fn extents(message: &[u8]) -> Option<(Vec<u64>, Vec<u64>)> {
    let [1, rank, flags @ (0 | 1)] = *message.get(..3)? else {
        return None;
    };
    let rank = usize::from(rank);
    (1..=MAX_RANK).contains(&rank).then_some(())?;
    let numbers = |start: usize| {
        let fields = (0..rank).map(move |axis| number64(message, start + 8 * axis));
        fields.collect::<Option<Vec<u64>>>()
    };
    let shape = numbers(8)?;
    let maxshape = match flags {
        0 => shape.clone(),
        _ => numbers(8 + 8 * rank)?,
    };
    Some((shape, maxshape))
}

/// The address of the tree, and the extents of a chunk, in a layout message of version 3.
fn chunks(message: &[u8], rank: usize, item: usize) -> Option<(u64, Vec<u64>)> {
    let [3, 2, dimensions] = *message.get(..3)? else {
        return None;
    };
    let root = number64(message, 3)?;
    let fields = (0..=rank).map(|axis| number32(message, 11 + 4 * axis).map(u64::from));
    let mut chunk = fields.collect::<Option<Vec<u64>>>()?;
    let is_whole = usize::from(dimensions) == rank + 1 && chunk.pop() == Some(item as u64);
    is_whole.then_some((root, chunk))
}

/// The filters in a message of version 1.
fn filters(message: &[u8]) -> Option<Vec<Filter>> {
    let [1, count] = *message.get(..2)? else {
        return None;
    };
    let mut at = 8;
    let mut found = Vec::new();
    for _ in 0..count {
        let id = number16(message, at)?;
        let name = usize::from(number16(message, at + 2)?);
        let values = usize::from(number16(message, at + 6)?);
        at += 8 + name.next_multiple_of(8);
        let client_data = (0..values).map(|value| number32(message, at + 4 * value));
        found.push(Filter {
            id: i32::from(id),
            client_data: client_data.collect::<Option<Vec<u32>>>()?,
        });
        at += 4 * values.next_multiple_of(2);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::UNDEFINED;
    use super::*;
    use crate::codec::filters;
    use crate::format::Form;
    use crate::store::h5::{self, Creation, ElementType, Extent};
    use crate::store::Dtype;

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
        assert_eq!(dataset.number, number);
        assert_eq!(dataset.chunk, [2, 3]);
        assert_eq!(dataset.fill, Some(2.5f64.to_le_bytes().to_vec()));
        let ids: Vec<i32> = dataset.filters.iter().map(|filter| filter.id).collect();
        assert_eq!(ids, [2, 1, 3]);
        assert_eq!(dataset.filters[1].client_data, [4]);
        assert!(!dataset.grows);
        assert_eq!(dataset.root, UNDEFINED);
        let at = |place: u64| number64(&header, place as usize);
        assert_eq!(at(dataset.places.shape), Some(5));
        assert_eq!(at(dataset.places.root), Some(UNDEFINED));
        assert_eq!(header[dataset.places.fill_time as usize], SETTLED);

        for (place, value) in [
            // Extents beyond the largest, and a chunk of nothing.
            (dataset.places.shape + 8, 10),
            (dataset.places.root + 8, 0),
            // Elements of another size, chunks of another kind, a layout of another version.
            (dataset.places.root + 16, 4),
            (dataset.places.root - 2, 1),
            (dataset.places.root - 3, 4),
        ] {
            let mut damaged = header.clone();
            damaged[place as usize] = value;
            assert_eq!(found(&damaged), None, "{place}");
        }
        for cut in 0..header.len() {
            assert_eq!(found(&header[..cut]), None);
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
            assert_eq!(found(&header(element(), None)), None);
        }
        let text = ElementType::fixed_text(4, true).unwrap();
        assert_eq!(found(&header(text, Some(vec![2]))), None);
    }
}
