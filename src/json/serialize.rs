//! Rust's values as documents: a `serde` serializer that writes what Python's `json.dumps` prints.
//!
//! A struct is a dict of its fields, a unit variant of an enum its name, and another variant a dict with that name alone, which are
//! serde's conventions. Numbers as the keys of a map are sorted as numbers, as Python does before it prints them.

#![forbid(unsafe_code)]

use super::canonical::Writer;
use super::events::{Container, Scalar, Sink};
use super::float_repr;
use super::tree::Tree;
use super::value::{NameKind, Value, MAX_DEPTH};
use crate::error::{Error, Result};
use serde::{ser, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A value as a document in memory.
///
/// # Errors
/// `Json` for what JSON cannot hold, and where the value's own code fails.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    let mut tree = Tree::new();
    value.serialize(Serializer::new(&mut tree))?;
    Ok(tree.finish())
}

/// What Python's `json.dumps(value)` prints.
///
/// # Errors
/// As [`to_value`].
pub fn dumps_of<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let mut writer = Writer::plain();
    value.serialize(Serializer::new(&mut writer))?;
    writer.finish()
}

/// What [`dumps_of`] gives, of a value that takes at most so many bytes.
///
/// # Errors
/// As [`to_value`]; `Io` where there is not so much memory.
pub fn dumps_of_within<T: Serialize + ?Sized>(value: &T, bytes: usize) -> Result<String> {
    let mut writer = Writer::plain_within(bytes)?;
    value.serialize(Serializer::new(&mut writer))?;
    writer.finish()
}

/// What Python's `json.dumps(value, sort_keys=True)` prints.
///
/// # Errors
/// As [`to_value`], and where Python cannot sort the keys of a map: texts and numbers beside each other.
pub fn canonical_of<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let mut writer = Writer::canonical();
    value.serialize(Serializer::new(&mut writer))?;
    writer.finish()
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(words: T) -> Self {
        Error::json(words.to_string())
    }
}

struct Serializer<'s, S> {
    sink: &'s mut S,
    /// How many containers it is in.
    depth: usize,
}

impl<'s, S: Sink<'static>> Serializer<'s, S> {
    fn new(sink: &'s mut S) -> Self {
        Self { sink, depth: 0 }
    }

    fn scalar(self, scalar: Scalar<'static>) -> Result<()> {
        self.sink.scalar(scalar);
        Ok(())
    }

    fn text(self, text: &str) -> Result<()> {
        self.scalar(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn begin(
        self,
        container: Container,
        around: Option<&'static str>,
    ) -> Result<BegunContainer<'s, S>> {
        let depth = self.depth + 1 + usize::from(around.is_some());
        if depth > MAX_DEPTH {
            return Err(Error::json(format!(
                "more than {MAX_DEPTH} arrays and objects are inside each other"
            )));
        }
        if let Some(variant) = around {
            self.sink.begin(Container::Object);
            self.sink.name(Cow::Borrowed(variant), NameKind::Text);
        }
        self.sink.begin(container);
        Ok(BegunContainer {
            inner: Serializer { depth, ..self },
            is_variant: around.is_some(),
        })
    }
}

/// A container that has begun.
struct BegunContainer<'s, S> {
    inner: Serializer<'s, S>,
    /// It is the only member of an object, which ends with it.
    is_variant: bool,
}

impl<S: Sink<'static>> BegunContainer<'_, S> {
    fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(Serializer {
            sink: &mut *self.inner.sink,
            depth: self.inner.depth,
        })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.inner.sink.name(Cow::Borrowed(name), NameKind::Text);
        self.put(value)
    }

    fn close(self) -> Result<()> {
        self.inner.sink.end();
        if self.is_variant {
            self.inner.sink.end();
        }
        Ok(())
    }
}

impl<'s, S: Sink<'static>> ser::Serializer for Serializer<'s, S> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = BegunContainer<'s, S>;
    type SerializeTuple = BegunContainer<'s, S>;
    type SerializeTupleStruct = BegunContainer<'s, S>;
    type SerializeTupleVariant = BegunContainer<'s, S>;
    type SerializeMap = BegunContainer<'s, S>;
    type SerializeStruct = BegunContainer<'s, S>;
    type SerializeStructVariant = BegunContainer<'s, S>;

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.scalar(Scalar::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<()> {
        self.scalar(Scalar::Small(value))
    }

    fn serialize_i128(self, value: i128) -> Result<()> {
        match i64::try_from(value) {
            Ok(small) => self.serialize_i64(small),
            Err(_) => self.scalar(Scalar::Big(Cow::Owned(value.to_string()))),
        }
    }

    fn serialize_u8(self, value: u8) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<()> {
        self.serialize_i128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<()> {
        match i64::try_from(value) {
            Ok(small) => self.serialize_i64(small),
            Err(_) => self.scalar(Scalar::Big(Cow::Owned(value.to_string()))),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.scalar(Scalar::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.scalar(Scalar::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.scalar(Scalar::Text(Cow::Borrowed(variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        let mut open = self.begin(Container::Object, None)?;
        open.field(variant, value)?;
        open.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Array, None)
    }

    fn serialize_tuple(self, _: usize) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Array, None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Array, None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Array, Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Object, None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Object, None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<BegunContainer<'s, S>> {
        self.begin(Container::Object, Some(variant))
    }
}

impl<S: Sink<'static>> ser::SerializeSeq for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl<S: Sink<'static>> ser::SerializeTuple for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl<S: Sink<'static>> ser::SerializeTupleStruct for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl<S: Sink<'static>> ser::SerializeTupleVariant for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl<S: Sink<'static>> ser::SerializeMap for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let (name, kind) = match to_value(key)? {
            Value::Text(text) => (text, NameKind::Text),
            Value::Integer(integer) => (integer.to_string(), NameKind::Number),
            Value::Float(float) => (float_repr(float), NameKind::Number),
            Value::Bool(value) => (value.to_string(), NameKind::Number),
            Value::Null => ("null".to_owned(), NameKind::Null),
            other => {
                return Err(Error::json(format!(
                    "the key of a map is {}, expected a text, a number, true, false or null",
                    other.kind()
                )))
            }
        };
        self.inner.sink.name(Cow::Owned(name), kind);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl<S: Sink<'static>> ser::SerializeStruct for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.field(name, value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl<S: Sink<'static>> ser::SerializeStructVariant for BegunContainer<'_, S> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.field(name, value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    enum Method {
        Euler,
        Order(u8),
        Pair(f32, i8),
        Adaptive { tolerance: f64 },
    }

    #[derive(Serialize)]
    struct Parameters<'a> {
        name: &'a str,
        dt: f64,
        methods: Vec<Method>,
        nested: Vec<Vec<u64>>,
        none: Option<i32>,
        unit: (),
        weights: BTreeMap<i32, f64>,
    }

    #[test]
    fn values_are_printed_as_python_prints_them() {
        let parameters = Parameters {
            name: "é\n",
            dt: 1e-5,
            methods: vec![
                Method::Euler,
                Method::Order(4),
                Method::Pair(0.1, -1),
                Method::Adaptive {
                    tolerance: f64::NAN,
                },
            ],
            nested: vec![vec![], vec![1, u64::MAX]],
            none: None,
            unit: (),
            weights: [(10, 1.0), (-2, 0.5), (9, -0.0)].into(),
        };
        let methods = r#"["Euler", {"Order": 4}, {"Pair": [0.10000000149011612, -1]}, {"Adaptive": {"tolerance": NaN}}]"#;
        let weights = r#"{"-2": 0.5, "9": -0.0, "10": 1.0}"#;
        assert_eq!(
            dumps_of(&parameters).unwrap(),
            format!(
                r#"{{"name": "\u00e9\n", "dt": 1e-05, "methods": {methods}, "nested": [[], [1, 18446744073709551615]], "none": null, "unit": null, "weights": {weights}}}"#
            )
        );
        assert_eq!(
            canonical_of(&parameters).unwrap(),
            format!(
                r#"{{"dt": 1e-05, "methods": {methods}, "name": "\u00e9\n", "nested": [[], [1, 18446744073709551615]], "none": null, "unit": null, "weights": {weights}}}"#
            )
        );
        let value = to_value(&parameters).unwrap();
        assert_eq!(super::super::dumps(&value), dumps_of(&parameters).unwrap());
    }

    #[test]
    fn keys_that_python_cannot_sort_are_refused() {
        #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
        #[serde(untagged)]
        enum Key {
            Number(i32),
            Text(&'static str),
            Pair(i8, i8),
        }
        let mixed = BTreeMap::from([(Key::Number(1), 1), (Key::Text("a"), 2)]);
        assert!(canonical_of(&mixed).is_err());
        assert_eq!(dumps_of(&mixed).unwrap(), r#"{"1": 1, "a": 2}"#);
        assert!(dumps_of(&BTreeMap::from([(Key::Pair(1, 2), 0)])).is_err());
        let huge = BTreeMap::from([(i128::MAX, 1), (2, 2), (-3, 3)]);
        assert_eq!(
            canonical_of(&huge).unwrap(),
            format!(r#"{{"-3": 3, "2": 2, "{}": 1}}"#, i128::MAX)
        );
    }
}
