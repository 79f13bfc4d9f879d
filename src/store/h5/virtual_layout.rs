//! Datasets whose elements are those of datasets in other files.

use super::datasets::creation_list;
use super::{c_text, check, lock, zeroed, Creation, ElementType, Extent, Id};
use crate::error::{Error, Result};
use hdf5_sys::h5a::{H5Acreate2, H5Adelete, H5Aget_space, H5Aget_type, H5Aopen, H5Aread, H5Awrite};
use hdf5_sys::h5d::{
    H5D_fill_value_t, H5D_layout_t, H5Dcreate2, H5Dget_create_plist, H5Dget_type, H5Dopen2,
};
use hdf5_sys::h5p::{
    H5Pfill_value_defined, H5Pget_fill_value, H5Pget_layout, H5Pget_virtual_count,
    H5Pget_virtual_dsetname, H5Pget_virtual_filename, H5Pget_virtual_vspace, H5Pset_virtual,
    H5P_DEFAULT,
};
use hdf5_sys::h5s::{
    H5S_sel_type, H5S_seloper_t, H5Sget_regular_hyperslab, H5Sget_select_npoints,
    H5Sget_select_type, H5Sget_simple_extent_npoints, H5Sselect_hyperslab, H5S_UNLIMITED,
};
use hdf5_sys::h5t::{H5Tget_size, H5Treclaim};

/// A part of a virtual dataset: all of a dataset in another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file, from the folder of the virtual dataset's on.
    pub file: String,
    /// The dataset in it.
    pub dataset: String,
    /// Where the part begins.
    pub start: Vec<u64>,
    /// Its extents; if it grows, the first of them is not.
    pub shape: Vec<u64>,
    /// Whether it is as long along the first axis as the other dataset is.
    pub grows: bool,
}

/// A virtual dataset.
#[derive(Debug)]
pub struct Virtual {
    /// The type of its elements.
    pub element: ElementType,
    /// One element in memory's form that those read as which nobody has written; None is zero.
    pub fill: Option<Vec<u8>>,
    /// Its extents, but for the first if a source grows; and the largest.
    pub extent: Extent,
    /// Its parts.
    pub sources: Vec<Source>,
}

/// Creates a virtual dataset at a path where nothing is.
pub fn create_virtual(location: &Id, path: &str, made: &Virtual, track_order: bool) -> Result<()> {
    let _lock = lock();
    let what = "creating the virtual dataset";
    let maxshape = (made.extent.maxshape != made.extent.shape).then_some(&*made.extent.maxshape);
    let creation = Creation {
        fill: made.fill.clone(),
        track_order,
        ..Creation::default()
    };
    let list = creation_list(&creation, &made.element)?;
    for source in &made.sources {
        let whole = super::new_space(&made.extent.shape, maxshape)?;
        select_block(&whole, &source.start, &source.shape, source.grows)?;
        let mut most = source.shape.clone();
        if source.grows {
            most[0] = u64::MAX;
        }
        let part = super::new_space(&source.shape, source.grows.then_some(&*most))?;
        select_block(&part, &vec![0; most.len()], &source.shape, source.grows)?;
        let (file, dataset) = (c_text(&source.file)?, c_text(&source.dataset)?);
        // SAFETY: live identifiers, terminated texts.
        let status = unsafe {
            H5Pset_virtual(
                list.raw(),
                whole.raw(),
                file.as_ptr(),
                dataset.as_ptr(),
                part.raw(),
            )
        };
        check(status, what)?;
    }
    let space = super::new_space(&made.extent.shape, maxshape)?;
    let name = c_text(path)?;
    let links = super::objects::link_creation_for(path)?;
    // SAFETY: live identifiers, a terminated path; what is created is owned.
    let created = unsafe {
        H5Dcreate2(
            location.raw(),
            name.as_ptr(),
            made.element.raw(),
            space.raw(),
            links,
            list.raw(),
            H5P_DEFAULT,
        )
    };
    Id::new(created, what).map(drop)
}

/// Selects a block; one that grows has no end along the first axis.
fn select_block(space: &Id, start: &[u64], shape: &[u64], grows: bool) -> Result<()> {
    let mut count = vec![1; shape.len()];
    let mut block = shape.to_vec();
    if grows {
        count[0] = H5S_UNLIMITED;
        block[0] = 1;
    }
    // SAFETY: three arrays with as many values as the dataspace has axes; no stride is one.
    let status = unsafe {
        H5Sselect_hyperslab(
            space.raw(),
            H5S_seloper_t::H5S_SELECT_SET,
            start.as_ptr(),
            std::ptr::null(),
            count.as_ptr(),
            block.as_ptr(),
        )
    };
    check(status, "selecting the block")
}

/// Describes a dataset if it is virtual; None if it is stored in its file. No other file is opened.
pub fn open_virtual(location: &Id, path: &str) -> Result<Option<Virtual>> {
    let _lock = lock();
    let what = "reading the parts of the dataset";
    let path = c_text(path)?;
    // SAFETY: live identifiers and terminated texts throughout; what is opened is owned.
    unsafe {
        let dataset = Id::new(H5Dopen2(location.raw(), path.as_ptr(), H5P_DEFAULT), what)?;
        let list = Id::new(H5Dget_create_plist(dataset.raw()), what)?;
        if H5Pget_layout(list.raw()) != H5D_layout_t::H5D_VIRTUAL {
            return Ok(None);
        }
        let element = ElementType::of(Id::new(H5Dget_type(dataset.raw()), what)?)?;
        let mut count = 0;
        check(H5Pget_virtual_count(list.raw(), &mut count), what)?;
        let mut sources = Vec::new();
        let mut extent = None;
        for index in 0..count {
            let space = Id::new(H5Pget_virtual_vspace(list.raw(), index), what)?;
            let own = super::extent(&space)?;
            let rank = own.shape.len();
            let (mut start, mut stride) = (vec![0; rank], vec![1; rank]);
            let (mut blocks, mut block) = (vec![1; rank], own.shape.clone());
            if H5Sget_select_type(space.raw()) == H5S_sel_type::H5S_SEL_HYPERSLABS {
                let status = H5Sget_regular_hyperslab(
                    space.raw(),
                    start.as_mut_ptr(),
                    stride.as_mut_ptr(),
                    blocks.as_mut_ptr(),
                    block.as_mut_ptr(),
                );
                check(status, what)?;
            }
            let grows = blocks.first() == Some(&H5S_UNLIMITED);
            let is_block = |axis: usize| {
                blocks[axis] == 1 || stride[axis] == block[axis] || (axis == 0 && grows)
            };
            if !(0..rank).all(is_block) {
                return Err(Error::unsupported(
                    "its parts are not blocks: it was not written by h5sim",
                ));
            }
            let mut shape: Vec<u64> = (0..rank)
                .map(|axis| match axis == 0 && grows {
                    true => 1,
                    false => blocks[axis] * block[axis],
                })
                .collect();
            if grows {
                shape[0] = 1;
            }
            let text = |read: &dyn Fn(*mut std::ffi::c_char, usize) -> isize| -> Result<String> {
                let length = read(std::ptr::null_mut(), 0);
                check(length.min(0) as i32, what)?;
                let mut bytes: Vec<u8> = zeroed(length.unsigned_abs() as u64 + 1, 1)?;
                read(bytes.as_mut_ptr().cast(), bytes.len());
                bytes.pop();
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            };
            sources.push(Source {
                file: text(&|place, size| H5Pget_virtual_filename(list.raw(), index, place, size))?,
                dataset: text(&|place, size| {
                    H5Pget_virtual_dsetname(list.raw(), index, place, size)
                })?,
                start,
                shape,
                grows,
            });
            extent.get_or_insert(own);
        }
        let fill = fill_of(&list, &element)?;
        Ok(Some(Virtual {
            fill,
            extent: match extent {
                Some(extent) => extent,
                None => stored_extent(&dataset)?,
            },
            element,
            sources,
        }))
    }
}

/// The dataspace that a virtual dataset was made with; None if it is stored in its file.
pub(super) fn space_of_virtual(dataset: &Id) -> Result<Option<Id>> {
    let what = "reading the parts of the dataset";
    // SAFETY: a live dataset; what is opened is owned.
    unsafe {
        let list = Id::new(H5Dget_create_plist(dataset.raw()), what)?;
        let mut count = 0;
        if H5Pget_layout(list.raw()) != H5D_layout_t::H5D_VIRTUAL {
            return Ok(None);
        }
        check(H5Pget_virtual_count(list.raw(), &mut count), what)?;
        match count {
            0 => Ok(None),
            _ => Id::new(H5Pget_virtual_vspace(list.raw(), 0), what).map(Some),
        }
    }
}

/// The extents of a dataset without parts.
fn stored_extent(dataset: &Id) -> Result<Extent> {
    // SAFETY: a live dataset; the dataspace is owned.
    let space = unsafe { hdf5_sys::h5d::H5Dget_space(dataset.raw()) };
    super::extent(&Id::new(space, "reading the shape")?)
}

/// The fill value that a dataset was given.
fn fill_of(list: &Id, element: &ElementType) -> Result<Option<Vec<u8>>> {
    let what = "reading the fill value";
    let mut defined = H5D_fill_value_t::H5D_FILL_VALUE_UNDEFINED;
    // SAFETY: a live list, a place for the answer.
    check(
        unsafe { H5Pfill_value_defined(list.raw(), &mut defined) },
        what,
    )?;
    if defined != H5D_fill_value_t::H5D_FILL_VALUE_USER_DEFINED || element.dtype.size() == 0 {
        return Ok(None);
    }
    let mut fill = vec![0u8; element.dtype.size()];
    // SAFETY: room for one element in memory's form.
    check(
        unsafe {
            H5Pget_fill_value(
                list.raw(),
                element.memory(element.dtype)?,
                fill.as_mut_ptr().cast(),
            )
        },
        what,
    )?;
    Ok(Some(fill))
}

/// Copies an attribute, whatever its type, from one object to another, where it replaces one of that name.
pub fn copy_attribute(from: &Id, to: &Id, name: &str) -> Result<()> {
    let _lock = lock();
    let what = "copying the attribute";
    let text = c_text(name)?;
    if super::attribute_exists(to, name)? {
        // SAFETY: a live object, a terminated name.
        check(unsafe { H5Adelete(to.raw(), text.as_ptr()) }, what)?;
    }
    // SAFETY: live identifiers, a terminated name, and room for as many elements as the attribute has, in the form that the
    // file has them in memory; what HDF5 allocates behind them it takes back.
    unsafe {
        let old = Id::new(H5Aopen(from.raw(), text.as_ptr(), H5P_DEFAULT), what)?;
        let element = Id::new(H5Aget_type(old.raw()), what)?;
        let space = Id::new(H5Aget_space(old.raw()), what)?;
        let new = H5Acreate2(
            to.raw(),
            text.as_ptr(),
            element.raw(),
            space.raw(),
            H5P_DEFAULT,
            H5P_DEFAULT,
        );
        let new = Id::new(new, what)?;
        let count = H5Sget_simple_extent_npoints(space.raw()).max(0) as u64;
        debug_assert!(H5Sget_select_npoints(space.raw()) as u64 == count);
        if count == 0 {
            return Ok(());
        }
        let mut bytes: Vec<u64> = zeroed(count, H5Tget_size(element.raw()).next_multiple_of(8))?;
        let data = bytes.as_mut_ptr().cast();
        check(H5Aread(old.raw(), element.raw(), data), what)?;
        let written = check(H5Awrite(new.raw(), element.raw(), data.cast_const()), what);
        H5Treclaim(element.raw(), space.raw(), H5P_DEFAULT, data);
        written
    }
}
