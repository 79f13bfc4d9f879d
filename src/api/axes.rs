//! Names of axes, going back along one, and what ParaView reads.

use super::file::File;
use crate::error::Result;
use crate::store::Vtkhdf;

impl File {
    /// Names the axes of a dataset, so that xarray, netCDF and h5py show them; [`Write::dims`](crate::Write::dims) does the same
    /// for a new one.
    ///
    /// A dataset of one axis that has the name and lies in the same group or one above it is the axis' coordinate; it may be
    /// written later. A name for which there is none at the next commit becomes a dimension without coordinate.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-set_dims.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("u", &ndarray::arr2(&[[1.0, 2.0, 3.0]]))?;
    /// file.set_dims("u", ["y", "x"])?;
    /// file.write("x", &[0.0, 0.5, 1.0])?;
    /// assert_eq!(file.dims("u")?, [Some("y".to_owned()), Some("x".to_owned())]);
    /// file.forget_dims("u")?;
    /// assert_eq!(file.dims("u")?, [None, None]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Shape` (a coordinate of another length, not as many names as axes), `Type` (something else has the name),
    /// `Argument` (a name with `/`), `ReadOnly`, `Io`. Nothing is written then.
    pub fn set_dims<Name: Into<Box<str>>>(
        &self,
        path: &str,
        names: impl IntoIterator<Item = Name>,
    ) -> Result<()> {
        let names = names.into_iter().map(Into::into).collect();
        self.call(|file| file.set_dims(path, Some(&names)))
    }

    /// Takes the names from the axes of a dataset; see [`set_dims`](Self::set_dims).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-forget_dims.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// let u = ndarray::Array2::<f64>::zeros((4, 3));
    /// file.write("u", &u)?;
    /// file.set_dims("u", ["y", "x"])?;
    /// file.forget_dims("u")?;
    /// assert_eq!(file.dims("u")?, [None, None]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `ReadOnly`, `Io`.
    pub fn forget_dims(&self, path: &str) -> Result<()> {
        self.call(|file| file.set_dims(path, None))
    }

    /// The names of a dataset's axes, whichever program gave them; None for an axis without one. See
    /// [`set_dims`](Self::set_dims).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-dims_of.h5", std::process::id()));
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
    ///
    /// # Errors
    /// `NotFound`, `Type` (no dataset), `Format`.
    pub fn dims(&self, path: &str) -> Result<Vec<Option<String>>> {
        self.call(|file| file.dims(path))
    }

    /// Cuts a series to its first records.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-truncate.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// let along_time = Write::new().dims(["time"]);
    /// for step in 0..10 {
    ///     file.append_with("time", &(f64::from(step) * 0.5), &along_time)?;
    ///     file.append_with("energy", &step, &along_time)?;
    /// }
    /// file.rewind("time", 2.0)?;
    /// assert_eq!(file.info("energy")?.1, [5]);
    /// file.truncate("energy", 3)?;
    /// assert_eq!(file.info("energy")?.1, [3]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Shape` (it has fewer records, or is in one piece), `ReadOnly`, `Io`.
    pub fn truncate(&self, path: &str, records: u64) -> Result<()> {
        self.call(|file| file.truncate(path, records))
    }

    /// Goes back along an axis: cuts every series of it to the records up to a value, and commits. After a kill all of them
    /// are cut, or none. See [`truncate`](Self::truncate).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-rewind.h5", std::process::id()));
    /// # use h5sim::{File, Mode, Write};
    /// # let file = File::open(&path, Mode::Create)?;
    /// for step in 0..4 {
    ///     file.append_with("time", &f64::from(step), &Write::new().dims(["time"]))?;
    ///     file.append_with("u", &step, &Write::new().dims(["time"]))?;
    /// }
    /// file.rewind("time", 1.5)?;
    /// assert_eq!(file.read::<i32, ndarray::Ix1>("u")?.to_vec(), [0, 1]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (no coordinate, or one without values), `Shape` (a dataset has the axis that cannot be cut),
    /// `Argument` (the value is NaN): nothing is cut then. `ReadOnly`, `Io`.
    pub fn rewind(&self, axis: &str, value: f64) -> Result<()> {
        self.call(|file| file.rewind(axis, value))
    }

    /// Adds what ParaView and VTK need to open the file: a group with links to datasets that are there, whose steps grow with
    /// the series.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-vtkhdf.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// use h5sim::Vtkhdf;
    /// file.write("u", &ndarray::Array3::<f64>::zeros((3, 4, 5)))?;
    /// file.vtkhdf(&Vtkhdf {
    ///     point_data: vec!["u".to_owned()],
    ///     spacing: Some(vec![0.1, 0.1, 0.2]),
    ///     ..Vtkhdf::default()
    /// })?;
    /// assert_eq!(file.keys("VTKHDF")?, ["CellData", "PointData"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Shape` (arrays that do not fit together), `Type` (what VTK cannot read), `Exists`, `Argument`: nothing is
    /// written then. `ReadOnly`, `Io`.
    pub fn vtkhdf(&self, wanted: &Vtkhdf) -> Result<()> {
        self.call(|file| file.vtkhdf(wanted))
    }
}
