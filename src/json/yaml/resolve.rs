//! Which kind of value a plain scalar is: YAML 1.1's rules as PyYAML has them.

#![forbid(unsafe_code)]

use super::source::clipped;
use super::timestamp;

/// The prefix of the tags that YAML itself defines.
const STANDARD_PREFIX: &str = "tag:yaml.org,2002:";

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Null,
    Bool,
    Int,
    Float,
    Binary,
    Timestamp,
    Omap,
    Pairs,
    Set,
    Str,
    Seq,
    Map,
    /// The key `<<`.
    Merge,
    /// The key `=`.
    Value,
    /// `!`, `&` and `*`, which only a quoted scalar with the tag `!` can be.
    Yaml,
    /// Any other one: the place of its name in a list.
    Unknown(usize),
}

impl Tag {
    const STANDARD: [(Tag, &'static str); 15] = [
        (Tag::Null, "null"),
        (Tag::Bool, "bool"),
        (Tag::Int, "int"),
        (Tag::Float, "float"),
        (Tag::Binary, "binary"),
        (Tag::Timestamp, "timestamp"),
        (Tag::Omap, "omap"),
        (Tag::Pairs, "pairs"),
        (Tag::Set, "set"),
        (Tag::Str, "str"),
        (Tag::Seq, "seq"),
        (Tag::Map, "map"),
        (Tag::Merge, "merge"),
        (Tag::Value, "value"),
        (Tag::Yaml, "yaml"),
    ];

    /// The tag of the whole name `name`, if YAML defines it.
    pub fn of_name(name: &str) -> Option<Self> {
        let short = name.strip_prefix(STANDARD_PREFIX)?;
        Self::STANDARD
            .iter()
            .find(|(_, standard)| *standard == short)
            .map(|(tag, _)| *tag)
    }

    /// The tag as an error message names it; `unknown` holds the names of the unknown ones.
    pub fn shown(self, unknown: &[String]) -> String {
        match self {
            Tag::Unknown(index) => {
                let name = unknown.get(index).map_or("", String::as_str);
                match name.strip_prefix(STANDARD_PREFIX) {
                    Some(short) => clipped(&format!("!!{short}")),
                    None => clipped(name),
                }
            }
            standard => Self::STANDARD
                .iter()
                .find(|(tag, _)| *tag == standard)
                .map(|(_, name)| format!("!!{name}"))
                .unwrap_or_default(),
        }
    }
}

/// The kind of value that the plain scalar `text` is.
pub(super) fn resolve(text: &str) -> Tag {
    let Some(first) = text.chars().next() else {
        return Tag::Null;
    };
    // The patterns of PyYAML end in `$`, which leaves room for the end of a line.
    let text = text.strip_suffix('\n').unwrap_or(text);
    match first {
        'y' | 'Y' | 't' | 'T' | 'f' | 'F' | 'o' | 'O' if is_bool(text) => Tag::Bool,
        'n' | 'N' if is_bool(text) => Tag::Bool,
        'n' | 'N' | '~' if is_null(text) => Tag::Null,
        '-' | '+' | '.' | '0'..='9' if is_float(text) => Tag::Float,
        '-' | '+' | '0'..='9' if is_int(text) => Tag::Int,
        '0'..='9' if is_timestamp(text) => Tag::Timestamp,
        '<' if text == "<<" => Tag::Merge,
        '=' if text == "=" => Tag::Value,
        '!' | '&' | '*' if text.len() == 1 => Tag::Yaml,
        _ => Tag::Str,
    }
}

fn is_bool(text: &str) -> bool {
    const WORDS: [&str; 6] = ["yes", "no", "true", "false", "on", "off"];
    WORDS.iter().any(|word| is_cased_word(text, word))
}

fn is_null(text: &str) -> bool {
    text == "~" || is_cased_word(text, "null")
}

/// Tells whether `text` is the lower-case `word` as `word`, `Word` or `WORD`.
fn is_cased_word(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
        && (text[1..] == word[1..] || text.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fn without_sign(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_digits_or_underscores(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// Tells whether `text` is a digit and then digits and underscores.
fn is_grouped_digits(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && is_digits_or_underscores(text)
}

/// Tells whether `text` is one or two digits below 60.
fn is_sexagesimal_digit(text: &str) -> bool {
    match text.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    }
}

fn is_int(text: &str) -> bool {
    let text = without_sign(text);
    let all_of = |digits: &str, wanted: fn(u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| wanted(byte) || byte == b'_')
    };
    if text == "0" {
        return true;
    }
    if let Some(digits) = text.strip_prefix("0b") {
        return all_of(digits, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all_of(digits, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix('0') {
        return all_of(digits, |byte| matches!(byte, b'0'..=b'7'));
    }
    let mut parts = text.split(':');
    parts.next().is_some_and(is_grouped_digits) && parts.all(is_sexagesimal_digit)
}

fn is_float(text: &str) -> bool {
    let unsigned = without_sign(text);
    let is_signed = unsigned.len() < text.len();
    match unsigned.strip_prefix('.') {
        Some("inf" | "Inf" | "INF") => true,
        Some("nan" | "NaN" | "NAN") => !is_signed,
        Some(fraction) => {
            // `-.5` is no float, and the exponent needs a sign.
            !is_signed && is_fraction(fraction, is_grouped_digits)
        }
        None => match unsigned.split_once('.') {
            Some((whole, fraction)) if whole.contains(':') => {
                let mut parts = whole.split(':');
                parts.next().is_some_and(is_grouped_digits)
                    && parts.all(is_sexagesimal_digit)
                    && is_digits_or_underscores(fraction)
            }
            Some((whole, fraction)) => {
                is_grouped_digits(whole) && is_fraction(fraction, is_digits_or_underscores)
            }
            None => false,
        },
    }
}

/// Tells whether `text` is what `is_mantissa` takes, then an optional exponent with its sign.
fn is_fraction(text: &str, is_mantissa: impl Fn(&str) -> bool) -> bool {
    match text.split_once(['e', 'E']) {
        None => is_mantissa(text),
        Some((mantissa, exponent)) => {
            let digits = without_sign(exponent);
            is_mantissa(mantissa)
                && digits.len() < exponent.len()
                && !digits.is_empty()
                && is_digits(digits)
        }
    }
}

/// A date alone needs two digits for the month and the day.
fn is_timestamp(text: &str) -> bool {
    timestamp::TimestampFields::parse(text)
        .is_some_and(|fields| fields.time.is_some() || text.len() == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_all(tag: Tag, texts: &[&str]) {
        for text in texts {
            assert_eq!(resolve(text), tag, "{text:?}");
        }
    }

    #[test]
    fn words() {
        assert_all(Tag::Null, &["", "~", "null", "Null", "NULL"]);
        assert_all(Tag::Bool, &["yes", "No", "TRUE", "False", "on", "OFF"]);
        assert_all(
            Tag::Str,
            &["y", "n", "yEs", "nULL", "None", "tRUE", "oN", "~~"],
        );
        assert_all(Tag::Merge, &["<<"]);
        assert_all(Tag::Value, &["="]);
    }

    #[test]
    fn integers() {
        assert_all(
            Tag::Int,
            &[
                "0",
                "-0",
                "+12",
                "1_000",
                "1_",
                "07",
                "0_",
                "0b1_0",
                "0b_",
                "0xFf",
                "-0x1",
                "190:20:30",
                "1:5",
                "-1_0:59",
            ],
        );
        assert_all(
            Tag::Str,
            &[
                "0o7", "08", "_1", "0b2", "0B1", "0X1", "0b", "0x", "1:60", "0:1", "1:", "1:2:",
                "+", "-", "--1", "1 2",
            ],
        );
    }

    #[test]
    fn floats() {
        assert_all(
            Tag::Float,
            &[
                "1.",
                "1.5",
                "-1_0.5_0",
                "1.0e+3",
                "1.e-3",
                "08.5",
                ".5",
                ".5_",
                ".5e+1",
                "1:2.",
                "190:20:30.15",
                "0:1.5",
                ".inf",
                "-.Inf",
                "+.INF",
                ".nan",
                ".NaN",
            ],
        );
        assert_all(
            Tag::Str,
            &[
                "1e3", "1e+3", "1.0e3", "-.5", "+.5", ".5e1", ".", "._5", "1.5.2", "-.nan", ".iNF",
                "1:60.5", "1:2.5e+3", "1.0e+", "1.0e+1_0", ".e+1",
            ],
        );
    }

    #[test]
    fn timestamps() {
        assert_all(
            Tag::Timestamp,
            &[
                "2001-12-14",
                "2001-1-1 1:00:00",
                "2001-12-14t21:59:43.10-05:00",
                "2001-12-14 \t 21:59:43.1 +5:30",
                "2001-12-14T21:59:43Z",
                "0000-99-99",
            ],
        );
        assert_all(
            Tag::Str,
            &[
                "2001-1-1",
                "2001-12-14 21:59",
                "2001-12-14 21:5:43",
                "2001-12-14T 21:59:43",
                "2001-12-14 21:59:43 z",
                "20011-2-14",
            ],
        );
    }
}
