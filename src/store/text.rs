//! Text datasets.

#![forbid(unsafe_code)]

use super::h5::{self, Creation, Dataset, ElementType, Extent, ObjectKey, TextEnd};
use super::path;
use super::strided::show_shape;
use super::{Dtype, Hdf5File};
use crate::error::{Error, Result};
use smallvec::smallvec;
use std::ffi::CString;

/// Decodes the bytes of a text as HDF5 gives them: padded, or of the text's own length.
pub(crate) fn decode(bytes: &[u8], end: TextEnd) -> Result<String> {
    let is_text = |byte: &u8| *byte != 0 && (end != TextEnd::Spaces || *byte != b' ');
    let length = match end {
        TextEnd::FirstNul => bytes.iter().position(|&byte| byte == 0),
        TextEnd::Nuls | TextEnd::Spaces => {
            let last = bytes.iter().rposition(is_text);
            Some(last.map_or(0, |last| last + 1))
        }
    };
    let bytes = &bytes[..length.unwrap_or(bytes.len())];
    String::from_utf8(h5::copy_of(bytes)?).map_err(|error| {
        Error::format(format!(
            "the text is not UTF-8: byte {} is {:#04x}",
            error.utf8_error().valid_up_to(),
            bytes[error.utf8_error().valid_up_to()]
        ))
    })
}

/// Checks that elements are texts.
pub(super) fn require_text(element: &ElementType) -> Result<()> {
    if element.dtype == Dtype::Text {
        return Ok(());
    }
    Err(Error::type_(format!(
        "the elements are {}, expected text",
        element.describe()
    )))
}

/// Decodes texts, all of one type.
pub(super) fn decode_all(element: &ElementType, texts: &[Vec<u8>]) -> Result<Vec<String>> {
    let end = element.text_end();
    texts.iter().map(|bytes| decode(bytes, end)).collect()
}

/// The only one of several texts.
pub(super) fn single(mut texts: Vec<String>, shape: &[u64], several: &str) -> Result<String> {
    match texts.pop() {
        Some(text) if texts.is_empty() => Ok(text),
        _ => Err(Error::shape(format!(
            "the texts have shape {}, expected a single one{several}",
            show_shape(shape)
        ))),
    }
}

/// The only text of those of a dataset.
pub(crate) fn only(path: &str, texts: Vec<String>, shape: &[u64]) -> Result<String> {
    single(texts, shape, ": read several with h5sim_read_texts")
        .map_err(|error| error.within(format_args!("dataset '{}'", path::normalise(path))))
}

/// The texts of a chunk of a series of texts: 4 KiB, which HDF5 writes anew each time.
const LOG_CHUNK: u64 = 256;

/// The length in bytes of texts that have that of the longest, which is at least 1, and whether all are ASCII.
pub(crate) fn fixed_type(texts: &[&str]) -> (usize, bool) {
    let length = texts.iter().map(|text| text.len()).max().unwrap_or(0);
    (length.max(1), texts.iter().all(|text| text.is_ascii()))
}

/// The type of texts with the fixed length of the longest, or of any length.
pub(super) fn element_of(texts: &[&str], is_fixed: bool) -> Result<ElementType> {
    if !is_fixed {
        return ElementType::variable_text();
    }
    let (length, is_ascii) = fixed_type(texts);
    ElementType::fixed_text(length, is_ascii)
}

/// Texts as HDF5 takes those of variable length.
pub(super) fn terminated(texts: &[&str]) -> Result<Vec<CString>> {
    let one = |text: &&str| {
        CString::new(*text).map_err(|_| Error::argument("a text holds a NUL character"))
    };
    texts.iter().map(one).collect()
}

/// Writes all texts of a dataset.
fn fill(dataset: &Dataset, texts: &[&str]) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    match dataset.element.is_variable_text() {
        true => dataset.write_variable_texts(None, &terminated(texts)?),
        false => dataset.write_all_stored(&pad(texts, dataset.element.size())?),
    }
}

impl Hdf5File {
    /// Writes texts of this shape to a new dataset, with the fixed length of the longest or with their own.
    pub fn write_texts(
        &self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        is_fixed: bool,
    ) -> Result<()> {
        let path = path::of_new(path)?;
        let extent = Extent {
            shape: shape.to_vec(),
            maxshape: shape.to_vec(),
        };
        let element =
            element_of(texts, is_fixed).map_err(|error| self.why_not_created(&path, error))?;
        self.create_filled(&path, element, &extent, &Creation::default(), |dataset| {
            fill(dataset, texts)
        })
    }

    /// Writes texts over those of a dataset, if they have its shape and its type; says whether they have.
    pub fn rewrite_texts(
        &self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        is_fixed: bool,
    ) -> Result<bool> {
        let dataset = self.open_dataset(path)?;
        let element = element_of(texts, is_fixed)?;
        if dataset.extent.shape != shape || !dataset.element.equals(&element)? {
            return Ok(false);
        }
        fill(&dataset, texts).map(|()| true)
    }

    /// Creates a series of texts of variable length, and gives what it is.
    pub fn create_log(&self, path: &str) -> Result<ObjectKey> {
        let extent = Extent {
            shape: vec![0],
            maxshape: vec![u64::MAX],
        };
        let creation = Creation {
            chunks: Some(vec![LOG_CHUNK]),
            ..Creation::default()
        };
        let mut key = None;
        let element = ElementType::variable_text()?;
        self.create_filled(path, element, &extent, &creation, |dataset| {
            key = Some(h5::info_of(dataset.id())?.key);
            Ok(())
        })?;
        key.ok_or_else(|| Error::internal("a dataset was made without being looked at"))
    }

    /// Appends texts to a series of texts of variable length; after a failure it is as long as before.
    pub fn append_texts(&self, path: &str, texts: &[CString]) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let mut dataset = self.open_dataset(path)?;
        let before = dataset.extent.shape.first().copied().unwrap_or(0);
        let count = texts.len() as u64;
        let part = h5::Hyperslab {
            start: smallvec![before],
            stride: smallvec![1],
            count: smallvec![count],
            block: smallvec![1],
        };
        let written = dataset
            .set_extent(&[before + count])
            .and_then(|()| dataset.write_variable_texts(Some(&part), texts));
        if written.is_err() {
            // The first failure is the one to tell of.
            let _ = dataset.set_extent(&[before]);
        }
        written.map_err(named)
    }

    /// Reads a dataset that holds one text.
    pub fn read_text(&self, path: &str) -> Result<String> {
        let (texts, shape) = self.read_texts(path)?;
        only(path, texts, &shape)
    }

    /// Reads a dataset of texts: the texts in C order, and its shape.
    pub fn read_texts(&self, path: &str) -> Result<(Vec<String>, Vec<u64>)> {
        self.with_dataset(path, |dataset| {
            require_text(&dataset.element)?;
            let texts = decode_all(&dataset.element, &dataset.read_texts()?)?;
            Ok((texts, dataset.extent.shape.clone()))
        })
    }
}

/// Texts one after another, each filled up with NUL to `length` bytes.
pub(crate) fn pad(texts: &[&str], length: usize) -> Result<Vec<u8>> {
    let mut padded: Vec<u8> = h5::zeroed(texts.len() as u64, length)?;
    for (place, text) in padded.chunks_exact_mut(length).zip(texts) {
        place[..text.len()].copy_from_slice(text.as_bytes());
    }
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_goes_and_the_rest_stays() {
        assert_eq!(decode(b"ab \0\0", TextEnd::Nuls).unwrap(), "ab ");
        assert_eq!(decode(b"ab  \0", TextEnd::Spaces).unwrap(), "ab");
        assert_eq!(decode(b"a\0b\0", TextEnd::Nuls).unwrap(), "a\0b");
        assert_eq!(decode(b"ab \0cd\0\xff", TextEnd::FirstNul).unwrap(), "ab ");
        for end in [TextEnd::FirstNul, TextEnd::Nuls, TextEnd::Spaces] {
            assert_eq!(decode("é".as_bytes(), end).unwrap(), "é");
            assert_eq!(decode(b"", end).unwrap(), "");
            assert_eq!(decode(b"\0\0", end).unwrap(), "");
        }
        let error = decode(b"a\xe9", TextEnd::FirstNul).unwrap_err();
        assert_eq!(error.message, "the text is not UTF-8: byte 1 is 0xe9");
    }
}
