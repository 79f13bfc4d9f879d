//! Programs of many ranks with MPI: blocks, misuse, kills, lifetimes, in C and Fortran, with MPICH and Open MPI where they are there.
//!
//! `make test-mpi` asks for more ranks and cases (H5SIM_MPI=long), and for both.

mod common;

use common::{client, patient, python, run, seed, skip, succeed, Folder, STRICT};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs ranks that must succeed, and whose MPI has no more to say than MPICH 4.0 of a type that was freed; gives their stdout.
fn succeed_with_mpi(command: &mut Command) -> String {
    let output = run(command);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut said = stderr
        .lines()
        .filter(|line| !line.starts_with("[WARNING] yaksa: "));
    assert!(
        output.status.success() && said.next().is_none(),
        "{command:?}: {}\n{stderr}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether much is to be tried.
fn is_long() -> bool {
    std::env::var_os("H5SIM_MPI").is_some_and(|value| value == "long")
}

/// An MPI, by the end of its commands' names in Debian.
#[derive(Clone, Copy)]
struct Mpi(&'static str);

/// Those that are there.
fn all() -> Vec<Mpi> {
    let works = |mpi: &Mpi| {
        ["mpicc", "mpiexec"].iter().all(|command| {
            let version = Command::new(mpi.command(command)).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        })
    };
    let both = [Mpi("mpich"), Mpi("openmpi")];
    let found: Vec<Mpi> = both.into_iter().filter(works).collect();
    assert!(
        !is_long() || found.len() == both.len(),
        "MPICH and Open MPI are needed"
    );
    if found.is_empty() {
        skip("programs of many ranks: there is neither MPICH nor Open MPI");
    }
    found
}

impl Mpi {
    fn command(self, name: &str) -> String {
        format!("{name}.{}", self.0)
    }

    /// Where a program comes in a folder.
    fn place_of(self, source: &str, folder: &Folder) -> PathBuf {
        let name = Path::new(source).file_name().expect("a name");
        folder.join(format!(
            "{}_{}",
            self.0,
            name.to_string_lossy().replace('.', "_")
        ))
    }

    /// Compiles a program of C into a folder.
    fn compile(self, source: &str, folder: &Folder) -> PathBuf {
        let program = self.place_of(source, folder);
        let mut compiler = Command::new(self.command("mpicc"));
        compiler.args(["-std=c11", "-O1", "-g"]).args(STRICT);
        compiler.arg("-I").arg(common::include());
        compiler
            .arg("-o")
            .arg(&program)
            .arg(common::root().join(source));
        compiler.arg("-L").arg(common::library_folder());
        succeed(compiler.args(["-lh5sim", "-lm"]));
        program
    }

    /// Compiles a program of Fortran, and the module for MPI, into a folder.
    fn compile_fortran(self, source: &str, folder: &Folder) -> PathBuf {
        let program = self.place_of(source, folder);
        let mut compiler = Command::new(self.command("mpifort"));
        compiler
            .args(FORTRAN_FLAGS)
            .arg("-I")
            .arg(common::fortran_module());
        compiler.arg("-o").arg(&program);
        compiler.arg(common::include().join("h5sim_mpi.f90"));
        compiler.arg(common::root().join(source));
        compiler.arg(common::fortran_module().join("h5sim.o"));
        compiler.arg("-L").arg(common::library_folder());
        succeed(compiler.arg("-lh5sim").current_dir(folder.path()));
        program
    }

    /// A program on so many ranks, which is ended when it takes too long.
    fn start(self, ranks: usize, program: &Path) -> Command {
        let mut command = client("timeout");
        command.args(["-k", "5", "300"]);
        command.arg(self.command("mpiexec"));
        if self.0 == "openmpi" {
            command.arg("--oversubscribe");
            command.env("OMPI_ALLOW_RUN_AS_ROOT", "1");
            command.env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
            command.env("OMPI_MCA_mpi_yield_when_idle", "1");
        }
        command.args(["-n", &ranks.to_string()]);
        if self.0 == "mpich" {
            let mut preload = std::ffi::OsString::from("LD_PRELOAD=");
            preload.push(patient());
            command.arg("env").arg(preload);
        }
        command.arg(program);
        command
    }
}

const FORTRAN_FLAGS: [&str; 6] = ["-std=f2008", "-Wall", "-Wextra", "-Werror", "-O1", "-g"];

/// How many ranks write, how many go on, and how many read.
fn counts() -> Vec<(usize, usize, usize)> {
    match is_long() {
        false => vec![(3, 2, 1)],
        true => vec![(1, 4, 2), (2, 3, 7), (3, 1, 4), (4, 7, 1), (7, 2, 3)],
    }
}

/// Arrays and series that some ranks write, others write anew, and yet others read, beside a file of one process.
fn compare_blocks(
    mpi: Mpi,
    seed: u64,
    cases: &str,
    (writers, others, readers): (usize, usize, usize),
) {
    let folder = Folder::new("mpi-blocks");
    let program = mpi.compile("tests/mpi/blocks.c", &folder);
    let on = |ranks: usize, what: &str, rounds: &[&str]| {
        let mut command = mpi.start(ranks, &program);
        command.args([what, &seed.to_string(), cases]);
        let printed = succeed(command.arg(folder.path()).args(rounds));
        assert_eq!(printed, "", "{} {ranks} {what}, seed {seed}", mpi.0);
    };
    let compare = || {
        let mut script = python("same_content.py");
        script
            .arg(folder.join("ranks.h5"))
            .arg(folder.join("serial.h5"));
        assert!(succeed(&mut script).ends_with(" datasets\n"));
    };
    on(writers, "write", &[]);
    compare();
    on(readers, "read", &["1"]);
    on(others, "more", &[]);
    compare();
    on(readers, "read", &["2"]);
}

#[test]
fn blocks_of_all_ranks_are_what_one_process_writes_whatever_their_number() {
    let cases = if is_long() { "60" } else { "12" };
    let seed = seed();
    for mpi in all() {
        for counts in counts() {
            compare_blocks(mpi, seed, cases, counts);
        }
    }
}

/// Attributes of an array that was written anew were sought where the one before had been.
#[test]
fn attributes_of_arrays_written_anew_are_those_of_the_new() {
    for mpi in all().into_iter().take(1) {
        compare_blocks(mpi, 336_564_158, "12", (3, 2, 2));
    }
}

#[test]
fn what_one_rank_has_wrong_is_told_on_all_and_none_waits() {
    let counts: &[usize] = if is_long() { &[2, 3, 7] } else { &[2] };
    for mpi in all() {
        let folder = Folder::new("mpi-misuse");
        let program = mpi.compile("tests/mpi/misuse.c", &folder);
        let names = succeed(client(&program).arg("list").current_dir(folder.path()));
        assert!(names.lines().count() >= 15, "{names}");
        for name in names.lines() {
            for &ranks in counts {
                let mut command = mpi.start(ranks, &program);
                command.arg(name).arg(folder.path());
                let printed = succeed(command.current_dir(folder.path()));
                assert_eq!(printed, "", "{} {ranks} {name}", mpi.0);
            }
        }
    }
}

#[test]
fn communicators_live_as_long_as_their_files() {
    let (files, ranks) = if is_long() { ("3000", 3) } else { ("20", 2) };
    for mpi in all() {
        let folder = Folder::new("mpi-lifetime");
        let program = mpi.compile("tests/mpi/lifetime.c", &folder);
        let mut command = mpi.start(ranks, &program);
        assert_eq!(succeed(command.arg(folder.path()).arg(files)), "");
        let script = "import h5py, sys\n\
                      for path in sys.argv[2:]:\n    \
                          assert h5py.File(path)['u'][()].tolist() == [rank + 0.5 for rank in range(int(sys.argv[1]))], path\n";
        let mut python = client(common::root().join("target/venv/bin/python"));
        python.args(["-c", script, &ranks.to_string()]);
        for name in ["one0", "two0", "two1", "freed0", "freed1", "open0", "open1"] {
            python.arg(folder.join(format!("{name}.h5")));
        }
        succeed(&mut python);
    }
}

#[test]
fn blocks_of_fortran_are_where_they_belong() {
    let counts: &[usize] = if is_long() { &[1, 2, 3, 4, 7] } else { &[3] };
    for mpi in all() {
        let folder = Folder::new("mpi-fortran");
        let program = mpi.compile_fortran("tests/mpi/fortran.f90", &folder);
        for ranks in counts {
            let mut command = mpi.start(*ranks, &program);
            assert_eq!(
                succeed(command.arg(folder.path()).current_dir(folder.path())),
                ""
            );
            let script = "import h5py, numpy, sys\n\
                          wanted = 100. * numpy.arange(1, 6) + numpy.arange(1, 13)[:, None]\n\
                          for path in sys.argv[1:]:\n    \
                              assert (h5py.File(path)['u'][()] == wanted).all(), path\n\
                          assert (h5py.File(sys.argv[1])['s'][()] == wanted).all() and h5py.File(sys.argv[1])['s'].shape[0] == 3\n";
            let mut python = client(common::root().join("target/venv/bin/python"));
            python.args(["-c", script]);
            for name in ["fortran", "integer", "open"] {
                python.arg(folder.join(format!("{name}.h5")));
            }
            succeed(&mut python);
        }
    }
}

#[test]
fn a_rank_that_is_killed_leaves_whole_steps_of_all() {
    let victims: &[usize] = if is_long() { &[0, 1, 2] } else { &[1] };
    for mpi in all() {
        let folder = Folder::new("mpi-killed");
        let program = mpi.compile("tests/mpi/killed.c", &folder);
        let mut steps = 3;
        for victim in victims {
            let step = steps.to_string();
            let mut command = mpi.start(3, &program);
            command
                .args([&step, &victim.to_string()])
                .arg(folder.path());
            let output = run(&mut command);
            assert!(!output.status.success() && output.status.code() != Some(124));
            // The step under way was never committed. Then another number of ranks goes on, and all find the same.
            let ranks = victim % 2 + 2;
            let mut command = mpi.start(ranks, &program);
            let printed = succeed(command.args([&step, "-1"]).arg(folder.path()));
            let found = format!(" finds {} steps", steps - 1);
            assert_eq!(printed.matches(&found).count(), ranks, "{printed}");
            steps += 2;
        }
    }
}

#[test]
fn a_simulation_of_many_ranks_is_that_of_one_bit_for_bit_and_goes_on_with_other_ranks() {
    let input = common::root().join("examples_c/heat.yaml");
    let name = "heat_bbf600281f.h5";
    let folder = Folder::new("mpi-heat");
    let serial = folder.join("serial");
    common::compile_c("examples_c/07_heat.c", &serial);
    succeed(client(serial).arg(&input).current_dir(folder.path()));
    for mpi in all() {
        let place = folder.join(mpi.0);
        std::fs::create_dir(&place).expect("a folder");
        let in_c = mpi.compile("examples_c/09_heat_mpi.c", &folder);
        let in_fortran = mpi.compile_fortran("examples_fortran/09_heat_mpi.f90", &folder);
        let last = if is_long() { 7 } else { 3 };
        for (ranks, program, until, first_line) in [
            (2, &in_c, "700", "is new"),
            (3, &in_fortran, "1999", "goes on after step 500"),
            (last, &in_c, "2700", "goes on after step 1500"),
            (1, &in_fortran, "4000", "goes on after step 2500"),
            (2, &in_c, "4000", "is finished: nothing to do"),
        ] {
            let mut command = mpi.start(ranks, program);
            let printed = succeed_with_mpi(command.arg(&input).arg(until).current_dir(&place));
            assert!(
                printed.starts_with(&format!("{name} {first_line}\n")),
                "{printed}"
            );
        }
        let mut script = python("same_content.py");
        script.arg(folder.join(name)).arg(place.join(name));
        // ParaView's group is not for files of many ranks.
        assert_eq!(succeed(script.arg("VTKHDF")), "6 datasets\n");
    }
}
