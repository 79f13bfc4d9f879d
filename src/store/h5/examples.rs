//! Objects as HDF5 makes them, for tests to compare.

use super::{
    address_of, check, create_dataset, create_group, lock, Creation, ElementType, Extent, Id,
};
use crate::error::{Error, Result};
use crate::format::{object_header, Form};
use hdf5_sys::h5f::{
    H5F_libver_t, H5Fcreate, H5Fflush, H5Fget_file_image, H5F_ACC_TRUNC, H5F_SCOPE_GLOBAL,
};
use hdf5_sys::h5p::{
    H5Pcreate, H5Pset_cache, H5Pset_fapl_core, H5Pset_libver_bounds, H5Pset_obj_track_times,
    H5P_CLS_FILE_ACCESS, H5P_CLS_FILE_CREATE, H5P_CLS_GROUP_CREATE,
};

/// The object header that HDF5 gives a dataset in a form, before its data are allocated.
pub fn dataset_header(
    form: Form,
    element: ElementType,
    extent: &Extent,
    creation: &Creation,
) -> Result<Vec<u8>> {
    header_of(form, |file| {
        let dataset = create_dataset(file, Some("x"), element, extent, creation)?;
        let address = address_of(dataset.id())?;
        dataset.close()?;
        Ok(address)
    })
}

/// The object header that HDF5 gives a group in a form, without times.
pub fn group_header(form: Form) -> Result<Vec<u8>> {
    header_of(form, |file| {
        let what = "making an example of a group";
        // SAFETY: a live list of a class that has this property.
        let list = unsafe {
            let list = Id::new(H5Pcreate(*H5P_CLS_GROUP_CREATE), what)?;
            check(H5Pset_obj_track_times(list.raw(), 0), what)?;
            list
        };
        address_of(&create_group(file, "x", Some(&list))?)
    })
}

/// A file in which nothing is, in a form, and whose root has no times.
pub fn empty_file(form: Form) -> Result<Vec<u8>> {
    example_of(form, |_| Ok(0)).map(|(_, image)| image)
}

/// The header, at the address that `make` gives, of an object made in a file in memory.
fn header_of(form: Form, make: impl FnOnce(&Id) -> Result<u64>) -> Result<Vec<u8>> {
    let (address, image) = example_of(form, make)?;
    let header = usize::try_from(address)
        .ok()
        .and_then(|address| image.get(address..));
    let length = header.and_then(object_header::length);
    match (header, length) {
        (Some(header), Some(length)) if length <= header.len() => Ok(header[..length].to_vec()),
        _ => Err(Error::internal(
            "HDF5 wrote an object header of another version than 1 and 2",
        )),
    }
}

/// What `make` gives, and the bytes of the file in memory in which it made something.
fn example_of(form: Form, make: impl FnOnce(&Id) -> Result<u64>) -> Result<(u64, Vec<u8>)> {
    let low = match form {
        Form::Old(_) => H5F_libver_t::H5F_LIBVER_EARLIEST,
        Form::New => H5F_libver_t::H5F_LIBVER_V114,
    };
    const INCREMENT: usize = 1 << 14;
    let _lock = lock();
    let what = "making an example of an object";
    // SAFETY: live identifiers and a terminated name; the image has the length that was asked for.
    unsafe {
        let list = Id::new(H5Pcreate(*H5P_CLS_FILE_ACCESS), what)?;
        check(H5Pset_fapl_core(list.raw(), INCREMENT, 0), what)?;
        // None for chunks, as in any file: without memory for one HDF5 does not end well.
        check(H5Pset_cache(list.raw(), 0, 0, 0, 0.0), what)?;
        check(
            H5Pset_libver_bounds(list.raw(), low, H5F_libver_t::H5F_LIBVER_V200),
            what,
        )?;
        let name = c"h5sim-example";
        let creation = Id::new(H5Pcreate(*H5P_CLS_FILE_CREATE), what)?;
        check(H5Pset_obj_track_times(creation.raw(), 0), what)?;
        let file = H5Fcreate(name.as_ptr(), H5F_ACC_TRUNC, creation.raw(), list.raw());
        let file = Id::new(file, what)?;
        let address = make(&file)?;
        check(H5Fflush(file.raw(), H5F_SCOPE_GLOBAL), what)?;
        let length = H5Fget_file_image(file.raw(), std::ptr::null_mut(), 0);
        let mut image = vec![0u8; usize::try_from(length).unwrap_or(0)];
        let got = H5Fget_file_image(file.raw(), image.as_mut_ptr().cast(), image.len());
        if length <= 0 || got != length {
            return Err(super::failure(what));
        }
        Ok((address, image))
    }
}
