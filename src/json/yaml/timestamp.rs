//! Dates and times, as Python's `datetime` prints them.

#![forbid(unsafe_code)]

/// The parts of a timestamp as they are written, not yet checked against the calendar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimestampFields {
    pub year: u32,
    pub month: u32,
    pub day: u32,
    pub time: Option<Time>,
}

/// The time of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time {
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub microsecond: u32,
    /// How many minutes the zone is ahead of UTC, if one is given.
    pub zone_minutes: Option<i32>,
}

impl TimestampFields {
    /// Takes `text` apart, whose form must be that of YAML's timestamps.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Cursor(text.as_bytes());
        let year = rest.digits(4, 4)?;
        rest.sign(b"-")?;
        let month = rest.digits(1, 2)?;
        rest.sign(b"-")?;
        let day = rest.digits(1, 2)?;
        let time = if rest.0.is_empty() {
            None
        } else {
            Some(rest.time()?)
        };
        Some(Self {
            year,
            month,
            day,
            time,
        })
    }

    /// Checks the ranges as Python does.
    pub fn is_valid(&self) -> bool {
        const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let is_leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let leap_day = u32::from(is_leap && self.month == 2);
        let days = self
            .month
            .checked_sub(1)
            .and_then(|index| DAYS.get(index as usize));
        let is_date =
            self.year >= 1 && days.is_some_and(|days| (1..=days + leap_day).contains(&self.day));
        is_date
            && self.time.is_none_or(|time| {
                time.hour < 24
                    && time.minute < 60
                    && time.second < 60
                    && time
                        .zone_minutes
                        .is_none_or(|minutes| minutes.abs() < 24 * 60)
            })
    }

    /// The text that Python's `str` gives.
    pub fn text(&self) -> String {
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let Some(time) = self.time else {
            return date;
        };
        let mut text = format!(
            "{date} {:02}:{:02}:{:02}",
            time.hour, time.minute, time.second
        );
        if time.microsecond != 0 {
            text.push_str(&format!(".{:06}", time.microsecond));
        }
        if let Some(minutes) = time.zone_minutes {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.abs();
            text.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
        }
        text
    }

    /// The text that Python's `repr` gives.
    pub fn representation(&self) -> String {
        let date = format!("{}, {}, {}", self.year, self.month, self.day);
        let Some(time) = self.time else {
            return format!("datetime.date({date})");
        };
        let mut text = format!("datetime.datetime({date}, {}, {}", time.hour, time.minute);
        if time.second != 0 || time.microsecond != 0 {
            text.push_str(&format!(", {}", time.second));
        }
        if time.microsecond != 0 {
            text.push_str(&format!(", {}", time.microsecond));
        }
        match time.zone_minutes {
            None => {}
            Some(0) => text.push_str(", tzinfo=datetime.timezone.utc"),
            Some(minutes) => text.push_str(&format!(
                ", tzinfo=datetime.timezone({})",
                time_difference(i64::from(minutes) * 60)
            )),
        }
        text + ")"
    }

    /// What Python compares two timestamps by: whether it is a date, a time without a zone or
    /// one with a zone, and then the days or the microseconds.
    pub fn instant(&self) -> (u8, i64) {
        let days = day_number(self.year, self.month, self.day);
        let Some(time) = self.time else {
            return (0, days);
        };
        let seconds = ((days * 24 + i64::from(time.hour)) * 60 + i64::from(time.minute)) * 60
            + i64::from(time.second);
        let zone_seconds = i64::from(time.zone_minutes.unwrap_or(0)) * 60;
        let microseconds = (seconds - zone_seconds) * 1_000_000 + i64::from(time.microsecond);
        (1 + u8::from(time.zone_minutes.is_some()), microseconds)
    }
}

/// The text that Python's `repr` gives for a `timedelta`.
fn time_difference(seconds: i64) -> String {
    let days = seconds.div_euclid(86400);
    let seconds = seconds.rem_euclid(86400);
    let mut parts = Vec::new();
    if days != 0 {
        parts.push(format!("days={days}"));
    }
    if seconds != 0 {
        parts.push(format!("seconds={seconds}"));
    }
    format!("datetime.timedelta({})", parts.join(", "))
}

/// The number of a day, counted in the Gregorian calendar without a gap.
fn day_number(year: u32, month: u32, day: u32) -> i64 {
    // With March as the first month the leap day is the last of its year.
    let (year, month) = if month > 2 {
        (i64::from(year), i64::from(month) - 3)
    } else {
        (i64::from(year) - 1, i64::from(month) + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(day)
}

/// The characters that are still to be taken.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Takes the next character if it is one of `signs`.
    fn sign(&mut self, signs: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !signs.contains(&first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    /// Takes `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self
            .0
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(
            digits
                .iter()
                .fold(0, |number, digit| number * 10 + u32::from(digit - b'0')),
        )
    }

    fn skip_blanks(&mut self) -> usize {
        let before = self.0.len();
        while self.sign(b" \t").is_some() {}
        before - self.0.len()
    }

    /// Takes all that follows a date.
    fn time(&mut self) -> Option<Time> {
        if self.sign(b"Tt").is_none() && self.skip_blanks() == 0 {
            return None;
        }
        let hour = self.digits(1, 2)?;
        self.sign(b":")?;
        let minute = self.digits(2, 2)?;
        self.sign(b":")?;
        let second = self.digits(2, 2)?;
        let microsecond = match self.sign(b".") {
            Some(_) => self.fraction(),
            None => 0,
        };
        let zone_minutes = self.zone()?;
        Some(Time {
            hour,
            minute,
            second,
            microsecond,
            zone_minutes,
        })
    }

    /// Takes all digits and gives the first six as microseconds.
    fn fraction(&mut self) -> u32 {
        let mut microsecond = 0;
        let mut unit = 100_000;
        while let Some(digit) = self.sign(b"0123456789") {
            microsecond += u32::from(digit - b'0') * unit;
            unit /= 10;
        }
        microsecond
    }

    /// Takes the zone, if there is one; nothing may follow.
    fn zone(&mut self) -> Option<Option<i32>> {
        if self.0.is_empty() {
            return Some(None);
        }
        self.skip_blanks();
        let minutes = match self.sign(b"Z+-")? {
            b'Z' => 0,
            sign => {
                let hours = self.digits(1, 2)? as i32;
                let minutes = match self.sign(b":") {
                    Some(_) => self.digits(2, 2)? as i32,
                    None => 0,
                };
                let total = hours * 60 + minutes;
                if sign == b'-' {
                    -total
                } else {
                    total
                }
            }
        };
        self.0.is_empty().then_some(Some(minutes))
    }
}
