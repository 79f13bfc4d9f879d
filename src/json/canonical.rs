//! Writing JSON, byte for byte as Python's `json.dumps` does.
//!
//! The writer keeps the containers that it is inside of in a list of its own, so that
//! no document can exhaust the stack.

#![forbid(unsafe_code)]

use super::value::{Integer, Value};
use std::fmt::Write;

/// The canonical form: `json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)`.
pub fn canonical(value: &Value) -> String {
    write(value, true)
}

/// The document with its members in their own order: `json.dumps(value)`.
pub fn dumps(value: &Value) -> String {
    write(value, false)
}

/// A float as Python's `repr` prints it: the fewest digits that read back as the same.
///
/// Infinities and NaN are printed as Python's `json` does, `Infinity` and `NaN`.
pub fn float_repr(float: f64) -> String {
    let mut out = String::new();
    write_float(&mut out, float);
    out
}

/// A container that has been begun.
struct Open<'a> {
    /// What of it is still to be written.
    rest: Rest<'a>,
    /// Whether nothing of it has been written yet, so that no comma is due.
    first: bool,
}

/// The elements or members of a container that are still to be written.
enum Rest<'a> {
    Elements(std::slice::Iter<'a, Value>),
    Members(indexmap::map::Iter<'a, String, Value>),
    Sorted(std::vec::IntoIter<(&'a String, &'a Value)>),
}

impl<'a> Rest<'a> {
    /// The next value, and the name that it has in an object.
    fn next(&mut self) -> Option<(Option<&'a String>, &'a Value)> {
        match self {
            Rest::Elements(elements) => elements.next().map(|value| (None, value)),
            Rest::Members(members) => members.next().map(|(key, value)| (Some(key), value)),
            Rest::Sorted(members) => members.next().map(|(key, value)| (Some(key), value)),
        }
    }
}

fn write(value: &Value, sort_keys: bool) -> String {
    let mut out = String::with_capacity(256);
    let mut open: Vec<Open> = Vec::new();
    let mut value = value;
    loop {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Integer(integer) => write_integer(&mut out, integer),
            Value::Float(float) => write_float(&mut out, *float),
            Value::Text(text) => write_text(&mut out, text),
            Value::Array(elements) => {
                out.push('[');
                let rest = Rest::Elements(elements.iter());
                open.push(Open { rest, first: true });
            }
            Value::Object(members) => {
                out.push('{');
                let rest = if sort_keys {
                    // The order of UTF-8's bytes is that of the code points.
                    let mut sorted: Vec<_> = members.iter().collect();
                    sorted.sort_unstable_by_key(|&(key, _)| key);
                    Rest::Sorted(sorted.into_iter())
                } else {
                    Rest::Members(members.iter())
                };
                open.push(Open { rest, first: true });
            }
        }
        // Go on in the innermost container that has something left.
        value = loop {
            let Some(container) = open.last_mut() else {
                return out;
            };
            if let Some((key, value)) = container.rest.next() {
                if !std::mem::replace(&mut container.first, false) {
                    out.push_str(", ");
                }
                if let Some(key) = key {
                    write_text(&mut out, key);
                    out.push_str(": ");
                }
                break value;
            }
            out.push(match container.rest {
                Rest::Elements(_) => ']',
                Rest::Members(_) | Rest::Sorted(_) => '}',
            });
            open.pop();
        };
    }
}

fn write_integer(out: &mut String, integer: &Integer) {
    match integer {
        Integer::Small(integer) => {
            let mut digits = Buffer::default();
            // Writing to the buffer cannot fail: 20 characters are the most.
            let _ = write!(digits, "{integer}");
            out.push_str(digits.as_str());
        }
        Integer::Big(digits) => out.push_str(digits),
    }
}

fn write_float(out: &mut String, float: f64) {
    if float.is_nan() {
        return out.push_str("NaN");
    }
    if float.is_sign_negative() {
        out.push('-');
    }
    if float.is_infinite() {
        return out.push_str("Infinity");
    }
    // `{:e}` gives the shortest digits that read back as the same number, of these the
    // closest, as `d.ddde±x`. What is left is to lay them out as Python does.
    let mut buffer = Buffer::default();
    // Writing to the buffer cannot fail: 17 digits, point, `e`, sign, 3 digits.
    let _ = write!(buffer, "{:e}", float.abs());
    let (mantissa, exponent) = buffer.as_str().split_once('e').unwrap_or(("0", "0"));
    let (leading, following) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match exponent {
        -4..=-1 => {
            out.push_str("0.");
            out.extend((exponent..-1).map(|_| '0'));
            out.push_str(leading);
            out.push_str(following);
        }
        0..=15 => {
            let whole = exponent.unsigned_abs() as usize;
            out.push_str(leading);
            if following.len() > whole {
                out.push_str(&following[..whole]);
                out.push('.');
                out.push_str(&following[whole..]);
            } else {
                out.push_str(following);
                out.extend((following.len()..whole).map(|_| '0'));
                out.push_str(".0");
            }
        }
        _ => {
            out.push_str(mantissa);
            out.push_str(if exponent < 0 { "e-" } else { "e+" });
            let exponent = exponent.unsigned_abs();
            if exponent < 10 {
                out.push('0');
            }
            let mut digits = Buffer::default();
            let _ = write!(digits, "{exponent}");
            out.push_str(digits.as_str());
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(plain) = rest.bytes().position(|byte| !is_plain(byte)) {
        out.push_str(&rest[..plain]);
        let mut characters = rest[plain..].chars();
        if let Some(character) = characters.next() {
            write_escape(out, character);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Whether a byte stands for itself inside a string.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn write_escape(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0c' => out.push_str("\\f"),
        '\x08' => out.push_str("\\b"),
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// Room for one number, so that formatting it allocates nothing.
#[derive(Default)]
struct Buffer {
    bytes: [u8; 32],
    len: usize,
}

impl Buffer {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn floats_as_python_prints_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.2, "1.2"),
            (123.0, "123.0"),
            (0.001, "0.001"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (9007199254740993.0, "9007199254740992.0"),
            (1234567890123456.7, "1234567890123456.8"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (12345678901234567.0, "1.2345678901234568e+16"),
            (1e22, "1e+22"),
            (1e23, "1e+23"),
            (-1e100, "-1e+100"),
            (5e-324, "5e-324"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
            (-f64::NAN, "NaN"),
        ];
        for (float, expected) in cases {
            assert_eq!(float_repr(float), expected);
        }
    }

    #[test]
    fn texts_are_escaped_to_ascii() {
        let text = "\"\\/\n\r\t\x08\x0c\0\x1f ~\x7fé\u{ffff}😀";
        assert_eq!(
            canonical(&Value::Text(text.into())),
            r#""\"\\/\n\r\t\b\f\u0000\u001f ~\u007f\u00e9\uffff\ud83d\ude00""#
        );
    }

    #[test]
    fn keys_are_sorted_by_code_point_or_kept_in_order() {
        let value = parse(r#"{"é":[],"b":{},"a":[1,[2,{}],-0],"":null,"😀":true,"ﬀ":false,"B":9223372036854775808}"#).unwrap();
        assert_eq!(
            canonical(&value),
            concat!(
                r#"{"": null, "B": 9223372036854775808, "a": [1, [2, {}], 0], "b": {}, "#,
                r#""\u00e9": [], "\ufb00": false, "\ud83d\ude00": true}"#
            )
        );
        assert_eq!(
            dumps(&value),
            concat!(
                r#"{"\u00e9": [], "b": {}, "a": [1, [2, {}], 0], "": null, "#,
                r#""\ud83d\ude00": true, "\ufb00": false, "B": 9223372036854775808}"#
            )
        );
    }

    #[test]
    fn any_depth_can_be_written() {
        let depth = 100_000;
        let mut value = Value::Null;
        for _ in 0..depth {
            value = Value::Array(vec![value]);
        }
        let text = "[".repeat(depth) + "null" + &"]".repeat(depth);
        assert!(canonical(&value) == text);
        // Dropping that document would exhaust the stack, which is why `parse` and `set`
        // limit the depth: take it apart level by level.
        while let Value::Array(mut elements) = value {
            value = elements.pop().unwrap_or(Value::Null);
        }
    }
}
