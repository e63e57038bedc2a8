//! Frame objects: what Python sees of a frame, also after it has ended.
//!
//! While the frame runs, the object points to it, and only the frame's own thread looks through the pointer; others see
//! what does not change, code and function, and stop the world for the rest. A generator's frame that nobody runs is looked
//! at by any thread, which claims the generator meanwhile: the object names it, uncounted, and publishes it, so that it can
//! be counted first. When the frame ends and somebody still has the object (a traceback, most often), `detach` moves what is
//! left into it: the locals, to slots behind the payload; position; the caller's frame object.

use super::frame::{CELL_OR_FREE, Frame, local_value};
use super::stack;
use crate::bytecode::code::Code;
use crate::bytecode::unit::{flags, kind};
use crate::object::alloc;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::exception::visit_slot;
use crate::object::header::{Header, Object};
use crate::object::list::{self, List};
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::thread::{self, Thread, WORLD, all_stopped};
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Stored, Value};
use crate::sync::shim::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, Ordering::*};
use crate::sync::slot::Counted;
use crate::types::cell::Cell;
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
    /// Once detached: the caller's frame object, the namespace of a class or module, and where the frame was.
    back: Slot,
    locals: Slot,
    lasti: AtomicI64,
    /// The dict of names that were assigned through `f_locals` and that the code does not know.
    extra: Slot,
    /// The list of what variables held before they were assigned through `f_locals`: operands may borrow it while the frame
    /// runs.
    overwritten: Slot,
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
        for slot in self.slots() {
            visit_slot(slot, visit);
        }
        for slot in self.held() {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in self.slots() {
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
                extra: Slot::empty(),
                overwritten: Slot::empty(),
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

/// The object of a frame that another thread runs; the world is stopped.
///
/// # Safety
/// The frame is alive, on `owner`'s stack.
unsafe fn of_stopped(owner: &Thread, frame: *mut Frame) -> Value {
    // SAFETY: by the caller.
    unsafe {
        for word in [(*frame).object, (*frame).function] {
            open(word, Some(&[]));
        }
        let v = of(owner, frame);
        v.publish();
        v
    }
}

/// The innermost frame of each thread that runs Python code, by the thread's identifier: `sys._current_frames()`.
pub fn of_all_threads(t: &Thread) -> Vec<(u64, Value)> {
    let stopped = WORLD.stop(t.record);
    let innermost = |thread: &&Thread| {
        let frame = thread.frame.get().cast::<Frame>();
        // SAFETY: the innermost frame of a stopped thread is alive.
        (!frame.is_null()).then(|| (thread.record.extra.ident.load(Relaxed), unsafe { of_stopped(thread, frame) }))
    };
    all_stopped(&stopped).iter().filter_map(innermost).collect()
}

/// Publishes what a word of another thread's frame names: there are `all` threads then.
///
/// # Safety
/// If there are, the world is stopped, and the word is null or bound.
unsafe fn open(word: stack::Word, all: Option<&[&Thread]>) {
    if all.is_some() && stack::is_pointer(word) {
        stack::view(word).publish();
    }
}

/// The payload of the frame's object, if somebody has asked for it.
///
/// # Safety
/// The frame is running on this thread, and goes on to do so for `'a`.
pub unsafe fn existing<'a>(frame: *mut Frame) -> Option<&'a FrameObject> {
    // SAFETY: by the caller.
    unsafe { ((*frame).object != 0).then(|| payload(frame)) }
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
            if !(*frame).code().has_flag(flags::OPTIMIZED) {
                object.locals.init((*super::ops::names::namespace(&*frame)).clone());
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
        object.let_go();
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

    /// As `with_living`, for the frames of other threads as well: those `f` looks at while the world is stopped, and is given
    /// all threads. What it takes out of such a frame, perhaps known to its thread alone, it publishes first (`open`).
    fn with_any<R>(&self, mut f: impl FnMut(*mut Frame, Option<&[&Thread]>) -> R) -> Option<R> {
        if let Some(done) = self.with_living(|frame| f(frame, None)) {
            return Some(done);
        }
        if !self.is_alive() {
            return None;
        }
        let stopped = WORLD.stop(Thread::current().record);
        let frame = self.frame.load(Acquire);
        (!frame.is_null()).then(|| f(frame, Some(&all_stopped(&stopped))))
    }

    /// Whether the frame still runs (on any thread) or is suspended.
    pub fn is_alive(&self) -> bool {
        !self.frame.load(Acquire).is_null()
    }

    /// `f_back`.
    pub fn back(&self, t: &Thread) -> Option<Value> {
        // SAFETY: living, and nobody runs it but this thread; so is the frame below.
        let above = |frame: *mut Frame, all: Option<&[&Thread]>| unsafe {
            let below = (*frame).previous;
            match all {
                _ if below.is_null() => None,
                None => Some(of(t, below)),
                Some(all) => all.iter().find(|thread| is_run_by(thread, below)).map(|thread| of_stopped(thread, below)),
            }
        };
        self.with_any(above).unwrap_or_else(|| self.back.load())
    }

    /// Index of the instruction word that executes or was the last.
    pub fn lasti(&self) -> i64 {
        // SAFETY: living, and nobody runs it but this thread.
        let here = self.with_any(|frame, _| unsafe { (*frame).lasti() as i64 });
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

    /// `f_locals`: the namespace itself, or a view of the variables.
    pub fn locals(&self) -> Value {
        // SAFETY: living, and nobody runs it but this thread.
        let living = self.with_any(|frame, all| unsafe {
            open((*frame).namespace, all);
            (!(*frame).code().has_flag(flags::OPTIMIZED)).then(|| (*super::ops::names::namespace(&*frame)).clone())
        });
        let namespace = living.unwrap_or_else(|| self.locals.load());
        namespace.unwrap_or_else(|| super::frame_locals::new(self.header().to_value()))
    }

    /// The variables that are set, by name, then the names that the code does not know.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let Some(code) = self.code.downcast::<Code>() else { return Vec::new() };
        // SAFETY: living, and nobody runs it but this thread; a frame has that many locals.
        let living = self.with_any(|frame, all| unsafe {
            (0..self.count as usize).for_each(|i| open(*Frame::locals(frame).add(i), all));
            Frame::held_entries(frame)
        });
        let held = living.unwrap_or_else(|| {
            let held = self.held().iter().enumerate();
            held.filter_map(|(i, slot)| Some((i, slot.load()?))).collect()
        });
        let named = |(i, v): (usize, Value)| Some(((*code.local_names[i]).clone(), local_value(code, i, v)?));
        let mut entries: Vec<(Value, Value)> = held.into_iter().filter_map(named).collect();
        if let Some(extra) = self.extra.load() {
            entries.extend(extra.downcast::<Dict>().map(Dict::entries).into_iter().flatten());
        }
        entries
    }

    /// `locals()`: a new dict of the variables at this moment.
    pub fn snapshot(&self, t: &Thread) -> PyResult {
        let made = dict::new();
        if let Some(payload) = made.downcast::<Dict>() {
            for (name, v) in self.entries() {
                drop(payload.set(t, name, v)?);
            }
        }
        Ok(made)
    }

    /// What the frame holds for a variable: a cell where it is shared.
    fn holder(&self, index: usize) -> Option<Value> {
        // SAFETY: living, and nobody runs it but this thread; a frame has that many locals.
        let living = self.with_any(|frame, all| unsafe {
            let word = *Frame::locals(frame).add(index);
            open(word, all);
            (word != 0).then(|| stack::copy(word))
        });
        living.unwrap_or_else(|| self.held().get(index).and_then(Slot::load))
    }

    /// The value of a variable, by its place in the code's list; None where it is unbound.
    pub fn local(&self, index: usize) -> Option<Value> {
        local_value(self.code.downcast::<Code>()?, index, self.holder(index)?)
    }

    /// Assigns a variable, by its place in the code's list. Raises MemoryError.
    pub fn set_local(&self, t: &Thread, index: usize, value: Value) -> PyResult<()> {
        let kinds = self.code.downcast::<Code>().map_or(0, |code| code.local_kinds[index]);
        if kinds & CELL_OR_FREE != 0
            && let Some(cell) = self.holder(index).filter(|v| v.downcast::<Cell>().is_some())
        {
            super::ops::names::set_cell(t, &cell, Some(value));
            return Ok(());
        }
        // A generator's frame may be published already; another thread's takes published values only.
        value.publish();
        let mut value = Some(value);
        // SAFETY: living, and nobody runs it but this thread; a frame has that many locals.
        let old = self.with_any(|frame, all| unsafe {
            let local = Frame::locals(frame).add(index);
            open(*local, all);
            let old = std::mem::replace(&mut *local, value.take().map_or(0, Value::into_bits));
            (old != 0).then(|| stack::take(old))
        });
        match old {
            Some(None) => Ok(()),
            Some(Some(old)) => self.keep(t, old),
            None => {
                let old = {
                    let _guard = t.lock(self.header());
                    self.held().get(index).map(|slot| slot.swap(value))
                };
                drop(old);
                Ok(())
            }
        }
    }

    /// Keeps what a variable held until the frame ends, since operands may borrow it.
    fn keep(&self, t: &Thread, old: Value) -> PyResult<()> {
        let kept = self.made(t, &self.overwritten, list::new);
        match kept.downcast::<List>() {
            Some(kept) => kept.append(t, old),
            None => Ok(()),
        }
    }

    /// Lets go of what `keep` has kept: the frame has ended.
    fn let_go(&self) {
        if self.overwritten.is_empty() {
            return;
        }
        let kept = {
            let _guard = Thread::current().lock(self.header());
            self.overwritten.take()
        };
        drop(kept);
    }

    /// The dict of names that the code does not know, if there are any.
    pub fn extra(&self) -> Option<Value> {
        self.extra.load()
    }

    /// As `extra`; made where there is none yet.
    pub fn extra_made(&self, t: &Thread) -> Value {
        self.made(t, &self.extra, dict::new)
    }

    /// What a slot of this payload holds; filled first where it is empty.
    fn made(&self, t: &Thread, slot: &Slot, make: fn() -> Value) -> Value {
        if let Some(known) = slot.load() {
            return known;
        }
        let fresh = make();
        let _guard = t.lock(self.header());
        match slot.load() {
            Some(known) => known,
            None => {
                slot.init(fresh.clone());
                fresh
            }
        }
    }

    fn header(&self) -> &Header {
        // SAFETY: frame objects exist only as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    /// The slots of single values.
    fn slots(&self) -> [&Slot; 5] {
        [&self.back, &self.locals, &self.trace_function, &self.extra, &self.overwritten]
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
        // As at its end: a coroutine that nobody has awaited says so.
        super::generator::finalize(t, &generator);
        return Ok(());
    }
    if object.is_alive() {
        return Err(raise::runtime_error(t, "cannot clear an executing frame"));
    }
    let old: Vec<Option<Value>> = {
        let _guard = t.lock(object.header());
        object.slots().into_iter().chain(object.held()).map(Slot::take).collect()
    };
    drop(old);
    Ok(())
}
