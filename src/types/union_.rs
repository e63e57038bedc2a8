//! typing.Union, which is types.UnionType: `int | str`.

use super::generic_alias::{self, parameters_of, push_argument, substitute};
use crate::bytecode::opcode::CompareOp;
use crate::object::attribute;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::growing::Growing;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, hooks, protocol, str};

/// The members, a tuple of two at least, without nested unions and repetitions.
pub struct Union {
    args: Stored,
    /// The type parameters among the members, a tuple, once they were asked for.
    parameters: Slot,
}

pub static UNION: StaticType = StaticType::new(&SPEC);

// SAFETY: `UNION`'s layout is `Union`.
unsafe impl Payload for Union {
    fn layout_type() -> &'static Type {
        &UNION
    }

    fn trace(&self, visit: Visit) {
        visit(&self.args);
        visit_slot(&self.parameters, visit);
    }

    fn clear(&self) {
        drop(self.parameters.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Represent a union type\n\nE.g. for int | str",
    slots: SlotTable {
        repr: Some(repr),
        hash: Some(hash),
        getattro: Some(getattro),
        richcompare: Some(richcompare),
        getitem: Some(getitem),
        or: Some(type_or),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__mro_entries__", "($self, bases, /)", NativeFn::F2(refuse_subclass), ""),
        Method::new("__class_getitem__", "($type, args, /)", NativeFn::F2(|t, _, args| from_subscript(t, args)), "")
            .class_method(),
        Method::new(
            "__instancecheck__",
            "($self, instance, /)",
            NativeFn::F2(|t, v, x| super::class_check::is_instance(t, x, v).map(Value::bool)),
            "",
        ),
        Method::new(
            "__subclasscheck__",
            "($self, cls, /)",
            NativeFn::F2(|t, v, x| super::class_check::is_subclass(t, x, v).map(Value::bool)),
            "",
        ),
    ],
    getset: &[
        GetSet::read_only("__name__", |_, _| Ok(crate::object::names::intern("Union")), "Name of the type"),
        GetSet::read_only(
            "__qualname__",
            |_, _| Ok(crate::object::names::intern("Union")),
            "Qualified name of the type",
        ),
        GetSet::read_only("__origin__", |_, _| Ok(UNION.to_value()), "Always returns the type"),
        GetSet::read_only("__parameters__", parameters, "Type variables in the types.UnionType."),
        GetSet::read_only("__args__", |_, v| Ok(members(v).unwrap_or(Value::NONE)), "").as_member(),
    ],
    flags: flag::HAS_WEAKREFS | flag::KEYED,
    ..TypeSpec::new("typing", "Union", layout_of::<Union>(true))
};

/// The members of a union, as a tuple; None for anything else.
pub fn members(v: &Value) -> Option<Value> {
    v.downcast::<Union>().map(|u| (*u.args).clone())
}

/// Whether `|` makes a union of the value.
fn is_unionable(v: &Value) -> bool {
    v.is_none()
        || v.downcast::<Type>().is_some()
        || generic_alias::of(v).is_some()
        || v.downcast::<Union>().is_some()
        || !v.class().is_heap() && v.class().name() == "TypeAliasType"
}

/// Adds a member, a union's members one by one, unless it is there.
fn add(t: &Thread, found: &mut Vec<Value>, v: &Value) -> PyResult<()> {
    if let Some(inner) = v.downcast::<Union>() {
        return tuple::items(&inner.args).iter().try_for_each(|m| add(t, found, m));
    }
    let v = if v.is_none() { core_types::NONE_TYPE.to_value() } else { v.clone() };
    for known in found.iter() {
        let same = match (known.downcast::<Type>(), v.downcast::<Type>()) {
            (Some(_), Some(_)) => known.is(&v),
            _ => std::ptr::eq(known.class(), v.class()) && protocol::eq(t, known, &v)?,
        };
        if same {
            return Ok(());
        }
    }
    found.push(v);
    Ok(())
}

fn finish(found: Vec<Value>) -> Value {
    match <[Value; 1]>::try_from(found) {
        Ok([only]) => only,
        Err(found) => {
            alloc::new(&UNION, Union { args: Stored::new(tuple::from_vec(found)), parameters: Slot::empty() })
        }
    }
}

/// `a | b` of types.
pub fn type_or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if !is_unionable(a) || !is_unionable(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut found = Vec::new();
    add(t, &mut found, a)?;
    add(t, &mut found, b)?;
    Ok(finish(found))
}

/// `Union[a, b]`: texts are forward references; what is no type is an error.
fn from_subscript(t: &Thread, args: &Value) -> PyResult {
    let items = match args.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None => vec![args.clone()],
    };
    if items.is_empty() {
        return Err(raise::type_error(t, "Cannot take a Union of no types."));
    }
    let mut found = Vec::new();
    for item in &items {
        if is_unionable(item) {
            add(t, &mut found, item)?;
            continue;
        }
        let typing = (hooks::get().import)(t, "typing")?;
        let message = str::from_str("Union[arg, ...]: each arg must be a type.");
        let checked = protocol::call_method_str(t, &typing, "_type_check", &[item.clone(), message])?;
        add(t, &mut found, &checked)?;
    }
    Ok(finish(found))
}

fn refuse_subclass(t: &Thread, v: &Value, _: &Value) -> PyResult {
    let shown = protocol::repr_lossy(t, v);
    Err(raise::type_error(t, format!("Cannot subclass {shown}")))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Union>() else { return Ok(Value::NONE) };
    let mut out = Growing::new();
    for (i, member) in tuple::items(&this.args).iter().enumerate() {
        if i > 0 {
            out.push_str(" | ");
        }
        if member.is(&core_types::NONE_TYPE.as_value()) {
            out.push_str("None");
        } else {
            push_argument(t, &mut out, member)?;
        }
    }
    out.finish(t)
}

/// The order of members does not matter.
fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(this) = v.downcast::<Union>() else { return Ok(0) };
    let mut hash = 0x1eaf_u64;
    for member in tuple::items(&this.args) {
        let h = protocol::hash(t, member)? as u64;
        hash ^= (h ^ (h << 16) ^ 89_869_747).wrapping_mul(3_644_798_167);
    }
    let hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923) as i64;
    Ok(if hash == -1 { -2 } else { hash })
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Union>(), b.downcast::<Union>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (xs, ys) = (tuple::items(&x.args), tuple::items(&y.args));
    let mut same = xs.len() == ys.len();
    for member in xs {
        let mut found = false;
        for other in ys {
            found = found || protocol::eq(t, member, other)?;
        }
        same = same && found;
    }
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

/// `__module__` is the type's own, for the sake of `typing`.
fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    if name.is(&known().__module__) || str::eq_str(name, "__module__") {
        return protocol::get_attr(t, &v.class().as_value(), name);
    }
    attribute::generic_get(t, v, name)
}

fn parameters(t: &Thread, v: &Value) -> PyResult {
    let (Some(this), Some(header)) = (v.downcast::<Union>(), v.header()) else { return Ok(Value::NONE) };
    if let Some(found) = this.parameters.load() {
        return Ok(found);
    }
    let found = parameters_of(t, &this.args)?;
    let old = {
        let _guard = t.lock(header);
        this.parameters.swap(Some(found.clone()))
    };
    drop(old);
    Ok(found)
}

fn getitem(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let Some(this) = v.downcast::<Union>() else { return Ok(Value::NONE) };
    let parameters = parameters(t, v)?;
    let args = substitute(t, v, &this.args, &parameters, item)?;
    let mut result: Option<Value> = None;
    for member in tuple::items(&args) {
        result = Some(match result {
            None => member.clone(),
            Some(so_far) => crate::object::operator::binary(t, &so_far, member, crate::bytecode::opcode::BinaryOp::Or)?,
        });
    }
    Ok(result.unwrap_or(Value::NONE))
}
