//! Names from metadata.

use super::convert;
use super::guard::guard;
use crate::hash;
use std::ffi::c_char;

/// Give the canonical form of a JSON text: what Python's json.dumps(json.loads(text), ensure_ascii=True, sort_keys=True) prints.
///
/// json     a JSON text, with Python's additions NaN, Infinity and -Infinity.
/// text     output: ASCII, keys sorted by code point, ", " and ": " between, floats as Python's repr; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON (not JSON; or an escape that is half of a surrogate pair, which UTF-8 cannot hold).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_canonical_json(json: *const c_char, text: *mut *mut c_char) -> i32 {
    guard(|| {
        // SAFETY: by the header, `json` is NULL or a text that ends with NUL; `text` is NULL or a place that can be written.
        let (json, output) =
            unsafe { (convert::text(json, "json")?, convert::output(text, "text")?) };
        output.hand_out(&hash::canonical_json(json)?)
    })
}

/// Give the first digits of the SHA-1 of the canonical form of a JSON text (see h5sim_canonical_json).
///
/// The same parameters give the same digits, whatever their order and spacing, and the same as in Python:
/// hashlib.sha1(json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str).encode()).hexdigest()[:digits].
///
/// json     a JSON text.
/// digits   how many hex digits, 1 to 40; 0 means 10.
/// hex      output: lower-case hex digits; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON; H5SIM_ERR_ARGUMENT (digits).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_hash(
    json: *const c_char,
    digits: i32,
    hex: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `json` is NULL or a text that ends with NUL; `hex` is NULL or a place that can be written.
        let (json, output) =
            unsafe { (convert::text(json, "json")?, convert::output(hex, "hex")?) };
        output.hand_out(&hash::hash(json, digits)?)
    })
}

/// Give a file name made from the hash of metadata: prefix, digits, suffix, such as "data_eba300792d.h5py".
///
/// prefix   what comes before the digits, such as "data_"; NULL is "".
/// json     a JSON text.
/// digits   how many hex digits, 1 to 40; 0 means 10.
/// suffix   what comes after the digits, such as ".h5"; NULL is "".
/// name     output: the name; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON; H5SIM_ERR_ARGUMENT (digits).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_hash_name(
    prefix: *const c_char,
    json: *const c_char,
    digits: i32,
    suffix: *const c_char,
    name: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `prefix`, `json` and `suffix` are each NULL or a text that ends with NUL; `name` is NULL or a
        // place that can be written.
        let (prefix, json, suffix, output) = unsafe {
            (
                convert::optional_text(prefix, "prefix")?,
                convert::text(json, "json")?,
                convert::optional_text(suffix, "suffix")?,
                convert::output(name, "name")?,
            )
        };
        output.hand_out(&hash::hash_name(prefix, json, digits, suffix)?)
    })
}
