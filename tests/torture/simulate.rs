//! Crashes in simulation: one run is traced, and every state that a kill or a power cut could
//! have left behind is made, recovered and compared with the commits, bit for bit.

use crate::hdf5::Outcome;
use crate::table::Row;
use crate::workload::{self, Habits, Variant};
use h5sim::journal::{self, hooks, hooks::TracedCall, journal_path, Durability};
use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The mark of a finished close; smaller marks are commits.
const CLOSED: u64 = 1 << 32;
/// The mark of a finished recovery.
const RECOVERED: u64 = 1 << 33;

/// Files by name.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A run: what it did to files, and what each commit left.
pub struct Run {
    pub path: PathBuf,
    pub events: Vec<TracedCall>,
    /// The file's bytes after each commit; the first is that of no commit. A file that is only whole
    /// when it is closed may have other bytes with the same content after the next close.
    pub images: Vec<Vec<Vec<u8>>>,
    /// The files before it.
    pub initial: Files,
    /// The state that they hold.
    pub first: usize,
    /// The oldest state that other programs may see.
    pub oldest: usize,
    /// Whether commits wait for readers, who see older ones meanwhile.
    pub waits: bool,
    /// Where elements may be that no commit has written, and other programs may see before one does; and what was free for a while,
    /// where a recovery makes zeros.
    pub lazy: Vec<(u64, u64)>,
}

/// A generator of test cases.
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

/// Does to the files in memory what a call did.
pub fn apply(files: &mut Files, event: &TracedCall) {
    match event {
        TracedCall::Create(path) => {
            files.entry(path.clone()).or_default();
        }
        TracedCall::Write { path, offset, data } => {
            let file = files.entry(path.clone()).or_default();
            let end = *offset as usize + data.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            file[*offset as usize..end].copy_from_slice(data);
        }
        TracedCall::Truncate { path, size } => {
            files
                .entry(path.clone())
                .or_default()
                .resize(*size as usize, 0);
        }
        TracedCall::Zero {
            path,
            offset,
            length,
        } => {
            let file = files.entry(path.clone()).or_default();
            let end = ((*offset + *length) as usize).min(file.len());
            let start = (*offset as usize).min(end);
            file[start..end].fill(0);
        }
        TracedCall::Unlink(path) => {
            files.remove(path);
        }
        TracedCall::Rename { from, to } => {
            if let Some(file) = files.remove(from) {
                files.insert(to.clone(), file);
            }
        }
        TracedCall::Sync(_)
        | TracedCall::SyncDirectory(_)
        | TracedCall::Allocate(_)
        | TracedCall::Mark(_) => {}
    }
}

/// Where this process keeps its files: in memory, if there is such a place.
fn base() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() {
        memory.to_path_buf()
    } else {
        std::env::temp_dir()
    };
    base.join(format!("h5sim-torture-{}", std::process::id()))
}

/// The same on a disk, for what may grow.
fn base_on_disk() -> PathBuf {
    std::env::temp_dir().join(format!("h5sim-torture-{}", std::process::id()))
}

/// Removes all of that.
pub fn clean_up() {
    let _ = std::fs::remove_dir_all(base());
    let _ = std::fs::remove_dir_all(base_on_disk());
}

/// An empty directory for small files.
pub fn scratch(name: &str) -> PathBuf {
    emptied(base().join(name))
}

/// An empty directory on a disk.
pub fn scratch_on_disk(name: &str) -> PathBuf {
    emptied(base_on_disk().join(name))
}

fn emptied(directory: PathBuf) -> PathBuf {
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Runs the workload once and keeps its trace.
pub fn trace(variant: &Variant, directory: &Path) -> Outcome<Run> {
    trace_from(variant, directory, None)
}

/// What a run begins with.
pub struct Start {
    /// The file, and a journal that was left beside it.
    pub files: Files,
    /// The bytes of the commits up to the one that they hold.
    pub images: Vec<Vec<Vec<u8>>>,
    /// The oldest state that other programs may see.
    pub oldest: usize,
}

/// The same on a file that is there, in the state that is given with it.
pub fn trace_from(
    variant: &Variant,
    directory: &Path,
    start: Option<(Vec<u8>, usize)>,
) -> Outcome<Run> {
    let start = start.map(|(bytes, state)| {
        let mut images = vec![vec![Vec::new()]; state];
        images.push(vec![bytes.clone()]);
        Start {
            files: Files::from([(directory.join("run.h5"), bytes)]),
            images,
            oldest: state,
        }
    });
    trace_on(variant, directory, start)
}

/// The same on what a killed run has left.
pub fn trace_on(variant: &Variant, directory: &Path, start: Option<Start>) -> Outcome<Run> {
    let path = directory.join("run.h5");
    for old in [path.clone(), journal_path(&path)] {
        let _ = std::fs::remove_file(old);
    }
    let start = start.unwrap_or_else(|| Start {
        files: Files::new(),
        images: vec![vec![Vec::new()]],
        oldest: 0,
    });
    let Start {
        mut files,
        mut images,
        oldest,
    } = start;
    let first = images.len() - 1;
    place(&path, &files);
    let initial = files.clone();
    workload::take_lazy_places();
    hooks::arm(true, None);
    let steps = (first, variant.steps);
    let done = workload::run(&path, variant, steps, Habits::default(), |step| {
        hooks::mark(step as u64)
    });
    hooks::mark(CLOSED);
    let (_, events) = hooks::disarm();
    done?;
    let lazy = workload::take_lazy_places();
    for event in &events {
        apply(&mut files, event);
        if let TracedCall::Mark(step) = event {
            // Elements that are not written yet are zeros in it, as a recovery makes them.
            place(&path, &files);
            journal::recover(&path).map_err(|error| error.to_string())?;
            let image = std::fs::read(&path).unwrap();
            if *step as usize == images.len() {
                images.push(vec![image]);
            } else if *step < CLOSED && images.last().is_some_and(|last| !last.contains(&image)) {
                images[*step as usize].push(image);
            }
        }
    }
    if images.len() != variant.steps + 1 {
        return Err(format!("{} commits in the trace", images.len() - 1));
    }
    Ok(Run {
        path,
        events,
        images,
        initial,
        first,
        oldest,
        waits: variant.reader.is_some(),
        lazy,
    })
}

/// Whether every commit of a run holds the content that the workload says.
pub fn verify_images(run: &Run, variant: &Variant) -> Row {
    let mut row = Row::default();
    let numbered = run.images.iter().enumerate().skip(run.first.max(1));
    for (step, image) in numbered.flat_map(|(step, all)| all.iter().map(move |image| (step, image)))
    {
        std::fs::write(&run.path, image).unwrap();
        let _ = std::fs::remove_file(journal_path(&run.path));
        let found = workload::state_of(&run.path, journal::Access::Read);
        let outcome = match found {
            Ok(found) if found == step => Ok(()),
            other => Err(format!("expected state {step}, found {other:?}")),
        };
        row.check(outcome, || format!("{}, commit {step}", variant.name));
    }
    row
}

/// Puts files into the place of the run.
pub fn materialise(run: &Run, files: &Files) {
    place(&run.path, files);
}

fn place(path: &Path, files: &Files) {
    for path in [path.to_path_buf(), journal_path(path)] {
        match files.get(&path) {
            Some(bytes) => write_sparse(&path, bytes),
            None => {
                let _ = std::fs::remove_file(&path);
            }
        }
    }
}

/// Writes a file without its pages of zeros, of which journals have many.
pub fn write_sparse(path: &Path, bytes: &[u8]) {
    let file = std::fs::File::create(path).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let end = (at + 4096).min(bytes.len());
        if bytes[at..end].iter().all(|byte| *byte == 0) {
            file.write_all_at(&bytes[start..at], start as u64).unwrap();
            start = end;
        }
        at = end;
    }
    file.write_all_at(&bytes[start..], start as u64).unwrap();
}

/// Where the superblock of these bytes says that they end; `None` without one.
pub fn stored_end(bytes: &[u8]) -> Option<u64> {
    for address in [0usize, 512] {
        let at = |offset: usize| {
            Some(u64::from_le_bytes(
                bytes.get(offset..offset + 8)?.try_into().ok()?,
            ))
        };
        if bytes.get(address..address + 8) == Some(b"\x89HDF\r\n\x1a\n") {
            // Base and end of the versions that HDF5 writes with these property lists.
            return match bytes.get(address + 8)? {
                0 => at(address + 40),
                _ => at(address + 28),
            };
        }
    }
    None
}

/// Whether stock readers would see one of the allowed commits, or no HDF5 file at all.
fn stock_view(run: &Run, files: &Files, allowed: &[usize]) -> Outcome<()> {
    let Some(bytes) = files.get(&run.path) else {
        return Ok(());
    };
    let Some(end) = stored_end(bytes) else {
        return Ok(());
    };
    let seen = bytes
        .get(..end as usize)
        .ok_or("the file is shorter than its superblock says")?;
    if allowed.iter().any(|state| {
        run.images[*state]
            .iter()
            .any(|image| looks_like(run, seen, image))
    }) {
        return Ok(());
    }
    Err("before recovery a stock reader sees something that was never committed".into())
}

/// Whether a journal begins with a commit, or has a record of ranges.
fn holds_something(journal: &[u8]) -> bool {
    [0, 256, (1 << 20) - (48 << 10), (1 << 20) - (24 << 10)]
        .iter()
        .any(|at| {
            journal
                .get(*at..)
                .is_some_and(|rest| rest.starts_with(b"h5simJ"))
        })
}

/// Whether these bytes are a commit's, save for elements that it had not written yet.
fn looks_like(run: &Run, seen: &[u8], image: &[u8]) -> bool {
    if seen.len() != image.len() {
        return false;
    }
    seen == image
        || (0..seen.len()).all(|at| {
            let is_lazy = |place: &(u64, u64)| (place.0..place.1).contains(&(at as u64));
            seen[at] == image[at] || (image[at] == 0 && run.lazy.iter().any(is_lazy))
        })
}

/// Recovers the files in place and says which of the allowed commits they hold now.
fn recover_to(run: &Run, allowed: &[usize]) -> Outcome<usize> {
    if !run.path.exists() {
        return if allowed.contains(&0) {
            Ok(0)
        } else {
            Err("the file is gone".into())
        };
    }
    let recovered = journal::recover(&run.path);
    let bytes = std::fs::read(&run.path).unwrap();
    match (&recovered, allowed.contains(&0)) {
        // Before the first commit there need not be an HDF5 file.
        (Err(error), true) if error.status == h5sim::error::Status::Format => {
            return if stored_end(&bytes).is_none() {
                Ok(0)
            } else {
                Err(error.to_string())
            };
        }
        (Err(error), _) => return Err(error.to_string()),
        _ => {}
    }
    if journal_path(&run.path).exists() {
        return Err("the journal is still there".into());
    }
    allowed
        .iter()
        .copied()
        .find(|state| run.images[*state].contains(&bytes))
        .ok_or_else(|| format!("no allowed commit in {} bytes: {recovered:?}", bytes.len()))
}

/// The commits that may be found when this many were acknowledged.
fn allowed(run: &Run, acknowledged: usize) -> Vec<usize> {
    (acknowledged..=(acknowledged + 1).min(run.images.len() - 1)).collect()
}

/// How many bytes of a write may have happened when the process dies in it.
fn cuts(length: usize, random: &mut Random, dense: bool) -> Vec<usize> {
    let mut cuts = vec![
        1,
        length / 2,
        length.saturating_sub(1),
        512,
        1024,
        1025,
        1024 + 24,
    ];
    let extra = if dense { 5 } else { 2 };
    cuts.extend((0..extra).map(|_| random.below(length as u64) as usize));
    cuts.retain(|cut| *cut > 0 && *cut < length);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Every prefix of the run, and cuts of each write: what a kill leaves.
pub fn kills(run: &Run, dense: bool, nested: usize, seed: u64) -> (Row, Row) {
    let mut random = Random(seed | 1);
    let (mut row, mut nested_row) = (Row::default(), Row::default());
    let mut files = run.initial.clone();
    let mut acknowledged = run.first;
    let mut candidates = 0;
    for (number, event) in run.events.iter().enumerate() {
        if row.is_decided() || nested_row.is_decided() {
            break;
        }
        let may = allowed(run, acknowledged);
        let mut states = vec![(files.clone(), 0)];
        if let TracedCall::Write { path, offset, data } = event {
            for cut in cuts(data.len(), &mut random, dense) {
                let mut torn = files.clone();
                let first = data[..cut].to_vec();
                apply(
                    &mut torn,
                    &TracedCall::Write {
                        path: path.clone(),
                        offset: *offset,
                        data: first,
                    },
                );
                states.push((torn, cut));
            }
        }
        if let TracedCall::Zero {
            path,
            offset,
            length,
        } = event
        {
            // The kernel frees a large range piece by piece.
            let mut torn = files.clone();
            let half = TracedCall::Zero {
                path: path.clone(),
                offset: *offset,
                length: length / 2,
            };
            apply(&mut torn, &half);
            states.push((torn, 1));
        }
        for (state, cut) in states {
            let context = || format!("before call {number} of {}, cut {cut}", run.events.len());
            let seen: Vec<usize> = match run.waits {
                true => (run.oldest..=(acknowledged + 1).min(run.images.len() - 1)).collect(),
                false => may.clone(),
            };
            row.check(stock_view(run, &state, &seen), context);
            materialise(run, &state);
            // A journal with something to replay is where a killed recovery could do harm.
            let hot = state
                .get(&journal_path(&run.path))
                .is_some_and(|journal| holds_something(journal));
            candidates += usize::from(hot);
            if nested > 0 && hot && candidates % nested == 0 {
                nested_row.merge(killed_recovery(run, &state, &may, &mut random));
                materialise(run, &state);
            }
            let outcome = recover_to(run, &may).map(drop);
            row.check(outcome, context);
        }
        apply(&mut files, event);
        if let TracedCall::Mark(step) = event {
            if *step < CLOSED {
                acknowledged = *step as usize;
                // Between commits there is nothing to replay: another program may change the file.
                materialise(run, &files);
                let idle = match journal::check(&run.path) {
                    Ok(_) if run.waits => Ok(()),
                    Ok(report) if report.finding == journal::Finding::CommitInJournal => {
                        Err(report.sentence)
                    }
                    Ok(_) => Ok(()),
                    Err(error) => Err(error.to_string()),
                };
                row.check(idle, || format!("after commit {step}"));
            }
        }
    }
    (row, nested_row)
}

/// Kills the recovery itself at each of its steps, and recovers again.
fn killed_recovery(run: &Run, state: &Files, may: &[usize], random: &mut Random) -> Row {
    let mut row = Row::default();
    materialise(run, state);
    hooks::arm(true, None);
    let first = recover_to(run, may);
    let (_, events) = hooks::disarm();
    let Ok(expected) = first else {
        row.check(first.map(drop), || "recovery".into());
        return row;
    };
    let mut files = state.clone();
    for event in &events {
        let mut states = vec![files.clone()];
        if let TracedCall::Write { path, offset, data } = event {
            for cut in cuts(data.len(), random, false) {
                let mut torn = files.clone();
                let first = data[..cut].to_vec();
                apply(
                    &mut torn,
                    &TracedCall::Write {
                        path: path.clone(),
                        offset: *offset,
                        data: first,
                    },
                );
                states.push(torn);
            }
        }
        for state in states {
            materialise(run, &state);
            row.check(recover_to(run, &[expected]).map(drop), || {
                "killed recovery".into()
            });
        }
        apply(&mut files, event);
    }
    row
}

const SECTOR: usize = 512;

/// A file on a disk that loses power: what is safe, and what may or may not have reached it.
#[derive(Clone, Default)]
struct Disk {
    durable: Vec<u8>,
    current: Vec<u8>,
    sizes: Vec<usize>,
    sectors: BTreeMap<usize, Vec<[u8; SECTOR]>>,
}

impl Disk {
    fn sector(&self, number: usize) -> [u8; SECTOR] {
        let mut bytes = [0; SECTOR];
        let start = (number * SECTOR).min(self.current.len());
        let end = (start + SECTOR).min(self.current.len());
        bytes[..end - start].copy_from_slice(&self.current[start..end]);
        bytes
    }

    fn changed(&mut self, start: usize, end: usize) {
        for number in start / SECTOR..end.div_ceil(SECTOR) {
            let bytes = self.sector(number);
            self.sectors.entry(number).or_default().push(bytes);
        }
    }

    fn write(&mut self, offset: usize, data: &[u8]) {
        let end = offset + data.len();
        if self.current.len() < end {
            self.current.resize(end, 0);
            self.sizes.push(end);
        }
        self.current[offset..end].copy_from_slice(data);
        self.changed(offset, end);
    }

    fn truncate(&mut self, size: usize) {
        let old = self.current.len();
        self.current.resize(size, 0);
        self.sizes.push(size);
        self.changed(size, old);
    }

    fn sync(&mut self) {
        self.durable.clone_from(&self.current);
        self.sizes.clear();
        self.sectors.clear();
    }

    /// What is there when the power returns. `keep` of 16 unsynced changes arrive on average.
    fn after_cut(&self, random: &mut Random, keep: u64) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let mut size = self.durable.len();
        if !self.sizes.is_empty() && random.below(16) < keep {
            size = self.sizes[random.below(self.sizes.len() as u64) as usize];
        }
        bytes.resize(bytes.len().max(size), 0);
        for (number, versions) in &self.sectors {
            if random.below(16) >= keep {
                continue;
            }
            // Mostly the newest version, but any may be what was written back last.
            let version = match random.below(4) {
                0 => random.below(versions.len() as u64) as usize,
                _ => versions.len() - 1,
            };
            let start = number * SECTOR;
            if start < bytes.len() {
                let end = (start + SECTOR).min(bytes.len());
                bytes[start..end].copy_from_slice(&versions[version][..end - start]);
            }
        }
        bytes.truncate(size);
        bytes
    }
}

/// A directory on such a disk.
#[derive(Clone, Default)]
struct Machine {
    inodes: Vec<Disk>,
    names: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    /// What each name has meant since the directory was synced.
    pending: BTreeMap<PathBuf, Vec<Option<usize>>>,
}

impl Machine {
    fn with(files: &Files) -> Self {
        let mut machine = Self::default();
        for (path, bytes) in files {
            let disk = Disk {
                durable: bytes.clone(),
                current: bytes.clone(),
                ..Disk::default()
            };
            machine.names.insert(path.clone(), machine.inodes.len());
            machine.inodes.push(disk);
        }
        machine.durable.clone_from(&machine.names);
        machine
    }

    fn name(&mut self, path: &Path, inode: Option<usize>) {
        match inode {
            Some(inode) => self.names.insert(path.to_path_buf(), inode),
            None => self.names.remove(path),
        };
        self.pending
            .entry(path.to_path_buf())
            .or_default()
            .push(inode);
    }

    fn file(&mut self, path: &Path) -> &mut Disk {
        let inode = self.names[path];
        &mut self.inodes[inode]
    }

    fn apply(&mut self, event: &TracedCall) {
        match event {
            TracedCall::Create(path) => {
                if !self.names.contains_key(path) {
                    self.inodes.push(Disk::default());
                    self.name(path, Some(self.inodes.len() - 1));
                }
            }
            TracedCall::Write { path, offset, data } => {
                self.file(path).write(*offset as usize, data)
            }
            TracedCall::Truncate { path, size } => self.file(path).truncate(*size as usize),
            TracedCall::Zero {
                path,
                offset,
                length,
            } => {
                let file = self.file(path);
                let end = ((*offset + *length) as usize).min(file.current.len());
                let start = (*offset as usize).min(end);
                file.write(start, &vec![0; end - start]);
            }
            TracedCall::Sync(path) => self.file(path).sync(),
            TracedCall::SyncDirectory(_) => {
                self.durable.clone_from(&self.names);
                self.pending.clear();
            }
            TracedCall::Unlink(path) => self.name(path, None),
            TracedCall::Rename { from, to } => {
                let inode = self.names[from];
                self.name(from, None);
                self.name(to, Some(inode));
            }
            TracedCall::Allocate(_) | TracedCall::Mark(_) => {}
        }
    }

    fn after_cut(&self, random: &mut Random) -> Files {
        let keep = [0, 3, 8, 13, 16][random.below(5) as usize];
        let mut names = self.durable.clone();
        for (path, versions) in &self.pending {
            if random.below(16) < keep {
                let version = versions[random.below(versions.len() as u64) as usize];
                match version {
                    Some(inode) => names.insert(path.clone(), inode),
                    None => names.remove(path),
                };
            }
        }
        // The file and its journal are written back independently of each other.
        let keeps = [keep, [0, 8, 16][random.below(3) as usize]];
        names
            .into_iter()
            .enumerate()
            .map(|(number, (path, inode))| {
                (
                    path,
                    self.inodes[inode].after_cut(random, keeps[number % 2]),
                )
            })
            .collect()
    }
}

/// Power cuts between all calls of a run, and some during the recoveries from them.
pub fn power_cuts(run: &Run, states: usize, seed: u64) -> (Row, Row) {
    let mut random = Random(seed | 1);
    let (mut row, mut recovery_row) = (Row::default(), Row::default());
    let mut machine = Machine::with(&run.initial);
    let (mut acknowledged, mut closed) = (run.first, false);
    for (number, event) in run.events.iter().enumerate() {
        if row.is_decided() || recovery_row.is_decided() {
            break;
        }
        machine.apply(event);
        if let TracedCall::Mark(step) = event {
            closed = *step == CLOSED;
            if !closed {
                acknowledged = *step as usize;
            }
        }
        let may = allowed(run, acknowledged);
        for draw in 0..states {
            let files = machine.after_cut(&mut random);
            let context = || {
                format!(
                    "after call {number} of {}, draw {draw}, seed {seed}",
                    run.events.len()
                )
            };
            if closed && files.contains_key(&journal_path(&run.path)) {
                row.check(
                    Err("the journal of a closed file came back".into()),
                    context,
                );
            }
            materialise(run, &files);
            let dig = (number + draw) % 7 == 0
                && files
                    .get(&journal_path(&run.path))
                    .is_some_and(|journal| holds_something(journal));
            if dig {
                recovery_row.merge(cut_recovery(run, &files, &may, &mut random));
                materialise(run, &files);
            }
            row.check(recover_to(run, &may).map(drop), context);
        }
    }
    (row, recovery_row)
}

/// Cuts the power during a recovery and just after it.
fn cut_recovery(run: &Run, files: &Files, may: &[usize], random: &mut Random) -> Row {
    let mut row = Row::default();
    materialise(run, files);
    hooks::arm(true, None);
    let first = recover_to(run, may);
    hooks::mark(RECOVERED);
    let (_, events) = hooks::disarm();
    let Ok(expected) = first else {
        row.check(first.map(drop), || "recovery".into());
        return row;
    };
    // Only a journal with a commit in it must be gone for good.
    let replayed = events
        .iter()
        .any(|event| matches!(event, TracedCall::Sync(_)));
    let mut machine = Machine::with(files);
    for event in &events {
        machine.apply(event);
        for _ in 0..3 {
            let left = machine.after_cut(random);
            if replayed
                && *event == TracedCall::Mark(RECOVERED)
                && left.contains_key(&journal_path(&run.path))
            {
                row.check(
                    Err("the journal of a recovered file came back".into()),
                    || "after recovery".into(),
                );
            }
            materialise(run, &left);
            row.check(recover_to(run, &[expected]).map(drop), || {
                "power cut during recovery".into()
            });
        }
    }
    row
}

/// The variant with another durability.
pub fn with_power(variant: Variant) -> Variant {
    Variant {
        durability: Durability::Power,
        ..variant
    }
}

/// What a kill leaves after a commit that waits for readers, and the commits before it.
pub fn left_waiting(run: &Run, step: usize, oldest: usize) -> Start {
    let mut files = run.initial.clone();
    for event in &run.events {
        apply(&mut files, event);
        if *event == TracedCall::Mark(step as u64) {
            break;
        }
    }
    Start {
        files,
        images: run.images[..=step].to_vec(),
        oldest,
    }
}

/// States just after the seal of a commit that replaces something, or just before it, as a kill
/// leaves them, and the commits that their journals hold.
pub fn hot_states(run: &Run, before: bool) -> Vec<(usize, Files)> {
    let mut states = Vec::new();
    let mut files = run.initial.clone();
    let mut acknowledged = run.first;
    for event in &run.events {
        let seals = matches!(event, TracedCall::Write { path, data, .. }
            if *path == run.path && data[..] == [0; 8]);
        let last = files.clone();
        apply(&mut files, event);
        match event {
            TracedCall::Mark(step) if *step < CLOSED => acknowledged = *step as usize,
            _ if seals && acknowledged + 2 < run.images.len() => {
                states.push((acknowledged + 1, if before { last } else { files.clone() }));
            }
            _ => {}
        }
    }
    states
}

/// Flips a bit of a journal: it is refused as a whole, or replayed as if nothing had happened.
pub fn flipped_bits(run: &Run, count: usize, seed: u64) -> Row {
    let mut row = Row::default();
    let mut random = Random(seed | 1);
    let journal = journal_path(&run.path);
    for (step, files) in hot_states(run, true) {
        for number in 0..count {
            let mut changed = files.clone();
            let Some(bytes) = changed.get_mut(&journal) else {
                continue;
            };
            // Mostly in the header and the index.
            let limit = if number % 4 == 0 {
                bytes.len()
            } else {
                2048.min(bytes.len())
            };
            let at = random.below(limit as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
            materialise(run, &changed);
            // A commit that waited for readers is in the journal only: the file is an older one.
            let may: Vec<usize> = match run.waits {
                true => (run.oldest..=step).collect(),
                false => vec![step - 1, step],
            };
            row.check(recover_to(run, &may).map(drop), || {
                format!("byte {at} of the journal of step {step}")
            });
        }
    }
    row
}
