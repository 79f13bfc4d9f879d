//! The filters of a dataset, in order, applied to one chunk at a time.

#![forbid(unsafe_code)]

use super::filters::{self, Coder, Decoded, FilterKind};
use super::scratch::Scratch;
use super::{fletcher32, shuffle};
use crate::error::{Error, Result};

/// One filter as a dataset's creation property list holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// HDF5's number of the filter.
    pub id: i32,
    /// The filter's parameters.
    pub client_data: Vec<u32>,
}

/// A filter that this module can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FilterStep {
    kind: &'static FilterKind,
    /// Its place in the table of the filters.
    place: usize,
    parameter: u32,
}

/// An ordered list of filters, as HDF5 applies them to each chunk of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    steps: Vec<FilterStep>,
}

impl Pipeline {
    /// Makes the pipeline of these filters, or nothing if one of them is foreign.
    pub fn new(filters: &[Filter]) -> Option<Self> {
        // A chunk's filter mask has 32 bits, as HDF5 allows 32 filters.
        if filters.len() > 32 {
            return None;
        }
        let steps = filters
            .iter()
            .map(FilterStep::new)
            .collect::<Option<Vec<_>>>()?;
        Some(Self { steps })
    }

    /// Whether chunks are stored as they are.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether encoding takes so long that threads are worth their start.
    pub fn compresses(&self) -> bool {
        self.steps.iter().any(|step| step.kind.levels.is_some())
    }

    /// Encodes `chunk` into `stored`, whose former content is lost, by every filter.
    ///
    /// A compressor that gains nothing is not left out, though a chunk's filter mask could say so: when HDF5
    /// rewrites such a chunk and comes to the same size, it forgets to change the mask.
    pub fn encode(&self, scratch: &mut Scratch, chunk: &[u8], stored: &mut Vec<u8>) -> Result<()> {
        let mut untouched = true;
        for step in &self.steps {
            let input: &[u8] = if untouched { chunk } else { &scratch.current };
            let coder = step.coder(&mut scratch.coders);
            if !coder.encode(step.parameter, input, &mut scratch.next)? {
                continue;
            }
            std::mem::swap(&mut scratch.current, &mut scratch.next);
            untouched = false;
        }
        if untouched {
            copy(chunk, stored)?;
        } else {
            std::mem::swap(stored, &mut scratch.current);
        }
        Ok(())
    }

    /// Decodes the bytes `stored` under a filter mask into `chunk`, which then holds `chunk_bytes` bytes.
    ///
    /// Damaged bytes, and such as cannot hold that much, are an error; no more memory is taken
    /// than the chunk's own size a few times over, and none before `stored` proves to be able to fill it.
    pub fn decode(
        &self,
        scratch: &mut Scratch,
        mask: u32,
        stored: &[u8],
        chunk_bytes: usize,
        chunk: &mut Vec<u8>,
    ) -> Result<()> {
        self.decode_from(0, scratch, mask, stored, chunk_bytes, chunk)
    }

    /// Whether what [`decode_shuffled`](Self::decode_shuffled) gives is elements of that size, shuffled.
    pub fn ends_in_shuffle(&self, mask: u32, size: usize) -> bool {
        let is_one = |step: &FilterStep| step.is_shuffle() && step.parameter as usize == size;
        self.steps.first().is_some_and(is_one) && size > 1 && !is_left_out(mask, 0)
    }

    /// Does what [`decode`](Self::decode) does but for the last step, which is to put shuffled bytes in order.
    pub fn decode_shuffled(
        &self,
        scratch: &mut Scratch,
        mask: u32,
        stored: &[u8],
        chunk_bytes: usize,
        chunk: &mut Vec<u8>,
    ) -> Result<()> {
        self.decode_from(1, scratch, mask, stored, chunk_bytes, chunk)
    }

    /// Undoes the filters from the last to number `first`.
    fn decode_from(
        &self,
        first: usize,
        scratch: &mut Scratch,
        mask: u32,
        stored: &[u8],
        chunk_bytes: usize,
        chunk: &mut Vec<u8>,
    ) -> Result<()> {
        let (length, place) = self.undo(scratch, mask, stored, chunk_bytes, first, Some(chunk))?;
        match place {
            Place::Stored => copy(&stored[..length], chunk)?,
            Place::Scratch => std::mem::swap(chunk, &mut scratch.current),
            Place::Chunk => {}
        }
        chunk.truncate(length);
        Ok(())
    }

    /// Fails where [`Pipeline::decode`] would, in less time: nothing is put in order.
    pub fn verify(
        &self,
        scratch: &mut Scratch,
        mask: u32,
        stored: &[u8],
        chunk_bytes: usize,
    ) -> Result<()> {
        // Shuffles before any other filter cannot fail.
        let shuffles = self.steps.iter().take_while(|step| step.is_shuffle());
        let first = shuffles.count();
        self.undo(scratch, mask, stored, chunk_bytes, first, None)
            .map(|_| ())
    }

    /// Undoes the filters from the last to number `first`. Gives the number of bytes, and where they are: `chunk` has what the
    /// last of these filters makes.
    fn undo(
        &self,
        scratch: &mut Scratch,
        mask: u32,
        stored: &[u8],
        chunk_bytes: usize,
        first: usize,
        mut chunk: Option<&mut Vec<u8>>,
    ) -> Result<(usize, Place)> {
        let limits = self.limits(mask, stored.len(), chunk_bytes)?;
        let last = (first..self.steps.len()).find(|&index| !is_left_out(mask, index));
        let mut place = Place::Stored;
        let mut length = stored.len();
        for (index, step) in self.steps.iter().enumerate().skip(first).rev() {
            if is_left_out(mask, index) {
                continue;
            }
            let input = match place {
                Place::Stored => stored,
                Place::Scratch | Place::Chunk => scratch.current.as_slice(),
            };
            let input = &input[..length];
            let coder = step.coder(&mut scratch.coders);
            let target = chunk.as_deref_mut().filter(|_| last == Some(index));
            let (next, made) = match target {
                Some(chunk) => (chunk, Place::Chunk),
                None => (&mut scratch.next, Place::Scratch),
            };
            match coder.decode(step.parameter, input, next, limits[index])? {
                Decoded::There(bytes) => {
                    length = bytes;
                    continue;
                }
                Decoded::Made(bytes) => (length, place) = (bytes, made),
            }
            if place == Place::Scratch {
                std::mem::swap(&mut scratch.current, &mut scratch.next);
            }
        }
        if length != chunk_bytes {
            return Err(wrong_length(length, chunk_bytes));
        }
        Ok((length, place))
    }

    /// For each filter, the most bytes that undoing it can yield.
    ///
    /// Before the first compressor the sizes are exact; what lies behind a further one is
    /// bounded by what its input could have become at worst.
    fn limits(&self, mask: u32, stored: usize, chunk_bytes: usize) -> Result<Vec<usize>> {
        let mut limits = Vec::with_capacity(self.steps.len());
        let mut largest = chunk_bytes;
        let mut ratio = 1usize;
        for (index, step) in self.steps.iter().enumerate() {
            limits.push(largest);
            if is_left_out(mask, index) {
                continue;
            }
            ratio = ratio.saturating_mul(step.kind.ratio);
            let grown = (step.kind.grown)(largest);
            largest = grown.ok_or_else(|| wrong_length(stored, chunk_bytes))?;
        }
        // HDF5 itself may store a chunk that grew, but none that is too small to be whole.
        if stored.saturating_mul(ratio) < chunk_bytes {
            return Err(wrong_length(stored, chunk_bytes));
        }
        Ok(limits)
    }
}

/// Where the bytes are that filters were undone of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Where they were.
    Stored,
    /// In the scratch memory.
    Scratch,
    /// Where the chunk is to be.
    Chunk,
}

impl FilterStep {
    fn new(filter: &Filter) -> Option<Self> {
        let (place, kind) = filters::find(filter.id)?;
        Some(Self {
            kind,
            place,
            parameter: (kind.parameter)(&filter.client_data)?,
        })
    }

    fn is_shuffle(&self) -> bool {
        self.kind.id == shuffle::KIND.id
    }

    /// What runs it, made if it is not there yet.
    fn coder<'a>(&self, coders: &'a mut [Option<Box<dyn Coder>>]) -> &'a mut dyn Coder {
        &mut **coders[self.place].get_or_insert_with(self.kind.coder)
    }
}

/// Whether a chunk with this mask went past filter `index`.
fn is_left_out(mask: u32, index: usize) -> bool {
    mask & (1 << index) != 0
}

/// Changes the length of a buffer; an error where there is not so much memory, for a damaged file may ask for it.
pub fn resize(buffer: &mut Vec<u8>, length: usize) -> Result<()> {
    let more = length.saturating_sub(buffer.len());
    if buffer.try_reserve(more).is_err() {
        return Err(Error::no_memory(length));
    }
    buffer.resize(length, 0);
    Ok(())
}

/// Makes a buffer a copy of these bytes; an error where there is not so much memory.
pub fn copy(bytes: &[u8], buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    // With room for what a filter may add.
    buffer
        .try_reserve(bytes.len() + fletcher32::CHECKSUM_BYTES)
        .map_err(|_| Error::no_memory(bytes.len()))?;
    buffer.extend_from_slice(bytes);
    Ok(())
}

fn wrong_length(found: usize, expected: usize) -> Error {
    Error::format(format!(
        "a chunk of {expected} bytes was expected, but {found} bytes are stored that cannot be one: it is damaged"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{deflate, zstandard};
    use crate::error::Status;

    fn filter(id: i32, client_data: &[u32]) -> Filter {
        Filter {
            id,
            client_data: client_data.to_vec(),
        }
    }

    fn field(elements: usize) -> Vec<u8> {
        (0..elements)
            .flat_map(|i| (i as f64 * 0.01).sin().to_le_bytes())
            .collect()
    }

    /// Every order of every subset of the filters.
    fn pipelines() -> Vec<Vec<Filter>> {
        let all = [
            filter(shuffle::KIND.id, &[8]),
            filter(deflate::KIND.id, &[4]),
            filter(fletcher32::KIND.id, &[]),
            filter(zstandard::KIND.id, &[3]),
        ];
        let mut lists: Vec<Vec<Filter>> = vec![Vec::new()];
        let mut longest = lists.clone();
        for _ in 0..all.len() {
            longest = longest
                .iter()
                .flat_map(|list| {
                    let missing = all.iter().filter(|filter| !list.contains(filter));
                    missing
                        .map(|filter| [list.as_slice(), std::slice::from_ref(filter)].concat())
                        .collect::<Vec<_>>()
                })
                .collect();
            lists.extend(longest.iter().cloned());
        }
        lists
    }

    #[test]
    fn every_order_of_filters_comes_back() {
        let lists = pipelines();
        assert_eq!(lists.len(), 65);
        let (mut scratch, mut stored, mut back) = (Scratch::default(), Vec::new(), Vec::new());
        for list in &lists {
            let pipeline = Pipeline::new(list).unwrap();
            for chunk in [field(5000), vec![0; 8 * 300], field(1), vec![1, 2, 3]] {
                pipeline.encode(&mut scratch, &chunk, &mut stored).unwrap();
                pipeline
                    .decode(&mut scratch, 0, &stored, chunk.len(), &mut back)
                    .unwrap();
                assert_eq!(back, chunk, "{list:?}");
            }
        }
    }

    #[test]
    fn filters_that_a_chunk_went_past_are_not_undone() {
        let pipeline = Pipeline::new(&[
            filter(shuffle::KIND.id, &[8]),
            filter(deflate::KIND.id, &[9]),
            filter(fletcher32::KIND.id, &[]),
        ])
        .unwrap();
        let (mut scratch, mut stored, mut back) = (Scratch::default(), Vec::new(), Vec::new());
        let chunk = field(100);
        pipeline
            .decode(&mut scratch, 0b111, &chunk, chunk.len(), &mut back)
            .unwrap();
        assert_eq!(back, chunk);
        let only_deflate = Pipeline::new(&[filter(deflate::KIND.id, &[9])]).unwrap();
        only_deflate
            .encode(&mut scratch, &chunk, &mut stored)
            .unwrap();
        pipeline
            .decode(&mut scratch, 0b101, &stored, chunk.len(), &mut back)
            .unwrap();
        assert_eq!(back, chunk);
    }

    #[test]
    fn foreign_and_malformed_filters_make_no_pipeline() {
        assert!(Pipeline::new(&[filter(4, &[1, 2])]).is_none());
        assert!(Pipeline::new(&[filter(32000, &[])]).is_none());
        assert!(Pipeline::new(&[filter(shuffle::KIND.id, &[])]).is_none());
        assert!(Pipeline::new(&[filter(shuffle::KIND.id, &[0])]).is_none());
        assert!(Pipeline::new(&[filter(deflate::KIND.id, &[10])]).is_none());
        assert!(Pipeline::new(&vec![filter(fletcher32::KIND.id, &[]); 33]).is_none());
        assert!(Pipeline::new(&[]).unwrap().is_empty());
    }

    #[test]
    fn damage_and_hostile_sizes_are_errors_without_large_allocations() {
        let (mut scratch, mut stored, mut back) = (Scratch::default(), Vec::new(), Vec::new());
        for list in pipelines() {
            let pipeline = Pipeline::new(&list).unwrap();
            let chunk = field(1000);
            pipeline.encode(&mut scratch, &chunk, &mut stored).unwrap();
            pipeline
                .verify(&mut scratch, 0, &stored, chunk.len())
                .unwrap();
            // A chunk of 2^62 bytes is refused for what is stored of it.
            let error = pipeline
                .decode(&mut scratch, 0, &stored, 1 << 62, &mut back)
                .unwrap_err();
            assert_eq!(error.status, Status::Format);
            let error = pipeline
                .decode(&mut scratch, 0, &stored, usize::MAX, &mut back)
                .unwrap_err();
            assert_eq!(error.status, Status::Format);
            for wrong in [chunk.len() - 8, chunk.len() + 8, 0] {
                let result = pipeline.decode(&mut scratch, 0, &stored, wrong, &mut back);
                assert_eq!(result.unwrap_err().status, Status::Format, "{list:?}");
            }
            // Any cut and any flipped bit gives an error or at least a chunk of the right size.
            for cut in (0..stored.len()).step_by(97) {
                assert!(pipeline
                    .decode(&mut scratch, 0, &stored[..cut], chunk.len(), &mut back)
                    .is_err());
            }
            for position in (0..stored.len()).step_by(61) {
                let mut damaged = stored.clone();
                damaged[position] ^= 1 << (position % 8);
                let verified = pipeline.verify(&mut scratch, 0, &damaged, chunk.len());
                let decoded = pipeline.decode(&mut scratch, 0, &damaged, chunk.len(), &mut back);
                assert_eq!(verified, decoded);
                match decoded {
                    Ok(()) => assert_eq!(back.len(), chunk.len()),
                    Err(error) => assert_eq!(error.status, Status::Format),
                }
            }
        }
    }
}
