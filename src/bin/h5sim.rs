//! The command line beside the library: looks after files whose writer was killed.

#![forbid(unsafe_code)]

use h5sim::error::Status;
use h5sim::journal::{self, Finding, Recovery};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
h5sim looks after HDF5 files whose writer was killed.

    h5sim check FILE...      say in which state a file is; changes nothing
    h5sim recover FILE...    bring a file to its last commit, as the next opening for writing does

Exit status of check: 0 the file is whole; 1 `h5sim recover` or the next opening completes it;
2 another program has it open; 3 it cannot be used as it is; 4 it could not be read.
Exit status of recover: 0 the file is at its last commit; 2 another program has it open;
3 it cannot be recovered; 4 it could not be read or written. With several files: the largest.
";

/// Says what a recovery did.
fn tell(path: &Path, done: &Recovery) -> String {
    let name = path.display();
    let mut parts = Vec::new();
    if let Some(bytes) = done.replayed {
        parts.push(format!(
            "the last commit was completed from the journal ({bytes} bytes)"
        ));
    }
    if done.emptied {
        parts.push("nothing had been committed, and the file is empty now".into());
    }
    if done.cut > 0 {
        parts.push(format!(
            "{} bytes of a step that was not committed were removed",
            done.cut
        ));
    }
    if done.removed_journal {
        parts.push("a journal without a commit was removed".into());
    }
    if done.refused_journal {
        parts.push(format!(
            "the journal beside it belongs to another file, or to an earlier state of this one, and was renamed to '{name}-journal.refused'"
        ));
    }
    if parts.is_empty() {
        parts.push("was at its last commit already".into());
        return format!("'{name}' {}", parts[0]);
    }
    format!("'{name}' is at its last commit: {}", parts.join("; "))
}

fn recover(path: &Path) -> u8 {
    match journal::recover(path) {
        Ok(done) => {
            println!("{}", tell(path, &done));
            0
        }
        Err(error) => {
            eprintln!("h5sim: {error}");
            match error.status {
                Status::Locked => 2,
                Status::Format => 3,
                _ => 4,
            }
        }
    }
}

fn check(path: &Path) -> u8 {
    match journal::check(path) {
        Ok(report) => {
            println!("{}", report.sentence);
            match report.finding {
                Finding::Clean => 0,
                Finding::CommitInJournal | Finding::Unfinished | Finding::NothingCommitted => 1,
                Finding::Open => 2,
                Finding::MarkedOpen
                | Finding::JournalMissing
                | Finding::Truncated
                | Finding::NotHdf5 => 3,
            }
        }
        Err(error) => {
            eprintln!("h5sim: {error}");
            4
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let task = match arguments.first().and_then(|word| word.to_str()) {
        Some("check") => check,
        Some("recover") => recover,
        Some("--help" | "-h" | "help") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some("--version") => {
            println!("h5sim {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(64);
        }
    };
    let files = &arguments[1..];
    if files.is_empty() {
        eprint!("{USAGE}");
        return ExitCode::from(64);
    }
    ExitCode::from(
        files
            .iter()
            .map(|name| task(Path::new(name)))
            .max()
            .unwrap_or(0),
    )
}
