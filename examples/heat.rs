//! A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
//!
//!     heat heat.yaml          run to the end, or go on with a run that was stopped
//!     heat heat.yaml 2000     stop after step 2000, as a job whose time is over
//!
//! The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it.

use h5sim::{from_yaml, hash_name, File, Kind, Mode};
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

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let input = arguments.next().unwrap_or_else(|| "heat.yaml".to_owned());
    let parameters: Parameters = from_yaml(&std::fs::read_to_string(input)?)?;
    let Parameters { grid, plate, run } = &parameters;
    let last = match arguments.next() {
        Some(step) => step.parse()?,
        None => run.steps,
    };

    let name = hash_name("heat_", &parameters, ".h5")?;
    let file = File::open(&name, Mode::Append)?;
    let begun = file.kind("meta")? != Kind::None;
    let mut done: i64 = 0;
    if begun {
        done = file
            .get_attr::<i64, Ix0>("snapshots", "steps done")?
            .into_scalar();
    }
    if done == run.steps {
        println!("{name} is finished: nothing to do");
        return Ok(());
    }

    let mut field = Array2::from_elem((grid.ny + 2, grid.nx + 2), plate.cold);
    field.column_mut(0).fill(plate.hot);
    let mut next = field.clone();
    let inside = s![1..=grid.ny, 1..=grid.nx];
    if begun {
        println!("{name} goes on after step {done}");
        if done > 0 {
            let path = format!("snapshots/{done:06}");
            file.read_into(&path, "", &mut field.slice_mut(inside))?;
        }
    } else {
        file.write_json("meta", &parameters)?;
        file.create_group("snapshots")?;
        file.set_attr("snapshots", "steps done", &done)?;
        file.commit()?;
        println!("{name} is new");
    }

    let rate = plate.diffusivity * run.time_step / (grid.spacing * grid.spacing);
    while done < last {
        step(&field, &mut next, rate);
        std::mem::swap(&mut field, &mut next);
        done += 1;
        if done % run.snapshot_every == 0 || done == run.steps {
            let middle = field[[grid.ny / 2, grid.nx / 2]];
            // What belongs to a step is one commit: a kill leaves all of it or nothing.
            file.write(&format!("snapshots/{done:06}"), &field.slice(inside))?;
            file.set_attr("snapshots", "steps done", &done)?;
            file.append("middle", &middle)?;
            file.commit()?;
            println!("step {done:4}, middle {middle:.4} degrees");
        }
    }
    file.close()?;
    Ok(())
}
