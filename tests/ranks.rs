//! One file of many ranks, which are forked processes.

mod common;

use common::{python, seed, succeed, Folder};

#[test]
fn ranks_write_one_file_and_no_kill_or_misuse_of_one_harms_the_others() {
    let folder = Folder::new("ranks");
    let seed = seed().to_string();
    let program = common::root().join("target/release/h5sim");
    let printed = succeed(
        python("ranks.py")
            .env("H5SIM_PROGRAM", program)
            .args([&seed, "40"])
            .arg(folder.path()),
    );
    print!("{printed}");
}
