//! Gives the shared library its soname; compiles what calls MPI, where that is asked for.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is_parallel = std::env::var_os("CARGO_FEATURE_MPI").is_some();
    // The number changes when a function changes its meaning or its signature.
    let soname = match is_parallel {
        true => "libh5sim_mpi.so.0",
        false => "libh5sim.so.0",
    };
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{soname}");
    // A missing symbol must fail here and not in a user's program.
    // What ThreadSanitizer calls is in the program.
    if std::env::var_os("CARGO_CFG_SANITIZE").is_none() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,defs");
        // A thread that comes late to help a call may still be on its way when a program unloads the library.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    #[cfg(feature = "mpi")]
    mpi();
}

/// Compiles what calls MPI by its own compiler, and links its library.
#[cfg(feature = "mpi")]
fn mpi() {
    const SOURCE: &str = "src/store/h5/parallel.c";
    println!("cargo:rerun-if-changed={SOURCE}");
    println!("cargo:rerun-if-env-changed=MPICC");
    let compiler = std::env::var("MPICC").unwrap_or_else(|_| "mpicc".to_owned());
    // The sources are checked without an MPI.
    if compiler == "none" {
        return;
    }
    println!("cargo:rerun-if-env-changed=DEP_HDF5_INCLUDE");
    cc::Build::new()
        .compiler(&compiler)
        .includes(std::env::var_os("DEP_HDF5_INCLUDE"))
        .file(SOURCE)
        .compile("h5sim_parallel");
    // Where the library is, by the compiler's own words, which MPICH's, Open MPI's and Intel's have. Others are linkers
    // that need none, see tools/mpi.sh.
    let shown = std::process::Command::new(&compiler).arg("-show").output();
    let Some(shown) = shown.ok().filter(|shown| shown.status.success()) else {
        return;
    };
    let words = String::from_utf8_lossy(&shown.stdout).into_owned();
    for word in words.split_whitespace().skip(1) {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib=dylib={library}");
        } else if word.contains("-rpath") {
            println!("cargo:rustc-link-arg={word}");
        }
    }
}
