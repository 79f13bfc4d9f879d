//! From characters to tokens: indentation, indicators and implicit keys.
//!
//! The rules, and what they let through beyond the YAML specification, are those of
//! PyYAML's scanner, which differ from libyaml's: in where tabs may stand, and in what
//! `?` and `:` mean between brackets. Hence there is no libyaml underneath.

#![forbid(unsafe_code)]

mod block_scalar;
mod plain;
mod quoted;
mod tag;

use super::source::{is_blank, is_break_or_end, is_name, shown, Mark, TextSource, END};
use crate::error::Result;
use std::collections::VecDeque;

/// An implicit key is at most this many characters before its `:`.
const LONGEST_IMPLICIT_KEY: usize = 1024;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    StreamEnd,
    /// `%YAML`, with the digits before the point.
    VersionDirective(String),
    /// `%TAG`.
    TagDirective {
        handle: String,
        prefix: String,
    },
    /// Any other directive, which is ignored.
    OtherDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    /// A tag; without a handle the suffix is the whole of it.
    Tag {
        handle: Option<String>,
        suffix: String,
    },
    /// A scalar; a plain one, without quotes and block indicators, may be a number.
    Scalar {
        text: String,
        plain: bool,
    },
}

impl TokenKind {
    /// The token as an error message names it.
    pub fn description(&self) -> &'static str {
        match self {
            Self::StreamEnd => "the end of the text",
            Self::VersionDirective(_) | Self::TagDirective { .. } | Self::OtherDirective => {
                "a directive"
            }
            Self::DocumentStart => "'---'",
            Self::DocumentEnd => "'...'",
            Self::BlockSequenceStart => "the beginning of a sequence",
            Self::BlockMappingStart => "the beginning of a mapping",
            Self::BlockEnd => "less indentation",
            Self::FlowSequenceStart => "'['",
            Self::FlowSequenceEnd => "']'",
            Self::FlowMappingStart => "'{'",
            Self::FlowMappingEnd => "'}'",
            Self::BlockEntry => "'-'",
            Self::FlowEntry => "','",
            Self::Key => "a key",
            Self::Value => "':'",
            Self::Alias(_) => "an alias",
            Self::Anchor(_) => "an anchor",
            Self::Tag { .. } => "a tag",
            Self::Scalar { .. } => "a scalar",
        }
    }
}

/// A token and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub mark: Mark,
}

/// A place where a key without `?` may have begun: whether it did shows at the `:` after it.
struct PossibleKey {
    flow_level: usize,
    /// The number of its first token, counted from the beginning of the text.
    token_number: usize,
    /// Without a `:` the text is wrong, because the place is that of a block mapping's key.
    required: bool,
    position: usize,
    mark: Mark,
}

/// Gives the tokens of a text one by one.
pub(super) struct Scanner {
    source: TextSource,
    tokens: VecDeque<Token>,
    tokens_taken: usize,
    done: bool,
    /// How many brackets are open; none means block style, where indentation counts.
    flow_level: usize,
    /// The column of the innermost block collection, -1 outside of all.
    indent: i64,
    outer_indents: Vec<i64>,
    key_allowed: bool,
    /// At most one for each flow level, outermost first, therefore in the order of the text.
    possible_keys: VecDeque<PossibleKey>,
}

impl Scanner {
    /// Begins at the first character.
    pub fn new(text: &str) -> Result<Self> {
        Ok(Self {
            source: TextSource::new(text)?,
            tokens: VecDeque::new(),
            tokens_taken: 0,
            done: false,
            flow_level: 0,
            indent: -1,
            outer_indents: Vec::new(),
            key_allowed: true,
            possible_keys: VecDeque::new(),
        })
    }

    /// The next token, which stays the next one. After the last one comes [`TokenKind::StreamEnd`].
    pub fn peek(&mut self) -> Result<&Token> {
        while self.needs_more()? {
            self.fetch()?;
        }
        if self.tokens.is_empty() {
            // Only when the last one was taken.
            self.push(TokenKind::StreamEnd);
        }
        Ok(&self.tokens[0])
    }

    /// The next token, which is taken.
    pub fn next(&mut self) -> Result<Token> {
        self.peek()?;
        self.tokens_taken += 1;
        match self.tokens.pop_front() {
            Some(token) => Ok(token),
            None => Ok(Token {
                kind: TokenKind::StreamEnd,
                mark: self.source.mark(),
            }),
        }
    }

    /// A token is settled once no key can begin at it any more.
    fn needs_more(&mut self) -> Result<bool> {
        if self.done {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        self.drop_stale_keys()?;
        Ok(self
            .possible_keys
            .front()
            .is_some_and(|key| key.token_number == self.tokens_taken))
    }

    fn push(&mut self, kind: TokenKind) {
        let mark = self.source.mark();
        self.tokens.push_back(Token { kind, mark });
    }

    /// Adds an indicator of `length` characters.
    fn push_indicator(&mut self, kind: TokenKind, length: usize) {
        self.push(kind);
        self.source.advance(length);
    }

    fn in_flow(&self) -> bool {
        self.flow_level > 0
    }

    fn fetch(&mut self) -> Result<()> {
        self.skip_to_next_token();
        self.drop_stale_keys()?;
        self.unwind_indent(self.source.column());

        let at_line_start = self.source.column() == 0;
        let blank_follows = is_blank(self.source.peek_at(1));
        match self.source.peek() {
            END => self.fetch_stream_end(),
            '%' if at_line_start => self.fetch_directive(),
            '-' if at_line_start && self.source.at_document_marker('-') => {
                self.fetch_document_marker(TokenKind::DocumentStart)
            }
            '.' if at_line_start && self.source.at_document_marker('.') => {
                self.fetch_document_marker(TokenKind::DocumentEnd)
            }
            '[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            ']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            ',' => self.fetch_flow_entry(),
            '-' if blank_follows => self.fetch_block_entry(),
            '?' if self.in_flow() || blank_follows => self.fetch_key(),
            ':' if self.in_flow() || blank_follows => self.fetch_value(),
            '*' => self.fetch_anchor(TokenKind::Alias),
            '&' => self.fetch_anchor(TokenKind::Anchor),
            '!' => self.fetch_tag(),
            style @ ('|' | '>') if !self.in_flow() => self.fetch_block_scalar(style == '>'),
            quote @ ('\'' | '"') => self.fetch_quoted(quote == '"'),
            first if self.plain_may_begin(first) => self.fetch_plain(),
            first => Err(self.source.mark().failure(format_args!(
                "expected a value, a key or an indicator, found {}, which cannot begin any",
                shown(first)
            ))),
        }
    }

    fn plain_may_begin(&self, first: char) -> bool {
        match first {
            '-' => !is_blank(self.source.peek_at(1)),
            '?' | ':' => !self.in_flow() && !is_blank(self.source.peek_at(1)),
            ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`' => false,
            _ => !is_blank(first),
        }
    }

    /// Steps over spaces, ends of lines and comments. Tabs are none of them.
    fn skip_to_next_token(&mut self) {
        if self.source.position() == 0 && self.source.peek() == '\u{FEFF}' {
            self.source.advance(1);
        }
        loop {
            self.source.skip_spaces_and_comment();
            if self.source.line_break().is_none() {
                return;
            }
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    // Implicit keys.

    /// Forgets the keys that are on an earlier line, or too far back for their `:`.
    fn drop_stale_keys(&mut self) -> Result<()> {
        while let Some(key) = self.possible_keys.front() {
            let is_near = key.mark.line == self.source.mark().line
                && self.source.position() - key.position <= LONGEST_IMPLICIT_KEY;
            if is_near {
                break;
            }
            if key.required {
                return Err(missing_value(key.mark));
            }
            self.possible_keys.pop_front();
        }
        Ok(())
    }

    /// Remembers that the token which is about to be scanned may begin a key.
    fn save_possible_key(&mut self) -> Result<()> {
        if self.key_allowed {
            let required = !self.in_flow() && self.indent == self.source.column();
            self.remove_possible_key()?;
            self.possible_keys.push_back(PossibleKey {
                flow_level: self.flow_level,
                token_number: self.tokens_taken + self.tokens.len(),
                required,
                position: self.source.position(),
                mark: self.source.mark(),
            });
        }
        Ok(())
    }

    /// Takes the possible key of this flow level, if there is one.
    fn take_possible_key(&mut self) -> Option<PossibleKey> {
        let latest = self.possible_keys.back()?;
        if latest.flow_level == self.flow_level {
            self.possible_keys.pop_back()
        } else {
            None
        }
    }

    /// Gives up the possible key of this flow level.
    fn remove_possible_key(&mut self) -> Result<()> {
        match self.take_possible_key() {
            Some(key) if key.required => Err(missing_value(key.mark)),
            _ => Ok(()),
        }
    }

    // Indentation.

    /// Ends the block collections that are indented by more than `column`.
    fn unwind_indent(&mut self, column: i64) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.indent = self.outer_indents.pop().unwrap_or(-1);
            self.push(TokenKind::BlockEnd);
        }
    }

    /// Begins a block collection at `column` unless it is the innermost one's, and tells whether it did.
    fn add_indent(&mut self, column: i64) -> bool {
        let is_deeper = self.indent < column;
        if is_deeper {
            self.outer_indents.push(self.indent);
            self.indent = column;
        }
        is_deeper
    }

    // One function for each kind of token.

    fn fetch_stream_end(&mut self) -> Result<()> {
        self.unwind_indent(-1);
        self.remove_possible_key()?;
        self.key_allowed = false;
        self.possible_keys.clear();
        self.push(TokenKind::StreamEnd);
        self.done = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unwind_indent(-1);
        self.remove_possible_key()?;
        self.key_allowed = false;
        let mark = self.source.mark();
        let kind = tag::directive(&mut self.source)?;
        self.tokens.push_back(Token { kind, mark });
        Ok(())
    }

    fn fetch_document_marker(&mut self, kind: TokenKind) -> Result<()> {
        self.unwind_indent(-1);
        self.remove_possible_key()?;
        self.key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<()> {
        self.save_possible_key()?;
        self.flow_level += 1;
        self.key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<()> {
        self.remove_possible_key()?;
        // Where no bracket is open the parser finds this one out of place.
        self.flow_level = self.flow_level.saturating_sub(1);
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.key_allowed = true;
        self.remove_possible_key()?;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<()> {
        // Between brackets the parser finds it out of place.
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(self.source.mark().failure(
                    "expected the rest of a value, found '-', which begins a list's item only at the beginning of a line",
                ));
            }
            if self.add_indent(self.source.column()) {
                self.push(TokenKind::BlockSequenceStart);
            }
        }
        self.key_allowed = true;
        self.remove_possible_key()?;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(self.source.mark().failure(
                    "expected the rest of a value, found '?', which begins a key only at the beginning of a line",
                ));
            }
            if self.add_indent(self.source.column()) {
                self.push(TokenKind::BlockMappingStart);
            }
        }
        self.key_allowed = !self.in_flow();
        self.remove_possible_key()?;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        if let Some(key) = self.take_possible_key() {
            let index = key.token_number - self.tokens_taken;
            let mark = key.mark;
            let kind = TokenKind::Key;
            self.tokens.insert(index, Token { kind, mark });
            if !self.in_flow() && self.add_indent(i64::from(mark.column)) {
                let kind = TokenKind::BlockMappingStart;
                self.tokens.insert(index, Token { kind, mark });
            }
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    return Err(self.source.mark().failure(
                        "expected the rest of a value, found ':', which may follow only a key on one line",
                    ));
                }
                if self.add_indent(self.source.column()) {
                    self.push(TokenKind::BlockMappingStart);
                }
            }
            self.key_allowed = !self.in_flow();
            self.remove_possible_key()?;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Adds an anchor or an alias.
    fn fetch_anchor(&mut self, kind: fn(String) -> TokenKind) -> Result<()> {
        self.save_possible_key()?;
        self.key_allowed = false;
        let mark = self.source.mark();
        self.source.advance(1);
        let mut name = String::new();
        self.source.take_while(&mut name, is_name);
        let next = self.source.peek();
        let may_follow = is_blank(next) || "?:,]}%@`".contains(next);
        if name.is_empty() || !may_follow {
            return Err(self.source.mark().failure(format_args!(
                "expected letters, digits, '-' and '_' in the name of an anchor, found {}",
                shown(next)
            )));
        }
        let kind = kind(name);
        self.tokens.push_back(Token { kind, mark });
        Ok(())
    }

    fn fetch_tag(&mut self) -> Result<()> {
        self.save_possible_key()?;
        self.key_allowed = false;
        let mark = self.source.mark();
        let kind = tag::tag(&mut self.source)?;
        self.tokens.push_back(Token { kind, mark });
        Ok(())
    }

    fn push_scalar(&mut self, mark: Mark, text: String, plain: bool) {
        let kind = TokenKind::Scalar { text, plain };
        self.tokens.push_back(Token { kind, mark });
    }

    fn fetch_block_scalar(&mut self, folded: bool) -> Result<()> {
        self.key_allowed = true;
        self.remove_possible_key()?;
        let mark = self.source.mark();
        let text = block_scalar::block_scalar(&mut self.source, self.indent, folded)?;
        self.push_scalar(mark, text, false);
        Ok(())
    }

    fn fetch_quoted(&mut self, double: bool) -> Result<()> {
        self.save_possible_key()?;
        self.key_allowed = false;
        let mark = self.source.mark();
        let text = quoted::quoted(&mut self.source, double)?;
        self.push_scalar(mark, text, false);
        Ok(())
    }

    fn fetch_plain(&mut self) -> Result<()> {
        self.save_possible_key()?;
        let mark = self.source.mark();
        let in_flow = self.in_flow();
        let plain = plain::plain(&mut self.source, self.indent, in_flow);
        // Where it went on to a new line, a key may begin at once.
        self.key_allowed = plain.ended_on_new_line;
        self.push_scalar(mark, plain.text, true);
        Ok(())
    }
}

/// The failure where a line of a block mapping is no key.
fn missing_value(line: Mark) -> crate::error::Error {
    line.failure("expected a key with ':' after it, found none")
}

/// Steps over the rest of a line that may hold nothing but a comment.
fn finish_line(source: &mut TextSource, what: &str) -> Result<()> {
    source.skip_spaces_and_comment();
    let next = source.peek();
    if !is_break_or_end(next) {
        return Err(source.mark().failure(format_args!(
            "expected a comment or the end of the line after {what}, found {}",
            shown(next)
        )));
    }
    source.line_break();
    Ok(())
}
