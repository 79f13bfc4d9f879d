//! `h5sim check` and `h5sim recover`

use crate::arguments::{Check, Recover};
use crate::output::Done;
use crate::verify;
use h5sim::error::Status;
use h5sim::journal::{self, Finding, Recovery};
use std::path::Path;

pub fn check(arguments: &Check) -> Done {
    let mut worst = 0;
    for file in &arguments.files {
        let status = check_one(file);
        // What cannot be used as it is is not read either.
        let is_whole = !arguments.data || status >= UNUSABLE || verify::everything(file)?;
        worst = worst.max(if is_whole { status } else { UNUSABLE });
    }
    Ok(worst)
}

/// The exit status of a file that cannot be used as it is.
const UNUSABLE: u8 = 3;

pub fn recover(arguments: &Recover) -> Done {
    let statuses = arguments.files.iter().map(|file| recover_one(file));
    Ok(statuses.max().unwrap_or(0))
}

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

fn recover_one(path: &Path) -> u8 {
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

fn check_one(path: &Path) -> u8 {
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
                | Finding::NotHdf5 => UNUSABLE,
            }
        }
        Err(error) => {
            eprintln!("h5sim: {error}");
            4
        }
    }
}
