//! The options of an append that count at every call; the others say how the dataset is created.

#![forbid(unsafe_code)]

use crate::error::Result;
use crate::store::{Options, SERIES_KEYS};

/// What the options of one append say.
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
        let options = Options::parse(text, &SERIES_KEYS)?;
        let records = options.count("records", 0)?.unwrap_or(1);
        Ok(Self { records })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_option_is_refused_at_every_append() {
        let error = AppendOptions::parse("{\"chunk\": 2}").unwrap_err();
        assert!(error.message.starts_with("'chunk' is no option here"));
        let options = AppendOptions::parse("{\"records\": 3, \"shuffle\": true}").unwrap();
        assert_eq!(options.records, 3);
    }
}
