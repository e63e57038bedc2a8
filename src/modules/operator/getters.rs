//! `attrgetter`, `itemgetter` and `methodcaller`.

use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value, stored_slice};
use crate::object::{alloc, hooks, names, protocol, str, tuple};
use crate::this;

/// The one argument of a call.
fn only<'a>(t: &Thread, name: &str, args: Args<'a>) -> PyResult<&'a Value> {
    Ok(&args.exactly_positional(t, name, 1, 1)?[0])
}

/// At least one argument.
fn some<'a>(t: &Thread, class: &Type, native: &Type, args: Args<'a>) -> PyResult<&'a [Value]> {
    if std::ptr::eq(class, native) {
        args.no_keywords(t, native.name())?;
    }
    if args.pos().is_empty() {
        return Err(raise::type_error(t, format!("{} expected 1 argument, got 0", native.name())));
    }
    Ok(args.pos())
}

/// Applies `get` to each key: one result as it is, several as a tuple.
fn each<K>(keys: &[K], get: impl Fn(&K) -> PyResult) -> PyResult {
    match keys {
        [key] => get(key),
        _ => Ok(tuple::from_vec(keys.iter().map(get).collect::<PyResult<Vec<_>>>()?)),
    }
}

/// `operator.itemgetter(...)` with its arguments shown.
fn show(t: &Thread, v: &Value, args: &[Value]) -> PyResult {
    let mut shown = Vec::with_capacity(args.len());
    for arg in args {
        shown.push(str::lossy(&protocol::repr(t, arg)?).into_owned());
    }
    Ok(str::from_str(&format!("{}({})", v.class().display_name(), shown.join(", "))))
}

fn stored(values: &[Value]) -> Box<[Stored]> {
    values.iter().map(|v| Stored::new(v.clone())).collect()
}

fn reduce_to(v: &Value, args: Value) -> Value {
    tuple::from_iter(2, [v.class().to_value(), args])
}

/// The payload of an item getter. Immutable.
pub struct ItemGetter {
    items: Box<[Stored]>,
}

/// `operator.itemgetter`.
pub static ITEMGETTER: StaticType = StaticType::new(&ITEM_SPEC);

/// How the getters are called, for `inspect.signature`.
const CALLED_WITH: &[GetSet] = &[GetSet::read_only("__text_signature__", |_, _| Ok(names::intern("(obj, /)")), "")];

static ITEM_SPEC: TypeSpec = TypeSpec {
    doc: "Makes a callable that fetches the given item from its operand, or a tuple of several.",
    signature: "(item, /, *items)",
    slots: SlotTable { new: Some(item_new), call: Some(item_call), repr: Some(item_repr), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "__reduce__",
        "($self, /)",
        NativeFn::F1(item_reduce),
        "Return state information for pickling",
    )],
    getset: CALLED_WITH,
    ..TypeSpec::new("operator", "itemgetter", layout_of::<ItemGetter>(true))
};

// SAFETY: `ITEMGETTER`'s layout is `ItemGetter`.
unsafe impl Payload for ItemGetter {
    fn layout_type() -> &'static Type {
        &ITEMGETTER
    }

    fn trace(&self, visit: Visit) {
        self.items.iter().for_each(|item| visit(item));
    }
}

fn item_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let items = some(t, class, &ITEMGETTER, args)?;
    Ok(alloc::new(class, ItemGetter { items: stored(items) }))
}

fn item_call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let object = only(t, "itemgetter", args)?;
    each(&this!(v, ItemGetter).items, |item| protocol::get_item(t, object, item))
}

fn item_repr(t: &Thread, v: &Value) -> PyResult {
    show(t, v, stored_slice(&this!(v, ItemGetter).items))
}

fn item_reduce(_: &Thread, v: &Value) -> PyResult {
    Ok(reduce_to(v, tuple::from_slice(stored_slice(&this!(v, ItemGetter).items))))
}

/// The payload of an attribute getter. Immutable.
pub struct AttrGetter {
    /// The names as given.
    names: Box<[Stored]>,
    /// Each of them split at dots, interned.
    paths: Box<[Box<[Stored]>]>,
}

/// `operator.attrgetter`.
pub static ATTRGETTER: StaticType = StaticType::new(&ATTR_SPEC);

static ATTR_SPEC: TypeSpec = TypeSpec {
    doc: "Makes a callable that fetches the given attribute from its operand, or a tuple of several. Dots in a name lead \
          from one object to the next.",
    signature: "(attr, /, *attrs)",
    slots: SlotTable { new: Some(attr_new), call: Some(attr_call), repr: Some(attr_repr), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "__reduce__",
        "($self, /)",
        NativeFn::F1(attr_reduce),
        "Return state information for pickling",
    )],
    getset: CALLED_WITH,
    ..TypeSpec::new("operator", "attrgetter", layout_of::<AttrGetter>(true))
};

// SAFETY: `ATTRGETTER`'s layout is `AttrGetter`.
unsafe impl Payload for AttrGetter {
    fn layout_type() -> &'static Type {
        &ATTRGETTER
    }

    fn trace(&self, visit: Visit) {
        // The paths are interned names, which need no visit.
        self.names.iter().for_each(|name| visit(name));
    }
}

fn attr_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let given = some(t, class, &ATTRGETTER, args)?;
    let mut paths = Vec::with_capacity(given.len());
    for name in given {
        let Some(text) = str::view(name) else {
            return Err(raise::type_error(t, "attribute name must be a string"));
        };
        let mut path = Vec::new();
        let mut start = 0;
        for end in (0..=text.len()).filter(|&i| text.get(i).is_none_or(|c| c == 0x2E)) {
            path.push(Stored::new(names::intern_text(text.slice(start, end).narrow().view())));
            start = end + 1;
        }
        paths.push(path.into_boxed_slice());
    }
    Ok(alloc::new(class, AttrGetter { names: stored(given), paths: paths.into() }))
}

fn attr_call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let object = only(t, "attrgetter", args)?;
    each(&this!(v, AttrGetter).paths, |path| {
        path.iter().try_fold(object.clone(), |object, name| protocol::get_attr(t, &object, name))
    })
}

fn attr_repr(t: &Thread, v: &Value) -> PyResult {
    show(t, v, stored_slice(&this!(v, AttrGetter).names))
}

fn attr_reduce(_: &Thread, v: &Value) -> PyResult {
    Ok(reduce_to(v, tuple::from_slice(stored_slice(&this!(v, AttrGetter).names))))
}

/// The payload of a method caller. Immutable.
pub struct MethodCaller {
    /// The method's name, interned.
    name: Stored,
    /// Positional arguments, then keyword values.
    values: Box<[Stored]>,
    keywords: Box<[Stored]>,
}

/// `operator.methodcaller`.
pub static METHODCALLER: StaticType = StaticType::new(&METHOD_SPEC);

static METHOD_SPEC: TypeSpec = TypeSpec {
    doc: "Makes a callable that calls the given method of its operand with the given arguments.",
    signature: "(name, /, *args, **kwargs)",
    slots: SlotTable { new: Some(method_new), call: Some(method_call), repr: Some(method_repr), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "__reduce__",
        "($self, /)",
        NativeFn::F1(method_reduce),
        "Return state information for pickling",
    )],
    getset: CALLED_WITH,
    ..TypeSpec::new("operator", "methodcaller", layout_of::<MethodCaller>(true))
};

// SAFETY: `METHODCALLER`'s layout is `MethodCaller`.
unsafe impl Payload for MethodCaller {
    fn layout_type() -> &'static Type {
        &METHODCALLER
    }

    fn trace(&self, visit: Visit) {
        self.values.iter().for_each(|v| visit(v));
    }
}

fn method_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let Some(name) = args.pos().first() else {
        return Err(raise::type_error(t, "methodcaller needs at least one argument, the method name"));
    };
    let Some(text) = str::view(name) else { return Err(raise::type_error(t, "method name must be a string")) };
    let this = MethodCaller {
        name: Stored::new(names::intern_text(text)),
        values: stored(&args.all()[1..]),
        keywords: stored(args.names()),
    };
    Ok(alloc::new(class, this))
}

impl MethodCaller {
    fn args(&self) -> Args<'_> {
        Args::new(stored_slice(&self.values), stored_slice(&self.keywords))
    }
}

fn method_call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let object = only(t, "methodcaller", args)?;
    let this = this!(v, MethodCaller);
    let method = protocol::get_attr(t, object, &this.name)?;
    protocol::call(t, &method, this.args())
}

fn method_repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, MethodCaller);
    let mut shown = vec![str::lossy(&protocol::repr(t, &this.name)?).into_owned()];
    for arg in this.args().pos() {
        shown.push(str::lossy(&protocol::repr(t, arg)?).into_owned());
    }
    for (name, value) in this.args().keywords() {
        shown.push(format!("{}={}", str::lossy(name), str::lossy(&protocol::repr(t, value)?)));
    }
    Ok(str::from_str(&format!("{}({})", v.class().display_name(), shown.join(", "))))
}

fn method_reduce(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, MethodCaller);
    let (class, name) = (v.class().to_value(), Value::clone(&this.name));
    let args = this.args();
    if !args.has_keywords() {
        return Ok(reduce_to(
            v,
            tuple::from_iter(1 + args.pos().len(), std::iter::once(name).chain(args.pos().iter().cloned())),
        ));
    }
    let functools = (hooks::get().import)(t, "functools")?;
    let partial = protocol::get_attr_str(t, &functools, "partial")?;
    let values: Vec<Value> = [class, name].into_iter().chain(args.keywords().map(|(_, v)| v.clone())).collect();
    let partial = protocol::call(t, &partial, Args::new(&values, args.names()))?;
    Ok(tuple::from_iter(2, [partial, tuple::from_slice(args.pos())]))
}
