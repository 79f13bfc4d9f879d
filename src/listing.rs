//! Listings and elements as JSON, for those who have no types of their own for them: what `serde` derives of the core's plain data,
//! printed by [`json::dumps_of`].
//!
//! It is not `serde_json` that prints them, since attributes and fill values can be NaN, which Python's JSON has and plain JSON has not.

#![forbid(unsafe_code)]

use crate::catalog::{Findings, Match, Other};
use crate::codec::filters;
use crate::error::Result;
use crate::json::{self, Object, Value};
use crate::store::{AttributeEntry, Dtype, Elements, Entry, Item, StoredAs};
use serde::ser::{SerializeSeq, Serializer};
use serde::Serialize;

/// The objects below a group: an object with a member for each path.
///
/// # Errors
/// None but what [`json::dumps_of`] may have.
pub fn tree(entries: &[Entry]) -> Result<String> {
    json::dumps_of(&ListedTree(entries))
}

struct ListedTree<'a>(&'a [Entry]);

impl Serialize for ListedTree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|entry| (&entry.path, listed(&entry.item))),
        )
    }
}

/// An object of a tree.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum ListedItem<'a> {
    Group {
        attributes: ListedAttributes<'a>,
    },
    Dataset {
        dtype: &'a str,
        shape: &'a [u64],
        attributes: ListedAttributes<'a>,
    },
    Datatype {
        attributes: ListedAttributes<'a>,
    },
    Link {
        target: &'a str,
    },
    Damaged {
        error: &'a str,
    },
}

fn listed(item: &Item) -> ListedItem<'_> {
    match item {
        Item::Group { attributes } => ListedItem::Group {
            attributes: ListedAttributes(attributes),
        },
        Item::Dataset {
            dtype,
            shape,
            attributes,
        } => ListedItem::Dataset {
            dtype,
            shape,
            attributes: ListedAttributes(attributes),
        },
        Item::Datatype { attributes } => ListedItem::Datatype {
            attributes: ListedAttributes(attributes),
        },
        Item::Link { target } => ListedItem::Link { target },
        Item::Damaged { error } => ListedItem::Damaged { error },
    }
}

struct ListedAttributes<'a>(&'a [(String, AttributeEntry)]);

impl Serialize for ListedAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let listed = self.0.iter().map(|(name, attribute)| {
            let listed = match attribute {
                AttributeEntry::Quoted { shape, elements } => {
                    ListedAttribute::Quoted(array(elements, shape))
                }
                AttributeEntry::Unquoted { dtype, shape } => {
                    ListedAttribute::Unquoted { dtype, shape }
                }
                AttributeEntry::Damaged { error } => ListedAttribute::Damaged {
                    kind: "damaged",
                    error,
                },
            };
            (name, listed)
        });
        serializer.collect_map(listed)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ListedAttribute<'a> {
    Quoted(NestedElements<'a>),
    Unquoted { dtype: &'a str, shape: &'a [u64] },
    Damaged { kind: &'static str, error: &'a str },
}

/// The names of filters that compress and are foreign here, in h5py's words.
const FOREIGN_COMPRESSORS: [&str; 2] = ["lzf", "szip"];

/// How a dataset is stored, by the names of the options that make one so where there are such.
#[derive(Serialize)]
struct ListedLayout<'a> {
    layout: &'static str,
    dtype: &'a str,
    shape: &'a [u64],
    maxshape: &'a [Option<u64>],
    chunks: Option<&'a [u64]>,
    compression: Option<&'a str>,
    compression_opts: Option<i128>,
    shuffle: bool,
    fletcher32: bool,
    fillvalue: Option<NestedElements<'a>>,
    filters: &'a [String],
    stored: u64,
    bytes: u64,
}

/// How a dataset is stored, as an object.
///
/// # Errors
/// None but what [`json::dumps_of`] may have.
pub fn layout(stored: &StoredAs) -> Result<String> {
    let mut words = stored
        .filters
        .iter()
        .map(|filter| filter.split_once(' ').unwrap_or((filter, "")));
    let compresses =
        |name: &str| filters::compressor(name).is_some() || FOREIGN_COMPRESSORS.contains(&name);
    let compressor = words.find(|(name, _)| compresses(name));
    let has = |wanted: &str| stored.filters.iter().any(|filter| filter == wanted);
    json::dumps_of(&ListedLayout {
        layout: stored.layout,
        dtype: &stored.dtype,
        shape: &stored.shape,
        maxshape: &stored.maxshape,
        chunks: stored.chunks.as_deref(),
        compression: compressor.map(|(name, _)| name),
        compression_opts: compressor.and_then(|(_, level)| level.parse().ok()),
        shuffle: has("shuffle"),
        fletcher32: has("fletcher32"),
        fillvalue: stored.fillvalue.as_ref().map(|fill| array(fill, &[])),
        filters: &stored.filters,
        stored: stored.stored,
        bytes: stored.bytes,
    })
}

/// The runs that were found, and behind them the files that are none; metadata are documents, in which there may be anything.
pub fn findings(findings: Findings) -> Value {
    let text = |text: String| Value::Text(text);
    let run = |found: Match| {
        let status = if found.finished {
            "finished"
        } else {
            "unfinished"
        };
        members([
            ("path", text(found.path)),
            ("status", text(status.to_owned())),
            ("meta", found.metadata),
        ])
    };
    let other = |found: Other| members([("path", text(found.path)), ("error", text(found.reason))]);
    let runs = findings.runs.into_iter().map(run);
    Value::Array(runs.chain(findings.others.into_iter().map(other)).collect())
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    let owned = members.into_iter().map(|(key, value)| (key.into(), value));
    Value::Object(owned.collect::<Object>())
}

/// Texts as JSON, nested as their shape is; a single one is an array of one. An error where there is no memory for it.
pub fn texts_as_json(texts: Vec<String>, shape: Vec<u64>) -> Result<String> {
    let shape = if shape.is_empty() { vec![1] } else { shape };
    let around = 2 + 2 * shape.len();
    let room = texts.iter().map(|text| json::text_room(text) + around);
    let room = room.sum::<usize>() + around;
    json::dumps_of_within(&array(&Elements::Texts(texts), &shape), room)
}

/// Elements nested as their shape is, in C order; that of a scalar stands for itself.
pub fn array<'a>(elements: &'a Elements, shape: &'a [u64]) -> NestedElements<'a> {
    /// The most empty arrays that stand for the extents before one of 0.
    const MOST_EMPTY: u64 = 1 << 16;
    let before = shape.iter().position(|&extent| extent == 0);
    let empty = before.map(|before| {
        let mut outer = shape[..before].iter();
        outer.try_fold(1u64, |count, &extent| count.checked_mul(extent))
    });
    let shape = match empty {
        Some(count) if count.is_none_or(|count| count > MOST_EMPTY) => &[0],
        _ => shape,
    };
    NestedElements {
        elements,
        first: 0,
        shape,
    }
}

/// The elements from one on that a shape has.
pub struct NestedElements<'a> {
    elements: &'a Elements,
    first: usize,
    shape: &'a [u64],
}

impl Serialize for NestedElements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Some((&extent, inner)) = self.shape.split_first() else {
            return match self.elements {
                Elements::Texts(texts) => texts.get(self.first).serialize(serializer),
                Elements::Numbers(dtype, bytes) => {
                    let size = dtype.size();
                    let bytes = bytes.get(self.first * size..(self.first + 1) * size);
                    bytes
                        .map(|bytes| element(*dtype, bytes))
                        .serialize(serializer)
                }
            };
        };
        // An extent of 0 has no elements to count.
        let step = inner.iter().product::<u64>() as usize;
        let mut items = serializer.serialize_seq(usize::try_from(extent).ok())?;
        for index in 0..extent as usize {
            items.serialize_element(&NestedElements {
                elements: self.elements,
                first: self.first + index * step,
                shape: inner,
            })?;
        }
        items.end()
    }
}

/// One element, from its bytes in memory; a complex number is [real, imaginary].
pub fn element(dtype: Dtype, bytes: &[u8]) -> ElementBytes<'_> {
    ElementBytes { dtype, bytes }
}

/// An element's bytes in memory.
pub struct ElementBytes<'a> {
    dtype: Dtype,
    bytes: &'a [u8],
}

impl Serialize for ElementBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        /// The bytes from one on as an array, for `from_ne_bytes`.
        fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
            let mut taken = [0; N];
            taken.copy_from_slice(&bytes[at..at + N]);
            taken
        }
        let bytes = self.bytes;
        let f64_at = |at| f64::from_ne_bytes(take(bytes, at));
        let f32_at = |at| f32::from_ne_bytes(take(bytes, at));
        match self.dtype {
            Dtype::F64 => f64_at(0).serialize(serializer),
            Dtype::F32 => f32_at(0).serialize(serializer),
            Dtype::I64 => i64::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::I32 => i32::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::I16 => i16::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::I8 => i8::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::U64 => u64::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::U32 => u32::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::U16 => u16::from_ne_bytes(take(bytes, 0)).serialize(serializer),
            Dtype::U8 => bytes[0].serialize(serializer),
            Dtype::Bool => (bytes[0] != 0).serialize(serializer),
            Dtype::C128 => [f64_at(0), f64_at(8)].serialize(serializer),
            Dtype::C64 => [f32_at(0), f32_at(4)].serialize(serializer),
            Dtype::Text | Dtype::Other => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_nested_as_their_shape() {
        let nested = |elements: &[&str], shape: &[u64]| {
            let texts = elements.iter().map(|&text| text.to_owned()).collect();
            json::dumps_of(&array(&Elements::Texts(texts), shape)).unwrap()
        };
        assert_eq!(
            nested(&["a", "b", "c", "d"], &[2, 2]),
            r#"[["a", "b"], ["c", "d"]]"#
        );
        assert_eq!(nested(&["a", "b"], &[2]), r#"["a", "b"]"#);
        assert_eq!(nested(&["a"], &[1, 1, 1]), r#"[[["a"]]]"#);
        assert_eq!(nested(&["a"], &[]), r#""a""#);
        assert_eq!(nested(&[], &[0, 3]), "[]");
        assert_eq!(nested(&[], &[2, 0, 3]), "[[], []]");
        assert_eq!(nested(&[], &[1 << 40, 0]), "[]");
        assert_eq!(nested(&[], &[]), "null");
    }

    #[test]
    fn elements_are_printed_as_python_prints_them() {
        let bytes: Vec<u8> = [0.1f32, f32::NAN, -0.0, f32::INFINITY]
            .iter()
            .flat_map(|float| float.to_ne_bytes())
            .collect();
        let printed = |dtype, shape: &[u64]| {
            let numbers = Elements::Numbers(dtype, bytes.clone());
            json::dumps_of(&array(&numbers, shape)).unwrap()
        };
        assert_eq!(
            printed(Dtype::F32, &[4]),
            "[0.10000000149011612, NaN, -0.0, Infinity]"
        );
        assert_eq!(
            printed(Dtype::C64, &[2]),
            "[[0.10000000149011612, NaN], [-0.0, Infinity]]"
        );
        assert_eq!(
            json::dumps_of(&element(Dtype::U64, &u64::MAX.to_ne_bytes())).unwrap(),
            u64::MAX.to_string()
        );
        assert_eq!(json::dumps_of(&element(Dtype::Bool, &[1])).unwrap(), "true");
    }

    #[test]
    fn what_is_damaged_is_shown_as_that() {
        let entries = [
            Entry {
                path: "a".to_owned(),
                item: Item::Damaged {
                    error: "bad".to_owned(),
                },
            },
            Entry {
                path: "b".to_owned(),
                item: Item::Group {
                    attributes: vec![(
                        "x".to_owned(),
                        AttributeEntry::Quoted {
                            shape: vec![1],
                            elements: Elements::Numbers(Dtype::U8, vec![7]),
                        },
                    )],
                },
            },
        ];
        assert_eq!(
            tree(&entries).unwrap(),
            r#"{"a": {"kind": "damaged", "error": "bad"}, "b": {"kind": "group", "attributes": {"x": [7]}}}"#
        );
    }
}
