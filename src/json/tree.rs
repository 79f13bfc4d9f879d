//! Documents in memory: made of events, and taken apart into events.

#![forbid(unsafe_code)]

use super::events::{Container, Scalar, Sink};
use super::object::{self, Object};
use super::value::{Integer, Name, NameKind, Value};
use std::borrow::Cow;

/// The document so far.
pub struct Tree {
    root: Value,
    /// The containers that have not ended, each with the name of its current member.
    open: Vec<(Value, Name)>,
}

impl Tree {
    /// A document of which nothing is known yet.
    pub fn new() -> Self {
        Self {
            root: Value::Null,
            open: Vec::new(),
        }
    }

    /// The document, after its last event.
    pub fn finish(self) -> Value {
        self.root
    }

    /// Puts a complete value where it belongs.
    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            Some((Value::Array(elements), _)) => elements.push(value),
            Some((Value::Object(members), name)) => {
                let name = std::mem::replace(name, "".into());
                match members.get_key_value_mut(&name) {
                    Some((there, member)) => {
                        // Only texts are one key when they are printed alike: Python has any number of NaN in a dict.
                        if (there.kind, name.kind) != (NameKind::Text, NameKind::Text) {
                            there.kind = NameKind::Several;
                        }
                        *member = value;
                    }
                    None => members.add(name, value),
                }
            }
            _ => self.root = value,
        }
    }
}

impl<'a> Sink<'a> for Tree {
    fn begin(&mut self, container: Container) {
        let empty = match container {
            Container::Array => Value::Array(Vec::new()),
            Container::Object => Value::Object(Object::default()),
        };
        self.open.push((empty, "".into()));
    }

    fn name(&mut self, name: Cow<'a, str>, kind: NameKind) {
        if let Some((_, current)) = self.open.last_mut() {
            *current = Name::new(name, kind);
        }
    }

    fn scalar(&mut self, scalar: Scalar<'a>) {
        self.put(match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(bool) => Value::Bool(bool),
            Scalar::Small(integer) => Value::Integer(Integer::Small(integer)),
            Scalar::Big(digits) => Value::Integer(Integer::Big(digits.into_owned())),
            Scalar::Float(float) => Value::Float(float),
            Scalar::Text(text) => Value::Text(text.into_owned()),
        });
    }

    fn end(&mut self) {
        if let Some((container, _)) = self.open.pop() {
            self.put(container);
        }
    }
}

/// Written out because the derived copy needs too much stack for each level.
impl Clone for Value {
    fn clone(&self) -> Self {
        let mut copy = Tree::new();
        walk(self, &mut copy);
        copy.finish()
    }
}

/// Gives the events of a document in memory.
pub fn walk<'a>(document: &'a Value, sink: &mut impl Sink<'a>) {
    let mut open: Vec<ContainerRest> = Vec::new();
    let mut value = document;
    loop {
        match value {
            Value::Null => sink.scalar(Scalar::Null),
            Value::Bool(bool) => sink.scalar(Scalar::Bool(*bool)),
            Value::Integer(Integer::Small(integer)) => sink.scalar(Scalar::Small(*integer)),
            Value::Integer(Integer::Big(digits)) => sink.scalar(Scalar::Big(Cow::Borrowed(digits))),
            Value::Float(float) => sink.scalar(Scalar::Float(*float)),
            Value::Text(text) => sink.scalar(Scalar::Text(Cow::Borrowed(text))),
            Value::Array(elements) => {
                sink.begin(Container::Array);
                open.push(ContainerRest::Elements(elements.iter()));
            }
            Value::Object(members) => {
                sink.begin(Container::Object);
                open.push(ContainerRest::Members(members.iter()));
            }
        }
        // Go on in the innermost container that has something left.
        value = loop {
            match open.last_mut() {
                None => return,
                Some(ContainerRest::Elements(elements)) => {
                    if let Some(element) = elements.next() {
                        break element;
                    }
                }
                Some(ContainerRest::Members(members)) => {
                    if let Some((name, member)) = members.next() {
                        sink.name(Cow::Borrowed(name), name.kind);
                        break member;
                    }
                }
            }
            sink.end();
            open.pop();
        };
    }
}

/// What is left of a container that has begun.
enum ContainerRest<'a> {
    Elements(std::slice::Iter<'a, Value>),
    Members(object::Iter<'a>),
}
