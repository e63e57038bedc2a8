//! The `orochi` command.
//!
//! The entry point is C's: the one of Rust's library would open standard descriptors that are closed, which a program may
//! want to find closed.

#![no_main]

#[global_allocator]
static ALLOCATOR: orochi::heap::large::Allocator = orochi::heap::large::Allocator;

/// C's `main`.
#[unsafe(no_mangle)]
pub extern "C" fn main(_count: i32, _arguments: *const *const std::ffi::c_char) -> i32 {
    std::process::exit(orochi::cli::main(std::env::args_os().collect()))
}
