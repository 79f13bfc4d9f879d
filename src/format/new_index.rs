//! The indexes of chunks that the newer format has, by the layout that says them: an array's slots have the numbers that the chunks have in the
//! largest extents, in C order, the axis without bound first.
//!
//! Formats: IV.A.2.i (layouts of versions 4 and 5), III.A.2 (trees of version 2, records of types 10 and 11).

#![forbid(unsafe_code)]

use super::btree2;
use super::chunk_entry::{ChunkArray, Entry};
use super::chunk_index::{ChunkLayout, IndexKind};
use super::chunk_tree::{Change, TreeChunk};
use super::extensible_array::ExtensibleArray;
use super::fixed_array::FixedArray;
use super::{bytes, lookup3, number64, number_of, Source, Widths, UNDEFINED};
use crate::error::Result;

/// The bytes of the header of a tree, and the largest nodes that are read.
const TREE_HEADER: u64 = 38;
const LARGEST_NODE: u64 = 64 << 10;

/// An index of chunks.
#[derive(Clone, Debug)]
pub struct NewIndex {
    kind: Kind,
    entry: Entry,
    /// The extents of a chunk.
    chunk: Vec<u64>,
    /// How many chunks there can be along each axis, in the order in which they are numbered; the first need not be bounded.
    counts: Vec<u64>,
    /// The axis without bound, which comes first in that order.
    unbounded: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    Single(TreeChunk),
    Implicit(u64),
    Fixed(FixedArray),
    Extensible(ExtensibleArray),
    Tree(u64),
}

impl NewIndex {
    /// The index that a layout says, of chunks of so many bytes of a dataset with these largest extents; `None` if it is none that makes sense.
    pub fn new(
        layout: &ChunkLayout,
        bytes: u32,
        is_filtered: bool,
        maxshape: &[u64],
    ) -> Option<Self> {
        let chunk = layout.unit.split_last()?.1.to_vec();
        let entry = Entry::new(bytes, is_filtered, layout.version);
        let axes = maxshape.iter().zip(&chunk);
        let counts = axes.map(|(&most, &chunk)| match most {
            u64::MAX => Some(u64::MAX),
            most => Some(most.div_ceil(chunk)).filter(|&count| count > 0),
        });
        let mut counts = counts.collect::<Option<Vec<u64>>>()?;
        let free: Vec<usize> = (0..counts.len())
            .filter(|&axis| counts[axis] == u64::MAX)
            .collect();
        let unbounded = free.first().copied().unwrap_or(0);
        counts[..=unbounded].rotate_right(1);
        let all = || {
            let mut counts = counts.iter();
            counts.try_fold(1u64, |all, &count| all.checked_mul(count))
        };
        let kind = match (layout.index, free.len()) {
            (IndexKind::Single { address, filtered }, 0) => {
                (is_filtered == filtered.is_some() && all() == Some(1)).then_some(())?;
                let (stored, mask) = filtered.unwrap_or((bytes.into(), 0));
                Kind::Single(TreeChunk {
                    address,
                    stored: u32::try_from(stored).ok()?,
                    mask,
                })
            }
            (IndexKind::Implicit { address }, 0) if !is_filtered => Kind::Implicit(address),
            (IndexKind::Fixed { header, page_bits }, 0) => {
                Kind::Fixed(FixedArray::new(header, entry, all()?, page_bits)?)
            }
            (IndexKind::Extensible { header, numbers }, 1) => {
                Kind::Extensible(ExtensibleArray::new(header, entry, numbers)?)
            }
            (IndexKind::Tree2 { header }, 2..) => Kind::Tree(header),
            _ => return None,
        };
        // Numbers can be counted behind the first axis.
        let mut behind = counts[1..].iter();
        let is_counted = behind.try_fold(1u64, |all, &count| all.checked_mul(count));
        (matches!(kind, Kind::Tree(_)) || is_counted.is_some()).then_some(Self {
            kind,
            entry,
            chunk,
            counts,
            unbounded,
        })
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.address() == UNDEFINED
    }

    /// Where it is, as the layout says it.
    pub fn address(&self) -> u64 {
        match &self.kind {
            Kind::Single(chunk) => chunk.address,
            Kind::Implicit(address) | Kind::Tree(address) => *address,
            Kind::Fixed(array) => array.header(),
            Kind::Extensible(array) => array.header(),
        }
    }

    /// Whether chunks can be given places in it; others are HDF5's to change.
    pub fn is_changeable(&self) -> bool {
        !matches!(self.kind, Kind::Tree(_) | Kind::Implicit(_))
    }

    /// The number of the chunk with this first element; `None` if there can be none.
    fn number(&self, first: &[u64]) -> Option<u64> {
        let mut coordinates: Vec<u64> = first
            .iter()
            .zip(&self.chunk)
            .map(|(first, chunk)| first / chunk)
            .collect();
        coordinates[..=self.unbounded].rotate_right(1);
        let mut axes = coordinates.iter().zip(&self.counts);
        axes.try_fold(0u64, |number, (&coordinate, &count)| {
            let before = match number {
                0 => 0,
                number => number.checked_mul(count)?,
            };
            (coordinate < count).then_some(())?;
            before.checked_add(coordinate)
        })
    }

    /// The first element of the chunk of a number.
    fn first(&self, mut number: u64, first: &mut [u64]) {
        for axis in (1..self.counts.len()).rev() {
            first[axis] = number % self.counts[axis];
            number /= self.counts[axis];
        }
        first[0] = number;
        first[..=self.unbounded].rotate_left(1);
        for (first, chunk) in first.iter_mut().zip(&self.chunk) {
            *first = first.saturating_mul(*chunk);
        }
    }

    /// Calls `visit` with the first element and the place of each chunk, within these extents and of some beyond; false if something about the index
    /// is not as it has to be, or it has more than `most` slots for chunks, which HDF5 is to look through.
    pub fn each<S: Source + ?Sized>(
        &self,
        source: &S,
        shape: &[u64],
        most: u64,
        mut visit: impl FnMut(&[u64], TreeChunk),
    ) -> Result<bool> {
        if self.is_empty() || shape.contains(&0) {
            return Ok(true);
        }
        let mut are_chunks = true;
        let end = source.end();
        let mut show = |first: &[u64], chunk: TreeChunk| {
            let behind = chunk.address.checked_add(chunk.stored.into());
            are_chunks &= behind.is_some_and(|behind| behind <= end);
            visit(first, chunk);
        };
        if let Kind::Tree(header) = self.kind {
            let is_sound = self.each_record(source, header, most, &mut show)?;
            return Ok(is_sound && are_chunks);
        }
        let last: Vec<u64> = shape.iter().map(|extent| extent - 1).collect();
        let Some(slots) = self.number(&last).and_then(|last| last.checked_add(1)) else {
            return Ok(false);
        };
        if slots > most {
            return Ok(false);
        }
        let mut first = vec![0; shape.len()];
        let mut each = |number: u64, chunk: TreeChunk| {
            self.first(number, &mut first);
            show(&first, chunk);
        };
        let is_sound = match &self.kind {
            Kind::Single(chunk) => {
                each(0, *chunk);
                true
            }
            Kind::Implicit(address) => {
                for number in 0..slots {
                    let place = number.checked_mul(self.entry.whole().into());
                    let place = place.and_then(|place| address.checked_add(place));
                    let chunk = TreeChunk {
                        address: place.unwrap_or(UNDEFINED),
                        stored: self.entry.whole(),
                        mask: 0,
                    };
                    each(number, chunk);
                }
                true
            }
            Kind::Fixed(array) => array.each(source, slots, &mut each)?,
            Kind::Extensible(array) => array.each(source, slots, &mut each)?,
            Kind::Tree(_) => false,
        };
        Ok(is_sound && are_chunks)
    }

    /// As [`each`](Self::each), of a tree of at most so many records.
    fn each_record<S: Source + ?Sized>(
        &self,
        source: &S,
        header: u64,
        most: u64,
        show: &mut dyn FnMut(&[u64], TreeChunk),
    ) -> Result<bool> {
        let header = bytes(source, header, TREE_HEADER)?;
        let kind = 10 + self.entry.class();
        let length = self.entry.length() + 8 * self.chunk.len();
        let is_right = |header: &Vec<u8>| {
            header.starts_with(b"BTHD\0")
                && header[5] == kind
                && number_of(header, 10, 2) == Some(length as u64)
                && lookup3::is_right(header)
        };
        let Some(header) = header.filter(is_right) else {
            return Ok(false);
        };
        if number64(&header, 16) == Some(UNDEFINED) {
            return Ok(true);
        }
        let size = number_of(&header, 6, 4).unwrap_or(u64::MAX);
        let root = btree2::root(&header, Widths::USUAL, source.end());
        let root = root.filter(|(_, root)| size <= LARGEST_NODE && root.all() <= most);
        let Some(root) = root else {
            return Ok(false);
        };
        let mut walk = Walk {
            index: self,
            source,
            size,
            latest: None,
            show,
        };
        walk.node(root)
    }

    /// Says where the chunk with this first element is: what is to be written for that, in this order, and what the layout is to say of the index then. `None` if the index is not as it has to be,
    /// or none that [is changed](Self::is_changeable).
    pub fn put<S: Source + ?Sized>(
        &mut self,
        source: &S,
        first: &[u64],
        chunk: TreeChunk,
        allocate: &mut dyn FnMut(usize) -> Result<u64>,
    ) -> Result<Option<Vec<Change>>> {
        let Some(number) = self.number(first) else {
            return Ok(None);
        };
        match &mut self.kind {
            Kind::Single(single) => {
                let is_one = self.entry.of(chunk).is_some();
                if is_one {
                    *single = chunk;
                }
                Ok(is_one.then(Vec::new))
            }
            Kind::Fixed(array) => array.put(source, number, chunk, allocate),
            Kind::Extensible(array) => array.put(source, number, chunk, allocate),
            Kind::Implicit(_) | Kind::Tree(_) => Ok(None),
        }
    }

    /// What the layout says of it, up to its address: of a single chunk with filters what is said of that, too.
    pub fn in_layout(&self) -> Vec<u8> {
        let mut said = Vec::new();
        if let (Kind::Single(chunk), 1) = (&self.kind, self.entry.class()) {
            said.extend(u64::from(chunk.stored).to_le_bytes());
            said.extend(chunk.mask.to_le_bytes());
        }
        said.extend(self.address().to_le_bytes());
        said
    }
}

/// A walk through a tree of version 2.
struct Walk<'a, S: ?Sized> {
    index: &'a NewIndex,
    source: &'a S,
    /// Bytes of a node.
    size: u64,
    /// The coordinates of the chunk that was shown last: a search finds what comes in order.
    latest: Option<Vec<u64>>,
    show: &'a mut dyn FnMut(&[u64], TreeChunk),
}

impl<S: Source + ?Sized> Walk<'_, S> {
    /// Shows the chunks of a node and of those below it; false if something is not as it has to be.
    fn node(&mut self, (place, node): btree2::Place) -> Result<bool> {
        let Some(bytes) = bytes(self.source, place, self.size)? else {
            return Ok(false);
        };
        let Some(records) = node.own(&bytes) else {
            return Ok(false);
        };
        // Each is one level lower, so that this ends.
        let mut below = match node.leads_on() {
            true => match node.below(&bytes) {
                Some(below) => below,
                None => return Ok(false),
            },
            false => Vec::new(),
        }
        .into_iter();
        for record in records {
            if let Some(below) = below.next() {
                if !self.node(below)? {
                    return Ok(false);
                }
            }
            if !self.record(record) {
                return Ok(false);
            }
        }
        match below.next() {
            Some(last) => self.node(last),
            None => Ok(true),
        }
    }

    /// Shows the chunk of a record; false if it is none, or not in order.
    fn record(&mut self, record: &[u8]) -> bool {
        let index = self.index;
        let (entry, scaled) = record.split_at(index.entry.length());
        let scaled: Option<Vec<u64>> = (0..index.chunk.len())
            .map(|axis| number64(scaled, 8 * axis))
            .collect();
        let (Some(chunk), Some(scaled)) = (index.entry.chunk(entry), scaled) else {
            return false;
        };
        let axes = scaled.iter().zip(&index.chunk);
        let first: Option<Vec<u64>> = axes
            .map(|(&coordinate, &chunk)| coordinate.checked_mul(chunk))
            .collect();
        let is_next = self.latest.as_ref().is_none_or(|latest| *latest < scaled);
        self.latest = Some(scaled);
        match first.filter(|_| is_next) {
            Some(first) => {
                (self.show)(&first, chunk);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// A layout of version 4 of chunks of these extents of 8-byte elements, whose index is of a kind and says so much of itself.
    fn layout(chunk: &[u8], kind: u8, own: &[u8]) -> ChunkLayout {
        let flags = if kind == 1 && !own.is_empty() { 2 } else { 0 };
        let mut layout = vec![4, 2, flags, chunk.len() as u8 + 1, 1];
        layout.extend(chunk);
        layout.extend([8, kind]);
        layout.extend(own);
        layout.extend(UNDEFINED.to_le_bytes());
        ChunkLayout::of(&layout, Widths::USUAL).unwrap()
    }

    /// As HDF5 lays fixed and extensible arrays out.
    const FIXED: &[u8] = &[10];
    const EXTENSIBLE: &[u8] = &[32, 4, 4, 16, 10];

    fn index(layout: &ChunkLayout, is_filtered: bool, maxshape: &[u64]) -> Option<NewIndex> {
        let bytes: u64 = layout.unit.iter().product();
        NewIndex::new(layout, bytes as u32, is_filtered, maxshape)
    }

    /// A file that grows.
    struct File(Vec<u8>);

    impl File {
        fn put(&mut self, index: &mut NewIndex, first: &[u64], chunk: TreeChunk) {
            let mut end = self.0.len() as u64;
            let mut allocate = |length: usize| {
                end += length as u64;
                Ok(end - length as u64)
            };
            let changes = index.put(&self.0[..], first, chunk, &mut allocate);
            self.0.resize(end as usize, 0);
            for Change { place, bytes } in changes.unwrap().unwrap() {
                let place = place as usize;
                self.0[place..place + bytes.len()].copy_from_slice(&bytes);
            }
        }
    }

    fn chunks(file: &[u8], index: &NewIndex, shape: &[u64]) -> Option<Vec<(Vec<u64>, TreeChunk)>> {
        let mut found = Vec::new();
        let is_sound = index.each(file, shape, 1 << 20, |first, chunk| {
            found.push((first.to_vec(), chunk));
        });
        is_sound.unwrap().then(|| {
            found.sort_by(|one, other| one.0.cmp(&other.0));
            found
        })
    }

    #[test]
    fn chunks_are_found_where_they_were_put() {
        const NONE: u64 = u64::MAX;
        let mut seed = 7u64;
        let mut next = || {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            seed >> 33
        };
        for (kind, chunk, shape, maxshape) in [
            (3, [2, 3], [20u64, 30], [21, 30]),
            (3, [1, 1], [90, 30], [100, 30]),
            (4, [2, 3], [20, 9], [NONE, 11]),
            (4, [1, 2], [9000, 9], [NONE, 9]),
            (4, [2, 1], [9, 800], [10, NONE]),
        ] {
            let own = if kind == 3 { FIXED } else { EXTENSIBLE };
            for is_filtered in [false, true] {
                let layout = layout(&chunk, kind, own);
                let mut index = index(&layout, is_filtered, &maxshape).unwrap();
                let mut file = File(vec![0; 64]);
                let mut expected = BTreeMap::new();
                for _ in 0..400 {
                    let coordinate = |axis: usize, any: u64| {
                        let chunk = u64::from(chunk[axis]);
                        any % shape[axis].div_ceil(chunk) * chunk
                    };
                    let first = vec![coordinate(0, next()), coordinate(1, next())];
                    let chunk = TreeChunk {
                        address: next() % 64,
                        stored: match is_filtered {
                            true => (next() % 5) as u32,
                            false => index.entry.whole(),
                        },
                        mask: if is_filtered { (next() % 3) as u32 } else { 0 },
                    };
                    file.put(&mut index, &first, chunk);
                    expected.insert(first, chunk);
                }
                let expected: Vec<_> = expected.into_iter().collect();
                assert_eq!(chunks(&file.0, &index, &shape), Some(expected));
                // Every byte of it has a checksum; but pages that were never written have none.
                let has_pages = file.0.len() > 10_000;
                for at in (64..file.0.len()).step_by(7).filter(|_| !has_pages) {
                    let mut damaged = file.0.clone();
                    damaged[at] ^= 0x10;
                    assert_eq!(chunks(&damaged, &index, &shape), None, "{at}");
                }
                assert_eq!(chunks(&file.0[..file.0.len() - 1], &index, &shape), None);
            }
        }
    }

    #[test]
    fn the_only_chunk_is_in_the_layout() {
        let filtered = [[0; 8].to_vec(), vec![0; 4]].concat();
        let mut file = File(vec![0; 512]);
        for own in [&[][..], &filtered] {
            let layout = layout(&[5], 1, own);
            let mut index = index(&layout, !own.is_empty(), &[5]).unwrap();
            assert!(index.is_empty());
            let chunk = TreeChunk {
                address: 7,
                stored: if own.is_empty() { 40 } else { 11 },
                mask: own.len().min(1) as u32,
            };
            file.put(&mut index, &[0], chunk);
            assert_eq!(chunks(&file.0, &index, &[5]), Some(vec![(vec![0], chunk)]));
            assert_eq!(index.in_layout().len(), own.len() + 8);
        }
    }

    #[test]
    fn what_makes_no_sense_is_no_index() {
        let fixed = layout(&[2], 3, FIXED);
        assert!(index(&fixed, false, &[u64::MAX]).is_none());
        assert!(index(&fixed, false, &[1 << 60]).is_none());
        let extensible = layout(&[2], 4, EXTENSIBLE);
        assert!(index(&extensible, false, &[9]).is_none());
        assert!(index(&extensible, false, &[u64::MAX]).is_some());
        for at in 0..5 {
            for wrong in [0, 255] {
                let mut own = EXTENSIBLE.to_vec();
                own[at] = wrong;
                let found = index(&layout(&[2], 4, &own), false, &[u64::MAX]);
                // Any number of slots will do in the index block.
                assert_eq!(found.is_some(), (at, wrong) == (1, 255), "{at}");
            }
        }
        let single = layout(&[5], 1, &[]);
        assert!(index(&single, true, &[5]).is_none());
        assert!(index(&single, false, &[6]).is_none());
        assert!(index(&layout(&[2, 2], 5, &[0; 6]), false, &[u64::MAX, 4]).is_none());
    }
}
