//! Containers and text.

use super::registers::*;
use crate::bytecode::opcode::Op;
use crate::interp::fast;
use crate::interp::ops::build;
use crate::interp::stack::{self};
use crate::object::protocol;
use crate::object::str::Str;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;

/// `BUILD_SLICE`.
#[inline(always)]
pub fn build_slice(r: &mut Registers) -> Next {
    let arg = r.arg();
    let step = if arg == 3 { r.pop_value() } else { Value::NONE };
    let stop = r.pop_value();
    let start = r.pop_value();
    r.push_value(build::slice(start, stop, step));
    Ok(Flow::Next)
}

/// `BUILD_TUPLE`.
#[inline(always)]
pub fn build_tuple(r: &mut Registers) -> Next {
    let count = r.arg();
    r.shrink(count);
    let at = r.sp;
    // SAFETY: `count` words at `at`, taken one by one.
    let item = |i| unsafe { stack::take(*at.add(i)) };
    let made = match count {
        2 => tuple::from_array([item(0), item(1)]),
        3 => tuple::from_array([item(0), item(1), item(2)]),
        _ => tuple::from_iter(count, (0..count).map(item)),
    };
    r.push_value(made);
    Ok(Flow::Next)
}

/// `BUILD_LIST`.
#[inline(always)]
pub fn build_list(r: &mut Registers) -> Next {
    let count = r.arg();
    r.shrink(count);
    let at = r.sp;
    // SAFETY: `count` words at `at`, taken one by one.
    let items = (0..count).map(|i| unsafe { stack::take(*at.add(i)) });
    r.push_value(build::list(items));
    Ok(Flow::Next)
}

/// `BUILD_LIST_CONST`.
#[inline(always)]
pub fn build_list_const(r: &mut Registers) -> Next {
    let constant = stack::view(r.constant((r.next_word() >> 8) as usize));
    let Some(tuple) = constant.downcast_exact::<Tuple>() else { return Ok(Flow::As(Op::BUILD_LIST)) };
    r.push_value(build::list(tuple.items().iter().cloned()));
    r.skip_word();
    r.skip_word();
    Ok(Flow::Next)
}

/// `BUILD_SET`.
#[inline(always)]
pub fn build_set(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    let set = (unsafe { build::set(t, r.sp.sub(arg), arg) })?;
    r.drop_words(arg);
    r.push_value(set);
    Ok(Flow::Next)
}

/// `BUILD_MAP`.
#[inline(always)]
pub fn build_map(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    let map = (unsafe { build::map(t, r.sp.sub(2 * arg), arg) })?;
    r.drop_words(2 * arg);
    r.push_value(map);
    Ok(Flow::Next)
}

/// `BUILD_STRING`.
#[inline(always)]
pub fn build_string(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    let text = (unsafe { build::string(t, r.sp.sub(arg), arg) })?;
    r.drop_words(arg);
    r.push_value(text);
    Ok(Flow::Next)
}

/// `LIST_APPEND`.
#[inline(always)]
pub fn list_append(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    match unsafe { fast::items::append_private(r.t, r.peek(r.arg() + 1), r.peek(1)) } {
        Some(()) => {
            r.shrink(1);
            Ok(Flow::Next)
        }
        None => rest!(list_append_any),
    }
}

/// The same of a list that has to grow, or that others may have.
fn list_append_any(r: &mut Registers) -> Next {
    r.save();
    let v = r.pop_value();
    build::list_append(r.t, &stack::view(r.peek(r.arg())), v)?;
    Ok(Flow::Next)
}

/// `SET_ADD`.
#[inline(always)]
pub fn set_add(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let v = r.pop_value();
    build::set_add(t, &stack::view(r.peek(arg)), v)?;
    Ok(Flow::Next)
}

/// `MAP_ADD`.
#[inline(always)]
pub fn map_add(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let value = r.pop_value();
    let key = r.pop_value();
    build::map_add(t, &stack::view(r.peek(arg)), key, value)?;
    Ok(Flow::Next)
}

/// `LIST_EXTEND`.
#[inline(always)]
pub fn list_extend(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    build::list_extend(t, &stack::view(r.peek(arg + 1)), &stack::view(r.peek(1)))?;
    Ok(Flow::Release(r.pop()))
}

/// `SET_UPDATE`.
#[inline(always)]
pub fn set_update(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    build::set_update(t, &stack::view(r.peek(arg + 1)), &stack::view(r.peek(1)))?;
    Ok(Flow::Release(r.pop()))
}

/// `DICT_UPDATE`.
#[inline(always)]
pub fn dict_update(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    build::dict_update(t, &stack::view(r.peek(arg + 1)), &stack::view(r.peek(1)))?;
    Ok(Flow::Release(r.pop()))
}

/// `DICT_MERGE`.
#[inline(always)]
pub fn dict_merge(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let callable = r.peek(arg + 4);
    build::dict_merge(t, &stack::view(r.peek(arg + 1)), &stack::view(r.peek(1)), callable)?;
    Ok(Flow::Release(r.pop()))
}

/// `FORMAT_SIMPLE`.
#[inline(always)]
pub fn format_simple(r: &mut Registers) -> Next {
    let t = r.t;
    if stack::view(r.peek(1)).downcast_exact::<Str>().is_none() {
        unary!(r, |x| protocol::format(t, x, &crate::object::names::empty_str()));
    }
    Ok(Flow::Next)
}

/// `FORMAT_WITH_SPEC`.
#[inline(always)]
pub fn format_with_spec(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let (x, spec) = (r.peek(2), r.peek(1));
    let result = protocol::format(t, &stack::view(x), &stack::view(spec))?;
    r.drop_words(2);
    r.push_value(result);
    Ok(Flow::Next)
}

/// `CONVERT_VALUE`.
#[inline(always)]
pub fn convert_value(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    unary!(r, |x| build::convert(t, x, arg));
    Ok(Flow::Next)
}

/// `BUILD_INTERPOLATION`.
#[inline(always)]
pub fn build_interpolation(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let spec = if arg & 1 != 0 { r.pop_value() } else { crate::object::names::empty_str() };
    let text = r.pop_value();
    let value = r.pop_value();
    r.push_value(build::interpolation(t, value, text, arg >> 1, spec)?);
    Ok(Flow::Next)
}

/// `BUILD_TEMPLATE`.
#[inline(always)]
pub fn build_template(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let interpolations = r.pop_value();
    let strings = r.pop_value();
    r.push_value(build::template(t, strings, interpolations)?);
    Ok(Flow::Next)
}
