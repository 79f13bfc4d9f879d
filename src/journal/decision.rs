//! Steps of many files: the one record that says which of them are decided.
//!
//! A commit of a file that is one of a run's is written into the file's journal as any other, but counts only from the
//! moment when the run's record says so. The record is a file of its own:
//!
//! ```text
//! 0, 512     two decisions, 48 bytes each, of which the whole one with the larger number counts
//! ```
//!
//! | offset | bytes | field |
//! |---:|---:|---|
//! | 0 | 8 | `h5simD01` |
//! | 8 | 16 | the run |
//! | 24 | 8 | the number of the latest step that is decided |
//! | 32 | 8 | zeros |
//! | 40 | 8 | XXH64 of the others |
//!
//! It lies in the folder of the run's parts, which is that of a part, and beside the master under its name and `-ranks`: so
//! that either finds it wherever the run is moved.

#![forbid(unsafe_code)]

use super::checksum::checksum;
use super::hooks::{self, Mutant};
use super::locking::{self, Locking};
use super::sys::{self, DiskFile, OpenAs};
use super::words::io_error;
use crate::error::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAGIC: [u8; 8] = *b"h5simD01";
const SIZE: usize = 48;
/// Where the two are: in sectors of their own, so that one that is torn leaves the other.
const PLACES: [u64; 2] = [0, 512];
const FILE_SIZE: usize = 1024;
/// How long a reader waits for a commit of all ranks to end.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN_TRIES: Duration = Duration::from_micros(200);

/// Which of a run's files one is, and so where the record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// The file that shows the others together.
    Master,
    /// One in the folder of the run.
    Part,
}

/// A step of all files of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The run.
    pub run: u128,
    /// Its number: none is used twice, whatever became of it.
    pub number: u64,
    /// Which of the files it is a step of.
    pub member: Member,
}

/// The folder of the parts of a master.
pub fn folder_of(master: &Path) -> PathBuf {
    let mut name = master.as_os_str().to_owned();
    name.push("-ranks");
    PathBuf::from(name)
}

/// Where the record lies in the folder of the parts.
pub fn record_in(folder: &Path) -> PathBuf {
    folder.join("decided")
}

/// Where the record of the file with that journal lies.
fn record_for(journal: &Path, member: Member) -> PathBuf {
    match member {
        Member::Part => record_in(journal.parent().unwrap_or(Path::new("."))),
        Member::Master => {
            let name = journal.as_os_str().to_string_lossy();
            let file = name.strip_suffix("-journal").unwrap_or(&name);
            record_in(&folder_of(Path::new(file)))
        }
    }
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The run.
    pub run: u128,
    /// The latest of its steps that is decided; 0 before any.
    pub number: u64,
}

impl Decided {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.run.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes.resize(SIZE - 8, 0);
        let sum = checksum(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (covered, sum) = bytes.get(..SIZE)?.split_at(SIZE - 8);
        let is_whole = covered[..8] == MAGIC && sum == checksum(covered).to_le_bytes();
        if !is_whole {
            return None;
        }
        Some(Self {
            run: u128::from_le_bytes(covered[8..24].try_into().ok()?),
            number: u64::from_le_bytes(covered[24..32].try_into().ok()?),
        })
    }
}

/// The newest decision of a record and its place; None if none is whole.
fn newest(file: &DiskFile) -> io::Result<Option<(Decided, usize)>> {
    let mut bytes = vec![0; FILE_SIZE];
    file.read_at(&mut bytes, 0)?;
    let at = |place: usize| Decided::decode(&bytes[PLACES[place] as usize..]).zip(Some(place));
    Ok([at(0), at(1)]
        .into_iter()
        .flatten()
        .max_by_key(|(decided, _)| decided.number))
}

/// Reads the record in a folder; None if there is none.
pub fn read(folder: &Path) -> Result<Option<Decided>> {
    let path = record_in(folder);
    let file = match DiskFile::open(&path, OpenAs::Read) {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None)
        }
        Err(error) => return Err(io_error("open", &path, &error)),
    };
    let found = newest(&file).map_err(|error| io_error("read", &path, &error))?;
    Ok(found.map(|(decided, _)| decided))
}

/// Whether a step that a journal holds whole is decided.
///
/// # Errors
/// Where nobody can say: the record is missing, or is another run's.
pub fn is_decided(journal: &Path, step: &Step) -> io::Result<bool> {
    if hooks::mutant(Mutant::IgnoreDecision) {
        return Ok(true);
    }
    let path = record_for(journal, step.member);
    let unknown = |what: &str| {
        io::Error::other(format!(
            "the journal holds a step of many ranks, and the record '{}', which says whether it counts, {what}: put the files of the run together again",
            path.display()
        ))
    };
    let file = match DiskFile::open(&path, OpenAs::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(unknown("is missing")),
        Err(error) => return Err(error),
    };
    match newest(&file)? {
        Some((decided, _)) if decided.run == step.run => Ok(step.number <= decided.number),
        Some(_) => Err(unknown("is another run's")),
        None => Err(unknown("is damaged")),
    }
}

/// The record of a run, in the hands of the one who decides.
#[derive(Debug)]
pub struct Record {
    file: DiskFile,
    decided: Decided,
    place: usize,
    is_synced: bool,
    locking: Locking,
}

impl Record {
    /// Makes the record of a new run in a folder that is there, in place of any other.
    pub fn create(folder: &Path, run: u128, is_synced: bool, locking: Locking) -> Result<Self> {
        let path = record_in(folder);
        let failed = |error: io::Error| io_error("make", &path, &error);
        let file = DiskFile::open(&path, OpenAs::Create).map_err(failed)?;
        let decided = Decided { run, number: 0 };
        // All of it at once: a decision must not fail for want of room.
        let mut bytes = decided.encode();
        bytes.resize(FILE_SIZE, 0);
        file.write_at(&bytes, 0).map_err(failed)?;
        if is_synced {
            file.sync().map_err(failed)?;
            sys::sync_directory_of(&path).map_err(failed)?;
            sys::sync_directory_of(folder).map_err(failed)?;
        }
        Ok(Self {
            file,
            decided,
            place: 0,
            is_synced,
            locking,
        })
    }

    /// Goes on with a record; None if there is none.
    pub fn open(folder: &Path, is_synced: bool, locking: Locking) -> Result<Option<Self>> {
        let path = record_in(folder);
        let file = match DiskFile::open(&path, OpenAs::Write) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("open", &path, &error)),
        };
        let found = newest(&file).map_err(|error| io_error("read", &path, &error))?;
        let Some((decided, place)) = found else {
            return Err(Error::format(format!(
                "'{}', which says what was committed to the run, is damaged",
                path.display()
            )));
        };
        Ok(Some(Self {
            file,
            decided,
            place,
            is_synced,
            locking,
        }))
    }

    /// What it says.
    pub fn decided(&self) -> Decided {
        self.decided
    }

    /// Decides a step: from here on it is committed, in all files of the run.
    ///
    /// After a failure the step may be decided or not, and nothing more is decided from here.
    pub fn decide(&mut self, number: u64) -> Result<()> {
        let next = Decided {
            number,
            ..self.decided
        };
        let place = 1 - self.place;
        let written = self.file.write_at(&next.encode(), PLACES[place]);
        let written = written.and_then(|()| match self.is_synced {
            true if !hooks::mutant(Mutant::SkipSyncOfDecision) => self.file.sync(),
            _ => Ok(()),
        });
        written.map_err(|error| io_error("write", self.file.path(), &error))?;
        self.decided = next;
        self.place = place;
        Ok(())
    }

    /// Whether a step of which the writing failed is decided all the same.
    pub fn look_again(&mut self) -> Result<Decided> {
        let found = newest(&self.file);
        match found {
            Ok(Some((decided, place))) => {
                self.decided = decided;
                self.place = place;
                Ok(decided)
            }
            Ok(None) => Err(Error::io("the record cannot be read back")),
            Err(error) => Err(io_error("read", self.file.path(), &error)),
        }
    }

    /// Whether a failure of [`decide`](Self::decide) leaves it open what is on the disk.
    pub fn is_synced(&self) -> bool {
        self.is_synced
    }

    /// Keeps readers of the whole run out, if none is in a call just now.
    pub fn lock_out_readers(&self) -> bool {
        // Where locks fail nobody holds one.
        locking::exclusive(&self.file, self.locking).unwrap_or(true)
    }

    /// The same, but waits until they have ended their calls, unless one does not end.
    pub fn wait_for_readers(&self) {
        let begun = Instant::now();
        while !self.lock_out_readers() && begun.elapsed() < PATIENCE {
            std::thread::sleep(BETWEEN_TRIES);
        }
    }

    /// Lets them in again.
    pub fn let_readers_in(&self) {
        locking::release_lock(&self.file, self.locking);
    }
}

/// The record of a run, as those look at it who only read.
#[derive(Debug)]
pub struct Watched {
    file: DiskFile,
    locking: Locking,
}

impl Watched {
    /// Opens the record in a folder; None if there is none.
    pub fn open(folder: &Path, locking: Locking) -> Result<Option<Self>> {
        let path = record_in(folder);
        match DiskFile::open(&path, OpenAs::Read) {
            Ok(file) => Ok(Some(Self { file, locking })),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(io_error("open", &path, &error)),
        }
    }

    /// Runs a call with the commits of all ranks kept out of their files.
    pub fn at_one_commit<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        // Where locks fail nobody is kept out.
        while !locking::shared(&self.file, self.locking).unwrap_or(true) {
            if begun.elapsed() > PATIENCE {
                return Err(Error::locked(format!(
                    "the ranks that write the run of '{}' are in the middle of a commit that does not end; try again later",
                    self.file.path().display()
                )));
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        let done = body();
        locking::release_lock(&self.file, self.locking);
        done
    }
}

/// The bytes of a record with all that another run would say in it, for tests.
#[cfg(feature = "mutants")]
pub fn other_run(record: &[u8]) -> Vec<u8> {
    let mut other = record.to_vec();
    for place in PLACES {
        let place = place as usize;
        if let Some(mut decided) = Decided::decode(&record[place..]) {
            decided.run ^= 1;
            other[place..place + SIZE].copy_from_slice(&decided.encode());
        }
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_back_and_a_torn_one_leaves_the_older() {
        let folder = std::env::temp_dir().join(format!("h5sim-decision-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut record = Record::create(&folder, 7, false, Locking::Off).unwrap();
        assert_eq!(read(&folder).unwrap(), Some(Decided { run: 7, number: 0 }));
        record.decide(1).unwrap();
        record.decide(2).unwrap();
        let again = Record::open(&folder, false, Locking::Off).unwrap().unwrap();
        assert_eq!(again.decided(), Decided { run: 7, number: 2 });
        let whole = std::fs::read(record_in(&folder)).unwrap();
        record.decide(3).unwrap();
        let next = std::fs::read(record_in(&folder)).unwrap();
        let changed: Vec<usize> = (0..whole.len())
            .filter(|&at| whole[at] != next[at])
            .collect();
        for cut in 0..=changed.len() {
            let mut torn = whole.clone();
            for &at in &changed[..cut] {
                torn[at] = next[at];
            }
            std::fs::write(record_in(&folder), &torn).unwrap();
            let number = read(&folder).unwrap().unwrap().number;
            assert_eq!(number, if cut == changed.len() { 3 } else { 2 }, "{cut}");
        }
        let step = |run, number| Step {
            run,
            number,
            member: Member::Part,
        };
        let journal = folder.join("0.h5-journal");
        assert!(is_decided(&journal, &step(7, 3)).unwrap());
        assert!(!is_decided(&journal, &step(7, 4)).unwrap());
        assert!(is_decided(&journal, &step(8, 3)).is_err());
        std::fs::remove_file(record_in(&folder)).unwrap();
        let missing = is_decided(&journal, &step(7, 3)).unwrap_err();
        assert!(missing.to_string().contains("is missing"), "{missing}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
