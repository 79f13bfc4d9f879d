//! What the command line takes: help, completions and manual pages are all made of this.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const STATUSES: &str = "\
Exit status:
  0   done
  1   diff: there are differences; find: nothing was found; check: the next opening completes the file
  2   another program has the file open
  3   the file cannot be used as it is: damaged, or not HDF5
  4   it could not be read or written, or what was named is not there
  64  the command line, a slice or a query makes no sense
With several files: the largest.";

/// Look into HDF5 files of simulations, find runs by their metadata, draw pictures, recover files whose writer was killed.
#[derive(Parser)]
#[command(
    name = "h5sim",
    version,
    after_help = STATUSES,
    disable_help_subcommand = true
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Ls(Ls),
    Cat(Cat),
    Meta(Meta),
    Hash(Hash),
    Find(Find),
    Diff(Diff),
    Plot(Plot),
    Check(Check),
    Recover(Recover),
    Join(Join),
    Completions(Completions),
    Man(Man),
}

/// List what is in a file: shapes, types, chunks, compression, attributes
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim ls run.h5                  the root
  h5sim ls -r run.h5 timeseries    a group and all below it")]
pub struct Ls {
    /// List groups in groups too
    #[arg(short, long)]
    pub recursive: bool,
    /// Leave the attributes out
    #[arg(short = 'A', long)]
    pub no_attributes: bool,
    /// The HDF5 file
    pub file: PathBuf,
    /// The group, or the one object, to be listed
    #[arg(default_value = "/")]
    pub path: String,
}

/// Print a dataset, or a slice of it
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim cat run.h5 energy
  h5sim cat run.h5 u '[-1, ..., ::10]'
  h5sim cat --csv run.h5 timeseries/0 :100 > first.csv

Without --csv and --json: one element, or one row of the last axis, on each line. As CSV, an array of more than two axes
has a line for each element, with its indices before it.")]
pub struct Cat {
    /// Comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// JSON, nested as the array
    #[arg(long)]
    pub json: bool,
    /// The HDF5 file
    pub file: PathBuf,
    /// The dataset
    pub path: String,
    /// What of it, as NumPy's slices: 0, -1, 10:20, ::2, ...
    #[arg(allow_hyphen_values = true)]
    pub slice: Option<String>,
}

/// Print the metadata of a file
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim meta run.h5
  h5sim meta --yaml run.h5
  h5sim meta run.h5 /model/k0")]
pub struct Meta {
    /// As YAML
    #[arg(long)]
    pub yaml: bool,
    /// The dataset that holds the metadata
    #[arg(long, default_value = "meta")]
    pub meta: String,
    /// The HDF5 file
    pub file: PathBuf,
    /// A part of them, as a JSON pointer; a text is printed without quotes
    #[arg(default_value = "")]
    pub pointer: String,
}

/// Give the hash of metadata, or the file name made of it
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim hash parameters.json
  h5sim hash --prefix data_ --suffix .h5 parameters.yaml
  echo '{\"k0\": 1.2}' | h5sim hash
  h5sim hash run.h5                 of the metadata in it

It is the beginning of the SHA-1 of what Python's json.dumps(metadata, sort_keys=True) prints.")]
pub struct Hash {
    /// How many hexadecimal digits, 1 to 40
    #[arg(short, long, default_value_t = 10)]
    pub digits: i32,
    /// What the name begins with
    #[arg(long, default_value = "")]
    pub prefix: String,
    /// What the name ends with
    #[arg(long, default_value = "")]
    pub suffix: String,
    /// The text is YAML, whatever its name; of .yaml and .yml it is taken for granted
    #[arg(long)]
    pub yaml: bool,
    /// The dataset that holds the metadata of an HDF5 file
    #[arg(long, default_value = "meta")]
    pub meta: String,
    /// A JSON, YAML or HDF5 file; - is the standard input
    #[arg(default_value = "-")]
    pub file: PathBuf,
}

/// Find runs by their metadata
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim find runs 'model.k0 < 2 and run.status == \"finished\"'
  h5sim find runs '{\"integrator\": {\"method\": \"rk4\"}, \"model.k0\": {\"$gt\": 1}}'
  h5sim find runs 'model.k0 > 1' --table model.k0,integrator.dt --sort -model.k0
  h5sim find runs --csv --table model.k0,run.status

In expressions: == != < <= > >= ~ (regular expression), in [...], not in [...], exists, and, or, not, ( ).
In JSON: $eq $ne $gt $gte $lt $lte $in $nin $regex $exists $type $near $and $or $not, as in signac and MongoDB.
Besides the metadata there are run.status, run.path, run.size and run.modified.")]
pub struct Find {
    /// A table with these keys, separated by commas
    #[arg(short, long, value_delimiter = ',')]
    pub table: Vec<String>,
    /// JSON: an array of objects
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values of the table's keys
    #[arg(long)]
    pub csv: bool,
    /// Sort by these keys, - before one for descending
    #[arg(short, long, value_delimiter = ',', allow_hyphen_values = true)]
    pub sort: Vec<String>,
    /// How many at most
    #[arg(short, long)]
    pub limit: Option<u64>,
    /// Also list files without metadata, and why they have none, on the standard error
    #[arg(long)]
    pub others: bool,
    /// Do not look into directories in the directory
    #[arg(long)]
    pub flat: bool,
    /// Neither use nor write the cache
    #[arg(long)]
    pub no_cache: bool,
    /// The dataset that holds the metadata
    #[arg(long, default_value = "meta")]
    pub meta: String,
    /// The directory
    pub directory: PathBuf,
    /// An expression or a JSON object; none finds all runs
    #[arg(default_value = "")]
    pub query: String,
}

/// Compare two files: metadata, objects, attributes and elements
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim diff a.h5 b.h5
  h5sim diff --rtol 1e-9 --atol 1e-12 a.h5 b.h5 timeseries")]
pub struct Diff {
    /// Numbers may differ by so many parts of the second file's
    #[arg(long, default_value_t = 0.0)]
    pub rtol: f64,
    /// Numbers may differ by so much
    #[arg(long, default_value_t = 0.0)]
    pub atol: f64,
    /// Say nothing: the exit status tells
    #[arg(short, long)]
    pub quiet: bool,
    /// The dataset that holds the metadata
    #[arg(long, default_value = "meta")]
    pub meta: String,
    /// An HDF5 file
    pub first: PathBuf,
    /// Another
    pub second: PathBuf,
    /// The group, or the dataset, to be compared
    #[arg(default_value = "/")]
    pub path: String,
}

/// Draw a dataset, or a slice of it: a line, an image, or the steps of a series
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim plot run.h5 energy -o energy.png
  h5sim plot run.h5 temperature '[-1]' -o last.png
  h5sim plot run.h5 temperature -o steps.png
  h5sim plot run.h5 temperature '[:, ::4, ::4]' --range 0,100 -o film.gif

One axis is drawn as a line, two as an image, the last axis to the right and the one before upwards; of three axes the first is
taken for steps: up to twelve side by side, or all of them one after the other in a GIF. Names, units and coordinates
of axes are those in the file, see h5sim_set_dims(3); cells without a value (NaN) are grey.")]
pub struct Plot {
    /// The picture, .png or .gif
    #[arg(short, long)]
    pub output: PathBuf,
    /// How large it is at most, in pixels
    #[arg(long, default_value = "1200x900", value_name = "WIDTHxHEIGHT", value_parser = size)]
    pub size: Size,
    /// What the colours, or the line's axis, go from and to; the least and the greatest value where it is not said
    #[arg(long, value_name = "LOW,HIGH", value_parser = span, allow_hyphen_values = true)]
    pub range: Option<Span>,
    /// The HDF5 file
    pub file: PathBuf,
    /// The dataset
    pub path: String,
    /// What of it, as NumPy's slices: 0, -1, 10:20, ::2, ...
    #[arg(allow_hyphen_values = true)]
    pub slice: Option<String>,
}

/// From where to where.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub (f64, f64));

fn span(text: &str) -> Result<Span, String> {
    let parts = text.split_once(',');
    let number = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    };
    match parts.map(|(low, high)| (number(low), number(high))) {
        Some((Some(low), Some(high))) if low < high => Ok(Span((low, high))),
        _ => Err("expected two numbers, the lesser one first, such as 0,100".to_owned()),
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub (u32, u32));

fn size(text: &str) -> Result<Size, String> {
    const LARGEST: u32 = 20_000;
    let parts = text.split_once('x');
    let number = |text: &str| {
        text.parse()
            .ok()
            .filter(|size| (1..=LARGEST).contains(size))
    };
    match parts.map(|(width, height)| (number(width), number(height))) {
        Some((Some(width), Some(height))) => Ok(Size((width, height))),
        _ => Err(format!(
            "expected two numbers from 1 to {LARGEST}, such as 1200x900"
        )),
    }
}

/// Say in which state files are, and what of them can be read; changes nothing
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim check run.h5
  h5sim check --data run.h5

Exit status: 0 the file is whole; 1 `h5sim recover` or the next opening completes it; 2 another program has it open;
3 it cannot be used as it is, or with --data something in it is damaged; 4 it could not be read. With several files: the largest.")]
pub struct Check {
    /// Read everything: all objects, attributes and elements, with their checksums; say what is damaged, and what can be saved
    #[arg(long)]
    pub data: bool,
    /// HDF5 files
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// Bring files to their last commit, as the next opening for writing does
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 the file is at its last commit; 2 another program has it open; 3 it cannot be recovered;
4 it could not be read or written. With several files: the largest.")]
pub struct Recover {
    /// HDF5 files
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// Make one plain file of a run that many ranks have written
#[derive(Args)]
#[command(after_help = "\
Examples:
  h5sim join run.h5 whole.h5

Every dataset that ranks have written in blocks becomes one as a single process writes it, with its chunks, its filters, its
attributes and the names of its axes; series can be appended to again. The run stays as it is: remove run.h5 and
run.h5-ranks when whole.h5 is there.
Exit status: 0 done; 2 another program is in the middle of something; 3 it is no master of a run, or its writer was killed: see
`h5sim recover`; 4 it could not be read or written, or something is at OUT already.")]
pub struct Join {
    /// The master of the run
    pub master: PathBuf,
    /// The file to be made; nothing may be there
    pub out: PathBuf,
}

/// Print the completions for a shell
#[derive(Args)]
#[command(after_help = "\
Examples:
  source <(h5sim completions bash)
  h5sim completions fish > ~/.config/fish/completions/h5sim.fish")]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Write the manual pages into a directory
#[derive(Args)]
pub struct Man {
    /// The directory
    pub directory: PathBuf,
}
