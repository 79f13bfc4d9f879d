//! Several handles, several processes, other programs, and what is refused to them.

use crate::hdf5::{self, Lists, Values};
use crate::kills;
use crate::python;
use crate::simulate::{self, scratch, scratch_on_disk};
use crate::table::Row;
use crate::workload::{self, make_step, Model, Variant, VARIANTS};
use h5sim::error::{Error, Status};
use h5sim::journal::{self, journal_path, Access, Durability, Ending, Options};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

fn expect<T: std::fmt::Debug>(
    result: Result<T, Error>,
    status: Status,
    word: &str,
) -> Result<(), String> {
    match result {
        Err(error) if error.status == status && error.message.contains(word) => Ok(()),
        other => Err(format!(
            "expected {status:?} with '{word}', found {other:?}"
        )),
    }
}

fn open(path: &Path, access: Access) -> Result<i64, Error> {
    let list = Lists::default().access();
    let file = journal::open(path, access, list, &Options::default());
    hdf5::close_list(list);
    file
}

fn create(path: &Path) -> Result<i64, Error> {
    let list = Lists::default().access();
    let file = journal::create(path, false, 0, list, &Options::default());
    hdf5::close_list(list);
    file
}

fn words(error: Error) -> String {
    format!("{:?}: {}", error.status, error.message)
}

/// Two handles of one process.
pub fn two_handles() -> Row {
    let mut row = Row::default();
    let directory = scratch("handles");
    let path = directory.join("two.h5");
    let variant = VARIANTS[0];
    let outcome = (|| {
        let first = workload::open(&path, &variant, true)?;
        make_step(first, &variant, &Model::default())?;
        journal::commit(first, true).map_err(words)?;
        let second = open(&path, Access::Write).map_err(words)?;
        // What one writes, the other sees and commits.
        make_step(first, &variant, &Model::after(&variant, 1))?;
        if hdf5::listing(second)? != Model::after(&variant, 2).listing() {
            return Err("the second handle sees something else".to_string());
        }
        journal::commit(second, true).map_err(words)?;
        journal::close(first, Ending::Commit).map_err(words)?;
        if !journal_path(&path).exists() {
            return Err("closing one handle removed the journal".to_string());
        }
        make_step(second, &variant, &Model::after(&variant, 2))?;
        expect(create(&path), Status::Locked, "open")?;
        // Reading it in the same process sees what is written, as h5py does.
        let third = open(&path, Access::Read).map_err(words)?;
        if hdf5::listing(third)? != Model::after(&variant, 3).listing() {
            return Err("a reading handle sees something else".to_string());
        }
        journal::close(third, Ending::Commit).map_err(words)?;
        journal::close(second, Ending::Commit).map_err(words)?;
        match workload::state_of(&path, Access::Read)? {
            3 if !journal_path(&path).exists() => Ok(()),
            state => Err(format!("state {state}")),
        }
    })();
    row.check(outcome, || "two handles".into());

    let outcome = (|| {
        // A file opened for reading here is not opened for writing besides.
        let reading = open(&path, Access::Read).map_err(words)?;
        expect(open(&path, Access::Write), Status::Locked, "open")?;
        expect(create(&path), Status::Locked, "open")?;
        journal::close(reading, Ending::Commit).map_err(words)?;
        match workload::state_of(&path, Access::Write)? {
            3 => Ok(()),
            state => Err(format!("state {state}")),
        }
    })();
    row.check(outcome, || "reading and writing handles".into());

    let outcome = (|| {
        // Discarding leaves the last commit, also of a file that has none.
        let file = open(&path, Access::Write).map_err(words)?;
        make_step(file, &variant, &Model::after(&variant, 3))?;
        journal::close(file, Ending::Discard).map_err(words)?;
        let kept = workload::state_of(&path, Access::Read)?;
        let fresh = directory.join("fresh.h5");
        let file = create(&fresh).map_err(words)?;
        make_step(file, &variant, &Model::default())?;
        journal::close(file, Ending::Discard).map_err(words)?;
        let length = std::fs::metadata(&fresh)
            .map_err(|error| error.to_string())?
            .len();
        if (kept, length) == (3, 0) {
            Ok(())
        } else {
            Err(format!("{kept}, {length} bytes"))
        }
    })();
    row.check(outcome, || "discard".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Commits wait for a program that reads the file, and are taken into it when that has gone.
pub fn waiting_commits() -> Row {
    let mut row = Row::default();
    let directory = scratch("waiting");
    let path = directory.join("waiting.h5");
    let variant = VARIANTS[0];
    let state = |expected: usize| {
        let seen = python::listings(&[&path]).remove(0)?;
        let lines = seen.ok_or("h5py refuses the file")?;
        match workload::state_of_listing_under_way(&lines)? {
            state if state == expected => Ok(()),
            state => Err(format!("h5py sees {state} in place of {expected}")),
        }
    };
    let commit = |file, step: usize| {
        make_step(file, &variant, &Model::after(&variant, step))?;
        journal::commit(file, true).map_err(words)
    };
    for ending in ["commit", "nothing new", "step under way", "close", "limit"] {
        let outcome = (|| {
            let list = Lists::default().access();
            let options = Options {
                waiting_limit: if ending == "limit" {
                    3 << 20
                } else {
                    256 << 20
                },
                overlay_limit: if ending == "limit" { 8192 } else { 64 << 20 },
                ..Options::default()
            };
            let file = journal::create(&path, false, 0, list, &options).map_err(words)?;
            hdf5::close_list(list);
            let raw = journal::raw_file(file).map_err(words)?;
            commit(file, 0)?;
            commit(file, 1)?;
            let reader = workload::Reader::of(&path)?;
            let mut before = std::fs::read(&path).unwrap();
            // Behind the end the file grows ahead of what comes.
            before.truncate(simulate::stored_end(&before).ok_or("not HDF5")? as usize);
            let is_as_before = || {
                let now = std::fs::read(&path).unwrap();
                now[..before.len()] == before[..]
            };
            for step in 2..6 {
                commit(file, step)?;
                raw.apply_waiting_commit().map_err(words)?;
                if !is_as_before() {
                    return Err(format!("step {step} changed what the reader sees"));
                }
                state(2)?;
                if hdf5::listing(file)? != Model::after(&variant, step + 1).listing() {
                    return Err("the writer itself sees something else".into());
                }
            }
            if ending == "limit" {
                let mut step = 6;
                while is_as_before() {
                    commit(file, step)?;
                    step += 1;
                    if step > 200 {
                        return Err("no limit".into());
                    }
                }
                state(step)?;
                return journal::close(file, Ending::Commit).map_err(words);
            }
            let mut under_way = 0;
            if ending == "step under way" {
                journal::raw_file(file)
                    .map_err(words)?
                    .append(3000, |address| {
                        under_way = address;
                        &[7; 3000]
                    })
                    .map_err(words)?;
            }
            if ending != "close" {
                drop(reader);
                match ending {
                    "commit" => commit(file, 6)?,
                    _ => raw.apply_waiting_commit().map_err(words)?,
                }
                if ending == "step under way" {
                    // What it has written behind the end is still there.
                    let mut found = [0; 3000];
                    raw.read(under_way, &mut found).map_err(words)?;
                    if found != [7; 3000] {
                        return Err("a step under way has lost bytes".into());
                    }
                }
                state(if ending == "commit" { 7 } else { 6 })?;
            }
            journal::close(file, Ending::Commit).map_err(words)?;
            if journal_path(&path).exists() {
                return Err("a journal is left".into());
            }
            state(if ending == "commit" { 7 } else { 6 })
        })();
        row.check(outcome, || ending.into());
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Without file locks a second writer is found by the journal.
pub fn second_writer() -> Row {
    let mut row = Row::default();
    let directory = scratch("second");
    let path = directory.join("second.h5");
    let outcome = (|| {
        let mut writer = kills::start_without_locks(&path, 0, (0, 4), (-1, 0), 700);
        let mut acknowledged = BufReader::new(writer.stdout.take().unwrap()).lines();
        acknowledged.next();
        let options = Options {
            locking: journal::Locking::Off,
            ..Options::default()
        };
        let list = hdf5::access_without_locks();
        let opened = journal::open(&path, Access::Write, list, &options);
        let word = format!("process {}", writer.id());
        let refused = expect(opened, Status::Locked, &word);
        let created = journal::create(&path, false, 0, list, &options);
        let refused = refused.and(expect(created, Status::Locked, &word));
        let _ = writer.kill();
        let _ = writer.wait();
        refused?;
        // Dead, it is no obstacle.
        let file = journal::open(&path, Access::Write, list, &options).map_err(words)?;
        hdf5::close_list(list);
        journal::close(file, Ending::Commit).map_err(words)
    })();
    row.check(outcome, || "second writer".into());
    // With locks the sentence names the holder as well, and an opening can wait for it.
    let mut writer = kills::start(&path, 0, (0, 2), (-1, 0), 300);
    let outcome = (|| {
        let mut acknowledged = BufReader::new(writer.stdout.take().unwrap()).lines();
        acknowledged.next();
        expect(
            open(&path, Access::Write),
            Status::Locked,
            &format!("process {}", writer.id()),
        )?;
        let list = Lists::default().access();
        let options = Options {
            patience: std::time::Duration::from_secs(30),
            ..Options::default()
        };
        let file = journal::open(&path, Access::Write, list, &options);
        hdf5::close_list(list);
        let file = file.map_err(words)?;
        journal::close(file, Ending::Commit).map_err(words)?;
        match workload::state_of(&path, Access::Read)? {
            2 => Ok(()),
            state => Err(format!("state {state}")),
        }
    })();
    let _ = writer.wait();
    row.check(outcome, || "waiting for the first".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Readers of ours that let the writer change the file between their calls, and notice that it did.
pub fn own_readers() -> Row {
    let mut row = Row::default();
    let directory = scratch("own readers");
    let path = directory.join("live.h5");
    let mut writer = kills::start(&path, 0, (0, 60), (-1, 0), 4);
    let outcome = (|| {
        let mut acknowledged = BufReader::new(writer.stdout.take().unwrap()).lines();
        acknowledged.next();
        let mut file = open(&path, Access::Read).map_err(words)?;
        let mut raw = journal::raw_file(file).map_err(words)?;
        let (mut latest, mut reopened) = (0, 0);
        while writer.try_wait().unwrap().is_none() {
            if raw.refresh().map_err(words)? {
                journal::close(file, Ending::Commit).map_err(words)?;
                file = open(&path, Access::Read).map_err(words)?;
                raw = journal::raw_file(file).map_err(words)?;
                reopened += 1;
            }
            let state = workload::state_of_listing(&hdf5::listing(file)?)?;
            raw.release();
            std::thread::sleep(std::time::Duration::from_millis(2));
            if state < latest {
                return Err(format!("{state} after {latest}"));
            }
            latest = state;
        }
        journal::close(file, Ending::Commit).map_err(words)?;
        let state = workload::state_of(&path, Access::Read)?;
        if reopened < 3 || state != 60 {
            return Err(format!("{reopened} times opened anew, state {state}"));
        }
        Ok(())
    })();
    let _ = writer.kill();
    let _ = writer.wait();
    row.check(outcome, || "refresh".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// The file is long enough for a commit well before it is made: HDF5 notes the end of a file, then waits for the lock, and
/// refuses a file whose data end behind that.
pub fn growth() -> Row {
    let mut row = Row::default();
    let directory = scratch("growth");
    let path = directory.join("growing.h5");
    let outcome = (|| {
        let file = create(&path).map_err(words)?;
        let mut size = 0;
        for step in 0..40 {
            journal::raw_file(file)
                .map_err(words)?
                .append(3000, |_| &[7; 3000])
                .map_err(words)?;
            journal::commit(file, true).map_err(words)?;
            let bytes = std::fs::read(&path).unwrap();
            let end = simulate::stored_end(&bytes).ok_or("not HDF5")?;
            if step > 1 && size < end {
                return Err(format!(
                    "commit {step} ends at {end}, and the file did at {size}"
                ));
            }
            size = bytes.len() as u64;
        }
        journal::close(file, Ending::Commit).map_err(words)
    })();
    row.check(outcome, || "growth".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A file behind an external link is opened by HDF5 itself, with a copy of the first one's property list.
pub fn external_links() -> Row {
    let mut row = Row::default();
    let directory = scratch("links");
    let (near, far) = (directory.join("near.h5"), directory.join("far.h5"));
    let variant = VARIANTS[0];
    let outcome = (|| {
        let steps = (0, 2);
        workload::run(&far, &variant, steps, workload::Habits::default(), |_| {})?;
        let file = create(&near).map_err(words)?;
        hdf5::link_outside(file, "outside", &far)?;
        // A step into the other file, whose own program never commits.
        hdf5::set_attribute(file, "outside", "more", &[1, 2, 3])?;
        journal::commit(file, true).map_err(words)?;
        hdf5::write(
            file,
            "outside/field",
            0,
            &Values::Floats(&[5.0]),
            false,
            false,
        )?;
        journal::close(file, Ending::Commit).map_err(words)?;
        if journal_path(&far).exists() || journal_path(&near).exists() {
            return Err("a journal is left".to_string());
        }
        let file = open(&far, Access::Read).map_err(words)?;
        let lines = hdf5::listing(file)?;
        journal::close(file, Ending::Commit).map_err(words)?;
        let changed = lines.iter().any(|line| line.starts_with("@more i 3 "));
        changed.then_some(()).ok_or(format!("{lines:?}"))
    })();
    row.check(outcome, || "external link".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Another process writes the file: it is locked, left untouched, and its commits are seen.
pub fn two_processes() -> Row {
    let mut row = Row::default();
    let directory = scratch("processes");
    let path = directory.join("live.h5");
    let mut watcher = python::start(&["watch", &path.to_string_lossy()]);
    let mut ask = watcher.stdin.take().unwrap();
    let mut answers = BufReader::new(watcher.stdout.take().unwrap()).lines();
    let mut writer = kills::start(&path, 0, (0, 4), (-1, 0), 1000);
    let mut acknowledged = BufReader::new(writer.stdout.take().unwrap()).lines();
    for step in 1..=3usize {
        let line = acknowledged.next().and_then(Result::ok).unwrap_or_default();
        row.check((line == step.to_string()).then_some(()).ok_or(line), || {
            "acknowledgement".into()
        });
        let before = std::fs::read(&path).unwrap();
        // Stock h5py sees the commit while the writer lives.
        writeln!(ask, "now").unwrap();
        let seen = answers.next().and_then(Result::ok).unwrap_or_default();
        row.check((seen == step.to_string()).then_some(()).ok_or(seen), || {
            format!("h5py, commit {step}")
        });
        row.check(
            workload::state_of(&path, Access::Read).and_then(|state| {
                if state == step {
                    Ok(())
                } else {
                    Err(format!("{state}"))
                }
            }),
            || format!("h5sim, commit {step}"),
        );
        row.check(
            expect(open(&path, Access::Write), Status::Locked, "open"),
            || "open for writing".into(),
        );
        row.check(
            expect(journal::recover(&path), Status::Locked, "open"),
            || "recover".into(),
        );
        row.check(expect(create(&path), Status::Locked, "open"), || {
            "create".into()
        });
        let list = Lists::default().access();
        let plain = Options {
            durability: Durability::None,
            ..Options::default()
        };
        let created = journal::create(&path, false, 0, list, &plain);
        hdf5::close_list(list);
        row.check(expect(created, Status::Locked, "open"), || {
            "create without journal".into()
        });
        let untouched = std::fs::read(&path).unwrap() == before;
        row.check(untouched.then_some(()).ok_or("changed".into()), || {
            "the live file".into()
        });
        let report = journal::check(&path).map(|report| report.finding);
        let open_elsewhere = matches!(report, Ok(journal::Finding::Open));
        row.check(
            open_elsewhere.then_some(()).ok_or(format!("{report:?}")),
            || "check".into(),
        );
    }
    drop(ask);
    let _ = writer.kill();
    let _ = writer.wait();
    let _ = watcher.wait();
    let state = workload::state_of(&path, Access::Write);
    row.check(
        matches!(state, Ok(3 | 4))
            .then_some(())
            .ok_or(format!("{state:?}")),
        || "in the end".into(),
    );
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A stock program truncates the live file: the next commit notices.
pub fn truncated_by_others() -> Row {
    let mut row = Row::default();
    let directory = scratch("truncated");
    let path = directory.join("victim.h5");
    let variant = VARIANTS[0];
    let outcome = (|| {
        let file = workload::open(&path, &variant, true)?;
        make_step(file, &variant, &Model::default())?;
        journal::commit(file, true).map_err(words)?;
        let said = python::run(&["truncate", &path.to_string_lossy()])?;
        if !said.starts_with("refused") {
            return Err(format!("h5py: {said}"));
        }
        // What this changes is in memory: nothing is read from what is left of the file.
        hdf5::set_attribute(file, "/", "step", &[2])?;
        let noticed = expect(journal::commit(file, true), Status::Io, "another program");
        journal::close(file, Ending::Discard).map_err(words)?;
        noticed
    })();
    row.check(outcome, || "truncation by h5py".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A file that a stock writer died with is refused, with what to do.
pub fn marked_open() -> Row {
    let mut row = Row::default();
    let directory = scratch("marked");
    let path = directory.join("dead.h5");
    // The child dies by its own hand, which is no success.
    let _ = python::run(&["die", &path.to_string_lossy()]);
    row.check(
        expect(open(&path, Access::Write), Status::Locked, "h5clear -s"),
        || "open".into(),
    );
    let report = journal::check(&path).map(|report| report.finding);
    let marked = matches!(report, Ok(journal::Finding::MarkedOpen));
    row.check(marked.then_some(()).ok_or(format!("{report:?}")), || {
        "check".into()
    });
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Files of h5py, reopened, changed and committed.
pub fn made_by_h5py(directory: &Path, kind: &str, state: usize) -> Result<Vec<u8>, String> {
    let source = directory.join("source.h5");
    let variant = Variant {
        durability: Durability::None,
        ..VARIANTS[0]
    };
    workload::run(
        &source,
        &variant,
        (0, state),
        workload::Habits::default(),
        |_| {},
    )?;
    let made = directory.join("made.h5");
    python::run(&[
        "make",
        &made.to_string_lossy(),
        kind,
        &source.to_string_lossy(),
    ])?;
    std::fs::read(&made).map_err(|error| error.to_string())
}

/// The kinds of `journal_peer.py`.
pub const KINDS: [&str; 7] = [
    "default",
    "latest",
    "user block",
    "pages",
    "pages kept",
    "free space kept",
    "ordered",
];

/// The most memory that this process ever held, in bytes.
fn peak_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

/// Overwrites this many MiB in one step, in pieces that memory would hold if it were not bounded.
pub fn overwrite(mebibytes: u64) -> Row {
    let mut row = Row::default();
    let directory = scratch_on_disk("overwrite");
    let path = directory.join("large.h5");
    const PIECE: usize = 1 << 16;
    let outcome = (|| {
        let options = Options {
            durability: Durability::Kill,
            overlay_limit: 64 << 20,
            ..Options::default()
        };
        let list = Lists::default().access();
        let file = journal::create(&path, false, 0, list, &options).map_err(words)?;
        hdf5::close_list(list);
        let count = mebibytes << 17;
        hdf5::create_dataset(file, "field", 'f', count, None)?;
        let mut values = vec![1.0; PIECE];
        for start in (0..count).step_by(PIECE) {
            hdf5::write(file, "field", start, &Values::Floats(&values), false, false)?;
        }
        journal::commit(file, true).map_err(words)?;
        // The peak starts anew: other tests have come before.
        std::fs::write("/proc/self/clear_refs", "5").map_err(|error| error.to_string())?;
        let before = peak_memory();
        for start in (0..count).step_by(PIECE) {
            values[0] = start as f64;
            hdf5::write(file, "field", start, &Values::Floats(&values), false, false)?;
        }
        journal::commit(file, true).map_err(words)?;
        let grown = peak_memory() - before;
        journal::close(file, Ending::Commit).map_err(words)?;
        if grown > 80 << 20 {
            return Err(format!("{} MiB of memory", grown >> 20));
        }
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        let found = (0..count).step_by(PIECE).all(|start| {
            let value = (start as f64).to_le_bytes();
            // The dataset's data are the last of the file.
            let at = bytes.len() - (count as usize - start as usize) * 8;
            start == 0 || bytes[at..at + 8] == value
        });
        found
            .then_some(())
            .ok_or("the file does not hold what was written".into())
    })();
    row.check(outcome, || format!("{mebibytes} MiB"));
    let _ = std::fs::remove_dir_all(directory);
    row
}
