//! A document as a sequence of events, from whoever reads one to whoever makes something of it.
//!
//! A text and a document in memory both give events; documents in memory and canonical texts
//! are both made of them. So the hash of a text needs no document in memory, and neither
//! side recurses: no document can exhaust the stack.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::cmp::Ordering;

/// What takes the events of one document.
///
/// They come in the order of the text: a container's `begin`, its contents, its `end`; in an
/// object the `name` of a member comes before its value.
pub trait Sink<'a> {
    /// An array or object begins.
    fn begin(&mut self, container: Container);
    /// An object begins whose members come in Python's order: as numbers, not as texts.
    fn begin_ordered_object(&mut self) {
        self.begin(Container::Object);
    }
    /// A member of the innermost object has this name.
    fn name(&mut self, name: Cow<'a, str>);
    /// A member of the innermost object has a number as its name, by which Python sorts it.
    fn number_name(&mut self, name: Cow<'a, str>, number: KeyNumber) {
        let _ = number;
        self.name(name);
    }
    /// A value that is no container.
    fn scalar(&mut self, scalar: Scalar<'a>);
    /// The innermost container ends.
    fn end(&mut self);
}

/// A number that is the name of a member.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyNumber {
    /// An integer, or a truth value, which is one in Python.
    Integer(i128),
    /// A float.
    Float(f64),
}

impl KeyNumber {
    /// Which one is less, as Python has it.
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (KeyNumber::Integer(one), KeyNumber::Integer(other)) => one.cmp(&other),
            (one, other) => one.float().total_cmp(&other.float()),
        }
    }

    fn float(self) -> f64 {
        match self {
            KeyNumber::Integer(integer) => integer as f64,
            KeyNumber::Float(float) => float,
        }
    }
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
    /// The digits of any other integer, as `Integer::Big` has them.
    Big(Cow<'a, str>),
    /// A number that is no integer.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
}
