//! Listings and elements as JSON, for those who have no types of their own for them.

#![forbid(unsafe_code)]

use crate::catalog::{Findings, Match, Other};
use crate::error::Result;
use crate::json::{self, Integer, Object, Value};
use crate::store::{AttributeEntry, Dtype, Elements, Entry, Item, StoredAs};

/// Names as an array.
pub fn names(names: Vec<String>) -> Value {
    Value::Array(names.into_iter().map(Value::Text).collect())
}

/// Names as an array, null for none.
pub fn optional_names(names: &[Option<String>]) -> Value {
    let name = |name: &Option<String>| name.clone().map_or(Value::Null, Value::Text);
    Value::Array(names.iter().map(name).collect())
}

/// The objects below a group: an object with a member for each path.
pub fn tree(entries: Vec<Entry>) -> Value {
    let describe = |entry: Entry| (entry.path.into(), item(entry.item));
    Value::Object(entries.into_iter().map(describe).collect())
}

/// The names of filters that compress, as the option `"compression"` has them.
const COMPRESSORS: [&str; 4] = ["gzip", "zstd", "lzf", "szip"];

/// How a dataset is stored, by the names of the options that make one so where there are such.
pub fn layout(stored: StoredAs) -> Value {
    let compressor = stored.filters.iter().find_map(|filter| {
        let (name, level) = filter.split_once(' ').unwrap_or((filter, ""));
        let level = level.parse().map_or(Value::Null, whole);
        COMPRESSORS
            .contains(&name)
            .then(|| (Value::Text(name.to_owned()), level))
    });
    let (compression, level) = compressor.unwrap_or((Value::Null, Value::Null));
    let has = |name: &str| Value::Bool(stored.filters.iter().any(|filter| filter == name));
    let most = |most: &Option<u64>| most.map_or(Value::Null, |most| whole(most.into()));
    let chunks = stored.chunks.as_deref();
    members([
        ("layout", Value::Text(stored.layout.to_owned())),
        ("dtype", Value::Text(stored.dtype)),
        ("shape", extents(&stored.shape)),
        (
            "maxshape",
            Value::Array(stored.maxshape.iter().map(most).collect()),
        ),
        ("chunks", chunks.map_or(Value::Null, extents)),
        ("compression", compression),
        ("compression_opts", level),
        ("shuffle", has("shuffle")),
        ("fletcher32", has("fletcher32")),
        (
            "fillvalue",
            stored
                .fillvalue
                .map_or(Value::Null, |fill| array(&fill, &[])),
        ),
        ("filters", names(stored.filters)),
        ("stored", whole(stored.stored.into())),
        ("bytes", whole(stored.bytes.into())),
    ])
}

/// The runs that were found, and behind them the files that are none.
pub fn findings(findings: Findings) -> Value {
    let run = |found: Match| {
        let status = if found.finished {
            "finished"
        } else {
            "unfinished"
        };
        members([
            ("path", Value::Text(found.path)),
            ("status", Value::Text(status.to_owned())),
            ("meta", found.metadata),
        ])
    };
    let other = |found: Other| {
        members([
            ("path", Value::Text(found.path)),
            ("error", Value::Text(found.reason)),
        ])
    };
    let runs = findings.runs.into_iter().map(run);
    Value::Array(runs.chain(findings.others.into_iter().map(other)).collect())
}

/// Texts nested as their shape is, in C order; they are not copied.
fn texts(texts: Vec<String>, shape: &[u64]) -> Value {
    nest(texts.into_iter().map(Value::Text).collect(), shape)
}

/// Texts as JSON, nested as their shape is; a single one is an array of one. An error where there is no memory for it.
pub fn texts_as_json(texts: Vec<String>, shape: Vec<u64>) -> Result<String> {
    let shape = if shape.is_empty() { vec![1] } else { shape };
    let around = 2 + 2 * shape.len();
    let room = texts.iter().map(|text| json::text_room(text) + around);
    let room = room.sum::<usize>() + around;
    json::dumps_within(&self::texts(texts, &shape), room)
}

/// Elements nested as their shape is, in C order; that of a scalar stands for itself.
pub fn array(elements: &Elements, shape: &[u64]) -> Value {
    let values = match elements {
        Elements::Texts(texts) => texts.iter().cloned().map(Value::Text).collect(),
        // A type without a size has no elements to show.
        Elements::Numbers(dtype, bytes) => bytes
            .chunks_exact(dtype.size().max(1))
            .map(|bytes| element(*dtype, bytes))
            .collect(),
    };
    nest(values, shape)
}

fn item(item: Item) -> Value {
    let kind = |kind: &str| ("kind", Value::Text(kind.to_owned()));
    match item {
        Item::Group { attributes } => members([kind("group"), described(attributes)]),
        Item::Dataset {
            dtype,
            shape,
            attributes,
        } => members([
            kind("dataset"),
            ("dtype", Value::Text(dtype)),
            ("shape", extents(&shape)),
            described(attributes),
        ]),
        Item::Datatype { attributes } => members([kind("datatype"), described(attributes)]),
        Item::Link { target } => members([kind("link"), ("target", Value::Text(target))]),
        Item::Damaged { error } => members([kind("damaged"), ("error", Value::Text(error))]),
    }
}

fn described(attributes: Vec<(String, AttributeEntry)>) -> (&'static str, Value) {
    let described = attributes
        .into_iter()
        .map(|(name, attribute)| (name.into(), attribute_value(attribute)));
    ("attributes", Value::Object(described.collect()))
}

fn attribute_value(attribute: AttributeEntry) -> Value {
    match attribute {
        AttributeEntry::Quoted { shape, elements } => array(&elements, &shape),
        AttributeEntry::Unquoted { dtype, shape } => {
            members([("dtype", Value::Text(dtype)), ("shape", extents(&shape))])
        }
        AttributeEntry::Damaged { error } => members([
            ("kind", Value::Text("damaged".to_owned())),
            ("error", Value::Text(error)),
        ]),
    }
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    let owned = members.into_iter().map(|(key, value)| (key.into(), value));
    Value::Object(owned.collect::<Object>())
}

fn extents(shape: &[u64]) -> Value {
    Value::Array(shape.iter().map(|&extent| whole(extent.into())).collect())
}

fn whole(number: i128) -> Value {
    Value::Integer(match i64::try_from(number) {
        Ok(small) => Integer::Small(small),
        Err(_) => Integer::Big(number.to_string()),
    })
}

/// One element, from its bytes in memory; a complex number is [real, imaginary].
pub fn element(dtype: Dtype, bytes: &[u8]) -> Value {
    /// The first bytes as an array, for `from_ne_bytes`.
    fn take<const N: usize>(bytes: &[u8]) -> [u8; N] {
        let mut taken = [0; N];
        taken.copy_from_slice(&bytes[..N]);
        taken
    }
    let f64_at = |at: usize| Value::Float(f64::from_ne_bytes(take(&bytes[at..])));
    let f32_at = |at: usize| Value::Float(f32::from_ne_bytes(take(&bytes[at..])).into());
    match dtype {
        Dtype::F64 => f64_at(0),
        Dtype::F32 => f32_at(0),
        Dtype::I64 => whole(i64::from_ne_bytes(take(bytes)).into()),
        Dtype::I32 => whole(i32::from_ne_bytes(take(bytes)).into()),
        Dtype::I16 => whole(i16::from_ne_bytes(take(bytes)).into()),
        Dtype::I8 => whole(i8::from_ne_bytes(take(bytes)).into()),
        Dtype::U64 => whole(u64::from_ne_bytes(take(bytes)).into()),
        Dtype::U32 => whole(u32::from_ne_bytes(take(bytes)).into()),
        Dtype::U16 => whole(u16::from_ne_bytes(take(bytes)).into()),
        Dtype::U8 => whole(bytes[0].into()),
        Dtype::Bool => Value::Bool(bytes[0] != 0),
        Dtype::C128 => Value::Array(vec![f64_at(0), f64_at(8)]),
        Dtype::C64 => Value::Array(vec![f32_at(0), f32_at(4)]),
        Dtype::Text | Dtype::Other => Value::Null,
    }
}

/// Values nested as the shape is, in C order; the value of a scalar stands for itself.
fn nest(mut values: Vec<Value>, shape: &[u64]) -> Value {
    /// The most empty arrays that stand for the extents before one of 0.
    const MOST_EMPTY: u64 = 1 << 16;
    let mut shape = shape;
    if values.is_empty() {
        let before = shape.iter().position(|&extent| extent == 0).unwrap_or(0);
        shape = &shape[..before];
        let count = shape
            .iter()
            .try_fold(1u64, |count, &extent| count.checked_mul(extent))
            .filter(|&count| before > 0 && count <= MOST_EMPTY);
        let Some(count) = count else {
            return Value::Array(Vec::new());
        };
        values = vec![Value::Array(Vec::new()); count as usize];
    }
    for &extent in shape.iter().rev() {
        let mut whole = Vec::with_capacity(values.len() / (extent as usize).max(1));
        let mut rest = values.into_iter();
        loop {
            let row: Vec<Value> = rest.by_ref().take(extent as usize).collect();
            if row.is_empty() {
                break;
            }
            whole.push(Value::Array(row));
        }
        values = whole;
    }
    values.into_iter().next().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::dumps;

    #[test]
    fn values_are_nested_as_their_shape() {
        let texts =
            |texts: &[&str]| Elements::Texts(texts.iter().map(|&text| text.to_owned()).collect());
        let nested = |elements: &[&str], shape: &[u64]| dumps(&array(&texts(elements), shape));
        assert_eq!(
            nested(&["a", "b", "c", "d"], &[2, 2]),
            r#"[["a", "b"], ["c", "d"]]"#
        );
        assert_eq!(nested(&["a", "b"], &[2]), r#"["a", "b"]"#);
        assert_eq!(nested(&["a"], &[1, 1, 1]), r#"[[["a"]]]"#);
        assert_eq!(nested(&["a"], &[]), r#""a""#);
        assert_eq!(nested(&[], &[0, 3]), "[]");
    }

    #[test]
    fn what_is_damaged_is_shown_as_that() {
        let entries = vec![
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
            dumps(&tree(entries)),
            r#"{"a": {"kind": "damaged", "error": "bad"}, "b": {"kind": "group", "attributes": {"x": [7]}}}"#
        );
    }
}
