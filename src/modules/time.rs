//! `time`: clocks, sleeping, calendar conversion by the C library.

use crate::object::args::Bound;
use crate::object::hooks;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{protocol, str};
use crate::sys::clock::{self, Clock};
use std::time::{Duration, Instant};

crate::struct_sequence! {
    pub StructTime, STRUCT_TIME, STRUCT_TIME_SPEC: "time", "struct_time",
    "The time value as returned by gmtime(), localtime(), and strptime(), and\naccepted by asctime(), mktime() and strftime().";
    visible 9; flags crate::object::type_object::flag::BASETYPE;
    0 tm_year "year, for example, 1993";
    1 tm_mon "month of year, range [1, 12]";
    2 tm_mday "day of month, range [1, 31]";
    3 tm_hour "hours, range [0, 23]";
    4 tm_min "minutes, range [0, 59]";
    5 tm_sec "seconds, range [0, 61])";
    6 tm_wday "day of week, range [0, 6], Monday is 0";
    7 tm_yday "day of year, range [1, 366]";
    8 tm_isdst "1 if summer time is in effect, 0 if not, and -1 if unknown";
    9 tm_zone "abbreviation of timezone name";
    10 tm_gmtoff "offset from UTC in seconds";
}

macro_rules! clock_rows {
    ($seconds:ident, $nanoseconds:ident, $clock:expr) => {
        fn $seconds(_: &Thread) -> PyResult {
            Ok(Value::float(clock::nanoseconds($clock) as f64 / 1e9))
        }
        fn $nanoseconds(_: &Thread) -> PyResult {
            Ok(Value::int(clock::nanoseconds($clock)))
        }
    };
}

clock_rows!(time, time_ns, Clock::Real);
clock_rows!(monotonic, monotonic_ns, Clock::Monotonic);
clock_rows!(process_time, process_time_ns, Clock::Process);
clock_rows!(thread_time, thread_time_ns, Clock::Thread);

/// `sleep(seconds)`: detached; signal handlers of the main thread run meanwhile, and what they raise ends it.
fn sleep(t: &Thread, v: &Value) -> PyResult {
    let seconds = match crate::object::bigint::view(v) {
        Some(crate::object::bigint::IntView::Small(i)) => i as f64,
        _ => protocol::as_f64(t, v)?,
    };
    if seconds.is_nan() {
        return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(raise::value_error(t, "sleep length must be non-negative"));
    }
    let Ok(wait) = Duration::try_from_secs_f64(seconds) else {
        return Err(raise::overflow_error(t, "timestamp too large to convert to C PyTime_t"));
    };
    let Some(deadline) = Instant::now().checked_add(wait) else {
        return Err(raise::overflow_error(t, "timestamp too large to convert to C PyTime_t"));
    };
    loop {
        // A signal interrupts the wait of the thread that it reaches, in most cases the main one.
        let interrupted = t.detached(|| clock::sleep_until(deadline));
        if t.record.attention() != 0 {
            (hooks::get().check_attention)(t)?;
        }
        if !interrupted {
            return Ok(Value::NONE);
        }
    }
}

fn seconds_or_now(t: &Thread, v: Option<&Value>) -> PyResult<i64> {
    match v {
        None => Ok(clock::nanoseconds(Clock::Real).div_euclid(1_000_000_000)),
        Some(v) => {
            let seconds = match crate::object::bigint::view(v) {
                Some(crate::object::bigint::IntView::Small(i)) => return Ok(i),
                Some(_) => f64::INFINITY,
                None => protocol::as_f64(t, v)?,
            };
            if seconds.is_nan() {
                return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
            }
            if !(-9.2e18..9.2e18).contains(&seconds) {
                return Err(raise::overflow_error(t, "timestamp out of range for platform time_t"));
            }
            Ok(seconds.floor() as i64)
        }
    }
}

fn to_struct(broken: &clock::Broken) -> Value {
    let n = |i: i64| Value::int(i);
    crate::types::struct_sequence::make::<StructTime>(vec![
        n(broken.year),
        n(broken.month),
        n(broken.day),
        n(broken.hour),
        n(broken.minute),
        n(broken.second),
        n(broken.weekday),
        n(broken.yearday),
        n(broken.dst),
        str::from_str(&broken.zone),
        n(broken.offset),
    ])
}

fn convert(t: &Thread, b: &Bound<'_>, local: bool) -> PyResult {
    let seconds = seconds_or_now(t, b.non_none(0))?;
    match clock::broken_down(seconds, local) {
        Some(broken) => Ok(to_struct(&broken)),
        None => Err(raise::overflow_error(t, "timestamp out of range for platform time_t")),
    }
}

/// The nine numbers of a struct_time or tuple.
fn from_struct(t: &Thread, v: &Value) -> PyResult<clock::Broken> {
    if v.downcast::<Tuple>().is_none() {
        return Err(raise::type_error(t, "Tuple or struct_time argument required"));
    }
    let items = tuple::items(v);
    if items.len() < 9 {
        return Err(raise::type_error(t, "asctime(): illegal time tuple argument"));
    }
    let mut n = [0i64; 9];
    for (place, item) in n.iter_mut().zip(items) {
        *place = protocol::index_i64(t, item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, dst] = n;
    Ok(clock::Broken { year, month, day, hour, minute, second, weekday, yearday, dst, zone: String::new(), offset: 0 })
}

/// Raises ValueError for numbers that no time has; 0 stands for the first month, day and day of the year.
fn check(t: &Thread, broken: &mut clock::Broken) -> PyResult<()> {
    broken.month = if broken.month == 0 { 1 } else { broken.month };
    broken.day = if broken.day == 0 { 1 } else { broken.day };
    broken.yearday = if broken.yearday == 0 { 1 } else { broken.yearday };
    let ranges = [
        (broken.month, 1, 12, "month out of range"),
        (broken.day, 1, 31, "day of month out of range"),
        (broken.hour, 0, 23, "hour out of range"),
        (broken.minute, 0, 59, "minute out of range"),
        (broken.second, 0, 61, "seconds out of range"),
        (broken.yearday, 1, 366, "day of year out of range"),
    ];
    for (n, low, high, message) in ranges {
        if n < low || n > high {
            return Err(raise::value_error(t, message));
        }
    }
    if broken.weekday < -1 {
        return Err(raise::value_error(t, "day of week out of range"));
    }
    broken.weekday = broken.weekday.rem_euclid(7);
    Ok(())
}

fn mktime(t: &Thread, v: &Value) -> PyResult {
    let broken = from_struct(t, v)?;
    match clock::seconds_of(&broken) {
        Some(seconds) => Ok(Value::float(seconds as f64)),
        None => Err(raise::overflow_error(t, "mktime argument out of range")),
    }
}

fn time_or_now(t: &Thread, v: Option<&Value>) -> PyResult<clock::Broken> {
    match v {
        Some(v) => from_struct(t, v),
        None => {
            let now = clock::nanoseconds(Clock::Real).div_euclid(1_000_000_000);
            clock::broken_down(now, true).ok_or_else(|| raise::overflow_error(t, "timestamp out of range"))
        }
    }
}

fn strftime(t: &Thread, b: &Bound<'_>) -> PyResult {
    let Some(format) = str::view(b.req(0)) else {
        let message = format!("strftime() argument 1 must be str, not {}", b.req(0).class().display_name());
        return Err(raise::type_error(t, message));
    };
    let mut broken = time_or_now(t, b.opt(1))?;
    check(t, &mut broken)?;
    // C's function knows locale encodings, and ends at a NUL: what it need not see is copied.
    let is_foreign = |c: u32| c == 0 || c >= 0x80;
    let mut out = TextBuf::new();
    let mut piece = String::new();
    for c in format.code_points().map(Some).chain([None]) {
        match c.filter(|c| !is_foreign(*c)).and_then(char::from_u32) {
            Some(c) => piece.push(c),
            None => {
                if !piece.is_empty() {
                    out.push_str(&clock::format(&piece, &broken));
                    piece.clear();
                }
                c.into_iter().for_each(|c| out.push(c));
            }
        }
    }
    Ok(str::from_buf(out))
}

fn asctime_of(broken: &clock::Broken) -> Value {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    str::from_str(&format!(
        "{} {}{:3} {:02}:{:02}:{:02} {}",
        DAYS[broken.weekday.rem_euclid(7) as usize],
        MONTHS[(broken.month - 1).clamp(0, 11) as usize],
        broken.day,
        broken.hour,
        broken.minute,
        broken.second,
        broken.year
    ))
}

fn asctime(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut broken = time_or_now(t, b.opt(0))?;
    check(t, &mut broken)?;
    Ok(asctime_of(&broken))
}

fn ctime(t: &Thread, b: &Bound<'_>) -> PyResult {
    let seconds = seconds_or_now(t, b.non_none(0))?;
    match clock::broken_down(seconds, true) {
        Some(broken) => Ok(asctime_of(&broken)),
        None => Err(raise::overflow_error(t, "timestamp out of range for platform time_t")),
    }
}

fn strptime(t: &Thread, args: crate::object::args::Args<'_>) -> PyResult {
    let module = (hooks::get().import)(t, "_strptime")?;
    let function = protocol::get_attr_str(t, &module, "_strptime_time")?;
    protocol::call(t, &function, args)
}

fn get_clock_info(t: &Thread, name: &Value) -> PyResult {
    let text = str::lossy(name);
    let (implementation, monotonic, adjustable, clock) = match &*text {
        "time" => ("clock_gettime(CLOCK_REALTIME)", false, true, Clock::Real),
        "monotonic" | "perf_counter" => ("clock_gettime(CLOCK_MONOTONIC)", true, false, Clock::Monotonic),
        "process_time" => ("clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true, false, Clock::Process),
        "thread_time" => ("clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true, false, Clock::Thread),
        _ => return Err(raise::value_error(t, "unknown clock")),
    };
    let types = (hooks::get().import)(t, "types")?;
    let namespace = protocol::get_attr_str(t, &types, "SimpleNamespace")?;
    let info = protocol::call_values(t, &namespace, &[])?;
    for (name, v) in [
        ("implementation", str::from_str(implementation)),
        ("monotonic", Value::bool(monotonic)),
        ("adjustable", Value::bool(adjustable)),
        ("resolution", Value::float(clock::resolution(clock))),
    ] {
        protocol::set_attr(t, &info, &names::intern(name), &v)?;
    }
    Ok(info)
}

fn clock_gettime(t: &Thread, v: &Value) -> PyResult {
    let id = protocol::index_i64(t, v)?;
    match clock::by_id(id as i32) {
        Some(ns) => Ok(Value::float(ns as f64 / 1e9)),
        None => Err(crate::types::exceptions::os_error::from_errno(t, libc::EINVAL, None, None)),
    }
}

fn clock_gettime_ns(t: &Thread, v: &Value) -> PyResult {
    let id = protocol::index_i64(t, v)?;
    match clock::by_id(id as i32) {
        Some(ns) => Ok(Value::int(ns)),
        None => Err(crate::types::exceptions::os_error::from_errno(t, libc::EINVAL, None, None)),
    }
}

fn set_zone(t: &Thread, module: &Value) -> PyResult<()> {
    let zone = clock::zone();
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    set("timezone", Value::int(zone.standard))?;
    set("altzone", Value::int(zone.daylight))?;
    set("daylight", Value::int(zone.has_daylight as i64))?;
    let names = [str::from_str(&zone.names.0), str::from_str(&zone.names.1)];
    set("tzname", tuple::from_slice(&names))
}

fn tzset(t: &Thread) -> PyResult {
    clock::read_zone();
    let module = (hooks::get().import)(t, "time")?;
    set_zone(t, &module)?;
    Ok(Value::NONE)
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    clock::read_zone();
    set_zone(t, module)?;
    for (name, id) in [
        ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
        ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
        ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
        ("CLOCK_TAI", libc::CLOCK_TAI),
    ] {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(id as i64))?;
    }
    protocol::set_attr(t, module, &names::intern("_STRUCT_TM_ITEMS"), &Value::int(11))?;
    crate::types::struct_sequence::finish::<StructTime>();
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("time", "($module, /)", NativeFn::F0(time), "Return the current time in seconds since the Epoch."),
        Method::new(
            "time_ns",
            "($module, /)",
            NativeFn::F0(time_ns),
            "Return the current time in nanoseconds since the Epoch.",
        ),
        Method::new("monotonic", "($module, /)", NativeFn::F0(monotonic), "Monotonic clock, cannot go backward."),
        Method::new(
            "monotonic_ns",
            "($module, /)",
            NativeFn::F0(monotonic_ns),
            "Monotonic clock, cannot go backward, as nanoseconds.",
        ),
        Method::new("perf_counter", "($module, /)", NativeFn::F0(monotonic), "Performance counter for benchmarking."),
        Method::new(
            "perf_counter_ns",
            "($module, /)",
            NativeFn::F0(monotonic_ns),
            "Performance counter for benchmarking as nanoseconds.",
        ),
        Method::new(
            "process_time",
            "($module, /)",
            NativeFn::F0(process_time),
            "Process time for profiling: sum of the kernel and user-space CPU time.",
        ),
        Method::new(
            "process_time_ns",
            "($module, /)",
            NativeFn::F0(process_time_ns),
            "Process time for profiling as nanoseconds.",
        ),
        Method::new(
            "thread_time",
            "($module, /)",
            NativeFn::F0(thread_time),
            "Thread time for profiling: sum of the kernel and user-space CPU time.",
        ),
        Method::new(
            "thread_time_ns",
            "($module, /)",
            NativeFn::F0(thread_time_ns),
            "Thread time for profiling as nanoseconds.",
        ),
        Method::new(
            "sleep",
            "($module, seconds, /)",
            NativeFn::F1(sleep),
            "Delay execution for a given number of seconds.",
        ),
        Method::new(
            "gmtime",
            "($module, seconds=None, /)",
            NativeFn::Bound(|t, b| convert(t, b, false)),
            "Convert seconds since the Epoch to a time tuple expressing UTC.",
        ),
        Method::new(
            "localtime",
            "($module, seconds=None, /)",
            NativeFn::Bound(|t, b| convert(t, b, true)),
            "Convert seconds since the Epoch to a time tuple expressing local time.",
        ),
        Method::new(
            "mktime",
            "($module, tuple, /)",
            NativeFn::F1(mktime),
            "Convert a time tuple in local time to seconds since the Epoch.",
        ),
        Method::new(
            "strftime",
            "($module, format, tuple=None, /)",
            NativeFn::Bound(strftime),
            "Convert a time tuple to a string according to a format specification.",
        ),
        Method::new(
            "strptime",
            "($module, string, format, /)",
            NativeFn::Raw(strptime),
            "Parse a string to a time tuple according to a format specification.",
        ),
        Method::new(
            "asctime",
            "($module, tuple=None, /)",
            NativeFn::Bound(asctime),
            "Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'.",
        ),
        Method::new(
            "ctime",
            "($module, seconds=None, /)",
            NativeFn::Bound(ctime),
            "Convert a time in seconds since the Epoch to a string in local time.",
        ),
        Method::new(
            "get_clock_info",
            "($module, name, /)",
            NativeFn::F1(get_clock_info),
            "Get information of the specified clock.",
        ),
        Method::new(
            "clock_gettime",
            "($module, clk_id, /)",
            NativeFn::F1(clock_gettime),
            "Return the time of the specified clock clk_id as a float.",
        ),
        Method::new(
            "clock_gettime_ns",
            "($module, clk_id, /)",
            NativeFn::F1(clock_gettime_ns),
            "Return the time of the specified clock clk_id as nanoseconds (int).",
        ),
        Method::new(
            "tzset",
            "($module, /)",
            NativeFn::F0(tzset),
            "Initialize, or reinitialize, the local timezone to the value stored in os.environ['TZ'].",
        ),
    ],
    types: &[&STRUCT_TIME],
    init: Some(init),
    ..ModuleSpec::new("time", "This module provides various functions to manipulate time values.")
};
