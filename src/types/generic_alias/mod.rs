//! types.GenericAlias: `list[int]` and the like (PEP 585, PEP 646).

mod parameters;

pub use parameters::{parameters_of, substitute};

use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::dict::Dict;
use crate::object::exception::visit_slot;
use crate::object::growing::Growing;
use crate::object::list::List;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str::Str;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, attribute, list, protocol, str};

/// Origin and arguments (a tuple).
pub struct GenericAlias {
    pub origin: Stored,
    pub args: Stored,
    /// The type parameters among the arguments, a tuple, once they were asked for.
    parameters: Slot,
    /// `*tuple[int, ...]`.
    starred: bool,
}

pub static GENERIC_ALIAS: StaticType = StaticType::new(&SPEC);

// SAFETY: `GENERIC_ALIAS`'s layout is `GenericAlias`.
unsafe impl Payload for GenericAlias {
    fn layout_type() -> &'static Type {
        &GENERIC_ALIAS
    }

    fn trace(&self, visit: Visit) {
        visit(&self.origin);
        visit(&self.args);
        visit_slot(&self.parameters, visit);
    }

    fn clear(&self) {
        drop(self.parameters.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
    signature: "(origin, args, /)",
    slots: SlotTable {
        repr: Some(repr),
        hash: Some(hash),
        call: Some(call),
        getattro: Some(getattro),
        richcompare: Some(richcompare),
        iter: Some(iter),
        getitem: Some(getitem),
        or: Some(super::union_::type_or),
        new: Some(make),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "__mro_entries__",
            "($self, bases, /)",
            NativeFn::F2(|_, v, _| Ok(tuple::from_vec(vec![of(v).map_or(Value::NONE, |a| (*a.origin).clone())]))),
            "",
        ),
        Method::new(
            "__instancecheck__",
            "($self, instance, /)",
            NativeFn::F2(|t, _, _| {
                Err(raise::type_error(t, "isinstance() argument 2 cannot be a parameterized generic"))
            }),
            "",
        ),
        Method::new(
            "__subclasscheck__",
            "($self, cls, /)",
            NativeFn::F2(|t, _, _| {
                Err(raise::type_error(t, "issubclass() argument 2 cannot be a parameterized generic"))
            }),
            "",
        ),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), ""),
        Method::new("__dir__", "($self, /)", NativeFn::F1(dir), ""),
    ],
    getset: &[
        GetSet::read_only("__origin__", |_, v| Ok(of(v).map_or(Value::NONE, |a| (*a.origin).clone())), "").as_member(),
        GetSet::read_only("__args__", |_, v| Ok(of(v).map_or(Value::NONE, |a| (*a.args).clone())), "").as_member(),
        GetSet::read_only("__unpacked__", |_, v| Ok(Value::bool(of(v).is_some_and(|a| a.starred))), "").as_member(),
        GetSet::read_only("__parameters__", parameters, "Type variables in the GenericAlias."),
        GetSet::read_only("__typing_unpacked_tuple_args__", unpacked_args, ""),
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("types", "GenericAlias", layout_of::<GenericAlias>(true))
};

/// Names that are the alias's own; all others are the origin's.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];

/// Names that neither has.
const BLOCKED: &[&str] = &["__bases__", "__copy__", "__deepcopy__"];

pub fn of(v: &Value) -> Option<&GenericAlias> {
    v.downcast::<GenericAlias>()
}

/// `GenericAlias(origin, args)`; anything but a tuple is one argument. The hook behind `__class_getitem__`.
pub fn new(_: &Thread, origin: &Value, args: &Value) -> PyResult {
    Ok(alloc_alias(&GENERIC_ALIAS, origin, args, false))
}

fn alloc_alias(class: &Type, origin: &Value, args: &Value, starred: bool) -> Value {
    let args = match args.downcast::<Tuple>() {
        Some(_) => args.clone(),
        None => tuple::from_iter(1, [args.clone()]),
    };
    let payload = GenericAlias {
        origin: Stored::new(origin.clone()),
        args: Stored::new(args),
        parameters: Slot::empty(),
        starred,
    };
    alloc::new(class, payload)
}

fn make(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "GenericAlias")?;
    let args = args.exactly_positional(t, "GenericAlias", 2, 2)?;
    Ok(alloc_alias(class, &args[0], &args[1], false))
}

/// Writes an argument as annotations show it: classes by name, an ellipsis as dots.
pub fn push_argument(t: &Thread, out: &mut TextBuf, v: &Value) -> PyResult<()> {
    if v.is(&Value::ELLIPSIS) {
        out.push_str("...");
        return Ok(());
    }
    if let Some(items) = v.downcast_exact::<List>() {
        out.push_str("[");
        for (i, item) in items.items(t).iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            push_argument(t, out, item)?;
        }
        out.push_str("]");
        return Ok(());
    }
    let k = known();
    let is_alias = protocol::lookup_attr(t, v, &k.__origin__)?.is_some()
        && protocol::lookup_attr(t, v, &crate::object::names::intern("__args__"))?.is_some();
    if !is_alias
        && let Some(qualname) = protocol::lookup_attr(t, v, &k.__qualname__)?
        && let Some(module) = protocol::lookup_attr(t, v, &k.__module__)?
        && !module.is_none()
    {
        if !str::eq_str(&module, "builtins") {
            push_str_of(t, out, &module)?;
            out.push_str(".");
        }
        return push_str_of(t, out, &qualname);
    }
    let text = protocol::repr(t, v)?;
    push_str_of(t, out, &text)
}

fn push_str_of(t: &Thread, out: &mut TextBuf, v: &Value) -> PyResult<()> {
    let text = protocol::to_str(t, v)?;
    if let Some(view) = str::view(&text) {
        out.push_text(view);
    }
    Ok(())
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    protocol::check_recursion(t, " while getting the repr of an object")?;
    let mut out = Growing::new();
    if this.starred {
        out.push_str("*");
    }
    push_argument(t, &mut out, &this.origin)?;
    out.push_str("[");
    let args = tuple::items(&this.args);
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        push_argument(t, &mut out, arg)?;
    }
    if args.is_empty() {
        out.push_str("()");
    }
    out.push_str("]");
    out.finish(t)
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(this) = of(v) else { return Ok(0) };
    let hash = protocol::hash(t, &this.origin)? ^ protocol::hash(t, &this.args)?;
    Ok(if hash == -1 { -2 } else { hash })
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (of(a), of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = x.starred == y.starred && protocol::eq(t, &x.origin, &y.origin)? && protocol::eq(t, &x.args, &y.args)?;
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

/// Makes an instance of the origin, which learns the alias as `__orig_class__` if it can.
fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    let made = protocol::call(t, &this.origin, args)?;
    if let Err(raised) = protocol::set_attr(t, &made, &crate::object::names::intern("__orig_class__"), v)
        && let Err(raised) = raise::suppress(t, raised, &exc::ATTRIBUTE_ERROR)
    {
        raise::suppress(t, raised, &exc::TYPE_ERROR)?;
    }
    Ok(made)
}

fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    let Some(this) = of(v) else { return attribute::generic_get(t, v, name) };
    if name.downcast::<Str>().is_some() && !OWN.iter().chain(BLOCKED).any(|own| str::eq_str(name, own)) {
        return protocol::get_attr(t, &this.origin, name);
    }
    attribute::generic_get(t, v, name)
}

/// `*alias`: one item, the alias unpacked.
fn iter(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    let starred = alloc_alias(&GENERIC_ALIAS, &this.origin, &this.args, true);
    protocol::iter(t, &tuple::from_iter(1, [starred]))
}

/// `__parameters__`.
fn parameters(t: &Thread, v: &Value) -> PyResult {
    let (Some(this), Some(header)) = (of(v), v.header()) else { return Ok(Value::NONE) };
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

fn unpacked_args(_: &Thread, v: &Value) -> PyResult {
    Ok(match of(v) {
        Some(this) if this.starred && this.origin.is(&core_types::TUPLE.as_value()) => (*this.args).clone(),
        _ => Value::NONE,
    })
}

fn getitem(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    let parameters = parameters(t, v)?;
    let args = substitute(t, v, &this.args, &parameters, item)?;
    Ok(alloc_alias(&GENERIC_ALIAS, &this.origin, &args, this.starred))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    let parts = tuple::from_vec(vec![(*this.origin).clone(), (*this.args).clone()]);
    if !this.starred {
        return Ok(tuple::from_vec(vec![GENERIC_ALIAS.to_value(), parts]));
    }
    let plain = alloc_alias(&GENERIC_ALIAS, &this.origin, &this.args, false);
    let iterator = protocol::iter(t, &plain)?;
    Ok(tuple::from_vec(vec![crate::object::hooks::builtin(t, "next")?, tuple::from_vec(vec![iterator])]))
}

fn dir(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    let names = crate::object::dict::new();
    let Some(all) = names.downcast::<Dict>() else { return Ok(names) };
    let of_origin = protocol::call_method(t, &this.origin, &known().__dir__, &[]);
    let of_origin = match of_origin {
        Ok(list) => list,
        // The origin is a class: its `__dir__` is for instances.
        Err(raised) => {
            raise::suppress(t, raised, &exc::TYPE_ERROR)?;
            let class = this.origin.class().to_value();
            let method = protocol::get_attr(t, &class, &known().__dir__)?;
            protocol::call_values(t, &method, &[(*this.origin).clone()])?
        }
    };
    for name in protocol::collect(t, &of_origin)? {
        all.set(t, name, Value::NONE)?;
    }
    for name in OWN {
        all.set(t, crate::object::names::intern(name), Value::NONE)?;
    }
    Ok(list::from_vec(all.entries().into_iter().map(|(name, _)| name).collect()))
}
