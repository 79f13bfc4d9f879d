//! The command line of h5sim.

#![forbid(unsafe_code)]

mod arguments;
mod cat;
mod check;
mod diff;
mod find;
mod hash;
mod join;
mod ls;
mod manual;
mod meta;
mod output;
mod plot;
mod verify;

use arguments::{Arguments, Command};
use clap::Parser;
use output::Failure;
use std::process::ExitCode;

/// The exit status of a wrong command line, from sysexits.h.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // What cannot be printed has nobody to read it.
            let _ = error.print();
            return match error.use_stderr() {
                true => ExitCode::from(USAGE),
                false => ExitCode::SUCCESS,
            };
        }
    };
    let done = match arguments.command {
        Command::Ls(arguments) => ls::run(&arguments),
        Command::Cat(arguments) => cat::run(&arguments),
        Command::Meta(arguments) => meta::run(&arguments),
        Command::Hash(arguments) => hash::run(&arguments),
        Command::Find(arguments) => find::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Recover(arguments) => check::recover(&arguments),
        Command::Join(arguments) => join::run(&arguments),
        Command::Completions(arguments) => manual::completions(&arguments),
        Command::Man(arguments) => manual::pages(&arguments),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        // The reader, such as `head`, has seen enough.
        Err(Failure::NobodyReads) => ExitCode::SUCCESS,
        Err(Failure::Told(error)) => {
            eprintln!("h5sim: {error}");
            ExitCode::from(output::status_of(&error))
        }
    }
}
