//! A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
//!
//!     heat heat.yaml          run to the end, or go on with a run that was stopped
//!     heat heat.yaml 2000     stop after step 2000, as a job whose time is over
//!
//! The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it. Its axes have
//! names, coordinates and units, so that xarray opens it as it is, and so does ParaView.

use h5sim::{from_yaml, hash_name, File, Kind, Mode, Vtkhdf, Write};
use ndarray::{s, Array2, Ix0};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Parameters {
    grid: Grid,
    plate: Plate,
    run: Run,
}

#[derive(Serialize, Deserialize)]
struct Grid {
    nx: usize,
    ny: usize,
    spacing: f64,
}

#[derive(Serialize, Deserialize)]
struct Plate {
    diffusivity: f64,
    cold: f64,
    hot: f64,
}

#[derive(Serialize, Deserialize)]
struct Run {
    steps: i64,
    snapshot_every: i64,
    time_step: f64,
}

/// One explicit step from old to new; the ghost cells hold the edges' temperatures and stay as they are.
fn step(old: &Array2<f64>, new: &mut Array2<f64>, rate: f64) {
    let (rows, columns) = old.dim();
    for j in 1..rows - 1 {
        for i in 1..columns - 1 {
            let around = old[[j, i - 1]] + old[[j, i + 1]] + old[[j - 1, i]] + old[[j + 1, i]];
            new[[j, i]] = old[[j, i]] + rate * (around - 4.0 * old[[j, i]]);
        }
    }
}

/// The middles of the cells along one axis.
fn write_coordinate(
    file: &File,
    name: &str,
    axis: &str,
    cells: usize,
    spacing: f64,
) -> h5sim::Result<()> {
    let middles: Vec<f64> = (0..cells).map(|i| (i as f64 + 0.5) * spacing).collect();
    let described = Write::new().attribute("units", "m").attribute("axis", axis);
    file.write_with(name, &middles, &described)
}

// [record]
/// What belongs to a step.
fn record(file: &File, field: &Array2<f64>, done: i64, time: f64) -> h5sim::Result<()> {
    let (ny, nx) = (field.nrows() - 2, field.ncols() - 2);
    let series = Write::new().dims(["time"]);
    let degrees = |options: Write| options.attribute("units", "degC");
    file.append_with("time", &time, &series.clone().attribute("units", "s"))?;
    file.append_with(
        "temperature",
        &field.slice(s![1..=ny, 1..=nx]),
        &degrees(Write::new().dims(["time", "y", "x"])),
    )?;
    file.append_with("middle", &field[[ny / 2, nx / 2]], &degrees(series))?;
    file.set_attr("/", "steps_done", &done)
}
// [end of record]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let input = arguments.next().unwrap_or_else(|| "heat.yaml".to_owned());
    let parameters: Parameters = from_yaml(&std::fs::read_to_string(input)?)?;
    let Parameters { grid, plate, run } = &parameters;
    let last = match arguments.next() {
        Some(step) => step.parse()?,
        None => run.steps,
    };

    // [name]
    let name = hash_name("heat_", &parameters, ".h5")?;
    let file = File::open(&name, Mode::Append)?;
    let begun = file.kind("meta")? != Kind::None;
    let mut done: i64 = 0;
    if begun {
        done = file.get_attr::<i64, Ix0>("/", "steps_done")?.into_scalar();
    }
    // [end of name]
    if done == run.steps {
        println!("{name} is finished: nothing to do");
        return Ok(());
    }

    let mut field = Array2::from_elem((grid.ny + 2, grid.nx + 2), plate.cold);
    field.column_mut(0).fill(plate.hot);
    let mut next = field.clone();
    if begun {
        println!("{name} goes on after step {done}");
        // [resume]
        let inside = s![1..=grid.ny, 1..=grid.nx];
        file.read_into("temperature", "-1", &mut field.slice_mut(inside))?;
        // [end of resume]
    } else {
        // [new]
        file.write_json("meta", &parameters)?;
        file.set_attr_text("/", "Conventions", "CF-1.11")?;
        write_coordinate(&file, "x", "X", grid.nx, grid.spacing)?;
        write_coordinate(&file, "y", "Y", grid.ny, grid.spacing)?;
        record(&file, &field, done, 0.0)?;
        file.vtkhdf(&Vtkhdf {
            cell_data: vec!["temperature".to_owned()],
            time: Some("time".to_owned()),
            spacing: Some(vec![grid.spacing, grid.spacing]),
            ..Vtkhdf::default()
        })?;
        file.commit()?;
        // [end of new]
        println!("{name} is new");
    }

    let rate = plate.diffusivity * run.time_step / (grid.spacing * grid.spacing);
    while done < last {
        step(&field, &mut next, rate);
        std::mem::swap(&mut field, &mut next);
        done += 1;
        if done % run.snapshot_every == 0 || done == run.steps {
            let middle = field[[grid.ny / 2, grid.nx / 2]];
            // [commit]
            // One commit: a kill leaves all of the step or nothing.
            record(&file, &field, done, done as f64 * run.time_step)?;
            file.commit()?;
            // [end of commit]
            println!("step {done:4}, middle {middle:.4} degrees");
        }
    }
    file.close()?;
    Ok(())
}
