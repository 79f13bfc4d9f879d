//! What goes with the last link to an object: its room in the file, and links to others.
//!
//! Of what is unusual, of what HDF5 has seen, and of what other objects refer to, HDF5 says that.

#![forbid(unsafe_code)]

use super::past::place_new_piece;
use crate::error::{Error, Result};
use crate::format::ahead::Ahead;
use crate::format::attribute;
use crate::format::chunked::{ChunkPlaces, ChunkedDataset};
use crate::format::edited_header::EditedHeader;
use crate::format::links::FoundLink;
use crate::format::local_heap::{self, LocalHeap};
use crate::format::object_header::{
    self, places_of, ATTRIBUTE, ATTRIBUTE_INFO, CONTINUATION, DATASPACE, DATATYPE, FILLER,
    FILL_VALUES, FILTERS, GROUP_INFO, LARGEST_HEADER, LAYOUT, LINK, LINK_COUNT, LINK_INFO,
    MODIFIED, SHARED, SYMBOL_TABLE,
};
use crate::format::symbol_table::{GroupTable, Sizes};
use crate::format::{number64, Form, UNDEFINED};
use crate::journal::RawFile;
use crate::store::{h5, Hdf5File};
use indexmap::IndexMap;

/// The most objects that go at once.
const MOST: usize = 1 << 14;

/// The most links of a group that goes, about, and bytes of their names.
const MOST_LINKS: usize = 1 << 16;
const LARGEST_HEAP: u64 = 4 << 20;

/// Messages of headers that are understood.
const UNDERSTOOD: [u16; 13] = [
    FILLER,
    DATASPACE,
    LINK_INFO,
    DATATYPE,
    FILL_VALUES[0],
    FILL_VALUES[1],
    LINK,
    LAYOUT,
    GROUP_INFO,
    FILTERS,
    ATTRIBUTE,
    CONTINUATION,
    SYMBOL_TABLE,
];

/// What becomes free, and the objects that lose links and have others yet.
#[derive(Debug, Default)]
pub struct Going {
    room: Vec<(u64, u64)>,
    staying: Vec<(EditedHeader, u32)>,
}

/// An object that loses links.
struct Losing {
    header: EditedHeader,
    links: u32,
}

/// What is looked at, of a file in this form.
struct Looking<'a> {
    raw: &'a RawFile,
    form: Form,
    going: Going,
}

impl Going {
    /// What goes when the object loses a link whose header is at an address; None if HDF5 has to say it.
    pub fn of(raw: &RawFile, form: Form, header: u64) -> Result<Option<Self>> {
        let mut looking = Looking {
            raw,
            form,
            going: Self::default(),
        };
        let mut losing: IndexMap<u64, Losing> = IndexMap::new();
        let mut waiting = vec![header];
        while let Some(address) = waiting.pop() {
            if !losing.contains_key(&address) {
                let found = match losing.len() < MOST {
                    true => looking.losing(address)?,
                    false => None,
                };
                let Some(found) = found else {
                    return Ok(None);
                };
                losing.insert(address, found);
            }
            let Some(object) = losing.get_mut(&address) else {
                continue;
            };
            let Some(left) = object.links.checked_sub(1) else {
                return Ok(None);
            };
            object.links = left;
            if left == 0 && !looking.take(&object.header, &mut waiting)? {
                return Ok(None);
            }
        }
        let mut going = looking.going;
        let staying = losing.into_values().filter(|object| object.links > 0);
        going.staying = staying
            .map(|object| (object.header, object.links))
            .collect();
        Ok(Some(going))
    }

    /// Lets it go, whose last link is gone: its room may be used again.
    pub fn go(self, file: &Hdf5File) -> Result<()> {
        for (header, links) in self.staying {
            set_link_count(file, header, links)?;
        }
        for (address, length) in self.room {
            file.give_up(address, length)?;
        }
        Ok(())
    }
}

/// The header at an address, if it is one that HDF5 has seen nothing of.
pub fn unseen_header(raw: &RawFile, address: u64) -> Result<Option<EditedHeader>> {
    if !raw.is_unseen(address, object_header::PREFIX as u64) {
        return Ok(None);
    }
    let header = EditedHeader::read(&Ahead::of(raw), address, LARGEST_HEADER)?;
    let is_unseen = |header: &EditedHeader| {
        let mut places = header.places();
        places.all(|(place, length)| raw.is_unseen(place, length))
    };
    Ok(header.filter(is_unseen))
}

/// Whether other objects may refer to the one that has a header, or it to others by more than links.
pub fn has_role(header: &EditedHeader) -> bool {
    header.all(ATTRIBUTE).into_iter().any(|slot| {
        let parts = attribute::parts(header.content(slot));
        let is_role = |name: &[u8]| h5::ROLES.iter().any(|role| role.as_bytes() == name);
        slot.flags & SHARED != 0 || parts.is_none_or(|parts| is_role(parts.name))
    })
}

/// Whether a header has all that is said of its object but for elements and tables of links, and nothing in it is unusual.
pub fn is_plain_header(header: &EditedHeader) -> bool {
    let is_understood = |kind: u16| {
        UNDERSTOOD.contains(&kind)
            || MODIFIED.contains(&kind)
            || matches!(kind, ATTRIBUTE_INFO | LINK_COUNT)
    };
    let is_own = |kind: u16| {
        let mut infos = header.all(kind).into_iter();
        infos.all(|slot| places_of(header.content(slot)).is_some_and(|(heap, _)| heap == UNDEFINED))
    };
    header
        .slots()
        .all(|slot| slot.flags & SHARED == 0 && is_understood(slot.kind))
        && is_own(ATTRIBUTE_INFO)
        && is_own(LINK_INFO)
}

/// Says in a header how many links lead to its object, one at least.
pub fn set_link_count(file: &Hdf5File, mut header: EditedHeader, links: u32) -> Result<()> {
    const ROOM: usize = 64;
    if !header.set_link_count(links) {
        // What has no room for that has some afterwards.
        let is_set = header.make_room(ROOM) && header.set_link_count(links);
        if !is_set {
            return Err(Error::internal(
                "a header has no room for the number of its links",
            ));
        }
    }
    place_new_piece(file, &mut header)?;
    let raw = file.raw()?;
    let mut changed = header.changed();
    changed.try_for_each(|(place, bytes)| raw.write_surely(place, bytes))
}

/// The links of a group in a symbol table, as the file has them.
pub struct StoredTable {
    /// Where the heap of the names is.
    pub heap: u64,
    /// The names.
    pub names: LocalHeap,
    /// The nodes, and the links.
    pub table: GroupTable,
}

impl StoredTable {
    /// That of the group with a header, of about so many links and so many bytes of names at most; None if HDF5 has to read it.
    pub fn of(
        raw: &RawFile,
        header: &EditedHeader,
        sizes: Sizes,
        most: usize,
        largest_heap: u64,
    ) -> Result<Option<Self>> {
        let Some(table) = header.only(SYMBOL_TABLE) else {
            return Ok(None);
        };
        let content = header.content(table);
        let (Some(tree), Some(heap)) = (number64(content, 0), number64(content, 8)) else {
            return Ok(None);
        };
        let raw = Ahead::of(raw);
        let Some(names) = LocalHeap::read(&raw, heap, largest_heap)? else {
            return Ok(None);
        };
        let leaves = most.div_ceil(sizes.links) * 2 + 1;
        let table = GroupTable::read(&raw, tree, &names, sizes, leaves)?;
        Ok(table.map(|table| Self { heap, names, table }))
    }
}

impl Looking<'_> {
    fn losing(&self, address: u64) -> Result<Option<Losing>> {
        let header = unseen_header(self.raw, address)?;
        Ok(header.and_then(|header| {
            let links = header.link_count()?;
            Some(Losing { header, links })
        }))
    }

    /// Notes the room of an object that goes, and adds where the headers are to which its links lead; false if HDF5 has to do it.
    fn take(&mut self, header: &EditedHeader, links: &mut Vec<u64>) -> Result<bool> {
        if !is_plain_header(header) || has_role(header) {
            return Ok(false);
        }
        let is_dataset = header.kinds().any(|kind| kind == LAYOUT);
        let is_taken = match is_dataset {
            true => self.take_elements(header)?,
            false => self.take_links(header, links)?,
        };
        self.going.room.extend(header.places());
        Ok(is_taken)
    }

    /// Notes the room of the elements of a dataset.
    fn take_elements(&mut self, header: &EditedHeader) -> Result<bool> {
        let Some(layout) = header.only(LAYOUT) else {
            return Ok(false);
        };
        let layout = header.content(layout);
        match *layout {
            [3 | 4, 0, ..] => Ok(true),
            [3 | 4, 1, ..] => {
                let (Some(address), Some(length)) = (number64(layout, 2), number64(layout, 10))
                else {
                    return Ok(false);
                };
                if address != UNDEFINED && length > 0 {
                    return Ok(self.take_range(address, length));
                }
                Ok(true)
            }
            [3, 2, ..] => self.take_chunks(header),
            _ => Ok(false),
        }
    }

    /// Notes a range; false if the file does not have it.
    fn take_range(&mut self, address: u64, length: u64) -> bool {
        let end = address.checked_add(length);
        let is_there = end.is_some_and(|end| end <= self.raw.end());
        self.going.room.push((address, length));
        is_there
    }

    fn take_chunks(&mut self, header: &EditedHeader) -> Result<bool> {
        let Some(dataset) = ChunkedDataset::of(header) else {
            return Ok(false);
        };
        let ChunkPlaces::Tree(tree) = dataset.index else {
            return Ok(false);
        };
        if tree.root == UNDEFINED {
            return Ok(true);
        }
        let room = &mut self.going.room;
        let is_sound = tree.each(self.raw, |_, chunk| {
            room.push((chunk.address, u64::from(chunk.stored)));
        })?;
        let nodes = tree.nodes(self.raw)?.filter(|_| is_sound);
        let Some((nodes, length)) = nodes else {
            return Ok(false);
        };
        let length = length as u64;
        let are_unseen = nodes.iter().all(|&node| self.raw.is_unseen(node, length));
        room.extend(nodes.into_iter().map(|node| (node, length)));
        Ok(are_unseen)
    }

    /// Notes the room of the links of a group, and adds where the hard ones lead.
    fn take_links(&mut self, header: &EditedHeader, links: &mut Vec<u64>) -> Result<bool> {
        let Form::Old(sizes) = self.form else {
            let found = header.all(LINK).into_iter();
            let found = found.map(|slot| FoundLink::of(header.content(slot)));
            let Some(found) = found.collect::<Option<Vec<_>>>() else {
                return Ok(false);
            };
            links.extend(found.iter().filter_map(|link| link.target.header()));
            return Ok(header.is_new() && header.only(LINK_INFO).is_some());
        };
        let found = StoredTable::of(self.raw, header, sizes, MOST_LINKS, LARGEST_HEAP)?;
        let Some(StoredTable { heap, names, table }) = found else {
            return Ok(false);
        };
        let first = self.going.room.len();
        let room = &mut self.going.room;
        room.push((heap, local_heap::PREFIX as u64));
        room.push((names.place, names.data.len() as u64));
        for leaf in &table.leaves {
            room.push((leaf.place, sizes.leaf() as u64));
            let hard = leaf.links.iter().filter(|link| link.path().is_none());
            links.extend(hard.map(|link| link.header));
        }
        for node in table.nodes {
            room.push((node, sizes.node() as u64));
        }
        let mut own = self.going.room[first..].iter();
        Ok(own.all(|&(place, length)| self.raw.is_unseen(place, length)))
    }
}
