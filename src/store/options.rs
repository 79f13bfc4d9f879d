//! What a caller chooses: how a file is opened, how a dataset is stored.
//!
//! This is plain data. What makes no sense is refused where it is used, in the words of the options' names, which are h5py's.

#![forbid(unsafe_code)]

use super::h5::{Libver, LockingOption, Order};
use super::{AttributeValue, DescribedAttribute, Description, Dtype};
use crate::codec::filters::FilterKind;
use crate::codec::{deflate, zstandard};
use crate::journal::{AtLimit, Durability};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long a program that never commits goes without, where nothing is said.
const AUTOCOMMIT: Duration = Duration::from_secs(30);

/// The most files that the ranks of one file write: a reader of the master has each of them open.
pub const MOST_PARTS: usize = 64;

/// How many bytes of journal commits may take that wait for readers, where nothing is said.
const WAITING_LIMIT: u64 = 256 << 20;

/// How a file is opened.
///
/// ```
/// use h5sim::{Durability, Open};
/// let careful = Open::new().durability(Durability::Power);
/// assert_ne!(careful, Open::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub(crate) libver: Libver,
    pub(crate) locking: LockingOption,
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
    /// Of many ranks: whether they compare calls, and how many files they write at most.
    pub(crate) agrees: bool,
    pub(crate) parts: usize,
    /// Only for a moment, and for reading: it keeps nobody else from the file.
    pub(crate) glance: bool,
}

impl Default for Open {
    fn default() -> Self {
        Self::new()
    }
}

impl Open {
    /// The defaults.
    ///
    /// ```
    /// assert_eq!(h5sim::Open::new(), h5sim::Open::default());
    /// ```
    pub const fn new() -> Self {
        Self {
            libver: Libver::Earliest,
            locking: LockingOption::BestEffort,
            durability: None,
            autocommit: AUTOCOMMIT,
            threads: 0,
            memory: None,
            wait: Duration::ZERO,
            waiting_limit: WAITING_LIMIT,
            at_waiting_limit: AtLimit::Apply,
            track_order: false,
            agrees: true,
            parts: MOST_PARTS,
            glance: false,
        }
    }

    /// For a look into a file that keeps nobody else from it.
    #[must_use]
    pub(crate) const fn glance(mut self) -> Self {
        self.glance = true;
        self
    }

    /// Chooses the oldest format that new objects may have; by default every reader from HDF5 1.8 on opens the file.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-libver.h5", std::process::id()));
    /// use h5sim::{File, Libver, Mode, Open};
    /// let file = File::open_with(&path, Mode::Create, &Open::new().libver(Libver::Latest))?;
    /// file.write("u", &[1.0, 2.0])?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn libver(mut self, libver: Libver) -> Self {
        self.libver = libver;
        self
    }

    /// Chooses how file locks are used, unless the variable `HDF5_USE_FILE_LOCKING` does.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-locking.h5", std::process::id()));
    /// use h5sim::{File, LockingOption, Mode, Open};
    /// // For a file system without locks, and no other program at the file.
    /// let file = File::open_with(&path, Mode::Create, &Open::new().locking(LockingOption::Off))?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn locking(mut self, locking: LockingOption) -> Self {
        self.locking = locking;
        self
    }

    /// Chooses what a commit survives.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-durability.h5", std::process::id()));
    /// use h5sim::{Durability, File, Mode, Open};
    /// let options = Open::new().durability(Durability::Power);
    /// let file = File::open_with(&path, Mode::Create, &options)?;
    /// file.write("u", &[1.0, 2.0])?;
    /// // From here on not even a power cut takes it away.
    /// file.commit()?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = Some(durability);
        self
    }

    /// Commits at the end of a call when so long has passed, until the program commits itself; zero is never, the default
    /// 30 seconds.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-autocommit.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// use std::time::Duration;
    /// let options = Open::new().autocommit(Duration::from_secs(300));
    /// let file = File::open_with(&path, Mode::Create, &options)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn autocommit(mut self, every: Duration) -> Self {
        self.autocommit = every;
        self
    }

    /// Lets so many threads compress and read; 0, the default, is as many as the process may use processors.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-open_threads.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open, Status};
    /// let file = File::open_with(&path, Mode::Create, &Open::new().threads(1))?;
    /// let refused = File::open_with(&path, Mode::ReadWrite, &Open::new().threads(5000));
    /// assert_eq!(refused.unwrap_err().kind(), Status::Argument);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Lets a new file, and all groups and datasets in it, note the order in which links and attributes came: netCDF adds
    /// nothing to a file without.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-track_order.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// let file = File::open_with(&path, Mode::Create, &Open::new().track_order())?;
    /// file.write("u", &1.0)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn track_order(mut self) -> Self {
        self.track_order = true;
        self
    }

    /// Chooses whether the ranks of [`File::open_ranks`](crate::File::open_ranks) compare each call before it is made, which finds what
    /// would leave them at odds with each other; by default they do. Files of one process take no notice of it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-agree.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// # let allgather = |mine: &[u8], all: &mut [u8]| {
    /// #     all.copy_from_slice(mine);
    /// #     Ok(())
    /// # };
    /// # let (rank, ranks) = (0, 1);
    /// // A program that is known to be right saves a message a call.
    /// let options = Open::new().agree(false);
    /// let file = File::open_ranks(&path, Mode::Create, &options, rank, ranks, allgather)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # std::fs::remove_dir_all(format!("{}-ranks", path.display())).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn agree(mut self, agrees: bool) -> Self {
        self.agrees = agrees;
        self
    }

    /// Bounds the files that the ranks of [`File::open_ranks`](crate::File::open_ranks) write, from 1 to 64, which is the default: of more
    /// ranks consecutive ones write one together. Files of one process take no notice of it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-parts.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// # let allgather = |mine: &[u8], all: &mut [u8]| {
    /// #     all.copy_from_slice(mine);
    /// #     Ok(())
    /// # };
    /// # let (rank, ranks) = (0, 1);
    /// // Fewer files for a file system that is slow with many.
    /// let options = Open::new().parts(8);
    /// let file = File::open_ranks(&path, Mode::Create, &options, rank, ranks, allgather)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # std::fs::remove_dir_all(format!("{}-ranks", path.display())).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn parts(mut self, parts: usize) -> Self {
        self.parts = parts;
        self
    }

    /// How long a program that never commits goes without; None is for ever.
    pub(crate) fn commits_every(&self) -> Option<Duration> {
        (!self.autocommit.is_zero()).then_some(self.autocommit)
    }

    /// Whether another automatic commit than the usual one is asked for.
    pub(crate) fn asks_for_autocommit(&self) -> bool {
        !self.autocommit.is_zero() && self.autocommit != AUTOCOMMIT
    }

    /// Bounds the bytes that this process keeps in memory for all its files together; 256 MiB by default.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-memory.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// let file = File::open_with(&path, Mode::Create, &Open::new().memory(16 << 20))?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Waits so long for other programs that have the file when it is opened, and for its readers when it is closed; by
    /// default not at all.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-open_wait.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// use std::time::Duration;
    /// let options = Open::new().wait(Duration::from_secs(60));
    /// let file = File::open_with(&path, Mode::Create, &options)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn wait(mut self, most: Duration) -> Self {
        self.wait = most;
        self
    }

    /// Bounds the journal in which commits wait for other programs that read the file, 256 MiB by default, and says what
    /// happens past that.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-waiting_limit.h5", std::process::id()));
    /// use h5sim::{AtLimit, File, Mode, Open};
    /// let options = Open::new().waiting_limit(1 << 30, AtLimit::Refuse);
    /// let file = File::open_with(&path, Mode::Create, &options)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn waiting_limit(mut self, bytes: u64, then: AtLimit) -> Self {
        self.waiting_limit = bytes;
        self.at_waiting_limit = then;
        self
    }
}

/// What parallel HDF5 is told of a file that ranks share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parallel {
    /// What MPI is told of the file, a key and a value each.
    pub hints: Vec<(String, String)>,
    /// Large objects begin at multiples of so many bytes; None is what the library chooses.
    pub alignment: Option<u64>,
}

/// How an array is written: how its dataset is stored, and whether it may replace one.
///
/// ```
/// use h5sim::Write;
/// let compressed = Write::new().gzip(4).shuffle();
/// assert_ne!(compressed, Write::default());
/// ```
#[derive(Clone, Default, PartialEq)]
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
    /// In one piece. Only options in JSON can say it.
    #[cfg_attr(not(feature = "capi"), allow(dead_code))]
    Never,
    /// Of these extents.
    Of(Vec<u64>),
}

/// What chunks are compressed by, and the level where one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compression {
    pub by: &'static FilterKind,
    pub level: Option<i64>,
}

/// A value for elements that were never written: a number, `true`, `false`, or a pair for a complex number.
///
/// ```
/// use h5sim::Fill;
/// assert_eq!(Fill::from(-1), Fill::Integer(-1));
/// assert_eq!(Fill::from((0.0, 1.0)), Fill::Complex(0.0, 1.0));
/// ```
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

/// Only what is given: many ranks compare it at each call, and tell it where they differ.
impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn given<T: fmt::Debug>(
            words: &mut fmt::DebugStruct<'_, '_>,
            name: &str,
            value: &Option<T>,
        ) {
            if let Some(value) = value {
                words.field(name, value);
            }
        }
        let Self {
            overwrite,
            dtype,
            order,
            chunks,
            maxshape,
            compression,
            shuffle,
            fletcher32,
            fillvalue,
            quantize,
            threads,
            description,
        } = self;
        let mut words = f.debug_struct("Write");
        given(&mut words, "overwrite", &overwrite.then_some(true));
        given(&mut words, "dtype", dtype);
        given(&mut words, "order", order);
        given(&mut words, "chunks", chunks);
        given(&mut words, "maxshape", maxshape);
        given(&mut words, "compression", compression);
        given(&mut words, "shuffle", shuffle);
        given(&mut words, "fletcher32", fletcher32);
        given(&mut words, "fillvalue", fillvalue);
        given(&mut words, "quantize", quantize);
        given(&mut words, "threads", threads);
        given(&mut words, "description", description);
        words.finish()
    }
}

impl Write {
    /// The defaults: a new dataset in one piece, of the type of the data.
    ///
    /// ```
    /// assert_eq!(h5sim::Write::new(), h5sim::Write::default());
    /// ```
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
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-overwrite.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("u", &[1.0])?;
    /// file.write_with("u", &[2.0, 3.0], &Write::new().overwrite())?;
    /// assert_eq!(file.info("u")?.1, [2]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Stores the elements as another type.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-dtype.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &[1.0, 2.0], &Write::new().dtype(h5sim::Dtype::F32))?;
    /// assert_eq!(file.info("u")?.0, h5sim::Dtype::F32);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn dtype(mut self, dtype: Dtype) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// Stores the elements in a byte order; by default the machine's.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-order.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &[1.0], &Write::new().order(h5sim::Order::Big))?;
    /// assert_eq!(file.read::<f64, ndarray::Ix1>("u")?.to_vec(), [1.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Stores the dataset in chunks of these extents.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-chunks.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 100], &Write::new().chunks([10]))?;
    /// assert_eq!(file.stored_as("u")?.chunks, Some(vec![10]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn chunks(mut self, extents: impl Into<Vec<u64>>) -> Self {
        self.chunks = Some(Chunks::Of(extents.into()));
        self
    }

    /// Stores the dataset in chunks whose extents the library chooses.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-chunked.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 100], &Write::new().chunked())?;
    /// assert!(file.stored_as("u")?.chunks.is_some());
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunks = Some(Chunks::Chosen);
        self
    }

    /// Lets the dataset grow up to these extents, without bound where there is None.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-maxshape.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// let options = Write::new().chunks([4, 2]).maxshape([None, Some(2)]);
    /// file.create::<f64>("u", &[0, 2], &options)?;
    /// file.append("u", &[1.0, 2.0])?;
    /// assert_eq!(file.info("u")?.1, [1, 2]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn maxshape(mut self, extents: impl Into<Vec<Option<u64>>>) -> Self {
        self.maxshape = Some(extents.into());
        self
    }

    /// Compresses by Deflate, at a level from 0 to 9; h5py's default is 4.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-gzip.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 100], &Write::new().gzip(9))?;
    /// assert_eq!(file.stored_as("u")?.filters, ["gzip 9"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn gzip(self, level: u32) -> Self {
        self.compressed(&deflate::KIND, level)
    }

    /// Compresses by Zstandard, at a level from 1 to 22; the filter's default is 3.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-zstd.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 100], &Write::new().zstd(3))?;
    /// assert_eq!(file.stored_as("u")?.filters, ["zstd 3"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn zstd(self, level: u32) -> Self {
        self.compressed(&zstandard::KIND, level)
    }

    /// Compresses chunks by a filter of the table that does.
    #[must_use]
    pub(crate) const fn compressed(mut self, by: &'static FilterKind, level: u32) -> Self {
        self.compression = Some(Compression {
            by,
            level: Some(level as i64),
        });
        self
    }

    /// Puts bytes of the same significance together before they are compressed.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-shuffle.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 100], &Write::new().gzip(4).shuffle())?;
    /// assert_eq!(file.stored_as("u")?.filters, ["shuffle", "gzip 4"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn shuffle(mut self) -> Self {
        self.shuffle = Some(true);
        self
    }

    /// Adds a checksum to each chunk.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-fletcher32.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 100], &Write::new().fletcher32())?;
    /// assert_eq!(file.stored_as("u")?.filters, ["fletcher32"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn fletcher32(mut self) -> Self {
        self.fletcher32 = Some(true);
        self
    }

    /// Gives elements that were never written a value.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-fillvalue.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.create::<f64>("u", &[2], &Write::new().fillvalue(-1.0))?;
    /// assert_eq!(file.read::<f64, ndarray::Ix1>("u")?.to_vec(), [-1.0, -1.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fillvalue(mut self, value: impl Into<Fill>) -> Self {
        self.fillvalue = Some(value.into());
        self
    }

    /// Lets floats keep so many significant decimal digits, so that they compress.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-quantize.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &[0.123456789], &Write::new().gzip(4).quantize(3))?;
    /// let kept = file.read::<f64, ndarray::Ix1>("u")?[0];
    /// assert!(kept != 0.123456789 && (kept - 0.123456789).abs() < 0.0005);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn quantize(mut self, digits: u32) -> Self {
        self.quantize = Some(digits as u64);
        self
    }

    /// Lets so many threads compress; 0 is as many as there are processors.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_threads.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &vec![0.0; 1000], &Write::new().gzip(4).threads(1))?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Names the dataset's axes, as netCDF and xarray do.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-dims.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// let u = ndarray::Array2::<f64>::zeros((4, 3));
    /// file.write_with("u", &u, &Write::new().dims(["y", "x"]))?;
    /// assert_eq!(file.dims("u")?, [Some("y".to_owned()), Some("x".to_owned())]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn dims<Name: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.describe().dims = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Gives the dataset an attribute.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-attribute.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_with("u", &[1.0], &Write::new().attribute("units", "m/s"))?;
    /// assert_eq!(file.get_attr_text("u", "units")?, "m/s");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
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
#[cfg(feature = "capi")]
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

/// What a copy leaves out of an object, or adds to it.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-copy_options.h5", std::process::id()));
/// use h5sim::{CopyOptions, File, Mode};
/// let file = File::open(&path, Mode::Create)?;
/// file.write("g/x", &[1.0, 2.0])?;
/// file.set_attr_text("g/x", "unit", "m")?;
/// file.copy_with("g", &file, "plain", &CopyOptions::new().without_attrs())?;
/// assert!(file.attr_keys("plain/x")?.is_empty());
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyOptions {
    pub(crate) shallow: bool,
    pub(crate) expand_soft: bool,
    pub(crate) without_attrs: bool,
}

impl CopyOptions {
    /// All of it as it is.
    ///
    /// ```
    /// assert_eq!(h5sim::CopyOptions::new(), h5sim::CopyOptions::default());
    /// ```
    pub const fn new() -> Self {
        Self {
            shallow: false,
            expand_soft: false,
            without_attrs: false,
        }
    }

    /// Copies of a group its members, and not what is in those.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-shallow.h5", std::process::id()));
    /// use h5sim::{CopyOptions, File, Mode};
    /// let file = File::open(&path, Mode::Create)?;
    /// file.write("g/h/x", &1.0)?;
    /// file.copy_with("g", &file, "copy", &CopyOptions::new().shallow())?;
    /// assert!(file.keys("copy/h")?.is_empty());
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn shallow(mut self) -> Self {
        self.shallow = true;
        self
    }

    /// Copies what soft links lead to instead of them.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-expand_soft.h5", std::process::id()));
    /// use h5sim::{CopyOptions, File, Link, Mode};
    /// let file = File::open(&path, Mode::Create)?;
    /// file.write("x", &1.0)?;
    /// file.link("g/y", "x", &Link::Soft)?;
    /// file.copy_with("g", &file, "copy", &CopyOptions::new().expand_soft())?;
    /// file.delete("x")?;
    /// assert_eq!(file.read_scalar::<f64>("copy/y")?, 1.0);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn expand_soft(mut self) -> Self {
        self.expand_soft = true;
        self
    }

    /// Copies no attributes, and so no names of axes.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-without_attrs.h5", std::process::id()));
    /// use h5sim::{CopyOptions, File, Mode};
    /// let file = File::open(&path, Mode::Create)?;
    /// file.write("x", &1.0)?;
    /// file.set_attr_text("x", "unit", "m")?;
    /// file.copy_with("x", &file, "y", &CopyOptions::new().without_attrs())?;
    /// assert!(file.attr_keys("y")?.is_empty());
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn without_attrs(mut self) -> Self {
        self.without_attrs = true;
        self
    }
}

/// How a link leads to its target.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-link_types.h5", std::process::id()));
/// use h5sim::{File, Link, Mode};
/// let file = File::open(&path, Mode::Create)?;
/// file.write("steps/41", &[1.0, 2.0])?;
/// file.link("latest", "steps/41", &Link::Soft)?;
/// file.link("kept", "steps/41", &Link::Hard)?;
/// file.link("mesh", "mesh", &Link::External("mesh.h5".to_owned()))?;
/// file.delete("steps/41")?;
/// assert_eq!(file.kind("latest")?, h5sim::Kind::None);
/// assert_eq!(file.info("kept")?.1, [2]);
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It holds a path of the file, where something may be or not.
    Soft,
    /// It is another name of an object.
    Hard,
    /// It holds a path of another file, whose name is given: looked for beside the file with the link.
    External(String),
}

/// How texts are stored, and whether over others.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-text_options.h5", std::process::id()));
/// use h5sim::{File, Mode, TextOptions};
/// let file = File::open(&path, Mode::Create)?;
/// file.write_text("status", "begun")?;
/// file.write_text_with("status", "half done", &TextOptions::new().overwrite())?;
/// assert_eq!(file.read_text("status")?, "half done");
/// # file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextOptions {
    pub(crate) overwrite: bool,
    /// None is as the call has it.
    pub(crate) is_fixed: Option<bool>,
}

impl TextOptions {
    /// The defaults: no dataset is overwritten; datasets have the fixed length of the longest text, attributes any length.
    ///
    /// ```
    /// assert_eq!(h5sim::TextOptions::new(), h5sim::TextOptions::default());
    /// ```
    pub const fn new() -> Self {
        Self {
            overwrite: false,
            is_fixed: None,
        }
    }

    /// Writes over a dataset that is there: in place if it has the same shape and type, or else it is replaced, and its attributes go
    /// with it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-overwrite_text.h5", std::process::id()));
    /// use h5sim::{File, Mode, TextOptions};
    /// let file = File::open(&path, Mode::Create)?;
    /// for step in 0..3 {
    ///     file.write_json_with("state", &[step], &TextOptions::new().overwrite())?;
    /// }
    /// assert_eq!(file.read_text("state")?, "[2]");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Stores texts with the fixed length of the longest, or each with its own.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-fixed.h5", std::process::id()));
    /// use h5sim::{File, Mode, TextOptions};
    /// let file = File::open(&path, Mode::Create)?;
    /// file.set_attr_texts("/", "species", &[2], &["H2", "O2"], &TextOptions::new().fixed(true))?;
    /// assert_eq!(file.get_attr_texts("/", "species")?.0, ["H2", "O2"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn fixed(mut self, is_fixed: bool) -> Self {
        self.is_fixed = Some(is_fixed);
        self
    }
}
