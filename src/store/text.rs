//! Text datasets.

#![forbid(unsafe_code)]

use super::h5::{self, Creation, ElementType, Extent};
use super::nested::nest;
use super::path;
use super::strided::show_shape;
use super::{Dtype, File};
use crate::error::{Error, Result};
use crate::json::{self, Value};

/// Decodes the bytes of a text as HDF5 gives them: padded, or of the text's own length.
pub(super) fn decode(bytes: &[u8], is_space_padded: bool) -> Result<String> {
    let mut bytes = bytes;
    while let Some((&last, rest)) = bytes.split_last() {
        if last == 0 || (is_space_padded && last == b' ') {
            bytes = rest;
        } else {
            break;
        }
    }
    String::from_utf8(bytes.to_vec()).map_err(|error| {
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
    let is_space_padded = element.is_space_padded();
    texts
        .iter()
        .map(|bytes| decode(bytes, is_space_padded))
        .collect()
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

impl File {
    /// Writes a text to a new scalar dataset.
    pub fn write_text(&self, path: &str, text: &str) -> Result<()> {
        self.write_texts(path, &[], &[text])
    }

    /// Writes texts of this shape to a new dataset, with the length of the longest.
    pub fn write_texts(&self, path: &str, shape: &[u64], texts: &[&str]) -> Result<()> {
        let path = path::of_new(path)?;
        let length = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        let is_ascii = texts.iter().all(|text| text.is_ascii());
        let extent = Extent {
            shape: shape.to_vec(),
            maxshape: shape.to_vec(),
        };
        let element = ElementType::fixed_text(length, is_ascii)
            .map_err(|error| self.why_not_created(&path, error))?;
        self.create_filled(&path, element, &extent, &Creation::default(), |dataset| {
            if texts.is_empty() {
                return Ok(());
            }
            dataset.write_all_stored(&pad(texts, length.max(1))?)
        })
    }

    /// Reads a dataset that holds one text.
    pub fn read_text(&self, path: &str) -> Result<String> {
        let (texts, shape) = self.read_all_texts(path)?;
        single(texts, &shape, ": read several with h5sim_read_texts")
            .map_err(|error| error.within(format_args!("dataset '{}'", path::normalise(path))))
    }

    /// Reads a dataset of texts as a JSON array that is nested as its shape is.
    pub fn read_texts_json(&self, path: &str) -> Result<String> {
        let (texts, shape) = self.read_all_texts(path)?;
        let texts = nest(texts.into_iter().map(Value::Text).collect(), &shape);
        Ok(json::dumps(&match texts {
            Value::Array(_) => texts,
            scalar => Value::Array(vec![scalar]),
        }))
    }

    fn read_all_texts(&self, path: &str) -> Result<(Vec<String>, Vec<u64>)> {
        self.with_dataset(path, |dataset| {
            require_text(&dataset.element)?;
            let texts = decode_all(&dataset.element, &dataset.read_texts()?)?;
            Ok((texts, dataset.extent.shape.clone()))
        })
    }
}

/// Texts one after another, each filled up with NUL to `length` bytes.
fn pad(texts: &[&str], length: usize) -> Result<Vec<u8>> {
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
        assert_eq!(decode(b"ab \0\0", false).unwrap(), "ab ");
        assert_eq!(decode(b"ab  ", true).unwrap(), "ab");
        assert_eq!(decode("é".as_bytes(), false).unwrap(), "é");
        let error = decode(b"a\xe9", false).unwrap_err();
        assert_eq!(error.message, "the text is not UTF-8: byte 1 is 0xe9");
    }
}
