//! Names of axes, and going back along one.

use super::constants::h5sim_file;
use super::convert;
use super::describing::parse_names;
use super::files::{on_dataset, on_object, with_file};
use super::guard::guard;
use super::options;
use crate::error::Error;
use crate::json;
use std::ffi::c_char;

/// Name the axes of a dataset, so that xarray, netCDF and h5py show them.
///
/// The option "dims" of h5sim_write(), h5sim_create() and h5sim_append() does the same for a new dataset. The names are dimension scales, as
/// netCDF and h5py write them. A dataset of one axis that has the name and lies in the same group or one above it is the axis' coordinate,
/// the nearest one if there are several; it may be written later. A name for which there is none at the next h5sim_commit() or h5sim_close() becomes a
/// dimension without coordinate, a dataset that holds no values, in whose place a coordinate can still be written. Axes that grow go with coordinates
/// that grow: append both before a commit. A dataset whose only axis has its own name is a coordinate itself.
///
/// file        a file open for writing.
/// path        the dataset's path.
/// json_array  the names of all its axes, in C order: ["time", "z", "y", "x"]; Fortran and Julia modules take them in their own.
///             null takes the names away.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (a coordinate of another length, not as many names as axes); H5SIM_ERR_TYPE (something else has the
/// name); H5SIM_ERR_ARGUMENT (no such array, some axes without name, or a name with '/': a coordinate in another group is found by no reader);
/// H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. Nothing is written then. A coordinate that no longer fits when a commit comes is told of by that commit, which
/// keeps all else. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_set_dims(
    file: h5sim_file,
    path: *const c_char,
    json_array: *const c_char,
) -> i32 {
    // SAFETY: by the header, `path` and `json_array` are each NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || parse_names(convert::text(json_array, "json_array")?),
            |file, path, names| file.set_dims(path, names.as_ref()),
        )
    }
}

/// Get the names of a dataset's axes, whichever program gave them.
///
/// file        an open file.
/// path        the dataset's path.
/// json_array  output: the names as a JSON array in C order, null for an axis without one; the whole path from '/' on of one that
///             lies in another group. Free it with h5sim_free().
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no dataset); H5SIM_ERR_FORMAT. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_dims(
    file: h5sim_file,
    path: *const c_char,
    json_array: *mut *mut c_char,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL; `json_array` is NULL or a place that can be written.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::output(json_array, "json_array"),
            |file, path, output| output.hand_out(&json::dumps_of(&file.dims(path)?)?),
        )
    }
}

/// Cut a series to its first records.
///
/// What is cut is gone with the next commit; until then a kill leaves all of it.
///
/// file     a file open for writing.
/// path     a dataset that grows along its first axis, or another one in chunks.
/// records  how many records stay, 0 to as many as there are.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (it has fewer records, or is in one piece); H5SIM_ERR_ARGUMENT (records is negative);
/// H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_truncate(
    file: h5sim_file,
    path: *const c_char,
    records: i64,
) -> i32 {
    // SAFETY: by the header, `path` is NULL or a text that ends with NUL.
    unsafe {
        on_dataset(
            file,
            path,
            || convert::count(records, "records"),
            |file, path, records| file.truncate(path, records),
        )
    }
}

/// Go back along an axis: cut every series of it to the records up to a value, for a job that starts again from a checkpoint.
///
/// The series are all datasets whose first axis is named by the coordinate, see h5sim_set_dims(), and the coordinate itself. They keep the records
/// before the first one whose coordinate is greater than the value; those that have fewer stay as they are. All is committed, together with what
/// was written before: after a kill all of them are cut, or none.
///
/// file   a file open for writing.
/// axis   the path of the coordinate, such as "time".
/// value  the last value that stays.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no coordinate, or one without values); H5SIM_ERR_SHAPE (more than one axis, or a dataset has it that cannot be cut);
/// H5SIM_ERR_ARGUMENT (value is NaN): nothing is cut then. H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO (call it again). Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_rewind(file: h5sim_file, axis: *const c_char, value: f64) -> i32 {
    // SAFETY: by the header, `axis` is NULL or a text that ends with NUL.
    unsafe {
        on_object(
            file,
            axis,
            "axis",
            || Ok(()),
            |file, axis, ()| file.rewind(axis, value),
        )
    }
}

/// Add to a file what ParaView and VTK need to open it: the group VTKHDF, with links to datasets that are there.
///
/// No byte of data is stored twice. With "time" the steps grow with the series, as a part of each h5sim_commit(), also of later runs; as many are
/// shown as all series and the time have. ParaView 5.12 (VTK 9.3) and newer read it, rectilinear grids from VTK 9.7 on.
///
/// file     a file open for writing.
/// options  a JSON object with:
///          "type": "ImageData" (points at equal distances, the default), "RectilinearGrid", "PolyData" (particles) or "UnstructuredGrid";
///          "point_data": paths of arrays with values at points, "cell_data": in cells; each is known by the last name of its path;
///          "time": the path of the times, for arrays of steps;
///          "overwrite": true: a group that is there is replaced.
///          For grids the arrays have shape (z, y, x) or (y, x) in C order, x fastest, vectors one axis of 3 more at the end, and with "time" one more
///          at the beginning: C's u[z][y][x], Fortran's u(nx,ny,nz) and Julia's u[x,y,z] as they are. Arrays in cells have one less along each axis.
///          "origin", "spacing": [x, y, z] of an image, default 0 and 1; two numbers say that it is a plane.
///          "x", "y", "z": the paths of the coordinates of a rectilinear grid.
///          For points and particles, those of all steps are one after the other along the first axis, as h5sim_append() with "records" makes them:
///          "points": the path of the places, (points, 3); the arrays are (points) or (points, 3).
///          "counts": how many points a step has, a number or the path of a series of integers; needed for particles with "time".
///          "connectivity", "offsets", "types" of an unstructured grid: the points of all cells, where each cell begins and the last one ends, and
///          VTK's numbers of the types as u1; they stay for all steps. Arrays that do not grow, and points, may stay too.
///
/// Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (arrays that do not fit together); H5SIM_ERR_TYPE (bool, complex and texts, for which VTK gives up the
/// whole file); H5SIM_ERR_EXISTS; H5SIM_ERR_ARGUMENT (options): nothing is written then. H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. Threads: any. Ranks: alike. Since: 0.1.0.
#[no_mangle]
pub unsafe extern "C" fn h5sim_vtkhdf(file: h5sim_file, options: *const c_char) -> i32 {
    guard(|| {
        with_file(file, |file| {
            let named = |error: Error| error.within(file.name());
            // SAFETY: by the header, `options` is NULL or a text that ends with NUL.
            let text = unsafe { convert::text(options, "options") }.map_err(named)?;
            file.vtkhdf(&options::vtkhdf(text).map_err(named)?)
        })
    })
}
