//! Concurrency primitives: generic, state passed in, checked by loom.
//!
//! | file | holds |
//! |---|---|
//! | `shim` | std's or loom's atomics, cells, parking |
//! | `count` | biased reference counts |
//! | `promote` | which objects threads fight over |
//! | `slot` | a counted word in a heap object, read without a lock |
//! | `parking` | waiting threads: the parking lot, mutex, condition variable |
//! | `lock` | the one-byte object lock |
//! | `backoff` | how long to stay away from a contended lock |
//! | `epoch` | when memory may be reused |
//! | `exports` | how many buffers of a container are lent |
//! | `registry` | per-thread records that anybody may walk |
//! | `world` | attaching, detaching, stopping the world, attention |
//! | `may_fail` | what an allocation does where there is no memory |
//! | `reclaim` | what arrays and tables ask of their user |
//! | `returns` | blocks given back to other threads' heaps |
//! | `list_array` | the storage of `list` |
//! | `dict_table`, `table_block` | the storage of dict and set |
//! //! | `weak` | weak references, by what they point to |
//! | `version` | what guards of caches compare |
//! | `slot_names` | the numbering of attribute names |
//! | `grow_list` | a list that only grows |
//! | `shape_word` | the word that says what an instance's slots mean |
//! | `arrivals` | signals that have arrived |
//! | `changes` | process-wide changes that every thread takes over |
//! | `claim` | who runs a generator |
//! | `uses` | last uses, noted by many threads |
//! | `stats` | counts of writes to shared cache lines |
//! | `proof` | what tests of the whole machine switch: steps left out |

pub mod arrivals;
pub mod backoff;
pub mod changes;
pub mod claim;
pub mod count;
pub mod dict_table;
pub mod epoch;
pub mod exports;
pub mod grow_list;
pub mod list_array;
pub mod lock;
pub mod may_fail;
pub mod parking;
pub mod promote;
#[cfg(all(feature = "proof", not(loom)))]
pub mod proof;
pub mod reclaim;
pub mod registry;
pub mod returns;
pub mod shape_word;
pub mod shim;
pub mod slot;
pub mod slot_names;
pub mod stats;
mod table_block;
#[cfg(any(test, loom))]
pub mod testing;
pub mod uses;
pub mod version;
pub mod weak;
pub mod world;
