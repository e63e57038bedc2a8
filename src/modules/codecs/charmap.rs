//! `charmap_encode`, `charmap_decode` and `charmap_build`.

use super::convert::{decoded, encoded, errors_arg, text_arg};
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, bigint, protocol};
use crate::types::bytes::args::bytes_like;
use crate::types::bytes::payload;
use crate::types::str::codec::charmap::{self, DecodedByte, EncodingMap};
use crate::types::str::codec::native::{self, Codec, Handling};

/// What `charmap_build` makes of a full table.
struct MapObject(EncodingMap);

pub(super) static ENCODING_MAP: StaticType = StaticType::new(&SPEC);
static SPEC: TypeSpec = TypeSpec {
    methods: &[Method::new(
        "size",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::uint(v.downcast::<MapObject>().map_or(0, |m| m.0.size()) as u64))),
        "The size of the object in memory, in bytes.",
    )],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "EncodingMap", layout_of::<MapObject>(false))
};

// SAFETY: `ENCODING_MAP`'s layout is `MapObject`.
unsafe impl Payload for MapObject {
    fn layout_type() -> &'static Type {
        &ENCODING_MAP
    }
}

fn look_up(t: &Thread, mapping: &Value, code: u32) -> PyResult<Option<Value>> {
    match protocol::get_item(t, mapping, &Value::int(i64::from(code))) {
        Ok(v) => Ok(v.non_none().cloned()),
        Err(raised) => raise::suppress(t, raised, &exc::LOOKUP_ERROR).map(|()| None),
    }
}

pub fn decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let errors = errors_arg(t, "charmap_decode", b.opt(1))?;
    let Some(mapping) = b.non_none(2) else {
        return decoded(t, native::decode(t, Codec::Latin1, &data, None, true)?);
    };
    let mut handling = Handling::new(t, errors.as_deref(), None);
    if let Some(table) = str::view(mapping) {
        return decoded(t, charmap::decode_table(&data, table, &mut handling)?);
    }
    let lookup = |byte: u8| {
        let Some(v) = look_up(t, mapping, u32::from(byte))? else { return Ok(DecodedByte::Undefined) };
        if bigint::view(&v).is_some() {
            return match u32::try_from(protocol::index_clipped(t, &v)?) {
                Ok(0xFFFE) => Ok(DecodedByte::Undefined),
                Ok(c) if c <= 0x10_FFFF => Ok(DecodedByte::Char(c)),
                _ => Err(raise::type_error(t, "character mapping must be in range(0x110000)")),
            };
        }
        match str::view(&v) {
            Some(text) if text.len() == 1 && text.at(0) == 0xFFFE => Ok(DecodedByte::Undefined),
            Some(text) => Ok(DecodedByte::Text(text.to_buf())),
            None => Err(raise::type_error(t, "character mapping must return integer, None or str")),
        }
    };
    decoded(t, charmap::decode(&data, lookup, &mut handling)?)
}

pub fn encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let text = text_arg(t, "charmap_encode", b.req(0))?;
    let errors = errors_arg(t, "charmap_encode", b.opt(1))?;
    let mut handling = Handling::new(t, errors.as_deref(), Some(b.req(0)));
    let Some(mapping) = b.non_none(2) else {
        let bytes = crate::types::str::codec::single::encode_latin1(text, &mut handling)?;
        return encoded(bytes, text.len());
    };
    if let Some(map) = mapping.downcast::<MapObject>() {
        let lookup = |c: u32, out: &mut Vec<u8>| Ok(map.0.get(c).map(|byte| out.push(byte)).is_some());
        return encoded(charmap::encode(text, lookup, &mut handling)?, text.len());
    }
    let lookup = |c: u32, out: &mut Vec<u8>| {
        let Some(v) = look_up(t, mapping, c)? else { return Ok(false) };
        if bigint::view(&v).is_some() {
            let Ok(byte) = u8::try_from(protocol::index_clipped(t, &v)?) else {
                return Err(raise::type_error(t, "character mapping must be in range(256)"));
            };
            out.push(byte);
            return Ok(true);
        }
        match payload::view(&v) {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(true)
            }
            None => {
                let message =
                    format!("character mapping must return integer, bytes or None, not {}", v.class().display_name());
                Err(raise::type_error(t, message))
            }
        }
    };
    encoded(charmap::encode(text, lookup, &mut handling)?, text.len())
}

/// A mapping for `encode` from a decoding table: a compact map of a full table, else a dict.
pub fn build(t: &Thread, table: &Value) -> PyResult {
    let Some(text) = str::view(table) else {
        let message = format!("charmap_build() argument must be str, not {}", table.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let regular = text.len() == 256 && text.at(0) == 0 && text.code_points().skip(1).all(|c| c != 0 && c <= 0xFFFF);
    if regular {
        return Ok(alloc::new(&ENCODING_MAP, MapObject(EncodingMap::build(text))));
    }
    let map = dict::new();
    if let Some(entries) = map.downcast::<Dict>() {
        for (i, c) in text.code_points().take(256).enumerate() {
            drop(entries.set(t, Value::int(i64::from(c)), Value::int(i as i64))?);
        }
    }
    Ok(map)
}
