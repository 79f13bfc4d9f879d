//! Objects that are moved, copied, linked, resized and described, from Fortran, Julia and C++; h5py reads the files.

use crate::common::{self, client, python, succeed, Folder};
use crate::{compile_fortran, cplusplus, julia};
use std::process::Command;

#[test]
fn objects_are_moved_copied_linked_and_described_by_every_language_alike() {
    let folder = Folder::new("objects-of-languages");
    let in_fortran = folder.join("objects_fortran");
    compile_fortran(
        &common::root().join("tests/fortran/objects.f90"),
        &in_fortran,
    );
    let in_cplusplus = folder.join("objects_cpp");
    cplusplus::compile(
        "g++",
        &["-std=c++17"],
        "tests/cpp/objects.cpp",
        &in_cplusplus,
    );
    let in_julia = julia().map(|mut julia| {
        julia.arg(common::root().join("tests/julia/objects.jl"));
        julia
    });
    let programs: [(&str, Option<Command>); 3] = [
        ("fortran", Some(client(&in_fortran))),
        ("cpp", Some(client(&in_cplusplus))),
        ("julia", in_julia),
    ];
    for (language, program) in programs {
        let Some(mut program) = program else {
            continue;
        };
        let printed = succeed(program.arg(folder.path()));
        assert_eq!(printed, "all right\n", "{language}");
        succeed(
            python("objects_of_languages.py")
                .arg(folder.path())
                .arg(language),
        );
    }
}
