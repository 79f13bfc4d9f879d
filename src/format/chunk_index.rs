//! The indexes of chunks: whether a program that trusts the bytes can list what is in one.
//!
//! Formats: III.A.1 (B-trees of version 1), III.A.2 (of version 2), IV.A.2.i (layout), VII.C (fixed arrays),
//! VII.D (extensible arrays).

#![forbid(unsafe_code)]

use super::object_header::{content, FoundMessage, LAYOUT};
use super::{bytes, number32, number_of, Source, Widths, UNDEFINED};
use crate::error::{Error, Result};

/// A tree of more levels is damaged: each level has at least twice as many nodes as the one above.
const DEPTH: u64 = 64;

/// How the chunks of a dataset are found, and where; [`UNDEFINED`] where nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// A tree of version 1.
    Tree1 {
        /// Where its root is.
        root: u64,
    },
    /// The only chunk.
    Single {
        /// Where it is.
        address: u64,
        /// Its bytes there and the filters that it went past, of one with filters.
        filtered: Option<(u64, u32)>,
    },
    /// One after the other.
    Implicit {
        /// Where the first is.
        address: u64,
    },
    /// An array of fixed size.
    Fixed {
        /// Where its header is.
        header: u64,
        /// The binary logarithm of the slots of a page.
        page_bits: u8,
    },
    /// An array that grows.
    Extensible {
        /// Where its header is.
        header: u64,
        /// How it is laid out: the bits of a number of a slot, the slots of the index block, the least blocks of a secondary block, the
        /// least slots of a block, and the binary logarithm of the slots of a page.
        numbers: [u8; 5],
    },
    /// A tree of version 2.
    Tree2 {
        /// Where its header is.
        header: u64,
    },
}

/// What a layout message says of chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkLayout {
    /// The version of the message.
    pub version: u8,
    /// The extents of a chunk, and the bytes of an element behind them.
    pub unit: Vec<u64>,
    /// Its flags, of a newer one.
    pub flags: u8,
    /// How chunks are found.
    pub index: IndexKind,
    /// Where in the message it says where they are; before that, of a chunk with filters, its bytes there and the filters that it went past.
    pub place: usize,
}

/// The flag of a layout whose only chunk has filters.
const SINGLE_FILTERED: u8 = 2;

impl ChunkLayout {
    /// What a layout message says; `None` if it is not that of a dataset in chunks.
    pub fn of(layout: &[u8], widths: Widths) -> Option<Self> {
        let numbers = |at: usize, width: usize, count: u8| {
            let fields = (0..usize::from(count)).map(move |axis| (at + width * axis, width));
            let numbers = fields.map(|(at, width)| number_of(layout, at, width));
            numbers.collect::<Option<Vec<u64>>>()
        };
        let address_at = |at: usize| number_of(layout, at, widths.address);
        let tree1 = |place: usize, dimensions: u8| {
            Some(Self {
                version: *layout.first()?,
                unit: numbers(place + widths.address, 4, dimensions)?,
                flags: 0,
                index: IndexKind::Tree1 {
                    root: address_at(place)?,
                },
                place,
            })
        };
        match *layout.get(..3)? {
            [1 | 2, dimensions, 2] => tree1(8, dimensions),
            [3, 2, dimensions] => tree1(3, dimensions),
            [version @ (4 | 5), 2, flags] => {
                let (dimensions, width) = (*layout.get(3)?, usize::from(*layout.get(4)?));
                let at = 5 + usize::from(dimensions) * width;
                let own = at + 1;
                let kind = *layout.get(at)?;
                let is_filtered = kind == 1 && flags & SINGLE_FILTERED != 0;
                // What each kind says of itself before its address.
                let place = own
                    + match kind {
                        1 if is_filtered => widths.length + 4,
                        1 | 2 => 0,
                        3 => 1,
                        4 => 5,
                        5 => 6,
                        _ => return None,
                    };
                let address = address_at(place)?;
                let index = match kind {
                    1 => IndexKind::Single {
                        address,
                        filtered: match is_filtered {
                            true => Some((
                                number_of(layout, own, widths.length)?,
                                number32(layout, own + widths.length)?,
                            )),
                            false => None,
                        },
                    },
                    2 => IndexKind::Implicit { address },
                    3 => IndexKind::Fixed {
                        header: address,
                        page_bits: *layout.get(own)?,
                    },
                    4 => IndexKind::Extensible {
                        header: address,
                        numbers: layout.get(own..own + 5)?.try_into().ok()?,
                    },
                    _ => IndexKind::Tree2 { header: address },
                };
                Some(Self {
                    version,
                    unit: numbers(5, width, dimensions)?,
                    flags,
                    index,
                    place,
                })
            }
            _ => None,
        }
    }
}

/// Whether the chunks of the dataset with this header can be listed by a program that trusts the bytes, in a time
/// that `most` slots for chunks justify, and a search for each chunk finds what the list says. What such a program
/// finds out for itself is no matter here. The extents that the dataset may have are for so many `chunks`.
///
/// # Errors
/// `Format` where no program must look for a chunk: the index has fewer slots than there can be chunks.
pub fn is_listable<S: Source + ?Sized>(
    source: &S,
    header: &[FoundMessage],
    chunks: u64,
    most: u64,
    widths: Widths,
) -> Result<bool> {
    let layout = content(header, LAYOUT);
    let Some(layout) = layout.and_then(|layout| ChunkLayout::of(layout, widths)) else {
        return Ok(false);
    };
    let length = widths.length;
    let field = |address: u64, signature: &[u8], at: usize, width: usize| -> Result<Option<u64>> {
        let found = bytes(source, address, (at + width) as u64)?;
        let found = found.filter(|found| found.starts_with(signature));
        Ok(found.and_then(|found| number_of(&found, at, width)))
    };
    match layout.index {
        // Nothing was written, or what is computed from the extents.
        IndexKind::Tree1 { root: UNDEFINED }
        | IndexKind::Fixed {
            header: UNDEFINED, ..
        }
        | IndexKind::Extensible {
            header: UNDEFINED, ..
        }
        | IndexKind::Tree2 { header: UNDEFINED }
        | IndexKind::Single { .. }
        | IndexKind::Implicit { .. } => Ok(true),
        // What cannot be read ends HDF5's walk with an error.
        IndexKind::Tree1 { root } => {
            let key = 8 + 8 * layout.unit.len();
            tree1_is_sound(source, (root, key), widths, Gaps::LeftOut, &mut |_, _| ())
        }
        // HDF5 comes down as many levels as the header says.
        IndexKind::Tree2 { header } => {
            let depth = field(header, b"BTHD", 12, 2)?;
            Ok(depth.is_none_or(|depth| depth < DEPTH))
        }
        // HDF5 looks at each slot that the header counts, whether there is anything or not, and for a chunk whose slot
        // the array does not have, past its end.
        IndexKind::Fixed { header, .. } => match field(header, b"FAHD", 8, length)? {
            Some(slots) if slots < chunks => Err(too_few()),
            slots => Ok(slots.is_none_or(|slots| slots == chunks && slots <= most)),
        },
        IndexKind::Extensible { header, .. } => {
            let used = field(header, b"EAHD", 12 + 4 * length, length)?;
            let bits = field(header, b"EAHD", 7, 1)?;
            // HDF5 looks for a chunk below the number that was used, whatever its blocks have room for.
            match (used, bits) {
                (Some(used), Some(bits @ 0..=63)) if used.min(chunks) > 1 << bits => Err(too_few()),
                (used, _) => Ok(used.is_none_or(|used| used <= most)),
            }
        }
    }
}

fn too_few() -> Error {
    Error::format(
        "the index of its chunks has fewer slots than the dataset has chunks: the file is damaged",
    )
}

/// A node of a tree of version 1 that is still to be looked at.
struct ChunkNode {
    address: u64,
    /// Its level, where that is known.
    level: Option<u64>,
    /// Its first key is none below the first of these, and all chunks in it lie before the second.
    within: Option<(Vec<u8>, Vec<u8>)>,
}

/// What becomes of a node that cannot be read, or is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    /// The tree goes on without it.
    LeftOut,
    /// The tree is not sound.
    Refused,
}

/// Whether a tree of version 1 ends, and a search by key finds in it all that a walk does. `visit` gets the key and the child of each chunk, in
/// the order of the tree; it is shown some of a tree that is not sound, too.
///
/// The tree is given by the address of its root, and the bytes of a key.
pub(super) fn tree1_is_sound<S: Source + ?Sized>(
    source: &S,
    (root, key): (u64, usize),
    widths: Widths,
    gaps: Gaps,
    visit: &mut impl FnMut(&[u8], u64),
) -> Result<bool> {
    let head = 8 + 2 * widths.address;
    let step = key + widths.address;
    let mut left = source.end() / head as u64 + 1;
    let mut nodes = vec![ChunkNode {
        address: root,
        level: None,
        within: None,
    }];
    while let Some(ChunkNode {
        address,
        level: expected,
        within,
    }) = nodes.pop()
    {
        let Some(rest) = left.checked_sub(1) else {
            return Ok(false);
        };
        left = rest;
        let start = bytes(source, address, 8)?.filter(|start| start.starts_with(b"TREE\x01"));
        let Some(start) = start else {
            match gaps {
                Gaps::LeftOut => continue,
                Gaps::Refused => return Ok(false),
            }
        };
        let (level, count) = (u64::from(start[5]), number32(&start, 4).unwrap_or(0) >> 16);
        if level >= DEPTH || expected.is_some_and(|expected| expected != level) {
            return Ok(false);
        }
        let count = count as usize;
        let length = head + step * count + key;
        let Some(node) = bytes(source, address, length as u64)? else {
            match gaps {
                Gaps::LeftOut => continue,
                Gaps::Refused => return Ok(false),
            }
        };
        // In the order of the coordinates, as bytes.
        let keys: Vec<Vec<u8>> = (0..=count)
            .map(|number| order(&node[head + step * number..][..key]))
            .collect();
        // The last coordinate is that of a byte within an element.
        let is_in_order = keys
            .windows(2)
            .all(|pair| pair[0] < pair[1] && pair[0].ends_with(&[0; 8]));
        let is_inside = within
            .is_none_or(|(first, end)| count == 0 || (first <= keys[0] && keys[count - 1] < end));
        if !is_in_order || !is_inside {
            return Ok(false);
        }
        let child = |number: usize| {
            let at = head + step * number + key;
            number_of(&node, at, widths.address).unwrap_or(UNDEFINED)
        };
        if level == 0 {
            for number in 0..count {
                visit(&node[head + step * number..][..key], child(number));
            }
            continue;
        }
        // The first one comes next.
        for (number, pair) in keys.windows(2).enumerate().rev() {
            nodes.push(ChunkNode {
                address: child(number),
                level: Some(level - 1),
                within: Some((pair[0].clone(), pair[1].clone())),
            });
        }
    }
    Ok(true)
}

/// The coordinates in a key, such that their bytes compare as the coordinates do.
fn order(key: &[u8]) -> Vec<u8> {
    let coordinates = key[8..].chunks_exact(8);
    coordinates
        .flat_map(|number| number.iter().rev().copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with one layout message.
    fn header(content: &[u8]) -> Vec<FoundMessage> {
        vec![FoundMessage {
            kind: LAYOUT,
            flags: 0,
            content: content.to_vec(),
        }]
    }

    fn is_listable_within(file: &[u8], layout: &[u8], most: u64) -> bool {
        is_listable(file, &header(layout), 1000, most, Widths::USUAL).unwrap()
    }

    /// A node of a tree over a dataset of one axis, whose chunks have one element from `first` on.
    fn node(level: u8, first: u64, step: u64, children: &[u64]) -> Vec<u8> {
        let mut node = b"TREE\x01".to_vec();
        node.push(level);
        node.extend((children.len() as u16).to_le_bytes());
        node.extend([0xFF; 16]);
        let key = |number: u64| [[0; 8], (first + step * number).to_le_bytes(), [0; 8]].concat();
        for (number, child) in children.iter().enumerate() {
            node.extend(key(number as u64));
            node.extend(child.to_le_bytes());
        }
        node.extend(key(children.len() as u64));
        node.resize(128, 0);
        node
    }

    #[test]
    fn a_tree_that_leads_back_into_itself_is_not_listable() {
        let mut layout = vec![3, 2, 2];
        layout.extend(0u64.to_le_bytes());
        layout.extend([4, 0, 0, 0, 8, 0, 0, 0]);
        let is_listable = |nodes: [Vec<u8>; 3]| is_listable_within(&nodes.concat(), &layout, 10);
        let leaves = || (node(0, 0, 1, &[9, 9]), node(0, 2, 1, &[9, 9]));
        let (one, other) = leaves();
        assert!(is_listable([node(1, 0, 2, &[128, 256]), one, other]));
        // A child that is its parent, of the same level or said to be lower.
        let (one, other) = leaves();
        assert!(!is_listable([node(1, 0, 2, &[128, 0]), one, other]));
        let (one, other) = leaves();
        assert!(!is_listable([node(2, 0, 2, &[128, 256]), one, other]));
        // Chunks where no search would look for them, and keys that are not in order.
        let (one, other) = leaves();
        assert!(!is_listable([node(1, 0, 2, &[256, 128]), one, other]));
        let (one, _) = leaves();
        assert!(!is_listable([
            node(1, 0, 2, &[128, 256]),
            one,
            node(0, 2, 0, &[9, 9])
        ]));
        // The same leaf, over and over, in levels that get lower as they should.
        let levels: Vec<Vec<u8>> = (0..60u8)
            .map(|level| node(60 - level, 0, 1, &[128 * (u64::from(level) + 1); 2]))
            .collect();
        assert!(!is_listable_within(&levels.concat(), &layout, 10));
        let (one, other) = leaves();
        let whole = [node(1, 0, 2, &[128, 256]), one, other].concat();
        // What ends HDF5's walk with an error is its own business.
        assert!(is_listable_within(&whole[..40], &layout, 10));
    }

    #[test]
    fn arrays_of_more_slots_than_the_dataset_has_are_not_listable() {
        let mut fixed = b"FAHD\0\0\x08\x0A".to_vec();
        fixed.extend(1000u64.to_le_bytes());
        fixed.extend([0; 12]);
        let mut extensible = b"EAHD\0\0\x08\x20\x04\x10\x04\x0A".to_vec();
        for number in [0u64, 0, 0, 0, 1000, 0, 0] {
            extensible.extend(number.to_le_bytes());
        }
        let mut tree = b"BTHD\0\x0A".to_vec();
        tree.extend([0, 8, 0, 0, 24, 0, 200, 0, 100, 40]);
        for (kind, own, file) in [(3, 1, &fixed), (4, 5, &extensible)] {
            let mut layout = vec![4, 2, 0, 2, 1, 4, 8, kind];
            layout.resize(8 + own, 0);
            layout.extend(0u64.to_le_bytes());
            assert!(is_listable_within(file, &layout, 1000));
            assert!(!is_listable_within(file, &layout, 999));
            let within =
                |chunks| is_listable(&file[..], &header(&layout), chunks, 2000, Widths::USUAL);
            // An array that grows has slots for what was written.
            assert_eq!(within(1001).ok(), (kind == 4).then_some(true));
            assert_eq!(within(999), Ok(kind == 4));
            // Room for 2⁹ chunks of 1000.
            let mut small = file.clone();
            small[7] = 9;
            let small = is_listable(&small[..], &header(&layout), 1000, 2000, Widths::USUAL);
            assert_eq!(small.is_ok(), kind == 3);
        }
        let mut layout = vec![4, 2, 0, 2, 1, 4, 8, 5, 0, 8, 0, 0, 100, 40];
        layout.extend(0u64.to_le_bytes());
        assert!(!is_listable_within(&tree, &layout, 1000));
        tree[12] = 2;
        assert!(is_listable_within(&tree, &layout, 1000));
    }
}
