//! What a commit costs: total time against HDF5's own driver doing `H5Fflush` at the same points.
//!
//! `cargo bench --bench journal` prints a table; with `--json` one JSON object a line. Each row is the
//! ratio of medians of runs made in turn. The power-safe rows compare with flush and `fdatasync`.
//! Arguments: `--runs N` (default 7), `--directory PATH`, and words that a row's name must contain.

use h5sim::journal::{self, raw_file, Durability, Ending, Options};
use hdf5_sys::h5d::{
    H5D_alloc_time_t, H5D_fill_time_t, H5Dclose, H5Dcreate2, H5Dget_offset, H5Dget_space,
    H5Dset_extent, H5Dwrite,
};
use hdf5_sys::h5f::{
    H5Fclose, H5Fcreate, H5Fflush, H5Fget_vfd_handle, H5F_ACC_TRUNC, H5F_SCOPE_GLOBAL,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{
    H5Pclose, H5Pcreate, H5Pset_alloc_time, H5Pset_chunk, H5Pset_fill_time, H5P_CLS_DATASET_CREATE,
    H5P_DEFAULT,
};
use hdf5_sys::h5s::{
    H5S_seloper_t, H5Sclose, H5Screate_simple, H5Sselect_hyperslab, H5S_ALL, H5S_UNLIMITED,
};
use hdf5_sys::h5t::H5T_NATIVE_DOUBLE;
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How the file of a run is written.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// HDF5's own driver, `H5Fflush`.
    Plain,
    /// The same, and `fdatasync`.
    PlainSync,
    /// The journal, safe against kills.
    Kill,
    /// The journal, safe against power cuts.
    Power,
}

struct Target {
    file: hid_t,
    mode: Mode,
}

impl Target {
    fn create(path: &Path, mode: Mode) -> Self {
        let durability = match mode {
            Mode::Plain | Mode::PlainSync => {
                let name = CString::new(path.to_string_lossy().as_bytes()).unwrap();
                // SAFETY: the name is NUL-terminated.
                let file =
                    unsafe { H5Fcreate(name.as_ptr(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT) };
                assert!(file >= 0);
                return Self { file, mode };
            }
            Mode::Kill => Durability::Kill,
            Mode::Power => Durability::Power,
        };
        let options = Options {
            durability,
            ..Options::default()
        };
        let file = journal::create(path, false, H5P_DEFAULT, H5P_DEFAULT, &options).unwrap();
        Self { file, mode }
    }

    fn commit(&self) {
        if self.has_journal() {
            journal::commit(self.file, true).unwrap();
            return;
        }
        // SAFETY: HDF5 checks the identifier.
        assert!(unsafe { H5Fflush(self.file, H5F_SCOPE_GLOBAL) } >= 0);
        if self.mode == Mode::PlainSync {
            let mut handle = std::ptr::null_mut();
            // SAFETY: the default driver's handle is a pointer to its descriptor.
            unsafe {
                assert!(H5Fget_vfd_handle(self.file, H5P_DEFAULT, &mut handle) >= 0);
                assert_eq!(libc::fdatasync(*handle.cast::<i32>()), 0);
            }
        }
    }

    fn has_journal(&self) -> bool {
        matches!(self.mode, Mode::Kill | Mode::Power)
    }

    fn close(self) {
        if !self.has_journal() {
            // SAFETY: HDF5 checks the identifier.
            assert!(unsafe { H5Fclose(self.file) } >= 0);
            return;
        }
        journal::close(self.file, Ending::Commit).unwrap();
    }

    fn dataset(&self, name: &str, length: u64, chunk: Option<u64>) -> hid_t {
        let name = CString::new(name).unwrap();
        // SAFETY: plain calls with buffers that outlive them.
        unsafe {
            let list = H5Pcreate(*H5P_CLS_DATASET_CREATE);
            let most = if chunk.is_some() {
                H5S_UNLIMITED
            } else {
                length
            };
            if let Some(chunk) = chunk {
                assert!(H5Pset_chunk(list, 1, &chunk) >= 0);
            }
            let space = H5Screate_simple(1, &length, &most);
            let dataset = H5Dcreate2(
                self.file,
                name.as_ptr(),
                *H5T_NATIVE_DOUBLE,
                space,
                H5P_DEFAULT,
                list,
                H5P_DEFAULT,
            );
            assert!(dataset >= 0);
            H5Sclose(space);
            H5Pclose(list);
            dataset
        }
    }
}

fn write_all(dataset: hid_t, values: &[f64]) {
    // SAFETY: the buffer holds as many values as the dataset.
    unsafe {
        assert!(
            H5Dwrite(
                dataset,
                *H5T_NATIVE_DOUBLE,
                H5S_ALL,
                H5S_ALL,
                H5P_DEFAULT,
                values.as_ptr().cast()
            ) >= 0
        );
    }
}

fn write_part(dataset: hid_t, start: u64, values: &[f64], grow: bool) {
    let count = values.len() as u64;
    // SAFETY: the buffer holds as many values as are selected.
    unsafe {
        if grow {
            let end = start + count;
            assert!(H5Dset_extent(dataset, &end) >= 0);
        }
        let space = H5Dget_space(dataset);
        H5Sselect_hyperslab(
            space,
            H5S_seloper_t::H5S_SELECT_SET,
            &start,
            std::ptr::null(),
            &count,
            std::ptr::null(),
        );
        let memory = H5Screate_simple(1, &count, std::ptr::null());
        assert!(
            H5Dwrite(
                dataset,
                *H5T_NATIVE_DOUBLE,
                memory,
                space,
                H5P_DEFAULT,
                values.as_ptr().cast()
            ) >= 0
        );
        H5Sclose(memory);
        H5Sclose(space);
    }
}

fn close_dataset(dataset: hid_t) {
    // SAFETY: HDF5 checks the identifier.
    unsafe { H5Dclose(dataset) };
}

const MEBIBYTE: usize = (1 << 20) / 8;

fn contiguous(path: &Path, mode: Mode) -> Duration {
    let values: Vec<f64> = (0..64 * MEBIBYTE).map(|at| at as f64).collect();
    let begun = Instant::now();
    let target = Target::create(path, mode);
    for part in 0..8 {
        let dataset = target.dataset(&format!("bulk {part}"), values.len() as u64, None);
        write_all(dataset, &values);
        close_dataset(dataset);
        target.commit();
    }
    target.close();
    begun.elapsed()
}

/// One dataset, whose space is all committed with the first step: each later part replaces nothing.
fn filled(path: &Path, mode: Mode) -> Duration {
    let values: Vec<f64> = (0..64 * MEBIBYTE).map(|at| at as f64).collect();
    let begun = Instant::now();
    let target = Target::create(path, mode);
    // SAFETY: plain calls with buffers that outlive them.
    let dataset = unsafe {
        let list = H5Pcreate(*H5P_CLS_DATASET_CREATE);
        if target.has_journal() {
            H5Pset_alloc_time(list, H5D_alloc_time_t::H5D_ALLOC_TIME_EARLY);
            H5Pset_fill_time(list, H5D_fill_time_t::H5D_FILL_TIME_NEVER);
        }
        let length = 512 * MEBIBYTE as u64;
        let space = H5Screate_simple(1, &length, std::ptr::null());
        let (file, element) = (target.file, *H5T_NATIVE_DOUBLE);
        let name = c"bulk".as_ptr();
        let dataset = H5Dcreate2(file, name, element, space, H5P_DEFAULT, list, H5P_DEFAULT);
        assert!(dataset >= 0);
        H5Sclose(space);
        H5Pclose(list);
        dataset
    };
    let raw = target.has_journal().then(|| raw_file(target.file).unwrap());
    // SAFETY: HDF5 checks the identifier.
    let address = unsafe { H5Dget_offset(dataset) };
    if let Some(raw) = &raw {
        raw.note_unwritten(address, 512 << 20).unwrap();
    }
    // SAFETY: any bytes are bytes.
    let (_, bytes, _) = unsafe { values.align_to::<u8>() };
    for part in 0..8 {
        match &raw {
            Some(raw) => raw
                .write(address + part * bytes.len() as u64, bytes)
                .unwrap(),
            None => write_part(dataset, part * values.len() as u64, &values, false),
        }
        target.commit();
    }
    close_dataset(dataset);
    target.close();
    begun.elapsed()
}

fn no_commit(path: &Path, mode: Mode) -> Duration {
    let values: Vec<f64> = (0..MEBIBYTE).map(|at| at as f64).collect();
    let begun = Instant::now();
    let target = Target::create(path, mode);
    let bulk = target.dataset("bulk", 64 * MEBIBYTE as u64, None);
    let series = target.dataset("series", 0, Some(512));
    for part in 0..64u64 {
        write_part(bulk, part * values.len() as u64, &values, false);
        for step in 0..30 {
            write_part(series, (part * 30 + step) * 512, &values[..512], true);
        }
        let small = target.dataset(&format!("small {part}"), 100, None);
        write_all(small, &values[..100]);
        close_dataset(small);
    }
    close_dataset(bulk);
    close_dataset(series);
    target.close();
    begun.elapsed()
}

fn small(path: &Path, mode: Mode) -> Duration {
    let values: Vec<f64> = (0..16).map(|at| at as f64).collect();
    let begun = Instant::now();
    let target = Target::create(path, mode);
    for number in 0..5000 {
        let dataset = target.dataset(&format!("dataset {number}"), 16, None);
        write_all(dataset, &values);
        close_dataset(dataset);
        if number % 250 == 249 {
            target.commit();
        }
    }
    target.close();
    begun.elapsed()
}

fn appends(path: &Path, mode: Mode, count: u64, every: u64) -> Duration {
    let values: Vec<f64> = (0..512).map(|at| at as f64).collect();
    let begun = Instant::now();
    let target = Target::create(path, mode);
    let dataset = target.dataset("series", 0, Some(512));
    for number in 0..count {
        write_part(dataset, number * 512, &values, true);
        if number % every == every - 1 {
            target.commit();
        }
    }
    close_dataset(dataset);
    target.close();
    begun.elapsed()
}

fn overwrites(path: &Path, mode: Mode) -> Duration {
    let mut values: Vec<f64> = (0..64 * MEBIBYTE).map(|at| at as f64).collect();
    let target = Target::create(path, mode);
    let dataset = target.dataset("field", values.len() as u64, None);
    write_all(dataset, &values);
    target.commit();
    let begun = Instant::now();
    for round in 0..6 {
        values[round] = -1.0;
        write_all(dataset, &values);
        target.commit();
    }
    close_dataset(dataset);
    target.close();
    begun.elapsed()
}

struct Work {
    name: &'static str,
    limit: f64,
    run: fn(&Path, Mode) -> Duration,
    power: bool,
}

const WORK: [Work; 7] = [
    Work {
        name: "512 MiB contiguous, 8 commits",
        limit: 1.05,
        run: contiguous,
        power: true,
    },
    Work {
        name: "64 MiB, 1,920 appends, 64 datasets, no commit",
        limit: 1.05,
        run: no_commit,
        power: false,
    },
    Work {
        name: "5,000 small datasets, 20 commits",
        limit: 1.15,
        run: small,
        power: true,
    },
    Work {
        name: "20,000 appends of 4 KiB, 40 commits",
        limit: 1.15,
        run: |path, mode| appends(path, mode, 20_000, 500),
        power: true,
    },
    Work {
        name: "400 x (append 4 KiB + commit)",
        limit: 2.5,
        run: |path, mode| appends(path, mode, 400, 1),
        power: true,
    },
    Work {
        name: "one dataset of 512 MiB filled over 8 commits",
        limit: 1.05,
        run: filled,
        power: true,
    },
    Work {
        name: "64 MiB overwritten in place, 6 commits",
        limit: 3.5,
        run: overwrites,
        power: true,
    },
];

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// Runs both modes in turn, each first as often as second, and returns the medians.
fn compare(work: &Work, path: &Path, modes: [Mode; 2], runs: usize) -> [f64; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for run in 0..=runs {
        for turn in 0..2 {
            let which = (run + turn) % 2;
            let time = (work.run)(path, modes[which]);
            let _ = std::fs::remove_file(path);
            // The first round warms everything up.
            if run > 0 {
                times[which].push(time);
            }
        }
    }
    times.map(median)
}

fn main() {
    let mut runs = 7;
    let mut json = false;
    let mut directory = std::env::temp_dir();
    let mut words = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => runs = arguments.next().unwrap().parse().unwrap(),
            "--directory" => directory = PathBuf::from(arguments.next().unwrap()),
            "--json" => json = true,
            "--bench" => {}
            _ => words.push(argument),
        }
    }
    let path = directory.join(format!("h5sim-bench-{}.h5", std::process::id()));
    if !json {
        println!("| work | kill-safe | limit | power-safe against flush + fdatasync |\n|---|---:|---:|---:|");
    }
    for work in WORK
        .iter()
        .filter(|work| words.iter().all(|word| work.name.contains(word.as_str())))
    {
        let [plain, kill] = compare(work, &path, [Mode::Plain, Mode::Kill], runs);
        let power = work
            .power
            .then(|| compare(work, &path, [Mode::PlainSync, Mode::Power], runs));
        if json {
            let power = power.map_or(String::new(), |[plain, power]| {
                format!(", \"flush_sync_seconds\": {plain}, \"power_seconds\": {power}")
            });
            println!(
                "{{\"bench\": \"journal\", \"work\": \"{}\", \"flush_seconds\": {plain}, \"kill_seconds\": {kill}, \"ratio\": {:.3}, \"limit\": {}{power}}}",
                work.name, kill / plain, work.limit
            );
        } else {
            let power = power.map_or("–".into(), |[plain, power]| {
                format!(
                    "{:.2} ({:.1} / {:.1} ms)",
                    power / plain,
                    power * 1e3,
                    plain * 1e3
                )
            });
            println!(
                "| {} | {:.2} ({:.1} / {:.1} ms) | {} | {power} |",
                work.name,
                kill / plain,
                kill * 1e3,
                plain * 1e3,
                work.limit
            );
        }
    }
}
