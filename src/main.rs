//! The `orochi` command.

use std::process::exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    exit(orochi::cli::main(std::env::args().collect()))
}
