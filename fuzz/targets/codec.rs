//! Chunks as a damaged file may have them: every decoder ends, with as many bytes as a chunk has or with an error, and gives
//! the same each time; what it gives can be encoded and decoded again.
//!
//! An input is the filters (2 bits each: shuffle, gzip, zstd, fletcher32), the filter mask, the size of an element, the
//! bytes of a chunk (2 bytes), and the chunk as it is stored.
#![no_main]

#[path = "../../src/codec/mod.rs"]
#[allow(dead_code)]
mod codec;
#[path = "../../src/error.rs"]
#[allow(dead_code)]
mod error;

use codec::{Filter, Pipeline, Scratch};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&[filters, mask, size, low, high], stored)) = input.split_first_chunk::<5>() else {
        return;
    };
    let filters: Vec<Filter> = (0..usize::from(filters >> 6))
        .map(|number| match filters >> (2 * number) & 3 {
            0 => (2, vec![u32::from(size % 17)]),
            1 => (1, vec![4]),
            2 => (32015, vec![3]),
            _ => (3, Vec::new()),
        })
        .map(|(id, client_data)| Filter { id, client_data })
        .collect();
    let Some(pipeline) = Pipeline::new(&filters) else {
        return;
    };
    let bytes = usize::from(u16::from_le_bytes([low, high]));
    let mask = u32::from(mask);
    let mut scratch = Scratch::default();
    let mut chunk = Vec::new();
    let decoded = pipeline.decode(&mut scratch, mask, stored, bytes, &mut chunk);
    let verified = pipeline.verify(&mut scratch, mask, stored, bytes);
    assert_eq!(decoded.is_ok(), verified.is_ok());
    let mut again = vec![1, 2, 3];
    let second = pipeline.decode(&mut scratch, mask, stored, bytes, &mut again);
    assert_eq!(decoded, second);
    if decoded.is_err() {
        return;
    }
    assert_eq!((chunk.len(), &chunk), (bytes, &again));
    if pipeline.ends_in_shuffle(mask, usize::from(size % 17)) {
        let mut shuffled = Vec::new();
        let done = pipeline.decode_shuffled(&mut scratch, mask, stored, bytes, &mut shuffled);
        assert_eq!((done, shuffled.len()), (Ok(()), bytes));
    }
    let mut encoded = Vec::new();
    pipeline.encode(&mut scratch, &chunk, &mut encoded).unwrap();
    pipeline
        .decode(&mut scratch, 0, &encoded, bytes, &mut again)
        .unwrap();
    assert_eq!(chunk, again);
});
