//! A bound on what a short text may grow to by its aliases.

#![forbid(unsafe_code)]

use super::source::Mark;
use crate::error::Result;

/// Aliases and `<<` may copy this many values in all; long texts count as several.
const MAX_COPIES: usize = 1_000_000;

/// So many bytes of text count as one value more.
const TEXT_OF_ONE_COPY: usize = 64;

/// What is left of the bound.
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// Begins with all of it.
    pub fn new() -> Self {
        Self { left: MAX_COPIES }
    }

    /// Counts `copies` values which are copied to `mark`.
    pub fn spend(&mut self, copies: usize, mark: Mark) -> Result<()> {
        self.left = self.left.checked_sub(copies).ok_or_else(|| {
            mark.failure(format_args!(
                "expected aliases that copy at most {MAX_COPIES} values in all, found more"
            ))
        })?;
        Ok(())
    }

    /// Counts a copy of a text.
    pub fn spend_text(&mut self, text: &str, mark: Mark) -> Result<()> {
        self.spend(1 + text.len() / TEXT_OF_ONE_COPY, mark)
    }
}
