//! The committed header is what cbindgen makes of src/capi today.

use std::path::Path;

#[test]
fn the_committed_header_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let mut generated = Vec::new();
    cbindgen::Builder::new()
        .with_config(config)
        .with_src(root.join("src/capi/constants.rs"))
        .with_src(root.join("src/capi/library.rs"))
        .with_src(root.join("src/capi/files.rs"))
        .with_src(root.join("src/capi/groups.rs"))
        .with_src(root.join("src/capi/arrays.rs"))
        .with_src(root.join("src/capi/storage.rs"))
        .with_src(root.join("src/capi/series.rs"))
        .with_src(root.join("src/capi/blocks.rs"))
        .with_src(root.join("src/capi/ranks.rs"))
        .with_src(root.join("src/capi/dimensions.rs"))
        .with_src(root.join("src/capi/texts.rs"))
        .with_src(root.join("src/capi/attributes.rs"))
        .with_src(root.join("src/capi/documents.rs"))
        .with_src(root.join("src/capi/names.rs"))
        .with_src(root.join("src/capi/catalog.rs"))
        .generate()
        .expect("cbindgen reads src/capi")
        .write(&mut generated);
    let path = root.join("include/h5sim.h");
    if std::env::var_os("H5SIM_UPDATE_HEADER").is_some() {
        std::fs::write(&path, &generated).expect("include/ can be written");
    }
    let committed = std::fs::read(&path).expect("include/h5sim.h is committed");
    assert!(
        committed == generated,
        "include/h5sim.h is stale: run `make header` and commit it"
    );
}

#[test]
fn every_function_on_a_file_says_what_the_ranks_that_share_it_give() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/h5sim.h");
    let header = std::fs::read_to_string(header).expect("include/h5sim.h");
    let mut marked = 0;
    for documented in header.split("/**\n").skip(1) {
        let (comment, rest) = documented.split_once("*/").expect("an end of a comment");
        let prototype = rest.split(';').next().expect("a prototype");
        let marks: Vec<&str> = ["Ranks: alike.", "Ranks: own block.", "Ranks: any."]
            .into_iter()
            .filter(|mark| comment.contains(mark))
            .collect();
        let expected = match prototype {
            other if !other.contains("h5sim_file file") => &[][..],
            block if block.contains("_block(") => &["Ranks: own block."],
            local if local.contains("h5sim_is_open(") => &["Ranks: any."],
            // They begin what the others are about.
            opening if opening.contains("h5sim_open_ranks(") => &[],
            _ => &["Ranks: alike."],
        };
        assert_eq!(marks, expected, "{prototype}");
        marked += marks.len();
    }
    assert!(marked > 40, "{marked}");
}
