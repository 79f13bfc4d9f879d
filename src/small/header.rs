//! Object headers after HDF5's own pattern: HDF5 makes one of each kind, and the others differ from
//! it in extents and addresses only.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.1.a (version 1 of the header), IV.A.2.r (symbol
//! table); and those of [`Fields`].

#![forbid(unsafe_code)]

use super::image::{Address, Image};
use crate::error::{Error, Result};
use crate::store::h5::{self, ElementType, Order};
use crate::store::header::{message, number, Fields, SYMBOL_TABLE, UNDEFINED};
use crate::store::Dtype;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Where a header counts the links to its object.
const LINK_COUNT: Range<usize> = 4..8;

/// The header of plain contiguous datasets of one type and rank.
#[derive(Debug)]
pub struct DatasetHeader {
    bytes: Vec<u8>,
    fields: Fields,
}

impl DatasetHeader {
    /// The header of datasets of this type and rank; None if HDF5's is not understood.
    pub fn of(dtype: Dtype, order: Option<Order>, rank: usize) -> Option<Arc<Self>> {
        type Key = (Dtype, Option<Order>, usize);
        type Known = Vec<(Key, Option<Arc<DatasetHeader>>)>;
        static KNOWN: Mutex<Known> = Mutex::new(Vec::new());
        let key = (dtype, order, rank);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, header)) = known.iter().find(|(other, _)| *other == key) {
            return header.clone();
        }
        let header = ElementType::stored(dtype, order)
            .and_then(|element| h5::dataset_header(element, rank))
            .ok()
            .and_then(|bytes| Self::understand(bytes, rank))
            .map(Arc::new);
        known.push((key, header.clone()));
        header
    }

    fn understand(bytes: Vec<u8>, rank: usize) -> Option<Self> {
        let fields = Fields::of(&bytes).filter(|fields| fields.rank == rank)?;
        let mut extents = fields.extents.iter();
        // Those of the example are all 1, and it has no data.
        let is_understood = extents.all(|&at| number(&bytes, at) == Some(1))
            && number(&bytes, fields.data) == Some(UNDEFINED);
        is_understood.then_some(Self { bytes, fields })
    }

    /// Bytes that a dataset with so many bytes of data takes at most.
    pub fn room(&self, data: usize) -> usize {
        self.bytes.len() + data + 16
    }

    /// Adds a dataset, which its group will link once; gives where its header is.
    pub fn put(&self, image: &mut Image, shape: &[u64], data: &[u8]) -> u64 {
        let header = image.next();
        let start = header as usize;
        image.push(&self.bytes);
        for (axis, at) in self.fields.extents.iter().enumerate() {
            image.set_number(start + at, shape[axis % shape.len()]);
        }
        image.set_number(start + self.fields.data + 8, data.len() as u64);
        // HDF5 gives no space to a dataset without elements.
        if !data.is_empty() {
            let place = image.next();
            image.set_address(start + self.fields.data, Address::Here(place));
            image.push(data);
        }
        header
    }
}

/// The header of groups.
#[derive(Debug)]
pub struct GroupHeader {
    bytes: Vec<u8>,
    /// Where the address of the tree is, followed by that of the heap.
    symbol_table: usize,
}

impl GroupHeader {
    /// The header of groups; an error if HDF5's is not understood.
    pub fn get() -> Result<&'static Self> {
        static KNOWN: OnceLock<GroupHeader> = OnceLock::new();
        if let Some(header) = KNOWN.get() {
            return Ok(header);
        }
        let bytes = h5::group_header()?;
        let content = message(&bytes, SYMBOL_TABLE).filter(|content| content.len() >= 16);
        let Some(content) = content else {
            return Err(Error::internal("HDF5 made a group without a symbol table"));
        };
        Ok(KNOWN.get_or_init(|| Self {
            bytes,
            symbol_table: content.start,
        }))
    }

    /// Adds the header of a group that is linked so often; gives where it is.
    pub fn put(&self, image: &mut Image, links: u32, tree: u64, heap: u64) -> u64 {
        let header = image.next();
        let mut bytes = self.bytes.clone();
        bytes[LINK_COUNT].copy_from_slice(&links.to_le_bytes());
        image.push(&bytes);
        let at = header as usize + self.symbol_table;
        image.set_address(at, Address::Here(tree));
        image.set_address(at + 8, Address::Here(heap));
        header
    }
}
