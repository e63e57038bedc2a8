//! `_contextvars`: context variables, contexts and tokens (PEP 567).
//!
//! A context points to a table of variables and values. Tables never change: setting a variable makes a new one, copying
//! a context shares the table. So a context is read without a lock, also by threads that have not entered it. The current
//! context is the thread's (`Thread::context`).

use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use std::sync::OnceLock;

use crate::bytecode::opcode::CompareOp;
use crate::modules::support::{CLASS_GETITEM, Parameters, hide, list_of, put, take};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, names, protocol, str, tuple};
use crate::this;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "copy_context",
        "($module, /)",
        NativeFn::F0(|t| Ok(copy(&current(t)))),
        "Returns a copy of the current context.",
    )],
    types: &[&CONTEXT, &CONTEXT_VAR, &TOKEN, &TABLE, &MISSING],
    init: Some(init),
    ..ModuleSpec::new("_contextvars", "Context Variables")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    hide(t, module, &["Vars", "Token.MISSING"])?;
    // A constant of an immutable type cannot be set as an attribute.
    if let Some(attributes) = TOKEN.dict.load().as_ref().and_then(|d| d.downcast::<crate::object::dict::Dict>()) {
        drop(attributes.set_str(&names::intern("MISSING"), missing()));
        TOKEN.bump_version();
    }
    Ok(())
}

/// A table of variables and values, sorted by the variables' addresses. Immutable.
struct Table {
    entries: Box<[(Stored, Stored)]>,
}

static TABLE: StaticType = StaticType::new(&TABLE_SPEC);

static TABLE_SPEC: TypeSpec =
    TypeSpec { flags: flag::DISALLOW_INSTANTIATION, ..TypeSpec::new("_contextvars", "Vars", layout_of::<Table>(true)) };

// SAFETY: `TABLE`'s layout is `Table`.
unsafe impl Payload for Table {
    fn layout_type() -> &'static Type {
        &TABLE
    }

    fn trace(&self, visit: Visit) {
        for (var, value) in &self.entries {
            visit(var);
            visit(value);
        }
    }
}

impl Table {
    fn find(&self, var: &Value) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&var.bits(), |(v, _)| v.bits())
    }
}

/// The payload of a context.
pub struct Context {
    /// The table of variables; none while there are no variables.
    table: Slot,
    /// The context that was current when this one was entered.
    previous: Slot,
    entered: AtomicBool,
}

/// `contextvars.Context`.
pub static CONTEXT: StaticType = StaticType::new(&CONTEXT_SPEC);

static CONTEXT_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        new: Some(context_new),
        richcompare: Some(context_compare),
        iter: Some(|t, v| protocol::iter(t, &tuple::from_vec(entries(v).into_iter().map(|(var, _)| var).collect()))),
        len: Some(|_, v| Ok(entries(v).len())),
        getitem: Some(context_getitem),
        contains: Some(context_contains),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "get",
            "($self, key, default=None, /)",
            NativeFn::Bound(context_get),
            "Returns the variable's value in the context, or default.",
        ),
        Method::new("items", "($self, /)", NativeFn::F1(context_items), "Returns all variables and their values."),
        Method::new("keys", "($self, /)", NativeFn::F1(context_keys), "Returns all variables."),
        Method::new("values", "($self, /)", NativeFn::F1(context_values), "Returns the values of all variables."),
        Method::new("copy", "($self, /)", NativeFn::F1(|_, v| Ok(copy(v))), "Returns a shallow copy of the context."),
        Method::new("run", "", NativeFn::Raw(context_run), "Calls a function with the context as the current one."),
    ],
    flags: flag::HAS_WEAKREFS,
    ..TypeSpec::new("_contextvars", "Context", layout_of::<Context>(true))
};

// SAFETY: `CONTEXT`'s layout is `Context`.
unsafe impl Payload for Context {
    fn layout_type() -> &'static Type {
        &CONTEXT
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.table, &mut *visit);
        visit_slot(&self.previous, visit);
    }

    fn clear(&self) {
        drop(self.table.take());
        drop(self.previous.take());
    }
}

fn new_context(table: Option<Value>) -> Value {
    let this = Context { table: Slot::from_option(table), previous: Slot::empty(), entered: AtomicBool::new(false) };
    alloc::new(&CONTEXT, this)
}

/// The thread's current context; made if there is none.
pub fn current(t: &Thread) -> Value {
    let context = t.context.take().unwrap_or_else(|| new_context(None));
    t.context.set(Some(context.clone()));
    context
}

/// A copy of a context: the same variables and values.
pub fn copy(context: &Value) -> Value {
    new_context(this!(context, Context).table.load())
}

/// Makes a context the current one. RuntimeError if it is entered already.
pub fn enter(t: &Thread, context: &Value) -> PyResult<()> {
    let this = this!(context, Context);
    if this.entered.swap(true, AcqRel) {
        let shown = protocol::repr(t, context)?;
        let message = format!("cannot enter context: {} is already entered", str::lossy(&shown));
        return Err(raise::runtime_error(t, message));
    }
    let previous = t.context.take();
    t.context.set(Some(context.clone()));
    put(t, context, &this.previous, previous);
    Ok(())
}

/// Makes the context current again that was so before `context` was entered.
pub fn exit(t: &Thread, context: &Value) -> PyResult<()> {
    let this = this!(context, Context);
    if !this.entered.load(Acquire) {
        let shown = protocol::repr(t, context)?;
        return Err(raise::runtime_error(
            t,
            format!("cannot exit context: {} has not been entered", str::lossy(&shown)),
        ));
    }
    let now = t.context.take();
    if !now.as_ref().is_some_and(|now| now.is(context)) {
        t.context.set(now);
        return Err(raise::runtime_error(t, "cannot exit context: thread state references a different context object"));
    }
    t.context.set(take(t, context, &this.previous));
    this.entered.store(false, Release);
    drop(now);
    Ok(())
}

fn table(context: &Value) -> Option<Value> {
    this!(context, Context).table.load()
}

fn entries(context: &Value) -> Vec<(Value, Value)> {
    let Some(table) = table(context) else { return Vec::new() };
    let table = this!(table, Table);
    table.entries.iter().map(|(var, value)| (Value::clone(var), Value::clone(value))).collect()
}

/// A variable's value in a context.
fn lookup(context: &Value, var: &Value) -> Option<Value> {
    let table = table(context)?;
    let table = this!(table, Table);
    table.find(var).ok().map(|i| Value::clone(&table.entries[i].1))
}

/// Sets a variable, or (for `None`) removes it. Only the thread that has entered the context does so.
fn store(t: &Thread, context: &Value, var: &Value, value: Option<Value>) {
    let old = table(context);
    let old: &[(Stored, Stored)] = old.as_ref().map_or(&[], |old| &this!(old, Table).entries);
    let again = |(var, value): &(Stored, Stored)| (Stored::new(Value::clone(var)), Stored::new(Value::clone(value)));
    let place = old.binary_search_by_key(&var.bits(), |(v, _)| v.bits());
    let (before, after) = match place {
        Ok(i) => (&old[..i], &old[i + 1..]),
        Err(i) => old.split_at(i),
    };
    let new = value.map(|value| (Stored::new(var.clone()), Stored::new(value)));
    let entries = before.iter().map(again).chain(new).chain(after.iter().map(again)).collect();
    put(t, context, &this!(context, Context).table, Some(alloc::new(&TABLE, Table { entries })));
}

fn context_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    if !args.all().is_empty() {
        return Err(raise::type_error(t, "Context() does not accept any arguments"));
    }
    debug_assert!(std::ptr::eq(class, &*CONTEXT));
    Ok(new_context(None))
}

fn context_compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if b.downcast::<Context>().is_none() || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (entries(a), entries(b));
    let mut equal = x.len() == y.len();
    for ((var, value), (other_var, other)) in x.iter().zip(&y) {
        equal = equal && var.is(other_var) && protocol::eq(t, value, other)?;
    }
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn check_key(t: &Thread, key: &Value) -> PyResult<()> {
    if key.downcast::<ContextVar>().is_some() {
        return Ok(());
    }
    let shown = protocol::repr(t, key)?;
    Err(raise::type_error(t, format!("a ContextVar key was expected, got {}", str::lossy(&shown))))
}

fn context_getitem(t: &Thread, v: &Value, key: &Value) -> PyResult {
    check_key(t, key)?;
    lookup(v, key).ok_or_else(|| raise::key_error(t, key))
}

fn context_contains(t: &Thread, v: &Value, key: &Value) -> PyResult<bool> {
    check_key(t, key)?;
    Ok(lookup(v, key).is_some())
}

fn context_get(t: &Thread, b: &Bound<'_>) -> PyResult {
    check_key(t, b.req(1))?;
    Ok(lookup(b.req(0), b.req(1)).or_else(|| b.opt(2).cloned()).unwrap_or(Value::NONE))
}

fn as_iterator(t: &Thread, items: Vec<Value>) -> PyResult {
    let list = list_of(t, items)?;
    protocol::iter(t, &list)
}

fn context_items(t: &Thread, v: &Value) -> PyResult {
    as_iterator(t, entries(v).into_iter().map(|(var, value)| tuple::from_iter(2, [var, value])).collect())
}

fn context_keys(t: &Thread, v: &Value) -> PyResult {
    as_iterator(t, entries(v).into_iter().map(|(var, _)| var).collect())
}

fn context_values(t: &Thread, v: &Value) -> PyResult {
    as_iterator(t, entries(v).into_iter().map(|(_, value)| value).collect())
}

fn context_run(t: &Thread, args: Args<'_>) -> PyResult {
    let [context, callable, ..] = args.pos() else {
        return Err(raise::type_error(t, "run() missing 1 required positional argument"));
    };
    enter(t, context)?;
    let result = protocol::call(t, callable, args.skip(2));
    if let Err(raised) = exit(t, context) {
        // What the function raised goes first.
        return match result {
            Ok(_) => Err(raised),
            Err(first) => Err(first),
        };
    }
    result
}

/// The payload of a context variable. Immutable.
pub struct ContextVar {
    name: Stored,
    default: Option<Stored>,
}

/// `contextvars.ContextVar`.
pub static CONTEXT_VAR: StaticType = StaticType::new(&VAR_SPEC);

static VAR_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { new: Some(var_new), repr: Some(var_repr), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "get",
            "($self, default=<unrepresentable>, /)",
            NativeFn::Bound(var_get),
            "Returns the variable's value in the current context.\n\n\
             Without one: the argument default, else the variable's default, else LookupError.",
        ),
        Method::new(
            "set",
            "($self, value, /)",
            NativeFn::F2(var_set),
            "Sets the variable in the current context; returns a token with which reset() restores the present value.",
        ),
        Method::new(
            "reset",
            "($self, token, /)",
            NativeFn::F2(var_reset),
            "Restores the value of before the set() that made the token.",
        ),
        CLASS_GETITEM,
    ],
    getset: &[GetSet::read_only("name", |_, v| Ok(Value::clone(&this!(v, ContextVar).name)), "")],
    ..TypeSpec::new("_contextvars", "ContextVar", layout_of::<ContextVar>(true))
};

// SAFETY: `CONTEXT_VAR`'s layout is `ContextVar`.
unsafe impl Payload for ContextVar {
    fn layout_type() -> &'static Type {
        &CONTEXT_VAR
    }

    fn trace(&self, visit: Visit) {
        visit(&self.name);
        if let Some(default) = &self.default {
            visit(default);
        }
    }
}

fn var_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(name, *, default=<missing>)");
    if args.pos().len() != 1 && args.keyword("name").is_none() {
        let message = format!("ContextVar() takes exactly 1 positional argument ({} given)", args.pos().len());
        return Err(raise::type_error(t, message));
    }
    let b = PARAMETERS.bind(t, &CONTEXT_VAR, class, args)?;
    let name = b.req(0);
    if str::view(name).is_none() {
        return Err(raise::type_error(t, "context variable name must be a str"));
    }
    let default = b.opt(1).map(|default| Stored::new(default.clone()));
    Ok(alloc::new(class, ContextVar { name: Stored::new(name.clone()), default }))
}

/// A variable's value in the current context, or its default.
pub fn value(t: &Thread, var: &Value) -> Option<Value> {
    let context = t.context.take();
    let found = context.as_ref().and_then(|context| lookup(context, var));
    t.context.set(context);
    found.or_else(|| this!(var, ContextVar).default.as_ref().map(|default| Value::clone(default)))
}

fn var_get(t: &Thread, b: &Bound<'_>) -> PyResult {
    let var = b.req(0);
    if let Some(default) = b.opt(1) {
        let context = t.context.take();
        let found = context.as_ref().and_then(|context| lookup(context, var));
        t.context.set(context);
        return Ok(found.unwrap_or_else(|| default.clone()));
    }
    value(t, var).ok_or_else(|| raise::with_args(t, raise_lookup(), tuple::from_iter(1, [var.clone()])))
}

fn raise_lookup() -> &'static StaticType {
    &crate::object::core_types::exc::LOOKUP_ERROR
}

fn var_set(t: &Thread, var: &Value, new: &Value) -> PyResult {
    let context = current(t);
    let old = lookup(&context, var).unwrap_or_else(missing);
    store(t, &context, var, Some(new.clone()));
    let token = Token {
        context: Stored::new(context),
        var: Stored::new(var.clone()),
        old_value: Stored::new(old),
        used: AtomicBool::new(false),
    };
    Ok(alloc::new(&TOKEN, token))
}

fn var_reset(t: &Thread, var: &Value, token: &Value) -> PyResult {
    let Some(this) = token.downcast::<Token>() else {
        let shown = protocol::repr(t, token)?;
        let message = format!("expected an instance of Token, got {}", str::lossy(&shown));
        return Err(raise::type_error(t, message));
    };
    reset(t, var, token, this)?;
    Ok(Value::NONE)
}

fn reset(t: &Thread, var: &Value, token: &Value, this: &Token) -> PyResult<()> {
    let complain = |error: fn(&Thread, String) -> Raised, what: &str| match protocol::repr(t, token) {
        Ok(shown) => error(t, format!("{} {what}", str::lossy(&shown))),
        Err(raised) => raised,
    };
    if this.used.load(Acquire) {
        return Err(complain(raise::runtime_error, "has already been used once"));
    }
    if !var.is(&this.var) {
        return Err(complain(raise::value_error, "was created by a different ContextVar"));
    }
    let context = current(t);
    if !context.is(&this.context) {
        return Err(complain(raise::value_error, "was created in a different Context"));
    }
    this.used.store(true, Release);
    let old = Value::clone(&this.old_value);
    store(t, &context, var, (!old.is(&missing())).then_some(old));
    Ok(())
}

fn var_repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, ContextVar);
    let mut text = format!("<ContextVar name={}", str::lossy(&protocol::repr(t, &this.name)?));
    if let Some(default) = &this.default {
        text.push_str(&format!(" default={}", str::lossy(&protocol::repr(t, default)?)));
    }
    text.push_str(&format!(" at {:#x}>", v.id()));
    Ok(str::from_str(&text))
}

/// The payload of a token.
pub struct Token {
    context: Stored,
    var: Stored,
    /// What the variable had, or `Token.MISSING`.
    old_value: Stored,
    used: AtomicBool,
}

/// `contextvars.Token`.
pub static TOKEN: StaticType = StaticType::new(&TOKEN_SPEC);

static TOKEN_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        new: Some(|t, _, _| Err(raise::runtime_error(t, "Tokens can only be created by ContextVars"))),
        repr: Some(token_repr),
        ..SlotTable::EMPTY
    },
    methods: &[
        CLASS_GETITEM,
        Method::new(
            "__enter__",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(v.clone())),
            "Enters a with statement: answers the token.",
        ),
        Method::new(
            "__exit__",
            "($self, type, value, traceback, /)",
            NativeFn::Raw(token_exit),
            "Leaves a with statement: resets the variable.",
        ),
    ],
    getset: &[
        GetSet::read_only("var", |_, v| Ok(Value::clone(&this!(v, Token).var)), ""),
        GetSet::read_only("old_value", |_, v| Ok(Value::clone(&this!(v, Token).old_value)), ""),
    ],
    ..TypeSpec::new("_contextvars", "Token", layout_of::<Token>(true))
};

// SAFETY: `TOKEN`'s layout is `Token`.
unsafe impl Payload for Token {
    fn layout_type() -> &'static Type {
        &TOKEN
    }

    fn trace(&self, visit: Visit) {
        visit(&self.context);
        visit(&self.var);
        visit(&self.old_value);
    }
}

fn token_exit(t: &Thread, args: Args<'_>) -> PyResult {
    let token = &args.pos()[0];
    let this = this!(token, Token);
    reset(t, &this.var, token, this)?;
    Ok(Value::NONE)
}

fn token_repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Token);
    let var = protocol::repr(t, &this.var)?;
    let used = if this.used.load(Relaxed) { " used" } else { "" };
    Ok(str::from_str(&format!("<Token{used} var={} at {:#x}>", str::lossy(&var), v.id())))
}

static MISSING: StaticType = StaticType::new(&MISSING_SPEC);

static MISSING_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { repr: Some(|_, _| Ok(str::from_str("<Token.MISSING>"))), ..SlotTable::EMPTY },
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_contextvars", "Token.MISSING", NO_LAYOUT)
};

/// `Token.MISSING`.
fn missing() -> Value {
    static THE: OnceLock<Value> = OnceLock::new();
    let make = || {
        let missing = alloc::new_plain(&MISSING);
        names::immortalize(&missing);
        missing
    };
    THE.get_or_init(make).clone()
}
