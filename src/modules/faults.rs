//! `_faults`: faults that tests inject, in a build with the feature `proof` only.

use crate::heap::faults::{self, Plan};
use crate::object::args::Bound;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::{Thread, WORLD};
use crate::object::tuple;
use crate::object::value::Value;
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use crate::sync::world::attention;

/// Threads that start until one does not; negative: all start.
static STARTS_LEFT: AtomicI64 = AtomicI64::new(-1);

/// Whether the thread that is about to start does not.
pub fn thread_start_fails() -> bool {
    STARTS_LEFT.fetch_update(Relaxed, Relaxed, |left| (left >= 0).then(|| left - 1)) == Ok(0)
}

fn fail_allocations(t: &Thread, b: &Bound<'_>) -> PyResult {
    let number = |index| -> PyResult<u64> {
        let n = b.opt(index).map_or(Ok(0), |v| protocol::index_i64(t, v))?;
        u64::try_from(n).map_err(|_| raise::value_error(t, "a count"))
    };
    let (left, every) = (number(0)?, number(1)?);
    let all = b.opt(2).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    faults::set(Some(Plan { left, every, all }));
    Ok(Value::NONE)
}

fn stop(_: &Thread) -> PyResult {
    let (counted, failed) = faults::set(None);
    Ok(tuple::from_array([Value::int(counted as i64), Value::int(failed as i64)]))
}

fn unasked(_: &Thread) -> PyResult {
    Ok(Value::uint(faults::unasked() as u64))
}

fn take(t: &Thread, v: &Value) -> PyResult {
    let bytes = usize::try_from(protocol::index_i64(t, v)?).map_err(|_| raise::value_error(t, "a size"))?;
    Ok(Value::uint(std::hint::black_box(Vec::<u8>::with_capacity(bytes)).capacity() as u64))
}

fn fail_thread_start(t: &Thread, v: &Value) -> PyResult {
    STARTS_LEFT.store(protocol::index_i64(t, v)?, Relaxed);
    Ok(Value::NONE)
}

fn raise_in(t: &Thread, b: &Bound<'_>) -> PyResult {
    let ident = protocol::index_i64(t, b.req(0))? as u64;
    let exception = b.req(1).clone();
    for member in WORLD.members() {
        let mut place = member.extra.async_exception.lock();
        if ident == 0 || member.extra.ident.load(Acquire) != ident {
            continue;
        }
        // A thread that ends clears the place under its lock once it has no identifier any more.
        let old = place.replace(exception);
        drop(place);
        member.notify(attention::ASYNC_EXCEPTION);
        drop(old);
        return Ok(Value::TRUE);
    }
    Ok(Value::FALSE)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "fail_allocations",
            "($module, left, every=0, all=False, /)",
            NativeFn::Bound(fail_allocations),
            "Let the allocation after the next LEFT ones of this thread that may fail do so, and each EVERYth after it.\n\n\
             With ALL those count as well that may not fail: their thread gets a MemoryError soon.",
        ),
        Method::new(
            "stop",
            "($module, /)",
            NativeFn::F0(stop),
            "Let allocations succeed; return how many counted and how many failed.",
        ),
        Method::new(
            "unasked",
            "($module, /)",
            NativeFn::F0(unasked),
            "Return the size of the largest block since fail_allocations() that would have ended the process, were there no\n\
             memory for it; 0 if there was none.",
        ),
        Method::new(
            "take",
            "($module, bytes, /)",
            NativeFn::F1(take),
            "Take a block as nothing should that has no way to fail, and give it back; return its size.",
        ),
        Method::new(
            "fail_thread_start",
            "($module, left, /)",
            NativeFn::F1(fail_thread_start),
            "Let the thread after the next LEFT ones not start.",
        ),
        Method::new(
            "raise_in",
            "($module, ident, exception, /)",
            NativeFn::Bound(raise_in),
            "Raise an exception in another thread; return whether there is one with this identifier.",
        ),
    ],
    ..ModuleSpec::new("_faults", "Faults that tests inject.")
};
