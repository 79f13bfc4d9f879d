//! Scalars in single and double quotes.

#![forbid(unsafe_code)]

use super::super::source::{is_blank, is_break, shown, Mark, TextSource, END};
use crate::error::Result;

/// Reads a quoted scalar, both quotes included.
pub(super) fn quoted(source: &mut TextSource, double: bool) -> Result<String> {
    let quote = if double { '"' } else { '\'' };
    let mut text = Quoted {
        start: source.mark(),
        text: String::new(),
        high_surrogate: None,
    };
    source.advance(1);
    loop {
        text.words(source, double)?;
        if source.peek() == quote {
            source.advance(1);
            text.expect_no_half_pair(source)?;
            return Ok(text.text);
        }
        text.white_space(source)?;
    }
}

struct Quoted {
    start: Mark,
    text: String,
    /// The first half of a surrogate pair, when it was the latest escape.
    high_surrogate: Option<u32>,
}

impl Quoted {
    fn push(&mut self, source: &TextSource, character: char) -> Result<()> {
        self.expect_no_half_pair(source)?;
        self.text.push(character);
        Ok(())
    }

    /// Two escapes that are halves of a pair are one character, as when Python writes and
    /// reads them as JSON. A lone half is no character.
    fn push_code(&mut self, source: &TextSource, code: u32) -> Result<()> {
        match (self.high_surrogate.take(), code) {
            (None, 0xD800..=0xDBFF) => {
                self.high_surrogate = Some(code);
                Ok(())
            }
            (Some(high), 0xDC00..=0xDFFF) => {
                let joined = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
                self.text.extend(char::from_u32(joined));
                Ok(())
            }
            (high, _) => {
                self.high_surrogate = high;
                self.expect_no_half_pair(source)?;
                match char::from_u32(code) {
                    Some(character) => self.push(source, character),
                    None => Err(source.mark().failure(format_args!(
                        "expected the escape of a Unicode character, found U+{code:04X}"
                    ))),
                }
            }
        }
    }

    fn expect_no_half_pair(&self, source: &TextSource) -> Result<()> {
        match self.high_surrogate {
            None => Ok(()),
            Some(high) => Err(source.mark().failure(format_args!(
                "expected both halves of a surrogate pair, found only \\u{high:04X}"
            ))),
        }
    }

    /// Reads up to white space or the closing quote.
    fn words(&mut self, source: &mut TextSource, double: bool) -> Result<()> {
        loop {
            match source.peek() {
                '\'' if !double && source.peek_at(1) == '\'' => {
                    self.push(source, '\'')?;
                    source.advance(2);
                }
                '\\' if double => self.escape(source)?,
                '"' if double => return Ok(()),
                '\'' if !double => return Ok(()),
                character if is_blank(character) => return Ok(()),
                character => {
                    self.push(source, character)?;
                    source.advance(1);
                }
            }
        }
    }

    fn escape(&mut self, source: &mut TextSource) -> Result<()> {
        source.advance(1);
        let name = source.peek();
        let character = match name {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' | '\t' => '\t',
            'n' => '\n',
            'v' => '\u{B}',
            'f' => '\u{C}',
            'r' => '\r',
            'e' => '\u{1B}',
            ' ' | '"' | '\\' | '/' => name,
            'N' => '\u{85}',
            '_' => '\u{A0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' => return self.hexadecimal(source, 2),
            'u' => return self.hexadecimal(source, 4),
            'U' => return self.hexadecimal(source, 8),
            _ if is_break(name) => {
                source.line_break();
                return self.empty_lines(source).map(|_| ());
            }
            _ => {
                return Err(source.mark().failure(format_args!(
                    "expected the name of an escape after '\\', found {}",
                    shown(name)
                )))
            }
        };
        self.push(source, character)?;
        source.advance(1);
        Ok(())
    }

    fn hexadecimal(&mut self, source: &mut TextSource, length: usize) -> Result<()> {
        source.advance(1);
        let mut code: u32 = 0;
        for offset in 0..length {
            let digit = source.peek_at(offset).to_digit(16).ok_or_else(|| {
                source.mark().failure(format_args!(
                    "expected {length} hexadecimal digits, found {}",
                    shown(source.peek_at(offset))
                ))
            })?;
            // At most eight digits, so that nothing is lost.
            code = (code << 4) | digit;
        }
        self.push_code(source, code)?;
        source.advance(length);
        Ok(())
    }

    /// Reads white space up to the next word: spaces are kept, ends of lines are folded.
    fn white_space(&mut self, source: &mut TextSource) -> Result<()> {
        let mut spaces = String::new();
        source.take_while(&mut spaces, |character| matches!(character, ' ' | '\t'));
        if source.peek() == END {
            return Err(source.mark().failure(format_args!(
                "expected the closing quote of the text that begins on line {}, column {}, found the end of the text",
                u64::from(self.start.line) + 1,
                u64::from(self.start.column) + 1
            )));
        }
        match source.line_break() {
            None => {
                for space in spaces.chars() {
                    self.push(source, space)?;
                }
            }
            Some(line_break) => {
                if line_break != '\n' {
                    self.push(source, line_break)?;
                }
                let had_empty_lines = self.empty_lines(source)?;
                if line_break == '\n' && !had_empty_lines {
                    self.push(source, ' ')?;
                }
            }
        }
        Ok(())
    }

    /// Reads empty lines and the indentation after them, and tells whether there were any.
    fn empty_lines(&mut self, source: &mut TextSource) -> Result<bool> {
        let mut found = false;
        loop {
            if source.at_document_marker('-') || source.at_document_marker('.') {
                return Err(source.mark().failure(format_args!(
                    "expected the closing quote of the text that begins on line {}, column {}, found the end of the document",
                    u64::from(self.start.line) + 1,
                    u64::from(self.start.column) + 1
                )));
            }
            source.skip_while(|character| matches!(character, ' ' | '\t'));
            match source.line_break() {
                None => return Ok(found),
                Some(line_break) => {
                    self.push(source, line_break)?;
                    found = true;
                }
            }
        }
    }
}
