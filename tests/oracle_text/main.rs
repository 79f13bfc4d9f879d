//! Slices against NumPy, JSON and hashes against Python, on random cases.
//!
//! The seed is printed; `H5SIM_SEED` repeats a run.

mod json;
mod random;
mod slices;

use std::path::Path;
use std::process::{Command, Stdio};

/// What a program of `tests/python` answers to all these lines.
fn ask(program: &str, lines: &[String]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let questions = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{program}.txt"));
    std::fs::write(&questions, lines.join("\n") + "\n").unwrap();
    let output = Command::new(root.join("target/venv/bin/python"))
        .arg(root.join("tests/python").join(program))
        .stdin(std::fs::File::open(&questions).unwrap())
        .stderr(Stdio::inherit())
        .output()
        .expect("target/venv/bin/python runs (tools/setup.sh test)");
    assert!(output.status.success(), "{program}: {}", output.status);
    let answers = String::from_utf8(output.stdout).unwrap();
    answers.lines().map(str::to_string).collect()
}

/// A text as it is sent to Python.
fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
