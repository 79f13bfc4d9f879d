//! Datasets: creation, and moving elements.

use super::filters::missing_filter;
use super::types::take_variable_texts;
use super::{c_text, check, extent, lock, zeroed, ElementType, Extent, Id};
use crate::codec::filters::{self, FilterKind};
use crate::codec::shuffle;
use crate::error::Result;
use crate::store::dtype::Dtype;
use crate::store::strided;
use hdf5_sys::h5d::{
    H5Dclose, H5Dcreate2, H5Dcreate_anon, H5Dget_space, H5Dget_type, H5Dopen2, H5Dread, H5Dwrite,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{
    H5Pcreate, H5Pset_attr_creation_order, H5Pset_chunk, H5Pset_fill_value, H5Pset_filter,
    H5Pset_obj_track_times, H5P_CLS_DATASET_CREATE, H5P_CRT_ORDER_INDEXED, H5P_CRT_ORDER_TRACKED,
    H5P_DEFAULT,
};
#[cfg(feature = "mpi")]
use hdf5_sys::h5s::H5Sselect_none;
use hdf5_sys::h5s::H5S_ALL;
use hdf5_sys::h5z::H5Z_FLAG_OPTIONAL;
use parking_lot::Mutex;
use std::ffi::{c_char, CString};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// An open dataset.
#[derive(Debug)]
pub struct Dataset {
    id: Id,
    /// Its dataspace, as it was when `space_is_old` was last false.
    space: Mutex<Id>,
    space_is_old: AtomicBool,
    /// The type of its elements.
    pub element: ElementType,
    /// Its extents.
    pub extent: Extent,
}

/// How a dataset is stored, where not simply contiguous.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Creation {
    /// Extents of a chunk; None is contiguous.
    pub chunks: Option<Vec<u64>>,
    /// Reorder bytes before compression.
    pub shuffle: bool,
    /// What compresses, and at which level.
    pub compression: Option<(&'static FilterKind, u32)>,
    /// Checksum of each chunk.
    pub fletcher32: bool,
    /// Note the order of attributes.
    pub track_order: bool,
    /// One element, in memory's form, that unwritten elements read as.
    pub fill: Option<Vec<u8>>,
    /// When its elements get their place, and what is there then.
    pub allocation: Allocation,
}

impl Creation {
    /// What chunks go through, in this order; with the level of a compressor.
    pub fn filters(&self) -> impl Iterator<Item = (&'static FilterKind, Option<u32>)> + '_ {
        filters::ALL.into_iter().filter_map(|kind| {
            let chosen = self.compression.filter(|chosen| chosen.0 == kind);
            let level = chosen.map(|chosen| chosen.1);
            let is_wanted = match kind.levels {
                Some(_) => level.is_some(),
                None if *kind == shuffle::KIND => self.shuffle,
                None => self.fletcher32,
            };
            is_wanted.then_some((kind, level))
        })
    }
}

/// When the elements of a dataset get their place in the file, and what is there before they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allocation {
    /// When the first of them are written.
    #[default]
    Late,
    /// When the first of them are written. The mark, for whoever opens the file later, of a series that has begun with small
    /// chunks and gets larger ones: it is no other way of storing it.
    Growing,
    /// At once, with fill.
    #[cfg(feature = "mpi")]
    Filled,
    /// At once, with whatever was there: all of them will be written.
    #[cfg(feature = "mpi")]
    Bare,
    /// Chunk by chunk, with fill around what is written.
    #[cfg(feature = "mpi")]
    ByChunk,
}

/// Notes in a creation property list when elements get their place.
pub(super) fn set_allocation(list: &Id, allocation: Allocation) -> Result<()> {
    use hdf5_sys::h5d::{H5D_alloc_time_t as Time, H5D_fill_time_t as Fills};
    use hdf5_sys::h5p::{H5Pset_alloc_time, H5Pset_fill_time};
    let what = "preparing the dataset";
    let (time, fills) = match allocation {
        Allocation::Late => return Ok(()),
        Allocation::Growing => (Time::H5D_ALLOC_TIME_INCR, Fills::H5D_FILL_TIME_ALLOC),
        #[cfg(feature = "mpi")]
        Allocation::Filled => (Time::H5D_ALLOC_TIME_EARLY, Fills::H5D_FILL_TIME_ALLOC),
        #[cfg(feature = "mpi")]
        Allocation::Bare => (Time::H5D_ALLOC_TIME_EARLY, Fills::H5D_FILL_TIME_NEVER),
        #[cfg(feature = "mpi")]
        Allocation::ByChunk => (Time::H5D_ALLOC_TIME_INCR, Fills::H5D_FILL_TIME_IFSET),
    };
    // SAFETY: a live list, HDF5's own values.
    unsafe {
        check(H5Pset_alloc_time(list.raw(), time), what)?;
        check(H5Pset_fill_time(list.raw(), fills), what)
    }
}

/// The property list of a creation.
pub(super) fn creation_list(creation: &Creation, element: &ElementType) -> Result<Id> {
    let what = "preparing the dataset";
    // SAFETY: a live list; chunks have the rank that is stated; the fill value is an element of its type.
    unsafe {
        let list = Id::new(H5Pcreate(*H5P_CLS_DATASET_CREATE), what)?;
        // As h5py: the same data make the same file.
        check(H5Pset_obj_track_times(list.raw(), 0), what)?;
        if creation.track_order {
            let order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
            check(H5Pset_attr_creation_order(list.raw(), order), what)?;
        }
        if let Some(chunks) = &creation.chunks {
            check(
                H5Pset_chunk(list.raw(), chunks.len() as i32, chunks.as_ptr()),
                "choosing chunks",
            )?;
        }
        for (kind, level) in creation.filters() {
            super::register(kind)?;
            let values = level.as_slice();
            let flags = if kind.is_optional {
                H5Z_FLAG_OPTIONAL
            } else {
                0
            };
            let (count, values) = (values.len(), values.as_ptr());
            let status = H5Pset_filter(list.raw(), kind.id, flags, count, values);
            check(status, what)?;
        }
        if let Some(fill) = &creation.fill {
            let memory = element.memory(element.dtype)?;
            check(
                H5Pset_fill_value(list.raw(), memory, fill.as_ptr().cast()),
                "setting the fill value",
            )?;
        }
        set_allocation(&list, creation.allocation)?;
        Ok(list)
    }
}

/// The property list of a creation. Most datasets are stored as one shortly before them was, so that the latest few lists are kept.
fn kept_creation_list(creation: &Creation, element: &ElementType) -> Result<Arc<Id>> {
    const KEPT: usize = 8;
    static LATEST: Mutex<Vec<(Creation, Arc<Id>)>> = Mutex::new(Vec::new());
    // What a fill value is depends on the type.
    if creation.fill.is_some() {
        return Ok(Arc::new(creation_list(creation, element)?));
    }
    let mut latest = LATEST.lock();
    if let Some((_, list)) = latest.iter().find(|(known, _)| known == creation) {
        return Ok(list.clone());
    }
    let list = Arc::new(creation_list(creation, element)?);
    if latest.len() == KEPT {
        latest.remove(0);
    }
    latest.push((creation.clone(), list.clone()));
    Ok(list)
}

/// Creates a dataset at `path`, with the groups on the way; or without a name, to be linked later.
pub fn create_dataset(
    location: &Id,
    path: Option<&str>,
    element: ElementType,
    extent: &Extent,
    creation: &Creation,
) -> Result<Dataset> {
    let _lock = lock();
    let what = "creating the dataset";
    let maxshape = (extent.maxshape != extent.shape).then_some(extent.maxshape.as_slice());
    let space = super::new_space(&extent.shape, maxshape)?;
    let list = kept_creation_list(creation, &element)?;
    // SAFETY: live identifiers, a terminated path.
    let id = unsafe {
        match path {
            Some(path) => {
                let name = c_text(path)?;
                let links = super::objects::link_creation_for(path)?;
                H5Dcreate2(
                    location.raw(),
                    name.as_ptr(),
                    element.raw(),
                    space.raw(),
                    links,
                    list.raw(),
                    H5P_DEFAULT,
                )
            }
            None => H5Dcreate_anon(
                location.raw(),
                element.raw(),
                space.raw(),
                list.raw(),
                H5P_DEFAULT,
            ),
        }
    };
    Ok(Dataset {
        id: Id::new(id, what)?,
        space: Mutex::new(space),
        space_is_old: AtomicBool::new(false),
        element,
        extent: extent.clone(),
    })
}

/// Opens a dataset; no file has a cache of HDF5's for chunks.
pub fn open_dataset(location: &Id, path: &str) -> Result<Dataset> {
    let _lock = lock();
    let what = "opening the dataset";
    let path = c_text(path)?;
    // SAFETY: a live location, a terminated path, a live list; what is opened is owned.
    unsafe {
        let id = H5Dopen2(location.raw(), path.as_ptr(), H5P_DEFAULT);
        Dataset::of(Id::new(id, what)?)
    }
}

impl Dataset {
    /// Learns what HDF5 says of an open dataset. The caller holds the lock.
    pub(super) fn of(id: Id) -> Result<Self> {
        let what = "opening the dataset";
        // SAFETY: a live dataset; what is opened is owned.
        let (space, element) = unsafe {
            let space = match Id::new(H5Dget_space(id.raw()), what) {
                Ok(space) => space,
                // Parts of it that are open here keep HDF5 from asking them how far they have grown.
                Err(error) => super::virtual_layout::space_of_virtual(&id)?.ok_or(error)?,
            };
            (space, Id::new(H5Dget_type(id.raw()), what)?)
        };
        let element = ElementType::of(element)?;
        let extent = extent(&space)?;
        Ok(Self {
            id,
            space: Mutex::new(space),
            space_is_old: AtomicBool::new(false),
            element,
            extent,
        })
    }

    /// The identifier, for naming the object.
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// Notes that the extents have changed: the dataspace is looked at anew before it is used again.
    pub(super) fn note_new_extent(&self) {
        self.space_is_old.store(true, Ordering::Relaxed);
    }

    /// Selects a part in the dataspace, and gives its identifier.
    fn select(&self, part: &super::Hyperslab) -> Result<hid_t> {
        let mut space = self.space.lock();
        if self.space_is_old.load(Ordering::Relaxed) {
            // SAFETY: a live dataset; the dataspace is owned.
            let current = unsafe { H5Dget_space(self.id.raw()) };
            *space = Id::new(current, "reading the shape")?;
            self.space_is_old.store(false, Ordering::Relaxed);
        }
        super::select(&space, part)?;
        Ok(space.raw())
    }

    /// Selects nothing in the dataspace, and gives its identifier.
    #[cfg(feature = "mpi")]
    pub(super) fn unselect(&self) -> Result<hid_t> {
        let space = self.space.lock();
        // SAFETY: a live dataspace.
        check(unsafe { H5Sselect_none(space.raw()) }, "selecting nothing")?;
        Ok(space.raw())
    }

    /// Selects what a transfer covers, and gives how many elements that is and the two dataspaces.
    pub(super) fn selected(
        &self,
        part: Option<&super::Hyperslab>,
    ) -> Result<(u64, Option<(Id, hid_t)>)> {
        let Some(part) = part else {
            return Ok((strided::count(&self.extent.shape)?, None));
        };
        let space = self.select(part)?;
        let counts: Vec<u64> = part
            .count
            .iter()
            .zip(&part.block)
            .map(|(&count, &block)| count.saturating_mul(block))
            .collect();
        let memory = super::new_space(&counts, None)?;
        Ok((strided::count(&counts)?, Some((memory, space))))
    }

    /// Reads elements as `dtype` into `data`, which has room for those selected: a part, or all.
    ///
    /// A part must lie inside the dataset.
    pub fn read(
        &self,
        dtype: Dtype,
        part: Option<&super::Hyperslab>,
        data: &mut [u8],
    ) -> Result<()> {
        let _lock = lock();
        let (count, spaces) = self.selected(part)?;
        assert!(
            data.len() as u64 >= count * dtype.size() as u64,
            "room for the selection"
        );
        let (memory, file) = raw_spaces(&spaces);
        // SAFETY: live identifiers; the room was just checked.
        let status = unsafe {
            H5Dread(
                self.id.raw(),
                self.element.memory(dtype)?,
                memory,
                file,
                super::transfer(),
                data.as_mut_ptr().cast(),
            )
        };
        // HDF5's own words would be about folders of plugins.
        check(status, "reading the dataset")
            .map_err(|error| missing_filter(&self.id).unwrap_or(error))
    }

    /// Writes elements of `dtype` from `data`, which holds those selected: a part, or all.
    ///
    /// A part must lie inside the dataset.
    pub fn write(&self, dtype: Dtype, part: Option<&super::Hyperslab>, data: &[u8]) -> Result<()> {
        let _lock = lock();
        let (count, spaces) = self.selected(part)?;
        assert!(
            data.len() as u64 >= count * dtype.size() as u64,
            "data for the selection"
        );
        let (memory, file) = raw_spaces(&spaces);
        // SAFETY: live identifiers; the length was just checked.
        check(
            unsafe {
                H5Dwrite(
                    self.id.raw(),
                    self.element.memory(dtype)?,
                    memory,
                    file,
                    super::transfer(),
                    data.as_ptr().cast(),
                )
            },
            "writing the dataset",
        )
    }

    /// Writes all elements as they are to be in the file, such as texts of a fixed length with their padding.
    pub fn write_all_stored(&self, data: &[u8]) -> Result<()> {
        let _lock = lock();
        let count = strided::count(&self.extent.shape)?;
        assert!(
            data.len() as u64 >= count * self.element.size() as u64,
            "data for all elements"
        );
        #[cfg(feature = "mpi")]
        if self.is_written_elsewhere() {
            return self.write_part(None, &[]);
        }
        // SAFETY: live identifiers; the length was just checked.
        check(
            unsafe {
                H5Dwrite(
                    self.id.raw(),
                    self.element.raw(),
                    H5S_ALL,
                    H5S_ALL,
                    super::transfer(),
                    data.as_ptr().cast(),
                )
            },
            "writing the dataset",
        )
    }

    /// Writes texts of variable length to a dataset of such: to a part of it, or to all.
    pub fn write_variable_texts(
        &self,
        part: Option<&super::Hyperslab>,
        texts: &[CString],
    ) -> Result<()> {
        let _lock = lock();
        let (count, spaces) = self.selected(part)?;
        assert!(
            texts.len() as u64 >= count && self.element.is_variable_text(),
            "texts for the selection"
        );
        let (memory, file) = raw_spaces(&spaces);
        let pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
        // SAFETY: live identifiers, and as many terminated texts as are selected.
        check(
            unsafe {
                H5Dwrite(
                    self.id.raw(),
                    self.element.raw(),
                    memory,
                    file,
                    H5P_DEFAULT,
                    pointers.as_ptr().cast(),
                )
            },
            "writing the dataset",
        )
    }

    /// Reads the bytes of all texts: as many bytes as the type has each, or as many as each has.
    pub fn read_texts(&self) -> Result<Vec<Vec<u8>>> {
        let _lock = lock();
        let count = strided::count(&self.extent.shape)?;
        let read = |place: *mut u8| {
            // SAFETY: live identifiers; both callers give room for all elements.
            check(
                unsafe {
                    H5Dread(
                        self.id.raw(),
                        self.element.raw(),
                        H5S_ALL,
                        H5S_ALL,
                        super::transfer(),
                        place.cast(),
                    )
                },
                "reading the dataset",
            )
        };
        if self.element.is_variable_text() {
            let mut pointers: Vec<usize> = zeroed(count, size_of::<usize>())?;
            read(pointers.as_mut_ptr().cast())?;
            return take_variable_texts(&self.element, &self.space.lock(), &mut pointers);
        }
        let size = self.element.size();
        let mut data: Vec<u8> = zeroed(count, size)?;
        read(data.as_mut_ptr())?;
        data.chunks_exact(size).map(super::copy_of).collect()
    }

    /// Closes the dataset, which can be when its last elements are written.
    pub fn close(self) -> Result<()> {
        let _lock = lock();
        // SAFETY: a live dataset, given back by H5Dclose whether it succeeds or not.
        let status = unsafe { H5Dclose(self.id.raw()) };
        std::mem::forget(self.id);
        check(status, "closing the dataset")
    }
}

/// The two dataspaces of a transfer as HDF5 takes them.
pub(super) fn raw_spaces(spaces: &Option<(Id, hid_t)>) -> (hid_t, hid_t) {
    match spaces {
        Some((memory, file)) => (memory.raw(), *file),
        None => (H5S_ALL, H5S_ALL),
    }
}
