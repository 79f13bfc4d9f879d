//! The site of documentation: that it is built without a warning, leads nowhere astray and can be read on a phone; and what its how-tos
//! show, where no other test runs it.

#![forbid(unsafe_code)]

mod common;

use common::{client, compile_c, run, skip, succeed, Folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

fn venv_python() -> PathBuf {
    common::root().join("target/venv/bin/python")
}

/// The site, built in a folder of the test's own; None, and a line that says so, where Sphinx is not there.
fn site(folder: &Folder) -> Option<PathBuf> {
    let needed = "import sphinx, furo, sphinx_design, myst_parser, sphinx_fortran_domain";
    let there = Command::new(venv_python()).args(["-c", needed]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        skip("the site of documentation: Sphinx is missing (tools/setup.sh docs)");
        return None;
    }
    let built = folder.join("site");
    let mut build = Command::new(common::root().join("tools/docs.sh"));
    succeed(build.arg(&built));
    Some(built)
}

/// Looks at the site, in a browser if that is said.
fn check(site: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(venv_python());
    command.arg(common::root().join("tools/docs_check.py"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    run(command.arg(site).args(arguments))
}

/// Replaces a text in a page, asks for the faults, which have to be of that, and puts the page back.
fn with_a_defect(site: &Path, arguments: &[&str], page: &str, from: &str, to: &str, said: &str) {
    let path = site.join(page);
    let before = fs::read_to_string(&path).expect(page);
    assert!(before.contains(from), "{page} has no {from}");
    fs::write(&path, before.replacen(from, to, 1)).expect(page);
    let output = check(site, arguments);
    fs::write(&path, before).expect(page);
    let faults = String::from_utf8_lossy(&output.stdout);
    assert!(faults.contains(said), "{said} is not in {faults}");
    assert_eq!(output.status.code(), Some(1), "{faults}");
}

#[test]
fn the_site_is_built_without_a_warning_and_every_link_leads_somewhere() {
    let folder = Folder::new("site");
    let Some(site) = site(&folder) else { return };
    let mut entries = String::new();
    for page in fs::read_dir(site.join("reference/c")).expect("the reference") {
        let path = page.expect("a page").path();
        entries += &fs::read_to_string(&path).expect("a page");
    }
    for function in common::header_functions() {
        let entry = format!("id=\"c.{function}\"");
        assert_eq!(entries.matches(&entry).count(), 1, "{function}");
    }
    for (page, entry) in [
        ("fortran", "id=\"f-subroutine-call-f-rewind-axis-value\""),
        ("julia", ">rewind(f,<"),
        ("cpp", "id=\"_CPPv4N5h5sim4File6rewindE"),
    ] {
        let text = fs::read_to_string(site.join(format!("reference/{page}.html"))).expect(page);
        assert!(text.contains(entry), "{page} has no {entry}");
    }
    // A code block of the tutorial is the example that the other tests run.
    let tutorial = fs::read_to_string(site.join("tutorial/arrays.html")).expect("a page");
    for language in ["C", "Fortran", "Julia", "C++", "Rust", "h5py"] {
        assert!(
            tutorial.contains(&format!("{language}</label>")),
            "{language}"
        );
    }
    // A program that loses the marks around a part loses it in the tutorial.
    let simulation = fs::read_to_string(site.join("tutorial/simulation.html")).expect("a page");
    for language in ["C", "Fortran", "Julia", "C++", "Rust"] {
        let tabs = simulation
            .matches(&format!(">\n{language}</label>"))
            .count();
        assert_eq!(tabs, 5, "{language}");
    }
    let defects = [
        (
            "href=\"tutorial/index.html\"",
            "href=\"tutorial/none.html\"",
            "none.html is not there",
        ),
        ("href=\"#\"", "href=\"#none\"", "#none has no such anchor"),
        (
            "src=\"_images/heat_steps.png\"",
            "src=\"_images/none.png\"",
            "none.png is not there",
        ),
    ];
    for (from, to, said) in defects {
        with_a_defect(&site, &[], "index.html", from, to, said);
    }
    let (entry, said) = ("id=\"c.h5sim_close\"", "h5sim_close has no entry");
    with_a_defect(
        &site,
        &[],
        "reference/c/files.html",
        entry,
        "id=\"c.none\"",
        said,
    );
}

#[test]
fn every_page_can_be_read_on_a_desktop_and_on_a_phone() {
    let folder = Folder::new("site-in-a-browser");
    let Some(site) = site(&folder) else { return };
    let output = check(&site, &["--look"]);
    if output.status.code() == Some(3) {
        skip(
            "the site of documentation in a browser: chromium is missing (tools/setup.sh browser)",
        );
        return;
    }
    assert!(output.status.success(), "{output:?}");
    // Of a site of one page, so that it is soon seen.
    let one = folder.join("one");
    fs::create_dir(&one).expect("a folder");
    let page = "<!doctype html><meta name=viewport content='width=device-width'><article><p>all right</p></article>";
    fs::write(one.join("index.html"), page).expect("a page");
    let wide = "<p style='width: 500px'>all right";
    let said = "on a phone: <p> sticks out: all right";
    with_a_defect(&one, &["--look"], "index.html", "<p>all right", wide, said);
    fs::write(one.join("none.png"), "").expect("a picture that is none");
    let picture = "<img alt='' src=none.png>";
    let said = "on a desktop: no picture: none.png";
    with_a_defect(
        &one,
        &["--look"],
        "index.html",
        "<p>all right</p>",
        picture,
        said,
    );
}

/// Runs the heat equation, in C, in a folder.
fn run_of_heat(folder: &Folder) -> (PathBuf, PathBuf) {
    let program = folder.join("07_heat");
    compile_c("examples_c/07_heat.c", &program);
    let input = common::root().join("examples_c/heat.yaml");
    succeed(client(&program).arg(&input).current_dir(folder.path()));
    (program, folder.join("heat_bbf600281f.h5"))
}

/// What a page of the how-tos says that its script prints, in blocks that are indented.
fn said_by(page: &str) -> String {
    let text = fs::read_to_string(common::root().join("docs/how-to").join(page)).expect(page);
    text.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn the_scripts_of_the_how_tos_say_what_is_in_a_run() {
    let folder = Folder::new("how-tos");
    let (_, file) = run_of_heat(&folder);
    let script = |python: &Path, name: &str| {
        let mut command = client(python);
        command.arg(common::root().join("examples_python").join(name));
        succeed(command.arg(&file))
    };
    assert_eq!(
        script(&venv_python(), "select_heat.py"),
        said_by("xarray.md")
    );
    // The newest VTK, and that of ParaView 5.12.
    for venv in ["target/venv", "target/venv-vtk93"] {
        let python = common::root().join(venv).join("bin/python");
        assert_eq!(script(&python, "vtk_heat.py"), said_by("paraview.md"));
    }
}

#[test]
fn a_job_that_is_requeued_goes_on_after_its_last_commit() {
    let folder = Folder::new("requeued");
    let (program, whole) = run_of_heat(&folder);
    // Slurm's command, which writes down what it is told.
    let tools = folder.join("tools");
    fs::create_dir(&tools).expect("a folder");
    let stand_in = "#!/bin/sh\necho \"$@\" >>requeued\n";
    fs::write(tools.join("scontrol"), stand_in).expect("a script");
    succeed(Command::new("chmod").arg("+x").arg(tools.join("scontrol")));
    let mut path = tools.into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());

    let place = folder.join("job");
    fs::create_dir(&place).expect("a folder");
    let script = common::root().join("examples_slurm/heat.sh");
    let input = common::root().join("examples_c/heat.yaml");
    let job = || {
        let mut job = client("bash");
        job.arg(&script).current_dir(&place).stdin(Stdio::null());
        job.env("PATH", &path).env("SLURM_JOB_ID", "4711");
        job
    };
    // A run that has come to step 1500, and would go on for long.
    let long = "\"$0\" \"$1\" 1700 && touch begun && exec sleep 600";
    let mut first = job();
    first.args(["sh", "-c", long]).arg(&program).arg(&input);
    let mut first = first.stdout(Stdio::null()).spawn().expect("a start");
    while !place.join("begun").exists() {
        assert!(first.try_wait().expect("a status").is_none(), "it ended");
        sleep(Duration::from_millis(5));
    }
    succeed(Command::new("kill").args(["-USR1", &first.id().to_string()]));
    assert!(first.wait().expect("an end").success());
    let requeued = fs::read_to_string(place.join("requeued")).expect("a requeue");
    assert_eq!(requeued, "requeue 4711\n");

    let printed = succeed(job().arg(&program).arg(&input));
    assert!(
        printed.starts_with("heat_bbf600281f.h5 goes on after step 1500\n"),
        "{printed}"
    );
    let mut compare = Command::new("h5diff");
    compare.arg(&whole).arg(place.join("heat_bbf600281f.h5"));
    assert_eq!(succeed(&mut compare), "");
    // A job whose program fails is a job that fails.
    assert_eq!(run(job().arg("false")).status.code(), Some(1));
}
