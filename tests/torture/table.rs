//! The table of cases and failures that a run prints.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Whether a test may end at its first failure, since only that there is one is asked for.
pub static ONE_FAILURE_SUFFICES: AtomicBool = AtomicBool::new(false);

/// One row.
#[derive(Debug, Default)]
pub struct Row {
    pub cases: u64,
    pub failures: Vec<String>,
}

impl Row {
    /// Counts one case.
    pub fn check(&mut self, outcome: Result<(), String>, context: impl FnOnce() -> String) {
        self.cases += 1;
        if let Err(error) = outcome {
            self.failures.push(format!("{}: {error}", context()));
        }
    }

    /// Whether nothing more need be tried.
    pub fn is_decided(&self) -> bool {
        !self.failures.is_empty() && ONE_FAILURE_SUFFICES.load(Ordering::Relaxed)
    }

    /// Takes in the cases of another row.
    pub fn merge(&mut self, other: Row) {
        self.cases += other.cases;
        self.failures.extend(other.failures);
    }
}

/// All rows of a run.
pub struct Table {
    words: Vec<String>,
    rows: Vec<(String, u64, usize, f64)>,
    shown: Vec<String>,
}

impl Table {
    /// A table of the tests whose names contain one of the words; of all if there are none.
    pub fn new(words: Vec<String>) -> Self {
        Self {
            words,
            rows: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// Runs a test and prints its row at once.
    pub fn run(&mut self, name: &str, test: impl FnOnce() -> Row) {
        if !self.words.is_empty() && !self.words.iter().any(|word| name.contains(word.as_str())) {
            return;
        }
        let begun = Instant::now();
        let row = test();
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{name}: {} cases, {} failures, {seconds:.1} s",
            row.cases,
            row.failures.len()
        );
        for failure in row.failures.iter().take(5) {
            println!("    {failure}");
        }
        self.shown.extend(
            row.failures
                .iter()
                .take(5)
                .map(|failure| format!("{name}: {failure}")),
        );
        self.rows
            .push((name.to_string(), row.cases, row.failures.len(), seconds));
    }

    /// Prints the table; `true` says that nothing failed.
    pub fn finish(&self) -> bool {
        println!("\n| test | cases | failures |\n|---|---:|---:|");
        let mut groups: Vec<(&str, u64, usize)> = Vec::new();
        for (name, cases, failures, _) in &self.rows {
            // What comes after the comma is the variant.
            let name = name.split(", ").next().unwrap_or(name);
            match groups.iter_mut().find(|group| group.0 == name) {
                Some(group) => {
                    group.1 += cases;
                    group.2 += failures;
                }
                None => groups.push((name, *cases, *failures)),
            }
        }
        for (name, cases, failures) in groups {
            println!("| {name} | {cases} | {failures} |");
        }
        let seconds: f64 = self.rows.iter().map(|row| row.3).sum();
        println!("\n{seconds:.0} seconds");
        for failure in &self.shown {
            println!("FAILED {failure}");
        }
        // A test without a case would be one that was forgotten.
        self.rows
            .iter()
            .all(|(_, cases, failures, _)| *cases > 0 && *failures == 0)
    }
}
