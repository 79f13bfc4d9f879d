//! What all commands share: failures, exit statuses, colours, tables.

use h5sim::error::{Error, Status};
use h5sim::file::OpenFile;
use h5sim::store::{Mode, Open};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// Why a command ends early.
pub enum Failure {
    /// It is told of.
    Told(Error),
    /// Nobody reads what is printed any more.
    NobodyReads,
}

/// What a command gives: its exit status.
pub type Done = Result<u8, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Told(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::NobodyReads,
            _ => Failure::Told(Error::io(error.to_string())),
        }
    }
}

/// The exit status of a failure.
pub fn status_of(error: &Error) -> u8 {
    match error.status {
        Status::Locked => 2,
        Status::Format => 3,
        // Besides wrong options these are slices that do not fit.
        Status::Argument | Status::Shape => 64,
        _ => 4,
    }
}

/// A path as the library takes it.
pub fn utf8(path: &Path) -> Result<&str, Error> {
    path.to_str()
        .ok_or_else(|| Error::argument(format!("the name '{}' is not UTF-8", path.display())))
}

/// Opens a file for reading.
pub fn open(path: &Path) -> Result<OpenFile, Error> {
    OpenFile::open(utf8(path)?, Mode::Read, &Open::new())
}

/// The standard output, with colours if a terminal shows them.
pub struct Printer {
    out: BufWriter<Stdout>,
    colours: bool,
}

/// What a piece of output is.
#[derive(Clone, Copy)]
pub enum Role {
    /// A group or directory.
    Group,
    /// What matters most of a line.
    Name,
    /// What one reads second.
    Faint,
    /// What is wrong.
    Wrong,
    /// What is well.
    Good,
}

impl Printer {
    pub fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let knows = std::env::var_os("TERM").is_some_and(|terminal| terminal != "dumb");
        Self {
            colours: wanted && knows && io::stdout().is_terminal(),
            out: BufWriter::new(io::stdout()),
        }
    }

    /// A text in the colour of its role.
    pub fn paint(&self, role: Role, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match role {
            Role::Group => "1;34",
            Role::Name => "1",
            Role::Faint => "2",
            Role::Wrong => "31",
            Role::Good => "32",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Prints a line.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Prints a text as it is.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Prints what is still waiting.
    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Does a piece of work, and shows to a person at a terminal how far it is if it takes long.
pub fn watched<T>(
    what: &str,
    progress: impl Fn() -> Option<(usize, usize)> + Sync,
    work: impl FnOnce() -> T,
) -> T {
    const WIDTH: usize = 40;
    if !io::stderr().is_terminal() {
        return work();
    }
    let (over, is_over) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let is_over = is_over;
            let mut shown = false;
            while let Err(RecvTimeoutError::Timeout) = is_over.recv_timeout(LONG) {
                if let Some((done, all)) = progress() {
                    let bar = "#".repeat(WIDTH * done / all.max(1));
                    eprint!("\r[{bar:<WIDTH$}] {done} of {all} {what}");
                    shown = true;
                }
            }
            if shown {
                eprint!("\r{}\r", " ".repeat(WIDTH + 40));
            }
        });
        let made = work();
        drop(over);
        made
    })
}

/// How long a piece of work takes that one would like to watch.
const LONG: Duration = Duration::from_millis(300);

/// A text that cannot change what the terminal does: control characters are escaped.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => c.to_string(),
            c if c.is_control() => c.escape_default().to_string(),
            c => c.to_string(),
        })
        .collect()
}

/// A field of comma-separated values, in quotes where it must be.
pub fn csv_field(text: &str) -> String {
    let needs_quotes = |c: char| matches!(c, ',' | '"' | '\n' | '\r');
    match text.contains(needs_quotes) || text.starts_with(' ') || text.ends_with(' ') {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// A number of bytes in a few characters.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    match size < 10.0 {
        true => format!("{size:.1} {}", UNITS[unit]),
        false => format!("{size:.0} {}", UNITS[unit]),
    }
}
