//! The end of what a program leaves behind in its modules: finalisers (`__del__`), `finally` blocks of generators that nobody
//! will resume, callbacks of weak references.
//!
//! The order is CPython's (`finalize_modules`):
//! 1. What `sys` keeps of the last error and the like is let go.
//! 2. `sys.modules` is emptied, and a collection ends the modules that nothing else holds.
//! 3. In those that are left, youngest first, names are set to None: those with one underscore first, then the others.
//! 4. Another collection.
//!
//! Where no object can notice its end, none of this is done: memory goes with the process.

use super::{imports, start};
use crate::interp::generator;
use crate::object::collector;
use crate::object::dict::Dict;
use crate::object::header::{Header, flag as header_flag};
use crate::object::names;
use crate::object::str;
use crate::object::thread::{Thread, WORLD};
use crate::object::type_object::flag;
use crate::object::value::Value;
use crate::types::module_;
use crate::types::weakref_::{self, Weakref};

/// Attributes of `sys` that may keep objects of the program.
const LET_GO: &[&str] = &[
    "path",
    "argv",
    "ps1",
    "ps2",
    "last_exc",
    "last_type",
    "last_value",
    "last_traceback",
    "path_hooks",
    "path_importer_cache",
    "meta_path",
    "__interactivehook__",
];

/// See the module's documentation. No other thread runs any more.
pub fn end(t: &Thread) {
    if !somebody_notices(t) {
        return;
    }
    collector::collect(t);
    let Some(sys) = imports::loaded("sys").and_then(|sys| module_::payload_dict(&sys)) else { return };
    for name in LET_GO {
        let name = names::intern(name);
        set_if_there(&sys, &name, || Some(Value::NONE));
    }
    for name in ["stdin", "stdout", "stderr"] {
        let original = names::intern(&format!("__{name}__"));
        set_if_there(&sys, &names::intern(name), || sys.downcast::<Dict>()?.get_str(&original));
    }
    set_if_there(&start::builtins(), &names::intern("_"), || Some(Value::NONE));
    let modules = take_modules();
    collector::collect(t);
    for module in modules.iter().rev().filter_map(weakref_::target) {
        if let Some(names) = module_::payload_dict(&module) {
            clear_names(&names);
        }
    }
    drop(modules);
    collector::collect(t);
}

/// Whether an object may do something when it ends that a program can see.
fn somebody_notices(t: &Thread) -> bool {
    let _stopped = WORLD.stop(t.record);
    let mut found = false;
    // SAFETY: the world is stopped.
    unsafe {
        crate::heap::for_each_block(|block| found = found || notices(&*block.cast::<Header>()));
    }
    found
}

fn notices(header: &Header) -> bool {
    let class = header.class();
    if class.slots.finalize.get().is_some() && !header.has_flag(header_flag::FINALIZED) {
        // Streams are written out in any case (`modules::io::exit`).
        let v = header.as_value();
        return class.has_flag(flag::HEAPTYPE) || generator::of(&v).is_some_and(|g| g.is_suspended());
    }
    header.as_value().downcast::<Weakref>().is_some_and(Weakref::has_callback)
}

/// `names[key] = value()`, where the dict has the key.
fn set_if_there(names: &Value, key: &Value, value: impl FnOnce() -> Option<Value>) {
    if let Some(d) = names.downcast::<Dict>()
        && d.get_str(key).is_some()
        && let Some(value) = value()
    {
        drop(d.set_str(key, value));
    }
}

/// Empties `sys.modules` but for the two modules that native code goes on to use; weak references to what was there.
fn take_modules() -> Vec<Value> {
    let all = start::modules_dict();
    let Some(all) = all.downcast::<Dict>() else { return Vec::new() };
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for (name, module) in all.entries() {
        if matches!(&*str::lossy(&name), "sys" | "builtins") {
            kept.push((name, module));
        } else if module.class().has_flag(flag::HAS_WEAKREFS) {
            taken.push(weakref_::plain(&module));
        }
    }
    all.clear_all();
    for (name, module) in kept {
        drop(all.set_str(&name, module));
    }
    taken
}

/// Sets the names of a module to None, so that finalisers find the others as long as they can.
fn clear_names(names: &Value) {
    let Some(d) = names.downcast::<Dict>() else { return };
    for pass in 0..2 {
        for (name, value) in d.entries() {
            let text = str::lossy(&name);
            let hidden = text.starts_with('_') && !text.starts_with("__");
            if str::view(&name).is_none() || value.is_none() || (pass == 0 && !hidden) || text == "__builtins__" {
                continue;
            }
            drop(value);
            drop(d.set_str(&name, Value::NONE));
        }
    }
}
