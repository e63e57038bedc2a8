//! The end of the process.

use super::errors;
use crate::object::thread::Thread;

/// Flushes the standard streams; answers the exit status: 120 where that fails and all else went well.
pub fn finish(t: Box<Thread>, status: i32) -> i32 {
    let flushed = errors::flush(&t);
    // The process ends here: memory is not given back piece by piece.
    std::mem::forget(t);
    if !flushed && status == 0 { 120 } else { status }
}
