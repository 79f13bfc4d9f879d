//! Writing JSON, byte for byte as Python's `json.dumps` does.

#![forbid(unsafe_code)]

use super::events::{Container, Scalar, Sink};
use super::number::NumberName;
use super::parse::read;
use super::tree::walk;
use super::value::{NameKind, Value};
use crate::error::{Error, Result};
use std::borrow::Cow;
use std::fmt::Write;

/// The canonical form: `json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)`.
///
/// # Errors
/// `Json` where Python cannot sort the keys of an object: texts and numbers beside each other.
pub fn canonical(value: &Value) -> Result<String> {
    let mut writer = Writer::canonical();
    walk(value, &mut writer);
    writer.finish()
}

/// The canonical form of a JSON text, for which no document is made in memory.
///
/// # Errors
/// `Json` when the text is not JSON.
pub fn canonical_text(text: &str) -> Result<String> {
    let mut writer = Writer::canonical();
    read(text, &mut writer)?;
    writer.finish()
}

/// The document with its members in their own order: `json.dumps(value)`.
pub fn dumps(value: &Value) -> String {
    let mut writer = Writer::new(false);
    walk(value, &mut writer);
    writer.out
}

/// The most bytes that a text takes in JSON, quotes included.
pub fn text_room(text: &str) -> usize {
    let room = |c: char| match c {
        ' '..='~' if c != '"' && c != '\\' => 1,
        '"' | '\\' => 2,
        // One escape, or two for what UTF-16 needs two for.
        c => 6 * c.len_utf16(),
    };
    text.chars().map(room).sum::<usize>() + 2
}

/// A float as Python's `repr` prints it: the fewest digits that read back as the same.
///
/// Infinities and NaN are printed as Python's `json` does, `Infinity` and `NaN`.
pub fn float_repr(float: f64) -> String {
    let mut out = String::new();
    write_float(&mut out, float);
    out
}

/// Makes the text of a document from its events.
pub(super) struct Writer<'a> {
    out: String,
    /// Whether members are sorted, and duplicates left out, when their object ends.
    sort: bool,
    /// The containers that have not ended.
    open: Vec<OpenContainer>,
    /// When sorting, the members so far of all the objects that have not ended.
    members: Vec<WrittenMember<'a>>,
    /// The first object that could not be sorted.
    unsorted: Option<Error>,
}

/// A container that has not ended.
struct OpenContainer {
    container: Container,
    /// Where its contents begin in the text.
    begin: usize,
    /// How many members there were of the objects around it.
    outer_members: usize,
}

/// A member that has been written.
struct WrittenMember<'a> {
    name: Cow<'a, str>,
    /// What the name stands for.
    kind: NameKind,
    /// Where it begins in the text.
    begin: usize,
}

impl WrittenMember<'_> {
    /// The name as it stands in a sentence.
    fn shown(&self) -> String {
        let name: String = self.name.chars().take(MOST_SHOWN).collect();
        match self.kind {
            NameKind::Text => format!("the text '{name}'"),
            NameKind::Number => format!("the number {name}"),
            NameKind::Null => "null".to_owned(),
            NameKind::Several => format!("{name} twice, which are different keys"),
        }
    }
}

/// So many characters of a name are shown in a sentence.
const MOST_SHOWN: usize = 40;

/// What is wrong with members that Python cannot sort, or sorts by chance.
fn unsortable(members: &[WrittenMember]) -> Option<Error> {
    let [first, others @ ..] = members else {
        return None;
    };
    // NaN and None are less than nothing: they can only be alone.
    let alone = |member: &&WrittenMember| match member.kind {
        NameKind::Text => false,
        NameKind::Number => !others.is_empty() && member.name == "NaN",
        NameKind::Null => !others.is_empty(),
        NameKind::Several => true,
    };
    let other = others.iter().find(|other| other.kind != first.kind);
    let odd = members.iter().find(alone).or(other)?;
    let beside = members.iter().find(|beside| !std::ptr::eq(*beside, odd));
    let found = match beside {
        Some(beside) if odd.kind != NameKind::Several => {
            format!("{} beside {}", odd.shown(), beside.shown())
        }
        _ => odd.shown(),
    };
    Some(Error::json(format!(
        "expected keys of one kind in a mapping, which can be sorted, found {found}"
    )))
}

impl<'a> Writer<'a> {
    /// What makes a text that keeps the order of members.
    pub(super) fn plain() -> Self {
        Self::new(false)
    }

    /// What makes such a text of at most so many bytes; an error where there is not so much memory.
    pub(super) fn plain_within(bytes: usize) -> Result<Self> {
        let mut writer = Self::new(false);
        match writer.out.try_reserve(bytes) {
            Ok(()) => Ok(writer),
            Err(_) => Err(Error::io(format!("no memory for a text of {bytes} bytes"))),
        }
    }

    /// What makes a canonical text.
    pub(super) fn canonical() -> Self {
        Self::new(true)
    }

    /// The text, after the last event.
    ///
    /// # Errors
    /// `Json` where members were to be sorted that Python cannot sort.
    pub(super) fn finish(self) -> Result<String> {
        match self.unsorted {
            None => Ok(self.out),
            Some(error) => Err(error),
        }
    }

    fn new(sort: bool) -> Self {
        Self {
            out: String::with_capacity(256),
            sort,
            open: Vec::with_capacity(8),
            members: Vec::with_capacity(16),
            unsorted: None,
        }
    }

    /// Writes the comma before an element or a member unless it is the first.
    fn separate(&mut self, part_of: Container) {
        if let Some(open) = self.open.last() {
            if open.container == part_of && open.begin < self.out.len() {
                self.out.push_str(", ");
            }
        }
    }

    /// Sorts the members of an object that is complete.
    fn sort_members(&mut self, object: &OpenContainer) {
        let members = &self.members[object.outer_members..];
        if members.iter().all(|member| member.kind == NameKind::Text) {
            // The order of UTF-8's bytes is that of the code points, Python's.
            if members.is_sorted_by(|one, next| one.name < next.name) {
                return;
            }
        } else if let Some(error) = unsortable(members) {
            self.unsorted.get_or_insert(error);
            return;
        }
        let ends = members[1..]
            .iter()
            .map(|next| next.begin - ", ".len())
            .chain([self.out.len()]);
        let mut sorted: Vec<_> = members.iter().zip(ends).collect();
        match members[0].kind {
            NameKind::Number => {
                sorted.sort_by_cached_key(|(member, _)| NumberName::of(&member.name))
            }
            _ => sorted.sort_unstable_by(|(one, one_end), (other, other_end)| {
                one.name.cmp(&other.name).then(one_end.cmp(other_end))
            }),
        }
        let mut text = String::with_capacity(self.out.len() - object.begin);
        for (number, (member, end)) in sorted.iter().enumerate() {
            // Of members with the same name the last one counts.
            let next = sorted.get(number + 1);
            if next.is_some_and(|(next, _)| next.name == member.name) {
                continue;
            }
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&self.out[member.begin..*end]);
        }
        self.out.truncate(object.begin);
        self.out.push_str(&text);
    }
}

impl<'a> Sink<'a> for Writer<'a> {
    fn begin(&mut self, container: Container) {
        self.separate(Container::Array);
        self.out.push(match container {
            Container::Array => '[',
            Container::Object => '{',
        });
        self.open.push(OpenContainer {
            container,
            begin: self.out.len(),
            outer_members: self.members.len(),
        });
    }

    fn name(&mut self, name: Cow<'a, str>, kind: NameKind) {
        self.separate(Container::Object);
        let begin = self.out.len();
        write_text(&mut self.out, &name);
        self.out.push_str(": ");
        if self.sort {
            self.members.push(WrittenMember { name, kind, begin });
        }
    }

    fn scalar(&mut self, scalar: Scalar<'a>) {
        self.separate(Container::Array);
        let out = &mut self.out;
        match scalar {
            Scalar::Null => out.push_str("null"),
            Scalar::Bool(true) => out.push_str("true"),
            Scalar::Bool(false) => out.push_str("false"),
            Scalar::Small(integer) => write_formatted(out, format_args!("{integer}")),
            Scalar::Big(digits) => out.push_str(&digits),
            Scalar::Float(float) => write_float(out, float),
            Scalar::Text(text) => write_text(out, &text),
        }
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        if self.sort && open.container == Container::Object {
            self.sort_members(&open);
            self.members.truncate(open.outer_members);
        }
        self.out.push(match open.container {
            Container::Array => ']',
            Container::Object => '}',
        });
    }
}

fn write_float(out: &mut String, float: f64) {
    if float.is_nan() {
        return out.push_str("NaN");
    }
    if float.is_sign_negative() {
        out.push('-');
    }
    let float = float.abs();
    if float.is_infinite() {
        return out.push_str("Infinity");
    }
    // Ryu finds the shortest digits that read back as the same number, of these the closest and
    // of two that are equally close the even one, as Python does; the standard library takes the
    // greater: 1041217906521279.2 would be printed as 1041217906521279.3.
    let mut buffer = ryu::Buffer::new();
    let printed = buffer.format_finite(float);
    if let Some((mantissa, exponent)) = printed.split_once('e') {
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ("e-", digits),
            None => ("e+", exponent),
        };
        out.push_str(mantissa);
        out.push_str(sign);
        if digits.len() == 1 {
            out.push('0');
        }
        out.push_str(digits);
    } else if let Some(digits) = printed.strip_prefix("0.0000") {
        // One zero more than Python prints without an exponent.
        let (first, following) = digits.split_at(1);
        out.push_str(first);
        if !following.is_empty() {
            out.push('.');
            out.push_str(following);
        }
        out.push_str("e-05");
    } else {
        out.push_str(printed);
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
                write_formatted(out, format_args!("\\u{unit:04x}"));
            }
        }
    }
}

fn write_formatted(out: &mut String, arguments: std::fmt::Arguments) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(arguments);
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
            (1041217906521279.0 + 0.25, "1041217906521279.2"),
            (1.2345e-5, "1.2345e-05"),
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
            canonical(&Value::Text(text.into())).unwrap(),
            r#""\"\\/\n\r\t\b\f\u0000\u001f ~\u007f\u00e9\uffff\ud83d\ude00""#
        );
    }

    #[test]
    fn keys_are_sorted_by_code_point_or_kept_in_order() {
        let value = parse(r#"{"é":[],"b":{},"a":[1,[2,{}],-0],"":null,"😀":true,"ﬀ":false,"B":9223372036854775808}"#).unwrap();
        assert_eq!(
            canonical(&value).unwrap(),
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
        assert!(canonical(&value).as_ref() == Ok(&text));
        // Dropping that document would exhaust the stack, which is why `parse` and `set`
        // limit the depth: take it apart level by level.
        while let Value::Array(mut elements) = value {
            value = elements.pop().unwrap_or(Value::Null);
        }
    }
}
