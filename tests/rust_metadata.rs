//! Whatever serde can write is printed, sorted and hashed as Python does it.

#![forbid(unsafe_code)]

mod common;

use common::{client, seed, succeed, Folder, Random};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::fs;

/// What Python prints for lines of its own expressions: plain and sorted.
fn python(expressions: &[String]) -> Vec<(String, String)> {
    let folder = Folder::new("rust_metadata");
    fs::write(folder.join("expressions"), expressions.join("\n")).unwrap();
    let script = "import json, math\n\
                  nan, inf = math.nan, math.inf\n\
                  for line in open('expressions', encoding='utf-8', newline='\\n'):\n\
                  \x20   value = eval(line)\n\
                  \x20   print(json.dumps(value))\n\
                  \x20   print(json.dumps(value, ensure_ascii=True, sort_keys=True, default=str))\n";
    let mut python = client(common::root().join("target/venv/bin/python"));
    let printed = succeed(python.args(["-c", script]).current_dir(folder.path()));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 2 * expressions.len());
    let pair = |pair: &[&str]| (pair[0].to_owned(), pair[1].to_owned());
    lines.chunks(2).map(pair).collect()
}

fn ours<T: Serialize>(value: &T) -> (String, String) {
    (
        h5sim::to_json(value).unwrap(),
        h5sim::canonical_json(value).unwrap(),
    )
}

#[derive(Serialize)]
enum Boundary {
    Periodic,
    Fixed(f64),
    Mixed(f64, i32),
    Robin { a: f64, b: Option<f64> },
}

#[derive(Serialize)]
struct Simulation<'a> {
    title: &'a str,
    dt: f64,
    big: u128,
    boundaries: Vec<Boundary>,
    grid: [[i64; 2]; 2],
    ragged: Vec<Vec<f32>>,
    species: BTreeMap<&'a str, f64>,
    levels: HashMap<i32, bool>,
    flags: BTreeMap<bool, u8>,
    newtype: Wrapper,
    pair: (char, ()),
    #[serde(rename = "Ärger")]
    renamed: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
}

#[derive(Serialize)]
struct Wrapper(i8);

#[test]
fn structs_enums_maps_and_nested_vectors_are_pythons() {
    let simulation = Simulation {
        title: "\"q\" \\ é 😀 \u{7f}\u{1}\n",
        dt: 1e-5,
        big: u128::MAX,
        boundaries: vec![
            Boundary::Periodic,
            Boundary::Fixed(-0.0),
            Boundary::Mixed(1e16, -1),
            Boundary::Robin {
                a: f64::NAN,
                b: None,
            },
        ],
        grid: [[1, 2], [i64::MIN, i64::MAX]],
        ragged: vec![vec![], vec![0.5], vec![f32::INFINITY, 1.0]],
        species: [("H2", 0.1), ("CO", 2.0), ("h", 3.0)].into(),
        levels: (-3..20).map(|level| (level * 7, level % 2 == 0)).collect(),
        flags: [(true, 1), (false, 0)].into(),
        newtype: Wrapper(-7),
        pair: ('ß', ()),
        renamed: 1,
        skipped: None,
    };
    let expected = "{'title': '\"q\" \\\\ é 😀 \\x7f\\x01\\n', 'dt': 1e-5, 'big': 2**128 - 1, \
        'boundaries': ['Periodic', {'Fixed': -0.0}, {'Mixed': [1e16, -1]}, {'Robin': {'a': nan, 'b': None}}], \
        'grid': [[1, 2], [-2**63, 2**63 - 1]], 'ragged': [[], [0.5], [inf, 1.0]], 'species': {'CO': 2.0, 'H2': 0.1, 'h': 3.0}, \
        'levels': {level * 7: level % 2 == 0 for level in range(-3, 20)}, 'flags': {False: 0, True: 1}, 'newtype': -7, \
        'pair': ['ß', None], 'Ärger': 1}";
    let expected = python(&[expected.to_owned()]);
    let (_, canonical) = ours(&simulation);
    assert_eq!(canonical, expected[0].1);
    // A HashMap has no order of its own, but all else keeps its.
    let plain = h5sim::to_json(&Simulation {
        levels: HashMap::new(),
        ..simulation
    })
    .unwrap();
    let without = |text: &str| {
        let start = text.find("\"levels\": {").unwrap() + 11;
        let end = start + text[start..].find('}').unwrap();
        text[..start].to_owned() + &text[end..]
    };
    assert_eq!(plain, without(&expected[0].0));
}

impl Random {
    fn text(&mut self) -> String {
        let length = self.below(6);
        let alphabet: Vec<char> = "ab\"\\/\n\t\u{8}\u{0}\u{7f}é߀\u{2028}\u{ffff}😀𝄞 Z"
            .chars()
            .collect();
        (0..length)
            .map(|_| alphabet[self.below(alphabet.len())])
            .collect()
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 1),
            2 => (self.next() as i64).into(),
            3 => self.next().into(),
            4 => {
                // Any bits, and numbers of few digits.
                let any = f64::from_bits(self.next());
                let few = self.below(1000) as f64 * 10f64.powi(self.below(40) as i32 - 20);
                let float = if self.below(2) == 0 && any.is_finite() {
                    any
                } else {
                    few
                };
                float.into()
            }
            5 => self.text().into(),
            6 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let members = (0..self.below(5)).map(|_| (self.text(), self.value(depth - 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

#[test]
fn random_documents_are_printed_and_read_as_python_does_it() {
    let seed = seed();
    let mut random = Random(seed);
    let documents: Vec<Value> = (0..3000).map(|_| random.value(4)).collect();
    // serde_json prints digits that read back as the same float, so that Python gets the same values.
    let expressions: Vec<String> = documents
        .iter()
        .map(|document| {
            let text = serde_json::to_string(&document.to_string()).unwrap();
            let escaped: String = text
                .chars()
                .map(|c| match c {
                    // What Python's lines or literals would take for something else.
                    '\u{2028}' => "\\u2028".to_owned(),
                    '\u{7f}' => "\\x7f".to_owned(),
                    c => c.to_string(),
                })
                .collect();
            format!("json.loads({escaped})")
        })
        .collect();
    for (document, expected) in documents.iter().zip(python(&expressions)) {
        assert_eq!(ours(document), expected, "seed {seed}: {document}");
        let back: Value = h5sim::from_json(&expected.0).unwrap();
        assert_eq!(&back, document, "seed {seed}");
    }
}

#[test]
fn names_are_the_same_from_rust_and_from_python() {
    let parameters = BTreeMap::from([(10, 0.5), (9, 1.0), (-1, 1e-7)]);
    let expected = python(&["{10: 0.5, 9: 1.0, -1: 1e-7}".to_owned()]);
    assert_eq!(h5sim::canonical_json(&parameters).unwrap(), expected[0].1);
    let text = serde_json::to_string(&expected[0].1).unwrap();
    let hash = python(&[format!(
        "__import__('hashlib').sha1({text}.encode()).hexdigest()[:10]"
    )]);
    let name = h5sim::hash_name("data_", &parameters, ".h5").unwrap();
    assert_eq!(format!("\"{}\"", &name[5..15]), hash[0].0);
    // As a YAML deck with numbers as keys gives it.
    let yaml = "10: 0.5\n9: 1.0\n-1: 1.0e-7\n";
    assert_eq!(h5sim::hash::hash_yaml(yaml, 10).unwrap(), name[5..15]);
}
