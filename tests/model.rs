//! The whole interface against a plain model, at random: tests/python/model.py.

mod common;

use common::{can_mount, python, run, seed, skip, with_mounts, Folder};
use std::path::Path;

/// For how long: a minute, or as many seconds as `make soak` was given.
fn seconds() -> String {
    std::env::var("H5SIM_SOAK").unwrap_or_else(|_| "60".to_owned())
}

#[test]
fn random_programs_do_what_the_model_does() {
    run_programs("model", "16m", &[]);
}

#[test]
fn random_programs_with_large_arrays_and_little_memory_do_what_the_model_does() {
    run_programs("model_large", "512m", &[("H5SIM_LARGE", "1")]);
}

/// Runs programs in a folder of that name, on a disk of that size if one can be made, with variables of the environment.
fn run_programs(name: &str, size: &str, variables: &[(&str, &str)]) {
    let folder = Folder::new(name);
    let seed = seed().to_string();
    let script = python("model.py");
    let mut arguments = vec![folder.path(), script.get_program().as_ref()];
    arguments.extend(script.get_args().map(Path::new));
    let seconds = seconds();
    arguments.extend([Path::new(&seed), Path::new(&seconds), folder.path()]);
    let mut command = if can_mount(&folder) {
        arguments.push(Path::new("disk"));
        with_mounts(
            &format!("mount -t tmpfs -o size={size} none \"$1\"; shift; exec \"$@\""),
            &arguments,
        )
    } else {
        skip("a full disk in the model (cannot mount tmpfs)");
        let mut command = python("model.py");
        command.args(&arguments[3..]);
        command
    };
    let output = run(command.envs(variables.iter().copied()));
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{}\n{printed}{said}",
        output.status
    );
    println!("{printed}");
}
