//! JSON, its canonical form and the hash against Python's json and hashlib.

use crate::random::Random;
use crate::{ask, hexadecimal};
use h5sim::error::Status;
use h5sim::json::{canonical, dumps, parse, MAX_DEPTH};
use h5sim::{hash, json};
use std::collections::BTreeMap;

const CASES: usize = 24_000;

#[test]
fn json_and_hashes_are_pythons() {
    let mut random = Random::new("json");
    let mut texts: Vec<String> = (0..CASES).map(|_| text(&mut random)).collect();
    texts.extend(fixed());
    let questions: Vec<String> = texts.iter().map(|text| hexadecimal(text)).collect();
    let answers = ask("oracle_json.py", &questions);
    let mut answers = answers.iter();
    let mut kinds = BTreeMap::new();
    for text in &texts {
        let verdict = answers.next().unwrap();
        let (kind, depth) = verdict.split_once(' ').unwrap_or((verdict, ""));
        let result = parse(text);
        if kind == "error" {
            let error = result.expect_err(&format!("Python refuses {text:?}"));
            assert_eq!(error.status, Status::Json);
            assert_eq!(hash::hash(text, 40).unwrap_err(), error);
            *kinds.entry("error").or_insert(0) += 1;
            continue;
        }
        let mut next = || answers.next().unwrap().as_str();
        let (expected_canonical, expected_dumps, expected_hash) = (next(), next(), next());
        let is_deep = depth.parse::<usize>().unwrap() > MAX_DEPTH;
        let kind = if is_deep { "deep" } else { kind };
        *kinds.entry(kind).or_insert(0) += 1;
        if kind != "ok" {
            let error = result.expect_err(&format!("{kind}: {text:?}"));
            let reason = if is_deep {
                "inside each other"
            } else {
                "surrogate pair"
            };
            assert!(error.message.contains(reason), "{error}: {text:?}");
            assert_eq!(hash::hash(text, 40).unwrap_err(), error);
            continue;
        }
        let value = result.unwrap_or_else(|error| panic!("{error}: {text:?}"));
        assert_eq!(
            canonical(&value).as_deref(),
            Ok(expected_canonical),
            "{text:?}"
        );
        assert_eq!(
            hash::canonical_json(text).unwrap(),
            expected_canonical,
            "{text:?}"
        );
        assert_eq!(dumps(&value), expected_dumps, "{text:?}");
        assert_eq!(hash::hash(text, 40).unwrap(), expected_hash, "{text:?}");
    }
    assert!(answers.next().is_none());
    println!("{kinds:?}");
    for (kind, least) in [
        ("ok", CASES / 2),
        ("error", CASES / 10),
        ("surrogate", CASES / 500),
        ("deep", 1),
    ] {
        let found = kinds.get(kind).copied().unwrap_or(0);
        assert!(found >= least, "only {found} cases of {kind}");
    }
}

/// What has to be tested each time.
fn fixed() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\u{feff}1",
        "-",
        "-0",
        "1.",
        "NaN",
        "-NaN",
        "nan",
        "\0",
    ]
    .map(str::to_string)
    .to_vec();
    for exponent in [
        "99999999999999999999",
        "+400",
        "-400",
        "-99999999999999999999",
    ] {
        for digits in [
            "1",
            "-0",
            "0.0",
            "-2.5",
            &format!("0.{}1", "0".repeat(390)),
            &"7".repeat(390),
        ] {
            texts.push(format!("{digits}e{exponent}"));
        }
    }
    // All powers of two and their neighbours, where finding the shortest digits is hardest.
    let powers = (0..2046_u64).map(|exponent| exponent << 52);
    let subnormal = (0..52).map(|bit| 1_u64 << bit);
    for bits in powers.chain(subnormal) {
        let around = [bits.saturating_sub(1), bits, bits + 1].map(f64::from_bits);
        texts.push(format!("[{:e},{:e},{:e}]", around[0], around[1], around[2]));
    }
    // All powers of ten, and what is next to where the layout changes.
    texts.extend((-330..=310).map(|exponent| format!("1e{exponent}")));
    for limit in [1e-5, 1e-4, 1e15, 1e16, 1e17, 1e22, 1e23] {
        let bits = f64::to_bits(limit);
        let around = [bits - 1, bits, bits + 1].map(f64::from_bits);
        texts.push(format!("[{:e},{:e},{:e}]", around[0], around[1], around[2]));
    }
    for digits in [18, 19, 20, 4299, 4300, 4301] {
        texts.push("9".repeat(digits));
        texts.push(format!("[-1{}]", "0".repeat(digits - 1)));
        texts.push(format!("1{}.0", "0".repeat(digits - 1)));
    }
    for depth in [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 2 * MAX_DEPTH] {
        texts.push("[".repeat(depth) + &"]".repeat(depth));
        texts.push("{\"a\":".repeat(depth) + "0" + &"}".repeat(depth));
    }
    texts
}

/// One text, in six cases of ten a valid one.
fn text(random: &mut Random) -> String {
    let mut text = String::new();
    let size = 1 + random.below(12);
    let depth = if random.one_in(50) {
        random.below(60)
    } else {
        random.below(5)
    };
    value(random, depth, size, &mut text);
    if random.below(10) < 4 {
        let alphabet: Vec<char> = "{}[]\"\",::,\\/ubnDd8cC0123456789.eE+-_ \t\n\r\x0c\x01\x7f\u{a0}\u{feff}\u{2028}éNaInfinitytruefalsenull'#"
            .chars()
            .collect();
        text = random.mutate(&text, &alphabet);
    }
    text
}

fn value(random: &mut Random, depth: usize, size: usize, text: &mut String) {
    space(random, text);
    match random.below(if depth == 0 { 6 } else { 12 }) {
        0 => {
            *text += random.choice(&[
                "null",
                "true",
                "false",
                "NaN",
                "Infinity",
                "-Infinity",
                "-0",
                "-0.0",
            ])
        }
        1 => *text += &integer(random),
        2 | 3 => *text += &float(random),
        4 | 5 => string(random, text),
        6..=8 => {
            text.push('[');
            for number in 0..random.below(size) {
                if number > 0 {
                    text.push(',');
                }
                value(random, depth - 1, size / 2 + 1, text);
            }
            space(random, text);
            text.push(']');
        }
        _ => {
            text.push('{');
            for number in 0..random.below(size) {
                if number > 0 {
                    text.push(',');
                }
                space(random, text);
                // Few names, so that there are duplicates.
                match random.below(3) {
                    0 => string(random, text),
                    _ => {
                        *text += random.choice(&[
                            r#""a""#,
                            r#""b""#,
                            r#""\u0061""#,
                            r#""B""#,
                            r#""""#,
                            "\"é\"",
                            r#""\u00e9""#,
                            r#""10""#,
                            r#""9""#,
                            "\"\u{ffff}\"",
                            "\"😀\"",
                        ])
                    }
                }
                space(random, text);
                text.push(':');
                value(random, depth - 1, size / 2 + 1, text);
            }
            space(random, text);
            text.push('}');
        }
    }
    space(random, text);
}

fn space(random: &mut Random, text: &mut String) {
    if random.one_in(4) {
        *text += random.choice(&[" ", "\n", "\t", "\r\n", "   "]);
    }
}

fn integer(random: &mut Random) -> String {
    match random.below(5) {
        0 => random.between(-20, 20).to_string(),
        1 => (random.bits() as i64).to_string(),
        2 => random.bits().to_string(),
        3 => ((random.bits() >> random.below(64)) as i64).to_string(),
        _ => {
            let digits = 1 + random.below(80);
            let sign = random.choice(&["", "-"]);
            let first = char::from(b'1' + random.below(9) as u8);
            let rest = (0..digits).map(|_| char::from(b'0' + random.below(10) as u8));
            format!("{sign}{first}{}", rest.collect::<String>())
        }
    }
}

/// A float of random bits, or one as people write them, in one of many spellings.
fn float(random: &mut Random) -> String {
    let float = match random.below(4) {
        0 => random.between(-100_000, 100_000) as f64 / 1000.0,
        1 => random.between(-99, 99) as f64 * 10_f64.powi(random.between(-20, 20) as i32),
        _ => f64::from_bits(random.bits()),
    };
    if !float.is_finite() {
        return json::float_repr(float);
    }
    match random.below(8) {
        0 => format!("{float:e}"),
        1 => format!("{float:E}").replace('E', "E+").replace("+-", "-"),
        2 => format!("{float:.16e}"),
        3 => format!("{float:.40e}"),
        4 => format!("{float:.0e}"),
        // The exact value, and a hair beside it.
        5 if (1e-30..1e30).contains(&float.abs()) => format!("{float:.110}"),
        6 if (1e-30..1e30).contains(&float.abs()) => format!("{float:.110}1"),
        7 => format!("{:e}", float * 1e308 * 1e308).replace("inf", "1e400"),
        _ => json::float_repr(float),
    }
}

fn string(random: &mut Random, text: &mut String) {
    text.push('"');
    for _ in 0..random.below(8) {
        match random.below(14) {
            0 => {
                *text += random.choice(&["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"])
            }
            1 => *text += &format!("\\u{:04x}", random.below(0xd800)),
            2 => *text += &format!("\\u{:04X}", 0xe000 + random.below(0x2000)),
            3 => {
                let (high, low) = (0xd800 + random.below(0x400), 0xdc00 + random.below(0x400));
                *text += &format!("\\u{high:04x}\\u{low:04X}");
            }
            4 if random.one_in(10) => *text += &format!("\\u{:04x}", 0xd800 + random.below(0x800)),
            5 => text.extend(char::from_u32(random.below(0x11_0000) as u32)),
            6 => text
                .push(random.choice(&['\x7f', '\u{80}', '\u{a0}', '\u{2028}', '\u{ffff}', '😀'])),
            _ => text.push(char::from(random.choice(b"abcXYZ 019/._-'"))),
        }
    }
    text.push('"');
}
