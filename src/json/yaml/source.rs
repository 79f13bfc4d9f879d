//! The characters of a YAML text, with the line and column of the next one.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};

/// A place in the text, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub line: u32,
    pub column: u32,
}

impl Mark {
    /// The failure of what stands at this place, which people count from 1.
    pub fn failure(self, message: impl std::fmt::Display) -> Error {
        Error::json(format!(
            "line {}, column {}: {message}",
            u64::from(self.line) + 1,
            u64::from(self.column) + 1
        ))
    }
}

/// What [`Source::peek`] gives at the end. No character of a text equals it,
/// because [`Source::new`] refuses NUL.
pub(super) const END: char = '\0';

/// Tells whether a line ends at `character`.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Tells whether `character` ends a line or the text.
pub(super) fn is_break_or_end(character: char) -> bool {
    character == END || is_break(character)
}

/// Tells whether `character` is a space, ends a line or ends the text.
pub(super) fn is_space_or_break(character: char) -> bool {
    character == ' ' || is_break_or_end(character)
}

/// Tells whether `character` is a space or a tab, ends a line or ends the text.
pub(super) fn is_blank(character: char) -> bool {
    character == '\t' || is_space_or_break(character)
}

/// Tells whether anchors, aliases, tag handles and directive names may hold `character`.
pub(super) fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// A character as an error message shows it.
pub(super) fn shown(character: char) -> String {
    if character == END {
        "the end of the text".to_string()
    } else {
        format!("{character:?}")
    }
}

/// So many characters of a text are shown at most.
const LONGEST_SHOWN: usize = 40;

/// The beginning of a name or a value as an error message shows it.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// Tells whether YAML lets `character` stand in a text unescaped.
fn is_allowed(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n'
            | '\r'
            | ' '..='~'
            | '\u{85}'
            | '\u{A0}'..='\u{D7FF}'
            | '\u{E000}'..='\u{FFFD}'
            | '\u{10000}'..='\u{10FFFF}'
    )
}

/// A reader over the characters of a text.
pub(super) struct TextSource {
    characters: Vec<char>,
    position: usize,
    mark: Mark,
}

impl TextSource {
    /// Takes the characters of `text`, all of which YAML must allow.
    pub fn new(text: &str) -> Result<Self> {
        let mut source = Self {
            characters: text.chars().collect(),
            position: 0,
            mark: Mark::default(),
        };
        if !text.chars().all(is_allowed) {
            while is_allowed(source.peek()) {
                source.advance(1);
            }
            let code = u32::from(source.peek());
            return Err(source.mark.failure(format_args!(
                "expected printable characters, found U+{code:04X}, which must be escaped in double quotes"
            )));
        }
        Ok(source)
    }

    /// The next character.
    pub fn peek(&self) -> char {
        self.peek_at(0)
    }

    /// The character after the next `offset` ones.
    pub fn peek_at(&self, offset: usize) -> char {
        self.characters
            .get(self.position + offset)
            .copied()
            .unwrap_or(END)
    }

    /// How many characters there were before the next one.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The place of the next character.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// The column of the next character.
    pub fn column(&self) -> i64 {
        i64::from(self.mark.column)
    }

    /// Tells whether a line `---` or `...` begins here, `sign` being its character.
    pub fn at_document_marker(&self, sign: char) -> bool {
        (0..3).all(|offset| self.peek_at(offset) == sign) && is_blank(self.peek_at(3))
    }

    /// Steps over `count` characters.
    pub fn advance(&mut self, count: usize) {
        for _ in 0..count {
            let character = self.peek();
            self.position += 1;
            if is_break(character) && !(character == '\r' && self.peek() == '\n') {
                self.mark.line = self.mark.line.saturating_add(1);
                self.mark.column = 0;
            } else if character != '\u{FEFF}' {
                // A byte order mark has no width, wherever it stands.
                self.mark.column = self.mark.column.saturating_add(1);
            }
        }
    }

    /// Steps over the characters that `wanted` takes, and tells how many they were.
    pub fn skip_while(&mut self, wanted: impl Fn(char) -> bool) -> usize {
        let before = self.position;
        while wanted(self.peek()) {
            self.advance(1);
        }
        self.position - before
    }

    /// Appends the next `count` characters to `text` and steps over them.
    pub fn take(&mut self, count: usize, text: &mut String) {
        let end = (self.position + count).min(self.characters.len());
        text.extend(&self.characters[self.position..end]);
        self.advance(count);
    }

    /// Appends the characters that `wanted` takes to `text` and steps over them.
    pub fn take_while(&mut self, text: &mut String, wanted: impl Fn(char) -> bool) {
        let mut count = 0;
        while wanted(self.peek_at(count)) {
            count += 1;
        }
        self.take(count, text);
    }

    /// Steps over the end of a line, if one is next, and gives what it stands for.
    pub fn line_break(&mut self) -> Option<char> {
        match self.peek() {
            '\r' if self.peek_at(1) == '\n' => {
                self.advance(2);
                Some('\n')
            }
            '\n' | '\r' | '\u{85}' => {
                self.advance(1);
                Some('\n')
            }
            separator @ ('\u{2028}' | '\u{2029}') => {
                self.advance(1);
                Some(separator)
            }
            _ => None,
        }
    }

    /// Steps over spaces, then over a comment if one follows.
    pub fn skip_spaces_and_comment(&mut self) {
        self.skip_while(|character| character == ' ');
        if self.peek() == '#' {
            self.skip_while(|character| !is_break_or_end(character));
        }
    }
}
