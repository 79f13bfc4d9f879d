//! The description of every object below a group, as data.

#![forbid(unsafe_code)]

use super::h5::{self, Attribute, Id, LinkType, ObjectKey};
use super::{text, Dtype, Hdf5File, Kind};
use crate::error::{Error, Result, Status};
use std::collections::HashSet;

/// Attributes with more elements are described and not quoted.
const LARGEST_QUOTED: u64 = 1024;

/// An object, or a link, below the group that was listed.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-entry.h5", std::process::id()));
/// # use h5sim::{File, Mode};
/// # let file = File::open(&path, Mode::Create)?;
/// file.write("g/x", &1)?;
/// let paths: Vec<String> = file.tree("/")?.into_iter().map(|entry| entry.path).collect();
/// assert_eq!(paths, ["g", "g/x"]);
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its path from that group on.
    pub path: String,
    /// What is there.
    pub item: Item,
}

/// What a name in a group leads to.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-item.h5", std::process::id()));
/// # use h5sim::{File, Mode};
/// # let file = File::open(&path, Mode::Create)?;
/// file.create_group("g")?;
/// assert!(matches!(file.tree("/")?[0].item, h5sim::Item::Group { .. }));
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A group, whose members follow it.
    Group {
        /// Its attributes by name, in alphabetical order.
        attributes: Vec<(String, AttributeEntry)>,
    },
    /// A dataset.
    Dataset {
        /// The type of its elements in a few words.
        dtype: String,
        /// Its extents, in C order.
        shape: Vec<u64>,
        /// Its attributes by name, in alphabetical order.
        attributes: Vec<(String, AttributeEntry)>,
    },
    /// A named datatype.
    Datatype {
        /// Its attributes by name, in alphabetical order.
        attributes: Vec<(String, AttributeEntry)>,
    },
    /// A soft or external link, or one of a program's own; it is not followed.
    Link {
        /// `path`, or `file:path`.
        target: String,
    },
    /// An object that is there but cannot be read.
    Damaged {
        /// What is wrong with it.
        error: String,
    },
}

/// An attribute.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-described.h5", std::process::id()));
/// # use h5sim::{File, Mode};
/// # let file = File::open(&path, Mode::Create)?;
/// file.set_attr("/", "a", &1)?;
/// file.create_group("g")?;
/// file.set_attr("g", "step", &7u8)?;
/// let h5sim::Item::Group { attributes } = &file.tree("/")?[0].item else {
///     panic!("a group was made");
/// };
/// let (name, described) = &attributes[0];
/// assert!(name == "step" && matches!(described, h5sim::AttributeEntry::Quoted { shape, .. } if shape.is_empty()));
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeEntry {
    /// Its elements.
    Quoted {
        /// Its extents, in C order.
        shape: Vec<u64>,
        /// As many elements.
        elements: Elements,
    },
    /// What it is, where its elements are too many or of a type of their own.
    Unquoted {
        /// The type of its elements in a few words.
        dtype: String,
        /// Its extents, in C order.
        shape: Vec<u64>,
    },
    /// It cannot be read.
    Damaged {
        /// What is wrong with it.
        error: String,
    },
}

/// Elements of an array in C order.
///
/// ```
/// use h5sim::{Dtype, Elements};
/// let one = Elements::Numbers(Dtype::U8, vec![7]);
/// assert_ne!(one, Elements::Texts(vec!["7".to_owned()]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elements {
    /// Texts.
    Texts(Vec<String>),
    /// Numbers or truth values: their bytes in memory.
    Numbers(Dtype, Vec<u8>),
}

impl Hdf5File {
    /// Describes every object below a group, each group before its members, in alphabetical order.
    ///
    /// # Errors
    /// `NotFound` or `Type` where there is no group; `Format` where it cannot be listed; `Io` of the disk
    /// or for want of memory. What is damaged below it is described as that.
    pub fn tree(&self, group: &str) -> Result<Vec<Entry>> {
        let root = self.open_group(group)?;
        let mut tree = Vec::new();
        let mut seen = HashSet::new();
        if let Some(info) = h5::object_info(&root, ".")? {
            seen.insert(info.key);
        }
        // Groups still to be listed, the next one last: no recursion, however deep the file.
        let mut waiting = vec![GroupListing::of(String::new(), root)?];
        while let Some(mut listing) = waiting.pop() {
            let Some((name, link)) = listing.links.pop() else {
                continue;
            };
            let path = if listing.path.is_empty() {
                name.clone()
            } else {
                format!("{}/{name}", listing.path)
            };
            let described = describe_link(&listing.group, &name, link, &path, &mut seen);
            waiting.push(listing);
            let item = match described {
                Ok((item, members)) => {
                    waiting.extend(members);
                    item
                }
                Err(error) => Item::Damaged {
                    error: only_damage(error)?,
                },
            };
            tree.push(Entry { path, item });
        }
        Ok(tree)
    }
}

/// A group in the course of being listed.
struct GroupListing {
    path: String,
    group: Id,
    /// Its links still to come, the next one last.
    links: Vec<(String, LinkType)>,
}

impl GroupListing {
    fn of(path: String, group: Id) -> Result<Self> {
        let mut links = h5::links(&group)?;
        links.reverse();
        Ok(Self { path, group, links })
    }
}

/// Describes what a link leads to; of a group that was not seen yet gives also the listing of its members.
fn describe_link(
    group: &Id,
    name: &str,
    link: LinkType,
    path: &str,
    seen: &mut HashSet<ObjectKey>,
) -> Result<(Item, Option<GroupListing>)> {
    let target = match link {
        LinkType::Hard => None,
        LinkType::Soft | LinkType::External => Some(h5::link_target(group, name, link)?),
        LinkType::Other => Some(String::new()),
    };
    if let Some(target) = target {
        return Ok((Item::Link { target }, None));
    }
    let info = h5::object_info(group, name)?
        .ok_or_else(|| Error::format("the object's header cannot be read"))?;
    // Opening it is most of the work, and is done once.
    if info.kind == Kind::Dataset {
        // The way along its name was gone already.
        let dataset = h5::open_dataset_at(group, info.key.address())?;
        let item = Item::Dataset {
            attributes: attributes(dataset.id())?,
            dtype: dataset.element.describe(),
            shape: dataset.extent.shape,
        };
        return Ok((item, None));
    }
    let object = h5::open_object(group, name)?;
    let attributes = attributes(&object)?;
    if info.kind != Kind::Group {
        return Ok((Item::Datatype { attributes }, None));
    }
    let members = match seen.insert(info.key) {
        true => Some(GroupListing::of(path.to_owned(), object)?),
        false => None,
    };
    Ok((Item::Group { attributes }, members))
}

/// The attributes of an object.
fn attributes(object: &Id) -> Result<Vec<(String, AttributeEntry)>> {
    let names = h5::attribute_names(object)?;
    let described = names.into_iter().map(|name| {
        let described =
            h5::open_attribute(object, &name).and_then(|attribute| describe_attribute(&attribute));
        let described = match described {
            Ok(described) => described,
            Err(error) => AttributeEntry::Damaged {
                error: only_damage(error)?,
            },
        };
        Ok((name, described))
    });
    described.collect()
}

/// What is wrong with an object, where that is the object: a failing disk or short memory fails the call.
fn only_damage(error: Error) -> Result<String> {
    match error.status {
        Status::Io | Status::Internal => Err(error),
        _ => Ok(error.message),
    }
}

fn describe_attribute(attribute: &Attribute) -> Result<AttributeEntry> {
    let shape = attribute.shape.clone();
    let element = &attribute.element;
    let is_small = super::strided::count(&shape)? <= LARGEST_QUOTED;
    let elements = match element.dtype {
        _ if !is_small => None,
        Dtype::Other => None,
        // Texts that are not UTF-8 are another program's own.
        Dtype::Text => text::decode_all(element, &attribute.read_texts()?)
            .ok()
            .map(Elements::Texts),
        dtype => Some(Elements::Numbers(dtype, attribute.read(dtype)?)),
    };
    Ok(match elements {
        Some(elements) => AttributeEntry::Quoted { shape, elements },
        None => AttributeEntry::Unquoted {
            dtype: element.describe(),
            shape,
        },
    })
}
