//! Uses h5sim beside hdf5-metno: one HDF5, and each keeps what is its own.
//!
//! `beside FOLDER`

use h5sim::{File, Mode, Status};
use ndarray::{arr1, Ix1};
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let (ours, theirs) = (folder.join("h5sim.h5"), folder.join("metno.h5"));

    // A file of hdf5-metno is open before h5sim begins, and while it works.
    let host = hdf5_metno::File::create(&theirs).expect("a file of hdf5-metno");
    let file = File::open(&ours, Mode::Create).expect("a file of h5sim");
    let numbers = arr1(&[1.0, 2.0, 3.0]);
    file.write("u", &numbers).expect("an array of h5sim");
    host.new_dataset_builder()
        .with_data(&numbers)
        .create("u")
        .expect("an array of hdf5-metno");

    // What the host has said of HDF5's printing counts for the host only.
    hdf5_metno::silence_errors(false);
    eprintln!("-- h5sim fails");
    let damaged = folder.join("damaged.h5");
    std::fs::write(
        &damaged,
        [b"\x89HDF\r\n\x1a\n".as_slice(), &[7; 3000]].concat(),
    )
    .expect("a file");
    assert!(File::open(&damaged, Mode::Read).is_err());
    assert!(file.set_attr("nothing", "a", &1).is_err());
    eprintln!("-- hdf5-metno fails");
    assert!(host.dataset("nothing").is_err());
    eprintln!("-- no more");
    hdf5_metno::silence_errors(true);

    // Errors: each tells in its own way, and goes on.
    assert_eq!(
        file.read::<f64, Ix1>("nothing").unwrap_err().kind(),
        Status::NotFound
    );
    let refused = host.dataset("nothing").map(|_| ()).unwrap_err().to_string();
    assert!(
        refused.contains("doesn't exist") || refused.contains("unable to"),
        "{refused}"
    );

    // Threads of both at once: the lock around HDF5's calls is the same.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for step in 0..200 {
                file.append("series", &step).expect("a record");
            }
        });
        scope.spawn(|| {
            for step in 0..200 {
                let name = format!("{step}");
                host.new_dataset_builder()
                    .with_data(&[step])
                    .create(name.as_str())
                    .expect("a dataset");
            }
        });
    });

    // The host closes all that is its own, and h5sim's file survives it; and the other way round.
    host.close().expect("hdf5-metno closes its file");
    file.commit().expect("a commit");
    let host = hdf5_metno::File::open(&theirs).expect("hdf5-metno opens its file");
    file.close().expect("h5sim closes its file");
    assert_eq!(
        host.dataset("199")
            .and_then(|set| set.read_1d::<i32>())
            .expect("a read"),
        arr1(&[199])
    );
    // What one wrote the other reads, once it is closed.
    let host_reads = hdf5_metno::File::open(&ours).expect("hdf5-metno opens the other file");
    assert_eq!(
        host_reads
            .dataset("series")
            .and_then(|set| set.read_1d::<i32>())
            .expect("a read")
            .len(),
        200
    );
    drop((host, host_reads));
    let reads = File::open(&theirs, Mode::Read).expect("h5sim opens the other file");
    assert_eq!(reads.read::<f64, Ix1>("u").expect("a read"), numbers);
    println!("both");
}
