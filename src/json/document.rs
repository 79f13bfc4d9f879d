//! The parts of a document, addressed by JSON pointer (RFC 6901): `/model/k0`.
//!
//! The empty pointer is the whole document. In a member's name `~1` stands for `/` and `~0`
//! for `~`; an element of an array is addressed by its number, counted from 0 without leading
//! zeros. When setting, `-` or the number just past the last element appends.

#![forbid(unsafe_code)]

use super::object::Object;
use super::value::{Value, MAX_DEPTH};
use crate::error::{Error, Result};
use std::borrow::Cow;

/// Finds a part of a document.
///
/// # Errors
/// `Argument` for a malformed pointer; `NotFound`, naming what there is on the way, when
/// nothing is there; `Type` when the way leads through what has no parts.
pub fn get<'a>(root: &'a Value, pointer: &str) -> Result<&'a Value> {
    let path = Path::read(pointer)?;
    let (found, steps) = walk(root, &path)?;
    match steps == path.tokens.len() {
        true => Ok(found),
        false => Err(path.missing(found, steps)),
    }
}

/// Puts a value into a document, in the place of what is there.
///
/// Objects that are missing on the way are made; where `-` follows, an array is made.
/// On failure the document is as it was.
///
/// # Errors
/// `Argument` for a malformed pointer; `NotFound` for an element further than one past the
/// end of an array; `Type` when the way leads through what has no parts; `Json` when the
/// document would be nested too deeply.
pub fn set(root: &mut Value, pointer: &str, value: Value) -> Result<()> {
    let path = Path::read(pointer)?;
    if path.tokens.len() + value.depth() > MAX_DEPTH {
        return Err(Error::json(format!(
            "setting this would put more than {MAX_DEPTH} arrays and objects inside each other"
        )));
    }
    let (found, steps) = walk(root, &path)?;
    let mut new = value;
    if steps < path.tokens.len() {
        if let Value::Array(elements) = found {
            if !path.appends(elements, steps) {
                return Err(path.missing(found, steps));
            }
        }
        // What is missing below the first missing part is put around the value.
        for token in path.tokens[steps + 1..].iter().rev() {
            new = match &**token {
                "-" => Value::Array(vec![new]),
                name => Value::Object(Object::from([(name.into(), new)])),
            };
        }
    }
    match (
        descend(root, &path.tokens[..steps])?,
        path.tokens.get(steps),
    ) {
        (target, None) => *target = new,
        (Value::Array(elements), Some(_)) => elements.push(new),
        (Value::Object(members), Some(name)) => {
            // A member that is there keeps its name, and with it what kind of key it stands for.
            members.insert((&**name).into(), new);
        }
        // `walk` stops with a part missing only at an array or object.
        (other, Some(_)) => return Err(path.no_parts(other, steps)),
    }
    Ok(())
}

/// Takes a part out of a document and returns it; the others keep their order.
///
/// # Errors
/// As [`get`]; the whole document cannot be removed from itself, which is `Argument`.
pub fn remove(root: &mut Value, pointer: &str) -> Result<Value> {
    let path = Path::read(pointer)?;
    let Some((last, parents)) = path.tokens.split_last() else {
        return Err(Error::argument(
            "expected a pointer to a part of the document, found '', which is all of it",
        ));
    };
    let (found, steps) = walk(root, &path)?;
    if steps < path.tokens.len() {
        return Err(path.missing(found, steps));
    }
    let removed = match descend(root, parents)? {
        Value::Object(members) => members.shift_remove(last),
        Value::Array(elements) => element_number(last)
            .filter(|&number| number < elements.len())
            .map(|number| elements.remove(number)),
        _ => None,
    };
    removed.ok_or_else(|| Error::not_found(format!("'{pointer}' is not in the document")))
}

/// A pointer, taken apart.
struct Path<'a> {
    pointer: &'a str,
    /// The names and numbers on the way, unescaped.
    tokens: Vec<Cow<'a, str>>,
}

impl<'a> Path<'a> {
    fn read(pointer: &'a str) -> Result<Self> {
        let mut parts = pointer.split('/');
        if parts.next() != Some("") {
            return Err(Error::argument(format!(
                "expected a JSON pointer, which is empty or begins with '/', found '{pointer}'"
            )));
        }
        let tokens = parts
            .map(|part| unescape(part, pointer))
            .collect::<Result<_>>()?;
        Ok(Self { pointer, tokens })
    }

    /// The pointer to what the first so many steps lead to.
    fn prefix(&self, steps: usize) -> &'a str {
        let mut slashes = self
            .pointer
            .match_indices('/')
            .map(|(position, _)| position);
        let end = slashes.nth(steps).unwrap_or(self.pointer.len());
        &self.pointer[..end]
    }

    /// What the first so many steps lead to, as it stands in a sentence.
    fn place(&self, steps: usize) -> String {
        match steps {
            0 => "the document".to_string(),
            _ => format!("'{}'", self.prefix(steps)),
        }
    }

    /// Whether the token after so many steps means the element after the last one.
    fn appends(&self, elements: &[Value], steps: usize) -> bool {
        self.tokens
            .get(steps)
            .is_some_and(|token| token == "-" || element_number(token) == Some(elements.len()))
    }

    /// The error for a part that `found`, at the end of so many steps, does not have.
    fn missing(&self, found: &Value, steps: usize) -> Error {
        let what = match (found, self.tokens.get(steps)) {
            (Value::Array(elements), Some(token)) if token == "-" => {
                format!(
                    "an array of {} elements, none of which is '-'",
                    elements.len()
                )
            }
            (Value::Array(elements), Some(token)) => {
                format!(
                    "an array of {} elements, without element {token}",
                    elements.len()
                )
            }
            (_, token) => format!(
                "an object without member '{}'",
                token.map_or("", |token| token)
            ),
        };
        Error::not_found(format!(
            "'{}' is not in the document: {} is {what}",
            self.pointer,
            self.place(steps)
        ))
    }

    /// The error for a step into what has no parts.
    fn no_parts(&self, found: &Value, steps: usize) -> Error {
        Error::type_(format!(
            "'{}' cannot be reached: expected {} to be an object or array, found {}",
            self.pointer,
            self.place(steps),
            found.kind()
        ))
    }

    /// The error for a name where an array wants a number.
    fn no_number(&self, token: &str, steps: usize) -> Error {
        Error::type_(format!(
            "'{}' cannot be reached: {} is an array, expected an element's number, found '{token}'",
            self.pointer,
            self.place(steps)
        ))
    }
}

/// Undoes the escapes of one name.
fn unescape<'a>(part: &'a str, pointer: &str) -> Result<Cow<'a, str>> {
    let mut pieces = part.split('~');
    let first = pieces.next().unwrap_or_default();
    if first.len() == part.len() {
        return Ok(Cow::Borrowed(part));
    }
    let mut name = first.to_string();
    for piece in pieces {
        let (character, rest) = match piece.as_bytes().first() {
            Some(b'0') => ('~', &piece[1..]),
            Some(b'1') => ('/', &piece[1..]),
            _ => {
                return Err(Error::argument(format!(
                    "expected '~0' or '~1' in the JSON pointer '{pointer}', found another '~'"
                )))
            }
        };
        name.push(character);
        name.push_str(rest);
    }
    Ok(Cow::Owned(name))
}

/// The number that a token is, if it is one.
fn element_number(token: &str) -> Option<usize> {
    let is_number = token.bytes().all(|byte| byte.is_ascii_digit())
        && (token == "0" || !token.starts_with('0'));
    // A number beyond all arrays is still one, of an element that is missing.
    let clamped = || token.parse().unwrap_or(usize::MAX);
    (is_number && !token.is_empty()).then(clamped)
}

/// Goes as far as the document has what the path names: to what, after how many steps.
fn walk<'a>(root: &'a Value, path: &Path) -> Result<(&'a Value, usize)> {
    let mut found = root;
    for (steps, token) in path.tokens.iter().enumerate() {
        let part = match found {
            Value::Object(members) => members.get(token),
            Value::Array(_) if token == "-" => None,
            Value::Array(elements) => match element_number(token) {
                Some(number) => elements.get(number),
                None => return Err(path.no_number(token, steps)),
            },
            other => return Err(path.no_parts(other, steps)),
        };
        match part {
            Some(part) => found = part,
            None => return Ok((found, steps)),
        }
    }
    Ok((found, path.tokens.len()))
}

/// Goes where [`walk`] has been, to change what is there.
fn descend<'a>(root: &'a mut Value, tokens: &[Cow<str>]) -> Result<&'a mut Value> {
    let mut tokens = tokens.iter();
    tokens
        .try_fold(root, |found, token| match found {
            Value::Object(members) => members.get_mut(token),
            Value::Array(elements) => elements.get_mut(element_number(token)?),
            _ => None,
        })
        .ok_or_else(|| Error::internal("a part of a document has gone while it was changed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;
    use crate::json::{dumps, parse};

    /// The document after setting, or why it could not be; unchanged in that case.
    fn after_set(document: &str, pointer: &str, value: &str) -> Result<String> {
        let mut root = parse(document).unwrap();
        let before = root.clone();
        let result = set(&mut root, pointer, parse(value).unwrap());
        if result.is_err() {
            assert_eq!(root, before);
        }
        result.map(|()| dumps(&root))
    }

    fn failure<T: std::fmt::Debug>(result: Result<T>) -> (Status, String) {
        let error = result.unwrap_err();
        (error.status, error.message)
    }

    #[test]
    fn the_examples_of_the_standard() {
        let text = r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
            "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#;
        let root = parse(text).unwrap();
        let part = |pointer| get(&root, pointer).map(dumps);
        assert_eq!(get(&root, ""), Ok(&root));
        assert_eq!(part("/foo"), Ok(r#"["bar", "baz"]"#.into()));
        assert_eq!(part("/foo/0"), Ok(r#""bar""#.into()));
        let names = ["", "a~1b", "c%d", "e^f", "g|h", "i\\j", "k\"l", " ", "m~0n"];
        for (number, name) in names.iter().enumerate() {
            assert_eq!(
                get(&root, &format!("/{name}")).map(dumps),
                Ok(number.to_string())
            );
        }
        assert_eq!(
            get(&parse(r#"{"~1": 1}"#).unwrap(), "/~01").map(dumps),
            Ok("1".into())
        );
    }

    #[test]
    fn setting_makes_what_is_missing_on_the_way() {
        assert_eq!(
            after_set("{}", "/model/k0", "1.2").unwrap(),
            r#"{"model": {"k0": 1.2}}"#
        );
        assert_eq!(
            after_set("{}", "/a/-/b", "1").unwrap(),
            r#"{"a": [{"b": 1}]}"#
        );
        assert_eq!(after_set("{}", "/a/0", "1").unwrap(), r#"{"a": {"0": 1}}"#);
        assert_eq!(
            after_set("{}", "/a//~1~0", "1").unwrap(),
            r#"{"a": {"": {"/~": 1}}}"#
        );
        assert_eq!(after_set("[]", "/-", "1").unwrap(), "[1]");
        assert_eq!(after_set("[1]", "/1/x", "2").unwrap(), r#"[1, {"x": 2}]"#);
        assert_eq!(after_set("1", "", "{}").unwrap(), "{}");
    }

    #[test]
    fn setting_replaces_in_place() {
        assert_eq!(
            after_set(r#"{"a": 1, "b": 2}"#, "/a", "[]").unwrap(),
            r#"{"a": [], "b": 2}"#
        );
        assert_eq!(
            after_set("[1, [2, 3]]", "/1/0", "null").unwrap(),
            "[1, [null, 3]]"
        );
    }

    #[test]
    fn removing_keeps_the_order_of_the_others() {
        let mut root = parse(r#"{"a": 1, "b": [1, 2, 3], "c": 3}"#).unwrap();
        assert_eq!(
            remove(&mut root, "/a").map(|value| dumps(&value)),
            Ok("1".into())
        );
        assert_eq!(
            remove(&mut root, "/b/1").map(|value| dumps(&value)),
            Ok("2".into())
        );
        assert_eq!(dumps(&root), r#"{"b": [1, 3], "c": 3}"#);
        assert_eq!(
            failure(remove(&mut root, "/b/2")),
            (
                Status::NotFound,
                "'/b/2' is not in the document: '/b' is an array of 2 elements, without element 2"
                    .into()
            )
        );
        assert_eq!(
            failure(remove(&mut root, "")),
            (
                Status::Argument,
                "expected a pointer to a part of the document, found '', which is all of it".into()
            )
        );
    }

    #[test]
    fn errors_name_how_far_the_way_goes() {
        let root = parse(r#"{"model": {"k0": 1.2, "list": [1, 2]}}"#).unwrap();
        let cases = [
            ("/x/y", Status::NotFound, "'/x/y' is not in the document: the document is an object without member 'x'"),
            ("/model/k1", Status::NotFound, "'/model/k1' is not in the document: '/model' is an object without member 'k1'"),
            ("/model/list/-", Status::NotFound, "'/model/list/-' is not in the document: '/model/list' is an array of 2 elements, none of which is '-'"),
            ("/model/list/99999999999999999999", Status::NotFound, "'/model/list/99999999999999999999' is not in the document: '/model/list' is an array of 2 elements, without element 99999999999999999999"),
            ("/model/k0/x", Status::Type, "'/model/k0/x' cannot be reached: expected '/model/k0' to be an object or array, found a float"),
            ("/model/list/01", Status::Type, "'/model/list/01' cannot be reached: '/model/list' is an array, expected an element's number, found '01'"),
            ("/model/list/", Status::Type, "'/model/list/' cannot be reached: '/model/list' is an array, expected an element's number, found ''"),
            ("model", Status::Argument, "expected a JSON pointer, which is empty or begins with '/', found 'model'"),
            ("/a~2", Status::Argument, "expected '~0' or '~1' in the JSON pointer '/a~2', found another '~'"),
            ("/a~", Status::Argument, "expected '~0' or '~1' in the JSON pointer '/a~', found another '~'"),
        ];
        for (pointer, status, message) in cases {
            assert_eq!(failure(get(&root, pointer)), (status, message.into()));
            assert_eq!(
                failure(remove(&mut root.clone(), pointer)),
                (status, message.into())
            );
        }
        for (pointer, status) in [
            ("/a/3/b", Status::NotFound),
            ("/a/x", Status::Type),
            ("/b/c", Status::Type),
            ("a", Status::Argument),
        ] {
            assert_eq!(
                failure(after_set(r#"{"a": [1, 2], "b": null}"#, pointer, "0")).0,
                status
            );
        }
    }

    #[test]
    fn nesting_by_setting_is_limited() {
        let pointer = "/a".repeat(MAX_DEPTH);
        let mut root = Value::Object(Object::default());
        set(&mut root, &pointer, Value::Null).unwrap();
        assert_eq!(root.depth(), MAX_DEPTH);
        let before = root.clone();
        let error = set(&mut root, &pointer, Value::Array(vec![])).unwrap_err();
        assert_eq!(error.status, Status::Json);
        assert_eq!(
            error.message,
            "setting this would put more than 1024 arrays and objects inside each other"
        );
        assert_eq!(root, before);
    }
}
