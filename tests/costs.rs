//! What calls cost, counted and not timed: instructions, system calls, memory.

mod common;

use common::{client, compile_test, run, succeed, Folder};
use h5sim::journal::hooks::{self, TracedCall};
use h5sim::{Durability, File, Mode, Open, Write};
use std::fs;

/// The instructions of the same calls of a case among so many objects.
fn instructions(case: &str, many: usize) -> u64 {
    let folder = Folder::new(case);
    let program = compile_test("costs", &folder);
    let mut command = client("valgrind");
    command
        .current_dir(folder.path())
        .args(["--quiet", "--tool=callgrind", "--toggle-collect=measured*"])
        .arg("--callgrind-out-file=counted")
        .arg(program)
        .args([".", case, &many.to_string()]);
    succeed(&mut command);
    let counted = fs::read_to_string(folder.join("counted")).expect("what was counted");
    let totals = counted
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    let totals = totals.expect("a line of totals").trim();
    totals.parse().expect("a number of instructions")
}

fn are_flat(case: &str) {
    let (few, many) = (instructions(case, 10), instructions(case, 2_000));
    assert!(few > 100_000, "only {few} instructions were counted");
    assert!(
        many * 2 <= few * 3,
        "{many} instructions among 2,000 objects of a kind, {few} among 10"
    );
}

#[test]
fn a_call_among_many_objects_takes_no_more_instructions_than_among_few() {
    are_flat("flat");
}

#[test]
fn a_file_of_many_objects_is_opened_for_a_call_with_no_more_instructions_than_one_of_few() {
    are_flat("reopened");
}

/// Runs a case that looks for itself at what it has cost.
fn succeed_in(case: &str) {
    let folder = Folder::new(case);
    let program = compile_test("costs", &folder);
    succeed(client(program).current_dir(folder.path()).args([".", case]));
}

/// Runs a case that the kernel ends at a system call that it does not allow.
fn without_system_calls(case: &str) {
    let folder = Folder::new(case);
    let program = compile_test("costs", &folder);
    let done = run(client(program).current_dir(folder.path()).args([".", case]));
    assert!(done.status.success(), "{done:?}: a signal is a system call");
}

#[test]
fn calls_on_chunks_records_and_attributes_in_memory_make_no_system_call() {
    without_system_calls("quiet");
}

#[test]
fn calls_on_a_file_that_nobody_writes_take_no_lock() {
    without_system_calls("watched");
}

#[test]
fn what_is_deleted_and_written_anew_does_not_go_through_the_journal() {
    succeed_in("rotating");
}

#[test]
fn what_is_overwritten_as_a_whole_does_not_go_through_the_journal() {
    succeed_in("overwritten");
}

#[test]
fn what_streams_through_takes_no_more_memory_than_the_option_says() {
    succeed_in("memory");
}

#[test]
fn many_small_files_that_are_open_take_little_memory_each() {
    succeed_in("files");
}

#[test]
fn a_small_commit_writes_the_journal_twice() {
    let folder = Folder::new("commits");
    let file = File::open(folder.join("commits.h5"), Mode::Create).unwrap();
    let mut writes = Vec::new();
    for step in 0..4 {
        file.write(&format!("step{step}"), &[1.5; 100]).unwrap();
        hooks::arm(true, None);
        file.commit().unwrap();
        let (_, calls) = hooks::disarm();
        let to_journal = |call: &&TracedCall| match call {
            TracedCall::Write { path, .. } => path.to_string_lossy().ends_with("-journal"),
            _ => false,
        };
        writes.push(calls.iter().filter(to_journal).count());
    }
    // That it is begun and is whole at once, and that it is done; the first one makes the journal.
    assert_eq!(writes[1..], [2, 2, 2]);
}

#[test]
fn an_attribute_that_is_written_anew_never_counts_as_another_one() {
    let folder = Folder::new("anew");
    let file = File::open(folder.join("anew.h5"), Mode::Create).unwrap();
    let step = |number: usize| {
        move |file: &File| {
            file.set_attr_text("/", "status", &format!("step {number:06}"))
                .unwrap();
        }
    };
    let first: Vec<usize> = (0..4).map(|number| written(&file, step(number))).collect();
    for number in 4..31_000 {
        step(number)(&file);
        file.commit().unwrap();
    }
    // HDF5, which would be asked whether there are too many for a header, would write more.
    let last = written(&file, step(31_000));
    assert_eq!(last, first[3], "{first:?}");
    assert!(last > 0);
}

#[test]
fn what_is_closed_with_its_step_is_neither_grown_nor_cut() {
    let folder = Folder::new("last");
    let path = folder.join("last.h5");
    let file = File::open(&path, Mode::Create).unwrap();
    file.write("a", &[1.5; 100]).unwrap();
    file.close().unwrap();
    hooks::arm(true, None);
    let file = File::open(&path, Mode::ReadWrite).unwrap();
    file.write("b", &[2.5; 100]).unwrap();
    file.close().unwrap();
    let (_, calls) = hooks::disarm();
    let is_of_size = |call: &&TracedCall| matches!(call, TracedCall::Truncate { .. });
    assert_eq!(calls.iter().filter(is_of_size).count(), 0, "{calls:?}");
    // That a writer is there, and the commit; that it is done the journal does not say before it goes.
    let to_journal = |call: &&TracedCall| match call {
        TracedCall::Write { path, .. } => path.to_string_lossy().ends_with("-journal"),
        _ => false,
    };
    assert_eq!(calls.iter().filter(to_journal).count(), 2, "{calls:?}");
}

/// The calls that write to a file itself while `body` works on it, and is committed.
fn written(file: &File, body: impl FnOnce(&File)) -> usize {
    hooks::arm(true, None);
    body(file);
    file.commit().unwrap();
    let (_, calls) = hooks::disarm();
    let to_file = |call: &&TracedCall| match call {
        TracedCall::Write { path, .. } => !path.to_string_lossy().ends_with("-journal"),
        _ => false,
    };
    calls.iter().filter(to_file).count()
}

#[test]
fn small_chunks_get_their_places_together_and_are_written_together() {
    let folder = Folder::new("small_chunks");
    let path = folder.join("small.h5");
    let file = File::open(&path, Mode::Create).unwrap();
    let options = Write::new().chunks([4, 4]);
    file.create::<f64>("a", &[64, 64], &options).unwrap();
    file.commit().unwrap();
    // Whole ones in any order, and parts of others.
    let part = |turn: usize| (turn * 37 % 256 / 16 * 4, turn * 37 % 256 % 16 * 4);
    let value = |row: usize, column: usize| (row * 64 + column) as f64;
    let whole = written(&file, |file| {
        for (row, column) in (0..128).map(part) {
            let chunk: Vec<f64> = (0..16)
                .map(|at| value(row + at / 4, column + at % 4))
                .collect();
            let chunk = ndarray::Array2::from_shape_vec((4, 4), chunk).unwrap();
            let slice = format!("{row}:{}, {column}:{}", row + 4, column + 4);
            file.write_slice("a", &slice, &chunk).unwrap();
        }
    });
    let parts = written(&file, |file| {
        for (row, column) in (128..256).map(part) {
            let slice = format!("{}, {}", row + 1, column + 2);
            file.write_slice("a", &slice, &value(row + 1, column + 2))
                .unwrap();
        }
    });
    assert!(whole < 32 && parts < 32, "{whole} {parts}");
    file.close().unwrap();
    let file = File::open(&path, Mode::Read).unwrap();
    let found: ndarray::Array2<f64> = file.read("a").unwrap();
    let is_whole = |row: usize, column: usize| {
        (0..128).any(|turn| part(turn) == (row / 4 * 4, column / 4 * 4))
    };
    for ((row, column), &found) in found.indexed_iter() {
        let is_there = is_whole(row, column) || (row % 4, column % 4) == (1, 2);
        assert_eq!(
            found,
            if is_there { value(row, column) } else { 0.0 },
            "{row} {column}"
        );
    }
}

/// The bytes that are written to a file and its journal while `body` works on it, and is committed.
fn written_bytes(file: &File, body: impl FnOnce(&File)) -> usize {
    hooks::arm(true, None);
    body(file);
    file.commit().unwrap();
    let (_, calls) = hooks::disarm();
    let bytes = calls.iter().map(|call| match call {
        TracedCall::Write { data, .. } => data.len(),
        _ => 0,
    });
    bytes.sum()
}

#[test]
fn chunks_that_are_written_again_and_again_before_a_commit_are_stored_twice_at_most() {
    let folder = Folder::new("repeated");
    // Small ones, large ones, compressed ones.
    for (name, chunk, level) in [("small", 16, 0), ("large", 128, 0), ("gzip", 128, 1)] {
        let path = folder.join(format!("{name}.h5"));
        let file = File::open(&path, Mode::Create).unwrap();
        let mut options = Write::new().chunks([chunk, chunk]);
        if level > 0 {
            options = options.gzip(level);
        }
        file.create::<f64>("a", &[256, 256], &options).unwrap();
        let field = |turn: usize| {
            ndarray::Array2::from_shape_fn((256, 256), |(row, column)| {
                (row * 257 + column * turn * 101) as f64
            })
        };
        let repeat = |file: &File, turns: std::ops::Range<usize>| {
            turns.for_each(|turn| file.write_slice("a", "...", &field(turn)).unwrap());
        };
        // As wholes and by parts of them, after a commit, and after the file was opened again.
        let two = written_bytes(&file, |file| repeat(file, 1..3));
        let ten = written_bytes(&file, |file| repeat(file, 3..13));
        assert!(ten <= 2 * two, "{name}: {two} bytes, {ten} when repeated");
        file.write_slice("a", "3, 5", &-1.0).unwrap();
        file.close().unwrap();
        let file = File::open(&path, Mode::ReadWrite).unwrap();
        let again = written_bytes(&file, |file| repeat(file, 13..23));
        assert!(again <= 4 * two, "{name}: {two} bytes, {again} in the file");
        file.write_slice("a", "7, 8", &-2.0).unwrap();
        let mut expected = field(22);
        expected[(7, 8)] = -2.0;
        let found: ndarray::Array2<f64> = file.read("a").unwrap();
        assert_eq!(found, expected);
        file.close().unwrap();
        let file = File::open(&path, Mode::Read).unwrap();
        let found: ndarray::Array2<f64> = file.read("a").unwrap();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_large_step_over_what_is_committed_goes_to_the_journal_at_once() {
    let folder = Folder::new("at_once");
    let path = folder.join("a.h5");
    let file = File::open(&path, Mode::Create).unwrap();
    let options = Write::new().chunks([1, 1 << 13]);
    file.write_with("a", &ndarray::Array2::<f64>::zeros((64, 1 << 13)), &options)
        .unwrap();
    file.close().unwrap();
    let file = File::open(&path, Mode::ReadWrite).unwrap();
    hooks::arm(true, None);
    for row in 0..64 {
        file.write_slice("a", &format!("{row}"), &vec![row as f64; 1 << 13])
            .unwrap();
    }
    let (_, calls) = hooks::disarm();
    let to_journal = calls.iter().map(|call| match call {
        TracedCall::Write { path, data, .. } if path.to_string_lossy().ends_with("-journal") => {
            data.len()
        }
        _ => 0,
    });
    // Memory for them would cost as much once more.
    assert!(to_journal.sum::<usize>() >= 60 << 16);
    file.commit().unwrap();
    file.close().unwrap();
    let file = File::open(&path, Mode::Read).unwrap();
    let found: ndarray::Array2<f64> = file.read("a").unwrap();
    let mut all = found.indexed_iter();
    assert!(all.all(|((row, _), &value)| value == row as f64));
}

#[test]
fn columns_that_are_added_cost_what_they_hold() {
    let folder = Folder::new("columns");
    let file = File::open(folder.join("columns.h5"), Mode::Create).unwrap();
    let options = Write::new().chunks([8, 8]).maxshape([Some(8), None]);
    file.create::<f64>("a", &[8, 0], &options).unwrap();
    file.commit().unwrap();
    let writes = written(&file, |file| {
        for column in 0..200u64 {
            file.resize("a", &[8, column + 1]).unwrap();
            let slice = format!(":, {column}");
            file.write_slice("a", &slice, &[column as f64; 8]).unwrap();
        }
    });
    assert!(writes < 16, "{writes}");
    file.close().unwrap();
    let file = File::open(folder.join("columns.h5"), Mode::Read).unwrap();
    let found: ndarray::Array2<f64> = file.read("a").unwrap();
    assert_eq!(found.shape(), [8, 200]);
    assert!(found
        .indexed_iter()
        .all(|((_, column), &found)| found == column as f64));
}

#[test]
fn parts_of_plain_chunks_in_a_file_cost_what_is_new_of_them() {
    let folder = Folder::new("parts_of_chunks");
    let path = folder.join("a.h5");
    let file = File::open(&path, Mode::Create).unwrap();
    let (rows, columns) = (512, 512);
    let options = Write::new().chunks([128, 128]);
    let mut expected = ndarray::Array2::from_shape_fn((rows, columns), |(row, column)| {
        (row * columns + column) as f64
    });
    file.write_with("a", &expected, &options).unwrap();
    file.close().unwrap();
    let file = File::open(&path, Mode::ReadWrite).unwrap();
    // Far from each other, so that a chunk is not new from the first to the last.
    let some = [3, 100, 140, 250, 260, 380, 390, 509];
    let written = written_bytes(&file, |file| {
        for (turn, &row) in some.iter().chain(&some).enumerate() {
            let new = vec![-(turn as f64); columns];
            file.write_slice("a", &format!("{row}"), &new).unwrap();
            expected.row_mut(row).fill(-(turn as f64));
        }
    });
    let new = some.len() * columns * 8;
    assert!(written < 4 * new, "{written} bytes for {new}");
    file.close().unwrap();
    // Slabs of some rows do not have the chunks read into memory: they are in the file at once.
    let options = Open::new().durability(Durability::None);
    let file = File::open_with(&path, Mode::ReadWrite, &options).unwrap();
    hooks::arm(true, None);
    for row in (16..64).step_by(16) {
        let slab = ndarray::Array2::from_elem((16, columns), row as f64);
        file.write_slice("a", &format!("{row}:{}", row + 16), &slab)
            .unwrap();
        expected
            .slice_mut(ndarray::s![row..row + 16, ..])
            .fill(row as f64);
    }
    let (_, calls) = hooks::disarm();
    let bytes = calls.iter().map(|call| match call {
        TracedCall::Write { data, .. } => data.len(),
        _ => 0,
    });
    assert_eq!(bytes.sum::<usize>(), 3 * 16 * columns * 8);
    let found: ndarray::Array2<f64> = file.read("a").unwrap();
    assert_eq!(found, expected);
    file.close().unwrap();
    let file = File::open(&path, Mode::Read).unwrap();
    let found: ndarray::Array2<f64> = file.read("a").unwrap();
    assert_eq!(found, expected);
}

#[test]
fn without_a_journal_small_objects_are_written_together_too() {
    let folder = Folder::new("no_journal");
    let path = folder.join("a.h5");
    let options = Open::new().durability(Durability::None);
    let file = File::open_with(&path, Mode::Create, &options).unwrap();
    let writes = written(&file, |file| {
        for number in 0..200 {
            let name = format!("group {}/{number}", number % 5);
            file.write(&name, &[f64::from(number); 10]).unwrap();
            file.set_attr_text(&name, "unit", "m").unwrap();
        }
    });
    // HDF5 has three or four for each of them.
    assert!(writes < 40, "{writes}");
    file.close().unwrap();
    let file = File::open_with(&path, Mode::ReadWrite, &options).unwrap();
    let writes = written(&file, |file| {
        file.set_attr_text("group 3/3", "unit", "cm").unwrap();
        file.write("group 3/new", &[1.5; 10]).unwrap();
    });
    assert!(writes < 12, "{writes}");
    file.close().unwrap();
    let file = File::open(&path, Mode::Read).unwrap();
    for number in 0..200 {
        let name = format!("group {}/{number}", number % 5);
        let found: ndarray::Array1<f64> = file.read(&name).unwrap();
        assert_eq!(found.to_vec(), [f64::from(number); 10]);
    }
    assert_eq!(file.keys("group 3").unwrap().len(), 41);
}
