//! Objects by the addresses of their headers, which HDF5 may not have chosen.

use super::collect::Collector;
use super::objects::{link_object, LinkType};
use super::{c_text, check, lock, Dataset, Id};
use crate::error::Result;
use crate::format::symbol_table::Sizes;
use crate::format::Form;
use crate::store::dtype::Kind;
use hdf5_sys::h5::{H5_index_t, H5_iter_order_t};
use hdf5_sys::h5f::{
    H5F_fspace_strategy_t, H5F_libver_t, H5Fget_access_plist, H5Fget_create_plist,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5l::{H5L_info2_t, H5Lcreate_hard, H5Lget_info2, H5Literate2};
use hdf5_sys::h5o::{
    H5O_info2_t, H5O_token_t, H5O_type_t, H5Oget_info3, H5Oget_info_by_name3, H5Oopen_by_token,
    H5O_INFO_BASIC, H5O_INFO_NUM_ATTRS,
};
use hdf5_sys::h5p::{
    H5Pget_file_space_strategy, H5Pget_libver_bounds, H5Pget_sizes, H5Pget_sym_k, H5P_DEFAULT,
};
use std::ffi::{c_char, c_int, c_void, CStr};
use std::mem::MaybeUninit;

extern "C" {
    // Not among the bindings.
    fn H5VLnative_addr_to_token(location: hid_t, address: u64, token: *mut H5O_token_t) -> i32;
    fn H5VLnative_token_to_addr(location: hid_t, token: H5O_token_t, address: *mut u64) -> i32;
}

/// The form that HDF5 gives new objects in a file in which addresses and lengths
/// have 8 bytes, and space is simply taken at the end; None of any other file.
pub fn form(file: &Id) -> Result<Option<Form>> {
    let _lock = lock();
    let what = "reading how the file is laid out";
    let mut strategy = H5F_fspace_strategy_t::H5F_FSPACE_STRATEGY_FSM_AGGR;
    let (mut persists, mut threshold) = (0, 0);
    let (mut address_size, mut length_size) = (0, 0);
    let (mut internal, mut leaf) = (0, 0);
    let mut low = H5F_libver_t::H5F_LIBVER_EARLIEST;
    let mut high = H5F_libver_t::H5F_LIBVER_EARLIEST;
    // SAFETY: a live file, whose lists are owned; all places are valid.
    unsafe {
        let access = Id::new(H5Fget_access_plist(file.raw()), what)?;
        check(
            H5Pget_libver_bounds(access.raw(), &mut low, &mut high),
            what,
        )?;
        let creation = Id::new(H5Fget_create_plist(file.raw()), what)?;
        check(
            H5Pget_file_space_strategy(
                creation.raw(),
                &mut strategy,
                &mut persists,
                &mut threshold,
            ),
            what,
        )?;
        check(
            H5Pget_sizes(creation.raw(), &mut address_size, &mut length_size),
            what,
        )?;
        check(H5Pget_sym_k(creation.raw(), &mut internal, &mut leaf), what)?;
    }
    let fits = strategy == H5F_fspace_strategy_t::H5F_FSPACE_STRATEGY_FSM_AGGR
        && persists == 0
        && (address_size, length_size) == (8, 8)
        && internal > 0
        && leaf > 0;
    // From version 1.8 on HDF5 gives plain datasets and groups the same headers.
    let form = match low == H5F_libver_t::H5F_LIBVER_EARLIEST {
        false => Form::New,
        true => Form::Old(Sizes {
            children: 2 * internal as usize,
            links: 2 * leaf as usize,
        }),
    };
    Ok(fits.then_some(form))
}

/// Where the object header of an open object is.
pub fn address_of(object: &Id) -> Result<u64> {
    let what = "looking for an object header";
    let mut info = MaybeUninit::<H5O_info2_t>::uninit();
    let mut address = 0;
    let _lock = lock();
    // SAFETY: a live object and valid places; the description is read only after success.
    unsafe {
        check(
            H5Oget_info3(object.raw(), info.as_mut_ptr(), H5O_INFO_BASIC),
            what,
        )?;
        let token = info.assume_init().token;
        check(
            H5VLnative_token_to_addr(object.raw(), token, &mut address),
            what,
        )?;
    }
    Ok(address)
}

/// Where the object header is that a hard link leads to; None where there is no such link.
///
/// What is on the way is not looked at: it may lead into another file.
pub fn hard_link_address(location: &Id, path: &str) -> Result<Option<u64>> {
    let _lock = lock();
    let name = c_text(path)?;
    let mut info = MaybeUninit::<H5L_info2_t>::uninit();
    let mut address = 0;
    // SAFETY: a live location, a terminated path and valid places. The description is read only after
    // success, and of a hard link it holds the token.
    unsafe {
        let status = H5Lget_info2(
            location.raw(),
            name.as_ptr(),
            info.as_mut_ptr(),
            H5P_DEFAULT,
        );
        if status < 0 {
            super::nothing_there("looking for a link")?;
            return Ok(None);
        }
        if LinkType::of(info.as_ptr()) != LinkType::Hard {
            return Ok(None);
        }
        let token = std::ptr::addr_of!((*info.as_ptr()).u).cast::<H5O_token_t>();
        check(
            H5VLnative_token_to_addr(location.raw(), token.read(), &mut address),
            "looking for an object header",
        )?;
    }
    Ok(Some(address))
}

/// A hard link: its name, and where the header is that it leads to.
pub type HardLink = (Box<str>, u64);

/// A group's hard links, in no order; None if it has more than `most` links.
pub fn hard_links(group: &Id, most: usize) -> Result<Option<Vec<HardLink>>> {
    struct List {
        links: Vec<(Box<str>, H5O_token_t)>,
        left: usize,
    }
    unsafe extern "C" fn collect(
        _: hid_t,
        name: *const c_char,
        info: *const H5L_info2_t,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: HDF5 passes a terminated name and a link's description, which holds the token of a hard one; `list` is
        // the walk below.
        unsafe {
            let walk = &mut *list.cast::<Collector<List>>();
            let token = match LinkType::of(info) {
                LinkType::Hard => Some(std::ptr::addr_of!((*info).u).cast::<H5O_token_t>().read()),
                _ => None,
            };
            let name = CStr::from_ptr(name).to_str();
            walk.go_while(|list| {
                let Some(left) = list.left.checked_sub(1) else {
                    return false;
                };
                list.left = left;
                if let (Ok(name), Some(token)) = (name, token) {
                    list.links.push((name.into(), token));
                }
                true
            })
        }
    }
    let _lock = lock();
    let what = "listing the group";
    super::soundness::require_walkable(group)?;
    let mut list = Collector::new(List {
        links: Vec::new(),
        left: most,
    });
    // SAFETY: a live group; the callback gets the list for as long as the walk lasts.
    let status = unsafe {
        H5Literate2(
            group.raw(),
            H5_index_t::H5_INDEX_NAME,
            H5_iter_order_t::H5_ITER_NATIVE,
            std::ptr::null_mut(),
            Some(collect),
            std::ptr::from_mut(&mut list).cast(),
        )
    };
    let list = list.end();
    check(status, what)?;
    if status > 0 {
        return Ok(None);
    }
    let mut links = Vec::with_capacity(list.links.len());
    for (name, token) in list.links {
        let mut address = 0;
        // SAFETY: a live group of the file that the token is of, and a valid place.
        check(
            unsafe { H5VLnative_token_to_addr(group.raw(), token, &mut address) },
            what,
        )?;
        links.push((name, address));
    }
    Ok(Some(links))
}

/// What there is to know of an object before others may be gathered for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its kind.
    pub kind: Kind,
    /// How many hard links lead to it.
    pub links: u32,
    /// The number of its attributes.
    pub attributes: u64,
}

/// What is at `path` below `location`, links followed, if HDF5 finds an object there.
pub fn standing(location: &Id, path: &str) -> Result<Option<Standing>> {
    let _lock = lock();
    let path = c_text(path)?;
    let mut info = MaybeUninit::<H5O_info2_t>::uninit();
    // SAFETY: a live location, a terminated path, room for the description, which is read only after success.
    unsafe {
        let status = H5Oget_info_by_name3(
            location.raw(),
            path.as_ptr(),
            info.as_mut_ptr(),
            H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS,
            H5P_DEFAULT,
        );
        if status < 0 {
            super::nothing_there("looking at an object")?;
            return Ok(None);
        }
        Ok(Some(Standing::of(&info.assume_init())))
    }
}

/// What there is to know of an open object.
pub fn standing_of(object: &Id) -> Result<Standing> {
    let _lock = lock();
    let mut info = MaybeUninit::<H5O_info2_t>::uninit();
    // SAFETY: a live object, room for the description, which is read only after success.
    unsafe {
        check(
            H5Oget_info3(
                object.raw(),
                info.as_mut_ptr(),
                H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS,
            ),
            "looking at an object",
        )?;
        Ok(Standing::of(&info.assume_init()))
    }
}

impl Standing {
    fn of(info: &H5O_info2_t) -> Self {
        Self {
            kind: match info.type_ {
                H5O_type_t::H5O_TYPE_GROUP => Kind::Group,
                H5O_type_t::H5O_TYPE_DATASET => Kind::Dataset,
                _ => Kind::Datatype,
            },
            links: info.rc,
            attributes: info.num_attrs,
        }
    }
}

/// The names of a group's links, in no order; None if there are more than `most`.
pub fn names(group: &Id, most: usize) -> Result<Option<Vec<Box<str>>>> {
    struct List {
        names: Vec<Box<str>>,
        most: usize,
    }
    unsafe extern "C" fn collect(
        _: hid_t,
        name: *const c_char,
        _: *const H5L_info2_t,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: HDF5 passes a terminated name; `list` is the one below.
        unsafe {
            let list = &mut *list.cast::<List>();
            if list.names.len() >= list.most {
                return 1;
            }
            let name = CStr::from_ptr(name).to_string_lossy();
            list.names.push(name.as_ref().into());
        }
        0
    }
    let _lock = lock();
    super::soundness::require_walkable(group)?;
    let mut list = List {
        names: Vec::new(),
        most,
    };
    // SAFETY: a live group; the callback gets the list for as long as the walk lasts.
    let status = unsafe {
        H5Literate2(
            group.raw(),
            H5_index_t::H5_INDEX_NAME,
            H5_iter_order_t::H5_ITER_NATIVE,
            std::ptr::null_mut(),
            Some(collect),
            std::ptr::from_mut(&mut list).cast(),
        )
    };
    check(status, "listing the group")?;
    Ok((status == 0).then_some(list.names))
}

/// Opens the object whose header is at an address.
pub fn open_address(file: &Id, address: u64) -> Result<Id> {
    let _lock = lock();
    let what = "opening an object by its address";
    let mut token = MaybeUninit::<H5O_token_t>::uninit();
    // SAFETY: a live file and a valid place for the token, which is read only after success.
    unsafe {
        check(
            H5VLnative_addr_to_token(file.raw(), address, token.as_mut_ptr()),
            what,
        )?;
        Id::new(H5Oopen_by_token(file.raw(), token.assume_init()), what)
    }
}

/// Opens the dataset whose header is at an address.
pub fn open_dataset_at(file: &Id, address: u64) -> Result<Dataset> {
    let _lock = lock();
    Dataset::of(open_address(file, address)?)
}

/// Gives the object that has a name in one group the same name in another one too.
pub fn link_again(from: &Id, to: &Id, name: &str) -> Result<()> {
    let _lock = lock();
    let text = c_text(name)?;
    // SAFETY: live groups, a terminated name.
    check(
        unsafe {
            H5Lcreate_hard(
                from.raw(),
                text.as_ptr(),
                to.raw(),
                text.as_ptr(),
                super::objects::link_creation_for(name)?,
                H5P_DEFAULT,
            )
        },
        "naming the object",
    )
}

/// Gives the object whose header is at an address, and which has no name yet, its path.
pub fn link_address(file: &Id, address: u64, path: &str) -> Result<()> {
    let _lock = lock();
    let object = open_address(file, address)?;
    link_object(&object, file, path)
}
