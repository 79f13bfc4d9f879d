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
    for written in [json::yaml::dump(&value), json::yaml::dump_unsorted(&value)] {
        let again = json::yaml::load(&written);
        let again = again.unwrap_or_else(|error| panic!("{error}\n{written}"));
        // Canonical text compares NaN with itself.
        assert_eq!(
            json::canonical(&again),
            json::canonical(&value),
            "{written}"
        );
    }
});
