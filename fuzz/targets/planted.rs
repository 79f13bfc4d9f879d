//! A bug planted where only a search that is guided by coverage finds it in time: the script
//! runs this first, to see that the guidance works.
#![no_main]

include!("core.rs");

use json::Value;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(Value::Text(word)) = json::parse(text) else {
        return;
    };
    // Each character that is right is a step that a guided search notices; one that is not
    // guided would have to guess all four at once.
    let mut characters = word.chars();
    if characters.next() == Some('h')
        && characters.next() == Some('d')
        && characters.next() == Some('f')
        && characters.next() == Some('5')
    {
        panic!("the planted bug");
    }
});
