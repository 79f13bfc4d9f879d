//! Makes one plain file of a run.

#![forbid(unsafe_code)]

use super::layout::Layout;
use super::reading::items_of;
use super::{Found, Ranks, State};
use crate::codec::filters;
use crate::error::{Error, Result};
use crate::file::OpenFile;
use crate::journal;
use crate::journal::Durability;
use crate::slice::Selection;
use crate::store::h5;
use crate::store::strided::count;
use crate::store::{path, Dtype, Fill, Item, Mode, Open, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// About so many bytes are in memory at a time.
const PIECE: u64 = 32 << 20;

/// How far a joining is, in bytes.
#[derive(Debug, Default)]
pub struct Joined {
    /// So many are in the new file.
    pub done: AtomicU64,
    /// So many will be.
    pub all: AtomicU64,
}

/// Makes one plain file of a master and its parts: every dataset in blocks becomes one as a single process writes it, with the chunks and
/// filters of its largest block, its attributes and the names of its axes; all else stays as it is. Gives how many were in blocks.
///
/// # Errors
/// `Exists` where something is at `out` already; `NotFound`; `Format` for what is no master, whose parts are missing, or that a dead writer has
/// left in the middle of a commit; `Io`, after which nothing is at `out`.
pub fn join(master: &str, out: &Path, progress: &Joined) -> Result<usize> {
    if out.symlink_metadata().is_ok() {
        return Err(Error::exists(format!(
            "{}: something is there already, which is not overwritten",
            out.display()
        )));
    }
    let mut opened = Ranks::open_master(master, &Open::new())?.ok_or_else(|| {
        match Path::new(master).exists() {
            true => Error::format(format!(
                "{master}: it is not the master of a run from many ranks: there is no folder '{master}-ranks'"
            )),
            false => Error::not_found(format!("{master}: no such file")),
        }
    })?;
    let state = opened
        .state
        .get_mut()
        .map_err(|_| Error::internal("a lock that nobody has had"))?;
    let watched = state.watched.take();
    let Some(watched) = &watched else {
        return Err(Error::internal("a master without its record"));
    };
    // What is not finished has another name, and goes if it stays unfinished.
    let mut name = out.as_os_str().to_owned();
    name.push(".joining");
    let unfinished = PathBuf::from(name);
    let joined = watched.at_one_commit(|| join_into(state, master, &unfinished, progress));
    let failed =
        |error: std::io::Error| Error::io(format!("cannot name '{}': {error}", out.display()));
    let named = joined.and_then(|joined| {
        let synced = std::fs::File::open(&unfinished).and_then(|file| file.sync_all());
        synced
            .and_then(|()| std::fs::rename(&unfinished, out))
            .map_err(failed)?;
        Ok(joined)
    });
    if named.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    named
}

fn join_into(state: &mut State, master: &str, out: &Path, progress: &Joined) -> Result<usize> {
    let entries = state.master()?.tree("/")?;
    let mut layouts = Vec::new();
    for entry in entries {
        if let Item::Dataset { .. } = entry.item {
            if let Found::Blocks(layout) = state.find(&entry.path, false)? {
                layouts.push((entry.path, layout));
            }
        }
    }
    let mut all = 0;
    for (_, layout) in &layouts {
        all += count(&layout.shape())? * layout.dtype.size() as u64;
    }
    progress.all.store(all, Ordering::Relaxed);
    if !journal::holds_last_commit(Path::new(master)) {
        return Err(Error::format(format!(
            "{master}: its writer was killed in the middle of a commit: run `h5sim recover {master}` first"
        )));
    }
    let failed = |error: std::io::Error| {
        Error::io(format!(
            "cannot copy '{master}' to '{}': {error}",
            out.display()
        ))
    };
    std::fs::copy(master, out).map_err(failed)?;
    let name = out
        .to_str()
        .ok_or_else(|| Error::argument(format!("the path '{}' is not UTF-8", out.display())))?;
    // A file that is made anew needs no journal.
    let options = Open::new().durability(Durability::None);
    let file = OpenFile::open(name, Mode::ReadWrite, &options)?;
    let made = layouts
        .iter()
        .try_for_each(|(path, layout)| join_dataset(state, &file, path, layout, progress));
    match made {
        Ok(()) => file.close()?,
        Err(error) => {
            let _ = file.close();
            return Err(error);
        }
    }
    Ok(layouts.len())
}

fn join_dataset(
    state: &mut State,
    file: &OpenFile,
    path: &str,
    layout: &Layout,
    progress: &Joined,
) -> Result<()> {
    let shape = layout.shape();
    let options = options_of(state, layout)?;
    let spare = format!("{} (joined)", path::normal(path));
    file.create(&spare, layout.dtype, &shape, &options)?;
    let rows = shape.first().copied().unwrap_or(1);
    let row = count(shape.get(1..).unwrap_or_default())?.max(1) * layout.dtype.size() as u64;
    // Whole chunks at a time, so that each is compressed once.
    let chunk = file.stored_as(&spare)?.chunks.map_or(1, |chunk| chunk[0]);
    let at_once = (PIECE / row).max(1).next_multiple_of(chunk.max(1));
    let mut first = 0;
    while first < rows {
        let last = (first + at_once).min(rows);
        let mut axes = Selection::everything(&shape).axes;
        axes[0].start = first as i64;
        axes[0].count = (last - first) as i64;
        if items_of(layout, &axes).is_empty() {
            // Nobody has written there.
            first = last;
            continue;
        }
        let elements = (last - first) * count(shape.get(1..).unwrap_or_default())?;
        let mut data: Vec<u8> = h5::zeroed(elements, layout.dtype.size())?;
        state.read_alone(layout, &axes, layout.dtype, &mut data)?;
        file.write_slice(&spare, &format!("{first}:{last}"), layout.dtype, &data)?;
        progress
            .done
            .fetch_add(data.len() as u64, Ordering::Relaxed);
        first = last;
    }
    file.take_over(&spare, path)
}

/// How the dataset is stored: as its largest block.
fn options_of(state: &mut State, layout: &Layout) -> Result<Write> {
    let mut options = Write::new().dtype(layout.dtype);
    if let Some(order) = layout.order {
        options = options.order(order);
    }
    if let Some(fill) = layout
        .fill
        .as_deref()
        .and_then(|fill| fill_of(layout.dtype, fill))
    {
        options = options.fillvalue(fill);
    }
    let shape = layout.shape();
    if layout.is_series {
        let fixed = shape[1..].iter().map(|&extent| Some(extent));
        options.maxshape = Some(std::iter::once(None).chain(fixed).collect());
    }
    let Some(largest) = layout
        .pieces
        .iter()
        .max_by_key(|piece| piece.block.volume())
    else {
        return Ok(options);
    };
    let stored = state.source(largest.part)?.stored_as(&largest.dataset)?;
    if let Some(mut chunks) = stored.chunks {
        let first = usize::from(layout.is_series);
        for (chunk, &extent) in chunks[first..].iter_mut().zip(&layout.global) {
            *chunk = (*chunk).min(extent.max(1));
        }
        options = options.chunks(chunks);
    }
    Ok(with_filters(options, &stored.filters))
}

/// Options with these filters, which are called as h5py calls them.
pub(super) fn with_filters(mut options: Write, filters: &[String]) -> Write {
    for filter in filters {
        let (name, level) = filter.split_once(' ').unwrap_or((filter, ""));
        let level = level.parse().unwrap_or(0);
        options = match name {
            "shuffle" => options.shuffle(),
            "fletcher32" => options.fletcher32(),
            name => match filters::compressor(name) {
                Some(by) => options.compressed(by, level),
                None => options,
            },
        };
    }
    options
}

/// A fill value from an element in memory's form.
pub(super) fn fill_of(dtype: Dtype, element: &[u8]) -> Option<Fill> {
    let float = |bytes: &[u8]| match bytes.len() {
        4 => bytes
            .try_into()
            .ok()
            .map(|bytes| f64::from(f32::from_ne_bytes(bytes))),
        _ => bytes.try_into().ok().map(f64::from_ne_bytes),
    };
    let mut wide = [0; 8];
    let size = element.len();
    let is_unsigned = matches!(dtype, Dtype::U64 | Dtype::U32 | Dtype::U16 | Dtype::U8);
    Some(match dtype {
        Dtype::F64 | Dtype::F32 => Fill::Float(float(element)?),
        Dtype::C128 | Dtype::C64 => {
            let (real, imaginary) = element.split_at(size / 2);
            Fill::Complex(float(real)?, float(imaginary)?)
        }
        Dtype::Bool => Fill::Bool(*element.first()? != 0),
        Dtype::Text | Dtype::Other => return None,
        _ => {
            let mut bytes = element.to_vec();
            if cfg!(target_endian = "big") {
                bytes.reverse();
            }
            let is_negative = !is_unsigned && bytes.last()? & 0x80 != 0;
            wide.fill(if is_negative { 0xff } else { 0 });
            wide[..size].copy_from_slice(&bytes);
            match is_unsigned {
                true => Fill::Integer(u64::from_le_bytes(wide).into()),
                false => Fill::Integer(i64::from_le_bytes(wide).into()),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_values_come_back_from_their_bytes() {
        let back = |dtype, bytes: &[u8]| fill_of(dtype, bytes).unwrap();
        assert_eq!(back(Dtype::I16, &(-3i16).to_ne_bytes()), Fill::Integer(-3));
        assert_eq!(
            back(Dtype::U64, &u64::MAX.to_ne_bytes()),
            Fill::Integer(u64::MAX.into())
        );
        assert_eq!(back(Dtype::U8, &[200]), Fill::Integer(200));
        assert_eq!(back(Dtype::F32, &1.5f32.to_ne_bytes()), Fill::Float(1.5));
        let complex = [1f64.to_ne_bytes(), (-2f64).to_ne_bytes()].concat();
        assert_eq!(back(Dtype::C128, &complex), Fill::Complex(1.0, -2.0));
        assert_eq!(back(Dtype::Bool, &[1]), Fill::Bool(true));
    }
}
