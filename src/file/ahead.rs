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
}

impl Course {
    /// Notes that a chunk has to be read; gives the numbers of those that will be wanted next, at most `most`.
    ///
    /// Neighbours are a course from the second one on, others from the third. The longer it is the more it is trusted.
    pub fn next(&mut self, number: u64, most: usize) -> impl Iterator<Item = u64> {
        let step = self.last.map_or(0, |last| number.wrapping_sub(last) as i64);
        self.in_line = match step {
            0 => 0,
            _ if step == self.step => self.in_line + 1,
            1 | -1 => 1,
            _ => 0,
        };
        self.step = step;
        self.last = Some(number);
        let count = most.min(self.in_line.saturating_mul(2));
        (1..=count as i64)
            .map_while(move |ahead| number.checked_add_signed(step.checked_mul(ahead)?))
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
        assert!(next(0, 9).is_empty());
        assert_eq!(next(1, 9), [2, 3]);
        assert_eq!(next(4, 9), [5, 6, 7, 8]);
        assert_eq!(next(9, 1), [10]);
        // Back, and on to the beginning.
        assert!(next(4, 9).is_empty());
        assert_eq!(next(3, 9), [2, 1]);
        assert_eq!(next(0, 9), []);
        // Far apart: only what has happened twice.
        assert!(next(100, 9).is_empty());
        assert!(next(150, 9).is_empty());
        assert!(next(210, 9).is_empty());
        assert_eq!(next(270, 9), [330, 390]);
        // The same one again is none.
        assert!(next(390, 9).is_empty());
    }
}
