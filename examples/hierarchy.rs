//! Case 2: many datasets in a group.

use h5sim::{File, Mode};
use ndarray::{Array2, Ix2};

fn main() -> h5sim::Result<()> {
    let series =
        |i: usize| Array2::from_shape_fn((1000, 2), |(j, k)| ((i + 2 * j + k) as f64).sin());

    let file = File::open("richer_data.hdf5", Mode::Create)?;
    for i in 0..10 {
        file.write(&format!("timeseries/{i}"), &series(i))?;
    }
    file.close()?;

    let file = File::open("richer_data.hdf5", Mode::Read)?;
    println!("in timeseries: {:?}", file.keys("timeseries")?);
    let is_same = file.read::<f64, Ix2>("timeseries/0")? == series(0);
    println!("timeseries/0 is what was written: {is_same}");
    Ok(())
}
