//! How two documents differ.

#![forbid(unsafe_code)]

use crate::json::{self, Value, ValueKind};

/// One difference between two documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, as a dotted key; empty for the whole document.
    pub key: String,
    /// What the first one has there.
    pub first: Option<Value>,
    /// What the second one has there.
    pub second: Option<Value>,
}

/// All differences; `equal` decides about values that are no objects.
pub fn differences(
    first: &Value,
    second: &Value,
    equal: impl Fn(&Value, &Value) -> bool,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut waiting = vec![(String::new(), first, second)];
    while let Some((key, first, second)) = waiting.pop() {
        let below = |name: &str| match key.is_empty() {
            true => name.to_owned(),
            false => format!("{key}.{name}"),
        };
        let (Value::Object(one), Value::Object(other)) = (first, second) else {
            if !equal(first, second) {
                found.push(Difference {
                    key,
                    first: Some(first.clone()),
                    second: Some(second.clone()),
                });
            }
            continue;
        };
        for (name, value) in one {
            match other.get(name) {
                Some(counterpart) => waiting.push((below(name), value, counterpart)),
                None => found.push(Difference {
                    key: below(name),
                    first: Some(value.clone()),
                    second: None,
                }),
            }
        }
        for (name, value) in other.iter().filter(|member| !one.contains_key(member.0)) {
            found.push(Difference {
                key: below(name),
                first: None,
                second: Some(value.clone()),
            });
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found
}

/// The first few differences in words.
pub(super) fn first_differences(
    first: &Value,
    second: &Value,
    first_is: &str,
    second_is: &str,
) -> String {
    const SHOWN: usize = 3;
    let found = differences(first, second, |one, other| {
        json::canonical(one) == json::canonical(other)
    });
    let shown: Vec<String> = found
        .iter()
        .take(SHOWN)
        .map(|one| {
            let key = if one.key.is_empty() {
                "the whole"
            } else {
                &one.key
            };
            format!(
                "{key} is {} {first_is} and {} {second_is}",
                shown(one.first.as_ref()),
                shown(one.second.as_ref())
            )
        })
        .collect();
    let more = match found.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// A value in words.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None => "not".to_owned(),
        Some(value) if matches!(value.kind(), ValueKind::Array | ValueKind::Object) => {
            let text = json::dumps(value);
            match text.len() {
                0..=60 => text,
                _ => value.kind().to_string(),
            }
        }
        Some(value) => json::dumps(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_by_key() {
        let one = json::parse(r#"{"a": {"b": 1, "c": 2}, "d": [1], "e": 1}"#).unwrap();
        let other = json::parse(r#"{"a": {"b": 1.0, "x": 3}, "d": [1], "f": null}"#).unwrap();
        assert_eq!(
            first_differences(&one, &other, "here", "there"),
            "a.b is 1 here and 1.0 there, a.c is 2 here and not there, a.x is not here and 3 there, and 2 more"
        );
        let loosely = differences(&one, &other, crate::catalog::matching::equal);
        let keys: Vec<&str> = loosely.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["a.c", "a.x", "e", "f"]);
    }
}
