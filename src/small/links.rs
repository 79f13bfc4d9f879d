//! The links of a group in the newer form that is in the file, to be added to past HDF5: as those in a symbol table (`table`).
//!
//! Few are in the group's header; when they become too many there, all of them are put into a heap, to which others are added then
//! (`heap_links`).

#![forbid(unsafe_code)]

use super::dense::{self, put_heap, Entry, LARGEST_OBJECT};
use super::header::{link_length, link_message, IN_HEADER};
use super::heap_links::HeapLinks;
use super::image::Image;
use super::past::place_new_piece;
use crate::error::{Error, Result};
use crate::format::ahead::Ahead;
use crate::format::dense::headers as dense_headers;
use crate::format::edited_header::{EditedHeader, NewMessage};
use crate::format::links::{self, FoundLink, Target};
use crate::format::object_header::{self, FoundMessage, LARGEST_HEADER, LINK, LINK_INFO};
use crate::format::Widths;
use crate::journal::RawFile;
use crate::store::Hdf5File;
use std::collections::HashMap;

/// So many more links of some length have room in a new piece of a header.
const MORE: usize = 4;

/// What a link costs in memory besides its name, about.
const LINK_COST: usize = 48;

/// Links of which HDF5 has seen nothing.
#[derive(Debug)]
pub struct NewLinks {
    raw: RawFile,
    /// Where the group's header is.
    header: u64,
    /// What the names lead to; None of those in a heap, out of which single ones are read.
    links: Option<HashMap<Box<str>, Target>>,
    /// Where the headers of the heap and of the tree are, if they are in a heap.
    places: Option<(u64, u64)>,
    /// These, if they were read to be added to.
    dense: Option<Box<HeapLinks>>,
    /// How many links are read to add one.
    most: usize,
    /// Whether it was not as expected, or could not be stored: HDF5 has to be asked.
    is_lost: bool,
    /// Where all of it is: places and bytes.
    pieces: Vec<(u64, u64)>,
    /// What of that HDF5 has seen was looked at up to here.
    seen: usize,
}

impl NewLinks {
    /// The links of the group whose header is at an address, at most so many; None if HDF5 may have any of it, or something is unusual.
    pub fn read(raw: &RawFile, header: u64, most: usize) -> Result<Option<Self>> {
        // What HDF5 has in memory may not be in the file yet.
        if !raw.is_unseen(header, object_header::PREFIX as u64) {
            return Ok(None);
        }
        let found = object_header::found(raw, header, Widths::USUAL, LARGEST_HEADER)?;
        let Some((found, places)) = found.and_then(|found| {
            let places = links::places(&found)?;
            Some((found, places))
        }) else {
            return Ok(None);
        };
        let is_large =
            |message: &FoundMessage| message.kind == LINK && message.content.len() > LARGEST_OBJECT;
        let (links, pieces) = match places {
            Some(places) => {
                let mut pieces = found.pieces;
                pieces.extend(dense_headers(places));
                (None, pieces)
            }
            None if found.messages.iter().any(is_large) => return Ok(None),
            None => match links::read(raw, &found, most)? {
                Some(own) => {
                    let links = own.links.into_iter().map(|link| (link.name, link.target));
                    (Some(links.collect()), own.pieces)
                }
                None => return Ok(None),
            },
        };
        let mut this = Self {
            raw: raw.clone(),
            header,
            links,
            places,
            dense: None,
            most,
            is_lost: false,
            pieces,
            seen: 0,
        };
        Ok(this.is_unseen().then_some(this))
    }

    /// Whether HDF5 has still seen nothing of it.
    pub fn is_unseen(&mut self) -> bool {
        let mut is_unseen = !self.is_lost;
        let pieces = &self.pieces;
        self.seen = self.raw.seen_since(self.seen, |from, to| {
            let touches = |&(place, length): &(u64, u64)| place < to && from < place + length;
            is_unseen = is_unseen && !pieces.iter().any(touches);
        });
        is_unseen
    }

    /// Where a name leads, or that there is no such name; None if HDF5 has to be asked.
    pub fn get(&mut self, name: &str) -> Result<Option<Option<Target>>> {
        let places = match (&self.links, self.places) {
            (Some(links), _) => return Ok(Some(links.get(name).cloned())),
            (None, Some(places)) => places,
            (None, None) => return Ok(None),
        };
        let mut pieces = Vec::new();
        let found = links::find(&Ahead::of_nodes(&self.raw), places, name, &mut pieces)?;
        let mut pieces = pieces.into_iter();
        let are_unseen = pieces.all(|(place, length)| self.raw.is_unseen(place, length));
        self.is_lost |= !are_unseen || found.is_none();
        Ok(found.filter(|_| are_unseen))
    }

    /// Whether hard links by these names can be added here.
    pub fn can_grow(&mut self, names: &[Box<str>]) -> Result<bool> {
        let names = names.iter().map(|name| &**name);
        self.has_room(names.map(|name| (name, link_length(name))))
    }

    /// Whether a link by a name can be added here.
    pub fn can_take(&mut self, name: &str, target: &Target) -> Result<bool> {
        let Some(message) = link_message(name, target) else {
            return Ok(false);
        };
        let fits = message.len() <= LARGEST_OBJECT;
        Ok(fits && self.has_room([(name, message.len())].into_iter())?)
    }

    fn has_room<'a>(&mut self, names: impl Iterator<Item = (&'a str, usize)>) -> Result<bool> {
        let Some(places) = self.places else {
            return Ok(true);
        };
        if self.dense.is_none() {
            // Those that were added are there too.
            let most = self.links.as_ref().map_or(0, HashMap::len).max(self.most);
            self.dense = HeapLinks::read(&self.raw, places, most)?.map(Box::new);
        }
        Ok(self
            .dense
            .as_ref()
            .is_some_and(|dense| dense.has_room(names)))
    }

    /// Whether they are in a heap, out of which HDF5 takes them.
    pub fn is_in_heap(&self) -> bool {
        self.places.is_some()
    }

    /// Takes the link of a name out of the header. After an error nothing has changed.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        let header = EditedHeader::read(&self.raw, self.header, LARGEST_HEADER)?;
        let mut header = header.ok_or_else(changed)?;
        let mut slots = header.all(LINK).into_iter();
        let is_it = |content: &[u8]| FoundLink::of(content).is_some_and(|link| *link.name == *name);
        let slot = slots.find(|slot| is_it(header.content(*slot)));
        let slot = slot.ok_or_else(changed)?;
        header.remove(slot);
        header.settle();
        for (place, bytes) in header.changed() {
            self.raw.write_often(place, bytes)?;
        }
        if let Some(links) = &mut self.links {
            links.remove(name);
        }
        Ok(())
    }

    /// Bytes of memory, about.
    pub fn memory(&self) -> usize {
        let names = self.links.iter().flat_map(HashMap::keys);
        let names: usize = names.map(|name| name.len() + LINK_COST).sum();
        names + 16 * self.pieces.len()
    }

    /// Adds links by names that are not in it. After an error nothing has changed, and it can be tried again.
    pub fn insert(&mut self, file: &Hdf5File, more: &[(&str, Target)]) -> Result<()> {
        let message = |&(name, ref target): &(&'_ str, Target)| link_message(name, target);
        let messages: Option<Vec<Vec<u8>>> = more.iter().map(message).collect();
        let messages = messages.ok_or_else(|| Error::internal("a link that HDF5 has to make"))?;
        let names = more.iter().map(|more| more.0);
        let messages: Vec<(&str, Vec<u8>)> = names.zip(messages).collect();
        let inserted = match &mut self.dense {
            Some(dense) => dense.insert(file, &messages, &mut self.pieces),
            None => self.insert_into_header(file, &messages),
        };
        self.is_lost |= inserted.is_err();
        if let Some(links) = &mut self.links {
            let more = more.iter();
            links.extend(more.map(|(name, target)| ((*name).into(), target.clone())));
        }
        inserted
    }

    fn insert_into_header(&mut self, file: &Hdf5File, more: &[(&str, Vec<u8>)]) -> Result<()> {
        let header = EditedHeader::read(&self.raw, self.header, LARGEST_HEADER)?;
        let mut header = header.ok_or_else(changed)?;
        let is_small = |(_, message): &(&str, Vec<u8>)| message.len() <= LARGEST_OBJECT;
        let own = self.links.as_ref().map_or(0, HashMap::len);
        let are_many = own + more.len() > IN_HEADER && more.iter().all(is_small);
        // Where a header cannot be made longer a heap has room.
        let becomes_dense = are_many || put_into_header(&mut header, more).is_none();
        if becomes_dense {
            let fresh = EditedHeader::read(&self.raw, self.header, LARGEST_HEADER)?;
            header = fresh.ok_or_else(changed)?;
            self.put_into_heap(file, &mut header, more)?;
        }
        self.pieces.extend(place_new_piece(file, &mut header)?);
        for (place, bytes) in header.changed() {
            self.raw.write_often(place, bytes)?;
        }
        Ok(())
    }

    /// Writes a heap of all links, and has the header say where it is.
    fn put_into_heap(
        &mut self,
        file: &Hdf5File,
        header: &mut EditedHeader,
        more: &[(&str, Vec<u8>)],
    ) -> Result<()> {
        let own = header.all(LINK);
        let contents: Vec<Vec<u8>> = own
            .iter()
            .map(|&slot| header.content(slot).to_vec())
            .collect();
        let found: Option<Vec<FoundLink>> = contents
            .iter()
            .map(|content| FoundLink::of(content))
            .collect();
        let info = header.only(LINK_INFO);
        let (Some(found), Some(info)) = (found, info) else {
            return Err(changed());
        };
        let old = found.iter().zip(&contents).map(|(link, content)| Entry {
            name: &link.name,
            length: content.len(),
        });
        let new = more.iter().map(|(name, message)| Entry {
            name,
            length: message.len(),
        });
        let entries: Vec<Entry<'_>> = old.chain(new).collect();
        let mut image = Image::default();
        let placed = put_heap(
            &mut image,
            &dense::LINKS,
            &entries,
            |image, number| match contents.get(number) {
                Some(content) => image.push(content),
                None => image.push(&more[number - contents.len()].1),
            },
        )?;
        let mut start = 0;
        file.append(image.len(), |address| {
            start = address;
            image.at(address)
        })?;
        self.pieces.push((start, image.len() as u64));
        let mut content = header.content(info).to_vec();
        for (number, place) in [placed.heap, placed.tree].into_iter().enumerate() {
            let at = 2 + 8 * number;
            content[at..at + 8].copy_from_slice(&(start + place).to_le_bytes());
        }
        header.replace(info, &content);
        self.places = Some((start + placed.heap, start + placed.tree));
        own.into_iter().for_each(|slot| header.remove(slot));
        Ok(())
    }
}

fn changed() -> Error {
    Error::internal("the links of a group are not as they were")
}

/// Adds the messages of links to a header; None if it cannot be.
fn put_into_header(header: &mut EditedHeader, more: &[(&str, Vec<u8>)]) -> Option<()> {
    for (number, (_, content)) in more.iter().enumerate() {
        let message = NewMessage {
            kind: LINK,
            flags: 0,
            content,
        };
        if header.add(&message) {
            continue;
        }
        let prefix = header.prefix();
        let left = more[number..].iter();
        let length: usize = left.map(|(_, message)| message.len() + prefix).sum();
        let room = MORE * (message.content.len() + prefix);
        (header.make_room(length + prefix + room) && header.add(&message)).then_some(())?;
    }
    Some(())
}
