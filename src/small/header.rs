//! Object headers after HDF5's own pattern ([`new_objects`]): of each kind one is made, and the others differ from
//! it in extents, addresses and attributes only.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.1.a and IV.A.1.b (both versions of the header), IV.A.2.c (link info), IV.A.2.g (link), IV.A.2.v (attribute info), IV.A.2.w (number of links); and those of [`HeaderFields`].

#![forbid(unsafe_code)]

use super::attribute::{encoded, Attributes, NewContent, Types};
use super::dense::{self, put_heap, Entry, LARGEST_OBJECT};
use super::heap::TextHeap;
use super::image::{Address, Image};
use crate::codec::convert::NumberType;
use crate::error::{Error, Result};
use crate::format::edited_header::OLD_LINK_COUNT;
use crate::format::links::Target;
use crate::format::new_objects::{
    self, text_message, NewDataset, NewMessages, GROUP_TABLE, NEW_GROUP_PLACES,
};
use crate::format::object_header::{
    self, filler, message, new_message, number_message, HeaderFields, ATTRIBUTE, ATTRIBUTE_INFO,
    DATATYPE, FILLER, LINK, MESSAGE_PREFIX, NEW_MESSAGE_PREFIX, PREFIX, UNSHARED,
};
use crate::format::{number32, number64, Form, UNDEFINED};
use crate::store::h5::{self, ElementType, Order};
use crate::store::Dtype;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Bytes of a header of version 2 before its messages, and what its flags say: that the bytes of messages are counted in 4 bytes.
const NEW_PREFIX: usize = 10;
const NEW_FLAGS: u8 = 2;

/// So many links of a group are in its header in the newer form, and attributes of an object: as many as HDF5 has there.
pub(super) const IN_HEADER: usize = 8;

/// Bytes of the contents of messages: how many links there are, and where attributes are.
const COUNT_LENGTH: usize = 5;
const INFO_LENGTH: usize = 18;

/// Bytes that are left free in a header that had to become longer: whoever adds to it needs room for
/// the way to the rest.
const ROOM: usize = 24;

/// What the elements of a dataset are in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredType {
    /// Numbers of this type, in a byte order if it was chosen.
    Numbers(Dtype, Option<Order>),
    /// Texts of a fixed length, which is the dataset's own, of ASCII or of UTF-8.
    Texts {
        /// Whether they are said to be ASCII.
        is_ascii: bool,
    },
    /// Texts of variable length, which are in a heap.
    VariableTexts,
}

impl StoredType {
    /// The type of the elements, and their byte order if it was chosen.
    pub fn dtype(self) -> (Dtype, Option<Order>) {
        match self {
            StoredType::Numbers(dtype, order) => (dtype, order),
            StoredType::Texts { .. } | StoredType::VariableTexts => (Dtype::Text, None),
        }
    }

    /// The numbers; None of texts, and of what is unusual.
    pub(super) fn number(self) -> Option<NumberType> {
        match self {
            StoredType::Numbers(dtype, order) => {
                ElementType::stored(dtype, order).ok()?.number().ok()?
            }
            StoredType::Texts { .. } | StoredType::VariableTexts => None,
        }
    }

    /// The message that describes it, texts as having one byte; None of what is unusual.
    fn message(self) -> Option<Vec<u8>> {
        match self {
            StoredType::Numbers(..) => self.number().as_ref().map(number_message),
            StoredType::Texts { is_ascii } => Some(text_message(1, is_ascii)),
            StoredType::VariableTexts => encoded(Dtype::Text).ok().map(<[u8]>::to_vec),
        }
    }
}

/// The most patterns of one kind that are kept.
const KEPT: usize = 64;

/// Headers after HDF5's pattern, by what they are of; None of what HDF5 has to make.
pub(super) struct Patterns<Key, Header>(Mutex<Vec<(Key, Option<Arc<Header>>)>>);

impl<Key: PartialEq, Header> Patterns<Key, Header> {
    /// None is known yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The header of what a key says, which `make` makes the first time.
    pub fn get(&self, key: Key, make: impl FnOnce(&Key) -> Option<Header>) -> Option<Arc<Header>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, header)) = known.iter().find(|(other, _)| *other == key) {
            return header.clone();
        }
        let header = make(&key).map(Arc::new);
        if known.len() >= KEPT {
            known.remove(0);
        }
        known.push((key, header.clone()));
        header
    }
}

/// A header that others are made after.
#[derive(Debug)]
pub(super) enum HeaderPattern {
    /// Of version 1, all of it.
    Old(Vec<u8>),
    /// The messages of one of version 2.
    New(NewMessages),
}

/// Where a header is, and where in the image the bytes of its pattern begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedHeader {
    pub header: u64,
    pub content: usize,
}

impl HeaderPattern {
    /// The bytes in which fields are.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Old(header) => header,
            Self::New(new) => &new.messages,
        }
    }

    /// Bytes of a header without attributes.
    pub fn len(&self) -> usize {
        match self {
            Self::Old(header) => header.len(),
            Self::New(new) => NEW_PREFIX + new.room + object_header::CHECKSUM,
        }
    }

    fn fields(&self) -> Option<HeaderFields> {
        match self {
            Self::Old(header) => HeaderFields::of(header),
            Self::New(new) => HeaderFields::of_new(&new.messages),
        }
    }

    /// Where the content of the only message of a type is.
    fn message(&self, wanted: u16) -> Option<Range<usize>> {
        match self {
            Self::Old(header) => message(header, wanted),
            Self::New(new) => new_message(&new.messages, wanted),
        }
    }

    /// Adds a header of an object that is linked so often, with its attributes.
    pub fn put(
        &self,
        image: &mut Image,
        links: u32,
        attributes: Option<&Attributes>,
        context: &mut Context,
    ) -> Result<PlacedHeader> {
        let attributes = attributes.filter(|attributes| !attributes.is_empty());
        match self {
            Self::Old(header) => {
                let header = put_old(image, header, attributes, context)?;
                let content = header as usize;
                image.set(content + OLD_LINK_COUNT.start, &links.to_le_bytes());
                Ok(PlacedHeader { header, content })
            }
            Self::New(new) => put_new(image, new, &[], links, attributes, context),
        }
    }
}

/// The header of plain contiguous datasets of one type and rank.
#[derive(Debug)]
pub struct DatasetHeader {
    stored: StoredType,
    pattern: HeaderPattern,
    fields: HeaderFields,
    /// Where the length of texts is, in 4 bytes; None of numbers.
    text_length: Option<usize>,
}

impl DatasetHeader {
    /// The header of datasets of this type and rank in a form; None if HDF5 has to make them.
    pub fn of(form: Form, stored: StoredType, rank: usize) -> Option<Arc<Self>> {
        static KNOWN: Patterns<(bool, StoredType, usize), DatasetHeader> = Patterns::new();
        KNOWN.get((form == Form::New, stored, rank), |_| {
            let ones = vec![1; rank];
            let example = NewDataset {
                datatype: stored.message()?,
                shape: &ones,
                maxshape: &ones,
                // HDF5 clears what is to refer to heaps.
                is_filled: stored == StoredType::VariableTexts,
                ..NewDataset::default()
            };
            let pattern = match form {
                Form::Old(_) => HeaderPattern::Old(example.header()?),
                Form::New => HeaderPattern::New(example.new_messages()?),
            };
            Self::understand(pattern, rank, stored)
        })
    }

    fn understand(pattern: HeaderPattern, rank: usize, stored: StoredType) -> Option<Self> {
        let fields = pattern.fields().filter(|fields| fields.rank == rank)?;
        let bytes = pattern.bytes();
        let mut extents = fields.extents.iter();
        // Those of the example are all 1, and it has no data.
        let is_understood = extents.all(|&at| number64(bytes, at) == Some(1))
            && number64(bytes, fields.data) == Some(UNDEFINED);
        let text_length = match stored {
            StoredType::Numbers(..) | StoredType::VariableTexts => None,
            StoredType::Texts { .. } => {
                // A datatype gives its size behind its class and the bits of that; one of texts has nothing more.
                let datatype = pattern.message(DATATYPE)?;
                let at = datatype.start + 4;
                (datatype.len() == 8 && number32(bytes, at) == Some(1)).then_some(())?;
                Some(at)
            }
        };
        is_understood.then_some(Self {
            stored,
            pattern,
            fields,
            text_length,
        })
    }

    /// What the elements are.
    pub fn stored(&self) -> StoredType {
        self.stored
    }

    /// Bytes of a header without attributes.
    pub fn len(&self) -> usize {
        self.pattern.len()
    }

    /// Adds the header of a dataset with this data, linked so often; gives where it is.
    pub fn put(
        &self,
        image: &mut Image,
        described: &DescribedDataset<'_>,
        links: u32,
        context: &mut Context,
    ) -> Result<u64> {
        let DescribedDataset {
            shape,
            data,
            length,
            item,
            attributes,
        } = *described;
        let PlacedHeader { header, content } =
            self.pattern.put(image, links, attributes, context)?;
        for (axis, scale) in attributes
            .into_iter()
            .flat_map(Attributes::scales)
            .enumerate()
        {
            let owner = h5::ScaleOwner::new(header, axis);
            context.labelled.push((scale, owner));
        }
        let start = content;
        for (axis, at) in self.fields.extents.iter().enumerate() {
            image.set_number(start + at, shape[axis % shape.len()]);
        }
        if let Some(at) = self.text_length {
            image.set(start + at, &item.to_le_bytes());
        }
        image.set_number(start + self.fields.data + 8, length as u64);
        // HDF5 gives no space to a dataset without elements.
        if let Some(data) = data {
            image.set_address(start + self.fields.data, data);
        }
        Ok(header)
    }
}

/// What a dataset's header says.
#[derive(Clone, Copy, Debug)]
pub struct DescribedDataset<'a> {
    /// The extents.
    pub shape: &'a [u64],
    /// Where the data are, if there are any.
    pub data: Option<Address>,
    /// Bytes of data.
    pub length: usize,
    /// Bytes of an element.
    pub item: u32,
    /// The attributes.
    pub attributes: Option<&'a Attributes>,
}

/// What the objects of one image share.
#[derive(Debug)]
pub struct Context {
    /// In which form they are.
    pub form: Form,
    /// Where texts go.
    pub heap: TextHeap,
    /// The types of attributes.
    pub types: Types,
    /// The scales of the datasets, whose addresses count from the beginning of the image.
    pub labelled: Vec<(u64, h5::ScaleOwner)>,
}

impl Context {
    /// Nothing yet, in a form.
    pub fn new(form: Form) -> Self {
        Self {
            form,
            heap: TextHeap::default(),
            types: Types::default(),
            labelled: Vec::new(),
        }
    }
}

/// Adds a header of version 1 with attributes after its other messages; gives where it is.
fn put_old(
    image: &mut Image,
    header: &[u8],
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<u64> {
    let Some(attributes) = attributes else {
        let place = image.next();
        image.push(header);
        return Ok(place);
    };
    let filler = filler(header)
        .ok_or_else(|| Error::internal("HDF5 made a header that is not understood"))?;
    let kept = filler.unwrap_or(header.len());
    let texts = attributes.put_texts(&mut context.heap, image, |_| None);
    let needed = attributes.messages_length(&mut context.types)?;
    let place = image.next();
    let start = place as usize;
    image.push(&header[..kept]);
    attributes.put_messages(image, &mut context.types, &texts)?;
    // Where HDF5 left room, the header keeps its length; a longer one has some room too.
    let length = match header.len().checked_sub(kept + needed) {
        Some(_) => header.len(),
        None => kept + needed + MESSAGE_PREFIX + ROOM,
    };
    let rest = length - kept - needed;
    let mut count = attributes.len() - usize::from(filler.is_some());
    if rest > 0 {
        count += 1;
        image.push(&FILLER.to_le_bytes());
        image.push(&((rest - MESSAGE_PREFIX) as u16).to_le_bytes());
        image.push_zeros(rest - 4);
    }
    count += usize::from(u16::from_le_bytes([header[2], header[3]]));
    let count = u16::try_from(count)
        .map_err(|_| Error::internal("an object in memory has too many attributes"))?;
    image.set(start + 2, &count.to_le_bytes());
    image.set(start + 8, &((length - PREFIX) as u32).to_le_bytes());
    Ok(place)
}

/// Adds a header of version 2 after a pattern, with links and attributes.
fn put_new(
    image: &mut Image,
    NewMessages { messages, room }: &NewMessages,
    own: &[(&str, Address)],
    links: u32,
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<PlacedHeader> {
    let (mut contents, mut texts) = (Vec::new(), Vec::new());
    if let Some(attributes) = attributes {
        texts = attributes.put_texts(&mut context.heap, image, |_| None);
        contents = attributes.new_contents(&mut context.types)?;
    }
    let mut texts = texts.iter();
    let has_attributes = !contents.is_empty();
    let is_small = |content: &NewContent<'_>| content.length <= LARGEST_OBJECT;
    // Larger ones HDF5 would have in a place of their own, beside the heap.
    let mut heap = None;
    if contents.len() > IN_HEADER && contents.iter().all(is_small) {
        let entries: Vec<Entry<'_>> = contents
            .iter()
            .map(|content| Entry {
                name: content.name,
                length: content.length,
            })
            .collect();
        heap = Some(put_heap(
            image,
            &dense::ATTRIBUTES,
            &entries,
            |image, number| {
                contents[number].put(image, &mut texts);
            },
        )?);
        contents.clear();
    }
    let header = image.next();
    let start = header as usize;
    image.push(object_header::SIGNATURE);
    image.push(&[2, NEW_FLAGS]);
    image.push_zeros(4);
    let content = image.len();
    debug_assert_eq!(content - start, NEW_PREFIX);
    image.push(messages);
    for (name, address) in own {
        put_message(image, LINK, 0, link_length(name));
        put_link(image, name, *address);
    }
    if links != 1 {
        put_message(image, object_header::LINK_COUNT, UNSHARED, COUNT_LENGTH);
        image.push(&[0]);
        image.push(&links.to_le_bytes());
    }
    if has_attributes {
        put_message(image, ATTRIBUTE_INFO, UNSHARED, INFO_LENGTH);
        image.push(&[0, 0]);
        let places = heap.map(|placed| [placed.heap, placed.tree]);
        for place in places.map_or([None; 2], |places| places.map(Some)) {
            image.push_address(place.map_or(Address::File(UNDEFINED), Address::Here));
        }
    }
    for attribute in &contents {
        put_message(image, ATTRIBUTE, 0, attribute.length);
        attribute.put(image, &mut texts);
    }
    // Where HDF5 left room, the header keeps its length; a longer one has some room too.
    let used = image.len() - content;
    let length = match room.checked_sub(used) {
        Some(rest) if rest == 0 || rest >= NEW_MESSAGE_PREFIX => *room,
        _ => used + NEW_MESSAGE_PREFIX + ROOM,
    };
    if length > used {
        let rest = length - used - NEW_MESSAGE_PREFIX;
        put_message(image, FILLER, 0, rest);
        image.push_zeros(rest);
    }
    image.set(content - 4, &(length as u32).to_le_bytes());
    image.push_sum(start);
    Ok(PlacedHeader { header, content })
}

/// Adds what is before the content of a message in a header of version 2.
fn put_message(image: &mut Image, kind: u16, flags: u8, length: usize) {
    let size = (length as u16).to_le_bytes();
    image.push(&[kind as u8, size[0], size[1], flags]);
}

/// Bytes of the content of a link's message.
pub(super) fn link_length(name: &str) -> usize {
    let size = if name.len() > 0xFF { 2 } else { 1 };
    2 + size + name.len() + 8
}

/// Adds the content of a hard link's message.
pub(super) fn put_link(image: &mut Image, name: &str, address: Address) {
    put_link_prefix(image, name, 0);
    image.push_address(address);
}

/// Adds what the content of a link's message begins with; `kind` is 0 of a hard link.
fn put_link_prefix(image: &mut Image, name: &str, kind: u8) {
    let length = (name.len() as u16).to_le_bytes();
    let is_long = name.len() > 0xFF;
    // Version 1; how many bytes the length of the name has, and whether a kind is said.
    let flags = u8::from(is_long) | if kind != 0 { 8 } else { 0 };
    image.push(&[1, flags]);
    if kind != 0 {
        image.push(&[kind]);
    }
    image.push(&length[..1 + usize::from(is_long)]);
    image.push(name.as_bytes());
}

/// The content of the message of a link; None of one that only HDF5 makes.
pub(super) fn link_message(name: &str, target: &Target) -> Option<Vec<u8>> {
    const SOFT: u8 = 1;
    let mut image = Image::default();
    match target {
        Target::Hard(header) => put_link(&mut image, name, Address::File(*header)),
        Target::Soft(path) => {
            put_link_prefix(&mut image, name, SOFT);
            image.push(&u16::try_from(path.len()).ok()?.to_le_bytes());
            image.push(path.as_bytes());
        }
        Target::Other => return None,
    }
    Some(image.at(0).to_vec())
}

/// Adds the header of a group with a symbol table that is linked so often; gives where it is.
pub fn put_group_header(
    image: &mut Image,
    links: u32,
    tree: u64,
    heap: u64,
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<u64> {
    static PATTERN: LazyLock<HeaderPattern> =
        LazyLock::new(|| HeaderPattern::Old(new_objects::group_header()));
    let placed = PATTERN.put(image, links, attributes, context)?;
    let at = placed.content + GROUP_TABLE;
    image.set_address(at, Address::Here(tree));
    image.set_address(at + 8, Address::Here(heap));
    Ok(placed.header)
}

/// Adds a group in the newer form that is linked so often, with all its links; gives where its header is.
pub fn put_new_group(
    image: &mut Image,
    members: &[(&str, Address)],
    links: u32,
    attributes: Option<&Attributes>,
    context: &mut Context,
) -> Result<u64> {
    static PATTERN: LazyLock<NewMessages> = LazyLock::new(new_objects::new_group);
    let attributes = attributes.filter(|attributes| !attributes.is_empty());
    if members.len() <= IN_HEADER {
        let placed = put_new(image, &PATTERN, members, links, attributes, context)?;
        return Ok(placed.header);
    }
    let entries: Vec<Entry<'_>> = members
        .iter()
        .map(|&(name, _)| Entry {
            name,
            length: link_length(name),
        })
        .collect();
    let places = put_heap(image, &dense::LINKS, &entries, |image, number| {
        let (name, address) = members[number];
        put_link(image, name, address);
    })?;
    let placed = put_new(image, &PATTERN, &[], links, attributes, context)?;
    let at = placed.content + NEW_GROUP_PLACES;
    image.set_address(at, Address::Here(places.heap));
    image.set_address(at + 8, Address::Here(places.tree));
    Ok(placed.header)
}
