//! Documents changed by pointer: what is set can be got and removed, and what fails changes
//! nothing.
//!
//! An input is a pointer, a line break, a JSON value to set, a line break, and the document.
#![no_main]

include!("core.rs");

libfuzzer_sys::fuzz_target!(|input: &str| {
    let mut parts = input.splitn(3, '\n');
    let mut next = || parts.next().unwrap_or("{}");
    let pointer = next();
    let (Ok(value), Ok(mut document)) = (json::parse(next()), json::parse(next())) else {
        return;
    };
    let before = json::dumps(&document);
    let new = json::dumps(&value);
    let old = json::get(&document, pointer).map(json::dumps);
    if json::set(&mut document, pointer, value).is_err() {
        assert!(old.is_err());
        assert_eq!(json::dumps(&document), before);
        return;
    }
    assert!(document.depth() <= json::MAX_DEPTH);
    if pointer.split('/').any(|token| token == "-") && old.is_err() {
        // It may have been appended, for which there is no pointer to get it by.
        assert_ne!(json::dumps(&document), before);
        return;
    }
    assert_eq!(
        json::get(&document, pointer).map(json::dumps).as_ref(),
        Ok(&new)
    );
    if pointer.is_empty() {
        assert_eq!(json::dumps(&document), new);
        assert!(json::remove(&mut document, pointer).is_err());
        return;
    }
    let set = document.clone();
    let removed = json::remove(&mut document, pointer).map(|value| json::dumps(&value));
    assert_eq!(removed.as_ref(), Ok(&new));
    let elements = |document: &json::Value| json::dumps(document).len();
    assert!(elements(&document) < elements(&set));
});
