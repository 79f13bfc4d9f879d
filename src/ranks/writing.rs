//! Writing a part of a dataset in blocks, whichever ranks hold it: elements go from the rank that has them to those in whose
//! parts they lie.

#![forbid(unsafe_code)]

use super::communicator::{Call, Payload, PAYLOAD};
use super::layout::{slice_of, within, Block, Layout, Piece};
use super::reading::{all_kept, axes_of, items_of, Item, To};
use super::{Found, Ranks, State};
use crate::error::{Error, Result};
use crate::file::{axes_of_hyperslab, check_hyperslab, even_parts, OpenFile};
use crate::slice::{self, Axis, PerAxis};
use crate::store::strided::{count, show_shape, Strided};
use crate::store::{path, CopyOptions, Dtype, Hyperslab, Kind, Write};

/// Elements of a dataset, and the values that they get, packed.
pub(super) struct Selected {
    pub(super) axes: PerAxis<Axis>,
    pub(super) packed: Vec<u8>,
}

/// Where the elements of a dataset are written.
#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    /// In the pieces of these blocks, by the ranks that write their parts.
    Parts(&'a Layout),
    /// At the ends of the pieces that grow, whose new records the layout counts already.
    Ends(&'a Layout),
    /// In a dataset of the master, by rank 0.
    Master(&'a str),
}

/// Fails unless so many elements are as many as are selected.
fn check_count(bytes: usize, shape: &[u64], dtype: Dtype) -> Result<()> {
    let (given, selected) = ((bytes / dtype.size()) as u64, count(shape)?);
    match given == selected {
        true => Ok(()),
        false => Err(Error::shape(format!(
            "{given} elements are given, expected {selected}, shape {}",
            show_shape(shape)
        ))),
    }
}

impl Ranks {
    /// As [`OpenFile::write_slice`].
    pub(super) fn write_slice(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        let call = Call::new("h5sim_write_slice", path, &(slice, dtype, data.len()));
        self.write_selected(
            &call,
            path,
            dtype,
            |master| master.write_slice(path, slice, dtype, data),
            |extents| {
                let selection = slice::parse(slice, extents)?;
                check_count(data.len(), &selection.shape(), dtype)?;
                Ok(vec![Selected {
                    axes: all_kept(&selection),
                    packed: data.to_vec(),
                }])
            },
        )
    }

    /// As [`OpenFile::write_from`].
    pub(super) fn write_from(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        let call = Call::new("h5sim_write_from", path, &(slice, dtype, array.shape()));
        self.write_selected(
            &call,
            path,
            dtype,
            |master| master.write_from(path, slice, dtype, array),
            |extents| {
                let selection = slice::parse(slice, extents)?;
                if selection.shape()[..] != array.shape() {
                    return Err(Error::shape(format!(
                        "the slice has shape {}, the array {}",
                        show_shape(&selection.shape()),
                        show_shape(&array.shape())
                    )));
                }
                Ok(vec![Selected {
                    axes: all_kept(&selection),
                    packed: packed(array)?,
                }])
            },
        )
    }

    /// As [`OpenFile::write_hyperslab`].
    pub(super) fn write_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        let call = Call::new("h5sim_write_hyperslab", path, &(hyperslab, dtype));
        self.write_selected(
            &call,
            path,
            dtype,
            |master| master.write_hyperslab(path, hyperslab, dtype, data),
            |extents| {
                let shape = check_hyperslab(hyperslab, extents)?;
                check_count(data.len(), &shape, dtype)?;
                if data.is_empty() {
                    return Ok(Vec::new());
                }
                let mut all = Vec::new();
                for even in even_parts(hyperslab) {
                    let axes = axes_of_hyperslab(&even.part, extents)
                        .ok_or_else(|| Error::internal("an even part of a hyperslab is uneven"))?;
                    let counts: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
                    let part = Strided::within(data, &shape, &even.indices, &counts, dtype.size())?;
                    all.push(Selected {
                        axes,
                        packed: packed(&part)?,
                    });
                }
                Ok(all)
            },
        )
    }

    /// Writes what `select` says of a dataset in blocks, of these extents; rank 0's values count. One that is in the master as a whole
    /// is written by `in_master`.
    fn write_selected(
        &self,
        call: &Call,
        path: &str,
        dtype: Dtype,
        in_master: impl FnOnce(&OpenFile) -> Result<()>,
        select: impl FnOnce(&[u64]) -> Result<Vec<Selected>>,
    ) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        self.together(|state| {
            state.agree(call, self.check_writable(), [0; PAYLOAD])?;
            let Some(mut layout) = state.blocks_or(path, in_master)? else {
                return Ok(());
            };
            let selected = select(&layout.shape());
            let local = selected.as_ref().map(drop).map_err(Error::clone);
            let told = state
                .communicator
                .conclude(local.map_err(named), [0; PAYLOAD]);
            told?;
            for Selected { axes, packed } in selected? {
                let mut wanted = vec![PerAxis::new(); state.ranks()];
                if axes.iter().all(|axis| axis.count > 0) {
                    wanted[0] = axes;
                }
                layout = state
                    .write_into_blocks(path, layout, &wanted, dtype, &packed)
                    .map_err(named)?;
            }
            Ok(())
        })
    }
}

/// The elements of an array, one after the other.
pub(super) fn packed(array: &Strided<'_>) -> Result<Vec<u8>> {
    match array.as_packed() {
        Some(packed) => Ok(packed.to_vec()),
        None => array.gather(0, array.shape().first().map_or(1, |&rows| rows as usize)),
    }
}

/// The least block in which all of a selection lies.
fn box_of(axes: &[Axis]) -> Block {
    let ascending = || axes.iter().map(|axis| axis.ascending());
    let extent = |axis: Axis| match axis.count {
        0 => 0,
        count => (axis.step * (count - 1) + 1) as u64,
    };
    Block {
        start: ascending().map(|axis| axis.start as u64).collect(),
        shape: ascending().map(extent).collect(),
    }
}

/// Whether a selection has an element in a block.
fn touches(axes: &[Axis], block: &Block) -> bool {
    let mut all = axes.iter().zip(block.start.iter().zip(&block.shape));
    !axes.is_empty()
        && all.all(|(axis, (&start, &extent))| within(axis, start, start + extent).is_some())
}

/// A piece that is made for elements that no writable part holds.
pub(super) struct New {
    piece: Piece,
    /// The piece of a part that nobody writes, whose elements it gets.
    copied: Option<Piece>,
}

impl State {
    /// The blocks of a dataset; None if it is in the master as a whole, with which `in_master` has been done then.
    pub(super) fn blocks_or(
        &mut self,
        path: &str,
        in_master: impl FnOnce(&OpenFile) -> Result<()>,
    ) -> Result<Option<Layout>> {
        let normal = path::normal(path);
        if let Some(layout) = self.layouts.get(&*normal) {
            return Ok(Some(layout.clone()));
        }
        let found = self.on_master(|master| match super::look(master, &normal)? {
            Found::Blocks(layout) => Ok(Some(layout)),
            Found::Own(_) => in_master(master).map(|()| None),
        })?;
        let Some(mut layout) = found else {
            return Ok(None);
        };
        self.count_records(&mut layout, true)?;
        self.know(normal.into(), &layout);
        Ok(Some(layout))
    }

    /// Writes what each rank has selected into a dataset in blocks, of which its values are in `packed`. Elements that no part holds, or
    /// one that nobody writes, get a new piece. Gives the blocks that the dataset has then.
    pub(super) fn write_into_blocks(
        &mut self,
        path: &str,
        layout: Layout,
        wanted: &[PerAxis<Axis>],
        dtype: Dtype,
        packed: &[u8],
    ) -> Result<Layout> {
        let old = layout.clone();
        let (new, layout) = self.plan_new(path, layout, wanted)?;
        let pieces: Vec<Piece> = new.iter().map(|new| new.piece.clone()).collect();
        let made = self.make_pieces(&old, &layout, &new);
        let written =
            made.and_then(|()| self.write_together(Holder::Parts(&layout), wanted, dtype, packed));
        if written.is_err() {
            self.drop_pieces(&pieces);
        }
        written?;
        if !new.is_empty() {
            self.show(path, &layout, true, &Write::new())?;
        }
        Ok(layout)
    }

    /// The pieces that have to be made before these selections can be written, and the blocks with them.
    fn plan_new(
        &mut self,
        path: &str,
        mut layout: Layout,
        wanted: &[PerAxis<Axis>],
    ) -> Result<(Vec<New>, Layout)> {
        let (groups, parts) = (self.groups, self.groups.parts());
        let is_touched = |block: &Block| wanted.iter().any(|axes| touches(axes, block));
        let old: Vec<Block> = layout
            .pieces
            .iter()
            .map(|piece| layout.place_of(piece))
            .collect();
        let is_away =
            |number: &usize| layout.pieces[*number].part >= parts && is_touched(&old[*number]);
        let away: Vec<usize> = (0..old.len()).filter(is_away).collect();
        let mut holes = Vec::new();
        for (asker, axes) in wanted
            .iter()
            .enumerate()
            .filter(|(_, axes)| !axes.is_empty())
        {
            let mut rest = vec![box_of(axes)];
            for block in &old {
                rest = rest.iter().flat_map(|hole| hole.without(block)).collect();
            }
            let rest = rest.into_iter().filter(|hole| touches(axes, hole));
            holes.extend(rest.map(|hole| (asker, hole)));
        }
        let mut new = Vec::new();
        if away.is_empty() && holes.is_empty() {
            return Ok((new, layout));
        }
        let first = self.number_of_new(path)?;
        let name = |place: usize| format!("{}/{}", first + place as u64, path::normal(path));
        for number in away {
            let copied = layout.pieces[number].clone();
            let mut piece = Piece {
                part: copied.part % parts,
                dataset: name(new.len()),
                ..copied.clone()
            };
            if layout.is_series && piece.count.is_none() {
                // It grows no more: what comes belongs to the ranks that append.
                piece.count = Some(layout.records - piece.first);
            }
            layout.pieces[number] = piece.clone();
            let copied = Some(copied);
            new.push(New { piece, copied });
        }
        for (asker, Block { start, shape }) in holes {
            let skipped = usize::from(layout.is_series);
            let piece = Piece {
                part: groups.part_of(asker),
                dataset: name(new.len()),
                first: if layout.is_series { start[0] } else { 0 },
                count: layout.is_series.then(|| shape[0]),
                block: Block {
                    start: start[skipped..].to_vec(),
                    shape: shape[skipped..].to_vec(),
                },
            };
            layout.pieces.push(piece.clone());
            let copied = None;
            new.push(New { piece, copied });
        }
        Ok((new, layout))
    }

    /// Pieces for a copy of a dataset in blocks, which is to be at a path, and the blocks of that.
    pub(super) fn plan_copy(&mut self, path: &str, old: &Layout) -> Result<(Vec<New>, Layout)> {
        let parts = self.groups.parts();
        let first = self.number_of_new(path)?;
        let mut layout = old.clone();
        let mut new = Vec::new();
        for (number, piece) in (first..).zip(&mut layout.pieces) {
            let copied = Some(piece.clone());
            if piece.part >= parts {
                piece.count = piece
                    .count
                    .or(old.is_series.then(|| old.records - piece.first));
                piece.part %= parts;
            }
            piece.dataset = format!("{number}/{}", path::normal(path));
            let piece = piece.clone();
            new.push(New { piece, copied });
        }
        Ok((new, layout))
    }

    /// Makes new pieces in the parts that they belong to, stored as the old ones; where a rank fails the caller takes them back.
    pub(super) fn make_pieces(&mut self, old: &Layout, layout: &Layout, new: &[New]) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let stored = match new.iter().any(|new| new.copied.is_none()) {
            true => self.storage_of(old)?,
            false => Write::new(),
        };
        let mut made = Ok(());
        let is_own = |new: &&New| self.groups.writer_of(new.piece.part) == Some(self.rank());
        for New { piece, copied } in new.iter().filter(is_own).collect::<Vec<_>>() {
            made = made.and_then(|()| match copied {
                Some(copied) if self.is_own(copied.part) => {
                    let own = self.own_part()?;
                    own.copy_to(&copied.dataset, own, &piece.dataset, &CopyOptions::new())
                }
                Some(copied) => {
                    self.source(copied.part)?;
                    let (own, others) = (self.own_part()?, &self.others);
                    let other = others
                        .get(&copied.part)
                        .ok_or_else(|| Error::internal("a part that was opened is not open"))?;
                    other.copy_to(&copied.dataset, own, &piece.dataset, &CopyOptions::new())
                }
                None => {
                    let Block { shape, .. } = layout.place_of(piece);
                    let mut options = super::blocks::options_of_part(&stored, &shape);
                    options.dtype = Some(layout.dtype);
                    let own = self.own_part()?;
                    own.create(&piece.dataset, layout.dtype, &shape, &options)
                }
            });
        }
        self.communicator.conclude(made, [0; PAYLOAD]).map(drop)
    }

    /// Writes what each rank has selected: into its own part by itself, into others' by those that write them. `packed` has this rank's
    /// values.
    pub(super) fn write_together(
        &mut self,
        holder: Holder<'_>,
        wanted: &[PerAxis<Axis>],
        dtype: Dtype,
        packed: &[u8],
    ) -> Result<()> {
        let rank = self.rank();
        let mut given: Vec<Vec<(To, Item)>> = wanted.iter().map(|_| Vec::new()).collect();
        let mut failed = Ok(());
        for (asker, axes) in wanted
            .iter()
            .enumerate()
            .filter(|(_, axes)| !axes.is_empty())
        {
            for item in holder.items_of(axes) {
                let owner = self.owner_of(holder, &item);
                if owner != asker {
                    given[asker].push((To::Rank(owner), item));
                } else if owner == rank && failed.is_ok() {
                    let values = values_of(&item, axes, dtype, packed);
                    failed =
                        values.and_then(|values| self.write_item(holder, &item, dtype, &values));
                }
            }
        }
        let own = &wanted[rank];
        let exchanged = self.exchange(
            &given,
            dtype,
            |_, item| super::writing::packed(&values_of(item, own, dtype, packed)?),
            |state, item, values| {
                let values = Strided::packed(values, &item.counts(), dtype.size())?;
                state.write_item(holder, item, dtype, &values)
            },
        );
        self.communicator
            .conclude(failed.and(exchanged), [0; PAYLOAD])
            .map(drop)
    }

    fn write_item(
        &self,
        holder: Holder<'_>,
        item: &Item,
        dtype: Dtype,
        values: &Strided<'_>,
    ) -> Result<()> {
        match holder {
            Holder::Parts(layout) => {
                let dataset = &layout.pieces[item.piece].dataset;
                let slice = slice_of(&item.axes);
                self.own_part()?.write_from(dataset, &slice, dtype, values)
            }
            Holder::Ends(layout) => {
                let dataset = &layout.pieces[item.piece].dataset;
                let packed = packed(values)?;
                super::blocks::append_packed(
                    self.own_part()?,
                    dtype,
                    dataset,
                    &item.counts(),
                    &packed,
                )
            }
            Holder::Master(path) => {
                let slice = slice_of(&item.axes);
                self.master()?.write_from(path, &slice, dtype, values)
            }
        }
    }

    /// The rank that writes an item; what nobody writes was copied before.
    fn owner_of(&self, holder: Holder<'_>, item: &Item) -> usize {
        match holder {
            Holder::Parts(layout) | Holder::Ends(layout) => {
                let part = layout.pieces[item.piece].part;
                self.groups.writer_of(part).unwrap_or(0)
            }
            Holder::Master(_) => 0,
        }
    }

    /// The least number after all under which this rank's part has something where a dataset of this path would be; of a rank without a part 0.
    pub(super) fn free_number(&self, path: &str) -> Result<u64> {
        match self.part {
            Some(_) => free_number(self.own_part()?, path),
            None => Ok(0),
        }
    }

    /// A number for the names of new datasets at a path, and all after it, that no writable part has in use there.
    pub(super) fn number_of_new(&mut self, path: &str) -> Result<u64> {
        let mine = self.free_number(path);
        let payload = number_payload(*mine.as_ref().unwrap_or(&0));
        let told = self.communicator.conclude(mine.map(drop), payload)?;
        Ok(told.iter().map(number_in).max().unwrap_or(0))
    }
}

impl Holder<'_> {
    fn items_of(self, axes: &[Axis]) -> Vec<Item> {
        match self {
            Self::Parts(layout) | Self::Ends(layout) => items_of(layout, axes),
            Self::Master(_) => vec![Item {
                piece: 0,
                axes: axes.into(),
                place: vec![0; axes.len()],
            }],
        }
    }
}

/// The values that an item of a selection gets, of those of the whole selection.
fn values_of<'a>(
    item: &Item,
    axes: &[Axis],
    dtype: Dtype,
    packed: &'a [u8],
) -> Result<Strided<'a>> {
    let shape: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
    let indices: Vec<(u64, u64)> = item.place.iter().map(|&first| (first, 1)).collect();
    Strided::within(packed, &shape, &indices, &item.counts(), dtype.size())
}

/// The least number after all under which a part has something where a dataset of this path would be.
fn free_number(part: &OpenFile, path: &str) -> Result<u64> {
    let normal = path::normal(path);
    let mut free = 0;
    for key in part.keys("/")? {
        let Ok(number) = key.parse::<u64>() else {
            continue;
        };
        if number >= free && is_taken(part, &key, &normal)? {
            free = number + 1;
        }
    }
    Ok(free)
}

/// Whether something is at a path below a group, or a dataset on the way to it.
fn is_taken(part: &OpenFile, group: &str, path: &str) -> Result<bool> {
    let ends = path.match_indices('/').map(|(end, _)| end);
    for end in ends.chain([path.len()]) {
        match part.kind(&format!("{group}/{}", &path[..end]))? {
            Kind::None => return Ok(false),
            Kind::Group if end < path.len() => {}
            _ => return Ok(true),
        }
    }
    Ok(true)
}

/// Where a number goes with the words of a call: behind the place of a block.
const NUMBER: usize = PAYLOAD - 8;

/// A payload with a number in it.
pub(super) fn number_payload(number: u64) -> Payload {
    let mut payload = [0; PAYLOAD];
    payload[NUMBER..].copy_from_slice(&number.to_le_bytes());
    payload
}

/// The number in a payload.
pub(super) fn number_in(payload: &Payload) -> u64 {
    u64::from_le_bytes(payload[NUMBER..].try_into().unwrap_or_default())
}

/// What the blocks of ranks select of an array; those without elements nothing.
pub(super) fn selections_of(blocks: &[Block]) -> Vec<PerAxis<Axis>> {
    let selection = |block: &Block| match block.is_empty() {
        true => PerAxis::new(),
        false => axes_of(&block.start, &block.shape),
    };
    blocks.iter().map(selection).collect()
}
