//! Datasets in one piece, as their headers describe them.
//!
//! Formats: IV.A.2.b (dataspace), IV.A.2.f (fill value), IV.A.2.i (layout of version 3).

#![forbid(unsafe_code)]

use super::edited_header::EditedHeader;
use super::filling::{Filling, LATE};
use super::object_header::{
    contiguous_place, extent_places, standard, DATASPACE, DATATYPE, EXTERNAL_FILES, FILL_VALUES,
    FILTERS, LAYOUT,
};
use super::{number64, UNDEFINED};
use crate::codec::convert::NumberType;

/// A dataset in one piece, of standard numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct ContiguousDataset {
    /// The extents.
    pub shape: Vec<u64>,
    /// The elements.
    pub number: NumberType,
    /// Where the first one is; None if none was written yet, and all are zero.
    pub address: Option<u64>,
}

impl ContiguousDataset {
    /// The dataset that a header describes, if it is such a plain one that nothing can be mistaken.
    pub fn of(header: &EditedHeader) -> Option<Self> {
        let is_unusual = |kind: u16| matches!(kind, EXTERNAL_FILES | FILTERS);
        if header.kinds().any(is_unusual) {
            return None;
        }
        let content = |kind: u16| Some(header.content(header.only(kind)?));
        let layout = content(LAYOUT)?;
        let data = contiguous_place(layout)?;
        let dataspace = content(DATASPACE)?;
        let (rank, extents) = extent_places(dataspace)?;
        let extents = extents.take(rank).map(|at| number64(dataspace, at));
        let shape = extents.collect::<Option<Vec<u64>>>()?;
        let number = standard(content(DATATYPE)?)?;
        let (address, stored) = (number64(layout, data)?, number64(layout, data + 8)?);
        let item = number.element_size();
        let mut extents = shape.iter();
        let bytes = extents.try_fold(item as u64, |bytes, &extent| bytes.checked_mul(extent));
        let address = Some(address).filter(|&address| address != UNDEFINED);
        let is_known = address.is_some() || is_zero(header, item);
        let is_plain = is_known && bytes == Some(stored) && stored > 0;
        is_plain.then_some(Self {
            shape,
            number,
            address,
        })
    }
}

/// Whether it is certain that elements of so many bytes that were never written are zero, of a dataset that takes its room with the first of them.
fn is_zero(header: &EditedHeader, item: usize) -> bool {
    let filling = header.only(FILL_VALUES[1]);
    let filling = filling.and_then(|slot| Filling::of(header.content(slot), item));
    let has_old = header.kinds().any(|kind| kind == FILL_VALUES[0]);
    !has_old && filling.is_some_and(|filling| filling.allocated == LATE && filling.value.is_none())
}

#[cfg(test)]
mod tests {
    use super::super::object_header::{length, message};
    use super::*;
    use crate::format::Form;
    use crate::store::h5::{self, Creation, ElementType, Extent};
    use crate::store::Dtype;

    fn plain(header: &[u8]) -> Option<ContiguousDataset> {
        let header = EditedHeader::unchanged(header, 0, 1 << 16).ok().flatten()?;
        ContiguousDataset::of(&header)
    }

    #[test]
    fn only_plain_datasets_are_plain() {
        let element = ElementType::stored(Dtype::F64, None).unwrap();
        let number_type = element.number().unwrap().unwrap();
        let mut header = h5::dataset_header(
            Form::OLDEST,
            element,
            &Extent::fixed(&[1, 1]),
            &Creation::default(),
        )
        .unwrap();
        // Nothing is allocated yet.
        for form in [Form::OLDEST, Form::New] {
            let header = |creation: &Creation| {
                let element = ElementType::stored(Dtype::F64, None).unwrap();
                h5::dataset_header(form, element, &Extent::fixed(&[1, 1]), creation).unwrap()
            };
            let unwritten = plain(&header(&Creation::default())).unwrap();
            assert_eq!(
                (unwritten.address, &unwritten.shape[..]),
                (None, &[1, 1][..])
            );
            let filled = Creation {
                fill: Some(1f64.to_ne_bytes().to_vec()),
                ..Creation::default()
            };
            assert_eq!(plain(&header(&filled)), None);
        }
        let dataspace = message(&header, DATASPACE).unwrap().start;
        let layout = message(&header, LAYOUT).unwrap().start;
        let set = |header: &mut Vec<u8>, at: usize, number: u64| {
            header[at..at + 8].copy_from_slice(&number.to_le_bytes());
        };
        set(&mut header, dataspace + 8, 3);
        set(&mut header, dataspace + 16, 5);
        set(&mut header, layout + 2, 4096);
        set(&mut header, layout + 10, 120);
        let expected = ContiguousDataset {
            shape: vec![3, 5],
            number: number_type,
            address: Some(4096),
        };
        assert_eq!(plain(&header), Some(expected));
        for (at, value) in [
            (dataspace + 8, 4),
            (layout + 10, 128),
            (dataspace + 8, 0),
            (dataspace + 16, u64::MAX),
        ] {
            let mut other = header.clone();
            set(&mut other, at, value);
            assert_eq!(plain(&other), None);
        }
        for cut in 0..header.len() {
            assert_eq!(plain(&header[..cut]), None);
        }
        for (at, value) in [
            (0, 2),
            (layout, 4),
            (layout + 1, 2),
            (dataspace, 2),
            (dataspace + 1, 3),
        ] {
            let mut other = header.clone();
            other[at] = value;
            if at > 0 {
                assert_eq!(plain(&other), None, "{at}");
            } else {
                assert_eq!(length(&other), None);
            }
        }
    }
}
