//! From events to a graph of nodes: aliases share the node of their anchor.

#![forbid(unsafe_code)]

use super::super::value::MAX_DEPTH;
use super::parse::{EventKind, Parser, Properties};
use super::resolve::{resolve, Tag};
use super::source::{clipped, Mark};
use crate::error::Result;
use std::collections::HashMap;

/// The place of a node in [`Graph::nodes`].
pub(super) type NodeId = usize;

/// The nodes of one document.
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    pub root: NodeId,
    /// The tags behind [`Tag::Unknown`].
    pub unknown_tags: Vec<String>,
}

/// A value of the document.
pub(super) struct Node {
    pub tag: Tag,
    pub content: NodeContent,
    pub mark: Mark,
}

/// What is written between the beginning and the end of a node.
pub(super) enum NodeContent {
    Scalar(String),
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
}

/// A collection that has begun.
struct BegunCollection {
    node: NodeId,
    /// The key whose value comes next.
    key: Option<NodeId>,
}

impl Graph {
    /// Reads the one document of `text`; without any there is no graph.
    pub fn read(text: &str) -> Result<Option<Self>> {
        let Some(parser) = Parser::new(text)? else {
            return Ok(None);
        };
        let composer = Composer {
            parser,
            graph: Self {
                nodes: Vec::new(),
                root: 0,
                unknown_tags: Vec::new(),
            },
            anchors: HashMap::new(),
            open: Vec::new(),
        };
        composer.compose().map(Some)
    }
}

struct Composer {
    parser: Parser,
    graph: Graph,
    anchors: HashMap<String, NodeId>,
    open: Vec<BegunCollection>,
}

impl Composer {
    fn compose(mut self) -> Result<Graph> {
        loop {
            let event = self.parser.next()?;
            let mark = event.mark;
            match event.kind {
                EventKind::Alias(name) => {
                    let node = self.anchors.get(&name).copied().ok_or_else(|| {
                        mark.failure(format_args!(
                            "expected an alias of an anchor above it, found '*{}'",
                            clipped(&name)
                        ))
                    })?;
                    self.attach(node);
                }
                EventKind::Scalar {
                    properties,
                    text,
                    plain,
                } => {
                    let untagged = if plain { resolve(&text) } else { Tag::Str };
                    let content = NodeContent::Scalar(text);
                    let node = self.add(properties, untagged, content, mark)?;
                    self.attach(node);
                }
                EventKind::SequenceStart(properties) => {
                    let content = NodeContent::Sequence(Vec::new());
                    let node = self.add(properties, Tag::Seq, content, mark)?;
                    self.enter(node, mark)?;
                }
                EventKind::MappingStart(properties) => {
                    let content = NodeContent::Mapping(Vec::new());
                    let node = self.add(properties, Tag::Map, content, mark)?;
                    self.enter(node, mark)?;
                }
                EventKind::CollectionEnd => {
                    if let Some(collection) = self.open.pop() {
                        self.attach(collection.node);
                    }
                }
                EventKind::DocumentEnd => return Ok(self.graph),
            }
        }
    }

    /// Adds a node and names it by its anchor.
    fn add(
        &mut self,
        properties: Properties,
        untagged: Tag,
        content: NodeContent,
        mark: Mark,
    ) -> Result<NodeId> {
        let node = self.graph.nodes.len();
        let tag = match properties.tag {
            Some(name) if name != "!" => Tag::of_name(&name).unwrap_or_else(|| {
                self.graph.unknown_tags.push(name);
                Tag::Unknown(self.graph.unknown_tags.len() - 1)
            }),
            _ => untagged,
        };
        self.graph.nodes.push(Node { tag, content, mark });
        if let Some(name) = properties.anchor {
            if self.anchors.contains_key(&name) {
                return Err(mark.failure(format_args!(
                    "expected an anchor not used before, found '&{}' a second time",
                    clipped(&name)
                )));
            }
            self.anchors.insert(name, node);
        }
        Ok(node)
    }

    fn enter(&mut self, node: NodeId, mark: Mark) -> Result<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(mark.failure(format_args!(
                "expected at most {MAX_DEPTH} sequences and mappings inside each other, found more"
            )));
        }
        self.open.push(BegunCollection { node, key: None });
        Ok(())
    }

    /// Puts a complete node into the collection around it.
    fn attach(&mut self, node: NodeId) {
        let Some(collection) = self.open.last_mut() else {
            self.graph.root = node;
            return;
        };
        match &mut self.graph.nodes[collection.node].content {
            NodeContent::Sequence(items) => items.push(node),
            NodeContent::Mapping(members) => match collection.key.take() {
                None => collection.key = Some(node),
                Some(key) => members.push((key, node)),
            },
            NodeContent::Scalar(_) => {}
        }
    }
}
