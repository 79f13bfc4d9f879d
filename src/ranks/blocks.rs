//! Blocks: each rank writes its own into its part, and the master shows them together.

#![forbid(unsafe_code)]

use super::answers::{packed, unpacked};
use super::communicator::{Call, Payload, PAYLOAD};
use super::joining::{fill_of, with_filters};
use super::layout::{check_disjoint, Block, Layout, Piece};
use super::{Found, Ranks, State};
use crate::error::{Error, Result};
use crate::file::{OpenFile, Records};
use crate::store::strided::{show_shape, Strided};
use crate::store::{path, Append, Chunks, Dtype, Kind, StorageOptions, Write, MAX_RANK};

/// So many axes of a block go with the agreement on the call; of arrays with more they are told after it.
const INLINE_AXES: usize = 8;

/// A block of an array of some extents, checked against them. A block without elements may be anywhere.
pub(super) fn checked_block(global: &[u64], start: &[u64], shape: &[u64]) -> Result<Block> {
    let block = Block {
        start: start.to_vec(),
        shape: shape.to_vec(),
    };
    if start.len() != global.len() || shape.len() != global.len() {
        return Err(Error::shape(format!(
            "the block ({block}) is of rank {}, the whole array has shape {}",
            shape.len(),
            show_shape(global)
        )));
    }
    if block.is_empty() {
        return Ok(block);
    }
    for (axis, &extent) in global.iter().enumerate() {
        let end = start[axis].checked_add(shape[axis]);
        if end.is_none_or(|end| end > extent) {
            return Err(Error::shape(format!(
                "the block ({block}) leaves the whole array, whose shape is {}, along axis {axis}",
                show_shape(global)
            )));
        }
    }
    Ok(block)
}

/// A block as it goes with the agreement on a call.
pub(super) fn payload_of(block: Option<&Block>) -> Payload {
    let mut payload = [0; PAYLOAD];
    let Some(block) = block.filter(|block| block.start.len() <= INLINE_AXES) else {
        return payload;
    };
    for (place, value) in block.start.iter().chain(&block.shape).enumerate() {
        payload[8 * place..8 * place + 8].copy_from_slice(&value.to_le_bytes());
    }
    payload
}

fn block_of(bytes: &[u8], rank: usize) -> Block {
    let value = |place: usize| {
        let bytes = bytes[8 * place..8 * place + 8].try_into();
        u64::from_le_bytes(bytes.unwrap_or_default())
    };
    Block {
        start: (0..rank).map(value).collect(),
        shape: (rank..2 * rank).map(value).collect(),
    }
}

impl State {
    /// The blocks of all ranks, after they have agreed on the number of axes.
    pub(super) fn blocks_of(&mut self, mine: &Block, told: &[Payload]) -> Result<Vec<Block>> {
        let rank = mine.start.len();
        if rank <= INLINE_AXES {
            return Ok(told.iter().map(|payload| block_of(payload, rank)).collect());
        }
        let values = mine.start.iter().chain(&mine.shape);
        let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
        let all = self.communicator.gather(&bytes)?;
        Ok(all
            .chunks_exact(bytes.len())
            .map(|bytes| block_of(bytes, rank))
            .collect())
    }
}

/// What the options of a dataset are for a part of it: nothing of what is said of the whole.
fn options_of_part(options: &Write, block: &[u64]) -> Write {
    let mut part = options.clone();
    part.description = None;
    part.overwrite = true;
    if let Some(Chunks::Of(extents)) = &mut part.chunks {
        let skipped = extents.len().saturating_sub(block.len());
        for (extent, &most) in extents[skipped..].iter_mut().zip(block) {
            *extent = (*extent).min(most.max(1));
        }
    }
    part
}

fn check_options(options: &Write) -> Result<()> {
    match options.maxshape {
        Some(_) => Err(Error::unsupported(
            "option 'maxshape' is given, but a dataset that ranks write in blocks has fixed extents, or is a series: leave it out",
        )),
        None => Ok(()),
    }
}

fn check_rank(global: &[u64]) -> Result<()> {
    match global.len() {
        0 => Err(Error::shape(
            "a scalar has no blocks: write it by h5sim_write or h5sim_append, which all ranks call with the same value",
        )),
        rank if rank > MAX_RANK => Err(Error::shape(format!(
            "the array has {rank} axes, the most is {MAX_RANK}"
        ))),
        _ => Ok(()),
    }
}

/// Where a call's block goes: all of a dataset of this rank's part that is new, or into one that is there.
struct Target {
    dataset: String,
    /// Where in the dataset; None where it is made.
    within: Option<(Block, Vec<u64>)>,
}

impl Ranks {
    /// Writes this rank's block of an array, to a new dataset or into the one that is there.
    pub fn write_block(
        &self,
        path: &str,
        dtype: Dtype,
        global: &[u64],
        start: &[u64],
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        let call = Call::new("h5sim_write_block", path, &(dtype, global, options));
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let checked = self.check_writable().and_then(|()| {
            check_rank(global).map_err(named)?;
            check_options(options).map_err(named)?;
            let whole = StorageOptions::new(options, dtype, global).map_err(named)?;
            Ok((
                checked_block(global, start, &array.shape()).map_err(named)?,
                whole,
            ))
        });
        self.together(|state| {
            let payload = payload_of(checked.as_ref().ok().map(|(block, _)| block));
            let local = checked.as_ref().map(drop).map_err(Error::clone);
            let told = state.agree(&call, local, payload)?;
            let (block, whole) = checked?;
            let blocks = state.blocks_of(&block, &told)?;
            check_disjoint(&blocks).map_err(named)?;
            let entry = state.find(path, true)?;
            let (stored, order) = whole.stored();
            let new = || Layout {
                dtype: stored,
                order,
                fill: whole.creation.fill.clone(),
                global: global.to_vec(),
                is_series: false,
                records: 0,
                pieces: Vec::new(),
            };
            let (old, keeps) = match entry {
                Found::Own(Kind::None) => (new(), false),
                Found::Own(Kind::Dataset) if options.overwrite => (new(), false),
                Found::Own(Kind::Dataset) => {
                    return Err(named(Error::unsupported(
                        "it is stored in the master as a whole, and takes no blocks of several ranks: replace it with \"overwrite\": true",
                    )))
                }
                Found::Own(kind) => {
                    return Err(Error::exists(format!(
                        "'{path}' is {kind}, which a dataset does not overwrite"
                    )))
                }
                Found::Blocks(layout) => {
                    let is_like = !layout.is_series && layout.global == global;
                    let is_stored_so = layout.dtype == stored;
                    match options.overwrite {
                        true if is_like && is_stored_so => (layout, true),
                        true => (Layout { pieces: Vec::new(), ..new() }, false),
                        false if is_like => (layout, true),
                        false => {
                            return Err(named(Error::shape(format!(
                                "it has shape {}, the block is of an array of shape {}",
                                show_shape(&layout.shape()),
                                show_shape(global)
                            ))))
                        }
                    }
                }
            };
            let plan = old.plan(&blocks).map_err(named)?;
            let number = state.next_number(path, &old);
            let mut layout = old.clone();
            let mut place = 0;
            layout.pieces.retain(|_| {
                place += 1;
                !plan.gone.contains(&(place - 1))
            });
            for (rank, block) in blocks.iter().enumerate() {
                if plan.into[rank].is_none() && !block.is_empty() {
                    layout.pieces.push(Piece {
                        part: rank,
                        dataset: format!("{number}/{}", path::normal(path)),
                        block: block.clone(),
                        first: 0,
                        count: None,
                    });
                }
            }
            if layout.pieces.is_empty() {
                return Err(named(Error::shape(
                    "no rank has an element of it: a dataset in blocks needs at least one",
                )));
            }
            let target = match plan.into[state.rank()] {
                _ if block.is_empty() => None,
                Some(piece) => {
                    let piece = &old.pieces[piece];
                    let start = block.start.iter().zip(&piece.block.start);
                    Some(Target {
                        dataset: piece.dataset.clone(),
                        within: Some((
                            Block {
                                start: start.map(|(inner, outer)| inner - outer).collect(),
                                shape: block.shape.clone(),
                            },
                            piece.block.shape.clone(),
                        )),
                    })
                }
                None => Some(Target {
                    dataset: format!("{number}/{}", path::normal(path)),
                    within: None,
                }),
            };
            let is_new = |rank: usize| plan.into[rank].is_none() && !blocks[rank].is_empty();
            let storage = match keeps && (0..blocks.len()).any(is_new) {
                true if !old.pieces.is_empty() => Some(state.storage_of(&old)?),
                _ => None,
            };
            let stored = storage.as_ref().unwrap_or(options);
            let write = |part: &OpenFile| match &target {
                None => Ok(()),
                Some(Target { dataset, within: None }) => {
                    let mut options = options_of_part(stored, &block.shape);
                    options.dtype = Some(layout.dtype);
                    part.write(dataset, dtype, array, &options)
                }
                Some(Target { dataset, within: Some((inner, whole)) }) => {
                    let options = Write { threads: options.threads, ..Write::new() };
                    part.write_block(dataset, dtype, whole, &inner.start, array, &options)
                }
            };
            let undo = |part: &OpenFile| match &target {
                Some(Target { dataset, within: None }) => part.delete(dataset),
                _ => Ok(()),
            };
            let has_changed = layout != old || !keeps;
            let is_described = options.description.is_some();
            state.write_parts(write, undo)?;
            if has_changed {
                state.show(path, &layout, keeps, options)?;
                let gone: Vec<Piece> = plan.gone.iter().map(|&piece| old.pieces[piece].clone()).collect();
                state.drop_pieces(&gone);
            } else if is_described {
                state.on_master(|master| {
                    let made = layout.as_virtual("")?;
                    master.describe_virtual(path, &made, options.description.as_ref())
                })?;
            }
            Ok(())
        })
    }

    /// Appends this rank's block of one record to a series, which is created if nothing is there.
    pub fn append_block(
        &self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        array: &Strided<'_>,
    ) -> Result<()> {
        let Records {
            dtype,
            record,
            options,
        } = *records;
        let call = Call::new("h5sim_append_block", path, &(dtype, record, options));
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let checked = self.check_writable().and_then(|()| {
            let global = record
                .iter()
                .map(|&extent| u64::try_from(extent))
                .collect::<std::result::Result<Vec<u64>, _>>()
                .map_err(|_| named(Error::shape("an extent of the record is negative")))?;
            check_rank(&global).map_err(named)?;
            check_options(&options.dataset).map_err(named)?;
            if options.records > 1 {
                return Err(named(Error::argument(format!(
                    "\"records\" is {}, but with a block a call appends one record",
                    options.records
                ))));
            }
            let whole = StorageOptions::of_series(&options.dataset, dtype, &global, 0);
            let whole = whole.map_err(named)?;
            let block = checked_block(&global, start, &array.shape()).map_err(named)?;
            Ok((block, global, whole))
        });
        self.together(|state| {
            let payload = payload_of(checked.as_ref().ok().map(|(block, ..)| block));
            let local = checked.as_ref().map(drop).map_err(Error::clone);
            let told = state.agree(&call, local, payload)?;
            let (block, global, whole) = checked?;
            let blocks = state.blocks_of(&block, &told)?;
            check_disjoint(&blocks).map_err(named)?;
            let (stored, order) = whole.stored();
            let old = match state.find(path, true)? {
                Found::Own(Kind::None) => Layout {
                    dtype: stored,
                    order,
                    fill: whole.creation.fill.clone(),
                    global: global.clone(),
                    is_series: true,
                    records: 0,
                    pieces: Vec::new(),
                },
                Found::Own(kind) => {
                    return Err(named(Error::unsupported(format!(
                        "it is {kind} that is stored in the master as a whole, and takes no blocks of several ranks"
                    ))))
                }
                Found::Blocks(layout) => {
                    if !layout.is_series || layout.global != global {
                        return Err(named(Error::shape(format!(
                            "it has shape {}, the record has shape {}",
                            show_shape(&layout.shape()),
                            show_shape(&global)
                        ))));
                    }
                    layout
                }
            };
            if options.records == 0 {
                return Ok(());
            }
            let mut layout = old.clone();
            let goes_on = !old.pieces.is_empty() && old.goes_on(&blocks);
            if !goes_on {
                let number = state.next_number(path, &old);
                for piece in &mut layout.pieces {
                    if piece.count.is_none() {
                        piece.count = Some(old.records - piece.first);
                    }
                }
                // A part without records is none.
                layout.pieces.retain(|piece| piece.count != Some(0));
                for (rank, block) in blocks.iter().enumerate() {
                    if !block.is_empty() {
                        layout.pieces.push(Piece {
                            part: rank,
                            dataset: format!("{number}/{}", path::normal(path)),
                            block: block.clone(),
                            first: old.records,
                            count: None,
                        });
                    }
                }
                if !layout.pieces.iter().any(|piece| piece.count.is_none()) {
                    return Err(named(Error::shape(
                        "no rank has an element of the record: a record in blocks needs at least one",
                    )));
                }
            }
            layout.records = old.records + 1;
            let rank = state.rank();
            let own = layout
                .pieces
                .iter()
                .find(|piece| piece.count.is_none() && piece.part == rank)
                .filter(|_| !block.is_empty());
            let kept = own.map_or(0, |piece| old.records - piece.first);
            let storage = match !goes_on && !old.pieces.is_empty() {
                true => Some(state.storage_of(&old)?),
                false => None,
            };
            let stored = storage.as_ref().unwrap_or(&options.dataset);
            let write = |part: &OpenFile| {
                let Some(piece) = own else {
                    return Ok(());
                };
                let record: Vec<i64> = block.shape.iter().map(|&extent| extent as i64).collect();
                let mut dataset = options_of_part(stored, &block.shape);
                dataset.overwrite = false;
                dataset.dtype = Some(layout.dtype);
                let options = Append::new().records(1).stored(dataset);
                let records = Records {
                    dtype,
                    record: &record,
                    options: &options,
                };
                if kept == 0 && part.kind(&piece.dataset)? != Kind::None {
                    // What nothing shows any more.
                    part.delete(&piece.dataset)?;
                }
                part.append_from(&piece.dataset, &records, array)
            };
            let undo = |part: &OpenFile| match own {
                None => Ok(()),
                Some(piece) if kept == 0 => part.delete(&piece.dataset),
                Some(piece) => part.truncate(&piece.dataset, kept),
            };
            state.write_parts(write, undo)?;
            match goes_on {
                true => {
                    let normal = path::normal(path);
                    if let Some(known) = state.layouts.get_mut(&*normal) {
                        known.records = layout.records;
                    }
                }
                false => {
                    let keeps = !old.pieces.is_empty();
                    state.show(path, &layout, keeps, &options.dataset)?;
                }
            }
            Ok(())
        })
    }
}

impl State {
    /// How new blocks of a dataset are stored: as those that it has.
    fn storage_of(&mut self, layout: &Layout) -> Result<Write> {
        let mut options = Write::new();
        let Some(piece) = layout.pieces.first() else {
            return Ok(options);
        };
        let owner = match piece.part < self.ranks() {
            true => piece.part,
            false => 0,
        };
        let stored = match self.rank() == owner {
            true => self
                .source(piece.part)
                .and_then(|part| part.stored_as(&piece.dataset))
                .map(|stored| packed(&(stored.chunks, stored.filters))),
            false => Ok(Vec::new()),
        };
        let local = stored.as_ref().map(drop).map_err(Error::clone);
        self.communicator.conclude(local, [0; PAYLOAD])?;
        let told = self.communicator.broadcast(owner, &stored?)?;
        let (chunks, filters): (Option<Vec<u64>>, Vec<String>) = unpacked(&told)?;
        if let Some(chunks) = chunks {
            options = options.chunks(chunks);
        }
        let fill = layout.fill.as_deref();
        if let Some(fill) = fill.and_then(|fill| fill_of(layout.dtype, fill)) {
            options = options.fillvalue(fill);
        }
        Ok(with_filters(options, &filters))
    }

    /// A number for the datasets of new blocks at a path that none there has, nor any that was there in this opening.
    fn next_number(&self, path: &str, old: &Layout) -> u64 {
        let normal = path::normal(path);
        let before = self.layouts.get(&*normal).map_or(0, Layout::next_number);
        old.next_number().max(before)
    }

    /// Writes into this rank's part; where a rank fails, those that have not take theirs back.
    fn write_parts(
        &mut self,
        write: impl FnOnce(&OpenFile) -> Result<()>,
        undo: impl FnOnce(&OpenFile) -> Result<()>,
    ) -> Result<()> {
        let written = self.own_part().and_then(write);
        let is_written = written.is_ok();
        let told = self.communicator.conclude(written, [0; PAYLOAD]);
        let Err(error) = told else {
            return Ok(());
        };
        if is_written {
            if let Err(error) = self.own_part().and_then(undo) {
                self.broken.get_or_insert(error);
            }
        }
        Err(error)
    }

    /// Makes the master show a dataset in these blocks.
    pub(super) fn show(
        &mut self,
        path: &str,
        layout: &Layout,
        keeps: bool,
        options: &Write,
    ) -> Result<()> {
        let name = self
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let shown = self.on_master(|master| {
            let made = layout.as_virtual(&name)?;
            master.put_virtual(path, &made, keeps, options.description.as_ref())
        });
        match shown {
            Ok(()) => {
                self.layouts
                    .insert(path::normal(path).into(), layout.clone());
                Ok(())
            }
            Err(error) => {
                // The parts have what the master does not show.
                let is_new = |piece: &&Piece| {
                    let known = self.layouts.get(&*path::normal(path));
                    known.is_none_or(|known| {
                        !known.pieces.iter().any(|old| old.dataset == piece.dataset)
                    })
                };
                let new: Vec<Piece> = layout.pieces.iter().filter(is_new).cloned().collect();
                self.drop_pieces(&new);
                Err(error)
            }
        }
    }

    /// Takes pieces away that nothing shows any more, those in this rank's part.
    pub(super) fn drop_pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces.iter().filter(|piece| piece.part == self.rank()) {
            // What cannot be removed is not seen either.
            if let Ok(part) = self.own_part() {
                let _ = part.delete(&piece.dataset);
            }
        }
    }
}
