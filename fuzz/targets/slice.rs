//! Slice texts on shapes of any kind: a selection holds what it says, or there is an error.
#![no_main]

include!("core.rs");

libfuzzer_sys::fuzz_target!(|input: (Vec<u64>, &str)| {
    let (mut shape, text) = input;
    shape.truncate(32);
    let Ok(selection) = slice::parse(text, &shape) else {
        return;
    };
    let selected = selection.shape();
    assert!(selected.len() <= shape.len());
    // No axis selects more than there is.
    let all: Option<u64> = shape.iter().try_fold(1u64, |product, n| product.checked_mul(*n));
    if let (Some(all), Ok(count)) = (all, selection.len()) {
        assert!(count <= all, "{text} selects {count} of {shape:?}");
        assert_eq!(count, selected.iter().product::<u64>());
        assert_eq!(count == 0, selection.is_empty());
    }
});
