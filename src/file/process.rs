//! What a process has for itself: a forked child begins anew, and leaves what it inherited alone.

#![forbid(unsafe_code)]

use crate::journal::process;
use std::sync::OnceLock;

/// A value for each process in a line of forks.
pub struct PerProcess<T: 'static> {
    first: OnceLock<Node<T>>,
}

struct Node<T: 'static> {
    generation: u64,
    value: T,
    next: OnceLock<Box<Node<T>>>,
}

impl<T: Default + 'static> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Default + 'static> PerProcess<T> {
    /// No value yet.
    pub const fn new() -> Self {
        Self {
            first: OnceLock::new(),
        }
    }

    /// This process's own value, made when it is first asked for.
    ///
    /// Those of its parents stay in memory untouched: their locks may be held by threads that a
    /// child does not have.
    pub fn get(&'static self) -> &'static T {
        let generation = process::generation();
        let make = || Node {
            generation,
            value: T::default(),
            next: OnceLock::new(),
        };
        let mut node = self.first.get_or_init(make);
        while node.generation != generation {
            node = node.next.get_or_init(|| Box::new(make()));
        }
        &node.value
    }
}
