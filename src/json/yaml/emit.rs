//! From a JSON document to YAML, as PyYAML's `yaml.dump` prints it.

#![forbid(unsafe_code)]

use super::super::canonical::float_repr;
use super::super::number::NumberName;
use super::super::object::Object;
use super::super::value::{Name, NameKind, Value};
use super::resolve::{resolve, Tag};

/// Lines are folded at the first space beyond this column.
const WIDTH: usize = 80;

/// How much deeper a collection stands than the one around it.
const INDENT: usize = 2;

/// A longer key needs `? ` before it. PyYAML counts 128 with the five of `!!str`.
const LONGEST_SIMPLE_KEY: usize = 122;

/// In which order the members of a mapping are printed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum KeyOrder {
    Sorted,
    AsGiven,
}

/// Prints a document.
pub(super) fn emit(document: &Value, order: KeyOrder) -> String {
    let mut emitter = Emitter {
        out: String::new(),
        column: 0,
        after_space: true,
        only_indicators: true,
    };
    let mut open: Vec<PrintedCollection> = Vec::new();
    let mut next = Some((document, EmitPlace::Root));
    loop {
        if let Some((value, place)) = next {
            let outer_indent = open.last().map(|outer| outer.indent);
            match value {
                Value::Array(items) if !items.is_empty() => {
                    // After `key:` the items stand no deeper than the key.
                    let indentless = place == EmitPlace::MappingValue && !emitter.only_indicators;
                    let indent = match outer_indent {
                        None => 0,
                        Some(outer) if indentless => outer,
                        Some(outer) => outer + INDENT,
                    };
                    let rest = PrintRest::Items(items.iter());
                    open.push(PrintedCollection { indent, rest });
                }
                Value::Object(members) if !members.is_empty() => {
                    let indent = outer_indent.map_or(0, |outer| outer + INDENT);
                    let rest = PrintRest::Members(in_order(members, order).into_iter());
                    open.push(PrintedCollection { indent, rest });
                }
                scalar => {
                    let indent = outer_indent.unwrap_or(0) + INDENT;
                    emitter.scalar(scalar, indent, place);
                }
            }
        }
        let Some(collection) = open.last_mut() else {
            emitter.line_break();
            return emitter.out;
        };
        let indent = collection.indent;
        next = match &mut collection.rest {
            PrintRest::Items(items) => items.next().map(|item| {
                emitter.start_line(indent);
                emitter.indicator("-", true);
                (item, EmitPlace::SequenceItem)
            }),
            PrintRest::Members(members) => members.next().map(|(key, value)| {
                emitter.start_line(indent);
                emitter.key(key, indent);
                (value, EmitPlace::MappingValue)
            }),
        };
        if next.is_none() {
            open.pop();
        }
    }
}

fn in_order(members: &Object, order: KeyOrder) -> Vec<(&Name, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    let all = |kind| members.iter().all(|(name, _)| name.kind == kind);
    if order == KeyOrder::AsGiven {
        return members;
    }
    if all(NameKind::Text) {
        // The order of UTF-8 is that of the code points, as in Python.
        members.sort_by(|(one, _), (other, _)| str::cmp(one, other));
    } else if all(NameKind::Number) && !members.iter().any(|(name, _)| ***name == *"NaN") {
        members.sort_by_cached_key(|(name, _)| NumberName::of(name));
    }
    // What Python cannot sort PyYAML prints as it was given.
    members
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq)]
enum EmitPlace {
    Root,
    SequenceItem,
    /// A key on one line with its `:`, which may not be folded.
    SimpleKey,
    /// A key after `?`.
    ComplexKey,
    MappingValue,
}

/// A collection of which some values are printed.
struct PrintedCollection<'a> {
    indent: usize,
    rest: PrintRest<'a>,
}

enum PrintRest<'a> {
    Items(std::slice::Iter<'a, Value>),
    Members(std::vec::IntoIter<(&'a Name, &'a Value)>),
}

/// How a text can be written.
struct Analysis {
    plain: bool,
    single_quoted: bool,
    has_break: bool,
}

/// Tells whether PyYAML's emitter counts `character` as white space after an indicator.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\0' | ' ' | '\t' | '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn analyze(text: &str) -> Analysis {
    let has_break = text.contains(is_break);
    // All but ASCII is escaped.
    let is_special = !text
        .chars()
        .all(|character| matches!(character, '\n' | ' '..='~'));
    let has_space_next_to_break = text.contains(" \n") || text.contains("\n ");
    let has_space_around = text.starts_with(' ') || text.ends_with(' ');
    let single_quoted = !is_special && !has_space_next_to_break;
    Analysis {
        plain: single_quoted
            && !has_break
            && !has_space_around
            && !has_indicator(text)
            && resolve(text) == Tag::Str,
        single_quoted,
        has_break,
    }
}

/// Tells whether a part of the text would be read as something else than text.
fn has_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let mut previous = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let blank_follows = characters.peek().is_none_or(|&next| is_blank(next));
        let is_indicator = match (previous, character) {
            (None, '?' | '-') | (_, ':') => blank_follows,
            (None, _) => "#,[]{}&*!|>'\"%@`".contains(character),
            (Some(before), '#') => is_blank(before),
            _ => false,
        };
        if is_indicator {
            return true;
        }
        previous = Some(character);
    }
    false
}

struct Emitter {
    out: String,
    /// How many characters the current line has.
    column: usize,
    /// The next indicator or plain text needs no space before it.
    after_space: bool,
    /// The line has nothing but indentation and the indicators `-`, `?` and `:`.
    only_indicators: bool,
}

impl Emitter {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.after_space = true;
        self.only_indicators = true;
    }

    /// Goes to the column `indent`, on a new line unless nothing stands there yet.
    fn start_line(&mut self, indent: usize) {
        let is_taken = !self.only_indicators
            || self.column > indent
            || (self.column == indent && !self.after_space);
        if is_taken {
            self.line_break();
        }
        if self.column < indent {
            let spaces = " ".repeat(indent - self.column);
            self.write(&spaces);
            self.after_space = true;
        }
    }

    /// Writes an indicator; after those that `keep_line` another collection may begin on the line.
    fn indicator(&mut self, indicator: &str, keep_line: bool) {
        if !self.after_space {
            self.write(" ");
        }
        self.write(indicator);
        self.after_space = false;
        self.only_indicators = self.only_indicators && keep_line;
    }

    /// Writes the end of a quoted text or of a key.
    fn closing(&mut self, indicator: &str) {
        self.write(indicator);
        self.after_space = false;
        self.only_indicators = false;
    }

    /// Writes a key and its `:`.
    fn key(&mut self, key: &Name, indent: usize) {
        let is_simple =
            !key.is_empty() && key.chars().count() <= LONGEST_SIMPLE_KEY && !key.contains(is_break);
        if is_simple {
            self.name(key, indent + INDENT, EmitPlace::SimpleKey);
            self.closing(":");
        } else {
            self.indicator("?", true);
            self.name(key, indent + INDENT, EmitPlace::ComplexKey);
            self.start_line(indent);
            self.indicator(":", true);
        }
    }

    /// Writes a key: what was read as a number or null is written so that it is read as that again.
    fn name(&mut self, name: &Name, indent: usize, place: EmitPlace) {
        match (name.kind, name.parse::<f64>()) {
            (NameKind::Text | NameKind::Several, _) => self.text(name, indent, place),
            // JSON prints some floats otherwise than YAML, and integers alike.
            (NameKind::Number, Ok(float)) if resolve(name) != Tag::Int => {
                self.plain(&float_text(float), indent, place);
            }
            _ => self.plain(name, indent, place),
        }
    }

    /// Writes a scalar or an empty collection.
    fn scalar(&mut self, value: &Value, indent: usize, place: EmitPlace) {
        match value {
            Value::Null => self.plain("null", indent, place),
            Value::Bool(true) => self.plain("true", indent, place),
            Value::Bool(false) => self.plain("false", indent, place),
            Value::Integer(integer) => self.plain(&integer.to_string(), indent, place),
            Value::Float(float) => self.plain(&float_text(*float), indent, place),
            Value::Text(text) => self.text(text, indent, place),
            Value::Array(_) => self.indicator("[]", false),
            Value::Object(_) => self.indicator("{}", false),
        }
    }

    fn text(&mut self, text: &str, indent: usize, place: EmitPlace) {
        let analysis = analyze(text);
        if analysis.plain {
            self.plain(text, indent, place);
        } else if analysis.single_quoted && !(place == EmitPlace::SimpleKey && analysis.has_break) {
            self.single_quoted(text, indent, place);
        } else {
            self.double_quoted(text, indent, place);
        }
    }

    fn plain(&mut self, text: &str, indent: usize, place: EmitPlace) {
        if !self.after_space {
            self.write(" ");
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (word, after) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
            self.write(word);
            self.after_space = false;
            self.only_indicators = false;
            let next = after.trim_start_matches(' ');
            let spaces = &after[..after.len() - next.len()];
            if spaces == " " && self.column > WIDTH && place != EmitPlace::SimpleKey {
                self.start_line(indent);
            } else {
                self.write(spaces);
            }
            rest = next;
        }
        self.after_space = false;
        self.only_indicators = false;
        if place == EmitPlace::Root {
            // Without it a reader could not tell where the text ends.
            self.line_break();
            self.write("...");
        }
    }

    /// Writes ASCII text without control characters.
    fn single_quoted(&mut self, text: &str, indent: usize, place: EmitPlace) {
        self.indicator("'", false);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let next = rest.trim_start_matches(|character| same_kind(first, character));
            let run = &rest[..rest.len() - next.len()];
            match first {
                ' ' => {
                    let is_inside = rest.len() < text.len() && !next.is_empty();
                    if run == " "
                        && is_inside
                        && self.column > WIDTH
                        && place != EmitPlace::SimpleKey
                    {
                        self.start_line(indent);
                    } else {
                        self.write(run);
                    }
                }
                '\n' => {
                    // The first end of a line would be read as a space.
                    for _ in 0..=run.len() {
                        self.line_break();
                    }
                    self.start_line(indent);
                }
                _ => self.write(&run.replace('\'', "''")),
            }
            rest = next;
        }
        self.closing("'");
    }

    fn double_quoted(&mut self, text: &str, indent: usize, place: EmitPlace) {
        self.indicator("\"", false);
        let characters: Vec<char> = text.chars().collect();
        let last = characters.len().saturating_sub(1);
        // What was not yet written begins here.
        let mut start = 0;
        for end in 0..=characters.len() {
            let character = characters.get(end).copied();
            let escape = character.map_or(Some(String::new()), escape);
            if let Some(escape) = escape {
                if start < end {
                    self.write_all(&characters[start..end]);
                    start = end;
                }
                if character.is_some() {
                    self.write(&escape);
                    start = end + 1;
                }
            }
            let may_fold = 0 < end && end < last && place != EmitPlace::SimpleKey;
            let waiting = end.saturating_sub(start);
            // After an escape PyYAML counts one character less than there are.
            let column = self.column + waiting - usize::from(start > end);
            if may_fold && (character == Some(' ') || start >= end) && column > WIDTH {
                if start < end {
                    self.write_all(&characters[start..end]);
                    start = end;
                }
                self.write("\\");
                self.start_line(indent);
                self.after_space = false;
                self.only_indicators = false;
                if characters.get(start) == Some(&' ') {
                    self.write("\\");
                }
            }
        }
        self.closing("\"");
    }

    fn write_all(&mut self, characters: &[char]) {
        self.out.extend(characters);
        self.column += characters.len();
    }
}

/// Tells whether two characters belong to the same run: of spaces, of ends of lines, of others.
fn same_kind(first: char, second: char) -> bool {
    let kind = |character| match character {
        ' ' => 0,
        '\n' => 1,
        _ => 2,
    };
    kind(first) == kind(second)
}

/// The escape of a character in double quotes, if it needs one.
fn escape(character: char) -> Option<String> {
    let name = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{B}' => 'v',
        '\u{C}' => 'f',
        '\r' => 'r',
        '\u{1B}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{A0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        ' '..='~' => return None,
        _ => {
            let code = u32::from(character);
            return Some(match code {
                0..=0xFF => format!("\\x{code:02X}"),
                0x100..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    };
    Some(format!("\\{name}"))
}

/// A float as PyYAML prints it: one that YAML 1.1 reads as a float again.
fn float_text(float: f64) -> String {
    if float.is_nan() {
        return ".nan".to_string();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_string();
    }
    let text = float_repr(float);
    if text.contains('.') {
        text
    } else {
        text.replace('e', ".0e")
    }
}
