//! The table of Python's signal handlers, and running them at the main thread's safepoints.

use crate::modules::thread::handle;
use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::{Thread, ThreadRecord};
use crate::object::value::{Stored, Value};
use crate::object::{bigint, hooks};
use crate::sync::parking::mutex::Mutex;
use crate::sync::world::attention;
use crate::sys::signal::{self, Disposition};
use crate::types::exceptions::os_error;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::*};

/// Handlers by signal number; `None`: not known (set by foreign code). Values are put in and taken out whole, and
/// dropped outside of the lock.
static HANDLERS: Mutex<[Option<Stored>; signal::COUNT]> = Mutex::new([const { None }; signal::COUNT]);
/// Which signals have a Python function as their handler, a bit each: what `simulate` may look at anywhere.
static CALLABLE: AtomicU64 = AtomicU64::new(0);
/// The main thread's record: whom arrivals call to a safepoint.
static MAIN: AtomicPtr<ThreadRecord> = AtomicPtr::new(std::ptr::null_mut());

/// `SIG_DFL` and `SIG_IGN` as Python sees them.
pub fn is_plain(handler: &Value, which: libc::sighandler_t) -> bool {
    matches!(bigint::view(handler), Some(bigint::IntView::Small(i)) if i == which as i64)
}

/// Makes the calling thread the one that runs handlers: at start-up, and in the child of a fork.
pub fn set_main(t: &Thread) {
    MAIN.store(t.record as *const ThreadRecord as *mut ThreadRecord, Release);
}

/// The hook of `sys::signal`: loads and one read-modify-write, safe in a signal handler.
fn call_main() {
    // SAFETY: records live as long as the process.
    if let Some(record) = unsafe { MAIN.load(Acquire).as_ref() } {
        record.notify(attention::SIGNAL);
    }
}

/// Fills the table from what the process inherited, and lets SIGINT raise KeyboardInterrupt. The main thread calls it once,
/// with the module.
pub fn start(t: &Thread, module: &Value) -> PyResult<()> {
    set_main(t);
    signal::on_arrival(call_main);
    for number in 1..signal::COUNT {
        let handler = match signal::disposition(number as i32) {
            Ok(Disposition::Default) => Some(Value::int(libc::SIG_DFL as i64)),
            Ok(Disposition::Ignore) => Some(Value::int(libc::SIG_IGN as i64)),
            _ => None,
        };
        drop(put(number, handler));
    }
    let inherited = HANDLERS.lock()[libc::SIGINT as usize].as_ref().map(|h| (**h).clone());
    if inherited.is_some_and(|h| is_plain(&h, libc::SIG_DFL)) {
        let default = protocol::get_attr(t, module, &names::intern("default_int_handler"))?;
        drop(put(libc::SIGINT as usize, Some(default)));
        let _ = signal::set_disposition(libc::SIGINT, Disposition::Noted);
    }
    Ok(())
}

/// What a program that writes to a closed pipe or a full disk is to see is an exception, not the end.
pub fn ignore_at_start() {
    for number in [libc::SIGPIPE, libc::SIGXFSZ] {
        let _ = signal::set_disposition(number, Disposition::Ignore);
    }
}

/// The handler of a signal; None where it is not Python's.
pub fn get(number: usize) -> Option<Value> {
    HANDLERS.lock()[number].as_ref().map(|h| (**h).clone())
}

/// Replaces the handler of a signal in the table; answers the old one.
#[must_use = "dropped outside of the lock"]
pub fn put(number: usize, handler: Option<Value>) -> Option<Value> {
    let callable = handler.as_ref().is_some_and(|h| !is_plain(h, libc::SIG_DFL) && !is_plain(h, libc::SIG_IGN));
    let fresh = handler.map(Stored::new);
    let mut table = HANDLERS.lock();
    let bit = 1 << (number - 1);
    if callable {
        CALLABLE.fetch_or(bit, Relaxed);
    } else {
        CALLABLE.fetch_and(!bit, Relaxed);
    }
    std::mem::replace(&mut table[number], fresh).map(Stored::into_value)
}

/// `Hooks::simulate_signal`: as if a signal had arrived, if Python has a handler for it.
pub fn simulate(number: i32) {
    if (1..signal::COUNT as i32).contains(&number) && CALLABLE.load(Relaxed) & 1 << (number - 1) != 0 {
        signal::note(number);
    }
}

/// Runs the handlers of signals that have arrived, if this is the main thread. Raises what they raise; the rest then run
/// at the next safepoint.
pub fn run(t: &Thread) -> PyResult<()> {
    if !handle::is_main(t) {
        return Ok(());
    }
    if let Some(error) = signal::wakeup_error() {
        let raised = os_error::from_errno(t, error, None, None);
        let e = raise::take(t, raised);
        (hooks::get().unraisable)(t, e, "Exception ignored when trying to write to the signal wakeup fd", None);
    }
    if !signal::arrived() {
        return Ok(());
    }
    for number in 1..signal::COUNT {
        if !signal::take(number) {
            continue;
        }
        let handler = match get(number) {
            Some(h) if !is_plain(&h, libc::SIG_DFL) && !is_plain(&h, libc::SIG_IGN) => h,
            _ => {
                // The handler was taken away after the signal had arrived.
                let message = format!("Signal {number} ignored due to race condition");
                let raised = raise::new(t, &exc::OS_ERROR, message);
                let e = raise::take(t, raised);
                (hooks::get().unraisable)(t, e, "", None);
                continue;
            }
        };
        let frame = (hooks::get().frame)(t, 0).unwrap_or(Value::NONE);
        if let Err(raised) = protocol::call_values(t, &handler, &[Value::int(number as i64), frame]) {
            signal::remark();
            t.record.notify(attention::SIGNAL);
            return Err(raised);
        }
    }
    Ok(())
}

/// Ends the process as an uncaught KeyboardInterrupt does: by the signal itself, so that a shell shows status 130 and stops
/// what it was running. Answers where the signal cannot end the process.
pub fn die_of_interrupt() {
    if signal::set_disposition(libc::SIGINT, Disposition::Default).is_ok() {
        let _ = signal::mask(libc::SIG_UNBLOCK, Some(&signal::set_of(&[libc::SIGINT])));
        let _ = signal::raise(libc::SIGINT);
    }
}
