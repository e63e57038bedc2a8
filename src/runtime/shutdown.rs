//! The end of the process.

use super::{errors, imports, last_objects};
use crate::modules::io;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::{Thread, stop_others_for_good};

/// Flushes the standard streams and the files that are still open; answers the exit status: 120 where that fails and all
/// else went well.
pub fn finish(t: Box<Thread>, status: i32) -> i32 {
    // Threads that are no daemons end first; then what `atexit` was given runs.
    if let Err(raised) = wait_for_threads(&t) {
        let e = raise::take(&t, raised);
        errors::unraisable(&t, e, "Exception ignored on threading shutdown", None);
    }
    crate::modules::atexit::run(&t);
    let flushed = errors::flush(&t);
    // From here on threads that are daemons do not come back to Python.
    stop_others_for_good(&t);
    last_objects::end(&t);
    io::exit::flush_all(&t);
    #[cfg(feature = "loop-stats")]
    crate::interp::stats::report();
    // The process ends here: memory is not given back piece by piece.
    std::mem::forget(t);
    if !flushed && status == 0 { 120 } else { status }
}

/// `threading._shutdown()`, where the module was imported; else waits for `_thread`'s.
fn wait_for_threads(t: &Thread) -> PyResult<()> {
    match imports::loaded("threading") {
        Some(module) => protocol::call_method_str(t, &module, "_shutdown", &[]).map(drop),
        None => crate::modules::thread::handle::shutdown(t).map(drop),
    }
}
