//! Groups, links and what is at a path.

use super::collect::Collector;
use super::{c_text, check, lock, nothing_there, Id};
use crate::error::{Error, Result};
use crate::store::dtype::Kind;
use hdf5_sys::h5::{H5_index_t, H5_iter_order_t};
use hdf5_sys::h5g::{H5Gcreate2, H5Gget_create_plist, H5Gopen2};
use hdf5_sys::h5i::{hid_t, H5Iget_file_id};
use hdf5_sys::h5l::{
    H5L_info2_t, H5Lcreate_external, H5Lcreate_hard, H5Lcreate_soft, H5Ldelete, H5Lexists,
    H5Lget_info2, H5Lget_val, H5Literate2, H5Lmove, H5Lunpack_elink_val,
};
use hdf5_sys::h5o::{
    H5O_info2_t, H5O_type_t, H5Ocopy, H5Oget_info3, H5Oget_info_by_name3, H5Olink, H5Oopen,
    H5O_COPY_EXPAND_SOFT_LINK_FLAG, H5O_COPY_SHALLOW_HIERARCHY_FLAG, H5O_COPY_WITHOUT_ATTR_FLAG,
    H5O_INFO_BASIC,
};
use hdf5_sys::h5p::{
    H5Pcreate, H5Pget_link_creation_order, H5Pset_attr_creation_order, H5Pset_char_encoding,
    H5Pset_copy_object, H5Pset_create_intermediate_group, H5Pset_link_creation_order,
    H5P_CLS_FILE_CREATE, H5P_CLS_GROUP_CREATE, H5P_CLS_LINK_CREATE, H5P_CLS_OBJECT_COPY,
    H5P_CRT_ORDER_INDEXED, H5P_CRT_ORDER_TRACKED, H5P_DEFAULT,
};
use hdf5_sys::h5t::H5T_cset_t;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::mem::MaybeUninit;
use std::sync::OnceLock;

/// How a link leads to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkType {
    /// It is the object's name.
    Hard,
    /// It holds a path in the same file.
    Soft,
    /// It holds a file and a path in it.
    External,
    /// Some program's own.
    Other,
}

impl LinkType {
    /// The type in a link's description, read as a number: other programs may have types of their own.
    ///
    /// # Safety
    /// `info` points to a description that HDF5 filled.
    pub(super) unsafe fn of(info: *const H5L_info2_t) -> Self {
        // SAFETY: the type is the first field.
        match unsafe { info.cast::<c_int>().read() } {
            0 => LinkType::Hard,
            1 => LinkType::Soft,
            64 => LinkType::External,
            _ => LinkType::Other,
        }
    }
}

/// What names an object in its file, whatever path led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    /// HDF5's number of the file in which it lies: another one behind an external link.
    pub file: u64,
    token: [u8; 16],
}

impl ObjectKey {
    /// Stands for the number of the file that is meant anyway, which HDF5 need not have open.
    pub const OWN: u64 = u64::MAX;

    /// The key of the object whose header is at an address of a file: HDF5's token is the address.
    pub fn at(file: u64, address: u64) -> Self {
        let mut token = [0; 16];
        token[..8].copy_from_slice(&address.to_le_bytes());
        Self { file, token }
    }

    /// Where its header is in its file.
    pub fn address(&self) -> u64 {
        let mut address = [0; 8];
        address.copy_from_slice(&self.token[..8]);
        u64::from_le_bytes(address)
    }
}

/// What is at a path, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its kind.
    pub kind: Kind,
    /// Its identity.
    pub key: ObjectKey,
    /// How many hard links lead to it.
    pub links: u32,
}

/// The property list for links to new objects: groups on the way are made; `ascii` says what the name is,
/// as h5py says it.
fn link_creation(ascii: bool) -> Result<hid_t> {
    static LISTS: OnceLock<[Id; 2]> = OnceLock::new();
    let _lock = lock();
    if LISTS.get().is_none() {
        let make = |cset| -> Result<Id> {
            let what = "preparing a link";
            // SAFETY: a live list, values of HDF5's own.
            unsafe {
                let list = Id::new(H5Pcreate(*H5P_CLS_LINK_CREATE), what)?;
                check(H5Pset_create_intermediate_group(list.raw(), 1), what)?;
                check(H5Pset_char_encoding(list.raw(), cset), what)?;
                Ok(list)
            }
        };
        let lists = [
            make(H5T_cset_t::H5T_CSET_ASCII)?,
            make(H5T_cset_t::H5T_CSET_UTF8)?,
        ];
        // Under the lock nobody else has filled it meanwhile.
        let _ = LISTS.set(lists);
    }
    Ok(LISTS
        .get()
        .map_or(H5P_DEFAULT, |lists| lists[usize::from(!ascii)].raw()))
}

/// The link property list for a path.
pub(super) fn link_creation_for(path: &str) -> Result<hid_t> {
    link_creation(path.is_ascii())
}

/// What is at `path` below `location`, if HDF5 finds an object there.
pub fn object_info(location: &Id, path: &str) -> Result<Option<ObjectInfo>> {
    let _lock = lock();
    let path = c_text(path)?;
    let mut info = MaybeUninit::<H5O_info2_t>::uninit();
    // SAFETY: a live location, a terminated path, room for the description, which is read only after success.
    unsafe {
        let status = H5Oget_info_by_name3(
            location.raw(),
            path.as_ptr(),
            info.as_mut_ptr(),
            H5O_INFO_BASIC,
            H5P_DEFAULT,
        );
        if status < 0 {
            nothing_there("looking at an object")?;
            return Ok(None);
        }
        Ok(Some(ObjectInfo::of(&info.assume_init())))
    }
}

impl ObjectInfo {
    fn of(info: &H5O_info2_t) -> Self {
        Self {
            kind: match info.type_ {
                H5O_type_t::H5O_TYPE_GROUP => Kind::Group,
                H5O_type_t::H5O_TYPE_DATASET => Kind::Dataset,
                _ => Kind::Datatype,
            },
            key: ObjectKey {
                file: info.fileno,
                // SAFETY: a token is 16 plain bytes.
                token: unsafe {
                    std::mem::transmute::<hdf5_sys::h5o::H5O_token_t, [u8; 16]>(info.token)
                },
            },
            links: info.rc,
        }
    }
}

/// What an open object is.
pub fn info_of(object: &Id) -> Result<ObjectInfo> {
    let _lock = lock();
    let mut info = MaybeUninit::<H5O_info2_t>::uninit();
    // SAFETY: a live object, room for the description, which is read only after success.
    unsafe {
        check(
            H5Oget_info3(object.raw(), info.as_mut_ptr(), H5O_INFO_BASIC),
            "describing the object",
        )?;
        Ok(ObjectInfo::of(&info.assume_init()))
    }
}

/// The type of the link `name` of `group`; None when there is none.
pub fn link_type(group: &Id, name: &str) -> Result<Option<LinkType>> {
    let _lock = lock();
    let name = c_text(name)?;
    let mut info = MaybeUninit::<H5L_info2_t>::uninit();
    // SAFETY: a live location, a terminated name, room for the description, which is read only after success.
    unsafe {
        let exists = H5Lexists(group.raw(), name.as_ptr(), H5P_DEFAULT);
        check(exists, "looking for a link")?;
        if exists == 0 {
            return Ok(None);
        }
        check(
            H5Lget_info2(group.raw(), name.as_ptr(), info.as_mut_ptr(), H5P_DEFAULT),
            "reading a link",
        )?;
        Ok(Some(LinkType::of(info.as_ptr())))
    }
}

/// Where a soft or external link leads, as text: `path` or `file:path`.
pub fn link_target(group: &Id, name: &str, link: LinkType) -> Result<String> {
    if link == LinkType::External {
        return external_target(group, name).map(|(file, path)| format!("{file}:{path}"));
    }
    let _lock = lock();
    let value = link_value(group, name)?;
    let target = CStr::from_bytes_until_nul(&value);
    let target = target.map_err(|_| Error::format("a link has no end"))?;
    Ok(target.to_string_lossy().into_owned())
}

/// Where an external link leads: the name of the file, and the path in it.
pub fn external_target(group: &Id, name: &str) -> Result<(String, String)> {
    let _lock = lock();
    let value = link_value(group, name)?;
    let (mut flags, mut file, mut path) = (0, std::ptr::null(), std::ptr::null());
    // SAFETY: a link's value as long as stated, into which the terminated texts point that HDF5 finds in it.
    unsafe {
        check(
            H5Lunpack_elink_val(
                value.as_ptr().cast(),
                value.len(),
                &mut flags,
                &mut file,
                &mut path,
            ),
            "reading a link",
        )?;
        Ok((
            CStr::from_ptr(file).to_string_lossy().into_owned(),
            CStr::from_ptr(path).to_string_lossy().into_owned(),
        ))
    }
}

/// The value of a soft or external link, followed by zeros. The caller holds HDF5's lock.
fn link_value(group: &Id, name: &str) -> Result<Vec<u8>> {
    let name = c_text(name)?;
    // HDF5's links are at most 64 KiB.
    let mut value = vec![0u8; 1 << 16];
    // SAFETY: a live location, a terminated name, and room as long as stated, which begins as zeros.
    unsafe {
        check(
            H5Lget_val(
                group.raw(),
                name.as_ptr(),
                value.as_mut_ptr().cast(),
                value.len() - 1,
                H5P_DEFAULT,
            ),
            "reading a link",
        )?;
    }
    Ok(value)
}

/// The links of a group in alphabetical order.
pub fn links(group: &Id) -> Result<Vec<(String, LinkType)>> {
    unsafe extern "C" fn collect(
        _: hid_t,
        name: *const c_char,
        info: *const H5L_info2_t,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: HDF5 passes a terminated name and a description; `list` is the walk below.
        let (name, link, walk) = unsafe {
            let walk = &mut *list.cast::<Collector<Vec<(String, LinkType)>>>();
            (CStr::from_ptr(name), LinkType::of(info), walk)
        };
        walk.go(|list| list.push((name.to_string_lossy().into_owned(), link)))
    }
    let _lock = lock();
    super::soundness::require_walkable(group)?;
    let mut list: Collector<Vec<(String, LinkType)>> = Collector::new(Vec::new());
    // SAFETY: a live group; the callback gets the list for as long as the walk lasts.
    let status = unsafe {
        H5Literate2(
            group.raw(),
            H5_index_t::H5_INDEX_NAME,
            // HDF5 sorts names that may not have been set.
            H5_iter_order_t::H5_ITER_NATIVE,
            std::ptr::null_mut(),
            Some(collect),
            std::ptr::from_mut(&mut list).cast(),
        )
    };
    let mut list = list.end();
    check(status, "listing the group")?;
    list.sort_unstable();
    Ok(list)
}

/// What has a list of how it is created that says whether it notes the order of what is put into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// A file, for its root.
    File,
    /// A group.
    Group,
}

/// The list of how a file or group is created that notes the order in which links and attributes come into it.
///
/// netCDF adds to no file that has a group without that.
pub fn tracked_list(what: Tracked) -> Result<Id> {
    let _lock = lock();
    let order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    // SAFETY: a live list of a class that has these properties.
    unsafe {
        let class = match what {
            Tracked::File => *H5P_CLS_FILE_CREATE,
            Tracked::Group => *H5P_CLS_GROUP_CREATE,
        };
        let what = "preparing to note an order";
        let list = Id::new(H5Pcreate(class), what)?;
        check(H5Pset_link_creation_order(list.raw(), order), what)?;
        check(H5Pset_attr_creation_order(list.raw(), order), what)?;
        Ok(list)
    }
}

/// Whether a group notes the order of what is in it.
pub fn tracks_order(file: &Id, group: &str) -> Result<bool> {
    let _lock = lock();
    let what = "looking at a group";
    let group = open_group(file, group)?;
    let mut order = 0;
    // SAFETY: a live group, whose list is owned, and a valid place.
    unsafe {
        let list = Id::new(H5Gget_create_plist(group.raw()), what)?;
        check(H5Pget_link_creation_order(list.raw(), &mut order), what)?;
    }
    Ok(order & H5P_CRT_ORDER_TRACKED != 0)
}

/// Creates those groups on the way to a path that are missing, as groups that note the order of what is in them.
pub fn create_tracked_groups(location: &Id, path: &str) -> Result<()> {
    let list = tracked_list(Tracked::Group)?;
    for (end, _) in path.match_indices('/') {
        let group = &path[..end];
        if link_type(location, group)?.is_none() {
            create_group(location, group, Some(&list))?;
        }
    }
    Ok(())
}

/// Creates a group, by a list of how, and those on the way to it.
pub fn create_group(location: &Id, path: &str, list: Option<&Id>) -> Result<Id> {
    let _lock = lock();
    let name = c_text(path)?;
    // SAFETY: a live location, a terminated path, live property lists.
    Id::new(
        unsafe {
            H5Gcreate2(
                location.raw(),
                name.as_ptr(),
                link_creation_for(path)?,
                list.map_or(H5P_DEFAULT, Id::raw),
                H5P_DEFAULT,
            )
        },
        "creating the group",
    )
}

/// Opens a group.
pub fn open_group(location: &Id, path: &str) -> Result<Id> {
    let _lock = lock();
    let path = c_text(path)?;
    // SAFETY: a live location, a terminated path.
    Id::new(
        unsafe { H5Gopen2(location.raw(), path.as_ptr(), H5P_DEFAULT) },
        "opening the group",
    )
}

/// Opens a group, dataset or named datatype.
pub fn open_object(location: &Id, path: &str) -> Result<Id> {
    let _lock = lock();
    let path = c_text(path)?;
    // SAFETY: a live location, a terminated path.
    Id::new(
        unsafe { H5Oopen(location.raw(), path.as_ptr(), H5P_DEFAULT) },
        "opening the object",
    )
}

/// The file in which an open object lies, which is another one behind an external link.
pub fn file_of(object: &Id) -> Result<Id> {
    let _lock = lock();
    // SAFETY: a live object; the identifier is owned.
    Id::new(
        unsafe { H5Iget_file_id(object.raw()) },
        "looking for the file",
    )
}

/// Removes a link; the object goes with its last one.
pub fn unlink(location: &Id, path: &str) -> Result<()> {
    let _lock = lock();
    let path = c_text(path)?;
    // SAFETY: a live location, a terminated path.
    check(
        unsafe { H5Ldelete(location.raw(), path.as_ptr(), H5P_DEFAULT) },
        "deleting the object",
    )
}

/// Gives a link another path in the same file, where nothing may be yet.
pub fn move_link(location: &Id, from: &str, to: &str) -> Result<()> {
    let _lock = lock();
    let (from, name) = (c_text(from)?, c_text(to)?);
    // SAFETY: a live location, terminated paths, a live property list.
    check(
        unsafe {
            H5Lmove(
                location.raw(),
                from.as_ptr(),
                location.raw(),
                name.as_ptr(),
                link_creation_for(to)?,
                H5P_DEFAULT,
            )
        },
        "moving the object",
    )
}

/// Gives an object that has no name yet its path; groups on the way are made.
pub fn link_object(object: &Id, location: &Id, path: &str) -> Result<()> {
    let _lock = lock();
    let name = c_text(path)?;
    // SAFETY: live identifiers, a terminated path.
    check(
        unsafe {
            H5Olink(
                object.raw(),
                location.raw(),
                name.as_ptr(),
                link_creation_for(path)?,
                H5P_DEFAULT,
            )
        },
        "naming the object",
    )
}

/// Puts a soft link to a path of the same file where nothing may be yet; groups on the way are made.
pub fn link_softly(file: &Id, target: &str, path: &str) -> Result<()> {
    let _lock = lock();
    let (target, name) = (c_text(target)?, c_text(path)?);
    // SAFETY: a live file, terminated paths, a live property list.
    check(
        unsafe {
            H5Lcreate_soft(
                target.as_ptr(),
                file.raw(),
                name.as_ptr(),
                link_creation_for(path)?,
                H5P_DEFAULT,
            )
        },
        "linking",
    )
}

/// Gives an object another path in its file, where nothing may be yet; groups on the way are made.
pub fn link_hard(file: &Id, target: &str, path: &str) -> Result<()> {
    let _lock = lock();
    let (target, name) = (c_text(target)?, c_text(path)?);
    // SAFETY: a live file, terminated paths, a live property list.
    check(
        unsafe {
            H5Lcreate_hard(
                file.raw(),
                target.as_ptr(),
                file.raw(),
                name.as_ptr(),
                link_creation_for(path)?,
                H5P_DEFAULT,
            )
        },
        "linking",
    )
}

/// Puts a link to a path of another file where nothing may be yet; groups on the way are made.
pub fn link_externally(file: &Id, other: &str, target: &str, path: &str) -> Result<()> {
    let _lock = lock();
    let (other, target, name) = (c_text(other)?, c_text(target)?, c_text(path)?);
    // SAFETY: a live file, terminated texts, a live property list.
    check(
        unsafe {
            H5Lcreate_external(
                other.as_ptr(),
                target.as_ptr(),
                file.raw(),
                name.as_ptr(),
                link_creation_for(path)?,
                H5P_DEFAULT,
            )
        },
        "linking",
    )
}

/// What a copy leaves out of what it copies, or adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyFlags {
    /// Of a group only its members, and not what is in those.
    pub shallow: bool,
    /// What soft links lead to instead of them.
    pub expand_soft: bool,
    /// No attributes.
    pub without_attrs: bool,
}

/// Copies an object, with all that is in it, to a path of the same file or another, where nothing may be yet; groups on
/// the way are made.
pub fn copy_object(
    (source, from): (&Id, &str),
    (target, to): (&Id, &str),
    flags: CopyFlags,
) -> Result<()> {
    let _lock = lock();
    let what = "copying the object";
    let (from, name) = (c_text(from)?, c_text(to)?);
    let chosen = [
        (flags.shallow, H5O_COPY_SHALLOW_HIERARCHY_FLAG),
        (flags.expand_soft, H5O_COPY_EXPAND_SOFT_LINK_FLAG),
        (flags.without_attrs, H5O_COPY_WITHOUT_ATTR_FLAG),
    ];
    let flags = chosen.iter().filter(|flag| flag.0);
    // SAFETY: live files and lists, terminated paths.
    unsafe {
        let list = Id::new(H5Pcreate(*H5P_CLS_OBJECT_COPY), what)?;
        let status = H5Pset_copy_object(list.raw(), flags.fold(0, |all, flag| all | flag.1));
        check(status, what)?;
        let status = H5Ocopy(
            source.raw(),
            from.as_ptr(),
            target.raw(),
            name.as_ptr(),
            list.raw(),
            link_creation_for(to)?,
        );
        check(status, what)
    }
}
