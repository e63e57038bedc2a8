//! What the tests of the whole machine switch, in a build with the feature `proof` (which `cargo test` has).
//!
//! | file | holds |
//! |---|---|
//! | `weaken` | steps left out by name, so that a test can show that it would notice |
//! | `schedule` | seeded schedules: which thread runs is decided at every atomic operation |
//! | `shim` | atomics, mutexes, condition variables and parking that ask the schedule |

pub mod schedule;
pub mod shim;
pub mod weaken;
