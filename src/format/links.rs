//! The links of groups in the newer form, in their headers or in heaps.
//!
//! Formats: IV.A.2.c (link info), IV.A.2.g (link).

#![forbid(unsafe_code)]

use super::dense::{self, Dense};
use super::object_header::{content, is_plain_group, places_of, FoundHeader, LINK, LINK_INFO};
use super::{number16, number64, number_of, Source, UNDEFINED};
use crate::error::Result;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the object whose header is at an address.
    Hard(u64),
    /// To a path.
    Soft(Box<str>),
    /// To another file, or nobody but HDF5 knows where.
    Other,
}

impl Target {
    /// Where the header is that it leads to; None of one that is not a hard link.
    pub fn header(&self) -> Option<u64> {
        match self {
            Self::Hard(header) => Some(*header),
            Self::Soft(_) | Self::Other => None,
        }
    }
}

/// A link, by its message or as it is in a heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLink {
    /// Its name.
    pub name: Box<str>,
    /// Where it leads.
    pub target: Target,
}

impl FoundLink {
    /// The link of a message; None if it is not understood.
    pub fn of(message: &[u8]) -> Option<Self> {
        let [1, flags @ 0..=0x1F] = *message.get(..2)? else {
            return None;
        };
        let mut at = 2;
        let kind = match flags & 8 {
            0 => 0,
            _ => *message.get(at)?,
        };
        // Its kind, its number, the character set of its name.
        for (flag, length) in [(8, 1), (4, 8), (0x10, 1)] {
            at += if flags & flag != 0 { length } else { 0 };
        }
        let width = 1 << (flags & 3);
        let length = usize::try_from(number_of(message, at, width)?).ok()?;
        let start = at + width;
        let end = start.checked_add(length)?;
        let name = std::str::from_utf8(message.get(start..end)?).ok()?;
        let target = match kind {
            0 => Target::Hard(number64(message, end)?),
            1 => {
                let start = end + 2;
                let length = usize::from(number16(message, end)?);
                let path = std::str::from_utf8(message.get(start..start + length)?);
                Target::Soft(path.ok()?.into())
            }
            _ => Target::Other,
        };
        Some(Self {
            name: name.into(),
            target,
        })
    }
}

/// All links of a group.
#[derive(Debug)]
pub struct GroupLinks {
    /// In no order.
    pub links: Vec<FoundLink>,
    /// Where all of it is, the header included: places and bytes.
    pub pieces: Vec<(u64, u64)>,
}

/// Where the heap of the links is and the tree of their names, of the group that has a header in the newer form, or that the links are in the header; `None`
/// if something is unusual about it.
pub fn places(header: &FoundHeader) -> Option<Option<(u64, u64)>> {
    let info = content(&header.messages, LINK_INFO).and_then(places_of);
    let (heap, tree) = info.filter(|_| header.is_new && is_plain_group(header))?;
    let places = (heap != UNDEFINED).then_some((heap, tree));
    // They are in one place or in the other.
    let is_one = places.is_none() || !header.has(LINK);
    is_one.then_some(places)
}

/// Where a name leads by the links in a heap, or that there is no such name, by as few nodes as a search takes; `None` if something is not as it has to be.
/// Adds where the pieces are that were read.
pub fn find<S: Source + ?Sized>(
    source: &S,
    places: (u64, u64),
    name: &str,
    pieces: &mut Vec<(u64, u64)>,
) -> Result<Option<Option<Target>>> {
    let contents = dense::find_links(source, places, name, pieces)?;
    let Some(contents) = contents else {
        return Ok(None);
    };
    let links: Option<Vec<FoundLink>> = contents
        .iter()
        .map(|content| FoundLink::of(content))
        .collect();
    Ok(links.map(|links| {
        let mut links = links.into_iter();
        links
            .find(|link| *link.name == *name)
            .map(|link| link.target)
    }))
}

/// The links of the group that has a header in the newer form, at most so many; `None` if there are more, or something is unusual about
/// it, or not as it has to be.
pub fn read<S: Source + ?Sized>(
    source: &S,
    header: &FoundHeader,
    most: usize,
) -> Result<Option<GroupLinks>> {
    let Some(places) = places(header) else {
        return Ok(None);
    };
    let own = header
        .messages
        .iter()
        .filter(|message| message.kind == LINK);
    let mut contents: Vec<Vec<u8>> = own.map(|message| message.content.clone()).collect();
    let mut pieces = header.pieces.clone();
    if let Some(places) = places {
        let Some(mut found) = dense::read(source, places, Dense::Links, most)? else {
            return Ok(None);
        };
        contents = found.contents;
        pieces.append(&mut found.pieces);
    }
    let links = contents.iter().map(|content| FoundLink::of(content));
    let links: Option<Vec<FoundLink>> = links.collect();
    Ok(links
        .filter(|links| links.len() <= most)
        .map(|links| GroupLinks { links, pieces }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, target: Target) -> Option<FoundLink> {
        Some(FoundLink {
            name: name.into(),
            target,
        })
    }

    #[test]
    fn messages_are_links() {
        let hard = b"\x01\x00\x02ab\x07\0\0\0\0\0\0\0";
        assert_eq!(FoundLink::of(hard), link("ab", Target::Hard(7)));
        let soft = b"\x01\x18\x01\x01\x02ab\x04\0/x/y";
        assert_eq!(FoundLink::of(soft), link("ab", Target::Soft("/x/y".into())));
        let external = b"\x01\x18\x40\x01\x02ab\x05\0\0f\0/x";
        assert_eq!(FoundLink::of(external), link("ab", Target::Other));
        let noted = b"\x01\x05\x03\0\0\0\0\0\0\0\x02\0ab\x07\0\0\0\0\0\0\0";
        assert_eq!(FoundLink::of(noted), link("ab", Target::Hard(7)));
        for message in [&hard[..], soft, noted] {
            for end in 0..message.len() {
                assert_eq!(FoundLink::of(&message[..end]), None, "{end}");
            }
        }
        assert_eq!(FoundLink::of(b"\x02\x00\x02ab\x07\0\0\0\0\0\0\0"), None);
        assert_eq!(FoundLink::of(b"\x01\x00\x02\xffb\x07\0\0\0\0\0\0\0"), None);
    }
}
