//! Children of a process with open files: they harm nothing, and can have files of their own.

use crate::hdf5::{self, Lists, Outcome};
use crate::simulate::scratch;
use crate::table::Row;
use crate::workload::{self, make_step, Habits, Model, VARIANTS};
use h5sim::error::Status;
use h5sim::journal::{self, journal_path, process, raw_file, Access, Ending, Options};
use std::path::Path;

fn words(error: h5sim::error::Error) -> String {
    format!("{:?}: {}", error.status, error.message)
}

/// How a child is made.
#[derive(Clone, Copy, Debug)]
enum Way {
    Fork,
    RawClone,
}

/// Runs `body` in a child and gives what it says; nothing of the child's memory comes back.
fn in_child(way: Way, directory: &Path, body: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    let said = directory.join("said");
    // SAFETY: this program has one thread, so that a child can do everything.
    let child = unsafe {
        match way {
            Way::Fork => libc::fork(),
            Way::RawClone => {
                libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) as libc::pid_t
            }
        }
    };
    if child == 0 {
        let outcome = body();
        let text = outcome.err().unwrap_or_else(|| "fine".into());
        let _ = std::fs::write(&said, text);
        // SAFETY: ends the child without this program's own handlers.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: the child is ours, and the place is valid.
    unsafe { libc::waitpid(child, &mut status, 0) };
    let text = std::fs::read_to_string(&said).unwrap_or_default();
    let _ = std::fs::remove_file(&said);
    if text == "fine" {
        Ok(())
    } else {
        Err(format!("the child says '{text}', status {status}"))
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, h5sim::error::Error>) -> Outcome<()> {
    match result {
        Err(error) if error.status == Status::Handle && error.message.contains("fork") => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// All that a child may try with its parent's file, and a file of its own.
fn disturb(file: i64, path: &Path, own: &Path) -> Outcome<()> {
    let variant = VARIANTS[0];
    refused(journal::commit(file, true))?;
    refused(raw_file(file))?;
    refused(journal::can_append(file))?;
    refused(journal::close(file, Ending::Commit))?;
    refused(journal::close(file, Ending::Discard))?;
    // Past our own doors: HDF5 changes what it holds of the file, flushes and closes it.
    let _ = hdf5::set_attribute(file, "/", "step", &[77]);
    let _ = hdf5::create_group(file, "made by the child");
    hdf5::flush_and_close(file);
    if process::generation() == 1 || !process::hdf5_is_usable() {
        return Err("no new generation".into());
    }
    // The parent holds it.
    match journal::open(path, Access::Write, 0, &Options::default()) {
        Err(error) if error.status == Status::Locked => {}
        other => return Err(format!("the parent's file: {other:?}")),
    }
    workload::run(own, &variant, (0, 2), Habits::default(), |_| {})?;
    match workload::state_of(own, Access::Read)? {
        2 => Ok(()),
        state => Err(format!("state {state} of the child's own file")),
    }
}

/// Children of all kinds, beside a parent that goes on, and one that dies.
pub fn children() -> Row {
    let mut row = Row::default();
    let directory = scratch("forks");
    let (path, own) = (directory.join("parent.h5"), directory.join("child.h5"));
    let variant = VARIANTS[0];
    for way in [Way::Fork, Way::RawClone] {
        let outcome = (|| {
            let file = workload::open(&path, &variant, true)?;
            let raw = raw_file(file).map_err(words)?;
            make_step(file, &variant, &Model::default())?;
            journal::commit(file, true).map_err(words)?;
            make_step(file, &variant, &Model::after(&variant, 1))?;
            let before = (std::fs::read(&path), std::fs::read(journal_path(&path)));
            in_child(way, &directory, || {
                refused(raw.read(0, &mut [0; 8]))?;
                refused(raw.write(0, &[0; 8]))?;
                refused(raw.note_unwritten(0, 8))?;
                disturb(file, &path, &own)
            })?;
            let after = (std::fs::read(&path), std::fs::read(journal_path(&path)));
            if before.0.unwrap() != after.0.unwrap() || before.1.unwrap() != after.1.unwrap() {
                return Err("the child changed something".into());
            }
            journal::commit(file, true).map_err(words)?;
            make_step(file, &variant, &Model::after(&variant, 2))?;
            journal::close(file, Ending::Commit).map_err(words)?;
            match workload::state_of(&path, Access::Read)? {
                3 if !journal_path(&path).exists() => Ok(()),
                state => Err(format!("state {state}")),
            }
        })();
        row.check(outcome, || format!("{way:?}"));
    }
    // A grandchild holds copies of everything, its parent dies, and the file is free.
    let outcome = (|| {
        let _ = std::fs::remove_file(&path);
        let ready = directory.join("ready");
        in_child(Way::Fork, &directory, || {
            let file = workload::open(&path, &variant, true)?;
            make_step(file, &variant, &Model::default())?;
            journal::commit(file, true).map_err(words)?;
            make_step(file, &variant, &Model::after(&variant, 1))?;
            // SAFETY: one thread.
            if unsafe { libc::fork() } == 0 {
                let _ = std::fs::write(&ready, "");
                std::thread::sleep(std::time::Duration::from_secs(3));
                // SAFETY: ends the process.
                unsafe { libc::_exit(0) };
            }
            while !ready.exists() {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Ok(())
        })?;
        let list = Lists::default().access();
        let file = journal::open(&path, Access::Write, list, &Options::default());
        hdf5::close_list(list);
        let file = file.map_err(words)?;
        let found = hdf5::listing(file)?;
        journal::close(file, Ending::Commit).map_err(words)?;
        match workload::state_of_listing(&found)? {
            1 => Ok(()),
            state => Err(format!("state {state}")),
        }
    })();
    row.check(outcome, || "the parent dies".into());
    let _ = std::fs::remove_dir_all(directory);
    row
}
