//! Breaks the journal in every way that can be thought of, and demands the last commit.
//!
//! `cargo test --release --features mutants --test torture` runs a quick version, `make torture` (H5SIM_TORTURE=1) the long
//! one. Both print a table of cases and failures. Words given as arguments choose the tests whose
//! names contain one of them.

mod belonging;
mod faults;
mod forks;
mod hdf5;
mod kills;
mod mutants;
mod python;
mod ranks;
mod raw;
mod sharing;
mod simulate;
mod table;
mod workload;

use simulate::{scratch, trace, trace_from, with_power};
use table::Table;
use workload::VARIANTS;

fn main() {
    hdf5::silence();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "child") {
        kills::child(&arguments[1..]);
        return;
    }
    let long = std::env::var_os("H5SIM_TORTURE").is_some();
    let seed = std::env::var("H5SIM_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_122u64);
    println!("H5SIM_SEED={seed}");
    let words = arguments
        .into_iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let mut table = Table::new(words);
    simulations(&mut table, long, seed);
    files_of_h5py(&mut table, long, seed);
    let variants = if long { &VARIANTS[..] } else { &VARIANTS[..3] };
    for (number, variant) in variants.iter().enumerate() {
        let stride = if long { 1 } else { [5, 19, 19][number] };
        table.run(&format!("errors at every call, {}", variant.name), || {
            faults::everywhere(variant, stride)
        });
        table.run(&format!("errors at every read, {}", variant.name), || {
            faults::reads(variant, 2 * stride)
        });
    }
    table.run("commit again after a full disk", || {
        faults::retry(&VARIANTS[0])
    });
    for (number, variant) in variants.iter().enumerate() {
        let stride = if long { 1 } else { [2, 4, 4][number] };
        table.run(&format!("room again, {}", variant.name), || {
            raw::room_again(variant, stride)
        });
    }
    table.run("places of raw data", raw::places);
    table.run("unwritten ranges", raw::unwritten);
    table.run("reserved space", raw::reserved);
    table.run("without durability", raw::without_durability);
    table.run("irregular files", raw::irregular);
    table.run("forked children", forks::children);
    let kills = if long { 400 } else { 70 };
    let mut stock = table::Row::default();
    table.run("SIGKILL at random times", || {
        let (row, seen) = kills::at_random_times(kills, seed);
        stock.merge(seen);
        row
    });
    table.run("SIGKILL at a call or inside a write", || {
        let (row, seen) = kills::at_calls(kills, seed);
        stock.merge(seen);
        row
    });
    table.run("stock h5py on the killed files", || stock);
    table.run("journals and files", || belonging::pairs(&VARIANTS[0]));
    table.run("two handles", sharing::two_handles);
    table.run("commits that wait for readers", sharing::waiting_commits);
    table.run("a second writer without locks", sharing::second_writer);
    table.run("readers of h5sim", sharing::own_readers);
    table.run("growth before commits", sharing::growth);
    table.run("external links", sharing::external_links);
    table.run("two processes", sharing::two_processes);
    table.run("truncated by h5py", sharing::truncated_by_others);
    table.run("left open by h5py", sharing::marked_open);
    table.run("memory of the overlay", || {
        sharing::overwrite(if long { 1024 } else { 256 })
    });
    let most = if long { 20_000 } else { 600 };
    // The last ones with ranks that share a part.
    for (ranks, parts) in [(2, 64), (3, 64), (2, 1), (3, 1), (3, 2)] {
        let shared = match parts < ranks {
            true => format!(" in {parts} parts"),
            false => String::new(),
        };
        table.run(&format!("ranks killed, {ranks}{shared}"), || {
            ranks::kills(ranks, parts, None, seed, most)
        });
        table.run(&format!("ranks without power, {ranks}{shared}"), || {
            ranks::power_cuts(ranks, parts, None, seed, most / 2)
        });
    }
    table.run("ranks without their record", || ranks::lost_records(seed));
    table.run("mutants", || mutants::all(seed));
    simulate::clean_up();
    if !table.finish() {
        std::process::exit(1);
    }
}

fn simulations(table: &mut Table, long: bool, seed: u64) {
    for (number, variant) in VARIANTS.iter().enumerate() {
        let name = variant.name;
        let directory = scratch("simulation");
        let run = trace(variant, &directory).unwrap_or_else(|error| panic!("{name}: {error}"));
        table.run(&format!("content of every commit, {name}"), || {
            simulate::verify_images(&run, variant)
        });
        // The quick version digs into recoveries less often.
        let every = if long { 20 } else { 60 };
        let mut nested = table::Row::default();
        table.run(&format!("kill, {name}"), || {
            let (row, inner) = simulate::kills(&run, long, every, seed);
            nested = inner;
            row
        });
        table.run(&format!("kill during recovery, {name}"), || nested);
        table.run(&format!("flipped bits, {name}"), || {
            simulate::flipped_bits(&run, if long { 200 } else { 40 }, seed)
        });
        table.run(&format!("garbage past the end, {name}"), || {
            belonging::tails(&run, seed)
        });
        if long || number % 2 == 0 {
            let power = with_power(*variant);
            let run = trace(&power, &directory).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut nested = table::Row::default();
            table.run(&format!("power cut, {name}"), || {
                let (row, inner) = simulate::power_cuts(&run, if long { 8 } else { 3 }, seed);
                nested = inner;
                row
            });
            table.run(&format!("power cut during recovery, {name}"), || nested);
        }
        if let Some((first, last)) = variant.reader.filter(|_| number == READERS) {
            table.run("kill, opened beside a reader", || {
                restarts(&run, variant, (first, last), long, seed)
            });
        }
        let _ = std::fs::remove_dir_all(directory);
    }
}

/// A run that begins beside a reader, with commits of a killed one that wait in the journal, and its kills.
pub(crate) fn restarts(
    run: &simulate::Run,
    variant: &workload::Variant,
    (first, last): (usize, usize),
    long: bool,
    seed: u64,
) -> table::Row {
    let mut row = table::Row::default();
    for step in first + 1..last {
        if row.is_decided() {
            break;
        }
        let directory = run.path.parent().unwrap();
        let start = simulate::left_waiting(run, step, first);
        let again = match simulate::trace_on(variant, directory, Some(start)) {
            Ok(again) => again,
            Err(error) => {
                row.check(Err(error), || format!("from step {step}"));
                continue;
            }
        };
        row.merge(simulate::verify_images(&again, variant));
        let (kills, nested) = simulate::kills(&again, long, 60, seed);
        row.merge(kills);
        row.merge(nested);
    }
    row
}

/// The variant whose commits wait for a reader in the middle of it.
pub(crate) const READERS: usize = 7;

/// Files that h5py made are opened, changed and committed, with all kills in between.
fn files_of_h5py(table: &mut Table, long: bool, seed: u64) {
    for kind in sharing::KINDS {
        table.run(&format!("file of h5py, {kind}"), || {
            let directory = scratch("h5py");
            let made = sharing::made_by_h5py(&directory, kind, 3)
                .unwrap_or_else(|error| panic!("{kind}: {error}"));
            let variant = workload::Variant {
                steps: if long { 9 } else { 6 },
                ..VARIANTS[0]
            };
            let run = trace_from(&variant, &directory, Some((made, 3)))
                .unwrap_or_else(|error| panic!("{kind}: {error}"));
            let mut row = simulate::verify_images(&run, &variant);
            let (kills, nested) = simulate::kills(&run, long, 60, seed);
            row.merge(kills);
            row.merge(nested);
            let _ = std::fs::remove_dir_all(directory);
            row
        });
    }
}
