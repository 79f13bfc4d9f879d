//! Bytes that were written below the committed end of a file and wait for the next commit.
//!
//! The extents are disjoint. A later write changes the extents it meets where they are, and
//! becomes new extents in the gaps between them, so that nothing is held twice however often
//! a step rewrites the same data.

#![forbid(unsafe_code)]

use super::checksum::checksum;
use super::hooks::{self, Mutant};
use super::spill::Journal;
use std::collections::BTreeMap;
use std::io;

/// A write of at least this size goes to the journal at once, in pieces of this size.
pub const LARGE: usize = 1 << 20;
/// Small writes that follow each other are joined up to this size.
const MOST_JOINED: usize = 1 << 18;
/// When memory runs short, extents from this size on leave it first.
const WORTH_MOVING: usize = 4096;

/// Where an extent's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In memory.
    Memory(Vec<u8>),
    /// In the journal.
    Spilled {
        /// Where in the journal.
        offset: u64,
        /// How many.
        length: u64,
        /// Their checksum, unless a part was changed since it was computed.
        checksum: Option<u64>,
    },
    /// Nowhere: this many zeros.
    Zeros(u64),
}

impl Content {
    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        match self {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Spilled { length, .. } | Content::Zeros(length) => *length,
        }
    }
}

/// The waiting bytes.
#[derive(Debug)]
pub struct Overlay {
    extents: BTreeMap<u64, Content>,
    memory: usize,
    limit: usize,
    spills: bool,
}

/// The range of an index type, in bytes of memory. A file is never that large.
fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

impl Overlay {
    /// An empty overlay that holds at most about `limit` bytes in memory.
    pub fn new(limit: usize) -> Self {
        Self {
            extents: BTreeMap::new(),
            memory: 0,
            limit,
            spills: true,
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// The bytes held in memory.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// The extents, by ascending address.
    pub fn extents(&self) -> impl DoubleEndedIterator<Item = (u64, &Content)> {
        self.extents
            .iter()
            .map(|(address, content)| (*address, content))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.extents.len()
    }

    /// Whether any waiting byte lies in the range.
    pub fn touches(&self, address: u64, length: u64) -> bool {
        self.overlapping(address, address.saturating_add(length))
            .next()
            .is_some()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.extents.clear();
        self.memory = 0;
    }

    /// Sends nothing more to the journal: what comes now is soon forgotten.
    pub fn keep_in_memory(&mut self) {
        self.spills = false;
    }

    /// Adds an extent where there is none yet.
    pub fn insert(&mut self, address: u64, content: Content) {
        if let Content::Memory(bytes) = &content {
            self.memory += bytes.len();
        }
        self.extents.insert(address, content);
    }

    /// The extents that meet `[start, end)`, the first of which may begin before.
    fn overlapping(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, &Content)> {
        let first = self
            .extents
            .range(..start)
            .next_back()
            .filter(|(address, content)| **address + content.length() > start)
            .map_or(start, |(address, _)| *address);
        self.extents
            .range(first..end.max(first))
            .map(|(address, content)| (*address, content))
    }

    /// Puts the waiting bytes of `[address, address + buffer.len())` into the buffer.
    pub fn read(&self, address: u64, buffer: &mut [u8], journal: &Journal) -> io::Result<()> {
        let end = address + buffer.len() as u64;
        for (start, content) in self.overlapping(address, end) {
            let from = start.max(address);
            let to = (start + content.length()).min(end);
            let target = &mut buffer[index(from - address)..index(to - address)];
            match content {
                Content::Memory(bytes) => {
                    target.copy_from_slice(&bytes[index(from - start)..index(to - start)]);
                }
                Content::Spilled { offset, .. } => {
                    journal
                        .open_file()?
                        .read_at(target, offset + (from - start))?;
                }
                Content::Zeros(_) => target.fill(0),
            }
        }
        Ok(())
    }

    /// Whether one extent in memory or in the journal holds the whole range.
    pub fn covers(&self, address: u64, length: u64) -> bool {
        self.overlapping(address, address + length)
            .next()
            .is_some_and(|(start, content)| {
                start <= address && start + content.length() >= address + length
            })
    }

    /// Keeps bytes for the next commit.
    pub fn write(&mut self, address: u64, data: &[u8], journal: &mut Journal) -> io::Result<()> {
        let end = address + data.len() as u64;
        let met: Vec<u64> = self
            .overlapping(address, end)
            .map(|(start, _)| start)
            .collect();
        let large = data.len() >= LARGE && self.spills;
        let mut position = address;
        for start in met {
            if start > position {
                let gap = &data[index(position - address)..index(start - address)];
                self.insert_data(position, gap, large, journal)?;
                position = start;
            }
            if !self.spills {
                self.fetch(start, journal)?;
            }
            let Some(content) = self.extents.get_mut(&start) else {
                continue;
            };
            let to = (start + content.length()).min(end);
            let part = &data[index(position - address)..index(to - address)];
            let within = position - start;
            match content {
                Content::Memory(bytes) => {
                    bytes[index(within)..index(to - start)].copy_from_slice(part);
                }
                Content::Spilled {
                    offset,
                    length,
                    checksum: sum,
                } => {
                    journal.file()?.write_at(part, *offset + within)?;
                    *sum = (*length == part.len() as u64).then(|| checksum(part));
                }
                Content::Zeros(length) => {
                    let old_end = start + *length;
                    if within > 0 {
                        *length = within;
                    } else {
                        self.extents.remove(&start);
                    }
                    if old_end > to {
                        self.extents.insert(to, Content::Zeros(old_end - to));
                    }
                    self.insert_data(position, part, large, journal)?;
                }
            }
            position = to;
        }
        if position < end {
            self.insert_data(position, &data[index(position - address)..], large, journal)?;
        }
        if self.memory > self.limit && self.spills && !hooks::mutant(Mutant::UnlimitedOverlay) {
            self.relieve(journal)?;
        }
        Ok(())
    }

    /// Brings an extent from the journal into memory.
    fn fetch(&mut self, start: u64, journal: &Journal) -> io::Result<()> {
        if let Some(content) = self.extents.get_mut(&start) {
            if let Content::Spilled { offset, length, .. } = content {
                let mut bytes = vec![0; index(*length)];
                journal.open_file()?.read_at(&mut bytes, *offset)?;
                self.memory += bytes.len();
                *content = Content::Memory(bytes);
            }
        }
        Ok(())
    }

    /// Adds bytes where there are none yet.
    fn insert_data(
        &mut self,
        address: u64,
        data: &[u8],
        large: bool,
        journal: &mut Journal,
    ) -> io::Result<()> {
        if large {
            let mut start = address;
            for piece in data.chunks(LARGE) {
                let offset = journal.append(piece)?;
                let length = piece.len() as u64;
                let sum = Some(checksum(piece));
                self.extents.insert(
                    start,
                    Content::Spilled {
                        offset,
                        length,
                        checksum: sum,
                    },
                );
                start += length;
            }
            return Ok(());
        }
        self.memory += data.len();
        if let Some((start, Content::Memory(bytes))) = self.extents.range_mut(..address).next_back()
        {
            if *start + bytes.len() as u64 == address && bytes.len() + data.len() <= MOST_JOINED {
                bytes.extend_from_slice(data);
                return Ok(());
            }
        }
        self.extents.insert(address, Content::Memory(data.to_vec()));
        Ok(())
    }

    /// Moves extents from memory to the journal: the larger ones, and all if that is too little.
    fn relieve(&mut self, journal: &mut Journal) -> io::Result<()> {
        self.spill(WORTH_MOVING, journal)?;
        if self.memory > self.limit / 2 {
            self.spill(1, journal)?;
        }
        Ok(())
    }

    fn spill(&mut self, smallest: usize, journal: &mut Journal) -> io::Result<()> {
        let mut batch: Vec<u8> = Vec::new();
        let mut members: Vec<(u64, u64)> = Vec::new();
        let mut leaving: Vec<u64> = self
            .extents
            .iter()
            .filter(
                |(_, content)| matches!(content, Content::Memory(bytes) if bytes.len() >= smallest),
            )
            .map(|(address, _)| *address)
            .collect();
        while !leaving.is_empty() || !members.is_empty() {
            let next = leaving.first().copied();
            let full = batch.len() >= LARGE || next.is_none();
            if full {
                let offset = journal.append(&batch)?;
                for (address, within) in members.drain(..) {
                    if let Some(content) = self.extents.get_mut(&address) {
                        let length = content.length();
                        let bytes = &batch[index(within)..index(within + length)];
                        let sum = Some(checksum(bytes));
                        *content = Content::Spilled {
                            offset: offset + within,
                            length,
                            checksum: sum,
                        };
                        self.memory -= index(length);
                    }
                }
                batch.clear();
            }
            // The batches are taken from the front, a megabyte at a time.
            let mut taken = 0;
            for address in &leaving {
                if batch.len() >= LARGE {
                    break;
                }
                if let Some(Content::Memory(bytes)) = self.extents.get(address) {
                    members.push((*address, batch.len() as u64));
                    batch.extend_from_slice(bytes);
                }
                taken += 1;
            }
            leaving.drain(..taken);
        }
        Ok(())
    }

    /// Makes `[start, end)` read as zeros: the file was cut there and grew again.
    pub fn zero(&mut self, start: u64, end: u64) {
        self.truncate(start);
        if end > start {
            self.extents.insert(start, Content::Zeros(end - start));
        }
    }

    /// Forgets what lies at or past `end`.
    pub fn truncate(&mut self, end: u64) {
        for (_, content) in self.extents.split_off(&end) {
            if let Content::Memory(bytes) = content {
                self.memory -= bytes.len();
            }
        }
        if let Some((start, content)) = self.extents.iter_mut().next_back() {
            let keep = end - *start;
            if content.length() > keep {
                match content {
                    Content::Memory(bytes) => {
                        self.memory -= bytes.len() - index(keep);
                        bytes.truncate(index(keep));
                    }
                    Content::Spilled {
                        length, checksum, ..
                    } => {
                        *length = keep;
                        *checksum = None;
                    }
                    Content::Zeros(length) => *length = keep,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that a failing seed can be run again.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (self.0 >> 33) % limit
        }
    }

    #[test]
    fn equals_a_plain_array_whatever_is_written() {
        let seed = std::env::var("H5SIM_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        let seed: u64 = seed.unwrap_or(20_260_101);
        println!("H5SIM_SEED={seed}");
        let mut random = Random(seed);
        for round in 0..30 {
            let path =
                std::env::temp_dir().join(format!("h5sim-overlay-{}-{round}", std::process::id()));
            let mut journal = Journal::new(path, 0o600);
            // Every third round everything stays in memory; in the others it soon leaves it.
            let limit = if round % 3 == 0 { 1 << 30 } else { 20_000 };
            let mut overlay = Overlay::new(limit);
            let size = 3_000_000usize;
            let mut expected = vec![0xEEu8; size];
            let mut end = size;
            for step in 0..200 {
                let start = random.below(end as u64) as usize;
                let most = match random.below(10) {
                    0 => 1_500_000,
                    1..=3 => 20_000,
                    _ => 300,
                };
                let length = (1 + random.below(most) as usize).min(end - start);
                match random.below(20) {
                    0 => {
                        overlay.zero(start as u64, end as u64);
                        expected[start..end].fill(0);
                    }
                    1 if start > size / 2 => {
                        overlay.truncate(start as u64);
                        expected.truncate(start);
                        end = start;
                    }
                    _ => {
                        let data: Vec<u8> = (0..length)
                            .map(|at| (at * 31 + step * 7 + 1) as u8)
                            .collect();
                        overlay.write(start as u64, &data, &mut journal).unwrap();
                        expected[start..start + length].copy_from_slice(&data);
                    }
                }
                let held: usize = overlay
                    .extents()
                    .map(|(_, content)| match content {
                        Content::Memory(bytes) => bytes.len(),
                        _ => 0,
                    })
                    .sum();
                assert_eq!(overlay.memory(), held);
                assert!(held <= limit.max(20_000), "{held} bytes in memory");
            }
            let mut found = vec![0xEEu8; end];
            overlay.read(0, &mut found, &journal).unwrap();
            assert!(found == expected, "round {round}");
            let mut last = 0;
            for (address, content) in overlay.extents() {
                assert!(address >= last && content.length() > 0);
                last = address + content.length();
                if let Content::Spilled {
                    offset,
                    length,
                    checksum: Some(sum),
                } = content
                {
                    let mut bytes = vec![0; *length as usize];
                    journal
                        .open_file()
                        .unwrap()
                        .read_at(&mut bytes, *offset)
                        .unwrap();
                    assert_eq!(checksum(&bytes), *sum);
                }
            }
            journal.remove().unwrap();
        }
    }

    #[test]
    fn rewriting_the_same_bytes_does_not_grow_the_journal() {
        let path = std::env::temp_dir().join(format!("h5sim-rewrite-{}", std::process::id()));
        let mut journal = Journal::new(path, 0o600);
        let mut overlay = Overlay::new(64 << 20);
        for value in 0..20 {
            overlay
                .write(100, &vec![value; 3 << 20], &mut journal)
                .unwrap();
        }
        assert_eq!(
            journal.free_offset(),
            super::super::format::SPILL_START + (3 << 20)
        );
        let mut byte = [0];
        overlay.read(100 + (2 << 20), &mut byte, &journal).unwrap();
        assert_eq!((byte[0], overlay.memory()), (19, 0));
        journal.remove().unwrap();
    }
}
