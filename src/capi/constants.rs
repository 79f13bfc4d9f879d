//! The types and constants of the header.

use crate::catalog::RunState;
use crate::error::Status;
use crate::json;
use crate::store::{Dtype, Kind};
use std::ffi::c_void;

/// An open file. Never 0 for a live file; a stale or made-up value gives H5SIM_ERR_HANDLE.
pub type h5sim_file = i64;

/// A JSON document in memory. Never 0 for a live document.
pub type h5sim_json = i64;

/// The operation by which ranks talk, see h5sim_open_ranks().
pub type h5sim_allgather = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        mine: *const c_void,
        bytes: i64,
        all: *mut c_void,
    ) -> i32,
>;

/// The version of this header: 0 of 0.1.2. That of the library is h5sim_version().
pub const H5SIM_VERSION_MAJOR: i32 = 0;
/// The version of this header: 1 of 0.1.2.
pub const H5SIM_VERSION_MINOR: i32 = 1;
/// The version of this header: 2 of 0.1.2.
pub const H5SIM_VERSION_PATCH: i32 = 0;

// They are those of Cargo.toml, or it does not compile.
const _: () = {
    const fn number(text: &str) -> i32 {
        let (digits, mut value, mut place) = (text.as_bytes(), 0, 0);
        while place < digits.len() {
            value = 10 * value + (digits[place] - b'0') as i32;
            place += 1;
        }
        value
    }
    assert!(H5SIM_VERSION_MAJOR == number(env!("CARGO_PKG_VERSION_MAJOR")));
    assert!(H5SIM_VERSION_MINOR == number(env!("CARGO_PKG_VERSION_MINOR")));
    assert!(H5SIM_VERSION_PATCH == number(env!("CARGO_PKG_VERSION_PATCH")));
};

/// The largest rank (number of axes) of an array.
pub const H5SIM_MAX_RANK: i32 = 32;

/// Element type: double, real(real64), Float64; h5py's "f8".
pub const H5SIM_F64: i32 = 1;
/// Element type: float, real(real32), Float32; "f4".
pub const H5SIM_F32: i32 = 2;
/// Element type: int64_t, integer(int64), Int64; "i8".
pub const H5SIM_I64: i32 = 3;
/// Element type: int32_t, integer(int32), Int32; "i4".
pub const H5SIM_I32: i32 = 4;
/// Element type: int16_t, integer(int16), Int16; "i2".
pub const H5SIM_I16: i32 = 5;
/// Element type: int8_t, integer(int8), Int8; "i1".
pub const H5SIM_I8: i32 = 6;
/// Element type: uint64_t, UInt64; "u8".
pub const H5SIM_U64: i32 = 7;
/// Element type: uint32_t, UInt32; "u4".
pub const H5SIM_U32: i32 = 8;
/// Element type: uint16_t, UInt16; "u2".
pub const H5SIM_U16: i32 = 9;
/// Element type: uint8_t, UInt8; "u1".
pub const H5SIM_U8: i32 = 10;
/// Element type: one byte, 0 is false, anything else true (C bool); kept as h5py keeps it, an enum FALSE/TRUE.
pub const H5SIM_BOOL: i32 = 11;
/// Element type: double complex, complex(real64), ComplexF64; kept as h5py's compound {r, i}.
pub const H5SIM_C128: i32 = 12;
/// Element type: float complex, complex(real32), ComplexF32; kept as h5py's compound {r, i}.
pub const H5SIM_C64: i32 = 13;
/// Element type: text, of fixed or variable length. Read it with h5sim_read_text or h5sim_read_texts.
pub const H5SIM_TEXT: i32 = 14;
/// Element type: any other, which this library does not read.
pub const H5SIM_OTHER: i32 = 15;

/// Object kind: nothing is there.
pub const H5SIM_NONE: i32 = 0;
/// Object kind: a group.
pub const H5SIM_GROUP: i32 = 1;
/// Object kind: a dataset.
pub const H5SIM_DATASET: i32 = 2;
/// Object kind: a named datatype, as some other writers store; this library only lists it.
pub const H5SIM_DATATYPE: i32 = 3;

/// JSON type: null.
pub const H5SIM_JSON_NULL: i32 = 0;
/// JSON type: true or false.
pub const H5SIM_JSON_BOOL: i32 = 1;
/// JSON type: a number written without point and exponent.
pub const H5SIM_JSON_INTEGER: i32 = 2;
/// JSON type: any other number.
pub const H5SIM_JSON_FLOAT: i32 = 3;
/// JSON type: a string.
pub const H5SIM_JSON_TEXT: i32 = 4;
/// JSON type: an array.
pub const H5SIM_JSON_ARRAY: i32 = 5;
/// JSON type: an object.
pub const H5SIM_JSON_OBJECT: i32 = 6;

/// Run: nothing is there yet; the caller is to produce it.
pub const H5SIM_RUN_ABSENT: i32 = 0;
/// Run: it was begun and is not marked as finished.
pub const H5SIM_RUN_UNFINISHED: i32 = 1;
/// Run: it is marked as finished.
pub const H5SIM_RUN_FINISHED: i32 = 2;

/// Success.
pub const H5SIM_OK: i32 = 0;
/// An argument makes no sense: NULL, an unknown option or mode, text that is not UTF-8.
pub const H5SIM_ERR_ARGUMENT: i32 = -1;
/// Not the handle of an open file or live document.
pub const H5SIM_ERR_HANDLE: i32 = -2;
/// The file, object, attribute or JSON member is not there.
pub const H5SIM_ERR_NOT_FOUND: i32 = -3;
/// Something is there already and was not to be overwritten.
pub const H5SIM_ERR_EXISTS: i32 = -4;
/// Ranks, extents, indices or counts do not fit.
pub const H5SIM_ERR_SHAPE: i32 = -5;
/// Element types cannot be converted, or the object is of another kind.
pub const H5SIM_ERR_TYPE: i32 = -6;
/// The text is not JSON or YAML, or cannot be represented.
pub const H5SIM_ERR_JSON: i32 = -7;
/// The operating system refused to read or write.
pub const H5SIM_ERR_IO: i32 = -8;
/// The file is not HDF5, or it is damaged.
pub const H5SIM_ERR_FORMAT: i32 = -9;
/// Another writer holds the file.
pub const H5SIM_ERR_LOCKED: i32 = -10;
/// The file was opened for reading only, or may not be written.
pub const H5SIM_ERR_READ_ONLY: i32 = -11;
/// Valid, but this build cannot do it.
pub const H5SIM_ERR_UNSUPPORTED: i32 = -12;
/// A defect of this library: please report it.
pub const H5SIM_ERR_INTERNAL: i32 = -13;

// The constants are written out, because cbindgen copies literals into the header;
// here the compiler holds them to what the core uses.
const _: () = {
    assert!(H5SIM_F64 == Dtype::F64 as i32 && H5SIM_F32 == Dtype::F32 as i32);
    assert!(H5SIM_I64 == Dtype::I64 as i32 && H5SIM_I32 == Dtype::I32 as i32);
    assert!(H5SIM_I16 == Dtype::I16 as i32 && H5SIM_I8 == Dtype::I8 as i32);
    assert!(H5SIM_U64 == Dtype::U64 as i32 && H5SIM_U32 == Dtype::U32 as i32);
    assert!(H5SIM_U16 == Dtype::U16 as i32 && H5SIM_U8 == Dtype::U8 as i32);
    assert!(H5SIM_BOOL == Dtype::Bool as i32);
    assert!(H5SIM_C128 == Dtype::C128 as i32 && H5SIM_C64 == Dtype::C64 as i32);
    assert!(H5SIM_TEXT == Dtype::Text as i32 && H5SIM_OTHER == Dtype::Other as i32);
    assert!(H5SIM_NONE == Kind::None as i32 && H5SIM_GROUP == Kind::Group as i32);
    assert!(H5SIM_DATASET == Kind::Dataset as i32 && H5SIM_DATATYPE == Kind::Datatype as i32);
    assert!(H5SIM_JSON_NULL == json::ValueKind::Null as i32);
    assert!(H5SIM_JSON_BOOL == json::ValueKind::Bool as i32);
    assert!(H5SIM_JSON_INTEGER == json::ValueKind::Integer as i32);
    assert!(H5SIM_JSON_FLOAT == json::ValueKind::Float as i32);
    assert!(H5SIM_JSON_TEXT == json::ValueKind::Text as i32);
    assert!(H5SIM_JSON_ARRAY == json::ValueKind::Array as i32);
    assert!(H5SIM_JSON_OBJECT == json::ValueKind::Object as i32);
    assert!(H5SIM_RUN_ABSENT == RunState::Absent as i32);
    assert!(H5SIM_RUN_UNFINISHED == RunState::Unfinished as i32);
    assert!(H5SIM_RUN_FINISHED == RunState::Finished as i32);
    assert!(H5SIM_ERR_ARGUMENT == Status::Argument.code());
    assert!(H5SIM_ERR_HANDLE == Status::Handle.code());
    assert!(H5SIM_ERR_NOT_FOUND == Status::NotFound.code());
    assert!(H5SIM_ERR_EXISTS == Status::Exists.code());
    assert!(H5SIM_ERR_SHAPE == Status::Shape.code());
    assert!(H5SIM_ERR_TYPE == Status::Type.code());
    assert!(H5SIM_ERR_JSON == Status::Json.code());
    assert!(H5SIM_ERR_IO == Status::Io.code());
    assert!(H5SIM_ERR_FORMAT == Status::Format.code());
    assert!(H5SIM_ERR_LOCKED == Status::Locked.code());
    assert!(H5SIM_ERR_READ_ONLY == Status::ReadOnly.code());
    assert!(H5SIM_ERR_UNSUPPORTED == Status::Unsupported.code());
    assert!(H5SIM_ERR_INTERNAL == Status::Internal.code());
};
