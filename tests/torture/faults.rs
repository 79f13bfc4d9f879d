//! Disk full and I/O errors at every call, once and from then on.

use crate::simulate::{hot_states, materialise, scratch, trace};
use crate::table::Row;
use crate::workload::{self, Habits, Variant};
use h5sim::error::Status;
use h5sim::journal::hooks::{self, Fault, Plan};
use h5sim::journal::{journal_path, Access};
use std::path::Path;

/// Runs the workload with one fault and looks at what is left.
fn run_with(path: &Path, variant: &Variant, plan: Plan, habits: Habits) -> Result<(), String> {
    for old in [path.to_path_buf(), journal_path(path)] {
        let _ = std::fs::remove_file(old);
    }
    let mut acknowledged = 0;
    hooks::arm(false, Some(plan));
    let done = workload::run(path, variant, (0, variant.steps), habits, |step| {
        acknowledged = step
    });
    hooks::disarm();
    if let Err(error) = &done {
        if error.starts_with("Internal") || error.starts_with("Format") {
            return Err(format!("the failure was told as {error}"));
        }
    }
    if done.is_ok() && acknowledged != variant.steps {
        return Err(format!("no failure, and {acknowledged} commits"));
    }
    // The disk has room again, and the file is opened.
    if !path.exists() {
        return if acknowledged == 0 {
            Ok(())
        } else {
            Err("the file is gone".into())
        };
    }
    match h5sim::journal::recover(path) {
        Err(error) if acknowledged > 0 => return Err(error.to_string()),
        _ => {}
    }
    let state = workload::state_of(path, Access::Read)?;
    if state == acknowledged || (done.is_err() && state == acknowledged + 1) {
        return Ok(());
    }
    Err(format!(
        "{acknowledged} commits were acknowledged, and the file holds {state}; {done:?}"
    ))
}

/// All faults at every `stride`th call.
pub fn everywhere(variant: &Variant, stride: u64) -> Row {
    let mut row = Row::default();
    let directory = scratch("faults");
    let path = directory.join("fault.h5");
    hooks::arm(false, None);
    let undisturbed = workload::run(
        &path,
        variant,
        (0, variant.steps),
        Habits::default(),
        |_| {},
    );
    let (calls, _) = hooks::disarm();
    row.check(undisturbed, || "undisturbed run".into());
    let plain = Habits::default();
    let kinds = [
        (
            libc::ENOSPC,
            0,
            false,
            Habits {
                retries: true,
                ..plain
            },
        ),
        (libc::ENOSPC, 700, true, plain),
        (
            libc::EIO,
            0,
            false,
            Habits {
                stubborn: true,
                ..plain
            },
        ),
        (libc::EIO, 100, true, plain),
        (
            libc::ENOSPC,
            100,
            false,
            Habits {
                stubborn: true,
                ..plain
            },
        ),
    ];
    for at in (0..calls).step_by(stride as usize) {
        for (number, first, onwards, habits) in kinds {
            let plan = Plan {
                fault: Fault::Error { number, first },
                at,
                onwards,
                reads: false,
            };
            row.check(run_with(&path, variant, plan, habits), || {
                format!("{}: {plan:?}, {habits:?}", variant.name)
            });
        }
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A read that fails, at every `stride`th of them.
pub fn reads(variant: &Variant, stride: u64) -> Row {
    let mut row = Row::default();
    let directory = scratch("reads");
    let path = directory.join("read.h5");
    let plan = |at, onwards| Plan {
        fault: Fault::Error {
            number: libc::EIO,
            first: 0,
        },
        at,
        onwards,
        reads: true,
    };
    let habits = Habits::default();
    hooks::arm(false, Some(plan(u64::MAX, false)));
    let undisturbed = workload::run(&path, variant, (0, variant.steps), habits, |_| {});
    let (calls, _) = hooks::disarm();
    row.check(undisturbed, || "undisturbed run".into());
    for at in (0..calls).step_by(stride as usize) {
        for onwards in [false, true] {
            let plan = plan(at, onwards);
            row.check(run_with(&path, variant, plan, habits), || {
                format!("{}: {plan:?}", variant.name)
            });
        }
    }
    // A recovery that cannot read leaves everything as it is, for the next one.
    let run = trace(variant, &directory).unwrap_or_else(|error| panic!("{error}"));
    for (step, files) in hot_states(&run, false) {
        // A file that is only whole when it is closed is committed once more without a step.
        let first = if variant.lists.persist {
            step - 1
        } else {
            step
        };
        let expected = &run.images[first..=step];
        for at in 0..200 {
            materialise(&run, &files);
            hooks::arm(false, Some(plan(at, false)));
            let disturbed = h5sim::journal::recover(&run.path);
            let (calls, _) = hooks::disarm();
            let again = h5sim::journal::recover(&run.path);
            let bytes = std::fs::read(&run.path).unwrap();
            let outcome = match (&disturbed, &again) {
                (Err(error), _) if error.status != Status::Io => Err(error.to_string()),
                (_, Ok(_)) if expected.iter().any(|images| images.contains(&bytes)) => Ok(()),
                _ => Err(format!("{disturbed:?}, then {again:?}")),
            };
            row.check(outcome, || format!("recovery of step {step}, read {at}"));
            if calls <= at {
                break;
            }
        }
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A commit that fails because the journal found no room succeeds when it is made again.
pub fn retry(variant: &Variant) -> Row {
    let mut row = Row::default();
    let directory = scratch("retry");
    let path = directory.join("retry.h5");
    hooks::arm(true, None);
    let traced = workload::run(
        &path,
        variant,
        (0, variant.steps),
        Habits::default(),
        |_| {},
    );
    let (_, events) = hooks::disarm();
    row.check(traced, || "undisturbed run".into());
    let journal = journal_path(&path);
    let mut call = 0;
    for event in &events {
        let is_header = matches!(event, hooks::TracedCall::Write { path, offset: 0, data }
            if *path == journal && data.starts_with(b"h5simJ"));
        if is_header {
            for old in [&path, &journal] {
                let _ = std::fs::remove_file(old);
            }
            let fault = Fault::Error {
                number: libc::ENOSPC,
                first: 50,
            };
            let plan = Plan {
                fault,
                at: call,
                onwards: false,
                reads: false,
            };
            let habits = Habits {
                retries: true,
                ..Habits::default()
            };
            hooks::arm(false, Some(plan));
            let done = workload::run(&path, variant, (0, variant.steps), habits, |_| {});
            hooks::disarm();
            let outcome = done.and_then(|()| match workload::state_of(&path, Access::Read) {
                Ok(state) if state == variant.steps => Ok(()),
                other => Err(format!("{other:?}")),
            });
            row.check(outcome, || format!("journal full at call {call}"));
        }
        if !matches!(event, hooks::TracedCall::Mark(_)) {
            call += 1;
        }
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}
