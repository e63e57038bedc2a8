//! `zlib` and `_bz2`: compression.
//!
//! | file | holds |
//! |---|---|
//! | `flow` | what decompressors of all formats do with their input: limits, leftovers, the end |
//! | `stream` | the safe face of the crate that is zlib |
//! | `zlib`, `zlib_objects` | the module `zlib` |
//! | `bz2` | the module `_bz2` |
//!
//! Each object has a mutex, held for one call. A thread that compresses much, or waits for another's call, is detached,
//! and gives the mutex back before it attaches again.

pub mod bz2;
mod flow;
mod stream;
pub mod zlib;
mod zlib_objects;

use crate::object::thread::Thread;
use crate::sync::shim::Mutex;

/// From this size of the input on, a thread works detached from the others.
const LARGE: usize = 4096;

/// Runs `f` on what a mutex guards; `size` is that of the input.
fn locked<T: Send, R: Send>(t: &Thread, mutex: &Mutex<T>, size: usize, f: impl FnOnce(&mut T) -> R + Send) -> R {
    if size < LARGE
        && let Some(mut inner) = mutex.try_lock()
    {
        return f(&mut inner);
    }
    t.detached(|| f(&mut mutex.lock()))
}
