//! NumPy's basic indexing as text: `"[:2, ..., ::-1]"` and a shape become a selection.
//!
//! The text is what stands between the brackets of a NumPy index; the brackets may be
//! there or not. Integers drop their axis, `start:stop:step` keeps it, `...` stands for
//! the axes that are not named, and axes missing at the end are taken whole. Clamping and
//! errors are NumPy's. Left out on purpose: `None`/`newaxis`, booleans, lists and every
//! other expression, because they are not basic indexing or have no use in a constant
//! text, and integers that are not decimal.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use smallvec::SmallVec;

/// What there is one of for each axis: that of few axes needs no memory of its own, which a call of a microsecond would notice.
pub type PerAxis<T> = SmallVec<[T; 4]>;

/// What `of` gives for each axis; an iterator that is collected takes several times as long.
#[inline]
pub fn per_axis<T>(rank: usize, mut of: impl FnMut(usize) -> T) -> PerAxis<T> {
    let mut all = PerAxis::with_capacity(rank);
    for axis in 0..rank {
        all.push(of(axis));
    }
    all
}

/// The elements taken along one axis: `start`, `start + step`, …, `count` of them.
///
/// All of them lie inside the axis. Where there is nothing to step over (`count` below 2)
/// `step` is 1, and an empty selection starts at 0, so that arithmetic with the three
/// never leaves the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The first element taken.
    pub start: i64,
    /// The distance to the next; negative when the axis is walked backwards, never 0.
    pub step: i64,
    /// How many are taken.
    pub count: i64,
    /// `false` for an integer index, whose axis the result does not have.
    pub keep: bool,
}

impl Axis {
    /// The whole of an axis of that extent.
    fn whole(extent: i64) -> Self {
        Self {
            start: 0,
            step: 1,
            count: extent,
            keep: true,
        }
    }

    /// Whether the axis is walked from its end to its beginning.
    pub fn is_reversed(&self) -> bool {
        self.step < 0
    }

    /// The same elements in ascending order, as HDF5's hyperslabs want them.
    #[must_use]
    pub fn ascending(self) -> Self {
        if self.step > 0 {
            return self;
        }
        Self {
            start: self.start + self.step * (self.count - 1),
            step: -self.step,
            ..self
        }
    }
}

/// The elements taken from a dataset: one [`Axis`] for each of its axes, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What is taken along each axis.
    pub axes: PerAxis<Axis>,
}

impl Selection {
    /// Every element of a dataset of that shape.
    ///
    /// Extents beyond `i64::MAX`, which no storage can hold, count as `i64::MAX`.
    pub fn everything(shape: &[u64]) -> Self {
        let clamp = |&extent: &u64| Axis::whole(i64::try_from(extent).unwrap_or(i64::MAX));
        Self {
            axes: shape.iter().map(clamp).collect(),
        }
    }

    /// The shape of the result: the counts of the axes that are kept.
    pub fn shape(&self) -> PerAxis<u64> {
        let kept = self.axes.iter().filter(|axis| axis.keep);
        kept.map(|axis| axis.count.unsigned_abs()).collect()
    }

    /// The number of elements taken.
    ///
    /// # Errors
    /// `Shape` when 64 bits cannot count them.
    pub fn len(&self) -> Result<u64> {
        if self.is_empty() {
            return Ok(0);
        }
        self.axes
            .iter()
            .try_fold(1_u64, |len, axis| {
                len.checked_mul(axis.count.unsigned_abs())
            })
            .ok_or_else(|| {
                Error::shape(format!(
                    "a selection of shape {} has more elements than 64 bits can count",
                    tuple(&self.shape())
                ))
            })
    }

    /// Whether nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.axes.iter().any(|axis| axis.count == 0)
    }

    /// Whether all of a dataset of that shape is taken, in its own order and shape.
    pub fn is_everything(&self, shape: &[u64]) -> bool {
        self.axes.len() == shape.len()
            && self.axes.iter().zip(shape).all(|(axis, &extent)| {
                axis.keep
                    && axis.start == 0
                    && axis.step == 1
                    && axis.count.unsigned_abs() == extent
            })
    }

    /// Whether some axis is walked backwards.
    pub fn is_reversed(&self) -> bool {
        self.axes.iter().any(Axis::is_reversed)
    }
}

/// Whether two shapes are the same: a loop, because comparing nothing with nothing as memory is slow on some processors, which load it
/// all the same.
pub fn alike<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other)
}

/// Reads an index and applies it to a shape; the empty text is everything.
///
/// # Errors
/// `Argument` for a text that is not basic indexing, a step of zero or a second `...`;
/// `Shape` for an index outside its axis and for more indices than axes.
pub fn parse(text: &str, shape: &[u64]) -> Result<Selection> {
    if let Some(axis) = shape
        .iter()
        .position(|&extent| i64::try_from(extent).is_err())
    {
        return Err(Error::shape(format!(
            "axis {axis} has extent {}, expected at most {}",
            shape[axis],
            i64::MAX
        )));
    }
    if text.is_empty() {
        return Ok(Selection::everything(shape));
    }
    // Both are so large that to hand them on takes longer than to make them.
    let (mut items, mut axes) = (PerAxis::new(), PerAxis::new());
    match read(text, &mut items).and_then(|()| apply(&items, shape, &mut axes)) {
        Ok(()) => Ok(Selection { axes }),
        Err(error) => Err(error.within(format_args!("slice '{text}'"))),
    }
}

/// What may stand between two commas.
#[derive(Clone, Copy)]
enum SliceItem<'a> {
    /// An integer: its value, clamped to 64 bits, and how it was written.
    Index(i64, &'a str),
    /// `start:stop:step`, each clamped to 64 bits as Python does.
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: Option<i64>,
    },
    /// `...`
    Ellipsis,
}

/// Puts the items on the axes of the shape, in NumPy's order of checks.
fn apply(items: &[SliceItem], shape: &[u64], axes: &mut PerAxis<Axis>) -> Result<()> {
    let ellipses = items
        .iter()
        .filter(|item| matches!(item, SliceItem::Ellipsis))
        .count();
    if ellipses > 1 {
        return Err(Error::argument(format!(
            "expected at most one '...', found {ellipses}"
        )));
    }
    let named = items.len() - ellipses;
    if named > shape.len() {
        let (noun, rank) = (if named == 1 { "index" } else { "indices" }, shape.len());
        return Err(Error::shape(format!(
            "{named} {noun} for a dataset of rank {rank} (shape {})",
            tuple(shape)
        )));
    }
    let unnamed = shape.len() - named;
    for item in items {
        let number = axes.len();
        match *item {
            SliceItem::Ellipsis => {
                let rest = &shape[number..number + unnamed];
                axes.extend(rest.iter().map(|&extent| Axis::whole(extent as i64)));
            }
            SliceItem::Index(index, written) => {
                axes.push(index_axis(index, written, number, shape[number] as i64)?);
            }
            SliceItem::Slice { start, stop, step } => {
                axes.push(slice_axis(start, stop, step, number, shape[number] as i64)?);
            }
        }
    }
    let rest = &shape[axes.len()..];
    axes.extend(rest.iter().map(|&extent| Axis::whole(extent as i64)));
    Ok(())
}

/// The axis that an integer selects from and drops.
fn index_axis(index: i64, written: &str, axis: usize, extent: i64) -> Result<Axis> {
    let start = if index < 0 { index + extent } else { index };
    if start < 0 || start >= extent {
        let range = if extent == 0 {
            "there is nothing to index".to_string()
        } else {
            format!("expected {} to {}", -extent, extent - 1)
        };
        return Err(Error::shape(format!(
            "index {written} is out of range for axis {axis} with extent {extent}: {range}"
        )));
    }
    Ok(Axis {
        start,
        step: 1,
        count: 1,
        keep: false,
    })
}

/// What `start:stop:step` takes from an axis, by the rules of Python's `slice.indices`.
fn slice_axis(
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
    axis: usize,
    extent: i64,
) -> Result<Axis> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::argument(format!(
            "the step on axis {axis} with extent {extent} is zero, expected any other integer"
        )));
    }
    // Where a walk may begin and end: one before the first element for a descending one.
    let (lowest, highest) = if step > 0 {
        (0, extent)
    } else {
        (-1, extent - 1)
    };
    let clamp = |bound: i64| {
        let from_start = if bound < 0 { bound + extent } else { bound };
        from_start.clamp(lowest, highest)
    };
    let (first, end) = if step > 0 {
        (start.map_or(lowest, clamp), stop.map_or(highest, clamp))
    } else {
        (start.map_or(highest, clamp), stop.map_or(lowest, clamp))
    };
    let distance = if step > 0 { end - first } else { first - end };
    if distance <= 0 {
        return Ok(Axis::whole(0));
    }
    // A step over more than the axis takes one element, whatever its size.
    let stride = step.unsigned_abs().min(extent.unsigned_abs()) as i64;
    let count = (distance - 1) / stride + 1;
    Ok(Axis {
        start: first,
        step: if count == 1 { 1 } else { step },
        count,
        keep: true,
    })
}

/// Splits the text into its items.
fn read<'a>(text: &'a str, items: &mut PerAxis<SliceItem<'a>>) -> Result<()> {
    let outer = text.trim_matches(is_space);
    let index = match outer.strip_prefix('[') {
        None => outer,
        Some(rest) => rest
            .strip_suffix(']')
            .ok_or_else(|| Error::argument("expected a closing ']' at the end"))?
            .trim_matches(is_space),
    };
    if index.is_empty() && index.len() == outer.len() {
        return Ok(());
    }
    // A tuple as Python prints one: it may be empty, but slices are no part of it.
    let tuple = index
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    if let Some(inside) = tuple {
        if !inside.trim_matches(is_space).is_empty() {
            read_items(inside, false, items)?;
        }
        return Ok(());
    }
    read_items(index, true, items)
}

/// Reads items separated by commas, with or without a last comma.
fn read_items<'a>(text: &'a str, slices: bool, items: &mut PerAxis<SliceItem<'a>>) -> Result<()> {
    let mut reader = SliceReader { rest: text };
    loop {
        items.push(reader.item(slices)?);
        if reader.peek().is_none() {
            return Ok(());
        }
        if !reader.take(',') {
            return Err(reader.unexpected(if slices { "',' or ':'" } else { "','" }));
        }
        if reader.peek().is_none() {
            return Ok(());
        }
    }
}

/// What Python skips between the tokens inside brackets.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// What makes up a number, a name or `...`, for which nothing else may follow directly.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.')
}

/// What is left of the text between the brackets.
struct SliceReader<'a> {
    rest: &'a str,
}

impl<'a> SliceReader<'a> {
    /// The next character that is not space.
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches(is_space);
        self.rest.chars().next()
    }

    /// Steps over that character if it comes next.
    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.rest = &self.rest[expected.len_utf8()..];
        }
        found
    }

    /// Steps over a number, a name or `...`; empty if something else comes next.
    fn word(&mut self) -> &'a str {
        self.peek();
        let end = self.rest.find(|character| !is_word(character));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// Reads an integer, a slice or `...`.
    fn item(&mut self, slices: bool) -> Result<SliceItem<'a>> {
        self.peek();
        let begin = self.rest;
        if begin.starts_with('.') && self.word() == "..." {
            return Ok(SliceItem::Ellipsis);
        }
        self.rest = begin;
        let start = self.bound("an integer, a slice or '...'")?;
        let written = begin[..begin.len() - self.rest.len()].trim_end_matches(is_space);
        if !slices || !self.take(':') {
            return match start {
                Bound::Integer(index) => Ok(SliceItem::Index(index, written)),
                Bound::None => Err(not_basic(written)),
                Bound::Missing => Err(self.unexpected("an integer, a slice or '...'")),
            };
        }
        let stop = self.bound("where the slice stops, ':' or ','")?.value();
        let mut step = None;
        if self.take(':') {
            step = self.bound("the step of the slice or ','")?.value();
        }
        Ok(SliceItem::Slice {
            start: start.value(),
            stop,
            step,
        })
    }

    /// Reads one of the three numbers of a slice, any of which may be missing.
    fn bound(&mut self, expected: &str) -> Result<Bound> {
        let begin = self.rest;
        let (mut signs, mut negative) = (0, false);
        while let Some(sign @ ('+' | '-')) = self.peek() {
            self.take(sign);
            signs += 1;
            negative ^= sign == '-';
        }
        match self.word() {
            "" if signs > 0 => Err(self.unexpected("an integer after the sign")),
            "" => match self.peek() {
                None | Some(':' | ',') => Ok(Bound::Missing),
                Some('[' | '(' | '{') => Err(not_basic(begin.trim_matches(is_space))),
                Some(_) => Err(self.unexpected(expected)),
            },
            "None" if signs == 0 => Ok(Bound::None),
            word => integer(word, negative).map(Bound::Integer),
        }
    }

    /// The error for a character that may not come here.
    fn unexpected(&mut self, expected: &str) -> Error {
        match self.peek() {
            Some(found) => Error::argument(format!("expected {expected}, found '{found}'")),
            None => Error::argument(format!("expected {expected}, found the end of the text")),
        }
    }
}

/// One of the three numbers of a slice.
enum Bound {
    /// Nothing was written.
    Missing,
    /// The word `None`, which means the same inside a slice, and an added axis elsewhere.
    None,
    /// A number, clamped to 64 bits.
    Integer(i64),
}

impl Bound {
    fn value(self) -> Option<i64> {
        match self {
            Bound::Integer(value) => Some(value),
            Bound::Missing | Bound::None => None,
        }
    }
}

/// The value of a decimal integer as Python writes one, clamped to 64 bits.
fn integer(word: &str, negative: bool) -> Result<i64> {
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(not_basic(word));
    }
    // Single underscores may stand between digits, and only zero may begin with a zero.
    let shaped = word
        .split('_')
        .all(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()));
    let zeros = word.starts_with('0') && word.len() > 1;
    if !shaped || (zeros && word.bytes().any(|digit| digit != b'0' && digit != b'_')) {
        return Err(Error::argument(format!(
            "expected a decimal integer, found '{word}'"
        )));
    }
    let digits = word.bytes().filter(|&digit| digit != b'_');
    let sign = if negative { -1 } else { 1 };
    Ok(digits.fold(0_i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(sign * i64::from(digit - b'0'))
    }))
}

/// The error for what NumPy may know but this library does not.
fn not_basic(found: &str) -> Error {
    Error::argument(format!(
        "only basic indexing is supported: expected integers, slices and '...', found '{found}'"
    ))
}

/// A shape as Python prints it.
fn tuple(shape: &[u64]) -> String {
    let extents: Vec<String> = shape.iter().map(u64::to_string).collect();
    match extents.as_slice() {
        [only] => format!("({only},)"),
        _ => format!("({})", extents.join(", ")),
    }
}

#[cfg(test)]
mod tests;
