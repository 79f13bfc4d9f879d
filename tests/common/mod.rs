//! What the tests share that build and run programs in other languages.

#![forbid(unsafe_code)]
// Each test program uses its own part of this.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the header is.
pub fn include() -> PathBuf {
    root().join("include")
}

/// The public functions, in the order of the header.
pub fn header_functions() -> Vec<String> {
    let header = fs::read_to_string(include().join("h5sim.h")).expect("include/h5sim.h");
    let code = without_c_comments(&header);
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("h5sim_") {
        let starts_a_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let name: String = code[at..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        if starts_a_word && code[at + name.len()..].starts_with('(') {
            functions.push(name);
        }
    }
    assert!(functions.len() > 40, "the header declares {functions:?}");
    functions
}

/// A C source without its comments and with empty string literals.
pub fn without_c_comments(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let taken = if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' {
            code.push_str("\"\"");
            1 + string_length(&rest[1..])
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    code
}

/// The length of a string literal's rest, its closing quote included.
fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// A folder that holds the shared library under the names a linker and a loader ask for.
pub fn library_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Not the copy in deps/: that may be one of a Rust program's, which has no C interface.
        let newest = root().join("target/release/libh5sim.so");
        assert!(
            newest.exists(),
            "the shared library: run cargo build --release first"
        );
        let folder = unique_folder("library");
        for name in ["libh5sim.so", "libh5sim.so.0"] {
            std::os::unix::fs::symlink(&newest, folder.join(name)).expect("a link to the library");
        }
        folder
    })
}

fn unique_folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{name}-{}-{count}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// A folder of the test's own, removed when the test has passed.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a new one whose name begins with `name`.
    pub fn new(name: &str) -> Self {
        Folder(unique_folder(name))
    }

    /// The path of a file in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What a failed test leaves is worth a look.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Every warning is an error in what we write in C.
pub const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/// Compiles a C source against the header and the shared library.
pub fn compile_c(source: impl AsRef<Path>, program: &Path) {
    compile_c_with(source, program, &["-lh5sim"]);
}

/// The same with a list of libraries of the caller's own, in their order.
pub fn compile_c_with(source: impl AsRef<Path>, program: &Path, libraries: &[&str]) {
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=c11", "-O1", "-g"])
        .args(STRICT)
        .arg("-I")
        .arg(include())
        .arg("-o")
        .arg(program)
        .arg(root().join(source))
        .arg("-L")
        .arg(library_folder())
        .args(libraries)
        .args(["-lm", "-pthread"]);
    succeed(&mut compiler);
}

/// Compiles a program of tests/c into a folder.
pub fn compile_test(name: &str, folder: &Folder) -> PathBuf {
    let program = folder.join(name);
    compile_c(format!("tests/c/{name}.c"), &program);
    program
}

/// The folder with the Fortran module, compiled with every warning an error: once for all test programs and all their runs, until its
/// source or the compiler is another.
pub fn fortran_module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| {
        let source = include().join("h5sim.f90");
        // Some warnings need the optimiser to look.
        let flags = [
            "-std=f2018",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O1",
            "-g",
            "-c",
        ];
        let mut of = DefaultHasher::new();
        fs::read(&source).expect("include/h5sim.f90").hash(&mut of);
        succeed(Command::new("gfortran").arg("--version")).hash(&mut of);
        flags.hash(&mut of);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("fortran-module-{:016x}", of.finish()));
        if !folder.exists() {
            let begun = unique_folder("fortran-module-begun");
            let mut compiler = Command::new("gfortran");
            succeed(compiler.args(flags).arg(source).current_dir(&begun));
            // Another test program may have been faster.
            if fs::rename(&begun, &folder).is_err() {
                fs::remove_dir_all(&begun).expect("the folder begun");
            }
        }
        folder
    })
}

/// A command that finds the shared library.
pub fn client(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env("LD_LIBRARY_PATH", library_folder())
        // The sources stay as they are.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("H5SIM_LIB", library_folder().join("libh5sim.so"));
    command
}

/// Runs a shell script in a mount namespace of its own, as only root can.
pub fn with_mounts(script: &str, arguments: &[&Path]) -> Command {
    let mut command = client("unshare");
    command
        .args(["--mount", "sh", "-ec", script, "sh"])
        .args(arguments);
    command
}

/// Whether a disk of a test's own can be mounted on a folder.
pub fn can_mount(folder: &Folder) -> bool {
    run(&mut with_mounts(
        "mount -t tmpfs -o size=1m none \"$1\"",
        &[folder.path()],
    ))
    .status
    .success()
}

/// The command line `h5sim`, built if it is not current.
pub fn command_line() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = run(Command::new(cargo)
            .current_dir(root())
            .args(["build", "--release", "--quiet", "--package", "h5sim-cli"])
            .args(["--target-dir", "target"]));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the command line: {stderr}");
        root().join("target/release/h5sim")
    });
    let mut command = Command::new(program);
    // As in a pipe: without colours.
    command.env("NO_COLOR", "1");
    command
}

/// The venv's Python on a script of tests/python.
pub fn python(script: &str) -> Command {
    let mut command = client(root().join("target/venv/bin/python"));
    command.arg(root().join("tests/python").join(script));
    command
}

/// Runs a command that must succeed and have nothing to say on stderr; gives its stdout.
pub fn succeed(command: &mut Command) -> String {
    let output = run(command);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stderr.is_empty(),
        "{command:?}: {}\n-- stdout:\n{stdout}\n-- stderr:\n{stderr}",
        output.status
    );
    stdout
}

/// Runs a command to its end, whatever that is.
pub fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// One of the examples in Rust, built.
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--release", "--quiet", "--examples"]);
        succeed(cargo.current_dir(root()));
        // The test itself is in deps/, beside examples/.
        let own = std::env::current_exe().expect("the test's own path");
        let profile = own.parent().and_then(Path::parent);
        profile.expect("a folder of cargo's").join("examples")
    });
    folder.join(name)
}

/// Says that a test could not run here, on a line that `make test` counts.
pub fn skip(why: &str) {
    // Straight to stderr: what a passing test prints is not shown otherwise.
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {why}");
}

/// The seed of this run's random cases, from H5SIM_SEED or the clock, and printed.
pub fn seed() -> u64 {
    let seed = std::env::var("H5SIM_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(1, |time| time.as_nanos() as u64 % 1_000_000_007)
        });
    println!("H5SIM_SEED={seed}");
    seed
}

/// A stream of random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }
}

/// What lets ranks of MPICH that wait sleep.
pub fn patient() -> &'static Path {
    static BUILT: OnceLock<Folder> = OnceLock::new();
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = BUILT.get_or_init(|| Folder::new("patient"));
        let library = folder.join("patient.so");
        let mut compiler = Command::new("cc");
        compiler
            .args(["-std=c11", "-O1", "-shared", "-fPIC", "-o"])
            .arg(&library);
        let source = root().join("tests/mpi/patient.c");
        succeed(compiler.arg(source).arg("-ldl"));
        library
    })
}
