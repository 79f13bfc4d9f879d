//! Free space managers: lists of sections, whose entries HDF5's C follows without looking.
//!
//! Format: III.H (free-space manager).

#![forbid(unsafe_code)]

use super::fractal_heap::BlockTable;
use super::{number16, number_of, Widths, UNDEFINED};

/// What the header of a manager says about the entries of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manager {
    is_of_heap: bool,
    sections: u64,
    /// Bytes of the list.
    size: u64,
    /// Bytes of a section's place.
    offset: usize,
    /// Bytes of a section's length.
    length: usize,
}

/// What the header of a manager says, if these are its bytes.
pub fn manager(header: &[u8], widths: Widths) -> Option<Manager> {
    let length = widths.length;
    if !header.starts_with(b"FSHD") {
        return None;
    }
    let sections = number_of(header, 6 + 2 * length, length)?;
    let bits = usize::from(number16(header, 6 + 4 * length + 6)?);
    let largest = number_of(header, 6 + 4 * length + 8, length)?;
    let size = number_of(header, 14 + 5 * length + widths.address, length)?;
    Some(Manager {
        size,
        is_of_heap: header[5] == 0,
        sections,
        offset: bits.div_ceil(8),
        length: bytes_for(largest),
    })
}

/// Whether the list of a manager, with the room that it has, lies in a file of `end` bytes, if these are the bytes of its header: HDF5 frees
/// that room when the list moves.
pub fn is_held(header: &[u8], widths: Widths, end: u64) -> bool {
    let (address, length) = (widths.address, widths.length);
    let at = 14 + 5 * length;
    let (Some(place), Some(size), Some(room)) = (
        number_of(header, at, address),
        number_of(header, at + address, length),
        number_of(header, at + address + length, length),
    ) else {
        return true;
    };
    let is_none = place == UNDEFINED >> (64 - 8 * address);
    is_none || (size <= room && place.checked_add(room).is_some_and(|last| last <= end))
}

/// The address of the header that a list of sections belongs to, if these are its bytes.
pub fn header_of(list: &[u8], widths: Widths) -> Option<u64> {
    list.starts_with(b"FSSE")
        .then(|| number_of(list, 5, widths.address))
        .flatten()
}

/// Whether HDF5 comes to the end of a list of sections, with which `list` begins, and each lies in the table of its heap.
///
/// Whose list it is says who asks for it, and not the header. A heap without a table here is one that was made since the
/// file was opened.
pub fn is_sound(
    list: &[u8],
    manager: &Manager,
    table: Option<&BlockTable>,
    widths: Widths,
) -> bool {
    const CHECKSUM: usize = 4;
    if manager.sections == 0 || (manager.is_of_heap && table.is_none()) {
        return true;
    }
    let size = usize::try_from(manager.size).unwrap_or(usize::MAX);
    let end = list.len().min(size).saturating_sub(CHECKSUM);
    let list = &list[..end];
    let counts = bytes_for(manager.sections);
    let mut at = 5 + widths.address;
    while at < end {
        let (Some(count), Some(size)) = (
            number_of(list, at, counts),
            number_of(list, at + counts, manager.length),
        ) else {
            return false;
        };
        at += counts + manager.length;
        if count > 0 && size == 0 {
            return false;
        }
        for _ in 0..count {
            match section_end(list, at, size, manager, table) {
                Some(end) => at = end,
                None => return false,
            }
        }
    }
    true
}

/// Where the next section begins; `None` if this one is not as it has to be.
fn section_end(
    list: &[u8],
    at: usize,
    size: u64,
    manager: &Manager,
    table: Option<&BlockTable>,
) -> Option<usize> {
    /// Classes of a heap's sections: a part of a block, and blocks of a table from some row on. Others are not stored.
    const SINGLE: u8 = 0;
    const FIRST_ROW: u8 = 1;
    const INDIRECT: u8 = 3;
    let class = *list.get(at + manager.offset)?;
    let end = at + manager.offset + 1;
    let Some(table) = table else {
        // Of a file: simple, small and large ones, of which nothing else is stored.
        return (class <= 2).then_some(end);
    };
    match class {
        SINGLE => {
            let place = number_of(list, at, manager.offset)?;
            table.has_part(place, size).then_some(end)
        }
        FIRST_ROW | INDIRECT => {
            let field =
                |number: usize| number16(list, end + table.offset + 2 * number).map(u64::from);
            let is_there = table.has_entries(field(0)?, field(1)?, field(2)?);
            is_there.then_some(end + table.offset + 6)
        }
        _ => None,
    }
}

/// How many bytes a number up to this one takes.
fn bytes_for(most: u64) -> usize {
    (most.max(1).ilog2() / 8 + 1) as usize
}

#[cfg(test)]
mod tests {
    use super::super::fractal_heap;
    use super::*;

    const WIDTHS: Widths = Widths::USUAL;

    fn header() -> Manager {
        let mut header = b"FSHD\0\0".to_vec();
        for number in [5000u64, 3, 3, 0] {
            header.extend(number.to_le_bytes());
        }
        for number in [4u16, 80, 120, 32] {
            header.extend(number.to_le_bytes());
        }
        header.extend(65536u64.to_le_bytes());
        header.extend(99u64.to_le_bytes());
        header.extend(45u64.to_le_bytes());
        assert_eq!(manager(&header[..50], WIDTHS), None);
        manager(&header, WIDTHS).expect("a header")
    }

    #[test]
    fn lists_have_room_in_the_file() {
        let mut header = b"FSHD\0\0".to_vec();
        header.resize(14 + 5 * 8, 0);
        for number in [900u64, 45, 100] {
            header.extend(number.to_le_bytes());
        }
        assert!(is_held(&header, WIDTHS, 1000) && !is_held(&header, WIDTHS, 999));
        for (at, value) in [(62, 101u64), (70, 44), (70, u64::MAX), (54, u64::MAX - 1)] {
            let mut other = header.clone();
            other[at..at + 8].copy_from_slice(&value.to_le_bytes());
            assert!(!is_held(&other, WIDTHS, 1000), "{at}");
        }
        header[54..62].copy_from_slice(&UNDEFINED.to_le_bytes());
        assert!(is_held(&header, WIDTHS, 0) && is_held(&header[..60], WIDTHS, 0));
    }

    /// A list of one part of a block and one range of a table.
    fn list(row: u16, column: u16, entries: u16) -> Vec<u8> {
        let mut list = b"FSSE\0".to_vec();
        list.extend(99u64.to_le_bytes());
        list.extend([1, 200, 0, 0]);
        list.extend(1024u32.to_le_bytes());
        list.push(0);
        list.extend([1, 0, 2, 0]);
        list.extend(2048u32.to_le_bytes());
        list.push(1);
        list.extend(0u32.to_le_bytes());
        for field in [row, column, entries] {
            list.extend(field.to_le_bytes());
        }
        list.extend([0; 4]);
        list
    }

    #[test]
    fn sections_lie_in_their_table_and_the_list_ends() {
        let table = |rows: u16| {
            let mut header = fractal_heap::tests::of_links();
            header[140..142].copy_from_slice(&rows.to_le_bytes());
            let heap = fractal_heap::Header::parse(&header, WIDTHS);
            heap.and_then(|heap| heap.table()).expect("a table")
        };
        // HDF5 looks for a block in the rows that there are, and beyond them.
        let (none, some, table) = (table(0), table(3), table(22));
        let manager = header();
        assert_eq!(
            (
                table.rows,
                table.direct_rows,
                table.offset,
                manager.offset,
                manager.length
            ),
            (22, 9, 4, 4, 3)
        );
        let sound = |list: &[u8]| is_sound(list, &manager, Some(&table), WIDTHS);
        for (row, column, entries, expected) in [
            (0, 0, 1, true),
            (1, 2, 6, true),
            (21, 3, 1, true),
            (0, 4, 1, false),
            (0, 0, 0, false),
            (21, 3, 2, false),
            (22, 0, 1, false),
            (3, 0, 40000, false),
            (u16::MAX, 0, 1, false),
        ] {
            assert_eq!(
                sound(&list(row, column, entries)),
                expected,
                "{row} {column} {entries}"
            );
        }
        let good = list(1, 2, 6);
        assert_eq!(good.len() as u64, manager.size);
        // HDF5 may have read more than the list.
        assert!(sound(&[&good[..], &[1; 50]].concat()));
        let short = Manager {
            size: manager.size - 10,
            ..manager
        };
        assert!(!is_sound(&good, &short, Some(&table), WIDTHS));
        assert_eq!(header_of(&good, WIDTHS), Some(99));
        // More sections than there are, no class, a class that is not stored, no length, cut off.
        for (at, value) in [(13, 2), (13, 255), (21, 4), (21, 2), (30, 2)] {
            let mut other = good.clone();
            other[at] = value;
            assert!(!sound(&other), "{at}");
        }
        for cut in 14..good.len() {
            let _ = sound(&good[..cut]);
        }
        // Of a heap that is not known, and of a file, though the header of the one may say that it is of the other.
        let other = Manager {
            is_of_heap: false,
            ..manager
        };
        assert!(is_sound(&good, &manager, None, WIDTHS));
        assert!(!is_sound(&good, &other, None, WIDTHS));
        assert!(is_sound(&good, &other, Some(&table), WIDTHS));
        // A table whose blocks of blocks would have no row.
        // Parts of blocks: in the first row, in the second, in a block of blocks, past its end, in no block.
        let part_of = |table: &fractal_heap::BlockTable, place: u32, size: u16| {
            let mut list = good.clone();
            list[14..16].copy_from_slice(&size.to_le_bytes());
            list[17..21].copy_from_slice(&place.to_le_bytes());
            is_sound(&list, &manager, Some(table), WIDTHS)
        };
        let part = |place: u32, size: u16| part_of(&table, place, size);
        for (place, of_none, of_some) in [
            (0, true, true),
            (512, false, true),
            (8191, false, true),
            (8192, false, false),
        ] {
            assert_eq!(part_of(&none, place, 1), of_none, "{place}");
            assert_eq!(part_of(&some, place, 1), of_some, "{place}");
        }
        for (place, size, expected) in [
            (0, 512, true),
            (100, 412, true),
            (100, 413, false),
            (2048, 512, true),
            (2048, 513, false),
            (4096, 1024, true),
            (4096 + 1000, 25, false),
            (1 << 19, 512, true),
            (1 << 19, 513, false),
            (u32::MAX - 9, 10, true),
            (u32::MAX - 9, 11, false),
        ] {
            assert_eq!(part(place, size), expected, "{place} {size}");
        }
        let flat = BlockTable {
            width: 64,
            direct_rows: 2,
            ..table
        };
        assert!(is_sound(&list(0, 0, 1), &manager, Some(&flat), WIDTHS));
        assert!(!is_sound(&list(2, 0, 1), &manager, Some(&flat), WIDTHS));
    }
}
