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

#[test]
fn random_programs_on_many_ranks_do_as_on_one_process() {
    let folder = Folder::new("ranks-model");
    let seed = seed().to_string();
    let program = common::root().join("target/release/h5sim");
    let cases = std::env::var("H5SIM_CASES").unwrap_or_else(|_| "40".to_owned());
    let printed = succeed(
        python("ranks_model.py")
            .env("H5SIM_PROGRAM", program)
            .args([&seed, &cases])
            .arg(folder.path()),
    );
    print!("{printed}");
}
