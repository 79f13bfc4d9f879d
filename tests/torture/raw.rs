//! The bytes of an open file past HDF5: places, unwritten ranges, a full disk with room again.

use crate::hdf5::{self, Lists, Outcome, Values};
use crate::simulate::scratch;
use crate::table::Row;
use crate::workload::{self, make_step, Habits, Model, Variant, VARIANTS};
use h5sim::error::{Error, Status};
use h5sim::journal::hooks::{self, Fault, Plan};
use h5sim::journal::{self, journal_path, raw_file, Access, Durability, Ending, Options};
use hdf5_sys::h5i::hid_t;
use std::path::Path;

fn words(error: Error) -> String {
    format!("{:?}: {}", error.status, error.message)
}

fn opened(path: &Path, create: bool, durability: Durability) -> Outcome<hid_t> {
    let list = Lists::default().access();
    let options = Options {
        durability,
        ..Options::default()
    };
    let file = if create {
        journal::create(path, false, 0, list, &options)
    } else {
        journal::open(path, Access::Write, list, &options)
    };
    hdf5::close_list(list);
    file.map_err(words)
}

fn require(truth: bool, what: &str) -> Outcome<()> {
    truth.then_some(()).ok_or_else(|| what.to_string())
}

fn bytes_of(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// The values of a dataset as another opening reads them.
fn values_in(path: &Path, dataset: &str) -> Outcome<Vec<f64>> {
    let list = Lists::default().access();
    let file = journal::open(path, Access::Read, list, &Options::default());
    hdf5::close_list(list);
    let file = file.map_err(words)?;
    let values = hdf5::floats(file, dataset);
    journal::close(file, Ending::Commit).map_err(words)?;
    values
}

/// A chunk that HDF5 allocates and we write, and a contiguous dataset that nobody writes.
pub fn places() -> Row {
    let mut row = Row::default();
    let directory = scratch("places");
    for durability in [Durability::Kill, Durability::None] {
        let path = directory.join("places.h5");
        let outcome = (|| {
            let file = opened(&path, true, durability)?;
            let raw = raw_file(file).map_err(words)?;
            hdf5::create_dataset(
                file,
                "chunked",
                'f',
                64,
                Some(hdf5::Chunks {
                    size: 32,
                    gzip: false,
                }),
            )?;
            let values: Vec<f64> = (0..32).map(f64::from).collect();
            let (written, places) = raw
                .noting_places(|nothing| hdf5::write_chunk(file, "chunked", 32, nothing, 32 * 8));
            written?;
            let [(address, 256)] = places[..] else {
                return Err(format!("{places:?}"));
            };
            raw.write(address, &bytes_of(&values)).map_err(words)?;
            let mut back = vec![1; 256];
            raw.read(address, &mut back).map_err(words)?;
            require(back == bytes_of(&values), "read back")?;
            require(raw.is_writable(), "writable")?;
            require(
                raw.is_behind_journal() == (durability == Durability::Kill),
                "behind a journal",
            )?;
            let beyond = raw.read(raw.end() - 10, &mut back);
            match beyond {
                Err(error)
                    if error.status == Status::Format && error.message.contains("places.h5") => {}
                other => return Err(format!("past the end: {other:?}")),
            }
            journal::commit(file, true).map_err(words)?;
            // Below the committed end now.
            raw.write(address, &bytes_of(&[7.5])).map_err(words)?;
            journal::close(file, Ending::Commit).map_err(words)?;
            match raw.read(address, &mut back) {
                Err(error) if error.status == Status::Handle => {}
                other => return Err(format!("after the close: {other:?}")),
            }
            let mut expected = vec![0.0; 32];
            expected.extend(&values);
            expected[32] = 7.5;
            require(values_in(&path, "chunked")? == expected, "values")
        })();
        row.check(outcome, || format!("{durability:?}"));
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Elements that nobody wrote are zeros, whatever was there before.
pub fn unwritten() -> Row {
    let mut row = Row::default();
    let directory = scratch("unwritten");
    let path = directory.join("unwritten.h5");
    for durability in [Durability::Kill, Durability::Power, Durability::None] {
        // Whether the old bytes were committed, and whether the new dataset was before it is filled.
        for (old_committed, new_committed) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            let outcome = (|| {
                let file = opened(&path, true, durability)?;
                let raw = raw_file(file).map_err(words)?;
                hdf5::create_group(file, "g")?;
                let old = vec![7.5; 2000];
                hdf5::create_dataset(file, "old", 'f', 2000, None)?;
                hdf5::write(file, "old", 0, &Values::Floats(&old), false, false)?;
                if old_committed {
                    journal::commit(file, true).map_err(words)?;
                }
                hdf5::delete(file, "old")?;
                let address = hdf5::create_unwritten(file, "new", 2000)?;
                raw.note_unwritten(address, 16_000).map_err(words)?;
                let mut expected = vec![0.0; 2000];
                require(hdf5::floats(file, "new")? == expected, "before")?;
                if new_committed {
                    journal::commit(file, true).map_err(words)?;
                    require(hdf5::floats(file, "new")? == expected, "committed")?;
                }
                raw.write(address + 800, &bytes_of(&[1.5, 2.5]))
                    .map_err(words)?;
                expected[100..102].copy_from_slice(&[1.5, 2.5]);
                require(hdf5::floats(file, "new")? == expected, "a part")?;
                journal::commit(file, true).map_err(words)?;
                require(hdf5::floats(file, "new")? == expected, "a part, committed")?;
                raw.write(address + 8 * 1999, &bytes_of(&[3.5]))
                    .map_err(words)?;
                // What no commit has written is forgotten with the step, where there are commits.
                let ending = if old_committed == new_committed && durability != Durability::None {
                    Ending::Discard
                } else {
                    expected[1999] = 3.5;
                    Ending::Commit
                };
                journal::close(file, ending).map_err(words)?;
                require(values_in(&path, "new")? == expected, "after the close")
            })();
            row.check(outcome, || {
                format!("{durability:?}, old {old_committed}, new {new_committed}")
            });
        }
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A disk that is full from some call of a commit on, and has room again when that has failed: the
/// commit is repeated, and nothing that was accepted is missing.
pub fn room_again(variant: &Variant, stride: usize) -> Row {
    let mut row = Row::default();
    let directory = scratch("room");
    let path = directory.join("room.h5");
    let run = |full_at: usize, plan: Plan| -> Outcome<(u64, bool)> {
        for old in [path.to_path_buf(), journal_path(&path)] {
            let _ = std::fs::remove_file(old);
        }
        let file = workload::open(&path, variant, true)?;
        let (mut calls, mut repeated, mut expected) = (0, false, variant.steps);
        let mut half_applied = false;
        let outcome = (|| -> Outcome<()> {
            let mut model = Model::default();
            for step in 1..=variant.steps {
                make_step(file, variant, &model)?;
                if step == full_at {
                    hooks::arm(false, Some(plan));
                }
                let done = journal::commit(file, true);
                if step == full_at {
                    calls = hooks::disarm().0;
                }
                if let Err(error) = done {
                    if error.message.contains("is safe in") {
                        (expected, half_applied) = (step, true);
                        return Ok(());
                    }
                    repeated = true;
                    journal::commit(file, true)
                        .map_err(|again| format!("{}, then {}", words(error), words(again)))?;
                }
                model = Model::after(variant, step);
            }
            Ok(())
        })();
        let closed = journal::close(file, Ending::Commit);
        outcome?;
        if !half_applied {
            closed.map_err(words)?;
        }
        match workload::state_of(&path, Access::Write)? {
            state if state == expected => Ok((calls, repeated)),
            state => Err(format!("{state} of {expected} steps")),
        }
    };
    let mut repetitions = 0;
    for step in (1..=variant.steps).step_by(stride) {
        for first in [0, 100] {
            for at in 0.. {
                let plan = Plan {
                    fault: Fault::Error {
                        number: libc::ENOSPC,
                        first,
                    },
                    at,
                    onwards: true,
                    reads: false,
                };
                let outcome = run(step, plan);
                let calls = outcome.as_ref().map_or(u64::MAX, |(calls, _)| *calls);
                repetitions += usize::from(matches!(outcome, Ok((_, true))));
                row.check(outcome.map(drop), || {
                    format!("{}: step {step}, from call {at}", variant.name)
                });
                if calls <= at || at > 1000 {
                    break;
                }
            }
        }
    }
    let some = (repetitions > 10)
        .then_some(())
        .ok_or(format!("only {repetitions}"));
    row.check(some, || "repeated commits".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Reserved space lets HDF5 write although the disk is full, and is given back.
pub fn reserved() -> Row {
    let mut row = Row::default();
    let directory = scratch("reserved");
    let path = directory.join("reserved.h5");
    let outcome = (|| {
        let file = opened(&path, true, Durability::Kill)?;
        let raw = raw_file(file).map_err(words)?;
        journal::commit(file, true).map_err(words)?;
        let before = std::fs::metadata(&path)
            .map_err(|error| error.to_string())?
            .len();
        raw.reserve(1 << 20).map_err(words)?;
        let blocks = |path: &Path| {
            use std::os::unix::fs::MetadataExt;
            std::fs::metadata(path).map_or(0, |facts| facts.blocks() * 512)
        };
        require(blocks(&path) >= 1 << 20, "nothing was reserved")?;
        journal::commit(file, true).map_err(words)?;
        require(blocks(&path) < 1 << 19, "nothing was given back")?;
        let after = std::fs::metadata(&path)
            .map_err(|error| error.to_string())?
            .len();
        require(before == after, "the size changed")?;
        let plan = Plan {
            fault: Fault::Error {
                number: libc::ENOSPC,
                first: 0,
            },
            at: 0,
            onwards: true,
            reads: false,
        };
        hooks::arm(false, Some(plan));
        let refused = raw.reserve(1 << 20);
        hooks::disarm();
        match refused {
            Err(error) if error.status == Status::Io && error.message.contains("reserved.h5") => {}
            other => return Err(format!("{other:?}")),
        }
        journal::close(file, Ending::Commit).map_err(words)
    })();
    row.check(outcome, || "reserve".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// Without durability a second opening in this process sees the first, and other writers are kept out.
pub fn without_durability() -> Row {
    let mut row = Row::default();
    let directory = scratch("plain");
    let path = directory.join("plain.h5");
    let variant = Variant {
        durability: Durability::None,
        ..VARIANTS[0]
    };
    let outcome = (|| {
        let first = workload::open(&path, &variant, true)?;
        require(!journal_path(&path).exists(), "a journal")?;
        make_step(first, &variant, &Model::default())?;
        let second = opened(&path, false, Durability::None)?;
        make_step(second, &variant, &Model::after(&variant, 1))?;
        require(
            hdf5::listing(first)? == Model::after(&variant, 2).listing(),
            "the first handle sees something else",
        )?;
        journal::close(first, Ending::Commit).map_err(words)?;
        make_step(second, &variant, &Model::after(&variant, 2))?;
        journal::commit(second, true).map_err(words)?;
        journal::close(second, Ending::Commit).map_err(words)?;
        match workload::state_of(&path, Access::Read)? {
            3 => Ok(()),
            state => Err(format!("state {state}")),
        }
    })();
    row.check(outcome, || "two openings".into());
    // A disk that is full when the file is closed, with room again before.
    let outcome = (|| {
        let habits = Habits::default();
        workload::run(&path, &variant, (0, 2), habits, |_| {})?;
        let file = workload::open(&path, &variant, false)?;
        let plan = Plan {
            fault: Fault::Error {
                number: libc::ENOSPC,
                first: 0,
            },
            at: 0,
            onwards: true,
            reads: false,
        };
        hdf5::set_attribute(file, "/", "more", &[1, 2, 3])?;
        hooks::arm(false, Some(plan));
        let refused = journal::commit(file, true);
        hooks::disarm();
        require(
            matches!(&refused, Err(error) if error.status == Status::Io),
            "a commit on a full disk",
        )?;
        journal::commit(file, true).map_err(words)?;
        journal::close(file, Ending::Commit).map_err(words)?;
        let list = Lists::default().access();
        let file = journal::open(&path, Access::Read, list, &Options::default()).map_err(words)?;
        hdf5::close_list(list);
        let lines = hdf5::listing(file)?;
        journal::close(file, Ending::Commit).map_err(words)?;
        require(
            lines.iter().any(|line| line.starts_with("@more i 3 ")),
            "the attribute is missing",
        )
    })();
    row.check(outcome, || "full disk".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}

/// A way to open a file.
type Way<'a> = &'a dyn Fn() -> Result<hid_t, Error>;

/// What is no regular file is refused at once, by every way in.
pub fn irregular() -> Row {
    let mut row = Row::default();
    let directory = scratch("irregular");
    let fifo = directory.join("fifo");
    let name = std::ffi::CString::new(fifo.to_string_lossy().as_bytes()).unwrap();
    // SAFETY: the name is NUL-terminated.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let socket = directory.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let places = [
        fifo,
        socket,
        directory.clone(),
        Path::new("/dev/null").to_path_buf(),
    ];
    for path in &places {
        for durability in [Durability::None, Durability::Kill] {
            let options = Options {
                durability,
                ..Options::default()
            };
            let ways: [(&str, Way<'_>); 3] = [
                ("r", &|| journal::open(path, Access::Read, 0, &options)),
                ("r+", &|| journal::open(path, Access::Write, 0, &options)),
                ("w", &|| journal::create(path, false, 0, 0, &options)),
            ];
            for (mode, way) in ways {
                let outcome = match way() {
                    Err(error)
                        if error.status == Status::Io
                            && error.message.contains(&*path.to_string_lossy()) =>
                    {
                        Ok(())
                    }
                    other => Err(format!("{other:?}")),
                };
                row.check(outcome, || {
                    format!("{}, {mode}, {durability:?}", path.display())
                });
            }
        }
    }
    let _ = std::fs::remove_dir_all(directory);
    row
}
