//! Object headers after HDF5's own pattern: HDF5 makes one of each kind, and the others differ from
//! it in extents, addresses and attributes only.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.1.a (version 1 of the header), IV.A.2.r (symbol
//! table); and those of [`Fields`].

#![forbid(unsafe_code)]

use super::attribute::{Attributes, Types};
use super::heap::TextHeap;
use super::image::{Address, Image};
use crate::error::{Error, Result};
use crate::format::object_header::{
    filler, message, HeaderFields, DATATYPE, FILLER, MESSAGE_PREFIX, PREFIX, SYMBOL_TABLE,
};
use crate::format::symbol_table::Sizes;
use crate::format::{number32, number64, UNDEFINED};
use crate::store::h5::{self, Creation, ElementType, Extent, Order};
use crate::store::Dtype;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Where a header counts the links to its object.
pub(super) const LINK_COUNT: Range<usize> = 4..8;

/// Bytes that are left free in a header that had to become longer: whoever adds to it needs room for
/// the way to the rest.
const ROOM: usize = 24;

/// What the elements of a dataset are in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredType {
    /// Numbers of this type, in a byte order if it was chosen.
    Numbers(Dtype, Option<Order>),
    /// Texts of a fixed length, which is the dataset's own, of ASCII or of UTF-8.
    Texts {
        /// Whether they are said to be ASCII.
        is_ascii: bool,
    },
}

impl StoredType {
    /// The type of the elements, and their byte order if it was chosen.
    pub fn dtype(self) -> (Dtype, Option<Order>) {
        match self {
            StoredType::Numbers(dtype, order) => (dtype, order),
            StoredType::Texts { .. } => (Dtype::Text, None),
        }
    }

    /// As HDF5 has it; texts have one byte.
    pub(super) fn element(self) -> Result<ElementType> {
        match self {
            StoredType::Numbers(dtype, order) => ElementType::stored(dtype, order),
            StoredType::Texts { is_ascii } => ElementType::fixed_text(1, is_ascii),
        }
    }
}

/// The most patterns of one kind that are kept.
const KEPT: usize = 64;

/// Headers after HDF5's pattern, by what they are of; None where HDF5's is not understood.
pub(super) struct Patterns<Key, Header>(Mutex<Vec<(Key, Option<Arc<Header>>)>>);

impl<Key: PartialEq, Header> Patterns<Key, Header> {
    /// None is known yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The header of what a key says, which `make` makes the first time.
    pub fn get(&self, key: Key, make: impl FnOnce(&Key) -> Option<Header>) -> Option<Arc<Header>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, header)) = known.iter().find(|(other, _)| *other == key) {
            return header.clone();
        }
        let header = make(&key).map(Arc::new);
        if known.len() >= KEPT {
            known.remove(0);
        }
        known.push((key, header.clone()));
        header
    }
}

/// The header of plain contiguous datasets of one type and rank.
#[derive(Debug)]
pub struct DatasetHeader {
    stored: StoredType,
    bytes: Vec<u8>,
    fields: HeaderFields,
    /// Where the length of texts is, in 4 bytes; None of numbers.
    text_length: Option<usize>,
}

impl DatasetHeader {
    /// The header of datasets of this type and rank; None if HDF5's is not understood.
    pub fn of(stored: StoredType, rank: usize) -> Option<Arc<Self>> {
        static KNOWN: Patterns<(StoredType, usize), DatasetHeader> = Patterns::new();
        KNOWN.get((stored, rank), |_| {
            let extent = Extent::fixed(&vec![1; rank]);
            let element = stored.element().ok()?;
            let bytes = h5::dataset_header(element, &extent, &Creation::default()).ok()?;
            Self::understand(bytes, rank, stored)
        })
    }

    fn understand(bytes: Vec<u8>, rank: usize, stored: StoredType) -> Option<Self> {
        let fields = HeaderFields::of(&bytes).filter(|fields| fields.rank == rank)?;
        let mut extents = fields.extents.iter();
        // Those of the example are all 1, and it has no data.
        let is_understood = extents.all(|&at| number64(&bytes, at) == Some(1))
            && number64(&bytes, fields.data) == Some(UNDEFINED);
        let text_length = match stored {
            StoredType::Numbers(..) => None,
            StoredType::Texts { .. } => {
                // A datatype gives its size behind its class and the bits of that; one of texts has nothing more.
                let datatype = message(&bytes, DATATYPE)?;
                let at = datatype.start + 4;
                (datatype.len() == 8 && number32(&bytes, at) == Some(1)).then_some(())?;
                Some(at)
            }
        };
        is_understood.then_some(Self {
            stored,
            bytes,
            fields,
            text_length,
        })
    }

    /// What the elements are.
    pub fn stored(&self) -> StoredType {
        self.stored
    }

    /// Bytes of a header without attributes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds the header of a dataset with this data, linked so often; gives where it is.
    pub fn put(
        &self,
        image: &mut Image,
        described: &DescribedDataset<'_>,
        links: u32,
        context: &mut Context,
    ) -> Result<u64> {
        let DescribedDataset {
            shape,
            data,
            length,
            item,
            attributes,
        } = *described;
        let header = put(image, &self.bytes, attributes, context)?;
        for (axis, scale) in attributes
            .into_iter()
            .flat_map(Attributes::scales)
            .enumerate()
        {
            let owner = h5::ScaleOwner::new(header, axis);
            context.labelled.push((scale, owner));
        }
        let start = header as usize;
        image.set(start + LINK_COUNT.start, &links.to_le_bytes());
        for (axis, at) in self.fields.extents.iter().enumerate() {
            image.set_number(start + at, shape[axis % shape.len()]);
        }
        if let Some(at) = self.text_length {
            image.set(start + at, &item.to_le_bytes());
        }
        image.set_number(start + self.fields.data + 8, length as u64);
        // HDF5 gives no space to a dataset without elements.
        if let Some(data) = data {
            image.set_address(start + self.fields.data, data);
        }
        Ok(header)
    }
}

/// What a dataset's header says.
#[derive(Clone, Copy, Debug)]
pub struct DescribedDataset<'a> {
    /// The extents.
    pub shape: &'a [u64],
    /// Where the data are, if there are any.
    pub data: Option<Address>,
    /// Bytes of data.
    pub length: usize,
    /// Bytes of an element.
    pub item: u32,
    /// The attributes.
    pub attributes: Option<&'a Attributes>,
}

/// What the objects of one image share.
#[derive(Debug)]
pub struct Context {
    /// The sizes of the file's symbol tables.
    pub sizes: Sizes,
    /// Where texts go.
    pub heap: TextHeap,
    /// The types of attributes.
    pub types: Types,
    /// The scales of the datasets, whose addresses count from the beginning of the image.
    pub labelled: Vec<(u64, h5::ScaleOwner)>,
}

/// Adds a header with attributes after its other messages; gives where it is.
pub(super) fn put(
    image: &mut Image,
    header: &[u8],
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<u64> {
    let Some(attributes) = attributes.filter(|attributes| !attributes.is_empty()) else {
        let place = image.next();
        image.push(header);
        return Ok(place);
    };
    let filler = filler(header)
        .ok_or_else(|| Error::internal("HDF5 made a header that is not understood"))?;
    let kept = filler.unwrap_or(header.len());
    let texts = attributes.put_texts(&mut context.heap, image);
    let needed = attributes.messages_length(&mut context.types)?;
    let place = image.next();
    let start = place as usize;
    image.push(&header[..kept]);
    attributes.put_messages(image, &mut context.types, &texts)?;
    // Where HDF5 left room, the header keeps its length; a longer one has some room too.
    let length = match header.len().checked_sub(kept + needed) {
        Some(_) => header.len(),
        None => kept + needed + MESSAGE_PREFIX + ROOM,
    };
    let rest = length - kept - needed;
    let mut count = attributes.len() - usize::from(filler.is_some());
    if rest > 0 {
        count += 1;
        image.push(&FILLER.to_le_bytes());
        image.push(&((rest - MESSAGE_PREFIX) as u16).to_le_bytes());
        image.push_zeros(rest - 4);
    }
    count += usize::from(u16::from_le_bytes([header[2], header[3]]));
    let count = u16::try_from(count)
        .map_err(|_| Error::internal("an object in memory has too many attributes"))?;
    image.set(start + 2, &count.to_le_bytes());
    image.set(start + 8, &((length - PREFIX) as u32).to_le_bytes());
    Ok(place)
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
    pub fn put(
        &self,
        image: &mut Image,
        links: u32,
        tree: u64,
        heap: u64,
        attributes: Option<&Attributes>,
        context: &mut Context,
    ) -> Result<u64> {
        let header = put(image, &self.bytes, attributes, context)?;
        let start = header as usize;
        image.set(start + LINK_COUNT.start, &links.to_le_bytes());
        let at = start + self.symbol_table;
        image.set_address(at, Address::Here(tree));
        image.set_address(at + 8, Address::Here(heap));
        Ok(header)
    }
}
