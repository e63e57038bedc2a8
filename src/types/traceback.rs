//! Tracebacks: the places that an exception has passed.

use crate::object::alloc;
use crate::object::args::{Args, Signature};
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::list;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use std::sync::LazyLock;

/// One place.
pub struct Traceback {
    /// The next inner place, a traceback; empty at the end.
    pub next: Slot,
    pub frame: Stored,
    /// Place of the instruction in bytes.
    pub lasti: i64,
    /// -1: to be computed from `lasti`.
    pub line: AtomicI64,
}

// SAFETY: `TRACEBACK`'s layout is `Traceback`.
unsafe impl Payload for Traceback {
    fn layout_type() -> &'static Type {
        &core_types::TRACEBACK
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.next, visit);
        visit(&self.frame);
    }

    fn clear(&self) {
        drop(self.next.take());
    }
}

/// A new place in front of `next`; `word` is the index of the instruction word.
pub fn new(next: Option<Value>, frame: Value, word: i64, line: i64) -> Value {
    at_byte(next, frame, word * 2, line)
}

fn at_byte(next: Option<Value>, frame: Value, lasti: i64, line: i64) -> Value {
    let payload =
        Traceback { next: Slot::from_option(next), frame: Stored::new(frame), lasti, line: AtomicI64::new(line) };
    alloc::new(&core_types::TRACEBACK, payload)
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Create a new traceback object.",
    signature: "(tb_next, tb_frame, tb_lasti, tb_lineno)",
    slots: SlotTable { new: Some(make), ..SlotTable::EMPTY },
    methods: &[Method::new("__dir__", "($self, /)", NativeFn::F1(dir), "")],
    getset: &[
        GetSet::new("tb_next", get_next, set_next, ""),
        GetSet::read_only("tb_frame", |_, v| Ok(of(v).map_or(Value::NONE, |p| p.frame.clone())), "").as_member(),
        GetSet::read_only("tb_lasti", |_, v| Ok(of(v).map_or(Value::NONE, |p| Value::int(p.lasti))), "").as_member(),
        GetSet::read_only("tb_lineno", get_line, ""),
    ],
    ..TypeSpec::new("builtins", "traceback", layout_of::<Traceback>(true))
};

fn of(v: &Value) -> Option<&Traceback> {
    v.downcast::<Traceback>()
}

fn make(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    static SIGNATURE: LazyLock<Signature> =
        LazyLock::new(|| Signature::parse("(tb_next, tb_frame, tb_lasti, tb_lineno)"));
    let b = SIGNATURE.bind(t, "traceback", args, 0)?;
    let (next, frame) = (b.req(0), b.req(1));
    if !next.is_none() && of(next).is_none() {
        let message = format!("expected traceback object or None, got '{}'", next.class().display_name());
        return Err(raise::type_error(t, message));
    }
    if !frame.is_exact(&core_types::FRAME) {
        let given = frame.class().display_name();
        return Err(raise::type_error(t, format!("traceback() argument 'tb_frame' must be frame, not {given}")));
    }
    let (lasti, line) = (protocol::index_i64(t, b.req(2))?, protocol::index_i64(t, b.req(3))?);
    Ok(at_byte(next.non_none().cloned(), frame.clone(), lasti, line))
}

fn get_next(_: &Thread, v: &Value) -> PyResult {
    Ok(of(v).and_then(|p| p.next.load()).unwrap_or(Value::NONE))
}

fn set_next(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let (Some(this), Some(header)) = (of(v), v.header()) else { return Ok(()) };
    let Some(value) = value else { return Err(raise::type_error(t, "can't delete tb_next attribute")) };
    if !value.is_none() && of(value).is_none() {
        let message = format!("expected traceback object, got '{}'", value.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let mut link = value.clone();
    while let Some(next) = of(&link).map(|p| p.next.load()) {
        if link.is(v) {
            return Err(raise::value_error(t, "traceback loop detected"));
        }
        match next {
            Some(next) => link = next,
            None => break,
        }
    }
    let old = {
        let _guard = t.lock(header);
        this.next.swap(value.non_none().cloned())
    };
    drop(old);
    Ok(())
}

fn get_line(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    match this.line.load(Relaxed) {
        -1 => {
            let code = protocol::get_attr_str(t, &this.frame, "f_code")?;
            let line = code
                .downcast::<crate::bytecode::code::Code>()
                .map_or(0, |c| c.location(usize::try_from(this.lasti / 2).unwrap_or(0)).line);
            Ok(if line == 0 { Value::NONE } else { Value::int(line.into()) })
        }
        line => Ok(Value::int(line)),
    }
}

fn dir(_: &Thread, _: &Value) -> PyResult {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
    Ok(list::from_vec(names.iter().map(|n| names::intern(n)).collect()))
}
