/*
 * h5sim: simulation results as HDF5 files, from C, Fortran and Julia.
 *
 *     h5sim_file file;
 *     const int64_t shape[3] = {5, 4, 3};
 *     h5sim_open("my_data.hdf5", "w", NULL, &file);
 *     h5sim_write_f64(file, "result_1", 3, shape, data);
 *     h5sim_close(file);
 *
 * What holds for every function, unless its own comment says otherwise:
 *
 * Status     0 is success, a negative value is one of H5SIM_ERR_*; h5sim_last_error() then gives the sentence.
 *            On failure no output is touched. Besides those that a function lists, every function that takes a
 *            handle can return H5SIM_ERR_HANDLE (not open, closed, or of the wrong kind), every function that
 *            takes a pointer H5SIM_ERR_ARGUMENT (NULL where a value is needed, text that is not UTF-8), every
 *            function that reads or writes a file H5SIM_ERR_IO and H5SIM_ERR_FORMAT (damaged file), and every
 *            function H5SIM_ERR_INTERNAL (a defect of h5sim: please report it).
 * Texts      UTF-8, NUL-terminated. Texts in are copied when needed; the caller keeps them. Texts out belong to
 *            the caller, who frees them with h5sim_free().
 * Paths      "a/b/c", a leading "/" is optional, "" and "/" are the root group.
 * Arrays     are in C order: the last index runs fastest. A Fortran or Julia array a(n1,n2,n3) passes its extents
 *            reversed, {n3,n2,n1}, and no data moves: Fortran's a(3,4) is (4,3) in C, h5py and h5dump.
 *            Rank 0 is a scalar (shape may be NULL); extents of 0 are legal; the rank is at most H5SIM_MAX_RANK.
 * Types      convert between the type in memory and that in the file as HDF5 converts them: numbers to numbers
 *            (values out of range are clamped), complex to complex, H5SIM_BOOL (one byte, 0 or 1) to numbers.
 * Options    NULL, "", or a JSON object such as "{\"overwrite\": true}". An unknown key, or a value of the wrong
 *            type, is H5SIM_ERR_ARGUMENT with a sentence that names the known keys.
 * Threads    any thread may call any function at any time; calls on one file are serialised.
 * Ranks      A file of h5sim_open_ranks() or h5sim_open_mpi() is one file of many ranks, and a call on it is one call of all of them:
 *            every rank makes the same calls on it, in the same order. "Ranks: alike" marks those that take equal arguments
 *            on all ranks, "Ranks: own block" those to which each rank gives a block of its own, which may have no elements, and
 *            all else alike; "Ranks: any" those that a rank may call alone. A file of h5sim_open() is of one
 *            process, whose calls wait for no other.
 * Since      version 0.1.0.
 */


#ifndef H5SIM_H
#define H5SIM_H

#include <stdint.h>

/**
 * The version of this header: 0 of 0.1.2. That of the library is h5sim_version().
 */
#define H5SIM_VERSION_MAJOR 0

/**
 * The version of this header: 1 of 0.1.2.
 */
#define H5SIM_VERSION_MINOR 1

/**
 * The version of this header: 2 of 0.1.2.
 */
#define H5SIM_VERSION_PATCH 0

/**
 * The largest rank (number of axes) of an array.
 */
#define H5SIM_MAX_RANK 32

/**
 * Element type: double, real(real64), Float64; h5py's "f8".
 */
#define H5SIM_F64 1

/**
 * Element type: float, real(real32), Float32; "f4".
 */
#define H5SIM_F32 2

/**
 * Element type: int64_t, integer(int64), Int64; "i8".
 */
#define H5SIM_I64 3

/**
 * Element type: int32_t, integer(int32), Int32; "i4".
 */
#define H5SIM_I32 4

/**
 * Element type: int16_t, integer(int16), Int16; "i2".
 */
#define H5SIM_I16 5

/**
 * Element type: int8_t, integer(int8), Int8; "i1".
 */
#define H5SIM_I8 6

/**
 * Element type: uint64_t, UInt64; "u8".
 */
#define H5SIM_U64 7

/**
 * Element type: uint32_t, UInt32; "u4".
 */
#define H5SIM_U32 8

/**
 * Element type: uint16_t, UInt16; "u2".
 */
#define H5SIM_U16 9

/**
 * Element type: uint8_t, UInt8; "u1".
 */
#define H5SIM_U8 10

/**
 * Element type: one byte, 0 is false, anything else true (C bool); kept as h5py keeps it, an enum FALSE/TRUE.
 */
#define H5SIM_BOOL 11

/**
 * Element type: double complex, complex(real64), ComplexF64; kept as h5py's compound {r, i}.
 */
#define H5SIM_C128 12

/**
 * Element type: float complex, complex(real32), ComplexF32; kept as h5py's compound {r, i}.
 */
#define H5SIM_C64 13

/**
 * Element type: text, of fixed or variable length. Read it with h5sim_read_text or h5sim_read_texts.
 */
#define H5SIM_TEXT 14

/**
 * Element type: any other, which this library does not read.
 */
#define H5SIM_OTHER 15

/**
 * Object kind: nothing is there.
 */
#define H5SIM_NONE 0

/**
 * Object kind: a group.
 */
#define H5SIM_GROUP 1

/**
 * Object kind: a dataset.
 */
#define H5SIM_DATASET 2

/**
 * Object kind: a named datatype, as some other writers store; this library only lists it.
 */
#define H5SIM_DATATYPE 3

/**
 * JSON type: null.
 */
#define H5SIM_JSON_NULL 0

/**
 * JSON type: true or false.
 */
#define H5SIM_JSON_BOOL 1

/**
 * JSON type: a number written without point and exponent.
 */
#define H5SIM_JSON_INTEGER 2

/**
 * JSON type: any other number.
 */
#define H5SIM_JSON_FLOAT 3

/**
 * JSON type: a string.
 */
#define H5SIM_JSON_TEXT 4

/**
 * JSON type: an array.
 */
#define H5SIM_JSON_ARRAY 5

/**
 * JSON type: an object.
 */
#define H5SIM_JSON_OBJECT 6

/**
 * Run: nothing is there yet; the caller is to produce it.
 */
#define H5SIM_RUN_ABSENT 0

/**
 * Run: it was begun and is not marked as finished.
 */
#define H5SIM_RUN_UNFINISHED 1

/**
 * Run: it is marked as finished.
 */
#define H5SIM_RUN_FINISHED 2

/**
 * Success.
 */
#define H5SIM_OK 0

/**
 * An argument makes no sense: NULL, an unknown option or mode, text that is not UTF-8.
 */
#define H5SIM_ERR_ARGUMENT -1

/**
 * Not the handle of an open file or live document.
 */
#define H5SIM_ERR_HANDLE -2

/**
 * The file, object, attribute or JSON member is not there.
 */
#define H5SIM_ERR_NOT_FOUND -3

/**
 * Something is there already and was not to be overwritten.
 */
#define H5SIM_ERR_EXISTS -4

/**
 * Ranks, extents, indices or counts do not fit.
 */
#define H5SIM_ERR_SHAPE -5

/**
 * Element types cannot be converted, or the object is of another kind.
 */
#define H5SIM_ERR_TYPE -6

/**
 * The text is not JSON or YAML, or cannot be represented.
 */
#define H5SIM_ERR_JSON -7

/**
 * The operating system refused to read or write.
 */
#define H5SIM_ERR_IO -8

/**
 * The file is not HDF5, or it is damaged.
 */
#define H5SIM_ERR_FORMAT -9

/**
 * Another writer holds the file.
 */
#define H5SIM_ERR_LOCKED -10

/**
 * The file was opened for reading only, or may not be written.
 */
#define H5SIM_ERR_READ_ONLY -11

/**
 * Valid, but this build cannot do it.
 */
#define H5SIM_ERR_UNSUPPORTED -12

/**
 * A defect of this library: please report it.
 */
#define H5SIM_ERR_INTERNAL -13

/**
 * An open file. Never 0 for a live file; a stale or made-up value gives H5SIM_ERR_HANDLE.
 */
typedef int64_t h5sim_file;

/**
 * The operation by which ranks talk, see h5sim_open_ranks().
 */
typedef int32_t (*h5sim_allgather)(void *context, const void *mine, int64_t bytes, void *all);

/**
 * A JSON document in memory. Never 0 for a live document.
 */
typedef int64_t h5sim_json;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Give the version of this library, such as "0.1.0".
 *
 * Cannot fail. The text belongs to the library and lives as long as it is loaded: do not free it.
 * Threads: any. Since: 0.1.0.
 */
const char *h5sim_version(void);

/**
 * Give the version of the HDF5 that is built into this library, such as "2.2.0".
 *
 * Cannot fail. The text belongs to the library: do not free it. Threads: any. Since: 0.1.0.
 */
const char *h5sim_hdf5_version(void);

/**
 * Tell whether this build has a feature.
 *
 * name     "journal" (commits that survive kills), "mpi" (parallel files), "gzip"; any other gives 0.
 *
 * Returns 1 if it has, 0 if not, also for NULL. Cannot fail. Threads: any. Since: 0.1.0.
 */
int32_t h5sim_has_feature(const char *name);

/**
 * Give the sentence of this thread's latest failure: which file and object, what was expected, what was found.
 *
 * "" before any failure; a success does not clear it. Cannot fail.
 * The text belongs to the library and lives until the next failure in this thread: copy what you want to keep, do not free it.
 * Threads: each has its own. Since: 0.1.0.
 */
const char *h5sim_last_error(void);

/**
 * Give the name of a status, such as "H5SIM_ERR_SHAPE"; "H5SIM_OK" for 0, "unknown status" for any other value.
 *
 * Cannot fail. The text belongs to the library: do not free it. Threads: any. Since: 0.1.0.
 */
const char *h5sim_status_name(int32_t status);

/**
 * Free a text that this library handed out.
 *
 * text     what an output of type char ** gave; NULL is fine. Each text is freed once.
 *
 * Cannot fail. Threads: any, not only the one that received the text. Since: 0.1.0.
 */
void h5sim_free(char *text);

/**
 * Close all open files, as h5sim_close() does with each, and free all JSON documents.
 *
 * All handles go stale. The library can be used again afterwards. A program that ends without it loses nothing:
 * the same happens when the process exits (see h5sim_close).
 *
 * A file that many ranks write (h5sim_open_ranks) is left at its latest commit, since closing it takes all ranks: h5sim_close() it first.
 *
 * Status: what the first file that could not be closed gave; the others are closed all the same. H5SIM_ERR_IO where a file of many ranks
 * was left at its latest commit.
 * Threads: any, once the others have ended their calls. Since: 0.1.0.
 */
int32_t h5sim_finalize(void);

/**
 * Open or create a file.
 *
 * A file can be opened several times in one process: all handles to it share it, whatever paths led there, and see each other's writes at
 * once; a commit by any of them is a commit of all. A handle opened "r" refuses to write. The options of the first opening stand.
 *
 * A process that is forked cannot use the handles of its parent (H5SIM_ERR_HANDLE) and does nothing to its files; it can open files of
 * its own, unless another thread of the parent was inside a call of this library at the fork (H5SIM_ERR_UNSUPPORTED).
 *
 * Other processes: a handle "r" of a file that is written elsewhere moves on by itself. Each call sees exactly one commit, whole, the newest
 * that the writer could take into the file; two calls may see two, the later one never an older commit than the earlier one as
 * long as the writer lives. Between calls it keeps no writer from anything but emptying the file. One process writes a file: a
 * second one on the same computer is refused, also where file locks are off; one on another computer is refused where the file
 * system's locks hold among computers, and elsewhere is found at the next commit of either. Programs that read the file and lock
 * it, as HDF5 does unless told otherwise, keep nobody from opening it "r+" or "a", and see one whole commit for as long as they hold it: see
 * h5sim_commit(). Mode "w" beside any reader is H5SIM_ERR_LOCKED, since it would cut the file under it.
 *
 * path     where it is.
 * mode     as in h5py: "r" to read an existing file; "r+" to read and write an existing file; "w" to create a file, emptying
 *          one that exists; "w-" or "x" to create a file that must not exist; "a" to read and write, creating it if need be.
 * options  NULL or a JSON object with any of:
 *          "libver": "earliest" (default: every reader from HDF5 1.8 on opens the file) or "latest" (the newest format that
 *          HDF5 1.14 reads too, and so VTK and ParaView);
 *          "durability": "kill" (default), "power" or "none", see h5sim_commit();
 *          "autocommit": seconds (default 30, 0 is never): commit at the end of a call when so long has passed, until
 *          the program commits itself;
 *          "track_order": true: a new file and all groups and datasets in it note the order in which links and attributes came, without which
 *          netCDF reads a file but adds nothing to it; small datasets are then made one by one;
 *          "memory": the most memory that this process keeps for all its files together, bytes or a text such as "64 MiB" (default
 *          256 MiB): decoded chunks, records and small datasets that wait; the latest opening that names it decides;
 *          "locking": true, false or "best-effort" (default: where the file system has locks), overruled by the variable
 *          HDF5_USE_FILE_LOCKING; without locks readers may meet a mixture of two commits, and this process as a reader too, unless
 *          the call notices it and begins anew (H5SIM_ERR_LOCKED after 100 times);
 *          "wait": the most seconds (default 0) that the opening waits for other programs whose having the file does not fit, and that
 *          a close waits for readers; one that only looks into the file, as a search does, is waited for two seconds in any case;
 *          "waiting_limit": how large the journal may become while commits wait in it for readers, bytes or a text (default 256 MiB), and
 *          "at_waiting_limit": what happens then: "apply" (default) takes the commit into the file all the same, and its readers may meet a
 *          mixture of two commits, "error" refuses the next commit with H5SIM_ERR_LOCKED;
 *          "threads": how many threads compress and read, 0 (default) for as many as the process may use processors.
 * file     output: the handle, to be closed with h5sim_close().
 *
 * Status: H5SIM_ERR_NOT_FOUND (no such file, or its folder is missing); H5SIM_ERR_EXISTS (mode "w-"); H5SIM_ERR_FORMAT (not HDF5,
 * truncated, or left in the middle of a commit without its journal); H5SIM_ERR_LOCKED (another process has it open in a way that does not fit: the sentence
 * names the process and says what can be done; or mode "w" and this one has it open; or it is marked as open for writing, as programs without a journal leave it when they
 * die); H5SIM_ERR_READ_ONLY (may not be written); H5SIM_ERR_IO; H5SIM_ERR_ARGUMENT (mode or options, or a
 * "durability" other than that of the first opening); H5SIM_ERR_UNSUPPORTED (see above).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_open(const char *path,
                   const char *mode,
                   const char *options,
                   h5sim_file *file);

/**
 * Open or create one file from many ranks of MPI, which they write together by parallel HDF5.
 *
 * It is in the library that `make mpi` builds (libh5sim_mpi), on an HDF5 for one MPI. Another build, such as the ordinary library, gives
 * H5SIM_ERR_UNSUPPORTED; h5sim_has_feature("mpi") tells. h5sim_open_ranks() needs no such build.
 *
 * The communicator is duplicated. Every call on the file is made by all its ranks, in the same order, with equal arguments but for what a block is:
 * where it begins, its extents, strides and data (h5sim_write_block, h5sim_append_block, h5sim_read_block); a rank without elements
 * calls with an extent of 0. What is not a block is written once, from rank 0, and read by all. If ranks call different things, if one has
 * something wrong, or if one fails, all get the same error, which names the rank: calls are compared before they are made (but
 * for data of more than 64 KiB), and how they went is told after them.
 *
 * Data go to the file in the call, compressed ones by HDF5's collective filters; but records of series, which every rank gathers in memory, at most
 * 256 KiB of each series and 64 MiB of all. They are written when that is full, and by the next call that is no append; a full disk is told of then,
 * on all ranks, and what was accepted waits on. What such a file does not have: a journal, and so no return to
 * the last commit after a kill; small objects that wait in memory; a cache of chunks; automatic commits; other handles to it in the same
 * program; names of axes, h5sim_vtkhdf, h5sim_rewind, h5sim_finish, h5sim_move, h5sim_copy, h5sim_link, h5sim_resize, h5sim_layout
 * and "quantize" (H5SIM_ERR_UNSUPPORTED on all ranks). h5sim_commit hands all to the disks of all ranks (H5Fflush, MPI_File_sync): after it a crash of the
 * program loses nothing of the operating system's, but the file is marked as being written until it is closed, and HDF5 and
 * h5sim_open() refuse to open it then (h5clear -s takes the mark away, and whether the file is whole is then unknown); a rank that dies leaves such a file. After h5sim_close
 * it is an ordinary file, for HDF5 1.10 or newer. A file that is open at MPI_Finalize is closed by it; h5sim_finalize and the exit leave it alone. A file of
 * an older format that is opened for writing has no place for the mark.
 *
 * path                  where the file is, on a file system that all ranks see; the same text on all ranks.
 * mode                  as for h5sim_open(); a run that was killed is brought to its last commit first. No other program may have it open.
 * options               NULL or a JSON object with any of:
 *                       "libver": "earliest" (default: HDF5 1.10's) or "latest";
 *                       "track_order": as for h5sim_open();
 *                       "alignment": bytes, or a text such as "1 MiB": objects of at least so many begin at multiples of it, such as a
 *                       stripe of the file system (default: multiples of 1 MiB for those of 16 MiB or more);
 *                       "hints": an object of texts or numbers that MPI is told of the file, such as {"striping_factor": 16, "cb_nodes": 8};
 *                       "agree": false leaves out the comparison of calls, for programs that are known to be right: a mistake can then hang.
 * fortran_communicator  the ranks that open the file, as Fortran's integer: MPI_Comm_c2f(comm) in C, comm%MPI_VAL with mpi_f08, comm with mpi.
 * file                  output: the handle, to be closed with h5sim_close() by every rank. Without MPI it is set to 0.
 *
 * Status: as h5sim_open(), on all ranks what the first one met; H5SIM_ERR_UNSUPPORTED (this build has no MPI); H5SIM_ERR_ARGUMENT (also: MPI is not
 * initialised, or that is no communicator). Threads: as MPI was initialised; calls on all such files of a program in an order that is the same
 * on all ranks. Since: 0.1.0.
 */
int32_t h5sim_open_mpi(const char *path,
                       const char *mode,
                       const char *options,
                       int32_t fortran_communicator,
                       h5sim_file *file);

/**
 * Make all that was written so far durable, as one step.
 *
 * After a kill at any later instant the next h5sim_open() finds exactly the state of the latest commit: all of its steps, bit for bit, and
 * nothing of the step that was under way ("durability": "kill"). The step is all that was written to the file, through any handle. With "power" the same holds for a power cut, at the price
 * of waiting for the disk. With "none" a commit only hands the data to the operating system, and a kill can damage the file.
 * On a file opened "r" it does nothing.
 *
 * Other programs that open the file read-only and lock it see one commit. One that has it open at a commit keeps the commit waiting: it is
 * durable, in the journal, and is taken into the file when the readers have gone, which is tried at every commit and call on
 * the file (every eighth of h5sim_append), not by an idle program; readers that overlap can keep it waiting. Until then other programs see an
 * older commit: not older than the newest when the oldest of the readers opened it. A program that opens the file in the very
 * moment in which a commit is taken into it is refused, and can try again.
 *
 * file     an open file.
 *
 * Status: H5SIM_ERR_LOCKED: commits have waited for readers up to "waiting_limit", and "at_waiting_limit" is "error"; nothing of this step is
 * committed, and the commit can be tried again. H5SIM_ERR_IO: the disk is full or failing, nothing of this step is committed, the latest commit stands; where the disk was full,
 * the commit can be tried again, and has everything that was accepted. After a disk that failed to sync it cannot: the file has to be closed.
 * Also H5SIM_ERR_IO: another program, on another computer or without locks, has written the file meanwhile, and it may be damaged.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_commit(h5sim_file file);

/**
 * Give the path by which a file was opened, as h5py's file.filename.
 *
 * file     an open file.
 * path     output: the path as it was given to h5sim_open(); free it with h5sim_free().
 *
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_file_path(h5sim_file file, char **path);

/**
 * Give the mode of a handle, as h5py's file.mode.
 *
 * file     an open file.
 * mode     output: "r" of a handle that only reads, "r+" of one that also writes, however it was opened; free it with h5sim_free().
 *
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_file_mode(h5sim_file file,
                        char **mode);

/**
 * Close a handle; the last one of a file commits and closes the file.
 *
 * file     an open file. Its handle goes stale, also when closing fails; but one of many ranks stays open where some of them call another function.
 *
 * While other handles to the file stay open, closing one through which something was written since the latest commit
 * commits (all that was written, as h5sim_commit() does), and closing another commits nothing.
 *
 * A commit that waits for readers is waited for as long as "wait" says, and then taken into the file in any case: no closed file leaves a journal.
 * An exit does not wait.
 *
 * Files still open when the process exits are closed too: all that was written is kept, unless the program has called
 * h5sim_commit() on the file, which then is left at its latest commit.
 *
 * Status: H5SIM_ERR_IO: what was written since the latest commit could not be stored and is lost; call h5sim_commit() first to be able to try again.
 * Threads: any; a call on the same file that waits meanwhile gets H5SIM_ERR_HANDLE. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_close(h5sim_file file);

/**
 * Close a handle without a commit; the last one of a file leaves it at its latest commit.
 *
 * For a program that has met a failure and does not want half a step in its file. A file that was made by this opening and never committed
 * is left empty.
 *
 * file     an open file. Its handle goes stale, also when closing fails.
 *
 * While other handles to the file stay open, what was written stays too, and they may commit it. A file without a journal ("durability":
 * "none") has no commit to go back to: it keeps what was written, as with h5sim_close().
 *
 * Status: H5SIM_ERR_IO. Threads: any; a call on the same file that waits meanwhile gets H5SIM_ERR_HANDLE. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_discard(h5sim_file file);

/**
 * Tell whether a handle is that of a file that this process has open.
 *
 * file     any value.
 *
 * Returns 1 if it is, 0 if it was closed, is none, or was inherited by fork. Cannot fail; nothing is asked of the file or of other ranks.
 * Threads: any. Ranks: any. Since: 0.1.0.
 */
int32_t h5sim_is_open(h5sim_file file);

/**
 * Create a group, and the groups on the way to it.
 *
 * file     a file open for writing.
 * path     the group's path.
 *
 * Status: H5SIM_ERR_EXISTS (something is there already); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_READ_ONLY.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_create_group(h5sim_file file,
                           const char *path);

/**
 * Tell what is at a path.
 *
 * file     an open file.
 * path     the path; links are followed.
 * kind     output: H5SIM_NONE (nothing, or a link that leads nowhere), H5SIM_GROUP, H5SIM_DATASET or H5SIM_DATATYPE.
 *
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_exists(h5sim_file file,
                     const char *path,
                     int32_t *kind);

/**
 * List the names in a group, as h5py's keys() does.
 *
 * file        an open file.
 * group       the group's path; "" or "/" is the root.
 * json_array  output: a JSON array of names in alphabetical order, such as ["a", "b"]; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a dataset is there).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_keys(h5sim_file file,
                   const char *group,
                   char **json_array);

/**
 * Describe every object below a group.
 *
 * file     an open file.
 * group    the group's path; "" or "/" is the root.
 * json     output: a JSON object with one member per object, its path relative to the group as the name, in alphabetical order
 *          within each group: {"timeseries": {"kind": "group", "attributes": {}}, "timeseries/0": {"kind": "dataset",
 *          "dtype": "f8", "shape": [1000, 2], "attributes": {"unit": "m"}}}. Shapes are in C order. A soft or external link
 *          is {"kind": "link", "target": "…"} and is not followed; an object with several names is described at each, and
 *          its content once. An object that cannot be read is {"kind": "damaged", "error": "…"}, and the others are described.
 *          Free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a dataset is there).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_tree(h5sim_file file,
                   const char *group,
                   char **json);

/**
 * Delete a dataset, or a group with all that is in it, or a link.
 *
 * file     a file open for writing.
 * path     the object's path; not the root. Where several hard links name an object, only this name goes.
 *
 * The space in the file is used again by later writes; the file does not shrink below what it holds after it.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (the root); H5SIM_ERR_READ_ONLY.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_delete(h5sim_file file, const char *path);

/**
 * Move an object or a link to another path of its file, as h5py's move() does.
 *
 * No data moves, and the object stays what it is: names of axes that lead to it, other hard links and the group for ParaView lead to
 * it as before, and a coordinate that gets another name gives that to the axes. Soft links of the program's own do not follow.
 *
 * file     a file open for writing.
 * from     the path of a group, a dataset or a link; not the root.
 * to       its new path, where nothing may be yet; missing groups on the way are created. The same path changes nothing.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_EXISTS (something is at the new path); H5SIM_ERR_ARGUMENT (the root; a group into itself);
 * H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_UNSUPPORTED (one of the paths lies in another file); H5SIM_ERR_READ_ONLY.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_move(h5sim_file file,
                   const char *from,
                   const char *to);

/**
 * Copy a group with all that is in it, or a dataset, within a file or to another one, as h5py's copy() does.
 *
 * The copy has all data as they are stored, compressed as they were, and all attributes. Its axes have the names that they had: they
 * refer to the coordinates that were copied with it; or else to those that they had; or else, in another file, to those of the same names
 * there, and have no names where one of these has another length. Links in a group are copied as links.
 *
 * file     an open file.
 * from     the path of a group or dataset; "" or "/" is the root, with which a whole file is copied into a group. A link is followed.
 * target   a file open for writing: the same handle, another one of the same file, or one of another file.
 * to       the path of the copy, where nothing may be yet; missing groups on the way are created.
 * options  NULL, or a JSON object with h5py's keywords:
 *            "shallow"        true: of a group its members, and not what is in those.
 *            "expand_soft"    true: what soft links lead to instead of them.
 *            "without_attrs"  true: no attributes, and so no names of axes.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_EXISTS (something is at the path of the copy); H5SIM_ERR_ARGUMENT (options; the root as the
 * copy's path); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_UNSUPPORTED (the copy's path lies in a third file);
 * H5SIM_ERR_READ_ONLY; H5SIM_ERR_FORMAT (what is copied is damaged); H5SIM_ERR_IO (a full disk). On failure nothing of the copy is there.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_copy(h5sim_file file,
                   const char *from,
                   h5sim_file target,
                   const char *to,
                   const char *options);

/**
 * Make a link: another name of an object, or a path at which there is one.
 *
 * file     a file open for writing.
 * path     the path of the link, where nothing may be yet; missing groups on the way are created.
 * target   the path that it leads to; of an external link, in the other file. It is a path from the root as all are here, also in a link
 *          that lies in a group. Only for a hard link something has to be there.
 * options  NULL, or a JSON object:
 *            "type"  "soft" (the default without "file"): a path, followed when it is used. "hard": another name of the object,
 *                    which lasts until its last name goes. "external" (the default with "file"): a path in another file.
 *            "file"  the name of the other file, relative to the folder of this one, for an external link. If that file is open in this
 *                    program, what was written to it is found there too; open for reading only, it can be looked at there, and not changed.
 *
 * Status: H5SIM_ERR_EXISTS (something is at the path); H5SIM_ERR_NOT_FOUND (the target of a hard link); H5SIM_ERR_ARGUMENT (options; the root
 * as the path); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_UNSUPPORTED (the path, or the target of a hard link, lies in another file);
 * H5SIM_ERR_READ_ONLY.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_link(h5sim_file file,
                   const char *path,
                   const char *target,
                   const char *options);

/**
 * Write an array to a new dataset, or over an existing one.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * dtype    element type of data (H5SIM_F64 … H5SIM_C64), and of the dataset unless the options say otherwise.
 * rank     number of axes, 0 to H5SIM_MAX_RANK.
 * shape    the extents [rank]. C: double a[3][4] is {3, 4}. Fortran a(4,3), Julia size (4,3): {3, 4}. NULL for rank 0.
 * strides  distance in elements between neighbours along each axis [rank], or NULL for a contiguous array. May be negative.
 *          The inside of double a[102][102] with one layer of ghost cells: data &a[1][1], shape {100, 100}, strides {102, 1}.
 *          A column-major 3 x 4 matrix as a (3, 4) dataset: shape {3, 4}, strides {1, 3}.
 * data     element (0, …, 0); NULL only when there are no elements.
 * options  NULL or a JSON object with any of:
 *          "overwrite": true: a dataset that is there is rewritten in place if it has the same shape and type: its attributes, chunks,
 *          filters and largest extents stay, whatever the other options say. Otherwise it is replaced, and its attributes go with it;
 *          "dtype": how it is stored, such as "f4", "i8", "u2", "bool", "c16", with "<" or ">" before it for the byte order;
 *          "chunks": true, false or extents; "maxshape": extents, null for unlimited; "compression": "gzip", a level 0 to 9 of it, or
 *          "zstd", for which readers need a plugin; "compression_opts": the level, default 4, of zstd 3; "shuffle": true; "fletcher32": true;
 *          "fillvalue": a number, NaN and Infinity as Python writes them, true or false, or [real, imaginary].
 *          They mean what h5py's keywords mean. And:
 *          "quantize": n: floats keep n significant decimal digits (float32 1 to 7, float64 1 to 15): they are rounded to within half a unit of
 *          the n-th digit, in binary, so that they compress; it turns "compression" and "shuffle" on. Later writes to the dataset are rounded too.
 *          "threads": how many threads compress, 0 for as many as there are processors; by default what h5sim_open() was told.
 *          "dims": the names of its axes in C order, such as ["z", "y", "x"], see h5sim_set_dims();
 *          "attrs": attributes, such as {"units": "m/s", "long_name": "velocity"}: texts, numbers, true or false, arrays of numbers.
 *
 * Status: H5SIM_ERR_EXISTS (something is there and "overwrite" is not set, or it is a group); H5SIM_ERR_SHAPE (rank, extents, chunks);
 * H5SIM_ERR_TYPE (a dataset is on the way, or the types do not convert); H5SIM_ERR_ARGUMENT (options); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO (disk full).
 * On failure the file is as before: what was to be made is not there, nor are groups on the way to it, and what was to be overwritten is as it
 * was, within the limits that h5sim_write_slice() names. Small arrays (up to 64 KiB, contiguous in the file) are gathered in memory until another call on the file needs
 * them, and compressed chunks until there are several: a disk that is full may then be told of by a later call, at the latest by the next commit.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write(h5sim_file file,
                    const char *path,
                    int32_t dtype,
                    int32_t rank,
                    const int64_t *shape,
                    const int64_t *strides,
                    const void *data,
                    const char *options);

/**
 * Write a contiguous array of double to a new dataset.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * rank     number of axes, 0 to H5SIM_MAX_RANK.
 * shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * data     the elements in C order.
 *
 * Status: as h5sim_write(), of which this is the short form. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_f64(h5sim_file file,
                        const char *path,
                        int32_t rank,
                        const int64_t *shape,
                        const double *data);

/**
 * Create a dataset without data, to be filled by h5sim_write_slice() or h5sim_write_hyperslab().
 *
 * Until then it reads as the fill value, 0 unless the options say otherwise.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * dtype    element type of the dataset.
 * rank     number of axes, 0 to H5SIM_MAX_RANK.
 * shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * options  as for h5sim_write(); with "overwrite" an existing dataset is replaced.
 *
 * Status: as h5sim_write(). Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_create(h5sim_file file,
                     const char *path,
                     int32_t dtype,
                     int32_t rank,
                     const int64_t *shape,
                     const char *options);

/**
 * Write into a part of an existing dataset.
 *
 * file     a file open for writing.
 * path     the dataset's path.
 * slice    which part, as in NumPy: "0", "-1", "2:5", "::2", "..., 0", "[:2, ..., :2]". In the dataset's (C) order of axes:
 *          Fortran's and Julia's first axis is the last here. NULL or "" is everything.
 * dtype    element type of data.
 * count    number of elements in data; it must be the number of elements of the slice.
 * data     the elements in C order.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (index out of bounds, too many indices, count); H5SIM_ERR_ARGUMENT (not a slice, step 0);
 * H5SIM_ERR_TYPE; H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO.
 * On failure the dataset is as it was. What a full disk refuses after it has taken a part is kept in memory, and the next commit writes it or
 * tells. Only where that does not fit into the option "memory" of h5sim_open(), and where the disk itself fails, some elements of the part may
 * have their new values, and the others their old ones: the call can be repeated.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_slice(h5sim_file file,
                          const char *path,
                          const char *slice,
                          int32_t dtype,
                          int64_t count,
                          const void *data);

/**
 * Write an array with strides into a part of an existing dataset: a field inside its ghost cells, or a column-major array.
 *
 * file     a file open for writing.
 * path     the dataset's path.
 * slice    which part, as for h5sim_write_slice(); NULL or "" is everything.
 * dtype    element type of the array in memory.
 * rank     number of axes of the array; that of the slice.
 * shape    the array's extents [rank] in C order (Fortran's and Julia's reversed); they must be the slice's.
 * strides  distance in elements between neighbours along each axis [rank], or NULL for a contiguous array; may be negative; see h5sim_write().
 * data     element (0, …, 0). What lies between the elements, such as ghost cells, is not written.
 *
 * The twin of h5sim_read_into(). An array whose rows (along the last axis) are contiguous is written from where it is; any other is packed piece by piece.
 *
 * Status: as h5sim_write_slice(); H5SIM_ERR_SHAPE also when the slice's shape is not the array's.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_from(h5sim_file file,
                         const char *path,
                         const char *slice,
                         int32_t dtype,
                         int32_t rank,
                         const int64_t *shape,
                         const int64_t *strides,
                         const void *data);

/**
 * Give the element type and the shape of a dataset.
 *
 * file     an open file.
 * path     the dataset's path.
 * dtype    output: one of H5SIM_F64 … H5SIM_OTHER. A number of another size than these is given as the next larger one, and a float of other
 *          bits as one that holds all of its values.
 * rank     output: number of axes.
 * shape    output: the extents in C order (Fortran's and Julia's reversed), room for H5SIM_MAX_RANK, of which rank are written.
 *          A dataset with a null dataspace (h5py's Empty) is of rank 1 and extent 0.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a group is there).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_info(h5sim_file file,
                   const char *path,
                   int32_t *dtype,
                   int32_t *rank,
                   int64_t *shape);

/**
 * Give the shape that a slice of a dataset has.
 *
 * file     an open file.
 * path     the dataset's path.
 * slice    as for h5sim_read().
 * rank     output: number of axes; an integer index drops its axis.
 * shape    output: the extents in C order, room for H5SIM_MAX_RANK, of which rank are written.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE; H5SIM_ERR_SHAPE; H5SIM_ERR_ARGUMENT (not a slice, step 0).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_slice_shape(h5sim_file file,
                          const char *path,
                          const char *slice,
                          int32_t *rank,
                          int64_t *shape);

/**
 * Read a dataset, or a part of it.
 *
 * file      an open file.
 * path      the dataset's path.
 * slice     which part, as in NumPy: "0", "-1", "2:5", "::-1", "..., 0", "[:2, ..., :2]". In the dataset's (C) order of axes:
 *           Fortran's and Julia's first axis is the last here. NULL or "" is everything.
 * dtype     element type wanted in memory.
 * capacity  number of elements that data has room for; at least those of the slice (see h5sim_slice_shape).
 * data      output: the elements in C order.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (index out of bounds, too many indices, capacity); H5SIM_ERR_ARGUMENT (not a slice, step 0);
 * H5SIM_ERR_TYPE (text, H5SIM_OTHER, or types that do not convert); H5SIM_ERR_FORMAT (damaged); H5SIM_ERR_IO. On failure data is as it was,
 * save that a damaged chunk (H5SIM_ERR_FORMAT) or a failing disk (H5SIM_ERR_IO) met by a read of more than 1 MiB, or by one of a dataset that is not
 * compressed, can leave some of the elements in it.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read(h5sim_file file,
                   const char *path,
                   const char *slice,
                   int32_t dtype,
                   int64_t capacity,
                   void *data);

/**
 * Read a dataset, or a part of it, as double.
 *
 * file      an open file.
 * path      the dataset's path.
 * slice     as for h5sim_read(); NULL or "" is everything.
 * capacity  number of elements that data has room for.
 * data      output: the elements in C order.
 *
 * Status: as h5sim_read(), of which this is the short form. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read_f64(h5sim_file file, const char *path, const char *slice, int64_t capacity, double *data);

/**
 * Read a dataset, or a part of it, into an array with strides: a field inside its ghost cells, or a column-major array.
 *
 * file     an open file.
 * path     the dataset's path.
 * slice    as for h5sim_read(); NULL or "" is everything.
 * dtype    element type of the array in memory.
 * rank     number of axes of the array; that of the slice.
 * shape    the array's extents [rank] in C order (Fortran's and Julia's reversed); they must be the slice's.
 * strides  distance in elements between neighbours along each axis [rank], or NULL for a contiguous array; see h5sim_write().
 * data     output: element (0, …, 0). What lies between the elements, such as ghost cells, is not touched.
 *
 * Status: as h5sim_read(); H5SIM_ERR_SHAPE also when the slice's shape is not the array's.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read_into(h5sim_file file,
                        const char *path,
                        const char *slice,
                        int32_t dtype,
                        int32_t rank,
                        const int64_t *shape,
                        const int64_t *strides,
                        void *data);

/**
 * Read a hyperslab of a dataset, in the terms of H5Sselect_hyperslab.
 *
 * Along each axis, count blocks of block elements, whose beginnings are stride apart, the first at start.
 *
 * file      an open file.
 * path      the dataset's path.
 * dtype     element type wanted in memory.
 * rank      number of axes of the dataset.
 * start     first element along each axis [rank], from 0. In C order, as all four; Fortran and Julia reverse theirs.
 * stride    distance between beginnings of blocks [rank], at least block; NULL is 1 everywhere.
 * count     number of blocks [rank].
 * block     elements in a block [rank]; NULL is 1 everywhere.
 * capacity  number of elements that data has room for; at least those selected.
 * data      output: the elements in C order.
 *
 * Status: as h5sim_read(); H5SIM_ERR_SHAPE when the rank is not the dataset's, a value is negative, or the hyperslab leaves the dataset.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read_hyperslab(h5sim_file file,
                             const char *path,
                             int32_t dtype,
                             int32_t rank,
                             const int64_t *start,
                             const int64_t *stride,
                             const int64_t *count,
                             const int64_t *block,
                             int64_t capacity,
                             void *data);

/**
 * Write a hyperslab of an existing dataset, in the terms of H5Sselect_hyperslab.
 *
 * file       a file open for writing.
 * path       the dataset's path.
 * dtype      element type of data.
 * rank       number of axes of the dataset.
 * start      first element along each axis [rank], from 0. In C order, as all four; Fortran and Julia reverse theirs.
 * stride     distance between beginnings of blocks [rank], at least block; NULL is 1 everywhere.
 * count      number of blocks [rank].
 * block      elements in a block [rank]; NULL is 1 everywhere.
 * available  number of elements in data; it must be the number of elements selected.
 * data       the elements in C order.
 *
 * Status: as h5sim_write_slice(); H5SIM_ERR_SHAPE when the rank is not the dataset's, a value is negative, or the hyperslab leaves the dataset.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_hyperslab(h5sim_file file,
                              const char *path,
                              int32_t dtype,
                              int32_t rank,
                              const int64_t *start,
                              const int64_t *stride,
                              const int64_t *count,
                              const int64_t *block,
                              int64_t available,
                              const void *data);

/**
 * Give a dataset other extents, as h5py's resize() does.
 *
 * What it becomes longer by reads as its fill value, also where there were elements before it became shorter. A dimension without
 * coordinate that names its first axis becomes as long.
 *
 * file     a file open for writing.
 * path     the dataset's path: one with room to grow, made with the option "maxshape" or by h5sim_append().
 * rank     number of axes, that of the dataset.
 * shape    the new extents [rank], in C order, none larger than "maxshape" says; Fortran and Julia pass theirs reversed.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a group is there); H5SIM_ERR_SHAPE (rank, extents, or it cannot grow so far);
 * H5SIM_ERR_UNSUPPORTED (it lies in another file); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. On failure the extents are as before.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_resize(h5sim_file file,
                     const char *path,
                     int32_t rank,
                     const int64_t *shape);

/**
 * Tell how a dataset is stored.
 *
 * file     an open file.
 * path     the dataset's path.
 * json     output: a JSON object, which names what the options of h5sim_create() name as they do; free it with h5sim_free().
 *            "layout"            "contiguous", "chunked", "compact", "virtual" or "external".
 *            "dtype"             the type of the elements, such as "f8"; "shape" their extents, in C order.
 *            "maxshape"          the largest extents, null for unlimited.
 *            "chunks"            the extents of a chunk; null without chunks.
 *            "compression"       "gzip", "zstd", "lzf" or "szip", and "compression_opts" its level; null without.
 *            "shuffle"           true or false; "fletcher32" as well.
 *            "fillvalue"         the element that was never written; null where there is no such number.
 *            "filters"           all filters in the order in which they are applied, such as ["shuffle", "gzip 4"].
 *            "stored"            the bytes that the elements take in the file; "bytes" those that they have.
 *          Chunks that still wait in memory are stored by the call, so that they count.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a group is there); H5SIM_ERR_FORMAT; H5SIM_ERR_IO.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_layout(h5sim_file file,
                     const char *path,
                     char **json);

/**
 * Append a record to a dataset that grows along its first axis: one step of a time series.
 *
 * The first call creates the dataset if there is none: chunked, its first axis unlimited, its other axes the record's. Later calls, also
 * of later runs, add one record each; a dataset that h5py or another program made with maxshape (None, ...) is continued too.
 * Records are gathered in memory and written as whole chunks; every call on the file sees them. They are in the file after
 * h5sim_commit() and h5sim_close(). The option "memory" of h5sim_open() bounds what is kept in memory.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * dtype    element type of data.
 * rank     number of axes of a record, 0 to H5SIM_MAX_RANK - 1; 0 is one number per record.
 * shape    the extents of a record [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 *          The dataset has one axis more, the first: records of shape {8} make a dataset of shape (records, 8), which
 *          is (8, records) in Fortran and Julia.
 * data     the record's elements in C order; with "records": n those of n records, one after the other.
 * options  NULL or a JSON object with any of:
 *          "records": how many records data holds, default 1, 0 for none;
 *          and, of use when the dataset is created and ignored afterwards, "dtype", "chunks" (the whole extents, records first; by default
 *          see below), "maxshape" (beginning with null), "compression",
 *          "compression_opts", "shuffle", "fletcher32", "fillvalue", "quantize", "threads", "dims" (the first is that of the records, such as
 *          ["time", "y", "x"]), "attrs", as for h5sim_write().
 *
 * Chunks grow with the records, unless they were asked for: a series begins with about 4 KiB, and gets those of 32 KiB and then of 256 KiB (less in
 * a file of very many series) as soon as it fills one. Its dataset is another one then, of the same name, attributes and records; an object
 * reference that another program made leads to the old one. A series that has a second name, that is a coordinate or has one ("dims",
 * h5sim_set_dims()), or that is in a group with "track_order", has the last size from then on, and stays what it is.
 *
 * The cost of a small record is a copy in memory. With compression, the unfinished last chunk is kept uncompressed in the file
 * until it is full or the file is closed, so that commits need no new room for it.
 *
 * Status: H5SIM_ERR_SHAPE (the record's shape is not the dataset's, or the dataset cannot grow); H5SIM_ERR_TYPE (the types do not convert, or
 * something else is at path); H5SIM_ERR_ARGUMENT (options); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO (disk full, or no memory: the record was not taken). Where
 * there is memory a full disk is told of by the next commit or close, and nothing that was accepted is lost as long as the file is open. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_append(h5sim_file file,
                     const char *path,
                     int32_t dtype,
                     int32_t rank,
                     const int64_t *shape,
                     const void *data,
                     const char *options);

/**
 * Append a record of double to a dataset that grows along its first axis.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * rank     number of axes of a record, 0 to H5SIM_MAX_RANK - 1.
 * shape    the extents of a record [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * data     the record's elements in C order.
 *
 * Status: as h5sim_append(), of which this is the short form. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_append_f64(h5sim_file file,
                         const char *path,
                         int32_t rank,
                         const int64_t *shape,
                         const double *data);

/**
 * Append a record with strides: the inside of a field with ghost cells, or a column-major array.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * dtype    element type of data.
 * rank     number of axes of the record, 0 to H5SIM_MAX_RANK - 1.
 * shape    the extents of the record [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * strides  distance in elements between neighbours along each axis [rank], which may be negative; see h5sim_write(). NULL for a contiguous record:
 *          the call is h5sim_append() then.
 * data     element (0, …, 0) of the record. What lies between its elements, such as ghost cells, is not written.
 * options  as for h5sim_append(); with strides, "records" can be no more than 1.
 *
 * Status: as h5sim_append(); H5SIM_ERR_ARGUMENT also for several records with strides. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_append_from(h5sim_file file,
                          const char *path,
                          int32_t dtype,
                          int32_t rank,
                          const int64_t *shape,
                          const int64_t *strides,
                          const void *data,
                          const char *options);

/**
 * Write a block of a larger array: the part that this process has of it.
 *
 * If nothing is at path, a dataset of shape global_shape is created, whose other elements are fill until they are written. A dataset that is
 * there has to be of that shape; the block is written into it and its type, layout and attributes stay, so that several blocks of one array are
 * written one after the other. On a file of one process, of h5sim_open(), a code with blocks does the same as on one of many ranks.
 *
 * file          a file open for writing.
 * path          the dataset's path; missing groups on the way are created.
 * dtype         element type of data, and of a new dataset unless the options say otherwise.
 * rank          number of axes of the whole array, and of the block, 0 to H5SIM_MAX_RANK.
 * global_shape  the extents of the whole array [rank], in C order as all four; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * start         where the block begins in the whole array [rank], from 0. NULL for rank 0.
 *               Fortran's u(5:8, 1:4) of u(8, 4) is start {0, 4}, shape {4, 4}, global_shape {4, 8}.
 * shape         the extents of the block [rank]; a block with an extent of 0 writes nothing, wherever it begins. NULL for rank 0.
 * strides       distance in elements between neighbours of the block in memory along each axis [rank], or NULL for a contiguous
 *               one; may be negative; see h5sim_write(). With them a block is written from inside its ghost cells.
 * data          element (0, …, 0) of the block; NULL only when it has no elements.
 * options       as for h5sim_write(), and of use when the dataset is created; one that is there stays as it is. With "overwrite": true one of
 *               another shape or type is replaced as by h5sim_write(), and the blocks written before go with it.
 *
 * Status: H5SIM_ERR_SHAPE (the block leaves the whole array, a negative value, or the dataset has another shape); H5SIM_ERR_TYPE (the types do not
 * convert, or something else is at path or on the way); otherwise as h5sim_write().
 * On failure the file is as before, within the limits that h5sim_write_slice() names: a dataset that could not get its first block is not there.
 * Threads: any. Ranks: own block. Since: 0.1.0.
 */
int32_t h5sim_write_block(h5sim_file file,
                          const char *path,
                          int32_t dtype,
                          int32_t rank,
                          const int64_t *global_shape,
                          const int64_t *start,
                          const int64_t *shape,
                          const int64_t *strides,
                          const void *data,
                          const char *options);

/**
 * Append a record of which this process has a block: one step of a time series.
 *
 * One record of shape global_shape is added to the series, as h5sim_append() does, which is created if there is none. Elements of no block are
 * fill: on a file of one process all but the block. The other elements of the same record can be written by h5sim_write_from().
 *
 * file          a file open for writing.
 * path          the dataset's path; missing groups on the way are created.
 * dtype         element type of data, and of a new dataset unless the options say otherwise.
 * rank          number of axes of the whole record, and of the block, 0 to H5SIM_MAX_RANK - 1; the dataset has one more, the first.
 * global_shape  the extents of the whole record [rank], in C order as all four; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * start         where the block begins in the whole record [rank], from 0. NULL for rank 0.
 * shape         the extents of the block [rank]; one with an extent of 0 has nothing of the record, wherever it begins. NULL for rank 0.
 * strides       distance in elements between neighbours of the block in memory along each axis [rank], or NULL for a contiguous
 *               one; may be negative; see h5sim_write().
 * data          element (0, …, 0) of the block; NULL only when it has no elements.
 * options       as for h5sim_append(); "records" can be no more than 1.
 *
 * Status: H5SIM_ERR_SHAPE (the block leaves the whole record, a negative value, or the records have another shape); otherwise as h5sim_append().
 * On failure the series is as long as before. Threads: any. Ranks: own block. Since: 0.1.0.
 */
int32_t h5sim_append_block(h5sim_file file,
                           const char *path,
                           int32_t dtype,
                           int32_t rank,
                           const int64_t *global_shape,
                           const int64_t *start,
                           const int64_t *shape,
                           const int64_t *strides,
                           const void *data,
                           const char *options);

/**
 * Read a block of a dataset into memory with strides: this process's part of an array that any number of them wrote.
 *
 * file     an open file.
 * path     the dataset's path.
 * dtype    element type of the block in memory, to which the file's type converts.
 * rank     number of axes of the dataset, and of the block. Of a series, the first is that of the records: one record is start {step, …}, shape {1, …}.
 * start    where the block begins in the dataset [rank], from 0, in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * shape    the extents of the block [rank]; one with an extent of 0 reads nothing, wherever it begins. NULL for rank 0.
 * strides  distance in elements between neighbours of the block in memory along each axis [rank], or NULL for a contiguous
 *          one; see h5sim_write().
 * data     output: element (0, …, 0) of the block. What lies between its elements, such as ghost cells, is not touched.
 *
 * Status: H5SIM_ERR_SHAPE (the block leaves the dataset, is of another rank, or a value is negative); otherwise as h5sim_read_into().
 * Threads: any. Ranks: own block. Since: 0.1.0.
 */
int32_t h5sim_read_block(h5sim_file file,
                         const char *path,
                         int32_t dtype,
                         int32_t rank,
                         const int64_t *start,
                         const int64_t *shape,
                         const int64_t *strides,
                         void *data);

/**
 * Open or create one file that many ranks write and read together, each its own blocks of the arrays.
 *
 * A rank is a process among those of a parallel program; the library needs no MPI, only one operation by which they talk. Each
 * rank writes a file of its own in the folder PATH-ranks, at the speed of one process, or, where there are more ranks than "parts", neighbours
 * share one, which the first of them writes for the others; PATH itself, the master, holds all else, and shows the arrays whole: h5sim reads it at any time, HDF5 from 1.10 on, h5py and others when it is closed. Master and
 * folder belong together, keep their names, and can be moved together; `h5sim join` makes one plain file of them. h5sim_mpi.h makes the operation of an MPI_Comm.
 *
 * Every call on the file is made by all ranks, in the same order, with equal arguments but for what a block is: where it begins,
 * its extents, strides and data (h5sim_write_block, h5sim_append_block, h5sim_read_block). What is not a block is written by rank 0,
 * whose data count; what is read all ranks get. If ranks call different things, if one has something wrong, or if one fails, all get the same
 * error, which names the rank, and nothing is written: what they call is compared first, and how it went is told after it. Only
 * a handle that is not the file's, and a callback of NULL, cannot be told to the others. On a file opened "r" each rank calls for itself, and nothing is
 * said but by the opening.
 *
 * A commit is one step of all ranks. After a kill of some or all of them, or a power cut ("durability": "power"), at any instant, the next
 * opening of the master finds the latest commit that returned on any rank, or the one that was under way, whole on all; and so does
 * the opening of one rank's file by itself. h5sim_close commits. There is no automatic commit. A program that exits without h5sim_close,
 * and h5sim_finalize, leave the file at its latest commit, since neither can wait for other ranks.
 *
 * A run goes on (mode "r+" or "a") with any number of ranks: series grow, datasets are written anew by blocks, by slices and as a whole, and are
 * moved, copied and cut, as in a file of one process. Elements that another rank holds are sent to it through allgather, and those of a rank
 * that is not there any more are copied to one that is; so blocks that stay where they are are the fast way. A dataset in blocks keeps its
 * extents, but for the records of a series (h5sim_resize() of others is H5SIM_ERR_SHAPE), and has one name: a hard link to it is
 * H5SIM_ERR_UNSUPPORTED, and so is a copy of it to another file.
 *
 * path       where the master is; the same text on all ranks.
 * mode       as h5sim_open() has it. "w" removes the files of the ranks of an earlier run.
 * options    NULL or a JSON object with what h5sim_open() knows but for "autocommit", and
 *            "agree": false leaves out the comparison of calls before they are made, for programs that are known to be right: one
 *            round of allgather fewer for what is not in blocks. How a call went is told all the same.
 *            "parts": the most files that the ranks write, from 1 to 64, which is also what it is if it is not given. Of more ranks consecutive ones
 *            share a file: their blocks go to its rank through allgather, so that it is for blocks that are not large, and for fewer
 *            files. New arrays without chunks and large records without filters they write into it themselves where they run on one computer, whose own file system it is. The same on
 *            all ranks of an opening, and free for each opening; a multiple of the number of nodes keeps those that share on one.
 * rank       the number of this process, from 0 on.
 * ranks      how many there are.
 * allgather  gives `bytes` bytes at `mine` to all ranks, and puts those of all, in the order of the ranks, to `all`, which has room for
 *            ranks * bytes; returns 0 on success. It is called by all ranks with equal `bytes`, from within calls of this library on
 *            this file only, on the thread that makes the call. It must not call this library on the same file, nor leave by longjmp or an exception.
 *            Anything but 0 is H5SIM_ERR_IO on this rank, whose file then can only be closed, at the latest commit.
 * context    handed to it; must live until the file is closed. May be NULL.
 * file       output: the handle, to be closed with h5sim_close() on all ranks.
 *
 * Status: as h5sim_open(), on all ranks what the first one met; H5SIM_ERR_ARGUMENT (also: rank and ranks do not fit each other);
 * H5SIM_ERR_UNSUPPORTED ("autocommit"); H5SIM_ERR_FORMAT (files of the run are missing or of another run); H5SIM_ERR_IO (allgather failed).
 * Threads: any, one call on the file at a time, in an order that is the same on all ranks. A forked process opens files of its own. Since: 0.1.0.
 */
int32_t h5sim_open_ranks(const char *path,
                         const char *mode,
                         const char *options,
                         int32_t rank,
                         int32_t ranks,
                         h5sim_allgather allgather,
                         void *context,
                         h5sim_file *file);

/**
 * Name the axes of a dataset, so that xarray, netCDF and h5py show them.
 *
 * The option "dims" of h5sim_write(), h5sim_create() and h5sim_append() does the same for a new dataset. The names are dimension scales, as
 * netCDF and h5py write them. A dataset of one axis that has the name and lies in the same group or one above it is the axis' coordinate,
 * the nearest one if there are several; it may be written later. A name for which there is none at the next h5sim_commit() or h5sim_close() becomes a
 * dimension without coordinate, a dataset that holds no values, in whose place a coordinate can still be written. Axes that grow go with coordinates
 * that grow: append both before a commit. A dataset whose only axis has its own name is a coordinate itself.
 *
 * file        a file open for writing.
 * path        the dataset's path.
 * json_array  the names of all its axes, in C order: ["time", "z", "y", "x"]; Fortran and Julia modules take them in their own.
 *             null takes the names away.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (a coordinate of another length, not as many names as axes); H5SIM_ERR_TYPE (something else has the
 * name); H5SIM_ERR_ARGUMENT (no such array, some axes without name, or a name with '/': a coordinate in another group is found by no reader);
 * H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. Nothing is written then. A coordinate that no longer fits when a commit comes is told of by that commit, which
 * keeps all else. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_set_dims(h5sim_file file,
                       const char *path,
                       const char *json_array);

/**
 * Get the names of a dataset's axes, whichever program gave them.
 *
 * file        an open file.
 * path        the dataset's path.
 * json_array  output: the names as a JSON array in C order, null for an axis without one; the whole path from '/' on of one that
 *             lies in another group. Free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no dataset); H5SIM_ERR_FORMAT. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_dims(h5sim_file file,
                   const char *path,
                   char **json_array);

/**
 * Cut a series to its first records.
 *
 * What is cut is gone with the next commit; until then a kill leaves all of it.
 *
 * file     a file open for writing.
 * path     a dataset that grows along its first axis, or another one in chunks.
 * records  how many records stay, 0 to as many as there are.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (it has fewer records, or is in one piece); H5SIM_ERR_ARGUMENT (records is negative);
 * H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_truncate(h5sim_file file,
                       const char *path,
                       int64_t records);

/**
 * Go back along an axis: cut every series of it to the records up to a value, for a job that starts again from a checkpoint.
 *
 * The series are all datasets whose first axis is named by the coordinate, see h5sim_set_dims(), and the coordinate itself. They keep the records
 * before the first one whose coordinate is greater than the value; those that have fewer stay as they are. All is committed, together with what
 * was written before: after a kill all of them are cut, or none.
 *
 * file   a file open for writing.
 * axis   the path of the coordinate, such as "time".
 * value  the last value that stays.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no coordinate, or one without values); H5SIM_ERR_SHAPE (more than one axis, or a dataset has it that cannot be cut);
 * H5SIM_ERR_ARGUMENT (value is NaN): nothing is cut then. H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO (call it again). Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_rewind(h5sim_file file,
                     const char *axis,
                     double value);

/**
 * Add to a file what ParaView and VTK need to open it: the group VTKHDF, with links to datasets that are there.
 *
 * No byte of data is stored twice. With "time" the steps grow with the series, as a part of each h5sim_commit(), also of later runs; as many are
 * shown as all series and the time have. ParaView 5.12 (VTK 9.3) and newer read it, rectilinear grids from VTK 9.7 on.
 *
 * file     a file open for writing.
 * options  a JSON object with:
 *          "type": "ImageData" (points at equal distances, the default), "RectilinearGrid", "PolyData" (particles) or "UnstructuredGrid";
 *          "point_data": paths of arrays with values at points, "cell_data": in cells; each is known by the last name of its path;
 *          "time": the path of the times, for arrays of steps;
 *          "overwrite": true: a group that is there is replaced.
 *          For grids the arrays have shape (z, y, x) or (y, x) in C order, x fastest, vectors one axis of 3 more at the end, and with "time" one more
 *          at the beginning: C's u[z][y][x], Fortran's u(nx,ny,nz) and Julia's u[x,y,z] as they are. Arrays in cells have one less along each axis.
 *          "origin", "spacing": [x, y, z] of an image, default 0 and 1; two numbers say that it is a plane.
 *          "x", "y", "z": the paths of the coordinates of a rectilinear grid.
 *          For points and particles, those of all steps are one after the other along the first axis, as h5sim_append() with "records" makes them:
 *          "points": the path of the places, (points, 3); the arrays are (points) or (points, 3).
 *          "counts": how many points a step has, a number or the path of a series of integers; needed for particles with "time".
 *          "connectivity", "offsets", "types" of an unstructured grid: the points of all cells, where each cell begins and the last one ends, and
 *          VTK's numbers of the types as u1; they stay for all steps. Arrays that do not grow, and points, may stay too.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_SHAPE (arrays that do not fit together); H5SIM_ERR_TYPE (bool, complex and texts, for which VTK gives up the
 * whole file); H5SIM_ERR_EXISTS; H5SIM_ERR_ARGUMENT (options): nothing is written then. H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_vtkhdf(h5sim_file file,
                     const char *options);

/**
 * Write a text to a new scalar dataset, as h5py's create_dataset(path, data=np.bytes_(text)) does.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * text     the text.
 *
 * Status: H5SIM_ERR_EXISTS (see h5sim_write_text_with() for writing over it); H5SIM_ERR_TYPE (a dataset is on the way); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_text(h5sim_file file,
                         const char *path,
                         const char *text);

/**
 * Write a text to a scalar dataset with options, such as over one that is there.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * text     the text.
 * options  NULL, or a JSON object:
 *            "overwrite"  true: a dataset that is there is rewritten in place if it has the same shape and type, a fixed length included.
 *                         Otherwise it is replaced, and its attributes go with it.
 *            "fixed"      true, as it is without it: texts have the fixed length of the longest, ASCII where all of them are. false: each
 *                         has its own, as h5py's str.
 *
 * Status: H5SIM_ERR_EXISTS (without "overwrite"; or a group is there); H5SIM_ERR_ARGUMENT (options); and as h5sim_write_text().
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_text_with(h5sim_file file,
                              const char *path,
                              const char *text,
                              const char *options);

/**
 * Append a text to a series of texts, such as the lines of a log.
 *
 * The first call creates the series: a dataset of one axis that grows, of texts of any length. Texts wait in memory, 256 KiB at most, until
 * another call looks or a commit; h5sim_read_texts() reads them all. A kill leaves those of the latest commit, as of all that was written.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * text     the text.
 *
 * Status: H5SIM_ERR_TYPE (something else is there, or texts of a fixed length); H5SIM_ERR_SHAPE (it cannot grow, or has several axes);
 * H5SIM_ERR_UNSUPPORTED (it lies in another file); H5SIM_ERR_READ_ONLY; H5SIM_ERR_IO.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_append_text(h5sim_file file,
                          const char *path,
                          const char *text);

/**
 * Read a text dataset that holds one text, of fixed or variable length, by whatever program it was written.
 *
 * file     an open file.
 * path     the dataset's path.
 * text     output: the text without its padding; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no text); H5SIM_ERR_SHAPE (several texts: see h5sim_read_texts); H5SIM_ERR_FORMAT (not UTF-8, or a
 * NUL inside).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read_text(h5sim_file file,
                        const char *path,
                        char **text);

/**
 * Write an array of texts, such as species names, to a new dataset.
 *
 * They are stored with the fixed length of the longest; h5py reads them as an array of bytes.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * rank     number of axes, 0 to H5SIM_MAX_RANK.
 * shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * texts    as many pointers to texts as the shape has elements, in C order; NULL only when there are none.
 *
 * Status: as h5sim_write_text(); H5SIM_ERR_SHAPE (rank, extents).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_texts(h5sim_file file,
                          const char *path,
                          int32_t rank,
                          const int64_t *shape,
                          const char *const *texts);

/**
 * Write an array of texts with options, such as over one that is there.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * rank     number of axes, 0 to H5SIM_MAX_RANK.
 * shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * texts    as many pointers to texts as the shape has elements, in C order; NULL only when there are none.
 * options  as of h5sim_write_text_with().
 *
 * Status: as h5sim_write_text_with(); H5SIM_ERR_SHAPE (rank, extents).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_texts_with(h5sim_file file,
                               const char *path,
                               int32_t rank,
                               const int64_t *shape,
                               const char *const *texts,
                               const char *options);

/**
 * Read a text dataset of any shape.
 *
 * file        an open file.
 * path        the dataset's path.
 * json_array  output: a JSON array of strings, nested as the shape is (C order), such as ["H2", "O2"]; a scalar gives an array of one.
 *             Free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no text); H5SIM_ERR_FORMAT (not UTF-8).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read_texts(h5sim_file file,
                         const char *path,
                         char **json_array);

/**
 * Write metadata as JSON text to a new scalar dataset, as h5py's create_dataset(path, data=np.bytes_(json)) does.
 *
 * The text is kept as given. In Python: json.loads(file[path][()].decode()).
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * json     a JSON text.
 *
 * Status: H5SIM_ERR_JSON (not JSON; nothing is written); and as h5sim_write_text().
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_json(h5sim_file file,
                         const char *path,
                         const char *json);

/**
 * Write metadata as JSON text with options, such as over what is there.
 *
 * file     a file open for writing.
 * path     the dataset's path; missing groups on the way are created.
 * json     a JSON text.
 * options  as of h5sim_write_text_with().
 *
 * Status: H5SIM_ERR_JSON (not JSON; nothing is written); and as h5sim_write_text_with().
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_write_json_with(h5sim_file file, const char *path, const char *json, const char *options);

/**
 * Read metadata that is kept as JSON text.
 *
 * file     an open file.
 * path     the dataset's path.
 * json     output: the text as it is in the file, which is JSON; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON (the text is not JSON); and as h5sim_read_text().
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_read_json(h5sim_file file, const char *path, char **json);

/**
 * Set an attribute of a group or dataset, replacing one of that name.
 *
 * file     a file open for writing.
 * object   the path of the group or dataset; "" or "/" is the root.
 * name     the attribute's name; any text but "".
 * dtype    element type of data, and of the attribute.
 * rank     number of axes; 0 for a single value.
 * shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * data     the elements in C order. Attributes are for small data: HDF5 refuses more than 64 KiB.
 *
 * Status: H5SIM_ERR_NOT_FOUND (no such object); H5SIM_ERR_SHAPE (rank, extents, more than 64 KiB); H5SIM_ERR_READ_ONLY.
 * On failure an attribute of that name is as before. Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_set_attr(h5sim_file file,
                       const char *object,
                       const char *name,
                       int32_t dtype,
                       int32_t rank,
                       const int64_t *shape,
                       const void *data);

/**
 * Read an attribute.
 *
 * file      an open file.
 * object    the path of the group or dataset; "" or "/" is the root.
 * name      the attribute's name.
 * dtype     element type wanted in memory.
 * capacity  number of elements that data has room for; at least those of the attribute (see h5sim_attr_info).
 * data      output: the elements in C order.
 *
 * Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_SHAPE (capacity); H5SIM_ERR_TYPE (text, H5SIM_OTHER, or types that do not convert).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_get_attr(h5sim_file file,
                       const char *object,
                       const char *name,
                       int32_t dtype,
                       int64_t capacity,
                       void *data);

/**
 * Set an attribute to a text, as h5py's attrs[name] = text does, replacing one of that name.
 *
 * file     a file open for writing.
 * object   the path of the group or dataset; "" or "/" is the root.
 * name     the attribute's name; any text but "".
 * text     the text; h5py reads it as a str.
 *
 * Status: as h5sim_set_attr(). Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_set_attr_text(h5sim_file file, const char *object, const char *name, const char *text);

/**
 * Read an attribute that is one text, of fixed or variable length.
 *
 * file     an open file.
 * object   the path of the group or dataset; "" or "/" is the root.
 * name     the attribute's name.
 * text     output: the text without its padding; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_TYPE (no text); H5SIM_ERR_SHAPE (several texts); H5SIM_ERR_FORMAT (not UTF-8).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_get_attr_text(h5sim_file file,
                            const char *object,
                            const char *name,
                            char **text);

/**
 * Set an attribute to an array of texts, as h5py's attrs[name] = ["x", "y"] does, replacing one of that name.
 *
 * file     a file open for writing.
 * object   the path of the group or dataset; "" or "/" is the root.
 * name     the attribute's name; any text but "".
 * rank     number of axes; 0 for a single text.
 * shape    the extents [rank], in C order; Fortran and Julia pass theirs reversed. NULL for rank 0.
 * texts    as many pointers to texts as the shape has elements, in C order; NULL only when there are none.
 * options  NULL, or a JSON object:
 *            "fixed"  true: all have the fixed length of the longest, ASCII where all of them are, which some readers need; h5py reads them as
 *                     bytes. Without it, or false: each has its own length, and h5py reads them as str.
 *
 * Status: as h5sim_set_attr(); H5SIM_ERR_ARGUMENT (options). On failure an attribute of that name is as before.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_set_attr_texts(h5sim_file file,
                             const char *object,
                             const char *name,
                             int32_t rank,
                             const int64_t *shape,
                             const char *const *texts,
                             const char *options);

/**
 * Read an attribute of texts, of fixed or variable length and of any shape.
 *
 * file        an open file.
 * object      the path of the group or dataset; "" or "/" is the root.
 * name        the attribute's name.
 * json_array  output: a JSON array of strings, nested as the shape is (C order), such as ["x", "y"]; a single text gives an array of one.
 *             Free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_TYPE (no text); H5SIM_ERR_FORMAT (not UTF-8).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_get_attr_texts(h5sim_file file,
                             const char *object,
                             const char *name,
                             char **json_array);

/**
 * Give the element type and the shape of an attribute.
 *
 * file     an open file.
 * object   the path of the group or dataset; "" or "/" is the root.
 * name     the attribute's name.
 * dtype    output: one of H5SIM_F64 … H5SIM_OTHER.
 * rank     output: number of axes.
 * shape    output: the extents in C order (Fortran's and Julia's reversed), room for H5SIM_MAX_RANK, of which rank are written.
 *
 * Status: H5SIM_ERR_NOT_FOUND (object or attribute).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_attr_info(h5sim_file file,
                        const char *object,
                        const char *name,
                        int32_t *dtype,
                        int32_t *rank,
                        int64_t *shape);

/**
 * List the names of an object's attributes.
 *
 * file        an open file.
 * object      the path of the group or dataset; "" or "/" is the root.
 * json_array  output: a JSON array of names in alphabetical order; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND (no such object).
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_attr_keys(h5sim_file file, const char *object, char **json_array);

/**
 * Delete an attribute.
 *
 * file     a file open for writing.
 * object   the path of the group or dataset; "" or "/" is the root.
 * name     the attribute's name.
 *
 * Status: H5SIM_ERR_NOT_FOUND (object or attribute); H5SIM_ERR_READ_ONLY.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_delete_attr(h5sim_file file, const char *object, const char *name);

/**
 * Make an empty JSON object, {}.
 *
 * document  output: the handle, to be freed with h5sim_json_free().
 *
 * Threads: any; calls on one document are serialised. Since: 0.1.0.
 */
int32_t h5sim_json_new(h5sim_json *document);

/**
 * Read a JSON text as Python's json.loads does.
 *
 * json      a JSON text; NaN, Infinity and -Infinity are numbers, the last of equal keys wins, integers are exact.
 * document  output: the handle, to be freed with h5sim_json_free().
 *
 * Status: H5SIM_ERR_JSON, naming line and column. Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_parse(const char *json,
                         h5sim_json *document);

/**
 * Read a YAML text, such as an input file, as PyYAML's safe_load does.
 *
 * yaml      one YAML 1.1 document. Dates, bytes and sets become what Python's str() prints of them. Keys become texts; that some were
 *           numbers is kept for the order in which h5sim_json_canonical() and h5sim_json_hash_name() take them.
 * document  output: the handle, to be freed with h5sim_json_free().
 *
 * Status: H5SIM_ERR_JSON (not YAML, or JSON cannot hold it), naming line and column. Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_parse_yaml(const char *yaml,
                              h5sim_json *document);

/**
 * Set a member to a number with a fraction.
 *
 * document  a live document.
 * pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
 *           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
 * value     the number; NaN and infinities are kept as Python's NaN and Infinity.
 *
 * Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_set_f64(h5sim_json document,
                           const char *pointer,
                           double value);

/**
 * Set a member to an integer.
 *
 * document  a live document.
 * pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
 *           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
 * value     the integer.
 *
 * Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_set_i64(h5sim_json document,
                           const char *pointer,
                           int64_t value);

/**
 * Set a member to true or false.
 *
 * document  a live document.
 * pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
 *           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
 * value     0 is false, anything else true.
 *
 * Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_set_bool(h5sim_json document,
                            const char *pointer,
                            int32_t value);

/**
 * Set a member to a string.
 *
 * document  a live document.
 * pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
 *           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
 * value     the text.
 *
 * Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_set_text(h5sim_json document,
                            const char *pointer,
                            const char *value);

/**
 * Set a member to null.
 *
 * document  a live document.
 * pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
 *           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
 *
 * Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_set_null(h5sim_json document,
                            const char *pointer);

/**
 * Set a member to any JSON value, given as text.
 *
 * document  a live document.
 * pointer   where, as a JSON pointer (RFC 6901): "/model/k0"; "" is the whole document, "/list/0" an element, "/list/-" the place
 *           after the last. Missing objects on the way are made (a missing array only before "-"); "~1" stands for "/", "~0" for "~".
 * value     a JSON text, such as "[1, 2.5]".
 *
 * Status: H5SIM_ERR_ARGUMENT (not a pointer); H5SIM_ERR_NOT_FOUND (no such element); H5SIM_ERR_TYPE (a value on the way is no object or array); H5SIM_ERR_JSON (not JSON).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_set_json(h5sim_json document,
                            const char *pointer,
                            const char *value);

/**
 * Remove a member or an element.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; not "".
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (not a pointer, or ""); H5SIM_ERR_TYPE (a value on the way is no object or array).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_remove(h5sim_json document,
                          const char *pointer);

/**
 * Get a number as double.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * value     output: the number; an integer is converted.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no number, or an integer beyond double); H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_get_f64(h5sim_json document,
                           const char *pointer,
                           double *value);

/**
 * Get an integer.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * value     output: the integer.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no integer, or one beyond 64 bits); H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_get_i64(h5sim_json document,
                           const char *pointer,
                           int64_t *value);

/**
 * Get true or false.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * value     output: 1 or 0.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (neither true nor false); H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_get_bool(h5sim_json document, const char *pointer, int32_t *value);

/**
 * Get a string.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * value     output: the text; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no string); H5SIM_ERR_FORMAT (a NUL inside); H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_get_text(h5sim_json document,
                            const char *pointer,
                            char **value);

/**
 * Get any member as JSON text.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * value     output: the text as json.dumps prints it, keys in their order; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_get_json(h5sim_json document, const char *pointer, char **value);

/**
 * Tell the type of a member.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * type      output: H5SIM_JSON_NULL … H5SIM_JSON_OBJECT.
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_type(h5sim_json document, const char *pointer, int32_t *type_);

/**
 * Tell how many elements an array has, or members an object.
 *
 * document  a live document.
 * pointer   which, as a JSON pointer; "" is the whole document.
 * length    output: the number; of a string its characters, as Python's len().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (a number, true, false or null); H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_length(h5sim_json document,
                          const char *pointer,
                          int64_t *length);

/**
 * List the names of an object's members, in their order.
 *
 * document    a live document.
 * pointer     which, as a JSON pointer; "" is the whole document.
 * json_array  output: a JSON array of names, such as ["k0", "tau"]; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_NOT_FOUND; H5SIM_ERR_TYPE (no object); H5SIM_ERR_ARGUMENT (not a pointer).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_keys(h5sim_json document, const char *pointer, char **json_array);

/**
 * Print a document as JSON text, as Python's json.dumps does: keys in their order, ", " and ": " between.
 *
 * document  a live document.
 * json      output: the text; free it with h5sim_free().
 *
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_dump(h5sim_json document, char **json);

/**
 * Print a document as YAML text, as PyYAML's yaml.dump does: keys sorted, block style.
 *
 * document  a live document.
 * yaml      output: the text; free it with h5sim_free().
 *
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_dump_yaml(h5sim_json document, char **yaml);

/**
 * Give the canonical form of a document: what Python's json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str) prints.
 *
 * Where all keys are texts it is that of the document's JSON text, see h5sim_canonical_json(). A document that was read from YAML can have
 * numbers as keys, which Python sorts as numbers: 2 is before 10. The JSON text of such a document says no more that they were numbers.
 *
 * document  a live document.
 * text      output: ASCII; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON (keys of one object that Python cannot sort: texts, numbers or null beside each other; or not a number among them).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_canonical(h5sim_json document,
                             char **text);

/**
 * Give the first digits of the SHA-1 of the canonical form of a document (see h5sim_json_canonical).
 *
 * document  a live document.
 * digits    how many hex digits, 1 to 40; 0 means 10.
 * hex       output: lower-case hex digits; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON (keys that Python cannot sort); H5SIM_ERR_ARGUMENT (digits). Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_hash(h5sim_json document,
                        int32_t digits,
                        char **hex);

/**
 * Give a file name made from the hash of a document: prefix, digits, suffix, such as "data_eba300792d.h5py".
 *
 * document  a live document; one that was read from YAML gives the name that Python gives it, numbers as keys included.
 * prefix    what comes before the digits, such as "data_"; NULL is "".
 * digits    how many hex digits, 1 to 40; 0 means 10.
 * suffix    what comes after the digits, such as ".h5"; NULL is "".
 * name      output: the name; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON (keys that Python cannot sort); H5SIM_ERR_ARGUMENT (digits). Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_hash_name(h5sim_json document,
                             const char *prefix,
                             int32_t digits,
                             const char *suffix,
                             char **name);

/**
 * Free a document. Its handle goes stale.
 *
 * document  a live document.
 *
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_json_free(h5sim_json document);

/**
 * Give the canonical form of a JSON text: what Python's json.dumps(json.loads(text), ensure_ascii=True, sort_keys=True) prints.
 *
 * json     a JSON text, with Python's additions NaN, Infinity and -Infinity.
 * text     output: ASCII, keys sorted by code point, ", " and ": " between, floats as Python's repr; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON (not JSON; or an escape that is half of a surrogate pair, which UTF-8 cannot hold).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_canonical_json(const char *json,
                             char **text);

/**
 * Give the first digits of the SHA-1 of the canonical form of a JSON text (see h5sim_canonical_json).
 *
 * The same parameters give the same digits, whatever their order and spacing, and the same as in Python:
 * hashlib.sha1(json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str).encode()).hexdigest()[:digits].
 *
 * json     a JSON text.
 * digits   how many hex digits, 1 to 40; 0 means 10.
 * hex      output: lower-case hex digits; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON; H5SIM_ERR_ARGUMENT (digits).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_hash(const char *json,
                   int32_t digits,
                   char **hex);

/**
 * Give a file name made from the hash of metadata: prefix, digits, suffix, such as "data_eba300792d.h5py".
 *
 * prefix   what comes before the digits, such as "data_"; NULL is "".
 * json     a JSON text.
 * digits   how many hex digits, 1 to 40; 0 means 10.
 * suffix   what comes after the digits, such as ".h5"; NULL is "".
 * name     output: the name; free it with h5sim_free().
 *
 * Status: H5SIM_ERR_JSON; H5SIM_ERR_ARGUMENT (digits).
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_hash_name(const char *prefix,
                        const char *json,
                        int32_t digits,
                        const char *suffix,
                        char **name);

/**
 * Find the file of the run with these parameters, and claim the run unless it is finished.
 *
 * The file is directory/prefix + hash + suffix, as h5sim_hash_name() names it. When many processes ask for the same run at once, one
 * of them gets H5SIM_RUN_ABSENT, or H5SIM_RUN_UNFINISHED with a claim (see h5sim_is_claimed()), and is to produce it or to go on with it:
 *
 *   h5sim_produce("runs", "heat_", parameters, 0, ".h5", NULL, &path, &state);
 *   h5sim_is_claimed(path, &mine);
 *   if (state != H5SIM_RUN_FINISHED && mine) {
 *       h5sim_open(path, state == H5SIM_RUN_ABSENT ? "w" : "r+", NULL, &file);
 *       ... h5sim_write_json(file, "meta", parameters) when new, h5sim_append() ...
 *       h5sim_finish(file);
 *       h5sim_close(file);
 *   }
 *
 * The others get H5SIM_RUN_UNFINISHED without a claim, or wait. A claim ends with h5sim_finish(), h5sim_release() or with the process,
 * however it ends: the run of a producer that was killed goes to the next one who asks. The claim is a lock on the hidden file
 * .NAME.claim beside the run's file, and holds among machines where the file system's locks do.
 *
 * directory  an existing directory; "" is the present one.
 * prefix     what the name begins with, such as "heat_"; NULL is "".
 * json       the parameters, a JSON text: those that the file holds as its metadata.
 * digits     how many hex digits, 1 to 40; 0 means 10.
 * suffix     what the name ends with, such as ".h5"; NULL is "".
 * options    NULL or a JSON object with any of:
 *            "wait": seconds to wait (default 0) for another process that produces this run to finish or to end;
 *            "meta": the path of the metadata in the file (default "meta").
 * path       output: the path of the file; free it with h5sim_free().
 * state      output: H5SIM_RUN_ABSENT, H5SIM_RUN_UNFINISHED or H5SIM_RUN_FINISHED.
 *
 * Status: H5SIM_ERR_EXISTS (the file holds other metadata, a hash collision or an edited file: the sentence shows the difference);
 * H5SIM_ERR_NOT_FOUND (no such directory); H5SIM_ERR_JSON; H5SIM_ERR_FORMAT (the file is not HDF5); H5SIM_ERR_READ_ONLY
 * (absent, and the directory cannot be written); H5SIM_ERR_ARGUMENT.
 * Threads: any; among those of a process one gets the claim. Since: 0.1.0.
 */
int32_t h5sim_produce(const char *directory,
                      const char *prefix,
                      const char *json,
                      int32_t digits,
                      const char *suffix,
                      const char *options,
                      char **path,
                      int32_t *state);

/**
 * Find the file of the run with these parameters, a document, and claim the run unless it is finished: see h5sim_produce().
 *
 * directory  an existing directory; "" is the present one.
 * prefix     what the name begins with, such as "heat_"; NULL is "".
 * document   the parameters, named by h5sim_json_hash_name(); what h5sim_json_dump() prints of them is what the file holds as its metadata.
 * digits     how many hex digits, 1 to 40; 0 means 10.
 * suffix     what the name ends with, such as ".h5"; NULL is "".
 * options    as of h5sim_produce().
 * path       output: the path of the file; free it with h5sim_free().
 * state      output: H5SIM_RUN_ABSENT, H5SIM_RUN_UNFINISHED or H5SIM_RUN_FINISHED.
 *
 * Status: as h5sim_produce(); H5SIM_ERR_JSON (keys that Python cannot sort). Threads: any; among those of a process one gets the claim.
 * Since: 0.1.0.
 */
int32_t h5sim_json_produce(const char *directory,
                           const char *prefix,
                           h5sim_json document,
                           int32_t digits,
                           const char *suffix,
                           const char *options,
                           char **path,
                           int32_t *state);

/**
 * Tell whether this process has claimed a run by h5sim_produce(), and is to produce it.
 *
 * path     the run's path, as h5sim_produce() gives it.
 * claimed  output: 1 or 0.
 *
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_is_claimed(const char *path, int32_t *claimed);

/**
 * Give back a run that was claimed by h5sim_produce() and is not finished, so that another process can go on with it.
 *
 * path     the run's path. Close its file first. That the run is not claimed here is no error.
 *
 * Threads: any. Since: 0.1.0.
 */
int32_t h5sim_release(const char *path);

/**
 * Mark the run in a file as finished, and commit: all that was written and the mark become durable as one step.
 *
 * The mark is the attribute h5sim_finished of the root. The claim that h5sim_produce() gave ends.
 *
 * file     a file open for writing; it stays open.
 *
 * Status: as h5sim_commit(); the run is then not marked. H5SIM_ERR_READ_ONLY.
 * Threads: any. Ranks: alike. Since: 0.1.0.
 */
int32_t h5sim_finish(h5sim_file file);

/**
 * Find the runs in a directory whose metadata match a query.
 *
 * A query is a JSON object: an example, {"model": {"k0": 1.2}}, the same with dotted keys, {"model.k0": 1.2}, or operators in the place
 * of values, {"model.k0": {"$gt": 1, "$lte": 2}}: $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $regex, $exists, $type (int, float,
 * number, bool, str, list, dict, null), $near ([value, relative, absolute tolerance]), $not; and $and, $or, $not between queries. They
 * mean what they mean in signac, but for true and false, which are no numbers. Or it is an expression,
 * model.k0 < 2 and run.status == "finished". Under run, unless the metadata have a member of that name, are run.status
 * ("finished" or "unfinished"), run.path, run.size (bytes) and run.modified (seconds since 1970).
 *
 * What was read is kept in the file .h5sim-catalog in the directory, if it can be written. It can be deleted at any time, and is used for
 * files only that have not changed since. Files that are open elsewhere are found with their last commit.
 *
 * directory   where to look; directories in it are looked through too, hidden files and directories are not.
 * query       a JSON object or an expression; NULL, "" or {} finds all runs.
 * options     NULL or a JSON object with any of:
 *             "sort": a key or an array of keys, "-" before one for descending; default: by path;
 *             "limit": how many runs at most;
 *             "project": a key or an array of keys: only these of the metadata (and of run) are given;
 *             "others": true to have the files listed too that hold no metadata;
 *             "recursive": false to look into the directory itself only;
 *             "cache": false to read everything anew and to write no cache;
 *             "meta": the path of the metadata in the files (default "meta");
 *             "threads": how many threads look, 0 (default) for as many as the process may use processors.
 * json_array  output: [{"path": "heat_0a1b2c3d4e.h5", "status": "finished", "meta": {...}}, ...]; paths are relative to the directory. A file
 *             without metadata is {"path": ..., "error": "why"}. Free it with h5sim_free().
 *
 * Status: H5SIM_ERR_ARGUMENT (a query or option that makes no sense, with what was expected); H5SIM_ERR_NOT_FOUND (no such directory).
 * Threads: any; HDF5 is needed for unusual files only. Since: 0.1.0.
 */
int32_t h5sim_find(const char *directory,
                   const char *query,
                   const char *options,
                   char **json_array);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* H5SIM_H */
