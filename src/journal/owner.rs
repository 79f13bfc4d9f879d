//! Who has a file open: what the journal says of its writer, and the system of its locks.

#![forbid(unsafe_code)]

use super::checksum::checksum;
use super::format::{OWNER, OWNER_SIZE};
use super::process::PerProcess;
use super::seclusion;
use super::sys::{DiskFile, Identity, OpenAs};
use crate::error::Error;
use std::path::Path;
use std::sync::Mutex;

/// A process, told from all others that had or will have its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessIdentity {
    /// Its number.
    process: u32,
    /// When it began, in the system's ticks since the boot.
    started: u64,
    /// Which boot of which computer.
    boot: [u8; 40],
    /// The computer's name.
    host: [u8; 64],
}

/// When a process began; `None` if there is none with this number.
fn start_of(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may contain anything.
    let rest = text.rsplit_once(')')?.1;
    let state = rest.split_whitespace().next()?;
    let started = rest.split_whitespace().nth(19)?.parse().ok()?;
    (state != "Z").then_some(started)
}

fn field<const N: usize>(path: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let text = std::fs::read(path).unwrap_or_default();
    let text = text.trim_ascii();
    let length = text.len().min(N);
    bytes[..length].copy_from_slice(&text[..length]);
    bytes
}

/// What tells this computer, since it was started, from others and from its earlier self; None where the system does not say.
pub fn this_computer() -> Option<u64> {
    let boot: [u8; 40] = field("/proc/sys/kernel/random/boot_id");
    let host: [u8; 64] = field("/proc/sys/kernel/hostname");
    (boot != [0; 40]).then(|| checksum(&[&boot[..], &host[..]].concat()))
}

impl ProcessIdentity {
    /// This process; `None` where the system does not tell what is needed.
    pub fn myself() -> Option<Self> {
        let process = std::process::id();
        let owner = Self {
            process,
            started: start_of(process)?,
            boot: field("/proc/sys/kernel/random/boot_id"),
            host: field("/proc/sys/kernel/hostname"),
        };
        (owner.boot != [0; 40]).then_some(owner)
    }

    /// The bytes that stand in a journal.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = u64::from(self.process).to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.started.to_le_bytes());
        bytes.extend_from_slice(&self.boot);
        bytes.extend_from_slice(&self.host);
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (covered, sum) = bytes.split_last_chunk::<8>()?;
        if *sum != checksum(covered).to_le_bytes() {
            return None;
        }
        let (process, rest) = covered.split_first_chunk::<8>()?;
        let (started, rest) = rest.split_first_chunk::<8>()?;
        let (boot, host) = rest.split_first_chunk::<40>()?;
        Some(Self {
            process: u32::try_from(u64::from_le_bytes(*process)).ok()?,
            started: u64::from_le_bytes(*started),
            boot: *boot,
            host: *host.first_chunk::<64>()?,
        })
    }

    /// The one whose name is in a journal.
    fn of_journal(journal: &Path) -> Option<Self> {
        let file = DiskFile::open(journal, OpenAs::Read).ok()?;
        let mut bytes = [0; OWNER_SIZE];
        file.read_at(&mut bytes, OWNER).ok()?;
        Self::decode(&bytes)
    }

    /// The one whose name is in the journal of a file, or at the beginning of one that has none yet.
    fn of_writer(file: &DiskFile, journal: &Path) -> Option<Self> {
        let beside = Self::of_journal(journal);
        beside.or_else(|| Self::decode(&seclusion::owner_in(file)?))
    }

    /// Whether it lives and is not this process; one on another computer is not known to be dead.
    fn is_alive_elsewhere(&self) -> bool {
        let Some(myself) = Self::myself() else {
            return false;
        };
        if self.boot != myself.boot {
            return self.host != myself.host;
        }
        *self != myself && start_of(self.process) == Some(self.started)
    }

    fn is_on_this_computer(&self) -> bool {
        Self::myself().is_some_and(|myself| myself.boot == self.boot)
    }
}

/// Whether a file or its journal says that a process of this computer, another one, writes the file.
///
/// This holds where files cannot be locked. What another computer's process has left is judged by locks alone: nobody
/// here knows whether it lives.
pub fn is_written_elsewhere(file: &DiskFile, journal: &Path) -> bool {
    ProcessIdentity::of_writer(file, journal)
        .is_some_and(|owner| owner.is_on_this_computer() && owner.is_alive_elsewhere())
}

/// The same of a file beside which there is no journal.
pub fn is_new_elsewhere(file: &DiskFile) -> bool {
    let writer = seclusion::owner_in(file).and_then(|bytes| ProcessIdentity::decode(&bytes));
    writer.is_some_and(|owner| owner.is_on_this_computer() && owner.is_alive_elsewhere())
}

impl ProcessIdentity {
    /// Where it runs, in words.
    fn place(&self) -> String {
        if self.is_on_this_computer() {
            return "this computer".to_string();
        }
        let host = String::from_utf8_lossy(&self.host);
        format!("the computer '{}'", host.trim_end_matches('\0'))
    }
}

/// The writer that a journal names, in words that follow "another program"; nothing where none is named.
pub fn writer_of(journal: &Path) -> String {
    ProcessIdentity::of_journal(journal).map_or_else(String::new, |owner| {
        format!(", process {} on {}", owner.process, owner.place())
    })
}

/// The processes that have a file open, in words.
pub fn readers(identity: Identity) -> String {
    let named: Vec<String> = holders(identity)
        .iter()
        .take(MOST_NAMED)
        .map(|(process, name)| format!("process {process}, '{name}', on this computer"))
        .collect();
    match named.is_empty() {
        true => "perhaps on another computer, or elsewhere in this program".to_string(),
        false => named.join("; "),
    }
}

/// So many processes are named.
const MOST_NAMED: usize = 3;

/// That a file cannot be opened because of another program, with all that can be said of that one.
pub fn locked(file: &DiskFile, path: &Path, journal: &Path, identity: Identity) -> Error {
    let writer = ProcessIdentity::of_writer(file, journal);
    let holder = match writer.filter(ProcessIdentity::is_alive_elsewhere) {
        Some(owner) => format!("process {} on {} writes it", owner.process, owner.place()),
        None => readers(identity),
    };
    let ranks = if under_mpi() {
        "; this program runs under an MPI launcher: if another of its ranks has it open, give each rank a file of its own, \
         with the rank in its name, or let one rank write"
    } else {
        ""
    };
    Error::locked(format!(
        "'{}' is open in another program ({holder}); close it there first, or wait for that with \"wait\": seconds; where a lock is \
         left over or not meant, \"locking\": false goes on without{ranks}",
        path.display()
    ))
}

/// The other processes of this computer that hold locks on a file, or, if none is known to, that have it open, with
/// their programs' names.
fn holders(identity: Identity) -> Vec<(u32, String)> {
    let mut found = holders_of_locks(identity);
    if found.is_empty() {
        found = who_has_open(identity);
    }
    found.sort_unstable();
    found.dedup();
    let name = |process: u32| {
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        (process, name.trim().to_string())
    };
    found.into_iter().map(name).collect()
}

/// The other processes of this computer that have a file open, as far as this one may know.
fn who_has_open(identity: Identity) -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;
    let is_it = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .and_then(|entry| std::fs::metadata(entry.path()))
            .is_ok_and(|facts| facts.dev() == identity.device && facts.ino() == identity.inode)
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process| *process != std::process::id())
        .filter(|process| {
            std::fs::read_dir(format!("/proc/{process}/fd"))
                .is_ok_and(|mut descriptors| descriptors.any(is_it))
        })
        .collect()
}

/// The other processes of this computer that hold locks on a file.
fn holders_of_locks(identity: Identity) -> Vec<u32> {
    let text = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    let mut found = Vec::new();
    for line in text.lines() {
        // 1: FLOCK  ADVISORY  READ 1234 08:01:4567 0 EOF
        let words: Vec<&str> = line.split_whitespace().collect();
        let (Some(process), Some(place)) = (words.get(4), words.get(5)) else {
            continue;
        };
        let mut parts = place.split(':');
        let number = |part: Option<&str>| u64::from_str_radix(part?, 16).ok();
        let (Some(major), Some(minor)) = (number(parts.next()), number(parts.next())) else {
            continue;
        };
        let inode = parts.next().and_then(|part| part.parse().ok());
        let device = libc::makedev(major as u32, minor as u32);
        if inode != Some(identity.inode) || device != identity.device {
            continue;
        }
        let Some(process) = process
            .parse()
            .ok()
            .filter(|known| *known != std::process::id())
        else {
            continue;
        };
        found.push(process);
    }
    found
}

/// Whether this process was started as one of several ranks, as far as the common launchers say.
fn under_mpi() -> bool {
    [
        "OMPI_COMM_WORLD_RANK",
        "PMI_RANK",
        "PMIX_RANK",
        "MV2_COMM_WORLD_RANK",
        "SLURM_PROCID",
        "PALS_RANKID",
    ]
    .iter()
    .any(|name| std::env::var(name).is_ok_and(|value| value.parse::<u32>().is_ok()))
}

/// What a journal of this process says of it; none where the system does not tell what is needed.
pub fn myself() -> Option<Vec<u8>> {
    // Of this process only: a child finds out anew.
    static MYSELF: PerProcess<Mutex<Option<Option<Vec<u8>>>>> = PerProcess::new();
    MYSELF
        .lock()
        .get_or_insert_with(|| ProcessIdentity::myself().map(|owner| owner.encode()))
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_and_this_process_is_not_elsewhere() {
        let Some(myself) = ProcessIdentity::myself() else {
            println!("SKIPPED: the system does not tell when a process began");
            return;
        };
        let bytes = myself.encode();
        assert_eq!(bytes.len(), OWNER_SIZE);
        assert_eq!(ProcessIdentity::decode(&bytes), Some(myself.clone()));
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 4;
            assert_eq!(ProcessIdentity::decode(&changed), None);
        }
        assert!(!myself.is_alive_elsewhere());
        // The process that was here before with the same number.
        let before = ProcessIdentity {
            started: myself.started - 1,
            ..myself.clone()
        };
        assert!(!before.is_alive_elsewhere());
        let parent = std::os::unix::process::parent_id();
        let parent = ProcessIdentity {
            process: parent,
            started: start_of(parent).unwrap(),
            ..myself.clone()
        };
        assert!(parent.is_alive_elsewhere());
        let earlier_boot = ProcessIdentity {
            boot: [b'x'; 40],
            ..parent.clone()
        };
        assert!(!earlier_boot.is_alive_elsewhere());
        let elsewhere = ProcessIdentity {
            host: [b'x'; 64],
            ..earlier_boot
        };
        assert!(elsewhere.is_alive_elsewhere() && !elsewhere.is_on_this_computer());
    }
}
