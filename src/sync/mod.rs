//! Concurrency primitives: generic, state passed in, checked by loom.
//!
//! | file | holds |
//! |---|---|
//! | `shim` | std's or loom's atomics, cells, parking |
//! | `count` | biased reference counts |
//! | `promote` | which objects threads fight over |
//! | `slot` | a counted word in a heap object, read without a lock |
//! | `lock` | the one-byte object lock |
//! | `backoff` | how long to stay away from a contended lock |
//! | `epoch` | when memory may be reused |
//! | `registry` | per-thread records that anybody may walk |
//! | `world` | attaching, detaching, stopping the world, attention |
//! | `reclaim` | what arrays and tables ask of their user |
//! | `list_array` | the storage of `list` |
//! | `dict_table`, `table_block` | the storage of dict and set |
//! | `names` | the interning table |
//! | `stats` | counts of writes to shared cache lines |

pub mod backoff;
pub mod count;
pub mod dict_table;
pub mod epoch;
pub mod list_array;
pub mod lock;
pub mod names;
pub mod promote;
pub mod reclaim;
pub mod registry;
pub mod shim;
pub mod slot;
pub mod stats;
mod table_block;
#[cfg(any(test, loom))]
pub mod testing;
pub mod world;
