//! Gives the shared library its soname.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The number changes when a function changes its meaning or its signature.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libh5sim.so.0");
    // A missing symbol must fail here and not in a user's program.
    // What ThreadSanitizer calls is in the program.
    if std::env::var_os("CARGO_CFG_SANITIZE").is_none() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,defs");
    }
}
