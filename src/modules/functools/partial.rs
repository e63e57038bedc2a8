//! `partial`: a callable with some arguments given, and the placeholder for those that are to come.
//!
//! Function, arguments and keywords are one tuple, replaced as a whole by `__setstate__`, so that a call never sees a
//! mixture.

use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use smallvec::SmallVec;

use crate::modules::support::{CLASS_GETITEM, INSTANCE_DICT, instance_dict, put, set_instance_dict};
use crate::object::args::Args;
use crate::object::dict::{self, Dict};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotId, SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, core_types, names, protocol, str, tuple};
use crate::this;
use crate::types::method;

/// The payload of a partial function.
pub struct Partial {
    /// The tuple (function, tuple of arguments, dict of keywords, number of placeholders).
    state: Slot,
}

/// `functools.partial`.
pub static PARTIAL: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "A callable that calls func with these arguments and keywords, followed by those of the call.",
    signature: "(func, /, *args, **keywords)",
    slots: SlotTable {
        new: Some(new),
        call: Some(call),
        repr: Some(repr),
        descr_get: Some(descr_get),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce__", "", NativeFn::F1(reduce), ""),
        Method::new("__setstate__", "", NativeFn::F2(setstate), ""),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSet::read_only("func", |_, v| Ok(part(v, 0)), "function object to use in future partial calls"),
        GetSet::read_only("args", |_, v| Ok(part(v, 1)), "tuple of arguments to future partial calls"),
        GetSet::read_only("keywords", |_, v| Ok(part(v, 2)), "dictionary of keyword arguments to future partial calls"),
        INSTANCE_DICT,
    ],
    flags: flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("functools", "partial", layout_of::<Partial>(true))
};

// SAFETY: `PARTIAL`'s layout is `Partial`.
unsafe impl Payload for Partial {
    fn layout_type() -> &'static Type {
        &PARTIAL
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.state, visit);
    }

    fn clear(&self) {
        drop(self.state.take());
    }
}

fn state(v: &Value) -> Value {
    this!(v, Partial).state.load().unwrap_or_else(names::empty_tuple)
}

fn part(v: &Value, i: usize) -> Value {
    tuple::items(&state(v)).get(i).cloned().unwrap_or(Value::NONE)
}

/// The state tuple.
fn pack(function: Value, args: Value, keywords: Value) -> Value {
    let holes = holes(tuple::items(&args));
    tuple::from_iter(4, [function, args, keywords, Value::uint(holes as u64)])
}

fn holes(args: &[Value]) -> usize {
    let placeholder = placeholder();
    args.iter().filter(|arg| arg.is(&placeholder)).count()
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let Some(function) = args.pos().first() else {
        return Err(raise::type_error(t, "type 'partial' takes at least one argument"));
    };
    if function.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "the first argument must be callable"));
    }
    let placeholder = placeholder();
    let given = &args.pos()[1..];
    if given.last().is_some_and(|arg| arg.is(&placeholder)) {
        return Err(raise::type_error(t, "trailing Placeholders are not allowed"));
    }
    if args.keywords().any(|(_, value)| value.is(&placeholder)) {
        return Err(raise::type_error(t, "Placeholder cannot be passed as a keyword argument"));
    }
    let keywords = dict::new();
    // A partial function of a partial function is flattened, unless it carries attributes of its own.
    let plain_call = function.class().slots.same(SlotId::call, &PARTIAL.slots);
    let inner = function.downcast::<Partial>().filter(|_| plain_call && !has_attributes(function));
    let inner = inner.map(|_| state(function));
    let (function, all) = match inner.as_ref().map(tuple::items) {
        Some([function, args, inner_keywords, _]) => {
            update(t, &keywords, inner_keywords)?;
            let mut given = given.iter();
            let mut all: Vec<Value> = tuple::items(args)
                .iter()
                .map(|arg| if arg.is(&placeholder) { given.next().unwrap_or(arg).clone() } else { arg.clone() })
                .collect();
            all.extend(given.cloned());
            (function.clone(), tuple::from_vec(all))
        }
        _ => (function.clone(), tuple::from_slice(given)),
    };
    if let Some(d) = keywords.downcast::<Dict>() {
        for (name, value) in args.keywords() {
            drop(d.set(t, name.clone(), value.clone())?);
        }
    }
    Ok(alloc::new(class, Partial { state: Slot::new(pack(function, all, keywords)) }))
}

fn has_attributes(v: &Value) -> bool {
    instance_dict(v).is_some_and(|entries| !entries.is_empty())
}

/// Copies all entries of a dict to another.
fn update(t: &Thread, target: &Value, source: &Value) -> PyResult<()> {
    if let (Some(target), Some(source)) = (target.downcast::<Dict>(), source.downcast::<Dict>()) {
        for (key, value) in source.entries() {
            drop(target.set(t, key, value)?);
        }
    }
    Ok(())
}

type Borrowed = SmallVec<[ManuallyDrop<Value>; 8]>;

/// Views borrowed values as values.
fn as_values(values: &[ManuallyDrop<Value>]) -> &[Value] {
    // SAFETY: `ManuallyDrop<Value>` has the layout of `Value`; the borrowed originals outlive the view by its callers.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<Value>(), values.len()) }
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let state = state(v);
    let [function, own, own_keywords, holes] = tuple::items(&state) else {
        return Err(raise::type_error(t, "invalid partial state"));
    };
    let holes = holes.as_small_int().unwrap_or(0) as usize;
    let given = args.pos();
    if given.len() < holes {
        let message =
            format!("missing positional arguments in 'partial' call; expected at least {holes}, got {}", given.len());
        return Err(raise::type_error(t, message));
    }
    let own = tuple::items(own);
    let mut all = Borrowed::with_capacity(own.len() + args.all().len());
    if holes == 0 {
        all.extend(own.iter().map(Value::borrowed));
        all.extend(given.iter().map(Value::borrowed));
    } else {
        let placeholder = placeholder();
        let mut fill = given.iter();
        all.extend(
            own.iter().map(|arg| if arg.is(&placeholder) { fill.next().unwrap_or(arg) } else { arg }.borrowed()),
        );
        all.extend(fill.map(Value::borrowed));
    }
    let own_keywords = own_keywords.downcast::<Dict>().filter(|d| !d.is_empty()).map(Dict::entries);
    let Some(own_keywords) = own_keywords else {
        all.extend(args.keywords().map(|(_, value)| value.borrowed()));
        return protocol::call(t, function, Args::new(as_values(&all), args.names()));
    };
    // Keywords of the call replace those that are given here, at their place.
    let mut keyword_names = Borrowed::with_capacity(own_keywords.len() + args.names().len());
    let same = |a: &Value, b: &Value| a.is(b) || matches!((str::view(a), str::view(b)), (Some(x), Some(y)) if x == y);
    for (name, value) in &own_keywords {
        let newer = args.keywords().find(|(other, _)| same(other, name)).map(|(_, value)| value);
        keyword_names.push(name.borrowed());
        all.push(newer.unwrap_or(value).borrowed());
    }
    for (name, value) in args.keywords() {
        if !own_keywords.iter().any(|(other, _)| same(other, name)) {
            keyword_names.push(name.borrowed());
            all.push(value.borrowed());
        }
    }
    if keyword_names.iter().any(|name| str::view(name).is_none()) {
        return Err(raise::type_error(t, "keywords must be strings"));
    }
    protocol::call(t, function, Args::new(as_values(&all), as_values(&keyword_names)))
}

fn descr_get(_: &Thread, v: &Value, object: Option<&Value>, _class: &Value) -> PyResult {
    Ok(match object.and_then(Value::non_none) {
        Some(object) => method::new(v.clone(), object.clone()),
        None => v.clone(),
    })
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let id = v.id();
    if t.repr_guard.borrow().contains(&id) {
        return Ok(str::from_str("..."));
    }
    t.repr_guard.borrow_mut().push(id);
    let shown = show(t, v);
    t.repr_guard.borrow_mut().pop();
    shown
}

fn show(t: &Thread, v: &Value) -> PyResult {
    let shown = |v: &Value| protocol::repr(t, v).map(|text| str::lossy(&text).into_owned());
    let state = state(v);
    let [function, args, keywords, _] = tuple::items(&state) else { return Ok(str::from_str("functools.partial()")) };
    let mut parts = vec![shown(function)?];
    for arg in tuple::items(args) {
        parts.push(shown(arg)?);
    }
    for (name, value) in keywords.downcast::<Dict>().map(Dict::entries).unwrap_or_default() {
        parts.push(format!("{}={}", protocol::to_string(t, &name)?, shown(&value)?));
    }
    let class = v.class().to_value();
    let module = protocol::get_attr(t, &class, &names::known().__module__)?;
    let name = protocol::get_attr(t, &class, &names::known().__qualname__)?;
    Ok(str::from_str(&format!("{}.{}({})", str::lossy(&module), str::lossy(&name), parts.join(", "))))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let state = state(v);
    let [function, args, keywords, _] = tuple::items(&state) else {
        return Err(raise::type_error(t, "invalid partial state"));
    };
    let attributes = if has_attributes(v) { (INSTANCE_DICT.get)(t, v)? } else { Value::NONE };
    let pickled = tuple::from_slice(&[function.clone(), args.clone(), keywords.clone(), attributes]);
    Ok(tuple::from_iter(3, [v.class().to_value(), tuple::from_slice(std::slice::from_ref(function)), pickled]))
}

fn setstate(t: &Thread, v: &Value, new: &Value) -> PyResult {
    let invalid = || raise::type_error(t, "invalid partial state");
    let (true, [function, args, keywords, attributes]) = (new.downcast::<tuple::Tuple>().is_some(), tuple::items(new))
    else {
        return Err(invalid());
    };
    if function.class().slots.call.get().is_none()
        || args.downcast::<tuple::Tuple>().is_none()
        || !keywords.is_none() && keywords.downcast::<Dict>().is_none()
    {
        return Err(invalid());
    }
    let items = tuple::items(args);
    if items.last().is_some_and(|arg| arg.is(&placeholder())) {
        return Err(raise::type_error(t, "trailing Placeholders are not allowed"));
    }
    let args = if args.is_exact(&core_types::TUPLE) { args.clone() } else { tuple::from_slice(items) };
    let keywords = if keywords.is_exact(&core_types::DICT) {
        keywords.clone()
    } else {
        let copy = dict::new();
        update(t, &copy, keywords)?;
        copy
    };
    match attributes.non_none() {
        None if has_attributes(v) => set_instance_dict(t, v, Some(&dict::new()))?,
        None => {}
        attributes => set_instance_dict(t, v, attributes)?,
    }
    put(t, v, &this!(v, Partial).state, Some(pack(function.clone(), args, keywords)));
    Ok(Value::NONE)
}

/// The type of `Placeholder`.
pub static PLACEHOLDER_TYPE: StaticType = StaticType::new(&PLACEHOLDER_SPEC);

static PLACEHOLDER_SPEC: TypeSpec = TypeSpec {
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    slots: SlotTable {
        new: Some(placeholder_new),
        repr: Some(|_, _| Ok(str::from_str("Placeholder"))),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "", NativeFn::F1(|_, _| Ok(str::from_str("Placeholder"))), "")],
    ..TypeSpec::new("functools", "_PlaceholderType", NO_LAYOUT)
};

/// `functools.Placeholder`.
pub fn placeholder() -> Value {
    static PLACEHOLDER: OnceLock<Value> = OnceLock::new();
    let make = || {
        let placeholder = alloc::new_plain(&PLACEHOLDER_TYPE);
        names::immortalize(&placeholder);
        placeholder
    };
    PLACEHOLDER.get_or_init(make).clone()
}

fn placeholder_new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    if !args.all().is_empty() {
        return Err(raise::type_error(t, "_PlaceholderType takes no arguments"));
    }
    Ok(placeholder())
}
