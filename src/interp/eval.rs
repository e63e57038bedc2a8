//! The evaluation loop: runs frames until the one it was entered with returns or raises.

use super::call;
use super::fast::{self, items::Step};
use super::frame::{self, Frame, Return};
use super::generator;
use super::ops::{self, attributes, build, classes, exceptions, imports, intrinsics, matching, names};
use super::quicken;
use super::specialize::{self, Site};
use super::stack::{self, Word};
use super::unwind::{self, Unwound};
use crate::bytecode::code::Code;
use crate::bytecode::opcode::{BinaryOp, COMPARE_TO_BOOL, CompareOp, Op};
use crate::object::dict::Dict;
use crate::object::operator;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::Sent;
use crate::object::str::Str;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::types;

/// How a run begins.
pub enum Start {
    /// At the frame's saved instruction.
    Go,
    /// By raising the thread's pending exception there (`generator.throw`).
    Raise(Raised),
}

/// What leaves the loop.
pub enum Exit {
    Return(Value),
    /// A generator that was entered from Rust has yielded.
    Yield(Value),
}

/// Runs `frame`, whose action is `Return::ToRust`, to its end or (a generator) to its next yield.
///
/// # Safety
/// The frame is well formed: code checked, locals laid out, on this thread.
#[allow(unused_unsafe, reason = "the macros bring blocks of their own, also into others")]
#[allow(clippy::pointers_in_nomem_asm_block, reason = "the assembly is a comment")]
#[allow(unused_assignments, reason = "the macros step over words also where the loop ends")]
pub unsafe fn run(t: &Thread, entry: *mut Frame, start: Start) -> PyResult<Exit> {
    let mut frame = entry;
    let mut ip: *const u32;
    let mut sp: *mut Word;
    let mut locals: *mut Word;
    // The first instruction: jumps count from it.
    let mut base: *const u32;
    let mut add_place = true;
    #[cfg(feature = "loop-stats")]
    let mut last = Op::NOP;

    // SAFETY (of every block in this function): frames, instruction pointers and stack pointers are those of well-formed
    // frames of this thread. The compiler's stack-depth check (repeated when a `.pyc` is loaded) keeps `sp` within the
    // frame, operand indexes within locals, names, constants and caches.
    macro_rules! load_frame {
        () => {{
            // SAFETY: see above.
            unsafe {
                ip = (*frame).ip;
                sp = (*frame).sp;
                locals = Frame::locals(frame);
                base = (*frame).start;
            }
        }};
    }
    macro_rules! save {
        () => {{
            // SAFETY: see above.
            unsafe {
                (*frame).ip = ip;
                (*frame).sp = sp;
            }
        }};
    }
    macro_rules! push_word {
        ($w:expr) => {{
            let w: Word = $w;
            // SAFETY: see above.
            unsafe {
                *sp = w;
                sp = sp.add(1);
            }
        }};
    }
    macro_rules! push {
        ($v:expr) => {
            push_word!(Value::into_bits($v))
        };
    }
    macro_rules! pop_word {
        () => {{
            // SAFETY: see above.
            unsafe {
                sp = sp.sub(1);
                *sp
            }
        }};
    }
    macro_rules! pop {
        () => {{
            let w = pop_word!();
            // SAFETY: see above.
            unsafe { stack::take(w) }
        }};
    }
    // The i-th word from the top, counted from 1.
    macro_rules! peek {
        ($i:expr) => {
            // SAFETY: see above.
            unsafe { *sp.sub($i) }
        };
    }
    macro_rules! put {
        ($i:expr, $w:expr) => {{
            let w: Word = $w;
            // SAFETY: see above.
            unsafe { *sp.sub($i) = w }
        }};
    }
    macro_rules! drop_top {
        () => {{
            let w = pop_word!();
            // SAFETY: see above.
            unsafe { stack::release(w) }
        }};
    }
    macro_rules! local {
        ($i:expr) => {
            // SAFETY: see above.
            unsafe { *locals.add($i) }
        };
    }
    macro_rules! code {
        () => {
            code_of(frame)
        };
    }
    macro_rules! constant_name {
        ($i:expr) => {
            name_at(frame, $i)
        };
    }
    macro_rules! jump {
        ($target:expr) => {{
            let target = $target;
            // SAFETY: see above.
            ip = unsafe { base.add(target) };
        }};
    }

    match start {
        Start::Go => {
            load_frame!();
        }
        Start::Raise(raised) => {
            // SAFETY: see above.
            match unsafe { unwind::unwind(t, &mut frame, entry, raised, true) } {
                Unwound::Handled => load_frame!(),
                Unwound::Left(raised) => return Err(raised),
            }
        }
    }

    'frames: loop {
        let error: Raised = 'error: {
            macro_rules! tri {
                ($e:expr) => {
                    match $e {
                        Ok(v) => v,
                        Err(raised) => break 'error raised,
                    }
                };
            }
            // As `tri`, for what takes its operands off the saved stack itself.
            macro_rules! tri_call {
                ($e:expr) => {
                    match $e {
                        Ok(v) => v,
                        Err(raised) => {
                            // SAFETY: see above.
                            sp = unsafe { (*frame).sp };
                            break 'error raised;
                        }
                    }
                };
            }
            // Replaces the top word by the result of an operation on it.
            macro_rules! unary {
                ($f:expr) => {{
                    save!();
                    let w = peek!(1);
                    let result = tri!($f(&*stack::view(w)));
                    put!(1, result.into_bits());
                    // SAFETY: see above.
                    unsafe { stack::release(w) };
                }};
            }
            'next: loop {
                // SAFETY: see above.
                let mut word = unsafe {
                    let word = *ip;
                    ip = ip.add(1);
                    word
                };
                // Once, but for an instruction whose specialised form does not fit: then again in its generic form.
                loop {
                    let arg = (word >> 8) as usize;
                    // SAFETY: the low byte of every instruction word is an opcode.
                    let op = unsafe { std::mem::transmute::<u8, Op>(word as u8) };
                    #[cfg(feature = "loop-stats")]
                    super::stats::note(std::mem::replace(&mut last, op), op);
                    // Begins an arm. Without it the compiler computes what many arms need before it knows which one comes,
                    // and spills it: the stack pointer of each arm is a value of its own.
                    macro_rules! arm {
                        ($name:literal) => {
                            // SAFETY: a comment.
                            unsafe {
                                std::arch::asm!(concat!("/* ", $name, " {0} {1} */"), inout(reg) sp, inout(reg) ip, options(nomem, nostack, preserves_flags))
                            }
                        };
                    }
                    // The cache of an instruction of a quickened copy.
                    macro_rules! cache {
                        () => {
                            // SAFETY: see above; specialised forms are in copies only, which have caches.
                            unsafe { &(*(*frame).caches.add(*ip as usize))[0] }
                        };
                    }
                    // What the second entry of the cache gives, where the first does not fit.
                    macro_rules! either {
                        ($f:ident($($before:expr),*)) => {{
                            // SAFETY: as for `cache`.
                            let entries = unsafe { &*(*frame).caches.add(*ip as usize) };
                            // SAFETY: see above.
                            unsafe {
                                match fast::attributes::$f($($before,)* &entries[0]) {
                                    Some(found) => Some(found),
                                    None => fast::attributes::$f($($before,)* &entries[1]),
                                }
                            }
                        }};
                    }
                    // Steps over the cache word.
                    macro_rules! skip_cache {
                        () => {{
                            // SAFETY: see above.
                            ip = unsafe { ip.add(1) };
                        }};
                    }
                    // Runs the generic form of the instruction instead.
                    macro_rules! generic {
                        ($form:ident) => {{
                            word = word & !0xff | Op::$form as u32;
                            continue;
                        }};
                    }
                    // In a generic form, before the cache word: counts down, and looks for a specialised form at zero.
                    macro_rules! adapt {
                        (|$site:ident| $choose:expr) => {{
                            // SAFETY: see above; caches belong to this thread.
                            if let Some(entries) = unsafe { Site::due(frame, ip) } {
                                save!();
                                let $site = Site { frame, at: ip.wrapping_sub(1).cast_mut(), entries };
                                $choose;
                            }
                            skip_cache!();
                        }};
                    }
                    // Goes on in a frame just pushed, or falls back.
                    macro_rules! enter {
                        ($callee:expr, $form:ident) => {{
                            // SAFETY: see above: the saved place is behind the cache word.
                            unsafe { (*frame).ip = ip.add(1) };
                            // SAFETY: see above.
                            match unsafe { $callee } {
                                Some(callee) => {
                                    frame = callee;
                                    load_frame!();
                                    // SAFETY: see above.
                                    if unsafe { *ip } as u8 == Op::RESUME as u8 && t.record.attention() == 0 {
                                        // The next instruction at once.
                                        skip_cache!();
                                    }
                                }
                                None => generic!($form),
                            }
                        }};
                    }
                    // Ends the load of a global, often a callable.
                    macro_rules! global {
                        ($w:expr) => {{
                            push_word!($w);
                            skip_cache!();
                            // SAFETY: see above.
                            if unsafe { *ip } as u8 == Op::PUSH_NULL as u8 {
                                // The next instruction at once.
                                skip_cache!();
                                push_word!(0);
                            }
                        }};
                    }
                    macro_rules! load_attr {
                        ($f:ident, $form:ident) => {{
                            let w = peek!(1);
                            // SAFETY: see above.
                            let Some(found) = either!($f(w)) else { generic!($form) };
                            skip_cache!();
                            put!(1, found);
                            release_saved!(w);
                        }};
                    }
                    // Loads what is not to be bound, for a call.
                    macro_rules! load_unbound {
                        ($f:ident) => {{
                            let w = peek!(1);
                            // SAFETY: see above.
                            let Some(found) = either!($f(w)) else { generic!(LOAD_METHOD) };
                            skip_cache!();
                            put!(1, found);
                            push_word!(0);
                            release_saved!(w);
                        }};
                    }
                    // Gives back a word's reference, which may run a finaliser.
                    macro_rules! release_saved {
                        ($w:expr) => {{
                            let w = $w;
                            if stack::is_owned(w) {
                                save!();
                                // SAFETY: see above.
                                unsafe { stack::release(w) };
                            }
                        }};
                    }
                    // Stores a word that is off the stack in a local.
                    macro_rules! store_local {
                        ($i:expr, $w:expr) => {{
                            let (i, w): (usize, Word) = ($i, $w);
                            let old = local!(i);
                            // SAFETY: see above.
                            unsafe { *locals.add(i) = w };
                            release_saved!(old);
                        }};
                    }
                    macro_rules! ints {
                        ($f:expr) => {{
                            let f: fn(i64, i64) -> i64 = $f;
                            let result = both_ints(peek!(2), peek!(1)).and_then(|(a, b)| Value::small_int(f(a, b)));
                            let Some(result) = result else { generic!(BINARY_OP) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, result.into_bits());
                        }};
                    }
                    macro_rules! floats {
                        ($f:expr) => {{
                            let f: fn(f64, f64) -> f64 = $f;
                            let Some((a, b)) = both_floats(peek!(2), peek!(1)) else { generic!(BINARY_OP) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, Value::float(f(a, b)).into_bits());
                        }};
                    }
                    // Does the conditional jump behind a comparison.
                    macro_rules! compare_jump {
                        ($result:expr) => {{
                            let result: bool = $result;
                            // SAFETY: see above: the form is chosen where such an instruction follows.
                            let next = unsafe { *ip.add(1) };
                            // SAFETY: see above.
                            sp = unsafe { sp.sub(2) };
                            if result == (next as u8 == Op::POP_JUMP_IF_TRUE as u8) {
                                jump!((next >> 8) as usize);
                            } else {
                                // SAFETY: see above.
                                ip = unsafe { ip.add(2) };
                            }
                        }};
                    }
                    // Ends a subscription by an immediate.
                    macro_rules! subscripted {
                        ($object:expr, $item:expr) => {{
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, $item);
                            release_saved!($object);
                        }};
                    }
                    macro_rules! step {
                        ($step:expr, $end:expr) => {{
                            // SAFETY: see above.
                            match unsafe { $step } {
                                Step::Item(w) => {
                                    skip_cache!();
                                    // SAFETY: see above.
                                    let next = unsafe { *ip };
                                    if next as u8 == Op::STORE_FAST as u8 {
                                        // The next instruction at once.
                                        skip_cache!();
                                        store_local!((next >> 8) as usize, w);
                                    } else {
                                        push_word!(w);
                                    }
                                }
                                Step::End => {
                                    save!();
                                    drop_top!();
                                    jump!($end);
                                }
                                Step::Other => generic!(FOR_ITER),
                            }
                        }};
                    }
                    // Ends a native call whose words are still on the stack.
                    macro_rules! called {
                        ($call:expr) => {{
                            // SAFETY: see above: the saved place is behind the cache word.
                            unsafe {
                                (*frame).ip = ip.add(1);
                                (*frame).sp = sp;
                            }
                            // SAFETY: see above.
                            let Some(result) = (unsafe { $call }) else { generic!(CALL) };
                            skip_cache!();
                            let result = tri!(result);
                            for _ in 0..arg {
                                drop_top!();
                            }
                            let (callable, this) = (peek!(2), peek!(1));
                            // SAFETY: see above.
                            if unsafe { *ip } == Op::POP_TOP as u32 && result.is_none() {
                                // The next instruction at once.
                                skip_cache!();
                                // SAFETY: see above.
                                sp = unsafe { sp.sub(2) };
                            } else {
                                put!(2, result.into_bits());
                                sp = unsafe_sub(sp);
                            }
                            save!();
                            // SAFETY: see above.
                            unsafe {
                                stack::release(this);
                                stack::release(callable);
                            }
                        }};
                    }
                    match op {
                        Op::NOP => arm!("NOP"),
                        Op::RESUME => {
                            arm!("RESUME");
                            if t.record.attention() != 0 {
                                save!();
                                tri!(ops::attention(t));
                            }
                        }
                        Op::POP_TOP => {
                            arm!("POP_TOP");
                            drop_top!()
                        }
                        Op::PUSH_NULL => {
                            arm!("PUSH_NULL");
                            push_word!(0)
                        }
                        Op::COPY => {
                            arm!("COPY");
                            push_word!(stack::dup(peek!(arg)))
                        }
                        Op::SWAP => {
                            arm!("SWAP");
                            let (a, b) = (peek!(1), peek!(arg));
                            put!(1, b);
                            put!(arg, a);
                        }

                        Op::LOAD_CONST => {
                            arm!("LOAD_CONST");
                            // Constants are immortal (or code, kept by this code): their words may be borrowed freely.
                            // SAFETY: see above.
                            let w = unsafe { code!().consts.get_unchecked(arg).bits() };
                            push_word!(stack::borrow(w));
                        }
                        Op::LOAD_FAST_BORROW => {
                            arm!("LOAD_FAST_BORROW");
                            push_word!(stack::borrow(local!(arg)))
                        }
                        Op::LOAD_FAST_BORROW_2 => {
                            arm!("LOAD_FAST_BORROW_2");
                            push_word!(stack::borrow(local!(arg & 0xfff)));
                            push_word!(stack::borrow(local!(arg >> 12)));
                        }
                        Op::LOAD_FAST => {
                            arm!("LOAD_FAST");
                            push_word!(stack::dup(local!(arg)))
                        }
                        Op::LOAD_FAST_CHECK => {
                            arm!("LOAD_FAST_CHECK");
                            let w = local!(arg);
                            if w == 0 {
                                save!();
                                break 'error names::unbound_local(t, code!(), arg);
                            }
                            push_word!(stack::copy_word(w));
                        }
                        Op::LOAD_FAST_AND_CLEAR => {
                            arm!("LOAD_FAST_AND_CLEAR");
                            let w = local!(arg);
                            // SAFETY: see above.
                            unsafe { *locals.add(arg) = 0 };
                            push_word!(w);
                        }
                        Op::STORE_FAST => {
                            arm!("STORE_FAST");
                            // SAFETY: see above.
                            let w = unsafe { stack::keep(pop_word!()) };
                            store_local!(arg, w);
                        }
                        Op::STORE_FAST_STORE_FAST => {
                            arm!("STORE_FAST_STORE_FAST");
                            // SAFETY: see above.
                            let w = unsafe { stack::keep(pop_word!()) };
                            store_local!(arg, w);
                            // SAFETY: see above: the form is chosen where another such instruction follows.
                            let next = unsafe { *ip };
                            skip_cache!();
                            // SAFETY: see above.
                            let w = unsafe { stack::keep(pop_word!()) };
                            store_local!((next >> 8) as usize, w);
                        }
                        Op::STORE_FAST_LOAD_FAST => {
                            arm!("STORE_FAST_LOAD_FAST");
                            // SAFETY: see above.
                            let w = unsafe { stack::keep(pop_word!()) };
                            store_local!(arg, w);
                            // SAFETY: see above: the form is chosen where LOAD_FAST_BORROW follows.
                            let next = unsafe { *ip };
                            skip_cache!();
                            push_word!(stack::borrow(local!((next >> 8) as usize)));
                        }
                        Op::LOAD_FAST_LOAD_CONST => {
                            arm!("LOAD_FAST_LOAD_CONST");
                            push_word!(stack::borrow(local!(arg)));
                            // SAFETY: see above: the form is chosen where LOAD_CONST follows.
                            let next = unsafe { *ip };
                            skip_cache!();
                            // SAFETY: see above.
                            let w = unsafe { code!().consts.get_unchecked((next >> 8) as usize).bits() };
                            push_word!(stack::borrow(w));
                        }
                        Op::LOAD_FAST_LOAD_ATTR => {
                            arm!("LOAD_FAST_LOAD_ATTR");
                            let w = local!(arg);
                            // SAFETY: see above: the form is chosen where LOAD_ATTR follows.
                            let next = unsafe { *ip };
                            if next as u8 == Op::LOAD_ATTR_SLOT as u8 {
                                // SAFETY: see above.
                                ip = unsafe { ip.add(1) };
                                if let Some(found) = either!(slot(w)) {
                                    push_word!(found);
                                    skip_cache!();
                                    continue 'next;
                                }
                                // The second instruction does what is left.
                                word = next;
                                push_word!(stack::borrow(w));
                                continue;
                            }
                            push_word!(stack::borrow(w));
                        }
                        Op::LOAD_FAST_LOAD_METHOD => {
                            arm!("LOAD_FAST_LOAD_METHOD");
                            let w = local!(arg);
                            // SAFETY: see above: the form is chosen where LOAD_METHOD follows.
                            let next = unsafe { *ip };
                            if next as u8 == Op::LOAD_METHOD_CLASS as u8 {
                                // SAFETY: see above.
                                ip = unsafe { ip.add(1) };
                                if let Some(method) = either!(of_class(w)) {
                                    push_word!(method);
                                    push_word!(stack::borrow(w));
                                    skip_cache!();
                                    continue 'next;
                                }
                                // The second instruction does what is left.
                                word = next;
                                push_word!(stack::borrow(w));
                                continue;
                            }
                            push_word!(stack::borrow(w));
                        }
                        Op::DELETE_FAST => {
                            arm!("DELETE_FAST");
                            save!();
                            let w = local!(arg);
                            if w == 0 {
                                break 'error names::unbound_local(t, code!(), arg);
                            }
                            // SAFETY: see above.
                            unsafe {
                                *locals.add(arg) = 0;
                                stack::release(w);
                            }
                        }
                        Op::MAKE_CELL => {
                            arm!("MAKE_CELL");
                            let w = local!(arg);
                            // SAFETY: see above.
                            let contents = (w != 0).then(|| unsafe { stack::take(w) });
                            // SAFETY: see above.
                            unsafe { *locals.add(arg) = types::cell::new(contents).into_bits() };
                        }
                        Op::COPY_FREE_VARS => {
                            arm!("COPY_FREE_VARS");
                            // SAFETY: see above.
                            unsafe { names::copy_free_vars(frame, arg) };
                        }
                        Op::LOAD_CLOSURE => {
                            arm!("LOAD_CLOSURE");
                            push_word!(stack::copy_word(local!(arg)))
                        }
                        Op::LOAD_DEREF => {
                            arm!("LOAD_DEREF");
                            // SAFETY: see above.
                            match unsafe { names::load_cell(local!(arg)) } {
                                0 => {
                                    save!();
                                    break 'error names::unbound_cell(t, code!(), arg);
                                }
                                w => push_word!(w),
                            }
                        }
                        Op::STORE_DEREF => {
                            arm!("STORE_DEREF");
                            save!();
                            let v = pop!();
                            names::set_cell(t, &stack::view(local!(arg)), Some(v));
                        }
                        Op::DELETE_DEREF => {
                            arm!("DELETE_DEREF");
                            save!();
                            if names::set_cell(t, &stack::view(local!(arg)), None).is_none() {
                                break 'error names::unbound_cell(t, code!(), arg);
                            }
                        }
                        Op::LOAD_FROM_DICT_OR_DEREF => {
                            arm!("LOAD_FROM_DICT_OR_DEREF");
                            save!();
                            let w = peek!(1);
                            let v = tri!(names::load_from_dict_or_deref(t, code!(), &stack::view(w), local!(arg), arg));
                            put!(1, v.into_bits());
                            // SAFETY: see above.
                            unsafe { stack::release(w) };
                        }

                        Op::LOAD_NAME => {
                            arm!("LOAD_NAME");
                            save!();
                            // SAFETY: see above.
                            push!(tri!(unsafe { names::load_name(t, &*frame, constant_name!(arg)) }));
                        }
                        Op::STORE_NAME => {
                            arm!("STORE_NAME");
                            save!();
                            let v = pop!();
                            // SAFETY: see above.
                            tri!(unsafe { names::store_name(t, &*frame, constant_name!(arg), v) });
                        }
                        Op::DELETE_NAME => {
                            arm!("DELETE_NAME");
                            save!();
                            // SAFETY: see above.
                            tri!(unsafe { names::delete_name(t, &*frame, constant_name!(arg)) });
                        }
                        Op::LOAD_GLOBAL => {
                            arm!("LOAD_GLOBAL");
                            adapt!(|site| specialize::load_global(t, site, constant_name!(arg)));
                            save!();
                            // SAFETY: see above.
                            push!(tri!(unsafe { names::load_global(t, &*frame, constant_name!(arg)) }));
                        }
                        Op::STORE_GLOBAL => {
                            arm!("STORE_GLOBAL");
                            // SAFETY: see above.
                            unsafe { ip = ip.add(1) };
                            save!();
                            let v = pop!();
                            // SAFETY: see above.
                            drop(unsafe { (*frame).globals() }.set_str(constant_name!(arg), v));
                        }
                        Op::DELETE_GLOBAL => {
                            arm!("DELETE_GLOBAL");
                            save!();
                            // SAFETY: see above.
                            tri!(unsafe { names::delete_global(t, &*frame, constant_name!(arg)) });
                        }
                        Op::LOAD_FROM_DICT_OR_GLOBALS => {
                            arm!("LOAD_FROM_DICT_OR_GLOBALS");
                            save!();
                            let w = peek!(1);
                            // SAFETY: see above.
                            let v = tri!(unsafe {
                                names::load_from_dict_or_globals(t, &*frame, &stack::view(w), constant_name!(arg))
                            });
                            put!(1, v.into_bits());
                            // SAFETY: see above.
                            unsafe { stack::release(w) };
                        }
                        Op::LOAD_LOCALS => {
                            arm!("LOAD_LOCALS");
                            save!();
                            // SAFETY: see above.
                            push!(tri!(unsafe { names::load_locals(t, frame) }));
                        }
                        Op::LOAD_BUILD_CLASS => {
                            arm!("LOAD_BUILD_CLASS");
                            save!();
                            // SAFETY: see above.
                            push!(tri!(unsafe { names::load_build_class(t, &*frame) }));
                        }
                        Op::LOAD_COMMON_CONSTANT => {
                            arm!("LOAD_COMMON_CONSTANT");
                            save!();
                            // SAFETY: see above.
                            push!(tri!(unsafe { names::common_constant(t, &*frame, arg) }));
                        }

                        Op::LOAD_ATTR => {
                            arm!("LOAD_ATTR");
                            adapt!(|site| specialize::load_attr(t, site, peek!(1), constant_name!(arg), false));
                            unary!(|object| protocol::get_attr(t, object, constant_name!(arg)));
                        }
                        Op::LOAD_METHOD => {
                            arm!("LOAD_METHOD");
                            adapt!(|site| specialize::load_attr(t, site, peek!(1), constant_name!(arg), true));
                            save!();
                            let w = peek!(1);
                            let (callable, bind) =
                                tri!(attributes::load_method(t, &stack::view(w), constant_name!(arg)));
                            put!(1, callable.into_bits());
                            if bind {
                                push_word!(w);
                            } else {
                                push_word!(0);
                                // SAFETY: see above.
                                unsafe { stack::release(w) };
                            }
                        }
                        Op::STORE_ATTR => {
                            arm!("STORE_ATTR");
                            adapt!(|site| specialize::store_attr(t, site, peek!(1), constant_name!(arg)));
                            save!();
                            let (value, object) = (peek!(2), peek!(1));
                            tri!(protocol::set_attr(t, &stack::view(object), constant_name!(arg), &stack::view(value)));
                            drop_top!();
                            drop_top!();
                        }
                        Op::DELETE_ATTR => {
                            arm!("DELETE_ATTR");
                            save!();
                            tri!(protocol::del_attr(t, &stack::view(peek!(1)), constant_name!(arg)));
                            drop_top!();
                        }
                        Op::LOAD_SUPER_ATTR | Op::LOAD_SUPER_METHOD => {
                            arm!("LOAD_SUPER_ATTR");
                            if op == Op::LOAD_SUPER_METHOD {
                                let words = [peek!(3), peek!(2), peek!(1)];
                                adapt!(|site| specialize::load_super_method(site, words, constant_name!(arg)));
                            } else {
                                skip_cache!();
                            }
                            save!();
                            let [sup, class, object] = [peek!(3), peek!(2), peek!(1)].map(stack::view);
                            let method = op == Op::LOAD_SUPER_METHOD;
                            let (found, bind) =
                                tri!(attributes::load_super(t, &sup, &class, &object, constant_name!(arg), method));
                            let object = pop_word!();
                            drop_top!();
                            drop_top!();
                            push!(found);
                            if method && bind {
                                push_word!(object);
                            } else {
                                if method {
                                    push_word!(0);
                                }
                                // SAFETY: see above.
                                unsafe { stack::release(object) };
                            }
                        }
                        Op::LOAD_SPECIAL => {
                            arm!("LOAD_SPECIAL");
                            save!();
                            let w = peek!(1);
                            let (method, bind) = tri!(attributes::load_special(t, &stack::view(w), arg));
                            put!(1, method.into_bits());
                            if bind {
                                push_word!(w);
                            } else {
                                push_word!(0);
                                // SAFETY: see above.
                                unsafe { stack::release(w) };
                            }
                        }

                        Op::BINARY_OP => {
                            arm!("BINARY_OP");
                            adapt!(|site| specialize::binary_op(site, peek!(2), peek!(1), ops::binary_op(arg)));
                            let (a, b) = (peek!(2), peek!(1));
                            let op = ops::binary_op(arg);
                            if let Some(result) = ops::arithmetic::fast(op, a, b) {
                                // Both are immediates: nothing to release.
                                sp = unsafe_sub(sp);
                                put!(1, result);
                                continue 'next;
                            }
                            save!();
                            let result = if op == BinaryOp::IAdd && ops::can_append(a) {
                                // SAFETY: see above.
                                tri!(unsafe { ops::append_in_place(t, frame, sp, a, b, ip) })
                            } else {
                                tri!(operator::binary(t, &stack::view(a), &stack::view(b), op))
                            };
                            let (a, b) = (peek!(2), peek!(1));
                            sp = unsafe_sub(sp);
                            put!(1, result.into_bits());
                            // SAFETY: see above.
                            unsafe {
                                stack::release(b);
                                stack::release(a);
                            }
                        }
                        Op::COMPARE_OP => {
                            arm!("COMPARE_OP");
                            adapt!(|site| specialize::compare_op(site, peek!(2), peek!(1), arg));
                            let (a, b) = (peek!(2), peek!(1));
                            let op = ops::compare_op(arg & 15);
                            if let Some(result) = ops::arithmetic::compare(op, a, b) {
                                sp = unsafe_sub(sp);
                                put!(1, Value::bool(result).into_bits());
                                continue 'next;
                            }
                            save!();
                            let mut result = tri!(ops::compare(t, &stack::view(a), &stack::view(b), op));
                            if arg as u32 & COMPARE_TO_BOOL != 0 && result.as_bool().is_none() {
                                result = Value::bool(tri!(protocol::is_true(t, &result)));
                            }
                            sp = unsafe_sub(sp);
                            put!(1, result.into_bits());
                            // SAFETY: see above.
                            unsafe {
                                stack::release(b);
                                stack::release(a);
                            }
                        }
                        Op::IS_OP => {
                            arm!("IS_OP");
                            save!();
                            let (b, a) = (pop_word!(), pop_word!());
                            let same = (stack::clean(a) == stack::clean(b)) != (arg == 1);
                            push!(Value::bool(same));
                            // SAFETY: see above.
                            unsafe {
                                stack::release(b);
                                stack::release(a);
                            }
                        }
                        Op::CONTAINS_OP => {
                            arm!("CONTAINS_OP");
                            // SAFETY: see above.
                            unsafe { ip = ip.add(1) };
                            save!();
                            let (item, container) = (peek!(2), peek!(1));
                            let found = tri!(protocol::contains(t, &stack::view(container), &stack::view(item)));
                            drop_top!();
                            drop_top!();
                            push!(Value::bool(found != (arg == 1)));
                        }
                        Op::UNARY_NEGATIVE => {
                            arm!("UNARY_NEGATIVE");
                            unary!(|x| ops::negative(t, x))
                        }
                        Op::UNARY_POSITIVE => {
                            arm!("UNARY_POSITIVE");
                            unary!(|x| operator::unary(t, x, |s| &s.positive, "unary +"))
                        }
                        Op::UNARY_INVERT => {
                            arm!("UNARY_INVERT");
                            unary!(|x| operator::unary(t, x, |s| &s.invert, "unary ~"))
                        }
                        Op::UNARY_NOT => {
                            arm!("UNARY_NOT");
                            unary!(|x| protocol::is_true(t, x).map(|b| Value::bool(!b)))
                        }
                        Op::TO_BOOL => {
                            arm!("TO_BOOL");
                            // SAFETY: see above.
                            unsafe { ip = ip.add(1) };
                            unary!(|x| protocol::is_true(t, x).map(Value::bool))
                        }
                        Op::BINARY_SUBSCR => {
                            arm!("BINARY_SUBSCR");
                            adapt!(|site| specialize::binary_subscr(t, site, peek!(2), peek!(1)));
                            save!();
                            let (object, key) = (peek!(2), peek!(1));
                            let result = tri!(ops::subscript(t, &stack::view(object), &stack::view(key)));
                            drop_top!();
                            put!(1, result.into_bits());
                            // SAFETY: see above.
                            unsafe { stack::release(object) };
                        }
                        Op::STORE_SUBSCR => {
                            arm!("STORE_SUBSCR");
                            adapt!(|site| specialize::store_subscr(site, peek!(2), peek!(1)));
                            save!();
                            let (value, object, key) = (peek!(3), peek!(2), peek!(1));
                            tri!(protocol::set_item(t, &stack::view(object), &stack::view(key), &stack::view(value)));
                            drop_top!();
                            drop_top!();
                            drop_top!();
                        }
                        Op::DELETE_SUBSCR => {
                            arm!("DELETE_SUBSCR");
                            save!();
                            tri!(protocol::del_item(t, &stack::view(peek!(2)), &stack::view(peek!(1))));
                            drop_top!();
                            drop_top!();
                        }
                        Op::BINARY_SLICE => {
                            arm!("BINARY_SLICE");
                            save!();
                            let [object, start, stop] = [peek!(3), peek!(2), peek!(1)].map(stack::view);
                            let result = tri!(build::get_slice(t, &object, &start, &stop));
                            drop_top!();
                            drop_top!();
                            drop_top!();
                            push!(result);
                        }
                        Op::STORE_SLICE => {
                            arm!("STORE_SLICE");
                            save!();
                            let [value, object, start, stop] =
                                [peek!(4), peek!(3), peek!(2), peek!(1)].map(stack::view);
                            tri!(build::set_slice(t, &object, &start, &stop, &value));
                            for _ in 0..4 {
                                drop_top!();
                            }
                        }
                        Op::BUILD_SLICE => {
                            arm!("BUILD_SLICE");
                            let step = if arg == 3 { pop!() } else { Value::NONE };
                            let stop = pop!();
                            let start = pop!();
                            push!(build::slice(start, stop, step));
                        }

                        Op::BUILD_TUPLE | Op::BUILD_LIST => {
                            arm!("BUILD_TUPLE");
                            // SAFETY: see above.
                            sp = unsafe { sp.sub(arg) };
                            let at = sp;
                            // SAFETY: `arg` words at `at`, taken one by one.
                            let items = (0..arg).map(|i| unsafe { stack::take(*at.add(i)) });
                            push!(if op == Op::BUILD_TUPLE { build::tuple(arg, items) } else { build::list(items) });
                        }
                        Op::BUILD_SET => {
                            arm!("BUILD_SET");
                            save!();
                            // SAFETY: see above.
                            let set = tri!(unsafe { build::set(t, sp.sub(arg), arg) });
                            for _ in 0..arg {
                                drop_top!();
                            }
                            push!(set);
                        }
                        Op::BUILD_MAP => {
                            arm!("BUILD_MAP");
                            save!();
                            // SAFETY: see above.
                            let map = tri!(unsafe { build::map(t, sp.sub(2 * arg), arg) });
                            for _ in 0..2 * arg {
                                drop_top!();
                            }
                            push!(map);
                        }
                        Op::BUILD_STRING => {
                            arm!("BUILD_STRING");
                            // SAFETY: see above.
                            let text = unsafe { build::string(sp.sub(arg), arg) };
                            for _ in 0..arg {
                                drop_top!();
                            }
                            push!(text);
                        }
                        Op::LIST_APPEND => {
                            arm!("LIST_APPEND");
                            save!();
                            let v = pop!();
                            build::list_append(t, &stack::view(peek!(arg)), v);
                        }
                        Op::SET_ADD => {
                            arm!("SET_ADD");
                            save!();
                            let v = pop!();
                            tri!(build::set_add(t, &stack::view(peek!(arg)), v));
                        }
                        Op::MAP_ADD => {
                            arm!("MAP_ADD");
                            save!();
                            let value = pop!();
                            let key = pop!();
                            tri!(build::map_add(t, &stack::view(peek!(arg)), key, value));
                        }
                        Op::LIST_EXTEND => {
                            arm!("LIST_EXTEND");
                            save!();
                            tri!(build::list_extend(t, &stack::view(peek!(arg + 1)), &stack::view(peek!(1))));
                            drop_top!();
                        }
                        Op::SET_UPDATE => {
                            arm!("SET_UPDATE");
                            save!();
                            tri!(build::set_update(t, &stack::view(peek!(arg + 1)), &stack::view(peek!(1))));
                            drop_top!();
                        }
                        Op::DICT_UPDATE => {
                            arm!("DICT_UPDATE");
                            save!();
                            tri!(build::dict_update(t, &stack::view(peek!(arg + 1)), &stack::view(peek!(1))));
                            drop_top!();
                        }
                        Op::DICT_MERGE => {
                            arm!("DICT_MERGE");
                            save!();
                            let callable = peek!(arg + 4);
                            tri!(build::dict_merge(t, &stack::view(peek!(arg + 1)), &stack::view(peek!(1)), callable));
                            drop_top!();
                        }
                        Op::FORMAT_SIMPLE => {
                            arm!("FORMAT_SIMPLE");
                            if stack::view(peek!(1)).downcast_exact::<Str>().is_none() {
                                unary!(|x| protocol::format(t, x, &crate::object::names::empty_str()));
                            }
                        }
                        Op::FORMAT_WITH_SPEC => {
                            arm!("FORMAT_WITH_SPEC");
                            save!();
                            let (x, spec) = (peek!(2), peek!(1));
                            let result = tri!(protocol::format(t, &stack::view(x), &stack::view(spec)));
                            drop_top!();
                            drop_top!();
                            push!(result);
                        }
                        Op::CONVERT_VALUE => {
                            arm!("CONVERT_VALUE");
                            unary!(|x| build::convert(t, x, arg))
                        }
                        Op::BUILD_INTERPOLATION => {
                            arm!("BUILD_INTERPOLATION");
                            save!();
                            let spec = if arg & 1 != 0 { pop!() } else { crate::object::names::empty_str() };
                            let text = pop!();
                            let value = pop!();
                            push!(tri!(build::interpolation(t, value, text, arg >> 1, spec)));
                        }
                        Op::BUILD_TEMPLATE => {
                            arm!("BUILD_TEMPLATE");
                            save!();
                            let interpolations = pop!();
                            let strings = pop!();
                            push!(tri!(build::template(t, strings, interpolations)));
                        }
                        Op::UNPACK_SEQUENCE_STORE_FAST => {
                            arm!("UNPACK_SEQUENCE_STORE_FAST");
                            let w = peek!(1);
                            let view = stack::view(w);
                            let items = view.downcast_exact::<Tuple>().map(Tuple::items);
                            if let Some(items) = items.filter(|items| items.len() == arg) {
                                for item in items {
                                    // SAFETY: see above: the form is chosen where so many STORE_FAST follow.
                                    let next = unsafe { *ip };
                                    skip_cache!();
                                    store_local!((next >> 8) as usize, stack::dup(item.bits()));
                                }
                                sp = unsafe_sub(sp);
                                release_saved!(w);
                                continue 'next;
                            }
                            save!();
                            // Counted: the items are written over the word.
                            let v = pop!();
                            // SAFETY: the frame has room for `arg` words.
                            tri!(unsafe { build::unpack(t, &v, sp, arg) });
                            drop(v);
                            // SAFETY: see above.
                            sp = unsafe { sp.add(arg) };
                            for _ in 0..arg {
                                // SAFETY: as above.
                                let next = unsafe { *ip };
                                skip_cache!();
                                let item = pop_word!();
                                store_local!((next >> 8) as usize, item);
                            }
                        }
                        Op::UNPACK_SEQUENCE => {
                            arm!("UNPACK_SEQUENCE");
                            save!();
                            // Counted: the items are written over the word.
                            let v = pop!();
                            // SAFETY: the frame has room for `arg` words.
                            tri!(unsafe { build::unpack(t, &v, sp, arg) });
                            drop(v);
                            // SAFETY: see above.
                            sp = unsafe { sp.add(arg) };
                        }
                        Op::UNPACK_EX => {
                            arm!("UNPACK_EX");
                            save!();
                            let v = pop!();
                            let (before, after) = (arg & 0xff, arg >> 8);
                            // SAFETY: the frame has room for the words.
                            tri!(unsafe { build::unpack_star(t, &v, sp, before, after) });
                            drop(v);
                            // SAFETY: see above.
                            sp = unsafe { sp.add(before + 1 + after) };
                        }

                        Op::JUMP => {
                            arm!("JUMP");
                            jump!(arg)
                        }
                        Op::JUMP_BACKWARD => {
                            arm!("JUMP_BACKWARD");
                            // SAFETY: see above.
                            let cold = unsafe { (*frame).caches.is_null() };
                            if cold && let Some((start, caches)) = quicken::back_edge(t, code!()) {
                                base = start;
                                // SAFETY: see above.
                                unsafe {
                                    (*frame).start = start;
                                    (*frame).caches = caches;
                                }
                            }
                            jump!(arg);
                            if t.record.attention() != 0 {
                                save!();
                                tri!(ops::attention(t));
                            }
                            // The loop's head at once, where it is one of these.
                            // SAFETY: see above.
                            unsafe {
                                word = *ip;
                                ip = ip.add(1);
                            }
                            let arg = (word >> 8) as usize;
                            if word as u8 == Op::FOR_ITER_RANGE as u8 {
                                step!(fast::items::range_step(peek!(1)), arg);
                            } else if word as u8 == Op::FOR_ITER_LIST as u8 {
                                step!(fast::items::list_step(t, peek!(1)), arg);
                            } else {
                                continue;
                            }
                        }
                        Op::POP_JUMP_IF_TRUE | Op::POP_JUMP_IF_FALSE => {
                            arm!("POP_JUMP_IF_TRUE");
                            let w = peek!(1);
                            let truth = if w == Value::TRUE.bits() {
                                true
                            } else if w == Value::FALSE.bits() {
                                false
                            } else {
                                save!();
                                let truth = tri!(protocol::is_true(t, &stack::view(w)));
                                // SAFETY: see above.
                                unsafe { stack::release(w) };
                                truth
                            };
                            sp = unsafe_sub(sp);
                            if truth == (op == Op::POP_JUMP_IF_TRUE) {
                                jump!(arg);
                            }
                        }
                        Op::POP_JUMP_IF_NONE | Op::POP_JUMP_IF_NOT_NONE => {
                            arm!("POP_JUMP_IF_NONE");
                            let w = pop_word!();
                            let none = w == Value::NONE.bits();
                            if stack::is_pointer(w) {
                                save!();
                                // SAFETY: see above.
                                unsafe { stack::release(w) };
                            }
                            if none == (op == Op::POP_JUMP_IF_NONE) {
                                jump!(arg);
                            }
                        }
                        Op::JUMP_IF_TRUE_OR_POP | Op::JUMP_IF_FALSE_OR_POP => {
                            arm!("JUMP_IF_TRUE_OR_POP");
                            save!();
                            let truth = tri!(protocol::is_true(t, &stack::view(peek!(1))));
                            if truth == (op == Op::JUMP_IF_TRUE_OR_POP) {
                                jump!(arg);
                            } else {
                                drop_top!();
                            }
                        }

                        Op::GET_ITER => {
                            arm!("GET_ITER");
                            unary!(|x| protocol::iter(t, x))
                        }
                        Op::FOR_ITER => {
                            arm!("FOR_ITER");
                            adapt!(|site| specialize::for_iter(t, site, peek!(1)));
                            save!();
                            let iterator = stack::view(peek!(1));
                            if let Some(inner) = generator::start_step(t, &iterator) {
                                // SAFETY: the generator is ours until it yields.
                                frame =
                                    unsafe { tri!(generator::enter(t, inner, frame, Return::ForIter, Value::NONE)) };
                                load_frame!();
                                continue 'next;
                            }
                            match tri!(ops::next(t, &iterator)) {
                                Some(item) => push!(item),
                                None => {
                                    drop_top!();
                                    jump!(arg);
                                }
                            }
                        }
                        Op::GET_YIELD_FROM_ITER => {
                            arm!("GET_YIELD_FROM_ITER");
                            unary!(|x| generator::yield_from_iter(t, x, code!()))
                        }
                        Op::RETURN_GENERATOR => {
                            arm!("RETURN_GENERATOR");
                            save!();
                            // SAFETY: the frame's locals are complete; it is left now.
                            let made = unsafe { generator::from_frame(t, frame) };
                            // SAFETY: see above.
                            let (action, previous) = unsafe { ((*frame).action, (*frame).previous) };
                            // SAFETY: the frame was emptied by `from_frame`.
                            unsafe { call::pop(t, frame) };
                            match action {
                                Return::ToRust => return Ok(Exit::Return(made)),
                                _ => {
                                    frame = previous;
                                    load_frame!();
                                    push!(made);
                                }
                            }
                        }
                        Op::YIELD_VALUE => {
                            arm!("YIELD_VALUE");
                            let v = pop!();
                            save!();
                            // SAFETY: see above.
                            let (action, previous) = unsafe { generator::suspend(t, frame) };
                            match action {
                                Return::ToRust => return Ok(Exit::Yield(v)),
                                _ => {
                                    // `FOR_ITER` and `SEND` both go on with the value pushed.
                                    frame = previous;
                                    load_frame!();
                                    push!(v);
                                }
                            }
                        }
                        Op::SEND => {
                            arm!("SEND");
                            save!();
                            let receiver = stack::view(peek!(2));
                            if let Some(inner) = generator::start_send(t, &receiver) {
                                let v = pop!();
                                save!();
                                // SAFETY: the generator is ours until it yields.
                                frame = unsafe { tri!(generator::enter(t, inner, frame, Return::Send, v)) };
                                load_frame!();
                                continue 'next;
                            }
                            let v = pop!();
                            save!();
                            match tri!(protocol::send(t, &receiver, &v)) {
                                Sent::Yield(v) => push!(v),
                                Sent::Return(v) => {
                                    push!(v);
                                    jump!(arg);
                                }
                            }
                        }
                        Op::END_SEND => {
                            arm!("END_SEND");
                            save!();
                            let v = pop_word!();
                            drop_top!();
                            push_word!(v);
                        }
                        Op::CLEANUP_THROW => {
                            arm!("CLEANUP_THROW");
                            save!();
                            match exceptions::stop_value(t, &stack::view(peek!(1))) {
                                Some(v) => {
                                    drop_top!();
                                    drop_top!();
                                    drop_top!();
                                    push!(Value::NONE);
                                    push!(v);
                                }
                                None => {
                                    add_place = false;
                                    let e = pop!();
                                    break 'error raise::again(t, e);
                                }
                            }
                        }
                        Op::GET_AWAITABLE => {
                            arm!("GET_AWAITABLE");
                            unary!(|x| generator::awaitable(t, x, arg))
                        }
                        Op::GET_AITER => {
                            arm!("GET_AITER");
                            unary!(|x| generator::aiter(t, x))
                        }
                        Op::GET_ANEXT => {
                            arm!("GET_ANEXT");
                            save!();
                            push!(tri!(generator::anext(t, &stack::view(peek!(1)))));
                        }
                        Op::END_ASYNC_FOR => {
                            arm!("END_ASYNC_FOR");
                            save!();
                            let e = pop!();
                            if exceptions::is_stop_async(&e) {
                                drop(e);
                                drop_top!();
                            } else {
                                add_place = false;
                                break 'error raise::again(t, e);
                            }
                        }

                        Op::MAKE_FUNCTION => {
                            arm!("MAKE_FUNCTION");
                            let w = peek!(1);
                            // SAFETY: see above.
                            put!(1, unsafe { call::make_function(&*frame, stack::copy(w)) }.into_bits());
                            // SAFETY: see above.
                            unsafe { stack::release(w) };
                        }
                        Op::SET_FUNCTION_ATTRIBUTE => {
                            arm!("SET_FUNCTION_ATTRIBUTE");
                            let function = pop_word!();
                            let v = pop!();
                            call::set_function_attribute(&stack::view(function), arg, v);
                            push_word!(function);
                        }
                        Op::CALL => {
                            arm!("CALL");
                            adapt!(|site| {
                                // SAFETY: see above.
                                unsafe { specialize::call(t, site, sp, arg) }
                            });
                            save!();
                            // SAFETY: the words are laid out as the instruction says.
                            match tri_call!(unsafe { call::call(t, frame, arg, 0) }) {
                                call::Called::Result(v) => {
                                    // SAFETY: see above.
                                    sp = unsafe { (*frame).sp };
                                    push!(v);
                                }
                                call::Called::Pushed(callee) => {
                                    frame = callee;
                                    load_frame!();
                                }
                            }
                        }
                        Op::CALL_KW => {
                            arm!("CALL_KW");
                            // SAFETY: see above.
                            unsafe { ip = ip.add(1) };
                            let names = pop_word!();
                            save!();
                            // Keyword names are a constant of this code: alive during the call.
                            // SAFETY: the words are laid out as the instruction says.
                            match tri_call!(unsafe { call::call(t, frame, arg, names) }) {
                                call::Called::Result(v) => {
                                    // SAFETY: see above.
                                    sp = unsafe { (*frame).sp };
                                    push!(v);
                                }
                                call::Called::Pushed(callee) => {
                                    frame = callee;
                                    load_frame!();
                                }
                            }
                        }
                        Op::CALL_FUNCTION_EX => {
                            arm!("CALL_FUNCTION_EX");
                            save!();
                            // SAFETY: the words are laid out as the instruction says.
                            match tri_call!(unsafe { call::call_ex(t, frame, arg == 1) }) {
                                call::Called::Result(v) => {
                                    // SAFETY: see above.
                                    sp = unsafe { (*frame).sp };
                                    push!(v);
                                }
                                call::Called::Pushed(callee) => {
                                    frame = callee;
                                    load_frame!();
                                }
                            }
                        }
                        Op::CALL_INTRINSIC_1 => {
                            arm!("CALL_INTRINSIC_1");
                            // SAFETY: see above.
                            unary!(|x| unsafe { intrinsics::one(t, frame, arg, x) })
                        }
                        Op::CALL_INTRINSIC_2 => {
                            arm!("CALL_INTRINSIC_2");
                            save!();
                            let (a, b) = (peek!(2), peek!(1));
                            let result = tri!(intrinsics::two(t, frame, arg, &stack::view(a), &stack::view(b)));
                            drop_top!();
                            drop_top!();
                            push!(result);
                        }
                        Op::RETURN_VALUE => {
                            arm!("RETURN_VALUE");
                            // SAFETY: see above.
                            let (action, previous) = unsafe { ((*frame).action, (*frame).previous) };
                            if action == Return::Push {
                                let w = pop_word!();
                                save!();
                                // The result goes to the caller's stack first: what is released may run a collection, which
                                // looks for borrowed words there.
                                // SAFETY: see above; a caller has room for a result. The frame has ended.
                                unsafe {
                                    let top = (*previous).sp;
                                    *top = stack::keep(w);
                                    (*previous).sp = top.add(1);
                                    frame::clear(frame);
                                    call::pop(t, frame);
                                }
                                frame = previous;
                                load_frame!();
                                continue 'next;
                            }
                            let v = pop!();
                            save!();
                            match action {
                                Return::Push => unreachable!("handled above"),
                                Return::ToRust => {
                                    // SAFETY: the frame has ended.
                                    unsafe {
                                        if (*frame).generator != 0 {
                                            generator::finish(t, frame);
                                        } else {
                                            frame::clear(frame);
                                            call::pop(t, frame);
                                        }
                                    }
                                    return Ok(Exit::Return(v));
                                }
                                Return::Init => {
                                    // SAFETY: see above.
                                    let instance = unsafe { (*frame).instance };
                                    // SAFETY: the frame has ended.
                                    unsafe {
                                        frame::clear(frame);
                                        call::pop(t, frame);
                                    }
                                    frame = previous;
                                    load_frame!();
                                    if !v.is_none() {
                                        // SAFETY: see above.
                                        unsafe { stack::release(instance) };
                                        break 'error classes::init_returned(t, &v);
                                    }
                                    push_word!(instance);
                                }
                                Return::ForIter => {
                                    // SAFETY: the generator has ended.
                                    unsafe { generator::finish(t, frame) };
                                    frame = previous;
                                    load_frame!();
                                    drop_top!();
                                    // SAFETY: the instruction and its cache word are behind `ip`.
                                    let target = unsafe { *ip.sub(2) } >> 8;
                                    jump!(target as usize);
                                }
                                Return::Send => {
                                    // SAFETY: the generator has ended.
                                    unsafe { generator::finish(t, frame) };
                                    frame = previous;
                                    load_frame!();
                                    push!(v);
                                    // SAFETY: the instruction is behind `ip`.
                                    let target = unsafe { *ip.sub(1) } >> 8;
                                    jump!(target as usize);
                                }
                            }
                        }

                        Op::PUSH_EXC_INFO => {
                            arm!("PUSH_EXC_INFO");
                            let e = stack::copy(peek!(1));
                            let previous = t.handled.replace(Some(e)).unwrap_or(Value::NONE);
                            let w = pop_word!();
                            push!(previous);
                            push_word!(w);
                        }
                        Op::POP_EXCEPT => {
                            arm!("POP_EXCEPT");
                            save!();
                            let previous = pop!();
                            let previous = (!previous.is_none()).then_some(previous);
                            let old = t.handled.replace(previous);
                            save!();
                            drop(old);
                        }
                        Op::CHECK_EXC_MATCH => {
                            arm!("CHECK_EXC_MATCH");
                            save!();
                            let (e, class) = (peek!(2), peek!(1));
                            let matches = tri!(exceptions::matches(t, &stack::view(e), &stack::view(class)));
                            drop_top!();
                            push!(Value::bool(matches));
                        }
                        Op::CHECK_EG_MATCH => {
                            arm!("CHECK_EG_MATCH");
                            save!();
                            let (e, class) = (peek!(2), peek!(1));
                            let (matched, rest) =
                                tri!(exceptions::group_match(t, &stack::view(e), &stack::view(class)));
                            drop_top!();
                            drop_top!();
                            push!(rest);
                            push!(matched);
                        }
                        Op::RAISE_VARARGS => {
                            arm!("RAISE_VARARGS");
                            save!();
                            let cause = if arg == 2 { Some(pop!()) } else { None };
                            let e = if arg >= 1 { Some(pop!()) } else { None };
                            save!();
                            let (raised, again) = exceptions::raise(t, e, cause);
                            add_place = !again;
                            break 'error raised;
                        }
                        Op::RERAISE => {
                            arm!("RERAISE");
                            let e = pop!();
                            save!();
                            // This instruction's own place decides which handler is next. The place that operand 1 keeps under
                            // the exception is in the traceback already.
                            add_place = false;
                            break 'error raise::again(t, e);
                        }
                        Op::WITH_EXCEPT_START => {
                            arm!("WITH_EXCEPT_START");
                            save!();
                            let [method, this, e] = [peek!(5), peek!(4), peek!(1)];
                            push!(tri!(exceptions::call_exit(t, method, this, &stack::view(e))));
                        }

                        Op::GET_LEN => {
                            arm!("GET_LEN");
                            save!();
                            let n = tri!(protocol::len(t, &stack::view(peek!(1))));
                            push!(Value::int(n as i64));
                        }
                        Op::MATCH_MAPPING => {
                            arm!("MATCH_MAPPING");
                            push!(Value::bool(matching::is_mapping(&stack::view(peek!(1)))))
                        }
                        Op::MATCH_SEQUENCE => {
                            arm!("MATCH_SEQUENCE");
                            push!(Value::bool(matching::is_sequence(&stack::view(peek!(1)))))
                        }
                        Op::MATCH_KEYS => {
                            arm!("MATCH_KEYS");
                            save!();
                            push!(tri!(matching::keys(t, &stack::view(peek!(2)), &stack::view(peek!(1)))));
                        }
                        Op::MATCH_CLASS => {
                            arm!("MATCH_CLASS");
                            save!();
                            let [subject, class, keywords] = [peek!(3), peek!(2), peek!(1)].map(stack::view);
                            let result = tri!(matching::class(t, &subject, &class, arg, &keywords));
                            drop_top!();
                            drop_top!();
                            drop_top!();
                            push!(result);
                        }

                        Op::IMPORT_NAME => {
                            arm!("IMPORT_NAME");
                            save!();
                            let (level, from) = (peek!(2), peek!(1));
                            // SAFETY: see above.
                            let module = tri!(unsafe {
                                imports::import_name(
                                    t,
                                    &*frame,
                                    constant_name!(arg),
                                    &stack::view(from),
                                    &stack::view(level),
                                )
                            });
                            drop_top!();
                            drop_top!();
                            push!(module);
                        }
                        Op::IMPORT_FROM => {
                            arm!("IMPORT_FROM");
                            save!();
                            push!(tri!(imports::import_from(t, &stack::view(peek!(1)), constant_name!(arg))));
                        }
                        Op::LAST_GENERIC => {
                            arm!("LAST_GENERIC");
                            save!();
                            break 'error raise::system_error(t, "not an instruction");
                        }

                        Op::LOAD_GLOBAL_MODULE => {
                            arm!("LOAD_GLOBAL_MODULE");
                            // SAFETY: see above.
                            match unsafe { fast::names::module(frame, cache!()) } {
                                Some(w) => global!(w),
                                None => generic!(LOAD_GLOBAL),
                            }
                        }
                        Op::LOAD_GLOBAL_BUILTIN => {
                            arm!("LOAD_GLOBAL_BUILTIN");
                            // SAFETY: see above.
                            match unsafe { fast::names::builtin(frame, cache!()) } {
                                Some(w) => global!(w),
                                None => generic!(LOAD_GLOBAL),
                            }
                        }

                        Op::LOAD_ATTR_SLOT => {
                            arm!("LOAD_ATTR_SLOT");
                            load_attr!(slot, LOAD_ATTR)
                        }
                        Op::LOAD_ATTR_CLASS => {
                            arm!("LOAD_ATTR_CLASS");
                            load_attr!(of_class, LOAD_ATTR)
                        }
                        Op::LOAD_ATTR_MODULE => {
                            arm!("LOAD_ATTR_MODULE");
                            load_attr!(of_module, LOAD_ATTR)
                        }
                        Op::LOAD_ATTR_TYPE => {
                            arm!("LOAD_ATTR_TYPE");
                            load_attr!(of_type, LOAD_ATTR)
                        }
                        Op::LOAD_ATTR_PROPERTY => {
                            arm!("LOAD_ATTR_PROPERTY");
                            enter!(fast::calls::property(t, frame, sp, cache!()), LOAD_ATTR)
                        }
                        Op::LOAD_METHOD_CLASS => {
                            arm!("LOAD_METHOD_CLASS");
                            let w = peek!(1);
                            // SAFETY: see above.
                            match either!(of_class(w)) {
                                Some(method) => {
                                    put!(1, method);
                                    push_word!(w);
                                }
                                None => generic!(LOAD_METHOD),
                            }
                            skip_cache!();
                        }
                        Op::LOAD_METHOD_SLOT => {
                            arm!("LOAD_METHOD_SLOT");
                            load_unbound!(slot)
                        }
                        Op::LOAD_METHOD_PLAIN => {
                            arm!("LOAD_METHOD_PLAIN");
                            load_unbound!(of_class)
                        }
                        Op::LOAD_METHOD_MODULE => {
                            arm!("LOAD_METHOD_MODULE");
                            load_unbound!(of_module)
                        }
                        Op::LOAD_METHOD_TYPE => {
                            arm!("LOAD_METHOD_TYPE");
                            load_unbound!(of_type)
                        }
                        Op::LOAD_SUPER_METHOD_CACHED => {
                            arm!("LOAD_SUPER_METHOD_CACHED");
                            let [sup, class, object] = [peek!(3), peek!(2), peek!(1)];
                            // SAFETY: see above.
                            let Some(method) = (unsafe { fast::attributes::of_super(sup, class, object, cache!()) })
                            else {
                                generic!(LOAD_SUPER_METHOD)
                            };
                            skip_cache!();
                            put!(3, method);
                            put!(2, object);
                            sp = unsafe_sub(sp);
                            save!();
                            // SAFETY: see above.
                            unsafe {
                                stack::release(class);
                                stack::release(sup);
                            }
                        }
                        Op::STORE_ATTR_SLOT => {
                            arm!("STORE_ATTR_SLOT");
                            // The lock may have to be waited for.
                            save!();
                            let (value, object) = (peek!(2), peek!(1));
                            // SAFETY: see above.
                            let Some(old) = either!(store_slot(t, object, value)) else { generic!(STORE_ATTR) };
                            skip_cache!();
                            // SAFETY: see above.
                            sp = unsafe { sp.sub(2) };
                            save!();
                            // SAFETY: see above.
                            unsafe {
                                stack::release(old);
                                stack::release(object);
                            }
                        }
                        Op::STORE_ATTR_ADD => {
                            arm!("STORE_ATTR_ADD");
                            // The lock may have to be waited for.
                            save!();
                            let (value, object) = (peek!(2), peek!(1));
                            // SAFETY: see above.
                            let Some(()) = (unsafe { fast::attributes::store_add(t, object, value, cache!()) }) else {
                                generic!(STORE_ATTR)
                            };
                            skip_cache!();
                            // SAFETY: see above.
                            sp = unsafe { sp.sub(2) };
                            save!();
                            // SAFETY: see above.
                            unsafe { stack::release(object) };
                        }

                        Op::BINARY_ADD_INT => {
                            arm!("BINARY_ADD_INT");
                            ints!(|a, b| a + b)
                        }
                        Op::BINARY_SUBTRACT_INT => {
                            arm!("BINARY_SUBTRACT_INT");
                            ints!(|a, b| a - b)
                        }
                        Op::BINARY_MULTIPLY_INT => {
                            arm!("BINARY_MULTIPLY_INT");
                            let (a, b) = (peek!(2), peek!(1));
                            let product =
                                both_ints(a, b).and_then(|(a, b)| a.checked_mul(b)).and_then(Value::small_int);
                            let Some(product) = product else { generic!(BINARY_OP) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, product.into_bits());
                        }
                        Op::BINARY_OP_INT => {
                            arm!("BINARY_OP_INT");
                            let (a, b) = (peek!(2), peek!(1));
                            let result =
                                both_ints(a, b).and_then(|(a, b)| ops::arithmetic::ints(ops::binary_op(arg), a, b));
                            let Some(result) = result else { generic!(BINARY_OP) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, result);
                        }
                        Op::BINARY_ADD_FLOAT => {
                            arm!("BINARY_ADD_FLOAT");
                            floats!(|a, b| a + b)
                        }
                        Op::BINARY_SUBTRACT_FLOAT => {
                            arm!("BINARY_SUBTRACT_FLOAT");
                            floats!(|a, b| a - b)
                        }
                        Op::BINARY_MULTIPLY_FLOAT => {
                            arm!("BINARY_MULTIPLY_FLOAT");
                            floats!(|a, b| a * b)
                        }
                        Op::BINARY_DIVIDE_FLOAT => {
                            arm!("BINARY_DIVIDE_FLOAT");
                            let (a, b) = (peek!(2), peek!(1));
                            let Some((a, b)) = both_floats(a, b).filter(|(_, b)| *b != 0.0) else {
                                generic!(BINARY_OP)
                            };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, Value::float(a / b).into_bits());
                        }
                        Op::COMPARE_OP_INT => {
                            arm!("COMPARE_OP_INT");
                            let Some((a, b)) = both_ints(peek!(2), peek!(1)) else { generic!(COMPARE_OP) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, Value::bool(compares(arg, &a, &b)).into_bits());
                        }
                        Op::COMPARE_OP_FLOAT => {
                            arm!("COMPARE_OP_FLOAT");
                            let Some((a, b)) = both_floats(peek!(2), peek!(1)) else { generic!(COMPARE_OP) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, Value::bool(compares(arg, &a, &b)).into_bits());
                        }
                        Op::COMPARE_OP_INT_JUMP => {
                            arm!("COMPARE_OP_INT_JUMP");
                            let Some((a, b)) = both_ints(peek!(2), peek!(1)) else { generic!(COMPARE_OP) };
                            compare_jump!(compares(arg, &a, &b));
                        }
                        Op::COMPARE_OP_FLOAT_JUMP => {
                            arm!("COMPARE_OP_FLOAT_JUMP");
                            let Some((a, b)) = both_floats(peek!(2), peek!(1)) else { generic!(COMPARE_OP) };
                            compare_jump!(compares(arg, &a, &b));
                        }
                        Op::COMPARE_OP_STR => {
                            arm!("COMPARE_OP_STR");
                            let (a, b) = (peek!(2), peek!(1));
                            let (x, y) = (stack::view(a), stack::view(b));
                            let (Some(x), Some(y)) = (x.downcast_exact::<Str>(), y.downcast_exact::<Str>()) else {
                                generic!(COMPARE_OP)
                            };
                            let equal = std::ptr::eq(x, y) || x.eq(y);
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, Value::bool(equal == (ops::compare_op(arg & 15) == CompareOp::Eq)).into_bits());
                            // SAFETY: see above; the end of a str runs no code.
                            unsafe {
                                stack::release(b);
                                stack::release(a);
                            }
                        }
                        Op::BINARY_SUBSCR_LIST => {
                            arm!("BINARY_SUBSCR_LIST");
                            let (object, key) = (peek!(2), peek!(1));
                            // SAFETY: see above.
                            let Some(item) = (unsafe { fast::items::list_item(object, key) }) else {
                                generic!(BINARY_SUBSCR)
                            };
                            subscripted!(object, item);
                        }
                        Op::BINARY_SUBSCR_TUPLE => {
                            arm!("BINARY_SUBSCR_TUPLE");
                            let (object, key) = (peek!(2), peek!(1));
                            // SAFETY: see above.
                            let Some(item) = (unsafe { fast::items::tuple_item(object, key) }) else {
                                generic!(BINARY_SUBSCR)
                            };
                            subscripted!(object, item);
                        }
                        Op::BINARY_SUBSCR_DICT => {
                            arm!("BINARY_SUBSCR_DICT");
                            let (object, key) = (peek!(2), peek!(1));
                            let view = stack::view(object);
                            let Some(dict) = view.downcast_exact::<Dict>() else { generic!(BINARY_SUBSCR) };
                            save!();
                            let found = {
                                // SAFETY: see above: one instruction further, as the generic form saves it.
                                unsafe { (*frame).ip = ip.add(1) };
                                tri!(dict.get(t, &stack::view(key)))
                            };
                            let Some(item) = found else { generic!(BINARY_SUBSCR) };
                            skip_cache!();
                            sp = unsafe_sub(sp);
                            put!(1, item.into_bits());
                            // SAFETY: see above.
                            unsafe {
                                stack::release(key);
                                stack::release(object);
                            }
                        }
                        Op::BINARY_SUBSCR_GETITEM => {
                            arm!("BINARY_SUBSCR_GETITEM");
                            enter!(fast::calls::getitem(t, frame, sp, cache!()), BINARY_SUBSCR)
                        }
                        Op::STORE_SUBSCR_LIST => {
                            arm!("STORE_SUBSCR_LIST");
                            // The lock may have to be waited for.
                            save!();
                            let [value, object, key] = [peek!(3), peek!(2), peek!(1)];
                            // SAFETY: see above.
                            let Some(old) = (unsafe { fast::items::set_list_item(t, object, key, value) }) else {
                                generic!(STORE_SUBSCR)
                            };
                            skip_cache!();
                            // SAFETY: see above.
                            sp = unsafe { sp.sub(3) };
                            save!();
                            drop(old);
                            // SAFETY: see above.
                            unsafe { stack::release(object) };
                        }
                        Op::STORE_SUBSCR_DICT => {
                            arm!("STORE_SUBSCR_DICT");
                            let [value, object, key] = [peek!(3), peek!(2), peek!(1)];
                            let view = stack::view(object);
                            let Some(dict) = view.downcast_exact::<Dict>() else { generic!(STORE_SUBSCR) };
                            skip_cache!();
                            save!();
                            let old = tri!(dict.set(t, stack::copy(key), stack::copy(value)));
                            drop(old);
                            drop_top!();
                            drop_top!();
                            drop_top!();
                        }

                        Op::FOR_ITER_LIST => {
                            arm!("FOR_ITER_LIST");
                            step!(fast::items::list_step(t, peek!(1)), arg)
                        }
                        Op::FOR_ITER_TUPLE => {
                            arm!("FOR_ITER_TUPLE");
                            step!(fast::items::tuple_step(t, peek!(1)), arg)
                        }
                        Op::FOR_ITER_RANGE => {
                            arm!("FOR_ITER_RANGE");
                            step!(fast::items::range_step(peek!(1)), arg)
                        }
                        Op::FOR_ITER_GENERATOR => {
                            arm!("FOR_ITER_GENERATOR");
                            // SAFETY: see above.
                            unsafe { (*frame).sp = sp };
                            enter!(generator::step(t, frame, peek!(1), cache!()), FOR_ITER)
                        }
                        Op::CALL_FUNCTION => {
                            arm!("CALL_FUNCTION");
                            enter!(fast::calls::function(t, frame, sp, arg, cache!()), CALL)
                        }
                        Op::CALL_FUNCTION_DEFAULTS => {
                            arm!("CALL_FUNCTION_DEFAULTS");
                            enter!(fast::calls::with_defaults(t, frame, sp, arg, cache!()), CALL)
                        }
                        Op::CALL_FUNCTION_BOUND => {
                            arm!("CALL_FUNCTION_BOUND");
                            enter!(fast::calls::bound(t, frame, sp, arg, cache!()), CALL)
                        }
                        Op::CALL_CLASS => {
                            arm!("CALL_CLASS");
                            enter!(fast::calls::class(t, frame, sp, arg, cache!()), CALL)
                        }
                        Op::CALL_NATIVE => {
                            arm!("CALL_NATIVE");
                            called!(fast::calls::native(t, sp, arg, cache!()))
                        }
                        Op::CALL_NATIVE_RAW => {
                            arm!("CALL_NATIVE_RAW");
                            called!(fast::calls::native_raw(t, sp, arg, cache!()))
                        }
                    }
                    continue 'next;
                }
            }
        };
        // SAFETY: see above.
        unsafe { (*frame).sp = sp };
        // SAFETY: see above.
        match unsafe { unwind::unwind(t, &mut frame, entry, error, std::mem::replace(&mut add_place, true)) } {
            Unwound::Handled => {
                load_frame!();
                continue 'frames;
            }
            Unwound::Left(raised) => return Err(raised),
        }
    }
}

/// The stack pointer one word lower.
#[inline(always)]
fn unsafe_sub(sp: *mut Word) -> *mut Word {
    sp.wrapping_sub(1)
}

/// The values of two words that are immediate ints.
#[inline(always)]
fn both_ints(a: Word, b: Word) -> Option<(i64, i64)> {
    let (a, b) = (immediate(a), immediate(b));
    (a.is_small_int() && b.is_small_int()).then(|| (a.small_int_value(), b.small_int_value()))
}

/// The values of two words that are floats.
#[inline(always)]
fn both_floats(a: Word, b: Word) -> Option<(f64, f64)> {
    let (a, b) = (immediate(a), immediate(b));
    (a.is_float() && b.is_float()).then(|| (a.float_value(), b.float_value()))
}

/// A word to be looked at as an immediate.
#[inline(always)]
fn immediate(w: Word) -> std::mem::ManuallyDrop<Value> {
    // SAFETY: a bound word; never dropped, and not followed where it is a pointer.
    std::mem::ManuallyDrop::new(unsafe { Value::from_bits(w) })
}

/// The comparison that an operand of `COMPARE_OP` names, of numbers, without a branch.
#[inline(always)]
#[allow(clippy::neg_cmp_op_on_partial_ord, reason = "NaNs: neither less nor greater")]
fn compares<T: PartialOrd>(arg: usize, a: &T, b: &T) -> bool {
    // For each `CompareOp` four bits: whether it holds for less, equal, greater, and not comparable (a NaN).
    const HOLDS: u32 = 0b0110_0100_1101_0010_0011_0001;
    const { assert!(CompareOp::Lt as u32 == 0 && CompareOp::Ne as u32 == 3 && CompareOp::Ge as u32 == 5) };
    // 0: less, 1: equal, 2: greater, 3: not comparable.
    let relation = u32::from(!(a < b)) + u32::from(!(a <= b)) + u32::from(!(a <= b) && !(a > b));
    HOLDS >> ((arg as u32 & 7) * 4 + relation) & 1 != 0
}

/// The code that a running frame executes.
#[inline(always)]
fn code_of<'a>(frame: *mut Frame) -> &'a Code {
    // SAFETY: the loop's frame is alive, and its code with it.
    unsafe { (*frame).code() }
}

/// A name of the running code.
#[inline(always)]
fn name_at<'a>(frame: *mut Frame, index: usize) -> &'a Value {
    // SAFETY: the compiler and the `.pyc` loader keep operand indexes in range.
    unsafe { code_of(frame).names.get_unchecked(index) }
}
