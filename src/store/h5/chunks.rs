//! Where a dataset's bytes are, and chunks as they are in the file, past HDF5's filters.

use super::collect::Collector;
use super::soundness::base_of;
use super::Hyperslab;
use super::{check, lock, truth, Dataset, ElementType, Id};
use crate::codec::convert::{Class, NumberType};
use crate::codec::{quantize, Filter};
use crate::error::{Error, Result};
use crate::journal::RawFile;
use crate::slice::PerAxis;
use crate::store::dtype::{Dtype, Family};
use hdf5_sys::h5d::{
    H5D_alloc_time_t, H5D_fill_time_t, H5D_fill_value_t, H5D_layout_t, H5D_space_status_t,
    H5Dchunk_iter, H5Dcreate_anon, H5Dformat_convert, H5Dget_create_plist, H5Dget_offset,
    H5Dget_space_status, H5Dget_storage_size, H5Dread_chunk2, H5Dset_extent, H5Dwrite,
    H5Dwrite_chunk,
};
use hdf5_sys::h5i::{hid_t, H5I_type_t, H5Iget_type};
use hdf5_sys::h5p::{
    H5Pfill_value_defined, H5Pget_alloc_time, H5Pget_chunk, H5Pget_chunk_opts,
    H5Pget_external_count, H5Pget_fill_time, H5Pget_fill_value, H5Pget_filter2, H5Pget_layout,
    H5Pget_nfilters, H5Pset_chunk, H5Pset_fill_time, H5P_DEFAULT,
};
use hdf5_sys::h5t::*;
use std::ffi::{c_int, c_uint, c_void};

extern "C" {
    // Not among the bindings.
    fn H5Dget_chunk_storage_size(dataset: hid_t, offset: *const u64, bytes: *mut u64) -> i32;
}

/// How a dataset is laid out, as far as reading and writing its bytes directly goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageLayout {
    /// In one piece.
    Contiguous,
    /// In chunks of these extents, through these filters.
    Chunked {
        /// The extents of a chunk.
        chunk: Vec<u64>,
        /// The filters, first to last.
        filters: Vec<Filter>,
        /// Whether it is a series that has begun with small chunks: [`Allocation::Growing`](super::Allocation::Growing).
        grows: bool,
    },
    /// In the object header, in other files, or otherwise.
    Other,
}

/// A chunk in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Its first byte.
    pub address: u64,
    /// Its bytes in the file.
    pub stored: u64,
    /// The filters that it went past.
    pub mask: u32,
}

/// The value of an address that is none.
const UNDEFINED: u64 = u64::MAX;

impl ElementType {
    /// The numbers that elements consist of, if nothing about them is unusual.
    pub fn number(&self) -> Result<Option<NumberType>> {
        let _lock = lock();
        // SAFETY: a live datatype; what is made from it is owned.
        unsafe {
            Ok(match self.dtype {
                Dtype::Bool => {
                    let base = Id::new(H5Tget_super(self.raw()), "reading an enum type")?;
                    standard(&base)?
                        .filter(|number| number.size == 1)
                        .map(|number| NumberType {
                            class: Class::Opaque,
                            ..number
                        })
                }
                Dtype::C64 | Dtype::C128 if self.is_complex_class() => None,
                Dtype::C64 | Dtype::C128 => {
                    let what = "reading a compound type";
                    let part = Id::new(H5Tget_member_type(self.raw(), 0), what)?;
                    standard(&part)?
                        .map(NumberType::complex)
                        .filter(|number| number.element_size() == self.size())
                }
                Dtype::Text | Dtype::Other => None,
                _ => standard(self.id())?,
            })
        }
    }
}

impl ElementType {
    /// Turns elements of `dtype` in memory into elements as they are in the file, by HDF5's conversion.
    pub fn convert_from(&self, dtype: Dtype, data: &[u8]) -> Result<Vec<u8>> {
        let _lock = lock();
        let (from, to) = (self.memory(dtype)?, self.raw());
        convert((from, dtype.size()), (to, self.size()), data)
    }

    /// Turns elements as they are in the file into elements of `dtype` in memory, by HDF5's conversion.
    pub fn convert_to(&self, dtype: Dtype, data: &[u8]) -> Result<Vec<u8>> {
        let _lock = lock();
        let (from, to) = (self.raw(), self.memory(dtype)?);
        convert((from, self.size()), (to, dtype.size()), data)
    }
}

/// Turns elements of one type into those of another; each is given with the bytes of an element.
///
/// The caller holds the lock.
fn convert(from: (hid_t, usize), to: (hid_t, usize), data: &[u8]) -> Result<Vec<u8>> {
    let count = data.len() / from.1.max(1);
    // HDF5 converts in place: there must be room for the wider of the two.
    let mut buffer: Vec<u8> = super::zeroed(count as u64, from.1.max(to.1))?;
    buffer[..data.len()].copy_from_slice(data);
    // SAFETY: live datatypes and a buffer of `count` of the wider elements.
    let status = unsafe {
        H5Tconvert(
            from.0,
            to.0,
            count,
            buffer.as_mut_ptr().cast(),
            std::ptr::null_mut(),
            H5P_DEFAULT,
        )
    };
    check(status, "converting the elements")?;
    buffer.truncate(count * to.1);
    Ok(buffer)
}

/// The numbers that elements of `dtype` consist of in memory.
pub fn memory_number(dtype: Dtype) -> Option<NumberType> {
    let class = match dtype {
        Dtype::F64 | Dtype::F32 | Dtype::C128 | Dtype::C64 => Class::Float,
        Dtype::I64 | Dtype::I32 | Dtype::I16 | Dtype::I8 => Class::Signed,
        Dtype::U64 | Dtype::U32 | Dtype::U16 | Dtype::U8 => Class::Unsigned,
        Dtype::Bool => Class::Opaque,
        Dtype::Text | Dtype::Other => return None,
    };
    Some(match dtype {
        Dtype::C128 | Dtype::C64 => NumberType::native(class, dtype.size() / 2).complex(),
        _ => NumberType::native(class, dtype.size()),
    })
}

/// The number that a datatype is, if it equals one of HDF5's standard types in every respect.
fn standard(id: &Id) -> Result<Option<NumberType>> {
    let what = "reading a type of numbers";
    // SAFETY: predefined datatypes are live under the lock, and so is `id`.
    unsafe {
        let (class, size) = (H5Tget_class(id.raw()), H5Tget_size(id.raw()));
        if class == H5T_class_t::H5T_NO_CLASS || size == 0 {
            return Err(super::failure(what));
        }
        let is_unsigned = match class {
            H5T_class_t::H5T_INTEGER => match H5Tget_sign(id.raw()) {
                H5T_sign_t::H5T_SGN_ERROR => return Err(super::failure(what)),
                sign => sign == H5T_sign_t::H5T_SGN_NONE,
            },
            _ => false,
        };
        let (class, little, big) = match (class, is_unsigned, size) {
            (H5T_class_t::H5T_FLOAT, _, 8) => (Class::Float, *H5T_IEEE_F64LE, *H5T_IEEE_F64BE),
            (H5T_class_t::H5T_FLOAT, _, 4) => (Class::Float, *H5T_IEEE_F32LE, *H5T_IEEE_F32BE),
            (H5T_class_t::H5T_INTEGER, true, size) => {
                let (little, big) = match size {
                    1 => (*H5T_STD_U8LE, *H5T_STD_U8BE),
                    2 => (*H5T_STD_U16LE, *H5T_STD_U16BE),
                    4 => (*H5T_STD_U32LE, *H5T_STD_U32BE),
                    8 => (*H5T_STD_U64LE, *H5T_STD_U64BE),
                    _ => return Ok(None),
                };
                (Class::Unsigned, little, big)
            }
            (H5T_class_t::H5T_INTEGER, false, size) => {
                let (little, big) = match size {
                    1 => (*H5T_STD_I8LE, *H5T_STD_I8BE),
                    2 => (*H5T_STD_I16LE, *H5T_STD_I16BE),
                    4 => (*H5T_STD_I32LE, *H5T_STD_I32BE),
                    8 => (*H5T_STD_I64LE, *H5T_STD_I64BE),
                    _ => return Ok(None),
                };
                (Class::Signed, little, big)
            }
            _ => return Ok(None),
        };
        // Most often it is this machine's own; of one byte both are the same.
        let big_endian = !truth(H5Tequal(id.raw(), little), what)?;
        if big_endian && !truth(H5Tequal(id.raw(), big), what)? {
            return Ok(None);
        }
        Ok(Some(NumberType {
            class,
            size,
            big_endian,
            parts: 1,
        }))
    }
}

/// The bytes that the elements of an open object take in its file: none, of what is no dataset.
pub fn room_of(object: &Id) -> u64 {
    let _lock = lock();
    // SAFETY: a live identifier.
    unsafe {
        match H5Iget_type(object.raw()) {
            H5I_type_t::H5I_DATASET => H5Dget_storage_size(object.raw()),
            _ => 0,
        }
    }
}

impl Dataset {
    fn creation(&self) -> Result<Id> {
        // SAFETY: a live dataset; the list is owned.
        let list = unsafe { H5Dget_create_plist(self.id().raw()) };
        Id::new(list, "reading how the dataset is stored")
    }

    /// How the dataset is laid out.
    pub fn layout(&self) -> Result<StorageLayout> {
        let _lock = lock();
        let what = "reading how the dataset is stored";
        let list = self.creation()?;
        // SAFETY: a live list; arrays with the room that is stated.
        unsafe {
            if H5Pget_external_count(list.raw()) != 0 {
                return Ok(StorageLayout::Other);
            }
            match H5Pget_layout(list.raw()) {
                H5D_layout_t::H5D_CONTIGUOUS => return Ok(StorageLayout::Contiguous),
                H5D_layout_t::H5D_CHUNKED => {}
                _ => return Ok(StorageLayout::Other),
            }
            let mut options = 0;
            check(H5Pget_chunk_opts(list.raw(), &mut options), what)?;
            let mut chunk = vec![0u64; self.extent.shape.len()];
            let rank = H5Pget_chunk(list.raw(), chunk.len() as c_int, chunk.as_mut_ptr());
            check(rank, what)?;
            // Chunks at the border that go past the filters without a mask are HDF5's own business.
            if options != 0 || rank as usize != chunk.len() || chunk.contains(&0) {
                return Ok(StorageLayout::Other);
            }
            let count = H5Pget_nfilters(list.raw());
            check(count, what)?;
            let filters = (0..count as c_uint)
                .map(|index| filter(&list, index))
                .collect::<Result<Vec<Filter>>>()?;
            let mut allocated = H5D_alloc_time_t::H5D_ALLOC_TIME_ERROR;
            let mut filled = H5D_fill_time_t::H5D_FILL_TIME_ERROR;
            check(H5Pget_alloc_time(list.raw(), &mut allocated), what)?;
            check(H5Pget_fill_time(list.raw(), &mut filled), what)?;
            Ok(StorageLayout::Chunked {
                chunk,
                filters,
                grows: allocated == H5D_alloc_time_t::H5D_ALLOC_TIME_INCR
                    && filled == H5D_fill_time_t::H5D_FILL_TIME_ALLOC,
            })
        }
    }

    /// The digits that values are rounded to before they are stored, as netCDF notes them.
    pub fn quantized_digits(&self) -> Result<Option<u32>> {
        if !super::attribute_exists(self.id(), quantize::ATTRIBUTE)? {
            return Ok(None);
        }
        let attribute = super::open_attribute(self.id(), quantize::ATTRIBUTE)?;
        let is_number = attribute.element.dtype.family() == Family::Number;
        if !is_number || attribute.shape.iter().product::<u64>() != 1 {
            return Ok(None);
        }
        let digits = attribute.read(Dtype::U32)?;
        Ok(digits.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes)))
    }

    /// Notes the digits that values are rounded to.
    pub fn note_quantized_digits(&self, digits: u32) -> Result<()> {
        let element = ElementType::stored(Dtype::I32, None)?;
        let attribute = super::create_attribute(self.id(), quantize::ATTRIBUTE, element, &[])?;
        attribute.write(Dtype::U32, &digits.to_ne_bytes())
    }

    /// How its bytes are laid out, in HDF5's words.
    pub fn layout_name(&self) -> Result<&'static str> {
        let _lock = lock();
        let list = self.creation()?;
        // SAFETY: a live list.
        Ok(unsafe {
            match H5Pget_layout(list.raw()) {
                H5D_layout_t::H5D_CONTIGUOUS if H5Pget_external_count(list.raw()) > 0 => "external",
                H5D_layout_t::H5D_CONTIGUOUS => "contiguous",
                H5D_layout_t::H5D_CHUNKED => "chunked",
                H5D_layout_t::H5D_COMPACT => "compact",
                _ => "virtual",
            }
        })
    }

    /// An element that was never written, as in memory; none if its value is undefined, or no number or truth value.
    pub fn fill_in_memory(&self) -> Result<Option<Vec<u8>>> {
        let _lock = lock();
        let dtype = self.element.dtype;
        if matches!(dtype, Dtype::Text | Dtype::Other) {
            return Ok(None);
        }
        if self.fill_value()?.is_none() {
            return Ok(None);
        }
        let list = self.creation()?;
        let mut element = vec![0; dtype.size()];
        let place = element.as_mut_ptr().cast();
        // SAFETY: a live list and datatype; room for an element of it.
        let status = unsafe { H5Pget_fill_value(list.raw(), self.element.memory(dtype)?, place) };
        check(status, "reading the fill value")?;
        Ok(Some(element))
    }

    /// An element that was never written, as in the file; none if its value is undefined.
    pub fn fill_value(&self) -> Result<Option<Vec<u8>>> {
        let _lock = lock();
        let what = "reading the fill value";
        let list = self.creation()?;
        let mut status = H5D_fill_value_t::H5D_FILL_VALUE_ERROR;
        let mut element = vec![0; self.element.size()];
        // SAFETY: a live list and datatype; room for an element.
        unsafe {
            check(H5Pfill_value_defined(list.raw(), &mut status), what)?;
            match status {
                H5D_fill_value_t::H5D_FILL_VALUE_UNDEFINED
                | H5D_fill_value_t::H5D_FILL_VALUE_ERROR => return Ok(None),
                H5D_fill_value_t::H5D_FILL_VALUE_DEFAULT => {}
                H5D_fill_value_t::H5D_FILL_VALUE_USER_DEFINED => {
                    let place = element.as_mut_ptr().cast();
                    check(
                        H5Pget_fill_value(list.raw(), self.element.raw(), place),
                        what,
                    )?;
                }
            }
        }
        Ok(Some(element))
    }

    /// The place of the first byte in the file, of a dataset in one piece that was written.
    pub fn address(&self) -> Option<u64> {
        let _lock = lock();
        // SAFETY: a live dataset. In a file with a user block HDF5 adds its size even to no address, so
        // that it is asked whether there is one. The size that the layout says does not count for it either.
        let address = unsafe { H5Dget_offset(self.id().raw()) };
        let is_none = address == UNDEFINED || base_of(self.id()).is_ok_and(|base| address < base);
        if is_none || !self.was_written().unwrap_or(false) {
            // Not an error where nothing was written; HDF5 may complain all the same.
            super::failure("");
            return None;
        }
        Some(address)
    }

    /// Whether all of its elements have their place in the file.
    pub fn was_written(&self) -> Result<bool> {
        let _lock = lock();
        let mut status = H5D_space_status_t::H5D_SPACE_STATUS_ERROR;
        // SAFETY: a live dataset, and a valid place.
        let asked = unsafe { H5Dget_space_status(self.id().raw(), &mut status) };
        check(asked, "asking whether the dataset was written")?;
        Ok(status == H5D_space_status_t::H5D_SPACE_STATUS_ALLOCATED)
    }

    /// The bytes that the elements take in the file, without what describes them.
    ///
    /// # Errors
    /// As [`firsts`](Self::firsts), where the index of the chunks is damaged.
    pub fn stored_size(&self, layout: &StorageLayout) -> Result<u64> {
        let _lock = lock();
        if let StorageLayout::Chunked { chunk, .. } = layout {
            if !self.is_listable(chunk, self.slots(chunk))? {
                let firsts = self.firsts(chunk)?;
                return firsts.iter().map(|first| self.chunk_size(first)).sum();
            }
        }
        // SAFETY: a live dataset.
        Ok(unsafe { H5Dget_storage_size(self.id().raw()) })
    }

    /// Whether HDF5 may tell wrong places of chunks, of a dataset whose one unlimited axis is not
    /// the first: the walk over an extensible array takes it for the first, and so does the search
    /// by place, which is made of that walk (seen with 2.2.0, H5D__earray_idx_iterate_cb).
    fn places_are_wrong(&self) -> bool {
        let mut unlimited = self.extent.maxshape.iter().map(|&bound| bound == u64::MAX);
        unlimited.next() == Some(false) && unlimited.filter(|&is| is).count() == 1
    }

    /// The chunks that there can be, those included that the extents may still grow by.
    pub fn slots(&self, chunk: &[u64]) -> u64 {
        let axes = self.extent.shape.iter().zip(&self.extent.maxshape);
        let longest = axes.map(|(&now, &most)| if most == u64::MAX { now } else { most });
        let counts = longest
            .zip(chunk)
            .map(|(extent, chunk)| extent.div_ceil(*chunk));
        counts.fold(1, u64::saturating_mul)
    }

    /// The first element of each chunk that can be in the extents, in C order.
    ///
    /// # Errors
    /// `Format` if those are more than can be asked for one by one.
    pub fn firsts(&self, chunk: &[u64]) -> Result<Vec<Vec<u64>>> {
        /// So many chunks are asked for one by one.
        const ASKED: u64 = 1 << 20;
        let shape = &self.extent.shape;
        let counts = shape
            .iter()
            .zip(chunk)
            .map(|(extent, chunk)| extent.div_ceil(*chunk));
        let slots = counts.fold(1, u64::saturating_mul);
        if slots > ASKED {
            return Err(Error::format(
                "the index of its chunks is damaged, and it may have more of them than can be asked for one by one",
            ));
        }
        Ok((0..slots)
            .map(|number| first_of_chunk(shape, chunk, number))
            .collect())
    }

    /// Calls `visit` with the first element and the place of each chunk in the extents that was written, in C order; says whether
    /// it was shown all.
    ///
    /// Some, or none, are shown of an index that is damaged, counts more than `most` slots for chunks, or whose walk cannot
    /// be trusted. HDF5 can be asked for each chunk all the same, so that what is read does not depend on who looks for it.
    pub fn each_chunk(
        &self,
        chunk: &[u64],
        most: u64,
        mut visit: impl FnMut(&[u64], ChunkPlace),
    ) -> Result<bool> {
        struct ChunkPlaces<F> {
            rank: usize,
            visit: Collector<F>,
            // HDF5 does not hand on that a walk was broken off.
            is_complete: bool,
        }
        unsafe extern "C" fn step<F: FnMut(&[u64], ChunkPlace) -> bool>(
            offset: *const u64,
            mask: c_uint,
            address: u64,
            stored: u64,
            walk: *mut c_void,
        ) -> c_int {
            // SAFETY: `walk` is the one below, and HDF5 gives an offset of the dataset's rank.
            let (walk, offset) = unsafe {
                let walk = &mut *walk.cast::<ChunkPlaces<F>>();
                let offset = std::slice::from_raw_parts(offset, walk.rank);
                (walk, offset)
            };
            let place = ChunkPlace {
                address,
                stored,
                mask,
            };
            let next = walk.visit.go_while(|visit| visit(offset, place));
            walk.is_complete &= next == 0;
            next
        }
        fn callback<F: FnMut(&[u64], ChunkPlace) -> bool>(
            _: &ChunkPlaces<F>,
        ) -> hdf5_sys::h5d::H5D_chunk_iter_op_t {
            Some(step::<F>)
        }
        let _lock = lock();
        if self.places_are_wrong() || !self.is_listable(chunk, most)? {
            return Ok(false);
        }
        let base = base_of(self.id())?;
        let shape = &self.extent.shape;
        let mut latest: Vec<u64> = Vec::new();
        let visit = |first: &[u64], place: ChunkPlace| {
            // Of a sound index the chunks come in order, each once. An address that no file has comes out before the base, which
            // HDF5 has added to it.
            let is_next = place.address >= base
                && (latest.is_empty() || *latest < *first)
                && first
                    .iter()
                    .zip(chunk)
                    .all(|(first, extent)| first % extent == 0);
            latest.clear();
            latest.extend_from_slice(first);
            if is_next
                && first
                    .iter()
                    .zip(shape)
                    .all(|(first, extent)| first < extent)
            {
                visit(first, place);
            }
            is_next
        };
        let mut walk = ChunkPlaces {
            rank: shape.len(),
            visit: Collector::new(visit),
            is_complete: true,
        };
        let callback = callback(&walk);
        // SAFETY: a live dataset; the callback gets the walk for as long as it lasts.
        let status = unsafe {
            H5Dchunk_iter(
                self.id().raw(),
                H5P_DEFAULT,
                callback,
                std::ptr::from_mut(&mut walk).cast(),
            )
        };
        let _ = walk.visit.end();
        check(status, "listing chunks")?;
        Ok(walk.is_complete)
    }

    /// Reads the chunk whose first element is `first` as it is in the file, with its filter mask.
    pub fn read_chunk(&self, first: &[u64]) -> Result<Option<(u32, Vec<u8>)>> {
        let _lock = lock();
        let stored = self.chunk_size(first)?;
        if stored == 0 {
            return Ok(None);
        }
        let mut bytes: Vec<u8> = super::zeroed(stored, 1)?;
        let (mut mask, mut room) = (0, bytes.len());
        // SAFETY: a live dataset, coordinates of its rank, and the room that is stated.
        let status = unsafe {
            H5Dread_chunk2(
                self.id().raw(),
                H5P_DEFAULT,
                first.as_ptr(),
                &mut mask,
                bytes.as_mut_ptr().cast(),
                &mut room,
            )
        };
        check(status, "reading a chunk")?;
        Ok(Some((mask, bytes)))
    }

    /// The bytes that the chunk whose first element is `first` takes in the file; 0 if it was not written.
    pub fn chunk_size(&self, first: &[u64]) -> Result<u64> {
        assert_eq!(first.len(), self.extent.shape.len());
        let _lock = lock();
        let mut bytes = 0;
        // SAFETY: a live dataset, coordinates of its rank.
        let status =
            unsafe { H5Dget_chunk_storage_size(self.id().raw(), first.as_ptr(), &mut bytes) };
        if status < 0 {
            // Of a chunk that was never written HDF5 says this.
            let error = super::failure("looking for a chunk");
            let is_missing = error.message.ends_with("chunk storage is not allocated");
            return if is_missing { Ok(0) } else { Err(error) };
        }
        Ok(bytes)
    }

    /// Allocates `stored` bytes for the chunk whose first element is `first`, which went past the filters of
    /// `mask`, and gives their address. Nothing is written there; what was there before is given up.
    ///
    /// The dataset must lie in the file of `raw` itself. HDF5 stores a mask only with a new size.
    pub fn reserve_chunk(
        &self,
        raw: &RawFile,
        first: &[u64],
        mask: u32,
        stored: usize,
    ) -> Result<u64> {
        assert_eq!(first.len(), self.extent.shape.len());
        let _lock = lock();
        let (status, places) = raw.noting_places(|data| {
            // SAFETY: a live dataset, coordinates of its rank. The bytes are not looked at: HDF5 hands them on
            // to the file's driver, which notes their place and leaves them alone.
            unsafe {
                H5Dwrite_chunk(
                    self.id().raw(),
                    H5P_DEFAULT,
                    mask,
                    first.as_ptr(),
                    stored,
                    data,
                )
            }
        });
        check(status, "allocating a chunk")?;
        match places.last() {
            Some(&(address, _)) => Ok(address),
            None => Err(Error::internal("HDF5 allocated no place for a chunk")),
        }
    }

    /// Sees to it that a dataset in one piece is allocated, and gives its address. HDF5 writes nothing there but a
    /// fill value that is not zero.
    ///
    /// The dataset must lie in the file of `raw` itself, and have elements.
    pub fn allocate(&self, raw: &RawFile) -> Result<u64> {
        let _lock = lock();
        let rank = self.extent.shape.len();
        let one = Hyperslab {
            start: PerAxis::from_elem(0, rank),
            stride: PerAxis::from_elem(1, rank),
            count: PerAxis::from_elem(1, rank),
            block: PerAxis::from_elem(1, rank),
        };
        let (_, spaces) = self.selected((rank > 0).then_some(&one))?;
        let (memory, file) = super::datasets::raw_spaces(&spaces);
        // HDF5 allocates all of it when the first element is written.
        let (status, _) = raw.noting_places(|data| {
            // SAFETY: live identifiers. The element is not looked at: nothing converts it, and HDF5 hands it on to the
            // file's driver, which notes its place and leaves it alone.
            unsafe {
                H5Dwrite(
                    self.id().raw(),
                    self.element.raw(),
                    memory,
                    file,
                    H5P_DEFAULT,
                    data,
                )
            }
        });
        check(status, "allocating the dataset")?;
        self.address()
            .ok_or_else(|| Error::internal("HDF5 allocated no place for a dataset"))
    }

    /// Changes the extents, to less as well.
    pub fn resize(&mut self, shape: &[u64]) -> Result<()> {
        let is_empty = |shape: &[u64]| shape.contains(&0);
        let loses_all = is_empty(shape) && !is_empty(&self.extent.shape);
        match self.layout()? {
            StorageLayout::Chunked { chunk, .. } if loses_all && chunk == self.extent.maxshape => {
                // HDF5 frees the chunk of a dataset that can have one only, and leaves its address in the header (seen with
                // 2.0 and 2.2.0, H5D__single_idx_remove): the dataset would get whatever comes there. With a tree, as in the
                // oldest format, it drops the chunk.
                let _lock = lock();
                // SAFETY: a live dataset.
                let status = unsafe { H5Dformat_convert(self.id().raw()) };
                check(status, "changing the dataset's index")?;
            }
            _ => {}
        }
        self.set_extent(shape)
    }

    /// An empty dataset that is stored like this one, of the same type and largest extents, with chunks of so many records: it has
    /// neither a name nor attributes. `grows` is as in [`StorageLayout::Chunked`].
    pub fn remade(&self, file: &Id, records: u64, grows: bool) -> Result<Dataset> {
        let _lock = lock();
        let what = "creating the dataset with larger chunks";
        let StorageLayout::Chunked { mut chunk, .. } = self.layout()? else {
            return Err(Error::internal("a dataset without chunks gets larger ones"));
        };
        chunk[0] = records;
        let mut extent = self.extent.clone();
        extent.shape[0] = 0;
        let space = super::new_space(&extent.shape, Some(&extent.maxshape))?;
        let list = self.creation()?;
        // SAFETY: live identifiers; the list is ours to change, and the chunk has the rank that is stated.
        unsafe {
            let rank = chunk.len() as c_int;
            check(H5Pset_chunk(list.raw(), rank, chunk.as_ptr()), what)?;
            if !grows {
                check(
                    H5Pset_fill_time(list.raw(), H5D_fill_time_t::H5D_FILL_TIME_IFSET),
                    what,
                )?;
            }
            let id = H5Dcreate_anon(
                file.raw(),
                self.element.raw(),
                space.raw(),
                list.raw(),
                H5P_DEFAULT,
            );
            Dataset::of(Id::new(id, what)?)
        }
    }

    /// Changes the extents, within those that the dataset may be given.
    pub fn set_extent(&mut self, shape: &[u64]) -> Result<()> {
        assert_eq!(shape.len(), self.extent.shape.len());
        let _lock = lock();
        // SAFETY: a live dataset, extents of its rank.
        let status = unsafe { H5Dset_extent(self.id().raw(), shape.as_ptr()) };
        check(status, "extending the dataset")?;
        self.extent.shape.copy_from_slice(shape);
        self.note_new_extent();
        Ok(())
    }
}

/// The first element of the chunk with a number, counted in C order within extents.
pub fn first_of_chunk(shape: &[u64], chunk: &[u64], number: u64) -> Vec<u64> {
    let mut first = vec![0; chunk.len()];
    let mut rest = number;
    for axis in (1..chunk.len()).rev() {
        let count = shape[axis].div_ceil(chunk[axis]).max(1);
        first[axis] = rest % count * chunk[axis];
        rest /= count;
    }
    first[0] = rest * chunk[0];
    first
}

/// One filter of a creation property list.
fn filter(list: &Id, index: c_uint) -> Result<Filter> {
    let (mut flags, mut config) = (0, 0);
    let mut values = vec![0; 64];
    let mut count = values.len();
    // SAFETY: a live list, room for the values that is stated, and none for a name.
    let id = unsafe {
        H5Pget_filter2(
            list.raw(),
            index,
            &mut flags,
            &mut count,
            values.as_mut_ptr(),
            0,
            std::ptr::null_mut(),
            &mut config,
        )
    };
    check(id, "reading the filters")?;
    values.truncate(count);
    Ok(Filter {
        id,
        client_data: values,
    })
}
