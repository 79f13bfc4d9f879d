"""The rows of the table: which work, which of its metrics, what it is called, and the
least that h5sim should reach, as a ratio of the other's time to h5sim's."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    work: str  # the programs WORK.CONTENDER.* here or in patterns/
    metric: str  # what they print
    title: str
    # Contender -> ratio. For the bare system call, which is the limit, it is below 1.
    targets: dict = field(default_factory=dict)
    unit: str = "seconds"  # or "bytes", "number"
    most: float | None = None  # what h5sim may take, where that does not depend on others
    calls: int = 0  # how many calls of h5sim it is, where the table of languages shows what one costs


def rows(work, subject, parts, least=1.0):
    """Rows of one piece of work: metric -> title after the subject, or (title, least against HDF5)."""
    return [
        Row(work, metric, f"{subject}{part[0] if isinstance(part, tuple) else part}",
            {"hdf5": part[1] if isinstance(part, tuple) else least})
        for metric, part in parts.items()
    ]


# What h5sim is made for, and its limits.
FAST = [
    Row("contiguous", "write", "256 MiB contiguous, write", {"hdf5": 1.0, "system": 0.91}),
    Row("contiguous", "read", "256 MiB contiguous, read", {"hdf5": 1.0}),
    Row("datasets", "write", "5,000 datasets of 1000×2 in one group, write", {"hdf5": 0.95, "h5py": 2.0}),
    Row("datasets", "read", "5,000 datasets of 1000×2 in one group, read"),
    Row("append", "append", "append 1,000,000 records of 8 float64", {"hdf5": 15, "packet": 5, "h5py": 100}, calls=1_000_000),
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
    Row("element", "read", "100,000 reads of one element of 100×100, r", calls=100_000),
    Row("corner", "read", "a 2×2 corner by path and slice, read", {"hdf5": 0.8}),
    Row("catalog", "first", "search of 10,000 files with metadata, the first", {"h5py": 10}),
    Row("catalog", "again", "the same search again, nothing changed", {"h5py": 200, "signac": 5}),
    Row("catalog_scale", "first", "the first search, a file among 100,000 beside one among 1,000", {"few": 0.5}),
    # The names and the times of all files have to be asked for, which costs the system more for each where there are many.
    Row("catalog_scale", "again", "the same search again, a file among 100,000", {"system": 0.3}),
    Row("hash", "hash", "hash of the tutorial's metadata", {"python": 5.0}),
]

# What any simulation does, in any mode: never slower than HDF5's C calls used well.
ORDINARY = [
    *rows("histories", "500 point histories [:, i, j] of chunks (16, 64, 64), ", {
        "gzip_w": ("gzip, w", 1.5), "gzip_r+": ("gzip, r+", 1.5), "gzip_r": ("gzip, r", 1.5),
        "plain_w": "plain, w", "plain_r+": "plain, r+", "plain_r": "plain, r"}),
    *rows("steps_read", "one step [t] after another read out of chunks (16, 64, 64), ", {
        "gzip_w": "gzip, w", "gzip_r+": ("gzip, r+", 3), "gzip_r": ("gzip, r", 3),
        "plain_w": "plain, w", "plain_r+": "plain, r+", "plain_r": "plain, r"}),
    *rows("steps_write", "one step after another into chunks (16, 64, 64), ", {"plain": ("plain", 1.2), "gzip": ("gzip 4 + shuffle", 2.5)}),
    *rows("elements", "20,000 hyperslabs of 16 elements of a contiguous dataset, ", {
        "write_w": ("written, w", 1.5), "read_w": ("read, w", 4), "write_r+": ("written, r+", 1.5), "read_r+": ("read, r+", 4),
        "write_none": ("written, r+, durability none", 1.5), "read_none": ("read, r+, durability none", 4), "read_r": ("read, r", 4)}),
    *rows("fill", "a created dataset (200, 256, 256) filled by steps, a commit each 20, ", {
        "kill": "durability kill", "none": "durability none"}, 0.95),
    *rows("snapshots", "a 64×64 dataset per step in one group, ", {
        "each": ("a commit each step", 1.2), "each20": ("a commit each 20", 2), "never": ("no commit", 4)}),
    *rows("attributed", "3,000 datasets of 32×32 with two attributes each, ", {"write": ("written", 1.5), "read": "attributes read"}),
    # Against the same without names and attributes: at most half again as long.
    Row("labelled", "write", "5,000 datasets of 4×8 with named axes and two attributes each, written", {"hdf5": 1.0, "plain": 0.67}),
    *rows("groups", "", {
        "create": ("1,000 groups with 5 attributes each, written", 1.5), "read": "1,000 groups with 5 attributes each, read",
        "update": ("5,000 updates of one attribute", 1.2), "update_append": "5,000 updates of one attribute and appends to one series"}),
    *rows("series", "", {
        "commits": ("64 series, 500 steps, a commit each 10", 2), "elsewhere": ("50 series and one small write elsewhere each step", 3),
        "many_elsewhere": ("300 series and one small write elsewhere each step", 3), "random": "100 series appended in random order",
        "scalars": "20 scalar diagnostics, 5,000 steps", "twenty_commits": "20 scalar diagnostics, 2,000 steps, a commit each 100"}),
    *rows("files", "", {
        "write": ("1,000 small files written", 0.95), "read": ("1,000 small files opened and read", 1.2),
        "attribute_write": "1,000 small files opened r+, an attribute set", "attribute_read": "1,000 small files opened r, an attribute read",
        "reopen_append": "500 times: open a, append a record, close"}),
    Row("ghosts", "write", "20 arrays of 1024² out of their ghost cells, written", {"hdf5": 1.0, "system": 0.87}),
    Row("ghosts", "append", "20 arrays of 1024² out of their ghost cells, appended", {"hdf5": 1.0, "system": 0.77}),
    *rows("ghosts", "20 arrays of 1024² into their ghost cells, read, ", {"read_r": "r", "read_r+": "r+"}),
    Row("transposed", "write", "a column-major 4096² array, written", {"hdf5": 1.0, "system": 0.83}),
    Row("transposed", "read", "a column-major 4096² array, read", {"hdf5": 1.0}),
    Row("threads", "write", "two files by two threads beside both by one: gzip written", {"one": 1.7}),
    Row("threads", "read_r+", "two files by two threads beside both by one: gzip read, r+", {"one": 1.7}),
    Row("threads", "read_r", "two files by two threads beside both by one: gzip read, r", {"one": 1.7}),
    *rows("first", "", {
        "attributes_root": "5,000 attributes on the root", "attributes": "5,000 attributes on a new group",
        "appends": "the first append of each of 1,000 series"}),
    Row("open_files", "memory", "500 open files with one append, memory of each", {}, "bytes", 128 * 1024),
    Row("open_files", "descriptors", "500 open files with one append, descriptors of each", {}, "number", 1),
    Row("open_files", "append", "500 files opened, one append each", {"hdf5": 1.0}),
]

# What else codes of molecular dynamics, flows, plasmas, climate and Monte Carlo do in a step, at a restart, afterwards.
FURTHER = [
    *rows("particles", "particles appended: ", {
        "varying": "about 1,000 a step, positions and velocities", "batches": "64 records at a time", "gzip": "1,000 records at a time, gzip"}),
    # What is overwritten in place goes through the journal once: the price of surviving a kill.
    *rows("checkpoint", "a checkpoint of 8 fields of 64³, ", {
        "place_kill": ("overwritten in place, a commit each", 0.28), "place_none": "overwritten in place, durability none",
        "rotating": "two in turn, deleted and written"}),
    *rows("replaced", "each step written anew: ", {
        "status": "a JSON status text", "resized": "a dataset of another size", "deleted": "a dataset, deleted and written",
        "scalar": "a scalar, overwritten", "histogram": "a histogram, read, changed, written"}),
    *rows("status", "how far a run is, a text written over each step: ", {
        "attribute": "an attribute", "attribute_commits": "an attribute, a commit each", "json_commits": "a JSON text, a commit each",
        "attribute_reopened": "an attribute, opened r+ each time", "json_reopened": "a JSON text, opened r+ each time"}),
    *rows("planes", "written: ", {
        "contiguous": "six boundary planes of 64³, contiguous", "chunked": "six boundary planes of 64³, chunked",
        "tiles_contiguous": "tiles of 64² of a contiguous 1024²", "tiles_chunks": "tiles of 64² in chunks of 128²",
        "tiles_gzip": "tiles of 64² in chunks of 128², gzip", "tiles_across": "tiles of 96² across chunks of 128²",
        "tiles_across_gzip": "tiles of 96² across chunks of 128², gzip", "columns": "200 columns of a contiguous 1024²"}),
    *rows("types", "", {
        "f8_as_f4": "2 Mi f8 written as f4", "f4_as_f8": "2 Mi f4 written to f8", "read_f4_as_f8": "2 Mi f4 read as f8",
        "read_f8_as_f4": "2 Mi f8 read as f4, r+", "i8_as_i4": "2 Mi i8 written as i4", "mask_write": "five masks of 2 Mi written",
        "mask_read": "five masks of 2 Mi read", "spectra_append": "1,000 complex spectra of 513 appended",
        "spectra_read": "1,000 complex spectra of 513 read one by one", "append_f4": "2,000 records of 1,000 f8 appended as f4",
        "read_steps_f4": "2,000 records of 1,000 f4 read as f8"}),
    *rows("tail", "a series of records of 64: ", {
        "latest": "appended, the latest read each step", "earlier": "appended, an earlier one read each step",
        "extents": "appended, its extents asked each step", "tenth_r": "every tenth read, r", "tenth_r+": "every tenth read, r+",
        "backwards": "read backwards, r+"}),
    *rows("step_groups", "a group of ten datasets of 16² each step, ", {
        "never": "no commit", "each10": "a commit each 10", "each": "a commit each", "read_r": "read, r", "read_r+": "read, r+"}),
    *rows("queries", "of 1,000 datasets, 10,000 times: ", {
        "exists_r": "exists, r", "exists_r+": "exists, r+", "info_r": "info, r", "info_r+": "info, r+"}),
    *rows("queries", "of 1,000 datasets: ", {
        "keys_r": "the keys, 50 times, r", "keys_r+": "the keys, 50 times, r+", "tree_r": "the tree, 10 times, r",
        "tree_r+": "the tree, 10 times, r+",
        "names_r": "20 times: open r, the keys and the attributes' names of 100, close",
        "names_r+": "20 times: open r+, the keys and the attributes' names of 100, close"}),
    *[row for layout in ("contiguous", "chunked", "gzip") for mode in ("r", "r+") for row in rows(
        "windows", f"of a sheet of 2048×1024, {layout}, {mode}, read: ", {
            f"windows_{layout}_{mode}": "500 windows of 64²", f"strided_{layout}_{mode}": "4 strided hyperslabs",
            f"rows_{layout}_{mode}": "512 rows one after the other"})],
    *rows("climate", "four variables (time, level, lat, lon), gzip: ", {
        "append": "appended", "level_r": "a level of all times, r", "level_r+": "a level of all times, r+",
        "mean_r": "a mean over times, r", "mean_r+": "a mean over times, r+"}),
    *rows("ensemble", "", {
        "append": "100 files open, 100 appends each", "read": "100 files open, 100 records of each read",
        "two": "an append to one file and a field overwritten in another each step"}),
    *rows("texts", "", {
        "names_write": "five lists of 10,000 names written", "names_read": "five lists of 10,000 names read",
        "documents_write": "500 documents of 2 KiB in groups written", "documents_read": "500 documents of 2 KiB read"}),
    *rows("heaps", "libver latest, 100 datasets with 20 attributes each: ", {
        "changed": "all attributes changed, r+", "reopened": "100 times: open r+, change one, close"}),
    *rows("linked", "links into ten files of 50 datasets each: ", {
        "datasets_r": "each dataset read, r", "datasets_r+": "each dataset read, r+",
        "groups_r": "datasets and an attribute of each read behind linked groups, r",
        "groups_r+": "datasets and an attribute of each read behind linked groups, r+"}),
    *rows("restart", "", {
        "continue": "a restart: extents, last records, 20 fields, then appends", "deep": "10,000 small writes at a path of six names"}),
    *rows("formats", "", {
        "latest_append": "libver latest, 4 series, 5,000 steps", "latest_datasets": "libver latest, 2,000 small datasets",
        "latest_read": "libver latest, 2,000 small datasets read, r", "latest_more": "2,000 small datasets added to such a file, r+",
        "latest_commits": "libver latest, 2,000 small datasets, a commit each 20",
        "latest_groups": "libver latest, 1,000 groups with 5 attributes each", "latest_groups_read": "their attributes read, r",
        "fletcher32_write": "8 MiB with fletcher32 written", "fletcher32_read": "8 MiB with fletcher32 read",
        "gzip_commits": "a gzip series, 400 steps of 64², a commit each 10"}),
    *rows("newer", "libver latest, ", {
        "newer_read": "200 series of 1,000 records read, r", "newer_append": "20 records appended to each of 200 series, r+, 5 times",
        "newer_records": "10 records overwritten in each, r+"}),
    *rows("variable", "texts of variable length: ", {
        "variable_write": "10,000 in each of 5 datasets, write", "variable_read": "10,000 in each of 5 datasets, read",
        "lists_write": "20 in each of 500, write", "lists_read": "20 in each of 500, read", "lists_again": "20 in each of 500, overwritten, r+",
        "log_write": "20,000 appended to one", "log_again": "50 more, r+, 20 times", "log_read": "all of them read"}),
    *rows("volumes", "", {
        "blocks_read": "64 blocks of 32³ with their neighbours read out of a contiguous 128³",
        "blocks_write": "64 blocks of 32³ written into a contiguous 128³", "sites": "every second site of a lattice (16, 24, 24, 24), read",
        "large_chunk": "planes across a chunk of 128³, read, r+", "column": "3,000 columns appended along the second axis",
        "columns": "200 times 50 columns appended along the second axis"}),
    *rows("cells", "", {
        "elements_r": "20,000 elements of a gzip 64³, r", "elements_r+": "20,000 elements of a gzip 64³, r+",
        "samples_r": "10,000 of 2,000 samples of 1,024 f4, r", "samples_r+": "10,000 of 2,000 samples of 1,024 f4, r+",
        "u1_as_f4": "1 Mi u1 read as f4, 10 times", "i4_as_f8": "1 Mi i4 read as f8, 10 times",
        "write": "20,000 elements written into 1,000 chunks", "rows": "20,000 rows written over, a chunk each",
        "lookup": "200 times: open r+, read one of 5,000 datasets, close",
        "added": "200 times: open r+, add one to 5,000 datasets, close",
        "taken": "200 times: open r+, delete one of 5,200 datasets, close"}),
    *rows("blocks", "", {
        "scattered": "4,000 chunks of 16² written in any order", "middle": "256 columns written through the middle of (64, 256, 64)",
        "both_axes": "a matrix that grows along both axes, 300 times", "particles": "five datasets lengthened 1,000 times, by 1 to 500",
        "halo_r": "64 blocks of 32³ with their neighbours, in chunks, r", "halo_r+": "64 blocks of 32³ with their neighbours, in chunks, r+",
        "points_r": "40 points through 500 frames, a chunk each, r", "points_r+": "40 points through 500 frames, a chunk each, r+",
        "fourth_r": "[::4, ::4] of 1024², 4 times, r", "fourth_r+": "[::4, ::4] of 1024², 4 times, r+",
        "f8_as_i4": "1 Mi f8 written to i4, 3 times", "f4_as_i4": "1 Mi f4 written to i4, 3 times", "f8_as_u1": "1 Mi f8 written to u1, 3 times"}),
    *rows("picks", "", {
        **{f"tenth_{dtype}": f"every tenth of 4 Mi {dtype}, 3 times, r" for dtype in ("f4", "i4", "f8")},
        **{f"tenth_{dtype}_as_f8": f"every tenth of 4 Mi {dtype} as f8, 3 times, r" for dtype in ("f4", "i4")},
        "backwards": "[::-1] of 4 Mi f8, 3 times, r",
        **{f"{metric}_{volume}": f"{title} of a volume of 128³ f4, {layout}, r" for volume, layout in {
            "cube": "in one piece", "chunks": "in chunks", "gzip": "in chunks, gzip"}.items() for metric, title in {
            "planes": "48 planes along all axes", "corners": "1,000 corners of 4³"}.items()},
        "anywhere_1": "5,000 elements anywhere among 4 Mi f8, r", "anywhere_1000": "5,000 pieces of 1,000 anywhere among 4 Mi f8, r",
        "each": "one element of each of 2,000 datasets, opened r", "scalars": "2,000 scalars read twice, opened r"}),
    *rows("again", "", {
        f"{metric}_{mode}": f"{title}, {mode}" for mode in ("r", "r+") for metric, title in {
            "planes_gzip": "8 MiB in chunks, gzip, read, then 192 planes of it", "planes_plain": "8 MiB in chunks read, then 192 planes of it",
            "whole_gzip": "8 MiB in chunks, gzip, read five times", "whole_plain": "8 MiB in chunks read five times",
            "points": "50 points through 100 maps, a chunk each", "many": "10 elements of a dataset of 20,000 chunks, opened and read"}.items()}),
    # What replaces bytes of the last commit is written twice: the price of surviving a kill. Without a journal it is not.
    *rows("updates", "8 MiB in chunks, opened r+ each time, ", {
        "whole_kill": ("written over", 0.2), "slabs_kill": ("written over in 64 slabs", 0.2), "five_kill": ("written over five times", 0.2),
        "windows_kill": ("100 windows of 64² written", 0.2), "rows_kill": ("100 rows written", 0.2),
        "whole_none": "written over, durability none", "slabs_none": "written over in 64 slabs, durability none",
        "five_none": "written over five times, durability none", "windows_none": "100 windows of 64² written, durability none",
        "rows_none": "100 rows written, durability none",
        "whole_gzip": ("gzip, written over", 1.5), "slabs_gzip": ("gzip, written over in 64 slabs", 1.2), "five_gzip": "gzip, written over five times",
        "windows_gzip": ("gzip, 100 windows of 64² written", 1.2), "rows_gzip": ("gzip, 100 rows written", 1.2)}),
    *rows("scratch", "durability none: ", {
        "datasets": "3,000 datasets of 4×8 in 30 groups, an attribute each", "snapshots": "a 64×64 dataset per step, a commit each 20",
        "series": "64 series, 500 steps, a commit each 10", "status": "a text in an attribute, written over 2,000 times",
        "files": "500 small files written", "reopened": "each opened r+, an attribute set"}),
    *rows("links", "", {
        "latest": "2,000 times: a dataset written and moved over the latest one", "soft": "1,000 step groups and a soft link to the latest",
        "hard": "1,000 step groups with a hard link to one mesh", "rotated": "500 step groups of ten datasets, the last 5 kept, a commit each",
        "renamed": "3,000 datasets of 300 groups renamed, r+", "renamed_groups": "300 groups renamed, r+",
        "linked": "300 soft links made, r+", "through_r": "3,000 datasets read through 300 soft links, r",
        "through_r+": "3,000 datasets read through 300 soft links, r+", "external_r": "1,000 datasets read through 100 external links, r",
        "copied": "300 groups of ten datasets copied, r+", "deleted": "3,000 datasets of 300 groups deleted, r+",
        "deleted_groups": "300 groups of ten datasets deleted, r+", "truncated": "100 series cut to half and continued, r+"}),
]

# What a call costs does not depend on how much else there is: among 10,000 (5,000 attributes, 1,000 files) within 1.5 times of among 10.
FLAT = [
    Row("flat", metric, f"among many beside among few: {title}", {"few": 0.67})
    for metric, title in {
        "open_r": "datasets, open r and close", "open_r+": "datasets, open r+ and close", "read_r": "datasets, read, r",
        "read_r+": "datasets, read, r+", "info_r": "datasets, info, r", "info_r+": "datasets, info, r+", "exists_r": "datasets, exists, r",
        "exists_r+": "datasets, exists, r+", "write_slice": "datasets, a slice written", "attribute": "datasets, an attribute set",
        "commit": "datasets, a commit of one change", "append": "datasets, an append", "series_append": "series, an append",
        "series_append_all": "series, an append to each in turn",
        "series_other": "series, an append and a small write elsewhere", "series_read": "series, an append and its record read",
        "series_commit": "series, an append and a commit", "attributes_new": "attributes of a group, a new one",
        "attributes_set": "attributes of a group, one changed", "attributes_get": "attributes of a group, one read",
        "files_append": "open files, an append", "files_open": "open files, another created and closed",
        "documents_new": "JSON documents, a new one (30,000 and 1,000)", "documents_get": "JSON documents, a member read (30,000 and 1,000)",
        "documents_one": "JSON documents, another made and freed (30,000 and 1,000)",
    }.items()
]

ROWS = FAST + ORDINARY + FURTHER + FLAT
