//! Calls: binding arguments to parameters, pushing and popping frames, entering the loop from Rust.
//!
//! Arguments move from the caller's operand stack to the callee's locals; a borrowed word stays borrowed (`stack`).

use super::eval::{self, Exit, Start};
use super::frame::{self, FRAME_WORDS, Frame, Return};
use super::ops::{argument_errors, build, classes};
use super::quicken::{self, Cache};
use super::stack::{self, Word};
use crate::bytecode::code::Code;
use crate::bytecode::unit::flags;
use crate::object::args::Args;
use crate::object::attribute;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::header::Header;
use crate::object::names::known;
use crate::object::native;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::shards;
use crate::object::str::Str;
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::function::{self, Function};
use crate::types::method::Method;
use smallvec::SmallVec;

/// What a call came to.
pub enum Called {
    Result(Value),
    /// A Python function's frame was pushed: the loop goes on there.
    Pushed(*mut Frame),
}

/// Calls what lies on the frame's saved stack: [callable, self-or-null, `count` arguments], the last of them by the names
/// in the tuple word `names` (or 0). Takes everything off the stack, also when it raises.
///
/// # Safety
/// The stack is laid out so.
pub unsafe fn call(t: &Thread, frame: *mut Frame, count: usize, names: Word) -> PyResult<Called> {
    // SAFETY: by the caller.
    unsafe {
        let base = (*frame).sp.sub(count + 2);
        loop {
            let (args, total) = if *base.add(1) == 0 { (base.add(2), count) } else { (base.add(1), count + 1) };
            let callable = stack::view(*base);
            let Some(header) = callable.header() else {
                return call_any(t, frame, base, args, total, names);
            };
            let class = header.class();
            if std::ptr::eq(class, &*core_types::FUNCTION) {
                return push_function(t, frame, base, args, total, names).map(Called::Pushed);
            }
            if std::ptr::eq(class, &*core_types::METHOD) && *base.add(1) == 0 {
                let method = header.payload::<Method>();
                let (function, object) = ((*method.function).clone(), (*method.object).clone());
                let old = std::mem::replace(&mut *base, function.into_bits());
                *base.add(1) = object.into_bits();
                stack::release(old);
                continue;
            }
            if std::ptr::eq(class, &*core_types::TYPE)
                && let Some(made) = classes::instantiate(t, &callable)
            {
                // The instance takes the place of self, which a class never has.
                let (instance, init) = made?;
                let callee = push_init(t, frame, base, total, names, instance, init)?;
                return Ok(Called::Pushed(callee));
            }
            if *base.add(1) == 0
                && class.is_heap()
                && let Some(function) = attribute::lookup(t, class, &known().__call__)
                && function.is_exact(&core_types::FUNCTION)
            {
                *base.add(1) = std::mem::replace(&mut *base, function.into_bits());
                continue;
            }
            return call_any(t, frame, base, args, total, names);
        }
    }
}

/// As `call`, of anything but a Python function, without pushing a frame: classes and objects with a `__call__` written in
/// Python are called from Rust.
///
/// # Safety
/// As `call`.
pub unsafe fn call_in_rust(t: &Thread, frame: *mut Frame, count: usize, names: Word) -> PyResult<Called> {
    // SAFETY: by the caller.
    unsafe {
        let base = (*frame).sp.sub(count + 2);
        let (args, total) = if *base.add(1) == 0 { (base.add(2), count) } else { (base.add(1), count + 1) };
        call_any(t, frame, base, args, total, names)
    }
}

/// Calls anything that runs in Rust.
///
/// # Safety
/// As `call`, with the positions computed.
#[inline]
unsafe fn call_any(
    t: &Thread,
    frame: *mut Frame,
    base: *mut Word,
    args: *mut Word,
    total: usize,
    names: Word,
) -> PyResult<Called> {
    // SAFETY: by the caller.
    unsafe {
        let borrowed = stack::unmark(args, total);
        let values = stack::values(args, total);
        let callable = stack::view(*base);
        let names_value = if names == 0 { None } else { Some(stack::view(names)) };
        let names = names_value.as_ref().map_or(&[][..], |n| tuple::items(n));
        let args_view = Args::new(values, names);
        let result = match native::of(&callable) {
            Some(f) if callable.is_exact(&core_types::METHOD_DESCRIPTOR) => {
                native::check_self(t, f, values.first()).and_then(|()| f.call(t, args_view))
            }
            Some(f) if !f.passes_self && callable.is_exact(&core_types::NATIVE_FUNCTION) => f.call(t, args_view),
            _ => protocol::call(t, &callable, args_view),
        };
        stack::release_unmarked(args, total, borrowed);
        (*frame).sp = base;
        stack::release(*base);
        result.map(Called::Result)
    }
}

/// Takes words off the stack from `base` to `end`.
///
/// # Safety
/// They are the frame's own operand words.
unsafe fn discard(frame: *mut Frame, base: *mut Word, end: *mut Word) {
    // SAFETY: by the caller.
    unsafe {
        let mut at = end;
        while at > base {
            at = at.sub(1);
            stack::release(*at);
        }
        (*frame).sp = base;
    }
}

/// Pushes the frame of a Python function whose arguments lie on the caller's stack.
///
/// # Safety
/// As `call_any`; `*base` is a function.
#[inline(always)]
pub unsafe fn push_function(
    t: &Thread,
    frame: *mut Frame,
    base: *mut Word,
    args: *mut Word,
    total: usize,
    names: Word,
) -> PyResult<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let function = &*(stack::clean(*base) as *const Header);
        let function = function.payload::<Function>();
        let code = function.code();
        let new = t.stack_top.get();
        let words = code.local_count() + code.stack_size as usize;
        if let Err(raised) = frame::check_room(t, new, words) {
            discard(frame, base, args.add(total));
            return Err(raised);
        }
        let new = new.cast::<Frame>();
        let locals = Frame::locals(new);
        if code.simple && names == 0 && total == code.arg_count as usize {
            for i in 0..total {
                *locals.add(i) = *args.add(i);
            }
            for i in total..code.local_count() {
                *locals.add(i) = 0;
            }
        } else {
            let names_value = if names == 0 { None } else { Some(stack::view(names)) };
            let names = names_value.as_ref().map_or(&[][..], |n| tuple::items(n));
            // Python code may run while arguments are bound (comparison of names of str subclasses, destructors).
            let top = t.stack_top.replace(locals.add(words));
            let bound = bind(t, function, code, locals, args, total, names);
            t.stack_top.set(top);
            if let Err(raised) = bound {
                stack::release(*base);
                (*frame).sp = base;
                return Err(raised);
            }
        }
        (*frame).sp = base;
        init_frame(t, new, frame, *base, code, quicken::enter(t, code), (Return::Push, 0));
        Ok(new)
    }
}

/// Pushes the frame of `__init__`, with `instance` as self.
///
/// # Safety
/// As `push_function`; `*base` is the class, `init` a function's value.
unsafe fn push_init(
    t: &Thread,
    frame: *mut Frame,
    base: *mut Word,
    count: usize,
    names: Word,
    instance: Value,
    init: Value,
) -> PyResult<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        stack::release(*base);
        *base = init.into_bits();
        // The instance is owned by the frame (`instance`), which outlives its locals: self may borrow it.
        let instance = instance.into_bits();
        *base.add(1) = stack::borrow(instance);
        match push_function(t, frame, base, base.add(1), count + 1, names) {
            Ok(new) => {
                (*new).action = Return::Init;
                (*new).instance = instance;
                Ok(new)
            }
            Err(raised) => {
                stack::release(instance);
                Err(raised)
            }
        }
    }
}

/// Fills a new frame on the thread's stack and makes it the innermost. `start` and `caches` are where to run the code
/// (`quicken`); `action` and `instance` what to do at its end.
///
/// # Safety
/// There is room; the locals are filled; `function` and `instance` are handed over.
#[inline(always)]
pub(super) unsafe fn init_frame(
    t: &Thread,
    new: *mut Frame,
    previous: *mut Frame,
    function: Word,
    code: &Code,
    (start, caches): (*const u32, *mut [Cache; 2]),
    (action, instance): (Return, Word),
) {
    // SAFETY: by the caller.
    unsafe {
        let stack = Frame::locals(new).add(code.local_count());
        t.stack_top.set(stack.add(code.stack_size as usize));
        t.frame.set(new.cast());
        t.depth.set(t.depth.get() + 1);
        // Last: the loop goes on with what it wrote, without reading it back.
        new.write(Frame {
            code,
            previous,
            start,
            ip: start,
            sp: stack,
            caches,
            function,
            namespace: 0,
            object: 0,
            generator: 0,
            instance,
            action,
        });
    }
}

/// Ends the innermost frame: drops what it holds, and takes it off the thread's stack.
///
/// It is the innermost no more before anything is dropped, as in CPython: a finaliser that looks at the frames below its own
/// must not find locals that are gone.
///
/// # Safety
/// As `pop`; the frame's operand stack is empty.
#[inline(always)]
pub unsafe fn end(t: &Thread, frame: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        t.frame.set((*frame).previous.cast());
        frame::clear(frame);
    }
    t.stack_top.set(frame.cast());
    t.depth.set(t.depth.get() - 1);
}

/// Takes the innermost frame, already emptied, off the thread's stack.
///
/// # Safety
/// `frame` is the innermost frame and lies on the thread's stack.
#[inline(always)]
pub unsafe fn pop(t: &Thread, frame: *mut Frame) {
    t.stack_top.set(frame.cast());
    // SAFETY: by the caller.
    t.frame.set(unsafe { (*frame).previous }.cast());
    t.depth.set(t.depth.get() - 1);
}

/// Lays out arguments as locals. Takes the argument words over, also when it raises.
///
/// # Safety
/// `locals` has room for the code's locals; `args` has `total` bound words, the last of them for `names`.
unsafe fn bind(
    t: &Thread,
    function: &Function,
    code: &Code,
    locals: *mut Word,
    args: *mut Word,
    total: usize,
    names: &[Value],
) -> PyResult<()> {
    // SAFETY: by the caller.
    unsafe {
        for i in 0..code.local_count() {
            *locals.add(i) = 0;
        }
        let result = bind_parts(t, function, code, locals, args, total, names);
        if result.is_err() {
            for i in 0..total {
                stack::release(*args.add(i));
            }
            for i in 0..code.local_count() {
                stack::release(*locals.add(i));
            }
        }
        result
    }
}

/// `bind`, leaving the cleaning up after an error to it: words taken are zeroed.
unsafe fn bind_parts(
    t: &Thread,
    function: &Function,
    code: &Code,
    locals: *mut Word,
    args: *mut Word,
    total: usize,
    names: &[Value],
) -> PyResult<()> {
    let arg_count = code.arg_count as usize;
    let parameters = arg_count + code.keyword_only_count as usize;
    let positional = total - names.len();
    let varargs = code.has_flag(flags::VARARGS);
    let take = |i: usize| -> Word {
        // SAFETY: below `total`.
        unsafe { std::mem::replace(&mut *args.add(i), 0) }
    };
    // SAFETY (of the blocks below): indexes are below the code's locals.
    for i in 0..positional.min(arg_count) {
        // SAFETY: see above.
        unsafe { *locals.add(i) = take(i) };
    }
    if varargs {
        let extra = positional.saturating_sub(arg_count);
        // SAFETY: the words are taken over.
        let rest = build::tuple(extra, (0..extra).map(|i| unsafe { stack::take(take(arg_count + i)) }));
        // SAFETY: see above.
        unsafe { *locals.add(parameters) = rest.into_bits() };
    }
    let keywords = if code.has_flag(flags::VARKEYWORDS) {
        let d = dict::new();
        let word = d.bits();
        // SAFETY: see above.
        unsafe { *locals.add(parameters + usize::from(varargs)) = d.into_bits() };
        Some(stack::view(word))
    } else {
        None
    };
    let first = code.positional_only_count as usize;
    for (i, name) in names.iter().enumerate() {
        let places = &code.local_names[first..parameters];
        let place = places
            .iter()
            .position(|p| p.is(name))
            .or_else(|| {
                let text = name.downcast::<Str>()?;
                places.iter().position(|p| p.downcast::<Str>().is_some_and(|p| p.eq(text)))
            })
            .map(|p| p + first);
        match (place, &keywords) {
            (Some(place), _) => {
                // SAFETY: see above.
                if unsafe { *locals.add(place) } != 0 {
                    return Err(argument_errors::multiple_values(t, function, name));
                }
                // SAFETY: see above.
                unsafe { *locals.add(place) = take(positional + i) };
            }
            (None, Some(d)) => {
                // SAFETY: the word is taken over.
                let v = unsafe { stack::take(take(positional + i)) };
                let d = d.downcast::<Dict>().expect("made above");
                let old = match name.downcast_exact::<Str>() {
                    Some(_) => d.set_str(name, v),
                    None => d.set(t, name.clone(), v)?,
                };
                if old.is_some() {
                    return Err(argument_errors::multiple_keyword_values(t, function, name));
                }
            }
            (None, None) => return Err(argument_errors::unexpected_keyword(t, function, code, names, name)),
        }
    }
    if positional > arg_count && !varargs {
        // SAFETY: see above.
        let given_keyword_only = (arg_count..parameters).filter(|i| unsafe { *locals.add(*i) } != 0).count();
        return Err(argument_errors::too_many_positional(t, function, code, positional, given_keyword_only));
    }
    if positional < arg_count {
        let defaults = function.defaults.load();
        let defaults = defaults.as_ref().map_or(&[][..], |d| tuple::items(d));
        let without = arg_count.saturating_sub(defaults.len());
        let mut missing: SmallVec<[usize; 4]> = SmallVec::new();
        for i in positional..arg_count {
            // SAFETY: see above.
            unsafe {
                if *locals.add(i) == 0 {
                    match i
                        .checked_sub(without)
                        .and_then(|d| defaults.get(d + defaults.len().saturating_sub(arg_count)))
                    {
                        Some(v) => *locals.add(i) = v.clone().into_bits(),
                        None => missing.push(i),
                    }
                }
            }
        }
        if !missing.is_empty() {
            return Err(argument_errors::missing(t, function, code, &missing, "positional"));
        }
    }
    if code.keyword_only_count > 0 {
        let defaults = function.keyword_defaults.load();
        let mut missing: SmallVec<[usize; 4]> = SmallVec::new();
        for i in arg_count..parameters {
            // SAFETY: see above.
            unsafe {
                if *locals.add(i) == 0 {
                    let default = defaults.as_ref().and_then(|d| d.downcast::<Dict>()?.get_str(&code.local_names[i]));
                    match default {
                        Some(v) => *locals.add(i) = v.into_bits(),
                        None => missing.push(i),
                    }
                }
            }
        }
        if !missing.is_empty() {
            return Err(argument_errors::missing(t, function, code, &missing, "keyword-only"));
        }
    }
    Ok(())
}

/// `f(*args, **kwargs)`: [callable, self-or-null, args] and, with `has_keywords`, a dict. Takes everything off the stack.
///
/// # Safety
/// The frame's saved stack is laid out so.
pub unsafe fn call_ex(t: &Thread, frame: *mut Frame, has_keywords: bool) -> PyResult<Called> {
    // SAFETY: by the caller.
    unsafe {
        let count = 3 + usize::from(has_keywords);
        let end = (*frame).sp;
        let base = end.sub(count);
        // A call with nothing but an exact tuple needs no other list of its arguments.
        let plain = !has_keywords || stack::view(*base.add(3)).downcast_exact::<Dict>().is_some_and(Dict::is_empty);
        if plain
            && let Some(items) = stack::view(*base.add(2)).downcast_exact::<tuple::Tuple>()
            && let Some(mut words) = function_words(&mut *base, &mut *base.add(1), items.items())
        {
            let function = stack::take(std::mem::replace(&mut *base, 0)).into_bits();
            discard(frame, base, end);
            let new = push_words(t, frame, function, &mut words, &[])?;
            (*new).action = Return::Push;
            return Ok(Called::Pushed(new));
        }
        let callable = stack::copy(*base);
        let this = (*base.add(1) != 0).then(|| stack::copy(*base.add(1)));
        let args = stack::copy(*base.add(2));
        let keywords = has_keywords.then(|| stack::copy(*base.add(3)));
        discard(frame, base, end);
        let items = if args.downcast::<tuple::Tuple>().is_some() {
            args
        } else {
            if args.class().slots.iter.get().is_none() && args.class().slots.getitem.get().is_none() {
                let message = format!(
                    "{} argument after * must be an iterable, not {}",
                    argument_errors::callable_name(t, &callable),
                    args.class().name()
                );
                return Err(raise::type_error(t, message));
            }
            tuple::from_vec(protocol::collect(t, &args)?)
        };
        let keywords = match keywords {
            Some(mapping) if mapping.downcast_exact::<Dict>().is_none() => {
                let copy = dict::new();
                build::dict_merge(t, &copy, &mapping, callable.bits())?;
                Some(copy)
            }
            known => known,
        };
        let mut all: SmallVec<[Value; 8]> = SmallVec::new();
        let callable = match callable.downcast_exact::<Method>() {
            Some(m) if this.is_none() && m.function.is_exact(&core_types::FUNCTION) => {
                all.push((*m.object).clone());
                (*m.function).clone()
            }
            _ => callable,
        };
        all.extend(this);
        all.extend(tuple::items(&items).iter().cloned());
        let mut names: SmallVec<[Value; 4]> = SmallVec::new();
        if let Some(d) = keywords.as_ref().and_then(|k| k.downcast::<Dict>()) {
            let mut position = 0;
            while let Some((name, v)) = d.next(&mut position) {
                if name.downcast::<Str>().is_none() {
                    return Err(raise::type_error(t, "keywords must be strings"));
                }
                names.push(name);
                all.push(v);
            }
        }
        if callable.is_exact(&core_types::FUNCTION) {
            // A frame of its own: tail of the caller's operand stack need not have room for the arguments.
            let mut words: SmallVec<[Word; 8]> = all.into_iter().map(Value::into_bits).collect();
            let function = callable.into_bits();
            let new = push_words(t, frame, function, &mut words, &names)?;
            (*new).action = Return::Push;
            return Ok(Called::Pushed(new));
        }
        protocol::call(t, &callable, Args::new(&all, &names)).map(Called::Result)
    }
}

/// The argument words of a call of a Python function, or of a method that is one; None for another callable. On success the
/// word of the callable is the function's, and that of self has moved. The words own what they name: they are not on the
/// stack, where a collection would look for borrowed ones.
fn function_words(callable: &mut Word, this: &mut Word, items: &[Value]) -> Option<SmallVec<[Word; 8]>> {
    let view = stack::view(*callable);
    let mut words = SmallVec::new();
    if let Some(method) = view.downcast_exact::<Method>()
        && method.function.is_exact(&core_types::FUNCTION)
        && *this == 0
    {
        words.push((*method.object).clone().into_bits());
        let old = std::mem::replace(callable, (*method.function).clone().into_bits());
        // SAFETY: off the stack now.
        unsafe { stack::release(old) };
    } else if !view.is_exact(&core_types::FUNCTION) {
        return None;
    } else if *this != 0 {
        // SAFETY: it leaves the stack.
        words.push(unsafe { stack::take(std::mem::replace(this, 0)) }.into_bits());
    }
    words.extend(items.iter().map(|v| v.clone().into_bits()));
    Some(words)
}

/// Pushes a function's frame with arguments from a slice of words, which are taken over, as is `function`.
///
/// # Safety
/// `function` is a function's word; borrowed words stay alive until the frame ends.
unsafe fn push_words(
    t: &Thread,
    previous: *mut Frame,
    function: Word,
    words: &mut [Word],
    names: &[Value],
) -> PyResult<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let payload = (*(stack::clean(function) as *const Header)).payload::<Function>();
        let code = payload.code();
        let new = t.stack_top.get();
        let room = code.local_count() + code.stack_size as usize;
        let result = frame::check_room(t, new, room).and_then(|()| {
            let locals = new.add(FRAME_WORDS);
            if code.simple && names.is_empty() && words.len() == code.arg_count as usize {
                for (i, w) in words.iter_mut().enumerate() {
                    locals.add(i).write_volatile(std::mem::replace(w, 0));
                }
                for i in words.len()..code.local_count() {
                    locals.add(i).write_volatile(0);
                }
                return Ok(());
            }
            let top = t.stack_top.replace(locals.add(room));
            let bound = bind(t, payload, code, locals, words.as_mut_ptr(), words.len(), names);
            t.stack_top.set(top);
            words.fill(0);
            bound
        });
        if let Err(raised) = result {
            words.iter().for_each(|w| stack::release(*w));
            stack::release(function);
            return Err(raised);
        }
        let new = new.cast::<Frame>();
        init_frame(t, new, previous, function, code, quicken::enter(t, code), (Return::ToRust, 0));
        Ok(new)
    }
}

/// Calls a Python function from Rust (`Hooks::call_function`).
pub fn call_function(t: &Thread, function: &Value, args: Args<'_>) -> PyResult {
    // SAFETY: `function` is a function (its type's call slot brought us here).
    let payload = unsafe { function.payload::<Function>() };
    let (code, values) = (payload.code(), args.all());
    let missing = (code.arg_count as usize).checked_sub(values.len()).filter(|_| code.simple && !args.has_keywords());
    let defaults = missing.filter(|missing| *missing > 0).and_then(|_| payload.defaults.load());
    let defaults =
        defaults.as_ref().and_then(Value::downcast::<tuple::Tuple>).map_or(&[][..], |defaults| defaults.items());
    if let Some(first) = missing.and_then(|missing| defaults.len().checked_sub(missing)) {
        let new = t.stack_top.get();
        frame::check_room(t, new, code.local_count() + code.stack_size as usize)?;
        let new = new.cast::<Frame>();
        let locals = Frame::locals(new);
        // SAFETY: there is room; the caller holds function and arguments until the call returns: the frame may borrow them.
        unsafe {
            for (i, v) in values.iter().enumerate() {
                locals.add(i).write_volatile(stack::borrow(v.bits()));
            }
            for (i, v) in defaults[first..].iter().enumerate() {
                locals.add(values.len() + i).write_volatile(v.clone().into_bits());
            }
            for i in code.arg_count as usize..code.local_count() {
                locals.add(i).write_volatile(0);
            }
            let function = stack::borrow(function.bits());
            init_frame(t, new, t.frame.get().cast(), function, code, quicken::enter(t, code), (Return::ToRust, 0));
            return finish_run(t, new);
        }
    }
    // The caller holds the arguments until the call returns: the callee's locals may borrow them.
    let mut words: SmallVec<[Word; 8]> = args.all().iter().map(|v| stack::borrow(v.bits())).collect();
    // SAFETY: `function` is a function (its type's call slot brought us here).
    unsafe {
        let frame = push_words(t, t.frame.get().cast(), stack::borrow(function.bits()), &mut words, args.names())?;
        finish_run(t, frame)
    }
}

/// Runs a frame just pushed to its end.
///
/// # Safety
/// The frame is the innermost and returns to Rust.
unsafe fn finish_run(t: &Thread, frame: *mut Frame) -> PyResult {
    // SAFETY: by the caller.
    match unsafe { eval::run(t, frame, Start::Go)? } {
        Exit::Return(v) => Ok(v),
        Exit::Yield(_) => Err(raise::system_error(t, "a plain frame has yielded")),
    }
}

/// Runs a function's code with `namespace` as its locals: module bodies, class bodies, `exec`.
pub fn run_with_namespace(t: &Thread, function: &Value, namespace: Value) -> PyResult {
    // SAFETY: `function` is a function, made by the caller.
    unsafe {
        let frame = push_words(t, t.frame.get().cast(), stack::borrow(function.bits()), &mut [], &[])?;
        (*frame).namespace = namespace.into_bits();
        finish_run(t, frame)
    }
}

/// The dict of builtins that a globals dict names, or the process's.
pub fn builtins_of(t: &Thread, globals: &Value) -> Value {
    let named = globals.downcast::<Dict>().and_then(|d| d.get_str(&known().__builtins__));
    match named {
        Some(d) if d.downcast::<Dict>().is_some() => d,
        Some(module) => match protocol::lookup_attr(t, &module, &known().__dict__) {
            Ok(Some(d)) if d.downcast::<Dict>().is_some() => d,
            Ok(_) => (crate::object::hooks::get().builtins)(t),
            Err(raised) => {
                drop(raise::take(t, raised));
                (crate::object::hooks::get().builtins)(t)
            }
        },
        None => (crate::object::hooks::get().builtins)(t),
    }
}

/// Runs code as a module body or `exec` does.
pub fn run_code(t: &Thread, code: &Value, globals: &Value, namespace: &Value, closure: Option<Value>) -> PyResult {
    globals
        .downcast::<Dict>()
        .ok_or_else(|| raise::type_error(t, format!("globals must be a dict, not {}", globals.class().name())))?;
    let builtins = builtins_of(t, globals);
    match function::new(code.clone(), globals.clone(), builtins, None) {
        Some(function) => {
            if let (Some(cells), Some(f)) = (closure, function.downcast::<Function>()) {
                f.closure.init(cells);
            }
            run_with_namespace(t, &function, namespace.clone())
        }
        None => Err(raise::type_error(t, "a code object is required")),
    }
}

/// `MAKE_FUNCTION`.
///
/// # Safety
/// The frame is alive.
pub unsafe fn make_function(frame: &Frame, code: Value) -> Value {
    let outer = frame.function();
    let module = frame.globals().get_str(&known().__name__);
    let made = function::new(code, (*outer.globals).clone(), (*outer.builtins).clone(), module);
    let made = made.expect("MAKE_FUNCTION is compiled with a code constant");
    // Functions of modules and classes live long and are called by everybody; nested ones come and go.
    if frame.namespace != 0 {
        shards::make_sharded(&made);
    }
    made
}

/// `SET_FUNCTION_ATTRIBUTE`, on a function just made. The compiler gives what fits; other code may not.
pub fn set_function_attribute(t: &Thread, function: &Value, which: usize, v: Value) -> PyResult<()> {
    let Some(f) = function.downcast::<Function>() else { return Ok(()) };
    let fits = match which {
        1 => v.is_exact(&core_types::TUPLE),
        2 => v.is_exact(&core_types::DICT),
        8 => v.downcast_exact::<tuple::Tuple>().is_some_and(|cells| {
            cells.items().len() == f.code().free_count as usize
                && cells.items().iter().all(|cell| cell.is_exact(&core_types::CELL))
        }),
        _ => true,
    };
    if !fits {
        return Err(raise::system_error(t, "bad argument to internal function"));
    }
    match which {
        1 => f.defaults.init(v),
        2 => f.keyword_defaults.init(v),
        4 => f.annotations.init(v),
        8 => f.closure.init(v),
        16 => f.annotate.init(v),
        _ => f.type_params.init(v),
    }
    Ok(())
}
