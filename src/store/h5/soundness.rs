//! Whether HDF5 can be let loose on what a file holds: it trusts some bytes that a damaged file may have wrong.

use super::headers::address_of;
use super::{check, file_of, lock, raw_file, Dataset, Id, StorageLayout};
use crate::error::{Error, Result};
use crate::format::object_header::{self, FoundMessage};
use crate::format::symbol_table::{self, Sizes};
use crate::format::{chunk_index, Source, Widths};
use crate::journal::RawFile;
use hdf5_sys::h5f::{H5Fflush, H5Fget_create_plist, H5F_SCOPE_LOCAL};
use hdf5_sys::h5p::{H5Pget_sizes, H5Pget_sym_k};

/// What HDF5 has added to the addresses in an object's file: to those that no file has, too.
///
/// The caller holds the lock.
pub(super) fn base_of(object: &Id) -> Result<u64> {
    #[cfg(feature = "mpi")]
    if super::parallel::are_together() {
        return Ok(0);
    }
    raw_file(&file_of(object)?)?.base()
}

/// An object of a file, as its bytes describe it.
struct ParsedObject {
    raw: RawFile,
    /// The end of the user block.
    base: u64,
    /// Where the object's header is.
    header: u64,
    widths: Widths,
    /// The sizes of the file's symbol tables.
    sizes: Sizes,
}

/// A file whose addresses count from the end of its user block.
impl Source for ParsedObject {
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        self.raw.read(address.saturating_add(self.base), target)
    }

    fn end(&self) -> u64 {
        self.raw.end().saturating_sub(self.base)
    }
}

impl ParsedObject {
    /// An open object; None of one that is known to be sound.
    ///
    /// The caller holds the lock.
    fn unproven(object: &Id) -> Result<Option<Self>> {
        let what = "looking at an object";
        // What ranks share is not read past HDF5, which has parts of it in the memory of other ranks.
        #[cfg(feature = "mpi")]
        if super::parallel::are_together() {
            return Ok(None);
        }
        let file = file_of(object)?;
        let raw = raw_file(&file)?;
        let header = address_of(object)?;
        if raw.is_sound(header) {
            return Ok(None);
        }
        let base = raw.base()?;
        let (mut address, mut length) = (0, 0);
        let (mut internal, mut leaf) = (0, 0);
        // SAFETY: a live file, whose list is owned; all places are valid.
        unsafe {
            let creation = Id::new(H5Fget_create_plist(file.raw()), what)?;
            let sizes = H5Pget_sizes(creation.raw(), &mut address, &mut length);
            check(sizes, what)?;
            check(H5Pget_sym_k(creation.raw(), &mut internal, &mut leaf), what)?;
        }
        Ok(Some(Self {
            raw,
            base,
            header,
            widths: Widths { address, length },
            sizes: Sizes {
                children: 2 * internal as usize,
                links: 2 * leaf as usize,
            },
        }))
    }

    /// The messages of its header; None if they are not understood.
    fn messages(&self) -> Result<Option<Vec<FoundMessage>>> {
        object_header::all(self, self.header, self.widths)
    }
}

/// Fails if HDF5 would go astray in a group's old symbol table: it follows trees that lead back into
/// themselves, and names that lie outside their heap.
///
/// A table is looked at once: what HDF5 and this library make of it later is sound.
pub(super) fn require_walkable(group: &Id) -> Result<()> {
    let _lock = lock();
    let Some(object) = ParsedObject::unproven(group)? else {
        return Ok(());
    };
    if object.raw.is_writable() {
        // It is looked at as HDF5 has it now, which repairs some of what it finds.
        // SAFETY: a live object.
        let status = unsafe { H5Fflush(group.raw(), H5F_SCOPE_LOCAL) };
        check(status, "looking at a group")?;
    }
    let Some(messages) = object.messages()? else {
        return Ok(());
    };
    let Some((tree, heap)) = symbol_table::places(&messages, object.widths.address) else {
        return Ok(());
    };
    match symbol_table::is_walkable(&object, tree, heap, object.sizes, object.widths)? {
        true => {
            object.raw.note_sound(object.header);
            Ok(())
        }
        false => Err(Error::format(
            "the links of the group cannot be read: the file is damaged",
        )),
    }
}

impl Dataset {
    /// Whether HDF5 can list its chunks, of which there are at most so many, and will find each of them where the list says.
    /// It follows indexes that lead back into themselves, and counts slots that a file only claims to have.
    ///
    /// # Errors
    /// `Format` where HDF5 must not look for a chunk either, which it would do past the end of the index.
    ///
    /// What is looked at is the file, and not what HDF5 made of it since it was opened, which is sound if the file is.
    pub fn is_listable(&self, chunk: &[u64], most: u64) -> Result<bool> {
        let _lock = lock();
        let Some(object) = ParsedObject::unproven(self.id())? else {
            return Ok(true);
        };
        let Some(messages) = object.messages()? else {
            return Ok(false);
        };
        let look = |messages: &[FoundMessage]| {
            chunk_index::is_listable(&object, messages, self.slots(chunk), most, object.widths)
        };
        match look(&messages) {
            Err(_) if object.raw.is_writable() => {
                // In its place may be what was there before.
                // SAFETY: a live object.
                let status = unsafe { H5Fflush(self.id().raw(), H5F_SCOPE_LOCAL) };
                check(status, "looking at a dataset")?;
                object
                    .messages()?
                    .map_or(Ok(false), |messages| look(&messages))
            }
            found => found,
        }
    }

    /// Fails if HDF5 cannot go through its chunks: see [`is_listable`](Self::is_listable).
    pub fn require_listable(&self, layout: &StorageLayout) -> Result<()> {
        let _lock = lock();
        let StorageLayout::Chunked { chunk, .. } = layout else {
            return Ok(());
        };
        match ParsedObject::unproven(self.id())? {
            Some(object) if object.raw.is_writable() => {
                // It is looked at as HDF5 has it now.
                // SAFETY: a live object.
                let status = unsafe { H5Fflush(self.id().raw(), H5F_SCOPE_LOCAL) };
                check(status, "looking at a dataset")?;
            }
            Some(_) => {}
            None => return Ok(()),
        }
        match self.is_listable(chunk, self.slots(chunk))? {
            true => Ok(()),
            false => Err(Error::format(
                "its chunks cannot be listed: the file is damaged",
            )),
        }
    }

    /// Fails if HDF5 would give what happens to lie in memory for numbers that a chunk does not have: the filter that
    /// scales and shifts numbers believes a chunk that says how many bits they take; or would look for chunks past the end of their index.
    pub fn require_whole_chunks(&self) -> Result<()> {
        let _lock = lock();
        let StorageLayout::Chunked { chunk, filters, .. } = self.layout()? else {
            return Ok(());
        };
        self.is_listable(&chunk, self.slots(&chunk))?;
        let Some(last) = filters.last().filter(|last| last.id == SCALE_OFFSET) else {
            return Ok(());
        };
        let elements = last.client_data.get(2).copied().unwrap_or(0).into();
        let left_out = 1 << (filters.len() - 1);
        let raw = raw_file(&file_of(self.id())?)?;
        let mut places = Vec::new();
        if self.each_chunk(&chunk, self.slots(&chunk), |_, place| places.push(place))? {
            for place in places.iter().filter(|place| place.mask & left_out == 0) {
                let mut bits = [0; 4];
                let known = place.stored.min(4) as usize;
                raw.read(place.address, &mut bits[..known])?;
                require_bits(elements, bits, place.stored)?;
            }
            return Ok(());
        }
        for first in self.firsts(&chunk)? {
            match self.read_chunk(&first)? {
                Some((mask, bytes)) if mask & left_out == 0 => {
                    let bits = bytes.first_chunk().copied().unwrap_or_default();
                    require_bits(elements, bits, bytes.len() as u64)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// HDF5's filter that keeps as many bits of a number as its chunk needs.
const SCALE_OFFSET: i32 = 6;

/// What its chunks begin with: the bits of a number (4 bytes), and the smallest number with its size.
const SCALE_OFFSET_PREFIX: u64 = 21;

/// Fails if a chunk of the filter that scales and shifts has fewer bytes than its elements take, with the bits that it begins with.
fn require_bits(elements: u64, bits: [u8; 4], stored: u64) -> Result<()> {
    let bits = u64::from(u32::from_le_bytes(bits));
    let expected = SCALE_OFFSET_PREFIX + (elements * bits).div_ceil(8);
    if stored >= expected {
        return Ok(());
    }
    Err(Error::format(format!(
        "a chunk of {expected} bytes was expected, one has {stored}: the file is damaged"
    )))
}
