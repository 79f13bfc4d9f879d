//! YAML texts: what is read and is written again reads as the same.
#![no_main]

include!("core.rs");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let value = match json::yaml::load(text) {
        Ok(value) => value,
        Err(error) => {
            assert_eq!(error.status, error::Status::Json);
            return;
        }
    };
    assert!(value.depth() <= json::MAX_DEPTH);
    // The document knows which keys were numbers.
    assert_eq!(
        json::canonical(&value).ok(),
        json::yaml::canonical(text).ok()
    );
    if has_unreadable_key(&value) {
        return;
    }
    for written in [json::yaml::dump(&value), json::yaml::dump_unsorted(&value)] {
        let again = json::yaml::load(&written);
        let again = again.unwrap_or_else(|error| panic!("{error}\n{written}"));
        // As texts NaN is equal to itself.
        let text = |value| json::canonical_text(&json::dumps(value));
        assert_eq!(text(&again), text(&value), "{written}");
    }
});

/// What PyYAML prints for a key whose escapes take more than 1,024 columns cannot be read.
fn has_unreadable_key(document: &json::Value) -> bool {
    match document {
        json::Value::Array(elements) => elements.iter().any(has_unreadable_key),
        json::Value::Object(members) => members.iter().any(|(name, member)| {
            name.chars().filter(|&character| character > '\u{FFFF}').count() > 95
                || has_unreadable_key(member)
        }),
        _ => false,
    }
}
