//! Real kills: this program starts itself and dies by SIGKILL, at a random time or at a certain call.

use crate::python;
use crate::simulate::{scratch_on_disk, Random};
use crate::table::Row;
use crate::workload::{self, Habits, VARIANTS};
use h5sim::journal::hooks::{self, Fault, Plan};
use h5sim::journal::{self, journal_path, Access};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Steps of one life of the child.
const STEPS: usize = 8;

/// What the child does: `child PATH VARIANT FROM TO KILL_AT FIRST PAUSE_MS`.
pub fn child(arguments: &[String]) {
    let number = |at: usize| arguments[at].parse::<i64>().unwrap();
    let path = PathBuf::from(&arguments[0]);
    let variant = VARIANTS[number(1) as usize];
    if number(4) >= 0 {
        let fault = Fault::Kill {
            first: number(5) as usize,
        };
        hooks::arm(
            false,
            Some(Plan {
                fault,
                at: number(4) as u64,
                onwards: false,
                reads: false,
            }),
        );
    }
    let pause = Duration::from_millis(number(6) as u64);
    let habits = Habits {
        pause,
        ..Habits::default()
    };
    let steps = (number(2) as usize, number(3) as usize);
    let mut output = std::io::stdout();
    let done = workload::run(&path, &variant, steps, habits, |step| {
        output.write_all(format!("{step}\n").as_bytes()).unwrap();
        output.flush().unwrap();
    });
    if let Err(error) = done {
        eprintln!("{error}");
        std::process::exit(3);
    }
}

/// Starts the child without file locks.
pub fn start_without_locks(
    path: &Path,
    variant: usize,
    steps: (usize, usize),
    kill: (i64, usize),
    pause: u64,
) -> Child {
    command(path, variant, steps, kill, pause)
        .env("HDF5_USE_FILE_LOCKING", "FALSE")
        .spawn()
        .unwrap()
}

/// Starts the child.
pub fn start(
    path: &Path,
    variant: usize,
    steps: (usize, usize),
    kill: (i64, usize),
    pause: u64,
) -> Child {
    command(path, variant, steps, kill, pause).spawn().unwrap()
}

fn command(
    path: &Path,
    variant: usize,
    steps: (usize, usize),
    kill: (i64, usize),
    pause: u64,
) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("child")
        .arg(path)
        .args([
            variant.to_string(),
            steps.0.to_string(),
            steps.1.to_string(),
        ])
        .args([kill.0.to_string(), kill.1.to_string(), pause.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Waits for a dead child: what it acknowledged last, and its complaint if it was not killed.
fn harvest(mut child: Child, before: usize) -> Result<usize, String> {
    let (mut output, mut complaint) = (String::new(), String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut complaint)
        .unwrap();
    let status = child.wait().unwrap();
    if status.code().is_some_and(|code| code != 0) {
        return Err(format!("the child failed: {complaint}"));
    }
    // A line may have been cut by the kill.
    let last = output
        .split_inclusive('\n')
        .rfind(|line| line.ends_with('\n'));
    Ok(last.map_or(before, |line| line.trim().parse().unwrap()))
}

/// One file that is killed again and again.
struct Victim {
    path: PathBuf,
    variant: usize,
    state: usize,
    /// Copies from before the recovery, for the stock reader.
    copies: Vec<(PathBuf, usize)>,
}

impl Victim {
    fn new(directory: &Path, variant: usize) -> Self {
        let path = directory.join(format!("victim {variant}.h5"));
        Self {
            path,
            variant,
            state: 0,
            copies: Vec::new(),
        }
    }

    fn steps(&mut self) -> (usize, usize) {
        if self.state >= 3 * STEPS {
            std::fs::remove_file(&self.path).unwrap();
            self.state = 0;
        }
        (self.state, self.state + STEPS)
    }

    /// Looks at what a killed child has left.
    fn inspect(&mut self, child: Child) -> Result<(), String> {
        let acknowledged = harvest(child, self.state)?;
        if self.path.exists() {
            let copy = self
                .path
                .with_extension(format!("{}.copy", self.copies.len()));
            std::fs::copy(&self.path, &copy).unwrap();
            self.copies.push((copy, acknowledged));
            match journal::recover(&self.path) {
                Err(error) if acknowledged > 0 => return Err(error.to_string()),
                _ => {}
            }
        }
        let state = workload::state_of(&self.path, Access::Read)?;
        if state != acknowledged && state != acknowledged + 1 {
            return Err(format!(
                "{acknowledged} was acknowledged, and the file holds {state}"
            ));
        }
        if journal_path(&self.path).exists() {
            return Err("the journal is still there".into());
        }
        self.state = state;
        Ok(())
    }
}

/// Kills at random times, `count` in all.
pub fn at_random_times(count: usize, seed: u64) -> (Row, Row) {
    let mut row = Row::default();
    let directory = scratch_on_disk("random kills");
    let mut random = Random(seed | 1);
    let mut victims: Vec<Victim> = (0..VARIANTS.len())
        .map(|variant| Victim::new(&directory, variant))
        .collect();
    // How long an undisturbed life lasts decides when to kill.
    let begun = Instant::now();
    let first = start(&directory.join("timing.h5"), 0, (0, STEPS), (-1, 0), 0);
    row.check(harvest(first, 0).map(drop), || "undisturbed child".into());
    let life = begun.elapsed().as_micros() as u64;
    for number in 0..count {
        let victim = &mut victims[number % VARIANTS.len()];
        let steps = victim.steps();
        let mut child = start(&victim.path, victim.variant, steps, (-1, 0), 0);
        std::thread::sleep(Duration::from_micros(random.below(life + life / 4)));
        let _ = child.kill();
        row.check(victim.inspect(child), || {
            format!(
                "kill {number}, {}, from step {}",
                VARIANTS[victim.variant].name, steps.0
            )
        });
    }
    let stock = stock_readers(&victims);
    let _ = std::fs::remove_dir_all(directory);
    (row, stock)
}

/// Kills at certain calls, some of them in the middle of a write.
pub fn at_calls(count: usize, seed: u64) -> (Row, Row) {
    let mut row = Row::default();
    let directory = scratch_on_disk("kills at calls");
    let mut random = Random(seed | 1);
    let mut victims: Vec<Victim> = (0..VARIANTS.len())
        .map(|variant| Victim::new(&directory, variant))
        .collect();
    for number in 0..count {
        let victim = &mut victims[number % VARIANTS.len()];
        let steps = victim.steps();
        let kill = (
            random.below(220) as i64,
            [0, 1, 30, 600, 5000][random.below(5) as usize],
        );
        let child = start(&victim.path, victim.variant, steps, kill, 0);
        row.check(victim.inspect(child), || {
            format!(
                "kill {number} at {kill:?}, {}, from step {}",
                VARIANTS[victim.variant].name, steps.0
            )
        });
    }
    let stock = stock_readers(&victims);
    let _ = std::fs::remove_dir_all(directory);
    (row, stock)
}

/// What stock h5py sees in the killed files before anything has recovered them: a commit, or a refusal.
fn stock_readers(victims: &[Victim]) -> Row {
    let mut row = Row::default();
    let copies: Vec<(&Path, usize, bool)> = victims
        .iter()
        .flat_map(|victim| {
            // Where commits waited for readers, the file holds an older one.
            let waits = VARIANTS[victim.variant].reader.is_some();
            let copies = victim.copies.iter();
            copies.map(move |(path, step)| (path.as_path(), *step, waits))
        })
        .collect();
    let paths: Vec<&Path> = copies.iter().map(|copy| copy.0).collect();
    let (mut read, mut refused) = (0, 0);
    for ((path, acknowledged, waits), seen) in copies.iter().zip(python::listings(&paths)) {
        let outcome = seen.and_then(|lines| match lines {
            None => {
                refused += 1;
                Ok(())
            }
            Some(lines) => {
                read += 1;
                match workload::state_of_listing_under_way(&lines) {
                    Ok(state) if state == *acknowledged || state == acknowledged + 1 => Ok(()),
                    Ok(state) if *waits && state < *acknowledged => Ok(()),
                    other => Err(format!(
                        "{acknowledged} was acknowledged, h5py sees {other:?}"
                    )),
                }
            }
        });
        row.check(outcome, || format!("{}", path.display()));
    }
    println!("stock h5py before recovery: {read} files hold a commit, {refused} are refused");
    row
}
