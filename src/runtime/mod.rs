//! Start-up, import system, threads, signals, shutdown.
//!
//! | file | holds |
//! |---|---|
//! | `config` | what the command line and the environment ask for |
//! | `start` | from nothing to an interpreter that can run a script |
//! | `hooks` | what lower layers call upwards |
//! | `compile` | source to code object, with Python's SyntaxError |
//! | `imports` | native and embedded modules, and the hand-over to importlib |
//! | `errors` | reporting exceptions that nobody caught |
//! | `frozen` | the embedded standard library |
//! | `threads` | starting and ending threads |
//! | `script` | running a file, a command, a module, standard input |
//! | `repl` | the interactive prompt |
//! | `shutdown` | the end of the process |
//! | `last_objects` | what the program left behind ends |

pub mod compile;
pub mod config;
pub mod errors;
pub mod frozen;
pub mod hooks;
pub mod imports;
pub mod last_objects;
pub mod repl;
pub mod script;
pub mod shutdown;
pub mod start;
pub mod threads;
