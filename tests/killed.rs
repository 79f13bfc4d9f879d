//! C clients that are killed, and what the next opening finds.

#![forbid(unsafe_code)]

mod common;

use common::{client, command_line, compile_c, compile_test, run, seed, succeed, Folder, Random};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// The command line: its exit status and what it printed.
fn h5sim(task: &str, file: &Path) -> (i32, String) {
    let output = run(command_line().arg(task).arg(file));
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.code().expect("an exit status"),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

#[test]
fn the_killed_example_goes_on_after_its_last_commit() {
    let folder = Folder::new("killed-example");
    let program = folder.join("06_killed");
    compile_c("examples_c/06_killed.c", &program);
    let output = run(client(&program).arg("3").current_dir(folder.path()));
    assert_eq!(output.status.signal(), Some(9));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "step 1: committed\nstep 2: committed\nstep 3: killed\n"
    );
    let file = folder.join("killed.hdf5");
    let (status, sentence) = h5sim("check", &file);
    assert_eq!(status, 1, "{sentence}");
    assert!(sentence.contains("holds its last commit"), "{sentence}");
    assert_eq!(
        succeed(client(&program).current_dir(folder.path())),
        "goes on after step 2: 2 energies, and the field is that of step 2\n\
         step 3: committed\nstep 4: committed\nstep 5: committed\nstep 6: committed\n"
    );
    assert_eq!(h5sim("check", &file).0, 0);
    assert!(!folder.join("killed.hdf5-journal").exists());
}

#[test]
fn the_command_line_recovers_what_was_killed() {
    let folder = Folder::new("killed-recover");
    let program = folder.join("06_killed");
    compile_c("examples_c/06_killed.c", &program);
    run(client(&program).arg("4").current_dir(folder.path()));
    let file = folder.join("killed.hdf5");
    let (status, sentence) = h5sim("recover", &file);
    assert_eq!(status, 0, "{sentence}");
    assert!(sentence.contains("at its last commit"), "{sentence}");
    assert!(!folder.join("killed.hdf5-journal").exists());
    let (status, sentence) = h5sim("recover", &file);
    assert_eq!(status, 0);
    assert!(sentence.contains("already"), "{sentence}");
    let printed = succeed(client(&program).current_dir(folder.path()));
    assert!(
        printed.starts_with("goes on after step 3: 3 energies"),
        "{printed}"
    );

    let (status, sentence) = h5sim("recover", &folder.join("nothing"));
    assert_eq!(status, 4);
    assert!(sentence.contains("there is no file"), "{sentence}");
    let (status, sentence) = h5sim("check", &program);
    assert_eq!(status, 3);
    assert!(sentence.contains("not an HDF5 file"), "{sentence}");
    assert_eq!(h5sim("mend", &file).0, 64);
}

#[test]
fn a_killed_client_finds_its_last_commit_whatever_it_was_doing() {
    let mut random = Random(seed());
    let folder = Folder::new("killed-client");
    let program = folder.join("killed");
    compile_c("tests/c/killed.c", &program);
    let options = [
        "{}",
        "{\"libver\": \"latest\"}",
        "{\"durability\": \"power\"}",
        "{\"libver\": \"latest\", \"autocommit\": 0}",
    ];
    let mut interrupted = 0;
    for (number, options) in options.iter().enumerate() {
        let file = folder.join(format!("client {number}.h5"));
        let mut state = 0;
        for kill in 0..25 {
            if state > 40 {
                std::fs::remove_file(&file).expect("the file");
                state = 0;
            }
            let mut child = client(&program)
                .args([
                    "work".as_ref(),
                    file.as_os_str(),
                    options.as_ref(),
                    "8".as_ref(),
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the client");
            std::thread::sleep(Duration::from_micros(3000 + random.next() % 20_000));
            child.kill().expect("a kill");
            let (mut printed, mut complaint) = (String::new(), String::new());
            child
                .stdout
                .take()
                .expect("a pipe")
                .read_to_string(&mut printed)
                .expect("text");
            child
                .stderr
                .take()
                .expect("a pipe")
                .read_to_string(&mut complaint)
                .expect("text");
            let status = child.wait().expect("an end");
            assert!(status.code().is_none_or(|code| code == 0), "{complaint}");
            interrupted += usize::from(status.code().is_none());
            // The last line may have been cut.
            let whole = printed.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let acknowledged = whole
                .lines()
                .next_back()
                .map_or(state, |line| line.parse().expect("a step"));
            let context = format!("{options}, kill {kill}: {acknowledged} was acknowledged");
            let empty = std::fs::metadata(&file).map_or(true, |facts| facts.len() == 0);
            let found = if empty || h5sim("check", &file).1.contains("nothing was committed") {
                0
            } else {
                let read = succeed(client(&program).args([
                    "verify".as_ref(),
                    file.as_os_str(),
                    "r".as_ref(),
                ]));
                let found: i64 = read.trim().parse().expect("a step");
                let recovered = succeed(client(&program).args([
                    "verify".as_ref(),
                    file.as_os_str(),
                    "r+".as_ref(),
                ]));
                assert_eq!(read, recovered, "{context}");
                found
            };
            assert!(
                found == acknowledged || found == acknowledged + 1,
                "{context}, {found} found"
            );
            state = found;
        }
    }
    // Most of them died in the middle of their work.
    assert!(
        interrupted >= 20,
        "{interrupted} of 100 were killed before they ended"
    );
}

#[test]
fn a_new_file_is_nobody_elses_before_its_first_commit() {
    let folder = Folder::new("new-file");
    let program = compile_test("new_file", &folder);
    succeed(client(program).arg(folder.path()));
}
