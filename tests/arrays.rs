//! Arrays, slices, attributes and texts against h5py and NumPy, driven from Python through
//! the C interface, and files made by h5py.

mod common;

use common::{python, seed, succeed, Folder};

#[test]
fn arrays_of_every_type_are_the_same_in_h5py_both_ways() {
    let folder = Folder::new("roundtrip");
    let seed = seed().to_string();
    succeed(
        python("array_roundtrip.py")
            .args([&seed, "520"])
            .arg(folder.path()),
    );
}

#[test]
fn slices_and_hyperslabs_read_and_write_what_numpy_does() {
    let folder = Folder::new("slices");
    let seed = seed().to_string();
    succeed(
        python("array_slices.py")
            .args([&seed, "3000"])
            .arg(folder.path()),
    );
}

#[test]
fn what_is_written_here_and_there_is_what_numpy_has() {
    let folder = Folder::new("parts");
    let seed = seed().to_string();
    succeed(python("parts.py").args([&seed, "80"]).arg(folder.path()));
}

#[test]
fn files_of_h5py_are_read_in_all_their_forms() {
    let folder = Folder::new("foreign");
    succeed(python("foreign_files.py").arg(folder.path()));
}

#[test]
fn modes_overwriting_listing_attributes_and_texts_agree_with_h5py() {
    let folder = Folder::new("objects");
    let seed = seed().to_string();
    succeed(python("objects.py").arg(&seed).arg(folder.path()));
}

#[test]
fn moves_copies_links_extents_and_layouts_agree_with_h5py() {
    for libver in ["earliest", "latest"] {
        let folder = Folder::new("links");
        let seed = seed().to_string();
        succeed(python("links.py").arg(&seed).arg(folder.path()).arg(libver));
    }
}

#[test]
fn texts_over_others_lists_of_texts_and_logs_are_those_of_h5py_and_survive_kills() {
    for libver in ["earliest", "latest"] {
        let folder = Folder::new("texts");
        let seed = seed().to_string();
        succeed(python("texts.py").arg(&seed).arg(folder.path()).arg(libver));
    }
}

#[test]
fn damaged_files_are_survived() {
    let folder = Folder::new("damaged");
    succeed(
        python("damaged_files.py")
            .args(["1", "60"])
            .arg(folder.path()),
    );
}

#[test]
fn small_datasets_of_new_groups_are_as_hdf5_makes_them() {
    let folder = Folder::new("small");
    let seed = seed().to_string();
    for format in ["earliest", "latest"] {
        succeed(
            python("small_groups.py")
                .args([&seed, "60"])
                .arg(folder.path())
                .arg(format),
        );
    }
}

#[test]
fn texts_of_c_limits_of_hdf5_and_damaged_objects_are_met_with_care() {
    let folder = Folder::new("limits");
    succeed(python("limits.py").arg(folder.path()));
}
