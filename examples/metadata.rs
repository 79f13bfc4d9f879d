//! Case 3: the parameters of a run, as JSON or as YAML, beside its data.

use h5sim::{from_yaml, to_yaml, File, Mode};
use ndarray::{Array2, Ix2};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PartialEq)]
struct Meta {
    model: Model,
    integrator: Integrator,
    data: Data,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Model {
    k0: f64,
    k1: f64,
    tau: f64,
    mass: f64,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Integrator {
    dt: f64,
    method: String,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Data {
    source_path: String,
    host: String,
}

const INPUT: &str = "\
model: {k0: 1.2, k1: 1.3, tau: 0.01, mass: 123.0}
integrator: {dt: 0.001, method: rk4}
data: {source_path: path/to/data, host: bluecrab}
";

fn main() -> h5sim::Result<()> {
    let meta: Meta = from_yaml(INPUT)?;
    let file = File::open("richer_data.hdf5", Mode::Create)?;
    for i in 0..10 {
        let series = Array2::from_shape_fn((1000, 2), |(j, k)| {
            f64::from(i) + (2 * j + k) as f64 / 2000.0
        });
        file.write(&format!("timeseries/{i}"), &series)?;
    }
    file.write_json("meta", &meta)?;
    file.close()?;

    let file = File::open("richer_data.hdf5", Mode::Read)?;
    let found: Meta = file.read_json("meta")?;
    print!("{}", to_yaml(&found)?);
    println!(
        "the parameters are those that were written: {}",
        found == meta
    );
    let series = file.read::<f64, Ix2>("timeseries/8")?;
    println!(
        "timeseries/8 goes from {} to {}",
        series[[0, 0]],
        series[[999, 1]]
    );
    Ok(())
}
