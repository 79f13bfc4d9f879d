//! JSON texts: what parses has a canonical form that is its own canonical form, and the hash
//! does not depend on which of the two is given.
#![no_main]

include!("core.rs");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let parsed = json::parse(text);
    let canonical = hash::canonical_json(text);
    assert_eq!(parsed.is_ok(), canonical.is_ok(), "{parsed:?} {canonical:?}");
    let (Ok(value), Ok(canonical)) = (parsed, canonical) else {
        return;
    };
    assert_eq!(json::canonical(&value), canonical);
    assert_eq!(hash::canonical_json(&canonical).as_ref(), Ok(&canonical));
    assert_eq!(hash::hash(text, 40), hash::hash(&canonical, 40));
    assert!(canonical.is_ascii());
});
