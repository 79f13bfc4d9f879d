// The modules under test are pure, and are taken in as they are: HDF5, which takes minutes
// to build, is not needed for them.
#[path = "../../src/error.rs"]
#[allow(dead_code)]
mod error;
#[path = "../../src/hash.rs"]
#[allow(dead_code)]
mod hash;
#[path = "../../src/json/mod.rs"]
#[allow(dead_code, unused_imports)]
mod json;
#[path = "../../src/slice.rs"]
#[allow(dead_code)]
mod slice;
