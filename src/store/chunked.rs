//! Writing compressed datasets: chunks are encoded by our threads and stored past HDF5's filters.

#![forbid(unsafe_code)]

use super::direct::{axes_of, each_of, gather, segments, Segment};
use super::h5::{self, Dataset, Hyperslab, Layout};
use super::Dtype;
use crate::codec::convert::Conversion;
use crate::codec::quantize::Quantize;
use crate::codec::walk::Walk;
use crate::codec::{workers, Pipeline, Scratch};
use crate::error::Result;
use crate::slice::Axis;

/// Writes of fewer bytes are not worth another thread.
const PARALLEL: usize = 512 << 10;

/// Chunks that are only written in part are read beforehand, so many for each thread.
const READ_AHEAD: usize = 16;

/// Writes into one dataset whose filters can be run here.
pub struct ChunkWriter<'a> {
    dataset: &'a Dataset,
    chunk: Vec<u64>,
    chunk_bytes: usize,
    pipeline: Pipeline,
    dtype: Dtype,
    conversion: Conversion,
    /// An element that was never written.
    fill: Vec<u8>,
    quantize: Option<Quantize>,
    threads: usize,
}

/// One write: which elements, and from where.
struct Write<'a> {
    writer: &'a ChunkWriter<'a>,
    axes: Vec<Axis>,
    data: &'a [u8],
}

/// A chunk of which only a part is written, as it is in the file; none if it was not written yet.
type Before = Option<(u32, Vec<u8>)>;

impl<'a> ChunkWriter<'a> {
    /// A writer of elements of `dtype` into a dataset that is compressed; none where HDF5 must write it.
    pub fn new(dataset: &'a Dataset, dtype: Dtype, threads: usize) -> Result<Option<Self>> {
        if dataset.is_unfiltered() {
            return Ok(None);
        }
        let Layout::Chunked { chunk, filters } = dataset.layout()? else {
            return Ok(None);
        };
        let pipeline = Pipeline::new(&filters).filter(Pipeline::compresses);
        let numbers = h5::memory_number(dtype).zip(dataset.element.number());
        let conversion = numbers.and_then(|(from, to)| Conversion::new(from, to));
        let (Some(pipeline), Some(conversion)) = (pipeline, conversion) else {
            return Ok(None);
        };
        let item = dataset.element.size();
        let chunk_bytes = chunk
            .iter()
            .try_fold(item, |bytes, &extent| bytes.checked_mul(extent as usize));
        let Some(chunk_bytes) = chunk_bytes else {
            return Ok(None);
        };
        Ok(Some(Self {
            chunk,
            chunk_bytes,
            pipeline,
            dtype,
            conversion,
            fill: dataset.fill_value()?.unwrap_or_else(|| vec![0; item]),
            quantize: Quantize::new(dataset.quantized_digits()?, dataset.element.number())?,
            threads,
            dataset,
        }))
    }

    /// Records in a chunk along the first axis: whole chunks come from multiples of it.
    pub fn rows(&self) -> usize {
        self.chunk.first().map_or(1, |&rows| rows as usize)
    }

    /// Writes a part, or all; says whether it did: uneven hyperslabs are HDF5's to write.
    pub fn write(&self, part: Option<&Hyperslab>, data: &[u8]) -> Result<bool> {
        let shape = &self.dataset.extent.shape;
        let whole = |extent: &u64| Axis {
            start: 0,
            step: 1,
            count: *extent as i64,
            keep: true,
        };
        let axes = match part {
            None => Some(shape.iter().map(whole).collect()),
            Some(part) => axes_of(part, shape),
        };
        let Some(axes) = axes else {
            return Ok(false);
        };
        let write = Write {
            writer: self,
            axes,
            data,
        };
        write.run().map(|()| true)
    }

    /// Rounds elements of the caller's that HDF5 will write; none if they stay as they are.
    pub fn rounded(&self, data: &[u8]) -> Result<Option<Vec<u8>>> {
        let digits = match self.quantize {
            Some(_) => self.dataset.quantized_digits()?,
            None => None,
        };
        let Ok(Some(quantize)) = Quantize::new(digits, h5::memory_number(self.dtype)) else {
            return Ok(None);
        };
        let mut rounded = data.to_vec();
        quantize.apply(&mut rounded);
        Ok(Some(rounded))
    }
}

impl Write<'_> {
    fn run(&self) -> Result<()> {
        let writer = self.writer;
        let cut: Vec<Vec<Segment>> = self
            .axes
            .iter()
            .zip(&writer.chunk)
            .map(|(axis, &extent)| segments(axis, extent))
            .collect();
        let mut all = Vec::new();
        each_of(&cut, |parts| {
            all.push(parts.to_vec());
            Ok(())
        })?;
        let bytes = all.len().saturating_mul(writer.chunk_bytes);
        let threads = match bytes {
            0..PARALLEL => 1,
            _ => workers::threads(writer.threads),
        };
        // Only where something has to be read is there a reason to go step by step.
        let step = match all.iter().all(|parts| self.is_whole(parts)) {
            true => all.len().max(1),
            false => READ_AHEAD * threads,
        };
        for batch in all.chunks(step) {
            let before = batch
                .iter()
                .map(|parts| match self.is_whole(parts) {
                    true => Ok(None),
                    false => writer.dataset.read_chunk(&self.origin(parts)),
                })
                .collect::<Result<Vec<Before>>>()?;
            workers::in_order(
                threads,
                batch.len(),
                |scratch, index, stored| {
                    self.encode(scratch, &batch[index], &before[index], stored)
                },
                |index, stored: &mut Vec<u8>| {
                    let first = self.origin(&batch[index]);
                    writer.dataset.rewrite_chunk(&first, 0, stored)
                },
            )?;
        }
        Ok(())
    }

    /// The first element of the chunk that holds these parts.
    fn origin(&self, parts: &[Segment]) -> Vec<u64> {
        parts
            .iter()
            .zip(&self.writer.chunk)
            .map(|(part, extent)| part.chunk * extent)
            .collect()
    }

    /// Whether all of a chunk that lies inside the dataset is written.
    fn is_whole(&self, parts: &[Segment]) -> bool {
        let shape = &self.writer.dataset.extent.shape;
        (0..parts.len()).all(|axis| {
            let chunk = self.writer.chunk[axis];
            let inside = chunk.min(shape[axis] - parts[axis].chunk * chunk);
            parts[axis].count as u64 == inside
        })
    }

    fn encode(
        &self,
        scratch: &mut Scratch,
        parts: &[Segment],
        before: &Before,
        stored: &mut Vec<u8>,
    ) -> Result<()> {
        let writer = self.writer;
        let mut chunk = std::mem::take(&mut scratch.chunk);
        let elements: usize = parts.iter().map(|part| part.count).product();
        let is_full = elements * writer.conversion.to_size() == writer.chunk_bytes;
        match before {
            Some((mask, bytes)) => {
                let length = writer.chunk_bytes;
                writer
                    .pipeline
                    .decode(scratch, *mask, bytes, length, &mut chunk)?;
            }
            None if is_full => chunk.resize(writer.chunk_bytes, 0),
            None => fill(&mut chunk, writer.chunk_bytes, &writer.fill),
        }
        let walk = self.walk(parts);
        match &writer.quantize {
            None => gather::from_memory(self.data, &walk, &writer.conversion, &mut chunk),
            Some(quantize) if is_full => {
                gather::from_memory(self.data, &walk, &writer.conversion, &mut chunk);
                quantize.apply(&mut chunk);
            }
            Some(quantize) => {
                // What was there, and the fill value, is not rounded again.
                let kept = chunk.clone();
                gather::from_memory(self.data, &walk, &writer.conversion, &mut chunk);
                quantize.apply(&mut chunk);
                let item = writer.conversion.to_size();
                let mut written = vec![false; chunk.len() / item];
                let marked: std::result::Result<(), std::convert::Infallible> = walk.each(|run| {
                    written[run.target / item..][..run.count].fill(true);
                    Ok(())
                });
                match marked {
                    Ok(()) => {}
                }
                let elements = chunk.chunks_exact_mut(item).zip(kept.chunks_exact(item));
                for ((element, kept), written) in elements.zip(written) {
                    if !written {
                        element.copy_from_slice(kept);
                    }
                }
            }
        }
        writer.pipeline.encode(scratch, &chunk, stored)?;
        scratch.chunk = chunk;
        Ok(())
    }

    /// The walk from the caller's data to the chunk that holds these parts.
    fn walk(&self, parts: &[Segment]) -> Walk {
        let (from, to) = (
            self.writer.conversion.from_size(),
            self.writer.conversion.to_size(),
        );
        let mut strides = vec![(0, 0); parts.len()];
        let (mut source, mut target) = (from as isize, to as isize);
        let (mut start, mut place) = (0, 0);
        for axis in (0..parts.len()).rev() {
            let Axis {
                start: first,
                step,
                count,
                ..
            } = self.axes[axis];
            let (part, chunk) = (parts[axis], self.writer.chunk[axis]);
            strides[axis] = (source, target * step as isize);
            let coordinate = first + step * part.first as i64 - (part.chunk * chunk) as i64;
            start += part.first as isize * source;
            place += coordinate as isize * target;
            source *= count as isize;
            target *= chunk as isize;
        }
        let mut walk = Walk::new(start as usize, place as usize);
        for (part, (source, target)) in parts.iter().zip(strides) {
            walk.push(part.count, source, target);
        }
        walk.close(from, to);
        walk
    }
}

/// Makes `chunk` so many bytes of one element after the other.
fn fill(chunk: &mut Vec<u8>, bytes: usize, element: &[u8]) {
    chunk.clear();
    chunk.resize(bytes, 0);
    if element.iter().any(|&byte| byte != 0) {
        for place in chunk.chunks_exact_mut(element.len()) {
            place.copy_from_slice(element);
        }
    }
}
