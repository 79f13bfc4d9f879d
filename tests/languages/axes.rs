//! Named axes, going back and ParaView from C, Fortran and Julia, in both formats, with programs that are killed.

use crate::common::{self, client, python, run, succeed, Folder};
use crate::{compile_fortran, julia};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

const SIGKILL: i32 = 9;

#[test]
fn files_of_every_language_with_axes_and_steps_open_in_their_readers_after_kills_too() {
    let folder = Folder::new("axes");
    let in_c = common::compile_test("axes", &folder);
    let in_fortran = folder.join("axes_fortran");
    compile_fortran(&common::root().join("tests/fortran/axes.f90"), &in_fortran);
    let in_julia = || {
        let mut julia = julia()?;
        julia.arg(common::root().join("tests/julia/axes.jl"));
        Some(julia)
    };
    let program = |language: &str| -> Option<Command> {
        match language {
            "c" => Some(client(&in_c)),
            "fortran" => Some(client(&in_fortran)),
            _ => in_julia(),
        }
    };
    let mut files = Vec::new();
    for language in ["c", "fortran", "julia"] {
        for libver in ["earliest", "latest"] {
            for end in ["whole", "kill", "rewind"] {
                let Some(mut program) = program(language) else {
                    continue;
                };
                let file = folder.join(format!("{language}_{libver}_{end}.h5"));
                let output = run(program.arg(&file).args([libver, end]));
                let said = String::from_utf8_lossy(&output.stderr);
                match end {
                    "whole" => assert!(output.status.success(), "{language}: {said}"),
                    _ => assert_eq!(output.status.signal(), Some(SIGKILL), "{language}: {said}"),
                }
                files.push(file);
            }
        }
    }
    let old = common::root().join("target/venv-vtk93/bin/python");
    succeed(python("axes_of_languages.py").arg(old).args(files));
}
