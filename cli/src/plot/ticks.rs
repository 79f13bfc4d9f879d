//! Where the ticks of an axis are, and what is written at them.

/// What an axis or a colour bar goes from and to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// The range of values, without those that are not finite; None if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let finite = values.into_iter().filter(|value| value.is_finite());
        finite.fold(None, |range: Option<Self>, value| {
            Some(match range {
                None => Self {
                    low: value,
                    high: value,
                },
                Some(range) => Self {
                    low: range.low.min(value),
                    high: range.high.max(value),
                },
            })
        })
    }

    /// Both ranges together.
    pub fn with(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// The same, or a wider one around a single value.
    pub fn not_empty(self) -> Self {
        if self.high > self.low {
            return self;
        }
        let half = match self.low.abs() {
            0.0 => 0.5,
            size => size / 20.0,
        };
        self.widened(half)
    }

    /// Goes on so far beyond both ends.
    pub fn widened(self, by: f64) -> Self {
        Self {
            low: self.low - by,
            high: self.high + by,
        }
    }

    pub fn width(self) -> f64 {
        self.half() * 2.0
    }

    /// Half the width, which is a number where that of the largest range is none.
    fn half(self) -> f64 {
        self.high / 2.0 - self.low / 2.0
    }

    /// Where a value lies, 0 at the low end and 1 at the high one.
    pub fn part(self, value: f64) -> f64 {
        (value / 2.0 - self.low / 2.0) / self.half()
    }
}

/// The ticks of an axis, each with its text, and the power of ten that all texts are to be multiplied with.
#[derive(Debug)]
pub struct Ticks {
    pub at: Vec<(f64, String)>,
    pub exponent: i32,
}

impl Ticks {
    /// At most so many and one ticks at round numbers; at whole ones where elements are counted.
    pub fn new(range: Range, most: usize, are_counted: bool) -> Self {
        let rough = range.half() / most.max(1) as f64 * 2.0;
        let rough = if are_counted { rough.max(1.0) } else { rough };
        let power = 10f64.powi(rough.log10().floor() as i32);
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
        let step = steps.map(|step| step * power);
        let fits = |step: &f64| *step >= rough * 0.999 && !(are_counted && *step == 2.5);
        let step = step.into_iter().find(fits);
        let step = step.unwrap_or(10.0 * power);
        let (first, last) = (range.low / step - 1e-6, range.high / step + 1e-6);
        let size = range.low.abs().max(range.high.abs());
        let exponent = match size {
            size if (1e-2..1e5).contains(&size) => 0,
            size => size.log10().floor() as i32,
        };
        let scale = 10f64.powi(exponent);
        let decimals = (0..15).find(|&decimals| {
            let scaled = step / scale * 10f64.powi(decimals);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0)
        });
        let decimals = decimals.unwrap_or(15) as usize;
        let mut at = Vec::new();
        let mut number = first.ceil();
        while step.is_finite() && number <= last && at.len() <= 2 * most + 2 {
            let value = number * step;
            at.push((value, minus(&format!("{:.decimals$}", value / scale + 0.0))));
            number += 1.0;
        }
        Self { at, exponent }
    }
}

/// A number in a few characters.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e6).contains(&size) {
        let before = if size < 1.0 {
            0
        } else {
            size.log10().floor() as usize
        };
        let text = format!("{value:.*}", 5usize.saturating_sub(before));
        let text = match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.'),
            false => &text,
        };
        return minus(text);
    }
    let text = format!("{value:.4e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!(
        "{}×10{}",
        minus(digits),
        raised(exponent.parse().unwrap_or(0))
    )
}

/// A number as typesetters write it; -0 is 0.
fn minus(text: &str) -> String {
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    match text.strip_prefix('-') {
        Some(rest) if is_zero => rest.to_owned(),
        Some(rest) => format!("\u{2212}{rest}"),
        None => text.to_owned(),
    }
}

/// An exponent in small raised digits.
pub fn raised(exponent: i32) -> String {
    exponent
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '\u{207b}',
            '1' => '\u{b9}',
            '2' => '\u{b2}',
            '3' => '\u{b3}',
            digit => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64) -> (Vec<String>, i32) {
        texts_of(Ticks::new(Range { low, high }, 6, false))
    }

    fn texts_of(ticks: Ticks) -> (Vec<String>, i32) {
        let texts = ticks.at.into_iter().map(|tick| tick.1).collect();
        (texts, ticks.exponent)
    }

    #[test]
    fn ticks_are_round_numbers_inside_the_range() {
        assert_eq!(
            texts(0.0, 1.0).0,
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(texts(-3.0, 2.9).0, ["−3", "−2", "−1", "0", "1", "2"]);
        assert_eq!(texts(20.0, 100.0).0, ["20", "40", "60", "80", "100"]);
        assert_eq!(texts(0.0, 1.2e7).1, 7);
        assert_eq!(
            texts(0.0, 3e-5),
            (
                vec![
                    "0.0".into(),
                    "0.5".into(),
                    "1.0".into(),
                    "1.5".into(),
                    "2.0".into(),
                    "2.5".into(),
                    "3.0".into()
                ],
                -5
            )
        );
        assert!(texts(1e6, 1e6 + 1e-3).0.len() < 10);
        assert!(texts(-f64::MAX, f64::MAX).0.len() > 2);
    }

    #[test]
    fn elements_have_whole_numbers() {
        for (low, high, most, expected) in [
            (-0.5, 2.5, 10, vec!["0", "1", "2"]),
            (-0.5, 0.5, 3, vec!["0"]),
            (-0.5, 9.5, 4, vec!["0", "5"]),
            (-0.5, 99.5, 4, vec!["0", "25", "50", "75"]),
        ] {
            let found = texts_of(Ticks::new(Range { low, high }, most, true));
            assert_eq!(found.0, expected, "{low} to {high}");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(800.0), "800");
        assert_eq!(short(-0.25), "−0.25");
        assert_eq!(short(1.0 / 3.0), "0.33333");
        assert_eq!(short(1.5e-7), "1.5×10⁻⁷");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(123456.7), "123457");
    }
}
