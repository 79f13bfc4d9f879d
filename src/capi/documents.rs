//! JSON documents, addressed by JSON pointer, so that C and Fortran need no JSON writer of their own.

use super::constants::h5sim_json;
use super::convert;
use super::guard::guard;
use super::handle::Table;
use crate::error::{Error, Result};
use crate::hash;
use crate::json::{self, yaml, Integer, Object, Value};
use std::ffi::c_char;
use std::sync::{Mutex, PoisonError};

static DOCUMENTS: Table<Mutex<Value>> = Table::new(2, "a JSON document");

/// Runs `body` with the document of a handle, alone.
pub(super) fn with_document<T>(
    handle: h5sim_json,
    body: impl FnOnce(&mut Value) -> Result<T>,
) -> Result<T> {
    let document = DOCUMENTS.get(handle)?;
    // A panic inside cannot leave a document half-changed: values are moved in whole.
    let mut value = document.lock().unwrap_or_else(PoisonError::into_inner);
    body(&mut value)
}

/// Sets a member of the document of a handle.
///
/// # Safety
/// `pointer` is NULL or a text.
unsafe fn set(document: h5sim_json, pointer: *const c_char, value: Value) -> Result<()> {
    // SAFETY: the caller vouches for NULL or a text that ends with NUL.
    let pointer = unsafe { convert::text(pointer, "pointer") }?;
    with_document(document, |root| json::set(root, pointer, value))
}

/// Gives what `convert` makes of the member of a document.
///
/// # Safety
/// `pointer` is NULL or a text.
unsafe fn get<T>(
    document: h5sim_json,
    pointer: *const c_char,
    convert: impl FnOnce(&Value) -> Result<T>,
) -> Result<T> {
    // SAFETY: the caller vouches for NULL or a text that ends with NUL.
    let pointer = unsafe { super::convert::text(pointer, "pointer") }?;
    with_document(document, |root| {
        convert(json::get(root, pointer)?)
            .map_err(|error| error.within(format_args!("the member at '{pointer}'")))
    })
}

/// Frees every document.
pub(super) fn free_all() {
    DOCUMENTS.drain();
}

/// Make an empty JSON object, {}.
///
/// document  output: the handle, to be freed with h5sim_json_free().
///
/// Threads: any; calls on one document are serialised. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_new(document: *mut h5sim_json) -> i32 {
    guard(|| {
        // SAFETY: by the header, `document` is NULL or a place that can be written.
        let output = unsafe { convert::output(document, "document") }?;
        output.set(DOCUMENTS.insert(Mutex::new(Value::Object(Object::new()))));
        Ok(())
    })
}

/// Read a JSON text as Python's json.loads does.
///
/// json      a JSON text; NaN, Infinity and -Infinity are numbers, the last of equal keys wins, integers are exact.
/// document  output: the handle, to be freed with h5sim_json_free().
///
/// Status: H5SIM_ERR_JSON, naming line and column. Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_parse(json: *const c_char, document: *mut h5sim_json) -> i32 {
    guard(|| {
        // SAFETY: by the header, `json` is NULL or a text that ends with NUL; `document` is NULL or a place that can be
        // written.
        let (json, output) = unsafe {
            (
                convert::text(json, "json")?,
                convert::output(document, "document")?,
            )
        };
        output.set(DOCUMENTS.insert(Mutex::new(json::parse(json)?)));
        Ok(())
    })
}

/// Read a YAML text, such as an input file, as PyYAML's safe_load does.
///
/// yaml      one YAML 1.1 document. Dates, bytes and sets become what Python's str() prints of them. Keys become texts; that some were
///           numbers is kept for the order in which h5sim_json_canonical() and h5sim_json_hash_name() take them.
/// document  output: the handle, to be freed with h5sim_json_free().
///
/// Status: H5SIM_ERR_JSON (not YAML, or JSON cannot hold it), naming line and column. Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_parse_yaml(
    yaml: *const c_char,
    document: *mut h5sim_json,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `yaml` is NULL or a text that ends with NUL; `document` is NULL or a place that can be
        // written.
        let (text, output) = unsafe {
            (
                convert::text(yaml, "yaml")?,
                convert::output(document, "document")?,
            )
        };
        output.set(DOCUMENTS.insert(Mutex::new(yaml::load(text)?)));
        Ok(())
    })
}

/// Set a member to a number with a fraction.
///
/// document  a live document.
/// pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
///           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
/// value     the number; NaN and infinities are kept as Python's NaN and Infinity.
///
/// Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_set_f64(
    document: h5sim_json,
    pointer: *const c_char,
    value: f64,
) -> i32 {
    // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL.
    guard(|| unsafe { set(document, pointer, Value::Float(value)) })
}

/// Set a member to an integer.
///
/// document  a live document.
/// pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
///           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
/// value     the integer.
///
/// Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_set_i64(
    document: h5sim_json,
    pointer: *const c_char,
    value: i64,
) -> i32 {
    // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL.
    guard(|| unsafe { set(document, pointer, Value::Integer(Integer::Small(value))) })
}

/// Set a member to true or false.
///
/// document  a live document.
/// pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
///           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
/// value     0 is false, anything else true.
///
/// Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_set_bool(
    document: h5sim_json,
    pointer: *const c_char,
    value: i32,
) -> i32 {
    // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL.
    guard(|| unsafe { set(document, pointer, Value::Bool(value != 0)) })
}

/// Set a member to a string.
///
/// document  a live document.
/// pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
///           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
/// value     the text.
///
/// Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_set_text(
    document: h5sim_json,
    pointer: *const c_char,
    value: *const c_char,
) -> i32 {
    // SAFETY: by the header, `pointer` and `value` are each NULL or a text that ends with NUL.
    guard(|| unsafe {
        set(
            document,
            pointer,
            Value::Text(convert::text(value, "value")?.to_owned()),
        )
    })
}

/// Set a member to null.
///
/// document  a live document.
/// pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
///           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
///
/// Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_set_null(document: h5sim_json, pointer: *const c_char) -> i32 {
    // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL.
    guard(|| unsafe { set(document, pointer, Value::Null) })
}

/// Set a member to any JSON value, given as text.
///
/// document  a live document.
/// pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
///           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
/// value     a JSON text, such as "[1, 2.5]".
///
/// Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array); H5SIM_ERR_JSON (not JSON).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_set_json(
    document: h5sim_json,
    pointer: *const c_char,
    value: *const c_char,
) -> i32 {
    // SAFETY: by the header, `pointer` and `value` are each NULL or a text that ends with NUL.
    guard(|| unsafe {
        set(
            document,
            pointer,
            json::parse(convert::text(value, "value")?)?,
        )
    })
}

/// Remove a member or an element.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; not "".
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (not a pointer, or ""); H5SIM_ERR_TYPE (a value on the way is no object or array).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_remove(document: h5sim_json, pointer: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL.
        let pointer = unsafe { convert::text(pointer, "pointer") }?;
        with_document(document, |root| json::remove(root, pointer)).map(drop)
    })
}

/// Get a number as double.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// value     output: the number; an integer is converted.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no number, or an integer beyond double); H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_get_f64(
    document: h5sim_json,
    pointer: *const c_char,
    value: *mut f64,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `value` is NULL or a place that can be
        // written.
        let (output, value) = unsafe {
            (
                convert::output(value, "value")?,
                get(document, pointer, Value::as_f64)?,
            )
        };
        output.set(value);
        Ok(())
    })
}

/// Get an integer.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// value     output: the integer.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no integer, or one beyond 64 bits); H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_get_i64(
    document: h5sim_json,
    pointer: *const c_char,
    value: *mut i64,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `value` is NULL or a place that can be
        // written.
        let (output, value) = unsafe {
            (
                convert::output(value, "value")?,
                get(document, pointer, Value::as_i64)?,
            )
        };
        output.set(value);
        Ok(())
    })
}

/// Get true or false.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// value     output: 1 or 0.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (neither true nor false); H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_get_bool(
    document: h5sim_json,
    pointer: *const c_char,
    value: *mut i32,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `value` is NULL or a place that can be
        // written.
        let (output, value) = unsafe {
            (
                convert::output(value, "value")?,
                get(document, pointer, Value::as_bool)?,
            )
        };
        output.set(i32::from(value));
        Ok(())
    })
}

/// Get a string.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// value     output: the text; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no string); H5SIM_ERR_FORMAT (a NUL inside); H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_get_text(
    document: h5sim_json,
    pointer: *const c_char,
    value: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `value` is NULL or a place that can be
        // written.
        let (output, value) = unsafe {
            (
                convert::output(value, "value")?,
                get(document, pointer, |value| {
                    value.as_text().map(str::to_owned)
                })?,
            )
        };
        output.hand_out(&value)
    })
}

/// Get any member as JSON text.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// value     output: the text as json.dumps prints it, keys in their order; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_get_json(
    document: h5sim_json,
    pointer: *const c_char,
    value: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `value` is NULL or a place that can be
        // written.
        let (output, value) = unsafe {
            (
                convert::output(value, "value")?,
                get(document, pointer, |value| Ok(json::dumps(value)))?,
            )
        };
        output.hand_out(&value)
    })
}

/// Tell the type of a member.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// type      output: H5SIM_JSON_NULL … H5SIM_JSON_OBJECT.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_type(
    document: h5sim_json,
    pointer: *const c_char,
    type_: *mut i32,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `type_` is NULL or a place that can be
        // written.
        let (output, kind) = unsafe {
            (
                convert::output(type_, "type")?,
                get(document, pointer, |value| Ok(value.kind()))?,
            )
        };
        output.set(kind as i32);
        Ok(())
    })
}

/// Tell how many elements an array has, or members an object.
///
/// document  a live document.
/// pointer   which, as a JSON pointer; "" is the whole document.
/// length    output: the number; of a string its characters, as Python's len().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a number, true, false or null); H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_length(
    document: h5sim_json,
    pointer: *const c_char,
    length: *mut i64,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `length` is NULL or a place that can be
        // written.
        let (output, found) = unsafe {
            (
                convert::output(length, "length")?,
                get(document, pointer, |value| match value {
                    Value::Array(elements) => Ok(elements.len()),
                    Value::Object(members) => Ok(members.len()),
                    Value::Text(text) => Ok(text.chars().count()),
                    other => Err(Error::type_(format!(
                        "it is {}, which has no length",
                        other.kind()
                    ))),
                })?,
            )
        };
        output.set(found as i64);
        Ok(())
    })
}

/// List the names of an object's members, in their order.
///
/// document    a live document.
/// pointer     which, as a JSON pointer; "" is the whole document.
/// json_array  output: a JSON array of names, such as ["k0", "tau"]; free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no object); H5SIM_ERR_ARGUMENT (not a pointer).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_keys(
    document: h5sim_json,
    pointer: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `pointer` is NULL or a text that ends with NUL; `json_array` is NULL or a place that can be
        // written.
        let (output, names) = unsafe {
            (
                convert::output(json_array, "json_array")?,
                get(document, pointer, |value| match value {
                    Value::Object(members) => {
                        Ok(members.keys().map(|name| (**name).to_owned()).collect())
                    }
                    other => Err(Error::type_(format!(
                        "it is {}, expected an object",
                        other.kind()
                    ))),
                })?,
            )
        };
        output.hand_out(&json::dumps_of::<Vec<String>>(&names)?)
    })
}

/// Print a document as JSON text, as Python's json.dumps does: keys in their order, ", " and ": " between.
///
/// document  a live document.
/// json      output: the text; free it with h5sim_free().
///
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_dump(document: h5sim_json, json: *mut *mut c_char) -> i32 {
    guard(|| {
        // SAFETY: by the header, `json` is NULL or a place that can be written.
        let output = unsafe { convert::output(json, "json") }?;
        output.hand_out(&with_document(document, |root| Ok(json::dumps(root)))?)
    })
}

/// Print a document as YAML text, as PyYAML's yaml.dump does: keys sorted, block style.
///
/// document  a live document.
/// yaml      output: the text; free it with h5sim_free().
///
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_dump_yaml(document: h5sim_json, yaml: *mut *mut c_char) -> i32 {
    guard(|| {
        // SAFETY: by the header, `yaml` is NULL or a place that can be written.
        let output = unsafe { convert::output(yaml, "yaml") }?;
        output.hand_out(&with_document(document, |root| Ok(yaml::dump(root)))?)
    })
}

/// Give the canonical form of a document: what Python's json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str) prints.
///
/// Where all keys are texts it is that of the document's JSON text, see h5sim_canonical_json(). A document that was read from YAML can have
/// numbers as keys, which Python sorts as numbers: 2 is before 10. The JSON text of such a document says no more that they were numbers.
///
/// document  a live document.
/// text      output: ASCII; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON (keys of one object that Python cannot sort: texts, numbers or null beside each other; or not a number among them).
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_canonical(document: h5sim_json, text: *mut *mut c_char) -> i32 {
    guard(|| {
        // SAFETY: by the header, `text` is NULL or a place that can be written.
        let output = unsafe { convert::output(text, "text") }?;
        output.hand_out(&with_document(document, |root| json::canonical(root))?)
    })
}

/// Give the first digits of the SHA-1 of the canonical form of a document (see h5sim_json_canonical).
///
/// document  a live document.
/// digits    how many hex digits, 1 to 40; 0 means 10.
/// hex       output: lower-case hex digits; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON (keys that Python cannot sort); H5SIM_ERR_ARGUMENT (digits). Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_hash(
    document: h5sim_json,
    digits: i32,
    hex: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `hex` is NULL or a place that can be written.
        let output = unsafe { convert::output(hex, "hex") }?;
        output.hand_out(&with_document(document, |root| {
            hash::hash_of(root, digits)
        })?)
    })
}

/// Give a file name made from the hash of a document: prefix, digits, suffix, such as "data_eba300792d.h5py".
///
/// document  a live document; one that was read from YAML gives the name that Python gives it, numbers as keys included.
/// prefix    what comes before the digits, such as "data_"; NULL is "".
/// digits    how many hex digits, 1 to 40; 0 means 10.
/// suffix    what comes after the digits, such as ".h5"; NULL is "".
/// name      output: the name; free it with h5sim_free().
///
/// Status: H5SIM_ERR_JSON (keys that Python cannot sort); H5SIM_ERR_ARGUMENT (digits). Threads: any. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_json_hash_name(
    document: h5sim_json,
    prefix: *const c_char,
    digits: i32,
    suffix: *const c_char,
    name: *mut *mut c_char,
) -> i32 {
    guard(|| {
        // SAFETY: by the header, `prefix` and `suffix` are each NULL or a text that ends with NUL; `name` is NULL or a place that
        // can be written.
        let (prefix, suffix, output) = unsafe {
            (
                convert::optional_text(prefix, "prefix")?,
                convert::optional_text(suffix, "suffix")?,
                convert::output(name, "name")?,
            )
        };
        output.hand_out(&with_document(document, |root| {
            hash::hash_name_of(prefix, root, digits, suffix)
        })?)
    })
}

/// Free a document. Its handle goes stale.
///
/// document  a live document.
///
/// Threads: any. Since: 0.1.0.
#[no_mangle]
pub extern "C" fn h5sim_json_free(document: h5sim_json) -> i32 {
    guard(|| DOCUMENTS.remove(document).map(drop))
}
