"""The rows of the table: which work, which of its metrics, what it is called, and the
least that h5sim should reach, as a ratio of the other's time to h5sim's."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    work: str  # the programs benches/WORK.CONTENDER.*
    metric: str  # what they print
    title: str
    # Contender -> ratio. For the bare system call, which is the limit, it is below 1.
    targets: dict = field(default_factory=dict)
    unit: str = "seconds"  # or "bytes"


ROWS = [
    Row("contiguous", "write", "256 MiB contiguous, write", {"hdf5": 1.0, "system": 0.91}),
    Row("contiguous", "read", "256 MiB contiguous, read", {"hdf5": 1.0}),
    Row("datasets", "write", "5,000 datasets of 1000×2 in one group, write", {"hdf5": 0.95, "h5py": 2.0}),
    Row("datasets", "read", "5,000 datasets of 1000×2 in one group, read"),
    Row("append", "append", "append 1,000,000 records of 8 float64", {"hdf5": 15, "packet": 5, "h5py": 100}),
    Row("append_large", "append", "append 100,000 records of 1,000 float64", {"hdf5": 1.5, "system": 0.77}),
    Row("compressed", "write", "256 MiB gzip 4 + shuffle, write", {"hdf5": 4.5}),
    Row("compressed", "read", "256 MiB gzip 4 + shuffle, read whole", {"hdf5": 3.5}),
    Row("compressed", "write_one", "the same with one thread, write", {"hdf5": 1.8}),
    Row("compressed", "read_one", "the same with one thread, read", {"hdf5": 1.4}),
    Row("compressed", "size", "the same, size of the file", {"hdf5": 1.0}, unit="bytes"),
    Row("random", "read", "200,000 reads of 16 float64 from 32 MiB", {"hdf5": 8}),
    Row("column", "read", "16 columns of a 4096×4096 contiguous dataset", {"hdf5": 1.5}),
    Row("small", "write", "20,000 datasets of 8 float64 in one group", {"hdf5": 1.3, "h5py": 4}),
    Row("scale", "record", "a record among 10,000,000 beside one among 1,000", {"few": 0.67}),
    Row("scale", "dataset", "a dataset among 100,000 beside one among 100", {"few": 0.67}),
    Row("corner", "read", "a 2×2 corner by path and slice, read", {"hdf5": 0.8}),
    Row("hash", "hash", "hash of the tutorial's metadata", {"python": 5.0}),
]
