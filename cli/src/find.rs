//! `h5sim find`

use crate::arguments::Find;
use crate::output::{csv_field, harmless, utf8, watched, Done, Printer, Role};
use h5sim::catalog::{self, FindOptions, Match, Query};
use h5sim::json::{self, Object, Value};
use h5sim::listing;
use std::sync::atomic::Ordering::Relaxed;

/// The exit status when no run was found.
const NOTHING_FOUND: u8 = 1;

pub fn run(arguments: &Find) -> Done {
    utf8(&arguments.directory)?;
    let query = Query::parse(&arguments.query)?;
    let mut options = FindOptions::parse(&options(arguments))?;
    let progress = options.watch();
    let mut findings = watched(
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

/// The options of the search, as the library takes them.
fn options(arguments: &Find) -> String {
    let texts = |texts: &[String]| Value::Array(texts.iter().cloned().map(Value::Text).collect());
    let mut options = Object::new();
    let mut set = |name: &str, value| options.insert(name.to_owned(), value);
    set("sort", texts(&arguments.sort));
    set("others", Value::Bool(arguments.others));
    set("recursive", Value::Bool(!arguments.flat));
    set("cache", Value::Bool(!arguments.no_cache));
    set("meta", Value::Text(arguments.meta.clone()));
    if !arguments.table.is_empty() {
        set("project", texts(&arguments.table));
    }
    if let Some(limit) = arguments.limit {
        // More than any directory holds is no limit.
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        set("limit", Value::Integer(json::Integer::Small(limit)));
    }
    json::dumps(&Value::Object(options))
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
