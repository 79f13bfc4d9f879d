//! Blocks: each rank writes its own into its part, and the master shows them together.

#![forbid(unsafe_code)]

use super::answers::{packed, unpacked};
use super::communicator::{Call, Payload, PAYLOAD};
use super::joining::{fill_of, with_filters};
use super::layout::{check_disjoint, Block, Layout, Piece};
use super::reading::{Item, To};
use super::repeating::Repeated;
use super::writing::{number_in, number_payload, packed as packed_elements, selections_of, Holder};
use super::{Found, Ranks, State};
use crate::codec::quantize;
use crate::error::{Error, Result};
use crate::file::{checked_record, OpenFile, Places, Records};
use crate::slice::PerAxis;
use crate::store::strided::{count, show_shape, Strided};
use crate::store::{path, Append, Chunks, DescribedAttribute, Description, Dtype};
use crate::store::{Kind, StorageOptions, Write, MAX_RANK};
use std::sync::Arc;

/// So many axes of a block go with the agreement on the call; of arrays with more they are told after it.
pub(super) const INLINE_AXES: usize = 8;

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
pub(super) fn payload_of(start: &[u64], shape: &[u64]) -> Payload {
    let mut payload = [0; PAYLOAD];
    if start.len() > INLINE_AXES {
        return payload;
    }
    for (place, value) in start.iter().chain(shape).enumerate() {
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
pub(super) fn options_of_part(options: &Write, block: &[u64]) -> Write {
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

/// What is said of a new dataset in the master: beside what is asked for the digits that its values are rounded to, as in a file of one process.
fn description_of_new(options: &Write) -> Option<Arc<Description>> {
    let Some(digits) = options.quantize else {
        return options.description.clone();
    };
    let asked = options.description.as_deref();
    let mut described = asked.cloned().unwrap_or_default();
    described.attributes.push(DescribedAttribute {
        name: quantize::ATTRIBUTE.to_owned(),
        dtype: Dtype::I32,
        shape: Vec::new(),
        data: (digits as i32).to_ne_bytes().to_vec(),
    });
    Some(Arc::new(described))
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

/// What a call puts into parts, to be taken back where a rank fails.
pub(super) enum Put<'a> {
    /// New pieces.
    Pieces(&'a [Piece]),
    /// Records of pieces that grow, behind so many of the whole.
    Records(&'a Layout, u64),
}

/// Of the ranks' items those that go to the ranks that write the parts.
fn without_lent(items: &[Option<Item>], lent: &[Option<Places>]) -> Vec<Option<Item>> {
    let is_sent = |(item, places): (&Option<Item>, &Option<Places>)| match places {
        Some(_) => None,
        None => item.clone(),
    };
    items.iter().zip(lent).map(is_sent).collect()
}

/// The name of a dataset of a part that is new at a path: of several of one call and part each has another place.
fn name_of_new(number: u64, place: usize, path: &str) -> String {
    format!("{}/{}", number + place as u64, path::normal(path))
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
            let (told, (block, whole)) =
                state.agree_on_block(&call, path, checked, |(block, _)| block)?;
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
            let mut replaced = Vec::new();
            let (old, keeps) = match entry {
                Found::Own(Kind::None) => (new(), false),
                Found::Own(Kind::Dataset) => {
                    let there = state.on_master(|master| master.info(path))?;
                    if !options.overwrite || there == (stored, global.to_vec()) {
                        let written =
                            state.write_into_master(path, &there.1, global, &blocks, dtype, array);
                        written.map_err(named)?;
                        return state.describe(path, None, options);
                    }
                    (new(), false)
                }
                // No dataset takes its place, and the master says why.
                Found::Own(_) => {
                    return state.on_master(|master| {
                        master.write_block(path, dtype, global, start, array, options)
                    })
                }
                Found::Blocks(layout) => {
                    let is_like = layout.shape() == global;
                    let is_stored_so = layout.dtype == stored;
                    match options.overwrite {
                        true if is_like && is_stored_so => (layout, true),
                        true => {
                            // A link goes, and not what it leads to.
                            for (_, gone) in state.blocks_below(path)? {
                                replaced.extend(gone.pieces);
                            }
                            (new(), false)
                        }
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
            let groups = state.groups;
            let plan = old.plan(&blocks, groups).filter(|_| !old.is_series);
            let Some(plan) = plan else {
                let packed = packed_elements(array);
                let local = packed.as_ref().map(drop).map_err(Error::clone);
                state.communicator.conclude(local, [0; PAYLOAD])?;
                let wanted = selections_of(&blocks);
                let written = state.write_into_blocks(path, old, &wanted, dtype, &packed?);
                return state.describe(path, Some(&written.map_err(named)?), options);
            };
            let is_new = |rank: usize| plan.into[rank].is_none() && !blocks[rank].is_empty();
            let has_new = (0..blocks.len()).any(is_new);
            let number = match has_new {
                true => state.number_for(path, &told)?,
                false => 0,
            };
            let is_kept = |piece: &usize| !plan.gone.contains(piece);
            let kept: Vec<usize> = (0..old.pieces.len()).filter(is_kept).collect();
            let mut layout = old.clone();
            layout.pieces = kept.iter().map(|&at| old.pieces[at].clone()).collect();
            let first_new = layout.pieces.len();
            // Of each rank the piece that its block is, or is in.
            let mut items = Vec::new();
            for (rank, block) in blocks.iter().enumerate() {
                if block.is_empty() {
                    items.push(None);
                    continue;
                }
                let there = plan.into[rank].and_then(|piece| kept.binary_search(&piece).ok());
                let piece = there.unwrap_or_else(|| {
                    layout.pieces.push(Piece {
                        part: groups.part_of(rank),
                        dataset: name_of_new(number, groups.place_of(rank), path),
                        block: block.clone(),
                        first: 0,
                        count: None,
                    });
                    layout.pieces.len() - 1
                });
                let outer = layout.pieces[piece].block.start.iter();
                let start: Vec<u64> = block.start.iter().zip(outer).map(|(a, b)| a - b).collect();
                items.push(Some(Item::all_of(piece, &start, &block.shape)));
            }
            if layout.pieces.is_empty() {
                return Err(named(Error::shape(
                    "no rank has an element of it: a dataset in blocks needs at least one",
                )));
            }
            let storage = match keeps && has_new {
                true if !old.pieces.is_empty() => Some(state.storage_of(&old)?),
                _ => None,
            };
            let stored = storage.as_ref().unwrap_or(options);
            let put = |part: &OpenFile, item: &Item, array: &Strided<'_>| {
                let piece = &layout.pieces[item.piece];
                if item.piece >= first_new {
                    let mut options = options_of_part(stored, &piece.block.shape);
                    options.dtype = Some(layout.dtype);
                    return part.write(&piece.dataset, dtype, array, &options);
                }
                let options = Write {
                    threads: options.threads,
                    ..Write::new()
                };
                let start: Vec<u64> = item.axes.iter().map(|axis| axis.start as u64).collect();
                let whole = &piece.block.shape;
                part.write_block(&piece.dataset, dtype, whole, &start, array, &options)
            };
            let rank = state.rank();
            let own = items[rank].as_ref();
            let new = Put::Pieces(&layout.pieces[first_new..]);
            let options_of = |item: &Item| {
                let mut options = options_of_part(stored, &layout.pieces[item.piece].block.shape);
                options.dtype = Some(layout.dtype);
                options
            };
            let is_plain = |item: &Item| {
                let shape = &layout.pieces[item.piece].block.shape;
                let stored = StorageOptions::new(&options_of(item), layout.dtype, shape);
                item.piece >= first_new
                    && dtype == layout.dtype
                    && stored
                        .is_ok_and(|stored| stored.is_plain() && stored.creation.chunks.is_none())
            };
            let make = |part: &OpenFile, item: &Item| {
                let Piece { dataset, block, .. } = &layout.pieces[item.piece];
                part.create(dataset, layout.dtype, &block.shape, &options_of(item))?;
                part.lend(dataset, dtype)
            };
            let lent = state.lend(&items, dtype, is_plain, make);
            let lent = lent.map_err(|error| state.take_back(&new, error))?;
            state.write_parts(
                &without_lent(&items, &lent),
                dtype,
                |state| match (&lent[rank], own, &state.part) {
                    (Some(places), ..) => state.write_lent(places, dtype, array),
                    (None, Some(item), Some(part)) => put(part, item, array),
                    _ => Ok(()),
                },
                || packed_elements(array),
                |part, item, values| {
                    put(
                        part,
                        item,
                        &Strided::packed(values, &item.counts(), dtype.size())?,
                    )
                },
                &new,
            )?;
            let has_changed = layout != old || !keeps;
            if has_changed {
                state.show(path, &layout, keeps, options)?;
                let gone: Vec<Piece> = plan
                    .gone
                    .iter()
                    .map(|&piece| old.pieces[piece].clone())
                    .collect();
                state.drop_pieces(&gone);
                state.drop_pieces(&replaced);
                return Ok(());
            }
            state.describe(path, Some(&layout), options)
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
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let check = || {
            self.check_writable()?;
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
        };
        self.together(|state| {
            let told = match state.append_as_latest(path, records, start, array)? {
                Repeated::Done => return Ok(()),
                Repeated::Told(told) => Some(told),
                Repeated::Other => None,
            };
            let call = Call::new("h5sim_append_block", path, &(dtype, record, options));
            let (told, (block, global, whole)) = match told {
                Some(told) => (told, check()?),
                None => state.agree_on_block(&call, path, check(), |(block, ..)| block)?,
            };
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
                Found::Own(Kind::Dataset) => {
                    return state.append_to_master(path, records, &blocks, array)
                }
                // No series begins there, and the master says why.
                Found::Own(_) => {
                    return state
                        .on_master(|master| master.append_block(path, records, start, array))
                }
                Found::Blocks(layout) => {
                    if !layout.is_series || layout.global != global {
                        return Err(named(unlike(&layout, &global)));
                    }
                    layout
                }
            };
            if options.records == 0 {
                return Ok(());
            }
            let put = |part: &OpenFile, dataset: &str, records: &Records<'_>| {
                part.append_from(dataset, records, array)
            };
            let more = (dtype, 1, &options.dataset);
            state.append_pieces(path, &old, &blocks, &told, more, (put, Some(array)))?;
            state.note_latest(path, call, records, told, &blocks);
            Ok(())
        })
    }

    /// Appends records that all ranks have whole, of which rank 0's count; a series in the master by `in_master`.
    pub(super) fn append_whole<D>(
        &self,
        path: &str,
        records: &Records<'_>,
        data: D,
        in_master: impl FnOnce(&OpenFile, D) -> Result<()>,
        elements: impl FnOnce(D, u64) -> Result<Vec<u8>>,
    ) -> Result<()> {
        let Records {
            dtype,
            record,
            options,
        } = *records;
        let call = Call::new("h5sim_append", path, &(dtype, record, options));
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        self.together(|state| {
            let told = state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let mut data = Some(data);
            let here = |master: &OpenFile| match data.take() {
                Some(data) => in_master(master, data),
                None => Err(Error::internal("the records were asked for twice")),
            };
            let Some(old) = state.blocks_or(path, here)? else {
                return Ok(());
            };
            let global = checked_record(record).map_err(named);
            let added = options.records;
            let taken = match (&global, data) {
                (Err(error), _) => Err(error.clone()),
                (Ok(global), _) if !old.is_series || old.global != *global => {
                    Err(named(unlike(&old, global)))
                }
                (Ok(global), Some(data)) if state.rank() == 0 => count(global).and_then(|one| {
                    let all = one.checked_mul(added);
                    let all = all.ok_or_else(|| {
                        Error::shape("the records have more elements than can be counted")
                    })?;
                    elements(data, all)
                }),
                _ => Ok(Vec::new()),
            };
            let local = taken.as_ref().map(drop).map_err(Error::clone);
            state.communicator.conclude(local, [0; PAYLOAD])?;
            let (taken, global) = (taken?, global?);
            if added == 0 {
                return Ok(());
            }
            if state.appends_to_all(&old) {
                return state.append_to_ends(path, old, added, dtype, &taken);
            }
            let nothing = Block {
                start: vec![0; global.len()],
                shape: vec![0; global.len()],
            };
            let mut blocks = vec![nothing; state.ranks()];
            blocks[0] = Block {
                start: vec![0; global.len()],
                shape: global,
            };
            let put = |part: &OpenFile, dataset: &str, records: &Records<'_>| {
                part.append(dataset, records, |_| Ok(taken[..].into()))
            };
            let more = (dtype, added, &options.dataset);
            // Rank 0 writes a part.
            state.append_pieces(path, &old, &blocks, &told, more, (put, None))
        })
    }
}

/// A record of other extents than those of a series, or one for what is no series.
fn unlike(layout: &Layout, record: &[u64]) -> Error {
    Error::shape(format!(
        "it has shape {}, the record has shape {}",
        show_shape(&layout.shape()),
        show_shape(record)
    ))
}

/// Appends records that lie one after the other to a dataset of a part; the extents are those of all of them.
pub(super) fn append_packed(
    part: &OpenFile,
    dtype: Dtype,
    dataset: &str,
    extents: &[u64],
    packed: &[u8],
) -> Result<()> {
    let (&count, record) = extents
        .split_first()
        .ok_or_else(|| Error::internal("records without an axis of their own"))?;
    let record: Vec<i64> = record.iter().map(|&extent| extent as i64).collect();
    let options = Append::new().records(count);
    let records = Records {
        dtype,
        record: &record,
        options: &options,
    };
    part.append(dataset, &records, |_| Ok(packed.into()))
}

/// Records of a piece of a series, as they are appended to its dataset.
#[derive(Debug)]
pub(super) struct PieceRecords {
    dtype: Dtype,
    record: Vec<i64>,
    options: Append,
}

impl PieceRecords {
    /// So many, of elements of `dtype`; a dataset that begins with them is stored as the options for the whole say.
    pub(super) fn new(
        layout: &Layout,
        piece: &Piece,
        options: &Write,
        dtype: Dtype,
        count: u64,
    ) -> Self {
        let mut dataset = options_of_part(options, &piece.block.shape);
        dataset.overwrite = false;
        dataset.dtype = Some(layout.dtype);
        let record = piece.block.shape.iter().map(|&extent| extent as i64);
        Self {
            dtype,
            record: record.collect(),
            options: Append::new().records(count).stored(dataset),
        }
    }

    pub(super) fn records(&self) -> Records<'_> {
        Records {
            dtype: self.dtype,
            record: &self.record,
            options: &self.options,
        }
    }
}

impl State {
    /// Agrees on a call with blocks, which go with it, and so does the number that a new dataset could have in this rank's part.
    fn agree_on_block<C>(
        &mut self,
        call: &Call,
        path: &str,
        checked: Result<C>,
        block: impl Fn(&C) -> &Block,
    ) -> Result<(Vec<Payload>, C)> {
        let is_known = self.layouts.contains_key(&*path::normal(path));
        let checked = checked.and_then(|checked| {
            let number = match is_known {
                true => 0,
                false => self.free_number(path)?,
            };
            let Block { start, shape } = block(&checked);
            let mut payload = payload_of(start, shape);
            let numbered = number_payload(number);
            let place = PAYLOAD - size_of::<u64>();
            payload[place..].copy_from_slice(&numbered[place..]);
            Ok((checked, payload))
        });
        let local = checked.as_ref().map(drop).map_err(Error::clone);
        let payload = checked
            .as_ref()
            .map_or([0; PAYLOAD], |(_, payload)| *payload);
        let told = self.agree(call, local, payload)?;
        Ok((told, checked?.0))
    }

    /// The number for new datasets at a path, of those that the ranks have told with the call; of a path that is known they have told
    /// none, and are asked.
    fn number_for(&mut self, path: &str, told: &[Payload]) -> Result<u64> {
        match self.layouts.contains_key(&*path::normal(path)) {
            true => self.number_of_new(path),
            false => Ok(told.iter().map(number_in).max().unwrap_or(0)),
        }
    }

    /// Gives a dataset that was overwritten where it is the attributes and names of axes that are asked for; one in the master as a whole
    /// has no blocks.
    pub(super) fn describe(
        &mut self,
        path: &str,
        layout: Option<&Layout>,
        options: &Write,
    ) -> Result<()> {
        if !options.overwrite || options.description.is_none() {
            return Ok(());
        }
        self.on_master(|master| {
            let made = layout.map(|layout| layout.as_virtual("")).transpose()?;
            master.describe_dataset(path, made.as_ref(), options.description.as_ref())
        })
    }

    /// Writes the blocks of all ranks into a dataset that is in the master as a whole: rank 0 does.
    fn write_into_master(
        &mut self,
        path: &str,
        extents: &[u64],
        global: &[u64],
        blocks: &[Block],
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        if extents != global {
            return Err(Error::shape(format!(
                "it has shape {}, the block is of an array of shape {}",
                show_shape(extents),
                show_shape(global)
            )));
        }
        let packed = packed_elements(array);
        let local = packed.as_ref().map(drop).map_err(Error::clone);
        self.communicator.conclude(local, [0; PAYLOAD])?;
        self.write_together(
            Holder::Master(path),
            &selections_of(blocks),
            dtype,
            &packed?,
        )
    }

    /// Appends one record, of which all ranks have blocks, to a series in the master: rank 0 does.
    fn append_to_master(
        &mut self,
        path: &str,
        records: &Records<'_>,
        blocks: &[Block],
        array: &Strided<'_>,
    ) -> Result<()> {
        // Rank 0's block makes room for the others.
        let (_, extents) = self.on_master(|master| {
            master.append_block(path, records, &blocks[0].start, array)?;
            master.info(path)
        })?;
        if records.options.records == 0 {
            return Ok(());
        }
        let last = extents.first().map_or(0, |&count| count.saturating_sub(1));
        let mut wanted = selections_of(blocks);
        wanted[0] = PerAxis::new();
        for (axes, block) in wanted
            .iter_mut()
            .zip(blocks)
            .filter(|(axes, _)| !axes.is_empty())
        {
            *axes = super::reading::axes_of(
                &[&[last], &*block.start].concat(),
                &[&[1], &*block.shape].concat(),
            );
        }
        let packed = packed_elements(array);
        let local = packed.as_ref().map(drop).map_err(Error::clone);
        let told = self.communicator.conclude(local, [0; PAYLOAD]);
        let written = told.and_then(|_| {
            self.write_together(Holder::Master(path), &wanted, records.dtype, &packed?)
        });
        if written.is_err() && self.rank() == 0 {
            let cut = self.master().and_then(|master| master.truncate(path, last));
            if let Err(error) = cut {
                self.broken.get_or_insert(error);
            }
        }
        written
    }

    /// Whether the pieces that grow are all of a record, in parts that ranks write.
    fn appends_to_all(&self, layout: &Layout) -> bool {
        let growing = || layout.pieces.iter().filter(|piece| piece.count.is_none());
        let volume: u128 = growing().map(|piece| piece.block.volume()).sum();
        let whole: u128 = layout
            .global
            .iter()
            .map(|&extent| u128::from(extent))
            .product();
        volume == whole && growing().all(|piece| piece.part < self.groups.parts())
    }

    /// Appends records that rank 0 has to the pieces that grow.
    fn append_to_ends(
        &mut self,
        path: &str,
        old: Layout,
        added: u64,
        dtype: Dtype,
        packed: &[u8],
    ) -> Result<()> {
        let mut layout = old;
        let before = layout.records;
        layout.records += added;
        let mut wanted = vec![PerAxis::new(); self.ranks()];
        wanted[0] = super::reading::axes_of(
            &[&[before], &*vec![0; layout.global.len()]].concat(),
            &[&[added], &*layout.global].concat(),
        );
        if let Err(error) = self.write_together(Holder::Ends(&layout), &wanted, dtype, packed) {
            if let Err(error) = self.cut_own(&layout, before) {
                self.broken.get_or_insert(error);
            }
            return Err(error);
        }
        self.know_records(path, layout);
        Ok(())
    }

    /// Cuts the pieces of this rank's part that grow to those of so many records of the whole.
    pub(super) fn cut_own(&self, layout: &Layout, records: u64) -> Result<()> {
        let is_own = |piece: &&Piece| piece.count.is_none() && self.is_own(piece.part);
        self.on_part(|part| {
            layout.pieces.iter().filter(is_own).try_for_each(|piece| {
                let kept = records.saturating_sub(piece.first);
                let (_, shape) = part.info(&piece.dataset)?;
                match shape.first().is_some_and(|&has| has > kept) {
                    true => part.truncate(&piece.dataset, kept),
                    false => Ok(()),
                }
            })
        })
    }

    /// Appends records of which each rank has a block to a series in blocks, or to one that begins: to the pieces that grow, or to new
    /// ones where the blocks are others. `put` appends this rank's to a dataset of its part; a rank without a part has them in `array`.
    fn append_pieces(
        &mut self,
        path: &str,
        old: &Layout,
        blocks: &[Block],
        told: &[Payload],
        (dtype, added, options): (Dtype, u64, &Write),
        (put, array): (
            impl FnOnce(&OpenFile, &str, &Records<'_>) -> Result<()>,
            Option<&Strided<'_>>,
        ),
    ) -> Result<()> {
        let mut layout = old.clone();
        let groups = self.groups;
        let growing = old.growing(blocks, groups);
        let goes_on = !old.pieces.is_empty() && growing.is_some();
        let mut into = growing.filter(|_| goes_on).unwrap_or_default();
        if !goes_on {
            if blocks.iter().all(Block::is_empty) {
                return Err(Error::shape(
                    "no rank has an element of the record: a record in blocks needs at least one",
                )
                .within(format_args!("dataset '{path}'")));
            }
            let number = self.number_for(path, told)?;
            for piece in &mut layout.pieces {
                if piece.count.is_none() {
                    piece.count = Some(old.records - piece.first);
                }
            }
            // A part without records is none.
            layout.pieces.retain(|piece| piece.count != Some(0));
            for (rank, block) in blocks.iter().enumerate() {
                into.push((!block.is_empty()).then_some(layout.pieces.len()));
                if !block.is_empty() {
                    layout.pieces.push(Piece {
                        part: groups.part_of(rank),
                        dataset: name_of_new(number, groups.place_of(rank), path),
                        block: block.clone(),
                        first: old.records,
                        count: None,
                    });
                }
            }
        }
        layout.records = old.records + added;
        let storage = match !goes_on && !old.pieces.is_empty() {
            true => Some(self.storage_of(old)?),
            false => None,
        };
        let stored = storage.as_ref().unwrap_or(options);
        let records_of = |piece: &Piece| PieceRecords::new(&layout, piece, stored, dtype, added);
        let item = |piece: &usize| {
            let block = &layout.pieces[*piece].block;
            let shape = [&[added], &*block.shape].concat();
            Item::all_of(*piece, &vec![0; shape.len()], &shape)
        };
        let items: Vec<Option<Item>> = into.iter().map(|at| at.as_ref().map(item)).collect();
        let rank = self.rank();
        let own = into[rank].map(|at| &layout.pieces[at]);
        let before = old.records;
        let new = layout.pieces.iter().filter(|piece| piece.first == before);
        let new: Vec<Piece> = match goes_on {
            true => Vec::new(),
            false => new.cloned().collect(),
        };
        let put_in = match goes_on {
            true => Put::Records(&layout, before),
            false => Put::Pieces(&new),
        };
        let is_plain = |item: &Item| {
            let block = &layout.pieces[item.piece].block;
            let options = records_of(&layout.pieces[item.piece]).options.dataset;
            let stored = StorageOptions::of_series(&options, layout.dtype, &block.shape, 0);
            // A record of its own, in chunks of one.
            added == 1
                && dtype == layout.dtype
                && stored.is_ok_and(|stored| stored.is_plain() && stored.has_chunks_of_one())
        };
        let make = |part: &OpenFile, item: &Item| {
            let piece = &layout.pieces[item.piece];
            part.lend_record(&piece.dataset, &records_of(piece).records())
        };
        let lent = self.lend(&items, dtype, is_plain, make);
        let lent = lent.map_err(|error| self.take_back(&put_in, error))?;
        self.write_parts(
            &without_lent(&items, &lent),
            dtype,
            |state| match (own, &state.part, &lent[rank], array) {
                (_, _, Some(places), Some(array)) => state.write_lent(places, dtype, array),
                (None, ..) | (_, None, ..) => Ok(()),
                (Some(piece), Some(part), ..) => {
                    put(part, &piece.dataset, &records_of(piece).records())
                }
            },
            || array.map_or(Ok(Vec::new()), packed_elements),
            |part, item, values| {
                let piece = &layout.pieces[item.piece];
                let records = records_of(piece);
                part.append(&piece.dataset, &records.records(), |_| Ok(values.into()))
            },
            &put_in,
        )?;
        match goes_on {
            true => {
                self.know_records(path, layout);
                Ok(())
            }
            false => self.show(path, &layout, !old.pieces.is_empty(), options),
        }
    }

    /// How new blocks of a dataset are stored: as those that it has.
    pub(super) fn storage_of(&mut self, layout: &Layout) -> Result<Write> {
        let mut options = Write::new();
        let Some(piece) = layout.pieces.first() else {
            return Ok(options);
        };
        let owner = self.groups.writer_of(piece.part).unwrap_or(0);
        let stored = match self.rank() == owner {
            true => self.source(piece.part).and_then(|part| {
                let stored = part.stored_as(&piece.dataset)?;
                let digits = part.quantized_digits(&piece.dataset)?;
                let how = (stored.chunks, stored.filters);
                Ok(packed(&(how, digits.map(u64::from))))
            }),
            false => Ok(Vec::new()),
        };
        let local = stored.as_ref().map(drop).map_err(Error::clone);
        self.communicator.conclude(local, [0; PAYLOAD])?;
        let told = self.communicator.broadcast(owner, &stored?)?;
        type How = (Option<Vec<u64>>, Vec<String>);
        let ((chunks, filters), digits): (How, Option<u64>) = unpacked(&told)?;
        options.quantize = digits;
        if let Some(chunks) = chunks {
            options = options.chunks(chunks);
        }
        if let Some(order) = layout.order {
            options = options.order(order);
        }
        let fill = layout.fill.as_deref();
        if let Some(fill) = fill.and_then(|fill| fill_of(layout.dtype, fill)) {
            options = options.fillvalue(fill);
        }
        Ok(with_filters(options, &filters))
    }

    /// Runs `body` with the part that this rank writes, if it writes one.
    pub(super) fn on_part(&self, body: impl FnOnce(&OpenFile) -> Result<()>) -> Result<()> {
        match self.part {
            Some(_) => body(self.own_part()?),
            None => Ok(()),
        }
    }

    /// Writes into parts: by `write` this rank's own item, if it writes the part or is lent a place in it, and by `take` the items that other ranks of its group send, each of
    /// which gives its own by `give`. Where a rank fails all is taken back.
    fn write_parts(
        &mut self,
        items: &[Option<Item>],
        dtype: Dtype,
        write: impl FnOnce(&Self) -> Result<()>,
        give: impl Fn() -> Result<Vec<u8>>,
        take: impl Fn(&OpenFile, &Item, &[u8]) -> Result<()>,
        put: &Put<'_>,
    ) -> Result<()> {
        let groups = self.groups;
        let mut given: Vec<Vec<(To, Item)>> = items.iter().map(|_| Vec::new()).collect();
        for (rank, item) in items.iter().enumerate() {
            let leader = groups.writer_of(groups.part_of(rank));
            if let (Some(item), Some(leader)) = (item, leader.filter(|&leader| leader != rank)) {
                given[rank].push((To::Rank(leader), item.clone()));
            }
        }
        let written = write(self);
        let exchanged = self.exchange(
            &given,
            dtype,
            |_, _| give(),
            |state, item, values| take(state.own_part()?, item, values),
        );
        let told = self
            .communicator
            .conclude(written.and(exchanged), [0; PAYLOAD]);
        match told {
            Ok(_) => Ok(()),
            Err(error) => Err(self.take_back(put, error)),
        }
    }

    /// Takes back what a call has put into this rank's part, since a rank has failed; gives why.
    pub(super) fn take_back(&mut self, put: &Put<'_>, error: Error) -> Error {
        let taken_back = match put {
            Put::Records(layout, before) => self.cut_own(layout, *before),
            Put::Pieces(pieces) => self.on_part(|part| {
                let own = pieces.iter().filter(|piece| self.is_own(piece.part));
                own.into_iter()
                    .try_for_each(|piece| match part.kind(&piece.dataset)? {
                        Kind::None => Ok(()),
                        _ => part.delete(&piece.dataset),
                    })
            }),
        };
        if let Err(error) = taken_back {
            self.broken.get_or_insert(error);
        }
        error
    }

    /// Makes the master show a dataset in these blocks; one that keeps its attributes and names of axes gets others if it is overwritten.
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
            let description = match keeps {
                true => options.description.clone().filter(|_| options.overwrite),
                false => description_of_new(options),
            };
            master.put_virtual(path, &made, keeps, description.as_ref())
        });
        match shown {
            Ok(()) => {
                self.know_records(path, layout.clone());
                Ok(())
            }
            Err(error) => {
                // The parts have what the master does not show.
                let is_new = |piece: &&Piece| {
                    let known = self.layouts.get(&*path::normal(path));
                    known.is_none_or(|known| {
                        let is_it =
                            |old: &Piece| old.dataset == piece.dataset && old.part == piece.part;
                        !known.pieces.iter().any(is_it)
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
        for piece in pieces.iter().filter(|piece| self.is_own(piece.part)) {
            // What cannot be removed is not seen either.
            if let Ok(part) = self.own_part() {
                let _ = part.delete(&piece.dataset);
            }
        }
    }
}
