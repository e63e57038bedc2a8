//! Frames: the activation records of Python code, on the thread's own stack or in a generator.
//!
//! A frame is a `Frame`, then its locals (cells and free variables included), then its operand stack. Calls push the
//! callee's frame where the caller's operand stack ends; generators carry theirs in a block of their own.

use super::quicken::Cache;
use super::stack::{self, Word};
use crate::bytecode::code::Code;
use crate::object::dict::Dict;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::function::Function;

/// What a frame does when it returns or yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Return {
    /// Leaves the loop: the frame was entered from Rust.
    ToRust,
    /// Pushes the result on the caller's stack.
    Push,
    /// Drops the result (None, checked) and pushes the instance: `__init__`.
    Init,
    /// The caller's `FOR_ITER` drives this generator.
    ForIter,
    /// The caller's `SEND` drives this generator.
    Send,
    /// As `Push`; a StopIteration that leaves the frame ends the caller's `FOR_ITER`: `__next__`.
    Next,
    /// A native function drives this generator; `instance` points to its `generator::Sink`.
    Sink,
}

/// See the module's documentation.
#[repr(C)]
pub struct Frame {
    pub code: *const Code,
    /// The frame below on this thread, or null.
    pub previous: *mut Frame,
    /// The first instruction: the code's, or that of the thread's quickened copy. Jumps count from it.
    pub start: *const u32,
    /// The next instruction, as last saved.
    pub ip: *const u32,
    /// The operand stack's end, as last saved.
    pub sp: *mut Word,
    /// The quickened code's caches; null while the code is cold.
    pub caches: *mut [Cache; 2],
    /// The function that is running, owned or borrowed.
    pub function: Word,
    /// The local namespace of class and module bodies; null in functions.
    pub namespace: Word,
    /// The frame object, once somebody asked for it; owned.
    pub object: Word,
    /// The generator that owns this frame, uncounted; null on the thread's stack.
    pub generator: Word,
    /// The instance that `Return::Init` pushes, owned; or what `Return::Sink` says.
    pub instance: Word,
    pub action: Return,
}

/// Words of a `Frame`.
pub const FRAME_WORDS: usize = size_of::<Frame>() / 8;

impl Frame {
    /// The first local.
    #[inline(always)]
    pub fn locals(this: *mut Frame) -> *mut Word {
        this.cast::<Word>().wrapping_add(FRAME_WORDS)
    }

    /// The code. Code objects are freed by the collector only, and not while a frame runs them.
    #[inline(always)]
    pub fn code(&self) -> &Code {
        // SAFETY: see above.
        unsafe { &*self.code }
    }

    /// The function.
    #[inline(always)]
    pub fn function(&self) -> &Function {
        // SAFETY: set to a function by `push`; the frame keeps it alive.
        unsafe { (*stack::address(self.function)).payload::<Function>() }
    }

    /// The globals.
    #[inline(always)]
    pub fn globals(&self) -> &Dict {
        // SAFETY: functions are made with a dict for globals (checked in `types::function::new`'s callers).
        unsafe { self.function().globals.payload::<Dict>() }
    }

    /// The builtins.
    #[inline(always)]
    pub fn builtins(&self) -> &Dict {
        // SAFETY: as for globals.
        unsafe { self.function().builtins.payload::<Dict>() }
    }

    /// Index of the instruction word that is executing, as last saved: the one before `ip`.
    pub fn lasti(&self) -> usize {
        // As numbers: of a suspended generator they may point into a copy that is gone.
        let next = (self.ip as usize - self.start as usize) / size_of::<u32>();
        next.saturating_sub(1)
    }

    /// Present locals by name: (name, value), cells looked into.
    ///
    /// # Safety
    /// `this` is a live frame of the calling thread or of a stopped generator.
    pub unsafe fn local_entries(this: *mut Frame) -> Vec<(Value, Value)> {
        // SAFETY: by the caller.
        let (code, held) = unsafe { ((*this).code(), Frame::held_entries(this).into_iter()) };
        held.filter_map(|(i, v)| Some(((*code.local_names[i]).clone(), local_value(code, i, v)?))).collect()
    }

    /// The indices of the locals that are set, and what the frame holds for them: cells where they are shared.
    ///
    /// # Safety
    /// As `local_entries`.
    pub unsafe fn held_entries(this: *mut Frame) -> Vec<(usize, Value)> {
        // SAFETY: by the caller.
        let code = unsafe { (*this).code() };
        let mut entries = Vec::new();
        for i in 0..code.local_count() {
            // SAFETY: a frame has that many locals.
            let w = unsafe { *Frame::locals(this).add(i) };
            if w == 0 || code.local_kinds[i] & crate::bytecode::unit::kind::HIDDEN != 0 {
                continue;
            }
            entries.push((i, stack::copy(w)));
        }
        entries
    }
}

/// Kinds of locals that hold a cell once `MAKE_CELL` or `COPY_FREE_VARS` ran.
pub const CELL_OR_FREE: u8 = crate::bytecode::unit::kind::CELL | crate::bytecode::unit::kind::FREE;

/// The value of a local that a frame holds as `v`: the contents of its cell, if there are any.
pub fn local_value(code: &Code, index: usize, v: Value) -> Option<Value> {
    match v.downcast::<crate::types::cell::Cell>() {
        Some(cell) if code.local_kinds[index] & CELL_OR_FREE != 0 => cell.contents.load(),
        _ => Some(v),
    }
}

/// Address space of a thread's frame stack.
const STACK_BYTES: usize = 256 << 20;

/// The address space of a thread's frames. Pages are touched as they are used.
pub struct FrameStack(*mut Word);

// SAFETY: a mapping that nobody else knows.
unsafe impl Send for FrameStack {}

impl FrameStack {
    /// None where the address space is used up.
    pub fn reserve() -> Option<FrameStack> {
        crate::sys::memory::reserve(STACK_BYTES).map(|base| FrameStack(base.cast()))
    }

    /// Makes it the thread's, until `release_stack`.
    pub fn install(self, t: &Thread) {
        t.stack_top.set(self.0);
        t.stack_end.set(self.0.wrapping_add(STACK_BYTES / 8));
        std::mem::forget(self);
    }
}

impl Drop for FrameStack {
    fn drop(&mut self) {
        // SAFETY: reserved with this size; no thread has it.
        unsafe { crate::sys::memory::release(self.0.cast(), STACK_BYTES) }
    }
}

/// Visits the words of a stopped thread's frames: their locals and operands, and what lies above the innermost one, where
/// arguments of a call are being laid out (there words may be leftovers). An instruction that may stop its thread has saved
/// the frame's stack pointer above its operands.
pub fn stack_words(t: &Thread, visit: &mut dyn FnMut(u64)) {
    let mut visit_range = |mut at: *mut Word, end: *mut Word| {
        while at < end {
            // SAFETY: the words between a frame's start and the stack's top were written; the thread is stopped (or the caller).
            visit(unsafe { *at });
            at = at.wrapping_add(1);
        }
    };
    // The end of the innermost frame that lies on the stack.
    let mut top = None;
    let mut frame = t.frame.get().cast::<Frame>();
    while !frame.is_null() {
        // SAFETY: as above; the frames of running generators are alive.
        unsafe {
            for field in [&raw mut (*frame).function, &raw mut (*frame).namespace, &raw mut (*frame).instance] {
                visit_range(field, field.add(1));
            }
            visit_range(Frame::locals(frame), (*frame).sp);
            if (*frame).generator == 0 && top.is_none() {
                let words = (*frame).code().local_count() + (*frame).code().stack_size as usize;
                top = Some(Frame::locals(frame).add(words));
            }
            frame = (*frame).previous;
        }
    }
    let end = t.stack_end.get();
    if !end.is_null() {
        visit_range(top.unwrap_or(end.wrapping_sub(STACK_BYTES / 8)), t.stack_top.get());
    }
}

/// Gives the frame stack back. No frame is active.
pub fn release_stack(t: &Thread) {
    let end = t.stack_end.replace(std::ptr::null_mut());
    t.stack_top.set(std::ptr::null_mut());
    if !end.is_null() {
        drop(FrameStack(end.wrapping_sub(STACK_BYTES / 8)));
    }
}

/// Raises RecursionError if a frame of `words` more words, or one more level, is too much.
#[inline(always)]
pub fn check_room(t: &Thread, top: *mut Word, words: usize) -> PyResult<()> {
    if has_room(t, top, words) { Ok(()) } else { Err(too_deep(t)) }
}

/// Whether `check_room` would succeed.
#[inline(always)]
pub fn has_room(t: &Thread, top: *mut Word, words: usize) -> bool {
    // A few words more than the frame has: what lays out arguments uses them. No sum wraps: code has at most 2^25 words.
    let end = top as usize + 8 * (words + FRAME_WORDS + 64);
    end <= t.stack_end.get() as usize && t.depth.get() < t.recursion_limit.get()
}

#[cold]
fn too_deep(t: &Thread) -> raise::Raised {
    // Room for what handles the error.
    let limit = t.recursion_limit.get();
    t.recursion_limit.set(limit.saturating_add(50));
    let raised = raise::recursion_error(t, "maximum recursion depth exceeded");
    t.recursion_limit.set(limit);
    raised
}

/// Drops what a finished frame holds: locals, function, namespace, frame object's link.
///
/// # Safety
/// The frame has ended; its operand stack is empty.
#[inline(always)]
pub unsafe fn clear(this: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        if (*this).object != 0 {
            super::frame_object::detach(this);
        }
        let locals = Frame::locals(this);
        for i in 0..(*this).code().local_count() {
            let w = *locals.add(i);
            stack::release(w);
        }
        stack::release((*this).namespace);
        stack::release((*this).function);
    }
}
