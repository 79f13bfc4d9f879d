//! The command line on files of h5py and of ours.

mod common;

use common::{command_line, python, root, run, succeed, Folder};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the command line in a folder: exit status, standard output, standard error.
fn h5sim(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = run(command_line().args(arguments).current_dir(folder));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().expect("an exit status"),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// What a command prints that must succeed and say nothing else.
fn prints(folder: &Path, arguments: &[&str]) -> String {
    let (status, stdout, stderr) = h5sim(folder, arguments);
    assert_eq!(
        (status, stderr.as_str()),
        (0, ""),
        "{arguments:?}\n{stdout}"
    );
    stdout
}

/// Files to look into, made by h5py.
fn example(name: &str) -> Folder {
    let folder = Folder::new(name);
    succeed(python("command_line.py").arg(folder.path()));
    folder
}

#[test]
fn ls_shows_what_is_there_and_how_it_is_stored() {
    let folder = example("ls");
    assert_eq!(
        prints(folder.path(), &["ls", "-r", "run.h5"]),
        "\
link -> /u
meta  () text of 64 bytes  64 B
names  (3,) text of 3 bytes  9 B
timeseries/
    @unit = \"m\"
timeseries/0  (4, 2) f8  64 B
timeseries/1  (100, 10) f4  3.9 KiB, chunks (50, 10), shuffle, gzip 4, 114 B stored (35.1:1)
    @range = [0.0, 1.5]
    @spin = [1.0, -2.0]
u  (2, 2, 2) i4  32 B
"
    );
    assert_eq!(
        prints(folder.path(), &["ls", "-A", "run.h5"]),
        "\
link -> /u
meta  () text of 64 bytes  64 B
names  (3,) text of 3 bytes  9 B
timeseries/
u  (2, 2, 2) i4  32 B
"
    );
    assert_eq!(
        prints(folder.path(), &["ls", "run.h5", "timeseries/0"]),
        "0  (4, 2) f8  64 B\n"
    );
    let (status, stdout, stderr) = h5sim(folder.path(), &["ls", "run.h5", "missing"]);
    assert_eq!((status, stdout.as_str()), (4, ""));
    assert!(stderr.contains("there is no 'missing'"), "{stderr}");
    assert_eq!(h5sim(folder.path(), &["ls", "missing.h5"]).0, 4);
    assert_eq!(h5sim(folder.path(), &["ls", "text.txt"]).0, 3);
}

#[test]
fn cat_prints_elements_as_text_csv_and_json() {
    let folder = example("cat");
    let cat = |arguments: &[&str]| {
        let all: Vec<&str> = [&["cat"], arguments].concat();
        prints(folder.path(), &all)
    };
    assert_eq!(
        cat(&["run.h5", "timeseries/0"]),
        "0.0 1.0\n2.0 3.0\n4.0 5.0\n6.0 7.0\n"
    );
    assert_eq!(
        cat(&["--csv", "run.h5", "timeseries/0", "1:3"]),
        "2.0,3.0\n4.0,5.0\n"
    );
    assert_eq!(cat(&["run.h5", "timeseries/0", "-1, 0"]), "6.0\n");
    assert_eq!(
        cat(&["--json", "run.h5", "u"]),
        "[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]\n"
    );
    assert_eq!(cat(&["run.h5", "u"]), "0 1\n2 3\n\n4 5\n6 7\n");
    assert_eq!(cat(&["--csv", "run.h5", "u", "[:, 1]"]), "2,3\n6,7\n");
    assert_eq!(
        cat(&["--csv", "run.h5", "u", "[::-1]"]).lines().nth(1),
        Some("0,0,1,5")
    );
    assert_eq!(cat(&["run.h5", "names"]), "H2\nO,2\nN\"\n");
    assert_eq!(
        cat(&["--csv", "run.h5", "names"]),
        "H2\n\"O,2\"\n\"N\"\"\"\n"
    );
    assert_eq!(
        cat(&["run.h5", "timeseries/1", "[0, :3]"]),
        "0.0\n0.1\n0.2\n"
    );
    assert_eq!(h5sim(folder.path(), &["cat", "run.h5", "u", "[9]"]).0, 64);
    assert_eq!(h5sim(folder.path(), &["cat", "run.h5", "timeseries"]).0, 4);
    // All of a dataset that is printed in pieces.
    let sum: f64 = cat(&["run.h5", "timeseries/1"])
        .split_whitespace()
        .map(|number| number.parse::<f64>().expect("a number"))
        .sum();
    assert!((sum - 450.0).abs() < 1e-3, "{sum}");
    // A reader that has seen enough.
    let mut head = command_line()
        .args(["cat", "long.h5", "long"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("h5sim");
    drop(head.stdout.take());
    let output = head.wait_with_output().expect("h5sim");
    assert!(output.status.success() && output.stderr.is_empty());
}

#[test]
fn meta_and_hash_are_pythons() {
    let folder = example("meta");
    let in_folder = |arguments: &[&str]| prints(folder.path(), arguments);
    assert_eq!(
        in_folder(&["meta", "run.h5"]),
        "{\n  \"model\": {\n    \"k0\": 1.2,\n    \"name\": \"R\\u00f6ssler\"\n  },\n  \"list\": [\n    1,\n    2.5\n  ]\n}\n"
    );
    assert_eq!(in_folder(&["meta", "run.h5", "/model/k0"]), "1.2\n");
    assert_eq!(in_folder(&["meta", "run.h5", "/model/name"]), "Rössler\n");
    assert_eq!(
        in_folder(&["meta", "--yaml", "run.h5", "/model"]),
        "k0: 1.2\nname: \"R\\xF6ssler\"\n"
    );
    assert_eq!(h5sim(folder.path(), &["meta", "run.h5", "/no"]).0, 4);
    let expected = std::fs::read_to_string(folder.join("hashes.txt")).expect("hashes.txt");
    let mut expected = expected.lines();
    let mut next = || format!("{}\n", expected.next().expect("a hash"));
    assert_eq!(in_folder(&["hash", "run.h5"]), next());
    assert_eq!(in_folder(&["hash", "parameters.json"]), next());
    assert_eq!(in_folder(&["hash", "-d", "40", "parameters.yaml"]), next());
    let named = in_folder(&[
        "hash",
        "--prefix",
        "data_",
        "--suffix",
        ".h5",
        "parameters.json",
    ]);
    assert!(named.starts_with("data_") && named.ends_with(".h5\n") && named.len() == 19);
    assert_eq!(h5sim(folder.path(), &["hash", "text.txt"]).0, 4);
    assert_eq!(
        h5sim(folder.path(), &["hash", "-d", "41", "parameters.json"]).0,
        64
    );
}

#[test]
fn find_prints_paths_tables_csv_and_json() {
    let folder = example("find");
    let find = |arguments: &[&str]| {
        let all: Vec<&str> = [&["find", "runs"], arguments].concat();
        prints(folder.path(), &all)
    };
    assert_eq!(find(&[]), "a.h5\nb.h5\ninner/c.h5\n");
    assert_eq!(find(&["k > 1 and name == \"x y\""]), "b.h5\n");
    assert_eq!(find(&["--flat", "{\"k\": {\"$gte\": 1}}"]), "a.h5\nb.h5\n");
    assert_eq!(
        find(&["--table", "k,name,run.status", "--sort", "-k"]),
        "path           k  name  run.status\n\
         inner/c.h5  10.5  z     unfinished\n\
         b.h5           2  x y   unfinished\n\
         a.h5           1        finished\n"
    );
    assert_eq!(
        find(&["--csv", "--table", "name,k", "-l", "2"]),
        "path,name,k\na.h5,,1\nb.h5,x y,2\n"
    );
    assert_eq!(
        find(&["--json", "--table", "k", "k < 2"]),
        "[{\"path\": \"a.h5\", \"status\": \"finished\", \"meta\": {\"k\": 1}}]\n"
    );
    let (status, stdout, _) = h5sim(folder.path(), &["find", "runs", "k > 100"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    let (status, _, stderr) = h5sim(folder.path(), &["find", "runs", "k >"]);
    assert_eq!(status, 64);
    assert!(
        stderr.contains("expected a value, found its end"),
        "{stderr}"
    );
    let (_, _, stderr) = h5sim(folder.path(), &["find", "--others", "runs"]);
    assert!(
        stderr.contains("none.h5") && stderr.contains("text.txt"),
        "{stderr}"
    );
    assert_eq!(h5sim(folder.path(), &["find", "missing"]).0, 4);
}

#[test]
fn diff_tells_what_differs() {
    let folder = example("diff");
    assert_eq!(prints(folder.path(), &["diff", "run.h5", "run.h5"]), "");
    let (status, stdout, stderr) = h5sim(folder.path(), &["diff", "run.h5", "other.h5"]);
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert_eq!(
        stdout,
        "\
link: only in the first
meta: list is [1, 2.5] and [1, 2]
meta: model.k0 is 1.2 and 1.2000001
meta: model.new = null only in the second
names: 1 of 3 texts differ, first \"O,2\" and \"O\" at [1]
timeseries@unit: \"m\" and \"cm\"
timeseries/0: 2 of 8 elements differ, first 3.0 and 3.0001 at [1, 1]
timeseries/1@spin: only in the first
timeseries/1: shape (100, 10) and (99, 10)
u: elements i4 and i8
extra: only in the second
"
    );
    let (status, stdout, _) = h5sim(
        folder.path(),
        &[
            "diff",
            "--rtol",
            "1e-3",
            "run.h5",
            "other.h5",
            "timeseries/0",
        ],
    );
    assert_eq!((status, stdout.as_str()), (0, ""));
    let (status, stdout, _) = h5sim(
        folder.path(),
        &[
            "diff",
            "-q",
            "--atol",
            "1e-9",
            "run.h5",
            "other.h5",
            "timeseries/0",
        ],
    );
    assert_eq!((status, stdout.as_str()), (1, ""));
}

#[test]
fn check_with_data_says_what_is_damaged_and_what_can_be_read() {
    let folder = Folder::new("check-data");
    let program = command_line();
    succeed(
        python("check_data.py")
            .arg(program.get_program())
            .arg(folder.path()),
    );
}

#[test]
fn help_completions_and_manuals_come_from_one_source() {
    let folder = Folder::new("manuals");
    let (status, help, _) = h5sim(folder.path(), &["--help"]);
    assert_eq!(status, 0);
    let commands = [
        "ls", "cat", "meta", "hash", "find", "diff", "plot", "check", "recover", "join",
    ];
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let (status, text, _) = h5sim(folder.path(), &[command, "--help"]);
        assert_eq!(status, 0);
        assert!(
            text.contains("Examples:") || text.contains("Exit status:"),
            "{text}"
        );
    }
    prints(folder.path(), &["man", "."]);
    for command in commands {
        let page = std::fs::read_to_string(folder.join(format!("h5sim-{command}.1")));
        assert!(page.expect("a page").contains(".TH"), "{command}");
    }
    let bash = prints(folder.path(), &["completions", "bash"]);
    std::fs::write(folder.join("bash"), &bash).expect("a file");
    succeed(Command::new("bash").arg("-n").arg(folder.join("bash")));
    assert!(prints(folder.path(), &["completions", "fish"]).contains("complete -c h5sim"));
    for wrong in [
        &["nonsense"][..],
        &[],
        &["check"],
        &["cat", "--csv", "--json", "a", "b"],
    ] {
        assert_eq!(h5sim(folder.path(), wrong).0, 64, "{wrong:?}");
    }
    assert!(prints(root(), &["--version"]).starts_with("h5sim 0."));
}
