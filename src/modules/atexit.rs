//! `atexit`: functions to be called at the end of the process, last registered first.

use crate::object::args::Args;
use crate::object::hooks;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{protocol, tuple};
use crate::sync::shim::Mutex;

struct Entry {
    function: Stored,
    /// A tuple of all argument values, and one of keyword names.
    args: Stored,
    names: Stored,
}

static ENTRIES: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

fn register(t: &Thread, args: Args<'_>) -> PyResult {
    let Some(function) = args.pos().first() else {
        return Err(raise::type_error(t, "register() takes at least 1 argument (0 given)"));
    };
    if function.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "the first argument must be callable"));
    }
    let entry = Entry {
        function: Stored::new(function.clone()),
        args: Stored::new(tuple::from_slice(&args.all()[1..])),
        names: Stored::new(tuple::from_slice(args.names())),
    };
    ENTRIES.lock().push(entry);
    Ok(function.clone())
}

/// Calls all functions; errors are reported as unraisable.
pub fn run(t: &Thread) {
    loop {
        let next = ENTRIES.lock().pop();
        let Some(entry) = next else { return };
        let args = Args::new(tuple::items(&entry.args), tuple::items(&entry.names));
        if let Err(raised) = protocol::call(t, &entry.function, args) {
            let e = raise::take(t, raised);
            let place = format!("Exception ignored in atexit callback {}", protocol::repr_lossy(t, &entry.function));
            (hooks::get().unraisable)(t, e, &place, None);
        }
    }
}

fn unregister(t: &Thread, function: &Value) -> PyResult {
    // Comparing runs Python code: outside the lock, on a copy.
    let known: Vec<Value> = ENTRIES.lock().iter().map(|e| (*e.function).clone()).collect();
    let mut gone = Vec::new();
    for f in known {
        if protocol::eq(t, &f, function)? {
            gone.push(f);
        }
    }
    let mut dropped = Vec::new();
    {
        let mut entries = ENTRIES.lock();
        let mut i = 0;
        while i < entries.len() {
            if gone.iter().any(|g| g.is(&entries[i].function)) {
                dropped.push(entries.remove(i));
            } else {
                i += 1;
            }
        }
    }
    drop(dropped);
    Ok(Value::NONE)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "register",
            "($module, func, /, *args, **kwargs)",
            NativeFn::Raw(register),
            "Register a function to be executed upon normal program termination",
        ),
        Method::new(
            "unregister",
            "($module, func, /)",
            NativeFn::F1(unregister),
            "Unregister an exit function which was previously registered using atexit.register",
        ),
        Method::new(
            "_run_exitfuncs",
            "($module, /)",
            NativeFn::F0(|t| {
                run(t);
                Ok(Value::NONE)
            }),
            "Run all registered exit functions.",
        ),
        Method::new(
            "_clear",
            "($module, /)",
            NativeFn::F0(|_| {
                let all = std::mem::take(&mut *ENTRIES.lock());
                drop(all);
                Ok(Value::NONE)
            }),
            "Clear the list of previously registered exit functions.",
        ),
        Method::new(
            "_ncallbacks",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::uint(ENTRIES.lock().len() as u64))),
            "Return the number of registered exit functions.",
        ),
    ],
    ..ModuleSpec::new(
        "atexit",
        "allow programmer to define multiple exit functions to be executed\nupon normal program termination.",
    )
};
