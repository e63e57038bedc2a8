//! `_thread._local`: an object whose attributes each thread has for itself.
//!
//! A thread keeps its dicts in its own context, keyed by a number that is never used again: no lock, no shared line. When
//! the object dies, other threads' dicts wait for those threads to end or to look.

use crate::object::alloc;
use crate::object::args::Args;
use crate::object::attribute;
use crate::object::dict::{self, Dict};
use crate::object::names::known;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};

/// The payload of `_local`.
pub struct Local {
    key: u64,
    /// What `__init__` is called with on each thread: a tuple of positional values and one of keyword names.
    args: Stored,
    names: Stored,
}

pub static LOCAL: StaticType = StaticType::new(&SPEC);

// SAFETY: `LOCAL`'s layout is `Local`.
unsafe impl Payload for Local {
    fn layout_type() -> &'static Type {
        &LOCAL
    }

    fn trace(&self, visit: Visit) {
        visit(&self.args);
        visit(&self.names);
        // What a thread keeps for it is its own: else no cycle through it would ever be found.
        crate::object::thread::each_local(self.key, visit);
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let key = self.key;
        let mut gone = None;
        Thread::with_current(|t| {
            let mut locals = t.locals.borrow_mut();
            if let Some(i) = locals.iter().position(|(k, _)| *k == key) {
                gone = Some(locals.swap_remove(i));
            }
        });
        drop(gone);
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let plain = match (class.slots.init.get(), LOCAL.slots.init.get()) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        _ => true,
    };
    if plain && !args.all().is_empty() {
        return Err(raise::type_error(t, "Initialization arguments are not supported"));
    }
    let payload = Local {
        key: NEXT.fetch_add(1, Relaxed),
        args: Stored::new(crate::object::tuple::from_slice(args.all())),
        names: Stored::new(crate::object::tuple::from_slice(args.names())),
    };
    let key = payload.key;
    let v = alloc::new(class, payload);
    // The thread that makes it calls `__init__` once, by the way of every class.
    t.locals.borrow_mut().push((key, dict::new()));
    Ok(v)
}

/// The calling thread's dict; made, with a call of `__init__`, on first use.
fn own_dict(t: &Thread, v: &Value) -> PyResult {
    let Some(local) = v.downcast::<Local>() else { return Err(raise::type_error(t, "a _local is required")) };
    let found = t.locals.borrow().iter().find(|(k, _)| *k == local.key).map(|(_, d)| d.clone());
    if let Some(d) = found {
        return Ok(d);
    }
    let d = dict::new();
    t.locals.borrow_mut().push((local.key, d.clone()));
    if let Some(init) = v.class().slots.init.get() {
        let (args, names) = (crate::object::tuple::items(&local.args), crate::object::tuple::items(&local.names));
        if let Err(raised) = init(t, v, Args::new(args, names)) {
            t.locals.borrow_mut().retain(|(k, _)| *k != local.key);
            return Err(raised);
        }
    }
    Ok(d)
}

fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    let d = own_dict(t, v)?;
    if name.is(&known().__dict__) {
        return Ok(d);
    }
    let class = v.class();
    let on_type = attribute::lookup(t, class, name);
    let get = on_type.as_ref().and_then(|found| found.class().slots.descr_get.get());
    if let (Some(found), Some(get)) = (&on_type, get)
        && attribute::is_data_descriptor(found)
    {
        return get(t, found, Some(v), &class.as_value());
    }
    if let Some(own) = d.downcast::<Dict>().and_then(|d| d.get_str(name)) {
        return Ok(own);
    }
    match (on_type, get) {
        (Some(found), Some(get)) => get(t, &found, Some(v), &class.as_value()),
        (Some(found), None) => Ok(found),
        (None, _) => Err(raise::no_attribute(t, v, name)),
    }
}

fn setattro(t: &Thread, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let d = own_dict(t, v)?;
    if name.is(&known().__dict__) {
        let message = format!("'{}' object attribute '__dict__' is read-only", v.class().display_name());
        return Err(raise::attribute_error(t, v, name, message));
    }
    if let Some(found) = attribute::lookup(t, v.class(), name)
        && let Some(set) = found.class().slots.descr_set.get()
    {
        return set(t, &found, v, value);
    }
    let Some(payload) = d.downcast::<Dict>() else { return Ok(()) };
    match value {
        Some(value) => payload.set(t, name.clone(), value.clone()).map(drop),
        None => match payload.remove(t, name)? {
            Some(_) => Ok(()),
            None => Err(raise::no_attribute(t, v, name)),
        },
    }
}

fn get_dict(t: &Thread, v: &Value) -> PyResult {
    own_dict(t, v)
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Thread-local data",
    slots: SlotTable {
        new: Some(new),
        getattro: Some(getattro),
        setattro: Some(setattro),
        init: Some(|_, _, _| Ok(())),
        repr: Some(|_, v| Ok(str::from_str(&protocol::default_repr(v)))),
        ..SlotTable::EMPTY
    },
    getset: &[GetSet::read_only("__dict__", get_dict, "Local dictionary")],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_thread", "_local", layout_of::<Local>(true))
};
