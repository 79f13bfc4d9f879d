//! Tags and directives.

#![forbid(unsafe_code)]

use super::super::source::{
    is_blank, is_break_or_end, is_name, is_space_or_break, shown, TextSource,
};
use super::{finish_line, TokenKind};
use crate::error::Result;

/// Reads a tag: `!<uri>`, `!`, `!suffix`, `!!suffix` or `!handle!suffix`.
pub(super) fn tag(source: &mut TextSource) -> Result<TokenKind> {
    let (handle, suffix) = match source.peek_at(1) {
        '<' => {
            source.advance(2);
            let suffix = uri(source)?;
            if source.peek() != '>' {
                return Err(unexpected(source, "'>' at the end of a tag"));
            }
            source.advance(1);
            (None, suffix)
        }
        next if is_blank(next) => {
            source.advance(1);
            (None, "!".to_string())
        }
        _ => {
            let handle = if has_handle(source) {
                tag_handle(source)?
            } else {
                source.advance(1);
                "!".to_string()
            };
            (Some(handle), uri(source)?)
        }
    };
    if !is_space_or_break(source.peek()) {
        return Err(unexpected(source, "a space after a tag"));
    }
    Ok(TokenKind::Tag { handle, suffix })
}

/// Tells whether a second `!` follows before the tag ends.
fn has_handle(source: &TextSource) -> bool {
    (1..)
        .map(|offset| source.peek_at(offset))
        .find(|&character| character == '!' || is_space_or_break(character))
        == Some('!')
}

/// Reads `!`, `!!` or `!name!`.
fn tag_handle(source: &mut TextSource) -> Result<String> {
    let mut handle = String::new();
    if source.peek() != '!' {
        return Err(unexpected(source, "'!' at the beginning of a tag's handle"));
    }
    source.take(1, &mut handle);
    if source.peek() != ' ' {
        source.take_while(&mut handle, is_name);
        if source.peek() != '!' {
            return Err(unexpected(source, "'!' at the end of a tag's handle"));
        }
        source.take(1, &mut handle);
    }
    Ok(handle)
}

/// Reads the characters of a URI, `%` escapes decoded.
fn uri(source: &mut TextSource) -> Result<String> {
    let mut text = String::new();
    loop {
        source.take_while(&mut text, |character| {
            character.is_ascii_alphanumeric() || "-;/?:@&=+$,_.!~*'()[]".contains(character)
        });
        if source.peek() != '%' {
            break;
        }
        text.push_str(&uri_escapes(source)?);
    }
    if text.is_empty() {
        return Err(unexpected(source, "the name of a tag"));
    }
    Ok(text)
}

/// Reads `%` escapes that follow each other: together they are UTF-8.
fn uri_escapes(source: &mut TextSource) -> Result<String> {
    let mark = source.mark();
    let mut bytes = Vec::new();
    while source.peek() == '%' {
        source.advance(1);
        let mut byte: u8 = 0;
        for _ in 0..2 {
            let digit = match source.peek().to_digit(16) {
                Some(digit) => digit,
                None => return Err(unexpected(source, "two hexadecimal digits after '%'")),
            };
            byte = (byte << 4) | digit as u8;
            source.advance(1);
        }
        bytes.push(byte);
    }
    String::from_utf8(bytes)
        .map_err(|_| mark.failure("expected the escapes of a tag to be UTF-8, found other bytes"))
}

/// Reads a directive and the rest of its line.
pub(super) fn directive(source: &mut TextSource) -> Result<TokenKind> {
    source.advance(1);
    let mut name = String::new();
    source.take_while(&mut name, is_name);
    if name.is_empty() || !is_space_or_break(source.peek()) {
        return Err(unexpected(
            source,
            "letters, digits, '-' and '_' in the name of a directive",
        ));
    }
    let kind = match name.as_str() {
        "YAML" => {
            source.skip_while(|character| character == ' ');
            let major = number(source)?;
            if source.peek() != '.' {
                return Err(unexpected(source, "'.' in the version"));
            }
            source.advance(1);
            number(source)?;
            if !is_space_or_break(source.peek()) {
                return Err(unexpected(source, "the end of the version"));
            }
            TokenKind::VersionDirective(major)
        }
        "TAG" => {
            source.skip_while(|character| character == ' ');
            let handle = tag_handle(source)?;
            if source.peek() != ' ' {
                return Err(unexpected(source, "a space after the handle"));
            }
            source.skip_while(|character| character == ' ');
            let prefix = uri(source)?;
            if !is_space_or_break(source.peek()) {
                return Err(unexpected(source, "a space after the prefix"));
            }
            TokenKind::TagDirective { handle, prefix }
        }
        _ => {
            source.skip_while(|character| !is_break_or_end(character));
            TokenKind::OtherDirective
        }
    };
    finish_line(source, "a directive")?;
    Ok(kind)
}

fn number(source: &mut TextSource) -> Result<String> {
    let mut digits = String::new();
    source.take_while(&mut digits, |character| character.is_ascii_digit());
    if digits.is_empty() {
        return Err(unexpected(source, "a digit in the version"));
    }
    Ok(digits)
}

fn unexpected(source: &TextSource, wanted: &str) -> crate::error::Error {
    source.mark().failure(format_args!(
        "expected {wanted}, found {}",
        shown(source.peek())
    ))
}
