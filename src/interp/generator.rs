//! Generators, coroutines and asynchronous generators: frames that outlive their caller's expression.
//!
//! A generator's frame lies in a block of its own. Who wants to run it moves `state` from Created or Suspended to Running
//! with a compare-exchange; whoever finds it Running raises ValueError. While suspended the frame's instruction pointer
//! points into the shared code, because the next thread to run it has a quickened copy of its own.

use super::eval::{self, Exit, Start};
use super::frame::{self, FRAME_WORDS, Frame, Return};
use super::quicken::{self, Cache};
use super::stack::{self, Word};
use crate::bytecode::code::Code;
use crate::bytecode::unit::flags;
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::exception::{BaseException, visit_slot};
use crate::object::header::Object;
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{Sent, Visit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, hooks, protocol, tuple};
use crate::types::iteration::is_shared;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::*};

const CREATED: u8 = 0;
const SUSPENDED: u8 = 1;
const RUNNING: u8 = 2;
const FINISHED: u8 = 3;

/// The payload of generators, coroutines and asynchronous generators.
pub struct Generator {
    state: AtomicU8,
    /// The frame's block; touched by whoever moved `state` to Running, and by the collector.
    block: UnsafeCell<Box<[Word]>>,
    /// What the generator was handling when it was suspended.
    handled: UnsafeCell<Option<Value>>,
    pub name: Slot,
    pub qualname: Slot,
    pub code: Stored,
    /// `cr_origin`; asynchronous generators' finaliser hook.
    pub extra: Slot,
    /// Whether an asynchronous generator has run its first-iteration hook.
    pub hooks_done: AtomicBool,
    /// Whether an asynchronous generator is being driven (`ag_running`), or is closed.
    pub driven: AtomicBool,
    pub closed: AtomicBool,
}

// SAFETY: the cells are guarded by `state` as the module's documentation says; values inside are published.
unsafe impl Send for Generator {}
// SAFETY: as above.
unsafe impl Sync for Generator {}

// SAFETY: the three types' layout is `Generator`; coroutines and asynchronous generators name `GENERATOR` in `of`.
unsafe impl Payload for Generator {
    fn layout_type() -> &'static Type {
        &core_types::GENERATOR
    }

    fn trace(&self, visit: Visit) {
        for slot in [&self.name, &self.qualname, &self.extra] {
            visit_slot(slot, visit);
        }
        visit(&self.code);
        // A running generator's frame is on a stack: what it holds is reachable by its counts.
        if matches!(self.state.load(Acquire), CREATED | SUSPENDED) {
            // SAFETY: the world is stopped and nobody runs the generator.
            unsafe {
                if let Some(v) = &*self.handled.get() {
                    visit(v);
                }
                let frame = self.frame();
                let mut at = Frame::locals(frame);
                for w in [(*frame).function, (*frame).namespace, (*frame).object] {
                    if stack::is_pointer(w) {
                        visit(&stack::view(w));
                    }
                }
                while at < (*frame).sp {
                    if stack::is_pointer(*at) && !stack::is_borrowed(*at) {
                        visit(&stack::view(*at));
                    }
                    at = at.add(1);
                }
            }
        }
    }

    fn clear(&self) {
        if matches!(self.state.swap(FINISHED, AcqRel), CREATED | SUSPENDED) {
            // SAFETY: nobody else can reach the generator.
            unsafe {
                drop((*self.handled.get()).take());
                empty(self.frame());
            }
        }
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The payload, if the value is a generator, coroutine or asynchronous generator.
#[inline(always)]
pub fn of(v: &Value) -> Option<&Generator> {
    let header = v.header()?;
    let class = header.class();
    let fits = std::ptr::eq(class, &*core_types::GENERATOR)
        || std::ptr::eq(class, &*core_types::COROUTINE)
        || std::ptr::eq(class, &*core_types::ASYNC_GENERATOR);
    // SAFETY: these three final types carry this payload.
    fits.then(|| unsafe { header.payload::<Generator>() })
}

/// Releases the words of a suspended frame.
///
/// # Safety
/// Nobody runs the frame.
unsafe fn empty(frame: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let base = Frame::locals(frame).add((*frame).code().local_count());
        while (*frame).sp > base {
            (*frame).sp = (*frame).sp.sub(1);
            stack::release(*(*frame).sp);
        }
        frame::clear(frame);
    }
}

impl Generator {
    fn frame(&self) -> *mut Frame {
        // SAFETY: the box itself never moves or changes; only its words do.
        unsafe { (*self.block.get()).as_mut_ptr().cast() }
    }

    pub fn is_running(&self) -> bool {
        self.state.load(Acquire) == RUNNING
    }

    pub fn is_finished(&self) -> bool {
        self.state.load(Acquire) == FINISHED
    }

    pub fn is_created(&self) -> bool {
        self.state.load(Acquire) == CREATED
    }

    pub fn is_suspended(&self) -> bool {
        self.state.load(Acquire) == SUSPENDED
    }

    /// Moves to Running; answers the state before, or None if it is Running already.
    #[inline(always)]
    fn claim(&self) -> Option<u8> {
        let mut state = self.state.load(Acquire);
        // SAFETY: generators exist only as payloads of objects.
        if !is_shared(unsafe { Object::header_of(self) }) {
            return match state {
                RUNNING => None,
                FINISHED => Some(FINISHED),
                _ => {
                    self.state.store(RUNNING, Relaxed);
                    Some(state)
                }
            };
        }
        loop {
            match state {
                RUNNING => return None,
                FINISHED => return Some(FINISHED),
                _ => match self.state.compare_exchange_weak(state, RUNNING, AcqRel, Acquire) {
                    Ok(before) => return Some(before),
                    Err(now) => state = now,
                },
            }
        }
    }

    /// Runs `f` with the suspended frame, claimed for the moment; None while it runs or after its end.
    pub fn with_frame<R>(&self, f: impl FnOnce(*mut Frame) -> R) -> Option<R> {
        let before = self.claim()?;
        if before == FINISHED {
            return None;
        }
        let result = f(self.frame());
        self.state.store(before, Release);
        Some(result)
    }

    /// Calls into what the suspended generator delegates to; the generator counts as running meanwhile. None where it is
    /// not suspended.
    fn while_running<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.state.compare_exchange(SUSPENDED, RUNNING, AcqRel, Acquire).ok()?;
        let result = f();
        self.state.store(SUSPENDED, Release);
        Some(result)
    }

    /// What a suspended generator delegates to (`gi_yieldfrom`, `cr_await`).
    pub fn delegate(&self) -> Option<Value> {
        self.with_frame(|frame| {
            // SAFETY: claimed.
            unsafe { delegate_of(frame) }
        })?
    }
}

/// The receiver of a `SEND` that the suspended frame is in.
///
/// # Safety
/// The frame is suspended and claimed.
unsafe fn delegate_of(frame: *mut Frame) -> Option<Value> {
    use crate::bytecode::opcode::{self, Op};
    // SAFETY: by the caller.
    unsafe {
        let code = (*frame).code();
        let word = *code.instructions.get((*frame).lasti())?;
        let inner = Op::decode(word) == Some(Op::YIELD_VALUE) && opcode::arg(word) == 1;
        let base = Frame::locals(frame).add(code.local_count());
        (inner && (*frame).sp > base).then(|| stack::copy(*(*frame).sp.sub(1)))
    }
}

/// Moves a frame that has just begun into a new generator (or coroutine, by the code's flags).
///
/// # Safety
/// `frame` is the innermost frame, on the thread's stack, with an empty operand stack. It is left empty.
pub unsafe fn from_frame(t: &Thread, frame: *mut Frame) -> Value {
    // SAFETY: by the caller.
    unsafe {
        let code = (*frame).code();
        let count = code.local_count();
        let mut block = vec![0; FRAME_WORDS + count + code.stack_size as usize].into_boxed_slice();
        let new = block.as_mut_ptr().cast::<Frame>();
        let own = |w: Word| {
            use crate::sync::slot::Counted;
            if w != 0 {
                stack::view(w).publish();
            }
            if stack::is_borrowed(w) { stack::copy_word(w) } else { w }
        };
        let index = (*frame).ip.offset_from((*frame).start) as usize;
        new.write(Frame {
            code: (*frame).code,
            previous: std::ptr::null_mut(),
            start: code.instructions.as_ptr(),
            ip: code.instructions.as_ptr().add(index),
            sp: Frame::locals(new).add(count),
            caches: std::ptr::null_mut(),
            function: own((*frame).function),
            namespace: own((*frame).namespace),
            object: 0,
            generator: 0,
            instance: 0,
            action: Return::ToRust,
        });
        for i in 0..count {
            *Frame::locals(new).add(i) = own(*Frame::locals(frame).add(i));
        }
        if (*frame).object != 0 {
            super::frame_object::repoint(frame, new);
        }
        let class = if code.has_flag(flags::COROUTINE) {
            &core_types::COROUTINE
        } else if code.has_flag(flags::ASYNC_GENERATOR) {
            &core_types::ASYNC_GENERATOR
        } else {
            &core_types::GENERATOR
        };
        let function = (*new).function();
        let (name, qualname) = (function.name.load(), function.qualname.load());
        let payload = Generator {
            state: AtomicU8::new(CREATED),
            block: UnsafeCell::new(block),
            handled: UnsafeCell::new(None),
            name: Slot::from_option(name),
            qualname: Slot::from_option(qualname),
            code: Stored::new(function.code.load().unwrap_or(Value::NONE)),
            extra: Slot::empty(),
            hooks_done: AtomicBool::new(false),
            driven: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        };
        let v = alloc::new_sharing_layout(class, payload);
        (*new).generator = v.bits();
        let _ = t;
        v
    }
}

/// Claims a generator for a `FOR_ITER` step. None: the slow way, by the type's slot.
#[inline]
pub fn start_step<'a>(t: &Thread, iterator: &'a Value) -> Option<&'a Generator> {
    let _ = t;
    let g = iterator.downcast_exact::<Generator>()?;
    g.claim().filter(|before| *before != FINISHED).map(|_| g)
}

/// `FOR_ITER_GENERATOR`: the generator's frame, made the innermost. Cache: `version` the id of its code, `value` the code's
/// quickened copy. None: another iterator, or one that is running, at its end, or too deep; the generic form sees to it.
///
/// # Safety
/// As `enter`, for the generator in `w`.
#[inline(always)]
pub unsafe fn step(t: &Thread, caller: *mut Frame, w: Word, cache: &Cache) -> Option<*mut Frame> {
    // SAFETY: by the caller.
    unsafe {
        let v = stack::view(w);
        let g = v.downcast_exact::<Generator>()?;
        let code = &*(*g.frame()).code;
        if code.id != cache.version || t.depth.get() >= t.recursion_limit.get() {
            return None;
        }
        if g.claim()? == FINISHED {
            return None;
        }
        Some(start(t, g, caller, Return::ForIter, Value::NONE.into_bits(), quicken::parts(cache.value as usize)))
    }
}

/// Makes a claimed generator's frame the innermost, with the sent word pushed.
///
/// # Safety
/// As `enter`; `copy` is the code's quickened copy, or the code itself.
#[inline(always)]
unsafe fn start(
    t: &Thread,
    g: &Generator,
    caller: *mut Frame,
    action: Return,
    sent: Word,
    (start, caches): (*const u32, *mut [Cache; 2]),
) -> *mut Frame {
    let frame = g.frame();
    // SAFETY: claimed: the block is ours.
    unsafe {
        let index = (*frame).ip.offset_from((*frame).start) as usize;
        (*frame).start = start;
        (*frame).ip = start.add(index);
        (*frame).caches = caches;
        (*frame).previous = caller;
        (*frame).action = action;
        *(*frame).sp = sent;
        (*frame).sp = (*frame).sp.add(1);
        let handled = (*g.handled.get()).take();
        t.handled_below.borrow_mut().push(t.handled.replace(handled));
    }
    t.frame.set(frame.cast());
    t.depth.set(t.depth.get() + 1);
    frame
}

/// Claims a generator or coroutine for a `SEND`. None: the slow way.
#[inline]
pub fn start_send<'a>(t: &Thread, receiver: &'a Value) -> Option<&'a Generator> {
    let _ = t;
    let g = of(receiver)?;
    if receiver.is_exact(&core_types::ASYNC_GENERATOR) {
        return None;
    }
    g.claim().filter(|before| *before != FINISHED).map(|_| g)
}

/// Makes a claimed generator's frame the innermost, with the sent value pushed.
///
/// # Safety
/// The generator was claimed; it stays alive until it yields or ends (the caller's stack holds it).
#[inline]
pub unsafe fn enter(
    t: &Thread,
    g: &Generator,
    caller: *mut Frame,
    action: Return,
    sent: Value,
) -> PyResult<*mut Frame> {
    // SAFETY: claimed: the block is ours.
    unsafe {
        if let Err(raised) = frame::check_room(t, t.stack_top.get(), 0) {
            g.state.store(SUSPENDED, Release);
            return Err(raised);
        }
        let code = &*(*g.frame()).code;
        Ok(start(t, g, caller, action, sent.into_bits(), quicken::enter(t, code)))
    }
}

/// The generator that owns a frame.
unsafe fn owner<'a>(frame: *mut Frame) -> &'a Generator {
    // SAFETY: a generator's frame names its generator, which whoever runs it keeps alive.
    unsafe { (*((*frame).generator as *const crate::object::header::Header)).payload::<Generator>() }
}

/// Leaves a generator's frame: restores what the caller was handling.
unsafe fn leave(t: &Thread, frame: *mut Frame) -> Option<Value> {
    let below = t.handled_below.borrow_mut().pop().flatten();
    let own = t.handled.replace(below);
    // SAFETY: the frame is the innermost.
    t.frame.set(unsafe { (*frame).previous }.cast());
    t.depth.set(t.depth.get() - 1);
    own
}

/// Suspends a generator's frame at a yield; answers how and where to go on.
///
/// # Safety
/// `frame` is the innermost frame, a generator's, and saved.
#[inline]
pub unsafe fn suspend(t: &Thread, frame: *mut Frame) -> (Return, *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let g = owner(frame);
        let own = leave(t, frame);
        *g.handled.get() = own;
        let (action, previous) = ((*frame).action, (*frame).previous);
        let code = (*frame).code();
        let index = (*frame).ip.offset_from((*frame).start) as usize;
        (*frame).start = code.instructions.as_ptr();
        (*frame).ip = (*frame).start.add(index);
        (*frame).caches = std::ptr::null_mut();
        (*frame).previous = std::ptr::null_mut();
        // What the frame holds can be seen by others from here on.
        let mut at = Frame::locals(frame);
        while at < (*frame).sp {
            let w = *at;
            if stack::is_pointer(w) {
                use crate::sync::slot::Counted;
                if stack::is_borrowed(w) {
                    *at = stack::copy_word(w);
                }
                stack::view(w).publish();
            }
            at = at.add(1);
        }
        g.state.store(SUSPENDED, Release);
        (action, previous)
    }
}

/// Ends a generator whose frame has returned or raised: its operand stack is empty.
///
/// # Safety
/// As `suspend`.
pub unsafe fn finish(t: &Thread, frame: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let g = owner(frame);
        let own = leave(t, frame);
        g.state.store(FINISHED, Release);
        frame::clear(frame);
        drop(own);
    }
}

/// What running a generator from Rust came to.
pub(super) enum Ran {
    Yield(Value),
    Return(Value),
}

/// Sends a value (or raises the pending exception) into a generator, from Rust.
pub(super) fn resume(t: &Thread, v: &Value, g: &Generator, sent: Value, raised: Option<Raised>) -> PyResult<Ran> {
    if t.stack_is_low() {
        return Err(protocol::stack_overflow(t, ""));
    }
    let kind = if v.is_exact(&core_types::ASYNC_GENERATOR) { "async generator" } else { v.class().name() };
    let before = match g.claim() {
        Some(before) => before,
        None => return Err(raise::value_error(t, format!("{kind} already executing"))),
    };
    if before == FINISHED {
        if v.is_exact(&core_types::COROUTINE) {
            drop(raised.map(|raised| raise::take(t, raised)));
            return Err(raise::runtime_error(t, "cannot reuse already awaited coroutine"));
        }
        return match raised {
            Some(raised) => Err(raised),
            None => Ok(Ran::Return(Value::NONE)),
        };
    }
    if before == CREATED && !sent.is_none() && raised.is_none() {
        g.state.store(CREATED, Release);
        return Err(raise::type_error(t, format!("can't send non-None value to a just-started {kind}")));
    }
    let keep = v.clone();
    // SAFETY: claimed; `keep` holds the generator.
    let exit = unsafe {
        let frame = enter(t, g, t.frame.get().cast(), Return::ToRust, sent)?;
        let start = match raised {
            Some(raised) => {
                // The value pushed by `enter` is dropped by unwinding. What the generator is handling is the context.
                let handled = t.handled.take();
                let handles = handled.is_some();
                t.handled.set(handled);
                Start::Raise(if handles { raise::value(t, raise::take(t, raised)) } else { raised })
            }
            None => Start::Go,
        };
        eval::run(t, frame, start)
    };
    drop(keep);
    exit.map(|exit| match exit {
        Exit::Yield(v) => Ran::Yield(v),
        Exit::Return(v) => Ran::Return(v),
    })
}

/// The `next` slot of generators.
pub fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(g) = of(v) else { return Err(raise::type_error(t, "not a generator")) };
    match resume(t, v, g, Value::NONE, None)? {
        Ran::Yield(v) => Ok(Some(v)),
        Ran::Return(v) if v.is_none() => Ok(None),
        Ran::Return(v) => Err(raise::stop_iteration(t, Some(v))),
    }
}

/// The `send` slot of generators and coroutines.
pub fn send_slot(t: &Thread, v: &Value, sent: &Value) -> PyResult<Sent> {
    let Some(g) = of(v) else { return Err(raise::type_error(t, "not a generator")) };
    Ok(match resume(t, v, g, sent.clone(), None)? {
        Ran::Yield(v) => Sent::Yield(v),
        Ran::Return(v) => Sent::Return(v),
    })
}

/// `generator.send(value)`.
pub fn send(t: &Thread, v: &Value, sent: &Value) -> PyResult {
    match send_slot(t, v, sent)? {
        Sent::Yield(v) => Ok(v),
        Sent::Return(v) => Err(raise::stop_iteration(t, (!v.is_none()).then_some(v))),
    }
}

/// `generator.throw(type_or_value, value, traceback)`.
pub fn throw(t: &Thread, v: &Value, args: &[Value]) -> PyResult {
    let raised = exception_to_throw(t, args)?;
    throw_raised(t, v, raised)
}

/// Raises what the arguments of `throw` name inside a generator.
pub(super) fn throw_args(t: &Thread, v: &Value, g: &Generator, args: &[Value]) -> PyResult<Ran> {
    let raised = exception_to_throw(t, args)?;
    throw_inner(t, v, g, raised)
}

/// The exception that `throw`'s arguments name, pending.
pub fn exception_to_throw(t: &Thread, args: &[Value]) -> PyResult<Raised> {
    let (Some(first), value, place) = (args.first(), args.get(1), args.get(2)) else {
        return Err(raise::type_error(t, "throw expected at least 1 argument, got 0"));
    };
    let value = value.and_then(Value::non_none);
    let place = place.and_then(Value::non_none);
    if let Some(place) = place
        && !place.is_exact(&core_types::TRACEBACK)
    {
        return Err(raise::type_error(t, "throw() third argument must be a traceback object"));
    }
    let exception = match first.downcast::<Type>() {
        Some(class) if class.is_subtype(&exc::BASE_EXCEPTION) => {
            let made = match value {
                Some(v) if v.class().is_subtype(class) => Ok(v.clone()),
                Some(v) if v.downcast::<tuple::Tuple>().is_some() => {
                    protocol::call(t, first, Args::positional(tuple::items(v)))
                }
                Some(v) => protocol::call_values(t, first, std::slice::from_ref(v)),
                None => protocol::call_values(t, first, &[]),
            };
            match made {
                Ok(made) if made.downcast::<BaseException>().is_some() => made,
                // An error in making the exception is what is thrown.
                Ok(made) => {
                    let message = format!(
                        "calling {} should have returned an instance of BaseException, not {}",
                        protocol::repr_lossy(t, first),
                        made.class().display_name()
                    );
                    return Ok(raise::type_error(t, message));
                }
                Err(raised) => return Ok(raised),
            }
        }
        _ if first.downcast::<BaseException>().is_some() => {
            if value.is_some() {
                return Err(raise::type_error(t, "instance exception may not have a separate value"));
            }
            first.clone()
        }
        _ => {
            let message = format!(
                "exceptions must be classes or instances deriving from BaseException, not {}",
                first.class().display_name()
            );
            return Err(raise::type_error(t, message));
        }
    };
    if let (Some(place), Some(payload), Some(header)) =
        (place, exception.downcast::<BaseException>(), exception.header())
    {
        let old = {
            let _guard = t.lock(header);
            payload.traceback.swap(Some(place.clone()))
        };
        drop(old);
    }
    Ok(raise::again(t, exception))
}

/// Raises the pending exception inside a generator, or inside what it delegates to.
pub fn throw_raised(t: &Thread, v: &Value, raised: Raised) -> PyResult {
    let Some(g) = of(v) else { return Err(raise::type_error(t, "not a generator")) };
    let ran = throw_inner(t, v, g, raised)?;
    match ran {
        Ran::Yield(v) => Ok(v),
        Ran::Return(v) => Err(raise::stop_iteration(t, (!v.is_none()).then_some(v))),
    }
}

pub(super) fn throw_inner(t: &Thread, v: &Value, g: &Generator, raised: Raised) -> PyResult<Ran> {
    let exception = raise::take(t, raised);
    if let Some(inner) = g.delegate() {
        if exception.class().is_subtype(&exc::GENERATOR_EXIT) {
            // As if `close()` were called on the inner one first.
            match g.while_running(|| close_any(t, &inner)) {
                None | Some(Ok(())) => {}
                Some(Err(raised)) => return resume(t, v, g, Value::NONE, Some(raised)),
            }
        } else if let Some(method) = protocol::lookup_attr(t, &inner, &known().throw)? {
            let thrown = g.while_running(|| protocol::call_values(t, &method, std::slice::from_ref(&exception)));
            return match thrown {
                Some(Ok(yielded)) => Ok(Ran::Yield(yielded)),
                // Another thread was faster; what it does now, `resume` says.
                None => {
                    let raised = raise::again(t, exception);
                    resume(t, v, g, Value::NONE, Some(raised))
                }
                Some(Err(raised)) => {
                    if raise::matches(t, &raised, &exc::STOP_ITERATION) {
                        let stop = raise::take(t, raised);
                        let result = protocol::get_attr(t, &stop, &known().value)?;
                        finish_delegation(g);
                        resume(t, v, g, result, None)
                    } else {
                        resume(t, v, g, Value::NONE, Some(raised))
                    }
                }
            };
        }
    }
    let raised = raise::again(t, exception);
    resume(t, v, g, Value::NONE, Some(raised))
}

/// Makes a frame that waits in a `SEND` go on behind it: its inner iterator has returned.
fn finish_delegation(g: &Generator) {
    use crate::bytecode::opcode::{self, Op};
    g.with_frame(|frame| {
        // SAFETY: claimed and suspended.
        unsafe {
            // The `SEND` that drives the yield lies before it; its target is where [receiver, result] is expected.
            let code = (*frame).code();
            let mut at = (*frame).lasti();
            while at > 0 && Op::decode(code.instructions[at]) != Some(Op::SEND) {
                at -= 1;
            }
            let target = opcode::arg(code.instructions[at]) as usize;
            (*frame).ip = code.instructions.as_ptr().add(target);
        }
    });
}

/// Calls `close()` on whatever is delegated to.
fn close_any(t: &Thread, inner: &Value) -> PyResult<()> {
    if of(inner).is_some() && !inner.is_exact(&core_types::ASYNC_GENERATOR) {
        return close(t, inner).map(drop);
    }
    match protocol::lookup_attr(t, inner, &known().close) {
        Ok(Some(method)) => protocol::call_values(t, &method, &[]).map(drop),
        Ok(None) => Ok(()),
        // As in CPython, an error in looking for the method does not keep the outer generator from closing.
        Err(raised) => {
            let e = raise::take(t, raised);
            (hooks::get().unraisable)(t, e, "", Some(inner));
            Ok(())
        }
    }
}

/// `generator.close()`.
pub fn close(t: &Thread, v: &Value) -> PyResult {
    let Some(g) = of(v) else { return Err(raise::type_error(t, "not a generator")) };
    if g.is_finished() {
        return Ok(Value::NONE);
    }
    if g.state.compare_exchange(CREATED, RUNNING, AcqRel, Acquire).is_ok() {
        g.state.store(FINISHED, Release);
        // SAFETY: claimed above; nobody runs it any more.
        unsafe { empty(g.frame()) };
        return Ok(Value::NONE);
    }
    let raised = raise::with_args(t, &exc::GENERATOR_EXIT, crate::object::names::empty_tuple());
    match throw_inner(t, v, g, raised) {
        Ok(Ran::Yield(_)) => Err(raise::runtime_error(t, format!("{} ignored GeneratorExit", v.class().name()))),
        Ok(Ran::Return(result)) => Ok(result),
        Err(raised) => {
            if raise::matches(t, &raised, &exc::STOP_ITERATION) {
                let stop = raise::take(t, raised);
                return protocol::get_attr(t, &stop, &known().value);
            }
            raise::suppress(t, raised, &exc::GENERATOR_EXIT).map(|()| Value::NONE)
        }
    }
}

/// The `finalize` slot: closes a suspended generator; warns of a coroutine never awaited.
pub fn finalize(t: &Thread, v: &Value) {
    let Some(g) = of(v) else { return };
    if g.is_finished() {
        return;
    }
    if v.is_exact(&core_types::COROUTINE) && g.is_created() {
        let name = g.qualname.load().map(|q| crate::object::str::lossy(&q).into_owned()).unwrap_or_default();
        let message = format!("coroutine '{name}' was never awaited");
        if let Err(raised) = (hooks::get().warn)(t, &exc::RUNTIME_WARNING.to_value(), &message, 1) {
            let e = raise::take(t, raised);
            (hooks::get().unraisable)(t, e, "", Some(v));
        }
    }
    if let Err(raised) = close(t, v) {
        let e = raise::take(t, raised);
        (hooks::get().unraisable)(t, e, "", Some(v));
    }
}

/// `GET_YIELD_FROM_ITER`.
pub fn yield_from_iter(t: &Thread, v: &Value, code: &Code) -> PyResult {
    if v.is_exact(&core_types::COROUTINE) {
        if !code.has_flag(flags::COROUTINE | flags::ITERABLE_COROUTINE) {
            return Err(raise::type_error(t, "cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        return Ok(v.clone());
    }
    if v.is_exact(&core_types::GENERATOR) {
        return Ok(v.clone());
    }
    protocol::iter(t, v)
}

/// `GET_AWAITABLE`; `place` is 1 for `__aenter__`, 2 for `__aexit__`.
pub fn awaitable(t: &Thread, v: &Value, place: usize) -> PyResult {
    let result = await_iter(t, v, place)?;
    if result.is_exact(&core_types::COROUTINE)
        && let Some(g) = of(&result)
        && g.delegate().is_some()
    {
        return Err(raise::runtime_error(t, "coroutine is being awaited already"));
    }
    Ok(result)
}

/// The iterator that `await` drives.
pub fn await_iter(t: &Thread, v: &Value, place: usize) -> PyResult {
    if v.is_exact(&core_types::COROUTINE) {
        return Ok(v.clone());
    }
    if let Some(g) = of(v)
        && v.is_exact(&core_types::GENERATOR)
        && g.code.downcast::<Code>().is_some_and(|c| c.has_flag(flags::ITERABLE_COROUTINE))
    {
        return Ok(v.clone());
    }
    let Some(f) = v.class().slots.await_.get() else {
        let name = v.class().display_name();
        let message = match place {
            1 => format!("'async with' received an object from __aenter__ that does not implement __await__: {name}"),
            2 => format!("'async with' received an object from __aexit__ that does not implement __await__: {name}"),
            _ => format!("'{name}' object can't be awaited"),
        };
        return Err(raise::type_error(t, message));
    };
    let iterator = f(t, v)?;
    if iterator.is_exact(&core_types::COROUTINE) {
        return Err(raise::type_error(t, "__await__() returned a coroutine"));
    }
    if iterator.class().slots.next.get().is_none() {
        let message = format!("__await__() returned non-iterator of type '{}'", iterator.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(iterator)
}

/// `GET_AITER`.
pub fn aiter(t: &Thread, v: &Value) -> PyResult {
    let name = v.class().display_name().into_owned();
    let Some(f) = v.class().slots.aiter.get() else {
        let message = format!("'async for' requires an object with __aiter__ method, got {name}");
        return Err(raise::type_error(t, message));
    };
    let iterator = f(t, v)?;
    if iterator.class().slots.anext.get().is_none() {
        let message = format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            iterator.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    Ok(iterator)
}

/// `GET_ANEXT`.
pub fn anext(t: &Thread, v: &Value) -> PyResult {
    let name = v.class().display_name().into_owned();
    let Some(f) = v.class().slots.anext.get() else {
        let message = format!("'async for' requires an iterator with __anext__ method, got {name}");
        return Err(raise::type_error(t, message));
    };
    let awaited = f(t, v)?;
    match await_iter(t, &awaited, 0) {
        Ok(iterator) => Ok(iterator),
        Err(raised) => {
            let cause = raise::take(t, raised);
            let message =
                format!("'async for' received an invalid object from __anext__: {}", awaited.class().display_name());
            let raised = raise::type_error(t, message);
            let e = raise::take(t, raised);
            if let Some(payload) = e.downcast::<BaseException>() {
                drop(payload.cause.swap(Some(cause)));
                payload.suppress_context.store(true, Relaxed);
            }
            Err(raise::again(t, e))
        }
    }
}
