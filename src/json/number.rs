//! Comparing numbers exactly, as Python does: integers of any size with each other and with floats.

#![forbid(unsafe_code)]

use super::value::{Integer, Value};
use std::cmp::Ordering;

/// Compares two numbers by their values; None where one is NaN or is no number.
pub fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.partial_cmp(other),
        (Value::Integer(one), Value::Integer(other)) => Some(compare_integers(one, other)),
        (Value::Float(one), Value::Integer(other)) => compare_float_integer(*one, other),
        (Value::Integer(one), Value::Float(other)) => {
            compare_float_integer(*other, one).map(Ordering::reverse)
        }
        _ => None,
    }
}

/// Compares two integers.
pub fn compare_integers(one: &Integer, other: &Integer) -> Ordering {
    match (one, other) {
        (Integer::Small(one), Integer::Small(other)) => one.cmp(other),
        _ => compare_digits(&one.to_string(), &other.to_string()),
    }
}

fn compare_float_integer(float: f64, integer: &Integer) -> Option<Ordering> {
    if let Integer::Small(small) = integer {
        // Below 2^53 nothing is rounded.
        if small.unsigned_abs() < 1 << 53 {
            return float.partial_cmp(&(*small as f64));
        }
    }
    compare_float(float, &integer.to_string())
}

/// Compares two integers given by their shortest decimal digits.
pub fn compare_digits(one: &str, other: &str) -> Ordering {
    match (one.strip_prefix('-'), other.strip_prefix('-')) {
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (None, None) => (one.len(), one).cmp(&(other.len(), other)),
        (Some(one), Some(other)) => (other.len(), other).cmp(&(one.len(), one)),
    }
}

/// Compares a float with an integer given by its digits; None for NaN.
pub fn compare_float(float: f64, digits: &str) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return float.partial_cmp(&0.0);
    }
    // Every digit of the whole part: Rust prints floats exactly.
    let whole = format!("{:.0}", float.trunc() + 0.0);
    let order = compare_digits(&whole, digits);
    match order {
        Ordering::Equal => float.fract().partial_cmp(&0.0),
        order => Some(order),
    }
}

/// The number that a member's name stands for, in its order among others, none of which is NaN.
pub struct NumberName(Value);

impl NumberName {
    /// Reads it as JSON prints it; a truth value is a number in Python.
    pub fn of(name: &str) -> Self {
        Self(match (name, name.parse::<i64>()) {
            ("true", _) => Value::Integer(Integer::Small(1)),
            ("false", _) => Value::Integer(Integer::Small(0)),
            (_, Ok(small)) => Value::Integer(Integer::Small(small)),
            (name, _) if name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-')) => {
                Value::Integer(Integer::Big(name.to_owned()))
            }
            (name, _) => Value::Float(name.parse().unwrap_or(f64::NAN)),
        })
    }
}

impl Ord for NumberName {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for NumberName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NumberName {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for NumberName {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn numbers_of_all_kinds_have_one_order() {
        let ascending = [
            "-Infinity",
            "-1e300",
            "-100000000000000000000",
            "-9223372036854775808",
            "-2.5",
            "-2",
            "-0.5",
            "0",
            "0.5",
            "1",
            "2",
            "9007199254740992.0",
            "9007199254740993",
            "9007199254740994.0",
            "99999999999999999999",
            "1e20",
            "100000000000000000001",
            "1e300",
            "Infinity",
        ];
        let values: Vec<Value> = ascending.iter().map(|text| parse(text).unwrap()).collect();
        for (i, one) in values.iter().enumerate() {
            for (j, other) in values.iter().enumerate() {
                assert_eq!(
                    compare(one, other),
                    Some(i.cmp(&j)),
                    "{} {}",
                    ascending[i],
                    ascending[j]
                );
            }
        }
        let equal = |one: &str, other: &str| {
            compare(&parse(one).unwrap(), &parse(other).unwrap()) == Some(Ordering::Equal)
        };
        assert!(equal("1", "1.0") && equal("-0.0", "0") && equal("100000000000000000000", "1e20"));
        assert!(!equal("NaN", "NaN") && !equal("true", "1"));
    }
}
