//! Generators, coroutines and asynchronous generators: frames that outlive their caller's expression.
//!
//! A generator's frame, with its locals and its operand stack, is the end of the generator's own memory. Who wants to run it
//! takes its `claim` (`sync::claim`); whoever finds it taken raises ValueError. Who only looks at it (`with_frame`) is waited for.
//! While suspended, the difference of the frame's `ip` and `start` says where to go on; both may point into a quickened copy
//! that is gone by then, because the next thread to run it has a copy of its own.
//!
//! What a suspended frame holds is published when the generator is (`Header::publish`, by `publish_frame`; a generator that
//! is published already publishes it at each yield): until then the generator, and all that only its frame names, is the
//! thread's own. Its words may be borrowed: from its own locals, and from nobody if the object is sharded or immortal; for
//! those the collector looks (`frame_words`).

use super::eval::{self, Exit, Start};
use super::frame::{self, Frame, Return};
use super::quicken::{self, Cache};
use super::stack::{self, Word};
use crate::bytecode::code::Code;
use crate::bytecode::opcode::{Intrinsic, Op, encode};
use crate::bytecode::unit::flags;
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::exception::{BaseException, visit_slot};
use crate::object::header::{Header, Object, flag};
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{Sent, Visit};
use crate::object::thread::{Handling, Thread};
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, hooks, protocol, tuple};
use crate::sync::claim::{Busy, CREATED, Claim, FINISHED, RUNNING, SUSPENDED};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::sync::slot::Counted;
use crate::types::iteration::is_shared;
use std::cell::UnsafeCell;

/// The payload of generators, coroutines and asynchronous generators. Locals and operand stack follow.
#[repr(C)]
pub struct Generator {
    claim: Claim,
    /// Whether an asynchronous generator has run its first-iteration hook.
    pub hooks_done: AtomicBool,
    /// Whether an asynchronous generator is being driven (`ag_running`), or is closed.
    pub driven: AtomicBool,
    pub closed: AtomicBool,
    handling: Handling,
    /// `__name__` and `__qualname__`, where they are not the code's.
    pub name: Slot,
    pub qualname: Slot,
    /// `cr_origin`; asynchronous generators' finaliser hook.
    pub extra: Slot,
    /// Touched by whoever took the claim, and by the collector.
    frame: UnsafeCell<Frame>,
}

// SAFETY: the cells are guarded by `claim` as the module's documentation says.
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
        // What a running generator's frame holds is reachable by its counts.
        if matches!(self.claim.state(), CREATED | SUSPENDED) {
            // SAFETY: the world is stopped and nobody runs the generator.
            unsafe {
                if let Some(v) = &*self.handling.exception.as_ptr() {
                    visit(v);
                }
                each_word(self.frame(), |w| {
                    if stack::is_owned(w) {
                        visit(&stack::view(w));
                    }
                });
            }
        }
    }

    fn clear(&self) {
        if self.claim.state() != FINISHED && matches!(self.claim.end(), CREATED | SUSPENDED) {
            // SAFETY: nobody else can reach the generator.
            unsafe {
                drop(self.handling.exception.take());
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

/// Calls `f` with the words of a frame that does not run (null ones as well).
///
/// # Safety
/// The frame is alive, and nobody runs it.
unsafe fn each_word(frame: *mut Frame, mut f: impl FnMut(Word)) {
    // SAFETY: by the caller: the words up to `sp` were written.
    unsafe {
        for w in [(*frame).function, (*frame).namespace, (*frame).object] {
            f(w);
        }
        let mut at = Frame::locals(frame);
        while at < (*frame).sp {
            f(*at);
            at = at.add(1);
        }
    }
}

/// Publishes what a frame that does not run holds. Generators among it are published with their frames in turn, one after
/// the other: they may form a long chain.
///
/// # Safety
/// As `each_word`.
unsafe fn publish_words(frame: *mut Frame, more: &mut Vec<*const Header>) {
    // SAFETY: by the caller; a word that is a pointer names a living object.
    unsafe {
        each_word(frame, |w| {
            if stack::is_pointer(w) {
                let v = stack::view(w);
                match v.header() {
                    Some(header) if header.has_flag(flag::HAS_FRAME) => more.push(header),
                    _ => v.publish(),
                }
            }
        });
    }
}

/// `Hooks::publish_frame`.
pub fn publish_frame(header: &Header) {
    let mut chain = vec![std::ptr::from_ref(header)];
    while let Some(next) = chain.pop() {
        // SAFETY: alive: the frame that it was found in holds it; only generators have the flag.
        unsafe {
            if (*next).has_flag(flag::PUBLISHED) {
                continue;
            }
            // Before its contents: it may be among them. Nobody else sees either until our caller stores the first.
            (*next).set_flag(flag::PUBLISHED);
            let g = (*next).payload::<Generator>();
            // One that runs does it when it yields.
            if matches!(g.claim.state(), CREATED | SUSPENDED) {
                g.publish_words(&mut chain);
            }
        }
    }
}

/// `Hooks::frame_words`.
pub fn frame_words(header: &Header, visit: &mut dyn FnMut(u64)) {
    // SAFETY: only generators have such a flag; the world is stopped.
    unsafe {
        let g = header.payload::<Generator>();
        visit(Object::header_of(g.code()).as_value().bits());
        if !g.is_finished() {
            each_word(g.frame(), visit);
        }
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

/// Releases the operands of a suspended frame.
///
/// # Safety
/// Nobody runs the frame.
unsafe fn empty_stack(frame: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let base = Frame::locals(frame).add((*frame).code().local_count());
        while (*frame).sp > base {
            (*frame).sp = (*frame).sp.sub(1);
            stack::release(*(*frame).sp);
        }
    }
}

/// Releases the words of a suspended frame.
///
/// # Safety
/// Nobody runs the frame.
unsafe fn empty(frame: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        empty_stack(frame);
        frame::clear(frame);
    }
}

impl Generator {
    #[inline(always)]
    pub(super) fn frame(&self) -> *mut Frame {
        self.frame.get()
    }

    /// Publishes what the frame holds, and what the generator handles.
    ///
    /// # Safety
    /// Nobody else runs the generator, and the frame is saved.
    unsafe fn publish_words(&self, more: &mut Vec<*const Header>) {
        // SAFETY: by the caller.
        unsafe {
            if let Some(v) = &*self.handling.exception.as_ptr() {
                v.publish();
            }
            publish_words(self.frame(), more);
        }
    }

    /// Publishes what the frame holds, of a generator that is published already.
    ///
    /// # Safety
    /// As `publish_words`.
    #[cold]
    unsafe fn publish_again(&self) {
        let mut more = Vec::new();
        // SAFETY: by the caller.
        unsafe { self.publish_words(&mut more) };
        for header in more {
            // SAFETY: the frame holds it.
            unsafe { (*header).publish() };
        }
    }

    fn is_published(&self) -> bool {
        // SAFETY: generators exist only as payloads of objects.
        unsafe { Object::header_of(self) }.has_flag(flag::PUBLISHED)
    }

    /// `__name__`.
    pub fn name(&self) -> Value {
        self.name.load().unwrap_or_else(|| (*self.code().name).clone())
    }

    /// `__qualname__`.
    pub fn qualname(&self) -> Value {
        self.qualname.load().unwrap_or_else(|| (*self.code().qualname).clone())
    }

    /// The code. Nobody counts it for the generator: the collector looks (`frame_words`).
    #[inline(always)]
    pub fn code(&self) -> &Code {
        // SAFETY: the frame's code never changes, and lives as long as the generator.
        unsafe { &*(*self.frame()).code }
    }

    pub fn is_running(&self) -> bool {
        self.claim.state() == RUNNING
    }

    pub fn is_finished(&self) -> bool {
        self.claim.state() == FINISHED
    }

    pub fn is_created(&self) -> bool {
        self.claim.state() == CREATED
    }

    pub fn is_suspended(&self) -> bool {
        self.claim.state() == SUSPENDED
    }

    fn is_shared(&self) -> bool {
        // SAFETY: generators exist only as payloads of objects.
        is_shared(unsafe { Object::header_of(self) })
    }

    /// Takes the claim; answers the state before, or None if it is taken, or looked at by another thread: the caller goes the
    /// slow way then, which ends in `claim_at_last`.
    #[inline(always)]
    pub(super) fn claim(&self) -> Option<u8> {
        self.claim.take(self.is_shared()).ok()
    }

    /// Takes the claim, after others have looked; answers the state before, or None if it is taken already.
    fn claim_at_last(&self) -> Option<u8> {
        self.after_looks(|| self.claim.take(self.is_shared()))
    }

    /// Tries `attempt` until nobody else looks at the generator meanwhile.
    fn after_looks<R>(&self, attempt: impl Fn() -> Result<R, Busy>) -> Option<R> {
        loop {
            match attempt() {
                Ok(result) => return Some(result),
                Err(Busy::Running) => return None,
                // Detached: the looker may have to stop for somebody.
                Err(Busy::LookedAt) => Thread::current().detached_until(
                    || (!self.claim.is_looked_at()).then_some(()),
                    || {
                        while self.claim.is_looked_at() {
                            std::thread::yield_now();
                        }
                    },
                ),
            }
        }
    }

    /// Runs `f`, which runs no Python code, with the suspended frame, which nobody takes meanwhile; None while it runs or after
    /// its end.
    pub fn with_frame<R>(&self, f: impl FnOnce(*mut Frame) -> R) -> Option<R> {
        let before = self.after_looks(|| self.claim.look(self.is_shared()))?;
        if before == FINISHED {
            return None;
        }
        // Published meanwhile, perhaps, by this thread: its frame with it, since it does not run.
        let result = f(self.frame());
        self.claim.give(before);
        Some(result)
    }

    /// As `while_running`; the generator's frame is the caller's of what runs.
    fn while_innermost<R>(&self, t: &Thread, f: impl FnOnce() -> R) -> Option<R> {
        self.while_running(|| {
            let (frame, below) = (self.frame(), t.frame.get());
            // SAFETY: the claim is ours, so the frame stays alive, saved as it was suspended, and nobody else looks at it.
            unsafe { (*frame).previous = below.cast() };
            t.frame.set(frame.cast());
            let result = f();
            t.frame.set(below);
            // SAFETY: as above.
            unsafe { (*frame).previous = std::ptr::null_mut() };
            result
        })
    }

    /// Calls into what the suspended generator delegates to; the generator counts as running meanwhile. None where it is
    /// not suspended.
    fn while_running<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        match self.claim_at_last()? {
            SUSPENDED => {}
            FINISHED => return None,
            before => {
                self.claim.give(before);
                return None;
            }
        }
        let result = f();
        // Published meanwhile, perhaps.
        // SAFETY: the claim is ours; the frame is as it was saved.
        self.claim.suspend(self.is_published(), || unsafe { self.publish_again() });
        Some(result)
    }

    /// Ends a suspended generator that would not notice GeneratorExit: it delegates to nothing, and no handler of its own
    /// covers its place. False for any other.
    fn end_unguarded(&self) -> bool {
        match self.claim_at_last() {
            None | Some(FINISHED) => return false,
            Some(SUSPENDED) => {}
            Some(before) => {
                self.claim.give(before);
                return false;
            }
        }
        let frame = self.frame();
        // SAFETY: claimed.
        unsafe {
            if delegate_of(frame).is_some() || is_guarded(frame) {
                self.claim.give(SUSPENDED);
                return false;
            }
            let handled = self.handling.exception.take();
            self.claim.give(FINISHED);
            // Its frame object, if it has one, is left without locals, as in CPython.
            empty_stack(frame);
            for i in 0..(*frame).code().local_count() {
                stack::release(std::mem::replace(&mut *Frame::locals(frame).add(i), 0));
            }
            frame::clear(frame);
            drop(handled);
        }
        true
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
    use crate::bytecode::opcode;
    // SAFETY: by the caller.
    unsafe {
        let code = (*frame).code();
        let word = *code.instructions.get((*frame).lasti())?;
        let inner = Op::decode(word) == Some(Op::YIELD_VALUE) && opcode::arg(word) == 1;
        let base = Frame::locals(frame).add(code.local_count());
        (inner && (*frame).sp > base).then(|| stack::copy(*(*frame).sp.sub(1)))
    }
}

/// Whether a handler covers a frame's place, other than the one of every generator that turns StopIteration into RuntimeError.
///
/// # Safety
/// The frame is suspended and claimed.
unsafe fn is_guarded(frame: *mut Frame) -> bool {
    const OWN: u32 = encode(Op::CALL_INTRINSIC_1, Intrinsic::StopIterationError as u32);
    // SAFETY: by the caller.
    let (code, place) = unsafe { ((*frame).code(), (*frame).lasti()) };
    code.handler(place).is_some_and(|handler| code.instructions.get(handler.target as usize) != Some(&OWN))
}

/// Moves a frame that has just begun into a new generator (or coroutine, by the code's flags).
///
/// # Safety
/// `frame` is the innermost frame, on the thread's stack, with an empty operand stack. It is left empty.
pub unsafe fn from_frame(t: &Thread, frame: *mut Frame) -> Value {
    // SAFETY: by the caller; the words of the frame move to the generator's, where only sharded objects are borrowed.
    unsafe {
        let code = (*frame).code();
        let count = code.local_count();
        let class = if code.has_flag(flags::COROUTINE) {
            &core_types::COROUTINE
        } else if code.has_flag(flags::ASYNC_GENERATOR) {
            &core_types::ASYNC_GENERATOR
        } else {
            &core_types::GENERATOR
        };
        let function = (*frame).function();
        // Seldom another: somebody has renamed the function.
        let renamed = |slot: &Slot, own: &Value| {
            if slot.word() == own.bits() { Slot::empty() } else { Slot::from_option(slot.load()) }
        };
        let (name, qualname) = (renamed(&function.name, &code.name), renamed(&function.qualname, &code.qualname));
        let words = count + code.stack_size as usize;
        let v = alloc::new_with_words(class, words, |words: *mut Word| {
            for i in 0..count {
                words.add(i).write_volatile(stack::keep(*Frame::locals(frame).add(i)));
            }
            Generator {
                claim: Claim::new(CREATED),
                hooks_done: AtomicBool::new(false),
                driven: AtomicBool::new(false),
                closed: AtomicBool::new(false),
                handling: Handling::default(),
                name,
                qualname,
                extra: Slot::empty(),
                frame: UnsafeCell::new(Frame {
                    code: (*frame).code,
                    previous: std::ptr::null_mut(),
                    start: (*frame).start,
                    ip: (*frame).ip,
                    sp: words.add(count),
                    caches: std::ptr::null_mut(),
                    function: stack::keep((*frame).function),
                    namespace: stack::keep((*frame).namespace),
                    object: 0,
                    generator: 0,
                    instance: 0,
                    action: Return::ToRust,
                }),
            }
        });
        let header = v.header_unchecked();
        header.set_private_flag(flag::HAS_FRAME);
        let new = header.payload::<Generator>().frame();
        (*new).generator = v.bits();
        if (*frame).object != 0 {
            super::frame_object::repoint(frame, new);
        }
        if t.origin_depth.get() > 0 && code.has_flag(flags::COROUTINE) {
            header.payload::<Generator>().extra.init(callers(t, (*frame).previous));
        }
        v
    }
}

/// `cr_origin`: the places of the innermost frames from `frame` on, as many as the thread wants to know.
///
/// # Safety
/// The frame is alive, on this thread, or null.
#[cold]
unsafe fn callers(t: &Thread, mut frame: *mut Frame) -> Value {
    let mut places = Vec::new();
    while !frame.is_null() && places.len() < t.origin_depth.get() as usize {
        // SAFETY: by the caller; frames below a living one live.
        unsafe {
            let code = (*frame).code();
            let line = Value::int(code.location((*frame).lasti()).line.into());
            places.push(tuple::from_array([Value::clone(&code.filename), line, Value::clone(&code.name)]));
            frame = (*frame).previous;
        }
    }
    tuple::from_vec(places)
}

/// Claims a generator for a `FOR_ITER` step; with the state before. None: the slow way, by the type's slot.
#[inline]
pub fn start_step(iterator: &Value) -> Option<(&Generator, u8)> {
    let g = iterator.downcast_exact::<Generator>()?;
    g.claim().filter(|before| *before != FINISHED).map(|before| (g, before))
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
pub(super) unsafe fn start(
    t: &Thread,
    g: &Generator,
    caller: *mut Frame,
    action: Return,
    sent: Word,
    (start, caches): (*const u32, *mut [Cache; 2]),
) -> *mut Frame {
    let frame = g.frame();
    // SAFETY: claimed: the frame is ours.
    unsafe {
        let index = ((*frame).ip as usize - (*frame).start as usize) / size_of::<u32>();
        (*frame).start = start;
        (*frame).ip = start.add(index);
        (*frame).caches = caches;
        (*frame).previous = caller;
        (*frame).action = action;
        *(*frame).sp = sent;
        (*frame).sp = (*frame).sp.add(1);
        t.resume_handling(&g.handling);
    }
    t.frame.set(frame.cast());
    t.depth.set(t.depth.get() + 1);
    frame
}

/// `SEND` to the generator or coroutine that the word names, of what lies on top of the caller's stack: the generator's
/// frame, made the innermost. None, with nothing changed: another receiver, or one that is running, at its end, or too deep.
///
/// # Safety
/// As `enter`, for that generator; the caller's frame is saved.
#[inline(always)]
pub unsafe fn send_step(t: &Thread, caller: *mut Frame, receiver: Word) -> Option<*mut Frame> {
    // SAFETY: by the caller; both types carry the payload.
    unsafe {
        let header = stack::header(receiver)?;
        let class = header.class();
        if !std::ptr::eq(class, &*core_types::COROUTINE) && !std::ptr::eq(class, &*core_types::GENERATOR) {
            return None;
        }
        let g = header.payload::<Generator>();
        if !frame::has_room(t, t.stack_top.get(), 0) || g.claim()? == FINISHED {
            return None;
        }
        (*caller).sp = (*caller).sp.sub(1);
        let sent = stack::keep(*(*caller).sp);
        Some(start(t, g, caller, Return::Send, sent, quicken::enter(t, g.code())))
    }
}

/// The yield of `yield from` and `await`; `SEND` is before it, `RESUME` and the jump back to `SEND` behind.
const YIELD_INNER: u32 = encode(Op::YIELD_VALUE, 1);

/// Does the steps of a generator just made the innermost that go straight to what it delegates to: `RESUME`, the jump back,
/// and `SEND`. None, with nothing changed, where it stands elsewhere or `send_step` answers so.
///
/// # Safety
/// `start` has answered the frame just now.
#[inline(always)]
pub unsafe fn delegate_step(t: &Thread, frame: *mut Frame) -> Option<*mut Frame> {
    // SAFETY: by the caller: at least `RETURN_GENERATOR` is before the place, and an instruction before a `YIELD_VALUE`.
    unsafe {
        let resumed = (*frame).ip;
        // None of them is another where somebody watches it.
        let is = |at: *const u32, op: Op| *at as u8 == op as u8;
        if *resumed.sub(1) != YIELD_INNER
            || !is(resumed.sub(2), Op::SEND)
            || !is(resumed, Op::RESUME)
            || !is(resumed.add(1), Op::JUMP_BACKWARD)
        {
            return None;
        }
        (*frame).ip = resumed.sub(1);
        let inner = send_step(t, frame, *(*frame).sp.sub(2));
        if inner.is_none() {
            (*frame).ip = resumed;
        }
        inner
    }
}

/// Whether a frame that has got a value by `SEND` does no more than yield it in its turn; then it is past that.
///
/// # Safety
/// The frame is the innermost, and saved.
#[inline(always)]
pub unsafe fn passes_on(frame: *mut Frame) -> bool {
    // SAFETY: by the caller.
    unsafe {
        let passes = *(*frame).ip == YIELD_INNER && (*frame).action != Return::Sink;
        if passes {
            (*frame).ip = (*frame).ip.add(1);
        }
        passes
    }
}

/// Makes a claimed generator's frame the innermost, with the sent value pushed; `before` is what the claim has answered.
///
/// # Safety
/// The generator was claimed; it stays alive until it yields or ends (the caller's stack holds it).
#[inline]
pub unsafe fn enter(
    t: &Thread,
    (g, before): (&Generator, u8),
    caller: *mut Frame,
    action: Return,
    sent: Value,
) -> PyResult<*mut Frame> {
    // SAFETY: claimed: the frame is ours.
    unsafe {
        if let Err(raised) = frame::check_room(t, t.stack_top.get(), 0) {
            g.claim.give(before);
            return Err(raised);
        }
        let code = &*(*g.frame()).code;
        Ok(start(t, g, caller, action, sent.into_bits(), quicken::enter(t, code)))
    }
}

/// The generator that owns a frame.
pub(super) unsafe fn owner<'a>(frame: *mut Frame) -> &'a Generator {
    // SAFETY: a generator's frame names its generator, which whoever runs it keeps alive.
    unsafe { (*((*frame).generator as *const crate::object::header::Header)).payload::<Generator>() }
}

/// Leaves a generator's frame: restores what the caller was handling.
#[inline(always)]
unsafe fn leave(t: &Thread, frame: *mut Frame) {
    t.suspend_handling();
    // SAFETY: the frame is the innermost.
    t.frame.set(unsafe { (*frame).previous }.cast());
    t.depth.set(t.depth.get() - 1);
}

/// Suspends a generator's frame at a yield; answers how and where to go on.
///
/// # Safety
/// `frame` is the innermost frame, a generator's, and saved.
#[inline(always)]
pub unsafe fn suspend(t: &Thread, frame: *mut Frame) -> (Return, *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let g = owner(frame);
        leave(t, frame);
        let (action, previous) = ((*frame).action, (*frame).previous);
        (*frame).previous = std::ptr::null_mut();
        // Others can see what the frame holds from here on.
        g.claim.suspend(g.is_published(), || g.publish_again());
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
        leave(t, frame);
        let own = g.handling.exception.take();
        g.claim.give(FINISHED);
        let header = Object::header_of(g);
        if !header.has_flag(flag::PUBLISHED) {
            // Nothing is left to finalise.
            header.set_private_flag(flag::FINALIZED);
        }
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
    let before = match g.claim_at_last() {
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
        g.claim.give(CREATED);
        return Err(raise::type_error(t, format!("can't send non-None value to a just-started {kind}")));
    }
    let keep = v.clone();
    // SAFETY: claimed; `keep` holds the generator.
    let exit = unsafe {
        let frame = enter(t, (g, before), t.frame.get().cast(), Return::ToRust, sent)?;
        let start = match raised {
            Some(raised) => {
                // The value pushed by `enter` is dropped by unwinding. What the generator is handling is the context.
                let handled = t.handled.take();
                let handles = handled.is_some();
                t.handled.set(handled);
                let raised = if handles { raise::value(t, raise::take(t, raised)) } else { raised };
                Start::Raise(super::monitor::raising::thrown(t, frame, raised))
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
            let call = || protocol::call_values(t, &method, std::slice::from_ref(&exception));
            let thrown = g.while_innermost(t, call);
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
    use crate::bytecode::opcode;
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
            (*frame).ip = (*frame).start.wrapping_add(target);
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
    if g.claim.take_from(CREATED) {
        g.claim.give(FINISHED);
        // SAFETY: claimed above; nobody runs it any more.
        unsafe { empty(g.frame()) };
        return Ok(Value::NONE);
    }
    if g.end_unguarded() {
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
        warn_unawaited(t, v, g);
    }
    if let Err(raised) = close(t, v) {
        let e = raise::take(t, raised);
        (hooks::get().unraisable)(t, e, "", Some(v));
    }
}

/// Warns of a coroutine that nobody has awaited: by `warnings._warn_unawaited_coroutine`, which knows where it was made, or
/// plainly where that fails.
fn warn_unawaited(t: &Thread, v: &Value, g: &Generator) {
    let report = |raised| {
        let e = raise::take(t, raised);
        (hooks::get().unraisable)(t, e, "", Some(v));
    };
    let by_library = || -> PyResult<bool> {
        let module = match (hooks::get().import)(t, "warnings") {
            Ok(module) => module,
            // At the end of the process.
            Err(raised) => return raise::suppress(t, raised, &exc::IMPORT_ERROR).map(|()| false),
        };
        match protocol::lookup_attr(t, &module, &crate::object::names::intern("_warn_unawaited_coroutine"))? {
            Some(warn) => protocol::call_values(t, &warn, std::slice::from_ref(v)).map(|_| true),
            None => Ok(false),
        }
    };
    match by_library() {
        Ok(true) => return,
        Ok(false) => {}
        Err(raised) => {
            // A warning that is an error is one.
            let warned = raise::matches(t, &raised, &exc::RUNTIME_WARNING);
            report(raised);
            if warned {
                return;
            }
        }
    }
    let name = g.qualname();
    let message = format!("coroutine '{}' was never awaited", crate::object::str::lossy(&name));
    if let Err(raised) = (hooks::get().warn)(t, &exc::RUNTIME_WARNING.to_value(), &message, 1) {
        report(raised);
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
        && g.code().has_flag(flags::ITERABLE_COROUTINE)
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
