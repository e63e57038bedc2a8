//! What the native modules share: state under an object's lock, constructors' signatures, small idioms.

use std::cell::UnsafeCell;
use std::sync::OnceLock;

use crate::object::args::{Args, Bound, ParamKind, Signature};
use crate::object::bigint;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::header::Header;
use crate::object::hooks;
use crate::object::instance::{self, Attributes};
use crate::object::list;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::{Slot, Stored, Value};

/// The part of a payload that is touched only under its object's lock.
pub struct Guarded<T>(UnsafeCell<T>);

// SAFETY: the contents are reached only under the lock (`with`), by the collector while nobody else runs (`stopped`) or
// by the last holder of the object.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    /// Guards `value`.
    pub const fn new(value: T) -> Guarded<T> {
        Guarded(UnsafeCell::new(value))
    }

    /// Runs `f` on the contents with the lock of `object`, the object whose payload this is, held. `f` must not run
    /// Python code, drop a value, or block: it moves such values out, for the caller to drop.
    #[inline]
    pub fn with<R>(&self, t: &Thread, object: &Value, f: impl FnOnce(&mut T) -> R) -> R {
        self.with_for("", t, object, f)
    }

    /// As `with`, for a step that tests leave the lock out of by its name.
    #[inline]
    pub fn with_for<R>(&self, step: &str, t: &Thread, object: &Value, f: impl FnOnce(&mut T) -> R) -> R {
        let _guard = t.lock_for(step, header_of(object));
        // SAFETY: the lock excludes other threads, and as `f` runs no foreign code, nobody comes here again below it.
        f(unsafe { &mut *self.0.get() })
    }

    /// The contents, for `Payload::trace` and `Payload::clear`: the world is stopped or nobody else has the object.
    pub fn stopped(&self) -> &T {
        // SAFETY: by the rules of `Payload`, nobody else is in `with` now.
        unsafe { &*self.0.get() }
    }

    /// Replaces the contents, for `Payload::clear`: nobody else has the object. Answers the old contents.
    pub fn replace_unreachable(&self, value: T) -> T {
        // SAFETY: by the rules of `Payload::clear`, nobody else can reach the object.
        std::mem::replace(unsafe { &mut *self.0.get() }, value)
    }
}

/// The header of a value that is known to be an object.
#[inline]
pub fn header_of(object: &Value) -> &Header {
    debug_assert!(object.is_object());
    // SAFETY: callers pass the object whose payload they work on.
    unsafe { object.header_unchecked() }
}

/// Stores into a slot of `object`'s payload and drops what was there.
pub fn put(t: &Thread, object: &Value, slot: &Slot, value: Option<Value>) {
    let old = {
        let _guard = t.lock(header_of(object));
        slot.swap(value)
    };
    drop(old);
}

/// Empties a slot of `object`'s payload.
pub fn take(t: &Thread, object: &Value, slot: &Slot) -> Option<Value> {
    let _guard = t.lock(header_of(object));
    slot.take()
}

/// Empties a slot if it still holds the value with this word; drops it.
pub fn take_if(t: &Thread, object: &Value, slot: &Slot, word: u64) {
    let old = {
        let _guard = t.lock(header_of(object));
        if slot.word() == word { slot.take() } else { None }
    };
    drop(old);
}

/// The `iter` slot of iterators.
pub fn iter_self(_: &Thread, object: &Value) -> PyResult {
    Ok(object.clone())
}

/// A constructor's signature, parsed once.
pub struct Parameters {
    text: &'static str,
    parsed: OnceLock<Signature>,
}

impl Parameters {
    /// By its text, such as "(iterable, n, *, strict=False)".
    pub const fn new(text: &'static str) -> Parameters {
        Parameters { text, parsed: OnceLock::new() }
    }

    /// Lays out the arguments of a call of `class`, which is `native` or derived from it.
    pub fn bind<'a>(&self, t: &Thread, native: &Type, class: &Type, args: Args<'a>) -> PyResult<Bound<'a>> {
        let signature = self.parsed.get_or_init(|| Signature::parse(self.text));
        let mut args = args;
        if signature.params.iter().all(|p| p.kind == ParamKind::PositionalOnly) {
            args = args.positional_of(t, native, class)?;
            args.exactly_positional(t, native.name(), signature.required_positional, signature.positional)?;
        }
        signature.bind(t, native.name(), args, 0)
    }

    /// Lays out the arguments of a call of something else that is called `function`.
    pub fn bind_call<'a>(&self, t: &Thread, function: &str, args: Args<'a>) -> PyResult<Bound<'a>> {
        self.parsed.get_or_init(|| Signature::parse(self.text)).bind(t, function, args, 0)
    }
}

/// Removes the names of types that a module's table lists only so that they are initialised.
pub fn hide(t: &Thread, module: &Value, names: &[&str]) -> PyResult<()> {
    for name in names {
        let name = names::intern(name);
        if protocol::lookup_attr(t, module, &name)?.is_some() {
            protocol::del_attr(t, module, &name)?;
        }
    }
    Ok(())
}

/// The row of `__class_getitem__` for types that are generic.
pub const CLASS_GETITEM: Method =
    Method::new("__class_getitem__", "($type, object, /)", NativeFn::F2(class_getitem), "See PEP 585").class_method();

fn class_getitem(t: &Thread, class: &Value, item: &Value) -> PyResult {
    (hooks::get().generic_alias)(t, class, item)
}

/// A new list of these items.
pub fn list_of(t: &Thread, items: Vec<Value>) -> PyResult {
    list::from_exact(t, items.into_iter())
}

/// An argument that is a size or an index: OverflowError where it does not fit.
pub fn size_argument(t: &Thread, v: &Value) -> PyResult<i64> {
    if let Some(i) = v.as_small_int() {
        return Ok(i);
    }
    let index = protocol::index(t, v)?;
    match bigint::view(&index) {
        Some(bigint::IntView::Small(i)) => Ok(i),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C ssize_t")),
    }
}

/// The bytes of an argument, for writing; TypeError with this message where it has none or does not lend them.
pub fn writable(t: &Thread, v: &Value, message: impl Fn(&Value) -> String) -> PyResult<Buffer> {
    let wrong = |t: &Thread| raise::type_error(t, message(v));
    if v.class().slots.buffer.get().is_none() {
        return Err(wrong(t));
    }
    buffer::get(t, v, Request::Write).or_else(|raised| {
        raise::suppress(t, raised, &exc::BUFFER_ERROR)?;
        Err(wrong(t))
    })
}

/// An argument that is a time in seconds, a float or an int, within the range of a 64-bit count of nanoseconds.
pub fn seconds(t: &Thread, v: &Value) -> PyResult<f64> {
    let seconds = match bigint::view(v) {
        Some(bigint::IntView::Small(i)) => i as f64,
        Some(bigint::IntView::Big(_)) => f64::INFINITY,
        None => protocol::as_f64(t, v)?,
    };
    if seconds.is_nan() {
        return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
    }
    if !(-9.223372036854775e9..9.223372036854775e9).contains(&seconds) {
        return Err(raise::overflow_error(t, "timestamp out of range for platform time_t"));
    }
    Ok(seconds)
}

/// Warns that an object ends that nobody closed: from a destructor, so that nothing is raised.
pub fn warn_unclosed(t: &Thread, v: &Value, what: &str) {
    let message = format!("unclosed {what}{}", protocol::repr_lossy(t, v));
    if let Err(raised) = (hooks::get().warn)(t, &exc::RESOURCE_WARNING.as_value(), &message, 1) {
        let e = raise::take(t, raised);
        // A warning that is an error is shown; anything else that went wrong is not the object's business.
        if e.class().is_subtype(&exc::WARNING) {
            (hooks::get().unraisable)(t, e, "", Some(v));
        }
    }
}

/// Visits stored values.
pub fn visit_all<'v>(items: impl IntoIterator<Item = &'v Stored>, visit: Visit) {
    items.into_iter().for_each(|item| visit(item));
}

/// The payload of `object`, a method's `self`, whose type the caller of the method has checked.
#[macro_export]
macro_rules! this {
    ($object:expr, $payload:ty) => {
        match $object.downcast::<$payload>() {
            Some(this) => this,
            None => unreachable!("self was checked by the call"),
        }
    };
}

/// The row of `__dict__` for native types whose instances have attributes of their own.
pub const INSTANCE_DICT: GetSet =
    GetSet::new("__dict__", get_instance_dict, set_instance_dict, "dictionary for instance variables");

fn get_instance_dict(t: &Thread, v: &Value) -> PyResult {
    match attributes_of(v) {
        Some(attributes) => Ok(attributes.make_dict(t, header_of(v))),
        None => Err(raise::attribute_error(t, v, &names::known().__dict__, "This object has no __dict__")),
    }
}

/// Assigns the attributes of an instance of a native type, which cannot be deleted.
pub fn set_instance_dict(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(attributes) = attributes_of(v) else {
        return Err(raise::attribute_error(t, v, &names::known().__dict__, "This object has no __dict__"));
    };
    let entries = match value {
        None => return Err(raise::type_error(t, "cannot delete __dict__")),
        Some(entries) if entries.downcast::<Dict>().is_some() => entries.clone(),
        Some(other) => {
            let message = format!("__dict__ must be set to a dictionary, not a '{}'", other.class().display_name());
            return Err(raise::type_error(t, message));
        }
    };
    attributes.set_dict(t, header_of(v), entries);
    Ok(())
}

/// Names and values of an instance's own attributes, if its type gives it any.
pub fn instance_dict(v: &Value) -> Option<Vec<(Value, Value)>> {
    attributes_of(v).map(Attributes::entries)
}

fn attributes_of(v: &Value) -> Option<&Attributes> {
    instance::attributes(v.header()?)
}
