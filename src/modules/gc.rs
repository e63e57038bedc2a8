//! `gc`: the cycle collector's switches and views.

use crate::object::args::{Args, Bound};
use crate::object::audit;
use crate::object::collector::{self, COLLECTED, COLLECTIONS, ENABLED};
use crate::object::dict;
use crate::object::header::flag;
use crate::object::list;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::{Stored, Value};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

/// What `set_threshold` was last told: kept for `get_threshold`. The trigger here is the growth of the heap.
static THRESHOLD: Mutex<[i64; 3]> = Mutex::new([2000, 10, 0]);
static DEBUG: AtomicI64 = AtomicI64::new(0);
/// `DEBUG_SAVEALL`.
const SAVE_ALL: i64 = 32;
/// `gc.garbage` as it was made.
static GARBAGE: Mutex<Option<Stored>> = Mutex::new(None);

fn callbacks(t: &Thread, phase: &str, found: usize) -> PyResult<()> {
    let module = (crate::object::hooks::get().import)(t, "gc")?;
    let Some(list) = protocol::lookup_attr(t, &module, &names::intern("callbacks"))? else { return Ok(()) };
    let Some(callbacks) = list.downcast::<crate::object::list::List>() else { return Ok(()) };
    for callback in callbacks.items(t) {
        let info = dict::from_pairs([
            (names::intern("generation"), Value::int(2)),
            (names::intern("collected"), Value::uint(found as u64)),
            (names::intern("uncollectable"), Value::int(0)),
        ]);
        if let Err(raised) = protocol::call_values(t, &callback, &[names::intern(phase), info]) {
            let e = raise::take(t, raised);
            (crate::object::hooks::get().unraisable)(t, e, "", Some(&callback));
        }
    }
    Ok(())
}

fn collect(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut generation = 2;
    if let Some(given) = b.opt(0) {
        generation = protocol::index_i64(t, given)?;
        if !(0..=2).contains(&generation) {
            return Err(raise::value_error(t, "invalid generation"));
        }
    }
    callbacks(t, "start", 0)?;
    let found = collector::collect_for(t, generation as usize);
    callbacks(t, "stop", found)?;
    Ok(Value::uint(found as u64))
}

fn set_threshold(t: &Thread, args: Args<'_>) -> PyResult {
    let pos = args.exactly_positional(t, "set_threshold", 1, 3)?;
    let mut new = *THRESHOLD.lock();
    for (place, v) in new.iter_mut().zip(pos) {
        *place = protocol::index_i64(t, v)?;
    }
    *THRESHOLD.lock() = new;
    Ok(Value::NONE)
}

/// Of the flags, `DEBUG_SAVEALL` alone has something to do here: nothing is uncollectable, and there are no statistics to print.
fn set_debug(t: &Thread, v: &Value) -> PyResult {
    let flags = protocol::index_i64(t, v)?;
    DEBUG.store(flags, Relaxed);
    let list = if flags & SAVE_ALL != 0 { GARBAGE.lock().as_ref().map(|list| Value::clone(list)) } else { None };
    let old = std::mem::replace(&mut *collector::SAVED.lock(), list.map(Stored::new));
    drop(old);
    Ok(Value::NONE)
}

fn get_stats(_: &Thread) -> PyResult {
    let row = |collections: u64, collected: u64| {
        dict::from_pairs([
            (names::intern("collections"), Value::uint(collections)),
            (names::intern("collected"), Value::uint(collected)),
            (names::intern("uncollectable"), Value::int(0)),
        ])
    };
    let rows = COLLECTIONS.iter().zip(&COLLECTED).map(|(a, b)| row(a.load(Relaxed), b.load(Relaxed)));
    Ok(list::from_vec(rows.collect()))
}

/// `get_objects(generation=None)`: the generations are one.
fn get_objects(t: &Thread, b: &Bound<'_>) -> PyResult {
    let generation = b.non_none(0);
    audit::event(t, "gc.get_objects", || [generation.cloned().unwrap_or(Value::int(-1))])?;
    if let Some(generation) = generation {
        let n = protocol::index_i64(t, generation)?;
        let problem = match n {
            i64::MIN..=-1 => "generation parameter cannot be negative",
            0..=2 => "",
            _ => "generation parameter must be less than the number of available generations (3)",
        };
        if !problem.is_empty() {
            return Err(raise::value_error(t, problem));
        }
    }
    Ok(list::from_vec(collector::objects(t)))
}

fn switch(on: bool) -> PyResult {
    ENABLED.store(on, Relaxed);
    Ok(Value::NONE)
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for (name, n) in [
        ("DEBUG_STATS", 1),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", SAVE_ALL),
        ("DEBUG_LEAK", 38),
    ] {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(n))?;
    }
    let garbage = list::new();
    protocol::set_attr(t, module, &names::intern("garbage"), &garbage)?;
    let old = GARBAGE.lock().replace(Stored::new(garbage));
    drop(old);
    protocol::set_attr(t, module, &names::intern("callbacks"), &list::new())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("collect", "($module, /, generation=2)", NativeFn::Bound(collect), "Run the garbage collector."),
        Method::new("enable", "($module, /)", NativeFn::F0(|_| switch(true)), "Enable automatic garbage collection."),
        Method::new(
            "disable",
            "($module, /)",
            NativeFn::F0(|_| switch(false)),
            "Disable automatic garbage collection.",
        ),
        Method::new(
            "isenabled",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::bool(ENABLED.load(Relaxed)))),
            "Returns true if automatic garbage collection is enabled.",
        ),
        Method::new(
            "get_count",
            "($module, /)",
            NativeFn::F0(|_| Ok(tuple::from_slice(&[Value::int(0), Value::int(0), Value::int(0)]))),
            "Return a three-tuple of the current collection counts.",
        ),
        Method::new(
            "get_threshold",
            "($module, /)",
            NativeFn::F0(|_| Ok(tuple::from_vec(THRESHOLD.lock().map(Value::int).to_vec()))),
            "Return the current collection thresholds.",
        ),
        Method::new(
            "set_threshold",
            "",
            NativeFn::Raw(set_threshold),
            "Set the collection thresholds (the collection frequency).",
        ),
        Method::new(
            "get_debug",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::int(DEBUG.load(Relaxed)))),
            "Get the garbage collection debugging flags.",
        ),
        Method::new(
            "set_debug",
            "($module, flags, /)",
            NativeFn::F1(set_debug),
            "Set the garbage collection debugging flags.",
        ),
        Method::new(
            "get_stats",
            "($module, /)",
            NativeFn::F0(get_stats),
            "Return a list of dictionaries containing per-generation statistics.",
        ),
        Method::new(
            "get_objects",
            "($module, /, generation=None)",
            NativeFn::Bound(get_objects),
            "Return a list of objects tracked by the collector (excluding the list returned).",
        ),
        Method::new(
            "get_referents",
            "($module, /, *objs)",
            NativeFn::Raw(|t, args| {
                audit::event(t, "gc.get_referents", || [tuple::from_slice(args.pos())])?;
                Ok(list::from_vec(args.pos().iter().flat_map(|v| collector::referents(t, v)).collect()))
            }),
            "Return the list of objects that are directly referred to by 'objs'.",
        ),
        Method::new(
            "get_referrers",
            "($module, /, *objs)",
            NativeFn::Raw(|t, args| {
                audit::event(t, "gc.get_referrers", || [tuple::from_slice(args.pos())])?;
                Ok(list::from_vec(collector::referrers(t, args.pos())))
            }),
            "Return the list of objects that directly refer to any of 'objs'.",
        ),
        Method::new(
            "is_tracked",
            "($module, obj, /)",
            NativeFn::F1(|_, v| Ok(Value::bool(v.header().is_some_and(collector::is_tracked)))),
            "Returns true if the object is tracked by the garbage collector.",
        ),
        Method::new(
            "is_finalized",
            "($module, obj, /)",
            NativeFn::F1(|_, v| Ok(Value::bool(v.header().is_some_and(|h| h.has_flag(flag::FINALIZED))))),
            "Returns true if the object has been already finalized by the GC.",
        ),
        Method::new(
            "freeze",
            "($module, /)",
            NativeFn::F0(|t| {
                collector::freeze(t);
                Ok(Value::NONE)
            }),
            "Freeze all current tracked objects and ignore them for future collections.",
        ),
        Method::new(
            "unfreeze",
            "($module, /)",
            NativeFn::F0(|t| {
                collector::unfreeze(t);
                Ok(Value::NONE)
            }),
            "Unfreeze all objects in the permanent generation.",
        ),
        Method::new(
            "get_freeze_count",
            "($module, /)",
            NativeFn::F0(|t| Ok(Value::uint(collector::frozen(t) as u64))),
            "Return the number of objects in the permanent generation.",
        ),
    ],
    init: Some(init),
    ..ModuleSpec::new("gc", "This module provides access to the garbage collector for reference cycles.")
};
