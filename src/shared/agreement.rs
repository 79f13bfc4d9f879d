//! What ranks say to each other around a call: that they make the same one, and how it went.
//!
//! One reduction before and one after it, of eight numbers each, whatever the number of ranks. Sentences are told only when
//! something is wrong.

#![forbid(unsafe_code)]

use crate::error::{Error, Result, Status};
use crate::store::h5::Communicator;
use std::sync::Arc;

/// The bytes of a sentence that one rank tells the others.
const SENTENCE: usize = 768;

/// No rank.
const NOBODY: u64 = u64::MAX;

/// A call that all ranks make, and a sum by which they compare it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function, the path and the other arguments.
    what: String,
    digest: u64,
    /// Whether it changes the file.
    pub changes: bool,
    /// Whether it may make the file longer.
    pub lengthens: bool,
}

/// What parts a call in words.
const BETWEEN: char = '\0';

impl Call {
    /// A call of this function that looks at an object, with these other arguments.
    pub fn looking(function: &str, path: &str, arguments: &dyn std::fmt::Debug) -> Self {
        let what = format!("{function}{BETWEEN}{path}{BETWEEN}{arguments:?}");
        Self {
            digest: xxhash_rust::xxh3::xxh3_64(what.as_bytes()),
            what,
            changes: false,
            lengthens: false,
        }
    }

    /// The call as it is told of.
    fn words(&self) -> String {
        let mut parts = self.what.splitn(3, BETWEEN);
        let mut part = || parts.next().unwrap_or_default();
        let (function, path, arguments) = (part(), part(), part());
        let mut words = match path {
            "" => function.to_owned(),
            path => format!("{function} '{path}'"),
        };
        if !matches!(arguments, "()" | "") {
            words = format!("{words} {}", without_absent(arguments.to_owned()));
        }
        words
    }

    /// The same of one that changes the file.
    pub fn changing(function: &str, path: &str, arguments: &dyn std::fmt::Debug) -> Self {
        Self {
            changes: true,
            lengthens: true,
            ..Self::looking(function, path, arguments)
        }
    }

    /// The same with data that all ranks give; of much it is not compared.
    #[must_use]
    pub fn with(mut self, data: &[u8]) -> Self {
        /// Summed up in less time than a reduction takes.
        const MUCH: usize = 64 << 10;
        if data.len() <= MUCH {
            self.digest ^= xxhash_rust::xxh3::xxh3_64(data);
        }
        self
    }
}

/// What all ranks together do in a call.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// The most transfers that one of them makes.
    pub transfers: u64,
    /// The elements that all of them have.
    pub elements: u64,
    /// The bytes of each of those, which is the same on all ranks.
    pub item: u64,
    /// The bytes of the one that has most.
    pub largest: u64,
    /// Whether one of them has another block than in the call before.
    pub moves: bool,
    /// The bytes by which each of them may make the file longer.
    pub room: u64,
}

impl Totals {
    /// Of a call of which nothing is to be known.
    pub const NONE: Self = Self {
        transfers: 0,
        elements: 0,
        item: 0,
        largest: 0,
        moves: false,
        room: u64::MAX,
    };
}

/// A word among the failures that are counted: that a rank has another block.
const MOVES: u64 = 1 << 32;

/// How a call went on this rank.
#[derive(Debug)]
pub enum Outcome {
    /// Well.
    Done,
    /// Elements did not get to the file, or out of it. All ranks know the same objects.
    Untransferred(Error),
    /// A call of HDF5's failed that all ranks make.
    Failed(Error),
}

/// The ranks of a file.
#[derive(Debug)]
pub struct Ranks {
    /// Who they are.
    pub communicator: Arc<Communicator>,
    /// Whether calls are compared before they are made.
    pub compares: bool,
}

impl Ranks {
    /// Agrees on a call before it is made: fails on all ranks if they call different things, or if one of them has something wrong.
    /// Gives what all of them do, where that is asked for.
    pub fn agree(
        &self,
        call: &Call,
        local: &Result<()>,
        mine: Option<Totals>,
    ) -> Result<Option<Totals>> {
        if !self.compares && mine.is_none() {
            return local.clone().map(|()| None);
        }
        let digest = if self.compares { call.digest } else { 0 };
        let rank = self.communicator.rank as u64;
        let given = mine.unwrap_or(Totals::NONE);
        let failed = if local.is_err() { rank } else { NOBODY };
        let counted = u64::from(local.is_err()) + if given.moves { MOVES } else { 0 };
        let told = self.communicator.agree([
            digest,
            !digest,
            failed,
            !given.transfers,
            !given.largest,
            given.room,
            given.elements,
            counted,
        ])?;
        let [least, most, failed, transfers, largest, room, elements, counted] = told;
        if failed != NOBODY {
            return Err(self.told_by(failed as usize, counted % MOVES, local.as_ref().err())?);
        }
        if least != !most {
            return Err(self.difference(call)?);
        }
        Ok(mine.map(|mine| Totals {
            transfers: !transfers,
            elements,
            item: mine.item,
            largest: !largest,
            moves: counted >= MOVES,
            room,
        }))
    }

    /// Tells each other how a call went: fails on all ranks if it failed on one. Gives beside the error whether the ranks
    /// know different things of the file from now on. What failed on this rank because it did on another one is that one's to tell.
    pub fn conclude(
        &self,
        outcome: Outcome,
        is_anothers: bool,
    ) -> std::result::Result<(), (Error, bool)> {
        let (error, is_failed) = match outcome {
            Outcome::Done => (None, false),
            Outcome::Untransferred(error) => (Some(error), false),
            Outcome::Failed(error) => (Some(error), true),
        };
        let rank = self.communicator.rank as u64;
        let tells = error.is_some() && !is_anothers;
        let (first, any) = (
            if tells { rank } else { NOBODY },
            if error.is_some() { rank } else { NOBODY },
        );
        let (failures, torn) = (u64::from(tells), u64::from(is_failed));
        let told = self
            .communicator
            .agree([0, 0, first, any, 0, 0, torn, failures])
            .map_err(|error| (error, true))?;
        let [_, _, first, any, _, _, torn, failures] = told;
        if any == NOBODY {
            return Ok(());
        }
        let failed = if first != NOBODY { first } else { any };
        let is_torn = torn > 0 && torn < self.communicator.ranks as u64;
        match self.told_by(failed as usize, failures, error.as_ref()) {
            Ok(error) => Err((error, is_torn)),
            Err(error) => Err((error, true)),
        }
    }

    /// The failure of the first rank that has failed; where all have, each has its own.
    fn told_by(&self, rank: usize, failures: u64, own: Option<&Error>) -> Result<Error> {
        let ranks = self.communicator.ranks;
        if let Some(own) = own.filter(|_| failures == ranks as u64) {
            return Ok(own.clone());
        }
        let mut bytes = [0; SENTENCE + 4];
        if let Some(own) = own.filter(|_| rank == self.communicator.rank) {
            bytes[..4].copy_from_slice(&own.status.code().to_le_bytes());
            put(&mut bytes[4..], &own.message);
        }
        self.communicator.tell(rank, &mut bytes)?;
        let code = i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let status = Status::ALL.into_iter().find(|status| status.code() == code);
        Ok(Error {
            status: status.unwrap_or(Status::Internal),
            message: format!("rank {rank} of {ranks}: {}", text_of(&bytes[4..])),
        })
    }

    /// The error for ranks that do not make the same call.
    fn difference(&self, call: &Call) -> Result<Error> {
        let rank = self.communicator.rank;
        let mut first = [0; SENTENCE + 8];
        if rank == 0 {
            first[..8].copy_from_slice(&call.digest.to_le_bytes());
            put(&mut first[8..], &call.words());
        }
        self.communicator.tell(0, &mut first)?;
        let is_other = first[..8] != call.digest.to_le_bytes();
        let odd = if is_other { rank as u64 } else { NOBODY };
        let [_, _, odd, ..] = self.communicator.agree([0, 0, odd, 0, 0, 0, 0, 0])?;
        let mut other = [0; SENTENCE];
        if rank as u64 == odd {
            put(&mut other, &call.words());
        }
        self.communicator.tell(odd as usize, &mut other)?;
        let (first, other) = (text_of(&first[8..]), text_of(&other));
        Ok(Error::argument(match first == other {
            true => format!("the ranks give different data: {first} on rank 0 and on rank {odd}"),
            false => format!(
                "the ranks do not make the same call: rank 0 makes {first}, rank {odd} makes {other}"
            ),
        }))
    }
}

/// The words for arguments without the options that are not given.
fn without_absent(mut words: String) -> String {
    const ABSENT: &str = ": None";
    while let Some(at) = words.find(ABSENT) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let start = words[..at].trim_end_matches(is_name).len();
        let end = at + ABSENT.len();
        match words[end..].starts_with(", ") {
            true => words.replace_range(start..end + 2, ""),
            false => words.replace_range(words[..start].trim_end_matches(", ").len()..end, ""),
        }
    }
    words
}

/// Puts a sentence into so much room, its end left out if need be.
fn put(room: &mut [u8], sentence: &str) {
    let mut length = sentence.len().min(room.len());
    while !sentence.is_char_boundary(length) {
        length -= 1;
    }
    room[..length].copy_from_slice(&sentence.as_bytes()[..length]);
}

fn text_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Write;

    #[test]
    fn a_call_is_told_by_what_was_given() {
        let call = Call::changing("f", "u", &(8, Write::new().shuffle()));
        assert_eq!(call.words(), "f 'u' (8, Write { shuffle: true })");
        let other = Call::changing("f", "u", &(8, Write::new()));
        assert!(call.digest != other.digest && other.digest != other.clone().with(b"x").digest);
        assert_eq!(Call::looking("f", "", &()).words(), "f");
    }

    #[test]
    fn a_sentence_is_cut_between_characters() {
        let mut room = [0; 4];
        put(&mut room, "abcé");
        assert_eq!(text_of(&room), "abc");
    }
}
