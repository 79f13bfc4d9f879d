//! A document as bytes in which one key is found without reading the others: most of the
//! documents that a query meets do not match.
//!
//! ```text
//! value: tag u8, then
//!   null, false, true: nothing     integer: i64     float: f64     other integer, text: length u32, bytes
//!   array: length u32, values      object: length u32, members, each name length u32, name, value
//! ```
//! The lengths are those of what follows, in bytes, so that it can be passed over. All numbers are
//! little-endian.

#![forbid(unsafe_code)]

use crate::json::{Integer, Object, Value, MAX_DEPTH};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INTEGER: u8 = 3;
const FLOAT: u8 = 4;
const BIG: u8 = 5;
const TEXT: u8 = 6;
const ARRAY: u8 = 7;
const OBJECT: u8 = 8;

/// The bytes of a document.
pub fn encode(document: &Value) -> Vec<u8> {
    let mut tape = Vec::with_capacity(256);
    put(&mut tape, document);
    tape
}

fn put(tape: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => tape.push(NULL),
        Value::Bool(false) => tape.push(FALSE),
        Value::Bool(true) => tape.push(TRUE),
        Value::Integer(Integer::Small(integer)) => {
            tape.push(INTEGER);
            tape.extend(integer.to_le_bytes());
        }
        Value::Integer(Integer::Big(digits)) => {
            tape.push(BIG);
            put_text(tape, digits);
        }
        Value::Float(float) => {
            tape.push(FLOAT);
            tape.extend(float.to_bits().to_le_bytes());
        }
        Value::Text(text) => {
            tape.push(TEXT);
            put_text(tape, text);
        }
        Value::Array(elements) => {
            tape.push(ARRAY);
            let length = begin(tape);
            elements.iter().for_each(|element| put(tape, element));
            end(tape, length);
        }
        Value::Object(members) => {
            tape.push(OBJECT);
            let length = begin(tape);
            for (name, member) in members {
                put_text(tape, name);
                put(tape, member);
            }
            end(tape, length);
        }
    }
}

fn put_text(tape: &mut Vec<u8>, text: &str) {
    // The text of the document was read with a bound far below 4 GiB.
    tape.extend((text.len() as u32).to_le_bytes());
    tape.extend(text.as_bytes());
}

/// Leaves room for the length of what follows.
fn begin(tape: &mut Vec<u8>) -> usize {
    tape.extend([0; 4]);
    tape.len()
}

fn end(tape: &mut [u8], begin: usize) {
    let length = (tape.len() - begin) as u32;
    tape[begin - 4..begin].copy_from_slice(&length.to_le_bytes());
}

/// The value at a key, as [`descend`](super::descend) finds it in the document.
pub fn get(tape: &[u8], key: &[String]) -> Option<Value> {
    let mut tape = Tape(tape);
    'way: for name in key {
        match tape.byte()? {
            OBJECT => {
                let mut members = Tape(tape.text()?);
                while !members.0.is_empty() {
                    if members.text()? == name.as_bytes() {
                        tape = members;
                        continue 'way;
                    }
                    members.pass()?;
                }
                return None;
            }
            ARRAY => {
                let mut elements = Tape(tape.text()?);
                for _ in 0..name.parse::<usize>().ok()? {
                    if elements.0.is_empty() {
                        return None;
                    }
                    elements.pass()?;
                }
                tape = elements;
            }
            _ => return None,
        }
    }
    tape.value(0)
}

/// What is left of the bytes of a value.
#[derive(Clone, Copy)]
struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// What a length says that follows it.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        self.take(length as usize)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn utf8(&mut self) -> Option<String> {
        std::str::from_utf8(self.text()?).ok().map(str::to_owned)
    }

    /// Passes a value over.
    fn pass(&mut self) -> Option<()> {
        match self.byte()? {
            NULL | FALSE | TRUE => Some(()),
            INTEGER | FLOAT => self.take(8).map(drop),
            BIG | TEXT | ARRAY | OBJECT => self.text().map(drop),
            _ => None,
        }
    }

    /// Reads a value; `depth` containers are around it.
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match self.byte()? {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INTEGER => Value::Integer(Integer::Small(self.number()? as i64)),
            FLOAT => Value::Float(f64::from_bits(self.number()?)),
            BIG => Value::Integer(Integer::Big(self.utf8()?)),
            TEXT => Value::Text(self.utf8()?),
            ARRAY => {
                let mut content = Tape(self.text()?);
                let mut elements = Vec::new();
                while !content.0.is_empty() {
                    elements.push(content.value(depth + 1)?);
                }
                Value::Array(elements)
            }
            OBJECT => {
                let mut content = Tape(self.text()?);
                let mut members = Object::new();
                while !content.0.is_empty() {
                    members.insert(content.utf8()?.into(), content.value(depth + 1)?);
                }
                Value::Object(members)
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{descend, names};
    use crate::json::{dumps, parse};

    const TEXTS: [&str; 11] = [
        r#"{"a": {"b": {"c": 1, "d": [2]}}, "b": [1, {"x": {"y": "é"}}], "c": null}"#,
        r#"{"a": 1, "b": [], "c": {"x": true, "x": {"y": 1}}}"#,
        r#"{"a": {"b": {"c": 1}}, "a": {"x": 1}, "b": [[0, 1], [2]]}"#,
        r#"{"a": {"b": {"c": false}}, "a": 5}"#,
        r#"{"a": {"": {"b": 2.5}}, "": 7, "0": [1]}"#,
        r#"[{"a": 1}, 2, NaN, -0.0]"#,
        r#"[[1], {"x": 3}]"#,
        "-3",
        "\"\"",
        "null",
        r#"{"b": {"0": "zero", "1": {"x": 100000000000000000000}}}"#,
    ];

    #[test]
    fn what_is_found_is_what_the_document_has() {
        for text in TEXTS {
            let document = parse(text).unwrap();
            let tape = encode(&document);
            assert_eq!(dumps(&get(&tape, &[]).unwrap()), dumps(&document));
            for key in [
                "a", "a.b", "a.b.c", "a.b.0", "b", "b.0", "b.1", "b.01", "b.1.x", "b.1.x.y", "c",
                "c.x", "", "a..b", "0", "3", "9", "0.a",
            ] {
                let key = names(key);
                let found = get(&tape, &key);
                let expected = descend(&document, &key);
                assert_eq!(
                    found.as_ref().map(dumps),
                    expected.map(dumps),
                    "{text} {key:?}"
                );
            }
        }
    }

    #[test]
    fn damaged_bytes_give_nothing_or_something_but_no_panic() {
        for text in TEXTS {
            let tape = encode(&parse(text).unwrap());
            for cut in 0..tape.len() {
                get(&tape[..cut], &names("a.b.c"));
                get(&tape[..cut], &[]);
            }
            for at in 0..tape.len() {
                for byte in 0..=255 {
                    let mut damaged = tape.clone();
                    damaged[at] = byte;
                    get(&damaged, &names("a.b.c"));
                    get(&damaged, &names("b.1.x"));
                    get(&damaged, &[]);
                }
            }
        }
        let mut deep = vec![NULL];
        for _ in 0..2 * MAX_DEPTH {
            let length = (deep.len() as u32).to_le_bytes();
            deep = [&[ARRAY], &length[..], &deep].concat();
        }
        assert!(get(&deep, &[]).is_none());
    }
}
