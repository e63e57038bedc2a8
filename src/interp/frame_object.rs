//! Frame objects: what Python sees of a frame, also after it has ended.
//!
//! While the frame runs, the object points to it, and only the frame's own thread looks through the pointer (others see
//! what does not change: code and function). A generator's frame that nobody runs is looked at by any thread, which claims the
//! generator meanwhile: the object names it, uncounted, and publishes it, so that it can be counted first. When the frame ends and somebody still has the object (a traceback, most
//! often), `detach` moves what is left into it: the locals, to slots behind the payload; position; the caller's frame object.

use super::frame::{CELL_OR_FREE, Frame, local_value};
use super::stack;
use crate::bytecode::code::Code;
use crate::bytecode::unit::{flags, kind};
use crate::object::alloc;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::exception::visit_slot;
use crate::object::header::Header;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::thread::{self, Thread};
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Stored, Value};
use crate::sync::shim::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, Ordering::*};
use crate::sync::slot::Counted;
use crate::types::function::Function;

/// The payload of frame objects. `count` slots follow.
#[repr(C)]
pub struct FrameObject {
    /// The living frame, or null.
    frame: AtomicPtr<Frame>,
    /// The thread that runs the frame; 0 for a generator's, which any thread may run.
    thread: AtomicU32,
    /// The address of that generator, which points the frame elsewhere (`detach`) before its memory is retired.
    generator: AtomicU64,
    /// How many locals the code has.
    count: u32,
    pub code: Stored,
    function: Stored,
    /// Once detached: the caller's frame object, the namespace or (once somebody asked for it) the dict of the locals, and
    /// where the frame was.
    back: Slot,
    locals: Slot,
    lasti: AtomicI64,
    /// `f_trace`, `f_trace_lines`, `f_trace_opcodes`.
    pub trace_function: Slot,
    pub trace_lines: AtomicBool,
    pub trace_opcodes: AtomicBool,
}

// SAFETY: `FRAME`'s layout is `FrameObject`.
unsafe impl Payload for FrameObject {
    fn layout_type() -> &'static Type {
        &core_types::FRAME
    }

    fn trace(&self, visit: Visit) {
        visit(&self.code);
        visit(&self.function);
        for slot in [&self.back, &self.locals, &self.trace_function] {
            visit_slot(slot, visit);
        }
        for slot in self.held() {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in [&self.back, &self.locals, &self.trace_function] {
            drop(slot.take());
        }
        for slot in self.held() {
            drop(slot.take());
        }
    }
}

impl Drop for FrameObject {
    fn drop(&mut self) {
        for slot in self.held() {
            drop(slot.take());
        }
    }
}

/// The object of a frame, made on first demand.
///
/// # Safety
/// The frame is alive, on this thread (or a generator claimed by it).
pub unsafe fn of(t: &Thread, frame: *mut Frame) -> Value {
    // SAFETY: by the caller.
    unsafe {
        if (*frame).object != 0 {
            return stack::copy((*frame).object);
        }
        // The frame may run code that `__code__` no longer names.
        let code = (*frame).code();
        let count = code.local_count();
        let is_generator = (*frame).generator != 0;
        let v = alloc::new_with_tail(&core_types::FRAME, count * size_of::<Slot>(), |tail| {
            for i in 0..count {
                tail.cast::<Slot>().add(i).write(Slot::empty());
            }
            FrameObject {
                frame: AtomicPtr::new(frame),
                thread: AtomicU32::new(if is_generator { 0 } else { t.id }),
                generator: AtomicU64::new((*frame).generator),
                count: count as u32,
                code: Stored::new(code.as_value()),
                function: Stored::new(stack::copy((*frame).function)),
                back: Slot::empty(),
                locals: Slot::empty(),
                lasti: AtomicI64::new(-1),
                trace_function: Slot::empty(),
                trace_lines: AtomicBool::new(true),
                trace_opcodes: AtomicBool::new(false),
            }
        });
        if is_generator {
            // The generator may be published already, and its frame with it. From now on others find it through the object.
            v.publish();
            (*((*frame).generator as *const Header)).publish();
        }
        (*frame).object = v.clone().into_bits();
        v
    }
}

/// The payload behind a frame's object word.
unsafe fn payload<'a>(frame: *mut Frame) -> &'a FrameObject {
    // SAFETY: the word is a frame object that the frame keeps alive.
    unsafe { (*((*frame).object as *const Header)).payload::<FrameObject>() }
}

/// Points the object of a frame that moves (into a generator) at its new place.
///
/// # Safety
/// `frame.object` is set.
pub unsafe fn repoint(frame: *mut Frame, new: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let object = payload(frame);
        object.generator.store((*new).generator, Release);
        object.frame.store(new, Release);
        object.thread.store(0, Release);
        (*new).object = std::mem::replace(&mut (*frame).object, 0);
        // As in `of`.
        (*((*new).generator as *const Header)).publish();
    }
}

/// Cuts the object off a frame that ends: moves into it what Python may still ask for.
///
/// # Safety
/// `frame.object` is set; the frame's locals are still there.
#[cold]
pub unsafe fn detach(frame: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let object = payload(frame);
        let word = std::mem::replace(&mut (*frame).object, 0);
        // Nobody else holds it: nothing to keep.
        if !(*(word as *const Header)).counts().is_unique(thread::id()) {
            object.lasti.store((*frame).lasti() as i64, Release);
            if (*frame).namespace != 0 {
                object.locals.init(stack::copy((*frame).namespace));
            } else {
                let kinds = &(*frame).code().local_kinds;
                for (i, slot) in object.held().iter().enumerate() {
                    // Cells as they are: what others take out of them is not kept alive here.
                    let local = Frame::locals(frame).add(i);
                    if *local != 0 && kinds[i] & kind::HIDDEN == 0 {
                        slot.init(stack::take(std::mem::replace(&mut *local, 0)));
                    }
                }
            }
            if !(*frame).previous.is_null() {
                object.back.init(of(Thread::current(), (*frame).previous));
            }
        }
        object.frame.store(std::ptr::null_mut(), Release);
        stack::release(word);
    }
}

impl FrameObject {
    /// The slots of the locals: filled when the frame ends.
    fn held(&self) -> &[Slot] {
        // SAFETY: `of` has laid them out behind the payload.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(self).add(1).cast::<Slot>(), self.count as usize) }
    }

    /// `f_globals`.
    pub fn globals(&self) -> Value {
        self.function.downcast::<Function>().map_or(Value::NONE, |f| (*f.globals).clone())
    }

    /// `f_builtins`.
    pub fn builtins(&self) -> Value {
        self.function.downcast::<Function>().map_or(Value::NONE, |f| (*f.builtins).clone())
    }

    /// Runs `f` on the living frame, if this thread may look at it: one that it runs, or a generator's that nobody runs, which
    /// nobody takes meanwhile. `f` runs no Python code.
    fn with_living<R>(&self, f: impl FnOnce(*mut Frame) -> R) -> Option<R> {
        let owner = self.thread.load(Acquire);
        let frame = self.frame.load(Acquire);
        if frame.is_null() {
            return None;
        }
        if owner != 0 {
            return (owner == thread::id()).then(|| f(frame));
        }
        if is_run_by(Thread::current(), frame) {
            return Some(f(frame));
        }
        let word = self.generator.load(Acquire);
        // SAFETY: the generator had not ended when the frame was read above, so its memory, which goes through the epoch as it
        // is published, is there; the reference is the one just counted.
        let generator = unsafe { Value::try_count(word).then(|| Value::from_bits(word)) }?;
        super::generator::of(&generator)?.with_frame(f)
    }

    /// Whether the frame still runs (on any thread) or is suspended.
    pub fn is_alive(&self) -> bool {
        !self.frame.load(Acquire).is_null()
    }

    /// `f_back`.
    pub fn back(&self, t: &Thread) -> Option<Value> {
        // SAFETY: living, and not run by another thread.
        let above = |frame: *mut Frame| unsafe { (!(*frame).previous.is_null()).then(|| of(t, (*frame).previous)) };
        self.with_living(above).unwrap_or_else(|| self.back.load())
    }

    /// Index of the instruction word that executes or was the last.
    pub fn lasti(&self) -> i64 {
        // SAFETY: living, and not run by another thread.
        let here = self.with_living(|frame| unsafe { (*frame).lasti() as i64 });
        here.unwrap_or_else(|| self.lasti.load(Acquire))
    }

    /// `f_lineno`; None where the instruction has no line.
    pub fn line(&self) -> Option<u32> {
        let code = self.code.downcast::<Code>()?;
        let lasti = self.lasti();
        if lasti < 0 {
            return Some(code.first_line);
        }
        Some(code.location(lasti as usize).line).filter(|line| *line != 0)
    }

    /// Makes the frame go on at a line, from a trace function.
    pub fn jump(&self, t: &Thread, line: &Value) -> PyResult<()> {
        let is_traced = !self.trace_function.is_empty();
        // SAFETY: living, and not run by another thread.
        let done = self.with_living(|frame| unsafe { super::monitor::lines::jump(t, frame, line, is_traced) });
        done.unwrap_or_else(|| Err(raise::value_error(t, "f_lineno can only be set in a trace function")))
    }

    /// The generator whose frame this is.
    pub fn generator(&self) -> Option<Value> {
        if self.thread.load(Acquire) != 0 || !self.is_alive() {
            return None;
        }
        let word = self.generator.load(Acquire);
        // SAFETY: as in `with_living`.
        unsafe { Value::try_count(word).then(|| Value::from_bits(word)) }
    }

    /// `f_locals`: the namespace itself, or a dict of the locals at this moment.
    pub fn locals(&self, t: &Thread) -> Value {
        // SAFETY: living, and not run by another thread.
        match self.with_living(|frame| unsafe { super::ops::names::load_locals(t, frame) }) {
            Some(locals) => locals.unwrap_or_else(|raised| {
                drop(crate::object::raise::take(t, raised));
                dict::new()
            }),
            // Another thread's.
            None if self.is_alive() => dict::new(),
            None => self.final_locals(t),
        }
    }

    /// The locals of a frame that has ended.
    fn final_locals(&self, t: &Thread) -> Value {
        if let Some(known) = self.locals.load() {
            return known;
        }
        let d = dict::new();
        let (Some(code), Some(payload)) = (self.code.downcast::<Code>(), d.downcast::<Dict>()) else { return d };
        let mut may_change = false;
        for (i, slot) in self.held().iter().enumerate() {
            may_change |= code.local_kinds[i] & CELL_OR_FREE != 0;
            if let Some(v) = slot.load().and_then(|v| local_value(code, i, v)) {
                drop(payload.set_str(&code.local_names[i], v));
            }
        }
        // What cells hold may be another thing the next time.
        if code.has_flag(flags::OPTIMIZED) && !may_change {
            // SAFETY: frame objects exist only as payloads of objects.
            let header = unsafe { crate::object::header::Object::header_of(self) };
            let _guard = t.lock(header);
            if self.locals.is_vacant() {
                self.locals.init(d.clone());
            }
        }
        d
    }
}

/// Whether the thread, the calling one, runs this frame.
fn is_run_by(t: &Thread, wanted: *mut Frame) -> bool {
    let mut frame = t.frame.get().cast::<Frame>();
    while !frame.is_null() && frame != wanted {
        // SAFETY: frames below the innermost are alive.
        frame = unsafe { (*frame).previous };
    }
    !frame.is_null()
}

/// The innermost frame's object, or that of the frame `depth` callers out; None where there are not so many.
pub fn current(t: &Thread, depth: usize) -> Option<Value> {
    let mut frame = t.frame.get().cast::<Frame>();
    for _ in 0..depth {
        if frame.is_null() {
            return None;
        }
        // SAFETY: frames below the innermost are alive.
        frame = unsafe { (*frame).previous };
    }
    // SAFETY: as above.
    (!frame.is_null()).then(|| unsafe { of(t, frame) })
}

/// The frame object of a running generator, if this thread runs it.
pub fn of_generator(t: &Thread, generator: &Value) -> Option<Value> {
    let mut frame = t.frame.get().cast::<Frame>();
    while !frame.is_null() {
        // SAFETY: frames below the innermost are alive.
        unsafe {
            if (*frame).generator == generator.bits() {
                return Some(of(t, frame));
            }
            frame = (*frame).previous;
        }
    }
    None
}

/// `frame.clear()`: RuntimeError for a frame that executes; a suspended generator is closed.
pub fn clear(t: &Thread, object: &FrameObject) -> PyResult<()> {
    if let Some(generator) = object.generator() {
        let g = super::generator::of(&generator);
        if g.is_some_and(|g| g.is_running()) {
            return Err(raise::runtime_error(t, "cannot clear an executing frame"));
        }
        if g.is_some_and(|g| g.is_suspended()) {
            return Err(raise::runtime_error(t, "cannot clear a suspended frame"));
        }
        return super::generator::close(t, &generator).map(drop);
    }
    if object.is_alive() {
        return Err(raise::runtime_error(t, "cannot clear an executing frame"));
    }
    // SAFETY: frame objects exist only as payloads of objects.
    let header = unsafe { crate::object::header::Object::header_of(object) };
    let old: Vec<Option<Value>> = {
        let _guard = t.lock(header);
        [&object.back, &object.locals, &object.trace_function]
            .into_iter()
            .chain(object.held())
            .map(Slot::take)
            .collect()
    };
    drop(old);
    Ok(())
}
