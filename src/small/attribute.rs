//! Attributes that wait in memory, and their messages as they are in a file.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.2.m (versions 1 and 3 of the message), IV.A.2.b
//! (dataspace, of both versions), III.E (the references of texts and of lists into a global heap).

#![forbid(unsafe_code)]

use super::heap::{put_reference, TextHeap, TextPlace};
use super::image::Image;
use crate::error::{Error, Result};
use crate::format::object_header::{ATTRIBUTE, MESSAGE_PREFIX};
use crate::format::text::REFERENCE;
use crate::slice;
use crate::store::h5::{self, ElementType};
use crate::store::{check_conversion, strided, Dtype};
use indexmap::IndexMap;
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

/// The largest message of an old header, whose size has 16 bits.
const LARGEST_MESSAGE: usize = 0xFFF8;

/// Bytes of a message before its parts, in the older form and the newer one.
const PREFIX: usize = 8;
const NEW_PREFIX: usize = 9;

/// The longest text that waits in memory.
const LONGEST_TEXT: usize = 1 << 20;

/// What an attribute costs in memory besides its name and value, about.
const COST: usize = 128;

/// An attribute: an array of numbers, a text, or references to objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttribute {
    /// The type of its elements; [`Dtype::Text`] of one text of variable length, [`Dtype::Other`] of lists that refer
    /// to one object each.
    pub dtype: Dtype,
    /// Its extents, in C order.
    pub shape: Box<[u64]>,
    /// The elements as they are in memory, the bytes of the text, or the addresses of the objects' headers.
    pub data: Box<[u8]>,
}

impl NewAttribute {
    /// Reads the elements as `wanted`; None if they do not convert.
    pub fn read(&self, wanted: Dtype) -> Result<Option<Cow<'_, [u8]>>> {
        if self.dtype == Dtype::Other {
            return Ok(None);
        }
        if self.dtype == wanted {
            return Ok(Some(Cow::Borrowed(&self.data)));
        }
        if check_conversion(self.dtype, "", wanted, "").is_err() {
            return Ok(None);
        }
        let element = ElementType::stored(wanted, None)?;
        let converted = element.convert_from(self.dtype, &self.data)?;
        Ok(Some(Cow::Owned(converted)))
    }

    /// The text; None if it is none.
    pub fn text(&self) -> Option<&str> {
        match self.dtype {
            Dtype::Text => std::str::from_utf8(&self.data).ok(),
            _ => None,
        }
    }

    /// How many of its parts are in a heap, and the elements of each.
    fn in_heap(&self) -> (usize, u32) {
        match self.dtype {
            Dtype::Text => (1, self.data.len() as u32),
            Dtype::Other => (self.data.len() / 8, 1),
            _ => (0, 0),
        }
    }

    /// The addresses of the objects that it refers to; none of any other attribute.
    fn references(&self) -> impl Iterator<Item = u64> + '_ {
        let addresses = match self.dtype {
            Dtype::Other => &self.data[..],
            _ => &[],
        };
        addresses.chunks_exact(8).map(|address| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(address);
            u64::from_ne_bytes(bytes)
        })
    }

    /// Bytes of its elements in a message.
    fn stored_length(&self) -> usize {
        match self.in_heap() {
            (0, _) => self.data.len(),
            (count, _) => count * REFERENCE,
        }
    }

    /// Adds its extents, and the largest ones behind them.
    fn put_extents(&self, image: &mut Image) {
        for &extent in self.shape.iter().chain(self.shape.iter()) {
            image.push_number(extent);
        }
    }

    /// Adds its elements, or where those are: the next of `texts` are its own.
    fn put_elements(&self, image: &mut Image, texts: &mut std::slice::Iter<'_, TextPlace>) {
        let (count, elements) = self.in_heap();
        for place in texts.by_ref().take(count) {
            put_reference(image, elements, *place);
        }
        if count == 0 {
            image.push(&self.data);
        }
    }

    /// Sets the attribute of an open object to this, replacing one of that name.
    pub fn store(&self, object: &h5::Id, name: &str) -> Result<()> {
        if self.dtype == Dtype::Other {
            let scales: Vec<Option<u64>> = self.references().map(Some).collect();
            return h5::write_dimension_list(object, &scales);
        }
        match self.text() {
            Some(text) => crate::store::set_text(object, name, text),
            None => crate::store::set_array(object, name, self.dtype, &self.shape, &self.data),
        }
    }
}

/// Whether an object of HDF5's can be given such an attribute: a name, a type, extents, bytes of data.
pub fn is_possible(name: &str, dtype: Dtype, rank: usize, length: usize) -> bool {
    if name.is_empty() || name.len() > 4096 || rank > crate::store::MAX_RANK {
        return false;
    }
    match dtype {
        Dtype::Text => length <= LONGEST_TEXT,
        Dtype::Other => false,
        // With more than enough for the description of any of our types.
        _ => name.len() + length + 16 * rank + 512 <= LARGEST_MESSAGE,
    }
}

/// The attributes of one object that are not in the file yet.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// In the order in which they came.
    all: IndexMap<Box<str>, NewAttribute>,
}

impl Attributes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The attribute of that name.
    pub fn get(&self, name: &str) -> Option<&NewAttribute> {
        self.all.get(name)
    }

    /// The names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(|name| &**name)
    }

    /// The addresses of the scales that the object's axes refer to, if they do.
    pub fn scales(&self) -> impl Iterator<Item = u64> + '_ {
        let list = self.all.get(h5::DIMENSION_LIST);
        list.into_iter().flat_map(NewAttribute::references)
    }

    /// Makes the object's axes refer to the scales whose headers are at these addresses.
    pub fn set_scales(&mut self, scales: &[u64]) -> Result<(usize, usize)> {
        let addresses: Vec<u8> = scales
            .iter()
            .flat_map(|scale| scale.to_ne_bytes())
            .collect();
        let shape = [scales.len() as u64];
        self.set(h5::DIMENSION_LIST, Dtype::Other, &shape, &addresses)
    }

    /// The attributes, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &NewAttribute)> {
        self.all
            .iter()
            .map(|(name, attribute)| (&**name, attribute))
    }

    /// Adds or replaces an attribute; gives by how many bytes of memory there are more, and fewer.
    pub fn set(
        &mut self,
        name: &str,
        dtype: Dtype,
        shape: &[u64],
        data: &[u8],
    ) -> Result<(usize, usize)> {
        if let Some(old) = self.all.get_mut(name) {
            if old.dtype == dtype && slice::alike(&old.shape, shape) && old.data.len() == data.len()
            {
                old.data.copy_from_slice(data);
                return Ok((0, 0));
            }
            let fewer = old.data.len() + 8 * old.shape.len();
            *old = NewAttribute {
                dtype,
                shape: shape.into(),
                data: copy(data)?,
            };
            return Ok((data.len() + 8 * shape.len(), fewer));
        }
        let attribute = NewAttribute {
            dtype,
            shape: shape.into(),
            data: copy(data)?,
        };
        let cost = cost(name, &attribute);
        self.all.insert(name.into(), attribute);
        Ok((cost, 0))
    }

    /// Drops an attribute; gives how much memory is free now, or None where there is none of that name.
    pub fn remove(&mut self, name: &str) -> Option<usize> {
        let (name, attribute) = self.all.swap_remove_entry(name)?;
        Some(cost(&name, &attribute))
    }

    /// Gives an object of HDF5's these attributes, dropping each that it has got.
    pub fn store(&mut self, object: &h5::Id) -> Result<()> {
        let mut stored = 0;
        let mut outcome = Ok(());
        for (name, attribute) in &self.all {
            outcome = attribute
                .store(object, name)
                .map_err(|error| error.within(format_args!("attribute '{name}'")));
            if outcome.is_err() {
                break;
            }
            stored += 1;
        }
        self.all.drain(..stored);
        outcome
    }

    /// Bytes of memory, about.
    pub fn memory(&self) -> usize {
        self.all
            .iter()
            .map(|(name, attribute)| cost(name, attribute))
            .sum()
    }

    /// Puts the texts and references among them into the heap; gives where, in their order. `own` gives the place of a text that has one, by its
    /// attribute's number.
    pub fn put_texts(
        &self,
        heap: &mut TextHeap,
        image: &mut Image,
        own: impl Fn(usize) -> Option<TextPlace>,
    ) -> Vec<TextPlace> {
        let mut places = Vec::with_capacity(self.all.len() + 2);
        for (number, attribute) in self.all.values().enumerate() {
            match attribute.dtype {
                Dtype::Text => {
                    let put = || heap.put(image, &attribute.data);
                    places.push(own(number).unwrap_or_else(put));
                }
                Dtype::Other => places.extend(
                    attribute
                        .data
                        .chunks_exact(8)
                        .map(|address| heap.put(image, address)),
                ),
                _ => {}
            }
        }
        places
    }

    /// Bytes of all messages, with what is before each in a header of version 1.
    pub fn messages_length(&self, types: &mut Types) -> Result<usize> {
        let mut length = 0;
        for (name, attribute) in &self.all {
            length +=
                MESSAGE_PREFIX + message_length(name, attribute, types.of(attribute.dtype)?.len());
        }
        Ok(length)
    }

    /// Adds all messages as they are in a header of version 1; `texts` are the places that [`put_texts`](Self::put_texts) gave.
    pub fn put_messages(
        &self,
        image: &mut Image,
        types: &mut Types,
        texts: &[TextPlace],
    ) -> Result<()> {
        let mut texts = texts.iter();
        for (name, attribute) in &self.all {
            let datatype = types.of(attribute.dtype)?;
            let length = message_length(name, attribute, datatype.len());
            let start = image.len();
            image.push(&ATTRIBUTE.to_le_bytes());
            image.push(&(length as u16).to_le_bytes());
            image.push_zeros(4);
            // Version 1.
            image.push(&[1, 0]);
            let space = 8 + 16 * attribute.shape.len();
            for size in [name.len() + 1, datatype.len(), space] {
                image.push(&(size as u16).to_le_bytes());
            }
            image.push(name.as_bytes());
            image.push_zeros(padding(name.len() + 1) + 1);
            image.push(datatype);
            image.push_zeros(padding(datatype.len()));
            let rank = attribute.shape.len() as u8;
            // As HDF5 writes it, with the largest extents.
            image.push(&[1, rank, u8::from(rank > 0), 0, 0, 0, 0, 0]);
            attribute.put_extents(image);
            attribute.put_elements(image, &mut texts);
            image.push_zeros(start + MESSAGE_PREFIX + length - image.len());
        }
        Ok(())
    }

    /// The contents of all messages in the newer form.
    pub fn new_contents(&self, types: &mut Types) -> Result<Vec<NewContent<'_>>> {
        let mut contents = Vec::with_capacity(self.all.len());
        for (name, attribute) in self.iter() {
            let datatype = types.of(attribute.dtype)?;
            let space = 4 + 16 * attribute.shape.len();
            let parts = [NEW_PREFIX, name.len() + 1, datatype.len(), space];
            contents.push(NewContent {
                name,
                attribute,
                datatype,
                length: parts.iter().sum::<usize>() + attribute.stored_length(),
            });
        }
        Ok(contents)
    }
}

/// The content of an attribute's message, in the newer form.
#[derive(Clone, Copy, Debug)]
pub struct NewContent<'a> {
    /// The name.
    pub name: &'a str,
    attribute: &'a NewAttribute,
    datatype: &'static [u8],
    /// Its bytes.
    pub length: usize,
}

impl NewContent<'_> {
    /// Adds it; the next of `texts` are its own.
    pub fn put(&self, image: &mut Image, texts: &mut std::slice::Iter<'_, TextPlace>) {
        let Self {
            name,
            attribute,
            datatype,
            ..
        } = *self;
        // Version 3, with nothing that lies elsewhere.
        image.push(&[3, 0]);
        let space = 4 + 16 * attribute.shape.len();
        for size in [name.len() + 1, datatype.len(), space] {
            image.push(&(size as u16).to_le_bytes());
        }
        image.push(&[u8::from(!name.is_ascii())]);
        image.push(name.as_bytes());
        image.push(&[0]);
        image.push(datatype);
        let rank = attribute.shape.len() as u8;
        // As HDF5 writes it, with the largest extents.
        image.push(&[2, rank, u8::from(rank > 0), u8::from(rank > 0)]);
        attribute.put_extents(image);
        attribute.put_elements(image, texts);
    }
}

/// A copy in memory of its own, if there is so much.
fn copy(data: &[u8]) -> Result<Box<[u8]>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(data.len())
        .map_err(|_| Error::io(format!("no memory for {} bytes", data.len())))?;
    copy.extend_from_slice(data);
    Ok(copy.into_boxed_slice())
}

fn cost(name: &str, attribute: &NewAttribute) -> usize {
    COST + name.len() + attribute.data.len() + 8 * attribute.shape.len()
}

/// Bytes up to the next multiple of 8.
fn padding(length: usize) -> usize {
    length.next_multiple_of(8) - length
}

/// Bytes of a message's content.
fn message_length(name: &str, attribute: &NewAttribute, datatype: usize) -> usize {
    let parts = [
        PREFIX,
        name.len() + 1,
        datatype,
        8 + 16 * attribute.shape.len(),
        attribute.stored_length(),
    ];
    parts.iter().map(|part| part.next_multiple_of(8)).sum()
}

/// The types of attributes, as they are in messages.
#[derive(Debug, Default)]
pub struct Types {
    known: Vec<(Dtype, &'static [u8])>,
}

impl Types {
    /// The datatype of attributes of this type.
    pub fn of(&mut self, dtype: Dtype) -> Result<&'static [u8]> {
        if let Some((_, known)) = self.known.iter().find(|(other, _)| *other == dtype) {
            return Ok(known);
        }
        let bytes = encoded(dtype)?;
        self.known.push((dtype, bytes));
        Ok(bytes)
    }
}

/// The datatype of attributes as HDF5 encodes it, which it is asked for once.
pub fn encoded(dtype: Dtype) -> Result<&'static [u8]> {
    static KNOWN: Mutex<Vec<(Dtype, &'static [u8])>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, bytes)) = known.iter().find(|(other, _)| *other == dtype) {
        return Ok(bytes);
    }
    let mut bytes = match dtype {
        Dtype::Text => ElementType::variable_text()?.encode()?,
        Dtype::Other => ElementType::references()?.encode()?,
        other => ElementType::stored(other, None)?.encode()?,
    };
    if matches!(dtype, Dtype::Text | Dtype::Other) {
        // In memory it is a pointer, in a file a reference.
        let size = bytes.get_mut(4..8);
        let size =
            size.ok_or_else(|| Error::internal("HDF5 encoded the type of texts as nothing"))?;
        size.copy_from_slice(&(REFERENCE as u32).to_le_bytes());
    }
    let bytes: &'static [u8] = Box::leak(bytes.into_boxed_slice());
    known.push((dtype, bytes));
    Ok(bytes)
}

/// Number of bytes of an array's elements; None where it is no attribute.
pub fn data_length(dtype: Dtype, shape: &[u64]) -> Option<usize> {
    let bytes = strided::count(shape)
        .ok()?
        .checked_mul(dtype.size() as u64)?;
    usize::try_from(bytes).ok()
}
