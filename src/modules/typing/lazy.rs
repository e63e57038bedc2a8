//! Values that are worked out when first asked for (PEP 695 bounds, defaults and aliases), and their evaluators.

use crate::modules::support::{Parameters, header_of, put};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, names, protocol, str, tuple};
use crate::this;

/// A value, or the function that works it out, or neither.
pub struct Lazy {
    value: Slot,
    evaluate: Slot,
}

/// `annotationlib.Format.VALUE` and `.STRING`.
const FORMAT_VALUE: i64 = 1;
const FORMAT_STRING: i64 = 4;

impl Lazy {
    /// Neither value nor function.
    pub fn empty() -> Lazy {
        Lazy { value: Slot::empty(), evaluate: Slot::empty() }
    }

    /// With this value, if there is one.
    pub fn of(value: Option<Value>) -> Lazy {
        Lazy { value: Slot::from_option(value), evaluate: Slot::empty() }
    }

    /// With this function, if there is one.
    pub fn by(evaluate: Option<Value>) -> Lazy {
        Lazy { value: Slot::empty(), evaluate: Slot::from_option(evaluate) }
    }

    /// The value; works it out and keeps it. If threads do so at the same time, the first result is everybody's.
    pub fn get(&self, t: &Thread, owner: &Value) -> PyResult<Option<Value>> {
        if let Some(value) = self.value.load() {
            return Ok(Some(value));
        }
        let Some(evaluate) = self.evaluate.load() else { return Ok(None) };
        let fresh = protocol::call_values(t, &evaluate, &[Value::int(FORMAT_VALUE)])?;
        let unused = {
            let _guard = t.lock(header_of(owner));
            if self.value.is_empty() { self.value.swap(Some(fresh.clone())) } else { Some(fresh.clone()) }
        };
        drop(unused);
        Ok(Some(self.value.load().unwrap_or(fresh)))
    }

    /// Whether there is a value or a function.
    pub fn is_set(&self) -> bool {
        !self.value.is_empty() || !self.evaluate.is_empty()
    }

    /// The function, or one that answers the value, or None.
    pub fn evaluator(&self) -> Value {
        match (self.evaluate.load(), self.value.load()) {
            (Some(evaluate), _) => evaluate,
            (None, Some(value)) => const_evaluator(value),
            (None, None) => Value::NONE,
        }
    }

    /// Replaces the function (and forgets the value).
    pub fn set_function(&self, t: &Thread, owner: &Value, evaluate: &Value) {
        put(t, owner, &self.value, None);
        put(t, owner, &self.evaluate, Some(evaluate.clone()));
    }

    /// For `Payload::trace`.
    pub fn trace(&self, visit: Visit) {
        visit_slot(&self.value, &mut *visit);
        visit_slot(&self.evaluate, visit);
    }

    /// For `Payload::clear`.
    pub fn clear(&self) {
        drop(self.value.take());
        drop(self.evaluate.take());
    }
}

/// The payload of an evaluator that always answers the same.
pub struct ConstEvaluator {
    value: Stored,
}

/// The type of such evaluators.
pub static CONST_EVALUATOR: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Internal type for implementing evaluation functions.",
    slots: SlotTable { call: Some(call), repr: Some(repr), ..SlotTable::EMPTY },
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_typing", "_ConstEvaluator", layout_of::<ConstEvaluator>(true))
};

// SAFETY: `CONST_EVALUATOR`'s layout is `ConstEvaluator`.
unsafe impl Payload for ConstEvaluator {
    fn layout_type() -> &'static Type {
        &CONST_EVALUATOR
    }

    fn trace(&self, visit: Visit) {
        visit(&self.value);
    }
}

fn const_evaluator(value: Value) -> Value {
    alloc::new(&CONST_EVALUATOR, ConstEvaluator { value: Stored::new(value) })
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(format, /)");
    let b = PARAMETERS.bind(t, &CONST_EVALUATOR, &CONST_EVALUATOR, args)?;
    let value: &Value = &this!(v, ConstEvaluator).value;
    if protocol::index_i64(t, b.req(0))? != FORMAT_STRING {
        return Ok(value.clone());
    }
    if value.downcast::<tuple::Tuple>().is_none() {
        return Ok(str::from_str(&type_repr(t, value)?));
    }
    let items = tuple::items(value).iter().map(|item| type_repr(t, item)).collect::<PyResult<Vec<_>>>()?;
    let comma = if items.len() == 1 { "," } else { "" };
    Ok(str::from_str(&format!("({}{comma})", items.join(", "))))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let shown = protocol::repr(t, &this!(v, ConstEvaluator).value)?;
    Ok(str::from_str(&format!("<constevaluator {}>", str::lossy(&shown))))
}

/// A type as annotations show it: classes by their qualified name.
fn type_repr(t: &Thread, v: &Value) -> PyResult<String> {
    if v.is(&Value::ELLIPSIS) {
        return Ok("...".to_owned());
    }
    let known = names::known();
    let generic = protocol::lookup_attr(t, v, &known.__origin__)?.is_some();
    if !generic
        && let (Some(name), Some(module)) =
            (protocol::lookup_attr(t, v, &known.__qualname__)?, protocol::lookup_attr(t, v, &known.__module__)?)
        && !module.is_none()
    {
        let (name, module) = (str::lossy(&name), str::lossy(&module));
        return Ok(if module == "builtins" { name.into_owned() } else { format!("{module}.{name}") });
    }
    protocol::repr(t, v).map(|shown| str::lossy(&shown).into_owned())
}
