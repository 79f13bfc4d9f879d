//! A file of which a little more is read than was asked for: in a small file, or where structures were written together, the next
//! question is about the bytes behind those of the last one.

#![forbid(unsafe_code)]

use super::Source;
use crate::error::Result;
use std::cell::RefCell;

/// So many bytes are read at once.
const BLOCK: usize = 4096;

/// Bytes in which a node of a symbol table, as they usually are, lies as a whole.
const NODE: usize = 1024;

/// A source, and the bytes that were read of it last. It is for one call, during which nothing is written.
#[derive(Debug)]
pub struct Ahead<'a, S: Source + ?Sized> {
    source: &'a S,
    end: u64,
    /// How many bytes are read at once; what is asked for in pieces of more than a quarter is read as it is.
    at_once: usize,
    block: RefCell<(u64, Vec<u8>)>,
}

impl<'a, S: Source + ?Sized> Ahead<'a, S> {
    /// Nothing is read yet.
    pub fn of(source: &'a S) -> Self {
        Self::by(source, BLOCK)
    }

    /// As [`of`](Self::of), for questions about nodes of symbol tables that lie anywhere.
    pub fn of_nodes(source: &'a S) -> Self {
        Self::by(source, NODE)
    }

    fn by(source: &'a S, at_once: usize) -> Self {
        Self {
            source,
            end: source.end(),
            at_once,
            block: RefCell::default(),
        }
    }
}

impl<S: Source + ?Sized> Source for Ahead<'_, S> {
    fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
        let mut block = self.block.borrow_mut();
        let (start, bytes) = &mut *block;
        let found = |start: u64, bytes: &[u8], target: &mut [u8]| {
            let at = usize::try_from(address.checked_sub(start)?).ok()?;
            let found = bytes.get(at..at.checked_add(target.len())?)?;
            target.copy_from_slice(found);
            Some(())
        };
        if found(*start, bytes, target).is_some() {
            return Ok(());
        }
        let length = self.end.saturating_sub(address).min(self.at_once as u64) as usize;
        if target.len() > self.at_once / 4 || target.len() > length {
            return self.source.read(address, target);
        }
        bytes.resize(length, 0);
        *start = address;
        // What could not be read is nothing.
        self.source
            .read(address, bytes)
            .inspect_err(|_| bytes.clear())?;
        target.copy_from_slice(&bytes[..target.len()]);
        Ok(())
    }

    fn end(&self) -> u64 {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct Counted(Vec<u8>, Cell<usize>);

    impl Source for Counted {
        fn read(&self, address: u64, target: &mut [u8]) -> Result<()> {
            self.1.set(self.1.get() + 1);
            self.0.read(address, target)
        }

        fn end(&self) -> u64 {
            self.0.end()
        }
    }

    #[test]
    fn what_lies_behind_is_read_at_once_and_the_end_is_respected() {
        let bytes: Vec<u8> = (0..6000u32).map(|at| (at * 7) as u8).collect();
        let source = Counted(bytes.clone(), Cell::new(0));
        let ahead = Ahead::of(&source);
        let read = |at: usize, length: usize| {
            let mut target = vec![0; length];
            ahead
                .read(at as u64, &mut target)
                .map(|()| target == bytes[at..at + length])
        };
        for at in [100, 90, 200, 4000, 300] {
            assert_eq!(read(at, 40), Ok(true), "{at}");
        }
        // From 100, from 90, and 90 to 4186 has all others.
        assert_eq!(source.1.get(), 2);
        assert_eq!(read(5990, 10), Ok(true));
        assert_eq!(read(0, 6000), Ok(true));
        assert!(read_past(&ahead));
        assert_eq!(ahead.end(), 6000);
    }

    fn read_past(ahead: &Ahead<'_, Counted>) -> bool {
        ahead.read(5990, &mut [0; 11]).is_err()
    }
}
