//! What elements are that were never written. Format: HDF5 File Format Specification 3.0, IV.A.2.f.

#![forbid(unsafe_code)]

use super::number32;

/// Space is allocated when the first element is written, or as chunks are.
pub const LATE: u8 = 2;
pub const INCREMENTAL: u8 = 3;

/// What a fill value message says.
pub struct Filling {
    /// When space is allocated.
    pub allocated: u8,
    /// When it is filled.
    pub time: u8,
    /// What an element is that was never written, as in the file; None if it is zero or anything.
    pub value: Option<Vec<u8>>,
}

impl Filling {
    /// A message of any version, of elements of so many bytes.
    pub fn of(message: &[u8], item: usize) -> Option<Self> {
        let (allocated, time, size_at) = match *message {
            [version @ (1 | 2), allocated, time, defined @ (0 | 1), ..] => {
                (allocated, time, (version == 1 || defined == 1).then_some(4))
            }
            [3, flags, ..] if flags & 0xD0 == 0 => {
                (flags & 3, flags >> 2 & 3, (flags & 0x20 != 0).then_some(2))
            }
            _ => return None,
        };
        let value = match size_at {
            Some(at) => match number32(message, at)? as usize {
                0 => None,
                length if length == item => Some(message.get(at + 4..at + 4 + item)?.to_vec()),
                _ => return None,
            },
            None => None,
        };
        let is_usual = (1..=3).contains(&allocated) && time <= 2;
        is_usual.then_some(Self {
            allocated,
            time,
            value: value.filter(|value| value.iter().any(|&byte| byte != 0)),
        })
    }
}
