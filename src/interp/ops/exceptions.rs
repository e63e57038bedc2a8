//! Raising, matching and leaving with blocks.

use crate::interp::stack::{self, Word};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::names::known;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::sync::shim::atomic::Ordering::*;

/// `raise`: the pending exception, and whether it is a bare re-raise (which adds no place to the traceback by itself).
pub fn raise(t: &Thread, e: Option<Value>, cause: Option<Value>) -> (Raised, bool) {
    let Some(e) = e else {
        return match t.handled_now() {
            Some(e) => (raise::again(t, e), true),
            None => (raise::runtime_error(t, "No active exception to reraise"), false),
        };
    };
    let raised = raise::object(t, &e);
    let Some(cause) = cause else { return (raised, false) };
    // An error in making the exception stands as it is; else the cause is attached.
    let exception = raise::take(t, raised);
    let same = exception.is(&e) || e.downcast::<Type>().is_some_and(|c| exception.class().is_subtype(c));
    if !same {
        return (raise::again(t, exception), false);
    }
    let cause = match cause.downcast::<Type>() {
        Some(class) if class.is_subtype(&exc::BASE_EXCEPTION) => match protocol::call_values(t, &cause, &[]) {
            Ok(made) if made.downcast::<BaseException>().is_some() => Some(made),
            Ok(made) => {
                let message = format!(
                    "calling {} should have returned an instance of BaseException, not {}",
                    protocol::repr_lossy(t, &cause),
                    made.class().display_name()
                );
                return (raise::type_error(t, message), false);
            }
            Err(raised) => return (raised, false),
        },
        _ if cause.downcast::<BaseException>().is_some() => Some(cause),
        _ if cause.is_none() => None,
        _ => return (raise::type_error(t, "exception causes must derive from BaseException"), false),
    };
    if let (Some(payload), Some(header)) = (exception.downcast::<BaseException>(), exception.header()) {
        payload.suppress_context.store(true, Relaxed);
        let old = {
            let _guard = t.lock(header);
            payload.cause.swap(cause)
        };
        drop(old);
    }
    (raise::again(t, exception), false)
}

fn is_exception_class(v: &Value) -> bool {
    v.downcast::<Type>().is_some_and(|c| c.is_subtype(&exc::BASE_EXCEPTION))
}

/// `CHECK_EXC_MATCH`.
pub fn matches(t: &Thread, e: &Value, class: &Value) -> PyResult<bool> {
    // Exactly the class named, of an exception: no need to look at either any closer.
    if class.header().is_some_and(|class| std::ptr::eq(class, e.class().header())) {
        return Ok(true);
    }
    check_classes(
        t,
        class,
        "catching classes that do not inherit from BaseException is not allowed",
        is_exception_class,
    )?;
    Ok(is_match(e, class))
}

fn is_match(e: &Value, class: &Value) -> bool {
    match class.downcast::<Type>() {
        Some(c) => e.class().is_subtype(c),
        None => tuple::items(class).iter().any(|c| is_match(e, c)),
    }
}

fn check_classes(t: &Thread, class: &Value, message: &str, accept: fn(&Value) -> bool) -> PyResult<()> {
    let fine = match class.downcast::<Tuple>() {
        Some(classes) => classes.items().iter().all(accept),
        None => accept(class),
    };
    if fine { Ok(()) } else { Err(raise::type_error(t, message)) }
}

/// `CHECK_EG_MATCH`: (match or None, rest or None).
pub fn group_match(t: &Thread, e: &Value, class: &Value) -> PyResult<(Value, Value)> {
    const MESSAGE: &str = "catching classes that do not inherit from BaseException is not allowed";
    const GROUP: &str = "catching ExceptionGroup with except* is not allowed. Use except instead.";
    check_classes(t, class, MESSAGE, is_exception_class)?;
    check_classes(t, class, GROUP, |c| {
        !c.downcast::<Type>().is_some_and(|c| c.is_subtype(&exc::BASE_EXCEPTION_GROUP))
    })?;
    let (matched, rest) = if e.is_none() {
        (Value::NONE, Value::NONE)
    } else if is_match(e, class) {
        let matched = if e.class().is_subtype(&exc::BASE_EXCEPTION_GROUP) {
            e.clone()
        } else {
            // A naked exception is wrapped, with its traceback's place.
            let list = tuple::from_iter(1, [e.clone()]);
            let message = crate::object::names::empty_str();
            let group = protocol::call_values(t, &exc::EXCEPTION_GROUP.to_value(), &[message, list])?;
            if let (Some(from), Some(to)) = (e.downcast::<BaseException>(), group.downcast::<BaseException>())
                && let Some(place) = from.traceback.load()
            {
                to.traceback.init(place);
            }
            group
        };
        (matched, Value::NONE)
    } else if e.class().is_subtype(&exc::BASE_EXCEPTION_GROUP) {
        let pair = protocol::call_method_str(t, e, "split", std::slice::from_ref(class))?;
        match tuple::items(&pair) {
            [matched, rest] => (matched.clone(), rest.clone()),
            _ => {
                let message = format!(
                    "{}.split must return a 2-tuple, got {}",
                    e.class().name(),
                    if pair.downcast::<Tuple>().is_some() {
                        format!("tuple of size {}", tuple::items(&pair).len())
                    } else {
                        pair.class().name().to_string()
                    }
                );
                return Err(raise::type_error(t, message));
            }
        }
    } else {
        (Value::NONE, e.clone())
    };
    // A `split` of somebody's own may answer anything.
    if matched.downcast::<BaseException>().is_some() {
        let old = t.handled.replace(Some(matched.clone()));
        drop(old);
    }
    Ok((matched, rest))
}

/// `INTRINSIC_PREP_RERAISE_STAR`: what is left to raise after `except*` clauses; None if nothing is.
pub fn prepare_reraise_star(t: &Thread, original: &Value, raised: &Value) -> PyResult {
    let mut list = protocol::collect(t, raised)?;
    list.retain(|e| !e.is_none());
    if list.is_empty() {
        return Ok(Value::NONE);
    }
    if original.downcast::<BaseException>().is_some() && !original.class().is_subtype(&exc::BASE_EXCEPTION_GROUP) {
        // A naked exception was wrapped: what was not caught is itself, or what a clause raised.
        return Ok(list.swap_remove(0));
    }
    let same_metadata = |e: &Value| {
        let (Some(a), Some(b)) = (e.downcast::<BaseException>(), original.downcast::<BaseException>()) else {
            return false;
        };
        let same = |x: &crate::object::value::Slot, y: &crate::object::value::Slot| x.word() == y.word();
        same(&a.traceback, &b.traceback) && same(&a.cause, &b.cause) && same(&a.context, &b.context)
    };
    let (reraised, new): (Vec<Value>, Vec<Value>) =
        list.into_iter().partition(|e| e.class().is_subtype(&exc::BASE_EXCEPTION_GROUP) && same_metadata(e));
    let reraised_group = if reraised.is_empty() {
        None
    } else {
        let mut leaves = Vec::new();
        reraised.iter().try_for_each(|e| collect_leaves(t, e, &mut leaves))?;
        // The parts of the original that were raised again keep its shape.
        let keep = leaves.clone();
        let projected = project(t, original, &keep)?;
        Some(projected)
    };
    if new.is_empty() {
        return Ok(reraised_group.unwrap_or(Value::NONE));
    }
    let mut all: Vec<Value> = new.into_iter().chain(reraised_group.filter(|g| !g.is_none())).collect();
    if all.len() == 1 {
        // A single exception is not wrapped.
        return Ok(all.swap_remove(0));
    }
    let message = crate::object::names::empty_str();
    protocol::call_values(t, &exc::EXCEPTION_GROUP.to_value(), &[message, crate::object::list::from_vec(all)])
}

fn collect_leaves(t: &Thread, e: &Value, leaves: &mut Vec<Value>) -> PyResult<()> {
    protocol::check_recursion(t, "")?;
    if !e.class().is_subtype(&exc::BASE_EXCEPTION_GROUP) {
        leaves.push(e.clone());
        return Ok(());
    }
    let inner = protocol::get_attr(t, e, &known().exceptions)?;
    tuple::items(&inner).iter().try_for_each(|e| collect_leaves(t, e, leaves))
}

/// The part of a group that consists of the given leaves.
fn project(t: &Thread, group: &Value, keep: &[Value]) -> PyResult {
    protocol::check_recursion(t, "")?;
    let inner = protocol::get_attr(t, group, &known().exceptions)?;
    let mut parts = Vec::new();
    for e in tuple::items(&inner) {
        if e.class().is_subtype(&exc::BASE_EXCEPTION_GROUP) {
            let part = project(t, e, keep)?;
            if !part.is_none() {
                parts.push(part);
            }
        } else if keep.iter().any(|k| k.is(e)) {
            parts.push(e.clone());
        }
    }
    if parts.is_empty() {
        return Ok(Value::NONE);
    }
    let derived = protocol::call_method_str(t, group, "derive", &[crate::object::list::from_vec(parts)])?;
    if let (Some(from), Some(to)) = (group.downcast::<BaseException>(), derived.downcast::<BaseException>()) {
        for (a, b) in [(&from.traceback, &to.traceback), (&from.cause, &to.cause), (&from.context, &to.context)] {
            if let (Some(v), true) = (a.load(), b.is_empty()) {
                b.init(v);
            }
        }
        to.suppress_context.store(from.suppress_context.load(Relaxed), Relaxed);
    }
    Ok(derived)
}

/// The value of a StopIteration; None for anything else.
pub fn stop_value(t: &Thread, e: &Value) -> Option<Value> {
    if !e.class().is_subtype(&exc::STOP_ITERATION) {
        return None;
    }
    match protocol::get_attr(t, e, &known().value) {
        Ok(v) => Some(v),
        Err(raised) => {
            drop(raise::take(t, raised));
            Some(Value::NONE)
        }
    }
}

/// Whether `async for` ends with this exception.
pub fn is_stop_async(e: &Value) -> bool {
    e.class().is_subtype(&exc::STOP_ASYNC_ITERATION)
}

/// Calls `__exit__(type, exception, traceback)`.
pub fn call_exit(t: &Thread, method: Word, this: Word, e: &Value) -> PyResult {
    let place = e.downcast::<BaseException>().and_then(|p| p.traceback.load()).unwrap_or(Value::NONE);
    let class = e.class().to_value();
    let method = stack::view(method);
    if this == 0 {
        return protocol::call_values(t, &method, &[class, e.clone(), place]);
    }
    protocol::call_values(t, &method, &[stack::copy(this), class, e.clone(), place])
}

/// `INTRINSIC_STOPITERATION_ERROR`: what leaves a generator instead of StopIteration.
pub fn stop_iteration_error(t: &Thread, e: &Value, is_coroutine: bool, is_async_generator: bool) -> Value {
    let kind = if is_async_generator {
        "async generator"
    } else if is_coroutine {
        "coroutine"
    } else {
        "generator"
    };
    let what = if e.class().is_subtype(&exc::STOP_ITERATION) {
        "StopIteration"
    } else if is_async_generator && e.class().is_subtype(&exc::STOP_ASYNC_ITERATION) {
        "StopAsyncIteration"
    } else {
        return e.clone();
    };
    let raised = raise::runtime_error(t, format!("{kind} raised {what}"));
    let error = raise::take(t, raised);
    if let Some(payload) = error.downcast::<BaseException>() {
        drop(payload.cause.swap(Some(e.clone())));
        drop(payload.context.swap(Some(e.clone())));
        payload.suppress_context.store(true, Relaxed);
    }
    error
}
