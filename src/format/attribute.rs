//! The message of an attribute.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.2.m (attribute, versions 1 and 3), IV.A.2.b (dataspace).

#![forbid(unsafe_code)]

use super::{number16, number64};

/// The parts of an attribute's message.
#[derive(Debug, PartialEq, Eq)]
pub struct AttributeParts<'a> {
    /// The bytes of its name.
    pub name: &'a [u8],
    /// Its datatype.
    pub datatype: &'a [u8],
    /// Its dataspace.
    pub dataspace: &'a [u8],
    /// Its elements, and what fills the message up behind them.
    pub data: &'a [u8],
}

/// Takes the message of an attribute apart; None if it is not understood, or says that parts of it lie elsewhere.
pub fn parts(message: &[u8]) -> Option<AttributeParts<'_>> {
    let length = |at| number16(message, at).map(usize::from);
    let lengths = [length(2)?, length(4)?, length(6)?];
    let (mut at, is_padded) = match message.get(..2)? {
        [1, _] => (8, true),
        [3, 0] => (9, false),
        _ => return None,
    };
    let mut next = |length: usize| {
        let part = message.get(at..at + length)?;
        at += match is_padded {
            true => length.next_multiple_of(8),
            false => length,
        };
        Some(part)
    };
    let [name, datatype, dataspace] = lengths.map(&mut next);
    Some(AttributeParts {
        name: name?.strip_suffix(&[0])?,
        datatype: datatype?,
        dataspace: dataspace?,
        data: message.get(at..)?,
    })
}

/// The extents that a dataspace gives, none of one element; None if it is not understood, or there is nothing in it.
pub fn extents(dataspace: &[u8]) -> Option<Vec<u64>> {
    let (rank, first) = match *dataspace.get(..4)? {
        [1, rank, _, _] => (rank, 8),
        [2, 0, _, 0] => (0, 4),
        [2, rank, _, 1] => (rank, 4),
        _ => return None,
    };
    (0..usize::from(rank))
        .map(|axis| number64(dataspace, first + 8 * axis))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_apart() {
        let old = b"\x01\0\x03\0\x02\0\x08\0ab\0.....ty......\x01\0\0\0\0\0\0\0data";
        let new = b"\x03\0\x03\0\x02\0\x04\0\0ab\0ty\x02\0\0\0data";
        for message in [&old[..], new] {
            let parts = parts(message).unwrap();
            assert_eq!(
                (parts.name, parts.datatype, parts.data),
                (&b"ab"[..], &b"ty"[..], &b"data"[..])
            );
            assert_eq!(extents(parts.dataspace), Some(Vec::new()));
            for end in 0..message.len() - 4 {
                assert_eq!(super::parts(&message[..end]), None, "{end}");
            }
        }
        // Of another version, with a datatype that lies elsewhere, and with a name that does not end.
        for (at, byte) in [(0, 2), (1, 1), (11, b'c')] {
            let mut message = new.to_vec();
            message[at] = byte;
            assert_eq!(parts(&message), None, "{at}");
        }
    }

    #[test]
    fn extents_are_those_of_both_versions() {
        let mut old = vec![1, 2, 1, 0, 0, 0, 0, 0];
        let mut new = vec![2, 2, 0, 1];
        for space in [&mut old, &mut new] {
            space.extend(5u64.to_le_bytes());
            assert_eq!(extents(space), None);
            space.extend(7u64.to_le_bytes());
            assert_eq!(extents(space), Some(vec![5, 7]));
        }
        // Nothing at all, and another version.
        assert_eq!(extents(&[2, 0, 0, 2]), None);
        assert_eq!(extents(&[3, 0, 0, 0]), None);
    }
}
