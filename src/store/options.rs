//! Options: JSON objects whose every key is known.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use crate::json::{self, Integer, Kind, Object, Value};

/// The members of an options text, none for the empty text.
pub struct Options {
    members: Object,
}

impl Options {
    /// Reads a text whose keys must be among `known`.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self {
                members: Object::new(),
            });
        }
        let value = json::parse(text)
            .map_err(|error| Error::argument(format!("options: {}", error.message)))?;
        let kind = value.kind();
        let Value::Object(members) = value else {
            return Err(Error::argument(format!(
                "options is {kind}, expected a JSON object such as {{\"{}\": …}}",
                known.first().unwrap_or(&"key")
            )));
        };
        if let Some(unknown) = members.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(Error::argument(format!(
                "'{unknown}' is no option here; the options are {}",
                known.join(", ")
            )));
        }
        Ok(Self { members })
    }

    /// The value of a key; null counts as not given.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.members.get(key).filter(|value| **value != Value::Null)
    }

    /// Whether a key was given, be it as null.
    pub fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// The value of a key that is true or false.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(wrong_type(key, "true or false", other)),
        }
    }

    /// The value of a key that is a count, from `least` on.
    pub fn count(&self, key: &str, least: u64) -> Result<Option<u64>> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => match extent(value).filter(|&count| count >= least) {
                Some(count) => Ok(Some(count)),
                None => Err(wrong_type(
                    key,
                    &format!("an integer from {least} on"),
                    value,
                )),
            },
        }
    }

    /// The value of a key that is a number.
    pub fn number(&self, key: &str) -> Result<Option<f64>> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => value
                .as_f64()
                .map(Some)
                .map_err(|_| wrong_type(key, "a number", value)),
        }
    }

    /// `"threads"`: how many threads may work, 0 (the default) for as many as there are processors.
    pub fn threads(&self) -> Result<usize> {
        let Some(value) = self.get("threads") else {
            return Ok(0);
        };
        extent(value)
            .filter(|&threads| threads <= 1024)
            .map(|threads| threads as usize)
            .ok_or_else(|| wrong_type("threads", "an integer from 0 to 1024", value))
    }

    /// The value of a key that is a size: bytes, or a text with a unit such as `256 MiB`.
    pub fn bytes(&self, key: &str) -> Result<Option<usize>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let wrong = || {
            wrong_type(
                key,
                "a number of bytes, or a text such as \"256 MiB\"",
                value,
            )
        };
        let bytes = match value {
            Value::Text(text) => {
                let text = text.trim();
                let digits = text
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(text.len());
                let count: u64 = text[..digits].parse().map_err(|_| wrong())?;
                let unit: u64 = match text[digits..].trim() {
                    "" | "B" => 1,
                    "KiB" | "K" => 1 << 10,
                    "MiB" | "M" => 1 << 20,
                    "GiB" | "G" => 1 << 30,
                    "kB" | "KB" => 1000,
                    "MB" => 1_000_000,
                    "GB" => 1_000_000_000,
                    _ => return Err(wrong()),
                };
                count.checked_mul(unit)
            }
            other => extent(other),
        };
        bytes
            .and_then(|bytes| usize::try_from(bytes).ok())
            .map(Some)
            .ok_or_else(wrong)
    }

    /// The value of a key that is one of several texts.
    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let chosen = match value {
            Value::Text(text) => choices.iter().find(|choice| choice.0 == text),
            _ => None,
        };
        chosen.map(|choice| Some(choice.1)).ok_or_else(|| {
            let names: Vec<String> = choices
                .iter()
                .map(|choice| format!("\"{}\"", choice.0))
                .collect();
            wrong_type(key, &names.join(" or "), value)
        })
    }
}

/// What the options of one append say that counts at every call; the others say how the dataset is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendOptions {
    /// How many records the data hold.
    pub records: u64,
}

impl Default for AppendOptions {
    fn default() -> Self {
        Self { records: 1 }
    }
}

impl AppendOptions {
    /// Reads the options; the values of those that only count when the dataset is created are not looked at.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let options = Options::parse(text, &super::storage::SERIES_KEYS)?;
        let records = options.count("records", 0)?.unwrap_or(1);
        Ok(Self { records })
    }
}

/// The error for a value of the wrong type.
pub fn wrong_type(key: &str, expected: &str, found: &Value) -> Error {
    let found = match found.kind() {
        Kind::Array | Kind::Object => found.kind().to_string(),
        _ => json::dumps(found),
    };
    Error::argument(format!("option '{key}' is {found}, expected {expected}"))
}

/// A value that is an extent: an integer from 0 to 2^63 - 1.
pub fn extent(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(Integer::Small(extent)) => u64::try_from(*extent).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[test]
    fn a_misspelt_option_is_refused_at_every_append() {
        let error = AppendOptions::parse("{\"chunk\": 2}").unwrap_err();
        assert!(error.message.starts_with("'chunk' is no option here"));
        let options = AppendOptions::parse("{\"records\": 3, \"shuffle\": true}").unwrap();
        assert_eq!(options.records, 3);
    }

    #[test]
    fn unknown_keys_and_wrong_types_name_what_is_known() {
        let error = Options::parse("{\"chunk\": true}", &["chunks", "dtype"])
            .err()
            .unwrap();
        assert_eq!(error.status, Status::Argument);
        assert_eq!(
            error.message,
            "'chunk' is no option here; the options are chunks, dtype"
        );
        let options =
            Options::parse("{\"a\": 1, \"b\": \"x\", \"c\": null}", &["a", "b", "c"]).unwrap();
        assert_eq!(
            options.boolean("a").unwrap_err().message,
            "option 'a' is 1, expected true or false"
        );
        assert_eq!(
            options
                .choice("b", &[("y", 1), ("z", 2)])
                .unwrap_err()
                .message,
            "option 'b' is \"x\", expected \"y\" or \"z\""
        );
        assert_eq!(options.boolean("c").unwrap(), None);
        assert!(options.has("c") && !options.has("d"));
        assert!(Options::parse("[1]", &["a"]).is_err());
        assert!(Options::parse("{\"a\"", &["a"]).is_err());
        assert!(Options::parse(" ", &["a"]).is_ok());
    }
}
