//! Moves the elements of a walk: from bytes in memory, or straight from a file.

#![forbid(unsafe_code)]

use super::buffers;
use super::memory;
use crate::array::{Bytes, BytesMut};
use crate::codec::convert::Conversion;
use crate::codec::pipeline::resize;
use crate::codec::shuffle;
use crate::codec::walk::{Block, EvenRun, Walk};
use crate::error::{Result, Status};
use crate::journal::RawFile;

/// Runs of at least this many bytes are read and written one by one.
const LONG: usize = 8 << 10;

/// Elements so far apart are read and written one by one: what lies between them is not worth moving.
const THIN: usize = 4096;

/// Short runs are read together, and written together, where the gaps between them are no larger: a system call costs as much as moving
/// so many bytes, which a write does twice.
const DENSE_READ: usize = 4096;
const DENSE_WRITE: usize = 2048;

/// The bytes that are read before they are converted or picked apart: they stay in the nearer caches meanwhile.
const PIECE: usize = 128 << 10;

/// Smaller pieces are nothing to get memory for.
const SMALL: usize = 4 << 10;

/// Runs of so few bytes are copied as one item each: a run takes longer to begin than they take.
const ITEM: usize = 64;

/// The bytes of elements that are alike that are copied at once.
const FILLED: usize = 4 << 10;

/// Memory for a piece of the file: a used one where there is one, since the system clears what is new page by page.
#[derive(Default)]
struct Piece(Vec<u8>);

impl Piece {
    /// Its first bytes, as many as are asked for: what is in them is kept if there was something, else of no meaning.
    fn first(&mut self, length: usize) -> Result<&mut [u8]> {
        if self.0.capacity() < length && length >= SMALL {
            let mut larger = buffers::take(length.max(PIECE));
            larger.clear();
            // What it needs at least is asked for below.
            let _ = larger.try_reserve(length.max(PIECE));
            if larger.capacity() >= length {
                larger.extend_from_slice(&self.0);
                self.0 = larger;
            }
        }
        if self.0.len() < length {
            resize(&mut self.0, length)?;
        }
        Ok(&mut self.0[..length])
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        buffers::give_back(std::mem::take(&mut self.0));
    }
}

/// Moves a walk's elements from `source` to `target`, converting them. The walk counts in bytes.
pub fn from_memory<'a>(
    source: impl Into<Bytes<'a>>,
    walk: &Walk,
    conversion: &Conversion,
    target: &mut [u8],
) {
    let source = source.into();
    if let Some(run) = walk.single().filter(|_| conversion.is_copy()) {
        let size = conversion.from_size();
        if run.count == 1 || run.source_step == size as isize {
            let bytes = run.count * size;
            let target = &mut target[run.target..run.target + bytes];
            target.copy_from_slice(source.at(run.source..run.source + bytes));
            return;
        }
    }
    if let Some((walk, conversion)) = in_items(walk, conversion) {
        return from_memory(source, &walk, &conversion, target);
    }
    if is_in_rows(walk, conversion) && walk.first().is_some_and(|run| run.count > 1) {
        return copy(source, walk, conversion.from_size(), target);
    }
    let moved: std::result::Result<(), std::convert::Infallible> = walk.each_line(|run| {
        move_line(source, run, conversion, target);
        Ok(())
    });
    match moved {
        Ok(()) => {}
    }
}

/// The same walk over items of some elements, if it is of many short runs that stay as they are.
fn in_items(walk: &Walk, conversion: &Conversion) -> Option<(Walk, Conversion)> {
    if !conversion.is_copy() {
        return None;
    }
    let (walk, size) = walk.of_runs(conversion.from_size(), ITEM)?;
    Some((walk, Conversion::of_bytes(size)))
}

/// Moves the elements of one line of a walk from `source` to `target`, converting them.
pub fn move_line<'a>(
    source: impl Into<Bytes<'a>>,
    run: EvenRun,
    conversion: &Conversion,
    target: &mut [u8],
) {
    let (source, mut target) = (source.into(), BytesMut::from(target));
    match run.count > 1 && run.target_step != conversion.to_size() as isize {
        true => move_apart(source, run, conversion, &mut target),
        false => move_run(source, run, conversion, &mut target),
    }
}

/// Copies a walk's elements of `size` bytes as they are.
pub fn copy<'a>(source: impl Into<Bytes<'a>>, walk: &Walk, size: usize, target: &mut [u8]) {
    let source = source.into();
    let moved: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
        let target = &mut target[run.target..run.target + run.count * size];
        if run.source_step == size as isize {
            target.copy_from_slice(source.at(run.source..run.source + run.count * size));
            return Ok(());
        }
        let mut place = run.source;
        for element in target.chunks_exact_mut(size) {
            copy_element(source.at(place..place + size), element);
            place = place.wrapping_add_signed(run.source_step);
        }
        Ok(())
    });
    match moved {
        Ok(()) => {}
    }
}

/// Whether a walk's runs are elements side by side that stay as they are.
pub fn is_in_rows(walk: &Walk, conversion: &Conversion) -> bool {
    let step = conversion.from_size() as isize;
    conversion.is_copy() && walk.first().is_some_and(|run| run.source_step == step)
}

/// Moves a walk's elements from bytes that the shuffle filter has taken apart: runs [`in rows`](is_in_rows).
pub fn from_shuffled(source: &[u8], walk: &Walk, size: usize, target: &mut [u8]) {
    let moved: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
        let target = &mut target[run.target..run.target + run.count * size];
        shuffle::unshuffle_part(size, source, run.source / size, target);
        Ok(())
    });
    match moved {
        Ok(()) => {}
    }
}

/// Moves one run, whose places count from the start of the source and of the target.
fn move_run(source: Bytes<'_>, run: EvenRun, conversion: &Conversion, target: &mut BytesMut<'_>) {
    let (from, to) = (conversion.from_size(), conversion.to_size());
    // A run has no gaps in the target; between the runs there may be some, which are not ours.
    let target = target.at(run.target..run.target + run.count * to);
    if run.count == 1 && conversion.is_copy() {
        copy_element(source.at(run.source..run.source + from), target);
        return;
    }
    if run.source_step == from as isize {
        conversion.apply(source.at(run.source..run.source + run.count * from), target);
        return;
    }
    if conversion.is_copy() && run.source_step == -(from as isize) {
        let low = run.source - (run.count - 1) * from;
        return reverse(source.at(low..low + run.count * from), from, target);
    }
    if conversion.is_copy() {
        let run = EvenRun {
            target: 0,
            target_step: to as isize,
            ..run
        };
        return move_apart(source, run, conversion, &mut target.into());
    }
    let mut place = run.source;
    let mut next = || {
        let element = source.at(place..place + from);
        place = place.wrapping_add_signed(run.source_step);
        element
    };
    // Gathered first, so that the conversion has rows to work on.
    let mut gathered = [0; 4096];
    let batch = gathered.len() / from;
    for target in target.chunks_mut(batch * to) {
        let count = target.len() / to;
        for element in gathered.chunks_exact_mut(from).take(count) {
            copy_element(next(), element);
        }
        conversion.apply(&gathered[..count * from], target);
    }
}

/// As [`move_run`], of elements that have gaps between them in the target.
fn move_apart(source: Bytes<'_>, run: EvenRun, conversion: &Conversion, target: &mut BytesMut<'_>) {
    let sizes = (conversion.from_size(), conversion.to_size());
    match (conversion.is_copy(), sizes.0) {
        (true, 8) => apart(source, run, (8, 8), target, copy_element),
        (true, 4) => apart(source, run, (4, 4), target, copy_element),
        (true, 16) => apart(source, run, (16, 16), target, copy_element),
        (true, _) => apart(source, run, sizes, target, copy_element),
        (false, _) => apart(source, run, sizes, target, |source, target| {
            conversion.apply(source, target);
        }),
    }
}

/// Moves the elements of a run one by one, from so many bytes to so many.
#[inline(always)]
fn apart(
    source: Bytes<'_>,
    run: EvenRun,
    (from, to): (usize, usize),
    target: &mut BytesMut<'_>,
    convert: impl Fn(&[u8], &mut [u8]),
) {
    let (mut start, mut place) = (run.source, run.target);
    for _ in 0..run.count {
        convert(source.at(start..start + from), target.at(place..place + to));
        start = start.wrapping_add_signed(run.source_step);
        place = place.wrapping_add_signed(run.target_step);
    }
}

/// Copies elements of a size in reverse order.
fn reverse(source: &[u8], size: usize, target: &mut [u8]) {
    // A function of its own for each common size, which the compiler makes wide instructions of.
    #[inline(never)]
    fn fixed<const SIZE: usize>(source: &[u8], target: &mut [u8]) {
        let elements = source.rchunks_exact(SIZE);
        for (target, element) in target.chunks_exact_mut(SIZE).zip(elements) {
            copy_element(element, target);
        }
    }
    match size {
        8 => fixed::<8>(source, target),
        4 => fixed::<4>(source, target),
        _ => {
            let elements = source.rchunks_exact(size);
            for (target, element) in target.chunks_exact_mut(size).zip(elements) {
                target.copy_from_slice(element);
            }
        }
    }
}

/// Copies an element; the common sizes without a call.
#[inline]
fn copy_element(source: &[u8], target: &mut [u8]) {
    fn fixed<const SIZE: usize>(source: &[u8], target: &mut [u8]) {
        if let (Some(source), Some(target)) =
            (source.first_chunk::<SIZE>(), target.first_chunk_mut())
        {
            *target = *source;
        }
    }
    match source.len() {
        8 => fixed::<8>(source, target),
        4 => fixed::<4>(source, target),
        16 => fixed::<16>(source, target),
        12 => fixed::<12>(source, target),
        24 => fixed::<24>(source, target),
        32 => fixed::<32>(source, target),
        _ => target.copy_from_slice(source),
    }
}

/// Moves a walk's elements from the file, where its source places count from `address`.
///
/// Long runs are read one by one, straight to where they belong where nothing has to be converted; short ones that lie
/// close to each other together, with what lies between them.
pub fn from_file<'a>(
    raw: &RawFile,
    address: u64,
    walk: &Walk,
    conversion: &Conversion,
    target: impl Into<BytesMut<'a>>,
) -> Result<()> {
    let mut target = target.into();
    if let Some((walk, conversion)) = in_items(walk, conversion) {
        return from_file(raw, address, &walk, &conversion, target);
    }
    let Some(first) = walk.first() else {
        return Ok(());
    };
    let from = conversion.from_size();
    let step = first.source_step.unsigned_abs();
    let span = (first.count - 1) * step + from;
    let needed = first.count * from;
    let is_thin = step > THIN && first.count > 1;
    let block = walk.source_block(from, DENSE_READ);
    let mut piece = Piece::default();
    // Backwards in the file a run of a few KiB would be read by itself.
    let is_short = span < LONG || (block.low < 0 && span < PIECE / 2);
    if !is_thin && is_short && block.runs > 1 {
        return from_windows(raw, address, block, walk, conversion, &mut target);
    }
    let file = raw.reads()?;
    walk.each(|run| {
        if is_thin {
            let element = piece.first(from)?;
            let mut run = EvenRun { count: 1, ..run };
            for _ in 0..first.count {
                file.read_near(address + run.source as u64, element)?;
                let here = EvenRun {
                    source: 0,
                    source_step: from as isize,
                    ..run
                };
                move_run((&*element).into(), here, conversion, &mut target);
                run.source = run.source.wrapping_add_signed(run.source_step);
                run.target += conversion.to_size();
            }
            return Ok(());
        }
        if run.source_step == from as isize && conversion.is_copy() {
            let target = target.at(run.target..run.target + needed);
            return file.read_near(address + run.source as u64, target);
        }
        // In pieces of whole elements, from the first of the run to its last.
        let batch = (PIECE.saturating_sub(from) / step.max(1)).max(1);
        let mut rest = run;
        while rest.count > 0 {
            let count = rest.count.min(batch);
            let reach = (count - 1) * step;
            let low = if rest.source_step < 0 {
                rest.source - reach
            } else {
                rest.source
            };
            let bytes = piece.first(reach + from)?;
            file.read_near(address + low as u64, bytes)?;
            let part = EvenRun {
                source: rest.source - low,
                count,
                ..rest
            };
            move_run((&*bytes).into(), part, conversion, &mut target);
            rest.count -= count;
            rest.target += count * conversion.to_size();
            rest.source = rest
                .source
                .wrapping_add_signed(rest.source_step.wrapping_mul(count as isize));
        }
        Ok(())
    })
}

/// The first and the end of the bytes that a run takes, of elements of `size` bytes that are `step` apart.
fn bounds(place: usize, count: usize, step: isize, size: usize) -> (usize, usize) {
    let last = place.wrapping_add_signed(step.wrapping_mul(count as isize - 1));
    (place.min(last), place.max(last) + size)
}

/// Where a window of the file that is to hold `[start, end)` begins and ends, when the last one was
/// before it or behind it.
fn window(
    before: (usize, usize),
    (start, end): (usize, usize),
    (low, high): (usize, usize),
) -> (usize, usize) {
    if end <= before.0 {
        (low.max(end.saturating_sub(PIECE.max(end - start))), end)
    } else {
        (start, high.min(start + PIECE.max(end - start)))
    }
}

/// Moves short runs that lie close to each other: the file is read a piece at a time.
fn from_windows(
    raw: &RawFile,
    address: u64,
    block: Block,
    walk: &Walk,
    conversion: &Conversion,
    target: &mut BytesMut<'_>,
) -> Result<()> {
    let from = conversion.from_size();
    let file = raw.reads()?;
    let mut piece = Piece::default();
    let (mut held, mut range, mut seen) = ((0, 0), (0, 0), 0);
    walk.each(|run| {
        if seen % block.runs == 0 {
            range = block.at(run.source);
        }
        seen += 1;
        let bounds = bounds(run.source, run.count, run.source_step, from);
        if bounds.0 < held.0 || bounds.1 > held.1 {
            held = window(held, bounds, range);
            file.read(address + held.0 as u64, piece.first(held.1 - held.0)?)?;
        }
        let run = EvenRun {
            source: run.source - held.0,
            ..run
        };
        move_run(piece.0[..].into(), run, conversion, target);
        Ok(())
    })
}

/// What of a write stays in memory when the disk refuses it, for the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Nothing.
    Nothing,
    /// What comes after the first piece.
    OnceBegun,
    /// All of it.
    All,
}

/// The pieces of one write on their way to the file.
struct Pieces<'a> {
    raw: &'a RawFile,
    address: u64,
    /// So many bytes are still to be written.
    left: usize,
    keeps: Keeps,
    /// The disk has refused one: the others need not be tried.
    is_refused: bool,
}

impl<'a> Pieces<'a> {
    fn new(raw: &'a RawFile, address: u64, left: usize, keeps: Keeps) -> Self {
        Self {
            raw,
            address,
            left,
            keeps,
            is_refused: false,
        }
    }

    fn read(&self, place: usize, piece: &mut [u8]) -> Result<()> {
        self.raw.read(self.address + place as u64, piece)
    }

    fn write(&mut self, place: usize, piece: &[u8]) -> Result<()> {
        let address = self.address + place as u64;
        if !self.is_refused {
            match self.raw.write(address, piece) {
                Ok(()) => {
                    self.left = self.left.saturating_sub(piece.len());
                    if self.keeps == Keeps::OnceBegun {
                        self.keeps = Keeps::All;
                    }
                    return Ok(());
                }
                Err(error) => {
                    let length = piece.len() as u64;
                    let is_begun = match self.keeps {
                        Keeps::Nothing => false,
                        Keeps::OnceBegun => self.raw.may_be_half_written(address, length),
                        Keeps::All => true,
                    };
                    let keeps = is_begun && error.status == Status::Io;
                    if !keeps || !memory::has_room(self.left) {
                        return Err(error);
                    }
                    self.is_refused = true;
                }
            }
        }
        self.raw.write_later(address, piece)
    }
}

/// Moves a walk's elements from memory to the file, where its target places count from `address` and ascend.
///
/// What follows each other in the file is written together, and so are short runs with small gaps between them.
pub fn to_file(
    raw: &RawFile,
    address: u64,
    walk: &Walk,
    conversion: &Conversion,
    source: Bytes<'_>,
    keeps: Keeps,
) -> Result<()> {
    let Some(first) = walk.first() else {
        return Ok(());
    };
    let (from, to) = (conversion.from_size(), conversion.to_size());
    let written = walk.runs() * first.count * to;
    let block = walk.target_block(to, DENSE_WRITE);
    let has_gaps = block.bytes() > block.runs * first.count * to;
    if has_gaps && first.count * to < LONG {
        let all = walk.runs() / block.runs * block.bytes();
        let mut pieces = Pieces::new(raw, address, all, keeps);
        return to_windows(&mut pieces, block, walk, conversion, source);
    }
    let mut pieces = Pieces::new(raw, address, written, keeps);
    let mut piece = Piece::default();
    // How many of its bytes wait, where they go, and how many may.
    let (mut filled, mut start, mut limit) = (0, 0, 0);
    walk.each(|run| {
        let mut rest = run;
        while rest.count > 0 {
            // Truth values were made 0 or 1 before.
            let is_plain = rest.source_step == from as isize && conversion.is_copy();
            let bytes = rest.count * to;
            let follows = rest.target == start + filled && filled + to <= limit;
            if filled > 0 && !follows {
                pieces.write(start, &piece.0[..filled])?;
                filled = 0;
            }
            if is_plain && filled == 0 && bytes >= PIECE / 4 {
                // Straight from the caller's memory.
                let data = source.at(rest.source..rest.source + bytes);
                return pieces.write(rest.target, data);
            }
            if filled == 0 {
                start = rest.target;
                // To where a page of the file ends, of which the system has to make sense only once then.
                limit = PIECE - ((address + start as u64) % PIECE as u64) as usize;
                limit += if limit < to { PIECE } else { 0 };
            }
            let count = rest.count.min((limit - filled) / to);
            let end = filled + count * to;
            let part = EvenRun {
                target: filled,
                count,
                ..rest
            };
            move_run(source, part, conversion, &mut piece.first(end)?.into());
            filled = end;
            rest.count -= count;
            rest.target += count * to;
            rest.source = rest
                .source
                .wrapping_add_signed(rest.source_step.wrapping_mul(count as isize));
        }
        Ok(())
    })?;
    match filled {
        0 => Ok(()),
        _ => pieces.write(start, &piece.0[..filled]),
    }
}

/// Writes short runs with small gaps between them: a piece of the file is read, changed and written back.
fn to_windows(
    pieces: &mut Pieces<'_>,
    block: Block,
    walk: &Walk,
    conversion: &Conversion,
    source: Bytes<'_>,
) -> Result<()> {
    let to = conversion.to_size();
    let mut piece = Piece::default();
    let (mut held, mut range, mut seen) = ((0, 0), (0, 0), 0);
    walk.each(|run| {
        if seen % block.runs == 0 {
            range = block.at(run.target);
        }
        seen += 1;
        let bounds = (run.target, run.target + run.count * to);
        if bounds.0 < held.0 || bounds.1 > held.1 {
            if held.1 > held.0 {
                pieces.write(held.0, &piece.0[..held.1 - held.0])?;
            }
            held = window(held, bounds, range);
            pieces.read(held.0, piece.first(held.1 - held.0)?)?;
        }
        let run = EvenRun {
            target: run.target - held.0,
            ..run
        };
        move_run(source, run, conversion, &mut (&mut piece.0[..]).into());
        Ok(())
    })?;
    pieces.write(held.0, &piece.0[..held.1 - held.0])
}

/// Fills a walk's target with one element, already converted.
pub fn fill(element: &[u8], walk: &Walk, target: &mut [u8]) {
    let size = element.len();
    let is_zero = element.iter().all(|&byte| byte == 0);
    // Copied from a row of them, since they are few bytes each.
    let longest = walk.first().map_or(0, |run| run.count);
    let row = match is_zero {
        true => Vec::new(),
        false => element.repeat(longest.min((FILLED / size).max(1))),
    };
    let filled: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
        let target = &mut target[run.target..run.target + run.count * size];
        if is_zero {
            target.fill(0);
        } else {
            for place in target.chunks_mut(row.len()) {
                place.copy_from_slice(&row[..place.len()]);
            }
        }
        Ok(())
    });
    match filled {
        Ok(()) => {}
    }
}
