//! From Python's objects to a JSON document, as `json.dumps(…, default=str)` writes them.

#![forbid(unsafe_code)]

use super::super::canonical::float_repr;
use super::super::events::{self, Container, Sink};
use super::super::value::{Integer, NameKind, MAX_DEPTH};
use super::budget::Budget;
use super::graph::{Graph, NodeId};
use super::python::{bytes_representation, KeyScalar, Object};
use crate::error::Result;
use std::borrow::Cow;

/// Gives `sink` the document whose nodes have become `objects`.
pub(super) fn convert<'a>(
    graph: &'a Graph,
    objects: &'a [Option<Object>],
    budget: &mut Budget,
    sink: &mut impl Sink<'a>,
) -> Result<()> {
    let mut converter = Converter {
        graph,
        objects,
        budget,
        seen: vec![false; objects.len()],
        inside: vec![false; objects.len()],
        open: Vec::new(),
        sink,
    };
    converter.value(graph.root)?;
    while converter.step()? {}
    Ok(())
}

struct Converter<'a, 's, S> {
    graph: &'a Graph,
    objects: &'a [Option<Object>],
    budget: &'s mut Budget,
    /// The nodes met before: to meet one again is to copy it.
    seen: Vec<bool>,
    /// The nodes of the collections in `open`.
    inside: Vec<bool>,
    /// The collections that are being converted, outermost first.
    open: Vec<OpenCollection<'a>>,
    sink: &'s mut S,
}

/// A collection of which some values are converted.
struct OpenCollection<'a> {
    /// A pair has no node of its own.
    node: Option<NodeId>,
    rest: Rest<'a>,
}

/// What is still to be converted.
enum Rest<'a> {
    Items(std::slice::Iter<'a, NodeId>),
    Pairs(std::slice::Iter<'a, [NodeId; 2]>),
    Members(std::slice::Iter<'a, (NodeId, NodeId)>),
}

/// A step in the innermost collection.
enum Step<'a> {
    Item(NodeId),
    Pair(&'a [NodeId; 2]),
    Member(NodeId, NodeId),
    End,
}

impl<'a> Rest<'a> {
    fn next(&mut self) -> Step<'a> {
        match self {
            Rest::Items(items) => items.next().map_or(Step::End, |item| Step::Item(*item)),
            Rest::Pairs(pairs) => pairs.next().map_or(Step::End, Step::Pair),
            Rest::Members(members) => members
                .next()
                .map_or(Step::End, |(key, value)| Step::Member(*key, *value)),
        }
    }
}

impl<'a, S: Sink<'a>> Converter<'a, '_, S> {
    /// Goes on in the innermost collection, if there is one.
    fn step(&mut self) -> Result<bool> {
        let Some(collection) = self.open.last_mut() else {
            return Ok(false);
        };
        let node = collection.node;
        match collection.rest.next() {
            Step::Item(item) => self.value(item)?,
            Step::Pair(pair) => {
                let of = node.unwrap_or(pair[0]);
                self.begin(of, None, Container::Array, Rest::Items(pair.iter()))?;
            }
            Step::Member(key, value) => {
                let (name, kind) = self.key(key)?;
                self.meet(key, &name)?;
                self.sink.name(name, kind);
                self.value(value)?;
            }
            Step::End => {
                if let Some(node) = node {
                    self.inside[node] = false;
                }
                self.open.pop();
                self.sink.end();
            }
        }
        Ok(true)
    }

    /// Counts a copy if the node was met before; `text` is what the node holds.
    fn meet(&mut self, node: NodeId, text: &str) -> Result<()> {
        if self.seen[node] {
            self.budget.spend_text(text, self.graph.nodes[node].mark)?;
        }
        self.seen[node] = true;
        Ok(())
    }

    /// Converts a scalar or begins a collection.
    fn value(&mut self, node: NodeId) -> Result<()> {
        let objects = self.objects;
        let (container, rest) = match &objects[node] {
            Some(Object::List(items)) => (Container::Array, Rest::Items(items.iter())),
            Some(Object::Pairs(pairs)) => (Container::Array, Rest::Pairs(pairs.iter())),
            Some(Object::Mapping(members)) => (Container::Object, Rest::Members(members.iter())),
            Some(Object::Set(members)) => {
                let text = self.set_text(members)?;
                return self.text(node, Cow::Owned(text));
            }
            Some(Object::Scalar(scalar)) => return self.scalar(node, scalar),
            // Every node that can be reached has an object.
            None => {
                self.sink.scalar(events::Scalar::Null);
                return Ok(());
            }
        };
        if self.inside[node] {
            return Err(self.graph.nodes[node].mark.failure(
                "expected an alias of a value that is complete, found a value inside itself",
            ));
        }
        self.meet(node, "")?;
        self.inside[node] = true;
        self.begin(node, Some(node), container, rest)
    }

    /// Begins the collection `node`, or one inside `of` that has no node.
    fn begin(
        &mut self,
        of: NodeId,
        node: Option<NodeId>,
        container: Container,
        rest: Rest<'a>,
    ) -> Result<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.graph.nodes[of].mark.failure(format_args!(
                "expected at most {MAX_DEPTH} sequences and mappings inside each other, found more"
            )));
        }
        self.sink.begin(container);
        self.open.push(OpenCollection { node, rest });
        Ok(())
    }

    fn text(&mut self, node: NodeId, text: Cow<'a, str>) -> Result<()> {
        self.meet(node, &text)?;
        self.sink.scalar(events::Scalar::Text(text));
        Ok(())
    }

    fn scalar(&mut self, node: NodeId, scalar: &'a KeyScalar) -> Result<()> {
        let converted = match scalar {
            KeyScalar::Text(text) => return self.text(node, Cow::Borrowed(text)),
            KeyScalar::Bytes(bytes) => {
                return self.text(node, Cow::Owned(bytes_representation(bytes)))
            }
            KeyScalar::Timestamp(fields) => return self.text(node, Cow::Owned(fields.text())),
            KeyScalar::Null => events::Scalar::Null,
            KeyScalar::Bool(value) => events::Scalar::Bool(*value),
            KeyScalar::Integer(Integer::Small(small)) => events::Scalar::Small(*small),
            KeyScalar::Integer(Integer::Big(digits)) => events::Scalar::Big(Cow::Borrowed(digits)),
            KeyScalar::Float(float) => events::Scalar::Float(*float),
        };
        let digits = match &scalar {
            KeyScalar::Integer(Integer::Big(digits)) => digits,
            _ => "",
        };
        self.meet(node, digits)?;
        self.sink.scalar(converted);
        Ok(())
    }

    /// A key as JSON has it, and what it is.
    fn key(&self, node: NodeId) -> Result<(Cow<'a, str>, NameKind)> {
        let number = |text| Ok((Cow::Owned(text), NameKind::Number));
        let unwanted = match &self.objects[node] {
            Some(Object::Scalar(scalar)) => match scalar {
                KeyScalar::Null => return Ok((Cow::Borrowed("null"), NameKind::Null)),
                KeyScalar::Bool(value) => return number(value.to_string()),
                KeyScalar::Integer(integer) => return number(integer.to_string()),
                KeyScalar::Float(float) => return number(float_repr(*float)),
                KeyScalar::Text(text) => return Ok((Cow::Borrowed(text), NameKind::Text)),
                KeyScalar::Bytes(_) => "binary data",
                KeyScalar::Timestamp(_) => "a date, which needs quotes to be text",
            },
            _ => "a collection",
        };
        Err(self.graph.nodes[node].mark.failure(format_args!(
            "expected text, a number, true, false or null as the key of a mapping, found {unwanted}"
        )))
    }

    /// The text that Python's `str` gives for a set, its members in the order of the YAML text.
    fn set_text(&mut self, members: &[NodeId]) -> Result<String> {
        let objects = self.objects;
        let mut shown = Vec::new();
        for &member in members {
            if let Some(Object::Scalar(scalar)) = &objects[member] {
                let text = scalar.representation();
                self.meet(member, &text)?;
                shown.push(text);
            }
        }
        Ok(if shown.is_empty() {
            "set()".to_string()
        } else {
            format!("{{{}}}", shown.join(", "))
        })
    }
}
