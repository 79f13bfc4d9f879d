//! Calls on a file of many ranks that concern both the master and blocks: replacing, deleting, moving and cutting, and what
//! is listed.

#![forbid(unsafe_code)]

use super::communicator::{Call, PAYLOAD};
use super::layout::{Block, Layout, Piece};
use super::reading::axes_of;
use super::writing::packed;
use super::{Found, Ranks, State};
use crate::array::Room;
use crate::error::{Error, Result};
use crate::file::OpenFile;
use crate::slice::PerAxis;
use crate::store::strided::{count, show_shape, Strided};
use crate::store::{path, CopyOptions, Dtype, Entry, Item, StorageOptions, StoredAs, Write};
use std::collections::BTreeMap;

impl Ranks {
    /// Puts something whole at a path, in place of a dataset in blocks if that may be replaced.
    pub(super) fn replace(
        &self,
        call: &Call,
        path: &str,
        overwrites: bool,
        make: impl FnOnce(&OpenFile) -> Result<()>,
    ) -> Result<()> {
        self.together(|state| {
            state.compare(call, self.check_writable())?;
            match overwrites {
                true => state.replace(path, make),
                false => state.on_master(make),
            }
        })
    }

    /// As [`OpenFile::write`]: rank 0's values count.
    pub(super) fn write(
        &self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        let call = Call::new("h5sim_write", path, &(dtype, array.shape(), options));
        let make = |master: &OpenFile| master.write(path, dtype, array, options);
        self.together(|state| {
            state.compare(&call, self.check_writable())?;
            if !options.overwrite {
                return state.on_master(make);
            }
            let shape = array.shape();
            let layout = match state.find(path, true)? {
                Found::Blocks(layout) => layout,
                Found::Own(_) => return state.on_master(make),
            };
            let stored = StorageOptions::new(options, dtype, &shape).map(|new| new.stored().0);
            if layout.shape() != shape || stored.is_ok_and(|stored| stored != layout.dtype) {
                return state.replace(path, make);
            }
            // It is rewritten where it is, and keeps what is said of it.
            let packed = match state.rank() {
                0 => packed(array),
                _ => Ok(Vec::new()),
            };
            let local = packed.as_ref().map(drop).map_err(Error::clone);
            state.communicator.conclude(local, [0; PAYLOAD])?;
            let mut wanted = vec![PerAxis::new(); state.ranks()];
            if !shape.contains(&0) {
                wanted[0] = axes_of(&vec![0; shape.len()], &shape);
            }
            let written = state.write_into_blocks(path, layout, &wanted, dtype, &packed?);
            let layout = written.map_err(|error| error.within(format_args!("dataset '{path}'")))?;
            state.describe(path, Some(&layout), options)
        })
    }

    pub(super) fn delete(&self, path: &str) -> Result<()> {
        self.together(|state| {
            let call = Call::new("h5sim_delete", path, &());
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            // Another file's are not below it.
            let below = state.blocks_below(path)?;
            state.on_master(|master| master.delete(path))?;
            state.forget();
            for (_, layout) in below {
                state.drop_pieces(&layout.pieces);
            }
            Ok(())
        })
    }

    pub(super) fn move_to(&self, from: &str, to: &str) -> Result<()> {
        self.together(|state| {
            let call = Call::new("h5sim_move", from, &to);
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let fitted = state.fit_dimensions();
            state.on_master(|master| {
                fitted?;
                master.move_to(from, to)
            })?;
            // The parts have it by its first name, as the master says.
            state.forget();
            Ok(())
        })
    }

    pub(super) fn get_attribute(
        &self,
        object: &str,
        name: &str,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        if !self.is_writable {
            return self.alone(|state| {
                state.open_all()?;
                state.master()?.get_attribute(object, name, dtype, room)
            });
        }
        let call = Call::new("h5sim_get_attr", object, &(name, dtype));
        self.together(|state| {
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            state.fill_room(room, dtype, |master, room| {
                master.get_attribute(object, name, dtype, room)
            })
        })
    }

    /// What is below a group; datasets in blocks with the extents that they have on all ranks.
    pub(super) fn tree(&self, group: &str) -> Result<Vec<Entry>> {
        let place = |entry: &Entry| match &*path::normal(group) {
            "" => entry.path.clone(),
            top => format!("{top}/{}", entry.path),
        };
        if !self.is_writable {
            return self.alone(|state| {
                state.open_all()?;
                let mut entries = state.master()?.tree(group)?;
                for entry in &mut entries {
                    let whole = place(entry);
                    if let Item::Dataset { shape, .. } = &mut entry.item {
                        // HDF5 cannot ask parts that are open here.
                        if let Found::Blocks(layout) = state.find(&whole, false)? {
                            *shape = layout.shape();
                        }
                    }
                }
                Ok(entries)
            });
        }
        self.together(|state| {
            state.agree(&Call::new("h5sim_tree", group, &()), Ok(()), [0; PAYLOAD])?;
            let listed = match state.rank() {
                0 => state
                    .master()
                    .and_then(|master| master.tree(group))
                    .map(Some),
                _ => Ok(None),
            };
            let is_virtual = |entry: &Entry| matches!(entry.item, Item::Dataset { .. });
            let datasets = listed.as_ref().map_err(Error::clone).map(|listed| {
                let paths = listed
                    .iter()
                    .flatten()
                    .filter(|entry| is_virtual(entry))
                    .map(place);
                listed.as_ref().map(|_| paths.collect::<Vec<String>>())
            });
            // The others know how far their parts have grown.
            let mut shapes = BTreeMap::new();
            for path in state.share::<Vec<String>>(datasets)? {
                if let Found::Blocks(layout) = state.find(&path, true)? {
                    shapes.insert(path, layout.shape());
                }
            }
            let listed = listed?.map(|mut entries| {
                for entry in &mut entries {
                    let whole = place(entry);
                    if let (Item::Dataset { shape, .. }, Some(known)) =
                        (&mut entry.item, shapes.remove(&whole))
                    {
                        *shape = known;
                    }
                }
                Ok(entries)
            });
            state.share(listed.transpose())
        })
    }

    /// How a dataset is stored; one in blocks as the virtual one that it is in the master.
    pub(super) fn stored_as(&self, path: &str) -> Result<StoredAs> {
        let stored_as = |master: &OpenFile, layout: Option<Layout>| {
            let mut stored = master.stored_as(path)?;
            if let Some(layout) = layout {
                stored.shape = layout.shape();
                stored.bytes = count(&stored.shape)? * layout.dtype.size() as u64;
            }
            Ok(stored)
        };
        let blocks = |found: Found| match found {
            Found::Blocks(layout) => Some(layout),
            Found::Own(_) => None,
        };
        if !self.is_writable {
            return self.alone(|state| {
                state.open_all()?;
                let layout = blocks(state.find(path, false)?);
                stored_as(state.master()?, layout)
            });
        }
        self.together(|state| {
            let call = Call::new("h5sim_layout", path, &());
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            let layout = blocks(state.find(path, true)?);
            state.on_master(|master| stored_as(master, layout))
        })
    }

    pub(super) fn truncate(&self, path: &str, records: u64) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        self.together(|state| {
            let call = Call::new("h5sim_truncate", path, &records);
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let in_master = |master: &OpenFile| master.truncate(path, records);
            let Some(layout) = state.blocks_or(path, in_master)? else {
                return Ok(());
            };
            check_series(&layout).map_err(named)?;
            if records > layout.records {
                return Err(named(Error::shape(format!(
                    "it has {} records, and cannot be cut to {records}",
                    layout.records
                ))));
            }
            state.cut(path, &layout, records).map_err(named)
        })
    }

    /// Gives a dataset other extents; a series in blocks another number of records.
    pub(super) fn resize(&self, path: &str, shape: &[u64]) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        self.together(|state| {
            let call = Call::new("h5sim_resize", path, &shape);
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let in_master = |master: &OpenFile| master.resize(path, shape);
            let Some(layout) = state.blocks_or(path, in_master)? else {
                return Ok(());
            };
            let has = layout.shape();
            if shape == has {
                return Ok(());
            }
            let fits = layout.is_series && shape.len() == has.len() && shape[1..] == has[1..];
            if !fits {
                return Err(named(Error::shape(format!(
                    "its shape {} cannot become {}: of a dataset in blocks only the number of records changes, of one that was made by h5sim_append_block",
                    show_shape(&has),
                    show_shape(shape)
                ))));
            }
            match shape[0] < layout.records {
                true => state.cut(path, &layout, shape[0]),
                false => state.lengthen(path, &layout, shape[0]),
            }
            .map_err(named)
        })
    }

    /// As [`OpenFile::rewind`]; all series of the axis are cut and committed as one step of all ranks.
    pub(super) fn rewind(&self, axis: &str, value: f64) -> Result<()> {
        self.together(|state| {
            let call = Call::new("h5sim_rewind", axis, &value);
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let found = state.on_master(|master| master.rewound(axis, value))?;
            let mut cuts = Vec::new();
            for (path, records) in found {
                let named = |error: Error| error.within(format_args!("dataset '{path}'"));
                match state.find(&path, true)? {
                    Found::Blocks(layout) => {
                        check_series(&layout).map_err(named)?;
                        if layout.records > records {
                            cuts.push((path, layout, records));
                        }
                    }
                    Found::Own(_) => {
                        return Err(named(Error::shape(
                            "it cannot be cut: its elements are in files of another program",
                        )))
                    }
                }
            }
            for (path, layout, records) in cuts {
                let cut = state.cut(&path, &layout, records);
                cut.map_err(|error| error.within(format_args!("dataset '{path}'")))?;
            }
            // The coordinate goes last: until it has gone the same call does the rest.
            state.on_master(|master| master.cut_rewound(axis, value))?;
            state.commit(false)
        })
    }

    /// Copies an object within the file: of datasets in blocks each rank copies what its part has.
    pub(super) fn copy_within(&self, from: &str, to: &str, options: &CopyOptions) -> Result<()> {
        self.together(|state| {
            let call = Call::new("h5sim_copy", from, &(to, options));
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            state.on_master(|master| master.copy_to(from, master, to, options))?;
            state.forget();
            // The master shows them by their old pieces, which belong to the originals.
            let copied = state.blocks_below(to).and_then(|below| {
                let mut each = below.into_iter();
                each.try_for_each(|(path, layout)| state.copy_blocks(&path, layout))
            });
            if copied.is_err() {
                state.on_master(|master| master.delete(to))?;
                state.forget();
            }
            copied
        })
    }
}

fn check_series(layout: &Layout) -> Result<()> {
    match layout.is_series {
        true => Ok(()),
        false => Err(Error::shape(
            "it cannot be cut: it has no records, make it by h5sim_append_block",
        )),
    }
}

impl State {
    /// Puts something in the place of what is at a path.
    fn replace(&mut self, path: &str, make: impl FnOnce(&OpenFile) -> Result<()>) -> Result<()> {
        let gone = self.blocks_below(path)?;
        // One below a group is not at its path: the master says that nothing takes the place of a group.
        let is_it = |(name, _): &&(String, Layout)| *name == *path::normal(path);
        let Some((_, layout)) = gone.first().filter(is_it) else {
            let made = self.on_master(make);
            // A link was there that led to one.
            if self.layouts.contains_key(&*path::normal(path)) {
                self.forget();
            }
            return made;
        };
        let spare = format!("{} (replaced)", path::normal(path));
        self.on_master(|master| {
            master.move_to(path, &spare)?;
            match make(master) {
                Ok(()) => master.delete(&spare),
                Err(error) => {
                    master.move_to(&spare, path)?;
                    Err(error)
                }
            }
        })?;
        self.forget();
        self.drop_pieces(&layout.pieces);
        Ok(())
    }

    /// The datasets in blocks that a path leads to: itself, or those below the group that it is.
    pub(super) fn blocks_below(&mut self, path: &str) -> Result<Vec<(String, Layout)>> {
        let top = path::normal(path).into_owned();
        let paths: Vec<String> = self.on_master(|master| master.virtual_below(&top))?;
        let mut below = Vec::new();
        for path in paths {
            if let Found::Blocks(layout) = self.find(&path, true)? {
                below.push((path, layout));
            }
        }
        Ok(below)
    }

    /// Gives a dataset in blocks, which the master shows at a path, pieces of its own, with the elements of those that it has.
    fn copy_blocks(&mut self, path: &str, layout: Layout) -> Result<()> {
        let (new, copy) = self.plan_copy(path, &layout)?;
        if let Err(error) = self.make_pieces(&layout, &copy, &new) {
            self.drop_pieces(&copy.pieces);
            return Err(error);
        }
        self.show(path, &copy, true, &Write::new())
    }

    /// Cuts a series to its first records, of which it has more.
    fn cut(&mut self, path: &str, old: &Layout, records: u64) -> Result<()> {
        let parts = self.groups.parts();
        let mut layout = old.clone();
        layout.records = records;
        for piece in &mut layout.pieces {
            let most = records.saturating_sub(piece.first);
            piece.count = match piece.count {
                Some(count) => Some(count.min(most)),
                // Nobody can cut it in its part.
                None if piece.part >= parts => Some(most),
                None => None,
            };
        }
        let is_kept = |piece: &Piece| match piece.count {
            None => piece.first <= records,
            Some(count) => count > 0,
        };
        layout.pieces.retain(is_kept);
        if layout.pieces.is_empty() {
            self.begin_anew(path, old, &mut layout, 0)?;
        }
        let cut = self.cut_own(&layout, records);
        if let Err(error) = self.communicator.conclude(cut, [0; PAYLOAD]) {
            // Some have cut theirs, which cannot be taken back.
            self.broken.get_or_insert_with(|| error.clone());
            return Err(error);
        }
        if layout.pieces == old.pieces {
            self.know_records(path, layout);
            return Ok(());
        }
        self.show(path, &layout, true, &Write::new())?;
        let is_gone = |piece: &Piece| {
            let is_it = |kept: &Piece| kept.dataset == piece.dataset && kept.part == piece.part;
            !layout.pieces.iter().any(is_it)
        };
        let gone: Vec<Piece> = old
            .pieces
            .iter()
            .filter(|piece| is_gone(piece))
            .cloned()
            .collect();
        self.drop_pieces(&gone);
        Ok(())
    }

    /// Gives a series more records, of fill.
    fn lengthen(&mut self, path: &str, old: &Layout, records: u64) -> Result<()> {
        let mut layout = old.clone();
        layout.records = records;
        let parts = self.groups.parts();
        for piece in layout.pieces.iter_mut().filter(|piece| piece.part >= parts) {
            // Nobody can lengthen it in its part.
            let has = old.records - piece.first;
            piece.count = piece.count.or(Some(has));
        }
        layout.pieces.retain(|piece| piece.count != Some(0));
        if layout.pieces.iter().all(|piece| piece.count.is_some()) {
            self.begin_anew(path, old, &mut layout, records - old.records)?;
        }
        let lengthened = self.on_part(|part| {
            let is_own = |piece: &&Piece| piece.count.is_none() && self.is_own(piece.part);
            layout.pieces.iter().filter(is_own).try_for_each(|piece| {
                let shape = layout.place_of(piece).shape;
                match part.info(&piece.dataset)?.1 == shape {
                    true => Ok(()),
                    false => part.resize(&piece.dataset, &shape),
                }
            })
        });
        if let Err(error) = self.communicator.conclude(lengthened, [0; PAYLOAD]) {
            if let Err(error) = self.cut_own(&layout, old.records) {
                self.broken.get_or_insert(error);
            }
            return Err(error);
        }
        if layout.pieces == old.pieces {
            self.know_records(path, layout);
            return Ok(());
        }
        self.show(path, &layout, true, &Write::new())
    }

    /// Adds a piece of rank 0 for whole records, so many of them, all fill: the one that grows from there on.
    fn begin_anew(
        &mut self,
        path: &str,
        old: &Layout,
        layout: &mut Layout,
        records: u64,
    ) -> Result<()> {
        let number = self.number_of_new(path)?;
        let stored = self.storage_of(old)?;
        let piece = Piece {
            part: 0,
            dataset: format!("{number}/{}", path::normal(path)),
            block: Block {
                start: vec![0; layout.global.len()],
                shape: layout.global.clone(),
            },
            first: layout.records - records,
            count: None,
        };
        let made = match self.rank() {
            0 => {
                let mut options = super::blocks::options_of_part(&stored, &layout.global);
                options.dtype = Some(layout.dtype);
                let extents = layout.global.iter().map(|&extent| Some(extent));
                options.maxshape = Some(std::iter::once(None).chain(extents).collect());
                let shape = [&[records], &*layout.global].concat();
                let own = self.own_part()?;
                own.create(&piece.dataset, layout.dtype, &shape, &options)
            }
            _ => Ok(()),
        };
        self.communicator.conclude(made, [0; PAYLOAD])?;
        layout.pieces.push(piece);
        Ok(())
    }
}
