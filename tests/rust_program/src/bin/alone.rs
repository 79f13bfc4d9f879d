//! Uses h5sim alone: panics and exits are its own.
//!
//! `alone FILE`: commits one record, appends another, panics and catches it, and exits.

use h5sim::{File, Mode};

fn main() {
    let path = std::env::args().nth(1).expect("a path");
    let file = File::open(&path, Mode::Create).expect("the file opens");
    file.append("energy", &1.0).expect("a record");
    file.commit().expect("a commit");
    file.append("energy", &2.0).expect("another record");
    let caught = std::panic::catch_unwind(|| panic!("this panic is the program's own"));
    assert!(caught.is_err());
    println!("committed");
    // Nothing is dropped, and no handler of h5sim's runs: what is open stays at its last commit.
    std::process::exit(0);
}
