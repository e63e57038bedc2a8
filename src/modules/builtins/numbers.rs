//! Functions of numbers and characters: abs, bin, oct, hex, chr, ord, round.

use crate::object::args::Bound;
use crate::object::bigint::{self, IntView};
use crate::object::buffer::Request;
use crate::object::core_types;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{operator, protocol, str};
use crate::types::int;

pub fn abs(t: &Thread, v: &Value) -> PyResult {
    operator::unary(t, v, |s| &s.absolute, "abs()")
}

/// `bin`, `oct` and `hex`: the prefix goes behind the sign.
pub fn radix(t: &Thread, v: &Value, base: u32, prefix: &str) -> PyResult {
    let number = protocol::index(t, v)?;
    let Some(number) = int::as_int(&number) else { return Ok(Value::NONE) };
    let digits = int::text::to_radix(number, base);
    Ok(str::from_str(&match digits.strip_prefix('-') {
        Some(digits) => format!("-{prefix}{digits}"),
        None => format!("{prefix}{digits}"),
    }))
}

pub fn chr(t: &Thread, v: &Value) -> PyResult {
    let number = protocol::index(t, v)?;
    let code = match bigint::view(&number) {
        Some(IntView::Small(i)) => u32::try_from(i).ok().filter(|c| *c <= 0x10_ffff),
        _ => None,
    };
    let Some(code) = code else { return Err(raise::value_error(t, "chr() arg not in range(0x110000)")) };
    if let Ok(latin) = u8::try_from(code) {
        return Ok(str::char_str(latin));
    }
    let mut buf = TextBuf::default();
    buf.push(code);
    Ok(str::from_buf(buf))
}

pub fn ord(t: &Thread, v: &Value) -> PyResult {
    let length = if let Some(text) = str::view(v) {
        if text.len() == 1 {
            return Ok(Value::int(text.at(0).into()));
        }
        text.len()
    } else if (v.class().is_subtype(&core_types::BYTES) || v.class().is_subtype(&core_types::BYTEARRAY))
        && let Some(get) = v.class().slots.buffer.get()
    {
        let buffer = get(t, v, Request::Read)?;
        if let [byte] = buffer.as_slice() {
            return Ok(Value::int((*byte).into()));
        }
        buffer.len
    } else {
        let message = format!("ord() expected string of length 1, but {} found", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    Err(raise::type_error(t, format!("ord() expected a character, but string of length {length} found")))
}

pub fn round(t: &Thread, b: &Bound<'_>) -> PyResult {
    let number = b.req(0);
    let answer = match b.non_none(1) {
        Some(digits) => protocol::call_special(t, number, &known().__round__, std::slice::from_ref(digits))?,
        None => protocol::call_special(t, number, &known().__round__, &[])?,
    };
    answer.ok_or_else(|| {
        let class = number.class().display_name();
        raise::type_error(t, format!("type {class} doesn't define __round__ method"))
    })
}
