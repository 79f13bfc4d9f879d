//! Several threads at once on handles of their own and shared ones, each beside a plain model of what is its own.
//!
//! `make race` runs it under ThreadSanitizer, which sees every access to memory that no lock orders.

mod common;

use common::{seed, Folder, Random};
use h5sim::{File, Kind, Mode, Open, Status, Write};
use ndarray::{s, Array1, Array2, Ix1, Ix2};
use std::path::{Path, PathBuf};
use std::sync::Barrier;

const THREADS: u64 = 4;
const ROWS: usize = 40;
const COLUMNS: usize = 900;

/// How many calls each thread makes.
fn calls() -> usize {
    let said = std::env::var("H5SIM_CALLS").ok();
    said.map_or(600, |text| text.parse().expect("H5SIM_CALLS is a number"))
}

/// Handles little memory, so that files take it from each other.
fn open(path: &Path, mode: Mode) -> File {
    File::open_with(path, mode, &Open::new().memory(600_000).threads(2)).unwrap()
}

/// What one thread has written, all of it below a group of its own.
struct Mine {
    name: String,
    series: Vec<f64>,
    plain: Array2<f64>,
    packed: Array2<f64>,
    small: Vec<(String, f64)>,
    updates: i64,
}

impl Mine {
    fn begin(file: &File, name: String) -> Self {
        let plain = Array2::zeros((ROWS, COLUMNS));
        file.write(&format!("{name}/plain"), &plain).unwrap();
        let packed = Write::new().chunks([7, 300]).gzip(1).shuffle();
        file.write_with(&format!("{name}/packed"), &plain, &packed)
            .unwrap();
        Self {
            name,
            series: Vec::new(),
            packed: plain.clone(),
            plain,
            small: Vec::new(),
            updates: 0,
        }
    }

    fn path(&self, of: &str) -> String {
        format!("{}/{of}", self.name)
    }

    /// One call, or two, that change or read what is this thread's.
    fn step(&mut self, file: &File, random: &mut Random) {
        let value = random.next() as f64;
        let (row, column) = (random.below(ROWS), random.below(COLUMNS - 5));
        match random.below(12) {
            0..=2 => {
                file.append(&self.path("series"), &value).unwrap();
                self.series.push(value);
            }
            3 | 4 => {
                let slice = format!("{row}, {column}:{}", column + 5);
                let part = Array1::from_elem(5, value);
                let (path, kept) = if random.below(2) == 0 {
                    (self.path("plain"), &mut self.plain)
                } else {
                    (self.path("packed"), &mut self.packed)
                };
                file.write_slice(&path, &slice, &part).unwrap();
                kept.slice_mut(s![row, column..column + 5]).fill(value);
            }
            5 => {
                let name = self.path(&format!("small/{}", self.small.len()));
                file.write(&name, &value).unwrap();
                self.small.push((name, value));
            }
            6 => {
                self.updates += 1;
                file.set_attr(&self.name, "updates", &self.updates).unwrap();
            }
            7 => {
                if let Some((name, value)) = self.small.pop() {
                    assert_eq!(file.read_scalar::<f64>(&name).unwrap(), value, "{name}");
                    file.delete(&name).unwrap();
                    assert_eq!(file.kind(&name).unwrap(), Kind::None);
                }
            }
            8 => {
                let failed = file.read::<f64, Ix1>(&self.path("nothing")).unwrap_err();
                assert_eq!(failed.status, Status::NotFound);
            }
            9 => {
                let slice = format!(":, {column}");
                let found = file
                    .read_slice::<f64, Ix1>(&self.path("packed"), &slice)
                    .unwrap();
                assert_eq!(found, self.packed.column(column));
            }
            10 => {
                let found = file
                    .read_slice::<f64, Ix1>(&self.path("plain"), &format!("{row}"))
                    .unwrap();
                assert_eq!(found, self.plain.row(row));
            }
            _ => self.compare_series(file),
        }
    }

    fn compare_series(&self, file: &File) {
        if !self.series.is_empty() {
            let found = file.read::<f64, Ix1>(&self.path("series")).unwrap();
            assert_eq!(found.to_vec(), self.series);
        }
    }

    fn compare(&self, file: &File) {
        self.compare_series(file);
        for (path, kept) in [("plain", &self.plain), ("packed", &self.packed)] {
            assert_eq!(file.read::<f64, Ix2>(&self.path(path)).unwrap(), kept);
        }
        for (name, value) in &self.small {
            assert_eq!(file.read_scalar::<f64>(name).unwrap(), *value, "{name}");
        }
        if self.updates > 0 {
            let found = file
                .get_attr::<i64, ndarray::Ix0>(&self.name, "updates")
                .unwrap();
            assert_eq!(found.into_scalar(), self.updates);
        }
    }
}

/// What everybody may do to a file at any time, whatever it holds by then.
fn look_around(file: &File, path: &Path, random: &mut Random) {
    let other = format!("t{}", random.next() % THREADS);
    match random.below(5) {
        0 => file.commit().unwrap(),
        1 => assert!(file.keys("/").unwrap().len() as u64 <= THREADS),
        2 => drop(file.tree(&other).unwrap()),
        3 => {
            let found = file
                .read_slice::<f64, Ix1>(&format!("{other}/packed"), "5")
                .unwrap();
            assert_eq!(found.len(), COLUMNS);
        }
        // A handle of this thread alone, to read or to write, for one call.
        _ => {
            let mode = if random.below(2) == 0 {
                Mode::Read
            } else {
                Mode::ReadWrite
            };
            let again = open(path, mode);
            assert_eq!(again.kind(&other).unwrap(), Kind::Group);
            again.close().unwrap();
        }
    }
}

#[test]
fn threads_find_what_is_theirs_whatever_the_others_do() {
    let folder = Folder::new("threads");
    let seed = seed();
    let paths: Vec<PathBuf> = (0..2).map(|at| folder.join(format!("{at}.h5"))).collect();
    let files: Vec<File> = paths.iter().map(|path| open(path, Mode::Create)).collect();
    let barrier = Barrier::new(usize::try_from(THREADS).unwrap());
    let kept: Vec<Vec<Mine>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (files, paths, barrier) = (&files, &paths, &barrier);
                scope.spawn(move || {
                    let mut random = Random(seed.wrapping_add(thread + 1) << 8 | 1);
                    let mut mine: Vec<Mine> = files
                        .iter()
                        .map(|file| Mine::begin(file, format!("t{thread}")))
                        .collect();
                    // Some threads have handles of their own, others use those of all.
                    let own: Vec<File> = if thread % 2 == 0 {
                        paths
                            .iter()
                            .map(|path| open(path, Mode::ReadWrite))
                            .collect()
                    } else {
                        Vec::new()
                    };
                    barrier.wait();
                    for _ in 0..calls() {
                        let at = random.below(files.len());
                        let file = own.get(at).unwrap_or(&files[at]);
                        if random.below(8) == 0 {
                            look_around(file, &paths[at], &mut random);
                        } else {
                            mine[at].step(file, &mut random);
                        }
                    }
                    mine
                })
            })
            .collect();
        let ends = threads.into_iter().map(|thread| thread.join().unwrap());
        ends.collect()
    });
    for (at, file) in files.into_iter().enumerate() {
        kept.iter().for_each(|mine| mine[at].compare(&file));
        file.close().unwrap();
        let again = open(&paths[at], Mode::Read);
        kept.iter().for_each(|mine| mine[at].compare(&again));
    }
}
