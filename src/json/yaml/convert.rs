//! From Python's objects to a JSON document, as `json.dumps(…, default=str)` writes them.

#![forbid(unsafe_code)]

use super::super::value::{Object as Members, Value};
use super::budget::Budget;
use super::graph::{Graph, NodeId};
use super::python::{bytes_representation, float_repr, integer_text, Object, Scalar};
use super::source::Mark;
use super::MAX_DEPTH;
use crate::error::Result;

/// Gives the document whose nodes have become `objects`.
pub(super) fn convert(
    graph: &Graph,
    objects: &[Option<Object>],
    budget: &mut Budget,
) -> Result<Value> {
    let mut converter = Converter {
        graph,
        objects,
        budget,
        seen: vec![false; objects.len()],
        inside: vec![false; objects.len()],
        open: Vec::new(),
    };
    let mut next = Some(graph.root);
    loop {
        let complete = match next {
            Some(node) => converter.begin(node)?,
            None => converter.end(),
        };
        if let Some(value) = complete {
            match converter.open.last_mut() {
                Some(collection) => collection.add(value),
                None => return Ok(value),
            }
        }
        next = converter.next()?;
    }
}

struct Converter<'a> {
    graph: &'a Graph,
    objects: &'a [Option<Object>],
    budget: &'a mut Budget,
    /// The nodes met before: to meet one again is to copy it.
    seen: Vec<bool>,
    /// The nodes of the collections in `open`.
    inside: Vec<bool>,
    /// The collections around the value that is being converted, outermost first.
    open: Vec<OpenCollection<'a>>,
}

/// A collection of which some values are converted.
struct OpenCollection<'a> {
    node: NodeId,
    depth: usize,
    rest: Rest<'a>,
}

/// What is still to be converted, and what is done.
enum Rest<'a> {
    List {
        items: std::slice::Iter<'a, NodeId>,
        done: Vec<Value>,
        /// Two items each make a list of their own.
        in_pairs: bool,
    },
    Mapping {
        members: std::slice::Iter<'a, (NodeId, NodeId)>,
        /// The key of the value that comes next.
        key: String,
        done: Members,
    },
}

impl OpenCollection<'_> {
    fn add(&mut self, value: Value) {
        match &mut self.rest {
            Rest::List { done, .. } => done.push(value),
            Rest::Mapping { key, done, .. } => {
                // Two keys may be one only now: `1` and `"1"`.
                done.insert(std::mem::take(key), value);
            }
        }
    }
}

impl<'a> Converter<'a> {
    fn mark(&self, node: NodeId) -> Mark {
        self.graph.nodes[node].mark
    }

    /// Counts a copy if the node was met before; `text` is what the node holds.
    fn meet(&mut self, node: NodeId, text: &str) -> Result<()> {
        if self.seen[node] {
            self.budget.spend_text(text, self.mark(node))?;
        }
        self.seen[node] = true;
        Ok(())
    }

    /// Converts a scalar, or begins a collection and gives nothing.
    fn begin(&mut self, node: NodeId) -> Result<Option<Value>> {
        let objects = self.objects;
        let rest = match &objects[node] {
            // Every node that can be reached has an object.
            None => return Ok(Some(Value::Null)),
            Some(Object::Scalar(scalar)) => {
                let value = scalar_value(scalar);
                let text = match &value {
                    Value::Text(text) => text.as_str(),
                    _ => "",
                };
                self.meet(node, text)?;
                return Ok(Some(value));
            }
            Some(Object::Set(members)) => {
                let text = self.set_text(members)?;
                self.meet(node, &text)?;
                return Ok(Some(Value::Text(text)));
            }
            Some(Object::List(items)) => Rest::List {
                items: items.iter(),
                done: Vec::new(),
                in_pairs: false,
            },
            Some(Object::Pairs(items)) => Rest::List {
                items: items.iter(),
                done: Vec::new(),
                in_pairs: true,
            },
            Some(Object::Mapping(members)) => Rest::Mapping {
                members: members.iter(),
                key: String::new(),
                done: Members::new(),
            },
        };
        if self.inside[node] {
            return Err(self.mark(node).failure(
                "expected an alias of a value that is complete, found a value inside itself",
            ));
        }
        self.meet(node, "")?;
        let outer_depth = self.open.last().map_or(0, |outer| outer.depth);
        let depth = match rest {
            Rest::List { in_pairs: true, .. } => outer_depth + 2,
            _ => outer_depth + 1,
        };
        if depth > MAX_DEPTH {
            return Err(self.mark(node).failure(format_args!(
                "expected at most {MAX_DEPTH} sequences and mappings inside each other, found more"
            )));
        }
        self.inside[node] = true;
        self.open.push(OpenCollection { node, depth, rest });
        Ok(None)
    }

    /// Steps to the next value of the innermost collection, if it has one.
    fn next(&mut self) -> Result<Option<NodeId>> {
        let Some(collection) = self.open.last_mut() else {
            return Ok(None);
        };
        let (key, value) = match &mut collection.rest {
            Rest::List { items, .. } => return Ok(items.next().copied()),
            Rest::Mapping { members, .. } => match members.next() {
                Some(member) => *member,
                None => return Ok(None),
            },
        };
        let text = self.key_text(key)?;
        self.meet(key, &text)?;
        if let Some(OpenCollection {
            rest: Rest::Mapping { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = text;
        }
        Ok(Some(value))
    }

    /// Completes the innermost collection.
    fn end(&mut self) -> Option<Value> {
        let collection = self.open.pop()?;
        self.inside[collection.node] = false;
        Some(match collection.rest {
            Rest::Mapping { done, .. } => Value::Object(done),
            Rest::List {
                done,
                in_pairs: false,
                ..
            } => Value::Array(done),
            Rest::List { done, .. } => {
                let mut values = done.into_iter();
                let mut pairs = Vec::new();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    pairs.push(Value::Array(vec![key, value]));
                }
                Value::Array(pairs)
            }
        })
    }

    /// A key as JSON has it.
    fn key_text(&self, node: NodeId) -> Result<String> {
        let unwanted = match &self.objects[node] {
            Some(Object::Scalar(scalar)) => match scalar {
                Scalar::Null => return Ok("null".to_string()),
                Scalar::Bool(value) => return Ok(value.to_string()),
                Scalar::Integer(integer) => return Ok(integer_text(integer)),
                Scalar::Float(float) => return Ok(float_text(*float)),
                Scalar::Text(text) => return Ok(text.clone()),
                Scalar::Bytes(_) => "binary data",
                Scalar::Timestamp(_) => "a date, which needs quotes to be text",
            },
            _ => "a collection",
        };
        Err(self.mark(node).failure(format_args!(
            "expected text, a number, true, false or null as the key of a mapping, found {unwanted}"
        )))
    }

    /// The text that Python's `str` gives for a set, its members in the order of the YAML text.
    fn set_text(&mut self, members: &[NodeId]) -> Result<String> {
        if members.is_empty() {
            return Ok("set()".to_string());
        }
        let objects = self.objects;
        let mut text = String::from("{");
        for &member in members {
            if let Some(Object::Scalar(scalar)) = &objects[member] {
                let shown = scalar.representation();
                self.meet(member, &shown)?;
                if text.len() > 1 {
                    text.push_str(", ");
                }
                text.push_str(&shown);
            }
        }
        text.push('}');
        Ok(text)
    }
}

fn scalar_value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(*value),
        Scalar::Integer(integer) => Value::Integer(integer.clone()),
        Scalar::Float(float) => Value::Float(*float),
        Scalar::Text(text) => Value::Text(text.clone()),
        Scalar::Bytes(bytes) => Value::Text(bytes_representation(bytes)),
        Scalar::Timestamp(fields) => Value::Text(fields.text()),
    }
}

/// A float as Python's `json` writes it.
fn float_text(float: f64) -> String {
    if float.is_nan() {
        "NaN".to_string()
    } else if float.is_infinite() {
        if float > 0.0 { "Infinity" } else { "-Infinity" }.to_string()
    } else {
        float_repr(float)
    }
}
