//! Series against NumPy and h5py, driven from Python through the C interface.

mod common;

use common::{python, seed, succeed, Folder};

#[test]
fn series_hold_what_was_appended_whatever_happens_between() {
    let folder = Folder::new("series");
    let seed = seed().to_string();
    succeed(python("series.py").args([&seed, "300"]).arg(folder.path()));
}
