//! Reading what ranks have written: each from its own part, from those that nobody writes, and from each other.

#![forbid(unsafe_code)]

use super::blocks::{checked_block, payload_of};
use super::communicator::{Call, PAYLOAD};
use super::layout::{slice_of, within, Layout};
use super::{Found, Ranks, State};
use crate::array::Room;
use crate::error::{Error, Result};
use crate::file::{axes_of_hyperslab, check_hyperslab, even_parts, OpenFile};
use crate::slice::{self, Axis, PerAxis, Selection};
use crate::store::h5;
use crate::store::strided::{count, show_shape, Capacity, StridedMut};
use crate::store::{Dtype, Hyperslab, Kind};

/// What is read of a piece, or written into it.
#[derive(Clone)]
pub(super) struct Item {
    /// The piece.
    pub(super) piece: usize,
    /// Of it.
    pub(super) axes: PerAxis<Axis>,
    /// Where that belongs in what is read or written: the first index along each axis.
    pub(super) place: Vec<u64>,
}

/// Whom an item is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// One rank.
    Rank(usize),
    /// All of them, with the one that gives it.
    All,
}

impl To {
    fn is(self, rank: usize) -> bool {
        self == Self::All || self == Self::Rank(rank)
    }
}

impl Item {
    /// Elements of a piece from `start` on, which are all that is written or read.
    pub(super) fn all_of(piece: usize, start: &[u64], shape: &[u64]) -> Self {
        Self {
            piece,
            axes: axes_of(start, shape),
            place: vec![0; shape.len()],
        }
    }

    pub(super) fn counts(&self) -> Vec<u64> {
        self.axes.iter().map(|axis| axis.count as u64).collect()
    }

    pub(super) fn bytes(&self, dtype: Dtype) -> usize {
        self.counts().iter().product::<u64>() as usize * dtype.size()
    }

    /// Where its elements are in what is read.
    fn target<'a>(
        &self,
        axes: &[Axis],
        dtype: Dtype,
        data: &'a mut [u8],
    ) -> Result<StridedMut<'a>> {
        let shape: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
        let indices: Vec<(u64, u64)> = self.place.iter().map(|&first| (first, 1)).collect();
        StridedMut::within(data, &shape, &indices, &self.counts(), dtype.size())
    }
}

/// The items of a selection.
pub(super) fn items_of(layout: &Layout, axes: &[Axis]) -> Vec<Item> {
    let item = |piece: usize| {
        let block = layout.place_of(&layout.pieces[piece]);
        let mut item = Item {
            piece,
            axes: PerAxis::new(),
            place: Vec::new(),
        };
        for (axis, (&start, &extent)) in axes.iter().zip(block.start.iter().zip(&block.shape)) {
            let (first, part) = within(axis, start, start + extent)?;
            item.place.push(first);
            item.axes.push(part);
        }
        Some(item)
    };
    (0..layout.pieces.len()).filter_map(item).collect()
}

/// Elements that nobody has written.
fn fill(layout: &Layout, dtype: Dtype, data: &mut [u8]) -> Result<()> {
    data.fill(0);
    let Some(value) = &layout.fill else {
        return Ok(());
    };
    let element = h5::ElementType::stored(layout.dtype, None)?.convert_to(dtype, value)?;
    for place in data.chunks_exact_mut(element.len()) {
        place.copy_from_slice(&element);
    }
    Ok(())
}

impl State {
    fn read_item(
        &mut self,
        layout: &Layout,
        item: &Item,
        dtype: Dtype,
        mut target: StridedMut<'_>,
    ) -> Result<()> {
        let piece = &layout.pieces[item.piece];
        let slice = slice_of(&item.axes);
        let part = self.source(piece.part)?;
        part.read_into(&piece.dataset, &slice, dtype, &mut target)
    }

    /// Reads a selection by this rank alone: no part is being written.
    pub(super) fn read_alone(
        &mut self,
        layout: &Layout,
        axes: &[Axis],
        dtype: Dtype,
        data: &mut [u8],
    ) -> Result<()> {
        fill(layout, dtype, data)?;
        for item in items_of(layout, axes) {
            let target = item.target(axes, dtype, data)?;
            self.read_item(layout, &item, dtype, target)?;
        }
        Ok(())
    }

    /// Reads a selection for each rank, which all of them know: what is in parts that other ranks write these tell.
    fn read_together(
        &mut self,
        layout: &Layout,
        wanted: &[PerAxis<Axis>],
        dtype: Dtype,
        data: &mut [u8],
    ) -> Result<()> {
        let (rank, ranks, groups) = (self.rank(), self.ranks(), self.groups);
        let owner = |item: &Item| groups.writer_of(layout.pieces[item.piece].part);
        // For each rank what it tells whom, in an order that all know.
        let mut told: Vec<Vec<(To, Item)>> = (0..ranks).map(|_| Vec::new()).collect();
        let mut failed = fill(layout, dtype, data);
        for (asker, axes) in wanted.iter().enumerate() {
            for item in items_of(layout, axes) {
                match owner(&item) {
                    Some(owner) if owner != asker => told[owner].push((To::Rank(asker), item)),
                    _ if asker != rank => {}
                    _ if failed.is_err() => {}
                    _ => {
                        failed = item
                            .target(axes, dtype, data)
                            .and_then(|target| self.read_item(layout, &item, dtype, target));
                    }
                }
            }
        }
        let told = self.tell(layout, &told, dtype, &wanted[rank], data);
        let failed = failed.and(told);
        self.communicator.conclude(failed, [0; PAYLOAD]).map(drop)
    }

    /// Reads the same selection for all ranks: what is in a part that a rank writes it tells all of them at once.
    fn read_by_all(
        &mut self,
        layout: &Layout,
        axes: &[Axis],
        dtype: Dtype,
        data: &mut [u8],
    ) -> Result<()> {
        let mut told: Vec<Vec<(To, Item)>> = (0..self.ranks()).map(|_| Vec::new()).collect();
        let mut failed = fill(layout, dtype, data);
        for item in items_of(layout, axes) {
            match self.groups.writer_of(layout.pieces[item.piece].part) {
                Some(owner) => told[owner].push((To::All, item)),
                None if failed.is_err() => {}
                None => {
                    failed = item
                        .target(axes, dtype, data)
                        .and_then(|target| self.read_item(layout, &item, dtype, target));
                }
            }
        }
        let told = self.tell(layout, &told, dtype, axes, data);
        let failed = failed.and(told);
        self.communicator.conclude(failed, [0; PAYLOAD]).map(drop)
    }

    /// Brings items that are read from those that write their parts to whom they are for, of which this rank has selected `axes`.
    fn tell(
        &mut self,
        layout: &Layout,
        told: &[Vec<(To, Item)>],
        dtype: Dtype,
        axes: &[Axis],
        data: &mut [u8],
    ) -> Result<()> {
        self.exchange(
            told,
            dtype,
            |state, item| {
                let counts = item.counts();
                let mut packed: Vec<u8> = h5::zeroed(item.bytes(dtype) as u64, 1)?;
                let all: Vec<(u64, u64)> = counts.iter().map(|_| (0, 1)).collect();
                let target = StridedMut::within(&mut packed, &counts, &all, &counts, dtype.size())?;
                state.read_item(layout, item, dtype, target)?;
                Ok(packed)
            },
            |_, item, packed| {
                let rows = item.counts().first().map_or(1, |&rows| rows as usize);
                item.target(axes, dtype, data)?.scatter(0, rows, packed);
                Ok(())
            },
        )
    }

    /// Brings elements from rank to rank: of each the items that it gives, and whom to, in an order that all know. Goes on to the end
    /// whatever fails here, so that the others do not wait.
    pub(super) fn exchange(
        &mut self,
        given: &[Vec<(To, Item)>],
        dtype: Dtype,
        mut give: impl FnMut(&mut Self, &Item) -> Result<Vec<u8>>,
        mut take: impl FnMut(&mut Self, &Item, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let rank = self.rank();
        let total = |items: &Vec<(To, Item)>| -> usize {
            items.iter().map(|(_, item)| item.bytes(dtype)).sum()
        };
        let most = given.iter().map(total).max().unwrap_or(0);
        let piece = self.communicator.piece().min(most.max(1));
        let mut failed = Ok(());
        let mut sent = Sending::default();
        let mut received: Vec<Receiving> = given.iter().map(|_| Receiving::default()).collect();
        for _ in 0..most.div_ceil(piece) {
            let mut bytes = vec![0; piece];
            while sent.filled < piece && sent.next < given[rank].len() {
                let (_, item) = &given[rank][sent.next];
                if sent.item.is_empty() {
                    sent.item = give(self, item).unwrap_or_else(|error| {
                        failed = std::mem::replace(&mut failed, Ok(())).and(Err(error));
                        vec![0; item.bytes(dtype)]
                    });
                    sent.done = 0;
                }
                let now = (piece - sent.filled).min(sent.item.len() - sent.done);
                bytes[sent.filled..sent.filled + now]
                    .copy_from_slice(&sent.item[sent.done..sent.done + now]);
                sent.filled += now;
                sent.done += now;
                if sent.done == sent.item.len() {
                    sent.item.clear();
                    sent.next += 1;
                }
            }
            sent.filled = 0;
            let all = self.communicator.gather(&bytes)?;
            for (giver, mut bytes) in all.chunks_exact(piece).enumerate() {
                let receiving = &mut received[giver];
                while let Some((to, item)) = given[giver].get(receiving.next) {
                    let wants = item.bytes(dtype);
                    let now = bytes.len().min(wants - receiving.done);
                    if now == 0 && wants > 0 {
                        break;
                    }
                    if to.is(rank) {
                        receiving.item.extend_from_slice(&bytes[..now]);
                    }
                    bytes = &bytes[now..];
                    receiving.done += now;
                    if receiving.done == wants {
                        if to.is(rank) {
                            let taken = take(self, item, &receiving.item);
                            failed = failed.and(taken);
                            receiving.item.clear();
                        }
                        receiving.done = 0;
                        receiving.next += 1;
                    }
                }
            }
        }
        failed
    }
}

/// What a rank gives, piece by piece.
#[derive(Default)]
struct Sending {
    next: usize,
    item: Vec<u8>,
    done: usize,
    filled: usize,
}

/// What of another rank's has come.
#[derive(Default)]
struct Receiving {
    next: usize,
    item: Vec<u8>,
    done: usize,
}

/// The axes of a selection, all of them with an index of their own.
pub(super) fn all_kept(selection: &Selection) -> PerAxis<Axis> {
    let kept = |axis: &Axis| Axis {
        keep: true,
        ..*axis
    };
    selection.axes.iter().map(kept).collect()
}

/// The selection that a block is.
pub(super) fn axes_of(start: &[u64], shape: &[u64]) -> PerAxis<Axis> {
    let mut axes = Selection::everything(shape).axes;
    for (axis, &start) in axes.iter_mut().zip(start) {
        if axis.count > 0 {
            axis.start = start as i64;
        }
    }
    axes
}

impl Ranks {
    /// Reads this rank's block of a dataset, which begins at `start`.
    pub fn read_block(
        &self,
        path: &str,
        start: &[u64],
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        let shape = array.shape();
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        if !self.is_writable {
            return self.alone(|state| match state.find(path, false)? {
                Found::Blocks(layout) => {
                    checked_block(&layout.shape(), start, &shape).map_err(named)?;
                    let axes = axes_of(start, &shape);
                    into(array, dtype, |data| {
                        state.read_alone(&layout, &axes, dtype, data)
                    })
                }
                Found::Own(_) => state.master()?.read_block(path, start, dtype, array),
            });
        }
        let call = Call::new("h5sim_read_block", path, &(dtype, start.len()));
        let block = super::layout::Block {
            start: start.to_vec(),
            shape: shape.clone(),
        };
        let local = match start.len() == shape.len() {
            true => Ok(()),
            false => Err(named(Error::shape("start and shape have not as many axes"))),
        };
        self.together(|state| {
            let told = state.agree(&call, local, payload_of(&block.start, &block.shape))?;
            let blocks = state.blocks_of(&block, &told)?;
            let layout = match state.find(path, true)? {
                Found::Blocks(layout) => Some(layout),
                Found::Own(Kind::Dataset) => None,
                Found::Own(_) => return state.on_master(|master| master.info(path)).map(drop),
            };
            let extents = match &layout {
                Some(layout) => layout.shape(),
                None => state.on_master(|master| master.info(path))?.1,
            };
            for (rank, block) in blocks.iter().enumerate() {
                // The same on all ranks.
                checked_block(&extents, &block.start, &block.shape)
                    .map_err(|error| named(error.within(format_args!("rank {rank}"))))?;
            }
            let wanted: Vec<PerAxis<Axis>> = blocks
                .iter()
                .map(|block| axes_of(&block.start, &block.shape))
                .collect();
            match layout {
                Some(layout) => into(array, dtype, |data| {
                    state.read_together(&layout, &wanted, dtype, data)
                }),
                None => into(array, dtype, |data| {
                    state.read_from_master(path, &wanted, dtype, data)
                }),
            }
        })
    }

    /// Reads a slice of a dataset into the memory that `room` gives for its shape.
    pub fn read(&self, path: &str, slice: &str, dtype: Dtype, room: &mut impl Room) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        if !self.is_writable {
            return self.alone(|state| match state.find(path, false)? {
                Found::Blocks(layout) => {
                    let selection = slice::parse(slice, &layout.shape()).map_err(named)?;
                    let data = room.of_shape(&selection.shape()).map_err(named)?;
                    state.read_alone(&layout, &all_kept(&selection), dtype, data)
                }
                Found::Own(_) => state.master()?.read(path, slice, dtype, room),
            });
        }
        let call = Call::new("h5sim_read", path, &(slice, dtype));
        self.together(|state| {
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            let (extents, layout) = state.extents_of(path)?;
            let selection = slice::parse(slice, &extents).map_err(named)?;
            let data = room.of_shape(&selection.shape()).map_err(named);
            let local = data.as_ref().map(drop).map_err(Error::clone);
            state.communicator.conclude(local, [0; PAYLOAD])?;
            state.read_for_all(path, layout.as_ref(), &all_kept(&selection), dtype, data?)
        })
    }

    /// Reads a slice of a dataset into an array with strides.
    pub fn read_into(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        let shape = array.shape();
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let fits = |selection: &Selection| match selection.shape()[..] == shape {
            true => Ok(()),
            false => Err(named(Error::shape(format!(
                "the slice has shape {}, the array {}",
                show_shape(&selection.shape()),
                show_shape(&shape)
            )))),
        };
        if !self.is_writable {
            return self.alone(|state| match state.find(path, false)? {
                Found::Blocks(layout) => {
                    let selection = slice::parse(slice, &layout.shape()).map_err(named)?;
                    fits(&selection)?;
                    let axes = all_kept(&selection);
                    into(array, dtype, |data| {
                        state.read_alone(&layout, &axes, dtype, data)
                    })
                }
                Found::Own(_) => state.master()?.read_into(path, slice, dtype, array),
            });
        }
        let call = Call::new("h5sim_read_into", path, &(slice, dtype));
        self.together(|state| {
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            let (extents, layout) = state.extents_of(path)?;
            let selection = slice::parse(slice, &extents).map_err(named)?;
            state
                .communicator
                .conclude(fits(&selection), [0; PAYLOAD])?;
            let axes = all_kept(&selection);
            into(array, dtype, |data| {
                state.read_for_all(path, layout.as_ref(), &axes, dtype, data)
            })
        })
    }

    /// Element type and shape of a dataset.
    pub fn info(&self, path: &str) -> Result<(Dtype, Vec<u64>)> {
        if !self.is_writable {
            return self.alone(|state| match state.find(path, false)? {
                Found::Blocks(layout) => Ok((layout.dtype, layout.shape())),
                Found::Own(_) => state.master()?.info(path),
            });
        }
        self.together(|state| {
            state.agree(&Call::new("h5sim_info", path, &()), Ok(()), [0; PAYLOAD])?;
            match state.find(path, true)? {
                Found::Blocks(layout) => Ok((layout.dtype, layout.shape())),
                Found::Own(_) => state.on_master(|master| master.info(path)),
            }
        })
    }

    /// Reads a hyperslab of a dataset into `room`, which may be larger than needed.
    pub fn read_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let selected = |layout: &Layout| {
            let extents = layout.shape();
            let shape = check_hyperslab(hyperslab, &extents).map_err(named)?;
            Ok((parts_of(hyperslab, &shape, &extents)?, shape))
        };
        if !self.is_writable {
            return self.alone(|state| match state.find(path, false)? {
                Found::Blocks(layout) => {
                    let (parts, shape) = selected(&layout)?;
                    let data = room.of_shape(&shape).map_err(named)?;
                    in_parts(&parts, &shape, dtype, data, |axes, data| {
                        state.read_alone(&layout, axes, dtype, data)
                    })
                }
                Found::Own(_) => state.master()?.read_hyperslab(path, hyperslab, dtype, room),
            });
        }
        let call = Call::new("h5sim_read_hyperslab", path, &(hyperslab, dtype));
        self.together(|state| {
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            match state.find(path, true)? {
                Found::Blocks(layout) => {
                    let (parts, shape) = selected(&layout)?;
                    let data = room.of_shape(&shape).map_err(named);
                    let local = data.as_ref().map(drop).map_err(Error::clone);
                    state.communicator.conclude(local, [0; PAYLOAD])?;
                    in_parts(&parts, &shape, dtype, data?, |axes, data| {
                        state.read_for_all(path, Some(&layout), axes, dtype, data)
                    })
                }
                Found::Own(_) => state.fill_room(room, dtype, |master, room| {
                    master.read_hyperslab(path, hyperslab, dtype, room)
                }),
            }
        })
    }

    /// The shape that a slice of a dataset has.
    pub fn slice_shape(&self, path: &str, slice: &str) -> Result<Vec<u64>> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        let of = |layout: &Layout| {
            let selection = slice::parse(slice, &layout.shape()).map_err(named)?;
            Ok(selection.shape().into_vec())
        };
        if !self.is_writable {
            return self.alone(|state| match state.find(path, false)? {
                Found::Blocks(layout) => of(&layout),
                Found::Own(_) => state.master()?.slice_shape(path, slice),
            });
        }
        self.together(|state| {
            let call = Call::new("h5sim_slice_shape", path, &slice);
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            match state.find(path, true)? {
                Found::Blocks(layout) => of(&layout),
                Found::Own(_) => state.on_master(|master| master.slice_shape(path, slice)),
            }
        })
    }
}

/// A part of a hyperslab, of which every axis is evenly spaced, and where it belongs in what is read: along each axis the first index,
/// and how far apart they are.
type EvenAxes = (PerAxis<Axis>, Vec<(u64, u64)>);

/// The evenly spaced parts of a hyperslab of that shape; none of one without elements.
fn parts_of(hyperslab: &Hyperslab, shape: &[u64], extents: &[u64]) -> Result<Vec<EvenAxes>> {
    if shape.contains(&0) {
        return Ok(Vec::new());
    }
    let even = even_parts(hyperslab).into_iter().map(|even| {
        let axes = axes_of_hyperslab(&even.part, extents);
        let axes = axes.ok_or_else(|| Error::internal("an even part of a hyperslab is uneven"));
        Ok((axes?, even.indices))
    });
    even.collect()
}

/// Reads parts one by one to where they belong in packed memory of a shape.
fn in_parts(
    parts: &[EvenAxes],
    shape: &[u64],
    dtype: Dtype,
    data: &mut [u8],
    mut read: impl FnMut(&[Axis], &mut [u8]) -> Result<()>,
) -> Result<()> {
    if let [(axes, _)] = parts {
        return read(axes, data);
    }
    for (axes, indices) in parts {
        let counts: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
        let mut target = StridedMut::within(data, shape, indices, &counts, dtype.size())?;
        let mut packed: Vec<u8> = h5::zeroed(count(&counts)?, dtype.size())?;
        read(axes, &mut packed)?;
        target.scatter(0, counts.first().map_or(1, |&rows| rows as usize), &packed);
    }
    Ok(())
}

/// Room for whatever there is.
#[derive(Default)]
pub(super) struct Grown {
    shape: Vec<u64>,
    bytes: Vec<u8>,
    item: usize,
}

impl Room for Grown {
    fn of_shape(&mut self, shape: &[u64]) -> Result<&mut [u8]> {
        self.shape = shape.to_vec();
        self.bytes = h5::zeroed(count(shape)?, self.item)?;
        Ok(&mut self.bytes)
    }
}

impl State {
    /// Reads on rank 0, into the memory of all.
    pub(super) fn fill_room<R: Room>(
        &mut self,
        room: &mut R,
        dtype: Dtype,
        read: impl FnOnce(&OpenFile, &mut Grown) -> Result<()>,
    ) -> Result<()> {
        let mut grown = Grown {
            item: dtype.size(),
            ..Grown::default()
        };
        let done = match self.rank() {
            0 => self
                .master()
                .and_then(|master| read(master, &mut grown))
                .map(|()| Some(grown.shape.clone())),
            _ => Ok(None),
        };
        let shape: Vec<u64> = self.share(done)?;
        let data = room.of_shape(&shape);
        let local = data.as_ref().map(drop).map_err(Error::clone);
        self.communicator.conclude(local, [0; PAYLOAD])?;
        let all = self.communicator.broadcast(0, &grown.bytes)?;
        data?.copy_from_slice(&all);
        Ok(())
    }

    /// The extents of a dataset, and its blocks if it has some.
    fn extents_of(&mut self, path: &str) -> Result<(Vec<u64>, Option<Layout>)> {
        match self.find(path, true)? {
            Found::Blocks(layout) => Ok((layout.shape(), Some(layout))),
            Found::Own(_) => Ok((self.on_master(|master| master.info(path))?.1, None)),
        }
    }

    /// Reads the same selection for all ranks.
    fn read_for_all(
        &mut self,
        path: &str,
        layout: Option<&Layout>,
        axes: &[Axis],
        dtype: Dtype,
        data: &mut [u8],
    ) -> Result<()> {
        match layout {
            Some(layout) if self.ranks() == 1 => {
                self.read_together(layout, &[axes.into()], dtype, data)
            }
            Some(layout) => self.read_by_all(layout, axes, dtype, data),
            None => {
                let read = |master: &OpenFile| {
                    let slice = slice_of(axes);
                    master.read(
                        path,
                        &slice,
                        dtype,
                        &mut Capacity::new(&mut *data, dtype.size()),
                    )
                };
                let done = match self.rank() {
                    0 => self.master().and_then(read),
                    _ => Ok(()),
                };
                self.communicator.conclude(done, [0; PAYLOAD])?;
                let all = self.communicator.broadcast(0, data)?;
                data.copy_from_slice(&all);
                Ok(())
            }
        }
    }

    /// Reads a selection for each rank of a dataset that only rank 0 has open.
    fn read_from_master(
        &mut self,
        path: &str,
        wanted: &[PerAxis<Axis>],
        dtype: Dtype,
        data: &mut [u8],
    ) -> Result<()> {
        for (asker, axes) in wanted.iter().enumerate() {
            let shape: Vec<u64> = axes.iter().map(|axis| axis.count as u64).collect();
            let mut packed: Vec<u8> = Vec::new();
            let read = |master: &OpenFile, packed: &mut Vec<u8>| {
                *packed = h5::zeroed(count(&shape)?, dtype.size())?;
                packed.truncate(count(&shape)? as usize * dtype.size());
                let mut room = Capacity::new(&mut packed[..], dtype.size());
                master.read(path, &slice_of(axes), dtype, &mut room)
            };
            let done = match self.rank() {
                0 => self.master().and_then(|master| read(master, &mut packed)),
                _ => Ok(()),
            };
            self.communicator.conclude(done, [0; PAYLOAD])?;
            let all = self.communicator.broadcast(0, &packed)?;
            if asker == self.rank() {
                data.copy_from_slice(&all);
            }
        }
        Ok(())
    }
}

/// Runs `read` with packed memory for an array with strides.
fn into(
    array: &mut StridedMut<'_>,
    dtype: Dtype,
    read: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<()> {
    if let Some(data) = array.as_packed() {
        return read(data);
    }
    let shape = array.shape();
    let mut packed: Vec<u8> = h5::zeroed(count(&shape)?, dtype.size())?;
    read(&mut packed)?;
    let rows = shape.first().map_or(1, |&rows| rows as usize);
    array.scatter(0, rows, &packed);
    Ok(())
}
