//! Slice texts on shapes of any kind: a selection stays inside its dataset, and says of itself
//! what it is; written out in full it is read as the same.
//!
//! An input is a shape, each character the extent of an axis, a space, and the slice.
#![no_main]

include!("core.rs");

use slice::{Axis, Selection};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let (extents, text) = input.split_once(' ').unwrap_or(("", input));
    let shape: Vec<u64> = extents.chars().take(32).map(extent).collect();
    let selection = match slice::parse(text, &shape) {
        Ok(selection) => selection,
        Err(error) => {
            let status = error.status;
            assert!(matches!(
                status,
                error::Status::Shape | error::Status::Argument
            ));
            return;
        }
    };
    assert_eq!(selection.axes.len(), shape.len());
    for (axis, &extent) in selection.axes.iter().zip(&shape) {
        check(axis, extent as i64);
    }
    let all: Option<u64> = shape.iter().try_fold(1_u64, |all, n| all.checked_mul(*n));
    if let (Some(all), Ok(count)) = (all, selection.len()) {
        assert!(count <= all);
        assert_eq!(count, selection.shape().iter().product::<u64>());
        assert_eq!(count == 0, selection.is_empty());
    }
    if selection.is_everything(&shape) {
        assert_eq!(selection, Selection::everything(&shape));
    }
    let written: Vec<String> = selection.axes.iter().map(in_full).collect();
    assert_eq!(slice::parse(&written.join(","), &shape), Ok(selection));
});

/// The extent that a character of the input stands for.
fn extent(character: char) -> u64 {
    match character {
        '0'..='9' => u64::from(character) - u64::from('0'),
        'm' => i64::MAX as u64,
        _ => u64::from(character),
    }
}

/// Checks that an axis is taken from inside its extent, and by a step that is canonical.
fn check(axis: &Axis, extent: i64) {
    let up = axis.ascending();
    assert!(axis.step != 0 && up.step > 0 && up.count == axis.count && up.keep == axis.keep);
    if axis.count == 0 {
        assert!(axis.keep && axis.start == 0 && axis.step == 1);
        return;
    }
    let last = |axis: &Axis| axis.start + axis.step * (axis.count - 1);
    assert!(up.start >= 0 && last(&up) < extent);
    let ends = if axis.is_reversed() {
        (last(axis), axis.start)
    } else {
        (axis.start, last(axis))
    };
    assert_eq!((up.start, last(&up)), ends);
    assert!(axis.count > 1 || axis.step == 1);
    assert!(axis.keep || axis.count == 1);
}

/// The text of an axis with nothing left out.
fn in_full(axis: &Axis) -> String {
    let Axis {
        start,
        step,
        count,
        keep,
    } = *axis;
    match (keep, count) {
        (false, _) => format!("{start}"),
        (true, 0) => "0:0:1".to_string(),
        (true, 1) => format!("{start}:{}:1", start.saturating_add(1)),
        (true, _) if step > 0 => format!("{start}:{}:{step}", start + step * (count - 1) + 1),
        (true, _) => match start + step * (count - 1) {
            0 => format!("{start}:None:{step}"),
            last => format!("{start}:{}:{step}", last - 1),
        },
    }
}
