//! The slots of str: construction, comparison, subscripts, concatenation.

use super::value::{char_value, copy_part, make, unchanged};
use super::{percent_format, repr as quoting};
use crate::bytecode::opcode::CompareOp;
use crate::object::alloc::{check_room, check_room_for};
use crate::object::args::{Args, Signature};
use crate::object::core_types;
use crate::object::growing::Growing;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::types::bytes::args::{is_bytes_like, position};
use crate::types::bytes::{self, holds};
use crate::types::slice::{self, Slice};
use crate::types::str::codec::registry;
use std::sync::LazyLock;

static SIGNATURE: LazyLock<Signature> =
    LazyLock::new(|| Signature::parse("(object='', encoding='utf-8', errors='strict')"));

/// The text of a str; empty for anything else, which the callers have ruled out.
#[inline(always)]
pub fn text(v: &Value) -> TextRef<'_> {
    str::view(v).unwrap_or(TextRef::EMPTY)
}

/// Raises MemoryError for more characters than a str holds, or than there is room for.
pub fn check_len(t: &Thread, len: Option<usize>) -> PyResult<usize> {
    match len {
        Some(len) if len <= str::MAX_LEN => check_room(t, len).map(|()| len),
        _ => Err(raise::memory_error(t, "")),
    }
}

/// `str(object='', encoding='utf-8', errors='strict')`
pub fn construct(t: &Thread, class: &Type, call: Args<'_>) -> PyResult {
    let exact = std::ptr::eq(class, &*core_types::STR);
    if let ([only], true, false) = (call.pos(), exact, call.has_keywords()) {
        return protocol::to_str(t, only);
    }
    if call.pos().len() > 3 {
        let message = format!("str expected at most 3 arguments, got {}", call.pos().len());
        return Err(raise::type_error(t, message));
    }
    let b = SIGNATURE.bind(t, "str", call, 0)?;
    let (encoding, errors) = registry::names(t, "str", b.opt(1), b.opt(2))?;
    let made = match b.opt(0) {
        None => names::empty_str(),
        Some(object) if b.opt(1).is_none() && b.opt(2).is_none() => protocol::to_str(t, object)?,
        Some(object) => decode(t, object, encoding.as_deref(), errors.as_deref())?,
    };
    if exact {
        return Ok(made);
    }
    let text = text(&made);
    check_room_for(t, text.len(), text.kind().width())?;
    Ok(str::new_with_class(class, text))
}

fn decode(t: &Thread, object: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
    if object.downcast::<Str>().is_some() {
        return Err(raise::type_error(t, "decoding str is not supported"));
    }
    if !is_bytes_like(object) {
        let message = format!("decoding to str: need a bytes-like object, {} found", object.class().display_name());
        return Err(raise::type_error(t, message));
    }
    if bytes::payload::view(object).is_some_and(<[u8]>::is_empty) {
        return Ok(names::empty_str());
    }
    registry::decode(t, object, encoding, errors)
}

pub fn repr(t: &Thread, v: &Value) -> PyResult {
    quoting::repr(text(v)).finish(t)
}

pub fn to_str(t: &Thread, v: &Value) -> PyResult {
    let s = text(v);
    copy_part(t, v, s, 0, s.len())
}

pub fn hash(_t: &Thread, v: &Value) -> PyResult<i64> {
    Ok(v.downcast::<Str>().map_or(0, Str::hash))
}

pub fn compare(_t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(match op {
        CompareOp::Eq => a.is(b) || x.eq(y),
        CompareOp::Ne => !a.is(b) && !x.eq(y),
        _ => holds(op, x.view().cmp(&y.view())),
    }))
}

pub fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let s = text(v);
    if let Some(i) = key.as_small_int() {
        return char_at(t, s, i);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        let at = slice::bounds(t, slice)?.over(s.len());
        if at.step == 1 {
            let start = at.start as usize;
            return copy_part(t, v, s, start, start + at.len);
        }
        let mut out = Growing::with_capacity(at.len);
        out.extend(at.positions().map(|i| s.at(i)));
        return out.finish(t);
    }
    if key.class().slots.index.get().is_none() {
        let message = format!("string indices must be integers, not '{}'", key.class().display_name());
        return Err(raise::type_error(t, message));
    }
    char_at(t, s, protocol::index_size(t, key)?)
}

#[inline]
fn char_at(t: &Thread, s: TextRef<'_>, i: i64) -> PyResult {
    match position(i, s.len()) {
        Some(i) => Ok(char_value(s.at(i))),
        None => Err(raise::index_error(t, "string index out of range")),
    }
}

pub fn contains(t: &Thread, v: &Value, item: &Value) -> PyResult<bool> {
    match str::view(item) {
        Some(item) => Ok(super::search::find(text(v), item).is_some()),
        None => {
            let message = format!("'in <string>' requires string as left operand, not {}", item.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

pub fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (str::view(a), str::view(b)) else {
        let message = format!("can only concatenate str (not \"{}\") to str", b.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if x.is_empty() {
        return Ok(unchanged(b));
    }
    if y.is_empty() {
        return Ok(unchanged(a));
    }
    let len = check_len(t, x.len().checked_add(y.len()))?;
    check_room_for(t, len, x.kind().max(y.kind()).width())?;
    Ok(str::concat(x, y))
}

pub fn repeat(t: &Thread, v: &Value, n: &Value) -> PyResult {
    let n = bytes::times(t, n)?;
    let s = text(v);
    if n == 1 {
        return Ok(unchanged(v));
    }
    if n == 0 || s.is_empty() {
        return Ok(names::empty_str());
    }
    if s.len().checked_mul(n).is_none_or(|len| len > isize::MAX as usize) {
        return Err(raise::overflow_error(t, "repeated string is too long"));
    }
    let len = check_len(t, s.len().checked_mul(n))?;
    check_room_for(t, len, s.kind().width())?;
    if s.len() == 1 {
        let mut out = Growing::with_kind(s.kind(), n);
        out.push_repeat(s.at(0), n);
        return out.finish(t);
    }
    Ok(str::from_parts(s.kind(), len, std::iter::repeat_n(s, n)))
}

pub fn remainder(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match str::view(a) {
        Some(_) => percent_format::format(t, a, b),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The memory that a str takes, in bytes.
pub fn sizeof(_t: &Thread, v: &Value) -> PyResult {
    let s = text(v);
    Ok(Value::uint((24 + size_of::<Str>() + s.len() * s.kind().width()) as u64))
}

/// The arguments for `str.__new__` that make an equal str.
pub fn get_new_args(_t: &Thread, v: &Value) -> PyResult {
    Ok(crate::object::tuple::from_slice(&[make(text(v))]))
}
