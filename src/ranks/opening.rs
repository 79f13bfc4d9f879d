//! How ranks open a file together.

#![forbid(unsafe_code)]

use super::answers::Answer;
use super::communicator::{Allgather, Call, Communicator, PAYLOAD};
use super::groups::Groups;
use super::layout::{part_name, part_number};
use super::{Ranks, State};
use crate::error::{Error, Result, Status};
use crate::file::OpenFile;
use crate::journal::decision::{folder_of, record_in, Decided, Record, Watched};
use crate::journal::{self, journal_path, Durability, Locking};
use crate::store::{LockingOption, Mode, Open, MOST_PARTS};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::Mutex;

/// What a rank asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the master is.
    pub path: String,
    /// What it is opened for.
    pub mode: Mode,
    /// How.
    pub options: Open,
    /// Whether an automatic commit was asked for, which one rank's clock cannot decide.
    pub autocommits: bool,
    /// Blocks of so many bytes and more are written by the ranks themselves that share a part on one computer, usually [`LENT_FROM`](super::LENT_FROM).
    pub lent_from: usize,
}

/// The variables by which launchers tell a process its number.
const LAUNCHERS: [&str; 5] = [
    "PMI_RANK",
    "PMIX_RANK",
    "OMPI_COMM_WORLD_RANK",
    "MV2_COMM_WORLD_RANK",
    "SLURM_PROCID",
];

/// The number that a launcher has given this process among others, and the variable that says so.
pub fn is_launched() -> Option<(&'static str, String)> {
    LAUNCHERS
        .into_iter()
        .find_map(|name| Some((name, std::env::var(name).ok()?)))
}

/// What rank 0 tells the others of the run.
#[derive(Clone, Debug)]
struct Run {
    run: u128,
    next: u64,
    is_new: bool,
    folder: String,
}

impl Answer for Run {
    fn pack(&self, bytes: &mut Vec<u8>) {
        (self.run as u64).pack(bytes);
        ((self.run >> 64) as u64).pack(bytes);
        self.next.pack(bytes);
        self.is_new.pack(bytes);
        self.folder.pack(bytes);
    }

    fn unpack(reader: &mut super::answers::Reader<'_>) -> Option<Self> {
        let run = u128::from(u64::unpack(reader)?) | u128::from(u64::unpack(reader)?) << 64;
        Some(Self {
            run,
            next: Answer::unpack(reader)?,
            is_new: Answer::unpack(reader)?,
            folder: Answer::unpack(reader)?,
        })
    }
}

impl Ranks {
    /// Opens a file together with the other ranks, all of which have to call this. What is wrong with this rank's arguments is told
    /// to all.
    pub fn open(
        asked: Result<Asked>,
        rank: i32,
        ranks: i32,
        means: Box<dyn Allgather>,
    ) -> Result<Self> {
        let call = match &asked {
            Ok(asked) => Call::new(
                "h5sim_open_ranks",
                &asked.path,
                &(asked.mode, &asked.options),
            ),
            Err(_) => Call::new("h5sim_open_ranks", "", &()),
        };
        let numbers = check_numbers(rank, ranks);
        let mut communicator =
            Communicator::new(rank.max(0) as usize, ranks.max(0) as usize, means);
        let checked = asked.and_then(|asked| {
            numbers?;
            if asked.autocommits {
                return Err(Error::unsupported(
                    "option 'autocommit' is given, but no rank's clock decides for the others: call h5sim_commit on all ranks",
                ));
            }
            let parts = asked.options.parts;
            if !(1..=MOST_PARTS).contains(&parts) {
                return Err(Error::argument(format!(
                    "option 'parts' is {parts}, expected an integer from 1 to {MOST_PARTS}"
                )));
            }
            Ok(asked)
        });
        let local = checked.as_ref().map(drop).map_err(Clone::clone);
        communicator.begin(&call, local)?;
        let asked = checked?;
        communicator.compares = asked.options.agrees;
        let opened = match asked.mode {
            Mode::Read => open_to_read(&asked, communicator),
            _ => open_to_write(&asked, communicator),
        };
        let state = opened.map_err(|error| match error.message.contains(&asked.path) {
            true => error,
            false => error.within(&asked.path),
        })?;
        Ok(Self {
            name: asked.path.into(),
            is_writable: asked.mode != Mode::Read,
            generation: journal::process::generation(),
            is_closed: AtomicBool::new(false),
            state: Mutex::new(state),
        })
    }

    /// Opens the master of a run for reading, by one process for itself; None if it is no master.
    pub fn open_master(path: &str, options: &Open) -> Result<Option<Self>> {
        let record = record_in(&folder_of(Path::new(path)));
        let is_link = || std::fs::read_link(path).is_ok();
        if matches!(record.try_exists(), Ok(false)) && !is_link() {
            return Ok(None);
        }
        let Ok(real) = std::fs::canonicalize(path) else {
            return Ok(None);
        };
        let folder = folder_of(&real);
        let Some(watched) = Watched::open(&folder, locking_of(options))? else {
            return Ok(None);
        };
        let master = watched.at_one_commit(|| OpenFile::open(path, Mode::Read, options))?;
        let communicator = Communicator::new(0, 1, Box::new(Nobody));
        let mut state = State::new(communicator, options, folder);
        state.master = Some(master);
        state.watched = Some(watched);
        Ok(Some(Self {
            name: path.into(),
            is_writable: false,
            generation: journal::process::generation(),
            is_closed: AtomicBool::new(false),
            state: Mutex::new(state),
        }))
    }
}

/// The means of a rank that is the only one.
struct Nobody;

impl Allgather for Nobody {
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> Result<()> {
        all[..mine.len()].copy_from_slice(mine);
        Ok(())
    }
}

fn check_numbers(rank: i32, ranks: i32) -> Result<()> {
    if ranks < 1 {
        return Err(Error::argument(format!(
            "ranks is {ranks}, expected at least 1"
        )));
    }
    if rank < 0 || rank >= ranks {
        return Err(Error::argument(format!(
            "rank is {rank}, expected a number from 0 to {}",
            ranks - 1
        )));
    }
    Ok(())
}

pub(super) fn locking_of(options: &Open) -> Locking {
    let asked = match options.locking {
        LockingOption::On => Locking::Strict,
        LockingOption::Off => Locking::Off,
        LockingOption::BestEffort => Locking::BestEffort,
    };
    asked.unless_overruled()
}

impl State {
    fn new(communicator: Communicator, options: &Open, folder: PathBuf) -> Self {
        Self {
            communicator,
            groups: Groups::none(),
            master: None,
            part: None,
            borrowed: None,
            borrowers: Vec::new(),
            lent_from: usize::MAX,
            others: BTreeMap::new(),
            has_all_open: false,
            options: options.clone(),
            folder,
            record: None,
            watched: None,
            run: 0,
            next: 1,
            layouts: BTreeMap::new(),
            changed: BTreeMap::new(),
            latest: None,
            broken: None,
        }
    }
}

fn open_to_read(asked: &Asked, communicator: Communicator) -> Result<State> {
    let opened = (|| {
        let real = real_path(&asked.path);
        let folder = folder_of(&real);
        let watched = Watched::open(&folder, locking_of(&asked.options))?;
        let open = || OpenFile::open(&asked.path, Mode::Read, &asked.options);
        let master = match &watched {
            Some(watched) => watched.at_one_commit(open)?,
            None => open()?,
        };
        Ok((folder, watched, master))
    })();
    let local = opened.as_ref().map(drop).map_err(Error::clone);
    communicator.conclude(local, [0; PAYLOAD])?;
    let (folder, watched, master) = opened?;
    let mut state = State::new(communicator, &asked.options, folder);
    state.master = Some(master);
    state.watched = watched;
    Ok(state)
}

/// A path without symbolic links; the file itself need not be there.
fn real_path(path: &str) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| {
        let path = Path::new(path);
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        folder.join(path.file_name().unwrap_or_default())
    })
}

fn open_to_write(asked: &Asked, communicator: Communicator) -> Result<State> {
    let mut state = State::new(communicator, &asked.options, PathBuf::new());
    state.groups = Groups::new(state.ranks(), asked.options.parts);
    let begun = match state.rank() {
        0 => begin(asked, &mut state).map(Some),
        _ => Ok(None),
    };
    let shared = state.share(begun);
    let joined = shared.and_then(|run| {
        state.folder = PathBuf::from(&run.folder);
        state.run = run.run;
        state.next = run.next;
        let mut part = match state.groups.leads(state.rank()) {
            true => open_part(&mut state, asked, run.is_new),
            false => Ok(()),
        };
        if state.rank() == 0 {
            part = part.and_then(|()| state.open_all());
        }
        state.communicator.conclude(part, [0; PAYLOAD])?;
        state.borrow_parts(asked)
    });
    if let Err(error) = joined {
        // Nothing was committed: what is new is empty, what was there is as it was.
        for file in state.master.iter().chain(&state.part) {
            let _ = file.close_at_last_commit();
        }
        return Err(error);
    }
    Ok(state)
}

/// Rank 0's part of an opening: the master, the parts that an earlier run has left, and the record of what is decided.
fn begin(asked: &Asked, state: &mut State) -> Result<Run> {
    let is_new = match asked.mode {
        Mode::Create | Mode::CreateNew => true,
        Mode::Append => std::fs::metadata(&asked.path).is_err(),
        Mode::Read | Mode::ReadWrite => false,
    };
    let folder = folder_of(&real_path(&asked.path));
    let name = folder
        .to_str()
        .ok_or_else(|| Error::argument(format!("the path '{}' is not UTF-8", folder.display())))?;
    let is_synced = asked.options.durability == Some(Durability::Power);
    let locking = locking_of(&asked.options);
    // What an earlier run has not decided goes before anything else can be decided.
    let free = match is_new {
        false => recover_parts(&folder),
        // Nor is the master emptied whose parts are being written.
        true => check_unlocked(&folder),
    };
    free.map_err(|error| explain_lock(&asked.path, error))?;
    let master = OpenFile::open(&asked.path, asked.mode, &asked.options)
        .map_err(|error| explain_lock(&asked.path, error))?;
    let master = state.master.insert(master);
    master.join_run()?;
    let made =
        |error: std::io::Error| Error::io(format!("cannot make the folder '{name}': {error}"));
    match std::fs::create_dir(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(made(error)),
        _ => {}
    }
    let found = match is_new {
        true => None,
        false => Record::open(&folder, is_synced, locking)?,
    };
    let record = match found {
        Some(record) => record,
        None => {
            match (is_new, parts_in(&folder)?.first()) {
                (true, _) => remove_parts(&folder)?,
                (false, None) => {}
                (false, Some(part)) => {
                    return Err(Error::format(format!(
                        "there is '{}', but not the record 'decided' beside it, which says what was committed to the run: put the files of the run together again",
                        part.display()
                    )))
                }
            }
            Record::create(&folder, new_run(), is_synced, locking)?
        }
    };
    let Decided { run, number } = record.decided();
    state.record = Some(record);
    Ok(Run {
        run,
        next: number + 1,
        is_new,
        folder: name.to_owned(),
    })
}

/// A number that no other run has.
fn new_run() -> u128 {
    let mut bytes = [0; 16];
    let random =
        std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let clock = now.map_or(0, |now| now.as_nanos()) << 32 | u128::from(std::process::id());
    match random {
        Ok(()) => u128::from_le_bytes(bytes),
        Err(_) => clock,
    }
}

/// The parts in a folder, which need not be there.
pub(super) fn parts_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| {
        Error::io(format!(
            "cannot list the folder '{}': {error}",
            folder.display()
        ))
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut parts = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_str().and_then(part_number).is_some() {
            parts.push(entry.path());
        }
    }
    parts.sort();
    Ok(parts)
}

/// Brings all parts to their last commit.
fn recover_parts(folder: &Path) -> Result<()> {
    for part in parts_in(folder)? {
        if journal_path(&part).exists() {
            journal::recover(&part)?;
        }
    }
    Ok(())
}

/// Fails if another program writes one of the parts; what else is wrong with them does not matter.
fn check_unlocked(folder: &Path) -> Result<()> {
    for part in parts_in(folder)? {
        match journal::recover(&part) {
            Err(error) if error.status == Status::Locked => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes the parts of a run that is made anew.
fn remove_parts(folder: &Path) -> Result<()> {
    for part in parts_in(folder)? {
        journal::remove(&part)?;
    }
    Ok(())
}

fn open_part(state: &mut State, asked: &Asked, is_new: bool) -> Result<()> {
    let number = state.groups.part_of(state.rank());
    let path = state.folder.join(part_name(number));
    let name = path
        .to_str()
        .ok_or_else(|| Error::argument(format!("the path '{}' is not UTF-8", path.display())))?;
    let mode = match is_new {
        true => Mode::Create,
        false => Mode::Append,
    };
    let part = OpenFile::open(name, mode, &asked.options)?;
    state.part.insert(part).join_run()
}

/// Says in the sentence of a lock what can be done where the other one is a rank of the same program.
pub fn explain_lock(path: &str, error: Error) -> Error {
    let is_locked = error.status == Status::Locked;
    let launcher = is_launched().filter(|_| is_locked);
    let is_run = is_locked && folder_of(&real_path(path)).is_dir();
    let hint = match (launcher, is_run) {
        (Some((variable, rank)), _) => format!(
            "; this is rank {rank} of a parallel program ({variable}): ranks that write one file open it by h5sim_open_ranks or h5sim_open_mpi"
        ),
        (None, true) => "; it is written by many ranks, which open it by h5sim_open_ranks".to_owned(),
        (None, false) => return error,
    };
    Error {
        message: error.message + &hint,
        ..error
    }
}
