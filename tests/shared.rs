//! One file that many ranks of MPI write on parallel HDF5: contents against h5py, and misuse, which is one clear error on every rank.
//!
//! The libraries are those of `make mpi`; where there is none, or no MPI, a test says so.

mod common;

use common::{
    can_mount, client, include, patient, python, root, run, seed, skip, succeed, with_mounts,
};
use common::{Folder, STRICT};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An MPI with a library for it.
struct Mpi {
    name: &'static str,
    folder: Folder,
    program: PathBuf,
}

#[test]
fn one_file_of_many_ranks_of_mpich() {
    mpi("mpich").iter().for_each(everything);
}

#[test]
fn one_file_of_many_ranks_of_open_mpi() {
    mpi("openmpi").iter().for_each(everything);
}

fn everything(mpi: &Mpi) {
    blocks_of_any_number_of_ranks_are_what_h5py_has(mpi);
    misuse_is_one_error_on_every_rank(mpi);
    a_full_disk_is_one_error_on_every_rank(mpi);
    one_of_many_programs_makes_a_file_that_must_be_new(mpi);
    mpi_finalize_closes_what_ranks_share_and_leaves_the_rest(mpi);
    a_rank_that_dies_leaves_no_file_that_says_it_is_whole(mpi);
}

/// An MPI, if the library for it was built; the test is skipped otherwise.
fn mpi(name: &'static str) -> Option<Mpi> {
    let library = root().join("target/mpi").join(name).join("release");
    if !library.join("libh5sim_mpi.so.0").exists() {
        skip(&format!(
            "one file of many ranks on parallel HDF5: make mpi MPI={name} was not run"
        ));
        return None;
    }
    let folder = Folder::new(&format!("shared-{name}"));
    let program = folder.join("shared");
    let mut compiler = Command::new(format!("mpicc.{name}"));
    compiler
        .args(["-std=c11", "-O1", "-g"])
        // MPI's own headers are not ours to correct.
        .args(STRICT.iter().filter(|flag| **flag != "-pedantic"))
        .arg("-I")
        .arg(include())
        .arg("-o")
        .arg(&program)
        .arg(root().join("tests/c/shared.c"))
        .arg("-L")
        .arg(&library)
        .arg("-lh5sim_mpi")
        .arg(format!("-Wl,-rpath,{}", library.display()));
    succeed(&mut compiler);
    Some(Mpi {
        name,
        folder,
        program,
    })
}

impl Mpi {
    /// The program on so many ranks, for so many seconds at most.
    fn command(&self, ranks: usize, arguments: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", "120"])
            .arg(format!("mpiexec.{}", self.name));
        if self.name == "openmpi" {
            command.args(["--allow-run-as-root", "--oversubscribe", "--quiet"]);
            // Ranks that wait let the others work, of which there are more than processors.
            command.env("OMPI_MCA_mpi_yield_when_idle", "1");
        }
        command.args(["-n", &ranks.to_string()]);
        if self.name == "mpich" {
            let mut preload = std::ffi::OsString::from("LD_PRELOAD=");
            preload.push(patient());
            command.arg("env").arg(preload);
        }
        command.arg(&self.program).args(arguments);
        command
    }

    /// What each rank says of a misuse: all the same but for its number.
    fn misuse(&self, ranks: usize, case: &str) -> String {
        let file = self.folder.join(format!("{case}-{ranks}.hdf5"));
        let file = file.to_str().expect("a path in UTF-8");
        self.said(ranks, case, &mut self.command(ranks, &[file, case]))
    }

    /// What each rank of a program says: all the same but for its number.
    fn said(&self, ranks: usize, case: &str, command: &mut Command) -> String {
        let output = run(command);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{} {case}, {ranks} ranks: {}\n{stdout}\n{stderr}",
            self.name,
            output.status
        );
        let mut lines: Vec<&str> = stdout
            .lines()
            .filter(|line| line.starts_with("rank "))
            .collect();
        lines.sort_unstable();
        assert_eq!(lines.len(), ranks, "{case}: {stdout}");
        let said: Vec<&str> = lines
            .iter()
            .enumerate()
            .map(|(rank, line)| {
                line.strip_prefix(&format!("rank {rank} "))
                    .expect("its number")
            })
            .collect();
        assert!(said.iter().all(|line| *line == said[0]), "{case}: {stdout}");
        said[0].to_owned()
    }
}

/// How many random arrays a run writes: more where somebody waits for it.
fn cases() -> String {
    std::env::var("H5SIM_CASES").unwrap_or_else(|_| "40".to_owned())
}

fn blocks_of_any_number_of_ranks_are_what_h5py_has(mpi: &Mpi) {
    let seed = (seed() % 1000).to_string();
    let count = cases();
    for ranks in [1, 2, 3, 4, 7] {
        let path = mpi.folder.join(format!("contents-{ranks}.hdf5"));
        let file = path.to_str().expect("a path in UTF-8");
        succeed(&mut mpi.command(ranks, &[file, "write", &seed, &count]));
        succeed(python("shared.py").args([file, &seed, &count, &ranks.to_string()]));
        let others = if ranks == 1 { 3 } else { ranks - 1 };
        succeed(&mut mpi.command(others, &[file, "read", &seed, &count]));
    }
}

fn misuse_is_one_error_on_every_rank(mpi: &Mpi) {
    for ranks in [2, 3] {
        let last = format!("rank {} of {ranks}: ", ranks - 1);
        for (case, status, words) in [
            ("options", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            ("extents", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            ("function", "H5SIM_ERR_ARGUMENT", "h5sim_create_group 'g'"),
            ("text", "H5SIM_ERR_ARGUMENT", "different data"),
            ("outside", "H5SIM_ERR_SHAPE", &last),
            ("null", "H5SIM_ERR_ARGUMENT", &last),
            ("path", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            ("dtype", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            ("no_dtype", "H5SIM_ERR_ARGUMENT", &last),
            ("no_path", "H5SIM_ERR_ARGUMENT", &last),
            ("no_options", "H5SIM_ERR_ARGUMENT", &last),
            ("rank", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            ("read_outside", "H5SIM_ERR_SHAPE", &last),
            ("read_null", "H5SIM_ERR_ARGUMENT", &last),
            (
                "read_write",
                "H5SIM_ERR_ARGUMENT",
                "h5sim_read_block 'before'",
            ),
            ("slice", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            (
                "elements",
                "H5SIM_ERR_ARGUMENT",
                "do not make the same call",
            ),
            (
                "attribute",
                "H5SIM_ERR_ARGUMENT",
                "do not make the same call",
            ),
            ("commit", "H5SIM_ERR_ARGUMENT", "h5sim_commit"),
            ("delete", "H5SIM_ERR_ARGUMENT", "do not make the same call"),
            ("close", "H5SIM_ERR_ARGUMENT", "h5sim_close"),
            ("append_null", "H5SIM_ERR_ARGUMENT", &last),
            ("append_outside", "H5SIM_ERR_SHAPE", &last),
            (
                "append_path",
                "H5SIM_ERR_ARGUMENT",
                "h5sim_append_block 'r'",
            ),
            (
                "append_dtype",
                "H5SIM_ERR_ARGUMENT",
                "do not make the same call",
            ),
            ("append_record", "H5SIM_ERR_SHAPE", "its records have shape"),
            ("append_kind", "H5SIM_ERR_ARGUMENT", "h5sim_append 's'"),
            ("append_data", "H5SIM_ERR_ARGUMENT", "different data"),
            ("append_commit", "H5SIM_ERR_ARGUMENT", "h5sim_commit"),
            ("json", "H5SIM_ERR_JSON", &last),
            ("capacity", "H5SIM_ERR_SHAPE", &last),
            ("mode", "H5SIM_ERR_ARGUMENT", &last),
            ("there", "H5SIM_ERR_EXISTS", "'before' exists already"),
            ("rewind", "H5SIM_ERR_UNSUPPORTED", "h5sim_rewind"),
            ("missing", "H5SIM_ERR_NOT_FOUND", "no such file"),
            (
                "communicator",
                "H5SIM_ERR_ARGUMENT",
                "fortran_communicator is 123456789",
            ),
        ] {
            let said = mpi.misuse(ranks, case);
            assert!(
                said.starts_with(status) && said.contains(words),
                "{case}: {said}"
            );
        }
    }
}

/// A disk that is full for one rank: HDF5 leaves the transfer on that rank alone, and the others would wait for it.
fn a_full_disk_is_one_error_on_every_rank(mpi: &Mpi) {
    for ranks in [2, 3] {
        for case in ["full", "full_columns", "full_chunks", "full_series"] {
            let said = mpi.misuse(ranks, case);
            assert!(
                said.starts_with("H5SIM_ERR_IO") && said.contains(&format!("rank 0 of {ranks}: ")),
                "{case}: {said}"
            );
        }
    }
    for case in ["full_commit", "full_close"] {
        let said = mpi.misuse(2, case);
        assert!(
            said.starts_with("H5SIM_ERR_IO") && said.contains("rank 0 of 2: "),
            "{case}: {said}"
        );
        is_marked_as_unfinished(&mpi.folder.join(format!("{case}-2.hdf5")));
    }
    let disk = Folder::new(&format!("shared-disk-{}", mpi.name));
    if !can_mount(&disk) {
        return skip("a full disk of many ranks (cannot mount tmpfs)");
    }
    let file = disk.join("full.hdf5");
    for ranks in [2, 3] {
        let command = mpi.command(ranks, &[file.to_str().expect("a path in UTF-8"), "disk"]);
        let mut words = vec![disk.path(), Path::new(command.get_program())];
        words.extend(command.get_args().map(Path::new));
        let script = "mount -t tmpfs -o size=16m none \"$1\"; shift; exec \"$@\"";
        let mut mounted = with_mounts(script, &words);
        mounted.envs(
            command
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        let said = mpi.said(ranks, "disk", &mut mounted);
        assert!(said.starts_with("H5SIM_ERR_IO"), "{said}");
    }
}

/// What all of HDF5 refuses to open, and this library too.
fn is_marked_as_unfinished(file: &Path) {
    let look = "import h5py, sys\n\
        try:\n\
        \x20   h5py.File(sys.argv[1])\n\
        except OSError:\n\
        \x20   pass\n\
        else:\n\
        \x20   sys.exit('it was opened')\n";
    let mut python = Command::new(root().join("target/venv/bin/python"));
    succeed(python.args(["-c", look]).arg(file));
    let look = "import sys\n\
        from h5sim_ctypes import File, fails\n\
        for mode in 'r', 'r+':\n\
        \x20   assert 'h5clear' in fails('LOCKED', File, sys.argv[1], mode)\n";
    let mut python = client(root().join("target/venv/bin/python"));
    python.env("PYTHONPATH", root().join("tests/python"));
    succeed(python.args(["-c", look]).arg(file));
}

fn one_of_many_programs_makes_a_file_that_must_be_new(mpi: &Mpi) {
    let path = mpi.folder.join("at-once.hdf5");
    let file = path.to_str().expect("a path in UTF-8");
    succeed(&mut mpi.command(2, &[file, "at_once"]));
}

fn mpi_finalize_closes_what_ranks_share_and_leaves_the_rest(mpi: &Mpi) {
    let path = mpi.folder.join("finalize.hdf5");
    let file = path.to_str().expect("a path in UTF-8");
    succeed(&mut mpi.command(2, &[file, "finalize"]));
    let look = "import h5py, sys\n\
        assert h5py.File(sys.argv[1])['t'][()] == b'closed by MPI'\n\
        for rank in '01':\n\
        \x20   file = h5py.File(sys.argv[1] + '.' + rank)\n\
        \x20   assert (file['t'][()], file['u'][()]) == (b'before', b'after')\n";
    succeed(Command::new(root().join("target/venv/bin/python")).args(["-c", look, file]));
}

fn a_rank_that_dies_leaves_no_file_that_says_it_is_whole(mpi: &Mpi) {
    for when in [
        "opened",
        "committed",
        "again",
        "appending",
        "alone",
        "closing",
    ] {
        for ranks in [2, 3] {
            let path = mpi.folder.join(format!("dies-{when}-{ranks}.hdf5"));
            let file = path.to_str().expect("a path in UTF-8");
            let output = run(&mut mpi.command(ranks, &[file, &format!("dies_{when}")]));
            assert!(!output.status.success(), "{when}, {ranks} ranks");
            is_marked_as_unfinished(&path);
        }
    }
}
