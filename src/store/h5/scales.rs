//! Dimension scales as HDF5's own H5DS functions store them: attributes that refer to datasets.
//!
//! Readers are particular about the types. `CLASS` and `NAME` are texts of a fixed length that end at a NUL: netCDF
//! refuses a file that has them otherwise. References are those of the oldest kind, the address of an object.

use super::attributes::{attribute_exists, create_attribute, delete_attribute, open_attribute};
use super::{check, lock, Attribute, ElementType, Id};
use crate::error::Result;
use hdf5_sys::h5a::{H5Aread, H5Awrite};
use hdf5_sys::h5r::{hobj_ref_t, H5R_type_t, H5Rget_name};
use hdf5_sys::h5t::*;
use std::ffi::c_void;

/// What a scale says that it is.
pub const CLASS: &str = "CLASS";
/// What a scale is called.
pub const NAME: &str = "NAME";
/// The attribute of a dataset that refers to the scales of its axes.
pub const DIMENSION_LIST: &str = "DIMENSION_LIST";
/// The attribute of a scale that refers to the datasets that it belongs to.
pub const REFERENCE_LIST: &str = "REFERENCE_LIST";
/// The attributes by which a dataset refers to others by their addresses, or says that others refer to it.
pub const ROLES: [&str; 3] = [DIMENSION_LIST, REFERENCE_LIST, CLASS];
const SCALE: &str = "DIMENSION_SCALE";

/// A dataset that a scale belongs to, and with which axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct ScaleOwner {
    /// The address of the dataset's header.
    pub dataset: u64,
    /// The axis.
    pub axis: u32,
    gap: u32,
}

impl ScaleOwner {
    /// The axis of a dataset whose header is at an address.
    pub fn new(dataset: u64, axis: usize) -> Self {
        Self {
            dataset,
            axis: axis as u32,
            gap: 0,
        }
    }
}

impl ElementType {
    /// The type of lists of references to objects.
    pub fn references() -> Result<Self> {
        let _lock = lock();
        // SAFETY: a live datatype.
        let id = unsafe { H5Tvlen_create(*H5T_STD_REF_OBJ) };
        Self::of(Id::new(id, "describing a list of references")?)
    }

    /// The type of the entries of a `REFERENCE_LIST`.
    fn owners() -> Result<Self> {
        let _lock = lock();
        let what = "describing a list of datasets";
        // SAFETY: live datatypes and terminated names; both members lie inside the compound.
        unsafe {
            let id = Id::new(
                H5Tcreate(H5T_class_t::H5T_COMPOUND, size_of::<ScaleOwner>()),
                what,
            )?;
            let members = [
                (
                    c"dataset",
                    std::mem::offset_of!(ScaleOwner, dataset),
                    *H5T_STD_REF_OBJ,
                ),
                (
                    c"dimension",
                    std::mem::offset_of!(ScaleOwner, axis),
                    *H5T_NATIVE_UINT32,
                ),
            ];
            for (name, offset, member) in members {
                check(H5Tinsert(id.raw(), name.as_ptr(), offset, member), what)?;
            }
            Self::of(id)
        }
    }

    /// The type of ASCII texts of so many bytes at most that end at a NUL.
    fn terminated_text(size: usize) -> Result<Self> {
        let _lock = lock();
        let what = "describing the text type";
        // SAFETY: a live datatype; the copy is ours to change. C's texts end at a NUL.
        unsafe {
            let id = Id::new(H5Tcopy(*H5T_C_S1), what)?;
            check(H5Tset_size(id.raw(), size), what)?;
            Self::of(id)
        }
    }
}

/// Writes the elements of an attribute as they are in memory.
fn write(attribute: &Attribute, elements: *const c_void) -> Result<()> {
    // SAFETY: a live attribute; the callers below give as many elements of its type as it has.
    check(
        unsafe { H5Awrite(attribute.id().raw(), attribute.element.raw(), elements) },
        "writing the attribute",
    )
}

/// Creates an attribute in place of one of that name.
fn recreate(object: &Id, name: &str, element: ElementType, shape: &[u64]) -> Result<Attribute> {
    if attribute_exists(object, name)? {
        delete_attribute(object, name)?;
    }
    create_attribute(object, name, element, shape)
}

/// The scale that each axis of a dataset refers to; None if the dataset has no such list that is understood.
pub fn read_dimension_list(dataset: &Id) -> Result<Option<Vec<Option<u64>>>> {
    let _lock = lock();
    if !attribute_exists(dataset, DIMENSION_LIST)? {
        return Ok(None);
    }
    let attribute = open_attribute(dataset, DIMENSION_LIST)?;
    let element = ElementType::references()?;
    let count = attribute.count()? as usize;
    if !attribute.element.equals(&element)? || count > crate::store::MAX_RANK {
        return Ok(None);
    }
    let nothing = hvl_t {
        len: 0,
        p: std::ptr::null_mut(),
    };
    let mut lists = vec![nothing; count];
    // SAFETY: a live attribute, and room for as many lists as it has; HDF5 takes back what it gave.
    unsafe {
        let status = H5Aread(
            attribute.id().raw(),
            element.raw(),
            lists.as_mut_ptr().cast(),
        );
        check(status, "reading the attribute")?;
        let scales = lists.iter().map(|list| {
            let first = (list.len > 0).then(|| list.p.cast::<hobj_ref_t>().read_unaligned());
            first.filter(|&address| address != 0 && address != u64::MAX)
        });
        let scales = scales.collect();
        super::reclaim(&element, attribute.space(), lists.as_mut_ptr().cast());
        Ok(Some(scales))
    }
}

/// Makes each axis of a dataset refer to the scale whose header is at an address, or to none.
pub fn write_dimension_list(dataset: &Id, scales: &[Option<u64>]) -> Result<()> {
    let _lock = lock();
    let element = ElementType::references()?;
    let attribute = recreate(dataset, DIMENSION_LIST, element, &[scales.len() as u64])?;
    let lists: Vec<hvl_t> = scales
        .iter()
        .map(|scale| match scale {
            Some(address) => hvl_t {
                len: 1,
                p: std::ptr::from_ref(address).cast_mut().cast(),
            },
            None => hvl_t {
                len: 0,
                p: std::ptr::null_mut(),
            },
        })
        .collect();
    write(&attribute, lists.as_ptr().cast())
}

/// The datasets that a scale says it belongs to; None if it has a list that is not understood.
pub fn read_reference_list(scale: &Id) -> Result<Option<Vec<ScaleOwner>>> {
    let _lock = lock();
    if !attribute_exists(scale, REFERENCE_LIST)? {
        return Ok(Some(Vec::new()));
    }
    let attribute = open_attribute(scale, REFERENCE_LIST)?;
    let element = ElementType::owners()?;
    // Its members may lie elsewhere, and the axis may be signed; a reference of another kind has another size.
    if attribute.element.size() != element.size() {
        return Ok(None);
    }
    let mut owners: Vec<ScaleOwner> = super::zeroed(attribute.count()?, size_of::<ScaleOwner>())?;
    // SAFETY: a live attribute, and room for as many entries as it has.
    let status = unsafe {
        H5Aread(
            attribute.id().raw(),
            element.raw(),
            owners.as_mut_ptr().cast(),
        )
    };
    Ok(match check(status, "reading the attribute") {
        Ok(()) => Some(owners),
        Err(_) => None,
    })
}

/// Makes a scale say which datasets it belongs to.
pub fn write_reference_list(scale: &Id, owners: &[ScaleOwner]) -> Result<()> {
    let _lock = lock();
    if owners.is_empty() {
        return match attribute_exists(scale, REFERENCE_LIST)? {
            true => delete_attribute(scale, REFERENCE_LIST),
            false => Ok(()),
        };
    }
    let element = ElementType::owners()?;
    let attribute = recreate(scale, REFERENCE_LIST, element, &[owners.len() as u64])?;
    write(&attribute, owners.as_ptr().cast())
}

/// Sets an attribute to a text of so many bytes at most, its NUL included.
fn set_terminated(object: &Id, name: &str, text: &str, size: usize) -> Result<()> {
    let mut bytes = vec![0u8; size.max(text.len() + 1)];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    let attribute = recreate(
        object,
        name,
        ElementType::terminated_text(bytes.len())?,
        &[],
    )?;
    write(&attribute, bytes.as_ptr().cast())
}

/// Makes a dataset a scale of this name, whose attribute has room for so many bytes at least.
pub fn mark_scale(dataset: &Id, name: &str, size: usize) -> Result<()> {
    let _lock = lock();
    set_terminated(dataset, CLASS, SCALE, SCALE.len() + 1)?;
    set_terminated(dataset, NAME, name, size)
}

/// Whether a dataset is a scale.
pub fn is_scale(dataset: &Id) -> Result<bool> {
    Ok(text_of(dataset, CLASS)?.is_some_and(|class| class == SCALE))
}

/// What a scale is called.
pub fn scale_name(dataset: &Id) -> Result<Option<String>> {
    text_of(dataset, NAME)
}

/// The text of an attribute up to its first NUL, if there is one.
fn text_of(object: &Id, name: &str) -> Result<Option<String>> {
    let _lock = lock();
    if !attribute_exists(object, name)? {
        return Ok(None);
    }
    let attribute = open_attribute(object, name)?;
    if attribute.element.dtype != crate::store::Dtype::Text {
        return Ok(None);
    }
    let texts = attribute.read_texts()?;
    let text = texts.first().map(|text| {
        let end = text.iter().position(|&byte| byte == 0);
        String::from_utf8_lossy(&text[..end.unwrap_or(text.len())]).into_owned()
    });
    Ok(text)
}

/// A path that leads to the object whose header is at an address, if HDF5 finds one.
pub fn path_of_address(file: &Id, address: u64) -> Result<Option<String>> {
    let _lock = lock();
    let mut name = vec![0u8; 1 << 12];
    // SAFETY: a live file, a reference, and room for as many bytes as stated.
    let length = unsafe {
        H5Rget_name(
            file.raw(),
            H5R_type_t::H5R_OBJECT1,
            std::ptr::from_ref::<hobj_ref_t>(&address).cast(),
            name.as_mut_ptr().cast(),
            name.len(),
        )
    };
    if length <= 0 || length as usize >= name.len() {
        super::failure("");
        return Ok(None);
    }
    name.truncate(length as usize);
    Ok(Some(String::from_utf8_lossy(&name).into_owned()))
}
