//! What a caller chooses: how a file is opened, how a dataset is stored.
//!
//! This is plain data. What makes no sense is refused where it is used, in the words of the options' names, which are h5py's.

#![forbid(unsafe_code)]

use super::h5::{Libver, Locking, Order};
use super::{AttributeValue, DescribedAttribute, Description, Dtype};
use crate::journal::{AtLimit, Durability};
use std::sync::Arc;
use std::time::Duration;

/// How long a program that never commits goes without, where nothing is said.
const AUTOCOMMIT: Duration = Duration::from_secs(30);

/// How many bytes of journal commits may take that wait for readers, where nothing is said.
const WAITING_LIMIT: u64 = 256 << 20;

/// How a file is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub(crate) libver: Libver,
    pub(crate) locking: Locking,
    /// None is the default, which a second opening does not insist on.
    pub(crate) durability: Option<Durability>,
    /// Zero is never.
    pub(crate) autocommit: Duration,
    pub(crate) threads: usize,
    pub(crate) memory: Option<usize>,
    pub(crate) wait: Duration,
    pub(crate) waiting_limit: u64,
    pub(crate) at_waiting_limit: AtLimit,
    pub(crate) track_order: bool,
}

impl Default for Open {
    fn default() -> Self {
        Self::new()
    }
}

impl Open {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            libver: Libver::Earliest,
            locking: Locking::BestEffort,
            durability: None,
            autocommit: AUTOCOMMIT,
            threads: 0,
            memory: None,
            wait: Duration::ZERO,
            waiting_limit: WAITING_LIMIT,
            at_waiting_limit: AtLimit::Apply,
            track_order: false,
        }
    }

    /// Chooses the oldest format that new objects may have; by default every reader from HDF5 1.8 on opens the file.
    #[must_use]
    pub const fn libver(mut self, libver: Libver) -> Self {
        self.libver = libver;
        self
    }

    /// Chooses how file locks are used, unless the variable `HDF5_USE_FILE_LOCKING` does.
    #[must_use]
    pub const fn locking(mut self, locking: Locking) -> Self {
        self.locking = locking;
        self
    }

    /// Chooses what a commit survives.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = Some(durability);
        self
    }

    /// Commits at the end of a call when so long has passed, until the program commits itself; zero is never, the default
    /// 30 seconds.
    #[must_use]
    pub const fn autocommit(mut self, every: Duration) -> Self {
        self.autocommit = every;
        self
    }

    /// Lets so many threads compress and read; 0, the default, is as many as the process may use processors.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Lets a new file, and all groups and datasets in it, note the order in which links and attributes came: netCDF adds
    /// nothing to a file without.
    #[must_use]
    pub const fn track_order(mut self) -> Self {
        self.track_order = true;
        self
    }

    /// How long a program that never commits goes without; None is for ever.
    pub(crate) fn commits_every(&self) -> Option<Duration> {
        (!self.autocommit.is_zero()).then_some(self.autocommit)
    }

    /// Bounds the bytes that this process keeps in memory for all its files together; 256 MiB by default.
    #[must_use]
    pub const fn memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Waits so long for other programs that have the file when it is opened, and for its readers when it is closed; by
    /// default not at all.
    #[must_use]
    pub const fn wait(mut self, most: Duration) -> Self {
        self.wait = most;
        self
    }

    /// Bounds the journal in which commits wait for other programs that read the file, 256 MiB by default, and says what
    /// happens past that.
    #[must_use]
    pub const fn waiting_limit(mut self, bytes: u64, then: AtLimit) -> Self {
        self.waiting_limit = bytes;
        self.at_waiting_limit = then;
        self
    }
}

/// How an array is written: how its dataset is stored, and whether it may replace one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Write {
    pub(crate) overwrite: bool,
    pub(crate) dtype: Option<Dtype>,
    pub(crate) order: Option<Order>,
    pub(crate) chunks: Option<Chunks>,
    /// None of an axis is without bound.
    pub(crate) maxshape: Option<Vec<Option<u64>>>,
    pub(crate) compression: Option<Compression>,
    pub(crate) shuffle: Option<bool>,
    pub(crate) fletcher32: Option<bool>,
    pub(crate) fillvalue: Option<Fill>,
    pub(crate) quantize: Option<u64>,
    pub(crate) threads: Option<usize>,
    pub(crate) description: Option<Arc<Description>>,
}

/// Whether a dataset is stored in chunks, and in which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chunks {
    /// Of extents that the library chooses.
    Chosen,
    /// In one piece.
    Never,
    /// Of these extents.
    Of(Vec<u64>),
}

/// What chunks are compressed by, and the level where one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Deflate, which every reader has.
    Gzip(Option<i64>),
    /// Zstandard, the registered filter.
    Zstd(Option<i64>),
}

/// A value for elements that were never written: a number, `true`, `false`, or a pair for a complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// An integer.
    Integer(i128),
    /// A float; also for integers, where it is whole.
    Float(f64),
    /// Real and imaginary part.
    Complex(f64, f64),
    /// False or true.
    Bool(bool),
}

impl Write {
    /// The defaults: a new dataset in one piece, of the type of the data.
    pub const fn new() -> Self {
        Self {
            overwrite: false,
            dtype: None,
            order: None,
            chunks: None,
            maxshape: None,
            compression: None,
            shuffle: None,
            fletcher32: None,
            fillvalue: None,
            quantize: None,
            threads: None,
            description: None,
        }
    }

    /// Lets it replace a dataset: one of the same shape and type is rewritten in place.
    #[must_use]
    pub const fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Stores the elements as another type.
    #[must_use]
    pub const fn dtype(mut self, dtype: Dtype) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// Stores the elements in a byte order; by default the machine's.
    #[must_use]
    pub const fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Stores the dataset in chunks of these extents.
    #[must_use]
    pub fn chunks(mut self, extents: impl Into<Vec<u64>>) -> Self {
        self.chunks = Some(Chunks::Of(extents.into()));
        self
    }

    /// Stores the dataset in chunks whose extents the library chooses.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunks = Some(Chunks::Chosen);
        self
    }

    /// Lets the dataset grow up to these extents, without bound where there is None.
    #[must_use]
    pub fn maxshape(mut self, extents: impl Into<Vec<Option<u64>>>) -> Self {
        self.maxshape = Some(extents.into());
        self
    }

    /// Compresses by Deflate, at a level from 0 to 9; h5py's default is 4.
    #[must_use]
    pub const fn gzip(mut self, level: u32) -> Self {
        self.compression = Some(Compression::Gzip(Some(level as i64)));
        self
    }

    /// Compresses by Zstandard, at a level from 1 to 22; the filter's default is 3.
    #[must_use]
    pub const fn zstd(mut self, level: u32) -> Self {
        self.compression = Some(Compression::Zstd(Some(level as i64)));
        self
    }

    /// Puts bytes of the same significance together before they are compressed.
    #[must_use]
    pub const fn shuffle(mut self) -> Self {
        self.shuffle = Some(true);
        self
    }

    /// Adds a checksum to each chunk.
    #[must_use]
    pub const fn fletcher32(mut self) -> Self {
        self.fletcher32 = Some(true);
        self
    }

    /// Gives elements that were never written a value.
    #[must_use]
    pub fn fillvalue(mut self, value: impl Into<Fill>) -> Self {
        self.fillvalue = Some(value.into());
        self
    }

    /// Lets floats keep so many significant decimal digits, so that they compress.
    #[must_use]
    pub const fn quantize(mut self, digits: u32) -> Self {
        self.quantize = Some(digits as u64);
        self
    }

    /// Lets so many threads compress; 0 is as many as there are processors.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Names the dataset's axes, as netCDF and xarray do.
    #[must_use]
    pub fn dims<Name: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.describe().dims = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Gives the dataset an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<AttributeValue>) -> Self {
        let attribute = DescribedAttribute::new(name, value.into());
        self.describe().attributes.push(attribute);
        self
    }

    fn describe(&mut self) -> &mut Description {
        Arc::make_mut(self.description.get_or_insert_default())
    }

    /// Whether nothing is said of chunks and filters, so that a dataset in one piece will do.
    pub(crate) fn is_plain(&self) -> bool {
        let plain = Self {
            overwrite: self.overwrite,
            dtype: self.dtype,
            order: self.order,
            description: self.description.clone(),
            ..Self::new()
        };
        // Not by ==: a NaN to fill with is something said.
        self.fillvalue.is_none() && *self == plain
    }
}

/// How records are appended: how many, and how a series is stored that begins with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    pub(crate) records: u64,
    pub(crate) dataset: Write,
}

/// Where nothing is said.
pub(crate) static ONE_RECORD: Append = Append::new();

impl Default for Append {
    fn default() -> Self {
        Self::new()
    }
}

impl Append {
    /// The defaults: one record, to a series that is stored as the library chooses.
    pub const fn new() -> Self {
        Self {
            records: 1,
            dataset: Write::new(),
        }
    }

    /// Appends so many records, one after the other in the data.
    #[must_use]
    pub const fn records(mut self, records: u64) -> Self {
        self.records = records;
        self
    }

    /// Says how the dataset is stored if it is created; of no meaning afterwards.
    #[must_use]
    pub fn stored(mut self, dataset: Write) -> Self {
        self.dataset = dataset;
        self
    }
}

macro_rules! fill_from {
    ($($kind:ident($wide:ty): $($narrow:ty)*;)*) => {
        $($(impl From<$narrow> for Fill {
            fn from(value: $narrow) -> Self {
                Self::$kind(<$wide>::from(value))
            }
        })*)*
    };
}

fill_from! {
    Integer(i128): i8 i16 i32 i64 u8 u16 u32 u64;
    Float(f64): f32 f64;
    Bool(bool): bool;
}

impl From<(f64, f64)> for Fill {
    fn from((real, imaginary): (f64, f64)) -> Self {
        Self::Complex(real, imaginary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_chunks_and_filters_is_plain() {
        let plain = Write::new().overwrite().dtype(Dtype::F32).order(Order::Big);
        assert!(plain.is_plain());
        for other in [
            Write::new().chunked(),
            Write::new().maxshape([None]),
            Write::new().gzip(1),
            Write::new().shuffle(),
            Write::new().fletcher32(),
            Write::new().fillvalue(f64::NAN),
            Write::new().quantize(3),
            Write::new().threads(1),
        ] {
            assert!(!other.is_plain(), "{other:?}");
        }
    }
}
