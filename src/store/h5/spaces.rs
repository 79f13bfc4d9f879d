//! Dataspaces: extents and the elements selected.

use super::{check, lock, Id};
use crate::error::Result;
use crate::slice::PerAxis;
use hdf5_sys::h5s::{
    H5S_class_t, H5S_seloper_t, H5Screate, H5Screate_simple, H5Sget_simple_extent_dims,
    H5Sget_simple_extent_ndims, H5Sget_simple_extent_type, H5Sselect_hyperslab, H5Sselect_none,
};
use std::ptr;

/// The extents of a dataspace; none for a null dataspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The extents now, in C order.
    pub shape: Vec<u64>,
    /// The largest extents that it may be given; `u64::MAX` is unlimited.
    pub maxshape: Vec<u64>,
}

impl Extent {
    /// Extents that cannot change.
    pub fn fixed(shape: &[u64]) -> Self {
        Self {
            shape: shape.to_vec(),
            maxshape: shape.to_vec(),
        }
    }
}

/// A dataspace with these extents; rank 0 is a scalar.
pub fn new_space(shape: &[u64], maxshape: Option<&[u64]>) -> Result<Id> {
    let _lock = lock();
    let what = "describing the shape";
    if shape.is_empty() {
        // SAFETY: a plain call.
        return Id::new(unsafe { H5Screate(H5S_class_t::H5S_SCALAR) }, what);
    }
    let maxshape = maxshape.map_or(ptr::null(), <[u64]>::as_ptr);
    // SAFETY: both arrays have as many extents as the rank says (the caller gives equal lengths).
    Id::new(
        unsafe { H5Screate_simple(shape.len() as i32, shape.as_ptr(), maxshape) },
        what,
    )
}

/// The extents of a dataspace. A null one is `(0,)`: it has no element, and reads as nothing.
pub fn extent(space: &Id) -> Result<Extent> {
    let _lock = lock();
    let what = "reading the shape";
    // SAFETY: a live dataspace, and room for as many extents as its rank.
    unsafe {
        if H5Sget_simple_extent_type(space.raw()) == H5S_class_t::H5S_NULL {
            return Ok(Extent {
                shape: vec![0],
                maxshape: vec![0],
            });
        }
        let rank = H5Sget_simple_extent_ndims(space.raw());
        check(rank, what)?;
        let mut shape = vec![0u64; rank as usize];
        let mut maxshape = shape.clone();
        check(
            H5Sget_simple_extent_dims(space.raw(), shape.as_mut_ptr(), maxshape.as_mut_ptr()),
            what,
        )?;
        Ok(Extent { shape, maxshape })
    }
}

/// Elements selected along each axis: `count` blocks of `block` elements, `stride` apart, from `start` on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hyperslab {
    /// The first element.
    pub start: PerAxis<u64>,
    /// The distance between the beginnings of blocks.
    pub stride: PerAxis<u64>,
    /// The number of blocks.
    pub count: PerAxis<u64>,
    /// The number of elements in a block.
    pub block: PerAxis<u64>,
}

/// Selects a hyperslab, which must lie inside the dataspace and have its rank.
pub fn select(space: &Id, hyperslab: &Hyperslab) -> Result<()> {
    let _lock = lock();
    let what = "selecting the hyperslab";
    if hyperslab.count.contains(&0) || hyperslab.block.contains(&0) {
        // SAFETY: a live dataspace.
        return check(unsafe { H5Sselect_none(space.raw()) }, what);
    }
    // SAFETY: four arrays with as many values as the dataspace has axes.
    check(
        unsafe {
            H5Sselect_hyperslab(
                space.raw(),
                H5S_seloper_t::H5S_SELECT_SET,
                hyperslab.start.as_ptr(),
                hyperslab.stride.as_ptr(),
                hyperslab.count.as_ptr(),
                hyperslab.block.as_ptr(),
            )
        },
        what,
    )
}
