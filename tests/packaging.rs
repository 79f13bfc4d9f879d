//! What goes with the library: the notices of all that is inside, the manual, the messages of set-up.

#![forbid(unsafe_code)]

mod common;

use common::{run, succeed, Folder};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    fs::read_to_string(common::root().join(path)).expect(path)
}

/// Names and versions of the crates that a package is made of.
fn linked_crates(package: &str) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(common::root());
    cargo.args(["tree", "--locked", "--offline", "--package", package]);
    cargo.args(["--edges", "normal"]);
    let tree = run(cargo.args(["--prefix", "none", "--format", "{p}"]));
    assert!(tree.status.success(), "{tree:?}");
    let text = String::from_utf8_lossy(&tree.stdout).into_owned();
    let names = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?, words.next()?);
        Some(format!("{name} {}", version.trim_start_matches('v')))
    });
    names
        .filter(|name| !name.starts_with("h5sim ") && !name.starts_with("h5sim-cli "))
        .collect()
}

#[test]
fn the_notices_name_every_crate_and_every_c_library_that_is_inside() {
    let notices = read("packaging/THIRD-PARTY-NOTICES");
    let library = linked_crates("h5sim");
    let command = linked_crates("h5sim-cli");
    assert!(library.len() > 15 && command.is_superset(&library));
    // What draws pictures is not in the library.
    assert!(!library.iter().any(|name| name.starts_with("plotters")));
    assert!(command.iter().any(|name| name.starts_with("plotters ")));
    for name in command {
        assert!(
            notices.contains(&format!("\n{name}  (")),
            "{name} has no notice: run `make notices`"
        );
    }
    for text in [
        "HDF5 (Hierarchical Data Format 5) Software Library and Utilities",
        "Jean-loup Gailly",
        "Copyright 2016 Eric Biggers",
        "Copyright (c) Meta Platforms, Inc. and affiliates",
        "Bitstream Vera Fonts Copyright",
    ] {
        assert!(notices.contains(text), "{text}");
    }
}

#[test]
fn the_shared_library_has_none_of_the_deliberate_defects() {
    // Backwards, or this program would have it.
    let backwards = "stset hsarc sti fo stcefed etarebiled eht htiw mis5h";
    let notice: String = backwards.chars().rev().collect();
    let has_it = |path: &Path| {
        let bytes = fs::read(path).expect("a program");
        bytes
            .windows(notice.len())
            .any(|part| part == notice.as_bytes())
    };
    assert!(!has_it(&common::library_folder().join("libh5sim.so")));
    // This program has them if it was built with them: `cargo test --features mutants --test packaging`.
    #[cfg(feature = "mutants")]
    h5sim::journal::hooks::set_mutant(None);
    let this = std::env::current_exe().expect("the test's own path");
    assert_eq!(has_it(&this), cfg!(feature = "mutants"));
}

#[test]
fn the_manual_has_a_page_for_each_function_and_for_the_command() {
    let folder = Folder::new("manual");
    let mut manual = Command::new(common::root().join("target/venv/bin/python"));
    manual.arg(common::root().join("tools/manual.py"));
    manual.env("PYTHONDONTWRITEBYTECODE", "1");
    succeed(manual.arg("1.2.3").arg(folder.path()));
    let commands = folder.join("man1");
    fs::create_dir(&commands).expect("a folder");
    succeed(common::command_line().arg("man").arg(&commands));
    for function in common::header_functions() {
        let page = fs::read_to_string(folder.join(format!("man3/{function}.3"))).expect(&function);
        assert!(
            page.contains(&format!(".SH NAME\n{function} \\- ")),
            "{page}"
        );
        assert!(page.contains(&format!("{function}(")), "{page}");
        assert!(page.is_ascii(), "{function}");
    }
    let append = fs::read_to_string(folder.join("man3/h5sim_append.3")).expect("a page");
    assert!(append.contains(".TP\n.B shape\n"), "{append}");
    // An example keeps its lines.
    let produce = fs::read_to_string(folder.join("man3/h5sim_produce.3")).expect("a page");
    let line = "\n    h5sim_is_claimed(path, &mine);\n";
    assert!(produce.contains(line), "{produce}");
    let command = fs::read_to_string(folder.join("man1/h5sim.1")).expect("a page");
    let check = fs::read_to_string(folder.join("man1/h5sim-check.1")).expect("a page");
    assert!(command.contains("h5sim\\-check(1)"), "{command}");
    assert!(check.contains(".SH NAME\nh5sim\\-check \\- "), "{check}");
    let all = fs::read_to_string(folder.join("man3/h5sim.3")).expect("a page");
    assert!(all.contains(".B H5SIM_ERR_SHAPE \\-5\n") && all.contains("h5sim 1.2.3"));
}

#[test]
fn set_up_says_what_is_the_matter() {
    // A compiler that is too old, as Debian 12's is, and one that does not run.
    let folder = Folder::new("old-rust");
    for (rustc, sentence) in [
        (
            "echo 'rustc 1.63.0 (4b91a6ea7 2022-08-08)'",
            "setup: Rust 1.63.0 is too old",
        ),
        (
            "exit 1",
            "setup: Rust's compiler is missing and could not be installed: cargo is there, but rustc does not run",
        ),
    ] {
        for (name, body) in [("rustc", rustc), ("cargo", "exit 0")] {
            let path = folder.join(name);
            fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a script");
            succeed(Command::new("chmod").arg("+x").arg(&path));
        }
        let mut setup = Command::new(common::root().join("tools/setup.sh"));
        let path = std::env::var("PATH").expect("PATH");
        setup.env("PATH", format!("{}:{path}", folder.path().display()));
        let output = run(setup.arg("build"));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(sentence), "{stderr}");
    }
}

#[test]
fn make_help_names_every_target() {
    let mut make = Command::new("make");
    make.arg("-s").arg("help").current_dir(common::root());
    let help = succeed(make.env_remove("MAKEFLAGS"));
    let makefile = read("Makefile");
    let phony = makefile.lines().find(|line| line.starts_with(".PHONY:"));
    let targets = phony.expect(".PHONY").split_whitespace().skip(1);
    for target in
        targets.filter(|name| !name.starts_with("setup-") && !["library", "help"].contains(name))
    {
        assert!(
            help.contains(&format!("make {target} ")),
            "{target}: {help}"
        );
    }
}

#[test]
fn the_versions_in_the_recipes_are_the_crates() {
    let version = env!("CARGO_PKG_VERSION");
    for (path, text) in [
        ("packaging/debian/changelog", format!("h5sim ({version}-")),
        (
            "packaging/conda/recipe.yaml",
            format!("version: \"{version}\""),
        ),
        ("packaging/fpm/fpm.toml", format!("version = \"{version}\"")),
        (
            "packaging/spack/package.py",
            format!("version(\"{version}\""),
        ),
        (
            "packaging/yggdrasil/build_tarballs.jl",
            format!("v\"{version}\""),
        ),
        (
            "julia/H5Sim/Project.toml",
            format!("version = \"{version}\""),
        ),
    ] {
        assert!(read(path).contains(&text), "{path}: {text}");
    }
}
