//! The two C structs through which HDF5 talks to a file driver.
//!
//! The bindings of `hdf5-metno-sys` describe these structs as they were before HDF5 1.14:
//! without the version, the vector and the selection callbacks, and with other signatures.
//! What is declared here follows `H5FDdevelop.h` of the bundled HDF5 2.2, and the tests
//! compare the size and every offset with what a C compiler makes of that header.

use hdf5_sys::h5::{haddr_t, herr_t, hsize_t};
use hdf5_sys::h5i::hid_t;
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ulong, c_void};

/// The version of [`DriverClass`] that HDF5 2.2 demands.
pub const CLASS_VERSION: c_uint = 1;
/// The number of kinds of file memory, `H5FD_MEM_NTYPES`.
pub const MEMORY_TYPES: usize = 7;

/// A kind of file memory, `H5FD_mem_t`. An integer and not an enum, because C may pass any value.
pub type MemoryType = c_int;

/// Requests for space are collected into larger blocks.
pub const FEATURE_AGGREGATE_METADATA: c_ulong = 0x0000_0001;
/// Requests for space of small datasets are collected into larger blocks.
pub const FEATURE_AGGREGATE_SMALL_DATA: c_ulong = 0x0000_0010;
/// The file can be opened with HDF5's default driver too.
pub const FEATURE_DEFAULT_DRIVER_COMPATIBLE: c_ulong = 0x0000_8000;

/// What HDF5 keeps in front of each driver's own data: `H5FD_t`.
///
/// The driver hands it out zeroed; HDF5 fills it in after the open callback.
#[repr(C)]
pub struct DriverFile {
    /// Identifier of the driver.
    pub driver_id: hid_t,
    /// The registered class.
    pub class: *const DriverClass,
    /// Serial number of the opening.
    pub file_number: c_ulong,
    /// The flags of the opening.
    pub access_flags: c_uint,
    /// What `query` answered.
    pub feature_flags: c_ulong,
    /// Largest address.
    pub maximum_address: haddr_t,
    /// Where HDF5's own data begins: the size of the user block.
    pub base_address: haddr_t,
    /// Objects from this size on are aligned.
    pub threshold: hsize_t,
    /// The alignment of such objects.
    pub alignment: hsize_t,
    /// Whether space is allocated in pages.
    pub paged_aggregation: bool,
}

impl DriverFile {
    /// The zeroed struct that an open callback has to return.
    pub const fn zeroed() -> Self {
        Self {
            driver_id: 0,
            class: std::ptr::null(),
            file_number: 0,
            access_flags: 0,
            feature_flags: 0,
            maximum_address: 0,
            base_address: 0,
            threshold: 0,
            alignment: 0,
            paged_aggregation: false,
        }
    }
}

/// A callback that this driver never defines; only its size matters.
pub type Unused = Option<unsafe extern "C" fn()>;

/// The table of callbacks: `H5FD_class_t`.
#[repr(C)]
pub struct DriverClass {
    /// Always [`CLASS_VERSION`].
    pub version: c_uint,
    /// The driver's number; 256 and up are free for use outside the HDF Group.
    pub value: c_int,
    /// The driver's name.
    pub name: *const c_char,
    /// Largest address that the driver can handle.
    pub maximum_address: haddr_t,
    /// What happens to objects that are still open when their file is closed.
    pub close_degree: c_int,
    /// Shuts the driver down.
    pub terminate: Option<unsafe extern "C" fn() -> herr_t>,
    /// Size of the driver's part of the superblock.
    pub superblock_size: Option<unsafe extern "C" fn(*mut DriverFile) -> hsize_t>,
    /// Encodes it.
    pub superblock_encode:
        Option<unsafe extern "C" fn(*mut DriverFile, *mut c_char, *mut c_uchar) -> herr_t>,
    /// Decodes it.
    pub superblock_decode:
        Option<unsafe extern "C" fn(*mut DriverFile, *const c_char, *const c_uchar) -> herr_t>,
    /// Size of the driver's data in a file access property list.
    pub access_list_size: usize,
    /// Makes that data from an open file.
    pub access_list_get: Option<unsafe extern "C" fn(*mut DriverFile) -> *mut c_void>,
    /// Copies it.
    pub access_list_copy: Option<unsafe extern "C" fn(*const c_void) -> *mut c_void>,
    /// Frees it.
    pub access_list_free: Option<unsafe extern "C" fn(*mut c_void) -> herr_t>,
    /// Size of the driver's data in a transfer property list.
    pub transfer_list_size: usize,
    /// Copies it.
    pub transfer_list_copy: Option<unsafe extern "C" fn(*const c_void) -> *mut c_void>,
    /// Frees it.
    pub transfer_list_free: Option<unsafe extern "C" fn(*mut c_void) -> herr_t>,
    /// Opens or creates a file.
    pub open:
        Option<unsafe extern "C" fn(*const c_char, c_uint, hid_t, haddr_t) -> *mut DriverFile>,
    /// Closes it.
    pub close: Option<unsafe extern "C" fn(*mut DriverFile) -> herr_t>,
    /// Orders two open files; 0 says that they are the same.
    pub compare: Option<unsafe extern "C" fn(*const DriverFile, *const DriverFile) -> c_int>,
    /// Tells the driver's features; the file may be NULL.
    pub query: Option<unsafe extern "C" fn(*const DriverFile, *mut c_ulong) -> herr_t>,
    /// Maps kinds of memory to free lists.
    pub get_type_map: Unused,
    /// Allocates file space.
    pub allocate: Unused,
    /// Frees file space.
    pub free: Unused,
    /// The end of the allocated addresses.
    pub get_end_of_allocation:
        Option<unsafe extern "C" fn(*const DriverFile, MemoryType) -> haddr_t>,
    /// Moves it.
    pub set_end_of_allocation:
        Option<unsafe extern "C" fn(*mut DriverFile, MemoryType, haddr_t) -> herr_t>,
    /// The end of what is stored.
    pub get_end_of_file: Option<unsafe extern "C" fn(*const DriverFile, MemoryType) -> haddr_t>,
    /// The driver's handle of the file.
    pub get_handle:
        Option<unsafe extern "C" fn(*mut DriverFile, hid_t, *mut *mut c_void) -> herr_t>,
    /// Reads bytes.
    pub read: Option<
        unsafe extern "C" fn(
            *mut DriverFile,
            MemoryType,
            hid_t,
            haddr_t,
            usize,
            *mut c_void,
        ) -> herr_t,
    >,
    /// Writes bytes.
    pub write: Option<
        unsafe extern "C" fn(
            *mut DriverFile,
            MemoryType,
            hid_t,
            haddr_t,
            usize,
            *const c_void,
        ) -> herr_t,
    >,
    /// Reads several pieces.
    pub read_vector: Unused,
    /// Writes several pieces.
    pub write_vector: Unused,
    /// Reads a selection.
    pub read_selection: Unused,
    /// Writes a selection.
    pub write_selection: Unused,
    /// Hands everything to the operating system.
    pub flush: Option<unsafe extern "C" fn(*mut DriverFile, hid_t, bool) -> herr_t>,
    /// Makes the file as long as its allocated addresses.
    pub truncate: Option<unsafe extern "C" fn(*mut DriverFile, hid_t, bool) -> herr_t>,
    /// Locks the file.
    pub lock: Option<unsafe extern "C" fn(*mut DriverFile, bool) -> herr_t>,
    /// Unlocks the file.
    pub unlock: Option<unsafe extern "C" fn(*mut DriverFile) -> herr_t>,
    /// Deletes a file.
    pub delete: Option<unsafe extern "C" fn(*const c_char, hid_t) -> herr_t>,
    /// Anything else.
    pub control: Unused,
    /// The free list of each kind of memory.
    pub free_list_map: [MemoryType; MEMORY_TYPES],
}

// SAFETY: the name is a pointer to a string constant and the rest are plain values;
// nothing in a class is ever changed.
unsafe impl Sync for DriverClass {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};
    use std::path::PathBuf;
    use std::process::Command;

    /// The directory with the headers of the bundled HDF5 that this build is linked with.
    fn include_directory() -> PathBuf {
        // The test binary lies in target/<profile>/deps, the build scripts' output beside it.
        let binary = std::env::current_exe().unwrap();
        let build = binary.parent().unwrap().parent().unwrap().join("build");
        let mut found: Vec<PathBuf> = std::fs::read_dir(&build)
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("hdf5-metno-src-"))
            })
            .map(|path| path.join("out/include"))
            .filter(|path| path.join("H5FDdevelop.h").is_file())
            .collect();
        found.sort();
        found
            .pop()
            .unwrap_or_else(|| panic!("no headers of the bundled HDF5 under {}", build.display()))
    }

    macro_rules! layout {
        ($rust:ty, $c:literal, { $($field:ident => $member:literal),* $(,)? }) => {
            {
                let mut rows = vec![(format!("sizeof({})", $c), size_of::<$rust>())];
                $(rows.push((format!("offsetof({}, {})", $c, $member), offset_of!($rust, $field)));)*
                rows
            }
        };
    }

    #[test]
    fn structs_have_the_layout_of_the_bundled_header() {
        let mut rows = layout!(DriverClass, "H5FD_class_t", {
            version => "version", value => "value", name => "name", maximum_address => "maxaddr",
            close_degree => "fc_degree", terminate => "terminate", superblock_size => "sb_size",
            superblock_encode => "sb_encode", superblock_decode => "sb_decode",
            access_list_size => "fapl_size", access_list_get => "fapl_get",
            access_list_copy => "fapl_copy", access_list_free => "fapl_free",
            transfer_list_size => "dxpl_size", transfer_list_copy => "dxpl_copy",
            transfer_list_free => "dxpl_free", open => "open", close => "close", compare => "cmp",
            query => "query", get_type_map => "get_type_map", allocate => "alloc", free => "free",
            get_end_of_allocation => "get_eoa", set_end_of_allocation => "set_eoa",
            get_end_of_file => "get_eof", get_handle => "get_handle", read => "read",
            write => "write", read_vector => "read_vector", write_vector => "write_vector",
            read_selection => "read_selection", write_selection => "write_selection",
            flush => "flush", truncate => "truncate", lock => "lock", unlock => "unlock",
            delete => "del", control => "ctl", free_list_map => "fl_map",
        });
        // Every member has been named: 40 rows besides the size.
        assert_eq!(rows.len(), 41);
        rows.extend(layout!(DriverFile, "H5FD_t", {
            driver_id => "driver_id", class => "cls", file_number => "fileno",
            access_flags => "access_flags", feature_flags => "feature_flags",
            maximum_address => "maxaddr", base_address => "base_addr", threshold => "threshold",
            alignment => "alignment", paged_aggregation => "paged_aggr",
        }));
        rows.push(("H5FD_CLASS_VERSION".into(), CLASS_VERSION as usize));
        rows.push(("H5FD_MEM_NTYPES".into(), MEMORY_TYPES));
        rows.push((
            "H5FD_FEAT_AGGREGATE_METADATA".into(),
            FEATURE_AGGREGATE_METADATA as usize,
        ));
        rows.push((
            "H5FD_FEAT_AGGREGATE_SMALLDATA".into(),
            FEATURE_AGGREGATE_SMALL_DATA as usize,
        ));
        rows.push((
            "H5FD_FEAT_DEFAULT_VFD_COMPATIBLE".into(),
            FEATURE_DEFAULT_DRIVER_COMPATIBLE as usize,
        ));

        let mut source = String::from(
            "#include <stddef.h>\n#include <stdio.h>\n#include \"hdf5.h\"\n\
             #include \"H5FDdevelop.h\"\nint main(void) {\n",
        );
        for (expression, _) in &rows {
            source.push_str(&format!(
                "    printf(\"%zu\\n\", (size_t)({expression}));\n"
            ));
        }
        source.push_str("    return 0;\n}\n");

        let directory = std::env::temp_dir().join(format!("h5sim-layout-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let (c, program) = (directory.join("layout.c"), directory.join("layout"));
        std::fs::write(&c, source).unwrap();
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
        let compiled = Command::new(compiler)
            .arg("-I")
            .arg(include_directory())
            .args([&c])
            .arg("-o")
            .arg(&program)
            .output()
            .unwrap();
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        let printed = Command::new(&program).output().unwrap().stdout;
        std::fs::remove_dir_all(&directory).unwrap();

        let printed = String::from_utf8(printed).unwrap();
        let expected: Vec<usize> = printed.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(expected.len(), rows.len());
        for ((expression, ours), theirs) in rows.iter().zip(expected) {
            assert_eq!(*ours, theirs, "{expression}");
        }
    }
}
