//! What awaiting a future iterates over: it yields the future once, for the task to wait for, and returns the result.

use crate::interp::generator;
use crate::modules::support::{Guarded, iter_self};
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::hooks;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{Sent, SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::this;

use super::future;
use super::state::{Future, copy_of};

/// The payload: the future, until it has answered.
pub struct FutureIter(Guarded<Option<Stored>>);

/// The type of `FutureIter`.
pub static FUTURE_ITER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        iter: Some(iter_self),
        next: Some(|t, v| match send(t, v, &Value::NONE)? {
            Sent::Yield(future) => Ok(Some(future)),
            Sent::Return(result) if result.is_none() => Ok(None),
            Sent::Return(result) => Err(raise::stop_iteration(t, Some(result))),
        }),
        send: Some(send),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "send",
            "($self, value, /)",
            NativeFn::F2(|t, v, sent| match send(t, v, sent)? {
                Sent::Yield(future) => Ok(future),
                Sent::Return(result) => Err(raise::stop_iteration(t, result.non_none().cloned())),
            }),
            "",
        ),
        Method::new("throw", "", NativeFn::Raw(throw), ""),
        Method::new(
            "close",
            "($self, /)",
            NativeFn::F1(|t, v| {
                drop(finish(t, v));
                Ok(Value::NONE)
            }),
            "",
        ),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_asyncio", "FutureIter", layout_of::<FutureIter>(true))
};

// SAFETY: `FUTURE_ITER`'s layout is `FutureIter`.
unsafe impl Payload for FutureIter {
    fn layout_type() -> &'static Type {
        &FUTURE_ITER
    }

    fn trace(&self, visit: Visit) {
        if let Some(future) = self.0.stopped() {
            visit(future);
        }
    }

    fn clear(&self) {
        drop(self.0.replace_unreachable(None));
    }
}

/// The `iter` and `await_` slots of futures.
pub fn new(t: &Thread, v: &Value) -> PyResult {
    future::alive(t, v)?;
    Ok(alloc::new(&FUTURE_ITER, FutureIter(Guarded::new(Some(Stored::new(v.clone()))))))
}

/// Takes the future out: the iteration is at its end.
fn finish(t: &Thread, v: &Value) -> Option<Stored> {
    this!(v, FutureIter).0.with(t, v, Option::take)
}

fn send(t: &Thread, v: &Value, _sent: &Value) -> PyResult<Sent> {
    let Some(future) = this!(v, FutureIter).0.with(t, v, |future| copy_of(future)) else {
        return Ok(Sent::Return(Value::NONE));
    };
    let this = this!(future, Future);
    if this.is_done() {
        drop(finish(t, v));
        return this.result(t, &future).map(Sent::Return);
    }
    if this.body.with(t, &future, |body| std::mem::replace(&mut body.is_blocking, true)) {
        return Err(raise::runtime_error(t, "await wasn't used with future"));
    }
    Ok(Sent::Yield(future))
}

fn throw(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "throw")?;
    let [v, thrown @ ..] = args.pos() else { return Err(raise::type_error(t, "throw() needs an argument")) };
    if thrown.is_empty() || thrown.len() > 3 {
        let (word, limit, s) = if thrown.is_empty() { ("at least", 1, "") } else { ("at most", 3, "s") };
        let message = format!("throw expected {word} {limit} argument{s}, got {}", thrown.len());
        return Err(raise::type_error(t, message));
    }
    if thrown.len() > 1 {
        (hooks::get().warn)(
            t,
            &exc::DEPRECATION_WARNING.as_value(),
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    drop(finish(t, v));
    Err(generator::exception_to_throw(t, thrown)?)
}
