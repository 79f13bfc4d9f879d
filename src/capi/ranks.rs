//! One file of many ranks.

use super::constants::{h5sim_allgather, h5sim_file};
use super::convert;
use super::files::insert;
use super::guard::guard;
use super::options;
use crate::error::{Error, Result};
use crate::ranks::{Allgather, Asked, Ranks, LENT_FROM};
use crate::store::Mode;
use std::ffi::{c_char, c_void};

/// The caller's operation, and what goes with it.
struct Callback {
    function: unsafe extern "C" fn(*mut c_void, *const c_void, i64, *mut c_void) -> i32,
    context: *mut c_void,
}

// SAFETY: the context is only handed to the caller's function, on the thread that makes a call on the file; the header says that
// any thread may.
unsafe impl Send for Callback {}

impl Allgather for Callback {
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> Result<()> {
        let bytes = mine.len() as i64;
        let (mine, all) = (mine.as_ptr().cast(), all.as_mut_ptr().cast());
        // SAFETY: the caller vouches for its function; `mine` has as many bytes, and `all` room for those of all ranks.
        match unsafe { (self.function)(self.context, mine, bytes, all) } {
            0 => Ok(()),
            status => Err(Error::io(format!("allgather gave {status}"))),
        }
    }
}

/// Open or create one file that many ranks write and read together, each its own blocks of the arrays.
///
/// A rank is a process among those of a parallel program; the library needs no MPI, only one operation by which they talk. Each
/// rank writes a file of its own in the folder PATH-ranks, at the speed of one process, or, where there are more ranks than "parts", neighbours
/// share one, which the first of them writes for the others; PATH itself, the master, holds all else, and shows the arrays whole: h5sim reads it at any time, HDF5 from 1.10 on, h5py and others when it is closed. Master and
/// folder belong together, keep their names, and can be moved together; `h5sim join` makes one plain file of them. h5sim_mpi.h makes the operation of an MPI_Comm.
///
/// Every call on the file is made by all ranks, in the same order, with equal arguments but for what a block is: where it begins,
/// its extents, strides and data (h5sim_write_block, h5sim_append_block, h5sim_read_block). What is not a block is written by rank 0,
/// whose data count; what is read all ranks get. If ranks call different things, if one has something wrong, or if one fails, all get the same
/// error, which names the rank, and nothing is written: what they call is compared first, and how it went is told after it. Only
/// a handle that is not the file's, and a callback of NULL, cannot be told to the others. On a file opened "r" each rank calls for itself, and nothing is
/// said but by the opening.
///
/// A commit is one step of all ranks. After a kill of some or all of them, or a power cut ("durability": "power"), at any instant, the next
/// opening of the master finds the latest commit that returned on any rank, or the one that was under way, whole on all; and so does
/// the opening of one rank's file by itself. h5sim_close commits. There is no automatic commit. A program that exits without h5sim_close,
/// and h5sim_finalize, leave the file at its latest commit, since neither can wait for other ranks.
///
/// A run goes on (mode "r+" or "a") with any number of ranks: series grow, datasets are written anew by blocks, by slices and as a whole, and are
/// moved, copied and cut, as in a file of one process. Elements that another rank holds are sent to it through allgather, and those of a rank
/// that is not there any more are copied to one that is; so blocks that stay where they are are the fast way. A dataset in blocks keeps its
/// extents, but for the records of a series (h5sim_resize() of others is H5SIM_ERR_SHAPE), and has one name: a hard link to it is
/// H5SIM_ERR_UNSUPPORTED, and so is a copy of it to another file.
///
/// path       where the master is; the same text on all ranks.
/// mode       as h5sim_open() has it. "w" removes the files of the ranks of an earlier run.
/// options    NULL or a JSON object with what h5sim_open() knows but for "autocommit", and
///            "agree": false leaves out the comparison of calls before they are made, for programs that are known to be right: one
///            round of allgather fewer for what is not in blocks. How a call went is told all the same.
///            "parts": the most files that the ranks write, from 1 to 64, which is also what it is if it is not given. Of more ranks consecutive ones
///            share a file: their blocks go to its rank through allgather, so that it is for blocks that are not large, and for fewer
///            files. New arrays without chunks and large records without filters they write into it themselves where they run on one computer, whose own file system it is. The same on
///            all ranks of an opening, and free for each opening; a multiple of the number of nodes keeps those that share on one.
/// rank       the number of this process, from 0 on.
/// ranks      how many there are.
/// allgather  gives `bytes` bytes at `mine` to all ranks, and puts those of all, in the order of the ranks, to `all`, which has room for
///            ranks * bytes; returns 0 on success. It is called by all ranks with equal `bytes`, from within calls of this library on
///            this file only, on the thread that makes the call. It must not call this library on the same file, nor leave by longjmp or an exception.
///            Anything but 0 is H5SIM_ERR_IO on this rank, whose file then can only be closed, at the latest commit.
/// context    handed to it; must live until the file is closed. May be NULL.
/// file       output: the handle, to be closed with h5sim_close() on all ranks.
///
/// Status: as h5sim_open(), on all ranks what the first one met; H5SIM_ERR_ARGUMENT (also: rank and ranks do not fit each other);
/// H5SIM_ERR_UNSUPPORTED ("autocommit"); H5SIM_ERR_FORMAT (files of the run are missing or of another run); H5SIM_ERR_IO (allgather failed).
/// Threads: any, one call on the file at a time, in an order that is the same on all ranks. A forked process opens files of its own. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_open_ranks(
    path: *const c_char,
    mode: *const c_char,
    options: *const c_char,
    rank: i32,
    ranks: i32,
    allgather: h5sim_allgather,
    context: *mut c_void,
    file: *mut h5sim_file,
) -> i32 {
    guard(|| {
        let Some(function) = allgather else {
            return Err(Error::argument(
                "allgather is NULL, expected the function by which ranks talk",
            ));
        };
        let asked = || {
            // SAFETY: by the header, `path`, `mode` and `options` are each NULL or a text that ends with NUL.
            let (path, mode, options) = unsafe {
                (
                    convert::text(path, "path")?,
                    convert::text(mode, "mode")?,
                    convert::optional_text(options, "options")?,
                )
            };
            let (options, autocommits) = options::open_ranks(options)?;
            Ok(Asked {
                path: path.to_owned(),
                mode: Mode::parse(mode)?,
                options,
                autocommits,
                lent_from: LENT_FROM,
            })
        };
        // SAFETY: `file` is NULL or a place that can be written.
        let output = unsafe { convert::output(file, "file") };
        let missing = output.as_ref().map(drop).map_err(Clone::clone);
        let asked = missing.and_then(|()| asked());
        let means = Box::new(Callback { function, context });
        let opened = Ranks::open(asked, rank, ranks, means)?;
        output?.set(insert(opened));
        Ok(())
    })
}
