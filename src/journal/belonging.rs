//! How a journal knows its file, wherever the pair was copied.
//!
//! Anchors are windows of bytes that the commit leaves alone; they must be there. Windows of
//! bytes that it changes must hold the old or the new bytes: in a later state of the same run
//! they hold others. Only a file too small for anchors is known by its device and inode.

#![forbid(unsafe_code)]

use super::blocks::Blocks;
use super::checksum::checksum;
use super::format::{Anchor, Header, Index, Modified, WINDOW};
use super::hooks::{self, Mutant};
use super::overlay::{Content, Overlay};
use super::ranges::Ranges;
use super::spill::Journal;
use super::superblock::SIGNATURE;
use super::sys::DiskFile;
use std::io;

/// How many anchors a journal has at most.
const MOST_ANCHORS: usize = 8;
/// How many gaps between changes are searched for more anchors.
const MOST_GAPS: usize = 64;
/// With fewer than this the file is known by device and inode.
pub const FEWEST_ANCHORS: usize = 3;
/// How many of the changed windows are noted at most.
const MOST_MODIFIED: usize = 5;
/// A window does not cross a boundary of the disk's sectors, so that none is half written.
const SECTOR: u64 = 512;

/// Of a file of so many bytes all are read at once: many reads of a window each cost more.
const SMALL: u64 = 16 << 10;

/// Windows of a file, as it is on the disk while a commit is made.
#[derive(Debug)]
pub struct Windows {
    /// Where the file ends.
    end: u64,
    /// All of a small file, once a window was wanted.
    all: Vec<u8>,
}

/// Where windows are read that the commit leaves alone.
#[derive(Debug)]
pub struct Unchanged<'a> {
    /// The file.
    pub file: &'a DiskFile,
    /// What of it is in memory.
    pub blocks: &'a Blocks,
    /// What was read of it.
    pub windows: &'a mut Windows,
}

impl Unchanged<'_> {
    fn read(&mut self, address: u64) -> io::Result<[u8; WINDOW]> {
        let mut bytes = [0; WINDOW];
        if !self.blocks.known(address, &mut bytes) {
            self.windows.read(self.file, address, &mut bytes)?;
        }
        Ok(bytes)
    }
}

impl Windows {
    /// Those of a file that ends there.
    pub fn new(end: u64) -> Self {
        Self {
            end,
            all: Vec::new(),
        }
    }

    fn read(&mut self, file: &DiskFile, address: u64, target: &mut [u8]) -> io::Result<()> {
        if self.all.is_empty() && self.end <= SMALL {
            let mut all = vec![0; self.end as usize];
            file.read_at(&mut all, 0)?;
            self.all = all;
        }
        let start = usize::try_from(address).unwrap_or(usize::MAX);
        match self.all.get(start..start.saturating_add(target.len())) {
            Some(known) => {
                target.copy_from_slice(known);
                Ok(())
            }
            None => file.read_at(target, address),
        }
    }
}

/// Bytes that a commit changes, or that may change after it without a commit.
#[derive(Debug)]
pub struct Changing<'a> {
    /// What it changes.
    pub overlay: &'a Overlay,
    /// What is not written yet.
    pub unwritten: &'a Ranges,
}

impl Changing<'_> {
    fn touches(&self, address: u64, length: u64) -> bool {
        self.overlay.touches(address, length) || self.unwritten.touches(address, address + length)
    }
}

/// Brings the anchors up to date for a commit from `old_end` to `new_end`.
///
/// Those of the last commit stay if this one leaves them alone, without being read again:
/// nothing but a commit changes committed bytes. If all of them do, and nothing was added to the file, they
/// are enough. `first_direct` is where the bytes begin that went straight into the file.
pub fn refresh_anchors(
    anchors: &mut Vec<Anchor>,
    changing: &Changing<'_>,
    file: &mut Unchanged<'_>,
    first_direct: u64,
    new_end: u64,
    signature: u64,
) -> io::Result<()> {
    let window = WINDOW as u64;
    // The seal changes the signature, so that nothing up to its end can be an anchor.
    let start = signature + SIGNATURE.len() as u64;
    let before = anchors.len();
    anchors.retain(|anchor| {
        anchor.address + window <= new_end && !changing.touches(anchor.address, window)
    });
    if anchors.len() == before && before >= FEWEST_ANCHORS && new_end <= first_direct {
        return Ok(());
    }
    // The newest bytes tell this state from all earlier ones.
    if new_end > first_direct {
        let length = new_end - first_direct;
        for numerator in [0, 2, 4] {
            let place = first_direct + length / 4 * numerator;
            add_anchor(
                anchors,
                changing,
                file,
                place.min(new_end),
                first_direct,
                new_end,
            )?;
        }
    }
    // And some from all over the file.
    let mut part = 0;
    while anchors.len() < MOST_ANCHORS && part < 2 * MOST_ANCHORS as u64 {
        let place = new_end / (2 * MOST_ANCHORS as u64) * part;
        add_anchor(anchors, changing, file, place, start, new_end)?;
        part += 1;
    }
    // Between the changes there is always something left of a file that is not tiny.
    let mut gap = start;
    for (address, content) in changing.overlay.extents().take(MOST_GAPS) {
        if anchors.len() >= MOST_ANCHORS {
            break;
        }
        if address >= gap + window {
            add_anchor(anchors, changing, file, gap, gap, address.min(new_end))?;
        }
        gap = gap.max(address + content.length());
    }
    if anchors.len() > MOST_ANCHORS {
        anchors.drain(..anchors.len() - MOST_ANCHORS);
    }
    Ok(())
}

/// Adds the window at about `place` within `[start, end)`, if it says anything.
fn add_anchor(
    anchors: &mut Vec<Anchor>,
    changing: &Changing<'_>,
    file: &mut Unchanged<'_>,
    place: u64,
    start: u64,
    end: u64,
) -> io::Result<()> {
    let window = WINDOW as u64;
    let mut address = place
        .next_multiple_of(window)
        .max(start.next_multiple_of(window));
    if address + window > end {
        let Some(last) = end.checked_sub(window) else {
            return Ok(());
        };
        address = last / window * window;
    }
    if address < start
        || changing.touches(address, window)
        || anchors.iter().any(|anchor| anchor.address == address)
    {
        return Ok(());
    }
    let bytes = file.read(address)?;
    // Zeros are found in any file.
    if bytes.iter().any(|byte| *byte != 0) {
        anchors.push(Anchor {
            address,
            checksum: checksum(&bytes),
        });
    }
    Ok(())
}

/// Notes some of the windows that a commit changes, the one with the superblock first.
///
/// `known` are windows whose old bytes are as they say: those that the commit before has changed, if it is in the file. One commit after the
/// other changes the superblock and the same nodes.
pub fn modified_windows(
    overlay: &Overlay,
    (file, all): (&DiskFile, &mut Windows),
    journal: &Journal,
    old_end: u64,
    known: &[Modified],
) -> io::Result<Vec<Modified>> {
    let mut windows = Vec::new();
    let step = overlay.count().div_ceil(MOST_MODIFIED).max(1);
    for (address, content) in overlay.extents().step_by(step) {
        let sector_end = (address + 1).next_multiple_of(SECTOR);
        let end = (address + content.length())
            .min(address + WINDOW as u64)
            .min(sector_end);
        if end > old_end {
            continue;
        }
        let length = (end - address) as usize;
        let is_it = |known: &&Modified| (known.address, known.length) == (address, length as u64);
        let old = match known.iter().find(is_it) {
            Some(known) => known.old,
            None => {
                let mut old = [0; WINDOW];
                all.read(file, address, &mut old[..length])?;
                checksum(&old[..length])
            }
        };
        let mut new = [0; WINDOW];
        match content {
            Content::Memory(bytes) => new[..length].copy_from_slice(&bytes[..length]),
            Content::Spilled { offset, .. } => {
                journal.open_file()?.read_at(&mut new[..length], *offset)?;
            }
            Content::Zeros(_) => {}
        }
        windows.push(Modified {
            address,
            length: length as u64,
            old,
            new: checksum(&new[..length]),
        });
    }
    Ok(windows)
}

/// What the bytes at the place of the signature say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The signature is there.
    Open,
    /// It was taken away, or only a part of it is there.
    Sealed,
    /// Something else is there.
    Foreign,
}

/// Looks at the place of the signature.
pub fn seal_at(file: &DiskFile, address: u64) -> io::Result<Seal> {
    let mut bytes = [0; SIGNATURE.len()];
    file.read_at(&mut bytes, address)?;
    Ok(if bytes == SIGNATURE {
        Seal::Open
    } else if bytes
        .iter()
        .zip(SIGNATURE)
        .all(|(byte, whole)| *byte == 0 || *byte == whole)
    {
        Seal::Sealed
    } else {
        Seal::Foreign
    })
}

/// Whether a whole journal belongs to this file in a state from which it can be replayed.
pub fn belongs(file: &DiskFile, header: &Header, index: &Index) -> io::Result<bool> {
    let facts = file.facts()?;
    if hooks::mutant(Mutant::IgnoreAnchors) {
        return Ok(true);
    }
    if facts.size < header.new_end || (header.by_identity && header.identity != facts.identity) {
        return Ok(false);
    }
    for anchor in &index.anchors {
        let mut bytes = [0; WINDOW];
        file.read_at(&mut bytes, anchor.address)?;
        if checksum(&bytes) != anchor.checksum {
            return Ok(false);
        }
    }
    match seal_at(file, header.signature)? {
        Seal::Foreign => Ok(false),
        Seal::Sealed => Ok(true),
        // The commit was not begun, or it was finished, or a power cut mixed both.
        Seal::Open => modified_windows_match(file, index),
    }
}

fn modified_windows_match(file: &DiskFile, index: &Index) -> io::Result<bool> {
    if hooks::mutant(Mutant::IgnoreModifiedWindows) {
        return Ok(true);
    }
    for window in &index.modified {
        let mut bytes = [0; WINDOW];
        let length = usize::try_from(window.length).map_or(WINDOW, |length| length.min(WINDOW));
        file.read_at(&mut bytes[..length], window.address)?;
        let found = checksum(&bytes[..length]);
        if found != window.old && found != window.new {
            return Ok(false);
        }
    }
    Ok(true)
}
