//! The description of every object below a group, as JSON.

#![forbid(unsafe_code)]

use super::h5::{self, Attribute, Id, LinkType, ObjectKey};
use super::nested::nest;
use super::{text, Dtype, File, Kind};
use crate::error::Result;
use crate::json::{self, Integer, Object, Value};
use std::collections::HashSet;

/// Attributes with more elements are described and not quoted.
const LARGEST_QUOTED: u64 = 1024;

impl File {
    /// Describes every object below a group: a JSON object with a member per path.
    pub fn tree_json(&self, group: &str) -> Result<String> {
        let root = self.open_group(group)?;
        let mut tree = Object::new();
        let mut seen = HashSet::new();
        if let Some(info) = h5::object_info(&root, ".")? {
            seen.insert(info.key);
        }
        // Groups still to be listed, the next one last: no recursion, however deep the file.
        let mut waiting = vec![Entry::listing(String::new(), &root)?];
        while let Some(mut entry) = waiting.pop() {
            let Some((name, link)) = entry.links.pop() else {
                continue;
            };
            let path = if entry.path.is_empty() {
                name.clone()
            } else {
                format!("{}/{name}", entry.path)
            };
            let described = describe_link(&entry.group, &name, link, &mut seen)?;
            waiting.push(entry);
            tree.insert(path.clone(), described.value);
            if let Some(group) = described.group {
                waiting.push(Entry::listing(path, &group)?);
            }
        }
        Ok(json::dumps(&Value::Object(tree)))
    }
}

/// A group in the course of being listed.
struct Entry {
    path: String,
    group: Id,
    /// Its links still to come, the next one last.
    links: Vec<(String, LinkType)>,
}

impl Entry {
    fn listing(path: String, group: &Id) -> Result<Self> {
        let mut links = h5::links(group)?;
        links.reverse();
        Ok(Self {
            path,
            group: h5::open_group(group, ".")?,
            links,
        })
    }
}

/// A described object, and the group it is if it is one that was not listed yet.
struct Described {
    value: Value,
    group: Option<Id>,
}

fn describe_link(
    group: &Id,
    name: &str,
    link: LinkType,
    seen: &mut HashSet<ObjectKey>,
) -> Result<Described> {
    let info = match link {
        LinkType::Hard => h5::object_info(group, name)?,
        _ => None,
    };
    let Some(info) = info else {
        let target = match link {
            LinkType::Soft | LinkType::External => h5::link_target(group, name, link)?,
            _ => String::new(),
        };
        let value = members([
            ("kind", Value::Text("link".to_owned())),
            ("target", Value::Text(target)),
        ]);
        return Ok(Described { value, group: None });
    };
    let object = h5::open_object(group, name)?;
    let kind = |kind: &str| ("kind", Value::Text(kind.to_owned()));
    let attributes = ("attributes", attributes(&object)?);
    Ok(match info.kind {
        Kind::Group => Described {
            value: members([kind("group"), attributes]),
            group: if seen.insert(info.key) {
                Some(h5::open_group(group, name)?)
            } else {
                None
            },
        },
        Kind::Dataset => {
            let dataset = h5::open_dataset(group, name)?;
            Described {
                value: members([
                    kind("dataset"),
                    ("dtype", Value::Text(dataset.element.describe())),
                    ("shape", shape_value(&dataset.extent.shape)),
                    attributes,
                ]),
                group: None,
            }
        }
        Kind::Datatype | Kind::None => Described {
            value: members([kind("datatype"), attributes]),
            group: None,
        },
    })
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(
        members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn shape_value(shape: &[u64]) -> Value {
    Value::Array(shape.iter().map(|&extent| whole(extent.into())).collect())
}

fn whole(number: i128) -> Value {
    Value::Integer(match i64::try_from(number) {
        Ok(small) => Integer::Small(small),
        Err(_) => Integer::Big(number.to_string()),
    })
}

/// The attributes of an object: their values, or what they are where they cannot be quoted.
fn attributes(object: &Id) -> Result<Value> {
    let mut described = Object::new();
    for name in h5::attribute_names(object)? {
        let attribute = h5::open_attribute(object, &name)?;
        let value = quote(&attribute)?;
        described.insert(name, value);
    }
    Ok(Value::Object(described))
}

fn quote(attribute: &Attribute) -> Result<Value> {
    let shape = &attribute.shape;
    let dtype = attribute.element.dtype;
    let count = super::strided::count(shape)?;
    let quotable = count <= LARGEST_QUOTED && dtype != Dtype::Other;
    let texts = match dtype {
        Dtype::Text if quotable => {
            text::decode_all(&attribute.element, &attribute.read_texts()?).ok()
        }
        _ => None,
    };
    let values: Vec<Value> = match (dtype, texts) {
        (Dtype::Text, Some(texts)) => texts.into_iter().map(Value::Text).collect(),
        (dtype, None) if quotable && dtype != Dtype::Text => {
            let data = attribute.read(dtype)?;
            data.chunks_exact(dtype.size())
                .map(|bytes| element(dtype, bytes))
                .collect()
        }
        _ => {
            return Ok(members([
                ("dtype", Value::Text(attribute.element.describe())),
                ("shape", shape_value(shape)),
            ]))
        }
    };
    Ok(nest(values, shape))
}

/// One element, from its bytes in memory; a complex number is [real, imaginary].
fn element(dtype: Dtype, bytes: &[u8]) -> Value {
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
