//! Pictures: `h5sim plot`, whose pixels are compared with NumPy's numbers.

#![forbid(unsafe_code)]

mod common;

use common::{command_line, python, run, succeed, Folder};
use std::fs;
use std::process::Command;

/// Files to draw, made by h5py.
fn drawable(name: &str) -> Folder {
    let folder = Folder::new(name);
    succeed(python("plots.py").arg("make").arg(folder.path()));
    folder
}

fn plot(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = command_line();
    command.arg("plot").args(arguments);
    command.current_dir(folder.path());
    // Where there is no font, and nothing that finds one.
    command
        .env("FONTCONFIG_FILE", "/dev/null")
        .env_remove("HOME");
    command
}

#[test]
fn pictures_show_what_the_arrays_hold() {
    let folder = drawable("plots");
    let draw = |arguments: &[&str]| {
        let mut all = vec!["plots.h5"];
        all.extend_from_slice(arguments);
        assert_eq!(succeed(&mut plot(&folder, &all)), "");
    };
    for name in [
        "holes", "numbers", "flags", "flat", "fine", "signal", "gaps", "noise", "many",
    ] {
        draw(&[name, "-o", &format!("{name}.png")]);
    }
    draw(&["group/series", "[-1]", "-o", "last.png"]);
    let range = ["--range", "-10,90"];
    draw(&[
        "group/series",
        "[1, ::-2, 1:4]",
        range[0],
        range[1],
        "-o",
        "part.png",
    ]);
    draw(&["group/series", ":, 2, -1", "-o", "along.png"]);
    draw(&["group/series", "-o", "steps.png"]);
    draw(&["group/series", "-o", "film.gif"]);
    let range = fs::read_to_string(folder.join("range.txt")).expect("a range");
    draw(&[
        "group/series",
        "[0]",
        "--range",
        &range,
        "--output=size.png",
    ]);
    succeed(python("plots.py").arg("check").arg(folder.path()));
    // As large as it is asked for, and no larger.
    draw(&["signal", "-o", "small.png", "--size", "400x300"]);
    let header = fs::read(folder.join("small.png")).expect("a picture");
    assert_eq!(header[16..24], [0, 0, 1, 144, 0, 0, 1, 44]);
}

#[test]
fn a_film_at_a_terminal_shows_how_far_it_is() {
    let folder = drawable("film");
    let mut watch = python("plots.py");
    watch.env("H5SIM_COMMAND", command_line().get_program());
    succeed(watch.arg("watch").arg(folder.path()));
}

#[test]
fn what_cannot_be_drawn_is_told_of_in_one_sentence() {
    let folder = drawable("no-plots");
    for (arguments, status, words) in [
        (
            &["text", "-o", "x.png"][..],
            4,
            "'text' has texts: `h5sim cat` shows them",
        ),
        (&["texts", "-o", "x.png"], 4, "'texts' has texts"),
        (
            &["complex", "-o", "x.png"],
            4,
            "'complex' has complex numbers: write the real part",
        ),
        (
            &["pair", "-o", "x.png"],
            4,
            "'pair' has elements of a type that cannot be drawn",
        ),
        (
            &["one", "-o", "x.png"],
            64,
            "'one' is one number here, which `h5sim cat` prints",
        ),
        (
            &["flat", "0, 0", "-o", "x.png"],
            64,
            "'flat' is one number here",
        ),
        (
            &["four", "-o", "x.png"],
            64,
            "'four' has 4 axes left, and up to three are drawn: choose some by a slice",
        ),
        (
            &["empty", "-o", "x.png"],
            64,
            "'empty' has no elements to draw: its shape is (0, 3)",
        ),
        (
            &["flat", "3:", "-o", "x.png"],
            64,
            "'flat' has no elements to draw",
        ),
        (
            &["nan", "-o", "x.png"],
            64,
            "'nan' has no finite value there, only NaN or infinities",
        ),
        (
            &["gaps", "2:3", "-o", "x.png"],
            64,
            "'gaps' has no finite value there",
        ),
        (
            &["gaps", "-o", "x.pdf"],
            64,
            "'x.pdf' ends neither in .png nor in .gif",
        ),
        (
            &["gaps", "-o", "x.gif"],
            64,
            "'gaps' has one axis left, and a .gif shows the steps of three",
        ),
        (
            &["flat", "-o", "x.gif"],
            64,
            "'flat' has two axes left, and a .gif",
        ),
        (
            &["flat", "-o", "x.png", "--range", "3,1"],
            64,
            "the lesser one first",
        ),
        (
            &["flat", "-o", "x.png", "--size", "60x40"],
            64,
            "60x40 pixels leave no room",
        ),
        (
            &["flat", "-o", "x.png", "--size", "60"],
            64,
            "such as 1200x900",
        ),
        (
            &["flat", "-o", "x.png", "--range", "1"],
            64,
            "the lesser one first",
        ),
        (&["flat"], 64, "--output"),
        (&["gaps", "9", "-o", "x.png"], 64, "gaps"),
        (&["nothing", "-o", "x.png"], 4, "there is no 'nothing'"),
        (&["group", "-o", "x.png"], 4, "'group'"),
        (&["flat", "-o", "missing/x.png"], 4, "'missing/x.png'"),
    ] {
        let mut all = vec!["plots.h5"];
        all.extend_from_slice(arguments);
        let output = run(&mut plot(&folder, &all));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        // Of the command line itself clap says more.
        let is_usage = said.starts_with("error: ");
        assert!(is_usage || said.lines().count() == 1, "{said}");
        assert!(!folder.join("x.png").exists() && !folder.join("x.gif").exists());
    }
}

/// A block of the README's section on axes.
fn readme_block(language: &str) -> String {
    let readme = fs::read_to_string(common::root().join("README.md")).expect("README.md");
    let (_, section) = readme
        .split_once("## Named axes, xarray, ParaView and pictures\n")
        .expect("the section");
    let (_, block) = section
        .split_once(&format!("```{language}\n"))
        .expect(language);
    block.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn what_the_readme_says_of_axes_and_pictures_works() {
    let folder = Folder::new("readme-axes");
    let program = format!(
        "#include <h5sim.h>
         #include <stddef.h>
         int main(void) {{
             h5sim_file file;
             const int64_t nx = 4, ny = 3, shape[2] = {{3, 4}};
             const double x[4] = {{0, 0.1, 0.2, 0.3}}, y[3] = {{0, 0.1, 0.2}};
             double u[3][4] = {{{{1, 2, 3, 4}}, {{5, 6, 7, 8}}, {{9, 10, 11, 12}}}};
             if (h5sim_open(\"run.h5\", \"w\", NULL, &file) != 0) return 1;
             {}
             return h5sim_close(file);
         }}",
        readme_block("c")
    );
    fs::write(folder.join("program.c"), program).expect("a source");
    common::compile_c(folder.join("program.c"), &folder.join("program"));
    succeed(common::client(folder.join("program")).current_dir(folder.path()));
    let script = format!(
        "{}
assert dict(run.sizes) == {{'time': 7, 'y': 3, 'x': 4}} and run.u.attrs['units'] == 'm/s' and run.time[-1] == 3
import json, subprocess, sys
found = json.loads(subprocess.run([sys.executable, sys.argv[1], 'run.h5'], stdout=subprocess.PIPE, check=True).stdout)
assert found['times'] == [0, 0.5, 1, 1.5, 2, 2.5, 3] and found['steps'][6]['points']['u'] == list(range(1, 13))
",
        readme_block("python")
    );
    let mut python = common::client(common::root().join("target/venv/bin/python"));
    python
        .env("MPLBACKEND", "agg")
        .env("MPLCONFIGDIR", folder.path());
    python.arg("-c").arg(script);
    python.arg(common::root().join("tests/python/vtk_reader.py"));
    // matplotlib says on stderr that it makes its list of fonts.
    let output = run(python.current_dir(folder.path()));
    assert!(output.status.success(), "{output:?}");
    for line in readme_block("sh").lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let words: Vec<String> = line
            .split_whitespace()
            .map(|word| word.replace('\'', ""))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words[..2], ["h5sim", "plot"]);
        assert_eq!(succeed(&mut plot(&folder, &words[2..])), "");
    }
    for name in ["last.png", "steps.png", "film.gif"] {
        assert!(folder.join(name).exists(), "{name}");
    }
}

#[test]
fn the_command_needs_no_library_for_fonts() {
    let needed = succeed(Command::new("ldd").arg(command_line().get_program()));
    for library in ["fontconfig", "freetype", "libpng"] {
        assert!(!needed.contains(library), "{needed}");
    }
}
