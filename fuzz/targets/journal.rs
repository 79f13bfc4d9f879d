//! The bytes of journals: a header and an index that are no journal's are refused, and what is taken is what would be
//! written for it.
//!
//! An input is the end of the file after the commit and the journal's size, 8 bytes each, a header, and an index.
#![no_main]

// The parser is pure, and is taken in as it is, without the rest of the journal.
#[path = "../../src/journal/checksum.rs"]
mod checksum;
#[path = "../../src/journal/format.rs"]
#[allow(dead_code)]
mod format;
mod decision {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Member {
        /// The file that shows the others together.
        Master,
        /// One in the folder of the run.
        Part,
    }
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Step {
        /// The run.
        pub run: u128,
        /// Its number: none is used twice, whatever became of it.
        pub number: u64,
        /// Which of the files it is a step of.
        pub member: Member,
    }
}
mod hooks {
    pub enum Mutant {
        IgnoreIndexChecksum,
    }
    pub fn mutant(_: Mutant) -> bool {
        false
    }
}
mod sys {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Identity {
        pub device: u64,
        pub inode: u64,
    }
}

use format::{Header, Index, HEADER_SIZE, ZEROS};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((sizes, rest)) = input.split_at_checked(16) else {
        return;
    };
    let number = |at: usize| u64::from_le_bytes(sizes[at..at + 8].try_into().unwrap());
    let (new_end, journal_size) = (number(0), number(8));
    let (header, index) = rest.split_at(HEADER_SIZE.min(rest.len()));
    if let Some(found) = Header::decode(header) {
        let written = found.encode(index);
        assert!(Header::verify(&written, index));
        assert_eq!(Header::decode(&written), Some(found));
        // One bit more in the header or the index, and it is another one.
        let mut other = written.clone();
        let bit = usize::from(sizes[0]) % (8 * HEADER_SIZE);
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!Header::verify(&other, index));
    }
    let Some(found) = Index::decode(index, new_end, journal_size) else {
        return;
    };
    assert_eq!(found.encode(), index);
    for pair in found.extents.windows(2) {
        assert!(pair[0].address + pair[0].length <= pair[1].address);
    }
    for extent in &found.extents {
        assert!(extent.length > 0 && extent.address + extent.length <= new_end);
        assert!(extent.source == ZEROS || extent.source + extent.length <= journal_size);
    }
    let ranges = found.unwritten.iter();
    assert!(ranges.clone().all(|(start, end)| start < end && *end <= new_end));
    assert!(found.unwritten.windows(2).all(|pair| pair[0].1 <= pair[1].0));
});
