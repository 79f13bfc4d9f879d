//! Takes a commit into the file, in an order that leaves no moment unguarded.
//!
//! The first write destroys the file's signature, and the last one brings it back. Between
//! them no program takes the file for HDF5, and whoever opens it next with h5sim finds the
//! journal and starts over.

#![forbid(unsafe_code)]

use super::hooks::{self, Mutant};
use super::superblock::SIGNATURE;
use super::sys::DiskFile;
use std::io;

/// The length of the signature.
const SIGNATURE_LENGTH: u64 = SIGNATURE.len() as u64;

/// Where the bytes of a piece come from.
#[derive(Clone, Copy, Debug)]
pub enum PieceSource<'a> {
    /// Memory.
    Bytes(&'a [u8]),
    /// The journal.
    Journal {
        /// Where in the journal.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// Nowhere: so many zeros.
    Zeros(u64),
}

impl<'a> PieceSource<'a> {
    fn length(&self) -> u64 {
        match self {
            PieceSource::Bytes(bytes) => bytes.len() as u64,
            PieceSource::Journal { length, .. } | PieceSource::Zeros(length) => *length,
        }
    }

    /// The part `[from, to)`.
    fn part(&self, from: u64, to: u64) -> PieceSource<'a> {
        match self {
            // The bounds lie within the slice, so they fit.
            PieceSource::Bytes(bytes) => PieceSource::Bytes(&bytes[from as usize..to as usize]),
            PieceSource::Journal { offset, .. } => PieceSource::Journal {
                offset: offset + from,
                length: to - from,
            },
            PieceSource::Zeros(_) => PieceSource::Zeros(to - from),
        }
    }
}

/// Bytes and the place they belong to.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Where in the file.
    pub address: u64,
    /// What.
    pub source: PieceSource<'a>,
}

/// A commit that is to be taken into the file.
#[derive(Debug)]
pub struct Apply<'a> {
    /// The file.
    pub file: &'a DiskFile,
    /// The journal, if a piece comes from there.
    pub journal: Option<&'a DiskFile>,
    /// Where the signature is.
    pub signature: u64,
    /// Whether the file has one now: a new file has none.
    pub seal: bool,
    /// The pieces, by ascending address.
    pub pieces: &'a [Piece<'a>],
    /// The size of the file now.
    pub size: u64,
    /// Where its data end afterwards.
    pub end: u64,
}

impl Apply<'_> {
    /// Does it.
    pub fn run(&self) -> io::Result<()> {
        if hooks::mutant(Mutant::ApplySuperblockFirst) {
            self.seal()?;
            self.file.write_at(&SIGNATURE, self.signature)?;
            for piece in self.pieces {
                self.write(piece)?;
            }
            return self.cut();
        }
        if hooks::mutant(Mutant::SkipSeal) {
            for piece in self.pieces.iter().rev() {
                self.write(piece)?;
            }
            return self.cut();
        }
        self.seal()?;
        let after = self.signature + SIGNATURE_LENGTH;
        for piece in self.pieces.iter().rev() {
            let end = piece.address + piece.source.length();
            if piece.address >= after || end <= self.signature {
                self.write(piece)?;
                continue;
            }
            // The piece with the superblock: all but the signature.
            if end > after {
                let source = piece
                    .source
                    .part(after - piece.address, piece.source.length());
                self.write(&Piece {
                    address: after,
                    source,
                })?;
            }
            if piece.address < self.signature {
                let source = piece.source.part(0, self.signature - piece.address);
                self.write(&Piece {
                    address: piece.address,
                    source,
                })?;
            }
        }
        self.file.write_at(&SIGNATURE, self.signature)?;
        self.cut()
    }

    fn seal(&self) -> io::Result<()> {
        if self.seal {
            self.file.write_at(&[0; SIGNATURE.len()], self.signature)?;
        }
        Ok(())
    }

    fn cut(&self) -> io::Result<()> {
        if self.size > self.end {
            self.file.set_size(self.end)?;
        }
        Ok(())
    }

    fn write(&self, piece: &Piece) -> io::Result<()> {
        match piece.source {
            PieceSource::Bytes(bytes) => self.file.write_at(bytes, piece.address),
            PieceSource::Journal { offset, length } => {
                let journal = self
                    .journal
                    .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
                self.file.copy_at(journal, offset, piece.address, length)
            }
            PieceSource::Zeros(length) => self.file.zero(piece.address, length),
        }
    }
}
