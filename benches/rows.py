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


ROWS = [
    Row("contiguous", "write", "256 MiB contiguous, write", {"hdf5": 0.95}),
    Row("contiguous", "read", "256 MiB contiguous, read", {"hdf5": 0.95}),
    Row("datasets", "write", "5,000 datasets of 1000×2 in one group, write", {"hdf5": 0.95, "h5py": 2.0}),
    Row("datasets", "read", "5,000 datasets of 1000×2 in one group, read"),
    Row("corner", "read", "a 2×2 corner by path and slice, read", {"hdf5": 0.8}),
    Row("hash", "hash", "hash of the tutorial's metadata", {"python": 5.0}),
]
