//! Literal (`|`) and folded (`>`) scalars.

#![forbid(unsafe_code)]

use super::super::source::{is_break, is_break_or_end, is_space_or_break, shown, TextSource, END};
use super::finish_line;
use crate::error::Result;

/// What becomes of the ends of lines after the last line with text.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    /// One is kept.
    Clip,
    /// `-`: none is kept.
    Strip,
    /// `+`: all are kept.
    Keep,
}

/// Reads a block scalar inside a block collection at column `parent_indent`.
pub(super) fn block_scalar(
    source: &mut TextSource,
    parent_indent: i64,
    folded: bool,
) -> Result<String> {
    source.advance(1);
    let (chomping, increment) = header(source)?;
    finish_line(source, "'|' or '>'")?;

    let smallest = (parent_indent + 1).max(1);
    let mut empty_lines = String::new();
    let indent = match increment {
        Some(increment) => {
            let indent = smallest + increment - 1;
            skip_empty_lines(source, indent, &mut empty_lines);
            indent
        }
        None => smallest.max(deepest_leading_space(source, &mut empty_lines)),
    };

    let mut text = String::new();
    let mut line_break = None;
    while source.column() == indent && source.peek() != END {
        text.push_str(&empty_lines);
        empty_lines.clear();
        let begins_with_word = !matches!(source.peek(), ' ' | '\t');
        source.take_while(&mut text, |character| !is_break_or_end(character));
        line_break = source.line_break();
        skip_empty_lines(source, indent, &mut empty_lines);
        if source.column() != indent || source.peek() == END {
            break;
        }
        let next_begins_with_word = !matches!(source.peek(), ' ' | '\t');
        if folded && line_break == Some('\n') && begins_with_word && next_begins_with_word {
            if empty_lines.is_empty() {
                text.push(' ');
            }
        } else {
            text.extend(line_break);
        }
    }
    if chomping != Chomping::Strip {
        text.extend(line_break);
    }
    if chomping == Chomping::Keep {
        text.push_str(&empty_lines);
    }
    Ok(text)
}

/// Reads the indicators after `|` or `>`, which may stand in either order.
fn header(source: &mut TextSource) -> Result<(Chomping, Option<i64>)> {
    let mut chomping = chomping_indicator(source);
    let increment = indentation_indicator(source)?;
    if chomping.is_none() && increment.is_some() {
        chomping = chomping_indicator(source);
    }
    let next = source.peek();
    if !is_space_or_break(next) {
        return Err(source.mark().failure(format_args!(
            "expected '+', '-' or a digit after '|' or '>', found {}",
            shown(next)
        )));
    }
    Ok((chomping.unwrap_or(Chomping::Clip), increment))
}

fn chomping_indicator(source: &mut TextSource) -> Option<Chomping> {
    let chomping = match source.peek() {
        '+' => Chomping::Keep,
        '-' => Chomping::Strip,
        _ => return None,
    };
    source.advance(1);
    Some(chomping)
}

fn indentation_indicator(source: &mut TextSource) -> Result<Option<i64>> {
    let Some(digit) = source.peek().to_digit(10) else {
        return Ok(None);
    };
    if digit == 0 {
        return Err(source
            .mark()
            .failure("expected an indentation from 1 to 9, found 0"));
    }
    source.advance(1);
    Ok(Some(i64::from(digit)))
}

/// Steps over spaces and empty lines before the first line with text, and gives the deepest
/// column that the spaces reached, which is where that line has to begin.
fn deepest_leading_space(source: &mut TextSource, empty_lines: &mut String) -> i64 {
    let mut deepest = 0;
    loop {
        if source.peek() == ' ' {
            source.advance(1);
            deepest = deepest.max(source.column());
        } else if is_break(source.peek()) {
            empty_lines.extend(source.line_break());
        } else {
            return deepest;
        }
    }
}

/// Steps over empty lines, and over at most `indent` spaces of each line.
fn skip_empty_lines(source: &mut TextSource, indent: i64, empty_lines: &mut String) {
    loop {
        while source.column() < indent && source.peek() == ' ' {
            source.advance(1);
        }
        match source.line_break() {
            Some(line_break) => empty_lines.push(line_break),
            None => return,
        }
    }
}
