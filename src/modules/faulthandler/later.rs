//! `dump_traceback_later`: a thread that waits and then shows where the others are.

use super::dump::{self, Out};
use crate::object::hooks;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One request.
struct Request {
    /// Whether it was cancelled.
    cancelled: Mutex<bool>,
    changed: Condvar,
}

static CURRENT: Mutex<Option<Arc<Request>>> = Mutex::new(None);

/// Ends the request that is under way.
pub fn cancel(_: &Thread) {
    if let Some(request) = CURRENT.lock().take() {
        *request.cancelled.lock() = true;
        request.changed.notify_all();
    }
}

/// Waits, detached, for so long; whether the request was cancelled.
fn wait(t: &Thread, request: &Request, time: Duration) -> bool {
    t.detached(|| {
        let end = Instant::now() + time;
        let mut cancelled = request.cancelled.lock();
        while !*cancelled && !request.changed.wait_until(&mut cancelled, end).timed_out() {}
        *cancelled
    })
}

/// Starts a request; one that is under way ends.
pub fn start(t: &Thread, seconds: f64, repeat: bool, fd: i32, exit: bool) -> PyResult<()> {
    cancel(t);
    let time = Duration::from_secs_f64(seconds);
    let request = Arc::new(Request { cancelled: Mutex::new(false), changed: Condvar::new() });
    *CURRENT.lock() = Some(request.clone());
    let whole = seconds as u64;
    let micros = ((seconds - whole as f64) * 1e6) as u64;
    let clock = format!("Timeout ({}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    let title = if micros == 0 { format!("{clock})!\n") } else { format!("{clock}.{micros:06})!\n") };
    (hooks::get().spawn)(
        t,
        0,
        Box::new(move |t: &Thread| {
            while !wait(t, &request, time) {
                let mut out = Out::new(fd);
                out.text(&title);
                dump::everywhere(&mut out, t, false);
                drop(out);
                if exit {
                    // SAFETY: ends the process.
                    unsafe { libc::_exit(1) }
                }
                if !repeat {
                    break;
                }
            }
            Box::new(|| ())
        }),
    )
}
