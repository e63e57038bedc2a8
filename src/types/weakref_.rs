//! Weak references: `weakref.ref` and its subclasses, over the side table of `object/weakref`.

use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::header::{Header, Object};
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::weakref::{self, Link};
use crate::object::{alloc, hooks, protocol, str};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

/// The payload of references and proxies.
#[repr(C)]
pub struct Weakref {
    target: Link,
    callback: Slot,
    /// The referent's hash once it was asked for; -1 before.
    hash: AtomicI64,
}

// SAFETY: `WEAKREF`'s layout is `Weakref`.
unsafe impl Payload for Weakref {
    fn layout_type() -> &'static Type {
        &core_types::WEAKREF
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.callback, visit);
    }

    fn clear(&self) {
        drop(self.callback.take());
    }
}

impl Drop for Weakref {
    fn drop(&mut self) {
        // SAFETY: a `Weakref` is only ever the payload of an object.
        let header = unsafe {
            (self as *const Weakref).cast::<u8>().sub(std::mem::offset_of!(Object<Weakref>, payload)).cast::<Header>()
        };
        weakref::leave(&self.target, header);
    }
}

impl Weakref {
    /// Not yet pointing anywhere: `point` does that once the object is in its place.
    pub fn new(callback: Option<Value>) -> Weakref {
        Weakref { target: Link::new(), callback: Slot::from_option(callback), hash: AtomicI64::new(-1) }
    }

    /// The referent, if it lives.
    pub fn get(&self) -> Option<Value> {
        self.target.get()
    }

    pub fn has_callback(&self) -> bool {
        !self.callback.is_empty()
    }

    /// Points the new reference `v`, whose payload this is, at an object.
    pub fn point(&self, v: &Value, referent: &Value) {
        weakref::enter(&self.target, v, referent);
    }

    /// The living reference to the object for which `wanted` says true; where there is none, `v` becomes one. Atomic.
    pub fn find_or_point(&self, v: &Value, referent: &Value, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        weakref::find_or_enter(&self.target, v, referent, wanted)
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(repr),
        hash: Some(hash),
        call: Some(call),
        richcompare: Some(richcompare),
        init: Some(init),
        new: Some(make),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new(
        "__class_getitem__",
        "($type, item, /)",
        NativeFn::F2(super::class_getitem),
        super::CLASS_GETITEM_DOC,
    )
    .class_method()],
    getset: &[GetSet::read_only("__callback__", callback, "").as_member()],
    flags: flag::BASETYPE,
    ..TypeSpec::new("weakref", "ReferenceType", layout_of::<Weakref>(true))
};

/// Hooks the payload into the object layer's table of references.
pub fn install() {
    let _ = weakref::LINK_OF.set(|header| {
        // SAFETY: only objects with a `Weakref` payload enter themselves into the table.
        let payload = unsafe { &(*(header as *const Header).cast::<Object<Weakref>>()).payload };
        &payload.target
    });
    let _ = weakref::CALLBACKS.set(run_callbacks);
}

/// The payload of a reference or proxy.
#[inline]
pub fn of(v: &Value) -> Option<&Weakref> {
    v.downcast::<Weakref>().or_else(|| super::weak_proxy::of(v))
}

/// Calls the callbacks of references whose referent has died.
fn run_callbacks(t: &Thread, references: Vec<Value>) {
    // An exception that is on its way must not be seen or lost.
    let raised = t.raised.take();
    // The newest first, as in CPython.
    for reference in references.into_iter().rev() {
        let (Some(this), Some(header)) = (of(&reference), reference.header()) else { continue };
        let callback = {
            let _guard = t.lock(header);
            this.callback.take()
        };
        let Some(callback) = callback else { continue };
        if let Err(raised) = protocol::call_values(t, &callback, std::slice::from_ref(&reference)) {
            let exception = raise::take(t, raised);
            (hooks::get().unraisable)(
                t,
                exception,
                "Exception ignored while calling weakref callback",
                Some(&callback),
            );
        }
    }
    t.raised.set(raised);
}

/// The referent of a reference, if it lives.
pub fn target(reference: &Value) -> Option<Value> {
    of(reference)?.get()
}

/// A reference without callback: the one that exists already, or a new one. For objects that can be weakly referenced.
pub fn plain(referent: &Value) -> Value {
    let is_plain = |r: &Value| r.downcast_exact::<Weakref>().is_some_and(|w| !w.has_callback());
    if let Some(found) = referent.header().and_then(|header| weakref::find_reference(header, is_plain)) {
        return found;
    }
    let v = alloc::new(&core_types::WEAKREF, Weakref::new(None));
    // Another thread may have made one meanwhile.
    v.downcast::<Weakref>().and_then(|this| this.find_or_point(&v, referent, is_plain)).unwrap_or(v)
}

/// Raises TypeError unless the object can be weakly referenced.
pub fn check(t: &Thread, referent: &Value) -> PyResult<()> {
    if referent.is_object() && referent.class().has_flag(flag::HAS_WEAKREFS) {
        return Ok(());
    }
    let message = format!("cannot create weak reference to '{}' object", referent.class().display_name());
    Err(raise::type_error(t, message))
}

fn make(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let given = Args::positional(args.pos()).exactly_positional(t, "__new__", 1, 2)?;
    check(t, &given[0])?;
    let callback = given.get(1).and_then(Value::non_none);
    if callback.is_none() && std::ptr::eq(class, &*core_types::WEAKREF) {
        return Ok(plain(&given[0]));
    }
    let v = alloc::new(class, Weakref::new(callback.cloned()));
    if let Some(this) = v.downcast::<Weakref>() {
        this.point(&v, &given[0]);
    }
    Ok(v)
}

fn init(t: &Thread, _: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(t, "ref")?;
    args.exactly_positional(t, "__init__", 1, 2).map(drop)
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    args.exactly_positional(t, "weakref", 0, 0)?;
    Ok(target(v).unwrap_or(Value::NONE))
}

fn callback(_: &Thread, v: &Value) -> PyResult {
    Ok(of(v).filter(|w| !w.target.is_dead()).and_then(|w| w.callback.load()).unwrap_or(Value::NONE))
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(this) = of(v) else { return Ok(0) };
    let known = this.hash.load(Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let Some(referent) = this.get() else { return Err(raise::type_error(t, "weak object has gone away")) };
    let hash = protocol::hash(t, &referent)?;
    this.hash.store(hash, Relaxed);
    Ok(hash)
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Weakref>(), b.downcast::<Weakref>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (x.get(), y.get()) {
        (Some(p), Some(q)) => protocol::compare(t, &p, &q, op),
        _ => Ok(Value::bool(a.is(b) == (op == CompareOp::Eq))),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(referent) = target(v) else {
        return Ok(str::from_str(&format!("<weakref at {:#x}; dead>", v.id())));
    };
    let class = referent.class().display_name();
    // Looked up on the class, so that `__getattr__` is not asked.
    let name = match protocol::special(t, &referent, &known().__name__)? {
        Some(name) if str::view(&name).is_some() => format!(" ({})", str::lossy(&name)),
        _ => String::new(),
    };
    let text = format!("<weakref at {:#x}; to '{class}' at {:#x}{name}>", v.id(), referent.id());
    Ok(str::from_str(&text))
}
