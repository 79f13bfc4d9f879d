//! What the comparison with PyYAML in tests/oracle_yaml.rs does not show: the messages, what is
//! knowingly different, and what hostile texts do.

use super::super::canonical::{canonical as canonical_of_document, dumps};
use super::super::parse::parse;
use super::*;
use crate::error::Status;

/// What a text holds, as JSON.
#[track_caller]
fn loaded(text: &str) -> String {
    match load(text) {
        Ok(value) => dumps(&value),
        Err(error) => panic!("{text:?}: {error}"),
    }
}

/// The sentence with which a text is refused.
#[track_caller]
fn failure(text: &str) -> String {
    let error = load(text).expect_err("a text to be refused");
    assert_eq!(error.status, Status::Json);
    error.message
}

/// Runs `work` on a thread with a stack of 256 KiB.
fn on_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn_scoped(scope, work)
            .expect("a thread starts")
            .join()
            .expect("no panic")
    })
}

#[test]
fn the_metadata_of_a_run() {
    let text = "\
model:
  k0: 1.2
  k1: 1.3
  tau: 0.01
  mass: 123.0
integrator: {dt: 0.001, method: rk4}
data_source:
  path: path/to/data
  host: bluecrab
";
    let json = r#"{"model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0}, "integrator": {"dt": 0.001, "method": "rk4"}, "data_source": {"path": "path/to/data", "host": "bluecrab"}}"#;
    assert_eq!(loaded(text), json);
    let document = parse(json).expect("JSON");
    assert_eq!(
        dump(&document),
        "\
data_source:
  host: bluecrab
  path: path/to/data
integrator:
  dt: 0.001
  method: rk4
model:
  k0: 1.2
  k1: 1.3
  mass: 123.0
  tau: 0.01
"
    );
    assert_eq!(
        dump_unsorted(&document),
        text.replace(" {dt: 0.001, method: rk4}", "\n  dt: 0.001\n  method: rk4")
    );
}

#[test]
fn yaml_1_1_scalars() {
    assert_eq!(
        loaded("[yes, No, ~, 07, 0o7, 1e3, 1.0e+3, 1_000, 190:20:30, .inf, 2001-12-14]"),
        r#"[true, false, null, 7, "0o7", "1e3", 1000.0, 1000, 685230, Infinity, "2001-12-14"]"#
    );
    assert_eq!(
        loaded("[2001-12-14t21:59:43.10-05:00, 2001-12-14 21:59:43Z, !!binary aGk=]"),
        r#"["2001-12-14 21:59:43.100000-05:00", "2001-12-14 21:59:43+00:00", "b'hi'"]"#
    );
}

#[test]
fn the_failures_name_the_line_and_the_column() {
    let messages = [
        (
            "a: b: c",
            "line 1, column 5: expected the rest of a value, found ':', which may follow only a key on one line",
        ),
        (
            "a: 1\n\tb: 2",
            "line 2, column 1: expected a value, a key or an indicator, found '\\t', which cannot begin any",
        ),
        (
            "a: 1\nb\nc: 3",
            "line 2, column 1: expected a key with ':' after it, found none",
        ),
        (
            "a: [1, 2\nb: 3",
            "line 2, column 2: expected ',' or the ']' of the sequence that begins on line 1, column 4, found ':'",
        ),
        (
            "a: {b: 1",
            "line 1, column 9: expected ',' or the '}' of the mapping that begins on line 1, column 4, found the end of the text",
        ),
        (
            "a: 1\n b: 2",
            "line 2, column 3: expected the rest of a value, found ':', which may follow only a key on one line",
        ),
        (
            "a:\n  - 1\n 2",
            "line 3, column 2: expected the next key or the end of the mapping that begins on line 1, column 1, found a scalar",
        ),
        (
            "a: 'b",
            "line 1, column 6: expected the closing quote of the text that begins on line 1, column 4, found the end of the text",
        ),
        (
            "a: \"\\q\"",
            "line 1, column 6: expected the name of an escape after '\\', found 'q'",
        ),
        (
            "a: \"\\x4g\"",
            "line 1, column 7: expected 2 hexadecimal digits, found 'g'",
        ),
        (
            "a: *b",
            "line 1, column 4: expected an alias of an anchor above it, found '*b'",
        ),
        (
            "[&a 1, &a 2]",
            "line 1, column 8: expected an anchor not used before, found '&a' a second time",
        ),
        (
            "&a [*a]",
            "line 1, column 1: expected an alias of a value that is complete, found a value inside itself",
        ),
        (
            "a: 1\n---\nb: 2",
            "line 2, column 1: expected one document, found a second one",
        ),
        (
            "a: !!python/tuple [1]",
            "line 1, column 4: expected a tag that safe YAML knows, found !!python/tuple",
        ),
        (
            "a: !point 1",
            "line 1, column 4: expected a tag that safe YAML knows, found !point",
        ),
        (
            "- =",
            "line 1, column 3: expected a tag that safe YAML knows, found !!value, the kind of '=' where it is no key",
        ),
        (
            "a: !!int x",
            "line 1, column 4: expected a value of the kind !!int, found \"x\"",
        ),
        (
            "a: 2001-02-29",
            "line 1, column 4: expected a value of the kind !!timestamp, found \"2001-02-29\"",
        ),
        (
            "a: !!map [1]",
            "line 1, column 4: expected a mapping for !!map, found a sequence",
        ),
        (
            "{[1]: 2}",
            "line 1, column 2: expected a scalar as the key of a mapping, found a sequence",
        ),
        (
            "2001-01-01: 2",
            "line 1, column 1: expected text, a number, true, false or null as the key of a mapping, found a date, which needs quotes to be text",
        ),
        (
            "<<: 1",
            "line 1, column 5: expected a mapping for '<<', found a scalar",
        ),
        (
            "a: \u{7}",
            "line 1, column 4: expected printable characters, found U+0007, which must be escaped in double quotes",
        ),
        (
            "a: |x",
            "line 1, column 5: expected '+', '-' or a digit after '|' or '>', found 'x'",
        ),
        (
            "%YAML 2.0\n---",
            "line 1, column 1: expected a version 1 of YAML, found version 2",
        ),
        (
            "!x!y z",
            "line 1, column 1: expected a tag whose handle a %TAG directive names, found '!x!'",
        ),
    ];
    for (text, message) in messages {
        assert_eq!(failure(text), message, "{text:?}");
    }
}

#[test]
fn long_names_are_clipped() {
    let name = "n".repeat(1000);
    for text in [
        format!("*{name}"),
        format!("!{name} x"),
        format!("!!int {name}"),
        format!("!{name}! x"),
        format!("[&{name} 1, &{name} 2]"),
        format!("%YAML 2{}.0\n---", "2".repeat(1000)),
    ] {
        assert!(failure(&text).len() < 200, "{text}");
    }
}

#[test]
fn sets_keep_the_order_of_the_text() {
    // In Python the order of the members is another one in every run.
    assert_eq!(
        loaded("!!set {b, a, b, 1, 1.0, 'it''s', 2001-01-01}"),
        r#""{'b', 'a', 1, \"it's\", datetime.date(2001, 1, 1)}""#
    );
    assert_eq!(loaded("!!set {}"), r#""set()""#);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    assert_eq!(loaded(r#""\ud83d\ude00""#), r#""\ud83d\ude00""#);
    for text in [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83d x""#,
        r#""\ud83d\ud83d\ude00""#,
    ] {
        assert!(failure(text).contains("U+DE00") || failure(text).ends_with("found only \\uD83D"));
    }
}

#[test]
fn digits_of_other_scripts_are_no_numbers() {
    // Python's `int` and `float` take them.
    assert!(failure("!!int ٣").ends_with("found \"٣\""));
    assert!(failure("!!float ٣.٥").ends_with("found \"٣.٥\""));
    assert_eq!(loaded("٣"), r#""\u0663""#);
}

#[test]
fn keys_with_many_escapes_are_printed_as_pyyaml_does_and_so_cannot_be_read() {
    let document = |length: usize| {
        let key = "😀".repeat(length).into();
        Value::Object([(key, Value::Null)].into_iter().collect())
    };
    let short = dump(&document(102));
    assert_eq!(short, format!("\"{}\": null\n", "\\U0001F600".repeat(102)));
    assert_eq!(load(&short), Ok(document(102)));
    let long = dump(&document(103));
    assert_eq!(long, format!("\"{}\": null\n", "\\U0001F600".repeat(103)));
    assert!(failure(&long).contains("found ':'"));
}

#[test]
fn texts_of_this_depth_and_no_deeper() {
    use super::super::value::MAX_DEPTH;
    on_small_stack(|| {
        for (begin, middle, end) in [
            ("[", "", "]"),
            ("{a: ", "", "}"),
            ("- ", "x", ""),
            ("[? [", "", "]: 1]"),
            ("? ", "x", ""),
        ] {
            let nested = |depth: usize| begin.repeat(depth) + middle + &end.repeat(depth);
            let depth_of_one = if begin == "[? [" { 3 } else { 1 };
            let deepest = MAX_DEPTH / depth_of_one;
            let result = load(&nested(deepest));
            // Mappings and sequences are no keys.
            if begin.contains('?') {
                assert!(result.is_err());
            } else {
                let value = result.expect("the deepest text");
                assert_eq!(value.depth(), MAX_DEPTH);
                assert_eq!(load(&dump(&value)), Ok(value));
            }
            for depth in [deepest + 1, 100_000] {
                assert!(failure(&nested(depth)).contains("at most 1024 sequences and mappings"));
            }
        }
        // By aliases the document gets deeper than its text.
        let chain = |length: usize| {
            let links: String = (1..length)
                .map(|link| format!("- &a{link} [*a{}]\n", link - 1))
                .collect();
            format!("- &a0 []\n{links}")
        };
        assert!(load(&chain(MAX_DEPTH - 1)).is_ok());
        assert!(failure(&chain(MAX_DEPTH)).contains("at most 1024 sequences and mappings"));
    });
}

#[test]
fn aliases_copy_no_more_than_a_bound() {
    let bomb = |first: &str, next: fn(usize) -> String| {
        let lines: String = (1..100).map(next).collect();
        format!("a0: &a0 {first}\n{lines}")
    };
    for text in [
        bomb("[x, x]", |n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)),
        bomb("{x: 1}", |n| {
            format!("a{n}: &a{n} {{b: *a{0}, c: *a{0}}}\n", n - 1)
        }),
        bomb("{x: 1}", |n| {
            format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}], k{n}: 1}}\n", n - 1)
        }),
        format!("- &a {}\n{}", "x".repeat(1_000_000), "- *a\n".repeat(100)),
        format!(
            "- &a {}\n{}",
            "x".repeat(1_000_000),
            "- {*a : 1}\n".repeat(100)
        ),
        format!(
            "- &a !!set {{{}}}\n{}",
            "x".repeat(1_000_000),
            "- *a\n".repeat(100)
        ),
        format!(
            "- &a !!set {{{}}}\n{}",
            "a: 1, ".repeat(10_000),
            "- {<<: *a}\n".repeat(200)
        ),
    ] {
        let message = failure(&text);
        assert!(
            message
                .ends_with("expected aliases that copy at most 1000000 values in all, found more"),
            "{message}"
        );
    }
    let usual = format!("- &a {{b: 1, c: [2, 3]}}\n{}", "- *a\n".repeat(100_000));
    assert!(load(&usual).is_ok());
}

#[test]
fn merges_and_values_lead_to_each_other_only_so_far() {
    on_small_stack(|| {
        let merges = |depth: usize| "{<<: ".repeat(depth) + "{a: 1}" + &"}".repeat(depth);
        assert_eq!(loaded(&merges(100)), r#"{"a": 1}"#);
        assert!(failure(&merges(101))
            .ends_with("expected at most 100 '<<' inside each other, found more"));
        let values = |depth: usize| "!!str {=: ".repeat(depth) + "a" + &"}".repeat(depth);
        assert_eq!(loaded(&values(100)), r#""a""#);
        assert!(failure(&values(101)).ends_with("expected a scalar for !!str, found a mapping"));
        assert!(
            failure("&a !!str {=: *a}").ends_with("expected a scalar for !!str, found a mapping")
        );
        assert_eq!(loaded("&a {<<: *a, <<: [*a, *a], b: 1}"), r#"{"b": 1}"#);
    });
}

#[test]
fn keys_that_are_numbers_are_sorted_as_in_python() {
    // What Python 3.11 prints of json.dumps(yaml.safe_load(text), sort_keys=True, default=str).
    for (text, json) in [
        (
            "{10: a, 2: b, -1: c}",
            r#"{"-1": "c", "2": "b", "10": "a"}"#,
        ),
        (
            "{1.5: a, 10: b, true: c, 2: {b: 1, a: 2}}",
            r#"{"true": "c", "1.5": "a", "2": {"a": 2, "b": 1}, "10": "b"}"#,
        ),
        (
            "{100000000000000000000: a, 3.0: b, -5: c, 0.1: d, .inf: e}",
            r#"{"-5": "c", "0.1": "d", "3.0": "b", "100000000000000000000": "a", "Infinity": "e"}"#,
        ),
        ("{~: 1}", r#"{"null": 1}"#),
        ("{'10': a, '2': b}", r#"{"10": "a", "2": "b"}"#),
        (
            "- {10: [{3: x, 20: y}], 9: z}",
            r#"[{"9": "z", "10": [{"3": "x", "20": "y"}]}]"#,
        ),
        ("", "null"),
        ("2001-12-14", r#""2001-12-14""#),
    ] {
        assert_eq!(canonical(text).as_deref(), Ok(json), "{text}");
        let document = load(text).unwrap();
        assert_eq!(
            canonical_of_document(&document).as_deref(),
            Ok(json),
            "{text}"
        );
        assert_eq!(
            canonical_of_document(&document.clone()).as_deref(),
            Ok(json),
            "{text}"
        );
    }
    let message = |text: &str| canonical(text).unwrap_err().message;
    let kinds = "expected keys of one kind in a mapping, which can be sorted, found";
    assert_eq!(
        message("{a: 1, 2: 3}"),
        format!("{kinds} the number 2 beside the text 'a'")
    );
    assert_eq!(
        message("{a: 1, ~: 3}"),
        format!("{kinds} null beside the text 'a'")
    );
    assert_eq!(
        message("{.nan: 1, 3: 3}"),
        format!("{kinds} the number NaN beside the number 3")
    );
    // PyYAML has one NaN, but for those that Python's float makes.
    assert_eq!(canonical("{.nan: 1, .NaN: 2}").unwrap(), r#"{"NaN": 2}"#);
    assert!(canonical("{!!float nan: 1, !!float nan: 2}").is_err());
    let two = load("{a: {1: a, '1': b}}").unwrap();
    let error = canonical_of_document(&two).unwrap_err();
    assert_eq!(
        error.message,
        format!("{kinds} 1 twice, which are different keys")
    );
    for text in [
        "{1: a, b: c}",
        "{~: a, b: c}",
        "{~: a, 1: c}",
        "{1: a, '1': b}",
        "{.nan: a, 1: b}",
        "[{a: {2: b, c: d}}]",
    ] {
        // The document, in which two keys may have one name, is refused just so.
        let of_document = load(text).and_then(|document| canonical_of_document(&document));
        for refused in [canonical(text), of_document] {
            let error = refused.unwrap_err();
            assert_eq!(error.status, Status::Json);
            assert!(error.message.contains("keys of one kind"), "{error}");
        }
    }
    // And printed so that they are read as numbers again, as yaml.dump prints them.
    for (text, printed) in [
        ("{10: a, 2: {~: b}, -1: c}", "-1: c\n2:\n  null: b\n10: a\n"),
        (
            "{1.5: a, true: c, .inf: d, -0.0: b, 1.0e-7: e, '1': f}",
            "1.5: a\ntrue: c\n.inf: d\n-0.0: b\n1.0e-07: e\n'1': f\n",
        ),
        ("{1e20: a, 1.0e+20: b}", "1e20: a\n1.0e+20: b\n"),
    ] {
        assert_eq!(dump(&load(text).unwrap()), printed, "{text}");
    }
    // Where nothing is sorted, all is as it was given.
    assert_eq!(
        loaded("{10: a, 2: b, c: d}"),
        r#"{"10": "a", "2": "b", "c": "d"}"#
    );
}
