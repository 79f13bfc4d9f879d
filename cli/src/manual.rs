//! `h5sim completions` and `h5sim man`

use crate::arguments::{Arguments, Completions, Man};
use crate::output::{Done, Printer};
use clap::CommandFactory;
use h5sim::error::Error;

pub fn completions(arguments: &Completions) -> Done {
    let mut text = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "h5sim",
        &mut text,
    );
    let mut printer = Printer::new();
    printer.text(&String::from_utf8_lossy(&text))?;
    printer.end()?;
    Ok(0)
}

pub fn pages(arguments: &Man) -> Done {
    clap_mangen::generate_to(Arguments::command(), &arguments.directory)
        .map_err(|error| Error::io(format!("'{}': {error}", arguments.directory.display())))?;
    Ok(0)
}
