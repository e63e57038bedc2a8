//! `collections.defaultdict`: a dict that makes missing values.

use crate::bytecode::opcode::BinaryOp;
use crate::modules::support::{CLASS_GETITEM, put};
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, names, operator, protocol, tuple};
use crate::sync::shim::weakened;
use crate::this;
use crate::types::sequence::{guarded_repr, push_repr};

/// The payload: that of dict, then the factory.
#[repr(C)]
pub struct DefaultDict {
    dict: Dict,
    /// Called without arguments for missing values; empty or None: they stay missing.
    factory: Slot,
}

/// `collections.defaultdict`.
pub static DEFAULTDICT: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    base: Some(&core_types::DICT),
    doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n\
          The factory is called without arguments for the value of a key that is not there when it is asked for by\n\
          subscription. All other arguments are treated as by dict().",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, DefaultDict { dict: Dict::new(), factory: Slot::empty() }))),
        init: Some(init),
        repr: Some(repr),
        or: Some(or),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "__missing__",
            "",
            NativeFn::F2(missing),
            "__missing__(key) # Called by __getitem__ for missing key; sets it to what the factory makes.",
        ),
        Method::new("copy", "", NativeFn::F1(copy), "D.copy() -> a shallow copy of D."),
        Method::new("__copy__", "", NativeFn::F1(copy), "D.copy() -> a shallow copy of D."),
        Method::new("__reduce__", "", NativeFn::F1(reduce), "Return state information for pickling."),
        CLASS_GETITEM,
    ],
    getset: &[GetSet::new(
        "default_factory",
        get_factory,
        set_factory,
        "Factory for default value called by __missing__().",
    )],
    flags: flag::BASETYPE,
    ..TypeSpec::new("collections", "defaultdict", layout_of::<DefaultDict>(true))
};

// SAFETY: `DEFAULTDICT`'s layout is `DefaultDict`, which begins with dict's.
unsafe impl Payload for DefaultDict {
    fn layout_type() -> &'static Type {
        &DEFAULTDICT
    }

    fn trace(&self, visit: Visit) {
        self.dict.trace(&mut *visit);
        visit_slot(&self.factory, visit);
    }

    fn clear(&self) {
        self.dict.clear();
        drop(self.factory.take());
    }
}

fn factory(v: &Value) -> Value {
    this!(v, DefaultDict).factory.load().unwrap_or(Value::NONE)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let mut rest = args;
    let mut factory = Value::NONE;
    if let Some(first) = args.pos().first() {
        if !first.is_none() && first.class().slots.call.get().is_none() {
            return Err(raise::type_error(t, "first argument must be callable or None"));
        }
        factory = first.clone();
        rest = args.skip(1);
    }
    put(t, v, &this!(v, DefaultDict).factory, Some(factory));
    match core_types::DICT.slots.init.get() {
        Some(init) => init(t, v, rest),
        None => Ok(()),
    }
}

fn get_factory(_: &Thread, v: &Value) -> PyResult {
    Ok(factory(v))
}

fn set_factory(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    put(t, v, &this!(v, DefaultDict).factory, value.cloned());
    Ok(())
}

fn missing(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let factory = factory(v);
    if factory.is_none() {
        return Err(raise::key_error(t, key));
    }
    let value = protocol::call_values(t, &factory, &[])?;
    // The first of several threads that miss the same key decides what it gets; the others get that too.
    let hash = protocol::hash(t, key)?;
    if weakened("stress: defaultdict's first value stays") {
        drop(this!(v, DefaultDict).dict.set_hashed(t, key.clone(), hash, value.clone())?);
        return Ok(value);
    }
    this!(v, DefaultDict).dict.set_default(t, key, hash, &value)
}

fn copy(t: &Thread, v: &Value) -> PyResult {
    // The class's constructor, so that instances of subclasses stay such.
    protocol::call_values(t, &v.class().as_value(), &[factory(v), v.clone()])
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let factory = factory(v);
    let args = if factory.is_none() { names::empty_tuple() } else { tuple::from_iter(1, [factory]) };
    let items = protocol::call_method(t, v, &names::known().items, &[])?;
    let items = protocol::iter(t, &items)?;
    Ok(tuple::from_vec(vec![v.class().to_value(), args, Value::NONE, Value::NONE, items]))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let contents = match core_types::DICT.slots.repr.get() {
        Some(repr) => repr(t, v)?,
        None => names::empty_str(),
    };
    let factory = factory(v);
    // A factory may refer back here. As in CPython, one that guards its own text is then shown by dots only.
    let shown = guarded_repr(t, &factory, "...", |out| push_repr(t, out, &factory))?;
    let text = format!(
        "{}({}, {})",
        v.class().name(),
        crate::object::str::lossy(&shown),
        crate::object::str::lossy(&contents)
    );
    Ok(crate::object::str::from_str(&text))
}

fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (own, other) = if a.downcast::<DefaultDict>().is_some() { (a, b) } else { (b, a) };
    if other.downcast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    // Entries of the right operand win; the factory is the left one's, or that of the only one that has one.
    let result = protocol::call_values(t, &own.class().as_value(), &[factory(own), a.clone()])?;
    operator::binary(t, &result, b, BinaryOp::IOr)
}
