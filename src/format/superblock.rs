//! Where a file's superblock is, and the few facts in it that decide what is committed.

#![forbid(unsafe_code)]

use super::object_header::{self, FoundHeader};
use super::{bytes, lookup3, Source, Widths};
use crate::error::Result;
use std::io;

/// What every HDF5 file begins with, after its user block if it has one.
pub const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// The largest superblock of any version: 8-byte addresses, version 1.
pub const LARGEST: usize = 104;
/// Bytes of one of version 2 or 3 with addresses of 8 bytes, and where in it the end is.
const NEW_LENGTH: usize = 48;
const NEW_END: usize = 28;
/// From this version on, readers and writers respect the marks of a writer.
const FIRST_VERSION_WITH_MARKS: u8 = 3;

/// The facts of a superblock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superblock {
    /// Where its signature is.
    pub address: u64,
    /// Its version, 0 to 3.
    pub version: u8,
    /// The mark that a writer has the file open, or had it open when it died.
    pub marked_open: bool,
    /// Where the file's data end, counted from the file's first byte.
    pub end: u64,
    /// Where in the file that is said, if it can be changed there: 8 bytes that no checksum covers.
    pub end_at: Option<u64>,
    /// How many bytes addresses and lengths have.
    pub widths: Widths,
    /// Where there is more of it, of messages that objects share among other things; counted from its own address.
    pub extension: Option<u64>,
    /// Where the root group's header is, counted likewise.
    pub root: Option<u64>,
    /// Whether it says that a driver other than the usual one wrote the file, or in versions 0 and 1 may have.
    pub has_driver: bool,
}

/// Reads a little-endian number of `size` bytes; all ones mean that it is undefined.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let field = bytes.get(at..at + size)?;
    if field.iter().all(|byte| *byte == 0xFF) {
        return None;
    }
    let mut value = 0u64;
    for (position, byte) in field.iter().enumerate() {
        if position >= 8 {
            if *byte != 0 {
                return None;
            }
        } else {
            value |= u64::from(*byte) << (8 * position);
        }
    }
    Some(value)
}

impl Superblock {
    /// Reads the facts from the bytes at `address`; `None` if this is no superblock.
    pub fn parse(bytes: &[u8], address: u64) -> Option<Self> {
        if bytes.get(..8)? != SIGNATURE {
            return None;
        }
        let version = *bytes.get(8)?;
        let (sizes_at, base_at, status) = match version {
            0 => (13, 24, number(bytes, 20, 4)?),
            1 => (13, 28, number(bytes, 20, 4)?),
            2 | 3 => (9, 12, number(bytes, 11, 1)?),
            _ => return None,
        };
        let size = usize::from(*bytes.get(sizes_at)?);
        if ![2, 4, 8].contains(&size) {
            return None;
        }
        let base = number(bytes, base_at, size)?;
        // In all versions one address lies between the base and the end.
        let end_at = base_at + 2 * size;
        let end = number(bytes, end_at, size)?;
        let length = usize::from(*bytes.get(sizes_at + 1)?);
        // In versions 0 and 1 a driver's description comes next, and the root as a link: its name first.
        let is_old = version <= 1;
        let root_at = base_at + if is_old { 4 * size + length } else { 3 * size };
        Some(Self {
            address,
            version,
            marked_open: version >= FIRST_VERSION_WITH_MARKS && status & 0b101 != 0,
            // A file that was moved behind a user block keeps its old base address.
            end: end.checked_sub(base)?.checked_add(address)?,
            end_at: (version <= 1 && size == 8 && base == address)
                .then_some(address + end_at as u64),
            widths: Widths {
                address: size,
                length,
            },
            extension: number(bytes, base_at + size, size).filter(|_| !is_old),
            root: number(bytes, root_at, size),
            has_driver: is_old && number(bytes, base_at + 3 * size, size).is_some(),
        })
    }

    /// What is to be written where, for the superblock of which these are the first bytes to say that the file's data end elsewhere; `None`
    /// if that cannot be said.
    pub fn with_end(&self, bytes: &[u8], end: u64) -> Option<(u64, Vec<u8>)> {
        if let Some(place) = self.end_at {
            return Some((place, end.to_le_bytes().into()));
        }
        let is_simple = self.version >= 2 && self.widths.address == 8 && self.address == 0;
        let mut own = bytes.get(..NEW_LENGTH).filter(|_| is_simple)?.to_vec();
        if !lookup3::is_right(&own) || own[12..20] != [0; 8] {
            return None;
        }
        own[NEW_END..NEW_END + 8].copy_from_slice(&end.to_le_bytes());
        let sum = lookup3::checksum(&own[..NEW_LENGTH - 4]);
        own[NEW_LENGTH - 4..].copy_from_slice(&sum.to_le_bytes());
        Some((self.address + NEW_END as u64, own.split_off(NEW_END)))
    }

    /// The superblock at the beginning of a file in one of HDF5's usual formats, whose end the file has, and the header of its root
    /// group; `None` if anything is unusual, or damaged, or if a writer has the file open or has died.
    pub fn plain<S: Source + ?Sized>(source: &S) -> Result<Option<(Self, FoundHeader)>> {
        let length = source.end().min(LARGEST as u64);
        let Some(start) = bytes(source, 0, length)? else {
            return Ok(None);
        };
        let is_plain = |superblock: &Self| {
            superblock.version != 1
                && superblock.widths == Widths::USUAL
                // Its base address is where it is, and its checksum is right.
                && superblock.with_end(&start, superblock.end).is_some()
                && superblock.end <= source.end()
                && superblock.extension.is_none()
                && !superblock.has_driver
                && !superblock.marked_open
        };
        let Some(superblock) = Self::parse(&start, 0).filter(is_plain) else {
            return Ok(None);
        };
        let Some(root) = superblock.root else {
            return Ok(None);
        };
        let header = object_header::found(source, root, Widths::USUAL, source.end())?;
        Ok(header.map(|header| (superblock, header)))
    }

    /// Looks where HDF5 looks: at 0, 512, 1024, 2048 and so on.
    pub fn locate(
        size: u64,
        read: impl Fn(&mut [u8], u64) -> io::Result<()>,
    ) -> io::Result<Option<Self>> {
        let mut address = 0u64;
        while address < size {
            let mut bytes = [0; LARGEST];
            read(&mut bytes, address)?;
            if let Some(found) = Self::parse(&bytes, address) {
                return Ok(Some(found));
            }
            address = if address == 0 {
                512
            } else {
                address.saturating_mul(2)
            };
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_0(base: u64, end: u64) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 1, 0, 0, 0]);
        for address in [base, u64::MAX, end, u64::MAX] {
            bytes.extend(address.to_le_bytes());
        }
        bytes
    }

    fn version_3(base: u64, end: u64, status: u8) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([3, 8, 8, status]);
        for address in [base, u64::MAX, end, 48] {
            bytes.extend(address.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn reads_old_and_new_versions() {
        let old = Superblock::parse(&version_0(0, 2144), 0).unwrap();
        assert_eq!(
            old,
            Superblock {
                address: 0,
                version: 0,
                marked_open: false,
                end: 2144,
                end_at: Some(40),
                widths: Widths::USUAL,
                extension: None,
                root: None,
                has_driver: false,
            }
        );
        let new = Superblock::parse(&version_3(512, 4096, 1), 512).unwrap();
        assert_eq!(
            new,
            Superblock {
                address: 512,
                version: 3,
                marked_open: true,
                end: 4096,
                end_at: None,
                widths: Widths::USUAL,
                extension: None,
                root: Some(48),
                has_driver: false,
            }
        );
        // Moved behind a user block of 1024 bytes by a tool that knows nothing of HDF5.
        assert_eq!(
            Superblock::parse(&version_3(0, 4096, 0), 1024).unwrap().end,
            5120
        );
        assert_eq!(Superblock::parse(&version_3(0, 4096, 0)[..35], 0), None);
    }

    #[test]
    fn another_end_can_be_said() {
        let old = version_0(0, 2144);
        let parsed = Superblock::parse(&old, 0).unwrap();
        let expected = (40, 3000u64.to_le_bytes().to_vec());
        assert_eq!(parsed.with_end(&old, 3000), Some(expected));
        let mut new = version_3(0, 4096, 1);
        // Without a checksum it is not known what the other bytes are to be.
        let parsed = Superblock::parse(&new, 0).unwrap();
        assert_eq!(parsed.with_end(&[&new[..], &[0; 4]].concat(), 5000), None);
        new.extend(lookup3::checksum(&new).to_le_bytes());
        let (place, bytes) = parsed.with_end(&new, 5000).unwrap();
        let place = place as usize;
        new[place..place + bytes.len()].copy_from_slice(&bytes);
        assert!(lookup3::is_right(&new));
        let expected = Superblock {
            end: 5000,
            ..parsed
        };
        assert_eq!(Superblock::parse(&new, 0), Some(expected));
        let behind = Superblock::parse(&version_3(512, 4096, 1), 512).unwrap();
        assert_eq!(behind.with_end(&new, 5000), None);
    }

    #[test]
    fn what_is_no_superblock_is_none() {
        assert_eq!(Superblock::parse(&[0; LARGEST], 0), None);
    }

    #[test]
    fn looks_at_the_powers_of_two() {
        let mut file = vec![0; 2048];
        file.extend(version_0(2048, 5000));
        file.resize(5000, 0);
        let read = |buffer: &mut [u8], offset: u64| {
            buffer.copy_from_slice(&file[offset as usize..offset as usize + buffer.len()]);
            Ok(())
        };
        assert_eq!(
            Superblock::locate(5000, read).unwrap().unwrap().address,
            2048
        );
        assert_eq!(Superblock::locate(2048, read).unwrap(), None);
    }
}
