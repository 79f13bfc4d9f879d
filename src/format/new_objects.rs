//! New objects, and a file without any, to the last bit as HDF5 makes them in its oldest format and in its newer one (versions 1.8 to 1.14):
//! so HDF5 is not needed for one of each.
//!
//! Formats: II.A (superblocks of versions 0 and 3), III.C (the root's entry), IV.A.1.a and IV.A.1.b (headers of versions 1 and 2),
//! IV.A.2.b (dataspace), IV.A.2.c (link info), IV.A.2.k (group info), IV.A.2.d
//! (datatype), IV.A.2.e and IV.A.2.f (fill values), IV.A.2.i (layout of version 3), IV.A.2.l (filters), IV.A.2.r (symbol table).

#![forbid(unsafe_code)]

use super::object_header::{
    self, DATASPACE, DATATYPE, FILLER, FILL_VALUES, FILTERS, GROUP_INFO, LAYOUT, LINK_INFO,
    MESSAGE_PREFIX, NEW_MESSAGE_PREFIX, PREFIX, SYMBOL_TABLE,
};
use super::superblock::SIGNATURE;
use super::symbol_table::{Sizes, NODE_SIGNATURE};
use super::UNDEFINED;
use super::{local_heap, lookup3};
use crate::codec::{filters, Filter};

/// The sizes of symbol tables in a file that is made without being asked for others.
pub const SIZES: Sizes = Sizes {
    children: 32,
    links: 8,
};

/// Bytes of a superblock of version 0.
pub const SUPERBLOCK: usize = 96;

/// Where a superblock of version 0 says where the root's header is, its tree and its heap.
pub const ROOT_PLACES: [usize; 3] = [64, 80, 88];

/// Bytes of a superblock of version 3, and where it says where the root's header is, with a checksum behind that.
pub const NEW_SUPERBLOCK: usize = 48;
pub const NEW_ROOT: usize = 36;

/// Bytes of a new group's heap of names, where HDF5 makes it.
const HEAP: usize = 88;

/// Bytes of the messages of a new dataset, those that fill the header up included, unless there are more.
const MESSAGES: usize = 256;

/// Set in the flags of a message that does not change.
const CONSTANT: u8 = 1;

/// A file in which nothing is but the root.
pub fn empty_file() -> Vec<u8> {
    let header = SUPERBLOCK as u64;
    let tree = header + group_header().len() as u64;
    let heap = tree + SIZES.node() as u64;
    let names = heap + local_heap::PREFIX as u64;
    let end = names + HEAP as u64;
    let mut file = SIGNATURE.to_vec();
    // Versions, bytes of an address and of a length, sizes of symbol tables, marks.
    file.extend([0, 0, 0, 0, 0, 8, 8, 0]);
    for size in [SIZES.links / 2, SIZES.children / 2, 0, 0] {
        file.extend((size as u16).to_le_bytes());
    }
    push_numbers(&mut file, &[0, UNDEFINED, end, UNDEFINED]);
    // The entry of the root: its name, its header, and that its tree and heap are repeated.
    push_numbers(&mut file, &[0, header, 1, tree, heap]);

    file.extend(group_header());
    let table = SUPERBLOCK + GROUP_TABLE;
    file[table..table + 8].copy_from_slice(&tree.to_le_bytes());
    file[table + 8..table + 16].copy_from_slice(&heap.to_le_bytes());

    file.extend(NODE_SIGNATURE);
    file.extend([0; 3]);
    push_numbers(&mut file, &[UNDEFINED, UNDEFINED]);
    file.resize(heap as usize, 0);

    // The empty name, and behind it nothing but free bytes.
    file.extend(local_heap::SIGNATURE);
    push_numbers(&mut file, &[HEAP as u64, 8, names]);
    push_numbers(&mut file, &[0, local_heap::NOTHING_FREE, HEAP as u64 - 8]);
    file.resize(end as usize, 0);
    file
}

/// A file in the newer format in which nothing is but the root, which has no times.
pub fn new_file() -> Vec<u8> {
    let root = new_group().header();
    let header = NEW_SUPERBLOCK as u64;
    let mut file = SIGNATURE.to_vec();
    file.extend([3, 8, 8, 0]);
    let end = header + root.len() as u64;
    push_numbers(&mut file, &[0, UNDEFINED, end, header]);
    file.extend(lookup3::checksum(&file).to_le_bytes());
    file.extend(root);
    file
}

/// Messages of a header of version 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMessages {
    /// One after the other.
    pub messages: Vec<u8>,
    /// How many bytes there are for these and for more.
    pub room: usize,
}

impl NewMessages {
    fn push(&mut self, kind: u16, flags: u8, content: &[u8]) {
        let size = (content.len() as u16).to_le_bytes();
        self.messages.extend([kind as u8, size[0], size[1], flags]);
        self.messages.extend(content);
    }

    /// The header, filled up.
    fn header(mut self) -> Vec<u8> {
        if let Some(rest) = self
            .room
            .checked_sub(self.messages.len() + NEW_MESSAGE_PREFIX)
        {
            self.push(FILLER, 0, &vec![0; rest]);
        }
        let mut header = object_header::SIGNATURE.to_vec();
        let length = self.messages.len();
        // In how many bytes it is said how long they are.
        match u8::try_from(length) {
            Ok(length) => header.extend([2, 0, length]),
            Err(_) => {
                header.extend([2, 1]);
                header.extend((length as u16).to_le_bytes());
            }
        }
        header.extend(self.messages);
        header.extend(lookup3::checksum(&header).to_le_bytes());
        header
    }
}

/// Where in the messages of a new group it is said where the heap of its links is, and behind that the tree of their names.
pub const NEW_GROUP_PLACES: usize = NEW_MESSAGE_PREFIX + 2;

/// The messages of a group in the newer form whose links are not in a heap, without times: the same groups make the same file.
pub fn new_group() -> NewMessages {
    /// With room for four links with short names.
    const ROOM: usize = 120;
    let mut info = vec![0, 0];
    push_numbers(&mut info, &[UNDEFINED, UNDEFINED]);
    let mut group = NewMessages::default();
    group.push(LINK_INFO, 0, &info);
    group.push(GROUP_INFO, CONSTANT, &[0, 0]);
    group.room = ROOM;
    group
}

/// Where a new group's header says where its tree is, and behind that its heap.
pub const GROUP_TABLE: usize = PREFIX + MESSAGE_PREFIX;

/// The header of a group whose tree and heap are nowhere yet.
pub fn group_header() -> Vec<u8> {
    let mut table = Vec::new();
    push_numbers(&mut table, &[UNDEFINED, UNDEFINED]);
    header(&[(SYMBOL_TABLE, 0, table)], 0)
}

/// A new dataset of which nothing is written.
#[derive(Clone, Debug, Default)]
pub struct NewDataset<'a> {
    /// The message of its datatype.
    pub datatype: Vec<u8>,
    /// The extents.
    pub shape: &'a [u64],
    /// The largest that they can become, as many.
    pub maxshape: &'a [u64],
    /// The extents of a chunk, as many; None if it is in one piece.
    pub chunk: Option<&'a [u64]>,
    /// What chunks go through.
    pub filters: &'a [Filter],
    /// An element that was never written, as in the file, if one is chosen.
    pub fill: Option<&'a [u8]>,
    /// Whether it says that it is filled as soon as there is room for it, and not only where a fill value was chosen.
    pub is_filled: bool,
}

impl NewDataset<'_> {
    /// Its header; None if there is a filter that is not known.
    pub fn header(&self) -> Option<Vec<u8>> {
        let rank = self.shape.len();
        let item = self.datatype.get(4..8)?;
        let mut space = vec![1, rank as u8, u8::from(rank > 0), 0, 0, 0, 0, 0];
        push_numbers(&mut space, self.shape);
        push_numbers(&mut space, self.maxshape);

        // Space is allocated with the first chunk, or all at once when the first element is written.
        let allocated = if self.chunk.is_some() { 3 } else { 2 };
        let filled = if self.is_filled { 0 } else { 2 };
        let fill = self.fill.unwrap_or_default();
        let value = [&(fill.len() as u32).to_le_bytes()[..], fill].concat();
        let filling = [&[2, allocated, filled, 1][..], &value].concat();

        let mut layout = vec![3];
        match self.chunk {
            Some(chunk) => {
                layout.extend([2, rank as u8 + 1]);
                push_numbers(&mut layout, &[UNDEFINED]);
                for &extent in chunk {
                    layout.extend(u32::try_from(extent).ok()?.to_le_bytes());
                }
                layout.extend(item);
            }
            None => {
                layout.push(1);
                push_numbers(&mut layout, &[UNDEFINED]);
                layout.extend(item);
                layout.extend([0; 4]);
            }
        }

        let mut messages = vec![
            (DATASPACE, 0, space),
            (DATATYPE, CONSTANT, self.datatype.clone()),
            (FILL_VALUES[1], CONSTANT, filling),
        ];
        if self.fill.is_some() {
            messages.push((FILL_VALUES[0], CONSTANT, value));
        }
        if !self.filters.is_empty() {
            messages.push((FILTERS, CONSTANT, filters_message(self.filters)?));
        }
        messages.push((LAYOUT, 0, layout));
        Some(header(&messages, MESSAGES))
    }
}

impl NewDataset<'_> {
    /// The messages of its header in the newer form; None if it is not one in one piece.
    pub fn new_messages(&self) -> Option<NewMessages> {
        let is_plain = self.chunk.is_none() && self.fill.is_none();
        let item = self.datatype.get(4..8).filter(|_| is_plain)?;
        let rank = self.shape.len() as u8;
        let has_axes = u8::from(rank > 0);
        let mut space = vec![2, rank, has_axes, has_axes];
        push_numbers(&mut space, self.shape);
        push_numbers(&mut space, self.maxshape);
        let mut layout = vec![3, 1];
        push_numbers(&mut layout, &[UNDEFINED]);
        layout.extend(item);
        layout.extend([0; 4]);
        let mut dataset = NewMessages::default();
        dataset.push(DATASPACE, 0, &space);
        dataset.push(DATATYPE, CONSTANT, &self.datatype);
        // Space is allocated when the first element is written, and filled where a fill value was chosen, or at once.
        let filling = if self.is_filled { 0x02 } else { 0x0A };
        dataset.push(FILL_VALUES[1], CONSTANT, &[3, filling]);
        dataset.push(LAYOUT, 0, &layout);
        dataset.room = MESSAGES.max(dataset.messages.len());
        Some(dataset)
    }
}

/// The message of filters, in version 1.
fn filters_message(chosen: &[Filter]) -> Option<Vec<u8>> {
    let mut message = vec![1, chosen.len() as u8, 0, 0, 0, 0, 0, 0];
    for filter in chosen {
        let (_, kind) = filters::find(filter.id)?;
        let name = kind.stored_name.to_bytes_with_nul();
        let name_length = name.len().next_multiple_of(8);
        let values = &filter.client_data;
        for number in [
            filter.id as u16,
            name_length as u16,
            u16::from(kind.is_optional),
            values.len() as u16,
        ] {
            message.extend(number.to_le_bytes());
        }
        message.extend(name);
        message.resize(message.len() + name_length - name.len(), 0);
        message.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        message.resize(message.len().next_multiple_of(8), 0);
    }
    Some(message)
}

/// The message of the datatype of texts of a fixed length, filled up with zeros.
pub fn text_message(length: u32, is_ascii: bool) -> Vec<u8> {
    let set = if is_ascii { 0 } else { 0x10 };
    [&[0x13, set | 1, 0, 0][..], &length.to_le_bytes()].concat()
}

/// A header of version 1 with these messages, types, flags and contents, which has room for so many bytes of them at least.
fn header(messages: &[(u16, u8, Vec<u8>)], room: usize) -> Vec<u8> {
    let mut content = Vec::with_capacity(room);
    let mut push = |kind: u16, flags: u8, bytes: &[u8], length: usize| {
        content.extend(kind.to_le_bytes());
        content.extend((length as u16).to_le_bytes());
        content.extend([flags, 0, 0, 0]);
        content.extend(bytes);
        content.resize(content.len() + length - bytes.len(), 0);
        content.len()
    };
    let mut end = 0;
    for (kind, flags, bytes) in messages {
        end = push(*kind, *flags, bytes, bytes.len().next_multiple_of(8));
    }
    let rest = room.saturating_sub(end);
    if rest > 0 {
        push(FILLER, 0, &[], rest - MESSAGE_PREFIX);
    }
    let count = messages.len() + usize::from(rest > 0);
    let mut header = vec![1, 0];
    header.extend((count as u16).to_le_bytes());
    // One link.
    header.extend([1, 0, 0, 0]);
    header.extend((content.len() as u32).to_le_bytes());
    header.extend([0; 4]);
    header.extend(content);
    header
}

fn push_numbers(bytes: &mut Vec<u8>, numbers: &[u64]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::super::object_header::number_message;
    use super::*;
    use crate::format::{Form, MAX_RANK};
    use crate::small::attribute::encoded;
    use crate::store::h5::{self, Creation, ElementType, Extent, Order};
    use crate::store::Dtype;

    #[test]
    fn a_file_without_anything_is_as_hdf5_makes_it() {
        assert_eq!(empty_file(), h5::empty_file(Form::OLDEST).unwrap());
        let (made, expected) = (new_file(), h5::empty_file(Form::New).unwrap());
        // HDF5 may have taken some room for what is to come.
        let end = 28..36;
        assert_eq!(made[..end.start], expected[..end.start]);
        let behind = end.end..NEW_ROOT + 8;
        assert_eq!(made[behind.clone()], expected[behind]);
        assert!(lookup3::is_right(&made[..NEW_SUPERBLOCK]));
        assert_eq!(made[NEW_SUPERBLOCK..], expected[NEW_SUPERBLOCK..made.len()]);
    }

    #[test]
    fn groups_are_as_hdf5_makes_them() {
        let (mut expected, made) = (h5::group_header(Form::OLDEST).unwrap(), group_header());
        expected[GROUP_TABLE..GROUP_TABLE + 16].fill(0xFF);
        assert_eq!(made, expected);
        let expected = h5::group_header(Form::New).unwrap();
        assert_eq!(new_group().header(), expected);
    }

    fn check(element: impl Fn() -> ElementType, datatype: &[u8], is_filled: bool) {
        // From some rank on there is more than what is otherwise left free.
        for rank in [0, 1, 2, 7, 10, 11, 12, 13, MAX_RANK] {
            let ones = vec![1; rank];
            let made = NewDataset {
                datatype: datatype.to_vec(),
                shape: &ones,
                maxshape: &ones,
                is_filled,
                ..NewDataset::default()
            };
            let (extent, creation) = (Extent::fixed(&ones), Creation::default());
            let expected = h5::dataset_header(Form::OLDEST, element(), &extent, &creation).unwrap();
            assert_eq!(made.header(), Some(expected), "{datatype:?}, rank {rank}");
            // Of members and names HDF5 has another form there; what is more than its room it puts elsewhere.
            let is_simple = matches!(datatype[0], 0x10 | 0x11 | 0x13 | 0x19);
            if is_simple && rank <= 7 {
                let expected =
                    h5::dataset_header(Form::New, element(), &extent, &creation).unwrap();
                let made = made.new_messages().unwrap().header();
                assert_eq!(made, expected, "{datatype:?}, rank {rank}");
            }
        }
    }

    #[test]
    fn datasets_of_numbers_are_as_hdf5_makes_them() {
        for dtype in Dtype::ALL.into_iter().filter(|dtype| dtype.size() > 0) {
            for order in [None, Some(Order::Little), Some(Order::Big)] {
                let element = || ElementType::stored(dtype, order).unwrap();
                let number = element().number().unwrap().unwrap();
                check(element, &number_message(&number), false);
            }
        }
    }

    #[test]
    fn datasets_of_texts_are_as_hdf5_makes_them() {
        for (length, is_ascii) in [(1, true), (77, true), (1, false), (300, false)] {
            let element = || ElementType::fixed_text(length, is_ascii).unwrap();
            check(element, &text_message(length as u32, is_ascii), false);
        }
        let variable = encoded(Dtype::Text).unwrap();
        check(|| ElementType::variable_text().unwrap(), variable, true);
    }
}
