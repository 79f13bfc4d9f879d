//! A document as a sequence of events, from whoever reads one to whoever makes something of it.
//!
//! A text and a document in memory both give events; documents in memory and canonical texts
//! are both made of them. So the hash of a text needs no document in memory, and neither
//! side recurses: no document can exhaust the stack.

#![forbid(unsafe_code)]

use super::value::NameKind;
use std::borrow::Cow;

/// What takes the events of one document.
///
/// They come in the order of the text: a container's `begin`, its contents, its `end`; in an
/// object the `name` of a member comes before its value.
pub trait Sink<'a> {
    /// An array or object begins.
    fn begin(&mut self, container: Container);
    /// A member of the innermost object has this name, which stands for a key of Python's of this kind.
    fn name(&mut self, name: Cow<'a, str>, kind: NameKind);
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
    /// The digits of any other integer, as `Integer::Big` has them.
    Big(Cow<'a, str>),
    /// A number that is no integer.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
}
