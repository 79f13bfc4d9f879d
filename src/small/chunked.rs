//! New datasets in chunks, none of which is written yet: headers after HDF5's own pattern, as those of [`super::header`].

#![forbid(unsafe_code)]

use super::attribute::Attributes;
use super::header::{Context, HeaderPattern, Patterns, PlacedHeader, StoredType};
use super::image::Image;
use crate::codec::convert::{Conversion, NumberType};
use crate::codec::{shuffle, Filter};
use crate::error::Result;
use crate::format::chunked::ChunkedDataset;
use crate::format::edited_header::EditedHeader;
use crate::format::new_objects::NewDataset;
use crate::format::object_header::{number_message, LARGEST_HEADER};
use crate::store::h5::{Allocation, Creation, Extent};
use crate::store::StorageOptions;
use std::sync::Arc;

/// The header of datasets in chunks that differ in their extents only.
#[derive(Debug)]
struct ChunkedHeader {
    pattern: HeaderPattern,
    /// Where the extents begin, with the largest ones behind them.
    shape: usize,
    /// Where the extents of a chunk begin.
    chunk: usize,
}

/// What such datasets have in common.
#[derive(Clone, Debug, PartialEq)]
struct Pattern {
    stored: StoredType,
    rank: usize,
    /// How they are stored, but for the extents of a chunk.
    creation: Creation,
}

impl ChunkedHeader {
    /// The header of datasets of a pattern; None if HDF5 has to make them.
    fn of(pattern: Pattern) -> Option<Arc<Self>> {
        static KNOWN: Patterns<Pattern, ChunkedHeader> = Patterns::new();
        KNOWN.get(pattern, Self::make)
    }

    fn make(pattern: &Pattern) -> Option<Self> {
        let creation = &pattern.creation;
        let is_filled = match creation.allocation {
            Allocation::Late => false,
            Allocation::Growing => true,
            #[cfg(feature = "mpi")]
            _ => return None,
        };
        let number = pattern.stored.number()?;
        let fill = match &creation.fill {
            Some(value) => Some(in_file(value, pattern.stored, number)?),
            None => None,
        };
        let filters = creation.filters().map(|(kind, level)| Filter {
            id: kind.id,
            // HDF5 notes what is shuffled.
            client_data: match *kind == shuffle::KIND {
                true => vec![number.element_size() as u32],
                false => level.into_iter().collect(),
            },
        });
        let filters: Vec<Filter> = filters.collect();
        let ones = vec![1; pattern.rank];
        let unbounded = vec![u64::MAX; pattern.rank];
        let example = NewDataset {
            datatype: number_message(&number),
            shape: &ones,
            maxshape: &unbounded,
            chunk: Some(&ones),
            filters: &filters,
            fill: fill.as_deref(),
            is_filled,
        };
        let bytes = example.header()?;
        let header = EditedHeader::read(&bytes[..], 0, LARGEST_HEADER).ok()??;
        let dataset = ChunkedDataset::of(&header)?;
        let places = dataset.places?;
        let is_understood = dataset.shape == ones
            && dataset.maxshape == unbounded
            && dataset.chunk == ones
            && dataset.index.is_empty()
            && header.places().count() == 1;
        is_understood.then_some(Self {
            shape: places.shape as usize,
            chunk: places.root as usize + 8,
            pattern: HeaderPattern::Old(bytes),
        })
    }
}

/// An element as a file has it, by its bytes in memory; None if HDF5 has to convert it.
fn in_file(value: &[u8], stored: StoredType, number: NumberType) -> Option<Vec<u8>> {
    let native = StoredType::Numbers(stored.dtype().0, None).number()?;
    let conversion = Conversion::new(native, number)?;
    let mut stored = vec![0; number.element_size()];
    if value.len() != conversion.from_size() {
        return None;
    }
    conversion.apply(value, &mut stored);
    Some(stored)
}

/// A new dataset in chunks.
#[derive(Debug)]
pub struct NewChunked {
    header: Arc<ChunkedHeader>,
    /// The extents, and the largest ones behind them.
    extents: Box<[u64]>,
    chunk: Box<[u64]>,
    /// Its attributes.
    pub attributes: Option<Arc<Attributes>>,
}

impl NewChunked {
    /// A dataset that is stored so; None if HDF5 has to make it.
    pub fn new(options: &StorageOptions) -> Option<Self> {
        let (dtype, order) = options.stored();
        let Extent { shape, maxshape } = &options.extent;
        let chunk = options.creation.chunks.as_deref()?;
        let is_possible = !options.creation.track_order
            && options.quantize.is_none()
            && !shape.is_empty()
            && chunk.iter().all(|&extent| u32::try_from(extent).is_ok());
        is_possible.then_some(())?;
        let header = ChunkedHeader::of(Pattern {
            stored: StoredType::Numbers(dtype, order),
            rank: shape.len(),
            creation: Creation {
                chunks: None,
                ..options.creation.clone()
            },
        })?;
        Some(Self {
            header,
            extents: [&shape[..], maxshape].concat().into(),
            chunk: chunk.into(),
            attributes: None,
        })
    }

    /// Bytes of its header without attributes.
    pub fn header_length(&self) -> usize {
        self.header.pattern.len()
    }

    /// Adds its header, linked so often; gives where it is.
    pub fn put(&self, image: &mut Image, links: u32, context: &mut Context) -> Result<u64> {
        let attributes = self.attributes.as_deref();
        let placed = self.header.pattern.put(image, links, attributes, context)?;
        let PlacedHeader {
            header,
            content: start,
        } = placed;
        for (axis, extent) in self.extents.iter().enumerate() {
            image.set_number(start + self.header.shape + 8 * axis, *extent);
        }
        for (axis, extent) in self.chunk.iter().enumerate() {
            let extent = (*extent as u32).to_le_bytes();
            image.set(start + self.header.chunk + 4 * axis, &extent);
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Form;
    use crate::store::h5::{self, Order};
    use crate::store::{Dtype, Write};

    #[test]
    fn headers_are_as_hdf5_makes_them() {
        let numbers = Dtype::ALL.into_iter().filter(|dtype| dtype.size() > 0);
        for dtype in numbers {
            let filled = match dtype {
                Dtype::Bool => Write::new().fillvalue(true),
                _ => Write::new().fillvalue(1),
            };
            for options in [
                Write::new(),
                Write::new().gzip(3).shuffle(),
                Write::new().zstd(2).fletcher32(),
                filled.clone().shuffle(),
                filled.order(Order::Big).gzip(9).fletcher32(),
            ] {
                for maxshape in [None, Some(vec![None, Some(9)])] {
                    let mut options = options.clone().chunks([4, 2]);
                    if let Some(maxshape) = maxshape {
                        options = options.maxshape(maxshape);
                    }
                    let mut options = StorageOptions::new(&options, dtype, &[20, 5]).unwrap();
                    if dtype == Dtype::I8 {
                        options.creation.allocation = Allocation::Growing;
                    }
                    let element = options.element().unwrap();
                    let expected = h5::dataset_header(
                        Form::OLDEST,
                        element,
                        &options.extent,
                        &options.creation,
                    )
                    .unwrap();
                    let made = NewChunked::new(&options).unwrap();
                    let mut image = Image::default();
                    let mut context = Context::new(Form::OLDEST);
                    let place = made.put(&mut image, 1, &mut context).unwrap();
                    assert_eq!(place, 0);
                    assert_eq!(image.at(0), expected);
                }
            }
        }
    }
}
