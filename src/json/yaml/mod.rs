//! YAML as PyYAML reads and prints it.
//!
//! [`load`] gives what `yaml.safe_load` gives, [`dump`] what `yaml.dump` prints, both of
//! PyYAML 6 without libyaml. The scalars are YAML 1.1's: `yes` is true, `07` is seven, `0o7` and
//! `1e3` are texts. Where Python's value is none of JSON's, it is the text of
//! `json.dumps(…, default=str)`: a date becomes `"2001-12-14"`, bytes become `"b'…'"`.
//!
//! PyYAML is not followed where its own answer is by chance, or is none of JSON's:
//!
//! - The text of a `!!set` has its members in the order of the YAML text; in Python the order
//!   differs from run to run.
//! - Half a surrogate pair (`"\ud800"`) is an error; both halves are one character.
//! - Digits of other scripts after an explicit `!!int` or `!!float` are an error.
//!
//! And hostile texts are refused sooner:
//!
//! - Aliases and `<<` may copy one million values in all.
//! - Values may be inside each other up to [`MAX_DEPTH`](super::MAX_DEPTH), twice as deep as where
//!   Python gives up; `<<` up to 100.
//!
//! PyYAML prints a key of at most 122 characters on one line, even if its escapes take more than
//! the 1,024 columns up to which a key is recognised. Such a text, which needs more than 102
//! characters beyond U+FFFF in a key, cannot be read again, neither here nor there.

#![forbid(unsafe_code)]

mod budget;
mod construct;
mod convert;
mod emit;
mod graph;
mod number;
mod parse;
mod python;
mod resolve;
mod scan;
mod source;
#[cfg(test)]
mod tests;
mod timestamp;

use super::canonical::Writer;
use super::tree::Tree;
use super::value::Value;
use crate::error::Result;
use budget::Budget;
use emit::KeyOrder;
use graph::Graph;
use python::Object;

/// Read a YAML text, which holds one document or none.
///
/// An empty text is null. Failures have the status [`crate::error::Status::Json`] and name
/// the line and the column.
pub fn load(text: &str) -> Result<Value> {
    let mut tree = Tree::new();
    if let Some((graph, objects, mut budget)) = objects_of(text)? {
        convert::convert(&graph, &objects, &mut budget, &mut tree)?;
    }
    // Of a text without a document nothing is known, which is null.
    Ok(tree.finish())
}

/// Give the canonical JSON of a YAML text: what Python's
/// `json.dumps(yaml.safe_load(text), ensure_ascii=True, sort_keys=True, default=str)` prints.
///
/// A mapping with numbers as keys is sorted by these numbers, as the document of [`load`] is, too.
///
/// # Errors
/// `Json` as [`load`], and for a mapping whose keys Python cannot sort, texts and numbers mixed, or
/// sorts by chance, with NaN among them.
pub fn canonical(text: &str) -> Result<String> {
    let Some((graph, objects, mut budget)) = objects_of(text)? else {
        return Ok("null".to_owned());
    };
    let mut writer = Writer::canonical();
    convert::convert(&graph, &objects, &mut budget, &mut writer)?;
    writer.finish()
}

/// The nodes of a text, Python's objects for them, and what may still be copied.
type Constructed = (Graph, Vec<Option<Object>>, Budget);

/// Reads a text as far as Python's objects; None where there is no document.
fn objects_of(text: &str) -> Result<Option<Constructed>> {
    let Some(mut graph) = Graph::read(text)? else {
        return Ok(None);
    };
    let mut budget = Budget::new();
    let objects = construct::construct(&mut graph, &mut budget)?;
    Ok(Some((graph, objects, budget)))
}

/// Print a document as YAML, the members of mappings sorted by their keys.
pub fn dump(value: &Value) -> String {
    emit::emit(value, KeyOrder::Sorted)
}

/// Print a document as YAML, the members of mappings in their own order.
pub fn dump_unsorted(value: &Value) -> String {
    emit::emit(value, KeyOrder::AsGiven)
}
