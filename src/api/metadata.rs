//! Metadata: whatever `serde` can write, as JSON and YAML, and names made of it.

use super::file::File;
use crate::error::{Error, Result};
use crate::json::{self, from_value, yaml};
use crate::store::TextOptions;
use serde::de::DeserializeOwned;
use serde::Serialize;

impl File {
    /// Writes a value as JSON to a new scalar dataset of text, as Python's `json.dumps` prints it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_json.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    /// struct Parameters {
    ///     k0: f64,
    ///     method: String,
    /// }
    /// let parameters = Parameters { k0: 1.2, method: "rk4".into() };
    /// file.write_json("meta", &parameters)?;
    /// assert_eq!(file.read_text("meta")?, r#"{"k0": 1.2, "method": "rk4"}"#);
    /// assert_eq!(file.read_json::<Parameters>("meta")?, parameters);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Json` for what JSON cannot hold; `Exists`, `ReadOnly`, `Io`.
    pub fn write_json<T: Serialize + ?Sized>(&self, path: &str, value: &T) -> Result<()> {
        self.write_json_with(path, value, &TextOptions::new())
    }

    /// Writes a value as JSON to a scalar dataset that is stored as the options say, or over an existing one.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_json_with.h5", std::process::id()));
    /// # use h5sim::{File, Mode, TextOptions};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_json("progress", &0.5)?;
    /// file.write_json_with("progress", &0.75, &TextOptions::new().overwrite())?;
    /// assert_eq!(file.read_json::<f64>("progress")?, 0.75);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_json`](Self::write_json).
    pub fn write_json_with<T: Serialize + ?Sized>(
        &self,
        path: &str,
        value: &T,
        options: &TextOptions,
    ) -> Result<()> {
        self.call(|file| file.write_text(path, &to_json(value)?, options))
    }

    /// Reads a value from the JSON in a dataset of text; see [`write_json`](Self::write_json).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_json.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_text("meta", r#"{"k0": 1.2, "steps": 3, "k0": 1.5}"#)?;
    /// #[derive(serde::Deserialize)]
    /// struct Parameters {
    ///     k0: f64,
    ///     steps: u32,
    /// }
    /// let parameters: Parameters = file.read_json("meta")?;
    /// // As in Python, the last of two members of a name counts.
    /// assert_eq!((parameters.k0, parameters.steps), (1.5, 3));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Json`, with the place where the document does not fit the type; `NotFound`, `Type` (no text), `Format`, `Io`.
    pub fn read_json<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let text = self.read_text(path)?;
        from_json(&text).map_err(|error| {
            error
                .within(format_args!("dataset '{path}'"))
                .within(self.handle.name())
        })
    }
}

/// A value as JSON, as Python's `json.dumps` prints it.
///
/// ```
/// assert_eq!(h5sim::to_json(&(1e-5, "é", [f64::NAN])).unwrap(), r#"[1e-05, "\u00e9", [NaN]]"#);
/// ```
///
/// # Errors
/// `Json` for what JSON cannot hold.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    json::dumps_of(value)
}

/// A value from JSON, as Python's `json.loads` reads it: with `NaN` and `Infinity`, and the last of duplicate members.
///
/// ```
/// let (a, b): (f64, Option<u8>) = h5sim::from_json("[Infinity, null]").unwrap();
/// assert_eq!((a, b), (f64::INFINITY, None));
/// assert_eq!(h5sim::from_json::<Vec<u8>>("[1, 300]").unwrap_err().to_string(), "/1: expected u8, found integer `300`");
/// ```
///
/// # Errors
/// `Json` for what is no JSON, and where it does not fit the type.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    typed(&json::parse(text)?)
}

/// A value as YAML, as Python's `yaml.dump` prints it.
///
/// ```
/// let parameters = std::collections::BTreeMap::from([("tau", 0.01), ("k0", 1.2)]);
/// assert_eq!(h5sim::to_yaml(&parameters).unwrap(), "k0: 1.2\ntau: 0.01\n");
/// ```
///
/// # Errors
/// As [`to_json`].
pub fn to_yaml<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    Ok(yaml::dump(&json::to_value(value)?))
}

/// A value from YAML, as Python's `yaml.safe_load` reads it.
///
/// ```
/// let steps: Vec<u32> = h5sim::from_yaml("- 1\n- 0x10\n").unwrap();
/// assert_eq!(steps, [1, 16]);
/// ```
///
/// # Errors
/// As [`from_json`].
pub fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T> {
    typed(&yaml::load(text)?)
}

fn typed<T: DeserializeOwned>(document: &json::Value) -> Result<T> {
    from_value(document).map_err(|misfit| Error::json(misfit.to_string()))
}

/// The canonical JSON of a value, of which its hash is made: what Python's `json.dumps(value, sort_keys=True)` prints.
///
/// ```
/// let weights = std::collections::BTreeMap::from([(10, 0.5), (9, 1.0)]);
/// assert_eq!(h5sim::canonical_json(&weights).unwrap(), r#"{"9": 1.0, "10": 0.5}"#);
/// ```
///
/// # Errors
/// `Json` for what JSON cannot hold, and for maps whose keys Python cannot sort.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    json::canonical_of(value)
}

/// The first so many hexadecimal digits, 1 to 40, of the SHA-1 of a value's canonical JSON; 0 means 10.
///
/// ```
/// assert_eq!(h5sim::hash(&[1, 2], 0).unwrap().len(), 10);
/// ```
///
/// # Errors
/// As [`canonical_json`], and `Argument` for more than 40 digits.
pub fn hash<T: Serialize + ?Sized>(value: &T, digits: u32) -> Result<String> {
    let digits = i32::try_from(digits).unwrap_or(i32::MAX);
    crate::hash::hash_of_canonical(&canonical_json(value)?, digits)
}

/// A file name made of a value: the same parameters always find the same file, from every language.
///
/// ```
/// # use std::collections::BTreeMap;
/// let parameters = BTreeMap::from([("k0", 1.2), ("k1", 1.3)]);
/// let name = h5sim::hash_name("data_", &parameters, ".h5").unwrap();
/// assert!(name.starts_with("data_") && name.len() == 5 + 10 + 3);
/// ```
///
/// # Errors
/// As [`canonical_json`].
pub fn hash_name<T: Serialize + ?Sized>(prefix: &str, value: &T, suffix: &str) -> Result<String> {
    Ok([prefix, &hash(value, 0)?, suffix].concat())
}
