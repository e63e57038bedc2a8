//! Calls: frames pushed without binding arguments, native functions called without laying them out.

use crate::bytecode::code::Code;
use crate::interp::call::init_frame;
use crate::interp::frame::{self, Frame, Return};
use crate::interp::quicken::{self, Cache};
use crate::interp::stack::{self, Word, header};
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::core_types;
use crate::object::header::Header;
use crate::object::native::NativeFunction;
use crate::object::raise::PyResult;
use crate::object::slots::{New, SlotId};
use crate::object::table::Method as Row;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::types::function::Function;
use crate::types::method::Method;
use crate::types::property::Property;
use crate::types::type_::call::initialize;
use std::mem::ManuallyDrop;
use std::num::NonZero;

/// Copies argument words to a new frame's locals and unbinds the other locals. Word by word: there are few.
///
/// # Safety
/// There is room for the code's locals, and `count` of them are arguments.
#[inline(always)]
unsafe fn fill(locals: *mut Word, args: *const Word, count: usize, code: &Code) {
    let end = locals.wrapping_add(count);
    let all = locals.wrapping_add(code.local_count());
    // SAFETY: by the caller. Volatile: a loop of single words, where the compiler would call memcpy and memset; the empty
    // assembly keeps it from unrolling what is done two or three times.
    unsafe {
        let (mut at, mut from) = (locals, args);
        while at != end {
            at.write_volatile(*from);
            at = at.add(1);
            from = from.add(1);
            std::arch::asm!("", options(nomem, nostack, preserves_flags));
        }
        while at < all {
            at.write_volatile(0);
            at = at.add(1);
        }
    }
}

/// The arguments of a call laid out at `base`, self included if there is one, and how many they are.
///
/// # Safety
/// [callable, self-or-null, `count` arguments] lie at `base`.
#[inline(always)]
unsafe fn arguments(base: *mut Word, count: usize) -> (*mut Word, usize) {
    // SAFETY: by the caller.
    unsafe { if *base.add(1) == 0 { (base.add(2), count) } else { (base.add(1), count + 1) } }
}

/// Whether a frame of this code fits; where not, the generic form raises.
#[inline(always)]
fn has_room(t: &Thread, new: *mut Word, code: &Code) -> bool {
    frame::has_room(t, new, code.local_count() + code.stack_size as usize)
}

/// The payload of a word that is a Python function with the code that `id` names.
///
/// # Safety
/// A bound word.
#[inline(always)]
unsafe fn function_with<'a>(w: Word, id: u32) -> Option<&'a Function> {
    // SAFETY: by the caller; the type is the payload's.
    unsafe {
        let header = header(w)?;
        if !std::ptr::eq(header.class(), &*core_types::FUNCTION) {
            return None;
        }
        let function = header.payload::<Function>();
        (function.code().id == id).then_some(function)
    }
}

/// `CALL_FUNCTION`: the callee's frame. Cache: `version` the id of the code, which is simple; `value` its quickened copy.
///
/// # Safety
/// `sp` is above [callable, self-or-null, `count` arguments] of the running frame, which is saved but for `sp`; the cache
/// was filled for this instruction.
#[inline(always)]
pub unsafe fn function(
    t: &Thread,
    frame: *mut Frame,
    sp: *mut Word,
    count: usize,
    cache: &Cache,
) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let base = sp.sub(count + 2);
        let code = function_with(*base, cache.version)?.code();
        let (args, total) = arguments(base, count);
        let new = t.stack_top.get();
        if total != code.arg_count as usize || !has_room(t, new, code) {
            return None;
        }
        let new = new.cast::<Frame>();
        fill(Frame::locals(new), args, total, code);
        (*frame).sp = base;
        init_frame(t, new, frame, *base, code, quicken::parts(cache.value as usize), (Return::Push, 0));
        Some(new)
    }
}

/// `CALL_FUNCTION_DEFAULTS`: as `function`, with parameters at the end left to their defaults.
///
/// # Safety
/// As `function`.
#[inline(always)]
pub unsafe fn with_defaults(
    t: &Thread,
    frame: *mut Frame,
    sp: *mut Word,
    count: usize,
    cache: &Cache,
) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let base = sp.sub(count + 2);
        let function = function_with(*base, cache.version)?;
        let code = function.code();
        let (args, total) = arguments(base, count);
        let new = t.stack_top.get();
        let defaults = function.defaults.word();
        let missing = (code.arg_count as usize).checked_sub(total)?;
        if defaults == 0 || !has_room(t, new, code) {
            return None;
        }
        // A published tuple, read by a pinned thread: even if other defaults have replaced it since, its memory is valid, and
        // an item that has ended fails to be counted.
        let defaults = (*(defaults as *const Header)).payload::<Tuple>().items();
        let defaults = &defaults[defaults.len().checked_sub(missing)?..];
        let new = new.cast::<Frame>();
        let locals = Frame::locals(new);
        for (i, default) in defaults.iter().enumerate() {
            match stack::from_slot(default.bits()) {
                Some(w) => locals.add(total + i).write_volatile(w.get()),
                None => {
                    (0..i).for_each(|i| stack::release(*locals.add(total + i)));
                    return None;
                }
            }
        }
        for i in 0..total {
            locals.add(i).write_volatile(*args.add(i));
        }
        for i in code.arg_count as usize..code.local_count() {
            locals.add(i).write_volatile(0);
        }
        (*frame).sp = base;
        init_frame(t, new, frame, *base, code, quicken::parts(cache.value as usize), (Return::Push, 0));
        Some(new)
    }
}

/// Parameters that `CALL_KW_FUNCTION` can place.
pub const MAX_PLACES: usize = 8;
/// The place of a parameter that is left to its default.
pub const DEFAULT_PLACE: u64 = 0xff;

/// `CALL_KW_FUNCTION`: as `function`, with the tuple of the last arguments' names on top. Cache: `version` the id of the
/// code, `value` its quickened copy, `guard` the number of arguments, self included; `more` tells for each parameter, in a
/// byte, which argument it is, or that it is left to its default.
///
/// # Safety
/// As `function`; the names are a constant.
#[inline(always)]
pub unsafe fn with_names(
    t: &Thread,
    frame: *mut Frame,
    sp: *mut Word,
    count: usize,
    cache: &Cache,
) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let base = sp.sub(count + 3);
        let function = function_with(*base, cache.version)?;
        let code = function.code();
        let (args, total) = arguments(base, count);
        let new = t.stack_top.get();
        if total as u64 != cache.guard || !has_room(t, new, code) {
            return None;
        }
        let new = new.cast::<Frame>();
        let locals = Frame::locals(new);
        let parameters = (code.arg_count + code.keyword_only_count) as usize;
        for i in 0..parameters {
            let place = cache.more >> (8 * i) & 0xff;
            let w = if place != DEFAULT_PLACE {
                *args.add(place as usize)
            } else if let Some(w) = default_of(function, code, i) {
                w
            } else {
                for i in (0..i).filter(|i| cache.more >> (8 * i) & 0xff == DEFAULT_PLACE) {
                    stack::release(*locals.add(i));
                }
                return None;
            };
            locals.add(i).write_volatile(w);
        }
        for i in parameters..code.local_count() {
            locals.add(i).write_volatile(0);
        }
        (*frame).sp = base;
        init_frame(t, new, frame, *base, code, quicken::parts(cache.value as usize), (Return::Push, 0));
        Some(new)
    }
}

/// A word for the default of a positional parameter.
///
/// # Safety
/// The calling thread is attached.
#[inline(always)]
unsafe fn default_of(function: &Function, code: &Code, parameter: usize) -> Option<Word> {
    let defaults = function.defaults.word();
    if defaults == 0 {
        return None;
    }
    // SAFETY: as in `with_defaults`.
    unsafe {
        let defaults = (*(defaults as *const Header)).payload::<Tuple>().items();
        let first = (code.arg_count as usize).checked_sub(defaults.len())?;
        stack::from_slot(defaults.get(parameter.checked_sub(first)?)?.bits()).map(NonZero::get)
    }
}

/// `CALL_FUNCTION_BOUND`: as `function`, of a bound method. Its two parts take its place on the stack.
///
/// # Safety
/// As `function`.
#[inline(always)]
pub unsafe fn bound(t: &Thread, frame: *mut Frame, sp: *mut Word, count: usize, cache: &Cache) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let base = sp.sub(count + 2);
        let callable = header(*base)?;
        if !std::ptr::eq(callable.class(), &*core_types::METHOD) || *base.add(1) != 0 {
            return None;
        }
        let method = callable.payload::<Method>();
        let code = function_with(method.function.bits(), cache.version)?.code();
        if count + 1 != code.arg_count as usize || !has_room(t, t.stack_top.get(), code) {
            return None;
        }
        *base.add(1) = stack::dup(method.object.bits());
        let old = std::mem::replace(&mut *base, stack::dup(method.function.bits()));
        (*frame).sp = sp;
        // It may run a finaliser, which leaves the stack as it is.
        stack::release(old);
        function(t, frame, sp, count, cache)
    }
}

/// Whether calling a class with this metaclass makes an instance, as type does it.
#[inline(always)]
pub fn makes_instances(meta: &Type) -> bool {
    let of_type = &*core_types::TYPE;
    std::ptr::eq(meta, of_type)
        || (std::ptr::eq(meta.native(), of_type) && meta.slots.same(SlotId::call, &of_type.slots))
}

/// `CALL_CLASS`: the frame of `__init__`, with a new instance. Cache: `version` of the class, which type's `__call__` calls;
/// `value` the word of its `__init__`, a function; `guard` the id of that one's code; `more` the code's quickened copy.
///
/// # Safety
/// As `function`.
#[inline(always)]
pub unsafe fn class(t: &Thread, frame: *mut Frame, sp: *mut Word, count: usize, cache: &Cache) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let base = sp.sub(count + 2);
        let callable = header(*base)?;
        if !makes_instances(callable.class()) || *base.add(1) != 0 {
            return None;
        }
        let class = callable.payload::<Type>();
        if class.version() != cache.version {
            return None;
        }
        // The version vouches for the function until the next safepoint.
        let init = stack::from_slot(cache.value)?.get();
        let code = (*((init & !1) as *const Header)).payload::<Function>().code();
        let new = t.stack_top.get();
        if u64::from(code.id) != cache.guard || count + 1 != code.arg_count as usize || !has_room(t, new, code) {
            stack::release(init);
            return None;
        }
        let instance = alloc::new_plain(class).into_bits();
        let new = new.cast::<Frame>();
        // The frame owns the instance until it returns: self may borrow it.
        *base.add(1) = stack::borrow(instance);
        fill(Frame::locals(new), base.add(1), count + 1, code);
        (*frame).sp = base;
        let old = *base;
        init_frame(t, new, frame, init, code, quicken::parts(cache.more as usize), (Return::Init, instance));
        stack::release(old);
        Some(new)
    }
}

/// `LOAD_ATTR_PROPERTY`: the getter's frame. Cache: `version` of the class; `value` the word of the property; `guard` the id
/// of the getter's code; `more` the code's quickened copy.
///
/// # Safety
/// As `function`, with [object] below `sp`.
#[inline(always)]
pub unsafe fn property(t: &Thread, frame: *mut Frame, sp: *mut Word, cache: &Cache) -> Option<*mut Frame> {
    // SAFETY: by the caller; the version vouches for the property until the next safepoint.
    unsafe {
        if header(*sp.sub(1))?.class().version() != cache.version {
            return None;
        }
        let property = (*(cache.value as *const Header)).payload::<Property>();
        special(t, frame, property.getter.word(), sp.sub(1), 1, cache)
    }
}

/// `BINARY_SUBSCR_GETITEM`: the frame of `__getitem__`. Cache: `version` of the class; `value` the word of its
/// `__getitem__`; `guard` the id of that one's code; `more` the code's quickened copy.
///
/// # Safety
/// As `function`, with [object, key] below `sp`.
#[inline(always)]
pub unsafe fn getitem(t: &Thread, frame: *mut Frame, sp: *mut Word, cache: &Cache) -> Option<*mut Frame> {
    // SAFETY: by the caller; the version vouches for the function until the next safepoint.
    unsafe {
        if header(*sp.sub(2))?.class().version() != cache.version {
            return None;
        }
        special(t, frame, cache.value, sp.sub(2), 2, cache)
    }
}

/// `FOR_ITER_NEXT`: the frame of `__next__`. Cache: as `getitem`, of `__next__`.
///
/// # Safety
/// As `function`, with [iterator] below `sp`, where it stays, and room for one more word.
#[inline(always)]
pub unsafe fn next(t: &Thread, frame: *mut Frame, sp: *mut Word, cache: &Cache) -> Option<*mut Frame> {
    // SAFETY: by the caller; the version vouches for the function until the next safepoint.
    unsafe {
        let iterator = *sp.sub(1);
        if header(iterator)?.class().version() != cache.version {
            return None;
        }
        // The caller's stack keeps it until the frame has returned.
        *sp = stack::borrow(iterator);
        let new = special(t, frame, cache.value, sp, 1, cache)?;
        (*new).action = Return::Next;
        Some(new)
    }
}

/// The frame of a function that a slot holds, with the arguments at `args`, where the frame's stack ends afterwards.
///
/// # Safety
/// As `function`; `slot_word` was read from a slot since the last safepoint.
#[inline(always)]
unsafe fn special(
    t: &Thread,
    frame: *mut Frame,
    slot_word: u64,
    args: *mut Word,
    count: usize,
    cache: &Cache,
) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let callable = stack::from_slot(slot_word)?.get();
        let new = t.stack_top.get();
        let code = match function_with(callable, cache.guard as u32) {
            Some(function) if has_room(t, new, function.code()) => function.code(),
            _ => {
                stack::release(callable);
                return None;
            }
        };
        if count != code.arg_count as usize {
            stack::release(callable);
            return None;
        }
        let new = new.cast::<Frame>();
        fill(Frame::locals(new), args, count, code);
        (*frame).sp = args;
        init_frame(t, new, frame, callable, code, quicken::parts(cache.more as usize), (Return::Push, 0));
        Some(new)
    }
}

/// The native function behind the callable at `base` if it is the row that the cache names, and its arguments.
///
/// # Safety
/// As `function`.
#[inline(always)]
unsafe fn row<'a>(base: *mut Word, count: usize, cache: &Cache) -> Option<(&'a NativeFunction, *mut Word, usize)> {
    // SAFETY: by the caller; the two types that `more` may name carry this payload.
    unsafe {
        let callable = header(*base)?;
        if std::ptr::from_ref(callable.class()) as u64 != cache.more {
            return None;
        }
        let f = callable.payload::<NativeFunction>();
        if std::ptr::from_ref::<Row>(f.method) as u64 != cache.guard {
            return None;
        }
        let (args, total) = arguments(base, count);
        Some((f, args, total))
    }
}

/// As `row`, if the call fits it: a method's first argument is an instance of its owner; a bound method's object comes in
/// front of the arguments, into the place of self.
///
/// # Safety
/// As `function`. Where this answers, the call is made: the arguments must not be laid out once more.
#[inline(always)]
unsafe fn fitting<'a>(base: *mut Word, count: usize, cache: &Cache) -> Option<(&'a NativeFunction, *mut Word, usize)> {
    // SAFETY: by the caller; a descriptor's owner never changes, and is a type.
    unsafe {
        let (f, args, total) = row(base, count, cache)?;
        if cache.more == std::ptr::from_ref::<Type>(&core_types::METHOD_DESCRIPTOR) as u64 {
            let owner = f.owner.word();
            if total == 0 || owner == 0 {
                return None;
            }
            let class = stack::view(*args);
            let class = class.class();
            let exact = std::ptr::from_ref(class.header()) as u64 == owner;
            let fits = exact || class.is_subtype((*(owner as *const Header)).payload());
            return fits.then_some((f, args, total));
        }
        if !f.passes_self {
            return Some((f, args, total));
        }
        let object = f.bound.word();
        if *base.add(1) != 0 || object == 0 {
            return None;
        }
        // The callable, which stays below, holds its object for good.
        *base.add(1) = stack::borrow(object);
        Some((f, base.add(1), count + 1))
    }
}

/// A native function of `N` parameters that is called by its address.
pub trait Native<const N: usize> {
    /// # Safety
    /// `address` is that of such a function; `args` has `N` values.
    unsafe fn call(address: u64, t: &Thread, args: *const Value) -> PyResult;
}

/// Implements `Native` for a number of parameters.
macro_rules! natives {
    ($($n:literal: $($i:literal)*;)*) => {$(
        impl Native<$n> for () {
            #[inline(always)]
            unsafe fn call(address: u64, t: &Thread, _args: *const Value) -> PyResult {
                // SAFETY: by the caller.
                unsafe {
                    let f: fn(&Thread $(, natives!(@value $i))*) -> PyResult = std::mem::transmute(address as usize);
                    f(t $(, &*_args.add($i))*)
                }
            }
        }
    )*};
    (@value $i:literal) => { &Value };
}

natives! {
    0:;
    1: 0;
    2: 0 1;
    3: 0 1 2;
}

/// Whether a call is that of the native function that the cache names, with `N` arguments: those. Cache: `guard` the
/// function's row, `more` the type of the callable, `value` the function's address. `QUICK`: of a method,
/// only of an object whose class is exactly the method's, and no bound method.
///
/// # Safety
/// As `function`; the cache was filled for that number of arguments.
#[inline(always)]
pub unsafe fn native_arguments<const N: usize, const QUICK: bool>(
    base: *mut Word,
    count: usize,
    cache: &Cache,
) -> Option<*mut Word> {
    // SAFETY: by the caller.
    unsafe {
        let (f, args, total) = row(base, count, cache)?;
        if !QUICK {
            return if total + usize::from(f.passes_self) == N { Some(fitting(base, count, cache)?.1) } else { None };
        }
        let fits = if cache.more == std::ptr::from_ref::<Type>(&core_types::METHOD_DESCRIPTOR) as u64 {
            N != 0 && std::ptr::from_ref(header(*args)?.class().header()) as u64 == f.owner.word()
        } else {
            !f.passes_self
        };
        (total == N && fits).then_some(args)
    }
}

/// Calls `f` with the values of bound words, of which borrowed ones lose their marks meanwhile.
///
/// # Safety
/// As `function`.
#[inline(always)]
unsafe fn with_values<R>(args: *mut Word, total: usize, f: impl Fn(&[Value]) -> R) -> R {
    /// `with_values` of a known number, which takes no loop.
    #[inline(always)]
    unsafe fn few<const N: usize, R>(args: *mut Word, f: impl Fn(&[Value]) -> R) -> R {
        // SAFETY: by the caller.
        unsafe {
            let words: [Word; N] = std::array::from_fn(|i| *args.add(i));
            (0..N).for_each(|i| *args.add(i) = stack::clean(words[i]));
            let result = f(stack::values(args, N));
            (0..N).for_each(|i| *args.add(i) = words[i]);
            result
        }
    }
    // SAFETY: by the caller.
    unsafe {
        match total {
            1 => few::<1, R>(args, f),
            2 => few::<2, R>(args, f),
            3 => few::<3, R>(args, f),
            _ => {
                let borrowed = stack::unmark(args, total);
                let result = f(stack::values(args, total));
                stack::mark(args, borrowed);
                result
            }
        }
    }
}

/// `CALL_NATIVE_RAW`: the result. Cache: as for `native_arguments`, for any number of arguments.
///
/// # Safety
/// As `function`; the frame is saved. The words stay on the stack.
#[inline(always)]
pub unsafe fn native_raw(t: &Thread, sp: *mut Word, count: usize, cache: &Cache) -> Option<PyResult> {
    // SAFETY: by the caller.
    unsafe {
        let (_, args, total) = fitting(sp.sub(count + 2), count, cache)?;
        let f: fn(&Thread, Args<'_>) -> PyResult = std::mem::transmute(cache.value as usize);
        Some(with_values(args, total, |values| f(t, Args::positional(values))))
    }
}

/// `CALL_NATIVE_BOUND`: the result. Cache: as for `native_arguments`; `version` how many parameters a plain signature has, 0
/// if it has to be looked at.
///
/// # Safety
/// As `native_raw`.
#[inline(always)]
pub unsafe fn native_bound(t: &Thread, sp: *mut Word, count: usize, cache: &Cache) -> Option<PyResult> {
    // SAFETY: by the caller. The cache was filled for this number of arguments, which the instruction tells, with or without
    // an object: the row's type tells that.
    unsafe {
        let (row, args, total) = fitting(sp.sub(count + 2), count, cache)?;
        if cache.version == 0 || total != cache.version as usize >> 16 {
            return Some(with_values(args, total, |values| row.call(t, Args::positional(values))));
        }
        let parameters = cache.version as usize & 0xffff;
        let f: fn(&Thread, &Bound<'_>) -> PyResult = std::mem::transmute(cache.value as usize);
        Some(with_values(args, total, |values| {
            // Nothing is allocated for the arguments, so there is nothing to drop.
            let mut bound = ManuallyDrop::new(Bound::empty());
            bound.lay_out(values, parameters);
            f(t, &bound)
        }))
    }
}

/// `CALL_NATIVE_CLASS`: the result. Cache: `value` the class, `more` the function in its slot `new`; `guard` whether `__init__` is
/// object's, which leaves arguments to a `__new__` of the class's own.
///
/// # Safety
/// As `native_raw`.
#[inline(always)]
pub unsafe fn native_class(t: &Thread, sp: *mut Word, count: usize, cache: &Cache) -> Option<PyResult> {
    // SAFETY: by the caller; a native class stays.
    unsafe {
        if stack::clean(*sp.sub(count + 2)) != cache.value || *sp.sub(count + 1) != 0 {
            return None;
        }
        let class = (*(cache.value as *const Header)).payload::<Type>();
        let new: New = std::mem::transmute(cache.more as usize);
        Some(with_values(sp.sub(count), count, |values| {
            let args = Args::positional(values);
            let object = new(t, class, args)?;
            if cache.guard != 0 && std::ptr::eq(object.class(), class) {
                return Ok(object);
            }
            initialize(t, class, object, args)
        }))
    }
}

/// `CALL_TYPE_OF`: the class of the only argument, if the callable is `type`.
///
/// # Safety
/// As `function`.
#[inline(always)]
pub unsafe fn type_of(sp: *mut Word, count: usize) -> Option<Value> {
    // SAFETY: by the caller.
    unsafe {
        let is_type = stack::clean(*sp.sub(count + 2)) == std::ptr::from_ref(core_types::TYPE.header()) as u64;
        (is_type && count == 1 && *sp.sub(2) == 0).then(|| stack::view(*sp.sub(1)).class().to_value())
    }
}
