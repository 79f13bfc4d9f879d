//! Names from metadata: the same parameters always give the same file name.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use crate::json;
use sha1::{Digest, Sha1};

/// How many hexadecimal digits a hash has when the caller does not say.
const DEFAULT_DIGITS: usize = 10;

/// The canonical form of a JSON text, in which equal documents are equal texts.
///
/// It is what Python's `json.dumps(json.loads(text), ensure_ascii=True, sort_keys=True)` gives.
///
/// # Errors
/// `Json` when the text is not JSON.
pub fn canonical_json(json: &str) -> Result<String> {
    json::canonical_text(json)
}

/// The first so many hexadecimal digits of the SHA-1 of the canonical form; 0 means 10.
///
/// # Errors
/// `Argument` unless there are 0 to 40 digits; `Json` when the text is not JSON.
pub fn hash(json: &str, digits: i32) -> Result<String> {
    hash_of_canonical(&canonical_json(json)?, digits)
}

/// As [`hash`], of a YAML text: what Python gives for `yaml.safe_load` of it.
///
/// # Errors
/// `Argument` unless there are 0 to 40 digits; `Json` when the text is not YAML, or JSON cannot hold it.
pub fn hash_yaml(yaml: &str, digits: i32) -> Result<String> {
    hash_of_canonical(&json::yaml::canonical(yaml)?, digits)
}

/// As [`hash`], of a document in memory, whose keys need not be texts.
///
/// # Errors
/// `Argument` unless there are 0 to 40 digits; `Json` for keys that Python cannot sort.
pub fn hash_of(document: &json::Value, digits: i32) -> Result<String> {
    hash_of_canonical(&json::canonical(document)?, digits)
}

/// As [`hash`], of a text that is canonical.
pub(crate) fn hash_of_canonical(canonical: &str, digits: i32) -> Result<String> {
    let digits = match usize::try_from(digits) {
        Ok(0) => DEFAULT_DIGITS,
        Ok(digits @ 1..=40) => digits,
        _ => {
            return Err(Error::argument(format!(
                "expected 1 to 40 digits of a hash, or 0 for {DEFAULT_DIGITS}, found {digits}"
            )))
        }
    };
    let sum = Sha1::digest(canonical);
    let mut hash = String::with_capacity(2 * sum.len());
    for byte in sum {
        for nibble in [byte >> 4, byte & 15] {
            hash.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    hash.truncate(digits);
    Ok(hash)
}

/// The name `prefix` + [`hash`] + `suffix`.
///
/// # Errors
/// As [`hash`].
pub fn hash_name(prefix: &str, json: &str, digits: i32, suffix: &str) -> Result<String> {
    hash(json, digits).map(|hash| [prefix, &hash, suffix].concat())
}

/// As [`hash_name`], of a document in memory.
///
/// # Errors
/// As [`hash_of`].
pub fn hash_name_of(
    prefix: &str,
    document: &json::Value,
    digits: i32,
    suffix: &str,
) -> Result<String> {
    hash_of(document, digits).map(|hash| [prefix, &hash, suffix].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    const METADATA: &str = r#"{
        "model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
        "integrator": {"dt": 0.001, "method": "rk4"},
        "data": {"source_path": "path/to/data", "host": "bluecrab"}
    }"#;

    #[test]
    fn the_name_of_the_tutorial() {
        assert_eq!(
            hash_name("data_", METADATA, 0, ".h5py"),
            Ok("data_eba300792d.h5py".into())
        );
        assert_eq!(
            canonical_json(METADATA).unwrap(),
            concat!(
                r#"{"data": {"host": "bluecrab", "source_path": "path/to/data"}, "#,
                r#""integrator": {"dt": 0.001, "method": "rk4"}, "#,
                r#""model": {"k0": 1.2, "k1": 1.3, "mass": 123.0, "tau": 0.01}}"#
            )
        );
    }

    #[test]
    fn digits_are_counted() {
        let full = hash("{}", 40).unwrap();
        assert_eq!(full, "bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f");
        assert_eq!(hash("{}", 0).unwrap(), full[..10]);
        assert_eq!(hash("{}", 1).unwrap(), full[..1]);
        for digits in [-1, 41, i32::MIN, i32::MAX] {
            let error = hash("{}", digits).unwrap_err();
            assert_eq!(error.status, Status::Argument);
            assert_eq!(
                error.message,
                format!("expected 1 to 40 digits of a hash, or 0 for 10, found {digits}")
            );
        }
        assert_eq!(hash("{", 0).unwrap_err().status, Status::Json);
    }
}
