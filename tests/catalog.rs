//! Directories of runs: found as signac finds them, produced once, seen as they are.

mod common;

use common::{python, seed, succeed, Folder};

#[test]
fn runs_are_found_as_signac_finds_them() {
    let folder = Folder::new("signac");
    let seed = seed().to_string();
    let told = succeed(
        python("catalog_signac.py")
            .args([&seed, "10000"])
            .arg(folder.path()),
    );
    println!("{told}");
}

#[test]
fn runs_are_produced_once_and_found_as_they_are() {
    let folder = Folder::new("runs");
    let seed = seed().to_string();
    let told = succeed(python("catalog_runs.py").arg(&seed).arg(folder.path()));
    for line in told.lines().filter(|line| line.starts_with("SKIPPED: ")) {
        common::skip(&line["SKIPPED: ".len()..]);
    }
}
