//! Datasets that hold one text of fixed length.
//!
//! Formats: HDF5 File Format Specification 3.0, IV.A.2.b (dataspace), IV.A.2.d (datatype), IV.A.2.i (layout).

#![forbid(unsafe_code)]

use super::object_header::{
    content, FoundMessage, ATTRIBUTE, DATASPACE, DATATYPE, FILLER, FILL_VALUES, LAYOUT, MODIFIED,
};
use super::{bytes, number16, number64, Source};

/// Larger texts are left to HDF5.
const LARGEST_TEXT: u64 = 64 << 20;

/// The text of a dataset that holds one, of fixed length; None if it is anything else, or not UTF-8.
pub fn scalar<S: Source + ?Sized>(source: &S, dataset: &[FoundMessage]) -> Option<String> {
    let is_usual = |kind| {
        matches!(kind, DATASPACE | DATATYPE | LAYOUT | ATTRIBUTE | FILLER)
            || FILL_VALUES.contains(&kind)
            || MODIFIED.contains(&kind)
    };
    if !dataset.iter().all(|message| is_usual(message.kind)) {
        return None;
    }
    let is_scalar = match content(dataset, DATASPACE)?.get(..4)? {
        [1, rank, _, _] => *rank == 0,
        [2, rank, _, kind] => *rank == 0 && *kind == 0,
        _ => false,
    };
    let datatype = content(dataset, DATATYPE)?.get(..8)?;
    let size = u32::from_le_bytes(datatype[4..8].try_into().ok()?);
    if !is_scalar || datatype[0] != 0x13 || u64::from(size) > LARGEST_TEXT {
        return None;
    }
    let layout = content(dataset, LAYOUT)?;
    let mut data = match *layout.get(..2)? {
        [3, 0] if number16(layout, 2).map(u32::from) == Some(size) => {
            layout.get(4..4 + size as usize)?.to_vec()
        }
        [3, 1] if number64(layout, 10)? == u64::from(size) => {
            bytes(source, number64(layout, 2)?, size.into()).ok()??
        }
        _ => return None,
    };
    let length = match datatype[1] & 15 {
        0 => data.iter().position(|&byte| byte == 0),
        1 => Some(
            data.iter()
                .rposition(|&byte| byte != 0)
                .map_or(0, |last| last + 1),
        ),
        _ => return None,
    };
    data.truncate(length.unwrap_or(data.len()));
    String::from_utf8(data).ok()
}
