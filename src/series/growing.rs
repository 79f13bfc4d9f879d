//! One dataset that grows along its first axis.

#![forbid(unsafe_code)]

use crate::codec::convert::Conversion;
use crate::codec::quantize::Quantize;
use crate::codec::walk::Walk;
use crate::codec::{workers, Pipeline, Scratch};
use crate::error::{Error, Result};
use crate::store::h5::{self, Dataset, Hyperslab, Layout, ObjectKey};
use crate::store::strided::show_shape;
use crate::store::{Dtype, File, Kind, StorageOptions};

/// Compressed chunks are encoded together, so that several threads have work, up to this many bytes.
const TOGETHER: usize = 8 << 20;

/// What stands at a path, for the series that wants to be there.
pub fn key_of(file: &File, path: &str) -> Result<Option<ObjectKey>> {
    match h5::object_info(file.id(), path)? {
        None => Ok(None),
        Some(info) if info.kind == Kind::Dataset => Ok(Some(info.key)),
        Some(info) => Err(Error::type_(format!(
            "'{path}' is {}, expected a dataset to append to",
            info.kind
        ))),
    }
}

/// The extents of a record, checked.
pub fn checked(record: &[i64]) -> Result<Vec<u64>> {
    let extent = |(axis, &extent): (usize, &i64)| {
        u64::try_from(extent).map_err(|_| {
            Error::shape(format!(
                "shape is {extent} along axis {axis}, expected 0 or more"
            ))
        })
    };
    record.iter().enumerate().map(extent).collect()
}

/// How records in memory become records in the file.
#[derive(Clone, Copy)]
enum Way {
    /// By our own conversion.
    Direct(Conversion),
    /// By HDF5's.
    Hdf5,
}

/// A dataset that grows, and its records that are not in the file yet.
pub struct Series {
    /// What the dataset is, whatever its path.
    pub key: ObjectKey,
    /// When it was last made sure that all here is still so.
    pub generation: u64,
    /// The dataset's normal path.
    path: String,
    dataset: Dataset,
    /// HDF5 may not know the filters that a chunk went past until the dataset was opened anew.
    is_stale: bool,
    /// The shape of a record.
    record: Vec<u64>,
    /// Bytes of a record, and of an element, in the file.
    record_bytes: usize,
    item: usize,
    /// The extents of a chunk; records in one come first.
    chunk: Vec<u64>,
    /// The filters, if they can be run here; HDF5 runs them otherwise.
    pipeline: Option<Pipeline>,
    filters: usize,
    /// An element that was never written.
    fill: Vec<u8>,
    quantize: Option<Quantize>,
    /// How many threads may compress; None is what the file was opened with.
    threads: Option<usize>,
    /// The type of the caller's records and how they are converted.
    way: Option<(Dtype, Way)>,
    /// Records in the file.
    flushed: u64,
    /// The records after them, as they will be in the file.
    buffer: Vec<u8>,
    /// The length of the buffer at which chunks are written; 0 until that is known.
    full_at: usize,
    /// The unfinished last chunk is in the file without filters, at this address.
    raw: Option<u64>,
    /// The dataset lies in this file, not in one that an external link led to.
    is_here: bool,
}

impl Series {
    /// Creates the dataset of a new series, the `others + 1`st of its file, at a normal path.
    pub fn create(
        file: &File,
        path: &str,
        dtype: Dtype,
        record: &[u64],
        options: &str,
        others: usize,
    ) -> Result<Self> {
        let options = StorageOptions::parse_series(options, dtype, record, others)
            .map_err(|error| error.within(format_args!("dataset '{path}'")))?;
        file.create_new(path, &options, |_| Ok(()))?;
        let key = key_of(file, path)?
            .ok_or_else(|| Error::internal("a dataset that was just created is not there"))?;
        let mut series = Self::open(file, path, key)?;
        series.threads = options.threads;
        series
            .prepare(dtype, record)
            .map_err(|error| error.within(format_args!("dataset '{path}'")))?;
        Ok(series)
    }

    /// Opens the dataset at a normal path to continue it.
    pub fn open(file: &File, path: &str, key: ObjectKey) -> Result<Self> {
        Self::continued(file, path, key)
            .map_err(|error| error.within(format_args!("dataset '{path}'")))
    }

    fn continued(file: &File, path: &str, key: ObjectKey) -> Result<Self> {
        let dataset = h5::open_dataset_uncached(file.id(), path)?;
        let shape = &dataset.extent.shape;
        if dataset.extent.maxshape.first() != Some(&u64::MAX) {
            return Err(Error::shape(format!(
                "its shape {} cannot grow along the first axis without bound: create it by h5sim_append, or with maxshape [null, …]",
                show_shape(shape)
            )));
        }
        let (chunk, pipeline, filters) = match dataset.layout()? {
            Layout::Chunked { chunk, filters } => (chunk, Pipeline::new(&filters), filters.len()),
            // Only chunks can grow; what is unusual about these is HDF5's to handle.
            Layout::Contiguous | Layout::Other => (dataset.chunk_shape()?, None, 1),
        };
        let item = dataset.element.size();
        let record: Vec<u64> = shape[1..].to_vec();
        let record_bytes = record
            .iter()
            .try_fold(item, |bytes, &extent| {
                bytes.checked_mul(usize::try_from(extent).ok()?)
            })
            .ok_or_else(|| Error::shape("a record has more bytes than can be counted"))?;
        let fill = dataset.fill_value()?.unwrap_or_else(|| vec![0; item]);
        let quantize = Quantize::new(dataset.quantized_digits()?, dataset.element.number())?;
        Ok(Self {
            key,
            generation: 0,
            path: path.to_owned(),
            is_stale: false,
            flushed: shape[0],
            record,
            record_bytes,
            item,
            chunk,
            pipeline,
            filters,
            fill,
            quantize,
            way: None,
            threads: None,
            buffer: Vec::new(),
            raw: None,
            is_here: h5::is_in(dataset.id(), file.id()),
            full_at: 0,
            dataset,
        })
    }

    /// The shape of a record.
    pub fn record(&self) -> &[u64] {
        &self.record
    }

    /// Bytes of records in memory.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Gives back memory that is not in use.
    pub fn shrink(&mut self) {
        self.buffer.shrink_to_fit();
    }

    /// Whether records of this type and shape are what the latest ones were.
    pub fn accepts(&self, dtype: Dtype, record: &[i64]) -> bool {
        // One by one: these are few, and were written just now.
        let mut pairs = self.record.iter().zip(record);
        self.record.len() == record.len()
            && pairs.all(|(&ours, &theirs)| ours as i64 == theirs)
            && self.way.is_some_and(|(known, _)| known == dtype)
    }

    /// Makes ready for records of this type and shape, or says what is wrong with them.
    pub fn prepare(&mut self, dtype: Dtype, record: &[u64]) -> Result<()> {
        if self.record == record && self.way.is_some_and(|(known, _)| known == dtype) {
            return Ok(());
        }
        if self.record != record {
            return Err(Error::shape(format!(
                "the record has shape {}, those of the dataset have {}",
                show_shape(record),
                show_shape(&self.record)
            )));
        }
        let element = &self.dataset.element;
        if element.dtype != dtype {
            crate::store::check_conversion(
                dtype,
                dtype.name(),
                element.dtype,
                &element.describe(),
            )?;
        }
        let direct = h5::memory_number(dtype)
            .zip(element.number())
            .and_then(|(from, to)| Conversion::new(from, to));
        self.way = Some((dtype, direct.map_or(Way::Hdf5, Way::Direct)));
        Ok(())
    }

    /// Looks at the unfinished chunk again, which another call may have written since.
    pub fn refresh(&mut self) -> Result<()> {
        if self.raw.is_some() {
            self.raw = self.raw_address()?;
        }
        Ok(())
    }

    /// The address of the unfinished last chunk, if it is in the file without filters.
    fn raw_address(&self) -> Result<Option<u64>> {
        let mut first = vec![0; self.chunk.len()];
        first[0] = self.row_start();
        let place = self.dataset.chunk_place(&first)?;
        Ok(place
            .filter(|place| {
                place.mask == self.all_filters() && place.stored == self.chunk_bytes() as u64
            })
            .map(|place| place.address))
    }

    /// The mask of a chunk that went past every filter.
    fn all_filters(&self) -> u32 {
        ((1u64 << self.filters) - 1) as u32
    }

    fn chunk_bytes(&self) -> usize {
        self.chunk.iter().product::<u64>() as usize * self.item
    }

    /// The record that the unfinished last chunk begins with.
    fn row_start(&self) -> u64 {
        self.flushed - self.flushed % self.chunk[0]
    }

    /// Whether a chunk is just some records, one after the other.
    fn is_plain(&self) -> bool {
        self.chunk[1..] == self.record[..]
    }

    /// Whether chunks are stored as they are.
    fn is_unfiltered(&self) -> bool {
        self.pipeline.as_ref().is_some_and(Pipeline::is_empty)
    }

    /// The length of the buffer at which chunks are written.
    fn full_at(&self, threads: usize) -> usize {
        let per_chunk = self.chunk[0] as usize;
        // Full chunks wait for others only where threads have to work on them.
        let wait = match &self.pipeline {
            Some(pipeline) if pipeline.compresses() => {
                let several = 2 * workers::threads(threads);
                let most = (TOGETHER / (per_chunk * self.record_bytes).max(1)).max(1);
                per_chunk * several.min(most)
            }
            _ => per_chunk,
        };
        (wait - (self.flushed % self.chunk[0]) as usize) * self.record_bytes
    }

    /// Adds records if that takes no more than a copy in memory; says whether it did.
    pub fn push_in_memory(&mut self, data: &[u8]) -> bool {
        match self.way {
            Some((_, Way::Direct(conversion)))
                if conversion.is_plain_copy()
                    && self.quantize.is_none()
                    && self.buffer.len() + data.len() < self.full_at =>
            {
                self.buffer.extend_from_slice(data);
                true
            }
            _ => false,
        }
    }

    /// Adds records, converts them, and writes the chunks that are full.
    pub fn push(&mut self, records: u64, data: &[u8], file: &File) -> Result<()> {
        let threads = self.threads.unwrap_or(file.threads());
        let Some((dtype, way)) = self.way else {
            return Err(Error::internal("a series was not made ready"));
        };
        if self.record_bytes == 0 {
            return self.push_empty(records);
        }
        let from_bytes = self.elements() * dtype.size();
        let mut rest = data;
        while !rest.is_empty() {
            self.full_at = self.full_at(threads);
            let room = self.full_at.saturating_sub(self.buffer.len()) / self.record_bytes;
            let (now, later) = rest.split_at(rest.len().min(room.max(1) * from_bytes));
            self.convert(dtype, way, now)?;
            rest = later;
            if self.buffer.len() >= self.full_at {
                self.write_full(file)?;
                self.full_at = self.full_at(threads);
            }
        }
        Ok(())
    }

    /// Elements of a record.
    pub fn elements(&self) -> usize {
        self.record_bytes / self.item
    }

    /// A record without elements counts all the same.
    fn push_empty(&mut self, records: u64) -> Result<()> {
        self.extend(self.flushed + records)?;
        self.flushed += records;
        Ok(())
    }

    fn convert(&mut self, dtype: Dtype, way: Way, data: &[u8]) -> Result<()> {
        let start = self.buffer.len();
        match way {
            Way::Direct(conversion) if conversion.is_copy() && dtype != Dtype::Bool => {
                self.buffer.extend_from_slice(data);
            }
            Way::Direct(conversion) => {
                let count = data.len() / conversion.from_size();
                self.buffer.resize(start + count * conversion.to_size(), 0);
                conversion.apply(data, &mut self.buffer[start..]);
                if dtype == Dtype::Bool {
                    // In memory anything but 0 is true; the file's type knows 0 and 1 only.
                    for byte in &mut self.buffer[start..] {
                        *byte = u8::from(*byte != 0);
                    }
                }
            }
            Way::Hdf5 => {
                let converted = self.dataset.element.convert_from(dtype, data)?;
                self.buffer.extend_from_slice(&converted);
            }
        }
        if let Some(quantize) = &self.quantize {
            quantize.apply(&mut self.buffer[start..]);
        }
        Ok(())
    }

    /// Extends the dataset to `records`.
    fn extend(&mut self, records: u64) -> Result<()> {
        if self.dataset.extent.shape[0] != records {
            let mut shape = self.dataset.extent.shape.clone();
            shape[0] = records;
            self.dataset.set_extent(&shape)?;
        }
        Ok(())
    }

    /// The hyperslab of some records.
    fn part(&self, from: u64, count: u64) -> Hyperslab {
        let rank = self.chunk.len();
        let mut start = vec![0; rank];
        start[0] = from;
        let mut counts = vec![count];
        counts.extend_from_slice(&self.record);
        Hyperslab {
            start,
            stride: vec![1; rank],
            count: counts,
            block: vec![1; rank],
        }
    }

    /// Another call may have replaced the dataset or written its chunks.
    pub fn doubt(&mut self) {
        self.is_stale = true;
    }

    /// Whether another dataset, or none, is at the path now. What was appended is in the file by then.
    pub fn is_gone(&self, file: &File) -> bool {
        self.is_stale
            && self.buffer.is_empty()
            && !matches!(key_of(file, &self.path), Ok(Some(key)) if key == self.key)
    }

    /// Makes HDF5 forget what it may have got wrong.
    fn freshen(&mut self, file: &File) -> Result<()> {
        if self.is_stale {
            self.dataset.reopen_uncached(file.id(), &self.path)?;
            self.is_stale = false;
        }
        Ok(())
    }

    /// The records of the unfinished last chunk that are in the file already.
    fn read_row(&mut self, file: &File) -> Result<Vec<u8>> {
        self.freshen(file)?;
        let start = self.row_start();
        let count = self.flushed - start;
        let mut bytes = h5::zeroed(count, self.record_bytes)?;
        if count > 0 {
            self.dataset
                .read_stored(&self.part(start, count), &mut bytes)?;
        }
        Ok(bytes)
    }

    /// Takes note that the first records of the buffer are in the file.
    fn wrote(&mut self, records: u64) {
        self.buffer.drain(..records as usize * self.record_bytes);
        self.flushed += records;
        self.full_at = 0;
    }

    /// Writes all chunks that are full.
    fn write_full(&mut self, file: &File) -> Result<()> {
        let threads = self.threads.unwrap_or(file.threads());
        let buffered = (self.buffer.len() / self.record_bytes) as u64;
        let end = self.flushed + buffered;
        let end = end - end % self.chunk[0];
        if end <= self.flushed {
            return Ok(());
        }
        if self.pipeline.is_none() {
            return self.write_by_hdf5(end - self.flushed);
        }
        if self.is_unfiltered() && self.row_start() < self.flushed {
            // The rest of the chunk that is in the file, and then whole ones.
            let rest = (self.row_start() + self.chunk[0]).min(end) - self.flushed;
            self.write_by_hdf5(rest)?;
            return self.write_full(file);
        }
        self.extend(end)?;
        if self.row_start() < self.flushed {
            // What there is of the first chunk comes back from the file.
            let mut rows = self.read_row(file)?;
            let count = (end - self.flushed) as usize * self.record_bytes;
            rows.extend_from_slice(&self.buffer[..count]);
            let stale = self.write_chunks(&rows, threads)?;
            self.is_stale |= stale;
        } else {
            let count = (end - self.flushed) as usize * self.record_bytes;
            let buffer = std::mem::take(&mut self.buffer);
            let written = self.write_chunks(&buffer[..count], threads);
            self.buffer = buffer;
            self.is_stale |= written?;
        }
        self.raw = None;
        self.wrote(end - self.flushed);
        Ok(())
    }

    /// Writes the first records of the buffer through HDF5's selections.
    fn write_by_hdf5(&mut self, records: u64) -> Result<()> {
        self.extend(self.flushed + records)?;
        let bytes = records as usize * self.record_bytes;
        let part = self.part(self.flushed, records);
        self.dataset.write_stored(&part, &self.buffer[..bytes])?;
        self.wrote(records);
        Ok(())
    }

    /// Writes whole chunks: all records from the beginning of a chunk to the end of one.
    ///
    /// Says whether HDF5 may have old notions of them now.
    fn write_chunks(&self, rows: &[u8], threads: usize) -> Result<bool> {
        let Some(pipeline) = &self.pipeline else {
            return Err(Error::internal(
                "chunks of foreign filters are HDF5's to write",
            ));
        };
        let chunk_bytes = self.chunk_bytes();
        let row = self.row_start();
        if self.is_plain() && pipeline.is_empty() {
            for (index, bytes) in rows.chunks_exact(chunk_bytes).enumerate() {
                self.dataset
                    .write_chunk(&self.first(row, index, &[]), 0, bytes)?;
            }
            return Ok(false);
        }
        let columns = self.columns();
        let per_row = columns.len().max(1);
        let row_bytes = self.chunk[0] as usize * self.record_bytes;
        let count = rows.len() / row_bytes * per_row;
        let column = |index: usize| columns.get(index % per_row).map_or(&[][..], Vec::as_slice);
        let make = |scratch: &mut Scratch, index: usize, stored: &mut Vec<u8>| {
            let rows = &rows[index / per_row * row_bytes..][..row_bytes];
            if self.is_plain() {
                return pipeline.encode(scratch, rows, stored);
            }
            let mut chunk = std::mem::take(&mut scratch.chunk);
            self.cut(rows, column(index), &mut chunk);
            pipeline.encode(scratch, &chunk, stored)?;
            scratch.chunk = chunk;
            Ok(())
        };
        // Threads pay only for more than a chunk or two of something that takes time.
        let threads = if pipeline.compresses() && rows.len() > 128 << 10 {
            workers::threads(threads)
        } else {
            1
        };
        // Part of the first row is in the file already.
        let begun = row < self.flushed;
        workers::in_order(threads, count, make, |index, bytes| {
            let first = self.first(row, index / per_row, column(index));
            if begun && index < per_row {
                self.dataset.rewrite_chunk(&first, 0, bytes)
            } else {
                self.dataset.write_chunk(&first, 0, bytes)
            }
        })?;
        Ok(begun)
    }

    /// The first element of a chunk: of the row with that index after `row`, and of a column.
    fn first(&self, row: u64, index: usize, column: &[u64]) -> Vec<u64> {
        let mut first = vec![row + index as u64 * self.chunk[0]];
        first.extend_from_slice(column);
        first.resize(self.chunk.len(), 0);
        first
    }

    /// Where the chunks of one row begin along the axes of a record.
    fn columns(&self) -> Vec<Vec<u64>> {
        let mut columns = vec![Vec::new()];
        for (&extent, &chunk) in self.record.iter().zip(&self.chunk[1..]) {
            columns = columns
                .iter()
                .flat_map(|column| {
                    (0..extent.div_ceil(chunk)).map(move |index| {
                        let mut longer: Vec<u64> = column.clone();
                        longer.push(index * chunk);
                        longer
                    })
                })
                .collect();
        }
        columns
    }

    /// Cuts the chunk that begins at `column` out of a row of chunks; what sticks out of the dataset is filled.
    fn cut(&self, rows: &[u8], column: &[u64], chunk: &mut Vec<u8>) {
        let records = rows.len() / self.record_bytes;
        chunk.clear();
        chunk.resize(self.chunk_bytes(), 0);
        if self.fill.iter().any(|&byte| byte != 0) {
            for element in chunk.chunks_exact_mut(self.item) {
                element.copy_from_slice(&self.fill);
            }
        }
        let rank = self.record.len();
        let item = self.item as isize;
        let mut strides = vec![(item, item); rank];
        for axis in (0..rank.saturating_sub(1)).rev() {
            let (source, target) = strides[axis + 1];
            strides[axis] = (
                source * self.record[axis + 1] as isize,
                target * self.chunk[axis + 2] as isize,
            );
        }
        let start: isize = column
            .iter()
            .zip(&strides)
            .map(|(&place, stride)| place as isize * stride.0)
            .sum();
        let mut walk = Walk::new(start as usize, 0);
        let chunk_row: u64 = self.chunk[1..].iter().product();
        walk.push(
            records,
            self.record_bytes as isize,
            chunk_row as isize * item,
        );
        for axis in 0..rank {
            let count = (self.record[axis] - column[axis]).min(self.chunk[axis + 1]);
            walk.push(count as usize, strides[axis].0, strides[axis].1);
        }
        walk.close(self.item, self.item);
        let copied: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
            let bytes = run.count * self.item;
            let target = &mut chunk[run.target..run.target + bytes];
            if run.source_step == item {
                target.copy_from_slice(&rows[run.source..run.source + bytes]);
            } else {
                let mut place = run.source;
                for element in target.chunks_exact_mut(self.item) {
                    element.copy_from_slice(&rows[place..place + self.item]);
                    place = place.wrapping_add_signed(run.source_step);
                }
            }
            Ok(())
        });
        match copied {
            Ok(()) => {}
        }
    }

    /// Brings all records into the file, those of an unfinished chunk too.
    pub fn settle(&mut self, file: &File) -> Result<()> {
        if !self.buffer.is_empty() {
            self.write_full(file)?;
        }
        let records = (self.buffer.len() / self.record_bytes.max(1)) as u64;
        if records == 0 {
            return self.freshen(file);
        }
        if self.pipeline.is_none() || self.is_unfiltered() {
            return self.write_by_hdf5(records);
        }
        self.extend(self.flushed + records)?;
        self.write_unfinished(file)?;
        self.wrote(records);
        self.freshen(file)
    }

    /// Stores the unfinished last chunk without filters, so that it keeps its place while it grows.
    ///
    /// Compressed anew at each commit it would take new room each time.
    fn write_unfinished(&mut self, file: &File) -> Result<()> {
        if !self.pipeline.as_ref().is_some_and(Pipeline::compresses) {
            return self.write_encoded(file);
        }
        let start = self.row_start();
        if let Some(address) = self.raw {
            let offset = (self.flushed - start) as usize * self.record_bytes;
            return file.overwrite(address + offset as u64, &self.buffer);
        }
        let mut rows = self.read_row(file)?;
        rows.extend_from_slice(&self.buffer);
        let mut chunk = Vec::new();
        for column in self.columns() {
            self.cut(&rows, &column, &mut chunk);
            let first = self.first(start, 0, &column);
            self.dataset
                .rewrite_chunk(&first, self.all_filters(), &chunk)?;
        }
        self.is_stale = true;
        self.raw = if self.is_plain() && self.is_here {
            self.raw_address()?
        } else {
            None
        };
        Ok(())
    }

    /// Stores the unfinished last chunk through filters that do not change its size from one time to the next.
    fn write_encoded(&mut self, file: &File) -> Result<()> {
        let mut rows = self.read_row(file)?;
        rows.extend_from_slice(&self.buffer);
        self.encode_row(&rows)
    }

    /// Encodes and writes the unfinished last chunk with these records.
    fn encode_row(&mut self, rows: &[u8]) -> Result<()> {
        let Some(pipeline) = &self.pipeline else {
            return Err(Error::internal(
                "chunks of foreign filters are HDF5's to write",
            ));
        };
        let start = self.row_start();
        let (mut scratch, mut chunk, mut stored) = (Scratch::default(), Vec::new(), Vec::new());
        for column in self.columns() {
            let first = self.first(start, 0, &column);
            self.cut(rows, &column, &mut chunk);
            pipeline.encode(&mut scratch, &chunk, &mut stored)?;
            self.dataset.rewrite_chunk(&first, 0, &stored)?;
        }
        self.is_stale = true;
        Ok(())
    }

    /// Compresses the unfinished last chunk after all: nothing more is coming.
    pub fn finish(&mut self, file: &File) -> Result<()> {
        let start = self.row_start();
        let is_raw =
            |place: Option<h5::Place>| place.is_some_and(|place| place.mask == self.all_filters());
        if start == self.flushed
            || !self.pipeline.as_ref().is_some_and(Pipeline::compresses)
            || self.record_bytes == 0
            || !is_raw(self.dataset.chunk_place(&self.first(start, 0, &[]))?)
        {
            return Ok(());
        }
        self.raw = None;
        let rows = self.read_row(file)?;
        self.encode_row(&rows)
    }
}
