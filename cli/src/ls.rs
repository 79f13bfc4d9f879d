//! `h5sim ls`

use crate::arguments::Ls;
use crate::output::{bytes, harmless, open, Done, Printer, Role};
use h5sim::file::OpenFile;
use h5sim::json;
use h5sim::listing;
use h5sim::store::{AttributeEntry, Entry, Item, Kind};

/// Attributes are shown up to so many characters.
const SHOWN: usize = 100;

pub fn run(arguments: &Ls) -> Done {
    let file = open(&arguments.file)?;
    let mut printer = Printer::new();
    let (group, entries) = entries(&file, arguments.path.trim_matches('/'))?;
    for entry in &entries {
        if arguments.recursive || !entry.path.contains('/') {
            show(&mut printer, &file, arguments, &group, entry)?;
        }
    }
    printer.end()?;
    Ok(0)
}

/// A group and what is below it; of any other object its group, and itself alone.
fn entries(file: &OpenFile, path: &str) -> h5sim::error::Result<(String, Vec<Entry>)> {
    let is_dataset = !path.is_empty() && file.kind(path)? == Kind::Dataset;
    if !is_dataset {
        return Ok((path.to_owned(), file.tree(path)?));
    }
    let (group, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut entries = file.tree(group)?;
    entries.retain(|entry| entry.path == name);
    Ok((group.to_owned(), entries))
}

fn show(
    printer: &mut Printer,
    file: &OpenFile,
    arguments: &Ls,
    group: &str,
    entry: &Entry,
) -> Result<(), crate::output::Failure> {
    let name = harmless(&entry.path);
    let mut shown = Vec::new();
    let line = match &entry.item {
        Item::Group { attributes } => {
            shown = attributes.clone();
            printer.paint(Role::Group, &format!("{name}/"))
        }
        Item::Dataset {
            dtype,
            shape,
            attributes,
        } => {
            shown = attributes.clone();
            let place = format!("{group}/{}", entry.path);
            let stored = file
                .stored_as(&place)
                .map(|stored| stored_in_words(&stored))
                .unwrap_or_default();
            format!(
                "{}  {} {}{}",
                printer.paint(Role::Name, &name),
                extents(shape),
                harmless(dtype),
                printer.paint(Role::Faint, &stored)
            )
        }
        Item::Datatype { attributes } => {
            shown = attributes.clone();
            format!("{name}  {}", printer.paint(Role::Faint, "a datatype"))
        }
        Item::Link { target } => format!("{name} -> {}", harmless(target)),
        Item::Damaged { error } => {
            let text = format!("{name}  damaged: {}", harmless(error));
            printer.paint(Role::Wrong, &text)
        }
    };
    printer.line(&line)?;
    if !arguments.no_attributes {
        for (name, attribute) in shown {
            let line = format!(
                "    @{} = {}",
                harmless(&name),
                attribute_in_words(attribute)
            );
            printer.line(&line)?;
        }
    }
    Ok(())
}

fn stored_in_words(stored: &h5sim::store::StoredAs) -> String {
    let mut words = format!("  {}", bytes(stored.bytes));
    if let Some(chunks) = &stored.chunks {
        words += &format!(", chunks {}", extents(chunks));
    }
    if !stored.filters.is_empty() {
        words += &format!(", {}", stored.filters.join(", "));
        if stored.stored > 0 {
            let ratio = stored.bytes as f64 / stored.stored as f64;
            words += &format!(", {} stored ({ratio:.1}:1)", bytes(stored.stored));
        }
    }
    words
}

fn attribute_in_words(attribute: AttributeEntry) -> String {
    let text = match attribute {
        AttributeEntry::Quoted { shape, elements } => {
            let listed = json::dumps_of(&listing::array(&elements, &shape));
            listed.unwrap_or_else(|error| error.message)
        }
        AttributeEntry::Unquoted { dtype, shape } => format!("{} {dtype}", extents(&shape)),
        AttributeEntry::Damaged { error } => format!("damaged: {error}"),
    };
    let text = harmless(&text);
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// A shape as Python prints it.
pub fn extents(shape: &[u64]) -> String {
    h5sim::store::strided::show_shape(shape)
}
