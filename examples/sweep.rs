//! A sweep over parameters: each run is produced once, however often and by however many jobs at once this is started.
//!
//!     sweep runs              produce what is missing, then print a table
//!     sweep runs 100          stop after 100 steps in all, as a job whose time is over
//!
//! The file of a run is named by the hash of its parameters, the same from every language.

use h5sim::{File, Find, Kind, Mode, Produce, RunState};
use ndarray::{Array1, Ix1};
use serde::{Deserialize, Serialize};

const CELLS: usize = 100;
const STEPS: u64 = 60;

#[derive(Serialize, Deserialize)]
struct Parameters {
    model: Model,
    integrator: Integrator,
}

#[derive(Serialize, Deserialize)]
struct Model {
    k0: f64,
}

#[derive(Serialize, Deserialize)]
struct Integrator {
    dt: f64,
}

/// Heat along a rod whose left end is hot: goes on from the step after the last committed one.
fn simulate(file: &File, parameters: &Parameters, steps_left: &mut u64) -> h5sim::Result<()> {
    let rate = parameters.model.k0 * parameters.integrator.dt;
    let mut rod = Array1::<f64>::zeros(CELLS);
    rod[0] = 1.0;
    let mut done = 0;
    if file.kind("rod")? == Kind::Dataset {
        done = file.info("rod")?.1[0];
        rod = file.read_slice::<f64, Ix1>("rod", "-1")?;
    }
    while done < STEPS && *steps_left > 0 {
        let old = rod.clone();
        for i in 1..CELLS - 1 {
            rod[i] = old[i] + rate * (old[i - 1] - 2.0 * old[i] + old[i + 1]);
        }
        file.append("rod", &rod)?;
        done += 1;
        *steps_left -= 1;
    }
    match done {
        STEPS => file.finish(),
        _ => file.commit(),
    }
}

fn produce(directory: &str, parameters: &Parameters, steps_left: &mut u64) -> h5sim::Result<()> {
    let run = h5sim::produce(directory, "rod_", parameters, ".h5", &Produce::new())?;
    let path = run.path.display();
    if !h5sim::is_claimed(&run.path) {
        match run.state {
            RunState::Finished => println!("{path}: finished before"),
            _ => println!("{path}: another job is at it"),
        }
        return Ok(());
    }
    let is_new = run.state == RunState::Absent;
    let mode = if is_new {
        Mode::Create
    } else {
        Mode::ReadWrite
    };
    let file = File::open(&run.path, mode)?;
    if is_new {
        file.write_json("meta", parameters)?;
    }
    simulate(&file, parameters, steps_left)?;
    file.close()?;
    h5sim::release(&run.path);
    println!("{path}: {}", if is_new { "new" } else { "gone on with" });
    Ok(())
}

/// Prints the finished runs with k0 > 1 and dt ≤ 0.001.
fn print_table(directory: &str) -> h5sim::Result<()> {
    let query = "model.k0 > 1 and integrator.dt <= 0.001 and run.status == 'finished'";
    let order = Find::new().sort("model.k0").sort("integrator.dt");
    println!("{:>6} {:>8}  file", "k0", "dt");
    for run in h5sim::find(directory, query, &order)?.runs {
        let Parameters { model, integrator } = run.metadata_as()?;
        println!("{:6.2} {:8.4}  {}", model.k0, integrator.dt, run.path);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let directory = arguments.get(1).map_or("runs", String::as_str);
    let mut steps_left = match arguments.get(2) {
        Some(steps) => steps.parse()?,
        None => u64::MAX,
    };
    std::fs::create_dir_all(directory)?;
    for k0 in [0.5, 1.2, 2.0] {
        for dt in [0.01, 0.001] {
            if steps_left > 0 {
                let (model, integrator) = (Model { k0 }, Integrator { dt });
                produce(
                    directory,
                    &Parameters { model, integrator },
                    &mut steps_left,
                )?;
            }
        }
    }
    Ok(print_table(directory)?)
}
