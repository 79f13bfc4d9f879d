//! Each system call, each large allocation and each call of HDF5 fails in turn: tests/python/failing.py.

mod common;

use common::{python, root, run, seed, succeed, Folder};
use std::process::Command;

/// For how many seconds.
fn seconds() -> String {
    std::env::var("H5SIM_SOAK").unwrap_or_else(|_| "40".to_owned())
}

#[test]
fn what_fails_once_can_be_repeated_or_leaves_the_last_commit() {
    let folder = Folder::new("failing");
    // Breakpoints are of one kind of processor.
    if !cfg!(target_arch = "x86_64") {
        return common::skip("failing calls of HDF5 (x86-64 only)");
    }
    let faults = folder.join("libfaults.so");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"])
        .args(["-fPIC", "-shared", "-o"])
        .arg(&faults)
        .arg(root().join("tests/c/faults.c"))
        .arg("-ldl");
    succeed(&mut compiler);
    let work = folder.join("work");
    std::fs::create_dir(&work).expect("a folder");
    let mut command = python("failing.py");
    command
        .args([seed().to_string(), seconds()])
        .arg(work)
        .arg(faults);
    let output = run(&mut command);
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{}\n{printed}{said}",
        output.status
    );
    println!("{printed}");
}
