//! The values between YAML and JSON: Python's objects, as far as safe_load makes them.

#![forbid(unsafe_code)]

use super::super::canonical::float_repr;
use super::super::value::Integer;
use super::graph::NodeId;
use super::number;
use super::timestamp;

/// What a node becomes.
pub(super) enum Object {
    /// A value that may be a key.
    Scalar(KeyScalar),
    List(Vec<NodeId>),
    /// A list of pairs, a key and a value each.
    Pairs(Vec<[NodeId; 2]>),
    /// Members with distinct keys.
    Mapping(Vec<(NodeId, NodeId)>),
    /// Distinct members.
    Set(Vec<NodeId>),
}

/// A value that may be a key.
pub(super) enum KeyScalar {
    Null,
    Bool(bool),
    Integer(Integer),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Timestamp(timestamp::TimestampFields),
}

/// What tells two keys of a mapping apart: in Python `1`, `1.0` and `True` are one key.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum KeyIdentity {
    Null,
    /// The decimal digits of a whole number.
    Whole(String),
    /// The bits of any other number.
    Fraction(u64),
    /// PyYAML's own.
    OwnNan,
    /// Where any other is: in Python it is equal to nothing, and only an alias of it is the same.
    NotANumber(NodeId),
    Text(String),
    Bytes(Vec<u8>),
    Timestamp(u8, i64),
}

impl KeyScalar {
    /// What tells this key, at its node and written like this, from others.
    pub fn identity(&self, node: NodeId, text: &str) -> KeyIdentity {
        match self {
            KeyScalar::Null => KeyIdentity::Null,
            KeyScalar::Bool(value) => KeyIdentity::Whole(u8::from(*value).to_string()),
            KeyScalar::Integer(integer) => KeyIdentity::Whole(integer.to_string()),
            KeyScalar::Float(float) if float.fract() == 0.0 => {
                // Adding zero makes an unsigned zero of a negative one.
                KeyIdentity::Whole(format!("{:.0}", float + 0.0))
            }
            KeyScalar::Float(float) if float.is_nan() => match number::is_own_nan(text) {
                true => KeyIdentity::OwnNan,
                false => KeyIdentity::NotANumber(node),
            },
            KeyScalar::Float(float) => KeyIdentity::Fraction(float.to_bits()),
            KeyScalar::Text(text) => KeyIdentity::Text(text.clone()),
            KeyScalar::Bytes(bytes) => KeyIdentity::Bytes(bytes.clone()),
            KeyScalar::Timestamp(fields) => {
                let (kind, instant) = fields.instant();
                KeyIdentity::Timestamp(kind, instant)
            }
        }
    }

    /// The text that Python's `repr` gives.
    pub fn representation(&self) -> String {
        match self {
            KeyScalar::Null => "None".to_string(),
            KeyScalar::Bool(true) => "True".to_string(),
            KeyScalar::Bool(false) => "False".to_string(),
            KeyScalar::Integer(integer) => integer.to_string(),
            KeyScalar::Float(float) => {
                // Only JSON has other names for these.
                let text = float_repr(*float);
                text.replace("NaN", "nan").replace("Infinity", "inf")
            }
            KeyScalar::Text(text) => text_representation(text),
            KeyScalar::Bytes(bytes) => bytes_representation(bytes),
            KeyScalar::Timestamp(fields) => fields.representation(),
        }
    }
}

/// Python prefers single quotes, unless that would need escapes and double quotes would not.
fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double {
        '"'
    } else {
        '\''
    }
}

fn text_representation(text: &str) -> String {
    let quote = quote_for(text.contains('\''), text.contains('"'));
    let mut shown = String::from(quote);
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if character == quote => shown.extend(['\\', quote]),
            _ if is_printable(character) => shown.push(character),
            _ if code <= 0xFF => shown.push_str(&format!("\\x{code:02x}")),
            _ if code <= 0xFFFF => shown.push_str(&format!("\\u{code:04x}")),
            _ => shown.push_str(&format!("\\U{code:08x}")),
        }
    }
    shown.push(quote);
    shown
}

/// Tells whether Python prints a character as it is, which is also what Rust's debug form
/// goes by; there only the first character of a text may not be a combining one.
fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        _ => {
            let text = String::from_iter(['a', character]);
            text.escape_debug().eq(text.chars())
        }
    }
}

/// The text that Python's `str` and `repr` give for bytes.
pub(super) fn bytes_representation(bytes: &[u8]) -> String {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut shown = String::from('b');
    shown.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' => shown.push_str("\\\\"),
            b'\n' => shown.push_str("\\n"),
            b'\r' => shown.push_str("\\r"),
            b'\t' => shown.push_str("\\t"),
            b' '..=b'~' if char::from(byte) == quote => shown.extend(['\\', quote]),
            b' '..=b'~' => shown.push(char::from(byte)),
            _ => shown.push_str(&format!("\\x{byte:02x}")),
        }
    }
    shown.push(quote);
    shown
}

/// Decodes base64 as Python's `base64.decodebytes` does: other characters are skipped, and
/// what follows complete padding is ignored.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let mut bytes = Vec::new();
    // The characters of the current group of four, and what is left of the latest one.
    let mut position = 0;
    let mut left: u8 = 0;
    let mut padding = 0;
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                if position >= 2 {
                    padding += 1;
                    if position + padding >= 4 {
                        return Some(bytes);
                    }
                }
                continue;
            }
            _ => continue,
        };
        padding = 0;
        match position {
            0 => left = value,
            1 => {
                bytes.push((left << 2) | (value >> 4));
                left = value & 0x0F;
            }
            2 => {
                bytes.push((left << 4) | (value >> 2));
                left = value & 0x03;
            }
            _ => bytes.push((left << 6) | value),
        }
        position = (position + 1) % 4;
    }
    (position == 0).then_some(bytes)
}
