//! An open file, and its arrays.

use super::array::{strided, strided_mut, Array};
use super::element::{bytes_of, bytes_of_raw, zeros, Element};
use crate::array::Room;
use crate::error::{Error, Result};
use crate::file::Records;
use crate::ranks::{self, Allgather, Asked, Ranks};
use crate::store::strided::{count, show_shape};
use crate::store::{Append, CopyOptions, Dtype, Entry, Kind, Link, Mode, Open, StoredAs, Write};
use ndarray::{ArrayBase, DataMut, Dimension, IxDyn};
use std::marker::PhantomData;
use std::path::Path;

/// An open file.
///
/// Any thread may call anything; calls on one file wait for each other, calls on different files run side by side. A file that is
/// opened several times in a process is one file: all see each other's writes at once, and a commit by any is a commit of all.
///
/// A file that is dropped is left as a program's exit leaves it: with all that was written, unless the program has called
/// [`commit`](Self::commit) on the file, which then is left at its latest commit. [`close`](Self::close) keeps everything, and tells
/// of failures. A forked process cannot use the files of its parent, and leaves them alone.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let path = std::env::temp_dir().join(format!("h5sim-{}-file.h5", std::process::id()));
/// use h5sim::{File, Mode};
/// use ndarray::{Array3, Ix3};
///
/// let u = Array3::<f64>::from_elem((5, 4, 3), 0.5);
/// let file = File::open(&path, Mode::Create)?;
/// file.write("u", &u)?;
/// file.commit()?;
/// assert_eq!(file.read::<f64, Ix3>("u")?, u);
/// assert_eq!(file.read_slice::<f32, Ix3>("u", "[:2, ..., :2]")?.shape(), [2, 4, 2]);
/// file.close()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct File {
    pub(super) handle: ranks::File,
}

impl File {
    /// Opens or creates a file.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join("h5sim-missing.h5");
    /// use h5sim::{File, Mode, Status};
    /// let error = File::open(&path, Mode::Read).unwrap_err();
    /// assert_eq!(error.kind(), Status::NotFound);
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Exists`, `Format` (not HDF5, or damaged), `Locked` (another process has it open in a way that does not fit),
    /// `ReadOnly`, `Io`, `Argument`.
    pub fn open(path: impl AsRef<Path>, mode: Mode) -> Result<Self> {
        Self::open_with(path, mode, &Open::new())
    }

    /// Opens or creates a file with options.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-open_with.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open};
    /// let file = File::open_with(&path, Mode::Create, &Open::new().threads(2).memory(64 << 20))?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, mode: Mode, options: &Open) -> Result<Self> {
        let path = path.as_ref();
        let name = path.to_str().ok_or_else(|| {
            Error::argument(format!("the path '{}' is not UTF-8", path.display()))
        })?;
        let handle = ranks::File::open(name, mode, options)?;
        Ok(Self { handle })
    }

    /// Opens or creates one file from many ranks, the processes (or threads) of a parallel program, of which this is the one with the number
    /// `rank` of `ranks`. All of them have to call this.
    ///
    /// Each rank writes its own blocks of arrays, by [`write_block`](Self::write_block) and [`append_block`](Self::append_block), into a file of
    /// its own in the folder `PATH-ranks`; the master at `path` holds all else, and shows the arrays whole. Every call on the file is made
    /// by all ranks, in the same order, with equal arguments but for what a block is; what one rank does wrong is one error on all. A
    /// [`commit`](Self::commit) is one step of all ranks. What is not a block is rank 0's, and what is read all get. A file that was opened with
    /// [`Mode::Read`] is read by each rank for itself.
    ///
    /// A file of many ranks that is dropped is left at its latest commit, since a drop cannot wait for the others: [`close`](Self::close) keeps
    /// everything.
    ///
    /// With MPI, by the crate `mpi`, `allgather` is `|mine, all| { world.all_gather_into(mine, all); Ok(()) }`.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-open_ranks.h5", std::process::id()));
    /// use h5sim::{File, Mode, Open, Write};
    /// use ndarray::{s, Array2};
    ///
    /// // This program is the only rank; with MPI these three are its.
    /// let (rank, ranks) = (0, 1);
    /// let allgather = |mine: &[u8], all: &mut [u8]| {
    ///     all.copy_from_slice(mine);
    ///     Ok(())
    /// };
    ///
    /// // The rows of a field of 8 × 6 that are this rank's, inside one layer of ghost cells.
    /// let rows = 8 / ranks;
    /// let u = Array2::<f64>::from_elem((rows + 2, 6 + 2), rank as f64);
    /// let inside = u.slice(s![1..-1, 1..-1]);
    ///
    /// let file = File::open_ranks(&path, Mode::Create, &Open::new(), rank, ranks, allgather)?;
    /// let start = [(rank * rows) as u64, 0];
    /// file.append_block("u", &inside, &[8, 6], &start, &Write::new())?;
    /// file.append("time", &0.5)?;
    /// file.commit()?;
    /// file.close()?;
    ///
    /// let file = File::open(&path, Mode::Read)?;
    /// assert_eq!(file.info("u")?.1, [1, 8, 6]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # std::fs::remove_dir_all(format!("{}-ranks", path.display())).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// On all ranks, what the first of them met: as [`open`](Self::open); `Argument` also where `rank` and `ranks` do not fit each other,
    /// and for [`parts`](crate::Open::parts) that are not 1 to 64;
    /// `Unsupported` for [`autocommit`](crate::Open::autocommit), which one rank's clock cannot decide for the others;
    /// `Format` where files of the run are missing or of another run; `Io` also where `allgather` failed.
    pub fn open_ranks(
        path: impl AsRef<Path>,
        mode: Mode,
        options: &Open,
        rank: usize,
        ranks: usize,
        allgather: impl Allgather + 'static,
    ) -> Result<Self> {
        let path = path.as_ref();
        let asked = match path.to_str() {
            Some(name) => Ok(Asked {
                path: name.to_owned(),
                mode,
                options: options.clone(),
                autocommits: options.asks_for_autocommit(),
                lent_from: crate::ranks::LENT_FROM,
            }),
            // The others have to be told.
            None => Err(Error::argument(format!(
                "the path '{}' is not UTF-8",
                path.display()
            ))),
        };
        let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
        let means = Exact {
            means: allgather,
            ranks,
        };
        let opened = Ranks::open(asked, number(rank), number(ranks), Box::new(means))?;
        let handle = opened.into();
        Ok(Self { handle })
    }

    /// Runs a call; where it is one of many ranks the others are told of what is wrong with it before they wait for this one.
    pub(super) fn call<T>(&self, body: impl FnOnce(&ranks::File) -> Result<T>) -> Result<T> {
        self.handle.telling(body)
    }

    /// The path by which it was opened.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-path.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// assert_eq!((file.path(), file.is_writable()), (&*path, true));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn path(&self) -> &Path {
        Path::new(self.handle.name())
    }

    /// Whether the file was opened for writing; see [`path`](Self::path).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-is_writable.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # File::open(&path, Mode::Create)?.close()?;
    /// assert!(!File::open(&path, Mode::Read)?.is_writable());
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_writable(&self) -> bool {
        self.handle.is_writable()
    }

    /// Makes all that was written to the file so far durable, as one step.
    ///
    /// After a kill at any later instant the next opening finds exactly the latest commit.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-commit.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.append("energy", &1.0)?;
    /// file.commit()?;
    /// file.append("energy", &2.0)?;
    /// // It is dropped as if the program were killed here.
    /// drop(file);
    /// let file = File::open(&path, Mode::Read)?;
    /// assert_eq!(file.info("energy")?.1, [1]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Io`: nothing of this step is committed; where the disk was full it can be tried again.
    pub fn commit(&self) -> Result<()> {
        self.call(|file| file.commit())
    }

    /// Closes the file, and keeps all that was written to it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-close.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.commit()?;
    /// file.write("result", &1.0)?;
    /// file.close()?;
    /// let file = File::open(&path, Mode::Read)?;
    /// assert_eq!(file.read_scalar::<f64>("result")?, 1.0);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Io`: what was written since the latest commit is lost.
    pub fn close(self) -> Result<()> {
        self.handle.close()
    }

    /// Closes the file at its latest commit: what was written since then is dropped.
    ///
    /// What another open file of the same name in this process may still commit is left to that one; a file without a journal
    /// ([`Durability::None`](crate::Durability::None)) keeps all.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-discard.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("a", &1.0)?;
    /// file.commit()?;
    /// file.write("b", &2.0)?;
    /// file.discard()?;
    /// let file = File::open(&path, Mode::Read)?;
    /// assert_eq!(file.keys("/")?, ["a"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Io`.
    pub fn discard(self) -> Result<()> {
        self.handle.discard()
    }

    /// Writes an array to a new dataset; missing groups on the way are created.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use ndarray::{s, Array2};
    /// let field = Array2::<f32>::zeros((102, 102));
    /// file.write("fields/inner", &field.slice(s![1..-1, 1..-1]))?;
    /// file.write("fields/flipped", &field.slice(s![..;-1, ..]).t())?;
    /// file.write("times", &[0.0, 0.1, 0.2])?;
    /// file.write("dt", &0.1)?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Exists`, `Shape`, `Type`, `ReadOnly`, `Io`.
    pub fn write<A: Array + ?Sized>(&self, path: &str, array: &A) -> Result<()> {
        self.write_with(path, array, &Write::new())
    }

    /// Writes an array to a dataset that is stored as the options say, or over an existing one.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_with.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use h5sim::Write;
    /// let u = ndarray::Array2::<f64>::zeros((100, 64));
    /// file.write_with("u", &u, &Write::new().gzip(4).shuffle().chunks([10, 64]))?;
    /// file.write_with("u", &u, &Write::new().overwrite())?;
    /// assert_eq!(file.stored_as("u")?.filters, ["shuffle", "gzip 4"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write`](Self::write), and `Argument` for options that make no sense.
    pub fn write_with<A: Array + ?Sized>(
        &self,
        path: &str,
        array: &A,
        options: &Write,
    ) -> Result<()> {
        let view = array.elements();
        self.call(|file| file.write(path, A::Element::DTYPE, &strided(&view)?, options))
    }

    /// Creates a dataset without data, which reads as the fill value, 0 unless said otherwise, until it is written.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-create.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.create::<f64>("u", &[3, 2], &Write::new().fillvalue(f64::NAN))?;
    /// file.write_slice("u", "1", &[1.0, 2.0])?;
    /// assert_eq!(file.read_slice::<f64, ndarray::Ix1>("u", "1")?.to_vec(), [1.0, 2.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_with`](Self::write_with).
    pub fn create<T: Element>(&self, path: &str, shape: &[u64], options: &Write) -> Result<()> {
        self.call(|file| file.create(path, T::DTYPE, shape, options))
    }

    /// Writes an array into a part of an existing dataset, named as in NumPy; its shape is that of the part.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_slice.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("u", &[1, 2, 3, 4])?;
    /// file.write_slice("u", "::2", &[10, 30])?;
    /// assert_eq!(file.read::<i32, ndarray::Ix1>("u")?.to_vec(), [10, 2, 30, 4]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Shape`, `Type`, `ReadOnly`, `Io`; `Argument` for what is no slice.
    pub fn write_slice<A: Array + ?Sized>(&self, path: &str, slice: &str, array: &A) -> Result<()> {
        let view = array.elements();
        self.call(|file| file.write_from(path, slice, A::Element::DTYPE, &strided(&view)?))
    }

    /// Appends a record to a series: a dataset that grows along its first axis, created by the first record.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-append.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// for step in 0..10 {
    ///     file.append("time", &(f64::from(step) * 0.1))?;
    ///     file.append("x", &[f64::from(step), 0.0, 1.0])?;
    /// }
    /// assert_eq!(file.info("x")?, (h5sim::Dtype::F64, vec![10, 3]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Shape` (not the shape of the records, or the dataset cannot grow), `Type`, `ReadOnly`, `Io`.
    pub fn append<A: Array + ?Sized>(&self, path: &str, record: &A) -> Result<()> {
        self.append_with(path, record, &Write::new())
    }

    /// Appends a record to a series that is stored as the options say if this creates it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-append_with.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.append_with("x", &[1.0, 2.0], &Write::new().chunks([100, 2]).gzip(4))?;
    /// assert_eq!(file.stored_as("x")?.chunks, Some(vec![100, 2]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`append`](Self::append), and `Argument` for options that make no sense.
    pub fn append_with<A: Array + ?Sized>(
        &self,
        path: &str,
        record: &A,
        options: &Write,
    ) -> Result<()> {
        let view = record.elements();
        let extents: Vec<i64> = view.shape().iter().map(|&extent| extent as i64).collect();
        let records = Records {
            dtype: A::Element::DTYPE,
            record: &extents,
            options: &Append::new().stored(options.clone()),
        };
        self.call(|file| file.append_from(path, &records, &strided(&view)?))
    }

    /// Writes a block of a larger array of these extents, which begins at `start` in it: to a new dataset that is stored as the
    /// options say, or into the one that is there.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_block.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use ndarray::{s, Array2};
    /// let field = Array2::from_elem((4, 5), 1.5);
    /// let inside = field.slice(s![1..3, 1..4]);
    /// file.write_block("u", &inside, &[4, 3], &[0, 0], &Write::new())?;
    /// file.write_block("u", &inside, &[4, 3], &[2, 0], &Write::new())?;
    /// assert_eq!(file.read::<f64, ndarray::Ix2>("u")?, Array2::from_elem((4, 3), 1.5));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_with`](Self::write_with), and `Shape` for a block that leaves the array, or a dataset of another shape.
    pub fn write_block<A: Array + ?Sized>(
        &self,
        path: &str,
        block: &A,
        global_shape: &[u64],
        start: &[u64],
        options: &Write,
    ) -> Result<()> {
        let view = block.elements();
        let dtype = A::Element::DTYPE;
        self.call(|file| {
            file.write_block(path, dtype, global_shape, start, &strided(&view)?, options)
        })
    }

    /// Appends one record of these extents of which a block is given, which begins at `start` in it; its other elements are fill.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-append_block.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.append_block("u", &[1.0, 2.0], &[5], &[3], &Write::new())?;
    /// assert_eq!(file.read_slice::<f64, ndarray::Ix1>("u", "0")?.to_vec(), [0.0, 0.0, 0.0, 1.0, 2.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`append_with`](Self::append_with), and `Shape` for a block that leaves the record.
    pub fn append_block<A: Array + ?Sized>(
        &self,
        path: &str,
        block: &A,
        global_shape: &[u64],
        start: &[u64],
        options: &Write,
    ) -> Result<()> {
        let view = block.elements();
        let record = global_shape
            .iter()
            .map(|&extent| i64::try_from(extent).unwrap_or(i64::MAX));
        let records = Records {
            dtype: A::Element::DTYPE,
            record: &record.collect::<Vec<i64>>(),
            options: &Append::new().stored(options.clone()),
        };
        self.call(|file| file.append_block(path, &records, start, &strided(&view)?))
    }

    /// Reads the block of a dataset that begins at `start` into an array that is there, whatever its layout.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_block.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("u", &[0.0, 1.0, 2.0, 3.0])?;
    /// let mut own = ndarray::Array1::<f64>::zeros(2);
    /// file.read_block("u", &[1], &mut own)?;
    /// assert_eq!(own.to_vec(), [1.0, 2.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read_into`](Self::read_into), and `Shape` for a block that leaves the dataset.
    pub fn read_block<T, S, D>(
        &self,
        path: &str,
        start: &[u64],
        array: &mut ArrayBase<S, D>,
    ) -> Result<()>
    where
        T: Element<Raw = T>,
        S: DataMut<Elem = T>,
        D: Dimension,
    {
        let mut view = array.view_mut().into_dyn();
        self.call(|file| file.read_block(path, start, T::DTYPE, &mut strided_mut(&mut view)?))
    }

    /// Appends as many records as the array has along its first axis.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-append_all.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.append_all("x", &ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]), &Write::new())?;
    /// file.append("x", &[5.0, 6.0])?;
    /// assert_eq!(file.info("x")?.1, [3, 2]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`append_with`](Self::append_with), and `Shape` for a single number.
    pub fn append_all<A: Array + ?Sized>(
        &self,
        path: &str,
        records: &A,
        options: &Write,
    ) -> Result<()> {
        let view = records.elements();
        let Some((&count, record)) = view.shape().split_first() else {
            return Err(Error::shape(format!(
                "'{path}': the records have no axis to count them along"
            )));
        };
        self.append_records(path, &view, record, count as u64, options)
    }

    /// Appends records that are copied together where they lie apart.
    fn append_records<T: Element>(
        &self,
        path: &str,
        view: &ndarray::ArrayViewD<'_, T>,
        record: &[usize],
        count: u64,
        options: &Write,
    ) -> Result<()> {
        let record: Vec<i64> = record.iter().map(|&extent| extent as i64).collect();
        let packed = view.as_standard_layout();
        let elements = packed.as_slice().unwrap_or_default();
        let records = Records {
            dtype: T::DTYPE,
            record: &record,
            options: &Append::new().records(count).stored(options.clone()),
        };
        self.call(|file| file.append(path, &records, |_| Ok(bytes_of(elements).into())))
    }

    /// Reads all of a dataset, converted to the type that is asked for, as an array of as many axes.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("n", &[1u8, 2, 3])?;
    /// assert_eq!(file.read::<f64, ndarray::Ix1>("n")?, ndarray::arr1(&[1.0, 2.0, 3.0]));
    /// assert_eq!(file.read::<u8, ndarray::IxDyn>("n")?.ndim(), 1);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Shape` (another number of axes), `Type` (the types do not convert), `Format`, `Io`.
    pub fn read<T: Element, D: Dimension>(&self, path: &str) -> Result<ndarray::Array<T, D>> {
        self.read_slice(path, "")
    }

    /// Reads a part of a dataset, named as in NumPy: `"0"`, `"2:5, ::-1"`, `"[:2, ..., :2]"`.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_slice.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("u", &ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]))?;
    /// assert_eq!(file.read_slice::<i32, ndarray::Ix1>("u", ":, -1")?.to_vec(), [3, 6]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read), and `Argument` for what is no slice.
    pub fn read_slice<T: Element, D: Dimension>(
        &self,
        path: &str,
        slice: &str,
    ) -> Result<ndarray::Array<T, D>> {
        let mut room = Growing::default();
        self.call(|file| file.read(path, slice, T::DTYPE, &mut room))?;
        room.array()
    }

    /// Reads a dataset that is one number.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_scalar.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("dt", &0.25)?;
    /// assert_eq!(file.read_scalar::<f64>("dt")?, 0.25);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_scalar<T: Element>(&self, path: &str) -> Result<T> {
        Ok(self.read::<T, ndarray::Ix0>(path)?.into_scalar())
    }

    /// Reads a part of a dataset into an array that is there, whatever its layout: a restart into a field with ghost cells.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_into.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use ndarray::{s, Array2};
    /// file.write("inner", &Array2::from_elem((2, 2), 7.0))?;
    /// let mut field = Array2::<f64>::zeros((4, 4));
    /// file.read_into("inner", "", &mut field.slice_mut(s![1..3, 1..3]))?;
    /// assert_eq!((field[[1, 2]], field[[0, 0]]), (7.0, 0.0));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read_slice`](Self::read_slice), and `Shape` where the part has another shape than the array.
    pub fn read_into<T, S, D>(
        &self,
        path: &str,
        slice: &str,
        array: &mut ArrayBase<S, D>,
    ) -> Result<()>
    where
        T: Element<Raw = T>,
        S: DataMut<Elem = T>,
        D: Dimension,
    {
        let mut view = array.view_mut().into_dyn();
        self.call(|file| file.read_into(path, slice, T::DTYPE, &mut strided_mut(&mut view)?))
    }

    /// The type of a dataset's elements, and its shape.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-info.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("n", &[true, false])?;
    /// assert_eq!(file.info("n")?, (h5sim::Dtype::Bool, vec![2]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (something else is there), `Format`, `Io`.
    pub fn info(&self, path: &str) -> Result<(Dtype, Vec<u64>)> {
        self.call(|file| file.info(path))
    }

    /// How a dataset is stored: its chunks, its filters, and the bytes that it takes.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-stored_as.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// let u = vec![0.0; 100_000];
    /// file.write_with("u", &u, &Write::new().chunks([50_000]).gzip(4))?;
    /// let stored = file.stored_as("u")?;
    /// assert_eq!((stored.chunks, stored.bytes), (Some(vec![50_000]), 800_000));
    /// assert!(stored.stored < 10_000);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub fn stored_as(&self, path: &str) -> Result<StoredAs> {
        self.call(|file| file.stored_as(path))
    }

    /// Creates a group, and those on the way to it.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-create_group.h5", std::process::id()));
    /// # use h5sim::{File, Kind, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.create_group("a/b")?;
    /// assert_eq!(file.kind("a/b")?, Kind::Group);
    /// assert_eq!(file.keys("/")?, ["a"]);
    /// file.delete("a/b")?;
    /// assert_eq!(file.kind("a/b")?, Kind::None);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Exists`, `Type` (a dataset is on the way), `ReadOnly`, `Io`.
    pub fn create_group(&self, path: &str) -> Result<()> {
        self.call(|file| file.create_group(path))
    }

    /// What is at a path, links followed.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-kind.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("g/x", &1)?;
    /// assert_eq!(file.kind("g")?, h5sim::Kind::Group);
    /// assert_eq!(file.kind("g/x")?, h5sim::Kind::Dataset);
    /// assert_eq!(file.kind("y")?, h5sim::Kind::None);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Format`, `Io`.
    pub fn kind(&self, path: &str) -> Result<Kind> {
        self.call(|file| file.kind(path))
    }

    /// The names in a group, in alphabetical order.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-keys.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("g/y", &1)?;
    /// file.write("g/x", &1)?;
    /// assert_eq!(file.keys("g")?, ["x", "y"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (no group), `Format`, `Io`.
    pub fn keys(&self, group: &str) -> Result<Vec<String>> {
        self.call(|file| file.keys(group))
    }

    /// Every object below a group: its path and what it is, with its attributes, each group before its members.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-tree.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use h5sim::Item;
    /// file.write("g/x", &[1.0, 2.0])?;
    /// let tree = file.tree("/")?;
    /// assert_eq!(tree[0].path, "g");
    /// assert!(matches!(&tree[1].item, Item::Dataset { shape, .. } if *shape == [2]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (no group), `Io`. An object that is damaged is an entry that says so.
    pub fn tree(&self, group: &str) -> Result<Vec<Entry>> {
        self.call(|file| file.tree(group))
    }

    /// Deletes a dataset, a group with all in it, or a link.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-delete.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("g/x", &1)?;
    /// file.delete("g")?;
    /// assert_eq!(file.kind("g/x")?, h5sim::Kind::None);
    /// assert_eq!(file.delete("g").unwrap_err().kind(), h5sim::Status::NotFound);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `ReadOnly`, `Io`.
    pub fn delete(&self, path: &str) -> Result<()> {
        self.call(|file| file.delete(path))
    }

    /// Moves an object or a link to another path; no data moves, and axes and the group for ParaView follow.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-move_to.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("g/x", &[1.0, 2.0])?;
    /// file.move_to("g", "archive/g")?;
    /// assert_eq!(file.info("archive/g/x")?.1, [2]);
    /// assert_eq!(file.move_to("g", "h").unwrap_err().kind(), h5sim::Status::NotFound);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Exists`, `Argument` (the root; a group into itself), `Type` (a dataset is on the way), `Unsupported` (one of the paths
    /// lies in another file), `ReadOnly`, `Io`.
    pub fn move_to(&self, from: &str, to: &str) -> Result<()> {
        self.call(|file| file.move_to(from, to))
    }

    /// Copies an object, with all that is in it, to another path.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-copy.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("state/u", &[1.0, 2.0])?;
    /// file.copy("state", "initial/state")?;
    /// file.write_slice("state/u", "0", &5.0)?;
    /// assert_eq!(file.read::<f64, ndarray::Ix1>("initial/state/u")?.to_vec(), [1.0, 2.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Exists`, `Argument` (the root as the copy's path), `Type` (a dataset is on the way), `Unsupported` (the copy's path lies in
    /// another file), `ReadOnly`, `Format` (what is copied is damaged), `Io`: nothing of the copy is there then.
    pub fn copy(&self, from: &str, to: &str) -> Result<()> {
        self.copy_with(from, self, to, &CopyOptions::new())
    }

    /// Copies an object, with all that is in it, to a path of a file open for writing, which may be this one.
    ///
    /// Its axes refer to the coordinates that were copied with it; or else to those that they had; or else, in another file, to those of the
    /// same names there, and have no names where one of these has another length.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-copy_with.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// # let other = path.with_extension("all.h5");
    /// use h5sim::CopyOptions;
    /// file.write("u", &[1.0, 2.0])?;
    /// let all = File::open(&other, Mode::Create)?;
    /// file.copy_with("/", &all, "runs/1", &CopyOptions::new())?;
    /// assert_eq!(all.info("runs/1/u")?.1, [2]);
    /// all.close()?;
    /// # std::fs::remove_file(&other).unwrap();
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`copy`](Self::copy).
    pub fn copy_with(
        &self,
        from: &str,
        target: &Self,
        to: &str,
        options: &CopyOptions,
    ) -> Result<()> {
        self.call(|file| file.copy_to(from, &target.handle, to, options))
    }

    /// Makes a link at a path: another name of an object, or a path at which there is one, in this file or another.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-link.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use h5sim::Link;
    /// file.write("steps/41", &[1.0, 2.0])?;
    /// file.link("latest", "steps/41", &Link::Soft)?;
    /// assert_eq!(file.info("latest")?.1, [2]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Exists`, `NotFound` (the target of a hard link), `Argument` (the root), `Type` (a dataset is on the way), `Unsupported` (the path, or
    /// the target of a hard link, lies in another file), `ReadOnly`, `Io`.
    pub fn link(&self, path: &str, target: &str, how: &Link) -> Result<()> {
        self.call(|file| file.link(path, target, how))
    }

    /// Gives a dataset other extents, within the largest that it may have; what it becomes longer by reads as its fill value.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-resize.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use h5sim::Write;
    /// file.write_with("u", &[1.0, 2.0], &Write::new().maxshape([None]))?;
    /// file.resize("u", &[3])?;
    /// assert_eq!(file.read::<f64, ndarray::Ix1>("u")?.to_vec(), [1.0, 2.0, 0.0]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (no dataset), `Shape` (another number of axes, or more than it can have), `Unsupported` (it lies in another
    /// file), `ReadOnly`, `Io`.
    pub fn resize(&self, path: &str, shape: &[u64]) -> Result<()> {
        self.call(|file| file.resize(path, shape))
    }

    /// Marks the run in the file as finished, and commits; the claim that [`produce`](crate::produce) gave ends.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-finish", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// use h5sim::{produce, File, Mode, Produce, RunState};
    /// let run = produce(&folder, "run_", &["a"], ".h5", &Produce::new())?;
    /// let file = File::open(&run.path, Mode::Create)?;
    /// file.write_json("meta", &["a"])?;
    /// file.finish()?;
    /// file.close()?;
    /// let run = produce(&folder, "run_", &["a"], ".h5", &Produce::new())?;
    /// assert_eq!(run.state, RunState::Finished);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn finish(&self) -> Result<()> {
        self.call(crate::catalog::finish)
    }
}

/// An operation that gets memory for as many ranks as there are said to be; a callback of C has more at the opening, in which that can be wrong.
struct Exact<A> {
    means: A,
    ranks: usize,
}

impl<A: Allgather> Allgather for Exact<A> {
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> Result<()> {
        let bytes = mine.len().saturating_mul(self.ranks).min(all.len());
        self.means.allgather(mine, &mut all[..bytes])
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // Nobody is left to be told of a failure, not even of a defect.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.handle.leave()));
    }
}

/// Memory for an array of as many axes as `D`, taken when its shape is known.
pub(super) struct Growing<T: Element, D> {
    raw: Vec<T::Raw>,
    shape: Vec<u64>,
    dimension: PhantomData<D>,
}

impl<T: Element, D> Default for Growing<T, D> {
    fn default() -> Self {
        Self {
            raw: Vec::new(),
            shape: Vec::new(),
            dimension: PhantomData,
        }
    }
}

impl<T: Element, D: Dimension> Room for Growing<T, D> {
    fn of_shape(&mut self, shape: &[u64]) -> Result<&mut [u8]> {
        if let Some(rank) = D::NDIM.filter(|&rank| rank != shape.len()) {
            return Err(Error::shape(format!(
                "the data have shape {}, expected {rank} axes",
                show_shape(shape)
            )));
        }
        self.raw = zeros(count(shape)?)?;
        self.shape = shape.to_vec();
        Ok(bytes_of_raw::<T>(&mut self.raw))
    }
}

impl<T: Element, D: Dimension> Growing<T, D> {
    /// The array that was read.
    pub(super) fn array(self) -> Result<ndarray::Array<T, D>> {
        let extents: Vec<usize> = self.shape.iter().map(|&extent| extent as usize).collect();
        let shaped = ndarray::Array::from_shape_vec(IxDyn(&extents), T::from_raw(self.raw));
        shaped
            .and_then(ndarray::Array::into_dimensionality)
            .map_err(|error| {
                Error::shape(format!(
                    "the data have shape {}: {error}",
                    show_shape(&self.shape)
                ))
            })
    }
}
