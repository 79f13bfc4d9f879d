//! `h5sim hash`

use crate::arguments::Hash;
use crate::output::{open, Done, Failure, Printer};
use h5sim::error::Error;
use h5sim::{hash, journal};
use std::io::Read;

pub fn run(arguments: &Hash) -> Done {
    let bytes = read(arguments)?;
    let hash = if bytes.starts_with(journal::SIGNATURE.as_slice()) {
        let file = open(&arguments.file)?;
        let text = file.read_text(&arguments.meta)?;
        hash::hash(&text, arguments.digits)?
    } else {
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::json(format!("'{}' is not UTF-8", arguments.file.display())))?;
        let extension = arguments.file.extension();
        let is_yaml = extension.is_some_and(|extension| extension == "yaml" || extension == "yml");
        match arguments.yaml || is_yaml {
            true => hash::hash_yaml(&text, arguments.digits)?,
            false => hash::hash(&text, arguments.digits)?,
        }
    };
    let mut printer = Printer::new();
    printer.line(&[&arguments.prefix, hash.as_str(), &arguments.suffix].concat())?;
    printer.end()?;
    Ok(0)
}

/// The bytes of the file, or of an HDF5 file only the first ones.
fn read(arguments: &Hash) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if arguments.file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let failed =
        |error: std::io::Error| Error::io(format!("'{}': {error}", arguments.file.display()));
    let mut file = std::fs::File::open(&arguments.file).map_err(failed)?;
    let length = journal::SIGNATURE.len() as u64;
    file.by_ref()
        .take(length)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if !bytes.starts_with(journal::SIGNATURE.as_slice()) {
        file.read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}
