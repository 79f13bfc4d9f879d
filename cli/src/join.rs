//! `h5sim join`

use crate::arguments::Join;
use crate::output::{bytes, utf8, watched, Done};
use h5sim::ranks::{join, Joined};
use std::sync::atomic::Ordering::Relaxed;

/// Progress is shown in these.
const MEBIBYTE: u64 = 1 << 20;

pub fn run(arguments: &Join) -> Done {
    let master = utf8(&arguments.master)?;
    utf8(&arguments.out)?;
    let progress = Joined::default();
    let in_mebibytes = |count: u64| (count / MEBIBYTE) as usize;
    let datasets = watched(
        "MiB",
        || match progress.all.load(Relaxed) {
            0 => None,
            all => Some((in_mebibytes(progress.done.load(Relaxed)), in_mebibytes(all))),
        },
        || join(master, &arguments.out, &progress),
    )?;
    println!(
        "'{}' is one file: {datasets} datasets in blocks, {}",
        arguments.out.display(),
        bytes(progress.all.load(Relaxed))
    );
    Ok(0)
}
