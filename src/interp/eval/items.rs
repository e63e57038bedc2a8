//! Subscripts, iteration, unpacking.

use super::operands::*;
use super::registers::*;
use crate::bytecode::opcode::*;
use crate::interp::fast::{self, items::Step};
use crate::interp::frame::Return;
use crate::interp::generator;
use crate::interp::ops::{self, build};
use crate::interp::specialize::{self, Site};
use crate::interp::stack::{self, Word};
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::thread;
use crate::object::value::Value;
use crate::object::{protocol, slots};
use crate::types::iterators::pairs;

/// `BINARY_SUBSCR`.
#[inline(always)]
pub fn binary_subscr(r: &mut Registers) -> Next {
    let t = r.t;
    adapt!(r, |site| specialize::binary_subscr(t, site, r.peek(2), r.peek(1)));
    r.save();
    let (object, key) = (r.peek(2), r.peek(1));
    let result = ops::subscript(t, &stack::view(object), &stack::view(key))?;
    r.drop_top();
    r.put(1, result.into_bits());
    Ok(Flow::Release(object))
}

/// Ends a subscription by an immediate.
#[inline(always)]
fn subscripted<S: Operands>(r: &mut Registers, object: Word, item: Word) -> Next {
    r.replace::<S>(item);
    // What lies elsewhere keeps its reference.
    Ok(if S::ON_STACK == 0 { Flow::Next } else { Flow::Release(object) })
}

/// `BINARY_SUBSCR_LIST`.
#[inline(always)]
pub fn binary_subscr_list<S: Operands>(r: &mut Registers) -> Next {
    let (object, key) = S::get(r);
    // SAFETY: see `Registers`.
    match unsafe { fast::items::list_item_quick(object, key) } {
        Some(item) => subscripted::<S>(r, object, item),
        None if S::ON_STACK == 2 => rest!(binary_subscr_list_again),
        None => miss::<S>(Op::BINARY_SUBSCR),
    }
}

/// The same from the end of the list, or where the item changes.
fn binary_subscr_list_again(r: &mut Registers) -> Next {
    let (object, key) = OnStack::get(r);
    // SAFETY: see `Registers`.
    match unsafe { fast::items::list_item(object, key) } {
        Some(item) => subscripted::<OnStack>(r, object, item),
        None => Ok(Flow::As(Op::BINARY_SUBSCR)),
    }
}

/// `BINARY_SUBSCR_TUPLE`.
#[inline(always)]
pub fn binary_subscr_tuple<S: Operands>(r: &mut Registers) -> Next {
    let (object, key) = S::get(r);
    // SAFETY: see `Registers`.
    match unsafe { fast::items::tuple_item(object, key) } {
        Some(item) => subscripted::<S>(r, object, item),
        None => miss::<S>(Op::BINARY_SUBSCR),
    }
}

/// `BINARY_SUBSCR_DICT`.
#[inline(always)]
pub fn binary_subscr_dict(r: &mut Registers) -> Next {
    let t = r.t;
    let (object, key) = (r.peek(2), r.peek(1));
    let view = stack::view(object);
    let Some(dict) = view.downcast_exact::<Dict>() else { return Ok(Flow::As(Op::BINARY_SUBSCR)) };
    r.save();
    let found = {
        // SAFETY: see `Registers`: one instruction further, as the generic form saves it.
        unsafe { (*r.frame).ip = r.ip.add(1) };
        dict.get(t, &stack::view(key))?
    };
    let Some(item) = found else { return Ok(Flow::As(Op::BINARY_SUBSCR)) };
    r.skip_word();
    r.shrink(1);
    r.put(1, item.into_bits());
    // SAFETY: see `Registers`.
    unsafe {
        stack::release(key);
        stack::release(object);
    }
    Ok(Flow::Next)
}

/// `BINARY_SUBSCR_GETITEM`.
#[inline(always)]
pub fn binary_subscr_getitem(r: &mut Registers) -> Next {
    let t = r.t;
    enter!(r, fast::calls::getitem(t, r.frame, r.sp, r.cache()), BINARY_SUBSCR);
    Ok(Flow::Next)
}

/// `STORE_SUBSCR`.
#[inline(always)]
pub fn store_subscr(r: &mut Registers) -> Next {
    let t = r.t;
    adapt!(r, |site| specialize::store_subscr(site, r.peek(2), r.peek(1)));
    r.save();
    let (value, object, key) = (r.peek(3), r.peek(2), r.peek(1));
    protocol::set_item(t, &stack::view(object), &stack::view(key), &stack::view(value))?;
    r.drop_words(3);
    Ok(Flow::Next)
}

/// `STORE_SUBSCR_LIST`.
#[inline(always)]
pub fn store_subscr_list(r: &mut Registers) -> Next {
    if thread::multi() {
        return rest!(store_subscr_list_shared);
    }
    let [value, object, key] = [r.peek(3), r.peek(2), r.peek(1)];
    // SAFETY: see `Registers`.
    match unsafe { fast::items::set_list_item_alone(object, key, value) } {
        Some(old) => item_stored(r, object, old),
        None => Ok(Flow::As(Op::STORE_SUBSCR)),
    }
}

/// The same while there are several threads.
#[inline(always)]
fn store_subscr_list_shared(r: &mut Registers) -> Next {
    // The lock may have to be waited for.
    r.save();
    let [value, object, key] = [r.peek(3), r.peek(2), r.peek(1)];
    // SAFETY: see `Registers`.
    match unsafe { fast::items::set_list_item(r.t, object, key, value) } {
        Some(old) => item_stored(r, object, old),
        None => Ok(Flow::As(Op::STORE_SUBSCR)),
    }
}

#[inline(always)]
fn item_stored(r: &mut Registers, object: Word, old: Value) -> Next {
    r.skip_word();
    r.shrink(3);
    r.release_saved(old.into_bits());
    Ok(Flow::Release(object))
}

/// `STORE_SUBSCR_DICT`.
#[inline(always)]
pub fn store_subscr_dict(r: &mut Registers) -> Next {
    let t = r.t;
    let [value, object, key] = [r.peek(3), r.peek(2), r.peek(1)];
    let view = stack::view(object);
    let Some(dict) = view.downcast_exact::<Dict>() else { return Ok(Flow::As(Op::STORE_SUBSCR)) };
    r.skip_word();
    r.save();
    let old = dict.set(t, stack::copy(key), stack::copy(value))?;
    drop(old);
    r.drop_words(3);
    Ok(Flow::Next)
}

/// `DELETE_SUBSCR`.
#[inline(always)]
pub fn delete_subscr(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    protocol::del_item(t, &stack::view(r.peek(2)), &stack::view(r.peek(1)))?;
    r.drop_words(2);
    Ok(Flow::Next)
}

/// `BINARY_SLICE`.
#[inline(always)]
pub fn binary_slice(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let [object, start, stop] = [r.peek(3), r.peek(2), r.peek(1)].map(stack::view);
    let result = build::get_slice(t, &object, &start, &stop)?;
    r.drop_words(3);
    r.push_value(result);
    Ok(Flow::Next)
}

/// `STORE_SLICE`.
#[inline(always)]
pub fn store_slice(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let owned = stack::is_owned(r.peek(4));
    let [value, object, start, stop] = [r.peek(4), r.peek(3), r.peek(2), r.peek(1)].map(stack::view);
    build::set_slice(t, &object, &start, &stop, &value, owned)?;
    r.drop_words(4);
    Ok(Flow::Next)
}

/// `GET_ITER`.
#[inline(always)]
pub fn get_iter(r: &mut Registers) -> Next {
    if r.top_is(&core_types::GENERATOR) {
        // It is its own iterator.
        return Ok(Flow::Next);
    }
    rest_outside!(get_iter_of)
}

/// `GET_ITER` of what is no generator.
fn get_iter_of(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| protocol::iter(t, x));
    Ok(Flow::Next)
}

/// `FOR_ITER`.
#[inline(always)]
pub fn for_iter(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::for_iter(t, site, r.peek(1)));
    r.save();
    let iterator = stack::view(r.peek(1));
    if let Some(claimed) = generator::start_step(&iterator) {
        // SAFETY: the generator is ours until it yields.
        r.frame = unsafe { generator::enter(t, claimed, r.frame, Return::ForIter, Value::NONE)? };
        r.load();
        return Ok(Flow::Next);
    }
    match ops::next(t, &iterator)? {
        Some(item) => r.push_value(item),
        None => {
            r.drop_top();
            r.jump(arg);
        }
    }
    Ok(Flow::Next)
}

/// Goes on after a step of an iteration.
#[inline(always)]
fn go_on(r: &mut Registers, step: Step) -> Next {
    match step {
        Step::Item(w) => {
            r.skip_word();
            take(r, w)
        }
        Step::End => {
            let iterator = r.pop();
            r.jump(r.arg());
            Ok(Flow::Release(iterator))
        }
        Step::Other => Ok(Flow::As(Op::FOR_ITER)),
    }
}

/// Goes on with an item, behind the cache word.
#[inline(always)]
fn take(r: &mut Registers, item: Word) -> Next {
    let next = r.next_word();
    if next as u8 == Op::STORE_FAST as u8 {
        // The next instruction at once.
        r.skip_word();
        return Ok(Flow::Release(r.replace_local((next >> 8) as usize, item)));
    }
    r.push(item);
    Ok(Flow::Next)
}

/// `FOR_ITER_NATIVE`. Cache: `guard` the iterator's class, `value` the function in its slot `next`.
#[inline(always)]
pub fn for_iter_native(r: &mut Registers) -> Next {
    let (cache, end) = (r.cache(), r.arg());
    let iterator = r.peek(1);
    // SAFETY: see `Registers`: the word is bound; the cache was filled for this class.
    let next = unsafe {
        if stack::header(iterator).is_none_or(|header| std::ptr::from_ref(header.class()) as u64 != cache.guard) {
            return Ok(Flow::As(Op::FOR_ITER));
        }
        std::mem::transmute::<usize, slots::Next>(cache.value as usize)
    };
    r.skip_word();
    r.save();
    match protocol::next_by(r.t, next, &stack::view(iterator))? {
        Some(item) => take(r, item.into_bits()),
        None => {
            r.shrink(1);
            r.jump(end);
            Ok(Flow::Release(iterator))
        }
    }
}

/// `FOR_ITER_LIST`.
#[inline(always)]
pub fn for_iter_list(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`: the word is bound.
    match unsafe { fast::items::list_step_quick(r.peek(1)) } {
        Some(item) => go_on(r, Step::Item(item)),
        None => rest!(for_iter_list_again),
    }
}

/// The same at the list's end, or of an iterator that others may have.
fn for_iter_list_again(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`: the word is bound.
    let step = unsafe { fast::items::list_step(r.t, r.peek(1)) };
    go_on(r, step)
}

/// `FOR_ITER_TUPLE`.
#[inline(always)]
pub fn for_iter_tuple(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`: the word is bound.
    match unsafe { fast::items::tuple_step_quick(r.peek(1)) } {
        Some(item) => go_on(r, Step::Item(item)),
        None => rest!(for_iter_tuple_again),
    }
}

/// The same at the tuple's end, or of an iterator that others may have.
fn for_iter_tuple_again(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`: the word is bound.
    let step = unsafe { fast::items::tuple_step(r.t, r.peek(1)) };
    go_on(r, step)
}

/// `FOR_ITER_RANGE`.
#[inline(always)]
pub fn for_iter_range(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`: the word is bound.
    match unsafe { fast::items::range_step_quick(r.peek(1)) } {
        Some(item) => go_on(r, Step::Item(item)),
        None => rest!(for_iter_range_again),
    }
}

/// The same at the range's end, past the immediates, or of an iterator that others may have.
fn for_iter_range_again(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`: the word is bound.
    let step = unsafe { fast::items::range_step(r.peek(1)) };
    go_on(r, step)
}

/// `FOR_ITER_PAIR`: no tuple is made of what is taken apart at once.
#[inline(always)]
pub fn for_iter_pair(r: &mut Registers) -> Next {
    let iterator = r.peek(1);
    let view = stack::view(iterator);
    let Some(source) = pairs::of(&view) else { return Ok(Flow::As(Op::FOR_ITER)) };
    let end = r.arg();
    r.skip_word();
    r.save();
    let Some((first, second)) = source.next(r.t)? else {
        r.shrink(1);
        r.jump(end);
        return Ok(Flow::Release(iterator));
    };
    let unpack = r.next_word() as u8;
    r.skip_word();
    if unpack == Op::UNPACK_SEQUENCE_STORE_FAST as u8 {
        for item in [first, second] {
            let local = r.take_next();
            r.store_local(local, item.into_bits());
        }
    } else {
        r.push_value(second);
        r.push_value(first);
    }
    Ok(Flow::Next)
}

/// `FOR_ITER_GENERATOR`.
#[inline(always)]
pub fn for_iter_generator(r: &mut Registers) -> Next {
    let t = r.t;
    // SAFETY: see `Registers`.
    unsafe { (*r.frame).sp = r.sp };
    enter!(r, generator::step(t, r.frame, r.peek(1), r.cache()), FOR_ITER);
    Ok(Flow::Next)
}

/// `FOR_ITER_NEXT`.
#[inline(always)]
pub fn for_iter_next(r: &mut Registers) -> Next {
    let t = r.t;
    enter!(r, fast::calls::next(t, r.frame, r.sp, r.cache()), FOR_ITER);
    Ok(Flow::Next)
}

/// `UNPACK_SEQUENCE`.
#[inline(always)]
pub fn unpack_sequence(r: &mut Registers) -> Next {
    let (w, count) = (r.peek(1), r.arg());
    // SAFETY: see `Registers`: the frame has room for `count` words in the place of this one.
    if unsafe { !fast::items::unpack(w, r.sp.sub(1), count) } {
        return rest_outside!(unpack_any);
    }
    // SAFETY: see `Registers`.
    r.sp = unsafe { r.sp.sub(1).add(count) };
    Ok(Flow::Release(w))
}

/// `UNPACK_SEQUENCE` of anything.
fn unpack_any(r: &mut Registers) -> Next {
    let count = r.arg();
    r.save();
    // Counted: the items are written over the word.
    let v = r.pop_value();
    // SAFETY: the frame has room for `count` words.
    (unsafe { build::unpack(r.t, &v, r.sp, count) })?;
    drop(v);
    // SAFETY: see `Registers`.
    r.sp = unsafe { r.sp.add(count) };
    Ok(Flow::Next)
}

/// `UNPACK_SEQUENCE_STORE_FAST`.
#[inline(always)]
pub fn unpack_sequence_store_fast(r: &mut Registers) -> Next {
    let (w, count) = (r.peek(1), r.arg());
    // SAFETY: see `Registers`: a bound word; `count` words have room in its place, and as many `STORE_FAST` follow.
    unsafe {
        let Some(items) = fast::items::unpackable(w, count) else { return via!(unpack_any_store_fast) };
        // What the locals held goes to the stack, and is released when all are set: that may end what the items come from
        // (`a, b = a`).
        let mut olds = r.sp.sub(1);
        let mut owned = false;
        for i in 0..count {
            let local = r.take_next();
            let old = r.replace_local(local, stack::dup(*items.add(i)));
            owned |= stack::is_owned(old);
            *olds = old;
            olds = olds.add(1);
        }
        if owned {
            r.sp = olds;
            for _ in 0..count {
                let old = r.pop();
                r.release_saved(old);
            }
        } else {
            r.sp = r.sp.sub(1);
        }
    }
    Ok(Flow::Release(w))
}

/// `UNPACK_SEQUENCE_STORE_FAST` of anything.
fn unpack_any_store_fast(r: &mut Registers) -> Next {
    unpack_any(r)?;
    for _ in 0..r.arg() {
        let local = r.take_next();
        let item = r.pop();
        r.store_local(local, item);
    }
    Ok(Flow::Next)
}

/// `UNPACK_EX`.
#[inline(always)]
pub fn unpack_ex(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let v = r.pop_value();
    let (before, after) = (arg & 0xff, arg >> 8);
    // SAFETY: the frame has room for the words.
    (unsafe { build::unpack_star(t, &v, r.sp, before, after) })?;
    drop(v);
    // SAFETY: see `Registers`.
    r.sp = unsafe { r.sp.add(before + 1 + after) };
    Ok(Flow::Next)
}
