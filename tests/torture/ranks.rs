//! Many ranks: every state that a kill or a power cut of any of them can have left, recovered in any order.
//!
//! The ranks are threads, whose switches and traces are their own. Between two rounds of their allgather each of them may have come
//! as far as it likes: the states are all combinations of what they have done since the latest round.

use crate::hdf5::Outcome;
use crate::simulate::{apply, scratch, write_sparse, Files, Random};
use crate::table::Row;
use h5sim::file::Records;
use h5sim::journal::hooks::{self, Mutant, TracedCall};
use h5sim::journal::{self, journal_path, Durability};
use h5sim::ranks::{Allgather, Asked, File, Ranks};
use h5sim::store::strided::Strided;
use h5sim::store::Append;
use h5sim::{Dtype, Mode, Open, Write};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier, Mutex};

/// The mark of a round of the allgather; smaller marks are commits that have returned.
const ROUND: u64 = 1 << 40;
const STEPS: u64 = 4;
/// The elements of a new block of a rank.
const NEW: u64 = 400;

/// How many ranks there are, of how many rows an array is, and how many parts the ranks write at most.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub ranks: usize,
    pub rows: usize,
    pub parts: usize,
}

/// What the ranks of a test talk through.
struct Shared {
    barrier: Barrier,
    slots: Mutex<Vec<Vec<u8>>>,
}

struct Threads(usize, Arc<Shared>);

impl Allgather for Threads {
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> h5sim::Result<()> {
        hooks::mark(ROUND);
        self.1.slots.lock().unwrap()[self.0] = mine.to_vec();
        self.1.barrier.wait();
        for (slot, target) in self
            .1
            .slots
            .lock()
            .unwrap()
            .iter()
            .zip(all.chunks_mut(mine.len()))
        {
            target.copy_from_slice(slot);
        }
        self.1.barrier.wait();
        Ok(())
    }
}

/// A run of ranks.
struct Run {
    /// What each rank did.
    traces: Vec<Vec<TracedCall>>,
    /// The files before it.
    initial: Files,
    /// The content of the master and the parts after each commit; the first is that before any.
    images: Vec<Files>,
    /// The commits that it begins with.
    first: u64,
}

/// How an array is shared among ranks, of which the last has all rows that the others leave.
#[derive(Clone, Copy)]
struct Sharing {
    rows: u64,
    rank: u64,
    ranks: u64,
    /// Whether ranks share parts, in which they write new blocks themselves.
    lends: bool,
}

impl Sharing {
    fn block(&self, is_whole: bool) -> ([u64; 2], [u64; 2]) {
        let is_last = self.rank + 1 == self.ranks;
        match (is_whole, self.rank) {
            (true, 0) => ([0, 0], [self.rows, 5]),
            (true, _) => ([0, 0], [0, 5]),
            (false, rank) if is_last => ([rank, 0], [self.rows - rank, 5]),
            (false, rank) => ([rank, 0], [1, 5]),
        }
    }
}

fn one_rank(file: &File, sharing: Sharing, first: u64) -> h5sim::Result<()> {
    let global = [sharing.rows, 5];
    for step in first + 1..=first + STEPS {
        let values = |count: usize| -> Vec<u8> {
            (0..count)
                .flat_map(|_| (step as f64).to_le_bytes())
                .collect()
        };
        let (start, shape) = sharing.block(false);
        let own = values(shape.iter().product::<u64>() as usize);
        let array = Strided::packed(&own, &shape, 8)?;
        file.write_block("u", Dtype::F64, &global, &start, &array, &Write::new())?;
        if sharing.lends {
            // Too large for the room that HDF5 has set aside for small ones.
            let (start, [rows, _]) = sharing.block(false);
            let (global, shape) = ([sharing.rows, NEW], [rows, NEW]);
            let bytes = values((rows * NEW) as usize);
            let array = Strided::packed(&bytes, &shape, 8)?;
            if step % 2 == 0 {
                // Its room is the last commit's, and the next one's from this on.
                file.delete(&format!("n{}", step - 1))?;
            }
            let name = format!("n{step}");
            file.write_block(&name, Dtype::F64, &global, &start, &array, &Write::new())?;
            let record = [sharing.rows as i64, NEW as i64];
            let options = Append::new().stored(Write::new().chunks(vec![1, 1, NEW / 3]));
            let records = Records {
                dtype: Dtype::F64,
                record: &record,
                options: &options,
            };
            file.append_block("r", &records, &start, &array)?;
        }
        // A step of the master alone, one of the parts alone, and one of one part.
        if step % 4 != 2 {
            // In one step all of it is one rank's.
            let (start, shape) = sharing.block(step % 4 == 3);
            let bytes = values(shape.iter().product::<u64>() as usize);
            let array = Strided::packed(&bytes, &shape, 8)?;
            let record: Vec<i64> = global.iter().map(|&extent| extent as i64).collect();
            let options = Append::new();
            let records = Records {
                dtype: Dtype::F64,
                record: &record,
                options: &options,
            };
            file.append_block("s", &records, &start, &array)?;
        }
        if step % 4 != 1 {
            file.set_attribute_text("u", "step", &step.to_string())?;
        }
        file.commit()?;
        hooks::mark(step);
    }
    file.close()
}

fn run_threads(
    path: &Path,
    Size { ranks, rows, parts }: Size,
    mode: Mode,
    durability: Durability,
    mutant: Option<Mutant>,
    first: u64,
) -> Vec<(h5sim::Result<()>, Vec<TracedCall>)> {
    let shared = Arc::new(Shared {
        barrier: Barrier::new(ranks),
        slots: Mutex::new(vec![Vec::new(); ranks]),
    });
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..ranks)
            .map(|rank| {
                let means = Box::new(Threads(rank, shared.clone()));
                let sharing = Sharing {
                    rows: rows as u64,
                    rank: rank as u64,
                    ranks: ranks as u64,
                    lends: parts < ranks,
                };
                scope.spawn(move || {
                    hooks::set_mutant(mutant);
                    hooks::arm(true, None);
                    let asked = Asked {
                        path: path.to_str().unwrap().to_owned(),
                        mode,
                        options: Open::new().durability(durability).parts(parts),
                        autocommits: false,
                        lent_from: 1,
                    };
                    let done = Ranks::open(Ok(asked), rank as i32, ranks as i32, means)
                        .and_then(|opened| one_rank(&opened.into(), sharing, first));
                    let (_, events) = hooks::disarm();
                    hooks::set_mutant(None);
                    (done, events)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// All files below a folder.
fn files_in(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.append(&mut files_in(&path)),
            false => {
                files.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn is_member(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "h5")
}

fn members(files: &Files) -> Files {
    let chosen = files.iter().filter(|(path, _)| is_member(path));
    chosen
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect()
}

fn place(folder: &Path, files: &Files, placed: &mut Files) {
    let known: BTreeSet<&PathBuf> = placed.keys().chain(files.keys()).collect();
    for path in known.into_iter().cloned().collect::<Vec<_>>() {
        match files.get(&path) {
            Some(bytes) if placed.get(&path) == Some(bytes) => {}
            Some(bytes) => {
                std::fs::create_dir_all(path.parent().unwrap_or(folder)).unwrap();
                write_sparse(&path, bytes);
            }
            // Small files are known by their inode, which one that is removed would lose; an empty one is as good as none.
            None if is_member(&path) => {
                let _ = std::fs::File::create(&path);
            }
            None => {
                let _ = std::fs::remove_file(&path);
            }
        }
    }
    *placed = files.clone();
}

/// Recovers all members in some order and gives what they hold.
fn recovered(files: &Files, random: &mut Random) -> Outcome<Files> {
    let mut paths: Vec<&PathBuf> = files.keys().filter(|path| is_member(path)).collect();
    let mut found = Files::new();
    while !paths.is_empty() {
        let path = paths.swap_remove(random.below(paths.len() as u64) as usize);
        let bytes = match journal::recover(path) {
            Ok(_) => std::fs::read(path).unwrap(),
            // Nothing was ever committed to it. A copy of a file is not known by its inode, so that it is not emptied.
            Err(error) if error.message.contains("is not an HDF5 file") => Vec::new(),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        found.insert(path.clone(), bytes);
    }
    Ok(found)
}

/// The content of a state of a run: what is not there yet is empty.
fn is_image(found: &Files, image: &Files) -> bool {
    let empty = Vec::new();
    let known: BTreeSet<&PathBuf> = found.keys().chain(image.keys()).collect();
    known
        .into_iter()
        .all(|path| found.get(path).unwrap_or(&empty) == image.get(path).unwrap_or(&empty))
}

/// Each rank's events since each round.
fn rounds(trace: &[TracedCall]) -> Vec<Vec<TracedCall>> {
    let mut rounds = vec![Vec::new()];
    for event in trace {
        match event {
            TracedCall::Mark(ROUND) => rounds.push(Vec::new()),
            event => {
                if let Some(round) = rounds.last_mut() {
                    round.push(event.clone());
                }
            }
        }
    }
    rounds
}

/// Traces a run of ranks on what is in the folder.
fn trace(
    path: &Path,
    size: Size,
    mode: Mode,
    durability: Durability,
    mutant: Option<Mutant>,
    before: Option<Run>,
) -> Outcome<Run> {
    let folder = path.parent().unwrap();
    let initial = files_in(folder);
    let first = before.as_ref().map_or(0, |run| run.first + STEPS);
    let start = before.map_or_else(Files::new, |run| run.images[run.images.len() - 1].clone());
    let mut traces = Vec::new();
    for (done, events) in run_threads(path, size, mode, durability, mutant, first) {
        done.map_err(|error| error.to_string())?;
        traces.push(events);
    }
    // A rank that writes no part is lent its new blocks.
    let writes =
        |event: &TracedCall| matches!(event, TracedCall::Write { path, .. } if is_member(path));
    if let Some(idle) = traces.iter().position(|trace| !trace.iter().any(writes)) {
        return Err(format!("rank {idle} has written nothing into a part"));
    }
    let all: Vec<_> = traces.iter().map(|trace| rounds(trace)).collect();
    let mut files = initial.clone();
    let mut images = vec![start];
    let mut placed = files_in(folder);
    let mut random = Random(1);
    for round in 0..all[0].len() {
        for rank in &all {
            rank[round]
                .iter()
                .for_each(|event| apply(&mut files, event));
        }
        let ended = |event: &TracedCall| matches!(event, TracedCall::Mark(_));
        if all[0][round].iter().any(ended) {
            place(folder, &files, &mut placed);
            images.push(recovered(&files, &mut random)?);
            placed = files_in(folder);
        }
    }
    // A close brings chunks into their final form: it is a commit of its own.
    images.push(members(&files));
    if images.len() != STEPS as usize + 2 {
        return Err(format!("{} commits in the trace", images.len()));
    }
    Ok(Run {
        traces,
        initial,
        images,
        first,
    })
}

/// How a state may be made worse.
#[derive(Clone, Copy)]
enum Cut {
    /// A kill.
    Kill,
    /// The power goes: what a file has got since its latest sync may be lost.
    Power,
}

/// Goes through all states of a run.
fn states(run: &Run, path: &Path, cut: Cut, mutant: Option<Mutant>, seed: u64, most: u64) -> Row {
    let folder = path.parent().unwrap();
    let all: Vec<_> = run.traces.iter().map(|trace| rounds(trace)).collect();
    let mut row = Row::default();
    let mut random = Random(seed | 1);
    let mut files = run.initial.clone();
    // What is on the disk for certain.
    let mut durable = run.initial.clone();
    let mut acknowledged = 0;
    let mut placed = files_in(folder);
    hooks::set_mutant(mutant);
    for round in 0..all[0].len() {
        let lengths: Vec<usize> = all.iter().map(|rank| rank[round].len()).collect();
        let combinations: u64 = lengths.iter().map(|length| *length as u64 + 1).product();
        // Where there are too many, so many of them at random; always the first and the last.
        let chosen: Vec<u64> = match combinations > most {
            false => (0..combinations).collect(),
            true => (0..most)
                .map(|_| random.below(combinations))
                .chain([0, combinations - 1])
                .collect(),
        };
        for mut number in chosen {
            if row.is_decided() {
                break;
            }
            let mut now = files.clone();
            let mut safe = durable.clone();
            let mut least = acknowledged;
            let mut counts = Vec::new();
            for (rank, length) in lengths.iter().enumerate() {
                let count = (number % (*length as u64 + 1)) as usize;
                number /= *length as u64 + 1;
                counts.push(count);
                for event in &all[rank][round][..count] {
                    apply(&mut now, event);
                    keep(&mut safe, &now, event);
                    if let TracedCall::Mark(step) = event {
                        least = least.max(step - run.first);
                    }
                }
                // The next write of a rank may be torn.
                let next = all[rank][round].get(count);
                if let (Some(TracedCall::Write { path, offset, data }), 0) = (next, random.below(3))
                {
                    let torn = random.below(data.len() as u64) as usize;
                    let event = TracedCall::Write {
                        path: path.clone(),
                        offset: *offset,
                        data: data[..torn].to_vec(),
                    };
                    apply(&mut now, &event);
                }
            }
            if matches!(cut, Cut::Power) {
                for (path, bytes) in &mut now {
                    // Each file has kept all of it, or none.
                    if random.below(2) == 0 {
                        bytes.clone_from(safe.entry(path.clone()).or_default());
                    }
                }
            }
            place(folder, &now, &mut placed);
            let outcome = recovered(&now, &mut random).and_then(|found| {
                let fits = |step: u64| {
                    let image = run.images.get(step as usize);
                    image.is_some_and(|image| is_image(&found, image))
                };
                match fits(least) || fits(least + 1) {
                    true => Ok(()),
                    false => {
                        let holds = |(path, bytes): (&PathBuf, &Vec<u8>)| {
                            let fitting: Vec<usize> = (0..run.images.len())
                                .filter(|&step| {
                                    run.images[step]
                                        .get(path)
                                        .map_or(bytes.is_empty(), |image| image == bytes)
                                })
                                .collect();
                            format!(
                                "{:?} holds {fitting:?}",
                                path.file_name().unwrap_or_default()
                            )
                        };
                        let all: Vec<String> = found.iter().map(holds).collect();
                        Err(format!(
                            "expected {least} or {} in all: {}",
                            least + 1,
                            all.join(", ")
                        ))
                    }
                }
            });
            placed = files_in(folder);
            row.check(outcome, || {
                format!("round {round}, events {counts:?} of {lengths:?}")
            });
        }
        for rank in &all {
            for event in &rank[round] {
                apply(&mut files, event);
                keep(&mut durable, &files, event);
                if let TracedCall::Mark(step) = event {
                    acknowledged = acknowledged.max(step - run.first);
                }
            }
        }
    }
    hooks::set_mutant(None);
    row
}

/// Takes note of what reaches the disk. Names do at once: of files, the bytes are looked at here.
fn keep(durable: &mut Files, files: &Files, event: &TracedCall) {
    match event {
        TracedCall::Sync(path) => {
            durable.insert(path.clone(), files.get(path).cloned().unwrap_or_default());
        }
        TracedCall::Unlink(path) => {
            durable.remove(path);
        }
        _ => {}
    }
}

fn path_for(ranks: usize, parts: usize) -> PathBuf {
    scratch(&format!("ranks-{ranks}-{parts}")).join("run.h5")
}

/// All states of a run of so many ranks, and of its continuation by others.
pub fn kills(ranks: usize, parts: usize, mutant: Option<Mutant>, seed: u64, most: u64) -> Row {
    let path = path_for(ranks, parts);
    let size = Size {
        ranks,
        rows: ranks,
        parts,
    };
    let mut row = Row::default();
    let first = match trace(&path, size, Mode::Create, Durability::Kill, mutant, None) {
        Ok(run) => run,
        Err(error) => {
            row.check(Err(error), || format!("{ranks} ranks"));
            return row;
        }
    };
    row.merge(states(&first, &path, Cut::Kill, mutant, seed, most));
    if row.is_decided() {
        return row;
    }
    // The same file by one rank fewer.
    let mut placed = files_in(path.parent().unwrap());
    place(path.parent().unwrap(), &last_of(&first), &mut placed);
    match trace(
        &path,
        Size {
            ranks: ranks - 1,
            ..size
        },
        Mode::ReadWrite,
        Durability::Kill,
        mutant,
        Some(first),
    ) {
        Ok(run) => row.merge(states(&run, &path, Cut::Kill, mutant, seed, most)),
        Err(error) => row.check(Err(error), || format!("{} ranks go on", ranks - 1)),
    }
    row
}

/// The files as a finished run has left them.
fn last_of(run: &Run) -> Files {
    let mut files = run.initial.clone();
    let all: Vec<_> = run.traces.iter().map(|trace| rounds(trace)).collect();
    for round in 0..all[0].len() {
        // What two ranks write into one file in a round lies apart, so that the order among them does not matter.
        let events = all.iter().flat_map(|rank| &rank[round]);
        events.for_each(|event| apply(&mut files, event));
    }
    files
}

/// States after a power cut.
pub fn power_cuts(ranks: usize, parts: usize, mutant: Option<Mutant>, seed: u64, most: u64) -> Row {
    let path = path_for(ranks, parts);
    let size = Size {
        ranks,
        rows: ranks,
        parts,
    };
    let mut row = Row::default();
    match trace(&path, size, Mode::Create, Durability::Power, mutant, None) {
        Ok(run) => row.merge(states(&run, &path, Cut::Power, mutant, seed, most)),
        Err(error) => row.check(Err(error), || format!("{ranks} ranks")),
    }
    row
}

/// A journal whose record is missing, or another run's, is not guessed at.
pub fn lost_records(seed: u64) -> Row {
    let path = path_for(2, 64);
    let size = Size {
        ranks: 2,
        rows: 2,
        parts: 64,
    };
    let folder = path.parent().unwrap();
    let mut row = Row::default();
    let run = match trace(&path, size, Mode::Create, Durability::Kill, None, None) {
        Ok(run) => run,
        Err(error) => {
            row.check(Err(error), || "2 ranks".into());
            return row;
        }
    };
    let all: Vec<_> = run.traces.iter().map(|trace| rounds(trace)).collect();
    let mut files = run.initial.clone();
    let mut random = Random(seed | 1);
    let mut placed = files_in(folder);
    let mut seen = BTreeMap::from([("missing", 0), ("another run's", 0)]);
    for round in 0..all[0].len() {
        for rank in &all {
            for event in &rank[round] {
                apply(&mut files, event);
            }
        }
        let record = PathBuf::from(format!("{}-ranks/decided", path.display()));
        for (what, is_there) in [("missing", false), ("another run's", true)] {
            let mut now = files.clone();
            match (is_there, now.get_mut(&record)) {
                (false, _) => drop(now.remove(&record)),
                (true, None) => continue,
                (true, Some(bytes)) => {
                    // Another run's, whole: its sums are right.
                    let other = journal::decision::other_run(bytes);
                    *bytes = other;
                }
            }
            let mut paths: Vec<PathBuf> =
                now.keys().filter(|path| is_member(path)).cloned().collect();
            paths.retain(|path| {
                now.get(&journal_path(path))
                    .is_some_and(|journal| journal.starts_with(b"h5simJ"))
            });
            if paths.is_empty() {
                continue;
            }
            place(folder, &now, &mut placed);
            let path = &paths[random.below(paths.len() as u64) as usize];
            let outcome = match journal::recover(path) {
                Err(error) if error.message.contains(what) && error.message.contains("decided") => {
                    *seen.entry(what).or_default() += 1;
                    match std::fs::read(path).ok() == now.get(path).cloned() {
                        true => Ok(()),
                        false => Err("the file was changed".into()),
                    }
                }
                other => Err(format!("expected an error with '{what}', got {other:?}")),
            };
            placed = files_in(folder);
            row.check(outcome, || format!("round {round}, {what}"));
        }
    }
    for (what, count) in seen {
        let is_met = match count > 0 {
            true => Ok(()),
            false => Err("no journal was met that holds a step".into()),
        };
        row.check(is_met, || what.to_owned());
    }
    row
}
