//! Slice texts against NumPy.

use crate::random::Random;
use crate::{ask, hexadecimal};
use h5sim::error::Status;
use h5sim::slice::{parse, Selection};
use std::collections::BTreeMap;

const CASES: usize = 8_000;
const MAX_RANK: usize = 6;
/// So that comparing all the values stays cheap.
const MAX_ELEMENTS: u64 = 400;
const SPACES: [&str; 8] = ["", "", "", "", " ", "  ", "\t", "\n"];

#[test]
fn slices_select_what_numpy_selects() {
    let mut random = Random::new("slices");
    let cases: Vec<(Vec<u64>, String)> = (0..CASES)
        .map(|_| {
            let shape = shape(&mut random);
            let text = text(&mut random, &shape);
            (shape, text)
        })
        .collect();
    let questions: Vec<String> = cases
        .iter()
        .map(|(shape, text)| format!("{}\t{}", joined(shape, "x"), hexadecimal(text)))
        .collect();
    let answers = ask("oracle_slice.py", &questions);
    assert_eq!(answers.len(), CASES);
    let mut kinds = BTreeMap::new();
    for ((shape, text), answer) in cases.iter().zip(&answers) {
        let kind = answer.split(' ').next().unwrap();
        *kinds.entry(kind).or_insert(0) += 1;
        compare(shape, text, answer, kind);
    }
    println!("{kinds:?}");
    for (kind, least) in [
        ("ok", CASES / 3),
        ("index", CASES / 50),
        ("wide", 1),
        ("ellipses", CASES / 400),
        ("value", CASES / 400),
        ("syntax", CASES / 50),
        ("other", 1),
    ] {
        let found = kinds.get(kind).copied().unwrap_or(0);
        assert!(found >= least, "only {found} cases of {kind}");
    }
}

/// Checks that the library answers what NumPy answered.
fn compare(shape: &[u64], text: &str, answer: &str, kind: &str) {
    let case = format!("{text:?} of {shape:?}: NumPy says {answer:?}");
    let expected: &[Status] = match (kind, parse(text, shape)) {
        ("ok", Ok(selection)) => {
            let (shape, values) = (selection.shape(), elements(&selection, shape));
            let found = format!("ok {} {}", joined(&shape, "x"), joined(&values, ","));
            assert_eq!(found, answer, "{case}");
            assert_eq!(selection.len(), Ok(values.len() as u64), "{case}");
            return;
        }
        ("index", _) => &[Status::Shape],
        // NumPy sees a wide integer before other errors, the library in its turn.
        ("wide", _) => &[Status::Shape, Status::Argument],
        ("ellipses" | "value" | "syntax" | "other", _) => &[Status::Argument],
        (_, result) => panic!("{case}, the library {result:?}"),
    };
    match parse(text, shape) {
        Ok(selection) => panic!("{case}, the library {selection:?}"),
        Err(error) => assert!(
            expected.contains(&error.status),
            "{case}, the library {error}"
        ),
    }
}

/// The elements of an array that counts from 0, in the order of the selection.
fn elements(selection: &Selection, shape: &[u64]) -> Vec<u64> {
    let mut elements = vec![0];
    for (axis, &extent) in selection.axes.iter().zip(shape) {
        elements = elements
            .into_iter()
            .flat_map(|element| {
                (0..axis.count).map(move |number| {
                    let index = u64::try_from(axis.start + number * axis.step).unwrap();
                    assert!(index < extent);
                    element * extent + index
                })
            })
            .collect();
    }
    elements
}

fn joined(numbers: &[u64], separator: &str) -> String {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    match numbers.is_empty() {
        true => "-".to_string(),
        false => numbers.join(separator),
    }
}

fn shape(random: &mut Random) -> Vec<u64> {
    let rank = random.below(MAX_RANK + 1);
    let mut shape: Vec<u64> = (0..rank).map(|_| random.below(10) as u64).collect();
    while shape.iter().product::<u64>() > MAX_ELEMENTS {
        let axis = random.below(rank);
        shape[axis] = shape[axis].min(1 + random.below(4) as u64);
    }
    // Zero extents are worth testing, but leave no values to compare.
    if !random.one_in(8) {
        shape
            .iter_mut()
            .for_each(|extent| *extent = (*extent).max(1));
    }
    shape
}

fn text(random: &mut Random, shape: &[u64]) -> String {
    let mut named = random.below(shape.len() + 1);
    if random.one_in(20) {
        named += random.below(3);
    }
    let ellipsis = random.below(named.max(1) + 1);
    let mut items: Vec<String> = (0..named)
        .map(|number| {
            // After an ellipsis the axes are counted from the end.
            let axis = if number < ellipsis {
                number
            } else {
                number + shape.len() - named.min(shape.len())
            };
            let extent = shape.get(axis).or(shape.last()).copied().unwrap_or(1);
            item(random, extent as i64)
        })
        .collect();
    if random.one_in(2) {
        items.insert(ellipsis.min(items.len()), "...".to_string());
    }
    if random.one_in(40) {
        items.insert(random.below(items.len() + 1), "...".to_string());
    }
    let mut text = String::new();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        text += random.choice(&SPACES);
        text += item;
        text += random.choice(&SPACES);
    }
    if !items.is_empty() && random.one_in(10) {
        text += ",";
    }
    if items.is_empty() && random.one_in(2) {
        text += "()";
    }
    if random.one_in(12) {
        text = format!("({text})");
    }
    if random.one_in(2) && !text.trim().is_empty() {
        text = format!(
            "{}[{text}]{}",
            random.choice(&SPACES),
            random.choice(&SPACES)
        );
    }
    if random.one_in(6) {
        let alphabet: Vec<char> = "0123456789::::,,..--+_ []()None\n#~xbé\0".chars().collect();
        text = random.mutate(&text, &alphabet);
    }
    text
}

/// One index or slice for an axis of that extent.
fn item(random: &mut Random, extent: i64) -> String {
    if random.one_in(4) {
        // Mostly inside the axis, sometimes just outside.
        let (first, last) = match random.one_in(10) {
            true => (-extent - 2, extent + 1),
            false => (-extent, (extent - 1).max(-extent)),
        };
        let index = random.between(first, last);
        return integer(random, index);
    }
    let mut parts: Vec<String> = (0..2 + random.below(2))
        .map(|part| match random.below(10) {
            0..=4 => String::new(),
            5 => "None".to_string(),
            _ if part == 2 => {
                let step = random.between(-3, 3);
                let step = if step == 0 && random.one_in(3) {
                    -1
                } else {
                    step
                };
                integer(random, step)
            }
            _ => {
                let bound = random.between(-extent - 3, extent + 3);
                integer(random, bound)
            }
        })
        .collect();
    if random.one_in(40) {
        parts.push(String::new());
    }
    let space = random.choice(&SPACES);
    parts.join(&format!("{space}:"))
}

/// An integer, written in one of the ways that Python allows, now and then a huge one.
fn integer(random: &mut Random, value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    match random.below(60) {
        0 => format!("{sign}{}", random.bits()),
        1 => format!(
            "{sign}{}",
            random.choice(&["9223372036854775807", "9223372036854775808"])
        ),
        2 => format!("{sign}9{}", "0".repeat(random.below(60))),
        3 => format!("- - {value}").replace("- -", "-+ -"),
        4 => format!("+{value}"),
        5 if value.abs() > 9 => format!("{sign}{}_{}", value.abs() / 10, value.abs() % 10),
        6 if value == 0 => "0_00".to_string(),
        7 => format!("{sign}0{}", value.abs()),
        8 => format!("{sign}{:#x}", value.abs()),
        _ => value.to_string(),
    }
}
