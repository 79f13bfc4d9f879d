//! C++: the header h5sim.hpp, its examples, every compiler and standard that is there.

use crate::common::{self, client, python, skip, succeed, Folder};
use crate::{CANONICAL, REWOUND};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const WARNINGS: [&str; 6] = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Werror",
];
const EIGEN: &str = "/usr/include/eigen3";

/// The compilers that are there, of which g++ is one.
fn compilers() -> Vec<&'static str> {
    let works = |compiler: &&str| Command::new(compiler).arg("--version").output().is_ok();
    let found: Vec<&str> = ["g++", "clang++"].into_iter().filter(works).collect();
    if found.len() < 2 {
        skip("clang++");
    }
    found
}

pub fn compile(compiler: &str, flags: &[&str], source: &str, program: &Path) {
    let mut command = Command::new(compiler);
    command.args(WARNINGS).args(flags);
    command.arg("-I").arg(common::include());
    command
        .arg("-o")
        .arg(program)
        .arg(common::root().join(source));
    command
        .arg("-L")
        .arg(common::library_folder())
        .arg("-lh5sim");
    succeed(&mut command);
}

#[test]
fn arrays_of_cplusplus_are_h5pys_with_every_compiler_and_standard() {
    let folder = Folder::new("cplusplus");
    let mut flags = vec!["-O1"];
    if Path::new(EIGEN).exists() {
        flags.extend(["-isystem", EIGEN, "-DH5SIM_TEST_EIGEN=1"]);
    } else {
        skip("Eigen");
    }
    for compiler in compilers() {
        for standard in ["-std=c++17", "-std=c++20", "-std=c++2b"] {
            let program = folder.join(format!("arrays{compiler}{standard}"));
            let mut all = flags.clone();
            all.push(standard);
            compile(compiler, &all, "tests/cpp/arrays.cpp", &program);
            let printed = succeed(client(&program).arg(folder.path()));
            assert_eq!(printed, "all right\n", "{compiler} {standard}");
            succeed(python("cplusplus.py").arg(folder.join("cpp.h5")));
        }
        let program = folder.join(format!("no_exceptions{compiler}"));
        let flags = ["-O1", "-std=c++17", "-fno-exceptions"];
        compile(compiler, &flags, "tests/cpp/no_exceptions.cpp", &program);
        let printed = succeed(client(&program).arg(folder.path()));
        assert_eq!(printed, "2.5 H5SIM_ERR_EXISTS\n", "{compiler}");
    }
}

#[test]
fn the_cplusplus_examples_print_what_they_should_and_h5py_reads_their_files() {
    let folder = Folder::new("cplusplus-examples");
    let metadata = crate::METADATA;
    let expected = [
        (
            "01_arrays",
            "key: result_1\n5 4 3 \nshape of [:2,...,:2]: 2 4 2\n\
             its last value is that of result_1[1,3,1]: yes\n"
                .to_owned(),
        ),
        (
            "02_hierarchy",
            "in timeseries: 0 1 2 3 4 5 6 7 8 9\ntimeseries/0 is what was written: yes\n"
                .to_owned(),
        ),
        (
            "03_metadata",
            format!(
                "YAML says the same: yes\n{metadata}time step: 0.001\n\
                 timeseries/8 goes from 8 to 8.9995\n"
            ),
        ),
        (
            "04_hash",
            format!("{CANONICAL}found by its parameters: yes\ndata_eba300792d.h5py\n"),
        ),
        ("10_rewind", REWOUND.to_owned()),
    ];
    for (name, expected) in expected {
        let program = folder.join(name);
        let source = format!("examples_cpp/{name}.cpp");
        compile("g++", &["-O1", "-std=c++17"], &source, &program);
        let printed = succeed(client(program).current_dir(folder.path()));
        assert_eq!(printed, expected, "{name}");
    }
    let script = "import h5py, sys\n\
                  assert h5py.File('my_data.hdf5')['result_1'].shape == (5, 4, 3)\n\
                  assert h5py.File('richer_data.hdf5')['timeseries/8'][999, 1] == 8.9995\n";
    let mut python = client(common::root().join("target/venv/bin/python"));
    succeed(python.args(["-c", script]).current_dir(folder.path()));
}

#[test]
fn a_simulation_stopped_in_cplusplus_goes_on_in_c_and_is_the_same_bit_for_bit() {
    let folder = Folder::new("heat-cplusplus");
    let (in_c, in_cplusplus) = (folder.join("in_c"), folder.join("in_cplusplus"));
    common::compile_c("examples_c/07_heat.c", &in_c);
    let flags = ["-O1", "-std=c++17"];
    compile("g++", &flags, "examples_cpp/07_heat.cpp", &in_cplusplus);
    let input = common::root().join("examples_c/heat.yaml");
    for run in ["whole", "in-parts"] {
        fs::create_dir(folder.join(run)).expect("a folder");
    }
    let run = |program: &Path, until: &str, place: &str| {
        let mut command = client(program);
        command.arg(&input).arg(until);
        succeed(command.current_dir(folder.join(place)))
    };
    run(&in_c, "4000", "whole");
    for (program, until, first_line) in [
        (&in_cplusplus, "700", "is new"),
        (&in_c, "1999", "goes on after step 500"),
        (&in_cplusplus, "4000", "goes on after step 1500"),
        (&in_cplusplus, "4000", "is finished: nothing to do"),
    ] {
        let printed = run(program, until, "in-parts");
        let wanted = format!("heat_bbf600281f.h5 {first_line}\n");
        assert!(printed.starts_with(&wanted), "{printed}");
    }
    let mut compare = Command::new("h5diff");
    for place in ["whole", "in-parts"] {
        compare.arg(folder.join(place).join("heat_bbf600281f.h5"));
    }
    assert_eq!(succeed(&mut compare), "");
}

/// Functions of C that h5sim.hpp has no use for, because others of them do the same.
const NOT_NEEDED: [&str; 6] = [
    "h5sim_append_f64",
    "h5sim_read_f64",
    "h5sim_read_hyperslab",
    "h5sim_write_f64",
    "h5sim_write_hyperslab",
    "h5sim_write_texts",
];

#[test]
fn cplusplus_has_every_function_of_the_header() {
    let text = fs::read_to_string(common::include().join("h5sim.hpp")).expect("h5sim.hpp");
    let code = common::without_c_comments(&text);
    let calls = |name: &str| code.contains(&format!("{name}("));
    let functions = common::header_functions();
    let missing: BTreeSet<&str> = functions
        .iter()
        .map(String::as_str)
        .filter(|name| !calls(name))
        .collect();
    assert_eq!(
        missing,
        BTreeSet::from(NOT_NEEDED),
        "give what is new a method in include/h5sim.hpp, or name it here"
    );
}
