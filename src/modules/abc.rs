//! `_abc`: what abstract base classes remember of their virtual subclasses.
//!
//! A class is known to the caches by its number (`Type::uid`), which is never used again, so that the caches keep
//! nothing alive and are read without a lock: each is a sorted list of numbers behind an `ArcSwap`, replaced as a whole.
//! Lists that have grown long are forgotten and fill again. The registry holds weak references.

use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::modules::support::header_of;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::exception::visit_slot;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, attribute, bigint, hooks, protocol, str, tuple};
use crate::this;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "get_cache_token",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::uint(TOKEN.load(Acquire)))),
            "Returns the current ABC cache token, which changes with every call of register() on any ABC.",
        ),
        Method::new(
            "_abc_init",
            "($module, self, /)",
            NativeFn::F1(init),
            "Sets a class up as an abstract base class.",
        ),
        Method::new(
            "_abc_register",
            "($module, self, subclass, /)",
            NativeFn::F2(register),
            "Registers a virtual subclass.",
        ),
        Method::new(
            "_abc_instancecheck",
            "($module, self, instance, /)",
            NativeFn::F2(instance_check),
            "What __instancecheck__ of abstract base classes does.",
        ),
        Method::new(
            "_abc_subclasscheck",
            "($module, self, subclass, /)",
            NativeFn::F2(|t, class, subclass| Ok(Value::bool(subclass_check(t, class, subclass)?))),
            "What __subclasscheck__ of abstract base classes does.",
        ),
        Method::new("_get_dump", "($module, self, /)", NativeFn::F1(dump), "Shows the registry, for debugging."),
        Method::new("_reset_registry", "($module, self, /)", NativeFn::F1(reset_registry), "Empties the registry."),
        Method::new("_reset_caches", "($module, self, /)", NativeFn::F1(reset_caches), "Empties the caches."),
    ],
    types: &[&DATA],
    init: Some(|t, module| crate::modules::support::hide(t, module, &["_abc_data"])),
    ..ModuleSpec::new("_abc", "Accelerator of the module abc")
};

/// Changes with every registration: negative answers given before are void.
static TOKEN: AtomicU64 = AtomicU64::new(0);

/// Numbers of classes, sorted.
type Numbers = Vec<u64>;

/// The longest list of numbers that is kept.
const LONGEST: usize = 1024;

struct Negative {
    token: u64,
    numbers: Numbers,
}

/// The payload of `_abc_impl`.
pub struct Data {
    /// A tuple of weak references to registered classes.
    registry: Slot,
    cache: ArcSwap<Numbers>,
    negative: ArcSwap<Negative>,
}

/// The type of `_abc_impl`.
pub static DATA: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Internal state held by ABC machinery.",
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_abc", "_abc_data", layout_of::<Data>(true))
};

// SAFETY: `DATA`'s layout is `Data`.
unsafe impl Payload for Data {
    fn layout_type() -> &'static Type {
        &DATA
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.registry, visit);
    }

    fn clear(&self) {
        drop(self.registry.take());
    }
}

/// The list with one more number.
fn with(numbers: &Numbers, number: u64) -> Numbers {
    match numbers.binary_search(&number) {
        Ok(_) => numbers.clone(),
        Err(_) if numbers.len() >= LONGEST => vec![number],
        Err(at) => {
            let mut more = Vec::with_capacity(numbers.len() + 1);
            more.extend_from_slice(&numbers[..at]);
            more.push(number);
            more.extend_from_slice(&numbers[at..]);
            more
        }
    }
}

impl Data {
    fn accepts(&self, class: &Type) -> bool {
        self.cache.load().binary_search(&class.uid()).is_ok()
    }

    fn accept(&self, class: &Type) {
        let number = class.uid();
        self.cache.rcu(|numbers| with(numbers, number));
    }

    fn rejects(&self, class: &Type) -> bool {
        let negative = self.negative.load();
        negative.token == TOKEN.load(Acquire) && negative.numbers.binary_search(&class.uid()).is_ok()
    }

    /// Remembers a negative answer that was worked out since the token was `token`.
    fn reject(&self, class: &Type, token: u64) {
        let number = class.uid();
        self.negative.rcu(|negative| {
            if negative.token > token {
                return Arc::clone(negative);
            }
            let numbers = if negative.token == token { with(&negative.numbers, number) } else { vec![number] };
            Arc::new(Negative { token, numbers })
        });
    }
}

fn impl_name() -> Value {
    names::intern("_abc_impl")
}

/// The `_abc_impl` of a class.
fn data(t: &Thread, class: &Value) -> PyResult {
    let name = impl_name();
    let found = match class.downcast::<Type>() {
        Some(ty) => attribute::lookup(t, ty, &name),
        None => None,
    };
    let found = match found {
        Some(found) => found,
        None => protocol::get_attr(t, class, &name)?,
    };
    if !found.is_exact(&DATA) {
        return Err(raise::type_error(t, "_abc_impl is set to a wrong type"));
    }
    Ok(found)
}

/// Bits that pattern matching looks at.
const COLLECTION: u64 = flag::SEQUENCE | flag::MAPPING;

fn init(t: &Thread, class: &Value) -> PyResult {
    find_abstract(t, class)?;
    let negative = Negative { token: TOKEN.load(Acquire), numbers: Vec::new() };
    let data = Data {
        registry: Slot::empty(),
        cache: ArcSwap::from_pointee(Vec::new()),
        negative: ArcSwap::from_pointee(negative),
    };
    let data = alloc::new(&DATA, data);
    protocol::set_attr(t, class, &impl_name(), &data)?;
    let Some(ty) = class.downcast::<Type>() else { return Ok(Value::NONE) };
    let flags_name = names::intern("__abc_tpflags__");
    let own = ty.dict.load().and_then(|d| d.downcast::<Dict>()?.get_str(&flags_name));
    if let Some(bits) = own
        && let Some(bigint::IntView::Small(bits)) = bigint::view(&bits)
    {
        let bits = bits as u64 & COLLECTION;
        if bits == COLLECTION {
            let message = "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING";
            return Err(raise::type_error(t, message));
        }
        ty.clear_flag(COLLECTION);
        ty.set_flag(bits);
        protocol::del_attr(t, class, &flags_name)?;
    }
    Ok(Value::NONE)
}

fn is_abstract(t: &Thread, v: &Value) -> PyResult<bool> {
    match protocol::lookup_attr(t, v, &known().__isabstractmethod__)? {
        Some(answer) => protocol::is_true(t, &answer),
        None => Ok(false),
    }
}

/// Sets `__abstractmethods__`: abstract methods of the class itself and those of its bases that it leaves abstract.
fn find_abstract(t: &Thread, class: &Value) -> PyResult<()> {
    let mut found = Vec::new();
    let own = match class.downcast::<Type>().and_then(|ty| ty.dict.load()) {
        Some(own) => own.downcast::<Dict>().map(Dict::entries).unwrap_or_default(),
        None => Vec::new(),
    };
    for (name, value) in own {
        if is_abstract(t, &value)? {
            found.push(name);
        }
    }
    let bases = protocol::get_attr(t, class, &known().__bases__)?;
    for base in tuple::items(&bases) {
        let Some(names) = protocol::lookup_attr(t, base, &known().__abstractmethods__)? else { continue };
        for name in protocol::collect(t, &names)? {
            if str::view(&name).is_some()
                && let Some(value) = protocol::lookup_attr(t, class, &name)?
                && is_abstract(t, &value)?
            {
                found.push(name);
            }
        }
    }
    let found = (hooks::get().frozenset)(t, &found);
    protocol::set_attr(t, class, &known().__abstractmethods__, &found)
}

fn register(t: &Thread, class: &Value, subclass: &Value) -> PyResult {
    let Some(sub) = subclass.downcast::<Type>() else {
        return Err(raise::type_error(t, "Can only register classes"));
    };
    if protocol::is_subclass(t, subclass, class)? {
        return Ok(subclass.clone());
    }
    if protocol::is_subclass(t, class, subclass)? {
        return Err(raise::runtime_error(t, "Refusing to create an inheritance cycle"));
    }
    let data = data(t, class)?;
    let reference = protocol::call_values(t, &core_types::WEAKREF.as_value(), std::slice::from_ref(subclass))?;
    let this = this!(data, Data);
    loop {
        let old = this.registry.load();
        let mut all = old.as_ref().map(|old| tuple::items(old).to_vec()).unwrap_or_default();
        all.push(reference.clone());
        let new = tuple::from_vec(all);
        let replaced = {
            let _guard = t.lock(header_of(&data));
            if this.registry.word() != old.as_ref().map_or(0, Value::bits) {
                continue;
            }
            this.registry.swap(Some(new))
        };
        drop(replaced);
        break;
    }
    TOKEN.fetch_add(1, AcqRel);
    if let Some(ty) = class.downcast::<Type>()
        && ty.has_flag(COLLECTION)
    {
        mark_collection(t, sub, ty.flags() & COLLECTION)?;
    }
    Ok(subclass.clone())
}

/// Gives a class and its subclasses the bits that pattern matching looks at.
fn mark_collection(t: &Thread, class: &Type, bits: u64) -> PyResult<()> {
    if class.has_flag(flag::IMMUTABLE) || class.flags() & COLLECTION == bits {
        return Ok(());
    }
    class.clear_flag(COLLECTION);
    class.set_flag(bits);
    let subclasses = protocol::call_method(t, &class.as_value(), &known().__subclasses__, &[])?;
    for subclass in protocol::collect(t, &subclasses)? {
        if let Some(subclass) = subclass.downcast::<Type>() {
            mark_collection(t, subclass, bits)?;
        }
    }
    Ok(())
}

fn ask_subclass_check(t: &Thread, class: &Value, subclass: &Value) -> PyResult {
    protocol::call_method(t, class, &known().__subclasscheck__, std::slice::from_ref(subclass))
}

fn instance_check(t: &Thread, class: &Value, instance: &Value) -> PyResult {
    let data = data(t, class)?;
    let this = this!(data, Data);
    let subclass = protocol::get_attr(t, instance, &known().__class__)?;
    let ty = subclass.downcast::<Type>();
    if ty.is_some_and(|ty| this.accepts(ty)) {
        return Ok(Value::TRUE);
    }
    if subclass.is(&instance.class().as_value()) {
        if ty.is_some_and(|ty| this.rejects(ty)) {
            return Ok(Value::FALSE);
        }
        return ask_subclass_check(t, class, &subclass);
    }
    let answer = ask_subclass_check(t, class, &subclass)?;
    if protocol::is_true(t, &answer)? {
        return Ok(answer);
    }
    ask_subclass_check(t, class, &instance.class().as_value())
}

fn subclass_check(t: &Thread, class: &Value, subclass: &Value) -> PyResult<bool> {
    let Some(sub) = subclass.downcast::<Type>() else {
        return Err(raise::type_error(t, "issubclass() arg 1 must be a class"));
    };
    let data = data(t, class)?;
    let this = this!(data, Data);
    if this.accepts(sub) {
        return Ok(true);
    }
    if this.rejects(sub) {
        return Ok(false);
    }
    // Read before the answer is worked out: a registration meanwhile voids it.
    let token = TOKEN.load(Acquire);
    let answer = work_out(t, class, subclass, sub, this)?;
    if answer {
        this.accept(sub);
    } else {
        this.reject(sub, token);
    }
    Ok(answer)
}

fn work_out(t: &Thread, class: &Value, subclass: &Value, sub: &Type, this: &Data) -> PyResult<bool> {
    let answer = protocol::call_method(t, class, &known().__subclasshook__, std::slice::from_ref(subclass))?;
    if let Some(answer) = answer.as_bool() {
        return Ok(answer);
    }
    if !answer.is_not_implemented() {
        let message = "__subclasshook__ must return either False, True, or NotImplemented";
        return Err(raise::assertion_error(t, message));
    }
    if sub.mro.load().is_some_and(|mro| tuple::items(&mro).iter().any(|c| c.is(class))) {
        return Ok(true);
    }
    for reference in this.registry.load().iter().flat_map(tuple::items) {
        let registered = protocol::call_values(t, reference, &[])?;
        if !registered.is_none() && protocol::is_subclass(t, subclass, &registered)? {
            return Ok(true);
        }
    }
    let subclasses = protocol::call_method(t, class, &known().__subclasses__, &[])?;
    for other in protocol::collect(t, &subclasses)? {
        if protocol::is_subclass(t, subclass, &other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// (registry, cache, negative cache, token); the caches know classes by number only and are shown empty.
fn dump(t: &Thread, class: &Value) -> PyResult {
    let data = data(t, class)?;
    let registry = this!(data, Data).registry.load().unwrap_or_else(names::empty_tuple);
    let set = |items: Value| protocol::call_values(t, &core_types::SET.as_value(), &[items]);
    let token = Value::uint(this!(data, Data).negative.load().token);
    Ok(tuple::from_vec(vec![set(registry)?, set(names::empty_tuple())?, set(names::empty_tuple())?, token]))
}

fn reset_registry(t: &Thread, class: &Value) -> PyResult {
    let data = data(t, class)?;
    crate::modules::support::put(t, &data, &this!(data, Data).registry, None);
    Ok(Value::NONE)
}

fn reset_caches(t: &Thread, class: &Value) -> PyResult {
    let data = data(t, class)?;
    let this = this!(data, Data);
    this.cache.store(Arc::new(Vec::new()));
    this.negative.store(Arc::new(Negative { token: TOKEN.load(Acquire), numbers: Vec::new() }));
    Ok(Value::NONE)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, with};

    #[test]
    fn lists_stay_sorted_and_short() {
        let mut numbers = Vec::new();
        for n in [5, 1, 9, 5, 3] {
            numbers = with(&numbers, n);
        }
        assert_eq!(numbers, [1, 3, 5, 9]);
        let long: Vec<u64> = (0..LONGEST as u64).collect();
        assert_eq!(with(&long, 5000), [5000]);
        assert_eq!(with(&long, 7).len(), LONGEST);
    }
}
