//! types.SimpleNamespace: an object with the attributes that it is given.

use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::dict::{self, Dict};
use crate::object::growing::Growing;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, StaticType, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{alloc, instance, protocol, str, tuple};
use crate::types::type_::instances;

pub static SIMPLE_NAMESPACE: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A simple attribute-based namespace.",
    signature: "(mapping_or_iterable=(), /, **kwargs)",
    slots: SlotTable {
        repr: Some(repr),
        richcompare: Some(richcompare),
        init: Some(init),
        new: Some(|_, class, _| Ok(alloc::new_plain(class))),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "Return state information for pickling"),
        Method::new(
            "__replace__",
            "($self, /, **changes)",
            NativeFn::Raw(replace),
            "Return a copy of the namespace object with new values for the specified attributes.",
        ),
    ],
    getset: &[GetSet::read_only("__dict__", instances::get_dict, "").as_member()],
    flags: flag::BASETYPE | flag::HAS_DICT,
    ..TypeSpec::new("types", "SimpleNamespace", NO_LAYOUT)
};

/// A namespace with these attributes.
pub fn new(t: &Thread, pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let v = alloc::new_plain(&SIMPLE_NAMESPACE);
    for (name, value) in pairs {
        set(t, &v, &names::intern(name), value);
    }
    v
}

fn set(t: &Thread, v: &Value, name: &Value, value: Value) {
    if let Some(header) = v.header()
        && let Some(attributes) = instance::attributes(header)
    {
        attributes.set(t, header, name, value);
    }
}

fn entries(v: &Value) -> Vec<(Value, Value)> {
    v.header().and_then(instance::attributes).map(|a| a.entries()).unwrap_or_default()
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let class = v.class().name();
    if args.pos().len() > 1 {
        let n = args.pos().len();
        return Err(raise::type_error(t, format!("{class} expected at most 1 argument, got {n}")));
    }
    if let Some(source) = args.pos().first() {
        let entries = dict::new();
        protocol::call_method(t, &entries, &known().update, std::slice::from_ref(source))?;
        for (name, value) in entries.downcast::<Dict>().map(Dict::entries).unwrap_or_default() {
            if str::view(&name).is_none() {
                return Err(raise::type_error(t, "keywords must be strings"));
            }
            set(t, v, &names::intern_value(&name), value);
        }
    }
    for (name, value) in args.keywords() {
        set(t, v, &names::intern_value(name), value.clone());
    }
    Ok(())
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let name = if v.is_exact(&SIMPLE_NAMESPACE) { "namespace" } else { v.class().name() };
    let id = v.id();
    if t.repr_guard.borrow().contains(&id) {
        return Ok(str::from_str(&format!("{name}(...)")));
    }
    t.repr_guard.borrow_mut().push(id);
    let text = write(t, v, name);
    t.repr_guard.borrow_mut().pop();
    text.and_then(|text| text.finish(t))
}

fn write(t: &Thread, v: &Value, name: &str) -> PyResult<Growing> {
    let mut out = Growing::new();
    out.push_str(name);
    out.push_str("(");
    let mut first = true;
    for (key, value) in entries(v) {
        let Some(key) = str::view(&key).filter(|k| !k.is_empty()) else { continue };
        if !std::mem::take(&mut first) {
            out.push_str(", ");
        }
        out.push_text(key);
        out.push_str("=");
        let text = protocol::repr(t, &value)?;
        if let Some(view) = str::view(&text) {
            out.push_text(view);
        }
    }
    out.push_str(")");
    Ok(out)
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !a.class().is_subtype(&SIMPLE_NAMESPACE) || !b.class().is_subtype(&SIMPLE_NAMESPACE) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (instances::get_dict(t, a)?, instances::get_dict(t, b)?);
    protocol::compare(t, &x, &y, op)
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let state = instances::get_dict(t, v)?;
    Ok(tuple::from_vec(vec![v.class().to_value(), names::empty_tuple(), state]))
}

fn replace(t: &Thread, args: Args<'_>) -> PyResult {
    let [v] = args.pos() else {
        return Err(raise::type_error(t, "__replace__() takes no positional arguments"));
    };
    let copy = protocol::call_values(t, &v.class().to_value(), &[])?;
    for (name, value) in entries(v) {
        protocol::set_attr(t, &copy, &name, &value)?;
    }
    for (name, value) in args.keywords() {
        protocol::set_attr(t, &copy, &names::intern_value(name), value)?;
    }
    Ok(copy)
}
