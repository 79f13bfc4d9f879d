//! Rust programs as users have them: a project of its own that depends on h5sim by path, also beside hdf5-metno; what is published.

#![forbid(unsafe_code)]

mod common;

use common::{client, run, succeed, Folder};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A program of tests/rust_program, which is a project of its own.
///
/// It is built into the target folder of this one, where HDF5 and what else is the same are built already.
fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--release", "--quiet", "--locked", "--bins"]);
        cargo.arg("--target-dir").arg(target());
        succeed(cargo.current_dir(common::root().join("tests/rust_program")));
        target().join("release")
    });
    folder.join(name)
}

/// Where cargo builds.
fn target() -> &'static Path {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().expect("cargo's target folder")
}

#[test]
fn nothing_of_the_c_interface_comes_with_a_rust_program() {
    let program = program("alone");
    let symbols = succeed(Command::new("nm").arg(&program));
    let ours: Vec<&str> = symbols
        .lines()
        .filter(|line| {
            line.split(' ')
                .next_back()
                .is_some_and(|name| name.starts_with("h5sim_"))
        })
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
    assert!(symbols.contains("H5Dcreate2"), "HDF5 is inside");
    // As a check of the check: the shared library has them.
    let library = common::library_folder().join("libh5sim.so");
    let symbols = succeed(Command::new("nm").arg(library));
    assert!(symbols.lines().any(|line| line.ends_with(" h5sim_open")));

    let folder = Folder::new("rust_alone");
    let output = run(Command::new(&program).arg(folder.join("alone.h5")));
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "committed\n");
    // The hook that prints panics is the usual one, and prints this one.
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("this panic is the program's own"), "{said}");
    // No handler at exit has kept what was not committed.
    let file = h5sim::File::open(folder.join("alone.h5"), h5sim::Mode::Read).expect("the file");
    assert_eq!(file.info("energy").expect("the series").1, [1]);
}

#[test]
fn a_program_that_uses_hdf5_metno_too_keeps_what_is_its_own() {
    let folder = Folder::new("rust_beside");
    let output = run(Command::new(program("beside")).arg(folder.path()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "both\n");
    let parts: Vec<&str> = said.split("-- ").collect();
    let [before, h5sim_fails, host_fails, after] = parts[..] else {
        panic!("{said}");
    };
    assert_eq!(before, "");
    assert_eq!(h5sim_fails, "h5sim fails\n");
    assert!(host_fails.contains("HDF5-DIAG"), "{said}");
    assert_eq!(after, "no more\n");
    let script = "import h5py, sys\n\
                  with h5py.File(sys.argv[1] + '/h5sim.h5') as file: assert file['series'].shape == (200,)\n\
                  with h5py.File(sys.argv[1] + '/metno.h5') as file: assert len(file) == 201\n";
    let mut python = client(common::root().join("target/venv/bin/python"));
    succeed(python.args(["-c", script]).arg(folder.path()));
}

/// What cargo would publish.
fn packaged() -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "package",
        "--list",
        "--allow-dirty",
        "--offline",
        "--package",
        "h5sim",
    ]);
    let list = run(cargo.current_dir(common::root()));
    assert!(list.status.success(), "{list:?}");
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_crate_can_be_published_and_holds_what_it_needs() {
    // All of `cargo publish --dry-run` that needs no registry. Not verified: that would build HDF5 again, and what is in the
    // package is what the tests build, see below.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--no-verify", "--allow-dirty", "--offline"]);
    cargo
        .args(["--package", "h5sim", "--target-dir"])
        .arg(target());
    let output = run(cargo.current_dir(common::root()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let warnings: Vec<&str> = said
        .lines()
        // Tests and benchmarks are not published.
        .filter(|line| line.starts_with("warning") && !line.starts_with("warning: ignoring "))
        .collect();
    assert!(warnings.is_empty(), "{said}");
    let files = packaged();
    for needed in [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "docs/journal.md",
    ] {
        assert!(files.contains(needed), "{needed} is not in {files:?}");
    }
    // Every source file is in it, and nothing that is tested only.
    let mut folders = vec![common::root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(common::root()).expect("a path inside");
            assert!(
                files.contains(name.to_str().expect("UTF-8")),
                "{}",
                name.display()
            );
        }
    }
    assert!(!files
        .iter()
        .any(|name| name.starts_with("tests/") || name.starts_with("benches/")));
}

#[test]
fn the_oldest_rust_that_is_named_is_old_enough_for_every_dependency() {
    let manifest = fs::read_to_string(common::root().join("Cargo.toml")).expect("Cargo.toml");
    let version = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.trim_matches('"').split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let ours = line.and_then(version).expect("rust-version in Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--offline", "--locked"]);
    let output = run(cargo.current_dir(common::root()));
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut tree = Command::new(env!("CARGO"));
    tree.args([
        "tree",
        "--offline",
        "--locked",
        "--package",
        "h5sim",
        "--edges",
        "normal,build",
    ]);
    tree.args(["--prefix", "none", "--format", "{p}"]);
    let tree = run(tree.current_dir(common::root()));
    let text = String::from_utf8_lossy(&tree.stdout).into_owned();
    let used: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(format!(
                "{} {}",
                words.next()?,
                words.next()?.trim_start_matches('v')
            ))
        })
        .collect();
    let mut checked = 0;
    for package in metadata["packages"].as_array().expect("packages") {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        if !used.contains(&name) {
            continue;
        }
        checked += 1;
        if let Some(needs) = version(text("rust_version")) {
            assert!(
                needs <= ours,
                "{name} needs Rust {needs:?}, {ours:?} is promised"
            );
        }
    }
    assert!(checked > 20, "{checked} packages");
}

/// The items that Rust programs have, and have to have an example each.
#[test]
fn every_public_item_has_an_example() {
    let root = common::root().join("src");
    let library = fs::read_to_string(root.join("lib.rs")).expect("src/lib.rs");
    let mut checked = 0;
    let mut without = Vec::new();
    for source in ["api", "catalog", "error", "journal", "ranks", "store"] {
        let exports = match source {
            "api" => fs::read_to_string(root.join("api/mod.rs")).expect("src/api/mod.rs"),
            _ => library.clone(),
        };
        let names = exported(&exports, source);
        for path in sources(&root, source) {
            let text = fs::read_to_string(&path).expect("a source");
            for (item, has_example) in items(&text, &names) {
                checked += 1;
                if !has_example {
                    without.push(format!("{item} in {}", path.display()));
                }
            }
        }
    }
    assert!(checked > 110, "{checked} items were found");
    assert!(without.is_empty(), "no example: {without:#?}");
}

/// What `pub use` gives of a module, or of all modules of the interface.
fn exported(text: &str, module: &str) -> BTreeSet<String> {
    let one_line = text.replace('\n', " ");
    let uses = one_line.split("pub use ").skip(1);
    let uses = uses.filter_map(|rest| rest.split(';').next());
    uses.filter(|path| module == "api" || path.starts_with(&format!("{module}::")))
        .flat_map(|path| path.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn sources(root: &Path, module: &str) -> Vec<PathBuf> {
    let single = root.join(format!("{module}.rs"));
    let mut found = Vec::new();
    if single.is_file() {
        found.push(single);
    }
    let mut folders = vec![root.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

/// The public items of a source that are exported by these names, or methods of them, and whether each has an example.
fn items(text: &str, names: &BTreeSet<String>) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let (mut owner, mut has_example, mut is_hidden) = (None, false, false);
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed == "#[cfg(test)]" {
            break;
        }
        if trimmed.starts_with("///") || trimmed.starts_with("#[") {
            has_example |= trimmed.starts_with("/// ```");
            is_hidden |= trimmed == "#[doc(hidden)]";
            continue;
        }
        if let Some(header) = line.strip_prefix("impl ") {
            let name = header.trim_end_matches(" {").rsplit("::").next();
            owner = name.filter(|name| names.contains(*name)).map(str::to_owned);
        } else if !line.starts_with(' ') && line.starts_with("impl<") {
            owner = None;
        }
        let words: Vec<&str> = trimmed
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| {
                !matches!(*word, "const" | "unsafe") || trimmed.contains("pub const ALL")
            })
            .collect();
        if let ["pub", "fn" | "struct" | "enum" | "trait" | "type" | "const", name, ..] = words[..]
        {
            let is_exported = match line.starts_with("pub") {
                true => names.contains(name),
                false => owner.is_some(),
            };
            if is_exported && !is_hidden {
                let owner = owner.as_deref().filter(|_| !line.starts_with("pub"));
                found.push((
                    format!("{}::{name}", owner.unwrap_or_default()),
                    has_example,
                ));
            }
        }
        (has_example, is_hidden) = (false, false);
    }
    found
}
