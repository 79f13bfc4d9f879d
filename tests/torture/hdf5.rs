//! The few HDF5 calls that the workload and its verifier need, each with a checked result.

use hdf5_sys::h5::{hsize_t, H5_index_t, H5_iter_order_t};
use hdf5_sys::h5a::{
    H5Aclose, H5Acreate2, H5Adelete, H5Aexists, H5Aget_name, H5Aget_space, H5Aget_type,
    H5Aopen_by_idx, H5Aread, H5Awrite,
};
use hdf5_sys::h5d::{
    H5D_alloc_time_t, H5D_fill_time_t, H5Dclose, H5Dcreate2, H5Dflush, H5Dget_offset, H5Dget_space,
    H5Dget_type, H5Dopen2, H5Dread, H5Dset_extent, H5Dwrite, H5Dwrite_chunk,
};
use hdf5_sys::h5f::{H5F_libver_t, H5F_mem_t, H5F_sect_info_t, H5Fget_free_sections};
use hdf5_sys::h5g::{H5Gclose, H5Gcreate2};
use hdf5_sys::h5i::{hid_t, H5I_type_t, H5Iget_type};
use hdf5_sys::h5l::{H5Lcreate_external, H5Ldelete, H5Lget_name_by_idx};
use hdf5_sys::h5o::{H5Oclose, H5Oopen};
use hdf5_sys::h5p::{
    H5Pclose, H5Pcreate, H5Pget_mdc_config, H5Pset_alloc_time, H5Pset_cache, H5Pset_chunk,
    H5Pset_deflate, H5Pset_file_space_strategy, H5Pset_fill_time, H5Pset_libver_bounds,
    H5Pset_mdc_config, H5Pset_userblock, H5P_CLS_DATASET_CREATE, H5P_CLS_FILE_ACCESS,
    H5P_CLS_FILE_CREATE, H5P_DEFAULT,
};
use hdf5_sys::h5s::{
    H5S_seloper_t, H5Sclose, H5Screate_simple, H5Sget_simple_extent_dims,
    H5Sget_simple_extent_ndims, H5Sselect_hyperslab, H5S_ALL, H5S_UNLIMITED,
};
use hdf5_sys::h5t::{
    H5T_class_t, H5T_cset_t, H5Tclose, H5Tcopy, H5Tget_class, H5Tget_size, H5Tis_variable_str,
    H5Treclaim, H5Tset_cset, H5Tset_size, H5T_C_S1, H5T_NATIVE_DOUBLE, H5T_NATIVE_LLONG,
    H5T_VARIABLE,
};
use sha1::{Digest, Sha1};
use std::ffi::{CStr, CString};

/// What a test step returns.
pub type Outcome<T> = Result<T, String>;

fn id(value: hid_t, what: &str) -> Outcome<hid_t> {
    if value < 0 {
        Err(format!("{what} failed"))
    } else {
        Ok(value)
    }
}

fn status(value: i32, what: &str) -> Outcome<()> {
    if value < 0 {
        Err(format!("{what} failed"))
    } else {
        Ok(())
    }
}

fn name(text: &str) -> CString {
    CString::new(text).unwrap()
}

/// Turns off HDF5's printing of errors for the whole program.
pub fn silence() {
    // SAFETY: plain calls of an initialised library.
    unsafe {
        hdf5_sys::h5::H5open();
        hdf5_sys::h5e::H5Eset_auto2(hdf5_sys::h5e::H5E_DEFAULT, None, std::ptr::null_mut());
    }
}

/// The lists with which a workload opens its file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lists {
    /// The newest format instead of the oldest.
    pub latest: bool,
    /// A metadata cache so small that it evicts all the time.
    pub tiny_cache: bool,
    /// A user block of 512 bytes.
    pub user_block: bool,
    /// Free space is allocated in pages of 4096 bytes, and kept if the second is set.
    pub paged: bool,
    /// Free space is remembered from one opening to the next.
    pub persist: bool,
}

impl Lists {
    pub fn access(&self) -> hid_t {
        // SAFETY: the lists are made here.
        unsafe {
            let list = H5Pcreate(*H5P_CLS_FILE_ACCESS);
            let low = if self.latest {
                H5F_libver_t::H5F_LIBVER_V200
            } else {
                H5F_libver_t::H5F_LIBVER_EARLIEST
            };
            assert!(H5Pset_libver_bounds(list, low, H5F_libver_t::H5F_LIBVER_V200) >= 0);
            if self.tiny_cache {
                let mut config = hdf5_sys::h5ac::H5AC_cache_config_t {
                    version: 1,
                    ..Default::default()
                };
                assert!(H5Pget_mdc_config(list, &mut config) >= 0);
                config.set_initial_size = 1;
                config.initial_size = 1024;
                config.min_size = 1024;
                config.max_size = 2048;
                assert!(H5Pset_mdc_config(list, &config) >= 0);
                assert!(H5Pset_cache(list, 0, 1, 512, 1.0) >= 0);
            }
            list
        }
    }

    pub fn creation(&self) -> hid_t {
        // SAFETY: the list is made here.
        unsafe {
            let list = H5Pcreate(*H5P_CLS_FILE_CREATE);
            if self.user_block {
                assert!(H5Pset_userblock(list, 512) >= 0);
            }
            if self.paged || self.persist {
                let strategy = if self.paged {
                    hdf5_sys::h5f::H5F_fspace_strategy_t::H5F_FSPACE_STRATEGY_PAGE
                } else {
                    hdf5_sys::h5f::H5F_fspace_strategy_t::H5F_FSPACE_STRATEGY_FSM_AGGR
                };
                assert!(
                    H5Pset_file_space_strategy(list, strategy, u8::from(self.persist) as _, 1) >= 0
                );
            }
            list
        }
    }
}

/// A file access property list without file locks.
pub fn access_without_locks() -> hid_t {
    let list = Lists::default().access();
    // SAFETY: the list was made just now.
    assert!(unsafe { hdf5_sys::h5p::H5Pset_file_locking(list, 0, 0) } >= 0);
    list
}

pub fn close_list(list: hid_t) {
    // SAFETY: HDF5 checks the identifier.
    unsafe { H5Pclose(list) };
}

pub fn create_group(file: hid_t, path: &str) -> Outcome<()> {
    // SAFETY: the names are NUL-terminated; HDF5 checks the identifiers.
    unsafe {
        let group = id(
            H5Gcreate2(
                file,
                name(path).as_ptr(),
                H5P_DEFAULT,
                H5P_DEFAULT,
                H5P_DEFAULT,
            ),
            "H5Gcreate2",
        )?;
        status(H5Gclose(group), "H5Gclose")
    }
}

pub fn link_outside(file: hid_t, path: &str, target: &std::path::Path) -> Outcome<()> {
    let target = name(&target.to_string_lossy());
    // SAFETY: as above.
    unsafe {
        status(
            H5Lcreate_external(
                target.as_ptr(),
                c"/".as_ptr(),
                file,
                name(path).as_ptr(),
                H5P_DEFAULT,
                H5P_DEFAULT,
            ),
            "H5Lcreate_external",
        )
    }
}

pub fn delete(file: hid_t, path: &str) -> Outcome<()> {
    // SAFETY: as above.
    unsafe {
        status(
            H5Ldelete(file, name(path).as_ptr(), H5P_DEFAULT),
            "H5Ldelete",
        )
    }
}

/// How an extensible dataset is stored.
pub struct Chunks {
    pub size: u64,
    pub gzip: bool,
}

fn variable_text() -> hid_t {
    // SAFETY: the type is made here.
    unsafe {
        let text = H5Tcopy(*H5T_C_S1);
        H5Tset_size(text, H5T_VARIABLE);
        H5Tset_cset(text, H5T_cset_t::H5T_CSET_UTF8);
        text
    }
}

/// Creates a dataset of `kind` 'f' (float64), 'i' (int64) or 's' (text), extensible if chunked.
pub fn create_dataset(
    file: hid_t,
    path: &str,
    kind: char,
    length: u64,
    chunks: Option<Chunks>,
) -> Outcome<()> {
    // SAFETY: the names are NUL-terminated; all buffers outlive the calls.
    unsafe {
        let text = variable_text();
        let element = match kind {
            'f' => *H5T_NATIVE_DOUBLE,
            'i' => *H5T_NATIVE_LLONG,
            _ => text,
        };
        let list = H5Pcreate(*H5P_CLS_DATASET_CREATE);
        let dims: [hsize_t; 1] = [length];
        let most: [hsize_t; 1] = [if chunks.is_some() {
            H5S_UNLIMITED
        } else {
            length
        }];
        if let Some(chunks) = chunks {
            status(H5Pset_chunk(list, 1, &chunks.size), "H5Pset_chunk")?;
            if chunks.gzip {
                status(H5Pset_deflate(list, 4), "H5Pset_deflate")?;
            }
        }
        let space = H5Screate_simple(1, dims.as_ptr(), most.as_ptr());
        let dataset = H5Dcreate2(
            file,
            name(path).as_ptr(),
            element,
            space,
            H5P_DEFAULT,
            list,
            H5P_DEFAULT,
        );
        H5Sclose(space);
        H5Pclose(list);
        H5Tclose(text);
        status(H5Dclose(id(dataset, "H5Dcreate2")?), "H5Dclose")
    }
}

/// The values of one write.
pub enum Values<'a> {
    Floats(&'a [f64]),
    Integers(&'a [i64]),
    Texts(&'a [String]),
}

impl Values<'_> {
    fn length(&self) -> u64 {
        match self {
            Values::Floats(values) => values.len() as u64,
            Values::Integers(values) => values.len() as u64,
            Values::Texts(values) => values.len() as u64,
        }
    }
}

/// Writes values from `start` on; an extensible dataset grows to hold them.
pub fn write(
    file: hid_t,
    path: &str,
    start: u64,
    values: &Values,
    grow: bool,
    flush: bool,
) -> Outcome<()> {
    // SAFETY: as above.
    unsafe {
        let dataset = id(H5Dopen2(file, name(path).as_ptr(), H5P_DEFAULT), "H5Dopen2")?;
        let count = values.length();
        let mut done = Ok(());
        if grow {
            let end = start + count;
            done = status(H5Dset_extent(dataset, &end), "H5Dset_extent");
        }
        if done.is_ok() {
            let space = H5Dget_space(dataset);
            H5Sselect_hyperslab(
                space,
                H5S_seloper_t::H5S_SELECT_SET,
                &start,
                std::ptr::null(),
                &count,
                std::ptr::null(),
            );
            let memory = H5Screate_simple(1, &count, std::ptr::null());
            let text = variable_text();
            let names: Vec<CString>;
            let pointers: Vec<*const std::ffi::c_char>;
            let (element, data): (hid_t, *const std::ffi::c_void) = match values {
                Values::Floats(values) => (*H5T_NATIVE_DOUBLE, values.as_ptr().cast()),
                Values::Integers(values) => (*H5T_NATIVE_LLONG, values.as_ptr().cast()),
                Values::Texts(values) => {
                    names = values.iter().map(|value| name(value)).collect();
                    pointers = names.iter().map(|name| name.as_ptr()).collect();
                    (text, pointers.as_ptr().cast())
                }
            };
            done = status(
                H5Dwrite(dataset, element, memory, space, H5P_DEFAULT, data),
                "H5Dwrite",
            );
            H5Tclose(text);
            H5Sclose(memory);
            H5Sclose(space);
        }
        if flush && done.is_ok() {
            done = status(H5Dflush(dataset), "H5Dflush");
        }
        done.and(status(H5Dclose(dataset), "H5Dclose"))
    }
}

/// Replaces an attribute by integers.
pub fn set_attribute(file: hid_t, object: &str, attribute: &str, values: &[i64]) -> Outcome<()> {
    // SAFETY: as above.
    unsafe {
        let object = id(H5Oopen(file, name(object).as_ptr(), H5P_DEFAULT), "H5Oopen")?;
        let attribute = name(attribute);
        let mut done = Ok(());
        if H5Aexists(object, attribute.as_ptr()) > 0 {
            done = status(H5Adelete(object, attribute.as_ptr()), "H5Adelete");
        }
        if done.is_ok() {
            let count = values.len() as u64;
            let space = H5Screate_simple(1, &count, std::ptr::null());
            let made = H5Acreate2(
                object,
                attribute.as_ptr(),
                *H5T_NATIVE_LLONG,
                space,
                H5P_DEFAULT,
                H5P_DEFAULT,
            );
            H5Sclose(space);
            done = id(made, "H5Acreate2").and_then(|made| {
                let written = status(
                    H5Awrite(made, *H5T_NATIVE_LLONG, values.as_ptr().cast()),
                    "H5Awrite",
                );
                written.and(status(H5Aclose(made), "H5Aclose"))
            });
        }
        done.and(status(H5Oclose(object), "H5Oclose"))
    }
}

/// The hexadecimal SHA-1 of some bytes.
pub fn hash(bytes: &[u8]) -> String {
    Sha1::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// One line per object and attribute of a file, sorted; the Python check makes the same.
pub fn listing(file: hid_t) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    list_object(file, "/", "", &mut lines)?;
    lines.sort();
    Ok(lines)
}

fn list_object(parent: hid_t, child: &str, path: &str, lines: &mut Vec<String>) -> Outcome<()> {
    // SAFETY: as above.
    unsafe {
        let object = id(
            H5Oopen(parent, name(child).as_ptr(), H5P_DEFAULT),
            "H5Oopen",
        )?;
        let done = list_attributes(object, path, lines).and_then(|()| {
            if H5Iget_type(object) == H5I_type_t::H5I_DATASET {
                lines.push(dataset_line(object, path)?);
                return Ok(());
            }
            lines.push(format!("{path}/ group"));
            for member in members(object)? {
                list_object(object, &member, &format!("{path}/{member}"), lines)?;
            }
            Ok(())
        });
        H5Oclose(object);
        done
    }
}

fn members(group: hid_t) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let mut buffer = [0; 256];
    loop {
        // SAFETY: the buffer has the size that is passed.
        let length = unsafe {
            H5Lget_name_by_idx(
                group,
                c".".as_ptr(),
                H5_index_t::H5_INDEX_NAME,
                H5_iter_order_t::H5_ITER_INC,
                found.len() as u64,
                buffer.as_mut_ptr(),
                buffer.len(),
                H5P_DEFAULT,
            )
        };
        if length < 0 {
            let mut info = hdf5_sys::h5g::H5G_info_t::default();
            // SAFETY: the place is valid.
            status(
                unsafe { hdf5_sys::h5g::H5Gget_info(group, &mut info) },
                "H5Gget_info",
            )?;
            if info.nlinks != found.len() as u64 {
                return Err(format!(
                    "{} links, of which {} can be listed",
                    info.nlinks,
                    found.len()
                ));
            }
            return Ok(found);
        }
        // SAFETY: HDF5 terminates the name.
        found.push(
            unsafe { CStr::from_ptr(buffer.as_ptr()) }
                .to_string_lossy()
                .into_owned(),
        );
    }
}

fn extent(space: hid_t) -> u64 {
    let mut dims = [1u64; 32];
    // SAFETY: there is room for 32 dimensions.
    unsafe {
        H5Sget_simple_extent_dims(space, dims.as_mut_ptr(), std::ptr::null_mut());
        let rank = H5Sget_simple_extent_ndims(space).max(0) as usize;
        dims[..rank].iter().product()
    }
}

fn dataset_line(dataset: hid_t, path: &str) -> Outcome<String> {
    // SAFETY: as above.
    unsafe {
        let space = H5Dget_space(dataset);
        let count = extent(space);
        let element = H5Dget_type(dataset);
        let line = if H5Tis_variable_str(element) > 0 {
            let mut pointers: Vec<*mut std::ffi::c_char> =
                vec![std::ptr::null_mut(); count as usize];
            let text = variable_text();
            let read = status(
                H5Dread(
                    dataset,
                    text,
                    H5S_ALL,
                    H5S_ALL,
                    H5P_DEFAULT,
                    pointers.as_mut_ptr().cast(),
                ),
                "H5Dread",
            );
            let mut bytes = Vec::new();
            if read.is_ok() {
                for pointer in &pointers {
                    if !pointer.is_null() {
                        bytes.extend_from_slice(CStr::from_ptr(*pointer).to_bytes());
                    }
                    bytes.push(0);
                }
                H5Treclaim(text, space, H5P_DEFAULT, pointers.as_mut_ptr().cast());
            }
            H5Tclose(text);
            read.map(|()| format!("{path} s {count} {}", hash(&bytes)))
        } else {
            let (kind, memory) = if H5Tget_class(element) == H5T_class_t::H5T_FLOAT {
                ("f", *H5T_NATIVE_DOUBLE)
            } else {
                ("i", *H5T_NATIVE_LLONG)
            };
            let mut bytes = vec![0u8; count as usize * H5Tget_size(memory)];
            let read = if count == 0 {
                Ok(())
            } else {
                status(
                    H5Dread(
                        dataset,
                        memory,
                        H5S_ALL,
                        H5S_ALL,
                        H5P_DEFAULT,
                        bytes.as_mut_ptr().cast(),
                    ),
                    "H5Dread",
                )
            };
            read.map(|()| format!("{path} {kind} {count} {}", hash(&bytes)))
        };
        H5Tclose(element);
        H5Sclose(space);
        line
    }
}

fn list_attributes(object: hid_t, path: &str, lines: &mut Vec<String>) -> Outcome<()> {
    for number in 0.. {
        // SAFETY: as above.
        unsafe {
            let attribute = H5Aopen_by_idx(
                object,
                c".".as_ptr(),
                H5_index_t::H5_INDEX_NAME,
                H5_iter_order_t::H5_ITER_INC,
                number,
                H5P_DEFAULT,
                H5P_DEFAULT,
            );
            if attribute < 0 {
                break;
            }
            let mut buffer = [0; 256];
            H5Aget_name(attribute, buffer.len(), buffer.as_mut_ptr());
            let space = H5Aget_space(attribute);
            let element = H5Aget_type(attribute);
            let count = extent(space);
            let mut bytes = vec![0u8; count as usize * 8];
            let read = status(
                H5Aread(attribute, *H5T_NATIVE_LLONG, bytes.as_mut_ptr().cast()),
                "H5Aread",
            );
            H5Sclose(space);
            H5Tclose(element);
            H5Aclose(attribute);
            read?;
            let attribute = CStr::from_ptr(buffer.as_ptr())
                .to_string_lossy()
                .into_owned();
            lines.push(format!("{path}@{attribute} i {count} {}", hash(&bytes)));
        }
    }
    Ok(())
}

/// Creates a contiguous dataset of float64 that is allocated and not written, and gives its address.
pub fn create_unwritten(file: hid_t, path: &str, length: u64) -> Outcome<u64> {
    // SAFETY: the names are NUL-terminated; HDF5 checks the identifiers.
    unsafe {
        let list = H5Pcreate(*H5P_CLS_DATASET_CREATE);
        H5Pset_alloc_time(list, H5D_alloc_time_t::H5D_ALLOC_TIME_EARLY);
        H5Pset_fill_time(list, H5D_fill_time_t::H5D_FILL_TIME_NEVER);
        let space = H5Screate_simple(1, &length, std::ptr::null());
        let dataset = H5Dcreate2(
            file,
            name(path).as_ptr(),
            *H5T_NATIVE_DOUBLE,
            space,
            H5P_DEFAULT,
            list,
            H5P_DEFAULT,
        );
        H5Sclose(space);
        H5Pclose(list);
        let address = H5Dget_offset(id(dataset, "H5Dcreate2")?);
        status(H5Dclose(dataset), "H5Dclose")?;
        if address == u64::MAX {
            return Err("the dataset has no address".into());
        }
        Ok(address)
    }
}

/// The address of a contiguous dataset.
pub fn address(file: hid_t, path: &str) -> Outcome<u64> {
    // SAFETY: the name is NUL-terminated; HDF5 checks the identifiers.
    unsafe {
        let dataset = id(H5Dopen2(file, name(path).as_ptr(), H5P_DEFAULT), "H5Dopen2")?;
        let address = H5Dget_offset(dataset);
        status(H5Dclose(dataset), "H5Dclose")?;
        if address == u64::MAX {
            return Err("the dataset has no address".into());
        }
        Ok(address)
    }
}

/// Where a file has room that nothing refers to: start and end of each piece of at least so many bytes.
pub fn free_places(file: hid_t, least: u64) -> Vec<(u64, u64)> {
    let all = H5F_mem_t::H5FD_MEM_DEFAULT;
    // SAFETY: HDF5 checks the identifier, and is given as many places as it is told of.
    let found = unsafe {
        let count = H5Fget_free_sections(file, all, 0, std::ptr::null_mut()).max(0) as usize;
        let mut found = vec![H5F_sect_info_t { addr: 0, size: 0 }; count];
        H5Fget_free_sections(file, all, count, found.as_mut_ptr());
        found
    };
    let large = found.iter().filter(|section| section.size >= least);
    large
        .map(|section| (section.addr, section.addr + section.size))
        .collect()
}

/// Stores a chunk as it is.
pub fn write_chunk(
    file: hid_t,
    path: &str,
    start: u64,
    data: *const std::ffi::c_void,
    size: usize,
) -> Outcome<()> {
    // SAFETY: the name is NUL-terminated; the driver does not look at the data.
    unsafe {
        let dataset = id(H5Dopen2(file, name(path).as_ptr(), H5P_DEFAULT), "H5Dopen2")?;
        let done = status(
            H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &start, size, data),
            "H5Dwrite_chunk",
        );
        done.and(status(H5Dclose(dataset), "H5Dclose"))
    }
}

/// All values of a dataset of float64.
pub fn floats(file: hid_t, path: &str) -> Outcome<Vec<f64>> {
    // SAFETY: the name is NUL-terminated; the room is as large as the dataset.
    unsafe {
        let dataset = id(H5Dopen2(file, name(path).as_ptr(), H5P_DEFAULT), "H5Dopen2")?;
        let space = H5Dget_space(dataset);
        let mut length: hsize_t = 0;
        H5Sget_simple_extent_dims(space, &mut length, std::ptr::null_mut());
        H5Sclose(space);
        let mut values = vec![f64::NAN; length as usize];
        let done = status(
            H5Dread(
                dataset,
                *H5T_NATIVE_DOUBLE,
                H5S_ALL,
                H5S_ALL,
                H5P_DEFAULT,
                values.as_mut_ptr().cast(),
            ),
            "H5Dread",
        );
        done.and(status(H5Dclose(dataset), "H5Dclose"))?;
        Ok(values)
    }
}

/// Flushes and closes a file by HDF5's own calls, whatever they say.
pub fn flush_and_close(file: hid_t) {
    // SAFETY: HDF5 checks the identifier.
    unsafe {
        hdf5_sys::h5f::H5Fflush(file, hdf5_sys::h5f::H5F_SCOPE_GLOBAL);
        hdf5_sys::h5f::H5Fclose(file);
    }
}
