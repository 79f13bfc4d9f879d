//! C programs as users write them: the examples, misuse, two HDF5s in one process, exits.

mod common;

use common::{
    can_mount, client, compile_c, compile_c_with, compile_test, python, run, skip, succeed,
    with_mounts, Folder,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The examples, each with exactly what it prints.
const EXAMPLES: [(&str, &str); 4] = [
    (
        "01_arrays",
        "keys: [\"result_1\"]\n\
         shape: (5, 4, 3)\n\
         shape of [:2,...,:2]: (2, 4, 2)\n\
         its last value is that of result_1[1,3,1]: yes\n",
    ),
    (
        "02_hierarchy",
        "in timeseries: [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]\n\
         timeseries/0 is what was written: yes\n",
    ),
    (
        "03_metadata",
        "YAML and JSON say the same: yes\n\
         data:\n  host: bluecrab\n  source_path: path/to/data\n\
         integrator:\n  dt: 0.001\n  method: rk4\n\
         model:\n  k0: 1.2\n  k1: 1.3\n  mass: 123.0\n  tau: 0.01\n\
         time step: 0.001\n\
         timeseries/8 goes from 8 to 8.9995\n",
    ),
    (
        "04_hash",
        "{\"data\": {\"host\": \"bluecrab\", \"source_path\": \"path/to/data\"}, \
         \"integrator\": {\"dt\": 0.001, \"method\": \"rk4\"}, \
         \"model\": {\"k0\": 1.2, \"k1\": 1.3, \"mass\": 123.0, \"tau\": 0.01}}\n\
         found by its parameters: yes\n\
         data_eba300792d.h5py\n",
    ),
];

fn compile_example(name: &str, folder: &Folder) -> PathBuf {
    let program = folder.join(name);
    compile_c(format!("examples_c/{name}.c"), &program);
    program
}

#[test]
fn the_examples_print_what_they_should_and_other_tools_read_their_files() {
    let folder = Folder::new("examples");
    for (name, expected) in EXAMPLES {
        let program = compile_example(name, &folder);
        let printed = succeed(client(program).current_dir(folder.path()));
        assert_eq!(printed, expected, "{name}");
    }
    let program = compile_example("10_rewind", &folder);
    let printed = succeed(client(program).current_dir(folder.path()));
    assert_eq!(printed, "back to 6, then on to 11 records\n");
    the_ten_messages(&folder);

    succeed(python("examples.py").arg(folder.path()));
    succeed(python("netcdf.py").arg(folder.path()));
    // Debian's h5dump is of HDF5 1.10: the files are as old readers expect them.
    for (file, expected) in [
        (
            "my_data.hdf5",
            "DATASPACE  SIMPLE { ( 5, 4, 3 ) / ( 5, 4, 3 ) }",
        ),
        ("richer_data.hdf5", "STRSIZE 168;"),
        ("data_eba300792d.h5py", "DATASPACE  SCALAR"),
    ] {
        let dump = succeed(Command::new("h5dump").arg(folder.join(file)));
        assert!(dump.contains(expected), "{file}: {dump}");
    }
}

/// The fifth example shows ten mistakes: each has a status and a sentence that names
/// what it is about.
fn the_ten_messages(folder: &Folder) {
    let program = compile_example("05_errors", folder);
    let printed = succeed(client(program).current_dir(folder.path()));
    let messages: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("    "))
        .collect();
    let expected = [
        ("H5SIM_ERR_NOT_FOUND", "no_such_file.hdf5"),
        ("H5SIM_ERR_ARGUMENT", "libversion"),
        ("H5SIM_ERR_NOT_FOUND", "'b'"),
        ("H5SIM_ERR_EXISTS", "'a'"),
        ("H5SIM_ERR_SHAPE", "-3"),
        ("H5SIM_ERR_SHAPE", "[0,0,0]"),
        ("H5SIM_ERR_SHAPE", "5"),
        ("H5SIM_ERR_TYPE", "'note'"),
        ("H5SIM_ERR_JSON", "meta"),
        ("H5SIM_ERR_HANDLE", "file"),
    ];
    assert_eq!(messages.len(), expected.len(), "{printed}");
    for (message, (status, word)) in messages.iter().zip(expected) {
        let sentence = message.trim_start().strip_prefix(status);
        let sentence = sentence.unwrap_or_else(|| panic!("{message}: expected {status}"));
        assert!(
            sentence.len() > 20 && sentence.contains(word),
            "{message}: expected {word}"
        );
    }
}

/// Statements in the sense of what a reader has to take in: in Python every statement,
/// in C every line that ends in a semicolon, a `for` or an `if`, and every `#include`,
/// but not a declaration that only gives a name, which Python has not.
#[test]
fn the_examples_are_at_most_half_again_as_long_as_the_python() {
    for (name, _) in EXAMPLES {
        let source = format!("{}/examples_c/{name}.c", common::root().display());
        let c = c_statements(&fs::read_to_string(&source).expect(&source));
        let script = format!("{}/examples_c/python/{name}.py", common::root().display());
        let count = "import ast, sys\n\
             tree = ast.parse(open(sys.argv[1]).read())\n\
             print(sum(isinstance(node, ast.stmt) for node in ast.walk(tree)))";
        let python = common::root().join("target/venv/bin/python");
        let printed = succeed(Command::new(python).args(["-c", count, &script]));
        let python: usize = printed.trim().parse().expect("a count");
        assert!(
            2 * c <= 3 * python,
            "{name}: {c} statements in C, {python} in Python"
        );
    }
}

fn c_statements(source: &str) -> usize {
    let code = common::without_c_comments(source);
    let mut count = code.matches("#include").count();
    let mut depth = 0;
    let mut statement = String::new();
    for c in code.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        // The semicolons of a `for` are inside its parentheses.
        if c == ';' && depth == 0 {
            count += usize::from(!only_declares(&statement));
            count += statement.matches("for (").count() + statement.matches("if (").count();
            statement.clear();
        } else {
            statement.push(c);
        }
    }
    count
}

fn only_declares(statement: &str) -> bool {
    let last_line = statement.rsplit(['{', '}']).next().unwrap_or("").trim();
    let types = [
        "double ",
        "int32_t ",
        "int64_t ",
        "char ",
        "h5sim_file ",
        "h5sim_json ",
    ];
    let declares = types.iter().any(|name| {
        last_line.starts_with(name) || last_line.starts_with(&format!("static {name}"))
    });
    declares && !last_line.contains('=')
}

#[test]
fn the_header_compiles_alone_as_c_and_as_cplusplus() {
    let folder = Folder::new("header");
    for (compiler, standard, source) in [("cc", "c11", "alone.c"), ("c++", "c++17", "alone.cpp")] {
        let source = folder.join(source);
        fs::write(&source, "#include <h5sim.h>\n#include <h5sim.h>\n").expect("a source");
        let mut command = Command::new(compiler);
        command.arg(format!("-std={standard}")).args(common::STRICT);
        command
            .args(["-fsyntax-only", "-I"])
            .arg(common::include())
            .arg(source);
        succeed(&mut command);
    }
    // C++ sees the functions by their C names.
    let source = folder.join("linked.cpp");
    fs::write(
        &source,
        "#include <h5sim.h>\nint main() { return h5sim_finalize(); }\n",
    )
    .expect("a source");
    let program = folder.join("linked");
    let mut command = Command::new("c++");
    command
        .args(["-std=c++17", "-I"])
        .arg(common::include())
        .arg(&source)
        .arg("-o")
        .arg(&program);
    command
        .arg("-L")
        .arg(common::library_folder())
        .arg("-lh5sim");
    succeed(&mut command);
    succeed(&mut client(program));
}

#[test]
fn a_sweep_produces_what_is_missing_and_finds_what_is_there() {
    let folder = Folder::new("sweep");
    let program = compile_example("08_sweep", &folder);
    let sweep = |arguments: &[&str]| {
        let mut command = client(&program);
        succeed(command.args(arguments).current_dir(folder.path()))
    };
    let table = "    k0       dt  file\n";
    let stopped = sweep(&["runs", "100"]);
    assert_eq!(stopped.matches(": new\n").count(), 2, "{stopped}");
    assert!(stopped.ends_with(table), "{stopped}");
    let all = sweep(&["runs"]);
    let found = "  1.20   0.0010  rod_a6a9fc61ba.h5\n  2.00   0.0010  rod_9d0ba8457d.h5\n";
    for (what, count) in [("finished before", 1), ("gone on with", 1), ("new", 4)] {
        assert_eq!(all.matches(&format!(": {what}\n")).count(), count, "{all}");
    }
    assert!(all.ends_with(&format!("{table}{found}")), "{all}");
    assert_eq!(sweep(&["runs"]).matches(": finished before\n").count(), 6);
    // Five at once on a new directory: each run is new to one of them.
    let jobs: Vec<_> = (0..5)
        .map(|_| {
            let mut command = client(&program);
            command.arg("together").current_dir(folder.path());
            command.stdout(std::process::Stdio::piped());
            command.spawn().expect("a job")
        })
        .collect();
    let mut printed = String::new();
    for job in jobs {
        let output = job.wait_with_output().expect("a job");
        assert!(output.status.success());
        printed += &String::from_utf8_lossy(&output.stdout);
    }
    assert_eq!(printed.matches(": new\n").count(), 6, "{printed}");
    assert_eq!(
        sweep(&["together"]).matches(": finished before\n").count(),
        6
    );
}

#[test]
fn the_library_exports_the_headers_functions_and_nothing_else() {
    let library = common::library_folder().join("libh5sim.so");
    let symbols = succeed(
        Command::new("nm")
            .args(["-D", "--defined-only", "--format=posix"])
            .arg(&library),
    );
    let exported: BTreeSet<&str> = symbols
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let declared = common::header_functions();
    let declared: BTreeSet<&str> = declared.iter().map(String::as_str).collect();
    assert_eq!(exported, declared);

    let dynamic = succeed(Command::new("readelf").arg("-d").arg(&library));
    assert!(dynamic.contains("soname: [libh5sim.so.0]"), "{dynamic}");
    // HDF5 is inside: a user needs none of the system's.
    assert!(!dynamic.contains("libhdf5"), "{dynamic}");
    assert!(!dynamic.contains("libz"), "{dynamic}");
}

#[test]
fn every_function_refuses_every_misuse() {
    let folder = Folder::new("misuse");
    let program = compile_test("misuse", &folder);
    fs::create_dir(folder.join("work")).expect("a folder");
    let output = run(client(program).arg(folder.join("work")));
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{stdout}\n{stderr}",
        output.status
    );
    assert_eq!(stderr, "", "the library prints nothing");
}

#[test]
fn the_misuse_test_calls_every_function() {
    let path = common::root().join("tests/c/misuse.c");
    let code = common::without_c_comments(&fs::read_to_string(path).expect("misuse.c"));
    let missing: Vec<String> = common::header_functions()
        .into_iter()
        .filter(|name| !code.contains(&format!("{name}(")))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing_else() {
    let folder = Folder::new("full-disk");
    let disk = Folder::new("small-disk");
    if !can_mount(&disk) {
        return skip("full disk (cannot mount tmpfs)");
    }
    let program = compile_test("full_disk", &folder);
    let script = "mount -t tmpfs -o size=1m none \"$1\" && exec \"$2\" \"$1\"";
    let output = run(&mut with_mounts(script, &[disk.path(), &program]));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}\n{stdout}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_read_only_disk_is_an_error() {
    let folder = Folder::new("read-only");
    let disk = Folder::new("read-only-disk");
    if !can_mount(&disk) {
        return skip("read-only disk (cannot mount tmpfs)");
    }
    let program = compile_test("read_only_disk", &folder);
    let script = "mount -t tmpfs -o size=4m none \"$1\"; \"$2\" \"$1\" prepare; \
                  mount -o remount,ro \"$1\"; exec \"$2\" \"$1\" try";
    succeed(&mut with_mounts(script, &[disk.path(), &program]));
}

#[test]
fn any_thread_may_call_anything() {
    let folder = Folder::new("threads");
    let program = compile_test("threads", &folder);
    fs::create_dir(folder.join("work")).expect("a folder");
    succeed(client(program).arg(folder.join("work")));
}

/// Compiles the host that links a system's HDF5 as well, in this order.
fn compile_host(folder: &Folder, h5sim_first: bool) -> PathBuf {
    let flags = succeed(Command::new("pkg-config").args(["--cflags", "--libs", "hdf5"]));
    // Debian's headers are not made for -pedantic.
    let mut libraries: Vec<String> = flags
        .split_whitespace()
        .map(|flag| flag.replace("-I", "-isystem"))
        .collect();
    let place = if h5sim_first { 0 } else { libraries.len() };
    libraries.insert(place, "-lh5sim".to_owned());
    let libraries: Vec<&str> = libraries.iter().map(String::as_str).collect();
    let program = folder.join(format!("two_hdf5_{h5sim_first}"));
    compile_c_with("tests/c/two_hdf5.c", &program, &libraries);
    program
}

#[test]
fn two_versions_of_hdf5_live_in_one_process_in_either_order_of_linking() {
    let folder = Folder::new("two-hdf5");
    for h5sim_first in [false, true] {
        let program = compile_host(&folder, h5sim_first);
        let (theirs, ours) = (folder.join("theirs.h5"), folder.join("ours.h5"));
        succeed(client(&program).arg(&theirs).arg(&ours));
        succeed(Command::new("h5dump").arg("-H").arg(&ours));
    }
}

#[test]
fn a_program_that_exits_without_closing_loses_nothing() {
    let folder = Folder::new("exit");
    let program = compile_test("exit", &folder);
    for how in ["return", "exit", "thread", "fork", "commit"] {
        let file = folder.join(format!("{how}.hdf5"));
        succeed(client(&program).arg(&file).arg(how));
        let mut expected = vec!["first", "group"];
        match how {
            "thread" => expected.push("more"),
            "fork" => expected.push("second"),
            _ => {}
        }
        // With the journal a program that commits keeps its last commit; without it,
        // everything that was written.
        let journal = has_feature(&folder, "journal");
        if how == "commit" && !journal {
            expected.extend(["lost", "uncommitted"]);
        }
        succeed(python("exits.py").arg(&file).args(&expected));
        if how == "exit" {
            succeed(
                python("exits.py")
                    .arg(folder.join("exit.hdf5-second"))
                    .arg("first"),
            );
        }
    }
}

fn has_feature(folder: &Folder, name: &str) -> bool {
    let source = folder.join("feature.c");
    let text = "#include <h5sim.h>\n#include <stdio.h>\n\
        int main(int argc, char **argv) { (void)argc; return printf(\"%d\", (int)h5sim_has_feature(argv[1])) < 0; }\n";
    fs::write(&source, text).expect("a source");
    let program = folder.join("feature");
    compile_c(&source, &program);
    succeed(client(program).arg(name)) == "1"
}

#[test]
fn valgrind_finds_no_error_and_no_leak() {
    let folder = Folder::new("valgrind");
    let mut runs: Vec<(PathBuf, Vec<&str>)> = EXAMPLES
        .iter()
        .map(|(name, _)| (compile_example(name, &folder), vec![]))
        .collect();
    runs.push((compile_example("05_errors", &folder), vec![]));
    for work in ["misuse", "threads"] {
        fs::create_dir(folder.join(format!("{work}-work"))).expect("a folder");
    }
    runs.push((compile_test("misuse", &folder), vec!["misuse-work"]));
    runs.push((compile_test("threads", &folder), vec!["threads-work"]));
    runs.push((compile_host(&folder, true), vec!["theirs.h5", "ours.h5"]));
    // A thread that is cut off by the exit leaves its stack, which is not counted here.
    for how in ["return", "exit", "commit"] {
        runs.push((compile_test("exit", &folder), vec!["exit.h5", how]));
    }
    for (program, arguments) in runs {
        let mut command = client("valgrind");
        command.current_dir(folder.path()).args([
            "--quiet",
            "--error-exitcode=9",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible",
        ]);
        // Valgrind says what it finds on stderr, which must be empty.
        succeed(command.arg(program).args(arguments));
    }
}

#[test]
fn the_program_in_the_readme_compiles_and_prints_what_it_says() {
    let readme = fs::read_to_string(common::root().join("README.md")).unwrap();
    let program = readme
        .split("```c\n")
        .nth(1)
        .expect("a C program in README.md");
    let program = program.split("```").next().unwrap();
    let folder = Folder::new("readme");
    fs::write(folder.join("program.c"), program).unwrap();
    compile_c(folder.join("program.c"), &folder.join("program"));
    let printed = succeed(client(folder.join("program")).current_dir(folder.path()));
    assert_eq!(printed, "[\"result_1\"] (5, 4, 3)\n");
}
