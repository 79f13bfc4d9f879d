//! Object headers after HDF5's own pattern ([`new_objects`]): of each kind one is made, and the others differ from
//! it in extents, addresses and attributes only.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.1.a (version 1 of the header); and those of [`HeaderFields`].

#![forbid(unsafe_code)]

use super::attribute::{Attributes, Types};
use super::heap::TextHeap;
use super::image::{Address, Image};
use crate::codec::convert::NumberType;
use crate::error::{Error, Result};
use crate::format::new_objects::{self, text_message, NewDataset, GROUP_TABLE};
use crate::format::object_header::{
    filler, message, number_message, HeaderFields, DATATYPE, FILLER, MESSAGE_PREFIX, PREFIX,
};
use crate::format::symbol_table::Sizes;
use crate::format::{number32, number64, UNDEFINED};
use crate::store::h5::{self, ElementType, Order};
use crate::store::Dtype;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

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

    /// The numbers; None of texts, and of what is unusual.
    pub(super) fn number(self) -> Option<NumberType> {
        match self {
            StoredType::Numbers(dtype, order) => {
                ElementType::stored(dtype, order).ok()?.number().ok()?
            }
            StoredType::Texts { .. } => None,
        }
    }

    /// The message that describes it, texts as having one byte; None of what is unusual.
    fn message(self) -> Option<Vec<u8>> {
        match self {
            StoredType::Numbers(..) => self.number().as_ref().map(number_message),
            StoredType::Texts { is_ascii } => Some(text_message(1, is_ascii)),
        }
    }
}

/// The most patterns of one kind that are kept.
const KEPT: usize = 64;

/// Headers after HDF5's pattern, by what they are of; None of what HDF5 has to make.
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
    /// The header of datasets of this type and rank; None if HDF5 has to make them.
    pub fn of(stored: StoredType, rank: usize) -> Option<Arc<Self>> {
        static KNOWN: Patterns<(StoredType, usize), DatasetHeader> = Patterns::new();
        KNOWN.get((stored, rank), |_| {
            let ones = vec![1; rank];
            let example = NewDataset {
                datatype: stored.message()?,
                shape: &ones,
                maxshape: &ones,
                ..NewDataset::default()
            };
            Self::understand(example.header()?, rank, stored)
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

/// Adds the header of a group that is linked so often; gives where it is.
pub fn put_group_header(
    image: &mut Image,
    links: u32,
    tree: u64,
    heap: u64,
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<u64> {
    static NEW: LazyLock<Vec<u8>> = LazyLock::new(new_objects::group_header);
    let header = put(image, &NEW, attributes, context)?;
    let start = header as usize;
    image.set(start + LINK_COUNT.start, &links.to_le_bytes());
    let at = start + GROUP_TABLE;
    image.set_address(at, Address::Here(tree));
    image.set_address(at + 8, Address::Here(heap));
    Ok(header)
}
