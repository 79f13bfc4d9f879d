//! Small datasets of new groups: gathered in memory, written with their groups past HDF5.
//!
//! HDF5 spends some ten microseconds on each new dataset, most of them on copying its own description
//! of it. A plain dataset in a group that is new itself costs here a copy of its data and of a header
//! that HDF5 made once ([`header`]); its group's symbol table is put together when all its links are
//! known ([`group`]), and HDF5 is only asked to link the topmost new group. The file is the same to
//! all readers as if HDF5 had made all of it, in the oldest format, which is the default.
//!
//! What is still in memory reaches the file when somebody could look: at a commit, at a close, and
//! before any other call on the file ([`SmallDatasets::settle`]). From then on HDF5 keeps the group,
//! and makes whatever is added to it.

#![forbid(unsafe_code)]

mod group;
mod header;
mod image;

use crate::error::Result;
use crate::store::h5::{self, LinkType, SymbolTableSizes};
use crate::store::path;
use crate::store::strided::{count, Strided};
use crate::store::{normal, Dtype, File, StorageOptions};
use group::{Group, Member};
use header::DatasetHeader;
use image::{Address, Image};
use indexmap::IndexMap;
use std::borrow::Cow;

/// The most bytes of data of a dataset that is gathered: of larger ones HDF5's part is a small one.
const LARGEST: u64 = 64 << 10;

/// So many bytes are written together.
const TOGETHER: usize = 512 << 10;

/// The most bytes of memory for the names of gathered datasets.
const NAMES: usize = 256 << 20;

/// What a name costs besides its own bytes, about.
const NAME_COST: usize = 64;

/// The most groups on the way to a dataset that is gathered.
const DEPTH: usize = 64;

/// The new groups of one file that HDF5 does not know of yet.
#[derive(Debug, Default)]
pub struct SmallDatasets {
    /// By their paths, those whose parents HDF5 knows.
    groups: IndexMap<Box<str>, Group>,
    /// Where the headers of the datasets in them are.
    headers: Vec<Address>,
    /// Those from here on are in the image.
    in_file: usize,
    /// What is not in the file yet.
    image: Image,
    /// The memory that names take, about.
    names: usize,
    /// A group that HDF5 knows.
    known: Option<Box<str>>,
    /// The sizes of the file's symbol tables, if it is one for which all this is done; looked at once.
    sizes: Option<Option<SymbolTableSizes>>,
}

impl SmallDatasets {
    /// Takes a new dataset into memory; false if HDF5 has to make it, or to say what is wrong with it.
    ///
    /// The arguments are those of [`File::write`]. On failure nothing has changed.
    pub fn write(
        &mut self,
        file: &mut File,
        path: &str,
        dtype: Dtype,
        array: &Strided<'_>,
        options: &str,
    ) -> Result<bool> {
        let shape = array.shape();
        let Ok(length) = count(&shape).map(|count| count.saturating_mul(dtype.size() as u64))
        else {
            return Ok(false);
        };
        if length > LARGEST {
            return Ok(false);
        }
        let Some((path, top)) = self.place(file, path)? else {
            return Ok(false);
        };
        let Ok(options) = StorageOptions::parse(options, dtype, &shape) else {
            return Ok(false);
        };
        if !options.is_plain {
            return Ok(false);
        }
        let (stored, order) = options.stored();
        let Some(header) = DatasetHeader::of(stored, order, shape.len()) else {
            return Ok(false);
        };
        let packed = match array.as_packed() {
            Some(packed) => Cow::Borrowed(packed),
            None => Cow::Owned(array.gather(0, shape[0] as usize)),
        };
        let data = match (dtype == stored, order) {
            (true, None) => normal(dtype, &packed),
            _ => match options.element()?.convert_from(dtype, &packed) {
                Ok(converted) => Cow::Owned(converted),
                Err(_) => return Ok(false),
            },
        };
        let is_full = self.image.len() + header.room(data.len()) > TOGETHER;
        if is_full && self.image.len() > 0 {
            self.write_image(file)?;
        }
        let number = self.headers.len();
        let place = header.put(&mut self.image, &shape, &data);
        self.headers.push(Address::Here(place));
        self.insert(&path, top, Member::Dataset(number));
        Ok(true)
    }

    /// Takes a new group into memory; false if HDF5 has to make it, or to say what is wrong with it.
    pub fn create_group(&mut self, file: &mut File, path: &str) -> Result<bool> {
        let Some((path, top)) = self.place(file, path)? else {
            return Ok(false);
        };
        self.insert(&path, top, Member::Group(Group::default()));
        Ok(true)
    }

    /// The normal form of a path at which something may be gathered, and the bytes of it that name the
    /// topmost new group.
    fn place(&mut self, file: &mut File, path: &str) -> Result<Option<(String, usize)>> {
        let is_usual = path.is_ascii() && !path.contains('\0') && file.require_writable().is_ok();
        let Ok(path) = path::of_new(path) else {
            return Ok(None);
        };
        if !is_usual || path.matches('/').count() > DEPTH || self.names > NAMES {
            return Ok(None);
        }
        if !self.groups.is_empty() {
            for (end, _) in path.match_indices('/') {
                if let Some(group) = self.groups.get(&path[..end]) {
                    return Ok(group.admits(&path[end + 1..]).then_some((path, end)));
                }
            }
            if self.groups.contains_key(path.as_str()) {
                return Ok(None);
            }
        }
        let (parent, _) = path::split(&path);
        if parent.is_empty() || self.known.as_deref() == Some(parent) {
            return Ok(None);
        }
        // Another opening of the file in this process would make the same group.
        if self.sizes(file)?.is_none() || !file.is_open_once() {
            return Ok(None);
        }
        let mut ends = path.match_indices('/').map(|(end, _)| end);
        let top = loop {
            let Some(end) = ends.next() else {
                self.known = Some(parent.into());
                return Ok(None);
            };
            match h5::link_type(file.id(), &path[..end]) {
                Ok(None) => break end,
                Ok(Some(LinkType::Hard)) => {}
                // Into another file perhaps, or nowhere, or through a dataset.
                _ => return Ok(None),
            }
        };
        Ok(Some((path, top)))
    }

    fn sizes(&mut self, file: &File) -> Result<Option<SymbolTableSizes>> {
        if let Some(known) = self.sizes {
            return Ok(known);
        }
        let sizes = match h5::can_append(file.id())? {
            true => h5::symbol_table_sizes(file.id())?,
            false => None,
        };
        self.sizes = Some(sizes);
        Ok(sizes)
    }

    /// Adds a member at a path that [`place`](Self::place) has found free.
    fn insert(&mut self, path: &str, top: usize, member: Member) {
        self.names += path.len() - top + NAME_COST;
        let (top, rest) = (&path[..top], &path[top + 1..]);
        if let Some(group) = self.groups.get_mut(top) {
            group.insert(rest, member);
            return;
        }
        let mut group = Group::default();
        group.insert(rest, member);
        self.groups.insert(top.into(), group);
    }

    /// Brings all datasets into the file, where any call can see them.
    ///
    /// To be called before every other call on the file, and before a commit.
    pub fn settle(&mut self, file: &File) -> Result<()> {
        let (false, Some(sizes)) = (self.groups.is_empty(), self.sizes.flatten()) else {
            return Ok(());
        };
        let mark = self.image.mark();
        // No link leads there yet.
        let groups = self.groups.values();
        let placed: Result<Vec<u64>> = groups
            .map(|group| group.put(&mut self.image, &self.headers, sizes, 0))
            .collect();
        let written = placed.and_then(|places| Ok((places, self.write_image(file)?)));
        let (places, address) = written.inspect_err(|_| self.image.drop_since(mark))?;
        for (linked, place) in places.into_iter().enumerate() {
            let path = self.groups.get_index(linked).map_or("", |group| group.0);
            if let Err(error) = h5::link_address(file.id(), address + place, path) {
                let error = error.within(format_args!("'{path}'"));
                self.groups.drain(..linked);
                return Err(error);
            }
        }
        self.groups.clear();
        self.headers.clear();
        self.in_file = 0;
        self.names = 0;
        Ok(())
    }

    /// Writes what is not in the file yet; gives its address.
    fn write_image(&mut self, file: &File) -> Result<u64> {
        let mut address = 0;
        let image = &mut self.image;
        h5::append(file.id(), image.len(), |place| {
            address = place;
            image.at(place)
        })?;
        for header in &mut self.headers[self.in_file..] {
            if let Address::Here(place) = *header {
                *header = Address::File(address + place);
            }
        }
        self.in_file = self.headers.len();
        self.image.clear();
        Ok(address)
    }
}
