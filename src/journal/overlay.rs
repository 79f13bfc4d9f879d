//! Bytes that were written below the committed end of a file and wait for the next commit.
//!
//! The extents are disjoint. A later write changes the extents it meets where they are, and
//! becomes new extents in the gaps between them, so that nothing is held twice however often
//! a step rewrites the same data.

#![forbid(unsafe_code)]

use super::checksum::checksum;
use super::format::{IndexedExtent, ZEROS};
use super::hooks::{self, Mutant};
use super::spill::Journal;
use super::words::{copied, zeroed};
use std::collections::BTreeMap;
use std::io;

/// A write of at least this size goes to the journal at once, in pieces of this size.
pub const LARGE: usize = 1 << 20;
/// So does one of at least this size as soon as a step has more than so much in memory: memory that is new to the process takes as long as the journal.
const WORTH_A_WRITE: usize = 16 << 10;
const FEW: usize = 256 << 10;
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

    /// The first `at` bytes and the others; a part without bytes is none.
    fn split(self, at: u64) -> (Option<Self>, Option<Self>) {
        let length = self.length();
        if at == 0 {
            return (None, Some(self));
        }
        if at >= length {
            return (Some(self), None);
        }
        let (before, after) = match self {
            Content::Memory(mut bytes) => {
                // A tail of no more bytes than are there already.
                let after = bytes.split_off(index(at));
                (Content::Memory(bytes), Content::Memory(after))
            }
            Content::Spilled { offset, .. } => {
                let part = |offset, length| Content::Spilled {
                    offset,
                    length,
                    checksum: None,
                };
                (part(offset, at), part(offset + at, length - at))
            }
            Content::Zeros(_) => (Content::Zeros(at), Content::Zeros(length - at)),
        };
        (Some(before), Some(after))
    }
}

/// New extents that are not added yet.
#[derive(Default)]
struct Prepared {
    extents: Vec<(u64, Content)>,
    memory: usize,
}

/// The waiting bytes.
#[derive(Debug)]
pub struct Overlay {
    extents: BTreeMap<u64, Content>,
    memory: usize,
    limit: usize,
    spills: bool,
    changed: bool,
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
            changed: false,
        }
    }

    /// Whether anything was changed since [`Overlay::leave_to_journal`] or [`Overlay::clear`].
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Leaves all bytes in the journal, where a commit that waits for readers has them.
    pub fn leave_to_journal(&mut self, written: &[IndexedExtent]) {
        for extent in written {
            if let Some(content) = self.extents.get_mut(&extent.address) {
                if extent.source != ZEROS {
                    *content = Content::Spilled {
                        offset: extent.source,
                        length: extent.length,
                        checksum: Some(extent.checksum),
                    };
                }
            }
        }
        self.memory = 0;
        self.changed = false;
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
        self.changed = false;
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
    ///
    /// When this fails, what was there before still waits, save where the journal itself could
    /// not be changed in place. With `must` it fails for want of memory only: what does not get
    /// into the journal stays in memory, and less of it leaves memory than should.
    pub fn write(
        &mut self,
        address: u64,
        data: &[u8],
        must: bool,
        journal: &mut Journal,
    ) -> io::Result<()> {
        let end = address + data.len() as u64;
        self.changed = true;
        if self.memory.saturating_add(data.len()) > self.limit
            && self.memory > 0
            && self.spills
            && !hooks::mutant(Mutant::UnlimitedOverlay)
        {
            let relieved = self.relieve(journal);
            if !must {
                relieved?;
            }
        }
        let met: Vec<(u64, u64, bool)> = self
            .overlapping(address, end)
            .map(|(start, content)| {
                let is_replaced = match content {
                    Content::Memory(_) => false,
                    Content::Spilled { offset, .. } => journal.is_frozen(*offset),
                    Content::Zeros(_) => true,
                };
                (start, start + content.length(), is_replaced)
            })
            .collect();
        // What can fail comes first: bytes of the journal that change, and room for new extents.
        let mut gaps: Vec<(u64, u64)> = Vec::new();
        let mut position = address;
        for (start, extent_end, is_replaced) in &met {
            if *start > position {
                gaps.push((position, *start));
                position = *start;
            }
            let to = (*extent_end).min(end);
            if *is_replaced {
                gaps.push((position, to));
            } else {
                let part = &data[index(position - address)..index(to - address)];
                self.rewrite_spilled(*start, position - *start, part, must, journal)?;
            }
            position = to;
        }
        if position < end {
            gaps.push((position, end));
        }
        let mut new = Prepared::default();
        for (from, to) in gaps {
            let part = &data[index(from - address)..index(to - address)];
            self.prepare(from, part, must, journal, &mut new)?;
        }
        // From here on nothing fails.
        for (start, extent_end, is_replaced) in met {
            let (from, to) = (start.max(address), extent_end.min(end));
            if is_replaced {
                self.remove(from, to);
            } else if let Some(Content::Memory(bytes)) = self.extents.get_mut(&start) {
                bytes[index(from - start)..index(to - start)]
                    .copy_from_slice(&data[index(from - address)..index(to - address)]);
            }
        }
        for (start, content) in new.extents {
            self.join(start, content);
        }
        Ok(())
    }

    /// Changes bytes of an extent in the journal; one in memory is left for later.
    fn rewrite_spilled(
        &mut self,
        start: u64,
        within: u64,
        part: &[u8],
        must: bool,
        journal: &mut Journal,
    ) -> io::Result<()> {
        if !self.spills {
            return self.fetch(start, journal);
        }
        let Some(Content::Spilled {
            offset,
            length,
            checksum: sum,
        }) = self.extents.get_mut(&start)
        else {
            return Ok(());
        };
        *sum = None;
        let written = journal
            .file()
            .and_then(|file| file.write_at(part, *offset + within));
        if written.is_err() && must {
            return self.fetch(start, journal);
        }
        written?;
        *sum = (*length == part.len() as u64).then(|| checksum(part));
        Ok(())
    }

    /// Makes extents of new bytes: in the journal if there are many of them.
    fn prepare(
        &self,
        address: u64,
        data: &[u8],
        must: bool,
        journal: &mut Journal,
        new: &mut Prepared,
    ) -> io::Result<()> {
        let memory = self.memory + new.memory + data.len();
        let stays = data.len() < LARGE
            && memory <= self.limit
            && (data.len() < WORTH_A_WRITE || memory <= FEW);
        if stays || !self.spills || hooks::mutant(Mutant::UnlimitedOverlay) {
            new.memory += data.len();
            new.extents.push((address, Content::Memory(copied(data)?)));
            return Ok(());
        }
        let mut start = address;
        for piece in data.chunks(LARGE) {
            let content = match journal.append(piece) {
                Ok(offset) => Content::Spilled {
                    offset,
                    length: piece.len() as u64,
                    checksum: Some(checksum(piece)),
                },
                Err(_) if must => Content::Memory(copied(piece)?),
                Err(error) => return Err(error),
            };
            new.extents.push((start, content));
            start += piece.len() as u64;
        }
        Ok(())
    }

    /// Adds an extent where there is none yet, as a part of the one before if both are small.
    fn join(&mut self, address: u64, content: Content) {
        if let Content::Memory(data) = &content {
            if let Some((start, Content::Memory(bytes))) =
                self.extents.range_mut(..address).next_back()
            {
                if *start + bytes.len() as u64 == address
                    && bytes.len() + data.len() <= MOST_JOINED
                    && bytes.try_reserve(data.len()).is_ok()
                {
                    self.memory += data.len();
                    bytes.extend_from_slice(data);
                    return;
                }
            }
        }
        self.insert(address, content);
    }

    /// Brings an extent from the journal into memory.
    fn fetch(&mut self, start: u64, journal: &Journal) -> io::Result<()> {
        if let Some(content) = self.extents.get_mut(&start) {
            if let Content::Spilled { offset, length, .. } = content {
                let mut bytes = zeroed(index(*length))?;
                journal.open_file()?.read_at(&mut bytes, *offset)?;
                self.memory += bytes.len();
                *content = Content::Memory(bytes);
            }
        }
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
                    batch
                        .try_reserve(bytes.len())
                        .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
                    members.push((*address, batch.len() as u64));
                    batch.extend_from_slice(bytes);
                }
                taken += 1;
            }
            leaving.drain(..taken);
        }
        Ok(())
    }

    /// Forgets what waits in `[start, end)`.
    pub fn remove(&mut self, start: u64, end: u64) {
        self.changed |= self.touches(start, end.saturating_sub(start));
        let met: Vec<u64> = self
            .overlapping(start, end)
            .map(|(address, _)| address)
            .collect();
        for address in met {
            let Some(content) = self.extents.remove(&address) else {
                continue;
            };
            if let Content::Memory(bytes) = &content {
                self.memory -= bytes.len();
            }
            let (before, rest) = content.split(start.saturating_sub(address));
            let (_, after) = match rest {
                Some(rest) => rest.split(end - start.max(address)),
                None => (None, None),
            };
            if let Some(before) = before {
                self.insert(address, before);
            }
            if let Some(after) = after {
                self.insert(end, after);
            }
        }
    }

    /// The last extent's part past `start`: its address, and room for its bytes.
    pub fn last_past(&self, start: u64) -> Option<(u64, Vec<u8>)> {
        let (address, content) = self.extents.iter().next_back()?;
        let end = address + content.length();
        let from = start.max(*address);
        (end > from).then(|| (from, vec![0; index((end - from).min(LARGE as u64))]))
    }

    /// Makes `[start, end)` read as zeros.
    pub fn zero(&mut self, start: u64, end: u64) {
        if end > start {
            self.changed = true;
            self.remove(start, end);
            self.extents.insert(start, Content::Zeros(end - start));
        }
    }

    /// Forgets what lies at or past `end`.
    pub fn truncate(&mut self, end: u64) {
        self.changed |= self.touches(end, u64::MAX - end);
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
                        let to = if step % 3 == 0 { end } else { start + length };
                        overlay.zero(start as u64, to as u64);
                        expected[start..to].fill(0);
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
                        overlay
                            .write(start as u64, &data, step % 2 == 0, &mut journal)
                            .unwrap();
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
                .write(100, &vec![value; 3 << 20], false, &mut journal)
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
