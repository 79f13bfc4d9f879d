//! The shape of a chunk when the user asked for chunks but gave no shape.

#![forbid(unsafe_code)]

/// The most bytes of a chunk whose shape is chosen here: what HDF5's chunk cache can hold by default.
pub const LARGEST: u64 = 1 << 20;

/// About how many bytes of a long series go into a chunk, and how few of one that begins, or where a file has very many series.
pub const SERIES_TARGET: u64 = 256 << 10;
const SERIES_LEAST: u64 = 4 << 10;

/// How many times as large the chunks of a series become when it has outgrown them.
const SERIES_GROWTH: u64 = 8;

/// The bytes that the unfinished last chunks of all series of a file may take.
const SERIES_TOGETHER: u64 = 16 << 20;

/// The extent assumed for an axis that can grow without limit and has not grown yet.
const UNLIMITED_EXTENT: u64 = 1024;

/// Chooses chunks for a dataset that is compressed but not appended to.
///
/// A dataset of up to 1 MiB is one chunk. A larger one is halved along its longest axis until a chunk fits
/// into 1 MiB, so that a line along any axis crosses few chunks. From rank 3 on the first axis counts
/// four times as long, for it is often time, and a whole step is what is then read. Halving
/// keeps the last chunk of an axis nearly full. `unlimited` tells which axes can grow; where it is
/// shorter than `shape`, they cannot.
///
/// Rank 0 has no chunks: the result is empty.
pub fn for_compression(shape: &[u64], unlimited: &[bool], element_size: u64) -> Vec<u64> {
    let mut chunk: Vec<u64> = shape
        .iter()
        .enumerate()
        .map(|(axis, &extent)| match unlimited.get(axis) {
            Some(true) => extent.max(UNLIMITED_EXTENT),
            _ => extent.max(1),
        })
        .collect();
    let first_weight = if shape.len() > 2 { 4 } else { 1 };
    let weighted = |axis: usize, extent: u64| {
        if axis == 0 {
            extent.saturating_mul(first_weight)
        } else {
            extent
        }
    };
    while bytes(&chunk, element_size) > LARGEST {
        let longest = (0..chunk.len())
            .filter(|&axis| chunk[axis] > 1)
            // The first of several equals: halving slow axes keeps rows long.
            .rev()
            .max_by_key(|&axis| weighted(axis, chunk[axis]));
        match longest {
            Some(axis) => chunk[axis] = chunk[axis].div_ceil(2),
            // A single element larger than the limit.
            None => break,
        }
    }
    chunk
}

/// Chooses chunks for a long series of records of this shape; the new leading axis comes first.
///
/// As many whole records as 256 KiB hold, but at least one; a record of more than 1 MiB is split. A
/// file that has many series already (`others`) gets smaller chunks, down to 4 KiB: an unfinished
/// last chunk takes its full size in the file, and thousands of them would be most of it.
pub fn for_series(record: &[u64], element_size: u64, others: u64) -> Vec<u64> {
    let record_bytes = bytes(record, element_size);
    let mut chunk = Vec::with_capacity(record.len() + 1);
    if record_bytes <= LARGEST {
        chunk.push(records_in(series_target(others), record_bytes));
        chunk.extend(record.iter().map(|&extent| extent.max(1)));
    } else {
        chunk.push(1);
        // Within a record no axis is time.
        let mut split: Vec<u64> = record.to_vec();
        while bytes(&split, element_size) > LARGEST {
            match split.iter().position(|&extent| extent > 1) {
                // Slow axes first: the pieces stay contiguous in the record.
                Some(axis) => split[axis] = split[axis].div_ceil(2),
                None => break,
            }
        }
        chunk.extend(split);
    }
    chunk
}

/// How many of `records` a chunk should hold, of a series of records of this shape that has so many of them now.
///
/// A series begins with chunks of 4 KiB, and as soon as it fills one of the next size it gets those, up to the chunks of
/// [`for_series`]: so the unfinished last chunk never takes more than the records before it, or 4 KiB. Each
/// size is eight times the one before it: of a long series the first 32 KiB may be written three times and the next 224 KiB
/// twice, where commits come between.
pub fn records_for_now(record: &[u64], element_size: u64, others: u64, records: u64) -> u64 {
    let record_bytes = bytes(record, element_size);
    let most = series_target(others);
    let mut target = SERIES_LEAST;
    loop {
        let next = (target * SERIES_GROWTH).min(most);
        if target == most || records_in(next, record_bytes) > records {
            return records_in(target, record_bytes);
        }
        target = next;
    }
}

/// How many bytes go into a chunk of a long series of a file that has so many others.
fn series_target(others: u64) -> u64 {
    (SERIES_TOGETHER / (others + 1)).clamp(SERIES_LEAST, SERIES_TARGET)
}

/// How many records a chunk of about so many bytes has.
fn records_in(target: u64, record_bytes: u64) -> u64 {
    (target / record_bytes.max(1)).max(1)
}

/// The bytes of a chunk, or the largest number if they cannot be counted.
fn bytes(shape: &[u64], element_size: u64) -> u64 {
    shape.iter().fold(element_size, |product, &extent| {
        product.saturating_mul(extent.max(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_shapes() {
        assert_eq!(for_compression(&[], &[], 8), Vec::<u64>::new());
        assert_eq!(for_compression(&[1000, 2], &[], 8), [1000, 2]);
        assert_eq!(for_compression(&[0, 7], &[], 8), [1, 7]);
        assert_eq!(for_compression(&[4096, 4096], &[], 8), [256, 512]);
        assert_eq!(for_compression(&[256, 256, 256], &[], 8), [16, 64, 128]);
        assert_eq!(for_compression(&[1 << 25], &[], 8), [1 << 17]);
        assert_eq!(for_compression(&[0, 100], &[true, false], 8), [1024, 100]);
        assert_eq!(for_compression(&[u64::MAX, u64::MAX], &[], 16).len(), 2);
        assert_eq!(for_compression(&[3, 3], &[], 1 << 21), [1, 1]);
    }

    #[test]
    fn no_row_column_or_step_reads_most_of_a_large_dataset() {
        let shapes: &[&[u64]] = &[
            &[4096, 4096],
            &[100_000, 1000],
            &[1000, 100_000],
            &[256, 256, 256],
            &[1000, 512, 512],
            &[64, 2048, 2048],
            &[100, 100, 100, 100],
            &[12, 64, 128, 256, 3],
        ];
        for shape in shapes {
            for element_size in [4, 8, 16] {
                let chunk = for_compression(shape, &[], element_size);
                assert!(bytes(&chunk, element_size) <= LARGEST);
                assert!(
                    bytes(&chunk, element_size) > LARGEST / 4,
                    "{shape:?} -> {chunk:?}"
                );
                let counts: Vec<u64> = shape
                    .iter()
                    .zip(&chunk)
                    .map(|(n, c)| n.div_ceil(*c))
                    .collect();
                let all: u64 = counts.iter().product();
                let stored = all * bytes(&chunk, element_size);
                assert!(
                    stored * 4 <= bytes(shape, element_size) * 5,
                    "{shape:?} -> {chunk:?}"
                );
                for (axis, count) in counts.iter().enumerate() {
                    assert!(
                        count * 2 <= all,
                        "a line along axis {axis} of {shape:?} in {chunk:?}"
                    );
                }
                let step = all / counts[0];
                assert!(step * 2 <= all, "a step of {shape:?} in {chunk:?}");
            }
        }
    }

    #[test]
    fn series_gather_small_records_and_split_large_ones() {
        assert_eq!(for_series(&[], 8, 0), [32768]);
        assert_eq!(for_series(&[8], 8, 63), [4096, 8]);
        assert_eq!(for_series(&[1000], 8, 0), [32, 1000]);
        assert_eq!(for_series(&[0], 8, 0), [32768, 1]);
        assert_eq!(for_series(&[100, 1000], 8, 0), [1, 100, 1000]);
        assert_eq!(for_series(&[512, 512], 8, 0), [1, 256, 512]);
        assert_eq!(for_series(&[1 << 20], 8, 9000), [1, 1 << 17]);
        assert_eq!(for_series(&[], 8, 127), [16384]);
        assert_eq!(for_series(&[], 8, 100_000), [512]);
    }

    #[test]
    fn chunks_of_series_grow_with_their_records() {
        let sizes = |record: &[u64], others| {
            [0, 1, 4095, 4096, 32767, 32768, 1 << 40]
                .map(|records| records_for_now(record, 8, others, records))
        };
        assert_eq!(sizes(&[], 0), [512, 512, 512, 4096, 4096, 32768, 32768]);
        // Among so many series none gets larger chunks than this.
        assert_eq!(sizes(&[], 127)[3..], [4096, 16384, 16384, 16384]);
        assert_eq!(sizes(&[], 100_000), [512; 7]);
        // Large records: what a chunk cannot be smaller than, and what it is in the end.
        assert_eq!(sizes(&[1000], 0), [1, 1, 32, 32, 32, 32, 32]);
        assert_eq!(records_for_now(&[1000], 8, 0, 4), 4);
        assert_eq!(sizes(&[100, 1000], 0), [1; 7]);
        for record in [1u64, 3, 8, 100, 512, 5000] {
            let last = for_series(&[record], 8, 0)[0];
            for records in 1..3 * last {
                let now = records_for_now(&[record], 8, 0, records);
                assert!(now <= last && now <= records.max(4096 / (8 * record).min(4096)).max(1));
            }
            assert_eq!(records_for_now(&[record], 8, 0, last), last);
        }
    }
}
