//! Integers and floats as PyYAML's constructors read them, sexagesimal ones included.

#![forbid(unsafe_code)]

use super::super::value::Integer;

/// Python converts no more decimal digits than these, neither from nor to text.
const MAX_DIGITS: usize = 4300;

/// Python's white space that is not also Rust's.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&character)
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_python_space)
}

/// Takes one sign off and tells whether it is `-`.
fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Reads a scalar of the tag `!!int`, or fails where PyYAML does.
pub(super) fn integer(text: &str) -> Option<Integer> {
    let text = text.replace('_', "");
    let (is_negative, digits) = split_sign(&text);
    let magnitude = if digits == "0" {
        Whole::default()
    } else if let Some(digits) = digits.strip_prefix("0b") {
        Whole::parse(digits, 2)?
    } else if let Some(digits) = digits.strip_prefix("0x") {
        Whole::parse(digits, 16)?
    } else if digits.starts_with('0') {
        Whole::parse(digits, 8)?
    } else if digits.contains(':') {
        let mut total = Whole::default();
        for part in digits.split(':') {
            let part = Whole::parse(part, 10)?;
            total = total.times_60_plus(&part)?;
        }
        total
    } else {
        // The empty text fails here too.
        Whole::parse(digits, 10)?
    };
    magnitude.integer(is_negative)
}

/// Reads a scalar of the tag `!!float`, or fails where PyYAML does.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_lowercase();
    let (is_negative, digits) = split_sign(&text);
    let magnitude = match digits {
        ".inf" => f64::INFINITY,
        // PyYAML's `.nan` has no sign.
        ".nan" => return Some(f64::NAN),
        _ if digits.contains(':') => sexagesimal_float(digits)?,
        _ => python_float(digits)?,
    };
    Some(if is_negative { -magnitude } else { magnitude })
}

/// Whether a text is PyYAML's own NaN, of which there is one: as a key of a mapping it is the same each time.
pub(super) fn is_own_nan(text: &str) -> bool {
    split_sign(&text.replace('_', "").to_lowercase()).1 == ".nan"
}

/// What Python's `float` makes of a text.
fn python_float(text: &str) -> Option<f64> {
    trim(text).parse().ok()
}

/// Adds up the parts as PyYAML does, last one first, so that each rounding is the same.
fn sexagesimal_float(text: &str) -> Option<f64> {
    let mut total = 0.0;
    // The power of 60 is exact in Python, and rounded only when it is used.
    let mut base = Whole::from(1);
    for part in text.rsplit(':') {
        let digit = python_float(part)?;
        let factor: f64 = base.digits().parse().ok()?;
        if factor.is_infinite() {
            return None;
        }
        total += digit * factor;
        base = base.times_60_plus(&Whole::default())?;
    }
    Some(total)
}

/// A whole number of any size, with its sign, as far as Python converts it to text.
#[derive(Clone, Debug, Default)]
struct Whole {
    is_negative: bool,
    /// Digits to the base [`LIMB`], lowest first, without leading zeros.
    limbs: Vec<u64>,
}

const LIMB: u64 = 1_000_000_000;
const LIMB_DIGITS: usize = 9;

impl From<u32> for Whole {
    fn from(number: u32) -> Self {
        let mut whole = Self::default();
        whole.multiply_add(0, u64::from(number));
        whole
    }
}

impl Whole {
    /// What Python's `int` makes of a text and a base.
    fn parse(text: &str, base: u32) -> Option<Self> {
        let (is_negative, digits) = split_sign(trim(text));
        let prefixes: [&str; 2] = match base {
            2 => ["0b", "0B"],
            8 => ["0o", "0O"],
            16 => ["0x", "0X"],
            _ => ["", ""],
        };
        let digits = prefixes
            .iter()
            .find_map(|prefix| digits.strip_prefix(prefix))
            .unwrap_or(digits);
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
            return None;
        }
        if base == 10 && digits.len() > MAX_DIGITS {
            return None;
        }
        let digits = digits.trim_start_matches('0');
        // Even in binary this many digits are too many: no work for what will be refused.
        if digits.len() > MAX_DIGITS * 4 {
            return None;
        }
        let mut whole = Self {
            is_negative,
            limbs: Vec::new(),
        };
        for digit in digits.chars() {
            whole.multiply_add(u64::from(base), u64::from(digit.to_digit(base)?));
        }
        whole.is_short_enough().then_some(whole)
    }

    /// Multiplies the magnitude by `factor` and adds `summand`, both small.
    fn multiply_add(&mut self, factor: u64, summand: u64) {
        let mut carry = summand;
        for limb in &mut self.limbs {
            let sum = *limb * factor + carry;
            *limb = sum % LIMB;
            carry = sum / LIMB;
        }
        while carry > 0 {
            self.limbs.push(carry % LIMB);
            carry /= LIMB;
        }
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }

    /// The next step of a sexagesimal number, unless it gets too long for Python.
    fn times_60_plus(&self, summand: &Self) -> Option<Self> {
        let mut total = self.clone();
        total.multiply_add(60, 0);
        let total = total.plus(summand);
        total.is_short_enough().then_some(total)
    }

    fn plus(&self, other: &Self) -> Self {
        if self.is_negative == other.is_negative {
            let mut limbs = Vec::new();
            let mut carry = 0;
            let length = self.limbs.len().max(other.limbs.len());
            for index in 0..=length {
                let sum = self.limb(index) + other.limb(index) + carry;
                limbs.push(sum % LIMB);
                carry = sum / LIMB;
            }
            return Self::new(self.is_negative, limbs);
        }
        let (larger, smaller) = if self.is_smaller_than(other) {
            (other, self)
        } else {
            (self, other)
        };
        let mut limbs = Vec::new();
        let mut borrow = 0;
        for index in 0..larger.limbs.len() {
            let difference = larger.limb(index) + LIMB - smaller.limb(index) - borrow;
            limbs.push(difference % LIMB);
            borrow = 1 - difference / LIMB;
        }
        Self::new(larger.is_negative, limbs)
    }

    fn new(is_negative: bool, mut limbs: Vec<u64>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { is_negative, limbs }
    }

    fn limb(&self, index: usize) -> u64 {
        self.limbs.get(index).copied().unwrap_or(0)
    }

    fn is_smaller_than(&self, other: &Self) -> bool {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        let ordering =
            by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()));
        ordering.is_lt()
    }

    fn is_short_enough(&self) -> bool {
        self.limbs.len() <= MAX_DIGITS / LIMB_DIGITS || self.digits().len() <= MAX_DIGITS
    }

    /// The decimal digits of the magnitude.
    fn digits(&self) -> String {
        let mut limbs = self.limbs.iter().rev();
        let mut text = limbs.next().map_or_else(|| "0".to_string(), u64::to_string);
        for limb in limbs {
            text.push_str(&format!("{limb:09}"));
        }
        text
    }

    /// The number, its sign turned over if `negated`.
    fn integer(&self, negated: bool) -> Option<Integer> {
        let sign = if self.is_negative != negated && !self.limbs.is_empty() {
            "-"
        } else {
            ""
        };
        let text = format!("{sign}{}", self.digits());
        self.is_short_enough().then(|| match text.parse() {
            Ok(small) => Integer::Small(small),
            Err(_) => Integer::Big(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match integer(text) {
            None => "error".to_string(),
            Some(Integer::Small(small)) => small.to_string(),
            Some(Integer::Big(digits)) => format!("big {digits}"),
        }
    }

    #[test]
    fn integers() {
        for (text, wanted) in [
            ("0", "0"),
            ("-0", "0"),
            ("1_000", "1000"),
            ("+07", "7"),
            ("0o17", "15"),
            ("-0b1_01", "-5"),
            ("0xFF", "255"),
            ("0b_", "error"),
            ("", "error"),
            ("-", "error"),
            (" 12\n", "12"),
            ("+-5", "-5"),
            ("190:20:30", "685230"),
            ("-1:1", "-61"),
            ("1:-70", "-10"),
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "big 9223372036854775808"),
            (
                "0xffffffffffffffffffffffff",
                "big 79228162514264337593543950335",
            ),
            ("18446744073709551616:1", "big 1106804644422573096961"),
        ] {
            assert_eq!(shown(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn integers_are_as_long_as_python_lets_them_be() {
        assert!(integer(&"9".repeat(4300)).is_some());
        assert!(integer(&"9".repeat(4301)).is_none());
        // 16 ** 3570 has 4299 digits, 16 ** 3571 has 4300, 16 ** 3572 has 4302.
        assert!(integer(&format!("0x1{}", "0".repeat(3571))).is_some());
        assert!(integer(&format!("0x1{}", "0".repeat(3572))).is_none());
        assert!(integer(&format!("0x{}", "f".repeat(1_000_000))).is_none());
        assert!(integer(&format!("1{}", ":00".repeat(100_000))).is_none());
    }

    #[test]
    fn floats() {
        for (text, wanted) in [
            ("1_0.5", Some(10.5)),
            ("-.INF", Some(f64::NEG_INFINITY)),
            ("1e3", Some(1000.0)),
            ("-0.0", Some(-0.0)),
            ("190:20:30.15", Some(685230.15)),
            ("-1:30.5", Some(-90.5)),
            ("", None),
            (".", None),
            ("1:", None),
        ] {
            assert_eq!(
                float(text).map(f64::to_bits),
                wanted.map(f64::to_bits),
                "{text:?}"
            );
        }
        assert!(float("-.nan").is_some_and(f64::is_nan));
        assert!(is_own_nan("-.NaN") && !is_own_nan("nan"));
        assert!(float(&format!("1{}", ":00".repeat(173))).is_some());
        assert!(float(&format!("1{}.0", ":00".repeat(200))).is_none());
    }
}
