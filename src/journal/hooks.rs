//! Switches with which the tests break things: trace, kill, tear, fail, and mutate.
//!
//! Every call that changes a file or a directory asks `admit` first. Nothing here is
//! reachable from the C interface, and no environment variable arms it: in production the
//! cost is one read of a thread-local flag per system call. The switches are those of the
//! calling thread, so that tests can run side by side.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

/// One call that changed something, as the tests replay it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TracedCall {
    /// A file was made, or found, under this name.
    Create(PathBuf),
    /// Bytes were written.
    Write {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What.
        data: Vec<u8>,
    },
    /// The file was given this size.
    Truncate {
        /// The file.
        path: PathBuf,
        /// Its new size.
        size: u64,
    },
    /// Bytes inside the file became zeros.
    Zero {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// The file's data and size reached the disk.
    Sync(PathBuf),
    /// The directory's entries reached the disk.
    SyncDirectory(PathBuf),
    /// A name was removed.
    Unlink(PathBuf),
    /// A file was given another name.
    Rename {
        /// The old name.
        from: PathBuf,
        /// The new name.
        to: PathBuf,
    },
    /// Space was reserved; no content changed.
    Allocate(PathBuf),
    /// A note of the test: a commit was acknowledged, say.
    Mark(u64),
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process kills itself with SIGKILL. Of a write, `first` bytes are still written.
    Kill {
        /// How much of the write happens.
        first: usize,
    },
    /// The call fails with this error number. Of a write, `first` bytes are still written.
    Error {
        /// The error number, `libc::ENOSPC` say.
        number: i32,
        /// How much of the write happens.
        first: usize,
    },
}

/// When it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What happens.
    pub fault: Fault,
    /// At which call, counted from 0.
    pub at: u64,
    /// Whether all later calls fail as well.
    pub onwards: bool,
    /// Whether it is the reads that are counted and fail, and not the changes.
    pub reads: bool,
}

/// A deliberate defect. Each one must turn a test red, which is how the tests are tested.
///
/// They are compiled in by the feature `mutants` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum Mutant {
    SkipSyncOfFileBeforeJournal,
    SkipSyncOfJournal,
    SkipSyncOfDirectory,
    SkipSyncOfAppliedFile,
    SkipSyncOfDirectoryAtClose,
    SkipSyncOfRecoveredFile,
    SkipSyncOfDirectoryAfterRecovery,
    CommitInsideFlush,
    IgnoreIndexChecksum,
    IgnoreDataChecksum,
    ApplyInPlaceWithoutJournal,
    ApplySuperblockFirst,
    SkipSeal,
    KeepTail,
    IgnoreAnchors,
    IgnoreModifiedWindows,
    ForgetFailures,
    ReleaseHeldBackBytes,
    SkipVoidingOfJournal,
    TruncateBeforeLock,
    SkipSizeCheck,
    UnlimitedOverlay,
    SkipUnwrittenRecord,
    IgnoreUnwrittenRanges,
    SkipSyncOfUnwrittenRecord,
    SkipZerosAtClose,
    RewriteFrozenBytes,
    ApplyBesideReaders,
    ForgetLeftCommit,
    ForgetLeftRecord,
    CutUnderStep,
    SkipGrowth,
    IgnoreOtherCommits,
    ShowUnwritten,
    IgnoreDecision,
    ApplyBeforeDecision,
    SkipSyncOfDecision,
    LendCommittedBytes,
    NoteMoreThanFree,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 39] = [
        Mutant::SkipSyncOfFileBeforeJournal,
        Mutant::SkipSyncOfJournal,
        Mutant::SkipSyncOfDirectory,
        Mutant::SkipSyncOfAppliedFile,
        Mutant::SkipSyncOfDirectoryAtClose,
        Mutant::SkipSyncOfRecoveredFile,
        Mutant::SkipSyncOfDirectoryAfterRecovery,
        Mutant::CommitInsideFlush,
        Mutant::IgnoreIndexChecksum,
        Mutant::IgnoreDataChecksum,
        Mutant::ApplyInPlaceWithoutJournal,
        Mutant::ApplySuperblockFirst,
        Mutant::SkipSeal,
        Mutant::KeepTail,
        Mutant::IgnoreAnchors,
        Mutant::IgnoreModifiedWindows,
        Mutant::ForgetFailures,
        Mutant::ReleaseHeldBackBytes,
        Mutant::SkipVoidingOfJournal,
        Mutant::TruncateBeforeLock,
        Mutant::SkipSizeCheck,
        Mutant::UnlimitedOverlay,
        Mutant::SkipUnwrittenRecord,
        Mutant::IgnoreUnwrittenRanges,
        Mutant::SkipSyncOfUnwrittenRecord,
        Mutant::SkipZerosAtClose,
        Mutant::RewriteFrozenBytes,
        Mutant::ApplyBesideReaders,
        Mutant::ForgetLeftCommit,
        Mutant::ForgetLeftRecord,
        Mutant::CutUnderStep,
        Mutant::SkipGrowth,
        Mutant::IgnoreOtherCommits,
        Mutant::ShowUnwritten,
        Mutant::IgnoreDecision,
        Mutant::ApplyBeforeDecision,
        Mutant::SkipSyncOfDecision,
        Mutant::LendCommittedBytes,
        Mutant::NoteMoreThanFree,
    ];
}

#[derive(Default)]
struct Switches {
    trace: Option<Vec<TracedCall>>,
    plan: Option<Plan>,
    calls: u64,
}

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
    #[cfg(feature = "mutants")]
    static MUTANT: Cell<Option<Mutant>> = const { Cell::new(None) };
    static SWITCHES: RefCell<Switches> = RefCell::default();
}

/// Starts to count calls, to keep their events if `trace`, and to follow `plan`.
pub fn arm(trace: bool, plan: Option<Plan>) {
    SWITCHES.with_borrow_mut(|switches| {
        *switches = Switches {
            trace: trace.then(Vec::new),
            plan,
            calls: 0,
        };
    });
    ARMED.set(true);
}

/// Stops all that and returns the number of calls and the trace.
pub fn disarm() -> (u64, Vec<TracedCall>) {
    ARMED.set(false);
    SWITCHES.with_borrow_mut(|switches| {
        let calls = switches.calls;
        (calls, std::mem::take(switches).trace.unwrap_or_default())
    })
}

/// The number of calls since [`arm`].
pub fn calls() -> u64 {
    SWITCHES.with_borrow(|switches| switches.calls)
}

/// Puts a note into the trace.
pub fn mark(value: u64) {
    if ARMED.get() {
        record(TracedCall::Mark(value));
    }
}

/// What a library with the defects in it is known by.
#[cfg(feature = "mutants")]
#[used]
static NOTICE: [u8; 52] = *b"h5sim with the deliberate defects of its crash tests";

/// Chooses the defect of this thread.
#[cfg(feature = "mutants")]
pub fn set_mutant(mutant: Option<Mutant>) {
    MUTANT.set(mutant);
}

/// Whether this defect was chosen.
#[cfg(feature = "mutants")]
pub(super) fn mutant(mutant: Mutant) -> bool {
    MUTANT.get() == Some(mutant)
}

/// Whether this defect was chosen: the library that is shipped has none.
#[cfg(not(feature = "mutants"))]
pub(super) const fn mutant(_: Mutant) -> bool {
    false
}

fn record(event: TracedCall) {
    SWITCHES.with_borrow_mut(|switches| {
        if let Some(trace) = &mut switches.trace {
            trace.push(event);
        }
    });
}

/// Asks whether a call that changes something may happen; `None` says yes.
pub(super) fn admit() -> Option<Fault> {
    ask(false)
}

/// Asks whether a read may happen; `None` says yes.
pub(super) fn admit_read() -> Option<Fault> {
    ask(true)
}

fn ask(reads: bool) -> Option<Fault> {
    if !ARMED.get() {
        return None;
    }
    SWITCHES.with_borrow_mut(|switches| {
        if reads != switches.plan.is_some_and(|plan| plan.reads) {
            return None;
        }
        let call = switches.calls;
        switches.calls += 1;
        let plan = switches.plan?;
        (call == plan.at || (plan.onwards && call > plan.at)).then_some(plan.fault)
    })
}

/// Whether events are to be made at all.
pub(super) fn tracing() -> bool {
    ARMED.get() && SWITCHES.with_borrow(|switches| switches.trace.is_some())
}

/// Notes what a call did.
pub(super) fn happened(event: impl FnOnce() -> TracedCall) {
    if tracing() {
        record(event());
    }
}

/// Notes a write.
pub(super) fn wrote(path: &Path, offset: u64, data: &[u8]) {
    happened(|| TracedCall::Write {
        path: path.to_path_buf(),
        offset,
        data: data.to_vec(),
    });
}

/// Ends the process as `kill -9` does.
pub(super) fn kill() -> ! {
    // SAFETY: raising a signal touches no memory of ours.
    unsafe { libc::raise(libc::SIGKILL) };
    std::process::abort()
}
