//! A directory of runs as a database: files named by the hash of their metadata, produced once,
//! and found by what is in their metadata.

#![forbid(unsafe_code)]

mod cache;
pub mod difference;
mod expression;
mod matching;
mod metadata;
mod plain;
mod query;
mod run;
mod scan;
mod tape;

pub use cache::NAME as CACHE_NAME;
pub use metadata::FileContent;
pub use query::{descend, names, Lookup, Query};
pub use run::{finish, is_claimed_here, produce, produce_named, release, Produce, Run, RunState};
pub use scan::Progress;

use crate::error::Result;
use crate::file::OpenFile;
use crate::json::{self, Integer, Object, Value};
use crate::store::check_threads;
use cache::{CachedContent, CachedRun};
use scan::FoundFile;
use std::cmp::Ordering;
use std::path::Path;
use std::sync::Arc;

/// The attribute of the root that marks a run as finished.
pub const FINISHED: &str = "h5sim_finished";

/// Where the metadata are if nothing is said.
const META: &str = "meta";

/// The name under which queries find what is known of a run besides its metadata.
const RUN: &str = "run";

/// What is looked for besides the query, and how.
///
/// ```
/// let first = h5sim::Find::new().sort("k0").limit(10);
/// assert!(format!("{first:?}").contains("k0"));
/// ```
#[derive(Clone, Debug)]
pub struct Find {
    /// The keys by which the runs are sorted, and whether each counts backwards.
    sort: Vec<(Vec<String>, bool)>,
    /// How many runs at most.
    limit: usize,
    /// The keys that are wanted of the metadata; all of them if there are none.
    project: Vec<Vec<String>>,
    /// Whether the files that hold no metadata are told of too.
    others: bool,
    /// How the directory is looked through.
    scan: scan::ScanOptions,
}

impl Default for Find {
    fn default() -> Self {
        Self::new()
    }
}

impl Find {
    /// The defaults: all runs in a directory and those in it, by their paths.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_new", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// let found = h5sim::find(&folder, "", &Find::new())?;
    /// let paths: Vec<&str> = found.runs.iter().map(|run| run.path.as_str()).collect();
    /// assert_eq!(paths, ["a.h5", "b.h5", "c.h5"]);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn new() -> Self {
        Self {
            sort: Vec::new(),
            limit: usize::MAX,
            project: Vec::new(),
            others: false,
            scan: scan::ScanOptions {
                meta: META.to_owned(),
                recursive: true,
                cache: true,
                threads: 0,
                progress: None,
            },
        }
    }

    /// Sorts the runs by the values of a key, and those that are equal by further keys; "-" before a key is descending.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_sort", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// let found = h5sim::find(&folder, "", &Find::new().sort("-k0"))?;
    /// let paths: Vec<&str> = found.runs.iter().map(|run| run.path.as_str()).collect();
    /// assert_eq!(paths, ["c.h5", "a.h5", "b.h5"]);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sort(mut self, key: &str) -> Self {
        self.sort.push(match key.strip_prefix('-') {
            Some(key) => (names(key), true),
            None => (names(key), false),
        });
        self
    }

    /// Gives so many runs at most.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_limit", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// let found = h5sim::find(&folder, "", &Find::new().sort("k0").limit(1))?;
    /// assert_eq!(found.runs[0].path, "b.h5");
    /// assert_eq!(found.runs.len(), 1);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Gives only this key of the metadata, and those named by other calls.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_project", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// let found = h5sim::find(&folder, "k0 == 1", &Find::new().project("k0"))?;
    /// type Wanted = std::collections::BTreeMap<String, f64>;
    /// assert_eq!(found.runs[0].metadata_as::<Wanted>()?["k0"], 1.0);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn project(mut self, key: &str) -> Self {
        self.project.push(names(key));
        self
    }

    /// Tells of the files too that hold no metadata.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_others", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// std::fs::write(folder.join("d.h5"), "no HDF5").unwrap();
    /// let found = h5sim::find(&folder, "", &Find::new().others(true))?;
    /// assert_eq!((found.runs.len(), found.others[0].path.as_str()), (3, "d.h5"));
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn others(mut self, others: bool) -> Self {
        self.others = others;
        self
    }

    /// Looks into directories in the directory too, as it does by default.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_recursive", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// std::fs::create_dir(folder.join("old")).unwrap();
    /// std::fs::rename(folder.join("a.h5"), folder.join("old/a.h5")).unwrap();
    /// assert_eq!(h5sim::find(&folder, "", &Find::new())?.runs.len(), 3);
    /// assert_eq!(h5sim::find(&folder, "", &Find::new().recursive(false))?.runs.len(), 2);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.scan.recursive = recursive;
        self
    }

    /// Uses and writes the cache in the directory, as it does by default.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_cache", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// h5sim::find(&folder, "", &Find::new().cache(false))?;
    /// assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn cache(mut self, cache: bool) -> Self {
        self.scan.cache = cache;
        self
    }

    /// Looks for the metadata at another path in the files than `meta`.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_meta", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// let file = File::open(folder.join("a.h5"), Mode::ReadWrite)?;
    /// file.write_text("parameters", "{\"k0\": 7}")?;
    /// file.close()?;
    /// let found = h5sim::find(&folder, "k0 == 7", &Find::new().meta("parameters"))?;
    /// assert_eq!(found.runs.len(), 1);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn meta(mut self, path: &str) -> Self {
        path.clone_into(&mut self.scan.meta);
        self
    }

    /// Lets so many threads look; 0, the default, is as many as the process may use processors.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("h5sim-{}-find_threads", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # use h5sim::{File, Find, Mode};
    /// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
    /// #     let file = File::open(folder.join(name), Mode::Create)?;
    /// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
    /// #     file.close()?;
    /// # }
    /// assert_eq!(h5sim::find(&folder, "", &Find::new().threads(1))?.runs.len(), 3);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.scan.threads = threads;
        self
    }

    /// What tells another thread how far the search is.
    #[doc(hidden)]
    pub fn watch(&mut self) -> Arc<Progress> {
        self.scan.progress.get_or_insert_default().clone()
    }
}

/// A run that was found.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-match", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # use h5sim::{File, Find, Mode};
/// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
/// #     let file = File::open(folder.join(name), Mode::Create)?;
/// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
/// #     file.close()?;
/// # }
/// let found = h5sim::find(&folder, "k0 == 1.5", &Find::new())?;
/// assert_eq!((found.runs[0].path.as_str(), found.runs[0].finished), ("a.h5", false));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The file's path from the directory on.
    pub path: String,
    /// Whether the run is marked as finished.
    pub finished: bool,
    /// Its metadata, or what was wanted of them.
    pub metadata: Value,
}

/// A file that holds no metadata.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-other", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # use h5sim::{File, Find, Mode};
/// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
/// #     let file = File::open(folder.join(name), Mode::Create)?;
/// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
/// #     file.close()?;
/// # }
/// std::fs::write(folder.join("d.h5"), "no HDF5").unwrap();
/// let found = h5sim::find(&folder, "", &Find::new().others(true))?;
/// assert!(!found.others[0].reason.is_empty());
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The file's path from the directory on.
    pub path: String,
    /// Why it is no run.
    pub reason: String,
}

/// What was found in a directory.
///
/// ```
/// # fn main() -> h5sim::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("h5sim-{}-findings", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # use h5sim::{File, Find, Mode};
/// # for (name, k0) in [("a.h5", 1.5), ("b.h5", 1.0), ("c.h5", 2.5)] {
/// #     let file = File::open(folder.join(name), Mode::Create)?;
/// #     file.write_json("meta", &std::collections::BTreeMap::from([("k0", k0)]))?;
/// #     file.close()?;
/// # }
/// let found = h5sim::find(&folder, "", &Find::new())?;
/// assert_eq!((found.runs.len(), found.others.len()), (3, 0));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// The runs that match, in the order that was asked for, or of their paths.
    pub runs: Vec<Match>,
    /// The files that hold no metadata, if they were asked for.
    pub others: Vec<Other>,
}

/// Metadata, and under `run` what else is known unless the metadata have a member of that name.
struct Document {
    metadata: Value,
    run: Option<Value>,
}

impl Lookup for Document {
    fn get(&self, key: &[String]) -> Option<&Value> {
        match (&self.run, key.split_first()) {
            (Some(run), Some((first, rest))) if first == RUN => descend(run, rest),
            _ => descend(&self.metadata, key),
        }
    }
}

/// The values at the keys of a query, of a document that is not in memory.
struct KnownValues<'k> {
    keys: &'k [Vec<String>],
    values: Vec<Option<Value>>,
    run: Option<Value>,
}

impl Lookup for KnownValues<'_> {
    fn get(&self, key: &[String]) -> Option<&Value> {
        match (&self.run, key.split_first()) {
            (Some(run), Some((first, rest))) if first == RUN => descend(run, rest),
            _ => {
                let at = self.keys.iter().position(|wanted| wanted == key)?;
                self.values[at].as_ref()
            }
        }
    }
}

/// A query, and what it needs to know of a document.
struct Question<'q> {
    query: &'q Query,
    /// Its keys, and `run` if what is known besides the metadata matters.
    keys: Vec<Vec<String>>,
    wants_run: bool,
}

impl<'q> Question<'q> {
    fn new(query: &'q Query, options: &Find) -> Self {
        let mut keys = Vec::new();
        query.collect_keys(&mut keys);
        let others = options.sort.iter().map(|sort| &sort.0);
        let mut all = keys.iter().chain(others).chain(&options.project);
        let wants_run = all.any(|key| key.first().is_some_and(|first| first == RUN));
        if wants_run {
            keys.push(vec![RUN.to_owned()]);
        }
        keys.sort_unstable();
        keys.dedup();
        Self {
            query,
            keys,
            wants_run,
        }
    }

    /// The document of a run, if it matches.
    fn answer(&self, found: &FoundFile<'_>, run: CachedRun<'_>) -> Option<Document> {
        let facts =
            |has_run: bool| (self.wants_run && !has_run).then(|| facts(found, run.finished));
        let value = |key: &Vec<String>| tape::get(run.tape, key);
        let mut known = KnownValues {
            keys: &self.keys,
            values: self.keys.iter().map(value).collect(),
            run: None,
        };
        let has_run = known.get(&[RUN.to_owned()]).is_some();
        known.run = facts(has_run);
        if !self.query.matches(&known) {
            return None;
        }
        Some(Document {
            run: known.run,
            // It was JSON when it was read.
            metadata: json::parse(run.text).ok()?,
        })
    }
}

/// What became of one file.
enum FileOutcome {
    Match(MatchPlace, Document),
    Other(Other),
}

/// Where a match is, and whether it is finished.
struct MatchPlace {
    path: String,
    finished: bool,
}

/// Finds the runs in a directory whose metadata match a query.
///
/// # Errors
/// `NotFound`, `Io` when the directory cannot be read; `Argument` for a query that makes no sense.
pub fn find(directory: &Path, query: &Query, options: &Find) -> Result<Findings> {
    check_threads(options.scan.threads)?;
    let question = Question::new(query, options);
    let made = scan::scan(directory, &options.scan, |found| match found.content {
        CachedContent::Run(run) => {
            let document = question.answer(&found, run)?;
            let place = MatchPlace {
                path: found.path.to_owned(),
                finished: run.finished,
            };
            Some(FileOutcome::Match(place, document))
        }
        CachedContent::Foreign(reason) => options.others.then(|| {
            FileOutcome::Other(Other {
                path: found.path.to_owned(),
                reason: reason.to_owned(),
            })
        }),
        CachedContent::NotHdf5 => options.others.then(|| {
            FileOutcome::Other(Other {
                path: found.path.to_owned(),
                reason: "it is not an HDF5 file".to_owned(),
            })
        }),
    })?;
    let mut matches = Vec::new();
    let mut others = Vec::new();
    for made in made {
        match made {
            FileOutcome::Match(found, document) => matches.push((found, document)),
            FileOutcome::Other(other) => others.push(other),
        }
    }
    if !options.sort.is_empty() {
        matches.sort_by(|one, other| order(&options.sort, &one.1, &other.1));
    }
    matches.truncate(options.limit);
    let runs = matches.into_iter().map(|(found, document)| Match {
        path: found.path,
        finished: found.finished,
        metadata: projected(document, &options.project),
    });
    Ok(Findings {
        runs: runs.collect(),
        others,
    })
}

/// What is known of a run besides its metadata.
fn facts(found: &FoundFile<'_>, finished: bool) -> Value {
    let status = if finished { "finished" } else { "unfinished" };
    let number = |number: u64| {
        Value::Integer(match i64::try_from(number) {
            Ok(small) => Integer::Small(small),
            Err(_) => Integer::Big(number.to_string()),
        })
    };
    let modified = found.stamp.modified as f64 / 1e9;
    let members = [
        ("status", Value::Text(status.to_owned())),
        ("path", Value::Text(found.path.to_owned())),
        ("size", number(found.stamp.size)),
        ("modified", Value::Float(modified)),
    ];
    Value::Object(
        members
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
    )
}

fn order(sort: &[(Vec<String>, bool)], one: &Document, other: &Document) -> Ordering {
    let orders = sort.iter().map(|(key, backwards)| {
        let (one, other) = (one.get(key), other.get(key));
        let order = matching::sorting_order(one, other);
        // What is missing is last either way.
        match *backwards && one.is_some() && other.is_some() {
            true => order.reverse(),
            false => order,
        }
    });
    orders
        .into_iter()
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The members at these keys, each where it was; all of them if no keys are given.
fn projected(document: Document, keys: &[Vec<String>]) -> Value {
    if keys.is_empty() {
        return document.metadata;
    }
    let mut projection = Value::Object(Object::new());
    for key in keys {
        let Some(value) = document.get(key) else {
            continue;
        };
        let mut place = &mut projection;
        for name in key {
            // An array on the way becomes an object with its numbers as names.
            if !matches!(place, Value::Object(_)) {
                *place = Value::Object(Object::new());
            }
            let Value::Object(members) = place else {
                break;
            };
            place = members.get_or_insert(name.as_str().into(), Value::Null);
        }
        *place = value.clone();
    }
    projection
}

/// What a file holds: its metadata, or why it has none.
///
/// # Errors
/// `NotFound`, `Io`, `Locked`.
pub fn read(path: &Path, meta: &str) -> Result<FileContent> {
    metadata::read(path, meta)
}

/// Marks the run in a file as finished; the next commit makes it so.
pub(crate) fn mark_finished(file: &OpenFile) -> Result<()> {
    run::mark(file)
}
