//! The bytes of a journal: what they mean, and how they are checked.
//!
//! ```text
//! 0, 256     headers of commits: they begin with zeros when there is nothing to replay; the one with
//!            the larger number counts
//! 512        header of a new file: here as long as nothing was committed yet
//! 640        the number of the commit in the file, and how many of this opening are in it
//! 656        the process that writes the file
//! 1024       index, then the extents' bytes, if they fit before the records
//! 976 KiB    two records, 24 KiB each, of the ranges that are allocated and were never written; each
//!            is a header and an index without extents, and the one with the larger number counts
//! 1 MiB      bytes that were moved here while a step was under way; index and the other
//!            extents' bytes follow them when they did not fit before
//! ```
//!
//! All numbers are little-endian. One checksum covers the header and the index together, and
//! each extent has its own. A journal is believed as a whole or not at all.

#![forbid(unsafe_code)]

use super::checksum::checksum;
use super::decision::{Member, Step};
use super::hooks::{self, Mutant};
use super::sys::Identity;

/// What both headers begin with; the last digits are the version of this layout.
const MAGIC: [u8; 8] = *b"h5simJ02";
/// The flags of a header whose commit is part of a step of many files, of a part and of the master.
const PART: u64 = 4;
const MASTER: u64 = 8;
/// A header's size, checksum included.
pub const HEADER_SIZE: usize = 112;
/// Where the header of a commit is: at the second place while a commit at the first waits for
/// readers, and the other way round. Both lie in one sector of a disk.
pub const COMMIT_HEADERS: [u64; 2] = [0, 256];
/// Where the header of a new file is.
pub const NEW_FILE_HEADER: u64 = 512;
/// Where small commits have their index.
pub const INLINE_START: u64 = 1024;
/// Where bytes go that memory does not hold.
pub const SPILL_START: u64 = 1 << 20;
/// Where [`Applied`] is.
pub const APPLIED: u64 = 640;
/// Where the writing process's name is, and its size, checksum included.
pub const OWNER: u64 = 656;
/// See [`OWNER`].
pub const OWNER_SIZE: usize = 128;
/// Room for one record of unwritten ranges.
pub const RECORD_ROOM: u64 = 24 << 10;
/// Where the two records are.
pub const RECORDS: [u64; 2] = [SPILL_START - 2 * RECORD_ROOM, SPILL_START - RECORD_ROOM];
/// More ranges than this are not recorded.
pub const MOST_UNWRITTEN: usize = 1024;
/// The size of the windows by which a journal knows its file.
pub const WINDOW: usize = 64;
/// An extent that has no bytes in the journal, because all of them are zero.
pub const ZEROS: u64 = u64::MAX;
/// More entries than this are no index but garbage.
const MOST_ENTRIES: u64 = 1 << 32;

/// What a journal says of the commit that is in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Its number: even, and of no other commit that has changed the file; odd while another one is being taken in.
    pub number: u64,
    /// How many commits of this opening are in the file.
    pub commits: u64,
}

impl Applied {
    /// Its bytes.
    pub fn encode(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.number.to_le_bytes());
        bytes[8..].copy_from_slice(&self.commits.to_le_bytes());
        bytes
    }

    /// What the first bytes of a journal say.
    pub fn decode(journal: &[u8; OWNER as usize]) -> Self {
        let mut reader = FieldReader(&journal[APPLIED as usize..]);
        let mut next = || reader.next().unwrap_or(0);
        Self {
            number: next(),
            commits: next(),
        }
    }

    /// What it says when the file holds the next commit, and so many of this opening.
    pub fn next(self, commits: u64) -> Self {
        Self {
            number: (self.number | 1) + 1,
            commits,
        }
    }

    /// Whether a commit is being taken into the file.
    pub fn is_under_way(&self) -> bool {
        self.number % 2 == 1
    }
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether this is the header of a new file, of which nothing was committed yet.
    pub new_file: bool,
    /// Whether the file is known by device and inode, because it is too small for anchors.
    pub by_identity: bool,
    /// How many commits this opening had before.
    pub sequence: u64,
    /// The file's device and inode.
    pub identity: Identity,
    /// Where the file's data ended before the commit.
    pub old_end: u64,
    /// Where they end after it.
    pub new_end: u64,
    /// Where the file's signature is.
    pub signature: u64,
    /// Where the index is.
    pub index_offset: u64,
    /// How long it is.
    pub index_length: u64,
    /// The step of many files that the commit is a part of: it counts when that is decided.
    pub step: Option<Step>,
}

/// Bytes of the file that the commit does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Where the window begins.
    pub address: u64,
    /// The checksum of its bytes.
    pub checksum: u64,
}

/// Bytes of the file that the commit changes: they have to be the old or the new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modified {
    /// Where the window begins.
    pub address: u64,
    /// Its length, at most [`WINDOW`].
    pub length: u64,
    /// The checksum of its bytes before the commit.
    pub old: u64,
    /// The checksum of its bytes after it.
    pub new: u64,
}

/// Bytes to be written into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedExtent {
    /// Where in the file.
    pub address: u64,
    /// How many.
    pub length: u64,
    /// Where they are in the journal, or [`ZEROS`].
    pub source: u64,
    /// Their checksum.
    pub checksum: u64,
}

/// The index of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// What the commit leaves alone.
    pub anchors: Vec<Anchor>,
    /// What it changes.
    pub modified: Vec<Modified>,
    /// What it writes, by ascending address, without overlaps.
    pub extents: Vec<IndexedExtent>,
    /// What is allocated and was never written after it: start and end, ascending, without overlaps.
    pub unwritten: Vec<(u64, u64)>,
}

fn put(bytes: &mut Vec<u8>, values: &[u64]) {
    for value in values {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
}

/// Takes numbers off the front of a byte string.
struct FieldReader<'a>(&'a [u8]);

impl FieldReader<'_> {
    fn next(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }
}

impl Header {
    /// The header's bytes; `index` are the bytes that the checksum covers besides.
    pub fn encode(&self, index: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let member = match self.step.map(|step| step.member) {
            None => 0,
            Some(Member::Part) => PART,
            Some(Member::Master) => MASTER,
        };
        put(
            &mut bytes,
            &[
                u64::from(self.new_file) | u64::from(self.by_identity) << 1 | member,
                self.sequence,
                self.identity.device,
                self.identity.inode,
                self.old_end,
                self.new_end,
                self.signature,
                self.index_offset,
                self.index_length,
            ],
        );
        if let Some(step) = &self.step {
            bytes.extend(step.run.to_le_bytes());
            bytes.extend(step.number.to_le_bytes());
        }
        // Room for what a later version may need.
        bytes.resize(HEADER_SIZE - 8, 0);
        let sum = Self::sum(&bytes, index);
        put(&mut bytes, &[sum]);
        bytes
    }

    fn sum(header: &[u8], index: &[u8]) -> u64 {
        let mut both = checksum(header).to_le_bytes().to_vec();
        both.extend_from_slice(&checksum(index).to_le_bytes());
        checksum(&both)
    }

    /// Reads a header; its checksum is left to [`Header::verify`], which needs the index.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < HEADER_SIZE || bytes[..8] != MAGIC {
            return None;
        }
        let mut reader = FieldReader(&bytes[8..]);
        let flags = reader.next()?;
        let mut header = Self {
            new_file: flags & 1 != 0,
            by_identity: flags & 2 != 0,
            sequence: reader.next()?,
            identity: Identity {
                device: reader.next()?,
                inode: reader.next()?,
            },
            old_end: reader.next()?,
            new_end: reader.next()?,
            signature: reader.next()?,
            index_offset: reader.next()?,
            index_length: reader.next()?,
            step: None,
        };
        let member = match flags & (PART | MASTER) {
            PART => Some(Member::Part),
            MASTER => Some(Member::Master),
            _ => None,
        };
        if let Some(member) = member {
            let run = u128::from(reader.next()?) | u128::from(reader.next()?) << 64;
            let number = reader.next()?;
            header.step = Some(Step {
                run,
                number,
                member,
            });
        }
        Some(header)
    }

    /// Whether header and index are whole.
    pub fn verify(bytes: &[u8], index: &[u8]) -> bool {
        if hooks::mutant(Mutant::IgnoreIndexChecksum) {
            return true;
        }
        let (covered, stored) = bytes[..HEADER_SIZE].split_at(HEADER_SIZE - 8);
        stored == Self::sum(covered, index).to_le_bytes()
    }
}

impl Index {
    /// The size of the encoded index.
    pub fn size(anchors: usize, modified: usize, extents: usize, unwritten: usize) -> usize {
        32 + 16 * anchors + 32 * modified + 32 * extents + 16 * unwritten
    }

    /// The index's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let counts = [
            self.anchors.len(),
            self.modified.len(),
            self.extents.len(),
            self.unwritten.len(),
        ];
        let [anchors, modified, extents, unwritten] = counts;
        let mut bytes = Vec::with_capacity(Self::size(anchors, modified, extents, unwritten));
        put(&mut bytes, &counts.map(|count| count as u64));
        for anchor in &self.anchors {
            put(&mut bytes, &[anchor.address, anchor.checksum]);
        }
        for window in &self.modified {
            put(
                &mut bytes,
                &[window.address, window.length, window.old, window.new],
            );
        }
        for extent in &self.extents {
            put(
                &mut bytes,
                &[
                    extent.address,
                    extent.length,
                    extent.source,
                    extent.checksum,
                ],
            );
        }
        for (start, end) in &self.unwritten {
            put(&mut bytes, &[*start, *end]);
        }
        bytes
    }

    /// Reads an index and checks that it makes sense for a file that ends at `new_end`.
    pub fn decode(bytes: &[u8], new_end: u64, journal_size: u64) -> Option<Self> {
        let mut reader = FieldReader(bytes);
        let (anchors, modified) = (reader.next()?, reader.next()?);
        let (extents, unwritten) = (reader.next()?, reader.next()?);
        if anchors.max(modified).max(extents).max(unwritten) > MOST_ENTRIES
            || bytes.len() as u64
                != 32 + 16 * anchors + 32 * modified + 32 * extents + 16 * unwritten
        {
            return None;
        }
        let mut index = Self::default();
        for _ in 0..anchors {
            index.anchors.push(Anchor {
                address: reader.next()?,
                checksum: reader.next()?,
            });
        }
        for _ in 0..modified {
            index.modified.push(Modified {
                address: reader.next()?,
                length: reader.next()?,
                old: reader.next()?,
                new: reader.next()?,
            });
        }
        let mut free_from = 0;
        for _ in 0..extents {
            let extent = IndexedExtent {
                address: reader.next()?,
                length: reader.next()?,
                source: reader.next()?,
                checksum: reader.next()?,
            };
            let end = extent.address.checked_add(extent.length)?;
            let readable = extent.source == ZEROS
                || extent
                    .source
                    .checked_add(extent.length)
                    .is_some_and(|end| end <= journal_size);
            if extent.length == 0 || extent.address < free_from || end > new_end || !readable {
                return None;
            }
            free_from = end;
            index.extents.push(extent);
        }
        let mut free_from = 0;
        for _ in 0..unwritten {
            let (start, end) = (reader.next()?, reader.next()?);
            if start < free_from || end <= start || end > new_end {
                return None;
            }
            free_from = end;
            index.unwritten.push((start, end));
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (Header, Index) {
        let index = Index {
            anchors: vec![Anchor {
                address: 640,
                checksum: 5,
            }],
            modified: vec![Modified {
                address: 0,
                length: 48,
                old: 1,
                new: 2,
            }],
            extents: vec![
                IndexedExtent {
                    address: 0,
                    length: 96,
                    source: 2048,
                    checksum: 3,
                },
                IndexedExtent {
                    address: 4096,
                    length: 10,
                    source: ZEROS,
                    checksum: 0,
                },
            ],
            unwritten: vec![(4200, 4300), (4900, 5000)],
        };
        let header = Header {
            new_file: false,
            by_identity: true,
            sequence: 4,
            identity: Identity {
                device: 7,
                inode: 8,
            },
            old_end: 4000,
            new_end: 5000,
            signature: 512,
            index_offset: INLINE_START,
            index_length: index.encode().len() as u64,
            step: Some(Step {
                run: 3 << 64 | 9,
                number: 12,
                member: Member::Part,
            }),
        };
        (header, index)
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let (header, index) = example();
        let index_bytes = index.encode();
        let bytes = header.encode(&index_bytes);
        assert_eq!(bytes.len(), HEADER_SIZE);
        assert_eq!(index_bytes.len(), Index::size(1, 1, 2, 2));
        assert_eq!(Header::decode(&bytes), Some(header));
        assert!(Header::verify(&bytes, &index_bytes));
        assert_eq!(Index::decode(&index_bytes, 5000, 2144), Some(index));
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let (header, index) = example();
        let index_bytes = index.encode();
        let bytes = header.encode(&index_bytes);
        for position in 0..HEADER_SIZE {
            let mut changed = bytes.clone();
            changed[position] ^= 0x10;
            assert!(!Header::verify(&changed, &index_bytes) || Header::decode(&changed).is_none());
        }
        for position in 0..index_bytes.len() {
            let mut changed = index_bytes.clone();
            changed[position] ^= 0x10;
            assert!(!Header::verify(&bytes, &changed));
        }
    }

    #[test]
    fn an_index_must_fit_file_and_journal() {
        let (_, index) = example();
        let bytes = index.encode();
        assert_eq!(Index::decode(&bytes, 4105, 2144), None);
        assert_eq!(Index::decode(&bytes, 5000, 2143), None);
        assert_eq!(Index::decode(&bytes[..bytes.len() - 1], 5000, 2144), None);
        let mut overlapping = index.clone();
        overlapping.extents[1].address = 95;
        assert_eq!(Index::decode(&overlapping.encode(), 5000, 2144), None);
        for wrong in [(4299, 4400), (4400, 4400), (4400, 5001)] {
            let mut index = index.clone();
            index.unwritten[1] = wrong;
            assert_eq!(Index::decode(&index.encode(), 5000, 2144), None);
        }
    }
}
