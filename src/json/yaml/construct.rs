//! From nodes to Python's objects, in the order of PyYAML's safe constructor.
//!
//! The order matters because `=` and `<<` change the nodes they are found in.

#![forbid(unsafe_code)]

use super::budget::Budget;
use super::graph::{Graph, Node, NodeContent, NodeId};
use super::number;
use super::python::{base64, KeyScalar, Object};
use super::resolve::Tag;
use super::source::clipped;
use super::timestamp;
use crate::error::{Error, Result};
use indexmap::map::Entry;
use indexmap::IndexMap;
use std::collections::VecDeque;

/// So many `<<` may lead to each other, each of which needs some stack of the thread, and so
/// many `=`.
const MAX_MERGE_DEPTH: usize = 100;

/// Makes the objects of all nodes that PyYAML would make objects of; the others have none.
pub(super) fn construct(graph: &mut Graph, budget: &mut Budget) -> Result<Vec<Option<Object>>> {
    let mut objects = Vec::new();
    objects.resize_with(graph.nodes.len(), || None);
    let root = graph.root;
    let mut constructor = Constructor {
        graph,
        budget,
        objects,
        waiting: VecDeque::new(),
    };
    constructor.begin(root)?;
    while let Some(node) = constructor.waiting.pop_front() {
        constructor.fill(node)?;
    }
    Ok(constructor.objects)
}

struct Constructor<'a> {
    graph: &'a mut Graph,
    budget: &'a mut Budget,
    objects: Vec<Option<Object>>,
    /// Collections that have begun and are still empty.
    waiting: VecDeque<NodeId>,
}

/// What a scalar or a collection of another tag is called in an error message.
fn kind_of(node: &Node) -> &'static str {
    match node.content {
        NodeContent::Scalar(_) => "a scalar",
        NodeContent::Sequence(_) => "a sequence",
        NodeContent::Mapping(_) => "a mapping",
    }
}

impl Constructor<'_> {
    /// Makes the object of a node; a collection is filled later.
    fn begin(&mut self, id: NodeId) -> Result<()> {
        if self.objects[id].is_some() {
            return Ok(());
        }
        let object = match self.graph.nodes[id].tag {
            Tag::Seq => Object::List(Vec::new()),
            Tag::Map => Object::Mapping(Vec::new()),
            Tag::Set => Object::Set(Vec::new()),
            Tag::Omap | Tag::Pairs => Object::Pairs(Vec::new()),
            _ => Object::Scalar(self.scalar(id)?),
        };
        if !matches!(object, Object::Scalar(_)) {
            self.waiting.push_back(id);
        }
        self.objects[id] = Some(object);
        Ok(())
    }

    fn failure(&self, id: NodeId, message: impl std::fmt::Display) -> Error {
        self.graph.nodes[id].mark.failure(message)
    }

    /// The failure where a node of a tag is not what the tag says.
    fn mismatch(&self, id: NodeId, wanted: &str) -> Error {
        let node = &self.graph.nodes[id];
        node.mark.failure(format_args!(
            "expected {wanted} for {}, found {}",
            node.tag.shown(&self.graph.unknown_tags),
            kind_of(node)
        ))
    }

    /// The node with the text of a scalar: of a mapping, its member `=`.
    fn text_node(&mut self, id: NodeId) -> Result<NodeId> {
        let mark = self.graph.nodes[id].mark;
        let mut at = id;
        // Aliases may lead far, and in a circle.
        for _ in 0..=MAX_MERGE_DEPTH {
            match &self.graph.nodes[at].content {
                NodeContent::Scalar(_) => return Ok(at),
                NodeContent::Sequence(_) => break,
                NodeContent::Mapping(members) => {
                    self.budget.spend(members.len(), mark)?;
                    let value = members
                        .iter()
                        .find(|(key, _)| self.graph.nodes[*key].tag == Tag::Value);
                    match value {
                        Some((_, value)) => at = *value,
                        None => break,
                    }
                }
            }
        }
        Err(self.mismatch(id, "a scalar"))
    }

    fn scalar(&mut self, id: NodeId) -> Result<KeyScalar> {
        let tag = self.graph.nodes[id].tag;
        if matches!(tag, Tag::Merge | Tag::Value | Tag::Yaml | Tag::Unknown(_)) {
            let shown = tag.shown(&self.graph.unknown_tags);
            let why = match tag {
                Tag::Merge => ", the kind of '<<' where it is no key",
                Tag::Value => ", the kind of '=' where it is no key",
                _ => "",
            };
            return Err(self.failure(
                id,
                format_args!("expected a tag that safe YAML knows, found {shown}{why}"),
            ));
        }
        let text_node = self.text_node(id)?;
        let node = &self.graph.nodes[id];
        let NodeContent::Scalar(text) = &self.graph.nodes[text_node].content else {
            return Err(self.mismatch(id, "a scalar"));
        };
        let scalar = match tag {
            Tag::Null => Some(KeyScalar::Null),
            Tag::Bool => match text.to_lowercase().as_str() {
                "yes" | "true" | "on" => Some(KeyScalar::Bool(true)),
                "no" | "false" | "off" => Some(KeyScalar::Bool(false)),
                _ => None,
            },
            Tag::Int => number::integer(text).map(KeyScalar::Integer),
            Tag::Float => number::float(text).map(KeyScalar::Float),
            Tag::Binary => base64(text).map(KeyScalar::Bytes),
            Tag::Timestamp => self.timestamp(node).map(KeyScalar::Timestamp),
            _ => Some(KeyScalar::Text(text.to_string())),
        };
        scalar.ok_or_else(|| {
            node.mark.failure(format_args!(
                "expected a value of the kind {}, found {:?}",
                tag.shown(&self.graph.unknown_tags),
                clipped(text)
            ))
        })
    }

    /// The timestamp that is the node's own text: unlike other scalars, not that of a member `=`.
    fn timestamp(&self, node: &Node) -> Option<timestamp::TimestampFields> {
        let NodeContent::Scalar(text) = &node.content else {
            return None;
        };
        let text = text.strip_suffix('\n').unwrap_or(text);
        timestamp::TimestampFields::parse(text).filter(timestamp::TimestampFields::is_valid)
    }

    /// Makes the objects inside a collection.
    fn fill(&mut self, id: NodeId) -> Result<()> {
        let object = match self.graph.nodes[id].tag {
            Tag::Seq => Object::List(self.items(id)?),
            Tag::Omap | Tag::Pairs => Object::Pairs(self.pairs(id)?),
            Tag::Set => Object::Set(self.members(id)?.into_iter().map(|(key, _)| key).collect()),
            _ => Object::Mapping(self.members(id)?),
        };
        self.objects[id] = Some(object);
        Ok(())
    }

    fn items(&mut self, id: NodeId) -> Result<Vec<NodeId>> {
        let NodeContent::Sequence(items) = &self.graph.nodes[id].content else {
            return Err(self.mismatch(id, "a sequence"));
        };
        let items = items.clone();
        for &item in &items {
            self.begin(item)?;
        }
        Ok(items)
    }

    /// The members of an ordered mapping, which is a sequence of mappings of one member each.
    fn pairs(&mut self, id: NodeId) -> Result<Vec<[NodeId; 2]>> {
        let NodeContent::Sequence(items) = &self.graph.nodes[id].content else {
            return Err(self.mismatch(id, "a sequence"));
        };
        let mut pairs = Vec::new();
        for item in items.clone() {
            let node = &self.graph.nodes[item];
            let pair = match &node.content {
                NodeContent::Mapping(members) => match members.as_slice() {
                    [pair] => *pair,
                    _ => {
                        return Err(self.failure(
                            item,
                            format_args!(
                                "expected a mapping of one member in an ordered mapping, found {} members",
                                members.len()
                            ),
                        ))
                    }
                },
                _ => {
                    return Err(self.failure(
                        item,
                        format_args!(
                            "expected a mapping of one member in an ordered mapping, found {}",
                            kind_of(node)
                        ),
                    ))
                }
            };
            self.begin(pair.0)?;
            self.begin(pair.1)?;
            pairs.push([pair.0, pair.1]);
        }
        Ok(pairs)
    }

    /// The members of a mapping: of equal keys the first one stays, with the last one's value.
    fn members(&mut self, id: NodeId) -> Result<Vec<(NodeId, NodeId)>> {
        if !matches!(self.graph.nodes[id].content, NodeContent::Mapping(_)) {
            return Err(self.mismatch(id, "a mapping"));
        }
        self.flatten(id, 0)?;
        let NodeContent::Mapping(members) = &self.graph.nodes[id].content else {
            return Ok(Vec::new());
        };
        let members = members.clone();
        let mut distinct = IndexMap::with_capacity(members.len());
        for (key, value) in members {
            self.begin(key)?;
            let Some(Object::Scalar(scalar)) = &self.objects[key] else {
                return Err(self.failure(
                    key,
                    format_args!(
                        "expected a scalar as the key of a mapping, found {}",
                        kind_of(&self.graph.nodes[key])
                    ),
                ));
            };
            let text = match &self.graph.nodes[key].content {
                NodeContent::Scalar(text) => text,
                NodeContent::Sequence(_) | NodeContent::Mapping(_) => "",
            };
            match distinct.entry(scalar.identity(key, text)) {
                Entry::Vacant(entry) => {
                    entry.insert((key, value));
                }
                Entry::Occupied(mut entry) => entry.get_mut().1 = value,
            }
            self.begin(value)?;
        }
        Ok(distinct.into_values().collect())
    }

    /// Puts the members of the mappings that `<<` names before the mapping's own ones, which
    /// therefore win, and takes `<<` away.
    fn flatten(&mut self, id: NodeId, depth: usize) -> Result<()> {
        if depth > MAX_MERGE_DEPTH {
            return Err(self.failure(
                id,
                format_args!(
                    "expected at most {MAX_MERGE_DEPTH} '<<' inside each other, found more"
                ),
            ));
        }
        let NodeContent::Mapping(members) = &mut self.graph.nodes[id].content else {
            return Ok(());
        };
        let mut own = std::mem::take(members);
        let mut sources = Vec::new();
        own.retain(|&(key, value)| match self.graph.nodes[key].tag {
            Tag::Merge => {
                sources.push(value);
                false
            }
            Tag::Value => {
                self.graph.nodes[key].tag = Tag::Str;
                true
            }
            _ => true,
        });
        if sources.is_empty() {
            self.graph.nodes[id].content = NodeContent::Mapping(own);
            return Ok(());
        }
        // A mapping may merge itself: then it has its own members by now.
        self.graph.nodes[id].content = NodeContent::Mapping(own.clone());
        let mut merged = Vec::new();
        for source in sources {
            self.merge(id, source, depth, &mut merged)?;
        }
        merged.append(&mut own);
        self.graph.nodes[id].content = NodeContent::Mapping(merged);
        Ok(())
    }

    /// Appends the members of a mapping, or of a sequence of mappings, the first of which wins.
    fn merge(
        &mut self,
        id: NodeId,
        source: NodeId,
        depth: usize,
        merged: &mut Vec<(NodeId, NodeId)>,
    ) -> Result<()> {
        let mappings = match &self.graph.nodes[source].content {
            NodeContent::Sequence(items) => items.clone(),
            _ => vec![source],
        };
        let mut parts = Vec::new();
        for &mapping in &mappings {
            self.flatten(mapping, depth + 1)?;
            match &self.graph.nodes[mapping].content {
                NodeContent::Mapping(members) => {
                    let mark = self.graph.nodes[id].mark;
                    self.budget.spend(members.len() + 1, mark)?;
                    parts.push(members.clone());
                }
                _ => {
                    return Err(self.failure(
                        mapping,
                        format_args!(
                            "expected a mapping for '<<', found {}",
                            kind_of(&self.graph.nodes[mapping])
                        ),
                    ))
                }
            }
        }
        merged.extend(parts.into_iter().rev().flatten());
        Ok(())
    }
}
