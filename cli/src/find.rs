//! `h5sim find`

use crate::arguments::Find;
use crate::output::{csv_field, harmless, utf8, watched, Done, Printer, Role};
use h5sim::catalog::{self, Match, Query};
use h5sim::json::{self, Value};
use h5sim::listing;
use std::sync::atomic::Ordering::Relaxed;

/// The exit status when no run was found.
const NOTHING_FOUND: u8 = 1;

pub fn run(arguments: &Find) -> Done {
    utf8(&arguments.directory)?;
    let query = Query::parse(&arguments.query)?;
    let mut options = options(arguments);
    let progress = options.watch();
    let mut findings = watched(
        "files",
        || match progress.all.load(Relaxed) {
            0 => None,
            all => Some((progress.done.load(Relaxed), all)),
        },
        || catalog::find(&arguments.directory, &query, &options),
    )?;
    let mut printer = Printer::new();
    for other in std::mem::take(&mut findings.others) {
        eprintln!(
            "h5sim: {}: {}",
            harmless(&other.path),
            harmless(&other.reason)
        );
    }
    let status = if findings.runs.is_empty() {
        NOTHING_FOUND
    } else {
        0
    };
    if arguments.json {
        printer.line(&json::dumps(&listing::findings(findings)))?;
    } else if arguments.csv {
        csv(&mut printer, arguments, &findings.runs)?;
    } else if arguments.table.is_empty() {
        for run in &findings.runs {
            printer.line(&harmless(&run.path))?;
        }
    } else {
        table(&mut printer, arguments, &findings.runs)?;
    }
    printer.end()?;
    Ok(status)
}

/// The options of the search.
fn options(arguments: &Find) -> catalog::Find {
    let mut options = catalog::Find::new()
        .others(arguments.others)
        .recursive(!arguments.flat)
        .cache(!arguments.no_cache)
        .meta(&arguments.meta);
    for key in &arguments.sort {
        options = options.sort(key);
    }
    for key in &arguments.table {
        options = options.project(key);
    }
    match arguments.limit {
        // More than any directory holds is no limit.
        Some(limit) => options.limit(usize::try_from(limit).unwrap_or(usize::MAX)),
        None => options,
    }
}

/// The value of a key, as it stands in a table.
fn cell(run: &Match, key: &str) -> String {
    match catalog::descend(&run.metadata, &catalog::names(key)) {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(value) => json::dumps(value),
    }
}

fn csv(printer: &mut Printer, arguments: &Find, runs: &[Match]) -> std::io::Result<()> {
    let mut heads = vec![csv_field("path")];
    heads.extend(arguments.table.iter().map(|key| csv_field(key)));
    printer.line(&heads.join(","))?;
    for run in runs {
        let mut cells = vec![csv_field(&run.path)];
        cells.extend(arguments.table.iter().map(|key| csv_field(&cell(run, key))));
        printer.line(&cells.join(","))?;
    }
    Ok(())
}

/// A table whose columns are as wide as they must be; numbers stand at the right.
fn table(printer: &mut Printer, arguments: &Find, runs: &[Match]) -> std::io::Result<()> {
    let mut rows = vec![vec!["path".to_owned()]];
    rows[0].extend(arguments.table.iter().cloned());
    for run in runs {
        let mut row = vec![harmless(&run.path)];
        row.extend(arguments.table.iter().map(|key| harmless(&cell(run, key))));
        rows.push(row);
    }
    let columns = rows[0].len();
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .map(|row| width(&row[column]))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let is_number = |text: &str| text.is_empty() || text.parse::<f64>().is_ok();
    let right: Vec<bool> = (0..columns)
        .map(|column| rows[1..].iter().all(|row| is_number(&row[column])))
        .collect();
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[column] - width(text));
            let painted = match (number, text.as_str()) {
                (0, text) => printer.paint(Role::Name, text),
                (_, "finished") => printer.paint(Role::Good, text),
                (_, "unfinished") => printer.paint(Role::Wrong, text),
                (_, text) => text.to_owned(),
            };
            if column > 0 {
                line += "  ";
            }
            match right[column] && column > 0 {
                true => line += &format!("{blanks}{painted}"),
                false => line += &format!("{painted}{blanks}"),
            }
        }
        printer.line(line.trim_end())?;
    }
    Ok(())
}
