//! Where the hard links of groups lead, which are listed once where several of a group are asked for.

#![forbid(unsafe_code)]

use crate::error::Result;
use crate::store::{h5, path};
use std::collections::HashMap;

/// After so many questions for links of a group they are listed, if they are few.
const QUESTIONS: usize = 8;

/// For each question that was asked so many links may be listed: it costs no more than the questions did.
const LINKS_A_QUESTION: usize = 64;

/// The most links that are kept.
const MOST: usize = 1 << 15;

/// The hard links of groups to which only hard links lead.
///
/// What is in here is there until links change, which the owner tells of; what is not may be there nevertheless.
#[derive(Debug, Default)]
pub struct KnownLinks {
    groups: HashMap<Box<str>, GroupLinks>,
    count: usize,
}

#[derive(Debug, Default)]
struct GroupLinks {
    questions: usize,
    /// Where the headers are that the names lead to.
    headers: HashMap<Box<str>, u64>,
}

/// How many links of a group may be listed after so many questions for single ones, of which `first` are asked before; None while it is not worth it.
pub fn worth_listing(questions: usize, first: usize) -> Option<usize> {
    let is_time = questions >= first && questions.is_power_of_two();
    is_time.then(|| questions.saturating_mul(LINKS_A_QUESTION))
}

impl KnownLinks {
    /// Where the header is to which the link at a normal path leads; None if there is none, or no hard one.
    ///
    /// Only hard links may lead to its group.
    pub fn header(&mut self, file: &h5::Id, path: &str) -> Result<Option<u64>> {
        let (group, name) = path::split(path);
        if !self.groups.contains_key(group) {
            self.groups.insert(group.into(), GroupLinks::default());
        }
        let Some(links) = self.groups.get_mut(group) else {
            return Ok(None);
        };
        if let Some(header) = links.headers.get(name) {
            return Ok(Some(*header));
        }
        links.questions += 1;
        let questions = links.questions;
        // HDF5 reads what it needs for this question in any case, and says what is wrong with it.
        let header = h5::hard_link_address(file, path)?;
        if let Some(most) = worth_listing(questions, QUESTIONS) {
            let most = most.min(MOST);
            let group_id = h5::open_group(file, path::or_root(group))?;
            // What cannot be listed is asked for link by link.
            if let Ok(Some(listed)) = h5::hard_links(&group_id, most) {
                self.forget_if_full(listed.len());
                self.count += listed.len();
                let links = GroupLinks {
                    questions,
                    headers: listed.into_iter().collect(),
                };
                if let Some(old) = self.groups.insert(group.into(), links) {
                    self.count = self.count.saturating_sub(old.headers.len());
                }
            }
        }
        Ok(header)
    }

    /// Whether the link at a normal path is known to be a hard one.
    pub fn has(&self, path: &str) -> bool {
        let (group, name) = path::split(path);
        let links = self.groups.get(group);
        links.is_some_and(|links| links.headers.contains_key(name))
    }

    fn forget_if_full(&mut self, more: usize) {
        if self.count + more > MOST {
            self.forget();
        }
    }

    /// Forgets everything: links have changed.
    pub fn forget(&mut self) {
        self.groups.clear();
        self.count = 0;
    }
}
