//! mappingproxy: a read-only view of a mapping, such as the attributes of a class.

use crate::bytecode::opcode::CompareOp;
use crate::object::args::{Args, Bound};
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::names::known;
use crate::object::operator;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, str};

/// The mapping behind the view.
pub struct MappingProxy {
    pub mapping: Stored,
}

// SAFETY: `MAPPING_PROXY`'s layout is `MappingProxy`.
unsafe impl Payload for MappingProxy {
    fn layout_type() -> &'static Type {
        &core_types::MAPPING_PROXY
    }

    fn trace(&self, visit: Visit) {
        visit(&self.mapping);
    }
}

/// A view of a mapping.
pub fn new(mapping: Value) -> Value {
    alloc::new(&core_types::MAPPING_PROXY, MappingProxy { mapping: Stored::new(mapping) })
}

/// The mapping behind a view.
fn of(v: &Value) -> &Value {
    v.downcast::<MappingProxy>().map_or(Value::none_ref(), |p| &p.mapping)
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Read-only proxy of a mapping.",
    signature: "(mapping)",
    slots: SlotTable {
        repr: Some(repr),
        str: Some(|t, v| protocol::to_str(t, of(v))),
        hash: Some(|t, v| protocol::hash(t, of(v))),
        richcompare: Some(richcompare),
        iter: Some(|t, v| protocol::iter(t, of(v))),
        len: Some(|t, v| protocol::len(t, of(v))),
        getitem: Some(|t, v, key| protocol::get_item(t, of(v), key)),
        contains: Some(|t, v, key| protocol::contains(t, of(v), key)),
        or: Some(or),
        ior: Some(|t, v, _| {
            let class = v.class().name();
            Err(raise::type_error(t, format!("'|=' is not supported by {class}; use '|' instead")))
        }),
        new: Some(make),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "get",
            "($self, key, default=None, /)",
            NativeFn::Bound(get),
            "Return the value for key if key is in the mapping, else default.",
        ),
        Method::new("keys", "($self, /)", NativeFn::F1(|t, v| call(t, v, &known().keys)), "A view of the keys."),
        Method::new("values", "($self, /)", NativeFn::F1(|t, v| call(t, v, &known().values)), "A view of the values."),
        Method::new("items", "($self, /)", NativeFn::F1(|t, v| call(t, v, &known().items)), "A view of the items."),
        Method::new("copy", "($self, /)", NativeFn::F1(|t, v| call(t, v, &known().copy)), "A shallow copy."),
        Method::new(
            "__class_getitem__",
            "($type, item, /)",
            NativeFn::F2(super::class_getitem),
            super::CLASS_GETITEM_DOC,
        )
        .class_method(),
        Method::new(
            "__reversed__",
            "($self, /)",
            NativeFn::F1(|t, v| call(t, v, &known().__reversed__)),
            "A reverse iterator over the keys.",
        ),
    ],
    flags: flag::MAPPING | flag::KEYED,
    ..TypeSpec::new("builtins", "mappingproxy", layout_of::<MappingProxy>(true))
};

fn call(t: &Thread, v: &Value, name: &Value) -> PyResult {
    protocol::call_method(t, of(v), name, &[])
}

fn make(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    let mapping = match (args.pos(), args.names().len()) {
        ([mapping], 0) => mapping,
        ([], 1) if args.keyword("mapping").is_some() => args.keyword("mapping").unwrap_or(Value::none_ref()),
        ([], 0) => return Err(raise::type_error(t, "mappingproxy() missing required argument 'mapping' (pos 1)")),
        ([], _) => {
            let name = args.names().iter().find(|n| !str::eq_str(n, "mapping")).map(|n| str::lossy(n).into_owned());
            let name = name.unwrap_or_default();
            return Err(raise::type_error(t, format!("mappingproxy() got an unexpected keyword argument '{name}'")));
        }
        (pos, k) => {
            let n = pos.len() + k;
            return Err(raise::type_error(t, format!("mappingproxy() takes exactly 1 argument ({n} given)")));
        }
    };
    let class = mapping.class();
    let is_mapping = class.slots.getitem.get().is_some()
        && !class.has_flag(flag::LIST_SUBCLASS | flag::TUPLE_SUBCLASS)
        && str::view(mapping).is_none();
    if !is_mapping {
        let message = format!("mappingproxy() argument must be a mapping, not {}", class.display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(new(mapping.clone()))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let inner = protocol::repr(t, of(v))?;
    let mut out = crate::object::growing::Growing::new();
    out.push_str("mappingproxy(");
    if let Some(view) = str::view(&inner) {
        out.push_text(view);
    }
    out.push_str(")");
    out.finish(t)
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    protocol::compare(t, of(a), b, op)
}

fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let inner = |v: &Value| match v.downcast::<MappingProxy>() {
        Some(p) => p.mapping.clone(),
        None => v.clone(),
    };
    operator::binary(t, &inner(a), &inner(b), crate::bytecode::opcode::BinaryOp::Or)
}

fn get(t: &Thread, b: &Bound<'_>) -> PyResult {
    let default = b.opt(2).unwrap_or(Value::none_ref());
    if let Some(dict) = of(b.req(0)).downcast_exact::<Dict>() {
        return Ok(dict.get(t, b.req(1))?.unwrap_or_else(|| default.clone()));
    }
    protocol::call_method(t, of(b.req(0)), &known().get, &[b.req(1).clone(), default.clone()])
}
