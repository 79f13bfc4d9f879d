//! Datasets of texts, of fixed length or of variable length.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.2.b (dataspace), IV.A.2.d (datatype), IV.A.2.i (layout).

#![forbid(unsafe_code)]

use super::attribute::extents;
use super::filling::Filling;
use super::global_heap::Collection;
use super::object_header::{
    content, FoundMessage, ATTRIBUTE, ATTRIBUTE_INFO, DATASPACE, DATATYPE, FILLER, FILL_VALUES,
    FILTERS, LAYOUT, LINK_COUNT, MODIFIED,
};
use super::{bytes, number16, number32, number64, Source, UNDEFINED};
use crate::error::Result;
use std::collections::{BTreeMap, HashMap};

/// Larger texts are left to HDF5.
const LARGEST_TEXT: u64 = 64 << 20;

/// Bytes of an element of variable length: how long it is, and in which heap it is, at what number.
pub const REFERENCE: usize = 16;

/// Of more elements that were never written HDF5 makes texts.
const MOST_UNWRITTEN: u64 = 1 << 20;

/// How texts of fixed length end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// With the first NUL, if there is one.
    FirstNul,
    /// Before the NULs at the end.
    Nuls,
}

/// A dataset of texts, or an attribute, as its header describes it.
#[derive(Debug)]
pub struct TextDataset {
    /// Its extents.
    pub shape: Vec<u64>,
    /// The message of its type.
    pub datatype: Vec<u8>,
    /// Bytes of an element, and how it ends; None of texts of variable length.
    fixed: Option<(usize, Padding)>,
    elements: Elements,
}

/// Where elements are.
#[derive(Debug)]
enum Elements {
    /// In the header.
    Here(Vec<u8>),
    /// In one piece.
    At(u64),
    /// Nowhere: none was written.
    Nowhere,
    /// In chunks.
    Chunks,
}

impl TextDataset {
    /// The dataset that a header describes; None if it is anything else, or unusual.
    pub fn of(dataset: &[FoundMessage]) -> Option<Self> {
        let is_usual = |kind| {
            matches!(
                kind,
                DATASPACE
                    | DATATYPE
                    | LAYOUT
                    | FILTERS
                    | ATTRIBUTE
                    | ATTRIBUTE_INFO
                    | LINK_COUNT
                    | FILLER
            ) || FILL_VALUES.contains(&kind)
                || MODIFIED.contains(&kind)
        };
        let are_usual = dataset.iter().all(|message| is_usual(message.kind));
        are_usual.then_some(())?;
        let shape = extents(content(dataset, DATASPACE)?)?;
        let datatype = content(dataset, DATATYPE)?;
        let fixed = text_type(datatype)?;
        let item = fixed.map_or(REFERENCE, |(length, _)| length);
        let mut extents = shape.iter();
        let length = extents.try_fold(item as u64, |length, &extent| length.checked_mul(extent))?;
        let layout = content(dataset, LAYOUT)?;
        let elements = match *layout.get(..2)? {
            [3..=5, 0] if number16(layout, 2).map(u64::from) == Some(length) => {
                Elements::Here(layout.get(4..4 + length as usize)?.to_vec())
            }
            [3, 1] => match number64(layout, 2)? {
                UNDEFINED => {
                    let filling = Filling::of(content(dataset, FILL_VALUES[1])?, item)?;
                    let is_small = length <= MOST_UNWRITTEN * item as u64;
                    (is_small && filling.value.is_none()).then_some(())?;
                    Elements::Nowhere
                }
                address if number64(layout, 10)? == length => Elements::At(address),
                _ => return None,
            },
            [3..=5, 2] => Elements::Chunks,
            _ => return None,
        };
        Some(Self {
            shape,
            datatype: datatype.to_vec(),
            fixed,
            elements,
        })
    }

    /// An attribute of texts, of these extents and this type, that has these elements; None if it is no such, or unusual.
    pub fn of_attribute(shape: Vec<u64>, datatype: &[u8], elements: &[u8]) -> Option<Self> {
        let fixed = text_type(datatype)?;
        let item = fixed.map_or(REFERENCE, |(length, _)| length);
        let mut extents = shape.iter();
        let length = extents.try_fold(item as u64, |length, &extent| length.checked_mul(extent))?;
        let elements = elements.get(..usize::try_from(length).ok()?)?;
        Some(Self {
            shape,
            datatype: datatype.to_vec(),
            fixed,
            elements: Elements::Here(elements.to_vec()),
        })
    }

    /// Where its elements are, if they are in one piece.
    pub fn place(&self) -> Option<u64> {
        match self.elements {
            Elements::At(address) => Some(address),
            _ => None,
        }
    }

    /// Whether its elements are in chunks, of which another room knows.
    pub fn is_in_chunks(&self) -> bool {
        matches!(self.elements, Elements::Chunks)
    }

    /// Whether its texts are of variable length.
    pub fn is_of_variable_length(&self) -> bool {
        self.fixed.is_none()
    }

    /// Bytes of an element.
    pub fn item(&self) -> usize {
        self.fixed.map_or(REFERENCE, |(length, _)| length)
    }

    /// How its texts end.
    pub fn padding(&self) -> Padding {
        self.fixed.map_or(Padding::FirstNul, |(_, padding)| padding)
    }

    /// The bytes of its elements; None if they are in chunks, or not in the file.
    pub fn elements<S: Source + ?Sized>(&self, source: &S) -> Result<Option<Vec<u8>>> {
        let length = self.shape.iter().product::<u64>() * self.item() as u64;
        match &self.elements {
            Elements::Here(elements) => Ok(Some(elements.clone())),
            Elements::At(address) => bytes(source, *address, length),
            Elements::Nowhere => Ok(Some(vec![0; length as usize])),
            Elements::Chunks => Ok(None),
        }
    }

    /// Calls `visit` with the bytes of each text, of which these are the elements; false if one is not as it has to be. `is_there` says whether a
    /// piece of the file with texts is as it is there.
    pub fn each<S: Source + ?Sized>(
        &self,
        source: &S,
        elements: &[u8],
        mut is_there: impl FnMut(u64, u64) -> bool,
        mut visit: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<bool> {
        if let Some((length, _)) = self.fixed {
            elements.chunks_exact(length).try_for_each(visit)?;
            return Ok(true);
        }
        let mut heaps: HashMap<u64, Collection> = HashMap::new();
        // Collections do not lie in each other.
        let mut left = source.end();
        let mut latest = UNDEFINED;
        for element in elements.chunks_exact(REFERENCE) {
            let (Some(length), Some(address), Some(number)) = (
                number32(element, 0),
                number64(element, 4),
                number32(element, 12),
            ) else {
                return Ok(false);
            };
            if address == 0 {
                visit(&[])?;
                continue;
            }
            if address != latest && !heaps.contains_key(&address) {
                let Some(heap) = Collection::read(source, address, left)? else {
                    return Ok(false);
                };
                left -= heap.length();
                if !is_there(address, heap.length()) {
                    return Ok(false);
                }
                heaps.insert(address, heap);
            }
            latest = address;
            let text = heaps.get(&address).and_then(|heap| heap.object(number));
            match text.filter(|text| text.len() == length as usize) {
                // It ends with a NUL in memory.
                Some(text) => visit(text.split(|&byte| byte == 0).next().unwrap_or_default())?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// What is to be written for texts of variable length that take the place of others.
#[derive(Debug)]
pub struct Overwritten {
    /// The elements, but for those of the texts that move.
    pub elements: Vec<u8>,
    /// The collections before and now, by their addresses.
    pub heaps: Vec<(u64, Collection, Vec<u8>)>,
    /// The numbers of the texts for which there is no room where others were.
    pub moved: Vec<usize>,
}

impl Overwritten {
    /// Texts over those of which these are the elements; None if something about these is not as it has to be, or unusual.
    pub fn of<S: Source + ?Sized>(
        source: &S,
        elements: &[u8],
        texts: &[&str],
    ) -> Result<Option<Self>> {
        let mut moved = Vec::new();
        let mut places: BTreeMap<u64, BTreeMap<u32, usize>> = BTreeMap::new();
        let mut new = elements.to_vec();
        for (text, element) in new.chunks_exact_mut(REFERENCE).enumerate() {
            let (Some(address), Some(number), Ok(length)) = (
                number64(element, 4),
                number32(element, 12),
                u32::try_from(texts[text].len()),
            ) else {
                return Ok(None);
            };
            element[..4].copy_from_slice(&length.to_le_bytes());
            if address == 0 {
                moved.push(text);
                continue;
            }
            // Two elements may refer to the same object.
            let heap = places.entry(address).or_default();
            if heap.insert(number, text).is_some() {
                return Ok(None);
            }
        }
        let mut heaps = Vec::new();
        let mut left = source.end();
        for (address, places) in places {
            let Some(heap) = Collection::read(source, address, left)? else {
                return Ok(None);
            };
            left -= heap.length();
            let of = |text: &usize| Some(texts[*text].as_bytes());
            let contents = places.iter().map(|(&number, text)| (number, of(text)));
            let new = match heap.with(&contents.collect()) {
                Some(new) => new,
                None => {
                    moved.extend(places.values());
                    let nothing = places.keys().map(|&number| (number, None));
                    match heap.with(&nothing.collect()) {
                        Some(new) => new,
                        None => return Ok(None),
                    }
                }
            };
            heaps.push((address, heap, new));
        }
        Ok(Some(Self {
            elements: new,
            heaps,
            moved,
        }))
    }
}

/// Bytes of a text of fixed length, and how it ends; None in it of one of variable length, and for what is no text, or unusual.
fn text_type(datatype: &[u8]) -> Option<Option<(usize, Padding)>> {
    let size = number32(datatype, 4)?;
    match *datatype.get(..2)? {
        [0x13, padding] => {
            let padding = match padding & 15 {
                0 => Padding::FirstNul,
                1 => Padding::Nuls,
                _ => return None,
            };
            let fits = size > 0 && u64::from(size) <= LARGEST_TEXT;
            fits.then_some(Some((size as usize, padding)))
        }
        // A sequence of characters, which is a text whose padding is NUL.
        [0x19, 1 | 0x11] if size as usize == REFERENCE => Some(None),
        _ => None,
    }
}

/// The text of a dataset that holds one, of fixed length; None if it is anything else, or not UTF-8.
pub fn scalar<S: Source + ?Sized>(source: &S, dataset: &[FoundMessage]) -> Option<String> {
    let found = TextDataset::of(dataset)?;
    let is_scalar = found.shape.is_empty() && found.fixed.is_some();
    let mut data = found.elements(source).ok()?.filter(|_| is_scalar)?;
    let length = match found.padding() {
        Padding::FirstNul => data.iter().position(|&byte| byte == 0),
        Padding::Nuls => Some(
            data.iter()
                .rposition(|&byte| byte != 0)
                .map_or(0, |last| last + 1),
        ),
    };
    data.truncate(length.unwrap_or(data.len()));
    String::from_utf8(data).ok()
}
