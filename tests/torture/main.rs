//! Breaks the journal in every way that can be thought of, and demands the last commit.
//!
//! `cargo test --test torture` runs a quick version, `make torture` the long one. Both print a
//! table of cases and failures.

mod hdf5;
mod simulate;
mod table;
mod workload;

use table::Table;

fn main() {
    hdf5::silence();
    let long = std::env::var_os("H5SIM_TORTURE").is_some();
    let seed = std::env::var("H5SIM_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_122u64);
    println!("H5SIM_SEED={seed}");
    let mut table = Table::default();
    for variant in workload::VARIANTS {
        let directory = simulate::scratch("kill");
        let run = simulate::trace(&variant, &directory).unwrap();
        println!(
            "{}: {} calls, {} bytes",
            variant.name,
            run.events.len(),
            run.images.last().unwrap().len()
        );
        table.run(
            &format!("commits hold their content, {}", variant.name),
            || simulate::verify_images(&run, &variant),
        );
        let mut nested = None;
        table.run(&format!("kill, {}", variant.name), || {
            let (row, inner) = simulate::kills(&run, long, 8, seed);
            nested = Some(inner);
            row
        });
        table.run(&format!("killed recovery, {}", variant.name), || {
            nested.unwrap()
        });
        let power = simulate::with_power(variant);
        let run = simulate::trace(&power, &directory).unwrap();
        let mut nested = None;
        table.run(&format!("power cut, {}", variant.name), || {
            let (row, inner) = simulate::power_cuts(&run, 3, seed);
            nested = Some(inner);
            row
        });
        table.run(&format!("power cut in recovery, {}", variant.name), || {
            nested.unwrap()
        });
    }
    if !table.finish() {
        std::process::exit(1);
    }
}
