//! JSON texts: what parses has a canonical form that is its own canonical form, however it is
//! made, and the hash does not depend on which of the two is given.
#![no_main]

include!("core.rs");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let value = match json::parse(text) {
        Ok(value) => value,
        Err(error) => {
            assert_eq!(error.status, error::Status::Json);
            assert!(error.message.starts_with("line "));
            assert_eq!(hash::canonical_json(text), Err(error));
            return;
        }
    };
    assert!(value.depth() <= json::MAX_DEPTH);
    let canonical = json::canonical(&value).expect("names of JSON are texts");
    assert!(canonical.is_ascii());
    assert_eq!(hash::canonical_json(text).as_ref(), Ok(&canonical));
    assert_eq!(hash::canonical_json(&canonical).as_ref(), Ok(&canonical));
    assert_eq!(hash::hash(text, 40), hash::hash(&canonical, 40));
    // Texts stand for documents, since NaN is not equal to itself.
    let written = json::dumps(&value);
    assert_eq!(
        json::parse(&written)
            .map(|again| json::dumps(&again))
            .as_ref(),
        Ok(&written)
    );
    assert_eq!(json::dumps(&value.clone()), written);
});
