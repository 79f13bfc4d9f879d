//! Fractal heaps: their headers, and the tables of their blocks.
//!
//! Format: III.G.

#![forbid(unsafe_code)]

use super::{number16, number_of, Widths};

/// What a header says of a heap's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where the manager of its free space is.
    pub manager: u64,
    width: u16,
    first: u64,
    largest: u64,
    bits: u32,
    /// Where the root block is.
    pub(super) root: u64,
    /// Rows of the root block.
    pub(super) rows: u32,
}

/// The table of blocks of a fractal heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockTable {
    /// Entries of a row; a power of two.
    pub(super) width: u64,
    /// Bytes of a block of the first row; a power of two.
    pub(super) first: u64,
    /// Rows that the largest heap would have.
    pub(super) rows: u64,
    /// Rows whose blocks hold objects; those of the others hold further blocks.
    pub(super) direct_rows: u64,
    /// Bytes of the blocks of the rows that there are.
    pub(super) extent: u128,
    /// Bytes of a place in the heap.
    pub offset: usize,
}

impl Header {
    /// Takes the fields out of a header; None if these are bytes of something else, or too few, as HDF5 sees itself.
    pub fn parse(header: &[u8], widths: Widths) -> Option<Self> {
        let Widths { address, length } = widths;
        if !header.starts_with(b"FRHP") {
            return None;
        }
        let at = 14 + 10 * length + 2 * address;
        Some(Self {
            manager: number_of(header, 14 + 2 * length + address, address)?,
            width: number16(header, at)?,
            first: number_of(header, at + 2, length)?,
            largest: number_of(header, at + 2 + length, length)?,
            bits: u32::from(number16(header, at + 2 + 2 * length)?),
            root: number_of(header, at + 6 + 2 * length, address)?,
            rows: u32::from(number16(header, at + 6 + 2 * length + address)?),
        })
    }

    /// The table; None if it is none that HDF5 can divide by and look up.
    pub fn table(&self) -> Option<BlockTable> {
        let Self {
            width,
            first,
            largest,
            bits,
            ..
        } = *self;
        if !(width.is_power_of_two() && first.is_power_of_two() && largest.is_power_of_two()) {
            return None;
        }
        let row_bits = width.trailing_zeros() + first.trailing_zeros();
        let is_sized = bits <= 64
            && first <= largest
            && largest.trailing_zeros() <= bits
            && row_bits <= bits
            && self.rows <= bits - row_bits + 1;
        is_sized.then(|| BlockTable {
            width: u64::from(width),
            first,
            rows: u64::from(bits - row_bits + 1),
            direct_rows: u64::from(largest.trailing_zeros() - first.trailing_zeros() + 2),
            // Each row but the first two has twice the bytes of the one before; without rows there is one block.
            extent: match self.rows {
                0 => u128::from(first),
                rows => 1 << (row_bits + rows - 1),
            },
            offset: bits.div_ceil(8) as usize,
        })
    }
}

impl BlockTable {
    /// Whether one block of the rows that there are has all of so many bytes from a place in the heap on.
    pub fn has_part(&self, place: u64, size: u64) -> bool {
        u128::from(place) < self.extent
            && self.rest_of_block(place).is_some_and(|rest| size <= rest)
    }

    /// Whether so many entries from one on are in the table, and the blocks of blocks among them have rows of their own.
    pub fn has_entries(&self, row: u64, column: u64, entries: u64) -> bool {
        let Some(others) = entries.checked_sub(1) else {
            return false;
        };
        let last = (row * self.width + column + others) / self.width;
        let lowest = u64::from(self.width.trailing_zeros()) + 1;
        let is_nested = last < self.direct_rows || row.max(self.direct_rows) >= lowest;
        column < self.width && last < self.rows && is_nested
    }

    /// How many bytes there are from a place in the heap to the end of its block; None if no block has it.
    fn rest_of_block(&self, mut place: u64) -> Option<u64> {
        // Each round leads into a block of a later row, whose own blocks are smaller.
        loop {
            // Of the largest heap one row may be all.
            let row_bytes = self.first.checked_mul(self.width);
            let (row, start) = match row_bytes.map_or(0, |bytes| place / bytes) {
                0 => (0, 0),
                high => {
                    let before = high.ilog2();
                    (u64::from(before) + 1, row_bytes? << before)
                }
            };
            let size = self.first << row.saturating_sub(1);
            let within = (place - start) % size;
            if row < self.direct_rows {
                return Some(size - within);
            }
            if row >= self.rows || row_bytes.is_none_or(|bytes| size < bytes) {
                return None;
            }
            place = within;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const WIDTHS: Widths = Widths::USUAL;

    /// The header of a heap that HDF5 makes for the links of a group, with its manager at 77.
    pub(crate) fn of_links() -> Vec<u8> {
        let mut header = b"FRHP".to_vec();
        header.resize(14 + 2 * 8 + 8, 0);
        header.extend(77u64.to_le_bytes());
        header.resize(110, 0);
        header.extend(4u16.to_le_bytes());
        header.extend(512u64.to_le_bytes());
        header.extend(65536u64.to_le_bytes());
        header.extend(32u16.to_le_bytes());
        header.extend([0; 24]);
        header
    }

    fn table(header: &[u8]) -> Option<BlockTable> {
        Header::parse(header, WIDTHS)?.table()
    }

    #[test]
    fn headers_say_where_things_are_or_are_refused() {
        let header = of_links();
        assert_eq!(
            Header::parse(&header, WIDTHS).map(|it| it.manager),
            Some(77)
        );
        assert!(table(&header).is_some());
        for at in [110, 112, 120, 128] {
            let mut other = header.clone();
            other[at] = 3;
            // No row bits are left, or no power of two.
            assert_eq!(table(&other), None, "{at}");
            assert_eq!(table(&header[..at]), None, "{at}");
        }
    }

    #[test]
    fn a_row_may_be_as_large_as_all_addresses() {
        let mut header = of_links();
        header[110..112].copy_from_slice(&2u16.to_le_bytes());
        header[112..120].copy_from_slice(&(1u64 << 63).to_le_bytes());
        header[120..128].copy_from_slice(&(1u64 << 63).to_le_bytes());
        header[128..130].copy_from_slice(&64u16.to_le_bytes());
        let table = table(&header).expect("a table");
        for (place, rest) in [
            (0, 1 << 63),
            ((1 << 63) - 1, 1),
            (1 << 63, 1 << 63),
            (u64::MAX, 1),
        ] {
            assert_eq!(table.rest_of_block(place), Some(rest), "{place}");
        }
    }
}
