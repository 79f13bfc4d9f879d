//! A file as it is opened: by one process for itself, or by many ranks. The calls are the same.

#![forbid(unsafe_code)]

use super::communicator::Call;
use super::writing::packed;
use super::Ranks;
use crate::array::{Bytes, Room};
use crate::error::{Error, Result};
use crate::file::{self, OpenFile, Records};
#[cfg(feature = "mpi")]
use crate::shared::Shared;
use crate::store::strided::{Strided, StridedMut};
use crate::store::{
    CopyOptions, Dtype, Entry, Hyperslab, Item, Kind, Link, Mode, Names, Open, StoredAs,
    TextOptions, Vtkhdf, Write,
};

/// An open file.
#[derive(Debug)]
pub enum File {
    /// Of one process.
    Alone(OpenFile),
    /// Of many ranks, or the master of such a run.
    Ranks(Box<Ranks>),
    /// One that ranks share on parallel HDF5.
    #[cfg(feature = "mpi")]
    Shared(Box<Shared>),
}

#[cfg(feature = "mpi")]
impl From<Shared> for File {
    fn from(shared: Shared) -> Self {
        File::Shared(Box::new(shared))
    }
}

impl From<Ranks> for File {
    fn from(ranks: Ranks) -> Self {
        File::Ranks(Box::new(ranks))
    }
}

/// Fails for a dataset in blocks and for a group with one in it: the parts have each of them once.
fn check_no_blocks(master: &OpenFile, path: &str) -> Result<()> {
    let refuse = |path: &str| {
        Err(Error::unsupported(format!(
            "{}: dataset '{path}': ranks have written it in blocks, and it has one name: `h5sim join` makes a file of one process of it",
            master.name()
        )))
    };
    match master.find_virtual(path)? {
        file::Found::Virtual(_) => refuse(path),
        file::Found::Own(Kind::Group) => {
            for entry in master.tree(path)? {
                let whole = format!("{path}/{}", entry.path);
                let is_dataset = matches!(entry.item, Item::Dataset { .. });
                if is_dataset && matches!(master.find_virtual(&whole)?, file::Found::Virtual(_)) {
                    return refuse(&whole);
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

impl File {
    /// Opens or creates a file; the master of a run shows what its ranks have written.
    pub fn open(path: &str, mode: Mode, options: &Open) -> Result<Self> {
        if mode == Mode::Read {
            if let Some(master) = Ranks::open_master(path, options)? {
                return Ok(master.into());
            }
        }
        let opened = OpenFile::open(path, mode, options);
        opened
            .map(File::Alone)
            .map_err(|error| super::opening::explain_lock(path, error))
    }

    /// The path that it was opened by.
    pub fn name(&self) -> &str {
        match self {
            File::Alone(file) => file.name(),
            File::Ranks(ranks) => ranks.name(),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.name(),
        }
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        match self {
            File::Alone(file) => file.is_closed(),
            File::Ranks(ranks) => ranks.is_closed(),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.is_closed(),
        }
    }

    /// Runs a call, and tells the other ranks if it fails before they are spoken to.
    pub fn telling<T>(&self, body: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        #[cfg(feature = "mpi")]
        if let File::Shared(shared) = self {
            let said = shared.said();
            return body(self).map_err(|error| shared.tell(said, error));
        }
        let File::Ranks(ranks) = self else {
            return body(self);
        };
        let said = ranks.said();
        body(self).map_err(|error| ranks.tell(said, &error).unwrap_or(error))
    }

    /// Makes all that was written so far durable, as one step.
    pub fn commit(&self) -> Result<()> {
        match self {
            File::Alone(file) => file.commit(),
            File::Ranks(ranks) => ranks.commit(),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.commit(),
        }
    }

    /// Closes it, with all that was written.
    pub fn close(&self) -> Result<()> {
        match self {
            File::Alone(file) => file.close(),
            File::Ranks(ranks) => ranks.close(),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.close(),
        }
    }

    /// Whether it is one of many ranks.
    pub fn is_of_many_ranks(&self) -> bool {
        !matches!(self, File::Alone(_))
    }

    /// Whether it was opened for writing.
    pub fn is_writable(&self) -> bool {
        match self {
            File::Alone(file) => file.is_writable(),
            File::Ranks(ranks) => ranks.is_writable(),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.is_writable(),
        }
    }

    /// Closes it without a commit; a file of many ranks is left at its last commit.
    pub fn discard(&self) -> Result<()> {
        match self {
            File::Alone(file) => file.discard(),
            File::Ranks(ranks) => ranks.leave(),
            // It has no journal to go back to.
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.close(),
        }
    }

    /// Closes it as the exit of a program does; a file of many ranks is left at its last commit.
    pub fn leave(&self) {
        match self {
            File::Alone(file) => file.leave(),
            File::Ranks(ranks) => ranks.leave_silently(),
            // MPI_Finalize closes it.
            #[cfg(feature = "mpi")]
            File::Shared(_) => {}
        }
    }

    /// Closes it without a word to other ranks: a file of many is left at its last commit.
    pub fn close_without_others(&self) -> Result<()> {
        match self {
            File::Alone(file) => file.close(),
            File::Ranks(ranks) => ranks.leave(),
            // MPI_Finalize closes it.
            #[cfg(feature = "mpi")]
            File::Shared(_) => Ok(()),
        }
    }

    /// Runs a call that changes what is not in blocks; `arguments` are compared among ranks.
    pub fn change<T: super::answers::Answer>(
        &self,
        function: &str,
        path: &str,
        arguments: &dyn std::fmt::Debug,
        body: impl FnOnce(&OpenFile) -> Result<T>,
    ) -> Result<T> {
        match self {
            File::Alone(file) => body(file),
            File::Ranks(ranks) => ranks.change_master(&Call::new(function, path, arguments), body),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse(function),
        }
    }

    /// As [`OpenFile::write`].
    pub fn write(
        &self,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.write(path, dtype, array, options),
            File::Ranks(ranks) => ranks.write(path, dtype, array, options),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.write(path, dtype, array, options),
        }
    }

    /// As [`OpenFile::create`].
    pub fn create(&self, path: &str, dtype: Dtype, shape: &[u64], options: &Write) -> Result<()> {
        match self {
            File::Alone(file) => file.create(path, dtype, shape, options),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_create", path, &(dtype, shape, options));
                ranks.replace(&call, path, options.overwrite, |master| {
                    master.create(path, dtype, shape, options)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.create(path, dtype, shape, options),
        }
    }

    /// As [`OpenFile::write_slice`].
    pub fn write_slice(&self, path: &str, slice: &str, dtype: Dtype, data: &[u8]) -> Result<()> {
        match self {
            File::Alone(file) => file.write_slice(path, slice, dtype, data),
            File::Ranks(ranks) => ranks.write_slice(path, slice, dtype, data),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.write_slice(path, slice, dtype, data),
        }
    }

    /// As [`OpenFile::write_from`].
    pub fn write_from(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.write_from(path, slice, dtype, array),
            File::Ranks(ranks) => ranks.write_from(path, slice, dtype, array),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.write_from(path, slice, dtype, array),
        }
    }

    /// As [`OpenFile::write_hyperslab`].
    pub fn write_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        data: &[u8],
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.write_hyperslab(path, hyperslab, dtype, data),
            File::Ranks(ranks) => ranks.write_hyperslab(path, hyperslab, dtype, data),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.write_hyperslab(path, hyperslab, dtype, data),
        }
    }

    /// As [`OpenFile::append`].
    pub fn append<'a>(
        &self,
        path: &str,
        records: &Records<'_>,
        data: impl FnOnce(u64) -> Result<Bytes<'a>>,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.append(path, records, data),
            File::Ranks(ranks) => ranks.append_whole(
                path,
                records,
                data,
                |master, data| master.append(path, records, data),
                |data, elements| Ok(data(elements)?.all().to_vec()),
            ),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.append(path, records, data),
        }
    }

    /// As [`OpenFile::append_from`].
    pub fn append_from(
        &self,
        path: &str,
        records: &Records<'_>,
        array: &Strided<'_>,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.append_from(path, records, array),
            File::Ranks(ranks) => ranks.append_whole(
                path,
                records,
                array,
                |master, array| master.append_from(path, records, array),
                |array, _| packed(array),
            ),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.append_from(path, records, array),
        }
    }

    /// As [`OpenFile::write_block`]; of many ranks each writes its own.
    pub fn write_block(
        &self,
        path: &str,
        dtype: Dtype,
        global: &[u64],
        start: &[u64],
        array: &Strided<'_>,
        options: &Write,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.write_block(path, dtype, global, start, array, options),
            File::Ranks(ranks) => ranks.write_block(path, dtype, global, start, array, options),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.write_block(path, dtype, global, start, array, options),
        }
    }

    /// As [`OpenFile::append_block`]; of many ranks each appends its own.
    pub fn append_block(
        &self,
        path: &str,
        records: &Records<'_>,
        start: &[u64],
        array: &Strided<'_>,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.append_block(path, records, start, array),
            File::Ranks(ranks) => ranks.append_block(path, records, start, array),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.append_block(path, records, start, array),
        }
    }

    /// As [`OpenFile::read_block`]; of many ranks each reads its own.
    pub fn read_block(
        &self,
        path: &str,
        start: &[u64],
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.read_block(path, start, dtype, array),
            File::Ranks(ranks) => ranks.read_block(path, start, dtype, array),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read_block(path, start, dtype, array),
        }
    }

    /// As [`OpenFile::read`].
    pub fn read(&self, path: &str, slice: &str, dtype: Dtype, room: &mut impl Room) -> Result<()> {
        match self {
            File::Alone(file) => file.read(path, slice, dtype, room),
            File::Ranks(ranks) => ranks.read(path, slice, dtype, room),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read(path, slice, dtype, room),
        }
    }

    /// As [`OpenFile::read_into`].
    pub fn read_into(
        &self,
        path: &str,
        slice: &str,
        dtype: Dtype,
        array: &mut StridedMut<'_>,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.read_into(path, slice, dtype, array),
            File::Ranks(ranks) => ranks.read_into(path, slice, dtype, array),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read_into(path, slice, dtype, array),
        }
    }

    /// As [`OpenFile::read_hyperslab`].
    pub fn read_hyperslab(
        &self,
        path: &str,
        hyperslab: &Hyperslab,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.read_hyperslab(path, hyperslab, dtype, room),
            File::Ranks(ranks) => ranks.read_hyperslab(path, hyperslab, dtype, room),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read_hyperslab(path, hyperslab, dtype, room),
        }
    }

    /// As [`OpenFile::info`].
    pub fn info(&self, path: &str) -> Result<(Dtype, Vec<u64>)> {
        match self {
            File::Alone(file) => file.info(path),
            File::Ranks(ranks) => ranks.info(path),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.info(path),
        }
    }

    /// As [`OpenFile::slice_shape`].
    pub fn slice_shape(&self, path: &str, slice: &str) -> Result<Vec<u64>> {
        match self {
            File::Alone(file) => file.slice_shape(path, slice),
            File::Ranks(ranks) => ranks.slice_shape(path, slice),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.slice_shape(path, slice),
        }
    }

    /// As [`OpenFile::create_group`].
    pub fn create_group(&self, path: &str) -> Result<()> {
        match self {
            File::Alone(file) => file.create_group(path),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_create_group", path, &());
                ranks.change_master(&call, |master| master.create_group(path))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.create_group(path),
        }
    }

    /// As [`OpenFile::kind`].
    pub fn kind(&self, path: &str) -> Result<Kind> {
        match self {
            File::Alone(file) => file.kind(path),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_exists", path, &());
                ranks.ask_master(&call, |master| master.kind(path))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.kind(path),
        }
    }

    /// As [`OpenFile::keys`].
    pub fn keys(&self, group: &str) -> Result<Vec<String>> {
        match self {
            File::Alone(file) => file.keys(group),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_keys", group, &());
                ranks.ask_master(&call, |master| master.keys(group))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.keys(group),
        }
    }

    /// As [`OpenFile::tree`].
    pub fn tree(&self, group: &str) -> Result<Vec<Entry>> {
        match self {
            File::Alone(file) => file.tree(group),
            File::Ranks(ranks) => ranks.tree(group),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.tree(group),
        }
    }

    /// As [`OpenFile::delete`].
    pub fn delete(&self, path: &str) -> Result<()> {
        match self {
            File::Alone(file) => file.delete(path),
            File::Ranks(ranks) => ranks.delete(path),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.delete(path),
        }
    }

    /// As [`OpenFile::move_to`].
    pub fn move_to(&self, from: &str, to: &str) -> Result<()> {
        match self {
            File::Alone(file) => file.move_to(from, to),
            File::Ranks(ranks) => ranks.move_to(from, to),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_move"),
        }
    }

    /// As [`OpenFile::link`].
    pub fn link(&self, path: &str, target: &str, how: &Link) -> Result<()> {
        match self {
            File::Alone(file) => file.link(path, target, how),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_link", path, &(target, how));
                ranks.change_master(&call, |master| {
                    if matches!(how, Link::Hard) {
                        check_no_blocks(master, target)?;
                    }
                    master.link(path, target, how)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_link"),
        }
    }

    /// As [`OpenFile::copy_to`]. Between files of one process only, and within one of many ranks.
    pub fn copy_to(
        &self,
        from: &str,
        target: &Self,
        to: &str,
        options: &CopyOptions,
    ) -> Result<()> {
        if let (File::Alone(file), File::Alone(target)) = (self, target) {
            return file.copy_to(from, target, to, options);
        }
        let is_same = std::ptr::eq(self, target);
        if let (File::Ranks(ranks), true) = (self, is_same) {
            return ranks.copy_within(from, to, options);
        }
        self.change("h5sim_copy", from, &(is_same, to, options), |_| {
            Err(Error::unsupported(
                "of a file of many ranks objects are copied within it only: `h5sim join` makes a file of one process of it",
            ))
        })
    }

    /// As [`OpenFile::resize`].
    pub fn resize(&self, path: &str, shape: &[u64]) -> Result<()> {
        match self {
            File::Alone(file) => file.resize(path, shape),
            File::Ranks(ranks) => ranks.resize(path, shape),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_resize"),
        }
    }

    /// As [`OpenFile::stored_as`].
    pub fn stored_as(&self, path: &str) -> Result<StoredAs> {
        match self {
            File::Alone(file) => file.stored_as(path),
            File::Ranks(ranks) => ranks.stored_as(path),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_layout"),
        }
    }

    /// As [`OpenFile::set_attribute`].
    pub fn set_attribute(
        &self,
        object: &str,
        name: &str,
        dtype: Dtype,
        shape: &[u64],
        data: &[u8],
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.set_attribute(object, name, dtype, shape, data),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_set_attr", object, &(name, dtype, shape, data));
                ranks.change_master(&call, |master| {
                    master.set_attribute(object, name, dtype, shape, data)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.set_attribute(object, name, dtype, shape, data),
        }
    }

    /// As [`OpenFile::set_attribute_text`].
    pub fn set_attribute_text(&self, object: &str, name: &str, text: &str) -> Result<()> {
        match self {
            File::Alone(file) => file.set_attribute_text(object, name, text),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_set_attr_text", object, &(name, text));
                ranks.change_master(&call, |master| {
                    master.set_attribute_text(object, name, text)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.set_attribute_text(object, name, text),
        }
    }

    /// As [`OpenFile::get_attribute`].
    pub fn get_attribute(
        &self,
        object: &str,
        name: &str,
        dtype: Dtype,
        room: &mut impl Room,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.get_attribute(object, name, dtype, room),
            File::Ranks(ranks) => ranks.get_attribute(object, name, dtype, room),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.get_attribute(object, name, dtype, room),
        }
    }

    /// As [`OpenFile::get_attribute_text`].
    pub fn get_attribute_text(&self, object: &str, name: &str) -> Result<String> {
        match self {
            File::Alone(file) => file.get_attribute_text(object, name),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_get_attr_text", object, &name);
                ranks.ask_master(&call, |master| master.get_attribute_text(object, name))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.get_attribute_text(object, name),
        }
    }

    /// As [`OpenFile::attribute_info`].
    pub fn attribute_info(&self, object: &str, name: &str) -> Result<(Dtype, Vec<u64>)> {
        match self {
            File::Alone(file) => file.attribute_info(object, name),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_attr_info", object, &name);
                ranks.ask_master(&call, |master| master.attribute_info(object, name))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.attribute_info(object, name),
        }
    }

    /// As [`OpenFile::attribute_keys`].
    pub fn attribute_keys(&self, object: &str) -> Result<Vec<String>> {
        match self {
            File::Alone(file) => file.attribute_keys(object),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_attr_keys", object, &());
                ranks.ask_master(&call, |master| master.attribute_keys(object))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.attribute_keys(object),
        }
    }

    /// As [`OpenFile::delete_attribute`].
    pub fn delete_attribute(&self, object: &str, name: &str) -> Result<()> {
        match self {
            File::Alone(file) => file.delete_attribute(object, name),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_delete_attr", object, &name);
                ranks.change_master(&call, |master| master.delete_attribute(object, name))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.delete_attribute(object, name),
        }
    }

    /// As [`OpenFile::write_text`].
    pub fn write_text(&self, path: &str, text: &str, options: &TextOptions) -> Result<()> {
        match self {
            File::Alone(file) => file.write_text(path, text, options),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_write_text", path, &(text, options));
                ranks.replace(&call, path, options.overwrite, |master| {
                    master.write_text(path, text, options)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => match *options != TextOptions::new() {
                true => shared.refuse("h5sim_write_text_with"),
                false => shared.write_text(path, text),
            },
        }
    }

    /// As [`OpenFile::write_json`].
    pub fn write_json(&self, path: &str, text: &str, options: &TextOptions) -> Result<()> {
        match self {
            File::Alone(file) => file.write_json(path, text, options),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_write_json", path, &(text, options));
                ranks.replace(&call, path, options.overwrite, |master| {
                    master.write_json(path, text, options)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => match *options != TextOptions::new() {
                true => shared.refuse("h5sim_write_json_with"),
                false => shared.write_json(path, text),
            },
        }
    }

    /// As [`OpenFile::write_texts`].
    pub fn write_texts(
        &self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        options: &TextOptions,
    ) -> Result<()> {
        match self {
            File::Alone(file) => file.write_texts(path, shape, texts, options),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_write_texts", path, &(shape, texts, options));
                ranks.replace(&call, path, options.overwrite, |master| {
                    master.write_texts(path, shape, texts, options)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => match *options != TextOptions::new() {
                true => shared.refuse("h5sim_write_texts_with"),
                false => shared.write_texts(path, shape, texts),
            },
        }
    }

    /// As [`OpenFile::append_text`].
    pub fn append_text(&self, path: &str, text: &str) -> Result<()> {
        match self {
            File::Alone(file) => file.append_text(path, text),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_append_text", path, &text);
                ranks.change_master(&call, |master| master.append_text(path, text))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_append_text"),
        }
    }

    /// As [`OpenFile::set_attribute_texts`].
    pub fn set_attribute_texts(
        &self,
        object: &str,
        name: &str,
        shape: &[u64],
        texts: &[&str],
        is_fixed: bool,
    ) -> Result<()> {
        let given = (name, shape, texts, is_fixed);
        match self {
            File::Alone(file) => file.set_attribute_texts(object, name, shape, texts, is_fixed),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_set_attr_texts", object, &given);
                ranks.change_master(&call, |master| {
                    master.set_attribute_texts(object, name, shape, texts, is_fixed)
                })
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_set_attr_texts"),
        }
    }

    /// As [`OpenFile::get_attribute_texts`].
    pub fn get_attribute_texts(&self, object: &str, name: &str) -> Result<(Vec<String>, Vec<u64>)> {
        match self {
            File::Alone(file) => file.get_attribute_texts(object, name),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_get_attr_texts", object, &name);
                ranks.ask_master(&call, |master| master.get_attribute_texts(object, name))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_get_attr_texts"),
        }
    }

    /// As [`OpenFile::read_text`].
    pub fn read_text(&self, path: &str) -> Result<String> {
        match self {
            File::Alone(file) => file.read_text(path),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_read_text", path, &());
                ranks.ask_master(&call, |master| master.read_text(path))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read_text(path),
        }
    }

    /// As [`OpenFile::read_json`].
    pub fn read_json(&self, path: &str) -> Result<String> {
        match self {
            File::Alone(file) => file.read_json(path),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_read_json", path, &());
                ranks.ask_master(&call, |master| master.read_json(path))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read_json(path),
        }
    }

    /// As [`OpenFile::read_texts`].
    pub fn read_texts(&self, path: &str) -> Result<(Vec<String>, Vec<u64>)> {
        match self {
            File::Alone(file) => file.read_texts(path),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_read_texts", path, &());
                ranks.ask_master(&call, |master| master.read_texts(path))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.read_texts(path),
        }
    }

    /// As [`OpenFile::set_dims`].
    pub fn set_dims(&self, path: &str, names: Option<&Names>) -> Result<()> {
        match self {
            File::Alone(file) => file.set_dims(path, names),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_set_dims", path, &names);
                ranks.change_master(&call, |master| master.set_dims(path, names))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_set_dims"),
        }
    }

    /// As [`OpenFile::dims`].
    pub fn dims(&self, path: &str) -> Result<Vec<Option<String>>> {
        match self {
            File::Alone(file) => file.dims(path),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_dims", path, &());
                ranks.ask_master(&call, |master| master.dims(path))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_dims"),
        }
    }

    /// As [`OpenFile::vtkhdf`].
    pub fn vtkhdf(&self, wanted: &Vtkhdf) -> Result<()> {
        match self {
            File::Alone(file) => file.vtkhdf(wanted),
            File::Ranks(ranks) => {
                let call = Call::new("h5sim_vtkhdf", "", wanted);
                ranks.change_master(&call, |master| master.vtkhdf(wanted))
            }
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_vtkhdf"),
        }
    }

    /// As [`OpenFile::truncate`].
    pub fn truncate(&self, path: &str, records: u64) -> Result<()> {
        match self {
            File::Alone(file) => file.truncate(path, records),
            File::Ranks(ranks) => ranks.truncate(path, records),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.truncate(path, records),
        }
    }

    /// As [`OpenFile::rewind`].
    pub fn rewind(&self, axis: &str, value: f64) -> Result<()> {
        match self {
            File::Alone(file) => file.rewind(axis, value),
            File::Ranks(ranks) => ranks.rewind(axis, value),
            #[cfg(feature = "mpi")]
            File::Shared(shared) => shared.refuse("h5sim_rewind"),
        }
    }
}
