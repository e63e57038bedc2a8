//! The signals: exception classes, and the flags and traps of a context as a mapping.

use super::context::Context;
use super::number::status::*;
use crate::modules::support::CLASS_GETITEM;
use crate::object::core_types::exc;
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, dict, hooks, list, names, protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::this;
use std::sync::OnceLock;

/// The signals in the order in which contexts list them, with their bits.
pub const SIGNALS: [(&str, u32); 9] = [
    ("InvalidOperation", ANY_INVALID),
    ("FloatOperation", FLOAT_OPERATION),
    ("DivisionByZero", DIVISION_BY_ZERO),
    ("Overflow", OVERFLOW),
    ("Underflow", UNDERFLOW),
    ("Subnormal", SUBNORMAL),
    ("Inexact", INEXACT),
    ("Rounded", ROUNDED),
    ("Clamped", CLAMPED),
];

/// The conditions that InvalidOperation stands for.
const CONDITIONS: [(&str, u32); 5] = [
    ("InvalidOperation", INVALID_OPERATION),
    ("ConversionSyntax", CONVERSION_SYNTAX),
    ("DivisionImpossible", DIVISION_IMPOSSIBLE),
    ("DivisionUndefined", DIVISION_UNDEFINED),
    ("InvalidContext", INVALID_CONTEXT),
];

static CLASSES: OnceLock<Vec<(&'static str, Stored)>> = OnceLock::new();

/// Makes the exception classes and enters them into the module.
pub fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let mut classes: Vec<(&'static str, Value)> = Vec::new();
    let plan: [(&'static str, &[&str]); 14] = [
        ("DecimalException", &["ArithmeticError"]),
        ("Clamped", &["DecimalException"]),
        ("Rounded", &["DecimalException"]),
        ("Inexact", &["DecimalException"]),
        ("Subnormal", &["DecimalException"]),
        ("DivisionByZero", &["DecimalException", "ZeroDivisionError"]),
        ("InvalidOperation", &["DecimalException"]),
        ("Overflow", &["Inexact", "Rounded"]),
        ("Underflow", &["Inexact", "Rounded", "Subnormal"]),
        ("FloatOperation", &["DecimalException", "TypeError"]),
        ("ConversionSyntax", &["InvalidOperation"]),
        ("DivisionImpossible", &["InvalidOperation"]),
        ("DivisionUndefined", &["InvalidOperation", "ZeroDivisionError"]),
        ("InvalidContext", &["InvalidOperation"]),
    ];
    for (name, bases) in plan {
        let bases: Vec<Value> = bases
            .iter()
            .map(|base| match *base {
                "ArithmeticError" => exc::ARITHMETIC_ERROR.to_value(),
                "ZeroDivisionError" => exc::ZERO_DIVISION_ERROR.to_value(),
                "TypeError" => exc::TYPE_ERROR.to_value(),
                own => classes.iter().find(|(known, _)| *known == own).map_or(Value::NONE, |(_, c)| c.clone()),
            })
            .collect();
        let body = dict::from_pairs([(names::intern("__module__"), names::intern("decimal"))]);
        let class = protocol::call_values(
            t,
            &core_types::TYPE.as_value(),
            &[names::intern(name), tuple::from_vec(bases), body],
        )?;
        classes.push((name, class));
    }
    let classes = CLASSES.get_or_init(|| classes.into_iter().map(|(name, class)| (name, Stored::new(class))).collect());
    for (name, class) in classes.iter() {
        protocol::set_attr(t, module, &names::intern(name), class)?;
    }
    // The mapping is one to `isinstance`, too.
    let abc = (hooks::get().import)(t, "collections.abc")?;
    let mapping = protocol::get_attr_str(t, &abc, "MutableMapping")?;
    drop(protocol::call_method_str(t, &mapping, "register", &[SIGNAL_DICT.to_value()])?);
    Ok(())
}

fn class(name: &str) -> Value {
    let found = CLASSES.get().and_then(|all| all.iter().find(|(known, _)| *known == name));
    found.map_or(Value::NONE, |(_, class)| Value::clone(class))
}

/// Raises the first of the trapped signals, with all conditions as its argument.
#[cold]
pub fn raise(t: &Thread, trapped: u32) -> Raised {
    // The most telling one is the first.
    let first = SIGNALS.iter().find(|(_, bit)| trapped & bit != 0);
    let Some((name, _)) = first else { return raise::runtime_error(t, "no signal") };
    let mut all = Vec::new();
    for (name, bit) in CONDITIONS {
        if trapped & bit != 0 {
            all.push(class(name));
        }
    }
    for (name, bit) in &SIGNALS[1..] {
        if trapped & bit != 0 {
            all.push(class(name));
        }
    }
    match protocol::call_values(t, &class(name), &[list::from_vec(all)]) {
        Ok(exception) => raise::value(t, exception),
        Err(raised) => raised,
    }
}

/// The bit of a signal's class. KeyError "invalid error flag".
pub fn bit_of(t: &Thread, signal: &Value) -> PyResult<u32> {
    match SIGNALS.iter().find(|(name, _)| class(name).is(signal)) {
        Some((_, bit)) => Ok(*bit),
        None if signal.downcast::<Type>().is_none() => Err(raise::type_error(
            t,
            "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, Subnormal, Underflow, Rounded, Inexact,\n   Clamped]",
        )),
        None => Err(raise::new(t, &exc::KEY_ERROR, "invalid error flag")),
    }
}

/// The bits that a mapping of signals to truth values has.
pub fn bits_of(t: &Thread, v: &Value) -> PyResult<u32> {
    if let Some(other) = v.downcast::<SignalDict>() {
        return Ok(other.bits());
    }
    let Some(d) = v.downcast::<dict::Dict>() else {
        return Err(raise::type_error(t, "argument must be a signal dict"));
    };
    if d.len() != SIGNALS.len() {
        return Err(raise::new(t, &exc::KEY_ERROR, "invalid signal dict"));
    }
    let mut bits = 0;
    for (name, bit) in SIGNALS {
        match d.get(t, &class(name))? {
            Some(on) => {
                if protocol::is_true(t, &on)? {
                    bits |= bit;
                }
            }
            None => return Err(raise::new(t, &exc::KEY_ERROR, "invalid error flag")),
        }
    }
    Ok(bits)
}

/// The classes of the signals in `bits`.
pub fn list(t: &Thread, bits: u32) -> PyResult {
    let on: Vec<Value> = SIGNALS.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| class(name)).collect();
    list::from_exact(t, on.into_iter())
}

/// "[Inexact, Rounded]"
pub fn list_text(bits: u32) -> String {
    let on: Vec<&str> = SIGNALS.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect();
    format!("[{}]", on.join(", "))
}

/// The payload of a context's `flags` or `traps`.
pub struct SignalDict {
    context: Stored,
    traps: bool,
}

/// `decimal.SignalDict`
pub static SIGNAL_DICT: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(|_, v| {
            let bits = this!(v, SignalDict).bits();
            let rows: Vec<String> = SIGNALS
                .iter()
                .map(|(name, bit)| {
                    format!("<class 'decimal.{name}'>:{}", if bits & bit != 0 { "True" } else { "False" })
                })
                .collect();
            Ok(str::from_str(&format!("{{{}}}", rows.join(", "))))
        }),
        len: Some(|_, _| Ok(SIGNALS.len())),
        getitem: Some(|t, v, key| Ok(Value::bool(this!(v, SignalDict).bits() & bit_of(t, key)? != 0))),
        setitem: Some(|t, v, key, value| {
            let this = this!(v, SignalDict);
            let Some(value) = value else { return Err(raise::value_error(t, "signal keys cannot be deleted")) };
            let bit = bit_of(t, key)?;
            let on = protocol::is_true(t, value)?;
            let context = this!(&this.context, Context);
            let word = if this.traps { &context.traps } else { &context.flags };
            if on {
                word.fetch_or(bit, Relaxed)
            } else {
                word.fetch_and(!bit, Relaxed)
            };
            Ok(())
        }),
        iter: Some(|t, v| protocol::iter(t, &keys(v))),
        contains: Some(|_, _, key| Ok(SIGNALS.iter().any(|(name, _)| class(name).is(key)))),
        richcompare: Some(compare),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("copy", "($self, /)", NativeFn::F1(copy), ""),
        Method::new("keys", "($self, /)", NativeFn::F1(|_, v| Ok(keys(v))), ""),
        Method::new(
            "values",
            "($self, /)",
            NativeFn::F1(|t, v| protocol::call_method_str(t, &copy(t, v)?, "values", &[])),
            "",
        ),
        Method::new(
            "items",
            "($self, /)",
            NativeFn::F1(|t, v| protocol::call_method_str(t, &copy(t, v)?, "items", &[])),
            "",
        ),
        Method::new(
            "get",
            "($self, key, default=None, /)",
            NativeFn::Bound(|_, b| {
                let bits = this!(b.req(0), SignalDict).bits();
                let found = SIGNALS.iter().find(|(name, _)| class(name).is(b.req(1)));
                Ok(found
                    .map_or_else(|| b.opt(2).cloned().unwrap_or(Value::NONE), |(_, bit)| Value::bool(bits & bit != 0)))
            }),
            "",
        ),
        CLASS_GETITEM,
    ],
    flags: flag::DISALLOW_INSTANTIATION | flag::MAPPING,
    ..TypeSpec::new("decimal", "SignalDict", layout_of::<SignalDict>(true))
};

// SAFETY: `SIGNAL_DICT`'s layout is `SignalDict`.
unsafe impl Payload for SignalDict {
    fn layout_type() -> &'static Type {
        &SIGNAL_DICT
    }

    fn trace(&self, visit: Visit) {
        visit(&self.context);
    }
}

impl SignalDict {
    fn bits(&self) -> u32 {
        let context = this!(&self.context, Context);
        if self.traps { &context.traps } else { &context.flags }.load(Relaxed)
    }
}

/// The mapping of a context: one object for as long as the context lives.
pub fn dict_of(t: &Thread, context: &Value, traps: bool) -> Value {
    let slot = this!(context, Context).view(traps);
    if let Some(known) = slot.load() {
        return known;
    }
    let fresh = alloc::new(&SIGNAL_DICT, SignalDict { context: Stored::new(context.clone()), traps });
    crate::modules::support::put(t, context, slot, Some(fresh.clone()));
    fresh
}

fn keys(_: &Value) -> Value {
    tuple::from_vec(SIGNALS.iter().map(|(name, _)| class(name)).collect())
}

fn copy(t: &Thread, v: &Value) -> PyResult {
    let bits = this!(v, SignalDict).bits();
    let d = dict::new();
    for (name, bit) in SIGNALS {
        protocol::set_item(t, &d, &class(name), &Value::bool(bits & bit != 0))?;
    }
    Ok(d)
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let equal = matches!(op, CompareOp::Eq);
    if !equal && !matches!(op, CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mine = this!(a, SignalDict).bits();
    if b.downcast::<SignalDict>().is_none() && b.downcast::<dict::Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match bits_of(t, b) {
        Ok(other) => {
            let same = SIGNALS.iter().all(|(_, bit)| (mine & bit != 0) == (other & bit != 0));
            Ok(Value::bool(same == equal))
        }
        Err(raised) => {
            drop(raise::take(t, raised));
            Ok(Value::bool(!equal))
        }
    }
}
