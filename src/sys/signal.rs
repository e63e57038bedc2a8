//! Signals: the handler that notes what arrived, masks, waiting, timers.
//!
//! The handler may interrupt any instruction, so it only stores to atomics, calls the hook that `on_arrival` was given
//! (which must be as careful) and writes a byte to the wake-up descriptor. Who runs Python's handlers asks `take`.

use crate::sync::arrivals::Arrivals;
use std::io::{Error, Result};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::*};
use std::time::Duration;

/// One more than the largest signal number.
pub const COUNT: usize = 65;

static ARRIVALS: Arrivals<COUNT> = Arrivals::new();
static HOOK: OnceLock<fn()> = OnceLock::new();
/// `signal.set_wakeup_fd()`: -1 for none.
pub static WAKEUP: AtomicI32 = AtomicI32::new(-1);
/// Whether a full wake-up pipe is worth a warning.
pub static WARN_WHEN_FULL: AtomicBool = AtomicBool::new(true);
/// The errno of a failed write to the wake-up descriptor that is still to be reported; 0 for none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);

/// A set of signals.
pub type Set = libc::sigset_t;

/// Sets what the handler calls after it has noted a signal. Only the first call counts. `hook` must be safe in a signal
/// handler.
pub fn on_arrival(hook: fn()) {
    let _ = HOOK.set(hook);
}

/// Notes a signal as if it had arrived. Safe in a signal handler.
pub fn note(number: i32) {
    ARRIVALS.note(number as usize);
    // Before the write below: who is woken by it finds the mark.
    if let Some(hook) = HOOK.get() {
        hook();
    }
    let fd = WAKEUP.load(Relaxed);
    if fd == -1 {
        return;
    }
    let byte = number as u8;
    // SAFETY: writes one byte; `write` is async-signal-safe.
    let put = unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
    if put < 0 {
        let error = errno();
        let full = error == libc::EAGAIN || error == libc::EWOULDBLOCK;
        if !full || WARN_WHEN_FULL.load(Relaxed) {
            WAKEUP_ERROR.store(error, Relaxed);
            if let Some(hook) = HOOK.get() {
                hook();
            }
        }
    }
}

/// `errno` of the calling thread.
pub fn errno() -> i32 {
    // SAFETY: the address of a thread-local.
    unsafe { *libc::__errno_location() }
}

extern "C" fn handler(number: libc::c_int) {
    let saved = errno();
    note(number);
    // SAFETY: as in `errno`; what was interrupted finds its own error again.
    unsafe { *libc::__errno_location() = saved };
}

/// Clears the general mark; whether a signal had arrived since.
pub fn arrived() -> bool {
    ARRIVALS.arrived()
}

/// Sets the general mark again: some signals are still to be handled.
pub fn remark() {
    ARRIVALS.remark();
}

/// Whether a signal is pending, which it then is no more.
pub fn take(number: usize) -> bool {
    ARRIVALS.take(number)
}

/// Forgets all pending signals: the child of a fork.
pub fn forget() {
    ARRIVALS.forget();
}

/// The error of a write to the wake-up descriptor, to be reported once.
pub fn wakeup_error() -> Option<i32> {
    match WAKEUP_ERROR.swap(0, Relaxed) {
        0 => None,
        error => Some(error),
    }
}

/// What a signal does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    Default,
    Ignore,
    /// Our handler.
    Noted,
    /// A handler that is not ours.
    Foreign,
}

/// What a signal does at present.
pub fn disposition(number: i32) -> Result<Disposition> {
    // SAFETY: an all-zero action is valid; the call writes it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(number, std::ptr::null(), &mut action) != 0 {
            return Err(Error::last_os_error());
        }
        Ok(match action.sa_sigaction {
            libc::SIG_DFL => Disposition::Default,
            libc::SIG_IGN => Disposition::Ignore,
            other if other == handler as *const () as usize => Disposition::Noted,
            _ => Disposition::Foreign,
        })
    }
}

/// Sets what a signal does. System calls that it interrupts answer EINTR.
pub fn set_disposition(number: i32, what: Disposition) -> Result<()> {
    // SAFETY: the action is complete; `handler` is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = match what {
            Disposition::Ignore => libc::SIG_IGN,
            Disposition::Noted => handler as *const () as usize,
            Disposition::Default | Disposition::Foreign => libc::SIG_DFL,
        };
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigemptyset(&mut action.sa_mask);
        check(libc::sigaction(number, &action, std::ptr::null_mut()))
    }
}

/// Whether system calls that a signal interrupts go on by themselves.
pub fn set_restart(number: i32, restart: bool) -> Result<()> {
    // SAFETY: changes a flag of the present action.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        check(libc::sigaction(number, std::ptr::null(), &mut action))?;
        if restart {
            action.sa_flags |= libc::SA_RESTART;
        } else {
            action.sa_flags &= !libc::SA_RESTART;
        }
        check(libc::sigaction(number, &action, std::ptr::null_mut()))
    }
}

fn check(result: libc::c_int) -> Result<()> {
    if result == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}

/// The same for functions that answer the error itself.
fn check_number(error: libc::c_int) -> Result<()> {
    if error == 0 { Ok(()) } else { Err(Error::from_raw_os_error(error)) }
}

/// Sends a signal to the calling thread.
pub fn raise(number: i32) -> Result<()> {
    // SAFETY: sends a signal.
    check(unsafe { libc::raise(number) })
}

/// Sends a signal to a thread, by its `pthread_t`, which the caller says is one.
pub fn send_to_thread(thread: u64, number: i32) -> Result<()> {
    // SAFETY: by the caller, as in C: `get_ident()` of a thread that has not been joined.
    check_number(unsafe { libc::pthread_kill(thread as libc::pthread_t, number) })
}

/// A set of these signals.
pub fn set_of(numbers: &[i32]) -> Set {
    // SAFETY: an all-zero set is valid; the calls write it.
    unsafe {
        let mut set: Set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for number in numbers {
            libc::sigaddset(&mut set, *number);
        }
        set
    }
}

/// The members of a set.
pub fn members(set: &Set) -> Vec<i32> {
    // SAFETY: asks about members.
    (1..COUNT as i32).filter(|n| unsafe { libc::sigismember(set, *n) } == 1).collect()
}

/// All signals that a program may name.
pub fn valid() -> Vec<i32> {
    // SAFETY: writes the set.
    let set = unsafe {
        let mut set: Set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        set
    };
    members(&set)
}

/// Changes the calling thread's mask (`how`: `SIG_BLOCK`, ...); answers the old one.
pub fn mask(how: i32, set: Option<&Set>) -> Result<Set> {
    // SAFETY: reads `set`, writes `old`.
    unsafe {
        let mut old: Set = std::mem::zeroed();
        check_number(libc::pthread_sigmask(how, set.map_or(std::ptr::null(), |s| s), &mut old))?;
        Ok(old)
    }
}

/// Signals that are blocked and have arrived.
pub fn blocked_arrivals() -> Result<Set> {
    // SAFETY: writes the set.
    unsafe {
        let mut set: Set = std::mem::zeroed();
        check(libc::sigpending(&mut set))?;
        Ok(set)
    }
}

/// Waits for one of the signals.
pub fn wait(set: &Set) -> Result<i32> {
    let mut number = 0;
    // SAFETY: reads the set, writes the number.
    check_number(unsafe { libc::sigwait(set, &mut number) })?;
    Ok(number)
}

/// What `sigwaitinfo` tells.
pub struct Info {
    pub number: i32,
    pub code: i32,
    pub errno: i32,
    pub pid: i32,
    pub uid: u32,
    pub status: i32,
    pub band: i64,
}

/// Waits for one of the signals, for a time at most (None: for ever).
pub fn wait_info(set: &Set, timeout: Option<Duration>) -> Result<Info> {
    // SAFETY: reads the set and the time, writes `info`, whose fields are plain numbers.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let number = match timeout {
            None => libc::sigwaitinfo(set, &mut info),
            Some(d) => {
                let time = libc::timespec { tv_sec: d.as_secs() as i64, tv_nsec: d.subsec_nanos().into() };
                libc::sigtimedwait(set, &mut info, &time)
            }
        };
        if number < 0 {
            return Err(Error::last_os_error());
        }
        // `si_band` lies where the union begins, as `si_pid` does.
        let band = *(&raw const info).cast::<i64>().add(2);
        Ok(Info {
            number: info.si_signo,
            code: info.si_code,
            errno: info.si_errno,
            pid: info.si_pid(),
            uid: info.si_uid(),
            status: info.si_status(),
            band,
        })
    }
}

/// Sleeps until a signal arrives.
pub fn pause() {
    // SAFETY: waits.
    unsafe { libc::pause() };
}

/// Asks for SIGALRM in so many seconds; answers what was left of an earlier request.
pub fn alarm(seconds: u32) -> u32 {
    // SAFETY: sets a timer.
    unsafe { libc::alarm(seconds) }
}

/// A timer's delay and interval, in seconds.
pub type Timer = (f64, f64);

fn to_timeval(seconds: f64) -> libc::timeval {
    // Rounded up, so that a tiny delay is not "off".
    let micros = (seconds * 1e6).ceil() as i64;
    libc::timeval { tv_sec: micros.div_euclid(1_000_000), tv_usec: micros.rem_euclid(1_000_000) }
}

fn from_itimerval(v: &libc::itimerval) -> Timer {
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    (seconds(v.it_value), seconds(v.it_interval))
}

/// Sets a timer; answers its old state.
pub fn set_timer(which: i32, new: Timer) -> Result<Timer> {
    let value = libc::itimerval { it_value: to_timeval(new.0), it_interval: to_timeval(new.1) };
    // SAFETY: reads `value`, writes `old`.
    unsafe {
        let mut old: libc::itimerval = std::mem::zeroed();
        check(libc::setitimer(which as _, &value, &mut old))?;
        Ok(from_itimerval(&old))
    }
}

/// A timer's state.
pub fn timer(which: i32) -> Result<Timer> {
    // SAFETY: writes `now`.
    unsafe {
        let mut now: libc::itimerval = std::mem::zeroed();
        check(libc::getitimer(which as _, &mut now))?;
        Ok(from_itimerval(&now))
    }
}

/// The system's text for a signal; None where there is no such signal.
pub fn description(number: i32) -> Option<String> {
    // SAFETY: a static or thread-local text, or null.
    let text = unsafe {
        let text = libc::strsignal(number);
        if text.is_null() {
            return None;
        }
        std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()
    };
    (!text.starts_with("Unknown signal")).then_some(text)
}

/// Sends a signal to a process by its descriptor.
pub fn send_to_pidfd(fd: i32, number: i32, flags: u32) -> Result<()> {
    // SAFETY: a system call without memory.
    let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, number, std::ptr::null::<u8>(), flags) };
    if result == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}
