//! `_orochi_proof`: what the tests of the whole machine call, in a build with the feature `proof`.

use crate::object::args::Bound;
use crate::object::collector::ledger;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{dict, protocol, str, tuple};
use crate::sync::shim::schedule;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "begin",
            "($module, seed, threads, length, /)",
            NativeFn::Bound(begin),
            "Prepares a seeded schedule of that many threads, which make about length steps.\n\n\
             It starts when all of them have entered.",
        ),
        Method::new(
            "enter",
            "($module, index, /)",
            NativeFn::F1(enter),
            "The calling thread is participant index of the schedule from now on.",
        ),
        Method::new(
            "leave",
            "($module, /)",
            NativeFn::F0(|_| {
                schedule::leave();
                Ok(Value::NONE)
            }),
            "The calling thread takes part no more.",
        ),
        Method::new(
            "finish",
            "($module, /)",
            NativeFn::F0(finish),
            "Ends the schedule that all have left: how many steps, how many switches, how often it stood still, and a\n\
             fingerprint, the same for the same schedule.",
        ),
        Method::new(
            "ledger",
            "($module, /)",
            NativeFn::F0(sums),
            "Who holds what: a dict from the name of a type to how many objects of it there are, how many references they are\n\
             counted for, and how many of these objects of the heap hold.",
        ),
        Method::new(
            "forget",
            "($module, object, /)",
            NativeFn::F1(|_, object| {
                std::mem::forget(object.clone());
                Ok(Value::NONE)
            }),
            "Takes a reference that is never given back, as native code with a defect would.",
        ),
        Method::new(
            "lose",
            "($module, object, /)",
            NativeFn::F1(|_, object| {
                // SAFETY: none: the caller wants to see that it is noticed, which ends the process.
                drop(unsafe { Value::from_bits(object.bits()) });
                Ok(Value::NONE)
            }),
            "Gives back a reference that was never taken, as native code with a defect would.",
        ),
    ],
    ..ModuleSpec::new("_orochi_proof", "What the tests of the whole machine call.")
};

fn number(t: &Thread, v: &Value) -> PyResult<u64> {
    Ok(protocol::index_i64(t, v)?.max(0) as u64)
}

fn begin(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (seed, threads, length) = (number(t, b.req(0))?, number(t, b.req(1))?, number(t, b.req(2))?);
    schedule::begin(seed, threads as usize, length);
    Ok(Value::NONE)
}

fn enter(t: &Thread, index: &Value) -> PyResult {
    schedule::enter(number(t, index)? as usize, |wait| t.detached(wait));
    Ok(Value::NONE)
}

fn finish(_: &Thread) -> PyResult {
    let outcome = schedule::finish();
    let words = [outcome.steps, outcome.switches, outcome.stuck, outcome.fingerprint];
    Ok(tuple::from_array(words.map(Value::uint)))
}

fn sums(t: &Thread) -> PyResult {
    let result = dict::new();
    for (name, row) in ledger::sums(t) {
        let numbers = [row.objects, row.counted, row.traced].map(Value::int);
        protocol::set_item(t, &result, &str::from_str(&name), &tuple::from_array(numbers))?;
    }
    Ok(result)
}
