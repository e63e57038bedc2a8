//! The loop's registers, and what every instruction does with them.

use super::HANDLERS;
use crate::bytecode::code::Code;
use crate::bytecode::opcode::Op;
use crate::interp::frame::Frame;
use crate::interp::quicken::Cache;
use crate::interp::stack::{self, Word};
use crate::object::header::Header;
use crate::object::raise::{PyResult, Raised};
use crate::object::thread::{Left, Thread};
use crate::object::type_object::Type;
use crate::object::value::Value;

/// What the loop holds in machine registers while it runs a frame.
///
/// Made only by `run` and by the handlers that it enters, for a well-formed frame of the calling thread: code checked,
/// locals laid out. The compiler's stack-depth check (repeated when a `.pyc` is loaded) keeps `sp` within the frame, and
/// operands within locals, names, constants and caches. That is why the methods are safe to call from instructions.
pub struct Registers<'t> {
    pub t: &'t Thread,
    pub frame: *mut Frame,
    /// The next word of the instructions.
    pub ip: *const u32,
    /// The end of the operand stack.
    pub sp: *mut Word,
    /// The instruction: opcode in the low byte, operand above.
    pub word: u32,
}

/// How an instruction goes on.
pub enum Flow {
    /// With the next instruction.
    Next,
    /// As another instruction, in place of this one: with the same operand.
    As(Op),
    /// With the next instruction, after this word is released, which may run a finaliser.
    Release(Word),
    /// By this function, which does the instruction instead: its rare case, out of line.
    Via(Handler),
    /// With the next instruction, from the loop in `run`.
    Bounce,
    /// By raising an exception once more, whose traceback has this place already.
    Again(Raised),
    /// By leaving the frame that `run` was entered with, with a result.
    Return(Value),
    /// Likewise, a generator's.
    Yield(Value),
}

/// What an instruction's function answers.
pub type Next = PyResult<Flow>;

/// Why a chain of handlers came back to `run`. More than that is in `Thread::left`: one number is what lets the compiler
/// jump to the next handler from each of a handler's ends.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// To go on with these registers.
    Bounce,
    /// With an exception pending; the frame's `ip` and `sp` are saved.
    Raise,
    /// Likewise; the frame is in its traceback already.
    RaiseAgain,
    /// With a result.
    Return,
    /// Likewise, a generator's.
    Yield,
}

/// The machine code of one instruction. The arguments are `Registers`; the calling convention passes all in registers.
pub type Handler = unsafe extern "C" fn(&Thread, *mut Frame, *const u32, *mut Word, u32) -> Leave;

/// Whether handlers call each other. A call in tail position is a jump only where the compiler optimises.
pub const CHAINED: bool = cfg!(all(not(debug_assertions), any(target_arch = "x86_64", target_arch = "aarch64")));

/// The machine's stack pointer, or a place near it.
#[inline(always)]
pub fn native_stack() -> usize {
    let here: usize;
    // SAFETY: reads a register.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) here, options(nomem, nostack, preserves_flags))
    };
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) here, options(nomem, nostack, preserves_flags))
    };
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let local = 0u8;
        here = &raw const local as usize;
    }
    here
}

/// Runs one instruction's function, and goes on as it answers.
///
/// # Safety
/// The registers are those of a running frame, at an instruction that `f` is for.
#[inline(always)]
pub unsafe fn step<'t>(r: Registers<'t>, f: impl FnOnce(&mut Registers<'t>) -> Next) -> Leave {
    // SAFETY: by the caller.
    unsafe { step_then::<true>(r, f) }
}

/// As `step`, but goes back to whoever called the handler.
///
/// # Safety
/// As `step`.
#[inline(always)]
pub unsafe fn step_back<'t>(r: Registers<'t>, f: impl FnOnce(&mut Registers<'t>) -> Next) -> Leave {
    // SAFETY: by the caller.
    unsafe { step_then::<false>(r, f) }
}

/// Runs one instruction's function; `ON` says whether the next instruction's handler is called from here.
///
/// # Safety
/// As `step`.
#[inline(always)]
unsafe fn step_then<'t, const ON: bool>(mut r: Registers<'t>, f: impl FnOnce(&mut Registers<'t>) -> Next) -> Leave {
    #[cfg(feature = "loop-stats")]
    crate::interp::stats::note(r.op());
    match f(&mut r) {
        Ok(Flow::Release(w)) if ON && stack::is_owned(w) => {
            // SAFETY: as ours; `w` is off the stack. Out of line: most handlers make no other call, and so save nothing.
            unsafe { release_then_next(r.t, r.frame, r.ip, r.sp, w) }
        }
        Ok(Flow::Next | Flow::Release(_)) if ON => r.next(),
        Ok(Flow::Release(w)) => {
            r.release_saved(w);
            r.bounce()
        }
        Ok(Flow::Next | Flow::Bounce) => r.bounce(),
        Ok(Flow::As(op)) => {
            r.word = r.word & !0xff | op as u32;
            r.dispatch()
        }
        // SAFETY: as ours: the same registers.
        Ok(Flow::Via(handler)) => unsafe { handler(r.t, r.frame, r.ip, r.sp, r.word) },
        Ok(Flow::Return(v)) => r.leave(Leave::Return, v.into_bits()),
        Ok(Flow::Yield(v)) => r.leave(Leave::Yield, v.into_bits()),
        Ok(Flow::Again(_)) => r.raise(Leave::RaiseAgain),
        Err(_) => r.raise(Leave::Raise),
    }
}

/// Runs the body of an instruction as a function of its own, which bounces, and goes on after it: for instructions whose
/// code keeps values in memory, from where the compiler does not jump to the next handler.
///
/// # Safety
/// As `step`.
#[inline(always)]
pub unsafe fn step_outside(r: Registers<'_>, body: Handler) -> Leave {
    let t = r.t;
    // SAFETY: by the caller.
    let leave = unsafe { body(t, r.frame, r.ip, r.sp, r.word) };
    if CHAINED && leave == Leave::Bounce { Registers::left(t).next() } else { leave }
}

/// Releases a word that owns its reference, then goes on.
///
/// # Safety
/// As `step`; the word is off the stack.
#[inline(never)]
unsafe extern "C" fn release_then_next(t: &Thread, frame: *mut Frame, ip: *const u32, sp: *mut Word, w: Word) -> Leave {
    let mut r = Registers { t, frame, ip, sp, word: 0 };
    r.save();
    // SAFETY: by the caller: the word's own reference.
    unsafe { Header::decref_by_call(w as *const Header) };
    // From memory, so that less is kept over the call.
    r.load();
    r.next()
}

impl<'t> Registers<'t> {
    /// The registers of a frame that is entered or gone on with.
    pub fn of(t: &'t Thread, frame: *mut Frame) -> Registers<'t> {
        let mut r = Registers { t, frame, ip: std::ptr::null(), sp: std::ptr::null_mut(), word: 0 };
        r.load();
        r
    }

    /// The registers that a chain of handlers left.
    #[inline(always)]
    pub fn left(t: &'t Thread) -> Registers<'t> {
        let Left { frame, ip, sp, .. } = t.left.get();
        Registers { t, frame: frame.cast(), ip, sp, word: 0 }
    }

    /// Goes on with the next instruction.
    #[inline(always)]
    pub fn next(mut self) -> Leave {
        if !CHAINED {
            return self.bounce();
        }
        self.fetch();
        self.dispatch()
    }

    /// Reads the next instruction.
    #[inline(always)]
    pub fn fetch(&mut self) {
        self.word = self.next_word();
        self.skip_word();
    }

    /// Runs the instruction in `word`.
    #[inline(always)]
    pub fn dispatch(self) -> Leave {
        let handler = HANDLERS[self.word as u8 as usize];
        // SAFETY: see `Registers`.
        unsafe { handler(self.t, self.frame, self.ip, self.sp, self.word) }
    }

    #[inline(always)]
    fn bounce(self) -> Leave {
        self.leave(Leave::Bounce, 0)
    }

    #[inline(always)]
    pub fn raise(self, why: Leave) -> Leave {
        // SAFETY: see `Registers`.
        unsafe { (*self.frame).sp = self.sp };
        self.leave(why, 0)
    }

    #[inline(always)]
    pub fn leave(self, why: Leave, word: Word) -> Leave {
        self.t.left.set(Left { frame: self.frame.cast(), ip: self.ip, sp: self.sp, word });
        why
    }

    /// Whether handlers have piled up frames on the native stack, because the compiler made calls where it should have made
    /// jumps: then the chain goes back to `run`. Asked at back edges and calls, so the stack is bounded in any case.
    #[inline(always)]
    pub fn is_deep(&self) -> bool {
        CHAINED && native_stack() < self.t.chain_limit.get()
    }

    /// Loads the registers from the frame.
    #[inline(always)]
    pub fn load(&mut self) {
        // SAFETY: see `Registers`.
        unsafe {
            self.ip = (*self.frame).ip;
            self.sp = (*self.frame).sp;
        }
    }

    /// Saves the registers in the frame. An instruction that may stop its thread has saved `sp` above its operands.
    #[inline(always)]
    pub fn save(&self) {
        // SAFETY: see `Registers`.
        unsafe {
            (*self.frame).ip = self.ip;
            (*self.frame).sp = self.sp;
        }
    }

    #[cfg(feature = "loop-stats")]
    pub fn op(&self) -> Op {
        // SAFETY: the low byte of every instruction word is an opcode.
        unsafe { std::mem::transmute::<u8, Op>(self.word as u8) }
    }

    /// The instruction's operand.
    #[inline(always)]
    pub fn arg(&self) -> usize {
        (self.word >> 8) as usize
    }

    /// The word at `ip`: the next instruction, or this one's cache index.
    #[inline(always)]
    pub fn next_word(&self) -> u32 {
        // SAFETY: see `Registers`.
        unsafe { *self.ip }
    }

    /// Steps over the word at `ip`.
    #[inline(always)]
    pub fn skip_word(&mut self) {
        // SAFETY: see `Registers`.
        self.ip = unsafe { self.ip.add(1) };
    }

    /// Takes the operand of the instruction at `ip`, for a form that does its work as well.
    #[inline(always)]
    pub fn take_next(&mut self) -> usize {
        let word = self.next_word();
        self.skip_word();
        (word >> 8) as usize
    }

    /// Goes on at a place of the code.
    #[inline(always)]
    pub fn jump(&mut self, target: usize) {
        // SAFETY: see `Registers`.
        self.ip = unsafe { (*self.frame).start.add(target) };
    }

    #[inline(always)]
    pub fn push(&mut self, w: Word) {
        // SAFETY: see `Registers`.
        unsafe {
            *self.sp = w;
            self.sp = self.sp.add(1);
        }
    }

    #[inline(always)]
    pub fn push_value(&mut self, v: Value) {
        self.push(v.into_bits());
    }

    #[inline(always)]
    pub fn pop(&mut self) -> Word {
        // SAFETY: see `Registers`.
        unsafe {
            self.sp = self.sp.sub(1);
            *self.sp
        }
    }

    #[inline(always)]
    pub fn pop_value(&mut self) -> Value {
        let w = self.pop();
        // SAFETY: the word is off the stack.
        unsafe { stack::take(w) }
    }

    /// The i-th word from the top, counted from 1.
    #[inline(always)]
    pub fn peek(&self, i: usize) -> Word {
        // SAFETY: see `Registers`.
        unsafe { *self.sp.sub(i) }
    }

    /// As `peek`, by a read of its own: to read two words at once that have just been written one by one makes the
    /// processor wait until both writes are through (measured: a quarter of nbody's time).
    #[inline(always)]
    pub fn peek_apart(&self, i: usize) -> Word {
        // SAFETY: see `Registers`.
        unsafe { self.sp.sub(i).read_volatile() }
    }

    /// Writes the i-th word from the top, counted from 1.
    #[inline(always)]
    pub fn put(&mut self, i: usize, w: Word) {
        // SAFETY: see `Registers`.
        unsafe { *self.sp.sub(i) = w }
    }

    /// Takes words off the stack that are moved or own nothing.
    #[inline(always)]
    pub fn shrink(&mut self, count: usize) {
        // SAFETY: see `Registers`.
        self.sp = unsafe { self.sp.sub(count) };
    }

    /// Takes a word off the stack and releases it.
    #[inline(always)]
    pub fn drop_top(&mut self) {
        let w = self.pop();
        // SAFETY: the word is off the stack.
        unsafe { stack::release(w) }
    }

    /// Takes words off the stack and releases them.
    #[inline(always)]
    pub fn drop_words(&mut self, count: usize) {
        for _ in 0..count {
            self.drop_top();
        }
    }

    /// Releases a word that is off the stack, which may run a finaliser.
    #[inline(always)]
    pub fn release_saved(&self, w: Word) {
        if stack::is_owned(w) {
            self.save();
            // SAFETY: the word is off the stack.
            unsafe { stack::release(w) };
        }
    }

    #[inline(always)]
    pub fn locals(&self) -> *mut Word {
        Frame::locals(self.frame)
    }

    #[inline(always)]
    pub fn local(&self, i: usize) -> Word {
        // SAFETY: see `Registers`.
        unsafe { *self.locals().add(i) }
    }

    /// Sets a local to a word that is off the stack; the old one is to be released.
    #[inline(always)]
    pub fn replace_local(&mut self, i: usize, w: Word) -> Word {
        // SAFETY: see `Registers`.
        unsafe { std::mem::replace(&mut *self.locals().add(i), w) }
    }

    /// Sets a local to a word that is off the stack.
    #[inline(always)]
    pub fn store_local(&mut self, i: usize, w: Word) {
        let old = self.replace_local(i, w);
        self.release_saved(old);
    }

    /// Whether the top word is an object whose class is exactly this one.
    #[inline(always)]
    pub fn top_is(&self, class: &Type) -> bool {
        // SAFETY: see `Registers`: the word is bound.
        unsafe { stack::header(self.peek(1)) }.is_some_and(|header| std::ptr::eq(header.class(), class))
    }

    /// The code that runs.
    #[inline(always)]
    pub fn code<'a>(&self) -> &'a Code {
        // SAFETY: the frame is alive, and its code with it.
        unsafe { (*self.frame).code() }
    }

    /// A name of the code.
    #[inline(always)]
    pub fn name<'a>(&self, index: usize) -> &'a Value {
        // SAFETY: see `Registers`.
        unsafe { self.code().names.get_unchecked(index) }
    }

    /// A constant of the code. Constants are immortal (or code, kept by this code): anybody may borrow them.
    #[inline(always)]
    pub fn constant(&self, index: usize) -> Word {
        stack::borrow(self.constant_bits(index))
    }

    /// The same without the mark of borrowing.
    #[inline(always)]
    pub fn constant_bits(&self, index: usize) -> Word {
        // SAFETY: see `Registers`.
        unsafe { self.code().consts.get_unchecked(index).bits() }
    }

    /// The cache entries of an instruction of a quickened copy, before its cache word.
    #[inline(always)]
    pub fn entries<'a>(&self) -> &'a [Cache; 2] {
        // SAFETY: see `Registers`; specialised forms are in copies only, which have caches.
        unsafe { &*(*self.frame).caches.add(self.next_word() as usize) }
    }

    /// Both, for a form that learns on. No other reference to them is in use.
    #[inline(always)]
    pub fn entries_to_learn<'a>(&mut self) -> &'a mut [Cache; 2] {
        // SAFETY: as in `entries`; the copy is this thread's.
        unsafe { &mut *(*self.frame).caches.add(self.next_word() as usize) }
    }

    /// The first of them.
    #[inline(always)]
    pub fn cache<'a>(&self) -> &'a Cache {
        &self.entries()[0]
    }

    /// The result of a call that took its operands off the saved stack itself.
    #[inline(always)]
    pub fn called<T>(&mut self, result: PyResult<T>) -> PyResult<T> {
        // The place as well: the frame may run another copy of its code since (`monitor`).
        self.load();
        result
    }
}

/// An instruction's rare case, as `Flow::Via`: a function of the registers, compiled apart.
macro_rules! via {
    ($f:expr) => {{
        use $crate::interp::{frame::Frame as F, stack::Word as W};
        use $crate::object::thread::Thread as T;
        #[cold]
        #[inline(never)]
        unsafe extern "C" fn rare(t: &T, frame: *mut F, ip: *const u32, sp: *mut W, word: u32) -> Leave {
            // SAFETY: by the caller.
            unsafe { step_back(Registers { t, frame, ip, sp, word }, $f) }
        }
        Ok(Flow::Via(rare))
    }};
}
pub(super) use via;

/// The rest of an instruction, as `Flow::Via`: as `via`, of what happens often enough to go on at once.
macro_rules! rest {
    ($f:expr) => {{
        use $crate::interp::{frame::Frame as F, stack::Word as W};
        use $crate::object::thread::Thread as T;
        #[inline(never)]
        unsafe extern "C" fn rest(t: &T, frame: *mut F, ip: *const u32, sp: *mut W, word: u32) -> Leave {
            // SAFETY: by the caller.
            unsafe { step(Registers { t, frame, ip, sp, word }, $f) }
        }
        Ok(Flow::Via(rest))
    }};
}
pub(super) use rest;

/// As `rest`, where the compiler would not jump: the code keeps values in memory.
macro_rules! rest_outside {
    ($f:expr) => {{
        use $crate::interp::{frame::Frame as F, stack::Word as W};
        use $crate::object::thread::Thread as T;
        #[inline(never)]
        unsafe extern "C" fn body(t: &T, frame: *mut F, ip: *const u32, sp: *mut W, word: u32) -> Leave {
            // SAFETY: by the caller.
            unsafe { step_back(Registers { t, frame, ip, sp, word }, $f) }
        }
        #[inline(never)]
        unsafe extern "C" fn rest(t: &T, frame: *mut F, ip: *const u32, sp: *mut W, word: u32) -> Leave {
            // SAFETY: by the caller.
            unsafe { step_outside(Registers { t, frame, ip, sp, word }, body) }
        }
        Ok(Flow::Via(rest))
    }};
}
pub(super) use rest_outside;

/// Replaces the top word by the result of an operation on it.
macro_rules! unary {
    ($r:ident, $f:expr) => {{
        $r.save();
        let w = $r.peek(1);
        let f = $f;
        let result = f(&*stack::view(w))?;
        $r.put(1, Value::into_bits(result));
        // SAFETY: the word is off the stack.
        unsafe { stack::release(w) };
    }};
}
pub(super) use unary;

/// In a generic form, before the cache word: counts down, and looks for a specialised form at zero.
macro_rules! adapt {
    ($r:ident, |$site:ident| $choose:expr) => {{
        // SAFETY: see `Registers`; caches belong to this thread.
        if let Some(entries) = unsafe { Site::due($r.frame, $r.ip) } {
            $r.save();
            let $site = Site { frame: $r.frame, at: $r.ip.wrapping_sub(1).cast_mut(), entries };
            $choose;
        }
        $r.skip_word();
    }};
}
pub(super) use adapt;

/// Goes on in a frame just pushed, or falls back: to a generic form, or as the block says.
macro_rules! enter {
    ($r:ident, $callee:expr, $form:ident) => { enter!($r, $callee, else { Ok(Flow::As(Op::$form)) }) };
    ($r:ident, $callee:expr, else $other:block) => {{
        // SAFETY: see `Registers`: the saved place is behind the cache word.
        unsafe { (*$r.frame).ip = $r.ip.add(1) };
        // SAFETY: see `Registers`.
        match unsafe { $callee } {
            Some(callee) => {
                $r.frame = callee;
                $r.load();
                if $r.next_word() as u8 == Op::RESUME as u8 && $r.t.record.attention() == 0 && !$r.is_deep() {
                    // The next instruction at once.
                    $r.skip_word();
                }
            }
            None => return $other,
        }
    }};
}
pub(super) use enter;
