//! Native functions as objects: functions of modules, methods of types, bound methods of both.

use super::args::{Args, Bound, Signature};
use super::core_types;
use super::exception::visit_slot;
use super::raise::{self, PyResult, Raised};
use super::slots::Visit;
use super::table::{ByCount, Method, MethodKind, NativeFn};
use super::thread::Thread;
use super::type_object::{Payload, Type};
use super::value::{Slot, Value};
use super::{alloc, str};
use crate::sync::shim::atomic::{AtomicPtr, Ordering::*};
use std::sync::OnceLock;

/// The payload of `builtin_function_or_method`, `method_descriptor` and `classmethod_descriptor`.
pub struct NativeFunction {
    pub method: &'static Method,
    signature: OnceLock<&'static Signature>,
    /// `__self__`: the module of a function, the object of a bound method; empty in a descriptor.
    pub bound: Slot,
    /// `__module__` of a function, `__objclass__` of a descriptor.
    pub owner: Slot,
    /// Whether `bound` is passed as the first argument (a bound method, not a module's function).
    pub passes_self: bool,
}

// SAFETY: all three types' layout is `NativeFunction` (two derive it from `NATIVE_FUNCTION`'s by their specs' `base`-less
// declaration with the same layout; `downcast` is only used through `payload_of`).
unsafe impl Payload for NativeFunction {
    fn layout_type() -> &'static Type {
        &core_types::NATIVE_FUNCTION
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.bound, visit);
        visit_slot(&self.owner, visit);
    }

    fn clear(&self) {
        drop(self.bound.take());
        drop(self.owner.take());
    }
}

/// The payload, if the value is a native function, method or descriptor.
#[inline(always)]
pub fn of(v: &Value) -> Option<&NativeFunction> {
    let header = v.header()?;
    let class = header.class();
    let fits = std::ptr::eq(class, &*core_types::NATIVE_FUNCTION)
        || std::ptr::eq(class, &*core_types::METHOD_DESCRIPTOR)
        || std::ptr::eq(class, &*core_types::CLASS_METHOD_DESCRIPTOR);
    // SAFETY: these three final types carry this payload.
    fits.then(|| unsafe { header.payload::<NativeFunction>() })
}

/// A function of a module; `owner` is the module's name.
pub fn new_function(method: &'static Method, module: Option<Value>, name: Option<Value>) -> Value {
    new(&core_types::NATIVE_FUNCTION, method, module, name, false)
}

/// A method bound to an object.
pub fn new_bound(method: &'static Method, object: Value) -> Value {
    new(&core_types::NATIVE_FUNCTION, method, Some(object), None, true)
}

/// The descriptor of a row of a type's table: a method descriptor, class method descriptor, or static method's function.
pub fn new_descriptor(method: &'static Method, owner: &Type) -> Value {
    let class = match method.kind {
        MethodKind::Instance => &core_types::METHOD_DESCRIPTOR,
        MethodKind::Class => &core_types::CLASS_METHOD_DESCRIPTOR,
        MethodKind::Static => &core_types::NATIVE_FUNCTION,
    };
    new(class, method, None, Some(owner.to_value()), false)
}

fn new(class: &Type, method: &'static Method, bound: Option<Value>, owner: Option<Value>, passes_self: bool) -> Value {
    let payload = NativeFunction {
        method,
        signature: OnceLock::new(),
        bound: Slot::from_option(bound),
        owner: Slot::from_option(owner),
        passes_self,
    };
    alloc::new_fixed(class, payload)
}

/// The signature of a row, parsed.
struct Parsed {
    method: &'static Method,
    signature: Signature,
}

/// More than there are rows whose signatures are ever parsed.
const SIGNATURES: usize = 1 << 13;

/// Signatures by row, for each bound method is an object of its own: a table with open addressing that is looked up without
/// a lock. Rows are statics, so nothing is ever removed.
static PARSED: [AtomicPtr<Parsed>; SIGNATURES] = [const { AtomicPtr::new(std::ptr::null_mut()) }; SIGNATURES];

fn signature_of(method: &'static Method) -> &'static Signature {
    let start = (std::ptr::from_ref(method) as usize >> 3).wrapping_mul(0x9e37_79b1);
    for step in 0..SIGNATURES {
        let place = &PARSED[start.wrapping_add(step) % SIGNATURES];
        // Acquire: pairs with the Release below.
        let mut found = place.load(Acquire);
        if found.is_null() {
            let fresh = Box::into_raw(Box::new(Parsed { method, signature: Signature::parse(method.signature) }));
            // Release: who finds the row finds it complete.
            match place.compare_exchange(std::ptr::null_mut(), fresh, AcqRel, Acquire) {
                Ok(_) => found = fresh,
                Err(other) => {
                    // SAFETY: never shared.
                    drop(unsafe { Box::from_raw(fresh) });
                    found = other;
                }
            }
        }
        // SAFETY: entries are never freed.
        let parsed = unsafe { &*found };
        if std::ptr::eq(parsed.method, method) {
            return &parsed.signature;
        }
    }
    // The table is full: parsed for this object alone, and kept for good.
    Box::leak(Box::new(Signature::parse(method.signature)))
}

impl NativeFunction {
    /// The parsed text signature.
    #[inline]
    pub fn signature(&self) -> &'static Signature {
        self.signature.get_or_init(|| signature_of(self.method))
    }

    /// The name that messages show: qualified by the type for methods.
    fn display_name(&self) -> String {
        if let Some(owner) = self.owner.load()
            && let Some(ty) = owner.downcast::<Type>()
        {
            return format!("{}.{}", ty.name(), self.method.name);
        }
        match self.bound.load() {
            Some(object) if self.passes_self => match object.downcast::<Type>() {
                Some(ty) => format!("{}.{}", ty.name(), self.method.name),
                None => format!("{}.{}", object.class().name(), self.method.name),
            },
            _ => self.method.name.to_string(),
        }
    }

    /// Calls the function; `args` begins with `self` for a method.
    #[inline]
    pub fn call(&self, t: &Thread, args: Args<'_>) -> PyResult {
        if !args.has_keywords() {
            match (self.method.function, args.pos()) {
                (NativeFn::F0(f), []) => return f(t),
                (NativeFn::F1(f), [a]) => return f(t, a),
                (NativeFn::F2(f), [a, b]) => return f(t, a, b),
                (NativeFn::F3(f), [a, b, c]) => return f(t, a, b, c),
                (NativeFn::ByCount(&ByCount { one: Some(f), .. }), [a]) => return f(t, a),
                (NativeFn::ByCount(&ByCount { two: Some(f), .. }), [a, b]) => return f(t, a, b),
                (NativeFn::ByCount(&ByCount { three: Some(f), .. }), [a, b, c]) => return f(t, a, b, c),
                _ => {}
            }
        }
        match self.method.function {
            NativeFn::Raw(f) | NativeFn::ByCount(&ByCount { otherwise: Some(f), .. }) => f(t, args),
            NativeFn::Bound(f) => {
                let signature = self.signature();
                if args.has_keywords() && !signature.keywords && signature.all_positional_only() {
                    return Err(self.no_keywords(t));
                }
                let mut bound = Bound::empty();
                signature.bind_at(&mut bound, t, self.method.name, args, signature.hidden)?;
                f(t, &bound)
            }
            _ => Err(self.wrong_arguments(t, args)),
        }
    }

    #[cold]
    fn no_keywords(&self, t: &Thread) -> Raised {
        raise::type_error(t, format!("{}() takes no keyword arguments", self.display_name()))
    }

    /// How many leading parameters messages do not count.
    fn hidden(&self) -> usize {
        usize::from(self.method.signature.starts_with("($self") || self.method.signature.starts_with("($type"))
    }

    /// The error for a fixed number of arguments, or one of several.
    #[cold]
    fn wrong_arguments(&self, t: &Thread, args: Args<'_>) -> Raised {
        let (expected, most) = match self.method.function {
            NativeFn::F1(_) => (1, 1),
            NativeFn::F2(_) => (2, 2),
            NativeFn::F3(_) => (3, 3),
            NativeFn::ByCount(by) => {
                let known = [by.one.is_some(), by.two.is_some(), by.three.is_some()];
                let place = |found: Option<usize>| found.map_or(0, |i| i + 1);
                (place(known.iter().position(|k| *k)), place(known.iter().rposition(|k| *k)))
            }
            _ => (0, 0),
        };
        let hidden = self.hidden().min(expected);
        let name = self.display_name();
        if args.has_keywords() {
            return self.no_keywords(t);
        }
        let given = args.pos().len();
        if given < hidden {
            return raise::type_error(t, format!("unbound method {name}() needs an argument"));
        }
        let given = given - hidden;
        if expected != most {
            return args.skip(hidden).wrong_count(t, self.method.name, expected - hidden, most - hidden);
        }
        let message = match expected - hidden {
            0 => format!("{name}() takes no arguments ({given} given)"),
            1 => format!("{name}() takes exactly one argument ({given} given)"),
            n => format!("{} expected {n} arguments, got {given}", self.method.name),
        };
        raise::type_error(t, message)
    }
}

/// The `call` slot of native functions: passes `__self__` where it is bound.
pub fn call_function(t: &Thread, callable: &Value, args: Args<'_>) -> PyResult {
    let Some(f) = of(callable) else { return Err(raise::type_error(t, "not a native function")) };
    if !f.passes_self {
        return f.call(t, args);
    }
    let Some(object) = f.bound.load() else { return Err(raise::type_error(t, "the method has lost its object")) };
    with_first(&object, args, |args| f.call(t, args))
}

/// The `call` slot of method descriptors: checks the type of `self`.
pub fn call_descriptor(t: &Thread, callable: &Value, args: Args<'_>) -> PyResult {
    let Some(f) = of(callable) else { return Err(raise::type_error(t, "not a method descriptor")) };
    check_self(t, f, args.pos().first())?;
    f.call(t, args)
}

/// Raises TypeError unless a method's first argument is an instance of its owner.
#[inline]
pub fn check_self(t: &Thread, f: &NativeFunction, object: Option<&Value>) -> PyResult<()> {
    let Some(owner) = f.owner.load() else { return Ok(()) };
    let Some(class) = owner.downcast::<Type>() else { return Ok(()) };
    match object {
        Some(object) if object.class().is_subtype(class) => Ok(()),
        _ => Err(wrong_self(t, f, class, object)),
    }
}

#[cold]
fn wrong_self(t: &Thread, f: &NativeFunction, class: &Type, object: Option<&Value>) -> Raised {
    let name = f.method.name;
    let message = match object {
        Some(object) => format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            class.display_name(),
            object.class().display_name()
        ),
        None => format!("unbound method {}.{name}() needs an argument", class.name()),
    };
    raise::type_error(t, message)
}

/// Runs `f` with `first` put before the positional arguments.
pub fn with_first<R>(first: &Value, args: Args<'_>, f: impl FnOnce(Args<'_>) -> R) -> R {
    let mut all: smallvec::SmallVec<[std::mem::ManuallyDrop<Value>; 8]> = smallvec::SmallVec::new();
    all.push(first.borrowed());
    all.extend(args.all().iter().map(Value::borrowed));
    // SAFETY: `ManuallyDrop<Value>` has the layout of `Value`; the originals outlive the call.
    let slice = unsafe { std::slice::from_raw_parts(all.as_ptr().cast::<Value>(), all.len()) };
    f(Args::new(slice, args.names()))
}

/// A str for `__name__`.
pub fn name(f: &NativeFunction) -> Value {
    str::from_str(f.method.name)
}
