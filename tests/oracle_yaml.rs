//! YAML against PyYAML itself, by random texts and values.
//!
//! The seed is printed; the environment variable H5SIM_SEED sets it.

mod common;

use common::{seed, Random};
use h5sim::error::Status;
use h5sim::json::{self, dumps, yaml, Integer, Object, Value};
use std::path::Path;
use std::process::Command;

/// Small enough to show that hostile texts need no deep stack.
const STACK_BYTES: usize = 256 * 1024;

/// Runs the oracle and gives the records that it wrote.
fn oracle(arguments: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join("target/venv/bin/python"))
        .arg(root.join("tests/python/yaml_oracle.py"))
        .args(arguments)
        .output()
        .expect("the interpreter of target/venv starts");
    assert!(
        output.status.success(),
        "the oracle failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut records = Vec::new();
    let mut rest = output.stdout.as_slice();
    while !rest.is_empty() {
        let (length, after) = rest.split_at(4);
        let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
        let (record, after) = after.split_at(length as usize);
        records.push(String::from_utf8(record.to_vec()).expect("records are UTF-8"));
        rest = after;
    }
    records
}

/// Runs `work` with a small stack.
fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work)
        .expect("a thread starts")
        .join()
        .expect("no panic")
}

/// Reads every text of the oracle and compares what it holds.
fn check_load(arguments: &[&str]) {
    let records = oracle(arguments);
    assert!(records.len() >= 3 && records.len() % 3 == 0);
    let (accepted, refused, unsortable) = on_small_stack(move || {
        let mut accepted = 0;
        let mut refused = 0;
        let mut unsortable = 0;
        let mut differences = 0;
        for case in records.chunks(3) {
            let (text, wanted, canonical) = (&case[0], &case[1], &case[2]);
            let loaded = yaml::load(text);
            let found = match &loaded {
                Ok(value) => {
                    accepted += 1;
                    format!("={}", dumps(value))
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.status, Status::Json);
                    assert!(error.message.starts_with("line "), "{error}");
                    "!".to_string()
                }
            };
            let agree = match wanted.strip_prefix('!') {
                Some(_) => found == "!",
                None => found == *wanted,
            };
            if !agree {
                differences += 1;
                println!("text {text:?}\nPyYAML {wanted}\nfound  {found} {loaded:?}\n");
            }
            let of_document = loaded.and_then(|value| json::canonical(&value));
            for found in [yaml::canonical(text), of_document] {
                let shown = match &found {
                    Ok(text) => format!("={text}"),
                    Err(_) => "!".to_owned(),
                };
                if shown
                    != if canonical.starts_with('!') {
                        "!"
                    } else {
                        canonical
                    }
                {
                    differences += 1;
                    println!("text {text:?}\nPython {canonical}\nfound  {found:?}\n");
                }
            }
            unsortable += u32::from(wanted.starts_with('=') && canonical.starts_with('!'));
        }
        assert_eq!(differences, 0, "texts that PyYAML reads differently");
        (accepted, refused, unsortable)
    });
    println!("{arguments:?}: {accepted} accepted, {refused} refused, {unsortable} without a canonical form");
    assert!(accepted > 0);
}

#[test]
fn scalars_are_read_as_pyyaml_reads_them() {
    check_load(&["load", "scalar", &seed().to_string(), "6000"]);
}

#[test]
fn what_pyyaml_prints_is_read_as_it_reads_it() {
    check_load(&["load", "dumped", &seed().to_string(), "400"]);
}

#[test]
fn mutated_texts_are_read_or_refused_as_pyyaml_does() {
    check_load(&["load", "mutated", &seed().to_string(), "3000"]);
}

#[test]
fn grown_texts_are_read_or_refused_as_pyyaml_does() {
    check_load(&["load", "grown", &seed().to_string(), "1500"]);
}

#[test]
fn keys_are_sorted_as_python_sorts_them() {
    check_load(&["load", "keyed", &seed().to_string(), "4000"]);
}

#[test]
fn indicators_in_any_order_are_read_or_refused_as_pyyaml_does() {
    check_load(&["load", "soup", &seed().to_string(), "5000"]);
}

#[test]
fn input_decks_are_read_as_pyyaml_reads_them() {
    check_load(&["decks"]);
}

#[test]
fn seeds_of_the_fuzzer_are_read_or_refused_as_pyyaml_does() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/yaml");
    check_load(&["files", &seeds.to_string_lossy()]);
}

impl Random {
    fn choose<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    fn text(&mut self) -> String {
        const WORDS: [&str; 36] = [
            "yes",
            "no",
            "null",
            "~",
            "1e3",
            "0o7",
            "07",
            "1_000",
            "2001-12-14",
            "1:30",
            "<<",
            "=",
            ".inf",
            "1.5",
            "-",
            "---",
            "...",
            "- a",
            "? b",
            ": c",
            "a: b",
            "a #b",
            "a#b",
            "#",
            "&x",
            "*x",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "{a}",
            "[b]",
            "a,b",
            "key",
        ];
        const ALPHABETS: [&str; 7] = [
            "ab \n",
            "abcdefgh ",
            "a'\"\\ ",
            "aé中😀 ",
            "a \u{0}\u{7}\t\r\u{1b}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}",
            "a:#-?,[]{}&*!|>'\"%@` ",
            "a\n",
        ];
        match self.below(10) {
            0 | 1 => (*self.choose(&WORDS)).to_string(),
            2 => {
                // Around the length where a key needs '? '.
                let length = 118 + self.below(12);
                "k".repeat(length)
            }
            3 | 4 => {
                let separator = *self.choose(&[" ", "  ", "\n", " \n", "\n ", "\n\n"]);
                let words: Vec<String> = (0..self.below(40))
                    .map(|_| {
                        (*self.choose(&["alpha", "b", "it's", "say \"x\"", "é", "", "longer-word"]))
                            .to_string()
                    })
                    .collect();
                words.join(separator)
            }
            _ => {
                let alphabet: Vec<char> = self.choose(&ALPHABETS).chars().collect();
                let length = *self.choose(&[3, 10, 100, 250]);
                (0..self.below(length))
                    .map(|_| *self.choose(&alphabet))
                    .collect()
            }
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth < 6 { 12 } else { 8 }) {
            0 => self
                .choose(&[Value::Null, Value::Bool(true), Value::Bool(false)])
                .clone(),
            1 => Value::Integer(Integer::Small(self.next() as i64 >> self.below(64))),
            2 => Value::Integer(Integer::Big(format!(
                "{}{:020}",
                1 + self.below(999),
                self.next()
            ))),
            3 => Value::Float(f64::from_bits(self.next())),
            4 => Value::Float(*self.choose(&[
                0.0,
                -0.0,
                1e16,
                1e15,
                1e-4,
                1e-5,
                123.0,
                1.5e300,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                5e-324,
            ])),
            5..=7 => Value::Text(self.text()),
            8 | 9 => Value::Array((0..self.below(6)).map(|_| self.value(depth + 1)).collect()),
            _ => {
                let members: Object = (0..self.below(6))
                    .map(|_| (self.text().into(), self.value(depth + 1)))
                    .collect();
                Value::Object(members)
            }
        }
    }
}

#[test]
fn values_are_printed_as_pyyaml_prints_them() {
    let mut random = Random(seed());
    let values: Vec<Value> = (0..3000).map(|_| random.value(0)).collect();
    let lines: String = values.iter().map(|value| dumps(value) + "\n").collect();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("yaml-values-{}.txt", std::process::id()));
    std::fs::write(&path, lines).expect("a temporary file");
    let records = oracle(&["dump", &path.to_string_lossy()]);
    std::fs::remove_file(&path).expect("the file is there");
    assert_eq!(records.len(), 2 * values.len());
    on_small_stack(move || {
        for (value, wanted) in values.iter().zip(records.chunks(2)) {
            let sorted = yaml::dump(value);
            assert_eq!(sorted, wanted[0], "{}", dumps(value));
            assert_eq!(yaml::dump_unsorted(value), wanted[1], "{}", dumps(value));
            let again = yaml::load(&wanted[1]).map(|value| dumps(&value));
            assert_eq!(again.as_ref(), Ok(&dumps(value)), "{sorted}");
        }
    });
}
