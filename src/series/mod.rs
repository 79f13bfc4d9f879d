//! Datasets that grow by records: gathered in memory, written as whole chunks.
//!
//! A record costs a copy into memory until a chunk is full; the chunk then goes to the file past HDF5's
//! selections and filters. What is still in memory reaches the file when somebody could look:
//! at a commit, at a close, and before any other call on the file ([`SeriesSet::settle`]).

#![forbid(unsafe_code)]

mod growing;
mod options;

use crate::error::{Error, Result};
use crate::store::{path, Dtype, File};
use growing::Series;
use indexmap::IndexMap;
pub use options::AppendOptions;

/// The most bytes of records that one file keeps in memory, in all its series.
const LIMIT: usize = 256 << 20;

/// So many appends in a row take one look at the clock.
const IN_MEMORY: u32 = 8;

/// The series of one file that were appended to since it was opened.
#[derive(Default)]
pub struct SeriesSet {
    series: IndexMap<Box<str>, Series>,
    /// Bytes of records in memory.
    buffered: usize,
    /// Series may have records in memory.
    is_dirty: bool,
    /// The file's count of calls that may have replaced a series or its data.
    generation: u64,
    /// The place of the series of the latest call.
    latest_index: usize,
    /// The appends since the latest look at the clock.
    in_memory: u32,
    /// The options text of the latest call, and what it says.
    latest: Option<(Box<str>, AppendOptions)>,
}

impl std::fmt::Debug for SeriesSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SeriesSet")
            .field("series", &self.series.len())
            .field("buffered", &self.buffered)
            .finish_non_exhaustive()
    }
}

impl SeriesSet {
    /// What the options of an append say; the text of the latest call is not read twice.
    pub fn options(&mut self, text: &str) -> Result<AppendOptions> {
        // Not by the comparison below: comparing nothing with nothing is slow on some processors.
        if text.is_empty() {
            return Ok(AppendOptions::default());
        }
        match &self.latest {
            Some((latest, options)) if **latest == *text => Ok(*options),
            _ => {
                let options = AppendOptions::parse(text)?;
                self.latest = Some((text.into(), options));
                Ok(options)
            }
        }
    }

    /// Whether an append may do without a look at the clock; of several in a row the last may not.
    pub fn may_go_on(&mut self) -> bool {
        self.in_memory = (self.in_memory + 1) % IN_MEMORY;
        self.in_memory != 0
    }

    /// Appends records if that takes no more than a copy in memory; says whether it did.
    ///
    /// `data` gives the elements of so many. This is what nearly all appends come to, and HDF5 has no part in it.
    pub fn append_in_memory<'a>(
        &mut self,
        path: &str,
        dtype: Dtype,
        record: &[i64],
        records: u64,
        data: impl FnOnce(u64) -> Result<&'a [u8]>,
    ) -> bool {
        let Some((name, series)) = self.series.get_index_mut(self.latest_index) else {
            return false;
        };
        if series.generation != self.generation || **name != *path || !series.accepts(dtype, record)
        {
            return false;
        }
        let Some(count) = records.checked_mul(series.elements() as u64) else {
            return false;
        };
        let Ok(data) = data(count) else {
            return false;
        };
        if self.buffered + data.len() > LIMIT || !series.push_in_memory(data) {
            return false;
        }
        self.buffered += data.len();
        self.is_dirty = true;
        true
    }

    /// Appends records of type `dtype` and shape `record` to the series at `path`, which is created if nothing is there.
    ///
    /// `data` gives the elements of so many.
    #[expect(clippy::too_many_arguments, reason = "the interface has them")]
    pub fn append<'a>(
        &mut self,
        file: &mut File,
        path: &str,
        dtype: Dtype,
        record: &[i64],
        records: u64,
        data: impl FnOnce(u64) -> Result<&'a [u8]>,
        options: &str,
    ) -> Result<()> {
        self.in_memory = 0;
        let named =
            |error: Error| error.within(format_args!("dataset '{}'", path::normalise(path)));
        let record = growing::checked(record).map_err(named)?;
        let count = record
            .iter()
            .try_fold(records, |count, &extent| count.checked_mul(extent))
            .ok_or_else(|| Error::shape("the records have more elements than can be counted"))
            .map_err(named)?;
        let data = data(count)?;
        file.require_writable()?;
        self.generation = file.changes();
        let generation = self.generation;
        let known = self.series.get_index_of(path).filter(|&index| {
            self.series.get_index(index).is_some_and(|(_, series)| {
                series.generation == generation && series.record() == record
            })
        });
        if known.is_none() {
            self.look(file, path, dtype, &record, options)?;
        }
        self.latest_index = self.series.get_index_of(path).unwrap_or(usize::MAX);
        if let Some(series) = self.series.get_mut(path) {
            series.prepare(dtype, &record).map_err(named)?;
            self.is_dirty = true;
            let before = series.buffered();
            let pushed = series.push(records, data, file);
            self.buffered = self.buffered + series.buffered() - before;
            pushed.map_err(named)?;
        }
        self.spill(file)
    }

    /// Opens the series at `path`, creates it, or looks at it anew, for records of this type and shape.
    fn look(
        &mut self,
        file: &File,
        path: &str,
        dtype: Dtype,
        record: &[u64],
        options: &str,
    ) -> Result<()> {
        let normal = path::of_new(path)?;
        let count = self.series.len();
        // Whatever path leads to a dataset, its records must stay in one order: one series for each.
        let key = match growing::key_of(file, &normal)? {
            Some(key) => key,
            None => {
                self.forget(file, path)?;
                let series = Series::create(file, &normal, dtype, record, options, count)?;
                self.keep(path, series);
                return Ok(());
            }
        };
        let named = |error: Error| error.within(format_args!("dataset '{normal}'"));
        let elsewhere = self
            .series
            .iter()
            .find(|(name, series)| series.key == key && ***name != *path)
            .map(|(name, _)| name.clone());
        if let Some(other) = elsewhere {
            self.forget(file, &other)?;
        }
        let is_same = self
            .series
            .get(path)
            .is_some_and(|series| series.key == key);
        if !is_same {
            self.forget(file, path)?;
            let series = Series::open(file, &normal, key)?;
            self.keep(path, series);
        }
        let generation = self.generation;
        if let Some(series) = self.series.get_mut(path) {
            series.refresh().map_err(named)?;
            series.generation = generation;
        }
        Ok(())
    }

    fn keep(&mut self, path: &str, mut series: Series) {
        series.generation = self.generation;
        self.series.insert(path.into(), series);
    }

    /// Writes what a series has in memory and closes it.
    fn forget(&mut self, file: &File, path: &str) -> Result<()> {
        self.series
            .retain(|name, series| **name != *path || !series.is_gone(file));
        if let Some(series) = self.series.get_mut(path) {
            let before = series.buffered();
            let written = series.settle(file);
            self.buffered -= before - series.buffered();
            written?;
            self.series.swap_remove(path);
        }
        Ok(())
    }

    /// Makes room by writing out the series with the most records in memory.
    fn spill(&mut self, file: &File) -> Result<()> {
        while self.buffered > LIMIT {
            let largest = self
                .series
                .values_mut()
                .max_by_key(|series| series.buffered());
            let Some(series) = largest else {
                return Ok(());
            };
            let before = series.buffered();
            let written = series.settle(file);
            self.buffered -= before - series.buffered();
            written?;
        }
        Ok(())
    }

    /// Takes note of what a call may have replaced: series are looked at anew before they go on.
    pub fn note_changes(&mut self, file: &File) {
        if self.generation != file.changes() {
            self.generation = file.changes();
            for series in self.series.values_mut() {
                series.doubt();
            }
            self.is_dirty = !self.series.is_empty();
        }
    }

    /// Brings all records into the file, where any call can see them.
    ///
    /// To be called before every other call on the file, and before a commit.
    pub fn settle(&mut self, file: &File) -> Result<()> {
        if !self.is_dirty {
            return Ok(());
        }
        // Thousands of series must not keep a chunk of memory each.
        let is_crowded = self.series.len() > 256;
        // A series whose dataset was deleted or replaced has nothing more to say.
        self.series.retain(|_, series| !series.is_gone(file));
        for series in self.series.values_mut() {
            let before = series.buffered();
            let written = series.settle(file);
            self.buffered -= before - series.buffered();
            written?;
            if is_crowded {
                series.shrink();
            }
        }
        self.is_dirty = false;
        Ok(())
    }

    /// Brings all records into the file in their final form, and closes the series.
    ///
    /// All series are closed even when one fails; the first failure is returned.
    pub fn finish(&mut self, file: &File) -> Result<()> {
        let mut outcome = Ok(());
        self.series.retain(|_, series| !series.is_gone(file));
        for (_, mut series) in self.series.drain(..) {
            let finished = series.settle(file).and_then(|()| series.finish(file));
            if outcome.is_ok() {
                outcome = finished;
            }
        }
        self.buffered = 0;
        self.is_dirty = false;
        outcome
    }
}
