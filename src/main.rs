//! The `orochi` command.

fn main() {}
