//! Functions, calls, returns.

use super::registers::*;
use crate::bytecode::opcode::*;
use crate::interp::fast::{self, calls::Native};
use crate::interp::frame::Return;
use crate::interp::ops::{classes, intrinsics};
use crate::interp::specialize::{self, Site};
use crate::interp::stack::{self, Word};
use crate::interp::{call, generator};
use crate::object::value::Value;

/// Goes on after a call: with its result, or in a frame just pushed.
#[inline(always)]
fn go_on(r: &mut Registers, called: call::Called) -> Next {
    match called {
        call::Called::Result(v) => r.push_value(v),
        call::Called::Pushed(callee) => {
            r.frame = callee;
            r.load();
        }
    }
    Ok(Flow::Next)
}

/// Ends a native call whose words are still on the stack.
macro_rules! called {
    ($r:ident, $call:expr) => {{
        // SAFETY: see `Registers`: the saved place is behind the cache word.
        unsafe {
            (*$r.frame).ip = $r.ip.add(1);
            (*$r.frame).sp = $r.sp;
        }
        // SAFETY: see `Registers`.
        let Some(result) = (unsafe { $call }) else { return Ok(Flow::As(Op::CALL)) };
        $r.skip_word();
        let result = result?;
        $r.drop_words($r.arg());
        let (callable, this) = ($r.peek(2), $r.peek(1));
        if $r.next_word() == Op::POP_TOP as u32 && result.is_none() {
            // The next instruction at once.
            $r.skip_word();
            $r.shrink(2);
        } else {
            $r.put(2, result.into_bits());
            $r.shrink(1);
        }
        $r.release_saved(this);
        Ok(Flow::Release(callable))
    }};
}

/// `MAKE_FUNCTION`.
#[inline(always)]
pub fn make_function(r: &mut Registers) -> Next {
    let w = r.peek(1);
    // SAFETY: see `Registers`.
    r.put(1, unsafe { call::make_function(&*r.frame, stack::copy(w)) }.into_bits());
    Ok(Flow::Release(w))
}

/// `SET_FUNCTION_ATTRIBUTE`.
#[inline(always)]
pub fn set_function_attribute(r: &mut Registers) -> Next {
    let (t, arg) = (r.t, r.arg());
    let function = r.pop();
    let v = r.pop_value();
    r.push(function);
    r.save();
    call::set_function_attribute(t, &stack::view(function), arg, v)?;
    Ok(Flow::Next)
}

/// `CALL`.
#[inline(always)]
pub fn call(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| {
        // SAFETY: see `Registers`.
        unsafe { specialize::call(t, site, r.sp, arg) }
    });
    r.save();
    // SAFETY: the words are laid out as the instruction says.
    let called = r.called(unsafe { call::call(t, r.frame, arg, 0) })?;
    go_on(r, called)
}

/// `CALL_KW`.
#[inline(always)]
pub fn call_kw(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| {
        // SAFETY: see `Registers`.
        unsafe { specialize::call_kw(t, site, r.sp, arg) }
    });
    let names = r.pop();
    r.save();
    // Keyword names are a constant of this code: alive during the call.
    // SAFETY: the words are laid out as the instruction says.
    let called = r.called(unsafe { call::call(t, r.frame, arg, names) })?;
    go_on(r, called)
}

/// `CALL_FUNCTION_EX`.
#[inline(always)]
pub fn call_function_ex(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: the words are laid out as the instruction says.
    let called = r.called(unsafe { call::call_ex(t, r.frame, arg == 1) })?;
    go_on(r, called)
}

/// `CALL_INTRINSIC_1`.
#[inline(always)]
pub fn call_intrinsic_1(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    // SAFETY: see `Registers`.
    unary!(r, |x| unsafe { intrinsics::one(t, r.frame, arg, x) });
    Ok(Flow::Next)
}

/// `CALL_INTRINSIC_2`.
#[inline(always)]
pub fn call_intrinsic_2(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let (a, b) = (r.peek(2), r.peek(1));
    let result = intrinsics::two(t, r.frame, arg, &stack::view(a), &stack::view(b))?;
    r.drop_words(2);
    r.push_value(result);
    Ok(Flow::Next)
}

/// `CALL_FUNCTION`.
#[inline(always)]
pub fn call_function(r: &mut Registers) -> Next {
    call_function_at::<0>(r)
}

/// By one of the cache's two entries.
#[inline(always)]
fn call_function_at<const ENTRY: usize>(r: &mut Registers) -> Next {
    enter!(r, fast::calls::function(r.t, r.frame, r.sp, r.arg(), &r.entries()[ENTRY]), else {
        if ENTRY == 0 { rest!(call_function_at::<1>) } else { Ok(Flow::As(Op::CALL)) }
    });
    Ok(Flow::Next)
}

/// `CALL_FUNCTION_DEFAULTS`.
#[inline(always)]
pub fn call_function_defaults(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    enter!(r, fast::calls::with_defaults(t, r.frame, r.sp, arg, r.cache()), CALL);
    Ok(Flow::Next)
}

/// `CALL_KW_FUNCTION`.
#[inline(always)]
pub fn call_kw_function(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    enter!(r, fast::calls::with_names(t, r.frame, r.sp, arg, r.cache()), CALL_KW);
    Ok(Flow::Next)
}

/// `CALL_FUNCTION_BOUND`.
#[inline(always)]
pub fn call_function_bound(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    enter!(r, fast::calls::bound(t, r.frame, r.sp, arg, r.cache()), CALL);
    Ok(Flow::Next)
}

/// `CALL_CLASS`.
#[inline(always)]
pub fn call_class(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    enter!(r, fast::calls::class(t, r.frame, r.sp, arg, r.cache()), CALL);
    Ok(Flow::Next)
}

/// Declares `CALL_NATIVE` for a number of arguments.
macro_rules! call_native {
    ($name:ident, $at:ident, $n:literal) => {
        #[inline(always)]
        pub fn $name(r: &mut Registers) -> Next {
            $at::<true>(r)
        }

        /// As `native_arguments` says, first for what is quick to tell.
        #[inline(always)]
        fn $at<const QUICK: bool>(r: &mut Registers) -> Next {
            let (count, cache) = (r.arg(), r.cache());
            // SAFETY: see `Registers`.
            let args = unsafe { fast::calls::native_arguments::<$n, QUICK>(r.sp.sub(count + 2), count, cache) };
            match args {
                Some(args) => native_called::<$n>(r, args, cache.value),
                None if QUICK => rest!($at::<false>),
                None => Ok(Flow::As(Op::CALL)),
            }
        }
    };
}

call_native!(call_native_0, call_native_0_at, 0);
call_native!(call_native_1, call_native_1_at, 1);
call_native!(call_native_2, call_native_2_at, 2);
call_native!(call_native_3, call_native_3_at, 3);

/// Calls a native function whose arguments are the last `N` words on the stack, above its own and perhaps a null.
#[inline(always)]
fn native_called<const N: usize>(r: &mut Registers, args: *mut Word, address: u64) -> Next
where
    (): Native<N>,
{
    // SAFETY: see `Registers`: the saved place is behind the cache word.
    unsafe {
        (*r.frame).ip = r.ip.add(1);
        (*r.frame).sp = r.sp;
        // In place: no address of a local leaves, after which the handler could not end with a jump.
        let words: [Word; N] = std::array::from_fn(|i| *args.add(i));
        (0..N).for_each(|i| *args.add(i) = stack::clean(words[i]));
        let result = <() as Native<N>>::call(address, r.t, args.cast());
        (0..N).for_each(|i| *args.add(i) = words[i]);
        let result = result?;
        r.skip_word();
        // The callable's place: below the arguments, or below a null that takes no more than its place.
        r.sp = r.sp.sub(r.arg() + 2);
        let callable = *r.sp;
        if r.next_word() == Op::POP_TOP as u32 && result.is_none() {
            // The next instruction at once.
            r.skip_word();
        } else {
            r.push_value(result);
        }
        words.into_iter().for_each(|w| r.release_saved(w));
        Ok(Flow::Release(callable))
    }
}

/// `CALL_NATIVE_RAW`.
#[inline(always)]
pub fn call_native_raw(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    called!(r, fast::calls::native_raw(t, r.sp, arg, r.cache()))
}

/// `CALL_NATIVE_BOUND`.
#[inline(always)]
pub fn call_native_bound(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    called!(r, fast::calls::native_bound(t, r.sp, arg, r.cache()))
}

/// `CALL_NATIVE_CLASS`.
#[inline(always)]
pub fn call_native_class(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    called!(r, fast::calls::native_class(t, r.sp, arg, r.cache()))
}

/// `CALL_TYPE_OF`.
#[inline(always)]
pub fn call_type_of(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    let Some(class) = (unsafe { fast::calls::type_of(r.sp, r.arg()) }) else { return Ok(Flow::As(Op::CALL)) };
    r.skip_word();
    let (callable, object) = (r.peek(3), r.peek(1));
    r.put(3, class.into_bits());
    r.shrink(2);
    r.release_saved(callable);
    Ok(Flow::Release(object))
}

/// `RETURN_VALUE`.
#[inline(always)]
pub fn return_value(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    let (action, previous) = unsafe { ((*r.frame).action, (*r.frame).previous) };
    if !matches!(action, Return::Push | Return::Next) {
        return rest!(return_otherwise);
    }
    let w = r.pop();
    r.save();
    // The result goes to the caller's stack first: what is released may run a collection, which looks for borrowed words
    // there.
    // SAFETY: see `Registers`; a caller has room for a result. The frame has ended.
    unsafe {
        let top = (*previous).sp;
        *top = stack::keep(w);
        (*previous).sp = top.add(1);
        call::end(r.t, r.frame);
    }
    r.frame = previous;
    r.load();
    Ok(Flow::Next)
}

/// `RETURN_VALUE` to what is no plain call.
#[inline(always)]
fn return_otherwise(r: &mut Registers) -> Next {
    let t = r.t;
    // SAFETY: see `Registers`.
    let (action, previous) = unsafe { ((*r.frame).action, (*r.frame).previous) };
    let v = r.pop_value();
    r.save();
    match action {
        Return::Push | Return::Next => unreachable!("handled above"),
        Return::ToRust | Return::Sink => {
            // SAFETY: the frame has ended.
            unsafe {
                if (*r.frame).generator != 0 {
                    generator::finish(t, r.frame);
                } else {
                    call::end(t, r.frame);
                }
            }
            return Ok(Flow::Return(v));
        }
        Return::Init => {
            // SAFETY: see `Registers`.
            let instance = unsafe { (*r.frame).instance };
            // SAFETY: the frame has ended.
            unsafe {
                call::end(t, r.frame);
            }
            r.frame = previous;
            r.load();
            if !v.is_none() {
                // SAFETY: see `Registers`.
                unsafe { stack::release(instance) };
                return Err(classes::init_returned(t, &v));
            }
            r.push(instance);
        }
        Return::ForIter => {
            // SAFETY: the generator has ended.
            unsafe { generator::finish(t, r.frame) };
            r.frame = previous;
            r.load();
            r.drop_top();
            // SAFETY: the instruction and its cache word are behind `ip`.
            let target = unsafe { *r.ip.sub(2) } >> 8;
            r.jump(target as usize);
        }
        Return::Send => {
            // SAFETY: the generator has ended.
            unsafe { generator::finish(t, r.frame) };
            r.frame = previous;
            r.load();
            r.push_value(v);
            // SAFETY: the instruction is behind `ip`.
            let target = unsafe { *r.ip.sub(1) } >> 8;
            r.jump(target as usize);
        }
    }
    Ok(Flow::Next)
}
