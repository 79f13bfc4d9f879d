//! Arrays as small datasets have them.

#![forbid(unsafe_code)]

use super::header::{DatasetHeader, StoredType};
use crate::error::Result;
use crate::format::Form;
use crate::slice;
use crate::store::strided::{count, Strided};
use crate::store::{normal, text, Dtype, StorageOptions, Write};
use std::borrow::Cow;
use std::sync::Arc;

/// The most bytes of data of a dataset that is gathered: of larger ones HDF5's part is a small one.
pub const LARGEST: u64 = 64 << 10;

/// An array as a small dataset has it.
pub struct Stored<'a> {
    /// The header of such datasets.
    pub header: Arc<DatasetHeader>,
    /// The extents.
    pub shape: Box<[u64]>,
    /// Bytes of an element.
    pub item: u32,
    /// The elements as they are in the file.
    pub data: Cow<'a, [u8]>,
}

/// Whether an array may become a dataset that waits.
pub fn is_small(dtype: Dtype, array: &Strided<'_>, options: &Write) -> bool {
    let bytes = count(&array.shape()).map(|count| count.saturating_mul(dtype.size() as u64));
    bytes.is_ok_and(|bytes| bytes <= LARGEST) && options.is_plain()
}

impl<'a> Stored<'a> {
    /// An array of numbers, in a form; None if HDF5 has to store it.
    pub fn of(
        form: Form,
        dtype: Dtype,
        array: &Strided<'a>,
        options: &Write,
    ) -> Result<Option<Self>> {
        let shape = array.shape();
        let Ok(options) = StorageOptions::new(options, dtype, &shape) else {
            return Ok(None);
        };
        let (stored, order) = options.stored();
        let stored_type = StoredType::Numbers(stored, order);
        let Some(header) = DatasetHeader::of(form, stored_type, shape.len()) else {
            return Ok(None);
        };
        let packed = match array.as_packed() {
            Some(packed) => Cow::Borrowed(packed),
            None => Cow::Owned(array.gather(0, shape[0] as usize)?),
        };
        let data = match (dtype == stored, order) {
            (true, None) => match packed {
                Cow::Borrowed(packed) => normal(dtype, packed),
                Cow::Owned(packed) => Cow::Owned(normal(dtype, &packed).into_owned()),
            },
            _ => match options.element()?.convert_from(dtype, &packed) {
                Ok(converted) => Cow::Owned(converted),
                Err(_) => return Ok(None),
            },
        };
        Ok(Some(Self {
            header,
            shape: shape.into(),
            item: stored.size() as u32,
            data,
        }))
    }

    /// Texts of the length of the longest; None if HDF5 has to store them.
    pub fn of_texts(form: Form, shape: &[u64], texts: &[&str]) -> Result<Option<Self>> {
        let (item, is_ascii) = text::fixed_type(texts);
        let bytes = (texts.len() as u64).saturating_mul(item as u64);
        let is_count = count(shape).is_ok_and(|count| count == texts.len() as u64);
        if bytes > LARGEST || item as u64 > LARGEST || !is_count {
            return Ok(None);
        }
        let Some(header) = DatasetHeader::of(form, StoredType::Texts { is_ascii }, shape.len())
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            header,
            shape: shape.into(),
            item: item as u32,
            data: Cow::Owned(text::pad(texts, item)?),
        }))
    }

    /// Whether it has the type and the extents of a dataset.
    pub fn is_like(&self, header: &DatasetHeader, shape: &[u64], item: u32) -> bool {
        self.header.stored() == header.stored()
            && slice::alike(&self.shape, shape)
            && self.item == item
    }
}
