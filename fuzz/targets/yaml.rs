//! YAML texts: what is read and is written again reads as the same.
#![no_main]

include!("core.rs");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(value) = json::yaml::parse(text) else {
        return;
    };
    let Ok(written) = json::yaml::dump(&value) else {
        return;
    };
    let again = json::yaml::parse(&written);
    let again = again.unwrap_or_else(|error| panic!("{error}\n{written}"));
    // Canonical text compares NaN with itself.
    assert_eq!(json::canonical(&again), json::canonical(&value), "{written}");
});
