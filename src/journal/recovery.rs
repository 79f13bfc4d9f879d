//! Brings a file to its last commit after its writer was killed.

#![forbid(unsafe_code)]

use super::apply::{Apply, Piece, PieceSource};
use super::belonging::{self, Seal};
use super::checksum::checksum;
use super::decision;
use super::format::{
    Header, Index, COMMIT_HEADERS, HEADER_SIZE, NEW_FILE_HEADER, RECORDS, RECORD_ROOM, ZEROS,
};
use super::hooks::{self, Mutant};
use super::overlay::{Content, Overlay};
use super::seclusion;
use super::superblock::{self, Superblock, SIGNATURE};
use super::sys::{self, DiskFile, Facts, OpenAs};
use super::words::{io_error, journal_path, zeroed};
use crate::error::{Error, Result};
use std::io;
use std::path::Path;

/// An index is not larger than this; what says so is garbage.
const LARGEST_INDEX: u64 = 1 << 32;

/// A journal that holds a whole commit of the file beside it.
#[derive(Debug)]
pub struct Hot {
    /// The journal.
    pub journal: DiskFile,
    /// Its header.
    pub header: Header,
    /// Its index.
    pub index: Index,
}

/// What the journal beside a file holds.
#[derive(Debug)]
pub enum Contents {
    /// There is none.
    Missing,
    /// Nothing that could be replayed: it is void, or was not finished.
    Nothing,
    /// A commit of this file.
    Hot(Hot),
    /// The file is its last commit, save for these ranges, which nobody had written then.
    Unwritten(Hot),
    /// Nothing of this file was committed yet, as a note there says, or the file itself.
    NewFile,
    /// A whole commit, but of another file, or of an earlier state of this one.
    Foreign,
}

/// Reads a header; `None` if the journal is too short or none is there.
fn read_header(journal: &DiskFile, offset: u64) -> io::Result<Option<(Vec<u8>, Header)>> {
    let mut bytes = vec![0; HEADER_SIZE];
    journal.read_at(&mut bytes, offset)?;
    Ok(Header::decode(&bytes).map(|header| (bytes, header)))
}

/// Reads the newer of the whole commits that count; `None` if there is none.
pub fn load(journal: &DiskFile) -> io::Result<Option<(Header, Index)>> {
    newest(journal, true)
}

/// The same, of a writer that lives, whose bytes need not be looked at.
pub fn load_index(journal: &DiskFile) -> io::Result<Option<(Header, Index)>> {
    newest(journal, false)
}

fn newest(journal: &DiskFile, with_bytes: bool) -> io::Result<Option<(Header, Index)>> {
    let mut newest: Option<(Header, Index)> = None;
    for place in COMMIT_HEADERS {
        if let Some(found) = load_at(journal, place, with_bytes)? {
            let is_newer = newest
                .as_ref()
                .is_none_or(|(known, _)| known.sequence < found.0.sequence);
            let counts = match &found.0.step {
                Some(step) if is_newer => decision::is_decided(journal.path(), step)?,
                _ => true,
            };
            if is_newer && counts {
                newest = Some(found);
            }
        }
    }
    Ok(newest)
}

/// At which of the places for headers this one is; the first if it is at none, as a record's.
pub fn place_of(journal: &DiskFile, header: &Header) -> io::Result<usize> {
    for (number, place) in COMMIT_HEADERS.iter().enumerate() {
        let found = read_header(journal, *place)?;
        if found.is_some_and(|(_, found)| found == *header) {
            return Ok(number);
        }
    }
    Ok(0)
}

/// Takes away the headers of commits but the one at this place: a step of many files that was not decided must not become so
/// by a later decision.
pub fn void_others(journal: &DiskFile, kept: Option<usize>) -> io::Result<()> {
    for (number, place) in COMMIT_HEADERS.iter().enumerate() {
        let is_other = kept != Some(number);
        if is_other && read_header(journal, *place)?.is_some_and(|(_, found)| found.step.is_some())
        {
            journal.write_at(&[0; 8], *place)?;
            journal.sync()?;
        }
    }
    Ok(())
}

/// Reads a whole commit; `None` if a byte of it is missing or wrong.
fn load_at(
    journal: &DiskFile,
    place: u64,
    with_bytes: bool,
) -> io::Result<Option<(Header, Index)>> {
    let Some((bytes, header)) = read_header(journal, place)? else {
        return Ok(None);
    };
    let size = journal.facts()?.size;
    let fits = header
        .index_offset
        .checked_add(header.index_length)
        .is_some_and(|end| end <= size);
    if !fits || header.index_length > LARGEST_INDEX || header.new_file {
        return Ok(None);
    }
    let mut index = zeroed(usize::try_from(header.index_length).unwrap_or(usize::MAX))?;
    journal.read_at(&mut index, header.index_offset)?;
    if !Header::verify(&bytes, &index) {
        return Ok(None);
    }
    let Some(index) = Index::decode(&index, header.new_end, size) else {
        return Ok(None);
    };
    if with_bytes && !hooks::mutant(Mutant::IgnoreDataChecksum) {
        for extent in index.extents.iter().filter(|extent| extent.source != ZEROS) {
            let mut data = zeroed(usize::try_from(extent.length).unwrap_or(usize::MAX))?;
            journal.read_at(&mut data, extent.source)?;
            if checksum(&data) != extent.checksum {
                return Ok(None);
            }
        }
    }
    Ok(Some((header, index)))
}

/// Reads the newer of the two records of unwritten ranges; `None` if neither is whole.
pub fn load_record(journal: &DiskFile) -> io::Result<Option<(Header, Index)>> {
    let mut newest: Option<(Header, Index)> = None;
    let size = journal.facts()?.size;
    for place in RECORDS {
        let Some((bytes, header)) = read_header(journal, place)? else {
            continue;
        };
        let length = header.index_length;
        if header.new_file || length > RECORD_ROOM - HEADER_SIZE as u64 {
            continue;
        }
        let mut index = vec![0; usize::try_from(length).unwrap_or(0)];
        journal.read_at(&mut index, place + HEADER_SIZE as u64)?;
        if !Header::verify(&bytes, &index) {
            continue;
        }
        let Some(index) = Index::decode(&index, header.new_end, size) else {
            continue;
        };
        let is_newer = newest
            .as_ref()
            .is_none_or(|(known, _)| known.sequence < header.sequence);
        if is_newer && index.extents.is_empty() {
            newest = Some((header, index));
        }
    }
    Ok(newest)
}

/// Says what the journal at `path` holds for this file. Changes nothing.
pub fn examine(file: &DiskFile, path: &Path) -> io::Result<Contents> {
    let journal = match DiskFile::open(path, OpenAs::Read) {
        Ok(journal) => journal,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return without_commit(file, Contents::Missing)
        }
        Err(error) => return Err(error),
    };
    let commit = load(&journal)?;
    let record = load_record(&journal)?;
    // A commit that could not be voided when it had been applied is older than a later record.
    let is_done = match (&commit, &record) {
        (Some((commit, _)), Some((record, _))) => commit.sequence < record.sequence,
        _ => false,
    };
    if let Some((header, index)) = commit.filter(|_| !is_done) {
        return Ok(if belonging::belongs(file, &header, &index)? {
            Contents::Hot(Hot {
                journal,
                header,
                index,
            })
        } else {
            Contents::Foreign
        });
    }
    if let Some((header, index)) = record {
        if !index.unwritten.is_empty() && belonging::belongs(file, &header, &index)? {
            return Ok(Contents::Unwritten(Hot {
                journal,
                header,
                index,
            }));
        }
    }
    if let Some((bytes, header)) = read_header(&journal, NEW_FILE_HEADER)? {
        let facts = file.facts()?;
        if header.new_file
            && Header::verify(&bytes, &[])
            && header.identity == facts.identity
            && Superblock::locate(facts.size, |buffer, at| file.read_at(buffer, at))?.is_none()
        {
            return Ok(Contents::NewFile);
        }
    }
    without_commit(file, Contents::Nothing)
}

/// What there is of a file beside which nothing counts: nothing was committed to it, or what is given.
pub fn without_commit(file: &DiskFile, otherwise: Contents) -> io::Result<Contents> {
    let is_new = seclusion::is_marked(file)? && {
        let size = file.facts()?.size;
        Superblock::locate(size, |buffer, at| file.read_at(buffer, at))?.is_none()
    };
    Ok(match is_new {
        true => Contents::NewFile,
        false => otherwise,
    })
}

/// Fills an overlay with a commit that stays in its journal.
pub fn overlay(hot: &Hot, overlay: &mut Overlay) {
    for extent in &hot.index.extents {
        let content = if extent.source == ZEROS {
            Content::Zeros(extent.length)
        } else {
            Content::Spilled {
                offset: extent.source,
                length: extent.length,
                checksum: Some(extent.checksum),
            }
        };
        overlay.insert(extent.address, content);
    }
    for (start, end) in &hot.index.unwritten {
        overlay.zero(*start, *end);
    }
    // The signature comes back with every commit, whether the superblock changes or not.
    if !overlay.touches(hot.header.signature, SIGNATURE.len() as u64) {
        overlay.insert(hot.header.signature, Content::Memory(SIGNATURE.to_vec()));
    }
}

/// What `recover` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// A commit was taken from the journal: so many bytes.
    pub replayed: Option<u64>,
    /// Bytes of a step that was not committed were cut off.
    pub cut: u64,
    /// So many bytes that no commit had written were made zeros again.
    pub zeroed: u64,
    /// A journal without a whole commit was removed.
    pub removed_journal: bool,
    /// A journal that does not belong to this file was renamed.
    pub refused_journal: bool,
    /// Nothing had been committed, and the file is empty now.
    pub emptied: bool,
}

impl Recovery {
    /// Whether nothing had to be done.
    pub fn was_clean(&self) -> bool {
        *self == Self::default()
    }
}

/// What is in a file beside its journal.
#[derive(Debug)]
pub struct Found {
    /// What the system says of it.
    pub facts: Facts,
    /// Its superblock, if it has one.
    superblock: Option<Superblock>,
}

impl Found {
    /// Looks into a file of which the system says so.
    pub fn of(file: &DiskFile, facts: Facts) -> Result<Self> {
        let superblock =
            Superblock::locate(facts.size, |buffer, offset| file.read_at(buffer, offset))
                .map_err(|error| io_error("read", file.path(), &error))?;
        Ok(Self { facts, superblock })
    }

    /// Whether there is something, and no superblock.
    pub fn may_be_new(&self) -> bool {
        self.facts.size > 0 && self.superblock.is_none()
    }

    /// The superblock of a recovered file, or the reason why there is none.
    pub fn superblock_of(&self, file: &DiskFile) -> Result<Superblock> {
        let path = file.path();
        if let Some(superblock) = self.superblock {
            return Ok(superblock);
        }
        let is_sealed = is_sealed(file, self.facts.size);
        Err(
            if is_sealed.map_err(|error| io_error("read", path, &error))? {
                Error::format(format!(
                    "'{}' was left in the middle of a commit, and the journal '{}' that completes it is missing; put both files together again",
                    path.display(),
                    journal_path(path).display()
                ))
            } else {
                Error::format(format!("'{}' is not an HDF5 file", path.display()))
            },
        )
    }
}

/// Brings a locked file, open for writing, to its last commit; what was found in it becomes what is.
///
/// A kill in the middle is harmless: the next recovery starts over.
pub fn recover(file: &DiskFile, found: &mut Found, may_have_journal: bool) -> Result<Recovery> {
    let path = file.path();
    let journal = journal_path(path);
    let mut done = Recovery::default();
    let failed = |error: io::Error| io_error("recover", path, &error);
    let contents = match (may_have_journal, found.superblock) {
        (true, _) => examine(file, &journal),
        // It was committed.
        (false, Some(_)) => Ok(Contents::Missing),
        (false, None) => without_commit(file, Contents::Missing),
    };
    match contents.map_err(failed)? {
        Contents::Missing => {}
        Contents::Hot(hot) => {
            replay(file, &hot).map_err(failed)?;
            done.replayed = Some(hot.index.extents.iter().map(|extent| extent.length).sum());
            remove_journal(file, &journal).map_err(failed)?;
        }
        Contents::Unwritten(record) => {
            done.zeroed = forget_unwritten(file, &record.index).map_err(failed)?;
            done.removed_journal = true;
            remove_journal(file, &journal).map_err(failed)?;
        }
        Contents::NewFile => {
            file.set_size(0).map_err(failed)?;
            done.emptied = true;
            remove_journal(file, &journal).map_err(failed)?;
        }
        Contents::Nothing => {
            done.removed_journal = true;
            sys::unlink(&journal).map_err(failed)?;
        }
        Contents::Foreign => {
            // It may be all that is left of another file's last step.
            done.refused_journal = true;
            set_aside(&journal).map_err(failed)?;
        }
    }
    if !done.was_clean() {
        *found = Found::of(file, file.facts().map_err(failed)?)?;
    }
    let size = found.facts.size;
    if let Some(superblock) = found.superblock {
        if superblock.end < size && !hooks::mutant(Mutant::KeepTail) {
            file.set_size(superblock.end).map_err(failed)?;
            done.cut = size - superblock.end;
            found.facts.size = superblock.end;
        }
    }
    if !done.was_clean() {
        file.note_change();
    }
    Ok(done)
}

/// Gives a journal that belongs to another file another name.
pub fn set_aside(journal: &Path) -> io::Result<()> {
    let mut aside = journal.as_os_str().to_owned();
    aside.push(".refused");
    sys::rename(journal, Path::new(&aside))
}

/// Makes what no commit has written zeros again.
fn forget_unwritten(file: &DiskFile, index: &Index) -> io::Result<u64> {
    if hooks::mutant(Mutant::IgnoreUnwrittenRanges) {
        return Ok(0);
    }
    let mut count = 0;
    for (start, end) in &index.unwritten {
        file.zero(*start, end - start)?;
        count += end - start;
    }
    Ok(count)
}

fn replay(file: &DiskFile, hot: &Hot) -> io::Result<()> {
    let unwritten: &[(u64, u64)] = if hooks::mutant(Mutant::IgnoreUnwrittenRanges) {
        &[]
    } else {
        &hot.index.unwritten
    };
    let zeros = unwritten.iter().map(|(start, end)| Piece {
        address: *start,
        source: PieceSource::Zeros(end - start),
    });
    let mut pieces: Vec<Piece> = hot
        .index
        .extents
        .iter()
        .map(|extent| Piece {
            address: extent.address,
            source: if extent.source == ZEROS {
                PieceSource::Zeros(extent.length)
            } else {
                PieceSource::Journal {
                    offset: extent.source,
                    length: extent.length,
                }
            },
        })
        .chain(zeros)
        .collect();
    pieces.sort_unstable_by_key(|piece| piece.address);
    Apply {
        file,
        journal: Some(&hot.journal),
        signature: hot.header.signature,
        seal: true,
        pieces: &pieces,
        size: file.facts()?.size,
        end: hot.header.new_end,
    }
    .run()
}

/// Removes a journal whose commit is in the file, in an order that a power cut cannot reverse.
fn remove_journal(file: &DiskFile, journal: &Path) -> io::Result<()> {
    if !hooks::mutant(Mutant::SkipSyncOfRecoveredFile) {
        file.sync()?;
    }
    sys::unlink(journal)?;
    if !hooks::mutant(Mutant::SkipSyncOfDirectoryAfterRecovery) {
        sys::sync_directory_of(journal)?;
    }
    Ok(())
}

/// Whether the file would have a superblock if its signature were there.
pub fn is_sealed(file: &DiskFile, size: u64) -> io::Result<bool> {
    let found = Superblock::locate(size, |buffer, address| {
        file.read_at(buffer, address)?;
        if belonging::seal_at(file, address)? == Seal::Sealed {
            buffer[..SIGNATURE.len()].copy_from_slice(&SIGNATURE);
        }
        Ok(())
    })?;
    // Zeros alone look like a superblock of version 0 without a size of addresses.
    Ok(found.is_some_and(|superblock| superblock.end >= superblock::LARGEST as u64 / 2))
}
