//! `str.translate` and `str.maketrans`.

use super::operators::text;
use crate::object::args::Bound;
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, protocol};

/// What a table says about a character.
enum Mapped {
    Same,
    Deleted,
    Char(u32),
    Text(Value),
}

fn look_up(t: &Thread, table: &Value, c: u32) -> PyResult<Mapped> {
    let found = match protocol::get_item(t, table, &Value::int(i64::from(c))) {
        Ok(found) => found,
        Err(raised) => {
            raise::suppress(t, raised, &exc::LOOKUP_ERROR)?;
            return Ok(Mapped::Same);
        }
    };
    if found.is_none() {
        return Ok(Mapped::Deleted);
    }
    if bigint::view(&found).is_some() {
        return match u32::try_from(protocol::index_clipped(t, &found)?) {
            Ok(c) if c <= 0x10_FFFF => Ok(Mapped::Char(c)),
            _ => Err(raise::value_error(t, "character mapping must be in range(0x110000)")),
        };
    }
    if found.downcast::<Str>().is_some() {
        return Ok(Mapped::Text(found));
    }
    Err(raise::type_error(t, "character mapping must return integer, None or str"))
}

pub fn translate(t: &Thread, v: &Value, table: &Value) -> PyResult {
    let s = text(v);
    let mut out = Growing::with_capacity(s.len());
    // ASCII characters that map to one ASCII character (or to none: 0x80) are asked for once; 0xFF is not known yet.
    let mut known = [0xFFu8; 128];
    for c in s.code_points() {
        match known.get(c as usize) {
            Some(0xFF) | None => {}
            Some(0x80) => continue,
            Some(&b) => {
                out.push(u32::from(b));
                continue;
            }
        }
        let mut learn = |b: u8| {
            if let Some(entry) = known.get_mut(c as usize) {
                *entry = b;
            }
        };
        match look_up(t, table, c)? {
            Mapped::Same => {
                learn(c as u8);
                out.push(c);
            }
            Mapped::Deleted => learn(0x80),
            Mapped::Char(m) => {
                if m < 0x80 {
                    learn(m as u8);
                }
                out.push(m);
            }
            Mapped::Text(m) => {
                out.push_text(text(&m));
                out.check(t)?;
            }
        }
    }
    out.finish(t)
}

pub fn maketrans(t: &Thread, b: &Bound<'_>) -> PyResult {
    let x = b.req(0);
    let table = dict::new();
    let Some(entries) = table.downcast::<Dict>() else { return Ok(table) };
    let put = |key: Value, value: Value| entries.set(t, key, value).map(drop);
    let code = |c: u32| Value::int(i64::from(c));
    let Some(y) = b.opt(1) else {
        if !x.is_exact(&core_types::DICT) {
            return Err(raise::type_error(t, "if you give only one argument to maketrans it must be a dict"));
        }
        let pairs = x.downcast::<Dict>().map(Dict::entries).unwrap_or_default();
        for (key, value) in pairs {
            match str::view(&key) {
                Some(s) if s.len() == 1 => put(code(s.at(0)), value)?,
                Some(_) => {
                    return Err(raise::value_error(t, "string keys in translate table must be of length 1"));
                }
                None if bigint::view(&key).is_some() => put(key, value)?,
                None => {
                    return Err(raise::type_error(t, "keys in translate table must be strings or integers"));
                }
            }
        }
        return Ok(table);
    };
    let y = protocol::str_arg(t, y, "maketrans", "2")?.view();
    let z = match b.opt(2) {
        Some(z) => protocol::str_arg(t, z, "maketrans", "3")?.view(),
        None => TextRef::EMPTY,
    };
    let Some(x) = str::view(x) else {
        let message = "first maketrans argument must be a string if there is a second argument";
        return Err(raise::type_error(t, message));
    };
    if x.len() != y.len() {
        return Err(raise::value_error(t, "the first two maketrans arguments must have equal length"));
    }
    for (from, to) in x.code_points().zip(y.code_points()) {
        put(code(from), code(to))?;
    }
    for gone in z.code_points() {
        put(code(gone), Value::NONE)?;
    }
    Ok(table)
}
