//! Directories of runs: producing each once, and finding them.

use super::metadata::{from_json, hash_name};
use crate::catalog::{self, Find, Findings, Produce, Query, Run};
use crate::error::Result;
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::path::Path;

/// Finds the file of the run with these parameters, and claims the run unless it is finished.
///
/// Of many processes that ask at once one gets the claim (see [`is_claimed`]), and is to produce the run, or to go on with it. A claim
/// ends with [`File::finish`](crate::File::finish), [`release`], or with the process.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-produce", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// use h5sim::{produce, File, Find, Mode, Produce, RunState};
/// let parameters = std::collections::BTreeMap::from([("k0", 1.2)]);
/// let run = produce(&folder, "heat_", &parameters, ".h5", &Produce::new())?;
/// if run.state != RunState::Finished && h5sim::is_claimed(&run.path) {
///     let file = File::open(&run.path, Mode::Create)?;
///     file.write_json("meta", &parameters)?;
///     file.finish()?;
///     file.close()?;
/// }
/// let found = h5sim::find(&folder, "k0 < 2", &Find::new())?;
/// assert_eq!(found.runs.len(), 1);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `Json`, `Argument` for parameters that give no name; `NotFound` (the directory); `Exists` where the file holds other metadata; `Format`,
/// `ReadOnly`, `Io`.
pub fn produce<T: Serialize + ?Sized>(
    directory: impl AsRef<Path>,
    prefix: &str,
    parameters: &T,
    suffix: &str,
    options: &Produce,
) -> Result<Run> {
    let name = hash_name(prefix, parameters, suffix)?;
    let json = crate::json::dumps_of(parameters)?;
    catalog::produce_named(directory.as_ref(), &name, &json, options)
}

/// Whether this process has claimed a run by [`produce`], and is to produce it.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-is_claimed", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// use h5sim::{is_claimed, produce, release, Produce};
/// let run = produce(&folder, "run_", &["a"], ".h5", &Produce::new())?;
/// // Nobody else had it.
/// assert!(is_claimed(&run.path));
/// release(&run.path);
/// assert!(!is_claimed(&run.path));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
pub fn is_claimed(path: impl AsRef<Path>) -> bool {
    catalog::is_claimed_here(path.as_ref())
}

/// Gives a run back that was claimed by [`produce`] and is not finished, so that another process can go on with it.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-release", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// use h5sim::{is_claimed, produce, release, Produce};
/// let run = produce(&folder, "run_", &["b"], ".h5", &Produce::new())?;
/// release(&run.path);
/// assert!(!is_claimed(&run.path));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
pub fn release(path: impl AsRef<Path>) {
    catalog::release(path.as_ref());
}

/// Finds the runs in a directory whose metadata match a query: an expression, `model.k0 < 2 and run.status == "finished"`, or a JSON object;
/// the empty query finds all. See [`produce`].
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # use h5sim::{File, Find, Mode};
/// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
/// #     let file = File::open(folder.join(name), Mode::Create)?;
/// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
/// #     file.close()?;
/// # }
/// let found = h5sim::find(&folder, "k0 < 2 and run.status == \"unfinished\"", &Find::new())?;
/// assert_eq!(found.runs.len(), 2);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `Argument` for a query that makes no sense; `NotFound` (the directory).
pub fn find(directory: impl AsRef<Path>, query: &str, options: &Find) -> Result<Findings> {
    catalog::find(directory.as_ref(), &Query::parse(query)?, options)
}

impl catalog::Match {
    /// The run's metadata as a type of Rust's.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-metadata_as", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// let found = h5sim::find(&folder, "k0 > 2", &Find::new())?;
    /// #[derive(serde::Deserialize)]
    /// struct Parameters {
    ///     k0: f64,
    /// }
    /// assert_eq!(found.runs[0].metadata_as::<Parameters>()?.k0, 2.5);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Json` where they do not fit the type.
    pub fn metadata_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&crate::json::dumps(&self.metadata))
    }
}
