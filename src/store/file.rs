//! HDF5's part of an open file: opening, committing, closing, and creating datasets.

#![forbid(unsafe_code)]

use super::h5::{self, Dataset, Id};
use super::lone;
use super::opening::{durability_name, explain, Mode};
use super::options::Open;
use super::path;
use super::room::Room;
use super::storage::StorageOptions;
use super::{Dtype, Kind};
#[cfg(feature = "mpi")]
use crate::error::Status;
use crate::error::{Error, Result};
use crate::journal::decision::Step;
use crate::journal::{self, Access, Ending, RawFile};
use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An open file: its bytes, and HDF5's file, which is opened when HDF5 is needed for the first time.
#[derive(Debug)]
pub struct Hdf5File {
    pub(super) id: OnceCell<Id>,
    /// HDF5's number of the file.
    pub(super) number: OnceCell<u64>,
    /// Its bytes; None of a file that ranks share, and of one that could not be opened anew.
    pub(super) raw: Option<RawFile>,
    /// Where it is, whatever folder the program changes to meanwhile.
    pub(super) place: PathBuf,
    writable: bool,
    pub(super) options: Open,
    /// The file is only whole when it is closed, and is committed by closing and opening it again.
    commits_by_reopening: bool,
    /// Groups and datasets note the order of what is put into them.
    tracks_order: bool,
    /// Whether the nodes of the trees of chunks have the usual size.
    pub(super) usual_trees: OnceCell<bool>,
    /// What was given up of what was allocated past HDF5.
    pub(super) room: RefCell<Room>,
    /// Whether what is overwritten as a whole may move.
    pub(super) allows_moves: Cell<bool>,
}

/// Opens a file that is there for writing, by HDF5 too if something about it is unusual.
fn open_to_write(path: impl AsRef<Path>, options: &Open) -> Result<(RawFile, Option<Id>)> {
    let path = path.as_ref();
    match lone::open(path, options)? {
        Some(raw) => Ok((raw, None)),
        None => h5::open_file(path, Access::Write, options).and_then(with_bytes),
    }
}

/// A file that HDF5 has opened, and its bytes.
fn with_bytes(id: Id) -> Result<(RawFile, Option<Id>)> {
    let raw = h5::raw_file(&id)?;
    Ok((raw, Some(id)))
}

/// How the elements of a dataset are stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredElement {
    /// Their type.
    pub dtype: Dtype,
    /// Their byte order; None of what is no number.
    pub order: Option<h5::Order>,
    /// One element in memory's form that elements read as which nobody has written; None is zero.
    pub fill: Option<Vec<u8>>,
}

impl Hdf5File {
    /// Opens or creates a file, which `exists` or not.
    pub fn open(path: &str, mode: Mode, exists: bool, options: &Open) -> Result<Self> {
        h5::register_all()?;
        let opened = match (mode, exists) {
            (Mode::Read, _) => h5::open_to_read(path.as_ref(), options),
            (Mode::ReadWrite, _) | (Mode::Append, true) => open_to_write(path, options),
            (Mode::Create | Mode::CreateNew | Mode::Append, _) => {
                let exclusive = mode == Mode::CreateNew;
                match lone::create(path, exclusive, options) {
                    Ok(Some(raw)) => Ok((raw, None)),
                    Ok(None) => {
                        h5::create_file(path.as_ref(), exclusive, options).and_then(with_bytes)
                    }
                    Err(error) => Err(error),
                }
            }
        };
        let (raw, id) = opened.map_err(|error| explain(path, mode, exists, error))?;
        let place = raw.place().to_owned();
        let mut this = Self {
            commits_by_reopening: false,
            tracks_order: false,
            usual_trees: OnceCell::new(),
            room: RefCell::default(),
            allows_moves: Cell::default(),
            id: id.map_or_else(OnceCell::new, OnceCell::from),
            number: OnceCell::new(),
            raw: Some(raw),
            place,
            writable: mode != Mode::Read,
            options: options.clone(),
        };
        this.learn_how()?;
        Ok(this)
    }

    /// Learns how a file that is open for writing is to be treated.
    fn learn_how(&mut self) -> Result<()> {
        if self.writable && self.id.get().is_none() {
            // Nothing about it is unusual.
            return self.register();
        }
        if self.writable {
            self.commits_by_reopening = h5::commits_at_close(self.id()?)?;
            self.tracks_order = h5::tracks_order(self.id()?, "/")?;
        }
        Ok(())
    }

    /// Opens a file that these ranks share, or creates it anew. All of them have to call this.
    #[cfg(feature = "mpi")]
    pub fn open_shared(
        path: &str,
        mode: Mode,
        found: super::Found,
        (options, parallel): (&Open, &super::Parallel),
        ranks: &h5::Communicator,
    ) -> Result<Self> {
        h5::register_all()?;
        h5::replace_deflate();
        let place: &std::path::Path = path.as_ref();
        let open = |access| h5::open_shared(place, access, options, parallel, ranks);
        let is_new = found == super::Found::Nothing;
        let opened = match (mode, found) {
            (Mode::Read, _) => open(Access::Read),
            (Mode::ReadWrite, _) | (Mode::Append, super::Found::There) => open(Access::Write),
            _ => h5::create_shared(place, is_new, options, parallel, ranks),
        };
        let id = opened.map_err(|error| match error.status {
            Status::Exists => super::made_elsewhere(path, mode),
            _ => explain(path, mode, true, error),
        })?;
        let writable = mode != Mode::Read;
        Ok(Self {
            commits_by_reopening: false,
            tracks_order: writable && h5::tracks_order(&id, "/")?,
            usual_trees: OnceCell::new(),
            room: RefCell::default(),
            allows_moves: Cell::default(),
            id: OnceCell::from(id),
            number: OnceCell::new(),
            raw: None,
            place: place.to_owned(),
            writable,
            options: options.clone(),
        })
    }

    /// Hands all that was written to the disks of the ranks that share the file.
    #[cfg(feature = "mpi")]
    pub fn flush_shared(&self) -> Result<()> {
        h5::flush_shared(self.id()?)
    }

    /// Closes a file that ranks share.
    #[cfg(feature = "mpi")]
    pub fn close_shared(self) -> Result<()> {
        match self.id.into_inner() {
            Some(id) => h5::close_shared(id),
            None => Ok(()),
        }
    }

    /// The file's bytes, past HDF5.
    pub(crate) fn raw(&self) -> Result<&RawFile> {
        let raw = self.raw.as_ref();
        raw.ok_or_else(|| Error::internal("the file is not open"))
    }

    /// HDF5's number of the file.
    pub(crate) fn number(&self) -> Result<u64> {
        if let Some(number) = self.number.get() {
            return Ok(*number);
        }
        let info = h5::object_info(self.id()?, "/")?;
        let info = info.ok_or_else(|| Error::format("the root group cannot be read"))?;
        Ok(*self.number.get_or_init(|| info.key.file))
    }

    pub(super) fn access(&self) -> Access {
        match self.writable {
            true => Access::Write,
            false => Access::Read,
        }
    }

    /// How the files are opened into which links of this one lead: as this one, but nobody waits for them.
    pub(crate) fn options_of_others(&self) -> Open {
        Open {
            wait: Duration::ZERO,
            ..self.options.clone()
        }
    }

    /// Whether it is open for writing.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// Whether groups and datasets note the order of what is put into them.
    pub(crate) fn tracks_order(&self) -> bool {
        self.tracks_order
    }

    /// Fails if another opening asks for what this one does not give.
    pub(crate) fn require_compatible(&self, options: &Open) -> Result<()> {
        let ours = self.options.durability.unwrap_or_default();
        match options.durability {
            Some(other) if self.writable && other != ours => Err(Error::argument(format!(
                "the file is open in this program already with \"durability\": \"{}\", which a second opening cannot change to \"{}\"",
                durability_name(ours),
                durability_name(other)
            ))),
            _ => Ok(()),
        }
    }

    /// Whether a commit closes the file and opens it again, so that nothing in it may be open.
    pub(crate) fn commits_by_reopening(&self) -> bool {
        self.commits_by_reopening
    }

    /// Makes everything that HDF5 has of the file one permanent step.
    pub(crate) fn commit(&mut self, explicit: bool) -> Result<()> {
        self.note_room()?;
        match self.opened() {
            Some(id) => h5::commit_file(id, explicit),
            None => {
                self.settle()?;
                journal::commit_bytes(self.raw()?, explicit, false)
            }
        }
    }

    /// Makes everything that HDF5 has of the file a part of a step of many files, which counts when that is decided.
    pub(crate) fn prepare(&mut self, step: Step) -> Result<bool> {
        self.note_room()?;
        match self.opened() {
            Some(id) => h5::prepare_file(id, step),
            None => {
                self.settle()?;
                journal::prepare_bytes(self.raw()?, step)
            }
        }
    }

    /// Commits by closing the file and opening it again.
    pub(crate) fn reopen(&mut self) -> Result<()> {
        let closed = self.end(Ending::Commit);
        // Whatever became of the step: the file is to be open afterwards.
        self.open_again()?;
        closed
    }

    /// Whether it is open: not after it could not be opened anew.
    pub(crate) fn is_open(&self) -> bool {
        self.raw.is_some()
    }

    /// Opens a file anew that is only read. If that fails it stays closed until the next time.
    pub(crate) fn reopen_for_reading(&mut self) -> Result<()> {
        self.close_for_now();
        self.open_again()
    }

    /// Closes a file that is only read, until it is opened anew.
    pub(crate) fn close_for_now(&mut self) {
        // Nothing was written.
        let _ = self.end(Ending::Discard);
    }

    /// Opens it, after it was closed.
    fn open_again(&mut self) -> Result<()> {
        let (raw, id) = match self.writable {
            true => open_to_write(&self.place, &self.options)?,
            false => h5::open_to_read(&self.place, &self.options)?,
        };
        self.raw = Some(raw);
        self.id = id.map_or_else(OnceCell::new, OnceCell::from);
        Ok(())
    }

    /// Closes it; it can be opened again.
    fn end(&mut self, ending: Ending) -> Result<()> {
        self.number = OnceCell::new();
        self.usual_trees = OnceCell::new();
        let noted = match ending {
            Ending::Commit if self.is_open() => self.note_room(),
            _ => Ok(()),
        };
        self.room = RefCell::default();
        self.allows_moves = Cell::default();
        let committed = match ending {
            Ending::Commit if self.opened().is_none() && self.is_open() => self
                .settle()
                .and_then(|()| journal::commit_bytes(self.raw()?, false, true)),
            _ => Ok(()),
        };
        // A link of another file does not lead there meanwhile.
        let _lock = h5::lock();
        let is_opened = self.opened().is_some();
        let raw = self.raw.take();
        let closed = match (self.id.take(), raw) {
            (Some(id), _) if is_opened => h5::close_file(id, ending),
            (_, Some(raw)) => {
                journal::unregister_lone(&raw);
                journal::close_bytes(&raw)
            }
            _ => Ok(()),
        };
        noted.and(committed).and(closed)
    }

    /// Opens the file for writing, of which only reading was asked so far; when that fails it is open for reading.
    pub(crate) fn become_writable(&mut self, options: &Open) -> Result<()> {
        self.close_for_now();
        let before = std::mem::replace(&mut self.options, options.clone());
        self.writable = true;
        let opened = self.open_again().and_then(|()| self.learn_how());
        if let Err(error) = opened {
            self.close_for_now();
            self.options = before;
            self.writable = false;
            self.open_again()?;
            return Err(error);
        }
        Ok(())
    }

    /// Closes the file, with all that was written or at its last commit.
    pub fn close(mut self, ending: Ending) -> Result<()> {
        self.end(ending)
    }

    /// Creates a dataset where nothing may be yet; the digits that its values keep are noted.
    pub(crate) fn create_dataset(&self, path: &str, options: &StorageOptions) -> Result<Dataset> {
        let StorageOptions {
            extent, creation, ..
        } = options;
        let dataset = self.new_dataset(path, options.element()?, extent, creation)?;
        if let Some(digits) = options.quantize {
            if let Err(error) = dataset.note_quantized_digits(digits) {
                drop(dataset);
                let _ = h5::unlink(self.id()?, path);
                return Err(error);
            }
        }
        Ok(dataset)
    }

    fn new_dataset(
        &self,
        path: &str,
        element: h5::ElementType,
        extent: &h5::Extent,
        creation: &h5::Creation,
    ) -> Result<Dataset> {
        let tracked;
        let mut how = creation;
        if self.tracks_order {
            h5::create_tracked_groups(self.id()?, path)?;
            tracked = h5::Creation {
                track_order: true,
                ..creation.clone()
            };
            how = &tracked;
        }
        h5::create_dataset(self.id()?, Some(path), element, extent, how)
            .map_err(|error| self.why_not_created(path, error))
    }

    /// Creates a group and those on the way to it, where nothing may be yet.
    pub(super) fn new_group(&self, path: &str) -> Result<()> {
        let list = match self.tracks_order {
            true => {
                h5::create_tracked_groups(self.id()?, path)?;
                Some(h5::tracked_list(h5::Tracked::Group)?)
            }
            false => None,
        };
        h5::create_group(self.id()?, path, list.as_ref())
            .map(drop)
            .map_err(|error| self.why_not_created(path, error))
    }

    /// Creates a virtual dataset, and the groups on the way to it, where nothing may be yet.
    pub(crate) fn create_virtual(&self, path: &str, made: &h5::Virtual) -> Result<()> {
        if self.tracks_order {
            h5::create_tracked_groups(self.id()?, path)?;
        }
        h5::create_virtual(self.id()?, path, made, self.tracks_order)
            .map_err(|error| self.why_not_created(path, error))
    }

    /// Copies attributes from one object to another.
    pub(crate) fn copy_attributes(
        &self,
        from: &str,
        to: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let (from, to) = (
            h5::open_object(self.id()?, from)?,
            h5::open_object(self.id()?, to)?,
        );
        for name in h5::attribute_names(&from)? {
            if wanted(&name) {
                h5::copy_attribute(&from, &to, &name)?;
            }
        }
        Ok(())
    }

    /// The significant digits that the values of a dataset are rounded to before they are stored.
    pub(crate) fn quantized_digits(&self, path: &str) -> Result<Option<u32>> {
        self.with_dataset(path, h5::Dataset::quantized_digits)
    }

    /// How the elements of a dataset are stored.
    pub(crate) fn stored_element(&self, path: &str) -> Result<StoredElement> {
        self.with_dataset(path, |dataset| {
            let number = dataset.element.number()?;
            Ok(StoredElement {
                dtype: dataset.element.dtype,
                order: number.map(|number| match number.big_endian {
                    true => h5::Order::Big,
                    false => h5::Order::Little,
                }),
                fill: dataset.fill_in_memory()?,
            })
        })
    }

    /// A path beside `path` at which nothing is.
    pub(crate) fn unused_path(&self, path: &str) -> Result<String> {
        let mut number = 0;
        loop {
            let candidate = format!("{path} (new {number})");
            if h5::link_type(self.id()?, &candidate)?.is_none() {
                return Ok(candidate);
            }
            number += 1;
        }
    }

    /// Puts the object at a path in the place of the one at another, which goes.
    pub(crate) fn take_place(&self, from: &str, to: &str) -> Result<()> {
        let spare = self.unused_path(to)?;
        h5::move_link(self.id()?, to, &spare)?;
        let taken = h5::move_link(self.id()?, from, to);
        let gone = match &taken {
            Ok(()) => h5::unlink(self.id()?, &spare),
            Err(_) => Ok(()),
        };
        // After a failure both are where they were.
        if gone.is_err() {
            let _ = h5::move_link(self.id()?, to, from);
        }
        if taken.is_err() || gone.is_err() {
            let _ = h5::move_link(self.id()?, &spare, to);
        }
        taken.and(gone)
    }

    /// Opens a dataset.
    pub(crate) fn open_dataset(&self, path: &str) -> Result<Dataset> {
        let normal = path::normalise(path);
        let id = self.id()?;
        h5::open_dataset(id, path::or_root(&normal)).map_err(|error| {
            match h5::object_info(id, path::or_root(&normal)) {
                Ok(Some(info)) if info.kind == Kind::Dataset => {
                    error.within(format_args!("dataset '{normal}'"))
                }
                Ok(Some(info)) => Error::type_(format!(
                    "'{}' is {}, expected a dataset",
                    path::or_root(&normal),
                    info.kind
                )),
                Ok(None) => self.not_found(&normal),
                Err(error) => error,
            }
        })
    }

    /// Runs `body` with an open dataset, and with the dataset's name in its errors.
    pub(super) fn with_dataset<T>(
        &self,
        path: &str,
        body: impl FnOnce(&Dataset) -> Result<T>,
    ) -> Result<T> {
        let dataset = self.open_dataset(path)?;
        body(&dataset)
            .map_err(|error| error.within(format_args!("dataset '{}'", path::normalise(path))))
    }

    /// Creates a dataset of this type where nothing may be yet; when filling it fails, it goes again.
    pub(super) fn create_filled(
        &self,
        path: &str,
        element: h5::ElementType,
        extent: &h5::Extent,
        creation: &h5::Creation,
        fill: impl FnOnce(&Dataset) -> Result<()>,
    ) -> Result<()> {
        let dataset = self.new_dataset(path, element, extent, creation)?;
        if let Err(error) = fill(&dataset).and_then(|()| dataset.close()) {
            // The first failure is the one to tell of.
            let _ = h5::unlink(self.id()?, path);
            return Err(error.within(format_args!("dataset '{path}'")));
        }
        Ok(())
    }
}
