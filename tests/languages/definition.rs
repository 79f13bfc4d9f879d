//! One definition: the header, the library, the Fortran interfaces and the Julia ccalls say the same.

use crate::common::{self, succeed, Folder};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// What a function takes and gives, each a word such as "i64*"; the result comes last.
type Signatures = BTreeMap<String, Vec<String>>;

fn source(path: &str) -> String {
    fs::read_to_string(common::root().join(path)).expect(path)
}

/// A type of C, without const and by the project's own names.
fn word(c_type: &str) -> String {
    let bare: String = c_type.replace("const", "").split_whitespace().collect();
    if bare == "h5sim_allgather" || bare.contains("(*") {
        return "function".to_owned();
    }
    let (name, stars) = bare.split_at(bare.find('*').unwrap_or(bare.len()));
    let name = match name {
        "int32_t" | "int" => "i32",
        "int64_t" | "long" | "h5sim_file" | "h5sim_json" => "i64",
        "double" => "f64",
        other => other,
    };
    format!("{name}{stars}")
}

/// The prototypes in C code that has no comments.
fn prototypes(code: &str) -> Signatures {
    let mut found = Signatures::new();
    for statement in code.split([';', '{', '}']) {
        // The macros before a prototype are no part of it.
        let lines = statement
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let statement = lines.collect::<Vec<_>>().join(" ");
        let Some((head, arguments)) = statement.split_once('(') else {
            continue;
        };
        let Some(at) = head.find("h5sim_") else {
            continue;
        };
        if head.contains("typedef") {
            continue;
        }
        let arguments = arguments.trim_end().trim_end_matches(')').trim();
        let mut words: Vec<String> = Vec::new();
        if !arguments.is_empty() && arguments != "void" {
            words.extend(arguments.split(',').map(|argument| {
                let name = argument.rfind(|c: char| !c.is_alphanumeric() && c != '_');
                word(&argument[..=name.expect("a type before the name")])
            }));
        }
        words.push(word(&head[..at]));
        found.insert(head[at..].trim().to_owned(), words);
    }
    found
}

fn header() -> Signatures {
    let found = prototypes(&common::without_c_comments(&source("include/h5sim.h")));
    let names: Vec<String> = found.keys().cloned().collect();
    let mut declared = common::header_functions();
    declared.sort();
    assert_eq!(names, declared);
    found
}

/// The numbers that the header defines.
fn header_constants() -> BTreeMap<String, i64> {
    let header = source("include/h5sim.h");
    let constants: BTreeMap<String, i64> = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.trim().parse().expect(value)))
        .collect();
    assert!(constants.len() > 40 && constants["H5SIM_ERR_INTERNAL"] == -13);
    constants
}

#[test]
fn the_librarys_functions_are_the_headers() {
    let library = common::library_folder().join("libh5sim.so");
    let symbols = succeed(
        Command::new("nm")
            .args(["-D", "--defined-only", "--format=just-symbols"])
            .arg(library),
    );
    let mut exported: Vec<&str> = symbols.lines().collect();
    exported.sort_unstable();
    let header = header();
    assert_eq!(
        exported,
        header.keys().map(String::as_str).collect::<Vec<_>>()
    );
}

/// The module of the Fortran source that holds the interfaces.
fn fortran_interfaces() -> String {
    let module = source("include/h5sim.f90");
    let end = "end module h5sim_c\n";
    let length = module.find(end).expect("module h5sim_c") + end.len();
    module[..length].to_owned()
}

#[test]
fn fortrans_interfaces_are_the_headers() {
    let folder = Folder::new("prototypes");
    let interfaces = folder.join("h5sim_c.f90");
    let module = fortran_interfaces();
    fs::write(&interfaces, &module).expect("a source");
    let mut compiler = Command::new("gfortran");
    compiler.args(["-std=f2018", "-fsyntax-only", "-fc-prototypes"]);
    let printed = succeed(compiler.arg(interfaces).current_dir(folder.path()));
    let fortran = prototypes(&common::without_c_comments(&printed));
    let header = header();
    assert_eq!(
        fortran.keys().collect::<Vec<_>>(),
        header.keys().collect::<Vec<_>>()
    );
    for (name, wanted) in &header {
        let found = &fortran[name];
        assert_eq!(
            found.len(),
            wanted.len(),
            "{name}: {found:?}, but {wanted:?}"
        );
        for (found, wanted) in found.iter().zip(wanted) {
            // type(c_ptr) stands for any pointer, and gfortran prints it as void * also where it is passed by reference.
            let fits = found == wanted || (found == "void*" && wanted.ends_with('*'));
            assert!(fits, "{name}: {found} in Fortran, {wanted} in C");
        }
    }
    passes_pointers_as_c_does(&module, &header);
}

/// What `-fc-prototypes` does not tell: a pointer to a pointer is a `type(c_ptr)` by reference, any other is one by value.
fn passes_pointers_as_c_does(module: &str, header: &Signatures) {
    for (name, words) in header {
        let mut lines = module
            .lines()
            .skip_while(|line| !line.contains(&format!("bind(c, name=\"{name}\")")))
            .take_while(|line| !line.trim_start().starts_with("end "))
            .filter(|line| line.contains("type(c_ptr)"));
        let (_, arguments) = words.split_last().expect("a result");
        for word in arguments {
            let by_reference = word == "char**";
            if by_reference || word == "void*" || word == "char*" && name == "h5sim_free" {
                // Those of NULL-able arrays of integers are by value too.
                let line = lines.find(|line| !by_reference || line.contains("intent"));
                let line = line.unwrap_or_else(|| panic!("{name}: no type(c_ptr) for {word}"));
                assert_eq!(line.contains(", value"), !by_reference, "{name}: {line}");
            }
        }
    }
}

#[test]
fn fortrans_constants_are_the_headers() {
    let constants = header_constants();
    let found: BTreeMap<String, i64> = fortran_interfaces()
        .lines()
        .filter_map(|line| line.split_once("parameter :: ")?.1.split_once(" = "))
        .map(|(name, value)| (name.to_owned(), value.parse().expect(value)))
        .collect();
    assert_eq!(found, constants);
    // The module that programs use hands all of them on.
    let module = source("include/h5sim.f90");
    for name in constants.keys() {
        assert!(module.contains(&format!("  public :: {name}\n")), "{name}");
    }
}

/// A type of Julia's ccall.
fn julia_word(name: &str) -> &str {
    match name {
        "Int32" => "i32",
        "Int64" => "i64",
        "Float64" => "f64",
        "Cvoid" => "void",
        "Cstring" => "char*",
        "Ptr{Int32}" => "i32*",
        "Ptr{Int64}" => "i64*",
        "Ptr{Float64}" => "f64*",
        "Ptr{Cvoid}" => "void*",
        "Ptr{Cstring}" => "char**",
        other => panic!("{other} in a ccall"),
    }
}

#[test]
fn julias_ccalls_are_the_headers() {
    let module = source("julia/H5Sim/src/H5Sim.jl");
    let mut found = Signatures::new();
    for call in module.split("    ccall(at(h5sim_").skip(1) {
        let (name, rest) = call.split_once("_entry),").expect("a name");
        let name = format!("h5sim_{name}");
        // The address is that of the function.
        let entry = format!("const {name}_entry = Entry(:{name})\n{name}(");
        assert!(module.contains(&entry), "{entry}");
        let (result, rest) = rest.split_once(',').expect("a result");
        let (types, rest) = rest.split_once(')').expect("types");
        let types = types.trim().trim_start_matches('(');
        let mut words: Vec<String> = types
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| julia_word(word).to_owned())
            .collect();
        // As many arguments as types, and those of the function around it.
        let passed = rest
            .split_once(')')
            .expect("arguments")
            .0
            .matches(',')
            .count();
        assert_eq!(passed, words.len(), "{name}");
        words.push(julia_word(result.trim()).to_owned());
        found.insert(name, words);
    }
    // Julia has no use for the difference.
    let mut wanted = header();
    for words in wanted.values_mut() {
        for word in words {
            if word == "char***" {
                *word = "char**".to_owned();
            } else if word == "function" {
                *word = "void*".to_owned();
            }
        }
    }
    assert_eq!(found, wanted);

    let constants: BTreeMap<String, i64> = module
        .lines()
        .filter_map(|line| line.strip_prefix("const ")?.split_once(" = Int32("))
        .map(|(name, value)| {
            (
                name.to_owned(),
                value.trim_end_matches(')').parse().expect(value),
            )
        })
        .collect();
    assert_eq!(constants, header_constants());
}
