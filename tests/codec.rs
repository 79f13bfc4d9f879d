//! The chunk filters against those of h5py and hdf5plugin, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use h5sim::codec::{Filter, Pipeline, Scratch};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn python(arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join("target/venv/bin/python"))
        .arg(root.join("tests/python/codec_peers.py"))
        .args(arguments)
        .output()
        .expect("the interpreter that tools/setup.sh installs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn filters(text: &str) -> Vec<Filter> {
    text.split(';')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let fields: Vec<&str> = part.split(':').collect();
            Filter {
                id: fields[0].parse().unwrap(),
                client_data: fields[1]
                    .split(',')
                    .filter(|value| !value.is_empty())
                    .map(|value| value.parse().unwrap())
                    .collect(),
            }
        })
        .collect()
}

#[test]
fn chunks_of_h5py_are_decoded_and_ours_are_read_by_it() {
    let folder = folder("codec_peers");
    let place = folder.to_str().unwrap();
    python(&["write", place]);
    let (mut scratch, mut chunk, mut encoded) = (Scratch::default(), Vec::new(), Vec::new());
    let index = fs::read_to_string(folder.join("index")).unwrap();
    let mut cases = 0;
    for line in index.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [number, mask, bytes, list] = fields[..] else {
            panic!("a line of the index: {line}")
        };
        let pipeline = Pipeline::new(&filters(list)).unwrap();
        let stored = fs::read(folder.join(format!("{number}.stored"))).unwrap();
        let expected = fs::read(folder.join(format!("{number}.chunk"))).unwrap();
        let bytes: usize = bytes.parse().unwrap();
        pipeline
            .decode(
                &mut scratch,
                mask.parse().unwrap(),
                &stored,
                bytes,
                &mut chunk,
            )
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(chunk == expected, "{line}");
        pipeline
            .encode(&mut scratch, &expected, &mut encoded)
            .unwrap();
        fs::write(folder.join(format!("{number}.encoded")), &encoded).unwrap();
        cases += 1;
    }
    assert_eq!(cases, 450);
    assert_eq!(python(&["check", place]).trim(), "450");
}
