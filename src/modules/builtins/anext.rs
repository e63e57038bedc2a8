//! aiter and anext, and the awaitable that `anext()` with a default answers.

use crate::interp::generator;
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol};

/// The awaitable of `__anext__` and the default.
pub struct AnextAwaitable {
    wrapped: Stored,
    default: Stored,
}

pub static ANEXT_AWAITABLE: StaticType = StaticType::new(&SPEC);

// SAFETY: `ANEXT_AWAITABLE`'s layout is `AnextAwaitable`.
unsafe impl Payload for AnextAwaitable {
    fn layout_type() -> &'static Type {
        &ANEXT_AWAITABLE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.wrapped);
        visit(&self.default);
    }
}

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        await_: Some(|_, v| Ok(v.clone())),
        next: Some(next),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("send", "($self, arg, /)", NativeFn::F2(send), "Send a value into the wrapped iterator."),
        Method::new(
            "throw",
            "",
            NativeFn::Raw(|t, args| {
                let Some((v, rest)) = args.pos().split_first() else { return Ok(Value::NONE) };
                proxy(t, v, "throw", rest)
            }),
            "Raise an exception in the wrapped iterator.",
        ),
        Method::new(
            "close",
            "($self, /)",
            NativeFn::F1(|t, v| proxy(t, v, "close", &[])),
            "Close the wrapped iterator.",
        ),
    ],
    ..TypeSpec::new("builtins", "anext_awaitable", layout_of::<AnextAwaitable>(true))
};

pub fn aiter(t: &Thread, v: &Value) -> PyResult {
    let class = v.class();
    let Some(get) = class.slots.aiter.get() else {
        let message = format!("'{}' object is not an async iterable", class.display_name());
        return Err(raise::type_error(t, message));
    };
    let iterator = get(t, v)?;
    if iterator.class().slots.anext.get().is_none() {
        let message = format!("aiter() returned not an async iterator of type '{}'", iterator.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(iterator)
}

pub fn anext(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let Some(step) = v.class().slots.anext.get() else {
        let message = format!("'{}' object is not an async iterator", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let awaitable = step(t, v)?;
    match b.opt(1) {
        Some(default) => {
            let payload = AnextAwaitable { wrapped: Stored::new(awaitable), default: Stored::new(default.clone()) };
            Ok(alloc::new(&ANEXT_AWAITABLE, payload))
        }
        None => Ok(awaitable),
    }
}

/// The iterator that awaiting drives.
fn iterator(t: &Thread, this: &AnextAwaitable) -> PyResult {
    generator::await_iter(t, &this.wrapped, 0)
}

/// StopAsyncIteration becomes a StopIteration with the default.
fn finish(t: &Thread, this: &AnextAwaitable, raised: Raised) -> PyResult {
    raise::suppress(t, raised, &exc::STOP_ASYNC_ITERATION)?;
    Err(raise::stop_iteration(t, Some((*this.default).clone())))
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    send(t, v, Value::none_ref()).map(Some)
}

fn send(t: &Thread, v: &Value, value: &Value) -> PyResult {
    let Some(this) = v.downcast::<AnextAwaitable>() else { return Ok(Value::NONE) };
    let inner = iterator(t, this)?;
    let answer = if value.is_none() && inner.class().slots.next.get().is_some() {
        match inner.class().slots.next.get().map(|f| f(t, &inner)) {
            Some(Ok(Some(item))) => Ok(item),
            Some(Err(raised)) => Err(raised),
            _ => Err(raise::stop_iteration(t, None)),
        }
    } else {
        protocol::call_method(t, &inner, &known().send, std::slice::from_ref(value))
    };
    answer.or_else(|raised| finish(t, this, raised))
}

fn proxy(t: &Thread, v: &Value, name: &str, args: &[Value]) -> PyResult {
    let Some(this) = v.downcast::<AnextAwaitable>() else { return Ok(Value::NONE) };
    let inner = iterator(t, this)?;
    protocol::call_method_str(t, &inner, name, args).or_else(|raised| finish(t, this, raised))
}
