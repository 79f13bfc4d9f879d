//! The messages that objects share, which the superblock's extension tells of.
//!
//! Formats: IV.A.2.p (shared message table), III.I (its indexes).

#![forbid(unsafe_code)]

use super::{bytes, number16, number_of, object_header, Source, Widths, UNDEFINED};
use crate::error::Result;

/// The type of the message that leads to the table.
const TABLE: u16 = 0x0F;

/// Set among the types of messages that an index has, where attributes are among them.
const ATTRIBUTES: u16 = 1 << 12;

/// Whether attributes can be shared in a file with this extension of its superblock: there is a heap that holds them.
pub fn holds_attributes<S: Source + ?Sized>(
    source: &S,
    extension: u64,
    widths: Widths,
) -> Result<bool> {
    let Some(messages) = object_header::all(source, extension, widths)? else {
        return Ok(false);
    };
    let Some(table) = messages.iter().find(|message| message.kind == TABLE) else {
        return Ok(false);
    };
    let address = widths.address;
    let (Some(place), Some(&indexes)) = (
        number_of(&table.content, 1, address),
        table.content.get(1 + address),
    ) else {
        return Ok(false);
    };
    // Version, type, types of messages, four bounds and counts, the index, the heap.
    let step = 14 + 2 * address;
    let length = 4 + step * usize::from(indexes);
    let Some(table) = bytes(source, place, length as u64)? else {
        return Ok(false);
    };
    let has_attributes = |index: &[u8]| {
        let heap = number_of(index, 14 + address, address);
        number16(index, 2).is_some_and(|kinds| kinds & ATTRIBUTES != 0)
            && heap.is_some_and(|heap| heap != UNDEFINED >> (64 - 8 * address))
    };
    Ok(table.starts_with(b"SMTB") && table[4..].chunks_exact(step).any(has_attributes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An extension with a table at 64 of one index, with this heap and types of messages.
    fn file(kinds: u16, heap: u64) -> Vec<u8> {
        let mut file = b"OHDR\x02\0".to_vec();
        file.push(4 + 10);
        file.extend([TABLE as u8, 10, 0, 0, 0]);
        file.extend(64u64.to_le_bytes());
        file.push(1);
        file.resize(64, 0);
        file.extend(b"SMTB\0\0");
        file.extend(kinds.to_le_bytes());
        file.extend([0; 10]);
        file.extend(9u64.to_le_bytes());
        file.extend(heap.to_le_bytes());
        file.extend([0; 4]);
        file
    }

    #[test]
    fn attributes_are_shared_where_there_is_a_heap_of_them() {
        let holds = |file: &[u8]| holds_attributes(file, 0, Widths::USUAL).unwrap();
        let whole = file(ATTRIBUTES | 1, 800);
        assert!(holds(&whole));
        assert!(!holds(&file(1, 800)) && !holds(&file(ATTRIBUTES, UNDEFINED)));
        for at in [0, 7, 64] {
            let mut other = whole.clone();
            other[at] = b'!';
            assert!(!holds(&other), "{at}");
        }
        for cut in 0..whole.len() - 4 {
            assert!(!holds(&whole[..cut]), "{cut}");
        }
    }
}
