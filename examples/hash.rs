//! Case 4: a file named by its parameters, so that the same parameters always find it.

use h5sim::{canonical_json, hash_name, File, Mode};
use serde::Serialize;

#[derive(Serialize)]
struct Meta<'a> {
    model: Model,
    integrator: Integrator<'a>,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Model {
    k0: f64,
    k1: f64,
    tau: f64,
    mass: f64,
}

#[derive(Serialize)]
struct Integrator<'a> {
    dt: f64,
    method: &'a str,
}

#[derive(Serialize)]
struct Data<'a> {
    source_path: &'a str,
    host: &'a str,
}

fn main() -> h5sim::Result<()> {
    let meta = Meta {
        model: Model {
            k0: 1.2,
            k1: 1.3,
            tau: 0.01,
            mass: 123.0,
        },
        integrator: Integrator {
            dt: 0.001,
            method: "rk4",
        },
        data: Data {
            source_path: "path/to/data",
            host: "bluecrab",
        },
    };
    println!("{}", canonical_json(&meta)?);
    let name = hash_name("data_", &meta, ".h5py")?;
    let file = File::open(&name, Mode::Create)?;
    file.write_json("meta", &meta)?;
    file.close()?;
    println!("{name}");
    Ok(())
}
