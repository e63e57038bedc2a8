//! The command line.

mod options;
mod usage;

use crate::runtime::{config, script};

/// Runs the command; answers the process's exit status.
pub fn main(args: Vec<String>) -> i32 {
    match options::parse(args) {
        Ok(config) => {
            config::install(config);
            script::main()
        }
        Err(status) => status,
    }
}
