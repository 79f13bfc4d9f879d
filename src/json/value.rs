//! A JSON document in memory, with Python's idea of what a number is.

#![forbid(unsafe_code)]

use super::object::Object;
use crate::error::{Error, Result};
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// How many arrays and objects may be inside each other.
///
/// Comparing and dropping a document recurse, so that whatever makes one (the
/// readers of JSON and YAML, [`set`](super::set)) keeps to this, and 256 KiB of stack suffice.
/// Python's readers give up at about 1,000 by default.
pub const MAX_DEPTH: usize = 1024;

/// The name of a member: a text, and what Python has as the key that JSON prints as this text.
///
/// Names are equal when their texts are: one member has a name, whatever its kind.
#[derive(Clone, Debug)]
pub struct Name {
    text: Box<str>,
    /// Decides the place among the others where members are sorted.
    pub kind: NameKind,
}

/// What Python has as a key: what is read from YAML, or written from a map of Rust's, need not be a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A text, as all names that are read from JSON or set by a pointer.
    Text,
    /// A number or a truth value, which is one in Python; the text is the one that JSON has for it.
    Number,
    /// None, which is sorted with nothing else.
    Null,
    /// Two keys of different kinds that JSON prints alike, such as `1` and `"1"`; of the two, one member is left.
    Several,
}

impl Name {
    /// The name that stands for a key of this kind.
    pub fn new(text: impl Into<String>, kind: NameKind) -> Self {
        Self {
            text: text.into().into_boxed_str(),
            kind,
        }
    }
}

impl<T: Into<String>> From<T> for Name {
    fn from(text: T) -> Self {
        Self::new(text, NameKind::Text)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        *self.text == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)
    }
}

impl Hash for Name {
    /// As that of the text, which finds a member too.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// One JSON value.
#[derive(Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number written without point and exponent: exact, of any size.
    Integer(Integer),
    /// Any other number, and Python's `NaN`, `Infinity` and `-Infinity`.
    Float(f64),
    /// A string of Unicode scalar values.
    Text(String),
    /// `[…]`
    Array(Vec<Value>),
    /// `{…}`
    Object(Object),
}

/// An integer of any size, kept as its shortest decimal form: an optional `-`,
/// then digits without leading zeros; zero is `0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integer {
    /// What fits 64 bits, so that the usual case allocates nothing.
    Small(i64),
    /// The decimal digits of what does not.
    Big(String),
}

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Integer::Small(integer) => integer.fmt(formatter),
            Integer::Big(digits) => formatter.write_str(digits),
        }
    }
}

/// What a value is, regardless of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without point and exponent.
    Integer,
    /// Any other number.
    Float,
    /// A string.
    Text,
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

impl fmt::Display for ValueKind {
    /// The kind with its article, as it stands in a sentence.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ValueKind::Null => "null",
            ValueKind::Bool => "a bool",
            ValueKind::Integer => "an integer",
            ValueKind::Float => "a float",
            ValueKind::Text => "a text",
            ValueKind::Array => "an array",
            ValueKind::Object => "an object",
        })
    }
}

impl Value {
    /// What the value is.
    pub fn kind(&self) -> ValueKind {
        match self {
            Value::Null => ValueKind::Null,
            Value::Bool(_) => ValueKind::Bool,
            Value::Integer(_) => ValueKind::Integer,
            Value::Float(_) => ValueKind::Float,
            Value::Text(_) => ValueKind::Text,
            Value::Array(_) => ValueKind::Array,
            Value::Object(_) => ValueKind::Object,
        }
    }

    /// How many containers are inside each other, this one included: 0 for a scalar.
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut waiting = vec![(self, 0)];
        while let Some((value, outside)) = waiting.pop() {
            match value {
                Value::Array(elements) => {
                    deepest = deepest.max(outside + 1);
                    waiting.extend(elements.iter().map(|element| (element, outside + 1)));
                }
                Value::Object(members) => {
                    deepest = deepest.max(outside + 1);
                    waiting.extend(members.values().map(|member| (member, outside + 1)));
                }
                _ => {}
            }
        }
        deepest
    }

    /// The number as a double; an integer is converted, rounded as Python rounds it.
    ///
    /// # Errors
    /// `Type` when it is no number, or an integer beyond what a double can hold.
    pub fn as_f64(&self) -> Result<f64> {
        match self {
            Value::Float(float) => Ok(*float),
            Value::Integer(Integer::Small(integer)) => Ok(*integer as f64),
            Value::Integer(Integer::Big(digits)) => match digits.parse::<f64>() {
                Ok(float) if float.is_finite() => Ok(float),
                _ => Err(Error::type_(format!(
                    "expected a number that a double can hold, found an integer of {} digits",
                    digits.trim_start_matches('-').len()
                ))),
            },
            other => Err(other.is_not("a number")),
        }
    }

    /// The integer, if it fits 64 bits; a float is none, even `1.0`.
    ///
    /// # Errors
    /// `Type` when it is no integer or does not fit.
    pub fn as_i64(&self) -> Result<i64> {
        match self {
            Value::Integer(Integer::Small(integer)) => Ok(*integer),
            Value::Integer(Integer::Big(digits)) => Err(Error::type_(format!(
                "expected an integer of 64 bits, found one of {} digits",
                digits.trim_start_matches('-').len()
            ))),
            other => Err(other.is_not("an integer")),
        }
    }

    /// The truth value.
    ///
    /// # Errors
    /// `Type` when it is neither `true` nor `false`.
    pub fn as_bool(&self) -> Result<bool> {
        match self {
            Value::Bool(bool) => Ok(*bool),
            other => Err(other.is_not("a bool")),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// `Type` when it is no text.
    pub fn as_text(&self) -> Result<&str> {
        match self {
            Value::Text(text) => Ok(text),
            other => Err(other.is_not("a text")),
        }
    }

    fn is_not(&self, expected: &str) -> Error {
        Error::type_(format!("expected {expected}, found {}", self.kind()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;
    use crate::json::parse;

    #[test]
    fn numbers_convert_as_in_python() {
        assert_eq!(parse("1.5").unwrap().as_f64(), Ok(1.5));
        assert_eq!(
            parse("9007199254740993").unwrap().as_f64(),
            Ok(9007199254740992.0)
        );
        assert_eq!(parse("-99999999999999999999").unwrap().as_f64(), Ok(-1e20));
        assert_eq!(parse("-7").unwrap().as_i64(), Ok(-7));
        assert_eq!(parse("true").unwrap().as_bool(), Ok(true));
        assert_eq!(parse(r#""\u00e9""#).unwrap().as_text(), Ok("é"));
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_says_so() {
        let message = |error: Error| {
            assert_eq!(error.status, Status::Type);
            error.message
        };
        let huge = parse(&format!("-1{}", "0".repeat(309))).unwrap();
        assert_eq!(
            message(huge.as_f64().unwrap_err()),
            "expected a number that a double can hold, found an integer of 310 digits"
        );
        assert_eq!(
            message(huge.as_i64().unwrap_err()),
            "expected an integer of 64 bits, found one of 310 digits"
        );
        for (text, kind) in [
            ("1.0", "a float"),
            ("true", "a bool"),
            ("null", "null"),
            ("{}", "an object"),
        ] {
            assert_eq!(
                message(parse(text).unwrap().as_i64().unwrap_err()),
                format!("expected an integer, found {kind}")
            );
        }
        assert_eq!(
            message(parse("true").unwrap().as_f64().unwrap_err()),
            "expected a number, found a bool"
        );
        assert_eq!(
            message(parse("1").unwrap().as_bool().unwrap_err()),
            "expected a bool, found an integer"
        );
        assert_eq!(
            message(parse("[]").unwrap().as_text().unwrap_err()),
            "expected a text, found an array"
        );
    }

    #[test]
    fn copies_are_equal_and_in_order() {
        let text = r#"{"b": [1, [], {}, [2.5, {"x": null}]], "a": {"d": true, "c": "e"}}"#;
        let value = parse(text).unwrap();
        assert_eq!(value.clone(), value);
        assert_eq!(crate::json::dumps(&value.clone()), text);
        assert_eq!(Value::Null.clone(), Value::Null);
    }

    #[test]
    fn depth_counts_containers() {
        for (text, depth) in [
            ("1", 0),
            ("[]", 1),
            ("{}", 1),
            (r#"[1, {"a": [0]}, []]"#, 3),
        ] {
            assert_eq!(parse(text).unwrap().depth(), depth);
        }
    }
}
