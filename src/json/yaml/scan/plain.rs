//! Plain scalars: those without quotes and block indicators.

#![forbid(unsafe_code)]

use super::super::source::{is_blank, is_break, TextSource};

/// What was found.
pub(super) struct PlainScalar {
    pub text: String,
    /// The white space after it held the end of a line.
    pub ended_on_new_line: bool,
}

/// Reads a plain scalar inside a block collection at column `indent`, and the white space after it.
pub(super) fn plain(source: &mut TextSource, indent: i64, in_flow: bool) -> PlainScalar {
    let mut text = String::new();
    let mut spaces = String::new();
    let mut ended_on_new_line = false;
    while source.peek() != '#' {
        let length = word_length(source, in_flow);
        if length == 0 {
            break;
        }
        text.push_str(&spaces);
        source.take(length, &mut text);
        spaces.clear();
        ended_on_new_line = white_space(source, &mut spaces);
        if spaces.is_empty() || (!in_flow && source.column() <= indent) {
            break;
        }
    }
    PlainScalar {
        text,
        ended_on_new_line,
    }
}

/// How many characters there are up to white space or an indicator.
fn word_length(source: &TextSource, in_flow: bool) -> usize {
    let mut length = 0;
    loop {
        let character = source.peek_at(length);
        let next = source.peek_at(length + 1);
        let ends = is_blank(character)
            || (character == ':' && (is_blank(next) || (in_flow && ",[]{}".contains(next))))
            || (in_flow && ",?[]{}".contains(character));
        if ends {
            return length;
        }
        length += 1;
    }
}

/// Steps over white space and appends to `spaces` what it stands for inside the scalar, which
/// is nothing where the scalar cannot go on. Tells whether a line ended in it.
fn white_space(source: &mut TextSource, spaces: &mut String) -> bool {
    let count = source.skip_while(|character| character == ' ');
    let Some(line_break) = source.line_break() else {
        spaces.extend(std::iter::repeat_n(' ', count));
        return false;
    };
    let mut breaks = String::new();
    loop {
        if at_marker(source) {
            return true;
        }
        source.skip_while(|character| character == ' ');
        if !is_break(source.peek()) {
            break;
        }
        breaks.extend(source.line_break());
    }
    if line_break != '\n' {
        spaces.push(line_break);
    } else if breaks.is_empty() {
        spaces.push(' ');
    }
    spaces.push_str(&breaks);
    true
}

fn at_marker(source: &TextSource) -> bool {
    source.at_document_marker('-') || source.at_document_marker('.')
}
