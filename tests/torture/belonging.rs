//! Journals beside the right file, the wrong file, and other states of the right file.

use crate::simulate::{hot_states, materialise, scratch, trace, Random, Run};
use crate::table::Row;
use crate::workload::{self, Variant};
use h5sim::journal::{self, journal_path, Access, Durability, Options};
use std::path::Path;

fn place(path: &Path, file: &[u8], waiting: &[u8]) {
    for old in [path.to_path_buf(), journal_path(path)] {
        let _ = std::fs::remove_file(old);
    }
    std::fs::write(path, file).unwrap();
    std::fs::write(journal_path(path), waiting).unwrap();
}

/// All pairings of hot journals with files, somewhere else than where they were made.
pub fn pairs(variant: &Variant) -> Row {
    let mut row = Row::default();
    let directory = scratch("belonging");
    let elsewhere = scratch("belonging elsewhere");
    let run = trace(variant, &directory).unwrap();
    let other = Variant {
        bulk: variant.bulk + 64,
        ..*variant
    };
    let other = trace(&other, &scratch("belonging other")).unwrap();
    let copy = elsewhere.join("copy.h5");
    for (step, files) in hot_states(&run, false) {
        let waiting = &files[&journal_path(&run.path)];
        // A copied pair is replayed.
        place(&copy, &files[&run.path], waiting);
        let recovered = journal::recover(&copy).map_err(|error| error.to_string());
        let outcome = recovered.and_then(|_| same(&copy, &run.images[step]));
        row.check(outcome, || format!("pair of step {step}"));
        // Read-only, it is read as replayed, and nothing is changed.
        place(&copy, &files[&run.path], waiting);
        row.check(read_only(&copy, step), || format!("read-only, step {step}"));
        row.check(same(&copy, std::slice::from_ref(&files[&run.path])), || {
            "the file was changed".into()
        });
        row.check(
            same(&journal_path(&copy), std::slice::from_ref(waiting)),
            || "the journal was changed".into(),
        );
        // Beside a later state it is refused.
        for (later, images) in run.images.iter().enumerate().skip(step + 1) {
            place(&copy, &images[0], waiting);
            let outcome = journal::recover(&copy).map_err(|error| error.to_string());
            let outcome = outcome.and_then(|_| same(&copy, &images[..1]));
            row.check(outcome, || {
                format!("journal of step {step} beside step {later}")
            });
        }
        // And beside another file.
        for images in &other.images[step..=step + 1] {
            place(&copy, &images[0], waiting);
            let outcome = journal::recover(&copy).map_err(|error| error.to_string());
            let outcome = outcome.and_then(|_| same(&copy, &images[..1]));
            row.check(outcome, || {
                format!("journal of step {step} beside another file")
            });
        }
        // Creating a file over it makes it go.
        place(&copy, &files[&run.path], waiting);
        let file = workload::open(&copy, variant, true);
        let outcome = file.and_then(|file| {
            journal::close(file, journal::Ending::Commit).map_err(|error| error.to_string())?;
            let state = workload::state_of(&copy, Access::Read)?;
            let gone = !journal_path(&copy).exists() && state == 0;
            gone.then_some(())
                .ok_or("the old journal lives on".to_string())
        });
        row.check(outcome, || "creation over a hot journal".into());
    }
    drop(run);
    row
}

fn same(path: &Path, images: &[Vec<u8>]) -> Result<(), String> {
    let found = std::fs::read(path).unwrap();
    if images.contains(&found) {
        return Ok(());
    }
    Err(format!(
        "{} holds other bytes than it should",
        path.display()
    ))
}

fn read_only(path: &Path, step: usize) -> Result<(), String> {
    let report = journal::check(path).map_err(|error| error.to_string())?;
    if report.finding != journal::Finding::CommitInJournal {
        return Err(report.sentence);
    }
    match workload::state_of(path, Access::Read)? {
        state if state == step => Ok(()),
        state => Err(format!("state {state}")),
    }
}

/// What lies past the committed end is never mistaken for a part of the file.
pub fn tails(run: &Run, seed: u64) -> Row {
    let mut row = Row::default();
    let mut random = Random(seed | 1);
    for (step, images) in run.images.iter().enumerate().skip(1) {
        let mut files = run.initial.clone();
        let mut bytes = images[0].clone();
        bytes.extend((0..1 + random.below(9000)).map(|_| random.next() as u8));
        files.insert(run.path.clone(), bytes);
        materialise(run, &files);
        let options = Options {
            durability: Durability::Kill,
            ..Options::default()
        };
        let list = crate::hdf5::Lists::default().access();
        let opened = journal::open(&run.path, Access::Write, list, &options);
        crate::hdf5::close_list(list);
        let outcome = opened.and_then(|file| journal::close(file, journal::Ending::Discard));
        let outcome = outcome.map_err(|error| error.to_string());
        row.check(outcome.and_then(|()| same(&run.path, &images[..1])), || {
            format!("step {step}")
        });
    }
    row
}
