//! A run that goes back to an earlier time, and on from there with another step.

use h5sim::{File, Mode, Write};
use ndarray::Ix0;

fn record(file: &File, time: f64) -> h5sim::Result<()> {
    let along_time = Write::new().dims(["time"]);
    file.append_with("time", &time, &along_time)?;
    file.append_with("energy", &(10.0 - time), &along_time)?;
    file.commit()
}

fn main() -> h5sim::Result<()> {
    let file = File::open("rewound.h5", Mode::Create)?;
    for step in 0..=10 {
        record(&file, f64::from(step))?;
    }
    file.close()?;

    // [rewind]
    let file = File::open("rewound.h5", Mode::ReadWrite)?;
    file.rewind("time", 6.5)?; // all series along time, in one commit
    let time = file.read_slice::<f64, Ix0>("time", "-1")?.into_scalar(); // 6: the latest record that is left
                                                                         // [end of rewind]
    for fine in [0.25, 0.5, 0.75, 1.0] {
        record(&file, time + fine)?;
    }
    let records = file.info("energy")?.1[0];
    println!("back to {time}, then on to {records} records");
    Ok(())
}
