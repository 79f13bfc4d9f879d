//! Blocks of arrays in one process, against NumPy and h5py.

mod common;

use common::{python, seed, succeed, Folder};

#[test]
fn blocks_of_random_decompositions_are_what_numpy_has() {
    let folder = Folder::new("blocks");
    let seed = seed().to_string();
    succeed(python("blocks.py").args([&seed, "400"]).arg(folder.path()));
}
