//! Finds the pure-Python standard library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=OROCHI_LIB={}", rustpython_pylib::LIB_PATH);
}
