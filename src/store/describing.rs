//! What a dataset says of itself: the names of its axes, and attributes.

#![forbid(unsafe_code)]

use super::h5::{DIMENSION_LIST, REFERENCE_LIST};
use super::Dtype;
use crate::error::{Error, Result};
use std::sync::Arc;

/// The names of a dataset's axes, one for each.
pub type Names = Arc<[Box<str>]>;

/// What a dataset says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The names of its axes.
    pub dims: Option<Names>,
    /// Its attributes.
    pub attributes: Vec<DescribedAttribute>,
}

/// An attribute to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedAttribute {
    /// Its name.
    pub name: String,
    /// The type of its elements; a text is one.
    pub dtype: Dtype,
    /// Its extents.
    pub shape: Vec<u64>,
    /// The elements, or the bytes of the text.
    pub data: Vec<u8>,
}

/// The value of an attribute.
///
/// ```
/// use h5sim::AttributeValue;
/// assert_eq!(AttributeValue::from("m/s"), AttributeValue::Text("m/s".to_owned()));
/// assert_eq!(AttributeValue::from(7), AttributeValue::Integer(7));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// False or true.
    Bool(bool),
    /// An array of integers.
    Integers(Vec<i64>),
    /// An array of floats.
    Floats(Vec<f64>),
}

macro_rules! value_from {
    ($($kind:ident: $type:ty;)*) => {
        $(impl From<$type> for AttributeValue {
            fn from(value: $type) -> Self {
                Self::$kind(value.into())
            }
        })*
    };
}

value_from! {
    Text: &str;
    Text: String;
    Integer: i64;
    Integer: i32;
    Float: f64;
    Float: f32;
    Bool: bool;
    Integers: Vec<i64>;
    Integers: &[i64];
    Floats: Vec<f64>;
    Floats: &[f64];
}

impl DescribedAttribute {
    /// The attribute of this name and value.
    pub fn new(name: &str, value: AttributeValue) -> Self {
        let one = Vec::new();
        let (dtype, shape, data) = match value {
            AttributeValue::Text(text) => (Dtype::Text, one, text.into_bytes()),
            AttributeValue::Integer(number) => (Dtype::I64, one, number.to_ne_bytes().to_vec()),
            AttributeValue::Float(number) => (Dtype::F64, one, number.to_ne_bytes().to_vec()),
            AttributeValue::Bool(value) => (Dtype::Bool, one, vec![u8::from(value)]),
            AttributeValue::Integers(numbers) => {
                let data = numbers.iter().flat_map(|number| number.to_ne_bytes());
                (Dtype::I64, vec![numbers.len() as u64], data.collect())
            }
            AttributeValue::Floats(numbers) => {
                let data = numbers.iter().flat_map(|number| number.to_ne_bytes());
                (Dtype::F64, vec![numbers.len() as u64], data.collect())
            }
        };
        Self {
            name: name.to_owned(),
            dtype,
            shape,
            data,
        }
    }
}

impl Description {
    /// Fails if it cannot be said of any dataset.
    pub fn check(&self) -> Result<()> {
        if let Some(names) = &self.dims {
            check_names(names)?;
        }
        for attribute in &self.attributes {
            let DescribedAttribute {
                name, dtype, data, ..
            } = attribute;
            let refuse = |why: &str| {
                Err(Error::argument(format!(
                    "option 'attrs' has '{name}', {why}"
                )))
            };
            if name == DIMENSION_LIST || name == REFERENCE_LIST {
                return refuse("which 'dims' makes");
            }
            if name.is_empty() || name.contains('\0') {
                return refuse("which is no name for an attribute");
            }
            if *dtype == Dtype::Text && data.contains(&0) {
                return refuse("a text with a NUL character");
            }
        }
        Ok(())
    }
}

/// Fails if one of the names is none for an axis.
pub fn check_names(names: &Names) -> Result<()> {
    for name in names.iter() {
        if name.contains('/') {
            return Err(Error::argument(format!(
                "option 'dims' has '{name}', expected a name without '/': a coordinate lies in the group of the dataset or in one above it, and readers find it in no other"
            )));
        }
        if name.is_empty() || **name == *"." || **name == *".." || name.contains('\0') {
            return Err(Error::argument(format!(
                "option 'dims' has '{name}', which is no name for a dimension"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(dims: &str, attribute: &str) -> String {
        let description = Description {
            dims: Some([dims.into()].into()),
            attributes: vec![DescribedAttribute::new(attribute, 1.into())],
        };
        description.check().unwrap_err().message
    }

    #[test]
    fn names_that_no_reader_finds_are_refused() {
        assert!(refused("a/t", "units").contains("without '/'"));
        assert!(refused("", "units").contains("no name for a dimension"));
        assert!(refused("t", "DIMENSION_LIST").contains("'dims' makes"));
        assert!(refused("t", "").contains("no name for an attribute"));
    }
}
