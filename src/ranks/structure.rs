//! Calls on a file of many ranks that concern both the master and blocks: replacing, deleting, moving and cutting, and what
//! is listed.

#![forbid(unsafe_code)]

use super::communicator::{Call, PAYLOAD};
use super::layout::Piece;
use super::{Found, Ranks};
use crate::array::Room;
use crate::error::{Error, Result};
use crate::file::OpenFile;
use crate::listing;
use crate::store::{path, Dtype, Entry, Item, Kind, Write};
use std::collections::BTreeMap;

impl Ranks {
    /// Puts something whole at a path, in place of a dataset in blocks if that may be replaced.
    pub(super) fn replace(
        &self,
        call: &Call,
        path: &str,
        options: &Write,
        make: impl FnOnce(&OpenFile) -> Result<()>,
    ) -> Result<()> {
        self.together(|state| {
            state.agree(call, self.check_writable(), [0; PAYLOAD])?;
            let gone = match options.overwrite {
                true => state.find(path, true)?,
                false => Found::Own(Kind::None),
            };
            let Found::Blocks(layout) = gone else {
                return state.on_master(make);
            };
            // It is made before the other one goes, as far as it can fail.
            state.on_master(|master| {
                master.delete(path)?;
                make(master)
            })?;
            state.forget(path);
            state.drop_pieces(&layout.pieces);
            Ok(())
        })
    }

    pub(super) fn delete(&self, path: &str) -> Result<()> {
        self.together(|state| {
            let call = Call::new("h5sim_delete", path, &());
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let entry = state.find(path, true)?;
            state.on_master(|master| master.delete(path))?;
            state.forget(path);
            if let Found::Blocks(layout) = entry {
                state.drop_pieces(&layout.pieces);
            }
            Ok(())
        })
    }

    pub(super) fn move_to(&self, from: &str, to: &str) -> Result<()> {
        self.together(|state| {
            let call = Call::new("h5sim_move", from, &to);
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            state.on_master(|master| master.move_to(from, to))?;
            // The parts have it by its first name, as the master says.
            state.forget(from);
            state.forget(to);
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
            return self.alone(|state| state.master()?.get_attribute(object, name, dtype, room));
        }
        let call = Call::new("h5sim_get_attr", object, &(name, dtype));
        self.together(|state| {
            state.agree(&call, Ok(()), [0; PAYLOAD])?;
            state.fill_room(room, dtype, |master, room| {
                master.get_attribute(object, name, dtype, room)
            })
        })
    }

    pub(super) fn tree_text(&self, group: &str) -> Result<String> {
        let place = |entry: &Entry| match &*path::normal(group) {
            "" => entry.path.clone(),
            top => format!("{top}/{}", entry.path),
        };
        if !self.is_writable {
            return self.alone(|state| {
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
                listing::tree(&entries)
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
                listing::tree(&entries)
            });
            state.share(listed.transpose())
        })
    }

    pub(super) fn truncate(&self, path: &str, records: u64) -> Result<()> {
        let named = |error: Error| error.within(format_args!("dataset '{path}'"));
        self.together(|state| {
            let call = Call::new("h5sim_truncate", path, &records);
            state.agree(&call, self.check_writable(), [0; PAYLOAD])?;
            let mut layout = match state.find(path, true)? {
                Found::Blocks(layout) if layout.is_series => layout,
                Found::Blocks(_) => {
                    return Err(named(Error::shape(
                        "it cannot be cut: it has no records, make it by h5sim_append_block",
                    )))
                }
                Found::Own(_) => return state.on_master(|master| master.truncate(path, records)),
            };
            if records > layout.records {
                return Err(named(Error::shape(format!(
                    "it has {} records, and cannot be cut to {records}",
                    layout.records
                ))));
            }
            let old = layout.clone();
            layout.records = records;
            for piece in &mut layout.pieces {
                piece.count = piece
                    .count
                    .map(|count| count.min(records.saturating_sub(piece.first)));
            }
            // The last pieces stay, so that the dataset is still there.
            let is_kept = |piece: &Piece| match piece.count {
                None => piece.first <= records,
                Some(count) => count > 0,
            };
            layout.pieces.retain(is_kept);
            if layout.pieces.is_empty() {
                return Err(named(Error::unsupported(
                    "it cannot be cut to no records at all on other ranks than those that began it: delete it",
                )));
            }
            let rank = state.rank();
            let growing = |piece: &&Piece| piece.count.is_none() && piece.part == rank;
            let own = layout.pieces.iter().find(growing).cloned();
            let cut = own.map_or(Ok(()), |piece| {
                state.own_part()?.truncate(&piece.dataset, records - piece.first)
            });
            let told = state.communicator.conclude(cut, [0; PAYLOAD]);
            if let Err(error) = told {
                // Some have cut theirs, which cannot be taken back.
                state.broken.get_or_insert_with(|| error.clone());
                return Err(error);
            }
            match layout.pieces == old.pieces {
                true => {
                    state.layouts.insert(path::normal(path).into(), layout);
                    Ok(())
                }
                false => {
                    state.show(path, &layout, true, &Write::new())?;
                    let gone: Vec<Piece> = old
                        .pieces
                        .into_iter()
                        .filter(|piece| !layout.pieces.iter().any(|kept| kept.dataset == piece.dataset && kept.part == piece.part))
                        .collect();
                    state.drop_pieces(&gone);
                    Ok(())
                }
            }
        })
    }
}
