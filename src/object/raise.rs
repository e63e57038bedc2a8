//! Raising: `Err(Raised)` says that the thread carries an exception.

use super::core_types::exc;
use super::exception::BaseException;
use super::thread::Thread;
use super::type_object::{StaticType, Type};
use super::value::Value;
use super::{alloc, names, protocol, str, tuple};

/// Proof that an exception was put on the thread. Zero-sized, so that `PyResult<Value>` is one word.
#[must_use]
#[derive(Debug)]
pub struct Raised(());

/// The result of anything that can raise.
pub type PyResult<T = Value> = Result<T, Raised>;

const _: () = assert!(size_of::<PyResult>() == 8);

/// Raises an exception object. Sets its `__context__` to the exception being handled.
#[cold]
pub fn value(t: &Thread, exception: Value) -> Raised {
    if let Some(handled) = t.handled_now() {
        chain(&exception, &handled);
    }
    t.raised.set(Some(exception));
    Raised(())
}

/// Raises an exception object as it is: for re-raising.
#[cold]
pub fn again(t: &Thread, exception: Value) -> Raised {
    t.raised.set(Some(exception));
    Raised(())
}

/// Sets `exception.__context__` to `handled`, unless that would close a cycle.
fn chain(exception: &Value, handled: &Value) {
    if exception.is(handled) {
        return;
    }
    let Some(payload) = exception.downcast::<BaseException>() else { return };
    // Cut `exception` out of the chain that starts at `handled`. Floyd's second pointer stops at foreign cycles.
    let mut link = handled.clone();
    let mut slow = handled.clone();
    let mut step = false;
    while let Some(next) = link.downcast::<BaseException>().and_then(|e| e.context.load()) {
        if next.is(exception) {
            if let Some(e) = link.downcast::<BaseException>() {
                drop(e.context.swap(None));
            }
            break;
        }
        link = next;
        if step {
            match slow.downcast::<BaseException>().and_then(|e| e.context.load()) {
                Some(next) if !next.is(&link) => slow = next,
                _ => break,
            }
        }
        step = !step;
    }
    drop(payload.context.swap(Some(handled.clone())));
}

/// Whether a subclass of BaseException is native and adds no data.
fn is_plain(class: &Type) -> bool {
    !class.is_heap() && class.spec().layout.size as usize == size_of::<BaseException>()
}

/// A new instance of an exception type with these `args`, made without running Python code where the type is native and
/// adds no data.
pub fn instance(t: &Thread, class: &Type, args: Value) -> PyResult<Value> {
    if is_plain(class) {
        return Ok(alloc::new(class, BaseException::new(args)));
    }
    protocol::call(t, &class.as_value(), super::args::Args::positional(tuple::items(&args)))
}

/// Raises an exception of a native type with one message.
#[cold]
pub fn new(t: &Thread, class: &'static StaticType, message: impl AsRef<str>) -> Raised {
    let message = str::from_str(message.as_ref());
    with_args(t, class, tuple::from_iter(1, [message]))
}

/// Raises an exception of a native type with these `args`.
#[cold]
pub fn with_args(t: &Thread, class: &'static StaticType, args: Value) -> Raised {
    match instance(t, class, args) {
        Ok(exception) => value(t, exception),
        Err(raised) => raised,
    }
}

/// Raises an exception class or instance, as `raise x` does; a class is instantiated without arguments.
pub fn object(t: &Thread, x: &Value) -> Raised {
    if let Some(class) = x.downcast::<Type>()
        && class.is_subtype(&exc::BASE_EXCEPTION)
    {
        let made = match is_plain(class) {
            true => Ok(alloc::new(class, BaseException::new(names::empty_tuple()))),
            false => protocol::call(t, x, super::args::Args::EMPTY),
        };
        return match made {
            Ok(e) if e.downcast::<BaseException>().is_some() => value(t, e),
            Ok(e) => type_error(
                t,
                format!(
                    "calling {} should have returned an instance of BaseException, not {}",
                    protocol::repr_lossy(t, x),
                    e.class().name()
                ),
            ),
            Err(raised) => raised,
        };
    }
    if x.downcast::<BaseException>().is_some() {
        return value(t, x.clone());
    }
    type_error(t, "exceptions must derive from BaseException")
}

/// Takes the exception on its way off the thread.
///
/// Panics if there is none, which the proof `Raised` rules out.
pub fn take(t: &Thread, _raised: Raised) -> Value {
    t.raised.take().expect("Raised comes with an exception")
}

/// The proof for an exception that is known to be on the thread already.
pub fn pending(t: &Thread) -> Option<Raised> {
    let raised = t.raised.take();
    let is_set = raised.is_some();
    t.raised.set(raised);
    is_set.then_some(Raised(()))
}

/// Whether the exception on its way is an instance of `class`.
pub fn matches(t: &Thread, _raised: &Raised, class: &Type) -> bool {
    let raised = t.raised.take();
    let answer = raised.as_ref().is_some_and(|e| e.class().is_subtype(class));
    t.raised.set(raised);
    answer
}

/// Drops the exception if it is an instance of `class`, else passes it on.
pub fn suppress(t: &Thread, raised: Raised, class: &Type) -> PyResult<()> {
    if matches(t, &raised, class) {
        drop(take(t, raised));
        return Ok(());
    }
    Err(raised)
}

macro_rules! constructors {
    ($($name:ident $class:ident)*) => { $(
        #[doc = concat!("Raises ", stringify!($class), " with a message.")]
        #[cold]
        pub fn $name(t: &Thread, message: impl AsRef<str>) -> Raised {
            new(t, &exc::$class, message)
        }
    )* };
}

constructors! {
    type_error TYPE_ERROR
    value_error VALUE_ERROR
    index_error INDEX_ERROR
    runtime_error RUNTIME_ERROR
    overflow_error OVERFLOW_ERROR
    zero_division ZERO_DIVISION_ERROR
    recursion_error RECURSION_ERROR
    not_implemented NOT_IMPLEMENTED_ERROR
    system_error SYSTEM_ERROR
    lookup_error LOOKUP_ERROR
    buffer_error BUFFER_ERROR
    reference_error REFERENCE_ERROR
    eof_error EOF_ERROR
    assertion_error ASSERTION_ERROR
    arithmetic_error ARITHMETIC_ERROR
    unbound_local UNBOUND_LOCAL_ERROR
    import_error IMPORT_ERROR
}

/// Raises MemoryError, with a message where there is one.
#[cold]
pub fn memory_error(t: &Thread, message: impl AsRef<str>) -> Raised {
    let raised = match message.as_ref() {
        "" => with_args(t, &exc::MEMORY_ERROR, names::empty_tuple()),
        text => new(t, &exc::MEMORY_ERROR, text),
    };
    // What the exception itself takes may come from the reserve too.
    crate::sync::may_fail::settle();
    raised
}

/// Raises KeyError(key).
#[cold]
pub fn key_error(t: &Thread, key: &Value) -> Raised {
    with_args(t, &exc::KEY_ERROR, tuple::from_iter(1, [key.clone()]))
}

/// Raises StopIteration(), or StopIteration(value).
#[cold]
pub fn stop_iteration(t: &Thread, result: Option<Value>) -> Raised {
    let args = result.map_or_else(names::empty_tuple, |v| tuple::from_iter(1, [v]));
    with_args(t, &exc::STOP_ITERATION, args)
}

/// Raises AttributeError with `name` and `obj` set.
#[cold]
pub fn attribute_error(t: &Thread, object: &Value, name: &Value, message: impl AsRef<str>) -> Raised {
    let raised = new(t, &exc::ATTRIBUTE_ERROR, message);
    decorate(t, raised, &[(&names::known().name, name), (&names::known().obj, object)])
}

/// Sets `name` and `obj` of an AttributeError that leaves an access of an attribute without them.
#[cold]
pub fn name_attribute(t: &Thread, raised: Raised, object: &Value, name: &Value) -> Raised {
    if !matches(t, &raised, &exc::ATTRIBUTE_ERROR) {
        return raised;
    }
    let exception = take(t, raised);
    let known = names::known();
    let empty = |attribute: &Value| match protocol::lookup_attr(t, &exception, attribute) {
        Ok(found) => found.is_none_or(|v| v.is_none()),
        Err(other) => {
            drop(take(t, other));
            false
        }
    };
    let unnamed = empty(&known.name) && empty(&known.obj);
    let raised = again(t, exception);
    if unnamed { decorate(t, raised, &[(&known.name, name), (&known.obj, object)]) } else { raised }
}

/// Raises AttributeError: "'C' object has no attribute 'x'".
#[cold]
pub fn no_attribute(t: &Thread, object: &Value, name: &Value) -> Raised {
    let message = match object.downcast::<Type>() {
        Some(ty) => format!("type object '{}' has no attribute '{}'", ty.display_name(), str::lossy(name)),
        None => format!("'{}' object has no attribute '{}'", object.class().display_name(), str::lossy(name)),
    };
    attribute_error(t, object, name, message)
}

/// Raises NameError with `name` set: "name 'x' is not defined".
#[cold]
pub fn name_error(t: &Thread, name: &Value) -> Raised {
    let raised = new(t, &exc::NAME_ERROR, format!("name '{}' is not defined", str::lossy(name)));
    decorate(t, raised, &[(&names::known().name, name)])
}

/// Sets attributes of the exception on its way.
fn decorate(t: &Thread, raised: Raised, attributes: &[(&Value, &Value)]) -> Raised {
    let exception = take(t, raised);
    for (name, v) in attributes {
        if let Err(other) = protocol::set_attr(t, &exception, name, v) {
            drop(take(t, other));
        }
    }
    again(t, exception)
}
