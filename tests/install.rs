//! An installed copy, used by someone who knows nothing of the source tree: by pkg-config, by CMake, and after a move.

#![forbid(unsafe_code)]

mod common;

use common::{skip, succeed};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder outside the source tree, removed when the test has passed.
struct Elsewhere(PathBuf);

impl Elsewhere {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("h5sim-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Elsewhere(folder)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Does what `make install` does once the library is built.
fn install(prefix: &Path, destdir: &Path, libdir: &str) {
    let mut script = Command::new(common::root().join("tools/install.sh"));
    script
        .env("PREFIX", prefix)
        .env("DESTDIR", destdir)
        .env("LIBDIR", libdir);
    script.env("CARGO_TARGET_DIR", common::root().join("target"));
    succeed(&mut script);
}

/// Asks pkg-config about the installed copy.
fn pkg_config(prefix: &Path, question: &[&str]) -> Vec<String> {
    pkg_config_of(prefix, "h5sim", question)
}

fn pkg_config_of(prefix: &Path, package: &str, question: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    let answer = succeed(command.args(question).arg(package));
    answer.split_whitespace().map(str::to_owned).collect()
}

/// A program of ours prints what it wrote and read back.
fn works(program: &Path, prefix: &Path) {
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", prefix.join("lib"));
    let printed = succeed(command.arg(program.with_extension("hdf5")));
    assert_eq!(printed, "0.1.0: 4 5 6\n", "{}", program.display());
    // The command line that came with it, which needs no library, on the file that the program left.
    let mut check = Command::new(prefix.join("bin/h5sim"));
    let told = succeed(check.arg("check").arg(program.with_extension("hdf5")));
    assert!(told.contains("whole"), "{told}");
}

/// Copies the consumers' sources to a folder of their own.
fn consumers(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    for name in ["main.c", "main.cpp", "main.f90", "CMakeLists.txt"] {
        fs::copy(
            common::root().join("tests/install").join(name),
            folder.join(name),
        )
        .expect(name);
    }
}

fn consumers_by_pkg_config(prefix: &Path, folder: &Path) {
    consumers(folder);
    let flags = pkg_config(prefix, &["--cflags", "--libs"]);
    let static_flags = pkg_config(prefix, &["--static", "--libs"]);
    let system_libraries = static_flags.iter().filter(|flag| {
        // What is left without the library itself.
        flag.starts_with("-l") && *flag != "-lh5sim"
    });
    let module = pkg_config(prefix, &["--variable=fortran"]).remove(0);
    let archive = prefix.join("lib/libh5sim.a").display().to_string();
    let include = pkg_config(prefix, &["--cflags"]);
    let compile = |compiler: &str, name: &str, arguments: &[&String]| {
        let mut command = Command::new(compiler);
        command
            .current_dir(folder)
            .args(["-Wall", "-Wextra", "-Werror", "-o", name]);
        succeed(command.args(arguments));
        works(&folder.join(name), prefix);
    };
    let flags: Vec<&String> = flags.iter().collect();
    let with = |source: &String| -> Vec<String> {
        let mut arguments = vec![source.clone()];
        arguments.extend(flags.iter().map(|flag| (*flag).clone()));
        arguments
    };
    compile(
        "cc",
        "in_c",
        &with(&"main.c".to_owned()).iter().collect::<Vec<_>>(),
    );
    compile(
        "c++",
        "in_cxx",
        &with(&"main.cpp".to_owned()).iter().collect::<Vec<_>>(),
    );
    // As its own compiler has compiled it, and from the source.
    let compiled = pkg_config_of(prefix, "h5sim-fortran", &["--cflags", "--libs"]);
    let fortran = [vec!["main.f90".to_owned()], compiled].concat();
    compile(
        "gfortran",
        "in_fortran_compiled",
        &fortran.iter().collect::<Vec<_>>(),
    );
    let fortran = [vec![module], with(&"main.f90".to_owned())].concat();
    compile(
        "gfortran",
        "in_fortran",
        &fortran.iter().collect::<Vec<_>>(),
    );
    let mut all_in_one = vec!["main.c".to_owned()];
    all_in_one.extend(include);
    all_in_one.push(archive);
    all_in_one.extend(system_libraries.cloned());
    compile("cc", "in_c_static", &all_in_one.iter().collect::<Vec<_>>());
    // Nothing shared at all. The linker warns of names that are looked up on the machine that runs it.
    let mut command = Command::new("cc");
    command
        .current_dir(folder)
        .args(["-static", "-o", "in_c_static_too"]);
    let linked = common::run(command.args(&all_in_one));
    assert!(linked.status.success(), "{linked:?}");
    works(&folder.join("in_c_static_too"), prefix);
}

fn consumers_by_cmake(prefix: &Path, folder: &Path) {
    consumers(folder);
    // The machine's own, where that is new enough.
    let own = common::root().join("target/venv/bin/cmake");
    let cmake = if own.exists() { own } else { "cmake".into() };
    let mut configure = Command::new(&cmake);
    configure
        .current_dir(folder)
        .args(["-S", ".", "-B", "build"]);
    succeed(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())));
    succeed(
        Command::new(&cmake)
            .current_dir(folder)
            .args(["--build", "build"]),
    );
    for name in ["in_c", "in_c_static", "in_cxx", "in_fortran"] {
        works(&folder.join("build").join(name), prefix);
    }
}

fn julia_finds_the_library_beside_its_package(prefix: &Path) {
    let mut julia = Command::new("julia");
    julia.env(
        "JULIA_LOAD_PATH",
        format!("{}:@stdlib", pkg_config(prefix, &["--variable=julia"])[0]),
    );
    julia.args([
        "--startup-file=no",
        "--compiled-modules=no",
        "-O0",
        "--compile=min",
    ]);
    julia.args([
        "-e",
        "using H5Sim; println(H5Sim.version(), ' ', H5Sim.C.candidates()[1])",
    ]);
    if julia.output().is_err() {
        return skip("julia");
    }
    let printed = succeed(&mut julia);
    let (version, path) = printed.trim_end().split_once(' ').expect("two words");
    assert_eq!(version, "0.1.0");
    let found = fs::canonicalize(path).expect(path);
    let installed = fs::canonicalize(prefix.join("lib/libh5sim.so")).expect("the library");
    assert_eq!(found, installed);
}

#[test]
fn c_cplusplus_fortran_and_julia_use_an_installed_copy_also_after_a_move() {
    let folder = Elsewhere::new("install");
    let prefix = folder.join("prefix");
    install(&prefix, Path::new(""), "lib");
    consumers_by_pkg_config(&prefix, &folder.join("pkg-config"));
    consumers_by_cmake(&prefix, &folder.join("cmake"));

    let moved = folder.join("another/place");
    fs::create_dir_all(folder.join("another")).expect("a folder");
    fs::rename(&prefix, &moved).expect("a move");
    consumers_by_pkg_config(&moved, &folder.join("pkg-config-moved"));
    consumers_by_cmake(&moved, &folder.join("cmake-moved"));
    julia_finds_the_library_beside_its_package(&moved);
}

#[test]
fn the_installed_files_are_where_they_belong_and_name_no_other_place() {
    let folder = Elsewhere::new("destdir");
    install(Path::new("/opt/h5sim"), &folder.join("stage"), "lib64");
    let root = folder.join("stage/opt/h5sim");
    let files = succeed(
        Command::new("find")
            .args([".", "!", "-type", "d"])
            .current_dir(&root),
    );
    let is_page_of_function = |file: &&str| file.starts_with("./share/man/man3/h5sim_");
    let pages = files.lines().filter(is_page_of_function).count();
    assert_eq!(pages, common::header_functions().len());
    let found: BTreeSet<&str> = files
        .lines()
        .filter(|file| !is_page_of_function(file))
        .collect();
    let wanted = [
        "./bin/h5sim",
        "./include/h5sim.h",
        "./include/h5sim.hpp",
        "./include/h5sim_mpi.h",
        "./lib64/h5sim/modules/h5sim.mod",
        "./lib64/h5sim/modules/h5sim_c.mod",
        "./lib64/libh5sim.a",
        "./lib64/libh5sim_fortran.a",
        "./lib64/libh5sim.so",
        "./lib64/libh5sim.so.0",
        "./lib64/libh5sim.so.0.1.0",
        "./lib64/cmake/h5sim/h5sim-config-version.cmake",
        "./lib64/cmake/h5sim/h5sim-config.cmake",
        "./lib64/pkgconfig/h5sim-fortran.pc",
        "./lib64/pkgconfig/h5sim.pc",
        "./share/doc/h5sim/LICENSE-APACHE",
        "./share/doc/h5sim/LICENSE-MIT",
        "./share/doc/h5sim/THIRD-PARTY-NOTICES",
        "./share/h5sim/fortran/fpm.toml",
        "./share/h5sim/fortran/h5sim.f90",
        "./share/h5sim/installed-files",
        "./share/h5sim/mpi/h5sim_mpi.f90",
        "./share/h5sim/julia/H5Sim/Project.toml",
        "./share/h5sim/julia/H5Sim/src/H5Sim.jl",
        "./share/bash-completion/completions/h5sim",
        "./share/fish/vendor_completions.d/h5sim.fish",
        "./share/man/man1/h5sim.1",
        "./share/man/man1/h5sim-cat.1",
        "./share/man/man1/h5sim-check.1",
        "./share/man/man1/h5sim-completions.1",
        "./share/man/man1/h5sim-diff.1",
        "./share/man/man1/h5sim-find.1",
        "./share/man/man1/h5sim-hash.1",
        "./share/man/man1/h5sim-join.1",
        "./share/man/man1/h5sim-ls.1",
        "./share/man/man1/h5sim-man.1",
        "./share/man/man1/h5sim-meta.1",
        "./share/man/man1/h5sim-plot.1",
        "./share/man/man1/h5sim-recover.1",
        "./share/man/man3/h5sim.3",
    ];
    assert_eq!(found, BTreeSet::from(wanted));
    for (link, target) in [
        ("lib64/libh5sim.so", "libh5sim.so.0"),
        ("lib64/libh5sim.so.0", "libh5sim.so.0.1.0"),
    ] {
        assert_eq!(
            fs::read_link(root.join(link)).expect(link),
            Path::new(target)
        );
    }
    let is_text = |file: &&&str| {
        !file.contains("/libh5sim") && !file.starts_with("./bin/") && !file.ends_with(".mod")
    };
    for file in wanted.iter().filter(is_text) {
        let text = fs::read_to_string(root.join(file)).expect(file);
        for word in ["/opt/h5sim", "stage", "@VERSION@", "@LIBDIR@", "@UP"] {
            assert!(!text.contains(word), "{file} has {word}");
        }
    }
    // All of it goes again, and nothing else.
    fs::write(root.join("share/man/man3/other.3"), "").expect("a file of someone else's");
    let mut uninstall = Command::new(common::root().join("tools/uninstall.sh"));
    uninstall.env("PREFIX", "/opt/h5sim");
    succeed(uninstall.env("DESTDIR", folder.join("stage")));
    let left = succeed(Command::new("find").arg(".").current_dir(&root));
    let left: BTreeSet<&str> = left.lines().collect();
    let folders = [".", "./share", "./share/man", "./share/man/man3"];
    assert_eq!(
        left,
        folders
            .into_iter()
            .chain(["./share/man/man3/other.3"])
            .collect()
    );
}

#[test]
fn the_static_library_shows_only_its_functions_and_lives_beside_another_hdf5() {
    let folder = Elsewhere::new("static");
    let archive = folder.join("libh5sim.a");
    let mut script = Command::new(common::root().join("tools/static_library.sh"));
    succeed(
        script
            .arg(common::root().join("target/release/libh5sim.a"))
            .arg(&archive),
    );

    let mut nm = Command::new("nm");
    nm.args(["--defined-only", "--extern-only", "--format=posix"]);
    let symbols = succeed(nm.arg(&archive));
    let shown: BTreeSet<&str> = symbols
        .lines()
        .filter(|line| !line.ends_with(':'))
        .filter_map(|line| line.split(' ').next())
        .collect();
    let declared = common::header_functions();
    assert_eq!(shown, declared.iter().map(String::as_str).collect());

    // The host's HDF5 and zlib come from Debian, of other versions than those inside.
    let host = succeed(Command::new("pkg-config").args(["--cflags", "--libs", "hdf5"]));
    let host: Vec<String> = host
        .split_whitespace()
        .map(|flag| flag.replace("-I", "-isystem"))
        .collect();
    let ours = [archive.display().to_string()];
    for (name, libraries) in [
        ("host_first", [&host[..], &ours[..]].concat()),
        ("h5sim_first", [&ours[..], &host[..]].concat()),
    ] {
        let program = folder.join(name);
        let mut compiler = Command::new("cc");
        compiler
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(common::include());
        compiler
            .arg("-o")
            .arg(&program)
            .arg(common::root().join("tests/c/two_hdf5.c"));
        succeed(
            compiler
                .args(libraries)
                .args(["-lz", "-lpthread", "-ldl", "-lm"]),
        );
        let dependencies = succeed(Command::new("ldd").arg(&program));
        assert!(
            !dependencies.contains("libh5sim") && dependencies.contains("libhdf5"),
            "{dependencies}"
        );
        let (theirs, own) = (folder.join("theirs.h5"), folder.join("own.h5"));
        succeed(Command::new(&program).arg(&theirs).arg(&own));
        succeed(Command::new("h5dump").arg("-H").arg(&own));
    }
}
