//! Walks over a selection of elements in two arrays at once, run by run.

#![forbid(unsafe_code)]

use crate::slice::PerAxis;
use smallvec::smallvec;

/// One axis of a walk: how often, and how far apart in each array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WalkAxis {
    count: usize,
    source: isize,
    target: isize,
}

/// What is to be moved from a source array to a target array.
///
/// The axes go from slow to fast. Those that continue each other in both arrays are merged, so that a run
/// is as long as it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    axes: PerAxis<WalkAxis>,
    source: usize,
    target: usize,
    empty: bool,
}

/// Elements that lie evenly spaced in both arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvenRun {
    /// The place of the first element in the source.
    pub source: usize,
    /// The place of the first element in the target.
    pub target: usize,
    /// How many elements there are.
    pub count: usize,
    /// The distance of neighbours in the source.
    pub source_step: isize,
    /// The distance of neighbours in the target.
    pub target_step: isize,
}

impl Walk {
    /// Begins a walk from these places, of a single element until axes are added.
    pub fn new(source: usize, target: usize) -> Self {
        Self {
            source,
            target,
            ..Self::default()
        }
    }

    /// Adds the next faster axis: `count` elements, so far apart in the source and in the target.
    pub fn push(&mut self, count: usize, source: isize, target: isize) {
        if count == 0 {
            self.empty = true;
        }
        if count == 1 {
            return;
        }
        if let Some(slower) = self.axes.last_mut() {
            let count = count as isize;
            if slower.source == count * source && slower.target == count * target {
                *slower = WalkAxis {
                    count: slower.count * count as usize,
                    source,
                    target,
                };
                return;
            }
        }
        self.axes.push(WalkAxis {
            count,
            source,
            target,
        });
    }

    /// Begins this walk anew, of axes that [`push_slower`](Self::push_slower) adds: it is so large that to hand one on takes longer than to make it.
    pub fn restart(&mut self) {
        self.axes.clear();
        self.empty = false;
    }

    /// As [`push`](Self::push), of the next slower axis.
    pub fn push_slower(&mut self, count: usize, source: isize, target: isize) {
        if count == 0 {
            self.empty = true;
        }
        if count == 1 {
            return;
        }
        if let Some(faster) = self.axes.last_mut() {
            let all = faster.count as isize;
            if source == all * faster.source && target == all * faster.target {
                faster.count *= count;
                return;
            }
        }
        self.axes.push(WalkAxis {
            count,
            source,
            target,
        });
    }

    /// Ends a walk of axes that were added from the fastest on, which begins at these places, as [`close`](Self::close) does.
    pub fn close_slowest(&mut self, (source, target): (usize, usize), sizes: (usize, usize)) {
        (self.source, self.target) = (source, target);
        self.axes.reverse();
        self.close(sizes.0, sizes.1);
    }

    /// Ends a walk over elements of these sizes so that the elements of a run have no gaps in the target.
    ///
    /// Where the fastest axis leaves gaps there, each element becomes a run of its own.
    pub fn close(&mut self, source: usize, target: usize) {
        let target = target as isize;
        if self.axes.last().is_none_or(|axis| axis.target != target) {
            self.axes.push(WalkAxis {
                count: 1,
                source: source as isize,
                target,
            });
        }
    }

    /// The same walk over the runs as items, if these are alike in both arrays, of elements of `size` bytes, and have no more than `most` bytes; gives their bytes.
    pub fn of_runs(&self, size: usize, most: usize) -> Option<(Self, usize)> {
        let [slow @ .., run] = &*self.axes else {
            return None;
        };
        let item = run.count.saturating_mul(size);
        let is_one = run.source == size as isize && run.target == run.source;
        if !is_one || run.count < 2 || item > most || slow.is_empty() {
            return None;
        }
        let mut walk = Self {
            axes: slow.into(),
            ..*self
        };
        walk.close(item, item);
        Some((walk, item))
    }

    /// The number of runs.
    pub fn runs(&self) -> usize {
        if self.empty {
            return 0;
        }
        let slow = self.axes.len().saturating_sub(1);
        self.axes[..slow].iter().map(|axis| axis.count).product()
    }

    /// The walk over the same places of the target, and of another array like it.
    #[must_use]
    pub fn in_target(&self) -> Self {
        let axes = self.axes.iter();
        let axes = axes.map(|axis| WalkAxis {
            source: axis.target,
            ..*axis
        });
        Self {
            axes: axes.collect(),
            source: self.target,
            ..*self
        }
    }

    /// The first and the end of all bytes in the source, of elements of `size` bytes.
    pub fn source_range(&self, size: usize) -> (usize, usize) {
        let steps = self.axes.iter().map(|axis| (axis.count, axis.source));
        range(self.source, steps, size)
    }

    /// The first and the end of all bytes in the target, of elements of `size` bytes.
    pub fn target_range(&self, size: usize) -> (usize, usize) {
        let steps = self.axes.iter().map(|axis| (axis.count, axis.target));
        range(self.target, steps, size)
    }

    /// The runs that lie together in the source, with gaps of at most so many bytes between elements of `size` bytes.
    pub fn source_block(&self, size: usize, gap: usize) -> Block {
        let steps = self.axes.iter().map(|axis| (axis.count, axis.source));
        Block::of(steps, size, gap)
    }

    /// As [`source_block`](Self::source_block), of the target.
    pub fn target_block(&self, size: usize, gap: usize) -> Block {
        let steps = self.axes.iter().map(|axis| (axis.count, axis.target));
        Block::of(steps, size, gap)
    }

    /// The first run; all runs have its count and steps. None if nothing is selected.
    pub fn first(&self) -> Option<EvenRun> {
        if self.empty {
            return None;
        }
        Some(self.run_along(&self.axes))
    }

    /// The run, if there is only one, which has no gaps in the target.
    pub fn single(&self) -> Option<EvenRun> {
        match self.axes.len() <= 1 && !self.empty {
            true => Some(self.run_along(&self.axes)),
            false => None,
        }
    }

    /// The first elements along the fastest of these axes.
    fn run_along(&self, axes: &[WalkAxis]) -> EvenRun {
        let fast = axes.last().copied().unwrap_or(WalkAxis {
            count: 1,
            source: 1,
            target: 1,
        });
        EvenRun {
            source: self.source,
            target: self.target,
            count: fast.count,
            source_step: fast.source,
            target_step: fast.target,
        }
    }

    /// Calls `visit` with each run, in the order of the target.
    pub fn each<E>(&self, visit: impl FnMut(EvenRun) -> Result<(), E>) -> Result<(), E> {
        self.along(&self.axes, visit)
    }

    /// As [`each`](Self::each), but elements that would be runs of their own, with even gaps between them, come together.
    pub fn each_line<E>(&self, visit: impl FnMut(EvenRun) -> Result<(), E>) -> Result<(), E> {
        match &*self.axes {
            [slow @ .., single] if single.count == 1 && !slow.is_empty() => self.along(slow, visit),
            axes => self.along(axes, visit),
        }
    }

    fn along<E>(
        &self,
        axes: &[WalkAxis],
        mut visit: impl FnMut(EvenRun) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.empty {
            return Ok(());
        }
        let mut run = self.run_along(axes);
        let slow = &axes[..axes.len().saturating_sub(1)];
        let mut position: PerAxis<usize> = smallvec![0; slow.len()];
        loop {
            visit(run)?;
            let mut axis = slow.len();
            loop {
                if axis == 0 {
                    return Ok(());
                }
                axis -= 1;
                let WalkAxis {
                    count,
                    source,
                    target,
                } = slow[axis];
                position[axis] += 1;
                if position[axis] < count {
                    run.source = run.source.wrapping_add_signed(source);
                    run.target = run.target.wrapping_add_signed(target);
                    break;
                }
                let back = (count as isize - 1).wrapping_neg();
                run.source = run.source.wrapping_add_signed(back.wrapping_mul(source));
                run.target = run.target.wrapping_add_signed(back.wrapping_mul(target));
                position[axis] = 0;
            }
        }
    }
}

/// Runs that follow each other in a walk and lie close to each other in one of its arrays; the walk goes from one block to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// How many runs it has.
    pub runs: usize,
    /// Where its bytes begin and end, seen from its first run.
    pub low: isize,
    pub high: isize,
}

impl Block {
    fn of(steps: impl DoubleEndedIterator<Item = (usize, isize)>, size: usize, gap: usize) -> Self {
        let mut block = Self {
            runs: 1,
            low: 0,
            high: size as isize,
        };
        for (slower, (count, step)) in steps.rev().enumerate() {
            if slower > 0 {
                let taken = (block.high - block.low).unsigned_abs();
                if step.unsigned_abs().saturating_sub(taken) > gap {
                    break;
                }
                block.runs = block.runs.saturating_mul(count);
            }
            let reach = step.wrapping_mul(count as isize - 1);
            block.low += reach.min(0);
            block.high += reach.max(0);
        }
        block
    }

    /// Where the bytes of the block begin and end whose first run is at a place.
    pub fn at(&self, place: usize) -> (usize, usize) {
        (
            place.wrapping_add_signed(self.low),
            place.wrapping_add_signed(self.high),
        )
    }

    /// Its bytes, with those between its runs.
    pub fn bytes(&self) -> usize {
        (self.high - self.low).unsigned_abs()
    }
}

/// The first and the end of the bytes that elements of `size` bytes take.
fn range(first: usize, steps: impl Iterator<Item = (usize, isize)>, size: usize) -> (usize, usize) {
    let (mut low, mut high) = (first, first);
    for (count, step) in steps {
        let reach = step.wrapping_mul(count as isize - 1);
        low = low.wrapping_add_signed(reach.min(0));
        high = high.wrapping_add_signed(reach.max(0));
    }
    (low, high + size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(walk: &Walk) -> Vec<(usize, usize)> {
        let mut list = Vec::new();
        let visited: Result<(), ()> = walk.each(|run| {
            list.push((run.source, run.target));
            Ok(())
        });
        visited.unwrap();
        assert_eq!(list.len(), walk.runs());
        list
    }

    #[test]
    fn axes_that_continue_each_other_are_one() {
        let mut walk = Walk::new(5, 0);
        walk.push(4, 20, 20);
        walk.push(1, 77, 99);
        walk.push(5, 4, 4);
        walk.push(4, 1, 1);
        assert_eq!(
            walk.first().unwrap(),
            EvenRun {
                source: 5,
                target: 0,
                count: 80,
                source_step: 1,
                target_step: 1
            }
        );
        assert_eq!(runs(&walk), [(5, 0)]);
    }

    #[test]
    fn rows_of_a_block_and_backwards() {
        let mut walk = Walk::new(23, 0);
        walk.push(2, 50, 6);
        walk.push(2, -10, 3);
        walk.push(3, 1, 1);
        assert_eq!(runs(&walk), [(23, 0), (13, 3), (73, 6), (63, 9)]);
        assert_eq!(walk.first().unwrap().count, 3);
    }

    #[test]
    fn short_runs_are_items() {
        let mut walk = Walk::new(8, 0);
        walk.push(5, 1000, 48);
        walk.push(3, 64, 16);
        walk.push(2, 8, 8);
        let (items, size) = walk.of_runs(8, 16).unwrap();
        let run = EvenRun {
            source: 8,
            target: 0,
            count: 3,
            source_step: 64,
            target_step: 16,
        };
        assert_eq!((items.first(), items.runs(), size), (Some(run), 5, 16));
        assert_eq!(walk.of_runs(8, 15), None);
        assert_eq!(items.of_runs(16, 100), None);
        // With gaps in the target each item is a run of its own.
        let mut walk = Walk::new(8, 0);
        walk.push(3, 64, 100);
        walk.push(2, 8, 8);
        let (items, size) = walk.of_runs(8, 16).unwrap();
        assert_eq!(
            (runs(&items), size),
            (vec![(8, 0), (72, 100), (136, 200)], 16)
        );
    }

    #[test]
    fn gaps_in_the_target_end_a_run() {
        let mut walk = Walk::new(0, 0);
        walk.push(3, 10, 80);
        walk.push(1, 1, 8);
        walk.close(1, 8);
        assert_eq!(runs(&walk), [(0, 0), (10, 80), (20, 160)]);
        assert_eq!(walk.first().unwrap().count, 1);
        let lines = |walk: &Walk| {
            let mut list = Vec::new();
            let visited: Result<(), ()> = walk.each_line(|run| {
                list.push(run);
                Ok(())
            });
            visited.map(|()| list).unwrap()
        };
        let line = EvenRun {
            source: 0,
            target: 0,
            count: 3,
            source_step: 10,
            target_step: 80,
        };
        assert_eq!(lines(&walk), [line]);
        let mut walk = Walk::new(0, 0);
        walk.push(3, 10, 8);
        walk.close(1, 8);
        assert_eq!(runs(&walk), [(0, 0)]);
        let line = EvenRun {
            target_step: 8,
            ..line
        };
        assert_eq!(lines(&walk), [line]);
    }

    #[test]
    fn runs_that_lie_together_are_blocks() {
        let mut walk = Walk::new(700, 0);
        walk.push(5, 1000, 24);
        walk.push(3, -20, 8);
        walk.push(2, 4, 4);
        let rows = Block {
            runs: 3,
            low: -40,
            high: 8,
        };
        assert_eq!(walk.source_block(4, 12), rows);
        assert_eq!(rows.at(700), (660, 708));
        assert_eq!(rows.bytes(), 48);
        assert_eq!(walk.source_block(4, 11).runs, 1);
        assert_eq!(walk.source_block(4, 951).runs, 3);
        let all = Block {
            runs: 15,
            low: -40,
            high: 4008,
        };
        assert_eq!(walk.source_block(4, 952), all);
        // In the target they follow each other without gaps.
        assert_eq!(walk.target_block(4, 0).runs, 15);
    }

    #[test]
    fn single_elements_and_none() {
        let walk = Walk::new(7, 3);
        assert_eq!(runs(&walk), [(7, 3)]);
        assert_eq!(walk.first().unwrap().count, 1);
        let mut walk = Walk::new(0, 0);
        walk.push(3, 5, 5);
        walk.push(0, 1, 1);
        assert_eq!(runs(&walk), []);
        assert_eq!(walk.first(), None);
    }
}
