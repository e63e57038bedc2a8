//! `ast.AST`, the base of all nodes: construction from arguments, repr, copies, pickling.

use super::{Kind, class};
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::list::List;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{NO_LAYOUT, StaticType, Type, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{alloc, dict, hooks, list, protocol, str};
use crate::types::generic_alias;
use crate::types::type_::instances;
use crate::types::union_;

/// `ast.AST`.
pub static AST: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new_plain(class))),
        init: Some(init),
        repr: Some(|t, v| repr(t, v, 3).map(|s| str::from_str(&s))),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), ""),
        Method::new(
            "__replace__",
            "($self, /, **fields)",
            NativeFn::Raw(replace),
            "Return a copy of the AST node with new values for the specified fields.",
        ),
    ],
    getset: &[GetSet::new("__dict__", instances::get_dict, instances::set_native_dict, "")],
    flags: flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("ast", "AST", NO_LAYOUT)
};

fn class_name(v: &Value) -> String {
    v.class().display_name().to_string()
}

/// An attribute of the node's class that holds a sequence of names.
fn names_in(t: &Thread, v: &Value, attribute: &str) -> PyResult<Vec<Value>> {
    let class = v.class().to_value();
    match protocol::lookup_attr(t, &class, &names::intern(attribute))? {
        Some(found) if found.downcast::<Tuple>().is_some() || found.downcast::<List>().is_some() => {
            protocol::collect(t, &found)
        }
        Some(found) => protocol::collect(t, &found),
        None => Ok(Vec::new()),
    }
}

fn has(t: &Thread, list: &[Value], name: &Value) -> PyResult<bool> {
    for other in list {
        if other.is(name) || protocol::eq(t, other, name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn deprecated(t: &Thread, message: &str) -> PyResult<()> {
    (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let fields = names_in(t, v, "_fields")?;
    let given = args.pos();
    if given.len() > fields.len() {
        let (n, s) = (fields.len(), if fields.len() == 1 { "" } else { "s" });
        let message = format!("{} constructor takes at most {n} positional argument{s}", class_name(v));
        return Err(raise::type_error(t, message));
    }
    for (name, value) in fields.iter().zip(given) {
        protocol::set_attr(t, v, name, value)?;
    }
    let mut missing: Vec<Value> = fields[given.len()..].to_vec();
    for (name, value) in args.keywords() {
        if has(t, &fields, name)? {
            if !has(t, &missing, name)? {
                let message = format!("{} got multiple values for argument {}", class_name(v), quoted(t, name)?);
                return Err(raise::type_error(t, message));
            }
            let mut rest = Vec::new();
            for other in missing {
                if !protocol::eq(t, &other, name)? {
                    rest.push(other);
                }
            }
            missing = rest;
        } else if !has(t, &names_in(t, v, "_attributes")?, name)? {
            let message = format!(
                "{}.__init__ got an unexpected keyword argument {}. Support for arbitrary keyword arguments is deprecated and \
                 will be removed in Python 3.15.",
                class_name(v),
                quoted(t, name)?
            );
            deprecated(t, &message)?;
        }
        protocol::set_attr(t, v, name, value)?;
    }
    if missing.is_empty() { Ok(()) } else { defaults(t, v, &missing) }
}

fn quoted(t: &Thread, name: &Value) -> PyResult<String> {
    let text = protocol::repr(t, name)?;
    Ok(str::lossy(&text).into_owned())
}

/// Fields that were not given: lists are empty, contexts are Load, what may be None is None by its class.
fn defaults(t: &Thread, v: &Value, missing: &[Value]) -> PyResult<()> {
    let owner = v.class().to_value();
    let Some(types) = protocol::lookup_attr(t, &owner, &names::intern("_field_types"))? else { return Ok(()) };
    for name in missing {
        let kind = match types.downcast::<Dict>() {
            Some(types) => types.get(t, name)?,
            None => None,
        };
        let Some(kind) = kind else {
            let message = format!(
                "Field {} is missing from {}._field_types. This will become an error in Python 3.15.",
                quoted(t, name)?,
                class_name(v)
            );
            deprecated(t, &message)?;
            continue;
        };
        if union_::members(&kind).is_some() {
            continue;
        }
        if generic_alias::of(&kind).is_some() {
            protocol::set_attr(t, v, name, &list::new())?;
        } else if kind.is(&class(Kind::expr_context).class) {
            let load = class(Kind::Load).only.clone().unwrap_or(Value::NONE);
            protocol::set_attr(t, v, name, &load)?;
        } else {
            let message = format!(
                "{}.__init__ missing 1 required positional argument: {}. This will become an error in Python 3.15.",
                class_name(v),
                quoted(t, name)?
            );
            deprecated(t, &message)?;
        }
    }
    Ok(())
}

/// A node as Python shows it, down to `depth` levels.
fn repr(t: &Thread, v: &Value, depth: u32) -> PyResult<String> {
    protocol::check_recursion(t, " while getting the repr of an AST node")?;
    if depth == 0 {
        return Ok(format!("{}(...)", class_name(v)));
    }
    let mut out = format!("{}(", class_name(v));
    for (i, name) in names_in(t, v, "_fields")?.iter().enumerate() {
        let value = protocol::get_attr(t, v, name)?;
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&str::lossy(name));
        out.push('=');
        out.push_str(&shown(t, &value, depth)?);
    }
    out.push(')');
    Ok(out)
}

fn shown(t: &Thread, value: &Value, depth: u32) -> PyResult<String> {
    let (open, close) = if value.downcast::<List>().is_some() {
        ('[', ']')
    } else if value.downcast::<Tuple>().is_some() {
        ('(', ')')
    } else if super::is_node(value) {
        return repr(t, value, depth - 1);
    } else {
        return protocol::repr(t, value).map(|s| str::lossy(&s).into_owned());
    };
    // Of a long sequence the first and the last.
    let items = protocol::collect(t, value)?;
    let mut out = String::from(open);
    let picked: Vec<Option<&Value>> = match &items[..] {
        [first, .., last] if items.len() > 2 => vec![Some(first), None, Some(last)],
        all => all.iter().map(Some).collect(),
    };
    for (i, item) in picked.into_iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        match item {
            Some(item) if super::is_node(item) => out.push_str(&repr(t, item, depth - 1)?),
            Some(item) => out.push_str(&str::lossy(&protocol::repr(t, item)?)),
            None => out.push_str("..."),
        }
    }
    out.push(close);
    Ok(out)
}

/// (class, None for each field, the attributes): the constructor misses no argument, and nodes that refer to their parents
/// can be copied, since what they hold comes with the state.
fn reduce(t: &Thread, v: &Value) -> PyResult {
    let state = instances::get_dict(t, v)?;
    let mut given = 0;
    if let Some(state) = state.downcast::<Dict>() {
        for name in names_in(t, v, "_fields")? {
            if state.get(t, &name)?.is_none() {
                break;
            }
            given += 1;
        }
    }
    let args = tuple::from_vec(vec![Value::NONE; given]);
    Ok(tuple::from_vec(vec![v.class().to_value(), args, state]))
}

fn replace(t: &Thread, args: Args<'_>) -> PyResult {
    let [v] = args.pos() else {
        let n = args.pos().len().saturating_sub(1);
        return Err(raise::type_error(t, format!("__replace__() takes exactly 0 positional arguments ({n} given)")));
    };
    let mut expected = names_in(t, v, "_fields")?;
    let fields = expected.clone();
    expected.extend(names_in(t, v, "_attributes")?);
    let have = instances::get_dict(t, v)?;
    let changed = dict::new();
    let entries = have.downcast::<Dict>().map(Dict::entries).unwrap_or_default();
    for (name, value) in &entries {
        if !has(t, &expected, name)? {
            continue;
        }
        if let Some(d) = changed.downcast::<Dict>() {
            drop(d.set(t, name.clone(), value.clone())?);
        }
    }
    for (name, value) in args.keywords() {
        if !has(t, &expected, name)? {
            let message =
                format!("{}.__replace__ got an unexpected keyword argument {}.", class_name(v), quoted(t, name)?);
            return Err(raise::type_error(t, message));
        }
        if let Some(d) = changed.downcast::<Dict>() {
            drop(d.set(t, name.clone(), value.clone())?);
        }
    }
    let pairs = changed.downcast::<Dict>().map(Dict::entries).unwrap_or_default();
    let mut lacking = Vec::new();
    for name in &fields {
        let given: Vec<Value> = pairs.iter().map(|(n, _)| n.clone()).collect();
        if !has(t, &given, name)? && protocol::lookup_attr(t, v, name)?.is_none() {
            lacking.push(quoted(t, name)?);
        }
    }
    if !lacking.is_empty() {
        lacking.sort();
        let (n, s) = (lacking.len(), if lacking.len() == 1 { "" } else { "s" });
        let message = format!("{}.__replace__ missing {n} keyword argument{s}: {}.", class_name(v), lacking.join(", "));
        return Err(raise::type_error(t, message));
    }
    let (names, values): (Vec<Value>, Vec<Value>) = pairs.into_iter().unzip();
    protocol::call(t, &v.class().to_value(), Args::new(&values, &names))
}

/// A new node with these fields, which are those of its class in order.
pub fn new(t: &Thread, kind: Kind, fields: Vec<Value>) -> Value {
    let class = class(kind);
    let Some(native) = class.class.downcast::<Type>() else { return Value::NONE };
    let v = alloc::new_plain(native);
    for (name, value) in class.names.iter().zip(fields) {
        set(t, &v, name, value);
    }
    v
}

/// Sets an attribute of a new node.
pub fn set(t: &Thread, v: &Value, name: &Value, value: Value) {
    if let Some(header) = v.header()
        && let Some(attributes) = crate::object::instance::attributes(header)
    {
        attributes.set(t, header, name, value);
    }
}
