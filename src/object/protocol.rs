//! The operations on any object: attribute access, calls, conversion, comparison, iteration, subscripts.
//!
//! Each goes through the type's slots, with CPython's fallbacks and messages. Operators on two operands are in `operator`.

use super::alloc;
use super::args::Args;
use super::core_types::{self, exc};
use super::dict::Dict;
use super::list::List;
use super::names::{self, known};
use super::raise::{self, PyResult, Raised};
use super::slots::{self, Sent};
use super::str::{self, Str};
use super::thread::Thread;
use super::type_object::Type;
use super::value::Value;
use super::{attribute, bigint, native, quick, tuple};
use crate::object::operator_kind::CompareOp;

/// TypeError about the class of an object. Out of line: what makes messages must not weigh on the functions that rarely do.
#[cold]
fn refuse(t: &Thread, message: fn(&str) -> String, object: &Value) -> Raised {
    raise::type_error(t, message(&object.class().display_name()))
}

/// `getattr(object, name)`.
#[inline]
pub fn get_attr(t: &Thread, object: &Value, name: &Value) -> PyResult {
    let found = match object.class().slots.getattro.get() {
        Some(get) => get(t, object, name),
        None => attribute::generic_get(t, object, name),
    };
    found.map_err(|raised| raise::name_attribute(t, raised, object, name))
}

/// `getattr(object, name)` by Rust text.
pub fn get_attr_str(t: &Thread, object: &Value, name: &str) -> PyResult {
    get_attr(t, object, &names::intern(name))
}

/// `getattr(object, name, None-of-Rust)`: swallows AttributeError, and does not even make it where it can.
pub fn lookup_attr(t: &Thread, object: &Value, name: &Value) -> PyResult<Option<Value>> {
    let found = match object.class().slots.getattro.get() {
        Some(get) if !std::ptr::fn_addr_eq(get, attribute::generic_get as super::slots::Binary) => {
            match super::hooks::installed().and_then(|hooks| (hooks.lookup_of)(get)) {
                Some(lookup) => lookup(t, object, name),
                None => get(t, object, name).map(Some),
            }
        }
        _ => attribute::generic_lookup(t, object, name),
    };
    found.or_else(|raised| raise::suppress(t, raised, &exc::ATTRIBUTE_ERROR).map(|()| None))
}

/// `setattr(object, name, value)`.
pub fn set_attr(t: &Thread, object: &Value, name: &Value, value: &Value) -> PyResult<()> {
    assign_attr(t, object, name, Some(value))
}

/// `delattr(object, name)`.
pub fn del_attr(t: &Thread, object: &Value, name: &Value) -> PyResult<()> {
    assign_attr(t, object, name, None)
}

fn assign_attr(t: &Thread, object: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    match object.class().slots.setattro.get() {
        Some(set) => set(t, object, name, value),
        None => attribute::generic_set(t, object, name, value),
    }
}

/// A special method looked up on the type and bound to the object, as implicit calls do; None where it is absent.
pub fn special(t: &Thread, object: &Value, name: &Value) -> PyResult<Option<Value>> {
    let class = object.class();
    let Some(found) = attribute::lookup(t, class, name) else { return Ok(None) };
    match found.class().slots.descr_get.get() {
        Some(get) => get(t, &found, Some(object), &class.as_value()).map(Some),
        None => Ok(Some(found)),
    }
}

/// Calls a special method with positional arguments; None where it is absent.
pub fn call_special(t: &Thread, object: &Value, name: &Value, args: &[Value]) -> PyResult<Option<Value>> {
    let class = object.class();
    let Some(found) = attribute::lookup(t, class, name) else { return Ok(None) };
    if is_method(&found) {
        return call_unbound(t, &found, object, args).map(Some);
    }
    match found.class().slots.descr_get.get() {
        Some(get) => call(t, &get(t, &found, Some(object), &class.as_value())?, Args::positional(args)).map(Some),
        None => call(t, &found, Args::positional(args)).map(Some),
    }
}

/// `callable(*args, **kwargs)`.
#[inline]
pub fn call(t: &Thread, callable: &Value, args: Args<'_>) -> PyResult {
    t.assert_unlocked();
    match callable.class().slots.call.get() {
        Some(call) => {
            if t.stack_is_low() {
                return Err(stack_overflow(t, " while calling a Python object"));
            }
            call(t, callable, args)
        }
        None => Err(refuse(t, |class| format!("'{class}' object is not callable"), callable)),
    }
}

/// `callable(*args)`.
#[inline]
pub fn call_values(t: &Thread, callable: &Value, args: &[Value]) -> PyResult {
    call(t, callable, Args::positional(args))
}

/// Whether a class attribute binds to an instance by being called with it as the first argument.
#[inline]
fn is_method(found: &Value) -> bool {
    found.is_exact(&core_types::FUNCTION) || found.is_exact(&core_types::METHOD_DESCRIPTOR)
}

/// Calls such an attribute without the bound method that would be made only to be called.
fn call_unbound(t: &Thread, method: &Value, object: &Value, args: &[Value]) -> PyResult {
    native::with_first(object, Args::positional(args), |args| call(t, method, args))
}

/// `object.name(*args)`.
pub fn call_method(t: &Thread, object: &Value, name: &Value, args: &[Value]) -> PyResult {
    let class = object.class();
    let plain = match class.slots.getattro.get() {
        Some(get) => std::ptr::fn_addr_eq(get, attribute::generic_get as slots::Binary),
        None => true,
    };
    if plain
        && let Some(found) = attribute::lookup(t, class, name)
        && is_method(&found)
        && !attribute::has_own(object, name)
    {
        return call_unbound(t, &found, object, args);
    }
    let method = get_attr(t, object, name)?;
    call(t, &method, Args::positional(args))
}

/// `object.name(*args)` by Rust text.
pub fn call_method_str(t: &Thread, object: &Value, name: &str, args: &[Value]) -> PyResult {
    call_method(t, object, &names::intern(name), args)
}

/// RecursionError for native recursion.
#[cold]
pub fn stack_overflow(t: &Thread, place: &str) -> Raised {
    // Room for the error's own making.
    let limit = t.stack_limit.get();
    t.stack_limit.set(limit.saturating_sub(64 << 10));
    let raised = raise::recursion_error(t, format!("maximum recursion depth exceeded{place}"));
    t.stack_limit.set(limit);
    raised
}

/// Raises RecursionError if the native stack is nearly used up. For native code that recurses by itself.
#[inline]
pub fn check_recursion(t: &Thread, place: &str) -> PyResult<()> {
    if t.stack_is_low() { Err(stack_overflow(t, place)) } else { Ok(()) }
}

/// `repr(object)`: an instance of str.
pub fn repr(t: &Thread, object: &Value) -> PyResult {
    check_recursion(t, " while getting the repr of an object")?;
    let result = match object.class().slots.repr.get() {
        Some(f) => f(t, object)?,
        None => return Ok(str::from_str(&default_repr(object))),
    };
    if str::view(&result).is_none() {
        let message = format!("__repr__ returned non-string (type {})", result.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(result)
}

/// object.__repr__.
pub fn default_repr(object: &Value) -> String {
    format!("<{} object at {:#x}>", object.class().display_name(), object.id())
}

/// `repr(object)` as Rust text, for messages; never raises.
pub fn repr_lossy(t: &Thread, object: &Value) -> String {
    match repr(t, object) {
        Ok(text) => str::lossy(&text).into_owned(),
        Err(raised) => {
            drop(raise::take(t, raised));
            default_repr(object)
        }
    }
}

/// `str(object)`: an instance of str.
pub fn to_str(t: &Thread, object: &Value) -> PyResult {
    if object.downcast_exact::<Str>().is_some() {
        return Ok(object.clone());
    }
    check_recursion(t, " while getting the str of an object")?;
    let Some(f) = object.class().slots.str.get() else { return repr(t, object) };
    let result = f(t, object)?;
    if str::view(&result).is_none() {
        let message = format!("__str__ returned non-string (type {})", result.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(result)
}

/// `str(object)` as Rust text.
pub fn to_string(t: &Thread, object: &Value) -> PyResult<String> {
    to_str(t, object).map(|text| str::lossy(&text).into_owned())
}

/// `format(object, spec)`.
pub fn format(t: &Thread, object: &Value, spec: &Value) -> PyResult {
    if object.downcast_exact::<Str>().is_some() && str::view(spec).is_some_and(|s| s.is_empty()) {
        return Ok(object.clone());
    }
    let Some(result) = call_special(t, object, &known().__format__, std::slice::from_ref(spec))? else {
        let message = format!("Type {} doesn't define __format__", object.class().name());
        return Err(raise::type_error(t, message));
    };
    if str::view(&result).is_none() {
        let message = format!("__format__ must return a str, not {}", result.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(result)
}

/// `hash(object)`.
#[inline]
pub fn hash(t: &Thread, object: &Value) -> PyResult<i64> {
    if let Some(s) = object.downcast_exact::<Str>() {
        return Ok(s.hash());
    }
    match object.class().slots.hash.get() {
        Some(f) => f(t, object),
        None => Err(refuse(t, |class| format!("unhashable type: '{class}'"), object)),
    }
}

/// The hash of identity.
#[inline]
pub fn identity_hash(object: &Value) -> i64 {
    (object.bits() >> 4 | object.bits() << 60) as i64
}

/// `bool(object)`.
#[inline]
pub fn is_true(t: &Thread, object: &Value) -> PyResult<bool> {
    match object.as_bool() {
        Some(b) => Ok(b),
        None => is_true_slow(t, object),
    }
}

fn is_true_slow(t: &Thread, object: &Value) -> PyResult<bool> {
    if object.is_none() {
        return Ok(false);
    }
    if let Some(i) = object.as_small_int() {
        return Ok(i != 0);
    }
    let slots = &object.class().slots;
    if let Some(f) = slots.bool.get() {
        return f(t, object);
    }
    match slots.len.get() {
        Some(f) => f(t, object).map(|n| n != 0),
        None => Ok(true),
    }
}

/// `a == b` as a bool, where identical objects are equal (the rule of containers).
#[inline]
pub fn eq(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
    quick::eq_or_ask(t, a, b)
}

/// `a op b` as a bool.
pub fn compare_bool(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult<bool> {
    let result = compare(t, a, b, op)?;
    is_true(t, &result)
}

/// The same comparison seen from the other side.
pub fn swapped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}

/// `a op b`.
pub fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    check_recursion(t, " in comparison")?;
    let (ca, cb) = (a.class(), b.class());
    let (fa, fb) = (ca.slots.richcompare.get(), cb.slots.richcompare.get());
    let mut reflected_done = false;
    if !std::ptr::eq(ca, cb)
        && cb.is_subtype(ca)
        && let Some(f) = fb
    {
        reflected_done = true;
        let result = f(t, b, a, swapped(op))?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if let Some(f) = fa {
        let result = f(t, a, b, op)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if !reflected_done && let Some(f) = fb {
        let result = f(t, b, a, swapped(op))?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    match op {
        CompareOp::Eq => Ok(Value::bool(a.is(b))),
        CompareOp::Ne => Ok(Value::bool(!a.is(b))),
        _ => Err(raise::type_error(
            t,
            format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.text(),
                ca.display_name(),
                cb.display_name()
            ),
        )),
    }
}

/// `len(object)`.
#[inline]
pub fn len(t: &Thread, object: &Value) -> PyResult<usize> {
    match object.class().slots.len.get() {
        Some(f) => f(t, object),
        None => Err(refuse(t, |class| format!("object of type '{class}' has no len()"), object)),
    }
}

/// `operator.length_hint(object, default)`.
pub fn length_hint(t: &Thread, object: &Value, default: usize) -> PyResult<usize> {
    if let Some(f) = object.class().slots.len.get() {
        match f(t, object) {
            Ok(n) => return Ok(n),
            Err(raised) => raise::suppress(t, raised, &exc::TYPE_ERROR)?,
        }
    }
    let hint = match call_special(t, object, &known().__length_hint__, &[]) {
        Ok(Some(hint)) => hint,
        Ok(None) => return Ok(default),
        Err(raised) => {
            raise::suppress(t, raised, &exc::TYPE_ERROR)?;
            return Ok(default);
        }
    };
    if hint.is_not_implemented() {
        return Ok(default);
    }
    match bigint::view(&hint) {
        Some(bigint::IntView::Small(n)) if n >= 0 => Ok(n as usize),
        Some(bigint::IntView::Small(_)) => Err(raise::value_error(t, "__length_hint__() should return >= 0")),
        Some(bigint::IntView::Big(_)) => Err(raise::overflow_error(t, "Python int too large to convert to C ssize_t")),
        None => Err(raise::type_error(
            t,
            format!("__length_hint__ must be an integer, not {}", hint.class().display_name()),
        )),
    }
}

/// `iter(object)`.
#[inline]
pub fn iter(t: &Thread, object: &Value) -> PyResult {
    let class = object.class();
    if let Some(f) = class.slots.iter.get() {
        let iterator = f(t, object)?;
        if iterator.class().slots.next.get().is_none() {
            return Err(refuse(t, |class| format!("iter() returned non-iterator of type '{class}'"), &iterator));
        }
        return Ok(iterator);
    }
    if class.is_sequence() {
        return Ok(super::seq_iter::new(object.clone()));
    }
    Err(refuse(t, |class| format!("'{class}' object is not iterable"), object))
}

/// `next(iterator)`; `None` when it is exhausted (StopIteration swallowed).
#[inline]
pub fn next(t: &Thread, iterator: &Value) -> PyResult<Option<Value>> {
    match iterator.class().slots.next.get() {
        Some(f) => next_by(t, f, iterator),
        None => Err(refuse(t, |class| format!("'{class}' object is not an iterator"), iterator)),
    }
}

/// `next`, with what the iterator's class has in its slot.
#[inline(always)]
pub fn next_by(t: &Thread, f: slots::Next, iterator: &Value) -> PyResult<Option<Value>> {
    // Iterators of iterators of iterators may be any number.
    check_recursion(t, "")?;
    match f(t, iterator) {
        Ok(item) => Ok(item),
        Err(raised) => raise::suppress(t, raised, &exc::STOP_ITERATION).map(|()| None),
    }
}

/// Calls `f` for each item of an iterable.
pub fn for_each(t: &Thread, iterable: &Value, mut f: impl FnMut(Value) -> PyResult<()>) -> PyResult<()> {
    if iterable.downcast_exact::<tuple::Tuple>().is_some() {
        return tuple::items(iterable).iter().try_for_each(|item| f(item.clone()));
    }
    if let Some(list) = iterable.downcast_exact::<List>() {
        let mut index = 0;
        while let Some(item) = list.get(index) {
            f(item)?;
            index += 1;
        }
        return Ok(());
    }
    while_items(t, iterable, |item| f(item).map(|()| true))
}

/// Calls `f` for each item of an iterable, until it answers false.
pub fn while_items(t: &Thread, iterable: &Value, f: impl FnMut(Value) -> PyResult<bool>) -> PyResult<()> {
    give(t, iterable, &mut Each(f))
}

/// Who takes the items of an iterable.
pub trait Take {
    /// Takes an item if that needs no Python code: a generator that yields it does not stop for that. Answers the item where
    /// `take` is to be asked.
    fn quick(&mut self, _t: &Thread, item: Value) -> PyResult<Option<Value>> {
        Ok(Some(item))
    }

    /// Takes an item; answers whether it wants more.
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool>;
}

/// A function that takes items.
struct Each<F>(F);

impl<F: FnMut(Value) -> PyResult<bool>> Take for Each<F> {
    fn take(&mut self, _t: &Thread, item: Value) -> PyResult<bool> {
        (self.0)(item)
    }
}

impl Take for Vec<Value> {
    fn quick(&mut self, t: &Thread, item: Value) -> PyResult<Option<Value>> {
        self.take(t, item)?;
        Ok(None)
    }

    #[inline]
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        if self.len() == self.capacity() {
            alloc::reserve(t, self, 1)?;
        }
        self.push(item);
        Ok(true)
    }
}

/// Gives the items of an iterable away, until the taker has enough.
pub fn give(t: &Thread, iterable: &Value, taker: &mut dyn Take) -> PyResult<()> {
    give_rest(t, &iter(t, iterable)?, taker)
}

/// Gives the items of an iterator away, as `give`.
pub fn give_rest(t: &Thread, iterator: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let class = iterator.class();
    // A class of a program may have another `__next__`.
    if let Some(give) = class.slots.give.get()
        && !class.is_heap()
    {
        check_recursion(t, "")?;
        return give(t, iterator, taker);
    }
    // Most often a generator expression: its frame runs as long as it lasts.
    if iterator.is_exact(&core_types::GENERATOR) && (super::hooks::get().drive)(t, iterator, taker)? {
        return Ok(());
    }
    while let Some(item) = next(t, iterator)? {
        if !taker.take(t, item)? {
            break;
        }
    }
    Ok(())
}

/// Items for which room is asked beforehand: there is no harm in asking for a few.
const LONG: usize = 1 << 16;

/// The items of an iterable; those of a builtin container at one moment.
pub fn collect(t: &Thread, iterable: &Value) -> PyResult<Vec<Value>> {
    if let Some(list) = iterable.downcast_exact::<List>() {
        return Ok(list.items(t));
    }
    if iterable.downcast_exact::<tuple::Tuple>().is_some() {
        return Ok(tuple::items(iterable).to_vec());
    }
    if let Some(items) = (super::hooks::get().items)(t, iterable) {
        return Ok(items);
    }
    let mut items = Vec::new();
    let class = iterable.class();
    if !class.is_heap() && !iterable.is_exact(&core_types::GENERATOR) {
        // What says that it has more items than there is room for is not asked for them one by one.
        let hint = length_hint(t, iterable, 0)?;
        if hint > LONG {
            alloc::reserve(t, &mut items, hint)?;
        }
    }
    give(t, iterable, &mut items)?;
    Ok(items)
}

/// `object[key]`.
#[inline]
pub fn get_item(t: &Thread, object: &Value, key: &Value) -> PyResult {
    match object.class().slots.getitem.get() {
        Some(f) => f(t, object, key),
        None => get_item_of_class(t, object, key),
    }
}

#[cold]
fn get_item_of_class(t: &Thread, object: &Value, key: &Value) -> PyResult {
    let Some(class) = object.downcast::<Type>() else {
        return Err(refuse(t, |class| format!("'{class}' object is not subscriptable"), object));
    };
    if std::ptr::eq(class, &*core_types::TYPE) {
        return (super::hooks::get().generic_alias)(t, object, key);
    }
    match lookup_attr(t, object, &known().__class_getitem__)? {
        Some(method) => call_values(t, &method, std::slice::from_ref(key)),
        None => Err(raise::type_error(t, format!("type '{}' is not subscriptable", class.name()))),
    }
}

/// `object[key] = value`.
pub fn set_item(t: &Thread, object: &Value, key: &Value, value: &Value) -> PyResult<()> {
    match object.class().slots.setitem.get() {
        Some(f) => f(t, object, key, Some(value)),
        None => Err(refuse(t, |class| format!("'{class}' object does not support item assignment"), object)),
    }
}

/// `del object[key]`.
pub fn del_item(t: &Thread, object: &Value, key: &Value) -> PyResult<()> {
    match object.class().slots.setitem.get() {
        Some(f) => f(t, object, key, None),
        None => {
            // CPython words it by where the type keeps its items: as a sequence, or not at all.
            let class = object.class();
            let sequence =
                key.class().slots.index.get().is_some() && (class.is_heap() || class.slots.getitem.get().is_some());
            let not = if sequence { "doesn't" } else { "does not" };
            Err(raise::type_error(t, format!("'{}' object {not} support item deletion", class.display_name())))
        }
    }
}

/// `item in container`.
#[inline]
pub fn contains(t: &Thread, container: &Value, item: &Value) -> PyResult<bool> {
    match container.class().slots.contains.get() {
        Some(f) => f(t, container, item),
        None => iterates_over(t, container, item),
    }
}

/// `item in container` of what has only iteration to tell.
#[cold]
fn iterates_over(t: &Thread, container: &Value, item: &Value) -> PyResult<bool> {
    let class = container.class();
    if class.slots.iter.get().is_none() && !class.is_sequence() {
        return Err(refuse(t, |class| format!("argument of type '{class}' is not a container or iterable"), container));
    }
    let iterator = iter(t, container)?;
    while let Some(v) = next(t, &iterator)? {
        if eq(t, &v, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `operator.index(object)`: an int (immediate or big, never a bool or subclass).
pub fn index(t: &Thread, object: &Value) -> PyResult {
    if object.is_small_int() {
        return Ok(object.clone());
    }
    if let Some(view) = bigint::view(object) {
        return Ok(match view {
            bigint::IntView::Small(i) => Value::int(i),
            bigint::IntView::Big(b) => bigint::from_big(b.clone()),
        });
    }
    let Some(f) = object.class().slots.index.get() else {
        let message = format!("'{}' object cannot be interpreted as an integer", object.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let result = f(t, object)?;
    if result.is_small_int() {
        return Ok(result);
    }
    let Some(view) = bigint::view(&result) else {
        let message = format!("__index__ returned non-int (type {})", result.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if !result.is_exact(&core_types::INT) {
        let message = format!(
            "__index__ returned non-int (type {}).  The ability to return an instance of a strict subclass of int is \
             deprecated, and may not be supported in a future version of Python.",
            result.class().display_name()
        );
        (super::hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)?;
    }
    Ok(match view {
        bigint::IntView::Small(i) => Value::int(i),
        bigint::IntView::Big(b) => bigint::from_big(b.clone()),
    })
}

/// An argument as i64 through `__index__`; OverflowError "Python int too large to convert to C long" where it does not fit.
pub fn index_i64(t: &Thread, object: &Value) -> PyResult<i64> {
    if let Some(i) = object.as_small_int() {
        return Ok(i);
    }
    let v = index(t, object)?;
    match bigint::view(&v) {
        Some(bigint::IntView::Small(i)) => Ok(i),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C long")),
    }
}

/// An argument as an index or size, clipped to i64's range where it does not fit (as slicing does).
pub fn index_clipped(t: &Thread, object: &Value) -> PyResult<i64> {
    if let Some(i) = object.as_small_int() {
        return Ok(i);
    }
    let v = index(t, object)?;
    Ok(match bigint::view(&v) {
        Some(bigint::IntView::Small(i)) => i,
        Some(bigint::IntView::Big(b)) if *b < dashu_int::IBig::ZERO => i64::MIN,
        _ => i64::MAX,
    })
}

/// An argument as an index; IndexError "cannot fit 'int' into an index-sized integer" where it does not fit.
pub fn index_size(t: &Thread, object: &Value) -> PyResult<i64> {
    if let Some(i) = object.as_small_int() {
        return Ok(i);
    }
    let v = index(t, object)?;
    match bigint::view(&v) {
        Some(bigint::IntView::Small(i)) => Ok(i),
        _ => Err(raise::index_error(
            t,
            format!("cannot fit '{}' into an index-sized integer", object.class().display_name()),
        )),
    }
}

/// An argument as f64: a float, an int, or through `__float__` and `__index__`.
pub fn as_f64(t: &Thread, object: &Value) -> PyResult<f64> {
    if let Some(f) = object.as_float() {
        return Ok(super::value::quiet(f));
    }
    if let Some(i) = object.as_small_int() {
        return Ok(i as f64);
    }
    (super::hooks::get().to_f64)(t, object)
}

/// An argument that must be a str: "NAME() argument WHICH must be str, not TYPE".
pub fn str_arg<'a>(t: &Thread, v: &'a Value, function: &str, which: &str) -> PyResult<&'a Str> {
    v.downcast::<Str>().ok_or_else(|| {
        raise::type_error(t, format!("{function}() argument {which} must be str, not {}", v.class().display_name()))
    })
}

/// `isinstance(object, class_or_tuple)`, with `__instancecheck__`.
pub fn is_instance(t: &Thread, object: &Value, class: &Value) -> PyResult<bool> {
    if let Some(ty) = class.downcast::<Type>()
        && (std::ptr::eq(object.class(), ty) || class.is_exact(&core_types::TYPE) && object.class().is_subtype(ty))
    {
        return Ok(true);
    }
    (super::hooks::get().is_instance)(t, object, class)
}

/// `issubclass(class, class_or_tuple)`, with `__subclasscheck__`.
pub fn is_subclass(t: &Thread, class: &Value, of: &Value) -> PyResult<bool> {
    (super::hooks::get().is_subclass)(t, class, of)
}

/// Sends a value into a generator or other iterator, as `yield from` and `await` do.
pub fn send(t: &Thread, receiver: &Value, value: &Value) -> PyResult<Sent> {
    if let Some(f) = receiver.class().slots.send.get() {
        return f(t, receiver, value);
    }
    let answer = if value.is_none() && receiver.class().slots.next.get().is_some() {
        match receiver.class().slots.next.get() {
            Some(f) => f(t, receiver),
            None => Ok(None),
        }
    } else {
        call_method(t, receiver, &known().send, std::slice::from_ref(value)).map(Some)
    };
    match answer {
        Ok(Some(v)) => Ok(Sent::Yield(v)),
        Ok(None) => Ok(Sent::Return(Value::NONE)),
        Err(raised) => {
            if !raise::matches(t, &raised, &exc::STOP_ITERATION) {
                return Err(raised);
            }
            let stop = raise::take(t, raised);
            Ok(Sent::Return(get_attr(t, &stop, &known().value)?))
        }
    }
}

/// The dict of a module or the like, by its `__dict__` attribute.
pub fn dict_of(t: &Thread, object: &Value) -> PyResult {
    get_attr(t, object, &known().__dict__)
}

/// Whether a value is an instance of dict, and the payload.
pub fn as_dict<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Dict> {
    v.downcast::<Dict>().ok_or_else(|| raise::type_error(t, format!("expected a dict, got '{}'", v.class().name())))
}
