//! Which chunks will be wanted next: a dataset that is gone through is decoded by several threads, a little ahead.

#![forbid(unsafe_code)]

/// How a dataset's chunks are gone through, as far as they had to be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Course {
    /// The number of the last chunk that was read.
    last: Option<u64>,
    /// How far apart the numbers of the latest ones are.
    step: i64,
    /// How many in a row were that far apart.
    in_line: usize,
    /// Whether the last one lay anywhere.
    has_jumped: bool,
}

impl Course {
    /// Notes that a chunk has to be read; gives the numbers of those that will be wanted next, at most `most`.
    ///
    /// Neighbours are a course from the second one on, others from the third; who begins with the first chunk is taken to go
    /// on with the second. The longer it is the more it is trusted.
    pub fn next(&mut self, number: u64, most: usize) -> impl Iterator<Item = u64> {
        let begins = self.last.is_none() && number == 0;
        let step = match self.last {
            None => i64::from(begins),
            Some(last) => number.wrapping_sub(last) as i64,
        };
        self.in_line = match step {
            0 => 0,
            _ if step == self.step => self.in_line + 1,
            1 | -1 => 1,
            _ => 0,
        };
        self.has_jumped = self.last.is_some() && self.in_line == 0;
        self.step = step;
        self.last = Some(number);
        let trusted = match begins {
            true => 1,
            false => self.in_line.saturating_mul(3),
        };
        let count = most.min(trusted);
        (1..=count as i64)
            .map_while(move |ahead| number.checked_add_signed(step.checked_mul(ahead)?))
    }

    /// Whether the chunk that was read last lies anywhere, seen from those before: it is as likely as any to be wanted again.
    pub fn has_jumped(&self) -> bool {
        self.has_jumped
    }

    /// Notes that chunks as far as this one were read.
    pub fn reach(&mut self, number: u64) {
        self.last = Some(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_followed_as_long_as_it_lasts() {
        let mut course = Course::default();
        let mut next = |number, most| {
            let next: Vec<u64> = course.next(number, most).collect();
            if let Some(&last) = next.last() {
                course.reach(last);
            }
            next
        };
        assert_eq!(next(0, 9), [1]);
        assert_eq!(next(2, 9), [3, 4, 5, 6, 7, 8]);
        assert_eq!(next(9, 1), [10]);
        // Back, and on to the beginning.
        assert!(next(4, 9).is_empty());
        assert_eq!(next(3, 9), [2, 1, 0]);
        assert!(next(0, 9).is_empty());
        // Far apart: only what has happened twice.
        assert!(next(100, 9).is_empty());
        assert!(next(150, 9).is_empty());
        assert!(next(210, 9).is_empty());
        assert_eq!(next(270, 2), [330, 390]);
        // The same one again is none.
        assert!(next(390, 9).is_empty());
        // Who begins elsewhere may go anywhere.
        assert_eq!(Course::default().next(1, 9).next(), None);
        let mut course = Course::default();
        let jumps = [7, 8, 30, 20, 10, 11].map(|number| {
            let _ = course.next(number, 0);
            course.has_jumped()
        });
        assert_eq!(jumps, [false, false, true, true, false, false]);
    }
}
