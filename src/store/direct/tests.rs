//! Direct reads against HDF5's own, and against damaged files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Outcome;
use crate::error::Status;
use crate::store::{Dtype, File, Hyperslab};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("h5sim-direct-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn python(script: &str, arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join("target/venv/bin/python"))
        .arg(root.join("tests/python").join(script))
        .args(arguments)
        .output()
        .expect("the interpreter that tools/setup.sh installs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Random numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) as i64 % bound.max(1)
    }

    /// A slice of an axis: an index, everything, or a range that may be empty, reversed or stepped.
    fn axis(&mut self, extent: u64) -> String {
        let extent = extent as i64;
        match self.below(6) {
            0 if extent > 0 => (self.below(2 * extent) - extent).to_string(),
            1 => ":".to_string(),
            2 => format!("{}:{}", self.below(extent), self.below(extent + 2)),
            3 => format!("::{}", 1 + self.below(extent.min(9))),
            4 => format!("::{}", -1 - self.below(extent.min(5))),
            _ => {
                let start = self.below(extent);
                format!(
                    "{start}:{}:{}",
                    start + self.below(extent),
                    1 + self.below(3)
                )
            }
        }
    }
}

/// The status and the bytes of a read of `slice` as `dtype`.
fn read(file: &mut File, path: &str, slice: &str, dtype: Dtype) -> Result<Vec<u8>, Status> {
    file.serve(|file| {
        let shape = file.slice_shape(path, slice)?;
        let count: u64 = shape.iter().product();
        let mut data = vec![0xa5; count as usize * dtype.size()];
        file.read(path, slice, dtype, &mut data)?;
        Ok(data)
    })
    .map_err(|error| error.status)
}

#[test]
fn results_equal_hdf5s() {
    let seed = std::env::var("H5SIM_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed: u64 = seed.unwrap_or(20_241_117);
    println!("H5SIM_SEED={seed}");
    let mut random = Random(seed | 1);
    let folder = folder("differential");
    let list = python(
        "direct_cases.py",
        &[folder.to_str().unwrap(), &seed.to_string()],
    );
    let lines: Vec<(&str, &str)> = list
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    assert!(lines.len() > 500, "{} datasets", lines.len());
    let (mut cases, mut direct, mut plain) = (0, 0, 0);
    for name in ["numbers", "resized", "old", "latest", "unusual"] {
        let path = folder.join(format!("{name}.h5"));
        let path = path.to_str().unwrap();
        // HDF5 reads what is open for writing.
        let copy = format!("{path}.copy.h5");
        fs::copy(path, &copy).unwrap();
        let mut ours = File::open(path, "r", "").unwrap();
        let mut theirs = File::open(&copy, "r+", "").unwrap();
        assert!(ours.reader().is_some() && theirs.reader().is_none());
        for (_, dataset) in lines.iter().filter(|line| line.0 == name) {
            let (stored, shape) = ours.serve(|file| file.info(dataset)).unwrap();
            // What its header says is enough for some; the others are known from the second read on.
            let is_plain = ours.reader().unwrap().find_plain(dataset, ours.id());
            plain += usize::from(is_plain.unwrap());
            for _ in 0..2 {
                let _ = read(&mut ours, dataset, "", stored);
            }
            for round in 0..20 {
                let dtype = match round {
                    0..10 => stored,
                    _ => Dtype::ALL[random.below(13) as usize],
                };
                if dtype.size() == 0 {
                    continue;
                }
                let axes: Vec<String> = shape.iter().map(|&extent| random.axis(extent)).collect();
                let slice = if round == 0 {
                    String::new()
                } else {
                    axes.join(",")
                };
                let expected = read(&mut theirs, dataset, &slice, dtype);
                let found = read(&mut ours, dataset, &slice, dtype);
                assert!(
                    found == expected,
                    "{name} {dataset} [{slice}] {stored} as {dtype}:\n{found:?}\n{expected:?}"
                );
                cases += 1;
                let mut room = expected.unwrap_or_default();
                let reader = ours.reader().unwrap();
                if let Ok(Outcome::Done) = reader.read(dataset, &slice, dtype, &mut room) {
                    direct += 1;
                }
            }
        }
    }
    println!("{cases} cases, {direct} of them direct; {plain} plain datasets");
    assert!(plain >= 60, "{plain} plain datasets");
    assert!(cases >= 10_000, "{cases} cases");
    assert!(direct >= 5_000, "{direct} of {cases} cases were direct");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn hyperslabs_equal_slices() {
    let folder = folder("hyperslabs");
    let path = folder.join("a.h5");
    let path = path.to_str().unwrap();
    let data: Vec<u8> = (0..6 * 50)
        .flat_map(|i| f64::from(i).to_ne_bytes())
        .collect();
    let mut file = File::open(path, "w", "").unwrap();
    for (name, options) in [
        ("plain", ""),
        ("chunked", r#"{"chunks": [4, 7], "shuffle": true}"#),
    ] {
        file.serve(|file| {
            let array = crate::store::strided::Strided::packed(&data, &[6, 50], 8)?;
            file.write(name, Dtype::F64, &array, options)
        })
        .unwrap();
    }
    file.close().unwrap();
    let mut file = File::open(path, "r", "").unwrap();
    let part = Hyperslab {
        start: vec![1, 3],
        stride: vec![2, 5],
        count: vec![2, 9],
        block: vec![1, 1],
    };
    let blocks = Hyperslab {
        block: vec![2, 3],
        ..part.clone()
    };
    for name in ["plain", "chunked"] {
        for _ in 0..2 {
            let expected = read(&mut file, name, "1:5:2, 3:48:5", Dtype::F32).unwrap();
            let mut found = vec![0; expected.len() + 4];
            file.serve(|file| file.read_hyperslab(name, &part, Dtype::F32, &mut found))
                .unwrap();
            assert_eq!(found[..expected.len()], expected);
        }
        let reader = file.reader().unwrap();
        let mut room = vec![0; 2 * 9 * 8];
        let outcome = reader
            .read_hyperslab(name, &part, Dtype::F64, &mut room)
            .unwrap();
        assert_eq!(outcome, Outcome::Done);
        // Blocks of several elements are HDF5's to read; so is what leaves the dataset.
        let mut room = vec![0; 4 * 27 * 8];
        for other in [
            &blocks,
            &Hyperslab {
                count: vec![4, 9],
                ..part.clone()
            },
        ] {
            let outcome = reader
                .read_hyperslab(name, other, Dtype::F64, &mut room)
                .unwrap();
            assert_eq!(outcome, Outcome::NotDirect);
        }
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn large_reads_by_several_threads_at_once_are_right() {
    const ROWS: i64 = 700;
    const COLUMNS: i64 = 600;
    let folder = folder("threads");
    let path = folder.join("a.h5");
    let path = path.to_str().unwrap();
    let value = |row: i64, column: i64| (row * COLUMNS + column) as f64;
    let data: Vec<u8> = (0..ROWS * COLUMNS)
        .flat_map(|place| (place as f64).to_ne_bytes())
        .collect();
    let layouts = [
        "",
        r#"{"chunks": [10, 600], "compression": "gzip"}"#,
        r#"{"chunks": [700, 20], "compression": "gzip", "shuffle": true}"#,
        r#"{"chunks": [64, 64], "compression": "gzip", "shuffle": true, "fletcher32": true}"#,
        r#"{"chunks": [33, 47]}"#,
    ];
    let mut file = File::open(path, "w", "").unwrap();
    for (index, options) in layouts.iter().enumerate() {
        file.serve(|file| {
            let array =
                crate::store::strided::Strided::packed(&data, &[ROWS as u64, COLUMNS as u64], 8)?;
            file.write(&index.to_string(), Dtype::F64, &array, options)
        })
        .unwrap();
    }
    file.close().unwrap();
    let mut file = File::open(path, "r", r#"{"threads": 3}"#).unwrap();
    for index in 0..layouts.len() {
        // A large read makes it known.
        assert_eq!(
            read(&mut file, &index.to_string(), "", Dtype::F64).unwrap(),
            data
        );
    }
    let reader = file.reader().unwrap();
    // Start, step and count along each axis, and the same as text.
    let parts: [(&str, [i64; 3], [i64; 3]); 5] = [
        ("", [0, 1, ROWS], [0, 1, COLUMNS]),
        ("::-1, ::2", [ROWS - 1, -1, ROWS], [0, 2, COLUMNS / 2]),
        ("5:695, 7:598", [5, 1, 690], [7, 1, 591]),
        ("3::3, ::-1", [3, 3, 233], [COLUMNS - 1, -1, COLUMNS]),
        ("100:101, :", [100, 1, 1], [0, 1, COLUMNS]),
    ];
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for round in 0..2 * layouts.len() {
                    let name = ((round + thread) % layouts.len()).to_string();
                    let (text, rows, columns) = parts[(round + 2 * thread) % parts.len()];
                    let mut found = vec![0; (rows[2] * columns[2] * 8) as usize];
                    let outcome = reader.read(&name, text, Dtype::F64, &mut found).unwrap();
                    assert_eq!(outcome, Outcome::Done);
                    let expected = (0..rows[2]).flat_map(|row| {
                        (0..columns[2]).map(move |column| {
                            value(rows[0] + rows[1] * row, columns[0] + columns[1] * column)
                        })
                    });
                    let found = found
                        .chunks_exact(8)
                        .map(|bytes| f64::from_ne_bytes(bytes.try_into().unwrap()));
                    assert!(found.eq(expected), "{name} [{text}]");
                }
            });
        }
    });
    fs::remove_dir_all(folder).unwrap();
}
