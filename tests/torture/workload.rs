//! What the tests write: steps whose content is known without HDF5, so that it can be verified.

use crate::hdf5::{self, hash, Chunks, Lists, Outcome, Values};
use h5sim::journal::{self, raw_file, Access, Durability, Ending, Options};
use hdf5_sys::h5i::hid_t;
use std::cell::RefCell;
use std::path::Path;

/// How the workload is run.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    pub name: &'static str,
    pub lists: Lists,
    pub durability: Durability,
    /// How much replaced data memory may hold.
    pub overlay_limit: usize,
    /// Elements of the datasets that are overwritten and deleted.
    pub bulk: usize,
    /// At which steps the file is closed and opened again.
    pub reopen_every: usize,
    /// Whether it is closing the file that commits.
    pub closes: bool,
    pub steps: usize,
    /// A program that locks reads the file from before the one commit until after the other.
    pub reader: Option<(usize, usize)>,
}

impl Variant {
    pub fn options(&self) -> Options {
        Options {
            durability: self.durability,
            overlay_limit: self.overlay_limit,
            // A close waits for a reader that is in the middle of a call.
            patience: match self.reader {
                None => std::time::Duration::from_secs(5),
                Some(_) => std::time::Duration::ZERO,
            },
            ..Options::default()
        }
    }
}

const BASE: Variant = Variant {
    name: "earliest",
    lists: Lists {
        latest: false,
        tiny_cache: false,
        user_block: false,
        paged: false,
        persist: false,
    },
    durability: Durability::Kill,
    overlay_limit: 64 << 20,
    bulk: 6000,
    reopen_every: 4,
    closes: false,
    steps: 9,
    reader: None,
};

/// The variants; those of a quick run come first.
pub const VARIANTS: [Variant; 10] = [
    BASE,
    Variant {
        name: "latest",
        lists: Lists {
            latest: true,
            ..BASE.lists
        },
        reopen_every: 3,
        ..BASE
    },
    Variant {
        name: "spilling, tiny cache",
        lists: Lists {
            tiny_cache: true,
            ..BASE.lists
        },
        overlay_limit: 8192,
        ..BASE
    },
    Variant {
        name: "latest, spilling, tiny cache",
        lists: Lists {
            latest: true,
            tiny_cache: true,
            ..BASE.lists
        },
        overlay_limit: 8192,
        reopen_every: 5,
        ..BASE
    },
    Variant {
        name: "user block",
        lists: Lists {
            user_block: true,
            ..BASE.lists
        },
        ..BASE
    },
    Variant {
        name: "free space kept",
        lists: Lists {
            persist: true,
            latest: true,
            ..BASE.lists
        },
        ..BASE
    },
    Variant {
        name: "pages",
        lists: Lists {
            paged: true,
            latest: true,
            ..BASE.lists
        },
        reopen_every: 3,
        ..BASE
    },
    Variant {
        name: "readers",
        reopen_every: 100,
        reader: Some((2, 7)),
        ..BASE
    },
    Variant {
        name: "readers, latest, spilling",
        lists: Lists {
            latest: true,
            ..BASE.lists
        },
        overlay_limit: 8192,
        reopen_every: 100,
        reader: Some((3, 20)),
        ..BASE
    },
    Variant {
        name: "committed by closing",
        reopen_every: 100,
        closes: true,
        ..BASE
    },
];

fn floats(step: usize, salt: u64, count: usize) -> Vec<f64> {
    (0..count as u64)
        .map(|at| {
            let mixed = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt ^ ((step as u64) << 32);
            (mixed >> 20) as f64 / 1024.0
        })
        .collect()
}

/// Elements of the dataset that is written a part at a time.
const LAZY: usize = 4000;

fn lazy_start(step: usize) -> usize {
    step * 611 % (LAZY - 700)
}

thread_local! {
    /// Where that dataset has been on this thread, and what was free: start and end.
    static LAZY_PLACES: RefCell<Vec<(u64, u64)>> = const { RefCell::new(Vec::new()) };
}

/// Where elements lie that other programs may see before they are committed, and bytes that nothing refers to.
pub fn take_lazy_places() -> Vec<(u64, u64)> {
    LAZY_PLACES.take()
}

fn texts(step: usize) -> Vec<String> {
    (0..3)
        .map(|at| {
            format!(
                "step {step} text {at} {}",
                "x".repeat(17 * (step + at) % 90)
            )
        })
        .collect()
}

/// The state of the file after some steps, and with it the content of every step.
#[derive(Clone, Default)]
pub struct Model {
    series: Vec<i64>,
    zipped: Vec<f64>,
    names: Vec<String>,
    field: Vec<f64>,
    history: Vec<i64>,
    groups: Vec<(usize, Vec<f64>)>,
    bulk: Vec<(usize, Vec<f64>)>,
    /// A dataset that is written a part at a time, where others were before.
    lazy: Option<Vec<f64>>,
    /// How many steps have been made.
    pub step: usize,
}

fn bytes_of_floats(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn bytes_of_integers(values: &[i64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

impl Model {
    /// The state after `steps` steps.
    pub fn after(variant: &Variant, steps: usize) -> Self {
        let mut model = Self::default();
        for _ in 0..steps {
            model.advance(variant);
        }
        model
    }

    fn advance(&mut self, variant: &Variant) {
        let step = self.step;
        if step == 0 {
            self.field = floats(0, 7, 3000);
        } else {
            let start = 37 * step % 1500;
            let new = floats(step, 7, 1200);
            self.field[start..start + 1200].copy_from_slice(&new);
        }
        self.series
            .extend((0..37).map(|at| (step * 1000 + at) as i64));
        self.zipped.extend(floats(step, 3, 90));
        self.names.extend(texts(step));
        self.history = (0..=(step * 5 % 23))
            .map(|at| (step * 100 + at) as i64)
            .collect();
        self.groups.push((step, floats(step, 11, 5)));
        if step >= 2 {
            self.groups.retain(|(made, _)| *made != step - 2);
        }
        match step % 3 {
            0 => self.bulk.push((step, floats(step, 5, variant.bulk))),
            1 => {
                if let Some((_, values)) = self.bulk.last_mut() {
                    *values = floats(step, 5, variant.bulk);
                }
            }
            _ => {
                self.bulk.pop();
                self.lazy = Some(vec![0.0; LAZY]);
            }
        }
        if let Some(values) = &mut self.lazy {
            let start = lazy_start(step);
            values[start..start + 700].copy_from_slice(&floats(step, 13, 700));
        }
        self.step += 1;
    }

    /// What [`hdf5::listing`] and the Python check say about this state.
    pub fn listing(&self) -> Vec<String> {
        if self.step == 0 {
            return vec!["/ group".into()];
        }
        let text: Vec<u8> = self
            .names
            .iter()
            .flat_map(|name| name.bytes().chain([0]))
            .collect();
        let mut lines = vec![
            "/ group".to_string(),
            format!("@step i 1 {}", hash(&(self.step as i64).to_le_bytes())),
            format!(
                "/series i {} {}",
                self.series.len(),
                hash(&bytes_of_integers(&self.series))
            ),
            format!(
                "/series@history i {} {}",
                self.history.len(),
                hash(&bytes_of_integers(&self.history))
            ),
            format!(
                "/zipped f {} {}",
                self.zipped.len(),
                hash(&bytes_of_floats(&self.zipped))
            ),
            format!("/names s {} {}", self.names.len(), hash(&text)),
            format!(
                "/field f {} {}",
                self.field.len(),
                hash(&bytes_of_floats(&self.field))
            ),
        ];
        for (step, values) in &self.groups {
            lines.push(format!("/group {step}/ group"));
            lines.push(format!(
                "/group {step}/small f 5 {}",
                hash(&bytes_of_floats(values))
            ));
        }
        for (step, values) in &self.bulk {
            lines.push(format!(
                "/bulk {step} f {} {}",
                values.len(),
                hash(&bytes_of_floats(values))
            ));
        }
        if let Some(values) = &self.lazy {
            lines.push(format!(
                "/lazy f {} {}",
                values.len(),
                hash(&bytes_of_floats(values))
            ));
        }
        lines.sort();
        lines
    }
}

/// Makes one step in the file; `before` is the state that it holds.
pub fn make_step(file: hid_t, variant: &Variant, before: &Model) -> Outcome<()> {
    let step = before.step;
    let mut after = before.clone();
    after.advance(variant);
    let appended = |all: usize, new: usize| (all - new) as u64;
    if step == 0 {
        hdf5::create_dataset(
            file,
            "series",
            'i',
            0,
            Some(Chunks {
                size: 16,
                gzip: false,
            }),
        )?;
        hdf5::create_dataset(
            file,
            "zipped",
            'f',
            0,
            Some(Chunks {
                size: 64,
                gzip: true,
            }),
        )?;
        hdf5::create_dataset(
            file,
            "names",
            's',
            0,
            Some(Chunks {
                size: 8,
                gzip: false,
            }),
        )?;
        hdf5::create_dataset(file, "field", 'f', 3000, None)?;
        hdf5::write(
            file,
            "field",
            0,
            &Values::Floats(&after.field),
            false,
            false,
        )?;
    } else {
        let start = 37 * step % 1500;
        let new = &after.field[start..start + 1200];
        hdf5::write(
            file,
            "field",
            start as u64,
            &Values::Floats(new),
            false,
            false,
        )?;
    }
    let start = appended(after.series.len(), 37);
    let new = &after.series[start as usize..];
    hdf5::write(
        file,
        "series",
        start,
        &Values::Integers(new),
        true,
        step % 2 == 1,
    )?;
    hdf5::set_attribute(file, "series", "history", &after.history)?;
    let group = format!("group {step}");
    hdf5::create_group(file, &group)?;
    hdf5::create_dataset(file, &format!("{group}/small"), 'f', 5, None)?;
    let small = &after.groups.last().unwrap().1;
    hdf5::write(
        file,
        &format!("{group}/small"),
        0,
        &Values::Floats(small),
        false,
        false,
    )?;
    if step >= 2 {
        hdf5::delete(file, &format!("group {}", step - 2))?;
    }
    let start = appended(after.zipped.len(), 90);
    hdf5::write(
        file,
        "zipped",
        start,
        &Values::Floats(&after.zipped[start as usize..]),
        true,
        step % 3 == 1,
    )?;
    let start = appended(after.names.len(), 3);
    hdf5::write(
        file,
        "names",
        start,
        &Values::Texts(&after.names[start as usize..]),
        true,
        step % 4 == 2,
    )?;
    match step % 3 {
        0 => {
            let path = format!("bulk {step}");
            hdf5::create_dataset(file, &path, 'f', variant.bulk as u64, None)?;
            hdf5::write(
                file,
                &path,
                0,
                &Values::Floats(&after.bulk.last().unwrap().1),
                false,
                false,
            )?;
        }
        1 => {
            if let Some((made, values)) = after.bulk.last() {
                hdf5::write(
                    file,
                    &format!("bulk {made}"),
                    0,
                    &Values::Floats(values),
                    false,
                    true,
                )?;
            }
        }
        _ => {
            if let Some((made, _)) = before.bulk.last() {
                hdf5::delete(file, &format!("bulk {made}"))?;
            }
            if before.lazy.is_some() {
                hdf5::delete(file, "lazy")?;
            }
            let address = hdf5::create_unwritten(file, "lazy", LAZY as u64)?;
            raw_file(file)
                .and_then(|raw| raw.note_unwritten(address, 8 * LAZY as u64))
                .map_err(words)?;
        }
    }
    if let Some(values) = &after.lazy {
        let address = hdf5::address(file, "lazy")?;
        LAZY_PLACES.with_borrow_mut(|places| places.push((address, address + 8 * LAZY as u64)));
        let start = lazy_start(step);
        let part = bytes_of_floats(&values[start..start + 700]);
        raw_file(file)
            .and_then(|raw| raw.write(address + 8 * start as u64, &part))
            .map_err(words)?;
    }
    hdf5::set_attribute(file, "/", "step", &[after.step as i64])?;
    // What was deleted is written over in later steps, without the journal; at a close HDF5 forgets where that is.
    if !variant.closes {
        raw_file(file).map_err(words)?.look_for_free_space();
    }
    // Space that HDF5 knows nothing of, as small datasets take it: the commit sets the superblock right.
    if step % 2 == 0 && journal::can_append(file).map_err(words)? {
        let bytes = [step as u8; 300];
        journal::raw_file(file)
            .map_err(words)?
            .append(bytes.len(), |_| &bytes)
            .map_err(words)?;
    }
    Ok(())
}

/// Another program that reads the file and locks it meanwhile, as stock HDF5 does.
pub struct Reader {
    _file: std::fs::File,
}

impl Reader {
    pub fn of(path: &Path) -> Outcome<Self> {
        use std::os::fd::AsRawFd;
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        // SAFETY: the descriptor is open.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_SH | libc::LOCK_NB) } != 0 {
            return Err("the reader gets no lock".into());
        }
        Ok(Self { _file: file })
    }
}

/// Opens the file for writing, or makes it.
pub fn open(path: &Path, variant: &Variant, create: bool) -> Outcome<hid_t> {
    let (access, creation) = (variant.lists.access(), variant.lists.creation());
    let file = if create {
        journal::create(path, false, creation, access, &variant.options())
    } else {
        journal::open(path, Access::Write, access, &variant.options())
    };
    hdf5::close_list(access);
    hdf5::close_list(creation);
    file.map_err(words)
}

/// How a run treats its commits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habits {
    /// Tries a commit that fails once more.
    pub retries: bool,
    /// Goes on writing after a commit that failed, before it closes the file.
    pub stubborn: bool,
    /// Waits after each commit.
    pub pause: std::time::Duration,
}

fn words(error: h5sim::error::Error) -> String {
    format!("{:?}: {}", error.status, error.message)
}

/// Commits, by closing and opening if the file cannot be committed otherwise.
fn commit(file: &mut hid_t, path: &Path, variant: &Variant, habits: Habits) -> Outcome<()> {
    if variant.closes || journal::commits_at_close(*file).map_err(words)? {
        let closed = journal::close(*file, Ending::Commit);
        *file = -1;
        closed.map_err(words)?;
        *file = open(path, variant, false)?;
        return Ok(());
    }
    match journal::commit(*file, true) {
        Err(_) if habits.retries => journal::commit(*file, true).map_err(words),
        result => result.map_err(words),
    }
}

/// Runs steps `from..to`, each with a commit, and tells each state that is committed.
pub fn run(
    path: &Path,
    variant: &Variant,
    (from, to): (usize, usize),
    habits: Habits,
    mut committed: impl FnMut(usize),
) -> Outcome<()> {
    let mut model = Model::after(variant, from);
    // A reader that is there already keeps nobody from opening the file.
    let mut reader = match variant.reader {
        Some((first, _)) if from > first => Some(Reader::of(path)?),
        _ => None,
    };
    let mut file = open(path, variant, from == 0)?;
    while model.step < to {
        if let Some((first, last)) = variant.reader {
            if model.step == first {
                reader = Some(Reader::of(path)?);
            } else if model.step == last {
                reader = None;
            }
        }
        let made = make_step(file, variant, &model)
            .inspect(|()| std::thread::sleep(habits.pause / 2))
            .and_then(|()| commit(&mut file, path, variant, habits));
        if let Err(error) = made {
            // The program ends as a careful one does: with the last commit.
            if file >= 0 {
                if habits.stubborn {
                    let mut next = model.clone();
                    next.advance(variant);
                    let _ = make_step(file, variant, &next);
                    let _ = make_step(file, variant, &model);
                }
                let _ = journal::close(file, Ending::Discard);
            }
            return Err(error);
        }
        model.advance(variant);
        // What a step writes where the last commit has nothing others may see, too: they do not look there.
        let free = hdf5::free_places(file, journal::FREE_WORTH);
        LAZY_PLACES.with_borrow_mut(|places| places.extend(free));
        committed(model.step);
        std::thread::sleep(habits.pause / 2);
        if model.step % variant.reopen_every == 0 && model.step < to {
            journal::close(file, Ending::Commit).map_err(words)?;
            committed(model.step);
            file = open(path, variant, false)?;
        }
    }
    journal::close(file, Ending::Commit).map_err(words)?;
    drop(reader);
    committed(model.step);
    Ok(())
}

/// Which state a recovered file holds: its listing has to be that of the step it names.
pub fn state_of(path: &Path, access: Access) -> Outcome<usize> {
    if std::fs::metadata(path).map_or(true, |facts| facts.len() == 0) {
        return Ok(0);
    }
    let list = Lists::default().access();
    let options = Options {
        durability: Durability::None,
        ..Options::default()
    };
    let opened = journal::open(path, access, list, &options);
    hdf5::close_list(list);
    let file = opened.map_err(words)?;
    let listing = hdf5::listing(file);
    journal::close(file, Ending::Commit).map_err(words)?;
    state_of_listing(&listing?)
}

/// Which state a listing describes.
pub fn state_of_listing(lines: &[String]) -> Outcome<usize> {
    state_that(lines, |listing| listing == lines)
}

/// Which state a listing of a file that is being written describes: elements that no commit has
/// written may have any value.
pub fn state_of_listing_under_way(lines: &[String]) -> Outcome<usize> {
    let but_lazy = |lines: &[String]| -> Vec<String> {
        let others = lines.iter().filter(|line| !line.starts_with("/lazy "));
        others.cloned().collect()
    };
    state_that(lines, |listing| but_lazy(listing) == but_lazy(lines))
}

fn state_that(lines: &[String], fits: impl Fn(&[String]) -> bool) -> Outcome<usize> {
    // A program may go on after it was killed, so there are more states than steps.
    let named = (1..400usize).find(|step| {
        let line = format!("@step i 1 {}", hash(&(*step as i64).to_le_bytes()));
        lines.contains(&line)
    });
    let state = named.unwrap_or(0);
    // All variants write the same values.
    if fits(&Model::after(&BASE, state).listing()) {
        return Ok(state);
    }
    Err(format!(
        "the file names step {state}, and holds something else"
    ))
}
