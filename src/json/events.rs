//! A document as a sequence of events, from whoever reads one to whoever makes something of it.
//!
//! A text and a document in memory both give events; documents in memory and canonical texts
//! are both made of them. So the hash of a text needs no document in memory, and neither
//! side recurses: no document can exhaust the stack.

#![forbid(unsafe_code)]

use super::value::{Integer, Value};
use std::borrow::Cow;

/// What takes the events of one document.
///
/// They come in the order of the text: a container's `begin`, its contents, its `end`; in an
/// object the `name` of a member comes before its value.
pub trait Sink<'a> {
    /// An array or object begins.
    fn begin(&mut self, container: Container);
    /// A member of the innermost object has this name.
    fn name(&mut self, name: Cow<'a, str>);
    /// A value that is no container.
    fn scalar(&mut self, scalar: Scalar<'a>);
    /// The innermost container ends.
    fn end(&mut self);
}

/// What holds other values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

/// A value that is no container.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer of 64 bits.
    Small(i64),
    /// The digits of any other integer, as [`Integer::Big`] has them.
    Big(&'a str),
    /// A number that is no integer.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
}

/// Gives the events of a document in memory.
pub fn walk<'a>(document: &'a Value, sink: &mut impl Sink<'a>) {
    let mut open: Vec<Rest> = Vec::new();
    let mut value = document;
    loop {
        match value {
            Value::Null => sink.scalar(Scalar::Null),
            Value::Bool(bool) => sink.scalar(Scalar::Bool(*bool)),
            Value::Integer(Integer::Small(integer)) => sink.scalar(Scalar::Small(*integer)),
            Value::Integer(Integer::Big(digits)) => sink.scalar(Scalar::Big(digits)),
            Value::Float(float) => sink.scalar(Scalar::Float(*float)),
            Value::Text(text) => sink.scalar(Scalar::Text(Cow::Borrowed(text))),
            Value::Array(elements) => {
                sink.begin(Container::Array);
                open.push(Rest::Elements(elements.iter()));
            }
            Value::Object(members) => {
                sink.begin(Container::Object);
                open.push(Rest::Members(members.iter()));
            }
        }
        // Go on in the innermost container that has something left.
        value = loop {
            match open.last_mut() {
                None => return,
                Some(Rest::Elements(elements)) => {
                    if let Some(element) = elements.next() {
                        break element;
                    }
                }
                Some(Rest::Members(members)) => {
                    if let Some((name, member)) = members.next() {
                        sink.name(Cow::Borrowed(name));
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
enum Rest<'a> {
    Elements(std::slice::Iter<'a, Value>),
    Members(indexmap::map::Iter<'a, String, Value>),
}
