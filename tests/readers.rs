//! Other processes: what readers see of a file that is written, and what a second writer may do.
//!
//! H5SIM_READERS says how often each program looks: 100 times in `make test`, 1,000 times in `make torture`.

mod common;

use common::{python, succeed, Folder};

/// A case of tests/python/readers.py.
fn case(name: &str) {
    let folder = Folder::new(name);
    let output = succeed(python("readers.py").arg(name).arg(folder.path()));
    println!("{output}");
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
            let script = common::root().join("tests/python/readers.py");
            let script = std::fs::read_to_string(script).expect("readers.py");
            let (_, cases) = script.split_once("# The cases.").expect("its cases");
            let helpers = ["one", "field", "data_end"];
            let defined: Vec<&str> = cases
                .lines()
                .filter_map(|line| line.strip_prefix("def ")?.strip_suffix("(path):"))
                .filter(|name| !helpers.contains(name))
                .collect();
            assert_eq!(defined, [$(stringify!($name)),*]);
        }
    };
}

cases! {
    every_program_sees_one_commit
    few_are_refused_at_ten_commits_a_second
    a_handle_moves_on_by_itself
    a_long_read_beside_fast_commits
    writers_that_come_while_a_handle_reads
    readers_that_stay_overlap_and_die
    kills_with_commits_waiting
    a_restart_beside_a_reader
    emptying_beside_a_reader_is_refused
    a_second_writer_is_named
    a_journal_that_was_taken_away_is_told
    an_opening_waits
    a_close_waits_for_readers
    the_bound_for_waiting_commits
    without_locks_a_call_sees_one_commit_or_says_so
    elements_that_no_commit_has_written_are_zeros
    the_file_grows_ahead_and_is_cut_at_the_close
    a_name_that_leads_elsewhere
}
