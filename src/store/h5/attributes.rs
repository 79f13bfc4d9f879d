//! Attributes.

use super::collect::Collector;
use super::types::take_variable_texts;
use super::{c_text, check, extent, lock, zeroed, ElementType, Id};
use crate::error::Result;
use crate::store::dtype::Dtype;
use crate::store::strided;
use hdf5_sys::h5::{H5_index_t, H5_iter_order_t};
use hdf5_sys::h5a::{
    H5A_info_t, H5Acreate2, H5Adelete, H5Aexists, H5Aget_space, H5Aget_type, H5Aiterate2, H5Aopen,
    H5Aread, H5Arename, H5Awrite,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::H5P_DEFAULT;
use std::ffi::{c_char, c_int, c_void, CStr, CString};

/// An open attribute.
#[derive(Debug)]
pub struct Attribute {
    id: Id,
    space: Id,
    /// The type of its elements.
    pub element: ElementType,
    /// Its extents, in C order.
    pub shape: Vec<u64>,
}

/// Whether an object has an attribute of that name.
pub fn attribute_exists(object: &Id, name: &str) -> Result<bool> {
    let _lock = lock();
    let name = c_text(name)?;
    // SAFETY: a live object, a terminated name.
    let exists = unsafe { H5Aexists(object.raw(), name.as_ptr()) };
    super::truth(exists, "looking for the attribute")
}

/// Opens an attribute.
pub fn open_attribute(object: &Id, name: &str) -> Result<Attribute> {
    let _lock = lock();
    let what = "opening the attribute";
    let name = c_text(name)?;
    // SAFETY: a live object, a terminated name; what is opened is owned.
    unsafe {
        let id = Id::new(H5Aopen(object.raw(), name.as_ptr(), H5P_DEFAULT), what)?;
        let space = Id::new(H5Aget_space(id.raw()), what)?;
        let element = ElementType::of(Id::new(H5Aget_type(id.raw()), what)?)?;
        let shape = extent(&space)?.shape;
        Ok(Attribute {
            id,
            space,
            element,
            shape,
        })
    }
}

/// Creates an attribute.
pub fn create_attribute(
    object: &Id,
    name: &str,
    element: ElementType,
    shape: &[u64],
) -> Result<Attribute> {
    let _lock = lock();
    let name = c_text(name)?;
    let space = super::new_space(shape, None)?;
    // SAFETY: live identifiers, a terminated name.
    let id = Id::new(
        unsafe {
            H5Acreate2(
                object.raw(),
                name.as_ptr(),
                element.raw(),
                space.raw(),
                H5P_DEFAULT,
                H5P_DEFAULT,
            )
        },
        "creating the attribute",
    )?;
    Ok(Attribute {
        id,
        space,
        element,
        shape: shape.to_vec(),
    })
}

/// Renames an attribute; the new name must be free.
pub fn rename_attribute(object: &Id, from: &str, to: &str) -> Result<()> {
    let _lock = lock();
    let (from, to) = (c_text(from)?, c_text(to)?);
    // SAFETY: a live object, terminated names.
    check(
        unsafe { H5Arename(object.raw(), from.as_ptr(), to.as_ptr()) },
        "renaming the attribute",
    )
}

/// Deletes an attribute.
pub fn delete_attribute(object: &Id, name: &str) -> Result<()> {
    let _lock = lock();
    let name = c_text(name)?;
    // SAFETY: a live object, a terminated name.
    check(
        unsafe { H5Adelete(object.raw(), name.as_ptr()) },
        "deleting the attribute",
    )
}

/// The names of an object's attributes in alphabetical order.
pub fn attribute_names(object: &Id) -> Result<Vec<String>> {
    unsafe extern "C" fn collect(
        _: hid_t,
        name: *const c_char,
        _: *const H5A_info_t,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: HDF5 passes a terminated name; `list` is the walk below.
        let (name, walk) = unsafe {
            let walk = &mut *list.cast::<Collector<Vec<String>>>();
            (CStr::from_ptr(name), walk)
        };
        walk.go(|list| list.push(name.to_string_lossy().into_owned()))
    }
    let _lock = lock();
    let mut list: Collector<Vec<String>> = Collector::new(Vec::new());
    // SAFETY: a live object; the callback gets the list for as long as the walk lasts.
    let status = unsafe {
        H5Aiterate2(
            object.raw(),
            H5_index_t::H5_INDEX_NAME,
            H5_iter_order_t::H5_ITER_INC,
            std::ptr::null_mut(),
            Some(collect),
            std::ptr::from_mut(&mut list).cast(),
        )
    };
    let list = list.end();
    check(status, "listing the attributes")?;
    Ok(list)
}

impl Attribute {
    /// The identifier.
    pub(super) fn id(&self) -> &Id {
        &self.id
    }

    /// Its dataspace.
    pub(super) fn space(&self) -> &Id {
        &self.space
    }

    /// Number of elements.
    pub(super) fn count(&self) -> Result<u64> {
        strided::count(&self.shape)
    }

    /// Writes all elements; `data` holds as many of `dtype` as the attribute has.
    pub fn write(&self, dtype: Dtype, data: &[u8]) -> Result<()> {
        let _lock = lock();
        debug_assert_eq!(self.count().ok(), Some((data.len() / dtype.size()) as u64));
        // SAFETY: a live attribute, and as many elements as it has.
        check(
            unsafe {
                H5Awrite(
                    self.id.raw(),
                    self.element.memory(dtype)?,
                    data.as_ptr().cast(),
                )
            },
            "writing the attribute",
        )
    }

    /// Writes all elements as they are to be in the file, such as texts of a fixed length.
    pub fn write_stored(&self, data: &[u8]) -> Result<()> {
        let _lock = lock();
        let count = self.count()?;
        assert!(
            data.len() as u64 >= count * self.element.size() as u64,
            "data for all elements"
        );
        // SAFETY: a live attribute; the length was just checked.
        check(
            unsafe { H5Awrite(self.id.raw(), self.element.raw(), data.as_ptr().cast()) },
            "writing the attribute",
        )
    }

    /// Reads all elements as `dtype`.
    pub fn read(&self, dtype: Dtype) -> Result<Vec<u8>> {
        let _lock = lock();
        let mut data: Vec<u8> = zeroed(self.count()?, dtype.size())?;
        // SAFETY: a live attribute, and room for as many elements as it has.
        check(
            unsafe {
                H5Aread(
                    self.id.raw(),
                    self.element.memory(dtype)?,
                    data.as_mut_ptr().cast(),
                )
            },
            "reading the attribute",
        )?;
        Ok(data)
    }

    /// Writes texts to an attribute of texts of variable length.
    pub fn write_variable_texts(&self, texts: &[CString]) -> Result<()> {
        let _lock = lock();
        debug_assert_eq!(self.count().ok(), Some(texts.len() as u64));
        let pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
        // SAFETY: a live attribute, and as many texts as it has elements.
        check(
            unsafe { H5Awrite(self.id.raw(), self.element.raw(), pointers.as_ptr().cast()) },
            "writing the attribute",
        )
    }

    /// Reads the bytes of all texts: as many bytes as the type has each, or as many as each has.
    pub fn read_texts(&self) -> Result<Vec<Vec<u8>>> {
        let _lock = lock();
        let what = "reading the attribute";
        if self.element.is_variable_text() {
            let mut pointers: Vec<usize> = zeroed(self.count()?, size_of::<usize>())?;
            // SAFETY: a live attribute, and room for as many pointers as it has elements.
            check(
                unsafe {
                    H5Aread(
                        self.id.raw(),
                        self.element.raw(),
                        pointers.as_mut_ptr().cast(),
                    )
                },
                what,
            )?;
            return take_variable_texts(&self.element, &self.space, &mut pointers);
        }
        let size = self.element.size();
        let mut data: Vec<u8> = zeroed(self.count()?, size)?;
        // SAFETY: a live attribute, and room for as many elements as it has.
        check(
            unsafe { H5Aread(self.id.raw(), self.element.raw(), data.as_mut_ptr().cast()) },
            what,
        )?;
        data.chunks_exact(size).map(super::copy_of).collect()
    }
}
