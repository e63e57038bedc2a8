//! Switches `src/sync` to loom for this package alone.

fn main() {
    println!("cargo:rustc-cfg=loom");
    println!("cargo:rustc-check-cfg=cfg(loom)");
    println!("cargo:rustc-check-cfg=cfg(feature, values(\"sharing-stats\", \"proof\"))");
    println!("cargo:rerun-if-changed=build.rs");
}
