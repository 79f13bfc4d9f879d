//! Series against NumPy and h5py, driven from Python through the C interface.

mod common;

use common::{python, seed, succeed, Folder};

#[test]
fn series_hold_what_was_appended_whatever_happens_between() {
    let folder = Folder::new("series");
    let seed = seed().to_string();
    succeed(python("series.py").args([&seed, "150"]).arg(folder.path()));
}

#[test]
fn compressed_datasets_are_written_and_read_as_numpy_and_h5py_do() {
    let folder = Folder::new("compressed");
    let seed = seed().to_string();
    succeed(
        python("compressed.py")
            .args([&seed, "150"])
            .arg(folder.path()),
    );
}

#[test]
fn chunks_of_the_newer_format_are_written_and_read_as_h5py_does() {
    let folder = Folder::new("new_indexes");
    let seed = seed().to_string();
    succeed(
        python("new_indexes.py")
            .args([&seed, "120"])
            .arg(folder.path()),
    );
}

#[test]
fn many_small_chunks_are_written_in_any_order() {
    let folder = Folder::new("many_chunks");
    let seed = seed().to_string();
    succeed(
        python("many_chunks.py")
            .args([&seed, "60"])
            .arg(folder.path()),
    );
}

#[test]
fn a_killed_program_leaves_exactly_the_records_of_a_commit() {
    let folder = Folder::new("series_kills");
    succeed(python("series_kills.py").arg("12").arg(folder.path()));
}

#[test]
fn chunks_grow_with_the_records_of_a_series() {
    let folder = Folder::new("growing");
    let seed = seed().to_string();
    succeed(python("growing.py").arg(seed).arg(folder.path()));
}
