//! Stock h5py, in children with a timer: half-written files have hung stock HDF5.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn interpreter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python")
}

/// Starts `tests/python/journal_peer.py` with these arguments.
pub fn start(arguments: &[&str]) -> Child {
    Command::new(interpreter())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/journal_peer.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("target/venv/bin/python is missing: run tools/setup.sh test")
}

/// Runs it to its end and returns what it printed.
pub fn run(arguments: &[&str]) -> Result<String, String> {
    let output = start(arguments)
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("journal_peer.py {arguments:?} failed: {text}"))
    }
}

/// What h5py sees in each file: its listing, `None` if it refuses the file, or what went wrong.
pub fn listings(paths: &[&Path]) -> Vec<Result<Option<Vec<String>>, String>> {
    let mut child = start(&["list"]);
    let mut input = child.stdin.take().unwrap();
    for path in paths {
        writeln!(input, "{}", path.display()).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match line.split_once('\t') {
            Some(("line", text)) => lines.push(text.to_string()),
            Some(("end", "read")) => {
                lines.sort();
                found.push(Ok(Some(std::mem::take(&mut lines))));
            }
            Some(("end", "refused")) => found.push(Ok(None)),
            _ => {
                lines.clear();
                found.push(Err(format!("h5py: {line}")));
            }
        }
    }
    assert_eq!(found.len(), paths.len(), "one answer for each file: {text}");
    found
}
