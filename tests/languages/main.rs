//! C++, Fortran and Julia: their examples, their programs against h5py, and one definition in four languages.

#![forbid(unsafe_code)]

mod axes;
#[path = "../common/mod.rs"]
mod common;
mod cplusplus;
mod definition;
mod objects;

use common::{client, python, run, skip, succeed, Folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What case 3 prints of its metadata, and case 4 altogether.
const METADATA: &str = "data:\n  host: bluecrab\n  source_path: path/to/data\n\
                        integrator:\n  dt: 0.001\n  method: rk4\n\
                        model:\n  k0: 1.2\n  k1: 1.3\n  mass: 123.0\n  tau: 0.01\n";
const CANONICAL: &str = "{\"data\": {\"host\": \"bluecrab\", \"source_path\": \"path/to/data\"}, \
                         \"integrator\": {\"dt\": 0.001, \"method\": \"rk4\"}, \
                         \"model\": {\"k0\": 1.2, \"k1\": 1.3, \"mass\": 123.0, \"tau\": 0.01}}\n";

/// What the example that goes back in time prints.
const REWOUND: &str = "back to 6, then on to 11 records\n";

const FORTRAN_FLAGS: [&str; 5] = ["-std=f2008", "-Wall", "-Wextra", "-Werror", "-g"];

fn compile_fortran(source: &Path, program: &Path) {
    let mut compiler = Command::new("gfortran");
    compiler.args(FORTRAN_FLAGS);
    // Tests ask for exact equality, and mean it.
    compiler.arg("-Wno-compare-reals");
    let module = common::fortran_module();
    compiler.arg("-I").arg(module);
    compiler.arg("-o").arg(program).arg(source);
    compiler.arg(module.join("h5sim.o"));
    compiler.arg("-L").arg(common::library_folder());
    succeed(compiler.arg("-lh5sim"));
}

/// Runs fypp on a template.
fn fypp(template: &Path, generated: &Path) {
    let fypp = common::root().join("target/venv/bin/fypp");
    succeed(Command::new(fypp).arg(template).arg(generated));
}

#[test]
fn what_is_generated_of_the_fortran_module_and_the_julia_package_is_current() {
    let folder = Folder::new("bindings");
    let mut generator = client(common::root().join("target/venv/bin/python"));
    generator.arg(common::root().join("tools/bindings.py"));
    succeed(generator.arg(folder.path()));
    for path in ["include/h5sim.f90", "julia/H5Sim/src/H5Sim.jl"] {
        let fresh = fs::read_to_string(folder.join(path)).expect(path);
        let committed = fs::read_to_string(common::root().join(path)).expect(path);
        assert!(fresh == committed, "{path} is stale: run `make header`");
        // The standard's limit, which not every compiler lets pass.
        let is_long = |line: &&str| path.ends_with(".f90") && line.chars().count() > 132;
        let long: Vec<&str> = fresh.lines().filter(is_long).collect();
        assert_eq!(long, Vec::<&str>::new());
    }
}

#[test]
fn the_fortran_module_is_compiled_with_optimization_in_little_memory() {
    if !succeed(Command::new("gfortran").arg("-dumpversion")).starts_with("12") {
        return skip("what the Fortran module takes to compile is known for gfortran 12 alone");
    }
    let folder = Folder::new("fortran-memory");
    let measured = "import resource, subprocess, sys\n\
                    subprocess.run(sys.argv[1:], check=True)\n\
                    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut compiler = client(common::root().join("target/venv/bin/python"));
    compiler.args(["-c", measured, "gfortran", "-O2", "-c"]);
    compiler.arg(common::root().join("include/h5sim.f90"));
    let kibibytes = succeed(compiler.current_dir(folder.path()));
    let kibibytes: u64 = kibibytes.trim().parse().expect("a number");
    assert!(kibibytes <= 150 * 1024, "{kibibytes} KiB");
}

#[test]
fn the_fortran_examples_print_what_they_should_and_h5py_reads_their_files() {
    let folder = Folder::new("fortran-examples");
    let names: String = (0..10).map(|i| format!(" {i}")).collect();
    let expected = [
        (
            "01_arrays",
            "keys: result_1\nshape in Fortran: 3 4 5\nshape of [:2,...,:2] in Fortran: 2 4 2\n\
             its largest difference from data(:2, :, :2): 0.0\n"
                .to_owned(),
        ),
        (
            "02_hierarchy",
            format!(
                "in timeseries:{names}\n\
                 largest difference between timeseries/0 and what was written: 0.0\n"
            ),
        ),
        (
            "03_metadata",
            format!("{METADATA}time step: 0.0010\nthe last value of timeseries/8: 8.0\n"),
        ),
        (
            "04_hash",
            format!("{CANONICAL}found by its parameters: T\ndata_eba300792d.h5py\n"),
        ),
        (
            "05_order",
            "Fortran's shape, as f%shape gives it: 3 4\n\
             the file's, as f%tree and h5py show it: \
             {\"a\": {\"kind\": \"dataset\", \"dtype\": \"i4\", \"shape\": [4, 3], \"attributes\": {}}}\n\
             start=[1, 2], count=[2, 3] is a(1:2, 2:4):\n 12 13 14\n 22 23 24\n\
             slice=\"1:4, 0:2\" is the same:\n 12 13 14\n 22 23 24\n\
             start=[1, 4], count=[3, 1] is a(:, 4): 14 24 34\nslice=\"-1\" is the same: 14 24 34\n"
                .to_owned(),
        ),
        ("10_rewind", REWOUND.to_owned()),
    ];
    for (name, expected) in expected {
        let program = folder.join(name);
        compile_fortran(
            &common::root().join(format!("examples_fortran/{name}.f90")),
            &program,
        );
        let printed = succeed(client(program).current_dir(folder.path()));
        assert_eq!(trailing_blanks_removed(&printed), expected, "{name}");
    }
    succeed(python("language_examples.py").arg(folder.path()));
}

fn trailing_blanks_removed(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn fortran_and_h5py_read_each_others_arrays_of_every_type_and_rank() {
    let folder = Folder::new("fortran-arrays");
    let (source, program) = (folder.join("arrays.f90"), folder.join("arrays"));
    fypp(&common::root().join("tests/fortran/arrays.fypp"), &source);
    compile_fortran(&source, &program);

    let ours = folder.join("fortran.hdf5");
    let printed = succeed(client(&program).arg("write").arg(&ours));
    assert_eq!(printed, "1164 checks\n");
    succeed(python("languages.py").args(["check", "fortran"]).arg(&ours));

    let theirs = folder.join("h5py.hdf5");
    succeed(
        python("languages.py")
            .args(["write", "fortran"])
            .arg(&theirs),
    );
    let printed = succeed(client(&program).arg("read").arg(&theirs));
    assert_eq!(printed, "198 checks\n");
}

fn fortran_errors(folder: &Folder) -> PathBuf {
    let program = folder.join("errors");
    compile_fortran(&common::root().join("tests/fortran/errors.f90"), &program);
    program
}

#[test]
fn every_failure_in_fortran_has_a_status_and_a_sentence_or_stops_the_program() {
    let folder = Folder::new("fortran-errors");
    let program = fortran_errors(&folder);
    let file = folder.join("errors.hdf5");
    assert_eq!(succeed(client(&program).arg(&file)), "58 failures\n");

    let output = run(client(&program).arg(&file).arg("stop"));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "before\n");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let sentence = format!("h5sim: {}: 'a' exists already", file.display());
    assert!(stderr.starts_with(&sentence), "{stderr}");
    assert!(stderr.contains("ERROR STOP 1"), "{stderr}");
}

#[test]
fn a_fortran_program_that_stops_without_closing_loses_nothing() {
    let folder = Folder::new("fortran-exit");
    let program = fortran_errors(&folder);
    for (how, has_journal, expected) in [
        ("end", false, ["a", "note"].as_slice()),
        // With the journal a program that commits keeps its last commit.
        ("committed", true, ["a", "note"].as_slice()),
        ("committed", false, ["a", "b", "note"].as_slice()),
    ] {
        let file = folder.join(format!("{how}.hdf5"));
        succeed(client(&program).arg(&file).arg(how));
        if how == "end" || has_journal == journal(&folder) {
            assert_eq!(names_in(&file), expected, "{how}");
        }
    }
}

#[test]
fn a_simulation_of_c_fortran_and_julia_is_the_same_bit_for_bit_and_opens_in_xarray_and_vtk() {
    let folder = Folder::new("heat");
    let (in_c, in_fortran) = (folder.join("in_c"), folder.join("in_fortran"));
    common::compile_c("examples_c/07_heat.c", &in_c);
    compile_fortran(
        &common::root().join("examples_fortran/07_heat.f90"),
        &in_fortran,
    );
    let input = common::root().join("examples_c/heat.yaml");
    let runs = [folder.join("whole"), folder.join("in-parts")];
    for run in &runs {
        fs::create_dir(run).expect("a folder");
    }
    let [whole, in_parts] = &runs;
    let name = "heat_bbf600281f.h5";

    let printed = succeed(client(&in_c).arg(&input).current_dir(whole));
    assert!(printed.starts_with(&format!(
        "{name} is new\nstep  500, middle 20.0536 degrees\n"
    )));
    assert!(printed.ends_with("step 4000, middle 28.5504 degrees\n"));

    // Stopped between two snapshots, begun and ended by either language.
    for (program, until, first_line) in [
        (&in_c, "700", "is new"),
        (&in_fortran, "1999", "goes on after step 500"),
        (&in_c, "2600", "goes on after step 1500"),
        (&in_fortran, "4000", "goes on after step 2500"),
        (&in_c, "4000", "is finished: nothing to do"),
        (&in_fortran, "4000", "is finished: nothing to do"),
    ] {
        let printed = succeed(client(program).arg(&input).arg(until).current_dir(in_parts));
        assert!(
            printed.starts_with(&format!("{name} {first_line}\n")),
            "{printed}"
        );
    }
    let same = |other: PathBuf, without: &[&str]| {
        let mut compare = Command::new("h5diff");
        compare.args(without).arg(whole.join(name)).arg(other);
        assert_eq!(succeed(&mut compare), "");
    };
    same(in_parts.join(name), &[]);
    read_as_a_run(&whole.join(name));
    read_as_a_run(&in_parts.join(name));

    if julia().is_some() {
        let place = folder.join("in-julia");
        fs::create_dir(&place).expect("a folder");
        let heat = |until: &str| {
            let mut command = julia().expect("Julia, which was there");
            command.arg(common::root().join("examples_julia/07_heat.jl"));
            succeed(command.arg(&input).arg(until).current_dir(&place))
        };
        let printed = heat("1700");
        assert!(printed.starts_with(&format!(
            "{name} is new\nstep  500, middle 20.0536 degrees\n"
        )));
        succeed(client(&in_c).arg(&input).arg("2100").current_dir(&place));
        let printed = heat("4000");
        assert!(printed.starts_with(&format!("{name} goes on after step 2000\n")));
        assert!(printed.ends_with("step 4000, middle 28.5504 degrees\n"));
        assert_eq!(heat("4000"), format!("{name} is finished: nothing to do\n"));
        // The members of a Dict come in no order, and so the text of the metadata is another.
        same(place.join(name), &["--exclude-path", "/meta"]);
        read_as_a_run(&place.join(name));
    }

    let picture = folder.join("heat.png");
    let mut plot = client(common::root().join("target/venv/bin/python"));
    plot.arg(common::root().join("examples_python/plot_heat.py"));
    plot.env("MPLCONFIGDIR", folder.path())
        .env("MPLBACKEND", "agg");
    plot.arg(whole.join(name)).arg(&picture);
    // matplotlib says on stderr that it makes its list of fonts.
    assert!(run(&mut plot).status.success());
    assert!(fs::read(picture)
        .expect("the picture")
        .starts_with(b"\x89PNG"));
}

/// Opens a file of the heat equation in xarray, with coordinates and units, and in VTK, the newest and 9.3.1, with time.
fn read_as_a_run(file: &Path) {
    let old = common::root().join("target/venv-vtk93/bin/python");
    succeed(python("heat_readers.py").arg(file).arg(old));
}

#[test]
fn a_sweep_begun_in_c_goes_on_in_every_language_and_all_find_its_runs() {
    let folder = Folder::new("sweep-languages");
    let (in_c, in_fortran) = (folder.join("in_c"), folder.join("in_fortran"));
    common::compile_c("examples_c/08_sweep.c", &in_c);
    compile_fortran(
        &common::root().join("examples_fortran/08_sweep.f90"),
        &in_fortran,
    );
    let in_cplusplus = folder.join("in_cplusplus");
    let flags = ["-O1", "-std=c++17"];
    cplusplus::compile("g++", &flags, "examples_cpp/08_sweep.cpp", &in_cplusplus);
    let mut programs = vec![
        ("fortran", Some(client(&in_fortran))),
        ("cplusplus", Some(client(&in_cplusplus))),
        ("rust", Some(Command::new(common::example("sweep")))),
    ];
    programs.push((
        "julia",
        julia().map(|mut julia| {
            julia.arg(common::root().join("examples_julia/08_sweep.jl"));
            julia
        }),
    ));
    for (language, program) in programs {
        let place = folder.join(language);
        fs::create_dir_all(place.join("runs")).expect("a folder");
        let c = |arguments: &[&str]| succeed(client(&in_c).args(arguments).current_dir(&place));
        let stopped = c(&["runs", "100"]);
        assert_eq!(stopped.matches(": new\n").count(), 2, "{stopped}");
        let Some(mut program) = program else {
            continue;
        };
        let printed = succeed(program.current_dir(&place));
        for (what, count) in [("finished before", 1), ("gone on with", 1), ("new", 4)] {
            let found = printed.matches(&format!(": {what}\n")).count();
            assert_eq!(found, count, "{language}: {printed}");
        }
        // The same table, and the same rods bit for bit as from C alone.
        let again = c(&["runs"]);
        assert_eq!(again.matches(": finished before\n").count(), 6, "{again}");
        let table = |text: &str| text[text.find("    k0 ").expect("a table")..].to_owned();
        assert_eq!(table(&printed), table(&again), "{language}");
        assert_eq!(c(&["alone"]).matches(": new\n").count(), 6);
        for run in ["rod_b28e958342.h5", "rod_9d0ba8457d.h5"] {
            let mut compare = Command::new("h5diff");
            for runs in ["runs", "alone"] {
                compare.arg(place.join(runs).join(run));
            }
            assert_eq!(succeed(compare.arg("rod")), "", "{language} {run}");
        }
    }
}

#[test]
fn a_simulation_killed_again_and_again_ends_with_the_same_file() {
    let folder = Folder::new("heat-killed");
    let (in_c, in_fortran) = (folder.join("in_c"), folder.join("in_fortran"));
    common::compile_c("examples_c/07_heat.c", &in_c);
    compile_fortran(
        &common::root().join("examples_fortran/07_heat.f90"),
        &in_fortran,
    );
    // The same plate, with many commits.
    let input = fs::read_to_string(common::root().join("examples_c/heat.yaml")).expect("heat.yaml");
    let often = input.replace("snapshot_every: 500", "snapshot_every: 20");
    assert_ne!(often, input);
    let input = folder.join("often.yaml");
    fs::write(&input, often).expect("the input");
    for run in ["whole", "killed"] {
        fs::create_dir(folder.join(run)).expect("a folder");
    }
    let printed = succeed(client(&in_c).arg(&input).current_dir(folder.join("whole")));
    let name = printed.split(' ').next().expect("the file's name");

    // Wherever the kills fall, what they leave is the state of some commit.
    for milliseconds in [5, 10, 20, 30] {
        for program in [&in_fortran, &in_c] {
            let mut command = client(program);
            command.arg(&input).current_dir(folder.join("killed"));
            let mut child = command.stdout(Stdio::null()).spawn().expect("a start");
            std::thread::sleep(Duration::from_millis(milliseconds));
            child.kill().expect("a kill");
            child.wait().expect("an end");
        }
    }
    succeed(
        client(&in_fortran)
            .arg(&input)
            .current_dir(folder.join("killed")),
    );
    let mut compare = Command::new("h5diff");
    compare.arg(folder.join("whole").join(name));
    assert_eq!(succeed(compare.arg(folder.join("killed").join(name))), "");
}

/// The first block of code in a language that the README shows.
fn readme_program(language: &str) -> String {
    let readme = fs::read_to_string(common::root().join("README.md")).expect("README.md");
    let (_, rest) = readme
        .split_once(&format!("```{language}\n"))
        .expect(language);
    rest.split_once("```")
        .expect("the end of the block")
        .0
        .to_owned()
}

#[test]
fn the_programs_in_the_readme_work() {
    let folder = Folder::new("readme");
    let (source, program) = (folder.join("program.f90"), folder.join("program"));
    fs::write(&source, readme_program("fortran")).expect("a source");
    compile_fortran(&source, &program);
    let printed = succeed(client(&program).current_dir(folder.path()));
    let words: Vec<&str> = printed.split_whitespace().collect();
    assert_eq!(words, ["result_1", "3", "4", "5"]);

    let script = folder.join("program.jl");
    fs::write(&script, readme_program("julia")).expect("a script");
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    succeed(julia.arg(script).current_dir(folder.path()));
    assert_eq!(
        names_in(&folder.join("my_data.hdf5")),
        ["energy", "meta", "timeseries", "velocity"]
    );
}

/// Whether the library keeps a journal.
fn journal(folder: &Folder) -> bool {
    let source = folder.join("journal.f90");
    let text = "program journal\n  use h5sim\n  print '(l1)', h5sim_has_feature(\"journal\")\nend program journal\n";
    fs::write(&source, text).expect("a source");
    let program = folder.join("journal");
    compile_fortran(&source, &program);
    succeed(&mut client(program)) == "T\n"
}

/// The names in a file's root, as h5py sees them.
fn names_in(file: &Path) -> Vec<String> {
    let script = "import h5py, sys; print(*h5py.File(sys.argv[1], 'r'), sep='\\n')";
    let mut command = client(common::root().join("target/venv/bin/python"));
    let printed = succeed(command.args(["-c", script]).arg(file));
    printed.lines().map(str::to_owned).collect()
}

/// Julia with the package in its path; None, and a line that says so, where there is no Julia.
fn julia() -> Option<Command> {
    let works = Command::new("julia").arg("--version").output();
    if !works.is_ok_and(|output| output.status.success()) {
        skip("julia");
        return None;
    }
    let mut command = client("julia");
    let package = common::root().join("julia/H5Sim");
    command.env("JULIA_LOAD_PATH", format!("{}:@stdlib", package.display()));
    // No compiled copy of the package is left behind, and none is found.
    command.args(["--startup-file=no", "--compiled-modules=no"]);
    Some(command)
}

/// The same for programs with many types, which take longer to compile than to interpret.
fn interpreted_julia() -> Option<Command> {
    let mut command = julia()?;
    command.args(["-O0", "--compile=min"]);
    Some(command)
}

#[test]
fn the_julia_examples_print_what_they_should_and_h5py_reads_their_files() {
    let folder = Folder::new("julia-examples");
    let names: Vec<String> = (0..10).map(|i| format!("\"{i}\"")).collect();
    let expected = [
        (
            "01_arrays",
            "keys: [\"result_1\"]\nsize in Julia: (3, 4, 5)\n\
             size of [:2,...,:2] in Julia: (2, 4, 2)\nit is data[1:2, :, 1:2]: true\n"
                .to_owned(),
        ),
        (
            "02_hierarchy",
            format!(
                "in timeseries: [{}]\ntimeseries/0 is what was written: true\n",
                names.join(", ")
            ),
        ),
        (
            "03_metadata",
            format!(
                "YAML and JSON say the same: true\n{METADATA}time step: 0.001\n\
                 timeseries/8 is what was written: true\n"
            ),
        ),
        (
            "04_hash",
            format!("{CANONICAL}found by its parameters: true\ndata_eba300792d.h5py\n"),
        ),
        (
            "05_order",
            "Julia's size: (3, 4)\nthe file's shape, as h5py shows it: Any[4, 3]\n\
             file[\"a\"][1:2, 2:4] = [12 13 14; 22 23 24]\n\
             slice = \"1:4, 0:2\" = [12 13 14; 22 23 24]\n\
             file[\"a\"][:, end] = [14, 24, 34]\nslice = \"-1\" = [14, 24, 34]\n"
                .to_owned(),
        ),
        ("10_rewind", REWOUND.to_owned()),
    ];
    for (name, expected) in expected {
        let Some(mut julia) = julia() else { return };
        let example = common::root().join(format!("examples_julia/{name}.jl"));
        let printed = succeed(julia.arg(example).current_dir(folder.path()));
        assert_eq!(printed, expected, "{name}");
    }
    succeed(python("language_examples.py").arg(folder.path()));
}

#[test]
fn julia_and_h5py_read_each_others_arrays_of_every_type() {
    let folder = Folder::new("julia-arrays");
    let script = common::root().join("tests/julia/arrays.jl");
    let ours = folder.join("julia.hdf5");
    let theirs = folder.join("h5py.hdf5");
    succeed(python("languages.py").args(["write", "julia"]).arg(&theirs));
    for (mode, file, expected) in [
        ("write", &ours, "971 checks\n"),
        ("read", &theirs, "72 checks\n"),
    ] {
        let Some(mut julia) = interpreted_julia() else {
            return;
        };
        assert_eq!(succeed(julia.arg(&script).arg(mode).arg(file)), expected);
    }
    succeed(python("languages.py").args(["check", "julia"]).arg(&ours));
}

#[test]
fn every_failure_in_julia_is_an_exception_with_the_librarys_sentence() {
    let folder = Folder::new("julia-errors");
    let script = common::root().join("tests/julia/arrays.jl");
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    let printed = succeed(
        julia
            .arg(&script)
            .arg("errors")
            .arg(folder.join("errors.hdf5")),
    );
    assert_eq!(printed, "40 checks\n");

    // What nobody catches ends the program, with the sentence.
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    let output = run(julia.args(["-e", "using H5Sim; H5Sim.open(\"no_such_file.hdf5\")"]));
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    let sentence = "H5SIM_ERR_NOT_FOUND: no_such_file.hdf5";
    assert!(stderr.contains(sentence), "{stderr}");
}

#[test]
fn a_julia_program_that_exits_without_closing_loses_nothing() {
    let folder = Folder::new("julia-exit");
    let file = folder.join("end.hdf5");
    let script = common::root().join("tests/julia/arrays.jl");
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    succeed(julia.arg(&script).arg("end").arg(&file));
    assert_eq!(names_in(&file), ["a"]);
}

#[test]
fn julia_takes_the_file_alone_and_says_where_it_looked_for_the_library() {
    let folder = Folder::new("julia-alone");
    let alone = folder.join("H5Sim.jl");
    fs::copy(common::root().join("julia/H5Sim/src/H5Sim.jl"), &alone).expect("a copy");
    let program = "include(ARGS[1]); using .H5Sim; println(H5Sim.version())";

    // Beside the file, without a variable.
    let library = fs::canonicalize(common::library_folder().join("libh5sim.so")).expect("library");
    std::os::unix::fs::symlink(library, folder.join("libh5sim.so")).expect("a link");
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    julia.env_remove("H5SIM_LIB").env_remove("LD_LIBRARY_PATH");
    assert_eq!(succeed(julia.args(["-e", program]).arg(&alone)), "0.1.0\n");

    // By the loader.
    fs::remove_file(folder.join("libh5sim.so")).expect("the link");
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    julia.env_remove("H5SIM_LIB");
    assert_eq!(succeed(julia.args(["-e", program]).arg(&alone)), "0.1.0\n");

    // Nowhere.
    let Some(mut julia) = interpreted_julia() else {
        return;
    };
    julia.env("H5SIM_LIB", "/nowhere/libh5sim.so");
    let output = run(julia.args(["-e", program]).arg(&alone));
    let stderr = String::from_utf8_lossy(&output.stderr);
    let sentence =
        "the h5sim library was not found: tried /nowhere/libh5sim.so; set H5SIM_LIB to its path";
    assert!(
        !output.status.success() && stderr.contains(sentence),
        "{stderr}"
    );
}
