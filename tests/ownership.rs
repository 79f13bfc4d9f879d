//! One owner for each open file: handles, forks, exits, full disks, short memory.
//!
//! Each case is a process of its own, so that one that is ended by a signal is one failure.

mod common;

use common::{can_mount, client, compile_test, python, run, skip, succeed, with_mounts, Folder};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A case of tests/python/ownership.py.
fn case(name: &str) {
    let folder = Folder::new(name);
    succeed(python("ownership.py").arg(name).arg(folder.path()));
}

/// Runs all, and then tells of those that failed.
fn all(commands: impl IntoIterator<Item = (String, Command)>) {
    let failures: Vec<String> = commands
        .into_iter()
        .filter_map(|(name, mut command)| {
            let output = run(&mut command);
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let is_well = output.status.success() && said.is_empty();
            (!is_well).then(|| format!("{name}: {}\n{printed}{said}", output.status))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            case(stringify!($name));
        })*

        /// A case that nobody runs proves nothing.
        #[test]
        fn every_case_of_the_script_is_run() {
            let script = common::root().join("tests/python/ownership.py");
            let script = fs::read_to_string(script).expect("ownership.py");
            let defined: Vec<&str> = script
                .lines()
                .filter_map(|line| line.strip_prefix("def ")?.split_once("(path"))
                .filter(|(name, rest)| *name != "series" && !rest.is_empty())
                .map(|(name, _)| name)
                .collect();
            assert_eq!(defined, [$(stringify!($name)),*]);
        }
    };
}

cases! {
    two_handles_append_to_one_series
    appends_through_many_handles_without_looking
    a_reader_of_the_process_sees_what_is_not_committed
    modes_that_do_not_fit_are_refused
    other_names_of_the_file_have_the_same_owner
    another_file_of_the_same_name_has_an_owner_of_its_own
    what_one_changes_the_other_finds_changed
    closing_without_having_written
    closing_after_having_written
    a_commit_by_any_is_a_commit_of_all
    the_last_close_commits
    overwriting_keeps_attributes
    never_written_elements_are_fill
    a_series_grown_over_deleted_bytes_is_its_records
    texts_of_c_programs
    numbers_out_of_range_have_their_statuses
    what_is_no_file_is_refused_at_once
    a_damaged_object_does_not_hide_the_others
    one_writer_before_its_first_change
}

fn forks(what: &str) {
    let folder = Folder::new("forked");
    let program = compile_test("forked", &folder);
    all(["fork", "_Fork", "clone"].map(|way| {
        let work = folder.join(format!("{way}-{what}"));
        fs::create_dir(&work).expect("a folder");
        let mut command = client(&program);
        command.arg(work).args([way, what]);
        (format!("{way} {what}"), command)
    }));
}

#[test]
fn a_child_cannot_use_its_parents_handles() {
    forks("inherited");
}

#[test]
fn a_child_opens_files_of_its_own() {
    forks("own");
}

#[test]
fn a_child_does_not_wait_for_threads_that_it_has_not() {
    forks("busy");
}

#[test]
fn a_child_keeps_no_lock_alive() {
    forks("lock");
}

#[test]
fn other_programs_inherit_no_file() {
    forks("program");
}

#[test]
fn exit_handlers_of_the_host_may_write() {
    let folder = Folder::new("exit_handlers");
    let program = compile_test("exit_handlers", &folder);
    let all_of_it = ["first", "handler", "s"];
    // How, the objects at the end, and the records of the series.
    let expected: [(&str, &[&str], &str); 7] = [
        ("write", &all_of_it, "[0.0, 1.0, 2.0]"),
        ("committed", &["first", "s"], "[0.0]"),
        ("commits", &all_of_it, "[0.0, 1.0]"),
        ("closes", &all_of_it, "[0.0, 1.0]"),
        ("opens", &all_of_it, "[0.0, 1.0]"),
        ("leaves", &all_of_it, "[0.0, 1.0]"),
        ("finalizes", &all_of_it, "[0.0, 1.0]"),
    ];
    let look = "import h5py, sys\n\
                file = h5py.File(sys.argv[1])\n\
                assert list(file) == sys.argv[3:], list(file)\n\
                assert str(file['s'][...].tolist()) == sys.argv[2], file['s'][...]";
    all(expected.iter().flat_map(|(how, objects, records)| {
        let file = folder.join(format!("{how}.h5"));
        let mut first = client(&program);
        first.arg(&file).arg(how);
        let mut second = Command::new(common::root().join("target/venv/bin/python"));
        second
            .args(["-c", look])
            .arg(file)
            .arg(records)
            .args(*objects);
        [
            ((*how).to_owned(), first),
            (format!("the file of {how}"), second),
        ]
    }));
}

#[test]
fn short_memory_is_an_error_and_ends_nobody() {
    let folder = Folder::new("short_memory");
    let program = compile_test("short_memory", &folder);
    all([("short memory".to_owned(), {
        let mut command = client(&program);
        command.arg(folder.path());
        command
    })]);
}

#[test]
fn the_librarys_threads_take_no_signals_of_the_host() {
    let folder = Folder::new("signals");
    let program = compile_test("signals", &folder);
    succeed(client(&program).arg(folder.path()));
}

fn room_again(how: &str) {
    let folder = Folder::new("room_again");
    let disk = Folder::new("room_disk");
    if !can_mount(&disk) {
        return skip("full disk and room again (cannot mount tmpfs)");
    }
    let program = compile_test("room_again", &folder);
    let command = |then: &str, script: &str| {
        let arguments: [&Path; 4] = [disk.path(), &program, Path::new(how), Path::new(then)];
        let command = with_mounts(
            &format!("mount -t tmpfs -o size=2m none \"$1\"; {script}"),
            &arguments,
        );
        (format!("{how}, {then}"), command)
    };
    let once = "exec \"$2\" \"$1\" \"$3\" \"$4\"";
    let then_look = "\"$2\" \"$1\" \"$3\" \"$4\"; rm \"$1\"/rest; exec \"$2\" \"$1\" \"$3\" look";
    all([
        command("commit", once),
        command("close", once),
        command("again", once),
        command("work", once),
        command("exit", then_look),
    ]);
}

#[test]
fn what_a_full_disk_refuses_has_done_nothing() {
    let folder = Folder::new("whole_or_not");
    let disk = Folder::new("whole_disk");
    if !can_mount(&disk) {
        return skip("refused calls on a full disk (cannot mount tmpfs)");
    }
    let program = compile_test("whole_or_not", &folder);
    let script = "mount -t tmpfs -o size=16m none \"$1\" && exec \"$2\" \"$1\"";
    all([(
        "refused".to_owned(),
        with_mounts(script, &[disk.path(), &program]),
    )]);
}

#[test]
fn writes_on_a_full_disk() {
    room_again("write");
}

#[test]
fn records_of_many_chunks_on_a_full_disk() {
    room_again("chunks");
}

#[test]
fn appends_on_a_full_disk() {
    room_again("append");
}

#[test]
fn deletions_on_a_full_disk() {
    room_again("delete");
}

#[test]
fn overwriting_on_a_full_disk() {
    room_again("overwrite");
}

#[test]
fn replacing_on_a_full_disk() {
    room_again("replace");
}
