//! Deliberate defects: each must turn a test red, or the tests are worth nothing.

use crate::belonging;
use crate::faults;
use crate::ranks;
use crate::raw;
use crate::sharing;
use crate::simulate::{self, scratch, trace, with_power};
use crate::table::{Row, ONE_FAILURE_SUFFICES};
use crate::workload::{Variant, VARIANTS};
use crate::{restarts, READERS};
use h5sim::journal::hooks::{set_mutant, Mutant};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The failures of the tests that this defect concerns.
fn red(mutant: Mutant, seed: u64) -> Vec<String> {
    let directory = scratch("mutants");
    let base = VARIANTS[0];
    let simulated = |variant: Variant, cuts: bool| {
        let run = match trace(&variant, &directory) {
            Ok(run) => run,
            Err(error) => return vec![error],
        };
        // What takes least comes first.
        let mut row = simulate::verify_images(&run, &variant);
        if !row.is_decided() {
            row.merge(simulate::flipped_bits(&run, 40, seed));
        }
        if !row.is_decided() {
            let (outer, inner) = if cuts {
                simulate::power_cuts(&run, 6, seed)
            } else {
                simulate::kills(&run, false, 10, seed)
            };
            row.merge(outer);
            row.merge(inner);
        }
        row.failures
    };
    match mutant {
        Mutant::SkipSyncOfFileBeforeJournal
        | Mutant::SkipSyncOfJournal
        | Mutant::SkipSyncOfDirectory
        | Mutant::SkipSyncOfAppliedFile
        | Mutant::SkipSyncOfDirectoryAtClose
        | Mutant::SkipSyncOfRecoveredFile
        | Mutant::SkipSyncOfDirectoryAfterRecovery
        | Mutant::SkipSyncOfUnwrittenRecord => simulated(with_power(base), true),
        Mutant::CommitInsideFlush
        | Mutant::IgnoreIndexChecksum
        | Mutant::IgnoreDataChecksum
        | Mutant::ApplyInPlaceWithoutJournal
        | Mutant::ApplySuperblockFirst
        | Mutant::SkipSeal
        | Mutant::KeepTail
        | Mutant::ReleaseHeldBackBytes
        | Mutant::SkipVoidingOfJournal
        | Mutant::SkipUnwrittenRecord
        | Mutant::NoteMoreThanFree
        | Mutant::IgnoreUnwrittenRanges => simulated(base, false),
        Mutant::RewriteFrozenBytes => simulated(VARIANTS[8], false),
        Mutant::SkipZerosAtClose => raw::unwritten().failures,
        Mutant::ApplyBesideReaders | Mutant::CutUnderStep => sharing::waiting_commits().failures,
        Mutant::SkipGrowth => sharing::growth().failures,
        Mutant::IgnoreOtherCommits | Mutant::ShowUnwritten => sharing::own_readers().failures,
        Mutant::ForgetLeftCommit | Mutant::ForgetLeftRecord => restarted(seed),
        Mutant::IgnoreDecision | Mutant::ApplyBeforeDecision => {
            ranks::kills(2, 64, Some(mutant), seed, 400).failures
        }
        Mutant::SkipSyncOfDecision => ranks::power_cuts(2, 64, Some(mutant), seed, 400).failures,
        Mutant::LendCommittedBytes => ranks::kills(2, 1, Some(mutant), seed, 400).failures,
        Mutant::IgnoreAnchors | Mutant::IgnoreModifiedWindows => belonging::pairs(&base).failures,
        Mutant::ForgetFailures => faults::everywhere(&base, 3).failures,
        Mutant::TruncateBeforeLock => sharing::two_processes().failures,
        Mutant::SkipSizeCheck => sharing::truncated_by_others().failures,
        Mutant::UnlimitedOverlay => sharing::overwrite(256).failures,
    }
}

/// The failures of a run that begins beside a reader, and of what a killed one has left for it.
fn restarted(seed: u64) -> Vec<String> {
    let variant = &VARIANTS[READERS];
    let directory = scratch("mutants");
    let (Ok(run), Some(span)) = (trace(variant, &directory), variant.reader) else {
        return Vec::new();
    };
    restarts(&run, variant, span, false, seed).failures
}

/// All of them, or those whose names contain what the variable H5SIM_MUTANT says.
pub fn all(seed: u64) -> Row {
    let mut row = Row::default();
    let wanted = std::env::var("H5SIM_MUTANT").unwrap_or_default();
    for mutant in Mutant::ALL {
        if !format!("{mutant:?}").contains(&wanted) {
            continue;
        }
        let begun = Instant::now();
        set_mutant(Some(mutant));
        ONE_FAILURE_SUFFICES.store(true, Ordering::Relaxed);
        let failures = red(mutant, seed);
        ONE_FAILURE_SUFFICES.store(false, Ordering::Relaxed);
        set_mutant(None);
        let first = failures.first().cloned().unwrap_or_default();
        let first: String = first.chars().take(110).collect();
        println!(
            "    {mutant:?}: {first} ({:.1} s)",
            begun.elapsed().as_secs_f64()
        );
        let caught = if failures.is_empty() {
            Err("no test noticed".into())
        } else {
            Ok(())
        };
        row.check(caught, || format!("{mutant:?}"));
    }
    row
}
