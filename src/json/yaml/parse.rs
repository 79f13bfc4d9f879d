//! From tokens to events: which scalar, sequence and mapping begins and ends where.
//!
//! An automaton with its own stack, so that deep nesting needs no stack of the thread.

#![forbid(unsafe_code)]

use super::scan::{Scanner, Token, TokenKind};
use super::source::{clipped, Mark};
use crate::error::{Error, Result};
use std::collections::HashMap;

/// The handles that need no `%TAG` and what they stand for.
const DEFAULT_HANDLES: [(&str, &str); 2] = [("!", "!"), ("!!", "tag:yaml.org,2002:")];

/// What was found next in the document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum EventKind {
    Alias(String),
    Scalar {
        properties: Properties,
        text: String,
        /// Without a tag: what kind of value it is shows in its text.
        plain: bool,
    },
    SequenceStart(Properties),
    MappingStart(Properties),
    /// The innermost sequence or mapping ends.
    CollectionEnd,
    DocumentEnd,
}

/// What may stand before a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Properties {
    pub anchor: Option<String>,
    /// The whole tag, its handle replaced.
    pub tag: Option<String>,
}

/// An event and where it begins.
#[derive(Clone, Debug)]
pub(super) struct ParserEvent {
    pub kind: EventKind,
    pub mark: Mark,
}

/// What the automaton expects next.
#[derive(Clone, Copy, Debug)]
enum ParserState {
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry,
    /// A sequence whose `-` stand no deeper than the key of the mapping around it.
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    /// `[key: value]`, a mapping of one member without braces.
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
}

/// Where a value may stand, and with it which kinds of value may.
#[derive(Clone, Copy, PartialEq)]
enum ValuePlace {
    Flow,
    Block,
    /// In a block mapping, where a sequence needs no deeper indentation.
    BlockMapping,
}

/// Gives the events of the one document of a text.
pub(super) struct Parser {
    scanner: Scanner,
    state: ParserState,
    /// What follows the values that are open.
    outer_states: Vec<ParserState>,
    /// Where the collections that are open begin, for the error messages.
    starts: Vec<Mark>,
    handles: HashMap<String, String>,
}

impl Parser {
    /// Begins at the first value, unless there is none in the whole text.
    pub fn new(text: &str) -> Result<Option<Self>> {
        let mut parser = Self {
            scanner: Scanner::new(text)?,
            state: ParserState::BlockNode,
            outer_states: vec![ParserState::DocumentEnd],
            starts: Vec::new(),
            handles: HashMap::new(),
        };
        match parser.scanner.peek()?.kind {
            TokenKind::StreamEnd => return Ok(None),
            TokenKind::DocumentStart
            | TokenKind::VersionDirective(_)
            | TokenKind::TagDirective { .. }
            | TokenKind::OtherDirective => {
                parser.directives()?;
                let token = parser.scanner.next()?;
                if token.kind != TokenKind::DocumentStart {
                    return Err(unexpected(&token, "'---' after the directives"));
                }
                parser.state = ParserState::DocumentContent;
            }
            _ => {}
        }
        for (handle, prefix) in DEFAULT_HANDLES {
            parser
                .handles
                .entry(handle.to_string())
                .or_insert_with(|| prefix.to_string());
        }
        Ok(Some(parser))
    }

    fn directives(&mut self) -> Result<()> {
        let mut has_version = false;
        while let TokenKind::VersionDirective(_)
        | TokenKind::TagDirective { .. }
        | TokenKind::OtherDirective = self.scanner.peek()?.kind
        {
            let token = self.scanner.next()?;
            match token.kind {
                TokenKind::VersionDirective(major) => {
                    if has_version {
                        return Err(token
                            .mark
                            .failure("expected one %YAML directive, found a second one"));
                    }
                    if major.trim_start_matches('0') != "1" {
                        return Err(token.mark.failure(format_args!(
                            "expected a version 1 of YAML, found version {}",
                            clipped(&major)
                        )));
                    }
                    has_version = true;
                }
                TokenKind::TagDirective { handle, prefix } => {
                    if self.handles.contains_key(&handle) {
                        return Err(token.mark.failure(format_args!(
                            "expected one %TAG directive for '{}', found a second one",
                            clipped(&handle)
                        )));
                    }
                    self.handles.insert(handle, prefix);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The next event. After [`EventKind::DocumentEnd`] there is none.
    pub fn next(&mut self) -> Result<ParserEvent> {
        match self.state {
            ParserState::DocumentContent => self.document_content(),
            ParserState::DocumentEnd => self.document_end(),
            ParserState::BlockNode => self.node(ValuePlace::Block),
            ParserState::BlockSequenceEntry => self.block_sequence_entry(),
            ParserState::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            ParserState::BlockMappingKey => self.block_mapping_key(),
            ParserState::BlockMappingValue => self.block_mapping_value(),
            ParserState::FlowSequenceFirstEntry => self.flow_sequence_entry(true),
            ParserState::FlowSequenceEntry => self.flow_sequence_entry(false),
            ParserState::FlowPairKey => self.flow_pair_key(),
            ParserState::FlowPairValue => self.flow_pair_value(),
            ParserState::FlowPairEnd => {
                self.state = ParserState::FlowSequenceEntry;
                let mark = self.scanner.peek()?.mark;
                Ok(collection_end(mark))
            }
            ParserState::FlowMappingFirstKey => self.flow_mapping_key(true),
            ParserState::FlowMappingKey => self.flow_mapping_key(false),
            ParserState::FlowMappingValue => self.flow_mapping_value(),
            ParserState::FlowMappingEmptyValue => {
                let mark = self.scanner.peek()?.mark;
                Ok(self.empty_value(mark, ParserState::FlowMappingKey))
            }
        }
    }

    fn document_content(&mut self) -> Result<ParserEvent> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd
            | TokenKind::VersionDirective(_)
            | TokenKind::TagDirective { .. }
            | TokenKind::OtherDirective => {
                let mark = token.mark;
                Ok(self.empty_value(mark, ParserState::DocumentEnd))
            }
            _ => self.node(ValuePlace::Block),
        }
    }

    /// Steps over the `...` after the document; nothing else may follow it.
    fn document_end(&mut self) -> Result<ParserEvent> {
        while self.next_is(&TokenKind::DocumentEnd)? {
            self.scanner.next()?;
        }
        let token = self.scanner.next()?;
        match token.kind {
            TokenKind::StreamEnd => Ok(ParserEvent {
                kind: EventKind::DocumentEnd,
                mark: token.mark,
            }),
            TokenKind::DocumentStart => Err(token
                .mark
                .failure("expected one document, found a second one")),
            _ => Err(unexpected(&token, "the end of the document")),
        }
    }

    fn next_is(&mut self, kind: &TokenKind) -> Result<bool> {
        Ok(self.scanner.peek()?.kind == *kind)
    }

    fn next_is_one_of(&mut self, kinds: &[TokenKind]) -> Result<bool> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    /// A value that is not written stands for null.
    fn empty_value(&mut self, mark: Mark, next: ParserState) -> ParserEvent {
        self.state = next;
        ParserEvent {
            kind: EventKind::Scalar {
                properties: Properties::default(),
                text: String::new(),
                plain: true,
            },
            mark,
        }
    }

    /// Reads a value, after which `next` is expected.
    fn value(&mut self, place: ValuePlace, next: ParserState) -> Result<ParserEvent> {
        self.outer_states.push(next);
        self.node(place)
    }

    /// The collection or the value is complete: goes on with what is around it.
    fn leave(&mut self) {
        self.state = self.outer_states.pop().unwrap_or(ParserState::DocumentEnd);
    }

    fn leave_collection(&mut self, mark: Mark) -> ParserEvent {
        self.starts.pop();
        self.leave();
        collection_end(mark)
    }

    /// Steps over the token that begins a collection.
    fn enter(&mut self, state: ParserState) -> Result<()> {
        let token = self.scanner.next()?;
        self.starts.push(token.mark);
        self.state = state;
        Ok(())
    }

    fn node(&mut self, place: ValuePlace) -> Result<ParserEvent> {
        let mark = self.scanner.peek()?.mark;
        if let TokenKind::Alias(_) = self.scanner.peek()?.kind {
            let token = self.scanner.next()?;
            if let TokenKind::Alias(name) = token.kind {
                self.leave();
                let kind = EventKind::Alias(name);
                return Ok(ParserEvent { kind, mark });
            }
        }
        let properties = self.properties()?;
        let next = self.scanner.peek()?;
        let kind = match (&next.kind, place) {
            (TokenKind::BlockEntry, ValuePlace::BlockMapping) => {
                self.state = ParserState::IndentlessSequenceEntry;
                EventKind::SequenceStart(properties)
            }
            (TokenKind::Scalar { .. }, _) => {
                self.leave();
                scalar(properties, self.scanner.next()?)
            }
            (TokenKind::FlowSequenceStart, _) => {
                self.enter(ParserState::FlowSequenceFirstEntry)?;
                EventKind::SequenceStart(properties)
            }
            (TokenKind::FlowMappingStart, _) => {
                self.enter(ParserState::FlowMappingFirstKey)?;
                EventKind::MappingStart(properties)
            }
            (TokenKind::BlockSequenceStart, ValuePlace::Block | ValuePlace::BlockMapping) => {
                self.enter(ParserState::BlockSequenceEntry)?;
                EventKind::SequenceStart(properties)
            }
            (TokenKind::BlockMappingStart, ValuePlace::Block | ValuePlace::BlockMapping) => {
                self.enter(ParserState::BlockMappingKey)?;
                EventKind::MappingStart(properties)
            }
            _ if properties != Properties::default() => {
                self.leave();
                let plain = is_untagged(&properties);
                EventKind::Scalar {
                    properties,
                    text: String::new(),
                    plain,
                }
            }
            _ => return Err(unexpected(next, "a value")),
        };
        Ok(ParserEvent { kind, mark })
    }

    /// Reads an anchor and a tag, in either order, both optional.
    fn properties(&mut self) -> Result<Properties> {
        let mut properties = Properties::default();
        loop {
            let token = self.scanner.peek()?;
            let is_wanted = match token.kind {
                TokenKind::Anchor(_) => properties.anchor.is_none(),
                TokenKind::Tag { .. } => properties.tag.is_none(),
                _ => false,
            };
            if !is_wanted {
                return Ok(properties);
            }
            let token = self.scanner.next()?;
            match token.kind {
                TokenKind::Anchor(name) => properties.anchor = Some(name),
                TokenKind::Tag { handle, suffix } => {
                    properties.tag = Some(self.whole_tag(handle, suffix, token.mark)?);
                }
                _ => return Ok(properties),
            }
        }
    }

    fn whole_tag(&self, handle: Option<String>, suffix: String, mark: Mark) -> Result<String> {
        let Some(handle) = handle else {
            return Ok(suffix);
        };
        match self.handles.get(&handle) {
            Some(prefix) => Ok(format!("{prefix}{suffix}")),
            None => Err(mark.failure(format_args!(
                "expected a tag whose handle a %TAG directive names, found '{}'",
                clipped(&handle)
            ))),
        }
    }

    /// The failure where a collection neither goes on nor ends.
    fn unfinished(&mut self, wanted: &str) -> Error {
        let start = self.starts.last().copied().unwrap_or_default();
        match self.scanner.peek() {
            Ok(token) => token.mark.failure(format_args!(
                "expected {wanted} that begins on line {}, column {}, found {}",
                u64::from(start.line) + 1,
                u64::from(start.column) + 1,
                token.kind.description()
            )),
            Err(error) => error,
        }
    }

    // Block style.

    fn block_sequence_entry(&mut self) -> Result<ParserEvent> {
        if self.next_is(&TokenKind::BlockEntry)? {
            let mark = self.scanner.next()?.mark;
            if self.next_is_one_of(&[TokenKind::BlockEntry, TokenKind::BlockEnd])? {
                return Ok(self.empty_value(mark, ParserState::BlockSequenceEntry));
            }
            return self.value(ValuePlace::Block, ParserState::BlockSequenceEntry);
        }
        if !self.next_is(&TokenKind::BlockEnd)? {
            return Err(self.unfinished("the next '-' or the end of the sequence"));
        }
        let mark = self.scanner.next()?.mark;
        Ok(self.leave_collection(mark))
    }

    fn indentless_sequence_entry(&mut self) -> Result<ParserEvent> {
        if !self.next_is(&TokenKind::BlockEntry)? {
            let mark = self.scanner.peek()?.mark;
            self.leave();
            return Ok(collection_end(mark));
        }
        let mark = self.scanner.next()?.mark;
        if self.next_is_one_of(&[
            TokenKind::BlockEntry,
            TokenKind::Key,
            TokenKind::Value,
            TokenKind::BlockEnd,
        ])? {
            return Ok(self.empty_value(mark, ParserState::IndentlessSequenceEntry));
        }
        self.value(ValuePlace::Block, ParserState::IndentlessSequenceEntry)
    }

    fn block_mapping_key(&mut self) -> Result<ParserEvent> {
        if self.next_is(&TokenKind::Key)? {
            let mark = self.scanner.next()?.mark;
            return self.block_mapping_part(mark, ParserState::BlockMappingValue);
        }
        if !self.next_is(&TokenKind::BlockEnd)? {
            return Err(self.unfinished("the next key or the end of the mapping"));
        }
        let mark = self.scanner.next()?.mark;
        Ok(self.leave_collection(mark))
    }

    fn block_mapping_value(&mut self) -> Result<ParserEvent> {
        if self.next_is(&TokenKind::Value)? {
            let mark = self.scanner.next()?.mark;
            return self.block_mapping_part(mark, ParserState::BlockMappingKey);
        }
        let mark = self.scanner.peek()?.mark;
        Ok(self.empty_value(mark, ParserState::BlockMappingKey))
    }

    /// Reads the key or the value whose indicator stood at `mark`.
    fn block_mapping_part(&mut self, mark: Mark, next: ParserState) -> Result<ParserEvent> {
        if self.next_is_one_of(&[TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd])? {
            return Ok(self.empty_value(mark, next));
        }
        self.value(ValuePlace::BlockMapping, next)
    }

    // Flow style.

    fn flow_sequence_entry(&mut self, first: bool) -> Result<ParserEvent> {
        if !first && self.next_is(&TokenKind::FlowEntry)? {
            self.scanner.next()?;
        } else if !first && !self.next_is(&TokenKind::FlowSequenceEnd)? {
            return Err(self.unfinished("',' or the ']' of the sequence"));
        }
        match self.scanner.peek()?.kind {
            TokenKind::FlowSequenceEnd => {
                let mark = self.scanner.next()?.mark;
                Ok(self.leave_collection(mark))
            }
            TokenKind::Key => {
                let mark = self.scanner.next()?.mark;
                self.state = ParserState::FlowPairKey;
                let kind = EventKind::MappingStart(Properties::default());
                Ok(ParserEvent { kind, mark })
            }
            _ => self.value(ValuePlace::Flow, ParserState::FlowSequenceEntry),
        }
    }

    fn flow_pair_key(&mut self) -> Result<ParserEvent> {
        let ends = [
            TokenKind::Value,
            TokenKind::FlowEntry,
            TokenKind::FlowSequenceEnd,
        ];
        self.flow_part(&ends, ParserState::FlowPairValue)
    }

    fn flow_pair_value(&mut self) -> Result<ParserEvent> {
        let ends = [TokenKind::FlowEntry, TokenKind::FlowSequenceEnd];
        self.flow_optional_value(&ends, ParserState::FlowPairEnd)
    }

    fn flow_mapping_key(&mut self, first: bool) -> Result<ParserEvent> {
        if !first && self.next_is(&TokenKind::FlowEntry)? {
            self.scanner.next()?;
        } else if !first && !self.next_is(&TokenKind::FlowMappingEnd)? {
            return Err(self.unfinished("',' or the '}' of the mapping"));
        }
        match self.scanner.peek()?.kind {
            TokenKind::FlowMappingEnd => {
                let mark = self.scanner.next()?.mark;
                Ok(self.leave_collection(mark))
            }
            TokenKind::Key => {
                self.scanner.next()?;
                let ends = [
                    TokenKind::Value,
                    TokenKind::FlowEntry,
                    TokenKind::FlowMappingEnd,
                ];
                self.flow_part(&ends, ParserState::FlowMappingValue)
            }
            _ => self.value(ValuePlace::Flow, ParserState::FlowMappingEmptyValue),
        }
    }

    fn flow_mapping_value(&mut self) -> Result<ParserEvent> {
        let ends = [TokenKind::FlowEntry, TokenKind::FlowMappingEnd];
        self.flow_optional_value(&ends, ParserState::FlowMappingKey)
    }

    /// Reads `:` and the value after it, both optional.
    fn flow_optional_value(
        &mut self,
        ends: &[TokenKind],
        next: ParserState,
    ) -> Result<ParserEvent> {
        if self.next_is(&TokenKind::Value)? {
            self.scanner.next()?;
            return self.flow_part(ends, next);
        }
        let mark = self.scanner.peek()?.mark;
        Ok(self.empty_value(mark, next))
    }

    /// Reads a key or a value, which is empty if one of `ends` comes at once.
    fn flow_part(&mut self, ends: &[TokenKind], next: ParserState) -> Result<ParserEvent> {
        if self.next_is_one_of(ends)? {
            let mark = self.scanner.peek()?.mark;
            return Ok(self.empty_value(mark, next));
        }
        self.value(ValuePlace::Flow, next)
    }
}

fn collection_end(mark: Mark) -> ParserEvent {
    ParserEvent {
        kind: EventKind::CollectionEnd,
        mark,
    }
}

fn unexpected(token: &Token, wanted: &str) -> Error {
    token.mark.failure(format_args!(
        "expected {wanted}, found {}",
        token.kind.description()
    ))
}

/// The tag `!` says no more than none.
fn is_untagged(properties: &Properties) -> bool {
    matches!(properties.tag.as_deref(), None | Some("!"))
}

/// A quoted scalar with the tag `!` counts as plain.
fn scalar(properties: Properties, token: Token) -> EventKind {
    let (text, plain) = match token.kind {
        TokenKind::Scalar { text, plain } => (text, plain),
        _ => (String::new(), true),
    };
    let plain = match properties.tag.as_deref() {
        None => plain,
        Some(tag) => tag == "!",
    };
    EventKind::Scalar {
        properties,
        text,
        plain,
    }
}
