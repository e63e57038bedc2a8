//! `dump_traceback_later`: a thread that waits and then shows where the others are.

use super::dump::{self, Out};
use crate::object::hooks;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::sync::parking::condvar::Condvar;
use crate::sync::parking::mutex::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::time::{Duration, Instant};

/// One request.
struct Request {
    /// Whether it was cancelled.
    cancelled: AtomicBool,
    changed: Condvar,
}

static CURRENT: Mutex<Option<Arc<Request>>> = Mutex::new(None);

/// Ends the request that is under way.
pub fn cancel(_: &Thread) {
    if let Some(request) = CURRENT.lock().take() {
        request.cancelled.store(true, Release);
        request.changed.notify_all();
    }
}

/// Waits, detached, for so long; whether the request was cancelled.
fn wait(t: &Thread, request: &Request, time: Duration) -> bool {
    let end = Instant::now() + time;
    loop {
        let ticket = request.changed.ticket();
        if request.cancelled.load(Acquire) {
            return true;
        }
        if !t.detached(|| request.changed.await_change(ticket, Some(end))) {
            return request.cancelled.load(Acquire);
        }
    }
}

/// Starts a request; one that is under way ends.
pub fn start(t: &Thread, seconds: f64, repeat: bool, fd: i32, exit: bool) -> PyResult<()> {
    cancel(t);
    let time = Duration::from_secs_f64(seconds);
    let request = Arc::new(Request { cancelled: AtomicBool::new(false), changed: Condvar::new() });
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
