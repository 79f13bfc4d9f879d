//! Moves the elements of a walk: from bytes in memory, or straight from a file.

#![forbid(unsafe_code)]

use super::blocks::{Blocks, BLOCK};
use crate::codec::convert::Conversion;
use crate::codec::shuffle;
use crate::codec::walk::{Run, Walk};
use crate::error::Result;

/// Runs of at least this many bytes are read past the cache.
const LONG: usize = 8 << 10;

/// A walk over more blocks than this is not a small read.
const FEW_BLOCKS: usize = 16;

/// The bytes that are read before they are converted or picked apart.
const PIECE: usize = 256 << 10;

/// Moves a walk's elements from `source` to `target`, converting them. The walk counts in bytes.
pub fn from_memory(source: &[u8], walk: &Walk, conversion: &Conversion, target: &mut [u8]) {
    let moved: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
        move_run(source, run, conversion, target);
        Ok(())
    });
    match moved {
        Ok(()) => {}
    }
}

/// Whether a walk's runs are elements side by side that stay as they are.
pub fn is_in_rows(walk: &Walk, conversion: &Conversion) -> bool {
    let step = conversion.from_size() as isize;
    conversion.is_plain_copy() && walk.first().is_some_and(|run| run.source_step == step)
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

/// Moves one run, whose places count from the start of the two slices.
fn move_run(source: &[u8], run: Run, conversion: &Conversion, target: &mut [u8]) {
    let (from, to) = (conversion.from_size(), conversion.to_size());
    // The target of a read is filled without gaps.
    let target = &mut target[run.target..run.target + run.count * to];
    if run.source_step == from as isize {
        conversion.apply(&source[run.source..run.source + run.count * from], target);
        return;
    }
    let mut place = run.source;
    let mut next = || {
        let element = &source[place..place + from];
        place = place.wrapping_add_signed(run.source_step);
        element
    };
    if conversion.is_copy() {
        for element in target.chunks_exact_mut(to) {
            copy_element(next(), element);
        }
        return;
    }
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

/// Copies an element; the common sizes without a call.
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
        _ => target.copy_from_slice(source),
    }
}

/// Moves a walk's elements from the file, where its source places count from `address`.
///
/// Long runs go past the cache. Small and dense ones go through it; thin ones, such as a
/// column, are read one by one.
pub fn from_file(
    blocks: &Blocks,
    address: u64,
    walk: &Walk,
    conversion: &Conversion,
    target: &mut [u8],
) -> Result<()> {
    let Some(first) = walk.first() else {
        return Ok(());
    };
    let from = conversion.from_size();
    let step = first.source_step.unsigned_abs();
    let span = (first.count - 1) * step + from;
    let needed = first.count * from;
    // Elements so far apart that what lies between them is not worth reading.
    let thin = step > 4096 && first.count > 1;
    let runs = walk.runs();
    let few = runs.saturating_mul(span / BLOCK as usize + 1) <= FEW_BLOCKS;
    let dense = runs > 1 && walk.source_span().saturating_add(span) / 16 <= runs * needed;
    let long = span >= LONG;
    let mut piece = Vec::new();
    walk.each(|run| {
        if thin {
            piece.resize(from, 0);
            let mut run = Run { count: 1, ..run };
            for _ in 0..first.count {
                read(blocks, address + run.source as u64, few, &mut piece)?;
                move_run(
                    &piece,
                    Run {
                        source: 0,
                        source_step: from as isize,
                        ..run
                    },
                    conversion,
                    target,
                );
                run.source = run.source.wrapping_add_signed(run.source_step);
                run.target += conversion.to_size();
            }
            return Ok(());
        }
        let cached = !long && (few || dense);
        if run.source_step == from as isize && conversion.is_copy() {
            let target = &mut target[run.target..run.target + needed];
            return read(blocks, address + run.source as u64, cached, target);
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
            piece.resize(reach + from, 0);
            read(blocks, address + low as u64, cached, &mut piece)?;
            let part = Run {
                source: rest.source - low,
                count,
                ..rest
            };
            move_run(&piece, part, conversion, target);
            rest.count -= count;
            rest.target += count * conversion.to_size();
            rest.source = rest
                .source
                .wrapping_add_signed(rest.source_step.wrapping_mul(count as isize));
        }
        Ok(())
    })
}

fn read(blocks: &Blocks, address: u64, cached: bool, target: &mut [u8]) -> Result<()> {
    if cached {
        blocks.read_cached(address, target)
    } else {
        blocks.read(address, target)
    }
}

/// Fills a walk's target with one element, already converted.
pub fn fill(element: &[u8], walk: &Walk, target: &mut [u8]) {
    let filled: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
        let target = &mut target[run.target..run.target + run.count * element.len()];
        if element.iter().all(|&byte| byte == 0) {
            target.fill(0);
        } else {
            for place in target.chunks_exact_mut(element.len()) {
                place.copy_from_slice(element);
            }
        }
        Ok(())
    });
    match filled {
        Ok(()) => {}
    }
}
