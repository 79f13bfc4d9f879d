//! Reading JSON: exactly the texts that Python's `json.loads` accepts, save two kinds.
//!
//! A `\ud800` without its other half makes a Python string that UTF-8 cannot hold, and
//! more than [`MAX_DEPTH`] containers inside each other exceed what Python's own recursion
//! limit allows by default. Both are errors here. The reader keeps the containers that are
//! still open in a list of its own, so that no text can exhaust the stack.

#![forbid(unsafe_code)]

use super::events::{Container, Scalar, Sink};
use super::tree::Tree;
use super::value::{NameKind, Value, MAX_DEPTH};
use crate::error::{Error, Result};
use std::borrow::Cow;

/// Python refuses longer integers in decimal (`sys.set_int_max_str_digits`).
const MAX_INTEGER_DIGITS: usize = 4300;

/// Reads a whole JSON text into memory.
///
/// # Errors
/// `Json`, naming line and column, what was expected there and what was found.
pub fn parse(text: &str) -> Result<Value> {
    let mut tree = Tree::new();
    read(text, &mut tree)?;
    Ok(tree.finish())
}

/// Fails if a text is not JSON; nothing is made of it.
///
/// # Errors
/// As [`parse`].
pub fn check(text: &str) -> Result<()> {
    struct Nothing;
    impl<'a> Sink<'a> for Nothing {
        fn begin(&mut self, _: Container) {}
        fn name(&mut self, _: Cow<'a, str>, _: NameKind) {}
        fn scalar(&mut self, _: Scalar<'a>) {}
        fn end(&mut self) {}
    }
    read(text, &mut Nothing)
}

/// Gives the events of a whole JSON text.
///
/// # Errors
/// As [`parse`], after the events of what comes before.
pub fn read<'a>(text: &'a str, sink: &mut impl Sink<'a>) -> Result<()> {
    let mut reader = Reader { text, position: 0 };
    let mut open: Vec<Container> = Vec::new();
    'value: loop {
        match reader.next_token() {
            Some(b'[') => {
                reader.begin(open.len())?;
                sink.begin(Container::Array);
                open.push(Container::Array);
                if reader.next_token() != Some(b']') {
                    continue 'value;
                }
            }
            Some(b'{') => {
                reader.begin(open.len())?;
                sink.begin(Container::Object);
                open.push(Container::Object);
                if reader.next_token() != Some(b'}') {
                    let name = reader.name("a member's name in '\"' or '}'")?;
                    sink.name(name, NameKind::Text);
                    continue 'value;
                }
            }
            _ => sink.scalar(reader.scalar()?),
        }
        // A value is complete, or an empty container begun: the innermost container goes on or ends.
        loop {
            match (open.last(), reader.next_token()) {
                (None, None) => return Ok(()),
                (None, Some(_)) => return Err(reader.unexpected("the end of the text")),
                (Some(Container::Array), Some(b',')) => {
                    reader.position += 1;
                    continue 'value;
                }
                (Some(Container::Object), Some(b',')) => {
                    reader.position += 1;
                    reader.next_token();
                    let name = reader.name("a member's name in '\"'")?;
                    sink.name(name, NameKind::Text);
                    continue 'value;
                }
                (Some(Container::Array), Some(b']')) | (Some(Container::Object), Some(b'}')) => {
                    reader.position += 1;
                    sink.end();
                    open.pop();
                }
                (Some(Container::Array), _) => return Err(reader.unexpected("',' or ']'")),
                (Some(Container::Object), _) => return Err(reader.unexpected("',' or '}'")),
            }
        }
    }
}

/// Where the reader is.
struct Reader<'a> {
    text: &'a str,
    /// In bytes, always at the beginning of a character.
    position: usize,
}

impl<'a> Reader<'a> {
    /// The byte at the position.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// The next byte that is not white space, which is stepped over.
    fn next_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.position += 1;
        }
        self.byte()
    }

    /// Steps over a word if it comes next.
    fn take(&mut self, word: &str) -> bool {
        let found = self.text[self.position..].starts_with(word);
        if found {
            self.position += word.len();
        }
        found
    }

    /// Steps over the beginning of a container inside `depth` others.
    fn begin(&mut self, depth: usize) -> Result<()> {
        if depth >= MAX_DEPTH {
            return Err(self.error(format_args!(
                "expected at most {MAX_DEPTH} arrays and objects inside each other, found more"
            )));
        }
        self.position += 1;
        Ok(())
    }

    /// Reads the name of a member and its colon.
    fn name(&mut self, expected: &str) -> Result<Cow<'a, str>> {
        if self.byte() != Some(b'"') {
            return Err(self.unexpected(expected));
        }
        let name = self.string()?;
        if self.next_token() != Some(b':') {
            return Err(self.unexpected("':' after a member's name"));
        }
        self.position += 1;
        Ok(name)
    }

    /// Reads a value that is no container.
    fn scalar(&mut self) -> Result<Scalar<'a>> {
        match self.byte() {
            Some(b'"') => return self.string().map(Scalar::Text),
            Some(b'0'..=b'9') => return self.number(),
            Some(b'-') => {
                return if self.take("-Infinity") {
                    Ok(Scalar::Float(f64::NEG_INFINITY))
                } else {
                    self.number()
                }
            }
            _ => {}
        }
        let words = [
            ("true", Scalar::Bool(true)),
            ("false", Scalar::Bool(false)),
            ("null", Scalar::Null),
            ("NaN", Scalar::Float(f64::NAN)),
            ("Infinity", Scalar::Float(f64::INFINITY)),
        ];
        for (word, value) in words {
            if self.take(word) {
                return Ok(value);
            }
        }
        Err(self.unexpected("a value"))
    }

    /// Reads a number; the position is at its sign or its first digit.
    fn number(&mut self) -> Result<Scalar<'a>> {
        let start = self.position;
        if self.byte() == Some(b'-') {
            self.position += 1;
        }
        let first = self.position;
        match self.byte() {
            Some(b'0') => self.position += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unexpected("a digit after '-'")),
        }
        let integer_digits = self.position - first;
        let mut is_integer = true;
        if self.byte() == Some(b'.') {
            is_integer = false;
            self.position += 1;
            self.at_least_one_digit("a digit after the decimal point")?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            is_integer = false;
            self.position += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.position += 1;
            }
            self.at_least_one_digit("a digit of the exponent")?;
        }
        let written = &self.text[start..self.position];
        if !is_integer {
            return match written.parse() {
                Ok(float) => Ok(Scalar::Float(float)),
                Err(_) => Err(self.error(format_args!("expected a number, found '{written}'"))),
            };
        }
        if integer_digits > MAX_INTEGER_DIGITS {
            self.position = start;
            return Err(self.error(format_args!(
                "expected an integer of at most {MAX_INTEGER_DIGITS} digits, \
                 found one of {integer_digits}"
            )));
        }
        Ok(match written.parse() {
            Ok(integer) => Scalar::Small(integer),
            Err(_) => Scalar::Big(Cow::Borrowed(written)),
        })
    }

    /// Steps over digits.
    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.byte() {
            self.position += 1;
        }
    }

    /// Steps over digits of which there has to be one.
    fn at_least_one_digit(&mut self, expected: &str) -> Result<()> {
        let first = self.position;
        self.digits();
        if self.position == first {
            return Err(self.unexpected(expected));
        }
        Ok(())
    }

    /// Reads a string; the position is at its first quotation mark.
    fn string(&mut self) -> Result<Cow<'a, str>> {
        let opening = self.position;
        self.position += 1;
        // Without an escape sequence, the string is a part of the text.
        let mut unescaped: Option<String> = None;
        loop {
            let start = self.position;
            let rest = &self.text.as_bytes()[start..];
            let special = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < b' ';
            let Some(length) = rest.iter().position(special) else {
                self.position = opening;
                return Err(self.error(format_args!(
                    "expected a closing '\"' of the string that begins here, \
                     found the end of the text"
                )));
            };
            self.position += length;
            let plain = &self.text[start..self.position];
            match rest[length] {
                b'"' => {
                    self.position += 1;
                    return Ok(match unescaped {
                        None => Cow::Borrowed(plain),
                        Some(string) => Cow::Owned(string + plain),
                    });
                }
                b'\\' => {
                    let string = unescaped.get_or_insert_default();
                    string.push_str(plain);
                    string.push(self.escape()?);
                }
                _ => return Err(self.unexpected("no control character inside a string")),
            }
        }
    }

    /// Reads an escape sequence; the position is at its backslash.
    fn escape(&mut self) -> Result<char> {
        self.position += 1;
        let character = match self.byte() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => {
                return Err(
                    self.unexpected("one of '\"', '\\', '/', b, f, n, r, t and u after '\\'")
                )
            }
        };
        self.position += 1;
        Ok(character)
    }

    /// Reads `uXXXX`, or two of them that are the halves of one character.
    fn unicode_escape(&mut self) -> Result<char> {
        let start = self.position - 1;
        let first = self.code_unit()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if first < 0xdc00 && self.take("\\") && self.byte() == Some(b'u') {
            let second = self.code_unit()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                if let Some(character) = char::from_u32(code) {
                    return Ok(character);
                }
            }
        }
        self.position = start;
        Err(self.error(format_args!(
            "expected both halves of a surrogate pair, found only \\u{first:04x}, \
             which no UTF-8 text can hold"
        )))
    }

    /// Reads the `u` and the four hexadecimal digits of an escape sequence.
    fn code_unit(&mut self) -> Result<u32> {
        let mut code = 0;
        for _ in 0..4 {
            self.position += 1;
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("four hexadecimal digits after '\\u'"));
            };
            code = code * 16 + digit;
        }
        self.position += 1;
        Ok(code)
    }

    /// The error for what may not stand at the position.
    fn unexpected(&self, expected: &str) -> Error {
        match self.text[self.position..].chars().next() {
            None => self.error(format_args!(
                "expected {expected}, found the end of the text"
            )),
            Some(found @ ('\u{feff}' | '\0'..=' ' | '\x7f'..='\u{a0}')) => {
                self.error(format_args!(
                    "expected {expected}, found the character U+{:04X}",
                    u32::from(found)
                ))
            }
            Some(found) => self.error(format_args!("expected {expected}, found '{found}'")),
        }
    }

    /// An error at the position, which counts characters as an editor does.
    fn error(&self, what: std::fmt::Arguments) -> Error {
        let before = &self.text[..self.position];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Error::json(format!("line {line}, column {column}: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::Object;
    use super::super::value::Integer;
    use super::*;
    use crate::error::Status;

    fn integer(value: i64) -> Value {
        Value::Integer(Integer::Small(value))
    }

    fn failure(text: &str) -> String {
        let error = parse(text).unwrap_err();
        assert_eq!(error.status, Status::Json);
        error.message
    }

    #[test]
    fn every_kind_of_value() {
        let text =
            " {\"a\" : [ 1 , -2.5e1 , true,false,null ],\r\n\t\"b\":{},\"c\":[],\"d\":\"x\"} ";
        let Value::Object(members) = parse(text).unwrap() else {
            panic!("no object");
        };
        assert_eq!(members.keys().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        assert_eq!(
            members["a"],
            Value::Array(vec![
                integer(1),
                Value::Float(-25.0),
                Value::Bool(true),
                Value::Bool(false),
                Value::Null
            ])
        );
        assert_eq!(members["b"], Value::Object(Object::default()));
        assert_eq!(members["c"], Value::Array(vec![]));
        assert_eq!(members["d"], Value::Text("x".into()));
    }

    #[test]
    fn numbers_are_pythons() {
        assert_eq!(parse("-0"), Ok(integer(0)));
        assert_eq!(parse("9223372036854775807"), Ok(integer(i64::MAX)));
        assert_eq!(parse("-9223372036854775808"), Ok(integer(i64::MIN)));
        for digits in ["9223372036854775808", "-9223372036854775809"] {
            assert_eq!(
                parse(digits),
                Ok(Value::Integer(Integer::Big(digits.into())))
            );
        }
        let Ok(Value::Float(zero)) = parse("-0.0") else {
            panic!("no float");
        };
        assert!(zero == 0.0 && zero.is_sign_negative());
        assert_eq!(parse("1e999"), Ok(Value::Float(f64::INFINITY)));
        assert_eq!(parse("-Infinity"), Ok(Value::Float(f64::NEG_INFINITY)));
        assert!(matches!(parse("NaN"), Ok(Value::Float(nan)) if nan.is_nan()));
        assert_eq!(parse("0e99999999999999999999999"), Ok(Value::Float(0.0)));
        let longest = "9".repeat(4300);
        assert_eq!(
            parse(&format!("-{longest}")),
            Ok(Value::Integer(Integer::Big(format!("-{longest}"))))
        );
        assert_eq!(
            failure(&format!("[-{longest}0]")),
            "line 1, column 2: expected an integer of at most 4300 digits, found one of 4301"
        );
    }

    #[test]
    fn the_last_duplicate_wins_in_the_first_place() {
        let Ok(Value::Object(members)) = parse(r#"{"a":1,"b":2,"a":3}"#) else {
            panic!("no object");
        };
        let pairs: Vec<_> = members.into_iter().collect();
        assert_eq!(pairs, [("a".into(), integer(3)), ("b".into(), integer(2))]);
    }

    #[test]
    fn strings_and_their_escapes() {
        assert_eq!(
            parse(r#""\"\\\/\b\f\n\r\t\u00e9\uD83d\ude00\u0000é😀""#),
            Ok(Value::Text("\"\\/\x08\x0c\n\r\té😀\0é😀".into()))
        );
        assert_eq!(
            failure("[\n \"é\\ud800\"]"),
            "line 2, column 4: expected both halves of a surrogate pair, found only \\ud800, \
             which no UTF-8 text can hold"
        );
        for text in [
            r#""\ud800\n""#,
            r#""\udc00\ud800""#,
            r#""\ud800\ud800\udc00""#,
        ] {
            assert!(failure(text).contains("surrogate"), "{text}");
        }
    }

    #[test]
    fn errors_name_the_place_and_what_was_expected() {
        let cases = [
            ("", "line 1, column 1: expected a value, found the end of the text"),
            ("[1,\n  2 3]", "line 2, column 5: expected ',' or ']', found '3'"),
            ("[1,]", "line 1, column 4: expected a value, found ']'"),
            ("{\"a\" 1}", "line 1, column 6: expected ':' after a member's name, found '1'"),
            ("{\"a\":1,}", "line 1, column 8: expected a member's name in '\"', found '}'"),
            ("{a:1}", "line 1, column 2: expected a member's name in '\"' or '}', found 'a'"),
            ("{\"a\":1", "line 1, column 7: expected ',' or '}', found the end of the text"),
            ("01", "line 1, column 2: expected the end of the text, found '1'"),
            ("-", "line 1, column 2: expected a digit after '-', found the end of the text"),
            ("1.", "line 1, column 3: expected a digit after the decimal point, found the end of the text"),
            ("1e+", "line 1, column 4: expected a digit of the exponent, found the end of the text"),
            ("\"é\\x\"", "line 1, column 4: expected one of '\"', '\\', '/', b, f, n, r, t and u after '\\', found 'x'"),
            ("\"\\u12G4\"", "line 1, column 6: expected four hexadecimal digits after '\\u', found 'G'"),
            ("[\"abc", "line 1, column 2: expected a closing '\"' of the string that begins here, found the end of the text"),
            ("\"a\nb\"", "line 1, column 3: expected no control character inside a string, found the character U+000A"),
            ("\u{feff}1", "line 1, column 1: expected a value, found the character U+FEFF"),
            ("nul", "line 1, column 1: expected a value, found 'n'"),
            ("-NaN", "line 1, column 2: expected a digit after '-', found 'N'"),
        ];
        for (text, message) in cases {
            assert_eq!(failure(text), message, "{text:?}");
        }
    }

    #[test]
    fn depth_is_limited_and_needs_little_stack() {
        let nested = |depth: usize| "[{\"\":".repeat(depth / 2) + "0" + &"}]".repeat(depth / 2);
        let deepest = nested(MAX_DEPTH);
        let hostile = "[".repeat(10_000_000);
        let small = std::thread::Builder::new().stack_size(256 * 1024);
        let run = small.spawn(move || {
            let value = parse(&deepest).unwrap();
            assert!(value.clone() == value);
            assert_eq!(value.depth(), MAX_DEPTH);
            assert_eq!(
                failure(&nested(MAX_DEPTH + 2)),
                "line 1, column 2561: expected at most 1024 arrays and objects inside each \
                 other, found more"
            );
            assert!(failure(&hostile).starts_with("line 1, column 1025: expected at most"));
        });
        run.unwrap().join().unwrap();
    }
}
