//! `h5sim meta`

use crate::arguments::Meta;
use crate::output::{harmless, open, Done, Failure, Printer};
use h5sim::error::{Error, Status};
use h5sim::json::{self, yaml, Value};
use std::path::Path;

pub fn run(arguments: &Meta) -> Done {
    let document = read(&arguments.file, &arguments.meta)?;
    let value = json::get(&document, &arguments.pointer)?;
    let mut printer = Printer::new();
    match value {
        _ if arguments.yaml => printer.text(&yaml::dump_unsorted(value))?,
        Value::Text(text) if !arguments.pointer.is_empty() => printer.line(&harmless(text))?,
        value => printer.line(&indented(value, 0))?,
    }
    printer.end()?;
    Ok(0)
}

/// The metadata of a file.
pub fn read(path: &Path, meta: &str) -> Result<Value, Failure> {
    let file = open(path)?;
    let text = file.read_text(meta)?;
    let value = json::parse(&text).map_err(|error| {
        let place = format!("{}: '{meta}' is not JSON", path.display());
        Error {
            status: Status::Format,
            ..error
        }
        .within(place)
    })?;
    Ok(value)
}

/// JSON with a line for each member, as Python's `json.dumps(value, indent=2)`.
pub fn indented(value: &Value, depth: usize) -> String {
    let inner = "  ".repeat(depth + 1);
    let lines: Vec<String> = match value {
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .map(|(name, value)| {
                let name = json::dumps(&Value::Text((**name).to_owned()));
                format!("{inner}{name}: {}", indented(value, depth + 1))
            })
            .collect(),
        Value::Array(elements) if !elements.is_empty() => elements
            .iter()
            .map(|value| format!("{inner}{}", indented(value, depth + 1)))
            .collect(),
        scalar => return json::dumps(scalar),
    };
    let (open, close) = match value {
        Value::Array(_) => ('[', ']'),
        _ => ('{', '}'),
    };
    format!(
        "{open}\n{}\n{}{close}",
        lines.join(",\n"),
        "  ".repeat(depth)
    )
}
