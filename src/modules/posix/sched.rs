//! Scheduling policies and processors.

use super::files::fd;
use super::{last_error, retry};
use crate::object::args::Args;
use crate::object::core_types::SET;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub SchedParam, SCHED_PARAM, SCHED_PARAM_SPEC: "posix", "sched_param",
    "Currently has only one field: sched_priority\n\n  sched_priority\n    A scheduling parameter.";
    visible 1; flags crate::object::type_object::flag::BASETYPE;
    0 sched_priority "the scheduling priority";
}

/// Readies the types of this file.
pub fn init() {
    struct_sequence::finish::<SchedParam>();
    SCHED_PARAM.slots.new.set(Some(|t, _, args| new_param(t, args)));
}

/// The constructor that programs see: `sched_param(priority)`.
fn new_param(t: &Thread, args: Args<'_>) -> PyResult {
    let given = args.keyword("sched_priority").or(args.pos().first());
    match given {
        Some(v) if args.all().len() == 1 => Ok(struct_sequence::make::<SchedParam>(vec![v.clone()])),
        _ => Err(raise::type_error(t, "sched_param() takes exactly 1 argument")),
    }
}

/// The priority in a `sched_param`.
pub fn priority(t: &Thread, v: &Value) -> PyResult<i32> {
    if !v.class().is_subtype(&SCHED_PARAM) {
        return Err(raise::type_error(t, "must have a sched_param object"));
    }
    let n = protocol::index_i64(t, &struct_sequence::field::<SchedParam>(v, 0))?;
    i32::try_from(n).map_err(|_| raise::overflow_error(t, "sched_priority out of range"))
}

fn getaffinity(t: &Thread, v: &Value) -> PyResult {
    let pid = fd(t, v)?;
    // Words of a mask that grows until it is large enough.
    let mut words = 16;
    loop {
        let mut mask = vec![0u64; words];
        // SAFETY: writes at most so many bytes.
        let n = unsafe { libc::sched_getaffinity(pid, words * 8, mask.as_mut_ptr().cast()) };
        if n == 0 {
            let cpus = (0..words * 64).filter(|i| mask[i / 64] >> (i % 64) & 1 == 1);
            let items = list::from_vec(cpus.map(|i| Value::int(i as i64)).collect());
            return protocol::call_values(t, &SET.as_value(), &[items]);
        }
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINVAL) || words > 4096 {
            return Err(last_error(t, None));
        }
        words *= 2;
    }
}

fn setaffinity(t: &Thread, pid: &Value, cpus: &Value) -> PyResult {
    let pid = fd(t, pid)?;
    let mut mask = vec![0u64; 16];
    protocol::for_each(t, cpus, |v| {
        if !v.class().is_subtype(&crate::object::core_types::INT) {
            let message = format!(
                "expected an iterator of ints, but iterator yielded {}",
                protocol::repr_lossy(t, &v.class().to_value())
            );
            return Err(raise::type_error(t, message));
        }
        let n = protocol::index_i64(t, &v)?;
        if n < 0 {
            return Err(raise::value_error(t, "negative CPU number"));
        }
        if n > i32::MAX as i64 - 1 {
            return Err(raise::overflow_error(t, "CPU number too large"));
        }
        let word = n as usize / 64;
        if mask.len() <= word {
            mask.resize(word + 1, 0);
        }
        mask[word] |= 1 << (n % 64);
        Ok(())
    })?;
    // SAFETY: reads so many bytes.
    if unsafe { libc::sched_setaffinity(pid, mask.len() * 8, mask.as_ptr().cast()) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

fn getparam(t: &Thread, v: &Value) -> PyResult {
    let pid = fd(t, v)?;
    let mut param = libc::sched_param { sched_priority: 0 };
    // SAFETY: writes `param`.
    retry(t, None, || unsafe { libc::sched_getparam(pid, &mut param) }.into())?;
    Ok(struct_sequence::make::<SchedParam>(vec![Value::int(param.sched_priority.into())]))
}

fn setparam(t: &Thread, pid: &Value, param: &Value) -> PyResult {
    let param = libc::sched_param { sched_priority: priority(t, param)? };
    let pid = fd(t, pid)?;
    // SAFETY: reads `param`.
    retry(t, None, || unsafe { libc::sched_setparam(pid, &param) }.into())?;
    Ok(Value::NONE)
}

fn setscheduler(t: &Thread, pid: &Value, policy: &Value, param: &Value) -> PyResult {
    let param = libc::sched_param { sched_priority: priority(t, param)? };
    let (pid, policy) = (fd(t, pid)?, fd(t, policy)?);
    // SAFETY: reads `param`.
    retry(t, None, || unsafe { libc::sched_setscheduler(pid, policy, &param) }.into())?;
    Ok(Value::NONE)
}

fn getscheduler(t: &Thread, v: &Value) -> PyResult {
    let pid = fd(t, v)?;
    // SAFETY: asks for a number.
    retry(t, None, || unsafe { libc::sched_getscheduler(pid) }.into()).map(Value::int)
}

fn limit(t: &Thread, v: &Value, largest: bool) -> PyResult {
    let policy = fd(t, v)?;
    // SAFETY: asks for a number.
    let n = retry(t, None, || unsafe {
        if largest { libc::sched_get_priority_max(policy) } else { libc::sched_get_priority_min(policy) }.into()
    });
    n.map(Value::int)
}

fn interval(t: &Thread, v: &Value) -> PyResult {
    let pid = fd(t, v)?;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes `time`.
    retry(t, None, || unsafe { libc::sched_rr_get_interval(pid, &mut time) }.into())?;
    Ok(Value::float(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9))
}

fn yield_now(t: &Thread) -> PyResult {
    t.detached(std::thread::yield_now);
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "sched_getaffinity",
        "($module, pid, /)",
        NativeFn::F1(getaffinity),
        "Return the affinity of the process identified by pid (or the current process if zero).",
    ),
    Method::new(
        "sched_setaffinity",
        "($module, pid, mask, /)",
        NativeFn::F2(setaffinity),
        "Set the CPU affinity of the process identified by pid to mask.",
    ),
    Method::new(
        "sched_getparam",
        "($module, pid, /)",
        NativeFn::F1(getparam),
        "Returns scheduling parameters for the process identified by pid.",
    ),
    Method::new(
        "sched_setparam",
        "($module, pid, param, /)",
        NativeFn::F2(setparam),
        "Set scheduling parameters for the process identified by pid.",
    ),
    Method::new(
        "sched_setscheduler",
        "($module, pid, policy, param, /)",
        NativeFn::F3(setscheduler),
        "Set the scheduling policy for the process identified by pid.",
    ),
    Method::new(
        "sched_getscheduler",
        "($module, pid, /)",
        NativeFn::F1(getscheduler),
        "Get the scheduling policy for the process identified by pid.",
    ),
    Method::new(
        "sched_get_priority_max",
        "($module, /, policy)",
        NativeFn::Bound(|t, b| limit(t, b.req(0), true)),
        "Get the maximum scheduling priority for policy.",
    ),
    Method::new(
        "sched_get_priority_min",
        "($module, /, policy)",
        NativeFn::Bound(|t, b| limit(t, b.req(0), false)),
        "Get the minimum scheduling priority for policy.",
    ),
    Method::new(
        "sched_rr_get_interval",
        "($module, pid, /)",
        NativeFn::F1(interval),
        "Return the round-robin quantum for the process identified by pid, in seconds.",
    ),
    Method::new("sched_yield", "($module, /)", NativeFn::F0(yield_now), "Voluntarily relinquish the CPU."),
];
