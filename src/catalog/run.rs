//! The runs of a sweep: who produces which, and which are done.
//!
//! A run's file is named by the hash of its parameters, so that the same parameters always lead to the same
//! file. Who is to produce it claims it: he holds the lock of a hidden file beside it,
//! `.NAME.claim`, which ends when he marks the run as finished, gives it back, or ends himself by
//! whatever way. The lock is of the process (`fcntl`), for which network file systems have one
//! too; among the threads of a process a table of its claims decides.

#![forbid(unsafe_code)]

use super::metadata::{self, FileContent};
use super::FINISHED;
use crate::error::{Error, Result, Status};
use crate::file::OpenFile;
use crate::journal::{self, process_lock, Finding};
use crate::json::{self, Value};
use crate::ranks;
use crate::store::Dtype;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How far a run has come.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-state", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// use h5sim::{produce, Produce, RunState};
/// let run = produce(&folder, "run_", &["a"], ".h5", &Produce::new())?;
/// assert_eq!(run.state, RunState::Absent);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum RunState {
    /// Nothing is there, and the caller is to produce it.
    Absent = 0,
    /// It was begun and is not finished.
    Unfinished = 1,
    /// It is marked as finished.
    Finished = 2,
}

/// Where a run lives, and how far it has come.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-run", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// use h5sim::{produce, Produce, RunState};
/// let run = produce(&folder, "run_", &["a"], ".h5", &Produce::new())?;
/// assert!(run.path.starts_with(&folder) && run.state == RunState::Absent);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The path of its file.
    pub path: PathBuf,
    /// How far it has come.
    pub state: RunState,
}

/// How a run is asked for.
///
/// ```
/// use h5sim::Produce;
/// use std::time::Duration;
/// let patient = Produce::new().wait(Duration::from_secs(3600));
/// assert_ne!(patient, Produce::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Produce {
    meta: String,
    wait: Duration,
}

impl Default for Produce {
    fn default() -> Self {
        Self::new()
    }
}

impl Produce {
    /// The defaults: the metadata are at `meta`, and nobody is waited for.
    ///
    /// ```
    /// assert_eq!(h5sim::Produce::new(), h5sim::Produce::default());
    /// ```
    pub fn new() -> Self {
        Self {
            meta: super::META.to_owned(),
            wait: Duration::ZERO,
        }
    }

    /// Expects the metadata at another path in the file.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-produce_meta", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// use h5sim::{produce, Produce, RunState};
    /// use h5sim::{File, Mode};
    /// let options = Produce::new().meta("parameters");
    /// let run = produce(&folder, "run_", &["a"], ".h5", &options)?;
    /// let file = File::open(&run.path, Mode::Create)?;
    /// file.write_json("parameters", &["a"])?;
    /// file.close()?;
    /// assert_eq!(produce(&folder, "run_", &["a"], ".h5", &options)?.state, RunState::Unfinished);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn meta(mut self, path: &str) -> Self {
        path.clone_into(&mut self.meta);
        self
    }

    /// Waits so long for another process that produces the run to finish or to end.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-produce_wait", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// use h5sim::{produce, Produce, RunState};
    /// let options = Produce::new().wait(std::time::Duration::from_secs(60));
    /// // Nobody produces it, so that nobody is waited for.
    /// assert_eq!(produce(&folder, "run_", &["a"], ".h5", &options)?.state, RunState::Absent);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn wait(mut self, most: Duration) -> Self {
        self.wait = most;
        self
    }
}

/// How often one looks at a run that another process produces.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Finds the run with these parameters, and claims it unless it is finished or another has it.
///
/// # Errors
/// `Json`, `Argument` for parameters that give no name; `NotFound` for a directory that is not there;
/// `Exists` where the file holds other metadata; `Format` where it is not HDF5; `ReadOnly`, `Io`.
pub fn produce(
    directory: &Path,
    prefix: &str,
    json: &str,
    digits: i32,
    suffix: &str,
    options: &Produce,
) -> Result<Run> {
    let name = crate::hash::hash_name(prefix, json, digits, suffix)?;
    produce_named(directory, &name, json, options)
}

/// As [`produce`], where the name was made of the parameters already.
///
/// They are the JSON that the file is to hold, in which keys are texts, whatever they were for the name.
pub fn produce_named(directory: &Path, name: &str, json: &str, options: &Produce) -> Result<Run> {
    let parameters = &json::parse(json)?;
    if name.contains('/') {
        return Err(Error::argument(format!(
            "the name '{name}' has a '/' in it, expected the directory before and no part of it in prefix and suffix"
        )));
    }
    let real = std::fs::canonicalize(directory).map_err(|error| {
        let text = format!("the directory '{}': {error}", directory.display());
        match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(text),
            _ => Error::io(text),
        }
    })?;
    let path = directory.join(name);
    let run = |state| {
        Ok(Run {
            path: path.clone(),
            state,
        })
    };
    let begin = Instant::now();
    let mut pause = SHORTEST_PAUSE;
    loop {
        if look(&path, parameters, &options.meta, false)? == Some(RunState::Finished) {
            return run(RunState::Finished);
        }
        match ClaimedRun::take(&real, name)? {
            Taken::Ours(claim) => {
                // It may have been finished just before its producer gave it back.
                let state = look(&path, parameters, &options.meta, true)?;
                let state = state.unwrap_or(RunState::Absent);
                if state != RunState::Finished {
                    claim.keep();
                }
                return run(state);
            }
            Taken::Impossible(error) => {
                return match look(&path, parameters, &options.meta, true)? {
                    None | Some(RunState::Absent) => Err(error),
                    Some(state) => run(state),
                }
            }
            Taken::Anothers => {}
        }
        let waited = begin.elapsed();
        if waited >= options.wait {
            return run(RunState::Unfinished);
        }
        std::thread::sleep(pause.min(options.wait - waited));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Marks a run as finished, with the commit that makes all that was written durable.
///
/// # Errors
/// As a commit's; then the run is not marked.
pub fn finish(file: &ranks::File) -> Result<()> {
    let file = match file {
        ranks::File::Alone(file) => file,
        ranks::File::Ranks(run) => {
            file.change("h5sim_finish", "", &(), super::mark_finished)?;
            file.commit()?;
            release(Path::new(run.name()));
            return Ok(());
        }
        #[cfg(feature = "mpi")]
        ranks::File::Shared(shared) => return shared.refuse("h5sim_finish"),
    };
    super::mark_finished(file)?;
    if let Err(error) = file.commit() {
        // The next commit must not mark what the caller takes for unfinished.
        let _ = file.delete_attribute("/", FINISHED);
        return Err(error);
    }
    release(Path::new(file.name()));
    Ok(())
}

/// Gives a run back that is not finished, so that another process can go on with it.
///
/// Says whether this process had claimed it.
pub fn release(path: &Path) -> bool {
    let Some(place) = claim_of(path) else {
        return false;
    };
    let claim = claims().files.remove(&place);
    claim.is_some_and(|file| {
        // As long as the lock is held, nobody else can take this file for a claim of his.
        let _ = std::fs::remove_file(&place);
        drop(file);
        true
    })
}

/// Whether this process is the one that is to produce a run.
pub fn is_claimed_here(path: &Path) -> bool {
    claim_of(path).is_some_and(|place| claims().files.contains_key(&place))
}

/// How far the run in a file has come; None where there is no file yet.
///
/// What cannot be read counts as unfinished unless the caller is `alone`: the producer may be at it.
fn look(path: &Path, parameters: &Value, meta: &str, alone: bool) -> Result<Option<RunState>> {
    let content = match metadata::read(path, meta) {
        Ok(content) => content,
        Err(error) if error.status == Status::NotFound => return Ok(None),
        Err(error) if error.status == Status::Locked || !alone => {
            return Ok(Some(RunState::Unfinished))
        }
        Err(error) => return Err(error),
    };
    match content {
        FileContent::Run { text, finished, .. } => {
            compare(path, &json::parse(&text)?, parameters)?;
            Ok(Some(match finished {
                true => RunState::Finished,
                false => RunState::Unfinished,
            }))
        }
        _ if !alone => Ok(Some(RunState::Unfinished)),
        // A producer that was killed before its first commit leaves nothing of use.
        _ => match journal::check(path)?.finding {
            Finding::NothingCommitted => Ok(Some(RunState::Absent)),
            Finding::NotHdf5 => Err(Error::format(format!(
                "'{}' should be the run's file, and is not an HDF5 file",
                path.display()
            ))),
            _ => Ok(Some(RunState::Unfinished)),
        },
    }
}

/// Fails, showing the difference, unless a file's metadata are these parameters.
fn compare(path: &Path, found: &Value, parameters: &Value) -> Result<()> {
    if json::canonical(found) == json::canonical(parameters) {
        return Ok(());
    }
    Err(Error::exists(format!(
        "'{}' holds other metadata than these parameters: {}",
        path.display(),
        super::difference::first_differences(parameters, found, "asked for", "there")
    )))
}

/// The claims of a process: the files whose locks it holds.
struct Claims {
    /// Whose they are: a forked process has none of its own yet.
    process: u32,
    files: BTreeMap<PathBuf, Option<File>>,
}

static CLAIMS: Mutex<Claims> = Mutex::new(Claims {
    process: 0,
    files: BTreeMap::new(),
});

fn claims() -> MutexGuard<'static, Claims> {
    // The table is whole whenever it is free, whoever panicked.
    let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if claims.process != process {
        // To close the parent's files here does not end the parent's locks.
        claims.files.clear();
        claims.process = process;
    }
    claims
}

/// Where the claim of a run's file lies.
fn claim_of(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().filter(|parent| parent != &Path::new(""));
    let directory = std::fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()?;
    Some(directory.join(claim_name(path.file_name()?.to_str()?)))
}

fn claim_name(name: &str) -> String {
    format!(".{name}.claim")
}

/// A run that this process has claimed; given back when dropped.
struct ClaimedRun {
    place: PathBuf,
    kept: bool,
}

/// What came of an attempt to claim a run.
enum Taken {
    /// It is this call's.
    Ours(ClaimedRun),
    /// Another process's, or another thread's of this one.
    Anothers,
    /// Nothing can be claimed in this directory.
    Impossible(Error),
}

impl ClaimedRun {
    /// Claims the run with a name in a directory.
    fn take(directory: &Path, name: &str) -> Result<Taken> {
        let place = directory.join(claim_name(name));
        {
            // Opening the file here would end the lock that this process has on it.
            let mut claims = claims();
            if claims.files.contains_key(&place) {
                return Ok(Taken::Anothers);
            }
            claims.files.insert(place.clone(), None);
        }
        // From here on no other thread looks at the place.
        let claim = ClaimedRun { place, kept: false };
        loop {
            let mut options = OpenOptions::new();
            let opened = options.read(true).write(true).create(true).truncate(false);
            let mut file = match opened.open(&claim.place) {
                Ok(file) => file,
                Err(error) => return Ok(Taken::Impossible(claim.refused(&error))),
            };
            match process_lock::take(&file) {
                Ok(true) => {}
                Ok(false) => {
                    claim.forget();
                    return Ok(Taken::Anothers);
                }
                Err(error) => return Ok(Taken::Impossible(claim.refused(&error))),
            }
            // The one before may have removed the file between its opening and its locking here.
            let still_there = match (file.metadata(), std::fs::metadata(&claim.place)) {
                (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
                _ => false,
            };
            if !still_there {
                continue;
            }
            // For people: nothing depends on it.
            let _ = file.set_len(0);
            let _ = writeln!(file, "claimed by process {}", std::process::id());
            claims().files.insert(claim.place.clone(), Some(file));
            return Ok(Taken::Ours(claim));
        }
    }

    fn refused(&self, error: &std::io::Error) -> Error {
        let text = format!(
            "no run can be claimed: '{}' cannot be made: {error}",
            self.place.display()
        );
        match error.raw_os_error() {
            Some(libc::EROFS | libc::EACCES | libc::EPERM) => Error::read_only(text),
            _ => Error::io(text),
        }
    }

    /// Forgets a claim that was not got; the other's file stays.
    fn forget(mut self) {
        claims().files.remove(&self.place);
        self.kept = true;
    }

    /// Keeps the claim until it is released, or the process ends.
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for ClaimedRun {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let mut claims = claims();
        if claims.files.get(&self.place).is_some_and(Option::is_some) {
            // Before the lock ends: later it might be another's file.
            let _ = std::fs::remove_file(&self.place);
        }
        claims.files.remove(&self.place);
    }
}

/// Marks the run in a file as finished; the next commit makes it so.
pub(super) fn mark(file: &OpenFile) -> Result<()> {
    file.set_attribute("/", FINISHED, Dtype::I8, &[], &[1])
}
