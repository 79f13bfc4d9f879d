//! Queries as one writes them in a shell: `model.k0 < 2 and run.status == "finished"`.
//!
//! ```text
//! query      = all { "or" all }
//! all        = one { "and" one }
//! one        = "not" one | "(" query ")" | test
//! test       = key [ "exists" | comparison value | "~" text | [ "not" ] "in" array ]
//! comparison = "==" | "=" | "!=" | "<" | "<=" | ">" | ">="
//! ```
//!
//! A key alone asks whether it is there. Values are JSON's; a text may stand in single quotes, or
//! without quotes if it is one word. `&&`, `||` and `!` are taken too.

#![forbid(unsafe_code)]

use super::matching::Test;
use super::query::{names, regex, Query};
use crate::error::{Error, Result};
use crate::json::{self, Value};

/// How deep parentheses may be inside each other.
const MAX_DEPTH: usize = 100;

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Query> {
    let mut parser = ExpressionParser {
        tokens: tokens(text)?,
        next: 0,
        text,
    };
    let query = parser.any(0)?;
    match parser.peek() {
        None => Ok(query),
        Some(token) => Err(parser.unexpected("'and', 'or' or the end", Some(token))),
    }
}

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq)]
enum ExpressionToken {
    /// A key, a keyword, or a text without quotes.
    Word(String),
    /// An operator or parenthesis.
    Sign(&'static str),
    /// A value that cannot be a key.
    Value(Value),
}

impl ExpressionToken {
    fn shown(&self) -> String {
        match self {
            ExpressionToken::Word(word) => word.clone(),
            ExpressionToken::Sign(sign) => (*sign).to_owned(),
            ExpressionToken::Value(value) => json::dumps(value),
        }
    }
}

const SIGNS: [&str; 13] = [
    "==", "!=", "<=", ">=", "&&", "||", "=", "<", ">", "~", "!", "(", ")",
];

fn tokens(text: &str) -> Result<Vec<ExpressionToken>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length;
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            length = sign.len();
            tokens.push(ExpressionToken::Sign(sign));
        } else if first == '\'' {
            let end = rest[1..].find('\'').ok_or_else(|| {
                Error::argument(format!("in the query {text}: a quote has no end"))
            })?;
            length = end + 2;
            tokens.push(ExpressionToken::Value(Value::Text(
                rest[1..=end].to_owned(),
            )));
        } else if first == '"' || first == '[' || first == '{' {
            length = value_length(rest);
            tokens.push(ExpressionToken::Value(value(&rest[..length], text)?));
        } else {
            let ends = |c: char| c.is_whitespace() || "()<>=!~&|,'\"".contains(c);
            length = rest.find(ends).unwrap_or(rest.len());
            if length == 0 {
                return Err(Error::argument(format!(
                    "in the query {text}: '{first}' stands where a key or a value is expected"
                )));
            }
            tokens.push(word(&rest[..length]));
        }
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// What a word without quotes is: a number, true, false or null, or a word.
fn word(word: &str) -> ExpressionToken {
    match json::parse(word) {
        Ok(value) => ExpressionToken::Value(value),
        Err(_) => ExpressionToken::Word(word.to_owned()),
    }
}

fn value(text: &str, query: &str) -> Result<Value> {
    json::parse(text)
        .map_err(|error| Error::argument(format!("in the query {query}: {}", error.message)))
}

/// The length of the text, array or object at the beginning, as far as brackets and quotes tell.
fn value_length(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && !quoted {
            return at + 1;
        }
    }
    text.len()
}

struct ExpressionParser<'a> {
    tokens: Vec<ExpressionToken>,
    next: usize,
    text: &'a str,
}

impl ExpressionParser<'_> {
    fn peek(&self) -> Option<&ExpressionToken> {
        self.tokens.get(self.next)
    }

    /// Takes the next token if it is one of these words or signs.
    fn take(&mut self, wanted: &[&str]) -> bool {
        let found = match self.peek() {
            Some(ExpressionToken::Word(word)) => wanted.contains(&word.as_str()),
            Some(ExpressionToken::Sign(sign)) => wanted.contains(sign),
            _ => false,
        };
        self.next += usize::from(found);
        found
    }

    fn unexpected(&self, expected: &str, found: Option<&ExpressionToken>) -> Error {
        let found = found.map_or("its end".to_owned(), |token| format!("'{}'", token.shown()));
        Error::argument(format!(
            "in the query {}: expected {expected}, found {found}",
            self.text
        ))
    }

    fn any(&mut self, depth: usize) -> Result<Query> {
        if depth > MAX_DEPTH {
            return Err(Error::argument(format!(
                "the query has more than {MAX_DEPTH} parentheses inside each other"
            )));
        }
        let mut queries = vec![self.all(depth)?];
        while self.take(&["or", "||"]) {
            queries.push(self.all(depth)?);
        }
        Ok(match queries.len() {
            1 => queries.remove(0),
            _ => Query::Any(queries),
        })
    }

    fn all(&mut self, depth: usize) -> Result<Query> {
        let mut queries = vec![self.one(depth)?];
        while self.take(&["and", "&&"]) {
            queries.push(self.one(depth)?);
        }
        Ok(match queries.len() {
            1 => queries.remove(0),
            _ => Query::All(queries),
        })
    }

    fn one(&mut self, depth: usize) -> Result<Query> {
        if self.take(&["not", "!"]) {
            if depth > MAX_DEPTH {
                return Err(self.unexpected("fewer 'not'", self.peek()));
            }
            return Ok(Query::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take(&["("]) {
            let query = self.any(depth + 1)?;
            if !self.take(&[")"]) {
                return Err(self.unexpected("')'", self.peek()));
            }
            return Ok(query);
        }
        self.test()
    }

    fn test(&mut self) -> Result<Query> {
        let key = match self.peek() {
            Some(ExpressionToken::Word(word)) if !is_keyword(word) => names(word),
            found => return Err(self.unexpected("a key such as model.k0", found)),
        };
        self.next += 1;
        let test = if self.take(&["exists"]) {
            Test::Exists(true)
        } else if self.take(&["==", "="]) {
            Test::Equal(self.value()?)
        } else if self.take(&["!="]) {
            Test::Differs(self.value()?)
        } else if self.take(&["<="]) {
            Test::AtMost(self.value()?)
        } else if self.take(&[">="]) {
            Test::AtLeast(self.value()?)
        } else if self.take(&["<"]) {
            Test::Less(self.value()?)
        } else if self.take(&[">"]) {
            Test::Greater(self.value()?)
        } else if self.take(&["~"]) {
            match self.value()? {
                Value::Text(pattern) => Test::Matches(regex(&pattern)?),
                other => {
                    return Err(self
                        .unexpected("a regular expression", Some(&ExpressionToken::Value(other))))
                }
            }
        } else if self.take(&["in"]) {
            Test::In(self.array()?)
        } else if self.take(&["not"]) {
            if !self.take(&["in"]) {
                return Err(self.unexpected("'in'", self.peek()));
            }
            Test::NotIn(self.array()?)
        } else {
            Test::Exists(true)
        };
        Ok(Query::Test { key, test })
    }

    fn value(&mut self) -> Result<Value> {
        let value = match self.peek() {
            Some(ExpressionToken::Value(value)) => value.clone(),
            Some(ExpressionToken::Word(word)) if !is_keyword(word) => Value::Text(word.clone()),
            found => return Err(self.unexpected("a value", found)),
        };
        self.next += 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Vec<Value>> {
        match self.value()? {
            Value::Array(values) => Ok(values),
            other => Err(self.unexpected(
                "an array such as [1, 2]",
                Some(&ExpressionToken::Value(other)),
            )),
        }
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in" | "exists")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn expressions_are_read_as_they_look() {
        let document = json::parse(
            r#"{"model": {"k0": 1.2, "name": "a b"}, "dt": 1e-3, "run": {"status": "finished"}, "n": [1, 2]}"#,
        )
        .unwrap();
        for (expression, matches) in [
            (r#"model.k0 < 2 and run.status == "finished""#, true),
            ("model.k0<2 and run.status=finished", true),
            ("model.k0 > 1 && dt <= 0.001", true),
            ("model.k0 > 1 && dt < 0.001", false),
            ("model.k0 > 2 or dt >= 1e-3", true),
            ("not (model.k0 > 2 or dt >= 1e-3)", false),
            ("!missing and dt", true),
            ("dt exists and not missing exists", true),
            ("model.name == 'a b'", true),
            (r#"model.name ~ "^a\\s""#, true),
            ("model.name ~ '^b'", false),
            (r#"dt in [0.001, "x"]"#, true),
            ("dt not in [0.001]", false),
            ("n == [1, 2]", true),
            ("n.1 == 2", true),
            ("model.k0 != 1.2 or (dt = 0.001 and n.0 = 1)", true),
            // "and" binds more tightly than "or".
            ("dt = 0.001 or dt = 1 and dt = 2", true),
        ] {
            let query = Query::parse(expression).unwrap();
            assert_eq!(query.matches(&document), matches, "{expression}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (expression, part) in [
            ("model.k0 <", "expected a value, found its end"),
            ("1 < 2", "expected a key such as model.k0, found '1'"),
            ("(a = 1", "expected ')', found its end"),
            ("a = 1 b = 2", "expected 'and', 'or' or the end, found 'b'"),
            ("a in 3", "expected an array"),
            ("a ~ 3", "expected a regular expression, found '3'"),
            ("a = 'x", "a quote has no end"),
            ("a = [1", "in the query a = [1"),
            ("and", "expected a key"),
            ("a, b", "',' stands where"),
        ] {
            let error = parse(expression).unwrap_err();
            assert_eq!(error.status, Status::Argument);
            assert!(error.message.contains(part), "{expression}: {error}");
        }
        assert!(parse(&"(".repeat(1000)).is_err());
        assert!(parse(&"not ".repeat(100_000)).is_err());
    }
}
